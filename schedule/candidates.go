package schedule

import (
	"cmp"
	"fmt"
	"slices"
)

// Delta is what a change of a roster does to its judgement.
type Delta struct {
	// Gained are the findings that the change brings and Lost those it takes away, as in Report.Findings. A finding whose
	// amount changes is in both, as it was and as it is.
	Gained, Lost []Finding
	// Cost is the change of the price of the weighted findings, and Hard of the number of hard ones.
	Cost Cost
	Hard int
}

// Breaks lists the gained hard findings that are new, or worse than one of the same rule that goes.
func (d Delta) Breaks() []Finding {
	var broken []Finding
	for _, g := range d.Gained {
		worse := g.Hard && !slices.ContainsFunc(d.Lost, func(l Finding) bool {
			return l.Hard && l.Rule == g.Rule && l.ID == g.ID && slices.Equal(l.Agents, g.Agents) && l.Amount >= g.Amount
		})
		if worse {
			broken = append(broken, g)
		}
	}
	return broken
}

// Legal reports whether the change breaks no hard rule that was kept before.
func (d Delta) Legal() bool { return len(d.Breaks()) == 0 }

// compare makes a Delta of the findings before and after.
func compare(before, after []located) Delta {
	var d Delta
	type key struct {
		use, amount int
		cost        Cost
		hard        bool
		slots, days int
		slot        SlotID
		day         Date
		sentence    string // says the rest
	}
	keyOf := func(f located) key {
		k := key{use: f.use, amount: f.Amount, cost: f.Cost, hard: f.Hard, slots: len(f.Slots), days: len(f.Days), sentence: f.Sentence}
		if len(f.Slots) > 0 {
			k.slot = f.Slots[0]
		}
		if len(f.Days) > 0 {
			k.day = f.Days[0]
		}
		return k
	}
	left := make(map[key]int, len(before))
	for _, f := range before {
		left[keyOf(f)]++
		d.Cost -= f.Cost
		if f.Hard {
			d.Hard--
		}
	}
	slices.SortStableFunc(after, func(a, b located) int { return cmp.Compare(a.use, b.use) })
	for _, f := range after {
		d.Cost += f.Cost
		if f.Hard {
			d.Hard++
		}
		if k := keyOf(f); left[k] > 0 {
			left[k]--
		} else {
			d.Gained = append(d.Gained, f.Finding)
		}
	}
	slices.SortStableFunc(before, func(a, b located) int { return cmp.Compare(a.use, b.use) })
	for _, f := range before {
		if k := keyOf(f); left[k] > 0 {
			left[k]--
			d.Lost = append(d.Lost, f.Finding)
		}
	}
	return d
}

// Candidate is an agent who could take a slot, or the reason why not.
type Candidate struct {
	Agent AgentID
	// Legal says that taking the slot breaks no hard rule that is kept without it.
	Legal bool
	// Delta is what it does to the roster.
	Delta Delta
	// Reason says in one sentence what speaks against: the first hard rule that breaks, or else the dearest finding that
	// it brings; empty when nothing does.
	Reason string
}

// Candidates lists the agents of the period who are not on the slot, those who could legally take it first: by the
// change of cost, then in the order of the period's agents. Those who cannot follow, fewest broken rules first. It is
// empty for a slot that is not the period's. To see who could take over from somebody, take the slot away first (see
// Unassign).
func Candidates(p *Period, r Roster, slot SlotID) []Candidate {
	return NewAuditor(p).Candidates(r, slot)
}

// Candidates is as the function of that name. It judges each agent and what the slot touches, not the whole roster.
func (x *Auditor) Candidates(r Roster, slot SlotID) []Candidate {
	s, ok := x.slotAt[slot]
	if !ok || s >= len(x.period) {
		return nil
	}
	b := x.board(r)
	var list []Candidate
	for i := range x.agents {
		if slices.Contains(b.on[s], i) {
			continue
		}
		before := x.near(b, i, s)
		b.put(i, s)
		after := x.near(b, i, s)
		b.drop(i, s)
		c := Candidate{Agent: x.agents[i].ID, Delta: compare(before, after)}
		broken := c.Delta.Breaks()
		if c.Legal = len(broken) == 0; c.Legal {
			worst := Cost(0)
			for _, f := range c.Delta.Gained {
				if f.Cost > worst {
					worst, c.Reason = f.Cost, f.Sentence
				}
			}
		} else {
			c.Reason = broken[0].Sentence
		}
		list = append(list, c)
	}
	slices.SortStableFunc(list, func(a, b Candidate) int {
		if a.Legal != b.Legal {
			if a.Legal {
				return -1
			}
			return 1
		}
		return cmp.Or(cmp.Compare(len(a.Delta.Breaks()), len(b.Delta.Breaks())), cmp.Compare(a.Delta.Cost, b.Delta.Cost))
	})
	return list
}

