package pricing

import "rota/solver/model"

// recoveryWatcher: below Run the state is the length of the run so far, too
// short to matter. Above it is Run + 2e + o, where e numbers the minute at which
// the run's last duty ends and o says that the run is over.
type recoveryWatcher struct {
	m    *model.Model
	r    model.Recovery
	ends []int
	num  map[int]int32
	soon []int // soon[d]: earliest start of any duty of a day after d
}

func newRecovery(m *model.Model, r model.Recovery) *recoveryWatcher {
	w := &recoveryWatcher{m: m, r: r, num: map[int]int32{}, soon: make([]int, len(m.Days))}
	const never = int(^uint(0) >> 1)
	next := never
	for d := len(m.Days) - 1; d >= 0; d-- {
		w.soon[d] = next
		for _, x := range m.Days[d].Duties[1:] {
			next = min(next, x.Start)
			if _, ok := w.num[x.End]; !ok {
				w.num[x.End] = int32(len(w.ends))
				w.ends = append(w.ends, x.End)
			}
		}
	}
	return w
}

func (w *recoveryWatcher) active() (int, int) { return 0, len(w.m.Days) - 1 }
func (w *recoveryWatcher) start() int32       { return 0 }

func (w *recoveryWatcher) step(d, duty int, s int32) (int32, model.Cost, int32) {
	run := int32(w.r.Run)
	x := w.m.Days[d].Duties[duty]
	member := duty != 0 && has(w.m, w.r.Of, d, duty)
	long := s >= run // a run long enough has been seen
	over := long && (s-run)&1 != 0
	if member && !over { // the run begins or goes on
		n := int32(1)
		if s < run {
			n = s + 1
		}
		if long || n >= run {
			return run + 2*w.num[x.End], 0, 0
		}
		return n, 0, 0
	}
	if !long {
		return 0, 0, 0
	}
	end := w.ends[(s-run)/2]
	if duty == 0 {
		if w.soon[d]-end >= w.r.Rest {
			return 0, 0, 0
		}
		return run + ((s - run) | 1), 0, 0
	}
	var c model.Cost
	if short := w.r.Rest - (x.Start - end); short > 0 {
		c = model.Forbidden
		if w.r.Cost != model.Forbidden {
			step := max(w.r.Step, 1)
			c = times((short+step-1)/step, w.r.Cost)
		}
	}
	c = judged(w.m, d, c)
	if member { // a new run begins after the one that is over
		if run <= 1 {
			return run + 2*w.num[x.End], c, 0
		}
		return 1, c, 0
	}
	return 0, c, 0
}

// freeWatcher: 0 when the free stretch is found (or it is too early to look),
// else 1 + the number of the minute until which the person is known to be busy.
type freeWatcher struct {
	m           *model.Model
	f           model.Free
	first, last int
	at          []int // minutes by number; at[0] is f.From
	num         map[int]int32
}

func newFree(m *model.Model, f model.Free) *freeWatcher {
	w := &freeWatcher{m: m, f: f, first: len(m.Days), last: -1, num: map[int]int32{f.From: 0}, at: []int{f.From}}
	for d := range m.Days {
		for _, x := range m.Days[d].Duties[1:] {
			if x.End > f.From && x.Start < f.To {
				w.first, w.last = min(w.first, d), max(w.last, d)
				if e := max(x.End, f.From); true {
					if _, ok := w.num[e]; !ok {
						w.num[e] = int32(len(w.at))
						w.at = append(w.at, e)
					}
				}
			}
		}
	}
	if w.last < 0 { // no duty can disturb it; still somebody must judge the busy time
		w.first, w.last = len(m.Days)-1, len(m.Days)-1
	}
	return w
}

func (w *freeWatcher) active() (int, int) { return w.first, w.last }
func (w *freeWatcher) start() int32       { return 1 }

// room reports whether [a, b) minus the busy intervals has a stretch long enough.
func (w *freeWatcher) room(a, b int) bool {
	for _, x := range w.f.Busy {
		if x.To <= a {
			continue
		}
		if x.From >= b {
			break
		}
		if x.From-a >= w.f.Min {
			return true
		}
		a = max(a, x.To)
	}
	return b-a >= w.f.Min
}

func (w *freeWatcher) step(d, duty int, s int32) (int32, model.Cost, int32) {
	if s > 0 && duty != 0 {
		x := w.m.Days[d].Duties[duty]
		if x.End > w.f.From && x.Start < w.f.To {
			busy := w.at[s-1]
			if w.room(busy, min(x.Start, w.f.To)) {
				s = 0
			} else {
				s = w.num[max(x.End, busy, w.f.From)] + 1
			}
		}
	}
	if d < w.last {
		return s, 0, 0
	}
	if s > 0 && !w.room(w.at[s-1], w.f.To) {
		return 0, w.f.Cost, 0
	}
	return 0, 0, 0
}
