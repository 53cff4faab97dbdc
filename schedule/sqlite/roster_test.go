package sqlite

import (
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"rota/schedule"
)

// draft puts agents in turn on the early slots of a fortnight, with the late ones empty.
func draft(team schedule.TeamID, agents ...schedule.AgentID) schedule.Roster {
	return draftOf(team, day("2026-12-07"), day("2026-12-20"), agents...)
}

func draftOf(team schedule.TeamID, first, last schedule.Date, agents ...schedule.AgentID) schedule.Roster {
	b := smallBook(team)
	slots, err := schedule.ExpandSlots(b.Team, b.Shifts, first, last)
	if err != nil {
		panic(err)
	}
	r := schedule.Roster{Team: team, First: first, Last: last, Slots: schedule.ResolveDemand(b.Demand, slots, nil), Status: schedule.Feasible, Cost: 7}
	n := 0
	for _, s := range slots {
		if s.Shift == "early" && len(agents) > 0 {
			r.Assignments = append(r.Assignments, schedule.Assignment{Slot: s.ID, Agent: agents[n%len(agents)], Source: schedule.BySolver})
			n++
		}
	}
	return r
}

func publishNow(t testing.TB, s *Store, r schedule.Roster, at time.Time) schedule.Roster {
	t.Helper()
	r = must(s.SaveDraft(ctx, r, "mel", at))(t)
	return must(s.Publish(ctx, PublishRequest{Team: r.Team, Version: r.Version, Who: "mel", Now: at}))(t)
}

func uids(r schedule.Roster) map[string]schedule.UID {
	m := map[string]schedule.UID{}
	for _, a := range r.Assignments {
		m[string(a.Slot)+" "+string(a.Agent)] = a.UID
	}
	return m
}

func TestDraftRoundTrip(t *testing.T) {
	s := newStore(t)
	withTeam(t, s, "a")
	var r schedule.Roster
	n := 0
	fill(t, reflect.ValueOf(&r).Elem(), &n)
	r.Team, r.First, r.Last, r.Version = "a", day("2026-12-07"), day("2026-12-20"), 0
	for i := range r.Slots {
		r.Slots[i].Day = r.First.AddDays(i)
		r.Slots[i].ID = schedule.MakeSlotID("late", r.Slots[i].Day)
		r.Assignments[i].Slot = r.Slots[i].ID
	}
	saved := must(s.SaveDraft(ctx, r, "mel", noon))(t)
	loaded := must(s.LoadRoster(ctx, "a", saved.Version))(t)
	if !reflect.DeepEqual(saved, loaded) {
		t.Errorf("saved\n%+v\nloaded\n%+v", saved, loaded)
	}
	r.Version, r.State, r.PublishedBy, r.PublishedAt, r.Reason = 1, schedule.Draft, "", time.Time{}, ""
	for i := range r.Assignments {
		if len(saved.Assignments[i].UID) < 26 {
			t.Errorf("uid %q is guessable", saved.Assignments[i].UID)
		}
		r.Assignments[i].UID = saved.Assignments[i].UID
	}
	schedule.SortAssignments(r.Assignments)
	if !reflect.DeepEqual(loaded, r) {
		t.Errorf("loaded\n%+v\nwant\n%+v", loaded, r)
	}
	header := must(s.Rosters(ctx, "a"))(t)
	loaded.Slots, loaded.Assignments = nil, nil
	if len(header) != 1 || !reflect.DeepEqual(header[0], loaded) {
		t.Errorf("listed %+v", header)
	}
}

