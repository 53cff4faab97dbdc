package search

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"sort"
)

// lever is a sum of one person that branching can narrow: on how many days the
// duty is one of the cells.
type lever struct {
	number int // among all
	person int
	cells  cellSet
	days   int64 // that have a cell of the set
}

// count is the sum of a roster of the lever's person.
func (l *lever) count(p *problem, days []uint8) int64 {
	n := int64(0)
	for d := p.first; d < p.days; d++ {
		if l.cells.has(p.cellOf[d] + int32(days[d])) {
			n++
		}
	}
	return n
}

// A choice is a way to split a node in two, so that each roster in it is in one
// of the two.
type choice struct {
	key, group int // of what is split, the same in all nodes, and of what is like it
	person     int // negative: a row
	row        int
	lever      *lever // nil: the row, or
	cell       int32  // the cell
	at         int64  // the first side's sums end here
	share      float64
	base       int64 // bound of the node
	sides      [2]*node
	rise       [2]float64 // by how much each side raises the bound, in costs; guessed unless tried
	known      bool       // not to be tried: has been often enough, or is the only one
}

// score is high when both sides raise the bound.
func (c *choice) score() float64 {
	const least = 1e-3
	return max(c.rise[0], least) * max(c.rise[1], least)
}

// way is how far the mixes have to move for a side.
func (c *choice) way(side int) float64 {
	if side == 0 {
		return max(c.share, 0.05)
	}
	return max(1-c.share, 0.05)
}

// A record is what choices of one key, or of one group, have done.
type record struct {
	rise [2]float64 // sum of rises per unit that the mixes had to move
	n    [2]float64 // times tried
}

const (
	rootTrials = 80 // choices looked at in the root
	perGroup   = 3  // of one group among them, other than rows
	reliable   = 2  // times that a side was tried, after which it is not any more
	glance     = 1  // price steps of a first trial
	insight    = 8  // price steps of a second one, for the best
	oneOf      = 10 // choices of which one more has a second trial
	// Sweeps of the master before a step of a trial.
	trialSweeps = 40
)

// A trial is one side of a choice about to be tried.
type trial struct {
	*choice
	side    int
	ok      bool
	promise float64 // what the next step might bring, in costs
	columns []sparesFor
	work    int64
}

// try takes a few price steps in one side of a choice.
func (t *tree) try(h *hand, x *trial, steps int) {
	e, n := t.e, x.sides[x.side]
	h.begin(math.MaxInt64)
	x.ok, x.promise, x.columns, x.work = false, 0, nil, 0
	if h.stop.Load() {
		return
	}
	if n.empty(e.p) {
		if e.cfg.Known != nil {
			e.mustKeep(n, 0, true)
		}
		n.bound, x.ok = e.enough(), true
		return
	}
	u := t.dual(n)
	defer func() { h.space.Work += 2*u.master.Work + 100*int64(len(e.p.rows)); x.work = h.spent() }()
	u.sweeps = trialSweeps
	u.improve(&crew{hands: []*hand{h}}, steps, e.enough())
	if h.stop.Load() {
		return
	}
	if !u.dead && !u.done && u.bound < e.enough() {
		x.promise = max(0, u.peek())
	}
	x.ok = true
	if e.cfg.Known != nil {
		e.mustKeep(n, u.bound, u.dead)
	}
	if u.dead {
		n.bound = e.enough()
		return
	}
	n.follow(u)
	x.columns = u.spares(true)
}

// tryAll tries the choices that are not known, all a little and the best of
// them more, and takes down what that shows.
func (t *tree) tryAll(lists [][]*choice) {
	var all []*trial
	for _, list := range lists {
		for _, c := range list {
			if !c.known {
				all = append(all, &trial{choice: c}, &trial{choice: c, side: 1})
			}
		}
	}
	t.tryEach(all, glance)
	var more []*trial
	for _, list := range lists {
		few := slices.DeleteFunc(slices.Clone(list), func(c *choice) bool { return c.known })
		slices.SortStableFunc(few, func(a, b *choice) int { return cmp.Compare(b.score(), a.score()) })
		few = few[:min(len(few), 1+len(few)/oneOf)]
		for _, x := range all {
			if slices.Contains(few, x.choice) && x.sides[x.side].bound < t.e.enough() {
				more = append(more, x)
			}
		}
	}
	t.tryEach(more, insight)
	for _, x := range all {
		t.learn(x)
	}
}

// tryEach tries sides of choices, and guesses what they are worth.
func (t *tree) tryEach(xs []*trial, steps int) {
	e := t.e
	e.aside(func() {
		e.crew.each(len(xs), func(h *hand, i int) { t.try(h, xs[i], steps) })
	})
	for _, x := range xs {
		e.work += x.work
		if x.ok {
			t.keep(x.columns)
			x.rise[x.side] = float64(min(x.sides[x.side].bound, e.enough())-x.base)/float64(e.p.set.Scale) + x.promise
		}
	}
}

