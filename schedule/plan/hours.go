package plan

import (
	"time"

	"rota/schedule"
	"rota/solver"
	"rota/solver/model"
)

// stretch is days [from, to) by number; a team week can begin before the first known day and end after the last.
type stretch struct{ from, to int }

// midnight is the first instant of a day by number, in the team's zone.
func (c *compiler) midnight(day int) time.Time {
	t, _ := schedule.StartInstant(c.days[0].AddDays(day), schedule.Midnight, c.here)
	return t
}

// weeks lists the first days of the team weeks that hold a day of the period.
func (c *compiler) weeks() []int {
	var list []int
	back := int(c.p.First.Weekday()-c.p.Team.WeekStart+7) % 7
	for d := c.first - back; d <= c.last; d += 7 {
		list = append(list, d)
	}
	return list
}

func (c *compiler) lastWeek() int {
	weeks := c.weeks()
	return weeks[len(weeks)-1]
}

// stretches lists the windows of a rule with per or days. of is the number of days over which a limit is stated, and
// whole says that the window has all of them.
func (c *compiler) stretches(u use) (list []stretch, of int) {
	if n := u.Params.Int("days", 0); n > 0 {
		if n > c.known {
			return []stretch{{0, c.known}}, n
		}
		for from := 0; from+n <= c.known; from++ {
			if from <= c.last && from+n > c.first {
				list = append(list, stretch{from, from + n})
			}
		}
		return list, n
	}
	switch u.Params.Text("per", "week") {
	case "day":
		for d := c.first; d <= c.last; d++ {
			list = append(list, stretch{d, d + 1})
		}
		return list, 1
	case "period":
		return []stretch{{c.first, c.last + 1}}, c.last + 1 - c.first
	}
	for _, w := range c.weeks() {
		list = append(list, stretch{w, w + 7})
	}
	return list, 7
}

// facts adds up what is known of an agent in a stretch: slot says what a slot counts, other what work elsewhere does.
func (c *compiler) sumFacts(p int, s stretch, slot func(s int) int64, other func(b busy) int64) int64 {
	n := int64(0)
	for _, i := range c.factsOf(p, s.from, s.to) {
		n += slot(i)
	}
	if other != nil {
		for _, b := range c.who[p].busy {
			if b.work && b.day >= 0 && b.day >= s.from && b.day < s.to {
				n += other(b)
			}
		}
	}
	return n
}

func (c *compiler) paid(s int) int64 { return int64(c.slots[s].Paid) }

func paidElsewhere(b busy) int64 { return int64(b.paid) }

// paidByTeams counts the slots of other teams alone.
func paidByTeams(b busy) int64 {
	if !b.team {
		return 0
	}
	return int64(b.paid)
}

// minutesOf is the paid minutes of the period's duties. What is known is taken off the limits instead, so that people
// with different pasts still have the same counters.
func (c *compiler) minutesOf() solver.MeasureID {
	return c.measure("minutes", func(d, i int) int32 {
		if d < c.first || i == 0 {
			return 0
		}
		return int32(c.slots[c.duties[d][i].slots[0]].Paid)
	})
}

// slotsOf counts the period's duties with the tag, all when it is empty.
func (c *compiler) slotsOf(tag string) (solver.MeasureID, func(s int) int64) {
	has := func(s int) int64 {
		if tag == "" {
			return 1
		}
		for _, t := range c.slots[s].Tags {
			if t == tag {
				return 1
			}
		}
		return 0
	}
	return c.measure("slots "+tag, func(d, i int) int32 {
		if d < c.first || i == 0 {
			return 0
		}
		return int32(has(c.duties[d][i].slots[0]))
	}), has
}

// within narrows a stretch to the period.
func (c *compiler) within(s stretch) stretch {
	return stretch{max(s.from, c.first), min(s.to, c.last+1)}
}

// atMost is the bound of what a period may add to facts: up to the limit, or nothing where facts are beyond it.
func atMost(limit, facts int64, u use, step int64) solver.Bound {
	b := model.Loose()
	at := max(limit, facts) - facts
	if u.hard {
		b.Max = at
	} else {
		b.Hinges = []solver.Hinge{{At: at, Above: u.price, Step: step}}
	}
	return b
}

// atLeast is the bound of what a period must add to facts to reach the limit.
func atLeast(limit, facts int64, u use, step int64) solver.Bound {
	b := model.Loose()
	switch at := limit - facts; {
	case at <= 0:
	case u.hard:
		b.Min = at
	default:
		b.Hinges = []solver.Hinge{{At: at, Below: u.price, Step: step}}
	}
	return b
}

