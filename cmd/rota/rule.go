package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"rota/schedule"
	"rota/schedule/teamfile"
)

func (a *app) ruleCommand() *cobra.Command {
	return a.sectionCommand(section{
		noun: "rule", plural: "rules", name: "rules", short: "The rules that rosters keep",
		args: []string{"rule"}, keys: []string{"id"}, params: true, complete: []completion{completeRules},
		flags: []keyFlag{
			{flag: "id", path: "id", doc: "name of this use of the rule; made up if none"},
			{flag: "contracts", path: "contracts", doc: "only agents of these contracts"},
			{flag: "agents", path: "agents", doc: "only these agents"},
			{flag: "tags", path: "tags", doc: "only agents with one of these tags"},
			{flag: "force", path: "force", doc: "hard, weighted or off", complete: fixed("hard", "weighted", "off")},
			{flag: "weight", path: "weight", doc: "price of each unit of excess; makes the rule weighted"},
			{flag: "note", path: "note", doc: "a note"},
		},
		spare: []int{1},
		columns: []column{{"ID", "id", false}, {"Rule", "rule", false}, {"Parameters", "params", false}, {"Contracts", "contracts", false},
			{"Agents", "agents", false}, {"Tags", "tags", false}, {"Counts", "strength", true}, {"Note", "note", false}},
		filters: []filter{{flag: "rule", doc: "uses of one rule of the catalogue", complete: completeRules,
			keep: func(b schedule.Book, i int, text string) (bool, error) {
				return string(b.Rules[i].Name) == text, nil
			}}},
		example: `  rota rule add max-consecutive tag=night shifts=3
  rota rule add min-consecutive-days-off days=2 --contracts full-time --weight 20
  rota rule edit min-rest hours=12
  rota rule describe min-rest`,
	}, a.describeRule(), a.ruleCatalogue(), a.testRule(), a.packCommand())
}

// strength is hard, off, or the price of a unit, which the catalogue gives where the rule does not.
func strength(e teamfile.Entry) string {
	d, _ := schedule.FindDefinition(schedule.RuleName(e.Text("rule")))
	force, weight := e.Text("force"), e.Text("weight")
	switch {
	case force == string(schedule.Hard) || force == string(schedule.Off):
		return force
	case weight != "":
		return weight
	case force == "" && d.Force == schedule.Hard:
		return string(schedule.Hard)
	}
	return fmt.Sprint(d.Weight)
}

func completeRules(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	var words []string
	for _, d := range schedule.Catalogue() {
		if !d.Unstatable {
			words = append(words, string(d.Name)+"\t"+d.Title)
		}
	}
	return words, cobra.ShellCompDirectiveNoFileComp
}

type definitionJSON struct {
	Name       schedule.RuleName `json:"name"`
	Title      string            `json:"title"`
	Personal   bool              `json:"personal"`
	Quantity   string            `json:"quantity"`
	Unit       schedule.Unit     `json:"unit"`
	Step       int               `json:"step"`
	Force      schedule.Force    `json:"force"`
	Weight     schedule.Cost     `json:"weight"`
	Why        string            `json:"why"`
	Parameters []parameterJSON   `json:"parameters"`
}

type parameterJSON struct {
	Name     string         `json:"name"`
	Unit     schedule.Unit  `json:"unit,omitempty"`
	Default  schedule.Value `json:"default"`
	Required bool           `json:"required"`
	Doc      string         `json:"doc"`
}

func definition(d schedule.Definition) definitionJSON {
	out := definitionJSON{Name: d.Name, Title: d.Title, Personal: d.Personal, Quantity: d.Quantity, Unit: d.Unit, Step: d.Step,
		Force: d.Force, Weight: d.Weight, Why: d.Why, Parameters: []parameterJSON{}}
	for _, p := range d.Params {
		out.Parameters = append(out.Parameters, parameterJSON{p.Name, p.Unit, p.Default, p.Required, p.Doc})
	}
	return out
}

