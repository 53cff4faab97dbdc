package slacktest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"
)

// controlPath is where a person's hands reach into the server, which Slack has no method for: see Control.
const controlPath = "/control/"

// Control is what came of something that a person did.
type Control struct {
	// Problem is why it could not be done; empty when it was.
	Problem string `json:"problem,omitempty"`
	// Acknowledged is how many milliseconds the app took to say that it has it.
	Acknowledged int64 `json:"acknowledged_ms"`
	// Answer is what the app told the person, and Form the form that it opened.
	Answer string `json:"answer,omitempty"`
	Form   *View  `json:"form,omitempty"`
}

// serveControl lets a person press a button (press), type a command (type) or send a form (fill): user says who, and text
// is what stands on the button, or what they write. It waits for the app's answer, at most until wait, such as 5s.
func (s *Server) serveControl(w http.ResponseWriter, r *http.Request) {
	base := "http://" + r.Host
	c, err := s.control(path.Base(r.URL.Path), base, r.FormValue("user"), r.FormValue("text"), r.FormValue("wait"))
	if err != nil {
		c.Problem = err.Error()
		w.WriteHeader(http.StatusConflict)
	}
	_ = json.NewEncoder(w).Encode(c) // whoever asked has gone
}

func (s *Server) control(what, base, user, text, wait string) (c Control, err error) {
	patience, err := time.ParseDuration(wait)
	if err != nil {
		patience = 5 * time.Second
	}
	answers, views := len(s.Replies()), len(s.Views())
	var payload map[string]any
	kind := "interactive"
	switch what {
	case "press":
		payload, err = s.Press(user, text, base)
	case "type":
		kind, payload = "slash_commands", s.Command(user, text, base)
	case "fill":
		payload, err = s.Submission(user, text)
	default:
		err = fmt.Errorf("nobody can %q here: press, type or fill", what)
	}
	if err != nil {
		return c, err
	}
	took, err := s.deliver(kind, payload)
	if err != nil {
		return c, err
	}
	c.Acknowledged = took.Milliseconds()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if said := s.Replies(); len(said) > answers {
			c.Answer = Answer(said[answers])
			return c, nil
		}
		if open := s.Views(); len(open) > views {
			c.Form = &open[views]
			return c, nil
		}
	}
	return c, nil
}

// Answer is the text of a reply as people read it.
func Answer(reply string) string {
	var m struct{ Text string }
	if json.Unmarshal([]byte(reply), &m) != nil {
		return reply
	}
	return strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(m.Text)
}

// Press is the payload of a button that somebody presses: the one that says the text, in the newest message that they can
// see and that has one. base is where the app may answer.
func (s *Server) Press(user, text, base string) (map[string]any, error) {
	for _, m := range slices.Backward(s.Messages()) {
		if strings.HasPrefix(m.Channel, "D") && m.Channel != direct(user) {
			continue
		}
		var blocks []struct {
			Type     string
			BlockID  string `json:"block_id"`
			Elements []struct {
				Type     string
				ActionID string `json:"action_id"`
				Value    string
				Text     struct{ Text string }
			}
		}
		_ = json.Unmarshal(m.Blocks, &blocks) // rich text has elements of another form
		for _, b := range blocks {
			for _, e := range b.Elements {
				if b.Type != "actions" || !strings.Contains(e.Text.Text, text) {
					continue
				}
				return map[string]any{"type": "block_actions", "trigger_id": s.Trigger(user), "user": map[string]any{"id": user},
					"response_url": base + "/response/" + m.Stamp, "container": map[string]any{"type": "message", "message_ts": m.Stamp, "channel_id": m.Channel},
					"actions": []any{map[string]any{"type": "button", "action_id": e.ActionID, "block_id": b.BlockID, "value": e.Value,
						"action_ts": fmt.Sprintf("%.6f", float64(time.Now().UnixMicro())/1e6)}}}, nil
			}
		}
	}
	return nil, fmt.Errorf("%s sees no button %q", user, text)
}

// Command is the payload of /rota with a text.
func (s *Server) Command(user, text, base string) map[string]any {
	return map[string]any{"command": "/rota", "user_id": user, "text": text, "trigger_id": s.Trigger(user), "response_url": base + "/response/" + user}
}

// deliver brings a payload to the app, by a signed request or else through Socket Mode, and says how long it took to
// acknowledge it. What does not come within three seconds Slack tells the person as an error.
func (s *Server) deliver(kind string, payload map[string]any) (time.Duration, error) {
	if s.Requests == "" {
		s.mu.Lock()
		s.envelopes++
		envelope := fmt.Sprint("envelope-", s.envelopes)
		s.mu.Unlock()
		var took time.Duration
		var err error
		for range cap(s.links) {
			// A connection that ended since the last time is noticed only now; there is another by then.
			if took, err = s.Push(kind, envelope, payload, false); err == nil {
				break
			}
		}
		return took, err
	}
	form := url.Values{}
	if kind == "slash_commands" {
		for k, v := range payload {
			form.Set(k, fmt.Sprint(v))
		}
	} else {
		text, err := json.Marshal(payload)
		if err != nil {
			return 0, err
		}
		form.Set("payload", string(text))
	}
	body := []byte(form.Encode())
	r, err := http.NewRequest(http.MethodPost, s.Requests, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	r.Header = Sign(SigningSecret, s.now(), body)
	began := time.Now()
	response, err := (&http.Client{Timeout: 3 * time.Second}).Do(r)
	if err != nil {
		return 0, errors.New("not acknowledged within 3 seconds")
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("the app answers %s", response.Status)
	}
	return time.Since(began), nil
}
