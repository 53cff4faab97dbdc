package calendar

import (
	"bytes"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"rota/schedule"
)

func TestExport(t *testing.T) {
	h := harbor(t, "2026-12-07", "2026-12-13")
	h.publish(h.turns(2))
	dir := filepath.Join(t.TempDir(), "out")
	x := Export{Dir: dir, Day: schedule.MustDate(today)}
	p := h.prepare(t)
	x.Scopes = EveryScope(p.pub)
	files, err := x.Write(p)
	if err != nil {
		t.Fatal(err)
	}
	if want := 7 + 1 + 5 + 5 + 1; len(files) != want {
		t.Errorf("%d files, not %d", len(files), want)
	}
	for _, f := range files {
		data, err := os.ReadFile(filepath.Join(dir, f.Path))
		if err != nil {
			t.Fatal(err)
		}
		if !f.Changed || len(data) != f.Bytes || !bytes.Equal(data, encoded(t, feed(t, p, f.Scope, today))) {
			t.Errorf("%+v does not hold its feed", f)
		}
		if info, err := os.Stat(filepath.Join(dir, f.Path)); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", f.Path, info.Mode(), err)
		}
	}
	other := filepath.Join(dir, "agents", "notes.ics")
	if err := os.WriteFile(other, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	old := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	if err := os.Chtimes(filepath.Join(dir, "team.ics"), old, old); err != nil {
		t.Fatal(err)
	}

	// Nothing changes when nothing changed, and only what changed changes.
	again, err := x.Write(p)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range again {
		if f.Changed {
			t.Errorf("%s was written again", f.Path)
		}
	}
	if info, err := os.Stat(filepath.Join(dir, "team.ics")); err != nil || !info.ModTime().Equal(old) {
		t.Errorf("team.ics was touched: %v %v", info.ModTime(), err)
	}
	h.pub.Agents = slices.DeleteFunc(h.pub.Agents, func(a schedule.Agent) bool { return a.ID == "kenji" })
	h.publish(h.turns(2))
	p = h.prepare(t)
	x.Scopes = AgentsAndTeam(p.pub)
	if _, err := x.Write(p); err != nil {
		t.Fatal(err)
	}
	left, err := filepath.Glob(filepath.Join(dir, "*", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range left {
		if strings.Contains(name, "kenji") || strings.Contains(name, "shifts"+string(filepath.Separator)) {
			t.Errorf("%s stays", name)
		}
	}
	if _, err := os.Stat(other); err != nil {
		t.Errorf("a file that is not rota's was removed: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, ".rota-calendars-harbor.json"), []byte(`{"schema":"rota/calendars/v1","files":["../../x.ics"]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := x.Write(p); err == nil || !strings.Contains(err.Error(), "not a calendar of this folder") {
		t.Errorf("a list that leads out of the folder: %v", err)
	}
}

func TestExportWithKey(t *testing.T) {
	h := harbor(t, "2026-12-07", "2026-12-13")
	h.publish(h.turns(2))
	p := h.prepare(t)
	base := t.TempDir()
	key := []byte(strings.Repeat("k", 32))
	x := Export{Dir: filepath.Join(base, "www"), Day: schedule.MustDate(today), Key: key}
	files, err := x.Write(p)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if f.Path != strings.TrimPrefix(DerivedToken(key, f.Scope).FeedPath(), "/") {
			t.Errorf("%s", f.Path)
		}
	}
	// Nothing in the folder tells the names of the others.
	names, err := os.ReadDir(x.Dir)
	if err != nil || len(names) != 1 || names[0].Name() != "feeds" {
		t.Errorf("%v %v", names, err)
	}
	x.Key = []byte(strings.Repeat("l", 32))
	if _, err := x.Write(p); err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if _, err := os.Stat(filepath.Join(x.Dir, f.Path)); err == nil {
			t.Errorf("the old address %s still works", f.Path)
		}
	}
}

func TestTokens(t *testing.T) {
	seen := map[Token]bool{}
	for range 100 {
		token, err := NewToken(rand.Reader)
		if err != nil || len(token) != 32 || seen[token] || strings.Trim(token.Reveal(), "abcdefghijklmnopqrstuvwxyz234567") != "" {
			t.Fatalf("%q %v", token.Reveal(), err)
		}
		seen[token] = true
	}
	if _, err := NewToken(strings.NewReader("short")); err == nil {
		t.Error("a token of 5 random bytes")
	}
	key := []byte("key")
	a, b := DerivedToken(key, Scope{"t", Personal, "ani"}), DerivedToken(key, Scope{"t", OneShift, "ani"})
	if a == b || a == DerivedToken([]byte("other"), Scope{"t", Personal, "ani"}) || a != DerivedToken(key, Scope{"t", Personal, "ani"}) {
		t.Error("derived tokens are not what they should be")
	}
	web, cal, err := Addresses("https://rota.example.com/team/", a)
	if err != nil || web != "https://rota.example.com/team/feeds/"+a.Reveal()+".ics" || cal != "webcal"+strings.TrimPrefix(web, "https") {
		t.Errorf("%s %s %v", web, cal, err)
	}
	for _, bad := range []string{"", "rota.example.com", "ftp://x", "https://", "https://u:p@x", "https://x?y"} {
		if _, _, err := Addresses(bad, a); err == nil {
			t.Errorf("%q is no address", bad)
		}
	}
}

// What many agents of one slot are told is made once; it must be what each would be told alone.
func TestWhatManyAreToldIsWhatEachWouldBe(t *testing.T) {
	h := crowd(t, 150)
	h.pub.Team.Feed.Future = 20
	h.publish(slices.DeleteFunc(h.pairs(), func(x pair) bool {
		return x.agent == "agent0077" && strings.HasPrefix(string(x.slot), "late@2026-12-1")
	}))
	p := h.prepare(t)
	day := schedule.MustDate("2026-12-12")
	window, err := Window(p.pub.Team, day)
	if err != nil {
		t.Fatal(err)
	}
	v := view{Prepared: p, window: window, day: day, team: p.team(), named: true}
	shared := 0
	for _, a := range h.pub.Agents {
		f := feed(t, p, PersonalScope("harbor", a.ID), day.String())
		alone := f
		alone.Events = slices.Clone(f.Events)
		for i := range alone.Events {
			e := &alone.Events[i]
			if e.said != nil {
				shared++
			}
			e.said = nil
			for _, entry := range p.own[a.ID] {
				if string(entry.UID) == e.UID {
					e.Description = v.describe(entry, p.agentZone(a.ID), true)
				}
			}
		}
		if !bytes.Equal(encoded(t, f), encoded(t, alone)) {
			t.Fatalf("%s is told\n%s\nand alone would be\n%s", a.ID, encoded(t, f), encoded(t, alone))
		}
	}
	if shared < 100 {
		t.Errorf("only %d events share their description", shared)
	}
}

// A file is compared piece by piece, whatever the pieces are.
func TestReplacement(t *testing.T) {
	name := filepath.Join(t.TempDir(), "x.ics")
	text := bytes.Repeat([]byte("0123456789"), 100)
	for _, old := range []int{-1, 0, 1, 499, 500, 501, 999, 1000, 1001, 1500} {
		for _, differs := range []int{-1, 0, 250, 499, 500, 750, 999} {
			for _, piece := range []int{1000, 500, 333, 100} {
				if err := os.RemoveAll(name); err != nil {
					t.Fatal(err)
				}
				if old >= 0 {
					data := slices.Clone(append(text, text...)[:old])
					if differs >= 0 && differs < old {
						data[differs] = 'x'
					}
					if err := os.WriteFile(name, data, 0o600); err != nil {
						t.Fatal(err)
					}
				}
				before, _ := os.ReadFile(name)
				r := &replacement{name: name, mode: 0o600}
				for part := range slices.Chunk(text, piece) {
					if _, err := r.Write(part); err != nil {
						t.Fatal(err)
					}
				}
				size, changed, err := r.done()
				if err = errors.Join(err, r.cleanup()); err != nil {
					t.Fatal(err)
				}
				got, err := os.ReadFile(name)
				if err != nil || !bytes.Equal(got, text) || size != len(text) || changed == bytes.Equal(before, text) {
					t.Fatalf("old %d, differs at %d, pieces of %d: %d bytes, %d said, changed %v, %v", old, differs, piece, len(got), size, changed, err)
				}
			}
		}
	}
	// One that is given up leaves what was there, and nothing beside it.
	r := &replacement{name: name, mode: 0o600}
	if _, err := r.Write([]byte("something else")); err != nil {
		t.Fatal(err)
	}
	if err := r.cleanup(); err != nil {
		t.Fatal(err)
	}
	got, _ := os.ReadFile(name)
	if list, err := os.ReadDir(filepath.Dir(name)); err != nil || len(list) != 1 || !bytes.Equal(got, text) {
		t.Errorf("%d files, %d bytes: %v", len(list), len(got), err)
	}
}
