package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mattn/go-sqlite3"

	"rota/schedule"
)

var (
	ctx  = context.Background()
	noon = time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
)

func day(s string) schedule.Date { return schedule.MustDate(s) }

// newStore makes a database in a folder of its own.
func newStore(t testing.TB) *Store {
	t.Helper()
	s, err := Create(ctx, filepath.Join(t.TempDir(), "rota.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		noError(t, err)
		return v
	}
}

func noError(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		var e sqlite3.Error
		if errors.As(err, &e) {
			t.Log(e.Error())
		}
		t.Fatal(err)
	}
}

// smallBook is a team of three with an early and a late shift every day.
func smallBook(id schedule.TeamID) schedule.Book {
	b := schedule.Book{Team: schedule.NewTeam(id, "Team "+string(id), "Asia/Yerevan")}
	b.Shifts = []schedule.Shift{
		{ID: "early", Name: "Early", Start: schedule.MustClock("08:00"), End: schedule.MustClock("16:00")},
		{ID: "late", Name: "Late", Start: schedule.MustClock("16:00"), End: schedule.MustClock("00:00"), Tags: []string{"late"}},
	}
	b.Contracts = []schedule.Contract{{ID: "full", Name: "Full", Max: schedule.Some(schedule.Hours(40))}}
	for _, a := range []schedule.AgentID{"ani", "davit", "lilit"} {
		b.Agents = append(b.Agents, schedule.Agent{ID: a, Name: string(a), Contract: "full",
			Languages: map[schedule.Language]schedule.Level{"en": schedule.C1}})
	}
	b.Demand = []schedule.DemandLine{{Shift: schedule.AnyShift, Agents: schedule.AgentsNeed{Min: schedule.Some(1)},
		Language: schedule.LanguageNeed{Tag: "en", Level: schedule.B2}, Skill: schedule.SkillNeed{}, Note: "someone"}}
	return b.Normalize()
}

func withTeam(t testing.TB, s *Store, id schedule.TeamID) schedule.Book {
	t.Helper()
	b := smallBook(id)
	must(s.SaveBook(ctx, b, 0, "mel", noon))(t)
	return b
}

func TestCreateIsPrivate(t *testing.T) {
	s := newStore(t)
	withTeam(t, s, "a")
	for _, suffix := range []string{"", "-wal", "-shm"} {
		info, err := os.Stat(s.Path() + suffix)
		noError(t, err)
		if mode := info.Mode().Perm(); mode != 0o600 {
			t.Errorf("mode of rota.db%s is %04o", suffix, mode)
		}
	}
	if _, err := Create(ctx, s.Path(), Options{}); !errors.Is(err, ErrExists) {
		t.Errorf("creating over a file: %v", err)
	}
	if _, err := Create(ctx, filepath.Join(t.TempDir(), "no", "rota.db"), Options{}); !errors.Is(err, ErrNotWritable) {
		t.Errorf("creating in no folder: %v", err)
	}
}

// Reading leaves the folder as it was.
func TestReadingLeavesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rota.db")
	s := must(Create(ctx, path, Options{}))(t)
	withTeam(t, s, "a")
	noError(t, s.Close())
	s = must(Open(ctx, path, Options{}))(t)
	must(s.ListTeams(ctx))(t)
	noError(t, s.Close())
	if entries := must(os.ReadDir(filepath.Dir(path)))(t); len(entries) != 1 {
		t.Errorf("left behind: %v", entries)
	}
}

func TestOpenMakesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rota.db")
	_, err := Open(ctx, path, Options{})
	var file *FileError
	if !errors.Is(err, ErrNoDatabase) || !errors.As(err, &file) || file.Path != path {
		t.Errorf("got %v", err)
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Error("a file has appeared")
	}
	if _, err := Open(ctx, filepath.Dir(path), Options{}); !errors.Is(err, ErrNotRota) {
		t.Errorf("opening a folder: %v", err)
	}
}

func TestOddNames(t *testing.T) {
	for _, name := range []string{"a b.db", "per%20cent.db", "what?.db", "hash#.db", "նշում.db", "amp&mode=memory.db"} {
		path := filepath.Join(t.TempDir(), name)
		s, err := Create(ctx, path, Options{})
		noError(t, err)
		withTeam(t, s, "a")
		noError(t, s.Close())
		s, err = Open(ctx, path, Options{})
		noError(t, err)
		if teams := must(s.ListTeams(ctx))(t); len(teams) != 1 {
			t.Errorf("%s: %v", name, teams)
		}
		noError(t, s.Close())
		entries := must(os.ReadDir(filepath.Dir(path)))(t)
		for _, e := range entries {
			if !strings.HasPrefix(e.Name(), name) {
				t.Errorf("%s has made %s", name, e.Name())
			}
		}
	}
}

