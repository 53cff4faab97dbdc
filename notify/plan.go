package notify

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"rota/schedule"
)

// Planned is one message with its reason.
type Planned struct {
	schedule.Message
	// To is who is told, by name.
	To string
	// Why says why they are told and why then.
	Why string
	// Content is how it reads if nothing changes and it is sent on time.
	Content Content
}

// Silence is somebody who would be told something and cannot be.
type Silence struct {
	Agent schedule.AgentID
	Who   string
	Kind  schedule.MessageKind
	Why   string
	Count int
}

// Outlook is what is to be said.
type Outlook struct {
	// Messages are ordered by due, kind, recipient and step.
	Messages []Planned
	Silences []Silence
}

// Plan lists the messages that the situation calls for, as far as they are due before until and are not too late
// already. What was said before does not matter to it: Sync compares the list with the outbox. Change messages are not
// in it, since they belong to a publication (see Publish).
func Plan(s *Situation, until time.Time) (Outlook, error) {
	f, err := s.facts()
	if err != nil {
		return Outlook{}, err
	}
	intents, silences := f.intents()
	return f.outlook(intents, silences, until)
}

func (f *facts) outlook(intents []intent, silences []Silence, until time.Time) (Outlook, error) {
	out := Outlook{Silences: silences}
	for _, in := range intents {
		if !in.Expires.After(f.Now) || !in.Due.Before(until) {
			continue
		}
		p, err := f.planned(in)
		if err != nil {
			return Outlook{}, err
		}
		out.Messages = append(out.Messages, p)
	}
	slices.SortStableFunc(out.Messages, func(a, b Planned) int { return compareMessages(a.Message, b.Message) })
	return out, nil
}

func compareMessages(a, b schedule.Message) int {
	return cmp.Or(a.Due.Compare(b.Due), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Recipient, b.Recipient),
		cmp.Compare(a.Step, b.Step), cmp.Compare(a.Assignment, b.Assignment))
}

// planned writes an intent as it would read when due.
func (f *facts) planned(in intent) (Planned, error) {
	at := in.Due
	if at.Before(f.Now) {
		at = f.Now
	}
	c, err := f.compose(in, at)
	if err != nil {
		return Planned{}, fmt.Errorf("%s for %s: %w", in.Kind, in.to, err)
	}
	if in.whyLater != nil {
		in.why = in.whyLater()
	}
	in.body.Why, in.body.At, in.body.Due = in.why, in.at.UTC().Truncate(time.Second), in.Due
	text, err := json.Marshal(in.body)
	if err != nil {
		return Planned{}, err
	}
	in.Body = string(text)
	return Planned{Message: in.Message, To: in.to, Why: in.why, Content: c}, nil
}

func (f *facts) compose(in intent, at time.Time) (Content, error) {
	v := in.view(at)
	v.Kind, v.Team = in.Kind, oneLine(cmp.Or(f.Team.Name, string(f.Team.ID)), nameLength)
	c, err := f.Templates.render(v)
	c.Buttons = in.buttons
	return c, err
}

// intent is a message that the facts call for, not yet written.
type intent struct {
	schedule.Message
	to, why string
	// whyLater makes why where it is worth the time only when it is read.
	whyLater func() string
	// at is the instant it is about, such as the start of a slot.
	at      time.Time
	view    func(at time.Time) View
	buttons []Button
	body    body
}

// body is what a row of the outbox keeps for its message beside the key.
type body struct {
	Why string `json:"why,omitempty"`
	// At is the instant it is about and Due when it was meant to be sent, before any delay.
	At  time.Time `json:"at,omitzero"`
	Due time.Time `json:"due,omitzero"`
	// Before and After are what an agent's shifts were and are, and First that nothing was published before.
	Before []told `json:"before,omitempty"`
	After  []told `json:"after,omitempty"`
	First  bool   `json:"first,omitempty"`
	// Reason is what a person added.
	Reason string `json:"reason,omitempty"`
	// Asked are the candidates of an absence, best first.
	Asked []schedule.AgentID `json:"asked,omitempty"`
	// Missed are the first of the messages that were given up, IDs all of them, Total how many in [From, Until].
	Missed []missed             `json:"missed,omitempty"`
	IDs    []schedule.MessageID `json:"ids,omitempty"`
	Total  int                  `json:"total,omitempty"`
	From   time.Time            `json:"from,omitzero"`
	Until  time.Time            `json:"until,omitzero"`
}

// told is a slot as an agent was told of it.
type told struct {
	Slot  schedule.SlotID `json:"slot"`
	Start time.Time       `json:"start"`
	End   time.Time       `json:"end"`
}

type missed struct {
	Kind schedule.MessageKind `json:"kind"`
	To   string               `json:"to"`
	Slot schedule.SlotID      `json:"slot,omitempty"`
	Due  time.Time            `json:"due"`
	// Problem is why it was given up.
	Problem string `json:"problem,omitempty"`
}

func readBody(m schedule.Message) (body, error) {
	var b body
	if m.Body == "" {
		return b, nil
	}
	if err := json.Unmarshal([]byte(m.Body), &b); err != nil {
		return b, fmt.Errorf("message %d has a body that cannot be read: %w", m.ID, err)
	}
	return b, nil
}

// WhyOf is the reason kept with a row of the outbox; empty when there is none.
func WhyOf(m schedule.Message) string {
	b, err := readBody(m)
	if err != nil {
		return ""
	}
	return b.Why
}

