package schedule

import (
	"cmp"
	"slices"
)

// MoveKind is what a new roster means for an agent.
type MoveKind string

// The kinds of moves.
const (
	// Gains is a slot that the agent did not have.
	Gains MoveKind = "gains"
	// Loses is a slot that the agent had.
	Loses MoveKind = "loses"
	// Moves is another slot on the same roster day, or other hours of the same slot.
	Moves MoveKind = "moves"
)

// Move is one difference between two rosters for one agent.
type Move struct {
	Kind  MoveKind
	Agent AgentID
	Day   Date
	// From is the slot that the agent had and To the one that the agent has; the zero Slot where there is none.
	From, To Slot
}

// DiffRosters lists who gains, loses and moves which slot when after takes the place of before, by agent and then by
// start. Slots come from the rosters themselves, so that a slot whose hours changed is a move. Pairs that neither
// roster's Slots explain are passed over. Days that only one of the rosters is about count as days without work in the
// other; narrow before to the days of after (see Roster.Within) when that is not meant.
func DiffRosters(before, after Roster) []Move {
	type pair struct {
		agent AgentID
		slot  SlotID
	}
	collect := func(r Roster) map[pair]Slot {
		slots := make(map[SlotID]Slot, len(r.Slots))
		for _, s := range r.Slots {
			slots[s.ID] = s
		}
		out := make(map[pair]Slot, len(r.Assignments))
		for _, a := range r.Assignments {
			if s, ok := slots[a.Slot]; ok {
				out[pair{a.Agent, a.Slot}] = s
			}
		}
		return out
	}
	was, is := collect(before), collect(after)
	var moves []Move
	lost := map[AgentID][]Slot{}
	for k, s := range was {
		now, kept := is[k]
		switch {
		case !kept:
			lost[k.agent] = append(lost[k.agent], s)
		case !now.Start.Equal(s.Start) || !now.End.Equal(s.End):
			moves = append(moves, Move{Kind: Moves, Agent: k.agent, Day: now.Day, From: s, To: now})
		}
	}
	for _, list := range lost {
		slices.SortFunc(list, compareSlots)
	}
	gained := make([]pair, 0, len(is))
	for k := range is {
		if _, kept := was[k]; !kept {
			gained = append(gained, k)
		}
	}
	slices.SortFunc(gained, func(a, b pair) int { return cmp.Or(cmp.Compare(a.agent, b.agent), compareSlots(is[a], is[b])) })
	for _, k := range gained {
		m := Move{Kind: Gains, Agent: k.agent, Day: is[k].Day, To: is[k]}
		list := lost[k.agent]
		if i := slices.IndexFunc(list, func(s Slot) bool { return s.Day == m.Day }); i >= 0 {
			m.Kind, m.From = Moves, list[i]
			lost[k.agent] = slices.Delete(list, i, i+1)
		}
		moves = append(moves, m)
	}
	for agent, list := range lost {
		for _, s := range list {
			moves = append(moves, Move{Kind: Loses, Agent: agent, Day: s.Day, From: s})
		}
	}
	slices.SortFunc(moves, func(a, b Move) int {
		return cmp.Or(cmp.Compare(a.Agent, b.Agent), a.Day.Compare(b.Day), cmp.Compare(a.To.ID, b.To.ID), cmp.Compare(a.From.ID, b.From.ID))
	})
	return moves
}

func compareSlots(a, b Slot) int { return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.ID, b.ID)) }

// Within is the roster's part on the roster days [first, last]: its slots there and who is on them. What is said about
// the whole of it, such as its cost, stays.
func (r Roster) Within(first, last Date) Roster {
	keep := map[SlotID]bool{}
	var slots []Slot
	for _, s := range r.Slots {
		if !s.Day.Before(first) && !s.Day.After(last) {
			keep[s.ID] = true
			slots = append(slots, s)
		}
	}
	var on []Assignment
	for _, a := range r.Assignments {
		if keep[a.Slot] {
			on = append(on, a)
		}
	}
	r.First, r.Last, r.Slots, r.Assignments = first, last, slots, on
	return r
}
