package sqlite

import (
	"errors"
	"fmt"
	"reflect"
	"sync"
	"testing"
	"time"

	"rota/schedule"
)

func reminder(n int, due time.Time) schedule.Message {
	return schedule.Message{MessageKey: schedule.MessageKey{Team: "a", Kind: "reminder", Assignment: schedule.UID(fmt.Sprint("u", n)), Recipient: "U1", Step: "24h"},
		Agent: "ani", Slot: "early@2026-12-07", Due: due, Body: `{"text":"<&>"}`}
}

func TestEnqueue(t *testing.T) {
	s := newStore(t)
	withTeam(t, s, "a")
	m := reminder(1, noon)
	m.Expires = noon.Add(time.Hour)
	if n := must(s.Enqueue(ctx, noon, m, m, reminder(2, noon)))(t); n != 2 {
		t.Errorf("%d are new", n)
	}
	for name, other := range map[string]func(*schedule.MessageKey){
		"kind": func(k *schedule.MessageKey) { k.Kind = "x" }, "assignment": func(k *schedule.MessageKey) { k.Assignment = "x" },
		"version": func(k *schedule.MessageKey) { k.Version = 9 }, "recipient": func(k *schedule.MessageKey) { k.Recipient = "x" },
		"step": func(k *schedule.MessageKey) { k.Step = "x" },
	} {
		next := m
		other(&next.MessageKey)
		if n := must(s.Enqueue(ctx, noon, next))(t); n != 1 {
			t.Errorf("another %s is not another message", name)
		}
	}
	got := must(s.Messages(ctx, MessageQuery{Assignment: "u1", Limit: 1}))(t)[0]
	m.ID, m.State, m.CreatedAt, m.ChangedAt = got.ID, schedule.MessagePending, noon, noon
	if !reflect.DeepEqual(got, m) {
		t.Errorf("got %+v\nwant %+v", got, m)
	}
	if _, err := s.Enqueue(ctx, noon, reminder(50, noon), schedule.Message{}); !errors.Is(err, ErrInvalid) {
		t.Errorf("got %v", err)
	}
	if m := must(s.Messages(ctx, MessageQuery{Assignment: "u50"}))(t); len(m) > 0 {
		t.Error("half of a list was put in")
	}
}

