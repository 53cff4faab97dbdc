package calendar

import (
	"bytes"
	"io"
	"strconv"
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
)

// Encode writes a feed as iCalendar (RFC 5545 and 7986): CRLF line ends, lines folded at 75 octets between runes. The
// bytes depend on the feed alone. The error is the writer's.
func Encode(w io.Writer, f Feed) error {
	cal := &ics.Calendar{
		CalendarProperties: make([]ics.CalendarProperty, 0, 10),
		Components:         make([]ics.Component, 0, len(f.Events)),
	}
	head := func(name, value string) {
		cal.CalendarProperties = append(cal.CalendarProperties, ics.CalendarProperty{BaseProperty: base(name, value)})
	}
	head("VERSION", "2.0")
	head("PRODID", productID)
	head("CALSCALE", "GREGORIAN")
	name := cleanName(f.Name)
	head("NAME", name)
	head("X-WR-CALNAME", name)
	if f.Description != "" {
		text := cleanLine(f.Description)
		head("DESCRIPTION", text)
		head("X-WR-CALDESC", text)
	}
	cal.CalendarProperties = append(cal.CalendarProperties, ics.CalendarProperty{BaseProperty: ics.BaseProperty{
		IANAToken: "REFRESH-INTERVAL", Value: refresh, ICalParameters: map[string][]string{"VALUE": {"DURATION"}},
	}})
	head("X-PUBLISHED-TTL", refresh)
	for i := range f.Events {
		cal.Components = append(cal.Components, component(&f.Events[i]))
	}
	// The library loses the errors of a few writes; a buffer has none.
	var buf bytes.Buffer
	buf.Grow(512 + 900*len(f.Events))
	if err := cal.SerializeTo(&buf, ics.WithNewLineWindows); err != nil {
		return err
	}
	_, err := w.Write(buf.Bytes())
	return err
}

// base makes a property without parameters. Setting the fields, rather than using the library's setters, spares a map
// for each property, which is most of the time that writing a large feed takes.
func base(name, value string) ics.BaseProperty {
	return ics.BaseProperty{IANAToken: name, Value: value}
}

// component is the VEVENT. Every text passes cleanText, cleanLine or cleanLink here and nowhere else.
func component(e *Event) *ics.VEvent {
	v := &ics.VEvent{ComponentBase: ics.ComponentBase{Properties: make([]ics.IANAProperty, 0, 18)}}
	put := func(name, value string) {
		v.Properties = append(v.Properties, ics.IANAProperty{BaseProperty: base(name, value)})
	}
	changed := e.Changed.UTC().Format(instants)
	put("UID", cleanLine(e.UID))
	put("DTSTAMP", changed)
	if e.AllDay() {
		day := func(name string, d schedule.Date) {
			p := base(name, time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC).Format(dates))
			p.ICalParameters = map[string][]string{"VALUE": {"DATE"}}
			v.Properties = append(v.Properties, ics.IANAProperty{BaseProperty: p})
		}
		day("DTSTART", e.First)
		day("DTEND", e.Last.AddDays(1))
	} else {
		put("DTSTART", e.Start.UTC().Format(instants))
		put("DTEND", e.End.UTC().Format(instants))
	}
	put("SEQUENCE", strconv.Itoa(e.Sequence))
	put("LAST-MODIFIED", changed)
	put("STATUS", string(e.Status))
	put("SUMMARY", cleanLine(e.Summary))
	if text := cleanText(e.Description); text != "" {
		put("DESCRIPTION", text)
	}
	if s := cleanLine(e.Location); s != "" {
		put("LOCATION", s)
	}
	if s := cleanLink(e.Link); s != "" {
		put("URL", s)
	}
	for _, c := range e.Categories {
		if c = cleanLine(c); c != "" {
			put("CATEGORIES", c)
		}
	}
	if e.Color != "" {
		put("COLOR", cleanLine(e.Color))
	}
	if e.Busy {
		put("TRANSP", "OPAQUE")
	} else {
		put("TRANSP", "TRANSPARENT")
	}
	if e.Away {
		put("X-MICROSOFT-CDO-BUSYSTATUS", "OOF")
	}
	if e.Alarm.Set && e.Alarm.Value >= 0 && e.Status != Cancelled {
		alarm := v.AddAlarm()
		alarm.Properties = []ics.IANAProperty{
			{BaseProperty: base("ACTION", "DISPLAY")},
			{BaseProperty: base("DESCRIPTION", cleanLine(e.Summary))},
			{BaseProperty: base("TRIGGER", "-PT"+strconv.Itoa(int(e.Alarm.Value))+"M")},
		}
	}
	return v
}

// Bytes is what Encode writes.
func (f Feed) Bytes() ([]byte, error) {
	var b bytes.Buffer
	if err := Encode(&b, f); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
