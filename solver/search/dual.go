package search

import (
	"math"
	"math/bits"
	"slices"
	"sort"

	"rota/solver/master"
	"rota/solver/model"
	"rota/solver/pricing"
)

// domain narrows a row to units [lo, hi], as branching does.
type domain struct{ lo, hi int64 }

// hold is a lever that a node narrows.
type hold struct {
	*lever
	domain
}

// mostHolds is how many holds one person can have: their prices add up.
const mostHolds = 8

// node is a part of the problem: rows and levers narrowed, and cells refused.
// The zero node is the whole.
type node struct {
	rows  map[int32]domain // narrowed rows only
	holds []hold           // narrowed levers only
	veto  []cellSet        // by person: cells refused; nil refuses nobody anything
	depth int
	bound int64 // scaled; of the parent until solved
	// Where to begin: prices by row and then by hold (the last may be missing),
	// the step they were found with, and by person the mixes that go with them.
	y     []float64
	step  float64
	mixes [][]mixed
	// value is what people are worth at y, scaled, nil if that is not known; of
	// person stale, if not -1, more by now.
	value []int64
	stale int
	order int
	// The better side of a node taken for its bound, or of such a side, comes
	// before all others: at the end of a plunge rosters are found.
	plunge bool
}

// mixed is a column's share in a mix, by the fingerprint of its days.
type mixed struct {
	key   uint64
	share float64
}

// cellSet is a set of cells, a bit each; nil is empty. Sets are shared by nodes
// and never changed.
type cellSet []uint64

func (s cellSet) has(c int32) bool { return s != nil && s[c>>6]>>(c&63)&1 != 0 }

// with is the set and these cells.
func (s cellSet) with(cells int, more ...int32) cellSet {
	t := make(cellSet, (cells+63)/64)
	copy(t, s)
	for _, c := range more {
		t[c>>6] |= 1 << (c & 63)
	}
	return t
}

// union is what is in either set.
func (s cellSet) union(o cellSet) cellSet {
	switch {
	case o == nil:
		return s
	case s == nil:
		return o
	}
	t := slices.Clone(s)
	for k, w := range o {
		t[k] |= w
	}
	return t
}

// meets reports whether a roster of a person uses a cell of the set.
func (s cellSet) meets(p *problem, days []uint8) bool {
	if s == nil {
		return false
	}
	for d := p.first; d < p.days; d++ {
		if s.has(p.cellOf[d] + int32(days[d])) {
			return true
		}
	}
	return false
}

// each calls do for the set's cells in order.
func (s cellSet) each(do func(c int32)) {
	for i, w := range s {
		for ; w != 0; w &= w - 1 {
			do(int32(i<<6 + bits.TrailingZeros64(w)))
		}
	}
}

// vetoed is the set of cells person i is refused.
func (n *node) vetoed(i int) cellSet {
	if n.veto == nil {
		return nil
	}
	return n.veto[i]
}

// refuses reports whether person i may not have the roster in the node.
func (n *node) refuses(p *problem, i int, days []uint8) bool {
	return n.vetoed(i).meets(p, days)
}

// excludes reports whether person i's roster alone keeps it out of the node.
func (n *node) excludes(p *problem, i int, days []uint8) bool {
	if n.refuses(p, i, days) {
		return true
	}
	for _, h := range n.holds {
		if h.person == i {
			if v := h.count(p, days); v < h.lo || v > h.hi {
				return true
			}
		}
	}
	return false
}

// empty reports that the node leaves somebody no duty on some day.
func (n *node) empty(p *problem) bool {
	for i := range n.veto {
		v := n.veto[i]
		if v == nil {
			continue
		}
		for d := p.first; d < p.days; d++ {
			free := false
			for c := p.cellOf[d]; c < p.cellOf[d+1]; c++ {
				free = free || !v.has(c) && p.m.People[i].Cost[d][c-p.cellOf[d]] != forbidden
			}
			if !free {
				return true
			}
		}
	}
	return false
}

// dayOf is the day a cell belongs to.
func (p *problem) dayOf(c int32) int {
	return sort.Search(p.days, func(d int) bool { return p.cellOf[d+1] > c })
}

