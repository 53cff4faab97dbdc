package notify

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"rota/schedule"
)

// Publish is what goes into and out of the outbox together with a roster: the messages of the whole situation, and a
// change message for each agent whose future shifts differ from what they were last told. s is the situation that next
// makes, previous what people went by on its days until now (nil for nothing) and waiting the team's messages that are
// not sent yet; others may be among them. A change message that is still waiting is taken back, and the new one starts
// from what the agent knew before it.
func Publish(s *Situation, previous *schedule.Roster, next schedule.Roster, waiting []schedule.Message) (Update, error) {
	f, err := s.facts()
	if err != nil {
		return Update{}, err
	}
	until := s.To
	if until.IsZero() {
		until = s.Now.AddDate(1, 0, 0)
	}
	up, err := f.sync(waiting, until)
	if err != nil || slices.Contains(f.settings.Skip, Changed) {
		return up, err
	}
	p := planner{facts: f, silences: up.Silences}
	withdrawn := p.changes(previous, next, waiting)
	out, err := f.outlook(p.list, p.silences, until.AddDate(1, 0, 0))
	if err != nil {
		return Update{}, err
	}
	up.Silences, up.Withdraw = out.Silences, append(up.Withdraw, withdrawn...)
	up.Enqueue = append(up.Enqueue, out.Messages...)
	slices.SortStableFunc(up.Enqueue, func(a, b Planned) int { return compareMessages(a.Message, b.Message) })
	return up, nil
}

// changes adds an intent for each agent with a difference, and gives the waiting change messages that it replaces.
func (p *planner) changes(previous *schedule.Roster, next schedule.Roster, waiting []schedule.Message) []Withdrawal {
	within := func(s schedule.Slot) bool {
		return s.Start.After(p.Now) && !s.Day.Before(next.First) && !s.Day.After(next.Last)
	}
	shifts := func(r schedule.Roster) map[schedule.AgentID]map[schedule.SlotID]told {
		slots := map[schedule.SlotID]schedule.Slot{}
		for _, s := range r.Slots {
			slots[s.ID] = s
		}
		all := map[schedule.AgentID]map[schedule.SlotID]told{}
		for _, a := range r.Assignments {
			s, known := slots[a.Slot]
			if !known {
				s, known = p.slots[a.Slot]
			}
			if !known || !within(s) {
				continue
			}
			if all[a.Agent] == nil {
				all[a.Agent] = map[schedule.SlotID]told{}
			}
			all[a.Agent][a.Slot] = told{Slot: a.Slot, Start: s.Start.UTC(), End: s.End.UTC()}
		}
		return all
	}
	after := shifts(next)
	before := map[schedule.AgentID]map[schedule.SlotID]told{}
	if previous != nil {
		before = shifts(*previous)
	}
	var replaced []Withdrawal
	first := map[schedule.AgentID]bool{}
	// A waiting message was never read: the agent knows what was true before it. Newer ones first, so that the oldest
	// says last what the agent knows.
	old := slices.Clone(waiting)
	slices.SortFunc(old, func(a, b schedule.Message) int { return cmp.Compare(b.ID, a.ID) })
	for _, m := range old {
		if m.Kind != Changed || m.Team != p.Team.ID || !isWaiting(m.State) {
			continue
		}
		b, err := readBody(m)
		if err != nil {
			continue
		}
		replaced = append(replaced, Withdrawal{ID: m.ID, Why: fmt.Sprintf("version %d says it anew", next.Version)})
		first[m.Agent] = b.First
		if before[m.Agent] == nil {
			before[m.Agent] = map[schedule.SlotID]told{}
		}
		for _, t := range b.After {
			delete(before[m.Agent], t.Slot)
		}
		for _, t := range b.Before {
			if t.Start.After(p.Now) {
				before[m.Agent][t.Slot] = t
			}
		}
	}
	agents := map[schedule.AgentID]bool{}
	for id := range before {
		agents[id] = true
	}
	for id := range after {
		agents[id] = true
	}
	var ids []schedule.AgentID
	for id := range agents {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		b := body{First: first[id] || previous == nil, Reason: next.Reason}
		for slot, was := range before[id] {
			if is, stays := after[id][slot]; !stays || !same(is, was) {
				b.Before = append(b.Before, was)
			}
		}
		for slot, is := range after[id] {
			if was, had := before[id][slot]; !had || !same(is, was) {
				b.After = append(b.After, is)
			}
		}
		if len(b.Before)+len(b.After) == 0 {
			continue
		}
		sortTold(b.Before)
		sortTold(b.After)
		p.change(id, next.Version, b)
	}
	return replaced
}

