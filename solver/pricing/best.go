package pricing

import (
	"math"
	"slices"

	"rota/solver/model"
)

// frame is one boundary between days during a search: which nodes are reached,
// and where their grids lie.
type frame struct {
	act    []int32 // nodes reached, in order of first touch
	off    []int32 // by node: where index 0 of its grid would be in Space.v, or unreached
	lo, hi []int32 // by node: the part of the grid that holds values; only around it is there memory
	spill  []bool  // by node: a dim other than the outermost moved on the way in
}

const unreached = math.MinInt32

func (f *frame) fit(nodes int) {
	for len(f.off) < nodes {
		f.off = append(f.off, unreached)
		f.lo = append(f.lo, 0)
		f.spill = append(f.spill, false)
		f.hi = append(f.hi, -1)
	}
}

func (f *frame) clear() {
	for _, u := range f.act {
		f.off[u], f.spill[u] = unreached, false
	}
	f.act = f.act[:0]
}

// option is a part of a set as one search sees it: the cheapest of its duties,
// joined with the parts that advance the tracked dims alike.
type option struct {
	delta, cost int32
	duty        uint8
	inner       bool // it moves a dim other than the outermost
}

// limit is where an inner dim is beyond its bounds: from that place on to the
// end of every period of the grid.
type limit struct{ period, from int32 }

// mask is infinite where limits are exceeded, and math.MinInt32 elsewhere. It
// depends on them alone, so that it serves any person, and any grid that is no
// larger. Nobody writes to it once it is made.
type mask struct {
	limits []limit
	cells  []int32
}

// A Space keeps masks of at most so many cells, unless one has more; a small one
// counts as so many, as all are looked through.
const (
	mostMasked  = 1 << 19
	leastMasked = 1 << 13
)

// Space is the memory of one worker. It is not safe for concurrent use.
type Space struct {
	// Work counts grid cells touched since the Space was made: a measure of
	// effort that does not depend on the machine.
	Work int64
	// Loose says that the last Best left out counters of Set.Relaxed that might
	// bind; where it is false the outcome keeps them all.
	Loose bool

	set     *Set
	memos   []memo
	v       []int32
	top     int
	pre     []frame    // by layer: on arrival
	post    []frame    // by layer: after windows that end there are settled
	costs   []int32    // by duty of the layer under way: own cost and price, infinite where one forbids it
	opts    [][]option // by layer: options of all sets, one set after another
	optAt   [][]int32  // by layer and set: where its options begin
	tails   []tail
	tailAt  [][]int32 // [layer][node]: 1 + index of tails
	masks   []mask    // made so far
	masked  int       // cells that they count as
	zeros   []int32
	nothing []int32

	// the grid of the search under way
	g      *graph
	size   int     // cells of a node's grid
	left   []int   // dims that may bind but are not tracked
	track  []bool  // by dim
	ext    []int32 // by dim; 1 if not tracked
	stride []int32 // by dim; 0 if not tracked
	base   []int32 // by dim: level of index 0
	level  []int32 // by dim: level before the window
	delta  []int32 // by step: shift of the flat index
	inner  []bool  // by step: it moves a tracked dim other than the outermost
	limits []limit // where inner dims are beyond their bounds at layer fenced
	mask   []int32 // of limits, if there are any: of the grid's size or more
	fenced int     // layer for which limits hold, -1 for none
	need   []int32 // by layer: least index of dims[0] on arrival
	bySure []bool  // by layer: less what the node is sure of
	term   [][]int32
	path   []int32
	end    tail
	ending ending

	back  []backFrame // by layer, for Marginals
	bases [][]int32   // by layer: base on arrival, for Marginals
	most  [][]int32   // by set and option of the layer under way, for Marginals
}

// NewSpace makes the memory for one worker; it grows as needed.
func (s *Set) NewSpace() *Space { return &Space{set: s, memos: make([]memo, len(s.people))} }

func (sp *Space) zero() []int32 {
	if sp.zeros == nil {
		sp.zeros = make([]int32, sp.set.NCells)
	}
	return sp.zeros
}

