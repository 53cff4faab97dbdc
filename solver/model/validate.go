package model

import (
	"fmt"
	"strings"
)

// Limits of a valid model.
const (
	// MaxTotal is what the worst imaginable roster must cost less than, so that
	// no sum of costs can overflow, nor lose a unit as a float64.
	MaxTotal = 1 << 53
	// MaxPerson is what the worst imaginable roster must cost one person less
	// than, so that sums of one person, prices of rows included, have 32 bits.
	MaxPerson = 1 << 28
	// MaxParts is the largest number of parts of a Span.
	MaxParts = 12

	maxNumber  = int64(1) << 53 // ends of bounds, hinges, bases
	maxMinutes = int64(1) << 40 // times and rests
	maxLength  = int64(1) << 31 // run lengths
)

// Problem is one thing wrong with a model.
type Problem struct {
	Where string // the field, as a path from the Model: People[3].Counters[2].Bound
	Name  string // the name of the rule, row, day or person it lies in, if any
	What  string
	// TooDear says that costs add up to too much; the part named is the largest.
	TooDear bool
}

func (p Problem) Error() string {
	if p.Name == "" {
		return p.Where + ": " + p.What
	}
	return fmt.Sprintf("%s (%s): %s", p.Where, p.Name, p.What)
}

// Problems is everything wrong with a model, in the order of its fields, never
// empty.
type Problems []Problem

func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap gives each Problem to errors.Is and errors.As.
func (ps Problems) Unwrap() []error {
	errs := make([]error, len(ps))
	for i, p := range ps {
		errs[i] = p
	}
	return errs
}

// Validate reports all that keeps m from being a model, as Problems, or nil.
// That some person or row cannot be satisfied is not among it: such a model is
// valid and infeasible. Overflow is judged once all else is right.
func Validate(m *Model) error {
	v := validator{m: m}
	v.days()
	v.measures()
	v.links()
	for p := range m.People {
		v.person(p)
	}
	v.rows()
	if v.problems == nil {
		v.overflow()
	}
	if v.problems == nil {
		return nil
	}
	return v.problems
}

type validator struct {
	m        *Model
	problems Problems
	timed    bool   // some rule looks at minutes
	who      string // path and name of what is being looked at
	name     string
}

func (v *validator) bad(where, format string, args ...any) {
	v.problems = append(v.problems, Problem{Where: v.who + where, Name: v.name, What: fmt.Sprintf(format, args...)})
}

func (v *validator) days() {
	m := v.m
	for p := range m.People {
		v.timed = v.timed || len(m.People[p].Recoveries) > 0 || len(m.People[p].Frees) > 0
	}
	if len(m.Days) == 0 {
		v.bad("Days", "a model needs a day")
	} else if m.First < 0 || m.First >= len(m.Days) {
		v.bad("First", "%d is not one of %d days: nothing is left to roster", m.First, len(m.Days))
	}
	for d, day := range m.Days {
		if n := len(day.Duties); n == 0 || n > MaxDuties {
			v.bad(at("Days", d), "%d duties, must be 1 (the day off) to %d", n, MaxDuties)
		}
		for i, x := range day.Duties {
			where := at(at("Days", d)+".Duties", i)
			switch {
			case i == 0:
				if x.Start != 0 || x.End != 0 {
					v.bad(where, "duty 0 is the day off and has no times")
				}
			case x.End < x.Start:
				v.bad(where, "%q ends at %d before it starts at %d", x.Name, x.End, x.Start)
			case v.timed && x.End == x.Start:
				v.bad(where, "%q has no times, which Recovery and Free rules need", x.Name)
			case !within(int64(x.Start), maxMinutes) || !within(int64(x.End), maxMinutes):
				v.bad(where, "%q lies beyond %d minutes", x.Name, maxMinutes)
			}
		}
	}
}

func (v *validator) measures() {
	m := v.m
	for i, x := range m.Measures {
		v.name = x.Name
		where := at("Measures", i)
		if len(x.Of) != len(m.Days) {
			v.bad(where+".Of", "%d days, the model has %d", len(x.Of), len(m.Days))
			continue
		}
		for d := range x.Of {
			if len(x.Of[d]) != len(m.Days[d].Duties) {
				v.bad(at(where+".Of", d), "%d duties, the day has %d", len(x.Of[d]), len(m.Days[d].Duties))
			}
		}
	}
	v.name = ""
}

