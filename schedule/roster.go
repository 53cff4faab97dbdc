package schedule

import (
	"cmp"
	"slices"
	"time"
)

// Source is how an assignment came about.
type Source string

// The sources of assignments.
const (
	BySolver  Source = "solver"
	ByPin     Source = "pin"
	ByHand    Source = "hand"
	BySwap    Source = "swap"
	ByOffer   Source = "offer"
	ByCallOut Source = "call-out"
)

// Sources lists the sources, in the order of their constants.
func Sources() []Source { return []Source{BySolver, ByPin, ByHand, BySwap, ByOffer, ByCallOut} }

// ParseSource reads the name of a source.
func ParseSource(s string) (Source, error) { return parseWord("source", s, Sources()) }

// Assignment is an agent on a slot; that pair is its identity.
type Assignment struct {
	Slot   SlotID
	Agent  AgentID
	Source Source
	// UID is empty until the store has given one.
	UID UID
}

// CompareAssignments orders by slot id and then agent, the order of a saved roster.
func CompareAssignments(a, b Assignment) int {
	return cmp.Or(cmp.Compare(a.Slot, b.Slot), cmp.Compare(a.Agent, b.Agent))
}

// RosterState is where a roster is in its life.
type RosterState string

const (
	// Draft can be changed.
	Draft RosterState = "draft"
	// Published is what people go by; immutable.
	Published RosterState = "published"
	// Superseded was published until a later version took its place; immutable.
	Superseded RosterState = "superseded"
)

// SolveStatus is what a solver proved about a roster.
type SolveStatus string

// The results of a solver. NotSolved is a roster made or changed by hand.
const (
	NotSolved  SolveStatus = ""
	Unknown    SolveStatus = "unknown"
	Feasible   SolveStatus = "feasible"
	Optimal    SolveStatus = "optimal"
	Infeasible SolveStatus = "infeasible"
)

// Roster is the assignments of a period, as one numbered version.
type Roster struct {
	Team TeamID
	// First and Last are the roster days of the period, inclusive.
	First, Last Date
	Version     Version
	State       RosterState
	// Assignments are ordered by CompareAssignments and hold no pair twice.
	Assignments []Assignment
	// Slots are those of the period as they were when the version was saved, empty ones and their demand included, so
	// that a published version keeps its meaning when shifts change later. In order of ExpandSlots.
	Slots []Slot
	// Cost is the audit's; Bound is a proved lower bound of it, open when nothing is proved.
	Cost   Cost
	Bound  Optional[Cost]
	Status SolveStatus
	// Seed and Work repeat the solve: the random seed and the work done; zero for rosters made by hand.
	Seed, Work int64
	// BasedOn is the version it was changed from, 0 for none.
	BasedOn Version
	// Seen is how many publications of the team its maker knew of: those that came later are not considered in it. That
	// of a published roster counts itself.
	Seen      int64
	CreatedBy string
	CreatedAt time.Time
	// PublishedBy and PublishedAt are empty and zero for a draft.
	PublishedBy string
	PublishedAt time.Time
	Note        string
	// Reason is why it was published with broken hard rules; empty otherwise.
	Reason string
}

// Of lists the assignments of an agent, in the roster's order.
func (r Roster) Of(agent AgentID) []Assignment {
	var own []Assignment
	for _, a := range r.Assignments {
		if a.Agent == agent {
			own = append(own, a)
		}
	}
	return own
}

// On lists the agents on a slot, ascending.
func (r Roster) On(slot SlotID) []AgentID {
	var on []AgentID
	for _, a := range r.Assignments {
		if a.Slot == slot {
			on = append(on, a.Agent)
		}
	}
	slices.Sort(on)
	return on
}

// Has reports whether the agent is on the slot.
func (r Roster) Has(slot SlotID, agent AgentID) bool {
	return slices.ContainsFunc(r.Assignments, func(a Assignment) bool { return a.Slot == slot && a.Agent == agent })
}

// Gap is (cost - bound) / max(cost, 1), open when nothing is proved; 0 when the bound reaches the cost.
func (r Roster) Gap() Optional[float64] {
	if !r.Bound.Set {
		return Optional[float64]{}
	}
	return Some(float64(max(r.Cost-r.Bound.Value, 0)) / float64(max(r.Cost, 1)))
}

// SortAssignments puts assignments into the order of a saved roster.
func SortAssignments(as []Assignment) { slices.SortFunc(as, CompareAssignments) }
