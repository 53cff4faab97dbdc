package main

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"rota/schedule"
)

// onTerminal is an app that believes to write to a terminal of a width, and what it wrote.
func onTerminal(width int) (*app, *bytes.Buffer) {
	out := &bytes.Buffer{}
	a := &app{system: system{in: strings.NewReader(""), out: out, err: io.Discard, getenv: func(string) string { return "" }, clock: time.Now}}
	a.look = newLook(a.system)
	a.look.outTerminal, a.look.width = true, width
	return a, out
}

func TestAListFitsTheTerminal(t *testing.T) {
	t.Parallel()
	people := list{header: []string{"ID", "Name", "Never said", "Made", "Languages"}, spare: []int{3}}
	people.add("kenji", "佐藤 健二", "", "2026-11-30 09:00", "ja:native, en:C1")
	people.add("sean", "Seán O'Brien", "", "2026-11-30 09:00", "en:native, fr:B1")
	for width, want := range map[int]string{
		200: "ID     Name          Made              Languages\nkenji  佐藤 健二     2026-11-30 09:00  ja:native, en:C1\nsean   Seán O'Brien  2026-11-30 09:00  en:native, fr:B1\n",
		// Cells break between words.
		50: "ID     Name          Made              Languages\nkenji  佐藤 健二     2026-11-30 09:00  ja:native,\n                                       en:C1\nsean   Seán O'Brien  2026-11-30 09:00  en:native,\n                                       fr:B1\n",
		// What can be spared goes before words break.
		31: "ID     Name          Languages\nkenji  佐藤 健二     ja:native,\n                     en:C1\nsean   Seán O'Brien  en:native,\n                     fr:B1\n",
		// And what is too wide even then has lines of its own.
		24: "kenji\n    name: 佐藤 健二,\n    languages:\n    ja:native, en:C1\nsean\n    name: Seán O'Brien,\n    languages:\n    en:native, fr:B1\n",
	} {
		a, out := onTerminal(width)
		if err := a.print(people); err != nil {
			t.Fatal(err)
		}
		if out.String() != want {
			t.Errorf("%d columns give\n%swant\n%s", width, out, want)
		}
		for line := range strings.SplitSeq(out.String(), "\n") {
			if columns(line) > width {
				t.Errorf("%d columns are asked for, and this has %d: %s", width, columns(line), line)
			}
		}
	}
}

func TestAListingSaysTheSameAsJSONAndCSV(t *testing.T) {
	t.Parallel()
	type part struct{ Name string }
	type entry struct {
		ID     int                `json:"id"`
		Name   string             `json:"name"`
		Agents []schedule.AgentID `json:"agents"`
		At     *time.Time         `json:"at"`
		Share  float64            `json:"share,omitempty"`
		Parts  []part             `json:"parts"`
		secret string
	}
	at := time.Date(2026, 12, 7, 9, 0, 0, 0, time.UTC)
	all := []entry{{ID: 1, Name: `<"a, b">`, Agents: []schedule.AgentID{"ani", "pablo"}, At: &at, Share: 0.5, secret: "no"}, {ID: 2, Name: "=1+1"}}
	run := func(format string, team schedule.TeamID, all []entry) string {
		a, out := onTerminal(80)
		if err := listing(a, format, "rota/tests/v1", team, "tests", all, list{}); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	if got, want := run("csv", "x", all), "id,name,agents,at,share\n1,\"<\"\"a, b\"\">\",ani pablo,2026-12-07T09:00:00Z,0.5\n2,'=1+1,,,0\n"; got != want {
		t.Errorf("CSV\n%swant\n%s", got, want)
	}
	got := run("json", "x", all)
	var back struct {
		Schema, Team string
		Tests        []entry
	}
	if err := json.Unmarshal([]byte(got), &back); err != nil || back.Schema != "rota/tests/v1" || back.Team != "x" || len(back.Tests) != 2 {
		t.Errorf("%v: %s", err, got)
	}
	if !strings.HasPrefix(got, "{\n  \"schema\": ") || !strings.Contains(got, `<\"a, b\">`) {
		t.Errorf("the schema does not come first, or HTML is escaped: %s", got)
	}
	if got := run("json", "", nil); got != "{\n  \"schema\": \"rota/tests/v1\",\n  \"tests\": []\n}\n" {
		t.Errorf("nothing is %s", got)
	}
}

func TestHelpFitsTheTerminal(t *testing.T) {
	t.Parallel()
	everyCommand(tree(), func(c *cobra.Command) {
		h := &harness{}
		if code := h.run(t.Context(), append(strings.Fields(c.CommandPath())[1:], "--help")...); code != exitOK {
			t.Errorf("%s --help exits %d: %s", c.CommandPath(), code, &h.err)
		}
		// The texts of completion, which cobra brings, and examples are lines to be copied.
		examples := c.Parent() != nil && c.Parent().Name() == "completion"
		for line := range strings.SplitSeq(h.out.String(), "\n") {
			if line == "Examples:" {
				examples = true
			} else if line == "Flags:" {
				examples = false
			}
			if columns(line) > defaultWidth && !examples && !strings.HasPrefix(line, "  rota ") {
				t.Errorf("%s --help has a line of %d columns: %s", c.CommandPath(), columns(line), line)
			}
		}
	})
}

// TestExamplesAreUnderstood parses every example of every command: the command exists, and so do its flags.
func TestExamplesAreUnderstood(t *testing.T) {
	t.Parallel()
	n := 0
	everyCommand(tree(), func(c *cobra.Command) {
		for line := range strings.SplitSeq(strings.ReplaceAll(c.Example, "\\\n", ""), "\n") {
			words := shellWords(line)
			if len(words) == 0 {
				continue
			}
			if words[0] != "rota" {
				t.Errorf("%s: the example is no command of rota: %s", c.CommandPath(), line)
				continue
			}
			root := tree()
			found, rest, err := root.Find(words[1:])
			if err != nil {
				t.Errorf("%s: %v", line, err)
				continue
			}
			if err := found.ParseFlags(rest); err != nil {
				t.Errorf("%s: %v", line, err)
				continue
			}
			if err := found.ValidateArgs(found.Flags().Args()); err != nil {
				t.Errorf("%s: %v", line, err)
			}
			n++
		}
	})
	if n < 40 {
		t.Errorf("only %d examples", n)
	}
}

// shellWords parts a line as a shell does, as far as examples need it: quotes, and what comes behind >, | or wide space
// belongs no more to the command.
func shellWords(line string) []string {
	line = strings.TrimSpace(line)
	if i := strings.Index(line, "   "); i >= 0 {
		line = line[:i]
	}
	var words []string
	var word strings.Builder
	quote, started := rune(0), false
	end := func() {
		if started {
			words = append(words, word.String())
		}
		word.Reset()
		started = false
	}
	for _, r := range line {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case r == '"' || r == '\'':
			quote, started = r, true
		case r == '>' || r == '|' || r == '&' || r == '…' || word.String() == ".." && r == '.':
			if r == '.' {
				word.Reset() // three dots stand for flags that the reader knows by now
				started = false
			}
			end()
			return words
		case r == ' ':
			if end(); len(words) == 1 && strings.HasPrefix(words[0], "ROTA_") {
				words = nil // a setting for the command behind it
			}
		default:
			word.WriteRune(r)
			started = true
		}
	}
	end()
	return words
}
