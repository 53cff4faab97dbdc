package plan

import (
	"fmt"
	"slices"

	"rota/schedule"
)

// who is one agent with what the rules need to know, computed once.
type who struct {
	schedule.Agent
	contract schedule.Contract
	// busy is time in which no slot may lie; work of it counts for rests and hours.
	busy []busy
	// leave says for each known day that leave covers the date from midnight to midnight on the agent's clock.
	leave []bool
	// reach is by slot; only slots of the period are filled in.
	reach []reach
	// burdens are lazily filled by slot: the agent's unsocial minutes and the shift's points.
	burdens map[int]schedule.Burden
	zone    string
}

type busy struct {
	span
	work bool
	day  int // -1 for a day that is not known and for time that is not work
	paid schedule.Minutes
	team bool // a slot of another team, not declared work
}

// reach is what employment, contract, availability and other work let an agent do with a slot.
type reach struct {
	barred   bool // not employed, not in the contract, on leave or otherwise unavailable
	occupied bool // busy elsewhere
	avoid    schedule.Cost
	prefer   schedule.Cost
}

// people looks at every agent. Entries of availability are laid out as stretches of time once, from two days before the
// first to two days after the last day, then compared with every slot.
func (f *frame) people() ([]who, error) {
	contracts := map[schedule.ContractID]schedule.Contract{}
	for _, c := range f.p.Contracts {
		contracts[c.ID] = c
	}
	list := make([]who, len(f.p.Agents))
	for i, a := range f.p.Agents {
		w := who{Agent: a, contract: contracts[a.Contract], zone: a.Zone, burdens: map[int]schedule.Burden{}}
		if w.zone == "" {
			w.zone = f.p.Team.Zone
		}
		for _, b := range f.p.Busy {
			if b.Agent != a.ID {
				continue
			}
			at := busy{span: spanOf(b.Interval), work: b.Work, day: -1, paid: b.Paid, team: b.Team != ""}
			if b.Work {
				at.day = f.dayIndex(b.Day)
			}
			if at.from < at.to {
				w.busy = append(w.busy, at)
			}
		}
		slices.SortStableFunc(w.busy, func(a, b busy) int { return int(min(max(a.from-b.from, -1), 1)) })
		if err := f.available(&w); err != nil {
			return nil, fmt.Errorf("agent %s: %w", a.ID, err)
		}
		list[i] = w
	}
	return list, nil
}

// available fills in leave and reach.
func (f *frame) available(w *who) error {
	loc, err := schedule.LoadZone(w.zone)
	if err != nil {
		return err
	}
	type entry struct {
		schedule.Availability
		at []span
	}
	var entries []entry
	only := false
	var away []span
	first, last := f.days[0].AddDays(-3), f.days[0].AddDays(f.known+2)
	for _, e := range f.p.Availability {
		if e.Agent != w.ID || e.State != "" && e.State != schedule.Approved || e.Kind == schedule.Outside {
			continue
		}
		x := entry{Availability: e}
		if e.Exact.Start.Before(e.Exact.End) {
			x.at = []span{spanOf(e.Exact)}
		} else {
			from, to := first, last
			if from.Before(e.From) {
				from = e.From
			}
			if !e.To.IsZero() && to.After(e.To) {
				to = e.To
			}
			dates, err := e.Recurrence.Dates(e.From, from, to)
			if err != nil {
				return fmt.Errorf("availability %s: %w", e.ID, err)
			}
			for _, d := range dates {
				if d.Before(from) || d.After(to) || !schedule.DateExists(d, loc) {
					continue
				}
				end := d
				if e.Hours.End <= e.Hours.Start {
					end = d.AddDays(1)
				}
				start, _ := schedule.StartInstant(d, e.Hours.Start, loc)
				stop, _ := schedule.EndInstant(end, e.Hours.End, loc)
				x.at = append(x.at, span{start.Unix(), stop.Unix()})
			}
		}
		x.at = merge(x.at)
		switch e.Kind {
		case schedule.Leave:
			away = append(away, x.at...)
		case schedule.Available:
			only = true
		}
		entries = append(entries, x)
	}
	away = merge(away)
	w.leave = make([]bool, f.known)
	for d := range w.leave {
		date := f.days[0].AddDays(d)
		start, _ := schedule.StartInstant(date, schedule.Midnight, loc)
		end, _ := schedule.StartInstant(date.AddDays(1), schedule.Midnight, loc)
		day := span{start.Unix(), end.Unix()}
		w.leave[d] = day.from < day.to && slices.ContainsFunc(away, func(s span) bool { return s.shared(day) == day.to-day.from })
	}
	w.reach = make([]reach, len(f.slots))
	for s, slot := range f.slots {
		if !f.own[s] {
			continue
		}
		r, at := &w.reach[s], f.at[s]
		r.barred = slot.Day.Before(w.From) || !w.To.IsZero() && slot.Day.After(w.To) ||
			len(w.contract.Shifts) > 0 && !slices.Contains(w.contract.Shifts, slot.Shift)
		var open []span
		for _, e := range entries {
			about := len(e.Shifts)+len(e.Tags) == 0 || slices.Contains(e.Shifts, slot.Shift)
			for _, tag := range e.Tags {
				about = about || slices.Contains(slot.Tags, tag)
			}
			hit := slices.ContainsFunc(e.at, func(x span) bool { return x.shared(at) > 0 })
			if !about || !hit {
				continue
			}
			switch e.Kind {
			case schedule.Leave, schedule.Unavailable:
				r.barred = true
			case schedule.Available:
				open = append(open, e.at...)
			case schedule.Avoid:
				r.avoid += e.Weight.Or(schedule.DefaultPreferenceWeight)
			case schedule.Prefer:
				r.prefer += e.Weight.Or(schedule.DefaultPreferenceWeight)
			}
		}
		if only && !slices.ContainsFunc(merge(open), func(x span) bool { return x.shared(at) == at.to-at.from }) {
			r.barred = true
		}
		for _, b := range w.busy {
			r.occupied = r.occupied || b.shared(at) > 0
		}
	}
	return nil
}

