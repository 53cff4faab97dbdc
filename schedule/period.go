package schedule

import "time"

// Busy is time in which an agent does something else. No slot may overlap it.
type Busy struct {
	Agent    AgentID
	Interval Interval
	// Work says that it is working time, so that rests and hours count it; otherwise it only blocks.
	Work bool
	// Day is the roster day and Paid the hours that count, for working time.
	Day  Date
	Paid Minutes
	// Team and Slot are set for another team's published slot.
	Team TeamID
	Slot SlotID
	// Why says what it is, in a few words.
	Why string
}

// Period is everything known for the roster days [First, Last]: one value from which solving, auditing and explaining
// follow without looking anything up. It is not changed after it was loaded, so any number of goroutines may read it.
type Period struct {
	Team Team
	// First and Last are the first and last roster day, inclusive.
	First, Last Date
	// KnownFrom and KnownTo are the roster days about which assignments are known, inclusive: KnownFrom is First without
	// history, KnownTo is Last unless later rosters are published. A minimum that unknown time beyond could still
	// complete is not judged; a maximum always is.
	KnownFrom, KnownTo Date
	// Now is the instant from which notice, locks and stability are counted.
	Now time.Time

	Agents    []Agent
	Contracts []Contract
	Shifts    []Shift
	// Slots are those of the period with their demand, and Intervals the demand by interval, both by start.
	Slots     []Slot
	Intervals []IntervalDemand
	// Around are published slots within [KnownFrom, KnownTo] but outside the period, and Worked who is on them. They are
	// facts: rules hold across the period's ends and look at them, but nobody changes them.
	Around []Slot
	Worked []Assignment

	Availability []Availability
	Rules        []Rule
	Patterns     []Pattern
	Rotations    []Rotation
	// Holidays are the team's own dates and those of every calendar anybody uses, for the period and a week around it.
	Holidays []Holiday
	Pins     []Pin
	Busy     []Busy
	Ledger   []LedgerEntry
	// Targets are the frozen fair shares in points, by rule and agent (see FairTargets). Nil without such rules.
	Targets map[RuleID]map[AgentID]Points
	// Published is the roster that people go by for these days, nil for none.
	Published *Roster
}

// Index is a Period's values by id.
type Index struct {
	Agents    map[AgentID]Agent
	Contracts map[ContractID]Contract
	Shifts    map[ShiftID]Shift
	// Slots are those of the period and those around it.
	Slots map[SlotID]Slot
}

// Index makes the maps. It costs time in proportion to the period; make it once.
func (p *Period) Index() Index {
	x := Index{
		Agents: make(map[AgentID]Agent, len(p.Agents)), Contracts: make(map[ContractID]Contract, len(p.Contracts)),
		Shifts: make(map[ShiftID]Shift, len(p.Shifts)), Slots: make(map[SlotID]Slot, len(p.Slots)+len(p.Around)),
	}
	for _, a := range p.Agents {
		x.Agents[a.ID] = a
	}
	for _, c := range p.Contracts {
		x.Contracts[c.ID] = c
	}
	for _, s := range p.Shifts {
		x.Shifts[s.ID] = s
	}
	for _, s := range p.Around {
		x.Slots[s.ID] = s
	}
	for _, s := range p.Slots {
		x.Slots[s.ID] = s
	}
	return x
}
