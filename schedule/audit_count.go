package schedule

import "fmt"

// span is days [from, to], inclusive, of the known days.
type span struct{ from, to int }

// windows lists the windows of a use with per or days.
func (w *labour) windows() []span {
	x := w.x
	if n := w.current.rule.Params.Int("days", 0); n > 0 {
		if n >= x.days {
			return []span{{0, x.days - 1}}
		}
		var list []span
		for from := max(x.first-n+1, 0); from <= x.last && from+n <= x.days; from++ {
			list = append(list, span{from, from + n - 1})
		}
		return list
	}
	var list []span
	switch w.current.rule.Params.Text("per", "week") {
	case "day":
		for d := x.first; d <= x.last; d++ {
			list = append(list, span{d, d})
		}
	case "period":
		list = []span{{x.first, x.last}}
	default:
		for _, week := range x.weeks {
			if week.mine {
				list = append(list, span{week.first, week.last})
			}
		}
	}
	return list
}

// duties is how much of something each known day holds, by any work and by facts alone.
func (w *labour) duties(of func(s int) int) (total, facts []int) {
	n := w.x.days
	both := make([]int, 2*n)
	total, facts = both[:n], both[n:]
	for _, s := range w.all {
		d := w.x.slots[s].day
		if d < 0 || d >= n {
			continue
		}
		total[d] += of(s)
		if s >= len(w.x.period) {
			facts[d] += of(s)
		}
	}
	return total, facts
}

func sum(list []int, s span) int {
	n := 0
	for d := s.from; d <= s.to; d++ {
		n += list[d]
	}
	return n
}

func (w *labour) paid(s int) int { return int(w.x.slots[s].Paid) }

// tagged counts the slots that the tag of the use selects.
func (w *labour) tagged(s int) int {
	if tag := w.current.rule.Params.Text("tag", ""); tag != "" && !w.x.slots[s].HasTag(tag) {
		return 0
	}
	return 1
}

// when says which window it was.
func (w *labour) when(s span) saying {
	return func() string {
		if s.from == s.to {
			return fmt.Sprintf("on %s", w.x.sayDay(s.from))
		}
		return fmt.Sprintf("from %s to %s", w.x.sayDay(s.from), w.x.sayDay(s.to))
	}
}

func (w *labour) maxHours() {
	u := w.current
	contract := u.rule.OfContract()
	if contract && !w.a.contract.Max.Set {
		return
	}
	total, facts := w.duties(w.paid)
	for d, m := range w.a.workDay {
		total[d] += int(m)
		facts[d] += int(m)
	}
	elsewhere := func(s span) string {
		n := 0
		for d := s.from; d <= s.to; d++ {
			n += int(w.a.workDay[d])
		}
		if n == 0 {
			return ""
		}
		return fmt.Sprintf(" (%s of it elsewhere)", Minutes(n))
	}
	for _, s := range w.windows() {
		had, given := sum(total, s), sum(facts, s)
		if !contract {
			limit := int(u.rule.Params.Hours("hours", 0))
			w.add(had-max(limit, given), nil, []int{s.from}, "works %s%s %s; at most %s are allowed", Minutes(had), elsewhere(s), w.when(s), Minutes(limit))
			continue
		}
		limit, ceiling := int(w.a.contract.Max.Value), int(w.a.contract.Ceiling(w.a.Agent).Value)
		if u.rule.Force == Hard {
			ceiling = limit
		}
		w.put(had-max(ceiling, given), true, 0, nil, []int{s.from}, "works %s%s %s; the contract and extra time allow %s",
			Minutes(had), elsewhere(s), w.when(s), Minutes(ceiling))
		extra := min(had, max(ceiling, given)) - max(limit, given)
		w.put(extra, false, u.def.Price(extra, u.rule.Weight), nil, []int{s.from}, "works %s %s, %s of it extra time",
			Minutes(had), w.when(s), Minutes(extra))
	}
}

func (w *labour) minHours() {
	u := w.current
	due := Some(u.rule.Params.Hours("hours", 0))
	name := "at least"
	if u.rule.Name == TargetHoursRule {
		name = "a target of"
	}
	if u.rule.OfContract() {
		if due = w.a.contract.Min; u.rule.Name == TargetHoursRule {
			due = w.a.contract.Target
		}
	}
	if !due.Set {
		return
	}
	total, _ := w.duties(w.paid)
	for d, m := range w.a.teamDay {
		total[d] += int(m)
	}
	perDay := !u.rule.Params.Has("days") && u.rule.Params.Text("per", "") == "day"
	for _, s := range w.windows() {
		limit := int(due.Value)
		if perDay {
			if !w.ownOn(s.from) {
				continue
			}
		} else {
			var judged bool
			if s, limit, judged = w.proRata(s, limit); !judged {
				continue
			}
		}
		had := sum(total, s)
		w.add(limit-had, nil, []int{s.from}, "works %s %s; %s %s is due", Minutes(had), w.when(s), name, Minutes(limit))
	}
}

// ownOn reports whether the roster gives the agent a period slot on the day.
func (w *labour) ownOn(day int) bool {
	for _, s := range w.own {
		if w.x.slots[s].day == day {
			return true
		}
	}
	return false
}

