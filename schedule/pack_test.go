package schedule

import (
	"slices"
	"strings"
	"testing"
)

// TestPacksAreSound: every rule is known to the catalogue, has a source, and can be stated by any team.
func TestPacksAreSound(t *testing.T) {
	ids := map[RuleID]bool{}
	for _, p := range Packs() {
		if p.Name == "" || p.Source == "" || p.Note == "" || len(p.Rules) == 0 {
			t.Errorf("%s lacks a name, source, note or rules", p.ID)
		}
		book := Book{Team: NewTeam("t", "T", "UTC"), Shifts: []Shift{{ID: "n", Start: 0, End: 480, Tags: []string{"night"}}}, Rules: p.Rules}
		for _, r := range p.Rules {
			if ids[r.ID] || !strings.HasPrefix(string(r.ID), p.ID+"-") || r.Pack != p.ID || r.Note == "" || r.Force == ByDefault {
				t.Errorf("bad rule %+v", r)
			}
			ids[r.ID] = true
			if found := CheckRule(book, r); len(found) > 0 {
				t.Errorf("%s: %v", r.ID, found)
			}
		}
		if problems := book.Validate().Fatal(); len(problems) > 0 {
			t.Errorf("%s: %v", p.ID, problems)
		}
	}
	if _, err := FindPack("eu-wdt"); err == nil || !strings.Contains(err.Error(), "eu-wtd") {
		t.Errorf("a mistyped pack: %v", err)
	}
}

func TestPackOverrides(t *testing.T) {
	p, err := FindPack("eu-wtd")
	if err != nil {
		t.Fatal(err)
	}
	q, err := p.With(Override{Rule: "eu-wtd-daily-rest", Params: Params{"hours": Number(12)}, Note: "agreed with the council"},
		Override{Rule: "eu-wtd-week-ahead", Force: Off, Note: "we look at four months"},
		Override{Rule: "eu-wtd-weekly-rest", Weight: Some(Cost(7)), Note: "soft while we are few"})
	if err != nil {
		t.Fatal(err)
	}
	if r := q.Rules[0]; r.Params.Int("hours", 0) != 12 || r.Force != Hard || !strings.Contains(r.Note, "agreed with the council") {
		t.Errorf("%+v", r)
	}
	if r := q.Rules[1]; r.Force != Weighted || r.Weight != 7 {
		t.Errorf("%+v", r)
	}
	if q.Rules[3].Force != Off || q.Rules[3].Weight != 0 || p.Rules[0].Params.Int("hours", 0) != 11 {
		t.Error("the override is lost, or changed the pack itself")
	}
	for _, o := range []Override{{Rule: "eu-wtd-none", Note: "x"}, {Rule: "eu-wtd-week"}} {
		if _, err := p.With(o); err == nil {
			t.Errorf("%+v is accepted", o)
		}
	}
	// A team that changed a rule keeps it when the pack is applied again.
	own, kept := p.Adopt(nil, false)
	if len(own) != len(p.Rules) || len(kept) > 0 {
		t.Errorf("adopted %d, kept %v", len(own), kept)
	}
	own[0].Params = Params{"hours": Number(13)}
	again, kept := p.Adopt(own, false)
	if !slices.Equal(kept, []RuleID{"eu-wtd-daily-rest"}) || again[0].Params.Int("hours", 0) != 13 || len(again) != len(own) {
		t.Errorf("kept %v, %+v", kept, again[0])
	}
	if again, kept = p.Adopt(own, true); len(kept) > 0 || again[0].Params.Int("hours", 0) != 11 {
		t.Errorf("reset: %v, %+v", kept, again[0])
	}
}

func ruleIDs(findings []Finding) (ids []RuleID) {
	for _, f := range findings {
		if !slices.Contains(ids, f.ID) {
			ids = append(ids, f.ID)
		}
	}
	return ids
}

