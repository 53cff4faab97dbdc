package search

import (
	"math"
	"slices"
	"sort"
)

// tree is a branch-and-bound search whose nodes are solved by their own duals.
// A branch narrows a row's sum or refuses a person cells. Nodes are taken best
// first, a fixed number at a time, each by one task.
type tree struct {
	e     *engine
	open  []*node
	count int
	// columns that were of use lately, by person: a start for every node.
	stock [][]stocked
	known []map[uint64]bool
	root  int64 // bound of the root, scaled
	spent int64
	fixed int64 // cost of the best roster when cells were last fixed
	full  bool  // too many open nodes: give up
}

// stocked is a column for later: days and scaled own cost.
type stocked struct {
	days []uint8
	own  int64
}

// A solved node is what a task makes of an open one.
type solved struct {
	bound    int64
	children []*node
	found    *state
	columns  []stockedFor
	work     int64
	cut      bool // stopped: the node stays open
}

type stockedFor struct {
	person int
	stocked
}

const (
	treeWidth = 4       // nodes solved at once
	treeOpen  = 200_000 // open nodes at most
	stockSize = 60      // columns kept a person
)

func newTree(e *engine) *tree {
	t := &tree{e: e, root: e.dual.bound, stock: make([][]stocked, e.p.people), known: make([]map[uint64]bool, e.p.people)}
	for i := range t.known {
		t.known[i] = map[uint64]bool{}
	}
	for i := range e.p.people {
		for _, c := range e.dual.master.Columns(i) {
			t.keep(stockedFor{i, stocked{c.Days, int64(math.Round(c.Cost * float64(e.p.set.Scale)))}})
		}
	}
	root := &node{bound: e.dual.bound, y: slices.Clone(e.dual.center), rows: map[int32]domain{}}
	t.open = append(t.open, root)
	return t
}

func (t *tree) keep(c stockedFor) {
	key := fingerprint(c.days)
	if t.known[c.person][key] {
		return
	}
	t.known[c.person][key] = true
	s := t.stock[c.person]
	if len(s) >= stockSize {
		delete(t.known[c.person], fingerprint(s[0].days))
		s = append(s[:0], s[1:]...)
	}
	t.stock[c.person] = append(s, c.stocked)
}

// worth reports whether branching has a chance: a tiny model, a small one of
// which little is left to prove, or a small gap.
func (t *tree) worth() bool {
	e := t.e
	if len(t.open) == 0 || t.full {
		return false
	}
	if t.cells() <= 1000 {
		return true
	}
	if !e.has || e.broken > 0 {
		return false
	}
	return t.close() || float64(e.cost-e.bound) <= 0.012*float64(max(e.cost, 1))
}

// close reports that a small model has only a few steps of cost left to prove.
func (t *tree) close() bool {
	return t.cells() <= 4000 && t.e.has && t.e.cost-t.e.bound <= 12*t.e.p.grain
}

// cells is how many cells all people have together.
func (t *tree) cells() int {
	p := t.e.p
	return p.people * int(p.cellOf[p.days]-p.cellOf[p.first])
}

// share is how much work branching may do for a unit of search.
func (t *tree) share() int64 {
	if t.cells() <= 1000 || t.close() {
		return 4
	}
	return 1
}

// fix refuses cells that only rosters no better than the best one can use, as
// the root's prices show, solves the root again without them, and so on while
// that helps. Open nodes take over what was refused.
func (t *tree) fix() {
	e, p := t.e, t.e.p
	if !e.has || e.broken > 0 || t.fixed == e.cost || e.dual.bound >= e.enough() {
		return
	}
	t.fixed = e.cost
	base := &node{bound: t.root, y: slices.Clone(e.dual.center), rows: map[int32]domain{}, veto: make([]cellSet, p.people)}
	u := e.dual
	for round := 0; round < 5 && !e.stop.Load(); round++ {
		for _, h := range e.crew.hands {
			h.begin(math.MaxInt64)
		}
		count := 0
		e.aside(func() {
			for i, s := range u.fix(e.crew, e.enough()) {
				if s != nil {
					base.veto[i] = s
					count++
				}
			}
		})
		if e.cfg.Known != nil && int64(e.cfg.KnownCost) < e.cost {
			for i := range p.people {
				if base.refuses(p, i, e.cfg.Known[i]) {
					panic("search: a known roster was cut off by fixing")
				}
			}
		}
		before := u.bound
		if count > 0 && !e.stop.Load() {
			base.y = slices.Clone(u.center)
			u = newDual(p, base)
			for i, cs := range t.stock {
				for _, c := range cs {
					if !base.refuses(p, i, c.days) {
						u.stocked(i, c.days, c.own)
					}
				}
			}
			e.aside(func() { u.improve(e.crew, 60, e.enough()) })
		}
		cells := 2 * u.master.Work
		for _, h := range e.crew.hands {
			cells += h.space.Work - h.start
		}
		e.work += cells / cellsPerUnit
		if u.dead && !e.stop.Load() {
			u.bound = e.enough()
		}
		if count == 0 || e.stop.Load() {
			break
		}
		base.bound = max(base.bound, u.bound)
		if u.bound >= e.enough() || u.bound <= before {
			break
		}
	}
	if e.stop.Load() {
		return
	}
	for _, n := range t.open {
		n.bound = max(n.bound, base.bound)
		if n.veto == nil {
			n.veto = slices.Clone(base.veto)
			continue
		}
		for i, s := range base.veto {
			if s == nil {
				continue
			}
			v := n.vetoed(i).with(p.cells)
			for k, w := range s {
				v[k] |= w
			}
			n.veto[i] = v
		}
	}
	if len(t.open) == 1 && t.open[0].depth == 0 {
		t.open[0].y = slices.Clone(u.center)
	}
	e.sweep(t)
}

