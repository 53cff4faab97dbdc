package schedule_test

import (
	"slices"
	"strings"
	"testing"

	"rota/schedule"
	"rota/schedule/scheduletest"
)

func cases(t testing.TB) []scheduletest.Case {
	t.Helper()
	examples, err := scheduletest.Examples()
	if err != nil {
		t.Fatal(err)
	}
	files, err := scheduletest.Load("../testdata/rules")
	if err != nil {
		t.Fatal(err)
	}
	return append(examples, files...)
}

// TestCases holds the audit to every case: the wanted findings and no other.
func TestCases(t *testing.T) {
	for _, c := range cases(t) {
		t.Run(c.Name, func(t *testing.T) {
			r := schedule.Audit(c.Period, c.Roster)
			if d := c.Diff(r.Findings); d != "" {
				t.Errorf("findings (+ not wanted, - missing):\n%s", d)
			}
			if r.Cost != c.Cost() || (r.Hard > 0) != c.Hard() {
				t.Errorf("cost %d and %d hard, want cost %d", r.Cost, r.Hard, c.Cost())
			}
			sum := schedule.Cost(0)
			for _, line := range r.Rules {
				sum += line.Cost
			}
			if sum != r.Cost {
				t.Errorf("the rules add up to %d, the roster costs %d", sum, r.Cost)
			}
			for _, f := range r.Findings {
				if f.Amount < 1 || f.Hard && f.Cost != 0 || !strings.HasSuffix(f.Sentence, ".") || strings.Contains(f.Sentence, "%!") {
					t.Errorf("odd finding %+v", f)
				}
			}
		})
	}
}

// TestEveryRuleHasCases asks for an example that hits, one that misses, and a file of cases about every rule.
func TestEveryRuleHasCases(t *testing.T) {
	hits, misses := map[schedule.RuleName]int{}, map[schedule.RuleName]int{}
	files := map[schedule.RuleName]bool{}
	for _, c := range cases(t) {
		if slices.ContainsFunc(c.Want, func(w scheduletest.Want) bool { return w.Rule == c.Rule }) {
			hits[c.Rule]++
		} else {
			misses[c.Rule]++
		}
		if !strings.HasPrefix(c.Name, "example ") {
			files[c.Rule] = true
		}
	}
	for _, name := range schedule.RuleNames() {
		if hits[name] < 2 || misses[name] < 2 || !files[name] {
			t.Errorf("rule %s: %d cases hit and %d miss, file of its own: %v", name, hits[name], misses[name], files[name])
		}
		delete(files, name)
	}
	for name := range files {
		t.Errorf("cases about %s, which is no rule", name)
	}
}

// TestEveryRuleHasEveryKindOfCase asks for cases about the first day with history, the last day and a change of the clock,
// which are told by how their names begin.
func TestEveryRuleHasEveryKindOfCase(t *testing.T) {
	kinds := []string{"first-day", "last-day", "dst"}
	have := map[schedule.RuleName]map[string]bool{}
	for _, c := range cases(t) {
		for _, kind := range kinds {
			if _, name, _ := strings.Cut(c.Name, "/"); strings.HasPrefix(name, kind) {
				if have[c.Rule] == nil {
					have[c.Rule] = map[string]bool{}
				}
				have[c.Rule][kind] = true
			}
		}
	}
	for _, rule := range schedule.RuleNames() {
		for _, kind := range kinds {
			if !have[rule][kind] {
				t.Errorf("rule %s has no case of the kind %s", rule, kind)
			}
		}
	}
}

// TestMutationGuard switches each rule off in turn: some case must then fail.
func TestMutationGuard(t *testing.T) {
	all := cases(t)
	findings := make([][]schedule.Finding, len(all))
	for i, c := range all {
		findings[i] = schedule.Audit(c.Period, c.Roster).Findings
	}
	for _, name := range schedule.RuleNames() {
		caught := false
		for i, c := range all {
			found := slices.DeleteFunc(slices.Clone(findings[i]), func(f schedule.Finding) bool { return f.Rule == name })
			caught = caught || c.Diff(found) != ""
		}
		if !caught {
			t.Errorf("without rule %s every case still passes", name)
		}
	}
}
