package slack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	api "github.com/slack-go/slack"

	"rota/notify"
)

// Options are how a client reaches Slack. The zero value is the real Slack.
type Options struct {
	// URL is where the methods are, such as http://127.0.0.1:8080/api/; empty for Slack's.
	URL string
	// Timeout bounds every call; 0 for 15 seconds.
	Timeout time.Duration
	// Transport carries the requests; nil for http.DefaultTransport.
	Transport http.RoundTripper
}

// Client is one Slack app in one workspace. It is safe for concurrent use.
type Client struct {
	secrets Secrets
	service *api.Client
	http    *http.Client
	url     *url.URL // of the methods, nil for Slack's

	mu            sync.Mutex
	conversations map[string]string // recipient to conversation id
	groups        map[string]string // handle to id
}

var _ notify.Messenger = (*Client)(nil)

// NewClient makes a client. It does not talk to Slack yet.
func NewClient(secrets Secrets, o Options) *Client {
	if o.Timeout <= 0 {
		o.Timeout = 15 * time.Second
	}
	c := &Client{secrets: secrets, conversations: map[string]string{}, groups: map[string]string{}}
	c.http = &http.Client{Timeout: o.Timeout, Transport: o.Transport,
		// Slack does not redirect its methods; what does is in between, and is not to be handed the token.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	// No retrying options: a call that was reset may have been taken.
	options := []api.Option{api.OptionHTTPClient(c.http), api.OptionLog(log.New(io.Discard, "", 0))}
	if o.URL != "" {
		// An address that cannot be read fails at the first call, with words for it.
		c.url, _ = url.Parse(o.URL)
		options = append(options, api.OptionAPIURL(strings.TrimSuffix(o.URL, "/")+"/"))
	}
	if secrets.app != "" {
		options = append(options, api.OptionAppLevelToken(secrets.app))
	}
	c.service = api.New(secrets.bot, options...)
	return c
}

// eventType is the kind of the metadata by which our messages are known.
const eventType = "rota_message"

func options(m notify.Outgoing, laidOut bool) []api.MsgOption {
	list := []api.MsgOption{
		api.MsgOptionText(fallback(m.Content), false),
		api.MsgOptionDisableLinkUnfurl(), api.MsgOptionDisableMediaUnfurl(),
	}
	if laidOut {
		list = append(list, api.MsgOptionBlocks(blocks(m.Content)...))
	}
	if m.Mark != "" {
		list = append(list, api.MsgOptionMetadata(api.SlackMetadata{EventType: eventType, EventPayload: map[string]any{"mark": m.Mark}}))
	}
	return list
}

// Post is as in notify.Messenger. A layout that Slack refuses is sent as plain text: that answer is a definite no, so
// nothing is sent twice by it.
func (c *Client) Post(ctx context.Context, to string, m notify.Outgoing) (notify.Receipt, error) {
	const method = "chat.postMessage"
	target, err := c.target(ctx, to)
	if err != nil {
		return notify.Receipt{}, certain(method, err)
	}
	at, err := c.post(ctx, target, m, true)
	var no *notify.Refusal
	if errors.As(err, &no) && slices.Contains(layoutCodes, no.Code) {
		at, err = c.post(ctx, target, m, false)
	}
	return at, err
}

func (c *Client) post(ctx context.Context, target string, m notify.Outgoing, laidOut bool) (notify.Receipt, error) {
	const method = "chat.postMessage"
	channel, ts, err := c.service.PostMessageContext(ctx, target, options(m, laidOut)...)
	if err != nil {
		return notify.Receipt{}, c.wrap(method, err)
	}
	if ts == "" {
		// The library takes ok:false without a code for a success.
		return notify.Receipt{}, &Error{Method: method, Text: "the answer names no message"}
	}
	return notify.Receipt{Conversation: channel, Stamp: ts}, nil
}

// certain turns an open error of a call before the one that counts into a definite no: nothing was posted yet.
func certain(method string, err error) error {
	var no *notify.Refusal
	if errors.As(err, &no) {
		return err
	}
	return &notify.Refusal{Method: method, Code: "not_tried", Detail: err.Error()}
}

// Update is as in notify.Messenger.
func (c *Client) Update(ctx context.Context, at notify.Receipt, m notify.Outgoing) error {
	list := options(m, true)
	_, _, _, err := c.service.UpdateMessageContext(ctx, at.Conversation, at.Stamp, list...)
	return c.wrap("chat.update", err)
}

// Find is as in notify.Messenger. It reads the conversation's history, newest first, as far back as since.
func (c *Client) Find(ctx context.Context, to, mark string, since time.Time) (notify.Receipt, bool, error) {
	const method = "conversations.history"
	conversation, err := c.conversation(ctx, to)
	if err != nil {
		return notify.Receipt{}, false, err
	}
	p := &api.GetConversationHistoryParameters{ChannelID: conversation, Oldest: fmt.Sprintf("%d.000000", since.Unix()), Limit: 200, IncludeAllMetadata: true}
	for {
		page, err := c.service.GetConversationHistoryContext(ctx, p)
		if err != nil {
			return notify.Receipt{}, false, c.wrap(method, err)
		}
		if !page.Ok {
			return notify.Receipt{}, false, &Error{Method: method, Text: "the answer cannot be understood"}
		}
		for _, m := range page.Messages {
			if m.Metadata.EventType == eventType && m.Metadata.EventPayload["mark"] == mark {
				return notify.Receipt{Conversation: conversation, Stamp: m.Timestamp}, true, nil
			}
		}
		if !page.HasMore || page.ResponseMetaData.NextCursor == "" {
			return notify.Receipt{}, false, nil
		}
		p.Cursor = page.ResponseMetaData.NextCursor
	}
}

// isUser reports whether a recipient is a person.
func isUser(to string) bool { return strings.HasPrefix(to, "U") || strings.HasPrefix(to, "W") }

func isConversation(to string) bool {
	return !strings.HasPrefix(to, "#") && len(to) > 1 && strings.ContainsRune("CDG", rune(to[0])) && strings.ToUpper(to) == to
}

// target is where a message to a recipient is posted: a person's id is good for that.
func (c *Client) target(ctx context.Context, to string) (string, error) {
	if isUser(to) || isConversation(to) {
		return to, nil
	}
	return c.conversation(ctx, to)
}

// conversation is the id of the conversation with a recipient.
func (c *Client) conversation(ctx context.Context, to string) (string, error) {
	if isConversation(to) {
		return to, nil
	}
	c.mu.Lock()
	id := c.conversations[to]
	c.mu.Unlock()
	if id != "" {
		return id, nil
	}
	var err error
	if isUser(to) {
		id, err = c.direct(ctx, to)
	} else {
		id, err = c.channelNamed(ctx, strings.TrimPrefix(to, "#"))
	}
	if err != nil {
		return "", err
	}
	c.mu.Lock()
	c.conversations[to] = id
	c.mu.Unlock()
	return id, nil
}

func (c *Client) direct(ctx context.Context, user string) (string, error) {
	const method = "conversations.open"
	channel, _, _, err := c.service.OpenConversationContext(ctx, &api.OpenConversationParameters{Users: []string{user}})
	if err != nil {
		return "", c.wrap(method, err)
	}
	if channel == nil || channel.ID == "" {
		return "", &Error{Method: method, Text: "the answer names no conversation"}
	}
	return channel.ID, nil
}

func (c *Client) channelNamed(ctx context.Context, name string) (string, error) {
	const method = "conversations.list"
	p := &api.GetConversationsParameters{ExcludeArchived: true, Limit: 1000, Types: []string{"public_channel", "private_channel"}}
	for {
		page, next, err := c.service.GetConversationsContext(ctx, p)
		if err != nil {
			return "", c.wrap(method, err)
		}
		for _, ch := range page {
			if ch.Name == name {
				return ch.ID, nil
			}
		}
		if p.Cursor = next; next == "" {
			return "", &notify.Refusal{Method: method, Code: "channel_not_found", Permanent: true,
				Detail: "the app sees no channel #" + notify.Cut(name, 80) + "; invite it there, or use the channel's id"}
		}
	}
}

// Group is as in notify.Messenger. group is an id or a handle with @.
func (c *Client) Group(ctx context.Context, group string) ([]string, error) {
	id, err := c.groupID(ctx, group)
	if err != nil {
		return nil, err
	}
	members, err := c.service.GetUserGroupMembersContext(ctx, id)
	return members, c.wrap("usergroups.users.list", err)
}

// SetGroup is as in notify.Messenger.
func (c *Client) SetGroup(ctx context.Context, group string, members []string) error {
	if len(members) == 0 {
		return &notify.Refusal{Method: "usergroups.users.update", Code: "no_users_provided", Permanent: true, Detail: "a group cannot be empty"}
	}
	id, err := c.groupID(ctx, group)
	if err != nil {
		return err
	}
	_, err = c.service.UpdateUserGroupMembersContext(ctx, id, strings.Join(members, ","))
	return c.wrap("usergroups.users.update", err)
}

func (c *Client) groupID(ctx context.Context, group string) (string, error) {
	handle, named := strings.CutPrefix(group, "@")
	if !named && strings.HasPrefix(group, "S") {
		return group, nil
	}
	c.mu.Lock()
	id := c.groups[handle]
	c.mu.Unlock()
	if id != "" {
		return id, nil
	}
	all, err := c.service.GetUserGroupsContext(ctx, api.GetUserGroupsOptionIncludeDisabled(false))
	if err != nil {
		return "", c.wrap("usergroups.list", err)
	}
	for _, g := range all {
		if g.Handle == handle {
			c.mu.Lock()
			c.groups[handle] = g.ID
			c.mu.Unlock()
			return g.ID, nil
		}
	}
	return "", &notify.Refusal{Method: "usergroups.list", Code: "no_such_subteam", Permanent: true,
		Detail: "there is no user group @" + notify.Cut(handle, 80) + "; make it in Slack first"}
}

// What Slack's codes mean for a message.
var (
	tokenCodes = []string{"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "org_login_required", "not_allowed_token_type"}
	// openCodes are answers after which "some aspect of the operation may have succeeded", in Slack's words.
	openCodes      = []string{"internal_error", "fatal_error"}
	limitCodes     = []string{"ratelimited", "rate_limited", "message_limit_exceeded"}
	layoutCodes    = []string{"invalid_blocks", "invalid_blocks_format"}
	groupCodes     = []string{"paid_teams_only", "plan_upgrade_required", "team_not_eligible"}
	permanentCodes = []string{"channel_not_found", "user_not_found", "user_disabled", "users_not_found", "is_archived", "cannot_dm_bot", "messages_tab_disabled",
		"msg_too_long", "invalid_blocks", "invalid_blocks_format", "no_text", "metadata_too_large", "invalid_metadata_format", "invalid_metadata_schema",
		"restricted_action", "restricted_action_read_only_channel", "no_such_subteam", "subteam_not_found", "no_users_provided", "invalid_users", "invalid_arguments", "message_not_found",
		"cant_update_message", "edit_window_closed"}
)

// wrap turns an error of the library into one that says what is known: a *notify.Refusal when Slack certainly did
// nothing, an *Error otherwise.
func (c *Client) wrap(method string, err error) error {
	if err == nil {
		return nil
	}
	var limited *api.RateLimitedError
	if errors.As(err, &limited) {
		return &notify.Refusal{Method: method, Code: "ratelimited", Limited: true, RetryAfter: limited.RetryAfter}
	}
	var status api.StatusCodeError
	if errors.As(err, &status) {
		switch {
		case status.Code == http.StatusTooManyRequests:
			return &notify.Refusal{Method: method, Code: "ratelimited", Limited: true}
		case status.Code >= 500 || status.Code == http.StatusRequestTimeout:
			return &Error{Method: method, Text: fmt.Sprintf("the answer is %d %s", status.Code, http.StatusText(status.Code))}
		}
		return &notify.Refusal{Method: method, Code: fmt.Sprintf("http_%d", status.Code)}
	}
	var answer api.SlackErrorResponse
	if errors.As(err, &answer) {
		code := c.secrets.redact(notify.Cut(answer.Err, 80))
		switch {
		case slices.Contains(openCodes, code):
			return &Error{Method: method, Text: code}
		case slices.Contains(groupCodes, code):
			return notify.ErrNoGroups
		}
		r := &notify.Refusal{Method: method, Code: code, Limited: slices.Contains(limitCodes, code),
			Token: slices.Contains(tokenCodes, code), Permanent: slices.Contains(permanentCodes, code)}
		switch {
		case answer.Needed != "":
			r.Detail = c.secrets.redact("the app needs the scope " + notify.Cut(answer.Needed, 120))
		case code == "not_in_channel":
			r.Detail = "invite the app to the channel"
		case len(answer.ResponseMetadata.Messages) > 0:
			r.Detail = c.secrets.redact(notify.Cut(strings.Join(answer.ResponseMetadata.Messages, "; "), 300))
		}
		return r
	}
	// A connection that never came about carried nothing.
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "dial" {
		return &notify.Refusal{Method: method, Code: "unreachable", Detail: c.secrets.redact(op.Err.Error())}
	}
	return c.secrets.failure(method, err)
}
