package teamfile

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"rota/schedule"
)

// maxAssignments bounds the rows of a roster: a year of a large team.
const maxAssignments = 20_000

// most is how many entries a team can state of a section.
func most(section string) int {
	for _, s := range sections {
		if s.key == section {
			return s.most
		}
	}
	return 0
}

// ReadAgentsCSV reads agents from a table whose first row names the columns: the keys of an agent in a team file, in
// any order and any case, id and, for new agents, name among them. Columns are separated by commas, semicolons or tabs.
// Lists have spaces, commas or semicolons between their words; languages and skills are written as en:C1 chat:3. An
// agent whom base knows keeps what no column states; an empty cell clears its field.
//
// base is the book the agents join: contracts are looked up and the agents judged in it. The agents come in the order
// of the table. The error is a [Problems] with everything that is wrong, or nil.
func ReadAgentsCSV(name string, data []byte, base schedule.Book) ([]schedule.Agent, error) {
	r := newReader(name)
	rows := r.table(data, "agents", most("agents"), names(agentFields), []string{"id"})
	var agents []schedule.Agent
	known := map[schedule.AgentID]schedule.Agent{}
	for _, a := range base.Agents {
		known[a.ID] = a
	}
	for _, row := range rows {
		at := entryPath("agents", len(agents))
		r.mark(at, row.node)
		var a schedule.Agent
		fields := agentFields
		old, had := known[schedule.AgentID(textOf(row.node.get("id")))]
		if had {
			fields = slices.Clone(agentFields)
			for i := range fields {
				fields[i].need = fields[i].key == "id"
			}
		}
		if !readFields(r, row.node, at, "column", fields, &a, nil) {
			continue
		}
		if had {
			for _, f := range agentFields {
				if slices.Contains(row.columns, f.key) {
					f.copy(&old, &a)
				}
			}
			if a = old; strings.TrimSpace(a.Name) == "" {
				continue // the name's cell is empty, which Validate would not know the place of
			}
		}
		agents = append(agents, a)
	}
	first := map[schedule.AgentID]int{}
	for i, a := range agents {
		s, stated := r.places[entryPath("agents", i)+".id"]
		if !stated {
			continue
		}
		if line, twice := first[a.ID]; twice {
			r.report(s.line, s.column, fmt.Sprintf("agent %q is listed twice, first on line %d", a.ID, line), "")
			r.damage(entryPath("agents", i) + ".id")
			continue
		}
		first[a.ID] = s.line
	}
	merged := base.Normalize().Merge(schedule.Book{Team: base.Team, Agents: agents})
	r.imported(merged, "agents", len(agents))
	if err := r.found.ordered().Err(); err != nil {
		return nil, err
	}
	return agents, nil
}

// ReadAvailabilityCSV reads availability from a table like that of [ReadAgentsCSV]; its columns are the keys of an
// availability entry in a team file, agent and kind among them. Entries without an id get the one that Normalize
// derives, so that the same table read twice replaces its entries.
func ReadAvailabilityCSV(name string, data []byte, base schedule.Book) ([]schedule.Availability, error) {
	r := newReader(name)
	rows := r.table(data, "availability", most("availability"), names(availabilityFields), []string{"agent", "kind"})
	var entries []schedule.Availability
	for _, row := range rows {
		a, ok := readEntry(r, row.node, "availability", "column", len(entries), availabilityFields,
			schedule.Availability{}, finishAvailability, nil)
		if ok {
			entries = append(entries, a)
		}
	}
	next := schedule.Book{Team: base.Team, Availability: entries}.Normalize()
	r.imported(base.Normalize().Merge(next), "availability", len(entries))
	if err := r.found.ordered().Err(); err != nil {
		return nil, err
	}
	return next.Availability, nil
}

// imported judges the merged book and keeps what is about the n entries that were read.
func (r *reader) imported(merged schedule.Book, section string, n int) {
	var ours schedule.Problems
	for _, p := range merged.Validate().Fatal() {
		if p.Section == section && p.Index < n {
			ours = append(ours, p)
		}
	}
	r.semantic(ours, func(_ string, i int) int { return i })
}

