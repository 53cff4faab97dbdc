package main

import (
	"errors"
	"strings"
	"testing"
)

// edited applies pairs of old and new text, each of which must occur.
func edited(t *testing.T, text string, edits ...string) string {
	t.Helper()
	for i := 0; i+1 < len(edits); i += 2 {
		if !strings.Contains(text, edits[i]) {
			t.Fatalf("nothing to replace: %q", edits[i])
		}
		text = strings.ReplaceAll(text, edits[i], edits[i+1])
	}
	return text
}

// rosterOf writes a plan with a letter a day, "-" for a day off; rows shorter
// than the horizon go on with days off.
func rosterOf(t *testing.T, days int, letters string, rows ...string) plan {
	t.Helper()
	p := newPlan(len(rows), days)
	for i, row := range rows {
		for d, c := range row {
			if c == '-' {
				continue
			}
			k := strings.IndexRune(letters, c)
			if k < 0 || d >= days {
				t.Fatalf("row %q: letter %d", row, d)
			}
			p[i][d].Shift = k
		}
	}
	return p
}

// problemLines are the lines an error names, and its text.
func problemLines(t *testing.T, err error) ([]int, string) {
	t.Helper()
	var ps *problems
	if !errors.As(err, &ps) {
		t.Fatalf("error %v, want problems with places", err)
	}
	var lines []int
	for _, p := range ps.list {
		lines = append(lines, p.Line)
	}
	return lines, err.Error()
}

const curtoisText = `# one agent, two shifts
SECTION_HORIZON
14

SECTION_SHIFTS
# ShiftID, Length in mins, Shifts which cannot follow this shift
D,480,
N,600,D

SECTION_STAFF
A,D=14|N=14,10000,0,14,1,1,2

SECTION_DAYS_OFF

SECTION_SHIFT_ON_REQUESTS

SECTION_SHIFT_OFF_REQUESTS

SECTION_COVER
`

func TestCurtoisVerify(t *testing.T) {
	const staff = "A,D=14|N=14,10000,0,14,1,1,2"
	on, offs, days, cover := "SECTION_SHIFT_ON_REQUESTS", "SECTION_SHIFT_OFF_REQUESTS", "SECTION_DAYS_OFF", "SECTION_COVER"
	tests := []struct {
		name  string
		edits []string
		row   string
		want  string // in the only violation; empty: none
		cost  int64
	}{
		{"nothing", nil, "", "", 0},
		{"succession hit", nil, "ND", "may not follow", 0},
		{"succession a day apart", nil, "N-D", "", 0},
		{"succession the other way", nil, "DN", "", 0},
		{"type hit", []string{"N=14", "N=1"}, "N-N", "2 times", 0},
		{"type miss", []string{"N=14", "N=1"}, "N-D", "", 0},
		{"type left out", []string{"D=14|", ""}, "DDDDDDDDDDDDDD", "", 0},
		{"most minutes hit", []string{"10000", "1559"}, "DDN", "1560 minutes", 0},
		{"most minutes miss", []string{"10000", "1560"}, "DDN", "", 0},
		{"least minutes hit", []string{"10000,0", "10000,961"}, "DD", "960 minutes", 0},
		{"least minutes miss", []string{"10000,0", "10000,960"}, "DD", "", 0},
		{"work run hit", []string{",14,1,1,", ",2,1,1,"}, "-DDD", "3 days in a row", 0},
		{"work run hit at the first day", []string{",14,1,1,", ",2,1,1,"}, "DDD", "3 days in a row", 0},
		{"work run miss", []string{",14,1,1,", ",2,1,1,"}, "-DD-DD", "", 0},
		{"short work run hit", []string{",14,1,1,", ",14,2,1,"}, "-D", "only 1 days", 0},
		{"short work run at the first day", []string{",14,1,1,", ",14,2,1,"}, "D", "", 0},
		{"short work run at the last day", []string{",14,1,1,", ",14,2,1,"}, "-------------D", "", 0},
		{"short work run miss", []string{",14,1,1,", ",14,2,1,"}, "-DD", "", 0},
		{"short rest hit", []string{",14,1,1,", ",14,1,2,"}, "D-D", "only 1 days off", 0},
		{"short rest at the first day", []string{",14,1,1,", ",14,1,2,"}, "-D", "", 0},
		{"short rest at the last day", []string{",14,1,1,", ",14,1,2,"}, "DDDDDDDDDDDDD-", "", 0},
		{"short rest miss", []string{",14,1,1,", ",14,1,2,"}, "D--D", "", 0},
		{"weekends hit", []string{",1,2\n", ",1,1\n"}, "-----D------D-", "2 weekends", 0},
		{"weekends miss", []string{",1,2\n", ",1,1\n"}, "-----DD----D--", "", 0},
		{"day off hit", []string{days, days + "\nA,3,7"}, "-------D", "fixed day off", 0},
		{"day off miss", []string{days, days + "\nA,3,7"}, "------D", "", 0},
		{"on request hit", []string{on, on + "\nA,2,N,5"}, "--D", "", 5},
		{"on request hit by a day off", []string{on, on + "\nA,2,N,5"}, "", "", 5},
		{"on request miss", []string{on, on + "\nA,2,N,5"}, "--N", "", 0},
		{"off request hit", []string{offs, offs + "\nA,2,N,7"}, "--N", "", 7},
		{"off request miss", []string{offs, offs + "\nA,2,N,7"}, "--D", "", 0},
		{"under", []string{cover, cover + "\n0,D,3,100,1"}, "D", "", 200},
		{"over", []string{cover, cover + "\n0,D,0,100,9"}, "D", "", 9},
		{"exact", []string{cover, cover + "\n0,D,1,100,9"}, "D", "", 0},
		{"cover of another shift", []string{cover, cover + "\n0,N,1,100,9"}, "D", "", 100},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			text := curtoisText
			for i := 0; i+1 < len(test.edits); i += 2 {
				text = edited(t, text, test.edits[i], test.edits[i+1])
			}
			c, err := parseCurtois("x.txt", []byte(text))
			if err != nil {
				t.Fatal(err)
			}
			p := rosterOf(t, c.Days, "DN", test.row)
			r := c.Verify(p)
			agree(t, c, p)
			checkReport(t, r, test.want, test.cost)
		})
	}
	if !strings.Contains(curtoisText, staff) {
		t.Fatal("the staff line has changed")
	}
}

