package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os/user"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"rota/schedule"
)

// system is what a command takes from the outside. Tests give their own.
type system struct {
	in       io.Reader
	out, err io.Writer
	getenv   func(string) string
	clock    func() time.Time
}

// app is one run of the command. Commands are its methods' results; nothing is shared between runs.
type app struct {
	system
	// now is the one instant that the whole run calls the present. Only progress of a solve looks at the clock again.
	now time.Time
	// database and team are the flags; empty means the default (see openStore and teamID).
	database, teamFlag string
	dryRun             bool
	look               *look // how output looks; see output.go
	// colour is the flag --color: auto, always or never.
	colour string
	// started is when the run began by the clock, for elapsed times.
	started time.Time
}

// run executes one command line and gives its exit code.
func run(ctx context.Context, args []string, sys system) (code int) {
	a := &app{system: sys, started: sys.clock()}
	a.look = newLook(sys)
	out := &checkedWriter{w: sys.out}
	a.out = out
	defer func() {
		if e := recover(); e != nil {
			fmt.Fprintf(a.err, "rota: internal error: %v\n%s", e, debug.Stack())
			fmt.Fprintf(a.err, "hint: this is a bug in rota; please report it with the lines above\n")
			code = exitInternal
		}
	}()
	a.now = a.started.UTC().Truncate(time.Second)
	if s := sys.getenv("ROTA_NOW"); s != "" {
		t, err := time.Parse(time.RFC3339, s)
		if err != nil {
			return a.fail(usagef("bad ROTA_NOW %q: write it as 2026-12-07T09:00:00Z", s))
		}
		a.now = t.UTC().Truncate(time.Second)
	}
	root := a.root()
	root.SetArgs(args)
	if err := root.ExecuteContext(ctx); err != nil || out.err == nil {
		return a.fail(err)
	}
	return a.fail(fmt.Errorf("not everything was written: %w", out.err))
}

// checkedWriter remembers the first error of its writer, so that a run whose output was lost does not end well. It may be
// written to by several goroutines.
type checkedWriter struct {
	w   io.Writer
	mu  sync.Mutex
	err error
}

func (c *checkedWriter) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	n, err := c.w.Write(p)
	if c.err == nil {
		c.err = err
	}
	return n, err
}

// who is the name under which changes are logged.
func (a *app) who() string {
	if name := a.getenv("ROTA_USER"); name != "" {
		return name
	}
	if name := a.getenv("USER"); name != "" {
		return name
	}
	if u, err := user.Current(); err == nil && u.Username != "" {
		return u.Username
	}
	return "unknown"
}

