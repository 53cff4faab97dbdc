package sqlite

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"rota/schedule"
)

// oldDatabase builds a file as the version of the schema left it, with something in every table it has.
func oldDatabase(t testing.TB, version int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), fmt.Sprintf("v%d.db", version))
	s := must(Create(ctx, path, Options{steps: schema()[:version]}))(t)
	noError(t, execAll(s, oldRows[:version]...))
	noError(t, s.Close())
	return path
}

// oldRows holds, per version, what is put into the tables that it added. They are SQL, because code of today may know
// columns that those versions did not have.
var oldRows = []string{
	`INSERT INTO teams (id, revision, name, zone, week_start, weekend_start, weekend_end, night, holidays, burden_night, burden_weekend,
	   burden_holiday, burden_short, short_notice, half_life, manager, manager_slack, channel, on_groups, reminders, quiet, feed_names, feed_leave,
	   feed_past, feed_future, feed_cancelled, feed_alarm) VALUES ('a', 4, 'A', 'Asia/Yerevan', 1, 'saturday 00:00', 'monday 00:00', '23:00-06:00', '["AM"]', 100, 100, 200, 50,
	   4320, 91, '', '', '#support', NULL, '[1440,30]', '22:00-07:00', 1, 0, 14, 180, 14, NULL);
	 INSERT INTO shifts VALUES ('a', 0, 'early', 'Early', '', '08:00', '16:00', '', 'FREQ=DAILY', '', '', NULL, NULL, '["day"]', 0, NULL, 0, '', '', '', '');
	 INSERT INTO contracts VALUES ('a', 0, 'full', 'Full', NULL, 2400, 2400, 0, NULL, '');
	 INSERT INTO agents VALUES ('a', 0, 'ani', 'Ani', '', 'full', 'U1', '', NULL, NULL, '', '', NULL, NULL, NULL, '');
	 INSERT INTO agent_languages VALUES ('a', 'ani', 'en', 'C1');
	 INSERT INTO audit_log (at, who, team, op, kind, key, detail) VALUES (1, 'mel', 'a', 'added', 'team', 'a', 'null')`,
	`INSERT INTO rosters (id, team, version, first_day, last_day, state, cost, bound, status, seed, work, based_on, created_by, created_at,
	   published_by, published_at, publication, note, reason) VALUES (1, 'a', 1, '2026-12-07', '2026-12-07', 'draft', 0, NULL, '', 0, 0, 0, 'mel', 1, '', NULL, NULL, '', '');
	 INSERT INTO roster_slots VALUES (1, 0, 'early@2026-12-07', 'early', '2026-12-07', '2026-12-07', 1796616000, 1796644800, 0, 480, NULL, 0, '[{"min":1,"min_weight":1000}]');
	 INSERT INTO assignment_uids VALUES ('u1', 'a', 'early@2026-12-07', 'ani', 1);
	 INSERT INTO assignments VALUES (1, 'early@2026-12-07', 'ani', 'solver', 'u1');
	 INSERT INTO calendar_events VALUES ('u1', 'a', 'early@2026-12-07', 'ani', 'early', '2026-12-07', 1796616000, 1796644800, 1, '', 0, 1, 0);
	 UPDATE rosters SET state = 'published', publication = 1, published_at = 1;
	 INSERT INTO published_days VALUES ('a', '2026-12-07', 1);
	 INSERT INTO ledger VALUES (1, 'a', 'ani', '2026-12-07', '2026-12-07', 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, '')`,
	`INSERT INTO outbox (id, team, kind, assignment, version, recipient, step, agent, slot, due, expires, body, state, attempts, leased_by,
	   leased_until, conversation, stamp, problem, created_at, changed_at) VALUES (1, 'a', 'reminder', 'u1', 1, 'U1', '24h', 'ani', 'early@2026-12-07', 1796529600, NULL, '', 'pending', 0, '', NULL, '', '', '', 1, 1);
	 INSERT INTO handoff_notes VALUES (1, 'a', '', 'ani', 'note', 'ani', 1, '', NULL);
	 INSERT INTO takeovers VALUES ('a', 'early@2026-12-07', 'ani', 1);
	 INSERT INTO feed_tokens (id, hash, team, scope, subject, created_by, created_at, expires_at, revoked_at, used_at, used_by, used_version)
	   VALUES (1, zeroblob(32), 'a', 'agent', 'ani', 'mel', 1, NULL, NULL, NULL, '', 0)`,
	`UPDATE feed_tokens SET alarm = 30`,
	`INSERT INTO offers VALUES ('a', 'early@2026-12-07', 'early@2026-12-07', '', '["ani"]', 1, 2, '', 'mel', 1, '', NULL, 0, '', NULL);
	 INSERT INTO mutes VALUES ('a', 'ani', 2)`,
	`UPDATE outbox SET edited_at = 3`,
}

// layout is the schema of a database as text.
func layout(t testing.TB, s *Store) string {
	t.Helper()
	var lines []string
	noError(t, s.view(ctx, func(q querier) error {
		return each(ctx, q, func(scan scanner) error {
			var sql string
			err := scan(&sql)
			lines = append(lines, sql)
			return err
		}, `SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY type, name`)
	}))
	return strings.Join(lines, "\n")
}