// checkReport wants exactly one violation with the given words, or none.
func checkReport(t *testing.T, r report, want string, cost int64) {
	t.Helper()
	switch {
	case want == "" && len(r.Violations) > 0:
		t.Errorf("violations %q, want none", r.Violations)
	case want != "" && (len(r.Violations) != 1 || !strings.Contains(r.Violations[0], want)):
		t.Errorf("violations %q, want one with %q", r.Violations, want)
	}
	if r.Cost != cost {
		t.Errorf("cost %d (%v), want %d", r.Cost, r.Parts, cost)
	}
	var sum int64
	for _, q := range r.Parts {
		sum += q.Cost
	}
	if sum != r.Cost {
		t.Errorf("parts add up to %d, cost is %d", sum, r.Cost)
	}
}

func TestCurtoisProblems(t *testing.T) {
	tests := []struct {
		name  string
		edits []string
		line  int
		want  string
	}{
		{"unknown section", []string{"SECTION_COVER", "SECTION_CUVER"}, 19, "no such section"},
		{"missing section", []string{"SECTION_COVER\n", ""}, 0, "SECTION_COVER is missing"},
		{"section twice", []string{"SECTION_DAYS_OFF", "SECTION_HORIZON"}, 13, "twice"},
		{"no number", []string{"14\n\n", "fourteen\n\n"}, 3, "the horizon is \"fourteen\""},
		{"long horizon", []string{"14\n\n", "999999\n\n"}, 3, "want 1 to"},
		{"two horizons", []string{"14\n\n", "14\n15\n"}, 4, "second line"},
		{"fields", []string{"D,480,", "D,480"}, 7, "2 fields, want 3"},
		{"shift twice", []string{"N,600,D", "D,600,D"}, 8, "is there twice"},
		{"shift id", []string{"N,600,D", "-,600,D"}, 8, "cannot be"},
		{"ban", []string{"N,600,D", "N,600,X"}, 8, "no such shift"},
		{"staff", []string{"A,D=14|N=14,", "A,X=14|N=14,"}, 11, "no such shift"},
		{"staff number", []string{"10000,0", "many,0"}, 11, "MaxTotalMinutes"},
		{"day off", []string{"SECTION_DAYS_OFF", "SECTION_DAYS_OFF\nA,14"}, 14, "want 0 to 13"},
		{"day off of nobody", []string{"SECTION_DAYS_OFF", "SECTION_DAYS_OFF\nZ,1"}, 14, "no such employee"},
		{"request", []string{"SECTION_SHIFT_ON_REQUESTS", "SECTION_SHIFT_ON_REQUESTS\nA,1,X,1"}, 16, "no such shift"},
		{"request of nobody", []string{"SECTION_SHIFT_OFF_REQUESTS", "SECTION_SHIFT_OFF_REQUESTS\nZ,1,D,1"}, 18, "no such employee"},
		{"negative weight", []string{"SECTION_SHIFT_OFF_REQUESTS", "SECTION_SHIFT_OFF_REQUESTS\nA,1,D,-1"}, 18, "the weight is -1"},
		{"cover", []string{"SECTION_COVER", "SECTION_COVER\n0,X,1,1,1"}, 20, "no such shift"},
		{"cover twice", []string{"SECTION_COVER", "SECTION_COVER\n0,D,1,1,1\n0,D,1,1,1"}, 21, "already"},
		{"stray line", []string{"# one agent, two shifts", "hello"}, 1, "before any section"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := parseCurtois("bad.txt", []byte(edited(t, curtoisText, test.edits...)))
			lines, text := problemLines(t, err)
			if lines[0] != test.line || !strings.Contains(text, test.want) || !strings.HasPrefix(text, "bad.txt:") {
				t.Errorf("%s\nwant line %d with %q", text, test.line, test.want)
			}
		})
	}
}

