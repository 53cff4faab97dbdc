package search

import (
	"slices"

	"rota/solver/master"
	"rota/solver/model"
)

// insert finds person i's best days [from, to) at h.price and puts them into s.
// Where a hard counter that pricing left out breaks, its cells are made dearer
// (or cheaper, below a minimum) until it holds. A relaxed one that cannot be
// kept costs what its row costs; any other makes insert report false, and
// nothing was put in.
func (h *hand) insert(s *state, i, from, to int) bool {
	p := h.p
	v, ok := h.best(i, from, to, s.roster[i])
	if !ok {
		return false
	}
	loose := h.space.Loose
	if loose || len(p.relaxed[i]) > 0 {
		if v, loose, ok = h.repair(s, i, from, to, v); !ok {
			return false
		}
	}
	own := (v - h.paid(from, to)) / p.set.Scale
	if loose {
		if o, legal := h.own(i, h.full(s.roster[i], from, to)); legal {
			own = o
		}
		// Otherwise a relaxed counter is broken, so that the roster is no use
		// until the person is put in anew.
	}
	s.put(i, from, to, h.out[:to-from], own)
	return true
}

// full is the person's whole row with h.out on days [from, to).
func (h *hand) full(row []uint8, from, to int) []uint8 {
	h.row = append(h.row[:0], row...)
	copy(h.row[from:to], h.out)
	return h.row
}

// own is what a whole row costs person i without relaxed counters, and whether
// it keeps every hard rule.
func (h *hand) own(i int, row []uint8) (int64, bool) {
	p := h.p
	c, ok := h.space.Own(i, row)
	if !ok {
		return 0, false
	}
	for _, ri := range p.relaxed[i] {
		c -= model.Cost(p.rows[ri].soft(p.alone(i, ri, row)))
	}
	return int64(c), true
}

// alone is what a row of person i puts into row ri.
func (p *problem) alone(i int, ri int32, row []uint8) (u int64) {
	inc := &p.inc[p.class[i]]
	for d := p.first; d < p.days; d++ {
		for _, e := range inc.of(p.cellOf[d] + int32(row[d])) {
			if e.row == ri {
				u += int64(e.w)
			}
		}
	}
	return u
}

// repair makes person i's choice in h.out keep the hard ends of its counters,
// by pricing again, or by choosing a month of it anew. It returns the value
// under the prices it ends with, and whether pricing left out counters (loose),
// when the row itself tells the cost; ok is false if one of those stays broken.
func (h *hand) repair(s *state, i, from, to int, v int64) (value int64, loose, ok bool) {
	p, m := h.p, h.p.m
	x := &m.People[i]
	if len(h.push) < len(x.Counters) {
		h.push = make([]int64, len(x.Counters))
	}
	clear(h.push)
	long := to-from > longer
	tries := 40
	if long {
		tries = 60
	}
	for try := 0; ; try++ {
		loose = h.space.Loose
		row := h.full(s.roster[i], from, to)
		bad, worse, near := false, false, true
		for j := range x.Counters {
			if !loose && !p.isRelaxed(i, j) {
				continue
			}
			c := &x.Counters[j]
			of, sum := m.Measures[c.Of].Of, c.Base
			for d := max(c.From, 0); d < min(c.To, p.days); d++ {
				sum += int64(of[d][row[d]])
			}
			if c.Bound.Holds(sum) {
				continue
			}
			bad = true
			worse = worse || !p.isRelaxed(i, j)
			low, most := sum < c.Bound.Min, int32(1)
			h.push[j] = h.pushed(h.push[j], low, long)
			add := h.push[j]
			for d := max(from, c.From); d < min(to, c.To); d++ {
				most = max(most, slices.Max(of[d]))
			}
			off := sum - c.Bound.Max
			if low {
				off = c.Bound.Min - sum
			}
			near = near && off <= 6*int64(most)
			for d := max(from, c.From); d < min(to, c.To); d++ {
				f := int64(1024)
				if long {
					f = uneven(i+97*(try/20), d)
				}
				for o, w := range of[d] {
					if w != 0 {
						k := p.cellOf[d] + int32(o)
						h.price[k] = clip32(int64(h.price[k])+add*int64(w)*f/int64(most)/1024, int64(p.set.MaxPrice/2))
					}
				}
			}
		}
		if !bad {
			return v, loose, true
		}
		if try%3 == 2 && near && long && h.patch(s, i, from, to) {
			return 0, true, true
		}
		if try == tries {
			// The prices have just changed once more; what h.out costs must match.
			v, ok = h.best(i, from, to, s.roster[i])
			return v, loose, ok && !worse
		}
		if try == 0 && long {
			h.ruffle(i, from, to)
		}
		if v, ok = h.best(i, from, to, s.roster[i]); !ok || h.stop.Load() {
			return 0, loose, false
		}
	}
}

