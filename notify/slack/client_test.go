package slack_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"rota/notify"
	"rota/notify/notifytest"
	"rota/notify/slack"
	"rota/notify/slack/slacktest"
	"rota/schedule"
)

var allSecrets = slack.MakeSecrets(slacktest.BotToken, slacktest.AppToken, slacktest.SigningSecret)

func connect(s *slacktest.Server) *slack.Client {
	return slack.NewClient(allSecrets, slack.Options{URL: "http://slack.test/api", Transport: s.Transport(nil)})
}

func once(fault slacktest.Fault) func(int, string, url.Values) slacktest.Fault {
	return func(n int, _ string, _ url.Values) slacktest.Fault {
		if n == 0 {
			return fault
		}
		return slacktest.NoFault
	}
}

func hello(mark string) notify.Outgoing {
	return notify.Outgoing{Content: notify.Content{Title: "Hello", Lines: []notify.Line{{{Text: "there"}}}}, Mark: mark}
}

func TestEveryFailureSaysWhatIsKnown(t *testing.T) {
	// What is open is not a refusal, and what is a refusal took nothing.
	open := []slacktest.Fault{slacktest.ServerError, slacktest.ServerErrorStored, slacktest.ResetBefore, slacktest.ResetStored, slacktest.FatalStored,
		slacktest.HTML, slacktest.HTMLStored, slacktest.SlowBefore, slacktest.SlowStored, slacktest.SlowLate}
	for _, fault := range slacktest.Faults() {
		s := slacktest.New("U0ANI")
		s.Fault = once(fault)
		_, err := connect(s).Post(context.Background(), "U0ANI", hello("m"))
		var no *notify.Refusal
		if refused := errors.As(err, &no); err == nil || refused == slices.Contains(open, fault) {
			t.Errorf("fault %d: %v", fault, err)
		}
		if no != nil && len(s.Messages()) > 0 {
			t.Errorf("fault %d: refused and stored", fault)
		}
		switch fault {
		case slacktest.RateLimited:
			if !no.Limited || no.RetryAfter != 7*time.Second {
				t.Errorf("%+v", no)
			}
		case slacktest.RateLimitedBare:
			if !no.Limited || no.RetryAfter != 0 {
				t.Errorf("%+v", no)
			}
		}
		if n := s.Calls("chat.postMessage"); n != 1 {
			t.Errorf("fault %d: %d calls, want 1: nothing is tried again here", fault, n)
		}
	}
}

func TestFailuresOverARealConnection(t *testing.T) {
	for _, fault := range []slacktest.Fault{slacktest.ResetBefore, slacktest.ResetStored, slacktest.SlowStored} {
		s := slacktest.New("U0ANI")
		s.Fault = once(fault)
		server := httptest.NewServer(s)
		c := slack.NewClient(allSecrets, slack.Options{URL: server.URL + "/api", Timeout: 100 * time.Millisecond})
		_, err := c.Post(context.Background(), "U0ANI", hello("m"))
		var no *notify.Refusal
		if err == nil || errors.As(err, &no) {
			t.Errorf("fault %d: %v", fault, err)
		}
		if n := s.Calls("chat.postMessage"); n != 1 {
			t.Errorf("fault %d: %d calls", fault, n)
		}
		at, found, err := c.Find(context.Background(), "U0ANI", "m", time.Now().Add(-time.Minute))
		if err != nil || found != (fault != slacktest.ResetBefore) || found && at.Stamp == "" {
			t.Errorf("fault %d: found %v, %v", fault, found, err)
		}
		server.CloseClientConnections()
		server.Close()
	}
	// Nobody listens: that is a definite no.
	c := slack.NewClient(allSecrets, slack.Options{URL: "http://127.0.0.1:1/api", Timeout: time.Second})
	var no *notify.Refusal
	if _, err := c.Post(context.Background(), "U0ANI", hello("m")); !errors.As(err, &no) || no.Code != "unreachable" {
		t.Errorf("%v", err)
	}
}

