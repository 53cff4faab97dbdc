package schedule

import (
	"reflect"
	"slices"
	"strings"
	"testing"
)

// goodBook is a small book with something in every section and nothing wrong.
func goodBook() Book {
	team := harborTeam()
	team.Manager, team.Holidays = "ani", []Country{"AM"}
	return Book{
		Team:   team,
		Shifts: harborShifts(),
		Demand: []DemandLine{
			{Shift: "late", Agents: AgentsNeed{Min: Some(1), Target: Some(2), Max: Some(2)}},
			{Shift: "late", Days: MakeWeekdays(6, 0), Agents: AgentsNeed{Min: Some(1), Target: Some(1)}},
			{Shift: AnyShift, Language: LanguageNeed{Tag: "en", Level: C1, Min: Some(1)}},
			{Shift: "late", Dates: []Date{MustDate("2026-12-19")}, Skill: SkillNeed{Name: "chat", Level: 2, Min: Some(1)}},
			{Interval: Some(ClockSpan{MustClock("10:00"), MustClock("12:00")}), Agents: AgentsNeed{Min: Some(1)}},
		},
		Contracts: []Contract{{ID: "full-time", Min: Some(Hours(32)), Target: Some(Hours(40)), Max: Some(Hours(40)), Extra: Hours(8),
			Shifts: []ShiftID{"early", "late", "night"}}},
		Rules: []Rule{
			{Name: "min-rest", Params: Params{"hours": Number(11)}},
			{Name: "max-consecutive", Params: Params{"tag": Text("night"), "shifts": Number(3)}},
			{Name: "max-weekends", Params: Params{"weekends": Number(2)}, Force: Weighted, Weight: 50, Scope: Scope{Contracts: []ContractID{"full-time"}}},
		},
		Patterns: []Pattern{{ID: "own", Days: "DDSS--", Step: 2}},
		Rotations: []Rotation{{Pattern: "own", Start: MustDate("2026-12-07"),
			Letters: []Letter{{Letter: "D", Shift: "early"}, {Letter: "S", Shift: "late"}}, Crews: []Crew{{Name: "A", Agents: []AgentID{"ani"}}}}},
		Holidays: []Holiday{{Date: MustDate("2026-12-21"), Name: "Founding day"}},
		Agents: []Agent{
			{ID: "ani", Name: "Ani Petrosyan", Contract: "full-time", Slack: "U1", Email: "ani@harbor.example",
				Languages: map[Language]Level{"hy": Native, "en": C1}, Skills: map[string]SkillLevel{"chat": 3}},
			{ID: "kenji", Name: "佐藤 健二", Zone: "Asia/Tokyo", Contract: "full-time", Languages: map[Language]Level{"en": C2}},
		},
		Availability: []Availability{
			{Agent: "ani", Kind: Leave, From: MustDate("2026-12-24"), To: MustDate("2027-01-03")},
			{Agent: "kenji", Kind: Avoid, Shifts: []ShiftID{"early"}, Weight: Some(Cost(10))},
			{Agent: "kenji", Kind: Unavailable, Recurrence: MustRecurrence("FREQ=WEEKLY;BYDAY=TU"), Hours: ClockSpan{MustClock("18:00"), MustClock("22:00")}},
		},
		Pins: []Pin{{Agent: "ani", Slot: "late@2026-12-19"}},
	}
}

func TestGoodBook(t *testing.T) {
	if ps := goodBook().Validate(); len(ps) > 0 {
		t.Errorf("problems:\n%v", ps)
	}
	if ps := goodBook().Normalize().Validate(); len(ps) > 0 {
		t.Errorf("problems after Normalize:\n%v", ps)
	}
}

