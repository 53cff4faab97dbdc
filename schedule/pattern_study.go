package schedule

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// LetterHours is the stretch of wall clock that a letter of a pattern stands for.
type LetterHours struct {
	Letter byte
	Hours  ClockSpan
	// Next says that the hours are those of the next date, as for a night shift from 00:00.
	Next bool
	// Night says that the shift counts as a night: it carries the tag night.
	Night bool
}

// UsualHours are the hours that a string's letters have when nobody says otherwise: D, S and N of eight hours from 06:00,
// 14:00 and 22:00; but D and N of twelve hours from 07:00 and 19:00 in a string without S that has both on at most half of
// its days, or one of them on exactly half. Other letters are an error, since nobody knows what they mean.
func UsualHours(p Pattern) ([]LetterHours, error) {
	off := 2*strings.Count(p.Days, "-") - len(p.Days)
	long := !strings.Contains(p.Days, "S") && (off == 0 || off > 0 && len(p.Letters()) == 2)
	var hours []LetterHours
	for _, letter := range p.Letters() {
		h := LetterHours{Letter: letter, Night: letter == 'N'}
		switch {
		case letter == 'D' && long:
			h.Hours = ClockSpan{Start: 7 * 60, End: 19 * 60}
		case letter == 'N' && long:
			h.Hours = ClockSpan{Start: 19 * 60, End: 7 * 60}
		case letter == 'D':
			h.Hours = ClockSpan{Start: 6 * 60, End: 14 * 60}
		case letter == 'S':
			h.Hours = ClockSpan{Start: 14 * 60, End: 22 * 60}
		case letter == 'N':
			h.Hours = ClockSpan{Start: 22 * 60, End: 6 * 60}
		default:
			return nil, fmt.Errorf("nobody knows what letter %q of %s means: say its hours", letter, p.Days)
		}
		hours = append(hours, h)
	}
	return hours, nil
}

// Letters lists the letters of the string in the order in which they first come, days off left out.
func (p Pattern) Letters() []byte {
	var letters []byte
	for i := range len(p.Days) {
		if c := p.Days[i]; c != '-' && !slices.Contains(letters, c) {
			letters = append(letters, c)
		}
	}
	return letters
}

// CrewCount is how many crews the pattern is made for: one for each offset, or for each step until the string's first day
// comes back.
func (p Pattern) CrewCount() int {
	if len(p.Offsets) > 0 {
		return len(p.Offsets)
	}
	if n := len(p.Days); n > 0 && p.Step > 0 {
		return n / gcd(n, p.Step)
	}
	return 1
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return max(a, 1)
}

// PatternStudy is what follows from a string: what its crews work, and whether together they fill every shift.
type PatternStudy struct {
	Pattern Pattern
	Hours   []LetterHours
	// Cycle is the days of the string, and Repeats the days after which string and week come back together.
	Cycle, Repeats int
	// Week is the working time per week in the mean, rounded to minutes, and WorstSeven the most in seven days in a row.
	Week, WorstSeven Minutes
	// LongestRun is the most days of work in a row, LongestNights the most nights, LongestOff the most days off. A string
	// without days off or without work counts its own length.
	LongestRun, LongestNights, LongestOff int
	// Weekends is how many weekends there are in Repeats days, and Crews what each crew has of them.
	Weekends int
	Crews    []CrewShare
	Cover    []LetterCover
	// Resonance says in a sentence that the same crews have the same weekends for ever; empty when they do not.
	Resonance string
}

// CrewShare is what one crew works in the days after which string and week come back together.
type CrewShare struct {
	// Crew is its place from 0 and Offset where it stands in the string on the first day, a Monday.
	Crew, Offset int
	Days, Nights int
	// FreeWeekends are those of which no instant is worked, from Saturday to Monday 00:00. OffWeekends are those on whose
	// Saturday and Sunday the string has days off, as the trade counts them: a night that begins on Friday is in it.
	FreeWeekends, OffWeekends int
}

// LetterCover is how many crews are on the shift of a letter: the least and the most of any day.
type LetterCover struct {
	Letter      byte
	Least, Most int
}

// Complete reports whether exactly one crew is on every shift every day.
func (s PatternStudy) Complete() bool {
	return !slices.ContainsFunc(s.Cover, func(c LetterCover) bool { return c.Least != 1 || c.Most != 1 })
}

// FreeWeekends is the least and the most that any crew has.
func (s PatternStudy) FreeWeekends() (least, most int) {
	for i, c := range s.Crews {
		if i == 0 {
			least, most = c.FreeWeekends, c.FreeWeekends
		}
		least, most = min(least, c.FreeWeekends), max(most, c.FreeWeekends)
	}
	return least, most
}

