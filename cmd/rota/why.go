package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"rota/schedule"
	"rota/schedule/plan"
	"rota/schedule/sqlite"
	"rota/solver"
)

type whyJSON struct {
	Schema  string               `json:"schema"`
	Team    schedule.TeamID      `json:"team"`
	Version schedule.Version     `json:"version"`
	Agent   schedule.AgentID     `json:"agent"`
	Slot    schedule.SlotID      `json:"slot"`
	Instead schedule.AgentID     `json:"instead,omitempty"`
	On      bool                 `json:"on"`
	Cost    schedule.Cost        `json:"cost"`
	Direct  *schedule.Cost       `json:"direct"`
	Best    *schedule.Cost       `json:"best"`
	Bound   schedule.Cost        `json:"bound"`
	Status  schedule.SolveStatus `json:"status"`
	Barred  []string             `json:"barred"`
	Broken  []findingJSON        `json:"broken"`
	Before  []findingJSON        `json:"before"`
	After   []findingJSON        `json:"after"`
	Moves   []moveJSON           `json:"moves"`
}

func (a *app) whyCommand() *cobra.Command {
	c := &cobra.Command{Use: "why --agent AGENT --slot SLOT [--not AGENT]", Short: "Say why somebody is on a slot or not, and what the alternative costs",
		Long: `Say why somebody is on a slot, or is not, by deciding it otherwise and solving again from there: what it costs when nothing
else changes, and at best when everything may. --not asks about another agent in their place.`,
		Example: `  rota why --agent ani --slot late@2026-12-19
  rota why --agent ani --slot late@2026-12-19 --not pablo`}
	var version, agent, slot, instead string
	var limit time.Duration
	var seed uint64
	var work int64
	a.versionFlag(c, &version, "the version to look at")
	c.Flags().StringVarP(&agent, "agent", "a", "", "the agent")
	c.Flags().StringVarP(&slot, "slot", "s", "", "the slot")
	c.Flags().StringVar(&instead, "not", "", "the agent who is to take the slot instead")
	c.Flags().DurationVar(&limit, "time-limit", 5*time.Second, "how long to look for the best alternative")
	c.Flags().Int64Var(&work, "work-limit", 0, "how much work to spend on it, the same on every machine")
	c.Flags().Uint64Var(&seed, "seed", 1, "number that the search's random choices follow from")
	_ = c.RegisterFlagCompletionFunc("agent", a.completeAgents)
	_ = c.RegisterFlagCompletionFunc("not", a.completeAgents)
	_ = c.RegisterFlagCompletionFunc("slot", a.completeSlots)
	format := a.output(c, "table", "json")
	c.RunE = func(cmd *cobra.Command, args []string) error {
		format, err := format()
		if err != nil {
			return err
		}
		if agent == "" || slot == "" {
			return hint(usagef("give an agent and a slot"), "rota why --agent ani --slot late@2026-12-19")
		}
		if err := slotWord(slot); err != nil {
			return err
		}
		if work > 0 && !cmd.Flags().Changed("time-limit") {
			limit = 0
		}
		ctx := cmd.Context()
		return a.withTeam(ctx, func(s *sqlite.Store, team schedule.TeamID) error {
			r, err := loadVersion(ctx, s, team, version, latestWord)
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
			for _, id := range []string{agent, instead} {
				if _, known := p.Index().Agents[schedule.AgentID(id)]; id != "" && !known {
					return unknownAgent(p, id)
				}
			}
			compiled, err := plan.Compile(p, false)
			if err != nil {
				return err
			}
			q := plan.Question{Agent: schedule.AgentID(agent), Slot: schedule.SlotID(slot), Instead: schedule.AgentID(instead)}
			answer, err := compiled.Why(ctx, r, q, solver.Options{TimeLimit: limit, WorkLimit: work, Seed: seed})
			var disagreement *plan.Disagreement
			if err != nil && !errors.As(err, &disagreement) {
				return err
			}
			if disagreement != nil {
				return exit(exitInternal, disagreement)
			}
			return a.printWhy(p, r, q, answer, format)
		})
	}
	return c
}

