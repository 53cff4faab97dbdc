package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"rota/schedule"
	"rota/schedule/sqlite"
)

// repair is one way to go on when somebody cannot come.
type repair struct {
	steps  []string
	roster schedule.Roster
	delta  schedule.Cost
	agents []schedule.AgentID
}

type repairJSON struct {
	Steps  []string           `json:"steps"`
	Price  schedule.Cost      `json:"price"`
	Agents []schedule.AgentID `json:"agents"`
}

func (a *app) calloutCommand() *cobra.Command {
	c := &cobra.Command{Use: "callout --agent AGENT --slot SLOT", Short: "Somebody cannot come: ranked ways to repair",
		Long: `Somebody cannot come to a slot. rota ranks the ways to go on: who could take it, who could take it if somebody else took
one of theirs, and leaving it open. Prices are against the roster as it stands. --take keeps one of them as a draft.`,
		Example: `  rota callout --agent pablo --slot late@2026-12-10
  rota callout --agent pablo --slot late@2026-12-10 --take 1 && rota publish`}
	var version, agent, slot string
	var take, limit int
	a.versionFlag(c, &version, "the version to repair (default: what people go by, or else the latest)")
	pairArgs(c, &agent, &slot)
	c.Flags().IntVar(&take, "take", 0, "keep this way, counted from 1, as a draft")
	c.Flags().IntVarP(&limit, "limit", "n", 8, "how many ways to list")
	c.ValidArgsFunction = a.pairCompletion
	_ = c.RegisterFlagCompletionFunc("agent", a.completeAgents)
	_ = c.RegisterFlagCompletionFunc("slot", a.completeSlots)
	a.writes(c)
	format := a.output(c, "table", "json")
	c.RunE = func(cmd *cobra.Command, args []string) error {
		format, err := format()
		if err != nil {
			return err
		}
		if err := takePair(cmd, args, &agent, &slot); err != nil {
			return err
		}
		if take < 0 || limit < 1 {
			return usagef("--take and --limit count from 1")
		}
		ctx := cmd.Context()
		return a.withTeam(ctx, func(s *sqlite.Store, team schedule.TeamID) error {
			r, err := a.calloutRoster(ctx, s, team, version, schedule.SlotID(slot))
			if err != nil {
				return err
			}
			p, err := a.periodOf(ctx, s, r)
			if err != nil {
				return err
			}
			if err := knownSlot(r, slot); err != nil {
				return err
			}
			ways, err := repairs(p, r, schedule.AgentID(agent), schedule.SlotID(slot))
			if err != nil {
				return err
			}
			return a.offerRepairs(ctx, s, p, r, agent, slot, ways, take, limit, format)
		})
	}
	return c
}

// calloutRoster is what people go by on the slot's day, or else the latest version that has the slot.
func (a *app) calloutRoster(ctx context.Context, s *sqlite.Store, team schedule.TeamID, version string, slot schedule.SlotID) (schedule.Roster, error) {
	if version != "" {
		return loadVersion(ctx, s, team, version, latestWord)
	}
	// The roster day can be a day before or after the date in the slot's name.
	for _, n := range []int{0, -1, 1} {
		v, err := s.VersionOn(ctx, team, slot.Date().AddDays(n))
		if err != nil {
			return schedule.Roster{}, err
		}
		if v == 0 {
			continue
		}
		r, err := s.LoadRoster(ctx, team, v)
		if err != nil || slices.ContainsFunc(r.Slots, func(x schedule.Slot) bool { return x.ID == slot }) {
			return r, err
		}
	}
	return loadVersion(ctx, s, team, "", latestWord)
}

// repairs lists the ways to go on without the agent, cheapest first, those that leave nobody short before the one that
// leaves the slot as it is. Only ways that break no hard rule are listed.
func repairs(p *schedule.Period, r schedule.Roster, agent schedule.AgentID, slot schedule.SlotID) ([]repair, error) {
	without, left, err := schedule.Unassign(p, r, agent, slot)
	if err != nil {
		return nil, err
	}
	auditor := schedule.NewAuditor(p)
	var ways []repair
	ways = append(ways, repair{steps: []string{fmt.Sprintf("leave %s without %s", slot, agent)}, roster: without, delta: left.Cost})
	slots := map[schedule.SlotID]schedule.Slot{}
	for _, s := range p.Slots {
		slots[s.ID] = s
	}
	for _, c := range auditor.Candidates(without, slot) {
		if c.Agent == agent {
			continue
		}
		if c.Legal {
			next, d, err := schedule.Assign(p, without, c.Agent, slot, schedule.ByCallOut)
			if err != nil {
				return nil, err
			}
			ways = append(ways, repair{[]string{fmt.Sprintf("%s takes %s", c.Agent, slot)}, next, left.Cost + d.Cost, []schedule.AgentID{c.Agent}})
			continue
		}
		// The slot clashes with something near that somebody else could take.
		for _, own := range without.Of(c.Agent) {
			near := slots[own.Slot].Day.Sub(slots[slot].Day)
			if near < -2 || near > 2 {
				continue
			}
			if way, ok := chain(p, auditor, without, left.Cost, c.Agent, own.Slot, agent, slot); ok {
				ways = append(ways, way)
			}
		}
	}
	slices.SortStableFunc(ways, func(a, b repair) int {
		return cmp.Or(cmp.Compare(a.delta, b.delta), cmp.Compare(len(a.steps), len(b.steps)))
	})
	return ways, nil
}

