package teamfile

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Problem is one thing wrong with a file.
type Problem struct {
	// File is the name given to the reader. Line and Column are where, from 1, columns in characters.
	File         string
	Line, Column int
	// Message says what is wrong, and Hint how to mend it; Hint may be empty.
	Message, Hint string
	// Warning says that the file can be used as it is, though probably not as meant.
	Warning bool
}

// Error is one line such as: team.yaml:12:9: unknown key "nmae", did you mean "name"?
func (p Problem) Error() string {
	text := fmt.Sprintf("%s:%d:%d: ", p.File, p.Line, p.Column)
	if p.Warning {
		text += "warning: "
	}
	text += p.Message
	if p.Hint != "" {
		text += " (" + p.Hint + ")"
	}
	return text
}

// Problems are all that is wrong with a file, by line and column. As an error it has a line for each.
type Problems []Problem

// Error joins the lines.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.Error()
	}
	return strings.Join(lines, "\n")
}

// Fatal lists those that are not warnings.
func (ps Problems) Fatal() Problems {
	return slices.DeleteFunc(slices.Clone(ps), func(p Problem) bool { return p.Warning })
}

// Warnings lists those that leave the file usable.
func (ps Problems) Warnings() Problems {
	return slices.DeleteFunc(slices.Clone(ps), func(p Problem) bool { return !p.Warning })
}

// Err is the problems as an error when any is fatal, and nil otherwise. Warnings are left out of it.
func (ps Problems) Err() error {
	if fatal := ps.Fatal(); len(fatal) > 0 {
		return fatal
	}
	return nil
}

// maxProblems bounds what one file can make us say; nobody reads more.
const maxProblems = 1000

// ordered sorts by place, drops repeats and cuts what is too much.
func (ps Problems) ordered() Problems {
	slices.SortStableFunc(ps, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	ps = slices.Compact(ps)
	if len(ps) > maxProblems {
		next := ps[maxProblems]
		next.Message, next.Hint, next.Warning = fmt.Sprintf("and %d more problems from here on", len(ps)-maxProblems), "", false
		ps = append(ps[:maxProblems:maxProblems], next)
	}
	return ps
}
