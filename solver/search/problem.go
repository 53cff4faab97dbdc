package search

import (
	"encoding/binary"
	"math"
	"slices"
	"sort"

	"rota/solver/master"
	"rota/solver/model"
	"rota/solver/pricing"
)

// entry says that a cell puts w units into a row.
type entry struct{ row, w int32 }

// incidence is the rows of every cell, for all people of one class:
// cell c's entries are ent[at[c]:at[c+1]].
type incidence struct {
	at  []int32
	ent []entry
}

func (i *incidence) of(c int32) []entry { return i.ent[i.at[c]:i.at[c+1]] }

// row is a row over units u: the sum of the model's row is base + unit*u, so
// that u is 0 when nobody has any of its cells. Personal counters that pricing
// relaxed are rows too, after the model's own.
type row struct {
	bound      model.Bound
	base, unit int64
	lo, hi     int64 // u lies within
	dlo, dhi   int64 // u lies within when the row's hard ends hold
	// tab[u-lo] is the price as the search sees it, hard ends at the price of
	// problem.hard per unit. nil when the range is too wide: see at.
	tab []int64
	// The convex envelope of the true price over [dlo, dhi]: ascending points.
	kink, cost []int64
	// lim bounds the row's price per unit, scaled, in magnitude; within it
	// floor and ceil are the prices that can be of use.
	lim, floor, ceil int32
	max              int64   // largest |w|
	first, last      int32   // days of its first and last cell
	span             int64   // days from first to last
	people           int64   // who have a cell in it
	mass             float64 // the sum, over people and days, of the square of the most that can be put into it
	pace             float64 // how far its price may move, beside that of the others
}

// problem is the model as the search sees it; only hard prices change, and only
// while no task runs. A chain may see a copy in which some rows are dearer: see
// chain.weigh.
type problem struct {
	m      *model.Model
	set    *pricing.Set
	people int
	days   int
	first  int
	cells  int
	cellOf []int32
	rows   []row
	class  []int32
	inc    []incidence
	hard   int64 // what a unit outside a row's hard ends costs the search
	grain  int64 // every cost is a multiple of this
	steep  int64 // largest price of one step of anything soft
	// members lists, by row, the people who have a cell in it.
	members [][]int32
	worst   int64     // no roster costs more
	relaxed [][]int32 // by person: rows that are its relaxed counters
	unit    int64     // what counts as a small difference of cost
	typical float64   // median of the rows' masses
}

// Rows wider than this have no table, and the envelope of Cap and Step is
// taken from below.
const tableWidth = 1 << 12

func newProblem(set *pricing.Set) *problem {
	m := set.M
	p := &problem{
		m: m, set: set, people: len(m.People), days: len(m.Days), first: m.First,
		cells: set.NCells, cellOf: set.CellOf,
	}
	p.steepest()
	p.incidence(p.collect())
	p.limits()
	p.paces()
	for r := range p.rows {
		p.rows[r].envelope(p.set.Scale)
	}
	p.unit = p.grain
	p.worst = p.worstCost()
	p.setHard(8 * p.steep)
	return p
}

// size is how many cells all people have together.
func (p *problem) size() int { return p.people * int(p.cellOf[p.days]-p.cellOf[p.first]) }

// small reports whether branching may well come to an end, so that it has more of
// the work, and breeding less.
func (p *problem) small() bool { return p.size() <= 4000 }

// worstCost is a number that no roster's true cost exceeds. A bound above it
// proves that there is no roster at all.
func (p *problem) worstCost() int64 {
	_, people := model.WorstPeople(p.m)
	sum := int64(people)
	for i := range p.rows {
		r := &p.rows[i]
		for _, h := range r.bound.Hinges {
			sum += max(int64(h.Price(r.base+r.unit*r.lo)), int64(h.Price(r.base+r.unit*r.hi)))
		}
	}
	return sum
}

