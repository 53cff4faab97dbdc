package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"rota/schedule"
	"rota/schedule/plan"
	"rota/schedule/sqlite"
	"rota/solver"
)

// progressJSON is a line about a solve that is running.
type progressJSON struct {
	Schema  string         `json:"schema"`
	Elapsed float64        `json:"elapsed_seconds"`
	Work    int64          `json:"work"`
	Phase   string         `json:"phase"`
	Cost    *schedule.Cost `json:"cost"`
	Bound   schedule.Cost  `json:"bound"`
	Gap     *float64       `json:"gap"`
}

type solveJSON struct {
	Schema      string               `json:"schema"`
	Team        schedule.TeamID      `json:"team"`
	First       schedule.Date        `json:"first"`
	Last        schedule.Date        `json:"last"`
	Status      schedule.SolveStatus `json:"status"`
	Version     schedule.Version     `json:"version,omitempty"`
	Cost        *schedule.Cost       `json:"cost"`
	Bound       schedule.Cost        `json:"bound"`
	Gap         *float64             `json:"gap"`
	Elapsed     float64              `json:"elapsed_seconds"`
	Work        int64                `json:"work"`
	Seed        uint64               `json:"seed"`
	Interrupted bool                 `json:"interrupted"`
	Reason      string               `json:"reason,omitempty"`
}

type solveFlags struct {
	from, gap string
	weeks     int
	timeLimit time.Duration
	workLimit int64
	seed      uint64
	workers   int
	strict    bool
}

func (a *app) solveCommand() *cobra.Command {
	c := &cobra.Command{Use: "solve --from DATE --weeks N", Short: "Build the best roster there is, as a draft",
		Long: `Build the best roster there is for whole weeks and keep it as a draft. The search shows the cost of the best roster so far
and a proved bound: no roster costs less. It ends when the roster is proved best, when the gap asked for is reached, or at
a limit. Ctrl-C ends it too and keeps the best roster so far.`,
		Example: `  rota solve --from 2026-12-07 --weeks 4 --time-limit 60s
  rota solve --from 2026-12-07 --weeks 4 --gap 1%
  rota solve --from 2026-12-07 --weeks 4 --work-limit 20000000 --seed 7   the same roster on every machine`}
	var f solveFlags
	flags := c.Flags()
	flags.StringVar(&f.from, "from", "", "the first day (default: the week after the last roster, or next week)")
	flags.IntVar(&f.weeks, "weeks", 4, "how many weeks")
	flags.DurationVar(&f.timeLimit, "time-limit", 30*time.Second, "stop after this time")
	flags.Int64Var(&f.workLimit, "work-limit", 0, "stop after this much work, the same on every machine (default: none)")
	flags.StringVar(&f.gap, "gap", "", "stop when the roster is proved to be this near to the best, as 1% or 0.01")
	flags.Uint64Var(&f.seed, "seed", 1, "number that the search's random choices follow from")
	flags.IntVar(&f.workers, "workers", 0, "processors to use (default: all)")
	flags.BoolVar(&f.strict, "strict", false, "hold every minimum of demand, or prove that it cannot be done")
	a.writes(c)
	format := a.output(c, "table", "json")
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		format, err := format()
		if err != nil {
			return err
		}
		opts := plan.Options{Strict: f.strict, Solver: solver.Options{TimeLimit: f.timeLimit, WorkLimit: f.workLimit, Seed: f.seed, Workers: f.workers}}
		if f.workLimit > 0 && !cmd.Flags().Changed("time-limit") {
			opts.Solver.TimeLimit = 0
		}
		gap, err := parseGap(f.gap)
		if err != nil {
			return err
		}
		opts.Solver.Gap = gap
		switch {
		case f.weeks < 1 || f.weeks > 53:
			return usagef("bad --weeks %d: use 1 to 53", f.weeks)
		case f.timeLimit < 0:
			return usagef("bad --time-limit %s: give a time above 0, or 0 for none", f.timeLimit)
		case f.workLimit < 0:
			return usagef("bad --work-limit %d: give a number above 0, or 0 for none", f.workLimit)
		case f.workers < 0:
			return usagef("bad --workers %d", f.workers)
		}
		return a.withTeam(cmd.Context(), func(s *sqlite.Store, team schedule.TeamID) error {
			first, err := a.solveFrom(cmd.Context(), s, team, f.from)
			if err != nil {
				return err
			}
			return a.solve(cmd.Context(), s, team, first, first.AddDays(7*f.weeks-1), opts, f.gap != "", format)
		})
	}
	return c
}

