package search

import (
	"math"
	"slices"
	"sort"

	"rota/solver/model"
)

// guide is what the dual teaches the primal moves. Read-only while tasks run.
type guide struct {
	y     []float64   // row prices, costs per unit
	yi    []int32     // the same, scaled
	value []int64     // [person] best value at yi
	step  float64     // length of price steps that has proved right
	mixes [][]stocked // [person] whole rosters in the mixes of the dual
	ready bool        // from the dual, not a guess
	whole bool        // a dive of everybody on all days takes but a small part of the time there is
}

// stocked is a roster of a person that a dive may begin with: days and scaled
// own cost.
type stocked struct {
	days []uint8
	own  int64
}

// A chain is one numbered line of search: a roster that moves, and what it has
// learned about which moves pay. It does all that is random from streams of
// its own number, so that it does not matter who works on it.
type chain struct {
	number uint64
	tasks  uint64 // done so far; part of the stream's name
	cur    *state
	best   *state // the best seen in the present round
	hasCur bool
	turned bool // a round has ended since what was found was last shared

	phase  phase
	spent  int64   // work in this phase
	heavy  []int32 // rows that are dearer to cur than they are
	length int64   // of a phase of searching; weighing and easing have a part of it
	cool   int64   // length of a phase of annealing: grows while it pays
	paid   bool    // this phase of annealing found a better roster
	round  int
	scale  float64 // unit of temperature: a small difference of cost
	heat   float64 // in units, of this round's phases of neighbourhoods

	kinds, widths, sizes, ways arms
	saved                      [][]uint8
	owns                       []int64
	set                        []int
	perm                       []int
}

func newChain(p *problem, number uint64) *chain {
	c := &chain{
		number: number, cur: newState(p), best: newState(p),
		length: 2_000_000, cool: 250_000, scale: float64(p.unit),
		kinds: newArms(4), widths: newArms(4), sizes: newArms(everybody + 1), ways: newArms(2),
		perm: make([]int, p.people), heat: 1,
	}
	for i := range c.perm {
		c.perm[i] = i
	}
	return c
}

// pace plans the chain's phases by what a price step of everybody takes: the
// larger the model, the fewer neighbourhoods there are in a unit of work.
func (c *chain) pace(step int64) {
	c.length = max(200_000, min(300*step, max(8_000_000, 60*step)))
	c.cool = c.length / 8
}

// arms learn which of a few choices gains most for its work.
type arms struct {
	gain, work, pulls []float64
}

func newArms(n int) arms {
	a := arms{make([]float64, n), make([]float64, n), make([]float64, n)}
	for i := range a.gain {
		a.gain[i], a.work[i], a.pulls[i] = 1, 1e5, 1
	}
	return a
}

// draw picks one of the first n arms: a third of the work goes to all of them
// evenly, the rest in proportion to what they gain for their work.
func (a *arms) draw(n int, rng stream) int {
	even := rng.n(3) == 0
	weight := func(i int) float64 {
		w := a.pulls[i] / a.work[i]
		if !even {
			w *= a.gain[i] / a.work[i]
		}
		return w
	}
	sum := 0.0
	for i := range n {
		sum += weight(i)
	}
	t := rng.f() * sum
	for i := range n {
		if t -= weight(i); t < 0 {
			return i
		}
	}
	return n - 1
}

func (a *arms) learn(i int, gain float64, work int64) {
	a.gain[i] += gain
	a.work[i] += float64(work)
	a.pulls[i]++
	if a.work[i] > 5e7 {
		a.gain[i] /= 2
		a.work[i] /= 2
		a.pulls[i] /= 2
	}
	a.gain[i] = max(a.gain[i], 0.02)
}

// keep remembers the present roster if it is the round's best, and returns by
// how much.
func (c *chain) keep() int64 {
	less := c.best.cost - (c.cur.cost - c.burden())
	if less <= 0 {
		return 0
	}
	c.best.copyFrom(c.cur)
	return less
}

// take takes the set's days out of the roster and remembers them.
func (c *chain) take(from, to int) {
	for len(c.saved) < len(c.set) {
		c.saved = append(c.saved, make([]uint8, c.cur.p.days))
		c.owns = append(c.owns, 0)
	}
	for k, i := range c.set {
		copy(c.saved[k], c.cur.roster[i][from:to])
		c.owns[k] = c.cur.own[i]
		c.cur.take(i, from, to)
	}
}

