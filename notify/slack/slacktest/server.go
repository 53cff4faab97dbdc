package slacktest

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// The secrets that a new server accepts.
const (
	BotToken      = "xoxb-fake-0123456789-abcdefghij"
	AppToken      = "xapp-fake-0123456789-klmnopqrst"
	SigningSecret = "fake0signing0secret0uvwxyz"
)

// Scopes are those that a new server has granted.
var Scopes = []string{"chat:write", "channels:history", "channels:read", "commands", "groups:history", "groups:read", "im:history", "im:write",
	"usergroups:read", "usergroups:write", "users:read", "users:read.email"}

// Message is one that the server took.
type Message struct {
	Channel, Stamp string
	// To is what was asked for as the channel, a person's id for a direct message.
	To     string
	Text   string
	Blocks json.RawMessage
	// EventType and Payload are the metadata.
	EventType string
	Payload   map[string]any
	At        time.Time
	// Edits counts updates.
	Edits int
}

// Channel is a conversation of many.
type Channel struct {
	ID, Name string
	// Member says that the app is in it.
	Member, Archived bool
}

// Group is a user group.
type Group struct {
	ID, Handle string
	Users      []string
	// Writes counts how often its members were set.
	Writes int
}

// Server is the fake. Make one with New; its exported fields may be changed until it is first used.
type Server struct {
	// Now is the server's clock; nil for the machine's.
	Now func() time.Time
	// Fault, when not nil, is asked about each call, with its number from 0.
	Fault func(n int, method string, form url.Values) Fault
	// Granted are the scopes; Paid says that user groups exist; Unlimited switches the limit per channel off.
	Granted         []string
	Paid, Unlimited bool
	// Requests is where buttons, commands and forms go as signed requests; empty for Socket Mode.
	Requests string

	mu       sync.Mutex
	users    map[string]string // id to e-mail
	inactive map[string]bool
	channels []Channel
	groups   []*Group
	messages []*Message
	pending  []late
	last     map[string]time.Time
	silent   map[string]time.Time // method to the end of a Retry-After
	calls    int
	counts   map[string]int
	// impatient counts calls before the end of a Retry-After.
	impatient int
	replies   []string
	stamp     int64
	links     chan *link
	triggers  map[string]*trigger
	views     []*View
	envelopes int
}

type late struct {
	at time.Time
	m  *Message
}

// New is a workspace of people, with one channel that the app is in, #support, and one group, @support-now.
func New(users ...string) *Server {
	s := &Server{Granted: slices.Clone(Scopes), Paid: true, users: map[string]string{}, inactive: map[string]bool{},
		triggers: map[string]*trigger{}, links: make(chan *link, 16), last: map[string]time.Time{}, silent: map[string]time.Time{}, counts: map[string]int{},
		channels: []Channel{{ID: "C0SUPPORT", Name: "support", Member: true}, {ID: "C0OTHER", Name: "other"}, {ID: "C0OLD", Name: "old", Member: true, Archived: true}},
		groups:   []*Group{{ID: "S0SUPPORT", Handle: "support-now"}}}
	for _, u := range users {
		s.users[u] = strings.ToLower(u) + "@harbor.example"
	}
	return s
}

func (s *Server) now() time.Time {
	if s.Now == nil {
		return time.Now()
	}
	return s.Now()
}

// Messages lists what was taken, in the order of arrival.
func (s *Server) Messages() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.arrive()
	var list []Message
	for _, m := range s.messages {
		list = append(list, *m)
	}
	return list
}

// Groups lists the user groups.
func (s *Server) Groups() []Group {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []Group
	for _, g := range s.groups {
		c := *g
		c.Users = slices.Clone(g.Users)
		list = append(list, c)
	}
	return list
}

// Calls is how often a method was called; of all methods for an empty name.
func (s *Server) Calls(method string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if method == "" {
		return s.calls
	}
	return s.counts[method]
}

// Impatient is how often a method was called before the time that a Retry-After named.
func (s *Server) Impatient() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.impatient
}

// Replies lists what was sent to response addresses.
func (s *Server) Replies() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.replies)
}

// Deactivate ends somebody's account.
func (s *Server) Deactivate(user string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.inactive[user] = true
}

