package search

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"testing"

	"rota/solver/gen"
	"rota/solver/model"
	"rota/solver/pricing"
)

// within is the model with only those duties that people do in one of the
// rosters.
func within(m *model.Model, rosters []*state) *model.Model {
	n := *m
	n.People = slices.Clone(m.People)
	for i := range n.People {
		cost := make([][]model.Cost, len(m.Days))
		for d := range cost {
			cost[d] = slices.Clone(m.People[i].Cost[d])
			for o := range cost[d] {
				if d >= m.First && !slices.ContainsFunc(rosters, func(s *state) bool { return int(s.roster[i][d]) == o }) {
					cost[d][o] = model.Forbidden
				}
			}
		}
		n.People[i].Cost = cost
	}
	return &n
}

// expecting is an engine that knows prices, with its only hand, and rosters to
// breed from, the cheapest first: dives, each with a larger handicap by more.
func expecting(t *testing.T, m *model.Model, seed uint64, dives int, more float64) (*engine, *hand, []*state) {
	t.Helper()
	e, h, c := begun(m, seed)
	if c == nil {
		return nil, nil, nil
	}
	e.dual.improve(e.crew, 20, math.MaxInt64)
	e.teach()
	e.levers = e.p.levers()
	e.step = 100
	rng := newStream(seed, 1)
	var parents []*state
	for n := range dives {
		if !c.fill(h, e.guide, more*float64(n), rng) {
			t.Fatalf("seed %d: nobody fits a dive that refuses some", seed)
		}
		if err := addsUp(h, c.cur); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if c.cur.unbroken() {
			parents = append(parents, c.cur.clone())
		}
	}
	slices.SortStableFunc(parents, func(a, b *state) int { return cmp.Compare(a.cost, b.cost) })
	return e, h, parents
}

// noneCheaper solves the model with nothing but the cells of the rosters, with
// so much work, and fails if that finds one that costs less.
func noneCheaper(t *testing.T, m *model.Model, rosters []*state, cost, work int64) {
	t.Helper()
	set, err := pricing.Compile(within(m, rosters), 1)
	if err != nil {
		t.Fatal(err)
	}
	out := Run(context.Background(), set, Config{WorkLimit: work, Workers: 1})
	if int64(out.Cost) < cost && out.Broken == 0 {
		t.Errorf("%s: the best child costs %d, but among the same cells there is one of %d", m.Name, cost, out.Cost)
	}
}

// TestBreeding breeds from rosters of small teams. Where the search ended, there
// is nothing better among their cells than its child, as solving the model with
// nothing but these cells shows.
func TestBreeding(t *testing.T) {
	children, none, cut := 0, 0, 0
	for seed := range uint64(18) {
		m := gen.Team(6+int(seed%3), 1+int(seed%2), seed)
		e, h, parents := expecting(t, m, seed, 5, 0.05)
		if len(parents) < 2 {
			continue
		}
		limit := int64(100_000)
		if seed%6 == 5 {
			limit = 1
		}
		l := &litter{limit: limit, step: e.step}
		h.begin(math.MaxInt64)
		e.breed(h, e.guide, l, parents, seed)
		cost := parents[0].cost
		if s := l.child; s != nil {
			root := newRoot()
			root.veto = e.p.others(parents)
			if seed%2 == 0 && !e.p.allows(root, s.roster) {
				t.Errorf("seed %d: a child has cells from none of its parents", seed)
			}
			if err := addsUp(h, s); err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
			if !s.unbroken() || s.cost >= cost {
				t.Errorf("seed %d: a child of %d has a parent of %d", seed, s.cost, cost)
			}
			cost = s.cost
		}
		switch {
		case !l.closed:
			cut++
			continue
		case l.child != nil:
			children++
		default:
			none++
		}
		noneCheaper(t, m, parents, cost, 400_000)
	}
	if children < 3 || none < 3 || cut < 2 {
		t.Errorf("%d children, %d times none, %d searches cut: the cases are not all seen", children, none, cut)
	}
}

