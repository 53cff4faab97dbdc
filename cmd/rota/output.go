package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/mattn/go-runewidth"
	"golang.org/x/term"

	"rota/schedule"
)

// look is how output looks: whether there is colour, and how wide a line may be. This file holds everything about it;
// commands say what they mean (bad, good, faint) and never which colour that is.
type look struct {
	outTerminal, errTerminal bool
	noColour                 bool // NO_COLOR is set, or the terminal is dumb
	colour                   bool // on standard output
	errColour                bool
	// width is the columns of the terminal; 80 when there is none.
	width int
}

// defaultWidth is what fits everywhere.
const defaultWidth = 80

func newLook(sys system) *look {
	l := &look{width: defaultWidth}
	terminal := func(w io.Writer) (int, bool) {
		f, ok := w.(*os.File)
		if !ok || !term.IsTerminal(int(f.Fd())) {
			return 0, false
		}
		width, _, err := term.GetSize(int(f.Fd()))
		return width, err == nil
	}
	var width int
	if width, l.outTerminal = terminal(sys.out); l.outTerminal && width > 0 {
		l.width = width
	}
	_, l.errTerminal = terminal(sys.err)
	if n, err := strconv.Atoi(sys.getenv("COLUMNS")); err == nil && n >= 40 && n <= 1000 {
		l.width = n
	}
	// https://no-color.org: set and not empty.
	l.noColour = sys.getenv("NO_COLOR") != "" || sys.getenv("TERM") == "dumb"
	l.colour, l.errColour = l.outTerminal && !l.noColour, l.errTerminal && !l.noColour
	return l
}

// What these libraries keep for the whole process is set once, so that commands can run side by side. Widths must not
// depend on the locale of the machine: ambiguous runes are narrow, as terminals draw them. Whether there is colour is
// for look.paint to say.
func init() {
	runewidth.DefaultCondition.EastAsianWidth = false
	text.EnableColors()
}

// choose settles the flag --color. NO_COLOR wins over everything, as it promises.
func (l *look) choose(flag string) error {
	switch flag {
	case "auto":
	case "always":
		l.colour = !l.noColour
	case "never":
		l.colour, l.errColour = false, false
	default:
		return usagef("bad --color %q: use auto, always or never", flag)
	}
	return nil
}

// paint is text in a style, plain without colour.
func (l *look) paint(s string, style ...text.Color) string {
	if !l.colour || s == "" || len(style) == 0 {
		return s
	}
	return text.Colors(style).Sprint(s)
}

func (l *look) bad(s string) string    { return l.paint(s, text.FgRed, text.Bold) }
func (l *look) warn(s string) string   { return l.paint(s, text.FgYellow) }
func (l *look) good(s string) string   { return l.paint(s, text.FgGreen) }
func (l *look) faint(s string) string  { return l.paint(s, text.Faint) }
func (l *look) strong(s string) string { return l.paint(s, text.Bold) }

// shiftColours are what shifts are told apart by, readable on light and dark grounds.
var shiftColours = []text.Colors{
	{text.FgCyan}, {text.FgYellow}, {text.FgHiBlue}, {text.FgMagenta}, {text.FgGreen}, {text.FgHiRed}, {text.FgHiCyan}, {text.FgHiMagenta},
}

// pad fills s with spaces to a width in columns of a terminal; longer text is cut between runes and ends in an ellipsis.
func pad(s string, width int) string {
	return runewidth.FillRight(cut(s, width), width)
}

func cut(s string, width int) string { return runewidth.Truncate(s, width, "…") }

// columns is the width of plain text on a terminal.
func columns(s string) int { return runewidth.StringWidth(s) }

// list is a table for people: a header and rows of cells, which may be painted.
type list struct {
	header []string
	rows   [][]string
	// right holds the columns that hold numbers, from 0.
	right map[int]bool
	// spare holds the columns that a narrow terminal goes without, the first to go in front. JSON and CSV have them always.
	spare []int
	// empty is what is said when there is no row.
	empty string
}

func (t *list) add(cells ...string) { t.rows = append(t.rows, cells) }

