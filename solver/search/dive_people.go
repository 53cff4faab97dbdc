package search

import (
	"math"
	"slices"
	"sort"

	"rota/solver/master"
)

// byPeople puts in whole people, the most decided first, each with the roster
// that suits prices and mixes best.
func (v *dive) byPeople() bool {
	center, value := slices.Clone(v.center), slices.Clone(v.value)
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
					h.price[c0+int32(k)] -= clip32(int64(v.q.eta*scale*float64(f)), int64(p.set.MaxPrice/4))
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
