package notify

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"rota/schedule"
)

// Verdict is what is to become of a message that is due.
type Verdict struct {
	// State is MessageSending to send it, MessageWithdrawn when it no longer stands, MessageDead when it is too late, or
	// MessagePending to wait until NotBefore.
	State     schedule.MessageState
	NotBefore time.Time
	// Why says why it is not sent.
	Why string
	// To is who is told, and Content what is said; for MessageSending.
	To      string
	Content Content
}

// TooLate is the problem of a message that was given up because its time had passed.
const TooLate = "too late"

// Judge says whether a message may be sent at the situation's instant, and how it reads then. The situation is to know
// the instant the message is about (see About).
func Judge(s *Situation, m schedule.Message) (Verdict, error) {
	f, err := s.facts()
	if err != nil {
		return Verdict{}, err
	}
	if !m.Expires.IsZero() && !f.Now.Before(m.Expires) {
		return Verdict{State: schedule.MessageDead, Why: TooLate}, nil
	}
	b, err := readBody(m)
	if err != nil {
		return Verdict{State: schedule.MessageWithdrawn, Why: err.Error()}, nil
	}
	in, why := f.intentOf(m, b)
	if why != "" {
		return Verdict{State: schedule.MessageWithdrawn, Why: why}, nil
	}
	// A message that was leased before its time was moved, by a change of the ladder or of the hours of a slot.
	if isTimed(m.Kind) && in.Due.After(f.Now) {
		return Verdict{State: schedule.MessagePending, NotBefore: in.Due, Why: "due later than it was planned"}, nil
	}
	c, err := f.compose(in, f.Now)
	return Verdict{State: schedule.MessageSending, To: in.to, Content: c}, err
}

// Recompose is how a message that was sent reads at the situation's instant, so that it can be brought up to date where
// it stands. ok is false for one that the facts no longer call for, except for an offer, which then says why it is over.
func Recompose(s *Situation, m schedule.Message) (c Content, ok bool, err error) {
	f, err := s.facts()
	if err != nil {
		return Content{}, false, err
	}
	b, err := readBody(m)
	if err != nil {
		return Content{}, false, nil
	}
	if c, over, err := f.over(m); over || err != nil {
		return c, err == nil, err
	}
	in, why := f.intentOf(m, b)
	if why != "" {
		return Content{}, false, nil
	}
	c, err = f.compose(in, f.Now)
	return c, err == nil, err
}

// Over is how a message that was sent reads for good, once what it invites to is over: an offer that was taken, withdrawn
// or has ended. over is false for every other.
func Over(s *Situation, m schedule.Message) (c Content, over bool, err error) {
	f, err := s.facts()
	if err != nil {
		return Content{}, false, err
	}
	return f.over(m)
}

func (f *facts) over(m schedule.Message) (Content, bool, error) {
	if m.Kind != Offered {
		return Content{}, false, nil
	}
	base, _ := cutGeneration(m.Step)
	for _, o := range f.Offers {
		slot, known := f.slots[o.Slot]
		ended := f.endOf(o)
		if o.ID != base || ended == "" || !known {
			continue
		}
		to := f.person(m.Agent)
		if o.ClaimedBy == m.Agent {
			ended = "It is yours. Thank you!"
		}
		c, err := f.compose(intent{Message: m, view: func(time.Time) View { return f.offerView(o, slot, to, ended) }}, f.Now)
		return c, err == nil, err
	}
	return Content{}, false, nil
}

// About is the instant a message is about, such as the start of a slot; when it is due for one that says nothing.
func About(m schedule.Message) time.Time {
	if b, err := readBody(m); err == nil && !b.At.IsZero() {
		return b.At
	}
	return m.Due
}

// DueOf is when a message was meant to be sent, before any delay.
func DueOf(m schedule.Message) time.Time {
	if b, err := readBody(m); err == nil && !b.Due.IsZero() {
		return b.Due
	}
	return m.Due
}

// Reported are the messages that a message of kind Missed tells of.
func Reported(m schedule.Message) []schedule.MessageID {
	b, err := readBody(m)
	if err != nil || m.Kind != Missed {
		return nil
	}
	return b.IDs
}

