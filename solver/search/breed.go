package search

import (
	"cmp"
	"math"
	"slices"

	"rota/solver/model"
)

// Breeding makes rosters of others, as evolutionary algorithms do, but exactly:
// of all the rosters in which everybody does on each day what they do in one of
// the parents, it looks for the best by branch and bound (Rothberg, An
// evolutionary algorithm for polishing mixed integer programming solutions,
// 2007; Cook and Seymour, Tour merging via branch-decomposition, 2003). Rosters
// that were found apart agree in most cells, so that little is left to decide,
// and differ in much that a neighbourhood of one of them would not change at once.

// A nursery keeps rosters to breed from, and plans what to breed. Those it keeps
// are never changed.
type nursery struct {
	pool    []*state // by cost, none much like another
	wild    []*state // made by dives, the latest last
	fresh   bool     // the pool has changed since all of it were parents, in vain
	planned uint64   // litters so far
	share   float64  // work for litters, for each unit of the chains'
	lowest  float64  // what share may fall to
	idle    int      // stirs since somebody made the best roster better
	calm    float64  // how much longer than at first litters and chains search; at least one
	owed    float64  // work for litters that has not been planned yet
	least   int64    // work for searches among parents at first, if dives are not costly
	most    int64    // and later
	dive    int64    // work of one of a litter's dives, lately
	// How many parents litters have and how unlike each other dives are: so much
	// that the search among them ends, but not at once.
	sizes    [litterKinds]int
	handicap float64 // see diving
}

// newNursery is for a search with a budget of work in which a price step of
// everybody takes so much. Where a model is small, chains and branching are good
// at it too.
func newNursery(small bool, step, budget int64) *nursery {
	const first = fewestParents + 1
	most := max(1, budget/40)
	y := &nursery{
		lowest: 2, calm: 1, least: min(breedWork, most), most: most, dive: 20 * step,
		sizes: [litterKinds]int{first, first, first},
	}
	if small {
		y.lowest = 0.5
	}
	y.share = y.lowest
	return y
}

// The kinds of litters.
const (
	toBetter = iota // a roster or two of the pool, and dives
	afresh          // dives alone: as good as those of the pool, with luck, and unlike them
	toCross         // rosters of the pool alone
	litterKinds
)

const (
	breedWork                  = 1_000_000 // for a litter's searches at first, if dives are not costly
	poolSize                   = 16
	wildSize                   = 24
	patience                   = 10 // idle stirs before all search longer
	mostCalm                   = 8
	fewestParents, mostParents = 3, 16
	mostJoined                 = 12 // parents, with those that may join
	newWild                    = 4  // of so many wild parents one is made by a dive
	likeness                   = 50 // rosters in the pool differ in more than one of so many cells
)

// A litter is what one task breeds: from rosters of the pool, and from dives of
// everybody, to whom some of what the mixes have them do is refused. When a search
// among the parents ends with work left, another parent joins them.
type litter struct {
	kind     int
	number   uint64
	parents  []*state // before dives
	dives    int      // as many parents are to be made
	others   []*state // to join, in this order
	handicap float64
	limit    int64 // of work for the searches
	promised int64 // work in all, about
	step     int64 // work of a price step of everybody

	filled int      // dives that came to a roster
	wild   []*state // those that break nothing
	dived  int64    // work
	work   int64    // in all
	joined int      // of the others
	child  *state
	closed bool // there is nothing better than the child, or than the parents
	barren bool // there were not enough parents
}

// add takes a roster into the pool, unless one that is no dearer is much like it.
func (y *nursery) add(s *state) {
	near := s.p.people * (s.p.days - s.p.first) / likeness
	like := func(x *state) bool { return x.apart(s) <= near }
	for _, x := range y.pool {
		if x.cost > s.cost {
			break
		}
		if like(x) {
			return
		}
	}
	y.fresh = true
	y.pool = slices.DeleteFunc(y.pool, like)
	at, _ := slices.BinarySearchFunc(y.pool, s.cost+1, func(x *state, cost int64) int { return cmp.Compare(x.cost, cost) })
	y.pool = slices.Insert(y.pool, at, s.clone())
	y.pool = y.pool[:min(len(y.pool), poolSize)]
}

// breeds reports whether litters are of use yet, or at all.
func (e *engine) breeds() bool {
	return !e.p.long() && e.p.people > 1 && e.has && e.broken == 0 && e.guide.ready
}

