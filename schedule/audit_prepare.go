package schedule

import (
	"fmt"
	"slices"
	"sort"
	"time"
)

// Auditor is a period made ready to judge rosters. It reads the period and never changes it. It remembers burdens once
// worked out, so it is not for several goroutines at once.
type Auditor struct {
	p    *Period
	here *time.Location
	// from is the first known day, day 0; days numbers the known days; first and last are the period's.
	from              Date
	days, first, last int

	slots    []slotFacts // those of the period, by start, then those around it
	period   []slotFacts // the first part of slots
	slotAt   map[SlotID]int
	agents   []agentFacts
	agentAt  map[AgentID]int
	weeks    []weekFacts
	weekends []weekendFacts

	uses     []*use // every rule in force, in the order of findings
	implicit map[RuleName]*use
	broken   []located // what the period itself makes impossible to judge
}

// use is one rule in force.
type use struct {
	at    int // place in Auditor.uses
	rule  Rule
	def   Definition
	scope []bool // by agent

	kinds   []BurdenKind // of fair-share
	targets map[AgentID]Points
}

// located is a finding with the place of its rule.
type located struct {
	Finding
	use int
}

type slotFacts struct {
	Slot
	day   int // number of the roster day; may be outside the known days for slots around the period
	clock int // minutes after midnight of the start on the team's clock
	// touched lists the weekends of which the slot has an instant, and which of their dates.
	touched []touch
}

type touch struct {
	weekend int
	dates   uint32
}

type weekFacts struct {
	Interval
	first, last int // day numbers, clipped to the known days; last < first when none is known
	from, to    int // the period's part
	mine        bool
}

type weekendFacts struct {
	Interval
	day   Date
	dates []Interval
	known bool // all its dates are known days
	mine  bool // it is the period's
}

type agentFacts struct {
	Agent
	contract Contract
	loc      *time.Location
	holidays map[Date]string
	facts    []int // slots around the period, by start
	work     []Busy
	busy     []Busy // all kinds of busy time
	workDay  []Minutes
	teamDay  []Minutes // the part of workDay that is slots of other teams
	touched  []touch   // by work elsewhere
	leave    []bool    // by known day
	employed []bool
	entries  []entryFacts
	blocked  []blocking // by period slot
	reach    []bool     // by period slot
	wanted   []wish
	rota     []rotaDay
	told     map[int]bool // published period slots
	pins     []pinFacts
	burden   *[2][]Optional[Burden] // by short notice and period slot, as needed; agents of one zone and calendar share it
}

// blocking is why availability forbids a slot.
type blocking struct{ leave, unavailable, beyond Minutes }

func (b blocking) any() bool { return b.leave > 0 || b.unavailable > 0 || b.beyond > 0 }

type entryFacts struct {
	Availability
	windows []Interval
}

// wish is the slots that a prefer entry speaks of, within reach.
type wish struct {
	entry int
	slots []int
}

// rotaDay is a judged day of a rotation for an agent.
type rotaDay struct {
	day      int
	slots    []int
	rotation int
	price    Cost
}

type pinFacts struct {
	slot   int
	forbid bool
	note   string
}

// NewAuditor works out what every roster of the period is judged by.
func NewAuditor(p *Period) *Auditor {
	x := &Auditor{p: p, agentAt: map[AgentID]int{}, slotAt: map[SlotID]int{}, implicit: map[RuleName]*use{}}
	x.listRules()
	var err error
	if x.here, err = LoadZone(p.Team.Zone); err != nil {
		x.here = time.UTC
		x.spoil(fmt.Errorf("team %s: %w", p.Team.ID, err))
	}
	x.from = p.First
	to := p.Last
	if !p.KnownFrom.IsZero() && p.KnownFrom.Before(x.from) {
		x.from = p.KnownFrom
	}
	if p.KnownTo.After(to) {
		to = p.KnownTo
	}
	x.days = to.Sub(x.from) + 1
	x.first, x.last = p.First.Sub(x.from), p.Last.Sub(x.from)
	x.listSlots()
	x.listWeeks()
	x.listWeekends(to)
	contracts := make(map[ContractID]Contract, len(p.Contracts))
	for _, c := range p.Contracts {
		contracts[c.ID] = c
	}
	x.agents = make([]agentFacts, len(p.Agents))
	for i, a := range p.Agents {
		x.agents[i] = agentFacts{Agent: a, contract: contracts[a.Contract]}
		x.agentAt[a.ID] = i
	}
	x.listFacts()
	for i := range x.agents {
		x.prepareAgent(&x.agents[i], to)
	}
	x.listRotations()
	for _, u := range x.uses {
		u.scope = make([]bool, len(x.agents))
		for i, a := range x.agents {
			u.scope[i] = u.rule.Scope.Includes(a.Agent)
		}
		if u.rule.Name == FairShareRule {
			if u.kinds, err = FairKinds(u.rule); err == nil {
				u.targets, err = TargetsOf(p, u.rule)
			}
			if err != nil {
				x.spoil(fmt.Errorf("rule %s: %w", u.rule.ID, err))
			}
		}
	}
	return x
}

