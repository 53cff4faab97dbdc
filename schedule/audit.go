package schedule

import (
	"cmp"
	"slices"
)

// Report is the judgement of one roster.
type Report struct {
	// Findings are every broken rule and missing cover, in the order of the catalogue, then of the team's rules, agents
	// and slots.
	Findings []Finding
	// Rules is the sum of the findings for each rule in force, those that are kept too, in the same order.
	Rules []RuleCost
	// Cost is the price of all weighted findings. It is the roster's cost only when Hard is 0.
	Cost Cost
	// Hard is the number of findings that make the roster illegal.
	Hard int
	// Slots and Intervals are the cover of the period's demand, by start.
	Slots     []SlotCover
	Intervals []IntervalCover
	// Agents are the period's agents in their order, those without work too.
	Agents []AgentWork
	// Fairness has an entry for each fair-share rule in force.
	Fairness []Fairness
}

// RuleCost is what the findings of one use of a rule add up to.
type RuleCost struct {
	Rule RuleName
	ID   RuleID
	// Findings counts them, Hard those that are hard; Amount adds their amounts in Unit.
	Findings, Hard, Amount int
	Unit                   Unit
	Cost                   Cost
}

// SlotCover is who is on a slot and what that leaves open.
type SlotCover struct {
	Slot   SlotID
	Agents []AgentID // ascending
	// Min, Target and Max are the demand; Planned the number of agents.
	Planned, Min int
	Target, Max  Optional[int]
	// Languages and Skills are the needs that are not met.
	Languages []Shortage
	Skills    []Shortage
}

// Short is the number of agents missing to the minimum.
func (c SlotCover) Short() int { return max(c.Min-c.Planned, 0) }

// IntervalCover is how many agents serve a piece of an interval demand.
type IntervalCover struct {
	Interval     Interval
	Day          Date
	Planned, Min int
	Target, Max  Optional[int]
	Languages    []Shortage
	Skills       []Shortage
}

// Shortage is agents missing at a level or above. What is a language or a skill, Level its level as text.
type Shortage struct {
	What, Level   string
	Have, Missing int
}

// AgentWork is what a roster gives an agent in the period.
type AgentWork struct {
	Agent AgentID
	Slots int
	// Paid is the paid time of these slots and Elsewhere that of busy working time in the period.
	Paid, Elsewhere Minutes
	// Nights counts slots with the tag night, Weekends the team's weekends that a slot of the period touches.
	Nights, Weekends int
	// Burden is on the agent's own clock, Points its points of all kinds, rounded slot by slot.
	Burden Burden
	Points Points
}

// Fairness compares the burden of the agents in a fair-share rule's scope with their targets.
type Fairness struct {
	ID     RuleID
	Kinds  []BurdenKind
	Shares []Share // in the order of the period's agents
	// Spread is the distance between the largest and the smallest of Points - Target; 0 is as even as can be.
	Spread Points
}

// Share is one agent's points of the rule's kinds, and the frozen target.
type Share struct {
	Agent          AgentID
	Points, Target Points
}

// Audit judges any roster of the period, also one written by hand, by the text of the rules over real instants. It
// never fails: assignments that make no sense are findings. It knows nothing of how rosters are found, so that a
// solver's cost can be checked against it. The roster's own Slots, Cost and State are not looked at.
//
// A period whose zones or recurrences cannot be read gives a hard finding for each. To judge many rosters of one period
// make an Auditor.
func Audit(p *Period, r Roster) Report { return NewAuditor(p).Audit(r) }

// Audit is as the function of that name.
func (x *Auditor) Audit(r Roster) Report {
	b := x.board(r)
	var found []located
	found = append(found, x.broken...)
	found = append(found, b.bad...)
	var report Report
	works := make([]*labour, len(x.agents))
	for i := range x.agents {
		w := x.labour(i, b.of[i])
		works[i] = w
		found = append(found, w.judge()...)
		report.Agents = append(report.Agents, w.summary())
	}
	for s := range x.period {
		found = append(found, x.judgeSlot(s, b.on[s])...)
		report.Slots = append(report.Slots, x.slotCover(s, b.on[s]))
	}
	for k := range x.p.Intervals {
		on := x.serving(k, b)
		found = append(found, x.judgeInterval(k, on)...)
		report.Intervals = append(report.Intervals, x.intervalCover(k, on))
	}
	slices.SortStableFunc(found, func(a, b located) int { return cmp.Compare(a.use, b.use) })
	report.Rules = make([]RuleCost, len(x.uses))
	for i, u := range x.uses {
		report.Rules[i] = RuleCost{Rule: u.rule.Name, ID: u.rule.ID, Unit: u.def.Unit}
	}
	for _, f := range found {
		report.Findings = append(report.Findings, f.Finding)
		line := &report.Rules[f.use]
		line.Findings++
		line.Amount += f.Amount
		line.Cost += f.Cost
		report.Cost += f.Cost
		if f.Hard {
			line.Hard++
			report.Hard++
		}
	}
	for _, u := range x.uses {
		if u.rule.Name == FairShareRule {
			report.Fairness = append(report.Fairness, x.fairness(u, works))
		}
	}
	return report
}

// board is a roster by agents and by slots.
type board struct {
	of  [][]int // period slots of each agent, ascending, so by start
	on  [][]int // agents of each period slot, ascending
	bad []located
}

// board sorts the assignments out; those that make no sense become findings.
func (x *Auditor) board(r Roster) *board {
	b := &board{of: make([][]int, len(x.agents)), on: make([][]int, len(x.period))}
	type pair struct{ agent, slot int }
	seen := make(map[pair]bool, len(r.Assignments))
	for _, as := range r.Assignments {
		agent, known := x.agentAt[as.Agent]
		slot, dated := x.slotAt[as.Slot]
		what := ""
		switch {
		case !known && !dated:
			what = "neither the agent nor the slot is known"
		case !known:
			what = "no agent of the team has this id"
		case !dated:
			what = "there is no such slot"
		case slot >= len(x.period):
			what = "the slot is outside the period"
		case seen[pair{agent, slot}]:
			what = "the assignment is there twice"
		}
		if what != "" {
			u := x.implicit[WellFormedRule]
			b.bad = append(b.bad, u.finding(1, true, 0, []AgentID{as.Agent}, []SlotID{as.Slot}, nil,
				"%s on %s: %s.", as.Agent, as.Slot, what))
			continue
		}
		seen[pair{agent, slot}] = true
		b.of[agent] = append(b.of[agent], slot)
		b.on[slot] = append(b.on[slot], agent)
	}
	for _, own := range b.of {
		slices.Sort(own)
	}
	for _, on := range b.on {
		slices.Sort(on)
	}
	return b
}

// fairness sums up one fair-share rule.
func (x *Auditor) fairness(u *use, works []*labour) Fairness {
	f := Fairness{ID: u.rule.ID, Kinds: u.kinds}
	var least, most Points
	for i, w := range works {
		if !u.scope[i] {
			continue
		}
		s := Share{Agent: x.agents[i].ID, Points: w.points(u.kinds), Target: u.targets[x.agents[i].ID]}
		if d := s.Points - s.Target; len(f.Shares) == 0 {
			least, most = d, d
		} else {
			least, most = min(least, d), max(most, d)
		}
		f.Shares = append(f.Shares, s)
	}
	f.Spread = most - least
	return f
}
