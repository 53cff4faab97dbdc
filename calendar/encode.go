package calendar

import (
	"bytes"
	"io"
	"strconv"
	"sync"
	"time"

	ics "github.com/arran4/golang-ical"

	"rota/schedule"
)

// ContentType is the media type of what Encode writes.
const ContentType = "text/calendar; charset=utf-8"

const (
	productID = "-//rota//rota roster//EN"
	// refresh is how often clients are asked to look again; most decide for themselves.
	refresh  = "PT1H"
	instants = "20060102T150405Z"
	dates    = "20060102"
	lineEnd  = "\r\n"
)

// Encode writes a feed as iCalendar (RFC 5545 and 7986): CRLF line ends, lines folded at 75 octets between runes. The
// bytes depend on the feed alone. The error is the writer's, or about a property that cannot be written.
func Encode(w io.Writer, f Feed) error {
	return f.use(func(data []byte) error {
		_, err := w.Write(data)
		return err
	})
}

// Bytes is what Encode writes.
func (f Feed) Bytes() ([]byte, error) {
	var own []byte
	err := f.use(func(data []byte) error {
		own = bytes.Clone(data)
		return nil
	})
	return own, err
}

// use lends the bytes that Encode writes, for as long as the call lasts.
func (f Feed) use(with func(data []byte) error) error {
	buf := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(buf)
	if err := encode(buf, f); err != nil {
		return err
	}
	return with(buf.Bytes())
}

// buffers keeps what feeds are written into.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// encoder writes one feed. Texts go through the library, line by line: a calendar of the library holds everything at
// once and costs several times the memory of what it writes. Lines that come again and again, since most events of a
// feed are alike, are written by it once and remembered.
type encoder struct {
	*bytes.Buffer
	known map[line]string
	// last is the description written last, and from and to where: those of one slot follow one another.
	last     string
	from, to int
	// times are the instants written last, by property: those of one slot or publication follow one another.
	times [4]writtenTime
	// scratch is a line before it is folded.
	scratch []byte
	err     error
}

type writtenTime struct {
	at   time.Time
	line []byte
}

// The properties with times, as places in encoder.times.
const (
	stampTime = iota
	startTime
	endTime
	modifiedTime
)

var timeNames = [4]string{"DTSTAMP:", "DTSTART:", "DTEND:", "LAST-MODIFIED:"}

type line struct{ name, value string }

// maxKnown is how many lines are remembered.
const maxKnown = 4096

// folding is how the library writes lines.
var folding = &ics.SerializationConfiguration{MaxLength: 75, PropertyMaxLength: 75, NewLine: string(ics.WithNewLineWindows)}

func encode(buf *bytes.Buffer, f Feed) error {
	buf.Reset()
	buf.Grow(1024 + 600*len(f.Events)) // about what events take
	x := encoder{Buffer: buf, known: make(map[line]string)}
	x.own("BEGIN", "VCALENDAR")
	x.own("VERSION", "2.0")
	x.own("PRODID", productID)
	x.own("CALSCALE", "GREGORIAN")
	name, about := cleanName(f.Name), cleanLine(f.Description)
	x.text("NAME", name)
	x.text("X-WR-CALNAME", name)
	x.text("DESCRIPTION", about)
	x.text("X-WR-CALDESC", about)
	x.own("REFRESH-INTERVAL;VALUE=DURATION", refresh)
	x.own("X-PUBLISHED-TTL", refresh)
	for i := range f.Events {
		x.event(&f.Events[i])
	}
	x.own("END", "VCALENDAR")
	return x.err
}

// own writes a line of ours: no text of people's, and short.
func (x *encoder) own(name, value string) {
	x.WriteString(name)
	x.WriteByte(':')
	x.WriteString(value)
	x.WriteString(lineEnd)
}

// instant writes a time in UTC.
func (x *encoder) instant(which int, t time.Time) {
	w := &x.times[which]
	if w.line == nil || w.at != t {
		w.at = t
		w.line = append(w.line[:0], timeNames[which]...)
		w.line = t.UTC().AppendFormat(w.line, instants)
		w.line = append(w.line, lineEnd...)
	}
	x.Write(w.line)
}

func (x *encoder) date(name string, d schedule.Date) {
	x.own(name+";VALUE=DATE", time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC).Format(dates))
}

