package calendar

import (
	"bytes"
	"crypto/rand"
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
