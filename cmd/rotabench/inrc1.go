package main

import (
	"strings"
	"time"
)

// The XML format of the first nurse rostering competition.
//
// What its constraints mean follows the competition's description (Haspeslagh,
// De Causmaecker, Stølevik and Schaerf, "First international nurse rostering
// competition 2010", 5 May 2010, and Annals of Operations Research 218, 2014),
// the model of Lü and Hao (European Journal of Operational Research 218, 2012),
// and, where these leave a choice, what two published evaluators agree on,
// the University of Osnabrück's and the nurse rostering example of Timefold:
//
//   - Hard: the number of people on each shift each day is exactly the one
//     preferred (a date's own cover replaces that of its weekday as a whole;
//     a shift without cover is not worked), and nobody works two shifts a day.
//   - Totals and runs cost their weight for each unit below the minimum or above
//     the maximum. Nothing is known outside the period: runs that touch its
//     first or last day are judged like all others, for both ends.
//   - A weekend is a run of weekdays named by the contract, of two days or more.
//     One that began before the period is not judged; one that the last day
//     cuts is judged by its days inside, by those about completeness and
//     identical shifts only if two days or more are inside.
//   - Consecutive working weekends are runs over weekends with any work,
//     judged like runs of days.
//   - MaxWorkingWeekendsInFourWeeks costs its weight for each weekend with work
//     above the maximum, in each window of four consecutive weekends, or in
//     all of them if there are fewer. No public instance switches it on.
//   - Complete weekends: each run of work within a weekend costs its weight for
//     each day of the weekend between the weekend's start and its own, and for
//     each between its end and the weekend's.
//   - Identical shift types: in a weekend worked on all days each shift type
//     costs its weight for each day of the weekend it is not worked on, so that
//     two days with different shifts cost it twice.
//   - No night shift before a free weekend: a night shift, one that ends on the
//     day after it starts, on the day before a weekend without work costs its
//     weight.
//   - Alternative skill category: an assignment costs its weight if the person
//     lacks a skill the shift asks for. Skills are otherwise not asked for.
//   - An unwanted pattern costs its weight for each day on which it occurs as a
//     whole within the period: None is a day off, Any any shift; the first
//     entry's weekday, if it has one, says where it may start.
//   - Requests cost their weight: a day off worked, a day on not worked, a shift
//     off worked, a shift on not worked.
//   - A constraint whose on attribute is 0 or whose value is false does not
//     count.

// inrc1 is one instance of the format. Day 0 is the start date.
type inrc1 struct {
	name      string
	ID        string    // as the file has it, which its solutions repeat
	Start     time.Time // midnight, UTC
	Days      int
	Skills    []string
	Shifts    []inrc1Shift
	Patterns  []inrc1Pattern
	Contracts []inrc1Contract
	People    []inrc1Person
	Cover     [][]int // by day and shift
	Requests  []inrc1Request
}

type inrc1Shift struct {
	ID     string
	Night  bool // ends on the day after it starts
	Skills []int
}

// inrc1Any as a pattern's shift means any work, off none.
const inrc1Any = -2

type inrc1Pattern struct {
	ID      string
	Weight  int64
	Entries []int // shift, off or inrc1Any
	Weekday int   // Monday is 0; -1: any
}

// inrc1Limit is a counted constraint; a weight of 0 says it does not count.
type inrc1Limit struct {
	Value  int
	Weight int64
}

type inrc1Contract struct {
	ID                           string
	MaxTotal, MinTotal           inrc1Limit
	MaxWork, MinWork             inrc1Limit // days in a row
	MaxOff, MinOff               inrc1Limit
	MaxWeekendRun, MinWeekendRun inrc1Limit
	MaxWeekends                  inrc1Limit // in four weeks
	WeekendStart, WeekendDays    int        // Monday is 0
	Complete, Identical          int64      // weights, 0: does not count
	NoNight, Skill               int64
	Patterns                     []int
}

type inrc1Person struct {
	ID       string
	Contract int
	Skills   []int
}

type inrc1Request struct {
	Person, Day int
	Shift       int // inrc1Any for a whole day
	On          bool
	Weight      int64
}

