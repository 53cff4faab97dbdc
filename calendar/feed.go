package calendar

import (
	"cmp"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"rota/schedule"
)

// Status is the state of an event.
type Status string

const (
	Confirmed Status = "CONFIRMED"
	// Tentative is a slot that still needs somebody.
	Tentative Status = "TENTATIVE"
	Cancelled Status = "CANCELLED"
)

// Event is one entry of a feed, before it is written. Texts are as people typed them: Encode cleans them.
type Event struct {
	UID      string
	Sequence int
	// Changed is when the event last really changed.
	Changed time.Time
	Status  Status
	// Start and End are instants in UTC, [Start, End). For whole days they are zero, and First and Last are the dates,
	// inclusive.
	Start, End  time.Time
	First, Last schedule.Date

	Summary, Description, Location, Link string
	// Color is a CSS3 name, empty for none.
	Color      string
	Categories []string
	// Busy marks the reader's own time as taken, Away says that it is time off.
	Busy, Away bool
	// Alarm is how long before the start a calendar rings; open for never.
	Alarm schedule.Optional[schedule.Minutes]

	// said is where the description comes from if many have it; see described.
	said *described
}

// AllDay reports whether the event is of whole days.
func (e Event) AllDay() bool { return !e.First.IsZero() }

// Feed is a calendar: its name and its events, by start and then UID.
type Feed struct {
	Name, Description string
	// Version is the roster published last when the feed was made, 0 for none.
	Version schedule.Version
	Events  []Event
}

// FeedOptions are a reader's own choices.
type FeedOptions struct {
	// Alarm asks for an alarm so long before each slot of a personal feed; open for what the team has set, which is none
	// by default. 0 rings at the start, a negative one means none whatever the team has set.
	Alarm schedule.Optional[schedule.Minutes]
}

// Prepared is a Published with its indexes: what all feeds of a team share. Any number of goroutines may use it.
type Prepared struct {
	pub    *Published
	here   *time.Location
	agents map[schedule.AgentID]*schedule.Agent
	names  map[schedule.AgentID]string
	zones  map[schedule.AgentID]*time.Location
	shifts map[schedule.ShiftID]*shiftWords
	slots  map[schedule.SlotID]*shiftOccurrence
	byTime []*shiftOccurrence            // by start, then id
	own    map[schedule.AgentID][]*Entry // by start, then UID
}

// shiftWords is what events say about a shift, looked up once.
type shiftWords struct {
	name, location, link, color, note string
	// summary is the shift with the team.
	summary    string
	zone       *time.Location
	categories []string
}

// shiftOccurrence is a slot with everybody who is or was on it.
type shiftOccurrence struct {
	id         schedule.SlotID
	shift      schedule.ShiftID
	start, end time.Time
	published  *Slot              // nil when the slot itself is gone
	on         []*Entry           // who is on it now, by agent
	agents     []schedule.AgentID // those of on
	all        []*Entry           // those who were, too, by start and UID
	changed    time.Time          // the last change of who is on it
	// before and after are who gives work to this slot and who takes it, now.
	before, after []*shiftOccurrence
	touched       time.Time           // the last change of this slot and of those that ever gave work to it or took it
	same          [1]*shiftOccurrence // the slot itself
	// takesOver and handsOver say it for everybody who is not on one of those slots too.
	takesOver, handsOver string
	// clock is the slot on the clock of its shift.
	clock    string
	sequence int
	shared   shared
}

// described is a description that many readers have, with the lines that become of it when the first of them is written.
type described struct {
	zone    *time.Location
	version schedule.Version
	text    string

	once  sync.Once
	lines []byte
	err   error
}

// shared are the descriptions of a slot that many readers have.
type shared struct {
	mu   sync.Mutex
	said []*described
}

// of gives the description for a zone and a version, and makes it when it is new. Few zones and versions meet on one slot,
// so that there is nothing to forget.
func (s *shared) of(zone *time.Location, version schedule.Version, text func() string) *described {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range s.said {
		if d.zone == zone && d.version == version {
			return d
		}
	}
	d := &described{zone: zone, version: version, text: text()}
	s.said = append(s.said, d)
	return d
}

// has reports whether the agent is on the slot now.
func (o *shiftOccurrence) has(agent schedule.AgentID) bool {
	_, found := slices.BinarySearch(o.agents, agent)
	return found
}

