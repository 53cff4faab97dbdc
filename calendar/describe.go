package calendar

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"rota/schedule"
)

// view is one feed in the making.
type view struct {
	*Prepared
	window schedule.Interval
	day    schedule.Date
	team   string
	named  bool // whether colleagues appear by name
}

// shows reports whether an entry is in the feed of the day: its hours share an instant with the window and, when it was
// taken away, that is not too long ago.
func (v view) shows(e *Entry) bool {
	if !e.Start.Before(v.window.End) || !e.End.After(v.window.Start) {
		return false
	}
	if !e.Cancelled {
		return true
	}
	days := v.pub.Team.Feed.Cancelled
	return days > 0 && v.day.Sub(schedule.DateOf(e.Changed, v.here)) < days
}

// personal lists an agent's own slots and, if the team shows it, their leave.
func (v view) personal(agent schedule.AgentID, alarm schedule.Optional[schedule.Minutes]) events {
	zone := v.agentZone(agent)
	slots := func(emit func(*Event)) {
		var event Event
		for _, e := range v.own[agent] {
			if !v.shows(e) {
				continue
			}
			o := v.slots[e.Slot]
			v.entry(&event, e, "")
			if v.crowded(o, e) {
				event.said = o.shared.of(zone, e.Version, func() string { return v.describe(e, zone, true) })
				event.Description = event.said.text
			} else {
				event.Description = v.describe(e, zone, true)
			}
			if !e.Cancelled {
				event.Busy, event.Alarm = true, alarm
				// The description changes with those around.
				if o.touched.After(event.Changed) {
					event.Changed = o.touched
				}
			}
			emit(&event)
		}
	}
	var away []Event
	if v.pub.Team.Feed.Leave {
		for _, l := range v.pub.Leave {
			if l.Agent == agent && l.Kind == schedule.Leave && l.InForce() {
				away = append(away, v.leave(l, zone)...)
			}
		}
	}
	if len(away) == 0 {
		return slots
	}
	slots(func(e *Event) { away = append(away, *e) })
	return inOrder(away)
}

// many is from how many agents on a slot on their descriptions are made once for all who have the same.
const many = 3 * maxNames

// crowded reports whether an entry's agent reads what nearly everybody on the slot does: they are not among those who are
// named to the others, and neither give the work to themselves nor take it.
func (v view) crowded(o *shiftOccurrence, e *Entry) bool {
	if len(o.agents) < many || e.Cancelled || !e.Start.Equal(o.start) || !e.End.Equal(o.end) {
		return false
	}
	if at, on := slices.BinarySearch(o.agents, e.Agent); !on || at < maxNames {
		return false
	}
	with := func(n *shiftOccurrence) bool { return n.has(e.Agent) }
	return !slices.ContainsFunc(o.before, with) && !slices.ContainsFunc(o.after, with)
}

// shared lists the chosen entries for readers who are not on them: one event for each where names are shown, else one
// for each slot with the number of agents. Who hands over to whom is left to be seen: everybody is in the same calendar.
func (v view) shared(chosen func(*Entry) bool) events {
	if v.named {
		return v.everybody(chosen)
	}
	var list []Event
	for _, o := range v.byTime {
		on := 0
		var last *Entry
		for _, e := range o.all {
			if !chosen(e) {
				continue
			}
			if last == nil || e.Changed.After(last.Changed) {
				last = e
			}
			if !e.Cancelled {
				on++
			}
		}
		if last == nil || on == 0 && !v.shows(last) || !o.start.Before(v.window.End) || !o.end.After(v.window.Start) {
			continue
		}
		words := v.words(o.shift)
		event := Event{
			UID: derivedUID("slot", string(v.pub.Team.ID), string(o.id)), Sequence: o.sequence - 1, Changed: o.changed,
			Status: Confirmed, Start: o.start, End: o.end,
			Location: words.location, Link: words.link, Color: words.color, Categories: words.categories,
		}
		event.Summary = fmt.Sprintf("%s: %s (%s)", words.name, agents(on), v.team)
		var d text
		v.hours(&d, o.start, o.end, o, v.here, words.zone)
		if on == 0 {
			event.Status = Cancelled
			event.Summary = "Cancelled: " + words.name + " (" + v.team + ")"
		} else {
			v.needs(&d, o, words)
		}
		d.line("Roster version ", fmt.Sprint(int(last.Version)))
		event.Description = d.String()
		list = append(list, event)
	}
	return inOrder(list)
}