// intents lists everything the facts call for, whenever it is due, apart from what a publication or a person causes.
func (f *facts) intents() ([]intent, []Silence) {
	p := planner{facts: f}
	p.plan("")
	return p.list, p.silences
}

// plan lists the intents of one kind, or of all.
func (p *planner) plan(only schedule.MessageKind) {
	for _, kind := range []struct {
		kind schedule.MessageKind
		list func(*planner)
	}{{Reminder, (*planner).reminders}, {Handoff, (*planner).handoffs}, {Escalation, (*planner).escalations},
		{Digest, (*planner).digests}, {Gap, (*planner).gaps}, {Offered, (*planner).offers}} {
		if (only == "" || only == kind.kind) && !slices.Contains(p.settings.Skip, kind.kind) {
			kind.list(p)
		}
	}
}

type planner struct {
	*facts
	// slot, when not empty, narrows the kinds that are about slots to one.
	slot     schedule.SlotID
	list     []intent
	silences []Silence
}

// add puts an intent to a person or channel on the list, or notes the silence when there is no way to reach them.
func (p *planner) add(kind schedule.MessageKind, to person, in intent) {
	if !p.knows(in.at) {
		return
	}
	if to.slack == "" {
		why := "no Slack id is known"
		for i := range p.silences {
			if s := &p.silences[i]; s.Agent == to.id && s.Who == to.name && s.Kind == kind {
				s.Count++
				return
			}
		}
		p.silences = append(p.silences, Silence{Agent: to.id, Who: to.name, Kind: kind, Why: why, Count: 1})
		return
	}
	in.Team, in.Kind, in.Recipient, in.to = p.Team.ID, kind, to.slack, to.name
	in.Due, in.Expires = in.Due.UTC().Truncate(time.Second), in.Expires.UTC().Truncate(time.Second)
	p.list = append(p.list, in)
}

// knows reports whether an instant lies within what the situation holds.
func (f *facts) knows(t time.Time) bool {
	return !(t.Before(f.From) || !f.To.IsZero() && !t.Before(f.To))
}

// passes reports whether a slot is not the one that is asked about.
func (p *planner) passes(slot schedule.SlotID) bool { return p.slot != "" && p.slot != slot }

// channel is the team's channel as somebody to be told.
func (f *facts) channel() person {
	return person{name: cmp.Or(f.Team.Channel, "the team's channel"), slack: f.Team.Channel, loc: f.loc}
}

// outside moves an instant out of quiet hours: to their end, or, where that is not before latest, to just before their
// start. Quiet hours without an outside move nothing.
func outside(at, latest time.Time, quiet schedule.Optional[schedule.ClockSpan], loc *time.Location) (time.Time, string) {
	if !quiet.Set || quiet.Value.IsWholeDay() {
		return at, ""
	}
	day := schedule.DateOf(at, loc)
	for _, d := range []schedule.Date{day.AddDays(-1), day} {
		w, _ := quiet.Value.On(d, loc)
		if !w.Contains(at) {
			continue
		}
		if !w.End.After(latest) {
			return w.End, fmt.Sprintf("later than %s because of quiet hours %s", Moment{at, loc}, quiet.Value)
		}
		return w.Start.Add(-time.Minute), fmt.Sprintf("earlier than %s because of quiet hours %s", Moment{at, loc}, quiet.Value)
	}
	return at, ""
}

// stepTime is an instant in the step of a key.
func stepTime(t time.Time) string { return t.UTC().Format(stepLayout) }

const stepLayout = "2006-01-02T15:04Z"

const (
	nameLength = 80
	noteLength = 1000
	mostLines  = 40
)

func (f *facts) viewPerson(id schedule.AgentID) Person {
	p := f.person(id)
	return Person{ID: p.id, Name: oneLine(p.name, nameLength), user: p.slack}
}

func (f *facts) viewPeople(ids []schedule.AgentID) []Person {
	var list []Person
	for _, id := range ids {
		list = append(list, f.viewPerson(id))
	}
	return list
}

// times are a stretch on the reader's clock, and on the team's where that differs at either end.
func (f *facts) times(start, end time.Time, reader *time.Location) (when, team string) {
	when = period{Moment{start, reader}, Moment{end, reader}}.String()
	if !sameClock(reader, f.loc, start) || !sameClock(reader, f.loc, end) {
		team = period{Moment{start, f.loc}, Moment{end, f.loc}}.String() + " " + f.loc.String()
	}
	return when, team
}

func (f *facts) viewSlot(s schedule.Slot, reader *time.Location) SlotView {
	v := SlotView{ID: s.ID, Name: oneLine(f.slotName(s), nameLength), Start: Moment{s.Start, reader}, End: Moment{s.End, reader}}
	v.When, v.TeamWhen = f.times(s.Start, s.End, reader)
	for _, n := range s.Demand.Notes {
		v.Notes = append(v.Notes, oneLine(n, noteLength))
	}
	sh := f.shifts[s.Shift]
	v.Place = oneLine(strings.TrimSpace(sh.Location+" "+sh.Link), noteLength)
	return v
}

func without(ids []schedule.AgentID, one schedule.AgentID) []schedule.AgentID {
	return slices.DeleteFunc(slices.Clone(ids), func(id schedule.AgentID) bool { return id == one })
}
