package slack

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	api "github.com/slack-go/slack"

	"rota/notify"
)

// Desk does what people ask for. *notify.Desk is one.
type Desk interface {
	Act(ctx context.Context, user string, a notify.Action, words []string, at time.Time) (string, error)
	Ask(ctx context.Context, user string, a notify.Action, words []string, at time.Time) (notify.Form, error)
	Fill(ctx context.Context, user string, a notify.Action, words []string, text string, at time.Time) (string, error)
	Command(ctx context.Context, user, text string, at time.Time) (string, error)
}

// Handler takes what people press and type. Slack hears at once that it arrived; the work is done then, and its outcome
// told to the person alone. It is safe for concurrent use. Call Wait before the process ends.
type Handler struct {
	client *Client
	desk   Desk
	now    func() time.Time
	failed func(error)

	mu   sync.Mutex
	seen map[string]time.Time
	work sync.WaitGroup
}

// NewHandler makes a handler. now is the clock; failed is told of errors that are nobody's fault in front of Slack, and
// may be nil.
func NewHandler(c *Client, desk Desk, now func() time.Time, failed func(error)) *Handler {
	if failed == nil {
		failed = func(error) {}
	}
	return &Handler{client: c, desk: desk, now: now, failed: failed, seen: map[string]time.Time{}}
}

const (
	// skew is how old a signed request may be. Slack asks for five minutes.
	skew = 5 * time.Minute
	// workTime bounds the work for one request: an answer can be given for 30 minutes, people wait for less.
	workTime = 2 * time.Minute
	maxBody  = 1 << 20
	// mostSeen bounds what is remembered against repeats.
	mostSeen = 10000
)

// request is one thing somebody asked for.
type request struct {
	user, id, answerTo string
	// text is a command's; action and words a button's.
	text   string
	action notify.Action
	words  []string
	// trigger lets a form be opened, for three seconds, and channel is where the button stands.
	trigger, channel string
	// filled says that text is what was written into the form of the action.
	filled bool
}

// ServeHTTP takes signed requests of Slack: buttons and commands at one address. Without a signing secret everything is
// refused.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "only POST", http.StatusMethodNotAllowed)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		http.Error(w, "the request is too large or was cut short", http.StatusBadRequest)
		return
	}
	if !h.signed(r.Header, body) {
		http.Error(w, "the signature is wrong", http.StatusUnauthorized)
		return
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		http.Error(w, "the form cannot be read", http.StatusBadRequest)
		return
	}
	if form.Get("ssl_check") == "1" {
		return
	}
	var list []request
	if payload := form.Get("payload"); payload != "" {
		var c api.InteractionCallback
		if json.Unmarshal([]byte(payload), &c) != nil {
			http.Error(w, "the payload cannot be read", http.StatusBadRequest)
			return
		}
		list = pressed(c)
	} else {
		list = []request{{user: form.Get("user_id"), id: form.Get("trigger_id"), answerTo: form.Get("response_url"), text: form.Get("text")}}
	}
	h.take(list)
	w.WriteHeader(http.StatusOK)
}

// signed checks Slack's signature of a request and its age, in constant time.
func (h *Handler) signed(header http.Header, body []byte) bool {
	secret := h.client.secrets.signing
	stamp := header.Get("X-Slack-Request-Timestamp")
	sec, err := strconv.ParseInt(stamp, 10, 64)
	if secret == "" || err != nil || h.now().Sub(time.Unix(sec, 0)).Abs() > skew {
		return false
	}
	given, err := hex.DecodeString(strings.TrimPrefix(header.Get("X-Slack-Signature"), "v0="))
	if err != nil {
		return false
	}
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "v0:%s:", stamp)
	mac.Write(body)
	return hmac.Equal(given, mac.Sum(nil))
}

