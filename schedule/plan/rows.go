package plan

import (
	"cmp"
	"fmt"
	"math/bits"
	"slices"

	"rota/schedule"
	"rota/solver"
	"rota/solver/model"
)

// row adds a row over agents on one or more slots. Rows over the very same cells become one row with the hinges of
// all: an interval of demand that the same slots hold as the one before, or a skill that everybody has, costs nothing.
func (c *compiler) row(name string, terms []solver.Term, base int64, b solver.Bound) {
	if b.Min == model.NoMin && b.Max == model.NoMax && len(b.Hinges) == 0 {
		return
	}
	if len(terms) == 0 {
		if b.Holds(base) {
			c.constant += schedule.Cost(b.Price(base))
			return
		}
	}
	key := fmt.Sprint(base, terms)
	if i, same := c.rows[key]; same && len(terms) > 0 && compatible(c.m.Rows[i].Bound, b) {
		old := &c.m.Rows[i]
		old.Name += ", " + name
		old.Bound.Min, old.Bound.Max = max(old.Bound.Min, b.Min), min(old.Bound.Max, b.Max)
		old.Bound.Hinges = append(old.Bound.Hinges, b.Hinges...)
		return
	}
	c.rows[key] = len(c.m.Rows)
	c.m.Rows = append(c.m.Rows, solver.Row{Name: name, Terms: terms, Base: base, Bound: b})
}

// cells are the cells of the agents who can be given the slot, each with its weight; those of weight 0 are left out.
func (c *compiler) cells(s int, weight func(p int) int32) []solver.Term {
	var terms []solver.Term
	for p := range c.who {
		if c.m.People[p].Cost[c.day[s]][c.of[s]] == solver.Forbidden {
			continue
		}
		if w := weight(p); w != 0 {
			terms = append(terms, solver.Term{Person: int32(p), Day: int32(c.day[s]), Duty: int32(c.of[s]), Weight: w})
		}
	}
	return terms
}

// count is a weight of 1 for the agents that ok holds for.
func count(ok func(p int) bool) func(p int) int32 {
	return func(p int) int32 {
		if ok(p) {
			return 1
		}
		return 0
	}
}

// demand turns the demand of slots and intervals into rows.
func (c *compiler) demand() {
	for s, slot := range c.slots {
		if c.own[s] {
			c.need(string(slot.ID), slot.Demand, func(ok func(p int) bool) ([]solver.Term, int64) {
				return c.cells(s, count(ok)), 0
			})
		}
	}
	for _, i := range c.p.Intervals {
		at := spanOf(i.Interval)
		if at.from >= at.to {
			continue
		}
		var inside []int // slots that hold all of the interval
		for s := range c.slots {
			if c.at[s].from <= at.from && at.to <= c.at[s].to {
				inside = append(inside, s)
			}
		}
		// Facts count like any slot, but they are there already.
		there := make([]bool, len(c.who))
		for p := range c.who {
			there[p] = slices.ContainsFunc(c.factsOf(p, 0, c.known), func(s int) bool { return slices.Contains(inside, s) })
		}
		name := i.Interval.Start.UTC().Format("2006-01-02T15:04Z")
		c.need(name, i.Demand, func(ok func(p int) bool) ([]solver.Term, int64) {
			var terms []solver.Term
			base := int64(0)
			for p := range c.who {
				if there[p] && ok(p) {
					base++
				}
			}
			for _, s := range inside {
				if c.own[s] {
					terms = append(terms, c.cells(s, count(func(p int) bool { return ok(p) && !there[p] }))...)
				}
			}
			return terms, base
		})
	}
}

// need adds the rows of one demand; of gives the cells of the agents who count.
func (c *compiler) need(name string, d schedule.Demand, of func(ok func(p int) bool) ([]solver.Term, int64)) {
	missing := func(what string, n int, w schedule.Cost, ok func(p int) bool) {
		if n <= 0 {
			return
		}
		b := model.Loose()
		b.Hinges = []solver.Hinge{{At: int64(n), Below: solver.Cost(w)}}
		terms, base := of(ok)
		c.row(what+" "+name, terms, base, b)
	}
	everybody := func(int) bool { return true }
	if c.strict && d.Min > 0 {
		terms, base := of(everybody)
		b := model.Loose()
		b.Min = int64(d.Min)
		c.row("coverage "+name, terms, base, b)
	} else {
		missing("coverage", d.Min, d.MinWeight, everybody)
	}
	missing("coverage", d.Target.Or(0), d.TargetWeight, everybody)
	if d.Max.Set {
		terms, base := of(everybody)
		b := model.Loose()
		b.Hinges = []solver.Hinge{{At: int64(d.Max.Value), Above: solver.Cost(d.MaxWeight)}}
		c.row("coverage "+name, terms, base, b)
	}
	if d.Max.Set && d.Max.Value == 0 || d.Target.Set && d.Target.Value == 0 && d.Min == 0 {
		return // closed: nobody is needed, so no language and no skill either
	}
	var apart []schedule.LanguageDemand
	for _, l := range d.Languages {
		missing("language "+string(l.Tag), l.Min, l.Weight, func(p int) bool { return c.who[p].Languages[l.Tag] >= l.Level })
		if l.Capacity > 0 {
			apart = append(apart, l)
		}
	}
	for _, set := range sets(len(apart)) {
		sum, least := 0, schedule.Cost(0)
		what := "capacity"
		var some []schedule.LanguageDemand
		for i, l := range apart {
			if set&(1<<i) == 0 {
				continue
			}
			if len(some) == 0 || l.Weight < least {
				least = l.Weight
			}
			some = append(some, l)
			sum += l.Capacity
			what += " " + string(l.Tag)
		}
		missing(what, sum, least, func(p int) bool {
			return slices.ContainsFunc(some, func(l schedule.LanguageDemand) bool { return c.who[p].Languages[l.Tag] >= l.Level })
		})
	}
	for _, k := range d.Skills {
		missing("skill "+k.Name, k.Min, k.Weight, func(p int) bool { return c.who[p].Skills[k.Name] >= k.Level })
	}
}

