package pricing

import (
	"encoding/binary"
	"errors"
	"slices"

	"rota/solver/model"
)

// graph is what all people of a class share: the layers from model.First on.
//
// Layer t belongs to day m.First+t: its nodes are what rules remember before
// that day, its arcs are the duties of that day. The last layer has nodes only.
type graph struct {
	dims   []dim
	steps  [][]int32 // by step number: how far each dim advances
	layers []layer
	closes [][]closing // by layer t: windows that end before day m.First+t
	sparse [][]advance // steps without their zeros
	gain   [][]int32   // gain[k][t]: the most dim k can advance on the day of layer t
	window [][]int32   // window[k][t]: number of the window of dim k on the day of layer t, or -1
	sure   [][]int32   // sure[t][node]: the most dims[0] can still advance in its window
}

// advance is one entry of a step: dim moves up by by levels.
type advance struct{ dim, by int32 }

type layer struct {
	nodes int
	arcs  []arc    // by from
	out   []int32  // arcs of node u: arcs[out[u]:out[u+1]]
	in    []int32  // numbers of arcs, by to
	into  []int32  // arcs into node v of the next layer: in[into[v]:into[v+1]]
	sets  [][]part // what arcs lead by
	next  []int32  // [node*wide+duty]: number of the arc, or -1
	step  []uint16 // [node*wide+duty]: step of the duty on that arc
	wide  int      // duties of the day
}

// arc leads from a node of a layer to one of the next at charge w (in scaled
// cost), by any duty of its set.
type arc struct {
	from, to, w int32
	set         int32
}

// part is the duties of a set that advance the grid by the same step. Which
// parts differ at all depends on the dims that a search tracks.
type part struct {
	duties []uint8
	step   uint16
}

// dim is one axis of the grid: windows of days that do not overlap, in order.
// Between windows the level is 0.
type dim struct {
	spans   bool // counts spans, not amounts
	windows []window
	two     bool // somebody has a lower end or a price: the last to be left out
	levels  int  // one more than the highest level worth telling apart
}

// window is one stretch over which a dim adds up. A level is unit of the
// measure's amount, or a span of over.
type window struct {
	from, to int
	of       model.MeasureID
	over     []model.Days
	unit     int64
}

type closing struct{ dim, window int }

func (g *graph) windowAt(k, day int) int {
	for i, w := range g.dims[k].windows {
		if w.from <= day && day < w.to {
			return i
		}
	}
	return -1
}

// lane is a series of watchers that are never active at the same time.
type lane struct {
	ws  []watcher
	dim []int // the grid axis a watcher advances, or -1
	at  []int // by day: number of the active watcher, or -1
}

func lanesOf(m *model.Model, ws []watcher, dims []int) []lane {
	type item struct{ first, last, i int }
	var items []item
	for i, w := range ws {
		if a, b := w.active(); a <= b {
			items = append(items, item{a, b, i})
		}
	}
	slices.SortStableFunc(items, func(a, b item) int { return a.first - b.first })
	var lanes []lane
	var ends []int
	for _, it := range items {
		j := 0
		for j < len(ends) && ends[j] >= it.first {
			j++
		}
		if j == len(ends) {
			at := make([]int, len(m.Days))
			for d := range at {
				at[d] = -1
			}
			lanes = append(lanes, lane{at: at})
			ends = append(ends, 0)
		}
		ends[j] = it.last
		l := &lanes[j]
		for d := it.first; d <= it.last; d++ {
			l.at[d] = len(l.ws)
		}
		l.ws = append(l.ws, ws[it.i])
		l.dim = append(l.dim, dims[it.i])
	}
	return lanes
}

// machine is the product of a class's watchers.
type machine struct {
	m     *model.Model
	lanes []lane
	dims  []dim
}

func (x *machine) start() []int32 {
	s := make([]int32, len(x.lanes))
	for j := range x.lanes {
		x.enter(s, j, 0)
	}
	return s
}

