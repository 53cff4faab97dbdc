//go:build interop

package calendar

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"rota/schedule"
)

// The readers and where they live come from interop/run.sh.

// reader is a program that prints a calendar file as lines of UID, start, end, SEQUENCE and STATUS.
type reader struct {
	name    string
	command []string
}

func readers(t *testing.T) []reader {
	dir := os.Getenv("INTEROP_DIR")
	if dir == "" {
		t.Fatal("INTEROP_DIR is not set: start this with calendar/interop/run.sh")
	}
	return []reader{
		{"python3-icalendar", []string{"/usr/bin/python3", "interop/read_icalendar.py"}},
		{"libical with icalrestriction_check", []string{filepath.Join(dir, "restriction")}},
		{"ical.js", []string{"node", filepath.Join(dir, "icaljs.mjs")}},
		{"node-ical", []string{"node", filepath.Join(dir, "nodeical.mjs")}},
	}
}

func (r reader) read(t *testing.T, path string) []string {
	t.Helper()
	return output(t, exec.Command(r.command[0], append(r.command[1:], path)...))
}

// output is the lines that a command prints, sorted.
func output(t *testing.T, c *exec.Cmd) []string {
	t.Helper()
	var complaints strings.Builder
	c.Stderr = &complaints
	out, err := c.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s%s", c, err, out, complaints.String())
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	lines = slices.DeleteFunc(lines, func(s string) bool { return s == "" })
	slices.Sort(lines)
	return lines
}

// expected is what readers must print for the entries of an agent, of everybody if it is empty: from what was told, not
// from the feed.
func expected(h *told, agent schedule.AgentID) []string {
	var lines []string
	for _, e := range h.pub.Entries {
		if agent != "" && e.Agent != agent {
			continue
		}
		status := "CONFIRMED"
		if e.Cancelled {
			status = "CANCELLED"
		}
		lines = append(lines, fmt.Sprintf("%s %s %s %d %s", e.UID, e.Start.Format("20060102T150405Z"), e.End.Format("20060102T150405Z"), e.Sequence, status))
	}
	slices.Sort(lines)
	return lines
}

func same(t *testing.T, what string, got, want []string) {
	t.Helper()
	if slices.Equal(got, want) {
		return
	}
	shown := 0
	for _, s := range got {
		if !slices.Contains(want, s) && shown < 5 {
			t.Errorf("%s: read   %s", what, s)
			shown++
		}
	}
	for _, s := range want {
		if !slices.Contains(got, s) && shown < 10 {
			t.Errorf("%s: lacks  %s", what, s)
			shown++
		}
	}
	t.Errorf("%s: %d events, not %d, or in part twice", what, len(got), len(want))
}

// periods are four weeks of winter, and rosters across both changes of the clocks.
var periods = [][2]string{{"2026-12-07", "2027-01-03"}, {"2026-10-12", "2026-11-08"}, {"2027-03-08", "2027-04-04"}}

// changed is a team that had a swap, a slot taken away and another roster in between.
func changed(t *testing.T, first, last string) *told {
	h := harbor(t, first, last)
	h.pub.Team.Feed.Cancelled = 365
	first2 := h.turns(2)
	h.publish(first2)
	second := slices.Clone(first2)
	second[0].agent, second[4].agent = second[4].agent, second[0].agent
	h.publish(second[:len(second)-3])
	h.publish(h.turns(1))
	h.publish(first2[2:])
	return h
}