func (v *validator) links() {
	m := v.m
	for i, table := range m.Links {
		v.name = table.Name
		type key [4]int
		seen := make(map[key]int, len(table.Links))
		for j, l := range table.Links {
			where := at(at("Links", i)+".Links", j)
			okDay := v.day(where+".Day", l.Day)
			okNext := v.day(where+".NextDay", l.NextDay)
			if okDay && (l.Duty < 1 || l.Duty >= len(m.Days[l.Day].Duties)) {
				v.bad(where+".Duty", "%d is no work of day %d", l.Duty, l.Day)
			}
			if okNext && (l.NextDuty < 1 || l.NextDuty >= len(m.Days[l.NextDay].Duties)) {
				v.bad(where+".NextDuty", "%d is no work of day %d", l.NextDuty, l.NextDay)
			}
			if l.NextDay <= l.Day {
				v.bad(where, "day %d does not follow day %d", l.NextDay, l.Day)
			}
			v.cost(where+".Cost", l.Cost)
			k := key{l.Day, l.Duty, l.NextDay, l.NextDuty}
			if first, twice := seen[k]; twice {
				v.bad(where, "the same succession as Links[%d]", first)
			} else {
				seen[k] = j
			}
		}
	}
	v.name = ""
}

func (v *validator) person(p int) {
	m, who := v.m, &v.m.People[p]
	v.who, v.name = at("People", p), who.Name
	v.cells(who)
	// rule opens the i-th rule of a kind for what is said next.
	rule := func(kind string, i int, name string) {
		v.who = at(at("People", p)+"."+kind, i)
		v.name = strings.TrimSpace(who.Name + " " + name)
	}
	for i, c := range who.Counters {
		rule("Counters", i, c.Name)
		if v.measure(".Of", c.Of) {
			v.sums(c.Of)
		}
		v.window("", c.From, c.To)
		v.base(c.Base)
		v.bound(c.Bound)
	}
	for i, c := range who.Runs {
		rule("Runs", i, c.Name)
		v.measure(".Of", c.Of)
		v.run(c.Min, c.Max, c.MinCost, c.MaxCost, c.Base)
	}
	for i, c := range who.Words {
		rule("Words", i, c.Name)
		if len(c.Letters) == 0 {
			v.bad(".Letters", "a word needs a letter")
		}
		for j, id := range c.Letters {
			v.measure(at(".Letters", j), id)
		}
		for j, s := range c.Starts {
			v.day(at(".Starts", j), s)
			if j > 0 && s <= c.Starts[j-1] {
				v.bad(at(".Starts", j), "day %d does not follow day %d", s, c.Starts[j-1])
			}
		}
		v.cost(".Cost", c.Cost)
	}
	v.who, v.name = at("People", p), who.Name
	for j, i := range who.Links {
		if i < 0 || i >= len(m.Links) {
			v.bad(at(".Links", j), "%d is not one of %d tables", i, len(m.Links))
		}
		for k := range j {
			if who.Links[k] == i {
				v.bad(at(".Links", j), "table %d stands there twice", i)
				break
			}
		}
	}
	for i, c := range who.Recoveries {
		rule("Recoveries", i, c.Name)
		if v.measure(".Of", c.Of) {
			v.worked(c.Of)
		}
		if c.Run < 1 {
			v.bad(".Run", "%d days, must be at least 1", c.Run)
		}
		v.number(".Run", int64(c.Run), maxLength)
		if c.Rest < 0 {
			v.bad(".Rest", "%d minutes is negative", c.Rest)
		}
		v.number(".Rest", int64(c.Rest), maxMinutes)
		if c.Step < 0 {
			v.bad(".Step", "%d minutes is negative", c.Step)
		}
		v.number(".Step", int64(c.Step), maxMinutes)
		v.cost(".Cost", c.Cost)
	}
	for i, c := range who.SpanCounts {
		rule("SpanCounts", i, c.Name)
		v.measure(".Of", c.Of)
		v.over(c.Over)
		v.base(c.Base)
		v.bound(c.Bound)
	}
	for i, c := range who.SpanRuns {
		rule("SpanRuns", i, c.Name)
		v.measure(".Of", c.Of)
		v.over(c.Over)
		v.run(c.Min, c.Max, c.MinCost, c.MaxCost, c.Base)
	}
	for i, c := range who.Spans {
		rule("Spans", i, c.Name)
		v.window(".Days", c.Days.From, c.Days.To)
		for j, id := range c.Parts {
			v.measure(at(".Parts", j), id)
		}
		if len(c.Parts) > MaxParts {
			v.bad(".Parts", "%d parts, at most %d", len(c.Parts), MaxParts)
			continue
		}
		if want := 1 << len(c.Parts); len(c.Cost) != want {
			v.bad(".Cost", "%d entries, %d parts need %d", len(c.Cost), len(c.Parts), want)
		}
		if c.Base>>len(c.Parts) != 0 {
			v.bad(".Base", "%b has bits beyond %d parts", c.Base, len(c.Parts))
		}
		for j, x := range c.Cost {
			v.cost(at(".Cost", j), x)
		}
	}
	for i, c := range who.Frees {
		rule("Frees", i, c.Name)
		if c.From >= c.To {
			v.bad("", "minutes [%d, %d) are empty", c.From, c.To)
		}
		v.number(".From", int64(c.From), maxMinutes)
		v.number(".To", int64(c.To), maxMinutes)
		if c.Min < 1 {
			v.bad(".Min", "%d minutes, must be at least 1", c.Min)
		}
		v.number(".Min", int64(c.Min), maxMinutes)
		for j, b := range c.Busy {
			if b.From >= b.To {
				v.bad(at(".Busy", j), "[%d, %d) is empty", b.From, b.To)
			} else if j > 0 && b.From < c.Busy[j-1].To {
				v.bad(at(".Busy", j), "[%d, %d) begins before [%d, %d) ends", b.From, b.To, c.Busy[j-1].From, c.Busy[j-1].To)
			}
			v.number(at(".Busy", j), int64(b.From), maxMinutes)
			v.number(at(".Busy", j), int64(b.To), maxMinutes)
		}
		v.cost(".Cost", c.Cost)
	}
	v.who, v.name = "", ""
}

