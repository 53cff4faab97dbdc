package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/mattn/go-sqlite3"
)

// Options are how a database is opened. The zero Options are the defaults.
type Options struct {
	// BusyTimeout is how long a call waits for other processes before it gives ErrLocked; 0 means ten seconds.
	BusyTimeout time.Duration
	// Readers is the number of connections that read at once; 0 means four.
	Readers int

	// steps replaces the schema in tests; nil for the real one.
	steps []step
}

// Store is an open database. Its methods may be called by any number of goroutines at once; Close when none runs.
type Store struct {
	path    string
	timeout time.Duration
	steps   []step
	// write has one connection, on which every transaction begins with the write lock; read can write nothing.
	write, read *sql.DB
	// turn is held by the goroutine that writes; see begin.
	turn             chan struct{}
	streak, released time.Time
	// backup is where the file was copied before its schema was changed by Open; empty when it was not.
	backup string
}

// Create makes a new database, readable by its owner alone, and opens it. It gives ErrExists when there is a file of
// that name, whatever is in it.
func Create(ctx context.Context, path string, o Options) (*Store, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err == nil {
		// The umask can only take away, but an odd one could leave a file that nobody can open.
		err = errors.Join(f.Chmod(0o600), f.Close())
	}
	if err != nil {
		if errors.Is(err, os.ErrNotExist) {
			return nil, &FileError{Path: path, Err: ErrNotWritable, Detail: "there is no such folder"}
		}
		return nil, translate(path, err)
	}
	return Open(ctx, path, o)
}

// Open opens an existing database and gives ErrNoDatabase when there is none. A file with an older schema is first
// copied (see Store.Backup) and then brought up to date, both under the write lock; one with a newer schema is refused
// and left as it is.
func Open(ctx context.Context, path string, o Options) (*Store, error) {
	full, err := filepath.Abs(path)
	if err != nil {
		return nil, translate(path, err)
	}
	info, err := os.Stat(full)
	if err != nil {
		return nil, translate(path, err)
	}
	if !info.Mode().IsRegular() {
		return nil, &FileError{Path: path, Err: ErrNotRota}
	}
	s := &Store{path: path, timeout: o.BusyTimeout, steps: o.steps, turn: make(chan struct{}, 1)}
	if s.timeout <= 0 {
		s.timeout = 10 * time.Second
	}
	if s.steps == nil {
		s.steps = schema()
	}
	s.write = sql.OpenDB(connector{path: full, timeout: s.timeout, kind: writer})
	s.write.SetMaxOpenConns(1)
	s.read = sql.OpenDB(connector{path: full, timeout: s.timeout})
	readers := o.Readers
	if readers <= 0 {
		readers = 4
	}
	s.read.SetMaxOpenConns(readers)
	s.read.SetMaxIdleConns(readers)
	if err := s.prepare(ctx, info.Size() == 0); err != nil {
		return nil, errors.Join(s.translate(err), s.Close())
	}
	return s, nil
}

// prepare sees to it that the file is a database of rota with the present schema. An empty file is one whose making was
// cut short.
func (s *Store) prepare(ctx context.Context, empty bool) error {
	if !empty {
		// Asked through a reader, so that a foreign or newer file is not touched.
		h, err := readHeader(ctx, s.read)
		if err != nil {
			return err
		}
		if err := s.accept(h); err != nil {
			return err
		}
		if h.version == len(s.steps) && h.journal == "wal" {
			return nil
		}
	}
	return s.migrate(ctx)
}

// header is what the file says about itself.
type header struct {
	application, version, tables int
	journal                      string
}

// applicationID marks files as rota's: "rota" in ASCII.
const applicationID = 0x726f7461

func readHeader(ctx context.Context, q querier) (h header, err error) {
	err = q.QueryRowContext(ctx, `SELECT (SELECT application_id FROM pragma_application_id),
		(SELECT user_version FROM pragma_user_version), (SELECT journal_mode FROM pragma_journal_mode),
		(SELECT count(*) FROM sqlite_schema)`).Scan(&h.application, &h.version, &h.journal, &h.tables)
	return h, err
}

// accept refuses files of others and of newer versions.
func (s *Store) accept(h header) error {
	switch {
	case h.application != applicationID && (h.application != 0 || h.tables > 0 || h.version != 0):
		return &FileError{Path: s.path, Err: ErrNotRota}
	case h.version > len(s.steps):
		return &FileError{Path: s.path, Err: ErrNewerSchema,
			Detail: fmt.Sprintf("its schema is %d, this rota knows up to %d", h.version, len(s.steps))}
	}
	return nil
}

// Path is the name under which the database was opened.
func (s *Store) Path() string { return s.path }

// Migrated is where Open has put a copy of the file before it changed the schema; empty when it did not.
func (s *Store) Migrated() string { return s.backup }

// Close lets go of the file.
func (s *Store) Close() error {
	err := s.read.Close()
	// The last connection to close folds the write-ahead log into the file and removes it, and only a writer can. Where
	// this process may not write there is nothing to fold.
	if s.write.Stats().OpenConnections == 0 {
		_ = s.write.Ping()
	}
	return s.translate(errors.Join(err, s.write.Close()))
}

// querier is what *sql.DB, *sql.Conn and *sql.Tx have in common.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// view runs f on one moment of the database.
func (s *Store) view(ctx context.Context, f func(q querier) error) error {
	tx, err := s.read.BeginTx(ctx, nil)
	if err != nil {
		return s.translateIn(ctx, err)
	}
	return s.finish(ctx, tx, f)
}

