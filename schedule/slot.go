package schedule

import (
	"slices"
	"time"
)

// Slot is one dated occurrence of a shift, [Start, End).
type Slot struct {
	ID    SlotID
	Shift ShiftID
	// Date is that of the occurrence in the shift's zone, Day the roster day: the date of Start in the team's zone.
	Date, Day Date
	// Start and End are instants in UTC.
	Start, End time.Time
	// Moved says that the shift's start does not exist on this date, and Start is the first instant after the gap.
	Moved bool
	// Paid is the working time that counts for hours: elapsed time less the break, or what the shift fixes.
	Paid Minutes
	Tags []string
	// Burden is the shift's own points.
	Burden Points
	// Demand is what the slot needs; zero until ResolveDemand has filled it.
	Demand Demand
}

// Interval is the instants of the slot.
func (s Slot) Interval() Interval { return Interval{Start: s.Start, End: s.End} }

// Length is the elapsed time of the slot.
func (s Slot) Length() Minutes { return s.Interval().Minutes() }

// HasTag reports whether the slot's shift carries the tag.
func (s Slot) HasTag(tag string) bool { return slices.Contains(s.Tags, tag) }

// Overlaps reports whether the two share an instant.
func (s Slot) Overlaps(t Slot) bool { return s.Interval().Overlaps(t.Interval()) }