// text writes a cleaned text, nothing if it is empty.
func (x *encoder) text(name, value string) {
	if value == "" {
		return
	}
	key := line{name, value}
	written, ok := x.known[key]
	if !ok {
		if len(x.known) == maxKnown {
			clear(x.known)
		}
		at := x.Len()
		x.fold(name, value)
		x.known[key] = string(x.Bytes()[at:])
		return
	}
	x.WriteString(written)
}

// fold writes a cleaned text as the library does. Plain ASCII, nearly everything there is, takes a shorter way to the same
// bytes: the library's was a quarter of the work of a large export.
func (x *encoder) fold(name, value string) {
	if !plain(value, '\n') {
		p := ics.BaseProperty{IANAToken: name, Value: value}
		if err := p.SerializeTo(x, folding); err != nil && x.err == nil {
			x.err = err
		}
		return
	}
	b := append(append(x.scratch[:0], name...), ':')
	for i := range len(value) {
		switch c := value[i]; c {
		case '\n':
			b = append(b, '\\', 'n')
		case '\\', ';', ',':
			b = append(b, '\\', c)
		default:
			b = append(b, c)
		}
	}
	x.scratch = b
	room := folding.MaxLength
	for len(b) > room {
		at := breakBefore(b, room)
		x.Write(b[:at])
		x.WriteString(lineEnd + " ")
		b = b[at:]
		room = folding.MaxLength - 1 // the space counts
	}
	x.Write(b)
	x.WriteString(lineEnd)
}

// breakBefore is where a line is broken so that at most room bytes are before: at the last word, or in the midst of it.
func breakBefore(b []byte, room int) int {
	for i := room; i > 0; i-- {
		if b[i] == ' ' || b[i] == '<' || b[i-1] == '>' {
			return i
		}
	}
	return room
}

// uid writes the name of an event; those that rota makes need neither escapes nor folding.
func (x *encoder) uid(s string) {
	for i := range len(s) {
		if c := s[i]; !(c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c == '-' || c == '@' || c == '.') || i == 64 {
			x.fold("UID", cleanLine(s))
			return
		}
	}
	x.own("UID", s)
}

// event writes a VEVENT. Every text passes cleanText, cleanLine or cleanLink here and nowhere else.
func (x *encoder) event(e *Event) {
	x.own("BEGIN", "VEVENT")
	x.uid(e.UID)
	x.instant(stampTime, e.Changed)
	if e.AllDay() {
		x.date("DTSTART", e.First)
		x.date("DTEND", e.Last.AddDays(1))
	} else {
		x.instant(startTime, e.Start)
		x.instant(endTime, e.End)
	}
	x.own("SEQUENCE", strconv.Itoa(e.Sequence))
	x.instant(modifiedTime, e.Changed)
	x.own("STATUS", string(e.Status))
	summary := cleanLine(e.Summary)
	x.text("SUMMARY", summary)
	if e.Description != "" && e.Description == x.last {
		x.Write(x.Bytes()[x.from:x.to])
	} else if text := cleanText(e.Description); text != "" {
		x.last, x.from = e.Description, x.Len()
		x.fold("DESCRIPTION", text)
		x.to = x.Len()
	}
	x.text("LOCATION", cleanLine(e.Location))
	if e.Link != "" {
		x.text("URL", cleanLink(e.Link))
	}
	for _, c := range e.Categories {
		x.text("CATEGORIES", cleanLine(c))
	}
	x.text("COLOR", cleanLine(e.Color))
	if e.Busy {
		x.own("TRANSP", "OPAQUE")
	} else {
		x.own("TRANSP", "TRANSPARENT")
	}
	if e.Away {
		x.own("X-MICROSOFT-CDO-BUSYSTATUS", "OOF")
	}
	if e.Alarm.Set && e.Alarm.Value >= 0 && e.Status != Cancelled {
		x.own("BEGIN", "VALARM")
		x.own("ACTION", "DISPLAY")
		x.text("DESCRIPTION", summary)
		x.own("TRIGGER", "-PT"+strconv.Itoa(int(e.Alarm.Value))+"M")
		x.own("END", "VALARM")
	}
	x.own("END", "VEVENT")
}
