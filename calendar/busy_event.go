package calendar

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"rota/schedule"
)

// moment is a DATE or DATE-TIME with the zone in which it recurs.
type moment struct {
	date schedule.Date
	// seconds since midnight on the wall clock of loc; not used for whole days.
	seconds int
	loc     *time.Location
	day     bool
}

// at is the instant. A wall time that does not exist becomes the end of the gap, and one that exists twice the earlier.
func (m moment) at() time.Time {
	start, _ := schedule.StartInstant(m.date, schedule.Clock(m.seconds/60), m.loc)
	return start.Add(time.Duration(m.seconds%60) * time.Second)
}

// key names an occurrence by its original start.
func (m moment) key() string {
	if m.day {
		return m.date.String()
	}
	return m.at().UTC().Format(instants)
}

// moments reads a list of DATE or DATE-TIME values.
func (b *busyReader) moments(p rawProp) ([]moment, error) {
	loc := b.opt.Zone
	if id := p.param("TZID"); id != "" {
		var err error
		if loc, err = b.zone(id); err != nil {
			return nil, err
		}
	}
	var all []moment
	for value := range strings.SplitSeq(p.value, ",") {
		m, err := readMoment(strings.TrimSpace(value), loc)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p.name, err)
		}
		all = append(all, m)
		if len(all) > MaxBusy {
			return nil, fmt.Errorf("%s lists more than %d times", p.name, MaxBusy)
		}
	}
	return all, nil
}

func readMoment(s string, loc *time.Location) (moment, error) {
	layout := dates
	switch {
	case len(s) == 16 && s[15] == 'Z':
		layout, loc = instants, time.UTC
	case len(s) == 15:
		layout = strings.TrimSuffix(instants, "Z")
	}
	t, err := time.Parse(layout, s)
	if err != nil || t.Year() < 1 {
		return moment{}, fmt.Errorf("%.40q is no date or time", s)
	}
	m := moment{date: schedule.DateOf(t, time.UTC), loc: loc, day: layout == dates}
	m.seconds = t.Hour()*3600 + t.Minute()*60 + t.Second()
	return m, nil
}

// windowsZones are the names that calendars of Microsoft's give to zones, for those that teams around the world meet
// most (Unicode CLDR, windowsZones).
var windowsZones = map[string]string{
	"UTC": "Etc/UTC", "GMT Standard Time": "Europe/London", "Greenwich Standard Time": "Atlantic/Reykjavik",
	"W. Europe Standard Time": "Europe/Berlin", "Central Europe Standard Time": "Europe/Budapest",
	"Romance Standard Time": "Europe/Paris", "Central European Standard Time": "Europe/Warsaw",
	"GTB Standard Time": "Europe/Bucharest", "FLE Standard Time": "Europe/Kiev", "E. Europe Standard Time": "Europe/Chisinau",
	"Turkey Standard Time": "Europe/Istanbul", "Russian Standard Time": "Europe/Moscow", "Caucasus Standard Time": "Asia/Yerevan",
	"Georgian Standard Time": "Asia/Tbilisi", "Azerbaijan Standard Time": "Asia/Baku", "Arabian Standard Time": "Asia/Dubai",
	"Arab Standard Time": "Asia/Riyadh", "Israel Standard Time": "Asia/Jerusalem", "Iran Standard Time": "Asia/Tehran",
	"India Standard Time": "Asia/Kolkata", "Nepal Standard Time": "Asia/Kathmandu", "Pakistan Standard Time": "Asia/Karachi",
	"China Standard Time": "Asia/Shanghai", "Singapore Standard Time": "Asia/Singapore", "SE Asia Standard Time": "Asia/Bangkok",
	"Tokyo Standard Time": "Asia/Tokyo", "Korea Standard Time": "Asia/Seoul", "Taipei Standard Time": "Asia/Taipei",
	"AUS Eastern Standard Time": "Australia/Sydney", "E. Australia Standard Time": "Australia/Brisbane",
	"Lord Howe Standard Time": "Australia/Lord_Howe", "New Zealand Standard Time": "Pacific/Auckland",
	"Eastern Standard Time": "America/New_York", "Central Standard Time": "America/Chicago", "Mountain Standard Time": "America/Denver",
	"US Mountain Standard Time": "America/Phoenix", "Pacific Standard Time": "America/Los_Angeles",
	"Atlantic Standard Time": "America/Halifax", "Newfoundland Standard Time": "America/St_Johns",
	"Central Standard Time (Mexico)": "America/Mexico_City", "SA Pacific Standard Time": "America/Bogota",
	"E. South America Standard Time": "America/Sao_Paulo", "Argentina Standard Time": "America/Buenos_Aires",
	"Pacific SA Standard Time": "America/Santiago", "Cuba Standard Time": "America/Havana",
	"W. Central Africa Standard Time": "Africa/Lagos", "South Africa Standard Time": "Africa/Johannesburg",
	"Egypt Standard Time": "Africa/Cairo", "E. Africa Standard Time": "Africa/Nairobi",
}

