package schedule

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
)

func dateList(dates []Date) string {
	texts := make([]string, len(dates))
	for i, d := range dates {
		texts[i] = d.String()
	}
	return strings.Join(texts, " ")
}

func optionalDate(s string) Date {
	if s == "" {
		return Date{}
	}
	return MustDate(s)
}

// The expected dates were compared with python3-dateutil, which shares no code with the library used here.
func TestRecurrenceDates(t *testing.T) {
	for _, test := range []struct{ rule, from, first, last, want string }{
		{"", "", "2026-12-30", "2027-01-02", "2026-12-30 2026-12-31 2027-01-01 2027-01-02"},
		{"FREQ=DAILY", "2026-12-31", "2026-12-30", "2027-01-02", "2026-12-31 2027-01-01 2027-01-02"},
		{"FREQ=DAILY;INTERVAL=3", "2026-12-01", "2026-12-12", "2026-12-20", "2026-12-13 2026-12-16 2026-12-19"},
		{"FREQ=DAILY;COUNT=3", "2026-12-05", "2026-12-06", "2026-12-20", "2026-12-06 2026-12-07"},
		{"FREQ=DAILY;UNTIL=20261208", "", "2026-12-07", "2026-12-20", "2026-12-07 2026-12-08"},
		{"FREQ=DAILY;BYDAY=MO,WE;BYMONTH=12", "", "2026-11-28", "2026-12-09", "2026-12-02 2026-12-07 2026-12-09"},
		{"FREQ=WEEKLY;BYDAY=SA,SU", "", "2026-12-07", "2026-12-20", "2026-12-12 2026-12-13 2026-12-19 2026-12-20"},
		{"FREQ=WEEKLY;BYDAY=FR", "", "2026-12-25", "2027-01-08", "2026-12-25 2027-01-01 2027-01-08"},
		{"FREQ=WEEKLY", "2026-12-09", "2026-12-01", "2026-12-24", "2026-12-09 2026-12-16 2026-12-23"},
		// Week 53 of 2026 lies between weeks 52 and 1: every second week goes on across it.
		{"FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", "2026-12-07", "2026-12-07", "2027-01-31", "2026-12-07 2026-12-21 2027-01-04 2027-01-18"},
		// Tuesday and Sunday, every second week: the example of RFC 5545 in which WKST matters.
		{"FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO", "1997-08-05", "1997-08-01", "1997-12-31", "1997-08-05 1997-08-10 1997-08-19 1997-08-24"},
		{"FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU", "1997-08-05", "1997-08-01", "1997-12-31", "1997-08-05 1997-08-17 1997-08-19 1997-08-31"},
		{"FREQ=WEEKLY;INTERVAL=2;COUNT=5;BYDAY=MO,FR", "2026-12-09", "2026-12-20", "2027-12-31", "2026-12-21 2026-12-25 2027-01-04 2027-01-08"},
		{"FREQ=MONTHLY;BYMONTHDAY=31", "", "2026-12-01", "2027-05-31", "2026-12-31 2027-01-31 2027-03-31 2027-05-31"},
		{"FREQ=MONTHLY", "2026-12-31", "2026-12-01", "2027-05-31", "2026-12-31 2027-01-31 2027-03-31 2027-05-31"},
		{"FREQ=MONTHLY;BYMONTHDAY=-1", "", "2027-01-01", "2027-04-30", "2027-01-31 2027-02-28 2027-03-31 2027-04-30"},
		{"FREQ=MONTHLY;BYDAY=1MO,-1FR", "", "2026-12-01", "2027-01-31", "2026-12-07 2026-12-25 2027-01-04 2027-01-29"},
		{"FREQ=MONTHLY;BYDAY=5SU", "", "2026-12-01", "2027-06-30", "2027-01-31 2027-05-30"},
		{"FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", "", "2026-01-01", "2026-12-31", "2026-02-13 2026-03-13 2026-11-13"},
		{"FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "", "2026-12-01", "2027-02-28", "2026-12-31 2027-01-29 2027-02-26"},
		{"FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1", "2026-12-15", "2026-12-01", "2027-02-28", "2027-01-01 2027-02-01"},
		{"FREQ=MONTHLY;INTERVAL=5;BYMONTHDAY=15", "2026-10-31", "2026-10-01", "2028-12-31", "2027-03-15 2027-08-15 2028-01-15 2028-06-15 2028-11-15"},
		{"FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", "", "2026-01-01", "2033-01-01", "2028-02-29 2032-02-29"},
		{"FREQ=YEARLY", "2024-02-29", "2024-01-01", "2033-01-01", "2024-02-29 2028-02-29 2032-02-29"},
		{"FREQ=YEARLY;INTERVAL=2;BYMONTH=3,11;BYDAY=2SU", "2026-05-01", "2026-01-01", "2029-01-01", "2026-11-08 2028-03-12 2028-11-12"},
		{"FREQ=YEARLY;BYDAY=-1MO", "", "2026-01-01", "2027-12-31", "2026-12-28 2027-12-27"},
		{"FREQ=YEARLY;BYDAY=53TH", "", "2026-01-01", "2033-12-31", "2026-12-31 2032-12-30"},
		{"FREQ=YEARLY;BYYEARDAY=1,-1", "", "2026-12-01", "2028-12-31", "2026-12-31 2027-01-01 2027-12-31 2028-01-01 2028-12-31"},
		{"FREQ=YEARLY;BYYEARDAY=366", "", "2026-01-01", "2032-12-31", "2028-12-31 2032-12-31"},
		{"FREQ=YEARLY;COUNT=2;BYMONTH=1", "2026-01-05", "2026-01-01", "2030-12-31", "2026-01-05 2027-01-05"},
		{"FREQ=DAILY", "2027-01-01", "2026-01-01", "2026-12-31", ""},
		{"FREQ=DAILY;COUNT=5", "2026-01-01", "2026-02-01", "2026-12-31", ""},
		{"FREQ=DAILY;INTERVAL=999", "0001-01-01", "2026-01-01", "2030-12-31", "2027-10-06 2030-07-01"},
		{"FREQ=DAILY", "", "9999-12-30", "9999-12-31", "9999-12-30 9999-12-31"},
		{"FREQ=WEEKLY;BYDAY=MO;WKST=SU", "0001-01-01", "0001-01-01", "0001-01-08", "0001-01-01 0001-01-08"},
	} {
		t.Run(test.rule+"/"+test.first, func(t *testing.T) {
			r, err := ParseRecurrence(test.rule)
			if err != nil {
				t.Fatal(err)
			}
			got, err := r.Dates(optionalDate(test.from), MustDate(test.first), MustDate(test.last))
			if err != nil {
				t.Fatal(err)
			}
			if dateList(got) != test.want {
				t.Errorf("dates\n got %s\nwant %s", dateList(got), test.want)
			}
		})
	}
}

// A window anywhere gives exactly the part of a longer list that falls into it, however far from is.
func TestRecurrenceWindowsAgree(t *testing.T) {
	from, end := MustDate("2023-05-31"), MustDate("2028-03-01")
	for _, text := range []string{
		"FREQ=DAILY;INTERVAL=7", "FREQ=DAILY;INTERVAL=10;BYDAY=MO,FR", "FREQ=DAILY;COUNT=900",
		"FREQ=WEEKLY;INTERVAL=3;BYDAY=SA,SU", "FREQ=WEEKLY;INTERVAL=5;BYDAY=SU,MO;WKST=SU", "FREQ=WEEKLY;INTERVAL=2;COUNT=99",
		"FREQ=WEEKLY;BYDAY=MO,WE,FR;BYSETPOS=2,-1", "FREQ=MONTHLY;INTERVAL=4", "FREQ=MONTHLY;INTERVAL=7;BYDAY=-1FR",
		"FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=3;COUNT=20", "FREQ=YEARLY;INTERVAL=2;BYMONTH=5,6;BYMONTHDAY=-1",
		"FREQ=YEARLY;BYDAY=SU;BYSETPOS=10", "FREQ=MONTHLY;UNTIL=20260731;BYMONTHDAY=31,1",
	} {
		r := MustRecurrence(text)
		all, err := r.Dates(from, from, end)
		if err != nil || len(all) == 0 {
			t.Fatalf("%s: %d dates, error %v", text, len(all), err)
		}
		for first := from.AddDays(-40); first.Before(end); first = first.AddDays(53) {
			last := first.AddDays(80)
			if last.After(end) {
				last = end
			}
			want := slices.DeleteFunc(slices.Clone(all), func(d Date) bool { return d.Before(first) || d.After(last) })
			got, err := r.Dates(from, first, last)
			if err != nil || dateList(got) != dateList(want) {
				t.Errorf("%s within %s to %s: error %v\n got %s\nwant %s", text, first, last, err, dateList(got), dateList(want))
			}
		}
	}
}

func TestRecurrenceCanonical(t *testing.T) {
	for _, test := range []struct{ rule, want string }{
		{"", "FREQ=DAILY"},
		{"FREQ=DAILY", "FREQ=DAILY"},
		{"RRULE:interval=1;freq=daily;wkst=mo", "FREQ=DAILY"},
		{"FREQ=WEEKLY;BYDAY=SU,SA", "FREQ=WEEKLY;BYDAY=SA,SU"},
		{"rrule:byday=su,mo;freq=weekly;wkst=su;interval=002", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU;WKST=SU"},
		{"BYMONTHDAY=+31,-1,2;BYMONTH=12,1;FREQ=MONTHLY;COUNT=5", "FREQ=MONTHLY;COUNT=5;BYMONTH=1,12;BYMONTHDAY=-1,2,31"},
		{"FREQ=MONTHLY;BYDAY=+2TU,2MO,-1FR;UNTIL=20270101", "FREQ=MONTHLY;UNTIL=20270101;BYDAY=-1FR,2MO,2TU"},
	} {
		r, err := ParseRecurrence(test.rule)
		if err != nil {
			t.Errorf("%q: %v", test.rule, err)
			continue
		}
		if r.String() != test.want {
			t.Errorf("%q: canonical text %q, want %q", test.rule, r, test.want)
		}
		if again, err := ParseRecurrence(r.String()); err != nil || again != r {
			t.Errorf("%q: read back as %q, error %v", test.rule, again, err)
		}
	}
	if !MustRecurrence("FREQ=DAILY").IsZero() || MustRecurrence("FREQ=DAILY;BYDAY=MO").IsZero() {
		t.Error("only every day is the zero recurrence")
	}
}

func TestRecurrenceNeedsFrom(t *testing.T) {
	for rule, want := range map[string]bool{
		"": false, "FREQ=WEEKLY;BYDAY=FR": false, "FREQ=MONTHLY;BYMONTHDAY=1": false, "FREQ=YEARLY;BYYEARDAY=1": false,
		"FREQ=DAILY;UNTIL=20270101": false, "FREQ=DAILY;INTERVAL=2": true, "FREQ=DAILY;COUNT=2": true,
		"FREQ=WEEKLY": true, "FREQ=MONTHLY": true, "FREQ=YEARLY;BYMONTH=3": true, "FREQ=WEEKLY;INTERVAL=1;BYDAY=MO": false,
	} {
		r := MustRecurrence(rule)
		if r.NeedsFrom() != want {
			t.Errorf("%q: NeedsFrom is %v, want %v", rule, !want, want)
		}
		_, err := r.Dates(Date{}, MustDate("2026-12-07"), MustDate("2026-12-13"))
		if errors.Is(err, ErrNeedsFrom) != want {
			t.Errorf("%q without a first date: error %v", rule, err)
		}
	}
}

func TestRecurrenceErrors(t *testing.T) {
	for _, test := range []struct {
		rule   string
		offset int
		reason string // a part of it
		hint   string
	}{
		{"BYDAY=MO", 8, "FREQ is missing", "add FREQ="},
		{"FREQ=WEEKY", 5, `unknown frequency "WEEKY"`, "did you mean WEEKLY?"},
		{"FREQ=HOURLY;INTERVAL=24;BYHOUR=5", 5, `unknown frequency "HOURLY"`, "DAILY, WEEKLY"},
		{"RRULE:FREQ=HOURLY", 11, "unknown frequency", ""},
		{"FREQ=DAILY;INTERVAL=0", 20, `bad INTERVAL "0"`, "1 to 999"},
		{"FREQ=DAILY;INTERVAL=1000", 20, `bad INTERVAL "1000"`, "1 to 999"},
		{"FREQ=DAILY;INTERVAL=-1", 20, `bad INTERVAL "-1"`, ""},
		{"FREQ=DAILY;INTERVAL=99999999999999999999", 20, "bad INTERVAL", ""},
		{"FREQ=DAILY;COUNT=0", 17, "bad COUNT", "1 to 9999"},
		{"FREQ=DAILY;COUNT=2;UNTIL=20270101", 19, "exclude each other", "keep one"},
		{"FREQ=DAILY;UNTIL=20270101T000000Z", 25, "time of day", "UNTIL=20270101"},
		{"FREQ=DAILY;UNTIL=2027-01-01", 17, "bad UNTIL", "UNTIL=20270101"},
		{"FREQ=DAILY;UNTIL=20270229", 17, "February 2027 has 28 days", ""},
		{"FREQ=DAILY;UNTIL=soon", 17, "bad UNTIL", ""},
		{"FREQ=WEEKLY;BYDAY=2MO", 12, "2MO in BYDAY cannot stand with WEEKLY", "BYDAY=MO"},
		{"FREQ=DAILY;BYDAY=-1FR", 11, "cannot stand with DAILY", ""},
		{"FREQ=MONTHLY;BYDAY=53MO", 13, "a month never has so many", "1 to 5"},
		{"FREQ=YEARLY;BYMONTH=2;BYDAY=-6MO", 22, "a month never has so many", ""},
		{"FREQ=YEARLY;BYDAY=54MO", 18, `bad ordinal in BYDAY "54"`, ""},
		{"FREQ=YEARLY;BYDAY=0MO", 18, "bad ordinal", ""},
		{"FREQ=MONTHLY;BYDAY=MO,2TU", 13, "with and without a number", ""},
		{"FREQ=WEEKLY;BYDAY=MO,SATURDAY", 21, `unknown weekday "SATURDAY"`, "write SA"},
		{"FREQ=WEEKLY;BYDAY=MO,XX", 21, `unknown weekday "XX"`, "MO TU"},
		{"FREQ=MONTHLY;BYDAY=2", 19, "has no weekday", ""},
		{"FREQ=WEEKLY;BYDAY=SA,SA", 21, "lists SA twice", "remove one"},
		{"FREQ=WEEKLY;BYDAY=SA,,SU", 21, "empty", "comma"},
		{"FREQ=WEEKLY;BYDAY=", 18, "BYDAY has no value", ""},
		{"FREQ=WEEKLY;BYDAY", 17, "BYDAY has no value", ""},
		{"FREQ=WEEKLY;BYDAY=SA;BYDAY=SU", 21, "BYDAY stands twice", "commas"},
		{"FREQ=WEEKLY;BYDAYS=SA", 12, `unknown key "BYDAYS"`, "did you mean BYDAY?"},
		{"FREQ=WEEKLY;BYHOUR=7", 12, "BYHOUR is not supported", ""},
		{"FREQ=YEARLY;BYWEEKNO=53", 12, "BYWEEKNO is not supported", "FREQ=WEEKLY"},
		{"FREQ=WEEKLY;BYMONTHDAY=1", 12, "cannot stand with WEEKLY", ""},
		{"FREQ=MONTHLY;BYMONTHDAY=32", 24, `bad BYMONTHDAY "32"`, ""},
		{"FREQ=MONTHLY;BYMONTHDAY=1,1", 26, "lists 1 twice", ""},
		{"FREQ=MONTHLY;BYYEARDAY=1", 13, "cannot stand with MONTHLY", ""},
		{"FREQ=YEARLY;BYMONTH=13", 20, `bad BYMONTH "13"`, ""},
		{"FREQ=YEARLY;BYMONTH=-1", 20, `bad BYMONTH "-1"`, ""},
		{"FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", 22, "never happens", ""},
		{"FREQ=DAILY;BYMONTH=4,6;BYMONTHDAY=31", 23, "never happens", ""},
		{"FREQ=YEARLY;BYMONTH=1;BYYEARDAY=200", 22, "never happens", ""},
		{"FREQ=MONTHLY;BYSETPOS=1", 13, "no days to pick from", "add BYDAY"},
		{"FREQ=WEEKLY;BYDAY=MO;BYSETPOS=8", 21, "more than WEEKLY has days", ""},
		{"FREQ=DAILY;BYDAY=MO;BYSETPOS=1", 20, "single day", ""},
		{"FREQ=DAILY;WKST=1MO", 16, "unknown weekday", ""},
		{"FREQ=DAILY;", 10, "nothing follows", "remove the semicolon"},
		{"FREQ=DAILY;;COUNT=1", 11, "a part is empty", ""},
		{"FREQ=DAILY COUNT=1", 10, "cannot stand", "remove the space"},
		{"FREQ=WEEKLY;BYDAY=МО", 18, "cannot stand", "plain letters"},
		{"DTSTART:20260101\nRRULE:FREQ=DAILY", 16, "cannot stand", "from"},
		{"every day", 5, "cannot stand", ""},
		{";", 0, "a part is empty", ""},
		{"RRULE:", 6, "a part is empty", ""},
		{strings.Repeat("X", 5000), 4096, "longer than", ""},
	} {
		_, err := ParseRecurrence(test.rule)
		var e *RecurrenceError
		if !errors.As(err, &e) {
			t.Errorf("%q: error %v, want a *RecurrenceError", test.rule, err)
			continue
		}
		if e.Offset != test.offset || !strings.Contains(e.Reason, test.reason) || !strings.Contains(e.Hint, test.hint) || e.Hint == "" || e.Text != test.rule {
			t.Errorf("%q: offset %d, reason %q, hint %q\nwant   offset %d, reason %q, hint %q", test.rule, e.Offset, e.Reason, e.Hint, test.offset, test.reason, test.hint)
		}
	}
	var r Recurrence
	if err := r.UnmarshalText([]byte("FREQ=WEEKY")); err == nil ||
		err.Error() != `bad rrule "FREQ=WEEKY" at byte 5: unknown frequency "WEEKY"; did you mean WEEKLY?` {
		t.Errorf("error text: %v", err)
	}
}

// Rules that have no more dates end, too; the time limit of the test run is the judge of a hang.
func TestRecurrenceWorkIsBounded(t *testing.T) {
	for _, text := range []string{
		"FREQ=DAILY;INTERVAL=2;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO;UNTIL=20270101", "FREQ=MONTHLY;BYDAY=5MO;BYMONTHDAY=1",
		"FREQ=WEEKLY;BYDAY=MO;BYSETPOS=2", "FREQ=YEARLY;BYYEARDAY=1;BYMONTHDAY=1;BYSETPOS=300", "FREQ=DAILY;INTERVAL=7;BYDAY=TU",
		"FREQ=DAILY;COUNT=9999;INTERVAL=7;BYDAY=TU",
	} {
		dates, err := MustRecurrence(text).Dates(MustDate("2026-12-07"), MustDate("2026-12-07"), MustDate("2027-01-03"))
		if err != nil || len(dates) > 0 {
			t.Errorf("%s: %v, error %v", text, dates, err)
		}
	}
	for _, test := range []struct{ rule, from, first, last string }{
		{"", "", "1900-01-01", "2026-01-01"},
		{"FREQ=DAILY;COUNT=9999", "1900-01-01", "2026-01-01", "2026-01-02"},
	} {
		_, err := MustRecurrence(test.rule).Dates(optionalDate(test.from), MustDate(test.first), MustDate(test.last))
		if !errors.Is(err, ErrTooManyDates) {
			t.Errorf("%q from %s to %s: error %v, want ErrTooManyDates", test.rule, test.first, test.last, err)
		}
	}
}

// One Recurrence serves many goroutines; the race detector watches.
func TestRecurrenceConcurrent(t *testing.T) {
	r := MustRecurrence("FREQ=MONTHLY;BYDAY=1MO,-1FR;COUNT=40")
	var wg sync.WaitGroup
	results := make([]string, 8)
	for i := range results {
		wg.Go(func() {
			dates, err := r.Dates(MustDate("2026-01-01"), MustDate("2026-01-01"), MustDate("2028-01-01"))
			results[i] = fmt.Sprint(dateList(dates), err)
		})
	}
	wg.Wait()
	for _, got := range results {
		if got != results[0] {
			t.Errorf("results differ: %s and %s", got, results[0])
		}
	}
}

func FuzzParseRecurrence(f *testing.F) {
	for _, seed := range []string{
		"", "FREQ=DAILY", "FREQ=WEEKLY;BYDAY=SA,SU", "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU", "rrule:freq=monthly;byday=-1fr",
		"FREQ=MONTHLY;BYDAY=53MO", "FREQ=HOURLY;INTERVAL=24;BYHOUR=5", "FREQ=YEARLY;BYYEARDAY=-366,60;BYMONTHDAY=1", "FREQ=YEARLY;BYDAY=-53MO",
		"FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;INTERVAL=999", "FREQ=DAILY;INTERVAL=7;BYDAY=TU", "FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=-31,31",
		"FREQ=DAILY;COUNT=2;UNTIL=20270101", "FREQ=DAILY;UNTIL=20270101", "FREQ=WEEKLY;BYDAY=\xff", "UNTIL=\x00;;=,", "FREQ=WEEKLY;INTERVAL=2",
	} {
		f.Add(seed, 0)
		f.Add(seed, 700_000)
	}
	f.Fuzz(func(t *testing.T, text string, days int) {
		r, err := ParseRecurrence(text)
		if err != nil {
			var e *RecurrenceError
			if !errors.As(err, &e) || e.Offset < 0 || e.Offset > len(text) || e.Hint == "" || r != (Recurrence{}) {
				t.Fatalf("%q: bad error %#v", text, err)
			}
			return
		}
		if again, err := ParseRecurrence(r.String()); err != nil || again != r {
			t.Fatalf("%q: canonical %q reads back as %q, error %v", text, r, again, err)
		}
		first := MustDate("0001-01-01").AddDays(max(0, days) % 3_600_000)
		from, last := first.AddDays(days%500), first.AddDays(400)
		if from.IsZero() || last.IsZero() {
			return
		}
		dates, err := r.Dates(from, first, last)
		if err != nil {
			t.Fatalf("%q from %s: %v", text, from, err)
		}
		for i, d := range dates {
			if d.Before(first) || d.After(last) || d.Before(from) || d.check() != nil || i > 0 && !dates[i-1].Before(d) {
				t.Fatalf("%q from %s within %s to %s: bad dates %s", text, from, first, last, dateList(dates))
			}
		}
	})
}
