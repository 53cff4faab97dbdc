package schedule

import (
	"slices"
	"time"
)

// Agent is one person of a team.
type Agent struct {
	ID   AgentID
	Name string
	// Zone is the agent's own IANA zone; empty means the team's. Availability, nights, weekends and holidays of burden,
	// and the times in messages to the agent are in it.
	Zone     string
	Contract ContractID
	// Slack is the member id, such as U0HARBOR01; Email may be empty too.
	Slack, Email string
	// Languages and Skills are what the agent can do, and how well. Nil for none.
	Languages map[Language]Level
	Skills    map[string]SkillLevel
	// Tags are words by which rules choose agents, such as senior; nothing to do with the tags of shifts.
	Tags []string
	// Holidays are the agent's public holiday calendars. Nil means the team's; empty but not nil means none.
	Holidays []Country
	// From and To are the first and last roster day of employment; the zero Date is open.
	From, To Date
	// Extra is the extra time per team week that the agent accepts above the contract's maximum; open means the
	// contract's.
	Extra Optional[Minutes]
	// Reminders and Quiet are as in Team; nil and open mean the team's, empty but not nil means no reminders.
	Reminders []Minutes
	Quiet     Optional[ClockSpan]
	Note      string
}

// Location is the agent's zone, the team's if the agent states none.
func (a Agent) Location(team Team) (*time.Location, error) {
	if a.Zone == "" {
		return LoadZone(team.Zone)
	}
	return LoadZone(a.Zone)
}

// Calendars are the public holiday calendars that count for the agent.
func (a Agent) Calendars(team Team) []Country {
	if a.Holidays != nil {
		return a.Holidays
	}
	return team.Holidays
}

// Employed reports whether the roster day is within the agent's employment.
func (a Agent) Employed(day Date) bool {
	return !(day.Before(a.From) || !a.To.IsZero() && day.After(a.To))
}

// HasTag reports whether the agent carries the tag.
func (a Agent) HasTag(tag string) bool { return slices.Contains(a.Tags, tag) }

// Contract is what an agent's hours per team week must, should and may be, and which shifts it allows.
type Contract struct {
	ID   ContractID
	Name string
	// Min, Target and Max are working time per team week; open where nothing is agreed. More than Max is extra time,
	// never more than Max plus Extra.
	Min, Target, Max Optional[Minutes]
	// Extra is the extra time per team week above Max that its agents accept, unless an agent says otherwise.
	Extra Minutes
	// Shifts are those it allows; empty for all.
	Shifts []ShiftID
	Note   string
}

// Allows reports whether the contract lets an agent work the shift.
func (c Contract) Allows(shift ShiftID) bool {
	return len(c.Shifts) == 0 || slices.Contains(c.Shifts, shift)
}

// Ceiling is the most working time in a team week for the agent, extra time included; open when the contract has no
// maximum.
func (c Contract) Ceiling(a Agent) Optional[Minutes] {
	if !c.Max.Set {
		return Optional[Minutes]{}
	}
	return Some(c.Max.Value + a.Extra.Or(c.Extra))
}

// MayWork reports whether employment and contract let the agent take the slot. Availability is judged apart: see
// StandingOf.
func MayWork(a Agent, c Contract, s Slot) bool { return a.Employed(s.Day) && c.Allows(s.Shift) }
