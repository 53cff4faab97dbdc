package pricing

// tail returns what the days from boundary t on, fixed as in row, cost from
// node u. The result stays valid until the next call of Best.
func (sp *Space) tail(c *compiled, t int, u int32, row []uint8) *tail {
	g := sp.g
	first := sp.set.M.First
	last := len(g.layers) - 1
	path := sp.path[:0]
	at, node := t, u
	next := int32(-1) // the tail that the path runs into
	dead := false
	for at < last {
		for len(sp.tailAt[at]) <= int(node) {
			sp.tailAt[at] = append(sp.tailAt[at], 0)
		}
		if i := sp.tailAt[at][node]; i > 0 {
			next = i - 1
			break
		}
		L := &g.layers[at]
		i := L.next[int(node)*L.wide+int(row[first+at])]
		path = append(path, node)
		if i < 0 {
			dead = true
			break
		}
		node = L.arcs[i].to
		at++
	}
	if next < 0 {
		next = sp.newTail(int32(last), 0)
		sp.tails[next].ok = !dead
		sp.tails[next].layer = -1 // not remembered by node
	}
	for i := len(path) - 1; i >= 0; i-- {
		at, node := t+i, path[i]
		here := sp.newTail(int32(at), node)
		sp.tailAt[at][node] = here + 1
		x, y := &sp.tails[here], &sp.tails[next]
		next = here
		L := &g.layers[at]
		j := L.next[int(node)*L.wide+int(row[first+at])]
		if j < 0 || !y.ok {
			continue
		}
		a := &L.arcs[j]
		x.ok = true
		x.cost = y.cost + int64(a.w)
		for k, inc := range g.steps[a.step] {
			w := g.window[k][at]
			x.gain[k] = inc
			if at+1 < last && g.window[k][at+1] == w {
				x.gain[k] += y.gain[k]
			} else if at+1 < last && g.window[k][at+1] >= 0 { // another window begins: all of it is known
				charge := tableAt(c.tables[k][g.window[k][at+1]], y.gain[k])
				if charge >= infinite {
					x.ok = false
				}
				x.cost += int64(charge)
			}
		}
	}
	sp.path = path
	return &sp.tails[next]
}

func (sp *Space) newTail(layer, node int32) int32 {
	n := len(sp.tails)
	if n < cap(sp.tails) {
		sp.tails = sp.tails[:n+1]
	} else {
		sp.tails = append(sp.tails, tail{})
	}
	x := &sp.tails[n]
	x.cost, x.ok, x.layer, x.node = 0, false, layer, node
	x.gain = append(x.gain[:0], make([]int32, len(sp.g.dims))...)
	return int32(n)
}

func (sp *Space) forgetTails() {
	for i := range sp.tails {
		if x := &sp.tails[i]; x.layer >= 0 {
			sp.tailAt[x.layer][x.node] = 0
		}
	}
	sp.tails = sp.tails[:0]
}

// finish picks the best end of the window, joins it to the fixed days after it
// and traces the duties back.
func (sp *Space) finish(c *compiled, a, b int, row []uint8, out []uint8) (int64, bool) {
	g := sp.g
	first := sp.set.M.First
	last := len(g.layers) - 1
	var fixed int64
	for t := b; t < last; t++ {
		own := c.cost[sp.set.CellOf[first+t]+int32(row[first+t])]
		if own >= infinite {
			return 0, false
		}
		fixed += int64(own)
	}
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
		x := sp.tail(c, b, u, row)
		if !x.ok {
			continue
		}
		plus, ok := x.cost, true
		for k := range g.dims {
			plus, ok = sp.terminal(c, k, b, x.gain[k], plus, ok)
		}
		if !ok {
			continue
		}
		grid := sp.v[end.off[u] : int(end.off[u])+sp.size]
		if v, i, ok := sp.cheapest(grid, end.lo[u], end.hi[u]); ok && (!found || v+plus < best) {
			found, best, bestNode, bestIdx = true, v+plus, u, i
		}
	}
	sp.forgetTails()
	if !found {
		return 0, false
	}
	sp.trace(c, a, b, bestNode, bestIdx, out)
	return best + fixed, true
}

// terminal fills sp.term[k] with what dim k charges for each index at boundary
// b when gain more is fixed after it. What does not depend on the index goes
// into the sum.
func (sp *Space) terminal(c *compiled, k, b int, gain int32, sum int64, ok bool) (int64, bool) {
	g := sp.g
	e := int(sp.ext[k])
	term := append(sp.term[k][:0], make([]int32, e)...)
	sp.term[k] = term
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
	if w < 0 {
		for i := 1; i < e; i++ {
			term[i] = infinite
		}
		return sum, ok
	}
	table := c.tables[k][w]
	for i := range term {
		term[i] = tableAt(table, sp.base[k]+int32(i)+gain)
	}
	return sum, ok
}

// cheapest is the lowest grid value plus terminals within [lo, hi].
func (sp *Space) cheapest(grid []int32, lo, hi int32) (best int64, at int32, ok bool) {
	n := len(sp.g.dims)
	if n == 0 {
		return int64(grid[0]), 0, grid[0] < infinite/2
	}
	best = int64(infinite)
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
	e := sp.ext[inner]
	table := sp.term[inner]
	for o := lo / e * e; o <= hi; o += e {
		sum, dead := one, false
		for k := range inner {
			t := sp.term[k][o/sp.stride[k]%sp.ext[k]]
			dead = dead || t >= infinite
			sum += int64(t)
		}
		if dead {
			continue
		}
		for i := max(o, lo); i <= min(o+e-1, hi); i++ {
			if v, t := grid[i], table[i-o]; v < infinite/2 && t < infinite {
				if w := int64(v) + int64(t) + sum; w < best {
					best, at = w, i
				}
			}
		}
	}
	return best, at, best < int64(infinite)
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
		for _, i := range L.in[L.into[u]:L.into[u+1]] {
			x := &L.arcs[i]
			w := sp.cost[t][x.set]
			if w >= infinite || len(src.off) <= int(x.from) || src.off[x.from] < 0 {
				continue
			}
			j := idx - sp.delta[x.step]
			if j < src.lo[x.from] || j > src.hi[x.from] {
				continue
			}
			if pv := sp.v[src.off[x.from]+j]; pv < infinite/2 && pv+w+x.w == v {
				out[t-a] = sp.duty[t][x.set]
				u, idx, v, ok = x.from, j, pv, true
				break
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
	grid := sp.v[f.off[u] : int(f.off[u])+sp.size]
	var try func(i int, idx, sum int32) (int32, bool)
	closes := sp.g.closes[t]
	try = func(i int, idx, sum int32) (int32, bool) {
		if i == len(closes) {
			return idx, grid[idx] < infinite/2 && grid[idx]+sum == v
		}
		k := closes[i].dim
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
	return r, grid[r]
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
