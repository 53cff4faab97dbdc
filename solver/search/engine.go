// Package search looks for cheap rosters of a model whose people are priced by
// package pricing, and for proofs of how cheap a roster can be.
package search

import (
	"context"
	"math"
	"slices"
	"sync/atomic"
	"time"

	"rota/solver/model"
	"rota/solver/pricing"
)

const forbidden = model.Forbidden

// Config steers Run; see solver.Options for what the fields mean.
type Config struct {
	TimeLimit time.Duration
	WorkLimit int64
	Gap       float64
	Seed      uint64
	Workers   int
	Start     model.Roster
	Observe   func(Progress)
	// Known is a roster that nothing may cut off; nil means none.
	Known     model.Roster
	KnownCost model.Cost
	// Began is when the time limit started to run.
	Began time.Time
}

// Outcome is what Run found.
type Outcome struct {
	Roster     model.Roster // nil if none was found; may break hard ends of rows if Broken
	Cost       model.Cost
	Broken     int64 // units by which rows break their hard ends
	Bound      model.Cost
	Proved     bool // Roster is optimal, or without one (or Broken) the model infeasible
	Infeasible bool
	Trace      []TracePoint
	FirstAt    time.Duration
	BestAt     time.Duration
	Work       int64
}

// chains is the number of lines of search. It is a constant so that the number
// of workers does not change what is found.
const chains = 4

// engine is one run.
type engine struct {
	p        *problem
	cfg      Config
	crew     *crew
	stop     atomic.Bool
	chains   []*chain
	guide    *guide
	dual     *dual
	tree     *tree
	levers   [][]*lever // nil until branching needs them
	nursery  *nursery
	searched int64 // work of the chains

	best     *state
	broken   int64 // of best
	cost     int64 // of best, true
	has      bool
	bound    int64 // true cost, rounded up to the grain; never above the optimum
	proved   bool
	hopeless bool // proved that no roster holds the rows' hard ends

	work    int64
	started time.Time
	step    int64   // work of a step of the bound, lately
	rise    float64 // by how much the last twenty steps raised the bound
	out     Outcome
	phase   string
	told    time.Time
}

// Run searches until the optimum is proved or a limit is reached.
func Run(ctx context.Context, set *pricing.Set, cfg Config) Outcome {
	e := &engine{p: newProblem(set), cfg: cfg, rise: math.Inf(1)}
	if cfg.Began.IsZero() {
		e.cfg.Began = time.Now()
	}
	release := context.AfterFunc(ctx, func() { e.stop.Store(true) })
	defer release()
	if cfg.TimeLimit > 0 {
		t := time.AfterFunc(cfg.TimeLimit-time.Since(e.cfg.Began), func() { e.stop.Store(true) })
		defer t.Stop()
	}
	var hands []*hand
	for range max(1, cfg.Workers) {
		hands = append(hands, newHand(e.p, &e.stop))
	}
	e.crew = newCrew(hands...)
	defer e.stop.Store(true) // should this panic, nobody goes on
	e.started = time.Now()
	e.search()
	return e.finish()
}

// budget is the work to plan with: the limit, or what the time limit seems to
// allow at the speed so far.
func (e *engine) budget() int64 {
	if e.cfg.WorkLimit > 0 {
		return e.cfg.WorkLimit
	}
	if e.cfg.TimeLimit <= 0 {
		return 120_000_000
	}
	rate := 2.0 // a microsecond
	if spent := time.Since(e.started); spent > 0 && e.work > 100_000 {
		rate = float64(e.work) / float64(spent.Microseconds())
	}
	return int64(rate * float64(e.cfg.TimeLimit.Microseconds()))
}

