package schedule

import (
	"fmt"
	"strings"
)

// Bend is a slot that a rotation gives an agent who cannot have it.
type Bend struct {
	Rotation RotationID
	Agent    AgentID
	Slot     SlotID
	// Why says what is in the way, in a few words.
	Why string
}

// LayOut makes a roster of the period's rotations alone, without a search: every agent of a crew gets the crew's slots, and
// nobody else any. Slots that the agent cannot have, for employment, contract, availability, busy time or another rotation's
// slot on the same roster day, are left out and listed. So are agents whom the period does not know. The roster is not
// audited: it may break rules and leave demand open.
func LayOut(p *Period) (Roster, []Bend, error) {
	r := Roster{Team: p.Team.ID, First: p.First, Last: p.Last, State: Draft, Slots: p.Slots}
	var bends []Bend
	x := p.Index()
	slots := make(map[SlotID]Slot, len(p.Slots))
	for _, s := range p.Slots {
		slots[s.ID] = s
	}
	type agentDay struct {
		agent AgentID
		day   Date
	}
	taken := map[agentDay]SlotID{}
	for _, rot := range p.Rotations {
		pattern, known := FindPattern(p.Patterns, rot.Pattern)
		if !known {
			return r, nil, fmt.Errorf("rotation %s: unknown pattern %q", rot.ID, rot.Pattern)
		}
		for k, crew := range rot.Crews {
			for day := p.First.AddDays(-margin); !day.After(p.Last.AddDays(margin)); day = day.AddDays(1) {
				id, ok := rot.SlotOn(pattern, k, day)
				slot, dated := slots[id]
				if !ok || !dated {
					continue
				}
				for _, agent := range crew.Agents {
					why, err := x.obstacle(p, agent, slot)
					if err != nil {
						return r, nil, err
					}
					at := agentDay{agent, slot.Day}
					if other := taken[at]; why == "" && other != "" {
						if other == id {
							continue
						}
						why = "has " + string(other) + " on that day"
					}
					if why != "" {
						bends = append(bends, Bend{rot.ID, agent, id, why})
						continue
					}
					taken[at] = id
					r.Assignments = append(r.Assignments, Assignment{Slot: id, Agent: agent, Source: ByHand})
				}
			}
		}
	}
	SortAssignments(r.Assignments)
	return r, bends, nil
}

// obstacle is why the agent cannot have the slot; empty when nothing is in the way.
func (x Index) obstacle(p *Period, id AgentID, slot Slot) (string, error) {
	agent, known := x.Agents[id]
	switch {
	case !known:
		return "is not of the team", nil
	case !agent.Employed(slot.Day):
		return "is not employed then", nil
	case !x.Contracts[agent.Contract].Allows(slot.Shift):
		return fmt.Sprintf("has contract %s, which does not allow %s", agent.Contract, slot.Shift), nil
	}
	st, err := StandingOf(p.Team, agent, p.Availability, slot)
	if err != nil {
		return "", err
	}
	var why []string
	if st.Leave > 0 {
		why = append(why, "is on leave")
	}
	if st.Unavailable > 0 {
		why = append(why, "is unavailable")
	}
	if st.Beyond > 0 {
		why = append(why, "is not available")
	}
	for _, b := range p.Busy {
		if b.Agent == id && b.Interval.Overlaps(slot.Interval()) {
			why = append(why, "is busy elsewhere")
			break
		}
	}
	return strings.Join(why, ", "), nil
}
