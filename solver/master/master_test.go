package master

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestConverges solves random masters by repeated proximal steps over a fixed
// set of columns: bound and primal cost must close on each other.
func TestConverges(t *testing.T) {
	for seed := range uint64(40) {
		rng := rand.New(rand.NewPCG(seed, 1))
		n, groups := 2+rng.IntN(6), 1+rng.IntN(5)
		rows := make([]Row, n)
		for r := range rows {
			at := float64(rng.IntN(4))
			rows[r] = Row{At: []float64{at}, Cost: []float64{0}, First: -float64(1 + rng.IntN(50)), Last: float64(rng.IntN(10)),
				Pace: []float64{0, 0.2, 1, 4}[rng.IntN(4)]}
		}
		m := New(rows, groups)
		for g := range groups {
			for range 2 + rng.IntN(5) {
				c := Column{Cost: float64(rng.IntN(30))}
				for r := range n {
					if rng.IntN(2) == 0 {
						c.Rows, c.Put = append(c.Rows, int32(r)), append(c.Put, float64(1+rng.IntN(2)))
					}
				}
				m.Add(g, c)
			}
		}
		center := make([]float64, n)
		for r := range center {
			center[r] = m.Clamp(r, 0)
		}
		value := func(y []float64) float64 {
			v := m.Conjugates(y)
			for g := range groups {
				best := math.Inf(1)
				for _, c := range m.Columns(g) {
					p := c.Cost
					for i, r := range c.Rows {
						p += y[r] * c.Put[i]
					}
					best = min(best, p)
				}
				v += best
			}
			return v
		}
		bound, primal := value(center), math.Inf(1)
		m.Solve(center, 2, 0, bound, 0.01)
		for g := range groups {
			for r, y := range m.Visit(g, 3) {
				if y != m.Clamp(r, y) {
					t.Errorf("seed %d: price %v of row %d is of no use", seed, y, r)
				}
			}
		}
		for range 400 {
			out := m.Solve(center, 2, 200, bound, 0.01)
			primal = min(primal, out.Primal)
			if v := value(out.Prices); v > bound {
				bound = v
				copy(center, out.Prices)
			}
			if math.Abs(out.Model-value(out.Prices)) > 1e-6*(1+math.Abs(out.Model)) {
				t.Fatalf("seed %d: model %v at its prices, all columns known: %v", seed, out.Model, value(out.Prices))
			}
		}
		if bound > primal+1e-6 || primal-bound > 1e-2*(1+math.Abs(primal)) {
			t.Errorf("seed %d: bound %v, primal %v", seed, bound, primal)
		}
		for g := range groups {
			sum := 0.0
			for _, c := range m.Columns(g) {
				if c.Share < 0 {
					t.Errorf("seed %d: negative share", seed)
				}
				sum += c.Share
			}
			if math.Abs(sum-1) > 1e-6 {
				t.Errorf("seed %d: shares of group %d sum to %v", seed, g, sum)
			}
		}
	}
}
