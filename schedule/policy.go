package schedule

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Policy is a statement about who is at work at every instant, such as "someone with en C1 at every instant" or "never two
// agents below chat 2 alone". Make one with ParsePolicy; docs/policies.md has the grammar. A policy is a test of rosters and
// steers no solver.
type Policy struct {
	// ID names it in reports; empty for none.
	ID string
	// Text is the statement and Note what a manager wrote beside it.
	Text, Note string

	kind  policyKind
	count int
	who   []policyTest
	when  []policyWhen
}

type policyKind int

const (
	policyLeast policyKind = iota // at least count of who
	policyMost                    // at most count of who
	policyAlone                   // not count or more of who and nobody else
)

// policyTest is one condition on agents; all of a policy's must hold.
type policyTest struct {
	at     int // place in the text, in bytes
	what   testKind
	below  bool
	names  []string // skill, language, tag, contract or agents
	level  int
	negate bool
}

type testKind int

const (
	bySkill testKind = iota
	byLanguage
	byTag
	byContract
	byName
)

// policyWhen is one condition on instants; all of a policy's must hold.
type policyWhen struct {
	at       int
	what     whenKind
	days     Weekdays
	hours    ClockSpan
	name     string
	from, to Date
}

type whenKind int

const (
	onDays whenKind = iota
	atWeekends
	onHolidays
	atNight
	inHours
	duringShift
	duringTag
	onDates
)

// Breach is a stretch of time in which a policy does not hold.
type Breach struct {
	// Policy is its place in the list given to CheckPolicies.
	Policy   int
	Interval Interval
	// Agents are those at work who meet the policy's conditions, and Others the rest at work; ascending.
	Agents, Others []AgentID
	// Sentence says what is wrong, with times on the team's clock.
	Sentence string
}

// PolicyError is what is wrong with a statement.
type PolicyError struct {
	// At is the place of the word in the text, in bytes from 0.
	At   int
	What string
}

// Error is the trouble without the place.
func (e *PolicyError) Error() string { return e.What }

// Check lists the words of the policy that name nothing in the period: a skill that nobody has, an unknown agent, tag,
// contract or shift. A policy with such a word would pass or fail for no reason.
func (q Policy) Check(p *Period) []*PolicyError {
	var found []*PolicyError
	known := func(at int, noun, word string, valid []string) {
		slices.Sort(valid)
		if valid = slices.Compact(valid); !slices.Contains(valid, word) {
			found = append(found, &PolicyError{At: at, What: unknown(noun, word, valid).Error()})
		}
	}
	var skills, languages, tags, contracts, agents, shifts, shiftTags []string
	for _, a := range p.Agents {
		agents, tags = append(agents, string(a.ID)), append(tags, a.Tags...)
		for s := range a.Skills {
			skills = append(skills, s)
		}
		for l := range a.Languages {
			languages = append(languages, string(l))
		}
	}
	for _, c := range p.Contracts {
		contracts = append(contracts, string(c.ID))
	}
	for _, s := range p.Slots { // a saved roster's shifts may be gone since
		shifts, shiftTags = append(shifts, string(s.Shift)), append(shiftTags, s.Tags...)
	}
	for _, s := range p.Shifts {
		shifts, shiftTags = append(shifts, string(s.ID)), append(shiftTags, s.Tags...)
	}
	for _, t := range q.who {
		for _, name := range t.names {
			switch t.what {
			case bySkill:
				known(t.at, "skill", name, skills)
			case byLanguage:
				known(t.at, "language", name, languages)
			case byTag:
				known(t.at, "tag", name, tags)
			case byContract:
				known(t.at, "contract", name, contracts)
			case byName:
				known(t.at, "agent", name, agents)
			}
		}
	}
	for _, w := range q.when {
		switch w.what {
		case duringShift:
			known(w.at, "shift", w.name, shifts)
		case duringTag:
			known(w.at, "tag of shifts", w.name, shiftTags)
		}
	}
	return found
}

// meets reports whether an agent meets every condition.
func (q Policy) meets(a Agent) bool {
	for _, t := range q.who {
		ok := false
		switch t.what {
		case bySkill:
			ok = int(a.Skills[t.names[0]]) >= t.level
		case byLanguage:
			ok = int(a.Languages[Language(t.names[0])]) >= t.level
		case byTag:
			ok = a.HasTag(t.names[0])
		case byContract:
			ok = string(a.Contract) == t.names[0]
		case byName:
			ok = slices.Contains(t.names, string(a.ID))
		}
		if ok == (t.below || t.negate) {
			return false
		}
	}
	return true
}

// CheckPolicies lists where a roster does not keep the policies, by policy and time. It looks at every instant: who is at
// work by the roster and by the facts around it, over real time. A most is judged from the first day's start to the end of
// the last slot. A least, which unknown work could still meet, is judged until the end of the last roster day, and from the
// start of the first only when the day before is known; else from the period's first slot. The error is a zone or a
// recurrence that cannot be read.
func CheckPolicies(p *Period, r Roster, policies []Policy) ([]Breach, error) {
	here, err := LoadZone(p.Team.Zone)
	if err != nil {
		return nil, err
	}
	c := &policyChecker{p: p, here: here, work: workOf(p, r), agents: p.Index().Agents}
	whole := Interval{Start: startOf(p.First, here), End: startOf(p.Last.AddDays(1), here)}
	c.most, c.least = whole, whole
	for i, s := range p.Slots {
		if i == 0 && !(p.KnownFrom.Before(p.First) && !p.KnownFrom.IsZero()) && s.Start.After(c.least.Start) {
			c.least.Start = s.Start
		}
		if s.End.After(c.most.End) {
			c.most.End = s.End
		}
	}
	var breaches []Breach
	for i, q := range policies {
		breaches = append(breaches, c.check(i, q)...)
	}
	return breaches, nil
}

