package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"rota/schedule"
	"rota/schedule/sqlite"
)

type onJSON struct {
	Slot   schedule.SlotID  `json:"slot"`
	Shift  schedule.ShiftID `json:"shift"`
	Name   string           `json:"name"`
	Start  time.Time        `json:"start"`
	End    time.Time        `json:"end"`
	Agents []personJSON     `json:"agents"`
	Short  int              `json:"short"`
}

type personJSON struct {
	Agent schedule.AgentID `json:"agent"`
	Name  string           `json:"name"`
	Slack string           `json:"slack,omitempty"`
	Local string           `json:"local_time"`
}

func (a *app) nowCommand() *cobra.Command {
	return a.onDuty("now", "Say who is on now", "Say who is on now, until when, and who comes next.", false)
}

func (a *app) nextCommand() *cobra.Command {
	return a.onDuty("next", "Say who is on next", "Say who comes next, at every change within the hours given.", true)
}

// onDuty is rota now and rota next.
func (a *app) onDuty(use, short, long string, next bool) *cobra.Command {
	c := &cobra.Command{Use: use, Short: short, Long: long + ` Times are on the clock of --zone, or else of TZ, or else of the team.`}
	var zone, agent, at string
	var hours int
	c.Flags().StringVar(&zone, "zone", "", "IANA zone of the clock to show")
	c.Flags().StringVarP(&agent, "agent", "a", "", "only this agent's slots, on the agent's own clock")
	c.Flags().StringVar(&at, "at", "", "another instant than now, as 2026-12-19T16:00:00Z")
	if next {
		c.Flags().IntVar(&hours, "hours", 24, "how far to look ahead")
	}
	_ = c.RegisterFlagCompletionFunc("zone", fixedZones)
	_ = c.RegisterFlagCompletionFunc("agent", a.completeAgents)
	format := a.output(c, "table", "json", "csv")
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		format, err := format()
		if err != nil {
			return err
		}
		now := a.now
		if at != "" {
			if now, err = time.Parse(time.RFC3339, at); err != nil {
				return usagef("bad --at %q: write it as 2026-12-19T16:00:00Z", at)
			}
		}
		if next && (hours < 1 || hours > 24*366) {
			return usagef("bad --hours %d: use 1 to 8784", hours)
		}
		return a.withTeam(cmd.Context(), func(s *sqlite.Store, team schedule.TeamID) error {
			from, to := now, now.Add(time.Second)
			if next {
				to = now.Add(time.Duration(hours) * time.Hour)
			}
			list, loc, err := a.dutyBetween(cmd.Context(), s, team, from, to, zone, schedule.AgentID(agent))
			if err != nil {
				return err
			}
			if next {
				list = slices.DeleteFunc(list, func(x onJSON) bool { return !x.Start.After(now) })
			}
			if format == "json" {
				return a.writeJSON(struct {
					Schema string          `json:"schema"`
					Team   schedule.TeamID `json:"team"`
					Now    time.Time       `json:"now"`
					Zone   string          `json:"zone"`
					Slots  []onJSON        `json:"slots"`
				}{"rota/" + use + "/v1", team, now.UTC(), loc.String(), list})
			}
			if format == "csv" {
				return a.dutyCSV(list)
			}
			return a.printDuty(list, now, loc, next)
		})
	}
	return c
}

