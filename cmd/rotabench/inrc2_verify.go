package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Weights of the second competition, per unit.
const (
	inrc2CoverWeight    = 30
	inrc2ShiftRunWeight = 15
	inrc2WorkRunWeight  = 30
	inrc2OffRunWeight   = 30
	inrc2WishWeight     = 10
	inrc2CompleteWeight = 30
	inrc2TotalWeight    = 20
	inrc2WeekendWeight  = 30
)

// Verify follows the competition's rules with all weeks as one horizon. Runs
// count on from the history: its days count in a run's length, each further
// day over the maximum costs once, and a run of the history that ends before
// the first day is judged for its minimum. A run that holds the last day is
// not judged for its minimum.
func (x *inrc2) Verify(p plan) report {
	var r report
	for _, name := range []string{"assignments", "runs of shifts and work", "days off", "preferences", "weekends", "complete", "cover"} {
		r.charge(name, 0)
	}
	if !r.shaped(p, len(x.Nurses), x.days(), len(x.Shifts), len(x.Skills)) {
		return r
	}
	for i := range x.Nurses {
		x.verifyNurse(&r, &x.Nurses[i], p[i])
	}
	for _, o := range x.Off {
		s := p[o.Nurse][o.Day].Shift
		if s != off && (o.Shift == off || o.Shift == s) {
			r.charge("preferences", inrc2WishWeight)
		}
	}
	for _, q := range x.Demand {
		for j := range 7 {
			n, day := 0, 7*q.Week+j
			for i := range p {
				if p[i][day] == (cell{q.Shift, q.Skill}) {
					n++
				}
			}
			if n < q.Min[j] {
				r.violate("week %d %s: %d on %s as %s, at least %d", q.Week, inrc2Days[j], n,
					x.Shifts[q.Shift].Name, x.Skills[q.Skill], q.Min[j])
			}
			r.charge("cover", inrc2CoverWeight*int64(max(0, q.Optimal[j]-n)))
		}
	}
	return r
}

func (x *inrc2) verifyNurse(r *report, n *inrc2Nurse, row []cell) {
	k := &x.Contracts[n.Contract]
	last := n.Last
	total, weekends := n.Total, n.Weekends
	for d, c := range row {
		if c.Shift != off {
			total++
			if !slices.Contains(n.Skills, c.Skill) {
				r.violate("%s works as %s on day %d without the skill", n.Name, x.Skills[c.Skill], d)
			}
			if last != off && slices.Contains(x.Shifts[last].Forbidden, c.Shift) {
				r.violate("%s: %s on day %d may not follow %s", n.Name, x.Shifts[c.Shift].Name, d, x.Shifts[last].Name)
			}
		}
		last = c.Shift
		if d%7 == 6 {
			sat, sun := row[d-1].Shift != off, row[d].Shift != off
			if sat || sun {
				weekends++
			}
			if k.Complete && sat != sun {
				r.charge("complete", inrc2CompleteWeight)
			}
		}
	}
	r.charge("assignments", inrc2TotalWeight*int64(max(0, k.MinTotal-total, total-k.MaxTotal)))
	r.charge("weekends", inrc2WeekendWeight*int64(max(0, weekends-k.MaxWeekends)))

	run := func(in func(cell) bool, before, low, high int) int64 {
		length, units := before, 0
		for _, c := range row {
			switch {
			case in(c):
				if length++; length > high {
					units++
				}
			default:
				if length > 0 && length < low {
					units += low - length
				}
				length = 0
			}
		}
		return int64(units)
	}
	for s := range x.Shifts {
		before := 0
		if n.Last == s {
			before = n.SameRun
		}
		units := run(func(c cell) bool { return c.Shift == s }, before, x.Shifts[s].Min, x.Shifts[s].Max)
		r.charge("runs of shifts and work", inrc2ShiftRunWeight*units)
	}
	r.charge("runs of shifts and work",
		inrc2WorkRunWeight*run(func(c cell) bool { return c.Shift != off }, n.WorkRun, k.MinWork, k.MaxWork))
	r.charge("days off",
		inrc2OffRunWeight*run(func(c cell) bool { return c.Shift == off }, n.OffRun, k.MinOff, k.MaxOff))
}