// undo puts back what take took, after some of the set were put in again.
func (c *chain) undo(from, to int, in func(k int) bool) {
	for k, i := range c.set {
		if in(k) {
			c.cur.take(i, from, to)
		}
	}
	for k, i := range c.set {
		c.cur.put(i, from, to, c.saved[k][:to-from], c.owns[k])
	}
}

// anneal moves one to three people on a few days at temperature t (in costs).
func (c *chain) anneal(h *hand, g *guide, t float64, noise []int32, rng stream) {
	p, s := h.p, c.cur
	n := p.days - p.first
	long := min(n, 5+3*rng.n(4))
	from := rng.n(n+long-1) - (long - 1)
	if rng.n(3) == 0 {
		if r := c.sore(p, g, rng); r >= 0 {
			x := &p.rows[r]
			from = int(x.first) - p.first + rng.n(int(min(x.span, 400))) - rng.n(long)
		}
	}
	to := min(from+long, n) + p.first
	from = max(from, 0) + p.first
	if to <= from {
		return
	}
	k := min(2, p.people)
	if rng.n(3) == 0 {
		k = min(3, p.people)
	} else if rng.n(8) == 0 {
		k = 1
	}
	c.set = c.set[:0]
	for len(c.set) < k {
		i := rng.n(p.people)
		dup := false
		for _, j := range c.set {
			dup = dup || i == j
		}
		if !dup {
			c.set = append(c.set, i)
		}
	}
	old := s.cost
	c.take(from, to)
	in := 0
	for a, i := range c.set {
		h.marginal(s, i, from, to, int64(k-a), g.yi)
		if noise != nil {
			var bits uint64
			for cell := p.cellOf[from]; cell < p.cellOf[to]; cell++ {
				if bits < 4096 {
					bits = rng.pcg.Uint64() | 1<<63
				}
				h.price[cell] -= noise[bits&4095]
				bits >>= 12
			}
		}
		if !h.insert(s, i, from, to) {
			break
		}
		in++
	}
	delta := s.cost - old
	if in == k && (delta <= 0 || rng.f() < math.Exp(-float64(delta)/t)) {
		c.keep()
	} else {
		c.undo(from, to, func(k int) bool { return k < in })
	}
	if delta > 0 && in == k {
		c.measure(float64(delta))
	}
}

// measure tracks the lower fifth of the differences of cost that moves make:
// the unit of temperature.
func (c *chain) measure(delta float64) {
	if delta < c.scale {
		c.scale = max(float64(c.cur.p.grain), c.scale*(1-0.8*0.002))
	} else {
		c.scale *= 1 + 0.2*0.002
	}
}

// sore draws a row that costs more than the prices expect, or -1.
func (c *chain) sore(p *problem, g *guide, rng stream) int {
	best, at := int64(0), -1
	for n := 0; n < min(24, len(p.rows)); n++ {
		r := rng.n(len(p.rows))
		if v := c.excess(p, g, r); v > best {
			best, at = v, r
			if n >= 8 {
				break
			}
		}
	}
	return at
}

// excess is what row r costs above its part of the Lagrangian, scaled.
func (c *chain) excess(p *problem, g *guide, r int) int64 {
	x := &p.rows[r]
	u, y := c.cur.sum[r], int64(g.yi[r])
	if len(x.kink) == 0 {
		return 0
	}
	low, _ := x.conjugate(p.set.Scale, y)
	return p.set.Scale*p.at(x, u) - y*u - low
}

// regret is what person i's roster costs above the best under the prices.
func (c *chain) regret(p *problem, g *guide, i int) int64 {
	v := c.cur.own[i] * p.set.Scale
	inc := &p.inc[p.class[i]]
	for d := p.first; d < p.days; d++ {
		for _, e := range inc.of(p.cellOf[d] + int32(c.cur.roster[i][d])) {
			v += int64(g.yi[e.row]) * int64(e.w)
		}
	}
	return v - g.value[i]
}