func TestValidateNamesEveryProblemWithItsPlace(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(b *Book)
		want  string // part of the line that must be there
	}{
		{"unknown contract", func(b *Book) { b.Agents[0].Contract = "full-tme" }, `agents[ani].contract: unknown contract "full-tme", did you mean "full-time"?`},
		{"unknown zone", func(b *Book) { b.Agents[1].Zone = "Asia/Tokio" }, `agents[kenji].timezone: unknown time zone "Asia/Tokio"`},
		{"team zone", func(b *Book) { b.Team.Zone = "" }, "team.timezone: no time zone given"},
		{"duplicate agent", func(b *Book) { b.Agents = append(b.Agents, Agent{ID: "Ani", Name: "x", Contract: "full-time"}) }, "agents[Ani].id: id \"Ani\" is used twice"},
		{"duplicate slack", func(b *Book) { b.Agents[1].Slack = "U1" }, "agents[kenji].slack: U1 is also the Slack id of ani"},
		{"bad id", func(b *Book) { b.Shifts[0].ID = "ear ly" }, `shifts[ear ly].id: bad id "ear ly"`},
		{"start at 24:00", func(b *Book) { b.Shifts[0].Start = EndOfDay }, "shifts[early].start: 24:00 is outside"},
		{"long break", func(b *Book) { b.Shifts[0].Break = Hours(8) }, "shifts[early].break"},
		{"counting rrule", func(b *Book) { b.Shifts[0].Recurrence = MustRecurrence("FREQ=DAILY;INTERVAL=2") }, "shifts[early].rrule: the rrule counts from a first date; give one with from"},
		{"until before from", func(b *Book) {
			b.Shifts[0].From, b.Shifts[0].Until = MustDate("2026-12-09"), MustDate("2026-12-08")
		}, "shifts[early].until: 2026-12-08 is before"},
		{"skipped time", func(b *Book) {
			b.Shifts[3].Start, b.Shifts[3].Also = MustClock("02:30"), []Date{MustDate("2027-03-14")}
		}, "shifts[wknd-morning].also.0: 2027-03-14 02:30 does not exist in America/New_York"},
		{"hours order", func(b *Book) { b.Contracts[0].Target = Some(Hours(30)) }, "contracts[full-time].hours_per_week.target: 30h is below min, 32h"},
		{"contract shift", func(b *Book) { b.Contracts[0].Shifts = []ShiftID{"early", "lat"} }, `contracts[full-time].shifts.1: unknown shift "lat", did you mean "late"?`},
		{"demand shift", func(b *Book) { b.Demand[0].Shift = "lte" }, `demand[1].shift: unknown shift "lte", did you mean "late"?`},
		{"demand order", func(b *Book) { b.Demand[0].Agents.Min = Some(3) }, "demand[1].agents.target: 2 is below min, 3"},
		{"demand together", func(b *Book) { b.Demand[1].Agents = AgentsNeed{Min: Some(3)} }, "demand[2].agents: with the lines before, shift late on a Saturday needs min 3, target 2, max 2"},
		{"demand for nothing", func(b *Book) { b.Demand[0] = DemandLine{Shift: "late"} }, "demand[1]: the line asks for nothing"},
		{"no selector", func(b *Book) { b.Demand[0].Shift = "" }, "demand[1].shift: the line says neither"},
		{"language tag", func(b *Book) { b.Demand[2].Language.Tag = "EN" }, `demand[3].language.tag: language "EN" is written "en"`},
		{"bad language", func(b *Book) { b.Agents[0].Languages["english"] = C1 }, "agents[ani].languages.english: bad language"},
		{"bad level", func(b *Book) { b.Agents[0].Skills["chat"] = 6 }, "agents[ani].skills.chat: level 6 is outside 1 to 5"},
		{"bad rule agent", func(b *Book) { b.Rules[0].Scope.Agents = []AgentID{"any"} }, `rules[1].agents.0: unknown agent "any", did you mean "ani"?`},
		{"letter without shift", func(b *Book) { b.Rotations[0].Letters = b.Rotations[0].Letters[:1] }, `rotations[1].letters: letter "S" of the pattern has no shift`},
		{"unknown pattern", func(b *Book) { b.Rotations[0].Pattern = "duponte" }, `did you mean "dupont"?`},
		{"leave without end", func(b *Book) { b.Availability[0].To = Date{} }, "availability[1].from: leave needs its first and last date"},
		{"weight of leave", func(b *Book) { b.Availability[0].Weight = Some(Cost(1)) }, "availability[1].weight: leave has no weight"},
		{"contradiction", func(b *Book) {
			b.Availability = append(b.Availability, Availability{Agent: "kenji", Kind: Prefer, Shifts: []ShiftID{"early"}})
		}, "availability[4].kind: prefer contradicts avoid for the same time"},
		{"pin on leave", func(b *Book) { b.Pins[0].Slot = "late@2026-12-25" }, "pins[1].agent: ani is not available on late@2026-12-25"},
		{"pin on a wrong date", func(b *Book) { b.Pins[0].Slot = "midnight@2026-12-19" }, "pins[1].date: shift midnight does not take place on 2026-12-19"},
		{"pin against contract", func(b *Book) { b.Pins[0].Slot = "midnight@2026-12-18" }, "pins[1].shift: contract full-time of ani does not allow shift midnight"},
		{"two pins a day", func(b *Book) { b.Pins = append(b.Pins, Pin{Agent: "ani", Slot: "early@2026-12-19"}) }, "pins[2].agent: ani is pinned to late@2026-12-19 too"},
		{"control characters", func(b *Book) { b.Agents[0].Name = "Ani\r\nX-EVIL:1" }, "agents[ani].name: the text holds control characters"},
		{"manager", func(b *Book) { b.Team.Manager = "kenij" }, `team.manager: unknown agent "kenij", did you mean "kenji"?`},
		{"state", func(b *Book) { b.Availability[0].State = "aproved" }, `did you mean "approved"?`},
		{"holiday twice", func(b *Book) { b.Holidays = append(b.Holidays, b.Holidays[0]) }, "holidays[2].date: 2026-12-21 Founding day is listed twice"},
	} {
		b := goodBook()
		c.spoil(&b)
		ps := b.Validate()
		if len(ps.Fatal()) == 0 || ps.Err() == nil || !strings.Contains(ps.Error(), c.want) {
			t.Errorf("%s: got\n%v\nwant a line with\n%s", c.name, ps, c.want)
		}
	}
}

