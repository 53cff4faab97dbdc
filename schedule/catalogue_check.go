package schedule

import (
	"fmt"
	"slices"
	"strings"
)

func init() { RuleCheck = CheckRule }

// CheckRule lists everything wrong with one use of a rule: a name or parameter that the catalogue does not know (with
// the nearest one), values of the wrong kind or out of range, parameters that exclude or contradict each other, tags,
// shifts, skills and languages that the book does not have, and limits that another rule of the book contradicts. Only
// Field, What, Hint and Warning of the problems are filled; Field is the parameter's name, or rule or weight.
func CheckRule(b Book, r Rule) []Problem {
	c := &ruleChecker{book: b, rule: r}
	def, known := FindDefinition(r.Name)
	if !known {
		var names []RuleName
		for _, d := range catalogue {
			if !d.Unstatable {
				names = append(names, d.Name)
			}
		}
		c.bad("rule", "%v", unknown("rule", string(r.Name), names))
		return c.found
	}
	if def.Unstatable {
		c.found = append(c.found, Problem{Field: "rule", What: fmt.Sprintf("%s holds without being stated", r.Name), Hint: statedElsewhere(r.Name)})
		return c.found
	}
	c.params(def)
	if len(c.found) == 0 {
		c.meaning()
		c.references()
		c.contradictions()
	}
	switch {
	case r.Force == Hard && r.Weight != 0:
		c.bad("weight", "a hard rule has no weight")
	case r.Force == Weighted && r.Weight == 0:
		c.warn("weight", "a weight of 0 only reports: it keeps nothing")
	}
	return c.found
}

// statedElsewhere says where the needs of rules that cannot be stated come from.
func statedElsewhere(name RuleName) string {
	switch name {
	case CoverageRule, LanguageRule, SkillRule:
		return "say what slots need, and at what weight, under demand"
	case AvailabilityRule:
		return "say when people can work, and at what weight, under availability"
	case AllowedShiftsRule:
		return "list the shifts that a contract allows under contracts"
	case PinRule:
		return "list fixed assignments under pins"
	case PatternRule:
		return "state rotations, and their weights, under rotations"
	}
	return "take the line out"
}

type ruleChecker struct {
	book  Book
	rule  Rule
	found []Problem
}

func (c *ruleChecker) bad(field, format string, args ...any) {
	c.found = append(c.found, Problem{Field: field, What: fmt.Sprintf(format, args...)})
}

func (c *ruleChecker) warn(field, format string, args ...any) {
	c.found = append(c.found, Problem{Field: field, What: fmt.Sprintf(format, args...), Warning: true})
}

// params checks names, kinds and ranges.
func (c *ruleChecker) params(def Definition) {
	var names []string
	for _, p := range def.Params {
		names = append(names, p.Name)
	}
	for _, name := range c.rule.Params.Names() {
		p, known := def.Param(name)
		if !known {
			if len(names) == 0 {
				c.bad(name, "rule %s has no parameters, so no %q", def.Name, name)
			} else {
				c.bad(name, "%v", unknown("parameter", name, names))
			}
			continue
		}
		if v := c.rule.Params[name]; !v.IsZero() {
			c.value(p, v)
		}
	}
	for _, p := range def.Params {
		if p.Required && !c.rule.Params.Has(p.Name) {
			c.found = append(c.found, Problem{Field: p.Name, What: fmt.Sprintf("rule %s needs %q", def.Name, p.Name), Hint: p.Name + " is " + p.Doc})
		}
	}
}

