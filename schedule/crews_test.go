package schedule_test

import (
	"slices"
	"testing"

	"rota/schedule"
)

// TestChooseCrews: two crews take turns, and each has to have somebody who speaks Spanish though the list begins with both.
func TestChooseCrews(t *testing.T) {
	c := caseOf(t, `team UTC
period 2026-12-07 2026-12-20
shift day 08:00-16:00
agent a1 lang=es:C1
agent a2
agent a3 lang=es:C1
agent a4
need day min=2 lang=es:B2
pattern turn DD-- step=2
`)
	r := schedule.Rotation{ID: "r", Pattern: "turn", Start: schedule.MustDate("2026-12-07"),
		Letters: []schedule.Letter{{Letter: "D", Shift: "day"}}}
	ids := []schedule.AgentID{"a4", "a3", "a2", "a1"}
	got, err := schedule.ChooseCrews(c.Period, r, ids, 2)
	if err != nil || len(got.Crews) != 2 {
		t.Fatal(got, err)
	}
	for _, crew := range got.Crews {
		if len(crew.Agents) != 2 || !slices.Contains(crew.Agents, "a1") && !slices.Contains(crew.Agents, "a3") {
			t.Errorf("crew %v", crew.Agents)
		}
	}
	slices.Reverse(ids)
	again, err := schedule.ChooseCrews(c.Period, r, ids, 2)
	if err != nil || !slices.EqualFunc(got.Crews, again.Crews, func(a, b schedule.Crew) bool { return slices.Equal(a.Agents, b.Agents) }) {
		t.Errorf("%v and %v", got.Crews, again.Crews)
	}
	if _, err := schedule.ChooseCrews(c.Period, r, ids, 5); err == nil {
		t.Error("four agents fill five crews")
	}
	// Leave works out: who is away on the first days starts with the crew that is off then.
	c = caseOf(t, `team UTC
period 2026-12-07 2026-12-10
shift day 08:00-16:00
agent a1
agent a2
avail a1 leave 2026-12-07 2026-12-08
pattern turn DD-- step=2
need day min=1
`)
	if got, err = schedule.ChooseCrews(c.Period, r, []schedule.AgentID{"a1", "a2"}, 2); err != nil || got.Crews[0].Agents[0] != "a2" {
		t.Errorf("%v, %v", got.Crews, err)
	}
}

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
