package plan

import (
	"fmt"
	"math/bits"
	"slices"

	"rota/schedule"
	"rota/solver"
	"rota/solver/model"
)

// weekend is one of the team's weekends by instants in its zone.
type weekend struct {
	span
	mine  bool   // shares an instant with a day or a slot of the period
	parts []span // by date
	known bool   // all of its dates are known days
	days  stretch
}

// weekends lists those that share an instant with a known day or any slot, ascending, each with the days of the model on
// which a duty can touch it.
func (c *compiler) weekends() ([]weekend, error) {
	team := c.p.Team
	n := int(team.Weekend.End.Day-team.Weekend.Start.Day+7) % 7
	if n == 0 && team.Weekend.End.Clock <= team.Weekend.Start.Clock {
		n = 7
	}
	known := span{c.midnight(0).Unix(), c.midnight(c.known).Unix()}
	period := span{c.midnight(c.first).Unix(), c.midnight(c.last + 1).Unix()}
	var list []weekend
	for d := -10; d < c.known+10; d++ {
		date := c.days[0].AddDays(d)
		if date.Weekday() != team.Weekend.Start.Day {
			continue
		}
		start, _ := schedule.StartInstant(date, team.Weekend.Start.Clock, c.here)
		end, _ := schedule.EndInstant(date.AddDays(n), team.Weekend.End.Clock, c.here)
		w := weekend{span: span{start.Unix(), end.Unix()}, known: true, days: stretch{len(c.days), 0}}
		w.mine = w.shared(period) > 0
		seen := w.mine || w.shared(known) > 0
		for s := range c.slots {
			if w.shared(c.at[s]) == 0 {
				continue
			}
			seen = true
			w.mine = w.mine || c.own[s]
			if c.own[s] || c.day[s] < c.first {
				w.days.from, w.days.to = min(w.days.from, c.day[s]), max(w.days.to, c.day[s]+1)
			}
		}
		if !seen {
			continue
		}
		for k := range n + 1 {
			part := span{max(w.from, c.midnight(d+k).Unix()), min(w.to, c.midnight(d+k+1).Unix())}
			if part.from < part.to {
				w.parts = append(w.parts, part)
				w.known = w.known && d+k >= 0 && d+k < c.known
			}
		}
		if k := len(list); k > 0 && w.days.from < list[k-1].days.to {
			return nil, fmt.Errorf("the weekend is so long that one roster day (%s) belongs to two of them", c.days[w.days.from])
		}
		list = append(list, w)
	}
	return list, nil
}

// touches is the set of duties that share an instant with one of the spans, by its key.
func (c *compiler) touches(key string, spans []span) solver.MeasureID {
	return c.set(key, func(d, i int) bool {
		return slices.ContainsFunc(c.duties[d][i].slots, func(s int) bool {
			return slices.ContainsFunc(spans, func(x span) bool { return x.shared(c.at[s]) > 0 })
		})
	})
}

// works reports whether what is known of an agent shares an instant with x; with past, slots of history are looked at
// too, which the model else knows as duties.
func (c *compiler) works(p int, x span, past bool) bool {
	for _, b := range c.who[p].busy {
		if b.work && b.shared(x) > 0 {
			return true
		}
	}
	from := c.last + 1
	if past {
		from = 0
	}
	return slices.ContainsFunc(c.factsOf(p, from, c.known), func(s int) bool { return c.at[s].shared(x) > 0 })
}

// maxWeekends bounds the weekends with work in every window of weekends in a row.
func (c *compiler) maxWeekends(u use) error {
	list, err := c.weekends()
	if err != nil {
		return err
	}
	var all []span
	for _, w := range list {
		all = append(all, w.span)
	}
	of := c.touches("weekend", all)
	n, limit := u.Params.Int("weeks", 1), int64(u.Params.Int("weekends", 0))
	if n > len(list) {
		n = len(list)
	}
	for k := 0; n > 0 && k+n <= len(list); k++ {
		some := list[k : k+n]
		if !slices.ContainsFunc(some, func(w weekend) bool { return w.mine }) {
			continue
		}
		c.each(u, func(p int) {
			x := solver.SpanCount{Name: string(u.Name), Of: of}
			facts := int64(0)
			for _, w := range some {
				if c.works(p, w.span, true) {
					facts++
				}
				switch {
				case c.works(p, w.span, false):
					x.Base++
				case w.days.from < w.days.to:
					x.Over = append(x.Over, solver.Days{From: w.days.from, To: w.days.to})
				}
			}
			if len(x.Over) == 0 || x.Over[len(x.Over)-1].To <= c.first {
				return // facts alone decide
			}
			x.Bound = u.between(model.NoMin, max(limit, facts))
			if u.hard && x.Bound.Max >= x.Base+int64(len(x.Over)) {
				return
			}
			c.m.People[p].SpanCounts = append(c.m.People[p].SpanCounts, x)
		})
	}
	return nil
}

// completeWeekends prices weekends of the period of which exactly one date is worked.
func (c *compiler) completeWeekends(u use) error {
	list, err := c.weekends()
	if err != nil {
		return err
	}
	byPlace := map[int][]span{} // the k-th dates of all weekends share a measure, since no duty touches two weekends
	for _, w := range list {
		for k, part := range w.parts {
			byPlace[k] = append(byPlace[k], part)
		}
	}
	for _, w := range list {
		if !w.mine || !w.known || len(w.parts) < 2 {
			continue
		}
		in := c.within(w.days)
		c.each(u, func(p int) {
			x := solver.Span{Name: string(u.Name), Days: solver.Days{From: in.from, To: in.to}}
			for k, part := range w.parts {
				x.Parts = append(x.Parts, c.touches(fmt.Sprint("weekend date ", k), byPlace[k]))
				if c.works(p, part, true) {
					x.Base |= 1 << k
				}
			}
			for mask := range uint32(1 << len(x.Parts)) {
				k := solver.Cost(0)
				if bits.OnesCount32(mask) == 1 {
					k = u.unit()
				}
				x.Cost = append(x.Cost, k)
			}
			if in.from < in.to {
				c.m.People[p].Spans = append(c.m.People[p].Spans, x)
				return
			}
			c.given(string(u.Name), x.Cost[x.Base])
		})
	}
	return nil
}

// given books a cost that facts alone make. A Forbidden one makes the period infeasible.
func (c *compiler) given(name string, k solver.Cost) {
	if k != solver.Forbidden {
		c.constant += schedule.Cost(k)
		return
	}
	b := model.Loose()
	b.Min = 1
	c.m.Rows = append(c.m.Rows, solver.Row{Name: name + ", broken by what is known", Bound: b})
}

// spanError reports weeks with more shifts than a Span of the model can tell apart.
func (c *compiler) spanError() error {
	if len(c.tooMany) == 0 {
		return nil
	}
	return fmt.Errorf("the week of %s has more than %d different shifts that one contract allows", c.tooMany[0], model.MaxParts)
}
