package calendar

import (
	"bytes"
	"io"
	"slices"
	"strconv"
	"strings"
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
	_, err := encode(w, f, f.each)
	return err
}

// Bytes is what Encode writes.
func (f Feed) Bytes() ([]byte, error) {
	var b bytes.Buffer
	err := Encode(&b, f)
	return b.Bytes(), err
}

// encoder writes one feed. Texts go through the library, line by line: a calendar of the library holds everything at
// once and costs several times the memory of what it writes. Most events of a feed are alike, so that what was written for
// one is remembered for the others.
type encoder struct {
	// b is what is not yet passed on to w.
	b []byte
	w io.Writer
	// known are lines by what they were made from, as it was before it was cleaned.
	known map[line]string
	// places are LOCATION, URL, CATEGORIES and COLOR of shifts, with their lines.
	places [8]place
	place  int
	// last are the descriptions written last, with their lines: those of one slot follow one another, and those of slots that
	// begin together alternate.
	last [4]written
	next int
	// times are the instants written last, by property: those of one slot or publication follow one another.
	times [4]writtenTime
	// scratch is a line before it is folded.
	scratch []byte
	err     error
}

// written is a text and what it became.
type written struct {
	text  string
	lines []byte
}

// place is what calendars say about a shift, and the lines that it became.
type place struct {
	location, link, color string
	categories            []string
	used                  bool
	lines                 []byte
}

func (p *place) is(e *Event) bool {
	return p.used && p.location == e.Location && p.link == e.Link && p.color == e.Color && slices.Equal(p.categories, e.Categories)
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

// chunk is how many bytes are written at once.
const chunk = 128 << 10

// encoders keeps them for the next feed.
var encoders = sync.Pool{New: func() any {
	return &encoder{b: make([]byte, 0, chunk+chunk/4), known: make(map[line]string)}
}}

// encode writes a feed of which the events come apart, and says how many there were.
func encode(w io.Writer, f Feed, each events) (count int, err error) {
	x := encoders.Get().(*encoder)
	x.b, x.w, x.err = x.b[:0], w, nil
	x.own("BEGIN", "VCALENDAR")
	x.own("VERSION", "2.0")
	x.own("PRODID", productID)
	x.own("CALSCALE", "GREGORIAN")
	x.text("NAME", f.Name, cleanName)
	x.text("X-WR-CALNAME", f.Name, cleanName)
	x.text("DESCRIPTION", f.Description, cleanLine)
	x.text("X-WR-CALDESC", f.Description, cleanLine)
	x.own("REFRESH-INTERVAL;VALUE=DURATION", refresh)
	x.own("X-PUBLISHED-TTL", refresh)
	each(func(e *Event) {
		count++
		x.event(e)
		if len(x.b) >= chunk {
			x.flush()
		}
	})
	x.own("END", "VCALENDAR")
	x.flush()
	if x.w = nil; x.err != nil {
		return count, x.err // and what it remembers may be wrong
	}
	encoders.Put(x)
	return count, nil
}

// flush passes on what is there. After an error nothing more is written.
func (x *encoder) flush() {
	if x.err == nil {
		_, x.err = x.w.Write(x.b)
	}
	x.b = x.b[:0]
}

// own writes a line of ours: no text of people's, and short.
func (x *encoder) own(name, value string) {
	x.b = append(append(append(append(x.b, name...), ':'), value...), lineEnd...)
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
	x.b = append(x.b, w.line...)
}

func (x *encoder) date(name string, d schedule.Date) {
	x.own(name+";VALUE=DATE", time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC).Format(dates))
}

// text writes what is left of a text after it was cleaned, and nothing if that is empty.
func (x *encoder) text(name, value string, clean func(string) string) {
	if value == "" {
		return
	}
	key := line{name, value}
	lines, ok := x.known[key]
	if !ok {
		if len(x.known) == maxKnown {
			clear(x.known)
		}
		at := len(x.b)
		if cleaned := clean(value); cleaned != "" {
			x.fold(name, cleaned)
		}
		x.known[key] = string(x.b[at:])
		return
	}
	x.b = append(x.b, lines...)
}