// near is the findings that an assignment of the agent to the slot can change.
func (x *Auditor) near(b *board, agent, slot int) []located {
	found := x.labour(agent, b.of[agent]).judge()
	found = append(found, x.judgeSlot(slot, b.on[slot])...)
	for k := range x.p.Intervals {
		if x.slots[slot].Interval().Covers(x.p.Intervals[k].Interval) {
			found = append(found, x.judgeInterval(k, x.serving(k, b))...)
		}
	}
	return found
}

func (b *board) put(agent, slot int) {
	i, _ := slices.BinarySearch(b.of[agent], slot)
	b.of[agent] = slices.Insert(b.of[agent], i, slot)
	i, _ = slices.BinarySearch(b.on[slot], agent)
	b.on[slot] = slices.Insert(b.on[slot], i, agent)
}

func (b *board) drop(agent, slot int) {
	i, _ := slices.BinarySearch(b.of[agent], slot)
	b.of[agent] = slices.Delete(b.of[agent], i, i+1)
	i, _ = slices.BinarySearch(b.on[slot], agent)
	b.on[slot] = slices.Delete(b.on[slot], i, i+1)
}

// Assign gives the slot to the agent. The error says that the agent, the slot or the change makes no sense; whether it is
// legal is in the Delta. The roster returned is a copy with the audit's cost and without what a solver proved about the
// one before but its bound, which holds for every roster of the period.
func Assign(p *Period, r Roster, agent AgentID, slot SlotID, source Source) (Roster, Delta, error) {
	if r.Has(slot, agent) {
		return r, Delta{}, fmt.Errorf("%s is on %s already", agent, slot)
	}
	return change(p, r, nil, []Assignment{{Slot: slot, Agent: agent, Source: source}})
}

// Unassign takes the slot from the agent. Result and error are as of Assign.
func Unassign(p *Period, r Roster, agent AgentID, slot SlotID) (Roster, Delta, error) {
	return change(p, r, []Assignment{{Slot: slot, Agent: agent}}, nil)
}

// Swap gives each of two agents the slot of the other. Result and error are as of Assign.
func Swap(p *Period, r Roster, a AgentID, slotOfA SlotID, b AgentID, slotOfB SlotID, source Source) (Roster, Delta, error) {
	for _, as := range []Assignment{{Slot: slotOfB, Agent: a}, {Slot: slotOfA, Agent: b}} {
		if r.Has(as.Slot, as.Agent) {
			return r, Delta{}, fmt.Errorf("%s is on %s already", as.Agent, as.Slot)
		}
	}
	return change(p, r, []Assignment{{Slot: slotOfA, Agent: a}, {Slot: slotOfB, Agent: b}},
		[]Assignment{{Slot: slotOfB, Agent: a, Source: source}, {Slot: slotOfA, Agent: b, Source: source}})
}

// change drops and adds assignments.
func change(p *Period, r Roster, drop, add []Assignment) (Roster, Delta, error) {
	x := NewAuditor(p)
	next := r
	next.Assignments = slices.Clone(r.Assignments)
	for _, as := range add {
		if err := x.known(as); err != nil {
			return r, Delta{}, err
		}
	}
	for _, as := range drop { // also what makes no sense can be taken away
		n := len(next.Assignments)
		next.Assignments = slices.DeleteFunc(next.Assignments, func(o Assignment) bool { return o.Slot == as.Slot && o.Agent == as.Agent })
		if len(next.Assignments) < n {
			continue
		}
		if err := x.known(as); err != nil {
			return r, Delta{}, err
		}
		return r, Delta{}, fmt.Errorf("%s is not on %s", as.Agent, as.Slot)
	}
	next.Assignments = append(next.Assignments, add...)
	SortAssignments(next.Assignments)
	before, after := x.findings(r), x.findings(next)
	next.Status, next.Seed, next.Work, next.Cost = NotSolved, 0, 0, 0
	for _, f := range after {
		next.Cost += f.Cost
	}
	return next, compare(before, after), nil
}

// known says what is wrong with an assignment that a change names.
func (x *Auditor) known(as Assignment) error {
	if _, ok := x.agentAt[as.Agent]; !ok {
		var ids []AgentID
		for _, a := range x.agents {
			ids = append(ids, a.ID)
		}
		return unknown("agent", string(as.Agent), ids)
	}
	if s, ok := x.slotAt[as.Slot]; !ok {
		var ids []SlotID
		for _, s := range x.period {
			ids = append(ids, s.ID)
		}
		return unknown("slot", string(as.Slot), ids)
	} else if s >= len(x.period) {
		return fmt.Errorf("slot %s is outside the period", as.Slot)
	}
	return nil
}

// findings lists all that Audit finds, in no particular order.
func (x *Auditor) findings(r Roster) []located {
	b := x.board(r)
	found := slices.Concat(x.broken, b.bad)
	for i := range x.agents {
		found = append(found, x.labour(i, b.of[i]).judge()...)
	}
	for s := range x.period {
		found = append(found, x.judgeSlot(s, b.on[s])...)
	}
	for k := range x.p.Intervals {
		found = append(found, x.judgeInterval(k, x.serving(k, b))...)
	}
	return found
}