func (c *ruleChecker) value(p Parameter, v Value) {
	words := p.Kind == ListValue && v.Kind() == TextValue // a single word is a list of one
	if p.Kind != NoValue && v.Kind() != p.Kind && !words {
		c.bad(p.Name, "%s is %s, not %s", p.Name, p.Kind, v.Kind())
		return
	}
	if v.Kind() == NumberValue && p.Kind == NumberValue {
		_, whole := v.Int()
		unit := ""
		if p.Unit != UnitNone {
			unit = " " + string(p.Unit)
		}
		switch f := v.Float(); {
		case f < float64(p.Least) || f > float64(p.Most):
			c.bad(p.Name, "%s is outside %d to %d%s", v, p.Least, p.Most, unit)
		case !whole && p.Unit != UnitHours:
			c.bad(p.Name, "%s is not a whole number of %s", v, p.Unit)
		case !whole && int64(f*60*1000+0.5)%1000 > 1:
			c.warn(p.Name, "%s hours are rounded to whole minutes", v)
		}
	}
	for _, w := range v.Words() {
		if len(p.OneOf) > 0 && !slices.Contains(p.OneOf, w) {
			c.bad(p.Name, "%v", unknown(p.Name, w, p.OneOf))
		}
	}
}

// meaning checks what parameters say together.
func (c *ruleChecker) meaning() {
	p := c.rule.Params
	if p.Has("per") && p.Has("days") {
		c.bad("days", "a window is given by per or by days, not both")
	}
	if slices.Contains(hoursRules, c.rule.Name) && !p.Has("hours") {
		for _, name := range []string{"per", "days"} {
			if p.Has(name) {
				c.bad(name, "without hours the rule means those of the contract, per team week")
			}
		}
	}
	switch c.rule.Name {
	case MentorRule:
		c.mentor()
	case GroupRule:
		if !p.Has("min") && !p.Has("max") {
			c.bad("min", "a group needs min or max")
		}
		if p.Has("max") && p.Int("max", 0) < p.Int("min", 0) {
			c.bad("max", "%d is below min, %d", p.Int("max", 0), p.Int("min", 0))
		}
	case MaxWeekendsRule:
		if n, w := p.Int("weekends", 0), p.Int("weeks", 4); n >= w {
			c.warn("weekends", "there are only %d weekends in %d weeks, so the rule asks nothing", w, w)
		}
	case ApartRule, TogetherRule:
		n := 0
		for _, a := range c.book.Agents {
			if c.rule.Scope.Includes(a) {
				n++
			}
		}
		if c.rule.Scope.IsAll() {
			c.bad("agents", "say who is meant: agents, contracts or tags")
		} else if n < 2 && len(c.book.Agents) > 0 {
			c.warn("agents", "fewer than two agents are meant, so the rule asks nothing")
		}
	case MaxHoursRule, MinHoursRule, TargetHoursRule:
		if p.Text("per", "") == "day" && p.Float("hours") > 24 {
			c.warn("hours", "%s hours do not fit into a day", p["hours"])
		}
		if (p.Text("per", "week") == "week" && !p.Has("days")) && p.Float("hours") > 168 {
			c.warn("hours", "%s hours do not fit into a week", p["hours"])
		}
	case FairShareRule:
		seen := map[string]bool{}
		for _, w := range p.Words("of") {
			if seen[w] {
				c.bad("of", "%s is there twice", w)
			}
			seen[w] = true
		}
	}
}

// Float is a number with its decimals, 0 when it is not given.
func (p Params) Float(name string) float64 { return p[name].Float() }

// mentor checks the two ways to compare people.
func (c *ruleChecker) mentor() {
	p := c.rule.Params
	if p.Has("skill") == p.Has("language") {
		c.bad("skill", "give either skill or language")
		return
	}
	grade := func(name string) (int, bool) {
		if p.Has("language") {
			l, err := ParseLevel(p.Text(name, ""))
			if err != nil {
				c.bad(name, "%s is a level such as B2, not %s", name, p[name])
			}
			return int(l), err == nil
		}
		n, ok := p[name].Int()
		if !ok || !SkillLevel(n).Valid() {
			c.bad(name, "%s is a whole number from 1 to %d, not %s", name, MaxSkill, p[name])
		}
		return n, ok && SkillLevel(n).Valid()
	}
	below, ok := grade("below")
	beside, fine := grade("beside")
	if ok && fine && beside < below {
		c.bad("beside", "%s is less than below, %s: people would be company to themselves", p["beside"], p["below"])
	}
}

