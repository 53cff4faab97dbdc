package calendar

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/time/rate"

	"rota/schedule"
)

// Options of a Handler. The zero value is usable.
type Options struct {
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// Poll is how often Run asks for revisions, 0 meaning a second: so long a revoked link or an old roster can live on.
	// Flush is how often it records fetches, 0 meaning half a minute.
	Poll, Flush time.Duration
	Limits      Limits
	// BehindProxy takes the client's address from the last X-Forwarded-For. Set it only when nobody but a proxy of ours
	// can connect.
	BehindProxy bool
	// Metrics is where metrics are registered; nil for nowhere.
	Metrics prometheus.Registerer
	// Log gets failures of the store, and a line for each request at level debug; nil for none.
	Log *slog.Logger
}

// Handler serves feeds under /feeds/TOKEN.ics. What it serves lives in memory: a request costs a read from the store
// only if it is the first for a team since a revision or the day changed. Call Poll or Run before it serves. Its methods
// are safe for concurrent use.
type Handler struct {
	src     Source
	opt     Options
	state   atomic.Pointer[state]
	metrics *metrics
	misses  misses

	polling  sync.Mutex
	polledAt atomic.Int64 // unix seconds of the last poll that went well

	mu      sync.Mutex
	fetches map[int64]Fetch // by link, not recorded yet
}

// state is what one poll found. It is replaced as a whole.
type state struct {
	links map[[sha256.Size]byte]*openLink
	teams map[schedule.TeamID]*teamCache
}

// openLink is a link with what the handler keeps about it.
type openLink struct {
	Link
	limit *rate.Limiter
}

// NewHandler makes a handler. It panics if Options.Metrics has its metrics already.
func NewHandler(src Source, opt Options) *Handler {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.Poll <= 0 {
		opt.Poll = time.Second
	}
	if opt.Flush <= 0 {
		opt.Flush = 30 * time.Second
	}
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	opt.Limits = opt.Limits.withDefaults()
	return &Handler{
		src: src, opt: opt, metrics: newMetrics(opt.Metrics),
		misses:  misses{limits: opt.Limits, of: map[string]*rate.Limiter{}},
		fetches: map[int64]Fetch{},
	}
}

// Poll asks the store whether anything changed, and takes over what did. Until the first that goes well every feed is
// answered with 503.
func (h *Handler) Poll(ctx context.Context) error {
	h.polling.Lock()
	defer h.polling.Unlock()
	revisions, err := h.src.Revisions(ctx)
	if err != nil {
		h.metrics.failures.Inc()
		return fmt.Errorf("asking for revisions: %w", err)
	}
	old := h.state.Load()
	if old != nil && sameRevisions(old, revisions) {
		h.polledAt.Store(h.opt.Now().Unix())
		return nil
	}
	links, err := h.src.Links(ctx)
	if err != nil {
		h.metrics.failures.Inc()
		return fmt.Errorf("reading links: %w", err)
	}
	next := &state{
		links: make(map[[sha256.Size]byte]*openLink, len(links)),
		teams: make(map[schedule.TeamID]*teamCache, len(revisions)),
	}
	for id, revision := range revisions {
		t := &teamCache{id: id, revision: revision, stamps: &stamps{of: map[feedKey]stamp{}}}
		if old != nil && old.teams[id] != nil {
			if before := old.teams[id]; before.revision == revision {
				t = before
			} else {
				t.stamps = before.stamps
				t.ready.Store(before.ready.Load()) // does not fit the revision, but serves while the store fails
			}
		}
		next.teams[id] = t
	}
	for _, l := range links {
		o := &openLink{Link: l}
		if old != nil && old.links[l.Hash] != nil {
			o.limit = old.links[l.Hash].limit
		} else {
			o.limit = limiter(h.opt.Limits.PerLink, h.opt.Limits.Burst)
		}
		next.links[l.Hash] = o
	}
	h.state.Store(next)
	h.metrics.links.Set(float64(len(links)))
	h.polledAt.Store(h.opt.Now().Unix())
	return nil
}

func sameRevisions(s *state, revisions map[schedule.TeamID]string) bool {
	if len(s.teams) != len(revisions) {
		return false
	}
	for id, revision := range revisions {
		if t := s.teams[id]; t == nil || t.revision != revision {
			return false
		}
	}
	return true
}

