package schedule

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func mustZone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := LoadZone(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func TestLoadZone(t *testing.T) {
	names := ZoneNames()
	if !slices.IsSorted(names) || len(names) < 500 {
		t.Fatalf("%d zone names, in order: %v", len(names), slices.IsSorted(names))
	}
	for _, name := range names {
		if loc, err := LoadZone(name); err != nil || loc.String() != name {
			t.Errorf("%s: %v, error %v", name, loc, err)
		}
	}
	for name, want := range map[string]string{
		"":                 "no time zone given",
		"Local":            "depends on the machine",
		"local":            "depends on the machine",
		"localtime":        "unknown time zone",
		"Asia/Yerewan":     "did you mean Asia/Yerevan?",
		"asia/yerevan":     "did you mean Asia/Yerevan?",
		"Yerevan":          "did you mean Asia/Yerevan?",
		"America/New York": "did you mean America/New_York?",
		"new york":         "did you mean America/New_York?",
		"Europe/Yerevan":   "did you mean Asia/Yerevan?",
		"Mars/Olympus":     "write an IANA name",
		"posix/Asia/Tokyo": "unknown time zone",
		"../etc/passwd":    "unknown time zone",

		strings.Repeat("x/", 5000): "unknown time zone",
	} {
		if _, err := LoadZone(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: error %v, want %s", name, err, want)
		}
	}
}

// Facts about the clocks of the world: what a start and an end at a wall time are in UTC, and how often it happens.
func TestInstants(t *testing.T) {
	for _, test := range []struct {
		zone, date, clock string
		existence         Existence
		start, end        string // RFC 3339 without seconds and Z
	}{
		{"America/New_York", "2026-12-07", "07:00", Once, "2026-12-07T12:00", "2026-12-07T12:00"},
		{"America/New_York", "2027-03-14", "01:59", Once, "2027-03-14T06:59", "2027-03-14T06:59"},
		{"America/New_York", "2027-03-14", "02:00", Never, "2027-03-14T07:00", "2027-03-14T07:00"},
		{"America/New_York", "2027-03-14", "02:59", Never, "2027-03-14T07:00", "2027-03-14T07:00"},
		{"America/New_York", "2027-03-14", "03:00", Once, "2027-03-14T07:00", "2027-03-14T07:00"},
		{"America/New_York", "2026-11-01", "00:59", Once, "2026-11-01T04:59", "2026-11-01T04:59"},
		{"America/New_York", "2026-11-01", "01:00", Twice, "2026-11-01T05:00", "2026-11-01T06:00"},
		{"America/New_York", "2026-11-01", "01:59", Twice, "2026-11-01T05:59", "2026-11-01T06:59"},
		{"America/New_York", "2026-11-01", "02:00", Once, "2026-11-01T07:00", "2026-11-01T07:00"},
		{"Europe/Berlin", "2027-03-28", "02:30", Never, "2027-03-28T01:00", "2027-03-28T01:00"},
		{"Europe/Berlin", "2026-10-25", "02:30", Twice, "2026-10-25T00:30", "2026-10-25T01:30"},
		{"Europe/Berlin", "2026-10-25", "03:00", Once, "2026-10-25T02:00", "2026-10-25T02:00"},
		// Lord Howe changes by half an hour, at 02:00.
		{"Australia/Lord_Howe", "2026-10-04", "02:00", Never, "2026-10-03T15:30", "2026-10-03T15:30"},
		{"Australia/Lord_Howe", "2026-10-04", "02:29", Never, "2026-10-03T15:30", "2026-10-03T15:30"},
		{"Australia/Lord_Howe", "2026-10-04", "02:30", Once, "2026-10-03T15:30", "2026-10-03T15:30"},
		{"Australia/Lord_Howe", "2027-04-04", "01:45", Twice, "2027-04-03T14:45", "2027-04-03T15:15"},
		{"Australia/Lord_Howe", "2027-04-04", "01:29", Once, "2027-04-03T14:29", "2027-04-03T14:29"},
		// Havana goes forward at 00:00 and back from 01:00 to 00:00.
		{"America/Havana", "2026-03-08", "00:00", Never, "2026-03-08T05:00", "2026-03-08T05:00"},
		{"America/Havana", "2026-03-07", "24:00", Never, "2026-03-08T05:00", "2026-03-08T05:00"},
		{"America/Havana", "2026-11-01", "00:00", Twice, "2026-11-01T04:00", "2026-11-01T05:00"},
		{"America/Havana", "2026-10-31", "24:00", Twice, "2026-11-01T04:00", "2026-11-01T05:00"},
		// Santiago goes forward at 24:00 of a Saturday and back from 24:00 to 23:00.
		{"America/Santiago", "2026-09-06", "00:00", Never, "2026-09-06T04:00", "2026-09-06T04:00"},
		{"America/Santiago", "2026-09-06", "01:00", Once, "2026-09-06T04:00", "2026-09-06T04:00"},
		{"America/Santiago", "2026-04-04", "23:30", Twice, "2026-04-05T02:30", "2026-04-05T03:30"},
		{"America/Santiago", "2026-04-05", "00:00", Once, "2026-04-05T04:00", "2026-04-05T04:00"},
		// No changes here.
		{"Asia/Yerevan", "2027-03-28", "02:30", Once, "2027-03-27T22:30", "2027-03-27T22:30"},
		{"Asia/Kathmandu", "2026-12-31", "24:00", Once, "2026-12-31T18:15", "2026-12-31T18:15"},
		{"UTC", "2026-12-31", "24:00", Once, "2027-01-01T00:00", "2027-01-01T00:00"},
		// Dates that never were.
		{"Pacific/Apia", "2011-12-30", "12:00", Never, "2011-12-30T10:00", "2011-12-30T10:00"},
		{"Pacific/Kwajalein", "1993-08-21", "00:00", Never, "1993-08-21T12:00", "1993-08-21T12:00"},
		// 2040 is past the changes that the zone database lists one by one; its last day is special in the time package.
		{"America/New_York", "2040-12-31", "23:00", Once, "2041-01-01T04:00", "2041-01-01T04:00"},
		{"America/New_York", "2040-11-04", "01:30", Twice, "2040-11-04T05:30", "2040-11-04T06:30"},
	} {
		loc, d, c := mustZone(t, test.zone), MustDate(test.date), MustClock(test.clock)
		start, movedStart := StartInstant(d, c, loc)
		end, movedEnd := EndInstant(d, c, loc)
		existence := Exists(d, c, loc)
		const layout = "2006-01-02T15:04"
		if start.Format(layout) != test.start || end.Format(layout) != test.end || existence != test.existence {
			t.Errorf("%s %s %s: start %s, end %s, %s; want %s, %s, %s", test.zone, test.date, test.clock,
				start.Format(layout), end.Format(layout), existence, test.start, test.end, test.existence)
		}
		if moved := test.existence == Never; movedStart != moved || movedEnd != moved {
			t.Errorf("%s %s %s: start moved %v, end moved %v, want %v", test.zone, test.date, test.clock, movedStart, movedEnd, moved)
		}
		if start.Location() != time.UTC || end.Location() != time.UTC {
			t.Errorf("%s %s %s: instants are not in UTC", test.zone, test.date, test.clock)
		}
	}
}

// A slot from 23:00 to 07:00 has 7, 8 or 9 hours, one from 00:00 to 08:00 likewise.
func TestNightsOfChange(t *testing.T) {
	for _, test := range []struct {
		zone, date, start, end string
		want                   Minutes
	}{
		{"America/New_York", "2026-12-11", "23:00", "07:00", 480},
		{"America/New_York", "2027-03-13", "23:00", "07:00", 420},
		{"America/New_York", "2026-10-31", "23:00", "07:00", 540},
		{"Europe/Berlin", "2027-03-27", "23:00", "07:00", 420},
		{"Europe/Berlin", "2026-10-24", "23:00", "07:00", 540},
		{"Australia/Lord_Howe", "2026-10-03", "23:00", "07:00", 450},
		{"Australia/Lord_Howe", "2027-04-03", "23:00", "07:00", 510},
		{"America/Havana", "2026-03-07", "23:00", "07:00", 420},
		{"America/Havana", "2026-10-31", "23:00", "07:00", 540},
		{"America/Santiago", "2026-09-05", "23:00", "07:00", 420},
		{"America/Santiago", "2026-04-04", "23:00", "07:00", 540},
		{"Asia/Yerevan", "2026-10-24", "23:00", "07:00", 480},
		{"Asia/Kathmandu", "2026-12-31", "23:00", "07:00", 480},
	} {
		loc, d := mustZone(t, test.zone), MustDate(test.date)
		start, _ := StartInstant(d, MustClock(test.start), loc)
		end, _ := EndInstant(d.AddDays(1), MustClock(test.end), loc)
		if got := (Interval{start, end}).Minutes(); got != test.want {
			t.Errorf("%s, night of %s: %d minutes, want %d", test.zone, test.date, got, test.want)
		}
	}
}

// What New York works at weekends, as a team in Yerevan sees it, in winter and one hour earlier from 14 March 2027.
func TestWeekendSeenFromYerevan(t *testing.T) {
	newYork, yerevan := mustZone(t, "America/New_York"), mustZone(t, "Asia/Yerevan")
	for _, test := range []struct {
		date       string
		start, end string
		nextDay    int
		want       string // roster day and span on the clock of Yerevan
		weekend    bool
	}{
		{"2026-12-11", "23:00", "07:00", 1, "2026-12-12 Sat 08:00 Sat 16:00", true},
		{"2026-12-12", "07:00", "15:00", 0, "2026-12-12 Sat 16:00 Sun 00:00", true},
		{"2026-12-12", "15:00", "23:00", 0, "2026-12-13 Sun 00:00 Sun 08:00", true},
		{"2026-12-13", "07:00", "15:00", 0, "2026-12-13 Sun 16:00 Mon 00:00", true},
		{"2026-12-13", "15:00", "23:00", 0, "2026-12-14 Mon 00:00 Mon 08:00", false},
		{"2027-03-12", "23:00", "07:00", 1, "2027-03-13 Sat 08:00 Sat 16:00", true},
		{"2027-03-14", "07:00", "15:00", 0, "2027-03-14 Sun 15:00 Sun 23:00", true},
		{"2027-03-14", "15:00", "23:00", 0, "2027-03-14 Sun 23:00 Mon 07:00", true},
		{"2027-03-19", "23:00", "07:00", 1, "2027-03-20 Sat 07:00 Sat 15:00", true},
		{"2027-03-20", "15:00", "23:00", 0, "2027-03-20 Sat 23:00 Sun 07:00", true},
	} {
		d := MustDate(test.date)
		start, _ := StartInstant(d, MustClock(test.start), newYork)
		end, _ := EndInstant(d.AddDays(test.nextDay), MustClock(test.end), newYork)
		const layout = "Mon 15:04"
		got := strings.Join([]string{DateOf(start, yerevan).String(), start.In(yerevan).Format(layout), end.In(yerevan).Format(layout)}, " ")
		monday := DateOf(start, yerevan).WeekStart(time.Monday)
		saturday, _ := DayBounds(monday.AddDays(5), yerevan)
		_, after := DayBounds(monday.AddDays(6), yerevan)
		weekend := (Interval{saturday, after}).Overlaps(Interval{start, end})
		if got != test.want || weekend != test.weekend {
			t.Errorf("New York %s %s-%s: %s, weekend %v; want %s, %v", test.date, test.start, test.end, got, weekend, test.want, test.weekend)
		}
	}
}

func TestDayBounds(t *testing.T) {
	for _, test := range []struct {
		zone, date string
		exists     bool
		want       Minutes
	}{
		{"Europe/Berlin", "2026-10-25", true, 25 * 60},
		{"Europe/Berlin", "2027-03-28", true, 23 * 60},
		{"Europe/Berlin", "2026-12-31", true, 24 * 60},
		{"America/Havana", "2026-03-08", true, 23 * 60},
		{"America/Havana", "2026-11-01", true, 25 * 60},
		{"America/Santiago", "2026-04-04", true, 25 * 60},
		{"America/Santiago", "2026-09-06", true, 23 * 60},
		{"Australia/Lord_Howe", "2027-04-04", true, 24*60 + 30},
		{"Pacific/Apia", "2011-12-29", true, 24 * 60},
		{"Pacific/Apia", "2011-12-30", false, 0},
		{"Pacific/Apia", "2011-12-31", true, 24 * 60},
		{"Pacific/Kwajalein", "1993-08-21", false, 0},
		{"Asia/Manila", "1844-12-31", false, 0},
	} {
		loc, d := mustZone(t, test.zone), MustDate(test.date)
		start, end := DayBounds(d, loc)
		if got := (Interval{start, end}).Minutes(); got != test.want || DateExists(d, loc) != test.exists {
			t.Errorf("%s %s: %d minutes, exists %v; want %d, %v", test.zone, test.date, got, DateExists(d, loc), test.want, test.exists)
		}
		if test.exists && (DateOf(start, loc) != d || DateOf(end, loc) == d) {
			t.Errorf("%s %s: bounds fall on %s and %s", test.zone, test.date, DateOf(start, loc), DateOf(end, loc))
		}
		if next, _ := DayBounds(d.AddDays(1), loc); !next.Equal(end) {
			t.Errorf("%s %s: the next day does not start where this one ends", test.zone, test.date)
		}
	}
}

// The referee knows nothing of offsets: it reads the wall clock at every minute around a change, forwards only.
func TestInstantsAgainstEveryMinute(t *testing.T) {
	changes := 0
	for _, zone := range []string{
		"America/New_York", "Europe/Berlin", "Europe/Dublin", "Australia/Lord_Howe", "America/Havana", "America/Santiago", "Asia/Yerevan",
		"Asia/Kathmandu", "Africa/Casablanca", "Pacific/Apia", "Pacific/Kwajalein", "America/St_Johns", "Asia/Gaza", "Antarctica/Troll", "America/Scoresbysund",
	} {
		loc := mustZone(t, zone)
		for _, year := range []int{1993, 2011, 2026, 2040} {
			var around []Date
			last, hour := int64(0), time.Date(year, time.January, 1, 0, 0, 0, 0, time.UTC).Unix()
			for i := range int64(366 * 24) {
				if offset := offsetAt(hour+i*3600, loc); i == 0 || offset != last {
					around, last = append(around, DateOf(time.Unix(hour+i*3600, 0), time.UTC)), offset
				}
			}
			around = append(around, Date{year, time.December, 31})
			for _, d := range around {
				changes++
				checkEveryMinute(t, d, loc)
			}
		}
	}
	if changes < 150 {
		t.Errorf("only %d changes seen", changes)
	}
}

func checkEveryMinute(t *testing.T, d Date, loc *time.Location) {
	t.Helper()
	type sight struct{ first, last, times int64 }
	seen := map[int64]sight{} // by wall time in Unix seconds
	var order []int64         // wall times as the clock shows them
	from := d.AddDays(-3).wall().Unix()
	for m := range int64(6 * 1440) {
		at := from + m*60
		year, month, day := time.Unix(at, 0).In(loc).Date()
		hour, minute, _ := time.Unix(at, 0).In(loc).Clock()
		wall := wallOf(Date{year, month, day}, Clock(hour*60+minute))
		s := seen[wall]
		if s.times == 0 {
			s.first = at
		}
		s.last, s.times = at, s.times+1
		seen[wall] = s
		order = append(order, wall)
	}
	for day := -1; day <= 1; day++ {
		for c := Midnight; c < EndOfDay; c++ {
			date := d.AddDays(day)
			wall := wallOf(date, c)
			want, exists := seen[wall]
			if !exists {
				i := slices.IndexFunc(order, func(w int64) bool { return w > wall })
				want = sight{first: from + int64(i)*60, last: from + int64(i)*60}
			}
			start, movedStart := StartInstant(date, c, loc)
			end, movedEnd := EndInstant(date, c, loc)
			if start.Unix() != want.first || end.Unix() != want.last || movedStart == exists || movedEnd == exists || int64(Exists(date, c, loc)) != want.times {
				t.Fatalf("%s %s %s: start %s (moved %v), end %s (moved %v), %s; want %s, %s, %d times", loc, date, c, start, movedStart, end, movedEnd,
					Exists(date, c, loc), time.Unix(want.first, 0).UTC(), time.Unix(want.last, 0).UTC(), want.times)
			}
		}
	}
}

// Slots that follow one another on the wall leave no hole, whatever the clocks do.
func TestNoHoleBetweenSlots(t *testing.T) {
	for _, zone := range []string{"America/New_York", "Australia/Lord_Howe", "America/Havana", "America/Santiago", "Pacific/Apia"} {
		loc := mustZone(t, zone)
		for _, year := range []int{2011, 2026} {
			for d := (Date{year, time.January, 1}); d.Year == year; d = d.AddDays(1) {
				for c := Midnight; c < EndOfDay; c += 30 {
					end, _ := EndInstant(d, c, loc)
					if next, _ := StartInstant(d, c, loc); next.After(end) {
						t.Errorf("%s %s %s: the slot before ends at %s, the next starts at %s", zone, d, c, end, next)
					}
				}
			}
		}
	}
}

func TestIntervals(t *testing.T) {
	at := func(minute int) time.Time {
		return time.Date(2026, time.December, 7, 0, 0, 0, 0, time.UTC).Add(time.Duration(minute) * time.Minute)
	}
	span := func(from, to int) Interval { return Interval{at(from), at(to)} }
	a := span(10, 20)
	if !a.Contains(at(10)) || a.Contains(at(20)) || a.Contains(at(9)) {
		t.Error("an interval holds its start and not its end")
	}
	for _, test := range []struct {
		b    Interval
		want Minutes
	}{
		{span(20, 30), 0}, {span(0, 10), 0}, {span(19, 30), 1}, {span(12, 15), 3}, {span(0, 30), 10}, {Interval{}, 0}, {span(15, 15), 0}, {span(18, 12), 0},
	} {
		if got := a.Intersect(test.b).Minutes(); got != test.want || a.Overlaps(test.b) != (test.want > 0) || test.b.Overlaps(a) != (test.want > 0) {
			t.Errorf("%v and %v share %d minutes, want %d", a, test.b, got, test.want)
		}
	}
	if !a.Covers(span(10, 20)) || !a.Covers(Interval{}) || a.Covers(span(9, 12)) || a.Covers(span(15, 21)) {
		t.Error("an interval covers exactly what lies within it")
	}
	given := []Interval{span(40, 50), span(10, 20), span(20, 25), span(12, 15), {}, span(45, 60), span(30, 30)}
	kept := slices.Clone(given)
	if got, want := Union(given), []Interval{span(10, 25), span(40, 60)}; !slices.Equal(got, want) || !slices.Equal(given, kept) {
		t.Errorf("union %v, want %v", got, want)
	}
	for _, test := range []struct {
		within Interval
		want   []Interval
	}{
		{span(0, 70), []Interval{span(0, 10), span(25, 40), span(60, 70)}},
		{span(15, 45), []Interval{span(25, 40)}},
		{span(12, 20), nil},
		{span(60, 70), []Interval{span(60, 70)}},
		{span(0, 5), []Interval{span(0, 5)}},
		{Interval{}, nil},
	} {
		if got := Gaps(test.within, given); !slices.Equal(got, test.want) {
			t.Errorf("gaps within %v: %v, want %v", test.within, got, test.want)
		}
	}
	if Union(nil) != nil || Gaps(Interval{}, nil) != nil {
		t.Error("nothing joined is nothing")
	}
}
