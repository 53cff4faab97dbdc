package search

import "slices"

// dearer is by what the price of a heavy row is multiplied.
const dearer = 2

// weigh makes a row or two that cost something dearer in the present roster's
// eyes. Where no neighbourhood finds anything better, one place too few is often
// all that is wrong, and nobody can fill it without leaving another. Now it
// pays to: the hole moves, mostly to where it is easier to fill (Morris, The
// breakout method for escaping from local minima, 1993). It reports false if no
// row costs anything that could be saved.
func (c *chain) weigh(g *guide, rng stream) bool {
	p := c.cur.p
	var rows []int32
	var worth []int64
	sum := int64(0)
	list := func(value func(r int) int64) {
		for r := range p.rows {
			if x := &p.rows[r]; x.tab == nil || p.at(x, c.cur.sum[r])-slices.Min(x.tab) <= p.unit {
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
		list(func(r int) int64 { return max(0, c.excess(p, g, r)-p.unit*p.set.Scale) })
	}
	if len(rows) == 0 {
		list(func(r int) int64 { return p.at(&p.rows[r], c.cur.sum[r]) - slices.Min(p.rows[r].tab) })
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

// burden is what heavy rows add to the present roster's cost.
func (c *chain) burden() int64 {
	sum := int64(0)
	for _, r := range c.heavy {
		u := c.cur.sum[r]
		sum += c.cur.p.at(&c.cur.p.rows[r], u) - c.best.p.at(&c.best.p.rows[r], u)
	}
	return sum
}

// light reports that no heavy row costs anything that could be saved.
func (c *chain) light() bool {
	for _, r := range c.heavy {
		if x := &c.best.p.rows[r]; c.best.p.at(x, c.cur.sum[r]) > slices.Min(x.tab) {
			return false
		}
	}
	return true
}

// ease makes rows cost what they cost.
func (c *chain) ease() {
	if len(c.heavy) > 0 {
		c.heavy = c.heavy[:0]
		c.cur.p = c.best.p
		c.cur.recount()
	}
}
