package notify

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"rota/schedule"
)

// Office is what a Desk can have done. An implementation is safe for concurrent use, and every method is one
// transaction and idempotent: asked for the same thing again it changes nothing and is content.
type Office interface {
	Source
	// Takeover keeps an agent's word that a slot was taken over.
	Takeover(ctx context.Context, t schedule.Takeover) error
	// Mute keeps an agent's wish for no reminders.
	Mute(ctx context.Context, team schedule.TeamID, m Mute) error
	// Note keeps a handoff note.
	Note(ctx context.Context, n schedule.HandoffNote) error
	// Candidates lists who could take the slot in place of an agent without breaking a hard rule, best first.
	Candidates(ctx context.Context, team schedule.TeamID, slot schedule.SlotID, instead schedule.AgentID) ([]schedule.AgentID, error)
	// Offer opens an offer; one with the same id stays as it is.
	Offer(ctx context.Context, team schedule.TeamID, o Offer, by string) error
	// Claim gives the slot of an open offer to an agent, once: the change is audited and committed as a new published
	// version with its messages. It gives a *Declined when somebody else was first or a hard rule would break.
	Claim(ctx context.Context, team schedule.TeamID, offer string, agent schedule.AgentID, at time.Time) error
	// Enqueue is as in Outbox.
	Enqueue(ctx context.Context, now time.Time, list ...schedule.Message) (int, error)
}

// Declined is a no to a person, in words for them.
type Declined struct{ Why string }

// Error is the reason.
func (d *Declined) Error() string { return d.Why }

// Desk does what people ask for with buttons and commands. Who asks is known by their Slack id, which the caller has
// from Slack itself; what they may do follows from the roster. It is safe for concurrent use, and whatever is asked
// twice is done once.
type Desk struct {
	Office Office
	// Refresh, when not nil, is called with what became visible in messages sent before: see Engine.Refresh.
	Refresh func(ctx context.Context, team schedule.TeamID, from, to time.Time, choose func(schedule.Message) bool) (int, error)
}

// Act does what a button says: its action and the words of its value, pressed by a Slack user at an instant. The answer
// is for that person alone. A *Declined says why not; other errors are the office's.
func (d *Desk) Act(ctx context.Context, user string, a Action, words []string, at time.Time) (string, error) {
	if len(words) == 0 || user == "" {
		return "", unknownButton()
	}
	team := schedule.TeamID(words[0])
	s, err := d.Office.Situation(ctx, team, at, at.AddDate(0, 0, -2), at.AddDate(0, 0, 15))
	if err != nil {
		return "", err
	}
	f, err := s.facts()
	if err != nil {
		return "", err
	}
	word := func(i int) string {
		if i < len(words) {
			return words[i]
		}
		return ""
	}
	if a == OfferSlot {
		return d.offer(ctx, f, user, schedule.SlotID(word(1)), schedule.AgentID(word(2)))
	}
	me, ok := f.agentOf(user)
	if !ok {
		return "", &Declined{"You are not an agent of " + oneLine(f.Team.Name, nameLength) + "."}
	}
	switch a {
	case TakeOver:
		return d.takeOver(ctx, f, me, schedule.SlotID(word(1)))
	case CannotMakeIt:
		return d.cannot(ctx, f, me, schedule.SlotID(word(1)), "")
	case TakeOffer:
		return d.claim(ctx, f, me, word(1))
	case MuteToday:
		return d.mute(ctx, f, me)
	}
	return "", unknownButton()
}

func (f *facts) agentOf(user string) (person, bool) {
	for _, a := range f.Agents {
		if a.Slack == user && user != "" {
			return f.people[a.ID], true
		}
	}
	return person{}, false
}

func (f *facts) isOn(slot schedule.SlotID, agent schedule.AgentID) bool {
	for _, a := range f.on[slot] {
		if a.Agent == agent {
			return true
		}
	}
	return false
}

// earlyTakeover is how long before its start a slot can be taken over.
const earlyTakeover = time.Hour

func (d *Desk) takeOver(ctx context.Context, f *facts, me person, id schedule.SlotID) (string, error) {
	slot, known := f.slots[id]
	switch {
	case !known || !f.isOn(id, me.id):
		return "", &Declined{"You are not on that slot (any more), so there is nothing to take over."}
	case !f.Now.Before(slot.End):
		return "", &Declined{f.slotName(slot) + " is over."}
	case f.Now.Before(slot.Start.Add(-earlyTakeover)):
		return "", &Declined{fmt.Sprintf("%s starts %s. Take it over then.", f.slotName(slot), inWords(slot.Start.Sub(f.Now)))}
	}
	if err := d.Office.Takeover(ctx, schedule.Takeover{Team: f.Team.ID, Slot: id, Agent: me.id, At: f.Now.UTC().Truncate(time.Second)}); err != nil {
		return "", err
	}
	d.refresh(ctx, f, slot.Start, func(m schedule.Message) bool { return m.Kind == Handoff && About(m).Equal(slot.Start) })
	return "You have " + oneLine(f.slotName(slot), nameLength) + ". Thank you!", nil
}

