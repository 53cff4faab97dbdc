package notify_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"rota/notify"
	"rota/notify/notifytest"
	"rota/schedule"
)

// offered is a rig in which two agents were asked for a slot.
func offered(t *testing.T) *rig {
	t.Helper()
	r := newRig(t, "2026-12-09T08:00:00Z", 7)
	s := notifytest.Reassign(r.source.Get(), "late@2026-12-11")
	s.Offers = []notify.Offer{{ID: "o1", Slot: "late@2026-12-11", Asked: []schedule.AgentID{"pablo", "sean"}, Opened: at("2026-12-09T08:00:00Z"), Expires: at("2026-12-09T20:00:00Z")}}
	r.source.Set(s)
	r.pass(30*time.Minute, 5*time.Minute)
	if n := r.wire.said("Would you take Late?"); n != 2 {
		t.Fatalf("%d were asked", n)
	}
	return r
}

func TestAnOfferThatIsOverInvitesNobody(t *testing.T) {
	for name, end := range map[string]func(r *rig, o *notify.Offer){
		"The offer has ended.":       func(r *rig, _ *notify.Offer) { r.clock.Advance(12 * time.Hour) },
		"The offer was withdrawn.":   func(_ *rig, o *notify.Offer) { o.Withdrawn = true },
		"Seán O'Brien has taken it.": func(_ *rig, o *notify.Offer) { o.ClaimedBy = "sean" },
		"It is yours. Thank you!":    func(_ *rig, o *notify.Offer) { o.ClaimedBy = "sean" },
	} {
		r := offered(t)
		s := *r.source.Get()
		s.Offers = slices.Clone(s.Offers)
		end(r, &s.Offers[0])
		r.source.Set(&s)
		r.wire.refuse = errors.New("no answer")
		if sum := r.run(); sum.Edited != 0 {
			t.Errorf("%s: %d edited without an answer", name, sum.Edited)
		}
		r.wire.refuse = nil
		r.clock.Advance(5 * time.Second)
		before := len(r.wire.edits)
		if sum := r.run(); sum.Edited != 2 {
			t.Errorf("%s: %d edited", name, sum.Edited)
		}
		if countContaining(r.wire.edits, name) == 0 || countContaining(r.wire.edits, "I take it") > 0 {
			t.Errorf("%s: the messages read %q", name, r.wire.edits)
		}
		if r.pass(2*time.Hour, 10*time.Minute); len(r.wire.edits) != before+2 {
			t.Errorf("%s: edited again", name)
		}
	}
}

func TestAnOfferThatWasOpenForWeeksEndsToo(t *testing.T) {
	r := newRig(t, "2026-12-07T08:00:00Z", 30)
	s := notifytest.Reassign(r.source.Get(), "late@2026-12-30")
	s.Offers = []notify.Offer{{ID: "o1", Slot: "late@2026-12-30", Asked: []schedule.AgentID{"pablo"}, Opened: at("2026-12-07T08:00:00Z"), Expires: at("2026-12-28T08:00:00Z")}}
	r.source.Set(s)
	r.engine.Ahead = 24 * 24 * time.Hour
	r.run()
	if r.wire.said("Would you take Late?") != 1 {
		t.Fatal("nobody was asked")
	}
	r.clock.Advance(21*24*time.Hour + time.Minute)
	if sum := r.run(); sum.Edited != 1 {
		t.Errorf("%d edited", sum.Edited)
	}
}

func TestWhatEndedLongAgoIsForgotten(t *testing.T) {
	r := newRig(t, "2026-12-07T03:00:00Z", 2)
	r.pass(50*time.Hour, 5*time.Minute)
	sent := len(r.outbox.All())
	if sent == 0 {
		t.Fatal("nothing was said")
	}
	r.clock.Advance(80 * 24 * time.Hour)
	if sum := r.run(); sum.Forgotten > 0 {
		t.Errorf("%d forgotten too early", sum.Forgotten)
	}
	r.clock.Advance(12 * 24 * time.Hour)
	if sum := r.run(); sum.Forgotten == 0 || len(r.outbox.All()) > sent/10+2 {
		t.Errorf("%d forgotten, %d of %d left", sum.Forgotten, len(r.outbox.All()), sent)
	}
	said := len(r.wire.texts)
	if r.pass(2*24*time.Hour, 6*time.Hour); len(r.wire.texts) > said+1 {
		t.Error("what was forgotten was said again")
	}
}

func TestATeamChoosesWhatItIsTold(t *testing.T) {
	s := notifytest.Harbor(at("2026-12-07T00:00:00Z"), 7)
	s = notifytest.Reassign(s, "late@2026-12-11")
	s.Team.Messages = schedule.MessageSettings{Skip: []schedule.MessageKind{notify.Reminder}, DigestAt: 9*60 + 30, GapWithin: schedule.Hours(10),
		EscalateAfter: 12, OfferWave: 1, OfferEvery: 60}
	s.Offers = []notify.Offer{{ID: "o", Slot: "late@2026-12-11", Asked: []schedule.AgentID{"pablo", "sean"}, Opened: at("2026-12-09T08:00:00Z"), Expires: at("2026-12-10T15:00:00Z")}}
	list := plan(t, s)
	if len(of(list, notify.Reminder, "")) > 0 {
		t.Error("somebody is reminded")
	}
	for _, m := range of(list, notify.Digest, "") {
		if !strings.HasSuffix(m.Due.Format(time.RFC3339), "T05:30:00Z") {
			t.Errorf("a digest at %s", m.Due)
		}
	}
	for _, m := range of(list, notify.Gap, "") {
		if about := notify.About(m.Message); about.Sub(m.Due) > 10*time.Hour {
			t.Errorf("a gap at %s is told at %s", about, m.Due)
		}
	}
	for _, m := range of(list, notify.Escalation, "") {
		if m.Due.Sub(notify.About(m.Message)) != 12*time.Minute {
			t.Errorf("escalated at %s", m.Due)
		}
	}
	if asked := of(list, notify.Offered, ""); len(asked) != 2 || asked[1].Due.Sub(asked[0].Due) != time.Hour {
		t.Errorf("asked: %+v", asked)
	}
}

func TestFinishedIsWhatARunWouldEdit(t *testing.T) {
	r := offered(t)
	s := *r.source.Get()
	s.Offers = slices.Clone(s.Offers)
	s.Offers[0].Withdrawn = true
	r.source.Set(&s)
	list, err := r.engine.Finished(context.Background(), "harbor")
	if err != nil || len(list) != 2 || !strings.Contains(list[0].Content.Text(), "withdrawn") {
		t.Errorf("%v: %+v", err, list)
	}
	r.run()
	if list, err = r.engine.Finished(context.Background(), "harbor"); err != nil || len(list) > 0 {
		t.Errorf("afterwards %v: %+v", err, list)
	}
}