// history is a full row of the person that is off from First on.
func (sp *Space) history(p int) []uint8 {
	m := sp.set.M
	row := make([]uint8, len(m.Days))
	for d := range m.First {
		row[d] = uint8(slices.IndexFunc(m.People[p].Cost[d], func(c model.Cost) bool { return c != model.Forbidden }))
	}
	return row
}

// Closed is the price of a cell that must not be chosen. A search passes by what
// is closed, so that the more there is of it, the faster it gets.
const Closed = math.MaxInt32 / 2

// Best finds the cheapest duties of person p for days [from, to), where the
// days outside are held as in row (one duty a day, history included). price has
// an entry for every cell, scaled or Closed, of which those of [from, to) are read
// and added to the person's own scaled cost. out receives to-from duties.
//
// The value is Scale times the own cost of the whole resulting row, plus the
// prices of the cells chosen in the window. It is exact but for Set.Relaxed. ok
// is false if no choice keeps the hard rules.
func (sp *Space) Best(p, from, to int, row []uint8, price []int32, out []uint8) (value int64, ok bool) {
	s := sp.set
	c := &s.people[p]
	g := c.g
	first := s.M.First
	from = max(from, first)
	sp.g = g
	a, b := from-first, to-first
	memo := sp.recall(p, row)
	if from >= to {
		b = len(g.layers) - 1
		ok = sp.walk(c, memo, b)
		return memo.spent[b], ok
	}
	if !sp.walk(c, memo, a) {
		return 0, false
	}
	node, spent := memo.node[a], memo.spent[a]
	sp.level = append(sp.level[:0], memo.level[a*len(g.dims):(a+1)*len(g.dims)]...)
	if !sp.shape(c, memo, a, b) {
		return 0, false
	}
	sp.forward(c, a, b, node, price)
	value, ok = sp.finish(c, memo, a, b, out)
	value += spent
	sp.clear(a, b)
	return value, ok
}

// forward fills the grids of layers [a, b] from a node at a.
func (sp *Space) forward(c *compiled, a, b int, node int32, price []int32) {
	g := sp.g
	sp.frames(a, b)
	start := &sp.pre[a]
	start.act = append(start.act, node)
	start.off[node], start.lo[node], start.hi[node] = 0, 0, 0
	sp.v[sp.block(1)] = 0
	reach := int32(0) // no index beyond it is reached yet
	for t := a; t < b; t++ {
		src := &sp.pre[t]
		if t > a && len(g.closes[t]) > 0 {
			sp.settle(c, t)
			src = &sp.post[t]
		}
		if t > a && len(g.closes[t]) > 0 {
			reach = sp.furthest(src)
		}
		reach = min(int32(sp.size)-1, reach+sp.charge(c, t, price))
		sp.advance(c, t, src, reach)
	}
}

func (sp *Space) clear(a, b int) {
	for t := a; t <= b; t++ {
		sp.pre[t].clear()
		sp.post[t].clear()
	}
}

func tableAt(t []int32, level int32) int32 {
	if int(level) >= len(t) {
		return infinite
	}
	return t[level]
}

// legal is the lowest and highest level that do not break a window's bounds;
// -1 as the highest means none.
func legal(t []int32) (lo, hi int32) {
	hi = -1
	for l := len(t) - 1; l >= 0; l-- {
		if t[l] < infinite {
			lo, hi = int32(l), max(hi, int32(l))
		}
	}
	return lo, hi
}

// Limits of the grid: how many cells the counters that only have an upper end
// may take together (small grids may have more, large ones none), and how large
// a search may be before other counters are left out too.
const (
	maxOptional = 32
	smallGrid   = 300_000
	mediumGrid  = 2_000_000
	largeGrid   = 64_000_000
)