// fold writes a cleaned text as the library does. Plain ASCII, nearly everything there is, takes a shorter way to the same
// bytes: the library's was a quarter of the work of a large export.
func (x *encoder) fold(name, value string) {
	if !plain(value, '\n') {
		p := ics.BaseProperty{IANAToken: name, Value: value}
		var b bytes.Buffer
		if err := p.SerializeTo(&b, folding); err != nil && x.err == nil {
			x.err = err
		}
		x.b = append(x.b, b.Bytes()...)
		return
	}
	b := append(append(x.scratch[:0], name...), ':')
	rest := value
	for {
		i := strings.IndexAny(rest, "\n\\;,")
		if i < 0 {
			break
		}
		b = append(append(b, rest[:i]...), '\\')
		if rest[i] == '\n' {
			b = append(b, 'n')
		} else {
			b = append(b, rest[i])
		}
		rest = rest[i+1:]
	}
	b = append(b, rest...)
	x.scratch = b
	room := folding.MaxLength
	for len(b) > room {
		at := breakBefore(b, room)
		x.b = append(append(x.b, b[:at]...), lineEnd+" "...)
		b = b[at:]
		room = folding.MaxLength - 1 // the space counts
	}
	x.b = append(append(x.b, b...), lineEnd...)
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

// description writes a description, from memory where that is possible.
func (x *encoder) description(e *Event) {
	if e.said != nil && e.said.text == e.Description {
		e.said.once.Do(func() {
			var alone encoder
			alone.fold("DESCRIPTION", cleanText(e.said.text))
			e.said.lines, e.said.err = alone.b, alone.err
		})
		if e.said.err != nil && x.err == nil {
			x.err = e.said.err
		}
		x.b = append(x.b, e.said.lines...)
		return
	}
	if e.Description == "" {
		return
	}
	for i := range x.last {
		if x.last[i].text == e.Description {
			x.b = append(x.b, x.last[i].lines...)
			return
		}
	}
	text := cleanText(e.Description)
	if text == "" {
		return
	}
	from := len(x.b)
	x.fold("DESCRIPTION", text)
	x.last[x.next] = written{e.Description, append(x.last[x.next].lines[:0], x.b[from:]...)}
	x.next = (x.next + 1) % len(x.last)
}

// where writes the lines that the events of a shift have in common.
func (x *encoder) where(e *Event) {
	for i := range x.places {
		if p := &x.places[i]; p.is(e) {
			x.b = append(x.b, p.lines...)
			return
		}
	}
	from := len(x.b)
	x.text("LOCATION", e.Location, cleanLine)
	x.text("URL", e.Link, cleanLink)
	for _, c := range e.Categories {
		x.text("CATEGORIES", c, cleanLine)
	}
	x.text("COLOR", e.Color, cleanLine)
	x.places[x.place] = place{e.Location, e.Link, e.Color, e.Categories, true, append(x.places[x.place].lines[:0], x.b[from:]...)}
	x.place = (x.place + 1) % len(x.places)
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
	x.b = strconv.AppendInt(append(x.b, "SEQUENCE:"...), int64(e.Sequence), 10)
	x.b = append(x.b, lineEnd...)
	x.instant(modifiedTime, e.Changed)
	x.own("STATUS", string(e.Status))
	x.text("SUMMARY", e.Summary, cleanLine)
	x.description(e)
	x.where(e)
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
		x.text("DESCRIPTION", e.Summary, cleanLine)
		x.own("TRIGGER", "-PT"+strconv.Itoa(int(e.Alarm.Value))+"M")
		x.own("END", "VALARM")
	}
	x.own("END", "VEVENT")
}