// proRata lowers a minimum to the days of the window that count, and narrows a window to the days of the period unless
// it is one of so many days in a row. judged is false for such a window that is not known whole.
func (w *labour) proRata(s span, limit int) (narrowed span, lowered int, judged bool) {
	x, p := w.x, w.current.rule.Params
	of := p.Int("days", 0)
	switch {
	case of > 0:
		if s.to-s.from+1 < of {
			return s, 0, false
		}
	case p.Text("per", "week") == "period":
		of = s.to - s.from + 1
	default:
		of = 7
		s = span{max(s.from, x.first), min(s.to, x.last)}
	}
	counted := 0
	for d := s.from; d <= s.to; d++ {
		if w.a.employed[d] && !w.a.leave[d] {
			counted++
		}
	}
	return s, limit * counted / of, true
}

func (w *labour) maxShifts() {
	limit := w.current.rule.Params.Int("shifts", 0)
	total, facts := w.duties(w.tagged)
	for _, s := range w.windows() {
		had := sum(total, s)
		w.add(had-max(limit, sum(facts, s)), nil, []int{s.from}, "has %s %s; at most %d are allowed", w.slotsOf(had), w.when(s), limit)
	}
}

func (w *labour) minShifts() {
	total, _ := w.duties(w.tagged)
	for _, s := range w.windows() {
		s, limit, judged := w.proRata(s, w.current.rule.Params.Int("shifts", 0))
		if !judged {
			continue
		}
		had := sum(total, s)
		w.add(limit-had, nil, []int{s.from}, "has %s %s; at least %d are due", w.slotsOf(had), w.when(s), limit)
	}
}

func (w *labour) slotsOf(n int) saying {
	tag := w.current.rule.Params.Text("tag", "")
	if tag != "" {
		tag += " "
	}
	return func() string { return plural(n, tag+"slot", tag+"slots") }
}

// member reports whether a known day is in the set of the run rule, and whether facts alone put it there.
func (w *labour) member() (in func(d int) bool, fact func(d int) bool) {
	none := func(int) bool { return false }
	switch w.current.rule.Name {
	case MaxDaysRule:
		return func(d int) bool { return w.workOn[d] }, func(d int) bool { return w.factOn[d] }
	case MinDaysRule:
		return func(d int) bool { return w.slotOn[d] }, none
	case MaxDaysOffRule:
		return func(d int) bool { return !w.workOn[d] && w.a.employed[d] && !w.a.leave[d] },
			func(d int) bool { return d < w.x.first || d > w.x.last }
	case MinDaysOffRule:
		return func(d int) bool { return !w.workOn[d] }, none
	}
	total, facts := w.duties(w.tagged)
	return func(d int) bool { return total[d] > 0 }, func(d int) bool { return facts[d] > 0 }
}

// ofRuns is the limit of a run rule and the words for it.
func (w *labour) ofRuns() (limit int, what func(n int) saying) {
	p := w.current.rule.Params
	switch w.current.rule.Name {
	case MaxDaysRule, MinDaysRule:
		return p.Int("days", 1), inRow("works %d %s in a row", "day", "days")
	case MaxDaysOffRule, MinDaysOffRule:
		return p.Int("days", 1), inRow("has %d %s off in a row", "day", "days")
	}
	tag := p.Text("tag", "")
	return p.Int("shifts", 1), inRow("has %d %s in a row", tag+" slot", tag+" slots")
}

func inRow(format, one, many string) func(n int) saying {
	return func(n int) saying {
		return func() string {
			if n == 1 {
				return fmt.Sprintf(format, n, one)
			}
			return fmt.Sprintf(format, n, many)
		}
	}
}

// runs calls back for each run of days in the set.
func (w *labour) runs(in func(d int) bool, each func(s span)) {
	for d := 0; d < w.x.days; d++ {
		if !in(d) {
			continue
		}
		from := d
		for d+1 < w.x.days && in(d+1) {
			d++
		}
		each(span{from, d})
	}
}

func (w *labour) longRuns() {
	limit, what := w.ofRuns()
	in, fact := w.member()
	w.runs(in, func(run span) {
		excess := 0
		for from := run.from; from+limit <= run.to; from++ {
			to := from + limit
			if to < w.x.first || from > w.x.last {
				continue
			}
			given := true
			for d := from; d <= to && given; d++ {
				given = fact(d)
			}
			if !given {
				excess++
			}
		}
		w.add(excess, nil, []int{run.from}, "%s from %s; at most %d are allowed", what(run.to-run.from+1), w.x.sayDay(run.from), limit)
	})
}

func (w *labour) shortRuns() {
	limit, what := w.ofRuns()
	in, _ := w.member()
	w.runs(in, func(run span) {
		near := run.to >= w.x.first-1 && run.from <= w.x.last+1
		if near && run.from > 0 && run.to < w.x.days-1 {
			n := run.to - run.from + 1
			w.add(limit-n, nil, []int{run.from}, "%s only, from %s; at least %d are due", what(n), w.x.sayDay(run.from), limit)
		}
	})
}
