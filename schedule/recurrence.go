package schedule

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/teambition/rrule-go"
)

// Recurrence says on which dates something happens: the value of an RRULE of RFC 5545, limited to what makes sense
// for dates. It is immutable and comparable with ==; two are equal when their canonical texts are. The zero value
// means every day. A Recurrence knows neither times nor zones: those belong to the shift or availability that has it.
type Recurrence struct {
	text string // canonical; empty for every day
}

// RecurrenceError says what is wrong with an RRULE, where, and how to mend it.
type RecurrenceError struct {
	Text   string // the whole RRULE as it was given
	Offset int    // where in Text the trouble starts, in bytes, from 0; len(Text) when something is missing at the end
	Reason string // what is wrong: `unknown frequency "WEEKY"`
	Hint   string // how to mend it: `did you mean WEEKLY?`
}

// Error gives reason, hint and place in one line.
func (e *RecurrenceError) Error() string {
	text := e.Text
	if len(text) > 80 {
		text = strings.ToValidUTF8(text[:80], "") + "..."
	}
	return fmt.Sprintf("bad rrule %q at byte %d: %s; %s", text, e.Offset, e.Reason, e.Hint)
}

var (
	// ErrNeedsFrom is what Dates gives for a rule that counts from a first date when there is none.
	ErrNeedsFrom = errors.New("the rrule counts from a first date: give one with from")
	// ErrTooManyDates is what Dates gives when the dates asked for span more than a century.
	ErrTooManyDates = errors.New("the dates asked for span more than 100 years")
)

const (
	everyDay         = "FREQ=DAILY"
	maxInterval      = 999
	maxCount         = 9999
	maxRecurrenceLen = 4096  // bytes; the longest sensible text, every day of the year by number, is shorter
	maxSpan          = 36525 // days that one call of Dates may look through
)

// recurrenceRule is the parsed form, valid once parse accepted it. It is kept as a text between calls and parsed again
// by each, so that no two calls share anything that could change.
type recurrenceRule struct {
	freq       rrule.Frequency
	interval   int
	count      int
	until      Date
	months     []int
	yearDays   []int
	monthDays  []int
	weekdays   []ordinalDay
	setPos     []int
	weekStart  time.Weekday
	keyOffsets map[string]int // where each key stands, for errors about combinations
}

// ordinalDay is one entry of BYDAY: a weekday, or the nth (from the end for a negative n) of the month or year.
type ordinalDay struct {
	n   int // 0: every one
	day time.Weekday
}

var (
	frequencyNames = []string{"YEARLY", "MONTHLY", "WEEKLY", "DAILY"} // in the order of rrule.Frequency
	weekdayNames   = []string{"SU", "MO", "TU", "WE", "TH", "FR", "SA"}
	// canonicalKeys is the order in which String writes them.
	canonicalKeys = []string{"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYMONTH", "BYYEARDAY", "BYMONTHDAY", "BYDAY", "BYSETPOS", "WKST"}
	// refusedKeys are known to RFC 5545 and refused here, with the reason.
	refusedKeys = map[string]string{
		"BYHOUR":   "remove it: the time of day is given beside the rrule",
		"BYMINUTE": "remove it: the time of day is given beside the rrule",
		"BYSECOND": "remove it: the time of day is given beside the rrule",
		"BYWEEKNO": "use FREQ=WEEKLY with an INTERVAL and a first date",
		"BYEASTER": "remove it and list the dates",
		"RSCALE":   "remove it: dates are Gregorian",
		"SKIP":     "remove it: a date that a month does not have is left out",
	}
)

// ParseRecurrence reads an RRULE value such as FREQ=WEEKLY;BYDAY=SA,SU, in capital or small letters and with or
// without a leading "RRULE:". The empty string is the zero Recurrence, every day. What it takes:
//
//   - FREQ, one of DAILY, WEEKLY, MONTHLY, YEARLY; INTERVAL 1 to 999; COUNT 1 to 9999 or else UNTIL, a date that is
//     itself still included; WKST;
//   - BYMONTH; BYDAY, with ordinals (2MO, -1FR) only for MONTHLY and YEARLY and for all its entries or none;
//     BYMONTHDAY, not for WEEKLY; BYYEARDAY, for YEARLY; BYSETPOS, beside another BY key and not for DAILY.
//
// Each key may stand once and each entry of a list once. Times of day, BYWEEKNO and finer frequencies are refused. A
// rule whose days no calendar has, such as the 30th of February, is refused too. Errors are *RecurrenceError.
func ParseRecurrence(s string) (Recurrence, error) {
	if s == "" {
		return Recurrence{}, nil
	}
	rule, err := parseRule(s)
	if err != nil {
		return Recurrence{}, err
	}
	text := rule.canonical()
	if text == everyDay {
		text = ""
	}
	return Recurrence{text: text}, nil
}