func (v *validator) cells(who *Person) {
	m := v.m
	if len(who.Cost) != len(m.Days) {
		v.bad(".Cost", "%d days, the model has %d", len(who.Cost), len(m.Days))
		return
	}
	for d, cells := range who.Cost {
		where := at(".Cost", d)
		if len(cells) != len(m.Days[d].Duties) {
			v.bad(where, "%d duties, the day has %d", len(cells), len(m.Days[d].Duties))
			continue
		}
		allowed := 0
		for i, c := range cells {
			if c < 0 {
				v.cost(at(where, i), c)
			}
			if c == Forbidden {
				continue
			}
			allowed++
			if d < m.First && c > 0 {
				v.bad(at(where, i), "history costs nothing, not %d", c)
			}
		}
		if d < m.First && allowed != 1 {
			v.bad(where, "a day of history has exactly one allowed duty, not %d", allowed)
		}
	}
}

func (v *validator) rows() {
	m := v.m
	for i := range m.Rows {
		row := &m.Rows[i]
		v.who, v.name = at("Rows", i), row.Name
		type cell [3]int32
		seen := make(map[cell]int, len(row.Terms))
		for j, t := range row.Terms {
			k := cell{t.Person, t.Day, t.Duty}
			first, twice := seen[k]
			if !twice {
				seen[k] = j
			}
			if !twice && t.Weight != 0 && m.open(t) {
				continue // nearly all are well: spare the words
			}
			where := at(".Terms", j)
			if t.Person < 0 || int(t.Person) >= len(m.People) {
				v.bad(where+".Person", "%d is not one of %d people", t.Person, len(m.People))
			}
			if v.day(where+".Day", int(t.Day)) {
				if int(t.Day) < m.First {
					v.bad(where+".Day", "day %d is history", t.Day)
				}
				if t.Duty < 0 || int(t.Duty) >= len(m.Days[t.Day].Duties) {
					v.bad(where+".Duty", "%d is not one of %d duties", t.Duty, len(m.Days[t.Day].Duties))
				}
			}
			if t.Weight == 0 {
				v.bad(where+".Weight", "a term needs a weight")
			}
			if twice {
				v.bad(where, "the same cell as Terms[%d]", first)
			}
		}
		v.number(".Base", row.Base, maxNumber)
		v.bound(row.Bound)
	}
	v.who, v.name = "", ""
}

// open reports whether the term's cell exists and is not history.
func (m *Model) open(t Term) bool {
	return t.Person >= 0 && int(t.Person) < len(m.People) && int(t.Day) >= m.First && t.Day >= 0 && int(t.Day) < len(m.Days) &&
		t.Duty >= 0 && int(t.Duty) < len(m.Days[t.Day].Duties)
}

func (v *validator) day(where string, d int) bool {
	if d < 0 || d >= len(v.m.Days) {
		v.bad(where, "%d is not one of %d days", d, len(v.m.Days))
		return false
	}
	return true
}

