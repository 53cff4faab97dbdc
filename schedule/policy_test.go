package schedule_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"rota/schedule"
	"rota/schedule/scheduletest"
)

// caseOf reads a period and a roster.
func caseOf(t testing.TB, text string) scheduletest.Case {
	t.Helper()
	c, err := scheduletest.Parse(text + "\nwant nothing\n")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

const policyTeam = `team Asia/Yerevan holidays=AM
period 2026-12-07 2026-12-08
shift early 08:00-16:00
shift late 16:00-00:00
shift night 00:00-08:00 tags=night
contract part
agent ani lang=en:C1 skill=chat:3
agent bo skill=chat:1 tag=new
agent cy skill=chat:1 lang=en:B2 contract=part
`

// always is a roster without a gap: ani by day, bo late, cy at night.
const always = `work ani early@2026-12-07 early@2026-12-08
work bo late@2026-12-07 late@2026-12-08
work cy night@2026-12-07 night@2026-12-08
`

func breaches(t *testing.T, roster, policy string) string {
	t.Helper()
	c := caseOf(t, policyTeam+roster)
	q, err := schedule.ParsePolicy(policy)
	if err != nil {
		t.Fatalf("%s: %v", policy, err)
	}
	if bad := q.Check(c.Period); len(bad) > 0 {
		t.Errorf("%s: %v", policy, bad[0])
	}
	found, err := schedule.CheckPolicies(c.Period, c.Roster, []schedule.Policy{q})
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, b := range found {
		lines = append(lines, b.Sentence)
	}
	return strings.Join(lines, "\n")
}

func TestPolicies(t *testing.T) {
	for _, c := range []struct{ policy, roster, want string }{
		{"someone at every instant", always, ""},
		{"Someone at every instant.", strings.Replace(always, " early@2026-12-08", "", 1), "Tue 8 Dec 08:00 to 16:00: nobody is at work."},
		{"someone with en C1 at every instant between 08:00 and 16:00", always, ""},
		{"someone with en B2 at every instant", always, "Mon 7 Dec 16:00 to Tue 8 Dec 00:00: only bo.\nTue 8 Dec 16:00 to Wed 9 Dec 00:00: only bo."},
		{"someone with en C1 at every instant on tuesdays at night", always, "Tue 8 Dec 00:00 to 06:00: only cy.\nTue 8 Dec 23:00 to Wed 9 Dec 00:00: only bo."},
		{"someone with en C1 at every instant during night", always, "Mon 7 Dec 00:00 to 08:00: only cy.\nTue 8 Dec 00:00 to 08:00: only cy."},
		{"someone with en C1 at every instant during shifts tagged night", always, "Mon 7 Dec 00:00 to 08:00: only cy.\nTue 8 Dec 00:00 to 08:00: only cy."},
		{"someone with en C1 at every instant at weekends", always, ""},
		{"someone with en C1 at every instant on holidays", always, ""},
		{"someone with en C1 at every instant from 2026-12-08 to 2026-12-08 between 00:00 and 04:00", always, "Tue 8 Dec 00:00 to 04:00: only cy."},
		{"two agents at every instant on monday, between 15:00 and 17:00", always, "Mon 7 Dec 15:00 to 16:00: 1 agent (ani); at least 2.\nMon 7 Dec 16:00 to 17:00: 1 agent (bo); at least 2."},
		{"never two agents below chat 2 alone", always, ""},
		{"never two agents below chat 2 alone", always + "work cy late@2026-12-08\n", "Tue 8 Dec 16:00 to Wed 9 Dec 00:00: bo, cy alone."},
		{"never two agents below chat 2 alone", always + "work cy late@2026-12-08\nwork ani late@2026-12-08\n", ""},
		{"never 1 agent tagged new alone", always, "Mon 7 Dec 16:00 to Tue 8 Dec 00:00: bo alone.\nTue 8 Dec 16:00 to Wed 9 Dec 00:00: bo alone."},
		{"never two agents named bo or cy", always + "work cy late@2026-12-08\n", "Tue 8 Dec 16:00 to Wed 9 Dec 00:00: 2 agents at once (bo, cy); at most 1."},
		{"nobody on contract part at any instant during shifts tagged night", always,
			"Mon 7 Dec 00:00 to 08:00: 1 agent at once (cy); at most 0.\nTue 8 Dec 00:00 to 08:00: 1 agent at once (cy); at most 0."},
		{"at most 1 agent with chat and not named ani at any instant", always, ""},
		{"at least one agent with chat 1 but not tagged new at every instant on weekdays between 16:00 and 20:00", always,
			"Mon 7 Dec 16:00 to 20:00: only bo.\nTue 8 Dec 16:00 to 20:00: only bo."},
	} {
		if got := breaches(t, c.roster, c.policy); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", c.policy, got, c.want)
		}
	}
}