// MustRecurrence is ParseRecurrence for constants and tests; it panics on a bad rule.
func MustRecurrence(s string) Recurrence {
	r, err := ParseRecurrence(s)
	if err != nil {
		panic(err)
	}
	return r
}

// String is the canonical text, which ParseRecurrence reads back to an equal value: keys in a fixed order, lists
// sorted, defaults left out. For every day it is FREQ=DAILY, so it always serves as an RRULE of a calendar file.
func (r Recurrence) String() string {
	if r.IsZero() {
		return everyDay
	}
	return r.text
}

// IsZero reports whether r is every day.
func (r Recurrence) IsZero() bool { return r == Recurrence{} }

// MarshalText gives the form of String.
func (r Recurrence) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads what MarshalText gives; empty text is every day.
func (r *Recurrence) UnmarshalText(text []byte) error {
	parsed, err := ParseRecurrence(string(text))
	if err != nil {
		return err
	}
	*r = parsed
	return nil
}

// rule parses the canonical text again; only ParseRecurrence makes one, so it is never in error.
func (r Recurrence) rule() recurrenceRule {
	rule, err := parseRule(r.String())
	if err != nil {
		panic("schedule: a recurrence that was accepted is refused: " + err.Error())
	}
	return rule
}

// NeedsFrom reports whether the dates depend on a first one: with COUNT, with an INTERVAL above 1, and where the rule
// leaves the day to it, as FREQ=WEEKLY without BYDAY does.
func (r Recurrence) NeedsFrom() bool {
	rule := r.rule()
	return rule.interval > 1 || rule.count > 0 || rule.dayIsImplied()
}

// Dates lists the dates of the rule within first to last, both included, ascending and without duplicates. INTERVAL and
// COUNT count from the date from, and nothing happens before it; from itself is listed only when the rule names it. A
// zero from, allowed unless NeedsFrom, stands for the beginning of time. Days that a month does not have are left out,
// not moved. Weeks of an INTERVAL start on WKST, Monday unless given.
//
// It depends on nothing but its arguments and is safe for concurrent use. Its work is bounded: ErrTooManyDates is
// given when first to last, or for a COUNT from to last, is more than 100 years.
func (r Recurrence) Dates(from, first, last Date) ([]Date, error) {
	rule := r.rule()
	if from.IsZero() && r.NeedsFrom() {
		return nil, ErrNeedsFrom
	}
	if first.IsZero() || last.IsZero() {
		return nil, errors.New("the dates of an rrule need a first and a last date to look at")
	}
	if !rule.until.IsZero() && rule.until.Before(last) {
		last = rule.until
	}
	if from.After(first) && rule.count == 0 {
		first = from
	}
	start := first // where the walk over the rule's periods begins
	if rule.count > 0 {
		start = from
	}
	if last.Before(first) || last.Before(start) {
		return nil, nil
	}
	if last.Sub(first) >= maxSpan || last.Sub(start) >= maxSpan {
		return nil, ErrTooManyDates
	}
	if from.IsZero() {
		from = first
	}

	// The library looks on until the year 9999 for the next occurrence of a rule that has no more. The calendar
	// repeats every 400 years, weekdays included, so the same question put as late as possible has the same
	// answer in a twentieth of the time.
	shift := (9999 - last.Year) / 400 * 400
	late := func(d Date) time.Time { return time.Date(d.Year+shift, d.Month, d.Day, 0, 0, 0, 0, time.UTC) }

	expander, err := rrule.NewRRule(rule.options(late(from), late(start), late(last)))
	if err != nil {
		return nil, fmt.Errorf("expand rrule %q: %w", r.String(), err)
	}
	var dates []Date
	next := expander.Iterator()
	for n := 1; rule.count == 0 || n <= rule.count; {
		t, ok := next()
		if !ok {
			break
		}
		d := Date{Year: t.Year() - shift, Month: t.Month(), Day: t.Day()}
		if d.Before(from) {
			continue // in the period of from, but earlier; COUNT does not count it
		}
		n++
		if !d.Before(first) {
			dates = append(dates, d)
		}
	}
	return dates, nil
}

