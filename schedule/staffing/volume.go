package staffing

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"rota/schedule"
)

// Record is the contacts of one channel and language that arrived in one interval.
type Record struct {
	// Start is the first instant of the interval.
	Start time.Time
	// Channel is such as chat or email. Language is empty where contacts were not told apart by language.
	Channel  string
	Language schedule.Language
	// Contacts is how many there were, and Handling the mean time that one took.
	Contacts float64
	Handling time.Duration
}

// Volume is what a table of contacts holds.
type Volume struct {
	// Records are by start, channel and language; none is there twice.
	Records []Record
	// Step is the length of an interval.
	Step time.Duration
}

// Problem is one thing wrong with a table. Line and Column are from 1, columns in characters.
type Problem struct {
	File         string
	Line, Column int
	What         string
}

// Error is one line such as: volume.csv:3:12: bad number of contacts "many"
func (p Problem) Error() string { return fmt.Sprintf("%s:%d:%d: %s", p.File, p.Line, p.Column, p.What) }

// Problems are all that is wrong with a table, by place. As an error it has a line for each.
type Problems []Problem

// Error joins the lines.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.Error()
	}
	return strings.Join(lines, "\n")
}

// maxRecords and maxProblems bound what is read and what is said about it: two years of quarter hours of six queues.
const (
	maxRecords  = 500_000
	maxProblems = 200
)

type columnName struct {
	name  string
	also  []string
	needs bool
}

// columns are those of a table of contacts, with the other names they go by.
var columns = []columnName{
	{"start", []string{"interval", "interval_start", "time"}, true},
	{"channel", nil, true},
	{"language", []string{"lang"}, false},
	{"contacts", []string{"volume", "offered", "count"}, true},
	{"handling", []string{"aht", "handling_time", "seconds"}, true},
}

// ReadVolume reads a table whose first row names its columns, in any order: start, channel, language (may be missing),
// contacts and handling. Columns are separated by commas, semicolons or tabs. A start is an instant as
// 2026-11-02T09:00:00Z, or a time on the clock of here as 2026-11-02 09:00, which must exist there; of one that is there
// twice the first is meant. A handling time is seconds, or has units as 3m20s. The length of the intervals is the shortest
// distance between two starts, an hour at most; every start is to be a multiple of it. Intervals without a row had no contacts.
//
// The error is Problems with everything that is wrong.
func ReadVolume(name string, data []byte, here *time.Location) (Volume, error) {
	r := &volumeReader{name: name, here: here, data: data, lines: strings.Split(string(data), "\n"), seen: map[volumeKey]int{}}
	v := r.read()
	if len(r.found) > 0 {
		slices.SortStableFunc(r.found, func(a, b Problem) int { return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column)) })
		if n := len(r.found) - maxProblems; n > 0 {
			r.found = append(r.found[:maxProblems], Problem{name, r.found[maxProblems].Line, 1, fmt.Sprintf("and %d more problems from here on", n)})
		}
		return Volume{}, r.found
	}
	return v, nil
}

type volumeKey struct {
	start    int64
	channel  string
	language schedule.Language
}

type volumeReader struct {
	name  string
	here  *time.Location
	data  []byte
	lines []string
	csv   *csv.Reader
	at    map[string]int // column by name
	seen  map[volumeKey]int
	found Problems
}

func (r *volumeReader) bad(line, column int, format string, args ...any) {
	r.found = append(r.found, Problem{r.name, line, column, fmt.Sprintf(format, args...)})
}

// place is where field i of the row read last stands, the column in characters.
func (r *volumeReader) place(i int) (line, column int) {
	line, column = r.csv.FieldPos(i)
	if line <= len(r.lines) && column-1 <= len(r.lines[line-1]) {
		column = utf8.RuneCountInString(r.lines[line-1][:column-1]) + 1
	}
	return line, column
}

func (r *volumeReader) badField(i int, format string, args ...any) {
	line, column := r.place(i)
	r.bad(line, column, format, args...)
}

func (r *volumeReader) read() (v Volume) {
	if !utf8.Valid(r.data) {
		r.bad(1, 1, "the file is not text in UTF-8")
		return v
	}
	text := bytes.TrimPrefix(r.data, []byte("\ufeff"))
	r.lines = strings.Split(string(text), "\n")
	r.csv = csv.NewReader(bytes.NewReader(text))
	r.csv.FieldsPerRecord = -1
	r.csv.TrimLeadingSpace = true
	for _, c := range ";\t" {
		if strings.Count(r.lines[0], string(c)) > strings.Count(r.lines[0], string(r.csv.Comma)) {
			r.csv.Comma = c
		}
	}
	rows := 0
	var lines []int
	for {
		row, err := r.csv.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		var parse *csv.ParseError
		if errors.As(err, &parse) {
			r.bad(parse.Line, parse.Column, "%v", parse.Err)
			return v
		}
		if rows++; rows == 1 {
			if !r.header(row) {
				return v
			}
			continue
		}
		if rows > maxRecords {
			line, _ := r.place(0)
			r.bad(line, 1, "more than %d rows", maxRecords)
			return v
		}
		if rec, ok := r.record(row); ok {
			line, _ := r.place(0)
			v.Records, lines = append(v.Records, rec), append(lines, line)
		}
	}
	if rows == 0 {
		r.bad(1, 1, "the table is empty; its first row names the columns start, channel, language, contacts, handling")
		return v
	}
	if len(v.Records) == 0 && len(r.found) == 0 {
		r.bad(1, 1, "the table has no rows below its header")
	}
	r.steps(&v, lines)
	slices.SortFunc(v.Records, func(a, b Record) int {
		return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.Channel, b.Channel), cmp.Compare(a.Language, b.Language))
	})
	return v
}