// StudyPattern works out the properties of a pattern on a clock that runs without changes of the hour, from a Monday.
// hours are those of the letters; nil takes UsualHours. days limits the weekdays on which the shifts exist, zero for all.
// The error is about letters without hours and strings without work.
func StudyPattern(p Pattern, hours []LetterHours, days Weekdays) (PatternStudy, error) {
	if strings.Trim(p.Days, "-") == "" {
		return PatternStudy{}, fmt.Errorf("the string %q has no day of work", p.Days)
	}
	if hours == nil {
		var err error
		if hours, err = UsualHours(p); err != nil {
			return PatternStudy{}, err
		}
	}
	n := len(p.Days)
	s := PatternStudy{Pattern: p, Hours: hours, Cycle: n, Repeats: n / gcd(n, 7) * 7}
	s.Weekends = s.Repeats / 7
	of := map[byte]LetterHours{}
	for _, h := range hours {
		of[h.Letter] = h
	}
	for _, letter := range p.Letters() {
		if _, ok := of[letter]; !ok {
			return PatternStudy{}, fmt.Errorf("letter %q of %s has no hours", letter, p.Days)
		}
	}
	// on gives the letter that the crew really works on a day, counted from a Monday; '-' also where there is no shift.
	on := func(offset, day int) byte {
		letter := p.At(offset, day)
		next := 0
		if of[letter].Next {
			next = 1
		}
		if days != 0 && !days.Has(time.Weekday((day+next+1)%7)) {
			return '-'
		}
		return letter
	}
	minutes := func(day int) Minutes {
		if letter := on(0, day); letter != '-' {
			return of[letter].Hours.Length()
		}
		return 0
	}
	total := Minutes(0)
	for d := range s.Repeats {
		total += minutes(d)
		seven := Minutes(0)
		for k := range 7 {
			seven += minutes(d + k)
		}
		s.WorstSeven = max(s.WorstSeven, seven)
	}
	s.Week = (total*7 + Minutes(s.Repeats)/2) / Minutes(s.Repeats)
	s.LongestRun = longestCycle(s.Repeats, n, func(d int) bool { return on(0, d) != '-' })
	s.LongestOff = longestCycle(s.Repeats, n, func(d int) bool { return on(0, d) == '-' })
	s.LongestNights = longestCycle(s.Repeats, n, func(d int) bool { c := on(0, d); return c != '-' && of[c].Night })
	cover := map[byte][]int{}
	for _, letter := range p.Letters() {
		cover[letter] = make([]int, s.Repeats)
	}
	for k := range p.CrewCount() {
		c := CrewShare{Crew: k, Offset: p.Offset(k)}
		busy := make([]bool, s.Weekends)
		for d := range s.Repeats {
			letter := on(c.Offset, d)
			if letter == '-' {
				continue
			}
			h := of[letter]
			cover[letter][d]++
			c.Days++
			if h.Night {
				c.Nights++
			}
			start := d*24*60 + int(h.Hours.Start)
			if h.Next {
				start += 24 * 60
			}
			for w := range s.Weekends + 1 {
				const week, saturday = 7 * 24 * 60, 5 * 24 * 60
				from := w*week + saturday
				if start < from+2*24*60 && from < start+int(h.Hours.Length()) {
					busy[w%s.Weekends] = true
				}
			}
		}
		for w, b := range busy {
			if !b {
				c.FreeWeekends++
			}
			if on(c.Offset, 7*w+5) == '-' && on(c.Offset, 7*w+6) == '-' {
				c.OffWeekends++
			}
		}
		s.Crews = append(s.Crews, c)
	}
	for _, letter := range p.Letters() {
		c := LetterCover{Letter: letter, Least: len(s.Crews)}
		for d, crews := range cover[letter] {
			if days == 0 || on(slices.Index([]byte(p.Days), letter), 0) != '-' || days.Has(time.Weekday((d+1)%7)) {
				c.Least, c.Most = min(c.Least, crews), max(c.Most, crews)
			}
		}
		s.Cover = append(s.Cover, c)
	}
	s.Resonance = sayResonance(s.Crews, s.Cycle, s.Weekends, func(k int) string { return fmt.Sprint(k + 1) })
	return s, nil
}

