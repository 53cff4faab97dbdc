package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"rota/schedule"
	"rota/schedule/sqlite"
	"rota/schedule/teamfile"
)

// fairnessCommand is rota fairness.
func (a *app) fairnessCommand() *cobra.Command {
	c := &cobra.Command{Use: "fairness", Short: "Who carries the unsocial hours: ledger, fair share, and what a roster does to it",
		Long: `Who carries the unsocial hours. Before is each agent's debt in the ledger on the roster's first day: above zero, the agent did
more than a fair share and is owed relief. The fair share has that taken off. After is the debt once the roster is published
as it is. Points are of the rule's kinds: four weighted hours each, on the agent's own clock. Agents with nothing count.`,
		Example: "  rota fairness\n  rota fairness --version 3 --json\n  rota fairness import history.csv"}
	var version string
	a.versionFlag(c, &version, "the version to look at")
	format := a.output(c, "table", "json", "csv")
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		format, err := format()
		if err != nil {
			return err
		}
		return a.withTeam(cmd.Context(), func(s *sqlite.Store, team schedule.TeamID) error {
			r, err := loadVersion(cmd.Context(), s, team, version, latestWord)
			if err != nil {
				return err
			}
			p, err := a.periodOf(cmd.Context(), s, r)
			if err != nil {
				return err
			}
			// Assignments of people who have left cannot be shared out among those who are here.
			known := p.Index().Agents
			r.Assignments = slices.DeleteFunc(slices.Clone(r.Assignments), func(as schedule.Assignment) bool { _, ok := known[as.Agent]; return !ok })
			reports, err := schedule.ReportFairness(p, r)
			if err != nil {
				return err
			}
			return a.printFairnessReports(p, r, reports, format)
		})
	}
	c.AddCommand(a.importHistory())
	return c
}

type fairnessReportJSON struct {
	ID     schedule.RuleID       `json:"id,omitempty"`
	Kinds  []schedule.BurdenKind `json:"of"`
	Before schedule.Points       `json:"spread_before"`
	Spread schedule.Points       `json:"spread"`
	After  schedule.Points       `json:"spread_after"`
	Agents []fairnessLineJSON    `json:"agents"`
}

type fairnessLineJSON struct {
	Agent       schedule.AgentID `json:"agent"`
	Slots       int              `json:"slots"`
	Night       schedule.Minutes `json:"night_minutes"`
	Weekend     schedule.Minutes `json:"weekend_minutes"`
	Holiday     schedule.Minutes `json:"holiday_minutes"`
	ShortNotice schedule.Minutes `json:"short_notice_minutes"`
	Before      schedule.Points  `json:"before"`
	Points      schedule.Points  `json:"points"`
	Target      schedule.Points  `json:"fair_share"`
	After       schedule.Points  `json:"after"`
	Owed        schedule.Minutes `json:"owed_minutes"`
}

