package search

import (
	"cmp"
	"math"
	"slices"
	"sort"

	"rota/solver/master"
)

// tree is a branch-and-bound search whose nodes are solved by their own duals.
// A branch narrows a row's sum or a sum of one person, or refuses a person
// cells; which, is decided by trying a few (strong branching) and by what was
// seen when the same was tried before (pseudo-costs: Achterberg, Koch, Martin,
// Branching rules revisited, 2005). Nodes are taken best first, a fixed number
// at a time, each by one task.
type tree struct {
	e     *engine
	open  []*node
	count int
	// columns that were of use lately, by person: a start for every node.
	stock  [][]spare
	known  []map[uint64]bool
	seen   map[int]*record // by choice.key, and by choice.group
	fixed  int64           // cost of the best roster when cells were last fixed
	most   int             // open nodes there is memory for
	full   bool            // there are more: give up
	batch  int64           // work of the last nodes
	strict bool            // dives keep to the cells that nodes allow
	width  int             // nodes solved at once
	trials int             // choices looked at in a node, but for the root
}

// A spare is a column for later, with what it puts into rows; holds aside.
type spare struct {
	key  uint64 // of its days
	bare master.Column
}

// A solved node is what a task makes of an open one.
type solved struct {
	bound   int64
	choices []*choice // of which to split it by one; none when nothing is left of it
	found   *state
	columns []sparesFor
	work    int64
	cut     bool // stopped: the node stays open
}

type sparesFor struct {
	person int
	spares []spare
}

const (
	stockSize = 60 // columns kept a person
	// Sweeps of the master before a step in a node.
	nodeSweeps = 60
	// Memory for open nodes, in bytes.
	treeMemory = 256 << 20
)

// newRoot is the whole problem as a node to branch from.
func newRoot() *node { return &node{rows: map[int32]domain{}, stale: -1} }

// newTree begins with a root whose dual is the engine's.
func newTree(e *engine, root *node) *tree {
	p := e.p
	t := &tree{
		e: e, stock: make([][]spare, p.people), known: make([]map[uint64]bool, p.people),
		seen: map[int]*record{}, width: 4, trials: 8,
		// A node has its own prices, values and mixes, and shares most else.
		most: treeMemory / (8*len(p.rows) + 400*p.people + 1000),
	}
	for i := range t.known {
		t.known[i] = map[uint64]bool{}
	}
	t.keep(e.dual.spares(false))
	root.follow(e.dual)
	t.open = append(t.open, root)
	return t
}

// spares lists the columns of a dual by person, all or those in mixes.
func (u *dual) spares(mixed bool) []sparesFor {
	var all []sparesFor
	for i := range u.p.people {
		s := sparesFor{person: i}
		for _, c := range u.master.Columns(i) {
			if mixed && c.Share == 0 || u.node.excludes(u.p, i, c.Days) {
				continue
			}
			n := len(c.Rows)
			for n > 0 && int(c.Rows[n-1]) >= len(u.p.rows) {
				n--
			}
			s.spares = append(s.spares, spare{fingerprint(c.Days), master.Column{Cost: c.Cost, Rows: c.Rows[:n:n], Put: c.Put[:n:n], Days: c.Days}})
		}
		all = append(all, s)
	}
	return all
}

// keep puts columns into the stock.
func (t *tree) keep(all []sparesFor) {
	for _, f := range all {
		for _, c := range f.spares {
			if t.known[f.person][c.key] {
				continue
			}
			t.known[f.person][c.key] = true
			s := t.stock[f.person]
			if len(s) >= stockSize {
				delete(t.known[f.person], s[0].key)
				s = append(s[:0], s[1:]...)
			}
			t.stock[f.person] = append(s, c)
		}
	}
}

// follow makes a dual's prices, mixes and bound where the node begins.
func (n *node) follow(u *dual) {
	n.y, n.step, n.bound = slices.Clone(u.center), u.step, max(n.bound, u.bound)
	n.value, n.stale = slices.Clone(u.value), -1
	n.mixes = make([][]mixed, u.p.people)
	for i := range n.mixes {
		for _, c := range u.master.Columns(i) {
			if c.Share > 0 {
				n.mixes[i] = append(n.mixes[i], mixed{fingerprint(c.Days), c.Share})
			}
		}
	}
}

