package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"rota/solver"
)

// runOptions are the flags all families share.
type runOptions struct {
	timeLimit time.Duration
	workLimit int64
	gap       float64
	seeds     []uint64
	workers   int
	out       string
	json      bool
	resume    string
	table     string
	marks     []time.Duration // ascending, each below the time limit
	reach     float64         // 0: not asked
}

// bench solves instances and reports on them.
type bench struct {
	runOptions
	family string
	stdout io.Writer
	stderr io.Writer
	done   map[string]row // from the table to resume
	screen screen
	failed []error
}

// traceLine and resultLine are the lines of --json.
type traceLine struct {
	Schema   string  `json:"schema"`
	Instance string  `json:"instance"`
	Seed     uint64  `json:"seed"`
	Seconds  float64 `json:"seconds"`
	Work     int64   `json:"work"`
	Cost     *int64  `json:"cost"` // null: no roster yet
	Bound    int64   `json:"bound"`
}

type resultLine struct {
	Schema    string   `json:"schema"`
	Family    string   `json:"family"`
	Instance  string   `json:"instance"`
	Seed      uint64   `json:"seed"`
	Limit     float64  `json:"limit_seconds"`
	WorkLimit int64    `json:"work_limit"`
	Workers   int      `json:"workers"`
	Cost      *int64   `json:"cost"`
	Bound     int64    `json:"bound"`
	Gap       float64  `json:"gap"`
	First     *float64 `json:"first_seconds"`
	Best      *float64 `json:"best_seconds"`
	Reach     *float64 `json:"reach_seconds,omitempty"`
	Elapsed   float64  `json:"elapsed_seconds"`
	Work      int64    `json:"work"`
	Status    string   `json:"status"`
	Verified  string   `json:"verified"`
	MiB       int      `json:"memory_mib"`
}

// run solves every instance with every seed, in order. It returns what went
// wrong; a result that is not verified is such.
func (b *bench) run(ctx context.Context, instances []instance) error {
	b.screen = screen{w: b.stdout, seeds: len(b.seeds) > 1, limit: len(b.marks) > 0, reach: b.reach, wide: len("instance")}
	if b.json {
		b.screen.w = b.stderr
	}
	for _, x := range instances {
		b.screen.wide = max(b.screen.wide, len(x.Name()))
	}
	b.done = make(map[string]row)
	if b.resume != "" {
		rows, err := readTable(b.resume)
		if err != nil {
			return err
		}
		for _, r := range rows {
			b.done[r.key()] = r
		}
	}
	for _, x := range instances {
		if err := b.instance(ctx, x); err != nil {
			return errors.Join(append(b.failed, err)...)
		}
	}
	return errors.Join(b.failed...)
}

// instance solves one instance with every seed. Its error ends the whole run.
func (b *bench) instance(ctx context.Context, x instance) error {
	m, err := x.Model()
	if err != nil {
		return err
	}
	written := int64(-1)
	byLimit := make(map[time.Duration][]row)
	for _, seed := range b.seeds {
		blank := row{Family: b.family, Instance: x.Name(), Seed: seed, WorkLimit: b.workLimit, Workers: b.workers}
		rows, ok := b.resumed(blank)
		if !ok {
			result, marked, err := b.solve(ctx, m, seed, solver.Options{TimeLimit: b.timeLimit})
			if err != nil {
				return fmt.Errorf("%s: %w", x.Name(), err)
			}
			rows = b.rows(x, blank, result, marked)
			if r := rows[len(rows)-1]; b.out != "" && r.Cost >= 0 && r.Verified == "yes" && (written < 0 || r.Cost < written) {
				if _, err := x.Write(b.out, x.Decode(result.Roster)); err != nil {
					return err
				}
				written = r.Cost
			}
			if ctx.Err() != nil { // cut short: shown, but no result of its limit
				b.show(rows[len(rows)-1:], seed)
				return context.Cause(ctx)
			}
			if b.json {
				b.lines(x, seed, result, rows)
			}
			if b.table != "" {
				if err := appendTable(b.table, rows); err != nil {
					return err
				}
			}
		}
		b.show(rows, seed)
		for _, r := range rows {
			byLimit[r.Limit] = append(byLimit[r.Limit], r)
		}
	}
	if len(b.seeds) > 1 {
		for _, limit := range b.limits() {
			b.screen.row(median(byLimit[limit]), "median")
		}
	}
	return nil
}

func (b *bench) limits() []time.Duration { return append(slices.Clone(b.marks), b.timeLimit) }

// resumed returns the rows of a run that the resumed table has all of.
func (b *bench) resumed(blank row) ([]row, bool) {
	var rows []row
	for _, limit := range b.limits() {
		blank.Limit = limit
		r, ok := b.done[blank.key()]
		if !ok {
			return nil, false
		}
		rows = append(rows, r)
	}
	return rows, true
}

