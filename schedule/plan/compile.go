package plan

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"rota/schedule"
	"rota/solver"
	"rota/solver/model"
)

// Compiled is a Period as a solver.Model, with what it takes to read the model's rosters. It is not changed after it was
// made, so any number of goroutines may use it.
type Compiled struct {
	Period *schedule.Period
	Model  *solver.Model
	// Constant is added to every cost and bound of Model: what no roster can avoid.
	Constant schedule.Cost

	*frame
	who    []who
	forced map[[2]int]bool // agent and slot of pins that are to be made
}

// Compile states the period in the integers of the solver: every rule of the catalogue that holds in it, hard and
// weighted. With strict a slot or interval below its minimum breaks a hard rule instead of having a price. For every
// roster that keeps the hard rules, Price gives the cost of schedule.Audit. An error says that the period is malformed: an unknown
// zone, a slot outside it, a parameter that the catalogue would have refused. That nobody can satisfy a period is no error.
// The period must not change while the result is used.
func Compile(p *schedule.Period, strict bool) (*Compiled, error) {
	f, err := newFrame(p)
	if err != nil {
		return nil, err
	}
	people, err := f.people()
	if err != nil {
		return nil, err
	}
	c := &compiler{
		frame: f, who: people, strict: strict, measures: map[string]solver.MeasureID{}, tables: map[string]int{},
		rows: map[string]int{}, windows: make([]map[window]int, len(people)), forced: map[[2]int]bool{},
	}
	c.m = &solver.Model{
		Name: fmt.Sprintf("%s %s to %s", p.Team.ID, p.First, p.Last), First: f.first, Days: f.modelDays(),
	}
	c.open()
	c.wishes()
	if err := c.patterns(); err != nil {
		return nil, err
	}
	rested := make([]bool, len(people))
	rules := schedule.EffectiveRules(p)
	for _, r := range rules {
		u := use{Rule: r, hard: r.Force == schedule.Hard, price: solver.Cost(r.Weight)}
		if err := c.personal(u, rested); err != nil {
			return nil, fmt.Errorf("rule %s: %w", cmp.Or(string(r.ID), string(r.Name)), err)
		}
	}
	c.overlaps(rested)
	c.demand()
	for _, r := range rules {
		u := use{Rule: r, hard: r.Force == schedule.Hard, price: solver.Cost(r.Weight)}
		if err := c.team(u); err != nil {
			return nil, err
		}
	}
	if err := model.Validate(c.m); err != nil {
		return nil, &ModelError{Err: err}
	}
	return &Compiled{Period: p, Model: c.m, Constant: c.constant, frame: f, who: people, forced: c.forced}, nil
}

// ModelError says that a period became a model which the solver refuses: a bug in this package, or numbers so large that
// costs could overflow.
type ModelError struct{ Err error }

func (e *ModelError) Error() string {
	var ps model.Problems
	if errors.As(e.Err, &ps) {
		var names []string
		for _, p := range ps {
			if p.TooDear && !slices.Contains(names, p.Name) {
				names = append(names, p.Name)
			}
		}
		if len(names) > 0 {
			return "the weights are so large that costs of this period cannot be added up: lower that of " + strings.Join(names, ", ")
		}
	}
	return "the period gives no valid model: " + e.Err.Error()
}

func (e *ModelError) Unwrap() error { return e.Err }

// compiler is a model in the making.
type compiler struct {
	*frame
	m        *solver.Model
	who      []who
	strict   bool
	constant schedule.Cost
	measures map[string]solver.MeasureID
	tables   map[string]int // of successions
	rows     map[string]int
	windows  []map[window]int // by agent, places of counters
	forced   map[[2]int]bool
	tooMany  []schedule.Date // weeks with too many shifts for one Span
}

// use is one use of a rule of the catalogue, resolved.
type use struct {
	schedule.Rule
	hard  bool
	price solver.Cost
}

// cost is what so many units cost, Forbidden for a hard rule.
func (u use) cost(units int) solver.Cost {
	switch {
	case units <= 0:
		return 0
	case u.hard:
		return solver.Forbidden
	}
	return solver.Cost(units) * u.price
}

// unit is the price of one unit, Forbidden for a hard rule.
func (u use) unit() solver.Cost { return u.cost(1) }

// minutes is what so many minutes cost, by begun quarters of an hour.
func (u use) minutes(n int) solver.Cost { return u.cost((max(n, 0) + quarter - 1) / quarter) }

// quarter is the step by which minutes are priced.
const quarter = 15

