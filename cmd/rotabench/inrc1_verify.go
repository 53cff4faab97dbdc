package main

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
)

// Verify follows the rules stated at the top of inrc1.go.
func (x *inrc1) Verify(p plan) report {
	var r report
	for _, name := range []string{"assignments", "work days in a row", "free days in a row", "weekends in a row",
		"weekends in four weeks", "complete weekends", "identical shifts", "night before weekend", "skills", "patterns", "requests"} {
		r.charge(name, 0)
	}
	if !r.shaped(p, len(x.People), x.Days, len(x.Shifts), 1) {
		return r
	}
	for d, needs := range x.Cover {
		for s, need := range needs {
			n := 0
			for i := range p {
				if p[i][d].Shift == s {
					n++
				}
			}
			if n != need {
				r.violate("%s: %d on shift %s, want %d", x.date(d), n, x.Shifts[s].ID, need)
			}
		}
	}
	for i, who := range x.People {
		k := &x.Contracts[who.Contract]
		worked := make([]bool, x.Days)
		total := 0
		for d, c := range p[i] {
			if c.Shift == off {
				continue
			}
			worked[d] = true
			total++
			for _, s := range x.Shifts[c.Shift].Skills {
				if !slices.Contains(who.Skills, s) {
					r.charge("skills", k.Skill)
					break
				}
			}
		}
		r.charge("assignments", above(total, k.MaxTotal)+below(total, k.MinTotal))
		r.charge("work days in a row", runCost(worked, true, k.MinWork, k.MaxWork))
		r.charge("free days in a row", runCost(worked, false, k.MinOff, k.MaxOff))
		x.verifyWeekends(&r, k, p[i], worked)
		for _, j := range k.Patterns {
			for d := range p[i] {
				if x.matches(&x.Patterns[j], p[i], d) {
					r.charge("patterns", x.Patterns[j].Weight)
				}
			}
		}
	}
	for _, q := range x.Requests {
		s := p[q.Person][q.Day].Shift
		given := s == q.Shift || q.Shift == inrc1Any && s != off
		if given != q.On {
			r.charge("requests", q.Weight)
		}
	}
	return r
}

func above(n int, l inrc1Limit) int64 { return l.Weight * int64(max(0, n-l.Value)) }
func below(n int, l inrc1Limit) int64 { return l.Weight * int64(max(0, l.Value-n)) }

// runCost judges every unbroken run of the value, those at either end too.
func runCost(days []bool, value bool, least, most inrc1Limit) int64 {
	var cost int64
	n := 0
	for d := 0; d <= len(days); d++ {
		if d < len(days) && days[d] == value {
			n++
			continue
		}
		if n > 0 {
			cost += below(n, least) + above(n, most)
		}
		n = 0
	}
	return cost
}

func (x *inrc1) verifyWeekends(r *report, k *inrc1Contract, row []cell, worked []bool) {
	var busy []bool // by weekend
	for d := range row {
		if x.weekday(d) != k.WeekendStart {
			continue
		}
		days := row[d:min(d+k.WeekendDays, len(row))]
		any, all := false, true
		kinds := make(map[int]int)
		for _, c := range days {
			if c.Shift == off {
				all = false
			} else {
				any = true
				kinds[c.Shift]++
			}
		}
		busy = append(busy, any)
		if d > 0 && row[d-1].Shift != off && x.Shifts[row[d-1].Shift].Night && !any {
			r.charge("night before weekend", k.NoNight)
		}
		if len(days) < 2 {
			continue
		}
		for j := range days {
			if days[j].Shift == off {
				continue
			}
			if j > 0 && days[j-1].Shift == off {
				r.charge("complete weekends", k.Complete*int64(j))
			}
			if j+1 < len(days) && days[j+1].Shift == off {
				r.charge("complete weekends", k.Complete*int64(len(days)-1-j))
			}
		}
		if all {
			for _, n := range kinds {
				r.charge("identical shifts", k.Identical*int64(len(days)-n))
			}
		}
	}
	r.charge("weekends in a row", runCost(busy, true, k.MinWeekendRun, k.MaxWeekendRun))
	for from := 0; from == 0 || from+4 <= len(busy); from++ {
		n := 0
		for _, b := range busy[from:min(from+4, len(busy))] {
			if b {
				n++
			}
		}
		r.charge("weekends in four weeks", above(n, k.MaxWeekends))
	}
}

