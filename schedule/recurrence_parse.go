package schedule

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/teambition/rrule-go"
)

// ruleParser reads one RRULE. The library's own reader is not used: it takes combinations that then hang, panic or
// silently mean something else, and knows no places.
type ruleParser struct {
	text string // as given
	rule recurrenceRule
}

// errorAt is a RecurrenceError for the byte at offset.
func (p *ruleParser) errorAt(offset int, hint, format string, args ...any) error {
	return &RecurrenceError{Text: p.text, Offset: offset, Reason: fmt.Sprintf(format, args...), Hint: hint}
}

// parseRule checks the whole grammar; what it returns the library expands without trouble.
func parseRule(s string) (recurrenceRule, error) {
	p := &ruleParser{text: s, rule: recurrenceRule{interval: 1, weekStart: time.Monday, keyOffsets: map[string]int{}}}
	if len(s) > maxRecurrenceLen {
		return p.rule, p.errorAt(maxRecurrenceLen, "shorten it", "the rrule is longer than %d bytes", maxRecurrenceLen)
	}
	for i := range len(s) {
		if s[i] <= ' ' || s[i] >= 0x7f {
			rest := s[i:]
			hint := "write plain letters, digits and = ; , - only"
			if strings.TrimSpace(rest) == "" || s[i] == ' ' {
				hint = "remove the space"
			}
			if strings.HasPrefix(strings.ToUpper(s), "DTSTART") {
				hint = "write the RRULE alone; the first date goes beside it, as from"
			}
			return p.rule, p.errorAt(i, hint, "the character %q cannot stand in an rrule", []rune(rest)[0])
		}
	}
	start := 0
	if len(s) >= 6 && strings.EqualFold(s[:6], "RRULE:") {
		start = 6
	}
	for offset := start; offset <= len(s); {
		end := strings.IndexByte(s[offset:], ';')
		if end < 0 {
			end = len(s)
		} else {
			end += offset
		}
		if err := p.part(offset, end); err != nil {
			return p.rule, err
		}
		offset = end + 1
	}
	if err := p.combination(); err != nil {
		return p.rule, err
	}
	r := &p.rule
	for _, list := range []*[]int{&r.months, &r.yearDays, &r.monthDays, &r.setPos} {
		slices.Sort(*list)
	}
	slices.SortFunc(r.weekdays, func(a, b ordinalDay) int {
		if a.n != b.n {
			return a.n - b.n
		}
		return int((a.day+6)%7) - int((b.day+6)%7)
	})
	return p.rule, nil
}

// part reads one KEY=value that stands at [offset, end).
func (p *ruleParser) part(offset, end int) error {
	text := p.text[offset:end]
	name, value, found := strings.Cut(text, "=")
	key := strings.ToUpper(name)
	at := offset + len(name) + 1
	switch {
	case text == "" && end == len(p.text) && len(p.rule.keyOffsets) > 0:
		return p.errorAt(offset-1, "remove the semicolon at the end", "nothing follows the last semicolon")
	case text == "":
		return p.errorAt(offset, "write KEY=value, such as FREQ=WEEKLY", "a part is empty")
	case refusedKeys[key] != "":
		return p.errorAt(offset, refusedKeys[key], "%s is not supported", key)
	case !slices.Contains(canonicalKeys, key):
		hint := "known are " + strings.Join(canonicalKeys, ", ")
		if near, ok := Nearest(key, canonicalKeys); ok {
			hint = "did you mean " + near + "?"
		}
		return p.errorAt(offset, hint, "unknown key %q", name)
	case !found:
		return p.errorAt(end, "write "+key+"=value", "%s has no value", key)
	case value == "":
		return p.errorAt(at, "give a value or remove "+key, "%s has no value", key)
	}
	if _, twice := p.rule.keyOffsets[key]; twice {
		hint := "keep one"
		if strings.HasPrefix(key, "BY") {
			hint = "keep one, with its values separated by commas"
		}
		return p.errorAt(offset, hint, "%s stands twice", key)
	}
	p.rule.keyOffsets[key] = offset

	r, err := &p.rule, error(nil)
	switch key {
	case "FREQ":
		n := slices.Index(frequencyNames, strings.ToUpper(value))
		if n < 0 {
			hint := "write DAILY, WEEKLY, MONTHLY or YEARLY"
			if near, ok := Nearest(value, frequencyNames); ok {
				hint = "did you mean " + near + "?"
			}
			return p.errorAt(at, hint, "unknown frequency %q", value)
		}
		r.freq = rrule.Frequency(n)
	case "INTERVAL":
		r.interval, err = p.number(key, value, at, 1, maxInterval, false)
	case "COUNT":
		r.count, err = p.number(key, value, at, 1, maxCount, false)
	case "UNTIL":
		r.until, err = p.untilDate(value, at)
	case "BYMONTH":
		r.months, err = p.numbers(key, value, at, 12, false)
	case "BYYEARDAY":
		r.yearDays, err = p.numbers(key, value, at, 366, true)
	case "BYMONTHDAY":
		r.monthDays, err = p.numbers(key, value, at, 31, true)
	case "BYSETPOS":
		r.setPos, err = p.numbers(key, value, at, 366, true)
	case "BYDAY":
		err = p.entries(value, at, func(entry string, at int) error {
			w, err := p.weekday(entry, at)
			if err == nil && slices.Contains(r.weekdays, w) {
				err = p.errorAt(at, "remove one", "BYDAY lists %s twice", strings.ToUpper(entry))
			}
			r.weekdays = append(r.weekdays, w)
			return err
		})
	case "WKST":
		n := slices.Index(weekdayNames, strings.ToUpper(value))
		if n < 0 {
			return p.errorAt(at, "write one of MO TU WE TH FR SA SU", "unknown weekday %q", value)
		}
		r.weekStart = time.Weekday(n)
	}
	return err
}

