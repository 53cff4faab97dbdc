package solver

import (
	"context"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"rota/solver/gen"
	"rota/solver/model"
)

// TestBrute compares with trying everything.
func TestBrute(t *testing.T) {
	n := uint64(500)
	if testing.Short() {
		n = 200
	}
	var optimal, infeasible, open int
	for seed := range n {
		m := gen.Tiny(seed)
		best, cost, ok := model.Brute(m)
		o := Options{WorkLimit: 400_000, Seed: seed, Workers: 1}
		if ok {
			o.never = best
		}
		r, err := Solve(context.Background(), m, o)
		switch {
		case err != nil:
			t.Fatalf("seed %d: %v", seed, err)
		case r.Status == Infeasible:
			infeasible++
			if ok {
				t.Fatalf("seed %d: infeasible, but a roster costs %d", seed, cost)
			}
			continue
		case r.Status == Unknown:
			open++
			if ok {
				t.Errorf("seed %d: no roster found, one costs %d", seed, cost)
			}
			continue
		case !ok:
			t.Fatalf("seed %d: %v with cost %d, but there is no legal roster", seed, r.Status, r.Cost)
		}
		if v := model.Check(m, r.Roster); !v.Feasible() || v.Cost != r.Cost {
			t.Fatalf("seed %d: cost %d, check says %d, %v", seed, r.Cost, v.Cost, v.Violations)
		}
		if r.Bound > cost || r.Cost < cost {
			t.Fatalf("seed %d: bound %d, cost %d, optimum %d", seed, r.Bound, r.Cost, cost)
		}
		if r.Status == Optimal {
			optimal++
			if r.Cost != cost {
				t.Fatalf("seed %d: claims %d is optimal, optimum %d", seed, r.Cost, cost)
			}
		} else {
			open++
			t.Logf("seed %d: open: bound %d, cost %d, optimum %d", seed, r.Bound, r.Cost, cost)
		}
	}
	t.Logf("%d optimal, %d infeasible, %d open", optimal, infeasible, open)
	if open > int(n)/100 {
		t.Errorf("%d of %d tiny models were left open", open, n)
	}
}

// strip removes what depends on the clock.
func strip(r Result) Result {
	r.Elapsed, r.FirstAt, r.BestAt = 0, 0, 0
	r.Trace = append([]TracePoint(nil), r.Trace...)
	for i := range r.Trace {
		r.Trace[i].Elapsed = 0
	}
	return r
}

// TestDear has costs near the limit of what one person may cost.
func TestDear(t *testing.T) {
	solved, refused := 0, 0
	for seed := range uint64(120) {
		m := gen.Tiny(seed)
		for p := range m.People {
			for _, day := range m.People[p].Cost {
				for o, c := range day {
					if c != model.Forbidden {
						day[o] = c << (16 + seed%12)
					}
				}
			}
		}
		if model.Validate(m) != nil {
			refused++
			continue
		}
		_, cost, ok := model.Brute(m)
		r, err := Solve(context.Background(), m, Options{WorkLimit: 400_000, Seed: seed, Workers: 1})
		switch {
		case err != nil:
			t.Fatalf("seed %d: %v", seed, err)
		case ok != (r.Roster != nil):
			t.Fatalf("seed %d: %v, but brute force says %v", seed, r.Status, ok)
		case !ok:
			continue
		case r.Bound > cost || r.Cost < cost || r.Status == Optimal && r.Cost != cost:
			t.Fatalf("seed %d: %v, bound %d, cost %d, optimum %d", seed, r.Status, r.Bound, r.Cost, cost)
		}
		solved++
	}
	if solved < 30 || refused < 10 {
		t.Errorf("%d solved, %d refused", solved, refused)
	}
}

// TestLongOverlap: a roster that costs a lot only because one duty lasts far into
// the next is no proof that there is none.
func TestLongOverlap(t *testing.T) {
	m := &Model{
		Days: []model.Day{
			{Duties: []model.Duty{{Name: "off"}, {Name: "long", Start: 0, End: 2000}}},
			{Duties: []model.Duty{{Name: "off"}, {Name: "early", Start: 1500, End: 1900}}},
		},
		// Only the first: a run of both would ask for no rest between them.
		Measures: []model.Measure{{Name: "long", Of: [][]int32{{0, 1}, {0, 0}}}},
		People: []model.Person{{
			Name:       "A",
			Cost:       [][]model.Cost{{0, 0}, {0, 0}},
			Recoveries: []model.Recovery{{Name: "rest", Of: 0, Run: 1, Rest: 10, Step: 1, Cost: 100}},
		}},
		Rows: []model.Row{{Name: "both", Terms: []model.Term{{Person: 0, Day: 0, Duty: 1, Weight: 1}, {Person: 0, Day: 1, Duty: 1, Weight: 1}}, Bound: model.Bound{Min: 2, Max: 2}}},
	}
	r, err := Solve(context.Background(), m, Options{WorkLimit: 100_000, Workers: 1})
	if err != nil || r.Status != Optimal || r.Cost != 51_000 {
		t.Errorf("%v, cost %d, %v; want optimal, 51000", r.Status, r.Cost, err)
	}
}

