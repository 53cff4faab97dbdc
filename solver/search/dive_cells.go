package search

import (
	"math"
	"slices"
	"sort"

	"rota/solver/master"
	"rota/solver/pricing"
)

// pick is a cell that the mix of a place holds in part.
type pick struct {
	place int
	cell  int32
	share float64
	score float64
}

// A mark is what it takes to come back to before a decision.
type mark struct {
	first         pick // the surest part of the decision
	columns       [][]master.Column
	refused       [][]bool
	center, value []float64
	bound         float64
}

const (
	sure = 1 - 1e-4 // a share that counts as whole
	// Cells with less of a share are not worth listing while there are others:
	// they are hardly ever what a mix is surest of.
	unlikely = 0.3
)

// byCells decides cells of people, the surest first, until every mix is one
// roster. Where the bound leaves the limit, the last decision is taken back and
// the opposite of its surest cell decided instead.
func (v *dive) byCells() bool {
	for flips := 0; ; {
		picks, good := v.undecided(), v.bound+v.base <= v.q.limit+1e-6
		switch {
		case good && len(picks) > 0:
			v.trail = append(v.trail, v.mark(picks[0]))
			if v.q.calm > 0 {
				v.settle()
			}
			v.decide(picks, max(1, int(v.q.part*float64(len(picks)))))
		case good && v.putAll():
			return true
		default:
			if flips++; flips > v.q.flips || len(v.trail) == 0 {
				return false
			}
			v.flip()
		}
		if !v.reprice(v.q.steps) {
			return false
		}
	}
}

// mark remembers the dive as it is.
func (v *dive) mark(first pick) mark {
	k := mark{first: first, center: slices.Clone(v.center), value: slices.Clone(v.value), bound: v.bound}
	if v.q.flips > 0 { // else nobody comes back here
		for a := range v.set {
			k.columns = append(k.columns, slices.Clone(v.m.Columns(a)))
			k.refused = append(k.refused, slices.Clone(v.refused[a]))
		}
	}
	return k
}

// flip goes back to before the last decision and refuses its surest cell.
func (v *dive) flip() {
	k := v.trail[len(v.trail)-1]
	v.trail = v.trail[:len(v.trail)-1]
	v.center, v.value, v.bound, v.refused = k.center, k.value, k.bound, k.refused
	for a := range v.set {
		v.m.Swap(a, k.columns[a])
	}
	v.refuse(k.first.place, k.first.cell)
	v.purge(k.first.place)
}

// refuse keeps a place from a cell.
func (v *dive) refuse(a int, cell int32) {
	v.refused[a][cell-v.h.p.cellOf[v.from]] = true
}

// purge drops the columns of a place that use a refused cell. There is always
// one left, as what is decided or refused is in part of the mix at most.
func (v *dive) purge(a int) {
	p := v.h.p
	c0 := p.cellOf[v.from]
	cs := v.m.Columns(a)
	kept := make([]master.Column, 0, len(cs))
	sum := 0.0
next:
	for k := range cs {
		for d, o := range cs[k].Days {
			if v.refused[a][p.cellOf[v.from+d]-c0+int32(o)] {
				continue next
			}
		}
		kept = append(kept, cs[k])
		sum += cs[k].Share
	}
	if sum == 0 {
		kept[0].Share, sum = 1, 1
	}
	for k := range kept {
		kept[k].Share /= sum
	}
	v.m.Swap(a, kept)
}

// undecided lists the cells that the mixes hold in part, the surest first.
func (v *dive) undecided() []pick {
	p, m := v.h.p, &v.h.diving
	c0 := p.cellOf[v.from]
	if w := int(p.cellOf[v.to] - c0); len(m.share) < w {
		m.share = make([]float64, w)
	}
	share := m.share[:p.cellOf[v.to]-c0]
	picks := v.parts(m.picks[:0], share, unlikely)
	if len(picks) == 0 {
		picks = v.parts(picks, share, 1-sure)
	}
	m.picks = picks
	sort.SliceStable(picks, func(i, j int) bool { return picks[i].score > picks[j].score })
	return picks
}

