package search

import (
	"math"
	"math/rand/v2"
	"sync"
	"sync/atomic"

	"rota/solver/model"
	"rota/solver/pricing"
)

// hand is one worker's memory. What in it outlives a task shows in no result, so
// that these do not depend on which hand does what.
type hand struct {
	p     *problem // as the present task sees it
	space *pricing.Space
	price []int32 // by cell
	out   []uint8 // by day of a window
	start int64   // space.Work when the present task began
	limit int64   // of work for the present task
	stop  *atomic.Bool

	classPrice [][]int32 // by class, for version
	classAt    []int
	version    int

	diving diveMemory
	stamp  []int32 // by row
	mark   int32
	push   []int64 // by counter of a person
	row    []uint8
}

func newHand(p *problem, stop *atomic.Bool) *hand {
	return &hand{
		p: p, space: p.set.NewSpace(), stop: stop,
		price:      make([]int32, p.cells),
		out:        make([]uint8, p.days),
		classPrice: make([][]int32, len(p.inc)),
		classAt:    make([]int, len(p.inc)),
		stamp:      make([]int32, len(p.rows)),
	}
}

// cellsPerUnit is how many steps of pricing make a unit of work.
const cellsPerUnit = 1000

// begin starts a task with a limit of work.
func (h *hand) begin(limit int64) { h.start, h.limit = h.space.Work, limit }

// spent is the work done since begin.
func (h *hand) spent() int64 { return (h.space.Work - h.start) / cellsPerUnit }

// tired reports that the task is to end: its work is done or the search stops.
func (h *hand) tired() bool { return h.spent() >= h.limit || h.stop.Load() }

// best is Space.Best with h.price, into h.out. Windows are charged a little by
// themselves, so that no task can go on for ever.
func (h *hand) best(p, from, to int, row []uint8) (int64, bool) {
	h.space.Work += int64(h.p.cellOf[to]-h.p.cellOf[from]) * 6
	return h.space.Best(p, from, to, row, h.price, h.out)
}

// paid is what h.price charges for h.out over days [from, to).
func (h *hand) paid(from, to int) int64 {
	var v int64
	for d := from; d < to; d++ {
		v += int64(h.price[h.p.cellOf[d]+int32(h.out[d-from])])
	}
	return v
}

// renew forgets class prices; a task calls it whenever row prices change. Those
// of the task before are forgotten already.
func (h *hand) renew() { h.version++ }

// linear sets h.price for person p on days [from, to) from row prices y
// (scaled, per unit), once per class and version.
func (h *hand) linear(p, from, to int, y []int32) {
	k := h.p.class[p]
	c0, c1 := h.p.cellOf[from], h.p.cellOf[to]
	if h.classAt[k] != h.version {
		h.classAt[k] = h.version
		if h.classPrice[k] == nil {
			h.classPrice[k] = make([]int32, h.p.cells)
		}
		inc, cp := &h.p.inc[k], h.classPrice[k]
		for c := c0; c < c1; c++ {
			v := int32(0)
			for _, e := range inc.of(c) {
				v += y[e.row] * e.w
			}
			cp[c] = v
		}
	}
	copy(h.price[c0:c1], h.classPrice[k][c0:c1])
}

// crew is all the hands. What each and behind give them may be under way at
// once: a hand does one task at a time.
type crew struct {
	hands []*hand
	free  chan *hand // those that do nothing; nil: the first hand works for the caller
	work  int64      // steps of pricing done for each
}

func newCrew(hands ...*hand) *crew {
	c := &crew{hands: hands, free: make(chan *hand, len(hands))}
	for _, h := range hands {
		c.free <- h
	}
	return c
}

