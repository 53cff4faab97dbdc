package plan

import (
	"context"
	"fmt"
	"slices"

	"rota/schedule"
	"rota/solver"
)

// Question asks what another decision about one assignment of a roster would cost.
type Question struct {
	Agent schedule.AgentID
	Slot  schedule.SlotID
	// Instead, when not empty, is an agent who is to take the slot in place of Agent.
	Instead schedule.AgentID
}

// Answer is the price of the other decision.
type Answer struct {
	// On says that the roster has the assignment, so that the question is what it costs to forbid it; otherwise what it
	// costs to force it.
	On bool
	// Now is the roster's cost.
	Now schedule.Cost
	// Barred lists hard facts that make the other decision impossible whatever else changes; empty if there are none.
	Barred []string
	// Direct is the cost when nothing else changes, open when that breaks a hard rule, and Broken are the findings
	// that say which.
	Direct schedule.Optional[schedule.Cost]
	Broken []schedule.Finding
	// Best is the cheapest roster found with the other decision; open if there is none. Bound is proved: no such roster
	// costs less.
	Best  schedule.Optional[schedule.Cost]
	Bound schedule.Cost
	// Roster is the one behind Best.
	Roster schedule.Roster
	Status schedule.SolveStatus
	// Before and After are the findings of the roster and of Best that the other does not have: what the change is
	// paid for, and what it brings.
	Before, After []schedule.Finding
}

// Why answers a question about a roster by deciding it otherwise and solving again, from that roster, within the limits
// of o. The error is about names that the period does not know, or is that of Solve.
func (c *Compiled) Why(ctx context.Context, roster schedule.Roster, q Question, o solver.Options) (Answer, error) {
	start, rest := c.Encode(roster)
	if len(rest) > 0 {
		return Answer{}, fmt.Errorf("the roster has %s on %s, which is not of this period or the second slot of a day", rest[0].Agent, rest[0].Slot)
	}
	s, dated := c.slot[q.Slot]
	if !dated || !c.own[s] {
		return Answer{}, fmt.Errorf("slot %s is not in the period %s to %s", q.Slot, c.Period.First, c.Period.Last)
	}
	find := func(id schedule.AgentID) (int, error) {
		p := slices.IndexFunc(c.who, func(w who) bool { return w.ID == id })
		if p < 0 {
			return 0, fmt.Errorf("agent %s is not in the period", id)
		}
		return p, nil
	}
	p, err := find(q.Agent)
	if err != nil {
		return Answer{}, err
	}
	d, duty := c.day[s], uint8(c.of[s])
	before := schedule.Audit(c.Period, roster)
	a := Answer{On: start[p][d] == duty, Now: before.Cost}
	m := *c.Model
	m.People = slices.Clone(m.People)
	direct := start.Clone()
	force := func(p int, on bool) {
		cells := slices.Clone(m.People[p].Cost[d])
		for i := range cells {
			if (i == int(duty)) != on {
				cells[i] = solver.Forbidden
			}
		}
		if on && cells[duty] == solver.Forbidden {
			a.Barred = append(a.Barred, c.barred(p, s)...)
		}
		if !slices.ContainsFunc(cells, func(k solver.Cost) bool { return k != solver.Forbidden }) && !on {
			a.Barred = append(a.Barred, fmt.Sprintf("%s is pinned to %s", c.who[p].ID, q.Slot))
		}
		days := slices.Clone(m.People[p].Cost)
		days[d] = cells
		m.People[p].Cost = days
		if on {
			direct[p][d] = duty
		} else if direct[p][d] == duty {
			direct[p][d] = 0
		}
	}
	force(p, !a.On)
	if q.Instead != "" {
		other, err := find(q.Instead)
		if err != nil {
			return Answer{}, err
		}
		if !a.On {
			return Answer{}, fmt.Errorf("%s is not on %s", q.Agent, q.Slot)
		}
		force(other, true)
	}
	changed := roster
	changed.Assignments = c.Assignments(direct)
	if report := schedule.Audit(c.Period, changed); report.Hard == 0 {
		a.Direct = schedule.Some(report.Cost)
	} else {
		for _, f := range report.Findings {
			if f.Hard {
				a.Broken = append(a.Broken, f)
			}
		}
	}
	if len(a.Barred) > 0 {
		a.Status = schedule.Infeasible
		return a, nil
	}
	with := *c
	with.Model = &m
	o.Start = direct
	best, res, err := with.Solve(ctx, Options{Solver: o, From: &roster})
	if err != nil {
		return a, err
	}
	a.Status, a.Bound = best.Status, schedule.Cost(res.Bound)
	if res.Roster == nil {
		return a, nil
	}
	a.Best, a.Roster = schedule.Some(best.Cost), best
	after := schedule.Audit(c.Period, best)
	a.Before, a.After = without(before.Findings, after.Findings), without(after.Findings, before.Findings)
	return a, nil
}

// barred says why a cell is not allowed.
func (c *Compiled) barred(p, s int) []string {
	w, slot := &c.who[p], c.slots[s]
	var why []string
	say := func(format string, args ...any) { why = append(why, fmt.Sprintf(format, args...)) }
	switch {
	case slot.Day.Before(w.From) || !w.To.IsZero() && slot.Day.After(w.To):
		say("%s is not employed on %s", w.ID, slot.Day)
	case len(w.contract.Shifts) > 0 && !slices.Contains(w.contract.Shifts, slot.Shift):
		say("the contract of %s does not allow %s", w.ID, slot.Shift)
	case w.reach[s].barred:
		say("%s is not available on %s", w.ID, slot.ID)
	case w.reach[s].occupied:
		say("%s works elsewhere during %s", w.ID, slot.ID)
	default:
		say("a pin or a hard rule keeps %s off %s", w.ID, slot.ID)
	}
	return why
}

// without is the findings of one list that the other does not have.
func without(list, other []schedule.Finding) []schedule.Finding {
	key := func(f schedule.Finding) string {
		return fmt.Sprint(f.Rule, f.ID, f.Agents, f.Slots, f.Days, f.Amount, f.Hard)
	}
	seen := map[string]int{}
	for _, f := range other {
		seen[key(f)]++
	}
	var only []schedule.Finding
	for _, f := range list {
		if k := key(f); seen[k] > 0 {
			seen[k]--
			continue
		}
		only = append(only, f)
	}
	return only
}
