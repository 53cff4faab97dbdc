package plan

import (
	"fmt"
	"slices"

	"rota/schedule"
	"rota/solver"
)

// successor is what it costs that slot b is the next slot after slot a.
type successor func(a, b int) solver.Cost

// successions adds a rule about an agent's slot and next slot for the agents given. One table serves them all; what
// follows the period differs from agent to agent and becomes words at its end.
func (c *compiler) successions(name, key string, people []int, hours schedule.Minutes, cost successor) {
	table, known := c.tables[key]
	if !known {
		table = -1
		t := solver.Links{Name: name}
		// Slots of one roster day begin within 26 hours of midnight and last 26 at most.
		reach := 2 + int(hours/(24*60)) + 1
		for d := range c.duties {
			for next := max(d+1, c.first); next <= min(d+reach, c.last); next++ {
				for i, x := range c.duties[d] {
					for j, y := range c.duties[next] {
						if i == 0 || j == 0 {
							continue
						}
						if k := cost(x.slots[len(x.slots)-1], y.slots[0]); k > 0 {
							t.Links = append(t.Links, solver.Link{Day: d, Duty: i, NextDay: next, NextDuty: j, Cost: k})
						}
					}
				}
			}
		}
		if len(t.Links) > 0 {
			table = len(c.m.Links)
			c.m.Links = append(c.m.Links, t)
		}
		c.tables[key] = table
	}
	var again []int // whom the very same rule is stated for a second time
	for _, p := range people {
		if slices.Contains(c.m.People[p].Links, table) {
			again = append(again, p)
			continue
		}
		if table >= 0 {
			c.m.People[p].Links = append(c.m.People[p].Links, table)
		}
		if later := c.factsOf(p, c.last+1, c.known); len(later) > 0 {
			c.before(p, name, func(d, i int) solver.Cost { return cost(c.duties[d][i].slots[0], later[0]) })
		}
	}
	if len(again) > 0 {
		c.successions(name, key+" again", again, hours, cost)
	}
}

// before prices the agent's last work in the period by what comes next: cost is that of duty i on day d.
func (c *compiler) before(p int, name string, cost func(d, i int) solver.Cost) {
	for d := c.last; d >= c.first; d-- {
		byCost := map[solver.Cost][]int{}
		for i := 1; i < len(c.duties[d]); i++ {
			k := cost(d, i)
			switch {
			case k == 0:
			case d == c.last:
				c.charge(p, d, i, k)
			default:
				byCost[k] = append(byCost[k], i)
			}
		}
		for _, k := range sorted(byCost) {
			letters := []solver.MeasureID{c.exactly(d, byCost[k])}
			for range c.last - d {
				letters = append(letters, c.off())
			}
			c.word(p, solver.Word{Name: name, Letters: letters, Starts: []int{d}, Cost: k})
		}
	}
}

func (c *compiler) word(p int, w solver.Word) {
	c.m.People[p].Words = append(c.m.People[p].Words, w)
}

// exactly is the set of the given duties of day d.
func (c *compiler) exactly(d int, list []int) solver.MeasureID {
	return c.set(fmt.Sprintf("%s %v", c.days[d], list), func(day, i int) bool { return day == d && slices.Contains(list, i) })
}

