package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"rota/schedule"
	"rota/schedule/sqlite"
)

// handChange is a change of a roster by hand: what it is called, and how it is made.
type handChange struct {
	words string
	make  func(p *schedule.Period, r schedule.Roster) (schedule.Roster, schedule.Delta, error)
}

type priceJSON struct {
	Schema  string           `json:"schema"`
	Team    schedule.TeamID  `json:"team"`
	Version schedule.Version `json:"version"`
	Change  string           `json:"change"`
	Before  schedule.Cost    `json:"cost_before"`
	After   schedule.Cost    `json:"cost_after"`
	Price   schedule.Cost    `json:"price"`
	Legal   bool             `json:"legal"`
	Breaks  []findingJSON    `json:"breaks"`
	Gained  []findingJSON    `json:"gained"`
	Lost    []findingJSON    `json:"lost"`
	Kept    bool             `json:"kept"`
}

// handFlags adds what every change by hand takes.
func (a *app) handFlags(c *cobra.Command, version *string, yes *bool) func() (string, error) {
	a.versionFlag(c, version, "the version to change; one that is published is copied to a new draft")
	c.Flags().BoolVarP(yes, "yes", "y", false, "keep it without asking")
	a.writes(c)
	return a.output(c, "table", "json")
}

const handLong = ` The price and what it breaks are shown first. On a terminal rota then asks; elsewhere --yes keeps
it. A published version stays as it is: the change goes into a new draft, which rota publish makes the one people go by.`

// pairArgs reads AGENT SLOT from arguments or from --agent and --slot.
func pairArgs(c *cobra.Command, agent, slot *string) {
	c.Flags().StringVarP(agent, "agent", "a", "", "the agent, if not given as an argument")
	c.Flags().StringVarP(slot, "slot", "s", "", "the slot, if not given as an argument")
	c.Args = cobra.MaximumNArgs(2)
}

func takePair(c *cobra.Command, args []string, agent, slot *string) error {
	for _, arg := range args {
		switch {
		case strings.Contains(arg, "@") && *slot == "":
			*slot = arg
		case !strings.Contains(arg, "@") && *agent == "":
			*agent = arg
		default:
			return usagef("%s takes one agent and one slot, and %q is more", c.CommandPath(), arg)
		}
	}
	if *agent == "" || *slot == "" {
		return hint(usagef("%s needs an agent and a slot", c.CommandPath()), c.CommandPath()+" ani late@2026-12-19")
	}
	return slotWord(*slot)
}

func slotWord(slot string) error {
	if _, _, err := schedule.ParseSlotID(slot); err != nil {
		return usage(err)
	}
	return nil
}

// pairCompletion completes an agent and then a slot.
func (a *app) pairCompletion(cmd *cobra.Command, args []string, prefix string) ([]string, cobra.ShellCompDirective) {
	if len(args)%2 == 0 {
		return a.completeAgents(cmd, args, prefix)
	}
	return a.completeSlots(cmd, args, prefix)
}

func (a *app) assignCommand() *cobra.Command {
	c := &cobra.Command{Use: "assign AGENT SLOT", Short: "Give a slot to an agent, in a draft", Long: "Give a slot to an agent." + handLong,
		ValidArgsFunction: a.pairCompletion, Example: "  rota assign ani late@2026-12-19 --yes"}
	var version, agent, slot string
	var yes bool
	pairArgs(c, &agent, &slot)
	format := a.handFlags(c, &version, &yes)
	c.RunE = func(cmd *cobra.Command, args []string) error {
		if err := takePair(cmd, args, &agent, &slot); err != nil {
			return err
		}
		return a.change(cmd.Context(), version, yes, format, handChange{fmt.Sprintf("%s takes %s", agent, slot),
			func(p *schedule.Period, r schedule.Roster) (schedule.Roster, schedule.Delta, error) {
				return schedule.Assign(p, r, schedule.AgentID(agent), schedule.SlotID(slot), schedule.ByHand)
			}})
	}
	return c
}

func (a *app) unassignCommand() *cobra.Command {
	c := &cobra.Command{Use: "unassign AGENT SLOT", Short: "Take a slot from an agent, in a draft", Long: "Take a slot from an agent." + handLong,
		ValidArgsFunction: a.pairCompletion, Example: "  rota unassign ani late@2026-12-19 --dry-run"}
	var version, agent, slot string
	var yes bool
	pairArgs(c, &agent, &slot)
	format := a.handFlags(c, &version, &yes)
	c.RunE = func(cmd *cobra.Command, args []string) error {
		if err := takePair(cmd, args, &agent, &slot); err != nil {
			return err
		}
		return a.change(cmd.Context(), version, yes, format, handChange{fmt.Sprintf("%s leaves %s", agent, slot),
			func(p *schedule.Period, r schedule.Roster) (schedule.Roster, schedule.Delta, error) {
				return schedule.Unassign(p, r, schedule.AgentID(agent), schedule.SlotID(slot))
			}})
	}
	return c
}

