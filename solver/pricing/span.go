package pricing

import "rota/solver/model"

// spanCountWatcher counts the spans touched. On a grid its state is only the
// bit "this span is touched" and the count is the grid's; as a node it is the
// count and the bit.
type spanCountWatcher struct {
	m    *model.Model
	s    model.SpanCount
	grid bool
	in   []int8 // by day: 0 outside, 1 inside, 2 last day of a span
	cap  int32  // counts above it are alike
}

func newSpanCount(m *model.Model, s model.SpanCount, grid bool) *spanCountWatcher {
	w := &spanCountWatcher{m: m, s: s, grid: grid, in: spanDays(m, s.Over), cap: int32(len(s.Over))}
	return w
}

func spanDays(m *model.Model, over []model.Days) []int8 {
	in := make([]int8, len(m.Days))
	for _, x := range over {
		for d := x.From; d < x.To; d++ {
			in[d] = 1
		}
		in[x.To-1] = 2
	}
	return in
}

func (w *spanCountWatcher) active() (int, int) {
	if len(w.s.Over) == 0 {
		return 0, -1
	}
	return w.s.Over[0].From, w.s.Over[len(w.s.Over)-1].To - 1
}

func (w *spanCountWatcher) start() int32 { return 0 }

func (w *spanCountWatcher) step(d, duty int, s int32) (int32, model.Cost, int32) {
	in := w.in[d]
	var inc int32
	if in != 0 && s&1 == 0 && has(w.m, w.s.Of, d, duty) {
		s |= 1
		inc = 1
		if !w.grid {
			s += 2
		}
	}
	if in == 2 {
		s &^= 1
	}
	if w.grid {
		return s, 0, inc
	}
	if _, last := w.active(); d == last {
		v := w.s.Base + int64(s>>1)
		if !w.s.Bound.Holds(v) {
			return 0, model.Forbidden, 0
		}
		return 0, w.s.Bound.Price(v), 0
	}
	if w.s.Base+int64(s>>1) > w.s.Bound.Max {
		return 0, model.Forbidden, 0
	}
	return s, 0, 0
}

// counterWatcher is a Counter as nodes, for windows that overlap others: the
// state is the sum so far, where sums that can no longer differ in price are one.
type counterWatcher struct {
	m *model.Model
	c model.Counter
}

func (w *counterWatcher) active() (int, int) { return w.c.From, w.c.To - 1 }
func (w *counterWatcher) start() int32       { return 0 }

func (w *counterWatcher) step(d, duty int, s int32) (int32, model.Cost, int32) {
	s += w.m.Measures[w.c.Of].Of[d][duty]
	v := w.c.Base + int64(s)
	if v > w.c.Bound.Max {
		return 0, model.Forbidden, 0
	}
	if d < w.c.To-1 {
		return s, 0, 0
	}
	if !w.c.Bound.Holds(v) {
		return 0, model.Forbidden, 0
	}
	return 0, w.c.Bound.Price(v), 0
}

// spanRunWatcher is runLength over spans; the lowest bit says that the span
// under way is touched.
type spanRunWatcher struct {
	m  *model.Model
	of model.MeasureID
	runLength
	over    []model.Days
	endOpen bool
	in      []int8
}

func newSpanRun(m *model.Model, s model.SpanRun) *spanRunWatcher {
	return &spanRunWatcher{m, s.Of, runLength{s.Min, s.Max, s.MinCost, s.MaxCost, s.Base, s.BaseOpen}, s.Over, s.EndOpen, spanDays(m, s.Over)}
}

func (w *spanRunWatcher) active() (int, int) {
	if len(w.over) == 0 {
		return 0, -1
	}
	return w.over[0].From, w.over[len(w.over)-1].To - 1
}

const touched = 1 << 29

func (w *spanRunWatcher) step(d, duty int, s int32) (int32, model.Cost, int32) {
	if w.in[d] == 0 {
		return s, 0, 0
	}
	if has(w.m, w.of, d, duty) {
		s |= touched
	}
	if w.in[d] == 1 {
		return s, 0, 0
	}
	if s&touched == 0 {
		return 0, judged(w.m, d, w.ended(s)), 0
	}
	next, c := w.longer(s &^ touched)
	if _, last := w.active(); d == last && !w.endOpen {
		c = plus(c, w.ended(next))
	}
	return next, judged(w.m, d, c), 0
}

type spanWatcher struct {
	m *model.Model
	s model.Span
}

func (w *spanWatcher) active() (int, int) { return w.s.Days.From, w.s.Days.To - 1 }
func (w *spanWatcher) start() int32       { return int32(w.s.Base) }

func (w *spanWatcher) step(d, duty int, s int32) (int32, model.Cost, int32) {
	for j, of := range w.s.Parts {
		if has(w.m, of, d, duty) {
			s |= 1 << j
		}
	}
	if d < w.s.Days.To-1 {
		return s, 0, 0
	}
	return 0, w.s.Cost[s], 0
}