// spoil keeps an error of the period as a finding that no roster escapes.
func (x *Auditor) spoil(err error) {
	u := x.implicit[WellFormedRule]
	x.broken = append(x.broken, u.finding(1, true, 0, nil, nil, nil, "The period cannot be judged in full: %v.", err))
}

// listRules gives every rule in force its place: those of the catalogue's order that hold by themselves, and the
// team's uses where their name stands in it.
func (x *Auditor) listRules() {
	stated := EffectiveRules(x.p)
	for _, d := range catalogue {
		if d.Unstatable {
			u := &use{rule: Rule{Name: d.Name, Force: d.Force, Weight: d.Weight}, def: d}
			x.implicit[d.Name] = u
			x.uses = append(x.uses, u)
		}
		for _, r := range stated {
			if r.Name == d.Name {
				x.uses = append(x.uses, &use{rule: r, def: d})
			}
		}
	}
	for i, u := range x.uses {
		u.at = i
	}
}

func (x *Auditor) listSlots() {
	add := func(s Slot, inPeriod bool) {
		if _, twice := x.slotAt[s.ID]; twice {
			return
		}
		local := s.Start.In(x.here)
		x.slotAt[s.ID] = len(x.slots)
		x.slots = append(x.slots, slotFacts{Slot: s, day: s.Day.Sub(x.from), clock: local.Hour()*60 + local.Minute()})
	}
	own := slices.Clone(x.p.Slots)
	slices.SortStableFunc(own, func(a, b Slot) int { return a.Start.Compare(b.Start) })
	for _, s := range own {
		add(s, true)
	}
	n := len(x.slots)
	for _, s := range x.p.Around {
		add(s, false)
	}
	x.period = x.slots[:n:n]
}

func (x *Auditor) listWeeks() {
	weeks := Weeks(x.p.Team.WeekStart, x.p.First, x.p.Last)
	if n := len(weeks); n > 0 {
		weeks = append(weeks, Week{First: weeks[n-1].First.AddDays(7), Last: weeks[n-1].First.AddDays(13)})
	}
	for i, w := range weeks {
		f := weekFacts{Interval: TeamWeek(w.First, x.here), first: max(w.First.Sub(x.from), 0), last: min(w.Last.Sub(x.from), x.days-1)}
		if f.mine = i < len(weeks)-1; f.mine {
			f.from, f.to = w.From.Sub(x.from), w.To.Sub(x.from)
		}
		x.weeks = append(x.weeks, f)
	}
}

func (x *Auditor) listWeekends(to Date) {
	// Slots of the last days run on for at most two days or so; later weekends are dropped below if nothing touches them.
	for _, w := range Weekends(x.p.Team, x.here, x.from, to.AddDays(8)) {
		f := weekendFacts{Interval: w.Interval, day: w.Day, known: true}
		lastDate := DateOf(w.Interval.End.Add(-time.Nanosecond), x.here)
		near := false
		for d := DateOf(w.Interval.Start, x.here); !d.After(lastDate); d = d.AddDays(1) {
			start, end := DayBounds(d, x.here)
			if part := (Interval{Start: start, End: end}).Intersect(f.Interval); !part.IsEmpty() {
				f.dates = append(f.dates, part)
				n := d.Sub(x.from)
				f.known = f.known && n >= 0 && n < x.days
				near = near || n >= 0 && n < x.days
				f.mine = f.mine || n >= x.first && n <= x.last
			}
		}
		for i, s := range x.slots {
			if s.Interval().Overlaps(f.Interval) {
				near = true
				f.mine = f.mine || i < len(x.period)
			}
		}
		if near {
			x.weekends = append(x.weekends, f)
		}
	}
	for i := range x.slots {
		x.slots[i].touched = x.touches(x.slots[i].Interval())
	}
}