// kept is the best roster there was at a mark, nil with a cost of -1 if none.
type kept struct {
	roster solver.Roster
	cost   solver.Cost
}

// solve runs the solver and keeps the best roster there was at each mark.
func (b *bench) solve(ctx context.Context, m *solver.Model, seed uint64, o solver.Options) (solver.Result, []kept, error) {
	o.Seed, o.WorkLimit, o.Workers, o.Gap = seed, b.workLimit, b.workers, b.gap
	marked := make([]kept, len(b.marks))
	last, next := kept{cost: -1}, 0
	if len(b.marks) > 0 {
		o.Observe = func(p solver.Progress) {
			for next < len(b.marks) && p.Elapsed > b.marks[next] {
				marked[next] = last
				next++
			}
			if p.Roster != nil && p.Cost != last.cost {
				last = kept{p.Roster.Clone(), p.Cost}
			}
		}
	}
	runtime.GC() // what the last run left must not slow this one down
	result, err := solver.Solve(ctx, m, o)
	for ; next < len(b.marks); next++ {
		marked[next] = kept{result.Roster, result.Cost}
	}
	return result, marked, err
}

// rows are the row of a result, last, and before it those of its marks.
func (b *bench) rows(x instance, blank row, result solver.Result, marked []kept) []row {
	var mem runtime.MemStats
	runtime.ReadMemStats(&mem)
	blank.MiB = int(mem.Sys >> 20)
	var rows []row
	for i, mark := range b.marks {
		r := blank
		r.Limit, r.Elapsed = mark, min(mark, result.Elapsed)
		if result.Elapsed <= mark {
			r = b.final(blank, result)
			r.Limit = mark
		} else {
			r.Cost, r.First, r.Best, r.Reach, r.Status = -1, -1, -1, -1, solver.Unknown.String()
			for _, p := range result.Trace {
				if p.Elapsed > mark {
					break
				}
				b.step(&r, p)
			}
			// The trace and the observer look at the clock one after the other.
			if r.Cost >= 0 && marked[i].roster != nil {
				r.Cost = int64(marked[i].cost)
			}
			if marked[i].roster == nil {
				r.Cost, r.First, r.Best, r.Reach, r.Status = -1, -1, -1, -1, solver.Unknown.String()
			}
		}
		r.Verified = b.verified(x, &r, marked[i].roster)
		rows = append(rows, r)
	}
	r := b.final(blank, result)
	r.Limit = b.timeLimit
	r.Verified = b.verified(x, &r, result.Roster)
	rows = append(rows, r)
	for i := range rows { // a table reads back as it was shown
		for _, t := range []*time.Duration{&rows[i].First, &rows[i].Best, &rows[i].Reach, &rows[i].Elapsed} {
			if *t > 0 {
				*t = t.Round(time.Millisecond)
			}
		}
	}
	return rows
}

// step moves a row on along a trace.
func (b *bench) step(r *row, p solver.TracePoint) {
	if p.Cost >= 0 {
		if r.Cost < 0 {
			r.First, r.Status = p.Elapsed, solver.Feasible.String()
		}
		if int64(p.Cost) != r.Cost {
			r.Best = p.Elapsed
		}
		r.Cost = int64(p.Cost)
	}
	r.Bound, r.Work = int64(p.Bound), p.Work
	if b.reach > 0 && r.Reach < 0 && r.Cost >= 0 && r.gap() <= b.reach {
		r.Reach = p.Elapsed
	}
}

func (b *bench) final(r row, result solver.Result) row {
	r.Cost, r.First, r.Best, r.Reach = -1, -1, -1, -1
	for _, p := range result.Trace {
		b.step(&r, p)
	}
	r.Bound, r.Elapsed, r.Work, r.Status = int64(result.Bound), result.Elapsed, result.Work, result.Status.String()
	if r.Cost = -1; result.Roster != nil {
		r.Cost, r.First, r.Best = int64(result.Cost), result.FirstAt, result.BestAt
		if b.reach > 0 && r.Reach < 0 && r.gap() <= b.reach {
			r.Reach = result.Elapsed
		}
	}
	return r
}

// verified judges a roster by the family's own verifier. Any disagreement is
// kept as a failure of the whole run.
func (b *bench) verified(x instance, r *row, roster solver.Roster) string {
	if r.Cost < 0 {
		return "-"
	}
	if roster == nil {
		b.failed = append(b.failed, fmt.Errorf("%s: a cost of %d without a roster", x.Name(), r.Cost))
		return "no"
	}
	rep := x.Verify(x.Decode(roster))
	if len(rep.Violations) == 0 && rep.Cost == r.Cost {
		return "yes"
	}
	what := fmt.Sprintf("cost %d, the solver says %d", rep.Cost, r.Cost)
	if n := len(rep.Violations); n > 0 {
		what = fmt.Sprintf("%d violations, the first: %s", n, rep.Violations[0])
	}
	b.failed = append(b.failed, fmt.Errorf("%s seed %d: the verifier finds %s", x.Name(), r.Seed, what))
	return "no"
}