// root is the whole tree of commands.
func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "rota",
		Short: "Plan shifts for a team that never closes",
		Long: `rota plans shifts for a support team that never closes. Describe the team once; rota builds a roster that is
provably good, explains it, publishes it as calendars and says who is to be told what.

  rota init                               make the database
  rota apply -f team.yaml                 describe the team
  rota solve --from 2026-12-07 --weeks 4  build a roster
  rota show                               look at it
  rota check                              judge it
  rota publish                            make it the one people go by`,
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetOut(a.out)
	root.SetErr(a.err)
	root.SetIn(a.in)
	flags := root.PersistentFlags()
	flags.StringVar(&a.database, "db", "", "the database file (default: $ROTA_DB, or else ./rota.db)")
	flags.StringVarP(&a.teamFlag, "team", "t", "", "the team (default: $ROTA_TEAM, or else the only one)")
	flags.StringVar(&a.colour, "color", "auto", "colour: auto, always or never")
	root.AddGroup(
		&cobra.Group{ID: "team", Title: "The team:"},
		&cobra.Group{ID: "roster", Title: "The roster:"},
		&cobra.Group{ID: "tell", Title: "Telling people:"},
		&cobra.Group{ID: "care", Title: "The database:"},
	)
	add := func(group string, commands ...*cobra.Command) {
		for _, c := range commands {
			c.GroupID = group
			root.AddCommand(c)
		}
	}
	add("team", a.applyCommand(), a.exportCommand(), a.teamCommand(), a.agentCommand(), a.shiftCommand(), a.contractCommand(),
		a.demandCommand(), a.availabilityCommand(), a.ruleCommand(), a.patternCommand(), a.rotationCommand(),
		a.holidayCommand(), a.pinCommand())
	add("roster", a.solveCommand(), a.showCommand(), a.withPacks(a.checkCommand()), a.testCommand(), a.fairnessCommand(), a.coverageCommand(),
		a.whyCommand(), a.diffCommand(), a.publishCommand(),
		a.rollbackCommand(), a.versionsCommand(), a.assignCommand(), a.unassignCommand(), a.swapCommand(),
		a.candidatesCommand(), a.calloutCommand())
	add("tell", a.calendarCommand(), a.notifyCommand(), a.offerCommand(), a.handoffCommand(), a.slackCommand(), a.serveCommand(), a.nowCommand(), a.nextCommand())
	add("care", a.initCommand(), a.logCommand(), a.doctorCommand(), a.backupCommand(), a.restoreCommand(), a.versionCommand())
	root.SetHelpCommandGroupID("care")
	root.SetCompletionCommandGroupID("care")
	_ = root.RegisterFlagCompletionFunc("team", a.completeTeams)
	_ = root.RegisterFlagCompletionFunc("color", fixed("auto", "always", "never"))
	root.InitDefaultCompletionCmd()
	root.InitDefaultHelpCmd()
	tame(root)
	root.SetHelpFunc(func(c *cobra.Command, _ []string) {
		fmt.Fprint(a.out, a.look.reflow(strings.TrimSpace(cmp.Or(c.Long, c.Short))+"\n\n"+c.UsageString()))
	})
	root.PersistentPreRunE = func(cmd *cobra.Command, _ []string) error { return a.look.choose(a.colour) }
	return root
}

// tame walks the tree once, so that no command line is half understood: groups refuse words they do not know, and every
// mistake in arguments and flags is a usage error. Left alone, cobra prints help for "rota agent bogus" and exits 0.
func tame(c *cobra.Command) {
	c.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return hint(usage(flagMistake(c, err)), "see "+c.CommandPath()+" --help")
	})
	switch {
	case c.Name() == "help":
		return // it takes the words of any command
	case c.HasSubCommands():
		c.Args = cobra.ArbitraryArgs
		inner := c.RunE
		c.RunE = func(cmd *cobra.Command, args []string) error {
			var names []string
			for _, sub := range cmd.Commands() {
				if sub.IsAvailableCommand() {
					names = append(names, sub.Name())
				}
			}
			switch {
			case len(args) > 0:
				near, _ := schedule.Nearest(args[0], names)
				err := &schedule.UnknownError{Noun: "command", Word: strings.TrimPrefix(cmd.CommandPath()+" "+args[0], "rota "), Nearest: near, Valid: names}
				return hint(usage(err), "see "+cmd.CommandPath()+" --help")
			case inner != nil:
				return inner(cmd, args)
			}
			return hint(usagef("%s needs a command: %s", cmd.CommandPath(), strings.Join(names, ", ")), "see "+cmd.CommandPath()+" --help")
		}
		// Cobra must not look for flags of a subcommand that does not exist before the name is judged.
		c.Flags().SetInterspersed(true)
	case c.Args == nil:
		c.Args = cobra.NoArgs
	}
	if check := c.Args; check != nil {
		c.Args = func(cmd *cobra.Command, args []string) error {
			err := check(cmd, args)
			if err == nil || errors.As(err, new(*usageError)) {
				return err
			}
			return hint(usage(argMistake(cmd, args, err)), "usage: "+cmd.UseLine())
		}
	}
	for _, sub := range c.Commands() {
		tame(sub)
	}
}