// personal adds a rule about one agent alone. rested is set for those whose rests forbid overlaps too.
func (c *compiler) personal(u use, rested []bool) error {
	switch u.Name {
	case schedule.MinRestRule:
		c.minRest(u, rested)
	case schedule.WeeklyRestRule:
		c.weeklyRest(u)
	case schedule.RestAfterNightsRule:
		c.restAfterNights(u)
	case schedule.MaxHoursRule:
		return c.maxHours(u)
	case schedule.MinHoursRule:
		return c.minHours(u, func(k schedule.Contract) schedule.Optional[schedule.Minutes] { return k.Min })
	case schedule.TargetHoursRule:
		return c.minHours(u, func(k schedule.Contract) schedule.Optional[schedule.Minutes] { return k.Target })
	case schedule.MaxShiftsRule:
		return c.maxShifts(u)
	case schedule.MinShiftsRule:
		return c.minShifts(u)
	case schedule.MaxDaysRule, schedule.MinDaysRule, schedule.MaxDaysOffRule, schedule.MinDaysOffRule,
		schedule.MaxConsecutiveRule, schedule.MinConsecutiveRule:
		c.runs(u)
	case schedule.ForwardRotationRule:
		c.forward(u)
	case schedule.MaxWeekendsRule:
		return c.maxWeekends(u)
	case schedule.CompleteWeekendRule:
		return c.completeWeekends(u)
	case schedule.ShiftMixRule:
		return c.shiftMix(u)
	case schedule.FairShareRule:
		return c.fairShare(u)
	case schedule.StabilityRule:
		c.stability(u)
	}
	return nil
}

// team adds a rule about several agents.
func (c *compiler) team(u use) error {
	switch u.Name {
	case schedule.MentorRule:
		return c.mentor(u)
	case schedule.ApartRule:
		c.apart(u)
	case schedule.TogetherRule:
		c.together(u)
	case schedule.GroupRule:
		c.group(u)
	}
	return nil
}

// scope says of every agent whether the rule is about them.
func (c *compiler) scope(u use) []bool {
	in := make([]bool, len(c.who))
	all := len(u.Scope.Contracts)+len(u.Scope.Agents)+len(u.Scope.Tags) == 0
	for p, w := range c.who {
		in[p] = all || slices.Contains(u.Scope.Contracts, w.Contract) || slices.Contains(u.Scope.Agents, w.ID)
		for _, tag := range w.Tags {
			in[p] = in[p] || slices.Contains(u.Scope.Tags, tag)
		}
	}
	return in
}

// each calls do for the agents of the rule.
func (c *compiler) each(u use, do func(p int)) {
	for p, in := range c.scope(u) {
		if in {
			do(p)
		}
	}
}

// measure is the measure of that key, made from amount when there is none. The key must say all that amount depends on.
func (c *compiler) measure(key string, amount func(d, i int) int32) solver.MeasureID {
	id, known := c.measures[key]
	if !known {
		name := key
		if len(name) > 40 {
			name = strings.ToValidUTF8(name[:40], "")
		}
		x := model.Measure{Name: name, Of: make([][]int32, len(c.days))}
		for d, list := range c.duties {
			x.Of[d] = make([]int32, len(list))
			for i := range list {
				x.Of[d][i] = amount(d, i)
			}
		}
		id = solver.MeasureID(len(c.m.Measures))
		c.m.Measures = append(c.m.Measures, x)
		c.measures[key] = id
	}
	return id
}

// set is a measure that only says whether a duty is in a set.
func (c *compiler) set(key string, in func(d, i int) bool) solver.MeasureID {
	return c.measure(key, func(d, i int) int32 {
		if in(d, i) {
			return 1
		}
		return 0
	})
}

// off is the set of days off.
func (c *compiler) off() solver.MeasureID {
	return c.set("off", func(_, i int) bool { return i == 0 })
}

// charge adds to the price of a cell of the period.
func (c *compiler) charge(p, d, i int, cost solver.Cost) {
	cell := &c.m.People[p].Cost[d][i]
	switch {
	case *cell == solver.Forbidden:
	case cost == solver.Forbidden:
		*cell = solver.Forbidden
	default:
		*cell += cost
	}
}

// others charges every choice of a slot's roster day but the slot.
func (c *compiler) others(p, s int, cost solver.Cost) {
	for i := range c.duties[c.day[s]] {
		if i != c.of[s] {
			c.charge(p, c.day[s], i, cost)
		}
	}
}

// open makes the people and says which cells are allowed at all: in history what was worked; in the period days off and
// slots that employment, contract, availability, other work and facts leave.
func (c *compiler) open() {
	for p, w := range c.who {
		x := solver.Person{Name: string(w.ID), Cost: make([][]solver.Cost, len(c.days))}
		for d, list := range c.duties {
			x.Cost[d] = make([]solver.Cost, len(list))
			for i := range list {
				if d < c.first && i != int(c.fixed[p][d]) {
					x.Cost[d][i] = solver.Forbidden
				}
			}
		}
		facts := c.factsOf(p, 0, c.known)
		for s := range c.slots {
			if !c.own[s] {
				continue
			}
			taken := slices.ContainsFunc(facts, func(o int) bool { return c.at[o].shared(c.at[s]) > 0 })
			if r := w.reach[s]; r.barred || r.occupied || taken {
				x.Cost[c.day[s]][c.of[s]] = solver.Forbidden
			}
		}
		c.m.People = append(c.m.People, x)
		c.windows[p] = map[window]int{}
	}
}
