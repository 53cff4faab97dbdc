package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"rota/schedule"
	"rota/schedule/sqlite"
	"rota/schedule/teamfile"
)

type findingJSON struct {
	Rule     schedule.RuleName  `json:"rule"`
	ID       schedule.RuleID    `json:"id,omitempty"`
	Hard     bool               `json:"hard"`
	Agents   []schedule.AgentID `json:"agents"`
	Slots    []schedule.SlotID  `json:"slots"`
	Days     []schedule.Date    `json:"days"`
	Amount   int                `json:"amount"`
	Unit     schedule.Unit      `json:"unit"`
	Cost     schedule.Cost      `json:"cost"`
	Sentence string             `json:"sentence"`
}

func findings(list []schedule.Finding) []findingJSON {
	out := []findingJSON{}
	for _, f := range list {
		j := findingJSON{f.Rule, f.ID, f.Hard, f.Agents, f.Slots, f.Days, f.Amount, f.Unit, f.Cost, f.Sentence}
		if j.Agents == nil {
			j.Agents = []schedule.AgentID{}
		}
		if j.Slots == nil {
			j.Slots = []schedule.SlotID{}
		}
		if j.Days == nil {
			j.Days = []schedule.Date{}
		}
		out = append(out, j)
	}
	return out
}

type ruleCostJSON struct {
	Rule     schedule.RuleName `json:"rule"`
	ID       schedule.RuleID   `json:"id,omitempty"`
	Findings int               `json:"findings"`
	Hard     int               `json:"hard"`
	Amount   int               `json:"amount"`
	Unit     schedule.Unit     `json:"unit"`
	Cost     schedule.Cost     `json:"cost"`
}

type fairnessJSON struct {
	ID     schedule.RuleID       `json:"id"`
	Kinds  []schedule.BurdenKind `json:"of"`
	Spread schedule.Points       `json:"spread"`
	Shares []shareJSON           `json:"shares"`
}

type shareJSON struct {
	Agent  schedule.AgentID `json:"agent"`
	Points schedule.Points  `json:"points"`
	Target schedule.Points  `json:"target"`
}

type auditJSON struct {
	Schema   string           `json:"schema"`
	Team     schedule.TeamID  `json:"team"`
	Version  schedule.Version `json:"version"`
	File     string           `json:"file,omitempty"`
	First    schedule.Date    `json:"first"`
	Last     schedule.Date    `json:"last"`
	Cost     schedule.Cost    `json:"cost"`
	Hard     int              `json:"hard"`
	Findings []findingJSON    `json:"findings"`
	Rules    []ruleCostJSON   `json:"rules"`
	Slots    []slotJSON       `json:"coverage"`
	Fairness []fairnessJSON   `json:"fairness"`
}