// intentOf finds what stands behind a row; why is not empty when nothing does any more.
func (f *facts) intentOf(m schedule.Message, b body) (in intent, why string) {
	if slices.Contains(f.settings.Skip, m.Kind) && m.Kind != Missed {
		return in, "messages of this kind are switched off"
	}
	if isTimed(m.Kind) {
		p := planner{facts: f, slot: m.Slot}
		p.plan(m.Kind)
		want := identity(m)
		for _, in := range p.list {
			if identity(in.Message) == want {
				return in, ""
			}
		}
		return in, f.whyNot(m)
	}
	switch m.Kind {
	case Changed:
		return f.standingChange(m, b)
	case Absence:
		slot, known := f.slots[m.Slot]
		if !known || !slices.Contains(f.onAgents(m.Slot), m.Agent) {
			return in, fmt.Sprintf("%s is no longer on %s", f.person(m.Agent).name, m.Slot)
		}
		return f.absenceIntent(m, slot, b), ""
	case Missed:
		return f.missedIntent(m, b), ""
	}
	return in, fmt.Sprintf("messages of kind %q are not known", m.Kind)
}

// standingChange checks a change message against the facts: what it says about the future must still be so, whatever
// version says it.
func (f *facts) standingChange(m schedule.Message, b body) (intent, string) {
	to := f.person(m.Agent)
	if to.slack != m.Recipient {
		return intent{}, to.name + " is reached in another way"
	}
	is := map[schedule.SlotID]bool{}
	for _, t := range b.After {
		is[t.Slot] = true
		if s := f.slots[t.Slot]; t.Start.After(f.Now) && f.knows(t.Start) &&
			(!slices.Contains(f.onAgents(t.Slot), m.Agent) || !s.Start.Equal(t.Start) || !s.End.Equal(t.End)) {
			return intent{}, fmt.Sprintf("%s is no longer on %s at that time", to.name, t.Slot)
		}
	}
	for _, t := range b.Before {
		if s, known := f.slots[t.Slot]; known && !is[t.Slot] && s.Start.After(f.Now) && slices.Contains(f.onAgents(t.Slot), m.Agent) {
			return intent{}, fmt.Sprintf("%s is on %s again", to.name, t.Slot)
		}
	}
	return f.changeIntent(m, to, b, b.Why), ""
}

// NewAbsence is the message to the manager that an agent cannot make a slot, with the agents who could, best first. ok is
// false when the manager cannot be reached. It is about this start of the slot: said twice, it is one message.
func NewAbsence(s *Situation, agent schedule.AgentID, slot schedule.SlotID, reason string, candidates []schedule.AgentID) (m schedule.Message, ok bool, err error) {
	f, err := s.facts()
	if err != nil {
		return m, false, err
	}
	known, has := f.slots[slot]
	to := f.manager()
	if !has || to.slack == "" {
		return m, false, nil
	}
	in := f.absenceIntent(schedule.Message{MessageKey: schedule.MessageKey{Team: f.Team.ID, Kind: Absence, Recipient: to.slack,
		Step: string(agent) + " " + string(slot) + " " + stepTime(known.Start)}, Agent: agent, Slot: slot,
		Due: f.Now.UTC().Truncate(time.Second), Expires: known.End}, known, body{Reason: reason, Asked: candidates})
	p, err := f.planned(in)
	return p.Message, err == nil, err
}

func (f *facts) absenceIntent(m schedule.Message, slot schedule.Slot, b body) intent {
	to := f.manager()
	in := intent{Message: m, to: to.name, at: slot.Start, body: b, why: f.person(m.Agent).name + " cannot make " + string(slot.ID),
		view: func(time.Time) View {
			left := without(f.onAgents(slot.ID), m.Agent)
			return View{Zone: to.loc.String(), At: Moment{slot.Start, to.loc}, Slot: f.viewSlot(slot, to.loc), Who: f.viewPerson(m.Agent),
				With: f.viewPeople(left), Gaps: f.lacking(slot.Demand, left).words, Reason: oneLine(b.Reason, noteLength),
				Candidates: f.viewPeople(b.Asked)}
		}}
	if len(b.Asked) > 0 {
		in.buttons = []Button{absenceButton(f.Team.ID, slot.ID, m.Agent)}
	}
	return in
}

// NewMissed is the message to the manager about messages that were given up, because they were too late or were refused
// for good. rows are the team's, of whatever state: those given up that no earlier message of this kind names are what it
// tells, so nothing goes unsaid when a process dies, and nothing is said twice. ok is false when there is nothing to tell
// or nobody to tell it to.
func NewMissed(s *Situation, rows []schedule.Message) (m schedule.Message, ok bool, err error) {
	f, err := s.facts()
	if err != nil {
		return m, false, err
	}
	p, ok, err := f.newMissed(rows)
	return p.Message, ok, err
}

