package plan

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"rota/schedule"
	"rota/solver"
	"rota/solver/model"
)

// wishes prices preferences and enforces pins.
func (c *compiler) wishes() {
	place := map[schedule.AgentID]int{}
	for p, w := range c.who {
		place[w.ID] = p
		for s, r := range w.reach {
			if !c.own[s] {
				continue
			}
			c.charge(p, c.day[s], c.of[s], solver.Cost(r.avoid))
			if !r.barred {
				c.others(p, s, solver.Cost(r.prefer))
			}
		}
	}
	for _, pin := range c.p.Pins {
		p, known := place[pin.Agent]
		s, dated := c.slot[pin.Slot]
		switch {
		case !known || !dated || !c.own[s]:
		case pin.Forbid:
			c.charge(p, c.day[s], c.of[s], solver.Forbidden)
		default:
			c.others(p, s, solver.Forbidden)
			c.forced[[2]int{p, s}] = true
		}
	}
}

// patterns prices the days on which somebody's roster differs from the rotation.
func (c *compiler) patterns() error {
	place := map[schedule.AgentID]int{}
	for p, w := range c.who {
		place[w.ID] = p
	}
	standard, _ := schedule.FindDefinition(schedule.PatternRule)
	for _, r := range c.p.Rotations {
		pattern, known := schedule.FindPattern(c.p.Patterns, r.Pattern)
		if !known {
			return fmt.Errorf("rotation %s: there is no pattern %q", r.ID, r.Pattern)
		}
		price := solver.Cost(r.Weight.Or(standard.Weight))
		for k, crew := range r.Crews {
			for _, name := range crew.Agents {
				p, is := place[name]
				if !is {
					continue
				}
				given := make([][]int, len(c.days))
				// A slot can be of another roster day than its date in the shift's zone.
				for d := c.p.First.AddDays(-4); !d.After(c.p.Last.AddDays(4)); d = d.AddDays(1) {
					id, works := r.SlotOn(pattern, k, d)
					if s, dated := c.slot[id]; works && dated && c.own[s] && !c.who[p].reach[s].barred {
						given[c.day[s]] = append(given[c.day[s]], c.of[s])
					}
				}
				for d := c.first; d <= c.last; d++ {
					date := c.days[d]
					if len(given[d]) == 0 && (date.Before(r.From) || !r.Until.IsZero() && date.After(r.Until)) {
						continue
					}
					for i := range c.duties[d] {
						if i == 0 && len(given[d]) > 0 || i > 0 && !slices.Contains(given[d], i) {
							c.charge(p, d, i, price)
						}
					}
				}
			}
		}
	}
	return nil
}

// stability prices what differs from the published roster, the nearer the start the dearer.
func (c *compiler) stability(u use) {
	if c.p.Published == nil {
		return
	}
	published := map[[2]string]bool{}
	for _, a := range c.p.Published.Assignments {
		published[[2]string{string(a.Slot), string(a.Agent)}] = true
	}
	near := time.Duration(u.Params.Hours("hours", 0)) * time.Minute
	soon := time.Duration(u.Params.Int("days", 0)) * 24 * time.Hour
	c.each(u, func(p int) {
		for s, slot := range c.slots {
			if !c.own[s] {
				continue
			}
			times := 1
			if left := slot.Start.Sub(c.p.Now); left < near || left < 0 {
				times = 3
			} else if left < soon {
				times = 2
			}
			if published[[2]string{string(slot.ID), string(c.who[p].ID)}] {
				c.others(p, s, u.cost(times))
			} else {
				c.charge(p, c.day[s], c.of[s], u.cost(times))
			}
		}
	})
}

