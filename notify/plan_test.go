package notify_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"rota/notify"
	"rota/notify/notifytest"
	"rota/schedule"
)

func at(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return t
}

func plan(t *testing.T, s *notify.Situation) []notify.Planned {
	t.Helper()
	out, err := notify.Plan(s, s.To)
	if err != nil {
		t.Fatal(err)
	}
	return out.Messages
}

func of(list []notify.Planned, kind schedule.MessageKind, slot schedule.SlotID) []notify.Planned {
	var found []notify.Planned
	for _, p := range list {
		if p.Kind == kind && (slot == "" || p.Slot == slot) {
			found = append(found, p)
		}
	}
	return found
}

func TestRemindersComeBeforeEverySlotOnTheAgentsClock(t *testing.T) {
	s := notifytest.Harbor(at("2026-12-07T00:00:00Z"), 7)
	list := plan(t, s)
	got := of(list, notify.Reminder, "late@2026-12-09")
	if len(got) != 2 {
		t.Fatalf("%d reminders, want 2", len(got))
	}
	// Pablo is in Madrid, where the slot runs from 13:00 to 21:00.
	for i, due := range []string{"2026-12-08T12:00:00Z", "2026-12-09T11:30:00Z"} {
		if !got[i].Due.Equal(at(due)) {
			t.Errorf("reminder %d is due %s, want %s", i, got[i].Due, due)
		}
	}
	text := got[1].Content.Text()
	for _, want := range []string{"Late starts in 30 minutes", "Wed 9 Dec 13:00-21:00 (Europe/Madrid)", "Team time: Wed 9 Dec 16:00-00:00 Asia/Yerevan"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in:\n%s", want, text)
		}
	}
	if !strings.Contains(got[1].Why, "30m before") {
		t.Errorf("reason: %s", got[1].Why)
	}
}

func TestQuietHoursShiftAReminderAndNeverDropTheLast(t *testing.T) {
	base := at("2026-12-07T00:00:00Z")
	for _, zone := range []string{"Asia/Yerevan", "America/New_York", "Asia/Tokyo", "Australia/Lord_Howe", "America/Havana"} {
		loc, err := schedule.LoadZone(zone)
		if err != nil {
			t.Fatal(err)
		}
		for hour := range 48 {
			s := notifytest.Harbor(base, 5)
			s.Agents[0].Zone = zone
			s.Team.Quiet = schedule.Some(schedule.ClockSpan{Start: 22 * 60, End: 7 * 60})
			slot := schedule.Slot{ID: "extra@2026-12-09", Shift: "extra", Start: at("2026-12-09T00:00:00Z").Add(time.Duration(hour) * time.Hour)}
			slot.End, slot.Day = slot.Start.Add(4*time.Hour), schedule.MustDate("2026-12-09")
			s.Slots, s.Assignments = []schedule.Slot{slot}, []schedule.Assignment{notifytest.Assign(slot.ID, "ani")}
			list := of(plan(t, s), notify.Reminder, slot.ID)
			if len(list) == 0 {
				t.Fatalf("%s, hour %d: no reminder at all", zone, hour)
			}
			for i, p := range list {
				clock := p.Due.In(loc).Format("15:04")
				if clock >= "22:00" || clock < "07:00" {
					t.Errorf("%s, hour %d: %s is due at %s", zone, hour, p.Step, clock)
				}
				if !p.Due.Before(slot.Start) || !p.Expires.After(p.Due) || p.Expires.After(slot.Start) {
					t.Errorf("%s, hour %d: %s in [%s, %s) of a slot at %s", zone, hour, p.Step, p.Due, p.Expires, slot.Start)
				}
				if i > 0 && p.Due.Before(list[i-1].Expires) {
					t.Errorf("%s, hour %d: two reminders at once", zone, hour)
				}
			}
			last := list[len(list)-1]
			if !strings.HasPrefix(last.Step, "30m") || !last.Expires.Equal(slot.Start) {
				t.Errorf("%s, hour %d: the last is %s until %s", zone, hour, last.Step, last.Expires)
			}
		}
	}
}

func TestAnAgentsOwnLadderAndNone(t *testing.T) {
	s := notifytest.Harbor(at("2026-12-07T00:00:00Z"), 7)
	for i := range s.Agents {
		s.Agents[i].Reminders = []schedule.Minutes{}
	}
	if list := of(plan(t, s), notify.Reminder, ""); len(list) != 0 {
		t.Errorf("%d reminders for people who want none", len(list))
	}
	s.Agents[1].Reminders = []schedule.Minutes{60, schedule.Hours(48), 60}
	if list := of(plan(t, s), notify.Reminder, "late@2026-12-11"); len(list) != 2 {
		t.Errorf("%d reminders, want 2", len(list))
	}
}

