package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Caps on what the readers accept. They are far above every public instance
// and keep a hostile file from asking for more memory than a machine has.
const (
	maxFileBytes = 64 << 20
	maxDays      = 2000
	maxPeople    = 5000
	maxShifts    = 250
	maxSkills    = 64
	maxContracts = 2000
	maxCells     = 4 << 20 // people x days
	maxWeight    = 1 << 30 // of one violation
	maxAmount    = 1 << 24 // of a count, a cover or minutes
	maxListed    = 100     // problems told of one input
)

// problem is one thing wrong with an input, at a line counted from 1; line 0
// means the file as a whole.
type problem struct {
	File string
	Line int
	What string
}

func (p problem) String() string {
	if p.Line == 0 {
		return p.File + ": " + p.What
	}
	return p.File + ":" + strconv.Itoa(p.Line) + ": " + p.What
}

// problems collects everything wrong with an input, so that all of it can be
// told at once. Past maxListed it only counts.
type problems struct {
	file string
	list []problem
	more int
}

func (ps *problems) addf(line int, format string, args ...any) {
	if len(ps.list) >= maxListed {
		ps.more++
		return
	}
	ps.list = append(ps.list, problem{File: ps.file, Line: line, What: fmt.Sprintf(format, args...)})
}

// Error is one problem a line.
func (ps *problems) Error() string {
	var b strings.Builder
	for i, p := range ps.list {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(p.String())
	}
	if ps.more > 0 {
		fmt.Fprintf(&b, "\n%s: and %d more problems", ps.file, ps.more)
	}
	return b.String()
}

// err is nil when nothing was found.
func (ps *problems) err() error {
	if len(ps.list) == 0 {
		return nil
	}
	return ps
}

// whole reads a file of at most maxFileBytes.
func whole(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFileBytes+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxFileBytes {
		return nil, &problems{file: path, list: []problem{{File: path, What: fmt.Sprintf("larger than %d MiB", maxFileBytes>>20)}}}
	}
	return data, nil
}

// textLine is one line of a text format, trimmed, with its number from 1.
type textLine struct {
	No   int
	Text string
}

// textLines splits a file into its lines that hold anything. A byte order mark
// and carriage returns are dropped.
func textLines(data []byte) []textLine {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	var out []textLine
	for no := 1; len(data) > 0; no++ {
		var line []byte
		line, data, _ = bytes.Cut(data, []byte{'\n'})
		if line = bytes.TrimSpace(line); len(line) > 0 {
			out = append(out, textLine{No: no, Text: string(line)})
		}
	}
	return out
}

// number reads a decimal integer within [low, high]; what names it in the
// problem it adds when it is not one. On a problem it returns low.
func (ps *problems) number(line int, text, what string, low, high int) int {
	text = strings.TrimSpace(text)
	n, err := strconv.Atoi(text)
	switch {
	case err != nil:
		ps.addf(line, "%s is %s, want a whole number", what, quote(text))
		return low
	case n < low || n > high:
		ps.addf(line, "%s is %d, want %d to %d", what, n, low, high)
		return low
	}
	return n
}

// quote shows a piece of input in a message, cut to a length that keeps the
// message readable.
func quote(s string) string {
	const most = 40
	if r := []rune(s); len(r) > most {
		s = string(r[:most]) + "..."
	}
	return strconv.Quote(s)
}

// baseName is a file's name without directory and last extension.
func baseName(path string) string {
	name := filepath.Base(path)
	return strings.TrimSuffix(name, filepath.Ext(name))
}

// index numbers names in the order they were added.
type index struct {
	names []string
	of    map[string]int
}

// add returns false if the name is there already.
func (x *index) add(name string) bool {
	if x.of == nil {
		x.of = make(map[string]int)
	}
	if _, dup := x.of[name]; dup {
		return false
	}
	x.of[name] = len(x.names)
	x.names = append(x.names, name)
	return true
}

// get returns a name's number.
func (x *index) get(name string) (int, bool) {
	i, ok := x.of[name]
	return i, ok
}
