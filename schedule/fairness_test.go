package schedule_test

import (
	"testing"

	"rota/schedule"
)

// TestReportFairness: who has nothing counts, debts come from the ledger, and the effect is what publishing would write.
func TestReportFairness(t *testing.T) {
	c := caseOf(t, `team UTC
period 2026-12-07 2026-12-13
shift day 08:00-16:00
agent ani
agent bea
agent cy
need day min=1
rule fair-share id=fair
target fair ani 1
target fair bea 1
target fair cy 2
ledger cy 2026-11-30 2026-12-06 weekend=480
work ani day@2026-12-12 day@2026-12-13 day@2026-12-07
`)
	reports, err := schedule.ReportFairness(c.Period, c.Roster)
	if err != nil || len(reports) != 1 {
		t.Fatal(reports, err)
	}
	r := reports[0]
	type line struct {
		agent                         schedule.AgentID
		slots                         int
		before, target, points, after schedule.Points
	}
	want := []line{{"ani", 3, 0, 1, 4, 3}, {"bea", 0, 0, 1, 0, -1}, {"cy", 0, 2, 2, 0, 1}}
	for i, l := range r.Lines {
		if got := (line{l.Agent, l.Slots, l.Before, l.Target, l.Points, l.After}); got != want[i] {
			t.Errorf("%+v, want %+v", got, want[i])
		}
	}
	if len(r.Lines) != 3 || r.Before != 2 || r.Spread != 5 || r.ID != "fair" {
		t.Errorf("%+v", r)
	}
	// The points are those of the audit.
	for i, s := range schedule.Audit(c.Period, c.Roster).Fairness[0].Shares {
		if l := r.Lines[i]; s.Points != l.Points || s.Target != l.Target {
			t.Errorf("the audit says %+v, the report %+v", s, l)
		}
	}
	// Without a rule there is a report all the same.
	c.Period.Rules = nil
	if reports, err = schedule.ReportFairness(c.Period, c.Roster); err != nil || len(reports) != 1 || len(reports[0].Lines) != 3 {
		t.Errorf("without a rule: %+v, %v", reports, err)
	}
}
