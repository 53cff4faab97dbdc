package schedule

import (
	"cmp"
	"fmt"
	"slices"
)

// Definition is one rule of the catalogue: what it means, exactly, and what it takes when a team says no more than its
// name. The audit and every compiler of rosters follow Quantity to the letter; they share no code.
type Definition struct {
	Name  RuleName
	Title string
	// Personal says that one agent's work alone decides, so that the rule couples nobody.
	Personal bool
	// Implicit rules hold without being stated. Unstatable ones cannot be stated: what they need is said elsewhere, in
	// demand, availability, contracts or pins.
	Implicit, Unstatable bool
	// Quantity is the exact definition, in the terms of RuleTerms.
	Quantity string
	// Unit is what an amount counts. A weight is the price of each begun Step units of one amount; Step is at least 1.
	Unit   Unit
	Step   int
	Params []Parameter
	// Force and Weight hold when a use states neither. Force is Hard or Weighted.
	Force  Force
	Weight Cost
	// Why says what the rule is good for.
	Why     string
	Example Example
}

// Parameter is one parameter of a rule.
type Parameter struct {
	Name string
	// Kind is NoValue for a parameter that takes a number or a word.
	Kind ValueKind
	Unit Unit
	// Default is taken when the parameter is not given; the zero Value means that Quantity says what then holds.
	Default  Value
	Required bool
	// Least and Most bound numbers, inclusive; whole numbers only, unless Unit is hours.
	Least, Most int
	// OneOf lists the words allowed; nil for any.
	OneOf []string
	Doc   string
}

// Example is two small cases in the form of package scheduletest: one that breaks the rule and one that just does not.
// Common holds the lines both begin with.
type Example struct {
	Common, Hit, Miss string
}

// RuleTerms is the vocabulary of the definitions. It belongs to their meaning.
const RuleTerms = `Terms.
- The work of an agent is the agent's slots in the roster, the slots of history and later rosters (Around, Worked), and
  work elsewhere (Busy with Work). Facts are the last two: nobody changes them here. A slot counts for its roster day, a
  day of work elsewhere for its Day; hours are paid minutes. Rest, overlap and weekends look at instants.
- Known days are KnownFrom to KnownTo. Unknown days are without work, but a run that holds the first or the last known
  day is not judged for a minimum.
- A period day is a roster day from First to Last. A period slot is a slot of one.
- Where facts alone are beyond a maximum, the facts are the limit: amount = total - max(limit, total of facts alone).
- A team week is seven roster days from the team's first weekday. It is judged when it holds a period day.
- Windows of a rule with per or days: per day, each period day; per week, each team week that holds a period day; per
  period, all period days; with days n, every n consecutive known days of which one is a period day, or all known days
  together when fewer than n are known. Each window is judged on its own. A maximum counts all known days of a window.
- Every limit below that is lowered pro rata is limit x counted days / days, rounded down, where counted days are those
  of the window on which the agent is employed and not on leave all day.
- Within reach of an agent is a slot that employment, contract and availability allow.
- A demand closes its slot when it states a maximum of 0, or a target of 0 and no minimum.
- Minutes are priced per begun 15 of one amount; everything else per unit.`

// Catalogue lists every rule, in a fixed order. The slices within are shared and not to be changed.
func Catalogue() []Definition { return slices.Clone(catalogue) }

// FindDefinition is the rule of that name; ok is false when there is none.
func FindDefinition(name RuleName) (d Definition, ok bool) {
	i, ok := definitionIndex[name]
	if !ok {
		return Definition{}, false
	}
	return catalogue[i], true
}

// RuleNames lists the names of the catalogue, in its order.
func RuleNames() []RuleName {
	names := make([]RuleName, len(catalogue))
	for i, d := range catalogue {
		names[i] = d.Name
	}
	return names
}

var (
	catalogue       = slices.Concat(implicitRules, teamRules, timeRules, runRules, shareRules)
	definitionIndex = indexCatalogue()
)

func indexCatalogue() map[RuleName]int {
	index := make(map[RuleName]int, len(catalogue))
	for i, d := range catalogue {
		if _, twice := index[d.Name]; twice || d.Step < 1 {
			panic(fmt.Sprintf("bad catalogue at rule %s", d.Name))
		}
		index[d.Name] = i
	}
	return index
}

// Param is the rule's parameter of that name; ok is false when it has none.
func (d Definition) Param(name string) (Parameter, bool) {
	for _, p := range d.Params {
		if p.Name == name {
			return p, true
		}
	}
	return Parameter{}, false
}

// Price is what an amount costs at a weight: the weight for each begun Step.
func (d Definition) Price(amount int, weight Cost) Cost {
	if amount <= 0 {
		return 0
	}
	return Cost((amount+d.Step-1)/d.Step) * weight
}