// burden is the agent's unsocial minutes on a slot, on the agent's own clock: its part within the team's night hours,
// the weekend and holidays.
func (f *frame) burden(w *who, s int) (schedule.Burden, error) {
	if b, done := w.burdens[s]; done {
		return b, nil
	}
	loc, err := schedule.LoadZone(w.zone)
	if err != nil {
		return schedule.Burden{}, err
	}
	team, at := f.p.Team, f.at[s]
	calendars := w.Holidays
	if calendars == nil {
		calendars = team.Holidays
	}
	var nights, ends, feasts []span
	stretch := func(d schedule.Date, from schedule.Clock, n int, to schedule.Clock) span {
		start, _ := schedule.StartInstant(d, from, loc)
		end, _ := schedule.EndInstant(d.AddDays(n), to, loc)
		return span{start.Unix(), end.Unix()}
	}
	start, end := schedule.DateOf(f.slots[s].Start, loc), schedule.DateOf(f.slots[s].End, loc)
	for d := start.AddDays(-8); !d.After(end); d = d.AddDays(1) {
		if d.Weekday() == team.Weekend.Start.Day {
			n := int(team.Weekend.End.Day-team.Weekend.Start.Day+7) % 7
			if n == 0 && team.Weekend.End.Clock <= team.Weekend.Start.Clock {
				n = 7
			}
			ends = append(ends, stretch(d, team.Weekend.Start.Clock, n, team.Weekend.End.Clock))
		}
		if d.Before(start.AddDays(-1)) || !schedule.DateExists(d, loc) {
			continue
		}
		n := 0
		if team.Night.End <= team.Night.Start {
			n = 1
		}
		nights = append(nights, stretch(d, team.Night.Start, n, team.Night.End))
		for _, h := range f.p.Holidays {
			if h.Date == d && (h.Country == "" || slices.Contains(calendars, h.Country)) {
				day := stretch(d, schedule.Midnight, 0, schedule.Midnight)
				next, _ := schedule.StartInstant(d.AddDays(1), schedule.Midnight, loc)
				day.to = next.Unix()
				feasts = append(feasts, day)
			}
		}
	}
	minutes := func(spans []span) schedule.Minutes {
		n := int64(0)
		for _, x := range merge(spans) {
			n += x.shared(at) / 60
		}
		return schedule.Minutes(n)
	}
	b := schedule.Burden{Night: minutes(nights), Weekend: minutes(ends), Holiday: minutes(feasts), Extra: f.slots[s].Burden}
	w.burdens[s] = b
	return b, nil
}

// points weighs a burden in the kinds given: 240 minutes at 100 percent are a point, halves are rounded up.
func (f *frame) points(b schedule.Burden, kinds []schedule.BurdenKind) int32 {
	weights, sum, extra := f.p.Team.Burden, 0, 0
	for _, k := range kinds {
		switch k {
		case schedule.NightBurden:
			sum += int(b.Night) * weights.Night
		case schedule.WeekendBurden:
			sum += int(b.Weekend) * weights.Weekend
		case schedule.HolidayBurden:
			sum += int(b.Holiday) * weights.Holiday
		case schedule.ShortBurden:
			sum += int(b.ShortNotice) * weights.ShortNotice
		case schedule.ExtraBurden:
			extra += int(b.Extra)
		}
	}
	return int32((sum+12000)/24000 + extra)
}
