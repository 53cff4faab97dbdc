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
	off    []int32 // by node: offset of its grid in Space.v, or -1
	lo, hi []int32 // by node: the part of the grid that holds values
}

func (f *frame) fit(nodes int) {
	for len(f.off) < nodes {
		f.off = append(f.off, -1)
		f.lo = append(f.lo, 0)
		f.hi = append(f.hi, -1)
	}
}

func (f *frame) clear() {
	for _, u := range f.act {
		f.off[u] = -1
	}
	f.act = f.act[:0]
}

// tail is what the fixed days after a window cost from one node on.
type tail struct {
	cost  int64
	ok    bool
	gain  []int32 // by dim: its advance until the window under way ends
	layer int32
	node  int32
}

// Space is the memory of one worker. It is not safe for concurrent use.
type Space struct {
	// Work counts grid cells touched since the Space was made: a measure of
	// effort that does not depend on the machine.
	Work int64

	set    *Set
	v      []int32
	top    int
	pre    []frame // by layer: on arrival
	post   []frame // by layer: after windows that end there are settled
	cost   [][]int32
	duty   [][]uint8
	tails  []tail
	tailAt [][]int32 // [layer][node]: 1 + index of tails
	zeros  []int32
	past   []uint8

	// the grid of the search under way
	g      *graph
	size   int     // cells of a node's grid
	ext    []int32 // by dim
	stride []int32
	base   []int32 // level of index 0
	delta  []int32 // by step: shift of the flat index
	level  []int32
	term   [][]int32
	path   []int32

	// force, if not nil, replaces the person's own costs of forceDay.
	force    []int32
	forceDay int
}

// NewSpace makes the memory for one worker; it grows as needed.
func (s *Set) NewSpace() *Space { return &Space{set: s} }

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

// Best finds the cheapest duties of person p for days [from, to), where the
// days outside are held as in row (one duty a day, history included). price has
// an entry for every cell, scaled, of which those of [from, to) are read and
// added to the person's own scaled cost. out receives to-from duties.
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
	node, spent, ok := sp.walk(c, first, from, row)
	if !ok {
		return 0, false
	}
	if from >= to {
		_, value, ok = sp.walk(c, first, len(s.M.Days), row)
		return value, ok
	}
	a, b := from-first, to-first
	if !sp.shape(c, a, b) {
		return 0, false
	}
	sp.frames(a, b)
	start := &sp.pre[a]
	start.fit(int(node) + 1)
	start.act = append(start.act, node)
	start.off[node], start.lo[node], start.hi[node] = 0, 0, 0
	sp.v[sp.block()] = 0
	for t := a; t < b; t++ {
		src := &sp.pre[t]
		if t > a && len(g.closes[t]) > 0 {
			sp.settle(c, t)
			src = &sp.post[t]
		}
		sp.charge(c, t, price)
		sp.advance(c, t, src)
	}
	value, ok = sp.finish(c, a, b, row, out)
	value += spent
	for t := a; t <= b; t++ {
		sp.pre[t].clear()
		sp.post[t].clear()
	}
	return value, ok
}

// walk follows row from before day First to before day to; the node there, the
// scaled own cost so far, and in sp.level the levels of the dims.
func (sp *Space) walk(c *compiled, first, to int, row []uint8) (node int32, spent int64, ok bool) {
	g := c.g
	sp.level = append(sp.level[:0], c.levels...)
	node, spent = c.node, c.spent
	for d := first; d < to; d++ {
		L := &g.layers[d-first]
		i := L.next[int(node)*L.wide+int(row[d])]
		if i < 0 {
			return 0, 0, false
		}
		x := &L.arcs[i]
		own := c.cost[sp.set.CellOf[d]+int32(row[d])]
		if own >= infinite {
			return 0, 0, false
		}
		spent += int64(own) + int64(x.w)
		node = x.to
		for k, inc := range g.steps[x.step] {
			sp.level[k] += inc
		}
		for _, cl := range g.closes[d+1-first] {
			charge := tableAt(c.tables[cl.dim][cl.window], sp.level[cl.dim])
			if charge >= infinite {
				return 0, 0, false
			}
			spent += int64(charge)
			sp.level[cl.dim] = 0
		}
	}
	return node, spent, true
}

