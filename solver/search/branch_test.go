package search

import (
	"math"
	"slices"
	"testing"

	"rota/solver/gen"
)

// TestBranching goes a few splits deep into models of small teams. The two sides
// of a choice share the rosters of their node: each roster in it is in one of
// them. And a node begins, from what its parent knows, with the very bound that
// asking everybody at its prices would give.
func TestBranching(t *testing.T) {
	kinds := map[string]int{}
	for seed := range uint64(8) {
		e, h, _ := begun(gen.Team(7, 2, seed), seed)
		if e == nil {
			t.Fatalf("seed %d: no first roster", seed)
		}
		e.dual.improve(e.crew, 40, math.MaxInt64)
		tr := newTree(e, newRoot())
		e.levers = e.p.levers()
		n := tr.open[0]
		for depth := range 6 {
			u := tr.dual(n)
			u.improve(e.crew, 12, math.MaxInt64)
			if u.dead {
				break
			}
			n.follow(u)
			tr.keep(u.spares(true))
			rough, _ := tr.rounded(h, n, u)
			choices := tr.choices(n, u, u.bound, rough)
			for _, c := range choices {
				switch {
				case c.person < 0:
					kinds["row"]++
				case c.lever != nil:
					kinds["lever"]++
				default:
					kinds["cell"]++
				}
				shared(t, tr, n, u, c)
				for _, side := range c.sides {
					begins(t, tr, e.crew, side)
				}
			}
			if len(choices) == 0 {
				break
			}
			n = choices[(int(seed)+depth)%len(choices)].sides[depth%2]
		}
	}
	if kinds["row"] == 0 || kinds["cell"] == 0 || kinds["lever"] == 0 {
		t.Errorf("not all kinds of choices were seen: %v", kinds)
	}
}

// shared checks that what is in the node is in just one side of the choice.
func shared(t *testing.T, tr *tree, n *node, u *dual, c *choice) {
	t.Helper()
	p := tr.e.p
	if c.person < 0 {
		lo, hi := tr.within(n, c.row)
		a, b := c.sides[0].rows[int32(c.row)], c.sides[1].rows[int32(c.row)]
		if a.lo != lo || a.hi+1 != b.lo || b.hi != hi || a.hi < a.lo || b.hi < b.lo {
			t.Errorf("a row from %d to %d is split in %v and %v", lo, hi, a, b)
		}
		return
	}
	for _, col := range u.master.Columns(c.person) {
		in := 0
		for _, side := range c.sides {
			if !side.excludes(p, c.person, col.Days) {
				in++
			}
		}
		if out := n.excludes(p, c.person, col.Days); out && in > 0 || !out && in != 1 {
			t.Errorf("a roster is in %d sides of a choice", in)
		}
	}
}

// begins checks the bound that a node begins with.
func begins(t *testing.T, tr *tree, c *crew, n *node) {
	t.Helper()
	u := tr.dual(n)
	if !u.start(c) {
		return
	}
	values := slices.Clone(u.values)
	bound, ok := u.evaluate(c)
	if !ok || bound != u.bound || !slices.Equal(values, u.values) {
		t.Errorf("a node of depth %d begins with %d; asking everybody gives %d", n.depth, u.bound, bound)
	}
}