func TestInteropFiles(t *testing.T) {
	for _, period := range periods {
		h := changed(t, period[0], period[1])
		dir := filepath.Join(t.TempDir(), "out")
		files, err := Export{Dir: dir, Day: schedule.MustDate(period[0]), Options: FeedOptions{Alarm: schedule.Some(schedule.Minutes(30))}}.Write(h.prepare(t))
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range readers(t) {
			events := 0
			for _, f := range files {
				want := expected(h, schedule.AgentID(f.Scope.Subject))
				same(t, r.name+" on "+f.Path, r.read(t, filepath.Join(dir, f.Path)), want)
				events += len(want)
			}
			t.Logf("%s: %d events in %d files from %s to %s", r.name, events, len(files), period[0], period[1])
		}
	}
	// What has no assignment: leave as whole days, open slots, counts in place of names.
	h := changed(t, "2026-12-07", "2026-12-13")
	h.pub.Team.Feed.Leave, h.pub.Team.Feed.Names = true, false
	h.pub.Leave = []Leave{{Availability: schedule.Availability{
		ID: "l", Agent: "ani", Kind: schedule.Leave, From: schedule.MustDate("2026-12-24"), To: schedule.MustDate("2027-01-03"),
	}, Changed: start}}
	p := h.prepare(t)
	for _, s := range EveryScope(p.pub) {
		f := feed(t, p, s, today)
		name := filepath.Join(t.TempDir(), "feed.ics")
		if err := os.WriteFile(name, encoded(t, f), 0o600); err != nil {
			t.Fatal(err)
		}
		var want []string
		for _, e := range f.Events {
			from, to := e.Start.Format(instants), e.End.Format(instants)
			if e.AllDay() {
				from, to = strings.ReplaceAll(e.First.String(), "-", ""), strings.ReplaceAll(e.Last.AddDays(1).String(), "-", "")
			}
			want = append(want, fmt.Sprintf("%s %s %s %d %s", e.UID, from, to, e.Sequence, e.Status))
		}
		slices.Sort(want)
		for _, r := range readers(t) {
			same(t, r.name+" on "+s.String(), r.read(t, name), want)
		}
	}
}

// TestInteropSync lets vdirsyncer follow a personal and the team's feed over HTTP while rosters come and go, and khal
// read what it has. As it is, vdirsyncer names events after their content, so that only the rest can be compared; the
// second time it keeps UIDs.
func TestInteropSync(t *testing.T) {
	for _, period := range periods {
		t.Run(period[0]+" as it is", func(t *testing.T) { follow(t, period, []string{"vdirsyncer"}, false) })
		t.Run(period[0]+" keeping UIDs", func(t *testing.T) {
			follow(t, period, []string{"/usr/bin/python3", "interop/vdirsyncer_uids.py"}, true)
		})
	}
}

// withoutUID is lines without their first word.
func withoutUID(lines []string) []string {
	var rest []string
	for _, s := range lines {
		_, s, _ = strings.Cut(s, " ")
		rest = append(rest, s)
	}
	slices.Sort(rest)
	return rest
}