// entries calls read for each entry of a list, with its place.
func (p *ruleParser) entries(value string, at int, read func(entry string, at int) error) error {
	for entry := range strings.SplitSeq(value, ",") {
		if entry == "" {
			return p.errorAt(at, "remove the extra comma", "a list entry is empty")
		}
		if err := read(entry, at); err != nil {
			return err
		}
		at += len(entry) + 1
	}
	return nil
}

// numbers reads a list of different numbers from 1 to limit and, where signed, from -limit to -1.
func (p *ruleParser) numbers(key, value string, at, limit int, signed bool) ([]int, error) {
	var list []int
	err := p.entries(value, at, func(entry string, at int) error {
		n, err := p.number(key, entry, at, 1, limit, signed)
		if err == nil && slices.Contains(list, n) {
			err = p.errorAt(at, "remove one", "%s lists %d twice", key, n)
		}
		list = append(list, n)
		return err
	})
	return list, err
}

// number reads a number from low to high, or where signed also its negative, which counts from the end.
func (p *ruleParser) number(key, text string, at, low, high int, signed bool) (int, error) {
	digitsOnly, negative := text, false
	if signed {
		digitsOnly = strings.TrimPrefix(text, "+")
		if digitsOnly == text {
			digitsOnly = strings.TrimPrefix(text, "-")
			negative = digitsOnly != text
		}
	}
	n, ok := digits(digitsOnly)
	if !ok || n < low || n > high {
		hint := fmt.Sprintf("write a whole number from %d to %d", low, high)
		if signed {
			hint += fmt.Sprintf(", or from -%d to -%d to count from the end", high, low)
		}
		return 0, p.errorAt(at, hint, "bad %s %q", key, text)
	}
	if negative {
		n = -n
	}
	return n, nil
}

// untilDate reads 20261231. A time of day is refused rather than guessed at: in UTC, as calendars write it, it could
// mean the date before or after in the zone of the shift.
func (p *ruleParser) untilDate(value string, at int) (Date, error) {
	hint := "write the last date, which is included, as UNTIL=20261231"
	if len(value) >= 8 {
		if d, err := ParseDate(value[:4] + "-" + value[4:6] + "-" + value[6:8]); err == nil {
			if len(value) == 8 {
				return d, nil
			}
			if value[8] == 'T' || value[8] == 't' {
				return Date{}, p.errorAt(at+8, "write the last date alone: UNTIL="+value[:8], "UNTIL has a time of day")
			}
		} else if _, ok := digits(value[:8]); ok && len(value) == 8 {
			return Date{}, p.errorAt(at, hint, "UNTIL is not a date: %v", err)
		}
		if d, err := ParseDate(value); err == nil {
			hint = "write it without hyphens: UNTIL=" + strings.ReplaceAll(d.String(), "-", "")
		}
	}
	return Date{}, p.errorAt(at, hint, "bad UNTIL %q", value)
}

// weekday reads an entry of BYDAY: MO, 2MO, -1FR.
func (p *ruleParser) weekday(entry string, at int) (ordinalDay, error) {
	split := strings.IndexFunc(entry, func(c rune) bool { return c != '+' && c != '-' && (c < '0' || c > '9') })
	if split < 0 {
		return ordinalDay{}, p.errorAt(at, "write a weekday, such as MO or 2MO", "BYDAY entry %q has no weekday", entry)
	}
	name := strings.ToUpper(entry[split:])
	day := slices.Index(weekdayNames, name)
	if day < 0 {
		hint := "write one of MO TU WE TH FR SA SU"
		for i, short := range weekdayNames {
			full := strings.ToUpper(time.Weekday(i).String())
			if len(name) >= 3 && strings.HasPrefix(name, full[:3]) {
				hint = "write " + short
			}
		}
		return ordinalDay{}, p.errorAt(at+split, hint, "unknown weekday %q", entry[split:])
	}
	w := ordinalDay{day: time.Weekday(day)}
	if split > 0 {
		n, err := p.number("ordinal in BYDAY", entry[:split], at, 1, 53, true)
		if err != nil {
			return w, err
		}
		w.n = n
	}
	return w, nil
}

