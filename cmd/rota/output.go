package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/mattn/go-runewidth"
	"golang.org/x/term"
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
	// empty is what is said when there is no row.
	empty string
}

func (t *list) add(cells ...string) { t.rows = append(t.rows, cells) }

// print writes a list to standard output. On a terminal the widest columns wrap so that a row fits; elsewhere rows stay
// whole, so that other programs can read them line by line.
func (a *app) print(t list) error {
	if len(t.rows) == 0 && t.empty != "" {
		_, err := fmt.Fprintln(a.out, t.empty)
		return err
	}
	w := table.NewWriter()
	style := table.StyleDefault
	style.Options = table.OptionsNoBordersAndSeparators
	style.Box.PaddingLeft, style.Box.PaddingRight = "", "  "
	style.Format.Header = text.FormatDefault
	if a.look.colour {
		style.Color.Header = text.Colors{text.Bold}
	}
	w.SetStyle(style)
	head := make(table.Row, len(t.header))
	widths := make([]int, len(t.header))
	for i, h := range t.header {
		head[i], widths[i] = h, columns(h)
	}
	w.AppendHeader(head)
	for _, row := range t.rows {
		cells := make(table.Row, len(row))
		for i, c := range row {
			cells[i] = c
			if i < len(widths) {
				widths[i] = max(widths[i], text.StringWidthWithoutEscSequences(c))
			}
		}
		w.AppendRow(cells)
	}
	var config []table.ColumnConfig
	limits := widths
	if a.look.outTerminal {
		limits = fit(widths, a.look.width-2*len(widths))
	}
	for i := range t.header {
		c := table.ColumnConfig{Number: i + 1, WidthMax: limits[i], WidthMaxEnforcer: text.WrapSoft}
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

// fit narrows the widest columns until all fit into total, none below eight.
func fit(widths []int, total int) []int {
	out := append([]int(nil), widths...)
	for {
		sum, widest := 0, 0
		for i, w := range out {
			sum += w
			if w > out[widest] {
				widest = i
			}
		}
		if sum <= total || len(out) == 0 || out[widest] <= 8 {
			return out
		}
		out[widest]--
	}
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
	for i, line := range strings.Split(text.WrapSoft(s, width), "\n") {
		if i > 0 {
			lead = indent
		}
		fmt.Fprintln(a.out, strings.TrimRight(lead+line, " "))
	}
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
