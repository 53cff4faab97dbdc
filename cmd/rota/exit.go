package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"syscall"

	"rota/schedule"
	"rota/schedule/sqlite"
	"rota/schedule/teamfile"
)

// The exit codes, as README.md lists them.
const (
	exitOK          = 0
	exitError       = 1
	exitUsage       = 2
	exitInfeasible  = 3
	exitGap         = 4
	exitFindings    = 5
	exitDifferences = 6
	exitNoDatabase  = 10
	exitLocked      = 11
	exitSlack       = 12
	exitInternal    = 70
	exitInterrupted = 130
)

// usageError is a command line that cannot be understood.
type usageError struct{ err error }

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

func usage(err error) error { return &usageError{err} }

func usagef(format string, args ...any) error { return usage(fmt.Errorf(format, args...)) }

// hintError is an error with a line that says how to mend it.
type hintError struct {
	error
	hint string
}

func (e *hintError) Unwrap() error { return e.error }

func hint(err error, text string) error { return &hintError{err, text} }

// codeError ends the run with a code. A nil err says that everything has been said already.
type codeError struct {
	code int
	err  error
}

func (e *codeError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit code %d", e.code)
	}
	return e.err.Error()
}

func (e *codeError) Unwrap() error { return e.err }

func exit(code int, err error) error { return &codeError{code, err} }

// fail says what went wrong and gives the exit code. It is the only place that knows which error has which code.
func (a *app) fail(err error) int {
	if err == nil {
		return exitOK
	}
	// Whoever reads our output has gone, as head does; there is nobody to tell.
	if errors.Is(err, syscall.EPIPE) {
		return exitError
	}
	code := exitError
	var told *codeError
	switch {
	case errors.As(err, &told):
		if code = told.code; told.err == nil {
			return code
		}
	case errors.As(err, new(*usageError)):
		code = exitUsage
	case errors.Is(err, sqlite.ErrNoDatabase):
		code = exitNoDatabase
	case errors.Is(err, sqlite.ErrLocked):
		code = exitLocked
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(a.err, "rota: interrupted")
		return exitInterrupted
	}
	var file teamfile.Problems
	var book schedule.Problems
	switch {
	case errors.As(err, &file):
		a.sayFileProblems(file)
	case errors.As(err, &book):
		for _, p := range book {
			fmt.Fprintf(a.err, "rota: %s\n", p.Error())
		}
	default:
		for i, line := range strings.Split(strings.TrimRight(err.Error(), "\n"), "\n") {
			if i == 0 {
				line = "rota: " + line
			}
			fmt.Fprintln(a.err, line)
		}
	}
	if text := hintFor(err); text != "" {
		fmt.Fprintf(a.err, "hint: %s\n", text)
	}
	return code
}

// sayFileProblems has a line for each problem of a file. What is wrong in the same way many times, as in the table of
// another team, is told for the first places.
func (a *app) sayFileProblems(problems teamfile.Problems) {
	const places = 3
	total, told := map[string]int{}, map[string]int{}
	for _, p := range problems {
		total[p.Message]++
	}
	for _, p := range problems {
		more := ""
		switch told[p.Message]++; {
		case told[p.Message] > places:
			continue
		case told[p.Message] == places && total[p.Message] > places:
			more = fmt.Sprintf(" (and at %s more)", plural(total[p.Message]-places, "place"))
		}
		fmt.Fprintf(a.err, "rota: %s%s\n", p.Error(), more)
	}
}

// hintFor is how an error is mended, empty when nothing useful can be said.
func hintFor(err error) string {
	var own *hintError
	var missing *sqlite.NotFoundError
	switch {
	case errors.As(err, &own):
		return own.hint
	case errors.Is(err, sqlite.ErrNoDatabase):
		return "make one with rota init, or name another with --db"
	case errors.Is(err, sqlite.ErrExists):
		return "choose another name, or move the file away"
	case errors.Is(err, sqlite.ErrLocked):
		return "wait until the other rota is done and try again"
	case errors.Is(err, sqlite.ErrNewerSchema):
		return "use the rota that wrote it, or a newer one"
	case errors.Is(err, sqlite.ErrNotRota):
		return "name a database of rota with --db, or make one with rota init"
	case errors.Is(err, sqlite.ErrDamaged):
		return "put a backup in its place: rota restore FILE"
	case errors.As(err, &missing):
		switch missing.Kind {
		case "team":
			return "see rota team list"
		case "version", "roster":
			return "see rota versions"
		}
	case errors.As(err, new(*sqlite.ConflictError)):
		return "run the command again"
	case errors.Is(err, fs.ErrNotExist):
		return "check the name of the file"
	}
	return ""
}

// plainFileError is an error about a file in the words people use.
func plainFileError(err error) error {
	var path *fs.PathError
	if !errors.As(err, &path) {
		return err
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return hint(fmt.Errorf("there is no file %s", path.Path), "check the name of the file")
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%s may not be read or written", path.Path)
	}
	return fmt.Errorf("%s: %w", path.Path, path.Err)
}

// readAtMost reads everything, and gives an error when that is more than limit bytes.
func readAtMost(in io.Reader, name string, limit int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(in, limit+1))
	if err != nil {
		return nil, plainFileError(err)
	}
	if int64(len(data)) > limit {
		return nil, fmt.Errorf("%s is larger than %d MB", name, limit>>20)
	}
	return data, nil
}
