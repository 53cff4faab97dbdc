package calendar

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"rota/schedule"
)

func within(first, last string) schedule.Interval {
	start, _ := schedule.DayBounds(schedule.MustDate(first), time.UTC)
	_, end := schedule.DayBounds(schedule.MustDate(last), time.UTC)
	return schedule.Interval{Start: start, End: end}
}

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := schedule.LoadZone(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

// wrap makes a calendar of events given as lines separated by spaces; ~ stands for a space.
func wrap(events ...string) string {
	var b strings.Builder
	b.WriteString("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n")
	for i, e := range events {
		fmt.Fprintf(&b, "BEGIN:VEVENT\r\nUID:u%d\r\n", i)
		for line := range strings.SplitSeq(e, " ") {
			b.WriteString(strings.ReplaceAll(line, "~", " ") + "\r\n")
		}
		b.WriteString("END:VEVENT\r\n")
	}
	return b.String() + "END:VCALENDAR\r\n"
}

func show(times []BusyTime, problems []ReadProblem) []string {
	var got []string
	for _, t := range times {
		s := t.UID + " "
		if t.WholeDays() {
			s += t.First.String() + ".." + t.Last.String()
		} else {
			s += t.Interval.Start.Format("01-02T15:04") + "/" + t.Interval.End.Format("01-02T15:04")
		}
		if t.Away {
			s += " away"
		}
		got = append(got, s)
	}
	for _, p := range problems {
		got = append(got, p.Error())
	}
	return got
}

func TestReadBusy(t *testing.T) {
	cases := []struct {
		name   string
		events []string
		want   []string
	}{
		{"utc, zone, floating", []string{
			"DTSTART:20261207T080000Z DTEND:20261207T090000Z",
			"DTSTART;TZID=America/New_York:20261207T080000 DURATION:PT1H30M",
			"DTSTART:20261207T080000 DTEND:20261207T090000",
		}, []string{"u2 12-07T04:00/12-07T05:00", "u0 12-07T08:00/12-07T09:00", "u1 12-07T13:00/12-07T14:30"}},
		{"whole days", []string{
			"DTSTART;VALUE=DATE:20261208 DTEND;VALUE=DATE:20261210 X-MICROSOFT-CDO-BUSYSTATUS:OOF TRANSP:TRANSPARENT",
			"DTSTART;VALUE=DATE:20261209", "DTSTART;VALUE=DATE:20261210 DURATION:P2D",
		}, []string{"u0 2026-12-08..2026-12-09 away", "u1 2026-12-09..2026-12-09", "u2 2026-12-10..2026-12-11"}},
		{"free, cancelled, no length", []string{
			"DTSTART:20261207T080000Z DTEND:20261207T090000Z TRANSP:TRANSPARENT",
			"DTSTART:20261207T080000Z DTEND:20261207T090000Z STATUS:CANCELLED",
			"DTSTART:20261207T080000Z DTEND:20261207T090000Z X-MICROSOFT-CDO-BUSYSTATUS:FREE",
			"DTSTART:20261207T080000Z",
			"DTSTART:20261107T080000Z DTEND:20261107T090000Z",
		}, nil},
		{"recurrence, moved and left out", []string{
			"DTSTART;TZID=Asia/Yerevan:20261102T180000 DTEND;TZID=Asia/Yerevan:20261102T200000 RRULE:FREQ=WEEKLY;BYDAY=MO,WE;UNTIL=20261216T140000Z EXDATE;TZID=Asia/Yerevan:20261209T180000",
		}, []string{"u0#20261207T140000Z 12-07T14:00/12-07T16:00", "u0#20261214T140000Z 12-14T14:00/12-14T16:00", "u0#20261216T140000Z 12-16T14:00/12-16T16:00"}},
		{"count", []string{"DTSTART;VALUE=DATE:20261204 RRULE:FREQ=DAILY;INTERVAL=2;COUNT=4"},
			[]string{"u0#2026-12-08 2026-12-08..2026-12-08", "u0#2026-12-10 2026-12-10..2026-12-10"}},
		{"rdate", []string{"DTSTART:20261207T080000Z DURATION:PT1H RDATE:20261208T080000Z,20261208T080000Z"},
			[]string{"u0#20261207T080000Z 12-07T08:00/12-07T09:00", "u0#20261208T080000Z 12-08T08:00/12-08T09:00"}},
		{"names of zones", []string{
			"DTSTART;TZID=Caucasus~Standard~Time:20261207T080000 DURATION:PT1H",
			`DTSTART;TZID="/x.org/20210210_1/Europe/Berlin":20261207T080000 DURATION:PT1H`,
			"DTSTART;TZID=Middle~of~Nowhere:20261207T080000 DURATION:PT1H",
		}, []string{"u0 12-07T04:00/12-07T05:00", "u1 12-07T07:00/12-07T08:00", `line 14: unknown time zone "Middle of Nowhere"`}},
		{"problems", []string{
			"DTSTART:20261307T080000Z", "SUMMARY:none", "DTSTART:20261207T080000Z DTEND:20261206T080000Z",
			"DTSTART:20261207T080000Z DURATION:-PT1H", "DTSTART:20261207T080000Z DURATION:PT1H RRULE:FREQ=HOURLY;BYHOUR=5",
			"DTSTART:20261207T080000Z DTEND;VALUE=DATE:20261208", "DTSTART:20261207T080000Z DURATION:P99999W",
		}, []string{
			`line 4: DTSTART: "20261307T080000Z" is no date or time`, "line 8: an event without DTSTART", "line 12: the event ends before it starts",
			`line 17: "-PT1H" is no duration`, "line 22: BYHOUR in a recurrence is not supported",
			"line 28: DTSTART and DTEND are not both dates or both times", `line 33: "P99999W" is no duration`,
		}},
	}
	for _, c := range cases {
		times, problems, err := ReadBusy(strings.NewReader(wrap(c.events...)), BusyOptions{Zone: zone(t, "Asia/Yerevan"), Within: within("2026-12-07", "2026-12-20")})
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if got := show(times, problems); !slices.Equal(got, c.want) {
			t.Errorf("%s: got\n%s", c.name, strings.Join(got, "\n"))
		}
	}

	// An occurrence that was moved is told of apart; free and busy without details; folded lines.
	text := strings.NewReplacer("\n", "\r\n").Replace(`BEGIN:VCALENDAR
BEGIN:VEVENT
UID:weekly
DTSTART:20261207T080000Z
DTEND:20261207T090000Z
RRULE:FREQ=DAILY;CO
 UNT=3
SUMMARY:Evening\, class
BEGIN:VALARM
DTSTART:19990101T000000Z
END:VALARM
END:VEVENT
BEGIN:VEVENT
UID:weekly
RECURRENCE-ID:20261208T080000Z
DTSTART:20261208T200000Z
DTEND:20261208T210000Z
END:VEVENT
BEGIN:VFREEBUSY
UID:fb
FREEBUSY;FBTYPE=BUSY-UNAVAILABLE:20261210T000000Z/PT2H,20261211T000000Z/20261211T010000Z
FREEBUSY;FBTYPE=FREE:20261212T000000Z/PT2H
END:VFREEBUSY
END:VCALENDAR
`)
	times, problems, err := ReadBusy(strings.NewReader(text), BusyOptions{Within: within("2026-12-07", "2026-12-20")})
	want := []string{
		"weekly#20261207T080000Z 12-07T08:00/12-07T09:00", "weekly#20261208T080000Z 12-08T20:00/12-08T21:00",
		"weekly#20261209T080000Z 12-09T08:00/12-09T09:00", "fb#1 12-10T00:00/12-10T02:00 away", "fb#2 12-11T00:00/12-11T01:00 away",
	}
	if got := show(times, problems); err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, got\n%s", err, strings.Join(got, "\n"))
	}
	a := times[0].Availability("ani", schedule.Unavailable, "work")
	if a.Note != "Evening, class" || a.External != "weekly#20261207T080000Z" || a.Exact != times[0].Interval || a.WholeDays() {
		t.Errorf("got %+v", a)
	}
	away, _, err := ReadBusy(strings.NewReader(text), BusyOptions{Within: within("2026-12-07", "2026-12-20"), AwayOnly: true})
	if err != nil || len(away) != 2 {
		t.Errorf("away: %v %v", away, err)
	}
}