// steepest finds the grain and the steepest soft price.
func (p *problem) steepest() {
	see := func(c model.Cost) {
		if c != model.Forbidden && c != 0 {
			p.grain = gcd(p.grain, int64(c))
			p.steep = max(p.steep, int64(c))
		}
	}
	bound := func(b model.Bound) {
		for _, h := range b.Hinges {
			see(h.Below)
			see(h.Above)
		}
	}
	tables := map[int]bool{}
	for i := range p.m.People {
		x := &p.m.People[i]
		for _, day := range x.Cost {
			for _, c := range day {
				see(c)
			}
		}
		for i := range x.Counters {
			bound(x.Counters[i].Bound)
		}
		for i := range x.Runs {
			see(x.Runs[i].MinCost)
			see(x.Runs[i].MaxCost)
		}
		for i := range x.Words {
			see(x.Words[i].Cost)
		}
		for _, l := range x.Links {
			if !tables[l] {
				tables[l] = true
				for _, k := range p.m.Links[l].Links {
					see(k.Cost)
				}
			}
		}
		for i := range x.Recoveries {
			see(x.Recoveries[i].Cost)
		}
		for i := range x.SpanCounts {
			bound(x.SpanCounts[i].Bound)
		}
		for i := range x.SpanRuns {
			see(x.SpanRuns[i].MinCost)
			see(x.SpanRuns[i].MaxCost)
		}
		for i := range x.Spans {
			for _, c := range x.Spans[i].Cost {
				see(c)
			}
		}
		for i := range x.Frees {
			see(x.Frees[i].Cost)
		}
	}
	for i := range p.m.Rows {
		bound(p.m.Rows[i].Bound)
	}
	p.grain, p.steep = max(p.grain, 1), max(p.steep, 1)
}

// put is a term of a person.
type put struct{ cell, row, w int32 }

// collect makes the rows and lists each person's terms.
func (p *problem) collect() [][]put {
	m := p.m
	puts := make([][]put, p.people)
	count := make([]int, p.people)
	for i := range m.Rows {
		for _, t := range m.Rows[i].Terms {
			count[t.Person]++
		}
	}
	for i := range puts {
		puts[i] = make([]put, 0, count[i])
	}
	p.rows = make([]row, 0, len(m.Rows)+len(p.set.Relaxed))
	p.members = make([][]int32, 0, cap(p.rows))
	p.relaxed = make([][]int32, p.people)
	var terms []model.Term
	for i := range m.Rows {
		terms = append(terms[:0], m.Rows[i].Terms...)
		p.add(m.Rows[i].Base, m.Rows[i].Bound, terms, puts)
	}
	for _, x := range p.set.Relaxed {
		terms = terms[:0]
		of, base := m.Measures[x.Of].Of, x.Base
		for d := max(x.From, 0); d < min(x.To, p.days); d++ {
			for i, w := range of[d] {
				switch {
				case w == 0 || m.People[x.Person].Cost[d][i] == model.Forbidden:
				case d < p.first:
					base += int64(w)
				default:
					terms = append(terms, model.Term{Person: int32(x.Person), Day: int32(d), Duty: int32(i), Weight: w})
				}
			}
		}
		p.relaxed[x.Person] = append(p.relaxed[x.Person], int32(len(p.rows)))
		p.add(base, x.Bound, terms, puts)
	}
	return puts
}

// add makes one row from its terms, which it sorts.
func (p *problem) add(base int64, b model.Bound, terms []model.Term, puts [][]put) {
	r := row{bound: b, base: base, first: math.MaxInt32, last: -1}
	for _, t := range terms {
		r.unit = gcd(r.unit, abs(int64(t.Weight)))
	}
	r.unit = max(r.unit, 1)
	sort.Slice(terms, func(i, j int) bool {
		a, b := &terms[i], &terms[j]
		if a.Person != b.Person {
			return a.Person < b.Person
		}
		if a.Day != b.Day {
			return a.Day < b.Day
		}
		return a.Duty < b.Duty
	})
	var who []int32
	index := int32(len(p.rows))
	for i := 0; i < len(terms); {
		t := terms[i]
		costs := p.m.People[t.Person].Cost[t.Day]
		var most, least int64 // a person taken out of the roster puts nothing
		reach := false
		for ; i < len(terms) && terms[i].Person == t.Person && terms[i].Day == t.Day; i++ {
			w := int64(terms[i].Weight) / r.unit
			if w == 0 || costs[terms[i].Duty] == model.Forbidden {
				continue
			}
			reach = true
			most, least = max(most, w), min(least, w)
			r.max = max(r.max, abs(w))
			r.first, r.last = min(r.first, t.Day), max(r.last, t.Day)
			puts[t.Person] = append(puts[t.Person], put{p.cellOf[t.Day] + terms[i].Duty, index, int32(w)})
		}
		if !reach {
			continue
		}
		r.hi += most
		r.lo += least
		r.mass += float64(max(most, -least)) * float64(max(most, -least))
		if len(who) == 0 || who[len(who)-1] != t.Person {
			who = append(who, t.Person)
		}
	}
	r.span, r.people = max(1, int64(r.last-r.first)+1), int64(len(who))
	p.rows = append(p.rows, r)
	p.members = append(p.members, who)
}

