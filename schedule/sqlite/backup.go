package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/mattn/go-sqlite3"
)

// Backup writes a copy of the database, as it is at one moment, to a new file readable by its owner alone. Writers go on
// meanwhile. It gives ErrExists when there is a file of that name. The file appears complete or not at all.
func (s *Store) Backup(ctx context.Context, path string) (err error) {
	if _, err := os.Lstat(path); err == nil {
		return &FileError{Path: path, Err: ErrExists}
	}
	part, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*") // 0600, and empty as VACUUM asks
	if err != nil {
		return &FileError{Path: path, Err: ErrNotWritable, Detail: plainCause(err)}
	}
	defer func() {
		if err != nil {
			_ = os.Remove(part.Name())
		}
		_ = part.Close()
	}()
	full, err := filepath.Abs(s.path)
	if err != nil {
		return translate(path, err)
	}
	db := sql.OpenDB(connector{path: full, timeout: s.timeout, kind: copier})
	defer db.Close()
	if _, err := db.ExecContext(ctx, `VACUUM INTO ?`, part.Name()); err != nil {
		return s.translateIn(ctx, err)
	}
	if err := part.Sync(); err != nil {
		return translate(path, err)
	}
	// A link, unlike a rename, never takes the place of a file that has appeared meanwhile.
	if err := os.Link(part.Name(), path); err != nil {
		if errors.Is(err, os.ErrExist) {
			return &FileError{Path: path, Err: ErrExists}
		}
		// Some file systems know no links.
		if err := os.Rename(part.Name(), path); err != nil {
			return translate(path, err)
		}
		return syncFolder(path)
	}
	if err := os.Remove(part.Name()); err != nil {
		return translate(path, err)
	}
	return syncFolder(path)
}

// plainCause is what the system says about a file, without the name of the call and of the file.
func plainCause(err error) string {
	if err == nil {
		return ""
	}
	var p *os.PathError
	if errors.As(err, &p) {
		return p.Err.Error()
	}
	return err.Error()
}

// syncFolder makes a new name in a folder last; systems that cannot are let be.
func syncFolder(path string) error {
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return translate(path, err)
	}
	_ = dir.Sync()
	return dir.Close()
}

// Restore puts the content of a backup in place of everything in the database, the audit log included. The backup is
// checked first and brought to the present schema afterwards; a damaged, foreign or newer one changes nothing. Other
// processes see the old content or the new. Keep a Backup of the present content if it may be wanted again.
func (s *Store) Restore(ctx context.Context, from string) error {
	full, err := filepath.Abs(from)
	if err != nil {
		return translate(from, err)
	}
	if _, err := os.Stat(full); err != nil {
		return translate(from, err)
	}
	source := sql.OpenDB(connector{path: full, timeout: s.timeout})
	defer source.Close()
	conn, err := source.Conn(ctx)
	if err != nil {
		return translate(from, err)
	}
	defer conn.Close()
	h, err := readHeader(ctx, conn)
	if err != nil {
		return translate(from, err)
	}
	foreign := &Store{path: from, steps: s.steps}
	if err := foreign.accept(h); err != nil {
		return err
	}
	if h.version == 0 {
		return &FileError{Path: from, Err: ErrNotRota}
	}
	if problems, err := integrity(ctx, conn); err != nil {
		return translate(from, err)
	} else if len(problems) > 0 {
		return &FileError{Path: from, Err: ErrDamaged}
	}
	target, err := s.write.Conn(ctx)
	if err != nil {
		return s.translateIn(ctx, err)
	}
	err = target.Raw(func(to any) error {
		return conn.Raw(func(from any) error {
			b, err := to.(*sqlite3.SQLiteConn).Backup("main", from.(*sqlite3.SQLiteConn), "main")
			if err != nil {
				return err
			}
			// A step that finds the database locked gives no error and is not done.
			err = patiently(ctx, s.timeout, func() error {
				done, err := b.Step(-1)
				if err == nil && !done {
					return sqlite3.Error{Code: sqlite3.ErrBusy}
				}
				return err
			})
			return errors.Join(err, b.Finish())
		})
	})
	if err = errors.Join(err, target.Close()); err != nil {
		return s.translateIn(ctx, err)
	}
	return s.migrate(ctx)
}

// Problem is something that Check found.
type Problem struct {
	// Sentence says what is wrong.
	Sentence string
	// Grave says that data may be lost; otherwise it is something to mend at leisure.
	Grave bool
}

// Check looks the whole database over: the file's structure, references between rows, and what must be true of rosters,
// names of assignments and the outbox. It reads everything and can take a while. A sound database gives nothing.
func (s *Store) Check(ctx context.Context) ([]Problem, error) {
	var problems []Problem
	if info, err := os.Stat(s.path); err == nil && info.Mode().Perm()&0o077 != 0 {
		problems = append(problems, Problem{Sentence: fmt.Sprintf("others than the owner can open the file (mode %04o, expected 0600)", info.Mode().Perm())})
	}
	err := s.view(ctx, func(q querier) error {
		found, err := integrity(ctx, q)
		if err != nil {
			return err
		}
		problems = append(problems, found...)
		if err := checkReferences(ctx, q); err != nil {
			problems = append(problems, Problem{Grave: true, Sentence: err.Error()})
		}
		for _, law := range laws {
			var n int
			if err := q.QueryRowContext(ctx, law.count).Scan(&n); err != nil {
				return err
			}
			if n > 0 {
				problems = append(problems, Problem{Grave: true, Sentence: fmt.Sprintf("%s (%d times)", law.sentence, n)})
			}
		}
		return nil
	})
	return problems, err
}

// integrity asks SQLite about the structure of the file.
func integrity(ctx context.Context, q querier) ([]Problem, error) {
	rows, err := q.QueryContext(ctx, `SELECT integrity_check FROM pragma_integrity_check`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	n := 0
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			return nil, err
		}
		if line != "ok" {
			n++
		}
	}
	if n > 0 {
		return []Problem{{Grave: true, Sentence: fmt.Sprintf("the file is torn in %d places: restore a backup", n)}}, rows.Err()
	}
	return nil, rows.Err()
}

// laws hold in every sound database; count says how often one is broken.
var laws = []struct{ sentence, count string }{
	{"a day goes by a roster that is not published",
		`SELECT count(*) FROM published_days d JOIN rosters r ON r.id = d.roster WHERE r.state <> 'published' OR r.team <> d.team`},
	{"a published roster governs no day",
		`SELECT count(*) FROM rosters WHERE state = 'published' AND id NOT IN (SELECT roster FROM published_days)`},
	{"a day goes by a roster that does not cover it",
		`SELECT count(*) FROM published_days d JOIN rosters r ON r.id = d.roster WHERE d.day NOT BETWEEN r.first_day AND r.last_day`},
	{"an assignment bears the name of another",
		`SELECT count(*) FROM assignments a JOIN rosters r ON r.id = a.roster JOIN assignment_uids u ON u.uid = a.uid
		WHERE u.team <> r.team OR u.slot <> a.slot OR u.agent <> a.agent`},
	{"a published assignment is missing from the calendars",
		`SELECT count(*) FROM published_days d JOIN roster_slots s ON s.roster = d.roster AND s.day = d.day
		JOIN assignments a ON a.roster = s.roster AND a.slot = s.slot
		LEFT JOIN calendar_events e ON e.uid = a.uid WHERE e.uid IS NULL OR e.cancelled`},
}
