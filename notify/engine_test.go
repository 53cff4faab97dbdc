package notify_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"rota/notify"
	"rota/notify/notifytest"
	"rota/schedule"
)

// wire is a service that does as it is told.
type wire struct {
	mu     sync.Mutex
	posted map[string]int
	texts  []string
	edits  []string
	// answer decides about each message; nil takes all.
	answer func(to string) error
	// lost are the marks of messages that were taken although the answer says otherwise.
	lost bool
	// finding is what looking up comes to.
	finding error
	// refuse is what an edit comes to.
	refuse error
}

func newWire() *wire { return &wire{posted: map[string]int{}} }

func (w *wire) Post(_ context.Context, to string, m notify.Outgoing) (notify.Receipt, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	var err error
	if w.answer != nil {
		err = w.answer(to)
	}
	if err == nil || w.lost {
		w.posted[m.Mark]++
		w.texts = append(w.texts, to+": "+m.Text())
	}
	return notify.Receipt{Conversation: "C", Stamp: m.Mark}, err
}

func (w *wire) Find(_ context.Context, _, mark string, _ time.Time) (notify.Receipt, bool, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return notify.Receipt{Conversation: "C", Stamp: mark}, w.posted[mark] > 0, w.finding
}

func (w *wire) Update(_ context.Context, _ notify.Receipt, m notify.Outgoing) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.refuse != nil {
		return w.refuse
	}
	w.edits = append(w.edits, m.Text())
	return nil
}

func (w *wire) Group(context.Context, string) ([]string, error)  { return nil, nil }
func (w *wire) SetGroup(context.Context, string, []string) error { return nil }
func (w *wire) said(part string) (n int)                         { return countContaining(w.texts, part) }
func countContaining(list []string, part string) (n int) {
	for _, s := range list {
		if strings.Contains(s, part) {
			n++
		}
	}
	return n
}

type rig struct {
	t      *testing.T
	clock  *notifytest.Clock
	source *notifytest.Source
	outbox *notifytest.Outbox
	wire   *wire
	engine *notify.Engine
}

func newRig(t *testing.T, now string, days int) *rig {
	r := &rig{t: t, clock: notifytest.NewClock(at(now)), source: notifytest.NewSource(notifytest.Harbor(at(now), days)), outbox: notifytest.NewOutbox(), wire: newWire()}
	r.engine = r.another("first")
	return r
}

func (r *rig) another(owner string) *notify.Engine {
	return &notify.Engine{Outbox: r.outbox, Source: r.source, Messenger: r.wire, Clock: r.clock, Owner: owner}
}

func (r *rig) run() notify.Summary {
	r.t.Helper()
	sum, err := r.engine.Run(context.Background())
	if err != nil {
		r.t.Fatal(err)
	}
	return sum
}

// pass lets time go by, a run every step.
func (r *rig) pass(d, step time.Duration) {
	r.t.Helper()
	for end := r.clock.Now().Add(d); r.clock.Now().Before(end); r.clock.Advance(step) {
		r.run()
	}
}

func (r *rig) states() map[schedule.MessageState]int {
	n := map[schedule.MessageState]int{}
	for _, m := range r.outbox.All() {
		n[m.State]++
	}
	return n
}

func TestADayOfMessages(t *testing.T) {
	r := newRig(t, "2026-12-09T00:00:00Z", 7)
	r.pass(24*time.Hour, time.Minute)
	for _, m := range r.outbox.All() {
		if m.State == schedule.MessageSent && (m.ChangedAt.Before(notify.DueOf(m)) || m.ChangedAt.Sub(notify.DueOf(m)) > time.Minute && !notify.DueOf(m).Before(at("2026-12-09T00:00:00Z"))) {
			t.Errorf("%s %s sent at %s, due %s", m.Kind, m.Step, m.ChangedAt, notify.DueOf(m))
		}
	}
	if r.wire.said("C0SUPPORT: Handoff") != 3 || r.wire.said("who is on") != 1 || r.wire.said("starts in 30 minutes") < 2 {
		t.Errorf("said:\n%s", strings.Join(r.wire.texts, "\n\n"))
	}
	// Nobody took over, so the manager heard of each.
	if n := r.wire.said("U0HARBOR01: Nobody took over"); n != 3 {
		t.Errorf("%d escalations", n)
	}
}