// dual makes the dual of a node, with the columns in stock and the mixes that
// the node begins with.
func (t *tree) dual(n *node) *dual {
	u := newDual(t.e.p, n)
	for i, cs := range t.stock {
		for k := range cs {
			if !n.excludes(t.e.p, i, cs[k].bare.Days) {
				u.restock(i, &cs[k])
			}
		}
		if n.mixes != nil {
			u.resume(i, n.mixes[i])
		}
	}
	return u
}

// resume gives person i's columns the shares of a mix, as far as they are there.
func (u *dual) resume(i int, mix []mixed) {
	cs := u.master.Columns(i)
	shares, sum := make([]float64, len(cs)), 0.0
	for k := range cs {
		key := fingerprint(cs[k].Days)
		for _, m := range mix {
			if m.key == key {
				shares[k] = m.share
				sum += m.share
			}
		}
	}
	if sum > 0 {
		for k := range shares {
			shares[k] /= sum
		}
		u.master.Mix(i, shares)
	}
}

// worth reports whether branching has a chance: a tiny model, a small one of
// which little is left to prove, or a small gap.
func (t *tree) worth() bool {
	e := t.e
	if len(t.open) == 0 || t.full {
		return false
	}
	if t.e.p.size() <= 1000 {
		return true
	}
	if !e.has || e.broken > 0 {
		return false
	}
	most := 0.012
	if t.e.p.small() {
		most = 0.05
	}
	return t.close() || float64(e.cost-e.bound) <= most*float64(max(e.cost, 1))
}

// close reports that a small model has only a few steps of cost left to prove.
func (t *tree) close() bool {
	return t.e.p.small() && t.e.has && t.e.cost-t.e.bound <= 12*t.e.p.grain
}

// share is how much work the bound and branching may take, once chains search, for
// each unit of the chains'.
func (t *tree) share() float64 {
	switch {
	case t.e.p.size() <= 1000 || t.close():
		return 4
	case t.e.p.small():
		return 2
	}
	return 0.4
}

// fix refuses cells that only rosters no better than the best one can use, as
// the root's prices show, in all open nodes.
func (t *tree) fix() {
	e, p := t.e, t.e.p
	if !e.has || e.broken > 0 || t.fixed == e.cost || e.dual.bound >= e.enough() {
		return
	}
	t.fixed = e.cost
	priced := e.crew.work
	var veto []cellSet
	e.aside(func() { veto = e.dual.fix(e.crew, e.enough()) })
	e.work += (e.crew.work - priced) / cellsPerUnit
	if e.cfg.Known != nil && int64(e.cfg.KnownCost) < e.cost {
		for i, s := range veto {
			if s.meets(p, e.cfg.Known[i]) {
				panic("search: a known roster was cut off by fixing")
			}
		}
	}
	for _, n := range t.open {
		if n.veto == nil {
			n.veto = slices.Clone(veto)
			continue
		}
		for i, s := range veto {
			n.veto[i] = n.vetoed(i).union(s)
		}
	}
}

