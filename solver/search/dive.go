package search

import (
	"bytes"
	"math"
	"sort"

	"rota/solver/master"
)

// diving are the settings of a dive.
type diving struct {
	first int     // price steps before the first decision
	steps int     // price steps between two decisions
	step  float64 // length of price steps, as a multiple of the guide's
	limit float64 // cost above which the result is of no use
	// Long steps bring the mixes near to what the rows ask for, short ones the
	// prices to where the bound is best. A bold dive hardly ever shortens them.
	bold bool
	// On such a share of the days a person is refused a duty that the guide's mixes
	// have there: a way to come to another roster than all other dives.
	handicap float64

	// By cells, if part is not 0:
	part  float64 // of the undecided cells, decided at once
	flips int     // how often to take back a decision
	calm  int     // rounds after which a mix of one roster is taken to stay; 0: never, as flips need it

	// By people otherwise:
	eta   float64 // what a cell that the mixes hold is rewarded with, in costs
	batch int     // people put in between price steps
	tries int     // how often to start again from the first prices
}

// dive is the work of putting a set of people, whose days [from, to) have been
// taken out of a state, back in, by the mixes of a master problem of these
// people and days alone. What the mixes are surest of is decided, the master is
// solved a little further, and so on. The master's bound tells when the limit is
// out of reach, often before the first decision.
//
// Decisions are cells or whole people. Cells leave a person room for what is
// decided later, and can be taken back one by one: by far the better where
// covering costs more than what people prefer. Whole people are cheaper to
// decide, and better where most of the cost is their own.
type dive struct {
	h        *hand
	s        *state
	m        *master.Master
	set      []int
	from, to int
	x        *guide
	q        diving
	rng      stream
	crew     *crew // if not nil, its hands price the people, while h does the rest

	rows    []int32   // those with a cell in the window
	center  []float64 // prices of the best bound, by place in rows
	y       []float64 // trial prices
	value   []float64 // by place in the set: best value at the center
	fresh   []float64 // the same at the trial prices
	in      []bool    // by place in the set: has been put in
	left    []int     // places in the set still out
	bound   float64   // the master's Lagrangian at the center
	base    float64   // cost of everything the master does not know
	step    float64
	refused [][]bool          // by place in the set and cell of the window
	trail   []mark            // decisions that can be taken back
	calm    []int             // by place in the set: rounds in which its mix was one roster
	shares  [][]float32       // by place in the set: share of the window's cells
	kept    [][]master.Column // by place in the set: columns before it was put in
}

// diveMemory is what dives of one hand share.
type diveMemory struct {
	place []int32   // by row: index in dive.rows
	trial []int32   // by row: prices, scaled
	put   []float64 // by place in rows: what a column puts there
	order []ranked
	picks []pick
	share []float64 // by cell of the window
}

type ranked struct {
	at    int
	score float64
}