func (e *engine) search() {
	p := e.p
	for r := range p.rows {
		if x := &p.rows[r]; x.dlo > x.dhi {
			e.proved, e.hopeless = true, true
			return
		}
	}
	e.best = newState(p)
	e.guide = firstGuide(p)
	for i := range chains {
		e.chains = append(e.chains, newChain(p, uint64(i)))
	}
	e.phase = "construct"
	if p.long() && e.cfg.Start == nil {
		e.sketch()
	}
	if !e.chains[0].hasCur && !e.closed() {
		e.begin()
	}
	if e.over() {
		return
	}
	e.phase = "bound"
	if e.dual == nil || e.dual.bound == math.MinInt64 {
		e.dual = newDual(p, &node{})
	}
	for _, c := range e.chains {
		if c.hasCur {
			e.dual.adopt(c.cur)
		}
	}
	// As a guide to the first dives, prices after a dozen steps will do.
	e.price(e.budget()/4, 12, 0)
	e.teach()
	for _, c := range e.chains {
		c.pace(e.step)
	}
	// Where two dives take but a moment, they come first. Otherwise they had
	// better have good prices.
	early := 80*e.step <= max(3_000_000, e.budget()/40)
	if early {
		e.plunge(byPeople, 2)
	}
	e.phase = "bound"
	e.price(e.budget()/4, 0, 0.0005)
	e.teach()
	e.plungeByCells()
	e.nursery = newNursery(p.small(), e.step, e.budget())
	spentDual := int64(0)
	for slice := int64(2_000); !e.over(); {
		e.phase = "search"
		limit := e.ration(chains, slice)
		promised, join := e.stir(limit)
		// What chains will do counts as done already: how far they have come
		// must not decide anything.
		e.work += promised
		if !e.stop.Load() {
			spentDual += e.prove(spentDual, e.searched+chains*limit, slice)
		}
		e.work += join() - promised
		if e.p.hard < math.MaxInt32 && e.broken > 0 && e.searched > 2_000_000 {
			e.harden()
		}
		slice += slice / 3
		if e.tree != nil {
			// Nodes take long; hands that wait for the last of a batch should
			// find something to do, as far as tasks may be so long.
			slice = max(slice, int64(float64(e.tree.batch)/e.tree.share()/chains))
		}
		slice = min(slice, e.longest())
	}
}

// prove works on the bound, or branches, until that has had its share beside so
// much search. So much was spent on it before; it returns how much it was now.
func (e *engine) prove(spent, searched, slice int64) int64 {
	before := e.work
	// The last hundredths of the root's bound come slowly; branching can
	// start when they are small beside the gap.
	settled := e.dual.done || e.has && e.broken == 0 && min(e.dual.gap, e.rise) < 0.03*float64(e.cost-e.bound)
	switch {
	case !settled && spent < searched/3:
		e.phase = "bound"
		e.price(slice, 0, 0)
		e.teach()
	case settled || e.tree != nil:
		if e.tree == nil {
			e.tree = newTree(e, newRoot())
		}
		for share := e.tree.share(); float64(spent+e.work-before) < share*float64(searched) && e.tree.worth() && !e.over(); {
			e.phase = "branch"
			e.tree.grow()
		}
	}
	return e.work - before
}

// plungeByCells dives everybody as well as there is time for: a dive that puts
// in for good whoever is calm takes some 120 steps, one in haste less than 50.
func (e *engine) plungeByCells() {
	most := (e.budget() - e.work) * 3 / 5
	if e.cfg.TimeLimit > 0 && e.cfg.WorkLimit == 0 {
		// The speed so far is that of all hands, of which two will work.
		most = most * 2 / int64(max(2, len(e.crew.hands)))
	}
	switch {
	case chains*120*e.step <= most/2:
		e.plunge(byCells, chains)
	case 2*120*e.step <= most:
		e.plunge(byCells, 2)
	case 2*50*e.step <= most:
		e.plunge(byCellsInHaste, 2)
	}
}

// longest is how much work a chain does before what it found is shared, at most:
// in longer tasks it finds more, but litters are planned only in between.
func (e *engine) longest() int64 {
	most := int64(4_000_000)
	if e.breeds() {
		most = int64(700_000 * e.nursery.calm)
	}
	return max(200_000, min(most, e.budget()/100))
}

// plunge dives everybody on the first n chains; the others take up the best.
func (e *engine) plunge(way, n int) {
	if e.over() {
		return
	}
	e.phase = "dive"
	e.epoch(n, math.MaxInt64, func(h *hand, c *chain, rng stream) { c.plunge(h, e.guide, way, rng) })
	for _, c := range e.chains[n:] {
		if e.has && e.best.cost < c.best.cost {
			c.cur.copyFrom(e.best)
			c.best.copyFrom(e.best)
			c.hasCur = true
		}
	}
}

