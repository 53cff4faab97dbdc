package teamfile

import (
	"errors"
	"fmt"
	"strings"

	"rota/schedule"
)

// reader collects problems and the places of values while a book is read. Paths such as agents[3].languages.en are
// those of schedule.Problem, so that what Validate finds can be told with line and column.
type reader struct {
	file   string
	found  Problems
	places map[string]spot
	// damaged holds the paths of values that could not be read. What Validate says about them would only repeat it.
	damaged map[string]bool
	// within holds the paths above those, up to the entry.
	within map[string]bool
	// unsure holds the nouns of which some entry could not be read, so that an unknown one may be that entry.
	unsure map[string]bool
	// compared counts the words that unknown ones were compared with.
	compared int
}

type spot struct{ line, column int }

func newReader(file string) *reader {
	return &reader{file: file, places: map[string]spot{}, damaged: map[string]bool{},
		within: map[string]bool{}, unsure: map[string]bool{}}
}

// report adds a problem at a place.
func (r *reader) report(line, column int, message, hint string) {
	r.found = append(r.found, Problem{File: r.file, Line: line, Column: column, Message: clean(message), Hint: clean(hint)})
}

// bad reports a value that cannot be read.
func (r *reader) bad(n *node, at, message, hint string) {
	r.report(n.line, n.column, message, hint)
	r.damage(at)
}

// damage keeps in mind that the value of a path could not be read.
func (r *reader) damage(at string) {
	r.damaged[at] = true
	for i := strings.LastIndexByte(at, '.'); i > 0; i = strings.LastIndexByte(at[:i], '.') {
		r.within[at[:i]] = true
	}
}

// badText reports a scalar whose text an error is about. An error within an rrule has its own place.
func (r *reader) badText(n *node, at string, err error) {
	var rule *schedule.RecurrenceError
	if errors.As(err, &rule) {
		m := *n
		if !n.plain && !n.cell {
			m.column++ // the quote
		}
		m.column += rule.Offset
		r.bad(&m, at, "bad rrule: "+rule.Reason, rule.Hint)
		return
	}
	r.bad(n, at, err.Error(), "")
}

func (r *reader) mark(at string, n *node) { r.places[at] = spot{n.line, n.column} }

// scalar gives the text of a scalar and reports anything else.
func (r *reader) scalar(n *node, at, what string) (string, bool) {
	switch {
	case n.kind == scalarNode:
		return n.text, true
	case n.kind == nullNode:
		r.bad(n, at, lastWord(at)+" has no value", "give "+what+", or leave the key out")
	default:
		r.bad(n, at, fmt.Sprintf("%s is %s here, and %s is needed", lastWord(at), n.describe(), what), "")
	}
	return "", false
}

// lastWord is the key at the end of a path.
func lastWord(at string) string {
	if at == "team.id" {
		return "team" // the one key whose value is an id of what holds it
	}
	for {
		i := strings.LastIndexByte(at, '.')
		word := at[i+1:]
		if i < 0 || strings.Trim(word, "0123456789") != "" {
			return word
		}
		at = at[:i]
	}
}

// semantic adds what Validate found. shift gives the index in the file of an entry of the book that was judged, or a
// negative one for entries that are not from the file and keep their own words for the place.
func (r *reader) semantic(problems schedule.Problems, shift func(section string, index int) int) {
	for _, p := range problems {
		prefix, outside := p.Section, false
		if p.Index >= 0 {
			i := shift(p.Section, p.Index)
			outside = i < 0
			prefix = entryPath(p.Section, i)
		}
		at := prefix
		if p.Field != "" {
			at += "." + p.Field
		}
		message := p.What
		where, known := r.where(at, prefix)
		if outside || !known && p.Index >= 0 {
			if p.Warning {
				continue // it was there before
			}
			message = p.At() + " (in the database): " + message
		}
		// Of an entry that could not be read in full, what it does not state may be what could not be read.
		if _, stated := r.places[at]; r.covered(at) || r.guess(p.What) || !stated && r.within[prefix] {
			continue
		}
		r.found = append(r.found, Problem{File: r.file, Line: where.line, Column: where.column,
			Message: clean(message), Hint: clean(p.Hint), Warning: p.Warning})
	}
}

// where is the place of a path, or of the nearest value that holds it.
func (r *reader) where(at, prefix string) (spot, bool) {
	for {
		if s, ok := r.places[at]; ok {
			return s, true
		}
		i := strings.LastIndexByte(at, '.')
		if i < len(prefix) {
			break
		}
		at = at[:i]
	}
	if s, ok := r.places[prefix]; ok {
		return s, true
	}
	return spot{1, 1}, false
}

// covered reports whether the value of a path, one that holds it or a part of it could not be read.
func (r *reader) covered(at string) bool {
	for p := at; p != ""; {
		if r.damaged[p] {
			return true
		}
		p = p[:max(strings.LastIndexByte(p, '.'), 0)]
	}
	return r.within[at]
}

// guess reports whether a finding is about an unknown word of a kind of which some could not be read.
func (r *reader) guess(what string) bool {
	for noun := range r.unsure {
		if strings.HasPrefix(what, "unknown "+noun+" ") {
			return true
		}
	}
	return false
}

func entryPath(section string, index int) string { return fmt.Sprintf("%s[%d]", section, index) }

// maxCompared bounds how many words are compared to find the nearest, which is slow work and of no use to the reader of
// a thousand problems.
const maxCompared = 50_000

// nearest is the valid word that was meant, empty when none is near.
func (r *reader) nearest(word string, valid []string) string {
	if r.compared += len(valid); r.compared > maxCompared {
		return ""
	}
	near, _ := schedule.Nearest(word, valid)
	return near
}

// unknownKey reports a key that nothing knows, and gives the one that was meant, if one is near.
func (r *reader) unknownKey(key *node, noun string, valid []string) string {
	if len(key.text) > maxKey {
		r.report(key.line, key.column, "unknown "+noun+" "+shorten(key.text), "")
		return ""
	}
	near := r.nearest(key.text, valid)
	err := &schedule.UnknownError{Noun: noun, Word: key.text, Nearest: near, Valid: valid}
	hint := ""
	if near == "" && len(valid) > 12 {
		hint = "use one of " + strings.Join(valid, ", ")
	}
	r.report(key.line, key.column, err.Error(), hint)
	return near
}