func TestValidateWarns(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(b *Book)
		want  string
	}{
		{"misspelt skill", func(b *Book) { b.Demand[3].Skill.Name = "chta" }, `demand[4].skill.name: no agent has the skill "chta", did you mean "chat"?`},
		{"language nobody speaks", func(b *Book) { b.Demand[2].Language.Tag = "es" }, "demand[3].language: no agent speaks es at C1 or above, and 1 needed"},
		{"no contract for it", func(b *Book) { b.Demand[0] = DemandLine{Shift: "midnight", Agents: AgentsNeed{Min: Some(1)}} }, "no agent has a contract that allows shift midnight"},
		{"date without the shift", func(b *Book) {
			b.Contracts[0].Shifts = nil
			b.Demand[3].Shift, b.Demand[3].Dates = "midnight", []Date{MustDate("2026-12-19")}
		}, "demand[4].dates.0: shift midnight does not take place on 2026-12-19, a Saturday"},
		{"more than there are", func(b *Book) { b.Demand[4].Agents.Min = Some(3) }, "demand[5].agents.min: 3 needed at once, and the team has 2 agents"},
		{"language of the wrong people", func(b *Book) {
			b.Contracts = append(b.Contracts, Contract{ID: "day", Shifts: []ShiftID{"early"}})
			b.Agents[1].Contract, b.Contracts[0].Extra = "day", Hours(20)
			b.Demand[2].Shift, b.Demand[2].Language.Level = "late", C2
		}, "demand[3].language: no agent who may work late speaks en at C2 or above, and 1 needed"},
		{"more hours than contracts", func(b *Book) { b.Demand[1] = DemandLine{Shift: "late", Agents: AgentsNeed{Min: Some(2)}} },
			"the minimum of shift late is 112h a week, and those who may work it have 96h by contract, extra hours included"},
		{"agent without contract", func(b *Book) { b.Agents[1].Contract = "" }, "agents[kenji].contract: no contract"},
		{"tag of nobody", func(b *Book) { b.Rules[0].Scope.Tags = []string{"senior"} }, `rules[1].tags.0: no agent has the tag "senior"`},
	} {
		b := goodBook()
		c.spoil(&b)
		if ps := b.Validate(); len(ps) != 1 || ps.Err() != nil || !strings.Contains(ps.Error(), c.want) {
			t.Errorf("%s: got\n%v\nwant one warning with\n%s", c.name, ps, c.want)
		}
	}
	b := goodBook()
	b.Team.Zone, b.Agents[0].Contract, b.Shifts[0].Start = "x", "y", -1
	if n := len(b.Validate().Fatal()); n < 3 {
		t.Errorf("%d problems, want all of at least 3 at once", n)
	}
}

func TestNormalizeDerivesIDs(t *testing.T) {
	b := goodBook()
	before := goodBook()
	n := b.Normalize()
	if !reflect.DeepEqual(b, before) {
		t.Error("the book given was changed")
	}
	var demand []DemandID
	for _, l := range n.Demand {
		demand = append(demand, l.ID)
	}
	if want := []DemandID{"late.agents", "late.sat-sun.agents", "any.en", "late.2026-12-19.chat", "at.10-00-12-00.agents"}; !slices.Equal(demand, want) {
		t.Errorf("got %q, want %q", demand, want)
	}
	if n.Rules[1].ID != "max-consecutive.night" || n.Rules[2].ID != "max-weekends.full-time" {
		t.Errorf("rules %q and %q", n.Rules[1].ID, n.Rules[2].ID)
	}
	for i, want := range []AvailabilityID{"ani.leave.2026-12-24", "kenji.avoid.early", "kenji.unavailable.weekly-tu"} {
		if n.Availability[i].ID != want {
			t.Errorf("got %q, want %q", n.Availability[i].ID, want)
		}
	}
	if again := n.Normalize(); !reflect.DeepEqual(again, n) {
		t.Error("normalizing twice differs from once")
	}
	n.Demand = append(n.Demand, DemandLine{ID: "mine", Shift: "late", Agents: AgentsNeed{Min: Some(1)}}, DemandLine{Shift: "late", Agents: AgentsNeed{Max: Some(4)}})
	n = n.Normalize()
	if n.Demand[6].ID != "late.agents-2" {
		t.Errorf("the second of a kind is %q", n.Demand[6].ID)
	}
	bare := n.WithoutDerivedIDs()
	if bare.Demand[0].ID != "" || bare.Demand[5].ID != "mine" || bare.Demand[6].ID != "" {
		t.Errorf("ids kept: %q %q %q", bare.Demand[0].ID, bare.Demand[5].ID, bare.Demand[6].ID)
	}
	if !reflect.DeepEqual(bare.Normalize(), n) {
		t.Error("the ids left out do not come back")
	}
	// When the first of two lines is gone, the second keeps its id, and so has to show it.
	n.Demand = n.Demand[1:]
	if kept := n.WithoutDerivedIDs(); kept.Demand[5].ID != "late.agents-2" || !reflect.DeepEqual(kept.Normalize(), n) {
		t.Errorf("got %q", kept.Demand[5].ID)
	}
}