// enter puts lane j into the first state of the watcher that begins on day d.
func (x *machine) enter(s []int32, j, d int) {
	l := &x.lanes[j]
	if d < len(l.at) && l.at[d] >= 0 && (d == 0 || l.at[d-1] != l.at[d]) {
		s[j] = l.ws[l.at[d]].start()
	}
}

// amounts is how far the duty of day d advances each dim that adds up amounts.
func (x *machine) amounts(d, duty int, inc []int32) {
	for k := range x.dims {
		inc[k] = 0
		if dm := &x.dims[k]; !dm.spans {
			for i := range dm.windows {
				if w := &dm.windows[i]; w.from <= d && d < w.to {
					inc[k] = int32(int64(x.m.Measures[w.of].Of[d][duty]) / w.unit)
				}
			}
		}
	}
}

// step reads one duty from state s into next and returns the charge. touched
// has a bit for each dim of spans that advances.
func (x *machine) step(d, duty int, s, next []int32) (c model.Cost, touched uint64) {
	for j := range x.lanes {
		l := &x.lanes[j]
		next[j] = 0
		if i := l.at[d]; i >= 0 {
			n, p, adv := l.ws[i].step(d, duty, s[j])
			if p == model.Forbidden {
				return p, 0
			}
			c += p
			next[j] = n
			if adv > 0 && l.dim[i] >= 0 {
				touched |= 1 << l.dim[i]
			}
			if d+1 == len(l.at) || l.at[d+1] != i {
				next[j] = 0
			}
		}
		x.enter(next, j, d+1)
	}
	return c, touched
}

// stepNumbers numbers the different advances.
type stepNumbers struct {
	ids   map[string]int32
	steps [][]int32
	key   []byte
}

func (n *stepNumbers) of(inc []int32) int32 {
	n.key = n.key[:0]
	for _, v := range inc {
		n.key = binary.AppendVarint(n.key, int64(v))
	}
	id, ok := n.ids[string(n.key)]
	if !ok {
		id = int32(len(n.steps))
		n.ids[string(n.key)] = id
		n.steps = append(n.steps, slices.Clone(inc))
	}
	return id
}

var errTooLarge = errors.New("pricing: the graph would be too large")

type rawArc struct {
	to   int32
	w    int64
	grp  int32
	step int32
}

// explored is the product before it is minimised.
type explored struct {
	groups [][][]uint8 // per layer: duties that no rule of the class tells apart
	out    [][][]rawArc
	steps  [][]int32
	starts []int32 // per starting state: its node in layer 0
}

// explore builds the product from the given states before day m.First on.
// allowed[d][duty] says whether anybody of the class may have the duty.
func (x *machine) explore(starts [][]int32, allowed [][]bool, limit int) (*explored, error) {
	m := x.m
	e := &explored{}
	numbers := stepNumbers{ids: map[string]int32{}}
	pack := func(buf []byte, s []int32) []byte {
		buf = buf[:0]
		for _, v := range s {
			buf = binary.LittleEndian.AppendUint32(buf, uint32(v))
		}
		return buf
	}
	var buf []byte
	cur := [][]int32{}
	ids := map[string]int32{}
	for _, s := range starts {
		buf = pack(buf, s)
		id, ok := ids[string(buf)]
		if !ok {
			id = int32(len(cur))
			ids[string(buf)] = id
			cur = append(cur, s)
		}
		e.starts = append(e.starts, id)
	}
	next := make([]int32, len(x.lanes))
	inc := make([]int32, len(x.dims))
	total := 0
	for d := m.First; d < len(m.Days); d++ {
		groups := x.groups(d, allowed[d])
		e.groups = append(e.groups, groups)
		plain := make([]int32, len(groups)) // step without spans touched
		for gi, g := range groups {
			x.amounts(d, int(g[0]), inc)
			plain[gi] = numbers.of(inc)
		}
		out := make([][]rawArc, len(cur))
		var nodes [][]int32
		ids = make(map[string]int32, len(cur))
		for u, s := range cur {
			arcs := make([]rawArc, 0, len(groups))
			for gi, g := range groups {
				c, touched := x.step(d, int(g[0]), s, next)
				if c == model.Forbidden {
					continue
				}
				buf = pack(buf, next)
				to, ok := ids[string(buf)]
				if !ok {
					to = int32(len(nodes))
					ids[string(buf)] = to
					nodes = append(nodes, slices.Clone(next))
				}
				st := plain[gi]
				if touched != 0 {
					copy(inc, numbers.steps[st])
					for k := range inc {
						inc[k] += int32(touched >> k & 1)
					}
					st = numbers.of(inc)
				}
				arcs = append(arcs, rawArc{to, int64(c), int32(gi), st})
			}
			out[u] = arcs
			total += len(arcs)
		}
		if len(nodes) > 1<<16 || total > limit {
			return nil, errTooLarge
		}
		e.out = append(e.out, out)
		cur = nodes
	}
	e.out = append(e.out, make([][]rawArc, len(cur)))
	e.steps = numbers.steps
	return e, nil
}

