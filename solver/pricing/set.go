package pricing

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"rota/solver/model"
)

// infinite stands for "no way" in scaled values. Values of real ways stay below
// half of it, and infinite plus or minus them stays above: see Set.MaxPrice.
const infinite = int32(1) << 30

// Set is every person's compiled graph. It is immutable and shared by all
// workers.
type Set struct {
	M *model.Model
	// Scale is the power of two by which costs are multiplied in prices and
	// values, so that prices may be fractions.
	Scale int64
	// MaxPrice is the largest absolute price of a cell for which Best's
	// arithmetic holds.
	MaxPrice int32
	// CellOf[d]+duty is the index of a cell in a vector of prices.
	CellOf []int32
	NCells int
	// Relaxed lists the personal rules that Best neither enforces nor charges.
	Relaxed   []Relaxed
	RelaxedOf [][]int // person -> indexes of Relaxed

	people []compiled
}

// Relaxed is a counter of one person that Best leaves out.
type Relaxed struct {
	Person, Counter int
	Of              model.MeasureID
	From, To        int
	Base            int64
	Bound           model.Bound
}

// compiled is what is a person's own beside the graph of the class.
type compiled struct {
	g      *graph
	node   int32       // before day First
	levels []int32     // of the dims before day First
	spent  int64       // scaled charges of windows that end in history
	cost   []int32     // scaled, by cell; infinite where not allowed
	tables [][][]int32 // [dim][window][level]: scaled charge when the window ends
	caps   [][]int32   // [dim][window]: highest level that breaks no bound, -1 for none
	floors [][]int32   // [dim][window]: lowest such level
}

// Impossible says that a person has no legal roster at all, which proves the
// model infeasible.
type Impossible struct{ Person int }

func (e *Impossible) Error() string {
	return fmt.Sprintf("person %d has no roster that keeps all hard personal rules", e.Person)
}

// Compile builds the graphs of all people. It returns *Impossible if somebody
// has no legal roster. workers bounds the goroutines it uses; the result does
// not depend on it.
func Compile(m *model.Model, workers int) (*Set, error) {
	s := &Set{M: m}
	s.CellOf = make([]int32, len(m.Days)+1)
	for d := range m.Days {
		s.CellOf[d+1] = s.CellOf[d] + int32(len(m.Days[d].Duties))
	}
	s.NCells = int(s.CellOf[len(m.Days)])
	s.scale()
	s.people = make([]compiled, len(m.People))
	s.RelaxedOf = make([][]int, len(m.People))

	var classes [][]int
	byKey := map[string]int{}
	for p := range m.People {
		key := classKey(m, &m.People[p])
		c, ok := byKey[key]
		if !ok {
			c = len(classes)
			byKey[key] = c
			classes = append(classes, nil)
		}
		classes[c] = append(classes[c], p)
	}
	errs := make([]error, len(classes))
	parallel(workers, len(classes), func(c int) { errs[c] = s.compileClass(classes[c]) })
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	bad := make([]bool, len(m.People))
	left := make([][]Relaxed, len(m.People))
	spaces := make(chan *Space, workers+1)
	parallel(workers, len(m.People), func(p int) {
		var sp *Space
		select {
		case sp = <-spaces:
		default:
			sp = s.NewSpace()
		}
		_, ok := sp.Best(p, m.First, len(m.Days), sp.history(p), sp.zero(), make([]uint8, len(m.Days)))
		bad[p] = !ok
		left[p] = sp.leftOut(p)
		spaces <- sp
	})
	if p := slices.Index(bad, true); p >= 0 {
		return nil, &Impossible{p}
	}
	for p := range left {
		for _, r := range left[p] {
			s.RelaxedOf[p] = append(s.RelaxedOf[p], len(s.Relaxed))
			s.Relaxed = append(s.Relaxed, r)
		}
	}
	return s, nil
}

