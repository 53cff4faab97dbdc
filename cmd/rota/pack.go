package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"rota/schedule"
	"rota/schedule/sqlite"
)

// packCommand is rota rule pack.
func (a *app) packCommand() *cobra.Command {
	c := &cobra.Command{Use: "pack", Short: "Sets of limits from laws and guidance",
		Long: "Sets of limits from laws and guidance, to take over or only to be judged by (rota check --pack). They are no legal advice."}
	c.AddCommand(a.listPacks(), a.showPack(), a.applyPack())
	return c
}

func completePacks(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	var words []string
	for _, p := range schedule.Packs() {
		words = append(words, p.ID+"\t"+p.Name)
	}
	return words, cobra.ShellCompDirectiveNoFileComp
}

type packJSON struct {
	ID     string         `json:"id"`
	Name   string         `json:"name"`
	Source string         `json:"source"`
	Note   string         `json:"note"`
	Night  string         `json:"night,omitempty"`
	Rules  []packRuleJSON `json:"rules"`
}

type packRuleJSON struct {
	ID     schedule.RuleID   `json:"id"`
	Rule   schedule.RuleName `json:"rule"`
	Params schedule.Params   `json:"params"`
	Tags   []string          `json:"tags,omitempty"`
	Force  schedule.Force    `json:"force"`
	Weight schedule.Cost     `json:"weight"`
	Note   string            `json:"note"`
}

func packOut(p schedule.Pack) packJSON {
	out := packJSON{ID: p.ID, Name: p.Name, Source: p.Source, Note: p.Note, Rules: []packRuleJSON{}}
	if p.Night.Set {
		out.Night = p.Night.Value.String()
	}
	for _, r := range p.Rules {
		if r.Params == nil {
			r.Params = schedule.Params{}
		}
		out.Rules = append(out.Rules, packRuleJSON{r.ID, r.Name, r.Params, r.Scope.Tags, r.Force, r.Weight, r.Note})
	}
	return out
}

func (a *app) listPacks() *cobra.Command {
	c := &cobra.Command{Use: "list", Short: "List the packs", Aliases: []string{"ls"}}
	format := a.output(c, "table", "json", "csv")
	c.RunE = func(*cobra.Command, []string) error {
		format, err := format()
		if err != nil {
			return err
		}
		t := list{header: []string{"Pack", "Rules", "Source"}, right: map[int]bool{1: true}}
		var all []packJSON
		for _, p := range schedule.Packs() {
			all = append(all, packOut(p))
			t.add(p.ID, fmt.Sprint(len(p.Rules)), p.Source)
		}
		return listing(a, format, "rota/packs/v1", "", "packs", all, t)
	}
	return c
}

func (a *app) showPack() *cobra.Command {
	c := &cobra.Command{Use: "show PACK", Short: "Show the rules of a pack and where they come from", Args: cobra.ExactArgs(1),
		ValidArgsFunction: first(completePacks)}
	format := a.output(c, "table", "json")
	c.RunE = func(_ *cobra.Command, args []string) error {
		format, err := format()
		if err != nil {
			return err
		}
		p, err := findPack(args[0])
		if err != nil {
			return err
		}
		if format == "json" {
			return a.writeJSON(struct {
				Schema string `json:"schema"`
				packJSON
			}{"rota/pack/v1", packOut(p)})
		}
		a.say("%s", a.look.strong(p.Name))
		a.wrapped("", p.Source)
		a.wrapped("", p.Note)
		a.say("")
		t := list{header: []string{"ID", "Rule", "Force", "Where it comes from"}}
		for _, r := range p.Rules {
			t.add(string(r.ID), ruleText(r), forceText(r), r.Note)
		}
		return a.print(t)
	}
	return c
}

func findPack(id string) (schedule.Pack, error) {
	p, err := schedule.FindPack(id)
	if err != nil {
		return p, hint(err, "see rota rule pack list")
	}
	return p, nil
}

// ruleText is a use of a rule with its parameters, as it is typed.
func ruleText(r schedule.Rule) string {
	words := []string{string(r.Name)}
	for _, name := range r.Params.Names() {
		words = append(words, name+"="+r.Params[name].String())
	}
	for _, scope := range []struct{ key, ids string }{{"tags", strings.Join(r.Scope.Tags, ",")},
		{"contracts", strings.ReplaceAll(joinIDs(r.Scope.Contracts), " ", ",")}, {"agents", strings.ReplaceAll(joinIDs(r.Scope.Agents), " ", ",")}} {
		if scope.ids != "" {
			words = append(words, scope.key+"="+scope.ids)
		}
	}
	return strings.Join(words, " ")
}