func TestRefusals(t *testing.T) {
	s := slacktest.New("U0ANI", "U0GONE")
	s.Deactivate("U0GONE")
	s.Unlimited = true
	c := connect(s)
	for _, x := range []struct {
		to, code  string
		permanent bool
	}{{"U0NOBODY", "channel_not_found", true}, {"C0NONE", "channel_not_found", true}, {"#none", "channel_not_found", true}, {"C0OTHER", "not_in_channel", false},
		{"C0OLD", "is_archived", true}, {"U0GONE", "user_disabled", true}} {
		_, err := c.Post(context.Background(), x.to, hello("m"))
		var no *notify.Refusal
		if !errors.As(err, &no) || no.Code != x.code || no.Permanent != x.permanent {
			t.Errorf("%s: %v", x.to, err)
		}
	}
	if _, err := c.Post(context.Background(), "#support", hello("m")); err != nil {
		t.Error(err)
	}
	s.Granted = []string{"users:read"}
	var no *notify.Refusal
	if _, err := c.Post(context.Background(), "U0ANI", hello("m")); !errors.As(err, &no) || !strings.Contains(err.Error(), "chat:write") || no.Permanent {
		t.Errorf("%v", err)
	}
	bad := slack.NewClient(slack.MakeSecrets("xoxb-revoked-123456", "", ""), slack.Options{URL: "http://slack.test/api", Transport: s.Transport(nil)})
	if _, err := bad.Post(context.Background(), "U0ANI", hello("m")); !errors.Is(err, notify.ErrToken) {
		t.Errorf("%v", err)
	}
}

const nasty = "& < > * _ ` ~ @here <!channel> <@U0EVIL> {{.Now}}"

func TestEveryMessageFitsSlack(t *testing.T) {
	for _, name := range []string{nasty, strings.Repeat("Ärger & <佐藤> ", 600)} {
		now := at("2026-12-09T08:00:00Z")
		s := notifytest.Harbor(now, 7)
		s.Team.Name = name
		for i := range s.Agents {
			s.Agents[i].Name = name
		}
		for i := range s.Shifts {
			s.Shifts[i].Name, s.Shifts[i].Link = name, name
		}
		for i := range s.Slots {
			s.Slots[i].Demand.Notes = []string{name}
		}
		for i := range 60 {
			s.Notes = append(s.Notes, schedule.HandoffNote{ID: int64(i + 1), Text: name, By: name})
		}
		next := notifytest.Reassign(s, "late@2026-12-11")
		next.Offers = []notify.Offer{{ID: "o1", Slot: "late@2026-12-11", Asked: []schedule.AgentID{"pablo"}, Opened: now, Expires: at("2026-12-11T08:00:00Z"), Note: name}}
		up, err := notify.Publish(next, nil, notifytest.Roster(next), nil)
		if err != nil {
			t.Fatal(err)
		}
		server := slacktest.New(users(s)...)
		server.Unlimited = true
		c := connect(server)
		for _, p := range up.Enqueue {
			at, err := c.Post(context.Background(), p.Recipient, notify.Outgoing{Content: p.Content, Mark: notify.Mark(p.MessageKey)})
			if err != nil {
				t.Fatalf("%s: %v", p.Kind, err)
			}
			if err := c.Update(context.Background(), at, notify.Outgoing{Content: p.Content}); err != nil {
				t.Fatalf("%s, updated: %v", p.Kind, err)
			}
		}
		if n := server.Calls("chat.postMessage"); n != len(up.Enqueue) {
			t.Errorf("%d calls for %d messages: a layout was refused", n, len(up.Enqueue))
		}
		for _, m := range server.Messages() {
			if strings.Contains(m.Text, "<!") || strings.Contains(m.Text, "<@U0EVIL") {
				t.Fatalf("a forged mention: %s", m.Text)
			}
		}
	}
}

func TestALayoutThatSlackRefusesIsSentAsText(t *testing.T) {
	s := slacktest.New("U0ANI")
	s.Fault = func(n int, _ string, form url.Values) slacktest.Fault {
		if n == 0 {
			form.Set("blocks", `[{"type":"bogus"}]`)
		}
		return slacktest.NoFault
	}
	if _, err := connect(s).Post(context.Background(), "U0ANI", hello("m")); err != nil || len(s.Messages()) != 1 || s.Messages()[0].Blocks != nil {
		t.Errorf("%v, %d messages", err, len(s.Messages()))
	}
}

func TestPayloadIsWhatIsSent(t *testing.T) {
	c, err := notify.Preview(nil, notify.Handoff)
	if err != nil {
		t.Fatal(err)
	}
	text, layout, err := slack.Payload(c)
	if err != nil || !strings.Contains(text, "<@U0EXAMPLE02>") || !strings.Contains(string(layout), `"user_id": "U0EXAMPLE02"`) || !strings.Contains(string(layout), `"type": "date"`) {
		t.Errorf("%v\n%s\n%s", err, text, layout)
	}
}

func TestFindReadsPageAfterPage(t *testing.T) {
	s := slacktest.New("U0ANI")
	s.Unlimited = true
	c := connect(s)
	for i := range 450 {
		if _, err := c.Post(context.Background(), "C0SUPPORT", hello(fmt.Sprint("m", i))); err != nil {
			t.Fatal(err)
		}
	}
	_, found, err := c.Find(context.Background(), "#support", "m3", time.Now().Add(-time.Hour))
	if err != nil || !found {
		t.Errorf("found %v, %v", found, err)
	}
	if _, found, _ = c.Find(context.Background(), "#support", "m", time.Now().Add(-time.Hour)); found {
		t.Error("found what was never sent")
	}
}

