package schedule

import (
	"slices"
	"testing"
	"time"
)

func TestStanding(t *testing.T) {
	team := harborTeam()
	slots := map[SlotID]Slot{}
	for _, s := range expand(t, team, harborShifts(), "2026-12-07", "2026-12-20") {
		slots[s.ID] = s
	}
	priya := Agent{ID: "priya", Zone: "Asia/Kolkata"}
	maya := Agent{ID: "maya", Zone: "America/New_York"}
	tigran := Agent{ID: "tigran", Zone: "Asia/Yerevan"}
	entries := []Availability{
		{ID: "p", Agent: "priya", Kind: Available, Recurrence: MustRecurrence("FREQ=WEEKLY;BYDAY=FR,SA,SU,MO"), Hours: ClockSpan{0, EndOfDay}},
		{ID: "m", Agent: "maya", Kind: Unavailable, From: MustDate("2026-12-12"), To: MustDate("2026-12-14")},
		{ID: "t", Agent: "tigran", Kind: Unavailable, Recurrence: MustRecurrence("FREQ=WEEKLY;BYDAY=TU"), Hours: ClockSpan{MustClock("18:00"), MustClock("22:00")}},
		{ID: "t2", Agent: "tigran", Kind: Avoid, Shifts: []ShiftID{"early"}, Weight: Some(Cost(12))},
		{ID: "t3", Agent: "tigran", Kind: Prefer, Tags: []string{"night"}},
		{ID: "t4", Agent: "tigran", Kind: Leave, From: MustDate("2026-12-10"), To: MustDate("2026-12-10"), State: Refused},
		{ID: "t5", Agent: "tigran", Kind: Leave, Exact: Interval{
			time.Date(2026, 12, 17, 12, 30, 0, 0, time.UTC), time.Date(2026, 12, 17, 12, 31, 0, 0, time.UTC)}, State: Approved},
	}
	for _, c := range []struct {
		agent   Agent
		slot    SlotID
		blocked bool
		want    Standing
	}{
		// Kolkata is an hour and a half ahead of Yerevan: her Friday begins in Yerevan's Thursday night.
		{priya, "late@2026-12-10", true, Standing{Beyond: Hours(6) + 30}},
		{priya, "early@2026-12-11", false, Standing{}},
		{priya, "late@2026-12-12", false, Standing{}},
		{priya, "late@2026-12-14", true, Standing{Beyond: Hours(1) + 30}},
		{priya, "early@2026-12-09", true, Standing{Beyond: Hours(8)}},
		{maya, "midnight@2026-12-11", true, Standing{Unavailable: Hours(7), Blocking: []AvailabilityID{"m"}}},
		{maya, "wknd-morning@2026-12-19", false, Standing{}},
		{tigran, "late@2026-12-08", true, Standing{Unavailable: Hours(4), Blocking: []AvailabilityID{"t"}}},
		{tigran, "early@2026-12-08", false, Standing{Avoid: 12, AvoidedBy: []AvailabilityID{"t2"}}},
		{tigran, "night@2026-12-10", false, Standing{Prefer: 10, PreferredBy: []AvailabilityID{"t3"}}},
		{tigran, "late@2026-12-17", true, Standing{Leave: 1, Blocking: []AvailabilityID{"t5"}}},
	} {
		got, err := StandingOf(team, c.agent, entries, slots[c.slot])
		if err != nil {
			t.Fatal(err)
		}
		if got.Blocked() != c.blocked || got.Leave != c.want.Leave || got.Unavailable != c.want.Unavailable || got.Beyond != c.want.Beyond ||
			got.Avoid != c.want.Avoid || got.Prefer != c.want.Prefer || !slices.Equal(got.Blocking, c.want.Blocking) ||
			!slices.Equal(got.AvoidedBy, c.want.AvoidedBy) || !slices.Equal(got.PreferredBy, c.want.PreferredBy) {
			t.Errorf("%s on %s: got %+v, want %+v", c.agent.ID, c.slot, got, c.want)
		}
	}
}

func TestOutsideWork(t *testing.T) {
	team := harborTeam()
	agent := Agent{ID: "a", Zone: "America/New_York"}
	entries := []Availability{{Agent: "a", Kind: Outside, Recurrence: MustRecurrence("FREQ=WEEKLY;BYDAY=MO,TU"),
		Hours: ClockSpan{MustClock("09:00"), MustClock("17:00")}, Note: "bakery"}}
	busy, err := OutsideWork(team, agent, entries, MustDate("2026-12-07"), MustDate("2026-12-13"))
	if err != nil || len(busy) != 2 || busy[0].Day != MustDate("2026-12-07") || busy[0].Paid != Hours(8) || !busy[0].Work || busy[0].Why != "bakery" {
		t.Errorf("got %+v, %v", busy, err)
	}
	st, err := StandingOf(team, agent, entries, expand(t, team, harborShifts(), "2026-12-07", "2026-12-07")[2])
	if err != nil || st.Blocked() {
		t.Errorf("outside work is busy time, not availability: %+v, %v", st, err)
	}
}
