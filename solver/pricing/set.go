package pricing

import (
	"fmt"
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
	// Relaxed lists the personal rules that a Best over the whole horizon neither
	// enforces nor charges; a shorter one may, see Space.Loose.
	Relaxed   []Relaxed
	RelaxedOf [][]int // person -> indexes of Relaxed

	people []compiled
}

// Relaxed is a counter of one person that Best may leave out.
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
	rules  [][][]int   // [dim][window]: counters (or span counts) that it settles
	levels []int32     // of the dims before day First
	spent  int64       // scaled charges of windows that end in history
	cost   []int32     // scaled, by cell; infinite where not allowed
	tables [][][]int32 // [dim][window][level]: scaled charge when the window ends
	caps   [][]int32   // [dim][window]: highest level that breaks no bound, -1 for none
	floors [][]int32   // [dim][window]: lowest such level
	idle   []bool      // by dim: nothing of this person's ever charges or breaks there
	order  []int       // dims in the order in which a search adds them to its grid
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
		// What the whole horizon tracks comes first from now on, so that no
		// shorter search leaves it out in favour of something else.
		c := &s.people[p]
		c.order = slices.DeleteFunc(slices.Clone(c.order), func(k int) bool { return slices.Contains(sp.left, k) })
		c.order = append(c.order, sp.left...)
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
		for wi, w := range sp.g.dims[k].windows {
			if w.to <= m.First {
				continue
			}
			for _, r := range sp.set.people[p].rules[k][wi] {
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
// rows can ask for stays far below infinite. What a person pays takes no more than
// half of the room, as model.MaxPerson sees to where Scale is 1.
func (s *Set) scale() {
	m := s.M
	worst, _ := model.WorstPeople(m)
	own, cell := int64(worst), int64(0)
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
	for s.Scale = 256; s.Scale > 1 && (s.Scale*(own+2*cell*days) > room || s.Scale*own > room/2); s.Scale /= 2 {
	}
	s.MaxPrice = int32(max(1, (room-s.Scale*own)/days))
}

// classKey is equal for people who differ at most in the counters that become
// dims, and in the bounds of span counts that do.
func classKey(m *model.Model, p *model.Person) string {
	own, counters, spans := dimsOf(p)
	var b strings.Builder
	write := func(kind byte, v any) {
		b.WriteByte(kind)
		fmt.Fprintf(&b, "%v", v)
	}
	for _, x := range p.Runs {
		x.Name = ""
		write('r', x)
	}
	for _, x := range p.Words {
		x.Name = ""
		write('w', x)
	}
	write('l', p.Links)
	for _, x := range p.Recoveries {
		x.Name = ""
		write('y', x)
	}
	for _, x := range p.SpanRuns {
		x.Name = ""
		write('u', x)
	}
	for _, x := range p.Spans {
		x.Name = ""
		write('s', x)
	}
	for _, x := range p.Frees {
		x.Name = ""
		write('f', x)
	}
	for _, i := range counters {
		x := p.Counters[i]
		x.Name = ""
		write('c', x)
	}
	for _, i := range spans {
		x := p.SpanCounts[i]
		x.Name = ""
		write('n', x)
	}
	for _, o := range own {
		if o.spans {
			write('d', o.windows)
		} else if u := unitOf(m, p, &o.dim); u > 1 { // a finer unit would cost the others
			write('m', o.windows)
			write('=', u)
		}
	}
	return b.String()
}

// ownDim is a dim with the rules of one person that it settles, by window.
type ownDim struct {
	dim
	rules [][]int
}

func (d *dim) same(o *dim) bool {
	return d.spans == o.spans && slices.EqualFunc(d.windows, o.windows, func(a, b window) bool {
		return a.from == b.from && a.to == b.to && a.of == b.of && slices.Equal(a.over, b.over)
	})
}

// dimsOf decides which counters and span counts become axes of the grid and
// which become nodes: windows that overlap more than twice are nodes.
func dimsOf(p *model.Person) (own []ownDim, counters, spans []int) {
	type item struct {
		w     window
		spans bool
		rules []int
	}
	var items []item
	for i, c := range p.Counters {
		j := slices.IndexFunc(items, func(x item) bool { return !x.spans && x.w.of == c.Of && x.w.from == c.From && x.w.to == c.To })
		if j < 0 {
			j = len(items)
			items = append(items, item{w: window{from: c.From, to: c.To, of: c.Of}})
		}
		items[j].rules = append(items[j].rules, i)
	}
	for i, c := range p.SpanCounts {
		j := slices.IndexFunc(items, func(x item) bool { return x.spans && x.w.of == c.Of && slices.Equal(x.w.over, c.Over) })
		if j < 0 {
			j = len(items)
			items = append(items, item{window{c.Over[0].From, c.Over[len(c.Over)-1].To, c.Of, c.Over, 1}, true, nil})
		}
		items[j].rules = append(items[j].rules, i)
	}
	slices.SortStableFunc(items, func(a, b item) int { return a.w.from - b.w.from })
	done := make([]bool, len(items))
	for i := range items {
		if done[i] {
			continue
		}
		var chains []ownDim
		for j := i; j < len(items); j++ {
			x := &items[j]
			if done[j] || x.spans != items[i].spans || x.w.of != items[i].w.of {
				continue
			}
			done[j] = true
			k := slices.IndexFunc(chains, func(c ownDim) bool { return c.windows[len(c.windows)-1].to <= x.w.from })
			if k < 0 {
				k = len(chains)
				chains = append(chains, ownDim{dim: dim{spans: x.spans}})
			}
			chains[k].windows = append(chains[k].windows, x.w)
			chains[k].rules = append(chains[k].rules, x.rules)
		}
		most := 2
		if items[i].spans {
			most = 1
		}
		for _, c := range chains {
			if len(chains) <= most {
				own = append(own, c)
				continue
			}
			for _, r := range c.rules {
				if items[i].spans {
					spans = append(spans, r...)
				} else {
					counters = append(counters, r...)
				}
			}
		}
	}
	return own, counters, spans
}

// unitOf is the greatest amount of which all that the person's duties add to a
// dim are multiples, 0 if they add nothing.
func unitOf(m *model.Model, p *model.Person, d *dim) int64 {
	var u int64
	for _, w := range d.windows {
		for day := w.from; day < w.to; day++ {
			for i, v := range m.Measures[w.of].Of[day] {
				if v != 0 && p.Cost[day][i] != model.Forbidden {
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
	return u
}

// maxArcs bounds what exploring the product of a class may cost.
const maxArcs = 6_000_000

// compileClass builds the graph that the people of a class share.
func (s *Set) compileClass(class []int) error {
	m := s.M
	_, counters, spans := dimsOf(&m.People[class[0]])
	dims := s.unite(class)
	allowed := make([][]bool, len(m.Days))
	for d := range allowed {
		allowed[d] = make([]bool, len(m.Days[d].Duties))
		for _, q := range class {
			for i, c := range m.People[q].Cost[d] {
				allowed[d][i] = allowed[d][i] || c != model.Forbidden
			}
		}
	}
	for k := range dims {
		if dims[k].spans && k >= 64 { // machine.step tells them by bits
			return errTooLarge
		}
	}
	x := newMachine(m, &m.People[class[0]], dims, counters, spans)
	starts := make([][]int32, len(class))
	for i, q := range class {
		var ok bool
		if starts[i], ok = s.past(x, q); !ok {
			return &Impossible{q}
		}
	}
	e, err := x.explore(starts, allowed, maxArcs)
	if err != nil {
		return err
	}
	e.prune()
	g, nodes := e.minimise(m, dims, s.Scale)
	for i, q := range class {
		if nodes[i] < 0 {
			return &Impossible{q}
		}
		s.people[q].g, s.people[q].node = g, nodes[i]
	}
	keep, order := s.choose(g, class)
	g.project(keep)
	g.finish(m)
	for _, q := range class {
		s.people[q].project(keep)
		s.people[q].order = order
		s.settleAll(q)
	}
	return nil
}

// unite lists the dims of all people of a class, and tells each person which
// of their rules a dim's windows settle.
func (s *Set) unite(class []int) []dim {
	m := s.M
	var dims []dim
	for _, q := range class {
		p := &m.People[q]
		own, _, _ := dimsOf(p)
		c := &s.people[q]
		for _, o := range own {
			u := int64(1)
			if !o.spans {
				u = max(u, unitOf(m, p, &o.dim))
			}
			k := slices.IndexFunc(dims, func(d dim) bool { return d.same(&o.dim) })
			if k < 0 {
				k = len(dims)
				dims = append(dims, o.dim)
				dims[k].windows = slices.Clone(o.windows)
				for i := range dims[k].windows {
					dims[k].windows[i].unit = u
				}
			}
			for i := range dims[k].windows {
				w := &dims[k].windows[i]
				w.unit = min(w.unit, u) // alike, but for people whose duties add nothing
			}
			for len(c.rules) <= k {
				c.rules = append(c.rules, nil)
			}
			c.rules[k] = o.rules
		}
	}
	for _, q := range class {
		c := &s.people[q]
		for k := range dims {
			if k == len(c.rules) {
				c.rules = append(c.rules, nil)
			}
			if c.rules[k] == nil {
				c.rules[k] = make([][]int, len(dims[k].windows))
			}
		}
	}
	return dims
}

// project keeps the dims named, as graph.project does.
func (c *compiled) project(keep []int) {
	levels, rules := c.levels, c.rules
	c.levels, c.rules = nil, nil
	for _, k := range keep {
		c.levels = append(c.levels, levels[k])
		c.rules = append(c.rules, rules[k])
	}
}

// settleAll fills a person's tables and scaled costs.
func (s *Set) settleAll(q int) {
	m := s.M
	c := &s.people[q]
	for k := range c.g.dims {
		d := &c.g.dims[k]
		c.tables = append(c.tables, nil)
		c.caps = append(c.caps, nil)
		c.floors = append(c.floors, nil)
		c.idle = append(c.idle, true)
		for wi := range d.windows {
			t := s.table(q, d, k, wi)
			c.idle[k] = c.idle[k] && !slices.ContainsFunc(t, func(v int32) bool { return v != 0 })
			lo, hi := legal(t)
			c.tables[k] = append(c.tables[k], t)
			c.floors[k], c.caps[k] = append(c.floors[k], lo), append(c.caps[k], hi)
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
				add(newSpanCount(m, model.SpanCount{Of: w.of, Over: w.over}, true), k)
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

// past walks a person's history; the state before First, or false if a rule
// with a window wholly in history is broken.
func (s *Set) past(x *machine, q int) ([]int32, bool) {
	m := s.M
	dims := x.dims
	state, next := x.start(), make([]int32, len(x.lanes))
	inc := make([]int32, len(dims))
	c := &s.people[q]
	c.levels = make([]int32, len(dims))
	var spent model.Cost
	for d := range m.First {
		duty := slices.IndexFunc(m.People[q].Cost[d], func(c model.Cost) bool { return c != model.Forbidden })
		x.amounts(d, duty, inc)
		cost, touched := x.step(d, duty, state, next)
		if cost == model.Forbidden {
			return nil, false
		}
		spent += cost
		state, next = next, state
		for k := range dims {
			c.levels[k] += inc[k] + int32(touched>>k&1)
			for wi, w := range dims[k].windows {
				if w.to == d+1 {
					charge, ok := s.settle(q, &dims[k], k, wi, int64(c.levels[k]))
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

// settle is the charge of window wi of d, the dim numbered k, that ends at a
// level.
func (s *Set) settle(q int, d *dim, k, wi int, level int64) (model.Cost, bool) {
	w := &d.windows[wi]
	var c model.Cost
	for _, r := range s.people[q].rules[k][wi] {
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
func (s *Set) table(q int, d *dim, k, wi int) []int32 {
	t := make([]int32, d.levels)
	for l := range t {
		t[l] = infinite
		if c, ok := s.settle(q, d, k, wi, int64(l)); ok {
			t[l] = int32(min(int64(c)*s.Scale, int64(infinite)))
		}
	}
	return t
}

// choose lists the dims that can charge or break anything, in the order of the
// grid: those with a lower end or a price first, of those the ones that are
// settled most often, and then the larger. order is their places in the order
// in which a search adds them to its grid.
func (s *Set) choose(g *graph, class []int) (keep, order []int) {
	m := s.M
	size := make([]int, len(g.dims))
	for k := range g.dims {
		d := &g.dims[k]
		binds := false
		for wi, w := range d.windows {
			if w.to <= m.First {
				continue
			}
			lo, hi := g.reach(m.First, k, w)
			for _, q := range class {
				past := int64(0)
				if w.from < m.First {
					past = int64(s.people[q].levels[k])
				}
				d.levels = max(d.levels, int(past+int64(hi))+1)
				size[k] = max(size[k], int(hi)+1)
				d.two = d.two || d.spans || !s.upperOnly(q, k, wi)
				for l := past + int64(lo); l <= past+int64(hi) && !binds; l++ {
					c, ok := s.settle(q, d, k, wi, l)
					binds = !ok || c > 0
				}
			}
		}
		if binds {
			keep = append(keep, k)
		}
	}
	slices.SortStableFunc(keep, func(a, b int) int {
		if g.dims[a].two != g.dims[b].two {
			if g.dims[a].two {
				return -1
			}
			return 1
		}
		if n := len(g.dims[b].windows) - len(g.dims[a].windows); n != 0 {
			return n
		}
		return size[b] - size[a]
	})
	for i := range keep {
		order = append(order, i)
	}
	slices.SortStableFunc(order, func(i, j int) int {
		a, b := keep[i], keep[j]
		if g.dims[a].two != g.dims[b].two {
			return i - j
		}
		return size[a] - size[b]
	})
	return keep, order
}

// upperOnly reports whether the bounds of a window are plain upper ends, which
// a caller can price and repair.
func (s *Set) upperOnly(q, k, wi int) bool {
	for _, r := range s.people[q].rules[k][wi] {
		b := s.M.People[q].Counters[r].Bound
		if b.Min != model.NoMin && b.Min > 0 || len(b.Hinges) > 0 {
			return false
		}
	}
	return true
}
