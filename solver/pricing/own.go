package pricing

import (
	"math"

	"rota/solver/model"
)

// Own is the personal cost of a full row of person p, relaxed rules included,
// in plain (not scaled) cost. ok is false if the row breaks a hard rule.
func (sp *Space) Own(p int, row []uint8) (model.Cost, bool) {
	s := sp.set
	c := &s.people[p]
	sp.g = c.g
	m := sp.recall(p, row)
	if !sp.walk(c, m, len(c.g.layers)-1) {
		return 0, false
	}
	cost := model.Cost(m.spent[len(c.g.layers)-1] / s.Scale)
	for _, i := range s.RelaxedOf[p] {
		r := &s.Relaxed[i]
		v := r.Base
		for d := r.From; d < r.To; d++ {
			v += int64(s.M.Measures[r.Of].Of[d][row[d]])
		}
		if !r.Bound.Holds(v) {
			return 0, false
		}
		cost += r.Bound.Price(v)
	}
	return cost, true
}

// Marginals fills out, which has an entry for every cell, with the value of the
// cheapest roster of person p that uses the cell, under prices over the whole
// horizon; math.MaxInt64 where there is none, and for cells of history. It
// returns the value of the cheapest roster of all. It takes about as long as a
// Best over the whole horizon for every day; use it sparingly.
func (sp *Space) Marginals(p int, price []int32, out []int64) (int64, bool) {
	s := sp.set
	m := s.M
	c := &s.people[p]
	row := sp.history(p)
	duties := make([]uint8, len(m.Days))
	least, ok := sp.Best(p, m.First, len(m.Days), row, price, duties)
	for i := range out {
		out[i] = math.MaxInt64
	}
	if !ok {
		return 0, false
	}
	for d := m.First; d < len(m.Days); d++ {
		o := s.CellOf[d]
		n := int32(len(m.Days[d].Duties))
		saved := append([]int32(nil), c.cost[o:o+n]...)
		only := append([]int32(nil), saved...)
		for i := range n {
			if saved[i] >= infinite {
				continue
			}
			if int32(duties[d-m.First]) == i {
				out[o+i] = least
				continue
			}
			for j := range only {
				only[j] = infinite
			}
			only[i] = saved[i]
			sp.force, sp.forceDay = only, d
			if v, ok := sp.Best(p, m.First, len(m.Days), row, price, make([]uint8, len(m.Days))); ok {
				out[o+i] = v
			}
		}
		sp.force = nil
	}
	return least, true
}
