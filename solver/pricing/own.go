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
	// The walk knows every counter, those that a search leaves out too.
	return model.Cost(m.spent[len(c.g.layers)-1] / s.Scale), true
}