// parts adds to picks the cells that the mixes hold by more than least, but not
// as a whole. share is memory for the window's cells.
func (v *dive) parts(picks []pick, share []float64, least float64) []pick {
	p := v.h.p
	c0 := p.cellOf[v.from]
	for _, a := range v.left {
		cs := v.m.Columns(a)
		if slices.ContainsFunc(cs, func(c master.Column) bool { return c.Share > sure }) {
			continue
		}
		clear(share)
		for k := range cs {
			if cs[k].Share > 0 {
				for d, o := range cs[k].Days {
					share[p.cellOf[v.from+d]+int32(o)-c0] += cs[k].Share
				}
			}
		}
		for c, f := range share {
			if f > least && f < sure {
				picks = append(picks, pick{a, c0 + int32(c), f, f + 0.02*v.rng.f()})
			}
		}
	}
	return picks
}

// decide gives the first of the picks, and up to n in all, to their people. Two
// people are not given the same cell at once: each may have been half of it.
func (v *dive) decide(picks []pick, n int) {
	p := v.h.p
	var taken []int32
	for k, x := range picks {
		if len(taken) >= n || k > 0 && x.share < 0.5 {
			return
		}
		if slices.Contains(taken, x.cell) {
			continue
		}
		d := p.dayOf(x.cell)
		if k > 0 {
			// What the person has been given just now may have changed the mix.
			left := 0.0
			for _, c := range v.m.Columns(x.place) {
				if p.cellOf[d]+int32(c.Days[d-v.from]) == x.cell {
					left += c.Share
				}
			}
			if left < 0.5 {
				continue
			}
		}
		taken = append(taken, x.cell)
		for c := p.cellOf[d]; c < p.cellOf[d+1]; c++ {
			if c != x.cell {
				v.refuse(x.place, c)
			}
		}
		v.purge(x.place)
	}
}

// settle puts in whoever's mix has been one roster for some rounds, so that
// nobody is priced in vain. They cannot be taken back.
func (v *dive) settle() {
	left := v.left[:0]
	for _, a := range v.left {
		cs := v.m.Columns(a)
		k := slices.IndexFunc(cs, func(c master.Column) bool { return c.Share > sure })
		if k < 0 {
			v.calm[a] = 0
		} else {
			v.calm[a]++
		}
		if v.calm[a] < v.q.calm {
			left = append(left, a)
			continue
		}
		c := cs[k]
		c.Share = 1
		v.s.put(v.set[a], v.from, v.to, c.Days, int64(math.Round(c.Cost)))
		v.in[a] = true
		v.m.Swap(a, []master.Column{c})
	}
	v.left = left
}

// putAll puts everybody in with the column of the largest share. It reports
// false, and leaves them out, if that costs more than the limit.
func (v *dive) putAll() bool {
	for _, a := range v.left {
		cs := v.m.Columns(a)
		b := 0
		for k := range cs {
			if cs[k].Share > cs[b].Share {
				b = k
			}
		}
		v.s.put(v.set[a], v.from, v.to, cs[b].Days, int64(math.Round(cs[b].Cost)))
		v.in[a] = true
	}
	if float64(v.s.cost) <= v.q.limit+1e-6 {
		return true
	}
	for _, a := range v.left {
		v.s.take(v.set[a], v.from, v.to)
		v.in[a] = false
	}
	return false
}

// close closes the refused cells of a place in h.price, and reports whether there
// are any.
func (v *dive) close(h *hand, a int) bool {
	c0 := h.p.cellOf[v.from]
	some := false
	for c, no := range v.refused[a] {
		if no {
			h.price[c0+int32(c)] = pricing.Closed
			some = true
		}
	}
	return some
}

// deter makes the refused cells of a place as dear as can be in h.price, where
// nothing is left with them closed: the bound will tell that a decision was
// wrong.
func (v *dive) deter(h *hand, a int) {
	p := h.p
	c0 := p.cellOf[v.from]
	for c, no := range v.refused[a] {
		if no {
			h.price[c0+int32(c)] += int32(p.set.MaxPrice / 4)
		}
	}
}
