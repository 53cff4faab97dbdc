// Package gen makes rostering problems from seeds: tiny ones for brute force,
// one-person ones for pricing, team-like ones of any size, ones with a known
// optimum, and changed copies that must have the same answer.
//
// Entry points: Tiny, Person, Team, Known make a model, Permute and ShiftWeeks
// change one. Every model is valid; the same arguments give the same model on
// every machine. All functions are safe for concurrent use.
package gen

import (
	"fmt"
	"math/rand/v2"

	"rota/solver/model"
)

// minutesPerDay is the length of a day: no clock changes here.
const minutesPerDay = 24 * 60

// source makes a model's random parts.
type source struct {
	*rand.Rand
	m *model.Model
	// planted is the roster a feasible or known model is built around.
	planted model.Roster
	sticky  int  // percent of planted days that repeat the day before
	exact   bool // bounds charge the planted roster nothing, and others
}

func newSource(seed, stream uint64) *source {
	return &source{Rand: rand.New(rand.NewPCG(seed, stream)), m: &model.Model{}, sticky: 30}
}

// chance is true p times out of 100.
func (s *source) chance(p int) bool { return s.IntN(100) < p }

// between is a number in [lo, hi].
func (s *source) between(lo, hi int) int { return lo + s.IntN(hi-lo+1) }

// price is a small cost, now and then 0.
func (s *source) price() model.Cost { return model.Cost(s.IntN(10)) }

// priceOrNever is Forbidden about once in three.
func (s *source) priceOrNever() model.Cost {
	if s.chance(35) {
		return model.Forbidden
	}
	return model.Cost(s.between(1, 12))
}

// The measures every random model begins with; random ones follow.
const (
	measureWork model.MeasureID = iota
	measureRest
	measureHours
	measureNight
	measureRandomSet
	measureRandomAmount
	measureTypes // one for each type of shift
)

// shiftTypes are the shifts of random models, in minutes from the day's start;
// what is on offer is a prefix of them.
var shiftTypes = []struct {
	name       string
	start, end int
}{
	{"early", 6 * 60, 14 * 60},
	{"night", 22 * 60, 30 * 60},
	{"late", 14 * 60, 23 * 60},
}

// calendar gives the model days that offer the first n types, some days fewer,
// with starts that wander, and the measures.
func (s *source) calendar(first, days, n int) {
	m := s.m
	m.First = first
	kinds := make([][]int, days) // kinds[day][duty]: its type, -1 for the day off
	for d := range days {
		day := model.Day{Duties: []model.Duty{{Name: "off"}}}
		kinds[d] = []int{-1}
		for k, x := range shiftTypes[:n] {
			if s.chance(7) && d >= first && len(kinds[d]) > 1 {
				continue
			}
			late := 30 * s.IntN(3)
			day.Duties = append(day.Duties, model.Duty{Name: x.name, Start: d*minutesPerDay + x.start + late, End: d*minutesPerDay + x.end + late/2})
			kinds[d] = append(kinds[d], k)
		}
		m.Days = append(m.Days, day)
	}
	add := func(name string, of func(d, k int) int32) {
		x := model.Measure{Name: name, Of: make([][]int32, days)}
		for d := range days {
			x.Of[d] = make([]int32, len(kinds[d]))
			for i, k := range kinds[d] {
				x.Of[d][i] = of(d, k)
			}
		}
		m.Measures = append(m.Measures, x)
	}
	flag := func(b bool) int32 {
		if b {
			return 1
		}
		return 0
	}
	add("work", func(_, k int) int32 { return flag(k >= 0) })
	add("rest", func(_, k int) int32 { return flag(k < 0) })
	add("hours", func(_, k int) int32 { return []int32{0, 8, 8, 9}[k+1] })
	add("night", func(_, k int) int32 { return flag(k == 1) })
	add("some", func(_, k int) int32 { return flag(k >= 0 && s.chance(50)) })
	add("points", func(_, k int) int32 { return int32(s.IntN(4)) })
	for k, x := range shiftTypes[:n] {
		add(x.name, func(_, l int) int32 { return flag(k == l) })
	}
}

