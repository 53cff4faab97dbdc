package scheduletest

import (
	"strings"
	"testing"
)

const ground = "team UTC\nperiod 2026-12-07 2026-12-08\nshift early 08:00-16:00\nagent ani\n"

// TestParseRefuses holds the language to saying nothing by accident.
func TestParseRefuses(t *testing.T) {
	for text, want := range map[string]string{
		ground:                            "wants neither a finding nor nothing",
		ground + "want nothing\nwrok ani": `unknown line "wrok"`,
		ground + "agent bo zoen=UTC\nwant nothing":                "unknown argument zoen",
		ground + "agent bo UTC\nwant nothing":                     "unknown word UTC",
		ground + "rule min-rset\nwant nothing":                    `did you mean "min-rest"?`,
		ground + "rule min-rest hour=3\nwant nothing":             `did you mean "hours"?`,
		ground + "want min-rest ani 3 slots hard":                 `no rule "min-rest" counts slots`,
		ground + "want min-rest ani 3":                            "write: want RULE",
		ground + "want nothing\nwant min-rest ani 3 minutes hard": "findings and nothing",
		"team UTC\nwant nothing":                                  "no period or no agents",
	} {
		if _, err := Parse(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", text, err, want)
		}
	}
	if _, err := Load(t.TempDir()); err == nil {
		t.Error("a directory without cases is accepted")
	}
}
