// Command rotabench runs the solver on public instance formats and on generated
// teams, judges every roster with code of its own for each format, and prints a
// table. It opens no database.
//
// See "rotabench help". Exit codes: 0 all verified; 1 an error, or a roster the
// verifier refuses; 2 usage; 5 a solution given to verify breaks hard rules;
// 130 interrupted.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := execute(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// usageError is a mistake in how the command was called.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// errFindings says that a solution given to verify breaks hard rules, which
// have been printed.
var errFindings = errors.New("the solution breaks hard rules")

// execute runs the command and returns its exit code.
func execute(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	root := newRoot(stdout, stderr)
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	var usage usageError
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errFindings):
		return 5
	case ctx.Err() != nil && errors.Is(err, context.Cause(ctx)):
		fmt.Fprintln(stderr, "rotabench: interrupted")
		return 130
	case errors.As(err, &usage):
		fmt.Fprintf(stderr, "rotabench: %v\n", err)
		return 2
	}
	for line := range strings.SplitSeq(err.Error(), "\n") {
		fmt.Fprintf(stderr, "rotabench: %s\n", line)
	}
	return 1
}

func newRoot(stdout, stderr io.Writer) *cobra.Command {
	root := &cobra.Command{
		Use:           "rotabench",
		Short:         "Run rota's solver on public rostering instances and on generated teams",
		Args:          usageArgs(cobra.NoArgs),
		RunE:          func(c *cobra.Command, _ []string) error { return c.Help() },
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.CompletionOptions.DisableDefaultCmd = true
	root.AddCommand(
		fileCommand("curtois", "Curtois-Qu text files; solutions go to DIR/<instance>.sol", stdout, stderr,
			func(path string) (instance, error) { return orNil(readCurtois(path)) }),
		inrc2Command(stdout, stderr),
		fileCommand("inrc1", "XML files of the first competition; solutions go to DIR/<instance>.xml", stdout, stderr,
			func(path string) (instance, error) { return orNil(readINRC1(path)) }),
		teamCommand(stdout, stderr),
		verifyCommand(stdout),
	)
	return root
}

// orNil keeps a nil pointer from becoming an instance that is not nil.
func orNil[T interface {
	comparable
	instance
}](x T, err error) (instance, error) {
	if err != nil {
		return nil, err
	}
	return x, nil
}

func usageArgs(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if err := check(c, args); err != nil {
			return usageError{fmt.Errorf("%w; see rotabench %s --help", err, c.Name())}
		}
		return nil
	}
}

// runFlags are the shared flags as given.
type runFlags struct {
	timeLimit  time.Duration
	workLimit  int64
	gap, reach string
	seed       uint64
	seeds      string
	workers    int
	out        string
	json       bool
	resume     string
	table      string
	marks      []time.Duration
}

func (f *runFlags) register(c *cobra.Command) {
	g := c.Flags()
	g.DurationVar(&f.timeLimit, "time-limit", 60*time.Second, "wall-clock `time` for each instance and seed; 0: none")
	g.Int64Var(&f.workLimit, "work-limit", 0, "`units` of work for each instance and seed, the same result on any machine without a time limit; 0: none")
	g.StringVar(&f.gap, "gap", "0", "stop at this `share` between cost and bound, such as 1%")
	g.Uint64Var(&f.seed, "seed", 1, "the solver's `seed`")
	g.StringVar(&f.seeds, "seeds", "", "several `seeds` such as 1-3, with a row of the median")
	g.IntVar(&f.workers, "workers", 2, "`number` of workers")
	g.StringVar(&f.out, "out", "", "write the best verified solution of each instance below this `directory`")
	g.BoolVar(&f.json, "json", false, "traces and results as JSON lines on stdout, the table on stderr")
	g.StringVar(&f.table, "table", "", "append the results to this CSV `file`")
	g.StringVar(&f.resume, "resume", "", "skip what this CSV `file` of --table has already")
	g.DurationSliceVar(&f.marks, "marks", nil, "also report what was known at these `times` of the run")
	g.StringVar(&f.reach, "reach", "0", "also report the time to this `share` between cost and bound, such as 1%")
}