// ReadRosterCSV reads assignments from a table with the columns slot (late@2026-12-19), or shift and date, and agent;
// source may be there too, and is hand where it is not stated. Other columns of a roster that was exported, name among
// them, are refused rather than passed over. book knows the shifts and agents: every slot has to take place, every
// agent to exist and every pair to stand once. Whether the roster is legal is for the audit to say. The assignments
// come in the order of the table; the error is a [Problems] or nil.
func ReadRosterCSV(name string, data []byte, book schedule.Book) ([]schedule.Assignment, error) {
	r := newReader(name)
	rows := r.table(data, "assignments", maxAssignments, rosterColumns, []string{"agent"})
	var out []schedule.Assignment
	first := map[schedule.Assignment]int{}
	var agents []string
	for _, a := range book.Agents {
		agents = append(agents, string(a.ID))
	}
	shifts := map[schedule.ShiftID]schedule.Shift{}
	takes := map[schedule.SlotID]bool{}
	var ids []string
	for _, s := range book.Shifts {
		shifts[s.ID] = s
		ids = append(ids, string(s.ID))
	}
	for i, row := range rows {
		at := entryPath("assignments", i)
		r.mark(at, row.node)
		slot, okSlot := r.slot(row.node, at)
		if okSlot {
			if !takes[slot] {
				takes[slot] = r.takesPlace(row.node, at, slot, shifts, ids)
			}
			okSlot = takes[slot]
		}
		agent := row.node.get("agent")
		switch {
		case agent == nil:
			r.bad(row.node, at+".agent", "agent is missing", "give an agent")
			continue
		case !slices.Contains(agents, agent.text):
			near := r.nearest(agent.text, agents)
			r.badText(agent, at+".agent", &schedule.UnknownError{Noun: "agent", Word: agent.text, Nearest: near, Valid: agents})
			continue
		}
		a := schedule.Assignment{Slot: slot, Agent: schedule.AgentID(agent.text)}
		if line, twice := first[a]; twice && okSlot {
			r.bad(agent, at+".agent", fmt.Sprintf("%s is on %s twice, first on line %d", a.Agent, a.Slot, line), "")
			continue
		}
		first[a] = row.node.line
		a.Source = schedule.ByHand
		if s := row.node.get("source"); s != nil {
			source, err := schedule.ParseSource(s.text)
			if err != nil {
				r.badText(s, at+".source", err)
				continue
			}
			a.Source = source
		}
		if okSlot {
			out = append(out, a)
		}
	}
	if err := r.found.ordered().Err(); err != nil {
		return nil, err
	}
	return out, nil
}

var rosterColumns = []string{"slot", "shift", "date", "agent", "source"}

// takesPlace reports a slot of an unknown shift or of a date without it.
func (r *reader) takesPlace(n *node, at string, slot schedule.SlotID, shifts map[schedule.ShiftID]schedule.Shift, ids []string) bool {
	shift, day := n.get("shift"), n.get("date")
	if s := n.get("slot"); s != nil {
		shift, day = s, s
	}
	s, known := shifts[slot.Shift()]
	if !known {
		near := r.nearest(string(slot.Shift()), ids)
		r.badText(shift, at+".shift", &schedule.UnknownError{Noun: "shift", Word: string(slot.Shift()), Nearest: near, Valid: ids})
		return false
	}
	on, err := s.Dates(slot.Date(), slot.Date())
	if err == nil && len(on) == 0 {
		r.bad(day, at+".date", fmt.Sprintf("shift %s does not take place on %s, a %s", s.ID, slot.Date(), slot.Date().Weekday()), "")
		return false
	}
	return true
}

// WriteRosterCSV gives the table that [ReadRosterCSV] reads: the columns slot, agent and source, one row per
// assignment, in the order given. Stored names of assignments are not written.
func WriteRosterCSV(assignments []schedule.Assignment) []byte {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	_ = w.Write([]string{"slot", "agent", "source"}) // a buffer takes everything
	for _, a := range assignments {
		_ = w.Write([]string{string(a.Slot), string(a.Agent), string(a.Source)})
	}
	w.Flush()
	return out.Bytes()
}

func textOf(n *node) string {
	if n == nil {
		return ""
	}
	return n.text
}

// row is one row of a table as a mapping of columns to cells that are not empty.
type row struct {
	node *node
	// columns are all the columns of the table.
	columns []string
}