func (f *facts) newMissed(rows []schedule.Message) (m Planned, ok bool, err error) {
	to := f.manager()
	reported := map[schedule.MessageID]bool{}
	for _, x := range rows {
		if x.Team == f.Team.ID && x.Kind == Missed {
			kept, _ := readBody(x)
			for _, id := range kept.IDs {
				reported[id] = true
			}
		}
	}
	var late []schedule.Message
	for _, x := range rows {
		if x.Team == f.Team.ID && x.Kind != Missed && x.State == schedule.MessageDead && !reported[x.ID] && f.Now.Sub(x.ChangedAt) < missedLate {
			late = append(late, x)
		}
	}
	if len(late) == 0 || to.slack == "" {
		return m, false, nil
	}
	slices.SortFunc(late, func(a, b schedule.Message) int { return cmp.Or(a.Due.Compare(b.Due), cmp.Compare(a.ID, b.ID)) })
	b := body{Total: len(late)}
	first := late[0].ID
	for _, x := range late {
		item := missed{Kind: x.Kind, Slot: x.Slot, Due: x.Due, To: x.Recipient, Problem: x.Problem}
		if x.Agent != "" {
			item.To = f.person(x.Agent).name
		} else if x.Recipient == to.slack {
			item.To = to.name
		}
		if kept, err := readBody(x); err == nil && !kept.Due.IsZero() {
			item.Due = kept.Due
		}
		if b.From.IsZero() || item.Due.Before(b.From) {
			b.From = item.Due
		}
		if len(b.Missed) < mostLines {
			b.Missed = append(b.Missed, item)
		}
		b.IDs, first = append(b.IDs, x.ID), min(first, x.ID)
	}
	now := f.Now.UTC().Truncate(time.Second)
	b.Until, b.Why = now, "messages could not be sent"
	// The key is made of the first one: two processes that look at once make one message.
	in := f.missedIntent(schedule.Message{MessageKey: schedule.MessageKey{Team: f.Team.ID, Kind: Missed, Recipient: to.slack,
		Step: fmt.Sprintf("from %d", first)}, Due: now, Expires: now.Add(missedLate)}, b)
	p, err := f.planned(in)
	return p, err == nil, err
}

func (f *facts) missedIntent(m schedule.Message, b body) intent {
	to := f.manager()
	return intent{Message: m, to: to.name, why: b.Why, body: b, at: b.At, view: func(at time.Time) View {
		v := View{Zone: to.loc.String(), At: Moment{at, to.loc}, From: Moment{b.From, to.loc}, Until: Moment{b.Until, to.loc},
			Total: b.Total, More: b.Total - len(b.Missed)}
		for _, x := range b.Missed {
			text := fmt.Sprintf("%s to %s", x.Kind, oneLine(x.To, nameLength))
			if x.Slot != "" {
				text += ", " + string(x.Slot)
			}
			text += ", was due " + Moment{x.Due, to.loc}.String()
			if x.Problem != "" && x.Problem != TooLate {
				text += ": " + oneLine(x.Problem, nameLength)
			}
			v.Items = append(v.Items, text)
		}
		return v
	}}
}

// Due lists what a run at the situation's instant would send, and what it would do to the rest that is due, without doing
// any of it. rows are the team's, of whatever state. The Why of a message that would not be sent says why, and its Content
// is empty.
func Due(s *Situation, rows []schedule.Message) ([]Planned, error) {
	up, err := Sync(s, rows, s.Now.Add(time.Second))
	if err != nil {
		return nil, err
	}
	f, err := s.facts()
	if err != nil {
		return nil, err
	}
	list := slices.Clone(up.Enqueue)
	after := slices.Clone(rows)
	for i, m := range rows {
		if !isWaiting(m.State) || m.Team != s.Team.ID || m.Due.After(s.Now) || slices.Contains(up.Withdrawn(), m.ID) {
			continue
		}
		v, err := Judge(s, m)
		if err != nil {
			return nil, err
		}
		why := WhyOf(m)
		if v.State != schedule.MessageSending {
			why = fmt.Sprintf("not sent: %s", v.Why)
		}
		if v.State == schedule.MessageDead {
			after[i].State, after[i].Problem, after[i].ChangedAt = v.State, v.Why, s.Now
		}
		list = append(list, Planned{Message: m, To: cmp.Or(v.To, f.nameOf(m)), Why: why, Content: v.Content})
	}
	// What is given up is told to the manager by the same run.
	if m, ok, err := f.newMissed(after); err != nil {
		return nil, err
	} else if ok && !slices.ContainsFunc(rows, func(x schedule.Message) bool { return identity(x) == identity(m.Message) }) {
		list = append(list, m)
	}
	slices.SortStableFunc(list, func(a, b Planned) int { return compareMessages(a.Message, b.Message) })
	return list, nil
}

// nameOf is to whom a message goes, by name.
func (f *facts) nameOf(m schedule.Message) string {
	switch to := f.manager(); {
	case m.Agent != "" && f.person(m.Agent).slack == m.Recipient:
		return f.person(m.Agent).name
	case m.Recipient == to.slack:
		return to.name
	}
	return m.Recipient
}
