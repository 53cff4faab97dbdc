package schedule

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// labour is one agent's work in one roster, as the personal rules look at it.
type labour struct {
	x   *Auditor
	a   *agentFacts
	at  int   // the agent's place
	own []int // period slots, by start
	all []int // facts and own, by start

	slotOn  []bool // known days with a slot
	factOn  []bool // known days with work by facts alone
	workOn  []bool // known days with any work
	found   []located
	current *use
}

func (x *Auditor) labour(agent int, own []int) *labour {
	a := &x.agents[agent]
	w := &labour{x: x, a: a, at: agent, own: own}
	w.all = make([]int, 0, len(own)+len(a.facts))
	w.all = append(append(w.all, own...), a.facts...)
	if len(a.facts) > 0 {
		slices.SortStableFunc(w.all, func(s, t int) int { return x.slots[s].Start.Compare(x.slots[t].Start) })
	}
	flags := make([]bool, 3*x.days)
	w.slotOn, w.factOn, w.workOn = flags[:x.days], flags[x.days:2*x.days], flags[2*x.days:]
	for _, s := range w.all {
		if d := x.slots[s].day; d >= 0 && d < x.days {
			w.slotOn[d], w.workOn[d] = true, true
			if s >= len(x.period) {
				w.factOn[d] = true
			}
		}
	}
	for _, b := range a.work {
		if d := b.Day.Sub(x.from); d >= 0 && d < x.days && !b.Day.IsZero() {
			w.factOn[d], w.workOn[d] = true, true
		}
	}
	return w
}

// judge applies every personal rule in force.
func (w *labour) judge() []located {
	for _, u := range w.x.uses {
		if !u.def.Personal || !u.scope[w.at] {
			continue
		}
		w.current = u
		switch u.rule.Name {
		case OnePerDayRule:
			w.onePerDay()
		case NoOverlapRule:
			w.noOverlap()
		case AllowedShiftsRule:
			w.allowedShifts()
		case AvailabilityRule:
			w.availability()
		case PinRule:
			w.pinned()
		case MinRestRule:
			w.minRest()
		case WeeklyRestRule:
			w.weeklyRest()
		case RestAfterNightsRule:
			w.restAfterNights()
		case MaxHoursRule:
			w.maxHours()
		case MinHoursRule, TargetHoursRule:
			w.minHours()
		case MaxShiftsRule:
			w.maxShifts()
		case MinShiftsRule:
			w.minShifts()
		case ForwardRotationRule:
			w.forwardRotation()
		case MaxWeekendsRule:
			w.maxWeekends()
		case CompleteWeekendRule:
			w.completeWeekends()
		case ShiftMixRule:
			w.shiftMix()
		case MaxDaysRule, MaxDaysOffRule, MaxConsecutiveRule:
			w.longRuns()
		case MinDaysRule, MinDaysOffRule, MinConsecutiveRule:
			w.shortRuns()
		case PatternRule:
			w.rotations()
		case FairShareRule:
			w.fairShare()
		case StabilityRule:
			w.stability()
		}
	}
	return w.found
}

// finding makes one of a use.
func (u *use) finding(amount int, hard bool, cost Cost, agents []AgentID, slots []SlotID, days []Date, format string, args ...any) located {
	f := Finding{Rule: u.rule.Name, ID: u.rule.ID, Hard: hard, Agents: agents, Slots: slots, Days: days,
		Amount: amount, Unit: u.def.Unit, Cost: cost, Sentence: fmt.Sprintf(format, args...)}
	if hard {
		f.Cost = 0
	}
	return located{f, u.at}
}

// add reports an excess at the force and weight of the rule. A finding has an amount.
func (w *labour) add(amount int, slots []int, days []int, format string, args ...any) {
	u := w.current
	w.put(amount, u.rule.Force == Hard, u.def.Price(amount, u.rule.Weight), slots, days, format, args...)
}

// put reports an excess at a price of its own.
func (w *labour) put(amount int, hard bool, cost Cost, slots []int, days []int, format string, args ...any) {
	if amount <= 0 {
		return
	}
	var ids []SlotID
	for _, s := range slots {
		ids = append(ids, w.x.slots[s].ID)
	}
	slices.Sort(ids)
	var dates []Date
	for _, d := range days {
		dates = append(dates, w.x.from.AddDays(d))
	}
	w.found = append(w.found, w.current.finding(amount, hard, cost, []AgentID{w.a.ID}, ids, dates, "%s %s.", w.a.called(), fmt.Sprintf(format, args...)))
}

