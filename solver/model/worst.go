package model

import "fmt"

// WorstPeople is what no roster costs people by themselves more than: the
// dearest of them, and all together. It adds up what each part costs at its
// worst. All parts must be valid.
func WorstPeople(m *Model) (one, all Cost) {
	v := validator{m: m}
	tables, overlap := v.worstLinks(), v.overlap()
	for p := range m.People {
		var own int64
		v.worstParts(p, overlap, tables, func(worst int64, _, _ string) { own = plus(own, worst) })
		one, all = max(one, Cost(own)), Cost(plus(int64(all), own))
	}
	return
}

// overflow adds up what each part costs at its worst, each by itself, and
// complains when the sum reaches MaxTotal, or that of one person MaxPerson. All
// else must be valid.
func (v *validator) overflow() {
	m := v.m
	var total int64
	var all dearest
	tables, overlap := v.worstLinks(), v.overlap()
	for p := range m.People {
		var own int64
		var mine dearest
		v.worstParts(p, overlap, tables, func(worst int64, where, n string) {
			own = plus(own, worst)
			mine.look(worst, at("People", p)+where, n)
		})
		total = plus(total, own)
		all.look(mine.worst, mine.where, mine.name)
		if own >= MaxPerson {
			v.tooDear(mine, "a roster of one person may cost", own, MaxPerson)
		}
	}
	for i, row := range m.Rows {
		lo, hi := row.Base, row.Base
		for _, t := range row.Terms {
			lo += int64(min(t.Weight, 0))
			hi += int64(max(t.Weight, 0))
		}
		worst := steepest(row.Bound, lo, hi)
		total = plus(total, worst)
		all.look(worst, at("Rows", i), row.Name)
	}
	if total >= MaxTotal {
		v.tooDear(all, "a roster may cost", total, MaxTotal)
	}
}

// dearest is the part that costs most at its worst.
type dearest struct {
	worst       int64
	where, name string
}

func (d *dearest) look(worst int64, where, name string) {
	if worst > d.worst {
		*d = dearest{worst, where, name}
	}
}

func (v *validator) tooDear(d dearest, what string, total, limit int64) {
	v.name = d.name
	v.bad(d.where, "%s %s, which must stay below %d; the largest part of it is this, at %s", what, count(total), limit, count(d.worst))
	v.problems[len(v.problems)-1].TooDear = true
	v.name = ""
}

// worstLinks is the most that each table of links can cost: each day has one duty
// and it one predecessor, so that the dearest entry of each day counts.
func (v *validator) worstLinks() []int64 {
	tables := make([]int64, len(v.m.Links))
	for i, table := range v.m.Links {
		byDay := map[int]int64{}
		for _, l := range table.Links {
			byDay[l.NextDay] = max(byDay[l.NextDay], priced(l.Cost))
		}
		for _, c := range byDay {
			tables[i] = plus(tables[i], c)
		}
	}
	return tables
}

// worstParts tells add what each part of person p costs at its worst, with its
// place below the person and its name.
func (v *validator) worstParts(p int, overlap int64, tables []int64, add func(worst int64, where, name string)) {
	m := v.m
	x, n := &m.People[p], int64(len(m.Days)-m.First)
	var cells int64
	for _, day := range x.Cost {
		var worst int64
		for _, c := range day {
			worst = max(worst, priced(c))
		}
		cells = plus(cells, worst)
	}
	add(cells, ".Cost", x.Name)
	for i, c := range x.Counters {
		lo, hi := v.sumRange(c)
		add(steepest(c.Bound, lo, hi), at(".Counters", i), c.Name)
	}
	for i, c := range x.Runs {
		add(worstRun(n, c.Min, c.Max, c.MinCost, c.MaxCost), at(".Runs", i), c.Name)
	}
	for i, c := range x.Words {
		times := int64(len(m.Days))
		if c.Starts != nil {
			times = int64(len(c.Starts))
		}
		add(product(times, priced(c.Cost)), at(".Words", i), c.Name)
	}
	for j, i := range x.Links {
		add(tables[i], at(".Links", j), m.Links[i].Name)
	}
	for i, c := range x.Recoveries {
		missing := plus(int64(c.Rest), overlap)
		add(product(n, product(steps(missing, int64(c.Step)), priced(c.Cost))), at(".Recoveries", i), c.Name)
	}
	for i, c := range x.SpanCounts {
		add(steepest(c.Bound, c.Base, c.Base+int64(len(c.Over))), at(".SpanCounts", i), c.Name)
	}
	for i, c := range x.SpanRuns {
		add(worstRun(int64(len(c.Over)), c.Min, c.Max, c.MinCost, c.MaxCost), at(".SpanRuns", i), c.Name)
	}
	for i, c := range x.Spans {
		var worst int64
		for _, k := range c.Cost {
			worst = max(worst, priced(k))
		}
		add(worst, at(".Spans", i), c.Name)
	}
	for i, c := range x.Frees {
		add(priced(c.Cost), at(".Frees", i), c.Name)
	}
}

// sumRange is the range of a counter's sum if every cell were allowed.
func (v *validator) sumRange(c Counter) (lo, hi int64) {
	lo, hi = c.Base, c.Base
	for d := c.From; d < c.To; d++ {
		of := v.m.Measures[c.Of].Of[d]
		least, most := of[0], of[0]
		for _, n := range of {
			least, most = min(least, n), max(most, n)
		}
		lo, hi = lo+int64(least), hi+int64(most)
	}
	return lo, hi
}

// overlap is by how many minutes a duty may last beyond the start of one of a
// later day.
func (v *validator) overlap() int64 {
	var most int64
	last := -enough
	for _, day := range v.m.Days {
		end := last
		for _, x := range day.Duties[1:] {
			most = max(most, last-int64(x.Start))
			end = max(end, int64(x.End))
		}
		last = end
	}
	return most
}

// steepest is the most the bound's hinges charge between lo and hi: each is
// dearest at one of the two.
func steepest(b Bound, lo, hi int64) int64 {
	var c int64
	for _, h := range b.Hinges {
		c = plus(c, max(charge(h, lo), charge(h, hi)))
	}
	return c
}

// charge is Hinge.Price that stops short of overflow.
func charge(h Hinge, v int64) int64 {
	d, w := h.At-v, int64(h.Below)
	if d < 0 {
		d, w = -d, int64(h.Above)
	}
	d = steps(d, h.Step)
	if h.Cap > 0 {
		d = min(d, h.Cap)
	}
	return product(d, w)
}

// worstRun bounds what a run rule charges over n judged places: every place
// too far into a run, or every other place the end of a run of one.
func worstRun(n int64, lo, hi int, minCost, maxCost Cost) int64 {
	var c int64
	if hi > 0 {
		c = product(n, priced(maxCost))
	}
	if lo > 1 {
		c = plus(c, product(n/2+1, product(int64(lo), priced(minCost))))
	}
	return c
}

func priced(c Cost) int64 {
	if c == Forbidden {
		return 0
	}
	return int64(c)
}

func steps(d, step int64) int64 {
	if step > 1 {
		return (d + step - 1) / step
	}
	return d
}

// plus and product are for numbers that are not negative; they stop at enough,
// which is past every limit.
func plus(a, b int64) int64 { return min(min(a, enough)+min(b, enough), enough) }

func product(a, b int64) int64 {
	if b != 0 && a > enough/b {
		return enough
	}
	return a * b
}

const enough = int64(1) << 60

func count(n int64) string {
	if n >= enough {
		return "more than 2^60"
	}
	return fmt.Sprint(n)
}