// leftOut lists the counters that the last search, one over the whole horizon,
// did not track although they might bind. Shorter ones track at least as many.
func (sp *Space) leftOut(p int) []Relaxed {
	var out []Relaxed
	m := sp.set.M
	for _, k := range sp.left {
		for _, w := range sp.g.dims[k].windows {
			if w.to <= m.First {
				continue
			}
			for _, r := range w.rules {
				t := m.People[p].Counters[r]
				out = append(out, Relaxed{p, r, t.Of, t.From, t.To, t.Base, t.Bound})
			}
		}
	}
	return out
}

func parallel(workers, n int, f func(i int)) {
	var next atomic.Int64
	var wg sync.WaitGroup
	for range max(1, min(workers, n)) {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				f(i)
			}
		})
	}
	wg.Wait()
}

// scale picks the largest Scale for which a whole roster under the prices that
// rows can ask for stays far below infinite.
func (s *Set) scale() {
	m := s.M
	var own, cell int64
	for p := range m.People {
		own = max(own, worstPerson(m, &m.People[p]))
	}
	per := make([]int64, s.NCells)
	person := int32(-1)
	for _, r := range m.Rows {
		var slope int64
		for _, h := range r.Bound.Hinges {
			slope += int64(max(h.Below, h.Above))
		}
		for _, t := range r.Terms {
			if t.Person != person && person >= 0 {
				continue // one person's cells tell the size well enough
			}
			if person < 0 {
				person = t.Person
			}
			per[s.CellOf[t.Day]+t.Duty] += slope * int64(max(t.Weight, -t.Weight))
		}
	}
	for _, v := range per {
		cell = max(cell, v)
	}
	days := int64(max(1, len(m.Days)-m.First))
	const room = int64(infinite) / 2
	for s.Scale = 256; s.Scale > 1 && s.Scale*(own+2*cell*days) > room; s.Scale /= 2 {
	}
	s.MaxPrice = int32(max(1, (room-min(room/2, s.Scale*own))/days))
}

// worstPerson is a rough upper limit of what a legal roster costs a person.
func worstPerson(m *model.Model, p *model.Person) int64 {
	var sum int64
	add := func(c model.Cost) {
		if c != model.Forbidden {
			sum += int64(c)
		}
	}
	days := model.Cost(len(m.Days) - m.First)
	for d := m.First; d < len(m.Days); d++ {
		var worst model.Cost
		for _, c := range p.Cost[d] {
			if c != model.Forbidden {
				worst = max(worst, c)
			}
		}
		add(worst)
	}
	bound := func(b model.Bound, hi int64) {
		lo := int64(0)
		if b.Min != model.NoMin {
			lo = max(lo, b.Min)
		}
		if b.Max != model.NoMax {
			hi = min(hi, b.Max)
		}
		add(max(b.Price(lo), b.Price(hi)))
	}
	for _, c := range p.Counters {
		hi := c.Base
		for d := c.From; d < c.To; d++ {
			hi += int64(slices.Max(m.Measures[c.Of].Of[d]))
		}
		bound(c.Bound, hi)
	}
	for _, c := range p.SpanCounts {
		bound(c.Bound, c.Base+int64(len(c.Over)))
	}
	for _, r := range p.Runs {
		for _, c := range []model.Cost{r.MaxCost, r.MinCost} {
			if c != model.Forbidden {
				sum += int64(c * days)
			}
		}
	}
	for _, r := range p.SpanRuns {
		for _, c := range []model.Cost{r.MaxCost, r.MinCost} {
			if c != model.Forbidden {
				sum += int64(c) * int64(len(r.Over))
			}
		}
	}
	for _, w := range p.Words {
		if w.Cost != model.Forbidden {
			n := days
			if w.Starts != nil {
				n = model.Cost(len(w.Starts))
			}
			sum += int64(w.Cost * n)
		}
	}
	for _, t := range p.Links {
		var worst model.Cost
		for _, l := range m.Links[t].Links {
			if l.Cost != model.Forbidden {
				worst = max(worst, l.Cost)
			}
		}
		sum += int64(worst * days)
	}
	for _, r := range p.Recoveries {
		if r.Cost != model.Forbidden {
			sum += int64(r.Cost) * int64(r.Rest/max(r.Step, 1)+1) * int64(days) / 2
		}
	}
	for _, x := range p.Spans {
		var worst model.Cost
		for _, c := range x.Cost {
			if c != model.Forbidden {
				worst = max(worst, c)
			}
		}
		add(worst)
	}
	for _, f := range p.Frees {
		add(f.Cost)
	}
	return min(sum, math.MaxInt64/4)
}