// each runs do for i in [0, n), on all hands at once. A panic in a hand comes
// out of each.
func (c *crew) each(n int, do func(h *hand, i int)) {
	if c.free == nil {
		h := c.hands[0]
		before := h.space.Work
		h.renew()
		for i := range n {
			do(h, i)
		}
		c.work += h.space.Work - before
		return
	}
	var next, work atomic.Int64
	var left sync.WaitGroup
	var trouble fault
	left.Add(n)
	for range min(n, len(c.hands)) {
		go func() {
			h := <-c.free
			h.renew()
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				before := h.space.Work
				trouble.guard(func() { do(h, i) })
				work.Add(h.space.Work - before)
				left.Done()
			}
			c.free <- h
		}()
	}
	left.Wait()
	c.work += work.Load()
	trouble.raise()
}

// behind runs tasks on hands that each leaves free, until next has none for a
// hand. The function it returns waits for them; a panic in a hand comes out of it.
func (c *crew) behind(next func() func(h *hand)) (wait func()) {
	var all sync.WaitGroup
	var trouble fault
	for range c.hands {
		all.Go(func() {
			for more := true; more; {
				h := <-c.free
				if do := next(); do == nil {
					more = false
				} else {
					h.renew()
					more = trouble.guard(func() { do(h) })
				}
				c.free <- h // to whoever has waited longest
			}
		})
	}
	return func() {
		all.Wait()
		trouble.raise()
	}
}

// fault is the first panic of several goroutines.
type fault struct{ first atomic.Pointer[any] }

// guard runs do, unless there has been a panic, and reports whether there still
// has been none.
func (f *fault) guard(do func()) bool {
	defer func() {
		if r := recover(); r != nil {
			f.first.CompareAndSwap(nil, &r)
		}
	}()
	if f.first.Load() == nil {
		do()
	}
	return f.first.Load() == nil
}

// raise panics if there has been a panic.
func (f *fault) raise() {
	if r := f.first.Load(); r != nil {
		panic(*r)
	}
}

// stream is a task's random numbers.
type stream struct{ pcg *rand.PCG }

func newStream(seed, task uint64) stream {
	return stream{rand.NewPCG(seed*0x9e3779b97f4a7c15+1, task*0xd1342543de82ef95+77)}
}

// f is uniform in [0, 1).
func (s stream) f() float64 { return float64(s.pcg.Uint64()>>11) / (1 << 53) }

// n is uniform in [0, k); k at least 1.
func (s stream) n(k int) int { return int((s.pcg.Uint64() >> 32) * uint64(k) >> 32) }

func (s stream) shuffle(a []int) {
	for i := len(a) - 1; i > 0; i-- {
		j := s.n(i + 1)
		a[i], a[j] = a[j], a[i]
	}
}

// gumbel are quantiles of the Gumbel distribution: noise that turns the
// cheapest of many into a draw by exp(-cost).
var gumbel = func() (g [4096]float64) {
	for i := range g {
		g[i] = -math.Log(-math.Log((float64(i) + 0.5) / 4096))
	}
	return
}()

// state is a roster with what is needed to change it cheaply. A removed window
// of a person counts as in no row and costs nothing; see take.
type state struct {
	p      *problem
	roster model.Roster
	own    []int64 // by person: own cost, without relaxed counters
	sum    []int64 // by row: u
	cost   int64   // as the search sees it: own costs and rows
}

func newState(p *problem) *state {
	return &state{p: p, roster: model.NewRoster(p.m), own: make([]int64, p.people), sum: make([]int64, len(p.rows))}
}

// copyFrom makes s the same as t; its cost is as s sees rows.
func (s *state) copyFrom(t *state) {
	for i := range s.roster {
		copy(s.roster[i], t.roster[i])
	}
	copy(s.own, t.own)
	copy(s.sum, t.sum)
	s.cost = t.cost
	if s.p != t.p {
		s.recount()
	}
}

// clone is the same again.
func (s *state) clone() *state {
	t := newState(s.p)
	t.copyFrom(s)
	return t
}

// apart is in how many cells two rosters differ.
func (s *state) apart(t *state) int {
	n := 0
	for i := range s.roster {
		for d := s.p.first; d < s.p.days; d++ {
			if s.roster[i][d] != t.roster[i][d] {
				n++
			}
		}
	}
	return n
}

