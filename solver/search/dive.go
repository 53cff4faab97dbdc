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
}

// diveMemory is what a dive needs.
type diveMemory struct {
	rows  []int32     // those with a cell in the window
	place []int32     // by row: index in rows
	trial []int32     // by row: prices, scaled
	y     []float64   // by place in rows
	put   []float64   // by place in rows: what a column puts there
	share [][]float32 // by place in the set: share of the window's cells
	in    []bool      // by place in the set: has been put in
	value []float64   // by place in the set: best value at the center
	fresh []float64   // the same at the trial prices
	left  []int       // places in the set still out
	order []ranked
}

type ranked struct {
	at    int
	score float64
}

// ready sizes the memory for k people.
func (m *diveMemory) ready(p *problem, k int) {
	if m.place == nil {
		m.place = make([]int32, len(p.rows))
		m.trial = make([]int32, len(p.rows))
		m.put = make([]float64, len(p.rows))
	}
	for len(m.share) < k {
		m.share = append(m.share, nil)
		m.in = append(m.in, false)
		m.value = append(m.value, 0)
		m.fresh = append(m.fresh, 0)
	}
}

// insert finds person i's best days [from, to) at h.price and puts them into s.
// Where a relaxed counter's hard end breaks, its cells are made dearer (or
// cheaper, below a minimum) until it holds or patience ends. On false nothing
// was put in.
func (h *hand) insert(s *state, i, from, to int) bool {
	p := h.p
	v, ok := h.best(i, from, to, s.roster[i])
	if !ok {
		return false
	}
	if rel := p.relaxed[i]; len(rel) > 0 && !h.repair(s, i, from, to, rel, &v) {
		return false
	}
	own := (v - h.paid(from, to)) / p.set.Scale
	s.put(i, from, to, h.out[:to-from], own)
	return true
}

// repair makes person i's choice in h.out keep the hard ends of its relaxed
// counters. If they cannot be kept the choice stays, and costs what it costs.
func (h *hand) repair(s *state, i, from, to int, rel []int32, v *int64) bool {
	p := h.p
	inc := &p.inc[p.class[i]]
	if cap(h.push) < len(rel) {
		h.push = make([]int64, len(rel))
	}
	push := h.push[:len(rel)]
	clear(push)
	for try := 0; try < 40; try++ {
		bad := false
		for k, ri := range rel {
			r := &p.rows[ri]
			u := s.sum[ri]
			for d := from; d < to; d++ {
				for _, e := range inc.of(p.cellOf[d] + int32(h.out[d-from])) {
					if e.row == ri {
						u += int64(e.w)
					}
				}
			}
			var sign int64
			switch {
			case u > r.dhi:
				sign = 1
			case u < r.dlo:
				sign = -1
			default:
				continue
			}
			bad = true
			push[k] = max(push[k]+push[k]/4, p.set.Scale*p.unit/2)
			add := min(push[k], int64(p.set.MaxPrice/8))
			for c := p.cellOf[from]; c < p.cellOf[to]; c++ {
				for _, e := range inc.of(c) {
					if e.row == ri {
						h.price[c] = clip32(int64(h.price[c])+sign*add*int64(e.w)/r.max, int64(p.set.MaxPrice/2))
					}
				}
			}
		}
		if !bad {
			break
		}
		var ok bool
		if *v, ok = h.best(i, from, to, s.roster[i]); !ok {
			return false
		}
	}
	return true
}

func clip32(v, lim int64) int32 { return int32(max(-lim, min(lim, v))) }

