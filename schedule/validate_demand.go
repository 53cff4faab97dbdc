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
	}
	if shiftKnown {
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
		if a.Languages[n.Tag] >= max(n.Level, A1) && v.may(a, l) {
			able++
		}
	}
	if need := max(n.Min.Value, n.Capacity.Value); len(v.book.Agents) > 0 && able < need {
		v.warn("language", "%s%s %s %s at %s or above, and %d needed on one slot", people(able), v.whoMay(l), verb(able, "speaks", "speak"), n.Tag, max(n.Level, A1), need)
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
		if level, has := a.Skills[n.Name]; has && level >= n.Level && v.may(a, l) {
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
		v.warn("skill", "%s%s %s %s at level %d or above, and %d needed on one slot", people(able), v.whoMay(l), verb(able, "has", "have"), n.Name, max(n.Level, 1), n.Min.Or(1))
	}
}

// people is a count of agents.
func people(n int) string {
	switch n {
	case 0:
		return "no agent"
	case 1:
		return "1 agent"
	}
	return fmt.Sprintf("%d agents", n)
}

// verb is the form that fits so many agents.
func verb(n int, one, more string) string {
	if n < 2 {
		return one
	}
	return more
}

// may reports whether the agent's contract allows the shift of the line; everybody may for lines about several shifts or none.
func (v *validator) may(a Agent, l DemandLine) bool {
	k := slices.Index(v.contractIDs(), a.Contract)
	return l.Interval.Set || l.Shift == AnyShift || k < 0 || v.book.Contracts[k].Allows(l.Shift)
}

// whoMay says whom contracts leave for a line about one shift, when they leave somebody out.
func (v *validator) whoMay(l DemandLine) string {
	if slices.ContainsFunc(v.book.Agents, func(a Agent) bool { return !v.may(a, l) }) {
		return " who may work " + string(l.Shift)
	}
	return ""
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

// somebodyMay warns when more people are needed at once than there are, or than have a contract that allows the shift.
func (v *validator) somebodyMay(l DemandLine) {
	able := 0
	for _, a := range v.book.Agents {
		if v.may(a, l) {
			able++
		}
	}
	switch {
	case len(v.book.Agents) == 0 || able >= l.Agents.Min.Value:
	case able == len(v.book.Agents):
		v.warn("agents.min", "%d needed at once, and the team has %s", l.Agents.Min.Value, people(able))
	default:
		v.warn("agents.min", "%d needed, but %s %s a contract that allows shift %s", l.Agents.Min.Value, people(able), verb(able, "has", "have"), l.Shift)
	}
}

// weekOfWork warns when the minimum of a usual week takes more hours than contracts allow with all extra time: of one shift
// by those who may work it, and of all shifts by everybody. Shifts that a contract without a limit allows are not judged.
func (v *validator) weekOfWork() {
	if len(v.book.Agents) == 0 || len(v.book.Shifts)*(1+len(v.book.Demand)) > maxDemandWork/7 {
		return
	}
	first := Date{Year: 2401, Month: 1, Day: 1} // as in demandTogether
	var total Minutes
	last, told := -1, false // the last line that states a minimum
	for _, s := range v.book.Shifts {
		var lines []DemandLine
		place := -1
		for i, l := range v.book.Demand {
			if !l.Interval.Set && (l.Shift == s.ID || l.Shift == AnyShift) && len(l.Dates) == 0 {
				lines = append(lines, l)
				if l.Agents.Min.Value > 0 {
					place = i
				}
			}
		}
		if place < 0 || !s.Until.IsZero() {
			continue
		}
		long := Minutes(s.End - s.Start)
		if long <= 0 {
			long += Hours(24)
		}
		each := s.Paid.Or(long - s.Break)
		var work Minutes
		for n := range 7 {
			d := first.AddDays(n)
			if on, err := s.Dates(d, d); err != nil || len(on) == 0 {
				continue
			}
			need := ResolveDemand(lines, []Slot{{ID: MakeSlotID(s.ID, d), Shift: s.ID, Date: d}}, nil)[0].Demand
			work += each * Minutes(need.Min)
		}
		total += work
		last = max(last, place)
		if room, limited := v.room(DemandLine{Shift: s.ID}); limited && work > room && room > 0 { // nobody at all is told by somebodyMay
			told = true
			v.section, v.index, v.id = "demand", place, string(v.book.Demand[place].ID)
			v.warn("agents", "the minimum of shift %s is %s a week, and those who may work it have %s by contract, extra hours included", s.ID, work, room)
		}
	}
	if room, limited := v.room(DemandLine{Shift: AnyShift}); limited && total > room && !told {
		v.section, v.index, v.id = "demand", last, string(v.book.Demand[last].ID)
		v.warn("agents", "the minimum of all shifts together is %s a week, and the team has %s by contract, extra hours included", total, room)
	}
}

// room is the hours of a week that contracts leave to those who may work the shift of a line; limited is false when one of
// them has no limit.
func (v *validator) room(l DemandLine) (sum Minutes, limited bool) {
	for _, a := range v.book.Agents {
		if !v.may(a, l) {
			continue
		}
		k := slices.Index(v.contractIDs(), a.Contract)
		if k < 0 || !v.book.Contracts[k].Max.Set {
			return 0, false
		}
		sum += v.book.Contracts[k].Ceiling(a).Value
	}
	return sum, true
}