// parseGap reads 1% or 0.01; empty is 0.
func parseGap(s string) (float64, error) {
	if s == "" {
		return 0, nil
	}
	number, percent := strings.CutSuffix(strings.TrimSpace(s), "%")
	g, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if percent {
		g /= 100
	}
	if err != nil || math.IsNaN(g) || g < 0 || g > 1 {
		return 0, usagef("bad --gap %q: write it as 1%% or 0.01", s)
	}
	return g, nil
}

// solveFrom is the first day: the one given, or else the day after the last roster, or else the first day of next week.
func (a *app) solveFrom(ctx context.Context, s *sqlite.Store, team schedule.TeamID, from string) (schedule.Date, error) {
	if from != "" {
		d, err := schedule.ParseDate(from)
		if err != nil {
			return d, usage(fmt.Errorf("--from: %w", err))
		}
		return d, nil
	}
	book, _, err := s.LoadBook(ctx, team)
	if err != nil {
		return schedule.Date{}, err
	}
	here, err := schedule.LoadZone(book.Team.Zone)
	if err != nil {
		return schedule.Date{}, err
	}
	first := schedule.DateOf(a.now, here).AddDays(7).WeekStart(book.Team.WeekStart)
	list, err := s.Rosters(ctx, team)
	for _, r := range list {
		if r.State == schedule.Published && !r.Last.Before(first) {
			first = r.Last.AddDays(1)
		}
	}
	return first, err
}

// solve compiles, searches, audits and keeps.
func (a *app) solve(ctx context.Context, s *sqlite.Store, team schedule.TeamID, first, last schedule.Date, opts plan.Options, gapAsked bool, format string) error {
	p, err := a.loadWithCrews(ctx, s, sqlite.PeriodQuery{Team: team, First: first, Last: last, Now: a.now}, opts.Solver)
	if err != nil {
		return err
	}
	if len(p.Slots) == 0 {
		return hint(fmt.Errorf("no shift of team %s takes place from %s to %s", team, first, last), "see rota shift list")
	}
	a.warnEmpty(p)
	opts.From = p.Published
	meter := a.newMeter(opts.Solver.TimeLimit, format)
	opts.Solver.Observe = meter.observe
	a.note("%s", a.look.errFaint(fmt.Sprintf("Solving %s to %s: %s, %s.", first, last, plural(len(p.Agents), "agent"), plural(len(p.Slots), "slot"))))
	roster, res, err := plan.Solve(ctx, p, opts)
	meter.done()
	interrupted := ctx.Err() != nil
	var disagreement *plan.Disagreement
	if err != nil && !errors.As(err, &disagreement) {
		return err
	}
	if disagreement != nil {
		// The audit decides what is true. The roster is kept with its judgement, and the bug is told.
		roster = disagreement.Roster
		roster.Cost, roster.Bound, roster.Status = disagreement.Audit, schedule.Optional[schedule.Cost]{}, schedule.Unknown
	}
	out := solveJSON{Schema: "rota/solve/v1", Team: team, First: first, Last: last, Status: schedule.SolveStatus(res.Status.String()),
		Bound: schedule.Cost(res.Bound), Elapsed: res.Elapsed.Seconds(), Work: res.Work, Seed: res.Seed, Interrupted: interrupted, Reason: res.Reason}
	if res.Roster == nil {
		return a.noRoster(out, interrupted, format, opts.Strict)
	}
	roster.CreatedAt = a.now
	if p.Published != nil {
		roster.Seen = p.Published.Seen
	}
	if !a.dryRun {
		// An interrupt asked for an end, not for the loss of what was found.
		if roster, err = s.SaveDraft(background(ctx), roster, a.who(), a.now); err != nil {
			return err
		}
	}
	out.Version = roster.Version
	cost := roster.Cost
	out.Cost = &cost
	gap := roster.Gap()
	if gap.Set {
		out.Gap = &gap.Value
	}
	if format == "json" {
		if err := a.writeJSONLine(out); err != nil {
			return err
		}
	} else {
		x, err := newSheet(p, roster)
		if err != nil {
			return err
		}
		how := map[schedule.SolveStatus]string{schedule.Optimal: "proved best", schedule.Feasible: "best so far"}[roster.Status]
		if roster.Version == 0 {
			a.say("Nothing was written. The roster (%s): %s", how, a.summary(x))
		} else {
			a.say("Saved draft %d (%s): %s", roster.Version, how, a.summary(x))
			a.note("Next: rota show, rota check, rota publish")
		}
	}
	switch {
	case disagreement != nil:
		return exit(exitInternal, hint(disagreement, "the draft is kept; please report this bug"))
	case interrupted:
		return exit(exitInterrupted, nil)
	case gapAsked && gap.Set && gap.Value > opts.Solver.Gap:
		return exit(exitGap, hint(fmt.Errorf("stopped at a gap of %s, outside the %s asked for", percentage(gap.Value), strconv.FormatFloat(opts.Solver.Gap*100, 'g', 6, 64)+" %"),
			"give it more with --time-limit or --work-limit"))
	}
	return nil
}

