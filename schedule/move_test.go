package schedule

import (
	"testing"
	"time"
)

func TestDiffRosters(t *testing.T) {
	day := MustDate("2026-12-07")
	at := time.Date(2026, 12, 7, 8, 0, 0, 0, time.UTC)
	slot := func(id SlotID, n int) Slot {
		return Slot{ID: id, Shift: id.Shift(), Date: id.Date(), Day: id.Date(), Start: at.AddDate(0, 0, n), End: at.AddDate(0, 0, n).Add(8 * time.Hour)}
	}
	slots := []Slot{slot("early@2026-12-07", 0), slot("late@2026-12-07", 0), slot("early@2026-12-08", 1), slot("late@2026-12-08", 1)}
	before := Roster{First: day, Last: day.AddDays(1), Slots: slots, Assignments: []Assignment{
		{Slot: "early@2026-12-07", Agent: "ani"}, {Slot: "early@2026-12-08", Agent: "bob"}, {Slot: "late@2026-12-08", Agent: "cyd"}}}
	after := before
	after.Slots = append([]Slot{}, slots...)
	after.Slots[3].End = after.Slots[3].End.Add(time.Hour)
	after.Assignments = []Assignment{{Slot: "late@2026-12-07", Agent: "ani"}, {Slot: "early@2026-12-07", Agent: "bob"}, {Slot: "late@2026-12-08", Agent: "cyd"}}
	got := DiffRosters(before, after)
	want := []struct {
		kind     MoveKind
		agent    AgentID
		from, to SlotID
	}{
		{Moves, "ani", "early@2026-12-07", "late@2026-12-07"},
		{Gains, "bob", "", "early@2026-12-07"},
		{Loses, "bob", "early@2026-12-08", ""},
		{Moves, "cyd", "late@2026-12-08", "late@2026-12-08"},
	}
	if len(got) != len(want) {
		t.Fatalf("%d moves, want %d: %+v", len(got), len(want), got)
	}
	for i, w := range want {
		if m := got[i]; m.Kind != w.kind || m.Agent != w.agent || m.From.ID != w.from || m.To.ID != w.to {
			t.Errorf("move %d is %s %s %s -> %s, want %v", i, m.Kind, m.Agent, m.From.ID, m.To.ID, w)
		}
	}
	if same := DiffRosters(after, after); len(same) != 0 {
		t.Errorf("a roster differs from itself: %v", same)
	}
	if w := after.Within(day, day); len(w.Slots) != 2 || len(w.Assignments) != 2 {
		t.Errorf("the first day has %d slots and %d assignments", len(w.Slots), len(w.Assignments))
	}
}
