package sqlite

import (
	"context"
	"fmt"
	"time"

	"rota/schedule"
)

// FeedRevisions gives every team a word that is another one after each change of what its feeds show and of who may read
// them: of the team's book, of what is published, and of its addresses. Recording who read a feed changes none. It reads
// a few rows for each team, and addresses once.
func (s *Store) FeedRevisions(ctx context.Context) (map[schedule.TeamID]string, error) {
	revisions := map[schedule.TeamID]string{}
	err := s.view(ctx, func(q querier) error {
		return each(ctx, q, func(scan scanner) error {
			var team schedule.TeamID
			var book, publication, published, feeds, last, revoked, expiry int64
			err := scan(&team, &book, &publication, &published, &feeds, &last, &revoked, &expiry)
			// The instant of the last publication tells a restored database from the one that it replaced.
			revisions[team] = fmt.Sprintf("%d.%d.%d.%d.%d.%d.%d", book, publication, published, feeds, last, revoked, expiry)
			return err
		}, `WITH last AS (SELECT team, max(publication) AS publication FROM rosters WHERE publication IS NOT NULL GROUP BY team),
			links AS (SELECT team, count(*) AS n, max(id) AS last, count(revoked_at) AS revoked, coalesce(sum(expires_at), 0) AS expiry
				FROM feed_tokens GROUP BY team)
			SELECT t.id, t.revision, coalesce(last.publication, 0), coalesce((SELECT published_at FROM rosters r
				WHERE r.team = t.id AND r.publication = last.publication), 0),
				coalesce(links.n, 0), coalesce(links.last, 0), coalesce(links.revoked, 0), coalesce(links.expiry, 0)
			FROM teams t LEFT JOIN last ON last.team = t.id LEFT JOIN links ON links.team = t.id`)
	})
	return revisions, err
}

// HashedFeed is an address with what proves that somebody knows its token.
type HashedFeed struct {
	Feed
	Hash TokenHash
}

// LivingFeeds lists the addresses of all teams that work at an instant, by id.
func (s *Store) LivingFeeds(ctx context.Context, now time.Time) ([]HashedFeed, error) {
	var feeds []HashedFeed
	err := s.view(ctx, func(q querier) error {
		return each(ctx, q, func(scan scanner) error {
			var f HashedFeed
			var hash []byte
			if err := scan(append([]any{&f.ID, &hash}, destinations(feedColumns(&f.Feed))...)...); err != nil {
				return err
			}
			if len(hash) != len(f.Hash) {
				return wrongForm(hash)
			}
			f.Hash = TokenHash(hash)
			feeds = append(feeds, f)
			return nil
		}, "SELECT id, hash, "+names(feedColumns(&Feed{}), "")+` FROM feed_tokens
			WHERE revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?) ORDER BY id`, instant(&now))
	})
	return feeds, err
}

// LastPublished is the roster of a team that was published last, without slots and assignments, and when; version 0 when
// none was.
func (s *Store) LastPublished(ctx context.Context, team schedule.TeamID) (schedule.Version, time.Time, error) {
	var version schedule.Version
	var at time.Time
	err := s.view(ctx, func(q querier) error {
		return each(ctx, q, func(scan scanner) error { return scan(&version, instant(&at)) },
			`SELECT version, published_at FROM rosters WHERE team = ? AND publication IS NOT NULL ORDER BY publication DESC LIMIT 1`, team)
	})
	return version, at, err
}

// PublishedSlots lists the published slots that share an instant with [from, to), by start: PublishedBetween without who
// is on them.
func (s *Store) PublishedSlots(ctx context.Context, team schedule.TeamID, from, to time.Time) ([]schedule.Slot, error) {
	var slots []schedule.Slot
	err := s.view(ctx, func(q querier) (err error) {
		slots, err = publishedSlots(ctx, q, `s.ends > ?2 AND s.starts < ?3`, team, instant(&from), instant(&to))
		return err
	})
	return slots, err
}

// SlotState is a slot as one roster published it.
type SlotState struct {
	Slot schedule.Slot
	// On is how many agents were on it, from the instant At.
	On int
	At time.Time
	// Nth counts the publications of the slot's day from 1; where a number is left out the slot was not in the roster.
	Nth int
}

// SlotHistory gives every state in which slots were published, by slot and in the order of publication. Only ids and days
// of the slots are looked at. It reads one row for each slot and publication.
func (s *Store) SlotHistory(ctx context.Context, team schedule.TeamID, slots []schedule.Slot, f func(SlotState)) error {
	if len(slots) == 0 {
		return nil
	}
	asked := make([][2]string, len(slots))
	for i, slot := range slots {
		asked[i] = [2]string{string(slot.ID), slot.Day.String()}
	}
	var x SlotState
	columns := slotColumns(&x.Slot)
	row := append([]any{&x.Nth, instant(&x.At), &x.On}, destinations(columns)...)
	return s.view(ctx, func(q querier) error {
		return each(ctx, q, func(scan scanner) error {
			x.Slot = schedule.Slot{}
			err := scan(row...)
			if err == nil {
				f(x)
			}
			return err
		}, `WITH asked AS MATERIALIZED (SELECT value ->> 0 AS slot, value ->> 1 AS day FROM json_each(?1)),
			told AS MATERIALIZED (SELECT a.slot, r.id, r.published_at,
				row_number() OVER (PARTITION BY a.slot ORDER BY r.publication) AS nth
				FROM asked a JOIN rosters r ON a.day BETWEEN r.first_day AND r.last_day WHERE r.team = ?2 AND r.publication IS NOT NULL)
			SELECT t.nth, t.published_at, (SELECT count(*) FROM assignments n WHERE n.roster = t.id AND n.slot = t.slot), `+
			names(columns, "s.")+` FROM told t CROSS JOIN roster_slots s ON s.roster = t.id AND s.slot = t.slot ORDER BY t.slot, t.nth`,
			list(&asked), team)
	})
}