// zone finds what a TZID means: a zone's own name, what the file says it is, Microsoft's name for one, or a name with a
// prefix, such as /citadel.org/20210210_1/Europe/Berlin.
func (b *busyReader) zone(id string) (*time.Location, error) {
	if loc := b.zones[id]; loc != nil {
		return loc, nil
	}
	if loc, err := schedule.LoadZone(id); err == nil {
		return loc, nil
	}
	name := windowsZones[id]
	if parts := strings.Split(id, "/"); name == "" && len(parts) > 2 {
		for _, tail := range []int{3, 2} {
			if len(parts) > tail {
				if loc, err := schedule.LoadZone(strings.Join(parts[len(parts)-tail:], "/")); err == nil {
					b.zones[id] = loc
					return loc, nil
				}
			}
		}
	}
	if loc, err := schedule.LoadZone(name); name != "" && err == nil {
		b.zones[id] = loc
		return loc, nil
	}
	return nil, fmt.Errorf("unknown time zone %.60q", cleanLine(id))
}

// events understands what was found. Problems of one event do not hold up the others; an error ends the reading.
func (b *busyReader) events() error {
	for _, e := range b.found {
		if p, ok := e.get("RECURRENCE-ID"); ok && !e.free {
			if at, err := b.moments(p); err == nil && len(at) == 1 {
				b.overrides[b.uid(e)+"#"+at[0].key()] = true
			}
		}
	}
	recurring := 0
	for _, e := range b.found {
		if e.free {
			if err := b.freebusy(e); err != nil {
				return err
			}
			continue
		}
		if e.is("STATUS", "CANCELLED") || e.is("X-MICROSOFT-CDO-BUSYSTATUS", "FREE") {
			continue
		}
		away := e.is("X-MICROSOFT-CDO-BUSYSTATUS", "OOF") || e.is("X-GOOGLE-EVENT-TYPE", "outOfOffice")
		if e.is("TRANSP", "TRANSPARENT") && !away {
			continue
		}
		if _, ok := e.get("RRULE"); ok {
			if recurring++; recurring > MaxRecurring {
				return fmt.Errorf("the calendar has more than %d recurring events", MaxRecurring)
			}
		}
		if err := b.event(e, away); err != nil {
			return err
		}
	}
	return nil
}

func (b *busyReader) uid(e rawEvent) string {
	p, ok := e.get("UID")
	if !ok || p.value == "" {
		return fmt.Sprintf("line-%d", e.line)
	}
	return cleanLine(p.value)
}

func (b *busyReader) event(e rawEvent, away bool) error {
	first, length, days, err := b.span(e)
	if err != nil {
		b.problem(e.line, "%s", err)
		return nil
	}
	summary, _ := e.get("SUMMARY")
	t := BusyTime{UID: b.uid(e), Away: away, Summary: cleanLine(unescapeText(summary.value))}
	add := func(m moment, uid string) error {
		t.UID = uid
		if m.day {
			t.First, t.Last = m.date, m.date.AddDays(days-1)
			if t.Last.IsZero() {
				return nil
			}
		} else {
			start := m.at()
			t.Interval = schedule.Interval{Start: start.UTC(), End: start.Add(length).UTC()}
			if length == 0 {
				return nil // a reminder takes no time
			}
		}
		return b.keep(t)
	}
	base := t.UID
	if p, ok := e.get("RECURRENCE-ID"); ok {
		at, err := b.moments(p)
		if err != nil || len(at) != 1 {
			b.problem(e.line, "the RECURRENCE-ID cannot be read")
			return nil
		}
		return add(first, base+"#"+at[0].key())
	}
	occurrences, recurs, err := b.occurrences(e, first, length, days)
	if err != nil {
		b.problem(e.line, "%s", err)
		return nil
	}
	for _, m := range occurrences {
		uid := base
		if recurs {
			uid += "#" + m.key()
			if b.overrides[uid] {
				continue
			}
		}
		if err := add(m, uid); err != nil {
			return err
		}
	}
	return nil
}

