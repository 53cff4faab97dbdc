package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"rota/schedule"
	"rota/schedule/sqlite"
)

// errDryRun ends a transaction of which only the outcome was to be seen.
var errDryRun = errors.New("dry run")

// changeJSON is one difference between two books.
type changeJSON struct {
	Op     schedule.ChangeOp `json:"op"`
	Kind   string            `json:"kind"`
	Key    string            `json:"key,omitempty"`
	Fields []fieldJSON       `json:"fields,omitempty"`
}

type fieldJSON struct {
	Name string `json:"name"`
	Old  string `json:"old"`
	New  string `json:"new"`
}

type changesJSON struct {
	Schema   string          `json:"schema"`
	Team     schedule.TeamID `json:"team"`
	DryRun   bool            `json:"dry_run"`
	Revision int64           `json:"revision"`
	Changes  []changeJSON    `json:"changes"`
}

// changeBook lets change edit the team's book, judges the result and keeps it, all in one transaction, and says what
// changed. Warnings that the book did not have before are told.
func (a *app) changeBook(ctx context.Context, s *sqlite.Store, team schedule.TeamID, format string, change func(*schedule.Book) error) error {
	var changes []schedule.Change
	var fresh schedule.Problems
	revision, err := s.UpdateBook(ctx, team, a.who(), a.now, func(b *schedule.Book) error {
		before := b.Normalize()
		if err := change(b); err != nil {
			return err
		}
		*b = a.stampRequests(before, b.Normalize())
		after := b.Normalize()
		problems := after.Validate()
		if err := problems.Err(); err != nil {
			return problems.Fatal()
		}
		fresh = newProblems(before.Validate(), problems)
		changes = before.Diff(after)
		if a.dryRun {
			return errDryRun
		}
		return nil
	})
	if err != nil && !errors.Is(err, errDryRun) {
		return err
	}
	a.warn(fresh)
	return a.sayChanges(team, int64(revision), changes, format)
}

// newProblems are those of next that old does not have.
func newProblems(old, next schedule.Problems) schedule.Problems {
	var fresh schedule.Problems
	for _, p := range next {
		known := slices.ContainsFunc(old, func(o schedule.Problem) bool { return o.What == p.What && o.ID == p.ID && o.Section == p.Section })
		if !known {
			fresh = append(fresh, p)
		}
	}
	return fresh
}

func (a *app) warn(problems schedule.Problems) {
	for _, p := range problems {
		a.note("warning: %s: %s", p.At(), p.What)
		if p.Hint != "" {
			a.note("hint: %s", p.Hint)
		}
	}
}

// sayChanges prints what changed in a book.
func (a *app) sayChanges(team schedule.TeamID, revision int64, changes []schedule.Change, format string) error {
	if format == "json" {
		out := changesJSON{Schema: "rota/changes/v1", Team: team, DryRun: a.dryRun, Revision: revision, Changes: []changeJSON{}}
		for _, c := range changes {
			j := changeJSON{Op: c.Op, Kind: c.Kind, Key: c.Key}
			for _, f := range c.Fields {
				j.Fields = append(j.Fields, fieldJSON(f))
			}
			out.Changes = append(out.Changes, j)
		}
		return a.writeJSON(out)
	}
	counts := map[schedule.ChangeOp]int{}
	for _, c := range changes {
		counts[c.Op]++
		line := c.String()
		switch c.Op {
		case schedule.Added:
			line = a.look.good("+") + " " + line
		case schedule.Removed:
			line = a.look.bad("-") + " " + line
		default:
			line = a.look.warn("~") + " " + line
		}
		a.say("%s", line)
	}
	switch {
	case len(changes) == 0:
		a.say("Nothing to change in team %s.", team)
	case a.dryRun:
		a.say("Team %s would change: %s. Nothing was written.", team, tally(counts))
	default:
		a.say("Team %s: %s.", team, tally(counts))
	}
	return nil
}

func tally(counts map[schedule.ChangeOp]int) string {
	text := ""
	for _, op := range []schedule.ChangeOp{schedule.Added, schedule.Changed, schedule.Removed, schedule.Reordered} {
		if counts[op] > 0 {
			if text != "" {
				text += ", "
			}
			text += fmt.Sprintf("%d %s", counts[op], op)
		}
	}
	return text
}