// table reads a table: the header against the valid columns, every row against the header.
func (r *reader) table(data []byte, noun string, most int, valid, need []string) []row {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if !checkText(data, func(line, column int, message, hint string) {
		r.report(line, column, strings.Replace(message, "team file", "table", 1), hint)
	}) {
		return nil
	}
	lines := strings.Split(string(data), "\n")
	in := csv.NewReader(bytes.NewReader(data))
	in.Comma = separator(lines)
	in.FieldsPerRecord = -1
	var columns []string
	var rows []row
	for {
		record, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			var bad *csv.ParseError
			line, column, message := 1, 1, err.Error()
			if errors.As(err, &bad) {
				line, column, message = bad.Line, bad.Column, bad.Err.Error()
			}
			r.report(line, inRunes(lines, line, column), "bad table: "+message, `a cell with quotes, separators or line ends is written "in quotes", and a quote in it twice`)
			if columns == nil || len(r.found) > maxProblems {
				return nil
			}
			continue
		}
		// To place a cell its line is counted from the start, so only cells that can be of use are placed.
		wide := len(record)
		if columns == nil && wide > 4*len(valid)+100 {
			r.report(1, 1, fmt.Sprintf("the first row has %d columns", wide), "the columns are "+strings.Join(valid, ", "))
			return nil
		} else if columns != nil {
			record = record[:min(wide, len(columns)+1)]
		}
		cells := make([]*node, len(record))
		for i, text := range record {
			line, column := in.FieldPos(i)
			cells[i] = &node{kind: scalarNode, line: line, column: inRunes(lines, line, column), plain: true, cell: true, text: strings.TrimSpace(text)}
			if skipped := utf8.RuneCountInString(text) - utf8.RuneCountInString(strings.TrimLeft(text, " ")); cells[i].text != "" {
				cells[i].column += skipped
			}
		}
		switch {
		case columns == nil:
			if columns = r.header(cells, valid, need); columns == nil {
				return nil
			}
		case slices.IndexFunc(cells, func(c *node) bool { return c.text != "" }) < 0:
			// A row of empty cells is what spreadsheets leave at the end.
		case len(rows) >= most:
			r.report(cells[0].line, 1, fmt.Sprintf("the table has more than %d rows", most), "")
			return rows
		case len(cells) > len(columns):
			extra := cells[len(columns)]
			r.report(extra.line, extra.column, fmt.Sprintf("the row has %d cells, and the table %d columns", wide, len(columns)),
				"put a cell that holds a separator in quotes")
		default:
			n := &node{kind: mapNode, line: cells[0].line, column: 1}
			for i, c := range cells {
				if c.text != "" && columns[i] != "" {
					n.pairs = append(n.pairs, pair{&node{kind: scalarNode, line: c.line, column: c.column, text: columns[i]}, c})
				}
			}
			rows = append(rows, row{n, columns})
		}
	}
	if columns == nil {
		r.report(1, 1, "the table is empty", "its first row names the columns: "+strings.Join(valid, ", "))
	} else if len(rows) == 0 && len(r.found) == 0 {
		r.report(1, 1, "the table has no "+noun, "write them below the row that names the columns")
	}
	return rows
}

// header gives the columns, empty for those that mean nothing; nil when it is not worth to read on.
func (r *reader) header(cells []*node, valid, need []string) []string {
	columns := make([]string, len(cells))
	hopeless := true
	for i, c := range cells {
		name := strings.ReplaceAll(strings.ToLower(c.text), " ", "_")
		if c.text == "" {
			continue
		}
		if !slices.Contains(valid, name) {
			c.text = name
			if name = r.unknownKey(c, "column", valid); name == "" {
				continue
			}
		}
		if slices.Contains(columns[:i], name) {
			r.report(c.line, c.column, fmt.Sprintf("column %q stands twice", name), "")
			continue
		}
		columns[i] = name
		hopeless = false
	}
	for _, n := range need {
		if !slices.Contains(columns, n) && !hopeless {
			r.report(1, 1, fmt.Sprintf("there is no column %q", n), "the columns are "+strings.Join(valid, ", "))
			return nil
		}
	}
	if hopeless {
		if len(r.found) == 0 {
			r.report(1, 1, "the first row names no columns", "the columns are "+strings.Join(valid, ", "))
		}
		return nil
	}
	return columns
}

// separator is the one of comma, semicolon and tab that the first row uses most, outside quotes.
func separator(lines []string) rune {
	counts := map[rune]int{}
	for _, line := range lines {
		if strings.TrimSpace(line) == "" {
			continue
		}
		quoted := false
		for _, c := range line {
			if c == '"' {
				quoted = !quoted
			} else if !quoted {
				counts[c]++
			}
		}
		break
	}
	best := ','
	for _, c := range []rune{';', '\t'} {
		if counts[c] > counts[best] {
			best = c
		}
	}
	return best
}

// inRunes is a column in characters for one in bytes.
func inRunes(lines []string, line, column int) int {
	if line < 1 || line > len(lines) {
		return max(column, 1)
	}
	text := lines[line-1]
	return utf8.RuneCountInString(text[:min(max(column-1, 0), len(text))]) + 1
}