// span is when an event first starts and how long it lasts: a length, or a number of days.
func (b *busyReader) span(e rawEvent) (first moment, length time.Duration, days int, err error) {
	p, ok := e.get("DTSTART")
	if !ok {
		return first, 0, 0, fmt.Errorf("an event without DTSTART")
	}
	starts, err := b.moments(p)
	if err != nil {
		return first, 0, 0, err
	}
	first, days = starts[0], 1
	if p, ok = e.get("DTEND"); ok {
		ends, err := b.moments(p)
		if err != nil {
			return first, 0, 0, err
		}
		end := ends[0]
		if end.day != first.day {
			return first, 0, 0, fmt.Errorf("DTSTART and DTEND are not both dates or both times")
		}
		if first.day {
			days = max(end.date.Sub(first.date), 1)
		} else if length = end.at().Sub(first.at()); length < 0 {
			return first, 0, 0, fmt.Errorf("the event ends before it starts")
		}
		return first, length, days, b.reasonable(length, days)
	}
	if p, ok = e.get("DURATION"); ok {
		if length, err = readDuration(p.value); err != nil {
			return first, 0, 0, err
		}
		if first.day {
			days = max(int(length/(24*time.Hour)), 1)
		}
	}
	return first, length, days, b.reasonable(length, days)
}

// reasonable refuses what lasts for longer than a calendar is read for, so that looking back by the length stays cheap.
func (b *busyReader) reasonable(length time.Duration, days int) error {
	if length > maxWithin || days > int(maxWithin/(24*time.Hour)) {
		return fmt.Errorf("the event lasts longer than 1,000 days")
	}
	return nil
}

// occurrences lists the starts of an event that can matter, and whether it recurs.
func (b *busyReader) occurrences(e rawEvent, first moment, length time.Duration, days int) ([]moment, bool, error) {
	rule, ok := e.get("RRULE")
	_, more := e.get("RDATE")
	if !ok && !more {
		return []moment{first}, false, nil
	}
	all := []moment{first}
	if ok {
		text, until, err := cutUntil(rule.value, first.loc)
		if err != nil {
			return nil, true, err
		}
		recurrence, err := schedule.ParseRecurrence(text)
		if err != nil {
			return nil, true, err
		}
		back := int(length/(24*time.Hour)) + days + 2
		from := schedule.DateOf(b.opt.Within.Start, first.loc).AddDays(-back)
		to := schedule.DateOf(b.opt.Within.End, first.loc).AddDays(1)
		if from.IsZero() || to.IsZero() {
			return nil, true, fmt.Errorf("the time asked for is out of reach")
		}
		dates, err := recurrence.Dates(first.date, from, to)
		if err != nil {
			return nil, true, err
		}
		for _, d := range dates {
			m := first
			m.date = d
			if d == first.date || until != nil && until.before(m) {
				continue
			}
			all = append(all, m)
		}
	}
	out := map[string]bool{}
	for _, p := range e.props {
		if p.name != "EXDATE" && p.name != "RDATE" {
			continue
		}
		if p.param("VALUE") == "PERIOD" {
			return nil, true, fmt.Errorf("%s with periods is not supported", p.name)
		}
		list, err := b.moments(p)
		if err != nil {
			return nil, true, err
		}
		for _, m := range list {
			switch {
			case p.name == "EXDATE":
				out[m.key()] = true
			case m.day == first.day:
				all = append(all, m)
			}
		}
		if len(all) > MaxBusy {
			return nil, true, fmt.Errorf("the event recurs more than %d times", MaxBusy)
		}
		if len(out) > MaxBusy {
			return nil, true, fmt.Errorf("the event leaves out more than %d dates", MaxBusy)
		}
	}
	kept := all[:0]
	for _, m := range all {
		// An EXDATE that is a date takes out what starts on it, whatever the hour: so calendars use it.
		if k := m.key(); !out[k] && !out[m.date.String()] {
			out[k] = true // once is enough
			kept = append(kept, m)
		}
	}
	return kept, true, nil
}