func TestLeases(t *testing.T) {
	s := newStore(t)
	withTeam(t, s, "a")
	stale, late := reminder(3, noon.Add(-time.Hour)), reminder(4, noon.Add(time.Hour))
	stale.Expires = noon
	must(s.Enqueue(ctx, noon, reminder(2, noon), reminder(1, noon.Add(-time.Minute)), stale, late))(t)
	until := noon.Add(time.Minute)
	one := must(s.Lease(ctx, "x", 1, noon, until))(t)
	if len(one) != 1 || one[0].Assignment != "u1" || one[0].State != schedule.MessageSending || one[0].Attempts != 1 {
		t.Fatalf("leased %+v", one)
	}
	two := must(s.Lease(ctx, "y", 9, noon, until))(t)
	if len(two) != 1 || two[0].Assignment != "u2" {
		t.Fatalf("leased %+v", two)
	}
	// Only the holder settles, and only what it holds.
	sent := schedule.Settlement{State: schedule.MessageSent, Conversation: "C1", Stamp: "1.2"}
	if err := s.Settle(ctx, one[0].ID, "y", sent, noon); !errors.Is(err, ErrLeaseLost) {
		t.Errorf("got %v", err)
	}
	noError(t, s.Settle(ctx, one[0].ID, "x", sent, noon))
	noError(t, s.Settle(ctx, one[0].ID, "x", sent, noon))
	if err := s.Settle(ctx, one[0].ID, "x", schedule.Settlement{State: schedule.MessageRetry}, noon); !errors.Is(err, ErrLeaseLost) {
		t.Errorf("got %v", err)
	}
	if err := s.Settle(ctx, one[0].ID, "x", schedule.Settlement{State: schedule.MessageSending}, noon); !errors.Is(err, ErrInvalid) {
		t.Errorf("got %v", err)
	}
	var missing *NotFoundError
	if err := s.Settle(ctx, 999, "x", sent, noon); !errors.As(err, &missing) {
		t.Errorf("got %v", err)
	}
	noError(t, s.Settle(ctx, two[0].ID, "y", schedule.Settlement{State: schedule.MessageRetry, NotBefore: noon.Add(30 * time.Second), Problem: "rate limit"}, noon))
	if early := must(s.Lease(ctx, "x", 9, noon.Add(29*time.Second), until))(t); len(early) > 0 {
		t.Errorf("too early %+v", early)
	}
	again := must(s.Lease(ctx, "x", 9, noon.Add(30*time.Second), until))(t)
	if len(again) != 1 || again[0].Attempts != 2 || again[0].Problem != "rate limit" {
		t.Fatalf("again %+v", again)
	}
	// A sender that dies leaves the message unknown, which nobody sends again until somebody has looked.
	lost := must(s.GiveUpLeases(ctx, until))(t)
	if len(lost) != 1 || lost[0].ID != again[0].ID || lost[0].Problem == "" {
		t.Fatalf("lost %+v", lost)
	}
	if none := must(s.Lease(ctx, "z", 9, until, until.Add(time.Minute)))(t); len(none) > 0 {
		t.Errorf("leased %+v", none)
	}
	noError(t, s.Settle(ctx, lost[0].ID, "z", schedule.Settlement{State: schedule.MessagePending}, until))
	if back := must(s.Lease(ctx, "z", 9, until, until.Add(time.Minute)))(t); len(back) != 1 {
		t.Errorf("leased %+v", back)
	}
	expired := must(s.Expire(ctx, noon))(t)
	if len(expired) != 1 || expired[0].Assignment != "u3" || expired[0].State != schedule.MessageDead {
		t.Errorf("expired %+v", expired)
	}
	waiting := must(s.Messages(ctx, MessageQuery{Team: "a", States: []schedule.MessageState{schedule.MessagePending}}))(t)
	if n := must(s.Withdraw(ctx, noon, "swapped", waiting[0].ID, one[0].ID))(t); n != 1 || len(waiting) != 1 {
		t.Errorf("withdrawn %d of %+v", n, waiting)
	}
	count := map[schedule.MessageState]int{}
	for _, m := range must(s.Messages(ctx, MessageQuery{}))(t) {
		count[m.State]++
	}
	if want := (map[schedule.MessageState]int{"sent": 1, "sending": 1, "dead": 1, "withdrawn": 1}); !reflect.DeepEqual(count, want) {
		t.Errorf("states %v", count)
	}
	if n := must(s.Forget(ctx, noon))(t); n != 0 {
		t.Errorf("%d forgotten that could be called for again", n)
	}
	if n := must(s.Forget(ctx, noon.AddDate(0, 0, 9)))(t); n != 3 {
		t.Errorf("%d forgotten", n)
	}
}

func TestLeasesAreShared(t *testing.T) {
	s := newStore(t)
	withTeam(t, s, "a")
	for n := range 60 {
		must(s.Enqueue(ctx, noon, reminder(n, noon)))(t)
	}
	var wait sync.WaitGroup
	var mu sync.Mutex
	seen := map[schedule.MessageID]int{}
	for w := range 6 {
		wait.Go(func() {
			for {
				got, err := s.Lease(ctx, fmt.Sprint(w), 3, noon, noon.Add(time.Minute))
				if err != nil || len(got) == 0 {
					if err != nil {
						t.Error(err)
					}
					return
				}
				mu.Lock()
				for _, m := range got {
					seen[m.ID]++
				}
				mu.Unlock()
			}
		})
	}
	wait.Wait()
	for id, n := range seen {
		if n != 1 {
			t.Errorf("message %d was leased %d times", id, n)
		}
	}
	if len(seen) != 60 {
		t.Errorf("%d of 60 messages were leased", len(seen))
	}
}

