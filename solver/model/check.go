package model

import (
	"cmp"
	"slices"
)

// Part names a kind of rule, in verdicts and in what Validate says.
type Part string

// The parts, in the order in which a Verdict lists them.
const (
	PartShape     Part = "shape" // the roster is not one of this model: nothing else was judged
	PartCell      Part = "cell"
	PartCounter   Part = "counter"
	PartRun       Part = "run"
	PartWord      Part = "word"
	PartLinks     Part = "links"
	PartRecovery  Part = "recovery"
	PartSpanCount Part = "span-count"
	PartSpanRun   Part = "span-run"
	PartSpan      Part = "span"
	PartFree      Part = "free"
	PartRow       Part = "row"
)

// rank orders parts as the constants above are.
var rank = map[Part]int{
	PartShape: 0, PartCell: 1, PartCounter: 2, PartRun: 3, PartWord: 4, PartLinks: 5, PartRecovery: 6,
	PartSpanCount: 7, PartSpanRun: 8, PartSpan: 9, PartFree: 10, PartRow: 11,
}

// Violation is one hard rule broken once.
type Violation struct {
	Part Part
	// Name is the rule's own name; for a cell the duty's.
	Name string
	// Index is the place of the rule in the person's list of its kind, in
	// Model.Links for links, in Model.Rows for a row; the duty for a cell.
	Index int
	// Person is -1 for a row.
	Person int
	// Day is the day on which the breach is complete: the last day of a window
	// or word, the later day of a pair, the day that ends a short run or
	// lengthens a long one; len(Days) where the end of the roster does. It is -1
	// for Free, which knows minutes only, and for a row over several days.
	Day int
	// Amount is by how much: units outside a bound, days or spans missing of a
	// run, minutes of rest missing; 1 where there is no amount.
	Amount int64
}

// Share is the cost of all rules of one part and name together.
type Share struct {
	Part Part
	Name string // for cells empty
	Cost Cost   // never 0
}

// Verdict is what Check finds.
type Verdict struct {
	// Cost is the sum of all prices, those of Personal and Rows. What is broken
	// and hard adds nothing to it.
	Cost       Cost
	Violations []Violation // person by person, then rows; nil when feasible
	// Personal and Rows split Cost by name: parts in the order of the constants,
	// names in the order in which they first cost something.
	Personal []Share
	Rows     []Share
}

// Feasible reports whether no hard rule is broken.
func (v Verdict) Feasible() bool { return len(v.Violations) == 0 }

// Check judges a roster from the definitions of this package alone. The model
// must be valid (Validate); the roster may be anything. Check only reads, is
// deterministic and safe for concurrent use.
func Check(m *Model, r Roster) Verdict {
	if vs := misshapen(m, r); vs != nil {
		return Verdict{Violations: vs}
	}
	personal, rows := tally{shares: map[Share]Cost{}}, tally{shares: map[Share]Cost{}}
	for p := range m.People {
		personal.judgePerson(m, p, r[p])
	}
	rows.judgeRows(m, r)
	return Verdict{
		Cost:       personal.cost + rows.cost,
		Violations: append(personal.violations, rows.violations...),
		Personal:   personal.list(),
		Rows:       rows.list(),
	}
}

// CheckPerson judges person p's days alone: cells and personal rules, no rows.
// The row must have a duty that exists on each day of the model.
func CheckPerson(m *Model, p int, row []uint8) (Cost, []Violation) {
	var t tally
	t.judgePerson(m, p, row)
	return t.cost, t.violations
}

// CheckRows judges the rows alone. The roster must have the model's shape.
func CheckRows(m *Model, r Roster) (Cost, []Violation) {
	var t tally
	t.judgeRows(m, r)
	return t.cost, t.violations
}

func misshapen(m *Model, r Roster) []Violation {
	if len(r) != len(m.People) {
		return []Violation{{Part: PartShape, Name: "people", Person: -1, Day: -1, Amount: int64(len(r) - len(m.People))}}
	}
	var vs []Violation
	for p, row := range r {
		if len(row) != len(m.Days) {
			vs = append(vs, Violation{Part: PartShape, Name: "days", Person: p, Day: -1, Amount: int64(len(row) - len(m.Days))})
			continue
		}
		for d, duty := range row {
			if int(duty) >= len(m.Days[d].Duties) {
				vs = append(vs, Violation{Part: PartShape, Name: "duty", Index: int(duty), Person: p, Day: d, Amount: 1})
			}
		}
	}
	return vs
}