// over reports that the search ends: stopped, out of work, or good enough.
func (e *engine) over() bool {
	return e.stop.Load() || e.closed() || e.cfg.WorkLimit > 0 && e.work >= e.cfg.WorkLimit
}

// closed reports that the best roster is good enough: proved, or within the gap.
func (e *engine) closed() bool {
	if e.has && e.broken == 0 {
		if e.bound >= e.cost {
			e.proved = true
		}
		if e.cfg.Gap > 0 && float64(e.cost-e.bound) <= e.cfg.Gap*float64(max(e.cost, 1)) {
			return true
		}
	}
	return e.proved
}

// aside runs do on another goroutine and tells the observer meanwhile.
func (e *engine) aside(do func()) {
	if e.crew.free == nil { // a task's, which tells nobody
		do()
		return
	}
	done := make(chan any, 1)
	go func() {
		defer func() { done <- recover() }()
		do()
	}()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case trouble := <-done:
			if trouble != nil {
				panic(trouble)
			}
			return
		case <-tick.C:
			if time.Since(e.told) >= 180*time.Millisecond {
				e.tell()
			}
		}
	}
}

func (e *engine) tell() {
	e.told = time.Now()
	if e.cfg.Observe == nil {
		return
	}
	pr := Progress{TracePoint: e.point(), Phase: e.phase}
	if e.has && e.broken == 0 {
		pr.Roster = e.best.roster
	}
	e.cfg.Observe(pr)
}

func (e *engine) point() TracePoint {
	t := TracePoint{Elapsed: time.Since(e.cfg.Began), Work: e.work, Cost: -1, Bound: model.Cost(max(0, e.bound))}
	if e.has && e.broken == 0 {
		t.Cost = model.Cost(e.cost)
	}
	return t
}

// ration is how much work each of n tasks may do: limit, or its part of what is
// left.
func (e *engine) ration(n int, limit int64) int64 {
	if e.cfg.WorkLimit > 0 {
		limit = min(limit, max(1, (e.cfg.WorkLimit-e.work)/int64(n)))
	}
	return limit
}

// epoch runs one task on each of the first n chains, with a work limit each,
// and merges what they found.
func (e *engine) epoch(n int, limit int64, do func(h *hand, c *chain, rng stream)) {
	limit = e.ration(n, limit)
	works := make([]int64, n)
	e.aside(func() {
		e.crew.each(n, func(h *hand, i int) { works[i] = e.task(h, e.chains[i], limit, do) })
	})
	for i := range n {
		e.work += works[i]
	}
	e.merge(n)
}

// task has a chain do one, and returns how much work that was.
func (e *engine) task(h *hand, c *chain, limit int64, do func(h *hand, c *chain, rng stream)) int64 {
	h.begin(limit)
	rng := newStream(e.cfg.Seed, c.number<<40|c.tasks)
	c.tasks++
	if !h.stop.Load() {
		do(h, c, rng)
	}
	return h.spent()
}

// stir has all chains search, with a work limit each, and litters bred, on hands
// that have nothing else to do. It returns how much work that is about, and a
// function that waits for the end, merges what was found, and tells how much work
// it was. The tasks see nothing of each other, nor of what is done beside them, so
// that it does not matter when they are done. Each chain searches in one task: in
// shorter ones they find less.
func (e *engine) stir(limit int64) (promised int64, join func() int64) {
	var next atomic.Int64
	var works [chains]int64
	g := e.guide
	litters := e.nursery.plan(e, limit)
	wait := e.crew.behind(func() func(h *hand) {
		i := next.Add(1) - 1
		if i < int64(len(litters)) && !e.stop.Load() { // they take longest
			return func(h *hand) { e.rear(h, g, litters[i]) }
		}
		i -= int64(len(litters))
		if i >= chains || e.stop.Load() {
			return nil
		}
		return func(h *hand) {
			works[i] = e.task(h, e.chains[i], limit, func(h *hand, c *chain, rng stream) { c.run(h, g, rng) })
		}
	})
	promised = chains * limit
	for _, l := range litters {
		promised += l.promised
	}
	return promised, func() int64 {
		if e.closed() {
			// Nothing that they may have found is of use, nor how far they came.
			e.stop.Store(true)
			e.aside(wait)
			return promised
		}
		e.phase = "search"
		e.aside(wait)
		did := int64(0)
		for _, w := range works {
			did += w
		}
		e.searched += did
		for _, l := range litters {
			did += l.work
		}
		was := e.cost
		e.collect(chains)
		chained := e.cost
		for _, l := range litters {
			if l.child != nil {
				e.offer(l.child)
			}
		}
		if len(litters) > 0 {
			e.nursery.learn(litters, newStream(e.cfg.Seed, 7<<60|e.nursery.planned))
			e.nursery.apportion(chained < was, e.cost < chained)
		}
		e.share(chains)
		return did
	}
}

