package search

import "slices"

// dearer is by what the price of a heavy row is multiplied.
const dearer = 2

// weigh makes dearer, in the eyes of the present roster alone, a row or two that
// cost something. Where no neighbourhood finds anything better, one place too few
// is often all that is wrong, and nobody can fill it without leaving another.
// With its row dearer it is filled all the same: the hole moves, mostly to where
// it is easier to fill (Morris, The breakout method for escaping from local
// minima, 1993). It reports false if no row costs more than it might.
func (c *chain) weigh(g *guide, rng stream) bool {
	p := c.cur.p
	var rows []int32
	var worth []int64
	sum := int64(0)
	list := func(value func(r int) int64) {
		for r := range p.rows {
			if p.rows[r].waste(c.cur.sum[r]) == 0 {
				continue
			}
			if v := value(r); v > 0 {
				rows, worth = append(rows, int32(r)), append(worth, v)
				sum += v
			}
		}
	}
	// Half of the time, rows that the prices expect to cost less; otherwise, or
	// if there are none, whatever costs most.
	if rng.n(2) == 0 {
		list(func(r int) int64 { return c.excess(p, g, r) - p.unit*p.set.Scale })
	}
	if len(rows) == 0 {
		list(func(r int) int64 { return p.rows[r].waste(c.cur.sum[r]) })
	}
	if len(rows) == 0 {
		return false
	}
	view := *p
	view.rows = slices.Clone(p.rows)
	for n := 1 + rng.n(2); n > 0 && len(rows) > 0; n-- {
		k, t := 0, int64(rng.f()*float64(sum))
		for ; k < len(rows)-1 && t >= worth[k]; k++ {
			t -= worth[k]
		}
		c.heavy = append(c.heavy, rows[k])
		x := &view.rows[rows[k]]
		x.tab = slices.Clone(x.tab)
		for u := range x.tab {
			x.tab[u] *= dearer
		}
		sum -= worth[k]
		rows, worth = slices.Delete(rows, k, k+1), slices.Delete(worth, k, k+1)
	}
	c.cur.p = &view
	c.cur.recount()
	return true
}

// waste is what the row costs at u beyond the least it can cost, hard ends as the
// search sees them; 0 for rows without a table.
func (r *row) waste(u int64) int64 {
	if r.tab == nil {
		return 0
	}
	return r.tab[u-r.lo] - slices.Min(r.tab)
}

// burden is what heavy rows add to the present roster's cost.
func (c *chain) burden() int64 {
	sum := int64(0)
	for _, r := range c.heavy {
		u := c.cur.sum[r]
		sum += c.cur.p.at(&c.cur.p.rows[r], u) - c.best.p.at(&c.best.p.rows[r], u)
	}
	return sum
}

// light reports that no heavy row costs more than it might.
func (c *chain) light() bool {
	return !slices.ContainsFunc(c.heavy, func(r int32) bool { return c.cur.p.rows[r].waste(c.cur.sum[r]) > 0 })
}

// ease takes the weights off again.
func (c *chain) ease() {
	if len(c.heavy) > 0 {
		c.heavy = c.heavy[:0]
		c.cur.p = c.best.p
		c.cur.recount()
	}
}
