package pricing

import "math"

// backFrame is, for each node and index of a frame that the forward pass has
// reached, what the cheapest way on from there costs.
type backFrame struct {
	off []int32 // by node: where index 0 of its grid would be in Space.v
}

// Marginals fills out, which has an entry for every cell, with the value of the
// cheapest roster of person p that uses the cell, under prices over the whole
// horizon (see Best); math.MaxInt64 where there is none, and for cells of
// history. It returns the value of the cheapest roster of all. It costs about
// three times a Best over the whole horizon.
func (sp *Space) Marginals(p int, price []int32, out []int64) (int64, bool) {
	s := sp.set
	c := &s.people[p]
	g := c.g
	sp.g = g
	b := len(g.layers) - 1
	for i := range out {
		out[i] = math.MaxInt64
	}
	memo := sp.recall(p, sp.history(p))
	sp.level = append(sp.level[:0], memo.level[:len(g.dims)]...)
	if !sp.shape(c, memo, 0, b) {
		return 0, false
	}
	for len(sp.back) < len(g.layers) {
		sp.back = append(sp.back, backFrame{})
		sp.bases = append(sp.bases, nil)
	}
	sp.forward(c, 0, b, memo.node[0], price)
	defer sp.clear(0, b)
	if !sp.ends(c, b) {
		return 0, false
	}
	base := append([]int32(nil), sp.level...)
	for t := 0; t <= b; t++ { // bases on arrival: a dim's is 0 once a window of its has been settled
		sp.bases[t] = append(sp.bases[t][:0], base...)
		if t > 0 {
			for _, cl := range g.closes[t] {
				base[cl.dim] = 0
			}
		}
	}
	spent := memo.spent[0]
	for t := b - 1; t >= 0; t-- {
		settled := t > 0 && len(g.closes[t]) > 0
		src := &sp.pre[t]
		if settled {
			src = &sp.post[t]
		}
		sp.retreat(t, src)
		sp.tellDuties(c, t, price, spent, out)
		if settled {
			sp.unfold(c, t)
		}
	}
	start := memo.node[0]
	v := sp.v[sp.back[0].off[start]]
	if v >= infinite/2 {
		return 0, false
	}
	return int64(v) + spent, true
}

// grow makes room for every node of layer t in the back frame.
func (f *backFrame) grow(nodes int) {
	for len(f.off) < nodes {
		f.off = append(f.off, 0)
	}
}

// backBlock takes memory for the part [lo, hi] of a grid and wipes it.
func (sp *Space) backBlock(lo, hi int32) int32 {
	o := int32(sp.block(int(hi-lo) + 1))
	wipe(sp.v[o : o+hi-lo+1])
	return o - lo
}

// ends fills the back frame of the last boundary with what windows that end
// there charge. It reports whether anything is reached.
func (sp *Space) ends(c *compiled, b int) bool {
	g := sp.g
	end, back := &sp.pre[b], &sp.back[b]
	back.grow(len(end.off))
	any := false
	for _, u := range end.act {
		lo, hi := end.lo[u], end.hi[u]
		if hi < lo {
			back.off[u] = 0
			continue
		}
		back.off[u] = sp.backBlock(lo, hi)
		grid := sp.v[back.off[u]+lo : back.off[u]+hi+1]
		for i := lo; i <= hi; i++ {
			if sum, ok := sp.charges(c, b-1, i, sp.base, func(k int) bool { return g.window[k][b-1] >= 0 }); ok {
				grid[i-lo] = sum
				any = true
			}
		}
	}
	return any
}

// charges adds up what the tracked dims chosen charge at a flat index, when the
// windows of layer t end.
func (sp *Space) charges(c *compiled, t int, idx int32, base []int32, of func(k int) bool) (sum int32, ok bool) {
	for k := range sp.g.dims {
		if !sp.track[k] || !of(k) {
			continue
		}
		level := idx/sp.stride[k]%sp.ext[k] + base[k]
		charge := tableAt(c.tables[k][sp.g.window[k][t]], level)
		if charge >= infinite {
			return 0, false
		}
		sum += charge
	}
	return sum, true
}