// A feed of ours read back is what it was made from.
func TestReadOurOwn(t *testing.T) {
	h := harbor(t, "2026-10-19", "2026-11-08")
	h.publish(h.turns(2))
	f := feed(t, h.prepare(t), h.scope("personal:maya"), "2026-10-19")
	times, problems, err := ReadBusy(strings.NewReader(string(encoded(t, f))), BusyOptions{Within: within("2026-10-01", "2026-11-30")})
	if err != nil || len(problems) > 0 || len(times) != len(f.Events) {
		t.Fatalf("%d of %d, %v %v", len(times), len(f.Events), problems, err)
	}
	for i, b := range times {
		if e := f.Events[i]; b.UID != e.UID || !b.Interval.Start.Equal(e.Start) || !b.Interval.End.Equal(e.End) || b.Summary != e.Summary {
			t.Errorf("%+v is not %+v", b, e)
		}
	}
}

// exdates is so many lines that each leave one occurrence out.
func exdates(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "EXDATE:2026%02d%02dT%02d%02d%02dZ\n", 1+i/2_419_200%12, 1+i/86400%28, i/3600%24, i/60%60, i%60)
	}
	return b.String()
}

func TestFences(t *testing.T) {
	one := "BEGIN:VEVENT\nUID:%d\nDTSTART:20200101T000000Z\nDTEND:20200101T010000Z\nRRULE:FREQ=DAILY\nEND:VEVENT\n"
	never := "BEGIN:VEVENT\nUID:%d\nDTSTART:20200101T000000Z\nDTEND:20200101T010000Z\nRRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30\nEND:VEVENT\n"
	many := func(n int, s string) string {
		var b strings.Builder
		b.WriteString("BEGIN:VCALENDAR\n")
		for i := range n {
			fmt.Fprintf(&b, s, i)
		}
		return b.String() + "END:VCALENDAR\n"
	}
	cases := map[string]struct{ text, want string }{
		"nested":    {strings.Repeat("BEGIN:VCALENDAR\n", 200_000), "deep"},
		"nested2":   {"BEGIN:VCALENDAR\n" + strings.Repeat("BEGIN:VEVENT\n", 200_000), "deep"},
		"large":     {"BEGIN:VCALENDAR\n" + strings.Repeat("X:y\n", 3<<20), "larger than 8 MiB"},
		"lines":     {"BEGIN:VCALENDAR\n" + strings.Repeat("\n", 1<<20), "more than 250000 lines"},
		"folds":     {"BEGIN:VCALENDAR\nX:y\n" + strings.Repeat(" \n", 1<<20), "more than 250000 lines"},
		"long":      {"BEGIN:VCALENDAR\nX:" + strings.Repeat("y", 1<<20), "longer than 64 KiB"},
		"long fold": {"BEGIN:VCALENDAR\nX:y\n" + strings.Repeat(" "+strings.Repeat("y", 1000)+"\n", 1000), "longer than 64 KiB"},
		"expands":   {many(900, one), "more than 20000 entries"},
		"recurs":    {many(5000, never), "more than 1000 recurring"},
		"barren":    {many(1000, never), ""},
		"left out":  {"BEGIN:VCALENDAR\n" + fmt.Sprintf(strings.TrimSuffix(one, "END:VEVENT\n"), 1) + exdates(200_000) + "END:VEVENT\nEND:VCALENDAR\n", ""},
		"cut off":   {"BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20261207T000000Z\nEND:VEVENT\n", "cut off"},
		"cut off 2": {"BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20261207T000000Z\n", "cut off"},
		"crossed":   {"BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VCALENDAR\n", "END:VCALENDAR where VEVENT is open"},
		"after":     {"BEGIN:VCALENDAR\nEND:VCALENDAR\nBEGIN:VCALENDAR\nEND:VCALENDAR\n", "follows END:VCALENDAR"},
		"html":      {"<html><body>log in</body></html>", "not a calendar"},
		"empty":     {"", "cut off"},
		"vcard":     {"BEGIN:VCARD\nEND:VCARD\n", "not a calendar"},
	}
	for name, c := range cases {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		began := time.Now()
		_, _, err := ReadBusy(strings.NewReader(c.text), BusyOptions{Within: within("2026-01-01", "2026-12-31")})
		took := time.Since(began)
		runtime.ReadMemStats(&after)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v", name, err)
		}
		if used := after.TotalAlloc - before.TotalAlloc; used > 100<<20 {
			t.Errorf("%s: %d MB", name, used>>20)
		}
		if took > 5*time.Second { // generous, for machines that do much else
			t.Errorf("%s: %s", name, took)
		}
		t.Logf("%s: %s, %d kB", name, took.Round(time.Millisecond), (after.TotalAlloc-before.TotalAlloc)>>10)
	}
	if _, _, err := ReadBusy(strings.NewReader(""), BusyOptions{}); err == nil {
		t.Error("no time of interest")
	}
}

