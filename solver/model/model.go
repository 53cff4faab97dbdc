// Package model states a rostering problem in integers, and judges rosters by
// that statement alone.
//
// A Model has days, the duties each day offers, people with what each cell
// costs them and which rules bind them, and rows that couple people. It knows
// no calendar, no database and no search: a minute is an int counted from the
// start of day 0, a rule is a value of one of the types below.
//
// Every rule is either personal (it looks at one person's days alone: Counter,
// Run, Word, Link, Recovery, SpanCount, SpanRun, Span, Free) or a Row (a
// weighted sum over the cells of many people). The engine rests on that
// difference: under prices on the rows, the people fall apart.
//
// Two entry points: Validate reports everything wrong with a Model, Check
// recomputes cost and feasibility of a Roster from the definitions below and
// shares nothing with the search.
//
// # History
//
// Days [0, First) are history: each person has exactly one allowed duty on
// each. Rules see history days like any other day, but judge only from First
// on; each type says what that means.
//
// All values are read-only once handed to the engine and may be shared between
// people and goroutines.
package model

import "math"

// Cost is a price; a model's own costs are never negative. Costs of different
// rules add up, in whatever unit the maker of the model chose.
type Cost int64

// Forbidden as the cost of a cell, a word, a link or a run says "never": a
// roster with it is infeasible.
const Forbidden Cost = math.MaxInt64

// NoMin and NoMax as a bound's ends say that there is none.
const (
	NoMin int64 = math.MinInt64
	NoMax int64 = math.MaxInt64
)

// MaxDuties is the largest number of duties of one day, the day off included.
const MaxDuties = 255

// Model is a whole problem. The zero Model is not valid: it has no days.
type Model struct {
	Name     string
	First    int       // number of history days; the roster proper is days [First, len(Days))
	Days     []Day     // in order, one after another
	Measures []Measure // what rules count or look for, by MeasureID
	Links    []Links   // tables of priced successions, by index from Person.Links
	People   []Person
	Rows     []Row
}

// Day offers duties; a person has exactly one on each day. Duties[0] is the
// day off and has no times.
type Day struct {
	Duties []Duty
}

// Duty is one thing a person can do on a day. Start and End are minutes from
// the start of day 0, half-open, of real elapsed time; they may lie outside
// the day. Link tables and words need no times: a model without Recovery and
// Free rules may leave them zero; with such rules every duty but the day off
// must have Start < End.
type Duty struct {
	Name       string
	Start, End int
}

// MeasureID is an index into Model.Measures.
type MeasureID int

// Measure gives each duty of each day an amount, such as minutes, "is a night"
// or points: Of[day][duty], Of[day][0] belongs to the day off. A duty is in the
// measure's set when its amount is not zero; where a rule sums, the amount
// counts and must not be negative.
type Measure struct {
	Name string
	Of   [][]int32
}

// Person is somebody to be rostered.
type Person struct {
	Name string
	// Cost[day][duty] is what the cell costs, Forbidden where it is not allowed.
	// In history exactly one cell a day is allowed and costs nothing.
	Cost [][]Cost

	Counters   []Counter
	Runs       []Run
	Words      []Word
	Links      []int // indexes of Model.Links, all of which apply
	Recoveries []Recovery
	SpanCounts []SpanCount
	SpanRuns   []SpanRun
	Spans      []Span
	Frees      []Free
}

// Hinge charges for the distance of a number from At: Below per Step under it,
// Above per Step over it, a begun step counts whole. Step 0 means 1. Cap, if
// not 0, is the largest number of steps charged. Hinges add up, so that a list
// of them is any convex piecewise linear price.
type Hinge struct {
	At           int64
	Below, Above Cost
	Step, Cap    int64
}

// Bound holds a number within [Min, Max] (NoMin, NoMax: no such end) and prices
// it by its hinges. The zero Bound forces zero; Loose() binds nothing.
type Bound struct {
	Min, Max int64
	Hinges   []Hinge
}

// Loose is the bound that binds nothing and costs nothing.
func Loose() Bound { return Bound{Min: NoMin, Max: NoMax} }

// Price is what the hinges charge for v, whatever Min and Max say.
func (b Bound) Price(v int64) Cost {
	var c Cost
	for _, h := range b.Hinges {
		c += h.Price(v)
	}
	return c
}

// Price is what the hinge charges for v.
func (h Hinge) Price(v int64) Cost {
	d, w := h.At-v, h.Below
	if d < 0 {
		d, w = -d, h.Above
	}
	if h.Step > 1 {
		d = (d + h.Step - 1) / h.Step
	}
	if h.Cap > 0 && d > h.Cap {
		d = h.Cap
	}
	return Cost(d) * w
}

// Holds reports whether v lies within [Min, Max].
func (b Bound) Holds(v int64) bool { return v >= b.Min && v <= b.Max }

// Counter bounds the sum of a measure over days [From, To), Base included.
// Base, not negative, is what counts towards the window but lies before day 0.
// A rolling window is one Counter for each place it rolls to. A window has at
// least one day from First on: what history alone decides is no rule.
type Counter struct {
	Name     string
	Of       MeasureID
	From, To int
	Base     int64
	Bound    Bound
}