func (f *runFlags) options() (runOptions, error) {
	o := runOptions{timeLimit: f.timeLimit, workLimit: f.workLimit, workers: f.workers, out: f.out, json: f.json,
		resume: f.resume, table: f.table, marks: slices.Clone(f.marks), seeds: []uint64{f.seed}}
	var errs []error
	keep := func(err error) { errs = append(errs, err) }
	var err error
	o.gap, err = parseShare(f.gap)
	keep(err)
	o.reach, err = parseShare(f.reach)
	keep(err)
	if f.seeds != "" {
		o.seeds, err = parseSeeds(f.seeds)
		keep(err)
	}
	if f.timeLimit < 0 || f.workLimit < 0 || f.workers < 1 {
		keep(errors.New("limits must not be negative and there must be a worker"))
	}
	if f.timeLimit == 0 && f.workLimit == 0 && o.gap == 0 {
		keep(errors.New("without --time-limit, --work-limit and --gap a run may never end"))
	}
	slices.Sort(o.marks)
	o.marks = slices.Compact(o.marks)
	for _, m := range o.marks {
		if m <= 0 || f.timeLimit > 0 && m >= f.timeLimit {
			keep(fmt.Errorf("mark %s is not within the time limit of %s", m, f.timeLimit))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return o, usageError{err}
	}
	return o, nil
}

// runInstances solves instances that were read, if all of them were.
func runInstances(c *cobra.Command, f *runFlags, family string, stdout, stderr io.Writer, load func() ([]instance, error)) error {
	o, err := f.options()
	if err != nil {
		return err
	}
	instances, err := load()
	if err != nil {
		return err
	}
	b := &bench{runOptions: o, family: family, stdout: stdout, stderr: stderr}
	return b.run(c.Context(), instances)
}

// readAll reads each and reports the problems of all.
func readAll(names []string, read func(string) (instance, error)) ([]instance, error) {
	var out []instance
	var errs []error
	for _, name := range names {
		x, err := read(name)
		errs = append(errs, err)
		out = append(out, x)
	}
	return out, errors.Join(errs...)
}

func fileCommand(family, short string, stdout, stderr io.Writer, read func(string) (instance, error)) *cobra.Command {
	var f runFlags
	c := &cobra.Command{
		Use: family + " FILE...", Short: short, Args: usageArgs(cobra.MinimumNArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			return runInstances(c, &f, family, stdout, stderr, func() ([]instance, error) { return readAll(args, read) })
		},
	}
	f.register(c)
	return c
}

func inrc2Command(stdout, stderr io.Writer) *cobra.Command {
	var f runFlags
	c := &cobra.Command{
		Use: "inrc2 SETDIR NAME...", Short: "instances of the second competition such as n030w4_1_6-2-9-1; solutions go to DIR/<name>/Sol-<set>-<week>-<position>.txt",
		Args: usageArgs(cobra.MinimumNArgs(2)),
		RunE: func(c *cobra.Command, args []string) error {
			return runInstances(c, &f, "inrc2", stdout, stderr, func() ([]instance, error) {
				return readAll(args[1:], func(name string) (instance, error) { return orNil(readINRC2(args[0], name)) })
			})
		},
	}
	f.register(c)
	return c
}

func teamCommand(stdout, stderr io.Writer) *cobra.Command {
	var f runFlags
	var people, weeks []int
	var teamSeed uint64
	var absence time.Duration
	c := &cobra.Command{
		Use: "team", Short: "generated support teams that never close; solutions go to DIR/<instance>.sol", Args: usageArgs(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			o, err := f.options()
			if err != nil {
				return err
			}
			var teams []*teamInstance
			var instances []instance
			for _, p := range people {
				for _, w := range weeks {
					if p < 1 || p > maxPeople || w < 1 || w > maxDays/7 {
						return usageError{fmt.Errorf("a team of %d people and %d weeks: want 1 to %d and 1 to %d", p, w, maxPeople, maxDays/7)}
					}
					x := newTeam(p, w, teamSeed)
					teams, instances = append(teams, x), append(instances, x)
				}
			}
			b := &bench{runOptions: o, family: "team", stdout: stdout, stderr: stderr}
			if absence > 0 {
				return b.absences(c.Context(), teams, absence)
			}
			return b.run(c.Context(), instances)
		},
	}
	f.register(c)
	c.Flags().IntSliceVar(&people, "people", []int{20}, "`number` of people, or several")
	c.Flags().IntSliceVar(&weeks, "weeks", []int{4}, "`number` of weeks, or several")
	c.Flags().Uint64Var(&teamSeed, "team-seed", 1, "`seed` of the generator")
	c.Flags().DurationVar(&absence, "absence", 0, "then re-solve within this `time` after one person's absence, paying for every change")
	return c
}

// verdict is what verify prints with --json.
type verdict struct {
	Schema     string           `json:"schema"`
	Instance   string           `json:"instance"`
	Cost       int64            `json:"cost"`
	Parts      map[string]int64 `json:"parts"`
	Violations []string         `json:"violations"`
}

func verifyCommand(stdout io.Writer) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "verify FAMILY INSTANCE... SOLUTION",
		Short: "judge a solution by the format's own definition",
		Example: `  rotabench verify curtois Instance1.txt Instance1.sol
  rotabench verify inrc2 SETDIR n030w4_1_6-2-9-1 DIR
  rotabench verify inrc1 sprint01.xml solution.xml
  rotabench verify team 20 4 1 team-20-4-1.sol      people, weeks, seed of the generator`,
		Args: usageArgs(cobra.MinimumNArgs(3)),
		RunE: func(_ *cobra.Command, args []string) error {
			x, path, err := named(args)
			if err != nil {
				return err
			}
			p, err := x.Read(path)
			if err != nil {
				return err
			}
			r := x.Verify(p)
			if asJSON {
				v := verdict{Schema: "rotabench/verdict/v1", Instance: x.Name(), Cost: r.Cost, Parts: make(map[string]int64), Violations: r.Violations}
				for _, q := range r.Parts {
					v.Parts[q.Name] = q.Cost
				}
				if v.Violations == nil {
					v.Violations = []string{}
				}
				if err := json.NewEncoder(stdout).Encode(v); err != nil {
					return err
				}
			} else {
				fmt.Fprintf(stdout, "%s cost %d\n", x.Name(), r.Cost)
				for _, q := range r.Parts {
					fmt.Fprintf(stdout, "  %-24s %9d\n", q.Name, q.Cost)
				}
				for _, v := range r.Violations {
					fmt.Fprintf(stdout, "  broken: %s\n", v)
				}
			}
			if len(r.Violations) > 0 {
				return errFindings
			}
			return nil
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "one JSON object")
	return c
}

