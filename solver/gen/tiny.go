package gen

import (
	"fmt"
	"math"

	"rota/solver/model"
)

// tinyRosters bounds the rosters of a Tiny model, so that brute force over
// thousands of them takes seconds.
const tinyRosters = 1 << 20

// Tiny is a random model of two to four people, three to seven days (history
// included) and two to four duties a day, for model.Brute. Over the seeds it
// has every kind of rule, hard and priced, history, bases, open ends, forbidden
// cells, rows with negative weights, caps and hard bounds. Now and then it is
// infeasible.
func Tiny(seed uint64) *model.Model {
	s := newSource(seed, 1)
	people, days, types := 0, 0, 0
	for {
		people, days, types = s.between(2, 4), s.between(3, 7), s.between(1, 3)
		s.m.First = max(0, s.between(-3, 3))
		open := days - s.m.First
		if open >= 1 && math.Pow(float64(types+1), float64(people*open)) <= tinyRosters {
			break
		}
	}
	s.m.Name = fmt.Sprintf("tiny-%d", seed)
	s.calendar(s.m.First, days, types)
	for p := range people {
		s.person(fmt.Sprintf("p%d", p))
	}
	for p := range people {
		for range s.between(0, 4) {
			s.rule(p, personal[s.IntN(len(personal))])
		}
	}
	if s.chance(80) {
		s.cover()
	}
	for i := range s.between(0, 3) {
		s.row(i)
	}
	if s.chance(85) {
		s.soften()
	}
	return s.m
}

// Person is a random model of one person, no rows, up to nine days (history
// included) and up to 3^9 ways to fill them, with three to eight rules: for
// tests of what finds one person's best days. Now and then it is infeasible.
func Person(seed uint64) *model.Model {
	s := newSource(seed, 2)
	days, types := 0, 0
	for {
		days, types = s.between(3, 9), s.between(1, 3)
		s.m.First = max(0, s.between(-3, 3))
		open := days - s.m.First
		if open >= 1 && math.Pow(float64(types+1), float64(open)) <= 19683 {
			break
		}
	}
	s.m.Name = fmt.Sprintf("person-%d", seed)
	s.calendar(s.m.First, days, types)
	s.person("p0")
	for range s.between(3, 8) {
		s.rule(0, personal[s.IntN(len(personal))])
	}
	if s.chance(90) {
		s.soften()
	}
	return s.m
}
