package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"rota/schedule"
	"rota/schedule/sqlite"
)

// stampRequests writes into entries of availability whose state is not what it was before who put them there, and when;
// what was said about that by hand stays.
func (a *app) stampRequests(before, after schedule.Book) schedule.Book {
	was := map[schedule.AvailabilityID]schedule.Availability{}
	for _, e := range before.Availability {
		was[e.ID] = e
	}
	after.Availability = slices.Clone(after.Availability)
	for i := range after.Availability {
		e := &after.Availability[i]
		old := was[e.ID]
		switch {
		case e.State == "":
		case e.State == old.State:
			if e.By == "" && e.At.IsZero() { // a table that does not say, read again
				e.By, e.At = old.By, old.At
			}
		case e.By == old.By && e.At.Equal(old.At):
			e.By, e.At = a.who(), a.now.UTC().Truncate(time.Second)
		}
	}
	return after
}

// askAvailability is rota availability ask.
func (a *app) askAvailability(x section) *cobra.Command {
	c := a.addEntry(x)
	c.Use = "ask AGENT KIND"
	c.Short = "Ask for time off, or for any other entry, to be approved or refused"
	c.Long = `Ask for an entry of availability. It has no effect until it is approved. Who asked and when is kept with it; rota log has the
whole story.`
	c.Example = "  rota availability ask davit leave --from 2026-12-14 --to 2026-12-18 --note 'wedding'\n  rota availability list --state asked"
	_ = c.Flags().MarkHidden("state")
	c.PreRunE = func(cmd *cobra.Command, _ []string) error {
		if cmd.Flags().Changed("state") {
			return usagef("ask states that an entry is asked for; see rota availability add --state")
		}
		return cmd.Flags().Set("state", string(schedule.Asked))
	}
	return c
}

// answerAvailability is rota availability approve and refuse.
func (a *app) answerAvailability(x section, state schedule.RequestState) *cobra.Command {
	verb, short, text := "approve", "Approve an entry that was asked for", `Approve what was asked for: it is in force from now on. Shifts in published rosters that it forbids are told; they
stay until a new roster is published.`
	if state == schedule.Refused {
		verb, short, text = "refuse", "Refuse an entry that was asked for", "Refuse what was asked for: the entry stays as a record and has no effect."
	}
	c := &cobra.Command{Use: verb + " ID", Short: short, Long: text, Args: cobra.ExactArgs(1),
		Example:           "  rota availability list --state asked\n  rota availability " + verb + " davit.leave.2026-12-14",
		ValidArgsFunction: a.completeRequests}
	var note string
	c.Flags().StringVar(&note, "note", "", "a note")
	a.writes(c)
	format := a.output(c, "table", "json")
	c.RunE = func(cmd *cobra.Command, args []string) error {
		format, err := format()
		if err != nil {
			return err
		}
		return a.withTeam(cmd.Context(), func(s *sqlite.Store, team schedule.TeamID) error {
			var entry schedule.Availability
			err := a.changeBook(cmd.Context(), s, team, format, func(b *schedule.Book) error {
				book := b.Normalize()
				i, err := x.find(book, args[0])
				if err != nil {
					return err
				}
				book.Availability = slices.Clone(book.Availability)
				e := &book.Availability[i]
				if e.State == "" {
					return hint(fmt.Errorf("%s was not asked for: it is in force as it was stated", e.ID), "rota availability remove "+string(e.ID)+" takes it away")
				}
				e.State = state
				if cmd.Flags().Changed("note") {
					e.Note = note
				}
				entry, *b = *e, book
				return nil
			})
			if err != nil || a.dryRun {
				return err
			}
			return a.noteBrokenLeave(cmd.Context(), s, team, entry)
		})
	}
	return c
}

// completeRequests completes the entries that wait for an answer.
func (a *app) completeRequests(cmd *cobra.Command, args []string, prefix string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return a.fromBook(func(b schedule.Book) []string {
		var words []string
		for _, e := range b.Normalize().Availability {
			if e.State == schedule.Asked {
				words = append(words, string(e.ID)+"\t"+string(e.Agent)+" "+string(e.Kind))
			}
		}
		return words
	})(cmd, args, prefix)
}

// noteBrokenLeave tells which shifts of published rosters an entry in force forbids.
func (a *app) noteBrokenLeave(ctx context.Context, s *sqlite.Store, team schedule.TeamID, e schedule.Availability) error {
	if !e.InForce() {
		return nil
	}
	list, err := s.Rosters(ctx, team)
	if err != nil {
		return err
	}
	told := false
	for _, head := range list {
		if head.State != schedule.Published || head.Last.Before(schedule.DateOf(a.now, time.UTC).AddDays(-1)) {
			continue
		}
		r, err := s.LoadRoster(ctx, team, head.Version)
		if err != nil {
			return err
		}
		p, err := a.periodOf(ctx, s, r)
		if err != nil {
			return err
		}
		agents := p.Index().Agents
		for _, x := range r.Assignments {
			i := slices.IndexFunc(r.Slots, func(o schedule.Slot) bool { return o.ID == x.Slot })
			if x.Agent != e.Agent || i < 0 || r.Slots[i].End.Before(a.now) {
				continue
			}
			st, err := schedule.StandingOf(p.Team, agents[x.Agent], []schedule.Availability{e}, r.Slots[i])
			if err != nil {
				return err
			}
			if st.Blocked() {
				a.note("warning: %s has %s in published version %d", agents[x.Agent].Name, x.Slot, r.Version)
				told = true
			}
		}
	}
	if told {
		a.note("hint: rota solve makes a new roster, rota candidates --slot finds somebody for one shift")
	}
	return nil
}