func (a *app) ruleCatalogue() *cobra.Command {
	c := &cobra.Command{Use: "catalogue", Short: "List every rule there is"}
	format := a.output(c, "table", "json", "csv")
	c.RunE = func(*cobra.Command, []string) error {
		format, err := format()
		if err != nil {
			return err
		}
		var all []definitionJSON
		t := list{header: []string{"Rule", "Default", "What it asks"}}
		for _, d := range schedule.Catalogue() {
			all = append(all, definition(d))
			force := string(d.Force)
			if d.Force == schedule.Weighted {
				force = fmt.Sprint(d.Weight)
			}
			t.add(string(d.Name), force, d.Title)
		}
		return listing(a, format, "rota/catalogue/v1", "", "rules", all, t)
	}
	return c
}

func (a *app) describeRule() *cobra.Command {
	c := &cobra.Command{Use: "describe RULE", Short: "Say what a rule of the catalogue means", Args: cobra.ExactArgs(1),
		ValidArgsFunction: first(completeRules)}
	format := a.output(c, "table", "json")
	c.RunE = func(_ *cobra.Command, args []string) error {
		format, err := format()
		if err != nil {
			return err
		}
		d, ok := schedule.FindDefinition(schedule.RuleName(args[0]))
		if !ok {
			var names []string
			for _, n := range schedule.RuleNames() {
				names = append(names, string(n))
			}
			near, _ := schedule.Nearest(args[0], names)
			return hint(&schedule.UnknownError{Noun: "rule", Word: args[0], Nearest: near, Valid: names}, "see rota rule catalogue")
		}
		if format == "json" {
			return a.writeJSON(struct {
				Schema string `json:"schema"`
				definitionJSON
			}{"rota/rule/v1", definition(d)})
		}
		a.say("%s", a.look.strong(string(d.Name)))
		a.wrapped("", d.Title)
		a.say("")
		a.wrapped("", d.Quantity)
		a.say("")
		a.wrapped("", d.Why)
		a.say("")
		switch {
		case d.Unstatable:
			a.say("It holds without being stated.")
		case d.Force == schedule.Weighted:
			a.say("Unless said otherwise: %d for each of %s.", d.Weight, unitOf(d))
		default:
			a.say("Unless said otherwise: hard. With --weight, a price for each of %s.", unitOf(d))
		}
		if len(d.Params) > 0 {
			a.say("")
			t := list{header: []string{"Parameter", "Default", "Meaning"}}
			for _, p := range d.Params {
				def := p.Default.String()
				if p.Required {
					def = "required"
				}
				t.add(p.Name, def, p.Doc)
			}
			if err := a.print(t); err != nil {
				return err
			}
		}
		if add, entry := statements(d); add != "" {
			a.say("\nState it:")
			a.say("    %s", add)
			a.say("or in the team file, below rules:")
			a.say("    %s", entry)
		}
		a.example("Breaks it", d.Example.Common+d.Example.Hit)
		a.example("Just keeps it", d.Example.Common+d.Example.Miss)
		return nil
	}
	return c
}

// statements are the command and the entry of a team file that state the rule as its example does.
func statements(d schedule.Definition) (add, entry string) {
	for line := range strings.SplitSeq(d.Example.Common+"\n"+d.Example.Hit, "\n") {
		words := strings.Fields(line)
		if d.Unstatable || len(words) < 2 || words[0] != "rule" || words[1] != string(d.Name) {
			continue
		}
		add, entry = "rota rule add "+words[1], "- {rule: "+words[1]
		for _, w := range words[2:] {
			key, value, ok := strings.Cut(w, "=")
			switch {
			case !ok:
				add, entry = add+" --force "+key, entry+", force: "+key
			case slices.Contains([]string{"agents", "contracts", "tags", "weight", "force", "id"}, key):
				add += " --" + key + " " + value
			default:
				add += " " + w
			}
			if ok {
				if strings.Contains(value, ",") || slices.Contains([]string{"agents", "contracts", "tags", "of"}, key) {
					value = "[" + strings.ReplaceAll(value, ",", ", ") + "]"
				}
				entry += ", " + key + ": " + value
			}
		}
		return add, entry + "}"
	}
	return "", ""
}

func unitOf(d schedule.Definition) string {
	unit := string(d.Unit)
	if d.Step > 1 {
		return fmt.Sprintf("%d %s begun", d.Step, unit)
	}
	return "the " + unit + " in excess"
}

func (a *app) example(title, text string) {
	text = strings.TrimSpace(text)
	if text == "" {
		return
	}
	a.say("\n%s:", title)
	for line := range strings.SplitSeq(text, "\n") {
		a.say("    %s", line)
	}
}
