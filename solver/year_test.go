package solver

import (
	"context"
	"math/rand/v2"
	"reflect"
	"testing"

	"rota/solver/model"
)

// TestYearOfNarrowSums solves a year in which each person's sums must end in a
// narrow range, and are too many for one grid: pricing leaves some of them out.
// The roster is the same for any number of workers.
func TestYearOfNarrowSums(t *testing.T) {
	const days, people = 280, 2
	rng := rand.New(rand.NewPCG(7, 8))
	m := &Model{Days: make([]Day, days), Measures: make([]Measure, 3), People: make([]Person, people)}
	for d := range days {
		m.Days[d].Duties = make([]Duty, 3)
		for k := range m.Measures {
			m.Measures[k].Of = append(m.Measures[k].Of, []int32{0, 1 + rng.Int32N(9), 1 + rng.Int32N(9)})
		}
	}
	for i := range m.People {
		x := &m.People[i]
		for range days {
			x.Cost = append(x.Cost, []Cost{0, Cost(rng.IntN(9)), Cost(rng.IntN(9))})
		}
		for k := range m.Measures {
			x.Counters = append(x.Counters, Counter{Of: MeasureID(k), To: days, Bound: Bound{Min: 700, Max: 720}})
		}
	}
	r, err := Solve(context.Background(), m, Options{WorkLimit: 1_000_000, Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	if r.Roster == nil {
		t.Fatalf("no roster: %v %s", r.Status, r.Reason)
	}
	if v := model.Check(m, r.Roster); !v.Feasible() || v.Cost != r.Cost {
		t.Errorf("cost %d, the check says %d and %v", r.Cost, v.Cost, v.Violations)
	}
	one, err := Solve(context.Background(), m, Options{WorkLimit: 1_000_000, Workers: 1})
	if err != nil || one.Cost != r.Cost || !reflect.DeepEqual(one.Roster, r.Roster) {
		t.Errorf("one worker finds cost %d, two find %d: %v", one.Cost, r.Cost, err)
	}
}