// groups splits the allowed duties of a day by what the rules can see of them.
func (x *machine) groups(d int, allowed []bool) [][]uint8 {
	m := x.m
	var links []*linkWatcher
	clock := false
	for _, l := range x.lanes {
		if i := l.at[d]; i >= 0 {
			switch w := l.ws[i].(type) {
			case *linkWatcher:
				links = append(links, w)
			case *freeWatcher, *recoveryWatcher:
				clock = true
			}
		}
	}
	var groups [][]uint8
	ids := map[string]int{}
	var key []byte
	for i := range m.Days[d].Duties {
		if !allowed[i] {
			continue
		}
		key = key[:0]
		for _, me := range m.Measures {
			key = binary.AppendVarint(key, int64(me.Of[d][i]))
		}
		if i == 0 {
			key = append(key, 'o')
		} else if clock {
			key = binary.AppendVarint(key, int64(m.Days[d].Duties[i].Start))
			key = binary.AppendVarint(key, int64(m.Days[d].Duties[i].End))
		}
		for _, w := range links {
			if f := w.from[d][i]; i > 0 && f > 0 {
				key = binary.AppendVarint(key, int64(w.after(f-1, d)))
			} else {
				key = append(key, 0)
			}
			key = append(key, w.inKey(d, i)...)
		}
		gi, ok := ids[string(key)]
		if !ok {
			gi = len(groups)
			ids[string(key)] = gi
			groups = append(groups, nil)
		}
		groups[gi] = append(groups[gi], uint8(i))
	}
	return groups
}

// prune marks the nodes from which the last day can be reached.
func (e *explored) prune() {
	alive := make([]bool, len(e.out[len(e.out)-1]))
	for i := range alive {
		alive[i] = true
	}
	for t := len(e.out) - 2; t >= 0; t-- {
		here := make([]bool, len(e.out[t]))
		for u, arcs := range e.out[t] {
			arcs = slices.DeleteFunc(arcs, func(a rawArc) bool { return !alive[a.to] })
			e.out[t][u] = arcs
			here[u] = len(arcs) > 0
		}
		alive = here
	}
}

// reach is the lowest and highest level dim k can have when window w ends, over
// all ways through the graph (lo > hi: there is none).
func (g *graph) reach(first, k int, w window) (lo, hi int32) {
	const none = int32(1 << 30)
	from, to := max(w.from-first, 0), w.to-first
	n := g.layers[from].nodes
	los, his := make([]int32, n), make([]int32, n)
	for t := from; t < to; t++ {
		L := &g.layers[t]
		least, most := make([]int32, len(L.sets)), make([]int32, len(L.sets))
		for i, set := range L.sets {
			least[i] = none
			for _, q := range set {
				inc := g.steps[q.step][k]
				least[i], most[i] = min(least[i], inc), max(most[i], inc)
			}
		}
		n := g.layers[t+1].nodes
		l2, h2 := make([]int32, n), make([]int32, n)
		for i := range l2 {
			l2[i], h2[i] = none, -none
		}
		for _, a := range L.arcs {
			if his[a.from] >= los[a.from] {
				l2[a.to] = min(l2[a.to], los[a.from]+least[a.set])
				h2[a.to] = max(h2[a.to], his[a.from]+most[a.set])
			}
		}
		los, his = l2, h2
	}
	lo, hi = none, -none
	for i := range los {
		if his[i] >= los[i] {
			lo, hi = min(lo, los[i]), max(hi, his[i])
		}
	}
	return lo, hi
}