// learn takes down what a trial has shown.
func (t *tree) learn(x *trial) {
	if !x.ok {
		return
	}
	for _, k := range []int{x.key, x.group} {
		r := t.seen[k]
		if r == nil {
			r = &record{}
			t.seen[k] = r
		}
		r.rise[x.side] += x.rise[x.side] / x.way(x.side)
		r.n[x.side]++
	}
}

// guess fills in what the sides of a choice have done before.
func (t *tree) guess(c *choice) {
	c.known = true
	for side := range c.rise {
		r := t.seen[c.key]
		if r == nil || r.n[side] < reliable {
			c.known = false
		}
		if r == nil || r.n[side] == 0 {
			r = t.seen[c.group]
		}
		mean := 1e-2
		if r != nil && r.n[side] > 0 {
			mean = r.rise[side] / r.n[side]
		}
		c.rise[side] = mean * c.way(side)
	}
}

// choices lists the ways to split a solved node that look best.
func (t *tree) choices(n *node, u *dual, bound int64, found *state) []*choice {
	p := t.e.p
	var all []*choice
	consider := func(c choice, sum float64, lo, hi int64) {
		at := math.Floor(sum)
		c.share, c.at, c.base = sum-at, int64(at), bound
		if min(c.share, 1-c.share) > 1e-3 && lo <= c.at && c.at < hi {
			t.guess(&c)
			all = append(all, &c)
		}
	}
	for r, sum := range u.master.Sums()[:len(p.rows)] {
		x := &p.rows[r]
		if lo, hi := t.within(n, r); x.hi-x.lo <= tableWidth && len(p.members[r]) >= 2 {
			consider(choice{key: r, group: -1, person: -1 - r, row: r}, sum, lo, hi)
		}
	}
	share := make([]float64, p.cells)
	for i := range p.people {
		u.shares(i, share)
		for c, s := range share {
			if s > 0 && !n.vetoed(i).has(int32(c)) {
				consider(choice{key: len(p.rows) + i*p.cells + c, group: -2 - 2*i, person: i, cell: int32(c)}, s, 0, 1)
			}
		}
		held := 0
		for _, h := range n.holds {
			if h.person == i {
				held++
			}
		}
		for _, l := range t.e.levers[i] {
			lo, hi, is := n.span(l)
			if !is && held == mostHolds {
				continue
			}
			s := 0.0
			l.cells.each(func(c int32) { s += share[c] })
			consider(choice{key: len(p.rows) + p.people*p.cells + l.number, group: -3 - 2*i, person: i, lever: l}, s, lo, hi)
		}
	}
	sort.SliceStable(all, func(a, b int) bool { return all[a].score() > all[b].score() })
	most := t.trials
	if n.depth == 0 {
		// For no more than a fifth of the work there is.
		most = max(most, min(rootTrials, int(t.e.budget()/5/max(1, 4*t.e.step))))
	}
	// Of one group there are a few at most, and of those that part the same
	// rosters from the same others, one.
	type parting struct{ person, share int }
	each, seen := map[int]int{}, map[parting]bool{}
	few := all[:0]
	for _, c := range all {
		same := parting{c.person, int(1e4 * min(c.share, 1-c.share))}
		limit := perGroup
		if c.person < 0 {
			limit = most / 4
		}
		if len(few) == most || each[c.group] == limit || seen[same] {
			continue
		}
		each[c.group]++
		seen[same] = true
		c.sides = t.split(c, n)
		few = append(few, c)
	}
	if len(few) == 0 {
		few = t.lastly(n, u, bound, found)
	}
	return few
}

// shares is how much of each cell person i's mix holds.
func (u *dual) shares(i int, share []float64) {
	clear(share)
	cs := u.master.Columns(i)
	for k := range cs {
		if s := cs[k].Share; s > 0 {
			for d := u.p.first; d < u.p.days; d++ {
				share[u.p.cellOf[d]+int32(cs[k].Days[d])] += s
			}
		}
	}
}

// lastly is the choice where everybody has one roster, so that only a price that
// is not convex keeps the bound below it; or the prices have not settled. There
// is none when the node is one roster, which has been offered.
func (t *tree) lastly(n *node, u *dual, bound int64, found *state) []*choice {
	p := t.e.p
	one := func(c *choice) []*choice {
		c.known, c.base = true, bound
		c.sides = t.split(c, n)
		return []*choice{c}
	}
	for r := range p.rows {
		x := &p.rows[r]
		at := found.sum[r]
		if x.hi-x.lo > tableWidth || at < x.dlo || at > x.dhi {
			continue
		}
		lo, hi := t.within(n, r)
		if lo < hi && at >= lo && at <= hi && u.envelope(r, float64(at)) < float64(x.soft(at))-1e-6 {
			return one(&choice{person: -1 - r, row: r, at: min(at, hi-1)})
		}
	}
	for i := range p.people {
		for d := p.first; d < p.days; d++ {
			free, cell := 0, int32(0)
			for c := p.cellOf[d]; c < p.cellOf[d+1]; c++ {
				if p.m.People[i].Cost[d][c-p.cellOf[d]] == forbidden || n.vetoed(i).has(c) {
					continue
				}
				if free++; free == 1 || c == p.cellOf[d]+int32(found.roster[i][d]) {
					cell = c
				}
			}
			if free > 1 {
				return one(&choice{person: i, cell: cell})
			}
		}
	}
	return nil
}