// isRelaxed reports whether counter j of person i is a row.
func (p *problem) isRelaxed(i, j int) bool {
	for _, k := range p.set.RelaxedOf[i] {
		if p.set.Relaxed[k].Counter == j {
			return true
		}
	}
	return false
}

func clip32(v, lim int64) int32 { return int32(max(-lim, min(lim, v))) }

// around is row r's price for a master whose columns add to u: as the search
// sees it, made convex, over what k people can add on so many days.
func (p *problem) around(ri int32, u, k, days int64) master.Row {
	r := &p.rows[ri]
	n := min(k, r.people) * min(days, r.span) * r.max
	lo, hi := u, min(r.hi, u+n)
	if r.lo < 0 {
		lo = max(r.lo, u-n)
	}
	lim := float64(r.lim) / float64(p.set.Scale)
	var at, cost []int64
	if hi-lo <= tableWidth {
		at, cost = hull(lo, hi, func(v int64) int64 { return p.at(r, v) })
	} else {
		at, cost = []int64{lo}, []int64{0}
		for n, v := range r.kink {
			if v > lo && v < hi {
				at, cost = append(at, v), append(cost, r.cost[n])
			}
		}
		at, cost = append(at, hi), append(cost, p.at(r, hi))
		cost[0] = p.at(r, lo)
	}
	// A row of many days is felt the less, the fewer of them are free.
	x := master.Row{First: -lim, Last: lim, Pace: min(4, r.pace*float64(r.span)/float64(min(days, r.span)))}
	for n, v := range at {
		x.At = append(x.At, float64(v-u))
		x.Cost = append(x.Cost, float64(cost[n]))
	}
	if n := len(at); n > 1 {
		x.First = max(-lim, min(lim, (x.Cost[1]-x.Cost[0])/(x.At[1]-x.At[0])))
		x.Last = max(x.First, min(lim, (x.Cost[n-1]-x.Cost[n-2])/(x.At[n-1]-x.At[n-2])))
	} else {
		x.First, x.Last = 0, 0
	}
	return x
}

// pushed is what comes next on top of a counter's price, after push did not make
// it hold and left it too low, or else too high. Over a long time a sum moves in
// small steps, so that its price can be closed in on; over a short one it is
// made dearer until it yields.
func (h *hand) pushed(push int64, low, long bool) int64 {
	p := h.p
	first, most := max(1, p.set.Scale*p.unit/2), int64(p.set.MaxPrice/8)
	switch {
	case !long:
		push = min(max(abs(push)+abs(push)/4, first), most)
		if low {
			push = -push
		}
	case push == 0:
		push = first
		if low {
			push = -push
		}
	case low == (push < 0):
		push += push / 2
	default:
		push = -push / 2
	}
	return max(-most, min(most, push))
}

// month is a number of days on which all counters are kept exactly at little
// cost.
const month = 28

// longer than this, a person's sums are many small things, and months hardly
// touch each other.
const longer = 3 * month

// long reports whether the problem is.
func (p *problem) long() bool { return p.days-p.first > longer }

// patch mends a choice in h.out that breaks counters which pricing left out, by
// choosing one month anew such that they hold. It reports false, and leaves
// h.out as it was, if no month will do.
func (h *hand) patch(s *state, i, from, to int) bool {
	was := slices.Clone(h.out[:to-from])
	row := slices.Clone(h.full(s.roster[i], from, to))
	for a := from; a < to && !h.stop.Load(); a += month {
		b := min(a+month, to)
		if _, ok := h.best(i, a, b, row); !ok {
			continue
		}
		old := slices.Clone(row[a:b])
		copy(row[a:b], h.out)
		if _, ok := h.own(i, row); ok {
			copy(h.out, row[from:to])
			return true
		}
		copy(row[a:b], old)
	}
	copy(h.out, was)
	return false
}

// ruffle makes the days that attract a person unlike each other. Where all
// attract alike, a price on a sum moves it from all to nothing at once.
func (h *hand) ruffle(i, from, to int) {
	p := h.p
	for d := from; d < to; d++ {
		f := uneven(i, d)
		for c := p.cellOf[d]; c < p.cellOf[d+1]; c++ {
			if v := int64(h.price[c]); v < 0 {
				h.price[c] = int32(v * f / 1024)
			}
		}
	}
}

// uneven is a number from 512 to 1023, another for each person and day.
func uneven(i, d int) int64 {
	x := uint32(i*7919+d)*2654435761 + 12345
	x ^= x >> 15
	x *= 2246822519
	x ^= x >> 13
	return 512 + int64(x>>23)
}