// people draws k members of a pool into c.set; better wins of a few drawn.
func (c *chain) people(k int, pool []int, rng stream, score func(i int) int64) {
	c.set = c.set[:0]
	for n := len(pool); len(c.set) < k && n > 0; {
		at := rng.n(n)
		if score != nil {
			v := score(pool[at])
			for t := 0; t < 2; t++ {
				b := rng.n(n)
				if w := score(pool[b]); w > v {
					at, v = b, w
				}
			}
		}
		c.set = append(c.set, pool[at])
		n--
		pool[at], pool[n] = pool[n], pool[at]
	}
}

// What neighbourhoods are tried with: places in chain.sizes and chain.ways.
const (
	everybody = 4 // the size that is no choice of people but all of them
	byPeople  = 0
	byCells   = 1

	byCellsInHaste = 2 // for plunges only
)

// neighbourhood frees a few people on some weeks and dives them again.
func (c *chain) neighbourhood(h *hand, g *guide, rng stream) {
	p, s := h.p, c.cur
	n := p.days - p.first
	choices := everybody + 1
	if p.people <= 12 || !g.whole && !p.long() {
		choices = everybody
	}
	kind, width, size, way := c.kinds.draw(4, rng), c.widths.draw(4, rng), c.sizes.draw(choices, rng), c.ways.draw(2, rng)
	w := [...]int{14, 28, 42, 56}[width]
	if size == everybody {
		way = byCells
		if p.long() {
			if w = month; g.whole {
				w, kind = n, 0
			}
		}
	}
	w = min(w, n)
	row := -1
	if kind == 1 || kind == 2 {
		row = c.sore(p, g, rng)
	}
	from := 0
	if w < n {
		if row >= 0 {
			x := &p.rows[row]
			from = int(x.first) - p.first + rng.n(int(min(x.span, 400))) - rng.n(w)
		} else {
			from = rng.n(n/7-w/7+1)*7 + rng.n(3) - 1
		}
		from = max(0, min(from, n-w))
	}
	from += p.first
	to := from + w
	k := [...]int{4, 6, 9, 12, p.people}[size]
	switch {
	case size == everybody:
	case w < 28 && n > 14:
		k = k * 3 / 2
	case w > 28:
		k = k * 35 / w
	}
	k = max(2, min(k, p.people))
	if p.people == 1 {
		k = 1
	}
	pool := c.perm
	regret := func(i int) int64 { return c.regret(p, g, i) }
	switch {
	case size == everybody:
		c.people(k, pool, rng, nil)
	case kind == 1 && row >= 0:
		ms := p.members[row]
		pool = make([]int, 0, len(ms))
		for _, i := range ms {
			pool = append(pool, int(i))
		}
		sort.Ints(pool)
		c.people(min(k, len(pool)), pool, rng, nil)
	case kind == 2:
		c.people(k, pool, rng, regret)
	case kind == 3:
		first := rng.n(p.people)
		c.people(k, pool, rng, func(i int) int64 { return c.kinship(p, first, i, from, to) })
	default:
		c.people(k, pool, rng, nil)
	}
	before, old := h.spent(), s.cost
	c.take(from, to)
	t := c.heat * c.scale
	q := diving{first: 8, limit: float64(old-p.grain) - t*math.Log(1-rng.f())}
	if way == byCells {
		q.steps, q.step = 4, [...]float64{3, 10, 30}[rng.n(3)]
		q.part, q.flips = 1.0/6, 8
		if size == everybody && p.long() && w < n {
			q.steps, q.part, q.flips, q.calm = 3, 1.0/4, 0, 1
		}
	} else {
		q.steps, q.step = 2+rng.n(2), [...]float64{0.3, 1, 3}[rng.n(3)]
		q.eta, q.batch, q.tries = 2*float64(p.unit)*rng.f(), 1, 3
	}
	q.bold = rng.n(2) == 0
	dv := h.dive(s, c.set, from, to, g, q, rng, func(k int) ([]uint8, int64) { return c.saved[k][:to-from], c.owns[k] })
	done := dv.run()
	gain := 0.0
	if done {
		if s.cost < old && c.phase == searching {
			gain = 0.2
		}
		if less := c.keep(); less > 0 {
			gain = math.Log2(1 + float64(less)/float64(p.unit))
		}
	} else {
		c.undo(from, to, func(k int) bool { return dv.in[k] })
	}
	work := h.spent() - before
	if size != everybody {
		c.kinds.learn(kind, gain, work)
		c.widths.learn(width, gain, work)
		c.ways.learn(way, gain, work)
	}
	c.sizes.learn(size, gain, work)
}

