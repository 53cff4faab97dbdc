package calendar

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"rota/schedule"
)

// BusyTime is a stretch of time that somebody's calendar marks as taken.
type BusyTime struct {
	// UID is the event's, with the original start of the occurrence after a # when it recurs, so that it names the same
	// thing at the next import.
	UID string
	// Interval is in UTC. For whole days it is empty, and First and Last are the dates, inclusive, in the owner's zone.
	Interval    schedule.Interval
	First, Last schedule.Date
	// Away says that the calendar calls it out of office.
	Away bool
	// Summary is the event's title, cleaned; empty in calendars that show only free and busy.
	Summary string
}

// WholeDays reports whether the time is whole days.
func (b BusyTime) WholeDays() bool { return !b.First.IsZero() }

// Availability is the time as an entry of an agent's availability, named after the calendar it comes from.
func (b BusyTime) Availability(agent schedule.AgentID, kind schedule.AvailabilityKind, source string) schedule.Availability {
	return schedule.Availability{
		Agent: agent, Kind: kind, From: b.First, To: b.Last, Exact: b.Interval, Note: b.Summary, Source: source, External: b.UID,
	}
}

// BusyOptions say how a calendar is read.
type BusyOptions struct {
	// Zone is where times without a zone are meant, usually the agent's; nil means UTC.
	Zone *time.Location
	// Within is the time of interest, at most 1,000 days; what does not share an instant with it is left out. Whole days
	// count as they lie in Zone.
	Within schedule.Interval
	// AwayOnly leaves out what is not marked as out of office.
	AwayOnly bool
}

// The fences of ReadBusy. A calendar beyond them is refused.
const (
	// MaxCalendarBytes and MaxCalendarLines bound the whole, MaxLineBytes one line after unfolding.
	MaxCalendarBytes = 8 << 20
	MaxCalendarLines = 250_000
	MaxLineBytes     = 64 << 10
	// MaxNesting is how deep components may lie in each other.
	MaxNesting = 4
	// MaxRecurring bounds the events that recur, and MaxBusy what comes out.
	MaxRecurring = 1000
	MaxBusy      = 20_000

	maxWithin   = 1000 * 24 * time.Hour
	maxProblems = 100
)

// ReadProblem is something in a calendar that cannot be used. The rest can.
type ReadProblem struct {
	Line int // from 1
	What string
}

func (p ReadProblem) Error() string { return fmt.Sprintf("line %d: %s", p.Line, p.What) }

// ReadBusy reads an iCalendar and lists when its owner is busy or away, by start and then UID. Events that are cancelled
// or marked as free are left out; so are tasks, alarms and journals. Recurrences are expanded as far as schedule's
// Recurrence goes; events that go further, or have times or zones that cannot be read, are reported as problems, at most
// a hundred. The error is for what is no calendar at all, is cut off, or goes beyond the fences.
func ReadBusy(r io.Reader, opt BusyOptions) ([]BusyTime, []ReadProblem, error) {
	if opt.Zone == nil {
		opt.Zone = time.UTC
	}
	if opt.Within.IsEmpty() || opt.Within.End.Sub(opt.Within.Start) > maxWithin {
		return nil, nil, errors.New("calendars are read for at most 1,000 days")
	}
	data, err := io.ReadAll(io.LimitReader(r, MaxCalendarBytes+1))
	if err != nil {
		return nil, nil, err
	}
	if len(data) > MaxCalendarBytes {
		return nil, nil, fmt.Errorf("the calendar is larger than %d MiB", MaxCalendarBytes>>20)
	}
	b := busyReader{opt: opt, zones: map[string]*time.Location{}, overrides: map[string]bool{}}
	if err := b.read(string(data)); err != nil {
		return nil, nil, err
	}
	if err := b.events(); err != nil {
		return nil, nil, err
	}
	slices.SortFunc(b.out, func(x, y BusyTime) int {
		return cmp.Or(b.starts(x).Compare(b.starts(y)), cmp.Compare(x.UID, y.UID), x.Interval.End.Compare(y.Interval.End))
	})
	return b.out, b.problems, nil
}

// busyReader is one calendar being read.
type busyReader struct {
	opt       BusyOptions
	zones     map[string]*time.Location // what VTIMEZONE says its id means
	found     []rawEvent
	overrides map[string]bool // uid#original start of occurrences that are told of apart
	out       []BusyTime
	problems  []ReadProblem
}

// rawEvent is a VEVENT or VFREEBUSY before its times are understood.
type rawEvent struct {
	line  int
	free  bool // a VFREEBUSY
	props []rawProp
}

// rawProp is one unfolded line.
type rawProp struct {
	line                int
	name, params, value string
}

func (b *busyReader) problem(line int, format string, args ...any) {
	if len(b.problems) < maxProblems {
		b.problems = append(b.problems, ReadProblem{line, fmt.Sprintf(format, args...)})
	}
}

