package schedule

import (
	"fmt"
	"slices"
	"strconv"
)

// demandLine checks one demand line by itself and against what the team's people can do.
func (v *validator) demandLine(i int, l DemandLine) {
	v.at("demand", i, string(l.ID), true)
	shiftKnown := true
	switch {
	case l.Interval.Set && l.Shift != "":
		v.bad("shift", "a line is about a shift or an interval, not both")
	case l.Interval.Set:
		v.span("interval", l.Interval.Value)
		if l.Step < 0 || l.Step > Hours(24) {
			v.bad("step", "%s is outside 1m to 24h", l.Step)
		}
		if l.Zone != "" {
			v.zone("timezone", l.Zone)
		}
	case l.Shift == "":
		v.add(Problem{Field: "shift", What: "the line says neither which shift nor which interval", Hint: `write shift: "*" for every shift`})
		shiftKnown = false
	case l.Shift != AnyShift:
		shiftKnown = oneOf(v, "shift", "shift", l.Shift, v.shiftIDs())
	}
	if !l.Interval.Set && (l.Zone != "" || l.Step != 0) {
		v.bad("timezone", "zone and step belong to a line about an interval; a shift has its own zone")
	}
	v.order("until", l.From, l.Until)
	v.agentsNeed(l.Agents)
	v.languageNeed(l)
	v.skillNeed(l)
	v.line("note", l.Note)
	if l.Agents == (AgentsNeed{}) && l.Language == (LanguageNeed{}) && l.Skill == (SkillNeed{}) && l.Note == "" {
		v.add(Problem{What: "the line asks for nothing", Hint: "give agents, language or skill"})
	}
	if !l.Interval.Set && shiftKnown && l.Shift != AnyShift {
		v.datesTakePlace(l)
		v.somebodyMay(l)
	}
}

func (v *validator) agentsNeed(n AgentsNeed) {
	names := [3]string{"agents.min", "agents.target", "agents.max"}
	bounds := [3]Optional[int]{n.Min, n.Target, n.Max}
	for k, b := range bounds {
		atLeast(v, names[k], b.Value, 0)
	}
	ascending(v, names, bounds, strconv.Itoa)
	v.weight("agents.min_weight", n.MinWeight)
	v.weight("agents.target_weight", n.TargetWeight)
	v.weight("agents.max_weight", n.MaxWeight)
}

func (v *validator) languageNeed(l DemandLine) {
	n := l.Language
	if n == (LanguageNeed{}) {
		return
	}
	if n.Tag == "" {
		v.bad("language.tag", "the need names no language")
		return
	}
	v.language("language.tag", n.Tag)
	if n.Level < 0 || n.Level > Native {
		v.bad("language.level", "there is no level %d", int(n.Level))
	}
	atLeast(v, "language.min", n.Min.Value, 0)
	atLeast(v, "language.capacity", n.Capacity.Value, 0)
	v.weight("weight", n.Weight)
	able := 0
	for _, a := range v.book.Agents {
		if a.Languages[n.Tag] >= max(n.Level, A1) {
			able++
		}
	}
	if need := max(n.Min.Value, n.Capacity.Value); len(v.book.Agents) > 0 && able < need {
		v.warn("language", "%s %s at %s or above, and %d needed on one slot", people(able, "speaks", "speak"), n.Tag, max(n.Level, A1), need)
	}
}

func (v *validator) skillNeed(l DemandLine) {
	n := l.Skill
	if n == (SkillNeed{}) {
		return
	}
	if n.Name == "" {
		v.bad("skill.name", "the need names no skill")
		return
	}
	v.word("skill.name", "skill", n.Name)
	if n.Level != 0 && !n.Level.Valid() {
		v.bad("skill.level", "level %d is outside 1 to %d", int(n.Level), MaxSkill)
	}
	atLeast(v, "skill.min", n.Min.Value, 0)
	v.weight("weight", n.Weight)
	able := 0
	known := map[string]bool{}
	for _, a := range v.book.Agents {
		if level, has := a.Skills[n.Name]; has && level >= n.Level {
			able++
		}
		for name := range a.Skills {
			known[name] = true
		}
	}
	switch near, ok := Nearest(n.Name, sortedKeys(known)); {
	case len(v.book.Agents) == 0 || able >= max(n.Min.Or(1), 0):
	case !known[n.Name] && ok:
		v.warn("skill.name", "no agent has the skill %q, did you mean %q?", n.Name, near)
	default:
		v.warn("skill", "%s %s at level %d or above, and %d needed on one slot", people(able, "has", "have"), n.Name, max(n.Level, 1), n.Min.Or(1))
	}
}

// people is a count of agents with the verb that fits.
func people(n int, one, more string) string {
	switch n {
	case 0:
		return "no agent " + one
	case 1:
		return "1 agent " + one
	}
	return fmt.Sprintf("%d agents %s", n, more)
}

// datesTakePlace warns about dates on which the line's shift does not take place.
func (v *validator) datesTakePlace(l DemandLine) {
	s := v.book.Shifts[slices.Index(v.shiftIDs(), l.Shift)]
	for k, d := range l.Dates {
		if on, err := s.Dates(d, d); err == nil && len(on) == 0 {
			v.warn(fmt.Sprintf("dates.%d", k), "shift %s does not take place on %s, a %s", s.ID, d, d.Weekday())
		}
	}
}

// somebodyMay warns when more people are needed than have a contract that allows the shift.
func (v *validator) somebodyMay(l DemandLine) {
	able := 0
	for _, a := range v.book.Agents {
		k := slices.Index(v.contractIDs(), a.Contract)
		if k < 0 || v.book.Contracts[k].Allows(l.Shift) {
			able++
		}
	}
	if len(v.book.Agents) > 0 && able < l.Agents.Min.Value {
		v.warn("agents.min", "%d needed, but %s a contract that allows shift %s", l.Agents.Min.Value, people(able, "has", "have"), l.Shift)
	}
}
