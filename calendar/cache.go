package calendar

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"rota/schedule"
)

// feedKey is what a body depends on beside the roster and the day.
type feedKey struct {
	scope Scope
	alarm schedule.Optional[schedule.Minutes]
}

// body is a feed ready to be served. It is not changed once made, but for the compressed form, which is made when first
// asked for.
type body struct {
	plain    []byte
	etag     string
	version  schedule.Version
	modified time.Time // to the second

	once   sync.Once
	packed []byte
	tag    string // the ETag of packed
}

func etagOf(data []byte) string {
	sum := sha256.Sum256(data)
	return `"` + hex.EncodeToString(sum[:16]) + `"`
}

// gzipped is the compressed form and its ETag.
func (b *body) gzipped() ([]byte, string) {
	b.once.Do(func() {
		var buf bytes.Buffer
		w := gzip.NewWriter(&buf)
		if _, err := w.Write(b.plain); err != nil {
			return // a buffer takes everything
		}
		if err := w.Close(); err != nil {
			return
		}
		b.packed = bytes.Clone(buf.Bytes())
		b.tag = etagOf(b.packed)
	})
	return b.packed, b.tag
}

// stamp is what a body was when it last changed.
type stamp struct {
	sum      [sha256.Size]byte
	modified time.Time
}

// stamps remembers across rebuilds when each body really changed, as far as this process saw. So If-Modified-Since is
// never answered with "not modified" wrongly: after a restart everybody who asks that way gets the feed once more.
type stamps struct {
	mu sync.Mutex
	of map[feedKey]stamp
}

// modified is when the bytes became what they are, in whole seconds, later than when they became what they were.
func (s *stamps) modified(key feedKey, data []byte, now time.Time) time.Time {
	sum := sha256.Sum256(data)
	s.mu.Lock()
	defer s.mu.Unlock()
	last, known := s.of[key]
	if known && last.sum == sum {
		return last.modified
	}
	at := now.UTC().Truncate(time.Second)
	if known && !at.After(last.modified) {
		at = last.modified.Add(time.Second)
	}
	s.of[key] = stamp{sum, at}
	return at
}

// desk is what is ready of a team for one revision and day.
type desk struct {
	revision string
	day      schedule.Date
	loc      *time.Location
	prepared *Prepared
	bodies   sync.Map // feedKey to *making
}

// making is a body being made by the first who wants it.
type making struct {
	once sync.Once
	body *body
	err  error
}

// teamCache holds the feeds of a team at one revision.
type teamCache struct {
	id       schedule.TeamID
	revision string
	stamps   *stamps
	ready    atomic.Pointer[desk]

	mu      sync.Mutex // held while loading
	retryAt time.Time  // after a failure, when to try again
	failure error
}

// loadTimeout is how long a feed may wait for the store.
const loadTimeout = 10 * time.Second

// at is the desk for an instant: a load from the store when the revision is new or the day is, and nothing otherwise.
// When the store fails and there is an older desk, that one is served, since a feed that is a little old beats none.
func (t *teamCache) at(ctx context.Context, src Source, now time.Time, m *metrics) (*desk, error) {
	old := t.ready.Load()
	if old != nil && t.fits(old, now) {
		return old, nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if old = t.ready.Load(); old != nil && t.fits(old, now) {
		return old, nil
	}
	err := t.failure
	if err == nil || !now.Before(t.retryAt) {
		var fresh *desk
		// The load serves everybody who waits, so the first one hanging up must not end it.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), loadTimeout)
		defer cancel()
		if fresh, err = t.load(ctx, src, now); err == nil {
			t.failure = nil
			t.ready.Store(fresh)
			m.loads.Inc()
			return fresh, nil
		}
		m.failures.Inc()
		t.failure, t.retryAt = err, now.Add(time.Second)
	}
	if old != nil {
		return old, nil
	}
	return nil, err
}

func (t *teamCache) fits(d *desk, now time.Time) bool {
	return d.revision == t.revision && d.day == schedule.DateOf(now, d.loc)
}

func (t *teamCache) load(ctx context.Context, src Source, now time.Time) (*desk, error) {
	team, err := src.Team(ctx, t.id)
	if err != nil {
		return nil, err
	}
	loc, err := schedule.LoadZone(team.Zone)
	if err != nil {
		return nil, err
	}
	day := schedule.DateOf(now, loc)
	within, err := Needed(team, day)
	if err != nil {
		return nil, err
	}
	pub, err := src.Published(ctx, t.id, within)
	if err != nil {
		return nil, err
	}
	prepared, err := Prepare(pub)
	if err != nil {
		return nil, err
	}
	return &desk{revision: t.revision, day: day, loc: loc, prepared: prepared}, nil
}

// body is one feed of the desk, made once.
func (d *desk) body(key feedKey, t *teamCache, now time.Time, m *metrics) (*body, error) {
	v, ok := d.bodies.Load(key)
	if !ok {
		v, _ = d.bodies.LoadOrStore(key, new(making))
	}
	mk := v.(*making)
	mk.once.Do(func() {
		feed, each, err := d.prepared.feed(key.scope, d.day, FeedOptions{Alarm: key.alarm})
		if err != nil {
			mk.err = err
			return
		}
		var data bytes.Buffer
		if _, err := encode(&data, feed, each); err != nil {
			mk.err = fmt.Errorf("writing feed %s: %w", key.scope, err)
			return
		}
		plain := bytes.Clone(data.Bytes()) // without room for more
		mk.body = &body{plain: plain, etag: etagOf(plain), version: feed.Version, modified: t.stamps.modified(key, plain, now)}
		m.builds.Inc()
	})
	return mk.body, mk.err
}
