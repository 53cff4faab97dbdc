package schedule

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Normalize gives the book in the form in which books are compared and stored: every demand line, rule and
// availability entry has an id, lists of dates are ascending without repeats, instants are in UTC, empty lists are nil
// where that means the same. It is idempotent, and the book given is left as it is.
//
// Ids that nobody chose are derived from what identifies the entry, not from its place or its numbers, so that an
// edited or moved line is still the same line: late.sat-sun.agents, max-consecutive.night, ani.leave.2026-12-24. The
// second of a kind ends in -2.
func (b Book) Normalize() Book {
	n := b.clone()
	n.Team.Holidays, n.Team.Groups, n.Team.Reminders = list(n.Team.Holidays), list(n.Team.Groups), list(n.Team.Reminders)
	n.Team.Messages.Skip = list(n.Team.Messages.Skip)
	for i := range n.Shifts {
		s := &n.Shifts[i]
		s.Except, s.Also, s.Tags = dateSet(s.Except), dateSet(s.Also), list(s.Tags)
	}
	for i := range n.Demand {
		n.Demand[i].Dates = dateSet(n.Demand[i].Dates)
	}
	for i := range n.Contracts {
		n.Contracts[i].Shifts = list(n.Contracts[i].Shifts)
	}
	for i := range n.Rules {
		r := &n.Rules[i]
		r.Scope = Scope{Contracts: list(r.Scope.Contracts), Agents: list(r.Scope.Agents), Tags: list(r.Scope.Tags)}
		if len(r.Params) == 0 {
			r.Params = nil
		}
	}
	for i := range n.Patterns {
		n.Patterns[i].Offsets = list(n.Patterns[i].Offsets)
	}
	for i := range n.Rotations {
		r := &n.Rotations[i]
		r.Letters, r.Crews = list(r.Letters), list(r.Crews)
		for k := range r.Crews {
			r.Crews[k].Agents = list(r.Crews[k].Agents)
		}
	}
	for i := range n.Agents {
		n.Agents[i].Tags = list(n.Agents[i].Tags) // empty holidays and reminders differ from none given
	}
	for i := range n.Availability {
		a := &n.Availability[i]
		a.Shifts, a.Tags = list(a.Shifts), list(a.Tags)
		if a.Hours.IsWholeDay() {
			a.Hours = ClockSpan{}
		}
		a.At = a.At.UTC()
		a.Exact = Interval{Start: a.Exact.Start.UTC(), End: a.Exact.End.UTC()}
	}
	derive(n.Demand, demandID, DemandLine.key)
	derive(n.Rules, ruleID, Rule.key)
	derive(n.Availability, availabilityID, Availability.key)
	derive(n.Rotations, rotationID, Rotation.key)
	return n
}

// WithoutDerivedIDs is the book without the ids that Normalize would give back, as people like to read and write it.
func (b Book) WithoutDerivedIDs() Book {
	n := b.Normalize()
	strip(n.Demand, demandID, DemandLine.key)
	strip(n.Rules, ruleID, Rule.key)
	strip(n.Availability, availabilityID, Availability.key)
	strip(n.Rotations, rotationID, Rotation.key)
	return n
}

func demandID(l *DemandLine) *DemandID               { return &l.ID }
func ruleID(r *Rule) *RuleID                         { return &r.ID }
func availabilityID(a *Availability) *AvailabilityID { return &a.ID }
func rotationID(r *Rotation) *RotationID             { return &r.ID }

// strip takes away the ids that derive gives back.
func strip[E any, ID ~string](entries []E, id func(*E) *ID, key func(E) string) {
	full := slices.Clone(entries)
	for i := range entries {
		// What does not begin with the key was chosen by somebody and is never derived.
		if p := id(&entries[i]); strings.HasPrefix(string(*p), key(entries[i])) {
			*p = ""
		}
	}
	// An id put back can change what is derived for a later entry, so they go back one by one.
	for {
		derived := slices.Clone(entries)
		derive(derived, id, key)
		i := -1
		for k := range full {
			if *id(&derived[k]) != *id(&full[k]) {
				i = k
				break
			}
		}
		if i < 0 {
			return
		}
		*id(&entries[i]) = *id(&full[i])
	}
}

