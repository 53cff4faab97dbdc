package main

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/google/renameio/v2"
	"github.com/spf13/cobra"

	"rota/schedule"
	"rota/schedule/sqlite"
	"rota/schedule/teamfile"
)

func (a *app) showCommand() *cobra.Command {
	c := &cobra.Command{Use: "show", Short: "Show a roster: agents by days, and the cover of every slot",
		Example: `  rota show --week 2026-12-14
  rota show --agent ani
  rota show -o csv > roster.csv
  rota show -o xlsx -f roster.xlsx`}
	var version, agent, week, file string
	a.versionFlag(c, &version, "the version to show")
	c.Flags().StringVarP(&agent, "agent", "a", "", "only this agent, with times on the agent's clock")
	c.Flags().StringVarP(&week, "week", "w", "", "only the week that holds this date; without a date, this week")
	c.Flags().Lookup("week").NoOptDefVal = "today"
	c.Flags().StringVarP(&file, "file", "f", "", "write to a file instead of standard output")
	_ = c.RegisterFlagCompletionFunc("agent", a.completeAgents)
	format := a.output(c, "table", "json", "csv", "html", "xlsx", "ics")
	c.Args = cobra.MaximumNArgs(1) // a date that follows --week after a space
	c.RunE = func(cmd *cobra.Command, args []string) error {
		format, err := format()
		if err != nil {
			return err
		}
		if len(args) == 1 {
			if week != "today" {
				return usagef("rota show takes no argument %q", args[0])
			}
			week = args[0]
		}
		return a.withTeam(cmd.Context(), func(s *sqlite.Store, team schedule.TeamID) error {
			x, err := a.loadSheet(cmd.Context(), s, team, version, latestWord)
			if err != nil {
				return err
			}
			return a.show(x, format, agent, week, file)
		})
	}
	return c
}

// loadSheet reads a version and everything known about its days.
func (a *app) loadSheet(ctx context.Context, s *sqlite.Store, team schedule.TeamID, word, fallback string) (*sheet, error) {
	r, err := loadVersion(ctx, s, team, word, fallback)
	if err != nil {
		return nil, err
	}
	p, err := a.periodOf(ctx, s, r)
	if err != nil {
		return nil, err
	}
	return newSheet(p, r)
}

func (a *app) show(x *sheet, format, agent, week, file string) error {
	if week != "" {
		if err := a.narrow(x, week); err != nil {
			return err
		}
	}
	if agent != "" {
		if _, known := x.index.Agents[schedule.AgentID(agent)]; !known && len(x.on[schedule.AgentID(agent)]) == 0 {
			var ids []string
			for _, id := range x.people() {
				ids = append(ids, string(id))
			}
			near, _ := schedule.Nearest(agent, ids)
			return hint(&schedule.UnknownError{Noun: "agent", Word: agent, Nearest: near, Valid: ids}, "see rota agent list")
		}
		x.roster.Assignments = x.roster.Of(schedule.AgentID(agent))
	}
	var data []byte
	var err error
	switch format {
	case "table":
		if file == "" {
			a.wrapped("", a.look.strong(title(x.roster))+": "+a.summary(x))
			a.say("")
			if agent != "" {
				return a.showAgent(x, schedule.AgentID(agent))
			}
			a.printGrid(x)
			return nil
		}
		return usagef("a table cannot be written to a file: choose another format with -o, or redirect")
	case "json":
		var out bytes.Buffer
		inner := *a
		inner.out = &out
		err = inner.writeJSON(x.json())
		data = out.Bytes()
	case "csv":
		data = teamfile.WriteRosterCSV(x.roster.Assignments)
	case "html":
		data, err = x.html(a.now)
	case "xlsx":
		data, err = x.xlsx()
	case "ics":
		data, err = x.ics(a.now, schedule.AgentID(agent))
	}
	if err != nil {
		return err
	}
	if file != "" && file != "-" {
		if err := renameio.WriteFile(file, data, 0o600); err != nil {
			return plainFileError(err)
		}
		a.note("Wrote %s.", file)
		return nil
	}
	if format == "xlsx" && a.look.outTerminal {
		return usagef("a spreadsheet makes no sense on a terminal: give a file with -f")
	}
	_, err = a.out.Write(data)
	return err
}

// narrow limits a sheet to one week. What is said about the whole roster stays.
func (a *app) narrow(x *sheet, week string) error {
	var day schedule.Date
	if week == "today" {
		here, err := schedule.LoadZone(x.period.Team.Zone)
		if err != nil {
			return err
		}
		day = schedule.DateOf(a.now, here)
	} else {
		var err error
		if day, err = schedule.ParseDate(week); err != nil {
			return usage(fmt.Errorf("--week: %w", err))
		}
	}
	first := day.WeekStart(x.period.Team.WeekStart)
	var days []schedule.Date
	for _, d := range x.days {
		if !d.Before(first) && d.Before(first.AddDays(7)) {
			days = append(days, d)
		}
	}
	if len(days) == 0 {
		return hint(fmt.Errorf("%s is not in %s", day, title(x.roster)), "see rota versions")
	}
	x.days = days
	kept := x.roster.Within(days[0], days[len(days)-1])
	x.roster.Assignments, x.roster.Slots = kept.Assignments, kept.Slots
	return nil
}

// showAgent lists one agent's slots on the agent's own clock.
func (a *app) showAgent(x *sheet, id schedule.AgentID) error {
	agent := x.index.Agents[id]
	loc, err := agent.Location(x.period.Team)
	if err != nil {
		return err
	}
	mates := map[schedule.SlotID][]string{}
	for _, c := range x.report.Slots {
		for _, other := range c.Agents {
			if other != id {
				mates[c.Slot] = append(mates[c.Slot], x.name(other))
			}
		}
	}
	t := list{header: []string{"Day", "Time (" + loc.String() + ")", "Shift", "With"}, empty: x.name(id) + " has no slots."}
	for _, s := range x.roster.Slots {
		if !x.roster.Has(s.ID, id) {
			continue
		}
		with := ""
		for i, m := range mates[s.ID] {
			if i > 0 {
				with += ", "
			}
			with += m
		}
		t.add(s.Start.In(loc).Format("Mon 2006-01-02"), clockRange(s.Start, s.End, loc), x.shiftName(s.Shift), with)
	}
	if err := a.print(t); err != nil {
		return err
	}
	if w, ok := x.work[id]; ok && len(x.days) == x.roster.Last.Sub(x.roster.First)+1 {
		a.say("")
		a.say("%s h in %s, %s, %s, burden %d.", hoursText(w.Paid), plural(w.Slots, "slot"), plural(w.Nights, "night"),
			plural(w.Weekends, "weekend"), w.Points)
	}
	return nil
}

// clockRange is a stretch of a clock, with the days by which its end is later.
func clockRange(start, end time.Time, loc *time.Location) string {
	s, e := start.In(loc), end.In(loc)
	text := s.Format("15:04") + "-" + e.Format("15:04")
	d := schedule.DateOf(end, loc).Sub(schedule.DateOf(start, loc))
	if e.Hour() == 0 && e.Minute() == 0 && d > 0 { // midnight is the end of the day before
		d--
	}
	if d > 0 {
		text += fmt.Sprintf(" +%dd", d)
	}
	return text
}
