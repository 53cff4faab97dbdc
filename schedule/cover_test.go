package schedule_test

import (
	"testing"

	"rota/schedule"
)

func TestCoverByHour(t *testing.T) {
	c := caseOf(t, `team UTC
period 2026-12-07 2026-12-07 known=2026-12-06..2026-12-07
shift day 07:00-15:00
shift half 10:30-18:30
shift night 23:00-07:00
agent ani
agent bo
agent cy
need day min=1 target=2
need half min=1
interval 12:00-14:00 min=4
work ani day@2026-12-07
work bo half@2026-12-07
work cy night@2026-12-06
`)
	hours, err := schedule.CoverByHour(c.Period, c.Roster)
	if err != nil || len(hours) != 24 {
		t.Fatal(len(hours), err)
	}
	for clock, want := range map[int]schedule.HourCover{
		3:  {Planned: 1, Most: 1},
		8:  {Min: 1, Target: 2, Planned: 1, Most: 1, Below: 1},
		10: {Min: 2, Target: 3, Planned: 1, Most: 2, Below: 1},
		12: {Min: 4, Target: 4, Planned: 2, Most: 2, Short: 2, Below: 2},
		18: {Min: 1, Target: 1, Planned: 0, Most: 1},
		20: {},
	} {
		got := hours[clock]
		if got.Clock != schedule.Clock(clock*60) {
			t.Errorf("hour %d starts at %s", clock, got.Clock)
		}
		got.Interval, got.Day, got.Clock = schedule.Interval{}, schedule.Date{}, 0
		if got != want {
			t.Errorf("hour %d: %+v, want %+v", clock, got, want)
		}
	}
}

// TestCoverOnChangeDays: the hours of a day are those that it has.
func TestCoverOnChangeDays(t *testing.T) {
	for zone, hours := range map[string]int{"Europe/Berlin": 25, "Asia/Yerevan": 24, "Australia/Lord_Howe": 24} {
		c := caseOf(t, "team "+zone+"\nperiod 2026-10-25 2026-10-25\nshift all 00:00-00:00\nagent ani\nwork ani all@2026-10-25\n")
		list, err := schedule.CoverByHour(c.Period, c.Roster)
		if err != nil {
			t.Fatal(err)
		}
		if len(list) != hours {
			t.Errorf("%s: %d hours, want %d", zone, len(list), hours)
		}
		for i, h := range list {
			if h.Planned != 1 || i > 0 && !h.Interval.Start.Equal(list[i-1].Interval.End) {
				t.Errorf("%s: hour %d: %+v", zone, i, h)
			}
		}
	}
}
