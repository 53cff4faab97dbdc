package gen

import (
	"fmt"

	"rota/solver/model"
)

// Known is a model of any size built around a roster that is optimal by
// construction, with that roster and its cost. What the roster pays, every
// roster pays: a price on all cells of a person's day, and rows that ask for
// more people than there are. All other rules charge it nothing and others
// something. People and days must be positive.
func Known(people, days int, seed uint64) (*model.Model, model.Roster, model.Cost) {
	s := newSource(seed, 3)
	s.sticky, s.exact = 70, true
	m := s.m
	m.Name = fmt.Sprintf("known-%d-%d-%d", people, days, seed)
	s.calendar(min(s.IntN(4), days-1), days, s.between(2, 3))
	for p := range people {
		s.person(fmt.Sprintf("p%d", p))
	}
	var sure model.Cost
	for p := range people {
		for d := m.First; d < days; d++ {
			cells := m.People[p].Cost[d]
			cells[s.planted[p][d]] = 0
			if !s.chance(5) {
				continue
			}
			c := model.Cost(s.between(1, 5))
			sure += c
			for i := range cells {
				if cells[i] != model.Forbidden {
					cells[i] += c
				}
			}
		}
	}
	for range 2 {
		m.Links = append(m.Links, s.unusedLinks())
	}
	for p := range people {
		who := &m.People[p]
		before, _ := model.CheckPerson(m, p, s.planted[p])
		for range 20 {
			saved := *who
			s.rule(p, personal[s.IntN(len(personal))])
			if after, broken := model.CheckPerson(m, p, s.planted[p]); after != before || broken != nil {
				*who = saved
			}
		}
	}
	s.cover()
	for i := range days/3 + 1 {
		s.row(i)
	}
	for d := m.First; d < days; d++ {
		if !s.chance(20) {
			continue
		}
		short, price := int64(s.between(1, 3)), model.Cost(s.between(1, 7))
		row := model.Row{Name: "everybody", Bound: model.Loose()}
		for p := range people {
			for i := range m.Days[d].Duties {
				row.Terms = append(row.Terms, model.Term{Person: int32(p), Day: int32(d), Duty: int32(i), Weight: 1})
			}
		}
		row.Bound.Hinges = []model.Hinge{{At: int64(people) + short, Below: price}}
		sure += model.Cost(short) * price
		m.Rows = append(m.Rows, row)
	}
	return m, s.planted, sure
}

// unusedLinks is a table of successions that nobody's planted days have.
func (s *source) unusedLinks() model.Links {
	table := s.linkTable("links")
	kept := table.Links[:0]
	for _, l := range table.Links {
		used := false
		for _, row := range s.planted {
			used = used || int(row[l.Day]) == l.Duty && int(row[l.NextDay]) == l.NextDuty
		}
		if !used {
			kept = append(kept, l)
		}
	}
	table.Links = kept
	return table
}
