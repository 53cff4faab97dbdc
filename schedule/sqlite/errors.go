package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"

	"github.com/mattn/go-sqlite3"

	"rota/schedule"
)

// What can be wrong with a database. Errors of this package wrap one of these, or are one of the typed errors below, or
// come from a function that the caller handed in, which are passed on as they are. A cancelled context gives its error.
var (
	// ErrNoDatabase: there is no file of that name.
	ErrNoDatabase = errors.New("no database")
	// ErrExists: the file that was to be made is there already.
	ErrExists = errors.New("the file exists already")
	// ErrLocked: another process kept the database for itself for longer than the busy timeout.
	ErrLocked = errors.New("the database is locked by another process")
	// ErrNewerSchema: a newer rota has written the file.
	ErrNewerSchema = errors.New("the database was written by a newer rota")
	// ErrNotRota: the file is something else.
	ErrNotRota = errors.New("not a database of rota")
	// ErrDamaged: the file is torn.
	ErrDamaged = errors.New("the database is damaged")
	// ErrNotWritable: the file or its folder cannot be written or read.
	ErrNotWritable = errors.New("the database cannot be written")
	// ErrDiskFull: there is no room left.
	ErrDiskFull = errors.New("the disk is full")
	// ErrImmutable: something that was published, or logged, was to be changed.
	ErrImmutable = errors.New("what was published cannot be changed")
	// ErrNotDraft: the roster is published or superseded, and only a draft can be changed or published.
	ErrNotDraft = errors.New("not a draft")
	// ErrInvalid: a value breaks a condition that every stored value must meet; its validation should have told.
	ErrInvalid = errors.New("the database refuses the value")
	// ErrLeaseLost: the message is not, or no longer, leased by the one who settles it.
	ErrLeaseLost = errors.New("the lease of the message is lost")
	// ErrNotAsked: the offer is for others.
	ErrNotAsked = errors.New("the offer is not for this agent")
	// ErrFailed: something went wrong that is nobody's mistake but ours.
	ErrFailed = errors.New("the database cannot do this")
	// ErrSettings: the connection does not have the settings without which data would be at risk.
	ErrSettings = errors.New("the database did not accept its settings")
)

// NotFoundError says that the database holds no such thing.
type NotFoundError struct {
	// Kind is what was asked for, such as team or version, and Key its name.
	Kind, Key string
}

// Error is one short sentence.
func (e *NotFoundError) Error() string { return fmt.Sprintf("there is no %s %s", e.Kind, e.Key) }

// ConflictError says that a book was changed by somebody else since it was loaded. Nothing was written.
type ConflictError struct {
	Team schedule.TeamID
	// Base is the revision that was loaded and Current the one in the database.
	Base, Current int64
}

// Error is one short sentence.
func (e *ConflictError) Error() string {
	return fmt.Sprintf("team %s was changed by somebody else in the meantime (revision %d, now %d)", e.Team, e.Base, e.Current)
}

// FileError is an error about a database file. It wraps one of the sentinels of this package.
type FileError struct {
	Path string
	Err  error
	// Detail may be empty.
	Detail string

	cause error // what the driver said; nil when it said nothing
}

// Error is one line with the path.
func (e *FileError) Error() string {
	text := e.Path + ": " + e.Err.Error()
	if e.Detail != "" {
		text += ": " + e.Detail
	}
	return text
}

// Unwrap gives the sentinel, and what the driver said for those who look into it.
func (e *FileError) Unwrap() []error {
	if e.cause == nil {
		return []error{e.Err}
	}
	return []error{e.Err, e.cause}
}

// passed is an error of a function that the caller handed in.
type passed struct{ error }

// refusalPrefix begins the words with which the triggers of the schema refuse a change.
const refusalPrefix = "rota: "

// translate turns whatever the driver or the file system says into an error of this package. It is the only place that
// knows the driver's errors; their text stays here. Errors that are already ours pass unchanged.
func (s *Store) translate(err error) error { return translate(s.path, err) }

func translate(path string, err error) error {
	var done *FileError
	if err == nil || errors.As(err, &done) {
		return err
	}
	file := func(sentinel error, detail string) error {
		return &FileError{Path: path, Err: sentinel, Detail: detail, cause: err}
	}
	var theirs passed
	if errors.As(err, &theirs) {
		return theirs.error
	}
	var driver sqlite3.Error
	if !errors.As(err, &driver) {
		switch {
		case strings.HasPrefix(err.Error(), "sql: "):
			// A value that does not have the form in which it is written.
			return file(ErrDamaged, plainCause(errors.Unwrap(err)))
		case errors.Is(err, fs.ErrNotExist):
			return file(ErrNoDatabase, "")
		case errors.Is(err, fs.ErrExist):
			return file(ErrExists, "")
		case errors.Is(err, fs.ErrPermission):
			return file(ErrNotWritable, "permission denied")
		case errors.Is(err, syscall.ENOSPC):
			return file(ErrDiskFull, "")
		}
		return err
	}
	switch driver.Code {
	case sqlite3.ErrBusy, sqlite3.ErrLocked:
		return file(ErrLocked, "")
	case sqlite3.ErrInterrupt:
		return context.Canceled
	case sqlite3.ErrNotADB:
		return file(ErrNotRota, "")
	case sqlite3.ErrCorrupt:
		return file(ErrDamaged, "")
	case sqlite3.ErrError:
		if text := driver.Error(); strings.Contains(text, "no such ") || strings.Contains(text, "has no column") {
			return file(ErrDamaged, "its tables are not those of its schema")
		}
	case sqlite3.ErrFull:
		return file(ErrDiskFull, "")
	case sqlite3.ErrReadonly, sqlite3.ErrPerm, sqlite3.ErrAuth:
		return file(ErrNotWritable, "")
	case sqlite3.ErrCantOpen, sqlite3.ErrIoErr:
		if driver.SystemErrno == syscall.ENOSPC {
			return file(ErrDiskFull, "")
		}
		if driver.SystemErrno != 0 {
			return file(ErrNotWritable, driver.SystemErrno.Error())
		}
		if _, missing := os.Stat(path); errors.Is(missing, fs.ErrNotExist) {
			return file(ErrNoDatabase, "")
		}
		return file(ErrNotWritable, "")
	case sqlite3.ErrConstraint:
		switch driver.ExtendedCode {
		case sqlite3.ErrConstraintTrigger:
			return fmt.Errorf("%w: %s", ErrImmutable, strings.TrimPrefix(driver.Error(), refusalPrefix))
		case sqlite3.ErrConstraintForeignKey:
			return fmt.Errorf("%w: it refers to something that does not exist", ErrInvalid)
		case sqlite3.ErrConstraintUnique, sqlite3.ErrConstraintPrimaryKey, sqlite3.ErrConstraintRowID:
			return fmt.Errorf("%w: it is there already", ErrInvalid)
		}
		return fmt.Errorf("%w: it is outside what is allowed", ErrInvalid)
	}
	return file(ErrFailed, fmt.Sprintf("error %d", driver.ExtendedCode))
}