// read cuts the text into components, keeping only what can matter.
func (b *busyReader) read(text string) error {
	text = strings.TrimPrefix(text, "\ufeff")
	var open []string
	var event *rawEvent
	zone, ended := "", false
	for at, n := 0, 0; at < len(text); {
		first := n + 1
		var line string
		line, at, n = nextLine(text, at, n)
		if n > MaxCalendarLines {
			return fmt.Errorf("the calendar has more than %d lines", MaxCalendarLines)
		}
		if len(line) > MaxLineBytes {
			return fmt.Errorf("line %d is longer than %d KiB", first, MaxLineBytes>>10)
		}
		if line == "" {
			continue
		}
		if ended {
			return fmt.Errorf("line %d: something follows END:VCALENDAR", first)
		}
		p := splitLine(line)
		p.line = first
		switch {
		case p.name == "BEGIN":
			open = append(open, strings.ToUpper(p.value))
			if open[0] != "VCALENDAR" {
				return fmt.Errorf("line %d: this is not a calendar: it does not begin with BEGIN:VCALENDAR", first)
			}
			if len(open) > MaxNesting {
				return fmt.Errorf("line %d: components lie more than %d deep in each other", first, MaxNesting)
			}
			if len(open) == 2 {
				switch zone = ""; open[1] {
				case "VEVENT", "VFREEBUSY":
					b.found = append(b.found, rawEvent{line: first, free: open[1] == "VFREEBUSY"})
					event = &b.found[len(b.found)-1]
				}
			}
		case len(open) == 0:
			return fmt.Errorf("line %d: this is not a calendar: it does not begin with BEGIN:VCALENDAR", first)
		case p.name == "END":
			if !strings.EqualFold(p.value, open[len(open)-1]) {
				return fmt.Errorf("line %d: END:%.30s where %s is open", first, cleanLine(p.value), cleanLine(open[len(open)-1]))
			}
			if len(open) == 2 {
				event = nil
			}
			open = open[:len(open)-1]
			ended = len(open) == 0
		case len(open) == 2 && event != nil:
			event.props = append(event.props, p)
		case len(open) == 2 && open[1] == "VTIMEZONE":
			// What such an id means is better taken from the world's zones than from the rules in the file.
			switch p.name {
			case "TZID":
				zone = p.value
			case "X-LIC-LOCATION":
				if loc, err := schedule.LoadZone(p.value); err == nil && zone != "" {
					b.zones[zone] = loc
				}
			}
		}
	}
	if !ended {
		return errors.New("the calendar is cut off: END:VCALENDAR is missing")
	}
	return nil
}

// nextLine is the unfolded line at an offset, where the next begins, and how many lines of the file were read.
func nextLine(text string, at, n int) (line string, next, lines int) {
	cut := func() string {
		end := strings.IndexByte(text[at:], '\n')
		s := text[at:]
		if end >= 0 {
			s, at = text[at:at+end], at+end+1
		} else {
			at = len(text)
		}
		n++
		return strings.TrimSuffix(s, "\r")
	}
	line = cut()
	if at == len(text) || text[at] != ' ' && text[at] != '\t' {
		return line, at, n
	}
	var b strings.Builder
	b.WriteString(line)
	for at < len(text) && (text[at] == ' ' || text[at] == '\t') {
		part := cut()
		if b.Len() <= MaxLineBytes { // a longer one will be refused anyway
			b.WriteString(part[1:])
		}
	}
	return b.String(), at, n
}

// splitLine takes a line apart. Colons and semicolons in quoted parameters do not count.
func splitLine(line string) rawProp {
	quoted := false
	for i := range len(line) {
		switch {
		case line[i] == '"':
			quoted = !quoted
		case line[i] == ':' && !quoted:
			name, params, _ := strings.Cut(line[:i], ";")
			return rawProp{name: strings.ToUpper(name), params: params, value: strings.TrimSpace(line[i+1:])}
		}
	}
	return rawProp{name: strings.ToUpper(line)}
}

// param is a parameter's value without quotes, empty if it is not there.
func (p rawProp) param(name string) string {
	rest := p.params
	for rest != "" {
		var one string
		if i := strings.IndexByte(rest, '"'); i >= 0 && !strings.Contains(rest[:i], ";") {
			if j := strings.IndexByte(rest[i+1:], '"'); j >= 0 {
				one, rest = rest[:i+1+j], strings.TrimPrefix(rest[i+2+j:], ";")
			} else {
				one, rest = rest, ""
			}
		} else {
			one, rest, _ = strings.Cut(rest, ";")
		}
		if key, value, ok := strings.Cut(one, "="); ok && strings.EqualFold(key, name) {
			return strings.Trim(value, `"`)
		}
	}
	return ""
}

// get is the first property of a name.
func (e rawEvent) get(name string) (rawProp, bool) {
	i := slices.IndexFunc(e.props, func(p rawProp) bool { return p.name == name })
	if i < 0 {
		return rawProp{}, false
	}
	return e.props[i], true
}

func (e rawEvent) is(name, value string) bool {
	p, ok := e.get(name)
	return ok && strings.EqualFold(p.value, value)
}

// starts is what puts times into order: of whole days their first midnight in the owner's zone.
func (b *busyReader) starts(t BusyTime) time.Time {
	if t.WholeDays() {
		start, _ := schedule.DayBounds(t.First, b.opt.Zone)
		return start
	}
	return t.Interval.Start
}

// keep adds a time if it is of interest.
func (b *busyReader) keep(t BusyTime) error {
	at := t.Interval
	if t.WholeDays() {
		at.Start, _ = schedule.DayBounds(t.First, b.opt.Zone)
		_, at.End = schedule.DayBounds(t.Last, b.opt.Zone)
	}
	if !at.Overlaps(b.opt.Within) || b.opt.AwayOnly && !t.Away {
		return nil
	}
	if len(b.out) == MaxBusy {
		return fmt.Errorf("the calendar has more than %d entries in the time asked for", MaxBusy)
	}
	b.out = append(b.out, t)
	return nil
}
