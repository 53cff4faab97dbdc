package schedule

import "time"

// AvailabilityKind is what an entry says about the agent's time.
type AvailabilityKind string

const (
	// Leave is time off that is granted: no slot may overlap it, and whole days of it lower the week's minimum and
	// target hours.
	Leave AvailabilityKind = "leave"
	// Unavailable is time in which no slot may overlap.
	Unavailable AvailabilityKind = "unavailable"
	// Available is the only time for work: once an agent has such an entry, each slot must lie inside their union.
	Available AvailabilityKind = "available"
	// Avoid is time or shifts the agent would rather not work: each overlapping slot costs its weight.
	Avoid AvailabilityKind = "avoid"
	// Prefer is time or shifts the agent would like to work: each slot within reach that is not given costs its weight.
	Prefer AvailabilityKind = "prefer"
	// Outside is declared work elsewhere: it counts as working time for rest and hours and no slot may overlap it.
	Outside AvailabilityKind = "outside"
)

// AvailabilityKinds lists the kinds, in the order of their constants.
func AvailabilityKinds() []AvailabilityKind {
	return []AvailabilityKind{Leave, Unavailable, Available, Avoid, Prefer, Outside}
}

// ParseAvailabilityKind reads the name of a kind.
func ParseAvailabilityKind(s string) (AvailabilityKind, error) {
	return parseWord("kind of availability", s, AvailabilityKinds())
}

// RequestState is how far an entry has come.
type RequestState string

const (
	// Asked waits for an answer and has no effect yet.
	Asked RequestState = "asked"
	// Approved is in force.
	Approved RequestState = "approved"
	// Refused is kept as a record and has no effect.
	Refused RequestState = "refused"
)

// RequestStates lists the states, in the order of their constants.
func RequestStates() []RequestState { return []RequestState{Asked, Approved, Refused} }

// ParseRequestState reads the name of a state.
func ParseRequestState(s string) (RequestState, error) {
	return parseWord("state of a request", s, RequestStates())
}

// DefaultPreferenceWeight is the weight of avoid and prefer entries that state none.
const DefaultPreferenceWeight Cost = 10

// Availability says when an agent can, cannot, must not or would like to work. Its dates and clock are in the agent's
// own zone, and it is judged by real overlap with slots.
type Availability struct {
	ID    AvailabilityID
	Agent AgentID
	Kind  AvailabilityKind
	// From and To are the first and last date, inclusive; the zero Date is open. A recurrence with INTERVAL or COUNT
	// counts from From.
	From, To Date
	// Recurrence chooses dates from From to To; the zero one chooses all of them.
	Recurrence Recurrence
	// Hours is the part of each date; the zero ClockSpan is all of it. An end at or before the start is on the next date.
	Hours ClockSpan
	// Exact is a span of instants in place of dates and hours, as imported calendars give; empty when not used.
	Exact Interval
	// Shifts and Tags narrow the entry to slots of these shifts, or with one of these tags; empty for all. Leave and
	// outside work cannot be narrowed.
	Shifts []ShiftID
	Tags   []string
	// Weight is the price of an avoid or prefer entry, open for DefaultPreferenceWeight; the other kinds have none.
	Weight Optional[Cost]
	Note   string
	// State is empty for what was simply stated, which is in force like what was approved. By and At say who put
	// the request into its state, and when.
	State RequestState
	By    string
	At    time.Time
	// Source is where an imported entry comes from and External its name there; empty for entries made in rota.
	Source, External string
}

// InForce reports whether the entry has an effect: it was stated or approved.
func (a Availability) InForce() bool { return a.State == "" || a.State == Approved }

// Price is the weight of an avoid or prefer entry, 0 for the other kinds.
func (a Availability) Price() Cost {
	if a.Kind != Avoid && a.Kind != Prefer {
		return 0
	}
	return a.Weight.Or(DefaultPreferenceWeight)
}

// WholeDays reports whether the entry covers its dates from midnight to midnight.
func (a Availability) WholeDays() bool { return a.Exact.IsEmpty() && a.Hours.IsWholeDay() }