// chain lets an agent give one slot to the best other and take the open one.
func chain(p *schedule.Period, auditor *schedule.Auditor, r schedule.Roster, base schedule.Cost, agent schedule.AgentID, gives schedule.SlotID,
	absent schedule.AgentID, takes schedule.SlotID) (repair, bool) {
	freed, d1, err := schedule.Unassign(p, r, agent, gives)
	if err != nil {
		return repair{}, false
	}
	taken, d2, err := schedule.Assign(p, freed, agent, takes, schedule.ByCallOut)
	if err != nil || len(d2.Breaks()) > 0 || d1.Hard+d2.Hard > 0 {
		return repair{}, false
	}
	for _, c := range auditor.Candidates(taken, gives) {
		if !c.Legal {
			break
		}
		if c.Agent == absent || c.Agent == agent {
			continue
		}
		next, d3, err := schedule.Assign(p, taken, c.Agent, gives, schedule.ByCallOut)
		if err != nil || len(d3.Breaks()) > 0 {
			return repair{}, false
		}
		return repair{[]string{fmt.Sprintf("%s takes %s", agent, takes), fmt.Sprintf("%s takes %s from %s", c.Agent, gives, agent)},
			next, base + d1.Cost + d2.Cost + d3.Cost, []schedule.AgentID{agent, c.Agent}}, true
	}
	return repair{}, false
}

func (a *app) offerRepairs(ctx context.Context, s *sqlite.Store, p *schedule.Period, r schedule.Roster, agent, slot string, ways []repair, take, limit int, format string) error {
	if take > len(ways) {
		return usagef("there is no way %d: there are %d", take, len(ways))
	}
	var kept schedule.Version
	if take > 0 && !a.dryRun {
		next := ways[take-1].roster
		next.Version, next.BasedOn, next.State = 0, r.Version, schedule.Draft
		next.CreatedBy, next.CreatedAt, next.Reason = a.who(), a.now, ""
		next.Note = fmt.Sprintf("%s cannot come to %s", agent, slot)
		saved, err := s.SaveDraft(ctx, next, a.who(), a.now)
		if err != nil {
			return err
		}
		kept = saved.Version
	}
	if format == "json" {
		out := struct {
			Schema  string           `json:"schema"`
			Team    schedule.TeamID  `json:"team"`
			Version schedule.Version `json:"version"`
			Agent   string           `json:"agent"`
			Slot    string           `json:"slot"`
			Ways    []repairJSON     `json:"ways"`
			Taken   int              `json:"taken,omitempty"`
			Draft   schedule.Version `json:"draft,omitempty"`
		}{"rota/callout/v1", r.Team, r.Version, agent, slot, []repairJSON{}, take, kept}
		for _, w := range ways {
			agents := w.agents
			if agents == nil {
				agents = []schedule.AgentID{}
			}
			out.Ways = append(out.Ways, repairJSON{w.steps, w.delta, agents})
		}
		return a.writeJSON(out)
	}
	names := p.Index().Agents
	a.say("%s cannot come to %s (%s).", cmp.Or(names[schedule.AgentID(agent)].Name, agent), a.look.strong(slot), title(r))
	t := list{header: []string{"", "Price", "Way"}, right: map[int]bool{0: true, 1: true}}
	for i, w := range ways {
		if i >= limit && i+1 != take {
			continue
		}
		way := w.steps[0]
		for _, s := range w.steps[1:] {
			way += ", and " + s
		}
		t.add(fmt.Sprint(i+1), fmt.Sprintf("%+d", w.delta), way)
	}
	if err := a.print(t); err != nil {
		return err
	}
	if n := len(ways) - limit; n > 0 {
		a.note("%d more; see them with --limit.", n)
	}
	switch {
	case kept > 0:
		a.say("Way %d is kept in draft %d; rota publish makes it the one people go by.", take, kept)
	case take > 0:
		a.say("Nothing was written.")
	}
	return nil
}
