package sqlite

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"rota/schedule"
)

// found is what publishing a draft would take back, in words.
func found(t *testing.T, s *Store, r schedule.Roster, publish func(*Store, PublishRequest) error) []string {
	t.Helper()
	var list []string
	stop := passed{ErrInvalid}
	err := publish(s, PublishRequest{Team: r.Team, Version: r.Version, Who: "mel", Now: noon.Add(time.Hour), Prepare: func(f Facts) (Publication, error) {
		for _, u := range f.Undone {
			list = append(list, string(u.Slot.ID)+" +"+joined(u.Gained)+" -"+joined(u.Lost)+" "+u.Note)
		}
		return Publication{}, stop
	}})
	if err == nil {
		t.Fatal("it was published")
	}
	return list
}

func joined(ids []schedule.AgentID) string {
	text := ""
	for _, id := range ids {
		text += string(id)
	}
	return text
}

func asPublish(s *Store, p PublishRequest) error  { _, err := s.Publish(ctx, p); return err }
func asRollback(s *Store, p PublishRequest) error { _, err := s.Rollback(ctx, p); return err }

func TestADraftKnowsWhatItWouldUndo(t *testing.T) {
	s := newStore(t)
	withTeam(t, s, "a")
	first := publishNow(t, s, draft("a", "ani"), noon)
	next := draft("a", "ani")
	next.Seen = first.Seen
	next = must(s.SaveDraft(ctx, next, "mel", noon))(t)
	ignorant := must(s.SaveDraft(ctx, draft("a", "cy"), "mel", noon))(t)
	if got := found(t, s, next, asPublish); len(got) != 0 {
		t.Errorf("nothing was published since: %v", got)
	}
	must(s.AddOffer(ctx, offerOf("o", "bo")))(t)
	must(s.ClaimOffer(ctx, takes("bo")))(t)
	if got := found(t, s, next, asPublish); !slices.Equal(got, []string{"early@2026-12-07 +bo -ani bo takes offer o"}) {
		t.Errorf("after a claim: %v", got)
	}
	// A draft that was changed since is no newer for it.
	again := must(s.EditDraft(ctx, "a", next.Version, "mel", noon, func(r *schedule.Roster) error { r.Note = "edited"; return nil }))(t)
	if got := found(t, s, again, asPublish); len(got) != 1 {
		t.Errorf("after an edit: %v", got)
	}
	// One that has the change undoes nothing, and so does one that was made afterwards, or for other days.
	must(s.EditDraft(ctx, "a", next.Version, "mel", noon, func(r *schedule.Roster) error {
		for i := range r.Assignments {
			if r.Assignments[i].Slot == "early@2026-12-07" {
				r.Assignments[i].Agent = "bo"
			}
		}
		return nil
	}))(t)
	if got := found(t, s, next, asPublish); len(got) != 0 {
		t.Errorf("with the change in it: %v", got)
	}
	after := must(s.InForce(ctx, "a", first.First, first.Last))(t)
	later := draft("a", "ani")
	later.Seen = after.Seen
	if got := found(t, s, must(s.SaveDraft(ctx, later, "mel", noon))(t), asPublish); len(got) != 0 {
		t.Errorf("made afterwards: %v", got)
	}
	far := must(s.SaveDraft(ctx, draftOf("a", day("2027-01-04"), day("2027-01-10"), "ani"), "mel", noon))(t)
	if got := found(t, s, far, asPublish); len(got) != 0 {
		t.Errorf("other days: %v", got)
	}
	// Going back is meant to undo.
	if got := found(t, s, first, asRollback); len(got) != 0 {
		t.Errorf("a rollback: %v", got)
	}
	// Whoever knew of no publication at all undoes every one.
	if got := found(t, s, ignorant, asPublish); len(got) != 14 {
		t.Errorf("%d of 14 slots: %v", len(got), got)
	}
	// What came and went again is no change.
	must(s.Rollback(ctx, PublishRequest{Team: "a", Version: first.Version, Who: "mel", Now: noon.Add(2 * time.Hour)}))(t)
	third := draft("a", "ani")
	third.Seen = first.Seen
	if got := found(t, s, must(s.SaveDraft(ctx, third, "mel", noon))(t), asPublish); len(got) != 0 {
		t.Errorf("after it was taken back: %v", got)
	}
	if r := must(s.LoadRoster(ctx, "a", after.Version))(t); r.Seen != after.Seen || !reflect.DeepEqual(r.Assignments, after.Assignments) {
		t.Errorf("a published roster has seen %d, want %d", r.Seen, after.Seen)
	}
}