// Run polls and records fetches until ctx ends, then records what is left and returns nil. Failures of the store are
// logged and tried again. Run it once, beside the server.
func (h *Handler) Run(ctx context.Context) error {
	poll, flush := time.NewTicker(h.opt.Poll), time.NewTicker(h.opt.Flush)
	defer poll.Stop()
	defer flush.Stop()
	failing := false
	for {
		err := h.Poll(ctx)
		if err != nil && ctx.Err() == nil && !failing {
			h.opt.Log.Warn("feeds cannot read the store", "error", err)
		}
		if err == nil && failing {
			h.opt.Log.Info("feeds can read the store again")
		}
		failing = err != nil
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), loadTimeout)
			defer cancel()
			if err := h.Flush(last); err != nil {
				h.opt.Log.Warn("last fetches are not recorded", "error", err)
			}
			return nil
		case <-flush.C:
			if err := h.Flush(ctx); err != nil {
				h.opt.Log.Warn("fetches are not recorded yet", "error", err)
			}
		case <-poll.C:
		}
	}
}

// Flush records the fetches since the last one. After an error they are kept for the next.
func (h *Handler) Flush(ctx context.Context) error {
	h.mu.Lock()
	pending := h.fetches
	h.fetches = make(map[int64]Fetch, len(pending))
	h.mu.Unlock()
	if len(pending) == 0 {
		return nil
	}
	list := make([]Fetch, 0, len(pending))
	for _, f := range pending {
		f.UserAgent = clean(f.UserAgent, ' ', maxAgent)
		list = append(list, f)
	}
	if err := h.src.RecordFetches(ctx, list); err != nil {
		h.metrics.failures.Inc()
		h.mu.Lock()
		defer h.mu.Unlock()
		for id, f := range pending {
			if _, later := h.fetches[id]; !later {
				h.fetches[id] = f
			}
		}
		return err
	}
	h.metrics.recorded.Add(float64(len(list)))
	return nil
}

// maxAgent is how many bytes of a user agent are kept.
const maxAgent = 200

// staleAfter is how long without a poll that went well the handler calls itself ready.
const staleAfter = 30 * time.Second

// Ready is nil while the handler knows what it needs to serve, and says otherwise what is amiss.
func (h *Handler) Ready() error {
	if h.state.Load() == nil {
		return errors.New("the store was not read yet")
	}
	if since := h.opt.Now().Sub(time.Unix(h.polledAt.Load(), 0)); since > staleAfter {
		return fmt.Errorf("the store was last read %s ago", age(since))
	}
	return nil
}

// ServeHTTP serves one feed. A token that is unknown, malformed, revoked or expired gets the same 404 after the same
// work.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	began := time.Now()
	rec := &recorder{ResponseWriter: w}
	link := h.serve(rec, r)
	took := time.Since(began)
	h.metrics.request(rec.status)
	h.metrics.seconds.Observe(took.Seconds())
	h.metrics.sent.Add(float64(rec.written))
	if h.opt.Log.Enabled(r.Context(), slog.LevelDebug) {
		h.opt.Log.Debug("feed", "method", r.Method, "link", link, "status", rec.status, "bytes", rec.written, "took", took,
			"agent", clean(r.UserAgent(), ' ', maxAgent))
	}
}

