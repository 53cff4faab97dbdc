package slack_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"rota/notify"
	"rota/notify/slack"
	"rota/notify/slack/slacktest"
)

func TestSocketMode(t *testing.T) {
	fake := slacktest.New()
	server := httptest.NewServer(fake)
	defer server.Close()
	c := slack.NewClient(allSecrets, slack.Options{URL: server.URL + "/api"})
	desk := &recorder{}
	h := slack.NewHandler(c, desk, time.Now, nil)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- h.Socket(ctx) }()
	payload := button("t1").Get("payload")
	push := func(kind, id string, payload any, drop bool) {
		t.Helper()
		if _, err := fake.Push(kind, id, payload, drop); err != nil {
			t.Fatal(err)
		}
	}
	push("interactive", "e1", json.RawMessage(payload), false)
	push("interactive", "e2", json.RawMessage(payload), false) // again, in another envelope
	push("slash_commands", "e3", map[string]any{"user_id": "U1", "text": "mine", "trigger_id": "t2", "response_url": server.URL + "/response/1"}, true)
	push("slash_commands", "e4", map[string]any{"user_id": "U1", "text": "now", "trigger_id": "t3"}, false)
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	h.Wait()
	slices.Sort(desk.asked)
	if want := []string{"U1 /mine", "U1 /now", "U1 take-over harbor,late@2026-12-09"}; !slices.Equal(desk.asked, want) {
		t.Errorf("asked %q", desk.asked)
	}
	if len(fake.Replies()) != 1 {
		t.Errorf("answered %q", fake.Replies())
	}
}

func TestSocketModeEndsWhenTheTokenIsRefused(t *testing.T) {
	fake := slacktest.New()
	server := httptest.NewServer(fake)
	defer server.Close()
	c := slack.NewClient(slack.MakeSecrets(slacktest.BotToken, "xapp-revoked-1", ""), slack.Options{URL: server.URL + "/api"})
	if err := slack.NewHandler(c, &recorder{}, time.Now, nil).Socket(context.Background()); !errors.Is(err, notify.ErrToken) {
		t.Errorf("%v", err)
	}
	none := slack.NewClient(slack.MakeSecrets(slacktest.BotToken, "", ""), slack.Options{})
	if err := slack.NewHandler(none, &recorder{}, time.Now, nil).Socket(context.Background()); err == nil {
		t.Error("connected without an app token")
	}
}
