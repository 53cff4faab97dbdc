package calendar

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"strings"
)

// Token is the secret part of a feed's address: 160 random bits as 32 letters and digits in lower case. Whoever knows
// it can read the feed. It prints as "[secret]"; Reveal gives it away.
type Token string

// tokenBytes is the randomness of a token.
const tokenBytes = 20

var base32Lower = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// NewToken draws a token from a source of randomness that nobody can predict, such as crypto/rand.Reader.
func NewToken(random io.Reader) (Token, error) {
	var raw [tokenBytes]byte
	if _, err := io.ReadFull(random, raw[:]); err != nil {
		return "", fmt.Errorf("drawing a token: %w", err)
	}
	return Token(base32Lower.EncodeToString(raw[:])), nil
}

// DerivedToken is the token of a scope under a key: the same two give the same token, and without the key it cannot be
// guessed. It names the files of a static tree, for which nothing is stored. The key should have 32 random bytes; a new
// key changes all addresses.
func DerivedToken(key []byte, scope Scope) Token {
	h := hmac.New(sha256.New, key)
	fmt.Fprintf(h, "rota feed\n%s\n%s\n%s", scope.Team, scope.Kind, scope.Subject)
	return Token(base32Lower.EncodeToString(h.Sum(nil)[:tokenBytes]))
}

// Reveal is the token itself, to show to the one who asked for it.
func (t Token) Reveal() string { return string(t) }

// String hides the token, so that it does not get into logs by accident.
func (t Token) String() string { return "[secret]" }

// GoString hides the token too.
func (t Token) GoString() string { return "[secret]" }

// LogValue hides the token too.
func (t Token) LogValue() slog.Value { return slog.StringValue(t.String()) }

// Hash is what is stored of the token. A plain SHA-256 suffices, since 160 random bits cannot be tried out.
func (t Token) Hash() [sha256.Size]byte { return sha256.Sum256([]byte(t)) }

// FeedPath is the path under which Handler serves the feed with the token.
func (t Token) FeedPath() string { return feedPrefix + string(t) + feedSuffix }

const (
	feedPrefix = "/feeds/"
	feedSuffix = ".ics"
)

// Addresses are the two forms in which calendars take a feed's address: https for pasting, and webcal, which opens the
// reader's calendar. base is where rota can be reached, such as https://rota.example.com or http://host/rota.
func Addresses(base string, t Token) (web, webcal string, err error) {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.RawQuery != "" || u.Fragment != "" ||
		u.User != nil {
		return "", "", fmt.Errorf("bad address %q: write where rota can be reached, such as https://rota.example.com", base)
	}
	u.Path = strings.TrimSuffix(u.Path, "/") + t.FeedPath()
	u.RawPath = ""
	web = u.String()
	u.Scheme = "webcal"
	return web, u.String(), nil
}
