package pricing

import "rota/solver/model"

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
