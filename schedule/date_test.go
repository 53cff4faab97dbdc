package schedule

import (
	"encoding/json"
	"testing"
	"time"
)

func TestParseDate(t *testing.T) {
	for text, want := range map[string]Date{
		"2026-12-07": {2026, time.December, 7},
		"2028-02-29": {2028, time.February, 29},
		"0001-01-01": {1, time.January, 1},
		"9999-12-31": {9999, time.December, 31},
	} {
		d, err := ParseDate(text)
		if err != nil || d != want || d.String() != text {
			t.Errorf("%s: %v, error %v", text, d, err)
		}
	}
	for _, text := range []string{
		"", "2026-12-7", "2026-13-01", "2026-00-01", "2026-12-00", "2026-12-32", "2027-02-29", "1900-02-29", "0000-01-01", "2026/12/07",
		"2026-12-07 ", "+026-12-07", "2026-1e-07", "20261207", "2026-12-070", "-001-12-07",
	} {
		if d, err := ParseDate(text); err == nil || !d.IsZero() {
			t.Errorf("%q is read as %v", text, d)
		}
	}
}

func TestDateArithmetic(t *testing.T) {
	newYear := MustDate("2027-01-01")
	if got := newYear.AddDays(-1); got != MustDate("2026-12-31") {
		t.Errorf("the day before New Year is %s", got)
	}
	if got := MustDate("2028-02-28").AddDays(2); got != MustDate("2028-03-01") {
		t.Errorf("two days on in a leap year is %s", got)
	}
	if got := MustDate("9999-12-31").Sub(MustDate("0001-01-01")); got != 3652058 {
		t.Errorf("the years 1 to 9999 have %d days between first and last, want 3652058", got)
	}
	if got := newYear.Sub(MustDate("2027-01-03")); got != -2 {
		t.Errorf("difference %d, want -2", got)
	}
	for _, d := range []Date{MustDate("9999-12-31").AddDays(1), MustDate("0001-01-01").AddDays(-1), Date{}.AddDays(1), newYear.AddDays(1 << 40)} {
		if !d.IsZero() {
			t.Errorf("a date beyond the calendar is %v", d)
		}
	}
	if !newYear.After(MustDate("2026-12-31")) || !(Date{}).Before(newYear) || newYear.Compare(newYear) != 0 {
		t.Error("dates do not compare in the order of time")
	}
}

func TestDateWeeks(t *testing.T) {
	for _, test := range []struct {
		date       string
		year, week int
		weekday    time.Weekday
	}{
		{"2026-12-07", 2026, 50, time.Monday},
		{"2026-12-28", 2026, 53, time.Monday}, // 2026 has a week 53
		{"2027-01-01", 2026, 53, time.Friday},
		{"2027-01-03", 2026, 53, time.Sunday},
		{"2027-01-04", 2027, 1, time.Monday},
		{"2024-12-30", 2025, 1, time.Monday},
	} {
		d := MustDate(test.date)
		if year, week := d.ISOWeek(); year != test.year || week != test.week || d.Weekday() != test.weekday {
			t.Errorf("%s is %s of week %d of %d", d, d.Weekday(), week, year)
		}
	}
	for date := MustDate("2026-12-20"); date.Before(MustDate("2027-01-20")); date = date.AddDays(1) {
		for first := time.Sunday; first <= time.Saturday; first++ {
			start := date.WeekStart(first)
			if back := date.Sub(start); start.Weekday() != first || back < 0 || back > 6 {
				t.Errorf("the week of %s that starts on %s starts on %s, a %s", date, first, start, start.Weekday())
			}
		}
	}
}

func TestDateOf(t *testing.T) {
	at := time.Date(2026, time.December, 31, 20, 30, 0, 0, time.UTC)
	for zone, want := range map[string]string{"America/New_York": "2026-12-31", "Asia/Yerevan": "2027-01-01", "Asia/Kathmandu": "2027-01-01"} {
		if got := DateOf(at, mustZone(t, zone)); got != MustDate(want) {
			t.Errorf("%s: %s, want %s", zone, got, want)
		}
	}
	if got := DateOf(time.Date(12000, 1, 1, 0, 0, 0, 0, time.UTC), time.UTC); !got.IsZero() {
		t.Errorf("a date of the year 12000 is %v", got)
	}
}

func TestDateAndClockText(t *testing.T) {
	type entry struct {
		From  Date
		Start Clock
		Rule  Recurrence
	}
	in := entry{MustDate("2026-12-07"), MustClock("23:00"), MustRecurrence("FREQ=WEEKLY;BYDAY=FR")}
	data, err := json.Marshal(in)
	if want := `{"From":"2026-12-07","Start":"23:00","Rule":"FREQ=WEEKLY;BYDAY=FR"}`; err != nil || string(data) != want {
		t.Fatalf("%s, error %v, want %s", data, err, want)
	}
	var out entry
	if err := json.Unmarshal(data, &out); err != nil || out != in {
		t.Errorf("%v, error %v, want %v", out, err, in)
	}
	if err := json.Unmarshal([]byte(`{"From":"","Rule":""}`), &out); err != nil || !out.From.IsZero() || !out.Rule.IsZero() {
		t.Errorf("empty texts give %v, error %v", out, err)
	}
	for _, bad := range []string{`{"From":"2026-02-30"}`, `{"Start":"25:00"}`, `{"Start":""}`, `{"Rule":"FREQ=NEVER"}`} {
		if err := json.Unmarshal([]byte(bad), &out); err == nil {
			t.Errorf("%s is read", bad)
		}
	}
	if _, err := json.Marshal(Clock(1441)); err == nil {
		t.Error("a clock beyond 24:00 is written")
	}
}

func TestClock(t *testing.T) {
	for text, want := range map[string]Clock{"00:00": Midnight, "07:00": 420, "23:59": 1439, "24:00": EndOfDay} {
		c, err := ParseClock(text)
		if err != nil || c != want || c.String() != text {
			t.Errorf("%s: %v, error %v", text, c, err)
		}
	}
	for _, text := range []string{"", "7:00", "24:01", "25:00", "12:60", "0700", "07:00:00", "-1:00", "07.00", " 7:00"} {
		if c, err := ParseClock(text); err == nil {
			t.Errorf("%q is read as %v", text, c)
		}
	}
}