func (a *app) swapCommand() *cobra.Command {
	c := &cobra.Command{Use: "swap AGENT SLOT AGENT SLOT", Short: "Let two agents trade slots, in a draft", Args: cobra.ExactArgs(4),
		Long: "Let two agents trade slots: each is named with the slot to give away." + handLong, ValidArgsFunction: a.pairCompletion,
		Example: "  rota swap ani early@2026-12-14 pablo late@2026-12-14 --yes"}
	var version string
	var yes bool
	format := a.handFlags(c, &version, &yes)
	c.RunE = func(cmd *cobra.Command, args []string) error {
		for _, s := range []string{args[1], args[3]} {
			if err := slotWord(s); err != nil {
				return err
			}
		}
		one, mine, other, theirs := schedule.AgentID(args[0]), schedule.SlotID(args[1]), schedule.AgentID(args[2]), schedule.SlotID(args[3])
		return a.change(cmd.Context(), version, yes, format, handChange{fmt.Sprintf("%s gives %s to %s for %s", one, mine, other, theirs),
			func(p *schedule.Period, r schedule.Roster) (schedule.Roster, schedule.Delta, error) {
				return schedule.Swap(p, r, one, mine, other, theirs, schedule.BySwap)
			}})
	}
	return c
}

// change shows a change and keeps it when that is wanted.
func (a *app) change(ctx context.Context, version string, yes bool, format func() (string, error), h handChange) error {
	form, err := format()
	if err != nil {
		return err
	}
	return a.withTeam(ctx, func(s *sqlite.Store, team schedule.TeamID) error {
		r, err := loadVersion(ctx, s, team, version, latestWord)
		if err != nil {
			return err
		}
		if r.State == schedule.Superseded {
			return hint(fmt.Errorf("version %d is superseded and people no longer go by it", r.Version), "see rota versions")
		}
		p, err := a.periodOf(ctx, s, r)
		if err != nil {
			return err
		}
		return a.price(ctx, s, p, r, yes, form, h)
	})
}

func (a *app) price(ctx context.Context, s *sqlite.Store, p *schedule.Period, r schedule.Roster, yes bool, form string, h handChange) error {
	next, delta, err := h.make(p, r)
	if err != nil {
		return hint(err, "see rota show, and rota candidates --slot for who could take a slot")
	}
	out := priceJSON{Schema: "rota/price/v1", Team: r.Team, Version: r.Version, Change: h.words, Before: next.Cost - delta.Cost, After: next.Cost,
		Price: delta.Cost, Legal: delta.Legal(), Breaks: findings(delta.Breaks()), Gained: findings(delta.Gained), Lost: findings(delta.Lost)}
	if form == "table" {
		a.sayPrice(h.words, out, delta)
	}
	keep := !a.dryRun && (yes || a.ask(ctx, form))
	if err := ctx.Err(); err != nil {
		return err
	}
	if keep {
		if r.State == schedule.Draft {
			next, err = s.EditDraft(ctx, r.Team, r.Version, a.who(), a.now, func(now *schedule.Roster) error {
				fresh, _, err := h.make(p, *now) // on what is there now, should somebody have changed it meanwhile
				*now = fresh
				return err
			})
		} else {
			next.Version, next.BasedOn, next.State = 0, r.Version, schedule.Draft
			next.CreatedBy, next.CreatedAt, next.Note, next.Reason = a.who(), a.now, h.words, ""
			next, err = s.SaveDraft(ctx, next, a.who(), a.now)
		}
		if err != nil {
			return err
		}
		out.Kept, out.Version = true, next.Version
	}
	if form == "json" {
		if err := a.writeJSON(out); err != nil {
			return err
		}
	}
	switch {
	case out.Kept:
		if form == "table" {
			a.say("Kept in draft %d.", out.Version)
		}
		if !out.Legal {
			a.note("warning: the draft now breaks a hard rule; rota publish will ask for a reason")
		}
	case a.dryRun:
		if form == "table" {
			a.say("Nothing was written.")
		}
	default:
		return hint(exit(exitError, fmt.Errorf("not kept")), "keep it with --yes")
	}
	return nil
}

func (a *app) sayPrice(words string, out priceJSON, delta schedule.Delta) {
	price := "costs nothing"
	switch {
	case out.Price > 0:
		price = fmt.Sprintf("costs %d more (%d -> %d)", out.Price, out.Before, out.After)
	case out.Price < 0:
		price = fmt.Sprintf("costs %d less (%d -> %d)", -out.Price, out.Before, out.After)
	}
	legal := a.look.good("breaks no hard rule")
	if !out.Legal {
		legal = a.look.bad("breaks " + plural(len(out.Breaks), "hard rule"))
	}
	a.say("%s: %s, %s.", a.look.strong(words), price, legal)
	for _, f := range delta.Breaks() {
		a.wrapped("  ! ", f.Sentence)
	}
	for _, f := range delta.Gained {
		if !f.Hard {
			a.wrapped("  + ", fmt.Sprintf("%s (%d)", f.Sentence, f.Cost))
		}
	}
	for _, f := range delta.Lost {
		if !f.Hard {
			a.wrapped("  - ", fmt.Sprintf("%s (%d)", f.Sentence, f.Cost))
		}
	}
}

