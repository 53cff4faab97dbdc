package main

import (
	"strings"
	"testing"
)

// Two weeks from a Monday; E and L are day shifts, N ends on the next day, H
// asks for a skill nobody has.
const inrc1Text = `<?xml version="1.0" encoding="UTF-8"?>
<SchedulingPeriod ID="tiny">
  <StartDate>2010-01-04</StartDate>
  <EndDate>2010-01-17</EndDate>
  <Skills><Skill>Nurse</Skill><Skill>Head</Skill></Skills>
  <ShiftTypes>
    <Shift ID="E"><StartTime>06:30:00</StartTime><EndTime>14:30:00</EndTime><Skills><Skill>Nurse</Skill></Skills></Shift>
    <Shift ID="L"><StartTime>14:30:00</StartTime><EndTime>22:30:00</EndTime><Skills><Skill>Nurse</Skill></Skills></Shift>
    <Shift ID="N"><StartTime>22:30:00</StartTime><EndTime>06:30:00</EndTime><Skills><Skill>Nurse</Skill></Skills></Shift>
    <Shift ID="H"><StartTime>08:30:00</StartTime><EndTime>16:30:00</EndTime><Skills><Skill>Nurse</Skill><Skill>Head</Skill></Skills></Shift>
  </ShiftTypes>
  <Patterns>
    <Pattern ID="le" weight="3"><PatternEntries>
      <PatternEntry index="0"><ShiftType>L</ShiftType><Day>Any</Day></PatternEntry>
      <PatternEntry index="1"><ShiftType>E</ShiftType><Day>Any</Day></PatternEntry>
    </PatternEntries></Pattern>
    <Pattern ID="fri" weight="5"><PatternEntries>
      <PatternEntry index="0"><ShiftType>None</ShiftType><Day>Friday</Day></PatternEntry>
      <PatternEntry index="2"><ShiftType>Any</ShiftType><Day>Sunday</Day></PatternEntry>
      <PatternEntry index="1"><ShiftType>Any</ShiftType><Day>Saturday</Day></PatternEntry>
    </PatternEntries></Pattern>
  </Patterns>
  <Contracts>
    <Contract ID="c">
      <SingleAssignmentPerDay weight="1">true</SingleAssignmentPerDay>
      <WeekendDefinition>SaturdaySunday</WeekendDefinition>
      <UnwantedPatterns></UnwantedPatterns>
    </Contract>
  </Contracts>
  <Employees>
    <Employee ID="0"><ContractID>c</ContractID><Name>0</Name><Skills><Skill>Nurse</Skill></Skills></Employee>
  </Employees>
  <CoverRequirements>
  </CoverRequirements>
  <DayOffRequests></DayOffRequests>
</SchedulingPeriod>
`

// inrc1Rule puts a line into the contract.
func inrc1Rule(line string) []string {
	const at = "<SingleAssignmentPerDay weight=\"1\">true</SingleAssignmentPerDay>"
	return []string{at, at + line}
}

func inrc1Limited(name string, value string) []string {
	return inrc1Rule(`<` + name + ` on="1" weight="7">` + value + `</` + name + `>`)
}

// covered sets the cover to just what the row does, so that nothing hard is
// broken.
func covered(x *inrc1, p plan) {
	for d := range x.Cover {
		for s := range x.Cover[d] {
			x.Cover[d][s] = 0
			for i := range p {
				if p[i][d].Shift == s {
					x.Cover[d][s]++
				}
			}
		}
	}
}