// Prepare indexes what is published. The value must not change afterwards. It costs time in proportion to its size. The
// error is about an unknown zone.
func Prepare(pub *Published) (*Prepared, error) {
	here, err := schedule.LoadZone(pub.Team.Zone)
	if err != nil {
		return nil, err
	}
	p := &Prepared{
		pub: pub, here: here,
		agents: make(map[schedule.AgentID]*schedule.Agent, len(pub.Agents)),
		names:  make(map[schedule.AgentID]string, len(pub.Agents)),
		zones:  make(map[schedule.AgentID]*time.Location, len(pub.Agents)),
		shifts: make(map[schedule.ShiftID]*shiftWords, len(pub.Shifts)),
		slots:  make(map[schedule.SlotID]*shiftOccurrence, len(pub.Slots)),
		own:    make(map[schedule.AgentID][]*Entry, len(pub.Agents)),
	}
	for i := range pub.Agents {
		a := &pub.Agents[i]
		p.agents[a.ID] = a
		p.names[a.ID] = cleanLine(cmp.Or(a.Name, string(a.ID))) // a name is one line, also within a description
		if p.zones[a.ID], err = a.Location(pub.Team); err != nil {
			return nil, fmt.Errorf("agent %s: %w", a.ID, err)
		}
	}
	for _, s := range pub.Shifts {
		zone, err := s.ZoneIn(pub.Team)
		if err != nil {
			return nil, fmt.Errorf("shift %s: %w", s.ID, err)
		}
		w := &shiftWords{
			name: cleanLine(cmp.Or(s.Name, string(s.ID))), location: s.Location, link: s.Link, color: colorName(s.Color), note: s.Note,
			zone: zone,
		}
		w.summary = w.name + " (" + p.team() + ")"
		for _, c := range append([]string{w.name}, s.Tags...) {
			c = cleanLine(c) // words that differ only in what is taken out are one
			if !slices.ContainsFunc(w.categories, func(have string) bool { return strings.EqualFold(have, c) }) {
				w.categories = append(w.categories, c)
			}
		}
		p.shifts[s.ID] = w
	}
	p.gather()
	p.connect()
	return p, nil
}

// words are those of a shift, made from its id when the shift is gone.
func (p *Prepared) words(id schedule.ShiftID) *shiftWords {
	if w, ok := p.shifts[id]; ok {
		return w
	}
	return &shiftWords{name: string(id), summary: string(id) + " (" + p.team() + ")", zone: p.here, categories: []string{string(id)}}
}

// team is what the team is called.
func (p *Prepared) team() string { return cmp.Or(p.pub.Team.Name, string(p.pub.Team.ID)) }

func (p *Prepared) agentName(id schedule.AgentID) string {
	if name := p.names[id]; name != "" {
		return name
	}
	return string(id)
}

func (p *Prepared) agentZone(id schedule.AgentID) *time.Location {
	if loc, ok := p.zones[id]; ok {
		return loc
	}
	return p.here
}

// gather puts entries to their slots. The hours of a slot are those published; of one that is gone, those that the last
// entry about it was told.
func (p *Prepared) gather() {
	for i := range p.pub.Slots {
		s := &p.pub.Slots[i]
		o := &shiftOccurrence{id: s.ID, shift: s.Shift, start: s.Start, end: s.End, published: s}
		p.slots[s.ID] = o
	}
	for i := range p.pub.Entries {
		e := &p.pub.Entries[i]
		o := p.slots[e.Slot]
		if o == nil {
			o = &shiftOccurrence{id: e.Slot, shift: e.Shift}
			p.slots[e.Slot] = o
		}
		if o.published == nil && (o.start.IsZero() || !e.Cancelled || len(o.on) == 0 && e.Changed.After(o.changed)) {
			o.start, o.end = e.Start, e.End
		}
		o.all = append(o.all, e)
		if !e.Cancelled {
			o.on = append(o.on, e)
		}
		if e.Changed.After(o.changed) {
			o.changed = e.Changed
		}
		o.sequence += e.Sequence + 1
		p.own[e.Agent] = append(p.own[e.Agent], e)
	}
	p.byTime = make([]*shiftOccurrence, 0, len(p.slots))
	for _, o := range p.slots {
		byAgent := func(a, b *Entry) int { return cmp.Compare(a.Agent, b.Agent) }
		slices.SortFunc(o.on, byAgent)
		slices.SortFunc(o.all, byStart)
		for _, e := range o.on {
			o.agents = append(o.agents, e.Agent)
		}
		p.byTime = append(p.byTime, o)
	}
	for _, own := range p.own {
		slices.SortFunc(own, byStart)
	}
	slices.SortFunc(p.byTime, func(a, b *shiftOccurrence) int {
		return cmp.Or(a.start.Compare(b.start), cmp.Compare(a.id, b.id))
	})
}

// byStart is the order of feeds.
func byStart(a, b *Entry) int {
	return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.UID, b.UID))
}