// clone copies the lists of the book and what Normalize changes within them.
func (b Book) clone() Book {
	b.Shifts, b.Demand, b.Contracts = list(b.Shifts), list(b.Demand), list(b.Contracts)
	b.Rules, b.Patterns, b.Rotations = list(b.Rules), list(b.Patterns), list(b.Rotations)
	b.Holidays, b.Agents, b.Availability, b.Pins = list(b.Holidays), list(b.Agents), list(b.Availability), list(b.Pins)
	return b
}

// list copies a list; an empty one becomes nil.
func list[T any](s []T) []T {
	if len(s) == 0 {
		return nil
	}
	return slices.Clone(s)
}

func dateSet(dates []Date) []Date {
	dates = list(dates)
	slices.SortFunc(dates, Date.Compare)
	return slices.Compact(dates)
}

// derive gives an id to every entry without one: its key, and from the second with the same key on, the key with a
// number. Ids that entries have already are never given again.
func derive[E any, ID ~string](entries []E, id func(*E) *ID, key func(E) string) {
	taken := map[ID]bool{}
	for i := range entries {
		taken[*id(&entries[i])] = true
	}
	for i := range entries {
		p := id(&entries[i])
		if *p != "" {
			continue
		}
		base := ID(key(entries[i]))
		*p = base
		for n := 2; taken[*p]; n++ {
			*p = ID(fmt.Sprintf("%s-%d", base, n))
		}
		taken[*p] = true
	}
}

// slug joins words into text that CheckID accepts, at most 48 bytes so that a number can follow: other characters
// become single hyphens, empty words are left out.
func slug(words ...string) string {
	var out []byte
	for _, w := range words {
		if w == "" {
			continue
		}
		if len(out) > 0 && out[len(out)-1] != '.' {
			out = append(out, '.')
		}
		for i := range len(w) {
			c := w[i]
			switch {
			case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_':
				if c != '-' || len(out) > 0 && out[len(out)-1] != '-' {
					out = append(out, c)
				}
			case len(out) > 0 && out[len(out)-1] != '-' && out[len(out)-1] != '.':
				out = append(out, '-')
			}
		}
	}
	text := strings.Trim(string(out[:min(len(out), 48)]), "-._")
	if text == "" {
		return "line"
	}
	return text
}

// key is what a demand line is about: whom it selects and which attributes it states.
func (l DemandLine) key() string {
	words := []string{string(l.Shift)}
	if l.Shift == AnyShift {
		words = []string{"any"}
	}
	if l.Interval.Set {
		words = []string{"at", l.Interval.Value.String(), l.Zone}
	}
	var days []string
	for _, d := range l.Days.Names() {
		days = append(days, d[:3])
	}
	words = append(words, strings.Join(days, "-"))
	if len(l.Dates) > 0 {
		words = append(words, dateSet(l.Dates)[0].String())
	}
	words = append(words, l.From.String())
	if l.Holiday.Set {
		words = append(words, map[bool]string{true: "holiday", false: "workday"}[l.Holiday.Value])
	}
	if l.Agents != (AgentsNeed{}) {
		words = append(words, "agents")
	}
	return slug(append(words, string(l.Language.Tag), l.Skill.Name)...)
}

// key is the rule's name, what it looks at and whom it is about.
func (r Rule) key() string {
	words := []string{string(r.Name)}
	for _, name := range r.Params.Names() {
		if v := r.Params[name]; v.Kind() == TextValue || v.Kind() == ListValue {
			words = append(words, strings.Join(v.Words(), "-"))
		}
	}
	for _, c := range r.Scope.Contracts {
		words = append(words, string(c))
	}
	for _, a := range r.Scope.Agents {
		words = append(words, string(a))
	}
	return slug(append(words, r.Scope.Tags...)...)
}

// key is the agent, the kind and when it starts or what it is about.
func (a Availability) key() string {
	words := []string{string(a.Agent), string(a.Kind), a.From.String()}
	if !a.Recurrence.IsZero() {
		words = append(words, strings.ToLower(strings.NewReplacer("FREQ=", "", "BYDAY=", "").Replace(a.Recurrence.String())))
	}
	if !a.Exact.IsEmpty() {
		words = append(words, a.Exact.Start.UTC().Format("2006-01-02-1504"))
	}
	for _, s := range a.Shifts {
		words = append(words, string(s))
	}
	return slug(append(append(words, a.Tags...), cmp.Or(a.Source, ""))...)
}

// key is the pattern's name.
func (r Rotation) key() string { return slug(string(r.Pattern)) }
