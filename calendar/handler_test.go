package calendar

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"rota/schedule"
)

// store is a Source in memory, which counts what is asked of it.
type store struct {
	mu        sync.Mutex
	told      *told
	t         testing.TB
	revision  int
	links     []Link
	loads     int
	linkReads int
	recorded  []Fetch
	broken    error
}

func (s *store) Revisions(context.Context) (map[schedule.TeamID]string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return map[schedule.TeamID]string{"harbor": fmt.Sprint(s.revision)}, s.broken
}

func (s *store) Team(context.Context, schedule.TeamID) (schedule.Team, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.told.pub.Team, s.broken
}

func (s *store) Published(_ context.Context, _ schedule.TeamID, within schedule.Interval) (*Published, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.loads++
	pub := s.told.pub
	pub.Entries = nil
	for _, e := range s.told.pub.Entries {
		if (schedule.Interval{Start: e.Start, End: e.End}).Overlaps(within) {
			pub.Entries = append(pub.Entries, e)
		}
	}
	pub.Slots = slices.Clone(pub.Slots)
	return &pub, s.broken
}

func (s *store) Links(context.Context) ([]Link, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.linkReads++
	return slices.Clone(s.links), s.broken
}

func (s *store) RecordFetches(_ context.Context, fetches []Fetch) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken != nil {
		return s.broken
	}
	s.recorded = append(s.recorded, fetches...)
	return nil
}

func (s *store) change(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
	s.revision++
}

// token is a token that everybody knows, for tests.
func token(n int) Token { return Token(fmt.Sprintf("%032d", n)) }

// served is a handler over a store with a personal link for each agent, in their order from token 0.
type served struct {
	*store
	h   *Handler
	now time.Time
	mu  sync.Mutex
}

func (s *served) clock() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

func (s *served) wait(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = s.now.Add(d)
}

