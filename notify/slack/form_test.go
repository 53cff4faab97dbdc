package slack_test

import (
	"context"
	"encoding/json"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"rota/notify"
	"rota/notify/slack"
	"rota/notify/slack/slacktest"
)

// noteButton is the click on a button that asks.
func noteButton(user, trigger string) map[string]any {
	return map[string]any{"type": "block_actions", "user": map[string]any{"id": user}, "trigger_id": trigger, "response_url": "http://slack.test/response/1",
		"container": map[string]any{"type": "message", "channel_id": "C0SUPPORT", "message_ts": "1.1"},
		"actions":   []any{map[string]any{"type": "button", "action_id": "leave-note/1", "block_id": "b", "value": "harbor 2026-12-09T12:00Z", "action_ts": trigger}}}
}

func payload(v any) url.Values {
	text, _ := json.Marshal(v) // maps of strings
	return url.Values{"payload": {string(text)}}
}

func TestAFormIsOpenedFilledAndAnswered(t *testing.T) {
	now := at("2026-12-09T12:00:00Z")
	server := slacktest.New("U1", "U2")
	server.Now = func() time.Time { return now }
	desk := &recorder{}
	var failed []error
	h := slack.NewHandler(connect(server), desk, server.Now, func(err error) { failed = append(failed, err) })
	click := func(user, trigger string) {
		press(h, now, payload(noteButton(user, trigger)), slacktest.SigningSecret)
		h.Wait()
	}
	click("U1", server.Trigger("U1"))
	if views := server.Views(); len(views) != 1 || views[0].Title != "Handoff note" || views[0].User != "U1" || len(server.Replies()) > 0 {
		t.Fatalf("%+v, answers %q, %v", views, server.Replies(), failed)
	}
	sent, err := server.Submission("U1", "The queue & <!here> is long")
	if err != nil {
		t.Fatal(err)
	}
	for range 3 { // Slack sends it again when it did not hear
		if code := press(h, now, payload(sent), slacktest.SigningSecret); code != 200 {
			t.Errorf("status %d", code)
		}
	}
	h.Wait()
	want := []string{"U1 asks leave-note", "U1 leave-note harbor,2026-12-09T12:00Z: The queue & <!here> is long"}
	if !slices.Equal(desk.asked, want) {
		t.Errorf("asked %q", desk.asked)
	}
	if said := server.Replies(); len(said) != 1 || !strings.Contains(said[0], `"channel":"C0SUPPORT"`) || !strings.Contains(said[0], `"user":"U1"`) ||
		strings.Contains(said[0], "<!here>") {
		t.Errorf("answered %q", said)
	}
	if code := press(h, now, payload(sent), "other"); code != 401 {
		t.Errorf("a forged form: %d", code)
	}
	// Who has nothing to fill in is told so, and no form opens.
	if click("U2", server.Trigger("U2")); len(server.Views()) != 1 || !strings.Contains(server.Replies()[1], "not yours") {
		t.Errorf("answered %q", server.Replies())
	}
	if len(failed) > 0 {
		t.Errorf("failed: %v", failed)
	}
	// A click that comes too late opens nothing, and says what to do instead.
	late := server.Trigger("U1")
	now = now.Add(4 * time.Second)
	if click("U1", late); len(server.Views()) != 1 || len(failed) != 1 || !strings.Contains(failed[0].Error(), "expired_trigger_id") ||
		!strings.Contains(server.Replies()[2], "/rota note") {
		t.Errorf("answered %q, failed %v", server.Replies(), failed)
	}
	// A form of somebody else's making is passed over.
	view := sent["view"].(map[string]any)
	view["callback_id"] = "take-over"
	view["id"] = "V2"
	press(h, now, payload(sent), slacktest.SigningSecret)
	if h.Wait(); len(desk.asked) != 3 {
		t.Errorf("asked %q", desk.asked)
	}
}