// shape lays out the grid for a search over layers [a, b). It reports false
// where the fixed days already break a bound.
//
// How far a dim can advance in its window, or until it breaks the bounds,
// decides its extent. Counters with only an upper end out of reach are not
// tracked at all; others are, in the person's order, as long as the grid stays within
// limits. Dims come largest first: of the first that is tracked, what goes
// beyond its extent falls off the end of the grid. The others must not spill
// into their neighbour, so they have room for one step too far, which scrub
// wipes.
func (sp *Space) shape(c *compiled, memo *memo, a, b int) bool {
	g := sp.g
	n := len(g.dims)
	sp.ext = append(sp.ext[:0], sp.level...)
	sp.stride = append(sp.stride[:0], sp.level...)
	sp.base = append(sp.base[:0], sp.level...)
	sp.track = sp.track[:0]
	for range n {
		sp.track = append(sp.track, false)
	}
	sp.left = sp.left[:0]
	cells := 0
	for t := a; t < b; t++ {
		cells += g.layers[t].nodes
	}
	optional := 1
	for _, k := range c.order {
		sp.ext[k] = 1
		if c.idle[k] {
			continue
		}
		most, binds, ok := sp.extent(c, memo, k, a, b)
		if !ok {
			return false
		}
		if !binds {
			continue
		}
		e := int(most) + 1
		if g.dims[k].two {
			if !g.dims[k].spans && e > 1 && cells > smallGrid/16 && cells*e > largeGrid {
				sp.left = append(sp.left, k)
				continue
			}
		} else if cells*e > smallGrid && (optional*e > maxOptional || cells*e > mediumGrid) {
			sp.left = append(sp.left, k)
			continue
		} else {
			optional *= e
		}
		sp.track[k] = true
		sp.ext[k] = int32(e)
		cells *= e
	}
	sp.Loose = len(sp.left) > 0
	size := int32(1)
	for k := n - 1; k >= 0; k-- {
		sp.stride[k] = 0
		if sp.track[k] {
			sp.stride[k] = size
			size *= sp.ext[k]
		}
	}
	sp.size = int(size)
	outer := int32(slices.Index(sp.track, true))
	sp.delta, sp.inner, sp.fenced = sp.delta[:0], sp.inner[:0], -1
	for _, st := range g.sparse {
		d, inner := int32(0), false
		for _, x := range st {
			d += x.by * sp.stride[x.dim]
			inner = inner || sp.track[x.dim] && x.dim != outer
		}
		sp.delta, sp.inner = append(sp.delta, d), append(sp.inner, inner)
	}
	sp.narrow(c, memo, a, b)
	return true
}

// extent is how far dim k can move within layers [a, b), with room for one step
// beyond its bounds, and whether the search has to track it.
func (sp *Space) extent(c *compiled, memo *memo, k, a, b int) (most int32, binds, ok bool) {
	g := sp.g
	two := g.dims[k].two
	base := sp.level[k]
	for t := a; t < b; {
		w := g.window[k][t]
		seg, step := int32(0), int32(0)
		e := t
		for ; e < b && g.window[k][e] == w; e++ {
			seg += g.gain[k][e]
			step = max(step, g.gain[k][e])
		}
		if w >= 0 {
			room := c.caps[k][w] - base
			if room < 0 {
				return 0, false, false
			}
			rest := int32(0)
			if e == b && b < len(g.layers)-1 && g.window[k][b] == w {
				rest = sp.ahead(memo, k, b)
			}
			if two {
				binds = true
			} else if seg+rest > room {
				binds = true
			}
			most = max(most, min(seg, room+step))
		}
		base = 0
		t = e
	}
	return most, binds, true
}

// ahead is how far the fixed days from layer t on advance dim k in the window
// under way there.
func (sp *Space) ahead(memo *memo, k, t int) int32 {
	d := &sp.g.dims[k]
	first := sp.set.M.First
	if d.spans { // at most one for each span that is left, tracked anyway
		return int32(len(sp.g.layers))
	}
	w := &d.windows[sp.g.window[k][t]]
	var sum int64
	of := sp.set.M.Measures[w.of].Of
	for day := first + t; day < w.to; day++ {
		sum += int64(of[day][memo.row[day]])
	}
	return int32(sum / w.unit)
}