// filled are the columns in which some row says something; all when there is no row.
func (t *list) filled() []int {
	var kept []int
	for i := range t.header {
		if len(t.rows) == 0 || slices.ContainsFunc(t.rows, func(row []string) bool { return i < len(row) && row[i] != "" }) {
			kept = append(kept, i)
		}
	}
	return kept
}

// longWord is the longest word that a column gives room to; what is longer is broken.
const longWord = 36

// widths are what the columns take without a break, and least, which breaks between words only.
func (t *list) widths(kept []int) (full, least []int) {
	full, least = make([]int, len(kept)), make([]int, len(kept))
	see := func(k int, cell string) {
		full[k] = max(full[k], text.StringWidthWithoutEscSequences(cell))
		for word := range strings.FieldsSeq(cell) {
			least[k] = max(least[k], min(text.StringWidthWithoutEscSequences(word), longWord))
		}
	}
	for k, i := range kept {
		see(k, t.header[i])
		for _, row := range t.rows {
			if i < len(row) {
				see(k, row[i])
			}
		}
	}
	return full, least
}

// columnGap is what stands between two columns.
const columnGap = 2

func total(widths []int) int {
	sum := 0
	for _, w := range widths {
		sum += w + columnGap
	}
	return sum - columnGap
}

// print writes a list to standard output. Columns that say nothing are left out. On a terminal rows fit the width: cells
// break between words, spare columns go, and what is too wide even then has a few lines for each row. Elsewhere rows stay
// whole, so that other programs can read them line by line.
func (a *app) print(t list) error {
	if len(t.rows) == 0 && t.empty != "" {
		_, err := fmt.Fprintln(a.out, t.empty)
		return err
	}
	kept := t.filled()
	widths, least := t.widths(kept)
	if a.look.outTerminal {
		for _, i := range t.spare {
			if total(least) <= a.look.width {
				break
			}
			kept = slices.DeleteFunc(kept, func(k int) bool { return k == i })
			widths, least = t.widths(kept)
		}
		if total(least) > a.look.width {
			a.printBlocks(t, kept)
			return nil
		}
		widths = t.settle(kept, widths, fit(widths, least, a.look.width), a.look.width)
	}
	w := table.NewWriter()
	style := table.StyleDefault
	style.Options = table.OptionsNoBordersAndSeparators
	style.Box.PaddingLeft, style.Box.PaddingRight = "", strings.Repeat(" ", columnGap)
	style.Format.Header = text.FormatDefault
	if a.look.colour {
		style.Color.Header = text.Colors{text.Bold}
	}
	w.SetStyle(style)
	row := func(cells []string) table.Row {
		out := make(table.Row, len(kept))
		for k, i := range kept {
			if out[k] = ""; i < len(cells) {
				out[k] = cells[i]
			}
		}
		return out
	}
	w.AppendHeader(row(t.header))
	for _, cells := range t.rows {
		w.AppendRow(row(cells))
	}
	var config []table.ColumnConfig
	for k, i := range kept {
		c := table.ColumnConfig{Number: k + 1, WidthMax: widths[k], WidthMaxEnforcer: text.WrapSoft}
		if t.right[i] {
			c.Align, c.AlignHeader = text.AlignRight, text.AlignRight
		}
		config = append(config, c)
	}
	w.SetColumnConfigs(config)
	for line := range strings.SplitSeq(w.Render(), "\n") {
		if _, err := fmt.Fprintln(a.out, strings.TrimRight(line, " ")); err != nil {
			return err
		}
	}
	return nil
}

// settle takes back the room that breaking between words leaves over, and gives it to columns that it makes whole.
func (t *list) settle(kept, full, widths []int, room int) []int {
	out := slices.Clone(widths)
	for k, i := range kept {
		if out[k] == full[k] {
			continue
		}
		used := 0
		for _, row := range append([][]string{t.header}, t.rows...) {
			if i < len(row) {
				for line := range strings.SplitSeq(text.WrapSoft(row[i], out[k]), "\n") {
					used = max(used, text.StringWidthWithoutEscSequences(strings.TrimRight(line, " ")))
				}
			}
		}
		out[k] = used
	}
	for k := range out {
		if more := full[k] - out[k]; more <= room-total(out) {
			out[k] = full[k]
		}
	}
	return out
}

