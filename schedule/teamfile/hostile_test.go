package teamfile

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"rota/schedule"
)

// repeat builds a text of n numbered lines.
func repeat(n int, line string) string {
	var b strings.Builder
	for i := range n {
		if strings.Contains(line, "%d") {
			fmt.Fprintf(&b, line, i)
		} else {
			b.WriteString(line)
		}
	}
	return b.String()
}

// TestHostileFiles reads files made to exhaust a reader. Each has to end, with an error that has a place, well within
// ten seconds even on a busy machine; alone each takes less than one.
func TestHostileFiles(t *testing.T) {
	const n = MaxSize
	head := "team: x\ntimezone: UTC\n"
	shifts := head + "shifts:\n" + repeat(200, "  - {id: s%d, start: \"08:00\", end: \"09:00\", rrule: \"FREQ=MONTHLY;BYDAY=2MO\"}\n")
	var laughs strings.Builder
	laughs.WriteString("a: &a0 [x, x, x, x, x, x, x, x, x, x]\n")
	for i := range 12 {
		fmt.Fprintf(&laughs, "b%d: &a%d [%s*a%d]\n", i, i+1, strings.Repeat(fmt.Sprintf("*a%d, ", i), 9), i)
	}
	files := map[string]string{
		"too large": strings.Repeat("# comment\n", n/5), "brackets": strings.Repeat("[", n-1), "braces": strings.Repeat("{a: ", n/4-1),
		"dashes": strings.Repeat("- ", n/2-1), "questions": strings.Repeat("? ", n/2-1), "anchors": strings.Repeat("&a ", n/3-1),
		"tags": strings.Repeat("!a ", n/3-1), "aliases": "a: &x 1\nb: [" + strings.Repeat("*x,", n/3-9) + "1]", "laughs": laughs.String(),
		"itself": "team: &x [*x, *x]\n", "keys": repeat(30000, "k%d: 1\n"), "literals": strings.Repeat("a: |\n", n/5-1),
		"items": "team: [" + strings.Repeat("1,", n/2-9) + "1]", "long key": strings.Repeat("k", n-9) + ": 1", "colons": strings.Repeat(":", n-1),
		"quotes": strings.Repeat("'", n-1), "double quotes": strings.Repeat("\"", n-1), "spaces": strings.Repeat(" ", n-5) + "a: 1",
		"indents":   func() string { return indents(300) }(),
		"percent":   strings.Repeat("%", n-1),
		"documents": strings.Repeat("---\n", n/4-1),
		"long note": head + "name: \"" + strings.Repeat("x", n-99),
		"demand":    shifts + "demand:\n" + repeat(2000, "  - {shift: s%d, date: 2026-01-01, agents: {min: 9, max: 1}}\n"),
		"any demand": shifts + "demand:\n" + repeat(2000, "  - {shift: \"*\", date: 2026-12-07, from: 2026-01-01, until: 2027-01-01, agents: {min: 1}}\n") +
			"contracts:\n  - {id: c, hours: 1}\n",
		"agents": head + "agents:\n" + repeat(1000, "  - {id: a%d, name: N, email: a@b, slack: U, contract: nope, timezone: Nowhere/Land}\n"),
		"availability": head + "agents:\n  - {id: a, name: A}\navailability:\n" +
			repeat(5000, "  - {agent: a, kind: avoid, from: 2026-01-01, weight: -1, note: n%d}\n"),
		"pins": shifts + "agents:\n  - {id: a, name: A}\npins:\n" + repeat(2000, "  - {agent: a, shift: s1, date: 2026-01-12, note: n%d}\n"),
		"unknown agents": head + "agents:\n" + repeat(1000, "  - {id: the-agent-with-the-number-%d, name: N}\n") +
			"availability:\n" + repeat(5000, "  - {agent: the-agint-with-the-number-%d-, kind: avoid, from: 2026-01-01}\n"),
		"zones":        head + "agents:\n" + repeat(1000, "  - {id: a%d, name: N, timezone: America/Argentina/Buenas%[1]d}\n"),
		"unknown keys": head + "agents:\n" + repeat(500, "  - {id: a%d, name: N, "+repeat(60, "key%d: 1, ")+"note: x}\n"),
		"crews":        head + "rotations:\n" + repeat(200, "  - {pattern: dupont, start: 2026-01-01, crews: ["+strings.Repeat("{name: A, agents: [a, b, c]}, ", 60)+"], letters: {D: x}}\n"),
		"rules":        head + "rules:\n" + repeat(1000, "  - {rule: min-rset, hours: 1, x%d: y}\n"),
	}
	for name, file := range files {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			_, err := Read("hostile", []byte(file))
			took := time.Since(start)
			t.Logf("%d bytes, %s", len(file), took.Round(time.Millisecond))
			if err == nil {
				t.Fatal("it was read")
			}
			if line, _, _ := strings.Cut(err.Error(), "\n"); !strings.HasPrefix(line, "hostile:") || len(line) > 1000 {
				t.Errorf("the error is %.200s", line)
			}
			if took > 10*time.Second {
				t.Errorf("it took %s", took)
			}
		})
	}
}

// TestHostileTables is the same for tables.
func TestHostileTables(t *testing.T) {
	book := smallBook(t)
	for i := range 900 {
		book.Agents = append(book.Agents, schedule.Agent{ID: schedule.AgentID(fmt.Sprintf("agent-with-a-long-name-%d", i)), Name: "N"})
	}
	for name, table := range map[string]string{
		"agents":       "id,name\n" + strings.Repeat("x,X\n", 900),
		"availability": "agent,kind\n" + repeat(4900, "agint-with-a-long-name-%d,leave\n"),
		"roster":       "slot,agent\n" + repeat(9000, "late@2026-12-07,agint-with-a-long-name-%d\n"),
		"roster shift": "slot,agent\n" + repeat(9000, "x%d@2026-12-07,ani\n"),
		"roster quote": "slot,agent\n" + strings.Repeat("\"", MaxSize-99),
		"agents rows":  "id,name\n" + strings.Repeat(strings.Repeat(",", 200)+"\n", MaxSize/202),
		"agents row":   "id,name\n" + strings.Repeat("x,", MaxSize/2-9),
		"agents wide":  strings.Repeat("id,", MaxSize/3-9),
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			_, err := readAny(name, []byte(table), book)
			t.Logf("%d bytes, %s", len(table), time.Since(start).Round(time.Millisecond))
			if err == nil {
				t.Fatal("it was read")
			}
			if took := time.Since(start); took > 10*time.Second {
				t.Errorf("it took %s", took)
			}
		})
	}
}

// indents is mappings within each other, one a line.
func indents(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	return b.String()
}
