package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const (
	inrc2Scenario = `SCENARIO = tiny

WEEKS = 2

SKILLS = 2
Head
Nurse

SHIFT_TYPES = 3
E (1,14)
L (1,14)
N (1,14)

FORBIDDEN_SHIFT_TYPES_SUCCESSIONS
E 0
L 1 E
N 2 E L

CONTRACTS = 1
Full (0,14) (1,14) (1,14) 2 0

NURSES = 1
Ann Full 2 Head Nurse
`
	inrc2History = `HISTORY
0 tiny

NURSE_HISTORY
Ann 0 0 None 0 0 1
`
	inrc2WeekText = `WEEK_DATA
tiny

REQUIREMENTS
E Head (0,0) (0,0) (0,0) (0,0) (0,0) (0,0) (0,0)
E Nurse (0,0) (0,0) (0,0) (0,0) (0,0) (0,0) (0,0)

SHIFT_OFF_REQUESTS = 0
`
)

// inrc2Files are the texts of an instance of two weeks.
func inrc2Of(scenario, history, week0, week1 string) (*inrc2, error) {
	x := &inrc2{name: "tiny_0_0-1", Set: "tiny", WeekFiles: []int{0, 1}}
	if err := x.parseScenario("Sc-tiny.txt", []byte(scenario)); err != nil {
		return nil, err
	}
	if err := x.parseHistory("H0-tiny-0.txt", []byte(history)); err != nil {
		return nil, err
	}
	if err := x.parseWeek("WD-tiny-0.txt", []byte(week0), 0); err != nil {
		return nil, err
	}
	return x, x.parseWeek("WD-tiny-1.txt", []byte(week1), 1)
}