// project keeps only some dims, in the order of keep, and joins the parts of
// sets that then advance alike.
func (g *graph) project(keep []int) {
	dims := make([]dim, len(keep))
	for j, k := range keep {
		dims[j] = g.dims[k]
	}
	g.dims = dims
	numbers := stepNumbers{ids: map[string]int32{}}
	to := make([]uint16, len(g.steps))
	inc := make([]int32, len(keep))
	for i, st := range g.steps {
		for j, k := range keep {
			inc[j] = st[k]
		}
		to[i] = uint16(numbers.of(inc))
	}
	g.steps = numbers.steps
	for t := range g.layers {
		L := &g.layers[t]
		for i := range L.step {
			L.step[i] = to[L.step[i]]
		}
		for i, set := range L.sets {
			var joined []part
			for _, q := range set {
				k := slices.IndexFunc(joined, func(p part) bool { return p.step == to[q.step] })
				if k < 0 {
					joined = append(joined, part{step: to[q.step]})
					k = len(joined) - 1
				}
				joined[k].duties = append(joined[k].duties, q.duties...)
				slices.Sort(joined[k].duties)
			}
			L.sets[i] = joined
		}
	}
}

// minimise merges, from the last layer back, nodes from which all ways cost the
// same, and duties that lead to the same place at the same charge. It returns
// the graph and the node of each starting state, -1 where no way leads on.
func (e *explored) minimise(m *model.Model, dims []dim, scale int64) (*graph, []int32) {
	g := &graph{dims: dims, steps: e.steps}
	var key []byte
	n := len(e.out) - 1
	g.layers = make([]layer, n+1)
	class := make([]int32, len(e.out[n]))
	g.layers[n].nodes = min(1, len(class))
	for t := n - 1; t >= 0; t-- {
		day := m.First + t
		L := &g.layers[t]
		L.wide = len(m.Days[day].Duties)
		after := g.layers[t+1].nodes
		here := make([]int32, len(e.out[t]))
		nodes := map[string]int32{}
		sets := map[string]int32{}
		for u, arcs := range e.out[t] {
			here[u] = -1
			if len(arcs) == 0 {
				continue
			}
			key = key[:0]
			for _, a := range arcs {
				key = binary.AppendVarint(key, int64(a.grp))
				key = binary.AppendVarint(key, int64(class[a.to]))
				key = binary.AppendVarint(key, a.w)
				key = binary.AppendVarint(key, int64(a.step))
			}
			id, ok := nodes[string(key)]
			if !ok {
				id = int32(L.nodes)
				L.nodes++
				nodes[string(key)] = id
				L.out = append(L.out, int32(len(L.arcs)))
				L.addNode(id, arcs, e.groups[t], class, sets, scale)
			}
			here[u] = id
		}
		L.out = append(L.out, int32(len(L.arcs)))
		L.link(after)
		class = here
	}
	starts := make([]int32, len(e.starts))
	for i, s := range e.starts {
		starts[i] = class[s]
	}
	return g, starts
}