func (a *app) printFairnessReports(p *schedule.Period, r schedule.Roster, reports []schedule.FairnessReport, format string) error {
	switch format {
	case "json":
		out := struct {
			Schema  string               `json:"schema"`
			Team    schedule.TeamID      `json:"team"`
			Version schedule.Version     `json:"version"`
			Reports []fairnessReportJSON `json:"reports"`
		}{"rota/fairness/v1", r.Team, r.Version, nil}
		for _, f := range reports {
			j := fairnessReportJSON{f.ID, f.Kinds, f.Before, f.Spread, f.After, []fairnessLineJSON{}}
			for _, l := range f.Lines {
				j.Agents = append(j.Agents, fairnessLineJSON{l.Agent, l.Slots, l.Burden.Night, l.Burden.Weekend, l.Burden.Holiday,
					l.Burden.ShortNotice, l.Before, l.Points, l.Target, l.After, l.Owed})
			}
			out.Reports = append(out.Reports, j)
		}
		return a.writeJSON(out)
	case "csv":
		var rows [][]string
		for _, f := range reports {
			for _, l := range f.Lines {
				rows = append(rows, []string{string(f.ID), string(l.Agent), fmt.Sprint(l.Slots), fmt.Sprint(l.Burden.Night), fmt.Sprint(l.Burden.Weekend),
					fmt.Sprint(l.Burden.Holiday), fmt.Sprint(l.Before), fmt.Sprint(l.Points), fmt.Sprint(l.Target), fmt.Sprint(l.After)})
			}
		}
		return a.writeCSV([]string{"rule", "agent", "slots", "night_minutes", "weekend_minutes", "holiday_minutes", "before", "points", "fair_share", "after"}, rows)
	}
	names := p.Index().Agents
	for i, f := range reports {
		if i > 0 {
			a.say("")
		}
		var kinds []string
		for _, k := range f.Kinds {
			kinds = append(kinds, string(k))
		}
		a.say("%s: %s.", a.look.strong(title(r)), strings.Join(kinds, ", "))
		if f.ID == "" {
			a.note("The team has no fair-share rule; this is what the catalogue's would say. State one: rota rule add fair-share")
		}
		a.say("")
		t := list{header: []string{"Agent", "Slots", "Night h", "Weekend h", "Holiday h", "Before", "Points", "Fair share", "After", ""},
			right: map[int]bool{1: true, 2: true, 3: true, 4: true, 5: true, 6: true, 7: true, 8: true}}
		for _, l := range f.Lines {
			name := names[l.Agent].Name
			if name == "" {
				name = string(l.Agent)
			}
			t.add(name, fmt.Sprint(l.Slots), hoursText(l.Burden.Night), hoursText(l.Burden.Weekend), hoursText(l.Burden.Holiday), signed(l.Before),
				fmt.Sprint(l.Points), fmt.Sprint(l.Target), signed(l.After), a.fairBar(l.Points, l.Target))
		}
		if err := a.print(t); err != nil {
			return err
		}
		a.say("")
		a.say("Between the best and the worst off: %s before, %s after. █ carried, ▒ beyond the fair share, ░ short of it.",
			plural(int(f.Before), "point"), plural(int(f.After), "point"))
	}
	return nil
}

func signed(p schedule.Points) string {
	if p == 0 {
		return "0"
	}
	return fmt.Sprintf("%+d", p)
}

// fairBar is the points of an agent beside the fair share.
func (a *app) fairBar(points, target schedule.Points) string {
	const most = 30
	n := func(p schedule.Points) int { return int(min(max(p, 0), most)) }
	bar := strings.Repeat("█", n(min(points, target)))
	if points > target {
		bar += a.look.warn(strings.Repeat("▒", n(points)-n(target)))
	} else {
		bar += a.look.faint(strings.Repeat("░", n(target)-n(points)))
	}
	return bar
}

// importHistory is rota fairness import.
func (a *app) importHistory() *cobra.Command {
	c := &cobra.Command{Use: "import FILE", Short: "Put what people did before into the ledger, from a CSV table; - is standard input", Args: cobra.ExactArgs(1),
		Long: `Put what people did before into the ledger, so that a team does not start at zero. The columns are agent, from, to, and any of
night_hours, weekend_hours, holiday_hours, short_notice_hours and note, on each agent's own clock. What the rows of the same
days hold together is shared among their agents in proportion to contract hours; give those who did nothing a row too. Rows
that are in the ledger already are passed over.`}
	a.writes(c)
	c.RunE = func(cmd *cobra.Command, args []string) error {
		data, err := a.readFile(args[0])
		if err != nil {
			return err
		}
		return a.withTeam(cmd.Context(), func(s *sqlite.Store, team schedule.TeamID) error {
			book, _, err := s.LoadBook(cmd.Context(), team)
			if err != nil {
				return err
			}
			entries, err := teamfile.ReadHistoryCSV(args[0], data, book)
			if err != nil {
				return err
			}
			old, err := s.Ledger(cmd.Context(), team, schedule.Date{})
			if err != nil {
				return err
			}
			var fresh []schedule.LedgerEntry
			for _, e := range entries {
				same := func(o schedule.LedgerEntry) bool {
					return o.Version == 0 && o.Agent == e.Agent && o.First == e.First && o.Last == e.Last
				}
				i := slices.IndexFunc(old, same)
				switch {
				case i < 0:
					fresh = append(fresh, e)
				case old[i].Done != e.Done:
					return fmt.Errorf("the ledger has other hours for %s from %s to %s already; entries of a ledger are never changed", e.Agent, e.First, e.Last)
				}
			}
			if !a.dryRun && len(fresh) > 0 {
				if err := s.ImportLedger(cmd.Context(), team, fresh, a.who(), a.now); err != nil {
					return err
				}
			}
			what := fmt.Sprintf("%d of %d rows are new to the ledger of %s", len(fresh), len(entries), team)
			if a.dryRun {
				what += "; nothing was written"
			}
			a.say("%s.", what)
			return nil
		})
	}
	return c
}