// Sign gives the headers of a request that Slack would send.
func Sign(secret string, at time.Time, body []byte) http.Header {
	stamp := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "v0:%s:%s", stamp, body)
	return http.Header{"X-Slack-Request-Timestamp": {stamp}, "X-Slack-Signature": {"v0=" + hex.EncodeToString(mac.Sum(nil))},
		"Content-Type": {"application/x-www-form-urlencoded"}}
}

// answer is what a call comes to.
type answer struct {
	status int
	header http.Header
	body   []byte
	// reset breaks the connection instead; slow never answers in time.
	reset, slow bool
}

func ok(fields map[string]any) answer {
	if fields == nil {
		fields = map[string]any{}
	}
	fields["ok"] = true
	return reply(fields)
}

func refuse(code string) answer { return reply(map[string]any{"ok": false, "error": code}) }

func reply(fields map[string]any) answer {
	body, err := json.Marshal(fields)
	if err != nil {
		panic(err) // maps of strings and numbers
	}
	return answer{status: http.StatusOK, header: http.Header{"Content-Type": {"application/json; charset=utf-8"}}, body: body}
}

// call serves one request.
func (s *Server) call(method string, header http.Header, form url.Values, body []byte) answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.arrive()
	if strings.HasPrefix(method, "response/") {
		s.replies = append(s.replies, string(body))
		return answer{status: http.StatusOK, body: []byte("ok")}
	}
	n := s.calls
	s.calls++
	s.counts[method]++
	if until := s.silent[method]; s.now().Before(until) {
		s.impatient++
	}
	fault := NoFault
	if s.Fault != nil {
		fault = s.Fault(n, method, form)
	}
	switch fault {
	case RateLimited:
		s.silent[method] = s.now().Add(7 * time.Second)
		return answer{status: http.StatusTooManyRequests, header: http.Header{"Retry-After": {"7"}}}
	case RateLimitedBare:
		return answer{status: http.StatusTooManyRequests}
	case ServerError:
		return answer{status: http.StatusServiceUnavailable, body: []byte("<html>down</html>")}
	case ResetBefore:
		return answer{reset: true}
	case NotOK:
		return refuse("service_unavailable")
	case HTML:
		return html()
	case SlowBefore:
		return answer{slow: true}
	}
	a := s.do(method, header, form, fault)
	switch fault {
	case ServerErrorStored:
		return answer{status: http.StatusBadGateway, body: []byte("<html>bad gateway</html>")}
	case ResetStored:
		return answer{reset: true}
	case FatalStored:
		return refuse("fatal_error")
	case HTMLStored:
		return html()
	case SlowStored, SlowLate:
		return answer{slow: true}
	}
	return a
}

func html() answer {
	return answer{status: http.StatusOK, header: http.Header{"Content-Type": {"text/html"}}, body: []byte("<html><body>Something went wrong</body></html>")}
}

// arrive takes in what was sent and held up.
func (s *Server) arrive() {
	now := s.now()
	var still []late
	for _, l := range s.pending {
		if l.at.After(now) {
			still = append(still, l)
			continue
		}
		s.messages = append(s.messages, l.m)
	}
	s.pending = still
}

var needs = map[string]string{"chat.postMessage": "chat:write", "chat.update": "chat:write", "chat.postEphemeral": "chat:write", "conversations.open": "im:write",
	"usergroups.list": "usergroups:read", "usergroups.users.list": "usergroups:read", "usergroups.users.update": "usergroups:write",
	"users.lookupByEmail": "users:read.email", "conversations.list": "channels:read", "conversations.info": "channels:read"}

