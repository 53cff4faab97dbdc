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

// longEngine is an engine for a long model, with so many hands and days of
// history.
func longEngine(t *testing.T, hands, first int) *engine {
	t.Helper()
	m := longModel(8, 98, 3)
	m.First = first
	m.Rows = slices.DeleteFunc(m.Rows, func(r model.Row) bool { return int(r.Terms[0].Day) < first })
	for i := range m.People {
		for d := range first {
			for o := range m.People[i].Cost[d] {
				m.People[i].Cost[d][o] = model.Forbidden
				if o == (i+d/3)%3 {
					m.People[i].Cost[d][o] = 0
				}
			}
		}
	}
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
	for _, first := range []int{0, 6, 21} { // the second cuts a weekend
		piecesOfARoster(t, first)
	}
}

func piecesOfARoster(t *testing.T, first int) {
	e := longEngine(t, 1, first)
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
		n := int64(0)
		for _, s := range x.SpanCounts[0].Over {
			if slices.Max(c.cur.roster[i][s.From:s.To]) > 0 {
				n++
			}
		}
		_, before := ps.ahead(i, x.SpanCounts[0])
		if sums[ys[k].row]+float64(before) != float64(n) {
			t.Errorf("%d days of history, person %d: works on %d weekends, of which pieces tell %v and history %d",
				first, i, n, sums[ys[k].row], before)
		}
	}
}

// TestPassesFitTheRows asks for pieces: an evaluation at their prices proves a
// bound, to which a roster that follows the mixes comes close.
func TestPassesFitTheRows(t *testing.T) {
	e := longEngine(t, 1, 0)
	u := newDual(e.p, &node{})
	ps := newPieces(u)
	for range 20 {
		if !ps.pass(e.crew) {
			t.Fatal("somebody has no roster")
		}
	}
	if !u.begin(e.crew, ps.center[:len(e.p.rows)]) {
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
		e := longEngine(t, hands, 6)
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
		k := slices.IndexFunc(e.out.Trace, func(p TracePoint) bool { return p.Cost >= 0 })
		if began := int64(e.out.Trace[k].Cost); e.bound > e.cost || began <= e.cost {
			t.Errorf("bound %d, cost %d, began with %d", e.bound, e.cost, began)
		}
		costs = append(costs, e.cost, e.bound, e.work)
	}
	if !slices.Equal(costs[:3], costs[3:]) {
		t.Errorf("cost, bound and work: %v with one hand, %v with three", costs[:3], costs[3:])
	}
}

// TestMarchStops ends a march after some months: what it has found by then adds
// up and is legal.
func TestMarchStops(t *testing.T) {
	for told := 2; told < 6; told++ {
		e := longEngine(t, 2, 0)
		n := 0
		e.cfg.Observe = func(Progress) {
			if n++; n == told {
				e.stop.Store(true)
			}
		}
		e.sketch()
		h := newHand(e.p, new(atomic.Bool))
		h.begin(math.MaxInt64)
		if c := e.chains[0]; c.hasCur {
			if err := addsUp(h, c.cur); err != nil {
				t.Error(err)
			}
		}
		if e.has {
			if v := model.Check(e.p.m, e.best.roster); !v.Feasible() && e.broken == 0 || int64(v.Cost) != e.cost {
				t.Errorf("cost %d, the check says %d and %v", e.cost, v.Cost, v.Violations)
			}
		}
	}
}