func (r *volumeReader) header(row []string) bool {
	r.at = map[string]int{}
	var names []string
	for _, c := range columns {
		names = append(names, c.name)
	}
	for i, cell := range row {
		word := strings.ToLower(strings.TrimSpace(cell))
		k := slices.IndexFunc(columns, func(c columnName) bool { return c.name == word || slices.Contains(c.also, word) })
		if k < 0 {
			near, _ := schedule.Nearest(word, names)
			r.badField(i, "%v", &schedule.UnknownError{Noun: "column", Word: word, Nearest: near, Valid: names})
			continue
		}
		if _, twice := r.at[columns[k].name]; twice {
			r.badField(i, "column %s is there twice", columns[k].name)
		}
		r.at[columns[k].name] = i
	}
	for _, c := range columns {
		if _, ok := r.at[c.name]; !ok && c.needs && len(r.found) == 0 {
			r.bad(1, 1, "column %s is missing", c.name)
		}
	}
	return len(r.found) == 0
}

// record reads one row.
func (r *volumeReader) record(row []string) (rec Record, ok bool) {
	before := len(r.found)
	cell := func(name string) (string, int) {
		i, stated := r.at[name]
		if !stated || i >= len(row) {
			return "", -1
		}
		return strings.TrimSpace(row[i]), i
	}
	if len(row) == 1 && strings.TrimSpace(row[0]) == "" {
		return rec, false
	}
	for _, c := range columns {
		if text, i := cell(c.name); text == "" && c.needs {
			if i < 0 {
				i = len(row) - 1
			}
			r.badField(i, "%s is missing", c.name)
		}
	}
	if len(row) > len(r.at) {
		r.badField(len(r.at), "the row has %d cells, the header %d", len(row), len(r.at))
	}
	if len(r.found) > before {
		return rec, false
	}
	text, i := cell("start")
	start, err := r.instant(text)
	if err != nil {
		r.badField(i, "%v", err)
	}
	channel, i := cell("channel")
	if err := schedule.CheckID(schedule.ShiftID(channel)); err != nil {
		r.badField(i, "bad channel: %v", err)
	}
	var language schedule.Language
	if text, i := cell("language"); text != "" {
		if language, err = schedule.ParseLanguage(text); err != nil {
			r.badField(i, "%v", err)
		}
	}
	text, i = cell("contacts")
	contacts, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(contacts) || contacts < 0 || contacts > 1e6 {
		r.badField(i, "bad number of contacts %q: write a number from 0 to a million", text)
	}
	text, i = cell("handling")
	handling, err := parseHandling(text)
	if err != nil || contacts > 0 && handling == 0 {
		r.badField(i, "bad handling time %q: write seconds, or a time as 3m20s, of more than 0 and at most a day", text)
	}
	if len(r.found) > before {
		return rec, false
	}
	key := volumeKey{start.Unix(), channel, language}
	line, column := r.place(0)
	if first, twice := r.seen[key]; twice {
		r.bad(line, column, "the same start, channel and language are on line %d", first)
		return rec, false
	}
	r.seen[key] = line
	return Record{Start: start, Channel: channel, Language: language, Contacts: contacts, Handling: handling}, true
}

// parseHandling reads seconds or a time with units.
func parseHandling(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if n, fail := strconv.ParseFloat(text, 64); fail == nil && n >= 0 && n <= 86400 {
		d, err = time.Duration(n*float64(time.Second)), nil
	}
	if err == nil && (d < 0 || d > 24*time.Hour) {
		err = errors.New("out of range")
	}
	return d, err
}

// instant reads the start of an interval.
func (r *volumeReader) instant(text string) (time.Time, error) {
	if t, err := time.Parse(time.RFC3339, text); err == nil && t.Year() >= 1970 && t.Year() <= 9000 {
		return t.UTC().Truncate(time.Second), nil
	}
	bad := fmt.Errorf("bad start %q: write it as 2026-11-02 09:00 or 2026-11-02T09:00:00Z", text)
	day, clock, found := strings.Cut(strings.Replace(text, "T", " ", 1), " ")
	d, err := schedule.ParseDate(day)
	if err != nil || !found {
		return time.Time{}, bad
	}
	if len(clock) == 8 {
		clock = strings.TrimSuffix(clock, ":00") // seconds
	}
	c, err := schedule.ParseClock(clock)
	if err != nil || c == schedule.EndOfDay {
		return time.Time{}, bad
	}
	t, moved := schedule.StartInstant(d, c, r.here)
	if moved {
		return time.Time{}, fmt.Errorf("%s does not exist in %s: the clocks go forward", text, r.here)
	}
	return t, nil
}

// steps finds the length of the intervals, and the starts that are not at one.
func (r *volumeReader) steps(v *Volume, lines []int) {
	var starts []int64
	for _, rec := range v.Records {
		starts = append(starts, rec.Start.Unix())
	}
	slices.Sort(starts)
	starts = slices.Compact(starts)
	step := int64(3600)
	for i := 1; i < len(starts); i++ {
		step = min(step, starts[i]-starts[i-1])
	}
	if step%60 != 0 || step < 300 || 3600%step != 0 {
		if len(lines) > 0 {
			r.bad(lines[0], 1, "the shortest distance between two starts is %s; use intervals of 5, 10, 15, 20, 30 or 60 minutes", time.Duration(step)*time.Second)
		}
		return
	}
	v.Step = time.Duration(step) * time.Second
	for i, rec := range v.Records {
		local := rec.Start.In(r.here)
		if (local.Minute()*60+local.Second())%int(step) != 0 {
			r.bad(lines[i], 1, "%s is not at the start of an interval of %d minutes", local.Format("15:04:05"), step/60)
		}
	}
}
