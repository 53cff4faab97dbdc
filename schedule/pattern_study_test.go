package schedule

import (
	"fmt"
	"strings"
	"testing"
)

func study(t testing.TB, p Pattern) PatternStudy {
	t.Helper()
	s, err := StudyPattern(p, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestBuiltInPatterns: exactly one crew on every shift every day, 42 hours a week; the rest worked out by hand from the
// strings.
func TestBuiltInPatterns(t *testing.T) {
	want := map[PatternID]struct {
		crews, cycle, repeats int
		worst                 Minutes
		run, nights, off      int
		weekends, least, most int // free ones
	}{
		"pitman-days":    {2, 14, 14, Hours(60), 3, 0, 3, 2, 1, 1},
		"pitman-nights":  {2, 14, 14, Hours(60), 3, 3, 3, 2, 1, 1},
		"panama":         {4, 56, 56, Hours(60), 3, 3, 3, 8, 4, 4},
		"2-2-3":          {4, 28, 28, Hours(60), 3, 3, 3, 4, 2, 2},
		"dupont":         {4, 28, 28, Hours(72), 4, 4, 7, 4, 2, 2},
		"continental":    {4, 28, 28, Hours(56), 7, 3, 3, 4, 1, 1},
		"metropolitan":   {4, 8, 56, Hours(48), 6, 2, 2, 8, 0, 0},
		"slow-6-2":       {4, 24, 168, Hours(48), 6, 6, 2, 24, 2, 2},
		"southern-swing": {4, 28, 28, Hours(56), 7, 7, 3, 4, 1, 1},
		"fast-12":        {4, 8, 56, Hours(48), 4, 2, 4, 8, 2, 2},
		"4-on-4-off":     {4, 16, 112, Hours(48), 4, 4, 4, 16, 5, 5},
	}
	for _, p := range BuiltInPatterns() {
		s := study(t, p)
		if !s.Complete() {
			t.Errorf("%s: not one crew on every shift: %v", p.ID, s.Cover)
		}
		if s.Week != Hours(42) {
			t.Errorf("%s: %s a week, want 42h", p.ID, s.Week)
		}
		if s.Resonance != "" {
			t.Errorf("%s: %s", p.ID, s.Resonance)
		}
		least, most := s.FreeWeekends()
		got := fmt.Sprint(len(s.Crews), s.Cycle, s.Repeats, s.WorstSeven, s.LongestRun, s.LongestNights, s.LongestOff, s.Weekends, least, most)
		w := want[p.ID]
		if expect := fmt.Sprint(w.crews, w.cycle, w.repeats, w.worst, w.run, w.nights, w.off, w.weekends, w.least, w.most); got != expect {
			t.Errorf("%s: %s, want %s", p.ID, got, expect)
		}
	}
}

// TestPatternsCover lays every built-in out over two of its repeats, with shifts of its own, and counts the agents.
func TestPatternsCover(t *testing.T) {
	for _, p := range BuiltInPatterns() {
		s := study(t, p)
		team := NewTeam("t", "T", "UTC")
		period := &Period{Team: team, First: MustDate("2026-12-07"), Last: MustDate("2026-12-07").AddDays(2*s.Repeats - 1)}
		rot := Rotation{ID: "r", Pattern: p.ID, Start: MustDate("2026-12-02")}
		for _, h := range s.Hours {
			id := ShiftID(strings.ToLower(string(h.Letter)))
			period.Shifts = append(period.Shifts, Shift{ID: id, Start: h.Hours.Start, End: h.Hours.End})
			rot.Letters = append(rot.Letters, Letter{Letter: string(h.Letter), Shift: id})
		}
		for k := range s.Crews {
			id := AgentID(fmt.Sprint("a", k))
			period.Agents = append(period.Agents, Agent{ID: id})
			rot.Crews = append(rot.Crews, Crew{Agents: []AgentID{id}})
		}
		period.Rotations = []Rotation{rot}
		var err error
		if period.Slots, err = ExpandSlots(team, period.Shifts, period.First, period.Last); err != nil {
			t.Fatal(err)
		}
		r, bends, err := LayOut(period)
		if err != nil || len(bends) > 0 {
			t.Fatalf("%s: %v, %v", p.ID, bends, err)
		}
		for _, slot := range period.Slots {
			if on := r.On(slot.ID); len(on) != 1 {
				t.Errorf("%s: %v on %s", p.ID, on, slot.ID)
			}
		}
		if report := Audit(period, r); report.Hard > 0 {
			t.Errorf("%s: %s", p.ID, report.Findings[0].Sentence)
		}
	}
}

func TestLayOutBends(t *testing.T) {
	team := NewTeam("t", "T", "UTC")
	p := &Period{Team: team, First: MustDate("2026-12-07"), Last: MustDate("2026-12-10"),
		Shifts:    []Shift{{ID: "d", Start: 480, End: 960}, {ID: "n", Start: 0, End: 480}},
		Contracts: []Contract{{ID: "days", Shifts: []ShiftID{"d"}}},
		Agents:    []Agent{{ID: "ani"}, {ID: "bo", Contract: "days"}, {ID: "cy", To: MustDate("2026-12-07")}},
		Availability: []Availability{{ID: "x", Agent: "ani", Kind: Leave, State: Approved,
			From: MustDate("2026-12-09"), To: MustDate("2026-12-09")}},
		Patterns: []Pattern{{ID: "p", Days: "DN--", Step: 2}},
		Rotations: []Rotation{{ID: "r", Pattern: "p", Start: MustDate("2026-12-07"),
			Letters: []Letter{{Letter: "D", Shift: "d"}, {Letter: "N", Shift: "n", Next: true}},
			Crews:   []Crew{{Agents: []AgentID{"ani", "bo"}}, {Agents: []AgentID{"cy", "zoe"}}}}},
	}
	var err error
	if p.Slots, err = ExpandSlots(team, p.Shifts, p.First, p.Last); err != nil {
		t.Fatal(err)
	}
	r, bends, err := LayOut(p)
	if err != nil {
		t.Fatal(err)
	}
	var said []string
	for _, b := range bends {
		said = append(said, fmt.Sprintf("%s %s %s", b.Agent, b.Slot, b.Why))
	}
	text := strings.Join(said, "\n")
	for _, want := range []string{"bo n@2026-12-09 has contract days", "ani n@2026-12-09 is on leave", "cy d@2026-12-09 is not employed then", "zoe d@2026-12-09 is not of the team"} {
		if !strings.Contains(text, want) {
			t.Errorf("no bend %q in\n%s", want, text)
		}
	}
	if len(r.Assignments) != 3 || !r.Has("n@2026-12-07", "cy") || !r.Has("d@2026-12-07", "ani") || !r.Has("d@2026-12-07", "bo") {
		t.Errorf("laid out %v", r.Assignments)
	}
	p.Rotations[0].Pattern = "none"
	if _, _, err := LayOut(p); err == nil {
		t.Error("an unknown pattern gives no error")
	}
}

// TestResonance: fourteen people who take turns day by day always have the same days of the week; thirteen do not.
func TestResonance(t *testing.T) {
	turn := func(people int) Pattern {
		return Pattern{ID: "turn", Days: "D" + strings.Repeat("-", people-1), Step: 1}
	}
	weekdays := MakeWeekdays(1, 2, 3, 4, 5)
	for _, c := range []struct {
		people int
		days   Weekdays
		want   string
	}{
		{14, weekdays, "4 of 14 crews (2, 3, 9, 10) never work, for ever: the cycle of 14 days comes back to the same days of the week after 2 weeks; " +
			"a cycle of 13 or 15 days moves through the week."},
		{14, 0, "10 of 14 crews (1, 4, 5, 6, 7, 8, 11, 12, 13, 14) never have a weekend, for ever: the cycle of 14 days comes back to the same days of the week after 2 weeks; " +
			"a cycle of 13 or 15 days moves through the week."},
		{7, 0, "5 of 7 crews (1, 4, 5, 6, 7) never have a weekend; 2 of 7 crews (2, 3) have every weekend, for ever: " +
			"the cycle of 7 days comes back to the same days of the week after 1 week; a cycle of 6 or 8 days moves through the week."},
		{13, weekdays, ""}, {15, 0, ""}, {6, 0, ""},
	} {
		s, err := StudyPattern(turn(c.people), nil, c.days)
		if err != nil {
			t.Fatal(err)
		}
		if s.Resonance != c.want {
			t.Errorf("%d people: %q, want %q", c.people, s.Resonance, c.want)
		}
	}
}

// TestResonanceOfRotation says the same of a team's rotation, by its real slots.
func TestResonanceOfRotation(t *testing.T) {
	for _, people := range []int{13, 14} {
		b := Book{Team: NewTeam("t", "T", "Europe/Berlin"), Patterns: []Pattern{{ID: "turn", Days: "D" + strings.Repeat("-", people-1), Step: 1}}}
		rule, err := ParseRecurrence("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR")
		if err != nil {
			t.Fatal(err)
		}
		b.Shifts = []Shift{{ID: "day", Start: 9 * 60, End: 17 * 60, Recurrence: rule}}
		r := Rotation{ID: "duty", Pattern: "turn", Start: MustDate("2026-10-01"), Letters: []Letter{{Letter: "D", Shift: "day"}}}
		for k := range people {
			r.Crews = append(r.Crews, Crew{Agents: []AgentID{AgentID(fmt.Sprint("p", k))}})
		}
		text, err := ResonanceOf(b, r)
		if err != nil || strings.Contains(text, "4 of 14 crews (p") != (people == 14) || people == 13 && text != "" {
			t.Errorf("%d people: %q, %v", people, text, err)
		}
	}
}

func TestUsualHours(t *testing.T) {
	if _, err := UsualHours(Pattern{Days: "DX--"}); err == nil {
		t.Error("an unknown letter has hours")
	}
	if _, err := StudyPattern(Pattern{Days: "----"}, nil, 0); err == nil {
		t.Error("a string without work is studied")
	}
	s, err := StudyPattern(Pattern{Days: "DDDDD--", Step: 7}, nil, 0)
	if err != nil || s.Week != Hours(40) || s.WorstSeven != Hours(40) || s.LongestOff != 2 {
		t.Errorf("%+v, %v", s, err)
	}
	s, err = StudyPattern(Pattern{Days: "DDDDDDD"}, nil, 0)
	if err != nil || s.LongestRun != 7 || s.LongestOff != 0 {
		t.Errorf("%+v, %v", s, err)
	}
}
