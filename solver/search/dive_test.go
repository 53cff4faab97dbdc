package search

import (
	"fmt"
	"math"
	"sync/atomic"
	"testing"

	"rota/solver/gen"
	"rota/solver/model"
	"rota/solver/pricing"
)

// TestDivesKeepTheState takes people out of rosters and dives them back in, by
// cells and by people, on windows and whole horizons, under limits that can and
// cannot be met. Whatever a dive answers, the state it leaves must add up; a
// dive that succeeded holds its limit, and one that failed can be undone.
func TestDivesKeepTheState(t *testing.T) {
	dives, done := 0, 0
	for seed := range uint64(60) {
		e, h, c := begun(teamOrTiny(seed), seed)
		if c == nil {
			continue
		}
		p, rng := e.p, newStream(seed, 2)
		e.dual.improve(e.crew, 8, math.MaxInt64)
		e.teach()
		for k := range 12 {
			from := p.first + rng.n(p.days-p.first)
			to := from + 1 + rng.n(p.days-from)
			if k%3 == 0 {
				from, to = p.first, p.days
			}
			rng.shuffle(c.perm)
			c.set = append(c.set[:0], c.perm[:1+rng.n(len(c.perm))]...)
			before := newState(p)
			before.copyFrom(c.cur)
			q := diving{first: 4, steps: 2, step: 3, limit: float64(c.cur.cost + int64(rng.n(3)-1)*20), bold: k%5 < 2}
			if k%2 == 0 {
				if q.part, q.flips = 1.0/6, 4; k%4 == 2 {
					q.flips, q.calm = 0, 1+rng.n(2)
				}
			} else {
				q.eta, q.batch, q.tries = 1, 1+rng.n(2), 2
			}
			c.take(from, to)
			v := h.dive(c.cur, c.set, from, to, e.guide, q, rng, func(k int) ([]uint8, int64) { return c.saved[k][:to-from], c.owns[k] })
			dives++
			if v.run() {
				done++
				if float64(c.cur.cost) > q.limit+1e-6 {
					t.Fatalf("seed %d dive %d: cost %d above its limit %v", seed, k, c.cur.cost, q.limit)
				}
			} else {
				c.undo(from, to, func(k int) bool { return v.in[k] })
				if c.cur.cost != before.cost {
					t.Fatalf("seed %d dive %d: undone, the roster costs %d instead of %d", seed, k, c.cur.cost, before.cost)
				}
			}
			if err := addsUp(h, c.cur); err != nil {
				t.Fatalf("seed %d dive %d: %v", seed, k, err)
			}
		}
	}
	if dives < 300 || done < dives/10 {
		t.Errorf("only %d of %d dives came to an end", done, dives)
	}
}

// TestRenewedPeopleCostNoMore puts people in anew: the state must add up, and
// never cost more than before.
func TestRenewedPeopleCostNoMore(t *testing.T) {
	better := 0
	for seed := range uint64(60) {
		e, h, c := begun(teamOrTiny(seed), seed)
		if c == nil {
			continue
		}
		rng := newStream(seed, 2)
		for _, step := range []func(){
			func() { c.polish(h, e.guide, rng) },
			func() { c.mend(h, e.guide) },
			func() { c.renew(h, e.guide, rng.n(e.p.people), 3) },
		} {
			was := c.cur.cost
			step()
			if err := addsUp(h, c.cur); err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
			if c.cur.cost > was {
				t.Fatalf("seed %d: %d became %d", seed, was, c.cur.cost)
			}
			if c.cur.cost < was {
				better++
			}
		}
	}
	if better < 10 {
		t.Errorf("only %d became better", better)
	}
}

// begun is an engine as it is before the first price step, with its only hand
// and a chain that has a first roster; nil without a model or a roster.
func begun(m *model.Model, seed uint64) (*engine, *hand, *chain) {
	set, err := pricing.Compile(m, 1)
	if err != nil {
		return nil, nil, nil
	}
	p := newProblem(set)
	h := newHand(p, new(atomic.Bool))
	h.begin(math.MaxInt64)
	e := &engine{p: p, crew: &crew{hands: []*hand{h}}, best: newState(p), guide: firstGuide(p), dual: newDual(p, &node{})}
	c := newChain(p, 0)
	if !c.construct(h, e.guide, newStream(seed, 1)) {
		return nil, nil, nil
	}
	e.dual.adopt(c.cur)
	return e, h, c
}

// teamOrTiny is a small team, or something stranger and smaller.
func teamOrTiny(seed uint64) *model.Model {
	if seed%2 == 1 {
		return gen.Tiny(seed)
	}
	return gen.Team(5, 2, seed)
}

// addsUp counts a state anew.
func addsUp(h *hand, s *state) error {
	again := newState(s.p)
	again.copyFrom(s)
	again.recount()
	if again.cost != s.cost {
		return fmt.Errorf("the state says %d, a recount %d", s.cost, again.cost)
	}
	for i := range s.roster {
		if o, ok := h.own(i, s.roster[i]); !ok || o != s.own[i] {
			return fmt.Errorf("person %d costs %d, not %d (legal %v)", i, o, s.own[i], ok)
		}
	}
	return nil
}

// TestPlungesAreKept dives everybody: what is better than before stays.
func TestPlungesAreKept(t *testing.T) {
	better := 0
	for seed := range uint64(12) {
		e, h, c := begun(gen.Team(8, 2, seed), seed)
		if c == nil {
			continue
		}
		e.dual.improve(e.crew, 60, math.MaxInt64)
		e.teach()
		was := c.best.cost
		c.plunge(h, e.guide, byCells, newStream(seed, 2))
		if c.best.cost < was {
			better++
		}
		if c.cur.cost != c.best.cost {
			t.Errorf("seed %d: goes on from %d, not from the best, %d", seed, c.cur.cost, c.best.cost)
		}
	}
	if better < 8 {
		t.Errorf("only %d of 12 plunges were of use", better)
	}
}