// addNode writes the arcs of a new node, one for all groups that lead to the
// same place at the same charge.
func (L *layer) addNode(u int32, arcs []rawArc, groups [][]uint8, class []int32, sets map[string]int32, scale int64) {
	at := len(L.next)
	for range L.wide {
		L.next = append(L.next, -1)
		L.step = append(L.step, 0)
	}
	first := len(L.arcs)
	var parts [][]part
	for _, a := range arcs {
		b := arc{from: u, to: class[a.to], w: int32(a.w * scale)}
		j := slices.IndexFunc(L.arcs[first:], func(o arc) bool { return o.to == b.to && o.w == b.w })
		if j < 0 {
			j = len(parts)
			L.arcs = append(L.arcs, b)
			parts = append(parts, nil)
		}
		k := slices.IndexFunc(parts[j], func(q part) bool { return q.step == uint16(a.step) })
		if k < 0 {
			k = len(parts[j])
			parts[j] = append(parts[j], part{step: uint16(a.step)})
		}
		parts[j][k].duties = append(parts[j][k].duties, groups[a.grp]...)
		for _, i := range groups[a.grp] {
			L.next[at+int(i)] = int32(first + j)
			L.step[at+int(i)] = uint16(a.step)
		}
	}
	var key []byte
	for j, ps := range parts {
		key = key[:0]
		for _, q := range ps {
			slices.Sort(q.duties)
			key = binary.AppendUvarint(key, uint64(q.step))
			key = binary.AppendUvarint(key, uint64(len(q.duties)))
			key = append(key, q.duties...)
		}
		id, ok := sets[string(key)]
		if !ok {
			id = int32(len(L.sets))
			sets[string(key)] = id
			L.sets = append(L.sets, ps)
		}
		L.arcs[first+j].set = id
	}
}

// link fills the index of arcs by where they lead.
func (L *layer) link(after int) {
	L.into = make([]int32, after+1)
	for _, a := range L.arcs {
		L.into[a.to+1]++
	}
	for v := range after {
		L.into[v+1] += L.into[v]
	}
	L.in = make([]int32, len(L.arcs))
	at := slices.Clone(L.into)
	for i, a := range L.arcs {
		L.in[at[a.to]] = int32(i)
		at[a.to]++
	}
}

// finish computes what Best looks up about the dims.
func (g *graph) finish(m *model.Model) {
	n := len(g.layers) - 1
	for _, st := range g.steps {
		var sp []advance
		for k, inc := range st {
			if inc != 0 {
				sp = append(sp, advance{int32(k), inc})
			}
		}
		g.sparse = append(g.sparse, sp)
	}
	g.closes = make([][]closing, n+1)
	g.gain = make([][]int32, len(g.dims))
	g.window = make([][]int32, len(g.dims))
	for k := range g.dims {
		for i, w := range g.dims[k].windows {
			if t := w.to - m.First; t > 0 {
				g.closes[t] = append(g.closes[t], closing{k, i})
			}
		}
		g.gain[k] = make([]int32, n)
		g.window[k] = make([]int32, n)
		for t := range n {
			g.window[k][t] = int32(g.windowAt(k, m.First+t))
		}
	}
	for t := range n {
		for _, set := range g.layers[t].sets {
			for _, q := range set {
				for _, a := range g.sparse[q.step] {
					g.gain[a.dim][t] = max(g.gain[a.dim][t], a.by)
				}
			}
		}
	}
	if len(g.dims) == 0 {
		return
	}
	g.sure = make([][]int32, n+1)
	g.sure[n] = make([]int32, g.layers[n].nodes)
	for t := n - 1; t >= 0; t-- {
		L := &g.layers[t]
		most := make([]int32, len(L.sets))
		for i, set := range L.sets {
			for _, q := range set {
				most[i] = max(most[i], g.steps[q.step][0])
			}
		}
		same := t+1 < n && g.window[0][t] == g.window[0][t+1]
		g.sure[t] = make([]int32, L.nodes)
		for _, a := range L.arcs {
			v := most[a.set]
			if same {
				v += g.sure[t+1][a.to]
			}
			g.sure[t][a.from] = max(g.sure[t][a.from], v)
		}
	}
}
