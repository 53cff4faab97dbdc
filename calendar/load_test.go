package calendar

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"rota/schedule"
)

// crowd is a team of n agents who each work five days of seven for a year.
func crowd(t testing.TB, n int) *told {
	h := harbor(t, "2026-12-07", "2027-12-06")
	h.pub.Team.Feed.Future = 365
	h.pub.Slots = slices.DeleteFunc(h.pub.Slots, func(s Slot) bool { return s.HasTag("weekend") })
	h.pub.Agents = nil
	zones := []string{"Asia/Yerevan", "Europe/Madrid", "America/New_York", "Asia/Tokyo"}
	for i := range n {
		h.pub.Agents = append(h.pub.Agents, schedule.Agent{
			ID: schedule.AgentID(fmt.Sprintf("agent%04d", i)), Name: fmt.Sprintf("Agent %d Example", i), Zone: zones[i%len(zones)],
			Languages: map[schedule.Language]schedule.Level{"en": schedule.C1},
		})
	}
	var pairs []pair
	for i, s := range h.pub.Slots {
		day, kind := i/3, i%3
		for k, a := range h.pub.Agents {
			if k%3 == (day/7+kind)%3 && (day+k)%7 < 5 {
				pairs = append(pairs, pair{s.ID, a.ID})
			}
		}
	}
	h.publish(pairs)
	return h
}

var exported = flag.Int("agents", 1000, "agents of the export benchmark")

// BenchmarkExport writes the folder of a year of 1,000 agents: a file for each and the team's.
func BenchmarkExport(b *testing.B) {
	h := crowd(b, *exported)
	b.ResetTimer()
	for i := 0; b.Loop(); i++ {
		p, err := Prepare(&h.pub)
		if err != nil {
			b.Fatal(err)
		}
		files, err := Export{Dir: filepath.Join(b.TempDir(), fmt.Sprint(i)), Day: schedule.MustDate(today)}.Write(p)
		if err != nil {
			b.Fatal(err)
		}
		size := 0
		for _, f := range files {
			size += f.Bytes
		}
		b.ReportMetric(float64(files[0].Events), "events/agent")
		b.ReportMetric(float64(size)/1e6, "MB")
	}
}

// BenchmarkLoad asks for the feeds of 200 agents and a year over loopback, client and server sharing the processors: with
// conditions, compressed in full and plain in full. It reports requests a second, the 99th percentile of the time to
// answer, the live heap after a collection at the start, in the middle and at the end, in MB, and what the process holds of
// the system's memory at the end. Memory is flat when the three are alike. For a long run: -bench Load -benchtime 300s.
func BenchmarkLoad(b *testing.B) {
	s := serve(b, Options{Limits: Limits{PerLink: -1}})
	s.told = crowd(b, 200)
	s.links = nil
	for i, a := range s.told.pub.Agents {
		l, err := NewLink(PersonalScope("harbor", a.ID), token(i), "test", start)
		if err != nil {
			b.Fatal(err)
		}
		l.ID = int64(i + 1)
		s.links = append(s.links, l)
	}
	s.revision++
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if err := s.h.Poll(ctx); err != nil {
		b.Fatal(err)
	}
	mux := http.NewServeMux()
	s.h.Register(mux, nil)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	var wait sync.WaitGroup
	defer wait.Wait()
	defer cancel()
	wait.Go(func() { _ = s.h.Run(ctx) })
	wait.Go(func() { _ = Serve(ctx, NewServer(mux, nil), listener, time.Second) })
	base := "http://" + listener.Addr().String()
	for _, kind := range []string{"conditional", "gzip", "plain"} {
		b.Run(kind, func(b *testing.B) { load(b, base, kind, len(s.links)) })
	}
}

func load(b *testing.B, base, kind string, links int) {
	const workers = 8
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: workers, DisableCompression: true}}
	ask := func(link int, tag string) (status int, etag string, size int64) {
		r, err := http.NewRequest("GET", base+token(link).FeedPath(), nil)
		if err != nil {
			b.Error(err)
			return 0, "", 0
		}
		if kind != "plain" {
			r.Header.Set("Accept-Encoding", "gzip")
		}
		if tag != "" {
			r.Header.Set("If-None-Match", tag)
		}
		res, err := client.Do(r)
		if err != nil {
			b.Error(err)
			return 0, "", 0
		}
		defer res.Body.Close()
		size, err = io.Copy(io.Discard, res.Body)
		if err != nil {
			b.Error(err)
		}
		return res.StatusCode, res.Header.Get("ETag"), size
	}
	tags := make([]string, links)
	bytes := int64(0)
	for i := range links {
		var size int64
		_, tags[i], size = ask(i, "")
		bytes += size
	}
	want := 200
	if kind == "conditional" {
		want = 304
	}
	var memory [3]runtime.MemStats
	measure := func(i int) {
		runtime.GC()
		runtime.ReadMemStats(&memory[i])
	}
	measure(0)
	var next, wrong atomic.Int64
	var asking sync.RWMutex
	// A histogram in steps of 50 µs needs the same memory however long the run is.
	var steps [4000]atomic.Int64
	b.ResetTimer()
	began := time.Now()
	var wait sync.WaitGroup
	for range workers {
		wait.Go(func() {
			for {
				n := int(next.Add(1) - 1)
				if n >= b.N {
					return
				}
				if n == b.N/2 {
					asking.Lock() // what others are just being answered with would count
					measure(1)
					asking.Unlock()
				}
				tag := ""
				if want == 304 {
					tag = tags[n%links]
				}
				asking.RLock()
				at := time.Now()
				if status, _, _ := ask(n%links, tag); status != want {
					wrong.Add(1)
				}
				asking.RUnlock()
				steps[min(int(time.Since(at)/(50*time.Microsecond)), len(steps)-1)].Add(1)
			}
		})
	}
	wait.Wait()
	took := time.Since(began)
	b.StopTimer()
	if wrong.Load() > 0 {
		b.Errorf("%d of %d answers are not %d", wrong.Load(), b.N, want)
	}
	measure(2)
	p99 := time.Duration(0)
	for i, sum := 0, int64(0); i < len(steps); i++ {
		if sum += steps[i].Load(); sum*100 >= int64(b.N)*99 {
			p99 = time.Duration(i+1) * 50 * time.Microsecond
			break
		}
	}
	b.ReportMetric(float64(b.N)/took.Seconds(), "req/s")
	b.ReportMetric(p99.Seconds()*1000, "p99-ms")
	for i, when := range []string{"MB-1-start", "MB-2-middle", "MB-3-end"} {
		b.ReportMetric(float64(memory[i].HeapAlloc)/1e6, when)
	}
	b.ReportMetric(float64(memory[2].Sys-memory[2].HeapReleased)/1e6, "MB-4-held")
	b.ReportMetric(float64(bytes)/float64(links)/1e3, "kB/feed")
}