// dive starts one. old, if not nil, is the days and own cost of each place in
// the set as they were.
func (h *hand) dive(s *state, set []int, from, to int, x *guide, q diving, rng stream, old func(k int) ([]uint8, int64)) *dive {
	p, m := h.p, &h.diving
	if m.place == nil {
		m.place = make([]int32, len(p.rows))
		m.trial = make([]int32, len(p.rows))
		m.put = make([]float64, len(p.rows))
	}
	n := len(set)
	v := &dive{
		h: h, s: s, set: set, from: from, to: to, x: x, q: q, rng: rng, step: x.step * q.step,
		value: make([]float64, n), fresh: make([]float64, n), in: make([]bool, n), calm: make([]int, n),
		shares: make([][]float32, n), kept: make([][]master.Column, n),
	}
	v.rows = h.windowRows(set, from, to)
	rows := make([]master.Row, len(v.rows))
	v.base = float64(s.cost)
	for k, r := range v.rows {
		rows[k] = p.around(r, s.sum[r], int64(n), int64(to-from))
		v.base -= float64(p.at(&p.rows[r], s.sum[r]))
	}
	h.space.Work += 100 * int64(len(rows))
	v.m = master.New(rows, n)
	v.center = make([]float64, len(rows))
	v.y = make([]float64, len(rows))
	for k, r := range v.rows {
		v.center[k] = v.m.Clamp(k, x.y[r])
	}
	whole := from == p.first && to == p.days && x.ready
	v.refused = make([][]bool, n)
	for a, i := range set {
		v.left = append(v.left, a)
		v.refused[a] = make([]bool, p.cellOf[to]-p.cellOf[from])
		if old != nil {
			days, own := old(a)
			v.column(a, days, float64(own))
		}
		if q.handicap > 0 && len(x.mixes[i]) > 0 {
			for d := from; d < to; d++ {
				if rng.f() < q.handicap {
					v.refuse(a, p.cellOf[d]+int32(x.mixes[i][rng.n(len(x.mixes[i]))].days[d]))
				}
			}
		}
		if whole {
		mixes:
			for _, c := range x.mixes[i] {
				for d := from; d < to; d++ {
					if v.refused[a][p.cellOf[d]-p.cellOf[from]+int32(c.days[d])] {
						continue mixes
					}
				}
				v.column(a, c.days[from:], float64(c.own)/float64(p.set.Scale))
			}
		}
	}
	return v
}

// run puts everybody in, for no more than the limit. It reports false when that
// fails, or the hand is stopped; in says who is in.
func (v *dive) run() bool {
	defer func() { v.h.space.Work += 2 * v.m.Work }()
	bound, ok := v.ask(v.center)
	if !ok {
		return false
	}
	if v.q.handicap > 0 {
		// Whom it leaves nothing has none.
		some := false
		for a := range v.set {
			if len(v.m.Columns(a)) == 0 {
				clear(v.refused[a])
				some = true
			}
		}
		if some {
			if bound, ok = v.ask(v.center); !ok {
				return false
			}
		}
	}
	v.bound = bound
	copy(v.value, v.fresh)
	if !v.reprice(v.q.first) {
		return false
	}
	if v.q.part > 0 {
		return v.byCells()
	}
	return v.byPeople()
}

// windowRows lists the rows in which the set has cells on days [from, to).
func (h *hand) windowRows(set []int, from, to int) []int32 {
	p, m := h.p, &h.diving
	h.mark++
	var rows []int32
	seen := int32(-1)
	for _, i := range set {
		k := p.class[i]
		if k == seen {
			continue
		}
		seen = k
		inc := &p.inc[k]
		for _, e := range inc.ent[inc.at[p.cellOf[from]]:inc.at[p.cellOf[to]]] {
			if h.stamp[e.row] != h.mark {
				h.stamp[e.row] = h.mark
				m.place[e.row] = int32(len(rows))
				rows = append(rows, e.row)
			}
		}
	}
	return rows
}

// column gives place a of the set these days, unless it has them.
func (v *dive) column(a int, days []uint8, own float64) {
	for _, c := range v.m.Columns(a) {
		if bytes.Equal(c.Days, days) {
			return
		}
	}
	p, m := v.h.p, &v.h.diving
	inc := &p.inc[p.class[v.set[a]]]
	col := master.Column{Cost: own, Days: bytes.Clone(days)}
	for d, o := range days {
		for _, e := range inc.of(p.cellOf[v.from+d] + int32(o)) {
			k := m.place[e.row]
			if m.put[k] == 0 {
				col.Rows = append(col.Rows, k)
			}
			m.put[k] += float64(e.w)
		}
	}
	sort.Slice(col.Rows, func(x, y int) bool { return col.Rows[x] < col.Rows[y] })
	for _, k := range col.Rows {
		col.Put = append(col.Put, m.put[k])
		m.put[k] = 0
	}
	v.m.Add(a, col)
}