func TestALaptopThatSleptForADay(t *testing.T) {
	r := newRig(t, "2026-12-09T00:00:00Z", 10)
	r.pass(time.Hour, time.Minute)
	before := len(r.wire.texts)
	r.clock.Advance(26 * time.Hour)
	woke := r.clock.Now()
	r.run()
	r.run()
	for _, text := range r.wire.texts[before:] {
		if strings.Contains(text, "Handoff") || strings.Contains(text, "starts now") || strings.Contains(text, "Nobody took over") {
			t.Errorf("stale:\n%s", text)
		}
	}
	if r.wire.said("not sent") != 1 || !strings.Contains(r.wire.texts[len(r.wire.texts)-1], "handoff to C0SUPPORT") {
		t.Fatalf("the manager was told:\n%s", r.wire.texts[len(r.wire.texts)-1])
	}
	for _, m := range r.outbox.All() {
		if m.State == schedule.MessageSent && m.ChangedAt.Equal(woke) && !m.Expires.IsZero() && !woke.Before(m.Expires) {
			t.Errorf("%s was sent after %s", m.Step, m.Expires)
		}
	}
	// It is told once.
	r.pass(3*time.Hour, 10*time.Minute)
	if n := r.wire.said("not sent"); n != 1 {
		t.Errorf("told %d times", n)
	}
}

func TestAClockThatJumpsBackSaysNothingTwice(t *testing.T) {
	r := newRig(t, "2026-12-09T00:00:00Z", 7)
	r.pass(13*time.Hour, 5*time.Minute)
	n := len(r.wire.texts)
	r.clock.Advance(-6 * time.Hour)
	r.pass(6*time.Hour, 5*time.Minute)
	if len(r.wire.texts) != n {
		t.Errorf("said again:\n%s", strings.Join(r.wire.texts[n:], "\n"))
	}
	for mark, times := range r.wire.posted {
		if times != 1 {
			t.Errorf("%s %d times", mark, times)
		}
	}
}

func TestAnUnknownMessageIsLookedUpFirst(t *testing.T) {
	for _, taken := range []bool{true, false} {
		r := newRig(t, "2026-12-09T11:29:00Z", 7)
		r.run()
		r.wire.lost, r.wire.answer = taken, func(string) error { return errors.New("connection reset") }
		r.clock.Advance(time.Minute)
		if sum := r.run(); sum.Unknown == 0 {
			t.Fatalf("%+v", sum)
		}
		r.wire.answer = nil
		unknown := r.states()[schedule.MessageUnknown]
		r.clock.Advance(30 * time.Second)
		if sum := r.run(); sum.Reconciled != 0 {
			t.Errorf("looked up before the call can have ended: %+v", sum)
		}
		r.clock.Advance(40 * time.Second)
		if sum := r.run(); sum.Reconciled != unknown {
			t.Errorf("%+v, want %d", sum, unknown)
		}
		r.pass(2*time.Minute, 10*time.Second)
		for mark, n := range r.wire.posted {
			if n != 1 {
				t.Errorf("taken %v: %s %d times", taken, mark, n)
			}
		}
		if s := r.states(); s[schedule.MessageUnknown] != 0 {
			t.Errorf("taken %v: %v", taken, s)
		}
	}
}

func TestWhatCannotBeLookedUpIsNotSentAgainButReported(t *testing.T) {
	r := newRig(t, "2026-12-09T11:29:00Z", 7)
	r.run()
	r.wire.answer, r.wire.finding = func(string) error { return errors.New("reset") }, &notify.Refusal{Method: "history", Code: "missing_scope"}
	r.clock.Advance(time.Minute)
	r.run()
	r.wire.answer = nil
	n := r.states()[schedule.MessageUnknown]
	r.pass(100*time.Minute, time.Minute)
	s := r.states()
	if n == 0 || s[schedule.MessageUnknown] != 0 || s[schedule.MessageDead] != n || r.wire.said("not sent") != 1 || r.wire.said("not known whether it arrived") != 1 {
		t.Errorf("%d unknown, then %v:\n%s", n, s, strings.Join(r.wire.texts, "\n"))
	}
}