// named reads the instance that verify's arguments name, and returns the path
// of the solution, which is the last of them.
func named(args []string) (instance, string, error) {
	want := map[string]int{"curtois": 3, "inrc1": 3, "inrc2": 4, "team": 5}
	n, ok := want[args[0]]
	if !ok {
		return nil, "", usageError{fmt.Errorf("no such family: %s; there are %s", quote(args[0]), strings.Join(sortedKeys(want), ", "))}
	}
	if len(args) != n {
		return nil, "", usageError{fmt.Errorf("verify %s takes %d arguments, not %d; see rotabench verify --help", args[0], n, len(args))}
	}
	path := args[n-1]
	var x instance
	var err error
	switch args[0] {
	case "curtois":
		x, err = orNil(readCurtois(args[1]))
	case "inrc1":
		x, err = orNil(readINRC1(args[1]))
	case "inrc2":
		x, err = orNil(readINRC2(args[1], args[2]))
	case "team":
		var numbers [3]int
		for i := range numbers {
			if numbers[i], err = strconv.Atoi(args[1+i]); err != nil || numbers[i] < 0 || i < 2 && (numbers[i] < 1 || numbers[i] > maxPeople) {
				return nil, "", usageError{fmt.Errorf("%s is no number of people, weeks or seed", quote(args[1+i]))}
			}
		}
		x = newTeam(numbers[0], numbers[1], uint64(numbers[2]))
	}
	return x, path, err
}