// merge takes up what the first n chains have found, in their order, and lets
// those that ended a round go on from the best.
func (e *engine) merge(n int) {
	e.collect(n)
	e.share(n)
}

// collect takes up what the first n chains have found, in their order.
func (e *engine) collect(n int) {
	for _, c := range e.chains[:n] {
		if c.hasCur {
			e.offer(c.best)
		}
	}
}

// share lets those of the first n chains that ended a round go on from the best.
func (e *engine) share(n int) {
	for _, c := range e.chains[:n] {
		if c.turned && e.has && e.best.cost < c.best.cost {
			c.follow(e.best)
		}
		c.turned = false
	}
}

// offer makes s the best roster if it is.
func (e *engine) offer(s *state) {
	broken, cost := s.verdict()
	if e.has && (broken > e.broken || broken == e.broken && cost >= e.cost) {
		return
	}
	e.best.copyFrom(s)
	e.has, e.broken, e.cost = true, broken, cost
	if broken == 0 {
		now := time.Since(e.cfg.Began)
		if e.out.FirstAt == 0 {
			e.out.FirstAt = now
		}
		e.out.BestAt = now
		e.out.Trace = append(e.out.Trace, e.point())
		e.tell()
	}
}

// raise makes the scaled value v a bound of the whole problem.
func (e *engine) raise(v int64) {
	b := ceilDiv(ceilDiv(v, e.p.set.Scale), e.p.grain) * e.p.grain
	if b <= e.bound {
		return
	}
	e.bound = b
	if e.has && e.broken == 0 {
		e.bound = min(b, e.cost)
	}
	e.out.Trace = append(e.out.Trace, e.point())
	e.tell()
}

// enough is the scaled value of the Lagrangian at which the bound meets the
// best roster, or proves that there is none.
func (e *engine) enough() int64 {
	if !e.has || e.broken > 0 {
		return e.p.worst*e.p.set.Scale + 1
	}
	return (e.cost-e.p.grain)*e.p.set.Scale + 1
}

// price improves the bound by about work, but by no more than most steps (0
// means any number). It also ends when twenty steps have raised the bound by
// less than the share slow of it, once the master promises less than the gap.
func (e *engine) price(work, most int64, slow float64) {
	end := e.work + work
	steps, was := int64(0), math.Inf(-1)
	for !e.dual.done && !e.dual.dead && e.work < end && !e.stop.Load() {
		known, priced, before := e.dual.master.Work, e.crew.work, e.work
		e.aside(func() { e.dual.improve(e.crew, 1, e.enough()) })
		cells := 2*(e.dual.master.Work-known) + e.crew.work - priced
		e.work += cells / cellsPerUnit
		// The first step may have had more to do than others.
		if steps++; steps <= 2 {
			e.step = e.work - before
		} else {
			e.step += (e.work - before - e.step) / (steps - 1)
		}
		if e.dual.bound > math.MinInt64 {
			e.raise(e.dual.bound)
		}
		if e.dual.bound >= e.enough() {
			break
		}
		if e.cfg.WorkLimit > 0 && e.work >= e.cfg.WorkLimit {
			return
		}
		if steps == most {
			return
		}
		if steps%20 == 0 {
			is := float64(e.dual.bound)
			e.rise = (is - was) / float64(e.p.set.Scale)
			// A master that promises more knows too little to say.
			if is-was < slow*math.Abs(is) && (!e.has || e.dual.gap < float64(e.best.cost-e.bound)) {
				return
			}
			was = is
		}
	}
	e.judge()
}

