package schedule

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"
)

// fairKinds is what a fair-share rule shares when it does not say.
var fairKinds = []BurdenKind{NightBurden, WeekendBurden, HolidayBurden}

// FairKinds reads the kinds of burden from the parameter "of" of a fair-share rule: night, weekend and holiday unless
// given.
func FairKinds(r Rule) ([]BurdenKind, error) {
	words := r.Params.Words("of")
	if len(words) == 0 {
		return slices.Clone(fairKinds), nil
	}
	kinds := make([]BurdenKind, len(words))
	for i, w := range words {
		k, err := ParseBurdenKind(w)
		if err != nil {
			return nil, err
		}
		kinds[i] = k
	}
	return kinds, nil
}

// FairTargets is the fair share of each agent in the rule's scope, in burden points, frozen before solving:
//
//   - Each slot brings the points that nobody can avoid: those of the agent in scope whom it burdens least among all
//     who may work it, times the agents it needs (its target, or its minimum). So a team spread around the world is
//     not told to share nights that somebody can work by day.
//   - These points are divided over everybody in scope who may work the slot, in proportion to the hours they owe in
//     the period (contract target, pro rata to days of employment without leave), so that people whose contract has
//     only weekend shifts share the weekends and nobody is measured by work they cannot do.
//   - What an agent did beyond the fair share before, as the ledger remembers it, is taken off, and what is owed added.
//
// Shares are rounded by largest remainders, earlier agents first, so that they add up. Agents who owe no hours have a
// share of what they may work of 0, less what they did before, but never below 0.
func FairTargets(p *Period, r Rule) (map[AgentID]Points, error) {
	kinds, err := FairKinds(r)
	if err != nil {
		return nil, err
	}
	f, err := newFairness(p, r.Scope)
	if err != nil {
		return nil, err
	}
	exact := make([]int, len(f.agents)) // hundredths of weighted minutes
	for _, s := range p.Slots {
		places := max(s.Demand.Target.Or(0), s.Demand.Min)
		if places == 0 {
			continue
		}
		able := f.able(s)
		least := -1
		for _, i := range able {
			n := int(BurdenOf(p.Team, s, f.locs[i], f.holidays[i], false).Points(p.Team.Burden, kinds...)) * fullPoint
			if least < 0 || n < least {
				least = n
			}
		}
		if least > 0 {
			f.divide(places*least, able, func(i, part int) { exact[i] += part })
		}
	}
	total := 0
	for i, a := range f.agents {
		exact[i] = max(exact[i]-balance(p.Team, p.Ledger, a.ID, p.First, kinds), 0)
		total += exact[i]
	}
	targets := make(map[AgentID]Points, len(f.agents))
	order := make([]int, len(f.agents))
	rest := int(pointsOf(total, 1))
	for i, a := range f.agents {
		order[i] = i
		targets[a.ID] = Points(exact[i] / fullPoint)
		rest -= exact[i] / fullPoint
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(exact[j]%fullPoint, exact[i]%fullPoint) })
	for _, i := range order[:min(max(rest, 0), len(order))] {
		targets[f.agents[i].ID]++
	}
	return targets, nil
}