// ask asks on a terminal whether to keep a change. Without a terminal the answer is no, and so it is to an interrupt.
func (a *app) ask(ctx context.Context, form string) bool {
	in, ok := a.in.(*os.File)
	if form != "table" || !ok || !a.look.outTerminal || !term.IsTerminal(int(in.Fd())) {
		return false
	}
	fmt.Fprint(a.err, "Keep it? [y/N] ")
	// Reading cannot be interrupted; the goroutine ends with the process.
	answer := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(in).ReadString('\n')
		answer <- line
	}()
	select {
	case line := <-answer:
		return slices.Contains([]string{"y", "yes"}, strings.ToLower(strings.TrimSpace(line)))
	case <-ctx.Done():
		fmt.Fprintln(a.err)
		return false
	}
}

type candidateJSON struct {
	Agent  schedule.AgentID `json:"agent"`
	Name   string           `json:"name"`
	Legal  bool             `json:"legal"`
	Price  schedule.Cost    `json:"price"`
	Reason string           `json:"reason,omitempty"`
	Breaks []findingJSON    `json:"breaks"`
}

func (a *app) candidatesCommand() *cobra.Command {
	c := &cobra.Command{Use: "candidates --slot SLOT", Short: "Say who could take a slot, best first",
		Example: "  rota candidates --slot late@2026-12-19\n  rota candidates --slot late@2026-12-19 --instead-of pablo"}
	var version, slot, instead string
	var all bool
	a.versionFlag(c, &version, "the version to look at")
	c.Flags().StringVarP(&slot, "slot", "s", "", "the slot")
	c.Flags().StringVar(&instead, "instead-of", "", "an agent who is on the slot and is to be replaced")
	c.Flags().BoolVar(&all, "all", false, "list those who cannot too, with the reason")
	_ = c.RegisterFlagCompletionFunc("slot", a.completeSlots)
	_ = c.RegisterFlagCompletionFunc("instead-of", a.completeAgents)
	c.Args = cobra.MaximumNArgs(1)
	c.ValidArgsFunction = first(a.completeSlots)
	format := a.output(c, "table", "json", "csv")
	c.RunE = func(cmd *cobra.Command, args []string) error {
		format, err := format()
		if err != nil {
			return err
		}
		if len(args) == 1 && slot == "" {
			slot = args[0]
		}
		if slot == "" {
			return hint(usagef("no slot given"), "rota candidates --slot late@2026-12-19")
		}
		if err := slotWord(slot); err != nil {
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
			if err := knownSlot(r, slot); err != nil {
				return err
			}
			if instead != "" {
				if r, _, err = schedule.Unassign(p, r, schedule.AgentID(instead), schedule.SlotID(slot)); err != nil {
					return err
				}
			}
			return a.printCandidates(p, schedule.SlotID(slot), schedule.Candidates(p, r, schedule.SlotID(slot)), all, format)
		})
	}
	return c
}

// knownSlot says whether a roster has the slot, and which is near otherwise.
func knownSlot(r schedule.Roster, slot string) error {
	var ids []string
	for _, s := range r.Slots {
		if string(s.ID) == slot {
			return nil
		}
		ids = append(ids, string(s.ID))
	}
	near, _ := schedule.Nearest(slot, ids)
	if near != "" {
		return fmt.Errorf("%s has no slot %s, did you mean %s?", title(r), slot, near)
	}
	return hint(fmt.Errorf("%s has no slot %s", title(r), slot), "a slot is named SHIFT@DATE, as late@2026-12-19; see rota show -o csv")
}

func (a *app) printCandidates(p *schedule.Period, slot schedule.SlotID, candidates []schedule.Candidate, all bool, format string) error {
	names := p.Index().Agents
	out := []candidateJSON{}
	t := list{header: []string{"ID", "Agent", "Price", "What speaks against it"}, right: map[int]bool{2: true}, empty: "Nobody can take " + string(slot) + "."}
	hidden := 0
	for _, x := range candidates {
		out = append(out, candidateJSON{x.Agent, names[x.Agent].Name, x.Legal, x.Delta.Cost, x.Reason, findings(x.Delta.Breaks())})
		switch {
		case x.Legal:
			t.add(string(x.Agent), names[x.Agent].Name, fmt.Sprintf("%+d", x.Delta.Cost), x.Reason)
		case all:
			t.add(string(x.Agent), names[x.Agent].Name, a.look.bad("no"), x.Reason)
		default:
			hidden++
		}
	}
	switch format {
	case "json":
		return a.writeJSON(struct {
			Schema     string          `json:"schema"`
			Team       schedule.TeamID `json:"team"`
			Slot       schedule.SlotID `json:"slot"`
			Candidates []candidateJSON `json:"candidates"`
		}{"rota/candidates/v1", p.Team.ID, slot, out})
	case "csv":
		return writeEntries(a, out)
	}
	if err := a.print(t); err != nil {
		return err
	}
	if hidden > 0 {
		a.note("%s cannot; see why with --all.", plural(hidden, "agent"))
	}
	return nil
}
