package plan

import (
	"context"
	"fmt"

	"rota/schedule"
	"rota/solver"
)

// Options steer Solve. The zero Options search until the optimum is proved.
type Options struct {
	// Strict makes a shortfall below a minimum of demand infeasible instead of dear.
	Strict bool
	// Solver is passed on; its Start, when set, is in the terms of the compiled model and wins over From. Observe is given
	// costs and bounds with the model's constant added.
	Solver solver.Options
	// From is a roster to begin from, legal or not, whose sources and UIDs are kept for pairs that stay; nil for none.
	From *schedule.Roster
}

// Disagreement says that the solver's model and schedule.Audit judge the same roster differently, which is a bug in one
// of them.
type Disagreement struct {
	Roster schedule.Roster
	// Model and Audit are the costs.
	Model, Audit schedule.Cost
	// Broken are the hard findings of the audit.
	Broken []schedule.Finding
	// Findings are all of them.
	Findings []schedule.Finding
}

func (e *Disagreement) Error() string {
	if len(e.Broken) > 0 {
		return fmt.Sprintf("a bug in rota: the solver holds the roster for legal, the audit says: %s", e.Broken[0].Sentence)
	}
	return fmt.Sprintf("a bug in rota: the roster costs %d by the solver and %d by the audit", e.Model, e.Audit)
}

// Solve finds a cheap roster for the period and audits it. Cost, bound and trace of the result are those of the audit:
// they include what no roster can avoid. Reaching a limit, the end of ctx and infeasibility are results, told by the
// status of roster and result, and not errors. When solver and audit disagree the roster comes with a *Disagreement.
// With a work limit and no time limit the outcome depends on period, options and seed alone.
func Solve(ctx context.Context, p *schedule.Period, o Options) (schedule.Roster, solver.Result, error) {
	c, err := Compile(p, o.Strict)
	if err != nil {
		return schedule.Roster{}, solver.Result{}, err
	}
	return c.Solve(ctx, o)
}

// Solve is as the function of that name, for a period that is compiled already; o.Strict is not looked at.
func (c *Compiled) Solve(ctx context.Context, o Options) (schedule.Roster, solver.Result, error) {
	if o.Solver.Start == nil && o.From != nil {
		o.Solver.Start, _ = c.Encode(*o.From)
	}
	constant := solver.Cost(c.Constant)
	if observe := o.Solver.Observe; observe != nil && constant != 0 {
		o.Solver.Observe = func(p solver.Progress) {
			p.TracePoint = shifted(p.TracePoint, constant)
			observe(p)
		}
	}
	res, err := solver.Solve(ctx, c.Model, o.Solver)
	if err != nil {
		return schedule.Roster{}, res, err
	}
	roster := c.Decode(res, o.From)
	if res.Roster != nil {
		res.Cost += constant
	}
	res.Bound = max(res.Bound+constant, 0)
	for i, t := range res.Trace {
		res.Trace[i] = shifted(t, constant)
	}
	if res.Roster == nil {
		return roster, res, nil
	}
	return roster, res, c.Agree(roster)
}

func shifted(t solver.TracePoint, by solver.Cost) solver.TracePoint {
	if t.Cost >= 0 {
		t.Cost += by
	}
	t.Bound = max(t.Bound+by, 0)
	return t
}

// Agree audits a roster that the model holds for legal at roster.Cost, and gives a *Disagreement when the audit does not
// say the same.
func (c *Compiled) Agree(roster schedule.Roster) error {
	report := schedule.Audit(c.Period, roster)
	if report.Hard == 0 && report.Cost == roster.Cost {
		return nil
	}
	e := &Disagreement{Roster: roster, Model: roster.Cost, Audit: report.Cost, Findings: report.Findings}
	for _, f := range report.Findings {
		if f.Hard {
			e.Broken = append(e.Broken, f)
		}
	}
	return e
}