// dive puts the people of set, whose days [from, to) have been taken out of s,
// back in one after another: the most decided first by the mixes of a master
// problem of these people and days alone, which is solved a little further
// between. old, if not nil, is the days and own cost of each place in the set
// as they were. It reports false when not all could be put in, as somebody has
// no legal days left or the hand is stopped; h.dive_.in says who is in.
func (h *hand) dive(s *state, set []int, from, to int, x *guide, q diving, rng stream, old func(k int) ([]uint8, int64)) bool {
	p, m := h.p, &h.dive_
	scale := float64(p.set.Scale)
	m.ready(p, len(set))
	for a := range set {
		m.in[a] = false
	}
	h.windowRows(set, from, to)
	rows := make([]master.Row, len(m.rows))
	center := make([]float64, len(m.rows))
	if cap(m.y) < len(rows) {
		m.y = make([]float64, len(rows))
	}
	m.y = m.y[:len(rows)]
	for k, r := range m.rows {
		rows[k] = p.around(r, s.sum[r], int64(len(set)), int64(to-from))
	}
	mm := master.New(rows, len(set))
	for k, r := range m.rows {
		center[k] = mm.Clamp(k, x.y[r])
	}
	m.left = m.left[:0]
	for a := range set {
		m.left = append(m.left, a)
		if old != nil {
			days, own := old(a)
			h.column(mm, a, set[a], from, days, float64(own))
		}
	}
	c0 := p.cellOf[from]
	w := int(p.cellOf[to] - c0)
	step := x.step
	for steps := q.first; len(m.left) > 0; steps = q.steps {
		if steps == q.first || len(m.left) > 1 {
			if !h.reprice(mm, s, set, from, to, center, &step, steps, steps == q.first) {
				return false
			}
		}
		m.order = m.order[:0]
		for _, a := range m.left {
			if cap(m.share[a]) < w {
				m.share[a] = make([]float32, w)
			}
			m.share[a] = m.share[a][:w]
			clear(m.share[a])
			most := 0.0
			for _, c := range mm.Columns(a) {
				if c.Share > 0 {
					most = max(most, c.Share)
					for d := from; d < to; d++ {
						m.share[a][p.cellOf[d]+int32(c.Days[d-from])-c0] += float32(c.Share)
					}
				}
			}
			sq, one := 0.0, 1e-9
			for _, v := range m.share[a] {
				sq += float64(v) * float64(v)
				one += float64(v)
			}
			m.order = append(m.order, ranked{a, sq/one + 0.05*rng.f()})
		}
		sort.SliceStable(m.order, func(i, j int) bool { return m.order[i].score > m.order[j].score })
		for k, r := range m.rows {
			m.trial[r] = int32(center[k] * scale)
		}
		for _, o := range m.order[:min(q.batch, len(m.order))] {
			i := set[o.at]
			h.marginal(s, i, from, to, int64(len(m.left)), m.trial)
			for k, v := range m.share[o.at] {
				if v > 0 {
					h.price[c0+int32(k)] -= int32(q.eta * scale * float64(v))
				}
			}
			if !h.insert(s, i, from, to) {
				return false
			}
			m.in[o.at] = true
			mm.Clear(o.at)
			h.column(mm, o.at, i, from, h.out[:to-from], float64(s.own[i]))
			for k, a := range m.left {
				if a == o.at {
					m.left = append(m.left[:k], m.left[k+1:]...)
					break
				}
			}
		}
	}
	return true
}

// around is row r's price for a master whose columns add to u: as the search
// sees it, made convex, over what k people can add on so many days.
func (p *problem) around(ri int32, u, k, days int64) master.Row {
	r := &p.rows[ri]
	n := min(k, r.people) * min(days, r.span) * r.max
	lo, hi := u, min(r.hi, u+n)
	if r.lo < 0 {
		lo = max(r.lo, u-n)
	}
	lim := float64(r.lim) / float64(p.set.Scale)
	var at, cost []int64
	if hi-lo <= tableWidth {
		at, cost = hull(lo, hi, func(v int64) int64 { return p.at(r, v) })
	} else {
		at, cost = []int64{lo}, []int64{0}
		for n, v := range r.kink {
			if v > lo && v < hi {
				at, cost = append(at, v), append(cost, r.cost[n])
			}
		}
		at, cost = append(at, hi), append(cost, p.at(r, hi))
		cost[0] = p.at(r, lo)
	}
	x := master.Row{First: -lim, Last: lim}
	for n, v := range at {
		x.At = append(x.At, float64(v-u))
		x.Cost = append(x.Cost, float64(cost[n]))
	}
	if n := len(at); n > 1 {
		x.First = max(-lim, min(lim, (x.Cost[1]-x.Cost[0])/(x.At[1]-x.At[0])))
		x.Last = max(x.First, min(lim, (x.Cost[n-1]-x.Cost[n-2])/(x.At[n-1]-x.At[n-2])))
	} else {
		x.First, x.Last = 0, 0
	}
	return x
}

