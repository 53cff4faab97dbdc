package schedule

import (
	"slices"
	"time"
)

// Shift is a template of slots: wall-clock hours in a zone on the dates of a recurrence.
type Shift struct {
	ID   ShiftID
	Name string
	// Code is the short form for grids, one to three characters; empty lets the display choose.
	Code string
	// Start and End are on the clock of Zone. An end at or before the start is on the next date. Start is before 24:00.
	Start, End Clock
	// Zone is an IANA name; empty means the team's.
	Zone string
	// Recurrence chooses the dates; the zero one chooses every date.
	Recurrence Recurrence
	// From and Until are the first and last date, inclusive, in the shift's zone; the zero Date is open. A recurrence
	// with INTERVAL or COUNT counts from From.
	From, Until Date
	// Except are dates without the shift and Also dates with it beside the recurrence, also outside From and Until.
	// A date in both is out.
	Except, Also []Date
	// Tags are words that rules look for, such as night and weekend.
	Tags []string
	// Break is unpaid time within a slot; Paid, when set, is the paid time of a slot whatever it lasts.
	Break Minutes
	Paid  Optional[Minutes]
	// Burden is added to the points of each of its slots, for shifts that weigh more than their hours show.
	Burden Points
	// Color names a colour for grids and calendars, as #rrggbb or a CSS word; empty lets the display choose.
	Color string
	// Location and Link say where the work is done and where to meet.
	Location, Link, Note string
}

// Hours is the shift's stretch of wall clock.
func (s Shift) Hours() ClockSpan { return ClockSpan{Start: s.Start, End: s.End} }

// ZoneIn is the zone of the shift, the team's if it states none.
func (s Shift) ZoneIn(team Team) (*time.Location, error) {
	if s.Zone == "" {
		return LoadZone(team.Zone)
	}
	return LoadZone(s.Zone)
}

// HasTag reports whether the shift carries the tag.
func (s Shift) HasTag(tag string) bool { return slices.Contains(s.Tags, tag) }