func (b *bench) show(rows []row, seed uint64) {
	for _, r := range rows {
		b.screen.row(r, strconv.FormatUint(seed, 10))
	}
}

// lines writes a run's trace and its rows as JSON.
func (b *bench) lines(x instance, seed uint64, result solver.Result, rows []row) {
	enc := json.NewEncoder(b.stdout)
	enc.SetEscapeHTML(false)
	some := func(n int64) *int64 {
		if n < 0 {
			return nil
		}
		return &n
	}
	span := func(d time.Duration) *float64 {
		if d < 0 {
			return nil
		}
		s := d.Seconds()
		return &s
	}
	for _, p := range result.Trace {
		enc.Encode(traceLine{Schema: "rotabench/trace/v1", Instance: x.Name(), Seed: seed, Seconds: p.Elapsed.Seconds(), Work: p.Work,
			Cost: some(int64(p.Cost)), Bound: int64(p.Bound)})
	}
	for _, r := range rows {
		enc.Encode(resultLine{Schema: "rotabench/result/v1", Family: r.Family, Instance: r.Instance, Seed: r.Seed, Limit: r.Limit.Seconds(),
			WorkLimit: r.WorkLimit, Workers: r.Workers, Cost: some(r.Cost), Bound: r.Bound, Gap: r.gap(), First: span(r.First), Best: span(r.Best),
			Reach: span(r.Reach), Elapsed: r.Elapsed.Seconds(), Work: r.Work, Status: r.Status, Verified: r.Verified, MiB: r.MiB})
	}
}

// absences solves each team, then the same team after one absence, starting
// from the roster found and paying for what changes, within a limit of its own.
func (b *bench) absences(ctx context.Context, teams []*teamInstance, limit time.Duration) error {
	b.screen = screen{w: b.stdout, seeds: len(b.seeds) > 1, reach: b.reach}
	if b.json {
		b.screen.w = b.stderr
	}
	b.marks = nil
	for _, x := range teams {
		b.screen.wide = max(b.screen.wide, len(x.Name())+len("-absence"))
	}
	for _, x := range teams {
		for _, seed := range b.seeds {
			var start solver.Roster
			for _, problem := range []*teamInstance{x, nil} {
				o := solver.Options{TimeLimit: b.timeLimit}
				if problem == nil {
					if start == nil {
						continue
					}
					if problem = x.absence(start); problem == nil {
						continue
					}
					o.TimeLimit, o.Start = limit, start
				}
				result, _, err := b.solve(ctx, problem.m, seed, o)
				if err != nil {
					return fmt.Errorf("%s: %w", problem.Name(), err)
				}
				rows := b.rows(problem, row{Family: b.family, Instance: problem.Name(), Seed: seed, WorkLimit: b.workLimit, Workers: b.workers}, result, nil)
				rows[0].Limit = o.TimeLimit
				b.show(rows, seed)
				if ctx.Err() != nil {
					return context.Cause(ctx)
				}
				if b.json {
					b.lines(problem, seed, result, rows)
				}
				if b.table != "" {
					if err := appendTable(b.table, rows); err != nil {
						return err
					}
				}
				start = result.Roster
			}
		}
	}
	return errors.Join(b.failed...)
}

// parseSeeds reads "1-3,7".
func parseSeeds(text string) ([]uint64, error) {
	var out []uint64
	for _, item := range strings.Split(text, ",") {
		a, z, isRange := strings.Cut(strings.TrimSpace(item), "-")
		first, err := strconv.ParseUint(a, 10, 63)
		last := first
		if err == nil && isRange {
			last, err = strconv.ParseUint(z, 10, 63)
		}
		if err != nil || last < first || last-first >= 1000 {
			return nil, fmt.Errorf("%s is no list of seeds, want one such as 1-3,7", quote(text))
		}
		for s := first; s <= last; s++ {
			out = append(out, s)
		}
	}
	return out, nil
}

// parseShare reads "1%" or "0.01".
func parseShare(text string) (float64, error) {
	num, isPercent := strings.CutSuffix(strings.TrimSpace(text), "%")
	x, err := strconv.ParseFloat(num, 64)
	if isPercent {
		x /= 100
	}
	if err != nil || !(x >= 0 && x <= 1) {
		return 0, fmt.Errorf("%s is no share, want one such as 1%% or 0.01", quote(text))
	}
	return x, nil
}