func TestINRC1Verify(t *testing.T) {
	three := []string{"SaturdaySunday", "FridaySaturdaySunday"}
	four := []string{"SaturdaySunday", "FridaySaturdaySundayMonday"}
	with := func(sets ...[]string) []string {
		var out []string
		for _, s := range sets {
			out = append(out, s...)
		}
		return out
	}
	complete := inrc1Rule(`<CompleteWeekends weight="7">true</CompleteWeekends>`)
	identical := inrc1Rule(`<IdenticalShiftTypesDuringWeekend weight="7">true</IdenticalShiftTypesDuringWeekend>`)
	night := inrc1Rule(`<NoNightShiftBeforeFreeWeekend weight="7">true</NoNightShiftBeforeFreeWeekend>`)
	skill := inrc1Rule(`<AlternativeSkillCategory weight="7">true</AlternativeSkillCategory>`)
	pattern := func(id string) []string {
		return []string{"<UnwantedPatterns>", "<UnwantedPatterns><Pattern>" + id + "</Pattern>"}
	}
	request := func(kind, shift string) []string {
		s := ""
		if shift != "" {
			s = "<ShiftTypeID>" + shift + "</ShiftTypeID>"
		}
		return []string{"<DayOffRequests></DayOffRequests>", "<" + kind + "Requests><" + kind + ` weight="4"><EmployeeID>0</EmployeeID>` + s +
			"<Date>2010-01-06</Date></" + kind + "></" + kind + "Requests>"}
	}
	tests := []struct {
		name  string
		edits []string
		row   string
		cost  int64
	}{
		{"nothing", nil, "", 0},
		{"no rule, any row", nil, "LENEH-N--E-L-N", 0},
		{"max total hit", inrc1Limited("MaxNumAssignments", "2"), "EEEE", 14},
		{"max total miss", inrc1Limited("MaxNumAssignments", "2"), "E-E", 0},
		{"min total hit", inrc1Limited("MinNumAssignments", "3"), "E", 14},
		{"min total miss", inrc1Limited("MinNumAssignments", "3"), "E-EE", 0},
		{"off does not count", inrc1Rule(`<MinNumAssignments on="0" weight="7">3</MinNumAssignments>`), "E", 0},
		{"max work hit", inrc1Limited("MaxConsecutiveWorkingDays", "2"), "-EEEE", 14},
		{"max work miss", inrc1Limited("MaxConsecutiveWorkingDays", "2"), "EE-EE", 0},
		{"min work hit", inrc1Limited("MinConsecutiveWorkingDays", "3"), "-E-EE", 21},
		{"min work at the first day", inrc1Limited("MinConsecutiveWorkingDays", "3"), "E", 14},
		{"min work at the last day", inrc1Limited("MinConsecutiveWorkingDays", "3"), "-------------E", 14},
		{"min work miss", inrc1Limited("MinConsecutiveWorkingDays", "3"), "EEE", 0},
		{"max free hit", inrc1Limited("MaxConsecutiveFreeDays", "3"), "---EEEEEEE----", 7},
		{"max free hit by no work", inrc1Limited("MaxConsecutiveFreeDays", "12"), "", 14},
		{"max free miss", inrc1Limited("MaxConsecutiveFreeDays", "3"), "---EEEE---EEEE", 0},
		{"min free hit", inrc1Limited("MinConsecutiveFreeDays", "2"), "E-EEEEEEEEEEEE", 7},
		{"min free at the first day", inrc1Limited("MinConsecutiveFreeDays", "2"), "-EEEEEEEEEEEEE", 7},
		{"min free at the last day", inrc1Limited("MinConsecutiveFreeDays", "2"), "EEEEEEEEEEEEE-", 7},
		{"min free miss", inrc1Limited("MinConsecutiveFreeDays", "2"), "E--EEEEEEEEE--", 0},
		{"max weekends in a row hit", inrc1Limited("MaxConsecutiveWorkingWeekends", "1"), "-----E-------E", 7},
		{"max weekends in a row miss", inrc1Limited("MaxConsecutiveWorkingWeekends", "1"), "-----EEE", 0},
		{"no weekend at all", inrc1Limited("MaxConsecutiveWorkingWeekends", "0"), "-----EE", 7},
		{"min weekends in a row hit", inrc1Limited("MinConsecutiveWorkingWeekends", "2"), "------E", 7},
		{"min weekends in a row hit at the end", inrc1Limited("MinConsecutiveWorkingWeekends", "2"), "-------------E", 7},
		{"min weekends in a row miss", inrc1Limited("MinConsecutiveWorkingWeekends", "2"), "-----E-------E", 0},
		{"weekends in four weeks hit", inrc1Limited("MaxWorkingWeekendsInFourWeeks", "1"), "-----E-------E", 7},
		{"weekends in four weeks miss", inrc1Limited("MaxWorkingWeekendsInFourWeeks", "1"), "-----EE", 0},
		{"complete hit", complete, "-----E-", 7},
		{"complete hit on Sunday", complete, "------E", 7},
		{"complete miss", complete, "-----EL", 0},
		{"complete of three, one at an end", with(complete, three), "----E--", 14},
		{"complete of three, two", with(complete, three), "-----EE", 7},
		{"complete of three, the middle", with(complete, three), "-----E-", 14},
		{"complete of three, both ends", with(complete, three), "----E-E", 28},
		{"complete of four, cut to three", with(complete, four), "-----------E", 14},
		{"complete of four, ends", with(complete, four), "----E--E", 42},
		{"identical hit", identical, "-----EL", 14},
		{"identical miss", identical, "-----LL", 0},
		{"identical asks only of full weekends", identical, "-----L-", 0},
		{"identical of three, two kinds", with(identical, three), "----EEL", 21},
		{"identical of three, three kinds", with(identical, three), "----ENL", 42},
		{"identical of three, not full", with(identical, three), "----E-L", 0},
		{"night hit", night, "----N", 7},
		{"night miss, weekend worked", night, "----N-E", 0},
		{"night miss, no night", night, "----L", 0},
		{"night miss, another day", night, "---N", 0},
		{"night before three days", with(night, three), "---N", 7},
		{"night before a cut weekend", with(night, four), "----------N", 7},
		{"skill hit", skill, "H", 7},
		{"skill miss", skill, "E", 0},
		{"pattern hit", pattern("le"), "LE-LE", 6},
		{"pattern miss", pattern("le"), "L-E-EL", 0},
		{"pattern at the last day", pattern("le"), "-------------L", 0},
		{"pattern of a weekday hit", pattern("fri"), "---E-EL", 5},
		{"pattern of a weekday miss by work", pattern("fri"), "----EEL", 0},
		{"pattern of a weekday miss by one day", pattern("fri"), "-----E-", 0},
		{"pattern of a weekday miss by day", pattern("fri"), "-EE", 0},
		{"day off hit", request("DayOff", ""), "--E", 4},
		{"day off miss", request("DayOff", ""), "EE-E", 0},
		{"day on hit", request("DayOn", ""), "EE-E", 4},
		{"day on miss", request("DayOn", ""), "--L", 0},
		{"shift off hit", request("ShiftOff", "E"), "--E", 4},
		{"shift off miss", request("ShiftOff", "E"), "--L", 0},
		{"shift on hit", request("ShiftOn", "E"), "--L", 4},
		{"shift on miss", request("ShiftOn", "E"), "--E", 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			text := inrc1Text
			for i := 0; i+1 < len(test.edits); i += 2 {
				text = edited(t, text, test.edits[i], test.edits[i+1])
			}
			x, err := parseINRC1("tiny.xml", []byte(text))
			if err != nil {
				t.Fatal(err)
			}
			p := rosterOf(t, x.Days, "ELNH", test.row)
			covered(x, p)
			agree(t, x, p)
			checkReport(t, x.Verify(p), "", test.cost)
		})
	}
}