// TestJudgePack judges a roster by packs that its team has not adopted; what the team itself asks is left out.
func TestJudgePack(t *testing.T) {
	team := NewTeam("t", "T", "Asia/Yerevan")
	p := &Period{Team: team, First: MustDate("2026-12-07"), Last: MustDate("2026-12-13"),
		Shifts: []Shift{{ID: "early", Start: 480, End: 960}, {ID: "long", Start: 600, End: 1380}, {ID: "night", Start: 0, End: 480, Tags: []string{"night"}}},
		Agents: []Agent{{ID: "ani"}, {ID: "bo"}},
		Rules:  []Rule{{ID: "own", Name: MinRestRule, Params: Params{"hours": Number(20)}}}}
	p.KnownFrom, p.KnownTo = p.First, p.Last
	var err error
	if p.Slots, err = ExpandSlots(team, p.Shifts, p.First, p.Last); err != nil {
		t.Fatal(err)
	}
	var r Roster
	for _, s := range []SlotID{"long@2026-12-07", "early@2026-12-08", "early@2026-12-09", "early@2026-12-10", "early@2026-12-11", "early@2026-12-12"} {
		r.Assignments = append(r.Assignments, Assignment{Slot: s, Agent: "ani"})
	}
	for _, s := range []SlotID{"night@2026-12-08", "night@2026-12-09", "night@2026-12-10", "night@2026-12-11"} {
		r.Assignments = append(r.Assignments, Assignment{Slot: s, Agent: "bo"})
	}
	want := map[string][]RuleID{
		"eu-wtd":  {"eu-wtd-daily-rest", "eu-wtd-weekly-rest"}, // 23:00 to 08:00; Saturday 16:00 to the end of the week
		"hse":     {"hse-length", "hse-forward", "hse-nights"},
		"armenia": {"armenia-week", "armenia-week-overtime", "armenia-day", "armenia-day-overtime"}, // 13 h + 5 x 8 h
	}
	for _, pack := range Packs() {
		report := JudgePack(p, r, pack)
		if got := ruleIDs(report.Findings); !slices.Equal(got, want[pack.ID]) {
			t.Errorf("%s: %v, want %v", pack.ID, got, want[pack.ID])
		}
		if len(report.Rules) != len(pack.Rules) || report.Known != 7 {
			t.Errorf("%s: %d lines for %d rules, %d days known", pack.ID, len(report.Rules), len(pack.Rules), report.Known)
		}
	}
	if len(p.Rules) != 1 {
		t.Error("the period was changed")
	}
	// Work elsewhere counts: over all employers together.
	pack, _ := FindPack("armenia")
	p.Busy = []Busy{{Agent: "bo", Work: true, Day: MustDate("2026-12-08"), Paid: Hours(9),
		Interval: Interval{Start: startOf(MustDate("2026-12-08"), p.Now.Location()).Add(8 * 3600e9), End: startOf(MustDate("2026-12-08"), p.Now.Location()).Add(17 * 3600e9)}}}
	if got := JudgePack(p, Roster{Assignments: r.Assignments[6:]}, pack); !slices.Equal(ruleIDs(got.Findings), []RuleID{"armenia-week", "armenia-day", "armenia-day-overtime"}) {
		t.Errorf("with nine hours elsewhere: %v", ruleIDs(got.Findings))
	}
}

func TestJudgePattern(t *testing.T) {
	want := map[PatternID]string{
		"metropolitan":   "eu-wtd: eu-wtd-weekly-rest; hse: hse-weekends; armenia: armenia-week",
		"southern-swing": "eu-wtd: eu-wtd-weekly-rest; hse: hse-nights, hse-weekends; armenia: armenia-week, armenia-week-overtime",
		"dupont":         "eu-wtd: ; hse: hse-nights; armenia: armenia-week, armenia-week-overtime, armenia-day",
		"4-on-4-off":     "eu-wtd: ; hse: hse-nights, hse-weekends; armenia: armenia-week, armenia-day",
	}
	for id, expect := range want {
		p, _ := FindPattern(nil, id)
		var parts []string
		for _, pack := range Packs() {
			warnings, err := JudgePattern(p, nil, pack)
			if err != nil {
				t.Fatal(err)
			}
			var ids []string
			for _, w := range warnings {
				ids = append(ids, string(w.Rule.ID))
				if w.Sentence == "" {
					t.Errorf("%s: %s without a sentence", id, w.Rule.ID)
				}
			}
			parts = append(parts, pack.ID+": "+strings.Join(ids, ", "))
		}
		if got := strings.Join(parts, "; "); got != expect {
			t.Errorf("%s: %s, want %s", id, got, expect)
		}
	}
}
