package slack_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"rota/notify"
	"rota/notify/slack"
	"rota/notify/slack/slacktest"
)

// deskFunc answers everything in one way.
type deskFunc func() (string, error)

func (f deskFunc) Act(context.Context, string, notify.Action, []string, time.Time) (string, error) {
	return f()
}
func (f deskFunc) Ask(context.Context, string, notify.Action, []string, time.Time) (notify.Form, error) {
	_, err := f()
	return notify.Form{}, err
}
func (f deskFunc) Fill(context.Context, string, notify.Action, []string, string, time.Time) (string, error) {
	return f()
}
func (f deskFunc) Command(context.Context, string, string, time.Time) (string, error) { return f() }

// recorder keeps what it was asked.
type recorder struct {
	mu    sync.Mutex
	asked []string
	hold  chan struct{}
}

func (r *recorder) note(text string) (string, error) {
	if r.hold != nil {
		<-r.hold
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked = append(r.asked, text)
	return "done <" + text + ">", nil
}

func (r *recorder) Act(_ context.Context, user string, a notify.Action, words []string, _ time.Time) (string, error) {
	return r.note(user + " " + string(a) + " " + strings.Join(words, ","))
}

func (r *recorder) Command(_ context.Context, user, text string, _ time.Time) (string, error) {
	return r.note(user + " /" + text)
}

func (r *recorder) Ask(_ context.Context, user string, a notify.Action, words []string, _ time.Time) (notify.Form, error) {
	if user != "U1" {
		return notify.Form{}, &notify.Declined{Why: "not yours"}
	}
	_, err := r.note(user + " asks " + string(a))
	return notify.Form{Title: "Handoff note", Label: "What?", Hint: "At 16:00.", Submit: "Keep", Most: 1000}, err
}

func (r *recorder) Fill(_ context.Context, user string, a notify.Action, words []string, text string, _ time.Time) (string, error) {
	return r.note(user + " " + string(a) + " " + strings.Join(words, ",") + ": " + text)
}

func press(h http.Handler, at time.Time, form url.Values, secret string) int {
	body := []byte(form.Encode())
	r := httptest.NewRequest(http.MethodPost, "/slack", strings.NewReader(string(body)))
	r.Header = slacktest.Sign(secret, at, body)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code
}

func button(id string) url.Values {
	payload, _ := json.Marshal(map[string]any{"type": "block_actions", "user": map[string]any{"id": "U1"}, "trigger_id": id, "response_url": "http://slack.test/response/1",
		"actions": []any{map[string]any{"type": "button", "action_id": "take-over/0", "block_id": "b", "value": "harbor late@2026-12-09", "action_ts": id}}})
	return url.Values{"payload": {string(payload)}}
}

func TestSignedRequests(t *testing.T) {
	now := at("2026-12-09T12:00:00Z")
	desk := &recorder{}
	server := slacktest.New()
	h := slack.NewHandler(connect(server), desk, func() time.Time { return now }, func(err error) { t.Error(err) })
	command := url.Values{"user_id": {"U1"}, "trigger_id": {"t1"}, "text": {"mine"}, "command": {"/rota"}, "response_url": {"http://slack.test/response/1"}}
	for _, x := range []struct {
		at     time.Time
		secret string
		code   int
	}{{now, slacktest.SigningSecret, 200}, {now, "other", 401}, {now.Add(-6 * time.Minute), slacktest.SigningSecret, 401}, {now.Add(6 * time.Minute), slacktest.SigningSecret, 401}} {
		if code := press(h, x.at, command, x.secret); code != x.code {
			t.Errorf("%v: %d", x, code)
		}
	}
	// The same again, as Slack does when it did not hear in time.
	press(h, now, command, slacktest.SigningSecret)
	for range 3 {
		press(h, now, button("t2"), slacktest.SigningSecret)
	}
	press(h, now, button("t3"), slacktest.SigningSecret)
	if code := press(h, now, url.Values{"payload": {"{"}}, slacktest.SigningSecret); code != 400 {
		t.Errorf("a broken payload: %d", code)
	}
	h.Wait()
	if len(desk.asked) != 3 || len(server.Replies()) != 3 {
		t.Errorf("asked %q, answered %q", desk.asked, server.Replies())
	}
	for _, r := range server.Replies() {
		var m map[string]any
		if json.Unmarshal([]byte(r), &m) != nil || m["response_type"] != "ephemeral" || !strings.HasPrefix(m["text"].(string), "done &lt;U1 ") {
			t.Errorf("%s", r)
		}
	}
	r := httptest.NewRequest(http.MethodGet, "/slack", nil)
	w := httptest.NewRecorder()
	if h.ServeHTTP(w, r); w.Code != http.StatusMethodNotAllowed {
		t.Errorf("GET: %d", w.Code)
	}
}

func TestSlackHearsBeforeTheWorkIsDone(t *testing.T) {
	now := at("2026-12-09T12:00:00Z")
	desk := &recorder{hold: make(chan struct{})}
	h := slack.NewHandler(connect(slacktest.New()), desk, func() time.Time { return now }, nil)
	if code := press(h, now, button("t1"), slacktest.SigningSecret); code != 200 {
		t.Errorf("%d", code)
	}
	close(desk.hold)
	h.Wait()
	if len(desk.asked) != 1 {
		t.Error("the work was not done")
	}
}

func TestAnswersGoToSlackAlone(t *testing.T) {
	now := at("2026-12-09T12:00:00Z")
	for _, to := range []string{"https://evil.example/x", "http://hooks.slack.com/x", "https://slack.com.evil.example/x", "file:///etc/passwd"} {
		failed := 0
		h := slack.NewHandler(connect(slacktest.New()), &recorder{}, func() time.Time { return now }, func(error) { failed++ })
		press(h, now, url.Values{"user_id": {"U1"}, "text": {"now"}, "response_url": {to}}, slacktest.SigningSecret)
		if h.Wait(); failed != 1 {
			t.Errorf("%s was answered", to)
		}
	}
}

func TestWithoutASigningSecretEverythingIsRefused(t *testing.T) {
	now := at("2026-12-09T12:00:00Z")
	c := slack.NewClient(slack.MakeSecrets(slacktest.BotToken, "", ""), slack.Options{URL: "http://slack.test/api", Transport: slacktest.New().Transport(nil)})
	h := slack.NewHandler(c, &recorder{}, func() time.Time { return now }, nil)
	if code := press(h, now, button("t1"), ""); code != 401 {
		t.Errorf("%d", code)
	}
}
