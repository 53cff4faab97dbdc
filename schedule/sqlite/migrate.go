package sqlite

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
)

// migrations are the steps of the schema, in the order of their names, which begin with the number of the step. Steps
// that were released are never edited: what comes later is a new one.
//
//go:embed migrations/*.sql
var migrations embed.FS

// step brings the schema from one version to the next. The nth step gives version n, counted from 1.
type step struct{ name, sql string }

// schema lists the steps. It panics when the embedded files are misnumbered, which a test sees first.
func schema() []step {
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		panic(err)
	}
	slices.Sort(names)
	steps := make([]step, len(names))
	for i, name := range names {
		text, err := migrations.ReadFile(name)
		if err != nil {
			panic(err)
		}
		if !strings.HasPrefix(name, fmt.Sprintf("migrations/%04d_", i+1)) {
			panic("migration " + name + " is out of order")
		}
		steps[i] = step{name: name, sql: string(text)}
	}
	return steps
}

// migrate brings the file to the present schema: all steps or none. Other processes that want the same wait for the
// lock and then find nothing left to do.
func (s *Store) migrate(ctx context.Context) error {
	return s.exclusive(ctx, func(q querier) error {
		h, err := readHeader(ctx, q)
		if err != nil {
			return err
		}
		if err := s.accept(h); err != nil || h.version == len(s.steps) {
			return err
		}
		if h.version > 0 {
			// The transaction keeps everybody from writing, so another connection copies exactly what is about to be changed.
			if s.backup, err = s.copyBeforeMigration(ctx, h.version); err != nil {
				return err
			}
		}
		for _, step := range s.steps[h.version:] {
			if _, err := q.ExecContext(ctx, step.sql); err != nil {
				return fmt.Errorf("%s: %w", step.name, err)
			}
		}
		if err := checkReferences(ctx, q); err != nil {
			return err
		}
		_, err = q.ExecContext(ctx, fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = %d", applicationID, len(s.steps)))
		return err
	})
}

// copyBeforeMigration copies the file to a name beside it that is not taken.
func (s *Store) copyBeforeMigration(ctx context.Context, version int) (string, error) {
	for n := 1; ; n++ {
		name := fmt.Sprintf("%s.schema-%d.backup", s.path, version)
		if n > 1 {
			name = fmt.Sprintf("%s.schema-%d-%d.backup", s.path, version, n)
		}
		if _, err := os.Lstat(name); err == nil {
			continue
		} else if !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
		return name, s.Backup(ctx, name)
	}
}

// checkReferences fails when a row refers to one that does not exist.
func checkReferences(ctx context.Context, q querier) error {
	var table string
	rows, err := q.QueryContext(ctx, `SELECT "table" FROM pragma_foreign_key_check LIMIT 1`)
	if err != nil {
		return err
	}
	defer rows.Close()
	if rows.Next() {
		if err := rows.Scan(&table); err != nil {
			return err
		}
		return fmt.Errorf("%w: a row of %s refers to something that does not exist", ErrDamaged, table)
	}
	return rows.Err()
}
