package slack

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
)

// Secrets are what Slack gave the app. They have no text form: printing one shows that it is there, and nothing of it.
type Secrets struct {
	bot, app, signing string
}

// MakeSecrets takes a bot token (xoxb-...), an app token for Socket Mode (xapp-...) and a signing secret for HTTP; the last
// two may be empty.
func MakeSecrets(bot, app, signing string) Secrets {
	return Secrets{strings.TrimSpace(bot), strings.TrimSpace(app), strings.TrimSpace(signing)}
}

// String says which secrets are there.
func (s Secrets) String() string {
	word := func(name, v string) string {
		if v == "" {
			return "no " + name
		}
		return name
	}
	return strings.Join([]string{word("bot token", s.bot), word("app token", s.app), word("signing secret", s.signing)}, ", ")
}

// GoString is String, for %#v.
func (s Secrets) GoString() string { return s.String() }

// Format is String, whatever the verb: %x of a struct would show its fields.
func (s Secrets) Format(f fmt.State, _ rune) { fmt.Fprint(f, s.String()) }

// MarshalText refuses: secrets are not written anywhere.
func (s Secrets) MarshalText() ([]byte, error) { return nil, errors.New("secrets are not written") }

// HasBot, HasApp and HasSigning report what is there.
func (s Secrets) HasBot() bool { return s.bot != "" }

// HasApp reports whether Socket Mode is possible.
func (s Secrets) HasApp() bool { return s.app != "" }

// HasSigning reports whether signed HTTP requests can be checked.
func (s Secrets) HasSigning() bool { return s.signing != "" }

// The names under which LoadSecrets looks, in the environment and in a file.
const (
	BotVariable     = "ROTA_SLACK_BOT_TOKEN"
	AppVariable     = "ROTA_SLACK_APP_TOKEN"
	SigningVariable = "ROTA_SLACK_SIGNING_SECRET"
)

// LoadSecrets reads secrets from the environment, and what is not there from a file of lines NAME=value, which only its
// owner may be able to read. path may be empty. No secret at all is an error; the error never holds one.
func LoadSecrets(getenv func(string) string, path string) (Secrets, error) {
	values := map[string]string{}
	if path != "" {
		info, err := os.Stat(path)
		if err != nil {
			return Secrets{}, err
		}
		if info.Mode().Perm()&0o077 != 0 {
			return Secrets{}, fmt.Errorf("%s can be read by others (mode %04o): chmod 600 it", path, info.Mode().Perm())
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return Secrets{}, err
		}
		for i, l := range strings.Split(string(text), "\n") {
			l = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(l), "export "))
			if l == "" || strings.HasPrefix(l, "#") {
				continue
			}
			name, v, found := strings.Cut(l, "=")
			if !found {
				return Secrets{}, fmt.Errorf("%s:%d: write NAME=value", path, i+1)
			}
			values[strings.TrimSpace(name)] = strings.Trim(strings.TrimSpace(v), `"'`)
		}
	}
	for _, name := range []string{BotVariable, AppVariable, SigningVariable} {
		if v := getenv(name); v != "" {
			values[name] = v
		}
	}
	s := MakeSecrets(values[BotVariable], values[AppVariable], values[SigningVariable])
	switch {
	case s.bot == "":
		return s, fmt.Errorf("there is no Slack token: set %s, or name a file that has it", BotVariable)
	case !strings.HasPrefix(s.bot, "xoxb-"):
		return s, fmt.Errorf("%s is not a bot token: those begin with xoxb-", BotVariable)
	case s.app != "" && !strings.HasPrefix(s.app, "xapp-"):
		return s, fmt.Errorf("%s is not an app token: those begin with xapp-", AppVariable)
	}
	return s, nil
}

// secretShape is what tokens and response addresses look like, also those that are not ours.
var secretShape = regexp.MustCompile(`(xox[a-z]?(\.[a-z0-9]+)?-|xapp-|xwfp-)[A-Za-z0-9._%-]+|https?://hooks\.[^\s"']+|wss?://[^\s"']+|(?i:bearer)\s+[^\s"']+`)

// redact takes every secret out of a text.
func (s Secrets) redact(text string) string {
	for _, v := range []string{s.bot, s.app, s.signing} {
		if len(v) >= 4 {
			text = strings.ReplaceAll(text, v, "[secret]")
		}
	}
	return secretShape.ReplaceAllString(text, "[secret]")
}

// Error is a failure that says nothing about whether Slack did what it was asked to. It wraps a context's error, and
// nothing else: what lies under it may hold secrets.
type Error struct {
	// Method is what was asked, Text what went wrong, without secrets.
	Method, Text string
	cause        error
}

// Error is one line.
func (e *Error) Error() string { return e.Method + ": " + e.Text }

// Unwrap gives the context's error, if that is what ended the call.
func (e *Error) Unwrap() error { return e.cause }

// failure writes an error anew.
func (s Secrets) failure(method string, err error) error {
	e := &Error{Method: method, Text: s.redact(err.Error())}
	switch {
	case errors.Is(err, context.Canceled):
		e.Text, e.cause = "stopped before an answer came", context.Canceled
	case errors.Is(err, context.DeadlineExceeded) || os.IsTimeout(err):
		e.Text, e.cause = "no answer in time", context.DeadlineExceeded
	}
	return e
}