// dual holds prices, columns and what they prove for one node. It belongs to
// the engine; its evaluations are spread over the crew, and the sums are taken
// in order, so that the number of hands does not matter.
type dual struct {
	p      *problem
	node   *node
	master *master.Master
	center []float64 // prices of the best bound, per unit: of rows, then of the node's holds
	prices []int32   // the same, scaled
	bound  int64     // scaled Lagrangian value at prices; math.MinInt64 at first
	value  []int64   // by person: best value at prices
	step   float64
	null   int     // evaluations since the bound last rose
	rises  int     // evaluations that raised the bound well
	gap    float64 // what the mixes cost above the bound
	done   bool    // no better prices to be had
	dead   bool    // nobody fits the node

	trial   []int32
	rosters model.Roster // of the last evaluation
	values  []int64
	ok      []bool
	known   []map[uint64]bool
	scratch []float64
	handle  int32 // largest price of a hold, scaled
	sweeps  int   // of the master before a step, at most
}

func newDual(p *problem, n *node) *dual {
	size := len(p.rows) + len(n.holds)
	u := &dual{
		p: p, node: n,
		center: make([]float64, size), prices: make([]int32, size), trial: make([]int32, size),
		bound: math.MinInt64, value: make([]int64, p.people), values: make([]int64, p.people),
		ok: make([]bool, p.people), rosters: model.NewRoster(p.m), known: make([]map[uint64]bool, p.people),
		scratch: make([]float64, len(p.rows)),
		handle:  max(1, p.set.MaxPrice/4/mostHolds), sweeps: 120,
	}
	rows := make([]master.Row, size)
	for r := range rows {
		rows[r] = u.row(r)
	}
	u.master = master.New(rows, p.people)
	u.master.Dropped = func(i int, c master.Column) { delete(u.known[i], fingerprint(c.Days)) }
	for i := range u.known {
		u.known[i] = map[uint64]bool{}
	}
	copy(u.center, n.y)
	u.step = n.step
	for r := range u.center {
		u.center[r] = u.master.Clamp(r, u.center[r])
	}
	return u
}

// row is the price of row r, or of the hold after the rows, for the master,
// within the node.
func (u *dual) row(r int) master.Row {
	if k := r - len(u.p.rows); k >= 0 {
		return u.hold(&u.node.holds[k])
	}
	x := &u.p.rows[r]
	d, ok := u.node.rows[int32(r)]
	if !ok {
		return x.master(u.p.set.Scale)
	}
	y := *x
	y.dlo, y.dhi = d.lo, d.hi
	y.kink, y.cost = hull(d.lo, d.hi, x.soft)
	y.floor, y.ceil = -x.lim, x.lim
	if d.lo == x.lo {
		y.floor = x.floor
	}
	if d.hi == x.hi {
		y.ceil = x.ceil
	}
	return y.master(u.p.set.Scale)
}

// hold is a hold as a row of the master: nothing within its domain, and as dear
// as prices go beyond it.
func (u *dual) hold(h *hold) master.Row {
	x := master.Row{At: []float64{float64(h.lo)}, Cost: []float64{0}, Pace: u.p.pace(float64(h.days))}
	if h.hi > h.lo {
		x.At, x.Cost = append(x.At, float64(h.hi)), append(x.Cost, 0)
	}
	steep := float64(u.handle) / float64(u.p.set.Scale)
	if h.lo > 0 {
		x.First = -steep
	}
	if h.hi < h.days {
		x.Last = steep
	}
	return x
}

// conjugate is the part of row r, or of the hold after the rows, in the
// Lagrangian at price y.
func (u *dual) conjugate(r int, y int64) int64 {
	if k := r - len(u.p.rows); k >= 0 {
		h := &u.node.holds[k]
		return min(-y*h.lo, -y*h.hi)
	}
	x := &u.p.rows[r]
	d, ok := u.node.rows[int32(r)]
	if !ok {
		g, _ := x.conjugate(u.p.set.Scale, y)
		return g
	}
	g := int64(math.MaxInt64)
	for v := d.lo; v <= d.hi; v++ {
		g = min(g, u.p.set.Scale*x.soft(v)-y*v)
	}
	return g
}

