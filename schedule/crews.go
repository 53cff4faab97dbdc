package schedule

import (
	"fmt"
	"slices"
)

// maxTrials bounds how many ways to fill crews ChooseCrews audits.
const maxTrials = 3000

// ChooseCrews puts agents into so many crews of a rotation, the same number in each but for the last ones, so that the
// pattern laid out over the period breaks as few hard rules, leaves as few slots out and costs as little as exchanging
// people can make it: leave, contracts, languages, rests and fair shares are those of the audit. It begins with people dealt
// out in their order and takes the first exchange of two that helps, until none does; the same input gives the same crews.
// The rotation need not be the period's, and no other rotation is looked at. The error is a rotation that cannot be laid out,
// or fewer agents than crews.
func ChooseCrews(p *Period, r Rotation, agents []AgentID, crews int) (Rotation, error) {
	agents = slices.Clone(agents)
	slices.Sort(agents)
	agents = slices.Compact(agents)
	if crews < 1 || len(agents) < crews {
		return r, fmt.Errorf("%s are too few for %s", plural(len(agents), "agent", "agents"), plural(crews, "crew", "crews"))
	}
	own := *p
	type price struct {
		hard, left int
		cost       Cost
	}
	better := func(a, b price) bool {
		switch {
		case a.hard != b.hard:
			return a.hard < b.hard
		case a.left != b.left:
			return a.left < b.left
		}
		return a.cost < b.cost
	}
	r.Crews = make([]Crew, crews)
	at := make([]int, len(agents)) // the crew of each agent
	for i := range agents {
		at[i] = i % crews
	}
	fill := func() Rotation {
		out := r
		out.Crews = slices.Clone(r.Crews)
		for k := range out.Crews {
			out.Crews[k].Agents = nil
		}
		for i, id := range agents {
			out.Crews[at[i]].Agents = append(out.Crews[at[i]].Agents, id)
		}
		return out
	}
	own.Rotations = []Rotation{fill()}
	auditor := NewAuditor(&own)
	judge := func() (price, error) {
		own.Rotations = []Rotation{fill()}
		roster, bends, err := LayOut(&own)
		if err != nil {
			return price{}, err
		}
		report := auditor.Audit(roster)
		// The auditor knows the rotation as it was at first; how the roster keeps to it is no matter here.
		for _, c := range report.Rules {
			if c.Rule == PatternRule {
				report.Cost -= c.Cost
			}
		}
		return price{report.Hard, len(bends), report.Cost}, nil
	}
	best, err := judge()
	if err != nil {
		return r, err
	}
	trials := 1
	for improved := true; improved && trials < maxTrials; {
		improved = false
		for i := range agents {
			for k := range i {
				if at[i] == at[k] || trials >= maxTrials {
					continue
				}
				at[i], at[k] = at[k], at[i]
				trials++
				now, err := judge()
				if err != nil {
					return r, err
				}
				if better(now, best) {
					best, improved = now, true
				} else {
					at[i], at[k] = at[k], at[i]
				}
			}
		}
	}
	return fill(), nil
}