// unknownScope says which agents, contracts and tags of a scope the team does not have.
func unknownScope(b schedule.Book, scope schedule.Scope) []string {
	var agents, contracts, tags, wrong []string
	for _, x := range b.Agents {
		agents, tags = append(agents, string(x.ID)), append(tags, x.Tags...)
	}
	for _, x := range b.Contracts {
		contracts = append(contracts, string(x.ID))
	}
	check := func(noun, word string, valid []string) {
		if !slices.Contains(valid, word) {
			near, _ := schedule.Nearest(word, valid)
			wrong = append(wrong, (&schedule.UnknownError{Noun: noun, Word: word, Nearest: near, Valid: valid}).Error())
		}
	}
	for _, id := range scope.Agents {
		check("agent", string(id), agents)
	}
	for _, id := range scope.Contracts {
		check("contract", string(id), contracts)
	}
	for _, tag := range scope.Tags {
		check("tag of agents", tag, tags)
	}
	return wrong
}

func forceText(r schedule.Rule) string {
	if r = r.Resolve(); r.Force == schedule.Weighted {
		return fmt.Sprint(r.Weight)
	}
	return string(r.Force)
}

// overrideFlags adds the flags that do something differently with single rules of a pack.
func overrideFlags(c *cobra.Command) func() ([]schedule.Override, error) {
	var set, off, soft []string
	var note string
	c.Flags().StringArrayVar(&set, "set", nil, "another value for one rule of the pack, as eu-wtd-daily-rest.hours=12")
	c.Flags().StringSliceVar(&off, "without", nil, "rules of the pack to switch off")
	c.Flags().StringArrayVar(&soft, "weight", nil, "a weight in place of a hard limit, as eu-wtd-weekly-rest=50")
	c.Flags().StringVar(&note, "note", "", "why the pack's rules are overridden; needed when any is, and kept with it")
	return func() ([]schedule.Override, error) {
		var list []schedule.Override
		at := func(id string) *schedule.Override {
			i := slices.IndexFunc(list, func(o schedule.Override) bool { return string(o.Rule) == id })
			if i < 0 {
				list = append(list, schedule.Override{Rule: schedule.RuleID(id), Note: note})
				i = len(list) - 1
			}
			return &list[i]
		}
		for _, s := range set {
			name, value, ok := strings.Cut(s, "=")
			id, param, dotted := strings.Cut(name, ".")
			if !ok || !dotted || param == "" {
				return nil, usagef("bad --set %q: write it as rule.parameter=value", s)
			}
			o := at(id)
			if o.Params == nil {
				o.Params = schedule.Params{}
			}
			o.Params[param] = schedule.ParseValue(value)
		}
		for _, id := range off {
			at(id).Force = schedule.Off
		}
		for _, s := range soft {
			id, text, _ := strings.Cut(s, "=")
			n, ok := schedule.ParseValue(text).Int()
			if !ok || n < 0 {
				return nil, usagef("bad --weight %q: write it as rule=number", s)
			}
			at(id).Weight = schedule.Some(schedule.Cost(n))
		}
		if len(list) > 0 && note == "" {
			return nil, hint(usagef("rules of a pack are overridden without a reason"), "say why with --note")
		}
		return list, nil
	}
}

func (a *app) applyPack() *cobra.Command {
	c := &cobra.Command{Use: "apply PACK", Short: "Take the rules of a pack over into the team", Args: cobra.ExactArgs(1),
		ValidArgsFunction: first(completePacks),
		Long: `Take the rules of a pack over into the team. They are then the team's own, with their source as note, and rota rule edit
changes them. Rules of the pack that the team has already stay as they are, unless --reset or an override says otherwise.`,
		Example: `  rota rule pack apply eu-wtd
  rota rule pack apply eu-wtd --set eu-wtd-daily-rest.hours=12 --without eu-wtd-week-ahead --note "agreed with the works council"`}
	overrides := overrideFlags(c)
	var reset bool
	c.Flags().BoolVar(&reset, "reset", false, "put changed rules of the pack back to what it says")
	a.writes(c)
	format := a.output(c, "table", "json")
	c.RunE = func(cmd *cobra.Command, args []string) error {
		format, err := format()
		if err != nil {
			return err
		}
		plain, err := findPack(args[0])
		if err != nil {
			return err
		}
		changes, err := overrides()
		if err != nil {
			return err
		}
		p, err := plain.With(changes...)
		if err != nil {
			return usage(err)
		}
		return a.withTeam(cmd.Context(), func(s *sqlite.Store, team schedule.TeamID) error {
			var kept []schedule.RuleID
			err := a.changeBook(cmd.Context(), s, team, format, func(b *schedule.Book) error {
				*b = b.Normalize()
				// What an override speaks about is meant to change.
				stay := slices.Clone(b.Rules)
				for _, o := range changes {
					for i, r := range stay {
						if k := slices.IndexFunc(p.Rules, func(q schedule.Rule) bool { return q.ID == o.Rule }); r.ID == o.Rule && k >= 0 {
							stay[i] = p.Rules[k]
						}
					}
				}
				b.Rules, kept = p.Adopt(stay, reset)
				if p.Night.Set {
					b.Team.Night = p.Night.Value
				}
				return nil
			})
			if err == nil && len(kept) > 0 {
				a.note("Kept as the team has them: %s. --reset puts them back.", joinIDs(kept))
			}
			return err
		})
	}
	return c
}