func TestINRC2Verify(t *testing.T) {
	const (
		free    = "Ann 0 0 None 0 0 1"
		full    = "Full (0,14) (1,14) (1,14) 2 0"
		eNurse  = "E Nurse (0,0)"
		offs    = "SHIFT_OFF_REQUESTS = 0"
		allDays = "EEEEEEEEEEEEEE"
	)
	tests := []struct {
		name     string
		scenario []string
		history  string
		week0    []string
		row      string // capital letters work as Nurse, small ones as Head
		want     string
		cost     int64
	}{
		{"nothing, one day off too many with history", nil, free, nil, "", "", 30},
		{"succession hit", nil, free, nil, "NL", "may not follow", 0},
		{"succession miss", nil, free, nil, "LN", "", 0},
		{"succession a day apart", nil, free, nil, "N-L", "", 0},
		{"succession from history hit", nil, "Ann 1 0 N 1 1 0", nil, "E", "may not follow", 0},
		{"succession from history miss", nil, "Ann 1 0 N 1 1 0", nil, "-E", "", 0},
		{"skill hit", []string{"Ann Full 2 Head Nurse", "Ann Full 1 Nurse"}, free, nil, "e", "without the skill", 0},
		{"skill miss", []string{"Ann Full 2 Head Nurse", "Ann Full 1 Nurse"}, free, nil, "E", "", 0},
		{"minimum hit", nil, free, []string{eNurse, "E Nurse (1,1)"}, "e", "0 on E as Nurse", 30},
		{"minimum miss", nil, free, []string{eNurse, "E Nurse (1,1)"}, "E", "", 0},
		{"optimum", nil, free, []string{eNurse, "E Nurse (1,3)"}, "E", "", 60},
		{"optimum surpassed", nil, free, []string{eNurse, "E Nurse (0,0)"}, "E", "", 0},
		{"long shift run", []string{"E (1,14)", "E (1,2)"}, free, nil, "EEEE", "", 30},
		{"long shift run miss", []string{"E (1,14)", "E (1,2)"}, free, nil, "EELLEE", "may not follow", 0},
		{"long shift run from history", []string{"E (1,14)", "E (1,2)"}, "Ann 9 0 E 5 5 0", nil, "EE", "", 30},
		{"history's own excess", []string{"E (1,14)", "E (1,2)"}, "Ann 5 0 E 5 5 0", nil, "-", "", 0},
		{"short shift run", []string{"E (1,14)", "E (3,14)"}, free, nil, "EL", "", 30},
		{"short shift run at the end", []string{"E (1,14)", "E (3,14)"}, free, nil, "-------------E", "", 0},
		{"short shift run with history", []string{"E (1,14)", "E (3,14)"}, "Ann 1 0 E 1 1 0", nil, "E-", "", 15},
		{"short shift run of history", []string{"E (1,14)", "E (3,14)"}, "Ann 1 0 E 1 1 0", nil, "-", "", 30},
		{"long work run", []string{full, "Full (0,14) (1,2) (1,14) 2 0"}, free, nil, "-EEL", "", 30},
		{"long work run miss", []string{full, "Full (0,14) (1,2) (1,14) 2 0"}, free, nil, "-EL-EL", "", 0},
		{"long work run from history", []string{full, "Full (0,14) (1,2) (1,14) 2 0"}, "Ann 2 0 E 1 2 0", nil, "L", "", 30},
		{"short work run", []string{full, "Full (0,14) (3,14) (1,14) 2 0"}, free, nil, "-E-", "", 60},
		{"short work run at the end", []string{full, "Full (0,14) (3,14) (1,14) 2 0"}, free, nil, "-------------E", "", 0},
		{"short work run of history", []string{full, "Full (0,14) (3,14) (1,14) 2 0"}, "Ann 2 0 E 1 2 0", nil, "", "", 30},
		{"short work run with history", []string{full, "Full (0,14) (3,14) (1,14) 2 0"}, "Ann 2 0 E 1 2 0", nil, "E", "", 0},
		{"long rest", []string{full, "Full (0,14) (1,14) (1,3) 2 0"}, free, nil, "---EEEEEEEEEEE", "", 30},
		{"long rest miss", []string{full, "Full (0,14) (1,14) (1,3) 2 0"}, free, nil, "--EEEEEEEEE---", "", 0},
		{"long rest to the end", []string{full, "Full (0,14) (1,14) (1,3) 2 0"}, free, nil, "--EEEEEEEE----", "", 30},
		{"short rest", []string{full, "Full (0,14) (1,14) (3,14) 2 0"}, free, nil, "-E-EEEEEEEEEEE", "", 90},
		{"short rest of history", []string{full, "Full (0,14) (1,14) (3,14) 2 0"}, free, nil, allDays, "", 60},
		{"short rest at the end", []string{full, "Full (0,14) (1,14) (3,14) 2 0"}, "Ann 1 0 E 1 1 0", nil, "EEEEEEEEEEEEE-", "", 0},
		{"wish for a day off hit", nil, free, []string{offs, "SHIFT_OFF_REQUESTS = 1\nAnn Any Tue"}, "-L", "", 10},
		{"wish for a day off miss", nil, free, []string{offs, "SHIFT_OFF_REQUESTS = 1\nAnn Any Tue"}, "L-", "", 0},
		{"wish against a shift hit", nil, free, []string{offs, "SHIFT_OFF_REQUESTS = 1\nAnn L Tue"}, "-L", "", 10},
		{"wish against a shift miss", nil, free, []string{offs, "SHIFT_OFF_REQUESTS = 1\nAnn L Tue"}, "-E", "", 0},
		{"complete weekend hit", []string{full, "Full (0,14) (1,14) (1,14) 2 1"}, free, nil, "-----E-", "", 30},
		{"complete weekend Sunday", []string{full, "Full (0,14) (1,14) (1,14) 2 1"}, free, nil, "-------------E", "", 30},
		{"complete weekend miss", []string{full, "Full (0,14) (1,14) (1,14) 2 1"}, free, nil, "----EEE", "", 0},
		{"incomplete weekend allowed", nil, free, nil, "-----E-", "", 0},
		{"too many assignments", []string{full, "Full (0,1) (1,14) (1,14) 2 0"}, free, nil, "EEE", "", 40},
		{"too many assignments with history", []string{full, "Full (0,1) (1,14) (1,14) 2 0"}, "Ann 3 0 None 0 0 1", nil, "E", "", 60},
		{"too few assignments", []string{full, "Full (4,14) (1,14) (1,14) 2 0"}, "Ann 1 0 None 0 0 1", nil, "EE", "", 20},
		{"enough assignments", []string{full, "Full (4,14) (1,14) (1,14) 2 0"}, "Ann 2 0 None 0 0 1", nil, "EE", "", 0},
		{"weekends hit", []string{full, "Full (0,14) (1,14) (1,14) 1 0"}, free, nil, "-----E------E-", "", 30},
		{"weekends of history hit", []string{full, "Full (0,14) (1,14) (1,14) 1 0"}, "Ann 2 2 None 0 0 1", nil, "------E", "", 60},
		{"weekends miss", []string{full, "Full (0,14) (1,14) (1,14) 1 0"}, free, nil, "-----EE", "", 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			x, err := inrc2Of(edited(t, inrc2Scenario, test.scenario...), edited(t, inrc2History, free, test.history),
				edited(t, inrc2WeekText, test.week0...), inrc2WeekText)
			if err != nil {
				t.Fatal(err)
			}
			p := rosterOf(t, x.days(), "ELN", strings.ToUpper(test.row))
			for d, c := range test.row {
				if c >= 'A' && c <= 'Z' {
					p[0][d].Skill = 1
				}
			}
			agree(t, x, p)
			checkReport(t, x.Verify(p), test.want, test.cost)
		})
	}
}