// TestWorkers holds that the number of workers changes nothing.
func TestWorkers(t *testing.T) {
	known, _, _ := gen.Known(6, 14, 5)
	models := []*Model{gen.Team(8, 2, 1), known}
	for seed := range uint64(16) { // most are proved, some while chains search
		models = append(models, gen.Tiny(seed))
	}
	for i, m := range models {
		var one Result
		for _, w := range []int{1, 2, 5} {
			r, err := Solve(context.Background(), m, Options{WorkLimit: 1_000_000, Seed: 7, Workers: w})
			if err != nil {
				t.Fatal(err)
			}
			if r = strip(r); w == 1 {
				one = r
			} else if !reflect.DeepEqual(one, r) {
				t.Errorf("model %d: %d workers: cost %d bound %d work %d, one worker: cost %d bound %d work %d",
					i, w, r.Cost, r.Bound, r.Work, one.Cost, one.Bound, one.Work)
			}
		}
	}
}

// TestCancel stops at random moments: what comes back is a result.
func TestCancel(t *testing.T) {
	m := gen.Team(12, 3, 2)
	rng := rand.New(rand.NewPCG(1, 2))
	for range 12 {
		ctx, cancel := context.WithCancel(context.Background())
		after := time.Duration(rng.IntN(250)) * time.Millisecond
		time.AfterFunc(after, cancel)
		began := time.Now()
		r, err := Solve(ctx, m, Options{Seed: 3, Workers: 2})
		if err != nil {
			t.Fatalf("after %v: %v", after, err)
		}
		if late := time.Since(began) - after; late > time.Second {
			t.Errorf("cancelled after %v, came back %v later", after, late)
		}
		if r.Roster != nil {
			if v := model.Check(m, r.Roster); !v.Feasible() || v.Cost != r.Cost || r.Bound > r.Cost {
				t.Errorf("after %v: cost %d bound %d, check says %d, %v", after, r.Cost, r.Bound, v.Cost, v.Violations)
			}
		}
		cancel()
	}
}

// TestMetamorphic holds that order and calendar do not matter.
func TestMetamorphic(t *testing.T) {
	for seed := range uint64(25) {
		m := gen.Tiny(seed)
		o := Options{WorkLimit: 400_000, Seed: 1, Workers: 1}
		r, err := Solve(context.Background(), m, o)
		if err != nil {
			t.Fatal(err)
		}
		if r.Status == Feasible || r.Status == Unknown {
			continue
		}
		permuted, restore := gen.Permute(m, seed)
		q, err := Solve(context.Background(), permuted, o)
		if err != nil {
			t.Fatal(err)
		}
		if q.Status != r.Status || q.Cost != r.Cost {
			t.Errorf("seed %d: %v %d, permuted %v %d", seed, r.Status, r.Cost, q.Status, q.Cost)
		}
		if q.Roster != nil {
			if v := model.Check(m, restore(q.Roster)); !v.Feasible() || v.Cost != r.Cost {
				t.Errorf("seed %d: restored roster costs %d, %v; want %d", seed, v.Cost, v.Violations, r.Cost)
			}
		}
		q, err = Solve(context.Background(), gen.ShiftWeeks(m, 2), o)
		if err != nil {
			t.Fatal(err)
		}
		if q.Status != r.Status || q.Cost != r.Cost {
			t.Errorf("seed %d: %v %d, two weeks later %v %d", seed, r.Status, r.Cost, q.Status, q.Cost)
		}
	}
}

// TestKnown starts from, and without, a roster whose cost is known to be least.
func TestKnown(t *testing.T) {
	m, roster, cost := gen.Known(10, 21, 4)
	r, err := Solve(context.Background(), m, Options{WorkLimit: 5_000_000, Workers: 2, Start: roster, never: roster})
	if err != nil {
		t.Fatal(err)
	}
	if r.Cost != cost {
		t.Errorf("from the optimum %d the search goes to %d", cost, r.Cost)
	}
	if r.Bound > cost {
		t.Errorf("bound %d, optimum %d", r.Bound, cost)
	}
}