// dayIsImplied reports whether the rule takes its day from the first date.
func (r *recurrenceRule) dayIsImplied() bool {
	return r.freq != rrule.DAILY && len(r.weekdays)+len(r.monthDays)+len(r.yearDays) == 0
}

// options states the rule for the library. The walk begins with the first day of the period (day, week, month, year)
// that holds start, in step with the period that holds from. Whole periods make BYSETPOS mean the same in the first
// period as in any other; the caller drops what is before from and counts for itself. Times are midnights in UTC: a wall
// calendar without zones.
func (r *recurrenceRule) options(from, start, last time.Time) rrule.ROption {
	opt := rrule.ROption{
		Freq: r.freq, Interval: r.interval, Until: last,
		Bymonth: r.months, Bymonthday: r.monthDays, Byyearday: r.yearDays, Bysetpos: r.setPos,
		Wkst: libraryDay(r.weekStart, 0),
	}
	for _, w := range r.weekdays {
		opt.Byweekday = append(opt.Byweekday, libraryDay(w.day, w.n))
	}
	if r.dayIsImplied() {
		switch r.freq {
		case rrule.WEEKLY:
			opt.Byweekday = []rrule.Weekday{libraryDay(from.Weekday(), 0)}
		case rrule.YEARLY:
			if len(opt.Bymonth) == 0 {
				opt.Bymonth = []int{int(from.Month())}
			}
			opt.Bymonthday = []int{from.Day()}
		default:
			opt.Bymonthday = []int{from.Day()}
		}
	}
	days := func(a, b time.Time) int { return int((b.Unix() - a.Unix()) / 86400) }
	ahead := func(n int) int { return max(0, n) / r.interval * r.interval } // whole intervals within n periods
	switch r.freq {
	case rrule.DAILY:
		opt.Dtstart = from.AddDate(0, 0, ahead(days(from, start)))
	case rrule.WEEKLY:
		week := from.AddDate(0, 0, -int((from.Weekday()-r.weekStart+7)%7))
		opt.Dtstart = week.AddDate(0, 0, 7*ahead(days(week, start)/7))
	case rrule.MONTHLY:
		month := from.AddDate(0, 0, 1-from.Day())
		opt.Dtstart = month.AddDate(0, ahead(12*(start.Year()-from.Year())+int(start.Month()-from.Month())), 0)
	case rrule.YEARLY:
		year := from.AddDate(0, 0, 1-from.YearDay())
		opt.Dtstart = year.AddDate(ahead(start.Year()-from.Year()), 0, 0)
	}
	return opt
}

// libraryDay is a weekday, or the nth of its period, as the library has it.
func libraryDay(day time.Weekday, n int) rrule.Weekday {
	all := [...]rrule.Weekday{rrule.SU, rrule.MO, rrule.TU, rrule.WE, rrule.TH, rrule.FR, rrule.SA}
	if n == 0 {
		return all[day]
	}
	return all[day].Nth(n)
}

// canonical is the text that String documents.
func (r *recurrenceRule) canonical() string {
	parts := []string{"FREQ=" + frequencyNames[r.freq]}
	list := func(key string, values []int) {
		if len(values) > 0 {
			texts := make([]string, len(values))
			for i, v := range values {
				texts[i] = strconv.Itoa(v)
			}
			parts = append(parts, key+"="+strings.Join(texts, ","))
		}
	}
	if r.interval > 1 {
		list("INTERVAL", []int{r.interval})
	}
	if r.count > 0 {
		list("COUNT", []int{r.count})
	}
	if !r.until.IsZero() {
		parts = append(parts, "UNTIL="+strings.ReplaceAll(r.until.String(), "-", ""))
	}
	list("BYMONTH", r.months)
	list("BYYEARDAY", r.yearDays)
	list("BYMONTHDAY", r.monthDays)
	if len(r.weekdays) > 0 {
		texts := make([]string, len(r.weekdays))
		for i, w := range r.weekdays {
			texts[i] = weekdayNames[w.day]
			if w.n != 0 {
				texts[i] = strconv.Itoa(w.n) + texts[i]
			}
		}
		parts = append(parts, "BYDAY="+strings.Join(texts, ","))
	}
	list("BYSETPOS", r.setPos)
	if r.weekStart != time.Monday {
		parts = append(parts, "WKST="+weekdayNames[r.weekStart])
	}
	return strings.Join(parts, ";")
}
