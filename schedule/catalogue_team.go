package schedule

// implicitRules hold in every roster.
var implicitRules = []Definition{
	{
		Name: WellFormedRule, Title: "Assignments name an agent and a slot of the period, once.",
		Personal: true, Implicit: true, Unstatable: true, Unit: UnitAssignments, Step: 1, Force: Hard,
		Quantity: `One per assignment whose agent is not of the team, whose slot is not a period slot, or which the roster
holds more than once (each repeat). Such assignments count for no other rule, of repeats the first one does.`,
		Why: "A roster edited by hand or made for other shifts may name what does not exist.",
		Example: Example{Common: exampleTeam,
			Hit:  "work ani early@2026-12-20\nwant well-formed ani 1 assignments hard",
			Miss: "work ani early@2026-12-13\nwant nothing"},
	},
	{
		Name: OnePerDayRule, Title: "An agent has one slot on a roster day.",
		Personal: true, Implicit: true, Unstatable: true, Unit: UnitSlots, Step: 1, Force: Hard,
		Quantity: `Per agent and period day: the agent's slots of that roster day beyond the first. Work elsewhere does not
count.`,
		Why: "Two slots on a day are two ways to be late for one; make a longer shift instead.",
		Example: Example{Common: exampleTeam + "shift eve 18:00-22:00\n",
			Hit:  "work ani early@2026-12-07 eve@2026-12-07\nwant one-per-day ani 1 slots hard",
			Miss: "work ani early@2026-12-07 eve@2026-12-08\nwant nothing"},
	},
	{
		Name: NoOverlapRule, Title: "An agent is in one place at a time.",
		Personal: true, Implicit: true, Unstatable: true, Unit: UnitMinutes, Step: 15, Force: Hard,
		Quantity: `Per pair of an agent's period slot and another slot or busy time of the agent (facts too; busy time of any
kind) that share an instant: the whole minutes shared, at least 1. Pairs of facts are not judged.`,
		Why: "Nobody works two shifts at once.",
		Example: Example{Common: exampleTeam,
			Hit:  "busy ani 2026-12-07 14:00-17:00\nwork ani early@2026-12-07\nwant no-overlap ani 120 minutes hard",
			Miss: "busy ani 2026-12-07 16:00-17:00\nwork ani early@2026-12-07\nwant nothing"},
	},
	{
		Name: AllowedShiftsRule, Title: "Agents work while employed, and shifts that their contract allows.",
		Personal: true, Implicit: true, Unstatable: true, Unit: UnitSlots, Step: 1, Force: Hard,
		Quantity: `One per period slot of an agent who is not employed on its roster day or whose contract does not allow its
shift.`,
		Why: "A contract says which shifts were agreed.",
		Example: Example{Common: exampleTeam + "contract days shifts=early\nagent bo contract=days\n",
			Hit:  "work bo late@2026-12-07\nwant allowed-shifts bo 1 slots hard",
			Miss: "work bo early@2026-12-07\nwant nothing"},
	},
	{
		Name: AvailabilityRule, Title: "Leave and unavailable time are kept free, wishes have a price.",
		Personal: true, Implicit: true, Unstatable: true, Unit: UnitSlots, Step: 1, Force: Weighted, Weight: DefaultPreferenceWeight,
		Quantity: `By real overlap on the agent's clock, entries in force only. Hard, per period slot of the agent: one slot
that shares an instant with leave or unavailable time, or that is not inside the union of the agent's available time if
the agent has any such entry. Weighted, with the entry's weight: for each avoid entry each slot of the agent that it
concerns and that shares an instant with it; for each prefer entry each period slot that it concerns, that shares an
instant with it, is within the agent's reach and is not given. So a preference that is granted costs nothing.`,
		Why: "People plan their lives around what they told the planner.",
		Example: Example{Common: exampleTeam + "avail ani unavailable 2026-12-07 hours=18:00-22:00\n",
			Hit:  "work ani late@2026-12-07\nwant availability ani 1 slots hard",
			Miss: "work ani early@2026-12-07\nwant nothing"},
	},
	{
		Name: PinRule, Title: "Pinned assignments are made, forbidden ones are not.",
		Personal: true, Implicit: true, Unstatable: true, Unit: UnitAssignments, Step: 1, Force: Hard,
		Quantity: `One per pin whose agent is of the team and whose slot is a period slot: that is to be made and is not in
the roster, or that is forbidden and is.`,
		Why: "Some decisions are taken before planning starts.",
		Example: Example{Common: exampleTeam + "pin ani late@2026-12-07\n",
			Hit:  "work ani early@2026-12-07\nwant pin ani 1 assignments hard",
			Miss: "work ani late@2026-12-07\nwant nothing"},
	},
	{
		Name: CoverageRule, Title: "Slots and intervals have the agents they need.",
		Implicit: true, Unstatable: true, Unit: UnitAgents, Step: 1, Force: Weighted, Weight: DefaultMinWeight,
		Quantity: `Per period slot, and per interval of demand (counting the agents of whom one slot, facts too, holds the whole
interval): agents missing to min, at the min price; agents missing to target, at the target price, in addition; agents
above max, at the max price. What is not stated costs nothing.`,
		Why: "The team never closes. A gap has a price far above any wish, so there is always a best roster and its gaps are seen.",
		Example: Example{Common: exampleTeam + "need late days=monday min=1 target=2\n",
			Hit:  "work ani early@2026-12-07\nwant coverage 1 agents 1000\nwant coverage 2 agents 200",
			Miss: "work ani late@2026-12-07\nwork bea late@2026-12-07\nwant nothing"},
	},
	{
		Name: LanguageRule, Title: "Slots and intervals have the languages they need.",
		Implicit: true, Unstatable: true, Unit: UnitAgents, Step: 1, Force: Weighted, Weight: DefaultLanguageWeight,
		Quantity: `Per period slot or interval (agents counted as for coverage), unless its demand closes it, and per language:
agents at the level or above missing to min, at the need's price. Capacity: for every set of one or more languages with
a capacity, the sum of their capacities less the agents who speak at least one of them at its level, where positive, at
the lowest price among the set. With more than six such languages: sets of one, of two, and all.`,
		Why: "A customer is answered in a language that somebody on the shift speaks. One bilingual agent is present for two languages, but is not two people.",
		Example: Example{Common: exampleTeam + "need late days=monday lang=es:B2\nagent bo lang=es:B1\nagent cy lang=es:B2\n",
			Hit:  "work bo late@2026-12-07\nwant language 1 agents 500",
			Miss: "work cy late@2026-12-07\nwant nothing"},
	},
	{
		Name: SkillRule, Title: "Slots and intervals have the skills they need.",
		Implicit: true, Unstatable: true, Unit: UnitAgents, Step: 1, Force: Weighted, Weight: DefaultSkillWeight,
		Quantity: `Per period slot or interval (agents counted as for coverage), unless its demand closes it, and per skill:
agents at the level or above missing to min, at the need's price.`,
		Why: "Each channel needs somebody who masters it.",
		Example: Example{Common: exampleTeam + "need late days=monday skill=chat:2\nagent bo skill=chat:1\nagent cy skill=chat:2\n",
			Hit:  "work bo late@2026-12-07\nwant skill 1 agents 500",
			Miss: "work cy late@2026-12-07\nwant nothing"},
	},
}

