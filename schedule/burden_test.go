package schedule

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

func TestBurdenOnTheAgentsOwnClock(t *testing.T) {
	team := harborTeam()
	slots := map[SlotID]Slot{}
	for _, s := range expand(t, team, harborShifts(), "2026-12-07", "2026-12-20") {
		slots[s.ID] = s
	}
	holidays := map[Date]string{MustDate("2026-12-10"): "a holiday"}
	for _, c := range []struct {
		zone   string
		slot   SlotID
		want   Burden
		points Points
	}{
		{"Asia/Yerevan", "night@2026-12-09", Burden{Night: Hours(6)}, 2}, // 00:00-06:00 of it: 360 / 240 = 1.5, rounded up
		{"Asia/Tokyo", "night@2026-12-09", Burden{Night: Hours(1)}, 0},   // 05:00-13:00
		{"Europe/Madrid", "night@2026-12-09", Burden{Night: Hours(6)}, 2},
		{"Asia/Yerevan", "early@2026-12-12", Burden{Weekend: Hours(8)}, 2},
		{"America/New_York", "midnight@2026-12-11", Burden{Night: Hours(7), Weekend: Hours(7)}, 4},
		{"Asia/Yerevan", "midnight@2026-12-11", Burden{Weekend: Hours(8)}, 2},
		{"America/New_York", "wknd-afternoon@2026-12-13", Burden{Weekend: Hours(8)}, 2},
		{"Asia/Yerevan", "wknd-afternoon@2026-12-13", Burden{Night: Hours(6)}, 2},
		{"Asia/Yerevan", "late@2026-12-10", Burden{Night: Hours(1), Holiday: Hours(8)}, 4}, // (60 + 960) / 240 = 4.25
		{"Asia/Tokyo", "late@2026-12-10", Burden{Night: Hours(6), Holiday: Hours(3)}, 3},   // 21:00-05:00; (360 + 360) / 240
	} {
		loc, err := LoadZone(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		got := BurdenOf(team, slots[c.slot], loc, holidays, false)
		if got != c.want || got.Points(team.Burden) != c.points {
			t.Errorf("%s in %s: %+v, %d points; want %+v, %d", c.slot, c.zone, got, got.Points(team.Burden), c.want, c.points)
		}
	}
	s := slots["night@2026-12-09"]
	loc, _ := LoadZone(team.Zone)
	short := BurdenOf(team, s, loc, nil, true)
	if short.ShortNotice != Hours(8) || short.Points(team.Burden, ShortBurden) != 1 || short.Points(team.Burden, WeekendBurden) != 0 {
		t.Errorf("short notice: %+v", short)
	}
	if !AtShortNotice(team, s, s.Start.Add(-71*time.Hour)) || AtShortNotice(team, s, s.Start.Add(-72*time.Hour)) {
		t.Error("short notice begins 72 hours before the start")
	}
}

func TestLedgerFades(t *testing.T) {
	team := harborTeam()
	last := MustDate("2026-12-31")
	entries := []LedgerEntry{
		{Agent: "a", Last: last, Done: Burden{Night: 240 * 8}},
		{Agent: "b", Last: last, Fair: Burden{Night: 240 * 8}},
	}
	for days, want := range map[int]Points{0: 8, 91: 4, 182: 2, 273: 1, 91 * 50: 0, -5: 8} {
		if got := Balance(team, entries, "a", last.AddDays(days)); got != want {
			t.Errorf("after %d days: %d, want %d", days, got, want)
		}
		if got := Balance(team, entries, "b", last.AddDays(days)); got != -want {
			t.Errorf("owed after %d days: %d, want %d", days, got, -want)
		}
	}
	team.HalfLife = 0
	if got := Balance(team, entries, "a", last.AddDays(9999), NightBurden); got != 8 {
		t.Errorf("without a half-life: %d", got)
	}
}

// sevenPeriod is 12 nights of one place for seven equal people.
func sevenPeriod(t *testing.T, first string) *Period {
	t.Helper()
	team := NewTeam("seven", "Seven", "Asia/Yerevan")
	night := Shift{ID: "night", Start: MustClock("23:00"), End: MustClock("07:00")}
	from := MustDate(first)
	slots, err := ExpandSlots(team, []Shift{night}, from, from.AddDays(11))
	if err != nil {
		t.Fatal(err)
	}
	slots = ResolveDemand([]DemandLine{{Shift: AnyShift, Agents: AgentsNeed{Min: Some(1), Target: Some(1)}}}, slots, nil)
	p := &Period{Team: team, First: from, Last: from.AddDays(11), Shifts: []Shift{night}, Slots: slots,
		Contracts: []Contract{{ID: "c", Target: Some(Hours(40))}}}
	for i := range 7 {
		p.Agents = append(p.Agents, Agent{ID: AgentID(fmt.Sprintf("a%d", i)), Contract: "c"})
	}
	return p
}

var nights = Rule{Name: "fair-share", Params: Params{"of": List("night")}}

func TestFairTargetsRepayTheLedger(t *testing.T) {
	p := sevenPeriod(t, "2026-12-08")
	targets, err := FairTargets(p, nights)
	if err != nil {
		t.Fatal(err)
	}
	sum := Points(0)
	for _, a := range p.Agents {
		sum += targets[a.ID]
		if n := targets[a.ID]; n != 3 && n != 4 {
			t.Errorf("%s: %d points", a.ID, n)
		}
	}
	if sum != 24 {
		t.Errorf("targets add up to %d points, want 24", sum)
	}
	r := Roster{Team: "seven", First: p.First, Last: p.Last, Version: 1}
	for i, s := range p.Slots {
		r.Assignments = append(r.Assignments, Assignment{Slot: s.ID, Agent: AgentID(fmt.Sprintf("a%d", i%7))})
	}
	p.Now = p.Slots[0].Start.AddDate(0, 0, -30)
	entries, err := LedgerEntries(p, r)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 7 || entries[0].Done.Night != Hours(14) || entries[6].Done.Night != Hours(7) || entries[0].Fair.Night != Hours(12) {
		t.Errorf("%+v", entries)
	}
	next := sevenPeriod(t, "2026-12-20")
	next.Ledger = entries
	targets, err = FairTargets(next, nights)
	if err != nil {
		t.Fatal(err)
	}
	for i, a := range next.Agents {
		if owed := i >= 5; owed != (targets[a.ID] > 3) {
			t.Errorf("second period: %s has a target of %d", a.ID, targets[a.ID])
		}
	}
}

func TestFairTargetsGoByHoursContractAndZone(t *testing.T) {
	p := sevenPeriod(t, "2026-12-08")
	p.Contracts = append(p.Contracts, Contract{ID: "half", Target: Some(Hours(20))}, Contract{ID: "none", Target: Some(Hours(40)), Shifts: []ShiftID{"day"}})
	p.Agents = p.Agents[:4]
	p.Agents[2].Contract, p.Agents[3].Contract = "half", "none"
	p.Availability = []Availability{{Agent: "a1", Kind: Leave, From: p.First, To: p.Last}}
	targets, err := FairTargets(p, nights)
	if err != nil {
		t.Fatal(err)
	}
	var got []Points
	for _, a := range p.Agents {
		got = append(got, targets[a.ID])
	}
	if want := []Points{16, 0, 8, 0}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	// Twelve hours away the night is a day: nobody need have one.
	p.Agents[0].Zone = "America/Los_Angeles"
	if targets, _ = FairTargets(p, nights); targets["a0"]+targets["a2"] != 0 {
		t.Errorf("a night that nobody need work has a target: %v", targets)
	}
}