// TestPolicyEnds: a least is judged from the first slot when the day before is unknown, from the first instant when it is
// known, and to the end of the last day; a most also in what runs beyond.
func TestPolicyEnds(t *testing.T) {
	const team = "team UTC\nshift day 07:00-23:00\nshift night 23:00-07:00\nagent ani\nagent bo\n"
	const work = "work ani day@2026-12-07 day@2026-12-08\nwork bo night@2026-12-07 night@2026-12-08\n"
	check := func(text, policy string) int {
		c := caseOf(t, text)
		q, err := schedule.ParsePolicy(policy)
		if err != nil {
			t.Fatal(err)
		}
		found, err := schedule.CheckPolicies(c.Period, c.Roster, []schedule.Policy{q})
		if err != nil {
			t.Fatal(err)
		}
		return len(found)
	}
	unknown := "period 2026-12-07 2026-12-08\n" + team + work
	known := "period 2026-12-07 2026-12-08 known=2026-12-06..2026-12-08\n" + team + work
	if n := check(unknown, "someone at every instant"); n != 0 {
		t.Errorf("unknown history: %d breaches", n)
	}
	if n := check(known, "someone at every instant"); n != 1 {
		t.Errorf("known history without a night: %d breaches, want 1", n)
	}
	if n := check(known+"work bo night@2026-12-06\n", "someone at every instant"); n != 0 {
		t.Errorf("known history with a night: %d breaches", n)
	}
	if n := check(unknown, "nobody named bo at any instant between 05:00 and 06:00"); n != 2 {
		t.Errorf("the last night runs on: %d breaches, want 2", n)
	}
}

func TestPolicyErrors(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", "0: the statement is empty"},
		{"everybody is happy", `0: a statement begins with someone, nobody, never, at least, at most or a number, not with "everybody"`},
		{"someone with en C1", `18: "" where "at every instant" is due, or a condition on agents: with, below, tagged, on contract, named`},
		{"someone with chat 9 at every instant", "18: a skill has levels from 1 to 5, not 9"},
		{"never two agents below chat alone", `28: "alone" where a level is due: a skill's from 1 to 5, or a language's from A1 to native`},
		{"never two people below chat 2", `10: "people" where agents is due`},
		{"never no agents", "6: never none is no policy: say someone ... at every instant"},
		{"someone at every instant on mondy", `28: "mondy" where days of the week are due, or weekdays, weekends, holidays`},
		{"someone at every instant between 9 and 17:00", `33: bad time "9": write hour:minute from 00:00 to 24:00, such as 07:00`},
		{"someone at every instant whenever", `25: "whenever" where a time is due: on, at weekends, at night, between, during, from`},
		{"someone with xx-nowhere C1 at every instant", `13: bad language "xx-nowhere": use a BCP-47 tag such as en, es or pt-BR`},
		{"someone at every instant from 2026-12-08 to 2026-12-07", "54: the last date, 2026-12-07, is before the first, 2026-12-08"},
		{"someone tagged", "14: the statement ends where a tag is due"},
		{strings.Repeat("very ", 300), "0: the statement is longer than 1000 characters"},
	} {
		_, err := schedule.ParsePolicy(c.text)
		var e *schedule.PolicyError
		if !errors.As(err, &e) {
			t.Errorf("%q: %v", c.text, err)
		} else if got := fmt.Sprintf("%d: %s", e.At, e.What); got != c.want {
			t.Errorf("%q: %s\nwant %s", c.text, got, c.want)
		}
	}
	q, err := schedule.ParsePolicy("never two agents below chta 2 tagged nwe on contract prat named bob alone during nihgt")
	if err != nil {
		t.Fatal(err)
	}
	var said []string
	for _, e := range q.Check(caseOf(t, policyTeam+always).Period) {
		said = append(said, fmt.Sprintf("%d %s", e.At, e.What))
	}
	want := `23 unknown skill "chta", did you mean "chat"?
37 unknown tag "nwe", did you mean "new"?
53 unknown contract "prat", did you mean "part"?
64 unknown agent "bob", did you mean "bo"?
81 unknown shift "nihgt", did you mean "night"?`
	if got := strings.Join(said, "\n"); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

func FuzzParsePolicy(f *testing.F) {
	f.Add("never two agents below chat 2 alone")
	f.Add("someone with en C1 at every instant on monday and tuesday between 08:00 and 16:00 during late")
	f.Add("at most 3 agents not named a or b but on contract c at any instant from 2026-12-07 to 2026-12-08")
	c := caseOf(f, policyTeam+always)
	f.Fuzz(func(t *testing.T, text string) {
		q, err := schedule.ParsePolicy(text)
		if err != nil {
			var e *schedule.PolicyError
			if !errors.As(err, &e) || e.At < 0 || e.At > len(text) || e.What == "" {
				t.Errorf("%q: %v", text, err)
			}
			return
		}
		q.Check(c.Period)
		if _, err := schedule.CheckPolicies(c.Period, c.Roster, []schedule.Policy{q}); err != nil {
			t.Error(err)
		}
	})
}
