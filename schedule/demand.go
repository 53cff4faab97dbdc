package schedule

// DemandLine is one statement of what is needed. It speaks about the slots of a shift, or about an interval of the day
// whatever shifts cover it. Lines are ordered: for each slot and each attribute the last line that matches and states
// the attribute wins (see ResolveDemand).
type DemandLine struct {
	ID DemandID
	// Shift is the shift meant, or AnyShift. Empty when Interval is set.
	Shift ShiftID
	// Interval is a stretch of the clock of Zone that needs people, cut into pieces of Step minutes from its start (0
	// means 60); an agent serves a piece when a slot covers all of it. Zone empty means the team's.
	Interval Optional[ClockSpan]
	Step     Minutes
	Zone     string
	// Days, Dates, From, Until and Holiday select dates: of the occurrence in the shift's zone, or of the interval's
	// start in Zone. All that are given must hold; empty, zero and open select every date. Holiday true selects the
	// team's holidays, false the other days.
	Days        Weekdays
	Dates       []Date
	From, Until Date
	Holiday     Optional[bool]
	// The attributes.
	Agents   AgentsNeed
	Language LanguageNeed // of one language; its Tag is empty when the line speaks of none
	Skill    SkillNeed    // of one skill; its Name is empty when the line speaks of none
	Note     string
}

// AgentsNeed is how many agents a line asks for, and the price of each one missing below Min, missing below Target,
// and present above Max. Open attributes leave what earlier lines said.
type AgentsNeed struct {
	Min, Target, Max                   Optional[int]
	MinWeight, TargetWeight, MaxWeight Optional[Cost]
}

// LanguageNeed is how many agents at a level or above a line asks for, and the price of each one missing.
type LanguageNeed struct {
	Tag   Language
	Level Level // zero leaves what earlier lines said; B2 if none did
	// Min is presence: so many of the agents speak it, and one agent may be present for several languages. If no line
	// states it, it is 1, or 0 where a capacity is stated.
	Min Optional[int]
	// Capacity is so many agents set aside for the language: no agent is counted for two capacities.
	Capacity Optional[int]
	Weight   Optional[Cost]
}

// SkillNeed is how many agents at a level or above a line asks for, 1 if no line states Min, and the price of each
// one missing.
type SkillNeed struct {
	Name   string
	Level  SkillLevel // zero leaves what earlier lines said; 1 if none did
	Min    Optional[int]
	Weight Optional[Cost]
}

// The prices of demand where no line states one, per agent.
const (
	DefaultMinWeight      Cost = 1000
	DefaultTargetWeight   Cost = 100
	DefaultMaxWeight      Cost = 20
	DefaultLanguageWeight Cost = 500
	DefaultSkillWeight    Cost = 500
)

// Demand is what a slot or an interval needs, after every line has been applied.
type Demand struct {
	// Min is 0 if no line states it. Target and Max are open if no line states them: then they cost nothing.
	Min         int
	Target, Max Optional[int]
	// The prices per agent, defaults filled in.
	MinWeight, TargetWeight, MaxWeight Cost
	// Languages are ordered by tag and Skills by name, one entry each; those that no longer need anybody are left out.
	Languages []LanguageDemand
	Skills    []SkillDemand
	// Notes are those of the lines that were applied, in their order, without repeats.
	Notes []string
}

// LanguageDemand is a need for one language. Min counts presence, Capacity agents set aside.
type LanguageDemand struct {
	Tag           Language
	Level         Level
	Min, Capacity int
	Weight        Cost
}

// SkillDemand is a need for one skill.
type SkillDemand struct {
	Name   string
	Level  SkillLevel
	Min    int
	Weight Cost
}

// IntervalDemand is the need of one piece of an interval line: agents whose slots cover all of Interval are counted.
type IntervalDemand struct {
	Interval Interval
	// Day is the roster day, the date of the start in the team's zone.
	Day    Date
	Demand Demand
}
