package search

import (
	"bytes"
	"math"
	"sort"

	"rota/solver/master"
)

// diving are the settings of a dive.
type diving struct {
	first int     // price steps before the first fixing
	steps int     // price steps between two fixings
	eta   float64 // what a cell that the mixes hold is rewarded with, in costs
	batch int     // people fixed between price steps
	tries int     // how often to start again from the first prices
	limit float64 // cost above which the result is of no use
}

// dive is the work of putting a set of people, whose days [from, to) have been
// taken out of a state, back in: the most decided first, by the mixes of a
// master problem of these people and days alone, which is solved a little
// further between. The master's bound ends it as soon as its limit is out of
// reach, often before the first fixing.
type dive struct {
	h        *hand
	s        *state
	m        *master.Master
	set      []int
	from, to int
	x        *guide
	q        diving
	rng      stream

	rows   []int32   // those with a cell in the window
	center []float64 // prices of the best bound, by place in rows
	y      []float64 // trial prices
	value  []float64 // by place in the set: best value at the center
	fresh  []float64 // the same at the trial prices
	in     []bool    // by place in the set: has been put in
	left   []int     // places in the set still out
	bound  float64   // the master's Lagrangian at the center
	base   float64   // cost of everything the master does not know
	step   float64
	shares [][]float32       // by place in the set: share of the window's cells
	kept   [][]master.Column // by place in the set: columns before it was fixed
}

// diveMemory is what dives of one hand share.
type diveMemory struct {
	place []int32   // by row: index in dive.rows
	trial []int32   // by row: prices, scaled
	put   []float64 // by place in rows: what a column puts there
	order []ranked
}

type ranked struct {
	at    int
	score float64
}

// dive starts one. old, if not nil, is the days and own cost of each place in
// the set as they were.
func (h *hand) dive(s *state, set []int, from, to int, x *guide, q diving, rng stream, old func(k int) ([]uint8, int64)) *dive {
	p, m := h.p, &h.diving
	if m.place == nil {
		m.place = make([]int32, len(p.rows))
		m.trial = make([]int32, len(p.rows))
		m.put = make([]float64, len(p.rows))
	}
	n := len(set)
	v := &dive{
		h: h, s: s, set: set, from: from, to: to, x: x, q: q, rng: rng, step: x.step,
		value: make([]float64, n), fresh: make([]float64, n), in: make([]bool, n),
		shares: make([][]float32, n), kept: make([][]master.Column, n),
	}
	v.rows = h.windowRows(set, from, to)
	rows := make([]master.Row, len(v.rows))
	v.base = float64(s.cost)
	for k, r := range v.rows {
		rows[k] = p.around(r, s.sum[r], int64(n), int64(to-from))
		v.base -= float64(p.at(&p.rows[r], s.sum[r]))
	}
	h.space.Work += 100 * int64(len(rows))
	v.m = master.New(rows, n)
	v.center = make([]float64, len(rows))
	v.y = make([]float64, len(rows))
	for k, r := range v.rows {
		v.center[k] = v.m.Clamp(k, x.y[r])
	}
	whole := from == p.first && to == p.days && x.ready
	for a, i := range set {
		v.left = append(v.left, a)
		if old != nil {
			days, own := old(a)
			v.column(a, days, float64(own))
		}
		if whole {
			for _, c := range x.mixes[i] {
				v.column(a, c.days[from:], float64(c.own)/float64(p.set.Scale))
			}
		}
	}
	return v
}

// run puts everybody in, for no more than the limit. It reports false when that
// fails, or the hand is stopped; in says who is in.
func (v *dive) run() bool {
	defer func() { v.h.space.Work += 2 * v.m.Work }()
	bound, ok := v.ask(v.center)
	if !ok {
		return false
	}
	v.bound = bound
	copy(v.value, v.fresh)
	if !v.reprice(v.q.first) {
		return false
	}
	center, value := bytes64(v.center), bytes64(v.value)
	bound, step := v.bound, v.step
	for try := 0; try < v.q.tries && bound+v.base <= v.q.limit+1e-6; try++ {
		if try > 0 {
			v.back()
			copy(v.center, center)
			copy(v.value, value)
			v.bound, v.step = bound, step
		}
		done, possible := v.fixAll()
		if done || !possible {
			return done
		}
	}
	return false
}