func TestHandoffTellsWhoAndWhat(t *testing.T) {
	s := notifytest.Harbor(at("2026-12-07T00:00:00Z"), 7)
	s.Notes = []schedule.HandoffNote{
		{ID: 1, Team: "harbor", Text: "Refunds need two pairs of eyes", At: at("2026-12-01T00:00:00Z")},
		{ID: 2, Team: "harbor", Slot: "early@2026-12-09", Agent: "maya", Text: "mail queue is long", At: at("2026-12-09T10:00:00Z")},
		{ID: 3, Team: "harbor", Slot: "early@2026-12-08", Text: "of another day"},
		{ID: 4, Team: "harbor", Text: "done with", DoneAt: at("2026-12-02T00:00:00Z")},
	}
	for _, p := range of(plan(t, s), notify.Handoff, "") {
		if !p.Due.Equal(at("2026-12-09T12:00:00Z")) {
			continue
		}
		text := p.Content.Text()
		for _, want := range []string{"Handoff 16:00: Late", "Leaving: @", "Coming: @Pablo Ruiz", "es B2 until", "Standing: Refunds need two",
			"mail queue is long", "[I have it]"} {
			if !strings.Contains(text, want) {
				t.Errorf("no %q in:\n%s", want, text)
			}
		}
		if strings.Contains(text, "another day") || strings.Contains(text, "done with") {
			t.Errorf("notes that do not belong:\n%s", text)
		}
		return
	}
	t.Fatal("no handoff at 16:00")
}

func TestEveryBoundaryHasOneHandoff(t *testing.T) {
	s := notifytest.Harbor(at("2026-12-06T20:00:00Z"), 7)
	if got := len(of(plan(t, s), notify.Handoff, "")); got != 21 {
		t.Errorf("%d handoffs of 21 boundaries", got)
	}
}

func TestAnUntakenSlotIsEscalatedAndATakenOneNot(t *testing.T) {
	s := notifytest.Harbor(at("2026-12-09T12:03:00Z"), 7)
	before := of(plan(t, s), notify.Escalation, "late@2026-12-09")
	if len(before) != 1 || !before[0].Due.Equal(at("2026-12-09T12:05:00Z")) || before[0].Recipient != "U0HARBOR01" {
		t.Fatalf("escalation: %+v", before)
	}
	s.Takeovers = []schedule.Takeover{{Team: "harbor", Slot: "late@2026-12-09", Agent: "pablo", At: s.Now}}
	s.Now = at("2026-12-09T12:05:00Z")
	v, err := notify.Judge(s, before[0].Message)
	if err != nil || v.State != schedule.MessageWithdrawn || !strings.Contains(v.Why, "took it over") {
		t.Errorf("verdict %+v, %v", v, err)
	}
}

func TestGapsWarnTheManagerTwoDaysAhead(t *testing.T) {
	s := notifytest.Harbor(at("2026-12-07T00:00:00Z"), 7)
	s = notifytest.Reassign(s, "late@2026-12-11")
	s = notifytest.Reassign(s, "late@2026-12-12", "sean")
	list := plan(t, s)
	gone := of(list, notify.Gap, "late@2026-12-11")
	if len(gone) != 1 || !gone[0].Due.Equal(at("2026-12-09T12:00:00Z")) || !strings.Contains(gone[0].Content.Text(), "1 agent missing") {
		t.Errorf("empty slot: %+v", gone)
	}
	es := of(list, notify.Gap, "late@2026-12-12")
	if len(es) != 1 || !strings.Contains(es[0].Content.Text(), "es B2 missing") {
		t.Errorf("language missing: %+v", es)
	}
	if n := len(of(list, notify.Gap, "")); n != 2 {
		t.Errorf("%d gaps, want 2", n)
	}
}

