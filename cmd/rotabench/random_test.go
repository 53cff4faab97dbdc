package main

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"rota/solver/model"
)

// The random instances below are small and mostly loose, so that a good part
// of random plans holds everything hard; every rule binds somewhere.

func randomPlan(r *rand.Rand, people, days, shifts int, skills func(person int) []int) plan {
	p := newPlan(people, days)
	busy := r.Float64()
	for i := range p {
		last := 0
		for d := range p[i] {
			if r.Float64() > busy {
				continue
			}
			if r.IntN(3) == 0 {
				last = r.IntN(shifts)
			}
			p[i][d].Shift = last
			if able := skills(i); len(able) > 0 {
				p[i][d].Skill = able[r.IntN(len(able))]
			}
		}
	}
	return p
}

func noSkills(int) []int { return nil }

func randomCurtois(r *rand.Rand) *curtois {
	c := &curtois{name: "random", Days: 1 + r.IntN(20)}
	for s := range 1 + r.IntN(4) {
		c.Shifts = append(c.Shifts, curtoisShift{ID: fmt.Sprint("S", s), Minutes: 60 * r.IntN(12)})
	}
	if r.IntN(3) == 0 {
		s := r.IntN(len(c.Shifts))
		c.Shifts[s].NotAfter = append(c.Shifts[s].NotAfter, r.IntN(len(c.Shifts)))
	}
	loose := func(tight int) int {
		if r.IntN(8) == 0 {
			return tight
		}
		return maxAmount
	}
	for i := range 1 + r.IntN(3) {
		s := curtoisStaff{ID: fmt.Sprint("A", i), MaxMinutes: loose(r.IntN(9000)), MaxConsecutive: loose(r.IntN(8)), MaxWeekends: loose(r.IntN(3)),
			MinConsecutive: r.IntN(2) * r.IntN(2) * r.IntN(4), MinConsecutiveOff: r.IntN(2) * r.IntN(2) * r.IntN(4), MaxShifts: make([]int, len(c.Shifts))}
		if r.IntN(6) == 0 {
			s.MinMinutes = r.IntN(min(2000, s.MaxMinutes+1))
		}
		for k := range s.MaxShifts {
			s.MaxShifts[k] = loose(r.IntN(6))
		}
		if r.IntN(6) == 0 {
			s.DaysOff = []int{r.IntN(c.Days)}
		}
		c.Staff = append(c.Staff, s)
	}
	request := func() curtoisRequest {
		return curtoisRequest{r.IntN(len(c.Staff)), r.IntN(c.Days), r.IntN(len(c.Shifts)), int64(r.IntN(5))}
	}
	for range r.IntN(6) {
		c.On, c.Off = append(c.On, request()), append(c.Off, request())
	}
	for d := range c.Days {
		for s := range c.Shifts {
			if r.IntN(3) > 0 {
				c.Cover = append(c.Cover, curtoisCover{d, s, r.IntN(4), int64(r.IntN(100)), int64(r.IntN(5))})
			}
		}
	}
	return c
}

func TestCurtoisModelAgrees(t *testing.T) {
	sweep(t, 0.2, func(r *rand.Rand) (instance, func() plan) {
		c := randomCurtois(r)
		return c, func() plan { return randomPlan(r, len(c.Staff), c.Days, len(c.Shifts), noSkills) }
	})
}

func randomINRC2(r *rand.Rand) *inrc2 {
	x := &inrc2{name: "random_0_0", Set: "random", WeekFiles: make([]int, 1+r.IntN(2)), Skills: []string{"a", "b"}[:1+r.IntN(2)]}
	pair := func(n int) (int, int) {
		a, b := r.IntN(n), r.IntN(n)
		return min(a, b), max(a, b)
	}
	for s := range 1 + r.IntN(3) {
		q := inrc2Shift{Name: fmt.Sprint("S", s)}
		q.Min, q.Max = pair(6)
		x.Shifts = append(x.Shifts, q)
	}
	if r.IntN(3) == 0 {
		s := r.IntN(len(x.Shifts))
		x.Shifts[s].Forbidden = []int{r.IntN(len(x.Shifts))}
	}
	for k := range 1 + r.IntN(2) {
		c := inrc2Contract{Name: fmt.Sprint("C", k), MaxWeekends: r.IntN(3), Complete: r.IntN(2) == 0}
		c.MinTotal, c.MaxTotal = pair(16)
		c.MinWork, c.MaxWork = pair(8)
		c.MinOff, c.MaxOff = pair(8)
		x.Contracts = append(x.Contracts, c)
	}
	for i := range 1 + r.IntN(3) {
		n := inrc2Nurse{Name: fmt.Sprint("N", i), Contract: r.IntN(len(x.Contracts)), Last: off, OffRun: r.IntN(6), Total: r.IntN(5), Weekends: r.IntN(3)}
		n.Skills = []int{r.IntN(len(x.Skills))}
		if len(x.Skills) == 2 && r.IntN(2) == 0 {
			n.Skills = []int{0, 1}
		}
		if r.IntN(2) == 0 {
			n.OffRun, n.Last, n.SameRun = 0, r.IntN(len(x.Shifts)), 1+r.IntN(5)
			n.WorkRun = n.SameRun + r.IntN(4)
		}
		x.Nurses = append(x.Nurses, n)
	}
	for w := range x.WeekFiles {
		for s := range x.Shifts {
			for k := range x.Skills {
				q := inrc2Demand{Week: w, Shift: s, Skill: k}
				for j := range 7 {
					q.Min[j], q.Optimal[j] = max(0, r.IntN(30)-28), r.IntN(3)
				}
				if r.IntN(4) > 0 {
					x.Demand = append(x.Demand, q)
				}
			}
		}
	}
	for range r.IntN(6) {
		x.Off = append(x.Off, inrc2Off{r.IntN(len(x.Nurses)), r.IntN(x.days()), r.IntN(len(x.Shifts)+1) - 1})
	}
	return x
}

