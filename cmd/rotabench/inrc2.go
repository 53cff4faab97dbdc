package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// The text format of the second nurse rostering competition (Ceschia, Dang, De
// Causmaecker, Haspeslagh and Schaerf, Annals of Operations Research 274,
// 2019), in its static variant: a scenario, one history and one file of week
// data for each week, all known in advance.

// inrc2 is one instance: set, history and weeks by their file numbers.
type inrc2 struct {
	name      string
	Set       string
	History   int
	WeekFiles []int

	Skills    []string
	Shifts    []inrc2Shift
	Contracts []inrc2Contract
	Nurses    []inrc2Nurse
	Demand    []inrc2Demand // for every week, shift and skill that has a line
	Off       []inrc2Off
}

type inrc2Shift struct {
	Name      string
	Min, Max  int // in a row
	Forbidden []int
}

type inrc2Contract struct {
	Name               string
	MinTotal, MaxTotal int
	MinWork, MaxWork   int
	MinOff, MaxOff     int
	MaxWeekends        int
	Complete           bool
}

type inrc2Nurse struct {
	Name     string
	Contract int
	Skills   []int

	// What the history says at the end of the day before the first.
	Total, Weekends int
	Last            int // shift of that day, or off
	SameRun         int // days in a row of that shift
	WorkRun, OffRun int
}

// inrc2Demand is the cover of one shift and skill on the seven days of a week.
type inrc2Demand struct {
	Week, Shift, Skill int
	Min, Optimal       [7]int
}

// inrc2Off is an undesired assignment: a shift, or off for any.
type inrc2Off struct{ Nurse, Day, Shift int }