func TestHandoffNotes(t *testing.T) {
	s := newStore(t)
	withTeam(t, s, "a")
	standing := must(s.AddHandoffNote(ctx, schedule.HandoffNote{Team: "a", Text: "the queue is slow", By: "mel", At: noon}))(t)
	own := must(s.AddHandoffNote(ctx, schedule.HandoffNote{Team: "a", Slot: "early@2026-12-07", Agent: "ani", Text: "call back", By: "ani", At: noon}))(t)
	notes := must(s.HandoffNotes(ctx, "a", "early@2026-12-07", "late@2026-12-07"))(t)
	if len(notes) != 2 || notes[0].ID != standing || notes[1].ID != own || notes[1].Agent != "ani" || !notes[1].At.Equal(noon) {
		t.Errorf("notes %+v", notes)
	}
	noError(t, s.FinishHandoffNote(ctx, "a", standing, "ani", noon))
	noError(t, s.FinishHandoffNote(ctx, "a", standing, "davit", noon))
	noError(t, s.FinishHandoffNote(ctx, "a", own, "davit", noon))
	notes = must(s.HandoffNotes(ctx, "a", "early@2026-12-07"))(t)
	if len(notes) != 1 || notes[0].DoneBy != "davit" {
		t.Errorf("notes %+v", notes)
	}
	var missing *NotFoundError
	if err := s.FinishHandoffNote(ctx, "a", 99, "ani", noon); !errors.As(err, &missing) {
		t.Errorf("got %v", err)
	}
	if _, err := s.AddHandoffNote(ctx, schedule.HandoffNote{Team: "z", Text: "x", At: noon}); !errors.As(err, &missing) {
		t.Errorf("got %v", err)
	}
	taken := schedule.Takeover{Team: "a", Slot: "early@2026-12-07", Agent: "ani", At: noon}
	if fresh := must(s.TakeOver(ctx, taken))(t); !fresh {
		t.Error("the first word is not new")
	}
	later := taken
	later.At = noon.Add(time.Hour)
	if fresh := must(s.TakeOver(ctx, later))(t); fresh {
		t.Error("the second word is new")
	}
	if all := must(s.Takeovers(ctx, "a", "early@2026-12-07"))(t); len(all) != 1 || all[0] != taken {
		t.Errorf("taken over: %+v", all)
	}
}

func TestFeeds(t *testing.T) {
	s := newStore(t)
	withTeam(t, s, "a")
	hash := func(b byte) (h TokenHash) { h[0] = b; return h }
	id := must(s.AddFeed(ctx, Feed{Team: "a", Scope: "agent", Subject: "ani", CreatedBy: "mel", CreatedAt: noon}, hash(1)))(t)
	f := must(s.FeedByToken(ctx, hash(1)))(t)
	if want := (Feed{ID: id, Team: "a", Scope: "agent", Subject: "ani", CreatedBy: "mel", CreatedAt: noon}); f != want || !f.Alive(noon) {
		t.Errorf("got %+v", f)
	}
	var missing *NotFoundError
	if _, err := s.FeedByToken(ctx, hash(2)); !errors.As(err, &missing) {
		t.Errorf("got %v", err)
	}
	if _, err := s.AddFeed(ctx, Feed{Team: "a", CreatedAt: noon}, hash(1)); !errors.Is(err, ErrInvalid) {
		t.Errorf("the same token twice: %v", err)
	}
	next := must(s.RotateFeed(ctx, "a", id, hash(2), noon.Add(time.Hour), "mel", noon))(t)
	if old := must(s.FeedByToken(ctx, hash(1)))(t); !old.Alive(noon.Add(59*time.Minute)) || old.Alive(noon.Add(time.Hour)) {
		t.Errorf("the old address %+v", old)
	}
	if _, err := s.RotateFeed(ctx, "a", id, hash(3), noon, "mel", noon.Add(time.Hour)); !errors.As(err, &missing) {
		t.Errorf("rotating a dead address: %v", err)
	}
	noError(t, s.TouchFeeds(ctx, []FeedUse{{ID: next, At: noon.Add(time.Minute), By: "khal", Version: 3}, {ID: next, At: noon, By: "older", Version: 2}}))
	noError(t, s.RevokeFeed(ctx, "a", next, "mel", noon.Add(time.Minute)))
	noError(t, s.RevokeFeed(ctx, "a", next, "mel", noon.Add(time.Hour)))
	all := must(s.Feeds(ctx, "a"))(t)
	if len(all) != 2 || all[1].UsedBy != "khal" || all[1].UsedVersion != 3 || !all[1].RevokedAt.Equal(noon.Add(time.Minute)) || all[1].Alive(noon) || all[1].Subject != "ani" {
		t.Errorf("feeds %+v", all)
	}
	if err := s.RevokeFeed(ctx, "b", next, "mel", noon); !errors.As(err, &missing) {
		t.Errorf("by another team: %v", err)
	}
}
