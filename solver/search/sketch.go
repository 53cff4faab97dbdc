package search

import (
	"math"
	"sort"
)

// sketch gives a long problem its first prices, bound and roster, from mixes of
// pieces: those of whole rosters take too long to fit the rows. It may end
// without a roster.
func (e *engine) sketch() {
	u := newDual(e.p, &node{})
	t := newPieces(u)
	e.dual = u
	// By the last of so many passes the mixes fit the rows well enough for a
	// roster to follow them; more make hardly a better one.
	const passes = 22
	for n := 0; n < passes && e.work < e.budget()/4; n++ {
		if e.over() || !e.charge(t, t.pass) {
			return
		}
	}
	if e.over() || !e.charge(t, func(c *crew) bool { return u.begin(c, t.center[:len(e.p.rows)]) }) {
		return
	}
	e.raise(u.bound)
	if e.judge(); e.over() {
		return
	}
	e.teach()
	e.epoch(1, math.MaxInt64, func(h *hand, c *chain, rng stream) {
		if c.assemble(h, t, rng) {
			c.mend(h, e.guide)
			c.keep()
		}
	})
	if e.chains[0].hasCur {
		e.march(e.chains[0])
		e.spread(1)
	}
}

// charge has the crew do something with pieces, and counts the work.
func (e *engine) charge(t *pieces, do func(c *crew) bool) (ok bool) {
	known, priced := t.master.Work, e.crew.work
	e.aside(func() { ok = do(e.crew) })
	e.work += (2*(t.master.Work-known) + e.crew.work - priced) / cellsPerUnit
	return ok
}

// assemble puts in everybody, one after another, as suits the mixes of pieces
// and what those before have left to do. The mixes of those still out follow.
func (c *chain) assemble(h *hand, t *pieces, rng stream) bool {
	p, s := h.p, c.cur
	known := t.master.Work
	defer func() { h.space.Work += 2 * (t.master.Work - known) }()
	s.clear()
	rng.shuffle(c.perm)
	reward := 4 * float64(p.unit) * float64(p.set.Scale) // for a cell that the whole mix holds
	share := make([]float32, p.cells)
	for n, i := range c.perm {
		if h.stop.Load() {
			return false
		}
		if n%pieceBlock == 0 {
			t.solve()
		}
		h.marginal(s, i, p.first, p.days, int64(len(c.perm)-n), t.u.trial)
		t.shares(i, share)
		for k, f := range share {
			if f > 0 {
				h.price[k] -= clip32(int64(reward*float64(f)), int64(p.set.MaxPrice/4))
			}
		}
		if !h.insert(s, i, p.first, p.days) {
			return false
		}
		t.fix(i, s.roster[i])
	}
	c.hasCur = true
	c.best.copyFrom(s)
	return true
}

// march takes everybody out of one month after another and dives them again,
// for as long as that pays: first months of one division of the time, then those
// that overlap them by half. What sums over many months still allow goes to
// whoever comes first, so that the month in which most is amiss comes first.
func (e *engine) march(c *chain) {
	p := e.p
	e.phase = "dive"
	h := newHand(p, &e.stop) // for what one hand must do between those of the crew
	for round := 0; ; round++ {
		var starts []int
		for from := p.first - round%2*month/2; from < p.days; from += month {
			starts = append(starts, from)
		}
		was, sore := c.cur.cost, make(map[int]int64)
		for _, from := range starts {
			sore[from] = c.amiss(from, from+month)
		}
		sort.SliceStable(starts, func(a, b int) bool { return sore[starts[a]] > sore[starts[b]] })
		for _, from := range starts {
			if e.over() || e.work >= e.budget()/10*9 {
				return
			}
			priced, did := e.crew.work, int64(0)
			e.aside(func() {
				did = e.task(h, c, math.MaxInt64, func(h *hand, c *chain, rng stream) {
					c.month(h, e.crew, e.guide, max(from, p.first), min(from+month, p.days), rng)
				})
			})
			e.work += did + (e.crew.work-priced)/cellsPerUnit
			c.keep()
			e.offer(c.best)
		}
		if round > 0 && float64(was-c.cur.cost) < 0.0005*float64(was) {
			return
		}
	}
}

// amiss is what rows that lie within days [from, to) cost.
func (c *chain) amiss(from, to int) (cost int64) {
	p := c.cur.p
	for r := range p.rows {
		if x := &p.rows[r]; int(x.first) >= from && int(x.last) < to {
			cost += p.at(x, c.cur.sum[r])
		}
	}
	return cost
}

// month dives everybody on days [from, to), unless that costs more. The crew
// prices them.
func (c *chain) month(h *hand, crew *crew, g *guide, from, to int, rng stream) {
	c.set = append(c.set[:0], c.perm...)
	was := c.cur.cost
	c.take(from, to)
	q := diving{first: 8, steps: 3, step: 6, part: 1.0 / 4, calm: 1, limit: float64(was)}
	v := h.dive(c.cur, c.set, from, to, g, q, rng, func(k int) ([]uint8, int64) { return c.saved[k][:to-from], c.owns[k] })
	v.crew = crew
	if !v.run() {
		c.undo(from, to, func(k int) bool { return v.in[k] })
	}
}