// evaluate finds everybody's best roster at the trial prices, and the
// Lagrangian's value. It reports false if somebody has none in the node.
func (u *dual) evaluate(c *crew) (int64, bool) {
	p := u.p
	c.each(p.people, u.answer)
	for _, ok := range u.ok {
		if !ok {
			return 0, false
		}
	}
	return u.total(), true
}

// total is the Lagrangian's value at the trial prices.
func (u *dual) total() int64 {
	var total int64
	for _, v := range u.values {
		total += v
	}
	for r, y := range u.trial {
		total += u.conjugate(r, int64(y))
	}
	return total
}

// answer finds person i's best roster at the trial prices.
func (u *dual) answer(h *hand, i int) {
	p := u.p
	if h.stop.Load() {
		u.ok[i] = false
		return
	}
	u.charge(h, i, u.trial)
	v, ok := h.best(i, p.first, p.days, u.rosters[i])
	copy(u.rosters[i][p.first:], h.out[:p.days-p.first])
	u.values[i], u.ok[i] = v, ok
}

const (
	primes     = 5 // passes of prime
	primeBlock = 8 // people it asks at the same prices
	// A step that moves no price further than this, scaled, is short enough:
	// whole prices have no room for much finer ones.
	finest = 8
)

// prime fills the master with columns that suit each other before the first
// step: people are asked a few at a time, each time at the prices that follow
// from what all the others have by then. Asked all at once, as evaluate does,
// they would all want the same days at first. It proves nothing.
func (u *dual) prime(c *crew) {
	p := u.p
	y := u.master.Solve(u.center, u.step, 120, 0, 0.2).Prices
	for range primes {
		for a := 0; a < p.people; a += primeBlock {
			b := min(a+primeBlock, p.people)
			u.round(y)
			c.each(b-a, func(h *hand, k int) { u.answer(h, a+k) })
			for i := a; i < b; i++ {
				if !u.ok[i] {
					return // stopped, or evaluate will say so
				}
				u.column(i, u.rosters[i], u.trial, u.values[i])
				y = u.master.Visit(i, 4)
			}
		}
	}
}

// moved is the largest difference between the trial prices and those of the
// bound, scaled.
func (u *dual) moved() int32 {
	most := int32(0)
	for r, y := range u.prices {
		most = max(most, y-u.trial[r], u.trial[r]-y)
	}
	return most
}

// charge sets h.price for person i: prices of rows and holds, and cells closed
// that the node refuses.
func (u *dual) charge(h *hand, i int, prices []int32) {
	p := u.p
	h.linear(i, p.first, p.days, prices[:len(p.rows)])
	for k, o := range u.node.holds {
		if y := prices[len(p.rows)+k]; y != 0 && o.person == i {
			o.cells.each(func(c int32) { h.price[c] += y })
		}
	}
	u.node.vetoed(i).each(func(c int32) { h.price[c] = pricing.Closed })
}

// fix finds, for every person, the cells that no roster below enough can use:
// what the bound becomes when the person must use the cell reaches enough.
func (u *dual) fix(c *crew, enough int64) []cellSet {
	p := u.p
	sets := make([]cellSet, p.people)
	c.each(p.people, func(h *hand, i int) {
		if h.stop.Load() {
			return
		}
		u.charge(h, i, u.prices)
		out := make([]int64, p.cells)
		least, ok := h.space.Marginals(i, h.price, out)
		if !ok {
			return
		}
		var more []int32
		was := u.node.vetoed(i)
		for c := p.cellOf[p.first]; c < p.cellOf[p.days]; c++ {
			if !was.has(c) && (out[c] == math.MaxInt64 || u.bound-least+out[c] >= enough) {
				more = append(more, c)
			}
		}
		if len(more) > 0 {
			sets[i] = was.with(p.cells, more...)
		}
	})
	return sets
}

// column makes person i's best roster at prices a column, if it is new.
func (u *dual) column(i int, days []uint8, prices []int32, value int64) bool {
	return u.stocked(i, days, u.unpriced(i, days, prices, value))
}

