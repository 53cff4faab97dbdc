package schedule

func runDays(unit Unit, name, doc string) Parameter {
	return Parameter{Name: name, Kind: NumberValue, Required: true, Unit: unit, Least: 1, Most: 60, Doc: doc}
}

// maximumOfRuns and minimumOfRuns are how every run is judged.
const (
	maximumOfRuns = ` One per n+1 consecutive known days that are all in the run's set, one of them a period day, unless facts
alone put all of them in. So a run of n+k days of which the period has its part counts k.`
	minimumOfRuns = ` Per run, as long as it is known, that holds a day from the day before First to the day after Last: days
missing to n. A run that holds the first or the last known day is not judged.`
)

// runRules look at one agent's runs of roster days.
var runRules = []Definition{
	{
		Name: MaxDaysRule, Title: "Nobody works too many days in a row.",
		Personal: true, Unit: UnitDays, Step: 1, Force: Hard, Weight: 50,
		Params:   []Parameter{runDays(UnitDays, "days", "n, the most days in a row")},
		Quantity: `The set is roster days with work, a slot or work elsewhere.` + maximumOfRuns,
		Why:      "After some days in a row people tire and mistakes begin (HSE: five to seven).",
		Example: Example{Common: exampleTeam + "rule max-consecutive-days days=2\n",
			Hit:  "work ani early@2026-12-07 early@2026-12-08 early@2026-12-09\nwant max-consecutive-days ani 1 days hard",
			Miss: "work ani early@2026-12-07 early@2026-12-08 early@2026-12-10\nwant nothing"},
	},
	{
		Name: MinDaysRule, Title: "Nobody comes in for too few days.",
		Personal: true, Unit: UnitDays, Step: 1, Force: Weighted, Weight: 20,
		Params:   []Parameter{runDays(UnitDays, "days", "n, the least days in a row")},
		Quantity: `The set is roster days with a slot of the team; work elsewhere does not count.` + minimumOfRuns,
		Why:      "A single day of work between days off is a day off less.",
		Example: Example{Common: exampleTeam + "rule min-consecutive-days days=2\n",
			Hit:  "work ani early@2026-12-09\nwant min-consecutive-days ani 1 days 20",
			Miss: "work ani early@2026-12-09 early@2026-12-10\nwant nothing"},
	},
	{
		Name: MaxDaysOffRule, Title: "Nobody is away for too many days in a row.",
		Personal: true, Unit: UnitDays, Step: 1, Force: Weighted, Weight: 20,
		Params: []Parameter{runDays(UnitDays, "days", "n, the most days off in a row")},
		Quantity: `The set is known roster days without any work on which the agent is employed and not on leave all day.` +
			maximumOfRuns,
		Why: "Who is away too long loses touch.",
		Example: Example{Common: exampleTeam + "rule max-consecutive-days-off days=3 agents=ani\n",
			Hit:  "work ani early@2026-12-11 early@2026-12-12 early@2026-12-13\nwant max-consecutive-days-off ani 1 days 20",
			Miss: "work ani early@2026-12-10 early@2026-12-12\nwant nothing"},
	},
	{
		Name: MinDaysOffRule, Title: "Days off come several at a time.",
		Personal: true, Unit: UnitDays, Step: 1, Force: Weighted, Weight: 20,
		Params:   []Parameter{runDays(UnitDays, "days", "n, the least days off in a row")},
		Quantity: `The set is known roster days without any work, for whatever reason: leave and days before or after employment too.` + minimumOfRuns,
		Why:      "A single day off is spent on sleep and laundry.",
		Example: Example{Common: exampleTeam + "rule min-consecutive-days-off days=2\n",
			Hit:  "work ani early@2026-12-08 early@2026-12-10\nwant min-consecutive-days-off ani 1 days 20",
			Miss: "work ani early@2026-12-08 early@2026-12-11\nwant nothing"},
	},
	{
		Name: MaxConsecutiveRule, Title: "Not too many slots of a kind in a row.",
		Personal: true, Unit: UnitSlots, Step: 1, Force: Hard, Weight: 50,
		Params: []Parameter{runDays(UnitSlots, "shifts", "n, the most slots in a row"),
			{Name: "tag", Kind: TextValue, Required: true, Doc: "the tag of the slots"}},
		Quantity: `The set is roster days with a slot that carries the tag.` + maximumOfRuns,
		Why:      "Two or three nights in a row, not more (HSE).",
		Example: Example{Common: exampleTeam + "rule max-consecutive tag=night shifts=2\n",
			Hit:  "work ani night@2026-12-07 night@2026-12-08 night@2026-12-09\nwant max-consecutive ani 1 slots hard",
			Miss: "work ani night@2026-12-07 night@2026-12-08 late@2026-12-09\nwant nothing"},
	},
	{
		Name: MinConsecutiveRule, Title: "Slots of a kind come several in a row.",
		Personal: true, Unit: UnitSlots, Step: 1, Force: Weighted, Weight: 30,
		Params: []Parameter{runDays(UnitSlots, "shifts", "n, the least slots in a row"),
			{Name: "tag", Kind: TextValue, Required: true, Doc: "the tag of the slots"}},
		Quantity: `The set is roster days with a slot that carries the tag.` + minimumOfRuns,
		Why:      "A single night costs as much sleep as two.",
		Example: Example{Common: exampleTeam + "rule min-consecutive tag=night shifts=2\n",
			Hit:  "work ani night@2026-12-09\nwant min-consecutive ani 1 slots 30",
			Miss: "work ani night@2026-12-09 night@2026-12-10\nwant nothing"},
	},
}