// refresh is a kindness: what cannot be brought up to date stays as it was said.
func (d *Desk) refresh(ctx context.Context, f *facts, about time.Time, choose func(schedule.Message) bool) {
	if d.Refresh != nil {
		_, _ = d.Refresh(ctx, f.Team.ID, about.AddDate(0, 0, -8), about.AddDate(0, 0, 8), choose)
	}
}

func (d *Desk) cannot(ctx context.Context, f *facts, me person, id schedule.SlotID, reason string) (string, error) {
	slot, known := f.slots[id]
	switch {
	case !known || !f.isOn(id, me.id):
		return "", &Declined{"You are not on that slot (any more)."}
	case !f.Now.Before(slot.End):
		return "", &Declined{f.slotName(slot) + " is over."}
	}
	could, err := d.Office.Candidates(ctx, f.Team.ID, id, me.id)
	if err != nil {
		return "", err
	}
	m, ok, err := NewAbsence(f.Situation, me.id, id, reason, could)
	if err != nil {
		return "", err
	}
	if !ok {
		return "", &Declined{"rota does not know how to reach your manager. Please tell them yourself: you are still on " + f.slotName(slot) + "."}
	}
	if _, err := d.Office.Enqueue(ctx, f.Now, m); err != nil {
		return "", err
	}
	return fmt.Sprintf("%s is being told that you cannot make %s, %s. You are on it until somebody else is.", f.manager().name,
		oneLine(f.slotName(slot), nameLength), period{Moment{slot.Start, me.loc}, Moment{slot.End, me.loc}}), nil
}

func (d *Desk) offer(ctx context.Context, f *facts, user string, id schedule.SlotID, instead schedule.AgentID) (string, error) {
	slot, known := f.slots[id]
	switch {
	case user != f.manager().slack:
		return "", &Declined{"Only the manager of " + oneLine(f.Team.Name, nameLength) + " can offer slots."}
	case !known || !f.Now.Before(slot.Start):
		return "", &Declined{"That slot is not ahead any more."}
	case instead != "" && !f.isOn(id, instead):
		return "", &Declined{f.person(instead).name + " is not on it any more."}
	}
	could, err := d.Office.Candidates(ctx, f.Team.ID, id, instead)
	if err != nil {
		return "", err
	}
	if len(could) == 0 {
		return "", &Declined{"Nobody could take it without breaking a rule."}
	}
	o := Offer{ID: strings.Trim(string(id)+"/"+string(instead), "/"), Slot: id, Instead: instead, Asked: could,
		Opened: f.Now.UTC().Truncate(time.Second), Expires: slot.Start.Add(-leastLate)}
	if !o.Opened.Before(o.Expires) {
		o.Expires = slot.Start
	}
	if err := d.Office.Offer(ctx, f.Team.ID, o, user); err != nil {
		return "", err
	}
	return fmt.Sprintf("%s is on offer to %s.", oneLine(f.slotName(slot), nameLength), count(len(could), "agent", "agents")), nil
}

func (d *Desk) claim(ctx context.Context, f *facts, me person, id string) (string, error) {
	for _, o := range f.Offers {
		if o.ID != id {
			continue
		}
		slot := f.slots[o.Slot]
		name := oneLine(f.slotName(slot), nameLength)
		asked := false
		for _, a := range o.Asked {
			asked = asked || a == me.id
		}
		switch {
		case o.ClaimedBy == me.id:
			return "You have " + name + " already. Thank you!", nil
		case !asked:
			return "", &Declined{"This offer is not for you."}
		case !o.Open(f.Now):
			why := f.endOf(o)
			if why == "" {
				why = "The offer is not open yet."
			}
			return "", &Declined{why}
		}
		if err := d.Office.Claim(ctx, f.Team.ID, id, me.id, f.Now); err != nil {
			return "", err
		}
		d.refresh(ctx, f, slot.Start, func(m schedule.Message) bool {
			step, _ := cutGeneration(m.Step)
			return m.Kind == Offered && step == id
		})
		return fmt.Sprintf("%s, %s, is yours. Thank you!", name, period{Moment{slot.Start, me.loc}, Moment{slot.End, me.loc}}), nil
	}
	return "", &Declined{"That offer is gone."}
}