func (a *agentFacts) called() string {
	if a.Name != "" {
		return a.Name
	}
	return string(a.ID)
}

// saying is words that are put together only if a finding needs them: most of what is judged gives none.
type saying func() string

// String makes the words.
func (s saying) String() string { return s() }

// said is a slot as people say it.
func (x *Auditor) said(s int) saying {
	return func() string { return fmt.Sprintf("%s on %s", x.slots[s].Shift, sayDate(x.slots[s].Date)) }
}

func (x *Auditor) sayDay(d int) saying { return func() string { return sayDate(x.from.AddDays(d)) } }

func sayDate(d Date) string {
	if d.IsZero() {
		return "an unknown day"
	}
	return d.wall().Format("Mon 2 Jan")
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func (w *labour) onePerDay() {
	byDay := map[int][]int{}
	for _, s := range w.own {
		byDay[w.x.slots[s].day] = append(byDay[w.x.slots[s].day], s)
	}
	for _, d := range sortedKeys(byDay) {
		if on := byDay[d]; len(on) > 1 {
			w.add(len(on)-1, on, []int{d}, "has %d slots on %s", len(on), w.x.sayDay(d))
		}
	}
}

func (w *labour) noOverlap() {
	for i, s := range w.all {
		at := w.x.slots[s].Interval()
		for _, t := range w.all[i+1:] {
			other := w.x.slots[t]
			if !other.Start.Before(at.End) {
				break
			}
			if part := at.Intersect(other.Interval()); !part.IsEmpty() && (s < len(w.x.period) || t < len(w.x.period)) {
				w.add(max(int(part.Minutes()), 1), []int{s, t}, nil, "is on %s and on %s at the same time", w.x.said(s), w.x.said(t))
			}
		}
		if s >= len(w.x.period) {
			continue
		}
		for _, b := range w.a.busy {
			if part := at.Intersect(b.Interval); !part.IsEmpty() {
				why := b.Why
				if why == "" {
					why = "busy elsewhere"
				}
				w.add(max(int(part.Minutes()), 1), []int{s}, nil, "is busy during %s (%s)", w.x.said(s), why)
			}
		}
	}
}

func (w *labour) allowedShifts() {
	for _, s := range w.own {
		slot := w.x.slots[s].Slot
		switch {
		case !w.a.Employed(slot.Day):
			w.add(1, []int{s}, nil, "is not employed on %s, the day of %s", sayDate(slot.Day), w.x.said(s))
		case !w.a.contract.Allows(slot.Shift):
			w.add(1, []int{s}, nil, "has contract %s, which does not allow %s", w.a.Contract, w.x.said(s))
		}
	}
}

func (w *labour) availability() {
	for _, s := range w.own {
		b := w.a.blocked[s]
		var why []string
		if b.leave > 0 {
			why = append(why, fmt.Sprintf("on leave for %s of it", b.leave))
		}
		if b.unavailable > 0 {
			why = append(why, fmt.Sprintf("unavailable for %s of it", b.unavailable))
		}
		if b.beyond > 0 {
			why = append(why, fmt.Sprintf("not available for %s of it", b.beyond))
		}
		if b.any() {
			w.put(1, true, 0, []int{s}, nil, "has %s but is %s", w.x.said(s), strings.Join(why, ", "))
		}
		for _, e := range w.a.entries {
			slot := w.x.slots[s].Slot
			if e.Kind == Avoid && e.Concerns(slot) && meets(e.windows, slot.Interval()) {
				w.put(1, false, e.Price(), []int{s}, nil, "would rather not work %s", w.x.said(s))
			}
		}
	}
	for _, wish := range w.a.wanted {
		var missed []int
		for _, s := range wish.slots {
			if !w.has(s) {
				missed = append(missed, s)
			}
		}
		if e := w.a.entries[wish.entry]; len(missed) > 0 {
			w.put(len(missed), false, e.Price()*Cost(len(missed)), missed, nil, "would like %s that went to others",
				plural(len(missed), "more slot", "more slots"))
		}
	}
}

// has reports whether the roster gives the agent the period slot.
func (w *labour) has(s int) bool {
	_, ok := slices.BinarySearch(w.own, s)
	return ok
}

func (w *labour) pinned() {
	for _, pin := range w.a.pins {
		switch given := w.has(pin.slot); {
		case pin.forbid && given:
			w.add(1, []int{pin.slot}, nil, "is on %s, which a pin forbids", w.x.said(pin.slot))
		case !pin.forbid && !given:
			w.add(1, []int{pin.slot}, nil, "is pinned to %s but is not on it", w.x.said(pin.slot))
		}
	}
}

// pairs calls back for each slot and the next one, of which at least one is the period's.
func (w *labour) pairs(each func(s, t int)) {
	for i := 1; i < len(w.all); i++ {
		if s, t := w.all[i-1], w.all[i]; s < len(w.x.period) || t < len(w.x.period) {
			each(s, t)
		}
	}
}

// elapsed is the whole minutes from one instant to a later one; 0 when it is not later.
func elapsed(from, to time.Time) int { return int(Interval{Start: from, End: to}.Minutes()) }

func (w *labour) minRest() {
	rest := int(w.current.rule.Params.Hours("hours", 0))
	w.pairs(func(s, t int) {
		had := elapsed(w.x.slots[s].End, w.x.slots[t].Start)
		w.add(rest-had, []int{s, t}, nil, "has %s of rest between %s and %s; %s are due", Minutes(had), w.x.said(s), w.x.said(t), Minutes(rest))
	})
	for _, s := range w.own {
		slot := w.x.slots[s].Slot
		before, after := -1, -1
		for i, b := range w.a.work {
			if !b.Interval.End.After(slot.Start) && (before < 0 || b.Interval.End.After(w.a.work[before].Interval.End)) {
				before = i
			}
			if !b.Interval.Start.Before(slot.End) && (after < 0 || b.Interval.Start.Before(w.a.work[after].Interval.Start)) {
				after = i
			}
		}
		if before >= 0 {
			had := elapsed(w.a.work[before].Interval.End, slot.Start)
			w.add(rest-had, []int{s}, nil, "has %s of rest between work elsewhere and %s; %s are due", Minutes(had), w.x.said(s), Minutes(rest))
		}
		if after >= 0 {
			had := elapsed(slot.End, w.a.work[after].Interval.Start)
			w.add(rest-had, []int{s}, nil, "has %s of rest between %s and work elsewhere; %s are due", Minutes(had), w.x.said(s), Minutes(rest))
		}
	}
}

func (w *labour) weeklyRest() {
	need := int(w.current.rule.Params.Hours("hours", 0))
	for _, week := range w.x.weeks {
		if longestRest(week.Interval, w.spans(true, week.Interval)) >= need || longestRest(week.Interval, w.spans(false, week.Interval)) < need {
			continue
		}
		first := DateOf(week.Start, w.x.here)
		dates := []int{first.Sub(w.x.from)}
		w.add(1, nil, dates, "has no %s of uninterrupted rest in the week of %s; the longest is %s", Minutes(need), sayDate(first),
			Minutes(longestRest(week.Interval, w.spans(true, week.Interval))))
	}
}

// spans lists the agent's work that meets an interval, facts alone or all of it.
func (w *labour) spans(all bool, within Interval) []Interval {
	var list []Interval
	slots := w.a.facts
	if all {
		slots = w.all
	}
	for _, s := range slots {
		if at := w.x.slots[s].Interval(); at.Overlaps(within) {
			list = append(list, at)
		}
	}
	for _, b := range w.a.work {
		if b.Interval.Overlaps(within) {
			list = append(list, b.Interval)
		}
	}
	return list
}

// longestRest is the longest stretch of the interval that no span touches, in whole minutes.
func longestRest(within Interval, spans []Interval) int {
	longest := Minutes(0)
	for _, gap := range Gaps(within, spans) {
		longest = max(longest, gap.Minutes())
	}
	return int(longest)
}

func (w *labour) restAfterNights() {
	p := w.current.rule.Params
	nights, rest, tag := p.Int("nights", 0), int(p.Hours("hours", 0)), p.Text("tag", "")
	length, day := 0, 0
	for i, s := range w.all {
		slot := w.x.slots[s]
		if !slot.HasTag(tag) {
			length = 0
			continue
		}
		switch {
		case length > 0 && slot.day == day+1:
			length++
		case length == 0 || slot.day != day:
			length = 1
		}
		day = slot.day
		if length < nights {
			continue
		}
		mine := s < len(w.x.period)
		if i+1 < len(w.all) {
			next := w.x.slots[w.all[i+1]]
			if next.HasTag(tag) && (next.day == day+1 || next.day == day) {
				continue // the run goes on
			}
			if had := elapsed(slot.End, next.Start); mine || w.all[i+1] < len(w.x.period) {
				w.add(rest-had, []int{s, w.all[i+1]}, nil, "has %s of rest after %s before %s; %s are due",
					Minutes(had), plural(length, "night", "nights"), w.x.said(w.all[i+1]), Minutes(rest))
			}
		}
		if !mine {
			continue
		}
		first := -1
		for k, b := range w.a.work {
			if !b.Interval.Start.Before(slot.End) && (first < 0 || b.Interval.Start.Before(w.a.work[first].Interval.Start)) {
				first = k
			}
		}
		if first >= 0 {
			had := elapsed(slot.End, w.a.work[first].Interval.Start)
			w.add(rest-had, []int{s}, nil, "has %s of rest after %s before work elsewhere; %s are due",
				Minutes(had), plural(length, "night", "nights"), Minutes(rest))
		}
	}
}

func (w *labour) forwardRotation() {
	free := int(w.current.rule.Params.Hours("hours", 0))
	w.pairs(func(s, t int) {
		if elapsed(w.x.slots[s].End, w.x.slots[t].Start) >= free {
			return
		}
		const day = 24 * 60
		if turn := (w.x.slots[t].clock - w.x.slots[s].clock + day) % day; turn > 12*60 && turn < 23*60 {
			w.add(1, []int{s, t}, nil, "turns back round the clock from %s to %s", w.x.said(s), w.x.said(t))
		}
	})
}

func (w *labour) maxWeekends() {
	p := w.current.rule.Params
	most, weeks := p.Int("weekends", 0), p.Int("weeks", 0)
	n := len(w.x.weekends)
	worked, fact := make([]bool, n), make([]bool, n)
	for _, s := range w.all {
		for _, t := range w.x.slots[s].touched {
			worked[t.weekend] = true
			fact[t.weekend] = fact[t.weekend] || s >= len(w.x.period)
		}
	}
	for _, t := range w.a.touched {
		worked[t.weekend], fact[t.weekend] = true, true
	}
	size := min(weeks, n)
	for from := 0; size > 0 && from+size <= n; from++ {
		mine, total, given := false, 0, 0
		for k := from; k < from+size; k++ {
			mine = mine || w.x.weekends[k].mine
			if worked[k] {
				total++
			}
			if fact[k] {
				given++
			}
		}
		if mine && total > max(most, given) {
			day := w.x.weekends[from].day
			w.add(total-max(most, given), nil, []int{day.Sub(w.x.from)}, "works %s of the %s from %s; at most %d are meant",
				plural(total, "weekend", "weekends"), plural(size, "weekend", "weekends"), sayDate(day), most)
		}
	}
}

func (w *labour) completeWeekends() {
	worked := make([]uint32, len(w.x.weekends))
	for _, s := range w.all {
		for _, t := range w.x.slots[s].touched {
			worked[t.weekend] |= t.dates
		}
	}
	for _, t := range w.a.touched {
		worked[t.weekend] |= t.dates
	}
	for k, f := range w.x.weekends {
		if one := worked[k] != 0 && worked[k]&(worked[k]-1) == 0; one && f.mine && f.known && len(f.dates) > 1 {
			w.add(1, nil, []int{f.day.Sub(w.x.from)}, "works on one day only of the weekend of %s", sayDate(f.day))
		}
	}
}

func (w *labour) shiftMix() {
	for _, week := range w.x.weeks {
		if !week.mine {
			continue
		}
		var kinds, given []ShiftID
		for _, s := range w.all {
			slot := w.x.slots[s]
			if slot.day < week.first || slot.day > week.last {
				continue
			}
			if !slices.Contains(kinds, slot.Shift) {
				kinds = append(kinds, slot.Shift)
			}
			if s >= len(w.x.period) && !slices.Contains(given, slot.Shift) {
				given = append(given, slot.Shift)
			}
		}
		w.add(len(kinds)-max(1, len(given)), nil, []int{week.first}, "has %d different shifts in the week of %s",
			len(kinds), sayDate(DateOf(week.Start, w.x.here)))
	}
}

func (w *labour) rotations() {
	for _, r := range w.a.rota {
		given, extra := false, -1
		for _, s := range w.own {
			if w.x.slots[s].day == r.day {
				if slices.Contains(r.slots, s) {
					given = true
				} else {
					extra = s
				}
			}
		}
		days := []int{r.day}
		switch {
		case extra >= 0:
			w.put(1, false, r.price, []int{extra}, days, "has %s, which the rotation does not give", w.x.said(extra))
		case !given && len(r.slots) > 0:
			w.put(1, false, r.price, nil, days, "has no work on %s; the rotation gives %s", w.x.sayDay(r.day), w.x.said(r.slots[0]))
		}
	}
}

// burdenOf is the burden of one period slot for the agent.
func (w *labour) burdenOf(s int) Burden {
	slot := &w.x.slots[s].Slot
	short, at := !w.a.told[s] && AtShortNotice(w.x.p.Team, *slot, w.x.p.Now), 0
	if short {
		at = 1
	}
	known := &w.a.burden[at][s]
	if !known.Set {
		*known = Some(BurdenOf(w.x.p.Team, *slot, w.a.loc, w.a.holidays, short))
	}
	return known.Value
}

// points adds up the points of the agent's slots.
func (w *labour) points(kinds []BurdenKind) Points {
	sum := Points(0)
	for _, s := range w.own {
		sum += w.burdenOf(s).Points(w.x.p.Team.Burden, kinds...)
	}
	return sum
}

func (w *labour) fairShare() {
	u := w.current
	step := max(u.rule.Params.Int("step", 1), 1)
	done, target := w.points(u.kinds), u.targets[w.a.ID]
	off, word := int(done-target), "more"
	if off < 0 {
		off, word = -off, "less"
	}
	if u.rule.Force == Hard {
		w.put(off-step, true, 0, nil, nil, "carries %s of unsocial work, %d %s than the fair share", plural(int(done), "point", "points"), off, word)
		return
	}
	steps := Cost((off + step - 1) / step)
	w.put(off, false, u.rule.Weight*steps*(steps+1)/2, nil, nil, "carries %s of unsocial work, %d %s than the fair share",
		plural(int(done), "point", "points"), off, word)
}

func (w *labour) stability() {
	if w.x.p.Published == nil {
		return
	}
	p, now := w.current.rule.Params, w.x.p.Now
	near := now.Add(time.Duration(p.Hours("hours", 0)) * time.Minute)
	soon := now.Add(time.Duration(p.Int("days", 0)) * 24 * time.Hour)
	changed := func(s int, what string) {
		times := Cost(1)
		switch start := w.x.slots[s].Start; {
		case start.Before(near):
			times = 3
		case start.Before(soon):
			times = 2
		}
		u := w.current
		w.put(1, u.rule.Force == Hard, u.rule.Weight*times, []int{s}, nil, "%s %s, unlike the published roster", what, w.x.said(s))
	}
	for _, s := range sortedKeys(w.a.told) {
		if !w.has(s) {
			changed(s, "is not on")
		}
	}
	for _, s := range w.own {
		if !w.a.told[s] {
			changed(s, "is on")
		}
	}
}

// summary is what the roster gives the agent.
func (w *labour) summary() AgentWork {
	sum := AgentWork{Agent: w.a.ID, Slots: len(w.own)}
	weekends := map[int]bool{}
	for _, s := range w.own {
		slot := w.x.slots[s]
		sum.Paid += slot.Paid
		if slot.HasTag("night") {
			sum.Nights++
		}
		for _, t := range slot.touched {
			weekends[t.weekend] = true
		}
		b := w.burdenOf(s)
		sum.Burden = sum.Burden.Plus(b)
		sum.Points += b.Points(w.x.p.Team.Burden)
	}
	sum.Weekends = len(weekends)
	for d := w.x.first; d <= w.x.last; d++ {
		sum.Elsewhere += w.a.workDay[d]
	}
	return sum
}