func TestINRC1Cover(t *testing.T) {
	cover := `<CoverRequirements>
	<DayOfWeekCover><Day>Monday</Day><Cover><Shift>E</Shift><Preferred>1</Preferred></Cover></DayOfWeekCover>
	<DateSpecificCover><Date>2010-01-11</Date><Cover><Shift>L</Shift><Preferred>1</Preferred></Cover></DateSpecificCover>`
	x, err := parseINRC1("tiny.xml", []byte(edited(t, inrc1Text, "<CoverRequirements>", cover)))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		row  string
		want string
	}{
		{"E------L", ""},
		{"L------L", "0 on shift E, want 1"},
		{"E------E", "0 on shift L, want 1"},
		{"E-E----L", "1 on shift E, want 0"},
	} {
		p := rosterOf(t, x.Days, "ELNH", test.row)
		agree(t, x, p)
		r := x.Verify(p)
		if (test.want == "") != (len(r.Violations) == 0) || !strings.Contains(strings.Join(r.Violations, "\n"), test.want) {
			t.Errorf("%s: violations %q, want %q", test.row, r.Violations, test.want)
		}
	}
}

func TestINRC1Problems(t *testing.T) {
	tests := []struct {
		name     string
		old, new string
		line     int
		want     string
	}{
		{"not closed", "</SchedulingPeriod>", "", 37, "unexpected EOF"},
		{"other root", "SchedulingPeriod", "Period", 2, "want SchedulingPeriod"},
		{"no ID", ` ID="tiny"`, "", 2, "no ID"},
		{"date", "2010-01-04<", "4.1.2010<", 3, "StartDate"},
		{"period", "2010-01-17", "2009-01-17", 4, "the period has"},
		{"long period", "2010-01-17", "2110-01-17", 4, "the period has"},
		{"skill twice", "<Skill>Head</Skill></Skills>\n  <Sh", "<Skill>Nurse</Skill></Skills>\n  <Sh", 5, "twice"},
		{"skill in the wrong place", "<Skills><Skill>Nurse</Skill><Skill>Head</Skill></Skills>\n  <Sh", "<Skills><Skull>Nurse</Skull><Skill>Head</Skill></Skills>\n  <Sh", 5, "want Skill"},
		{"shift twice", `Shift ID="L"`, `Shift ID="E"`, 8, "taken"},
		{"shift time", "14:30:00</StartTime>", "14h30</StartTime>", 8, "StartTime"},
		{"shift skill", "<Skill>Head</Skill></Skills></Shift>", "<Skill>Cook</Skill></Skills></Shift>", 10, "not defined"},
		{"pattern shift", "<ShiftType>L</ShiftType>", "<ShiftType>X</ShiftType>", 14, "not defined"},
		{"pattern index", `index="2"`, `index="3"`, 19, "want 0 to 2"},
		{"pattern index twice", `index="2"`, `index="0"`, 19, "two entries 0"},
		{"pattern day", "<Day>Saturday</Day>", "<Day>Monday</Day>", 17, "does not follow"},
		{"pattern weekday", "<Day>Saturday</Day>", "<Day>Satday</Day>", 20, "no such weekday"},
		{"pattern weight", `weight="5"`, `weight="x"`, 17, "weight"},
		{"weekend", "SaturdaySunday<", "SaturdayMonday<", 26, "no weekend"},
		{"weekend of one day", "SaturdaySunday<", "Sunday<", 26, "no weekend"},
		{"pattern of a contract", "<UnwantedPatterns>", "<UnwantedPatterns><Pattern>zz</Pattern>", 27, "not defined"},
		{"contract", "<ContractID>c", "<ContractID>d", 31, "not defined"},
		{"limit", "<WeekendDefinition>", "<MaxNumAssignments on=\"1\" weight=\"1\">x</MaxNumAssignments><WeekendDefinition>", 26, "MaxNumAssignments"},
		{"on", "<WeekendDefinition>", "<MaxNumAssignments on=\"y\" weight=\"1\">1</MaxNumAssignments><WeekendDefinition>", 26, "want true or false"},
		{"cover", "<CoverRequirements>", "<CoverRequirements>\n<DayOfWeekCover><Day>Monday</Day><Cover><Shift>X</Shift><Preferred>1</Preferred></Cover></DayOfWeekCover>", 34, "not defined"},
		{"cover date", "<CoverRequirements>", "<CoverRequirements>\n<DateSpecificCover><Date>2010-02-01</Date></DateSpecificCover>", 34, "outside the period"},
		{"request", "<DayOffRequests>", "<DayOffRequests><DayOff weight=\"1\"><EmployeeID>9</EmployeeID><Date>2010-01-05</Date></DayOff>", 35, "not defined"},
		{"request date", "<DayOffRequests>", "<DayOffRequests><DayOff weight=\"1\"><EmployeeID>0</EmployeeID><Date>2011-01-05</Date></DayOff>", 35, "no day of the period"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := parseINRC1("bad.xml", []byte(edited(t, inrc1Text, test.old, test.new)))
			lines, text := problemLines(t, err)
			if lines[0] != test.line || !strings.Contains(text, test.want) || !strings.HasPrefix(text, "bad.xml:") {
				t.Errorf("%s\nwant line %d with %q", text, test.line, test.want)
			}
		})
	}
}

func TestINRC1Solution(t *testing.T) {
	x, err := parseINRC1("tiny.xml", []byte(inrc1Text))
	if err != nil {
		t.Fatal(err)
	}
	p := rosterOf(t, x.Days, "ELNH", "EL-N")
	roundTrip(t, x, p)
	good, err := x.format(p)
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []struct {
		old, new string
		line     int
		want     string
	}{
		{"Solution>", "Solved>", 2, "want Solution"},
		{"<SchedulingPeriodID>tiny", "<SchedulingPeriodID>big", 3, "want one of \"tiny\""},
		{"2010-01-05", "2010-01-04", 11, "second assignment"},
		{"2010-01-05", "2010-03-04", 12, "no day of the period"},
		{"<ShiftType>N", "<ShiftType>X", 19, "not defined"},
		{"<Employee>0", "<Employee>7", 8, "not defined"},
	} {
		_, err := x.parseSolution("bad.xml", []byte(edited(t, string(good), bad.old, bad.new)))
		lines, text := problemLines(t, err)
		if lines[0] != bad.line || !strings.Contains(text, bad.want) {
			t.Errorf("%s\nwant line %d with %q", text, bad.line, bad.want)
		}
	}
}
