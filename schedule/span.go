package schedule

import (
	"fmt"
	"strings"
	"time"
)

// ClockSpan is a stretch of wall clock, [Start, End). An end at or before the start is on the next date, so 23:00-07:00
// is a night and the zero ClockSpan, like 00:00-24:00, is the whole day.
type ClockSpan struct {
	Start, End Clock
}

// IsWholeDay reports whether the span begins at midnight and ends at the next one.
func (s ClockSpan) IsWholeDay() bool {
	return s.Start == Midnight && (s.End == Midnight || s.End == EndOfDay)
}

// Length is the span on a wall clock without changes of the hour.
func (s ClockSpan) Length() Minutes {
	if s.End <= s.Start {
		return Minutes(s.End + EndOfDay - s.Start)
	}
	return Minutes(s.End - s.Start)
}

// On is the instants of the span that begins on d in loc: from the first time the clock shows Start (or the first
// instant after a gap that swallows it, then moved is true) to the last time it shows End. The interval is empty when
// loc has no such date.
func (s ClockSpan) On(d Date, loc *time.Location) (at Interval, moved bool) {
	if !DateExists(d, loc) {
		return Interval{}, false
	}
	last := d
	if s.End <= s.Start {
		last = d.AddDays(1)
	}
	start, moved := StartInstant(d, s.Start, loc)
	end, _ := EndInstant(last, s.End, loc)
	if !start.Before(end) {
		return Interval{}, moved
	}
	return Interval{Start: start, End: end}, moved
}

// String is the form 23:00-07:00.
func (s ClockSpan) String() string { return s.Start.String() + "-" + s.End.String() }

// WeekTime is a moment of the week on a wall clock.
type WeekTime struct {
	Day   time.Weekday
	Clock Clock
}

// String is the form saturday 00:00.
func (w WeekTime) String() string { return strings.ToLower(w.Day.String()) + " " + w.Clock.String() }

// WeekSpan is a stretch of every week, [Start, End), which may run over the end of the week.
type WeekSpan struct {
	Start, End WeekTime
}

// On is the instants of the span that begins on the date d in loc; d is to be on the span's first weekday.
func (s WeekSpan) On(d Date, loc *time.Location) Interval {
	days := int(s.End.Day-s.Start.Day+7) % 7
	if days == 0 && s.End.Clock <= s.Start.Clock {
		days = 7
	}
	start, _ := StartInstant(d, s.Start.Clock, loc)
	end, _ := EndInstant(d.AddDays(days), s.End.Clock, loc)
	return Interval{Start: start, End: end}
}

// String is the form saturday 00:00 - monday 00:00.
func (s WeekSpan) String() string { return s.Start.String() + " - " + s.End.String() }

// Weekdays is a set of days of the week. The empty set stands for every day where a selector is meant.
type Weekdays uint8

// MakeWeekdays is the set of the days given.
func MakeWeekdays(days ...time.Weekday) Weekdays {
	var set Weekdays
	for _, d := range days {
		set |= 1 << uint(d)
	}
	return set
}

// Has reports whether the day is in the set.
func (w Weekdays) Has(d time.Weekday) bool { return w&(1<<uint(d)) != 0 }

// List is the days of the set, from Monday to Sunday.
func (w Weekdays) List() []time.Weekday {
	var days []time.Weekday
	for i := range 7 {
		if d := time.Weekday((i + 1) % 7); w.Has(d) {
			days = append(days, d)
		}
	}
	return days
}

// Names is the days of the set in full lower-case English, from Monday to Sunday.
func (w Weekdays) Names() []string {
	var names []string
	for _, d := range w.List() {
		names = append(names, strings.ToLower(d.String()))
	}
	return names
}

// String is the names, separated by commas.
func (w Weekdays) String() string { return strings.Join(w.Names(), ",") }

// ParseWeekday reads an English day name in any case, in full or cut to its first two or three letters.
func ParseWeekday(s string) (time.Weekday, error) {
	var names []string
	for i := range 7 {
		d := time.Weekday((i + 1) % 7)
		name := strings.ToLower(d.String())
		if t := strings.ToLower(s); t == name || t == name[:3] || t == name[:2] {
			return d, nil
		}
		names = append(names, name)
	}
	return 0, unknown("day", s, names)
}

// ParseClockSpan reads the form 23:00-07:00.
func ParseClockSpan(s string) (ClockSpan, error) {
	from, to, found := strings.Cut(s, "-")
	if !found {
		return ClockSpan{}, fmt.Errorf("bad times %q: write start-end, such as 23:00-07:00", s)
	}
	start, err := ParseClock(strings.TrimSpace(from))
	if err != nil {
		return ClockSpan{}, err
	}
	end, err := ParseClock(strings.TrimSpace(to))
	if err != nil {
		return ClockSpan{}, err
	}
	return ClockSpan{Start: start, End: end}, nil
}