// windowRows lists the rows in which the set has cells on days [from, to).
func (h *hand) windowRows(set []int, from, to int) {
	p, m := h.p, &h.dive_
	h.mark++
	m.rows = m.rows[:0]
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
				m.place[e.row] = int32(len(m.rows))
				m.rows = append(m.rows, e.row)
			}
		}
	}
}

// column gives group a of a dive's master person i's days from from on, unless
// it has them.
func (h *hand) column(mm *master.Master, a, i, from int, days []uint8, own float64) {
	p, m := h.p, &h.dive_
	for _, c := range mm.Columns(a) {
		if bytes.Equal(c.Days, days) {
			return
		}
	}
	inc := &p.inc[p.class[i]]
	col := master.Column{Cost: own, Days: bytes.Clone(days)}
	for d, o := range days {
		for _, e := range inc.of(p.cellOf[from+d] + int32(o)) {
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
	mm.Add(a, col)
}

// ask prices the people left at y (by place in rows): their best days become
// columns, and fresh their values. It returns the Lagrangian's value.
func (h *hand) ask(mm *master.Master, s *state, set []int, from, to int, y []float64) (float64, bool) {
	p, m := h.p, &h.dive_
	scale := float64(p.set.Scale)
	for k, r := range m.rows {
		m.trial[r] = int32(math.Round(y[k] * scale))
		y[k] = float64(m.trial[r]) / scale
	}
	h.renew()
	total := mm.Conjugates(y)
	for _, a := range m.left {
		i := set[a]
		h.linear(i, from, to, m.trial)
		v, ok := h.best(i, from, to, s.roster[i])
		if !ok || h.stop.Load() {
			return 0, false
		}
		m.fresh[a] = float64(v) / scale
		total += m.fresh[a]
		h.column(mm, a, i, from, h.out[:to-from], float64((v-h.paid(from, to))/p.set.Scale))
	}
	return total + h.fixed(mm, y), true
}

// fixed is what the people already in cost at prices y.
func (h *hand) fixed(mm *master.Master, y []float64) float64 {
	total := 0.0
	for a := range h.dive_.in {
		if a >= mm.Groups() || !h.dive_.in[a] {
			continue
		}
		c := &mm.Columns(a)[0]
		total += c.Cost
		for n, r := range c.Rows {
			total += y[r] * c.Put[n]
		}
	}
	return total
}

// reprice takes price steps of the bundle method on the people left.
func (h *hand) reprice(mm *master.Master, s *state, set []int, from, to int, center []float64, step *float64, steps int, first bool) bool {
	m := &h.dive_
	var floor float64
	if first {
		var ok bool
		if floor, ok = h.ask(mm, s, set, from, to, center); !ok {
			return false
		}
		copy(m.value, m.fresh)
	} else {
		floor = mm.Conjugates(center) + h.fixed(mm, center)
		for _, a := range m.left {
			floor += m.value[a]
		}
	}
	for n := 0; n < steps; n++ {
		out := mm.Solve(center, *step, 20, floor, 0.1)
		promise := out.Model - floor
		if out.Primal-floor < 1e-3 {
			return true
		}
		copy(m.y, out.Prices)
		v, ok := h.ask(mm, s, set, from, to, m.y)
		if !ok {
			return false
		}
		if v > floor {
			if v-floor > 0.5*promise {
				*step *= 1.3
			}
			floor = v
			copy(center, m.y)
			copy(m.value, m.fresh)
		} else {
			*step *= 0.8
		}
	}
	// The mixes should know the last columns.
	mm.Solve(center, *step, 20, floor, 0.1)
	return true
}
