package sqlite

import (
	"slices"
	"testing"
	"time"

	"rota/schedule"
)

func TestRevisionsFollowWhatFeedsShow(t *testing.T) {
	s := newStore(t)
	withTeam(t, s, "a")
	withTeam(t, s, "b")
	last := must(s.FeedRevisions(ctx))(t)
	if len(last) != 2 || last["a"] == "" {
		t.Fatalf("revisions %v", last)
	}
	step := func(what string, changes bool, do func()) {
		t.Helper()
		do()
		next := must(s.FeedRevisions(ctx))(t)
		if (next["a"] != last["a"]) != changes {
			t.Errorf("%s: from %s to %s", what, last["a"], next["a"])
		}
		if next["b"] != last["b"] {
			t.Errorf("%s changes another team: from %s to %s", what, last["b"], next["b"])
		}
		last = next
	}
	step("nothing", false, func() {})
	step("a draft", false, func() { _, err := s.SaveDraft(ctx, draft("a", "ani"), "mel", noon); noError(t, err) })
	step("publishing", true, func() { publishNow(t, s, draft("a", "ani"), noon) })
	step("publishing the same again", true, func() { publishNow(t, s, draft("a", "ani"), noon) })
	step("the book", true, func() {
		_, err := s.UpdateBook(ctx, "a", "mel", noon, func(b *schedule.Book) error { b.Team.Name += "!"; return nil })
		noError(t, err)
	})
	var id FeedID
	step("an address", true, func() {
		id = must(s.AddFeed(ctx, Feed{Team: "a", Scope: "team", CreatedBy: "mel", CreatedAt: noon, Alarm: schedule.Some(schedule.Minutes(30))}, hash(1)))(t)
	})
	step("a fetch", false, func() { noError(t, s.TouchFeeds(ctx, []FeedUse{{ID: id, At: noon, By: "x", Version: 1}})) })
	step("rotation", true, func() {
		_, err := s.RotateFeed(ctx, "a", id, hash(2), noon.Add(time.Hour), "mel", noon)
		noError(t, err)
	})
	step("revocation", true, func() { noError(t, s.RevokeFeed(ctx, "a", id+1, "mel", noon)) })
}

func TestLivingFeeds(t *testing.T) {
	s := newStore(t)
	withTeam(t, s, "a")
	alarm := schedule.Some(schedule.Minutes(15))
	var ids []FeedID
	for n := range 3 {
		ids = append(ids, must(s.AddFeed(ctx, Feed{Team: "a", Scope: "personal", Subject: "ani", Alarm: alarm, CreatedBy: "mel", CreatedAt: noon}, hash(byte(n+1))))(t))
	}
	noError(t, s.RevokeFeed(ctx, "a", ids[0], "mel", noon))
	fresh := must(s.RotateFeed(ctx, "a", ids[1], hash(9), noon.Add(time.Hour), "mel", noon))(t)
	// Rotating an address that ends soon anyway does not prolong it.
	_ = must(s.RotateFeed(ctx, "a", ids[1], hash(10), noon.Add(48*time.Hour), "mel", noon))(t)
	at := func(now time.Time) []FeedID {
		var living []FeedID
		for _, f := range must(s.LivingFeeds(ctx, now))(t) {
			if f.Alarm != alarm {
				t.Errorf("feed %d has the alarm %v", f.ID, f.Alarm)
			}
			if f.ID == fresh && f.Hash != hash(9) {
				t.Errorf("feed %d has another's hash", f.ID)
			}
			living = append(living, f.ID)
		}
		return living
	}
	if got := at(noon); len(got) != 4 || got[0] != ids[1] {
		t.Errorf("living at first: %v", got)
	}
	if got := at(noon.Add(time.Hour)); len(got) != 3 || got[0] != ids[2] {
		t.Errorf("living after the overlap: %v", got)
	}
}

func TestLastPublished(t *testing.T) {
	s := newStore(t)
	withTeam(t, s, "a")
	if v, at := lastPublished(t, s); v != 0 || !at.IsZero() {
		t.Errorf("before any: %d %s", v, at)
	}
	publishNow(t, s, draft("a", "ani"), noon)
	publishNow(t, s, draft("a", "ani"), noon.Add(time.Hour))
	if v, at := lastPublished(t, s); v != 2 || !at.Equal(noon.Add(time.Hour)) {
		t.Errorf("after two: %d %s", v, at)
	}
}

func lastPublished(t *testing.T, s *Store) (schedule.Version, time.Time) {
	t.Helper()
	v, at, err := s.LastPublished(ctx, "a")
	noError(t, err)
	return v, at
}

func hash(n byte) TokenHash { return TokenHash{n} }

func TestSlotHistory(t *testing.T) {
	s := newStore(t)
	withTeam(t, s, "a")
	withTeam(t, s, "b")
	publishNow(t, s, draft("b", "ani", "davit"), noon)
	publishNow(t, s, draft("a", "ani"), noon)
	must(s.SaveDraft(ctx, draft("a"), "mel", noon))(t)
	without := draft("a")
	gone := without.Slots[0]
	without.Slots = without.Slots[1:]
	publishNow(t, s, without, noon.Add(time.Hour))
	publishNow(t, s, draftOf("a", day("2026-12-14"), day("2026-12-20"), "ani"), noon.Add(2*time.Hour))
	publishNow(t, s, draft("a"), noon.Add(3*time.Hour))
	var got []SlotState
	last := without.Slots[len(without.Slots)-1]
	noError(t, s.SlotHistory(ctx, "a", []schedule.Slot{{ID: last.ID, Day: last.Day}, {ID: gone.ID, Day: gone.Day}, {ID: "none@2026-12-07", Day: gone.Day}},
		func(x SlotState) { got = append(got, x) }))
	type row struct {
		slot    schedule.SlotID
		nth, on int
		after   time.Duration
	}
	var rows []row
	for _, x := range got {
		rows = append(rows, row{x.Slot.ID, x.Nth, x.On, x.At.Sub(noon)})
		if x.Slot.Shift == "" || x.Slot.Start.IsZero() || x.Slot.Demand.Min == 0 {
			t.Errorf("%+v", x)
		}
	}
	if want := []row{{gone.ID, 1, 1, 0}, {gone.ID, 3, 0, 3 * time.Hour}, {last.ID, 1, 0, 0}, {last.ID, 2, 0, time.Hour},
		{last.ID, 3, 0, 2 * time.Hour}, {last.ID, 4, 0, 3 * time.Hour}}; !slices.Equal(rows, want) {
		t.Errorf("%+v", rows)
	}
	noError(t, s.SlotHistory(ctx, "a", nil, func(x SlotState) { t.Errorf("%+v", x) }))
}
