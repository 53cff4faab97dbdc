package sqlite

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"rota/schedule"
)

// FeedID numbers the feed addresses of a database.
type FeedID int64

// TokenHash is the SHA-256 of a feed's token. Tokens themselves never reach the store.
type TokenHash [sha256.Size]byte

// Feed is one secret address of a calendar feed, without the secret.
type Feed struct {
	ID   FeedID
	Team schedule.TeamID
	// Scope is what the feed shows, such as agent, team, shift, language or open, and Subject which one of them.
	Scope, Subject string
	// Alarm is how long before a slot the reader's calendar rings: open for what the team has set, negative for never.
	Alarm     schedule.Optional[schedule.Minutes]
	CreatedBy string
	CreatedAt time.Time
	// ExpiresAt ends an address that was rotated, RevokedAt one that was revoked; zero for neither.
	ExpiresAt, RevokedAt time.Time
	// UsedAt, UsedBy and UsedVersion are of the last fetch: when, the reader's program, and the roster version it was
	// given. Zero and empty for a feed that was never fetched.
	UsedAt      time.Time
	UsedBy      string
	UsedVersion schedule.Version
}

// Alive reports whether the address works at the instant.
func (f Feed) Alive(now time.Time) bool {
	return f.RevokedAt.IsZero() && (f.ExpiresAt.IsZero() || now.Before(f.ExpiresAt))
}

func feedColumns(f *Feed) []column {
	return []column{
		col("team", &f.Team), col("scope", &f.Scope), col("subject", &f.Subject), col("created_by", &f.CreatedBy),
		col("created_at", instant(&f.CreatedAt)), col("expires_at", instant(&f.ExpiresAt)), col("revoked_at", instant(&f.RevokedAt)),
		col("used_at", instant(&f.UsedAt)), col("used_by", &f.UsedBy), col("used_version", &f.UsedVersion),
		col("alarm", optional(&f.Alarm)),
	}
}

// AddFeed keeps a new address and gives its id.
func (s *Store) AddFeed(ctx context.Context, f Feed, hash TokenHash) (FeedID, error) {
	var id FeedID
	err := s.update(ctx, func(q querier) (err error) {
		id, err = addFeed(ctx, q, f, hash)
		return err
	})
	return id, err
}

// RotateFeed gives a feed a new address, under a new id, and lets the present one work until an instant: now or earlier
// ends it at once. One that ends sooner anyway is left to. It gives a *NotFoundError when the team has no living address of that id.
func (s *Store) RotateFeed(ctx context.Context, team schedule.TeamID, id FeedID, hash TokenHash, until time.Time, who string, now time.Time) (FeedID, error) {
	var fresh FeedID
	err := s.update(ctx, func(q querier) error {
		f, err := feedOf(ctx, q, team, id)
		if err != nil {
			return err
		}
		if !f.Alive(now) {
			return &NotFoundError{Kind: "working feed", Key: fmt.Sprint(id)}
		}
		if _, err := q.ExecContext(ctx, `UPDATE feed_tokens SET expires_at = min(?1, coalesce(expires_at, ?1)) WHERE id = ?2`, instant(&until), id); err != nil {
			return err
		}
		if err := logEntry(ctx, q, LogEntry{At: now, Who: who, Team: team, Op: "rotated", Kind: "feed", Key: fmt.Sprint(id)}, nil); err != nil {
			return err
		}
		fresh, err = addFeed(ctx, q, Feed{Team: team, Scope: f.Scope, Subject: f.Subject, Alarm: f.Alarm, CreatedBy: who, CreatedAt: now}, hash)
		return err
	})
	return fresh, err
}

// RevokeFeed ends an address at once and for good. Revoking twice changes nothing.
func (s *Store) RevokeFeed(ctx context.Context, team schedule.TeamID, id FeedID, who string, now time.Time) error {
	return s.update(ctx, func(q querier) error {
		f, err := feedOf(ctx, q, team, id)
		if err != nil || !f.RevokedAt.IsZero() {
			return err
		}
		if _, err := q.ExecContext(ctx, `UPDATE feed_tokens SET revoked_at = ? WHERE id = ?`, instant(&now), id); err != nil {
			return err
		}
		return logEntry(ctx, q, LogEntry{At: now, Who: who, Team: team, Op: "revoked", Kind: "feed", Key: fmt.Sprint(id)}, nil)
	})
}