func TestDiffAndMerge(t *testing.T) {
	old := goodBook().Normalize()
	if changes := old.Diff(goodBook().Normalize()); len(changes) != 0 {
		t.Errorf("equal books differ: %v", changes)
	}
	if changes := (Book{}).Diff(old); len(changes) == 0 || changes[0].Op != Added || changes[0].Kind != "team" {
		t.Errorf("from nothing: %v", changes)
	}
	next := goodBook()
	next.Team.Quiet = Optional[ClockSpan]{}
	next.Shifts[0].Start = MustClock("07:00")
	next.Shifts[0], next.Shifts[1] = next.Shifts[1], next.Shifts[0]
	next.Demand = append(next.Demand[1:], DemandLine{Shift: "early", Agents: AgentsNeed{Min: Some(1)}})
	next.Agents[0].Languages = map[Language]Level{"hy": Native, "en": C2}
	next.Agents[1].Holidays = []Country{}
	next.Agents = append(next.Agents, Agent{ID: "new", Name: "New", Contract: "full-time"})
	next.Rules[0].Params = Params{"hours": Decimal(11.5)}
	next.Contracts[0].Max = Optional[Minutes]{}
	next.Pins = nil
	var got []string
	for _, c := range old.Diff(next.Normalize()) {
		got = append(got, c.String())
	}
	want := []string{
		"changed team harbor: quiet 22:00-07:00 -> none",
		"changed shifts early: start 08:00 -> 07:00",
		"reordered shifts",
		"added demand early.agents",
		"removed demand late.agents",
		"changed contracts full-time: max 40h -> none",
		"changed rules min-rest: params {hours: 11} -> {hours: 11.5}",
		"changed agents ani: languages {en: C1, hy: native} -> {en: C2, hy: native}",
		"changed agents kenji: holidays none -> []",
		"added agents new",
		"removed pins ani late@2026-12-19",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	merged := old.Merge(next.Normalize())
	for _, c := range old.Diff(merged) {
		if c.Op == Removed {
			t.Errorf("merging removed something: %s", c)
		}
	}
	if merged.Demand[0].ID != "late.agents" || len(merged.Pins) != 1 {
		t.Errorf("what stays: %+v", merged.Demand[0])
	}
	if again := merged.Merge(next.Normalize()); len(merged.Diff(again)) != 0 {
		t.Errorf("merging twice differs: %v", merged.Diff(again))
	}
}

func TestBuiltInPatternsStaffEveryShiftOnce(t *testing.T) {
	for _, p := range BuiltInPatterns() {
		crews, letters := 4, "D"
		for _, l := range "SN" {
			if strings.ContainsRune(p.Days, l) {
				letters += string(l)
			}
		}
		if strings.HasPrefix(string(p.ID), "pitman") {
			crews, letters = 2, map[PatternID]string{"pitman-days": "D", "pitman-nights": "N"}[p.ID]
		}
		for n := range 3 * len(p.Days) {
			on := ""
			for k := range crews {
				on += string(p.At(p.Offset(k), n))
			}
			for _, l := range letters {
				if strings.Count(on, string(l)) != 1 {
					t.Fatalf("%s on day %d: crews are on %q", p.ID, n, on)
				}
			}
		}
		if work := len(p.Days) - strings.Count(p.Days, "-"); crews == 4 && work*4 != len(p.Days)*len(letters) {
			t.Errorf("%s: %d days of work in %d", p.ID, work, len(p.Days))
		}
	}
	r := goodBook().Rotations[0]
	p, _ := FindPattern(goodBook().Patterns, "own")
	for day, want := range map[string]SlotID{"2026-12-07": "early@2026-12-07", "2026-12-10": "late@2026-12-10", "2026-12-11": "", "2026-12-06": "", "2026-12-04": "late@2026-12-04"} {
		if got, ok := r.SlotOn(p, 0, MustDate(day)); got != want || ok != (want != "") {
			t.Errorf("%s: %q, want %q", day, got, want)
		}
	}
}