// narrow computes how far dims[0] must have come at each boundary so that a hard
// lower end can still be met, when it is the outermost tracked dim.
func (sp *Space) narrow(c *compiled, memo *memo, a, b int) {
	g := sp.g
	for len(sp.need) < len(g.layers) {
		sp.need = append(sp.need, 0)
		sp.bySure = append(sp.bySure, false)
	}
	for t := a; t <= b; t++ {
		sp.need[t], sp.bySure[t] = 0, false
	}
	if len(g.dims) == 0 || !sp.track[0] {
		return
	}
	base := sp.level[0]
	for t := a; t < b; {
		w := g.window[0][t]
		e := t + 1
		for e < b && g.window[0][e] == w {
			e++
		}
		goesOn := e == b && b < len(g.layers)-1 && g.window[0][b] == w
		if w >= 0 && !(goesOn && g.dims[0].spans) {
			need := c.floors[0][w] - base
			if goesOn {
				need -= sp.ahead(memo, 0, b)
			}
			for i := e; i > t; i-- {
				sp.need[i], sp.bySure[i] = need, !goesOn && i < e
				if goesOn {
					need -= g.gain[0][i-1]
				}
			}
		}
		base = 0
		t = e
	}
}

// frames readies the boundaries of layers [a, b].
func (sp *Space) frames(a, b int) {
	n := len(sp.g.layers)
	for len(sp.pre) < n {
		sp.pre = append(sp.pre, frame{})
		sp.post = append(sp.post, frame{})
		sp.opts = append(sp.opts, nil)
		sp.optAt = append(sp.optAt, nil)
		sp.tailAt = append(sp.tailAt, nil)
	}
	for t := a; t <= b; t++ {
		nodes := sp.g.layers[t].nodes
		sp.pre[t].fit(nodes)
		if len(sp.g.closes[t]) > 0 {
			sp.post[t].fit(nodes)
		}
	}
	sp.top = 0
}

// block takes n cells from the arena and returns their offset.
func (sp *Space) block(n int) int {
	o := sp.top
	sp.top += n
	if sp.top > len(sp.v) {
		v := make([]int32, sp.top*3/2+4096)
		copy(v, sp.v[:o])
		sp.v = v
	}
	return o
}

// charge computes, for every set of duties of layer t, its options under prices,
// and returns the largest shift among them.
func (sp *Space) charge(c *compiled, t int, price []int32) (furthest int32) {
	L := &sp.g.layers[t]
	o := sp.set.CellOf[sp.set.M.First+t]
	costs, prices := sp.costs[:0], price[o:int(o)+L.wide]
	for i, v := range c.cost[o : int(o)+L.wide] {
		if v < infinite && prices[i] < Closed {
			v += prices[i]
		} else {
			v = infinite
		}
		costs = append(costs, v)
	}
	sp.costs = costs
	opts, at := sp.opts[t][:0], sp.optAt[t][:0]
	for _, set := range L.sets {
		first := len(opts)
		at = append(at, int32(first))
		for _, q := range set {
			best, duty := infinite, uint8(0)
			for _, i := range q.duties {
				if v := costs[i]; v < best {
					best, duty = v, i
				}
			}
			if best >= infinite {
				continue
			}
			d := sp.delta[q.step]
			furthest = max(furthest, d)
			k := first
			for k < len(opts) && opts[k].delta != d {
				k++
			}
			if k == len(opts) {
				opts = append(opts, option{d, best, duty, sp.inner[q.step]})
			} else if best < opts[k].cost {
				opts[k].cost, opts[k].duty = best, duty
			}
		}
	}
	sp.opts[t], sp.optAt[t] = opts, append(at, int32(len(opts)))
	return furthest
}

// advance carries the grids of src over the day of layer t. No index beyond top
// can be reached by then.
func (sp *Space) advance(c *compiled, t int, src *frame, top int32) {
	g := sp.g
	L := &g.layers[t]
	dst := &sp.pre[t+1]
	opts, at := sp.opts[t], sp.optAt[t]
	need, bySure, outer := sp.need[t+1], sp.bySure[t+1], int32(0)
	if len(g.dims) > 0 {
		outer = sp.stride[0]
	}
	work := 0
	for _, u := range src.act {
		so, slo, shi := src.off[u], src.lo[u], src.hi[u]
		if shi < slo {
			continue
		}
		for _, x := range L.arcs[L.out[u]:L.out[u+1]] {
			ways := opts[at[x.set]:at[x.set+1]]
			if len(ways) == 0 {
				continue
			}
			least := int32(0)
			if need > 0 {
				least = need
				if bySure {
					least -= g.sure[t+1][x.to]
				}
				least = max(least*outer, 0)
			}
			for _, q := range ways {
				w := q.cost + x.w
				d := q.delta
				lo, hi := max(slo+d, least), min(shi+d, top)
				if hi < lo {
					continue
				}
				work += int(hi-lo) + 1
				if q.inner {
					dst.spill[x.to] = true
				}
				sp.pour(dst, x.to, lo, hi, least, top, so-d, w)
			}
		}
	}
	sp.Work += int64(work + 8*len(src.act))
	sp.scrub(c, t, dst)
}