// printBlocks writes each row as its first cell, and below it the others with what they are.
func (a *app) printBlocks(t list, kept []int) {
	for _, row := range t.rows {
		var parts []string
		for k, i := range kept {
			switch {
			case k == 0 && t.right[i]:
				a.wrapped("", a.look.strong(t.header[i]+" "+row[i]))
			case k == 0:
				a.wrapped("", a.look.strong(row[i]))
			case i < len(row) && row[i] != "" && t.header[i] != "":
				parts = append(parts, strings.ToLower(t.header[i])+": "+row[i])
			case i < len(row) && row[i] != "":
				parts = append(parts, row[i])
			}
		}
		if len(parts) > 0 {
			a.wrapped("    ", strings.Join(parts, ", "))
		}
	}
}

// fit narrows the widest columns until all fit into room, none below its least.
func fit(widths, least []int, room int) []int {
	out := slices.Clone(widths)
	for total(out) > room {
		widest := -1
		for i, w := range out {
			if w > least[i] && (widest < 0 || w > out[widest]) {
				widest = i
			}
		}
		if widest < 0 {
			break
		}
		out[widest]--
	}
	return out
}

// listing prints a list in the format chosen. JSON is an object with its schema, the team if there is one, and the entries
// under their name; CSV has a row for each entry, with the words of the JSON in its header; t is for people. Entries are
// structs with json tags.
func listing[T any](a *app, format, schema string, team schedule.TeamID, name string, entries []T, t list) error {
	switch format {
	case "json":
		if entries == nil {
			entries = []T{}
		}
		out := object{{"schema", schema}, {"team", team}, {name, entries}}
		if team == "" {
			out = slices.Delete(out, 1, 2)
		}
		return a.writeJSON(out)
	case "csv":
		return writeEntries(a, entries)
	}
	return a.print(t)
}

// object is a JSON object whose members keep their order.
type object []struct {
	name  string
	value any
}

// MarshalJSON gives the members in their order.
func (o object) MarshalJSON() ([]byte, error) {
	var out bytes.Buffer
	for i, m := range o {
		out.WriteByte("{,"[min(i, 1)])
		data, err := marshal(m.value)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&out, "%q:%s", m.name, data)
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}

// marshal is JSON on one line, with < and > as they are.
func marshal(v any) ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return bytes.TrimRight(out.Bytes(), "\n"), err
}

// writeEntries writes structs as CSV, under the names that they have in JSON. Lists within them have no place in a table.
func writeEntries[T any](a *app, entries []T) error {
	var header []string
	fields := reflect.VisibleFields(reflect.TypeFor[T]())
	fields = slices.DeleteFunc(fields, func(f reflect.StructField) bool {
		list := f.Type.Kind() == reflect.Slice && f.Type.Elem().Kind() == reflect.Struct
		return list || f.Type.Kind() == reflect.Map || f.Anonymous || !f.IsExported() || f.Tag.Get("json") == "-"
	})
	for _, f := range fields {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		header = append(header, name)
	}
	var rows [][]string
	for _, e := range entries {
		var row []string
		for _, f := range fields {
			cell, err := csvCell(reflect.ValueOf(e).FieldByIndex(f.Index).Interface())
			if err != nil {
				return err
			}
			row = append(row, cell)
		}
		rows = append(rows, row)
	}
	return a.writeCSV(header, rows)
}

// csvCell is a value as JSON has it, without quotes; a list of words is parted by spaces, and nothing is empty.
func csvCell(v any) (string, error) {
	data, err := marshal(v)
	if err != nil {
		return "", err
	}
	var word string
	var words []string
	switch {
	case string(data) == "null":
		return "", nil
	case json.Unmarshal(data, &word) == nil:
		return word, nil
	case json.Unmarshal(data, &words) == nil:
		return strings.Join(words, " "), nil
	}
	return string(data), nil
}

