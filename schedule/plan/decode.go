package plan

import (
	"slices"

	"rota/schedule"
	"rota/solver"
	"rota/solver/model"
)

// Decode is the roster that a result of solving c.Model holds: a draft whose cost and bound are those of the model and
// therefore those of the audit. Pinned assignments have the source pin, those that from already has keep its source
// and UID, all others come from the solver; from may be nil. A result without a roster gives one without assignments,
// whose Status says why.
func (c *Compiled) Decode(res solver.Result, from *schedule.Roster) schedule.Roster {
	p := c.Period
	r := schedule.Roster{
		Team: p.Team.ID, First: p.First, Last: p.Last, State: schedule.Draft, Slots: slices.Clone(p.Slots),
		Status: schedule.SolveStatus(res.Status.String()), Seed: int64(res.Seed), Work: res.Work, CreatedAt: p.Now,
	}
	if res.Roster == nil {
		return r
	}
	r.Assignments = c.Assignments(res.Roster)
	r.Cost = c.Constant + schedule.Cost(res.Cost)
	r.Bound = schedule.Some(max(c.Constant+schedule.Cost(res.Bound), 0))
	if from == nil {
		return r
	}
	known := make(map[[2]string]schedule.Assignment, len(from.Assignments))
	for _, a := range from.Assignments {
		known[[2]string{string(a.Slot), string(a.Agent)}] = a
	}
	for i, a := range r.Assignments {
		if old, kept := known[[2]string{string(a.Slot), string(a.Agent)}]; kept && a.Source == schedule.BySolver {
			r.Assignments[i].Source, r.Assignments[i].UID = old.Source, old.UID
		} else if kept {
			r.Assignments[i].UID = old.UID
		}
	}
	return r
}

// Assignments are those of the period in a roster of c.Model, in the order of a saved roster.
func (c *Compiled) Assignments(r solver.Roster) []schedule.Assignment {
	var list []schedule.Assignment
	for p, row := range r {
		for d := c.first; d <= c.last; d++ {
			if row[d] == 0 {
				continue
			}
			s := c.duties[d][row[d]].slots[0]
			a := schedule.Assignment{Slot: c.slots[s].ID, Agent: c.who[p].ID, Source: schedule.BySolver}
			if c.forced[[2]int{p, s}] {
				a.Source = schedule.ByPin
			}
			list = append(list, a)
		}
	}
	schedule.SortAssignments(list)
	return list
}

// Encode is a roster in the terms of c.Model, as a start for solving or to be priced with Price. What the model cannot
// hold comes back as rest, in the order given: assignments of agents or slots that the period does not have, and the
// second of two on one roster day. Assignments that are not allowed are kept. What is known around the period is that
// of the period, whatever the roster says about it.
func (c *Compiled) Encode(r schedule.Roster) (start solver.Roster, rest []schedule.Assignment) {
	start = make(solver.Roster, len(c.who))
	place := make(map[schedule.AgentID]int, len(c.who))
	for p := range c.who {
		start[p] = slices.Clone(c.fixed[p])
		place[c.who[p].ID] = p
	}
	for _, a := range r.Assignments {
		p, known := place[a.Agent]
		s, dated := c.slot[a.Slot]
		if !known || !dated || !c.own[s] || start[p][c.day[s]] != 0 {
			rest = append(rest, a)
			continue
		}
		start[p][c.day[s]] = uint8(c.of[s])
	}
	return start, rest
}

// Price is what the model says about a roster: its cost, and whether it keeps every hard rule. It agrees with
// schedule.Audit about every roster that does.
func (c *Compiled) Price(r solver.Roster) (schedule.Cost, bool) {
	v := model.Check(c.Model, r)
	return c.Constant + schedule.Cost(v.Cost), v.Feasible()
}
