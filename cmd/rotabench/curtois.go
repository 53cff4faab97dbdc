package main

import (
	"os"
	"path/filepath"
	"strings"
)

// The Curtois-Qu text format, as its files explain in their comments: sections
// of comma separated lines, day 0 a Monday.

// curtois is one instance of the format.
type curtois struct {
	name   string
	Days   int
	Shifts []curtoisShift
	Staff  []curtoisStaff
	On     []curtoisRequest
	Off    []curtoisRequest
	Cover  []curtoisCover
}

type curtoisShift struct {
	ID       string
	Minutes  int
	NotAfter []int // shifts that may not follow on the next day
}

type curtoisStaff struct {
	ID                     string
	MaxShifts              []int // by shift; maxAmount where the file sets none
	MaxMinutes, MinMinutes int
	MaxConsecutive         int
	MinConsecutive         int
	MinConsecutiveOff      int
	MaxWeekends            int
	DaysOff                []int
}

type curtoisRequest struct {
	Staff, Day, Shift int
	Weight            int64
}

type curtoisCover struct {
	Day, Shift, Need int
	Under, Over      int64 // per person short of or beyond Need
}

var curtoisSections = []string{"SECTION_HORIZON", "SECTION_SHIFTS", "SECTION_STAFF", "SECTION_DAYS_OFF",
	"SECTION_SHIFT_ON_REQUESTS", "SECTION_SHIFT_OFF_REQUESTS", "SECTION_COVER"}

// readCurtois reads an instance file and reports all of its problems at once.
func readCurtois(path string) (*curtois, error) {
	data, err := whole(path)
	if err != nil {
		return nil, err
	}
	return parseCurtois(path, data)
}

func parseCurtois(path string, data []byte) (*curtois, error) {
	ps := &problems{file: path}
	sections := splitCurtois(ps, data)
	if err := ps.err(); err != nil {
		return nil, err
	}
	c := &curtois{name: baseName(path)}
	if lines := sections["SECTION_HORIZON"]; len(lines) == 0 {
		ps.addf(0, "SECTION_HORIZON has no length")
	} else {
		c.Days = ps.number(lines[0].No, lines[0].Text, "the horizon", 1, maxDays)
		for _, l := range lines[1:] {
			ps.addf(l.No, "SECTION_HORIZON has one number, this is a second line")
		}
	}
	shifts := c.readShifts(ps, sections["SECTION_SHIFTS"])
	staff := c.readStaff(ps, sections["SECTION_STAFF"], shifts)
	if c.Days*len(c.Staff) > maxCells {
		ps.addf(0, "%d days of %d people are too many", c.Days, len(c.Staff))
	}
	if err := ps.err(); err != nil {
		return nil, err // the rest refers to these by name and day
	}
	for _, l := range sections["SECTION_DAYS_OFF"] {
		f := strings.Split(l.Text, ",")
		i, ok := staff.get(strings.TrimSpace(f[0]))
		if !ok {
			ps.addf(l.No, "no such employee: %s", quote(f[0]))
			continue
		}
		for _, d := range f[1:] {
			c.Staff[i].DaysOff = append(c.Staff[i].DaysOff, ps.number(l.No, d, "the day", 0, c.Days-1))
		}
	}
	c.On = c.readRequests(ps, sections["SECTION_SHIFT_ON_REQUESTS"], staff, shifts)
	c.Off = c.readRequests(ps, sections["SECTION_SHIFT_OFF_REQUESTS"], staff, shifts)
	seen := make(map[[2]int]bool)
	for _, l := range sections["SECTION_COVER"] {
		f, ok := curtoisFields(ps, l, 5)
		if !ok {
			continue
		}
		k := curtoisCover{
			Day:   ps.number(l.No, f[0], "the day", 0, c.Days-1),
			Need:  ps.number(l.No, f[2], "the requirement", 0, maxAmount),
			Under: int64(ps.number(l.No, f[3], "the weight for under", 0, maxWeight)),
			Over:  int64(ps.number(l.No, f[4], "the weight for over", 0, maxWeight)),
		}
		if k.Shift, ok = shifts.get(f[1]); !ok {
			ps.addf(l.No, "no such shift: %s", quote(f[1]))
			continue
		}
		if seen[[2]int{k.Day, k.Shift}] {
			ps.addf(l.No, "day %d, shift %s has its cover already", k.Day, quote(f[1]))
		}
		seen[[2]int{k.Day, k.Shift}] = true
		c.Cover = append(c.Cover, k)
	}
	if err := ps.err(); err != nil {
		return nil, err
	}
	return c, nil
}