// everybody is shared with names.
func (v view) everybody(chosen func(*Entry) bool) events {
	return func(emit func(*Event)) {
		entries := make([]*Entry, 0, len(v.pub.Entries))
		for _, o := range v.byTime {
			for _, e := range o.all {
				if v.shows(e) && chosen(e) {
					entries = append(entries, e)
				}
			}
		}
		slices.SortFunc(entries, byStart)
		// Those of a slot are mostly told the same, and come near one another.
		type told struct {
			by   *Entry
			text string
		}
		last := make(map[schedule.SlotID]told)
		var event Event
		for _, e := range entries {
			t := last[e.Slot]
			if t.by == nil || t.by.Version != e.Version || t.by.Cancelled != e.Cancelled || !t.by.Start.Equal(e.Start) || !t.by.End.Equal(e.End) {
				t = told{e, v.describe(e, v.here, false)}
				last[e.Slot] = t
			}
			v.entry(&event, e, v.agentName(e.Agent))
			event.Description = t.text
			emit(&event)
		}
	}
}

// room is how many agents the target of a slot has room for when so many are on it.
func room(s schedule.Slot, on int) int { return s.Demand.Target.Or(s.Demand.Min) - on }

// Offered sums up what the feed of open slots says about a slot with so many agents on it, beside the words of its shift:
// nothing when there is no room for more.
func Offered(s schedule.Slot, on int) string {
	if room(s, on) <= 0 {
		return ""
	}
	var d text
	d.line(s.Start.UTC().Format(time.RFC3339), " ", s.End.UTC().Format(time.RFC3339), " ", string(s.Shift))
	offer(&d, s, on)
	needs(&d, s.Demand)
	return d.String()
}

// offer says how many are there and how many are missing.
func offer(d *text, s schedule.Slot, on int) {
	missing := room(s, on)
	d.line(fmt.Sprintf("%d of %s, room for %d more", on, agents(on+missing), missing))
	if on < s.Demand.Min {
		d.line(fmt.Sprintf("At least %d must be there", s.Demand.Min))
	}
}

// open lists the slots to come, from the start of the day, that have fewer agents than their target.
func (v view) open() []Event {
	var events []Event
	today, _ := schedule.DayBounds(v.day, v.here)
	for _, o := range v.byTime {
		if o.published == nil || !o.end.After(today) || !o.start.Before(v.window.End) || room(o.published.Slot, len(o.on)) <= 0 {
			continue
		}
		words := v.words(o.shift)
		var d text
		v.hours(&d, o.start, o.end, o, v.here, words.zone)
		offer(&d, o.published.Slot, len(o.on))
		v.needs(&d, o, words)
		event := Event{
			UID: derivedUID("open", string(v.pub.Team.ID), string(o.id)), Sequence: o.published.Sequence, Changed: o.published.Changed,
			Status: Tentative, Start: o.start, End: o.end,
			Summary:     fmt.Sprintf("Open: %s, %d more (%s)", words.name, room(o.published.Slot, len(o.on)), v.team),
			Description: d.String(),
			Location:    words.location, Link: words.link, Color: words.color, Categories: append([]string{"Open"}, words.categories...),
		}
		if event.Changed.IsZero() {
			event.Changed = v.pub.PublishedAt
		}
		events = append(events, event)
	}
	return events
}

// entry makes event that of one assignment, without a description.
func (v view) entry(event *Event, e *Entry, who string) {
	words := v.words(e.Shift)
	*event = Event{
		UID: string(e.UID), Sequence: e.Sequence, Changed: e.Changed, Status: Confirmed, Start: e.Start, End: e.End,
		Location: words.location, Link: words.link, Color: words.color, Categories: words.categories,
	}
	event.Summary = words.summary
	if who != "" {
		event.Summary = words.name + ": " + who + " (" + v.team + ")"
	}
	if e.Cancelled {
		event.Status = Cancelled
		event.Summary = "Cancelled: " + event.Summary
	}
}

// describe is the description of one assignment: for its agent, to whom it says who else is concerned, when people is
// true.
func (v view) describe(e *Entry, zone *time.Location, people bool) string {
	words := v.words(e.Shift)
	var d text
	d.Grow(256)
	v.hours(&d, e.Start, e.End, v.slots[e.Slot], zone, words.zone)
	if e.Cancelled {
		d.line("Taken away with roster version ", strconv.Itoa(int(e.Version)))
		return d.String()
	}
	o := v.slots[e.Slot]
	if people {
		v.people(&d, "With ", e.Agent, o.same[:], false)
		for _, side := range []struct {
			how   string
			slots []*shiftOccurrence
			text  string
		}{{takesOver, o.before, o.takesOver}, {handsOver, o.after, o.handsOver}} {
			if slices.ContainsFunc(side.slots, func(n *shiftOccurrence) bool { return n.has(e.Agent) }) {
				v.people(&d, side.how, e.Agent, side.slots, true)
			} else if side.text != "" {
				d.line(side.text)
			}
		}
	}
	v.needs(&d, o, words)
	d.line("Roster version ", strconv.Itoa(int(e.Version)))
	return d.String()
}

// text collects the lines of a description.
type text struct{ strings.Builder }

func (t *text) line(parts ...string) {
	if t.Len() > 0 {
		t.WriteByte('\n')
	}
	for _, s := range parts {
		t.WriteString(s)
	}
}