// classKey is equal for people whose rules differ at most in the bounds of
// counters and span counts that become dims.
func classKey(m *model.Model, p *model.Person) string {
	dims, counters, spans := dimsOf(p)
	var b strings.Builder
	fmt.Fprintf(&b, "%v|%v|%v|%v|%v|%v|%v|", p.Runs, p.Words, p.Links, p.Recoveries, p.SpanRuns, p.Spans, p.Frees)
	for _, i := range counters {
		fmt.Fprintf(&b, "c%v", p.Counters[i])
	}
	for _, i := range spans {
		fmt.Fprintf(&b, "s%v", p.SpanCounts[i])
	}
	for _, d := range dims {
		fmt.Fprintf(&b, "d%v", d.windows)
		if d.spans {
			for _, w := range d.windows {
				fmt.Fprintf(&b, "%v", p.SpanCounts[w.rules[0]].Over)
			}
		}
	}
	return b.String()
}

// dimsOf decides which counters and span counts become axes of the grid and
// which become nodes: windows that overlap more than twice are nodes.
func dimsOf(p *model.Person) (dims []dim, counters, spans []int) {
	type item struct {
		w     window
		spans bool
	}
	var items []item
	for i, c := range p.Counters {
		if c.From >= c.To {
			counters = append(counters, i)
			continue
		}
		j := slices.IndexFunc(items, func(x item) bool { return !x.spans && x.w.of == c.Of && x.w.from == c.From && x.w.to == c.To })
		if j < 0 {
			j = len(items)
			items = append(items, item{w: window{from: c.From, to: c.To, of: c.Of}})
		}
		items[j].w.rules = append(items[j].w.rules, i)
	}
	for i, c := range p.SpanCounts {
		if len(c.Over) == 0 {
			spans = append(spans, i)
			continue
		}
		j := slices.IndexFunc(items, func(x item) bool {
			return x.spans && x.w.of == c.Of && slices.Equal(p.SpanCounts[x.w.rules[0]].Over, c.Over)
		})
		if j < 0 {
			j = len(items)
			items = append(items, item{window{from: c.Over[0].From, to: c.Over[len(c.Over)-1].To, of: c.Of, unit: 1}, true})
		}
		items[j].w.rules = append(items[j].w.rules, i)
	}
	slices.SortStableFunc(items, func(a, b item) int { return a.w.from - b.w.from })
	done := make([]bool, len(items))
	for i := range items {
		if done[i] {
			continue
		}
		var chains [][]window
		for j := i; j < len(items); j++ {
			if done[j] || items[j].spans != items[i].spans || items[j].w.of != items[i].w.of {
				continue
			}
			done[j] = true
			w := items[j].w
			k := slices.IndexFunc(chains, func(c []window) bool { return c[len(c)-1].to <= w.from })
			if k < 0 {
				k = len(chains)
				chains = append(chains, nil)
			}
			chains[k] = append(chains[k], w)
		}
		most := 2
		if items[i].spans {
			most = 1
		}
		for _, c := range chains {
			if len(chains) <= most {
				dims = append(dims, dim{spans: items[i].spans, windows: c})
				continue
			}
			for _, w := range c {
				if items[i].spans {
					spans = append(spans, w.rules...)
				} else {
					counters = append(counters, w.rules...)
				}
			}
		}
	}
	return dims, counters, spans
}

// maxArcs bounds what exploring the product of a class may cost.
const maxArcs = 6_000_000