// person adds somebody whose planted days are random, with random cells.
func (s *source) person(name string) {
	m := s.m
	who := model.Person{Name: name, Cost: make([][]model.Cost, len(m.Days))}
	row := make([]uint8, len(m.Days))
	for d := range m.Days {
		n := len(m.Days[d].Duties)
		row[d] = uint8(s.IntN(n))
		if d > 0 && s.chance(s.sticky) && int(row[d-1]) < n {
			row[d] = row[d-1]
		}
		who.Cost[d] = make([]model.Cost, n)
		for i := range who.Cost[d] {
			switch {
			case d < m.First && i != int(row[d]):
				who.Cost[d][i] = model.Forbidden
			case d < m.First:
			case i != int(row[d]) && s.chance(8):
				who.Cost[d][i] = model.Forbidden
			case s.chance(40):
				who.Cost[d][i] = s.price()
			}
		}
	}
	m.People = append(m.People, who)
	s.planted = append(s.planted, row)
}

// set is a measure for rules that look for duties.
func (s *source) set() model.MeasureID { return model.MeasureID(s.IntN(len(s.m.Measures))) }

// bound is about numbers around n, which the planted roster has.
func (s *source) bound(n int64) model.Bound {
	b := model.Loose()
	if s.exact {
		b.Hinges = []model.Hinge{{At: n, Below: model.Cost(s.between(1, 9)), Above: model.Cost(s.between(1, 9))}}
		if s.chance(30) {
			b.Min, b.Max = n-int64(s.IntN(3)), n+int64(s.IntN(3))
		}
		return b
	}
	if s.chance(30) {
		b.Min = n - int64(s.between(-1, 2))
	}
	if s.chance(30) {
		b.Max = max(n+int64(s.between(-1, 2)), b.Min)
	}
	for range s.between(0, 2) {
		h := model.Hinge{At: n + int64(s.between(-3, 3)), Below: s.price(), Above: s.price()}
		if s.chance(50) {
			h.Step = int64(s.between(0, 4))
		}
		if s.chance(20) {
			h.Cap = int64(s.between(1, 3))
		}
		b.Hinges = append(b.Hinges, h)
	}
	return b
}

// window is a range of days that ends after First.
func (s *source) window(most int) model.Days {
	n := len(s.m.Days)
	to := s.between(s.m.First+1, n)
	return model.Days{From: max(0, to-s.between(1, most)), To: to}
}

// spans is some spans in order, the last of which ends after First.
func (s *source) spans() []model.Days {
	var over []model.Days
	for d := s.IntN(2); d < len(s.m.Days); d += s.IntN(2) {
		x := model.Days{From: d, To: min(d+s.between(1, 3), len(s.m.Days))}
		over = append(over, x)
		d = x.To
	}
	if n := len(s.m.Days); len(over) == 0 || over[len(over)-1].To <= s.m.First {
		over = append(over, model.Days{From: n - 1, To: n})
	}
	return over
}