func bytes64(a []float64) []float64 { return append([]float64(nil), a...) }

// back takes out again whoever was put in.
func (v *dive) back() {
	v.left = v.left[:0]
	for a, i := range v.set {
		if v.in[a] {
			v.s.take(i, v.from, v.to)
			v.in[a] = false
			v.m.Swap(a, v.kept[a])
		}
		v.left = append(v.left, a)
	}
}

// fixAll puts in everybody left. It reports whether all are in, and if not,
// whether another try may be better.
func (v *dive) fixAll() (done, possible bool) {
	h, p, m := v.h, v.h.p, &v.h.diving
	scale := float64(p.set.Scale)
	c0 := p.cellOf[v.from]
	for first := true; len(v.left) > 0; first = false {
		if !first && len(v.left) > 1 {
			if v.bound+v.base > v.q.limit+1e-6 {
				return false, true
			}
			if !v.reprice(v.q.steps) {
				return false, false
			}
			if v.bound+v.base > v.q.limit+1e-6 {
				return false, true
			}
		}
		v.rank()
		for k, r := range v.rows {
			m.trial[r] = int32(v.center[k] * scale)
		}
		for _, o := range m.order[:min(v.q.batch, len(m.order))] {
			i := v.set[o.at]
			h.marginal(v.s, i, v.from, v.to, int64(len(v.left)), m.trial)
			for k, f := range v.shares[o.at] {
				if f > 0 {
					h.price[c0+int32(k)] -= int32(v.q.eta * scale * float64(f))
				}
			}
			if h.stop.Load() {
				return false, false
			}
			// What the mixes agree on is taken as it is: another roster of the same
			// price would not fit the others' mixes as well.
			if c := v.favourite(o.at); c != nil && len(p.relaxed[i]) == 0 {
				v.s.put(i, v.from, v.to, c.Days, int64(math.Round(c.Cost)))
			} else if !h.insert(v.s, i, v.from, v.to) {
				return false, false
			}
			v.in[o.at] = true
			v.kept[o.at] = v.m.Swap(o.at, nil)
			v.column(o.at, v.s.roster[i][v.from:v.to], float64(v.s.own[i]))
			for k, a := range v.left {
				if a == o.at {
					v.left = append(v.left[:k], v.left[k+1:]...)
					break
				}
			}
		}
		v.bound = v.m.Conjugates(v.center) + v.fixed(v.center)
		for _, a := range v.left {
			v.bound += v.value[a]
		}
	}
	return float64(v.s.cost) <= v.q.limit+1e-6, true
}

// favourite is the column that has at least half of the mix of a place, if any.
func (v *dive) favourite(a int) *master.Column {
	cs := v.m.Columns(a)
	for k := range cs {
		if cs[k].Share >= 0.5 {
			return &cs[k]
		}
	}
	return nil
}

// rank orders the people left by how decided their mixes are.
func (v *dive) rank() {
	p, m := v.h.p, &v.h.diving
	c0 := p.cellOf[v.from]
	w := int(p.cellOf[v.to] - c0)
	m.order = m.order[:0]
	for _, a := range v.left {
		if v.shares[a] == nil {
			v.shares[a] = make([]float32, w)
		}
		share := v.shares[a]
		clear(share)
		for _, c := range v.m.Columns(a) {
			if c.Share > 0 {
				for d := v.from; d < v.to; d++ {
					share[p.cellOf[d]+int32(c.Days[d-v.from])-c0] += float32(c.Share)
				}
			}
		}
		sq, one := 0.0, 1e-9
		for _, f := range share {
			sq += float64(f) * float64(f)
			one += float64(f)
		}
		m.order = append(m.order, ranked{a, sq/one + 0.05*v.rng.f()})
	}
	sort.SliceStable(m.order, func(i, j int) bool { return m.order[i].score > m.order[j].score })
}