// LedgerEntries is what publishing the roster writes into the ledger: for every agent of the period, those without
// work too, the burden of the roster and the fair share of it. Each assignment's burden is divided over everybody who
// may work its slot, in proportion to the hours they owe, so over the team the shares add up to what was done but for
// minutes of rounding. Assignments at short notice are those that the version published before does not have and that
// are published later than the team's notice allows.
func LedgerEntries(p *Period, r Roster) ([]LedgerEntry, error) {
	f, err := newFairness(p, Scope{})
	if err != nil {
		return nil, err
	}
	place := make(map[AgentID]int, len(f.agents))
	entries := make([]LedgerEntry, len(f.agents))
	parts := make([][5]int, len(f.agents)) // thousandths
	for i, a := range f.agents {
		place[a.ID] = i
		entries[i] = LedgerEntry{Team: r.Team, Agent: a.ID, First: r.First, Last: r.Last, Version: r.Version, At: p.Now}
	}
	slots := make(map[SlotID]Slot, len(p.Slots))
	for _, s := range p.Slots {
		slots[s.ID] = s
	}
	for _, as := range r.Assignments {
		i, known := place[as.Agent]
		s, dated := slots[as.Slot]
		if !known || !dated {
			return nil, fmt.Errorf("assignment of %s on %s is not in the period", as.Agent, as.Slot)
		}
		told := p.Published != nil && p.Published.Has(as.Slot, as.Agent)
		b := BurdenOf(p.Team, s, f.locs[i], f.holidays[i], !told && AtShortNotice(p.Team, s, p.Now))
		entries[i].Done = entries[i].Done.Plus(b)
		able := f.able(s)
		if len(able) == 0 {
			able = []int{i}
		}
		for k, n := range [5]int{int(b.Night), int(b.Weekend), int(b.Holiday), int(b.ShortNotice), int(b.Extra)} {
			f.divide(n*1000, able, func(i, part int) { parts[i][k] += part })
		}
	}
	for i, part := range parts {
		whole := func(k int) int { return (part[k] + 500) / 1000 }
		entries[i].Fair = Burden{Night: Minutes(whole(0)), Weekend: Minutes(whole(1)), Holiday: Minutes(whole(2)),
			ShortNotice: Minutes(whole(3)), Extra: Points(whole(4))}
	}
	return entries, nil
}

// fairness is what sharing burden needs to know about the agents of a scope.
type fairness struct {
	agents    []Agent
	contracts map[ContractID]Contract
	locs      []*time.Location
	holidays  []map[Date]string
	owed      []int // minutes owed in the period
}

func newFairness(p *Period, scope Scope) (*fairness, error) {
	f := &fairness{contracts: maps.Clone(p.Index().Contracts)}
	for _, a := range p.Agents {
		if !scope.Includes(a) {
			continue
		}
		loc, err := a.Location(p.Team)
		if err != nil {
			return nil, fmt.Errorf("agent %s: %w", a.ID, err)
		}
		leave, err := LeaveDays(p.Team, a, p.Availability, p.First, p.Last)
		if err != nil {
			return nil, err
		}
		c := f.contracts[a.Contract]
		week := c.Target.Or(c.Max.Or(c.Min.Or(Hours(40))))
		if week == 0 {
			week = c.Max.Or(0)
		}
		owed := 0
		for _, w := range Weeks(p.Team.WeekStart, p.First, p.Last) {
			owed += int(ProRata(week, CountedDays(a, w, leave)))
		}
		f.agents = append(f.agents, a)
		f.locs = append(f.locs, loc)
		f.holidays = append(f.holidays, HolidayDates(p.Holidays, a.Calendars(p.Team)))
		f.owed = append(f.owed, owed)
	}
	return f, nil
}

// able lists the places of agents who may work the slot and owe hours.
func (f *fairness) able(s Slot) []int {
	var list []int
	for i, a := range f.agents {
		if f.owed[i] > 0 && MayWork(a, f.contracts[a.Contract], s) {
			list = append(list, i)
		}
	}
	return list
}

// divide gives each of the agents its part of n in proportion to the hours owed. The parts add up to n: what rounding
// down leaves goes to the first agents, a unit each.
func (f *fairness) divide(n int, able []int, give func(i, part int)) {
	sum := 0
	for _, i := range able {
		sum += max(f.owed[i], 1)
	}
	if sum == 0 {
		return
	}
	left := n
	for _, i := range able {
		left -= n * max(f.owed[i], 1) / sum
	}
	for _, i := range able {
		part := n * max(f.owed[i], 1) / sum
		if left > 0 {
			part, left = part+1, left-1
		}
		give(i, part)
	}
}
