package schedule_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"rota/schedule"
)

func TestCatalogueIsComplete(t *testing.T) {
	for _, d := range schedule.Catalogue() {
		if d.Title == "" || d.Quantity == "" || d.Why == "" || d.Unit == "" || !strings.HasSuffix(d.Title, ".") {
			t.Errorf("rule %s says too little about itself", d.Name)
		}
		if d.Force != schedule.Hard && d.Force != schedule.Weighted || !d.Unstatable && d.Weight == 0 {
			t.Errorf("rule %s: force %q, weight %d", d.Name, d.Force, d.Weight)
		}
		for _, p := range d.Params {
			if p.Doc == "" || p.Kind == schedule.NumberValue && p.Most == 0 {
				t.Errorf("rule %s: parameter %s says too little about itself", d.Name, p.Name)
			}
			if slices.Contains([]string{"agents", "contracts", "tags", "weight", "id", "rule", "note", "pack", "hard", "force"}, p.Name) {
				t.Errorf("rule %s: parameter %s cannot be told from what every rule has", d.Name, p.Name)
			}
		}
		if found, ok := schedule.FindDefinition(d.Name); !ok || found.Title != d.Title {
			t.Errorf("rule %s is not found", d.Name)
		}
	}
}

func TestCheckRule(t *testing.T) {
	book := schedule.Book{
		Team:   schedule.NewTeam("t", "T", "UTC"),
		Shifts: []schedule.Shift{{ID: "late", Tags: []string{"night"}}},
		Agents: []schedule.Agent{{ID: "ani", Skills: map[string]schedule.SkillLevel{"chat": 3}}, {ID: "bea"}},
		Rules: []schedule.Rule{
			{Name: schedule.MaxDaysRule, Params: schedule.Params{"days": schedule.Number(3)}},
			{Name: schedule.MaxConsecutiveRule, Params: schedule.Params{"tag": schedule.Text("night"), "shifts": schedule.Number(2)}},
			{Name: schedule.MaxHoursRule, Params: schedule.Params{"hours": schedule.Number(40)}, Scope: schedule.Scope{Agents: []schedule.AgentID{"ani"}}},
		},
	}
	type params = schedule.Params
	n, w := schedule.Number, schedule.Text
	for _, c := range []struct {
		name   schedule.RuleName
		params params
		want   string // field: part of what is said; empty for nothing
	}{
		{"min-rset", nil, `rule: unknown rule "min-rset", did you mean "min-rest"?`},
		{"coverage", nil, "rule: coverage holds without being stated"},
		{"pattern", nil, "rule: pattern holds without being stated"},
		{"min-rest", params{"hours": n(11)}, ""},
		{"min-rest", nil, ""},
		{"min-rest", params{"hour": n(11)}, `hour: unknown parameter "hour", did you mean "hours"?`},
		{"min-rest", params{"hours": w("eleven")}, "hours: hours is a number, not a word"},
		{"min-rest", params{"hours": n(-1)}, "hours: -1 is outside 0 to 168 hours"},
		{"min-rest", params{"hours": schedule.Decimal(10.5)}, ""},
		{"max-consecutive-days", params{"days": schedule.Decimal(2.5)}, "days: 2.5 is not a whole number of days"},
		{"max-consecutive-days", nil, `days: rule max-consecutive-days needs "days"`},
		{"complete-weekends", params{"days": n(2)}, `days: rule complete-weekends has no parameters`},
		{"min-consecutive-days", params{"days": n(4)}, "days: at least 4 contradicts max-consecutive-days of at most 3"},
		{"min-consecutive-days", params{"days": n(3)}, ""},
		{"min-consecutive", params{"tag": w("night"), "shifts": n(3)}, "shifts: at least 3 contradicts max-consecutive of at most 2 for tag night"},
		{"min-hours", params{"hours": n(41)}, "hours: at least 41 contradicts max-hours of at most 40"},
		{"min-hours", params{"hours": n(41), "per": w("period")}, ""},
		{"max-shifts", params{"shifts": n(1), "per": w("weak")}, `per: unknown per "weak", did you mean "week"?`},
		{"max-shifts", params{"shifts": n(1), "per": w("week"), "days": n(7)}, "days: a window is given by per or by days, not both"},
		{"max-hours", params{"per": w("day")}, "per: without hours the rule means those of the contract"},
		{"max-shifts", params{"shifts": n(1), "tag": w("nigth")}, `tag: no shift has it: unknown tag "nigth", did you mean "night"?`},
		{"apart", params{"shift": w("lat")}, `agents: say who is meant`},
		{"group", nil, "min: a group needs min or max"},
		{"group", params{"min": n(3), "max": n(2)}, "max: 2 is below min, 3"},
		{"mentor", params{"below": n(2), "beside": n(3)}, "skill: give either skill or language"},
		{"mentor", params{"skill": w("chat"), "below": n(2), "beside": n(3)}, ""},
		{"mentor", params{"skill": w("chta"), "below": n(2), "beside": n(3)}, `skill: no agent has it: unknown skill "chta", did you mean "chat"?`},
		{"mentor", params{"skill": w("chat"), "below": n(4), "beside": n(3)}, "beside: 3 is less than below, 4"},
		{"mentor", params{"skill": w("chat"), "below": w("B2"), "beside": n(3)}, "below: below is a whole number from 1 to 5, not B2"},
		{"mentor", params{"language": w("en"), "below": w("B2"), "beside": w("C1")}, ""},
		{"mentor", params{"language": w("en"), "below": n(2), "beside": w("C1")}, "below: below is a level such as B2, not 2"},
		{"fair-share", params{"of": schedule.List("night", "weekand")}, `of: unknown of "weekand", did you mean "weekend"?`},
		{"fair-share", params{"of": w("night")}, ""},
		{"max-weekends", params{"weekends": n(4)}, "weekends: there are only 4 weekends in 4 weeks"},
	} {
		problems := schedule.CheckRule(book, schedule.Rule{Name: c.name, Params: c.params})
		var said []string
		for _, p := range problems {
			said = append(said, p.Field+": "+p.What)
		}
		if all := strings.Join(said, "\n"); c.want == "" && all != "" || !strings.Contains(all, c.want) {
			t.Errorf("%s %v: said %q, want %q", c.name, c.params, all, c.want)
		}
	}
	hard := schedule.Rule{Name: "min-rest", Force: schedule.Hard, Weight: 3}
	if p := schedule.CheckRule(book, hard); len(p) != 1 || p[0].Field != "weight" {
		t.Errorf("a hard rule with a weight: %v", p)
	}
}