// unpriced is what person i's roster costs by itself, scaled, when it is worth
// value at prices.
func (u *dual) unpriced(i int, days []uint8, prices []int32, value int64) int64 {
	p := u.p
	inc := &p.inc[p.class[i]]
	for d := p.first; d < p.days; d++ {
		for _, e := range inc.of(p.cellOf[d] + int32(days[d])) {
			value -= int64(prices[e.row]) * int64(e.w)
		}
	}
	for k, o := range u.node.holds {
		if o.person == i {
			value -= int64(prices[len(p.rows)+k]) * o.count(p, days)
		}
	}
	return value
}

// stocked makes a roster of person i a column, if it is new; own is its own
// cost, scaled.
func (u *dual) stocked(i int, days []uint8, own int64) bool {
	key := fingerprint(days)
	if u.known[i][key] {
		return false
	}
	u.known[i][key] = true
	u.enter(i, u.bare(i, days, own))
	return true
}

// restock is stocked for a roster whose bare column is known.
func (u *dual) restock(i int, c *spare) {
	if !u.known[i][c.key] {
		u.known[i][c.key] = true
		u.enter(i, c.bare)
	}
}

// enter gives the master a bare column of person i, with what it puts into the
// node's holds.
func (u *dual) enter(i int, col master.Column) {
	for k, o := range u.node.holds {
		if o.person != i {
			continue
		}
		if n := o.count(u.p, col.Days); n > 0 {
			col.Rows = append(slices.Clip(col.Rows), int32(len(u.p.rows)+k))
			col.Put = append(slices.Clip(col.Put), float64(n))
		}
	}
	u.master.Add(i, col)
}

// bare is a roster of person i as a column, holds aside; own is its own cost,
// scaled.
func (u *dual) bare(i int, days []uint8, own int64) master.Column {
	p := u.p
	inc := &p.inc[p.class[i]]
	col := master.Column{}
	var touched []int32
	for d := p.first; d < p.days; d++ {
		for _, e := range inc.of(p.cellOf[d] + int32(days[d])) {
			if u.scratch[e.row] == 0 {
				touched = append(touched, e.row)
			}
			u.scratch[e.row] += float64(e.w)
		}
	}
	sort.Slice(touched, func(a, b int) bool { return touched[a] < touched[b] })
	for _, r := range touched {
		if u.scratch[r] != 0 {
			col.Rows = append(col.Rows, r)
			col.Put = append(col.Put, u.scratch[r])
		}
		u.scratch[r] = 0
	}
	col.Cost = float64(own) / float64(p.set.Scale)
	col.Days = append([]uint8(nil), days...)
	return col
}

// fingerprint tells rosters of a person apart, as good as certainly.
func fingerprint(days []uint8) uint64 {
	h := uint64(14695981039346656037)
	for _, d := range days {
		h = (h ^ uint64(d)) * 1099511628211
		h ^= h >> 29
	}
	return h
}

// envelope is row r's price in the master at s.
func (u *dual) envelope(r int, s float64) float64 {
	x := u.row(r)
	return x.Value(s)
}

// adopt makes the rosters of a state columns; owns are costs.
func (u *dual) adopt(s *state) {
	for i := range s.roster {
		if !u.node.refuses(u.p, i, s.roster[i]) {
			u.stocked(i, s.roster[i], s.own[i]*u.p.set.Scale)
		}
	}
}

// begin evaluates at y, which becomes the center.
func (u *dual) begin(c *crew, y []float64) bool {
	copy(u.center, y)
	return u.start(c)
}

// start evaluates at the center.
func (u *dual) start(c *crew) bool {
	u.round(u.center)
	known := u.node.value
	if known == nil {
		v, ok := u.evaluate(c)
		if !ok {
			u.dead = !c.hands[0].stop.Load()
			return false
		}
		u.accept(v)
		for i := range u.rosters {
			u.column(i, u.rosters[i], u.trial, u.values[i])
		}
		return true
	}
	// What others are worth has not changed, or is more; but the master needs a
	// column of everybody.
	copy(u.values, known)
	h := c.hands[0] // of a task: nodes are solved by one each
	h.renew()
	for i := range u.values {
		if i != u.node.stale && len(u.master.Columns(i)) > 0 {
			continue
		}
		u.answer(h, i)
		if !u.ok[i] {
			u.dead = !h.stop.Load()
			return false
		}
		u.column(i, u.rosters[i], u.trial, u.values[i])
	}
	u.accept(u.total())
	return true
}