func TestINRC2ModelAgrees(t *testing.T) {
	sweep(t, 0.1, func(r *rand.Rand) (instance, func() plan) {
		x := randomINRC2(r)
		able := func(i int) []int {
			if r.IntN(60) == 0 {
				return []int{len(x.Skills) - 1}
			}
			return x.Nurses[i].Skills
		}
		return x, func() plan { return randomPlan(r, len(x.Nurses), x.days(), len(x.Shifts), able) }
	})
}

func randomINRC1(r *rand.Rand) *inrc1 {
	x := &inrc1{name: "random", ID: "random", Days: 1 + r.IntN(30), Skills: []string{"a", "b"},
		Start: time.Date(2010, 1, 1+r.IntN(7), 0, 0, 0, 0, time.UTC)}
	for s := range 1 + r.IntN(4) {
		q := inrc1Shift{ID: fmt.Sprint("S", s), Night: r.IntN(3) == 0, Skills: []int{0}}
		if r.IntN(3) == 0 {
			q.Skills = append(q.Skills, 1)
		}
		x.Shifts = append(x.Shifts, q)
	}
	for k := range 3 {
		q := inrc1Pattern{ID: fmt.Sprint(k), Weight: int64(r.IntN(4)), Weekday: r.IntN(14) - 7}
		for range 1 + r.IntN(3) {
			q.Entries = append(q.Entries, r.IntN(len(x.Shifts)+2)-2)
		}
		if q.Weekday < -1 {
			q.Weekday = -1
		}
		x.Patterns = append(x.Patterns, q)
	}
	limit := func(n int) inrc1Limit { return inrc1Limit{r.IntN(n), int64(r.IntN(3))} }
	for k := range 1 + r.IntN(2) {
		x.Contracts = append(x.Contracts, inrc1Contract{ID: fmt.Sprint(k),
			MaxTotal: limit(20), MinTotal: limit(20), MaxWork: limit(8), MinWork: limit(6), MaxOff: limit(8), MinOff: limit(6),
			MaxWeekendRun: limit(4), MinWeekendRun: limit(4), MaxWeekends: limit(4),
			WeekendStart: r.IntN(7), WeekendDays: 2 + r.IntN(3),
			Complete: int64(r.IntN(3)), Identical: int64(r.IntN(3)), NoNight: int64(r.IntN(3)), Skill: int64(r.IntN(3)),
			Patterns: []int{0, 1, 2}[:r.IntN(4)]})
	}
	for i := range 1 + r.IntN(3) {
		x.People = append(x.People, inrc1Person{ID: fmt.Sprint(i), Contract: r.IntN(len(x.Contracts)), Skills: []int{0, 1}[:r.IntN(3)]})
	}
	for range r.IntN(6) {
		x.Requests = append(x.Requests, inrc1Request{Person: r.IntN(len(x.People)), Day: r.IntN(x.Days),
			Shift: []int{inrc1Any, r.IntN(len(x.Shifts))}[r.IntN(2)], On: r.IntN(2) == 0, Weight: int64(r.IntN(4))})
	}
	x.Cover = make([][]int, x.Days)
	for d := range x.Cover {
		x.Cover[d] = make([]int, len(x.Shifts))
	}
	return x
}

func TestINRC1ModelAgrees(t *testing.T) {
	sweep(t, 0.3, func(r *rand.Rand) (instance, func() plan) {
		x := randomINRC1(r)
		first := true
		return x, func() plan {
			p := randomPlan(r, len(x.People), x.Days, len(x.Shifts), noSkills)
			if first { // the cover is that of the first plan: it is feasible
				covered(x, p)
				first = false
			}
			return p
		}
	})
}

// sweep draws instances and plans and wants model and verifier to agree on
// all, and at least a share of the plans to be feasible.
func sweep(t *testing.T, share float64, draw func(*rand.Rand) (instance, func() plan)) {
	t.Helper()
	tried, feasible := 0, 0
	for seed := range uint64(1500) {
		x, next := draw(rand.New(rand.NewPCG(seed, 7)))
		p := next()
		m, err := x.Model()
		if err != nil {
			t.Fatal(err)
		}
		if err := model.Validate(m); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		for range 3 {
			tried++
			if agreeOn(t, x, m, p) {
				feasible++
			}
			p = next()
		}
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
	if float64(feasible) < share*float64(tried) {
		t.Errorf("only %d of %d plans are feasible: the test compares too few costs", feasible, tried)
	}
}