func follow(t *testing.T, period [2]string, syncer []string, uids bool) {
	h := harbor(t, period[0], period[1])
	h.pub.Team.Feed.Cancelled = 365
	h.publish(h.turns(2))
	day := schedule.MustDate(period[0])
	s := &served{store: &store{told: h, t: t}, now: time.Date(day.Year, day.Month, day.Day, 12, 0, 0, 0, time.UTC)}
	names := []string{"ani", "team"}
	for i, scope := range []Scope{PersonalScope("harbor", "ani"), {Team: "harbor", Kind: Everybody}} {
		l, err := NewLink(scope, token(i), "test", start)
		if err != nil {
			t.Fatal(err)
		}
		l.ID = int64(i + 1)
		s.links = append(s.links, l)
	}
	s.h = NewHandler(s.store, Options{Now: s.clock})
	mux := http.NewServeMux()
	s.h.Register(mux, nil)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- Serve(ctx, NewServer(mux, nil), listener, time.Second) }()
	defer func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}()

	home := t.TempDir()
	var config, calendars strings.Builder
	fmt.Fprintf(&config, "[general]\nstatus_path = \"%s/status\"\n", home)
	fmt.Fprintln(&calendars, "[calendars]")
	for i, name := range names {
		fmt.Fprintf(&config, "[pair %s]\na = \"%s_feed\"\nb = \"%s_copy\"\ncollections = null\nconflict_resolution = \"a wins\"\n", name, name, name)
		fmt.Fprintf(&config, "[storage %s_feed]\ntype = \"http\"\nurl = \"http://%s%s\"\n", name, listener.Addr(), token(i).FeedPath())
		fmt.Fprintf(&config, "[storage %s_copy]\ntype = \"filesystem\"\npath = \"%s/%s\"\nfileext = \".ics\"\n", name, home, name)
		fmt.Fprintf(&calendars, "[[%s]]\npath = %s/%s\n", name, home, name)
		if err := os.MkdirAll(filepath.Join(home, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	fmt.Fprintf(&calendars, "[locale]\nlocal_timezone = UTC\ndefault_timezone = UTC\ntimeformat = %%H:%%M\ndateformat = %%Y-%%m-%%d\n"+
		"longdateformat = %%Y-%%m-%%d\ndatetimeformat = %%Y-%%m-%%d %%H:%%M\nlongdatetimeformat = %%Y-%%m-%%d %%H:%%M\n[sqlite]\npath = %s/khal.db\n", home)
	settings, khal := filepath.Join(home, "vdirsyncer.conf"), filepath.Join(home, "khal.conf")
	for name, text := range map[string]string{settings: config.String(), khal: calendars.String()} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run := func(name string, args ...string) []string {
		c := exec.Command(name, args...)
		c.Env = append(os.Environ(), "HOME="+home, "LC_ALL=C.UTF-8", "XDG_DATA_HOME="+home, "XDG_CACHE_HOME="+home)
		c.Stdin = strings.NewReader(strings.Repeat("y\n", 10))
		return output(t, c)
	}
	vdirsyncer := func(command string) {
		run(syncer[0], append(slices.Clone(syncer[1:]), "-c", settings, "-v", "ERROR", command)...)
	}
	publications := 0
	step := func(what string) {
		publications++
		s.change(func() {})
		if err := s.h.Poll(ctx); err != nil {
			t.Fatal(err)
		}
		vdirsyncer("sync")
		for i, name := range names {
			agent := schedule.AgentID("ani")
			if i == 1 {
				agent = ""
			}
			want := expected(h, agent)
			copied := readers(t)[0].read(t, filepath.Join(home, name))
			listed := run("khal", "-c", khal, "list", "-a", name, "--once", "--day-format", "", "--format", "{uid} {start} {end} {status}",
				schedule.MustDate(period[0]).AddDays(-3).String(), schedule.MustDate(period[1]).AddDays(3).String())
			var list []string
			for _, line := range want {
				f := strings.Fields(line)
				form := func(v string) string {
					at, err := time.Parse(instants, v)
					if err != nil {
						t.Fatal(err)
					}
					return at.Format("2006-01-02 15:04")
				}
				list = append(list, fmt.Sprintf("%s %s %s %s", f[0], form(f[1]), form(f[2]), f[4]))
			}
			slices.Sort(list)
			for i := range listed {
				listed[i] = strings.TrimSpace(listed[i])
			}
			if !uids {
				want, copied, list, listed = withoutUID(want), withoutUID(copied), withoutUID(list), withoutUID(listed)
			}
			same(t, what+": vdirsyncer's copy of "+name, copied, want)
			same(t, what+": khal on "+name, listed, list)
		}
	}
	vdirsyncer("discover")
	first := h.turns(2)
	step("published")
	second := slices.Clone(first)
	second[0].agent, second[4].agent = second[4].agent, second[0].agent
	h.publish(second)
	step("swapped")
	h.publish(second[7:])
	step("cancelled")
	h.publish(first)
	step("rolled back")
	h.pub.Slots[3].End = h.pub.Slots[3].End.Add(time.Hour)
	h.publish(first)
	step("moved")
	h.publish(first)
	step("unchanged")
	t.Logf("vdirsyncer and khal followed %d publications from %s to %s", publications, period[0], period[1])
}