func same(a, b told) bool { return a.Slot == b.Slot && a.Start.Equal(b.Start) && a.End.Equal(b.End) }

func sortTold(list []told) {
	slices.SortFunc(list, func(a, b told) int { return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.Slot, b.Slot)) })
}

func (p *planner) change(id schedule.AgentID, version schedule.Version, b body) {
	to := p.person(id)
	all := append(slices.Clone(b.Before), b.After...)
	sortTold(all)
	soonest, last := all[0].Start, all[len(all)-1].Start
	due, moved := outside(p.Now, soonest.Add(-2*time.Hour), to.quiet, to.loc)
	if due.Before(p.Now) {
		// What changes before the night is over is said at once.
		due, moved = p.Now, ""
	}
	why := fmt.Sprintf("version %d changes %s of %s", version, count(len(changeLines(b)), "shift", "shifts"), to.name)
	if moved != "" {
		why += "; " + moved
	}
	p.add(Changed, to, p.changeIntent(schedule.Message{MessageKey: schedule.MessageKey{Version: version}, Agent: id, Due: due, Expires: last}, to, b, why))
}

func (f *facts) changeIntent(m schedule.Message, to person, b body, why string) intent {
	at := b.At
	for _, t := range append(slices.Clone(b.Before), b.After...) {
		if at.IsZero() || t.Start.Before(at) {
			at = t.Start
		}
	}
	return intent{Message: m, to: to.name, why: why, at: at, body: b, view: func(at time.Time) View { return f.changeView(b, to, at) }}
}

// line is one difference: a shift that is new, gone, or has taken the place of another.
type line struct {
	what          string
	before, after told
}

// changeLines pairs what is gone with what is new: the same slot at other times, or another slot that starts within
// twelve hours, has moved.
func changeLines(b body) []line {
	var lines []line
	used := make([]bool, len(b.After))
	pair := func(was told, fits func(told) bool) bool {
		for i, is := range b.After {
			if !used[i] && fits(is) {
				used[i] = true
				lines = append(lines, line{"moved", was, is})
				return true
			}
		}
		return false
	}
	var left []told
	for _, was := range b.Before {
		if !pair(was, func(is told) bool { return is.Slot == was.Slot }) {
			left = append(left, was)
		}
	}
	for _, was := range left {
		if !pair(was, func(is told) bool { return is.Start.Sub(was.Start).Abs() < 12*time.Hour && is.Slot != was.Slot }) {
			lines = append(lines, line{what: "gone", before: was})
		}
	}
	for i, is := range b.After {
		if !used[i] {
			lines = append(lines, line{what: "new", after: is})
		}
	}
	start := func(l line) time.Time {
		if l.what == "new" {
			return l.after.Start
		}
		return l.before.Start
	}
	slices.SortStableFunc(lines, func(a, b line) int { return start(a).Compare(start(b)) })
	return lines
}

func (f *facts) changeView(b body, to person, at time.Time) View {
	v := View{Zone: to.loc.String(), At: Moment{at, to.loc}, First: b.First && len(b.Before) == 0, Reason: oneLine(b.Reason, noteLength)}
	text := func(t told) (string, string) {
		when, team := f.times(t.Start, t.End, to.loc)
		name := string(t.Slot.Shift())
		if s, ok := f.shifts[t.Slot.Shift()]; ok && s.Name != "" {
			name = s.Name
		}
		return oneLine(name, nameLength) + ", " + when, team
	}
	for _, l := range changeLines(b) {
		// What has begun by the time it is said is no news.
		if !l.before.Start.After(at) && !l.after.Start.After(at) {
			continue
		}
		c := ChangeView{What: l.what}
		switch l.what {
		case "gone":
			c.Before, c.Team = text(l.before)
		case "new":
			c.After, c.Team = text(l.after)
		default:
			c.Before, _ = text(l.before)
			c.After, c.Team = text(l.after)
		}
		if len(v.Changes) == mostLines {
			v.More++
			continue
		}
		v.Changes = append(v.Changes, c)
	}
	return v
}