func TestCurtoisProblemsAllAtOnce(t *testing.T) {
	text := edited(t, curtoisText, "SECTION_COVER", "SECTION_COVER\n0,X,1,1,1\n99,D,1,1,1\n0,D,1,1")
	_, err := parseCurtois("bad.txt", []byte(text))
	if lines, _ := problemLines(t, err); len(lines) != 3 {
		t.Errorf("problems on lines %v, want three", lines)
	}
}

func TestCurtoisSolution(t *testing.T) {
	c, err := parseCurtois("x.txt", []byte(edited(t, curtoisText, "2\n\nSECTION_DAYS", "2\nB,,10000,0,14,1,1,2\n\nSECTION_DAYS")))
	if err != nil {
		t.Fatal(err)
	}
	p := rosterOf(t, c.Days, "DN", "D-N", "-ND")
	roundTrip(t, c, p)
	for _, bad := range []struct {
		text string
		line int
		want string
	}{
		{"A\tD\n", 0, "2 employees"},
		{strings.Replace(string(c.format(p)), "N", "X", 1), 1, "no such shift on day 2"},
		{strings.Replace(string(c.format(p)), "B\t", "C\t", 1), 2, "want \"B\""},
		{strings.Replace(string(c.format(p)), "\t-\n", "\n", 1), 1, "13 days, want 14"},
	} {
		_, err := c.parseSolution("bad.sol", []byte(bad.text))
		lines, text := problemLines(t, err)
		if lines[0] != bad.line || !strings.Contains(text, bad.want) {
			t.Errorf("%s\nwant line %d with %q", text, bad.line, bad.want)
		}
	}
}

// roundTrip wants Read to give back what Write stored.
func roundTrip(t *testing.T, x instance, p plan) {
	t.Helper()
	dir := t.TempDir()
	paths, err := x.Write(dir, p)
	if err != nil {
		t.Fatal(err)
	}
	at := paths[0]
	if _, ok := x.(*inrc2); ok {
		at = dir
	}
	q, err := x.Read(at)
	if err != nil {
		t.Fatal(err)
	}
	if !samePlan(p, q) {
		t.Errorf("read back %v, wrote %v", q, p)
	}
}

func samePlan(p, q plan) bool {
	if len(p) != len(q) {
		return false
	}
	for i := range p {
		if len(p[i]) != len(q[i]) {
			return false
		}
		for d := range p[i] {
			if p[i][d] != q[i][d] {
				return false
			}
		}
	}
	return true
}