// sets lists the sets of n languages whose capacities are compared with their speakers, as bits: all of them, but of
// more than six only singles, pairs and the whole.
func sets(n int) []uint64 {
	var list []uint64
	if n <= 6 {
		for set := uint64(1); set < 1<<n; set++ {
			list = append(list, set)
		}
		return list
	}
	for i := range n {
		list = append(list, 1<<i)
		for j := range i {
			list = append(list, 1<<i|1<<j)
		}
	}
	if n < bits.UintSize {
		list = append(list, 1<<n-1)
	}
	return list
}

// selected lists the period slots that the tag and shift of a use select.
func (c *compiler) selected(u use) []int {
	tag, shift := u.Params.Text("tag", ""), schedule.ShiftID(u.Params.Text("shift", ""))
	var list []int
	for s, slot := range c.slots {
		if c.own[s] && (tag == "" || slices.Contains(slot.Tags, tag)) && (shift == "" || slot.Shift == shift) {
			list = append(list, s)
		}
	}
	return list
}

// between is a number within [lo, hi], hard or at a price for each unit outside.
func (u use) between(lo, hi int64) solver.Bound {
	b := model.Loose()
	if u.hard {
		b.Min, b.Max = lo, hi
		return b
	}
	if lo != model.NoMin {
		b.Hinges = append(b.Hinges, solver.Hinge{At: lo, Below: u.price})
	}
	if hi != model.NoMax {
		b.Hinges = append(b.Hinges, solver.Hinge{At: hi, Above: u.price})
	}
	return b
}

func (c *compiler) apart(u use) {
	in := c.scope(u)
	for _, s := range c.selected(u) {
		c.row(string(u.Name)+" "+string(c.slots[s].ID), c.cells(s, count(func(p int) bool { return in[p] })), 0, u.between(model.NoMin, 1))
	}
}

func (c *compiler) group(u use) {
	in := c.scope(u)
	for _, s := range c.selected(u) {
		d := c.slots[s].Demand
		lo, hi := model.NoMin, model.NoMax
		if closed := d.Max.Set && d.Max.Value == 0 || d.Target.Set && d.Target.Value == 0 && d.Min == 0; u.Params.Has("min") && !closed {
			lo = int64(u.Params.Int("min", 0))
		}
		if u.Params.Has("max") {
			hi = int64(u.Params.Int("max", 0))
		}
		c.row(string(u.Name)+" "+string(c.slots[s].ID), c.cells(s, count(func(p int) bool { return in[p] })), 0, u.between(lo, hi))
	}
}

func (c *compiler) together(u use) {
	in := c.scope(u)
	for _, s := range c.selected(u) {
		for a := range c.who {
			if !in[a] || c.who[a].reach[s].barred {
				continue
			}
			for b := range a {
				if !in[b] || c.who[b].reach[s].barred {
					continue
				}
				terms := c.cells(s, func(p int) int32 {
					switch p {
					case a:
						return 1
					case b:
						return -1
					}
					return 0
				})
				c.row(fmt.Sprintf("%s %s %s %s", u.Name, c.slots[s].ID, c.who[b].ID, c.who[a].ID), terms, 0, u.between(0, 0))
			}
		}
	}
}

// mentor weighs every newcomer 1 and every experienced agent so heavily down that any number of newcomers is outweighed:
// a sum above 0 means newcomers without company.
func (c *compiler) mentor(u use) error {
	var level func(p int) int
	var below, beside int
	if skill := u.Params.Text("skill", ""); skill != "" {
		level = func(p int) int { return int(c.who[p].Skills[skill]) }
		below, beside = u.Params.Int("below", 0), u.Params.Int("beside", 0)
	} else {
		tag, err := schedule.ParseLanguage(u.Params.Text("language", ""))
		if err != nil {
			return fmt.Errorf("rule %s: %w", cmp.Or(string(u.ID), string(u.Name)), err)
		}
		level = func(p int) int { return int(c.who[p].Languages[tag]) }
		for name, into := range map[string]*int{"below": &below, "beside": &beside} {
			l, err := schedule.ParseLevel(u.Params.Text(name, ""))
			if err != nil {
				return fmt.Errorf("rule %s: %s: %w", cmp.Or(string(u.ID), string(u.Name)), name, err)
			}
			*into = int(l)
		}
	}
	in := c.scope(u)
	for s := range c.slots {
		if !c.own[s] {
			continue
		}
		juniors := int32(len(c.cells(s, count(func(p int) bool { return in[p] && level(p) < below && level(p) < beside }))))
		if juniors == 0 {
			continue
		}
		terms := c.cells(s, func(p int) int32 {
			switch {
			case level(p) >= beside:
				return -juniors
			case in[p] && level(p) < below:
				return 1
			}
			return 0
		})
		b := model.Loose()
		if u.hard {
			b.Max = 0
		} else {
			b.Hinges = []solver.Hinge{{Above: u.price, Cap: 1}}
		}
		c.row(string(u.Name)+" "+string(c.slots[s].ID), terms, 0, b)
	}
	return nil
}
