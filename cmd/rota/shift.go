package main

import (
	"github.com/spf13/cobra"

	"rota/schedule"
)

func (a *app) shiftCommand() *cobra.Command {
	return a.sectionCommand(section{
		noun: "shift", plural: "shifts", name: "shifts", short: "The shifts that slots are made from",
		args: []string{"id"}, keys: []string{"id"},
		flags: []keyFlag{
			{flag: "name", path: "name", doc: "name"},
			{flag: "code", path: "code", doc: "one to three letters for the grid"},
			{flag: "start", path: "start", doc: "start on the wall clock, as 08:00"},
			{flag: "end", path: "end", doc: "end on the wall clock; at or before the start it is on the next day"},
			{flag: "timezone", path: "timezone", doc: "IANA zone of the clock; the team's if none", complete: fixedZones},
			{flag: "days", path: "days", doc: "days of the week, as monday-friday or sa,su"},
			{flag: "rrule", path: "rrule", doc: "RRULE, as FREQ=MONTHLY;BYDAY=1MO"},
			{flag: "from", path: "from", doc: "first date"},
			{flag: "until", path: "until", doc: "last date"},
			{flag: "except", path: "except", doc: "dates without it"},
			{flag: "also", path: "also", doc: "dates with it beside the rule"},
			{flag: "tags", path: "tags", doc: "words that rules look for, as night,weekend"},
			{flag: "break", path: "break", doc: "unpaid time within it, as 30m"},
			{flag: "paid", path: "paid", doc: "paid time whatever it lasts, as 8h"},
			{flag: "burden", path: "burden", doc: "points that each slot adds to the burden"},
			{flag: "color", path: "color", doc: "colour, as #3366cc or a CSS word"},
			{flag: "location", path: "location", doc: "where the work is done"},
			{flag: "link", path: "link", doc: "where to meet"},
			{flag: "note", path: "note", doc: "a note"},
		},
		columns: []column{{"ID", "id", false}, {"Name", "name", false}, {"Start", "start", false}, {"End", "end", false},
			{"Time zone", "timezone", false}, {"Days", "days|rrule|=every day", false}, {"Tags", "tags", false}},
		filters: []filter{{flag: "tag", doc: "those with a tag", known: shiftTagsOf, keep: func(b schedule.Book, i int, text string) (bool, error) {
			return b.Shifts[i].HasTag(text), nil
		}}},
		example: `  rota shift add evening --name Evening --start 18:00 --end 02:00 --days monday-friday
  rota shift edit late --tags night`,
	})
}

func (a *app) contractCommand() *cobra.Command {
	return a.sectionCommand(section{
		noun: "contract", plural: "contracts", name: "contracts", short: "What hours and shifts agents have agreed to",
		args: []string{"id"}, keys: []string{"id"},
		flags: []keyFlag{
			{flag: "name", path: "name", doc: "name"},
			{flag: "min-hours", path: "hours_per_week.min", doc: "hours a week at least"},
			{flag: "target-hours", path: "hours_per_week.target", doc: "hours a week aimed at"},
			{flag: "max-hours", path: "hours_per_week.max", doc: "hours a week at most"},
			{flag: "extra-hours", path: "extra_hours_per_week", doc: "extra hours a week above the maximum"},
			{flag: "shifts", path: "shifts", doc: "the shifts it allows; all if none"},
			{flag: "note", path: "note", doc: "a note"},
		},
		columns: []column{{"ID", "id", false}, {"Min h", "hours_per_week.min", true}, {"Target h", "hours_per_week.target", true},
			{"Max h", "hours_per_week.max", true}, {"Extra h", "extra_hours_per_week", true}, {"Shifts", "shifts", false}},
		example: `  rota contract add half --min-hours 16 --target-hours 20 --max-hours 20 --shifts early,late`,
	})
}

func (a *app) demandCommand() *cobra.Command {
	return a.sectionCommand(section{
		noun: "demand", plural: "demand lines", name: "demand", short: "How many agents slots need, and which languages and skills",
		args: []string{"shift"}, keys: []string{"id"}, complete: []completion{a.completeShifts},
		flags: []keyFlag{
			{flag: "id", path: "id", doc: "name of the line; made up if none"},
			{flag: "days", path: "days", doc: "days of the week, as saturday,sunday"},
			{flag: "dates", path: "dates", doc: "dates, as 2026-12-19"},
			{flag: "from", path: "from", doc: "first date"},
			{flag: "until", path: "until", doc: "last date"},
			{flag: "holiday", path: "holiday", doc: "true for holidays only, false for other days only"},
			{flag: "min", path: "agents.min", doc: "agents at least"},
			{flag: "target", path: "agents.target", doc: "agents aimed at"},
			{flag: "max", path: "agents.max", doc: "agents at most"},
			{flag: "min-weight", path: "agents.min_weight", doc: "price of each agent below min"},
			{flag: "target-weight", path: "agents.target_weight", doc: "price of each agent below target"},
			{flag: "max-weight", path: "agents.max_weight", doc: "price of each agent above max"},
			{flag: "language", path: "language.tag", doc: "language that has to be spoken"},
			{flag: "level", path: "language.level", doc: "its level, as B2", complete: fixed(schedule.Levels()...)},
			{flag: "language-min", path: "language.min", doc: "how many speak it (1)"},
			{flag: "skill", path: "skill.name", doc: "skill that has to be there"},
			{flag: "skill-level", path: "skill.level", doc: "its level, 1 to 5"},
			{flag: "skill-min", path: "skill.min", doc: "how many have it (1)"},
			{flag: "weight", path: "weight", doc: "price of each one missing to the language or skill"},
			{flag: "note", path: "note", doc: "a note"},
		},
		columns: []column{{"ID", "id", false}, {"Shift", "shift|interval", false}, {"Days", "days|date|dates", false},
			{"Min", "agents.min", true}, {"Target", "agents.target", true}, {"Max", "agents.max", true},
			{"Language", "language.tag&language.level", false}, {"Skill", "skill.name&skill.level", false}, {"Weight", "weight", true}, {"Note", "note", false}},
		filters: []filter{
			{flag: "shift", doc: "those about a shift", complete: a.completeShifts, known: shiftsOf, keep: func(b schedule.Book, i int, text string) (bool, error) {
				return string(b.Demand[i].Shift) == text || b.Demand[i].Shift == schedule.AnyShift, nil
			}},
			{flag: "language", doc: "those about a language", keep: func(b schedule.Book, i int, text string) (bool, error) {
				return string(b.Demand[i].Language.Tag) == text, nil
			}},
			{flag: "skill", doc: "those about a skill", keep: func(b schedule.Book, i int, text string) (bool, error) {
				return b.Demand[i].Skill.Name == text, nil
			}},
		},
		example: `  rota demand add late --dates 2026-12-31 --min 3 --target 4
  rota demand add '*' --language en --level C1
  rota demand edit late.agents --min 3`,
	}, a.forecastDemand())
}