// splitCurtois sorts a file's lines by section, comments left out.
func splitCurtois(ps *problems, data []byte) map[string][]textLine {
	sections := make(map[string][]textLine)
	known := make(map[string]bool)
	for _, s := range curtoisSections {
		known[s] = true
	}
	current := ""
	for _, l := range textLines(data) {
		switch {
		case strings.HasPrefix(l.Text, "#"):
		case strings.HasPrefix(l.Text, "SECTION_"):
			if !known[l.Text] {
				ps.addf(l.No, "no such section: %s", quote(l.Text))
			} else if _, twice := sections[l.Text]; twice {
				ps.addf(l.No, "%s is there twice", l.Text)
			}
			current = l.Text
			if sections[current] == nil {
				sections[current] = []textLine{}
			}
		case current == "":
			ps.addf(l.No, "%s stands before any section", quote(l.Text))
		default:
			sections[current] = append(sections[current], l)
		}
	}
	for _, s := range curtoisSections {
		if _, ok := sections[s]; !ok && s != "SECTION_DAYS_OFF" && s != "SECTION_SHIFT_ON_REQUESTS" && s != "SECTION_SHIFT_OFF_REQUESTS" {
			ps.addf(0, "%s is missing", s)
		}
	}
	return sections
}

// curtoisFields splits a line at its commas into trimmed fields of the given
// number.
func curtoisFields(ps *problems, l textLine, n int) ([]string, bool) {
	f := strings.Split(l.Text, ",")
	if len(f) != n {
		ps.addf(l.No, "%d fields, want %d", len(f), n)
		return nil, false
	}
	for i := range f {
		f[i] = strings.TrimSpace(f[i])
	}
	return f, true
}

func (c *curtois) readShifts(ps *problems, lines []textLine) *index {
	shifts := &index{}
	type ban struct {
		line, shift int
		text        string
	}
	var bans []ban
	for _, l := range lines {
		f, ok := curtoisFields(ps, l, 3)
		if !ok {
			continue
		}
		switch {
		case f[0] == "" || f[0] == "-" || strings.ContainsAny(f[0], "\t|="):
			ps.addf(l.No, "%s cannot be a shift's id", quote(f[0]))
			continue
		case !shifts.add(f[0]):
			ps.addf(l.No, "shift %s is there twice", quote(f[0]))
			continue
		}
		if f[2] != "" {
			bans = append(bans, ban{l.No, len(c.Shifts), f[2]})
		}
		c.Shifts = append(c.Shifts, curtoisShift{ID: f[0], Minutes: ps.number(l.No, f[1], "the length in minutes", 0, 7*24*60)})
	}
	if len(c.Shifts) == 0 || len(c.Shifts) > maxShifts {
		ps.addf(0, "%d shifts, want 1 to %d", len(c.Shifts), maxShifts)
	}
	for _, b := range bans {
		for _, id := range strings.Split(b.text, "|") {
			if s, ok := shifts.get(strings.TrimSpace(id)); ok {
				c.Shifts[b.shift].NotAfter = append(c.Shifts[b.shift].NotAfter, s)
			} else {
				ps.addf(b.line, "no such shift: %s", quote(id))
			}
		}
	}
	return shifts
}