// touches lists the weekends, and their dates, that share an instant with the interval.
func (x *Auditor) touches(at Interval) []touch {
	var list []touch
	for k := range x.weekends {
		w := &x.weekends[k]
		if !w.Interval.Start.Before(at.End) {
			break
		}
		if !w.Overlaps(at) {
			continue
		}
		t := touch{weekend: k}
		for d, part := range w.dates {
			if part.Overlaps(at) {
				t.dates |= 1 << d
			}
		}
		list = append(list, t)
	}
	return list
}

// listFacts gives agents their history, work elsewhere, pins and what was published to them.
func (x *Auditor) listFacts() {
	burdens := map[string]*[2][]Optional[Burden]{}
	for i := range x.agents {
		a := &x.agents[i]
		a.told = map[int]bool{}
		key := fmt.Sprint(a.Zone, a.Calendars(x.p.Team))
		if burdens[key] == nil {
			burdens[key] = &[2][]Optional[Burden]{make([]Optional[Burden], len(x.period)), make([]Optional[Burden], len(x.period))}
		}
		a.burden = burdens[key]
	}
	for _, as := range x.p.Worked {
		i, known := x.agentAt[as.Agent]
		s, dated := x.slotAt[as.Slot]
		if known && dated && s >= len(x.period) && !slices.Contains(x.agents[i].facts, s) {
			x.agents[i].facts = append(x.agents[i].facts, s)
		}
	}
	for _, b := range x.p.Busy {
		if i, known := x.agentAt[b.Agent]; known && !b.Interval.IsEmpty() {
			a := &x.agents[i]
			a.busy = append(a.busy, b)
			if b.Work {
				a.work = append(a.work, b)
			}
		}
	}
	if x.p.Published != nil {
		for _, as := range x.p.Published.Assignments {
			i, known := x.agentAt[as.Agent]
			if s, dated := x.slotAt[as.Slot]; known && dated && s < len(x.period) {
				x.agents[i].told[s] = true
			}
		}
	}
	for _, pin := range x.p.Pins {
		i, known := x.agentAt[pin.Agent]
		if s, dated := x.slotAt[pin.Slot]; known && dated && s < len(x.period) {
			x.agents[i].pins = append(x.agents[i].pins, pinFacts{slot: s, forbid: pin.Forbid, note: pin.Note})
		}
	}
}

func (x *Auditor) prepareAgent(a *agentFacts, to Date) {
	p := x.p
	var err error
	if a.loc, err = a.Location(p.Team); err != nil {
		a.loc = x.here
		x.spoil(fmt.Errorf("agent %s: %w", a.ID, err))
	}
	a.holidays = HolidayDates(p.Holidays, a.Calendars(p.Team))
	slices.SortStableFunc(a.facts, func(s, t int) int { return x.slots[s].Start.Compare(x.slots[t].Start) })
	a.workDay, a.teamDay = make([]Minutes, x.days), make([]Minutes, x.days)
	for _, b := range a.work {
		if d := b.Day.Sub(x.from); d >= 0 && d < x.days && !b.Day.IsZero() {
			a.workDay[d] += b.Paid
			if b.Team != "" {
				a.teamDay[d] += b.Paid
			}
		}
		a.touched = append(a.touched, x.touches(b.Interval)...)
	}
	leave, err := LeaveDays(p.Team, a.Agent, p.Availability, x.from, to)
	if err != nil {
		x.spoil(fmt.Errorf("agent %s: %w", a.ID, err))
	}
	a.leave, a.employed = make([]bool, x.days), make([]bool, x.days)
	for d := range x.days {
		date := x.from.AddDays(d)
		a.leave[d], a.employed[d] = leave[date], a.Employed(date)
	}
	x.prepareAvailability(a)
	a.reach = make([]bool, len(x.period))
	for s := range x.period {
		a.reach[s] = MayWork(a.Agent, a.contract, x.period[s].Slot) && !a.blocked[s].any()
	}
	for k, e := range a.entries {
		if e.Kind != Prefer {
			continue
		}
		w := wish{entry: k}
		for s := range x.period {
			if a.reach[s] && e.Concerns(x.period[s].Slot) && meets(e.windows, x.period[s].Interval()) {
				w.slots = append(w.slots, s)
			}
		}
		if len(w.slots) > 0 {
			a.wanted = append(a.wanted, w)
		}
	}
}