var weekdayNames = [7]string{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"}

// weekday of a day, Monday is 0.
func (x *inrc1) weekday(day int) int {
	return (int(x.Start.Weekday()) + 6 + day) % 7
}

func (x *inrc1) date(day int) string {
	return x.Start.AddDate(0, 0, day).Format(time.DateOnly)
}

// readINRC1 reads an instance file and reports all of its problems at once.
func readINRC1(path string) (*inrc1, error) {
	data, err := whole(path)
	if err != nil {
		return nil, err
	}
	return parseINRC1(path, data)
}

// inrc1Reader holds the names an instance's parts refer to each other by.
type inrc1Reader struct {
	*problems
	x                                           *inrc1
	skills, shifts, patterns, contracts, people index
}

func parseINRC1(path string, data []byte) (*inrc1, error) {
	r := &inrc1Reader{problems: &problems{file: path}, x: &inrc1{name: baseName(path)}}
	root := parseXML(r.problems, data, "SchedulingPeriod")
	if err := r.err(); err != nil {
		return nil, err
	}
	if r.x.ID = root.Attr["ID"]; r.x.ID == "" {
		r.addf(root.Line, "SchedulingPeriod has no ID")
	}
	r.period(root)
	r.skillList(root.kid(r.problems, "Skills"))
	r.shiftList(root.kid(r.problems, "ShiftTypes"))
	r.patternList(root)
	r.contractList(root.kid(r.problems, "Contracts"))
	r.personList(root.kid(r.problems, "Employees"))
	if len(r.x.People)*r.x.Days > maxCells {
		r.addf(0, "%d days of %d people are too many", r.x.Days, len(r.x.People))
	}
	if err := r.err(); err != nil {
		return nil, err
	}
	r.cover(root.kid(r.problems, "CoverRequirements"))
	r.requests(root, "DayOffRequests", "DayOff", false)
	r.requests(root, "DayOnRequests", "DayOn", true)
	r.requests(root, "ShiftOffRequests", "ShiftOff", false)
	r.requests(root, "ShiftOnRequests", "ShiftOn", true)
	if err := r.err(); err != nil {
		return nil, err
	}
	return r.x, nil
}

// date reads a date.
func (r *inrc1Reader) date(e *element) (time.Time, bool) {
	t, err := time.Parse(time.DateOnly, e.Text)
	if err != nil {
		r.addf(e.Line, "%s is %s, want a date such as 2010-01-31", e.Name, quote(e.Text))
	}
	return t, err == nil
}

func (r *inrc1Reader) period(root *element) {
	start, ok1 := r.date(root.kid(r.problems, "StartDate"))
	last := root.kid(r.problems, "EndDate")
	end, ok2 := r.date(last)
	if !ok1 || !ok2 {
		return
	}
	days := end.Sub(start).Hours()/24 + 1
	if days < 1 || days > maxDays {
		r.addf(last.Line, "the period has %.0f days, want 1 to %d", days, maxDays)
		return
	}
	r.x.Start, r.x.Days = start, int(days)
}

// id reads an ID attribute that must be new in its index.
func (r *inrc1Reader) id(e *element, in *index) (string, bool) {
	id := e.Attr["ID"]
	if id == "" || !in.add(id) {
		r.addf(e.Line, "%s has the ID %s, which is empty or taken", e.Name, quote(id))
		return id, false
	}
	return id, true
}

// find reads a name that must be in its index.
func (r *inrc1Reader) find(e *element, in *index) (int, bool) {
	i, ok := in.get(e.Text)
	if !ok {
		r.addf(e.Line, "%s %s is not defined", e.Name, quote(e.Text))
	}
	return i, ok
}

func (r *inrc1Reader) skillList(e *element) {
	e.each(r.problems, "Skill", func(k *element) {
		if k.Text == "" || !r.skills.add(k.Text) {
			r.addf(k.Line, "skill %s is empty or there twice", quote(k.Text))
		}
	})
	if r.x.Skills = r.skills.names; len(r.x.Skills) > maxSkills {
		r.addf(e.Line, "%d skills, at most %d", len(r.x.Skills), maxSkills)
	}
}

func (r *inrc1Reader) skillsOf(e *element) []int {
	var out []int
	if k, _ := e.maybe("Skills"); k != nil {
		k.each(r.problems, "Skill", func(s *element) {
			if i, ok := r.find(s, &r.skills); ok {
				out = append(out, i)
			}
		})
	}
	return out
}

func (r *inrc1Reader) clock(e *element) int {
	t, err := time.Parse(time.TimeOnly, e.Text)
	if err != nil {
		r.addf(e.Line, "%s is %s, want a time such as 06:30:00", e.Name, quote(e.Text))
	}
	return t.Hour()*3600 + t.Minute()*60 + t.Second()
}

func (r *inrc1Reader) shiftList(e *element) {
	e.each(r.problems, "Shift", func(k *element) {
		id, ok := r.id(k, &r.shifts)
		if !ok {
			return
		}
		if id == "Any" || id == "None" {
			r.addf(k.Line, "%s cannot be a shift's ID", quote(id))
		}
		start, end := r.clock(k.kid(r.problems, "StartTime")), r.clock(k.kid(r.problems, "EndTime"))
		r.x.Shifts = append(r.x.Shifts, inrc1Shift{ID: id, Night: end <= start, Skills: r.skillsOf(k)})
	})
	if n := len(r.x.Shifts); n == 0 || n > maxShifts {
		r.addf(e.Line, "%d shifts, want 1 to %d", n, maxShifts)
	}
}

// weekdayOf reads a weekday's name; ok is false when it is none.
func weekdayOf(text string) (int, bool) {
	for i, name := range weekdayNames {
		if strings.EqualFold(text, name) {
			return i, true
		}
	}
	return -1, false
}

func (r *inrc1Reader) patternList(root *element) {
	e, _ := root.maybe("Patterns")
	if e == nil {
		return
	}
	e.each(r.problems, "Pattern", func(k *element) {
		id, ok := r.id(k, &r.patterns)
		if !ok {
			return
		}
		p := inrc1Pattern{ID: id, Weekday: -1, Weight: int64(r.number(k.Line, k.Attr["weight"], "the pattern's weight", 0, maxWeight))}
		entries := k.kid(r.problems, "PatternEntries")
		n := len(entries.Kids)
		if n == 0 || n > 31 {
			r.addf(entries.Line, "%d pattern entries, want 1 to 31", n)
			return
		}
		p.Entries = make([]int, n)
		days := make([]int, n)
		seen := make([]bool, n)
		entries.each(r.problems, "PatternEntry", func(q *element) {
			at := r.number(q.Line, q.Attr["index"], "the entry's index", 0, n-1)
			if seen[at] {
				r.addf(q.Line, "the pattern has two entries %d", at)
			}
			seen[at] = true
			shift, day := q.kid(r.problems, "ShiftType"), q.kid(r.problems, "Day")
			switch shift.Text {
			case "Any":
				p.Entries[at] = inrc1Any
			case "None":
				p.Entries[at] = off
			default:
				p.Entries[at], _ = r.find(shift, &r.shifts)
			}
			days[at] = -1
			if day.Text != "Any" {
				var ok bool
				if days[at], ok = weekdayOf(day.Text); !ok {
					r.addf(day.Line, "no such weekday: %s", quote(day.Text))
				}
			}
		})
		p.Weekday = days[0]
		for i, d := range days {
			if d >= 0 && (p.Weekday < 0 || d != (p.Weekday+i)%7) {
				r.addf(k.Line, "entry %d falls on %s, which does not follow from the first entry's day", i, weekdayNames[d])
			}
		}
		r.x.Patterns = append(r.x.Patterns, p)
	})
}

// limit reads a counted constraint.
func (r *inrc1Reader) limit(e *element, name string) inrc1Limit {
	k, n := e.maybe(name)
	if k == nil {
		return inrc1Limit{}
	}
	if n > 1 {
		r.addf(k.Line, "%s is there twice", name)
	}
	l := inrc1Limit{
		Value:  r.number(k.Line, k.Text, name, 0, maxAmount),
		Weight: r.weight(k),
	}
	if !r.truth(k, "on", k.Attr["on"], true) {
		l.Weight = 0
	}
	return l
}

func (r *inrc1Reader) weight(k *element) int64 {
	w, ok := k.Attr["weight"]
	if !ok {
		w = "1"
	}
	return int64(r.number(k.Line, w, "the weight of "+k.Name, 0, maxWeight))
}

// truth reads a boolean of XML; absent is what an empty text means.
func (r *inrc1Reader) truth(k *element, what, text string, absent bool) bool {
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "1", "true":
		return true
	case "0", "false":
		return false
	case "":
		return absent
	}
	r.addf(k.Line, "%s of %s is %s, want true or false", what, k.Name, quote(text))
	return false
}