// ask prices the people left at y: their best days become columns, and fresh
// their values. It returns the Lagrangian's value.
func (v *dive) ask(y []float64) (float64, bool) {
	h, p, m := v.h, v.h.p, &v.h.diving
	scale := float64(p.set.Scale)
	for k, r := range v.rows {
		m.trial[r] = int32(math.Round(y[k] * scale))
		y[k] = float64(m.trial[r]) / scale
	}
	h.renew()
	total := v.m.Conjugates(y) + v.fixed(y)
	var given []answer
	if v.crew != nil {
		given = make([]answer, len(v.left))
		v.crew.each(len(v.left), func(h *hand, k int) {
			if given[k] = v.answer(h, v.left[k]); given[k].ok {
				given[k].days = bytes.Clone(given[k].days)
			}
		})
	}
	for k, a := range v.left {
		var x answer
		if given != nil {
			x = given[k]
		} else {
			x = v.answer(h, a)
		}
		if !x.ok || h.stop.Load() {
			return 0, false
		}
		v.fresh[a] = float64(x.value) / scale
		total += v.fresh[a]
		// A roster that uses refused cells counts for the bound alone.
		if !x.wrong {
			v.column(a, x.days, float64((x.value-x.paid)/p.set.Scale))
		}
	}
	return total, true
}

// answer is what somebody's best days are.
type answer struct {
	days        []uint8 // the hand's
	value, paid int64
	ok, wrong   bool // found; but only with refused cells
}

// answer finds the best days of a place in the set at the trial prices.
func (v *dive) answer(h *hand, a int) (x answer) {
	if h.stop.Load() {
		return x
	}
	i, trial := v.set[a], v.h.diving.trial
	h.linear(i, v.from, v.to, trial)
	closed := v.close(h, a)
	x.value, x.ok = h.best(i, v.from, v.to, v.s.roster[i])
	if x.wrong = !x.ok && closed; x.wrong {
		h.linear(i, v.from, v.to, trial)
		v.deter(h, a)
		x.value, x.ok = h.best(i, v.from, v.to, v.s.roster[i])
	}
	if x.ok {
		x.days, x.paid = h.out[:v.to-v.from], h.paid(v.from, v.to)
	}
	return x
}

// fixed is what the people already in cost at prices y.
func (v *dive) fixed(y []float64) float64 {
	total := 0.0
	for a, in := range v.in {
		if in {
			c := &v.m.Columns(a)[0]
			total += c.Cost
			for n, r := range c.Rows {
				total += y[r] * c.Put[n]
			}
		}
	}
	return total
}

// reprice takes up to n steps of the bundle method on the people left, fewer
// when the limit is out of reach.
func (v *dive) reprice(n int) bool {
	if v.q.part > 0 { // what was decided has changed the problem
		v.step = v.x.step * v.q.step
	}
	null := 0
	for ; n > 0; n-- {
		out := v.m.Solve(v.center, v.step, 16+len(v.set), v.bound, 0.1)
		promise := out.Model - v.bound
		if out.Primal-v.bound < 1e-3 {
			return true
		}
		copy(v.y, out.Prices)
		b, ok := v.ask(v.y)
		if !ok {
			return false
		}
		if b > v.bound {
			if b-v.bound > 0.5*promise {
				v.step *= 1.3
			}
			v.bound = b
			copy(v.center, v.y)
			copy(v.value, v.fresh)
			if v.bound+v.base > v.q.limit+1e-6 {
				return true
			}
		} else {
			null++
			switch {
			case v.q.bold:
				if promise > 0 && v.bound-b > 2*promise { // an unsettled master promises nothing
					v.step *= 0.7
				}
			case v.bound-b > 0.7*promise: // far too long
				v.step *= 0.5
			case v.q.part == 0 || null%3 == 0:
				v.step *= 0.8
			}
		}
	}
	// The mixes should know the last columns.
	v.m.Solve(v.center, v.step, 16+len(v.set), v.bound, 0.1)
	return true
}
