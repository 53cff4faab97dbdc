package search

import (
	"math"
	"sort"
)

// diving are the settings of a Lagrangian dive.
type diving struct {
	steps int     // price steps between two fixings
	eta   float64 // what a cell that the average holds is rewarded with, in costs
	lam   float64 // length of the price steps, relative
	batch int     // people fixed between price steps
}

// diveMemory is what a dive needs; by row unless said otherwise.
type diveMemory struct {
	y, cand, sum, avg []float64
	trial             []int32
	rows              []int32     // those with a cell in the window
	share             [][]float32 // by place in the set: share of the window's cells
	in                []bool      // by place in the set: has been put in
	order             []ranked
}

type ranked struct {
	at    int
	score float64
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
	rel := p.relaxed[i]
	if len(rel) > 0 && !h.repair(s, i, from, to, rel, &v) {
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
	var push [8]int64
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
			k &= 7
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
// back in one after another: the most decided first by the average x, with a few
// price steps on the rest between. It reports false when not all could be put
// in, as somebody has no legal days left or the hand is stopped; h.dive_.in says
// who is in.
func (h *hand) dive(s *state, set []int, from, to int, x *guide, q diving, rng stream) bool {
	p, m := h.p, &h.dive_
	scale := float64(p.set.Scale)
	m.ready(p, len(set))
	h.windowRows(set, from, to)
	c0, c1 := p.cellOf[from], p.cellOf[to]
	w := int(c1 - c0)
	for a, i := range set {
		if cap(m.share[a]) < w {
			m.share[a] = make([]float32, w)
		}
		m.in[a] = false
		m.share[a] = m.share[a][:w]
		copy(m.share[a], x.share[i][c0:c1])
	}
	for _, r := range m.rows {
		m.y[r] = x.y[r]
	}
	left := make([]int, len(set)) // places in set still out
	for a := range left {
		left[a] = a
	}
	lam := q.lam
	reach := 0.01 * max(math.Abs(x.level), 5*float64(p.steep), 1)
	for len(left) > 0 {
		if h.stop.Load() {
			return false
		}
		m.order = m.order[:0]
		for _, a := range left {
			sq, one := 0.0, 1e-9
			for _, v := range m.share[a] {
				sq += float64(v) * float64(v)
				one += float64(v)
			}
			m.order = append(m.order, ranked{a, sq/one + 0.05*rng.f()})
		}
		sort.SliceStable(m.order, func(i, j int) bool { return m.order[i].score > m.order[j].score })
		for _, r := range m.rows {
			m.trial[r] = int32(m.y[r] * scale)
		}
		for _, o := range m.order[:min(q.batch, len(m.order))] {
			i := set[o.at]
			h.marginal(s, i, from, to, int64(len(left)), m.trial)
			for k, v := range m.share[o.at] {
				if v > 0 {
					h.price[c0+int32(k)] -= int32(q.eta * scale * float64(v))
				}
			}
			if !h.insert(s, i, from, to) {
				return false
			}
			m.in[o.at] = true
			for k, a := range left {
				if a == o.at {
					left = append(left[:k], left[k+1:]...)
					break
				}
			}
		}
		if len(left) > 1 {
			h.reprice(s, set, left, from, to, q, reach, &lam)
		}
	}
	return true
}

// ready sizes the memory for k people.
func (m *diveMemory) ready(p *problem, k int) {
	if m.y == nil {
		n := len(p.rows)
		m.y, m.cand, m.sum, m.avg = make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
		m.trial = make([]int32, n)
	}
	for len(m.share) < k {
		m.share = append(m.share, nil)
		m.in = append(m.in, false)
	}
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
				m.rows = append(m.rows, e.row)
			}
		}
	}
}

// useful is the range of prices, in costs per unit, that row r can have when
// left more people may still put something into it.
func (p *problem) useful(r *row, u int64, left int64, days int64) (lo, hi float64) {
	scale := float64(p.set.Scale)
	if r.lo < 0 {
		return float64(r.floor) / scale, float64(r.ceil) / scale
	}
	w := r.max
	if u+w > r.hi {
		return 0, 0
	}
	v := min(r.hi, u+left*min(days, r.span)*w)
	first := float64(p.at(r, u+w)-p.at(r, u)) / float64(w)
	last := float64(p.at(r, v)-p.at(r, v-w)) / float64(w)
	lim := float64(r.lim) / scale
	return max(-lim, min(first, last)), min(lim, max(first, last))
}

// reprice takes price steps on the people left, from m.y, and updates their
// average.
func (h *hand) reprice(s *state, set, left []int, from, to int, q diving, reach float64, lam *float64) {
	p, m := h.p, &h.dive_
	scale := float64(p.set.Scale)
	c0 := p.cellOf[from]
	for _, r := range m.rows {
		m.avg[r] = 0
	}
	for _, a := range left {
		inc := &p.inc[p.class[set[a]]]
		for k, v := range m.share[a] {
			if v > 0 {
				for _, e := range inc.of(c0 + int32(k)) {
					m.avg[e.row] += float64(v) * float64(e.w)
				}
			}
		}
	}
	n, days := int64(len(left)), int64(to-from)
	for _, r := range m.rows {
		lo, hi := p.useful(&p.rows[r], s.sum[r], n, days)
		m.cand[r] = max(lo, min(hi, m.y[r]))
	}
	best := math.Inf(-1)
	al := 2 / float64(q.steps)
	for k := 0; k < q.steps; k++ {
		if h.stop.Load() {
			return
		}
		value := 0.0
		for _, r := range m.rows {
			m.sum[r] = 0
			m.trial[r] = int32(m.cand[r] * scale)
		}
		h.renew()
		for _, a := range left {
			i := set[a]
			h.linear(i, from, to, m.trial)
			v, ok := h.best(i, from, to, s.roster[i])
			if !ok {
				return
			}
			value += float64(v) / scale
			inc := &p.inc[p.class[i]]
			share := m.share[a]
			f := float32(1 - al)
			for c := range share {
				share[c] *= f
			}
			for d := from; d < to; d++ {
				c := p.cellOf[d] + int32(h.out[d-from])
				share[c-c0] += float32(al)
				for _, e := range inc.of(c) {
					m.sum[e.row] += float64(e.w)
				}
			}
		}
		norm := 1e-9
		for _, ri := range m.rows {
			r := &p.rows[ri]
			u := s.sum[ri]
			want := u
			if len(r.kink) > 0 {
				g, v := r.conjugate(p.set.Scale, int64(m.trial[ri]))
				if v > u || r.lo < 0 {
					want = v
					value += (float64(g) + float64(m.trial[ri])*float64(u)) / scale
				}
			}
			m.avg[ri] = al*m.sum[ri] + (1-al)*m.avg[ri]
			// From here on sum is the distance from what the row wants.
			m.sum[ri] = m.avg[ri] - float64(want-u)
			if want > u || r.lo < 0 {
				norm += m.sum[ri] * m.sum[ri]
			}
		}
		if value > best {
			best = value
			for _, r := range m.rows {
				m.y[r] = m.cand[r]
			}
			*lam *= 1.05
		} else {
			*lam = max(*lam*0.9, q.lam*0.1)
		}
		step := *lam * reach / norm
		for _, ri := range m.rows {
			r := &p.rows[ri]
			lo, hi := p.useful(r, s.sum[ri], n, days)
			m.cand[ri] = max(lo, min(hi, m.y[ri]+step*m.sum[ri]))
		}
	}
}