// flagMistake says what is wrong with a flag, with the nearest one there is or the form that its value has.
func flagMistake(c *cobra.Command, err error) error {
	var value *pflag.InvalidValueError
	var missing *pflag.ValueRequiredError
	var unknown *pflag.NotExistError
	switch {
	case errors.As(err, &value):
		form := map[string]string{"duration": "write it as 30s, 5m or 2h", "int": "give a whole number", "int64": "give a whole number",
			"uint64": "give a whole number, not negative", "float64": "give a number such as 0.5", "bool": "give true or false"}[value.GetFlag().Value.Type()]
		if form == "" {
			return fmt.Errorf("bad --%s %q: %w", value.GetFlag().Name, value.GetValue(), errors.Unwrap(value))
		}
		return fmt.Errorf("bad --%s %q: %s", value.GetFlag().Name, value.GetValue(), form)
	case errors.As(err, &missing):
		return fmt.Errorf("--%s needs a value", missing.GetFlag().Name)
	case errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() == "":
		var names []string
		collect := func(f *pflag.Flag) { names = append(names, f.Name) }
		c.LocalFlags().VisitAll(collect)
		c.InheritedFlags().VisitAll(collect)
		word := unknown.GetSpecifiedName()
		if near, ok := schedule.Nearest(word, names); ok {
			return fmt.Errorf("unknown flag --%s, did you mean --%s?", word, near)
		}
		return fmt.Errorf("unknown flag --%s", word)
	case errors.As(err, &unknown):
		return fmt.Errorf("unknown flag -%s", unknown.GetSpecifiedName())
	}
	return err
}

// argMistake says what is wrong with arguments in the words of the usage line: what is missing, or what is too much.
func argMistake(c *cobra.Command, args []string, err error) error {
	if strings.HasPrefix(err.Error(), "unknown command") && len(args) > 0 {
		return fmt.Errorf("%s takes no argument %q", c.CommandPath(), args[0])
	}
	var needed, known []string
	words := strings.Fields(c.Use)[1:]
	for i := 0; i < len(words); i++ {
		name := strings.Trim(words[i], "[].")
		if strings.HasPrefix(name, "-") {
			i++ // the value of a flag
			continue
		}
		if known = append(known, name); !strings.HasPrefix(words[i], "[") {
			needed = append(needed, name)
		}
	}
	switch {
	case len(args) < len(needed):
		return fmt.Errorf("%s needs %s", c.CommandPath(), strings.Join(needed[len(args):], " and "))
	case len(known) == 0:
		return fmt.Errorf("%s takes no argument %q", c.CommandPath(), args[0])
	case len(args) > len(known):
		return fmt.Errorf("%s takes %s, and %q is more", c.CommandPath(), strings.Join(known, " and "), args[len(known)])
	}
	return fmt.Errorf("%s: %w", c.CommandPath(), err)
}

// writes adds --dry-run to a command that writes.
func (a *app) writes(c *cobra.Command) *cobra.Command {
	c.Flags().BoolVar(&a.dryRun, "dry-run", false, "say what would happen and write nothing")
	return c
}

// output adds -o and --json to a command. The first format is the default. The result gives the format chosen.
func (a *app) output(c *cobra.Command, formats ...string) func() (string, error) {
	var format string
	var asJSON bool
	c.Flags().StringVarP(&format, "output", "o", formats[0], "format: "+strings.Join(formats, ", "))
	_ = c.RegisterFlagCompletionFunc("output", fixed(formats...))
	if slices.Contains(formats, "json") {
		c.Flags().BoolVar(&asJSON, "json", false, "the same as -o json")
	}
	return func() (string, error) {
		if asJSON {
			return "json", nil
		}
		if !slices.Contains(formats, format) {
			near, _ := schedule.Nearest(format, formats)
			return "", usage(&schedule.UnknownError{Noun: "output format", Word: format, Nearest: near, Valid: formats})
		}
		return format, nil
	}
}