func TestAFormThroughSocketMode(t *testing.T) {
	fake := slacktest.New("U1")
	web := httptest.NewServer(fake)
	defer web.Close()
	desk := &recorder{}
	h := slack.NewHandler(slack.NewClient(allSecrets, slack.Options{URL: web.URL + "/api"}), desk, time.Now, nil)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- h.Socket(ctx) }()
	push := func(id string, p any) {
		t.Helper()
		if took, err := fake.Push("interactive", id, p, false); err != nil || took > 3*time.Second {
			t.Fatal(took, err)
		}
	}
	push("e1", noteButton("U1", fake.Trigger("U1")))
	h.Wait()
	sent, err := fake.Submission("U1", "look")
	if err != nil {
		t.Fatal(err)
	}
	push("e2", sent)
	push("e3", sent)
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	h.Wait()
	if len(desk.asked) != 2 || !strings.HasSuffix(desk.asked[1], ": look") || len(fake.Replies()) != 1 {
		t.Errorf("asked %q, answered %q", desk.asked, fake.Replies())
	}
}

func TestWhatTheFakeRefusesInForms(t *testing.T) {
	good := `{"type":"modal","callback_id":"c","title":{"type":"plain_text","text":"T"},"submit":{"type":"plain_text","text":"S"},
		"blocks":[{"type":"input","block_id":"b","label":{"type":"plain_text","text":"L"},"element":{"type":"plain_text_input","action_id":"a","max_length":10}}]}`
	long := strings.Repeat("x", 25)
	for name, x := range map[string][2]string{
		"a long title":          {`"text":"T"`, `"text":"` + long + `"`},
		"a long submit":         {`"text":"S"`, `"text":"` + long + `"`},
		"no submit":             {`"submit":{"type":"plain_text","text":"S"},`, ``},
		"no title":              {`"title":{"type":"plain_text","text":"T"},`, ``},
		"a title in markup":     {`"title":{"type":"plain_text"`, `"title":{"type":"mrkdwn"`},
		"no blocks":             {`"blocks":[`, `"blocks":[],"more":[`},
		"too many blocks":       {`"blocks":[`, `"blocks":[` + strings.Repeat(`{"type":"divider"},`, 100)},
		"no label":              {`"label":{"type":"plain_text","text":"L"},`, ``},
		"an unknown element":    {`plain_text_input`, `number_input`},
		"a text without a name": {`"action_id":"a",`, ``},
		"too long a text":       {`"max_length":10`, `"max_length":3001`},
		"much metadata":         {`"callback_id":"c",`, `"private_metadata":"` + strings.Repeat("x", 3001) + `",`},
		"another type":          {`"modal"`, `"home"`},
	} {
		if !strings.Contains(good, x[0]) {
			t.Fatalf("%s: no %s", name, x[0])
		}
		server := slacktest.New("U1")
		for _, view := range []string{good, strings.Replace(good, x[0], x[1], 1)} {
			body := `{"trigger_id":"` + server.Trigger("U1") + `","view":` + view + `}`
			r := httptest.NewRequest("POST", "/api/views.open", strings.NewReader(body))
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("Authorization", "Bearer "+slacktest.BotToken)
			w := httptest.NewRecorder()
			server.ServeHTTP(w, r)
			if ok := strings.Contains(w.Body.String(), `"ok":true`); ok != (view == good) {
				t.Errorf("%s: %s", name, w.Body)
			}
		}
	}
	server := slacktest.New("U1")
	open := func(trigger string) string {
		r := httptest.NewRequest("POST", "/api/views.open", strings.NewReader(`{"trigger_id":"`+trigger+`","view":`+good+`}`))
		r.Header.Set("Content-Type", "application/json; charset=utf-8")
		r.Header.Set("Authorization", "Bearer "+slacktest.BotToken)
		w := httptest.NewRecorder()
		server.ServeHTTP(w, r)
		return w.Body.String()
	}
	once := server.Trigger("U1")
	if first, again, none := open(once), open(once), open("1.2"); !strings.Contains(first, `"ok":true`) || !strings.Contains(again, "exchanged_trigger_id") ||
		!strings.Contains(none, "invalid_trigger_id") {
		t.Errorf("%s %s %s", first, again, none)
	}
	if _, err := server.Submission("U1", strings.Repeat("x", 11)); err == nil {
		t.Error("a text that is too long was sent")
	}
	if _, err := server.Submission("U2", "x"); err == nil {
		t.Error("a form that nobody has was sent")
	}
}

var _ slack.Desk = (*notify.Desk)(nil)
