package schedule

import (
	"fmt"
	"strings"
)

// Problem is one thing wrong with a book. Its place is a section of the team file, the index of the entry in it and a
// field, so that a reader can find the line and a command the flag.
type Problem struct {
	// Section is team, shifts, demand, contracts, rules, patterns, rotations, holidays, agents, availability or pins.
	Section string
	// Index is the entry's place in its section, from 0; -1 for the team.
	Index int
	// ID is the entry's id, empty if it has none.
	ID string
	// Field is the path of the field within the entry, such as contract, hours_per_week.min or languages.en; empty for
	// the entry as a whole.
	Field string
	// What says what is wrong, and Hint how to mend it; Hint may be empty.
	What, Hint string
	// Warning says that the book can be used as it is, though probably not as meant.
	Warning bool
}

// At is the place as people read it, such as agents[ani].contract; entries without an id are counted from 1.
func (p Problem) At() string {
	at := p.Section
	if p.Index >= 0 {
		id := p.ID
		if id == "" {
			id = fmt.Sprint(p.Index + 1)
		}
		at += "[" + id + "]"
	}
	if p.Field != "" {
		at += "." + p.Field
	}
	return at
}

// Error is place and trouble in one line.
func (p Problem) Error() string {
	text := p.At() + ": " + p.What
	if p.Hint != "" {
		text += "; " + p.Hint
	}
	return text
}

// Problems are all that is wrong with a book, in the order of its sections. As an error it has a line for each.
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
	var fatal Problems
	for _, p := range ps {
		if !p.Warning {
			fatal = append(fatal, p)
		}
	}
	return fatal
}

// Err is the problems as an error when any is fatal, and nil otherwise.
func (ps Problems) Err() error {
	if fatal := ps.Fatal(); len(fatal) > 0 {
		return fatal
	}
	return nil
}