func FuzzReadBusy(f *testing.F) {
	f.Add(wrap("DTSTART;TZID=Asia/Yerevan:20261102T180000 DTEND;TZID=Asia/Yerevan:20261102T200000 RRULE:FREQ=WEEKLY;BYDAY=MO,WE;UNTIL=20261216T140000Z"))
	f.Add(wrap("DTSTART;VALUE=DATE:20261204 RRULE:FREQ=DAILY;INTERVAL=2;COUNT=4 EXDATE;VALUE=DATE:20261206"))
	f.Add(wrap("DTSTART:00010101T000000 DURATION:P1W RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1 RDATE:99991231T235959"))
	f.Add("BEGIN:VCALENDAR\nBEGIN:VFREEBUSY\nFREEBUSY:20261210T000000Z/PT2H\nEND:VFREEBUSY\nEND:VCALENDAR")
	f.Add("\ufeffBEGIN:VCALENDAR\r\nBEGIN:VTIMEZONE\r\nTZID:x\r\nX-LIC-LOCATION:Europe/Paris\r\nEND:VTIMEZONE\r\nEND:VCALENDAR")
	f.Fuzz(func(t *testing.T, text string) {
		opt := BusyOptions{Zone: zone(t, "America/Havana"), Within: within("2026-12-01", "2026-12-31")}
		times, _, err := ReadBusy(strings.NewReader(text), opt)
		if err != nil && len(times) > 0 {
			t.Fatal("times beside an error")
		}
		for _, b := range times {
			if b.WholeDays() == !b.Interval.IsEmpty() || b.WholeDays() && b.Last.Before(b.First) || b.UID == "" {
				t.Fatalf("%+v", b)
			}
			if !b.WholeDays() && !b.Interval.Overlaps(opt.Within) {
				t.Fatalf("%+v is not of interest", b)
			}
		}
	})
}