// grow solves the next few nodes.
func (t *tree) grow() {
	e := t.e
	if t.fix(); e.over() || len(t.open) == 0 {
		return
	}
	sort.SliceStable(t.open, func(a, b int) bool {
		x, y := t.open[a], t.open[b]
		if x.bound != y.bound {
			return x.bound > y.bound
		}
		if x.depth != y.depth {
			return x.depth < y.depth
		}
		return x.order > y.order
	}) // the most promising last
	n := min(treeWidth, len(t.open))
	batch := slices.Clone(t.open[len(t.open)-n:])
	t.open = t.open[:len(t.open)-n]
	results := make([]solved, n)
	e.aside(func() {
		e.crew.each(n, func(h *hand, i int) { results[i] = t.solve(h, batch[i]) })
	})
	for i, r := range results {
		e.work += r.work
		t.spent += r.work
		if r.cut {
			t.open = append(t.open, batch[i])
			continue
		}
		if r.found != nil {
			e.offer(r.found)
		}
		for _, c := range r.columns {
			t.keep(c)
		}
		for _, c := range r.children {
			t.count++
			c.order = t.count
			t.open = append(t.open, c)
		}
	}
	e.sweep(t)
}

// sweep drops nodes that cannot hold a better roster, and raises the bound to
// the least of those left.
func (e *engine) sweep(t *tree) {
	enough := e.enough()
	kept := t.open[:0]
	least := int64(math.MaxInt64)
	for _, n := range t.open {
		if n.bound >= enough {
			continue
		}
		kept = append(kept, n)
		least = min(least, n.bound)
	}
	clear(t.open[len(kept):])
	t.open = kept
	t.full = len(t.open) > treeOpen
	switch {
	case len(t.open) > 0:
		e.raise(least)
	case e.has && e.broken == 0:
		e.raise(e.cost * e.p.set.Scale)
		e.proved = true
	default:
		e.proved, e.hopeless = true, true
	}
}

// solve bounds a node and makes its children.
func (t *tree) solve(h *hand, n *node) (r solved) {
	e, p := t.e, t.e.p
	h.begin(math.MaxInt64)
	if n.empty(p) {
		if e.cfg.Known != nil {
			e.mustKeep(n, 0, true)
		}
		return
	}
	u := newDual(p, n)
	defer func() { h.space.Work += 2*u.master.Work + 100*int64(len(p.rows)); r.work = h.spent() }()
	for i, cs := range t.stock {
		for _, c := range cs {
			if !n.refuses(p, i, c.days) {
				u.stocked(i, c.days, c.own)
			}
		}
	}
	crew := &crew{hands: []*hand{h}}
	enough := e.enough()
	for n := 0; n < 12 && !u.done && !u.dead && u.bound < enough; n++ {
		u.improve(crew, 10, enough)
		if h.stop.Load() {
			r.cut = true
			return
		}
		if u.gap < 0.02*float64(p.grain) {
			break
		}
	}
	if e.cfg.Known != nil {
		e.mustKeep(n, u.bound, u.dead)
	}
	r.bound = max(n.bound, u.bound)
	if u.dead || u.bound >= enough {
		return
	}
	rough, legal := t.rounded(h, n, u)
	if legal {
		r.found = rough
	}
	for i := range p.people {
		for _, c := range u.master.Columns(i) {
			if c.Share > 0 && !n.refuses(p, i, c.Days) {
				r.columns = append(r.columns, stockedFor{i, stocked{c.Days, int64(math.Round(c.Cost * float64(p.set.Scale)))}})
			}
		}
	}
	r.children = t.branch(n, u, r.bound, rough)
	return
}

// rounded is everybody's largest share, and whether the node allows it.
func (t *tree) rounded(h *hand, n *node, u *dual) (*state, bool) {
	s, legal := newState(t.e.p), true
	for i := range t.e.p.people {
		cs := u.master.Columns(i)
		b := 0
		for j := range cs {
			if cs[j].Share > cs[b].Share {
				b = j
			}
		}
		copy(s.roster[i], cs[b].Days)
		var ok bool
		s.own[i], ok = h.own(i, s.roster[i])
		legal = legal && ok && !n.refuses(t.e.p, i, s.roster[i])
	}
	s.recount()
	return s, legal
}