// compileClass builds the graph that the people of a class share.
func (s *Set) compileClass(class []int) error {
	m := s.M
	p := &m.People[class[0]]
	dims, counters, spans := dimsOf(p)
	allowed := make([][]bool, len(m.Days))
	for d := range allowed {
		allowed[d] = make([]bool, len(m.Days[d].Duties))
		for _, q := range class {
			for i, c := range m.People[q].Cost[d] {
				allowed[d][i] = allowed[d][i] || c != model.Forbidden
			}
		}
	}
	setUnits(m, dims, allowed)
	x := newMachine(m, p, dims, counters, spans)
	starts := make([][]int32, len(class))
	for i, q := range class {
		var ok bool
		if starts[i], ok = s.past(x, q, dims); !ok {
			return &Impossible{q}
		}
	}
	e, err := x.explore(starts, allowed, maxArcs)
	if err != nil {
		return err
	}
	e.prune()
	keep, order := s.choose(e, class, dims)
	g, nodes, err := e.minimise(m, dims, keep, s.Scale)
	if err != nil {
		return err
	}
	g.order = order
	for i, q := range class {
		c := &s.people[q]
		if nodes[i] < 0 {
			return &Impossible{q}
		}
		c.g, c.node = g, nodes[i]
		all := c.levels
		c.levels = make([]int32, len(keep))
		c.tables = make([][][]int32, len(keep))
		c.caps = make([][]int32, len(keep))
		c.floors = make([][]int32, len(keep))
		for j, k := range keep {
			c.levels[j] = all[k]
			for wi := range dims[k].windows {
				t := s.table(q, &dims[k], wi)
				c.tables[j] = append(c.tables[j], t)
				lo, hi := legal(t)
				c.floors[j], c.caps[j] = append(c.floors[j], lo), append(c.caps[j], hi)
			}
		}
		c.cost = make([]int32, s.NCells)
		for d := range m.Days {
			for j, v := range m.People[q].Cost[d] {
				c.cost[s.CellOf[d]+int32(j)] = infinite
				if v != model.Forbidden {
					c.cost[s.CellOf[d]+int32(j)] = int32(int64(v) * s.Scale)
				}
			}
		}
	}
	return nil
}

func newMachine(m *model.Model, p *model.Person, dims []dim, counters, spans []int) *machine {
	var ws []watcher
	var on []int
	add := func(w watcher, dim int) { ws, on = append(ws, w), append(on, dim) }
	if len(p.Links) > 0 {
		add(newLinks(m, p.Links), -1)
	}
	for _, r := range p.Runs {
		add(newRun(m, r), -1)
	}
	for _, r := range p.Recoveries {
		add(newRecovery(m, r), -1)
	}
	for _, w := range p.Words {
		add(newWord(m, w), -1)
	}
	for _, r := range p.SpanRuns {
		add(newSpanRun(m, r), -1)
	}
	for k, d := range dims {
		if d.spans {
			for _, w := range d.windows {
				add(newSpanCount(m, p.SpanCounts[w.rules[0]], true), k)
			}
		}
	}
	for _, i := range spans {
		add(newSpanCount(m, p.SpanCounts[i], false), -1)
	}
	for _, i := range counters {
		add(&counterWatcher{m, p.Counters[i]}, -1)
	}
	for _, x := range p.Spans {
		add(&spanWatcher{m, x}, -1)
	}
	for _, f := range p.Frees {
		add(newFree(m, f), -1)
	}
	return &machine{m, lanesOf(m, ws, on), dims}
}

// setUnits gives each dim the greatest unit in which all amounts are whole.
func setUnits(m *model.Model, dims []dim, allowed [][]bool) {
	for k := range dims {
		if dims[k].spans {
			continue
		}
		var u int64
		for _, w := range dims[k].windows {
			for d := w.from; d < w.to; d++ {
				for i, v := range m.Measures[w.of].Of[d] {
					if allowed[d][i] {
						for a, b := u, int64(v); ; a, b = b, a%b {
							if b == 0 {
								u = a
								break
							}
						}
					}
				}
			}
		}
		for i := range dims[k].windows {
			dims[k].windows[i].unit = max(u, 1)
		}
	}
}