func (s *Server) do(method string, header http.Header, form url.Values, fault Fault) answer {
	token := cmp.Or(form.Get("token"), strings.TrimPrefix(header.Get("Authorization"), "Bearer "))
	switch {
	case token == "":
		return refuse("not_authed")
	case method == "apps.connections.open" && token != AppToken, method != "apps.connections.open" && token != BotToken:
		return refuse("invalid_auth")
	}
	scope := needs[method]
	if method == "conversations.history" {
		scope = "channels:history"
		if strings.HasPrefix(form.Get("channel"), "D") {
			scope = "im:history"
		}
	}
	if scope != "" && !slices.Contains(s.Granted, scope) {
		return reply(map[string]any{"ok": false, "error": "missing_scope", "needed": scope, "provided": strings.Join(s.Granted, ",")})
	}
	if strings.HasPrefix(method, "usergroups.") && !s.Paid {
		return refuse("paid_teams_only")
	}
	switch method {
	case "apps.connections.open":
		return s.openLink(header.Get("Host"))
	case "auth.test":
		a := ok(map[string]any{"url": "https://harbor.example/", "team": "Harbor", "user": "rota", "team_id": "T0HARBOR", "user_id": "U0ROTABOT", "bot_id": "B0ROTA"})
		a.header.Set("X-OAuth-Scopes", strings.Join(s.Granted, ","))
		return a
	case "chat.postMessage":
		return s.post(form, fault)
	case "chat.update":
		return s.update(form)
	case "chat.postEphemeral":
		return s.whisper(form)
	case "views.open":
		return s.openView(form)
	case "conversations.open":
		u := form.Get("users")
		if _, known := s.users[u]; !known {
			return refuse("user_not_found")
		}
		return ok(map[string]any{"channel": map[string]any{"id": direct(u)}})
	case "conversations.history":
		return s.history(form)
	case "conversations.info":
		for _, c := range s.channels {
			if c.ID == form.Get("channel") {
				return ok(map[string]any{"channel": c.describe()})
			}
		}
		return refuse("channel_not_found")
	case "conversations.list":
		var list []any
		for _, c := range s.channels {
			if !c.Archived || form.Get("exclude_archived") != "true" {
				list = append(list, c.describe())
			}
		}
		return ok(map[string]any{"channels": list})
	case "users.lookupByEmail":
		for id, mail := range s.users {
			if mail == strings.ToLower(form.Get("email")) && !s.inactive[id] {
				return ok(map[string]any{"user": map[string]any{"id": id, "name": strings.ToLower(id)}})
			}
		}
		return refuse("users_not_found")
	case "users.info":
		if _, known := s.users[form.Get("user")]; !known {
			return refuse("user_not_found")
		}
		return ok(map[string]any{"user": map[string]any{"id": form.Get("user"), "deleted": s.inactive[form.Get("user")]}})
	case "usergroups.list":
		var list []any
		for _, g := range s.groups {
			list = append(list, map[string]any{"id": g.ID, "handle": g.Handle, "name": g.Handle})
		}
		return ok(map[string]any{"usergroups": list})
	case "usergroups.users.list", "usergroups.users.update":
		return s.group(method, form)
	}
	return refuse("unknown_method")
}

func (c Channel) describe() map[string]any {
	return map[string]any{"id": c.ID, "name": c.Name, "is_channel": true, "is_member": c.Member, "is_archived": c.Archived}
}

func direct(user string) string { return "D" + strings.TrimPrefix(user, "U") }

// place finds where a message goes.
func (s *Server) place(to string) (id, problem string) {
	if _, known := s.users[to]; known {
		if s.inactive[to] {
			return "", "user_disabled"
		}
		return direct(to), ""
	}
	for u := range s.users {
		if direct(u) == to {
			return to, ""
		}
	}
	for _, c := range s.channels {
		if c.ID == to || "#"+c.Name == to || c.Name == to {
			switch {
			case c.Archived:
				return "", "is_archived"
			case !c.Member:
				return "", "not_in_channel"
			}
			return c.ID, ""
		}
	}
	return "", "channel_not_found"
}

func (s *Server) post(form url.Values, fault Fault) answer {
	to := form.Get("channel")
	place, problem := s.place(to)
	if problem != "" {
		return refuse(problem)
	}
	m := &Message{Channel: place, To: to, Text: form.Get("text"), At: s.now()}
	if a, bad := fill(m, form); bad {
		return a
	}
	if last, has := s.last[place]; has && !s.Unlimited && m.At.Sub(last) < time.Second && m.At.Sub(last) >= 0 {
		s.silent["chat.postMessage"] = m.At.Add(time.Second)
		return answer{status: http.StatusTooManyRequests, header: http.Header{"Retry-After": {"1"}}}
	}
	s.last[place] = m.At
	s.stamp++
	m.Stamp = fmt.Sprintf("%d.%06d", m.At.Unix(), s.stamp%1000000)
	if fault == SlowLate {
		s.pending = append(s.pending, late{m.At.Add(40 * time.Second), m})
	} else {
		s.messages = append(s.messages, m)
	}
	return ok(map[string]any{"channel": place, "ts": m.Stamp, "message": map[string]any{"text": m.Text, "ts": m.Stamp}})
}

