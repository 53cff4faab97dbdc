package teamfile

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rota/schedule"
	"rota/schedule/scheduletest"
)

func TestReadPolicies(t *testing.T) {
	c, err := scheduletest.Parse("period 2026-12-07 2026-12-07\nshift late 16:00-00:00\nagent ani skill=chat:2 lang=en:C1\nwant nothing")
	if err != nil {
		t.Fatal(err)
	}
	policies, err := ReadPolicies("p.yaml", []byte(`policies:
  - never two agents below chat 2 alone
  - id: english
    say: "someone with en C1 at every instant during late"
    note: the phone is in English
`), c.Period)
	if err != nil || len(policies) != 2 || policies[1].ID != "english" || policies[1].Note == "" || policies[0].Text != "never two agents below chat 2 alone" {
		t.Errorf("%+v, %v", policies, err)
	}
}

func TestReadPoliciesProblems(t *testing.T) {
	c, err := scheduletest.Parse("period 2026-12-07 2026-12-07\nshift late 16:00-00:00\nagent ani skill=chat:2\nwant nothing")
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range []struct{ text, want string }{
		{"", "p.yaml:1:1: the file states nothing (begin with policies: and a list of statements)"},
		{"- someone\n", "p.yaml:1:1: the file is a list, and a file of policies is a mapping (begin with policies:)"},
		{"polices: [x]\n", `p.yaml:1:1: unknown key "polices", did you mean "policies"?`},
		{"policies: someone\n", `p.yaml:1:11: policies is "someone", not a list of statements`},
		{"policies:\n  - never two agents below chta 2\n  - never two agents belo chat 2\n  - sey: x\n  - id: a\n  - {id: b c, say: someone at every instant}\n",
			`p.yaml:2:28: unknown skill "chta", did you mean "chat"?
p.yaml:3:22: "belo" where a time is due: on, at weekends, at night, between, during, from
p.yaml:4:5: unknown key "sey", did you mean "say"?
p.yaml:5:5: the policy has no say (write say: and the statement)
p.yaml:6:10: bad id "b c": use letters, digits, '-', '_' and '.', beginning with a letter or digit`},
		{"policies:\n  - {id: a, say: someone at every instant}\n  - {id: a, say: someone at every instant}\n", `p.yaml:3:5: policy "a" is there twice, first on line 2`},
	} {
		_, err := ReadPolicies("p.yaml", []byte(k.text), c.Period)
		if err == nil || err.Error() != k.want {
			t.Errorf("%q:\n%v\nwant\n%s", k.text, err, k.want)
		}
	}
}

func FuzzReadPolicies(f *testing.F) {
	f.Add("policies:\n  - never two agents below chat 2 alone\n")
	f.Add("policies: [{id: a, say: 'someone at every instant', note: x}]")
	f.Add("policies:\n- >\n  someone\n  at every instant\n")
	f.Fuzz(func(t *testing.T, text string) {
		policies, err := ReadPolicies("p.yaml", []byte(text), nil)
		if err != nil {
			for _, p := range err.(Problems) {
				if p.Line < 1 || p.Column < 1 {
					t.Errorf("no place: %+v", p)
				}
			}
			return
		}
		for _, q := range policies {
			if again, err := schedule.ParsePolicy(q.Text); err != nil || again.Text != q.Text {
				t.Errorf("%q does not read back: %v", q.Text, err)
			}
		}
	})
}

// TestPoliciesOfTheDocumentation reads the example that people copy.
func TestPoliciesOfTheDocumentation(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("..", "..", "docs", "policies.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(data), "```yaml\n")
	text, _, found := strings.Cut(rest, "```")
	if policies, err := ReadPolicies("policies.yaml", []byte(text), nil); err != nil || !found || len(policies) < 5 {
		t.Errorf("%d policies, %v", len(policies), err)
	}
}

func TestReadHistoryCSV(t *testing.T) {
	b := schedule.Book{Team: schedule.NewTeam("t", "T", "UTC"), Agents: []schedule.Agent{{ID: "ani"}, {ID: "bea"}}}
	entries, err := ReadHistoryCSV("h.csv", []byte("agent;from;to;night_hours;note\nani;2026-09-01;2026-11-29;37.5;from the old tool\nbea;2026-09-01;2026-11-29;0;\n"), b)
	if err != nil || len(entries) != 2 || entries[0].Done.Night != 2250 || entries[0].Fair.Night != 1125 || entries[1].Fair.Night != 1125 || entries[0].Team != "t" {
		t.Errorf("%+v, %v", entries, err)
	}
	_, err = ReadHistoryCSV("h.csv", []byte("agent,from,to,night_hours\nanni,2026-09-01,2026-08-01,x\nbea,2026-09-01,2026-11-29,1\nbea,2026-09-01,2026-11-29,2\n,2026-09-01,2026-11-29,1\n"), b)
	want := []string{`h.csv:2:1: unknown agent "anni", did you mean "ani"?`, "h.csv:2:17: 2026-08-01 is before 2026-09-01", "h.csv:2:28: bad hours",
		"h.csv:4:1: the same agent and days are on line 3", "h.csv:5:"}
	for _, w := range want {
		if err == nil || !strings.Contains(err.Error(), w) {
			t.Errorf("no %q in\n%v", w, err)
		}
	}
}