// solutionFile is the name of the file of the week at a position.
func (x *inrc2) solutionFile(position int) string {
	return fmt.Sprintf("Sol-%s-%d-%d.txt", x.Set, x.WeekFiles[position], position)
}

// Write stores the plan as DIR/<name>/Sol-<set>-<week>-<position>.txt, one file
// for each week.
func (x *inrc2) Write(dir string, p plan) ([]string, error) {
	at := filepath.Join(dir, x.name)
	if err := os.MkdirAll(at, 0o777); err != nil {
		return nil, err
	}
	var paths []string
	for w := range x.WeekFiles {
		path := filepath.Join(at, x.solutionFile(w))
		if err := os.WriteFile(path, x.format(p, w), 0o666); err != nil {
			return paths, err
		}
		paths = append(paths, path)
	}
	return paths, nil
}

func (x *inrc2) format(p plan, week int) []byte {
	var b strings.Builder
	n := 0
	for i, nurse := range x.Nurses {
		for j, c := range p[i][7*week : 7*week+7] {
			if c.Shift != off {
				n++
				fmt.Fprintf(&b, "%s %s %s %s\n", nurse.Name, inrc2Days[j], x.Shifts[c.Shift].Name, x.Skills[c.Skill])
			}
		}
	}
	return []byte(fmt.Sprintf("SOLUTION\n%d %s\n\nASSIGNMENTS = %d\n", x.WeekFiles[week], x.Set, n) + b.String())
}

// Read reads the files of all weeks from a directory, that of Write or the one
// above it.
func (x *inrc2) Read(path string) (plan, error) {
	if _, err := os.Stat(filepath.Join(path, x.name)); err == nil {
		path = filepath.Join(path, x.name)
	}
	p := newPlan(len(x.Nurses), x.days())
	for w := range x.WeekFiles {
		file := filepath.Join(path, x.solutionFile(w))
		data, err := whole(file)
		if err != nil {
			return nil, err
		}
		if err := x.parseSolution(file, data, w, p); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// parseSolution reads one week's file into p.
func (x *inrc2) parseSolution(path string, data []byte, week int, p plan) error {
	t := newINRC2Text(path, data)
	if !t.word("SOLUTION") {
		return t.err()
	}
	if l, ok := t.next("week and set"); ok {
		f := strings.Fields(l.Text)
		// Some tools write the week's file number here, some its position.
		if len(f) != 2 || f[1] != x.Set || f[0] != strconv.Itoa(x.WeekFiles[week]) && f[0] != strconv.Itoa(week) {
			t.addf(l.No, "%s, want %d %s", quote(l.Text), x.WeekFiles[week], x.Set)
		}
	}
	n, ok := t.count("ASSIGNMENTS", 0, maxAmount)
	if !ok {
		return t.err()
	}
	if n != len(t.lines) {
		t.addf(0, "%d assignments, the file says %d", len(t.lines), n)
	}
	nurses := make(map[string]int, len(x.Nurses))
	for i := range x.Nurses {
		nurses[x.Nurses[i].Name] = i
	}
	for _, l := range t.lines {
		f, ok := t.fields(l, 4, "nurse, day, shift, skill")
		if !ok {
			continue
		}
		i, known := nurses[f[0]]
		day := slices.Index(inrc2Days[:], f[1])
		shift := slices.IndexFunc(x.Shifts, func(s inrc2Shift) bool { return s.Name == f[2] })
		skill := slices.Index(x.Skills, f[3])
		switch {
		case !known:
			t.addf(l.No, "no such nurse: %s", quote(f[0]))
		case day < 0:
			t.addf(l.No, "no such day: %s", quote(f[1]))
		case shift < 0:
			t.addf(l.No, "no such shift: %s", quote(f[2]))
		case skill < 0:
			t.addf(l.No, "no such skill: %s", quote(f[3]))
		case p[i][7*week+day].Shift != off:
			t.addf(l.No, "%s has a second assignment on %s", quote(f[0]), f[1])
		default:
			p[i][7*week+day] = cell{shift, skill}
		}
	}
	return t.err()
}
