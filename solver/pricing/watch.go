package pricing

import (
	"encoding/binary"

	"rota/solver/model"
)

// A watcher is one personal rule as an automaton over days. It is active on
// days [first, last]; its state before the first is start, and after the last
// it has charged everything and is forgotten.
//
// step reads the duty of day d in state s. It returns the next state, what the
// rule charges for this step (model.Forbidden: the rule is broken) and by how
// much the watcher's grid counter, if it has one, advances. It is a pure
// function: watchers are shared by all people of a class.
type watcher interface {
	active() (first, last int)
	start() int32
	step(d, duty int, s int32) (next int32, c model.Cost, inc int32)
}

// has reports whether the duty is in the measure's set.
func has(m *model.Model, of model.MeasureID, d, duty int) bool {
	return m.Measures[of].Of[d][duty] != 0
}

// judged drops a charge that falls into history.
func judged(m *model.Model, d int, c model.Cost) model.Cost {
	if d < m.First {
		return 0
	}
	return c
}

func times(n int, c model.Cost) model.Cost {
	if n <= 0 {
		return 0
	}
	if c == model.Forbidden {
		return c
	}
	return model.Cost(n) * c
}

func plus(a, b model.Cost) model.Cost {
	if a == model.Forbidden || b == model.Forbidden {
		return model.Forbidden
	}
	return a + b
}

// exempt marks a run whose true length is unknown, so that its minimum is not
// judged. It is only kept while the known length is below the minimum.
const exempt = 1 << 30

// runLength holds what Run and SpanRun share: the length of the run so far as
// the state, and what going on or ending charges.
type runLength struct {
	min, max         int
	minCost, maxCost model.Cost
	base             int
	baseOpen         bool
}

func (r *runLength) cap() int {
	k := r.max
	if r.max > 0 && r.maxCost != model.Forbidden {
		k = r.max + 1
	}
	return max(k, r.min, 1)
}

func (r *runLength) start() int32 {
	s := int32(min(r.base, r.cap()))
	if r.baseOpen && int(s) < r.min {
		s |= exempt
	}
	return s
}

// longer is the state and charge of one more day (or span) in the run.
func (r *runLength) longer(s int32) (int32, model.Cost) {
	n := int(s&^exempt) + 1
	var c model.Cost
	if r.max > 0 && n > r.max {
		c = r.maxCost
	}
	n = min(n, r.cap())
	if s&exempt != 0 && n < r.min {
		return int32(n) | exempt, c
	}
	return int32(n), c
}

// ended is the charge for a run that ends in state s.
func (r *runLength) ended(s int32) model.Cost {
	if s == 0 || s&exempt != 0 {
		return 0
	}
	return times(r.min-int(s), r.minCost)
}

type runWatcher struct {
	m  *model.Model
	of model.MeasureID
	runLength
	endOpen bool
}

func newRun(m *model.Model, r model.Run) *runWatcher {
	return &runWatcher{m, r.Of, runLength{r.Min, r.Max, r.MinCost, r.MaxCost, r.Base, r.BaseOpen}, r.EndOpen}
}

func (w *runWatcher) active() (int, int) { return 0, len(w.m.Days) - 1 }

func (w *runWatcher) step(d, duty int, s int32) (int32, model.Cost, int32) {
	if !has(w.m, w.of, d, duty) {
		return 0, judged(w.m, d, w.ended(s)), 0
	}
	next, c := w.longer(s)
	if d == len(w.m.Days)-1 && !w.endOpen {
		c = plus(c, w.ended(next))
	}
	return next, judged(w.m, d, c), 0
}

// wordWatcher keeps, as bits, which proper prefixes of the word end today.
type wordWatcher struct {
	m      *model.Model
	w      model.Word
	starts []bool // by day; nil: every day
}

func newWord(m *model.Model, w model.Word) *wordWatcher {
	x := &wordWatcher{m: m, w: w}
	if w.Starts != nil {
		x.starts = make([]bool, len(m.Days))
		for _, d := range w.Starts {
			x.starts[d] = true
		}
	}
	return x
}

func (w *wordWatcher) active() (int, int) {
	first, last := 0, len(w.m.Days)-1
	if s := w.w.Starts; s != nil {
		if len(s) == 0 {
			return 0, -1
		}
		first, last = s[0], min(last, s[len(s)-1]+len(w.w.Letters)-1)
	}
	return first, last
}