func (a *app) checkCommand() *cobra.Command {
	c := &cobra.Command{Use: "check", Short: "Judge a roster: findings, cost by rule, coverage, fairness",
		Long: `Judge a roster by the text of the rules, independently of how it was made. --file judges a table of assignments, as
rota show -o csv writes it: on the days of --version, or else of the last version that has them all, or else on the weeks
of the table itself. Exit code 5 when a hard rule is broken.`,
		Example: `  rota check
  rota check --version 3 --rule min-rest
  rota check --file roster.csv`}
	var version, file, rule, agent string
	var all bool
	a.versionFlag(c, &version, "the version to judge")
	c.Flags().StringVarP(&file, "file", "f", "", "judge the assignments of a CSV file; - is standard input")
	c.Flags().StringVar(&rule, "rule", "", "only findings of this rule")
	c.Flags().StringVarP(&agent, "agent", "a", "", "only findings about this agent")
	c.Flags().BoolVar(&all, "all", false, "list every finding, not the dearest only")
	_ = c.RegisterFlagCompletionFunc("agent", a.completeAgents)
	_ = c.RegisterFlagCompletionFunc("rule", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		var names []string
		for _, n := range schedule.RuleNames() {
			names = append(names, string(n))
		}
		return names, cobra.ShellCompDirectiveNoFileComp
	})
	format := a.output(c, "table", "json", "csv")
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		format, err := format()
		if err != nil {
			return err
		}
		if _, known := schedule.FindDefinition(schedule.RuleName(rule)); rule != "" && !known {
			var names []string
			for _, n := range schedule.RuleNames() {
				names = append(names, string(n))
			}
			near, _ := schedule.Nearest(rule, names)
			return usage(&schedule.UnknownError{Noun: "rule", Word: rule, Nearest: near, Valid: names})
		}
		return a.withTeam(cmd.Context(), func(s *sqlite.Store, team schedule.TeamID) error {
			x, err := a.judged(cmd.Context(), s, team, version, file)
			if err != nil {
				return err
			}
			if _, known := x.index.Agents[schedule.AgentID(agent)]; agent != "" && !known {
				return unknownAgent(x.period, agent)
			}
			keep := func(f schedule.Finding) bool {
				if rule != "" && string(f.Rule) != rule {
					return false
				}
				if agent == "" {
					return true
				}
				for _, id := range f.Agents {
					if string(id) == agent {
						return true
					}
				}
				return false
			}
			var shown []schedule.Finding
			for _, f := range x.report.Findings {
				if keep(f) {
					shown = append(shown, f)
				}
			}
			if err := a.printCheck(x, shown, file, all, format); err != nil {
				return err
			}
			if x.report.Hard > 0 {
				return exit(exitFindings, nil)
			}
			return nil
		})
	}
	return c
}

// judged is a version, or a file in its place, with its judgement.
func (a *app) judged(ctx context.Context, s *sqlite.Store, team schedule.TeamID, version, file string) (*sheet, error) {
	if file == "" {
		return a.loadSheet(ctx, s, team, version, latestWord)
	}
	data, err := a.readFile(file)
	if err != nil {
		return nil, err
	}
	book, _, err := s.LoadBook(ctx, team)
	if err != nil {
		return nil, err
	}
	table, err := teamfile.ReadRosterCSV(file, data, book)
	if err != nil {
		return nil, err
	}
	schedule.SortAssignments(table)
	days, err := a.daysOf(ctx, s, book, table)
	if err != nil {
		return nil, err
	}
	r, err := a.frame(ctx, s, team, version, days)
	if err != nil {
		return nil, err
	}
	outside := 0
	for _, day := range days {
		if day.Before(r.First) || day.After(r.Last) {
			outside++
		}
	}
	if outside > 0 {
		a.note("warning: %s of %s are not on the days of %s", plural(outside, "assignment"), file, title(r))
		a.note("hint: choose another version with --version, or none that has these days at all")
	}
	r.Assignments, r.Bound, r.Cost = table, schedule.Optional[schedule.Cost]{}, 0
	var p *schedule.Period
	if r.Version > 0 {
		p, err = a.periodOf(ctx, s, r)
	} else if p, err = s.LoadPeriod(ctx, sqlite.PeriodQuery{Team: team, First: r.First, Last: r.Last, Now: a.now}); err == nil {
		r.Slots = p.Slots
	}
	if err != nil {
		return nil, err
	}
	return newSheet(p, r)
}

// daysOf are the roster days of assignments, in their order. A slot that no shift brings has the day that its name says.
func (a *app) daysOf(ctx context.Context, s *sqlite.Store, book schedule.Book, table []schedule.Assignment) ([]schedule.Date, error) {
	var days []schedule.Date
	for _, as := range table {
		_, day, err := schedule.ParseSlotID(string(as.Slot))
		if err != nil {
			return nil, err
		}
		days = append(days, day)
	}
	if len(days) == 0 {
		return nil, nil
	}
	first, last := slices.MinFunc(days, schedule.Date.Compare), slices.MaxFunc(days, schedule.Date.Compare)
	if last.Sub(first) > 7*53 { // no roster is that long: what lies so far away is told as wrong
		return days, nil
	}
	p, err := s.LoadPeriod(ctx, sqlite.PeriodQuery{Team: book.Team.ID, First: first.AddDays(-2), Last: last.AddDays(2), Now: a.now})
	if err != nil {
		return nil, err
	}
	for i, as := range table {
		for _, slot := range p.Slots {
			if slot.ID == as.Slot {
				days[i] = slot.Day
			}
		}
	}
	return days, nil
}