func TestINRC2Problems(t *testing.T) {
	tests := []struct {
		name string
		file int // 0 scenario, 1 history, 2 week
		old  string
		new  string
		line int
		want string
	}{
		{"set", 0, "SCENARIO = tiny", "SCENARIO = other", 1, "want tiny"},
		{"weeks", 0, "WEEKS = 2", "WEEKS = 4", 0, "4 weeks"},
		{"weeks no number", 0, "WEEKS = 2", "WEEKS = x", 3, "WEEKS is"},
		{"key", 0, "SKILLS", "SKULLS", 5, "want SKILLS"},
		{"skill twice", 0, "Nurse\n\n", "Head\n\n", 7, "twice"},
		{"shift", 0, "L (1,14)", "L 1,14", 11, "want (least,most)"},
		{"shift order", 0, "L (1,14)", "L (15,14)", 11, "above the second"},
		{"shift twice", 0, "L (1,14)", "E (1,14)", 11, "twice"},
		{"succession", 0, "L 1 E", "L 2 E", 16, "says 2"},
		{"succession unknown", 0, "L 1 E", "L 1 X", 16, "no such shift"},
		{"contract", 0, "Full (0,14) (1,14) (1,14) 2 0", "Full (0,14) (1,14) 2 0", 20, "5 words"},
		{"complete", 0, "(1,14) 2 0", "(1,14) 2 2", 20, "want 0 to 1"},
		{"nurse", 0, "Ann Full 2", "Ann Full 3", 23, "says 3"},
		{"nurse contract", 0, "Ann Full", "Ann Half", 23, "no such contract"},
		{"nurse skill", 0, "2 Head Nurse", "2 Head Cook", 23, "no such skill"},
		{"short", 0, "NURSES = 1\nAnn Full 2 Head Nurse\n", "NURSES = 1\n", 0, "ends where a nurse"},
		{"long", 0, "Ann Full 2 Head Nurse\n", "Ann Full 2 Head Nurse\nmore\n", 24, "after the last nurse"},
		{"history of nobody", 1, "Ann 0", "Bob 0", 5, "no such nurse"},
		{"history missing", 1, "Ann 0 0 None 0 0 1\n", "", 0, "no history"},
		{"history of another week", 1, "0 tiny", "1 tiny", 2, "want the history of week 0"},
		{"history shift", 1, "None 0 0 1", "X 1 1 0", 5, "no such shift"},
		{"history does not fit", 1, "None 0 0 1", "E 1 0 1", 5, "does not fit"},
		{"history words", 1, "None 0 0 1", "None 0 0", 5, "6 words"},
		{"week set", 2, "tiny", "big", 2, "want tiny"},
		{"demand", 2, "E Head", "X Head", 5, "no such shift or skill"},
		{"demand twice", 2, "E Nurse", "E Head", 6, "already"},
		{"demand pair", 2, "E Head (0,0)", "E Head (0;0)", 5, "cover on Mon"},
		{"requests", 2, "SHIFT_OFF_REQUESTS = 0", "SHIFT_OFF_REQUESTS = 2\nAnn Any Mon", 0, "says 2"},
		{"request of nobody", 2, "SHIFT_OFF_REQUESTS = 0", "SHIFT_OFF_REQUESTS = 1\nBob Any Mon", 9, "no such nurse"},
		{"request shift", 2, "SHIFT_OFF_REQUESTS = 0", "SHIFT_OFF_REQUESTS = 1\nAnn X Mon", 9, "no such shift"},
		{"request day", 2, "SHIFT_OFF_REQUESTS = 0", "SHIFT_OFF_REQUESTS = 1\nAnn Any Mo", 9, "no such day"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			texts := []string{inrc2Scenario, inrc2History, inrc2WeekText}
			files := []string{"Sc-tiny.txt", "H0-tiny-0.txt", "WD-tiny-0.txt"}
			texts[test.file] = edited(t, texts[test.file], test.old, test.new)
			_, err := inrc2Of(texts[0], texts[1], texts[2], inrc2WeekText)
			lines, text := problemLines(t, err)
			if lines[0] != test.line || !strings.Contains(text, test.want) || !strings.HasPrefix(text, files[test.file]+":") {
				t.Errorf("%s\nwant %s line %d with %q", text, files[test.file], test.line, test.want)
			}
		})
	}
}