func (w *wordWatcher) start() int32 { return 0 }

func (w *wordWatcher) step(d, duty int, s int32) (int32, model.Cost, int32) {
	n := len(w.w.Letters)
	open := s << 1
	if (w.starts == nil || w.starts[d]) && d+n <= len(w.m.Days) {
		open |= 1
	}
	var next int32
	for j, l := range w.w.Letters {
		if open>>j&1 != 0 && has(w.m, l, d, duty) {
			next |= 1 << j
		}
	}
	var c model.Cost
	if next>>(n-1)&1 != 0 {
		next &^= 1 << (n - 1)
		c = judged(w.m, d, w.w.Cost)
	}
	return next, c, 0
}

// linkWatcher remembers the last work as long as a link from it may still
// apply. Its state is 0 or 1 + the number of a (day, duty) that has the same
// links left; which one stands for its likes is settled by content.
type linkWatcher struct {
	m    *model.Model
	from [][]int32 // [day][duty] -> source + 1
	out  [][]model.Link
	rep  map[[2]int32]int32   // (source, day) -> state after that day
	same []map[string]int32   // per day: content left -> state
	hit  []map[[2]int32]int64 // per source: (day, duty) -> cost
	in   map[[2]int32][]byte  // (day, duty) -> content of the links to it
}

func newLinks(m *model.Model, tables []int) *linkWatcher {
	w := &linkWatcher{m: m, rep: map[[2]int32]int32{}, in: map[[2]int32][]byte{}, same: make([]map[string]int32, len(m.Days))}
	w.from = make([][]int32, len(m.Days))
	for d := range w.from {
		w.from[d] = make([]int32, len(m.Days[d].Duties))
	}
	for _, t := range tables {
		for _, l := range m.Links[t].Links {
			f := &w.from[l.Day][l.Duty]
			if *f == 0 {
				w.out = append(w.out, nil)
				w.hit = append(w.hit, map[[2]int32]int64{})
				*f = int32(len(w.out))
			}
			src := *f - 1
			w.out[src] = append(w.out[src], l)
			k := [2]int32{int32(l.NextDay), int32(l.NextDuty)}
			w.hit[src][k] = int64(plus(model.Cost(w.hit[src][k]), l.Cost))
			b := binary.AppendVarint(w.in[k], int64(l.Day))
			b = binary.AppendVarint(b, int64(l.Duty))
			w.in[k] = binary.AppendVarint(b, int64(l.Cost))
		}
	}
	return w
}

// after is the state for a source once day d has passed.
func (w *linkWatcher) after(src int32, d int) int32 {
	k := [2]int32{src, int32(d)}
	if s, ok := w.rep[k]; ok {
		return s
	}
	var key []byte
	for _, l := range w.out[src] {
		if l.NextDay > d && l.NextDay >= w.m.First {
			key = binary.AppendVarint(key, int64(l.NextDay))
			key = binary.AppendVarint(key, int64(l.NextDuty))
			key = binary.AppendVarint(key, int64(l.Cost))
		}
	}
	var s int32
	if len(key) > 0 {
		if w.same[d] == nil {
			w.same[d] = map[string]int32{}
		}
		var ok bool
		if s, ok = w.same[d][string(key)]; !ok {
			s = src + 1
			w.same[d][string(key)] = s
		}
	}
	w.rep[k] = s
	return s
}

// inKey tells apart the duties of day d by the links that lead to them.
func (w *linkWatcher) inKey(d, duty int) []byte { return w.in[[2]int32{int32(d), int32(duty)}] }

func (w *linkWatcher) active() (int, int) { return 0, len(w.m.Days) - 1 }
func (w *linkWatcher) start() int32       { return 0 }

func (w *linkWatcher) step(d, duty int, s int32) (int32, model.Cost, int32) {
	if duty == 0 {
		if s == 0 {
			return 0, 0, 0
		}
		return w.after(s-1, d), 0, 0
	}
	var c model.Cost
	if s != 0 {
		c = judged(w.m, d, model.Cost(w.hit[s-1][[2]int32{int32(d), int32(duty)}]))
	}
	if f := w.from[d][duty]; f != 0 {
		return w.after(f-1, d), c, 0
	}
	return 0, c, 0
}
