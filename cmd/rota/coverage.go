package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"rota/schedule"
	"rota/schedule/sqlite"
	"rota/schedule/staffing"
)

// coverageCommand is rota coverage.
func (a *app) coverageCommand() *cobra.Command {
	c := &cobra.Command{Use: "coverage", Short: "Demand, planned people and expected service, hour by hour, as a chart and a table",
		Long: `Demand, planned people and expected service, hour by hour on the team's clock. Planned is the least number of people at work at
any instant of the hour. With --volume the service level that they can be expected to reach, shrinkage taken off. Without
--date the least of any week is shown for each hour of the week; a table of every hour comes with -o csv or json.`,
		Example: "  rota coverage\n  rota coverage --date 2026-12-19\n  rota coverage --volume volume.csv --concurrency chat=3"}
	var f staffingFlags
	f.add(c)
	var version, date string
	a.versionFlag(c, &version, "the version to look at")
	c.Flags().StringVar(&date, "date", "", "one roster day, with a table of its hours")
	format := a.output(c, "table", "json", "csv")
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		format, err := format()
		if err != nil {
			return err
		}
		var day schedule.Date
		if date != "" {
			if day, err = schedule.ParseDate(date); err != nil {
				return usage(fmt.Errorf("--date: %w", err))
			}
		}
		return a.withTeam(cmd.Context(), func(s *sqlite.Store, team schedule.TeamID) error {
			r, err := loadVersion(cmd.Context(), s, team, version, latestWord)
			if err != nil {
				return err
			}
			if !day.IsZero() && (day.Before(r.First) || day.After(r.Last)) {
				return hint(fmt.Errorf("%s is not in %s", day, title(r)), "see rota versions")
			}
			p, err := a.periodOf(cmd.Context(), s, r)
			if err != nil {
				return err
			}
			hours, err := schedule.CoverByHour(p, r)
			if err != nil {
				return err
			}
			var needs []staffing.Need
			if f.volume != "" {
				book, _, err := s.LoadBook(cmd.Context(), team)
				if err != nil {
					return err
				}
				if needs, _, err = a.needs(&f, book, r.First, r.Last); err != nil {
					return err
				}
			}
			return a.printHours(r, hourLines(hours, needs, day), day, format)
		})
	}
	return c
}

// hourLine is an hour with what its people can be expected to do.
type hourLine struct {
	schedule.HourCover
	// forecast is the agents to plan by the forecast; open without one.
	forecast schedule.Optional[int]
	inTime   schedule.Optional[float64]
	behind   float64
}

// hourLines joins hours and forecast; an hour of several intervals has the mean service of them by contacts, and the most
// agents of any.
func hourLines(hours []schedule.HourCover, needs []staffing.Need, day schedule.Date) []hourLine {
	type key struct {
		day  schedule.Date
		hour int
	}
	of := map[key][]staffing.Need{}
	for _, n := range needs {
		k := key{n.Day, int(n.At) / 60}
		of[k] = append(of[k], n)
	}
	var lines []hourLine
	for _, h := range hours {
		if !day.IsZero() && h.Day != day {
			continue
		}
		l := hourLine{HourCover: h}
		weight, sum := 0.0, 0.0
		for _, n := range of[key{h.Day, int(h.Clock) / 60}] {
			l.forecast = schedule.Some(max(l.forecast.Value, n.Agents))
			o := n.Expect(h.Planned)
			l.behind = max(l.behind, o.Behind)
			if !o.InTime.Set {
				continue
			}
			for _, p := range n.Parts {
				if !p.Deferred {
					weight += p.Contacts
					sum += p.Contacts * o.InTime.Value
				}
			}
		}
		if weight > 0 {
			l.inTime = schedule.Some(sum / weight)
		}
		lines = append(lines, l)
	}
	return lines
}

type hourJSON struct {
	Start    time.Time `json:"start"`
	End      time.Time `json:"end"`
	Min      int       `json:"min"`
	Target   int       `json:"target"`
	Planned  int       `json:"planned"`
	Short    int       `json:"short"`
	Below    int       `json:"below_target"`
	Forecast *int      `json:"forecast,omitempty"`
	InTime   *float64  `json:"in_time,omitempty"`
}

