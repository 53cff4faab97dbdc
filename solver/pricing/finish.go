package pricing

// finish picks the best end of the window, joins it to the fixed days after it
// and traces the duties back.
func (sp *Space) finish(c *compiled, m *memo, a, b int, out []uint8) (int64, bool) {
	g := sp.g
	for len(sp.term) < len(g.dims) {
		sp.term = append(sp.term, nil)
	}
	end := &sp.pre[b]
	found := false
	var best int64
	var bestNode, bestIdx int32
	for _, u := range end.act {
		if end.hi[u] < end.lo[u] {
			continue
		}
		x := sp.tail(c, m, b, u)
		if !x.ok {
			continue
		}
		plus, ok := x.cost, true
		for k := range g.dims {
			if plus, ok = sp.terminal(c, k, b, x.gain[k], plus); !ok {
				break
			}
		}
		if !ok {
			continue
		}
		if v, i, ok := sp.cheapest(sp.live(end, u), end.lo[u]); ok && (!found || v+plus < best) {
			found, best, bestNode, bestIdx = true, v+plus, u, i
		}
	}
	sp.forgetTails()
	if !found {
		return 0, false
	}
	sp.trace(c, a, b, bestNode, bestIdx, out)
	return best, true
}

// terminal fills sp.term[k] with what dim k charges for each index at boundary
// b when gain more is fixed after it. What does not depend on the index goes
// into the sum. It reports false if the fixed days break a bound.
func (sp *Space) terminal(c *compiled, k, b int, gain int32, sum int64) (int64, bool) {
	g := sp.g
	w := g.window[k][b-1]
	if b < len(g.layers)-1 && g.window[k][b] != w {
		if n := g.window[k][b]; n >= 0 { // a window begins right after: all of it is fixed
			charge := tableAt(c.tables[k][n], gain)
			if charge >= infinite {
				return sum, false
			}
			sum += int64(charge)
		}
		gain = 0
	}
	term := sp.term[k][:0]
	for i := range sp.ext[k] {
		v := int32(0)
		if sp.track[k] && w >= 0 {
			v = tableAt(c.tables[k][w], sp.base[k]+i+gain)
		}
		term = append(term, v)
	}
	sp.term[k] = term
	return sum, true
}

// ending is the search for the best end in the grid of one node.
type ending struct {
	grid  []int32
	lo    int32 // index of grid[0]
	inner int   // last dim with more than one level
	best  int64
	at    int32
}

// cheapest is the lowest value plus terminals of a part of a grid that begins at
// index lo.
func (sp *Space) cheapest(grid []int32, lo int32) (best int64, at int32, ok bool) {
	n := len(sp.g.dims)
	if n == 0 {
		return int64(grid[0]), 0, grid[0] < infinite/2
	}
	inner := n - 1
	for inner > 0 && sp.ext[inner] == 1 {
		inner--
	}
	var one int64 // dims after inner have one level only
	for k := inner + 1; k < n; k++ {
		if sp.term[k][0] >= infinite {
			return 0, 0, false
		}
		one += int64(sp.term[k][0])
	}
	e := &sp.ending
	*e = ending{grid: grid, lo: lo, inner: inner, best: int64(infinite)}
	sp.descend(e, 0, 0, one)
	e.grid = nil
	return e.best, e.at, e.best < int64(infinite)
}

// descend looks at the grid from index o on, where the levels of the dims before
// k are given and charge sum.
func (sp *Space) descend(e *ending, k int, o int32, sum int64) {
	term, hi := sp.term[k], e.lo+int32(len(e.grid))-1
	if k < e.inner {
		stride := sp.stride[k]
		for _, t := range term {
			switch {
			case !sp.track[k]:
				if t < infinite {
					sp.descend(e, k+1, o, sum+int64(t))
				}
				return
			case o > hi:
				return
			case t < infinite && o+stride > e.lo:
				sp.descend(e, k+1, o, sum+int64(t))
			}
			o += stride
		}
		return
	}
	first, last := max(o, e.lo), min(o+int32(len(term))-1, hi)
	for i := first; i <= last; i++ {
		if v, t := e.grid[i-e.lo], term[i-o]; v < infinite/2 && t < infinite {
			if w := int64(v) + int64(t) + sum; w < e.best {
				e.best, e.at = w, i
			}
		}
	}
}

// trace walks back from a node and index at boundary b and writes the duties.
func (sp *Space) trace(c *compiled, a, b int, u, idx int32, out []uint8) {
	g := sp.g
	f := &sp.pre[b]
	v := sp.v[f.off[u]+idx]
	for t := b - 1; t >= a; t-- {
		src := &sp.pre[t]
		settled := t > a && len(g.closes[t]) > 0
		if settled {
			src = &sp.post[t]
		}
		L := &g.layers[t]
		ok := false
	back:
		for _, i := range L.in[L.into[u]:L.into[u+1]] {
			x := &L.arcs[i]
			if src.off[x.from] == unreached {
				continue
			}
			for _, q := range sp.opts[t][sp.optAt[t][x.set]:sp.optAt[t][x.set+1]] {
				j := idx - q.delta
				if j < src.lo[x.from] || j > src.hi[x.from] {
					continue
				}
				if pv := sp.v[src.off[x.from]+j]; pv < infinite/2 && pv+q.cost+x.w == v {
					out[t-a] = q.duty
					u, idx, v, ok = x.from, j, pv, true
					break back
				}
			}
		}
		if !ok {
			panic("pricing: no way back")
		}
		if settled {
			idx, v = sp.unsettle(c, t, a, u, idx, v)
		}
	}
}

// unsettle finds the index before the windows that end at boundary t were
// settled, from the one after.
func (sp *Space) unsettle(c *compiled, t, a int, u, idx, v int32) (int32, int32) {
	f := &sp.pre[t]
	grid, lo, hi := sp.live(f, u), f.lo[u], f.hi[u]
	var try func(i int, idx, sum int32) (int32, bool)
	closes := sp.g.closes[t]
	try = func(i int, idx, sum int32) (int32, bool) {
		if i == len(closes) {
			return idx, idx >= lo && idx <= hi && grid[idx-lo] < infinite/2 && grid[idx-lo]+sum == v
		}
		k := closes[i].dim
		if !sp.track[k] {
			return try(i+1, idx, sum)
		}
		table := c.tables[k][closes[i].window]
		base := int32(0)
		if sp.firstSegment(k, a, t) {
			base = sp.level[k]
		}
		for l := int32(0); l < sp.ext[k]; l++ {
			if charge := tableAt(table, l+base); charge < infinite {
				if r, ok := try(i+1, idx+l*sp.stride[k], sum+charge); ok {
					return r, true
				}
			}
		}
		return 0, false
	}
	r, ok := try(0, idx, 0)
	if !ok {
		panic("pricing: no way back across the end of a window")
	}
	return r, grid[r-lo]
}

// firstSegment reports whether dim k was in the same window from layer a until
// boundary t, so that its base is still the level it began with.
func (sp *Space) firstSegment(k, a, t int) bool {
	for i := a + 1; i < t; i++ {
		if sp.g.window[k][i] != sp.g.window[k][a] {
			return false
		}
	}
	return true
}