// tally gathers costs and breaches. Without shares it does not split by name.
type tally struct {
	cost       Cost
	violations []Violation
	shares     map[Share]Cost // by Share without cost
	order      []Share
}

// pay books cost c, or a breach if c is Forbidden.
func (t *tally) pay(c Cost, times int64, v Violation) {
	switch {
	case times == 0 || c == 0:
	case c == Forbidden:
		t.violations = append(t.violations, v)
	default:
		t.add(v.Part, v.Name, c*Cost(times))
	}
}

func (t *tally) add(part Part, name string, c Cost) {
	t.cost += c
	if t.shares == nil || c == 0 {
		return
	}
	if part == PartCell {
		name = ""
	}
	k := Share{Part: part, Name: name}
	if _, seen := t.shares[k]; !seen {
		t.order = append(t.order, k)
	}
	t.shares[k] += c
}

// bound judges the number n by b.
func (t *tally) bound(b Bound, n int64, v Violation) {
	switch {
	case n < b.Min:
		v.Amount = b.Min - n
		t.violations = append(t.violations, v)
	case n > b.Max:
		v.Amount = n - b.Max
		t.violations = append(t.violations, v)
	}
	t.add(v.Part, v.Name, b.Price(n))
}

func (t *tally) list() []Share {
	for i, s := range t.order {
		t.order[i].Cost = t.shares[s]
	}
	slices.SortStableFunc(t.order, func(a, b Share) int { return cmp.Compare(rank[a.Part], rank[b.Part]) })
	return t.order
}

func (t *tally) judgeRows(m *Model, r Roster) {
	for i, row := range m.Rows {
		n, day := row.Base, -1
		for j, term := range row.Terms {
			if r[term.Person][term.Day] == uint8(term.Duty) {
				n += int64(term.Weight)
			}
			if j == 0 {
				day = int(term.Day)
			} else if day != int(term.Day) {
				day = -1
			}
		}
		t.bound(row.Bound, n, Violation{Part: PartRow, Name: row.Name, Index: i, Person: -1, Day: day})
	}
}