// windowRows lists the rows in which the set has cells on days [from, to).
func (h *hand) windowRows(set []int, from, to int) []int32 {
	p, m := h.p, &h.diving
	h.mark++
	var rows []int32
	seen := int32(-1)
	for _, i := range set {
		k := p.class[i]
		if k == seen {
			continue
		}
		seen = k
		inc := &p.inc[k]
		for _, e := range inc.ent[inc.at[p.cellOf[from]]:inc.at[p.cellOf[to]]] {
			if h.stamp[e.row] != h.mark {
				h.stamp[e.row] = h.mark
				m.place[e.row] = int32(len(rows))
				rows = append(rows, e.row)
			}
		}
	}
	return rows
}

// column gives place a of the set these days, unless it has them.
func (v *dive) column(a int, days []uint8, own float64) {
	for _, c := range v.m.Columns(a) {
		if bytes.Equal(c.Days, days) {
			return
		}
	}
	p, m := v.h.p, &v.h.diving
	inc := &p.inc[p.class[v.set[a]]]
	col := master.Column{Cost: own, Days: bytes.Clone(days)}
	for d, o := range days {
		for _, e := range inc.of(p.cellOf[v.from+d] + int32(o)) {
			k := m.place[e.row]
			if m.put[k] == 0 {
				col.Rows = append(col.Rows, k)
			}
			m.put[k] += float64(e.w)
		}
	}
	sort.Slice(col.Rows, func(x, y int) bool { return col.Rows[x] < col.Rows[y] })
	for _, k := range col.Rows {
		col.Put = append(col.Put, m.put[k])
		m.put[k] = 0
	}
	v.m.Add(a, col)
}

// ask prices the people left at y: their best days become columns, and fresh
// their values. It returns the Lagrangian's value.
func (v *dive) ask(y []float64) (float64, bool) {
	h, p, m := v.h, v.h.p, &v.h.diving
	scale := float64(p.set.Scale)
	for k, r := range v.rows {
		m.trial[r] = int32(math.Round(y[k] * scale))
		y[k] = float64(m.trial[r]) / scale
	}
	h.renew()
	total := v.m.Conjugates(y) + v.fixed(y)
	for _, a := range v.left {
		i := v.set[a]
		h.linear(i, v.from, v.to, m.trial)
		b, ok := h.best(i, v.from, v.to, v.s.roster[i])
		if !ok || h.stop.Load() {
			return 0, false
		}
		v.fresh[a] = float64(b) / scale
		total += v.fresh[a]
		v.column(a, h.out[:v.to-v.from], float64((b-h.paid(v.from, v.to))/p.set.Scale))
	}
	return total, true
}

// fixed is what the people already in cost at prices y.
func (v *dive) fixed(y []float64) float64 {
	total := 0.0
	for a, in := range v.in {
		if in {
			c := &v.m.Columns(a)[0]
			total += c.Cost
			for n, r := range c.Rows {
				total += y[r] * c.Put[n]
			}
		}
	}
	return total
}

// reprice takes up to n steps of the bundle method on the people left, fewer
// when the limit is out of reach.
func (v *dive) reprice(n int) bool {
	for ; n > 0; n-- {
		out := v.m.Solve(v.center, v.step, 20, v.bound, 0.1)
		promise := out.Model - v.bound
		if out.Primal-v.bound < 1e-3 {
			return true
		}
		copy(v.y, out.Prices)
		b, ok := v.ask(v.y)
		if !ok {
			return false
		}
		if b > v.bound {
			if b-v.bound > 0.5*promise {
				v.step *= 1.3
			}
			v.bound = b
			copy(v.center, v.y)
			copy(v.value, v.fresh)
			if v.bound+v.base > v.q.limit+1e-6 {
				return true
			}
		} else {
			v.step *= 0.8
		}
	}
	// The mixes should know the last columns.
	v.m.Solve(v.center, v.step, 20, v.bound, 0.1)
	return true
}