// withPacks adds --pack to rota check.
func (a *app) withPacks(c *cobra.Command) *cobra.Command {
	var packs []string
	c.Flags().StringSliceVar(&packs, "pack", nil, "judge by the rules of a pack, adopted or not, in place of the team's")
	_ = c.RegisterFlagCompletionFunc("pack", completePacks)
	c.Example += "\n  rota check --pack eu-wtd"
	inner := c.RunE
	c.RunE = func(cmd *cobra.Command, args []string) error {
		if len(packs) == 0 {
			return inner(cmd, args)
		}
		for _, name := range []string{"rule", "agent"} {
			if cmd.Flags().Changed(name) {
				return usagef("--pack and --%s do not go together", name)
			}
		}
		text := func(name string) string { return cmd.Flags().Lookup(name).Value.String() }
		format := text("output")
		if text("json") == "true" {
			format = "json"
		}
		if !slices.Contains([]string{"table", "json", "csv"}, format) {
			return inner(cmd, args) // which says what is wrong with it
		}
		var chosen []schedule.Pack
		for _, id := range packs {
			p, err := findPack(id)
			if err != nil {
				return err
			}
			chosen = append(chosen, p)
		}
		return a.withTeam(cmd.Context(), func(s *sqlite.Store, team schedule.TeamID) error {
			x, err := a.judged(cmd.Context(), s, team, text("version"), text("file"))
			if err != nil {
				return err
			}
			return a.checkPacks(cmd.Context(), s, x, chosen, text("all") == "true", format)
		})
	}
	return c
}

type packReportJSON struct {
	Pack     string         `json:"pack"`
	Hard     int            `json:"hard"`
	Window   int            `json:"window_days"`
	Known    int            `json:"known_days"`
	Findings []findingJSON  `json:"findings"`
	Rules    []ruleCostJSON `json:"rules"`
}

// checkPacks judges a roster by packs. As much history is loaded as their averages ask for.
func (a *app) checkPacks(ctx context.Context, s *sqlite.Store, x *sheet, packs []schedule.Pack, all bool, format string) error {
	reports := make([]schedule.PackReport, len(packs))
	hard := 0
	for i, p := range packs {
		slots := x.roster.Slots
		if slots == nil {
			slots = []schedule.Slot{}
		}
		period, err := s.LoadPeriod(ctx, sqlite.PeriodQuery{Team: x.roster.Team, First: x.roster.First, Last: x.roster.Last, Now: a.now,
			History: max(p.Days()+7, sqlite.DefaultHistory), Slots: slots})
		if err != nil {
			return err
		}
		reports[i] = schedule.JudgePack(period, x.roster, p)
		hard += reports[i].Hard
	}
	if err := a.printPacks(x, packs, reports, all, format); err != nil {
		return err
	}
	if hard > 0 {
		return exit(exitFindings, nil)
	}
	return nil
}