// references looks for what parameters name in the book.
func (c *ruleChecker) references() {
	p := c.rule.Params
	if tag := p.Text("tag", ""); tag != "" && len(c.book.Shifts) > 0 {
		var tags []string
		for _, s := range c.book.Shifts {
			tags = append(tags, s.Tags...)
		}
		if !slices.Contains(tags, tag) {
			c.warn("tag", "no shift has it: %v", unknown("tag", tag, tags))
		}
	}
	if shift := p.Text("shift", ""); shift != "" {
		var ids []ShiftID
		for _, s := range c.book.Shifts {
			ids = append(ids, s.ID)
		}
		if !slices.Contains(ids, ShiftID(shift)) {
			c.bad("shift", "%v", unknown("shift", shift, ids))
		}
	}
	if skill := p.Text("skill", ""); skill != "" && len(c.book.Agents) > 0 {
		names := map[string]bool{}
		for _, a := range c.book.Agents {
			for s := range a.Skills {
				names[s] = true
			}
		}
		if !names[skill] {
			c.warn("skill", "no agent has it: %v", unknown("skill", skill, sortedKeys(names)))
		}
	}
	if tag := p.Text("language", ""); tag != "" {
		if canonical, err := ParseLanguage(tag); err != nil {
			c.bad("language", "%v", err)
		} else if string(canonical) != tag {
			c.bad("language", "language %q is written %q", tag, canonical)
		}
	}
}

// opposites are rules of which one sets the least and the other the most of the same thing, with the parameter that
// counts.
var opposites = map[RuleName]struct {
	most  RuleName
	param string
}{
	MinHoursRule:       {MaxHoursRule, "hours"},
	TargetHoursRule:    {MaxHoursRule, "hours"},
	MinShiftsRule:      {MaxShiftsRule, "shifts"},
	MinDaysRule:        {MaxDaysRule, "days"},
	MinDaysOffRule:     {MaxDaysOffRule, "days"},
	MinConsecutiveRule: {MaxConsecutiveRule, "shifts"},
}

// contradictions compares a least with the most that another rule of the book sets for the same people. It is told at
// the rule that sets the least.
func (c *ruleChecker) contradictions() {
	pair, ok := opposites[c.rule.Name]
	least, given := c.rule.Params[pair.param], c.rule.Params.Has(pair.param)
	if !ok || !given || c.rule.Force == Off {
		return
	}
	mine := c.rule.Resolve().Params
	for _, o := range c.book.Rules {
		most := o.Params[pair.param]
		if o.Name != pair.most || o.Force == Off || most.IsZero() || least.Float() <= most.Float() {
			continue
		}
		theirs := o.Resolve().Params
		windows := mine.Text("per", "") == theirs.Text("per", "") && (pair.param == "days" || mine.Int("days", 0) == theirs.Int("days", 0))
		if !windows || mine.Text("tag", "") != theirs.Text("tag", "") || !c.shareAgents(o.Scope) {
			continue
		}
		text := fmt.Sprintf("at least %s contradicts %s of at most %s for the same agents", least, o.Name, most)
		if tag := mine.Text("tag", ""); tag != "" {
			text = strings.TrimSuffix(text, " for the same agents") + " for tag " + tag
		}
		c.bad(pair.param, "%s", text)
	}
}

// shareAgents reports whether somebody is in both scopes.
func (c *ruleChecker) shareAgents(o Scope) bool {
	if c.rule.Scope.IsAll() && o.IsAll() {
		return true
	}
	return slices.ContainsFunc(c.book.Agents, func(a Agent) bool { return c.rule.Scope.Includes(a) && o.Includes(a) })
}
