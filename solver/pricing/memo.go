package pricing

import "slices"

// memo is what a Space remembers of a person's row from one call to the next,
// so that a search over a few days need not walk all the others again.
//
// Before the first day on which the row has changed since, the walk from the
// start still holds; after the last, so do tails: what the days from a boundary
// to the end cost from a node.
type memo struct {
	row    []uint8
	walked int     // boundaries 0..walked of the walk hold, -1 for none
	node   []int32 // by boundary
	spent  []int64 // by boundary: scaled own cost so far
	level  []int32 // by boundary and dim

	from  int     // tails at boundaries from here on hold
	tNode []int32 // by boundary: the node it is for, -1 for none
	tails []tail
}

// tail is what the fixed days from a boundary to the end cost from one node on.
type tail struct {
	cost  int64 // scaled own cost
	ok    bool
	gain  []int32 // by dim: its advance until the window under way ends
	layer int32
	node  int32
}

// recall returns the memo of person p brought up to row.
func (sp *Space) recall(p int, row []uint8) *memo {
	m := &sp.memos[p]
	c := &sp.set.people[p]
	g := c.g
	n := len(g.layers)
	first := sp.set.M.First
	if m.row == nil {
		m.row = slices.Clone(row)
		m.node = make([]int32, n)
		m.spent = make([]int64, n)
		m.level = make([]int32, n*len(g.dims))
		m.tNode = make([]int32, n)
		for t := range m.tNode {
			m.tNode[t] = -1
		}
		m.tails = make([]tail, n)
		m.from = n - 1
		m.node[0], m.spent[0] = c.node, c.spent
		copy(m.level, c.levels)
		return m
	}
	i := first
	for i < len(row) && row[i] == m.row[i] {
		i++
	}
	if i == len(row) {
		return m
	}
	j := len(row) - 1
	for row[j] == m.row[j] {
		j--
	}
	copy(m.row[i:j+1], row[i:j+1])
	m.walked = min(m.walked, i-first)
	for t := m.from; t <= j-first; t++ {
		m.tNode[t] = -1
	}
	m.from = max(m.from, j-first+1)
	return m
}

// walk brings the walk of the memo's row up to boundary t, or reports that the
// row breaks a hard rule before it.
func (sp *Space) walk(c *compiled, m *memo, t int) bool {
	g := c.g
	first := sp.set.M.First
	n := len(g.dims)
	for ; m.walked < t; m.walked++ {
		at := m.walked
		L := &g.layers[at]
		duty := m.row[first+at]
		i := int(m.node[at])*L.wide + int(duty)
		arc := L.next[i]
		own := c.cost[sp.set.CellOf[first+at]+int32(duty)]
		if arc < 0 || own >= infinite {
			return false
		}
		x := &L.arcs[arc]
		m.node[at+1] = x.to
		spent := m.spent[at] + int64(own) + int64(x.w)
		level := m.level[(at+1)*n : (at+2)*n]
		copy(level, m.level[at*n:])
		for _, s := range g.sparse[L.step[i]] {
			level[s.dim] += s.by
		}
		for _, cl := range g.closes[at+1] {
			charge := tableAt(c.tables[cl.dim][cl.window], level[cl.dim])
			if charge >= infinite {
				return false
			}
			spent += int64(charge)
			level[cl.dim] = 0
		}
		m.spent[at+1] = spent
	}
	return true
}

// tail returns what the days from boundary t on, fixed as in the memo's row,
// cost from node u. The result stays valid until forgetTails.
func (sp *Space) tail(c *compiled, m *memo, t int, u int32) *tail {
	g := sp.g
	first := sp.set.M.First
	last := len(g.layers) - 1
	path := sp.path[:0]
	at, node := t, u
	var after *tail
	end := &sp.end
	for {
		if at >= m.from && m.tNode[at] == node {
			after = &m.tails[at]
			break
		}
		if at == last {
			*end = tail{ok: true, gain: sp.none()}
			after = end
			break
		}
		for len(sp.tailAt[at]) <= int(node) {
			sp.tailAt[at] = append(sp.tailAt[at], 0)
		}
		if i := sp.tailAt[at][node]; i > 0 {
			after = &sp.tails[i-1]
			break
		}
		L := &g.layers[at]
		duty := m.row[first+at]
		i := L.next[int(node)*L.wide+int(duty)]
		path = append(path, node)
		if i < 0 || c.cost[sp.set.CellOf[first+at]+int32(duty)] >= infinite {
			*end = tail{gain: sp.none()}
			after = end
			break
		}
		node = L.arcs[i].to
		at++
	}
	for i := len(path) - 1; i >= 0; i-- {
		at, node := t+i, path[i]
		here := sp.newTail(int32(at), node)
		x := &sp.tails[here]
		sp.tailAt[at][node] = here + 1
		if after.ok {
			sp.extend(c, m, x, after)
		}
		if at >= m.from && m.tNode[at] < 0 || at == m.from-1 {
			// at from-1 the row has changed before, not after: the tail holds
			m.from = min(m.from, at)
			m.tNode[at] = node
			y := &m.tails[at]
			y.cost, y.ok, y.gain = x.cost, x.ok, append(y.gain[:0], x.gain...)
		}
		after = x
	}
	sp.path = path
	return after
}

// extend makes x the tail one day before y.
func (sp *Space) extend(c *compiled, m *memo, x, y *tail) {
	g := sp.g
	last := len(g.layers) - 1
	at := int(x.layer)
	L := &g.layers[at]
	day := sp.set.M.First + at
	duty := m.row[day]
	i := int(x.node)*L.wide + int(duty)
	x.ok = true
	x.cost = y.cost + int64(L.arcs[L.next[i]].w) + int64(c.cost[sp.set.CellOf[day]+int32(duty)])
	for k := range g.dims {
		w := g.window[k][at]
		x.gain[k] = 0
		if at+1 == last {
			continue
		}
		if g.window[k][at+1] == w {
			x.gain[k] = y.gain[k]
		} else if n := g.window[k][at+1]; n >= 0 { // another window begins: all of it is fixed
			charge := tableAt(c.tables[k][n], y.gain[k])
			if charge >= infinite {
				x.ok = false
				return
			}
			x.cost += int64(charge)
		}
	}
	for _, s := range g.sparse[L.step[i]] {
		x.gain[s.dim] += s.by
	}
}

// none is a zero for every dim.
func (sp *Space) none() []int32 {
	n := len(sp.g.dims)
	for len(sp.nothing) < n {
		sp.nothing = append(sp.nothing, 0)
	}
	return sp.nothing[:n]
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
	x.gain = append(x.gain[:0], sp.none()...)
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
