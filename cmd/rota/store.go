package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"rota/schedule"
	"rota/schedule/sqlite"
)

// path is the database file: --db, or else ROTA_DB, or else ./rota.db.
func (a *app) path() string {
	if a.database != "" {
		return a.database
	}
	if p := a.getenv("ROTA_DB"); p != "" {
		return p
	}
	return "rota.db"
}

// withStore runs f with the database open.
func (a *app) withStore(ctx context.Context, f func(*sqlite.Store) error) (err error) {
	s, err := sqlite.Open(ctx, a.path(), sqlite.Options{})
	if err != nil {
		return err
	}
	defer func() {
		if e := s.Close(); err == nil {
			err = e
		}
	}()
	if b := s.Migrated(); b != "" {
		a.note("The database was brought up to date; a copy of what it was is in %s.", b)
	}
	return f(s)
}

// withTeam runs f with the database open and the team chosen.
func (a *app) withTeam(ctx context.Context, f func(s *sqlite.Store, team schedule.TeamID) error) error {
	return a.withStore(ctx, func(s *sqlite.Store) error {
		team, err := a.teamID(ctx, s)
		if err != nil {
			return err
		}
		return f(s, team)
	})
}

// teamID is the team meant: --team, or else ROTA_TEAM, or else the only one.
func (a *app) teamID(ctx context.Context, s *sqlite.Store) (schedule.TeamID, error) {
	teams, err := s.ListTeams(ctx)
	if err != nil {
		return "", err
	}
	var ids []string
	for _, t := range teams {
		ids = append(ids, string(t.ID))
	}
	want := a.teamFlag
	if want == "" {
		want = a.getenv("ROTA_TEAM")
	}
	switch {
	case want != "":
		for _, t := range teams {
			if string(t.ID) == want {
				return t.ID, nil
			}
		}
		near, _ := schedule.Nearest(want, ids)
		return "", hint(&schedule.UnknownError{Noun: "team", Word: want, Nearest: near, Valid: ids}, "see rota team list")
	case len(teams) == 0:
		return "", hint(fmt.Errorf("there is no team in %s yet", a.path()), "describe one in a file and apply it: rota apply -f team.yaml")
	case len(teams) > 1:
		return "", hint(usagef("there are %d teams: %s", len(teams), strings.Join(ids, ", ")), "choose one with --team")
	}
	return teams[0].ID, nil
}

// latest, draftWord and publishedWord are the versions that have words.
const (
	latestWord    = "latest"
	draftWord     = "draft"
	publishedWord = "published"
)

// versionFlag adds --version to a command.
func (a *app) versionFlag(c *cobra.Command, v *string, doc string) {
	c.Flags().StringVar(v, "version", "", doc+": a number, latest, draft or published")
	_ = c.RegisterFlagCompletionFunc("version", a.completeVersions)
}

// chooseVersion finds the version that a word means: a number; draft, the draft saved last; published, the version
// published last; latest, the highest number that is not superseded.
func chooseVersion(list []schedule.Roster, word string) (schedule.Version, error) {
	none := func(err error) (schedule.Version, error) {
		if len(list) == 0 {
			return 0, hint(fmt.Errorf("there is no roster yet"), "build one: rota solve --from DATE --weeks 4")
		}
		return 0, hint(err, "see rota versions")
	}
	var found schedule.Version
	var when time.Time
	switch word {
	case latestWord:
		for _, r := range list {
			if r.State != schedule.Superseded || found == 0 {
				found = r.Version
			}
		}
	case draftWord:
		for _, r := range list {
			if r.State == schedule.Draft {
				found = r.Version
			}
		}
	case publishedWord:
		for _, r := range list {
			if r.State == schedule.Published && !r.PublishedAt.Before(when) {
				found, when = r.Version, r.PublishedAt
			}
		}
	default:
		n, err := strconv.Atoi(strings.TrimPrefix(word, "v"))
		if err != nil || n < 1 {
			return 0, usagef("bad version %q: give a number, latest, draft or published", word)
		}
		for _, r := range list {
			if r.Version == schedule.Version(n) {
				return r.Version, nil
			}
		}
		return none(fmt.Errorf("there is no version %d", n))
	}
	if found == 0 {
		return none(fmt.Errorf("there is no %s version", word))
	}
	return found, nil
}

// loadVersion reads the roster that a word means; fallback is the word for none.
func loadVersion(ctx context.Context, s *sqlite.Store, team schedule.TeamID, word, fallback string) (schedule.Roster, error) {
	if word == "" {
		word = fallback
	}
	list, err := s.Rosters(ctx, team)
	if err != nil {
		return schedule.Roster{}, err
	}
	v, err := chooseVersion(list, word)
	if err != nil {
		return schedule.Roster{}, err
	}
	return s.LoadRoster(ctx, team, v)
}

// periodOf loads what is known about the days of a roster, with the slots it was saved with.
func (a *app) periodOf(ctx context.Context, s *sqlite.Store, r schedule.Roster) (*schedule.Period, error) {
	slots := r.Slots
	if slots == nil {
		slots = []schedule.Slot{}
	}
	return s.LoadPeriod(ctx, sqlite.PeriodQuery{Team: r.Team, First: r.First, Last: r.Last, Now: a.now, Slots: slots})
}

// title names a version for people.
func title(r schedule.Roster) string {
	return fmt.Sprintf("version %d (%s), %s to %s", r.Version, r.State, r.First, r.Last)
}