// past walks a person's history; the state before First, or false if a rule
// with a window wholly in history is broken.
func (s *Set) past(x *machine, q int, dims []dim) ([]int32, bool) {
	m := s.M
	state, next := x.start(), make([]int32, len(x.lanes))
	inc := make([]int32, len(dims))
	c := &s.people[q]
	c.levels = make([]int32, len(dims))
	var spent model.Cost
	for d := range m.First {
		duty := slices.IndexFunc(m.People[q].Cost[d], func(c model.Cost) bool { return c != model.Forbidden })
		cost := x.step(d, duty, state, next, inc)
		if cost == model.Forbidden {
			return nil, false
		}
		spent += cost
		state, next = next, state
		for k := range dims {
			c.levels[k] += inc[k]
			for wi, w := range dims[k].windows {
				if w.to == d+1 {
					charge, ok := s.settle(q, &dims[k], wi, int64(c.levels[k]))
					if !ok {
						return nil, false
					}
					spent += charge
					c.levels[k] = 0
				}
			}
		}
	}
	c.spent = int64(spent) * s.Scale
	return slices.Clone(state), true
}

// settle is the charge of a window that ends at a level.
func (s *Set) settle(q int, d *dim, wi int, level int64) (model.Cost, bool) {
	w := &d.windows[wi]
	var c model.Cost
	for _, r := range w.rules {
		var base int64
		var b *model.Bound
		if p := &s.M.People[q]; d.spans {
			base, b = p.SpanCounts[r].Base, &p.SpanCounts[r].Bound
		} else {
			base, b = p.Counters[r].Base, &p.Counters[r].Bound
		}
		v := base + level*w.unit
		if !b.Holds(v) {
			return 0, false
		}
		c += b.Price(v)
	}
	return c, true
}

// table is settle for every level a window can reach, scaled.
func (s *Set) table(q int, d *dim, wi int) []int32 {
	t := make([]int32, d.levels)
	for l := range t {
		t[l] = infinite
		if c, ok := s.settle(q, d, wi, int64(l)); ok {
			t[l] = int32(min(int64(c)*s.Scale, int64(infinite)))
		}
	}
	return t
}

// choose lists the dims that can charge or break anything, in the order of the
// grid (those with a lower end or a price first, then the larger), and their
// positions in the order in which a search adds them to its grid.
func (s *Set) choose(e *explored, class []int, dims []dim) (keep, order []int) {
	m := s.M
	size := make([]int, len(dims))
	for k := range dims {
		d := &dims[k]
		binds := false
		for wi, w := range d.windows {
			if w.to <= m.First {
				continue
			}
			lo, hi := e.reach(m.First, k, w)
			if hi < lo {
				continue
			}
			for _, q := range class {
				past := int64(0)
				if w.from < m.First {
					past = int64(s.people[q].levels[k])
				}
				d.levels = max(d.levels, int(past+int64(hi))+1)
				size[k] = max(size[k], int(hi)+1)
				least, ok := s.settle(q, d, wi, past+int64(lo))
				if !ok || least > 0 || d.spans || !d.upperOnly(m, q, wi) {
					d.two = true
				}
				for l := past + int64(lo); l <= past+int64(hi) && !binds; l++ {
					c, ok := s.settle(q, d, wi, l)
					binds = !ok || c > 0
				}
			}
		}
		if binds {
			keep = append(keep, k)
		}
	}
	slices.SortStableFunc(keep, func(a, b int) int {
		if dims[a].two != dims[b].two {
			if dims[a].two {
				return -1
			}
			return 1
		}
		return size[b] - size[a]
	})
	for i := range keep {
		order = append(order, i)
	}
	slices.SortStableFunc(order, func(i, j int) int {
		a, b := keep[i], keep[j]
		if dims[a].two != dims[b].two {
			return i - j
		}
		return size[a] - size[b]
	})
	return keep, order
}

// upperOnly reports whether the bounds of a window are plain upper ends, which
// a caller can price and repair.
func (d *dim) upperOnly(m *model.Model, q, wi int) bool {
	for _, r := range d.windows[wi].rules {
		b := m.People[q].Counters[r].Bound
		if b.Min != model.NoMin && b.Min > 0 || len(b.Hinges) > 0 {
			return false
		}
	}
	return true
}