// combination checks what no single part shows.
func (p *ruleParser) combination() error {
	r, keys := &p.rule, p.rule.keyOffsets
	at := func(key string) int { return keys[key] }
	has := func(key string) bool { _, ok := keys[key]; return ok }
	freq := frequencyNames[r.freq]
	switch {
	case !has("FREQ"):
		return p.errorAt(len(p.text), "add FREQ=DAILY, WEEKLY, MONTHLY or YEARLY", "FREQ is missing")
	case has("COUNT") && has("UNTIL"):
		return p.errorAt(max(at("COUNT"), at("UNTIL")), "keep one of them", "COUNT and UNTIL exclude each other")
	case has("BYMONTHDAY") && r.freq == rrule.WEEKLY:
		return p.errorAt(at("BYMONTHDAY"), "use FREQ=MONTHLY, or BYDAY", "BYMONTHDAY cannot stand with WEEKLY")
	case has("BYYEARDAY") && r.freq != rrule.YEARLY:
		return p.errorAt(at("BYYEARDAY"), "use FREQ=YEARLY", "BYYEARDAY cannot stand with %s", freq)
	case has("BYSETPOS") && r.freq == rrule.DAILY:
		return p.errorAt(at("BYSETPOS"), "remove it, or use FREQ=WEEKLY, MONTHLY or YEARLY", "BYSETPOS picks nothing from a single day")
	case has("BYSETPOS") && len(r.weekdays)+len(r.monthDays)+len(r.yearDays)+len(r.months) == 0:
		return p.errorAt(at("BYSETPOS"), "add BYDAY or BYMONTHDAY", "BYSETPOS has no days to pick from")
	}
	if err := p.ordinals(freq); err != nil {
		return err
	}
	most := map[rrule.Frequency]int{rrule.WEEKLY: 7, rrule.MONTHLY: 31, rrule.YEARLY: 366}[r.freq]
	for _, n := range r.setPos {
		if max(n, -n) > most {
			return p.errorAt(at("BYSETPOS"), fmt.Sprintf("use at most %d", most), "BYSETPOS %d is more than %s has days", n, freq)
		}
	}
	if !r.happens() {
		key := "BYMONTHDAY"
		if has("BYYEARDAY") {
			key = "BYYEARDAY"
		}
		return p.errorAt(at(key), "choose a day that the calendar has", "the rule never happens: no such day in these months")
	}
	return nil
}

// ordinals checks the numbers of BYDAY against the period in which they count.
func (p *ruleParser) ordinals(freq string) error {
	r, at := &p.rule, p.rule.keyOffsets["BYDAY"]
	numbered, most, period := 0, 5, "month"
	if r.freq == rrule.YEARLY && len(r.months) == 0 {
		most, period = 53, "year"
	}
	for _, w := range r.weekdays {
		if w.n == 0 {
			continue
		}
		numbered++
		name := strconv.Itoa(w.n) + weekdayNames[w.day]
		if r.freq == rrule.DAILY || r.freq == rrule.WEEKLY {
			return p.errorAt(at, "write BYDAY="+weekdayNames[w.day]+", or use FREQ=MONTHLY or YEARLY", "%s in BYDAY cannot stand with %s", name, freq)
		}
		if max(w.n, -w.n) > most {
			return p.errorAt(at, fmt.Sprintf("use 1 to %d, or -%d to -1", most, most), "%s in BYDAY: a %s never has so many", name, period)
		}
	}
	if numbered > 0 && numbered < len(r.weekdays) {
		return p.errorAt(at, "number every weekday or none", "BYDAY mixes weekdays with and without a number")
	}
	return nil
}

// happens reports whether months, days of the month and days of the year leave any date at all. Weekdays and intervals
// are left aside: expansion is bounded without this check.
func (r *recurrenceRule) happens() bool {
	if len(r.monthDays)+len(r.yearDays) == 0 {
		return true
	}
	fits := func(list []int, n, fromEnd int) bool {
		return len(list) == 0 || slices.Contains(list, n) || slices.Contains(list, fromEnd)
	}
	for _, year := range []int{2023, 2024} { // common and leap: a day of the year is another date in each
		for d := (Date{year, time.January, 1}); d.Year == year; d = d.AddDays(1) {
			yearDay, yearEnd := d.wall().YearDay(), 366+year-2023
			if fits(r.months, int(d.Month), 0) && fits(r.monthDays, d.Day, d.Day-daysIn(year, d.Month)-1) && fits(r.yearDays, yearDay, yearDay-yearEnd) {
				return true
			}
		}
	}
	return false
}