func (a *app) printHours(r schedule.Roster, lines []hourLine, day schedule.Date, format string) error {
	switch format {
	case "json":
		out := struct {
			Schema  string           `json:"schema"`
			Team    schedule.TeamID  `json:"team"`
			Version schedule.Version `json:"version"`
			Hours   []hourJSON       `json:"hours"`
		}{"rota/coverage/v1", r.Team, r.Version, []hourJSON{}}
		for _, l := range lines {
			j := hourJSON{Start: l.Interval.Start, End: l.Interval.End, Min: l.Min, Target: l.Target, Planned: l.Planned, Short: l.Short, Below: l.Below}
			if l.forecast.Set {
				j.Forecast = &l.forecast.Value
			}
			if l.inTime.Set {
				f := round6(l.inTime.Value)
				j.InTime = &f
			}
			out.Hours = append(out.Hours, j)
		}
		return a.writeJSON(out)
	case "csv":
		return a.writeCSV([]string{"date", "start", "min", "target", "planned", "short", "forecast", "in_time_percent"}, hourRows(lines, true))
	}
	a.say("%s", a.look.strong(title(r)))
	a.say("")
	if !day.IsZero() {
		a.say("%s, people at work by hour: █ planned, ░ missing to the target.", day.Weekday())
		a.chart(lines)
		a.say("")
		return a.print(list{header: []string{"Start", "Min", "Target", "Planned", "Short", "Forecast", "In time"},
			right: map[int]bool{1: true, 2: true, 3: true, 4: true, 5: true, 6: true}, rows: hourRows(lines, false)})
	}
	a.printWeekdays(lines)
	short, below, worst := 0, 0, hourLine{}
	for _, l := range lines {
		if l.Short > 0 {
			short++
		}
		if l.Below > 0 {
			below++
		}
		if l.inTime.Set && (!worst.inTime.Set || l.inTime.Value < worst.inTime.Value) {
			worst = l
		}
	}
	a.say("")
	a.say("%s below the minimum, %s below the target, of %d.", plural(short, "hour"), plural(below, "hour"), len(lines))
	if worst.inTime.Set {
		a.say("The worst hour is %s at %s: %d planned, %.1f %% in time.", worst.Day, worst.Clock, worst.Planned, 100*worst.inTime.Value)
	}
	n := 0
	for _, l := range lines {
		if l.Short > 0 && n < fewFindings {
			n++
			a.say("  %s", a.look.bad(fmt.Sprintf("%s %s: %s missing", l.Day, l.Clock, plural(l.Short, "agent"))))
		}
	}
	return nil
}

func hourRows(lines []hourLine, dated bool) [][]string {
	var rows [][]string
	for _, l := range lines {
		row := []string{l.Clock.String(), fmt.Sprint(l.Min), fmt.Sprint(l.Target), fmt.Sprint(l.Planned), fmt.Sprint(l.Short), l.forecast.String(), ""}
		if l.inTime.Set {
			row[6] = strconv.FormatFloat(100*l.inTime.Value, 'f', 1, 64)
		}
		if dated {
			row = append([]string{l.Day.String()}, row...)
		}
		rows = append(rows, row)
	}
	return rows
}

// chart draws a column of blocks for each hour.
func (a *app) chart(lines []hourLine) {
	most := 1
	for _, l := range lines {
		most = max(most, l.Planned, l.Target, l.forecast.Value)
	}
	step := (most + 11) / 12 // people in a row of the chart
	for level := (most + step - 1) / step; level > 0; level-- {
		line := fmt.Sprintf("%4d ", level*step)
		for _, l := range lines {
			from := (level - 1) * step
			switch need := max(l.Target, l.forecast.Value); {
			case l.Planned > from:
				line += "██ "
			case need > from && l.Short > 0:
				line += a.look.bad("░░") + " "
			case need > from:
				line += a.look.warn("░░") + " "
			default:
				line += "   "
			}
		}
		a.say("%s", strings.TrimRight(line, " "))
	}
	axis := "     "
	for _, l := range lines {
		axis += fmt.Sprintf("%02d ", int(l.Clock)/60)
	}
	a.say("%s", strings.TrimRight(axis, " "))
}

// printWeekdays draws a row for each weekday: planned people by hour, the least of any week, marked where some week falls
// short.
func (a *app) printWeekdays(lines []hourLine) {
	type cell struct {
		planned      int
		short, below bool
		known        bool
	}
	var grid [7][24]cell
	for _, l := range lines {
		c := &grid[(int(l.Day.Weekday())+6)%7][int(l.Clock)/60]
		if !c.known || l.Planned < c.planned {
			c.planned = l.Planned
		}
		c.known = true
		c.short, c.below = c.short || l.Short > 0, c.below || l.Below > 0
	}
	head := "    "
	for h := range 24 {
		head += fmt.Sprintf(" %02d", h)
	}
	a.say("%s", a.look.strong(head))
	for d := range 7 {
		line := pad(time.Weekday((d + 1) % 7).String()[:2], 4)
		for h := range 24 {
			c := grid[d][h]
			switch {
			case !c.known:
				line += "   "
			case c.short:
				line += " " + a.look.bad(fmt.Sprintf("%d!", c.planned))
			case c.below:
				line += " " + a.look.warn(fmt.Sprintf("%d-", c.planned))
			default:
				line += fmt.Sprintf(" %-2d", c.planned)
			}
		}
		a.say("%s", strings.TrimRight(line, " "))
	}
	a.say("%s", a.look.faint("the least people at work in any week; ! below the minimum, - below the target"))
}