// kinship counts the days on which two people could trade what they do.
func (c *chain) kinship(p *problem, a, b, from, to int) int64 {
	if a == b {
		return math.MaxInt64
	}
	n := int64(0)
	x, y := c.cur.roster[a], c.cur.roster[b]
	ca, cb := p.m.People[a].Cost, p.m.People[b].Cost
	for d := from; d < to; d++ {
		if x[d] != y[d] && ca[d][y[d]] != forbidden && cb[d][x[d]] != forbidden {
			n++
		}
	}
	return n
}

// construct builds a roster by inserting everybody, one after another, from
// the guide's prices.
func (c *chain) construct(h *hand, g *guide, rng stream) bool {
	p, s := h.p, c.cur
	s.clear()
	rng.shuffle(c.perm)
	for n, i := range c.perm {
		h.marginal(s, i, p.first, p.days, int64(len(c.perm)-n), g.yi)
		if !h.insert(s, i, p.first, p.days) {
			return false
		}
	}
	c.hasCur = true
	c.best.copyFrom(s)
	return true
}

// polish puts everybody in anew on all days, one after another, each as suits
// what all the others do, for as long as that pays. Over many months nothing
// else moves work from one of them to another as fast.
func (c *chain) polish(h *hand, g *guide, rng stream) {
	s := c.cur
	for was := int64(math.MaxInt64); float64(s.cost) < 0.99*float64(was); {
		was = s.cost
		rng.shuffle(c.perm)
		for _, i := range c.perm {
			if h.tired() {
				return
			}
			c.renew(h, g, i, 0)
		}
	}
}

// mend puts in anew whoever breaks a counter that pricing left out, on days
// much like the present ones.
func (c *chain) mend(h *hand, g *guide) {
	for i, rows := range h.p.relaxed {
		if h.tired() {
			return
		}
		if slices.ContainsFunc(rows, func(r int32) bool { return h.p.rows[r].broken(c.cur.sum[r]) > 0 }) {
			c.renew(h, g, i, 2*float64(h.p.unit))
		}
	}
}

// renew puts person i in anew on all days, unless that costs more. What the
// person does now is rewarded with keep, in costs.
func (c *chain) renew(h *hand, g *guide, i int, keep float64) {
	p, s := h.p, c.cur
	old := s.cost
	c.set = append(c.set[:0], i)
	c.take(p.first, p.days)
	h.marginal(s, i, p.first, p.days, 1, g.yi)
	if keep > 0 {
		reward := clip32(int64(keep*float64(p.set.Scale)), int64(p.set.MaxPrice/4))
		for d := p.first; d < p.days; d++ {
			h.price[p.cellOf[d]+int32(c.saved[0][d-p.first])] -= reward
		}
	}
	if in := h.insert(s, i, p.first, p.days); !in || s.cost > old {
		c.undo(p.first, p.days, func(int) bool { return in })
	}
}

// adopt starts from a given roster, made legal for each person with few changed
// days.
func (c *chain) adopt(h *hand, r model.Roster) {
	p, s := h.p, c.cur
	s.clear()
	keep := p.set.MaxPrice / 4
	for i := range r {
		clear(h.price)
		for d := p.first; d < p.days; d++ {
			if d < len(r[i]) && int(r[i][d]) < len(p.m.Days[d].Duties) {
				h.price[p.cellOf[d]+int32(r[i][d])] = -keep
			}
		}
		if !h.insert(s, i, p.first, p.days) {
			return
		}
	}
	c.hasCur = true
	c.best.copyFrom(s)
}

// plunge dives everybody: by people, to whom rough prices will do, or by cells.
// What relaxed counters break is mended, and over many months all are polished.
func (c *chain) plunge(h *hand, g *guide, way int, rng stream) {
	p := h.p
	if !g.ready || !c.hasCur {
		return
	}
	c.set = append(c.set[:0], c.perm...)
	c.take(p.first, p.days)
	q := diving{first: 3, steps: 3, step: 1, eta: 8 * float64(p.unit), batch: max(1, p.people/16), tries: 1, limit: math.Inf(1)}
	if way != byPeople {
		q = diving{first: 8, steps: 6, step: [...]float64{3, 10, 1, 30}[c.number], part: 1.0 / 6, calm: 3, limit: math.Inf(1)}
	}
	if way == byCellsInHaste {
		q.first, q.steps, q.part, q.calm = 4, 3, 1.0/3, 1
	}
	v := h.dive(c.cur, c.set, p.first, p.days, g, q, rng, nil)
	if v.run() {
		c.mend(h, g)
		if p.long() {
			c.polish(h, g, rng)
		}
		c.keep()
		c.cur.copyFrom(c.best)
	} else {
		c.undo(p.first, p.days, func(k int) bool { return v.in[k] })
	}
}

