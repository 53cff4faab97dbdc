package schedule

import (
	"fmt"
	"slices"
	"testing"
)

func harborTeam() Team { return NewTeam("harbor", "Harbor Support", "Asia/Yerevan") }

func harborShifts() []Shift {
	ny := "America/New_York"
	return []Shift{
		{ID: "early", Start: MustClock("08:00"), End: MustClock("16:00")},
		{ID: "late", Start: MustClock("16:00"), End: MustClock("00:00")},
		{ID: "night", Start: MustClock("00:00"), End: MustClock("08:00"), Tags: []string{"night"}},
		{ID: "wknd-morning", Start: MustClock("07:00"), End: MustClock("15:00"), Zone: ny,
			Recurrence: MustRecurrence("FREQ=WEEKLY;BYDAY=SA,SU"), Tags: []string{"weekend"}},
		{ID: "wknd-afternoon", Start: MustClock("15:00"), End: MustClock("23:00"), Zone: ny,
			Recurrence: MustRecurrence("FREQ=WEEKLY;BYDAY=SA,SU"), Tags: []string{"weekend"}},
		{ID: "midnight", Start: MustClock("23:00"), End: MustClock("07:00"), Zone: ny,
			Recurrence: MustRecurrence("FREQ=WEEKLY;BYDAY=FR"), Tags: []string{"night", "weekend"}},
	}
}

func expand(t *testing.T, team Team, shifts []Shift, first, last string) []Slot {
	t.Helper()
	slots, err := ExpandSlots(team, shifts, MustDate(first), MustDate(last))
	if err != nil {
		t.Fatal(err)
	}
	return slots
}

// inTeam is a slot as the team's wall clock sees it: id, roster day, weekday and hours.
func inTeam(t *testing.T, team Team, s Slot) string {
	t.Helper()
	loc, err := LoadZone(team.Zone)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%s %s %s-%s", s.ID, s.Start.In(loc).Format("Mon"), s.Start.In(loc).Format("15"), s.End.In(loc).Format("15"))
}