// fairShare bounds the points of burden of the period: the k-th begun step away from the target costs k times the weight,
// which is a hinge at the beginning of every step.
func (c *compiler) fairShare(u use) error {
	targets, err := schedule.TargetsOf(c.p, u.Rule)
	if err != nil {
		return err
	}
	var kinds []schedule.BurdenKind
	for _, word := range u.Params.Words("of") {
		kinds = append(kinds, schedule.BurdenKind(word))
	}
	step := int64(u.Params.Int("step", 1))
	told := map[[2]string]bool{}
	if c.p.Published != nil {
		for _, a := range c.p.Published.Assignments {
			told[[2]string{string(a.Slot), string(a.Agent)}] = true
		}
	}
	short := slices.Contains(kinds, schedule.ShortBurden)
	for p, in := range c.scope(u) {
		if !in {
			continue
		}
		w := &c.who[p]
		points := make([]int32, len(c.slots))
		var key strings.Builder
		fmt.Fprintf(&key, "points %v", kinds)
		for s := range c.slots {
			if !c.own[s] {
				continue
			}
			b, err := c.burden(w, s)
			if err != nil {
				return err
			}
			if late := c.slots[s].Start.Sub(c.p.Now) < time.Duration(c.p.Team.ShortNotice)*time.Minute; short && late &&
				!told[[2]string{string(c.slots[s].ID), string(w.ID)}] {
				b.ShortNotice = schedule.Minutes((c.at[s].to - c.at[s].from) / 60)
			}
			points[s] = c.points(b, kinds)
			fmt.Fprintf(&key, " %d", points[s])
		}
		of := c.measure(key.String(), func(d, i int) int32 {
			if d < c.first || i == 0 {
				return 0
			}
			return points[c.duties[d][i].slots[0]]
		})
		most := int64(0)
		for d := c.first; d <= c.last; d++ {
			most += int64(slices.Max(c.m.Measures[of].Of[d]))
		}
		target := int64(targets[w.ID])
		b := model.Loose()
		if u.hard {
			b.Min, b.Max = target-step, target+step
		} else {
			for at := target; at < most; at += step {
				b.Hinges = append(b.Hinges, solver.Hinge{At: at, Above: u.price, Step: step})
			}
			for at := target; at > 0; at -= step {
				b.Hinges = append(b.Hinges, solver.Hinge{At: at, Below: u.price, Step: step})
			}
		}
		if most == 0 && !u.hard {
			c.constant += schedule.Cost(b.Price(0))
			continue
		}
		c.limit(p, string(u.Name), of, c.first, c.last+1, b)
	}
	return nil
}

// window is days [from, to) of the model in which a measure is summed.
type window struct {
	of       solver.MeasureID
	from, to int
}

// limit bounds the sum of a measure over days of the period. Bounds of one agent over the same window become one counter,
// since each counter costs the solver an axis of its search; those over one day become prices of cells.
func (c *compiler) limit(p int, name string, of solver.MeasureID, from, to int, b solver.Bound) {
	if b.Min == model.NoMin && b.Max == model.NoMax && len(b.Hinges) == 0 || from >= to {
		return
	}
	if to == from+1 {
		for i, n := range c.m.Measures[of].Of[from] {
			if !b.Holds(int64(n)) {
				c.charge(p, from, i, solver.Forbidden)
			}
			c.charge(p, from, i, b.Price(int64(n)))
		}
		return
	}
	x := &c.m.People[p]
	key := window{of, from, to}
	if i, same := c.windows[p][key]; same && compatible(x.Counters[i].Bound, b) {
		old := &x.Counters[i]
		if !strings.Contains(old.Name, name) {
			old.Name += ", " + name
		}
		old.Bound.Min, old.Bound.Max = max(old.Bound.Min, b.Min), min(old.Bound.Max, b.Max)
		old.Bound.Hinges = append(old.Bound.Hinges, b.Hinges...)
		return
	}
	c.windows[p][key] = len(x.Counters)
	x.Counters = append(x.Counters, solver.Counter{Name: name, Of: of, From: from, To: to, Bound: b})
}

// compatible reports whether some number keeps both bounds. Those that contradict each other stay apart, and the period is
// infeasible.
func compatible(a, b solver.Bound) bool { return max(a.Min, b.Min) <= min(a.Max, b.Max) }