func TestINRC2Files(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"Sc-tiny.txt": inrc2Scenario, "H0-tiny-0.txt": inrc2History,
		"WD-tiny-5.txt": inrc2WeekText,
		"WD-tiny-6.txt": edited(t, inrc2WeekText, "SHIFT_OFF_REQUESTS = 0", "SHIFT_OFF_REQUESTS = 1\nAnn Any Tue"),
	} {
		if err := os.MkdirAll(filepath.Join(dir, "tiny"), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "tiny", name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for _, at := range []string{dir, filepath.Join(dir, "tiny")} {
		x, err := readINRC2(at, "tiny_0_6-5")
		if err != nil {
			t.Fatal(err)
		}
		if len(x.Off) != 1 || x.Off[0].Day != 1 || x.days() != 14 {
			t.Errorf("requests %v on %d days", x.Off, x.days())
		}
		p := rosterOf(t, 14, "ELN", "E-------L")
		p[0][8].Skill = 1
		roundTrip(t, x, p)
	}
	for _, name := range []string{"", "tiny", "tiny_0", "tiny_0_1-", "../tiny_0_1", "tiny_0_6-7", "tiny_1_6-5"} {
		if _, err := readINRC2(dir, name); err == nil {
			t.Errorf("%q was read", name)
		}
	}
}

func TestINRC2SolutionProblems(t *testing.T) {
	x, err := inrc2Of(inrc2Scenario, inrc2History, inrc2WeekText, inrc2WeekText)
	if err != nil {
		t.Fatal(err)
	}
	good := string(x.format(rosterOf(t, 14, "ELN", "EE"), 0))
	for _, bad := range []struct {
		old, new string
		line     int
		want     string
	}{
		{"SOLUTION", "SOLVED", 1, "want SOLUTION"},
		{"0 tiny", "7 tiny", 2, "want 0 tiny"},
		{"ASSIGNMENTS = 2", "ASSIGNMENTS = 3", 0, "says 3"},
		{"Ann Tue", "Bob Tue", 6, "no such nurse"},
		{"Ann Tue", "Ann Mon", 6, "second assignment"},
		{"Ann Tue", "Ann Day", 6, "no such day"},
		{"Tue E", "Tue X", 6, "no such shift"},
		{"Tue E Head", "Tue E Cook", 6, "no such skill"},
	} {
		err := x.parseSolution("Sol.txt", []byte(edited(t, good, bad.old, bad.new)), 0, newPlan(1, 14))
		lines, text := problemLines(t, err)
		if lines[0] != bad.line || !strings.Contains(text, bad.want) {
			t.Errorf("%s\nwant line %d with %q", text, bad.line, bad.want)
		}
	}
}