// shareRules compare the roster with something given before: a rotation, a share, the published roster.
var shareRules = []Definition{
	{
		Name: PatternRule, Title: "The roster stays near the rotation.",
		Personal: true, Implicit: true, Unstatable: true, Unit: UnitDays, Step: 1, Force: Weighted, Weight: 20,
		Quantity: `Per rotation, crew and agent named in the crew: what the rotation gives the agent is the slots of SlotOn for all days
within the rotation's From and Until, of those that are period slots within the agent's reach. A period day is judged
when it lies within From and Until or such a slot is on it. One per judged day on which the agent has a slot that the
rotation does not give, or has none though the rotation gives one; at the rotation's weight.`,
		Why: "A rotation lets people plan for months. Absences bend it as little as possible.",
		Example: Example{Common: exampleTeam + "pattern two DD-- step=2\nrotation two start=2026-12-07 D=early ani/bea\n",
			Hit: "work ani early@2026-12-07 early@2026-12-08 early@2026-12-12\nwork bea early@2026-12-09 early@2026-12-10 early@2026-12-13\n" +
				"want pattern ani 1 days 20",
			Miss: "work ani early@2026-12-07 early@2026-12-08 early@2026-12-11 early@2026-12-12\nwork bea early@2026-12-09 early@2026-12-10 early@2026-12-13\n" +
				"want nothing"},
	},
	{
		Name: FairShareRule, Title: "Unsocial work is shared fairly.",
		Personal: true, Unit: UnitPoints, Step: 1, Force: Weighted, Weight: 5,
		Params: []Parameter{
			{Name: "of", Kind: ListValue, Default: List("night", "weekend", "holiday"), OneOf: []string{"night", "weekend", "holiday", "short-notice", "shift"},
				Doc: "the kinds of burden that are shared"},
			{Name: "step", Kind: NumberValue, Unit: UnitPoints, Default: Number(2), Least: 1, Most: 100,
				Doc: "points of one step; a night or weekend day of eight hours is two points"},
		},
		Quantity: `Per agent of the scope: x is the points of the kinds (BurdenOf, Points) of each of the agent's period slots, summed,
less the agent's frozen target (Period.Targets by the rule's id, or else FairTargets; 0 for an agent without one). A slot
is at short notice when the published roster has not got the assignment and AtShortNotice says so. The amount is |x|; its
price is weight x (1 + 2 + ... + k) for the k begun steps in |x|, over and under alike. Forced hard,
the amount is |x| less one step, where positive.`,
		Why: "Nothing makes people leave like nights and weekends that others do not have. The ledger repays what one period could not balance.",
		Example: Example{Common: exampleTeam + "rule fair-share id=fair agents=ani\ntarget fair ani 2\n",
			Hit:  "work ani night@2026-12-08 night@2026-12-09 night@2026-12-10 early@2026-12-12\nwant fair-share ani 6 points 30",
			Miss: "work ani early@2026-12-12\nwant nothing"},
	},
	{
		Name: StabilityRule, Title: "What was published changes as little as possible.",
		Personal: true, Unit: UnitAssignments, Step: 1, Force: Weighted, Weight: 20,
		Params: []Parameter{
			{Name: "hours", Kind: NumberValue, Unit: UnitHours, Default: Number(48), Least: 0, Most: 1000, Doc: "slots that start within so many hours from now count threefold"},
			{Name: "days", Kind: NumberValue, Unit: UnitDays, Default: Number(7), Least: 0, Most: 365, Doc: "slots that start within so many days of 24 hours count double"},
		},
		Quantity: `Per agent of the scope and period slot: one when the published roster has the assignment and this one has not, or
the other way round; at three times the weight when the slot's start is less than "hours" after now (or before now), else
twice when it is less than "days" times 24 h after now. Nothing without a published roster.`,
		Why: "A shift that moves after people have planned around it costs trust, the more the nearer it is.",
		Example: Example{Common: exampleTeam + "now 2026-12-01 00:00\nrule stability\npublished ani early@2026-12-07\n",
			Hit:  "work ani early@2026-12-09\nwant stability ani 1 assignments 40\nwant stability ani 1 assignments 20",
			Miss: "work ani early@2026-12-07\nwant nothing"},
	},
}