// flag reads a constraint that is true or false and returns its weight.
func (r *inrc1Reader) flag(e *element, name string) int64 {
	k, n := e.maybe(name)
	if k == nil {
		return 0
	}
	if n > 1 {
		r.addf(k.Line, "%s is there twice", name)
	}
	w := r.weight(k)
	if !r.truth(k, "the value", k.Text, false) || !r.truth(k, "on", k.Attr["on"], true) {
		return 0
	}
	return w
}

func (r *inrc1Reader) contractList(e *element) {
	e.each(r.problems, "Contract", func(k *element) {
		id, ok := r.id(k, &r.contracts)
		if !ok {
			return
		}
		c := inrc1Contract{
			ID:            id,
			MaxTotal:      r.limit(k, "MaxNumAssignments"),
			MinTotal:      r.limit(k, "MinNumAssignments"),
			MaxWork:       r.limit(k, "MaxConsecutiveWorkingDays"),
			MinWork:       r.limit(k, "MinConsecutiveWorkingDays"),
			MaxOff:        r.limit(k, "MaxConsecutiveFreeDays"),
			MinOff:        r.limit(k, "MinConsecutiveFreeDays"),
			MaxWeekendRun: r.limit(k, "MaxConsecutiveWorkingWeekends"),
			MinWeekendRun: r.limit(k, "MinConsecutiveWorkingWeekends"),
			MaxWeekends:   r.limit(k, "MaxWorkingWeekendsInFourWeeks"),
			Complete:      r.flag(k, "CompleteWeekends"),
			Identical:     r.flag(k, "IdenticalShiftTypesDuringWeekend"),
			NoNight:       r.flag(k, "NoNightShiftBeforeFreeWeekend"),
			Skill:         r.flag(k, "AlternativeSkillCategory"),
		}
		c.WeekendStart, c.WeekendDays = r.weekendDays(k.kid(r.problems, "WeekendDefinition"))
		if u, _ := k.maybe("UnwantedPatterns"); u != nil {
			seen := make(map[int]bool)
			u.each(r.problems, "Pattern", func(q *element) {
				i, ok := r.find(q, &r.patterns)
				if ok && seen[i] {
					r.addf(q.Line, "pattern %s is there twice", quote(q.Text))
				} else if ok {
					seen[i] = true
					c.Patterns = append(c.Patterns, i)
				}
			})
		}
		r.x.Contracts = append(r.x.Contracts, c)
	})
	if n := len(r.x.Contracts); n == 0 || n > maxContracts {
		r.addf(e.Line, "%d contracts, want 1 to %d", n, maxContracts)
	}
}