func (t *tally) judgePerson(m *Model, p int, row []uint8) {
	who := &m.People[p]
	// in reports whether day d's duty is in the set of measure id.
	in := func(id MeasureID, d int) bool { return m.Measures[id].Of[d][row[d]] != 0 }
	// hits reports whether some day of the span is in the set.
	hits := func(id MeasureID, s Days) bool {
		for d := s.From; d < s.To; d++ {
			if in(id, d) {
				return true
			}
		}
		return false
	}

	for d, duty := range row {
		t.pay(who.Cost[d][duty], 1, Violation{Part: PartCell, Name: m.Days[d].Duties[duty].Name, Index: int(duty), Person: p, Day: d, Amount: 1})
	}

	for i, c := range who.Counters {
		n := c.Base
		for d := c.From; d < c.To; d++ {
			n += int64(m.Measures[c.Of].Of[d][row[d]])
		}
		t.bound(c.Bound, n, Violation{Part: PartCounter, Name: c.Name, Index: i, Person: p, Day: c.To - 1})
	}

	for i, c := range who.Runs {
		t.judgeRun(run{
			n: len(m.Days), in: func(d int) bool { return in(c.Of, d) }, day: func(d int) int { return d },
			first: m.First, min: c.Min, max: c.Max, minCost: c.MinCost, maxCost: c.MaxCost,
			base: c.Base, baseOpen: c.BaseOpen, endOpen: c.EndOpen,
		}, Violation{Part: PartRun, Name: c.Name, Index: i, Person: p}, len(m.Days))
	}

	for i, w := range who.Words {
		occurs := func(s int) bool {
			for j, letter := range w.Letters {
				if !in(letter, s+j) {
					return false
				}
			}
			return true
		}
		for s := range row {
			if w.Starts != nil && !slices.Contains(w.Starts, s) {
				continue
			}
			last := s + len(w.Letters) - 1
			if last >= m.First && last < len(m.Days) && occurs(s) {
				t.pay(w.Cost, 1, Violation{Part: PartWord, Name: w.Name, Index: i, Person: p, Day: last, Amount: 1})
			}
		}
	}

	for _, i := range who.Links {
		for _, l := range m.Links[i].Links {
			if l.NextDay < m.First || int(row[l.Day]) != l.Duty || int(row[l.NextDay]) != l.NextDuty {
				continue
			}
			rested := true
			for d := l.Day + 1; d < l.NextDay; d++ {
				rested = rested && row[d] == 0
			}
			if rested {
				t.pay(l.Cost, 1, Violation{Part: PartLinks, Name: m.Links[i].Name, Index: i, Person: p, Day: l.NextDay, Amount: 1})
			}
		}
	}

	for i, c := range who.Recoveries {
		for d := range row {
			if !in(c.Of, d) || d+1 < len(row) && in(c.Of, d+1) {
				continue // not the last day of a run
			}
			length := 1
			for d-length >= 0 && in(c.Of, d-length) {
				length++
			}
			next := d + 1
			for next < len(row) && row[next] == 0 {
				next++
			}
			if length < c.Run || next == len(row) || next < m.First {
				continue
			}
			missing := c.Rest - (m.Days[next].Duties[row[next]].Start - m.Days[d].Duties[row[d]].End)
			if missing > 0 {
				step := max(c.Step, 1)
				t.pay(c.Cost, int64((missing+step-1)/step), Violation{Part: PartRecovery, Name: c.Name, Index: i, Person: p, Day: next, Amount: int64(missing)})
			}
		}
	}

	for i, c := range who.SpanCounts {
		n, last := c.Base, -1
		for _, s := range c.Over {
			if hits(c.Of, s) {
				n++
			}
			last = s.To - 1
		}
		t.bound(c.Bound, n, Violation{Part: PartSpanCount, Name: c.Name, Index: i, Person: p, Day: last})
	}

	for i, c := range who.SpanRuns {
		t.judgeRun(run{
			n: len(c.Over), in: func(s int) bool { return hits(c.Of, c.Over[s]) }, day: func(s int) int { return c.Over[s].To - 1 },
			first: m.First, min: c.Min, max: c.Max, minCost: c.MinCost, maxCost: c.MaxCost,
			base: c.Base, baseOpen: c.BaseOpen, endOpen: c.EndOpen,
		}, Violation{Part: PartSpanRun, Name: c.Name, Index: i, Person: p}, len(m.Days))
	}

	for i, c := range who.Spans {
		mask := c.Base
		for j, part := range c.Parts {
			if hits(part, c.Days) {
				mask |= 1 << j
			}
		}
		t.pay(c.Cost[mask], 1, Violation{Part: PartSpan, Name: c.Name, Index: i, Person: p, Day: c.Days.To - 1, Amount: 1})
	}

	for i, c := range who.Frees {
		busy := slices.Clone(c.Busy)
		for d, duty := range row {
			if duty != 0 {
				x := m.Days[d].Duties[duty]
				busy = append(busy, Minutes{From: x.Start, To: x.End})
			}
		}
		if longest := longestFree(c.From, c.To, busy); longest < c.Min {
			t.pay(c.Cost, 1, Violation{Part: PartFree, Name: c.Name, Index: i, Person: p, Day: -1, Amount: int64(c.Min - longest)})
		}
	}
}

// longestFree is the length of the longest stretch of [from, to) that no busy
// interval touches. It sorts busy.
func longestFree(from, to int, busy []Minutes) int {
	slices.SortFunc(busy, func(a, b Minutes) int { return cmp.Compare(a.From, b.From) })
	longest, free := 0, from // free: no interval seen so far reaches beyond it
	for _, b := range busy {
		if b.From >= b.To {
			continue
		}
		longest = max(longest, min(b.From, to)-free)
		free = max(free, b.To)
	}
	return max(longest, to-free)
}

// run is a Run over days or a SpanRun over spans: n places in order.
type run struct {
	n                 int
	in                func(i int) bool // place i is in the set
	day               func(i int) int  // its last day
	first             int              // places whose last day is earlier are not judged
	min, max          int
	minCost, maxCost  Cost
	base              int
	baseOpen, endOpen bool
}

func (t *tally) judgeRun(c run, v Violation, end int) {
	length, open := c.base, c.baseOpen // of the run that place i continues or ends
	for i := range c.n {
		v.Day = c.day(i)
		judged := v.Day >= c.first
		if c.in(i) {
			length++
			if judged && c.max > 0 && length > c.max {
				v.Amount = 1
				t.pay(c.maxCost, 1, v)
			}
			continue
		}
		if judged && length > 0 && length < c.min && !open {
			v.Amount = int64(c.min - length)
			t.pay(c.minCost, v.Amount, v)
		}
		length, open = 0, false
	}
	if c.n > 0 && c.in(c.n-1) && length < c.min && !open && !c.endOpen {
		v.Day, v.Amount = end, int64(c.min-length)
		t.pay(c.minCost, v.Amount, v)
	}
}