func addFeed(ctx context.Context, q querier, f Feed, hash TokenHash) (FeedID, error) {
	f.ExpiresAt, f.RevokedAt, f.UsedAt, f.UsedBy, f.UsedVersion = time.Time{}, time.Time{}, time.Time{}, "", 0
	result, err := q.ExecContext(ctx, "INSERT INTO feed_tokens (hash, "+names(feedColumns(&f), "")+") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		append([]any{hash[:]}, destinations(feedColumns(&f))...)...)
	if err != nil {
		return 0, err
	}
	id, err := result.LastInsertId()
	if err != nil {
		return 0, err
	}
	return FeedID(id), logEntry(ctx, q, LogEntry{At: f.CreatedAt, Who: f.CreatedBy, Team: f.Team, Op: "added", Kind: "feed", Key: fmt.Sprint(id)},
		map[string]string{"scope": f.Scope, "subject": f.Subject})
}

// FeedByToken finds the address with that hash, alive or not. It gives a *NotFoundError, which names nothing, when
// nobody was given the token. Tokens are found by their hash through an index, so how long it takes tells nothing about
// tokens.
func (s *Store) FeedByToken(ctx context.Context, hash TokenHash) (Feed, error) {
	var f Feed
	err := s.view(ctx, func(q querier) (err error) {
		f, err = oneFeed(ctx, q, `hash = ?`, hash[:])
		return err
	})
	return f, err
}

// Feeds lists the addresses of a team by id, those that work no longer included.
func (s *Store) Feeds(ctx context.Context, team schedule.TeamID) ([]Feed, error) {
	var feeds []Feed
	err := s.view(ctx, func(q querier) (err error) {
		feeds, err = selectFeeds(ctx, q, `team = ? ORDER BY id`, team)
		return err
	})
	return feeds, err
}

func selectFeeds(ctx context.Context, q querier, where string, args ...any) ([]Feed, error) {
	var feeds []Feed
	err := each(ctx, q, func(scan scanner) error {
		var f Feed
		err := scan(append([]any{&f.ID}, destinations(feedColumns(&f))...)...)
		feeds = append(feeds, f)
		return err
	}, "SELECT id, "+names(feedColumns(&Feed{}), "")+" FROM feed_tokens WHERE "+where, args...)
	return feeds, err
}

// feedOf is an address of a team.
func feedOf(ctx context.Context, q querier, team schedule.TeamID, id FeedID) (Feed, error) {
	f, err := oneFeed(ctx, q, `team = ? AND id = ?`, team, id)
	var none *NotFoundError
	if errors.As(err, &none) {
		none.Key = fmt.Sprint(id)
	}
	return f, err
}

func oneFeed(ctx context.Context, q querier, where string, args ...any) (Feed, error) {
	feeds, err := selectFeeds(ctx, q, where, args...)
	if err != nil {
		return Feed{}, err
	}
	if len(feeds) == 0 {
		return Feed{}, &NotFoundError{Kind: "feed", Key: "of that name"}
	}
	return feeds[0], nil
}

// FeedUse is one fetch of a feed.
type FeedUse struct {
	ID FeedID
	At time.Time
	// By is the reader's program and Version the roster that it was given.
	By      string
	Version schedule.Version
}

// TouchFeeds records fetches, many in one transaction. Of several of one feed the latest stays.
func (s *Store) TouchFeeds(ctx context.Context, uses []FeedUse) error {
	if len(uses) == 0 {
		return nil
	}
	return s.update(ctx, func(q querier) error {
		for _, u := range uses {
			if _, err := q.ExecContext(ctx, `UPDATE feed_tokens SET used_at = ?1, used_by = ?2, used_version = ?3
				WHERE id = ?4 AND (used_at IS NULL OR used_at <= ?1)`, instant(&u.At), u.By, u.Version, u.ID); err != nil {
				return err
			}
		}
		return nil
	})
}