// rule adds a random rule of the given kind to person p.
func (s *source) rule(p int, kind model.Part) {
	m, who := s.m, &s.m.People[p]
	days := s.planted[p]
	name := fmt.Sprintf("%s %d", kind, s.IntN(100))
	switch kind {
	case model.PartCounter:
		w := s.window(len(m.Days))
		c := model.Counter{Name: name, Of: s.set(), From: w.From, To: w.To, Base: int64(max(0, s.between(-4, 3)))}
		n := c.Base
		for d := c.From; d < c.To; d++ {
			n += int64(m.Measures[c.Of].Of[d][days[d]])
		}
		c.Bound = s.bound(n)
		who.Counters = append(who.Counters, c)
	case model.PartRun:
		c := model.Run{
			Name: name, Of: s.set(), Min: s.IntN(4), Max: s.IntN(5), MinCost: s.priceOrNever(), MaxCost: s.priceOrNever(),
			BaseOpen: s.chance(40), EndOpen: s.chance(50), Base: max(0, s.between(-4, 3)),
		}
		who.Runs = append(who.Runs, c)
	case model.PartWord:
		w := model.Word{Name: name, Cost: s.priceOrNever()}
		for range s.between(1, 4) {
			w.Letters = append(w.Letters, s.set())
		}
		if s.chance(30) {
			w.Starts = []int{}
			for d := range m.Days {
				if s.chance(40) {
					w.Starts = append(w.Starts, d)
				}
			}
		}
		who.Words = append(who.Words, w)
	case model.PartLinks:
		if len(m.Links) < 2 {
			m.Links = append(m.Links, s.linkTable(name))
		}
		i := s.IntN(len(m.Links))
		for _, j := range who.Links {
			if i == j {
				return
			}
		}
		who.Links = append(who.Links, i)
	case model.PartRecovery:
		of := []model.MeasureID{measureNight, measureRandomSet, measureWork}[s.IntN(3)]
		c := model.Recovery{Name: name, Of: of, Run: s.between(1, 3), Rest: 60 * s.between(10, 60), Step: []int{0, 15, 60, 480}[s.IntN(4)], Cost: s.priceOrNever()}
		if c.Step < 15 && c.Cost != model.Forbidden {
			c.Cost = 1
		}
		who.Recoveries = append(who.Recoveries, c)
	case model.PartSpanCount:
		c := model.SpanCount{Name: name, Of: s.set(), Over: s.spans(), Base: int64(max(0, s.between(-2, 2)))}
		c.Bound = s.bound(c.Base + int64(s.IntN(len(c.Over)+1)))
		who.SpanCounts = append(who.SpanCounts, c)
	case model.PartSpanRun:
		c := model.SpanRun{
			Name: name, Of: s.set(), Over: s.spans(), Min: s.IntN(3), Max: s.IntN(3), MinCost: s.priceOrNever(), MaxCost: s.priceOrNever(),
			BaseOpen: s.chance(40), EndOpen: s.chance(50), Base: max(0, s.between(-2, 2)),
		}
		who.SpanRuns = append(who.SpanRuns, c)
	case model.PartSpan:
		c := model.Span{Name: name, Days: s.window(4)}
		for range s.between(0, 3) {
			c.Parts = append(c.Parts, s.set())
		}
		if s.chance(25) {
			c.Base = uint32(s.IntN(1 << len(c.Parts)))
		}
		c.Cost = make([]model.Cost, 1<<len(c.Parts))
		for i := range c.Cost {
			if s.chance(60) {
				c.Cost[i] = s.price()
			} else if s.chance(25) {
				c.Cost[i] = model.Forbidden
			}
		}
		who.Spans = append(who.Spans, c)
	case model.PartFree:
		w := s.window(5)
		c := model.Free{Name: name, From: w.From*minutesPerDay - 60*s.IntN(5), To: w.To*minutesPerDay + 60*s.IntN(9), Cost: s.priceOrNever()}
		c.Min = (c.To - c.From) * s.between(30, 70) / 100
		if s.chance(30) {
			from := c.From + s.IntN(c.To-c.From)
			c.Busy = []model.Minutes{{From: from, To: from + s.between(1, 300)}}
		}
		who.Frees = append(who.Frees, c)
	}
}

// personal lists the kinds of rules a person can have.
var personal = []model.Part{
	model.PartCounter, model.PartRun, model.PartWord, model.PartLinks, model.PartRecovery,
	model.PartSpanCount, model.PartSpanRun, model.PartSpan, model.PartFree,
}

func (s *source) linkTable(name string) model.Links {
	table := model.Links{Name: name}
	for d := range s.m.Days {
		for e := d + 1; e < min(d+4, len(s.m.Days)); e++ {
			for i := 1; i < len(s.m.Days[d].Duties); i++ {
				for j := 1; j < len(s.m.Days[e].Duties); j++ {
					if s.chance(25) {
						table.Links = append(table.Links, model.Link{Day: d, Duty: i, NextDay: e, NextDuty: j, Cost: s.priceOrNever()})
					}
				}
			}
		}
	}
	return table
}

