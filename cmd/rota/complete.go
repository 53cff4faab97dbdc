package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"rota/schedule"
	"rota/schedule/sqlite"
)

// completion is what cobra asks for the words that can follow.
type completion = func(cmd *cobra.Command, args []string, prefix string) ([]string, cobra.ShellCompDirective)

// fixed completes from a list.
func fixed(words ...string) completion {
	return func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return words, cobra.ShellCompDirectiveNoFileComp
	}
}

// fromStore completes with words from the database. Trouble gives no words: a completion must not talk.
func (a *app) fromStore(words func(ctx context.Context, s *sqlite.Store) ([]string, error)) completion {
	return func(cmd *cobra.Command, _ []string, prefix string) ([]string, cobra.ShellCompDirective) {
		ctx := cmd.Context()
		if ctx == nil {
			ctx = context.Background()
		}
		s, err := sqlite.Open(ctx, a.path(), sqlite.Options{BusyTimeout: 200 * time.Millisecond})
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		defer func() { _ = s.Close() }()
		all, err := words(ctx, s)
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		var fitting []string
		for _, w := range all {
			if strings.HasPrefix(w, prefix) {
				fitting = append(fitting, w)
			}
		}
		return fitting, cobra.ShellCompDirectiveNoFileComp
	}
}

// fromBook completes with words of the team's book.
func (a *app) fromBook(words func(schedule.Book) []string) completion {
	return a.fromStore(func(ctx context.Context, s *sqlite.Store) ([]string, error) {
		team, err := a.teamID(ctx, s)
		if err != nil {
			return nil, err
		}
		book, _, err := s.LoadBook(ctx, team)
		return words(book.Normalize()), err
	})
}

// first limits a completion to the first argument.
func first(c completion) completion {
	return func(cmd *cobra.Command, args []string, prefix string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return c(cmd, args, prefix)
	}
}

func (a *app) completeTeams(cmd *cobra.Command, args []string, prefix string) ([]string, cobra.ShellCompDirective) {
	return a.fromStore(func(ctx context.Context, s *sqlite.Store) ([]string, error) {
		teams, err := s.ListTeams(ctx)
		var ids []string
		for _, t := range teams {
			ids = append(ids, string(t.ID)+"\t"+t.Name)
		}
		return ids, err
	})(cmd, args, prefix)
}

func (a *app) completeVersions(cmd *cobra.Command, args []string, prefix string) ([]string, cobra.ShellCompDirective) {
	return a.fromStore(func(ctx context.Context, s *sqlite.Store) ([]string, error) {
		team, err := a.teamID(ctx, s)
		if err != nil {
			return nil, err
		}
		rosters, err := s.Rosters(ctx, team)
		words := []string{latestWord, draftWord, publishedWord}
		for _, r := range rosters {
			words = append(words, fmt.Sprintf("%d\t%s", r.Version, title(r)))
		}
		return words, err
	})(cmd, args, prefix)
}

func (a *app) completeAgents(cmd *cobra.Command, args []string, prefix string) ([]string, cobra.ShellCompDirective) {
	return a.fromBook(func(b schedule.Book) []string {
		var ids []string
		for _, x := range b.Agents {
			ids = append(ids, string(x.ID)+"\t"+x.Name)
		}
		return ids
	})(cmd, args, prefix)
}

func (a *app) completeShifts(cmd *cobra.Command, args []string, prefix string) ([]string, cobra.ShellCompDirective) {
	return a.fromBook(func(b schedule.Book) []string {
		var ids []string
		for _, x := range b.Shifts {
			ids = append(ids, string(x.ID)+"\t"+x.Name)
		}
		return ids
	})(cmd, args, prefix)
}

// completeSlots completes with the slots of the latest roster.
func (a *app) completeSlots(cmd *cobra.Command, args []string, prefix string) ([]string, cobra.ShellCompDirective) {
	return a.fromStore(func(ctx context.Context, s *sqlite.Store) ([]string, error) {
		team, err := a.teamID(ctx, s)
		if err != nil {
			return nil, err
		}
		r, err := loadVersion(ctx, s, team, "", latestWord)
		var ids []string
		for _, slot := range r.Slots {
			ids = append(ids, string(slot.ID))
		}
		return ids, err
	})(cmd, args, prefix)
}
