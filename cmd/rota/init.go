package main

import (
	"github.com/spf13/cobra"

	"rota/schedule/sqlite"
)

func (a *app) initCommand() *cobra.Command {
	c := &cobra.Command{Use: "init", Short: "Make the database",
		Long: "Make a new, empty database, readable by you alone. A file that exists is left as it is."}
	a.writes(c)
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		if a.dryRun {
			a.say("Would make %s.", a.path())
			return nil
		}
		s, err := sqlite.Create(cmd.Context(), a.path(), sqlite.Options{})
		if err != nil {
			return err
		}
		if err := s.Close(); err != nil {
			return err
		}
		a.say("Made %s.", a.path())
		a.note("Next: describe your team in a file and apply it: rota apply -f team.yaml")
		return nil
	}
	return c
}