func TestRefusals(t *testing.T) {
	r := newRig(t, "2026-12-09T11:29:00Z", 7)
	r.run()
	r.wire.answer = func(to string) error {
		switch {
		case strings.HasPrefix(to, "C0"):
			return &notify.Refusal{Method: "post", Code: "is_archived", Permanent: true}
		case to == "U0HARBOR02":
			return &notify.Refusal{Method: "post", Code: "ratelimited", Limited: true, RetryAfter: 20 * time.Second}
		}
		return nil
	}
	r.clock.Advance(time.Minute)
	if sum := r.run(); sum.Retried != 1 {
		t.Errorf("%+v", sum)
	}
	r.wire.answer = nil
	due := r.clock.Now().Add(20 * time.Second)
	r.pass(time.Minute, 5*time.Second)
	for _, m := range r.outbox.All() {
		if m.State == schedule.MessageSent && m.Agent == "pablo" && m.Kind == notify.Reminder && m.ChangedAt.Before(due) {
			t.Errorf("sent at %s, not before %s", m.ChangedAt, due)
		}
	}
}

func TestAttemptsAreBounded(t *testing.T) {
	r := newRig(t, "2026-12-09T11:29:00Z", 7)
	r.engine.Attempts = 4
	tries := 0
	r.wire.answer = func(to string) error {
		if to == "U0HARBOR02" {
			tries++
			return &notify.Refusal{Method: "post", Code: "service_unavailable"}
		}
		return nil
	}
	r.pass(20*time.Minute, 5*time.Second)
	if tries != 4 {
		t.Errorf("%d attempts", tries)
	}
	if r.wire.said("given up after 4 attempts") != 1 {
		t.Errorf("nobody was told:\n%s", strings.Join(r.wire.texts, "\n"))
	}
}

func TestARefusedTokenLosesNothing(t *testing.T) {
	r := newRig(t, "2026-12-09T11:30:00Z", 7)
	r.wire.answer = func(string) error { return &notify.Refusal{Method: "post", Code: "token_revoked", Token: true} }
	if _, err := r.engine.Run(context.Background()); !errors.Is(err, notify.ErrToken) {
		t.Fatal(err)
	}
	s := r.states()
	if s[schedule.MessageSending]+s[schedule.MessageDead]+s[schedule.MessageUnknown] != 0 {
		t.Errorf("%v", s)
	}
	r.wire.answer = nil
	if sum := r.run(); sum.Sent == 0 {
		t.Errorf("%+v", sum)
	}
}

func TestAStopGivesBackWhatWasNotBegun(t *testing.T) {
	r := newRig(t, "2026-12-09T08:00:00Z", 7)
	r.run()
	r.clock.Advance(4 * time.Hour)
	ctx, stop := context.WithCancel(context.Background())
	r.wire.answer = func(string) error { stop(); return nil }
	if _, err := r.engine.Run(ctx); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if s := r.states(); s[schedule.MessageSending] != 0 || s[schedule.MessageUnknown] != 0 {
		t.Errorf("%v", s)
	}
}

