package model_test

import (
	"testing"

	"rota/solver/gen"
	"rota/solver/model"
)

// plain is the least cost of all rosters, by Check alone.
func plain(m *model.Model) (best model.Cost, found bool) {
	r := model.NewRoster(m)
	var fill func(p, d int)
	fill = func(p, d int) {
		switch {
		case p == len(r):
			if v := model.Check(m, r); v.Feasible() && (!found || v.Cost < best) {
				best, found = v.Cost, true
			}
		case d == len(m.Days):
			fill(p+1, 0)
		default:
			for i := range m.Days[d].Duties {
				r[p][d] = uint8(i)
				if m.People[p].Cost[d][i] != model.Forbidden {
					fill(p, d+1)
				}
			}
		}
	}
	fill(0, 0)
	return best, found
}

func rosters(m *model.Model) float64 {
	n := 1.0
	for _, p := range m.People {
		for _, cells := range p.Cost {
			k := 0.0
			for _, c := range cells {
				if c != model.Forbidden {
					k++
				}
			}
			n *= k
		}
	}
	return n
}

func TestBruteIsPlainEnumeration(t *testing.T) {
	tried, infeasible := 0, 0
	for seed := uint64(0); tried < 150; seed++ {
		m := gen.Tiny(seed)
		if rosters(m) > 4096 {
			continue
		}
		tried++
		want, found := plain(m)
		r, got, ok := model.Brute(m)
		if ok != found || got != want {
			t.Errorf("%s: brute %d %v, plain %d %v", m.Name, got, ok, want, found)
			continue
		}
		if !ok {
			infeasible++
			continue
		}
		if v := model.Check(m, r); !v.Feasible() || v.Cost != got {
			t.Errorf("%s: brute's roster is %+v, not %d", m.Name, v, got)
		}
	}
	if infeasible == 0 || infeasible > tried/2 {
		t.Errorf("%d of %d infeasible", infeasible, tried)
	}
}

func TestBruteRefuses(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a model of 4^12 fillings was taken on")
		}
	}()
	model.Brute(one(12, "", func(*model.Person) {}))
}

func TestCheckSplits(t *testing.T) {
	for seed := range uint64(200) {
		m := gen.Tiny(seed)
		r := model.NewRoster(m)
		for p := range r {
			for d := m.First; d < len(m.Days); d++ {
				r[p][d] = uint8((int(seed) + 3*p + d*d) % len(m.Days[d].Duties))
			}
		}
		v := model.Check(m, r)
		cost, broken := model.CheckRows(m, r)
		n := len(broken)
		for p := range r {
			c, broken := model.CheckPerson(m, p, r[p])
			cost += c
			n += len(broken)
		}
		var named model.Cost
		for _, s := range append(v.Personal, v.Rows...) {
			named += s.Cost
		}
		if cost != v.Cost || named != v.Cost || n != len(v.Violations) {
			t.Errorf("%s: %d by parts, %d by name, %d in all; %d breaches by parts, %d in all", m.Name, cost, named, v.Cost, n, len(v.Violations))
		}
	}
}