// incidence makes classes of people with the same terms.
func (p *problem) incidence(puts [][]put) {
	p.class = make([]int32, p.people)
	known := map[string]int32{}
	var key []byte
	for i, ps := range puts {
		sort.Slice(ps, func(a, b int) bool {
			if ps[a].cell != ps[b].cell {
				return ps[a].cell < ps[b].cell
			}
			return ps[a].row < ps[b].row
		})
		key = key[:0]
		for _, t := range ps {
			key = binary.LittleEndian.AppendUint32(key, uint32(t.cell))
			key = binary.LittleEndian.AppendUint32(key, uint32(t.row))
			key = binary.LittleEndian.AppendUint32(key, uint32(t.w))
		}
		k, ok := known[string(key)]
		if !ok {
			k = int32(len(p.inc))
			known[string(key)] = k
			inc := incidence{at: make([]int32, p.cells+1), ent: make([]entry, len(ps))}
			for j, t := range ps {
				inc.at[t.cell+1]++
				inc.ent[j] = entry{t.row, t.w}
			}
			for c := 0; c < p.cells; c++ {
				inc.at[c+1] += inc.at[c]
			}
			p.inc = append(p.inc, inc)
		}
		p.class[i] = k
		puts[i] = nil
	}
}

// limits keeps every cell's price within what pricing takes.
func (p *problem) limits() {
	most := int64(1)
	for k := range p.inc {
		for c := 0; c < p.cells; c++ {
			most = max(most, int64(len(p.inc[k].of(int32(c)))))
		}
	}
	for r := range p.rows {
		p.rows[r].lim = int32(max(1, int64(p.set.MaxPrice)/2/most/max(p.rows[r].max, 1)))
	}
}

// paces lets the price of a row move the slower, the more a change of it moves
// the row: the hours of a person over a year answer to a price that the places
// of one day would hardly feel.
func (p *problem) paces() {
	var masses []float64
	for r := range p.rows {
		if m := p.rows[r].mass; m > 0 {
			masses = append(masses, m)
		}
	}
	if p.typical = 1; len(masses) == 0 {
		return
	}
	slices.Sort(masses)
	p.typical = masses[len(masses)/2]
	for r := range p.rows {
		x := &p.rows[r]
		x.pace = p.pace(x.mass)
	}
}

// pace is that of a row of the given mass, beside a row of typical mass.
func (p *problem) pace(mass float64) float64 {
	return max(1e-5, min(4, p.typical/max(mass, 1)))
}

// soft is the row's true price at u, hard ends aside.
func (r *row) soft(u int64) int64 { return int64(r.bound.Price(r.base + r.unit*u)) }

// broken is by how many units u lies outside the hard ends.
func (r *row) broken(u int64) int64 {
	switch {
	case u < r.dlo:
		return r.dlo - u
	case u > r.dhi:
		return u - r.dhi
	}
	return 0
}

// at is the row's price at u as the search sees it.
func (p *problem) at(r *row, u int64) int64 {
	if r.tab != nil {
		return r.tab[u-r.lo]
	}
	return r.soft(u) + p.hard*r.broken(u)
}

// setHard prices the hard ends of rows anew. Not while tasks run.
func (p *problem) setHard(h int64) {
	p.hard = h
	for i := range p.rows {
		r := &p.rows[i]
		if r.hi-r.lo > tableWidth {
			continue
		}
		if r.tab == nil {
			r.tab = make([]int64, r.hi-r.lo+1)
		}
		for u := r.lo; u <= r.hi; u++ {
			r.tab[u-r.lo] = r.soft(u) + h*r.broken(u)
		}
	}
}