func TestPublishTellsOnlyThoseWhoseFutureChanged(t *testing.T) {
	s := notifytest.Harbor(at("2026-12-08T08:00:00Z"), 7)
	old := notifytest.Roster(s)
	next := notifytest.Reassign(s, "late@2026-12-11", "sean")
	up, err := notify.Publish(next, &old, notifytest.Roster(next), nil)
	if err != nil {
		t.Fatal(err)
	}
	changes := of(up.Enqueue, notify.Changed, "")
	var told []string
	for _, p := range changes {
		told = append(told, string(p.Agent))
	}
	slices.Sort(told)
	was := old.On("late@2026-12-11")[0]
	if want := []string{string(was), "sean"}; !slices.Equal(told, want) {
		t.Fatalf("told %v, want %v", told, want)
	}
	for _, p := range changes {
		text := p.Content.Text()
		if p.Agent == was && !strings.Contains(text, "No longer: Late, Fri 11 Dec") || p.Agent == "sean" && !strings.Contains(text, "New: Late, Fri 11 Dec 12:00-20:00") {
			t.Errorf("%s is told:\n%s", p.Agent, text)
		}
	}
	// Past shifts are nobody's news.
	past := notifytest.Reassign(s, "late@2026-12-07", "sean")
	up, err = notify.Publish(past, &old, notifytest.Roster(past), nil)
	if err != nil || len(of(up.Enqueue, notify.Changed, "")) != 0 {
		t.Errorf("the past was told: %v", err)
	}
}

func TestASecondPublishReplacesWhatWaits(t *testing.T) {
	s := notifytest.Harbor(at("2026-12-08T08:00:00Z"), 7)
	v1 := notifytest.Roster(s)
	slot := schedule.SlotID("late@2026-12-11")
	s2 := notifytest.Reassign(s, slot, "sean")
	v2 := notifytest.Roster(s2)
	up, err := notify.Publish(s2, &v1, v2, nil)
	if err != nil {
		t.Fatal(err)
	}
	waiting := rows(up.Messages())
	s3 := notifytest.Reassign(s2, slot, "kenji")
	up, err = notify.Publish(s3, &v2, notifytest.Roster(s3), waiting)
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, p := range of(up.Enqueue, notify.Changed, "") {
		told = append(told, fmt.Sprint(p.Agent, ": ", p.Content.Text()))
	}
	slices.Sort(told)
	// Sean never knew that he had it; the first agent still has to hear that it is gone.
	if len(told) != 2 || !strings.HasPrefix(told[0], "kenji") || !strings.HasPrefix(told[1], string(v1.On(slot)[0])) {
		t.Errorf("told: %q", told)
	}
	withdrawn := up.Withdrawn()
	for _, m := range waiting {
		stale := m.Kind == notify.Changed || m.Kind == notify.Reminder && m.Agent == "sean" && m.Slot == slot
		if slices.Contains(withdrawn, m.ID) != stale {
			t.Errorf("%s %s of %s: withdrawn %v", m.Kind, m.Step, m.Agent, !stale)
		}
	}
}

// rows makes an outbox's rows of messages, all pending.
func rows(list []schedule.Message) []schedule.Message {
	out := slices.Clone(list)
	for i := range out {
		out[i].ID, out[i].State = schedule.MessageID(i+1), schedule.MessagePending
	}
	return out
}

func TestSyncAppliedLeavesNothingToDo(t *testing.T) {
	s := notifytest.Harbor(at("2026-12-07T08:00:00Z"), 7)
	up, err := notify.Sync(s, nil, s.To)
	if err != nil || len(up.Enqueue) < 60 {
		t.Fatalf("%d messages, %v", len(up.Enqueue), err)
	}
	keys := map[schedule.MessageKey]bool{}
	for _, m := range up.Messages() {
		if keys[m.MessageKey] {
			t.Errorf("key twice: %+v", m.MessageKey)
		}
		keys[m.MessageKey] = true
	}
	have := rows(up.Messages())
	again, err := notify.Sync(s, have, s.To)
	if err != nil || len(again.Enqueue)+len(again.Withdraw) != 0 {
		t.Errorf("not at rest: +%d -%d, %v", len(again.Enqueue), len(again.Withdraw), err)
	}
	// Taken away, and given back: the reminder comes back under a key of its own.
	slot := schedule.SlotID("late@2026-12-11")
	agent := notifytest.Roster(s).On(slot)[0]
	gone, err := notify.Sync(notifytest.Reassign(s, slot, "sean"), have, s.To)
	if err != nil {
		t.Fatal(err)
	}
	for i := range have {
		if slices.Contains(gone.Withdrawn(), have[i].ID) {
			have[i].State = schedule.MessageWithdrawn
		}
	}
	back, err := notify.Sync(s, have, s.To)
	if err != nil {
		t.Fatal(err)
	}
	reminders := of(back.Enqueue, notify.Reminder, slot)
	if len(reminders) != 2 || reminders[0].Agent != agent || !strings.HasSuffix(reminders[0].Step, "#2") {
		t.Errorf("given back: %+v", reminders)
	}
	have = append(have, back.Messages()...)
	for i := range have {
		have[i].ID = schedule.MessageID(i + 1)
		if have[i].State == "" {
			have[i].State = schedule.MessagePending
		}
	}
	if rest, _ := notify.Sync(s, have, s.To); len(rest.Enqueue)+len(rest.Withdraw) != 0 {
		t.Errorf("not at rest after coming back: %+v", rest)
	}
}

