package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"rota/notify"
	"rota/notify/slack"
	"rota/notify/slack/slacktest"
	"rota/schedule"
	"rota/schedule/sqlite"
)

// desk is the small team with a published roster, and a Slack of its own.
type desk struct {
	harness
	t     *testing.T
	slack *slacktest.Server
	now   atomic.Int64
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{t: t, slack: slacktest.New("U0DESK01", "U0DESK02", "U0DESK03", "U0DESK04")}
	d.slack.Now, d.slack.Unlimited = func() time.Time { return time.Unix(d.now.Load(), 0).UTC() }, true
	d.slack.AddChannel(slacktest.Channel{ID: "C0DESK", Name: "desk", Member: true})
	d.slack.AddGroup(slacktest.Group{ID: "S0DESK", Handle: "desk-now"})
	web := httptest.NewServer(d.slack)
	t.Cleanup(web.Close)
	d.env = map[string]string{"ROTA_DB": filepath.Join(t.TempDir(), "rota.db"), "ROTA_USER": "mona", addressVariable: web.URL + "/api/",
		slack.BotVariable: slacktest.BotToken, slack.SigningVariable: slacktest.SigningSecret}
	d.at("2026-11-30T09:00:00Z")
	text, err := os.ReadFile(filepath.Join("..", "..", "testdata", "script", "desk.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	team := filepath.Join(t.TempDir(), "desk.yaml")
	changed := strings.Replace(string(text), `slack: {channel: "#desk"}`, "manager: bo\nslack:\n  channel: \"#desk\"\n  groups:\n    - {group: \"@desk-now\"}", 1)
	changed = strings.Replace(changed, "id: sean,", "id: sean, slack: U0DESK04,", 1)
	if err := os.WriteFile(team, []byte(changed), 0o600); err != nil {
		t.Fatal(err)
	}
	d.must("init")
	d.must("apply", "-f", team)
	// What follows wants two people on the late slot of Thursday.
	for _, agent := range []string{"ann", "kenji"} {
		d.must("availability", "add", agent, "prefer", "--date", "2026-12-10", "--shifts", "late", "--weight", "900")
	}
	d.must("solve", "--from", "2026-12-07", "--weeks", "1", "--work-limit", "200000")
	d.must("publish")
	return d
}

func (d *desk) at(instant string) {
	d.t.Helper()
	t, err := time.Parse(time.RFC3339, instant)
	if err != nil {
		d.t.Fatal(err)
	}
	d.now.Store(t.Unix())
	d.env["ROTA_NOW"] = instant
}

// must runs a command that is to succeed, and gives what it printed.
func (d *desk) must(args ...string) string {
	d.t.Helper()
	d.out.Reset()
	d.err.Reset()
	if code := d.run(d.t.Context(), args...); code != exitOK {
		d.t.Fatalf("rota %s exits %d: %s%s", strings.Join(args, " "), code, &d.out, &d.err)
	}
	return d.out.String()
}

// roster is who is on which slot by what is published.
func (d *desk) roster() schedule.Roster {
	d.t.Helper()
	s, err := sqlite.Open(d.t.Context(), d.env["ROTA_DB"], sqlite.Options{})
	if err != nil {
		d.t.Fatal(err)
	}
	defer s.Close()
	r, err := s.InForce(d.t.Context(), "desk", schedule.MustDate("2026-12-07"), schedule.MustDate("2026-12-13"))
	if err != nil || r == nil {
		d.t.Fatal(r, err)
	}
	return *r
}

// said counts messages with a text.
func (d *desk) said(text string) int {
	n := 0
	for _, m := range d.slack.Messages() {
		if strings.Contains(m.Text, text) {
			n++
		}
	}
	return n
}

func TestEveryMessageArrivesOnceAndNoneIsStale(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.at("2026-12-01T09:00:00Z")
	if plan := d.must("notify", "run", "--dry-run"); d.slack.Calls("") > 0 || !strings.Contains(plan, "Your new shifts") || !strings.Contains(plan, "nothing was") {
		t.Fatalf("the dry run: %d calls\n%s", d.slack.Calls(""), plan)
	}
	d.must("notify", "run")
	told := len(d.slack.Messages())
	if told == 0 || d.said("Your new shifts") != told {
		t.Fatalf("after publishing: %+v", d.slack.Messages())
	}
	if out := d.must("notify", "run"); !strings.Contains(out, "Nothing was due") || len(d.slack.Messages()) != told {
		t.Errorf("a second run says %s and sends %d more", out, len(d.slack.Messages())-told)
	}
	// The late slot of Thursday goes from one agent to another; the one who loses it hears of that and of nothing else.
	slot := schedule.SlotID("late@2026-12-10")
	loses := d.roster().On(slot)[0]
	d.must("unassign", string(loses), string(slot), "--yes")
	d.must("publish")
	if out := d.must("notify", "status", "--state", "withdrawn", "--json"); strings.Count(out, `"slot": "late@2026-12-10"`) != 2 {
		t.Errorf("withdrawn: %s", out)
	}
	d.at("2026-12-01T12:00:00Z")
	d.must("notify", "run")
	if n := len(d.slack.Messages()) - told; n != 1 || d.said("Your shifts have changed") != 1 {
		t.Errorf("%d messages about the change", n)
	}
	// The week goes by in quarters of an hour around that slot.
	for at := time.Date(2026, 12, 9, 12, 0, 0, 0, time.UTC); at.Before(time.Date(2026, 12, 10, 15, 0, 0, 0, time.UTC)); at = at.Add(15 * time.Minute) {
		d.at(at.Format(time.RFC3339))
		d.must("notify", "run", "--quiet")
	}
	seen := map[string]int{}
	for _, m := range d.slack.Messages() {
		mark, _ := m.Payload["mark"].(string)
		if seen[mark]++; mark == "" || seen[mark] > 1 {
			t.Errorf("sent %d times: %s", seen[mark], m.Text)
		}
		if strings.Contains(m.Text, "Late starts") && strings.Contains(m.Text, "Thu 10 Dec") && m.To == "U0DESK0"+map[schedule.AgentID]string{"ann": "1", "bo": "2", "kenji": "3", "sean": "4"}[loses] {
			t.Errorf("a stale reminder: %s", m.Text)
		}
	}
	if d.said("Handoff ") == 0 || d.said("who is on") == 0 {
		t.Error("there was no handoff and no digest")
	}
	if g := d.slack.Groups(); len(g[len(g)-1].Users) == 0 {
		t.Error("the user group is empty")
	}
	for _, text := range []string{d.out.String(), d.err.String()} {
		if strings.Contains(text, "xox") {
			t.Errorf("a token in %s", text)
		}
	}
	data, err := os.ReadFile(d.env["ROTA_DB"])
	if err != nil || bytes.Contains(data, []byte("xoxb-")) || bytes.Contains(data, []byte(slacktest.SigningSecret)) {
		t.Error("a secret is in the database", err)
	}
}

func TestAFreeWorkspaceIsSaidOnceAndStopsNothing(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.slack.Paid = false
	d.at("2026-12-07T05:00:00Z")
	if d.must("notify", "run"); !strings.Contains(d.err.String(), "Slack has them in paid plans only") || d.said("Handoff") == 0 {
		t.Errorf("it says %s", &d.err)
	}
	if code := d.run(t.Context(), "slack", "connect"); code != exitError || !strings.Contains(d.out.String(), "take the groups out of the team file") {
		t.Errorf("exit code %d: %s", code, &d.out)
	}
	if out := d.must("notify", "run", "--dry-run"); !strings.Contains(out, "@desk-now would be: U0DESK0") {
		t.Errorf("the dry run says %s", out)
	}
}

func TestARefusedTokenIsExitCode12(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.env[slack.BotVariable] = "xoxb-wrong-0123456789"
	d.at("2026-12-01T09:00:00Z")
	for _, args := range [][]string{{"notify", "run"}, {"notify", "run", "--watch", "--every", "1s"}, {"slack", "connect"}} {
		if code := d.run(t.Context(), args...); code != exitSlack {
			t.Errorf("rota %v exits %d: %s", args, code, &d.err)
		}
	}
	if strings.Contains(d.out.String()+d.err.String(), "xoxb-wrong") {
		t.Error("the token was printed")
	}
	d.env[slack.BotVariable] = slacktest.BotToken
	d.must("notify", "run")
	if d.said("Your new shifts") == 0 {
		t.Error("what was due is lost")
	}
	d.env[addressVariable] = "http://slack.example/api/"
	if code := d.run(t.Context(), "notify", "run"); code != exitError {
		t.Errorf("an address without TLS: %d", code)
	}
}

// press sends what Slack sends when a person presses a button of a message, and gives the answer.
func (d *desk) press(h *slack.Handler, user string, m slacktest.Message, label string) string {
	d.t.Helper()
	var blocks []struct {
		Elements []json.RawMessage `json:"elements"`
	}
	if err := json.Unmarshal(m.Blocks, &blocks); err != nil {
		d.t.Fatal(err)
	}
	for _, b := range blocks {
		for _, raw := range b.Elements {
			var e struct {
				ActionID string `json:"action_id"`
				Value    string `json:"value"`
				Text     any    `json:"text"`
			}
			if json.Unmarshal(raw, &e) != nil || e.ActionID == "" || !strings.Contains(string(raw), label) {
				continue
			}
			payload, err := json.Marshal(map[string]any{"type": "block_actions", "trigger_id": user + m.Stamp + label, "user": map[string]any{"id": user},
				"response_url": strings.TrimSuffix(d.env[addressVariable], "api/") + "response/1",
				"actions":      []any{map[string]any{"type": "button", "action_id": e.ActionID, "block_id": "b", "value": e.Value, "action_ts": m.Stamp}}})
			if err != nil {
				d.t.Fatal(err)
			}
			return d.post(h, url.Values{"payload": {string(payload)}})
		}
	}
	d.t.Fatalf("%q is no button of %s", label, m.Blocks)
	return ""
}

func (d *desk) command(h *slack.Handler, user, text string) string {
	d.t.Helper()
	return d.post(h, url.Values{"command": {"/rota"}, "user_id": {user}, "text": {text}, "trigger_id": {user + text + d.env["ROTA_NOW"]},
		"response_url": {strings.TrimSuffix(d.env[addressVariable], "api/") + "response/2"}})
}

func (d *desk) post(h *slack.Handler, form url.Values) string {
	d.t.Helper()
	body := []byte(form.Encode())
	r := httptest.NewRequest(http.MethodPost, "/slack", bytes.NewReader(body))
	r.Header = slacktest.Sign(slacktest.SigningSecret, d.slack.Now(), body)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	h.Wait()
	if w.Code != http.StatusOK {
		d.t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	replies := d.slack.Replies()
	if len(replies) == 0 {
		return ""
	}
	return replies[len(replies)-1]
}

// lastTo is the newest message to a person or channel with a text.
func (d *desk) lastTo(to, text string) slacktest.Message {
	d.t.Helper()
	list := d.slack.Messages()
	for _, m := range slices.Backward(list) {
		if (to == "" || m.To == to) && strings.Contains(m.Text, text) {
			return m
		}
	}
	d.t.Fatalf("nobody told %s %q", to, text)
	return slacktest.Message{}
}

func TestButtonsDoWhatTheySay(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	s, err := sqlite.Open(t.Context(), d.env["ROTA_DB"], sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	a := &app{system: system{getenv: func(name string) string { return d.env[name] }}}
	client, _, err := a.slackClient("")
	if err != nil {
		t.Fatal(err)
	}
	at := office{Store: s, now: d.slack.Now, who: "test"}
	h := slack.NewHandler(client, &notify.Desk{Office: at, Refresh: newEngine(at, client, nil).Refresh}, d.slack.Now, func(err error) { t.Error(err) })
	users := map[schedule.AgentID]string{"ann": "U0DESK01", "bo": "U0DESK02", "kenji": "U0DESK03", "sean": "U0DESK04"}

	// Whoever is on a late slot cannot make it: the manager is told, offers it with a click, and one of those
	// who are asked takes it.
	var slot schedule.SlotID
	var absent schedule.AgentID
	var start time.Time
	for _, x := range d.roster().Slots {
		for _, id := range d.roster().On(x.ID) {
			if could := must(at.Candidates(t.Context(), "desk", x.ID, id))(t); len(could) > 0 && x.Shift == "late" && slot == "" && id != "kenji" && could[0] != "kenji" {
				slot, absent, start = x.ID, id, x.Start
			}
		}
	}
	if slot == "" {
		t.Fatal("nobody awake could take a late slot from anybody")
	}
	later := func(d time.Duration) string { return start.Add(d).Format(time.RFC3339) }
	d.at(later(-24 * time.Hour))
	d.must("notify", "run")
	reminder := d.lastTo(users[absent], "Late starts in 24 hours")
	if got := d.press(h, users[absent], reminder, "cannot"); !strings.Contains(got, "is being told that you cannot make Late") {
		t.Fatalf("the answer is %s", got)
	}
	d.press(h, users[absent], reminder, "cannot")
	d.must("notify", "run")
	absence := d.lastTo("U0DESK02", "cannot make")
	if d.press(h, users["kenji"], absence, "Offer"); len(must(s.Offers(t.Context(), "desk"))(t)) > 0 {
		t.Fatal("somebody who is not the manager has offered a slot")
	}
	if got := d.press(h, "U0DESK02", absence, "Offer"); !strings.Contains(got, "is on offer to") {
		t.Fatalf("the answer is %s", got)
	}
	offer := must(s.Offers(t.Context(), "desk"))(t)[0]
	d.at(later(-23 * time.Hour))
	d.must("notify", "run")
	asked := offer.Asked[0]
	message := d.lastTo(users[asked], "Would you take Late?")
	if got := d.press(h, users[absent], message, "I take it"); !strings.Contains(got, "not for you") {
		t.Errorf("somebody who was not asked: %s", got)
	}
	if got := d.press(h, users[asked], message, "I take it"); !strings.Contains(got, "is yours") {
		t.Fatalf("the answer is %s", got)
	}
	d.press(h, users[asked], message, "I take it")
	if r := d.roster(); !r.Has(slot, asked) || r.Has(slot, absent) || len(must(s.Rosters(t.Context(), "desk"))(t)) != 2 {
		t.Errorf("on the slot is %v", r.On(slot))
	}
	d.at(later(-8 * time.Hour))
	d.must("notify", "run")
	d.lastTo(users[asked], "Your shifts have changed")
	d.lastTo(users[absent], "Your shifts have changed")

	// The slot is taken over with the button of the handoff message, and nobody is told that nobody did.
	d.at(later(0))
	d.must("notify", "run")
	handoff := d.lastTo("C0DESK", "Handoff")
	if got := d.press(h, users[asked], handoff, "I have it"); !strings.Contains(got, "You have Late") {
		t.Errorf("the answer is %s", got)
	}
	before := d.said("Nobody took over Late") // of the day before
	d.at(later(6 * time.Minute))
	d.must("notify", "run")
	if d.said("Nobody took over Late") > before {
		t.Error("it was escalated")
	}
	if d.lastTo("C0DESK", "Handoff").Edits == 0 {
		t.Error("the handoff message does not show who took over")
	}

	for text, want := range map[string]string{"now": "on now", "next": "next", "mine": "your shifts", "off": "No more reminders until", "note look": "Kept for the handoff"} {
		if got := d.command(h, users[asked], text); !strings.Contains(got, want) {
			t.Errorf("/rota %s: %s", text, got)
		}
	}
	if len(must(s.Mutes(t.Context(), "desk", d.slack.Now()))(t)) != 1 {
		t.Error("nobody is mute")
	}
}

func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func TestOffersFromTheShortfallsOfAPublishedRoster(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	slot := schedule.SlotID("early@2026-12-10")
	gone := d.roster().On(slot)
	for _, id := range gone {
		d.must("unassign", string(id), string(slot), "--yes")
	}
	d.must("publish")
	if out := d.must("offer", "create", "--gaps", "--dry-run"); !strings.Contains(out, "early@2026-12-10 would be on offer") || !strings.Contains(out, "Would you take Early?") {
		t.Errorf("the dry run: %s", out)
	}
	if out := d.must("offer", "list"); !strings.Contains(out, "Nothing is on offer") {
		t.Errorf("the dry run has written: %s", out)
	}
	d.must("offer", "create", "--gaps")
	if out := d.must("offer", "create", "--gaps"); !strings.Contains(out, "Nothing is to be offered") {
		t.Errorf("again: %s", out)
	}
	d.at("2026-12-01T12:00:00Z")
	d.must("notify", "run")
	if d.said("Would you take Early?") == 0 {
		t.Error("nobody was asked, ten days ahead")
	}
	d.must("offer", "withdraw", "early@2026-12-10")
	if m := d.lastTo("", "The offer was withdrawn."); m.Edits == 0 || d.said("Would you take Early?") > 0 {
		t.Errorf("after it was withdrawn the message reads %s", m.Text)
	}
	d.must("offer", "create", string(slot))
	var list struct{ Offers []offerJSON }
	if err := json.Unmarshal([]byte(d.must("offer", "list", "--json")), &list); err != nil || len(list.Offers) != 1 || list.Offers[0].ID != "early@2026-12-10+2" {
		t.Fatalf("%v: %+v", err, list)
	}
	id, taker := list.Offers[0].ID, string(list.Offers[0].Asked[0])
	d.must("offer", "claim", id, "--agent", taker, "--dry-run")
	d.must("offer", "claim", id, "--agent", taker)
	d.must("offer", "claim", id, "--agent", taker)
	if !d.roster().Has(slot, schedule.AgentID(taker)) {
		t.Error("nobody is on the slot")
	}
	if code := d.run(t.Context(), "offer", "withdraw", id); code != exitError {
		t.Errorf("withdrawing what is claimed: %d", code)
	}
}

func TestKilledRunsTellNobodyTwice(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	random := rand.New(rand.NewPCG(1, 2))
	var calm atomic.Bool // the fake reads it while it serves
	d.slack.Fault = func(n int, method string, _ url.Values) slacktest.Fault {
		if method == "chat.postMessage" && n%5 == 3 && !calm.Load() {
			return slacktest.ResetStored // taken, and nobody hears of it
		}
		return slacktest.NoFault
	}
	env := os.Environ()
	run := func(kill time.Duration) *exec.Cmd {
		c := exec.Command("rota", "notify", "run", "--quiet")
		c.Env = env
		for name, value := range d.env {
			c.Env = append(c.Env, name+"="+value)
		}
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		if kill > 0 {
			time.AfterFunc(kill, func() { _ = c.Process.Kill() })
		}
		return c
	}
	for _, start := range []string{"2026-12-01T09:00:00Z", "2026-12-07T05:00:00Z", "2026-12-07T12:55:00Z"} {
		at := must(time.Parse(time.RFC3339, start))(t)
		for round := range 3 {
			d.at(at.Format(time.RFC3339))
			// Two at once, of which one is killed; the last round of an instant is left in peace.
			kill := time.Duration(0)
			if round < 2 {
				kill = time.Duration(10+random.IntN(70)) * time.Millisecond
			}
			one, two := run(kill), run(0)
			_, _ = one.Process.Wait()
			_, _ = two.Process.Wait()
			at = at.Add(4 * time.Minute)
		}
	}
	calm.Store(true)
	d.at("2026-12-07T13:30:00Z")
	d.must("notify", "run")
	d.at("2026-12-07T13:35:00Z")
	d.must("notify", "run")
	s := must(sqlite.Open(t.Context(), d.env["ROTA_DB"], sqlite.Options{}))(t)
	defer s.Close()
	times := map[string]int{}
	for _, m := range d.slack.Messages() {
		mark, _ := m.Payload["mark"].(string)
		times[mark]++
	}
	sent := 0
	for _, m := range must(s.Messages(t.Context(), sqlite.MessageQuery{Team: "desk", To: d.slack.Now().Add(time.Second)}))(t) {
		n := times[notify.Mark(m.MessageKey)]
		switch {
		case n > 1 || m.State == schedule.MessageSent && n != 1:
			t.Errorf("%s %s to %s is %s and arrived %d times", m.Kind, m.Step, m.Recipient, m.State, n)
		case m.State == schedule.MessageSending || m.State == schedule.MessageUnknown || m.State == schedule.MessagePending:
			t.Errorf("%s %s to %s is still %s", m.Kind, m.Step, m.Recipient, m.State)
		case n == 1:
			sent++
		}
	}
	if sent < 5 || sent != len(times) {
		t.Errorf("%d messages arrived, %d of them known", len(times), sent)
	}
}

func TestServeSendsAndTakesButtons(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.at("2026-12-01T09:00:00Z")
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	a := &app{system: system{in: strings.NewReader(""), out: io.Discard, err: io.Discard, getenv: func(name string) string { return d.env[name] },
		clock: d.slack.Now}, now: d.slack.Now()}
	a.started = a.now
	s := must(sqlite.Open(ctx, d.env["ROTA_DB"], sqlite.Options{}))(t)
	defer s.Close()
	part, ok, err := a.notifyService(ctx, serving{store: s, log: slog.New(slog.DiscardHandler), now: d.slack.Now, metrics: prometheus.NewRegistry()})
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	mux := http.NewServeMux()
	part.routes(mux)
	done := make(chan error, 1)
	go func() { done <- part.run(ctx) }()
	for range 200 {
		if d.said("Your new shifts") > 0 {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if d.said("Your new shifts") == 0 {
		t.Error("nothing was sent")
	}
	body := []byte("command=%2Frota&text=now&user_id=U0DESK01")
	for want, header := range map[int]http.Header{http.StatusOK: slacktest.Sign(slacktest.SigningSecret, d.slack.Now(), body),
		http.StatusUnauthorized: slacktest.Sign("another", d.slack.Now(), body)} {
		r := httptest.NewRequest(http.MethodPost, "/slack", bytes.NewReader(body))
		r.Header = header
		w := httptest.NewRecorder()
		if mux.ServeHTTP(w, r); w.Code != want {
			t.Errorf("status %d, want %d", w.Code, want)
		}
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
	d.env = map[string]string{}
	if _, ok, err := a.notifyService(t.Context(), serving{log: slog.New(slog.DiscardHandler)}); ok || err != nil {
		t.Error("there is a notifier without a token", err)
	}
}