// TestBreedingKeepsTheKnown breeds with the assertion on: the child of a first
// search is known to the second, which must find something as good.
func TestBreedingKeepsTheKnown(t *testing.T) {
	seen := 0
	for seed := range uint64(8) {
		e, h, parents := expecting(t, gen.Team(7, 2, seed), seed, 4, 0.03)
		if len(parents) < 2 {
			continue
		}
		first := &litter{limit: 100_000, step: e.step}
		h.begin(math.MaxInt64)
		e.breed(h, e.guide, first, parents, 0) // keeps to the parents' cells
		if first.child == nil || !first.closed {
			continue
		}
		e.cfg.Known, e.cfg.KnownCost = first.child.roster, model.Cost(first.child.cost)
		for n := range uint64(3) {
			again := &litter{limit: 100_000, step: e.step}
			e.breed(h, e.guide, again, parents, 2+n)
			if again.closed && (again.child == nil || again.child.cost > first.child.cost) {
				t.Errorf("seed %d: a child of %d was not found again", seed, first.child.cost)
			}
			seen++
		}
	}
	if seen < 6 {
		t.Errorf("only %d searches with a known child", seen)
	}
}

// TestOthersJoin rears litters of two parents whom others may join: where the
// search ended among all of them, there is nothing better among their cells.
func TestOthersJoin(t *testing.T) {
	joined, children := 0, 0
	for seed := range uint64(12) {
		m := gen.Team(6+int(seed%2), 1, seed)
		e, h, parents := expecting(t, m, seed, 6, 0.03)
		if len(parents) < 4 {
			continue
		}
		l := &litter{number: seed, parents: parents[:2], others: parents[2:], limit: 200_000, step: e.step}
		e.rear(h, e.guide, l)
		if !l.closed || l.joined < len(l.others) {
			continue
		}
		joined++
		cost := parents[0].cost
		if l.child != nil {
			children++
			if err := addsUp(h, l.child); err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
			cost = l.child.cost
		}
		noneCheaper(t, m, parents, cost, 100_000)
	}
	if joined < 4 || children < 2 {
		t.Errorf("all others joined %d times, with %d children", joined, children)
	}
}

// TestBarrenLitters rears litters that have one parent, with and without another
// that may join.
func TestBarrenLitters(t *testing.T) {
	e, h, parents := expecting(t, gen.Team(8, 2, 3), 3, 4, 0.05)
	if len(parents) < 2 {
		t.Fatal("no two rosters")
	}
	for others := range 2 {
		l := &litter{parents: parents[:1], others: parents[1 : 1+others], limit: 1000, step: e.step}
		e.rear(h, e.guide, l)
		if l.barren != (others == 0) || l.joined != others {
			t.Errorf("with %d others: barren %t, %d joined", others, l.barren, l.joined)
		}
	}
}

// TestWildParentsAgain draws litters of a nursery with dives to take again: most
// of their wild parents are not made anew, and none is there twice.
func TestWildParentsAgain(t *testing.T) {
	e, _, parents := expecting(t, gen.Team(8, 2, 3), 3, 2*wildSize, 0.05)
	y := newNursery(true, e.step, 100_000_000)
	for _, stock := range []int{0, wildSize} {
		y.wild = parents[:stock]
		made, again := 0, 0
		rng := newStream(1, 1)
		for range 300 {
			l := y.draw(rng)
			all := slices.Concat(l.parents, l.others)
			for n, s := range all {
				if slices.Contains(all[:n], s) {
					t.Fatal("a parent twice")
				}
			}
			if len(all)+l.dives > mostJoined {
				t.Fatalf("%d parents", len(all)+l.dives)
			}
			made += l.dives
			again += len(l.parents)
		}
		switch {
		case stock == 0 && again > 0:
			t.Error("parents from nowhere")
		case stock > 0 && (made < again/5 || made > again/2):
			t.Errorf("%d dives are to be made, %d taken again", made, again)
		case made == 0:
			t.Error("nothing made")
		}
	}
}