// pour lowers the cells [lo, hi] of node u's grid in dst to those at offset from
// of the arena plus w. A node reached for the first time gets memory for the
// cells [least, top].
func (sp *Space) pour(dst *frame, u, lo, hi, least, top, from, w int32) {
	to := dst.off[u]
	if to == unreached {
		to = int32(sp.block(int(top-least)+1)) - least
		dst.act = append(dst.act, u)
		dst.off[u], dst.lo[u], dst.hi[u] = to, lo, hi
		if lo == hi {
			sp.v[to+lo] = sp.v[from+lo] + w
		} else {
			shift(sp.v[to+lo:to+hi+1], sp.v[from+lo:from+hi+1], w)
		}
		return
	}
	if v := &dst.lo[u]; lo < *v {
		wipe(sp.v[to+lo : to+*v])
		*v = lo
	}
	if v := &dst.hi[u]; hi > *v {
		wipe(sp.v[to+*v+1 : to+hi+1])
		*v = hi
	}
	if lo == hi {
		if v := sp.v[from+lo] + w; v < sp.v[to+lo] {
			sp.v[to+lo] = v
		}
	} else {
		relax(sp.v[to+lo:to+hi+1], sp.v[from+lo:from+hi+1], w)
	}
}

// scrub wipes levels that break a window's bounds from the grids that arrive
// after layer t, where an inner dim has room beyond them.
func (sp *Space) scrub(c *compiled, t int, f *frame) {
	if !sp.fence(c, t) {
		return
	}
	for _, u := range f.act {
		if f.spill[u] {
			lo, hi := f.lo[u], f.hi[u]
			raise(sp.v[f.off[u]+lo:f.off[u]+hi+1], sp.mask[lo:hi+1])
		}
	}
}

// fence brings limits and mask up to the windows of layer t. It reports whether
// there are any limits.
func (sp *Space) fence(c *compiled, t int) bool {
	g := sp.g
	stale, outer := sp.fenced < 0, true
	for k := range g.dims {
		if sp.track[k] && !outer && !stale {
			stale = g.window[k][t] != g.window[k][sp.fenced]
		}
		outer = outer && !sp.track[k]
	}
	if !stale {
		return len(sp.limits) > 0
	}
	sp.fenced, sp.limits, outer = t, sp.limits[:0], true
	for k := range g.dims {
		if !sp.track[k] {
			continue
		}
		if outer {
			outer = false
			continue
		}
		if w, e := g.window[k][t], sp.ext[k]; w >= 0 {
			if top := c.caps[k][w] - sp.base[k] + 1; top < e { // first level too far
				sp.limits = append(sp.limits, limit{e * sp.stride[k], top * sp.stride[k]})
			}
		}
	}
	if len(sp.limits) > 0 {
		sp.mask = sp.maskOf(sp.limits)
	}
	return len(sp.limits) > 0
}

// maskOf is a mask of limits for the grid's size or more: mostly one that was
// made before, as people and windows are much alike.
func (sp *Space) maskOf(limits []limit) []int32 {
	at := slices.IndexFunc(sp.masks, func(m mask) bool { return slices.Equal(m.limits, limits) })
	if at >= 0 {
		if cells := sp.masks[at].cells; len(cells) >= sp.size {
			return cells
		}
		sp.masked -= max(len(sp.masks[at].cells), leastMasked)
		sp.masks = slices.Delete(sp.masks, at, at+1)
	}
	var cells []int32
	if sp.masked += max(sp.size, leastMasked); sp.masked > mostMasked {
		cells = sp.mask[:0] // as all are given up, one can become the new one
		sp.masks, sp.masked = nil, max(sp.size, leastMasked)
	}
	cells = slices.Grow(cells, sp.size)[:sp.size]
	for i := range cells {
		cells[i] = math.MinInt32
	}
	for _, l := range limits {
		for o := 0; o < sp.size; o += int(l.period) {
			wipe(cells[o+int(l.from) : o+int(l.period)])
		}
	}
	sp.masks = append(sp.masks, mask{slices.Clone(limits), cells})
	return cells
}