// judge sees whether the bound proves that there is no roster at all.
func (e *engine) judge() {
	if e.dual.dead || e.dual.bound > e.p.worst*e.p.set.Scale {
		e.proved, e.hopeless = true, true
	}
}

// teach makes the guide follow the dual.
func (e *engine) teach() {
	u := e.dual
	if u.bound == math.MinInt64 {
		return
	}
	g := u.guide()
	// As a neighbourhood, a dive of everybody mostly ends after some forty steps.
	g.whole = 40*e.step <= max(2_000_000, e.budget()/10)
	e.guide = g
}

// guide is what the dual knows by now: prices and mixes.
func (u *dual) guide() *guide {
	rows := len(u.p.rows)
	g := &guide{y: slices.Clone(u.center[:rows]), yi: slices.Clone(u.prices[:rows]), value: slices.Clone(u.value), step: u.firstStep(), ready: true}
	g.mixes = make([][]stocked, u.p.people)
	for i := range g.mixes {
		for _, c := range u.master.Columns(i) {
			if c.Share > 0 {
				g.mixes[i] = append(g.mixes[i], stocked{c.Days, int64(math.Round(c.Cost * float64(u.p.set.Scale)))})
			}
		}
	}
	return g
}

// firstGuide expects every row to be short.
func firstGuide(p *problem) *guide {
	g := &guide{
		y: make([]float64, len(p.rows)), yi: make([]int32, len(p.rows)),
		value: make([]int64, p.people),
	}
	scale := p.set.Scale
	for r := range p.rows {
		x := &p.rows[r]
		if len(p.members[r]) < 2 || x.max == 0 {
			continue
		}
		v := scale * (p.at(x, min(x.hi, x.max)) - p.at(x, 0)) / x.max
		g.yi[r] = int32(max(-int64(x.lim), min(int64(x.lim), min(v, 0))))
		g.y[r] = float64(g.yi[r]) / float64(scale)
	}
	return g
}

// begin makes the first rosters.
func (e *engine) begin() {
	if e.cfg.Start != nil {
		e.epoch(1, math.MaxInt64, func(h *hand, c *chain, rng stream) { c.adopt(h, e.cfg.Start) })
		e.spread(1)
		if e.chains[0].hasCur {
			return
		}
	}
	n := 1
	if e.p.people*e.p.days < 10000 {
		n = chains
	}
	e.epoch(n, math.MaxInt64, func(h *hand, c *chain, rng stream) { c.construct(h, e.guide, rng) })
	e.epoch(n, math.MaxInt64, func(h *hand, c *chain, rng stream) {
		if c.hasCur {
			c.mend(h, e.guide)
			if e.p.long() {
				c.polish(h, e.guide, rng)
			}
			c.keep()
		}
	})
	e.spread(n)
}

// spread has all chains but the first n begin with the roster of the first.
func (e *engine) spread(n int) {
	for _, c := range e.chains[n:] {
		if e.chains[0].hasCur {
			c.cur.copyFrom(e.chains[0].cur)
			c.best.copyFrom(e.chains[0].cur)
			c.hasCur = true
		}
	}
}

// harden makes hard ends of rows dearer, when the search keeps breaking them.
func (e *engine) harden() {
	e.p.setHard(e.p.hard * 3)
	for _, c := range e.chains {
		c.ease()
		c.cur.recount()
		c.best.recount()
	}
	e.best.recount()
}

func (e *engine) finish() Outcome {
	o := &e.out
	o.Work, o.Bound = e.work, model.Cost(max(0, e.bound))
	if e.hopeless {
		o.Proved, o.Infeasible = true, true
		return *o
	}
	if e.has {
		o.Roster, o.Cost, o.Broken = e.best.roster, model.Cost(e.cost), e.broken
		if e.broken == 0 {
			o.Bound = min(o.Bound, o.Cost)
			o.Proved = e.bound >= e.cost
		}
	}
	return *o
}