func TestDraftsChange(t *testing.T) {
	s := newStore(t)
	withTeam(t, s, "a")
	one := must(s.SaveDraft(ctx, draft("a", "ani"), "mel", noon))(t)
	two := must(s.SaveDraft(ctx, draft("a", "davit"), "mel", noon))(t)
	if one.Version != 1 || two.Version != 2 {
		t.Fatalf("versions %d and %d", one.Version, two.Version)
	}
	edited := must(s.EditDraft(ctx, "a", 1, "ani", noon.Add(time.Hour), func(r *schedule.Roster) error {
		r.Assignments[0].Agent, r.Assignments[0].Source = "lilit", schedule.ByHand
		return nil
	}))(t)
	if edited.CreatedBy != "mel" || len(edited.Assignments) != len(one.Assignments) || edited.Assignments[1] != one.Assignments[1] {
		t.Errorf("edited into %+v", edited)
	}
	if log := must(s.AuditLog(ctx, LogQuery{Kind: "roster", Limit: 1}))(t); log[0].Who != "ani" ||
		log[0].Detail != `{"assigned":["early@2026-12-07 lilit"],"unassigned":["early@2026-12-07 ani"]}` {
		t.Errorf("logged %+v", log[0])
	}
	for name, bad := range map[string]func(r *schedule.Roster){
		"unknown slot": func(r *schedule.Roster) { r.Assignments[0].Slot = "late@2031-01-01" },
		"twice":        func(r *schedule.Roster) { r.Assignments = append(r.Assignments, r.Assignments[0]) },
		"nobody":       func(r *schedule.Roster) { r.Assignments[0].Agent = "" },
		"outside":      func(r *schedule.Roster) { r.Last = r.First },
		"backwards":    func(r *schedule.Roster) { r.Last = r.First.AddDays(-1) },
		"slot twice":   func(r *schedule.Roster) { r.Slots = append(r.Slots, r.Slots[0]) },
	} {
		_, err := s.EditDraft(ctx, "a", 1, "mel", noon, func(r *schedule.Roster) error { bad(r); return nil })
		if !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if now := must(s.LoadRoster(ctx, "a", 1))(t); !reflect.DeepEqual(now, edited) {
		t.Error("a refused change has left traces")
	}
	noError(t, s.DeleteDraft(ctx, "a", 1, "mel", noon))
	var missing *NotFoundError
	if _, err := s.LoadRoster(ctx, "a", 1); !errors.As(err, &missing) {
		t.Errorf("got %v", err)
	}
	if _, err := s.SaveDraft(ctx, draft("z", "ani"), "mel", noon); !errors.As(err, &missing) {
		t.Errorf("for no team: %v", err)
	}
	if _, err := s.Rosters(ctx, "z"); !errors.As(err, &missing) {
		t.Errorf("of no team: %v", err)
	}
}

func TestPublishedStays(t *testing.T) {
	s := newStore(t)
	withTeam(t, s, "a")
	r := publishNow(t, s, draft("a", "ani", "davit"), noon)
	want := must(s.LoadRoster(ctx, "a", 1))(t)
	if !reflect.DeepEqual(r, want) || r.State != schedule.Published || r.PublishedBy != "mel" || !r.PublishedAt.Equal(noon) {
		t.Errorf("published %+v, loaded %+v", r, want)
	}
	if _, err := s.SaveDraft(ctx, r, "mel", noon); !errors.Is(err, ErrNotDraft) {
		t.Errorf("saving: %v", err)
	}
	if _, err := s.EditDraft(ctx, "a", 1, "mel", noon, nil); !errors.Is(err, ErrNotDraft) {
		t.Errorf("editing: %v", err)
	}
	if err := s.DeleteDraft(ctx, "a", 1, "mel", noon); !errors.Is(err, ErrNotDraft) {
		t.Errorf("deleting: %v", err)
	}
	if _, err := s.Publish(ctx, PublishRequest{Team: "a", Version: 1, Now: noon}); !errors.Is(err, ErrNotDraft) {
		t.Errorf("publishing again: %v", err)
	}
	must(s.SaveDraft(ctx, draft("a", "lilit"), "mel", noon))(t)
	attacks := []string{
		`UPDATE rosters SET cost = cost + 1 WHERE version = 1`, `UPDATE rosters SET state = 'draft', publication = NULL WHERE version = 1`,
		`UPDATE rosters SET state = 'superseded', note = 'x' WHERE version = 1`, `DELETE FROM rosters WHERE version = 1`,
		`UPDATE rosters SET bound = NULL WHERE version = 1`, `UPDATE rosters SET bound = 3 WHERE version = 1`,
		`DELETE FROM roster_slots WHERE roster = 1`, `UPDATE roster_slots SET starts = starts + 1, ends = ends + 1 WHERE roster = 1`,
		`UPDATE roster_slots SET roster = 1, slot = 'x' WHERE roster = 2 AND position = 0`,
		`INSERT INTO roster_slots SELECT 1, 99, 'x@2026-12-07', shift, date, day, starts, ends, moved, paid, tags, burden, demand FROM roster_slots LIMIT 1`,
		`DELETE FROM assignments WHERE roster = 1`, `UPDATE assignments SET agent = 'lilit' WHERE roster = 1`,
		`UPDATE assignments SET roster = 1 WHERE roster = 2`, `INSERT INTO assignments SELECT 1, slot, 'tom', source, uid FROM assignments LIMIT 1`,
		`UPDATE assignment_uids SET agent = 'tom'`, `DELETE FROM assignment_uids`,
	}
	for _, q := range attacks {
		if err := s.translate(execAll(s, q)); !errors.Is(err, ErrImmutable) {
			t.Errorf("%s: %v", q, err)
		}
	}
	if now := must(s.LoadRoster(ctx, "a", 1))(t); !reflect.DeepEqual(now, want) {
		t.Errorf("it has become %+v", now)
	}
}

func TestUIDsArePermanent(t *testing.T) {
	s := newStore(t)
	withTeam(t, s, "a")
	withTeam(t, s, "b")
	one := publishNow(t, s, draft("a", "ani", "davit"), noon)
	// A version in which somebody else has ani's first slot, with the others as before.
	swapped := one
	swapped.Version = 0
	swapped.Assignments = append([]schedule.Assignment(nil), one.Assignments...)
	swapped.Assignments[0] = schedule.Assignment{Slot: one.Assignments[0].Slot, Agent: "lilit", Source: schedule.BySwap, UID: "not to be used"}
	two := publishNow(t, s, swapped, noon.Add(time.Hour))
	three := must(s.Rollback(ctx, PublishRequest{Team: "a", Version: 1, Who: "ani", Now: noon.Add(2 * time.Hour)}))(t)
	if three.Version != 3 || three.BasedOn != 1 || three.State != schedule.Published || three.PublishedBy != "ani" {
		t.Errorf("rolled back to %+v", three)
	}
	if !reflect.DeepEqual(uids(one), uids(three)) {
		t.Error("a rollback gives other names")
	}
	first := one.Assignments[0].Slot
	for pair, uid := range uids(two) {
		if was, had := uids(one)[pair]; had && was != uid {
			t.Errorf("%s has another name", pair)
		}
	}
	if two.Assignments[0].UID == one.Assignments[0].UID || two.Assignments[0].UID == "not to be used" {
		t.Errorf("lilit on %s has the name %s", first, two.Assignments[0].UID)
	}
	states := map[schedule.Version]schedule.RosterState{}
	for _, r := range must(s.Rosters(ctx, "a"))(t) {
		states[r.Version] = r.State
	}
	if want := (map[schedule.Version]schedule.RosterState{1: schedule.Superseded, 2: schedule.Superseded, 3: schedule.Published}); !reflect.DeepEqual(states, want) {
		t.Errorf("states %v", states)
	}
	other := publishNow(t, s, draft("b", "ani", "davit"), noon)
	if other.Assignments[0].UID == one.Assignments[0].UID {
		t.Error("two teams share a name")
	}
	// Another draft of the same pairs, never published, has the same names too.
	if again := must(s.SaveDraft(ctx, draft("a", "ani", "davit"), "mel", noon))(t); !reflect.DeepEqual(uids(again), uids(one)) {
		t.Error("a draft gives other names")
	}
	if _, err := s.Rollback(ctx, PublishRequest{Team: "a", Version: 4, Now: noon}); !errors.Is(err, ErrInvalid) {
		t.Errorf("back to a draft: %v", err)
	}
}

func TestCalendarEvents(t *testing.T) {
	s := newStore(t)
	withTeam(t, s, "a")
	events := func(since time.Time) map[schedule.UID]CalendarEvent {
		m := map[schedule.UID]CalendarEvent{}
		for _, e := range must(s.CalendarEvents(ctx, CalendarQuery{Team: "a", CancelledSince: since}))(t) {
			m[e.UID] = e
		}
		return m
	}
	stamp := must(s.Stamp(ctx, "a"))(t)
	r := must(s.SaveDraft(ctx, draft("a", "ani"), "mel", noon))(t)
	if len(events(noon)) != 0 {
		t.Error("a draft is in the calendar")
	}
	if same := must(s.Stamp(ctx, "a"))(t); same != stamp {
		t.Error("a draft changes what feeds show")
	}
	must(s.Publish(ctx, PublishRequest{Team: "a", Version: 1, Who: "mel", Now: noon}))(t)
	if other := must(s.Stamp(ctx, "a"))(t); other == stamp {
		t.Error("publishing does not change what feeds show")
	}
	first := events(noon)
	uid := r.Assignments[0].UID
	if e := first[uid]; len(first) != 14 || e.Agent != "ani" || e.Slot != "early@2026-12-07" || e.Sequence != 0 || !e.ChangedAt.Equal(noon) ||
		!e.Start.Equal(time.Date(2026, 12, 7, 4, 0, 0, 0, time.UTC)) || e.End.Sub(e.Start) != 8*time.Hour || e.Version != 1 {
		t.Errorf("%d events, the first %+v", len(first), first[uid])
	}
	// The same again changes nothing at all.
	publishNow(t, s, draft("a", "ani"), noon.Add(time.Hour))
	if !reflect.DeepEqual(events(noon), first) {
		t.Error("publishing the same has changed events")
	}
	// Taken away, moved by an hour, and given back.
	next := draft("a", "ani")
	next.Assignments = next.Assignments[1:]
	for i := range next.Slots {
		if next.Slots[i].ID == "early@2026-12-08" {
			next.Slots[i].Start = next.Slots[i].Start.Add(time.Hour)
		}
	}
	publishNow(t, s, next, noon.Add(2*time.Hour))
	second := events(noon)
	if e := second[uid]; !e.Cancelled || e.Sequence != 1 || !e.ChangedAt.Equal(noon.Add(2*time.Hour)) || e.Version != 3 {
		t.Errorf("cancelled as %+v", e)
	}
	if e := second[r.Assignments[1].UID]; e.Cancelled || e.Sequence != 1 || e.End.Sub(e.Start) != 7*time.Hour {
		t.Errorf("moved as %+v", e)
	}
	if e := second[r.Assignments[2].UID]; e != first[e.UID] {
		t.Errorf("untouched has become %+v", e)
	}
	if old := events(noon.Add(3 * time.Hour)); len(old) != 13 || len(events(time.Time{})) != 13 {
		t.Errorf("%d events without what was cancelled long ago", len(old))
	}
	must(s.Rollback(ctx, PublishRequest{Team: "a", Version: 1, Who: "mel", Now: noon.Add(4 * time.Hour)}))(t)
	if e := events(noon)[uid]; e.Cancelled || e.Sequence != 2 || !e.ChangedAt.Equal(noon.Add(4*time.Hour)) {
		t.Errorf("revived as %+v", e)
	}
	// A digest of what else is shown counts as content.
	r = must(s.SaveDraft(ctx, draft("a", "ani"), "mel", noon))(t)
	must(s.Publish(ctx, PublishRequest{Team: "a", Version: r.Version, Who: "mel", Now: noon.Add(5 * time.Hour),
		Prepare: func(Facts) (Publication, error) {
			return Publication{Digest: func(a schedule.Assignment, slot schedule.Slot) string {
				if a.UID == uid && slot.ID == "early@2026-12-07" {
					return "beside davit"
				}
				return ""
			}}, nil
		}}))(t)
	if e := events(noon)[uid]; e.Sequence != 3 {
		t.Errorf("with another digest %+v", e)
	}
	window := must(s.CalendarEvents(ctx, CalendarQuery{Team: "a", Agent: "ani", Shift: "early",
		From: time.Date(2026, 12, 9, 0, 0, 0, 0, time.UTC), To: time.Date(2026, 12, 11, 0, 0, 0, 0, time.UTC)}))(t)
	if len(window) != 2 || len(must(s.CalendarEvents(ctx, CalendarQuery{Team: "a", Agent: "tom"}))(t)) != 0 {
		t.Errorf("window %+v", window)
	}
}

func TestPublicationsOverlap(t *testing.T) {
	s := newStore(t)
	withTeam(t, s, "a")
	publishNow(t, s, draftOf("a", day("2026-12-07"), day("2026-12-20"), "ani"), noon)
	publishNow(t, s, draftOf("a", day("2026-12-14"), day("2026-12-27"), "davit"), noon)
	for d, want := range map[string]schedule.Version{"2026-12-06": 0, "2026-12-07": 1, "2026-12-13": 1, "2026-12-14": 2, "2026-12-27": 2, "2026-12-28": 0} {
		if got := must(s.VersionOn(ctx, "a", day(d)))(t); got != want {
			t.Errorf("%s goes by version %d, want %d", d, got, want)
		}
	}
	both := must(s.InForce(ctx, "a", day("2026-12-12"), day("2026-12-15")))(t)
	if len(both.Slots) != 8 || len(both.Assignments) != 4 || !both.Has("early@2026-12-13", "ani") || !both.Has("early@2026-12-14", "davit") ||
		both.Has("early@2026-12-14", "ani") || both.Version != 2 {
		t.Errorf("in force %+v", both)
	}
	if none := must(s.InForce(ctx, "a", day("2027-12-12"), day("2027-12-15")))(t); none != nil {
		t.Errorf("in force %+v", none)
	}
	at := time.Date(2026, 12, 13, 5, 0, 0, 0, time.UTC)
	slots, on, err := s.PublishedBetween(ctx, "a", at, at.Add(time.Second))
	noError(t, err)
	if len(slots) != 1 || slots[0].ID != "early@2026-12-13" || len(on) != 1 || on[0].Agent != "ani" || len(slots[0].Demand.Languages) != 1 {
		t.Errorf("on now: %+v %+v", slots, on)
	}
	// Both stand until nothing of them does.
	publishNow(t, s, draftOf("a", day("2026-12-07"), day("2026-12-13"), "lilit"), noon)
	states := ""
	for _, r := range must(s.Rosters(ctx, "a"))(t) {
		states += fmt.Sprintf("%d %s, ", r.Version, r.State)
	}
	if states != "1 superseded, 2 published, 3 published, " {
		t.Error(states)
	}
	if problems := must(s.Check(ctx))(t); len(problems) > 0 {
		t.Error(problems)
	}
}

func TestPublishIsOneTransaction(t *testing.T) {
	s := newStore(t)
	withTeam(t, s, "a")
	r := must(s.SaveDraft(ctx, draft("a", "ani"), "mel", noon))(t)
	message := schedule.Message{MessageKey: schedule.MessageKey{Team: "a", Kind: "reminder", Assignment: r.Assignments[0].UID, Version: 1, Recipient: "U1", Step: "24h"}, Due: noon.Add(time.Hour)}
	stale := message
	stale.Step = "stale"
	must(s.Enqueue(ctx, noon, stale))(t)
	no := errors.New("a hard rule is broken")
	var seen Facts
	request := PublishRequest{Team: "a", Version: 1, Who: "mel", Now: noon, Reason: "the manager insists"}
	request.Prepare = func(f Facts) (Publication, error) { seen = f; return Publication{}, no }
	if _, err := s.Publish(ctx, request); err != no {
		t.Fatalf("got %v", err)
	}
	if seen.Period == nil || len(seen.Period.Slots) != 28 || seen.Roster.Assignments[0].UID == "" || len(seen.Waiting) != 1 {
		t.Errorf("shown %+v", seen)
	}
	check := func(want schedule.RosterState, rows int) {
		t.Helper()
		if r := must(s.LoadRoster(ctx, "a", 1))(t); r.State != want {
			t.Errorf("it is %s", r.State)
		}
		if m := must(s.Messages(ctx, MessageQuery{Team: "a", States: []schedule.MessageState{schedule.MessagePending}, Assignment: message.Assignment}))(t); len(m) != rows || rows > 0 && m[0].Step != map[bool]string{true: "stale", false: "24h"}[want == schedule.Draft] {
			t.Errorf("messages %+v", m)
		}
	}
	check(schedule.Draft, 1)
	// A message that cannot be kept takes everything with it.
	request.Prepare = func(f Facts) (Publication, error) {
		return Publication{Messages: []schedule.Message{message, {}}, Withdraw: []schedule.MessageID{f.Waiting[0].ID}}, nil
	}
	if _, err := s.Publish(ctx, request); !errors.Is(err, ErrInvalid) {
		t.Fatalf("got %v", err)
	}
	check(schedule.Draft, 1)
	if len(must(s.CalendarEvents(ctx, CalendarQuery{Team: "a"}))(t)) > 0 {
		t.Error("the calendar knows already")
	}
	request.Prepare = func(f Facts) (Publication, error) {
		return Publication{Messages: []schedule.Message{message}, Withdraw: []schedule.MessageID{f.Waiting[0].ID},
			Ledger: []schedule.LedgerEntry{{Agent: "ani", First: r.First, Last: r.Last, Done: schedule.Burden{Night: 90}}}}, nil
	}
	published := must(s.Publish(ctx, request))(t)
	check(schedule.Published, 1)
	if published.Reason != "the manager insists" {
		t.Errorf("the reason is %q", published.Reason)
	}
	if l := must(s.Ledger(ctx, "a", schedule.Date{}))(t); len(l) != 1 || l[0].Version != 1 || l[0].Done.Night != 90 {
		t.Errorf("ledger %+v", l)
	}
}
