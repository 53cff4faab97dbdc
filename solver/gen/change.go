package gen

import (
	"slices"

	"rota/solver/model"
)

// Permute is the same problem told in another order: people, the duties of each
// day (but for the day off), rows, terms and each person's rules change places.
// Its rosters cost what restore makes of them costs in m. Parts of m that do
// not change are shared.
func Permute(m *model.Model, seed uint64) (changed *model.Model, restore func(model.Roster) model.Roster) {
	s := newSource(seed, 4)
	c := *m
	// was[d][i] is the duty of m that duty i of the changed model is; now is its inverse.
	was, now := make([][]int, len(m.Days)), make([][]int, len(m.Days))
	c.Days = make([]model.Day, len(m.Days))
	for d, day := range m.Days {
		was[d] = append([]int{0}, s.Perm(len(day.Duties)-1)...)
		now[d] = make([]int, len(was[d]))
		for i := 1; i < len(was[d]); i++ {
			was[d][i]++
			now[d][was[d][i]] = i
		}
		c.Days[d].Duties = pick(day.Duties, was[d])
	}
	c.Measures = slices.Clone(m.Measures)
	for i := range c.Measures {
		of := make([][]int32, len(m.Days))
		for d := range of {
			of[d] = pick(m.Measures[i].Of[d], was[d])
		}
		c.Measures[i].Of = of
	}
	c.Links = make([]model.Links, len(m.Links))
	for i, table := range m.Links {
		links := slices.Clone(table.Links)
		for j := range links {
			l := &links[j]
			l.Duty, l.NextDuty = now[l.Day][l.Duty], now[l.NextDay][l.NextDuty]
		}
		c.Links[i] = model.Links{Name: table.Name, Links: shuffled(s, links)}
	}
	people := s.Perm(len(m.People)) // people[p] is the person of m that person p is
	place := make([]int32, len(people))
	c.People = make([]model.Person, len(people))
	for p, q := range people {
		place[q] = int32(p)
		x := m.People[q]
		cost := make([][]model.Cost, len(m.Days))
		for d := range cost {
			cost[d] = pick(x.Cost[d], was[d])
		}
		x.Cost = cost
		x.Counters, x.Runs, x.Words = shuffled(s, x.Counters), shuffled(s, x.Runs), shuffled(s, x.Words)
		x.Links, x.Recoveries, x.Frees = shuffled(s, x.Links), shuffled(s, x.Recoveries), shuffled(s, x.Frees)
		x.SpanCounts, x.SpanRuns, x.Spans = shuffled(s, x.SpanCounts), shuffled(s, x.SpanRuns), shuffled(s, x.Spans)
		c.People[p] = x
	}
	c.Rows = shuffled(s, m.Rows)
	for i := range c.Rows {
		terms := shuffled(s, c.Rows[i].Terms)
		for j := range terms {
			t := &terms[j]
			t.Person, t.Duty = place[t.Person], int32(now[t.Day][t.Duty])
		}
		c.Rows[i].Terms = terms
	}
	return &c, func(r model.Roster) model.Roster {
		back := make(model.Roster, len(r))
		for p, row := range r {
			days := make([]uint8, len(row))
			for d, duty := range row {
				days[d] = uint8(was[d][duty])
			}
			back[people[p]] = days
		}
		return back
	}
}

func pick[T any](list []T, places []int) []T {
	out := make([]T, len(places))
	for i, from := range places {
		out[i] = list[from]
	}
	return out
}

func shuffled[T any](s *source, list []T) []T { return pick(list, s.Perm(len(list))) }