func TestSettings(t *testing.T) {
	s := newStore(t)
	for name, db := range map[string]querier{"writer": s.write, "reader": s.read} {
		want := map[string]string{"journal_mode": "wal", "foreign_keys": "1", "synchronous": "2", "busy_timeout": "10000", "query_only": "0"}
		if name == "reader" {
			want["query_only"] = "1"
		} else {
			want["busy_timeout"] = "4" // it asks again by itself
		}
		for pragma, value := range want {
			var got string
			noError(t, db.QueryRowContext(ctx, "PRAGMA "+pragma).Scan(&got))
			if got != value {
				t.Errorf("%s: %s is %s, want %s", name, pragma, got, value)
			}
		}
	}
	if _, err := s.read.ExecContext(ctx, `DELETE FROM teams`); err == nil {
		t.Error("a reader has written")
	}
	conn := must(connector{path: s.path, timeout: time.Second}.Connect(ctx))(t)
	defer conn.Close()
	// A connection that lacks a setting is not let in.
	if err := verify(ctx, conn.(*sqlite3.SQLiteConn), map[string]string{"foreign_keys": "0"}); !errors.Is(err, ErrSettings) {
		t.Errorf("a wrong setting passes: %v", err)
	}
	var strict int
	noError(t, s.read.QueryRowContext(ctx, `SELECT count(*) FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND NOT strict AND name NOT LIKE 'sqlite_%'`).Scan(&strict))
	if strict != 0 {
		t.Errorf("%d tables are not strict", strict)
	}
}

func TestForeignFiles(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "team.yaml")
	noError(t, os.WriteFile(text, []byte(strings.Repeat("team: harbor\n", 200)), 0o600))
	if _, err := Open(ctx, text, Options{}); !errors.Is(err, ErrNotRota) {
		t.Errorf("a text file: %v", err)
	}
	other := filepath.Join(dir, "other.db")
	s := must(Create(ctx, other, Options{steps: []step{{"one", "CREATE TABLE t (x INTEGER) STRICT"}}}))(t)
	noError(t, execAll(s, `PRAGMA application_id = 77`))
	noError(t, s.Close())
	before := must(os.ReadFile(other))(t)
	if _, err := Open(ctx, other, Options{}); !errors.Is(err, ErrNotRota) {
		t.Errorf("another's database: %v", err)
	}
	if after := must(os.ReadFile(other))(t); string(before) != string(after) {
		t.Error("another's database was changed")
	}
	// An empty file is a database whose making was cut short.
	empty := filepath.Join(dir, "empty.db")
	noError(t, os.WriteFile(empty, nil, 0o600))
	s = must(Open(ctx, empty, Options{}))(t)
	withTeam(t, s, "a")
	noError(t, s.Close())
	torn := filepath.Join(dir, "torn.db")
	content := must(os.ReadFile(empty))(t)
	for i := 4096; i < len(content); i++ {
		content[i] = byte(i * 31)
	}
	noError(t, os.WriteFile(torn, content, 0o600))
	s, err := Open(ctx, torn, Options{})
	if err == nil {
		_, err = s.ListTeams(ctx)
		noError(t, s.Close())
	}
	if !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrNotRota) {
		t.Errorf("a torn file: %v", err)
	}
	noDriverWords(t, err)
}

func execAll(s *Store, statements ...string) error {
	for _, q := range statements {
		if _, err := s.write.ExecContext(ctx, q); err != nil {
			return err
		}
	}
	return nil
}

func TestLocked(t *testing.T) {
	s := newStore(t)
	withTeam(t, s, "a")
	other := must(Open(ctx, s.Path(), Options{BusyTimeout: 50 * time.Millisecond}))(t)
	defer other.Close()
	err := s.update(ctx, func(querier) error {
		// Readers are let through, writers wait and then give up.
		if _, _, err := other.LoadBook(ctx, "a"); err != nil {
			t.Errorf("reading beside a writer: %v", err)
		}
		_, err := other.SaveBook(ctx, smallBook("b"), 0, "mel", noon)
		return err
	})
	if !errors.Is(err, ErrLocked) {
		t.Errorf("got %v", err)
	}
	noDriverWords(t, err)
	must(other.SaveBook(ctx, smallBook("b"), 0, "mel", noon))(t)
}

