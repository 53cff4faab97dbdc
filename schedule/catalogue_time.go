package schedule

var (
	perParam = Parameter{Name: "per", Kind: TextValue, Default: Text("week"), OneOf: []string{"day", "week", "period"},
		Doc: "the window: roster day, team week or period; not with days"}
	windowParam = Parameter{Name: "days", Kind: NumberValue, Unit: UnitDays, Least: 2, Most: 400,
		Doc: "the window is any so many consecutive roster days, instead of per"}
)

// hoursParam is the hours of a rule that can also take them from the contract.
func hoursParam(doc string) Parameter {
	return Parameter{Name: "hours", Kind: NumberValue, Unit: UnitHours, Least: 0, Most: 10000, Doc: doc}
}

// timeRules look at one agent's rests, hours and counts.
var timeRules = []Definition{
	{
		Name: MinRestRule, Title: "Between one slot and the next there is time to rest.",
		Personal: true, Unit: UnitMinutes, Step: 15, Force: Hard, Weight: 10,
		Params: []Parameter{{Name: "hours", Kind: NumberValue, Unit: UnitHours, Default: Number(11), Least: 0, Most: 168,
			Doc: "the least elapsed time between the end of one slot and the start of the next"}},
		Quantity: `Minutes of elapsed time missing to the hours, per pair of (a) a slot and the agent's next slot by start, whatever
lies between, (b) a period slot and the last work elsewhere that ends at or before its start, (c) a period slot and the
first work elsewhere that starts at or after its end. In (a) at least one is a period slot. A negative rest counts as 0.
Since slots of one agent do not overlap, rest before the next slot is rest before every later one.`,
		Why: "People need to sleep between shifts, also when the clocks change. 11 hours is the rule of the EU.",
		Example: Example{Common: exampleTeam + "rule min-rest hours=11\n",
			Hit:  "work ani late@2026-12-07 early@2026-12-08\nwant min-rest ani 180 minutes hard",
			Miss: "work ani late@2026-12-07 late@2026-12-08\nwant nothing"},
	},
	{
		Name: WeeklyRestRule, Title: "Each week has one long uninterrupted rest.",
		Personal: true, Unit: UnitWeeks, Step: 1, Force: Hard, Weight: 100,
		Params: []Parameter{{Name: "hours", Kind: NumberValue, Unit: UnitHours, Default: Number(35), Least: 1, Most: 168,
			Doc: "the least length of the rest, all of it inside the team week"}},
		Quantity: `One per team week, [first day 00:00, first day of the next week 00:00) in the team's zone, that has no
uninterrupted stretch of the hours inside it touched by no work of the agent, by instants. Judged: team weeks that hold a
period day, and the week after them, into which a last slot may run. A week in which facts alone leave no such stretch is
not judged. Unknown days are free.`,
		Why: "A week without a real break wears people out. 35 hours are 24 of weekly and 11 of daily rest, as the EU has it.",
		Example: Example{Common: exampleTeam + "shift dawn 04:00-12:00\nrule weekly-rest hours=35\n",
			Hit: "work ani early@2026-12-07 early@2026-12-08 early@2026-12-09 early@2026-12-10 early@2026-12-11 early@2026-12-12 late@2026-12-13\n" +
				"want weekly-rest ani 1 weeks hard",
			Miss: "work ani early@2026-12-07 early@2026-12-08 early@2026-12-09 early@2026-12-10 early@2026-12-11 dawn@2026-12-13\n" +
				"want nothing"},
	},
	{
		Name: RestAfterNightsRule, Title: "After a run of nights there is a longer rest.",
		Personal: true, Unit: UnitMinutes, Step: 15, Force: Hard, Weight: 10,
		Params: []Parameter{
			{Name: "nights", Kind: NumberValue, Unit: UnitSlots, Default: Number(2), Least: 1, Most: 31, Doc: "the least length of a run after which the rest is due"},
			{Name: "hours", Kind: NumberValue, Unit: UnitHours, Default: Number(48), Least: 1, Most: 168, Doc: "the rest"},
			{Name: "tag", Kind: TextValue, Default: Text("night"), Doc: "the tag of the slots that count as nights"},
		},
		Quantity: `A run is consecutive known days, as many as there are, on each of which the agent has a slot with the tag. For
each run of at least "nights" days: minutes missing to the hours from the end of the slot on its last day to (a) the
start of the agent's next slot after the run, of whatever kind, whatever lies between (a slot with the tag after a day
without one is such a slot), and (b) the start of the first work elsewhere at or after that end. In (a) the run's last
slot or the next one, in (b) the run's last slot, is a period slot.`,
		Why: "The body needs two full nights of sleep to come back from nights to days (HSE guidance).",
		Example: Example{Common: exampleTeam + "rule rest-after-nights nights=2 hours=48\n",
			Hit:  "work ani night@2026-12-07 night@2026-12-08 late@2026-12-09\nwant rest-after-nights ani 960 minutes hard",
			Miss: "work ani night@2026-12-07 night@2026-12-08 early@2026-12-10\nwant nothing"},
	},
	{
		Name: MaxHoursRule, Title: "Nobody works more hours than agreed.",
		Personal: true, Implicit: true, Unit: UnitMinutes, Step: 15, Force: Hard, Weight: 2,
		Params: []Parameter{hoursParam("the most paid time in a window; the contract's, per team week, when not given"), perParam, windowParam},
		Quantity: `With hours: paid minutes of all the agent's work, elsewhere too, above the hours, per window. Without hours, for
agents whose contract has a maximum, per team week: minutes above max + extra (the ceiling) are hard; minutes above max
and up to the ceiling are weighted, 2 per begun 15 unless the use gives a weight; forced hard, all above max are hard,
and extra time is not accepted. Nothing is lowered pro rata. Facts beyond max or ceiling take its place.`,
		Why: "Contracts and laws limit hours; extra time is for those who accept it, and costs.",
		Example: Example{Common: exampleTeam + "contract short max=8 extra=8\nagent bo contract=short\n",
			Hit:  "work bo early@2026-12-07 early@2026-12-08 early@2026-12-09\nwant max-hours bo 480 minutes hard\nwant max-hours bo 480 minutes 64",
			Miss: "work bo early@2026-12-07\nwant nothing"},
	},
	{
		Name: MinHoursRule, Title: "Everybody works the hours that were promised.",
		Personal: true, Implicit: true, Unit: UnitMinutes, Step: 15, Force: Weighted, Weight: 4,
		Params: []Parameter{hoursParam("the least paid time in a window; the contract's, per team week, when not given"), perParam, windowParam},
		Quantity: `Paid minutes missing to the hours (without hours: to the contract's min per team week, where it has one), per
window. What counts: the agent's slots and slots of other teams (Busy with a Team), not declared work elsewhere. Per week
and period only period days count, and the hours are lowered pro rata to the counted days among them (out of 7; out of
the days of the period). With days n, windows wholly of known days count, lowered pro rata to the counted days of n. Per
day: only period days with a period slot of the agent are judged, and nothing is lowered.`,
		Why: "Pay follows hours; too few are as much a broken promise as too many.",
		Example: Example{Common: exampleTeam + "contract short min=16\nagent bo contract=short\n",
			Hit:  "work bo early@2026-12-07\nwant min-hours bo 480 minutes 128",
			Miss: "work bo early@2026-12-07 early@2026-12-08\nwant nothing"},
	},
	{
		Name: TargetHoursRule, Title: "Everybody comes near the hours that the contract aims at.",
		Personal: true, Implicit: true, Unit: UnitMinutes, Step: 15, Force: Weighted, Weight: 1,
		Params:   []Parameter{hoursParam("the paid time to reach in a window; the contract's target, per team week, when not given"), perParam, windowParam},
		Quantity: `As min-hours, with the contract's target for its min. In addition to min-hours. Above the target nothing is due.`,
		Why:      "Between the least and the most hours there is a number that was meant.",
		Example: Example{Common: exampleTeam + "contract short target=16\nagent bo contract=short\n",
			Hit:  "work bo early@2026-12-07\nwant target-hours bo 480 minutes 32",
			Miss: "work bo early@2026-12-07 early@2026-12-08\nwant nothing"},
	},
	{
		Name: MaxShiftsRule, Title: "Nobody works more slots of a kind than so many.",
		Personal: true, Unit: UnitSlots, Step: 1, Force: Hard, Weight: 20,
		Params: []Parameter{
			{Name: "shifts", Kind: NumberValue, Required: true, Unit: UnitSlots, Least: 0, Most: 400, Doc: "the most slots in a window"},
			tagParam, {Name: "per", Kind: TextValue, Default: Text("week"), OneOf: []string{"week", "period"},
				Doc: "the window: team week or period; not with days"}, windowParam,
		},
		Quantity: `The agent's slots with the tag (all when not given) above the number, per window. Work elsewhere does not count.`,
		Why:      "At most so many nights a month, at most five shifts a week.",
		Example: Example{Common: exampleTeam + "rule max-shifts shifts=1 tag=night per=week\n",
			Hit:  "work ani night@2026-12-07 night@2026-12-10\nwant max-shifts ani 1 slots hard",
			Miss: "work ani night@2026-12-07 late@2026-12-10\nwant nothing"},
	},
	{
		Name: MinShiftsRule, Title: "Everybody works at least so many slots of a kind.",
		Personal: true, Unit: UnitSlots, Step: 1, Force: Weighted, Weight: 20,
		Params: []Parameter{
			{Name: "shifts", Kind: NumberValue, Required: true, Unit: UnitSlots, Least: 0, Most: 400, Doc: "the least slots in a window"},
			tagParam, {Name: "per", Kind: TextValue, Default: Text("week"), OneOf: []string{"week", "period"},
				Doc: "the window: team week or period; not with days"}, windowParam,
		},
		Quantity: `The agent's slots with the tag (all when not given) missing to the number, per window. Per week and period only
period days count, and the number is lowered pro rata to the counted days among them (out of 7; out of the days of the
period). With days n, windows wholly of known days count, lowered pro rata to the counted days of n. Work elsewhere does
not count.`,
		Why: "Everybody keeps in practice, and nobody escapes what all share.",
		Example: Example{Common: exampleTeam + "rule min-shifts shifts=2 agents=ani\n",
			Hit:  "work ani early@2026-12-07\nwant min-shifts ani 1 slots 20",
			Miss: "work ani early@2026-12-07 early@2026-12-09\nwant nothing"},
	},
	{
		Name: ForwardRotationRule, Title: "Shifts follow each other round the clock, not back.",
		Personal: true, Unit: UnitChanges, Step: 1, Force: Weighted, Weight: 10,
		Params: []Parameter{{Name: "hours", Kind: NumberValue, Unit: UnitHours, Default: Number(48), Least: 1, Most: 168,
			Doc: "after so much rest any shift may follow"}},
		Quantity: `One per pair of a slot and the agent's next slot by start, at least one of them a period slot, with elapsed time
between the end of the first and the start of the second below the hours, and (start of the second - start of the first)
mod 24 h strictly between 12 h and 23 h, both starts as the wall clock of the team's zone shows them. Work elsewhere is
not looked at.`,
		Why: "The body follows from early to late to night more easily than back.",
		Example: Example{Common: exampleTeam + "rule forward-rotation weight=10\n",
			Hit:  "work ani late@2026-12-07 early@2026-12-08\nwant forward-rotation ani 1 changes 10",
			Miss: "work ani early@2026-12-07 late@2026-12-08\nwant nothing"},
	},
	{
		Name: MaxWeekendsRule, Title: "Nobody works too many weekends.",
		Personal: true, Unit: UnitWeekends, Step: 1, Force: Hard, Weight: 50,
		Params: []Parameter{
			{Name: "weekends", Kind: NumberValue, Required: true, Unit: UnitWeekends, Least: 0, Most: 60, Doc: "the most weekends with work in a window"},
			{Name: "weeks", Kind: NumberValue, Unit: UnitWeeks, Default: Number(4), Least: 1, Most: 60, Doc: "the window: so many weekends in a row"},
		},
		Quantity: `The weekends are the team's, by instants in its zone, that share an instant with a known day or a slot of the
period or of the facts, assigned or not. An agent works a weekend when any work, elsewhere too, shares an instant with
it. A weekend is the period's when it shares an instant with a period day or a period slot, assigned or not. Per window
of "weeks" weekends in a row of which one is the period's (or all weekends together when there are fewer): weekends
worked above the number. Each window on its own.`,
		Why: "Friends and families have weekends.",
		Example: Example{Common: "team Asia/Yerevan\nperiod 2026-12-07 2026-12-20\nshift early 08:00-16:00\nagent ani\nrule max-weekends weekends=1 weeks=2 weight=50\n",
			Hit:  "work ani early@2026-12-12 early@2026-12-20\nwant max-weekends ani 1 weekends 50",
			Miss: "work ani early@2026-12-12 early@2026-12-18\nwant nothing"},
	},
	{
		Name: CompleteWeekendRule, Title: "Weekends are worked whole or not at all.",
		Personal: true, Unit: UnitWeekends, Step: 1, Force: Weighted, Weight: 15,
		Quantity: `A date of a weekend is a date of the team's zone of which an instant is in the weekend; it is worked when any
work, elsewhere too, shares an instant with that date's part of the weekend. One per period weekend (see max-weekends) of
two dates or more, all of them known days, of which exactly one is worked.`,
		Why: "One day of work breaks a weekend as much as two do.",
		Example: Example{Common: exampleTeam + "rule complete-weekends\n",
			Hit:  "work ani early@2026-12-12\nwant complete-weekends ani 1 weekends 15",
			Miss: "work ani early@2026-12-12 early@2026-12-13\nwant nothing"},
	},
	{
		Name: ShiftMixRule, Title: "Few different shifts in one week.",
		Personal: true, Unit: UnitShifts, Step: 1, Force: Weighted, Weight: 10,
		Quantity: `Different shifts among the agent's slots of a team week that holds a period day, history and later rosters
included, beyond the first. Facts beyond that are the limit.`,
		Why: "A steady week lets people sleep at steady hours.",
		Example: Example{Common: exampleTeam + "rule shift-mix\n",
			Hit:  "work ani early@2026-12-07 late@2026-12-09\nwant shift-mix ani 1 shifts 10",
			Miss: "work ani early@2026-12-07 early@2026-12-09\nwant nothing"},
	},
}
