package schedule

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// ResolveDemand gives the slots with their demand. For each slot the lines about its shift or AnyShift whose dates
// select the slot's date are applied in order; each attribute of agents, of one language tag and of one skill name
// takes the value of the last line that states it. A line with min 0 so withdraws a language or skill. holidays are
// the dates that lines with Holiday ask for (see HolidayDates). The slots given are left as they are.
func ResolveDemand(lines []DemandLine, slots []Slot, holidays map[Date]string) []Slot {
	resolved := slices.Clone(slots)
	for i := range resolved {
		s := &resolved[i]
		var state demandState
		for _, l := range lines {
			if !l.Interval.Set && (l.Shift == s.Shift || l.Shift == AnyShift) && l.Selects(s.Date, holidays) {
				state.apply(l)
			}
		}
		s.Demand = state.demand()
	}
	return resolved
}

// Selects reports whether the line's dates select d.
func (l DemandLine) Selects(d Date, holidays map[Date]string) bool {
	if l.Days != 0 && !l.Days.Has(d.Weekday()) || len(l.Dates) > 0 && !slices.Contains(l.Dates, d) {
		return false
	}
	if d.Before(l.From) || !l.Until.IsZero() && d.After(l.Until) {
		return false
	}
	_, holiday := holidays[d]
	return !l.Holiday.Set || l.Holiday.Value == holiday
}

// demandState is the attributes stated so far.
type demandState struct {
	agents    AgentsNeed
	languages map[Language]LanguageNeed
	skills    map[string]SkillNeed
	notes     []string
}

func (s *demandState) apply(l DemandLine) {
	a := l.Agents
	s.agents = AgentsNeed{
		Min: a.Min.Else(s.agents.Min), Target: a.Target.Else(s.agents.Target), Max: a.Max.Else(s.agents.Max),
		MinWeight:    a.MinWeight.Else(s.agents.MinWeight),
		TargetWeight: a.TargetWeight.Else(s.agents.TargetWeight),
		MaxWeight:    a.MaxWeight.Else(s.agents.MaxWeight),
	}
	if n := l.Language; n.Tag != "" {
		if s.languages == nil {
			s.languages = map[Language]LanguageNeed{}
		}
		old := s.languages[n.Tag]
		s.languages[n.Tag] = LanguageNeed{Tag: n.Tag, Level: cmp.Or(n.Level, old.Level), Min: n.Min.Else(old.Min),
			Capacity: n.Capacity.Else(old.Capacity), Weight: n.Weight.Else(old.Weight)}
	}
	if n := l.Skill; n.Name != "" {
		if s.skills == nil {
			s.skills = map[string]SkillNeed{}
		}
		old := s.skills[n.Name]
		s.skills[n.Name] = SkillNeed{Name: n.Name, Level: cmp.Or(n.Level, old.Level), Min: n.Min.Else(old.Min),
			Weight: n.Weight.Else(old.Weight)}
	}
	if l.Note != "" && !slices.Contains(s.notes, l.Note) {
		s.notes = append(s.notes, l.Note)
	}
}

func (s *demandState) demand() Demand {
	d := Demand{
		Min: s.agents.Min.Or(0), Target: s.agents.Target, Max: s.agents.Max,
		MinWeight:    s.agents.MinWeight.Or(DefaultMinWeight),
		TargetWeight: s.agents.TargetWeight.Or(DefaultTargetWeight),
		MaxWeight:    s.agents.MaxWeight.Or(DefaultMaxWeight),
		Notes:        s.notes,
	}
	for _, tag := range sortedKeys(s.languages) {
		n := s.languages[tag]
		// A need that states no count but a level means one agent, unless it asks for capacity only.
		least := n.Min.Or(1)
		if !n.Min.Set && n.Capacity.Set {
			least = 0
		}
		if least > 0 || n.Capacity.Value > 0 {
			d.Languages = append(d.Languages, LanguageDemand{Tag: tag, Level: cmp.Or(n.Level, B2), Min: least,
				Capacity: n.Capacity.Value, Weight: n.Weight.Or(DefaultLanguageWeight)})
		}
	}
	for _, name := range sortedKeys(s.skills) {
		n := s.skills[name]
		if least := n.Min.Or(1); least > 0 {
			d.Skills = append(d.Skills, SkillDemand{Name: name, Level: cmp.Or(n.Level, 1), Min: least,
				Weight: n.Weight.Or(DefaultSkillWeight)})
		}
	}
	return d
}

// ResolveIntervals lists the demand by interval of the roster days [first, last], by start. Time is cut wherever a
// line begins, ends or takes a step; to each piece the lines that cover it are applied in order, as for slots. A
// piece belongs to the roster day of its own start.
func ResolveIntervals(team Team, lines []DemandLine, first, last Date, holidays map[Date]string) ([]IntervalDemand, error) {
	here, err := LoadZone(team.Zone)
	if err != nil {
		return nil, err
	}
	type reach struct {
		line int
		at   Interval
	}
	var reaches []reach
	var cuts []time.Time
	for i, l := range lines {
		if !l.Interval.Set {
			continue
		}
		loc, err := LoadZone(cmp.Or(l.Zone, team.Zone))
		if err != nil {
			return nil, fmt.Errorf("demand %s: %w", l.ID, err)
		}
		step := time.Duration(cmp.Or(max(l.Step, 0), 60)) * time.Minute
		for d := first.AddDays(-margin); !d.IsZero() && !d.After(last.AddDays(margin)); d = d.AddDays(1) {
			if !l.Selects(d, holidays) {
				continue
			}
			at, _ := l.Interval.Value.On(d, loc)
			if at.IsEmpty() {
				continue
			}
			reaches = append(reaches, reach{i, at})
			for t := at.Start; t.Before(at.End); t = t.Add(step) {
				cuts = append(cuts, t)
			}
			cuts = append(cuts, at.End)
		}
	}
	slices.SortFunc(cuts, time.Time.Compare)
	cuts = slices.CompactFunc(cuts, time.Time.Equal)
	states := make([]demandState, len(cuts))
	covered := make([]bool, len(cuts))
	// Reaches are in the order of the lines, so each piece sees its lines in their order.
	for _, r := range reaches {
		i, _ := slices.BinarySearchFunc(cuts, r.at.Start, time.Time.Compare)
		for ; cuts[i].Before(r.at.End); i++ {
			states[i].apply(lines[r.line])
			covered[i] = true
		}
	}
	var needs []IntervalDemand
	for i, ok := range covered {
		if !ok {
			continue
		}
		if day := DateOf(cuts[i], here); !day.Before(first) && !day.After(last) {
			at := Interval{Start: cuts[i], End: cuts[i+1]}
			needs = append(needs, IntervalDemand{Interval: at, Day: day, Demand: states[i].demand()})
		}
	}
	return needs, nil
}