// writeCSV writes a header and rows. Cells that a spreadsheet would run as a formula get an apostrophe in front.
func (a *app) writeCSV(header []string, rows [][]string) error {
	w := csv.NewWriter(a.out)
	if err := w.Write(header); err != nil {
		return err
	}
	for _, row := range rows {
		safe := make([]string, len(row))
		for i, c := range row {
			if safe[i] = c; c != "" && strings.ContainsRune("=+@\t\r", rune(c[0])) {
				safe[i] = "'" + c
			}
		}
		if err := w.Write(safe); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}

// writeJSON writes one value, indented. v is to have a field schema.
func (a *app) writeJSON(v any) error {
	enc := json.NewEncoder(a.out)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// writeJSONLine writes one value on a line of its own.
func (a *app) writeJSONLine(v any) error {
	enc := json.NewEncoder(a.out)
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// say writes a line of data.
func (a *app) say(format string, args ...any) { fmt.Fprintf(a.out, format+"\n", args...) }

// note writes a line of talk, to standard error.
func (a *app) note(format string, args ...any) { fmt.Fprintf(a.err, format+"\n", args...) }

// wrapped writes text after a lead, broken between words to the width of the terminal, later lines indented to match.
func (a *app) wrapped(lead, s string) {
	indent := strings.Repeat(" ", columns(lead))
	width := max(a.look.width-columns(lead), 20)
	for i, line := range wrap(s, width) {
		if i > 0 {
			lead = indent
		}
		fmt.Fprintln(a.out, strings.TrimRight(lead+line, " "))
	}
}

// twoColumns are a flag or a command, and behind it what is said about it.
var twoColumns = regexp.MustCompile(`^(\s+\S+(?: \S+)*\s{2,})(\S.*)$`)

// reflow breaks a help text between words to the width of the terminal. Lines that begin with a space stay lines of their
// own; of those with two columns the second is broken.
func (l *look) reflow(s string) string {
	width := min(l.width, 100)
	var out, paragraph []string
	flush := func() {
		if len(paragraph) > 0 {
			out = append(out, wrap(strings.Join(paragraph, " "), width)...)
			paragraph = nil
		}
	}
	for line := range strings.SplitSeq(strings.TrimRight(s, "\n"), "\n") {
		line = strings.TrimRight(line, " ")
		if line != "" && line[0] != ' ' && line[0] != '\t' {
			paragraph = append(paragraph, line)
			continue
		}
		flush()
		if m := twoColumns.FindStringSubmatch(line); m != nil && columns(line) > width {
			lead, indent := m[1], columns(m[1])
			if indent > width-24 { // too far right: below, instead of beside
				indent = 8
				lead = strings.TrimRight(lead, " ") + "\n" + strings.Repeat(" ", indent)
			}
			line = lead + strings.Join(wrap(m[2], width-indent), "\n"+strings.Repeat(" ", indent))
		}
		out = append(out, line)
	}
	flush()
	return strings.Join(out, "\n") + "\n"
}

// wrap breaks text between words into lines of at most width columns; a longer word has a line of its own. Colours pass
// through untouched.
func wrap(s string, width int) []string {
	var lines []string
	line, used := "", 0
	for word := range strings.FieldsSeq(s) {
		n := text.StringWidthWithoutEscSequences(word)
		switch {
		case line == "":
			line, used = word, n
		case used+1+n > width:
			lines = append(lines, line)
			line, used = word, n
		default:
			line, used = line+" "+word, used+1+n
		}
	}
	return append(lines, line)
}

// stamp is an instant as people read it, in a zone, with the zone.
func stamp(t time.Time, loc *time.Location) string {
	return t.In(loc).Format("Mon 2006-01-02 15:04 MST")
}

// percentage is a share such as 0.0123 as 1.23 %.
func percentage(f float64) string { return strconv.FormatFloat(f*100, 'f', 2, 64) + " %" }

// plural is a number and its noun.
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	if strings.HasSuffix(noun, "y") && !strings.HasSuffix(noun, "ay") {
		return fmt.Sprintf("%d %sies", n, strings.TrimSuffix(noun, "y"))
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// errFaint is faint text for standard error.
func (l *look) errFaint(s string) string {
	if !l.errColour {
		return s
	}
	return text.Colors{text.Faint}.Sprint(s)
}