// update runs f in a transaction that holds the write lock from its beginning. f must not call methods of the Store
// that write: they would wait for it.
func (s *Store) update(ctx context.Context, f func(q querier) error) error {
	return s.exclusive(ctx, func(q querier) error {
		// A newer rota may have changed the schema while this process was running.
		var version int
		if err := q.QueryRowContext(ctx, `SELECT user_version FROM pragma_user_version`).Scan(&version); err != nil {
			return err
		}
		if version != len(s.steps) {
			return s.accept(header{application: applicationID, version: version})
		}
		return f(q)
	})
}

// exclusive runs f with the write lock.
func (s *Store) exclusive(ctx context.Context, f func(q querier) error) error {
	select {
	case s.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() {
		s.released = time.Now()
		<-s.turn
	}()
	tx, err := s.begin(ctx)
	if err != nil {
		return s.translateIn(ctx, err)
	}
	return s.finish(ctx, tx, f)
}

// finish runs f and commits.
func (s *Store) finish(ctx context.Context, tx *sql.Tx, f func(q querier) error) error {
	// Also when f panics, so that the one writing connection is not lost.
	defer func() { _ = tx.Rollback() }()
	if err := f(tx); err != nil {
		return s.translateIn(ctx, err)
	}
	return s.translateIn(ctx, tx.Commit())
}

// SQLite lets whoever asks first at a good moment have the lock, and asks ever more seldom, up to ten times a second. A
// process with many writers at once would so keep others out for as long as it has any. Here the writer asks again every
// other millisecond, and a process that has written without a pause for a while makes one long enough for that.
const (
	pollTimeout = 4 * time.Millisecond // what SQLite itself waits; its first pauses are of 1 and 2 ms
	longStreak  = 50 * time.Millisecond
	makeWay     = 4 * time.Millisecond
)

// begin takes the write lock. The caller has the turn.
func (s *Store) begin(ctx context.Context) (*sql.Tx, error) {
	switch now := time.Now(); {
	case now.Sub(s.released) > makeWay:
		s.streak = now
	case now.Sub(s.streak) > longStreak:
		time.Sleep(makeWay)
		s.streak = time.Now()
	}
	var tx *sql.Tx
	err := patiently(ctx, s.timeout, func() (err error) {
		tx, err = s.write.BeginTx(ctx, nil)
		return err
	})
	return tx, err
}

// patiently calls f again and again while others hold a lock that it needs, until the timeout.
func patiently(ctx context.Context, timeout time.Duration, f func() error) error {
	for start := time.Now(); ; {
		err := f()
		var busy sqlite3.Error
		if !errors.As(err, &busy) || busy.Code != sqlite3.ErrBusy || time.Since(start) >= timeout {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Millisecond):
		}
	}
}

// translateIn prefers the reason for which the context ended over what the driver makes of it.
func (s *Store) translateIn(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	return s.translate(err)
}

// connector opens connections and lets none into the pool that does not have its settings. The driver ignores what it
// does not understand in a name, so every setting is read back.
type connector struct {
	path    string
	timeout time.Duration
	kind    connection
}

// connection is what a connection is for.
type connection int

const (
	reader connection = iota
	writer
	// copier reads, but SQLite lets it make a copy of the database, which it does not let readers do.
	copier
)

func (c connector) Driver() driver.Driver { return &sqlite3.SQLiteDriver{} }

func (c connector) settings() (dsn string, want map[string]string) {
	timeout := c.timeout
	if c.kind == writer {
		timeout = min(timeout, pollTimeout)
	}
	ms := strconv.FormatInt(timeout.Milliseconds(), 10)
	q := url.Values{"_busy_timeout": {ms}, "_foreign_keys": {"1"}, "_synchronous": {"FULL"}}
	want = map[string]string{"busy_timeout": ms, "foreign_keys": "1", "synchronous": "2"}
	switch c.kind {
	case writer:
		q.Set("mode", "rw")
		q.Set("_txlock", "immediate")
		q.Set("_journal_mode", "WAL")
		want["journal_mode"], want["query_only"] = "wal", "0"
	case copier:
		q.Set("mode", "rw")
	default:
		q.Set("mode", "ro")
		q.Set("_query_only", "1")
		want["query_only"] = "1"
	}
	return (&url.URL{Scheme: "file", Path: filepath.ToSlash(c.path), RawQuery: q.Encode()}).String(), want
}

// Connect opens a connection. Switching an empty file to the write-ahead log needs it alone for a moment, and SQLite
// does not wait for that by itself.
func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	dsn, want := c.settings()
	var conn driver.Conn
	err := patiently(ctx, c.timeout, func() (err error) {
		if conn, err = c.Driver().Open(dsn); err != nil {
			return err
		}
		if err = verify(ctx, conn.(*sqlite3.SQLiteConn), want); err != nil {
			return errors.Join(err, conn.Close())
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return conn, nil
}

// verify reads settings back.
func verify(ctx context.Context, conn *sqlite3.SQLiteConn, want map[string]string) error {
	for name, value := range want {
		rows, err := conn.QueryContext(ctx, "PRAGMA "+name, nil)
		if err != nil {
			return err
		}
		got := make([]driver.Value, 1)
		if err := errors.Join(rows.Next(got), rows.Close()); err != nil {
			return err
		}
		if text := fmt.Sprint(got[0]); text != value {
			return fmt.Errorf("%w: %s is %s and not %s", ErrSettings, name, text, value)
		}
	}
	return nil
}
