package main

import (
	"testing"

	"rota/solver/model"
)

// encode is the inverse of Decode, found by asking it for every duty.
func encode(t *testing.T, x instance, m *model.Model, p plan) (model.Roster, bool) {
	t.Helper()
	number := make(map[cell]uint8)
	one := make(model.Roster, 1)
	for k := range m.Days[0].Duties {
		one[0] = []uint8{uint8(k)}
		number[x.Decode(one)[0][0]] = uint8(k)
	}
	r := make(model.Roster, len(p))
	for i := range p {
		r[i] = make([]uint8, len(p[i]))
		for d, c := range p[i] {
			if c.Shift == off {
				c.Skill = 0
			}
			k, ok := number[c]
			if !ok {
				return nil, false
			}
			r[i][d] = k
		}
	}
	return r, true
}

// agree wants the solver's own checker and the family's verifier to judge a
// plan alike.
func agree(t *testing.T, x instance, p plan) {
	t.Helper()
	m, err := x.Model()
	if err != nil {
		t.Fatal(err)
	}
	if err := model.Validate(m); err != nil {
		t.Fatalf("the model is malformed: %v", err)
	}
	agreeOn(t, x, m, p)
}

// agreeOn reports whether the plan is feasible.
func agreeOn(t *testing.T, x instance, m *model.Model, p plan) bool {
	t.Helper()
	r := x.Verify(p)
	roster, ok := encode(t, x, m, p)
	if !ok {
		if len(r.Violations) == 0 {
			t.Errorf("%s: the model has no word for a legal plan %v", x.Name(), p)
		}
		return false
	}
	v := model.Check(m, roster)
	if v.Feasible() != (len(r.Violations) == 0) {
		t.Errorf("%s: model says %v, verifier %q\nplan %v", x.Name(), v.Violations, r.Violations, p)
	}
	if v.Feasible() && int64(v.Cost) != r.Cost {
		t.Errorf("%s: model says %d (%v %v), verifier %d (%v)\nplan %v", x.Name(), v.Cost, v.Personal, v.Rows, r.Cost, r.Parts, p)
	}
	return v.Feasible()
}