func TestGroupsAreWrittenOnChangeAndNeverEmpty(t *testing.T) {
	now := at("2026-12-09T13:00:00Z")
	s := notifytest.Harbor(now, 7)
	s.Team.Groups = []schedule.OnGroup{{Group: "@support-now"}}
	server := slacktest.New(users(s)...)
	clock, source := notifytest.NewClock(now), notifytest.NewSource(s)
	server.Now = clock.Now
	e := &notify.Engine{Outbox: notifytest.NewOutbox(), Source: source, Messenger: connect(server), Clock: clock, Owner: "a"}
	run := func() notify.Summary {
		t.Helper()
		sum, err := e.Run(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		return sum
	}
	for range 5 {
		run()
		clock.Advance(20 * time.Second)
	}
	g := server.Groups()[0]
	if g.Writes != 1 || !slices.Equal(g.Users, []string{"U0HARBOR02"}) {
		t.Errorf("%+v", g)
	}
	// Nobody is on: the manager stands in.
	source.Set(notifytest.Reassign(s, "late@2026-12-09"))
	run()
	if g = server.Groups()[0]; g.Writes != 2 || !slices.Equal(g.Users, []string{"U0HARBOR01"}) {
		t.Errorf("%+v", g)
	}
	server.Paid = false
	source.Set(notifytest.Reassign(s, "late@2026-12-09", "sean"))
	if sum := run(); len(sum.GroupProblems) != 1 || !strings.Contains(sum.GroupProblems[0], "paid") {
		t.Errorf("%+v", sum.GroupProblems)
	}
}

func TestCheckListsEverythingThatIsMissing(t *testing.T) {
	s := notifytest.Harbor(at("2026-12-09T13:00:00Z"), 2)
	s.Team.Groups = []schedule.OnGroup{{Group: "@nobody-knows"}}
	s.Agents[1].Slack, s.Agents[1].Email = "", "u0harbor02@harbor.example"
	s.Agents[2].Slack, s.Agents[2].Email = "", "nobody@harbor.example"
	s.Agents[3].Slack = ""
	server := slacktest.New("U0HARBOR01", "U0HARBOR02")
	got, err := connect(server).Check(context.Background(), s.Team, s.Agents)
	if err != nil || got.Channel != "C0SUPPORT" || got.People["pablo"] != "U0HARBOR02" || len(got.Troubles) != 3 {
		t.Errorf("%+v, %v", got, err)
	}
	server.Granted = slices.DeleteFunc(slices.Clone(server.Granted), func(x string) bool { return x == "im:history" })
	s.Team.Channel = "#other"
	if got, err = connect(server).Check(context.Background(), s.Team, s.Agents); err != nil || len(got.Troubles) != 5 {
		t.Errorf("%+v, %v", got.Troubles, err)
	}
	bad := slack.NewClient(slack.MakeSecrets("xoxb-revoked-1", "", ""), slack.Options{URL: "http://slack.test/api", Transport: server.Transport(nil)})
	if _, err := bad.Check(context.Background(), s.Team, s.Agents); !errors.Is(err, notify.ErrToken) {
		t.Errorf("%v", err)
	}
}

func TestManifest(t *testing.T) {
	for _, address := range []string{"", "https://rota.example/slack"} {
		text, err := slack.Manifest("rota", address)
		var m struct {
			Settings struct {
				Socket bool `json:"socket_mode_enabled"`
			}
			OAuth struct {
				Scopes struct{ Bot []string }
			} `json:"oauth_config"`
		}
		if err != nil || json.Unmarshal(text, &m) != nil || m.Settings.Socket != (address == "") || len(m.OAuth.Scopes.Bot) != len(slack.Needs()) {
			t.Errorf("%v\n%s", err, text)
		}
	}
	// What the fake grants is what the app asks for: so the tests show that no more is needed.
	var asked []string
	for _, n := range slack.Needs() {
		asked = append(asked, n.Scope)
	}
	slices.Sort(asked)
	if !slices.Equal(asked, slices.Sorted(slices.Values(slacktest.Scopes))) {
		t.Errorf("asked for %v, tested with %v", asked, slacktest.Scopes)
	}
}

func TestSecretsAreLoadedFromTheEnvironmentOrAPrivateFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "slack")
	none := func(string) string { return "" }
	write := func(text string, mode os.FileMode) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	write("# rota\nexport "+slack.BotVariable+"=\""+slacktest.BotToken+"\"\n"+slack.AppVariable+"="+slacktest.AppToken+"\n", 0o600)
	s, err := slack.LoadSecrets(none, path)
	if err != nil || !s.HasBot() || !s.HasApp() || s.HasSigning() {
		t.Errorf("%v, %v", s, err)
	}
	for _, bad := range []struct {
		text string
		mode os.FileMode
	}{{slack.BotVariable + "=" + slacktest.BotToken, 0o644}, {slack.BotVariable + "=" + slacktest.AppToken, 0o600}, {slacktest.BotToken, 0o600}, {"", 0o600}} {
		write(bad.text, bad.mode)
		if _, err := slack.LoadSecrets(none, path); err == nil || strings.Contains(err.Error(), "0123456789") {
			t.Errorf("%q: %v", bad.text, err)
		}
	}
}

