package solver

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"rota/solver/model"
	"rota/solver/pricing"
	"rota/solver/search"
)

// The words of a model, so that callers need one import.
type (
	Model      = model.Model
	Day        = model.Day
	Duty       = model.Duty
	Measure    = model.Measure
	MeasureID  = model.MeasureID
	Person     = model.Person
	Hinge      = model.Hinge
	Bound      = model.Bound
	Counter    = model.Counter
	Run        = model.Run
	Word       = model.Word
	Links      = model.Links
	Link       = model.Link
	Recovery   = model.Recovery
	Days       = model.Days
	SpanCount  = model.SpanCount
	SpanRun    = model.SpanRun
	Span       = model.Span
	Free       = model.Free
	Minutes    = model.Minutes
	Row        = model.Row
	Term       = model.Term
	Roster     = model.Roster
	Cost       = model.Cost
	Progress   = search.Progress
	TracePoint = search.TracePoint
)

// Ends of bounds and prices that mean "none" and "never"; see package model.
const (
	Forbidden = model.Forbidden
	NoMin     = model.NoMin
	NoMax     = model.NoMax
)

// Status says what a Result proves.
type Status int

const (
	Unknown    Status = iota // stopped before a roster without broken hard rules was found
	Feasible                 // Roster holds every hard rule; Cost and Bound enclose the optimum
	Optimal                  // Roster is proved to be of least cost
	Infeasible               // proved that no roster holds every hard rule
)

// String is the status in lower case.
func (s Status) String() string {
	switch s {
	case Feasible:
		return "feasible"
	case Optimal:
		return "optimal"
	case Infeasible:
		return "infeasible"
	}
	return "unknown"
}

// Options steer Solve. The zero Options search until the optimum is proved.
type Options struct {
	// TimeLimit is wall-clock time; 0 means none.
	TimeLimit time.Duration
	// WorkLimit is in units of work that do not depend on the machine (a unit is
	// about a microsecond of one core); 0 means none. With a work limit and no
	// time limit the result depends on model, options and seed alone.
	WorkLimit int64
	// Gap stops the search when (cost - bound) / max(cost, 1) is at most this.
	Gap float64
	// Seed picks the random streams.
	Seed uint64
	// Workers is how many goroutines search, beside one that prepares what they
	// do; 0 means runtime.GOMAXPROCS. Except under a time limit it does not
	// change the result.
	Workers int
	// Start is a roster to begin from, legal or not; nil means none.
	Start Roster
	// Observe, if not nil, is called from the goroutine that called Solve, at each
	// better roster and a few times a second. The roster in it must not be kept
	// or changed.
	Observe func(Progress)

	// never holds a roster that no bound, fixing or dominance may cut off: the
	// search panics if one does. Tests set it.
	never Roster
}

// Result is what a search ended with.
type Result struct {
	Status  Status
	Cost    Cost         // of Roster; 0 if there is none
	Bound   Cost         // no roster costs less; 0 if nothing better is proved
	Roster  Roster       // nil if Status is Unknown or Infeasible
	Trace   []TracePoint // each improvement of cost or bound, in order
	FirstAt time.Duration
	BestAt  time.Duration
	Elapsed time.Duration
	Work    int64 // units spent, see Options.WorkLimit
	Seed    uint64
	// Reason says in a sentence why the model is infeasible, or what the best
	// attempt still breaks if Status is Unknown.
	Reason string
}

// Gap is (cost - bound) / max(cost, 1), 0 if proved, 1 without a roster.
func (r Result) Gap() float64 {
	switch {
	case r.Status == Optimal:
		return 0
	case r.Roster == nil:
		return 1
	}
	return float64(r.Cost-r.Bound) / float64(max(r.Cost, 1))
}

// Solve looks for the cheapest roster of m. Reaching a limit or the end of ctx is
// a result, not an error: the best roster so far, with what is proved about it.
// An error means a malformed model (all problems joined) or a bug in the engine.
// Solve may be called concurrently; m must not change meanwhile.
func Solve(ctx context.Context, m *Model, o Options) (Result, error) {
	began := time.Now()
	if err := model.Validate(m); err != nil {
		return Result{}, err
	}
	if o.Workers <= 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	res := Result{Seed: o.Seed}
	set, err := pricing.Compile(m, o.Workers)
	if err != nil {
		var who *pricing.Impossible
		if !errors.As(err, &who) {
			return Result{}, err
		}
		if o.never != nil {
			panic("solver: a known roster was cut off: " + err.Error())
		}
		res.Status, res.Elapsed = Infeasible, time.Since(began)
		res.Reason = fmt.Sprintf("%s has no roster that keeps all hard personal rules", person(m, who.Person))
		return res, nil
	}
	cfg := search.Config{
		TimeLimit: o.TimeLimit, WorkLimit: o.WorkLimit, Gap: o.Gap, Seed: o.Seed, Workers: o.Workers,
		Start: o.Start, Observe: o.Observe, Known: o.never, Began: began,
	}
	if o.never != nil {
		cfg.KnownCost = model.Check(m, o.never).Cost
	}
	out := search.Run(ctx, set, cfg)
	res.Bound, res.Trace, res.FirstAt, res.BestAt, res.Work = out.Bound, out.Trace, out.FirstAt, out.BestAt, out.Work
	res.Elapsed = time.Since(began)
	if out.Infeasible {
		res.Status, res.Bound = Infeasible, 0
		res.Reason = "the hard ends of the rows cannot all be kept together"
		return res, nil
	}
	if out.Roster == nil {
		return res, nil
	}
	v := model.Check(m, out.Roster)
	if v.Feasible() != (out.Broken == 0) || v.Feasible() && v.Cost != out.Cost {
		return Result{}, fmt.Errorf("solver: the search says cost %d and %d units broken, the check says cost %d and %d violations %v",
			out.Cost, out.Broken, v.Cost, len(v.Violations), v.Violations)
	}
	if !v.Feasible() {
		x := v.Violations[0]
		res.Reason = fmt.Sprintf("the best attempt breaks %d hard rules, the first of them %s %s", len(v.Violations), x.Part, x.Name)
		return res, nil
	}
	res.Status, res.Cost, res.Roster = Feasible, out.Cost, out.Roster
	if out.Proved {
		res.Status = Optimal
	}
	return res, nil
}

// person is how a reason names somebody.
func person(m *Model, p int) string {
	if n := m.People[p].Name; n != "" {
		return n
	}
	return fmt.Sprintf("person %d", p)
}