// Run bounds the length in days of each unbroken run of days whose duty is in
// the measure's set (which may hold the day off).
//
// Base days of the run lie before day 0: a run that starts on day 0 is that
// much longer, and if day 0 is not in the set a run of Base days ended there.
// Max: every day from First on that is more than Max days into its run costs
// MaxCost. Min: a run that ends, seen by a following day from First on that is
// not in the set, costs MinCost for each day it is shorter than Min; with
// BaseOpen the run that starts on day 0 (or ended there) may have begun before
// what is known and is not judged for Min; with EndOpen a run that holds the
// last day may go on and is not judged for Min, without it such a run ends with
// the last day and is judged. Max or Min 0: no such side.
// MinCost or MaxCost Forbidden: hard.
type Run struct {
	Name              string
	Of                MeasureID
	Min, Max          int
	MinCost, MaxCost  Cost
	Base              int
	BaseOpen, EndOpen bool
}

// Word prices a sequence of days: it occurs at day s when for every j the duty
// of day s+j is in the set of Letters[j]. Starts lists the days it may start
// at, ascending; nil means every day (empty but not nil: none). Occurrences may
// overlap, each that ends on First or later, and not after the last day, costs
// Cost (Forbidden: never).
type Word struct {
	Name    string
	Letters []MeasureID
	Starts  []int
	Cost    Cost
}

// Links is a table of priced successions, shared by people: what it costs that
// a person's next work after (Day, Duty) is (NextDay, NextDuty), with nothing
// but days off between. Judged when NextDay is First or later. No succession
// stands in a table twice; the tables of a person add up.
type Links struct {
	Name  string
	Links []Link
}

// Link is one entry of Links. Duty and NextDuty are not 0; NextDay > Day.
type Link struct {
	Day, Duty, NextDay, NextDuty int
	Cost                         Cost // Forbidden: never
}

// Recovery asks for Rest minutes after each run of at least Run days whose
// duty is in the set: from the end of the run's last duty to the start of the
// next work that does not belong to the run. Each begun Step (0 means 1) of
// missing minutes costs Cost (Forbidden: hard). Judged when the next work is on
// First or later. The set must not hold a day off, so that a day off ends a run:
// after night, off, night the second night is the next work after the first.
// Nothing is known to lie before day 0: a run has the days it has from there.
type Recovery struct {
	Name string
	Of   MeasureID
	Run  int
	Rest int
	Step int
	Cost Cost
}

// Days is a half-open range of days [From, To).
type Days struct{ From, To int }

// SpanCount bounds in how many of Over, which are ascending and do not
// overlap, the person has at least one duty in the set (weekends worked, say).
// Base, not negative, adds spans before day 0. Spans in history count; the last
// of Over ends after First.
type SpanCount struct {
	Name  string
	Of    MeasureID
	Over  []Days
	Base  int64
	Bound Bound
}

// SpanRun bounds how many of Over, which are ascending and do not overlap,
// in a row have a duty in the set. Fields mean what they mean in Run, with
// spans for days; a span is judged when its last day is First or later, as the
// last of Over always is.
type SpanRun struct {
	Name              string
	Of                MeasureID
	Over              []Days
	Min, Max          int
	MinCost, MaxCost  Cost
	Base              int
	BaseOpen, EndOpen bool
}

// Span prices one range of days by which Parts it touches: bit j of the mask
// is set when some day of the range has a duty in the set of Parts[j], or the
// bit is set in Base. Cost has 1<<len(Parts) entries (Forbidden: never). The
// range has at least one day from First on.
// A weekend worked on one day only, or a week of many kinds of shift, is a Span.
type Span struct {
	Name  string
	Days  Days
	Parts []MeasureID // at most 12
	Base  uint32
	Cost  []Cost
}

// Free asks for one uninterrupted stretch of at least Min minutes within
// [From, To), touched by no duty's [Start, End) and no busy interval; else it
// costs Cost (Forbidden: hard). Busy is ascending and does not overlap. It is
// always judged, over duties of all days; before day 0 only Busy is known.
type Free struct {
	Name     string
	From, To int // minutes from the start of day 0
	Min      int
	Busy     []Minutes
	Cost     Cost
}

// Minutes is a half-open range of minutes [From, To) from the start of day 0.
type Minutes struct{ From, To int }

// Row bounds a weighted sum over cells, Base included. A row may hold several
// cells of one person. Convex prices keep the engine's bounds tight; a Cap
// makes a price concave, which is allowed and only weakens them.
type Row struct {
	Name  string
	Terms []Term
	Base  int64
	Bound Bound
}

// Term is a cell of a Row: Weight, not 0, counts when the person has that duty
// that day. Day is First or later; no cell stands in a row twice.
type Term struct {
	Person, Day, Duty int32
	Weight            int32
}

// Roster is one duty a day for each person: Roster[person][day].
type Roster [][]uint8

// NewRoster is everybody off on every day that is not history, and in history
// what history says.
func NewRoster(m *Model) Roster {
	r := make(Roster, len(m.People))
	flat := make([]uint8, len(m.People)*len(m.Days))
	for p := range r {
		r[p], flat = flat[:len(m.Days):len(m.Days)], flat[len(m.Days):]
		for d := 0; d < m.First; d++ {
			for i, c := range m.People[p].Cost[d] {
				if c != Forbidden {
					r[p][d] = uint8(i)
				}
			}
		}
	}
	return r
}

// Clone is a copy that shares nothing.
func (r Roster) Clone() Roster {
	c := make(Roster, len(r))
	for p := range r {
		c[p] = append([]uint8(nil), r[p]...)
	}
	return c
}
