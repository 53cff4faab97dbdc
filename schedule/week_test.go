package schedule

import (
	"testing"
	"time"
)

func TestWeeks(t *testing.T) {
	weeks := Weeks(time.Monday, MustDate("2026-12-30"), MustDate("2027-01-12"))
	if len(weeks) != 3 {
		t.Fatalf("%d weeks", len(weeks))
	}
	first := weeks[0]
	if first.First != MustDate("2026-12-28") || first.Last != MustDate("2027-01-03") || first.From != MustDate("2026-12-30") || first.Days() != 5 {
		t.Errorf("over the year's end: %+v", first)
	}
	if y, w := first.First.ISOWeek(); y != 2026 || w != 53 {
		t.Errorf("week %d of %d, want 53 of 2026", w, y)
	}
	if weeks[1].Days() != 7 || weeks[2].Days() != 2 || !weeks[2].Has(MustDate("2027-01-17")) {
		t.Errorf("%+v", weeks[1:])
	}
	if sundays := Weeks(time.Sunday, MustDate("2026-12-30"), MustDate("2027-01-12")); sundays[0].First != MustDate("2026-12-27") {
		t.Errorf("weeks from Sunday: %+v", sundays[0])
	}
	if n := len(RosterDays(MustDate("2026-12-07"), MustDate("2027-01-03"))); n != 28 {
		t.Errorf("%d roster days, want 28", n)
	}
}

func TestWeekends(t *testing.T) {
	team := harborTeam()
	ny, _ := LoadZone("America/New_York")
	got := Weekends(team, ny, MustDate("2027-03-08"), MustDate("2027-03-14"))
	if len(got) != 1 || got[0].Day != MustDate("2027-03-13") || got[0].Interval.Minutes() != Hours(47) {
		t.Errorf("the weekend of a change: %+v", got)
	}
	yerevan, _ := LoadZone(team.Zone)
	// A period from Sunday begins within a weekend; one that ends on Friday has none at its end.
	if got := Weekends(team, yerevan, MustDate("2026-12-13"), MustDate("2026-12-18")); len(got) != 1 || got[0].Day != MustDate("2026-12-12") {
		t.Errorf("%+v", got)
	}
	friday := team
	friday.Weekend = WeekSpan{Start: WeekTime{time.Friday, 0}, End: WeekTime{time.Sunday, 0}}
	if got := Weekends(friday, yerevan, MustDate("2026-12-07"), MustDate("2026-12-13")); len(got) != 1 || got[0].Interval.Minutes() != Hours(48) {
		t.Errorf("Friday and Saturday: %+v", got)
	}
	// The vector: the New York Sunday afternoon is a Monday in Yerevan, not on its weekend; the Friday midnight is.
	weekend := Weekends(team, yerevan, MustDate("2026-12-12"), MustDate("2026-12-13"))[0].Interval
	for _, s := range expand(t, team, harborShifts()[3:], "2026-12-12", "2026-12-14") {
		if on := s.Interval().Overlaps(weekend); on != (s.ID != "wknd-afternoon@2026-12-13") {
			t.Errorf("%s on the weekend: %v", s.ID, on)
		}
	}
}

func TestProRataOfLeaveAndPartialWeeks(t *testing.T) {
	team := harborTeam()
	ani := Agent{ID: "ani", From: MustDate("2026-12-08")}
	entries := []Availability{
		{Agent: "ani", Kind: Leave, From: MustDate("2026-12-24"), To: MustDate("2027-01-03")},
		{Agent: "ani", Kind: Leave, From: MustDate("2026-12-15"), To: MustDate("2026-12-15"), Hours: ClockSpan{MustClock("09:00"), MustClock("12:00")}},
		{Agent: "ani", Kind: Leave, From: MustDate("2026-12-16"), To: MustDate("2026-12-16"), State: Asked},
		{Agent: "ani", Kind: Unavailable, From: MustDate("2026-12-17"), To: MustDate("2026-12-17")},
		{Agent: "bob", Kind: Leave, From: MustDate("2026-12-07"), To: MustDate("2026-12-20")},
	}
	first, last := MustDate("2026-12-07"), MustDate("2027-01-01")
	leave, err := LeaveDays(team, ani, entries, first, last)
	if err != nil {
		t.Fatal(err)
	}
	want := []int{6, 7, 3, 0} // employed from Tuesday; nothing; leave from Thursday; all leave
	for i, w := range Weeks(team.WeekStart, first, last) {
		if n := CountedDays(ani, w, leave); n != want[i] {
			t.Errorf("week of %s: %d days, want %d", w.First, n, want[i])
		}
	}
	if got := ProRata(Hours(40), 3); got != 1028 {
		t.Errorf("40 h for 3 days: %d minutes, want 1028", got)
	}
	if ProRata(Hours(40), 7) != Hours(40) || ProRata(Hours(40), 0) != 0 {
		t.Error("whole and empty weeks")
	}
}