// plan lists the next litters, for when every chain does so much work at once.
func (y *nursery) plan(e *engine, limit int64) []*litter {
	// At first, chains find better rosters faster.
	if !e.breeds() || limit < y.least/16 {
		return nil
	}
	for _, c := range e.chains {
		if c.hasCur && c.best.unbroken() {
			y.add(c.best)
		}
	}
	due := y.share * float64(chains*limit)
	y.owed = min(y.owed+due, 2*due+float64(y.least))
	// All may take what is left, and one, which one hand rears, a quarter of it.
	left, room := int64(math.MaxInt64), int64(math.MaxInt64)
	switch {
	case e.cfg.WorkLimit > 0:
		left = e.cfg.WorkLimit - e.work - chains*limit
		room = left / 4
	case e.cfg.TimeLimit > 0:
		room = (e.budget() - e.work - chains*limit) / int64(4*len(e.crew.hands))
	}
	var all []*litter
	for y.owed > 0 {
		l := y.draw(newStream(e.cfg.Seed, 3<<60|y.planned))
		y.planned++
		if l.promised > min(room, left) {
			break
		}
		l.step = e.step
		left -= l.promised
		y.owed -= float64(l.promised)
		all = append(all, l)
	}
	// Tasks read them.
	if len(all) > 0 && e.levers == nil {
		e.levers = e.p.levers()
	}
	return all
}

// draw makes up the next litter. Half of the work is to go to bettering, and a
// quarter to each of the other kinds.
func (y *nursery) draw(rng stream) *litter {
	l := &litter{number: y.planned, handicap: y.handicap, limit: max(min(int64(y.calm*float64(y.least)), y.most), 2*y.dive)}
	pooled := [litterKinds]int{toBetter: 1 + rng.n(2), toCross: y.sizes[toCross]}
	parts := [litterKinds]float64{toBetter: 2, afresh: 1, toCross: 1}
	if len(y.pool) < fewestParents || y.sizes[toCross] >= len(y.pool) && !y.fresh {
		parts[toCross] = 0
	}
	sum := 0.0
	for k := range parts {
		parts[k] /= float64(l.limit) + y.toDive(y.sizes[k]-pooled[k])*float64(y.dive)
		sum += parts[k]
	}
	at := rng.f() * sum
	for at -= parts[0]; at >= 0 && l.kind < litterKinds-1; at -= parts[l.kind] {
		l.kind++
	}
	for len(l.parents) < min(pooled[l.kind], len(y.pool)) {
		// The better ones rather than others.
		l.parents = enroll(l.parents, y.pool[min(rng.n(len(y.pool)), rng.n(len(y.pool)))])
	}
	from := y.pool
	if l.kind != toCross {
		from = y.wild
		for len(l.parents)+l.dives < y.sizes[l.kind] {
			if before := len(l.parents); y.stocked() && rng.n(newWild) > 0 {
				if l.parents = enroll(l.parents, y.wild[rng.n(len(y.wild))]); len(l.parents) > before {
					continue
				}
			}
			l.dives++
		}
	}
	for n := 0; n < 2*poolSize && len(from) > 0 && len(l.parents)+l.dives+len(l.others) < mostJoined; n++ {
		if s := from[rng.n(len(from))]; !slices.Contains(l.parents, s) {
			l.others = enroll(l.others, s)
		}
	}
	l.promised = l.limit + int64(l.dives)*y.dive
	return l
}

// enroll adds s to the list if it is not there.
func enroll(list []*state, s *state) []*state {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}

// stocked reports whether there are wild rosters enough to take some again.
func (y *nursery) stocked() bool { return len(y.wild) >= wildSize/3 }

// toDive is how many of so many wild parents will have to be made, on average.
func (y *nursery) toDive(parents int) float64 {
	n := float64(max(0, parents))
	if y.stocked() {
		n /= newWild
	}
	return n
}

// learn takes up what litters brought: dives and children, and whether their
// parents left too little to choose from, or too much.
func (y *nursery) learn(all []*litter, rng stream) {
	var more [litterKinds]int // litters with too little, less those with too much
	for _, l := range all {
		y.owed += float64(l.promised - l.work)
		if l.filled > 0 {
			y.dive += (l.dived/int64(l.filled) - y.dive) / 2
		}
		y.wild = append(y.wild, l.wild...)
		y.wild = y.wild[max(0, len(y.wild)-wildSize):]
		switch {
		case l.barren:
		case l.joined >= 2 || l.closed && (l.child == nil || l.work-l.dived < l.limit/4):
			more[l.kind]++
		case !l.closed && l.child == nil && l.joined == 0:
			more[l.kind]--
		}
		if l.kind == toCross && l.closed && (l.child == nil || l.child.cost >= y.pool[0].cost) && len(l.parents)+l.joined == len(y.pool) {
			y.fresh = false
		}
	}
	for _, l := range all {
		if l.child != nil {
			y.add(l.child)
		}
	}
	for kind, n := range more {
		size := &y.sizes[kind]
		bySize := kind == toCross || rng.n(2) == 0
		switch {
		case n == 0:
		case n > 0 && bySize:
			*size = min(*size+1, mostParents)
		case n > 0:
			y.handicap = min(max(1.5*y.handicap, 0.002), 0.1)
		case bySize:
			*size = max(*size-1, fewestParents)
		default:
			if y.handicap /= 1.5; y.handicap < 0.002 {
				y.handicap = 0
			}
		}
	}
	y.sizes[toCross] = min(y.sizes[toCross], max(fewestParents, len(y.pool)))
}