// grow solves the next few nodes.
func (t *tree) grow() {
	e := t.e
	if t.fix(); e.over() || len(t.open) == 0 {
		return
	}
	if e.levers == nil {
		e.levers = e.p.levers()
	}
	sort.SliceStable(t.open, func(a, b int) bool {
		x, y := t.open[a], t.open[b]
		if x.plunge != y.plunge {
			return y.plunge
		}
		if x.bound != y.bound {
			return x.bound > y.bound
		}
		if x.depth != y.depth {
			return x.depth < y.depth
		}
		return x.order > y.order
	}) // the most promising last
	n := min(t.width, len(t.open))
	batch := slices.Clone(t.open[len(t.open)-n:])
	t.open = t.open[:len(t.open)-n]
	batch[n-1].plunge = true
	results, before := make([]solved, n), e.work
	e.aside(func() {
		e.crew.each(n, func(h *hand, i int) { results[i] = t.solve(h, batch[i], i == n-1) })
	})
	for i := range results {
		r := &results[i]
		e.work += r.work
		if r.found != nil {
			e.offer(r.found)
		}
		t.keep(r.columns)
	}
	var lists [][]*choice
	for i := range results {
		if r := &results[i]; !r.cut && r.bound < e.enough() {
			lists = append(lists, r.choices)
		}
	}
	t.tryAll(lists)
	t.batch = e.work - before
	for i := range results {
		r := &results[i]
		if r.cut || e.stop.Load() {
			t.open = append(t.open, batch[i])
			continue
		}
		batch[i].bound = r.bound
		if len(r.choices) == 0 || r.bound >= e.enough() {
			continue
		}
		best := slices.MaxFunc(r.choices, func(a, b *choice) int { return cmp.Compare(a.score(), b.score()) })
		if batch[i].plunge {
			next := 0
			if best.sides[1].bound < best.sides[0].bound {
				next = 1
			}
			best.sides[next].plunge = true
		}
		for _, c := range best.sides {
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
	t.full = len(t.open) > t.most
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

// solve bounds a node, lists how it might be split and, if it is to dive, looks
// for a roster near its mixes.
func (t *tree) solve(h *hand, n *node, dive bool) (r solved) {
	e, p := t.e, t.e.p
	h.begin(math.MaxInt64)
	if n.empty(p) {
		if e.cfg.Known != nil {
			e.mustKeep(n, 0, true)
		}
		return
	}
	u := t.dual(n)
	defer func() { h.space.Work += 2*u.master.Work + 100*int64(len(p.rows)); r.work = h.spent() }()
	crew := &crew{hands: []*hand{h}}
	enough := e.enough()
	scale := float64(p.set.Scale)
	u.sweeps = nodeSweeps
	for n, was := 0, u.bound; n < 30 && !u.done && !u.dead && u.bound < enough; n++ {
		u.improve(crew, 4, enough)
		if h.stop.Load() {
			r.cut = true
			return
		}
		// Where it does not help to close the node, a little more is not worth
		// the steps.
		left := float64(enough-u.bound) / scale
		if u.gap < max(0.02*float64(p.grain), 0.05*left) || n > 1 && float64(u.bound-was)/scale < 0.01*left {
			break
		}
		was = u.bound
	}
	if e.cfg.Known != nil {
		e.mustKeep(n, u.bound, u.dead)
	}
	if u.dead {
		r.bound = enough
		return
	}
	r.bound = max(n.bound, u.bound)
	if r.bound >= enough {
		return
	}
	n.follow(u)
	rough, legal := t.rounded(h, n, u)
	if legal {
		r.found = rough
	}
	r.columns = u.spares(true)
	r.choices = t.choices(n, u, r.bound, rough)
	// A node without choices is the rounded roster alone, which must be offered.
	if dive && len(r.choices) > 0 {
		if s := t.dive(h, n, u); s != nil && (r.found == nil || !r.found.unbroken() || s.cost < r.found.cost) {
			r.found = s
		}
	}
	return
}

// dive puts everybody in by cells from the mixes of a solved node, as a
// neighbourhood of everybody does from those of the root. It returns nil where
// that is no better than the best roster.
func (t *tree) dive(h *hand, n *node, u *dual) *state {
	e, p := t.e, t.e.p
	if !e.has || e.broken > 0 {
		return nil
	}
	s := newState(p)
	s.clear()
	q := diving{first: 2, steps: 4, step: 1, part: 1.0 / 6, flips: 4, limit: float64(e.cost - p.grain)}
	everybody := make([]int, p.people)
	for i := range everybody {
		everybody[i] = i
	}
	rng := newStream(e.cfg.Seed, 1<<62|uint64(n.order))
	v := h.dive(s, everybody, p.first, p.days, u.guide(), q, rng, nil)
	if t.strict {
		for i := range everybody {
			n.vetoed(i).each(func(c int32) { v.refuse(i, c) })
		}
	}
	if !v.run() {
		return nil
	}
	return s
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

// mustKeep panics if the node holds the known roster and its bound is above it.
func (e *engine) mustKeep(n *node, bound int64, dead bool) {
	s := newState(e.p)
	for i := range s.roster {
		copy(s.roster[i], e.cfg.Known[i])
		if n.excludes(e.p, i, s.roster[i]) {
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
