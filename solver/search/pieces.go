package search

import (
	"slices"

	"rota/solver/master"
	"rota/solver/model"
)

// pieces is a master of a long problem whose groups are not people but their
// months: every roster found is a column of each month, and the months mix on
// their own, so that some twenty rosters of a person make as good a mix as
// hundreds do as wholes. What rules say of two months together is left to
// pricing, but for sums with hard ends, which are rows of this master alone. As
// its mixes need not be mixes of rosters, it proves nothing; its prices are
// as good as any for an evaluation that does.
type pieces struct {
	u       *dual // for the rows and the evaluations; its own columns are not touched
	master  *master.Master
	cut     []int             // piece b of a person is days [cut[b], cut[b+1])
	known   []map[uint64]bool // by group: person after person, piece after piece
	tallies [][]tally         // by person
	center  []float64         // prices of rows, then of tallies
	step    float64
}

// tally is a sum over several pieces that pricing keeps within its hard ends by
// itself, as a row of the master.
type tally struct {
	row      int32
	of       model.MeasureID
	from, to int
	over     []model.Days // of a count of spans: each belongs to the piece of its first day
}

const (
	pieceBlock = 8 // people asked at the same prices
	// The step is longer than where whole rosters mix: the sums follow the prices
	// more readily.
	pieceStep = 4
)

func newPieces(u *dual) *pieces {
	p := u.p
	t := &pieces{u: u, step: pieceStep * u.firstStep(), tallies: make([][]tally, p.people)}
	for d := p.first; d == p.first || d < p.days-month/2; d += month {
		t.cut = append(t.cut, d)
	}
	t.cut = append(t.cut, p.days)
	rows := make([]master.Row, len(p.rows))
	for r := range rows {
		rows[r] = u.row(r)
	}
	for i := range t.tallies {
		rows = t.tally(i, rows)
	}
	groups := p.people * t.each()
	t.master = master.New(rows, groups)
	t.master.Dropped = func(g int, c master.Column) { delete(t.known[g], fingerprint(c.Days)) }
	t.known = make([]map[uint64]bool, groups)
	for g := range t.known {
		t.known[g] = map[uint64]bool{}
	}
	t.center = make([]float64, len(rows))
	for r := range t.center {
		t.center[r] = t.master.Clamp(r, 0)
	}
	return t
}

// each is how many pieces a person has.
func (t *pieces) each() int { return len(t.cut) - 1 }

// tally lists person i's tallies and adds their rows.
func (t *pieces) tally(i int, rows []master.Row) []master.Row {
	p := t.u.p
	steep := float64(p.set.MaxPrice) / 8 / float64(p.set.Scale)
	x := &p.m.People[i]
	// add is for a sum that adds from least to most to its base.
	add := func(y tally, b model.Bound, base, least, most int64, mass float64) {
		lo, hi := least, most
		if b.Min != model.NoMin {
			lo = max(lo, b.Min-base)
		}
		if b.Max != model.NoMax {
			hi = min(hi, b.Max-base)
		}
		if lo > hi || lo == least && hi == most {
			return
		}
		row := master.Row{At: []float64{float64(lo)}, Cost: []float64{0}, Pace: p.pace(mass)}
		if hi > lo {
			row.At, row.Cost = append(row.At, float64(hi)), append(row.Cost, 0)
		}
		if lo > least {
			row.First = -steep
		}
		if hi < most {
			row.Last = steep
		}
		y.row = int32(len(rows))
		rows = append(rows, row)
		t.tallies[i] = append(t.tallies[i], y)
	}
	for j, c := range x.Counters {
		// What two months share alone, pricing keeps well enough.
		if p.isRelaxed(i, j) || c.To-c.From <= month || !t.parts(c.From, c.To) {
			continue
		}
		base, least, most, mass := c.Base, int64(0), int64(0), 0.0
		for d := max(c.From, 0); d < min(c.To, p.days); d++ {
			lo, hi := int64(0), int64(0)
			some := false
			for o, w := range p.m.Measures[c.Of].Of[d] {
				if w := int64(w); x.Cost[d][o] != forbidden {
					if !some {
						lo, hi, some = w, w, true
					}
					lo, hi = min(lo, w), max(hi, w)
				}
			}
			if d < p.first { // decided: there is but one duty
				base += lo
				continue
			}
			least, most = least+lo, most+hi
			mass += float64(max(hi, -lo)) * float64(max(hi, -lo))
		}
		add(tally{of: c.Of, from: c.From, to: c.To}, c.Bound, base, least, most, mass)
	}
	for _, c := range x.SpanCounts {
		over, before := t.ahead(i, c)
		if n := len(over); n > 0 && t.parts(over[0].From, over[n-1].To) {
			add(tally{of: c.Of, over: over}, c.Bound, c.Base+before, 0, int64(n), float64(n))
		}
	}
	return rows
}