func (v *validator) window(where string, from, to int) {
	switch {
	case from < 0 || to > len(v.m.Days):
		v.bad(where, "[%d, %d) is not within [0, %d)", from, to, len(v.m.Days))
	case from >= to:
		v.bad(where, "days [%d, %d) are empty", from, to)
	case to <= v.m.First:
		v.bad(where, "days [%d, %d) are all history: there is nothing to judge", from, to)
	}
}

func (v *validator) over(over []Days) {
	m := v.m
	if len(over) == 0 {
		v.bad(".Over", "no spans")
		return
	}
	for j, s := range over {
		switch {
		case s.From < 0 || s.To > len(m.Days):
			v.bad(at(".Over", j), "[%d, %d) is not within [0, %d)", s.From, s.To, len(m.Days))
		case s.From >= s.To:
			v.bad(at(".Over", j), "days [%d, %d) are empty", s.From, s.To)
		case j > 0 && s.From < over[j-1].To:
			v.bad(at(".Over", j), "[%d, %d) begins before [%d, %d) ends", s.From, s.To, over[j-1].From, over[j-1].To)
		}
	}
	if over[len(over)-1].To <= m.First {
		v.bad(".Over", "all spans are history: there is nothing to judge")
	}
}

func (v *validator) measure(where string, id MeasureID) bool {
	if id < 0 || int(id) >= len(v.m.Measures) {
		v.bad(where, "%d is not one of %d measures", id, len(v.m.Measures))
		return false
	}
	return true
}

// sums demands that the measure has no negative amount.
func (v *validator) sums(id MeasureID) {
	for d, of := range v.m.Measures[id].Of {
		for i, n := range of {
			if n < 0 {
				v.bad(".Of", "measure %q counts %d for duty %d of day %d: what is summed must not be negative", v.m.Measures[id].Name, n, i, d)
				return
			}
		}
	}
}

// worked demands that no day off is in the set.
func (v *validator) worked(id MeasureID) {
	for d, of := range v.m.Measures[id].Of {
		if len(of) > 0 && of[0] != 0 {
			v.bad(".Of", "measure %q holds the day off of day %d, which has no end to rest from", v.m.Measures[id].Name, d)
			return
		}
	}
}

func (v *validator) run(lo, hi int, minCost, maxCost Cost, base int) {
	if lo < 0 {
		v.bad(".Min", "%d is negative", lo)
	}
	if hi < 0 {
		v.bad(".Max", "%d is negative", hi)
	}
	if base < 0 {
		v.bad(".Base", "%d is negative", base)
	}
	v.number(".Min", int64(lo), maxLength)
	v.number(".Max", int64(hi), maxLength)
	v.number(".Base", int64(base), maxLength)
	v.cost(".MinCost", minCost)
	v.cost(".MaxCost", maxCost)
}

func (v *validator) base(n int64) {
	if n < 0 {
		v.bad(".Base", "%d is negative", n)
	}
	v.number(".Base", n, maxNumber)
}

func (v *validator) bound(b Bound) {
	if b.Min > b.Max {
		v.bad(".Bound", "min %d is above max %d", b.Min, b.Max)
	}
	if b.Min != NoMin {
		v.number(".Bound.Min", b.Min, maxNumber)
	}
	if b.Max != NoMax {
		v.number(".Bound.Max", b.Max, maxNumber)
	}
	for i, h := range b.Hinges {
		where := at(".Bound.Hinges", i)
		v.number(where+".At", h.At, maxNumber)
		for _, c := range []struct {
			end string
			of  Cost
		}{{".Below", h.Below}, {".Above", h.Above}} {
			if c.of == Forbidden {
				v.bad(where+c.end, "a hinge cannot forbid: use Min and Max")
			}
			v.cost(where+c.end, c.of)
		}
		if h.Step < 0 {
			v.bad(where+".Step", "%d is negative", h.Step)
		}
		v.number(where+".Step", h.Step, maxNumber)
		if h.Cap < 0 {
			v.bad(where+".Cap", "%d is negative", h.Cap)
		}
	}
}

func (v *validator) cost(where string, c Cost) {
	if c < 0 {
		v.bad(where, "cost %d is negative", c)
	}
}

func (v *validator) number(where string, n, limit int64) {
	if !within(n, limit) {
		v.bad(where, "%d is beyond %d", n, limit)
	}
}

func within(n, limit int64) bool { return -limit <= n && n <= limit }

func at(list string, i int) string { return fmt.Sprintf("%s[%d]", list, i) }
