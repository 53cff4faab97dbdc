package schedule_test

import (
	"slices"
	"testing"

	"rota/schedule"
)

// TestKeepCrews: whom the solver chose for an open place stays when the same file, which leaves the place open, is applied
// again; who is gone, or stated elsewhere, does not.
func TestKeepCrews(t *testing.T) {
	book := func(agents []schedule.AgentID, crews ...schedule.Crew) schedule.Book {
		b := schedule.Book{Rotations: []schedule.Rotation{{ID: "r", Pattern: "dupont", Crews: crews}}}
		for _, id := range agents {
			b.Agents = append(b.Agents, schedule.Agent{ID: id})
		}
		return b
	}
	type ids = []schedule.AgentID
	old := book(ids{"a", "b", "c", "d"}, schedule.Crew{Agents: ids{"a", "b"}, Size: 2}, schedule.Crew{Agents: ids{"c", "d"}, Size: 2})
	next := book(ids{"a", "b", "c"}, schedule.Crew{Agents: ids{"c"}, Size: 2}, schedule.Crew{Size: 2})
	got := old.KeepCrews(next).Rotations[0].Crews
	if !slices.Equal(got[0].Agents, ids{"c", "a"}) || len(got[1].Agents) != 0 {
		t.Errorf("crews %v", got)
	}
	if len(next.Rotations[0].Crews[0].Agents) != 1 {
		t.Error("the book that was given is changed")
	}
	next.Rotations[0].Pattern = "panama"
	if got := old.KeepCrews(next).Rotations[0].Crews; len(got[0].Agents) != 1 {
		t.Errorf("kept for another pattern: %v", got)
	}
}