// leaky is a network whose errors hold everything that was sent over it.
type leaky struct{}

func (leaky) RoundTrip(r *http.Request) (*http.Response, error) {
	form, _, _ := strings.Cut(fmt.Sprint(r.Header, r.URL), "|")
	return nil, fmt.Errorf("proxy refused %s token=%s %s https://hooks.slack.com/actions/T0/1/secretpath", form, slacktest.BotToken, slacktest.SigningSecret)
}

func TestNoSecretLeaks(t *testing.T) {
	var seen strings.Builder
	note := func(v ...any) { fmt.Fprintf(&seen, "%v %+v\n", v, v) }
	note(allSecrets)
	fmt.Fprintf(&seen, "%s %v %+v %#v %q %x\n", allSecrets, allSecrets, allSecrets, allSecrets, allSecrets, allSecrets)
	if text, err := json.Marshal(struct{ S slack.Secrets }{allSecrets}); err == nil {
		seen.Write(text)
	}
	c := slack.NewClient(allSecrets, slack.Options{Transport: leaky{}})
	ctx := context.Background()
	_, err := c.Post(ctx, "U0ANI", hello("m"))
	note(err, errors.Unwrap(err))
	_, _, err = c.Find(ctx, "U0ANI", "m", time.Unix(0, 0))
	note(err)
	note(c.Update(ctx, notify.Receipt{Conversation: "C1", Stamp: "1.2"}, hello("m")))
	_, err = c.Group(ctx, "@x")
	note(err)
	_, err = c.Check(ctx, schedule.Team{}, nil)
	note(err)

	now := at("2026-12-09T12:00:00Z")
	s := notifytest.Harbor(now, 3)
	for _, transport := range []http.RoundTripper{leaky{}, nil} {
		server := slacktest.New(users(s)...)
		clock := notifytest.NewClock(now)
		server.Now = clock.Now
		server.Fault = func(n int, _ string, _ url.Values) slacktest.Fault {
			return slacktest.Faults()[n%len(slacktest.Faults())]
		}
		if transport == nil {
			transport = server.Transport(func() { clock.Advance(15 * time.Second) })
		}
		outbox, err := notifytest.OpenOutbox(filepath.Join(t.TempDir(), "outbox"))
		if err != nil {
			t.Fatal(err)
		}
		e := &notify.Engine{Outbox: outbox, Source: notifytest.NewSource(s), Clock: clock, Owner: "a",
			Messenger: slack.NewClient(allSecrets, slack.Options{URL: "http://slack.test/api", Transport: transport}), Observe: func(e notify.Event) { note(e) }}
		for range 30 {
			sum, err := e.Run(ctx)
			note(sum, err)
			clock.Advance(time.Minute)
		}
		dump, _ := json.Marshal(outbox.All())
		seen.Write(dump)
		outbox.Close()
	}
	h := slack.NewHandler(slack.NewClient(allSecrets, slack.Options{Transport: leaky{}}), deskFunc(func() (string, error) {
		return "", fmt.Errorf("broken with %s", slacktest.BotToken)
	}), func() time.Time { return now }, func(err error) { note(err) })
	press(h, now, url.Values{"user_id": {"U1"}, "trigger_id": {"1"}, "text": {"now"}, "response_url": {"https://hooks.slack.com/commands/T0/1/secretpath"}}, slacktest.SigningSecret)
	h.Wait()
	text := seen.String()
	for _, secret := range []string{slacktest.BotToken, slacktest.AppToken, slacktest.SigningSecret, "0123456789", "secretpath"} {
		if i := strings.Index(text, secret); i >= 0 {
			t.Errorf("leaked: ...%s", text[max(0, i-200):i+len(secret)])
		}
	}
	if !strings.Contains(text, "[secret]") || len(text) < 10000 {
		t.Errorf("the test saw too little: %d bytes", len(text))
	}
}