// frame is the roster in whose place a table is judged: the version named; or else the last one that has all its days, a
// draft or published one first; or else none, and the weeks of the days themselves.
func (a *app) frame(ctx context.Context, s *sqlite.Store, team schedule.TeamID, version string, days []schedule.Date) (schedule.Roster, error) {
	if version != "" || len(days) == 0 {
		return loadVersion(ctx, s, team, version, latestWord)
	}
	first, last := slices.MinFunc(days, schedule.Date.Compare), slices.MaxFunc(days, schedule.Date.Compare)
	list, err := s.Rosters(ctx, team)
	if err != nil {
		return schedule.Roster{}, err
	}
	var best schedule.Version
	for _, superseded := range []bool{false, true} {
		for _, r := range list {
			if (r.State == schedule.Superseded) == superseded && !first.Before(r.First) && !last.After(r.Last) {
				best = max(best, r.Version)
			}
		}
		if best > 0 {
			return s.LoadRoster(ctx, team, best)
		}
	}
	if last.Sub(first) > 7*53 {
		return loadVersion(ctx, s, team, "", latestWord)
	}
	book, _, err := s.LoadBook(ctx, team)
	return schedule.Roster{Team: team, First: first.WeekStart(book.Team.WeekStart), Last: last.WeekStart(book.Team.WeekStart).AddDays(6)}, err
}

func (a *app) printCheck(x *sheet, shown []schedule.Finding, file string, all bool, format string) error {
	switch format {
	case "json":
		out := auditJSON{Schema: "rota/audit/v1", Team: x.roster.Team, Version: x.roster.Version, File: file, First: x.roster.First,
			Last: x.roster.Last, Cost: x.report.Cost, Hard: x.report.Hard, Findings: findings(shown), Rules: []ruleCostJSON{},
			Slots: x.json().Slots, Fairness: []fairnessJSON{}}
		for _, r := range x.report.Rules {
			out.Rules = append(out.Rules, ruleCostJSON(r))
		}
		for _, f := range x.report.Fairness {
			j := fairnessJSON{ID: f.ID, Kinds: f.Kinds, Spread: f.Spread, Shares: []shareJSON{}}
			for _, s := range f.Shares {
				j.Shares = append(j.Shares, shareJSON(s))
			}
			out.Fairness = append(out.Fairness, j)
		}
		return a.writeJSON(out)
	case "csv":
		var rows [][]string
		for _, f := range shown {
			rows = append(rows, []string{string(f.Rule), string(f.ID), fmt.Sprint(f.Hard), joinIDs(f.Agents), joinIDs(f.Slots),
				fmt.Sprint(f.Amount), string(f.Unit), fmt.Sprint(f.Cost), f.Sentence})
		}
		return a.writeCSV([]string{"rule", "id", "hard", "agents", "slots", "amount", "unit", "cost", "sentence"}, rows)
	}
	name := title(x.roster)
	if file != "" {
		if name = fmt.Sprintf("%s, on the days of %s", file, name); x.roster.Version == 0 {
			name = fmt.Sprintf("%s, %s to %s", file, x.roster.First, x.roster.Last)
		}
	}
	a.wrapped("", a.look.strong(name)+": "+a.summary(x))
	a.printFindings(shown, all)
	a.say("")
	t := list{header: []string{"Rule", "Findings", "Amount", "Unit", "Cost"}, right: map[int]bool{1: true, 2: true, 4: true}}
	kept := 0
	for _, r := range x.report.Rules {
		if r.Findings == 0 {
			kept++
			continue
		}
		id := string(r.Rule)
		if r.ID != "" && string(r.ID) != id {
			id = string(r.ID)
		}
		cost := fmt.Sprint(r.Cost)
		if r.Hard > 0 {
			cost = a.look.bad("broken")
		}
		t.add(id, fmt.Sprint(r.Findings), fmt.Sprint(r.Amount), string(r.Unit), cost)
	}
	if len(t.rows) > 0 {
		if err := a.print(t); err != nil {
			return err
		}
	}
	a.say("%s kept without a finding.", plural(kept, "rule"))
	a.printCoverage(x)
	return a.printFairness(x)
}

