package schedule

import "slices"

// Merge is the book after next is applied to it without removing anything: entries of next replace those of the same
// id and come in the order of next; what next does not mention stays. Demand lines that stay come first, so that the
// lines of next still win; everything else that stays comes last. Both books are to be normalized. The team is
// that of next.
func (b Book) Merge(next Book) Book {
	m := next.clone()
	m.Shifts = after(m.Shifts, b.Shifts, func(s Shift) string { return string(s.ID) })
	m.Contracts = after(m.Contracts, b.Contracts, func(c Contract) string { return string(c.ID) })
	m.Rules = after(m.Rules, b.Rules, func(r Rule) string { return string(r.ID) })
	m.Patterns = after(m.Patterns, b.Patterns, func(p Pattern) string { return string(p.ID) })
	m.Rotations = after(m.Rotations, b.Rotations, func(r Rotation) string { return string(r.ID) })
	m.Holidays = after(m.Holidays, b.Holidays, Holiday.Key)
	m.Agents = after(m.Agents, b.Agents, func(a Agent) string { return string(a.ID) })
	m.Availability = after(m.Availability, b.Availability, func(a Availability) string { return string(a.ID) })
	m.Pins = after(m.Pins, b.Pins, Pin.Key)
	stay := after(nil, b.Demand, func(l DemandLine) string { return string(l.ID) })
	in := map[DemandID]bool{}
	for _, l := range next.Demand {
		in[l.ID] = true
	}
	var demand []DemandLine
	for _, l := range stay {
		if !in[l.ID] {
			demand = append(demand, l)
		}
	}
	m.Demand = append(demand, next.Demand...)
	return m
}

// after appends to next the entries of old whose key it does not hold.
func after[E any](next, old []E, key func(E) string) []E {
	in := map[string]bool{}
	for _, e := range next {
		in[key(e)] = true
	}
	for _, e := range old {
		if !in[key(e)] {
			next = append(next, e)
		}
	}
	return next
}

// KeepCrews gives crews of next that leave places open the members that the crew of the same place in the same rotation of b
// has: those whom the solver chose for them. Members whom next does not know, or has in a crew already, are not kept. The
// receiver is not changed.
func (b Book) KeepCrews(next Book) Book {
	m := next.clone()
	known := map[AgentID]bool{}
	for _, a := range m.Agents {
		known[a.ID] = true
	}
	for i := range m.Rotations {
		r := &m.Rotations[i]
		at := slices.IndexFunc(b.Rotations, func(o Rotation) bool { return o.ID == r.ID })
		if at < 0 || len(b.Rotations[at].Crews) != len(r.Crews) || b.Rotations[at].Pattern != r.Pattern {
			continue
		}
		in := map[AgentID]bool{}
		for _, crew := range r.Crews {
			for _, id := range crew.Agents {
				in[id] = true
			}
		}
		r.Crews = slices.Clone(r.Crews)
		for k := range r.Crews {
			crew := &r.Crews[k]
			crew.Agents = slices.Clone(crew.Agents)
			for _, id := range b.Rotations[at].Crews[k].Agents {
				if len(crew.Agents) < crew.Size && known[id] && !in[id] {
					crew.Agents, in[id] = append(crew.Agents, id), true
				}
			}
		}
	}
	return m
}