// serve answers and gives the id of the link, 0 for none.
func (h *Handler) serve(w *recorder, r *http.Request) int64 {
	head := w.Header()
	head.Set("Cache-Control", "private, no-cache")
	head.Set("Referrer-Policy", "no-referrer")
	head.Set("X-Robots-Tag", "noindex, nofollow")
	head.Set("X-Content-Type-Options", "nosniff")
	head.Set("Vary", "Accept-Encoding")
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		head.Set("Allow", "GET, HEAD")
		plainError(w, http.StatusMethodNotAllowed)
		return 0
	}
	now := h.opt.Now()
	s := h.state.Load()
	if s == nil {
		head.Set("Retry-After", "5")
		plainError(w, http.StatusServiceUnavailable)
		return 0
	}
	link := s.open(tokenOf(r.URL.Path), now)
	if link == nil {
		if !h.misses.allow(clientAddress(r, h.opt.BehindProxy), now) {
			head.Set("Retry-After", "60")
			plainError(w, http.StatusTooManyRequests)
			return 0
		}
		plainError(w, http.StatusNotFound)
		return 0
	}
	if !link.limit.AllowN(now, 1) {
		head.Set("Retry-After", strconv.Itoa(int(max(1, 1/h.opt.Limits.PerLink))))
		plainError(w, http.StatusTooManyRequests)
		return link.ID
	}
	b, err := h.bodyOf(r.Context(), s, link, now)
	if err != nil {
		h.opt.Log.Warn("a feed cannot be made", "link", link.ID, "error", err)
		head.Set("Retry-After", "30")
		plainError(w, http.StatusServiceUnavailable)
		return link.ID
	}
	data, etag := b.plain, b.etag
	if acceptsGzip(r.Header.Values("Accept-Encoding")) {
		if packed, tag := b.gzipped(); len(packed) > 0 {
			data, etag = packed, tag
			head.Set("Content-Encoding", "gzip")
			// ServeContent leaves the length out of an encoded answer.
			head.Set("Content-Length", strconv.Itoa(len(packed)))
		}
	}
	head.Set("Content-Type", ContentType)
	head.Set("Content-Disposition", `inline; filename="rota.ics"`)
	head.Set("Etag", etag)
	http.ServeContent(w, r, "", b.modified, bytes.NewReader(data))
	// A look at the head alone gives nobody a roster, and a broken connection may not have.
	if w.status == http.StatusNotModified || w.status == http.StatusOK && w.written == int64(len(data)) {
		h.note(Fetch{Link: link.ID, At: now, UserAgent: r.UserAgent(), Version: b.version})
	}
	return link.ID
}

// tokenOf is the token of a path, empty if it holds none.
func tokenOf(path string) Token {
	i := strings.LastIndexByte(path, '/')
	name, ok := strings.CutSuffix(path[i+1:], feedSuffix)
	if !ok || len(name) > 128 {
		return ""
	}
	return Token(name)
}

// open finds the link of a token. Only hashes are looked up and compared, so nothing about a secret can be learned from
// the time it takes.
func (s *state) open(t Token, now time.Time) *openLink {
	hash := t.Hash()
	link := s.links[hash]
	var have [sha256.Size]byte
	if link != nil {
		have = link.Hash
	}
	if subtle.ConstantTimeCompare(hash[:], have[:]) != 1 || t == "" || !link.Works(now) {
		return nil
	}
	return link
}

func (h *Handler) bodyOf(ctx context.Context, s *state, link *openLink, now time.Time) (*body, error) {
	t := s.teams[link.Scope.Team]
	if t == nil {
		return nil, fmt.Errorf("team %s of a link is gone", link.Scope.Team)
	}
	d, err := t.at(ctx, h.src, now, h.metrics)
	if err != nil {
		return nil, err
	}
	return d.body(feedKey{link.Scope, link.Alarm}, t, now, h.metrics)
}

func (h *Handler) note(f Fetch) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if last, ok := h.fetches[f.Link]; !ok || !f.At.Before(last.At) {
		h.fetches[f.Link] = f
	}
}

// acceptsGzip reports whether an answer may be compressed.
func acceptsGzip(accepted []string) bool {
	for _, line := range accepted {
		for part := range strings.SplitSeq(line, ",") {
			coding, params, _ := strings.Cut(part, ";")
			if coding = strings.TrimSpace(coding); !strings.EqualFold(coding, "gzip") && coding != "*" {
				continue
			}
			q, weighted := strings.CutPrefix(strings.ToLower(strings.TrimSpace(params)), "q=")
			if !weighted {
				return true
			}
			v, err := strconv.ParseFloat(q, 64)
			return err == nil && v > 0
		}
	}
	return false
}

func plainError(w http.ResponseWriter, status int) {
	http.Error(w, strings.ToLower(http.StatusText(status)), status)
}

// recorder remembers what was answered.
type recorder struct {
	http.ResponseWriter
	status  int
	written int64
}

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(p []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	n, err := r.ResponseWriter.Write(p)
	r.written += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