func TestNothingIsTakenBackBeyondWhatIsKnown(t *testing.T) {
	s := notifytest.Harbor(at("2026-12-07T08:00:00Z"), 14)
	up, err := notify.Sync(s, nil, s.To)
	if err != nil {
		t.Fatal(err)
	}
	short := notifytest.Harbor(s.Now, 3)
	again, err := notify.Sync(short, rows(up.Messages()), short.To)
	if err != nil || len(again.Enqueue)+len(again.Withdraw) != 0 {
		t.Errorf("+%d -%d, %v", len(again.Enqueue), len(again.Withdraw), err)
	}
}

func TestMuteEndsTheRemindersOfADay(t *testing.T) {
	s := notifytest.Harbor(at("2026-12-09T08:00:00Z"), 7)
	s.Mutes = []notify.Mute{{Agent: "pablo", Until: at("2026-12-09T23:00:00Z")}}
	for _, p := range of(plan(t, s), notify.Reminder, "") {
		if p.Agent == "pablo" && p.Due.Before(at("2026-12-09T23:00:00Z")) {
			t.Errorf("%s is due %s", p.Step, p.Due)
		}
	}
}

func TestOffersGoOutInWaves(t *testing.T) {
	s := notifytest.Harbor(at("2026-12-09T08:00:00Z"), 7)
	s = notifytest.Reassign(s, "late@2026-12-11")
	s.Team.Messages.OfferWave = 2
	o := notify.Offer{ID: "o1", Slot: "late@2026-12-11", Asked: []schedule.AgentID{"pablo", "maya", "sean"}, Opened: at("2026-12-09T15:00:00Z"), Expires: at("2026-12-10T15:00:00Z")}
	s.Offers = []notify.Offer{o}
	list := of(plan(t, s), notify.Offered, "")
	if len(list) != 3 || list[2].Agent != "sean" || !list[2].Due.Equal(o.Opened.Add(20*time.Minute)) || !list[1].Due.Equal(o.Opened) {
		t.Fatalf("offers: %+v", list)
	}
	s.Offers[0].ClaimedBy = "maya"
	s.Now = at("2026-12-09T15:30:00Z")
	v, err := notify.Judge(s, list[2].Message)
	if err != nil || v.State != schedule.MessageWithdrawn || !strings.Contains(v.Why, "Maya Brooks has taken it") {
		t.Errorf("verdict %+v, %v", v, err)
	}
	c, ok, err := notify.Recompose(s, list[0].Message)
	if err != nil || !ok || !strings.Contains(c.Text(), "no longer open") || len(c.Buttons) != 0 {
		t.Errorf("recomposed %v %v:\n%s", ok, err, c.Text())
	}
}

func TestPeopleWithoutSlackAreReported(t *testing.T) {
	s := notifytest.Harbor(at("2026-12-07T00:00:00Z"), 7)
	s.Agents[1].Slack = ""
	out, err := notify.Plan(s, s.To)
	if err != nil {
		t.Fatal(err)
	}
	if len(out.Silences) != 1 || out.Silences[0].Agent != "pablo" || out.Silences[0].Count < 2 {
		t.Errorf("silences: %+v", out.Silences)
	}
}

func TestPermutedInputGivesTheSamePlan(t *testing.T) {
	s := notifytest.Harbor(at("2026-12-07T00:00:00Z"), 7)
	a := plan(t, s)
	slices.Reverse(s.Slots)
	slices.Reverse(s.Assignments)
	slices.Reverse(s.Agents)
	b := plan(t, s)
	if len(a) != len(b) {
		t.Fatalf("%d and %d messages", len(a), len(b))
	}
	for i := range a {
		if a[i].MessageKey != b[i].MessageKey || a[i].Content.Text() != b[i].Content.Text() {
			t.Fatalf("message %d differs:\n%s\n%s", i, a[i].Content.Text(), b[i].Content.Text())
		}
	}
}
