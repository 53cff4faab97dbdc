package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/renameio/v2"
	"github.com/spf13/cobra"

	"rota/schedule"
	"rota/schedule/sqlite"
	"rota/schedule/teamfile"
)

func (a *app) applyCommand() *cobra.Command {
	c := &cobra.Command{Use: "apply -f FILE", Short: "Create or change a team from a file",
		Long: `Create or change a team from a file (see docs/team-file.md). Applying the same file twice changes nothing. What the file
does not mention stays, unless --prune is given. A file with problems changes nothing, and every problem is told at once.`,
		Example: `  rota apply -f team.yaml --dry-run
  rota apply -f team.yaml --prune`}
	var file string
	var prune bool
	c.Flags().StringVarP(&file, "file", "f", "", "the team file; - is standard input")
	c.Flags().BoolVar(&prune, "prune", false, "remove what the file does not mention")
	_ = c.MarkFlagFilename("file", "yaml", "yml")
	a.writes(c)
	format := a.output(c, "table", "json")
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		format, err := format()
		if err != nil {
			return err
		}
		if file == "" {
			return hint(usagef("no team file given"), "rota apply -f team.yaml")
		}
		data, err := a.readFile(file)
		if err != nil {
			return err
		}
		return a.withStore(cmd.Context(), func(s *sqlite.Store) error {
			return a.apply(cmd.Context(), s, file, data, prune, format)
		})
	}
	return c
}

// apply merges the file into the team's book under the revision it was judged against, so that somebody else's change in
// between is never lost: then the file is judged again.
func (a *app) apply(ctx context.Context, s *sqlite.Store, file string, data []byte, prune bool, format string) error {
	for attempt := 0; ; attempt++ {
		old, base, err := s.LoadBook(ctx, teamfile.TeamOf(data))
		var missing *sqlite.NotFoundError
		if err != nil && !errors.As(err, &missing) {
			return err
		}
		context := old // what the file may refer to
		if prune {
			context = schedule.Book{}
		}
		next, problems := teamfile.Check(file, data, context)
		if err := problems.Err(); err != nil {
			return hintFile(problems.Fatal())
		}
		if want := a.teamFlag; want != "" && want != string(next.Team.ID) {
			return usagef("%s is about team %s, and --team says %s", file, next.Team.ID, want)
		}
		old = old.Normalize()
		if base == 0 {
			old = schedule.Book{}
		} else {
			if !prune {
				next = old.Merge(next)
			}
			next = old.KeepCrews(next.Normalize()).Normalize()
		}
		changes := old.Diff(next)
		revision := base
		if !a.dryRun && len(changes) > 0 {
			revision, err = s.SaveBook(ctx, next, base, a.who(), a.now)
			if errors.As(err, new(*sqlite.ConflictError)) && attempt < 5 {
				continue
			}
			if err != nil {
				return err
			}
		}
		for _, p := range problems.Warnings() {
			a.note("%s", p.Error())
		}
		for _, r := range next.Rotations {
			if text, err := schedule.ResonanceOf(next, r); err == nil && text != "" {
				a.note("%s: warning: rotation %s: %s", file, r.ID, text)
			}
		}
		return a.sayChanges(next.Team.ID, revision, changes, format)
	}
}

// hintFile says how a file with problems is mended.
func hintFile(problems teamfile.Problems) error {
	text := "nothing was written; mend the line above and apply again"
	if len(problems) > 1 {
		text = fmt.Sprintf("nothing was written; mend the %d lines above and apply again", len(problems))
	}
	return hint(problems, text)
}

func (a *app) exportCommand() *cobra.Command {
	c := &cobra.Command{Use: "export", Short: "Write the team file of a team",
		Long: "Write the team file of a team. Applied to an empty database it makes the same team."}
	var file string
	c.Flags().StringVarP(&file, "file", "f", "", "write to a file instead of standard output")
	_ = c.MarkFlagFilename("file", "yaml", "yml")
	a.writes(c)
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		return a.withTeam(cmd.Context(), func(s *sqlite.Store, team schedule.TeamID) error {
			book, _, err := s.LoadBook(cmd.Context(), team)
			if err != nil {
				return err
			}
			data, err := teamfile.Write(book)
			if err != nil {
				return err
			}
			if file == "" || file == "-" {
				_, err = a.out.Write(data)
				return err
			}
			if a.dryRun {
				a.say("Would write %s.", file)
				return nil
			}
			if err := renameio.WriteFile(file, data, 0o644); err != nil {
				return plainFileError(err)
			}
			a.note("Wrote %s.", file)
			return nil
		})
	}
	return c
}