func (c *curtois) readStaff(ps *problems, lines []textLine, shifts *index) *index {
	staff := &index{}
	if len(lines) == 0 || len(lines) > maxPeople {
		ps.addf(0, "%d lines of staff, want 1 to %d", len(lines), maxPeople)
		return staff
	}
	for _, l := range lines {
		f, ok := curtoisFields(ps, l, 8)
		if !ok {
			continue
		}
		switch {
		case f[0] == "" || strings.Contains(f[0], "\t"):
			ps.addf(l.No, "%s cannot be an employee's id", quote(f[0]))
			continue
		case !staff.add(f[0]):
			ps.addf(l.No, "employee %s is there twice", quote(f[0]))
			continue
		}
		s := curtoisStaff{
			ID:                f[0],
			MaxShifts:         make([]int, len(c.Shifts)),
			MaxMinutes:        ps.number(l.No, f[2], "MaxTotalMinutes", 0, maxAmount),
			MinMinutes:        ps.number(l.No, f[3], "MinTotalMinutes", 0, maxAmount),
			MaxConsecutive:    ps.number(l.No, f[4], "MaxConsecutiveShifts", 0, maxAmount),
			MinConsecutive:    ps.number(l.No, f[5], "MinConsecutiveShifts", 0, maxAmount),
			MinConsecutiveOff: ps.number(l.No, f[6], "MinConsecutiveDaysOff", 0, maxAmount),
			MaxWeekends:       ps.number(l.No, f[7], "MaxWeekends", 0, maxAmount),
		}
		for i := range s.MaxShifts {
			s.MaxShifts[i] = maxAmount
		}
		if f[1] != "" {
			for _, item := range strings.Split(f[1], "|") {
				id, n, _ := strings.Cut(item, "=")
				if k, ok := shifts.get(strings.TrimSpace(id)); ok {
					s.MaxShifts[k] = ps.number(l.No, n, "MaxShifts of "+quote(id), 0, maxAmount)
				} else {
					ps.addf(l.No, "no such shift: %s", quote(id))
				}
			}
		}
		c.Staff = append(c.Staff, s)
	}
	return staff
}

func (c *curtois) readRequests(ps *problems, lines []textLine, staff, shifts *index) []curtoisRequest {
	var out []curtoisRequest
	for _, l := range lines {
		f, ok := curtoisFields(ps, l, 4)
		if !ok {
			continue
		}
		r := curtoisRequest{
			Day:    ps.number(l.No, f[1], "the day", 0, c.Days-1),
			Weight: int64(ps.number(l.No, f[3], "the weight", 0, maxWeight)),
		}
		var known bool
		if r.Staff, known = staff.get(f[0]); !known {
			ps.addf(l.No, "no such employee: %s", quote(f[0]))
		}
		if r.Shift, ok = shifts.get(f[2]); !ok {
			ps.addf(l.No, "no such shift: %s", quote(f[2]))
		}
		if known && ok {
			out = append(out, r)
		}
	}
	return out
}

func (c *curtois) Name() string { return c.name }

// Verify follows the definition published with the instances: runs that touch
// the first or the last day are not judged for their minimum, since they may
// have begun before or go on after.
func (c *curtois) Verify(p plan) report {
	var r report
	for _, name := range []string{"requests on", "requests off", "under", "over"} {
		r.charge(name, 0)
	}
	if !r.shaped(p, len(c.Staff), c.Days, len(c.Shifts), 1) {
		return r
	}
	for i, s := range c.Staff {
		c.verifyStaff(&r, s, p[i])
	}
	for _, q := range c.On {
		if p[q.Staff][q.Day].Shift != q.Shift {
			r.charge("requests on", q.Weight)
		}
	}
	for _, q := range c.Off {
		if p[q.Staff][q.Day].Shift == q.Shift {
			r.charge("requests off", q.Weight)
		}
	}
	for _, k := range c.Cover {
		n := 0
		for i := range p {
			if p[i][k.Day].Shift == k.Shift {
				n++
			}
		}
		if n < k.Need {
			r.charge("under", int64(k.Need-n)*k.Under)
		} else {
			r.charge("over", int64(n-k.Need)*k.Over)
		}
	}
	return r
}