// TestCalm tells a nursery of many stirs: if nobody finds anything for long, all
// search longer, up to a limit, and soon no longer when somebody does.
func TestCalm(t *testing.T) {
	y := newNursery(false, 100, 1_000_000_000)
	first := y.draw(newStream(1, 1)).limit
	for range patience {
		y.apportion(false, false)
	}
	if y.calm != 1 {
		t.Error("longer at once")
	}
	for range 30 {
		y.apportion(false, false)
	}
	if l := y.draw(newStream(1, 1)).limit; l != mostCalm*first || y.share != 3 {
		t.Errorf("limits of %d, first of %d, share %v", l, first, y.share)
	}
	for range 6 {
		y.apportion(true, false)
	}
	if l := y.draw(newStream(1, 1)).limit; l != first || y.share != y.lowest {
		t.Errorf("limits of %d, first of %d, share %v", l, first, y.share)
	}
	tiny := newNursery(true, 0, 10)
	if l := tiny.draw(newStream(1, 1)); l.promised < 1 {
		t.Error("a litter promises no work")
	}
}

// TestNurseryKeepsUnlike adds rosters to a pool: it is ordered by cost, no two
// are much alike, and of such the cheaper stays.
func TestNurseryKeepsUnlike(t *testing.T) {
	e, h, c := begun(gen.Team(8, 4, 3), 3)
	e.dual.improve(e.crew, 20, math.MaxInt64)
	e.teach()
	y := &nursery{}
	rng := newStream(3, 3)
	for n := range 3 * poolSize {
		if n%2 == 0 {
			c.fill(h, e.guide, 0.1, rng)
		} else {
			c.cur.copyFrom(c.best)
			c.anneal(h, e.guide, 50*c.scale, nil, rng)
			c.best.copyFrom(c.cur)
		}
		y.add(c.cur)
		near := e.p.people * (e.p.days - e.p.first) / likeness
		for a, s := range y.pool {
			if s == c.cur {
				t.Fatal("the pool holds a roster that will change")
			}
			if a > 0 && y.pool[a-1].cost > s.cost {
				t.Fatal("the pool is out of order")
			}
			for _, o := range y.pool[:a] {
				if o.apart(s) <= near {
					t.Fatalf("two rosters in the pool are %d apart", o.apart(s))
				}
			}
		}
		if len(y.pool) > poolSize || y.pool[0].cost > c.cur.cost {
			t.Fatalf("a pool of %d, from %d up, after %d", len(y.pool), y.pool[0].cost, c.cur.cost)
		}
	}
	if len(y.pool) < poolSize/2 {
		t.Errorf("only %d rosters", len(y.pool))
	}
}

// TestLittersForAnyNumberOfHands searches long enough to breed, with one hand
// and with three: the same rosters are bred, and the same is found.
func TestLittersForAnyNumberOfHands(t *testing.T) {
	var first string
	for _, hands := range []int{1, 3} {
		set, err := pricing.Compile(gen.Team(12, 3, 2), 1)
		if err != nil {
			t.Fatal(err)
		}
		e := &engine{p: newProblem(set), cfg: Config{WorkLimit: 400_000, Seed: 1}, rise: math.Inf(1)}
		var hs []*hand
		for range hands {
			hs = append(hs, newHand(e.p, &e.stop))
		}
		e.crew = newCrew(hs...)
		e.search()
		o := e.finish()
		got := fmt.Sprint(o.Roster, o.Cost, o.Bound, o.Work, e.nursery.planned, e.nursery.sizes, e.nursery.handicap, e.nursery.share, e.nursery.calm)
		for _, s := range slices.Concat(e.nursery.pool, e.nursery.wild) {
			got += fmt.Sprint(" ", s.cost)
		}
		if limit := float64(e.cfg.WorkLimit); e.nursery.owed > limit/10 {
			t.Errorf("litters are owed %.0f of %.0f", e.nursery.owed, limit)
		}
		if e.nursery.planned < 3 {
			t.Errorf("%d litters", e.nursery.planned)
		}
		if first == "" {
			first = got
		} else if got != first {
			t.Errorf("with %d hands:\n%s\nwith one:\n%s", hands, got, first)
		}
		if o.Work > e.cfg.WorkLimit*3/2 {
			t.Errorf("work %d of %d", o.Work, e.cfg.WorkLimit)
		}
	}
}
