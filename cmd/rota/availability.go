package main

import (
	"strings"

	"github.com/spf13/cobra"

	"rota/schedule"
	"rota/schedule/teamfile"
)

func (a *app) availabilityCommand() *cobra.Command {
	var kinds, states []string
	for _, k := range schedule.AvailabilityKinds() {
		kinds = append(kinds, string(k))
	}
	for _, s := range schedule.RequestStates() {
		states = append(states, string(s))
	}
	agentOf := func(b schedule.Book, id schedule.AgentID) schedule.Agent {
		for _, x := range b.Agents {
			if x.ID == id {
				return x
			}
		}
		return schedule.Agent{}
	}
	x := section{
		noun: "availability", plural: "availability entries", name: "availability",
		short: "When agents can, cannot and would like to work",
		args:  []string{"agent", "kind"}, keys: []string{"id"}, complete: []completion{a.completeAgents, fixed(kinds...)},
		flags: []keyFlag{
			{flag: "id", path: "id", doc: "name of the entry; made up if none"},
			{flag: "date", path: "date", doc: "the only date"},
			{flag: "from", path: "from", doc: "first date, on the agent's own clock"},
			{flag: "to", path: "to", doc: "last date, inclusive"},
			{flag: "days", path: "days", doc: "days of the week, as saturday,sunday"},
			{flag: "rrule", path: "rrule", doc: "RRULE, as FREQ=WEEKLY;BYDAY=TU"},
			{flag: "start", path: "start", doc: "part of each date: from this time, as 18:00"},
			{flag: "end", path: "end", doc: "part of each date: to this time"},
			{flag: "shifts", path: "shifts", doc: "only slots of these shifts", complete: a.completeShifts},
			{flag: "tags", path: "tags", doc: "only slots with one of these tags"},
			{flag: "weight", path: "weight", doc: "price of an avoid or prefer entry"},
			{flag: "state", path: "state", doc: "for requests: asked, approved or refused", complete: fixed(states...)},
			{flag: "note", path: "note", doc: "a note"},
		},
		columns: []column{{"ID", "id", false}, {"Agent", "agent", false}, {"Kind", "kind", false}, {"From", "from|date|exact", false},
			{"To", "to|date", false}, {"Days", "days|rrule", false}, {"Start", "start", false}, {"End", "end", false},
			{"Shifts", "shifts", false}, {"State", "state", false}, {"By", "by", false}, {"At", "at", false}, {"Note", "note", false}},
		filters: []filter{
			{flag: "agent", doc: "those of an agent", complete: a.completeAgents, known: agentsOf, keep: func(b schedule.Book, i int, text string) (bool, error) {
				return string(b.Availability[i].Agent) == text, nil
			}},
			{flag: "kind", doc: "those of a kind: " + strings.Join(kinds, ", "), complete: fixed(kinds...),
				keep: func(b schedule.Book, i int, text string) (bool, error) {
					k, err := schedule.ParseAvailabilityKind(text)
					return b.Availability[i].Kind == k, err
				}},
			{flag: "state", doc: "those in a state: " + strings.Join(states, ", "), complete: fixed(states...),
				keep: func(b schedule.Book, i int, text string) (bool, error) {
					s, err := schedule.ParseRequestState(text)
					return b.Availability[i].State == s, err
				}},
			{flag: "language", doc: "those of agents who speak a language: es or es:B2", known: languagesOf, keep: func(b schedule.Book, i int, text string) (bool, error) {
				return keepLanguage(schedule.Book{Agents: []schedule.Agent{agentOf(b, b.Availability[i].Agent)}}, 0, text)
			}},
			{flag: "skill", doc: "those of agents who have a skill: chat or chat:3", known: skillsOf, keep: func(b schedule.Book, i int, text string) (bool, error) {
				for k, x := range b.Agents {
					if x.ID == b.Availability[i].Agent {
						return keepSkill(b, k, text)
					}
				}
				return false, nil
			}},
		},
		example: `  rota availability add ani leave --from 2026-12-24 --to 2027-01-03
  rota availability add tigran unavailable --days tuesday --start 18:00 --end 22:00 --note "evening class"
  rota availability add pablo prefer --shifts late --weight 5
  rota availability ask davit leave --from 2026-12-14 --to 2026-12-18
  rota availability approve davit.leave.2026-12-14
  rota availability import leave.csv`,
	}
	return a.sectionCommand(x, a.askAvailability(x), a.answerAvailability(x, schedule.Approved), a.answerAvailability(x, schedule.Refused), a.withCalendars(a.importEntries(x, `Read availability from a CSV table. The first row names the columns: agent, kind, from, to, and the other keys of an
availability entry in a team file. The same table read twice changes nothing. Every problem is told with line and column,
and then nothing is written.`,
		func(name string, data []byte, base schedule.Book) (schedule.Book, error) {
			entries, err := teamfile.ReadAvailabilityCSV(name, data, base)
			return schedule.Book{Team: base.Team, Availability: entries}, err
		})))
}

func (a *app) pinCommand() *cobra.Command {
	return a.sectionCommand(section{
		noun: "pin", plural: "pins", name: "pins", short: "Assignments that are forced or forbidden",
		args: []string{"agent", "slot"}, keys: []string{"agent", "slot"}, complete: []completion{a.completeAgents, a.completeSlots},
		flags: []keyFlag{
			{flag: "forbid", path: "forbid", doc: "keep the agent off the slot", boolean: true},
			{flag: "note", path: "note", doc: "a note"},
		},
		columns: []column{{"Agent", "agent", false}, {"Slot", "slot", false}, {"Forbid", "forbid", false}, {"Note", "note", false}},
		filters: []filter{{flag: "agent", doc: "those of an agent", complete: a.completeAgents, known: agentsOf, keep: func(b schedule.Book, i int, text string) (bool, error) {
			return string(b.Pins[i].Agent) == text, nil
		}}},
		example: `  rota pin add lilit late@2026-12-19
  rota pin add tom wknd-morning@2026-12-20 --forbid`,
	})
}
