package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"rota/notify"
	"rota/schedule"
	"rota/schedule/sqlite"
)

// agentOf finds an agent of a team by id, with their clock.
func (a *app) agentOf(ctx context.Context, s *sqlite.Store, team schedule.TeamID, word string) (schedule.Agent, *time.Location, error) {
	book, _, err := s.LoadBook(ctx, team)
	if err != nil {
		return schedule.Agent{}, nil, err
	}
	var ids []string
	for _, x := range book.Agents {
		if string(x.ID) == word {
			x.Name = cmp.Or(x.Name, word)
			loc, err := x.Location(book.Team)
			return x, loc, err
		}
		ids = append(ids, string(x.ID))
	}
	near, _ := schedule.Nearest(word, ids)
	return schedule.Agent{}, nil, hint(&schedule.UnknownError{Noun: "agent", Word: word, Nearest: near, Valid: ids}, "see rota agent list")
}

func (a *app) handoffCommand() *cobra.Command {
	group := &cobra.Command{Use: "handoff", Short: "Notes for those who come next, and who took over"}
	group.AddCommand(a.handoffNote(), a.handoffList(), a.handoffDone(), a.handoffTake())
	return group
}

func (a *app) handoffNote() *cobra.Command {
	c := &cobra.Command{Use: "note TEXT", Short: "Leave a note for the next handoff, or a standing one",
		Long: `Leave a note. It is in the handoff message at the end of the slot: --slot, or else the one that --agent is on now. With
--standing it is in every handoff message and digest until rota handoff done.`,
		Example: `  rota handoff note "The mail queue is being watched." --agent ani
  rota handoff note "Printer is down." --slot late@2026-12-19
  rota handoff note --standing "Refunds above 100 need a second pair of eyes."`,
		Args: cobra.MinimumNArgs(1)}
	var slot, agent string
	var standing bool
	c.Flags().StringVarP(&slot, "slot", "s", "", "the slot whose agents hand over")
	c.Flags().StringVarP(&agent, "agent", "a", "", "who leaves the note")
	c.Flags().BoolVar(&standing, "standing", false, "pass it on at every handoff until it is done")
	_ = c.RegisterFlagCompletionFunc("slot", a.completeSlots)
	_ = c.RegisterFlagCompletionFunc("agent", a.completeAgents)
	a.writes(c)
	c.RunE = func(cmd *cobra.Command, args []string) error {
		text := strings.TrimSpace(strings.Join(args, " "))
		switch {
		case text == "":
			return usagef("the note is empty")
		case len(text) > 4000:
			return usagef("the note is longer than 4000 bytes")
		case standing && slot != "":
			return usagef("use --standing or --slot, not both")
		case !standing && slot == "" && agent == "":
			return hint(usagef("whose handoff is it for?"), "give --slot, --agent or --standing")
		}
		if slot != "" {
			if err := slotWord(slot); err != nil {
				return err
			}
		}
		ctx := cmd.Context()
		return a.withTeam(ctx, func(s *sqlite.Store, team schedule.TeamID) error {
			n := schedule.HandoffNote{Team: team, Slot: schedule.SlotID(slot), Text: text, By: a.who(), At: a.now}
			var ends time.Time
			if agent != "" {
				who, _, err := a.agentOf(ctx, s, team, agent)
				if err != nil {
					return err
				}
				n.Agent, n.By = who.ID, who.Name
			}
			switch {
			case standing:
			case slot != "":
				r, err := s.SlotRoster(ctx, team, n.Slot)
				if err != nil {
					return hint(err, "see rota next for slots that are published")
				}
				for _, x := range r.Slots {
					if x.ID == n.Slot {
						ends = x.End
					}
				}
			default:
				slots, on, err := s.PublishedBetween(ctx, team, a.now, a.now.Add(time.Second))
				if err != nil {
					return err
				}
				for _, x := range slots {
					if slices.ContainsFunc(on, func(as schedule.Assignment) bool { return as.Slot == x.ID && as.Agent == n.Agent }) {
						n.Slot = x.ID
					}
				}
				if n.Slot == "" {
					return hint(fmt.Errorf("%s is not on now", agent), "name the slot with --slot, or leave a --standing note")
				}
			}
			where := "for the handoff of " + string(n.Slot)
			if standing {
				where = "for every handoff until it is done"
			}
			if a.dryRun {
				a.say("Would keep the note %s. Nothing was written.", where)
				return nil
			}
			id, err := s.AddHandoffNote(ctx, n)
			if err != nil {
				return err
			}
			if !ends.IsZero() && !a.now.Before(ends) {
				// The message of that handoff stands already.
				a.refreshSent(ctx, s, team, ends.AddDate(0, 0, -1), ends.AddDate(0, 0, 1), func(m schedule.Message) bool {
					return m.Kind == notify.Handoff && notify.About(m).Equal(ends)
				})
			}
			a.say("Note %d is kept %s.", id, where)
			return nil
		})
	}
	return c
}

