package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"rota/schedule"
	"rota/schedule/sqlite"
	"rota/schedule/teamfile"
)

func (a *app) teamCommand() *cobra.Command {
	group := &cobra.Command{Use: "team", Short: "The teams of the database"}
	group.AddCommand(a.teamList(), a.teamShow(), a.teamEdit())
	return group
}

func (a *app) teamList() *cobra.Command {
	c := &cobra.Command{Use: "list", Short: "List the teams", Aliases: []string{"ls"}}
	format := a.output(c, "table", "json", "csv")
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		format, err := format()
		if err != nil {
			return err
		}
		return a.withStore(cmd.Context(), func(s *sqlite.Store) error {
			teams, err := s.ListTeams(cmd.Context())
			if err != nil {
				return err
			}
			type team struct {
				ID       schedule.TeamID `json:"id"`
				Name     string          `json:"name"`
				Zone     string          `json:"timezone"`
				Agents   int             `json:"agents"`
				Revision int64           `json:"revision"`
			}
			all := []team{}
			t := list{header: []string{"ID", "Name", "Time zone", "Agents", "Revision"}, right: map[int]bool{3: true, 4: true},
				empty: "No teams yet. Describe one in a file and apply it: rota apply -f team.yaml"}
			for _, x := range teams {
				all = append(all, team{x.ID, x.Name, x.Zone, x.Agents, x.Revision})
				t.add(string(x.ID), x.Name, x.Zone, fmt.Sprint(x.Agents), fmt.Sprint(x.Revision))
			}
			return listing(a, format, "rota/teams/v1", "", "teams", all, t)
		})
	}
	return c
}

func (a *app) teamShow() *cobra.Command {
	c := &cobra.Command{Use: "show", Short: "Show what the team states about itself"}
	format := a.output(c, "table", "json")
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		format, err := format()
		if err != nil {
			return err
		}
		return a.withTeam(cmd.Context(), func(s *sqlite.Store, team schedule.TeamID) error {
			book, _, err := s.LoadBook(cmd.Context(), team)
			if err != nil {
				return err
			}
			entry, err := teamfile.TeamEntry(book.Team)
			if err != nil {
				return err
			}
			if format == "json" {
				return a.writeJSON(struct {
					Schema string         `json:"schema"`
					Team   teamfile.Entry `json:"team"`
				}{"rota/team/v1", entry})
			}
			a.printEntry(entry)
			a.say("")
			a.say("%s, %s, %s, %s, %s.", plural(len(book.Agents), "agent"), plural(len(book.Shifts), "shift"),
				plural(len(book.Contracts), "contract"), plural(len(book.Rules), "rule"), plural(len(book.Availability), "availability entry"))
			return nil
		})
	}
	return c
}

func (a *app) teamEdit() *cobra.Command {
	c := &cobra.Command{Use: "edit KEY=VALUE...", Short: "Change what the team states about itself", Args: cobra.MinimumNArgs(1),
		Long: `Change what the team states about itself, in the words of the team file: a key, or a key within one, such as
messages.digest_at. Lists are written with commas. Only what is given changes; an empty value brings the default back.`,
		Example: `  rota team edit quiet=23:00-07:00 reminders=24h,1h
  rota team edit messages.skip=digest,gap messages.escalate_after=10m
  rota team edit messages.digest_at=`,
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			var words []string
			for _, k := range teamfile.TeamKeys() {
				words = append(words, k+"=")
			}
			return words, cobra.ShellCompDirectiveNoSpace | cobra.ShellCompDirectiveNoFileComp
		}}
	a.writes(c)
	format := a.output(c, "table", "json")
	c.RunE = func(cmd *cobra.Command, args []string) error {
		format, err := format()
		if err != nil {
			return err
		}
		values, names, err := params(args)
		if err != nil {
			return err
		}
		for _, v := range values {
			if v.Key == "team" {
				return hint(usagef("the id of a team cannot change"), "apply the file under another id, and leave the old team be")
			}
		}
		return a.withTeam(cmd.Context(), func(s *sqlite.Store, team schedule.TeamID) error {
			return a.changeBook(cmd.Context(), s, team, format, func(b *schedule.Book) error {
				next, err := teamfile.EditTeam(b.Normalize(), values...)
				if err != nil {
					return flagProblems(err, names)
				}
				*b = next
				return nil
			})
		})
	}
	return c
}