// cover adds a row for each duty of each day.
func (s *source) cover() {
	m := s.m
	for d := m.First; d < len(m.Days); d++ {
		for i := 1; i < len(m.Days[d].Duties); i++ {
			row := model.Row{Name: "cover " + m.Days[d].Duties[i].Name, Bound: model.Loose()}
			var n int64
			for p := range m.People {
				row.Terms = append(row.Terms, model.Term{Person: int32(p), Day: int32(d), Duty: int32(i), Weight: 1})
				if int(s.planted[p][d]) == i {
					n++
				}
			}
			want := max(0, n+int64(s.between(-1, 1)))
			row.Bound.Hinges = []model.Hinge{{At: want, Below: model.Cost(s.between(1, 20)), Above: s.price()}}
			if s.exact {
				row.Bound.Hinges = []model.Hinge{{At: n, Below: model.Cost(s.between(1, 20)), Above: s.price()}}
			}
			if s.chance(10) {
				row.Bound.Min = max(0, n-1)
			}
			if s.chance(10) {
				row.Bound.Max = n + 1
			}
			m.Rows = append(m.Rows, row)
		}
	}
}

// row adds a row of random cells, several days and signs.
func (s *source) row(i int) {
	m := s.m
	row := model.Row{Name: fmt.Sprintf("row %d", i), Base: int64(s.between(-2, 2))}
	if s.chance(60) {
		row.Base = 0
	}
	n := row.Base
	density := s.between(10, 60)
	w := s.window(9)
	for p := range m.People {
		for d := max(w.From, m.First); d < w.To; d++ {
			for i := range m.Days[d].Duties {
				if !s.chance(density) {
					continue
				}
				w := int32(s.between(-3, 3))
				if w == 0 {
					w = 1
				}
				row.Terms = append(row.Terms, model.Term{Person: int32(p), Day: int32(d), Duty: int32(i), Weight: w})
				if int(s.planted[p][d]) == i {
					n += int64(w)
				}
			}
		}
	}
	row.Bound = s.bound(n)
	m.Rows = append(m.Rows, row)
}

// soften makes a price of every hard rule that the planted roster breaks, so
// that the model is feasible.
func (s *source) soften() {
	m := s.m
	charge := func(c *model.Cost) {
		if *c == model.Forbidden {
			*c = model.Cost(s.between(1, 9))
		}
	}
	loosen := func(b *model.Bound) {
		*b = model.Bound{Min: model.NoMin, Max: model.NoMax, Hinges: append(b.Hinges, model.Hinge{At: max(b.Min, -5), Below: 3, Above: 4})}
	}
	for {
		v := model.Check(m, s.planted)
		if v.Feasible() {
			return
		}
		for _, x := range v.Violations {
			if x.Part == model.PartRow {
				loosen(&m.Rows[x.Index].Bound)
				continue
			}
			who := &m.People[x.Person]
			switch x.Part {
			case model.PartCell:
				charge(&who.Cost[x.Day][x.Index])
			case model.PartCounter:
				loosen(&who.Counters[x.Index].Bound)
			case model.PartRun:
				charge(&who.Runs[x.Index].MinCost)
				charge(&who.Runs[x.Index].MaxCost)
			case model.PartWord:
				charge(&who.Words[x.Index].Cost)
			case model.PartLinks:
				for i := range m.Links[x.Index].Links {
					if l := &m.Links[x.Index].Links[i]; l.NextDay == x.Day {
						charge(&l.Cost)
					}
				}
			case model.PartRecovery:
				charge(&who.Recoveries[x.Index].Cost)
			case model.PartSpanCount:
				loosen(&who.SpanCounts[x.Index].Bound)
			case model.PartSpanRun:
				charge(&who.SpanRuns[x.Index].MinCost)
				charge(&who.SpanRuns[x.Index].MaxCost)
			case model.PartSpan:
				for i := range who.Spans[x.Index].Cost {
					charge(&who.Spans[x.Index].Cost[i])
				}
			case model.PartFree:
				charge(&who.Frees[x.Index].Cost)
			}
		}
	}
}