type policyChecker struct {
	p           *Period
	here        *time.Location
	work        []stint
	agents      map[AgentID]Agent
	most, least Interval
}

func (c *policyChecker) check(place int, q Policy) []Breach {
	within := c.most
	if q.kind == policyLeast {
		within = c.least
	}
	pieces := []Interval{within}
	for _, w := range q.when {
		pieces = intersect(pieces, c.times(w, within))
	}
	var breaches []Breach
	for _, piece := range pieces {
		cuts := []time.Time{piece.Start, piece.End}
		for _, w := range c.work {
			for _, t := range []time.Time{w.Start, w.End} {
				if piece.Contains(t) {
					cuts = append(cuts, t)
				}
			}
		}
		slices.SortFunc(cuts, time.Time.Compare)
		cuts = slices.CompactFunc(cuts, time.Time.Equal)
		for i := range len(cuts) - 1 {
			b := Breach{Policy: place, Interval: Interval{Start: cuts[i], End: cuts[i+1]}}
			for _, w := range c.work {
				if w.Contains(cuts[i]) {
					if q.meets(c.agents[w.agent]) {
						b.Agents = append(b.Agents, w.agent)
					} else {
						b.Others = append(b.Others, w.agent)
					}
				}
			}
			for _, list := range []*[]AgentID{&b.Agents, &b.Others} {
				slices.Sort(*list)
				*list = slices.Compact(*list)
			}
			if !q.broken(len(b.Agents), len(b.Others)) {
				continue
			}
			if n := len(breaches); n > 0 && breaches[n-1].Interval.End.Equal(b.Interval.Start) &&
				slices.Equal(breaches[n-1].Agents, b.Agents) && slices.Equal(breaches[n-1].Others, b.Others) {
				breaches[n-1].Interval.End = b.Interval.End
				continue
			}
			breaches = append(breaches, b)
		}
	}
	for i := range breaches {
		breaches[i].Sentence = c.say(q, breaches[i])
	}
	return breaches
}

// broken judges the numbers of agents at one instant.
func (q Policy) broken(meet, others int) bool {
	switch q.kind {
	case policyLeast:
		return meet < q.count
	case policyMost:
		return meet > q.count
	}
	return meet >= q.count && others == 0
}

func (c *policyChecker) say(q Policy, b Breach) string {
	names := func(ids []AgentID) string {
		var words []string
		for _, id := range ids {
			if a := c.agents[id]; a.Name != "" {
				words = append(words, a.Name)
			} else {
				words = append(words, string(id))
			}
		}
		return strings.Join(words, ", ")
	}
	start, end := b.Interval.Start.In(c.here), b.Interval.End.In(c.here)
	when := start.Format("Mon 2 Jan 15:04") + " to "
	if DateOf(b.Interval.Start, c.here) != DateOf(b.Interval.End, c.here) {
		when += end.Format("Mon 2 Jan ")
	}
	when += end.Format("15:04")
	switch {
	case q.kind == policyAlone:
		return fmt.Sprintf("%s: %s alone.", when, names(b.Agents))
	case q.kind == policyMost:
		return fmt.Sprintf("%s: %s at once (%s); at most %d.", when, plural(len(b.Agents), "agent", "agents"), names(b.Agents), q.count)
	case len(b.Agents)+len(b.Others) == 0:
		return when + ": nobody is at work."
	case len(b.Agents) == 0:
		return fmt.Sprintf("%s: only %s.", when, names(b.Others))
	}
	return fmt.Sprintf("%s: %s (%s); at least %d.", when, plural(len(b.Agents), "agent", "agents"), names(b.Agents), q.count)
}

// times is when a condition holds within an interval, ascending and disjoint.
func (c *policyChecker) times(w policyWhen, within Interval) []Interval {
	first, last := DateOf(within.Start, c.here).AddDays(-1), DateOf(within.End, c.here).AddDays(1)
	var list []Interval
	add := func(i Interval) {
		if i = i.Intersect(within); !i.IsEmpty() {
			list = append(list, i)
		}
	}
	holidays := HolidayDates(c.p.Holidays, c.p.Team.Holidays)
	switch w.what {
	case atWeekends:
		for _, d := range Weekends(c.p.Team, c.here, first, last) {
			add(d.Interval)
		}
	case duringShift, duringTag:
		for _, slots := range [][]Slot{c.p.Slots, c.p.Around} {
			for _, s := range slots {
				if w.what == duringShift && string(s.Shift) == w.name || w.what == duringTag && s.HasTag(w.name) {
					add(s.Interval())
				}
			}
		}
	default:
		for _, d := range RosterDays(first, last) {
			_, holiday := holidays[d]
			start, end := DayBounds(d, c.here)
			day := Interval{Start: start, End: end}
			switch {
			case w.what == onDays && w.days.Has(d.Weekday()), w.what == onHolidays && holiday,
				w.what == onDates && !d.Before(w.from) && !d.After(w.to):
				add(day)
			case w.what == atNight:
				at, _ := c.p.Team.Night.On(d, c.here)
				add(at)
			case w.what == inHours:
				at, _ := w.hours.On(d, c.here)
				add(at)
			}
		}
	}
	return Union(list)
}

// intersect is the time in both of two lists that are ascending and disjoint.
func intersect(a, b []Interval) []Interval {
	var list []Interval
	for _, x := range a {
		for _, y := range b {
			if both := x.Intersect(y); !both.IsEmpty() {
				list = append(list, both)
			}
		}
	}
	return list
}