func serve(t testing.TB, opt Options) *served {
	t.Helper()
	h := harbor(t, "2026-12-01", "2026-12-31")
	h.publish(h.turns(2))
	s := &served{store: &store{told: h, t: t}, now: time.Date(2026, 12, 7, 12, 0, 0, 0, time.UTC)}
	for i, a := range h.pub.Agents {
		l, err := NewLink(PersonalScope("harbor", a.ID), token(i), "test", start)
		if err != nil {
			t.Fatal(err)
		}
		l.ID = int64(i + 1)
		s.links = append(s.links, l)
	}
	opt.Now = s.clock
	s.h = NewHandler(s.store, opt)
	if err := s.h.Poll(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

// ask makes one request; headers alternate names and values.
func (s *served) ask(method, path string, headers ...string) *http.Response {
	r := httptest.NewRequest(method, path, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.h.ServeHTTP(w, r)
	return w.Result()
}

func read(t testing.TB, r *http.Response) []byte {
	t.Helper()
	data, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestServeFeed(t *testing.T) {
	s := serve(t, Options{})
	p := s.told.prepare(t)
	for i, a := range s.told.pub.Agents {
		want := encoded(t, feed(t, p, PersonalScope("harbor", a.ID), "2026-12-07"))
		res := s.ask("GET", token(i).FeedPath())
		got := read(t, res)
		if res.StatusCode != 200 || !bytes.Equal(got, want) {
			t.Fatalf("%s: %d and %d bytes, not %d", a.ID, res.StatusCode, len(got), len(want))
		}
		for name, value := range map[string]string{
			"Content-Type": "text/calendar; charset=utf-8", "Cache-Control": "private, no-cache", "Referrer-Policy": "no-referrer",
			"X-Robots-Tag": "noindex, nofollow", "Vary": "Accept-Encoding", "Content-Length": fmt.Sprint(len(want)),
		} {
			if res.Header.Get(name) != value {
				t.Errorf("%s: %q", name, res.Header.Get(name))
			}
		}
		// No other agent's assignment is in it.
		for _, e := range s.told.pub.Entries {
			if e.Agent != a.ID && bytes.Contains(got, []byte(e.UID)) {
				t.Errorf("%s sees an assignment of %s", a.ID, e.Agent)
			}
		}
	}
	if s.loads != 1 {
		t.Errorf("%d loads for %d feeds", s.loads, len(s.told.pub.Agents))
	}
}

func TestConditional(t *testing.T) {
	s := serve(t, Options{Limits: Limits{PerLink: -1}})
	path := token(0).FeedPath()
	full := s.ask("GET", path)
	plain := read(t, full)
	packed := s.ask("GET", path, "Accept-Encoding", "br, gzip;q=0.8")
	tag, packedTag := full.Header.Get("ETag"), packed.Header.Get("ETag")
	if packed.Header.Get("Content-Encoding") != "gzip" || tag == packedTag || strings.HasPrefix(tag, "W/") || len(tag) < 20 {
		t.Fatalf("tags %s and %s", tag, packedTag)
	}
	raw := read(t, packed)
	if packed.Header.Get("Content-Length") != fmt.Sprint(len(raw)) {
		t.Errorf("length %s of %d", packed.Header.Get("Content-Length"), len(raw))
	}
	z, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	if data, err := io.ReadAll(z); err != nil || !bytes.Equal(data, plain) {
		t.Fatalf("unpacked to %d bytes, %v", len(data), err)
	}
	modified := full.Header.Get("Last-Modified")
	cases := []struct {
		headers []string
		status  int
		gzip    bool
	}{
		{[]string{"If-None-Match", tag}, 304, false},
		{[]string{"If-None-Match", "W/" + tag}, 304, false},
		{[]string{"If-None-Match", `"x", ` + tag}, 304, false},
		{[]string{"If-None-Match", "*"}, 304, false},
		{[]string{"If-None-Match", `"x"`}, 200, false},
		{[]string{"If-None-Match", packedTag}, 200, false},
		{[]string{"If-None-Match", packedTag, "Accept-Encoding", "gzip"}, 304, false},
		{[]string{"If-None-Match", tag, "Accept-Encoding", "gzip"}, 200, true},
		{[]string{"If-Modified-Since", modified}, 304, false},
		{[]string{"If-Modified-Since", "Mon, 07 Dec 2026 11:59:59 GMT"}, 200, false},
		{[]string{"If-None-Match", `"x"`, "If-Modified-Since", modified}, 200, false},
		{[]string{"Accept-Encoding", "gzip;q=0"}, 200, false},
		{[]string{"Accept-Encoding", "identity, *;q=0"}, 200, false},
		{[]string{"Accept-Encoding", "*"}, 200, true},
		{[]string{"Range", "bytes=0-14"}, 206, false},
		{[]string{"If-Match", `"x"`}, 412, false},
	}
	for _, c := range cases {
		for _, method := range []string{"GET", "HEAD"} {
			res := s.ask(method, path, c.headers...)
			data := read(t, res)
			if res.StatusCode != c.status || (res.Header.Get("Content-Encoding") == "gzip") != c.gzip {
				t.Errorf("%s %q: %d, encoding %q", method, c.headers, res.StatusCode, res.Header.Get("Content-Encoding"))
			}
			if method == "HEAD" && res.StatusCode != 412 && len(data) > 0 {
				t.Errorf("HEAD %q has %d bytes", c.headers, len(data))
			}
			if res.StatusCode == 304 && (len(data) > 0 || res.Header.Get("ETag") == "" || res.Header.Get("Vary") == "") {
				t.Errorf("a 304 with %d bytes and %v", len(data), res.Header)
			}
		}
	}
	if res := s.ask("POST", path); res.StatusCode != 405 || res.Header.Get("Allow") != "GET, HEAD" {
		t.Errorf("POST: %d", res.StatusCode)
	}

	// The same roster published again: the same tag. Another roster: another, and no 304 by either condition.
	s.change(func() { s.told.publish(s.told.turns(2)) })
	if err := s.h.Poll(t.Context()); err != nil {
		t.Fatal(err)
	}
	if res := s.ask("GET", path, "If-None-Match", tag); res.StatusCode != 304 {
		t.Errorf("an unchanged roster: %d", res.StatusCode)
	}
	s.change(func() { s.told.publish(s.told.turns(3)) })
	if err := s.h.Poll(t.Context()); err != nil {
		t.Fatal(err)
	}
	if res := s.ask("GET", path, "If-None-Match", tag); res.StatusCode != 200 || res.Header.Get("ETag") == tag {
		t.Errorf("a changed roster: %d", res.StatusCode)
	}
	if res := s.ask("GET", path, "If-Modified-Since", modified); res.StatusCode != 200 {
		t.Errorf("a roster changed within the second: %d", res.StatusCode)
	}
}

func TestBadTokens(t *testing.T) {
	s := serve(t, Options{Limits: Limits{Misses: -1}})
	want := ""
	s.links[3].RevokedAt = start
	s.links[4].ExpiresAt = s.now
	s.revision++
	if err := s.h.Poll(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{
		"/feeds/" + token(99).Reveal() + ".ics", "/feeds/.ics", "/feeds/x", "/feeds/", "/feeds/../etc/passwd.ics", "/", "/feeds/a/b.ics",
		"/feeds/" + strings.Repeat("a", 9000) + ".ics", token(3).FeedPath(), token(4).FeedPath(), strings.TrimSuffix(token(0).FeedPath(), ".ics"),
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.URL.Path = path
		w := httptest.NewRecorder()
		s.h.ServeHTTP(w, r)
		got := fmt.Sprint(w.Code, w.Header(), w.Body)
		if want == "" {
			want = got
		}
		if w.Code != 404 || got != want {
			t.Errorf("%.40s: %s, others %s", path, got, want)
		}
	}
	if s.loads != 0 {
		t.Errorf("bad tokens cost %d loads", s.loads)
	}
}

// A link dies with the poll after its revocation, an old link of a rotation with its overlap, each without a restart.
func TestRotateAndRevoke(t *testing.T) {
	s := serve(t, Options{})
	code := func(n int) int { return s.ask("GET", token(n).FeedPath()).StatusCode }
	ending, next, err := Rotate(s.links[0], token(50), "ani", s.now, 48*time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	next.ID = 50
	s.change(func() { s.links[0] = ending; s.links = append(s.links, next) })
	poll := func() {
		if err := s.h.Poll(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	poll()
	if code(0) != 200 || code(50) != 200 {
		t.Errorf("within the overlap: %d and %d", code(0), code(50))
	}
	s.wait(48 * time.Hour)
	if code(0) != 404 || code(50) != 200 {
		t.Errorf("after the overlap: %d and %d", code(0), code(50))
	}
	if _, _, err := Rotate(ending, token(51), "ani", s.now, time.Hour); !errors.Is(err, ErrDeadLink) {
		t.Errorf("rotating a dead link: %v", err)
	}
	s.change(func() { s.links[len(s.links)-1] = Revoke(next, s.now) })
	poll()
	if code(50) != 404 {
		t.Errorf("after the revocation: %d", code(50))
	}
	again := Revoke(Revoke(next, s.now), s.now.Add(time.Hour))
	if !again.RevokedAt.Equal(s.now) {
		t.Errorf("revoked again at %s", again.RevokedAt)
	}
	if old, _, err := Rotate(next, token(52), "ani", s.now, 0); err != nil || old.Works(s.now) {
		t.Errorf("rotation without overlap: %+v %v", old, err)
	}
}

// The store is read once for a revision and once for a day, whatever is asked.
func TestReads(t *testing.T) {
	s := serve(t, Options{Limits: Limits{PerLink: -1}})
	all := func() {
		var wait sync.WaitGroup
		for range 4 {
			wait.Go(func() {
				for i := range s.told.pub.Agents {
					s.ask("GET", token(i).FeedPath())
					s.ask("GET", token(i).FeedPath(), "Accept-Encoding", "gzip")
				}
			})
		}
		wait.Wait()
	}
	expect := func(what string, loads, links int) {
		t.Helper()
		if err := s.h.Poll(t.Context()); err != nil {
			t.Fatal(err)
		}
		all()
		if s.loads != loads || s.linkReads != links {
			t.Errorf("%s: %d loads and %d reads of links, not %d and %d", what, s.loads, s.linkReads, loads, links)
		}
	}
	expect("at first", 1, 1)
	expect("again", 1, 1)
	s.wait(7*time.Hour + 59*time.Minute) // 23:59 in Yerevan
	expect("a minute before midnight", 1, 1)
	s.wait(time.Minute)
	expect("on the next day", 2, 1)
	s.change(func() {})
	expect("after a change", 3, 2)
	expect("again", 3, 2)
}

// When the store fails, what was served is served on, and what never was gets a 503; readiness tells.
func TestBrokenStore(t *testing.T) {
	s := serve(t, Options{Limits: Limits{PerLink: -1}})
	s.told.pub.Team.Feed.Past = 2
	before := read(t, s.ask("GET", token(0).FeedPath()))
	s.broken = errors.New("disk on fire")
	s.wait(24 * time.Hour)
	if err := s.h.Poll(t.Context()); err == nil {
		t.Error("the poll went well")
	}
	if err := s.h.Ready(); err == nil || !strings.Contains(err.Error(), "24 h ago") {
		t.Errorf("ready: %v", err)
	}
	for range 5 {
		if res := s.ask("GET", token(0).FeedPath()); res.StatusCode != 200 || !bytes.Equal(read(t, res), before) {
			t.Error("the old feed is gone")
		}
	}
	if s.loads > 1 {
		t.Errorf("%d loads from a broken store within a second", s.loads)
	}
	s.broken = nil
	s.wait(time.Second)
	if err := s.h.Poll(t.Context()); err != nil || s.h.Ready() != nil {
		t.Errorf("%v, ready: %v", err, s.h.Ready())
	}
	if got := read(t, s.ask("GET", token(0).FeedPath())); bytes.Equal(got, before) {
		t.Error("the day passed and the feed did not")
	}
	fresh := NewHandler(s.store, Options{})
	w := httptest.NewRecorder()
	fresh.ServeHTTP(w, httptest.NewRequest("GET", token(0).FeedPath(), nil))
	if w.Code != 503 || fresh.Ready() == nil {
		t.Errorf("before the first poll: %d", w.Code)
	}
}

func TestLimits(t *testing.T) {
	s := serve(t, Options{Limits: Limits{PerLink: 1, Burst: 3, Misses: 1, MissBurst: 2}})
	codes := func(n int, path string) (got []int) {
		for range n {
			got = append(got, s.ask("GET", path).StatusCode)
		}
		return got
	}
	if got := codes(4, token(0).FeedPath()); !slices.Equal(got, []int{200, 200, 200, 429}) {
		t.Errorf("got %v", got)
	}
	if got := codes(1, token(1).FeedPath()); got[0] != 200 {
		t.Error("one link holds up another")
	}
	if got := codes(3, token(98).FeedPath()); !slices.Equal(got, []int{404, 404, 429}) {
		t.Errorf("got %v", got)
	}
	if got := codes(1, token(2).FeedPath()); got[0] != 200 {
		t.Error("bad tokens hold up good ones")
	}
	s.wait(time.Second)
	if got := codes(2, token(0).FeedPath()); !slices.Equal(got, []int{200, 429}) {
		t.Errorf("a second later: %v", got)
	}
	for i := range 3 * maxAddresses {
		r := httptest.NewRequest("GET", "/feeds/x.ics", nil)
		r.RemoteAddr = fmt.Sprintf("10.%d.%d.%d:1", i>>16, i>>8&255, i&255)
		s.h.ServeHTTP(httptest.NewRecorder(), r)
	}
	if n := len(s.h.misses.of); n > maxAddresses {
		t.Errorf("%d addresses are remembered", n)
	}
	r := httptest.NewRequest("GET", "/", nil)
	r.RemoteAddr = "[2001:db8:1:2:3:4:5:6]:80"
	r.Header.Set("X-Forwarded-For", "1.2.3.4, 5.6.7.8")
	if a, b := clientAddress(r, false), clientAddress(r, true); a != "2001:db8:1:2::/64" || b != "5.6.7.8" {
		t.Errorf("%s and %s", a, b)
	}
}

func TestFetches(t *testing.T) {
	s := serve(t, Options{})
	tag := s.ask("GET", token(0).FeedPath(), "User-Agent", "Cal/1\x01").Header.Get("ETag")
	s.ask("HEAD", token(1).FeedPath())
	s.ask("GET", token(98).FeedPath())
	s.wait(time.Minute)
	s.ask("GET", token(0).FeedPath(), "User-Agent", "Cal/2\x01"+strings.Repeat("x", 500), "If-None-Match", tag)
	s.broken = errors.New("locked")
	if err := s.h.Flush(t.Context()); err == nil || len(s.recorded) > 0 {
		t.Errorf("recorded %v, %v", s.recorded, err)
	}
	s.broken = nil
	for range 2 {
		if err := s.h.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if len(s.recorded) != 1 {
		t.Fatalf("recorded %+v", s.recorded)
	}
	f := s.recorded[0]
	if f.Link != 1 || !f.At.Equal(s.now) || f.Version != 1 || !strings.HasPrefix(f.UserAgent, "Cal/2x") || len(f.UserAgent) != maxAgent {
		t.Errorf("recorded %+v", f)
	}
}

func TestSubscribers(t *testing.T) {
	now := start.Add(100 * time.Hour)
	links := []Link{
		{ID: 1, UsedAt: now.Add(-time.Minute), Version: 6},
		{ID: 2},
		{ID: 3, UsedAt: now.Add(-19 * time.Hour), Version: 5},
		{ID: 4, UsedAt: now.Add(-72 * time.Hour), Version: 4},
		{ID: 5, RevokedAt: start},
		{ID: 6, ExpiresAt: now, UsedAt: now, Version: 5},
	}
	var got []string
	for _, s := range Subscribers(links, 6, now) {
		got = append(got, fmt.Sprintf("%s: %s", s.State, s.Sentence("Ani")))
	}
	want := []string{
		"behind: Ani's calendar last fetched version 4, 3 days ago",
		"behind: Ani's calendar last fetched version 5, 19 h ago",
		"never: Ani's calendar was never fetched",
		"current: Ani's calendar last fetched version 6, 1 min ago",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

// Over a real connection: health, metrics and logs without secrets, limits on heads, an orderly end.
func TestServer(t *testing.T) {
	var logged bytes.Buffer
	var lock sync.Mutex
	log := slog.New(slog.NewTextHandler(writerFunc(func(p []byte) (int, error) {
		lock.Lock()
		defer lock.Unlock()
		return logged.Write(p)
	}), &slog.HandlerOptions{Level: slog.LevelDebug}))
	reg := prometheus.NewRegistry()
	s := serve(t, Options{Metrics: reg, Log: log})
	mux := http.NewServeMux()
	ready := errors.New("not yet")
	s.h.Register(mux, reg, func() error { return ready })
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	server := NewServer(AccessLog(mux, log), log)
	go func() { done <- Serve(ctx, server, listener, time.Second) }()
	run := make(chan error, 1)
	go func() { run <- s.h.Run(ctx) }()
	base := "http://" + listener.Addr().String()
	get := func(path string, headers ...string) (int, string) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), "GET", base+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		return res.StatusCode, string(read(t, res))
	}
	if code, text := get("/healthz"); code != 200 || text != "ok\n" {
		t.Errorf("health: %d %s", code, text)
	}
	if code, text := get("/readyz"); code != 503 || text != "not yet\n" {
		t.Errorf("ready: %d %s", code, text)
	}
	ready = nil
	if code, _ := get("/readyz"); code != 200 {
		t.Errorf("ready: %d", code)
	}
	if code, text := get(token(2).FeedPath()); code != 200 || !strings.HasPrefix(text, "BEGIN:VCALENDAR\r\n") {
		t.Errorf("feed: %d", code)
	}
	get(token(97).FeedPath() + "?x=" + token(2).Reveal())
	get("/other" + token(2).FeedPath())
	if code, _ := get("/healthz", "X-Large", strings.Repeat("x", 20<<10)); code != 431 {
		t.Errorf("a head of 20 KiB: %d", code)
	}
	code, text := get("/metrics")
	if code != 200 || !strings.Contains(text, `rota_feed_requests_total{status="200"} 1`) || !strings.Contains(text, "rota_feed_links 7") {
		t.Errorf("metrics: %d\n%s", code, text)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if err := <-run; err != nil {
		t.Error(err)
	}
	if len(s.recorded) != 1 {
		t.Errorf("the last fetches are not recorded: %v", s.recorded)
	}
	lock.Lock()
	defer lock.Unlock()
	for _, out := range []string{text, logged.String(), fmt.Sprintf("%v %s %#v", token(2), token(2), token(2))} {
		if strings.Contains(out, token(2).Reveal()) || strings.Contains(out, token(97).Reveal()) {
			t.Errorf("a token is in\n%s", out)
		}
	}
	if !strings.Contains(logged.String(), "path=/feeds/[secret]") {
		t.Errorf("no access in the log:\n%s", &logged)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

func TestPathsInLogsHaveNoTokens(t *testing.T) {
	secret := DerivedToken([]byte("key"), PersonalScope("t", "ani")).Reveal()
	for path, want := range map[string]string{
		"/healthz": "/healthz", "/feeds/" + secret + ".ics": "/feeds/[secret]", "/x/feeds/short": "/x/feeds/[secret]",
		"/FEEDS/" + secret + ".ics": "/FEEDS/[secret].ics", "/" + strings.ToUpper(secret): "/[secret]", "/a\nb": "/a b",
	} {
		if got := Redact(path); got != want {
			t.Errorf("%q is logged as %q, want %q", path, got, want)
		}
	}
}
