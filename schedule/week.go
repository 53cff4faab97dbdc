package schedule

import "time"

// RosterDays lists the dates from first to last, inclusive.
func RosterDays(first, last Date) []Date {
	var days []Date
	for d := first; !d.IsZero() && !d.After(last); d = d.AddDays(1) {
		days = append(days, d)
	}
	return days
}

// Week is a team week, [First, Last], seven roster days, with the part of it that is in a period.
type Week struct {
	First, Last Date
	// From and To are the first and last of its days within the period, inclusive.
	From, To Date
}

// Days is the number of days within the period, 1 to 7.
func (w Week) Days() int { return w.To.Sub(w.From) + 1 }

// Has reports whether the roster day is in the week, within the period or not.
func (w Week) Has(day Date) bool { return !day.Before(w.First) && !day.After(w.Last) }

// Weeks lists the weeks that share a day with [first, last], ascending, for weeks that start on the weekday start.
func Weeks(start time.Weekday, first, last Date) []Week {
	var weeks []Week
	if first.IsZero() {
		return nil
	}
	for d := first.WeekStart(start); !d.IsZero() && !d.After(last); d = d.AddDays(7) {
		w := Week{First: d, Last: d.AddDays(6), From: d, To: d.AddDays(6)}
		if w.From.Before(first) {
			w.From = first
		}
		if w.To.After(last) {
			w.To = last
		}
		weeks = append(weeks, w)
	}
	return weeks
}

// TeamWeek is the instants of the week that begins on the roster day first, [start, end).
func TeamWeek(first Date, here *time.Location) Interval {
	return Interval{Start: startOf(first, here), End: startOf(first.AddDays(7), here)}
}

// WeekendDays is one weekend of a team.
type WeekendDays struct {
	// Day is the date on which it begins.
	Day Date
	// Interval is its instants on the clock of the zone asked for.
	Interval Interval
}

// Weekends lists the team's weekends on the clock of loc that share an instant with the dates [first, last] there,
// ascending. For rules loc is the team's zone; for burden it is the agent's.
func Weekends(team Team, loc *time.Location, first, last Date) []WeekendDays {
	if first.IsZero() || last.Before(first) {
		return nil
	}
	within := Interval{Start: startOf(first, loc), End: startOf(last.AddDays(1), loc)}
	var list []WeekendDays
	for d := first.AddDays(-7).WeekStart(team.Weekend.Start.Day); !d.IsZero() && !d.After(last); d = d.AddDays(7) {
		if at := team.Weekend.On(d, loc); at.Overlaps(within) {
			list = append(list, WeekendDays{Day: d, Interval: at})
		}
	}
	return list
}

// ProRata is the part of a week's hours for so many of its seven days, rounded down to whole minutes. It is how
// minimum and target hours shrink: hours x days / 7, where days are those of the week that are within the period,
// within the agent's employment and not whole days of leave (see CountedDays). A maximum never shrinks.
func ProRata(week Minutes, days int) Minutes {
	return week * Minutes(min(max(days, 0), 7)) / 7
}

// CountedDays is the number of days of the week for which the agent owes hours: within the period, employed, not on
// leave all day. leave is what LeaveDays gave.
func CountedDays(a Agent, w Week, leave map[Date]bool) int {
	n := 0
	for _, d := range RosterDays(w.From, w.To) {
		if a.Employed(d) && !leave[d] {
			n++
		}
	}
	return n
}

// LeaveDays is the dates within [first, last] that the agent's leave in force covers from midnight to midnight on the
// agent's own clock. A date stands for the roster day of the same date, whatever the zones.
func LeaveDays(team Team, a Agent, entries []Availability, first, last Date) (map[Date]bool, error) {
	loc, err := a.Location(team)
	if err != nil {
		return nil, err
	}
	days := map[Date]bool{}
	if first.IsZero() || last.Before(first) {
		return days, nil
	}
	within := Interval{Start: startOf(first, loc), End: startOf(last.AddDays(1), loc)}
	var off []Interval
	for _, e := range entries {
		if e.Agent == a.ID && e.Kind == Leave && e.InForce() {
			windows, err := e.Windows(loc, within)
			if err != nil {
				return nil, err
			}
			off = append(off, windows...)
		}
	}
	if len(off) == 0 {
		return days, nil
	}
	for _, d := range RosterDays(first, last) {
		start, end := DayBounds(d, loc)
		if day := (Interval{Start: start, End: end}); !day.IsEmpty() && len(Gaps(day, off)) == 0 {
			days[d] = true
		}
	}
	return days, nil
}
