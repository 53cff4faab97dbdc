package model

import (
	"cmp"
	"fmt"
	"slices"
)

// The largest models Brute takes on.
const (
	// BruteDays is the most ways to fill one person's days that are not Forbidden.
	BruteDays = 1 << 18
	// BruteRosters is the most rosters made of people's legal days.
	BruteRosters = 1 << 36
)

// Brute finds a cheapest feasible roster of a tiny model by trying them all:
// every filling of each person's days judged by CheckPerson, then every choice
// of one per person, where a choice is cut when its people and the least its
// rows can still cost reach the best found. It reports false when there is no
// feasible roster. It panics on a model beyond BruteDays or BruteRosters; only
// the cuts make the latter bearable. Where they do not help, as in an
// infeasible model, 2^20 rosters take about a second. The model must be valid. Deterministic.
func Brute(m *Model) (Roster, Cost, bool) {
	b := brute{m: m, choices: make([][]choice, len(m.People)), pick: make([]int, len(m.People)), best: Forbidden}
	rosters := 1
	for p := range m.People {
		b.choices[p] = legal(m, p)
		if len(b.choices[p]) == 0 {
			return nil, 0, false
		}
		if rosters > BruteRosters/len(b.choices[p]) {
			panic(fmt.Sprintf("model: Brute: %q has more than %d rosters", m.Name, BruteRosters))
		}
		rosters *= len(b.choices[p])
	}
	b.prepare()
	b.try(0, 0)
	if b.won == nil {
		return nil, 0, false
	}
	r := make(Roster, len(m.People))
	for p, i := range b.won {
		r[p] = slices.Clone(b.choices[p][i].days)
	}
	return r, b.best, true
}

// choice is one legal filling of one person's days.
type choice struct {
	days []uint8
	cost Cost
	adds []int64 // to each row
}

// legal lists what CheckPerson lets person p do, cheapest first.
func legal(m *Model, p int) []choice {
	fillings := 1
	for _, cells := range m.People[p].Cost {
		n := 0
		for _, c := range cells {
			if c != Forbidden {
				n++
			}
		}
		if fillings *= n; fillings > BruteDays {
			panic(fmt.Sprintf("model: Brute: %q has more than %d fillings of days", m.People[p].Name, BruteDays))
		}
	}
	var all []choice
	days := make([]uint8, len(m.Days))
	var fill func(d int)
	fill = func(d int) {
		if d == len(days) {
			if c, broken := CheckPerson(m, p, days); broken == nil {
				all = append(all, choice{days: slices.Clone(days), cost: c})
			}
			return
		}
		for i, c := range m.People[p].Cost[d] {
			if c != Forbidden {
				days[d] = uint8(i)
				fill(d + 1)
			}
		}
	}
	fill(0)
	slices.SortStableFunc(all, func(a, b choice) int { return cmp.Compare(a.cost, b.cost) })
	return all
}

type brute struct {
	m       *Model
	choices [][]choice
	sums    []int64   // of the rows, over the people chosen so far
	lo, hi  [][]int64 // [p][row]: the least and most that people p and later add
	rest    []Cost    // [p]: the least that people p and later cost
	pick    []int
	won     []int
	best    Cost
}

func (b *brute) prepare() {
	m, n := b.m, len(b.m.People)
	b.sums = make([]int64, len(m.Rows))
	b.rest = make([]Cost, n+1)
	b.lo, b.hi = make([][]int64, n+1), make([][]int64, n+1)
	b.lo[n], b.hi[n] = make([]int64, len(m.Rows)), make([]int64, len(m.Rows))
	for r, row := range m.Rows {
		b.sums[r] = row.Base
	}
	for p := n - 1; p >= 0; p-- {
		for i := range b.choices[p] {
			c := &b.choices[p][i]
			c.adds = make([]int64, len(m.Rows))
			for r, row := range m.Rows {
				for _, t := range row.Terms {
					if int(t.Person) == p && int32(c.days[t.Day]) == t.Duty {
						c.adds[r] += int64(t.Weight)
					}
				}
			}
		}
		b.rest[p] = b.rest[p+1] + b.choices[p][0].cost
		b.lo[p], b.hi[p] = slices.Clone(b.lo[p+1]), slices.Clone(b.hi[p+1])
		for r := range m.Rows {
			lo, hi := b.choices[p][0].adds[r], b.choices[p][0].adds[r]
			for _, c := range b.choices[p] {
				lo, hi = min(lo, c.adds[r]), max(hi, c.adds[r])
			}
			b.lo[p][r] += lo
			b.hi[p][r] += hi
		}
	}
}

// try chooses for people p and later; those before cost so much.
func (b *brute) try(p int, cost Cost) {
	least := cost + b.rest[p]
	for r, row := range b.m.Rows {
		lo, hi := b.sums[r]+b.lo[p][r], b.sums[r]+b.hi[p][r]
		if hi < row.Bound.Min || lo > row.Bound.Max {
			return
		}
		for _, h := range row.Bound.Hinges {
			least += h.Price(min(max(h.At, lo), hi)) // each hinge rises away from At
		}
	}
	if least >= b.best {
		return
	}
	if p == len(b.choices) {
		b.best, b.won = least, slices.Clone(b.pick)
		return
	}
	for i, c := range b.choices[p] {
		if cost+c.cost+b.rest[p+1] >= b.best {
			return // cheapest first
		}
		for r := range b.sums {
			b.sums[r] += c.adds[r]
		}
		b.pick[p] = i
		b.try(p+1, cost+c.cost)
		for r := range b.sums {
			b.sums[r] -= c.adds[r]
		}
	}
}