// pressed lists the buttons of an interaction, or the form that was sent; other interactions give nothing.
func pressed(c api.InteractionCallback) []request {
	if c.Type == api.InteractionTypeViewSubmission {
		return filledIn(c)
	}
	var list []request
	for _, b := range c.ActionCallback.BlockActions {
		name, _, _ := strings.Cut(b.ActionID, "/")
		list = append(list, request{user: c.User.ID, id: c.User.ID + " " + b.ActionID + " " + b.ActionTs + " " + c.TriggerID, answerTo: c.ResponseURL,
			action: notify.Action(name), words: strings.Fields(b.Value), trigger: c.TriggerID, channel: c.Container.ChannelID})
	}
	return list
}

// take begins the work for requests that were not seen before.
func (h *Handler) take(list []request) {
	for _, r := range list {
		if !h.fresh(r.id) {
			continue
		}
		h.work.Go(func() { h.do(r) })
	}
}

// fresh reports whether a request is new. Slack sends one again when it did not hear in time; the desk would bear that,
// people need not be answered twice.
func (h *Handler) fresh(id string) bool {
	if strings.TrimSpace(id) == "" {
		return true
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	now := h.now()
	if len(h.seen) >= mostSeen {
		for k, at := range h.seen {
			if now.Sub(at).Abs() > 2*skew {
				delete(h.seen, k)
			}
		}
		if len(h.seen) >= mostSeen {
			clear(h.seen)
		}
	}
	if _, known := h.seen[id]; known {
		return false
	}
	h.seen[id] = now
	return true
}

func (h *Handler) do(r request) {
	ctx, cancel := context.WithTimeout(context.Background(), workTime)
	defer cancel()
	var answer string
	var err error
	switch {
	case r.filled:
		answer, err = h.desk.Fill(ctx, r.user, r.action, r.words, r.text, h.now())
	case r.action.Asks():
		answer, err = h.ask(ctx, r)
	case r.action != "":
		answer, err = h.desk.Act(ctx, r.user, r.action, r.words, h.now())
	default:
		answer, err = h.desk.Command(ctx, r.user, r.text, h.now())
	}
	var no *notify.Declined
	switch {
	case errors.As(err, &no):
		answer = no.Why
	case err != nil:
		h.failed(errors.New(h.client.secrets.redact(err.Error())))
		answer = "rota could not do that just now. Please try again in a minute."
		if r.filled {
			answer += " Your words were: " + r.text
		}
	}
	if r.filled {
		err = h.client.whisper(ctx, r.channel, r.user, answer)
	} else {
		err = h.client.answer(ctx, r.answerTo, answer)
	}
	if err != nil {
		h.failed(err)
	}
}

// Wait blocks until the work that was begun is done.
func (h *Handler) Wait() { h.work.Wait() }

// answer tells something to the person who asked, at the address that came with the request. The address is a secret.
func (c *Client) answer(ctx context.Context, to, text string) error {
	const method = "answer"
	if to == "" || text == "" {
		return nil
	}
	u, err := url.Parse(to)
	if err != nil || !c.mayAnswer(u) {
		return &Error{Method: method, Text: "the address is not one of Slack's"}
	}
	body, err := json.Marshal(map[string]any{"response_type": "ephemeral", "replace_original": false, "text": escaper.Replace(notify.Cut(text, maxText))})
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(body))
	if err != nil {
		return &Error{Method: method, Text: "the address cannot be used"}
	}
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	response, err := c.http.Do(r)
	if err != nil {
		// The error of the HTTP client holds the address.
		var at *url.Error
		if errors.As(err, &at) {
			err = at.Err
		}
		return c.secrets.failure(method, err)
	}
	defer response.Body.Close()
	if response.StatusCode/100 != 2 {
		return &Error{Method: method, Text: fmt.Sprintf("the answer is %d %s", response.StatusCode, http.StatusText(response.StatusCode))}
	}
	return nil
}

// mayAnswer reports whether an address is Slack's, or of the host that stands in for it.
func (c *Client) mayAnswer(u *url.URL) bool {
	host := u.Hostname()
	if u.Scheme == "https" && (host == "slack.com" || strings.HasSuffix(host, ".slack.com") || strings.HasSuffix(host, ".slack-gov.com")) {
		return true
	}
	return c.url != nil && u.Scheme == c.url.Scheme && u.Host == c.url.Host
}