// connect finds who hands over to whom, as schedule.Boundary says.
func (p *Prepared) connect() {
	longest := time.Duration(0)
	for _, o := range p.byTime {
		longest = max(longest, o.end.Sub(o.start))
	}
	// meeting is what slots that anybody is or was on do at an instant, and what those do that somebody is on.
	type meeting struct {
		all, staffed schedule.Boundary[*shiftOccurrence]
	}
	hours := func(o *shiftOccurrence) schedule.Interval { return schedule.Interval{Start: o.start, End: o.end} }
	known := make(map[int64]meeting)
	at := func(t time.Time) meeting {
		m, ok := known[t.Unix()]
		if ok {
			return m
		}
		i, _ := slices.BinarySearchFunc(p.byTime, t.Add(-longest), func(o *shiftOccurrence, t time.Time) int {
			return o.start.Compare(t)
		})
		var all, staffed []*shiftOccurrence
		for ; i < len(p.byTime) && !p.byTime[i].start.After(t); i++ {
			if o := p.byTime[i]; len(o.all) > 0 {
				all = append(all, o)
				if len(o.on) > 0 {
					staffed = append(staffed, o)
				}
			}
		}
		m = meeting{schedule.BoundaryAt(all, hours, t), schedule.BoundaryAt(staffed, hours, t)}
		known[t.Unix()] = m
		return m
	}
	for _, o := range p.byTime {
		if len(o.all) == 0 {
			continue
		}
		first, last := at(o.start), at(o.end)
		o.before, o.after = first.staffed.From(), last.staffed.To()
		o.same[0] = o
		o.clock = clockText(o.start, o.end, p.words(o.shift).zone)
		o.takesOver, o.handsOver = p.sides(o)
		// Whoever ever gave work to the slot or took it may have changed what it says.
		o.touched = o.changed
		for _, list := range [][]*shiftOccurrence{first.all.Ending, first.all.Running, last.all.Starting, last.all.Running} {
			for _, n := range list {
				if n.changed.After(o.touched) {
					o.touched = n.changed
				}
			}
		}
	}
}

// sides words who gives work to a slot and who takes it, to a reader who is neither.
func (p *Prepared) sides(o *shiftOccurrence) (before, after string) {
	if len(o.on) == 0 {
		return "", ""
	}
	var b, a text
	p.people(&b, takesOver, "", o.before, true)
	p.people(&a, handsOver, "", o.after, true)
	return b.String(), a.String()
}

// Feed chooses and words what a scope shows on a day (see Today). The result is the same for the same arguments. The
// error is about a bad scope; an agent, shift or language that nobody knows gives an empty feed.
func (p *Prepared) Feed(scope Scope, day schedule.Date, opt FeedOptions) (Feed, error) {
	f, each, err := p.feed(scope, day, opt)
	if err != nil {
		return Feed{}, err
	}
	each(func(e *Event) { f.Events = append(f.Events, *e) })
	return f, nil
}

// events gives one event after the other. An event may be written over as soon as emit returns.
type events func(emit func(*Event))

// feed is Feed with the events apart: those of a large team at once take more memory than everything they are made from.
func (p *Prepared) feed(scope Scope, day schedule.Date, opt FeedOptions) (Feed, events, error) {
	if err := scope.Check(); err != nil {
		return Feed{}, nil, err
	}
	window, err := Window(p.pub.Team, day)
	if err != nil {
		return Feed{}, nil, err
	}
	f := Feed{Version: p.pub.Version}
	team := p.team()
	v := view{Prepared: p, window: window, day: day, team: team, named: p.pub.Team.Feed.Names}
	switch scope.Kind {
	case Personal:
		agent := schedule.AgentID(scope.Subject)
		f.Name = team + " - " + p.agentName(agent)
		f.Description = "Slots of " + p.agentName(agent) + " in the published roster of " + team
		alarm := opt.Alarm.Else(p.pub.Team.Feed.Alarm)
		if alarm.Value < 0 {
			alarm = schedule.Optional[schedule.Minutes]{}
		}
		return f, v.personal(agent, alarm), nil
	case OneShift:
		shift := schedule.ShiftID(scope.Subject)
		f.Name = team + " - " + p.words(shift).name
		f.Description = f.Name + " in the published roster"
		return f, v.shared(func(e *Entry) bool { return e.Shift == shift }), nil
	case OneLanguage:
		f.Name = team + " - " + scope.Subject
		f.Description = "Who speaks " + scope.Subject + " in the published roster of " + team
		return f, v.shared(func(e *Entry) bool {
			a := p.agents[e.Agent]
			return a != nil && a.Languages[schedule.Language(scope.Subject)] >= LanguageLevel
		}), nil
	case Open:
		f.Name = team + " - open shifts"
		f.Description = "Slots of " + team + " that have room for somebody"
		return f, inOrder(v.open()), nil
	}
	f.Name, f.Description = team, "Published roster of "+team
	return f, v.shared(func(*Entry) bool { return true }), nil
}

// inOrder gives a list in the order of feeds.
func inOrder(list []Event) events {
	slices.SortFunc(list, func(a, b Event) int {
		return cmp.Or(a.begins().Compare(b.begins()), cmp.Compare(a.UID, b.UID))
	})
	return Feed{Events: list}.each
}

func (f Feed) each(emit func(*Event)) {
	for i := range f.Events {
		emit(&f.Events[i])
	}
}

// begins is the start, or for whole days midnight UTC of the first, only to put events into order.
func (e Event) begins() time.Time {
	if e.AllDay() {
		return time.Date(e.First.Year, e.First.Month, e.First.Day, 0, 0, 0, 0, time.UTC)
	}
	return e.Start
}

// derivedUID names what has no assignment of its own: the same parts give the same name, which tells nothing about them.
func derivedUID(parts ...string) string {
	h := sha256.New()
	for _, s := range parts {
		fmt.Fprintf(h, "%d:%s", len(s), s)
	}
	return "x" + base32.HexEncoding.WithPadding(base32.NoPadding).EncodeToString(h.Sum(nil)[:20])
}