// fill makes a roster by a dive of everybody, with a handicap (see diving). It
// reports false when the hand is stopped, or nobody fits.
func (c *chain) fill(h *hand, g *guide, handicap float64, rng stream) bool {
	p := c.cur.p
	c.cur.clear()
	rng.shuffle(c.perm)
	q := diving{first: 8, steps: 6, step: [...]float64{3, 10, 1, 30}[rng.n(4)], part: 1.0 / 6, calm: 3, limit: math.Inf(1), handicap: handicap}
	if !h.dive(c.cur, c.perm, p.first, p.days, g, q, rng, nil).run() {
		return false
	}
	c.mend(h, g)
	return true
}

// phase is a part of a chain's round.
type phase int

const (
	searching phase = iota // neighbourhoods, from the best
	annealing
	weighing // neighbourhoods, with some rows dearer than they are
	easing   // neighbourhoods, from where that has led
)

// run goes on with the chain's rounds for as long as the hand is not tired.
func (c *chain) run(h *hand, g *guide, rng stream) {
	if !c.hasCur {
		if !c.construct(h, g, rng) {
			return
		}
	}
	defer func() { h.p = c.best.p }()
	noise := make([]int32, 4096)
	set := math.NaN()
	for !h.tired() {
		if c.phase == weighing && len(c.heavy) == 0 && !c.weigh(g, rng) {
			c.enter(searching)
		}
		h.p = c.cur.p
		before := h.spent()
		if c.phase != annealing {
			c.neighbourhood(h, g, rng)
			c.spent += h.spent() - before
			c.turn()
			continue
		}
		// Annealing cools from a heat that differs by chain and round.
		f := float64(c.spent) / float64(c.cool)
		hot := [...]float64{8, 2, 16, 4}[(int(c.number)+c.round)%4]
		t := c.scale * hot * math.Pow(0.5/hot, f)
		if !(math.Abs(t-set) < 0.05*set) {
			set = t
			a := t * 0.5 * float64(h.p.set.Scale)
			for i := range noise {
				noise[i] = clip32(int64(gumbel[i]*a), int64(h.p.set.MaxPrice/8))
			}
		}
		least := c.best.cost
		for n := 0; n < 16; n++ {
			c.anneal(h, g, t, noise, rng)
		}
		c.paid = c.paid || c.best.cost < least
		if c.spent += h.spent() - before; c.spent >= c.cool {
			if c.paid {
				c.cool = min(2*c.cool, c.length)
			} else {
				c.cool = max(c.cool/2, c.length/32)
			}
			c.paid = false
			c.round++
			c.turned = true
			c.length += c.length / 5
			c.heat = [...]float64{0.5, 3, 1, 0}[(int(c.number)+c.round)%4]
			c.cur.copyFrom(c.best)
			c.enter(weighing)
		}
	}
}

// enter begins a phase.
func (c *chain) enter(next phase) { c.phase, c.spent = next, 0 }

// follow goes on from the roster of another chain. Rows that were heavy in its
// own are of no interest any more; others may be.
func (c *chain) follow(s *state) {
	c.ease()
	c.cur.copyFrom(s)
	c.best.copyFrom(s)
	if c.phase == easing {
		c.enter(weighing)
	}
}

// turn ends a phase of neighbourhoods that has had its time, or its effect.
func (c *chain) turn() {
	switch {
	case c.phase == searching && c.spent >= c.length:
		c.cur.copyFrom(c.best)
		c.enter(annealing)
	case c.phase == weighing && (c.spent >= c.length/4 || c.light()):
		c.ease()
		c.enter(easing)
	case c.phase == easing && c.spent >= c.length/3:
		c.cur.copyFrom(c.best)
		c.enter(searching)
	}
}