// matches reports whether a pattern occurs at a day.
func (x *inrc1) matches(q *inrc1Pattern, row []cell, day int) bool {
	if day+len(q.Entries) > len(row) || q.Weekday >= 0 && x.weekday(day) != q.Weekday {
		return false
	}
	for j, want := range q.Entries {
		have := row[day+j].Shift
		if want == inrc1Any && have == off || want != inrc1Any && have != want {
			return false
		}
	}
	return true
}

// Write stores the plan as DIR/<instance>.xml, in the competition's form.
func (x *inrc1) Write(dir string, p plan) ([]string, error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, err
	}
	data, err := x.format(p)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, x.name+".xml")
	return []string{path}, os.WriteFile(path, data, 0o666)
}

type inrc1Solution struct {
	XMLName     xml.Name          `xml:"Solution"`
	Period      string            `xml:"SchedulingPeriodID"`
	Competitor  string            `xml:"Competitor"`
	Penalty     string            `xml:"SoftConstraintsPenalty"`
	Assignments []inrc1Assignment `xml:"Assignment"`
}

type inrc1Assignment struct {
	Date      string `xml:"Date"`
	Employee  string `xml:"Employee"`
	ShiftType string `xml:"ShiftType"`
}

func (x *inrc1) format(p plan) ([]byte, error) {
	r := x.Verify(p)
	s := inrc1Solution{Period: x.ID, Competitor: "rota", Penalty: strconv.FormatInt(r.Cost, 10)}
	for d := range x.Days {
		for i := range p {
			if k := p[i][d].Shift; k != off {
				s.Assignments = append(s.Assignments, inrc1Assignment{Date: x.date(d), Employee: x.People[i].ID, ShiftType: x.Shifts[k].ID})
			}
		}
	}
	var b bytes.Buffer
	b.WriteString(xml.Header)
	enc := xml.NewEncoder(&b)
	enc.Indent("", "  ")
	if err := enc.Encode(s); err != nil {
		return nil, fmt.Errorf("writing a solution of %s: %w", x.name, err)
	}
	b.WriteByte('\n')
	return b.Bytes(), nil
}

// Read reads a solution file.
func (x *inrc1) Read(path string) (plan, error) {
	data, err := whole(path)
	if err != nil {
		return nil, err
	}
	return x.parseSolution(path, data)
}

func (x *inrc1) parseSolution(path string, data []byte) (plan, error) {
	r := &inrc1Reader{problems: &problems{file: path}, x: x}
	root := parseXML(r.problems, data, "Solution")
	if err := r.err(); err != nil {
		return nil, err
	}
	for _, q := range x.People {
		r.people.add(q.ID)
	}
	for _, s := range x.Shifts {
		r.shifts.add(s.ID)
	}
	if id := root.kid(r.problems, "SchedulingPeriodID"); id.Text != x.ID {
		r.addf(id.Line, "a solution of %s, want one of %s", quote(id.Text), quote(x.ID))
	}
	p := newPlan(len(x.People), x.Days)
	for _, k := range root.Kids {
		if k.Name != "Assignment" {
			continue
		}
		date := k.kid(r.problems, "Date")
		d, okDay := r.day(date)
		if !okDay {
			r.addf(date.Line, "%s is no day of the period", quote(date.Text))
		}
		i, okWho := r.find(k.kid(r.problems, "Employee"), &r.people)
		s, okShift := r.find(k.kid(r.problems, "ShiftType"), &r.shifts)
		switch {
		case !okDay || !okWho || !okShift:
		case p[i][d].Shift != off:
			r.addf(k.Line, "employee %s has a second assignment on %s", quote(x.People[i].ID), x.date(d))
		default:
			p[i][d].Shift = s
		}
	}
	if err := r.err(); err != nil {
		return nil, err
	}
	return p, nil
}