// before reports whether an occurrence starts after the last one allowed.
func (m moment) before(o moment) bool {
	if m.day || o.day {
		return m.date.Before(o.date)
	}
	return m.at().Before(o.at())
}

// cutUntil takes UNTIL out of a rule, which may be a time there, while Recurrence knows dates.
func cutUntil(rule string, loc *time.Location) (string, *moment, error) {
	var kept []string
	var until *moment
	counted := false
	for part := range strings.SplitSeq(rule, ";") {
		key, value, _ := strings.Cut(part, "=")
		switch {
		case strings.EqualFold(key, "UNTIL"):
			m, err := readMoment(value, loc)
			if err != nil {
				return "", nil, fmt.Errorf("UNTIL: %w", err)
			}
			if until != nil {
				return "", nil, fmt.Errorf("UNTIL stands twice")
			}
			until = &m
		case strings.EqualFold(key, "BYHOUR") || strings.EqualFold(key, "BYMINUTE") || strings.EqualFold(key, "BYSECOND"):
			return "", nil, fmt.Errorf("%s in a recurrence is not supported", strings.ToUpper(key))
		default:
			counted = counted || strings.EqualFold(key, "COUNT")
			kept = append(kept, part)
		}
	}
	if len(kept) == 0 {
		return "", nil, fmt.Errorf("a recurrence without FREQ")
	}
	if counted && until != nil {
		return "", nil, fmt.Errorf("a recurrence has both COUNT and UNTIL")
	}
	return strings.Join(kept, ";"), until, nil
}

// freebusy takes the busy periods of a VFREEBUSY.
func (b *busyReader) freebusy(e rawEvent) error {
	n := 0
	for _, p := range e.props {
		kind := strings.ToUpper(p.param("FBTYPE"))
		if p.name != "FREEBUSY" || kind == "FREE" {
			continue
		}
		for value := range strings.SplitSeq(p.value, ",") {
			from, to, ok := strings.Cut(value, "/")
			start, err := readMoment(from, b.opt.Zone)
			if err != nil || !ok || start.day {
				b.problem(p.line, "a busy time cannot be read")
				break
			}
			var end time.Time
			if length, err := readDuration(to); err == nil {
				end = start.at().Add(length)
			} else if m, err := readMoment(to, b.opt.Zone); err == nil && !m.day {
				end = m.at()
			}
			at := schedule.Interval{Start: start.at().UTC(), End: end.UTC()}
			if at.IsEmpty() {
				b.problem(p.line, "a busy time cannot be read")
				break
			}
			n++
			uid := b.uid(e) + "#" + strconv.Itoa(n)
			if err := b.keep(BusyTime{UID: uid, Interval: at, Away: kind == "BUSY-UNAVAILABLE"}); err != nil {
				return err
			}
		}
	}
	return nil
}

// readDuration reads P1W, P2DT3H, PT15M and the like; negative ones are refused.
func readDuration(s string) (time.Duration, error) {
	bad := fmt.Errorf("%.40q is no duration", s)
	rest, ok := strings.CutPrefix(strings.TrimPrefix(s, "+"), "P")
	if !ok || rest == "" {
		return 0, bad
	}
	total, clock, number := time.Duration(0), false, ""
	for _, c := range rest {
		var unit time.Duration
		switch {
		case c >= '0' && c <= '9':
			if number += string(c); len(number) > 7 {
				return 0, bad
			}
			continue
		case c == 'T' && !clock && number == "":
			clock = true
			continue
		case c == 'W' && !clock:
			unit = 7 * 24 * time.Hour
		case c == 'D' && !clock:
			unit = 24 * time.Hour
		case c == 'H' && clock:
			unit = time.Hour
		case c == 'M' && clock:
			unit = time.Minute
		case c == 'S' && clock:
			unit = time.Second
		}
		n, err := strconv.Atoi(number)
		if err != nil || unit == 0 || n > int(2*maxWithin/unit) {
			return 0, bad
		}
		total += time.Duration(n) * unit
		number = ""
	}
	if number != "" || total > 2*maxWithin {
		return 0, bad
	}
	return total, nil
}

// unescapeText is a TEXT value as it was typed.
func unescapeText(s string) string {
	return strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\N`, "\n", `\;`, ";", `\,`, ",").Replace(s)
}