// envelope finds the domain and the convex envelope of the row.
func (r *row) envelope(scale int64) {
	r.dlo, r.dhi = r.lo, r.hi
	if r.bound.Min != model.NoMin {
		r.dlo = max(r.dlo, ceilDiv(r.bound.Min-r.base, r.unit))
	}
	if r.bound.Max != model.NoMax {
		r.dhi = min(r.dhi, floorDiv(r.bound.Max-r.base, r.unit))
	}
	if r.dlo > r.dhi { // no roster can hold it; Infeasible is said elsewhere
		return
	}
	if r.dhi-r.dlo <= 1<<16 && r.soft(r.dlo) < 1<<44 && r.soft(r.dhi) < 1<<44 {
		r.kink, r.cost = hull(r.dlo, r.dhi, r.soft)
	} else {
		r.kink, r.cost = r.below()
	}
	r.floor, r.ceil = -r.lim, r.lim
	n := len(r.kink)
	clip := func(v int64) int32 { return int32(max(-int64(r.lim), min(int64(r.lim), v))) }
	if n > 1 {
		if r.dlo == r.lo {
			r.floor = clip(floorDiv(scale*(r.cost[1]-r.cost[0]), r.kink[1]-r.kink[0]))
		}
		if r.dhi == r.hi {
			r.ceil = clip(ceilDiv(scale*(r.cost[n-1]-r.cost[n-2]), r.kink[n-1]-r.kink[n-2]))
		}
	} else if r.lo == r.hi {
		r.floor, r.ceil = 0, 0
	}
}

// hull is the lower convex hull of f on the integers [lo, hi].
func hull(lo, hi int64, f func(int64) int64) (at, cost []int64) {
	for u := lo; u <= hi; u++ {
		c := f(u)
		for n := len(at); n >= 2; n = len(at) {
			// Drop the last point if it lies on or above the line from the one before to (u, c).
			if (cost[n-1]-cost[n-2])*(u-at[n-1]) < (c-cost[n-1])*(at[n-1]-at[n-2]) {
				break
			}
			at, cost = at[:n-1], cost[:n-1]
		}
		at, cost = append(at, u), append(cost, c)
	}
	return at, cost
}

// below is a convex function that is nowhere above the row's price: hinges with
// a Cap that matters count nothing, steps count as if they were straight.
func (r *row) below() (at, cost []int64) {
	points := []int64{r.dlo, r.dhi}
	for _, h := range r.bound.Hinges {
		for _, u := range []int64{floorDiv(h.At-r.base, r.unit), ceilDiv(h.At-r.base, r.unit)} {
			if u > r.dlo && u < r.dhi {
				points = append(points, u)
			}
		}
	}
	sort.Slice(points, func(i, j int) bool { return points[i] < points[j] })
	reach := max(abs(r.base+r.unit*r.dlo), abs(r.base+r.unit*r.dhi))
	under := func(u int64) int64 {
		v := r.base + r.unit*u
		var c int64
		for _, h := range r.bound.Hinges {
			step := max(h.Step, 1)
			if h.Cap > 0 && h.Cap*step < reach+abs(h.At) {
				continue
			}
			d, w := h.At-v, int64(h.Below)
			if d < 0 {
				d, w = -d, int64(h.Above)
			}
			c += d / step * w
		}
		return c
	}
	last := r.dlo - 1
	for _, u := range points {
		if u == last {
			continue
		}
		last = u
		c := under(u)
		for n := len(at); n >= 2; n = len(at) {
			a := float64(cost[n-1]-cost[n-2]) * float64(u-at[n-1])
			b := float64(c-cost[n-1]) * float64(at[n-1]-at[n-2])
			if a < b {
				break
			}
			at, cost = at[:n-1], cost[:n-1]
		}
		at, cost = append(at, u), append(cost, c)
	}
	return at, cost
}

// conjugate is the least of scale*price - y*u over the envelope, and where.
func (r *row) conjugate(scale, y int64) (g, u int64) {
	k := 0
	if len(r.kink) > 8 {
		k = sort.Search(len(r.kink)-1, func(k int) bool {
			return scale*(r.cost[k+1]-r.cost[k]) >= y*(r.kink[k+1]-r.kink[k])
		})
	} else {
		for k+1 < len(r.kink) && scale*(r.cost[k+1]-r.cost[k]) < y*(r.kink[k+1]-r.kink[k]) {
			k++
		}
	}
	return scale*r.cost[k] - y*r.kink[k], r.kink[k]
}

// master is the row as the price master wants it, in costs per unit.
func (r *row) master(scale int64) master.Row {
	x := master.Row{First: float64(r.floor) / float64(scale), Last: float64(r.ceil) / float64(scale), Pace: r.pace}
	for k, u := range r.kink {
		x.At = append(x.At, float64(u))
		x.Cost = append(x.Cost, float64(r.cost[k]))
	}
	return x
}

func gcd(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

func abs(a int64) int64 {
	if a < 0 {
		return -a
	}
	return a
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

func ceilDiv(a, b int64) int64 { return -floorDiv(-a, b) }
