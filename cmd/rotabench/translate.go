package main

import (
	"errors"
	"fmt"

	"rota/solver"
)

// builder puts a solver.Model together. All families have the same duties on
// every day.
type builder struct {
	m        *solver.Model
	measures map[string]solver.MeasureID
}

// newBuilder starts a model of the given duties; the first is the day off.
func newBuilder(name string, days int, duties []string) (*builder, error) {
	if len(duties) > 255 {
		return nil, fmt.Errorf("%s: %d duties a day, at most 255", name, len(duties))
	}
	day := solver.Day{}
	for _, d := range duties {
		day.Duties = append(day.Duties, solver.Duty{Name: d})
	}
	b := &builder{m: &solver.Model{Name: name}, measures: make(map[string]solver.MeasureID)}
	for range days {
		b.m.Days = append(b.m.Days, day)
	}
	return b, nil
}

func (b *builder) days() int { return len(b.m.Days) }

// measure returns the measure of a name, and makes it at first use from what
// of says of a duty on a day.
func (b *builder) measure(name string, of func(day, duty int) int) solver.MeasureID {
	if id, ok := b.measures[name]; ok {
		return id
	}
	n := len(b.m.Days[0].Duties)
	flat := make([]int32, b.days()*n)
	q := solver.Measure{Name: name, Of: make([][]int32, b.days())}
	for d := range q.Of {
		q.Of[d], flat = flat[:n:n], flat[n:]
		for k := range q.Of[d] {
			q.Of[d][k] = int32(of(d, k))
		}
	}
	id := solver.MeasureID(len(b.m.Measures))
	b.m.Measures = append(b.m.Measures, q)
	b.measures[name] = id
	return id
}