// warnEmpty says why a roster will be empty, in whole or in part, when the team states too little.
func (a *app) warnEmpty(p *schedule.Period) {
	if len(p.Agents) == 0 {
		a.note("warning: team %s has no agents", p.Team.ID)
		a.note("hint: add them to the team file, or see rota agent add --help")
	}
	for _, shift := range p.Shifts {
		slots, wanted := 0, false
		for _, s := range p.Slots {
			if s.Shift == shift.ID {
				slots++
				wanted = wanted || s.Demand.Min > 0 || s.Demand.Target.Or(0) > 0 || len(s.Demand.Languages)+len(s.Demand.Skills) > 0
			}
		}
		if slots > 0 && !wanted && len(p.Intervals) == 0 {
			a.note("warning: nothing asks for agents on %s of shift %s", plural(slots, "slot"), shift.ID)
			a.note("hint: rota demand add %s --min 1", shift.ID)
		}
	}
}

// noRoster tells why there is no roster to keep.
func (a *app) noRoster(out solveJSON, interrupted bool, format string, strict bool) error {
	if format == "json" {
		if err := a.writeJSONLine(out); err != nil {
			return err
		}
	}
	reason := out.Reason
	if reason == "" {
		reason = "no roster that keeps every hard rule was found"
	}
	switch {
	case out.Status == schedule.Infeasible:
		advice := "loosen a hard rule with rota rule edit, or give it a weight"
		if strict {
			advice = "without --strict rota builds the best roster there is and says where it falls short"
		}
		return exit(exitInfeasible, hint(fmt.Errorf("no roster can keep every hard rule: %s", reason), advice))
	case interrupted:
		return exit(exitInterrupted, fmt.Errorf("interrupted before a roster was found"))
	}
	return exit(exitGap, hint(fmt.Errorf("stopped without a roster: %s", reason), "give it more time with --time-limit"))
}

// meter shows how a search goes: one line that renews itself on a terminal, a line of JSON for every report with --json,
// and nothing else.
type meter struct {
	a       *app
	limit   time.Duration
	json    bool
	drawn   bool
	last    time.Time
	started time.Time
}

func (a *app) newMeter(limit time.Duration, format string) *meter {
	return &meter{a: a, limit: limit, json: format == "json", started: a.clock()}
}

func (m *meter) observe(p solver.Progress) {
	elapsed := p.Elapsed
	var cost *schedule.Cost
	var gap *float64
	if p.Cost >= 0 {
		c := schedule.Cost(p.Cost)
		g := float64(max(p.Cost-p.Bound, 0)) / float64(max(p.Cost, 1))
		cost, gap = &c, &g
	}
	if m.json {
		_ = m.a.writeJSONLine(progressJSON{Schema: "rota/progress/v1", Elapsed: elapsed.Seconds(), Work: p.Work, Phase: p.Phase,
			Cost: cost, Bound: schedule.Cost(p.Bound), Gap: gap})
		return
	}
	if !m.a.look.errTerminal {
		return
	}
	now := m.a.clock()
	if m.drawn && now.Sub(m.last) < 50*time.Millisecond {
		return
	}
	m.drawn, m.last = true, now
	line := fmt.Sprintf("%5.1f s", elapsed.Seconds())
	if cost == nil {
		line += fmt.Sprintf("  no roster yet  bound %d", p.Bound)
	} else {
		line += fmt.Sprintf("  cost %d  bound %d  gap %s", *cost, p.Bound, percentage(*gap))
	}
	if m.limit > 0 {
		line += fmt.Sprintf("  %.0f s left", max(m.limit-elapsed, 0).Seconds())
	}
	fmt.Fprintf(m.a.err, "\r%s", pad(line+"  "+p.Phase, min(m.a.look.width-1, 79)))
}

// done ends the line that renews itself.
func (m *meter) done() {
	if m.drawn {
		fmt.Fprintf(m.a.err, "\r%s\r", strings.Repeat(" ", min(m.a.look.width-1, 79)))
	}
}