func sorted[V any](m map[solver.Cost]V) []solver.Cost {
	var keys []solver.Cost
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// gap is the whole minutes from the end of one stretch to the start of another, 0 when they overlap.
func gap(a, b span) int { return int(max(b.from-a.to, 0) / 60) }

func (c *compiler) minRest(u use, rested []bool) {
	hours := u.Params.Hours("hours", 0)
	if hours <= 0 {
		return
	}
	missing := func(a, b span) solver.Cost { return u.minutes(int(hours) - gap(a, b)) }
	var people []int
	c.each(u, func(p int) { people = append(people, p) })
	c.successions(string(u.Name), fmt.Sprint(u.Name, hours, u.unit()), people, hours,
		func(a, b int) solver.Cost { return missing(c.at[a], c.at[b]) })
	for _, p := range people {
		rested[p] = rested[p] || u.hard
		for s := range c.slots {
			if !c.own[s] {
				continue
			}
			var before, after *span // the last work elsewhere before the slot, and the first after it
			for _, b := range c.who[p].busy {
				if !b.work {
					continue
				}
				if b.to <= c.at[s].from && (before == nil || b.to > before.to) {
					before = &b.span
				}
				if b.from >= c.at[s].to && (after == nil || b.from < after.from) {
					after = &b.span
				}
			}
			if before != nil {
				c.charge(p, c.day[s], c.of[s], missing(*before, c.at[s]))
			}
			if after != nil {
				c.charge(p, c.day[s], c.of[s], missing(c.at[s], *after))
			}
		}
	}
}

// overlaps forbids two slots at a time for those whose rests do not forbid it already.
func (c *compiler) overlaps(rested []bool) {
	var people []int
	for p, done := range rested {
		if !done {
			people = append(people, p)
		}
	}
	if len(people) == 0 {
		return
	}
	c.successions(string(schedule.NoOverlapRule), string(schedule.NoOverlapRule), people, 0, func(a, b int) solver.Cost {
		if c.at[a].shared(c.at[b]) > 0 {
			return solver.Forbidden
		}
		return 0
	})
}

// forward prices a next slot that begins earlier on the clock than the slot before.
func (c *compiler) forward(u use) {
	hours := u.Params.Hours("hours", 0)
	clock := func(s int) int {
		t := c.slots[s].Start.In(c.here)
		return t.Hour()*3600 + t.Minute()*60 + t.Second()
	}
	const day = 24 * 3600
	var people []int
	c.each(u, func(p int) { people = append(people, p) })
	c.successions(string(u.Name), fmt.Sprint(u.Name, hours, u.unit()), people, hours, func(a, b int) solver.Cost {
		turn := (clock(b) - clock(a) + day) % day
		if c.at[b].from-c.at[a].to < int64(hours)*60 && turn > day/2 && turn < 23*3600 {
			return u.unit()
		}
		return 0
	})
}

// weeklyRest asks for a free stretch in every team week of the period and in the week after.
func (c *compiler) weeklyRest(u use) {
	hours := int64(u.Params.Hours("hours", 0)) * 60
	for _, week := range append(c.weeks(), c.lastWeek()+7) {
		from, to := c.midnight(week).Unix(), c.midnight(week+7).Unix()
		touched := false
		for s := range c.slots {
			touched = touched || c.own[s] && c.at[s].shared(span{from, to}) > 0
		}
		if !touched {
			continue // facts alone decide
		}
		c.each(u, func(p int) {
			var busy []span // but for the days of the model
			for _, b := range c.who[p].busy {
				if b.work {
					busy = append(busy, b.span)
				}
			}
			for _, s := range c.factsOf(p, c.last+1, c.known) {
				busy = append(busy, c.at[s])
			}
			for _, set := range c.worked[p] {
				for _, s := range set[:len(set)-1] {
					busy = append(busy, c.at[s])
				}
			}
			facts := slices.Clone(busy)
			for _, s := range c.factsOf(p, 0, c.first) {
				facts = append(facts, c.at[s])
			}
			if longest(span{from, to}, merge(facts)) < hours {
				return
			}
			free := solver.Free{Name: string(u.Name), From: c.minute(from), To: c.minute(to), Min: int(hours / 60), Cost: u.unit()}
			for _, b := range merge(busy) {
				if b.shared(span{from, to}) > 0 {
					free.Busy = append(free.Busy, solver.Minutes{From: c.minute(max(b.from, from)), To: c.minute(min(b.to, to))})
				}
			}
			c.m.People[p].Frees = append(c.m.People[p].Frees, free)
		})
	}
}

// longest is the seconds of the longest part of a span that none of the merged spans touches.
func longest(in span, busy []span) int64 {
	most, free := int64(0), in.from
	for _, b := range busy {
		most = max(most, min(b.from, in.to)-free)
		free = max(free, b.to)
	}
	return max(most, in.to-free)
}

// restAfterNights asks for rest after a run of slots with a tag. Within the model that is a Recovery; before facts after
// the period and before work elsewhere it is words that end with the last slot of the run.
func (c *compiler) restAfterNights(u use) {
	n, hours, tag := u.Params.Int("nights", 1), int(u.Params.Hours("hours", 0)), u.Params.Text("tag", "")
	nights := c.tagged(tag)
	if n < 1 || hours <= 0 {
		return
	}
	c.each(u, func(p int) {
		x := &c.m.People[p]
		x.Recoveries = append(x.Recoveries, solver.Recovery{Name: string(u.Name), Of: nights, Run: n, Rest: hours, Step: quarter, Cost: u.unit()})
		later := c.factsOf(p, c.last+1, c.known)
		goesOn := false // the run of a last night goes on in facts
		for _, s := range c.worked[p][c.last+1] {
			goesOn = goesOn || slices.Contains(c.slots[s].Tags, tag)
		}
		for d := c.first; d <= c.last; d++ {
			if d-n+1 < 0 || d == c.last && goesOn {
				continue
			}
			toSlot, toWork := map[solver.Cost][]int{}, map[solver.Cost][]int{}
			for i := 1; i < len(c.duties[d]); i++ {
				if !c.hasTag(c.duties[d][i], tag) {
					continue
				}
				end := c.at[c.duties[d][i].slots[0]]
				if len(later) > 0 {
					if k := u.minutes(hours - gap(end, c.at[later[0]])); k > 0 {
						toSlot[k] = append(toSlot[k], i)
					}
				}
				for _, b := range c.who[p].busy {
					if b.work && b.from >= end.to {
						if k := u.minutes(hours - gap(end, b.span)); k > 0 {
							toWork[k] = append(toWork[k], i)
						}
						break // busy time is in order of start
					}
				}
			}
			run := func(list []int) []solver.MeasureID {
				letters := slices.Repeat([]solver.MeasureID{nights}, n-1)
				return append(letters, c.exactly(d, list))
			}
			for _, k := range sorted(toSlot) {
				letters := run(toSlot[k])
				for range c.last - d {
					letters = append(letters, c.off())
				}
				c.word(p, solver.Word{Name: string(u.Name), Letters: letters, Starts: []int{d - n + 1}, Cost: k})
			}
			for _, k := range sorted(toWork) {
				letters := run(toWork[k])
				if d < c.last {
					letters = append(letters, c.set("no "+tag+" slot", func(d, i int) bool { return !c.hasTag(c.duties[d][i], tag) }))
				}
				c.word(p, solver.Word{Name: string(u.Name), Letters: letters, Starts: []int{d - n + 1}, Cost: k})
			}
		}
	})
}

// tagged is the set of duties with a slot that carries the tag.
func (c *compiler) tagged(tag string) solver.MeasureID {
	return c.set("tag "+tag, func(d, i int) bool { return c.hasTag(c.duties[d][i], tag) })
}