const (
	dayForm   = "Mon 2 Jan 2006, 15:04"
	laterForm = "Mon 2 Jan 15:04"
)

// hours says when, on the reader's clock and, where it differs, on the shift's; o is the slot if known.
func (v view) hours(d *text, start, end time.Time, o *shiftOccurrence, reader, shift *time.Location) {
	first := clockText(start, end, reader)
	d.line(first, " (", reader.String(), ")")
	if reader == shift || reader.String() == shift.String() {
		return
	}
	second := ""
	if o != nil && o.clock != "" && o.start.Equal(start) && o.end.Equal(end) {
		second = o.clock
	} else {
		second = clockText(start, end, shift)
	}
	if second != first {
		d.line(second, " (", shift.String(), ")")
	}
}

// clockText is a span on a wall clock. The date of the end is given only from 20 hours on: of a night a plain time cannot
// be misread.
func clockText(start, end time.Time, loc *time.Location) string {
	s, e := start.In(loc), end.In(loc)
	form := "15:04"
	if e.Sub(s) >= 20*time.Hour {
		form = laterForm
	}
	return string(e.AppendFormat(append(s.AppendFormat(make([]byte, 0, 48), dayForm), '-'), form))
}

// maxNames is how many people one line of a description names; of more it gives the number.
const maxNames = 6

const (
	takesOver = "Takes over from "
	handsOver = "Hands over to "
)

// people names or counts the agents on slots, without the reader.
func (v *Prepared) people(d *text, how string, reader schedule.AgentID, slots []*shiftOccurrence, shifts bool) {
	count := 0
	for _, o := range slots {
		count += len(o.on)
		if o.has(reader) {
			count--
		}
	}
	if count == 0 {
		return
	}
	if !v.pub.Team.Feed.Names {
		d.line(how, agents(count))
		return
	}
	d.line(how)
	shown := 0
	for _, o := range slots {
		any := false
		for _, e := range o.on {
			if e.Agent == reader {
				continue
			}
			if shown == maxNames {
				break
			}
			if shown > 0 {
				d.WriteString(", ")
			}
			d.WriteString(v.agentName(e.Agent))
			shown++
			any = true
		}
		if any && shifts {
			d.WriteString(" (" + v.words(o.shift).name + ")")
		}
	}
	if count > shown {
		d.WriteString(" and " + strconv.Itoa(count-shown) + " more")
	}
}

// needs says which languages the slot asks for, and its notes.
func (v view) needs(d *text, o *shiftOccurrence, words *shiftWords) {
	if o.published != nil {
		needs(d, o.published.Demand)
	}
	if words.note != "" {
		d.line("Note: ", words.note)
	}
}

func needs(d *text, need schedule.Demand) {
	for i, l := range need.Languages {
		if i == 0 {
			d.line("Languages: ")
		} else {
			d.WriteString(", ")
		}
		d.WriteString(string(l.Tag) + " " + l.Level.String())
	}
	for _, n := range need.Notes {
		d.line("Note: ", n)
	}
}

// leave is the events of one stretch of time off: one, unless it recurs.
func (v view) leave(l Leave, zone *time.Location) []Event {
	var events []Event
	changed := l.Changed
	if changed.IsZero() {
		changed = l.At
	}
	add := func(key string, event Event) {
		event.UID = derivedUID("leave", string(v.pub.Team.ID), string(l.Agent), string(l.ID), key)
		event.Sequence, event.Changed = l.Sequence, changed
		if changed.IsZero() {
			// Something that stays the same must stand in for a time that nobody knows.
			event.Changed = event.begins()
		}
		event.Status, event.Busy, event.Away = Confirmed, true, true
		event.Summary = "Leave (" + v.team + ")"
		event.Description = l.Note
		event.Categories = []string{"Leave"}
		events = append(events, event)
	}
	single := l.Recurrence.IsZero()
	if single && l.WholeDays() && !l.From.IsZero() && !l.To.IsZero() {
		start, _ := schedule.DayBounds(l.From, zone)
		_, end := schedule.DayBounds(l.To, zone)
		if (schedule.Interval{Start: start, End: end}).Overlaps(v.window) {
			add("", Event{First: l.From, Last: l.To})
		}
		return events
	}
	windows, err := l.Windows(zone, v.window)
	if err != nil {
		return nil // a stored entry was checked when it was entered, and one bad entry must not take the feed away
	}
	for _, w := range windows {
		key := ""
		if !single || len(windows) > 1 {
			key = w.Start.UTC().Format(time.RFC3339)
		}
		if l.WholeDays() {
			add(key, Event{First: schedule.DateOf(w.Start, zone), Last: schedule.DateOf(w.End.Add(-time.Second), zone)})
		} else {
			add(key, Event{Start: w.Start.UTC(), End: w.End.UTC()})
		}
	}
	return slices.Clip(events)
}

// agents is a number of agents in words.
func agents(n int) string {
	if n == 1 {
		return "1 agent"
	}
	return fmt.Sprintf("%d agents", n)
}