// branch splits a node in two, so that each roster in it is in one of the two.
func (t *tree) branch(n *node, u *dual, bound int64, found *state) []*node {
	p := t.e.p
	// A row whose sum is fractional under the mixes.
	sum := u.master.Sums()
	row, score, at := -1, 0.15, int64(0)
	for r := range p.rows {
		x := &p.rows[r]
		if x.hi-x.lo > tableWidth || len(p.members[r]) < 2 {
			continue
		}
		f := math.Floor(sum[r])
		if v := min(sum[r]-f, 1-(sum[r]-f)); v > score {
			row, score, at = r, v, int64(f)
		}
	}
	if row >= 0 {
		if c := t.splitRow(n, u, row, at, bound); c != nil {
			return c
		}
	}
	// A cell that is fractional.
	person, cell, best := -1, int32(0), 0.0
	x := make([]float64, p.cells)
	for i := range p.people {
		clear(x)
		for _, c := range u.master.Columns(i) {
			if c.Share > 0 {
				for d := p.first; d < p.days; d++ {
					x[p.cellOf[d]+int32(c.Days[d])] += c.Share
				}
			}
		}
		for c, v := range x {
			if v = min(v, 1-v); v > best+1e-9 && !n.vetoed(i).has(int32(c)) {
				person, cell, best = i, int32(c), v
			}
		}
	}
	if person >= 0 && best > 1e-3 {
		return t.splitCell(n, u, person, cell, bound)
	}
	// Everybody has one roster, so that only a price that is not convex keeps
	// the bound below it; or the prices have not settled.
	for r := range p.rows {
		x := &p.rows[r]
		at := found.sum[r]
		if x.hi-x.lo > tableWidth || at < x.dlo || at > x.dhi {
			continue
		}
		lo, hi := t.within(n, r)
		if lo < hi && at >= lo && at <= hi && u.envelope(r, float64(at)) < float64(x.soft(at))-1e-6 {
			return t.splitRow(n, u, r, min(at, hi-1), bound)
		}
	}
	for i := range p.people {
		for d := p.first; d < p.days; d++ {
			free, cell := 0, int32(0)
			for c := p.cellOf[d]; c < p.cellOf[d+1]; c++ {
				if p.m.People[i].Cost[d][c-p.cellOf[d]] == forbidden || n.vetoed(i).has(c) {
					continue
				}
				if free++; free == 1 || c == p.cellOf[d]+int32(found.roster[i][d]) {
					cell = c
				}
			}
			if free > 1 {
				return t.splitCell(n, u, i, cell, bound)
			}
		}
	}
	return nil // one roster, and it has been offered
}

// within is the units row r may have in the node.
func (t *tree) within(n *node, r int) (lo, hi int64) {
	if d, ok := n.rows[int32(r)]; ok {
		return d.lo, d.hi
	}
	return t.e.p.rows[r].dlo, t.e.p.rows[r].dhi
}

func (n *node) child(u *dual, bound int64) *node {
	c := &node{bound: bound, depth: n.depth + 1, y: slices.Clone(u.center), rows: map[int32]domain{}, veto: slices.Clone(n.veto)}
	for r, d := range n.rows {
		c.rows[r] = d
	}
	return c
}

// splitRow makes a node with at most at units in row r and one with more.
func (t *tree) splitRow(n *node, u *dual, r int, at, bound int64) []*node {
	lo, hi := t.within(n, r)
	if at < lo || at >= hi {
		return nil
	}
	a, b := n.child(u, bound), n.child(u, bound)
	a.rows[int32(r)] = domain{lo, at}
	b.rows[int32(r)] = domain{at + 1, hi}
	return []*node{a, b}
}

// splitCell makes a node without the cell and one with it.
func (t *tree) splitCell(n *node, u *dual, i int, cell int32, bound int64) []*node {
	p := t.e.p
	a, b := n.child(u, bound), n.child(u, bound)
	if a.veto == nil {
		a.veto, b.veto = make([]cellSet, p.people), make([]cellSet, p.people)
	}
	was := n.vetoed(i)
	a.veto[i] = was.with(p.cells, cell)
	var others []int32
	d := p.dayOf(cell)
	for o := p.cellOf[d]; o < p.cellOf[d+1]; o++ {
		if o != cell {
			others = append(others, o)
		}
	}
	b.veto[i] = was.with(p.cells, others...)
	return []*node{a, b}
}

// mustKeep panics if the node holds the known roster and its bound is above it.
func (e *engine) mustKeep(n *node, bound int64, dead bool) {
	s := newState(e.p)
	for i := range s.roster {
		copy(s.roster[i], e.cfg.Known[i])
		if n.refuses(e.p, i, s.roster[i]) {
			return
		}
	}
	s.recount()
	for r, d := range n.rows {
		if s.sum[r] < d.lo || s.sum[r] > d.hi {
			return
		}
	}
	if dead || bound > int64(e.cfg.KnownCost)*e.p.set.Scale {
		panic("search: a known roster was cut off")
	}
}