func (a *app) handoffList() *cobra.Command {
	c := &cobra.Command{Use: "list", Short: "List the notes that stand, and those of slots around now"}
	format := a.output(c, "table", "json", "csv")
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		format, err := format()
		if err != nil {
			return err
		}
		ctx := cmd.Context()
		return a.withTeam(ctx, func(s *sqlite.Store, team schedule.TeamID) error {
			b, err := s.LoadBulletin(ctx, team, a.now, a.now.AddDate(0, 0, -3), a.now.AddDate(0, 0, 14))
			if err != nil {
				return err
			}
			type note struct {
				ID     int64            `json:"id"`
				Slot   schedule.SlotID  `json:"slot"`
				Agent  schedule.AgentID `json:"agent,omitempty"`
				By     string           `json:"by"`
				At     time.Time        `json:"at"`
				Text   string           `json:"text"`
				DoneBy string           `json:"done_by,omitempty"`
			}
			all := []note{}
			t := list{header: []string{"ID", "For", "By", "Since (UTC)", "Note", "Done by"}, right: map[int]bool{0: true}, empty: "There are no notes."}
			for _, n := range b.Notes {
				all = append(all, note{n.ID, n.Slot, n.Agent, n.By, n.At.UTC(), n.Text, n.DoneBy})
				t.add(fmt.Sprint(n.ID), cmp.Or(string(n.Slot), "every handoff"), n.By, n.At.UTC().Format("2006-01-02 15:04"), n.Text, n.DoneBy)
			}
			return listing(a, format, "rota/notes/v1", team, "notes", all, t)
		})
	}
	return c
}

func (a *app) handoffDone() *cobra.Command {
	c := &cobra.Command{Use: "done ID", Short: "Pass a note on no longer", Args: cobra.ExactArgs(1)}
	a.writes(c)
	c.RunE = func(cmd *cobra.Command, args []string) error {
		id, err := strconv.ParseInt(args[0], 10, 64)
		if err != nil || id < 1 {
			return usagef("bad note %q: give its number; see rota handoff list", args[0])
		}
		return a.withTeam(cmd.Context(), func(s *sqlite.Store, team schedule.TeamID) error {
			if a.dryRun {
				a.say("Note %d would be done. Nothing was written.", id)
				return nil
			}
			if err := s.FinishHandoffNote(cmd.Context(), team, id, a.who(), a.now); err != nil {
				return hint(err, "see rota handoff list")
			}
			a.say("Note %d is done.", id)
			return nil
		})
	}
	return c
}

func (a *app) handoffTake() *cobra.Command {
	c := &cobra.Command{Use: "take AGENT SLOT", Short: "Say that an agent has taken over, as the button does", ValidArgsFunction: a.pairCompletion,
		Example: "  rota handoff take ani late@2026-12-19"}
	var agent, slot string
	pairArgs(c, &agent, &slot)
	a.writes(c)
	c.RunE = func(cmd *cobra.Command, args []string) error {
		if err := takePair(cmd, args, &agent, &slot); err != nil {
			return err
		}
		ctx := cmd.Context()
		return a.withTeam(ctx, func(s *sqlite.Store, team schedule.TeamID) error {
			r, err := s.SlotRoster(ctx, team, schedule.SlotID(slot))
			if err != nil {
				return hint(err, "see rota next for slots that are published")
			}
			if !r.Has(schedule.SlotID(slot), schedule.AgentID(agent)) {
				return fmt.Errorf("%s is not on %s", agent, slot)
			}
			if a.dryRun {
				a.say("%s would have %s. Nothing was written.", agent, slot)
				return nil
			}
			fresh, err := s.TakeOver(ctx, schedule.Takeover{Team: team, Slot: schedule.SlotID(slot), Agent: schedule.AgentID(agent), At: a.now})
			if err != nil {
				return err
			}
			if !fresh {
				a.say("%s has %s already.", agent, slot)
				return nil
			}
			for _, x := range r.Slots {
				if string(x.ID) == slot {
					a.refreshSent(ctx, s, team, x.Start.AddDate(0, 0, -1), x.Start.AddDate(0, 0, 1), func(m schedule.Message) bool {
						return m.Kind == notify.Handoff && notify.About(m).Equal(x.Start)
					})
				}
			}
			a.say("%s has %s.", agent, slot)
			return nil
		})
	}
	return c
}