func (c *compiler) maxHours(u use) error {
	list, _ := c.stretches(u)
	of := c.minutesOf()
	c.each(u, func(p int) {
		limit, ceiling := int64(u.Params.Hours("hours", 0)), int64(0)
		contract := u.OfContract()
		if contract {
			k := c.who[p].contract
			if !k.Max.Set {
				return
			}
			limit = int64(k.Max.Value)
			ceiling = limit + int64(c.who[p].Extra.Or(k.Extra))
		}
		for _, s := range list {
			facts := c.sumFacts(p, s, c.paid, paidElsewhere)
			in := c.within(s)
			if !contract || u.hard { // forced hard, a contract's extra time is not accepted
				c.limit(p, string(u.Name), of, in.from, in.to, atMost(limit, facts, u, quarter))
				continue
			}
			b := atMost(limit, facts, use{Rule: u.Rule, price: u.price}, quarter)
			b.Max = max(ceiling, facts) - facts
			c.limit(p, string(u.Name), of, in.from, in.to, b)
		}
	})
	return nil
}

func (c *compiler) minHours(u use, ofContract func(schedule.Contract) schedule.Optional[schedule.Minutes]) error {
	list, days := c.stretches(u)
	of := c.minutesOf()
	perDay := !u.Params.Has("days") && u.Params.Text("per", "") == "day"
	c.each(u, func(p int) {
		due := int64(u.Params.Hours("hours", 0))
		if u.OfContract() {
			k := ofContract(c.who[p].contract)
			if !k.Set {
				return
			}
			due = int64(k.Value)
		}
		for _, s := range list {
			if perDay {
				facts := c.sumFacts(p, s, c.paid, paidByTeams)
				for i := 1; i < len(c.duties[s.from]); i++ {
					c.charge(p, s.from, i, u.minutes(int(due-facts)-int(c.m.Measures[of].Of[s.from][i])))
				}
				continue
			}
			c.least(p, u, of, s, due, days, quarter, c.paid, paidByTeams)
		}
	})
	return nil
}

// least bounds a sum from below, pro rata to the days that count.
func (c *compiler) least(p int, u use, of solver.MeasureID, s stretch, due int64, days int, step int64, slot func(s int) int64, other func(b busy) int64) {
	if u.Params.Int("days", 0) > 0 {
		if s.to-s.from < days {
			return // not known whole
		}
	} else {
		s = c.within(s)
	}
	counted := int64(0)
	for d := s.from; d < s.to; d++ {
		if c.counts(p, d) {
			counted++
		}
	}
	in := c.within(s)
	facts := c.sumFacts(p, s, slot, other)
	c.limit(p, string(u.Name), of, in.from, in.to, atLeast(due*counted/int64(days), facts, u, step))
}

// counts reports whether the agent owes work on a known day: employed and not on leave all day.
func (c *compiler) counts(p, d int) bool {
	w := &c.who[p]
	date := c.days[0].AddDays(d)
	return !date.Before(w.From) && (w.To.IsZero() || !date.After(w.To)) && !w.leave[d]
}

func (c *compiler) maxShifts(u use) error {
	list, _ := c.stretches(u)
	of, has := c.slotsOf(u.Params.Text("tag", ""))
	c.each(u, func(p int) {
		for _, s := range list {
			in := c.within(s)
			c.limit(p, string(u.Name), of, in.from, in.to, atMost(int64(u.Params.Int("shifts", 0)), c.sumFacts(p, s, has, nil), u, 1))
		}
	})
	return nil
}

func (c *compiler) minShifts(u use) error {
	list, days := c.stretches(u)
	of, has := c.slotsOf(u.Params.Text("tag", ""))
	c.each(u, func(p int) {
		for _, s := range list {
			c.least(p, u, of, s, int64(u.Params.Int("shifts", 0)), days, 1, has, nil)
		}
	})
	return nil
}

// shiftMix prices different shifts in one team week.
func (c *compiler) shiftMix(u use) error {
	for _, w := range c.weeks() {
		in := c.within(stretch{w, w + 7})
		c.each(u, func(p int) {
			// Of the shifts of the week those that the contract allows can make a difference.
			var shifts []schedule.ShiftID
			seen := map[schedule.ShiftID]bool{}
			given := map[schedule.ShiftID]bool{}
			for _, s := range c.factsOf(p, max(w, 0), w+7) {
				given[c.slots[s].Shift] = true
			}
			for s, slot := range c.slots {
				if c.own[s] && c.day[s] >= in.from && c.day[s] < in.to && !seen[slot.Shift] && !given[slot.Shift] && c.who[p].contract.Allows(slot.Shift) {
					seen[slot.Shift] = true
					shifts = append(shifts, slot.Shift)
				}
			}
			if len(shifts) == 0 || len(shifts)+len(given) < 2 {
				return
			}
			if len(shifts) > model.MaxParts {
				c.tooMany = append(c.tooMany, c.days[in.from])
				return
			}
			x := solver.Span{Name: string(u.Name), Days: solver.Days{From: in.from, To: in.to}}
			for _, id := range shifts {
				x.Parts = append(x.Parts, c.set("shift "+string(id), func(d, i int) bool {
					return d >= c.first && i > 0 && c.slots[c.duties[d][i].slots[0]].Shift == id
				}))
			}
			for mask := range 1 << len(shifts) {
				n := len(given)
				for j := range shifts {
					n += mask >> j & 1
				}
				x.Cost = append(x.Cost, u.cost(n-max(1, len(given))))
			}
			c.m.People[p].Spans = append(c.m.People[p].Spans, x)
		})
	}
	return c.spanError()
}
