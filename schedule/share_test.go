package schedule_test

import (
	"testing"

	"rota/schedule"
)

func TestShareHistory(t *testing.T) {
	b := schedule.Book{Contracts: []schedule.Contract{{ID: "half", Target: schedule.Some(schedule.Hours(20))}},
		Agents: []schedule.Agent{{ID: "ani"}, {ID: "bea", Contract: "half"}, {ID: "cy", Contract: "half"}}}
	d := schedule.MustDate("2026-11-29")
	entry := func(id schedule.AgentID, nights schedule.Minutes) schedule.LedgerEntry {
		return schedule.LedgerEntry{Agent: id, First: d, Last: d, Done: schedule.Burden{Night: nights}}
	}
	out := schedule.ShareHistory(b, []schedule.LedgerEntry{entry("ani", 800), entry("bea", 0), entry("cy", 0)})
	for i, want := range []schedule.Minutes{400, 200, 200} {
		if out[i].Fair.Night != want {
			t.Errorf("%s: a fair part of %d, want %d", out[i].Agent, out[i].Fair.Night, want)
		}
	}
}