// weekendDays reads names of weekdays in a row written as one word, such as
// FridaySaturdaySunday.
func (r *inrc1Reader) weekendDays(e *element) (start, days int) {
	rest := e.Text
	for rest != "" {
		d := -1
		for i, name := range weekdayNames {
			if strings.HasPrefix(rest, name) {
				d, rest = i, rest[len(name):]
				break
			}
		}
		if d < 0 || days > 0 && d != (start+days)%7 || days == 6 {
			r.addf(e.Line, "%s is no weekend, want weekdays in a row such as SaturdaySunday", quote(e.Text))
			return 5, 2
		}
		if days == 0 {
			start = d
		}
		days++
	}
	if days < 2 {
		r.addf(e.Line, "%s is no weekend, want two days or more", quote(e.Text))
		return 5, 2
	}
	return start, days
}

func (r *inrc1Reader) personList(e *element) {
	e.each(r.problems, "Employee", func(k *element) {
		id, ok := r.id(k, &r.people)
		if !ok {
			return
		}
		p := inrc1Person{ID: id, Skills: r.skillsOf(k)}
		p.Contract, _ = r.find(k.kid(r.problems, "ContractID"), &r.contracts)
		r.x.People = append(r.x.People, p)
	})
	if n := len(r.x.People); n == 0 || n > maxPeople {
		r.addf(e.Line, "%d employees, want 1 to %d", n, maxPeople)
	}
}