// round sets the trial prices to y, in whole scaled numbers.
func (u *dual) round(y []float64) {
	scale := float64(u.p.set.Scale)
	for r := range y {
		lim := float64(u.handle)
		if r < len(u.p.rows) {
			lim = float64(u.p.rows[r].lim)
		}
		u.trial[r] = int32(math.Round(max(-lim, min(lim, y[r]*scale))))
	}
}

func (u *dual) accept(v int64) {
	u.bound = v
	copy(u.prices, u.trial)
	copy(u.value, u.values)
	for r, y := range u.prices {
		u.center[r] = float64(y) / float64(u.p.set.Scale)
	}
}

// improve takes n steps of the proximal bundle method. It returns when done,
// dead, stopped, or when the bound reaches enough (scaled).
func (u *dual) improve(c *crew, n int, enough int64) {
	if u.bound == math.MinInt64 && !u.start(c) {
		return
	}
	scale := float64(u.p.set.Scale)
	if u.step == 0 {
		u.step = u.firstStep()
		if u.node.y == nil && u.bound < enough {
			u.prime(c)
		}
	}
	for ; n > 0 && u.bound < enough && !u.done; n-- {
		floor := float64(u.bound) / scale
		out := u.master.Solve(u.center, u.step, u.sweeps, floor, 0.2)
		u.gap = out.Primal - floor
		promise := out.Model - floor
		if u.gap <= 1e-4*math.Max(1, math.Abs(floor))*0.02+1e-3 {
			u.done = true
			return
		}
		u.round(out.Prices)
		v, ok := u.evaluate(c)
		if !ok {
			u.dead = !c.hands[0].stop.Load()
			return
		}
		fresh := false
		for i := range u.rosters {
			if u.column(i, u.rosters[i], u.trial, u.values[i]) {
				fresh = true
			}
		}
		rise := float64(v-u.bound) / scale
		switch {
		case rise >= 0.1*promise && rise > 0:
			// Far from the end long steps pay; near it they overshoot.
			short := u.step < 10*u.firstStep()
			switch u.rises++; {
			case rise >= 0.5*promise && short:
				u.step *= 2
			case rise >= 0.5*promise:
				u.step *= 1.5
			case short && u.rises%3 == 0:
				u.step *= 1.4
			}
			u.accept(v)
			u.null = 0
		default:
			still := u.moved() <= finest
			if v > u.bound {
				u.accept(v)
			}
			u.null++
			switch {
			case u.rises == 0: // the model is too poor yet to blame the step
			case still:
			case u.p.long() && promise > 0 && u.gap > 3*promise && u.gap > 0.05*floor:
				// The mixes are far from what the rows ask for: shorter steps would
				// only keep them there.
				if rise < -2*promise {
					u.step *= 0.7
				}
			case rise < -0.4*promise: // far too long
				u.step *= 0.5
			case u.null%4 == 0:
				u.step *= 0.7
			}
			if !fresh && rise <= 0 && u.null > 40 {
				u.done = true
			}
		}
		u.master.Trim(20, 12)
	}
}

// peek is what the next step promises, in costs; it takes none.
func (u *dual) peek() float64 {
	floor := float64(u.bound) / float64(u.p.set.Scale)
	return u.master.Solve(u.center, u.step, u.sweeps, floor, 0.2).Model - floor
}

// firstStep moves a typical row's price by a fraction of its range when the row
// is one unit off.
func (u *dual) firstStep() float64 {
	var sum float64
	n := 0
	for r := range u.p.rows {
		x := &u.p.rows[r]
		k := len(x.kink)
		if k < 2 {
			continue
		}
		a := float64(x.cost[1]-x.cost[0]) / float64(x.kink[1]-x.kink[0])
		b := float64(x.cost[k-1]-x.cost[k-2]) / float64(x.kink[k-1]-x.kink[k-2])
		if b > a {
			sum += b - a
			n++
		}
	}
	if n == 0 {
		return max(1, float64(u.p.steep)*0.1)
	}
	return max(0.01, 0.05*sum/float64(n))
}
