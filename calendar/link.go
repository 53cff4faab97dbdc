package calendar

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"time"

	"rota/schedule"
)

// Link is a feed address as the store knows it: everything but the secret.
type Link struct {
	// ID is the store's name for it, 0 before it is saved. It is no secret.
	ID    int64
	Hash  [sha256.Size]byte
	Scope Scope
	// Alarm is the reader's own choice (see FeedOptions).
	Alarm     schedule.Optional[schedule.Minutes]
	CreatedBy string
	CreatedAt time.Time
	// ExpiresAt is when it stops to work, as the old link of a rotation does; zero for never. RevokedAt is when it was
	// stopped by hand; zero if it was not.
	ExpiresAt, RevokedAt time.Time
	// UsedAt, UserAgent and Version are of the last fetch: when, by which program, and which roster it then knew of.
	// Zero and empty before the first.
	UsedAt    time.Time
	UserAgent string
	Version   schedule.Version
}

// LinkStore keeps links. Source.Links reads them.
type LinkStore interface {
	// TeamLinks lists all links of a team, dead ones too, by id.
	TeamLinks(ctx context.Context, team schedule.TeamID) ([]Link, error)
	// SaveLinks adds those with id 0, giving them ids, and changes ExpiresAt and RevokedAt of the others, all in one
	// transaction.
	SaveLinks(ctx context.Context, links ...Link) ([]Link, error)
}

// ErrDeadLink is what Rotate gives for a link that no longer works.
var ErrDeadLink = errors.New("the link was revoked or has expired")

// NewLink makes the link of a fresh token.
func NewLink(scope Scope, t Token, by string, now time.Time) (Link, error) {
	if err := scope.Check(); err != nil {
		return Link{}, err
	}
	return Link{Hash: t.Hash(), Scope: scope, CreatedBy: by, CreatedAt: now.UTC().Truncate(time.Second)}, nil
}

// Works reports whether the link opens its feed at an instant.
func (l Link) Works(now time.Time) bool {
	return l.RevokedAt.IsZero() && (l.ExpiresAt.IsZero() || now.Before(l.ExpiresAt))
}

// Rotate gives the link a successor with a fresh token and lets the old one work for the overlap, so that nobody's
// calendar goes dark before the new address is in it. An overlap of 0 or less stops the old one at once. An old link
// that expires sooner anyway is left to. Save both. The error is ErrDeadLink.
func Rotate(old Link, t Token, by string, now time.Time, overlap time.Duration) (ending, successor Link, err error) {
	if !old.Works(now) {
		return old, Link{}, ErrDeadLink
	}
	if successor, err = NewLink(old.Scope, t, by, now); err != nil {
		return old, Link{}, err
	}
	successor.Alarm = old.Alarm
	ending = old
	if overlap <= 0 {
		ending.RevokedAt = successor.CreatedAt
	} else if end := successor.CreatedAt.Add(overlap); ending.ExpiresAt.IsZero() || end.Before(ending.ExpiresAt) {
		ending.ExpiresAt = end
	}
	return ending, successor, nil
}

// Revoke stops the link at once. One that was revoked before stays as it is.
func Revoke(l Link, now time.Time) Link {
	if l.RevokedAt.IsZero() {
		l.RevokedAt = now.UTC().Truncate(time.Second)
	}
	return l
}

// Fetch is one reading of a feed, or the question whether it changed.
type Fetch struct {
	Link int64
	At   time.Time
	// UserAgent is what the program called itself, cleaned and at most 200 bytes.
	UserAgent string
	// Version is the roster published last of what it now knows.
	Version schedule.Version
}

// Freshness is how up to date a subscriber is.
type Freshness string

const (
	// Current knows the roster published last.
	Current Freshness = "current"
	// Behind fetched before the last publication and not since.
	Behind Freshness = "behind"
	// Never has not fetched yet.
	Never Freshness = "never"
)

// Seen is what is known of one subscriber.
type Seen struct {
	Link  Link
	State Freshness
	// Age is the time since the last fetch, 0 if there was none.
	Age time.Duration
}

// Subscribers judges the links that work now against the roster published last, those behind first, then those who
// never came, the longest wait first. Compare is by the order of publication, which only the store knows where it
// differs from that of the numbers: a link knows the last version if it fetched exactly that.
func Subscribers(links []Link, last schedule.Version, now time.Time) []Seen {
	var seen []Seen
	for _, l := range links {
		if !l.Works(now) {
			continue
		}
		s := Seen{Link: l, State: Current}
		switch {
		case l.UsedAt.IsZero():
			s.State = Never
		case l.Version != last:
			s.State = Behind
		}
		if !l.UsedAt.IsZero() {
			s.Age = max(now.Sub(l.UsedAt), 0)
		}
		seen = append(seen, s)
	}
	order := []Freshness{Behind, Never, Current}
	slices.SortStableFunc(seen, func(a, b Seen) int {
		return cmp.Or(
			cmp.Compare(slices.Index(order, a.State), slices.Index(order, b.State)),
			cmp.Compare(b.Age, a.Age),
			a.Link.CreatedAt.Compare(b.Link.CreatedAt),
			cmp.Compare(a.Link.ID, b.Link.ID),
		)
	})
	return seen
}

// Sentence says it for people: "Ani's calendar last fetched version 5, 19 h ago". who is the name of the agent, or what
// the feed is called.
func (s Seen) Sentence(who string) string {
	if s.State == Never {
		return who + "'s calendar was never fetched"
	}
	return fmt.Sprintf("%s's calendar last fetched version %d, %s ago", who, s.Link.Version, age(s.Age))
}

// age is a duration in its largest sensible unit, rounded down.
func age(d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return fmt.Sprintf("%d days", d/(24*time.Hour))
	case d >= time.Hour:
		return fmt.Sprintf("%d h", d/time.Hour)
	case d >= time.Minute:
		return fmt.Sprintf("%d min", d/time.Minute)
	}
	return fmt.Sprintf("%d s", d/time.Second)
}
