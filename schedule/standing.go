package schedule

import (
	"fmt"
	"slices"
	"time"
)

// Windows lists the stretches of time of the entry that share an instant with within, ascending, disjoint and not cut
// to it. loc is the agent's zone. It looks at dates and hours alone: not at kind, state or shifts. The error is
// ErrNeedsFrom, or ErrTooManyDates for a within of more than a century.
func (a Availability) Windows(loc *time.Location, within Interval) ([]Interval, error) {
	if !a.Exact.IsEmpty() {
		if a.Exact.Overlaps(within) {
			return []Interval{a.Exact}, nil
		}
		return nil, nil
	}
	if within.IsEmpty() {
		return nil, nil
	}
	// Hours may run into the next date, so the date before can matter.
	first, last := DateOf(within.Start, loc).AddDays(-2), DateOf(within.End, loc).AddDays(1)
	dates, err := datesWithin(a.Recurrence, a.From, a.To, first, last)
	if err != nil {
		return nil, fmt.Errorf("availability %s of %s: %w", a.ID, a.Agent, err)
	}
	var windows []Interval
	for _, d := range dates {
		if at, _ := a.Hours.On(d, loc); at.Overlaps(within) {
			windows = append(windows, at)
		}
	}
	return Union(windows), nil
}

// Concerns reports whether the entry speaks about slots of this shift and these tags.
func (a Availability) Concerns(s Slot) bool {
	if len(a.Shifts) == 0 && len(a.Tags) == 0 {
		return true
	}
	return slices.Contains(a.Shifts, s.Shift) || slices.ContainsFunc(a.Tags, s.HasTag)
}

// Standing is what an agent's availability says about one slot.
type Standing struct {
	// Leave and Unavailable are the minutes of the slot within leave and unavailable time, Beyond those outside the only
	// time that is available. Any of them makes the slot impossible.
	Leave, Unavailable, Beyond Minutes
	// Blocking are the entries behind them, in their order; for Beyond none may exist that could be named.
	Blocking []AvailabilityID
	// Avoid is what taking the slot costs, Prefer what not taking it costs: sums of the weights of AvoidedBy and
	// PreferredBy. A preference costs nothing for a slot that the agent could not be given, by employment and contract
	// (see MayWork) or because it is blocked; that is for the caller to decide.
	Avoid, Prefer          Cost
	AvoidedBy, PreferredBy []AvailabilityID
}

// Blocked reports whether the agent's availability forbids the slot.
func (s Standing) Blocked() bool { return s.Leave > 0 || s.Unavailable > 0 || s.Beyond > 0 }

// StandingOf judges one slot by an agent's availability, by real overlap on the agent's clock. entries may hold those
// of others, which are passed over, like entries not in force. Outside work is not judged here: it is busy time (see
// OutsideWork). Overlap is counted in whole minutes, but any overlap at all counts as one.
func StandingOf(team Team, a Agent, entries []Availability, s Slot) (Standing, error) {
	var st Standing
	loc, err := a.Location(team)
	if err != nil {
		return st, err
	}
	var leave, unavailable, only []Interval
	restricted := false
	for _, e := range entries {
		if e.Agent != a.ID || !e.InForce() || e.Kind == Outside {
			continue
		}
		restricted = restricted || e.Kind == Available
		if !e.Concerns(s) {
			continue
		}
		windows, err := e.Windows(loc, s.Interval())
		if err != nil {
			return st, err
		}
		if len(windows) == 0 {
			continue
		}
		switch e.Kind {
		case Leave:
			leave = append(leave, windows...)
			st.Blocking = append(st.Blocking, e.ID)
		case Unavailable:
			unavailable = append(unavailable, windows...)
			st.Blocking = append(st.Blocking, e.ID)
		case Available:
			only = append(only, windows...)
		case Avoid:
			st.Avoid += e.Price()
			st.AvoidedBy = append(st.AvoidedBy, e.ID)
		case Prefer:
			st.Prefer += e.Price()
			st.PreferredBy = append(st.PreferredBy, e.ID)
		}
	}
	st.Leave = overlap(s.Interval(), leave)
	st.Unavailable = overlap(s.Interval(), unavailable)
	if restricted {
		for _, gap := range Gaps(s.Interval(), only) {
			st.Beyond += max(gap.Minutes(), 1)
		}
	}
	return st, nil
}

// overlap is the minutes of at within any of the windows; at least 1 for any overlap.
func overlap(at Interval, windows []Interval) Minutes {
	total := Minutes(0)
	for _, w := range Union(windows) {
		if part := at.Intersect(w); !part.IsEmpty() {
			total += max(part.Minutes(), 1)
		}
	}
	return total
}