// cover fills in what each day needs: a date's own cover if it has one, else
// that of its weekday.
func (r *inrc1Reader) cover(e *element) {
	weekday := make([][]int, 7)
	dates := make(map[int][]int)
	for _, k := range e.Kids {
		need := make([]int, len(r.x.Shifts))
		switch k.Name {
		case "DayOfWeekCover":
			day := k.kid(r.problems, "Day")
			d, ok := weekdayOf(day.Text)
			if !ok || weekday[d] != nil {
				r.addf(day.Line, "%s is no weekday or has its cover already", quote(day.Text))
				continue
			}
			weekday[d] = need
		case "DateSpecificCover":
			date := k.kid(r.problems, "Date")
			d, ok := r.day(date)
			if !ok || dates[d] != nil {
				r.addf(date.Line, "%s is outside the period or has its cover already", quote(date.Text))
				continue
			}
			dates[d] = need
		default:
			r.addf(k.Line, "%s in CoverRequirements", quote(k.Name))
			continue
		}
		seen := make(map[int]bool)
		for _, q := range k.Kids {
			if q.Name != "Cover" {
				if q.Name != "Day" && q.Name != "Date" {
					r.addf(q.Line, "%s in %s", quote(q.Name), k.Name)
				}
				continue
			}
			shift := q.kid(r.problems, "Shift")
			n := q.kid(r.problems, "Preferred")
			s, ok := r.find(shift, &r.shifts)
			if ok && seen[s] {
				r.addf(shift.Line, "shift %s has its cover already", quote(shift.Text))
			}
			if ok {
				seen[s] = true
				need[s] = r.number(n.Line, n.Text, "Preferred", 0, maxPeople)
			}
		}
	}
	r.x.Cover = make([][]int, r.x.Days)
	for d := range r.x.Cover {
		if r.x.Cover[d] = dates[d]; r.x.Cover[d] == nil {
			r.x.Cover[d] = weekday[r.x.weekday(d)]
		}
		if r.x.Cover[d] == nil {
			r.x.Cover[d] = make([]int, len(r.x.Shifts))
		}
	}
}

// day reads a date within the period as a day number.
func (r *inrc1Reader) day(e *element) (int, bool) {
	t, ok := r.date(e)
	if !ok {
		return 0, false
	}
	d := int(t.Sub(r.x.Start).Hours() / 24)
	if t.Before(r.x.Start) || d >= r.x.Days {
		return 0, false
	}
	return d, true
}

func (r *inrc1Reader) requests(root *element, list, name string, on bool) {
	e, _ := root.maybe(list)
	if e == nil {
		return
	}
	e.each(r.problems, name, func(k *element) {
		q := inrc1Request{On: on, Shift: inrc1Any, Weight: r.weight(k)}
		var ok1, ok2 bool
		q.Person, ok1 = r.find(k.kid(r.problems, "EmployeeID"), &r.people)
		date := k.kid(r.problems, "Date")
		if q.Day, ok2 = r.day(date); !ok2 {
			r.addf(date.Line, "%s is no day of the period", quote(date.Text))
		}
		if strings.HasPrefix(name, "Shift") {
			var ok bool
			q.Shift, ok = r.find(k.kid(r.problems, "ShiftTypeID"), &r.shifts)
			ok1 = ok1 && ok
		}
		if ok1 && ok2 {
			r.x.Requests = append(r.x.Requests, q)
		}
	})
}

func (x *inrc1) Name() string { return x.name }