// fill checks and takes the content of a message.
func fill(m *Message, form url.Values) (answer, bool) {
	blocks := form.Get("blocks")
	switch {
	case m.Text == "" && blocks == "":
		return refuse("no_text"), true
	case m.Text == "":
		return refuse("no_text_beside_blocks"), true // ours: Slack only warns, and notifications are empty then
	case utf8.RuneCountInString(m.Text) > 40000:
		return refuse("msg_too_long"), true
	case form.Get("link_names") == "1", form.Get("link_names") == "true", form.Get("parse") == "full":
		return refuse("names_would_be_linked"), true // ours: an @here in a name would call everybody
	case checkMarkup(m.Text) != "":
		return refuse("unescaped_text"), true // ours
	case form.Get("unfurl_links") != "false" || form.Get("unfurl_media") != "false":
		return refuse("would_unfurl"), true // ours
	}
	if blocks != "" {
		if why := checkBlocks(blocks); why != "" {
			return reply(map[string]any{"ok": false, "error": "invalid_blocks", "response_metadata": map[string]any{"messages": []string{why}}}), true
		}
		m.Blocks = json.RawMessage(blocks)
	}
	if text := form.Get("metadata"); text != "" {
		var meta struct {
			EventType    string         `json:"event_type"`
			EventPayload map[string]any `json:"event_payload"`
		}
		if json.Unmarshal([]byte(text), &meta) != nil || meta.EventType == "" || meta.EventPayload == nil {
			return refuse("invalid_metadata_format"), true
		}
		m.EventType, m.Payload = meta.EventType, meta.EventPayload
	}
	return answer{}, false
}

func (s *Server) update(form url.Values) answer {
	for _, m := range s.messages {
		if m.Channel == form.Get("channel") && m.Stamp == form.Get("ts") {
			was := *m
			m.Text = form.Get("text")
			if a, bad := fill(m, form); bad {
				*m = was
				return a
			}
			m.Edits++
			return ok(map[string]any{"channel": m.Channel, "ts": m.Stamp, "text": m.Text})
		}
	}
	return refuse("message_not_found")
}

func (s *Server) history(form url.Values) answer {
	channel := form.Get("channel")
	if !strings.HasPrefix(channel, "D") && !strings.HasPrefix(channel, "C") {
		return refuse("channel_not_found")
	}
	if id, problem := s.place(channel); problem != "" || id != channel {
		return refuse(cmp.Or(problem, "channel_not_found"))
	}
	oldest, _ := strconv.ParseFloat(form.Get("oldest"), 64)
	limit, _ := strconv.Atoi(form.Get("limit"))
	limit = min(cmp.Or(limit, 100), 999)
	skip, _ := strconv.Atoi(form.Get("cursor"))
	var list []any
	more := false
	for i := len(s.messages) - 1; i >= 0; i-- {
		m := s.messages[i]
		if at, _ := strconv.ParseFloat(m.Stamp, 64); m.Channel != channel || at <= oldest {
			continue
		}
		if skip > 0 {
			skip--
			continue
		}
		if len(list) == limit {
			more = true
			break
		}
		entry := map[string]any{"type": "message", "ts": m.Stamp, "text": m.Text}
		if m.EventType != "" && form.Get("include_all_metadata") == "1" {
			entry["metadata"] = map[string]any{"event_type": m.EventType, "event_payload": m.Payload}
		}
		list = append(list, entry)
	}
	fields := map[string]any{"messages": list, "has_more": more}
	if more {
		done, _ := strconv.Atoi(form.Get("cursor"))
		fields["response_metadata"] = map[string]any{"next_cursor": strconv.Itoa(done + limit)}
	}
	return ok(fields)
}

func (s *Server) group(method string, form url.Values) answer {
	i := slices.IndexFunc(s.groups, func(g *Group) bool { return g.ID == form.Get("usergroup") })
	if i < 0 {
		return refuse("no_such_subteam")
	}
	g := s.groups[i]
	if method == "usergroups.users.list" {
		return ok(map[string]any{"users": append([]string{}, g.Users...)})
	}
	var users []string
	for _, u := range strings.Split(form.Get("users"), ",") {
		if u = strings.TrimSpace(u); u == "" {
			continue
		}
		if _, known := s.users[u]; !known || s.inactive[u] {
			return refuse("invalid_users")
		}
		users = append(users, u)
	}
	if len(users) == 0 {
		return refuse("no_users_provided")
	}
	g.Users = users
	g.Writes++
	return ok(map[string]any{"usergroup": map[string]any{"id": g.ID, "handle": g.Handle, "users": users}})
}