func TestCancelled(t *testing.T) {
	s := newStore(t)
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := s.ListTeams(cancelled); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if _, err := s.SaveBook(cancelled, smallBook("a"), 0, "mel", noon); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// noDriverWords fails when an error speaks the language of the driver.
func noDriverWords(t testing.TB, err error) {
	t.Helper()
	if err == nil {
		t.Error("no error")
		return
	}
	for _, word := range []string{"sql:", "sqlite", "constraint", "pragma", "no such", "database is locked\x00", "readonly", "scan"} {
		if strings.Contains(strings.ToLower(err.Error()), word) {
			t.Errorf("%q says %q", err, word)
		}
	}
}

func TestNoDriverWords(t *testing.T) {
	s := newStore(t)
	withTeam(t, s, "a")
	r := must(s.SaveDraft(ctx, draft("a", "ani"), "mel", noon))(t)
	must(s.Publish(ctx, PublishRequest{Team: "a", Version: r.Version, Who: "mel", Now: noon}))(t)
	statements := []string{
		`INSERT INTO teams SELECT * FROM teams`,
		`UPDATE teams SET week_start = 9`,
		`UPDATE teams SET name = NULL`,
		`UPDATE teams SET half_life = 'long'`,
		`UPDATE rosters SET cost = 7`,
		`DELETE FROM assignments`,
		`INSERT INTO takeovers VALUES ('nobody', 'x', 'y', 1)`,
		`SELECT name FROM nowhere`,
		`SELEKT`,
	}
	for _, q := range statements {
		_, err := s.write.ExecContext(ctx, q)
		noDriverWords(t, s.translate(err))
		if q == `SELECT name FROM nowhere` && !errors.Is(s.translate(err), ErrDamaged) {
			t.Errorf("a table that is missing gives %v", s.translate(err))
		}
	}
	// A value in the wrong form.
	noError(t, execAll(s, `UPDATE teams SET night = 'dark'`))
	_, _, err := s.LoadBook(ctx, "a")
	if !errors.Is(err, ErrDamaged) {
		t.Errorf("got %v", err)
	}
	noDriverWords(t, err)
	// What callers say passes unchanged, whatever they say.
	theirs := fmt.Errorf("reading: %w", fs.ErrNotExist)
	noError(t, execAll(s, `UPDATE teams SET night = '23:00-06:00'`))
	if _, err := s.UpdateBook(ctx, "a", "mel", noon, func(*schedule.Book) error { return theirs }); err != theirs {
		t.Errorf("got %v", err)
	}
}

func TestPanicKeepsTheWriter(t *testing.T) {
	s := newStore(t)
	withTeam(t, s, "a")
	func() {
		defer func() { _ = recover() }()
		_, _ = s.UpdateBook(ctx, "a", "mel", noon, func(*schedule.Book) error { panic("a bug elsewhere") })
	}()
	withTeam(t, s, "b")
}

func TestBackupAndRestore(t *testing.T) {
	s := newStore(t)
	withTeam(t, s, "a")
	to := filepath.Join(t.TempDir(), "copy.db")
	noError(t, s.Backup(ctx, to))
	if info := must(os.Stat(to))(t); info.Mode().Perm() != 0o600 {
		t.Errorf("mode of the copy is %04o", info.Mode().Perm())
	}
	if err := s.Backup(ctx, to); !errors.Is(err, ErrExists) {
		t.Errorf("over a file: %v", err)
	}
	if entries := must(os.ReadDir(filepath.Dir(to)))(t); len(entries) != 1 {
		t.Errorf("left behind: %v", entries)
	}
	withTeam(t, s, "b")
	copied := must(Open(ctx, to, Options{}))(t)
	if teams := must(copied.ListTeams(ctx))(t); len(teams) != 1 || teams[0].ID != "a" || teams[0].Agents != 3 {
		t.Errorf("the copy holds %v", teams)
	}
	noError(t, copied.Close())
	other := must(Open(ctx, s.Path(), Options{}))(t)
	defer other.Close()
	noError(t, s.Restore(ctx, to))
	for _, store := range []*Store{s, other} {
		if teams := must(store.ListTeams(ctx))(t); len(teams) != 1 {
			t.Errorf("after restoring: %v", teams)
		}
	}
	withTeam(t, other, "c")
	if problems := must(s.Check(ctx))(t); len(problems) > 0 {
		t.Errorf("%v", problems)
	}
	junk := filepath.Join(t.TempDir(), "junk")
	noError(t, os.WriteFile(junk, []byte(strings.Repeat("x", 5000)), 0o600))
	err := s.Restore(ctx, junk)
	if !errors.Is(err, ErrNotRota) {
		t.Errorf("restoring junk: %v", err)
	}
	noDriverWords(t, err)
	if err := s.Restore(ctx, junk+"2"); !errors.Is(err, ErrNoDatabase) {
		t.Errorf("restoring nothing: %v", err)
	}
	if teams := must(s.ListTeams(ctx))(t); len(teams) != 2 {
		t.Errorf("junk has changed the teams to %v", teams)
	}
}

func TestCheck(t *testing.T) {
	s := newStore(t)
	withTeam(t, s, "a")
	r := must(s.SaveDraft(ctx, draft("a", "ani"), "mel", noon))(t)
	must(s.Publish(ctx, PublishRequest{Team: "a", Version: r.Version, Who: "mel", Now: noon}))(t)
	if problems := must(s.Check(ctx))(t); len(problems) > 0 {
		t.Fatalf("a sound database has %v", problems)
	}
	noError(t, os.Chmod(s.Path(), 0o644))
	noError(t, execAll(s, `DELETE FROM calendar_events`, `UPDATE published_days SET day = '2030-01-01' WHERE day = '2026-12-07'`))
	problems := must(s.Check(ctx))(t)
	if len(problems) != 3 || problems[0].Grave || !problems[1].Grave {
		t.Errorf("got %v", problems)
	}
}