// retreat fills the back frame of src at layer t from that of the next layer,
// and sp.most with the cheapest way through each option of a set, less its cost.
func (sp *Space) retreat(t int, src *frame) {
	L := &sp.g.layers[t]
	dst, next, here := &sp.pre[t+1], &sp.back[t+1], &sp.back[t]
	here.grow(len(src.off))
	opts, at := sp.opts[t], sp.optAt[t]
	for len(sp.most) < len(L.sets) {
		sp.most = append(sp.most, nil)
	}
	for i := range L.sets {
		sp.most[i] = sp.most[i][:0]
		for range opts[at[i]:at[i+1]] {
			sp.most[i] = append(sp.most[i], infinite)
		}
	}
	work := 0
	for _, u := range src.act {
		slo, shi := src.lo[u], src.hi[u]
		if shi < slo {
			continue
		}
		off := sp.backBlock(slo, shi)
		here.off[u] = off
		for _, x := range L.arcs[L.out[u]:L.out[u+1]] {
			if dst.off[x.to] == unreached {
				continue
			}
			for n, q := range opts[at[x.set]:at[x.set+1]] {
				lo, hi := max(slo, dst.lo[x.to]-q.delta), min(shi, dst.hi[x.to]-q.delta)
				if hi < lo {
					continue
				}
				work += int(hi-lo) + 1
				w := q.cost + x.w
				ahead := sp.v[next.off[x.to]+lo+q.delta : next.off[x.to]+hi+q.delta+1]
				relax(sp.v[off+lo:off+hi+1], ahead, w)
				behind := sp.v[src.off[u]+lo : src.off[u]+hi+1]
				best := infinite
				for i, v := range behind {
					if v < infinite/2 && ahead[i] < infinite/2 {
						best = min(best, v+ahead[i])
					}
				}
				if best < infinite {
					sp.most[x.set][n] = min(sp.most[x.set][n], best+x.w)
				}
			}
		}
	}
	// What nobody reaches may lie beyond a dim's bounds, next to its neighbour.
	for _, u := range src.act {
		lo, hi := src.lo[u], src.hi[u]
		for i := lo; i <= hi; i++ {
			if sp.v[src.off[u]+i] >= infinite/2 {
				sp.v[here.off[u]+i] = infinite
			}
		}
	}
	sp.Work += int64(2 * work)
}

// tellDuties turns sp.most into the marginals of the cells of layer t.
func (sp *Space) tellDuties(c *compiled, t int, price []int32, spent int64, out []int64) {
	L := &sp.g.layers[t]
	o := sp.set.CellOf[sp.set.M.First+t]
	for i, set := range L.sets {
		opts := sp.opts[t][sp.optAt[t][i]:sp.optAt[t][i+1]]
		for _, q := range set {
			for n := range opts {
				if opts[n].delta != sp.delta[q.step] || sp.most[i][n] >= infinite {
					continue
				}
				for _, duty := range q.duties {
					cell := o + int32(duty)
					if own := c.cost[cell]; own < infinite && price[cell] < Closed {
						out[cell] = min(out[cell], spent+int64(sp.most[i][n])+int64(own)+int64(price[cell]))
					}
				}
			}
		}
	}
}

// unfold takes the back frame of boundary t from after its windows are settled
// to before.
func (sp *Space) unfold(c *compiled, t int) {
	g := sp.g
	pre, post, back := &sp.pre[t], &sp.post[t], &sp.back[t]
	closing := func(k int) bool {
		for _, cl := range g.closes[t] {
			if cl.dim == k {
				return true
			}
		}
		return false
	}
	for _, u := range pre.act {
		lo, hi := pre.lo[u], pre.hi[u]
		if hi < lo {
			continue
		}
		after := back.off[u]
		off := sp.backBlock(lo, hi)
		back.off[u] = off
		if post.off[u] == unreached {
			continue // no level may end here
		}
		for i := lo; i <= hi; i++ {
			sum, ok := sp.charges(c, t-1, i, sp.bases[t], closing)
			if !ok || sp.v[pre.off[u]+i] >= infinite/2 {
				continue
			}
			j := i
			for _, cl := range g.closes[t] {
				if sp.track[cl.dim] {
					j -= i / sp.stride[cl.dim] % sp.ext[cl.dim] * sp.stride[cl.dim]
				}
			}
			if j >= post.lo[u] && j <= post.hi[u] {
				if v := sp.v[after+j]; v < infinite/2 {
					sp.v[off+i] = v + sum
				}
			}
		}
	}
}
