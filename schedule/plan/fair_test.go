package plan

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"rota/schedule"
	"rota/solver"
)

// weekendTeam is six weekends with one slot a day, twelve in all, and seven agents who are all alike.
func weekendTeam(first string) string {
	from := schedule.MustDate(first)
	text := fmt.Sprintf("team UTC\nperiod %s %s\nshift duty 09:00-17:00 rrule=FREQ=WEEKLY;BYDAY=SA,SU\nneed duty min=1 max=1\nrule fair-share id=fair\n",
		from, from.AddDays(6*7-1))
	for i := range 7 {
		text += fmt.Sprintf("agent a%d\n", i)
	}
	return text
}

// counts is how many slots each agent has, in the order of agents.
func counts(p *schedule.Period, r schedule.Roster) []int {
	n := make([]int, len(p.Agents))
	for i, a := range p.Agents {
		n[i] = len(r.Of(a.ID))
	}
	return n
}

// TestFairShares: twelve slots over seven equal people are 2 2 2 2 2 1 1, and a second period repays those who had two.
func TestFairShares(t *testing.T) {
	solve := func(p *schedule.Period) schedule.Roster {
		t.Helper()
		r, res, err := Solve(context.Background(), p, Options{Solver: solver.Options{WorkLimit: 2_000_000, Seed: 1, Workers: 1}})
		if err != nil {
			t.Fatal(err)
		}
		if r.Cost > 30 {
			t.Fatalf("cost %d, %v", r.Cost, res.Status)
		}
		return r
	}
	p := parse(t, weekendTeam("2026-12-07")).Period
	r := solve(p)
	first := counts(p, r)
	if got := slices.Sorted(slices.Values(first)); !slices.Equal(got, []int{1, 1, 2, 2, 2, 2, 2}) {
		t.Fatalf("the first period gives %v", first)
	}
	r.Team, r.First, r.Last = p.Team.ID, p.First, p.Last
	entries, err := schedule.LedgerEntries(p, r)
	if err != nil {
		t.Fatal(err)
	}
	next := parse(t, weekendTeam("2027-01-18")).Period
	next.Ledger = entries
	second := counts(next, solve(next))
	total := make([]int, len(first))
	for i := range total {
		total[i] = first[i] + second[i]
		if first[i] == 1 && second[i] < 2 {
			t.Errorf("agent %d had one slot and has %d now: %v, %v", i, second[i], first, second)
		}
	}
	if slices.Max(total)-slices.Min(total) > 1 {
		t.Errorf("after two periods: %v + %v = %v", first, second, total)
	}
}

// TestNightsAroundTheWorld: with people in two zones twelve hours apart nobody has to work in the night of their own zone.
func TestNightsAroundTheWorld(t *testing.T) {
	text := "team UTC\nperiod 2026-12-07 2026-12-13\nshift a 07:00-15:00\nshift b 19:00-03:00\nneed a min=1 max=1\nneed b min=1 max=1\n" +
		"rule fair-share id=fair of=night\nrule max-shifts shifts=5\nrule min-rest\n"
	for i := range 3 {
		text += fmt.Sprintf("agent w%d zone=Etc/GMT-0\nagent e%d zone=Etc/GMT-12\n", i, i)
	}
	p := parse(t, text).Period
	r, _, err := Solve(context.Background(), p, Options{Solver: solver.Options{WorkLimit: 3_000_000, Seed: 1, Workers: 1}})
	if err != nil {
		t.Fatal(err)
	}
	report := schedule.Audit(p, r)
	for _, a := range report.Agents {
		if a.Burden.Night > 0 {
			t.Errorf("%s has %s of nights", a.Agent, a.Burden.Night)
		}
	}
	if len(r.Assignments) != 14 || report.Cost != 0 {
		t.Errorf("%d assignments, cost %d", len(r.Assignments), report.Cost)
	}
}