// settle charges the windows that end at boundary t and sets their dims back to
// level 0: from pre[t] to post[t].
func (sp *Space) settle(c *compiled, t int) {
	pre, post := &sp.pre[t], &sp.post[t]
	closes := sp.g.closes[t]
	outer, only := slices.Index(sp.track, true), -1
	for _, cl := range closes {
		if sp.track[cl.dim] {
			if only >= 0 {
				only = -2
			} else {
				only = cl.dim
			}
		}
	}
	for _, u := range pre.act {
		if pre.hi[u] < pre.lo[u] {
			continue
		}
		switch {
		case only == -1:
			post.act = append(post.act, u)
			post.off[u], post.lo[u], post.hi[u] = pre.off[u], pre.lo[u], pre.hi[u]
		case only == outer:
			sp.fold(c, t, u)
		default:
			sp.foldAll(c, t, u)
		}
	}
	for _, cl := range closes {
		sp.base[cl.dim] = 0
	}
}

// fold settles the outermost dim for node u: its levels become rows of a
// vector, lowered into one.
func (sp *Space) fold(c *compiled, t int, u int32) {
	pre := &sp.pre[t]
	lo, hi, off := pre.lo[u], pre.hi[u], pre.off[u]
	for _, cl := range sp.g.closes[t] {
		k := cl.dim
		if !sp.track[k] {
			continue
		}
		s := sp.stride[k]
		for l := lo / s; l <= hi/s; l++ {
			charge := tableAt(c.tables[k][cl.window], l+sp.base[k])
			if charge >= infinite {
				continue
			}
			a, b := max(lo-l*s, 0), min(hi-l*s, s-1)
			sp.pour(&sp.post[t], u, a, b, 0, int32(sp.size)-1, off+l*s, charge)
		}
	}
	sp.Work += int64(hi - lo + 1)
}

// foldAll settles several dims, or inner ones, for node u.
func (sp *Space) foldAll(c *compiled, t int, u int32) {
	pre, post := &sp.pre[t], &sp.post[t]
	o := int32(sp.block(sp.size))
	grid := sp.v[o : int(o)+sp.size]
	wipe(grid[:pre.lo[u]])
	copy(grid[pre.lo[u]:], sp.live(pre, u))
	wipe(grid[pre.hi[u]+1:])
	for _, cl := range sp.g.closes[t] {
		k := cl.dim
		if !sp.track[k] {
			continue
		}
		e, s := sp.ext[k], sp.stride[k]
		table := c.tables[k][cl.window]
		for b := int32(0); b < int32(sp.size); b += e * s {
			low := grid[b : b+s]
			for l := int32(0); l < e; l++ {
				row := grid[b+l*s : b+l*s+s]
				charge := tableAt(table, l+sp.base[k])
				for i, v := range row {
					w := infinite
					if charge < infinite && v < infinite/2 {
						w = v + charge
					}
					if l == 0 || w < low[i] {
						low[i] = w
					}
				}
				if l > 0 {
					wipe(row)
				}
			}
		}
	}
	lo, hi := int32(0), int32(sp.size)-1
	for lo <= hi && grid[lo] >= infinite/2 {
		lo++
	}
	for hi >= lo && grid[hi] >= infinite/2 {
		hi--
	}
	post.act = append(post.act, u)
	post.off[u], post.lo[u], post.hi[u] = o, lo, hi
	sp.Work += int64(2 * sp.size)
}

// furthest is the highest index reached at a boundary.
func (sp *Space) furthest(f *frame) int32 {
	top := int32(0)
	for _, u := range f.act {
		top = max(top, f.hi[u])
	}
	return top
}

// live is the part of a node's grid that holds values.
func (sp *Space) live(f *frame, u int32) []int32 {
	return sp.v[f.off[u]+f.lo[u] : f.off[u]+f.hi[u]+1]
}