// ahead lists what is left of the spans that person i's count is over, and counts
// those that are hit in history already.
func (t *pieces) ahead(i int, c model.SpanCount) (over []model.Days, hit int64) {
	p := t.u.p
	of, cost := p.m.Measures[c.Of].Of, p.m.People[i].Cost
next:
	for _, s := range c.Over {
		for d := max(s.From, 0); d < min(s.To, p.first); d++ {
			done := slices.IndexFunc(cost[d], func(v model.Cost) bool { return v != forbidden })
			if done >= 0 && of[d][done] != 0 {
				hit++
				continue next
			}
		}
		if s.To > p.first {
			over = append(over, model.Days{From: max(s.From, p.first), To: s.To})
		}
	}
	return over, hit
}

// parts reports whether a cut lies within days [from, to).
func (t *pieces) parts(from, to int) bool {
	return slices.ContainsFunc(t.cut[1:t.each()], func(d int) bool { return from < d && d < to })
}

// count is what piece [from, to) of a roster puts into the tally.
func (y *tally) count(p *problem, days []uint8, from, to int) (n int64) {
	of := p.m.Measures[y.of].Of
	if y.over == nil {
		for d := max(from, y.from); d < min(to, y.to); d++ {
			n += int64(of[d][days[d]])
		}
		return n
	}
	for _, s := range y.over {
		if s.From < from || s.From >= to {
			continue
		}
		for d := s.From; d < s.To; d++ {
			if of[d][days[d]] != 0 {
				n++
				break
			}
		}
	}
	return n
}

// enter makes a roster of person i a column of each piece. Of its own cost, what
// no single day costs is shared by all pieces.
func (t *pieces) enter(i int, days []uint8, own float64) {
	u, p := t.u, t.u.p
	n := t.each()
	cost, inc := p.m.People[i].Cost, &p.inc[p.class[i]]
	for d := p.first; d < p.days; d++ {
		own -= float64(cost[d][days[d]])
	}
	for b := range n {
		from, to := t.cut[b], t.cut[b+1]
		key := fingerprint(days[from:to])
		if t.known[i*n+b][key] {
			continue
		}
		t.known[i*n+b][key] = true
		col := master.Column{Cost: own / float64(n), Days: slices.Clone(days[from:to])}
		for d := from; d < to; d++ {
			col.Cost += float64(cost[d][days[d]])
			for _, e := range inc.of(p.cellOf[d] + int32(days[d])) {
				if u.scratch[e.row] == 0 {
					col.Rows = append(col.Rows, e.row)
				}
				u.scratch[e.row] += float64(e.w)
			}
		}
		slices.Sort(col.Rows)
		for _, r := range col.Rows {
			col.Put = append(col.Put, u.scratch[r])
			u.scratch[r] = 0
		}
		for k := range t.tallies[i] {
			y := &t.tallies[i][k]
			if v := y.count(p, days, from, to); v != 0 {
				col.Rows, col.Put = append(col.Rows, y.row), append(col.Put, float64(v))
			}
		}
		t.master.Add(i*n+b, col)
	}
}

// solve improves all mixes and returns the prices of rows, in whole scaled
// numbers.
func (t *pieces) solve() master.Outcome {
	out := t.master.Solve(t.center, t.step, 60, 0, 0.1)
	t.u.round(out.Prices[:len(t.u.p.rows)])
	return out
}

// pass asks everybody for one roster, a few at a time, each time at the prices
// that follow from what all the others have by then, and goes on from the prices
// it ends with. Asked all at once, they would all want the same days. It reports
// false if somebody has none, or the search stops.
func (t *pieces) pass(c *crew) bool {
	u, p, n := t.u, t.u.p, t.each()
	t.solve()
	for a := 0; a < p.people; a += pieceBlock {
		b := min(a+pieceBlock, p.people)
		c.each(b-a, func(h *hand, k int) { u.answer(h, a+k) })
		first := len(t.master.Columns(a*n)) == 0
		var y []float64
		for i := a; i < b; i++ {
			if !u.ok[i] {
				return false
			}
			t.enter(i, u.rosters[i], float64(u.unpriced(i, u.rosters[i], u.trial, u.values[i]))/float64(p.set.Scale))
			for g := i * n; g < i*n+n; g++ {
				y = t.master.Visit(g, 4)
			}
		}
		if first { // a visit has no weight to move yet
			y = t.solve().Prices
		}
		u.round(y[:len(p.rows)])
	}
	copy(t.center, t.solve().Prices)
	t.master.Trim(20, 12)
	return true
}

// shares adds up how much of each cell the mixes of person i hold.
func (t *pieces) shares(i int, out []float32) {
	p, n := t.u.p, t.each()
	clear(out)
	for b := range n {
		for _, c := range t.master.Columns(i*n + b) {
			if c.Share > 0 {
				for d, o := range c.Days {
					out[p.cellOf[t.cut[b]+d]+int32(o)] += float32(c.Share)
				}
			}
		}
	}
}

// fix leaves person i nothing but one roster.
func (t *pieces) fix(i int, days []uint8) {
	n := t.each()
	for g := i * n; g < i*n+n; g++ {
		t.master.Swap(g, nil)
		clear(t.known[g])
	}
	t.enter(i, days, 0)
}