// unbroken reports that all rows hold their hard ends.
func (s *state) unbroken() bool {
	broken, _ := s.verdict()
	return broken == 0
}

// clear makes s a state in which nobody has any day, at no own cost.
func (s *state) clear() {
	clear(s.own)
	clear(s.sum)
	s.cost = 0
	for r := range s.p.rows {
		s.cost += s.p.at(&s.p.rows[r], 0)
	}
}

// recount sums rows and cost anew from roster and own.
func (s *state) recount() {
	clear(s.sum)
	s.cost = 0
	for i, days := range s.roster {
		s.cost += s.own[i]
		inc := &s.p.inc[s.p.class[i]]
		for d := s.p.first; d < s.p.days; d++ {
			for _, e := range inc.of(s.p.cellOf[d] + int32(days[d])) {
				s.sum[e.row] += int64(e.w)
			}
		}
	}
	for r := range s.p.rows {
		s.cost += s.p.at(&s.p.rows[r], s.sum[r])
	}
}

// verdict splits the cost: units by which rows break their hard ends, and the
// true cost.
func (s *state) verdict() (broken, cost int64) {
	for _, o := range s.own {
		cost += o
	}
	for i := range s.p.rows {
		r := &s.p.rows[i]
		broken += r.broken(s.sum[i])
		cost += r.soft(s.sum[i])
	}
	return
}

// move adds sign times person i's duties on days [from, to) to the rows.
func (s *state) move(i, from, to int, duties []uint8, sign int64) {
	p := s.p
	inc := &p.inc[p.class[i]]
	delta := int64(0)
	for d := from; d < to; d++ {
		for _, e := range inc.of(p.cellOf[d] + int32(duties[d-from])) {
			r := &p.rows[e.row]
			u := s.sum[e.row]
			v := u + sign*int64(e.w)
			s.sum[e.row] = v
			if r.tab != nil {
				delta += r.tab[v-r.lo] - r.tab[u-r.lo]
			} else {
				delta += p.at(r, v) - p.at(r, u)
			}
		}
	}
	s.cost += delta
}

// take removes person i's days [from, to) from the rows, and all of the
// person's own cost.
func (s *state) take(i, from, to int) {
	s.move(i, from, to, s.roster[i][from:to], -1)
	s.cost -= s.own[i]
	s.own[i] = 0
}

// put is the reverse of take, with other duties and own cost.
func (s *state) put(i, from, to int, duties []uint8, own int64) {
	copy(s.roster[i][from:to], duties)
	s.move(i, from, to, duties, 1)
	s.own[i] = own
	s.cost += own
}

// marginal sets h.price for person i on days [from, to): what each cell would
// add to the rows' price. left is how many people, i among them, are still to be
// put in: a cell pays what the row gains for certain, and where that depends on
// the others, the row's price y.
func (h *hand) marginal(s *state, i, from, to int, left int64, y []int32) {
	p := h.p
	inc := &p.inc[p.class[i]]
	scale := p.set.Scale
	days := int64(to - from)
	for c := p.cellOf[from]; c < p.cellOf[to]; c++ {
		var sum int64
		for _, e := range inc.ent[inc.at[c]:inc.at[c+1]] {
			r := &p.rows[e.row]
			u, w := s.sum[e.row], int64(e.w)
			var m int64
			if r.tab != nil {
				m = scale * (r.tab[u+w-r.lo] - r.tab[u-r.lo])
			} else {
				m = scale * (p.at(r, u+w) - p.at(r, u))
			}
			if n := min(left, r.people) * min(days, r.span); n > 1 {
				v := u + n*w
				v = max(r.lo, min(r.hi, v))
				if v-w < r.lo || v-w > r.hi {
					v = u + w
				}
				last := scale * (p.at(r, v) - p.at(r, v-w))
				if last != m {
					q := int64(y[e.row]) * w
					m = max(min(m, last), min(max(m, last), q))
				}
			}
			lim := int64(r.lim) * r.max
			sum += max(-lim, min(lim, m))
		}
		h.price[c] = int32(sum)
	}
}