// exampleTeam is the common ground of the examples: two shifts, two agents, one week from a Monday.
const exampleTeam = `team Asia/Yerevan
period 2026-12-07 2026-12-13
shift early 08:00-16:00
shift late 16:00-00:00
shift night 00:00-08:00 tags=night
agent ani
agent bea
`

var tagParam = Parameter{Name: "tag", Kind: TextValue, Doc: "only slots whose shift carries the tag; all when not given"}
var shiftParam = Parameter{Name: "shift", Kind: TextValue, Doc: "only slots of the shift; all when not given"}

// teamRules look at who is on a slot together.
var teamRules = []Definition{
	{
		Name: MentorRule, Title: "Who is new works beside somebody experienced.",
		Unit: UnitSlots, Step: 1, Force: Weighted, Weight: 50,
		Params: []Parameter{
			{Name: "skill", Kind: TextValue, Doc: "the skill that is compared; or give language"},
			{Name: "language", Kind: TextValue, Doc: "the language that is compared, with below and beside as levels such as B2"},
			{Name: "below", Required: true, Unit: UnitLevel, Doc: "who is below this level needs company; who has not got it at all is below"},
			{Name: "beside", Required: true, Unit: UnitLevel, Doc: "who is at this level or above is company"},
		},
		Quantity: `One per period slot on which at least one agent of the scope is below the level "below", and no agent at all
(of the scope or not) is at the level "beside" or above. Slots that merely overlap in time do not help.`,
		Why: "A newcomer alone on a shift learns the wrong things and cannot ask.",
		Example: Example{Common: exampleTeam + "agent bo skill=chat:1\nagent cy skill=chat:3\nrule mentor skill=chat below=2 beside=3 agents=bo\n",
			Hit:  "work bo late@2026-12-07\nwork cy early@2026-12-07\nwant mentor bo 1 slots 50",
			Miss: "work bo late@2026-12-07\nwork cy late@2026-12-07\nwant nothing"},
	},
	{
		Name: ApartRule, Title: "Agents who are not to share a slot.",
		Unit: UnitAgents, Step: 1, Force: Hard, Weight: 50,
		Params: []Parameter{tagParam, shiftParam},
		Quantity: `Per period slot that tag and shift select: agents of the scope beyond the first. Slots that merely overlap
in time are not shared.`,
		Why: "People who should not depend on each other, or who stand in for each other.",
		Example: Example{Common: exampleTeam + "rule apart agents=ani,bea\n",
			Hit:  "work ani late@2026-12-07\nwork bea late@2026-12-07\nwant apart ani,bea 1 agents hard",
			Miss: "work ani late@2026-12-07\nwork bea early@2026-12-07\nwant nothing"},
	},
	{
		Name: TogetherRule, Title: "Agents who work the same slots.",
		Unit: UnitAgents, Step: 1, Force: Weighted, Weight: 20,
		Params: []Parameter{tagParam, shiftParam},
		Quantity: `Per period slot that tag and shift select, and per pair of agents of the scope who both have it within reach:
one when exactly one of the two is on it.`,
		Why: "A trainee follows a colleague; two who share a car travel together.",
		Example: Example{Common: exampleTeam + "rule together agents=ani,bea\n",
			Hit:  "work ani late@2026-12-07\nwant together ani,bea 1 agents 20",
			Miss: "work ani late@2026-12-07\nwork bea late@2026-12-07\nwant nothing"},
	},
	{
		Name: GroupRule, Title: "So many agents of a group are on a slot.",
		Unit: UnitAgents, Step: 1, Force: Weighted, Weight: 100,
		Params: []Parameter{
			{Name: "min", Kind: NumberValue, Unit: UnitAgents, Least: 0, Most: 1000, Doc: "the least number of agents of the scope"},
			{Name: "max", Kind: NumberValue, Unit: UnitAgents, Least: 0, Most: 1000, Doc: "the greatest number of agents of the scope"},
			tagParam, shiftParam,
		},
		Quantity: `Per period slot that tag and shift select: agents of the scope missing to min, unless the slot's demand
closes it; agents of the scope above max.`,
		Why: "Never two trainees alone, always one of the seniors at night.",
		Example: Example{Common: exampleTeam + "agent cy tag=senior\nrule group tags=senior min=1 shift=late\nneed late min=0\n" +
			"need late target=0 days=tuesday,wednesday,thursday,friday,saturday,sunday\n",
			Hit:  "work ani late@2026-12-07\nwant group 1 agents 100",
			Miss: "work cy late@2026-12-07\nwant nothing"},
	},
}