func unknownAgent(p *schedule.Period, id string) error {
	var ids []string
	for _, x := range p.Agents {
		ids = append(ids, string(x.ID))
	}
	near, _ := schedule.Nearest(id, ids)
	return hint(&schedule.UnknownError{Noun: "agent", Word: id, Nearest: near, Valid: ids}, "see rota agent list")
}

func (a *app) printWhy(p *schedule.Period, r schedule.Roster, q plan.Question, x plan.Answer, format string) error {
	var moves []schedule.Move
	if x.Best.Set {
		moves = schedule.DiffRosters(r, x.Roster)
	}
	if format == "json" {
		out := whyJSON{Schema: "rota/why/v1", Team: r.Team, Version: r.Version, Agent: q.Agent, Slot: q.Slot, Instead: q.Instead, On: x.On,
			Cost: x.Now, Bound: x.Bound, Status: x.Status, Barred: x.Barred, Broken: findings(x.Broken), Before: findings(x.Before),
			After: findings(x.After), Moves: []moveJSON{}}
		if out.Barred == nil {
			out.Barred = []string{}
		}
		if x.Direct.Set {
			out.Direct = &x.Direct.Value
		}
		if x.Best.Set {
			out.Best = &x.Best.Value
		}
		for _, m := range moves {
			out.Moves = append(out.Moves, moveJSON{m.Kind, m.Agent, p.Index().Agents[m.Agent].Name, m.Day, slotTime(m.From), slotTime(m.To)})
		}
		return a.writeJSON(out)
	}
	is, other := "is not", fmt.Sprintf("putting %s there", q.Agent)
	if x.On {
		is, other = "is", fmt.Sprintf("taking %s off it", q.Agent)
	}
	if q.Instead != "" {
		other = fmt.Sprintf("giving it to %s instead", q.Instead)
	}
	a.say("%s %s on %s in version %d, which costs %d.", a.look.strong(string(q.Agent)), is, a.look.strong(string(q.Slot)), r.Version, x.Now)
	if len(x.Barred) > 0 {
		a.say("%s is impossible, whatever else changes:", capital(other))
		for _, b := range x.Barred {
			a.say("  %s", b)
		}
		return nil
	}
	switch {
	case x.Direct.Set && x.Direct.Value == x.Now:
		a.say("When nothing else changes, %s costs the same.", other)
	case x.Direct.Set:
		a.say("When nothing else changes, %s costs %s.", other, moreOrLess(x.Direct.Value-x.Now))
	default:
		a.say("When nothing else changes, %s breaks a hard rule:", other)
		for _, f := range x.Broken {
			a.wrapped("  ", f.Sentence)
		}
	}
	switch {
	case x.Status == schedule.Infeasible:
		a.say("No roster at all keeps every hard rule that way.")
	case !x.Best.Set:
		a.say("No roster was found that way within the limit.")
	default:
		proof := ""
		if x.Best.Value > x.Bound {
			proof = fmt.Sprintf(" (at least %d is proved)", max(x.Bound-x.Now, 0))
		}
		if x.Best.Value == x.Now {
			a.say("When others may change too, it costs the same: both are equally good.")
		} else {
			a.say("When others may change too, it costs %s%s.", moreOrLess(x.Best.Value-x.Now), proof)
		}
		if len(x.After) > 0 {
			a.say("It would bring:")
			for _, f := range x.After {
				a.wrapped("  + ", fmt.Sprintf("%s (%d)", f.Sentence, f.Cost))
			}
		}
		if len(x.Before) > 0 {
			a.say("It would spare:")
			for _, f := range x.Before {
				a.wrapped("  - ", fmt.Sprintf("%s (%d)", f.Sentence, f.Cost))
			}
		}
		if len(moves) > 0 {
			people := map[schedule.AgentID]bool{}
			for _, m := range moves {
				people[m.Agent] = true
			}
			a.say("It changes %s of %s.", plural(len(moves), "slot"), plural(len(people), "agent"))
		}
	}
	return nil
}

func moreOrLess(c schedule.Cost) string {
	switch {
	case c < 0:
		return fmt.Sprintf("%d less", -c)
	case c == 0:
		return "the same"
	}
	return fmt.Sprintf("%d more", c)
}

func capital(s string) string {
	if s == "" {
		return s
	}
	return string(s[0]-'a'+'A') + s[1:]
}
