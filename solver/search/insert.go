package search

import "rota/solver/master"

// insert finds person i's best days [from, to) at h.price and puts them into s.
// Where a relaxed counter's hard end breaks, its cells are made dearer (or
// cheaper, below a minimum) until it holds or patience ends. On false nothing
// was put in.
func (h *hand) insert(s *state, i, from, to int) bool {
	p := h.p
	v, ok := h.best(i, from, to, s.roster[i])
	if !ok {
		return false
	}
	if rel := p.relaxed[i]; len(rel) > 0 && !h.repair(s, i, from, to, rel, &v) {
		return false
	}
	own := (v - h.paid(from, to)) / p.set.Scale
	s.put(i, from, to, h.out[:to-from], own)
	return true
}

// repair makes person i's choice in h.out keep the hard ends of its relaxed
// counters. If they cannot be kept the choice stays, and costs what it costs.
func (h *hand) repair(s *state, i, from, to int, rel []int32, v *int64) bool {
	p := h.p
	inc := &p.inc[p.class[i]]
	if cap(h.push) < len(rel) {
		h.push = make([]int64, len(rel))
	}
	push := h.push[:len(rel)]
	clear(push)
	for try := 0; try < 40; try++ {
		bad := false
		for k, ri := range rel {
			r := &p.rows[ri]
			u := s.sum[ri]
			for d := from; d < to; d++ {
				for _, e := range inc.of(p.cellOf[d] + int32(h.out[d-from])) {
					if e.row == ri {
						u += int64(e.w)
					}
				}
			}
			var sign int64
			switch {
			case u > r.dhi:
				sign = 1
			case u < r.dlo:
				sign = -1
			default:
				continue
			}
			bad = true
			push[k] = max(push[k]+push[k]/4, p.set.Scale*p.unit/2)
			add := min(push[k], int64(p.set.MaxPrice/8))
			for c := p.cellOf[from]; c < p.cellOf[to]; c++ {
				for _, e := range inc.of(c) {
					if e.row == ri {
						h.price[c] = clip32(int64(h.price[c])+sign*add*int64(e.w)/r.max, int64(p.set.MaxPrice/2))
					}
				}
			}
		}
		if !bad {
			break
		}
		var ok bool
		if *v, ok = h.best(i, from, to, s.roster[i]); !ok {
			return false
		}
	}
	return true
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
	x := master.Row{First: -lim, Last: lim}
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