// Resolve fills in what the use leaves open from the catalogue: parameters, force and weight. The result's Force is
// Hard, Weighted or Off. A rule that the catalogue does not know is Off. The argument is left as it is.
func (r Rule) Resolve() Rule {
	d, known := FindDefinition(r.Name)
	if !known {
		r.Force = Off
		return r
	}
	stated := r.Force == Weighted // then a weight of 0 is meant
	params := make(Params, len(d.Params))
	for _, p := range d.Params {
		if v := r.Params[p.Name]; !v.IsZero() {
			params[p.Name] = v
		} else if !p.Default.IsZero() {
			params[p.Name] = p.Default
		}
	}
	r.Params = params
	if r.Force == ByDefault {
		if r.Force = d.Force; r.Weight != 0 || r.OfContract() {
			r.Force = Weighted // above the contract's maximum there is extra time, at a price, and only then a limit
		}
	}
	switch {
	case r.Force != Weighted:
		r.Weight = 0
	case !stated:
		r.Weight = cmp.Or(r.Weight, d.Weight)
	}
	return r
}

// hoursRules are those that speak about the contract when they state no hours.
var hoursRules = []RuleName{MaxHoursRule, MinHoursRule, TargetHoursRule}

// OfContract reports whether the use takes its hours from each agent's contract.
func (r Rule) OfContract() bool { return slices.Contains(hoursRules, r.Name) && !r.Params.Has("hours") }

// EffectiveRules lists the uses of rules that hold in the period, resolved and without those that are off: first
// max-hours, min-hours and target-hours as the contracts state them, then the team's own in their order. Of several
// uses without hours the last one whose scope includes an agent holds for that agent, and the catalogue's where there
// is none; they are listed once each, with the agents for whom they hold as their scope.
func EffectiveRules(p *Period) []Rule {
	var rules []Rule
	for _, name := range hoursRules {
		uses := []Rule{Rule{Name: name}.Resolve()}
		for _, r := range p.Rules {
			if r.Name == name && r.OfContract() {
				uses = append(uses, r.Resolve())
			}
		}
		scopes := make([][]AgentID, len(uses))
		for _, a := range p.Agents {
			for i := len(uses) - 1; i >= 0; i-- {
				if uses[i].Scope.Includes(a) {
					scopes[i] = append(scopes[i], a.ID)
					break
				}
			}
		}
		for i, u := range uses {
			if len(scopes[i]) > 0 && u.Force != Off {
				u.Scope = Scope{Agents: scopes[i]}
				rules = append(rules, u)
			}
		}
	}
	for _, r := range p.Rules {
		if u := r.Resolve(); u.Force != Off && !u.OfContract() {
			rules = append(rules, u)
		}
	}
	return rules
}

// Closed reports whether the demand says that the slot needs nobody: a maximum of 0, or a target of 0 and no minimum.
// Languages, skills and the minimum of a group are then not asked for. A demand that says nothing about the number of
// agents is not closed.
func (d Demand) Closed() bool {
	return d.Max.Set && d.Max.Value == 0 || d.Target.Set && d.Target.Value == 0 && d.Min == 0
}

// TargetsOf is the frozen targets of a fair-share rule: those of the period, or else those of FairTargets.
func TargetsOf(p *Period, r Rule) (map[AgentID]Points, error) {
	if t, frozen := p.Targets[r.ID]; frozen {
		return t, nil
	}
	return FairTargets(p, r)
}

// The names of the catalogue.
const (
	WellFormedRule      RuleName = "well-formed"
	OnePerDayRule       RuleName = "one-per-day"
	NoOverlapRule       RuleName = "no-overlap"
	AllowedShiftsRule   RuleName = "allowed-shifts"
	AvailabilityRule    RuleName = "availability"
	PinRule             RuleName = "pin"
	CoverageRule        RuleName = "coverage"
	LanguageRule        RuleName = "language"
	SkillRule           RuleName = "skill"
	MentorRule          RuleName = "mentor"
	ApartRule           RuleName = "apart"
	TogetherRule        RuleName = "together"
	GroupRule           RuleName = "group"
	MinRestRule         RuleName = "min-rest"
	WeeklyRestRule      RuleName = "weekly-rest"
	RestAfterNightsRule RuleName = "rest-after-nights"
	MaxHoursRule        RuleName = "max-hours"
	MinHoursRule        RuleName = "min-hours"
	TargetHoursRule     RuleName = "target-hours"
	MaxShiftsRule       RuleName = "max-shifts"
	MinShiftsRule       RuleName = "min-shifts"
	MaxDaysRule         RuleName = "max-consecutive-days"
	MinDaysRule         RuleName = "min-consecutive-days"
	MaxDaysOffRule      RuleName = "max-consecutive-days-off"
	MinDaysOffRule      RuleName = "min-consecutive-days-off"
	MaxConsecutiveRule  RuleName = "max-consecutive"
	MinConsecutiveRule  RuleName = "min-consecutive"
	ForwardRotationRule RuleName = "forward-rotation"
	MaxWeekendsRule     RuleName = "max-weekends"
	CompleteWeekendRule RuleName = "complete-weekends"
	ShiftMixRule        RuleName = "shift-mix"
	PatternRule         RuleName = "pattern"
	FairShareRule       RuleName = "fair-share"
	StabilityRule       RuleName = "stability"
)
