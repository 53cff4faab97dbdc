package slacktest

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// triggerTime is how long a trigger opens a form.
const triggerTime = 3 * time.Second

type trigger struct {
	user string
	at   time.Time
	used bool
}

// View is a form that somebody has before them.
type View struct {
	ID, User, CallbackID, Metadata string
	// Title, Label and Hint are what it says, of its first input.
	Title, Label, Hint string
	// Block and Action are the names of its input, and Most how long its text may be.
	Block, Action string
	Most          int
	// Sent says that it was sent and is gone.
	Sent bool
}

// Trigger makes the id that comes with a click and opens one form within three seconds.
func (s *Server) Trigger(user string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := fmt.Sprintf("%d.%d.trigger", s.now().UnixNano(), len(s.triggers))
	s.triggers[id] = &trigger{user: user, at: s.now()}
	return id
}

// Views lists the forms that were opened, in their order.
func (s *Server) Views() []View {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []View
	for _, v := range s.views {
		list = append(list, *v)
	}
	return list
}

// Submission is the payload of a form that somebody sends with a text: the newest that they have open. Slack itself
// refuses a text that is empty or too long, and nothing is sent then.
func (s *Server) Submission(user, text string) (map[string]any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := -1
	for k, v := range s.views {
		if v.User == user && !v.Sent {
			i = k
		}
	}
	if i < 0 {
		return nil, fmt.Errorf("%s has no form open", user)
	}
	v := s.views[i]
	if n := utf8.RuneCountInString(text); n == 0 || n > v.Most {
		return nil, fmt.Errorf("a text of %d characters, 1 to %d allowed", n, v.Most)
	}
	v.Sent = true
	return v.payload(text), nil
}

// payload is what Slack tells of a form that was sent.
func (v *View) payload(text string) map[string]any {
	return map[string]any{"type": "view_submission", "user": map[string]any{"id": v.User}, "view": map[string]any{
		"id": v.ID, "type": "modal", "callback_id": v.CallbackID, "private_metadata": v.Metadata,
		"state": map[string]any{"values": map[string]any{v.Block: map[string]any{v.Action: map[string]any{"type": "plain_text_input", "value": text}}}}}}
}

func (s *Server) openView(form url.Values) answer {
	t := s.triggers[form.Get("trigger_id")]
	switch {
	case t == nil:
		return refuse("invalid_trigger_id")
	case t.used:
		return refuse("exchanged_trigger_id")
	case s.now().Sub(t.at) > triggerTime:
		return refuse("expired_trigger_id")
	}
	t.used = true
	v := &View{ID: fmt.Sprintf("V0FAKE%04d", len(s.views)+1), User: t.user}
	if why := v.read(form.Get("view")); why != "" {
		return reply(map[string]any{"ok": false, "error": "invalid_arguments", "response_metadata": map[string]any{"messages": []string{why}}})
	}
	s.views = append(s.views, v)
	return ok(map[string]any{"view": map[string]any{"id": v.ID, "type": "modal", "callback_id": v.CallbackID, "private_metadata": v.Metadata}})
}

// read takes a view and says what Slack would refuse in it.
func (v *View) read(text string) string {
	var o map[string]any
	if len(text) > 250_000 || json.Unmarshal([]byte(text), &o) != nil {
		return "no view, or one that is too large"
	}
	v.CallbackID, _ = o["callback_id"].(string)
	v.Metadata, _ = o["private_metadata"].(string)
	blocks, _ := o["blocks"].([]any)
	switch {
	case o["type"] != "modal":
		return fmt.Sprintf("a view of type %v", o["type"])
	case len(v.CallbackID) > 255 || utf8.RuneCountInString(v.Metadata) > 3000:
		return "callback_id or private_metadata too long"
	case len(blocks) < 1 || len(blocks) > 100:
		return fmt.Sprintf("%d blocks, 1 to 100 allowed", len(blocks))
	}
	for _, name := range []string{"title", "submit", "close"} {
		if why := checkText(o[name], 24, true); why != "" && (o[name] != nil || name == "title") {
			return name + ": " + why
		}
	}
	v.Title = textOf(o["title"])
	var ids []string
	for i, b := range blocks {
		block, _ := b.(map[string]any)
		if id, _ := block["block_id"].(string); id != "" {
			if slices.Contains(ids, id) || len(id) > 255 {
				return fmt.Sprintf("block %d: block_id %q twice or too long", i, id)
			}
			ids = append(ids, id)
		}
		why := ""
		if block["type"] == "input" {
			if why = v.input(block); why == "" && o["submit"] == nil {
				why = "an input needs submit"
			}
		} else {
			why = checkBlock(block)
		}
		if why != "" {
			return fmt.Sprintf("block %d: %s", i, why)
		}
	}
	return ""
}

func (v *View) input(block map[string]any) string {
	if why := checkText(block["label"], 2000, true); why != "" {
		return "label: " + why
	}
	if why := checkText(block["hint"], 2000, true); why != "" && block["hint"] != nil {
		return "hint: " + why
	}
	e, _ := block["element"].(map[string]any)
	id, _ := e["action_id"].(string)
	most, given := e["max_length"].(float64)
	least, _ := e["min_length"].(float64)
	switch {
	case e["type"] != "plain_text_input":
		return fmt.Sprintf("an element of type %v", e["type"])
	case id == "" || len(id) > 255:
		return fmt.Sprintf("action_id %q missing or too long", id)
	case given && (most < 1 || most > 3000 || least > most), least < 0 || least > 3000:
		return "min_length or max_length outside 0 to 3000"
	case e["placeholder"] != nil && checkText(e["placeholder"], 150, true) != "":
		return "placeholder: " + checkText(e["placeholder"], 150, true)
	}
	if !given {
		most = 3000
	}
	v.Block, _ = block["block_id"].(string)
	v.Action, v.Most, v.Label, v.Hint = id, int(most), textOf(block["label"]), textOf(block["hint"])
	return ""
}

func textOf(v any) string {
	o, _ := v.(map[string]any)
	text, _ := o["text"].(string)
	return text
}

// whisper takes a message for one person in a channel.
func (s *Server) whisper(form url.Values) answer {
	place, problem := s.place(form.Get("channel"))
	if problem != "" {
		return refuse(problem)
	}
	user := form.Get("user")
	if _, known := s.users[user]; !known || s.inactive[user] {
		return refuse("user_not_in_channel")
	}
	m := &Message{Text: form.Get("text")}
	if a, bad := fill(m, form); bad {
		return a
	}
	body, err := json.Marshal(map[string]any{"response_type": "ephemeral", "channel": place, "user": user, "text": m.Text})
	if err != nil {
		panic(err) // strings
	}
	s.replies = append(s.replies, string(body))
	return ok(map[string]any{"message_ts": strings.ReplaceAll(s.now().Format("20060102150405.000000"), "-", "")})
}