func one(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// work and free are the days on and off.
func (b *builder) work() solver.MeasureID {
	return b.measure("work", func(_, duty int) int { return one(duty != 0) })
}

func (b *builder) free() solver.MeasureID {
	return b.measure("off", func(_, duty int) int { return one(duty == 0) })
}

// person adds a person to whom every duty is free of charge.
func (b *builder) person(name string) *solver.Person {
	n := len(b.m.Days[0].Duties)
	flat := make([]solver.Cost, b.days()*n)
	p := solver.Person{Name: name, Cost: make([][]solver.Cost, b.days())}
	for d := range p.Cost {
		p.Cost[d], flat = flat[:n:n], flat[n:]
	}
	b.m.People = append(b.m.People, p)
	return &b.m.People[len(b.m.People)-1]
}

// charge adds to what a cell costs.
func charge(p *solver.Person, day, duty int, c solver.Cost) {
	if p.Cost[day][duty] != solver.Forbidden {
		if c == solver.Forbidden {
			p.Cost[day][duty] = c
		} else {
			p.Cost[day][duty] += c
		}
	}
}

// run adds a rule about runs, unless it binds nothing. A maximum of 0, which
// the solver's rule has no word for, is a price on every cell of the set.
func (b *builder) run(p *solver.Person, r solver.Run) {
	if r.Max == 0 && r.MaxCost != 0 {
		for d, duties := range b.m.Measures[r.Of].Of {
			for k, in := range duties {
				if in != 0 {
					charge(p, d, k, r.MaxCost)
				}
			}
		}
	}
	if r.MaxCost == 0 || r.Max >= r.Base+b.days() {
		r.Max, r.MaxCost = 0, 0
	}
	if r.MinCost == 0 || r.Min < 2 {
		r.Min, r.MinCost = 0, 0
	}
	if r.Min > 0 || r.Max > 0 {
		p.Runs = append(p.Runs, r)
	}
}

// row adds a row over everybody's cells of one duty on one day, those that are
// forbidden left out.
func (b *builder) row(name string, day, duty int, bound solver.Bound) {
	r := solver.Row{Name: name, Bound: bound}
	for i := range b.m.People {
		if b.m.People[i].Cost[day][duty] != solver.Forbidden {
			r.Terms = append(r.Terms, solver.Term{Person: int32(i), Day: int32(day), Duty: int32(duty), Weight: 1})
		}
	}
	b.m.Rows = append(b.m.Rows, r)
}

// weekends are the ranges of days that start on a weekday (day 0's is first)
// and are as long as given, the last cut by the end.
func (b *builder) weekends(first, start, length int) []solver.Days {
	var out []solver.Days
	for d := range b.m.Days {
		if (first+d)%7 == start {
			out = append(out, solver.Days{From: d, To: min(d+length, b.days())})
		}
	}
	return out
}

// hinged binds nothing and prices by the hinges that price anything.
func hinged(hinges ...solver.Hinge) solver.Bound {
	bound := solver.Bound{Min: solver.NoMin, Max: solver.NoMax}
	for _, h := range hinges {
		if h.Below != 0 || h.Above != 0 {
			bound.Hinges = append(bound.Hinges, h)
		}
	}
	return bound
}

// Model states the instance for the solver. Duty 0 is the day off, duty 1+s
// shift s.
func (c *curtois) Model() (*solver.Model, error) {
	duties := []string{"-"}
	for _, s := range c.Shifts {
		duties = append(duties, s.ID)
	}
	b, err := newBuilder(c.name, c.Days, duties)
	if err != nil {
		return nil, err
	}
	weekends := b.weekends(0, 5, 2)
	minutes := b.measure("minutes", func(_, duty int) int {
		if duty == 0 {
			return 0
		}
		return c.Shifts[duty-1].Minutes
	})
	words := c.words(b)
	for _, s := range c.Staff {
		p := b.person(s.ID)
		for _, d := range s.DaysOff {
			for k := range c.Shifts {
				charge(p, d, 1+k, solver.Forbidden)
			}
		}
		for k, most := range s.MaxShifts {
			if most < c.Days {
				p.Counters = append(p.Counters, solver.Counter{
					Name: "shifts " + c.Shifts[k].ID, To: c.Days,
					Of:    b.measure("shift "+c.Shifts[k].ID, func(_, duty int) int { return one(duty == 1+k) }),
					Bound: solver.Bound{Min: solver.NoMin, Max: int64(most)},
				})
			}
		}
		p.Counters = append(p.Counters, solver.Counter{Name: "minutes", Of: minutes, To: c.Days,
			Bound: solver.Bound{Min: int64(s.MinMinutes), Max: int64(s.MaxMinutes)}})
		b.run(p, solver.Run{Name: "work days", Of: b.work(), Min: s.MinConsecutive, Max: s.MaxConsecutive,
			MinCost: solver.Forbidden, MaxCost: solver.Forbidden, BaseOpen: true, EndOpen: true})
		b.run(p, solver.Run{Name: "days off", Of: b.free(), Min: s.MinConsecutiveOff, Max: c.Days,
			MinCost: solver.Forbidden, MaxCost: solver.Forbidden, BaseOpen: true, EndOpen: true})
		if s.MaxWeekends < len(weekends) {
			p.SpanCounts = append(p.SpanCounts, solver.SpanCount{Name: "weekends", Of: b.work(), Over: weekends,
				Bound: solver.Bound{Min: solver.NoMin, Max: int64(s.MaxWeekends)}})
		}
		p.Words = words
	}
	for _, q := range c.On {
		for k := range duties {
			if k != 1+q.Shift {
				charge(&b.m.People[q.Staff], q.Day, k, solver.Cost(q.Weight))
			}
		}
	}
	for _, q := range c.Off {
		charge(&b.m.People[q.Staff], q.Day, 1+q.Shift, solver.Cost(q.Weight))
	}
	for _, k := range c.Cover {
		b.row(fmt.Sprintf("cover %s %d", c.Shifts[k.Shift].ID, k.Day), k.Day, 1+k.Shift,
			hinged(solver.Hinge{At: int64(k.Need), Below: solver.Cost(k.Under), Above: solver.Cost(k.Over)}))
	}
	return b.m, nil
}

// words forbid successions; shifts with the same list share a word.
func (c *curtois) words(b *builder) []solver.Word {
	type group struct {
		before map[int]bool
		after  []bool
	}
	groups := make(map[string]*group)
	for k, s := range c.Shifts {
		if len(s.NotAfter) == 0 {
			continue
		}
		after := make([]bool, len(c.Shifts)+1)
		for _, n := range s.NotAfter {
			after[1+n] = true
		}
		key := fmt.Sprint(after)
		if groups[key] == nil {
			groups[key] = &group{before: make(map[int]bool), after: after}
		}
		groups[key].before[1+k] = true
	}
	var words []solver.Word
	for i, key := range sortedKeys(groups) {
		g := groups[key]
		words = append(words, solver.Word{Name: "succession", Cost: solver.Forbidden, Letters: []solver.MeasureID{
			b.measure(fmt.Sprintf("before %d", i), func(_, duty int) int { return one(g.before[duty]) }),
			b.measure(fmt.Sprintf("after %d", i), func(_, duty int) int { return one(g.after[duty]) }),
		}})
	}
	return words
}

// Decode is the inverse of Model's numbering.
func (c *curtois) Decode(r solver.Roster) plan {
	return decode(r, func(duty int) cell { return cell{Shift: duty - 1} })
}

func decode(r solver.Roster, of func(duty int) cell) plan {
	p := make(plan, len(r))
	for i := range r {
		p[i] = make([]cell, len(r[i]))
		for d, duty := range r[i] {
			if p[i][d] = (cell{Shift: off}); duty != 0 {
				p[i][d] = of(int(duty))
			}
		}
	}
	return p
}

// pairs lists the instance's duties after the day off: each shift with each
// skill that somebody has.
func (x *inrc2) pairs() []cell {
	has := make([]bool, len(x.Skills))
	for _, n := range x.Nurses {
		for _, k := range n.Skills {
			has[k] = true
		}
	}
	var out []cell
	for s := range x.Shifts {
		for k := range x.Skills {
			if has[k] {
				out = append(out, cell{s, k})
			}
		}
	}
	return out
}

// Model states the instance for the solver. Duty 0 is the day off, duty 1+i is
// pairs()[i].
func (x *inrc2) Model() (*solver.Model, error) {
	pairs := x.pairs()
	duties := []string{"-"}
	number := make(map[cell]int)
	for i, c := range pairs {
		number[c] = 1 + i
		duties = append(duties, x.Shifts[c.Shift].Name+" "+x.Skills[c.Skill])
	}
	b, err := newBuilder(x.name, x.days(), duties)
	if err != nil {
		return nil, err
	}
	shift := func(duty int) int {
		if duty == 0 {
			return off
		}
		return pairs[duty-1].Shift
	}
	of := make([]solver.MeasureID, len(x.Shifts))
	var words []solver.Word
	for s := range x.Shifts {
		of[s] = b.measure("shift "+x.Shifts[s].Name, func(_, duty int) int { return one(shift(duty) == s) })
		if len(x.Shifts[s].Forbidden) == 0 {
			continue
		}
		bans := make(map[int]bool)
		for _, t := range x.Shifts[s].Forbidden {
			bans[t] = true
		}
		words = append(words, solver.Word{Name: "succession", Cost: solver.Forbidden, Letters: []solver.MeasureID{of[s],
			b.measure("after "+x.Shifts[s].Name, func(_, duty int) int { return one(duty != 0 && bans[shift(duty)]) })}})
	}
	saturday := b.measure("saturday", func(day, duty int) int { return one(duty != 0 && day%7 == 5) })
	sunday := b.measure("sunday", func(day, duty int) int { return one(duty != 0 && day%7 == 6) })
	weekends := b.weekends(0, 5, 2)
	for i := range x.Nurses {
		n := &x.Nurses[i]
		k := &x.Contracts[n.Contract]
		p := b.person(n.Name)
		able := make([]bool, len(x.Skills))
		for _, s := range n.Skills {
			able[s] = true
		}
		for d := range x.days() {
			for j, c := range pairs {
				if !able[c.Skill] {
					charge(p, d, 1+j, solver.Forbidden)
				}
			}
		}
		if n.Last != off {
			for _, t := range x.Shifts[n.Last].Forbidden {
				for j, c := range pairs {
					if c.Shift == t {
						charge(p, 0, 1+j, solver.Forbidden)
					}
				}
			}
		}
		p.Words = words
		for s := range x.Shifts {
			base := 0
			if n.Last == s {
				base = n.SameRun
			}
			b.run(p, solver.Run{Name: "run of " + x.Shifts[s].Name, Of: of[s], Min: x.Shifts[s].Min, Max: x.Shifts[s].Max,
				MinCost: inrc2ShiftRunWeight, MaxCost: inrc2ShiftRunWeight, Base: base, EndOpen: true})
		}
		b.run(p, solver.Run{Name: "work days", Of: b.work(), Min: k.MinWork, Max: k.MaxWork,
			MinCost: inrc2WorkRunWeight, MaxCost: inrc2WorkRunWeight, Base: n.WorkRun, EndOpen: true})
		b.run(p, solver.Run{Name: "days off", Of: b.free(), Min: k.MinOff, Max: k.MaxOff,
			MinCost: inrc2OffRunWeight, MaxCost: inrc2OffRunWeight, Base: n.OffRun, EndOpen: true})
		p.Counters = append(p.Counters, solver.Counter{Name: "assignments", Of: b.work(), To: x.days(), Base: int64(n.Total),
			Bound: hinged(solver.Hinge{At: int64(k.MinTotal), Below: inrc2TotalWeight}, solver.Hinge{At: int64(k.MaxTotal), Above: inrc2TotalWeight})})
		p.SpanCounts = append(p.SpanCounts, solver.SpanCount{Name: "weekends", Of: b.work(), Over: weekends, Base: int64(n.Weekends),
			Bound: hinged(solver.Hinge{At: int64(k.MaxWeekends), Above: inrc2WeekendWeight})})
		if k.Complete {
			for _, w := range weekends {
				p.Spans = append(p.Spans, solver.Span{Name: "complete weekend", Days: w, Parts: []solver.MeasureID{saturday, sunday},
					Cost: []solver.Cost{0, inrc2CompleteWeight, inrc2CompleteWeight, 0}})
			}
		}
	}
	for _, o := range x.Off {
		for j, c := range pairs {
			if o.Shift == off || o.Shift == c.Shift {
				charge(&b.m.People[o.Nurse], o.Day, 1+j, inrc2WishWeight)
			}
		}
	}
	for _, q := range x.Demand {
		for j := range 7 {
			bound := hinged(solver.Hinge{At: int64(q.Optimal[j]), Below: inrc2CoverWeight})
			bound.Min = int64(q.Min[j])
			duty, ok := number[cell{q.Shift, q.Skill}]
			name := fmt.Sprintf("cover %s %s %d", x.Shifts[q.Shift].Name, x.Skills[q.Skill], 7*q.Week+j)
			switch {
			case q.Min[j] == 0 && q.Optimal[j] == 0:
			case ok:
				b.row(name, 7*q.Week+j, duty, bound)
			default: // nobody has the skill: the shortfall is there whatever the plan
				b.m.Rows = append(b.m.Rows, solver.Row{Name: name, Bound: bound})
			}
		}
	}
	return b.m, nil
}

// Decode is the inverse of Model's numbering.
func (x *inrc2) Decode(r solver.Roster) plan {
	pairs := x.pairs()
	return decode(r, func(duty int) cell { return pairs[duty-1] })
}

// Model states the instance for the solver. Duty 0 is the day off, duty 1+s
// shift s.
func (x *inrc1) Model() (*solver.Model, error) {
	duties := []string{"-"}
	for _, s := range x.Shifts {
		duties = append(duties, s.ID)
	}
	b, err := newBuilder(x.name, x.Days, duties)
	if err != nil {
		return nil, err
	}
	for i, who := range x.People {
		k := &x.Contracts[who.Contract]
		p := b.person(who.ID)
		has := make([]bool, len(x.Skills))
		for _, s := range who.Skills {
			has[s] = true
		}
		for s := range x.Shifts {
			for _, want := range x.Shifts[s].Skills {
				if !has[want] {
					for d := range x.Days {
						charge(p, d, 1+s, solver.Cost(k.Skill))
					}
					break
				}
			}
		}
		for _, q := range x.Requests {
			if q.Person != i {
				continue
			}
			for duty := range duties {
				asked := duty == 1+q.Shift || q.Shift == inrc1Any && duty != 0
				if asked != q.On {
					charge(p, q.Day, duty, solver.Cost(q.Weight))
				}
			}
		}
		total := hinged(solver.Hinge{At: int64(k.MinTotal.Value), Below: solver.Cost(k.MinTotal.Weight)},
			solver.Hinge{At: int64(k.MaxTotal.Value), Above: solver.Cost(k.MaxTotal.Weight)})
		if len(total.Hinges) > 0 {
			p.Counters = append(p.Counters, solver.Counter{Name: "assignments", Of: b.work(), To: x.Days, Bound: total})
		}
		b.run(p, solver.Run{Name: "work days", Of: b.work(), Min: k.MinWork.Value, MinCost: solver.Cost(k.MinWork.Weight),
			Max: k.MaxWork.Value, MaxCost: solver.Cost(k.MaxWork.Weight)})
		b.run(p, solver.Run{Name: "free days", Of: b.free(), Min: k.MinOff.Value, MinCost: solver.Cost(k.MinOff.Weight),
			Max: k.MaxOff.Value, MaxCost: solver.Cost(k.MaxOff.Weight)})
		if err := x.weekendRules(b, p, k); err != nil {
			return nil, err
		}
		for _, j := range k.Patterns {
			x.patternRule(b, p, &x.Patterns[j])
		}
	}
	for d, needs := range x.Cover {
		for s, need := range needs {
			b.row(fmt.Sprintf("cover %s %s", x.Shifts[s].ID, x.date(d)), d, 1+s, solver.Bound{Min: int64(need), Max: int64(need)})
		}
	}
	return b.m, nil
}

func (x *inrc1) weekendRules(b *builder, p *solver.Person, k *inrc1Contract) error {
	weekends := b.weekends(x.weekday(0), k.WeekendStart, k.WeekendDays)
	if len(weekends) == 0 {
		return nil
	}
	shift := func(s int) solver.MeasureID {
		return b.measure("shift "+x.Shifts[s].ID, func(_, duty int) int { return one(duty == 1+s) })
	}
	for _, w := range weekends {
		n := w.To - w.From
		if n >= 2 && k.Complete > 0 {
			span := solver.Span{Name: "complete weekend", Days: w, Cost: make([]solver.Cost, 1<<n)}
			for j := range n {
				day := (k.WeekendStart + j) % 7
				span.Parts = append(span.Parts, b.measure("work on "+weekdayNames[day], func(d, duty int) int {
					return one(duty != 0 && x.weekday(d) == day)
				}))
			}
			for mask := range span.Cost {
				span.Cost[mask] = solver.Cost(k.Complete) * solver.Cost(ragged(mask, n))
			}
			p.Spans = append(p.Spans, span)
		}
		if n >= 2 && k.Identical > 0 {
			// n days on K kinds of shift, no day off: each kind misses n less its
			// own days, n(K-1) in all.
			if n > 2 && len(x.Shifts) > 11 {
				return errors.New("identical shifts in weekends of three days or more need 11 shift types or fewer")
			}
			if n > 2 {
				span := solver.Span{Name: "identical weekend", Days: w, Parts: []solver.MeasureID{b.free()}}
				for s := range x.Shifts {
					span.Parts = append(span.Parts, shift(s))
				}
				span.Cost = make([]solver.Cost, 1<<len(span.Parts))
				for mask := range span.Cost {
					kinds := 0
					for s := range x.Shifts {
						kinds += mask >> (1 + s) & 1
					}
					if mask&1 == 0 && kinds > 1 {
						span.Cost[mask] = solver.Cost(k.Identical) * solver.Cost(n*(kinds-1))
					}
				}
				p.Spans = append(p.Spans, span)
			}
		}
	}
	if k.Identical > 0 {
		var starts []int
		for _, w := range weekends {
			if w.To-w.From == 2 {
				starts = append(starts, w.From)
			}
		}
		for s := range x.Shifts {
			if len(starts) > 0 && len(x.Shifts) > 1 {
				p.Words = append(p.Words, solver.Word{Name: "identical weekend", Starts: starts, Cost: 2 * solver.Cost(k.Identical),
					Letters: []solver.MeasureID{shift(s), b.measure("not "+x.Shifts[s].ID, func(_, duty int) int {
						return one(duty != 0 && duty != 1+s)
					})}})
			}
		}
	}
	x.weekendCounts(b, p, k, weekends)
	return nil
}

// ragged is by how many days the runs of set bits among n miss the ends of the
// weekend, each at both of its ends unless it reaches them.
func ragged(mask, n int) int {
	days := 0
	for j := range n {
		if mask>>j&1 == 0 {
			continue
		}
		if j > 0 && mask>>(j-1)&1 == 0 {
			days += j
		}
		if j < n-1 && mask>>(j+1)&1 == 0 {
			days += n - 1 - j
		}
	}
	return days
}

func (x *inrc1) weekendCounts(b *builder, p *solver.Person, k *inrc1Contract, weekends []solver.Days) {
	if k.NoNight > 0 {
		night := b.measure("night", func(_, duty int) int { return one(duty != 0 && x.Shifts[duty-1].Night) })
		byLength := make(map[int][]int)
		for _, w := range weekends {
			if w.From > 0 {
				byLength[w.To-w.From] = append(byLength[w.To-w.From], w.From-1)
			}
		}
		for n := k.WeekendDays; n > 0; n-- {
			if byLength[n] == nil {
				continue
			}
			letters := []solver.MeasureID{night}
			for range n {
				letters = append(letters, b.free())
			}
			p.Words = append(p.Words, solver.Word{Name: "night before weekend", Letters: letters, Starts: byLength[n], Cost: solver.Cost(k.NoNight)})
		}
	}
	longest, shortest := k.MaxWeekendRun, k.MinWeekendRun
	if longest.Weight > 0 && longest.Value == 0 { // every weekend with work costs once
		p.SpanCounts = append(p.SpanCounts, solver.SpanCount{Name: "weekends in a row", Of: b.work(), Over: weekends,
			Bound: hinged(solver.Hinge{Above: solver.Cost(longest.Weight)})})
	}
	if longest.Value >= len(weekends) || longest.Value == 0 {
		longest = inrc1Limit{}
	}
	if shortest.Value < 2 {
		shortest = inrc1Limit{}
	}
	if longest.Weight > 0 || shortest.Weight > 0 {
		r := solver.SpanRun{Name: "weekends in a row", Of: b.work(), Over: weekends}
		if longest.Weight > 0 {
			r.Max, r.MaxCost = longest.Value, solver.Cost(longest.Weight)
		}
		if shortest.Weight > 0 {
			r.Min, r.MinCost = shortest.Value, solver.Cost(shortest.Weight)
		}
		p.SpanRuns = append(p.SpanRuns, r)
	}
	for from := 0; from == 0 || from+4 <= len(weekends); from++ {
		window := weekends[from:min(from+4, len(weekends))]
		if k.MaxWeekends.Weight > 0 && k.MaxWeekends.Value < len(window) {
			p.SpanCounts = append(p.SpanCounts, solver.SpanCount{Name: "weekends in four weeks", Of: b.work(), Over: window,
				Bound: hinged(solver.Hinge{At: int64(k.MaxWeekends.Value), Above: solver.Cost(k.MaxWeekends.Weight)})})
		}
	}
}

func (x *inrc1) patternRule(b *builder, p *solver.Person, q *inrc1Pattern) {
	w := solver.Word{Name: "pattern " + q.ID, Cost: solver.Cost(q.Weight)}
	if q.Weight == 0 || len(q.Entries) > x.Days {
		return
	}
	for _, e := range q.Entries {
		switch e {
		case off:
			w.Letters = append(w.Letters, b.free())
		case inrc1Any:
			w.Letters = append(w.Letters, b.work())
		default:
			w.Letters = append(w.Letters, b.measure("shift "+x.Shifts[e].ID, func(_, duty int) int { return one(duty == 1+e) }))
		}
	}
	if q.Weekday >= 0 {
		w.Starts = []int{}
		for d := 0; d+len(q.Entries) <= x.Days; d++ {
			if x.weekday(d) == q.Weekday {
				w.Starts = append(w.Starts, d)
			}
		}
		if len(w.Starts) == 0 {
			return
		}
	}
	p.Words = append(p.Words, w)
}

// Decode is the inverse of Model's numbering.
func (x *inrc1) Decode(r solver.Roster) plan {
	return decode(r, func(duty int) cell { return cell{Shift: duty - 1} })
}