func (c *curtois) verifyStaff(r *report, s curtoisStaff, row []cell) {
	minutes := 0
	count := make([]int, len(c.Shifts))
	weekends := make(map[int]bool)
	for d, k := range row {
		if k.Shift == off {
			continue
		}
		minutes += c.Shifts[k.Shift].Minutes
		count[k.Shift]++
		if d%7 >= 5 {
			weekends[d/7] = true
		}
		if d > 0 && row[d-1].Shift != off {
			for _, n := range c.Shifts[row[d-1].Shift].NotAfter {
				if n == k.Shift {
					r.violate("%s: shift %s on day %d may not follow %s", s.ID, c.Shifts[n].ID, d, c.Shifts[row[d-1].Shift].ID)
				}
			}
		}
	}
	if minutes < s.MinMinutes || minutes > s.MaxMinutes {
		r.violate("%s: works %d minutes, want %d to %d", s.ID, minutes, s.MinMinutes, s.MaxMinutes)
	}
	for k, n := range count {
		if n > s.MaxShifts[k] {
			r.violate("%s: works shift %s %d times, at most %d", s.ID, c.Shifts[k].ID, n, s.MaxShifts[k])
		}
	}
	if len(weekends) > s.MaxWeekends {
		r.violate("%s: works on %d weekends, at most %d", s.ID, len(weekends), s.MaxWeekends)
	}
	for _, d := range s.DaysOff {
		if row[d].Shift != off {
			r.violate("%s: day %d is a fixed day off", s.ID, d)
		}
	}
	for from := 0; from < len(row); {
		to := from + 1
		for to < len(row) && (row[to].Shift == off) == (row[from].Shift == off) {
			to++
		}
		n, inside := to-from, from > 0 && to < len(row)
		switch working := row[from].Shift != off; {
		case working && n > s.MaxConsecutive:
			r.violate("%s: works %d days in a row from day %d, at most %d", s.ID, n, from, s.MaxConsecutive)
		case working && inside && n < s.MinConsecutive:
			r.violate("%s: works only %d days in a row from day %d, at least %d", s.ID, n, from, s.MinConsecutive)
		case !working && inside && n < s.MinConsecutiveOff:
			r.violate("%s: only %d days off in a row from day %d, at least %d", s.ID, n, from, s.MinConsecutiveOff)
		}
		from = to
	}
}

// Write stores the plan as DIR/<instance>.sol.
func (c *curtois) Write(dir string, p plan) ([]string, error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, err
	}
	path := filepath.Join(dir, c.name+".sol")
	return []string{path}, os.WriteFile(path, c.format(p), 0o666)
}

func (c *curtois) format(p plan) []byte {
	var b strings.Builder
	for i, s := range c.Staff {
		b.WriteString(s.ID)
		for _, k := range p[i] {
			b.WriteByte('\t')
			if k.Shift == off {
				b.WriteByte('-')
			} else {
				b.WriteString(c.Shifts[k.Shift].ID)
			}
		}
		b.WriteByte('\n')
	}
	return []byte(b.String())
}

// Read reads a solution file.
func (c *curtois) Read(path string) (plan, error) {
	data, err := whole(path)
	if err != nil {
		return nil, err
	}
	return c.parseSolution(path, data)
}

func (c *curtois) parseSolution(path string, data []byte) (plan, error) {
	ps := &problems{file: path}
	shifts := make(map[string]int)
	for k, s := range c.Shifts {
		shifts[s.ID] = k
	}
	p := newPlan(len(c.Staff), c.Days)
	lines := textLines(data)
	if len(lines) != len(c.Staff) {
		ps.addf(0, "%d lines, want one for each of %d employees", len(lines), len(c.Staff))
	}
	for i, l := range lines {
		if i >= len(c.Staff) {
			break
		}
		f := strings.Split(l.Text, "\t")
		if f[0] != c.Staff[i].ID {
			ps.addf(l.No, "employee %s, want %s here", quote(f[0]), quote(c.Staff[i].ID))
		}
		if len(f)-1 != c.Days {
			ps.addf(l.No, "%d days, want %d", len(f)-1, c.Days)
			continue
		}
		for d, id := range f[1:] {
			if id = strings.TrimSpace(id); id == "-" || id == "" {
				continue
			}
			k, ok := shifts[id]
			if !ok {
				ps.addf(l.No, "no such shift on day %d: %s", d, quote(id))
				continue
			}
			p[i][d].Shift = k
		}
	}
	if err := ps.err(); err != nil {
		return nil, err
	}
	return p, nil
}