// longestCycle is the longest run of days in a cycle that goes on for ever; whole is what a run without end counts.
func longestCycle(cycle, whole int, in func(day int) bool) int {
	longest, run := 0, 0
	for d := range 2 * cycle {
		if !in(d) {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	if longest == 2*cycle {
		return whole
	}
	return longest
}

// sayResonance compares crews over the days after which string and week come back together: what they do not share then
// they never share.
func sayResonance(crews []CrewShare, cycle, weekends int, name func(k int) string) string {
	if len(crews) < 2 {
		return ""
	}
	var never, idle, always []string
	for k, c := range crews {
		switch {
		case c.Days == 0:
			idle = append(idle, name(k))
		case c.FreeWeekends == weekends:
			never = append(never, name(k))
		case c.FreeWeekends == 0:
			always = append(always, name(k))
		}
	}
	least, most := crews[0].FreeWeekends, crews[0].FreeWeekends
	for _, c := range crews {
		least, most = min(least, c.FreeWeekends), max(most, c.FreeWeekends)
	}
	var parts []string
	add := func(list []string, one, many string) {
		if len(list) > 0 && len(list) < len(crews) {
			verb := many
			if len(list) == 1 {
				verb = one
			}
			parts = append(parts, fmt.Sprintf("%s of %d crews (%s) %s", fmt.Sprint(len(list)), len(crews), strings.Join(list, ", "), verb))
		}
	}
	add(idle, "never works", "never work")
	if len(idle)+len(never) < len(crews) {
		add(never, "never has a weekend", "never have a weekend")
	}
	add(always, "has every weekend", "have every weekend")
	if len(parts) == 0 && least != most {
		parts = append(parts, fmt.Sprintf("crews have between %d and %d of %d weekends", weekends-most, weekends-least, weekends))
	}
	if len(parts) == 0 || least == most && len(idle) == 0 {
		return ""
	}
	text := fmt.Sprintf("%s, for ever: the cycle of %d days comes back to the same days of the week after %s", strings.Join(parts, "; "),
		cycle, plural(weekends, "week", "weeks"))
	if cycle%7 == 0 {
		text += fmt.Sprintf("; a cycle of %d or %d days moves through the week", cycle-1, cycle+1)
	}
	return upper(text) + "."
}

// ResonanceOf says in a sentence that a rotation gives the same crews the same weekends for ever, by the slots that the
// team's shifts really have: the time after which string and week come back together is laid out twice from the
// rotation's start, and what is unequal in the same way both times stays so. It is empty when there is nothing to say.
func ResonanceOf(b Book, r Rotation) (string, error) {
	p, known := FindPattern(b.Patterns, r.Pattern)
	if !known || len(p.Days) == 0 {
		return "", fmt.Errorf("rotation %s: unknown pattern %q", r.ID, r.Pattern)
	}
	start := r.Start
	if start.Before(r.From) {
		start = r.From
	}
	start = start.WeekStart(b.Team.WeekStart)
	repeats := len(p.Days) / gcd(len(p.Days), 7) * 7
	last := start.AddDays(2*repeats - 1)
	if start.IsZero() || last.IsZero() || !r.Until.IsZero() && r.Until.Before(last) {
		return "", nil // it ends before it comes back
	}
	var used []Shift
	for _, s := range b.Shifts {
		if slices.ContainsFunc(r.Letters, func(l Letter) bool { return l.Shift == s.ID }) {
			used = append(used, s)
		}
	}
	here, err := LoadZone(b.Team.Zone)
	if err != nil {
		return "", err
	}
	slots, err := ExpandSlots(b.Team, used, start.AddDays(-1), last.AddDays(1))
	if err != nil {
		return "", err
	}
	at := make(map[SlotID]Slot, len(slots))
	for _, s := range slots {
		at[s.ID] = s
	}
	weekends := Weekends(b.Team, here, start, last)
	var halves [2][]CrewShare
	r.From, r.Until = Date{}, Date{}
	for h := range halves {
		for k := range r.Crews {
			c := CrewShare{Crew: k}
			touched := map[Date]bool{}
			for n := range repeats {
				id, ok := r.SlotOn(p, k, start.AddDays(h*repeats+n))
				s, exists := at[id]
				if !ok || !exists {
					continue
				}
				c.Days++
				for _, w := range weekends {
					if w.Interval.Overlaps(s.Interval()) {
						touched[w.Day] = true
					}
				}
			}
			c.FreeWeekends = max(repeats/7-len(touched), 0)
			halves[h] = append(halves[h], c)
		}
	}
	if !slices.Equal(halves[0], halves[1]) {
		return "", nil
	}
	name := func(k int) string {
		c := r.Crews[k]
		if c.Name == "" && len(c.Agents) == 1 {
			return string(c.Agents[0])
		}
		return cmp.Or(c.Name, fmt.Sprint(k+1))
	}
	return sayResonance(halves[0], len(p.Days), repeats/7, name), nil
}