func TestExpandNewYorkSeenFromYerevan(t *testing.T) {
	team, shifts := harborTeam(), harborShifts()[3:]
	for _, c := range []struct {
		first, last string
		want        []string
	}{
		{"2026-12-12", "2026-12-14", []string{
			"midnight@2026-12-11 Sat 08-16",
			"wknd-morning@2026-12-12 Sat 16-00",
			"wknd-afternoon@2026-12-12 Sun 00-08",
			"wknd-morning@2026-12-13 Sun 16-00",
			"wknd-afternoon@2026-12-13 Mon 00-08",
		}},
		// On 14 March 2027 the clocks of New York go forward: from then its slots are an hour earlier in Yerevan.
		{"2027-03-13", "2027-03-15", []string{
			"midnight@2027-03-12 Sat 08-16",
			"wknd-morning@2027-03-13 Sat 16-00",
			"wknd-afternoon@2027-03-13 Sun 00-08",
			"wknd-morning@2027-03-14 Sun 15-23",
			"wknd-afternoon@2027-03-14 Sun 23-07",
		}},
		{"2027-03-20", "2027-03-22", []string{
			"midnight@2027-03-19 Sat 07-15",
			"wknd-morning@2027-03-20 Sat 15-23",
			"wknd-afternoon@2027-03-20 Sat 23-07",
			"wknd-morning@2027-03-21 Sun 15-23",
			"wknd-afternoon@2027-03-21 Sun 23-07",
		}},
	} {
		var got []string
		for _, s := range expand(t, team, shifts, c.first, c.last) {
			got = append(got, inTeam(t, team, s))
			if s.Length() != Hours(8) || s.Paid != Hours(8) || s.Moved {
				t.Errorf("%s: length %s, paid %s, moved %v", s.ID, s.Length(), s.Paid, s.Moved)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s to %s:\n got %q\nwant %q", c.first, c.last, got, c.want)
		}
	}
}

func TestExpandCutsByRosterDay(t *testing.T) {
	team, shifts := harborTeam(), harborShifts()
	// Monday 7 December begins with a New York afternoon of Sunday 6; Sunday 13 ends without the one of that date.
	slots := expand(t, team, shifts, "2026-12-07", "2026-12-13")
	has := func(id SlotID) bool {
		return slices.ContainsFunc(slots, func(s Slot) bool { return s.ID == id })
	}
	if !has("wknd-afternoon@2026-12-06") || has("wknd-afternoon@2026-12-13") || !has("wknd-morning@2026-12-13") {
		t.Error("slots are not cut by their start in the team's zone")
	}
	if n := len(slots); n != 21+5 {
		t.Errorf("%d slots, want 26", n)
	}
	var together []Slot
	for d := range 7 {
		day := MustDate("2026-12-07").AddDays(d).String()
		together = append(together, expand(t, team, shifts, day, day)...)
	}
	for i, s := range together {
		if s.ID != slots[i].ID {
			t.Fatalf("days one by one give %s at %d, the week gives %s", s.ID, i, slots[i].ID)
		}
	}
}

func TestExpandOverChangesOfTheClock(t *testing.T) {
	for _, c := range []struct {
		zone, start, end, date string
		length                 Minutes
		moved                  bool
	}{
		{"America/New_York", "23:00", "07:00", "2027-03-13", Hours(7), false},
		{"America/New_York", "23:00", "07:00", "2026-10-31", Hours(9), false},
		{"America/New_York", "02:30", "10:00", "2027-03-14", Hours(7), true},
		{"Europe/Berlin", "22:00", "06:00", "2027-03-27", Hours(7), false},
		{"Europe/Berlin", "22:00", "06:00", "2026-10-24", Hours(9), false},
		{"Australia/Lord_Howe", "22:00", "06:00", "2026-10-03", Hours(7) + 30, false},
		{"Australia/Lord_Howe", "22:00", "06:00", "2027-04-03", Hours(8) + 30, false},
		{"America/Havana", "00:00", "08:00", "2026-03-08", Hours(7), true},
		{"America/Santiago", "00:00", "08:00", "2026-09-06", Hours(7), true},
		{"Asia/Kathmandu", "00:00", "24:00", "2026-12-31", Hours(24), false},
		{"Asia/Yerevan", "16:00", "00:00", "2026-12-31", Hours(8), false},
	} {
		team := NewTeam("t", "T", c.zone)
		shift := Shift{ID: "s", Start: MustClock(c.start), End: MustClock(c.end)}
		slots := expand(t, team, []Shift{shift}, c.date, c.date)
		if len(slots) != 1 || slots[0].Length() != c.length || slots[0].Moved != c.moved {
			t.Errorf("%s %s-%s on %s: got %+v, want %s moved %v", c.zone, c.start, c.end, c.date, slots, c.length, c.moved)
		}
	}
}

func TestExpandDates(t *testing.T) {
	team := harborTeam()
	shift := Shift{ID: "s", Start: MustClock("08:00"), End: MustClock("16:00"), Break: 30,
		Recurrence: MustRecurrence("FREQ=WEEKLY;BYDAY=MO"), From: MustDate("2026-12-07"), Until: MustDate("2026-12-28"),
		Except: []Date{MustDate("2026-12-14"), MustDate("2027-01-05")},
		Also:   []Date{MustDate("2026-12-06"), MustDate("2026-12-21"), MustDate("2027-01-05")}}
	var got []string
	for _, s := range expand(t, team, []Shift{shift}, "2026-11-01", "2027-02-01") {
		got = append(got, s.Date.String())
		if s.Paid != Hours(7)+30 {
			t.Errorf("%s: paid %s", s.ID, s.Paid)
		}
	}
	if want := []string{"2026-12-06", "2026-12-07", "2026-12-21", "2026-12-28"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	// Samoa skipped 30 December 2011: no slot starts on it, and one that would end on it ends where it would have begun.
	samoa := NewTeam("t", "T", "Pacific/Apia")
	got = nil
	for _, s := range expand(t, samoa, []Shift{{ID: "s", Start: MustClock("22:00"), End: MustClock("06:00")}}, "2011-12-29", "2011-12-31") {
		got = append(got, s.Date.String()+" "+s.Length().String())
	}
	if want := []string{"2011-12-29 2h", "2011-12-31 8h"}; !slices.Equal(got, want) {
		t.Errorf("over a skipped date: got %q, want %q", got, want)
	}
	counting := shift
	counting.From, counting.Recurrence = Date{}, MustRecurrence("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO")
	if _, err := ExpandSlots(team, []Shift{counting}, MustDate("2026-12-01"), MustDate("2026-12-31")); err == nil {
		t.Error("an rrule that counts was expanded without a first date")
	}
}

func TestExpandIsOrderedByStartThenShift(t *testing.T) {
	team := harborTeam()
	shifts := []Shift{
		{ID: "b", Start: MustClock("08:00"), End: MustClock("16:00")},
		{ID: "a", Start: MustClock("08:00"), End: MustClock("12:00")},
	}
	slots := expand(t, team, shifts, "2026-12-07", "2026-12-08")
	var got []SlotID
	for _, s := range slots {
		got = append(got, s.ID)
	}
	want := []SlotID{"b@2026-12-07", "a@2026-12-07", "b@2026-12-08", "a@2026-12-08"}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestSlotIDs(t *testing.T) {
	shift, date, err := ParseSlotID("late@2026-12-19")
	if err != nil || shift != "late" || date != MustDate("2026-12-19") || MakeSlotID(shift, date) != "late@2026-12-19" {
		t.Errorf("got %q %s %v", shift, date, err)
	}
	for _, bad := range []string{"", "late", "@2026-12-19", "late@2026-13-01", "la te@2026-12-19", "*@2026-12-19", "late@2026-12-19@x"} {
		if _, _, err := ParseSlotID(bad); err == nil {
			t.Errorf("%q was accepted", bad)
		}
	}
}