// split makes the two sides of a choice: the row or lever no higher than at, and
// higher; or the node without the cell, and with it.
func (t *tree) split(c *choice, n *node) [2]*node {
	p := t.e.p
	a, b := n.child(c.base), n.child(c.base)
	switch {
	case c.person < 0:
		lo, hi := t.within(n, c.row)
		a.rows[int32(c.row)] = domain{lo, c.at}
		b.rows[int32(c.row)] = domain{c.at + 1, hi}
	case c.lever != nil:
		k := slices.IndexFunc(n.holds, func(h hold) bool { return h.lever == c.lever })
		if k < 0 {
			k = len(n.holds)
			h := hold{c.lever, domain{0, c.lever.days}}
			a.holds, b.holds = append(a.holds, h), append(b.holds, h)
		}
		a.holds[k].hi = c.at
		b.holds[k].lo = c.at + 1
	default:
		a.stale, b.stale = c.person, c.person
		if a.veto == nil {
			a.veto, b.veto = make([]cellSet, p.people), make([]cellSet, p.people)
		}
		was := n.vetoed(c.person)
		a.veto[c.person] = was.with(p.cells, c.cell)
		var others []int32
		d := p.dayOf(c.cell)
		for o := p.cellOf[d]; o < p.cellOf[d+1]; o++ {
			if o != c.cell {
				others = append(others, o)
			}
		}
		b.veto[c.person] = was.with(p.cells, others...)
	}
	return [2]*node{a, b}
}

// within is the units row r may have in the node.
func (t *tree) within(n *node, r int) (lo, hi int64) {
	if d, ok := n.rows[int32(r)]; ok {
		return d.lo, d.hi
	}
	return t.e.p.rows[r].dlo, t.e.p.rows[r].dhi
}

// span is what the sum of a lever may be in the node, and whether the node
// narrows it.
func (n *node) span(l *lever) (lo, hi int64, held bool) {
	for _, h := range n.holds {
		if h.lever == l {
			return h.lo, h.hi, true
		}
	}
	return 0, l.days, false
}

// child is the node again, to be narrowed: it begins where the node's dual ended.
func (n *node) child(bound int64) *node {
	c := &node{bound: bound, depth: n.depth + 1, rows: maps.Clone(n.rows), holds: slices.Clone(n.holds), veto: slices.Clone(n.veto)}
	c.y, c.step, c.mixes, c.value, c.stale = n.y, n.step, n.mixes, n.value, -1
	return c
}

// levers lists what may be narrowed of each person: days with a duty of a set,
// for the sets and windows of the person's counters, the sets of runs, and work
// as such; over seven days, and over all.
func (p *problem) levers() [][]*lever {
	all := make([][]*lever, p.people)
	number := 0
	for i := range all {
		x := &p.m.People[i]
		known := map[string]bool{}
		add := func(in func(d, o int) bool, from, to int) {
			l := &lever{number: number, person: i, cells: make(cellSet, (p.cells+63)/64)}
			for d := max(from, p.first); d < min(to, p.days); d++ {
				some := false
				// A set with the day off says the same as what it leaves out.
				off := in(d, 0)
				for o, c := range x.Cost[d] {
					if c != forbidden && in(d, o) != off {
						l.cells[(p.cellOf[d]+int32(o))>>6] |= 1 << ((p.cellOf[d] + int32(o)) & 63)
						some = true
					}
				}
				if some {
					l.days++
				}
			}
			key := fmt.Sprint(l.cells)
			if l.days < 2 || known[key] {
				return
			}
			known[key] = true
			number++
			all[i] = append(all[i], l)
		}
		everywhere := func(in func(d, o int) bool) {
			add(in, p.first, p.days)
			for d := p.first; d < p.days; d += 7 {
				add(in, d, d+7)
			}
		}
		everywhere(func(_, o int) bool { return o != 0 })
		for _, c := range x.Counters {
			of := p.m.Measures[c.Of].Of
			add(func(d, o int) bool { return of[d][o] != 0 }, c.From, c.To)
		}
		for _, r := range x.Runs {
			of := p.m.Measures[r.Of].Of
			everywhere(func(d, o int) bool { return of[d][o] != 0 })
		}
	}
	return all
}