func TestMigrations(t *testing.T) {
	fresh := layout(t, newStore(t))
	latest := len(schema())
	if len(oldRows) != latest {
		t.Fatalf("there are %d versions and rows for %d", latest, len(oldRows))
	}
	for version := 1; version <= latest; version++ {
		path := oldDatabase(t, version)
		s := must(Open(ctx, path, Options{}))(t)
		if got := layout(t, s); got != fresh {
			t.Errorf("from version %d: the schema is\n%s\nwant\n%s", version, got, fresh)
		}
		book, revision, err := s.LoadBook(ctx, "a")
		noError(t, err)
		if revision != 4 || len(book.Agents) != 1 || book.Agents[0].Languages["en"] != schedule.C1 {
			t.Errorf("from version %d: the book is %+v", version, book)
		}
		if want := schedule.DefaultMessageSettings(); !reflect.DeepEqual(book.Team.Messages, want) {
			t.Errorf("from version %d: the team is told %+v, want %+v", version, book.Team.Messages, want)
		}
		if problems := must(s.Check(ctx))(t); len(problems) > 0 {
			t.Errorf("from version %d: %v", version, problems)
		}
		if version >= 2 {
			if r := must(s.LoadRoster(ctx, "a", 1))(t); len(r.Assignments) != 1 || r.Assignments[0].UID != "u1" || r.Slots[0].Demand.MinWeight != 1000 {
				t.Errorf("from version %d: the roster is %+v", version, r)
			}
		}
		// It is fully usable.
		publishNow(t, s, draft("a", "ani"), noon)
		backup := s.Migrated()
		noError(t, s.Close())
		if version == latest {
			if backup != "" {
				t.Errorf("nothing had to change, but there is %s", backup)
			}
			continue
		}
		if backup != path+fmt.Sprintf(".schema-%d.backup", version) {
			t.Errorf("the copy is %q", backup)
		}
		if info := must(os.Stat(backup))(t); info.Mode().Perm() != 0o600 {
			t.Errorf("the copy has mode %04o", info.Mode().Perm())
		}
		old := must(Open(ctx, backup, Options{steps: schema()[:version]}))(t)
		if got := layout(t, old); got == fresh || !strings.Contains(got, "audit_log") {
			t.Errorf("the copy of version %d has the schema\n%s", version, got)
		}
		noError(t, old.Close())
		// A second time another name is taken.
		noError(t, os.Rename(backup, path+".keep"))
		noError(t, os.WriteFile(backup, []byte("somebody's"), 0o600))
		again := oldDatabase(t, version)
		noError(t, os.WriteFile(again+fmt.Sprintf(".schema-%d.backup", version), []byte("somebody's"), 0o600))
		s = must(Open(ctx, again, Options{}))(t)
		if want := again + fmt.Sprintf(".schema-%d-2.backup", version); s.Migrated() != want {
			t.Errorf("the copy is %q, want %q", s.Migrated(), want)
		}
		noError(t, s.Close())
	}
}

func TestFailedMigrationChangesNothing(t *testing.T) {
	path := oldDatabase(t, 2)
	broken := append(schema()[:2:2], step{"good", `CREATE TABLE halfway (x INTEGER) STRICT`}, step{"bad", `CREATE TABLE rosters (x INTEGER)`})
	_, err := Open(ctx, path, Options{steps: broken})
	noDriverWords(t, err)
	dangling := append(schema()[:2:2], step{"dangling", `PRAGMA defer_foreign_keys = 1; INSERT INTO shifts SELECT 'nobody', position, id, name, code, starts, ends, zone, rrule, from_date, until_date, except_on, also_on, tags, break, paid, burden, color, location, link, note FROM shifts`})
	if _, err := Open(ctx, path, Options{steps: dangling}); !errors.Is(err, ErrDamaged) {
		t.Errorf("got %v", err)
	}
	s := must(Open(ctx, path, Options{steps: schema()[:2]}))(t)
	if got := layout(t, s); strings.Contains(got, "halfway") {
		t.Error("half of a migration has stayed")
	}
	noError(t, s.Close())
	s = must(Open(ctx, path, Options{}))(t)
	noError(t, s.Close())
}

func TestNewerSchemaIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rota.db")
	newer := append(schema(), step{"next", `CREATE TABLE novelty (x INTEGER) STRICT`})
	s := must(Create(ctx, path, Options{}))(t)
	withTeam(t, s, "a")
	// Another process, of a newer rota, changes the schema while this one is running.
	next := must(Open(ctx, path, Options{steps: newer}))(t)
	if _, err := s.SaveBook(ctx, smallBook("b"), 0, "mel", noon); !errors.Is(err, ErrNewerSchema) {
		t.Errorf("writing beside it: %v", err)
	}
	noError(t, next.Close())
	noError(t, s.Close())
	before := must(os.ReadFile(path))(t)
	_, err := Open(ctx, path, Options{})
	if !errors.Is(err, ErrNewerSchema) {
		t.Errorf("got %v", err)
	}
	if want := fmt.Sprintf("its schema is %d, this rota knows up to %d", len(newer), len(newer)-1); !strings.Contains(err.Error(), want) {
		t.Errorf("it says %q", err)
	}
	if after := must(os.ReadFile(path))(t); string(after) != string(before) {
		t.Error("the refused file was changed")
	}
}
