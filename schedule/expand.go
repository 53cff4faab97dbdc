package schedule

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// margin is how many days the date of an occurrence in one zone and its date in another can lie apart: two, since
// zones differ by up to 26 hours, and one more for dates that a zone skipped.
const margin = 3

// Dates lists the dates of the shift within [first, last], ascending, in the shift's zone. It gives ErrNeedsFrom when
// the recurrence counts from a first date and the shift has none.
func (s Shift) Dates(first, last Date) ([]Date, error) {
	dates, err := datesWithin(s.Recurrence, s.From, s.Until, first, last)
	if err != nil {
		return nil, fmt.Errorf("shift %s: %w", s.ID, err)
	}
	for _, d := range s.Also {
		if !d.Before(first) && !d.After(last) {
			dates = append(dates, d)
		}
	}
	dates = slices.DeleteFunc(dates, func(d Date) bool { return slices.Contains(s.Except, d) })
	slices.SortFunc(dates, Date.Compare)
	return slices.Compact(dates), nil
}

// datesWithin lists the dates of a recurrence that counts from from and ends on until, both open when zero, within
// [first, last].
func datesWithin(r Recurrence, from, until, first, last Date) ([]Date, error) {
	if first.Before(from) {
		first = from
	}
	if !until.IsZero() && until.Before(last) {
		last = until
	}
	if last.Before(first) {
		if r.NeedsFrom() && from.IsZero() {
			return nil, ErrNeedsFrom
		}
		return nil, nil
	}
	return r.Dates(from, first, last)
}

// ExpandSlots lists the slots of the shifts whose roster day is within [first, last], by start and then in the order
// of the shifts. A slot's roster day is the date of its start in the team's zone, so an occurrence dated outside the
// period in the shift's own zone can be in it, and the other way round. Dates that the shift's zone skipped, and
// occurrences that vanish in a gap of the clock, give no slot. Demand is left zero. Errors are unknown zones and
// recurrences without the first date they need.
func ExpandSlots(team Team, shifts []Shift, first, last Date) ([]Slot, error) {
	here, err := LoadZone(team.Zone)
	if err != nil {
		return nil, fmt.Errorf("team %s: %w", team.ID, err)
	}
	var slots []Slot
	order := make(map[ShiftID]int, len(shifts))
	for i, s := range shifts {
		order[s.ID] = i
		loc, err := s.ZoneIn(team)
		if err != nil {
			return nil, fmt.Errorf("shift %s: %w", s.ID, err)
		}
		dates, err := s.Dates(first.AddDays(-margin), last.AddDays(margin))
		if err != nil {
			return nil, err
		}
		for _, d := range dates {
			at, moved := s.Hours().On(d, loc)
			day := DateOf(at.Start, here)
			if at.IsEmpty() || day.Before(first) || day.After(last) {
				continue
			}
			slots = append(slots, Slot{
				ID: MakeSlotID(s.ID, d), Shift: s.ID, Date: d, Day: day,
				Start: at.Start, End: at.End, Moved: moved,
				Paid: s.Paid.Or(max(at.Minutes()-s.Break, 0)),
				Tags: slices.Clone(s.Tags), Burden: s.Burden,
			})
		}
	}
	slices.SortStableFunc(slots, func(a, b Slot) int {
		return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(order[a.Shift], order[b.Shift]), a.Date.Compare(b.Date))
	})
	return slots, nil
}

// OutsideWork is the agent's declared work elsewhere that starts on a roster day within [first, last], as busy time,
// ascending.
func OutsideWork(team Team, a Agent, entries []Availability, first, last Date) ([]Busy, error) {
	here, err := LoadZone(team.Zone)
	if err != nil {
		return nil, err
	}
	loc, err := a.Location(team)
	if err != nil {
		return nil, err
	}
	within := Interval{Start: startOf(first.AddDays(-margin), here), End: startOf(last.AddDays(margin+1), here)}
	var busy []Busy
	for _, e := range entries {
		if e.Agent != a.ID || e.Kind != Outside || !e.InForce() {
			continue
		}
		windows, err := e.Windows(loc, within)
		if err != nil {
			return nil, err
		}
		for _, w := range windows {
			if day := DateOf(w.Start, here); !day.Before(first) && !day.After(last) {
				why := e.Note
				if why == "" {
					why = "work elsewhere"
				}
				busy = append(busy, Busy{Agent: a.ID, Interval: w, Work: true, Day: day, Paid: w.Minutes(), Why: why})
			}
		}
	}
	slices.SortStableFunc(busy, func(a, b Busy) int { return a.Interval.Start.Compare(b.Interval.Start) })
	return busy, nil
}

// startOf is the first instant of a date.
func startOf(d Date, loc *time.Location) time.Time {
	t, _ := StartInstant(d, Midnight, loc)
	return t
}
