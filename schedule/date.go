package schedule

import (
	"cmp"
	"fmt"
	"time"
)

// Date is a day of the Gregorian calendar, without a time and without a zone: the date on a wall. It is comparable
// with ==. The zero value means "no date"; its text is empty. Valid years are 1 to 9999. All methods are pure; those
// that calculate return the zero Date for the zero Date.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// ParseDate reads the form 2026-12-07, the only one accepted. A day the calendar does not have, such as
// 2027-02-29, is an error.
func ParseDate(s string) (Date, error) {
	bad := func() (Date, error) {
		return Date{}, fmt.Errorf("bad date %q: write year-month-day, such as 2026-12-07", s)
	}
	if len(s) != 10 || s[4] != '-' || s[7] != '-' {
		return bad()
	}
	year, okYear := digits(s[:4])
	month, okMonth := digits(s[5:7])
	day, okDay := digits(s[8:])
	if !okYear || !okMonth || !okDay {
		return bad()
	}
	d := Date{Year: year, Month: time.Month(month), Day: day}
	if err := d.check(); err != nil {
		return Date{}, fmt.Errorf("bad date %q: %w", s, err)
	}
	return d, nil
}

// MustDate is ParseDate for constants and tests; it panics on a bad date.
func MustDate(s string) Date {
	d, err := ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

// DateOf is the date that a wall calendar in loc shows at t. Times outside the years 1 to 9999 give the zero Date.
func DateOf(t time.Time, loc *time.Location) Date {
	year, month, day := t.In(loc).Date()
	if year < 1 || year > 9999 {
		return Date{}
	}
	return Date{Year: year, Month: month, Day: day}
}

// check says what is wrong with a date that is not the zero one.
func (d Date) check() error {
	switch {
	case d.Year < 1 || d.Year > 9999:
		return fmt.Errorf("the year is not within 1 to 9999")
	case d.Month < time.January || d.Month > time.December:
		return fmt.Errorf("there is no month %d", int(d.Month))
	case d.Day < 1 || d.Day > daysIn(d.Year, d.Month):
		return fmt.Errorf("%s %d has %d days", d.Month, d.Year, daysIn(d.Year, d.Month))
	}
	return nil
}

// daysIn is the length of a month in days.
func daysIn(year int, month time.Month) int {
	return time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// digits reads a short string of decimal digits and nothing else, so no sign and no space.
func digits(s string) (int, bool) {
	n := 0
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, len(s) > 0 && len(s) < 10
}

// String is the form that ParseDate reads; the zero Date gives the empty string.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, int(d.Month), d.Day)
}

// IsZero reports whether d is no date.
func (d Date) IsZero() bool { return d == Date{} }

// wall is midnight at the start of d on a clock that runs without zones, expressed in UTC. It carries calendar
// arithmetic only; it is not an instant of d anywhere.
func (d Date) wall() time.Time { return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC) }

// AddDays is the date n days later, earlier for a negative n. Beyond the years 1 to 9999 it gives the zero Date.
func (d Date) AddDays(n int) Date {
	if d.IsZero() || n > 4_000_000 || n < -4_000_000 {
		return Date{}
	}
	return DateOf(d.wall().AddDate(0, 0, n), time.UTC)
}

// Sub is the number of days from other to d: 1 when d is the day after other. Both must be dates; with a zero one
// the answer is 0.
func (d Date) Sub(other Date) int {
	if d.IsZero() || other.IsZero() {
		return 0
	}
	// Unix seconds rather than Time.Sub, whose Duration saturates after 292 years.
	return int((d.wall().Unix() - other.wall().Unix()) / 86400)
}

// Weekday is the day of the week; Sunday, the zero Weekday, for the zero Date.
func (d Date) Weekday() time.Weekday {
	if d.IsZero() {
		return time.Sunday
	}
	return d.wall().Weekday()
}

// Compare is negative, zero or positive as d is before, equal to or after other. The zero Date is before all others.
func (d Date) Compare(other Date) int {
	return cmp.Or(cmp.Compare(d.Year, other.Year), cmp.Compare(d.Month, other.Month), cmp.Compare(d.Day, other.Day))
}

// Before reports whether d is earlier than other.
func (d Date) Before(other Date) bool { return d.Compare(other) < 0 }

// After reports whether d is later than other.
func (d Date) After(other Date) bool { return d.Compare(other) > 0 }

// ISOWeek is the ISO 8601 week of d and the year that week belongs to, which around New Year can differ from the
// date's own: 2027-01-01 is in week 53 of 2026.
func (d Date) ISOWeek() (year, week int) {
	if d.IsZero() {
		return 0, 0
	}
	return d.wall().ISOWeek()
}

// WeekStart is the first date of the week that holds d, for weeks that start on the weekday first.
func (d Date) WeekStart(first time.Weekday) Date {
	return d.AddDays(-int((d.Weekday() - first + 7) % 7))
}

// MarshalText gives the form of String.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what MarshalText gives; empty text is the zero Date.
func (d *Date) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*d = Date{}
		return nil
	}
	parsed, err := ParseDate(string(text))
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}
