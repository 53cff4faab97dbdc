package schedule

import (
	"slices"
	"testing"
)

func TestDemandResolvesAttributeByAttribute(t *testing.T) {
	team := harborTeam()
	slots := expand(t, team, harborShifts(), "2026-12-14", "2026-12-20")
	saturday := MustDate("2026-12-19")
	lines := []DemandLine{
		{Shift: "late", Agents: AgentsNeed{Min: Some(2), Target: Some(3), Max: Some(4)}},
		{Shift: AnyShift, Language: LanguageNeed{Tag: "en", Level: C1, Min: Some(1)}},
		{Shift: "late", Days: MakeWeekdays(6, 0), Agents: AgentsNeed{Min: Some(1), Target: Some(2)}, Note: "weekend"},
		{Shift: "late", Language: LanguageNeed{Tag: "es", Level: B2, Min: Some(1), Weight: Some(Cost(70))}},
		{Shift: "late", Dates: []Date{saturday}, Agents: AgentsNeed{Min: Some(3), MinWeight: Some(Cost(7))}, Note: "contest"},
		{Shift: "late", Dates: []Date{saturday}, Language: LanguageNeed{Tag: "es", Level: C1}},
		{Shift: AnyShift, Days: MakeWeekdays(5), Language: LanguageNeed{Tag: "en", Min: Some(0)}},
		{Shift: AnyShift, Skill: SkillNeed{Name: "chat", Level: 2, Min: Some(1)}},
		{Shift: AnyShift, Holiday: Some(true), Skill: SkillNeed{Name: "chat", Min: Some(2)}},
	}
	resolved := ResolveDemand(lines, slots, map[Date]string{MustDate("2026-12-17"): "a holiday"})
	of := func(id SlotID) Demand {
		i := slices.IndexFunc(resolved, func(s Slot) bool { return s.ID == id })
		if i < 0 {
			t.Fatalf("no slot %s", id)
		}
		return resolved[i].Demand
	}
	thursday, friday, sunday := of("late@2026-12-17"), of("late@2026-12-18"), of("late@2026-12-20")
	sat := of("late@2026-12-19")
	if thursday.Min != 2 || thursday.Target != Some(3) || thursday.Max != Some(4) || thursday.MinWeight != DefaultMinWeight {
		t.Errorf("weekday: %+v", thursday)
	}
	if sunday.Min != 1 || sunday.Target != Some(2) || sunday.Max != Some(4) {
		t.Errorf("weekend: %+v", sunday)
	}
	if sat.Min != 3 || sat.Target != Some(2) || sat.MinWeight != 7 || sat.TargetWeight != DefaultTargetWeight ||
		!slices.Equal(sat.Notes, []string{"weekend", "contest"}) {
		t.Errorf("date: %+v", sat)
	}
	if !slices.Equal(sat.Languages, []LanguageDemand{{Tag: "en", Level: C1, Min: 1, Weight: 500}, {Tag: "es", Level: C1, Min: 1, Weight: 70}}) {
		t.Errorf("languages of the date: %+v", sat.Languages)
	}
	if len(friday.Languages) != 1 || friday.Languages[0].Tag != "es" || friday.Languages[0].Level != B2 {
		t.Errorf("a language withdrawn: %+v", friday.Languages)
	}
	if thursday.Skills[0].Min != 2 || thursday.Skills[0].Level != 2 || friday.Skills[0].Min != 1 {
		t.Errorf("a holiday: %+v, not %+v", thursday.Skills, friday.Skills)
	}
	// The New York Friday is a Friday by its own date, though a Saturday in Yerevan.
	if midnight := of("midnight@2026-12-18"); len(midnight.Languages) != 0 {
		t.Errorf("days are not those of the shift's zone: %+v", midnight)
	}
	if slots[0].Demand.Min != 0 || slots[0].Demand.MinWeight != 0 {
		t.Error("the slots given were changed")
	}
}

func TestDemandByInterval(t *testing.T) {
	team := harborTeam()
	monday := MustDate("2026-12-07")
	span := func(s string) Optional[ClockSpan] {
		c, err := ParseClockSpan(s)
		if err != nil {
			t.Fatal(err)
		}
		return Some(c)
	}
	needs, err := ResolveIntervals(team, []DemandLine{
		{Interval: span("08:00-11:00"), Agents: AgentsNeed{Min: Some(2)}},
		{Interval: span("09:30-10:00"), Agents: AgentsNeed{Min: Some(4)}},
		{Interval: span("22:00-23:00"), Zone: "America/New_York", Agents: AgentsNeed{Min: Some(1)}},
		{Shift: "early", Agents: AgentsNeed{Min: Some(9)}},
	}, monday, monday, nil)
	if err != nil {
		t.Fatal(err)
	}
	loc, _ := LoadZone(team.Zone)
	var got []string
	for _, n := range needs {
		got = append(got, n.Interval.Start.In(loc).Format("15:04")+" "+n.Interval.Minutes().String()+" "+Some(n.Demand.Min).String())
	}
	want := []string{"07:00 1h 1", "08:00 1h 2", "09:00 30m 2", "09:30 30m 4", "10:00 1h 2"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