func (a *app) printPacks(x *sheet, packs []schedule.Pack, reports []schedule.PackReport, all bool, format string) error {
	switch format {
	case "json":
		out := struct {
			Schema  string           `json:"schema"`
			Team    schedule.TeamID  `json:"team"`
			Version schedule.Version `json:"version"`
			Packs   []packReportJSON `json:"packs"`
		}{"rota/pack-audit/v1", x.roster.Team, x.roster.Version, nil}
		for _, r := range reports {
			j := packReportJSON{r.Pack, r.Hard, r.Window, r.Known, findings(r.Findings), []ruleCostJSON{}}
			for _, c := range r.Rules {
				j.Rules = append(j.Rules, ruleCostJSON(c))
			}
			out.Packs = append(out.Packs, j)
		}
		return a.writeJSON(out)
	case "csv":
		var rows [][]string
		for _, r := range reports {
			for _, f := range r.Findings {
				rows = append(rows, []string{r.Pack, string(f.ID), fmt.Sprint(f.Hard), joinIDs(f.Agents), joinIDs(f.Slots), fmt.Sprint(f.Amount), string(f.Unit), f.Sentence})
			}
		}
		return a.writeCSV([]string{"pack", "id", "hard", "agents", "slots", "amount", "unit", "sentence"}, rows)
	}
	for i, r := range reports {
		if i > 0 {
			a.say("")
		}
		what := a.look.good("no limit is broken")
		if r.Hard > 0 {
			what = a.look.bad(plural(r.Hard, "finding") + " beyond a limit")
		}
		a.say("%s by %s: %s.", a.look.strong(title(x.roster)), packs[i].Name, what)
		a.printFindings(r.Findings, all)
		a.say("")
		t := list{header: []string{"Rule", "Findings", "Amount", "Unit"}, right: map[int]bool{1: true, 2: true}}
		for _, c := range r.Rules {
			t.add(string(c.ID), fmt.Sprint(c.Findings), fmt.Sprint(c.Amount), string(c.Unit))
		}
		if err := a.print(t); err != nil {
			return err
		}
		if r.Known < r.Window {
			a.note("Only %d of the %d days of the longest average are known: what is published later can still break it.", r.Known, r.Window)
		}
	}
	return nil
}

// testRule is rota rule test: what one rule says about a roster, whether the team has it or not.
func (a *app) testRule() *cobra.Command {
	c := &cobra.Command{Use: "test RULE [NAME=VALUE]...", Short: "Try one rule on a roster without stating it", Args: cobra.MinimumNArgs(1),
		ValidArgsFunction: first(completeRules),
		Long:              "Judge a roster by one rule with the parameters given, for everybody unless said otherwise, whether the team states it or not. Exit code 5 when it is hard and broken.",
		Example:           "  rota rule test max-consecutive-days days=4\n  rota rule test min-rest hours=12 --version 3"}
	var version string
	var tags, contracts, agents []string
	var all bool
	a.versionFlag(c, &version, "the version to judge")
	c.Flags().BoolVar(&all, "all", false, "list every finding")
	c.Flags().StringSliceVar(&agents, "agents", nil, "only these agents")
	_ = c.RegisterFlagCompletionFunc("agents", a.completeAgents)
	c.Flags().StringSliceVar(&tags, "tags", nil, "only agents with one of these tags")
	c.Flags().StringSliceVar(&contracts, "contracts", nil, "only agents of these contracts")
	format := a.output(c, "table", "json")
	c.RunE = func(cmd *cobra.Command, args []string) error {
		format, err := format()
		if err != nil {
			return err
		}
		rule := schedule.Rule{ID: "tried", Name: schedule.RuleName(args[0]), Params: schedule.Params{}, Scope: schedule.Scope{Tags: tags}}
		for _, c := range contracts {
			rule.Scope.Contracts = append(rule.Scope.Contracts, schedule.ContractID(c))
		}
		for _, id := range agents {
			rule.Scope.Agents = append(rule.Scope.Agents, schedule.AgentID(id))
		}
		for _, arg := range args[1:] {
			name, text, ok := strings.Cut(arg, "=")
			if !ok || name == "" {
				return usagef("bad parameter %q: write it as name=value", arg)
			}
			rule.Params[name] = schedule.ParseValue(text)
		}
		return a.withTeam(cmd.Context(), func(s *sqlite.Store, team schedule.TeamID) error {
			book, _, err := s.LoadBook(cmd.Context(), team)
			if err != nil {
				return err
			}
			var wrong []string
			for _, p := range schedule.CheckRule(book, rule) {
				if p.Warning {
					a.note("warning: %s", p.What)
				} else {
					wrong = append(wrong, p.What)
				}
			}
			wrong = append(wrong, unknownScope(book, rule.Scope)...)
			if len(wrong) > 0 {
				return hint(usagef("%s", strings.Join(wrong, "\nrota: ")), "see rota rule describe "+args[0])
			}
			x, err := a.judged(cmd.Context(), s, team, version, "")
			if err != nil {
				return err
			}
			pack := schedule.Pack{ID: "tried", Name: ruleText(rule), Rules: []schedule.Rule{rule}}
			return a.checkPacks(cmd.Context(), s, x, []schedule.Pack{pack}, all, format)
		})
	}
	return c
}