// fewFindings is how many are listed unless all are asked for. Hard ones are always listed.
const fewFindings = 12

func (a *app) printFindings(shown []schedule.Finding, all bool) {
	var hard, soft []schedule.Finding
	for _, f := range shown {
		if f.Hard {
			hard = append(hard, f)
		} else {
			soft = append(soft, f)
		}
	}
	if len(hard) > 0 {
		a.say("")
		a.say("%s", a.look.bad("Broken hard rules:"))
		for _, f := range hard {
			a.wrapped("  ", f.Sentence+" ["+string(f.Rule)+"]")
		}
	}
	if len(soft) == 0 {
		return
	}
	sortByCost(soft)
	a.say("")
	if n := len(soft); n > fewFindings && !all {
		a.say("The dearest of %d findings (all with --all):", n)
		soft = soft[:fewFindings]
	} else {
		a.say("Findings:")
	}
	for _, f := range soft {
		a.wrapped(fmt.Sprintf("  %4d  ", f.Cost), fmt.Sprintf("%s [%s]", f.Sentence, f.Rule))
	}
}

func (a *app) printCoverage(x *sheet) {
	var min, target, wanted, planned int
	short := 0
	for _, c := range x.report.Slots {
		planned += c.Planned
		min += c.Min
		wanted += c.Target.Or(c.Min)
		if c.Planned >= c.Target.Or(c.Min) {
			target++
		}
		if c.Short() > 0 {
			short++
		}
	}
	if len(x.report.Slots) == 0 {
		return
	}
	a.say("")
	a.wrapped("", fmt.Sprintf("Coverage: %d of %s at target or above; %d agents planned, %d wanted, %d needed; %s below the minimum.",
		target, plural(len(x.report.Slots), "slot"), planned, wanted, min, plural(short, "slot")))
	for _, c := range x.report.Slots {
		missing := ""
		for _, m := range append(append([]schedule.Shortage{}, c.Languages...), c.Skills...) {
			missing += fmt.Sprintf(", %s %s missing", m.What, m.Level)
		}
		if c.Short() > 0 {
			a.say("  %s", a.look.bad(fmt.Sprintf("%s: %d of %d%s", c.Slot, c.Planned, c.Min, missing)))
		}
	}
}

func (a *app) printFairness(x *sheet) error {
	for _, f := range x.report.Fairness {
		a.say("")
		a.say("Fairness (%s), in points; the spread between the best and worst off is %d:", f.ID, f.Spread)
		t := list{header: []string{"Agent", "Points", "Fair share", "Beyond", ""}, right: map[int]bool{1: true, 2: true, 3: true}}
		for _, s := range f.Shares {
			d := s.Points - s.Target
			bar := ""
			for i := schedule.Points(0); i < s.Points && i < 40; i++ {
				if i < s.Target {
					bar += "█"
				} else {
					bar += "▒"
				}
			}
			for i := s.Points; i < s.Target && i < 40; i++ {
				bar += "░"
			}
			t.add(x.name(s.Agent), fmt.Sprint(s.Points), fmt.Sprint(s.Target), fmt.Sprintf("%+d", d), bar)
		}
		if err := a.print(t); err != nil {
			return err
		}
	}
	return nil
}
