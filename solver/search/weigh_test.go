package search

import (
	"math"
	"slices"
	"testing"
)

// TestHeavyRows runs chains in tasks so short that they end within phases, also
// while rows are dearer than they are. What a chain has found must cost what it
// says without that, and the hand must see rows as they are again.
func TestHeavyRows(t *testing.T) {
	weighed, less := 0, 0
	for seed := range uint64(16) {
		e, h, c := begun(teamOrTiny(seed), seed)
		if c == nil {
			continue
		}
		e.dual.improve(e.crew, 8, math.MaxInt64)
		e.teach()
		c.length, c.cool = 2000, 1
		c.enter(annealing)
		was := c.best.cost
		for task := range 25 {
			h.begin(5)
			c.run(h, e.guide, newStream(seed, uint64(task)))
			if h.p != e.p || c.best.p != e.p {
				t.Fatalf("seed %d task %d: rows are still dearer to the hand or to what was found", seed, task)
			}
			for _, s := range []*state{c.cur, c.best} {
				if err := addsUp(h, s); err != nil {
					t.Fatalf("seed %d task %d: %v", seed, task, err)
				}
			}
			plain := newState(e.p)
			plain.copyFrom(c.cur)
			if c.cur.cost-c.burden() != plain.cost || plain.cost < c.best.cost {
				t.Fatalf("seed %d task %d: %d less %d is not %d, or that is below the best, %d", seed, task, c.cur.cost, c.burden(), plain.cost, c.best.cost)
			}
			if len(c.heavy) > 0 && c.phase != weighing {
				t.Fatalf("seed %d task %d: %d heavy rows in phase %d", seed, task, len(c.heavy), c.phase)
			}
			if len(c.heavy) > 0 {
				weighed++
			}
		}
		if c.best.cost < was {
			less++
		}
	}
	if weighed < 5 || less < 5 {
		t.Errorf("rows were dearer after %d tasks, and %d chains found something better", weighed, less)
	}
}

// TestWeighLeavesTheProblemAlone weighs and eases: only the chain's own roster
// sees dearer rows, by as much as their burden, and then no more.
func TestWeighLeavesTheProblemAlone(t *testing.T) {
	weighed := 0
	for seed := range uint64(60) {
		e, _, c := begun(teamOrTiny(seed), seed)
		if c == nil {
			continue
		}
		var tabs [][]int64
		for r := range e.p.rows {
			tabs = append(tabs, slices.Clone(e.p.rows[r].tab))
		}
		was := c.cur.cost
		if !c.weigh(e.guide, newStream(seed, 2)) {
			if c.cur.p != e.p || len(c.heavy) > 0 || c.cur.cost != was {
				t.Fatalf("seed %d: nothing is heavy, but something changed", seed)
			}
			continue
		}
		weighed++
		more := int64(0)
		for r := range e.p.rows {
			x, y, by := &e.p.rows[r], &c.cur.p.rows[r], int64(1)
			if slices.Contains(c.heavy, int32(r)) {
				by = dearer
				more += (dearer - 1) * e.p.at(x, c.cur.sum[r])
			}
			if !slices.Equal(x.tab, tabs[r]) {
				t.Fatalf("seed %d: row %d is dearer to everybody", seed, r)
			}
			for u := range x.tab {
				if y.tab[u] != by*x.tab[u] {
					t.Fatalf("seed %d row %d: %d became %d", seed, r, x.tab[u], y.tab[u])
				}
			}
		}
		if more <= 0 || c.burden() != more || c.cur.cost != was+more || c.light() {
			t.Fatalf("seed %d: %d became %d, of which %d is burden, not %d", seed, was, c.cur.cost, c.burden(), more)
		}
		if c.ease(); c.cur.p != e.p || c.cur.cost != was || c.burden() != 0 {
			t.Fatalf("seed %d: eased, the roster costs %d instead of %d", seed, c.cur.cost, was)
		}
	}
	if weighed < 15 {
		t.Errorf("only %d chains were weighed", weighed)
	}
}

// TestWeighedChainsShare has a weighed chain take up what another has found, and
// makes hard ends dearer: its costs must add up all the time.
func TestWeighedChainsShare(t *testing.T) {
	met := 0
	for seed := range uint64(60) {
		e, h, c := begun(teamOrTiny(seed), seed)
		if c == nil {
			continue
		}
		e.dual.improve(e.crew, 8, math.MaxInt64)
		e.teach()
		d := newChain(e.p, 1)
		d.cur.copyFrom(c.cur)
		d.best.copyFrom(c.cur)
		d.hasCur = true
		h.begin(2000)
		d.run(h, e.guide, newStream(seed, 2))
		was := c.best.cost
		if d.best.cost >= was || !c.weigh(e.guide, newStream(seed, 3)) {
			continue
		}
		c.enter(weighing)
		c.turned = true
		e.chains = []*chain{c, d}
		e.merge(2)
		if e.best.cost < was {
			met++
			if c.best.cost != e.best.cost || c.cur.cost != e.best.cost || len(c.heavy) > 0 {
				t.Fatalf("seed %d: took up %d as %d, at %d with %d heavy rows", seed, e.best.cost, c.best.cost, c.cur.cost, len(c.heavy))
			}
		}
		c.weigh(e.guide, newStream(seed, 4))
		e.harden()
		if c.cur.p != e.p || len(c.heavy) > 0 {
			t.Fatalf("seed %d: rows are still heavy", seed)
		}
		for _, s := range []*state{c.cur, c.best, e.best} {
			if err := addsUp(h, s); err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
		}
	}
	if met < 10 {
		t.Errorf("only %d weighed chains took up something better", met)
	}
}