// ShiftWeeks is the same problem w weeks later: 7w days of history come first
// on which everybody is off and which no rule sees, except that the Base days
// of a Run now lie in them, as far as they reach. A roster costs what it costs
// in m without its first 7w days. A Run may become two, one for each side.
// Parts of m that do not change are shared. w must not be negative.
func ShiftWeeks(m *model.Model, w int) *model.Model {
	days := 7 * w
	minutes := days * minutesPerDay
	c := *m
	c.First += days
	c.Days = make([]model.Day, days, days+len(m.Days))
	for d := range c.Days {
		c.Days[d].Duties = []model.Duty{{Name: "off"}}
	}
	for _, day := range m.Days {
		duties := slices.Clone(day.Duties)
		for i := 1; i < len(duties); i++ {
			duties[i].Start += minutes
			duties[i].End += minutes
		}
		c.Days = append(c.Days, model.Day{Duties: duties})
	}
	// before is measure id with the last n of the new days in its set.
	before := func(id model.MeasureID, n int) model.Measure {
		x := model.Measure{Name: m.Measures[id].Name, Of: make([][]int32, days, days+len(m.Days))}
		for d := range x.Of {
			x.Of[d] = make([]int32, 1)
			if d >= days-n {
				x.Of[d][0] = 1
			}
		}
		x.Of = append(x.Of, m.Measures[id].Of...)
		return x
	}
	c.Measures = make([]model.Measure, len(m.Measures))
	for i := range m.Measures {
		c.Measures[i] = before(model.MeasureID(i), 0)
	}
	later := func(x model.Days) model.Days { return model.Days{From: x.From + days, To: x.To + days} }
	c.Links = make([]model.Links, len(m.Links))
	for i, table := range m.Links {
		links := slices.Clone(table.Links)
		for j := range links {
			links[j].Day += days
			links[j].NextDay += days
		}
		c.Links[i] = model.Links{Name: table.Name, Links: links}
	}
	c.People = slices.Clone(m.People)
	for p := range c.People {
		x := &c.People[p]
		cost := make([][]model.Cost, days, days+len(m.Days))
		for d := range cost {
			cost[d] = make([]model.Cost, 1)
		}
		x.Cost = append(cost, x.Cost...)
		x.Counters, x.Words, x.Frees = slices.Clone(x.Counters), slices.Clone(x.Words), slices.Clone(x.Frees)
		x.SpanCounts, x.SpanRuns, x.Spans = slices.Clone(x.SpanCounts), slices.Clone(x.SpanRuns), slices.Clone(x.Spans)
		for i := range x.Counters {
			x.Counters[i].From += days
			x.Counters[i].To += days
		}
		x.Runs = nil
		for _, r := range m.People[p].Runs {
			known := min(r.Base, days)
			longer := r // what looks at the length reached: nothing open about it
			longer.Min, longer.Base, longer.BaseOpen = 0, r.Base-known, false
			if known > 0 {
				longer.Of = model.MeasureID(len(c.Measures))
				c.Measures = append(c.Measures, before(r.Of, known))
			}
			if !r.BaseOpen {
				longer.Min = r.Min
				x.Runs = append(x.Runs, longer)
				continue
			}
			// Only a run from the first day on can have an open beginning.
			shorter := r
			shorter.Max, shorter.Of = 0, model.MeasureID(len(c.Measures))
			c.Measures = append(c.Measures, before(r.Of, days))
			x.Runs = append(x.Runs, longer, shorter)
		}
		for i := range x.Words {
			word := &x.Words[i]
			starts := []int{}
			for d := range m.Days {
				if word.Starts == nil || slices.Contains(word.Starts, d) {
					starts = append(starts, d+days)
				}
			}
			word.Starts = starts
		}
		for i := range x.SpanCounts {
			x.SpanCounts[i].Over = each(x.SpanCounts[i].Over, later)
		}
		for i := range x.SpanRuns {
			x.SpanRuns[i].Over = each(x.SpanRuns[i].Over, later)
		}
		for i := range x.Spans {
			x.Spans[i].Days = later(x.Spans[i].Days)
		}
		for i := range x.Frees {
			f := &x.Frees[i]
			f.From += minutes
			f.To += minutes
			f.Busy = each(f.Busy, func(b model.Minutes) model.Minutes {
				return model.Minutes{From: b.From + minutes, To: b.To + minutes}
			})
		}
	}
	c.Rows = slices.Clone(m.Rows)
	for i := range c.Rows {
		c.Rows[i].Terms = each(c.Rows[i].Terms, func(t model.Term) model.Term {
			t.Day += int32(days)
			return t
		})
	}
	return &c
}

func each[T any](list []T, f func(T) T) []T {
	out := make([]T, len(list))
	for i, x := range list {
		out[i] = f(x)
	}
	return out
}