var inrc2Days = [7]string{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"}

var inrc2Name = regexp.MustCompile(`^([A-Za-z0-9]+)_([0-9]{1,4})_([0-9]{1,4}(?:-[0-9]{1,4})*)$`)

func (x *inrc2) days() int { return 7 * len(x.WeekFiles) }

// readINRC2 reads the instance of a name such as n030w4_1_6-2-9-1. The set's
// files stand in dir/<set> or in dir itself.
func readINRC2(dir, name string) (*inrc2, error) {
	m := inrc2Name.FindStringSubmatch(name)
	if m == nil {
		return nil, fmt.Errorf("%s is no instance name: want set_history_weeks, such as n030w4_1_6-2-9-1", quote(name))
	}
	x := &inrc2{name: name, Set: m[1]}
	x.History, _ = strconv.Atoi(m[2])
	for _, w := range strings.Split(m[3], "-") {
		n, _ := strconv.Atoi(w)
		x.WeekFiles = append(x.WeekFiles, n)
	}
	at := filepath.Join(dir, x.Set)
	if _, err := os.Stat(at); errors.Is(err, fs.ErrNotExist) {
		at = dir
	}
	load := func(file string) ([]byte, string, error) {
		path := filepath.Join(at, file)
		data, err := whole(path)
		return data, path, err
	}
	data, path, err := load("Sc-" + x.Set + ".txt")
	if err != nil {
		return nil, err
	}
	if err := x.parseScenario(path, data); err != nil {
		return nil, err
	}
	var errs []error
	data, path, err = load(fmt.Sprintf("H0-%s-%d.txt", x.Set, x.History))
	if err == nil {
		err = x.parseHistory(path, data)
	}
	errs = append(errs, err)
	for w, n := range x.WeekFiles {
		data, path, err = load(fmt.Sprintf("WD-%s-%d.txt", x.Set, n))
		if err == nil {
			err = x.parseWeek(path, data, w)
		}
		errs = append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return x, nil
}

// inrc2Text walks the lines of one file.
type inrc2Text struct {
	*problems
	lines []textLine
}

func newINRC2Text(path string, data []byte) *inrc2Text {
	return &inrc2Text{problems: &problems{file: path}, lines: textLines(data)}
}

// next takes the next line; at the end it adds a problem and returns false.
func (t *inrc2Text) next(want string) (textLine, bool) {
	if len(t.lines) == 0 {
		t.addf(0, "ends where %s should stand", want)
		return textLine{}, false
	}
	l := t.lines[0]
	t.lines = t.lines[1:]
	return l, true
}

// key takes a line KEY = value.
func (t *inrc2Text) key(key string) (string, int, bool) {
	l, ok := t.next(key)
	if !ok {
		return "", 0, false
	}
	k, v, found := strings.Cut(l.Text, "=")
	if !found || strings.TrimSpace(k) != key {
		t.addf(l.No, "%s, want %s = ...", quote(l.Text), key)
		return "", l.No, false
	}
	return strings.TrimSpace(v), l.No, true
}

// count takes a line KEY = n.
func (t *inrc2Text) count(key string, low, high int) (int, bool) {
	v, no, ok := t.key(key)
	if !ok {
		return 0, false
	}
	before := len(t.list) + t.more
	n := t.number(no, v, key, low, high)
	return n, len(t.list)+t.more == before
}

// word takes a line that is one word.
func (t *inrc2Text) word(want string) bool {
	l, ok := t.next(want)
	if ok && l.Text != want {
		t.addf(l.No, "%s, want %s", quote(l.Text), want)
		return false
	}
	return ok
}

// pair reads "(a,b)".
func (t *inrc2Text) pair(line int, text, what string, ordered bool) (int, int) {
	a, b, ok := strings.Cut(strings.TrimSuffix(strings.TrimPrefix(text, "("), ")"), ",")
	if !ok || !strings.HasPrefix(text, "(") || !strings.HasSuffix(text, ")") {
		t.addf(line, "%s is %s, want (least,most)", what, quote(text))
		return 0, 0
	}
	x, y := t.number(line, a, what, 0, maxAmount), t.number(line, b, what, 0, maxAmount)
	if ordered && x > y {
		t.addf(line, "%s is (%d,%d), the first above the second", what, x, y)
	}
	return x, y
}

// fields splits a line into exactly n words.
func (t *inrc2Text) fields(l textLine, n int, what string) ([]string, bool) {
	f := strings.Fields(l.Text)
	if len(f) != n {
		t.addf(l.No, "%d words, want %d: %s", len(f), n, what)
		return nil, false
	}
	return f, true
}

func (x *inrc2) parseScenario(path string, data []byte) error {
	t := newINRC2Text(path, data)
	x.scenario(t)
	for _, l := range t.lines {
		if len(t.list) == 0 {
			t.addf(l.No, "%s after the last nurse", quote(l.Text))
		}
	}
	return t.err()
}

func (x *inrc2) scenario(t *inrc2Text) {
	set, no, ok := t.key("SCENARIO")
	if !ok {
		return
	}
	x.checkSet(t, no, set)
	weeks, ok := t.count("WEEKS", 1, maxDays/7)
	if !ok {
		return
	}
	if weeks != len(x.WeekFiles) {
		t.addf(0, "the scenario has %d weeks, the instance's name %d", weeks, len(x.WeekFiles))
	}
	skills, shifts, contracts, nurses := &index{}, &index{}, &index{}, &index{}
	n, ok := t.count("SKILLS", 1, maxSkills)
	if !ok {
		return
	}
	for range n {
		l, ok := t.next("a skill")
		if !ok {
			return
		}
		if strings.ContainsAny(l.Text, " \t") || !skills.add(l.Text) {
			t.addf(l.No, "skill %s is there twice or is not one word", quote(l.Text))
		}
	}
	x.Skills = skills.names
	if n, ok = t.count("SHIFT_TYPES", 1, maxShifts); !ok {
		return
	}
	for range n {
		l, ok := t.next("a shift type")
		if !ok {
			return
		}
		f, ok := t.fields(l, 2, "shift (least,most)")
		if !ok {
			continue
		}
		if f[0] == "Any" || f[0] == "None" || !shifts.add(f[0]) {
			t.addf(l.No, "shift %s is there twice or has a name that means something else", quote(f[0]))
			continue
		}
		s := inrc2Shift{Name: f[0]}
		s.Min, s.Max = t.pair(l.No, f[1], "days in a row", true)
		x.Shifts = append(x.Shifts, s)
	}
	if !t.word("FORBIDDEN_SHIFT_TYPES_SUCCESSIONS") {
		return
	}
	for range n {
		l, ok := t.next("a line of forbidden successions")
		if !ok {
			return
		}
		x.succession(t, l, shifts)
	}
	if n, ok = t.count("CONTRACTS", 1, maxContracts); !ok {
		return
	}
	for range n {
		l, ok := t.next("a contract")
		if !ok {
			return
		}
		f, ok := t.fields(l, 6, "contract (total) (work days) (days off) weekends complete")
		if !ok {
			continue
		}
		if !contracts.add(f[0]) {
			t.addf(l.No, "contract %s is there twice", quote(f[0]))
			continue
		}
		k := inrc2Contract{Name: f[0]}
		k.MinTotal, k.MaxTotal = t.pair(l.No, f[1], "assignments", true)
		k.MinWork, k.MaxWork = t.pair(l.No, f[2], "work days in a row", true)
		k.MinOff, k.MaxOff = t.pair(l.No, f[3], "days off in a row", true)
		k.MaxWeekends = t.number(l.No, f[4], "weekends", 0, maxAmount)
		k.Complete = t.number(l.No, f[5], "complete weekends", 0, 1) == 1
		x.Contracts = append(x.Contracts, k)
	}
	if n, ok = t.count("NURSES", 1, maxPeople); !ok {
		return
	}
	for range n {
		l, ok := t.next("a nurse")
		if !ok {
			return
		}
		x.nurse(t, l, nurses, contracts, skills)
	}
	if x.days()*len(x.Nurses) > maxCells {
		t.addf(0, "%d days of %d nurses are too many", x.days(), len(x.Nurses))
	}
}

// checkSet wants a file to be one of the set. Some published files add a
// variant to the name inside, as n021w4_2 in the files of n021w4.
func (x *inrc2) checkSet(t *inrc2Text, line int, name string) {
	if name != x.Set && !strings.HasPrefix(name, x.Set+"_") {
		t.addf(line, "a file of the set %s, want %s", quote(name), x.Set)
	}
}

func (x *inrc2) succession(t *inrc2Text, l textLine, shifts *index) {
	f := strings.Fields(l.Text)
	s, ok := shifts.get(f[0])
	if !ok || len(f) < 2 {
		t.addf(l.No, "%s, want shift, number and the shifts that may not follow", quote(l.Text))
		return
	}
	if n := t.number(l.No, f[1], "the number of shifts", 0, maxShifts); n != len(f)-2 {
		t.addf(l.No, "%d shifts named, the line says %d", len(f)-2, n)
	}
	if x.Shifts[s].Forbidden != nil {
		t.addf(l.No, "shift %s has its line already", quote(f[0]))
		return
	}
	x.Shifts[s].Forbidden = []int{}
	for _, name := range f[2:] {
		if k, ok := shifts.get(name); ok {
			x.Shifts[s].Forbidden = append(x.Shifts[s].Forbidden, k)
		} else {
			t.addf(l.No, "no such shift: %s", quote(name))
		}
	}
}

func (x *inrc2) nurse(t *inrc2Text, l textLine, nurses, contracts, skills *index) {
	f := strings.Fields(l.Text)
	if len(f) < 3 {
		t.addf(l.No, "%s, want nurse, contract, number and skills", quote(l.Text))
		return
	}
	if !nurses.add(f[0]) {
		t.addf(l.No, "nurse %s is there twice", quote(f[0]))
		return
	}
	n := inrc2Nurse{Name: f[0], Last: off}
	var ok bool
	if n.Contract, ok = contracts.get(f[1]); !ok {
		t.addf(l.No, "no such contract: %s", quote(f[1]))
	}
	if want := t.number(l.No, f[2], "the number of skills", 0, maxSkills); want != len(f)-3 {
		t.addf(l.No, "%d skills named, the line says %d", len(f)-3, want)
	}
	seen := make(map[int]bool)
	for _, name := range f[3:] {
		k, ok := skills.get(name)
		if !ok || seen[k] {
			t.addf(l.No, "no such skill, or twice: %s", quote(name))
			continue
		}
		seen[k] = true
		n.Skills = append(n.Skills, k)
	}
	x.Nurses = append(x.Nurses, n)
}

func (x *inrc2) parseHistory(path string, data []byte) error {
	t := newINRC2Text(path, data)
	x.history(t)
	return t.err()
}

func (x *inrc2) history(t *inrc2Text) {
	if !t.word("HISTORY") {
		return
	}
	l, ok := t.next("week and set")
	if !ok {
		return
	}
	if f, ok := t.fields(l, 2, "week set"); ok {
		if f[0] != "0" {
			t.addf(l.No, "%s, want the history of week 0", quote(l.Text))
		}
		x.checkSet(t, l.No, f[1])
	}
	if !t.word("NURSE_HISTORY") {
		return
	}
	byName := make(map[string]int, len(x.Nurses))
	for i, n := range x.Nurses {
		byName[n.Name] = i
	}
	seen := make(map[string]bool)
	for _, l := range t.lines {
		f, ok := t.fields(l, 7, "nurse, assignments, weekends, last shift, its run, work run, run of days off")
		if !ok {
			continue
		}
		i, ok := byName[f[0]]
		if !ok || seen[f[0]] {
			t.addf(l.No, "no such nurse, or twice: %s", quote(f[0]))
			continue
		}
		seen[f[0]] = true
		n := &x.Nurses[i]
		n.Total = t.number(l.No, f[1], "the assignments", 0, maxAmount)
		n.Weekends = t.number(l.No, f[2], "the weekends", 0, maxAmount)
		n.SameRun = t.number(l.No, f[4], "the run of the last shift", 0, maxAmount)
		n.WorkRun = t.number(l.No, f[5], "the run of work days", 0, maxAmount)
		n.OffRun = t.number(l.No, f[6], "the run of days off", 0, maxAmount)
		n.Last = off
		if f[3] != "None" {
			for k := range x.Shifts {
				if x.Shifts[k].Name == f[3] {
					n.Last = k
				}
			}
			if n.Last == off {
				t.addf(l.No, "no such shift: %s", quote(f[3]))
				continue
			}
		}
		worked := n.Last != off
		if worked != (n.SameRun > 0) || worked != (n.WorkRun > 0) || worked && n.OffRun > 0 || n.SameRun > n.WorkRun {
			t.addf(l.No, "the last shift %s does not fit runs of %d, %d and %d days", f[3], n.SameRun, n.WorkRun, n.OffRun)
		}
	}
	for _, n := range x.Nurses {
		if !seen[n.Name] {
			t.addf(0, "nurse %s has no history", quote(n.Name))
		}
	}
}

func (x *inrc2) parseWeek(path string, data []byte, week int) error {
	t := newINRC2Text(path, data)
	x.week(t, week)
	return t.err()
}

func (x *inrc2) week(t *inrc2Text, week int) {
	if !t.word("WEEK_DATA") {
		return
	}
	if l, ok := t.next("the set"); ok {
		x.checkSet(t, l.No, l.Text)
	}
	if !t.word("REQUIREMENTS") {
		return
	}
	shifts, skills, nurses := make(map[string]int), make(map[string]int), make(map[string]int)
	for k, s := range x.Shifts {
		shifts[s.Name] = k
	}
	for k, s := range x.Skills {
		skills[s] = k
	}
	for i, n := range x.Nurses {
		nurses[n.Name] = i
	}
	seen := make(map[[2]int]bool)
	for len(t.lines) > 0 && !strings.HasPrefix(t.lines[0].Text, "SHIFT_OFF_REQUESTS") {
		l, _ := t.next("a requirement")
		f, ok := t.fields(l, 9, "shift, skill and a pair for each day")
		if !ok {
			continue
		}
		d := inrc2Demand{Week: week}
		var okShift, okSkill bool
		d.Shift, okShift = shifts[f[0]]
		d.Skill, okSkill = skills[f[1]]
		if !okShift || !okSkill {
			t.addf(l.No, "no such shift or skill: %s %s", quote(f[0]), quote(f[1]))
			continue
		}
		if seen[[2]int{d.Shift, d.Skill}] {
			t.addf(l.No, "%s %s has its line already", f[0], f[1])
		}
		seen[[2]int{d.Shift, d.Skill}] = true
		for j := range 7 {
			d.Min[j], d.Optimal[j] = t.pair(l.No, f[2+j], "cover on "+inrc2Days[j], false)
		}
		x.Demand = append(x.Demand, d)
	}
	n, ok := t.count("SHIFT_OFF_REQUESTS", 0, maxAmount)
	if !ok {
		return
	}
	if n != len(t.lines) {
		t.addf(0, "%d requests, the file says %d", len(t.lines), n)
	}
	for _, l := range t.lines {
		f, ok := t.fields(l, 3, "nurse, shift or Any, day")
		if !ok {
			continue
		}
		o := inrc2Off{Shift: off, Day: -1}
		if o.Nurse, ok = nurses[f[0]]; !ok {
			t.addf(l.No, "no such nurse: %s", quote(f[0]))
		}
		if f[1] != "Any" {
			k, known := shifts[f[1]]
			if !known {
				t.addf(l.No, "no such shift: %s", quote(f[1]))
			}
			o.Shift, ok = k, ok && known
		}
		for j, name := range inrc2Days {
			if f[2] == name {
				o.Day = 7*week + j
			}
		}
		if o.Day < 0 {
			t.addf(l.No, "no such day: %s", quote(f[2]))
			continue
		}
		if ok {
			x.Off = append(x.Off, o)
		}
	}
}

func (x *inrc2) Name() string { return x.name }