// prepareAvailability finds when the agent's entries hold and which period slots they forbid.
func (x *Auditor) prepareAvailability(a *agentFacts) {
	a.blocked = make([]blocking, len(x.period))
	var within Interval
	for _, s := range x.period {
		if within.IsEmpty() || s.Start.Before(within.Start) {
			within.Start = s.Start
		}
		if within.End.Before(s.End) {
			within.End = s.End
		}
	}
	restricted := false
	for _, e := range x.p.Availability {
		if e.Agent != a.ID || !e.InForce() || e.Kind == Outside {
			continue
		}
		windows, err := e.Windows(a.loc, within)
		if err != nil {
			x.spoil(err)
		}
		restricted = restricted || e.Kind == Available
		a.entries = append(a.entries, entryFacts{e, windows})
	}
	if len(a.entries) == 0 {
		return
	}
	for s := range x.period {
		slot := x.period[s].Slot
		var leave, unavailable, only []Interval
		for _, e := range a.entries {
			if !e.Concerns(slot) {
				continue
			}
			near := meeting(e.windows, slot.Interval())
			switch e.Kind {
			case Leave:
				leave = append(leave, near...)
			case Unavailable:
				unavailable = append(unavailable, near...)
			case Available:
				only = append(only, near...)
			}
		}
		b := &a.blocked[s]
		b.leave, b.unavailable = minutesWithin(slot.Interval(), leave), minutesWithin(slot.Interval(), unavailable)
		if restricted {
			for _, gap := range Gaps(slot.Interval(), only) {
				b.beyond += max(gap.Minutes(), 1)
			}
		}
	}
}

// meeting is the part of ascending, disjoint windows that share an instant with the interval.
func meeting(windows []Interval, at Interval) []Interval {
	i := sort.Search(len(windows), func(i int) bool { return windows[i].End.After(at.Start) })
	j := i
	for j < len(windows) && windows[j].Start.Before(at.End) {
		j++
	}
	return windows[i:j]
}

func meets(windows []Interval, at Interval) bool { return len(meeting(windows, at)) > 0 }

// minutesWithin is the minutes of at in any of the windows, at least 1 for any instant.
func minutesWithin(at Interval, windows []Interval) Minutes {
	if len(windows) == 0 {
		return 0
	}
	total := Minutes(0)
	for _, w := range Union(windows) {
		if part := w.Intersect(at); !part.IsEmpty() {
			total += max(part.Minutes(), 1)
		}
	}
	return total
}

// listRotations finds for every agent in a crew the days on which a rotation is judged, and what it gives.
func (x *Auditor) listRotations() {
	def, _ := FindDefinition(PatternRule)
	for k, rot := range x.p.Rotations {
		pattern, known := FindPattern(x.p.Patterns, rot.Pattern)
		if !known {
			x.spoil(fmt.Errorf("rotation %s: unknown pattern %q", rot.ID, rot.Pattern))
			continue
		}
		for c, crew := range rot.Crews {
			for _, id := range crew.Agents {
				i, known := x.agentAt[id]
				if !known {
					continue
				}
				a := &x.agents[i]
				given := map[int][]int{}
				// A letter can stand for the slot of the next date, and a date can be another roster day's.
				for n := x.first - 1 - margin; n <= x.last+margin; n++ {
					if id, ok := rot.SlotOn(pattern, c, x.from.AddDays(n)); ok {
						if s, dated := x.slotAt[id]; dated && s < len(x.period) && a.reach[s] {
							given[x.period[s].day] = append(given[x.period[s].day], s)
						}
					}
				}
				for n := x.first; n <= x.last; n++ {
					date := x.from.AddDays(n)
					in := !date.Before(rot.From) && (rot.Until.IsZero() || !date.After(rot.Until))
					if in || len(given[n]) > 0 {
						a.rota = append(a.rota, rotaDay{day: n, slots: given[n], rotation: k, price: rot.Weight.Or(def.Weight)})
					}
				}
			}
		}
	}
}