func TestEnginesShareTheWork(t *testing.T) {
	r := newRig(t, "2026-12-09T00:00:00Z", 7)
	r.run()
	r.clock.Advance(30 * time.Hour)
	var wg sync.WaitGroup
	for i := range 6 {
		wg.Go(func() {
			e := r.another(fmt.Sprint("engine ", i))
			for range 3 {
				if _, err := e.Run(context.Background()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	for mark, n := range r.wire.posted {
		if n != 1 {
			t.Errorf("%s %d times", mark, n)
		}
	}
	if len(r.wire.posted) == 0 {
		t.Error("nothing was sent")
	}
	keys := map[schedule.MessageKey]bool{}
	for _, m := range r.outbox.All() {
		if m.Kind == notify.Missed && keys[m.MessageKey] {
			t.Errorf("reported twice: %+v", m.MessageKey)
		}
		keys[m.MessageKey] = true
	}
}

func TestWatchEndsWithItsContext(t *testing.T) {
	r := newRig(t, "2026-12-09T00:00:00Z", 7)
	ctx, stop := context.WithCancel(context.Background())
	runs := 0
	err := r.engine.Watch(ctx, func(notify.Summary) {
		if runs++; runs == 3 {
			stop()
		}
	}, func(err error) { t.Error(err) })
	if err != nil || runs != 3 {
		t.Errorf("%d runs, %v", runs, err)
	}
}

func TestALateHandoffPostponesTheEscalation(t *testing.T) {
	r := newRig(t, "2026-12-09T11:55:00Z", 7)
	r.run()
	r.wire.answer = func(to string) error {
		if to == "C0SUPPORT" {
			return &notify.Refusal{Method: "post", Code: "service_unavailable"}
		}
		return nil
	}
	r.pass(14*time.Minute, 20*time.Second) // until 12:09
	r.wire.answer = nil
	if r.wire.said("Nobody took over") != 0 {
		t.Error("escalated before anybody was asked")
	}
	r.pass(20*time.Minute, 20*time.Second)
	var asked, told time.Time
	for _, m := range r.outbox.All() {
		switch {
		case m.State != schedule.MessageSent:
		case m.Kind == notify.Handoff && notify.About(m).Equal(at("2026-12-09T12:00:00Z")):
			asked = m.ChangedAt
		case m.Kind == notify.Escalation && m.Slot == "late@2026-12-09":
			told = m.ChangedAt
		}
	}
	if asked.IsZero() || told.Sub(asked) < 5*time.Minute {
		t.Errorf("asked %s, told %s", asked, told)
	}
}

func TestUnreadableFactsSendNothing(t *testing.T) {
	r := newRig(t, "2026-12-09T11:29:00Z", 7)
	r.run()
	r.clock.Advance(time.Minute)
	n := len(r.wire.texts)
	r.source.Err = func() error { return errors.New("the database is locked") }
	if _, err := r.engine.Run(context.Background()); err == nil {
		t.Error("no error")
	}
	if len(r.wire.texts) != n || r.states()[schedule.MessageSending] != 0 {
		t.Errorf("sent %d, %v", len(r.wire.texts)-n, r.states())
	}
	r.source.Err = nil
	r.clock.Advance(time.Minute)
	if sum := r.run(); sum.Sent == 0 {
		t.Errorf("%+v", sum)
	}
}

func TestDueIsWhatARunWouldSend(t *testing.T) {
	for _, hours := range []int{0, 26} {
		r := newRig(t, "2026-12-09T11:30:00Z", 7)
		r.run()
		r.clock.Advance(time.Duration(hours)*time.Hour + 30*time.Minute)
		s := *r.source.Get()
		s.Now = r.clock.Now()
		due, err := notify.Due(&s, r.outbox.All())
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		for _, p := range due {
			if p.Content.Title != "" {
				want = append(want, p.Recipient+": "+p.Content.Text())
			}
		}
		before := len(r.wire.texts)
		if r.run(); len(want) == 0 {
			t.Error("nothing is due")
		}
		got := slices.Clone(r.wire.texts[before:])
		slices.Sort(want)
		if slices.Sort(got); !slices.Equal(got, want) {
			t.Errorf("sent\n%s\nforetold\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}

func TestRefreshShowsWhoTookOver(t *testing.T) {
	r := newRig(t, "2026-12-09T12:00:00Z", 7)
	r.run()
	s := *r.source.Get()
	s.Takeovers = []schedule.Takeover{{Team: "harbor", Slot: "late@2026-12-09", Agent: "pablo", At: at("2026-12-09T12:01:00Z")}}
	r.source.Set(&s)
	n, err := r.engine.Refresh(context.Background(), "harbor", at("2026-12-09T00:00:00Z"), at("2026-12-10T00:00:00Z"), func(m schedule.Message) bool { return m.Kind == notify.Handoff })
	if err != nil || n != 1 || !strings.Contains(r.wire.edits[0], "Taken over by Pablo Ruiz") || strings.Contains(r.wire.edits[0], "[I have it]") {
		t.Errorf("%d, %v, %q", n, err, r.wire.edits)
	}
}

// office is an Office over a situation.
type office struct {
	*notifytest.Source
	takeover []schedule.Takeover
	mutes    []notify.Mute
	notes    []schedule.HandoffNote
	offers   []notify.Offer
	claims   []schedule.AgentID
	said     []schedule.Message
}

func (o *office) Takeover(_ context.Context, t schedule.Takeover) error {
	o.takeover = append(o.takeover, t)
	return nil
}

func (o *office) Mute(_ context.Context, _ schedule.TeamID, m notify.Mute) error {
	o.mutes = append(o.mutes, m)
	return nil
}

func (o *office) Note(_ context.Context, n schedule.HandoffNote) error {
	o.notes = append(o.notes, n)
	return nil
}

func (o *office) Candidates(_ context.Context, _ schedule.TeamID, _ schedule.SlotID, instead schedule.AgentID) ([]schedule.AgentID, error) {
	return slices.DeleteFunc([]schedule.AgentID{"pablo", "maya", "sean"}, func(a schedule.AgentID) bool { return a == instead }), nil
}

func (o *office) Offer(_ context.Context, _ schedule.TeamID, x notify.Offer, _ string) error {
	o.offers = append(o.offers, x)
	s := *o.Get()
	s.Offers = append(slices.Clone(s.Offers), x)
	o.Set(&s)
	return nil
}

func (o *office) Claim(_ context.Context, _ schedule.TeamID, _ string, agent schedule.AgentID, _ time.Time) error {
	if len(o.claims) > 0 {
		return &notify.Declined{Why: "Somebody was faster."}
	}
	o.claims = append(o.claims, agent)
	return nil
}

func (o *office) Enqueue(_ context.Context, _ time.Time, list ...schedule.Message) (int, error) {
	o.said = append(o.said, list...)
	return len(list), nil
}

func TestDesk(t *testing.T) {
	now := at("2026-12-09T12:02:00Z")
	o := &office{Source: notifytest.NewSource(notifytest.Harbor(now, 10))}
	d := &notify.Desk{Office: o}
	const ani, pablo, maya, nobody = "U0HARBOR01", "U0HARBOR02", "U0HARBOR03", "U0NOBODY"
	act := func(user string, a notify.Action, words string) string {
		text, err := d.Act(context.Background(), user, a, strings.Fields(words), now)
		var no *notify.Declined
		if errors.As(err, &no) {
			return "no: " + no.Why
		}
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	say := func(user, text string) string {
		answer, err := d.Command(context.Background(), user, text, now)
		var no *notify.Declined
		if errors.As(err, &no) {
			return "no: " + no.Why
		}
		if err != nil {
			t.Fatal(err)
		}
		return answer
	}
	for _, x := range []struct{ got, want string }{
		{act(pablo, notify.TakeOver, "harbor late@2026-12-09"), "You have Late"},
		{act(maya, notify.TakeOver, "harbor late@2026-12-09"), "no: You are not on"},
		{act(nobody, notify.TakeOver, "harbor late@2026-12-09"), "no: You are not an agent"},
		{act(pablo, notify.TakeOver, "harbor late@2026-12-11"), "no: Late starts in 2 days"},
		{act(pablo, notify.TakeOver, "harbor late@2026-12-07"), "no: Late is over"},
		{act(pablo, notify.TakeOver, "harbor"), "no: You are not on"},
		{act(pablo, "bogus", "harbor x"), "no: This button"},
		{act(pablo, notify.CannotMakeIt, "harbor late@2026-12-11"), "Ani Petrosyan is being told that you cannot make Late, Fri 11 Dec 13:00-21:00"},
		{act(maya, notify.CannotMakeIt, "harbor late@2026-12-11"), "no: You are not on"},
		{act(pablo, notify.OfferSlot, "harbor late@2026-12-11 pablo"), "no: Only the manager"},
		{act(ani, notify.OfferSlot, "harbor late@2026-12-11 pablo"), "Late is on offer to 2 agents"},
		{act(pablo, notify.TakeOffer, "harbor late@2026-12-11/pablo"), "no: This offer is not for you"},
		{act(maya, notify.TakeOffer, "harbor late@2026-12-11/pablo"), "Late, Fri 11 Dec 07:00-15:00, is yours"},
		{act("U0HARBOR05", notify.TakeOffer, "harbor late@2026-12-11/pablo"), "no: Somebody was faster"},
		{act(maya, notify.TakeOffer, "harbor nothing"), "no: That offer is gone"},
		{act(pablo, notify.MuteToday, "harbor"), "No more reminders until Thu 10 Dec 00:00"},
		{say(pablo, "off"), "No more reminders until Thu 10 Dec 00:00"},
		{say(pablo, "now"), "Late, Wed 9 Dec 13:00-21:00 (team: Wed 9 Dec 16:00-00:00 Asia/Yerevan): Pablo Ruiz"},
		{say(pablo, "Next"), "Night, Wed 9 Dec 21:00-05:00"},
		{say(pablo, "mine"), "Late, Fri 11 Dec"},
		{say(pablo, "note mail & <queue>"), "Kept for the handoff at 21:00"},
		{say(maya, "note x"), "no: You are not on now"},
		{say(pablo, "note"), "no: Write the note"},
		{say(nobody, "now"), "no: You are in no team"},
		{say(pablo, "bogus"), "now: who is on"},
		{say("", "now"), "no: You are in no team"},
	} {
		if !strings.Contains(x.got, x.want) {
			t.Errorf("%q, want %q", x.got, x.want)
		}
	}
	if len(o.takeover) != 1 || len(o.mutes) != 2 || len(o.notes) != 1 || len(o.offers) != 1 || len(o.said) != 1 || o.said[0].Kind != notify.Absence {
		t.Errorf("%+v", o)
	}
}
