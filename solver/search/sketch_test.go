package search

import (
	"math"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"testing"

	"rota/solver/model"
	"rota/solver/pricing"
)

// longModel is a year for a few people: so many on each day, hours within a
// range, and no more than so many weekends.
func longModel(people, days int, seed uint64) *model.Model {
	rng := rand.New(rand.NewPCG(seed, 1))
	m := &model.Model{Days: make([]model.Day, days), Measures: make([]model.Measure, 2)}
	for d := range days {
		m.Days[d].Duties = make([]model.Duty, 3)
		m.Measures[0].Of = append(m.Measures[0].Of, []int32{0, 8, 12})
		m.Measures[1].Of = append(m.Measures[1].Of, []int32{0, 1, 1})
	}
	var weekends []model.Days
	for d := 5; d+2 <= days; d += 7 {
		weekends = append(weekends, model.Days{From: d, To: d + 2})
	}
	for range people {
		x := model.Person{}
		for range days {
			x.Cost = append(x.Cost, []model.Cost{0, model.Cost(rng.IntN(3)), model.Cost(rng.IntN(3))})
		}
		x.Counters = []model.Counter{{Of: 0, To: days, Bound: model.Bound{Min: int64(days) * 4, Max: int64(days)*4 + 40}}}
		x.SpanCounts = []model.SpanCount{{Of: 1, Over: weekends, Bound: model.Bound{Min: model.NoMin, Max: int64(len(weekends)) / 2}}}
		m.People = append(m.People, x)
	}
	for d := range days {
		for o := 1; o < 3; o++ {
			need := int64(people) / 4
			r := model.Row{Bound: model.Bound{Min: model.NoMin, Max: model.NoMax, Hinges: []model.Hinge{{At: need, Below: 20, Above: 1}}}}
			for i := range people {
				r.Terms = append(r.Terms, model.Term{Person: int32(i), Day: int32(d), Duty: int32(o), Weight: 1})
			}
			m.Rows = append(m.Rows, r)
		}
	}
	return m
}

// longEngine is an engine for a long model, with one hand.
func longEngine(t *testing.T, hands int) *engine {
	t.Helper()
	m := longModel(8, 98, 3)
	if err := model.Validate(m); err != nil {
		t.Fatal(err)
	}
	set, err := pricing.Compile(m, 1)
	if err != nil {
		t.Fatal(err)
	}
	e := &engine{p: newProblem(set), cfg: Config{WorkLimit: 20_000_000, Seed: 1}}
	var hs []*hand
	for range hands {
		hs = append(hs, newHand(e.p, &e.stop))
	}
	e.crew, e.best, e.guide = newCrew(hs...), newState(e.p), firstGuide(e.p)
	for i := range chains {
		e.chains = append(e.chains, newChain(e.p, uint64(i)))
	}
	return e
}

// TestPiecesOfARoster enters rosters: together the pieces cost, and put into
// every row and tally, what the whole does.
func TestPiecesOfARoster(t *testing.T) {
	e := longEngine(t, 1)
	p := e.p
	u := newDual(p, &node{})
	ps := newPieces(u)
	if ps.each() < 3 || ps.cut[0] != p.first || ps.cut[ps.each()] != p.days {
		t.Fatalf("cuts at %v", ps.cut)
	}
	h := newHand(p, new(atomic.Bool))
	h.begin(math.MaxInt64)
	c := e.chains[0]
	if !c.construct(h, e.guide, newStream(1, 1)) {
		t.Fatal("no roster")
	}
	for i, days := range c.cur.roster {
		ps.enter(i, days, float64(c.cur.own[i]))
	}
	cost := 0.0
	sums := make([]float64, len(ps.center))
	for g := range ps.master.Groups() {
		for _, col := range ps.master.Columns(g) {
			cost += col.Cost
			for k, r := range col.Rows {
				sums[r] += col.Put[k]
			}
		}
	}
	own := int64(0)
	for _, o := range c.cur.own {
		own += o
	}
	if math.Abs(cost-float64(own)) > 1e-6 {
		t.Errorf("the pieces cost %v, the rosters %d", cost, own)
	}
	for r, v := range c.cur.sum {
		if math.Abs(sums[r]-float64(v)) > 1e-9 {
			t.Errorf("row %d: the pieces put %v, the rosters %d", r, sums[r], v)
		}
	}
	for i, x := range p.m.People {
		ys := ps.tallies[i]
		k := slices.IndexFunc(ys, func(y tally) bool { return y.over != nil })
		if k < 0 {
			t.Fatalf("person %d: the weekends are no tally", i)
		}
		n := 0
		for _, s := range x.SpanCounts[0].Over {
			if slices.Max(c.cur.roster[i][s.From:s.To]) > 0 {
				n++
			}
		}
		if sums[ys[k].row] != float64(n) {
			t.Errorf("person %d: the pieces work on %v weekends, the roster on %d", i, sums[ys[k].row], n)
		}
	}
}

// TestPassesFitTheRows asks for pieces: an evaluation at their prices proves a
// bound, to which a roster that follows the mixes comes close.
func TestPassesFitTheRows(t *testing.T) {
	e := longEngine(t, 1)
	u := newDual(e.p, &node{})
	ps := newPieces(u)
	for range 20 {
		if !ps.pass(e.crew) {
			t.Fatal("somebody has no roster")
		}
	}
	if !u.begin(e.crew, ps.center) {
		t.Fatal("no evaluation")
	}
	h := newHand(e.p, new(atomic.Bool))
	h.begin(math.MaxInt64)
	c := e.chains[0]
	if !c.assemble(h, ps, newStream(1, 1)) {
		t.Fatal("no roster")
	}
	if err := addsUp(h, c.cur); err != nil {
		t.Error(err)
	}
	if bound := u.bound / e.p.set.Scale; bound > c.cur.cost || bound < c.cur.cost*3/5 {
		t.Errorf("bound %d, roster %d", bound, c.cur.cost)
	}
}

// TestMarchesImprove sketches a long problem: dives of its months leave a
// roster that adds up, is legal and is no dearer than what they began with, and
// that does not depend on the number of hands.
func TestMarchesImprove(t *testing.T) {
	var costs []int64
	for _, hands := range []int{1, 3} {
		e := longEngine(t, hands)
		e.sketch()
		if !e.has || e.broken > 0 {
			t.Fatal("no roster")
		}
		h := newHand(e.p, new(atomic.Bool))
		h.begin(math.MaxInt64)
		for _, c := range e.chains {
			if err := addsUp(h, c.cur); err != nil {
				t.Error(err)
			}
		}
		if v := model.Check(e.p.m, e.best.roster); !v.Feasible() || int64(v.Cost) != e.cost {
			t.Errorf("cost %d, the check says %d and %v", e.cost, v.Cost, v.Violations)
		}
		if e.bound > e.cost || e.out.Trace[0].Cost > 0 && int64(e.out.Trace[0].Cost) < e.cost {
			t.Errorf("bound %d, cost %d, began with %d", e.bound, e.cost, e.out.Trace[0].Cost)
		}
		costs = append(costs, e.cost, e.bound, e.work)
	}
	if !slices.Equal(costs[:3], costs[3:]) {
		t.Errorf("cost, bound and work: %v with one hand, %v with three", costs[:3], costs[3:])
	}
}