func tableAt(t []int32, level int32) int32 {
	if int(level) >= len(t) {
		return infinite
	}
	return t[level]
}

// capOf is the highest level that does not break a window's bounds, -1 for none.
func capOf(t []int32) int32 {
	for l := len(t) - 1; l >= 0; l-- {
		if t[l] < infinite {
			return int32(l)
		}
	}
	return -1
}

// shape lays out the grid for a search over layers [a, b): how far each dim can
// advance there, or until it breaks its window's bounds, decides its extent. It
// reports false where the fixed days already break one.
//
// Dims come largest first. The first that moves is outermost: what goes beyond
// its extent falls off the end of the grid. The others must not spill into
// their neighbour, so they have room for one step too far, which scrub wipes.
func (sp *Space) shape(c *compiled, a, b int) bool {
	g := sp.g
	n := len(g.dims)
	sp.ext = append(sp.ext[:0], sp.level...)
	sp.stride = append(sp.stride[:0], sp.level...)
	sp.base = append(sp.base[:0], sp.level...)
	outer := true
	for k := range n {
		extent, seg := int32(0), int32(0)
		base, room := sp.level[k], int32(math.MaxInt32)
		step := int32(0) // the furthest one day goes
		begin := func(t int) {
			seg = 0
			if w := g.window[k][t]; w >= 0 {
				room = c.caps[k][w] - base
			}
		}
		begin(a)
		if room < 0 {
			return false
		}
		for t := a; t < b; t++ {
			seg += g.gain[k][t]
			step = max(step, g.gain[k][t])
			if t+1 == b || g.window[k][t+1] != g.window[k][t] {
				if outer {
					extent = max(extent, min(seg, room))
				} else {
					extent = max(extent, min(seg, room+step))
				}
				if t+1 < b {
					base = 0
					begin(t + 1)
				}
			}
		}
		sp.ext[k] = extent + 1
		if extent > 0 {
			outer = false
		}
	}
	size := int32(1)
	for k := n - 1; k >= 0; k-- {
		sp.stride[k] = size
		size *= sp.ext[k]
	}
	sp.size = int(size)
	sp.delta = sp.delta[:0]
	for _, st := range g.steps {
		var d int32
		for k, inc := range st {
			d += inc * sp.stride[k]
		}
		sp.delta = append(sp.delta, d)
	}
	return true
}