func TestResolve(t *testing.T) {
	for _, c := range []struct {
		rule   schedule.Rule
		force  schedule.Force
		weight schedule.Cost
	}{
		{schedule.Rule{Name: "min-rest"}, schedule.Hard, 0},
		{schedule.Rule{Name: "min-rest", Weight: 3}, schedule.Weighted, 3},
		{schedule.Rule{Name: "min-rest", Force: schedule.Weighted}, schedule.Weighted, 0},
		{schedule.Rule{Name: "forward-rotation"}, schedule.Weighted, 10},
		{schedule.Rule{Name: "forward-rotation", Force: schedule.Hard}, schedule.Hard, 0},
		{schedule.Rule{Name: "forward-rotation", Force: schedule.Off}, schedule.Off, 0},
		{schedule.Rule{Name: "max-hours"}, schedule.Weighted, 2},
		{schedule.Rule{Name: "max-hours", Params: schedule.Params{"hours": schedule.Number(40)}}, schedule.Hard, 0},
		{schedule.Rule{Name: "nonsense", Force: schedule.Hard}, schedule.Off, 0},
	} {
		if got := c.rule.Resolve(); got.Force != c.force || got.Weight != c.weight {
			t.Errorf("%v: force %q, weight %d, want %q, %d", c.rule, got.Force, got.Weight, c.force, c.weight)
		}
	}
	r := schedule.Rule{Name: "rest-after-nights", Params: schedule.Params{"hours": schedule.Number(40)}}
	want := schedule.Params{"hours": schedule.Number(40), "nights": schedule.Number(2), "tag": schedule.Text("night")}
	if got := r.Resolve().Params; !got.Equal(want) || len(r.Params) != 1 {
		t.Errorf("resolved to %v, leaving %v", got, r.Params)
	}
}

func TestEffectiveRules(t *testing.T) {
	p := &schedule.Period{
		Agents: []schedule.Agent{{ID: "ani", Contract: "ft"}, {ID: "bea", Contract: "pt"}, {ID: "cy", Contract: "ft"}},
		Rules: []schedule.Rule{
			{ID: "one", Name: "min-hours", Force: schedule.Weighted, Weight: 7, Scope: schedule.Scope{Contracts: []schedule.ContractID{"ft"}}},
			{ID: "two", Name: "min-hours", Force: schedule.Off, Scope: schedule.Scope{Agents: []schedule.AgentID{"cy"}}},
			{ID: "three", Name: "min-rest"},
			{ID: "four", Name: "shift-mix", Force: schedule.Off},
		},
	}
	type line struct {
		name   schedule.RuleName
		id     schedule.RuleID
		agents []schedule.AgentID
	}
	var got []line
	for _, r := range schedule.EffectiveRules(p) {
		got = append(got, line{r.Name, r.ID, r.Scope.Agents})
	}
	want := []line{
		{"max-hours", "", []schedule.AgentID{"ani", "bea", "cy"}},
		{"min-hours", "", []schedule.AgentID{"bea"}},
		{"min-hours", "one", []schedule.AgentID{"ani"}},
		{"target-hours", "", []schedule.AgentID{"ani", "bea", "cy"}},
		{"min-rest", "three", nil},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