// dutyBetween lists the published slots that share an instant with [from, to) and who is on them.
func (a *app) dutyBetween(ctx context.Context, s *sqlite.Store, team schedule.TeamID, from, to time.Time, zone string, only schedule.AgentID) ([]onJSON, *time.Location, error) {
	slots, on, err := s.PublishedBetween(ctx, team, from, to)
	if err != nil {
		return nil, nil, err
	}
	book, _, err := s.LoadBook(ctx, team)
	if err != nil {
		return nil, nil, err
	}
	agents := map[schedule.AgentID]schedule.Agent{}
	var ids []string
	for _, x := range book.Agents {
		agents[x.ID] = x
		ids = append(ids, string(x.ID))
	}
	shifts := map[schedule.ShiftID]schedule.Shift{}
	for _, x := range book.Shifts {
		shifts[x.ID] = x
	}
	word := cmp.Or(zone, a.getenv("TZ"), book.Team.Zone)
	if only != "" {
		x, known := agents[only]
		if !known {
			near, _ := schedule.Nearest(string(only), ids)
			return nil, nil, hint(&schedule.UnknownError{Noun: "agent", Word: string(only), Nearest: near, Valid: ids}, "see rota agent list")
		}
		word = cmp.Or(zone, x.Zone, book.Team.Zone)
	}
	loc, err := schedule.LoadZone(word)
	if err != nil {
		if zone != "" {
			return nil, nil, usage(err)
		}
		// TZ can be something that is no name of a zone.
		if loc, err = schedule.LoadZone(book.Team.Zone); err != nil {
			return nil, nil, err
		}
	}
	list := []onJSON{}
	for _, slot := range slots {
		x := onJSON{Slot: slot.ID, Shift: slot.Shift, Name: cmp.Or(shifts[slot.Shift].Name, string(slot.Shift)),
			Start: slot.Start.UTC(), End: slot.End.UTC(), Agents: []personJSON{}}
		mine := only == ""
		for _, as := range on {
			if as.Slot != slot.ID {
				continue
			}
			mine = mine || as.Agent == only
			who := agents[as.Agent]
			here, err := who.Location(book.Team)
			if err != nil {
				here = loc
			}
			x.Agents = append(x.Agents, personJSON{as.Agent, cmp.Or(who.Name, string(as.Agent)), who.Slack, from.In(here).Format("15:04")})
		}
		x.Short = max(slot.Demand.Min-len(x.Agents), 0)
		if mine {
			list = append(list, x)
		}
	}
	return list, loc, nil
}

// dutyCSV has a row for each agent of a slot, and one without an agent for a slot that nobody has.
func (a *app) dutyCSV(list []onJSON) error {
	type row struct {
		Slot  schedule.SlotID  `json:"slot"`
		Shift schedule.ShiftID `json:"shift"`
		Start time.Time        `json:"start"`
		End   time.Time        `json:"end"`
		Agent schedule.AgentID `json:"agent"`
		Name  string           `json:"name"`
		Slack string           `json:"slack"`
		Local string           `json:"local_time"`
		Short int              `json:"short"`
	}
	var rows []row
	for _, x := range list {
		people := x.Agents
		if len(people) == 0 {
			people = []personJSON{{}}
		}
		for _, p := range people {
			rows = append(rows, row{x.Slot, x.Shift, x.Start, x.End, p.Agent, p.Name, p.Slack, p.Local, x.Short})
		}
	}
	return writeEntries(a, rows)
}

func (a *app) printDuty(slots []onJSON, now time.Time, loc *time.Location, next bool) error {
	a.say("%s (%s)", a.look.strong(stamp(now, loc)), loc)
	if len(slots) == 0 {
		if next {
			a.say("Nobody comes within these hours, by what is published.")
		} else {
			a.say("Nobody is on, by what is published.")
		}
		return nil
	}
	t := list{header: []string{"Shift", "Time", "Agents"}}
	for _, x := range slots {
		var names []string
		for _, p := range x.Agents {
			names = append(names, p.Name)
		}
		who := strings.Join(names, ", ")
		if x.Short > 0 {
			who = strings.TrimPrefix(who+", ", ", ") + a.look.bad(fmt.Sprintf("%d missing", x.Short))
		}
		when := clockRange(x.Start, x.End, loc)
		if next {
			when = x.Start.In(loc).Format("Mon 2 Jan ") + when
		}
		t.add(x.Name, when, who)
	}
	return a.print(t)
}