// frames readies the boundaries of layers [a, b].
func (sp *Space) frames(a, b int) {
	n := len(sp.g.layers)
	for len(sp.pre) < n {
		sp.pre = append(sp.pre, frame{})
		sp.post = append(sp.post, frame{})
		sp.cost = append(sp.cost, nil)
		sp.duty = append(sp.duty, nil)
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

// block takes a grid from the arena and returns its offset.
func (sp *Space) block() int {
	o := sp.top
	sp.top += sp.size
	if sp.top > len(sp.v) {
		v := make([]int32, sp.top*3/2+4096)
		copy(v, sp.v[:o])
		sp.v = v
	}
	return o
}

// charge computes, for every set of duties of layer t, the cheapest under prices.
func (sp *Space) charge(c *compiled, t int, price []int32) {
	L := &sp.g.layers[t]
	o := sp.set.CellOf[sp.set.M.First+t]
	own := c.cost[o : int(o)+L.wide]
	if sp.force != nil && sp.forceDay == sp.set.M.First+t {
		own = sp.force
	}
	pr := price[o : int(o)+L.wide]
	cost, duty := sp.cost[t][:0], sp.duty[t][:0]
	for _, set := range L.sets {
		best, at := infinite, uint8(0)
		for _, i := range set {
			if v := own[i]; v < infinite && v+pr[i] < best {
				best, at = v+pr[i], i
			}
		}
		cost, duty = append(cost, best), append(duty, at)
	}
	sp.cost[t], sp.duty[t] = cost, duty
}

// advance carries the grids of src over the day of layer t.
func (sp *Space) advance(c *compiled, t int, src *frame) {
	g := sp.g
	L := &g.layers[t]
	dst := &sp.pre[t+1]
	size := int32(sp.size)
	cost := sp.cost[t]
	work := 0
	for _, u := range src.act {
		so, slo, shi := src.off[u], src.lo[u], src.hi[u]
		if shi < slo {
			continue
		}
		for _, x := range L.arcs[L.out[u]:L.out[u+1]] {
			w := cost[x.set]
			if w >= infinite {
				continue
			}
			w += x.w
			d := sp.delta[x.step]
			lo, hi := slo+d, min(shi+d, size-1)
			if hi < lo {
				continue
			}
			work += int(hi-lo) + 1
			to := dst.off[x.to]
			from := sp.v[so+lo-d : so+hi-d+1]
			if to < 0 {
				to = int32(sp.block())
				dst.act = append(dst.act, x.to)
				dst.off[x.to], dst.lo[x.to], dst.hi[x.to] = to, lo, hi
				shift(sp.v[to+lo:to+hi+1], from, w)
				continue
			}
			if v := &dst.lo[x.to]; lo < *v {
				wipe(sp.v[to+lo : to+*v])
				*v = lo
			}
			if v := &dst.hi[x.to]; hi > *v {
				wipe(sp.v[to+*v+1 : to+hi+1])
				*v = hi
			}
			relax(sp.v[to+lo:to+hi+1], from, w)
		}
	}
	sp.Work += int64(work + 8*len(src.act))
	sp.scrub(c, t, dst)
}

// scrub wipes levels that break a window's bounds from the grids that arrive
// after layer t, where an inner dim has room beyond them.
func (sp *Space) scrub(c *compiled, t int, f *frame) {
	g := sp.g
	outer := true
	for k := range g.dims {
		e := sp.ext[k]
		if e == 1 {
			continue
		}
		if outer {
			outer = false
			continue
		}
		w := g.window[k][t]
		if w < 0 || g.gain[k][t] == 0 {
			continue
		}
		top := c.caps[k][w] - sp.base[k] + 1 // first level too far
		if top >= e {
			continue
		}
		s := sp.stride[k]
		for _, u := range f.act {
			for o := int32(0); o < int32(sp.size); o += e * s {
				a, b := max(o+top*s, f.lo[u]), min(o+e*s-1, f.hi[u])
				if a <= b {
					wipe(sp.v[f.off[u]+a : f.off[u]+b+1])
				}
			}
		}
	}
}

// settle charges the windows that end at boundary t and sets their dims back to
// level 0: from pre[t] to post[t].
func (sp *Space) settle(c *compiled, t int) {
	pre, post := &sp.pre[t], &sp.post[t]
	for _, u := range pre.act {
		if pre.hi[u] < pre.lo[u] {
			continue
		}
		o := int32(sp.block())
		copy(sp.v[o:int(o)+sp.size], sp.whole(pre, u))
		grid := sp.v[o : int(o)+sp.size]
		for _, cl := range sp.g.closes[t] {
			k := cl.dim
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
		post.act = append(post.act, u)
		post.off[u] = o
		lo, hi := int32(0), int32(sp.size)-1
		for lo <= hi && grid[lo] >= infinite/2 {
			lo++
		}
		for hi >= lo && grid[hi] >= infinite/2 {
			hi--
		}
		post.lo[u], post.hi[u] = lo, hi
		sp.Work += int64(2 * sp.size)
	}
	for _, cl := range sp.g.closes[t] {
		sp.base[cl.dim] = 0
	}
}

// whole fills the unused parts of a node's grid and returns all of it.
func (sp *Space) whole(f *frame, u int32) []int32 {
	grid := sp.v[f.off[u] : int(f.off[u])+sp.size]
	wipe(grid[:f.lo[u]])
	wipe(grid[f.hi[u]+1:])
	f.lo[u], f.hi[u] = 0, int32(sp.size)-1
	return grid
}
