package plan

import (
	"fmt"
	"slices"

	"rota/schedule"
	"rota/solver"
)

// runs adds a rule about runs of days. in says which duties put a day of the model into the set; later says it of known
// days after the period, and alone of days that facts put there whatever the roster.
func (c *compiler) runs(u use) {
	n := u.Params.Int("days", 0)
	tag := u.Params.Text("tag", "")
	tags := u.Name == schedule.MaxConsecutiveRule || u.Name == schedule.MinConsecutiveRule
	if tags {
		n = u.Params.Int("shifts", 0)
	}
	most := u.Name == schedule.MaxDaysRule || u.Name == schedule.MaxDaysOffRule || u.Name == schedule.MaxConsecutiveRule
	c.each(u, func(p int) {
		elsewhere := make([]bool, c.known)
		for _, b := range c.who[p].busy {
			if b.work && b.day >= 0 {
				elsewhere[b.day] = true
			}
		}
		slot := func(d int) bool { return len(c.worked[p][d]) > 0 } // by facts
		some := slices.Contains(elsewhere[:len(c.days)], true)
		at := "" // what makes this agent's set differ from that of others
		if some {
			at = fmt.Sprint(" ", elsewhere[:len(c.days)])
		}
		r := runRule{use: u, n: n, p: p}
		switch u.Name {
		case schedule.MaxDaysRule:
			r.key, r.in = "work"+at, func(d, i int) bool { return i > 0 || elsewhere[d] }
			r.later = func(d int) bool { return slot(d) || elsewhere[d] }
			r.alone = r.later
		case schedule.MinDaysRule:
			r.key, r.in = "work", func(_, i int) bool { return i > 0 }
			r.later = slot
		case schedule.MaxDaysOffRule:
			off := make([]bool, c.known)
			for d := range off {
				off[d] = c.counts(p, d) && !elsewhere[d]
			}
			r.key = "off"
			if slices.Contains(off[:len(c.days)], false) {
				r.key = fmt.Sprint("off ", off[:len(c.days)])
			}
			r.in = func(d, i int) bool { return i == 0 && off[d] }
			r.later = func(d int) bool { return !slot(d) && off[d] }
		case schedule.MinDaysOffRule:
			r.key, r.in = "off", func(_, i int) bool { return i == 0 }
			if some {
				r.key, r.in = "off but"+at, func(d, i int) bool { return i == 0 && !elsewhere[d] }
			}
			r.later = func(d int) bool { return !slot(d) && !elsewhere[d] }
		default:
			has := func(d int) bool {
				return slices.ContainsFunc(c.worked[p][d], func(s int) bool { return slices.Contains(c.slots[s].Tags, tag) })
			}
			r.key, r.in = "tag "+tag, func(d, i int) bool { return c.hasTag(c.duties[d][i], tag) }
			r.later, r.alone = has, has
		}
		if most {
			c.longRuns(r)
		} else {
			c.shortRuns(r)
		}
	})
}

// runRule is a rule about runs for one agent.
type runRule struct {
	use
	n, p  int
	key   string
	in    func(d, i int) bool
	later func(d int) bool
	alone func(d int) bool // nil for a set into which facts put no day of the period
}

// longRuns prices every n+1 days that are all in the set, unless facts alone put them there.
func (c *compiler) longRuns(r runRule) {
	set := c.set(r.key, r.in)
	letters := func(n int) []solver.MeasureID { return slices.Repeat([]solver.MeasureID{set}, n) }
	alone := func(from, to int) bool {
		for d := from; d < to; d++ {
			if r.alone == nil && d >= c.first && d <= c.last || r.alone != nil && !r.alone(d) {
				return false
			}
		}
		return true
	}
	var starts []int
	without := false
	for s := 0; s+r.n < len(c.days); s++ {
		switch {
		case s+r.n < c.first:
		case alone(s, s+r.n+1):
			without = true
		default:
			starts = append(starts, s)
		}
	}
	switch {
	case len(starts) == 0:
	case without:
		c.word(r.p, solver.Word{Name: string(r.Name), Letters: letters(r.n + 1), Starts: starts, Cost: r.unit()})
	default:
		x := &c.m.People[r.p]
		x.Runs = append(x.Runs, solver.Run{Name: string(r.Name), Of: set, Max: r.n, MaxCost: r.unit(), BaseOpen: true, EndOpen: true})
	}
	// Windows that end after the period: the days in the period decide.
	for end := c.last + 1; end < c.known && r.later(end); end++ {
		from := end - r.n
		if from > c.last {
			break
		}
		if from < 0 || alone(from, end+1) {
			continue
		}
		c.word(r.p, solver.Word{Name: string(r.Name), Letters: letters(c.last + 1 - from), Starts: []int{from}, Cost: r.unit()})
	}
}

// shortRuns prices days missing to n in runs that end in the period or touch it.
func (c *compiler) shortRuns(r runRule) {
	set := c.set(r.key, r.in)
	after := 0 // days of the run that goes on after the period
	for d := c.last + 1; d < c.known && r.later(d); d++ {
		after++
	}
	open := c.last+1+after == c.known // the run holds the last known day
	x := &c.m.People[r.p]
	x.Runs = append(x.Runs, solver.Run{
		Name: string(r.Name), Of: set, Min: r.n, MinCost: r.unit(), BaseOpen: true, EndOpen: after > 0 || open,
	})
	if after == 0 || open {
		return
	}
	not := c.set("not "+r.key, func(d, i int) bool { return !r.in(d, i) })
	for in := 0; in+after < r.n && in <= c.last; in++ {
		letters := append([]solver.MeasureID{not}, slices.Repeat([]solver.MeasureID{set}, in)...)
		c.word(r.p, solver.Word{Name: string(r.Name), Letters: letters, Starts: []int{c.last - in}, Cost: r.cost(r.n - after - in)})
	}
}
