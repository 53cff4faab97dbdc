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
	group.AddCommand(a.teamList(), a.teamShow())
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
			switch format {
			case "json":
				return a.writeJSON(struct {
					Schema string `json:"schema"`
					Teams  []team `json:"teams"`
				}{"rota/teams/v1", all})
			case "csv":
				return a.writeCSV(t.header, t.rows)
			}
			return a.print(t)
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