func (d *Desk) mute(ctx context.Context, f *facts, me person) (string, error) {
	_, end := schedule.DayBounds(schedule.DateOf(f.Now, me.loc), me.loc)
	if err := d.Office.Mute(ctx, f.Team.ID, Mute{Agent: me.id, Until: end}); err != nil {
		return "", err
	}
	return "No more reminders until " + Moment{end, me.loc}.String() + ".", nil
}

// Usage is the answer to a command that is not understood.
const Usage = `/rota now: who is on
/rota next: who comes next
/rota mine: your shifts in the next two weeks
/rota off: no more reminders today
/rota note TEXT: a note for your next handoff`

// Command answers a slash command: its words, typed by a Slack user at an instant. As for Act, the answer is for that
// person alone.
func (d *Desk) Command(ctx context.Context, user, text string, at time.Time) (string, error) {
	verb, rest, _ := strings.Cut(strings.TrimSpace(text), " ")
	verb = strings.ToLower(verb)
	switch verb {
	case "now", "next", "mine", "off", "note":
	default:
		return Usage, nil
	}
	teams, err := d.Office.Teams(ctx)
	if err != nil {
		return "", err
	}
	var answers []string
	var declined *Declined
	for _, team := range teams {
		s, err := d.Office.Situation(ctx, team, at, at.AddDate(0, 0, -2), at.AddDate(0, 0, 15))
		if err != nil {
			return "", err
		}
		f, err := s.facts()
		if err != nil {
			return "", err
		}
		me, ok := f.agentOf(user)
		if !ok {
			if user != f.manager().slack || user == "" || verb != "now" && verb != "next" {
				continue
			}
			me = f.manager()
		}
		answer := ""
		switch verb {
		case "now":
			answer = f.sayNow(me)
		case "next":
			answer = f.sayNext(me)
		case "mine":
			answer = f.sayMine(me)
		case "off":
			answer, err = d.mute(ctx, f, me)
		case "note":
			answer, err = d.note(ctx, f, me, rest)
		}
		if errors.As(err, &declined) {
			continue
		}
		if err != nil {
			return "", err
		}
		answers = append(answers, answer)
	}
	switch {
	case len(answers) > 0:
		return strings.Join(answers, "\n\n"), nil
	case declined != nil:
		return "", declined
	}
	return "", &Declined{"You are in no team that rota knows."}
}

func (d *Desk) note(ctx context.Context, f *facts, me person, text string) (string, error) {
	if strings.TrimSpace(tidy(text)) == "" {
		return "", &Declined{"Write the note after the word note."}
	}
	slot, on := f.onNow(me)
	if !on {
		return "", &Declined{"You are not on now, so there is no handoff of yours to leave a note for."}
	}
	return d.keepNote(ctx, f, me, slot, text)
}

func (f *facts) names(slot schedule.SlotID) string {
	people := f.viewPeople(f.onAgents(slot))
	if len(people) == 0 {
		return "nobody"
	}
	return join(people, func(p Person) string { return p.Name })
}

func (f *facts) said(s schedule.Slot, me person) string {
	when, team := f.times(s.Start, s.End, me.loc)
	if team != "" {
		when += " (team: " + team + ")"
	}
	return oneLine(f.slotName(s), nameLength) + ", " + when
}

func (f *facts) heading(what string, me person) string {
	return fmt.Sprintf("%s, %s. Times: %s.", oneLine(f.Team.Name, nameLength), what, me.loc)
}

func (f *facts) sayNow(me person) string {
	lines := []string{f.heading("on now", me)}
	for _, s := range f.ordered {
		if s.Interval().Contains(f.Now) && f.staffed(s) {
			lines = append(lines, f.said(s, me)+": "+f.names(s.ID))
		}
	}
	if len(lines) == 1 {
		lines = append(lines, "Nobody is on.")
	}
	return strings.Join(lines, "\n")
}

func (f *facts) sayNext(me person) string {
	lines := []string{f.heading("next", me)}
	var first time.Time
	for _, s := range f.ordered {
		if !s.Start.After(f.Now) || !f.staffed(s) || !first.IsZero() && s.Start.After(first) {
			continue
		}
		first = s.Start
		lines = append(lines, f.said(s, me)+": "+f.names(s.ID))
	}
	if len(lines) == 1 {
		lines = append(lines, "Nothing is published for the next two weeks.")
	}
	return strings.Join(lines, "\n")
}

func (f *facts) sayMine(me person) string {
	lines := []string{f.heading("your shifts in the next two weeks", me)}
	for _, s := range f.ordered {
		if s.End.After(f.Now) && f.isOn(s.ID, me.id) && len(lines) <= mostLines {
			lines = append(lines, f.said(s, me))
		}
	}
	if len(lines) == 1 {
		lines = append(lines, "None is published.")
	}
	return strings.Join(lines, "\n")
}