// apportion gives litters more of the work where they, or nobody, made the best
// roster better, and less where the chains did. If nobody does for long, all search
// longer: parents who are the best of many leave much to choose from.
func (y *nursery) apportion(byChains, byLitters bool) {
	if byChains || byLitters {
		y.idle, y.calm = 0, max(1, y.calm/2)
	} else if y.idle++; y.idle > patience {
		y.calm = min(mostCalm, 1.15*y.calm)
	}
	if byChains && !byLitters {
		y.share = max(y.lowest, y.share/1.5)
	} else {
		y.share = min(3, 1.3*y.share)
	}
}

// rear does the work of a litter.
func (e *engine) rear(h *hand, g *guide, l *litter) {
	h.begin(math.MaxInt64)
	rng := newStream(e.cfg.Seed, 5<<60|l.number)
	c := newChain(e.p, 0)
	for n := 0; n < l.dives && !h.stop.Load(); n++ {
		if !c.fill(h, g, l.handicap, rng) {
			continue
		}
		if l.filled++; c.cur.unbroken() {
			l.wild = append(l.wild, c.cur.clone())
		}
	}
	l.dived = h.spent()
	l.work = l.dived
	parents := append(slices.Clone(l.parents), l.wild...)
	for len(parents) < 2 && l.joined < len(l.others) {
		parents = append(parents, l.others[l.joined])
		l.joined++
	}
	if l.barren = len(parents) < 2; l.barren {
		return
	}
	for !h.stop.Load() {
		slices.SortStableFunc(parents, func(a, b *state) int { return cmp.Compare(a.cost, b.cost) })
		was := l.child
		e.breed(h, g, l, parents, rng.pcg.Uint64())
		if !l.closed || l.joined == len(l.others) || l.work-l.dived > l.limit*3/4 {
			return
		}
		parents = append(parents, l.others[l.joined])
		l.joined++
		if l.child != was {
			parents = append(parents, l.child)
		}
	}
}

// breed looks for the litter's child: a roster cheaper than the first of the
// parents, the cheapest, and no dearer than any that has all its cells from them.
// If there is none, or it was not found within what is left of the limit of work,
// the child stays what it was; closed tells which. With an even seed the child has
// all its cells from the parents. Otherwise dives on the way may leave these
// behind: where they are far from good, that finds better.
func (e *engine) breed(h *hand, g *guide, l *litter, parents []*state, seed uint64) {
	p := e.p
	crew := &crew{hands: []*hand{h}}
	root := newRoot()
	root.y, root.step, root.veto = g.y, g.step, p.others(parents)
	// An engine of its own, without chains.
	x := &engine{p: p, cfg: Config{Seed: seed, WorkLimit: max(1, l.limit-l.work+l.dived)}, crew: crew, step: l.step, levers: e.levers}
	if p.allows(root, e.cfg.Known) {
		x.cfg.Known, x.cfg.KnownCost = e.cfg.Known, e.cfg.KnownCost
	}
	x.best, x.has = parents[0].clone(), true
	_, x.cost = x.best.verdict()
	u := newDual(p, root)
	x.dual = u
	for _, s := range parents {
		u.adopt(s)
	}
	for i, mix := range g.mixes {
		for _, c := range mix {
			if !root.refuses(p, i, c.days) {
				u.stocked(i, c.days, c.own)
			}
		}
	}
	l.closed = false
	before := h.spent()
	u.improve(crew, 12, x.enough())
	x.work = (2*u.master.Work+100*int64(len(p.rows)))/cellsPerUnit + h.spent() - before
	defer func() { l.work += x.work }()
	switch {
	case h.stop.Load():
		return
	case u.dead || u.bound >= x.enough():
		l.closed = true
		return
	}
	t := newTree(x, root)
	t.most /= 16 // as many as there are hands may branch at once
	// To find a better roster soon, it goes straight down, diving from every
	// node, more than it compares.
	t.width, t.trials, t.strict = 1, 4, seed&1 == 0
	for len(t.open) > 0 && !t.full && !h.stop.Load() && !x.over() {
		t.grow()
	}
	if l.closed = x.proved; x.best.cost < parents[0].cost {
		l.child = x.best
	}
}

// allows reports whether the node leaves everybody the days of a roster; a nil
// roster has none.
func (p *problem) allows(n *node, r model.Roster) bool {
	for i := range r {
		if n.refuses(p, i, r[i]) {
			return false
		}
	}
	return r != nil
}

// others is, by person, the cells that are in none of the rosters.
func (p *problem) others(rosters []*state) []cellSet {
	all := make([]cellSet, p.people)
	for i := range all {
		s := make(cellSet, (p.cells+63)/64)
		for c := p.cellOf[p.first]; c < p.cellOf[p.days]; c++ {
			s[c>>6] |= 1 << (c & 63)
		}
		for _, r := range rosters {
			for d := p.first; d < p.days; d++ {
				c := p.cellOf[d] + int32(r.roster[i][d])
				s[c>>6] &^= 1 << (c & 63)
			}
		}
		all[i] = s
	}
	return all
}
