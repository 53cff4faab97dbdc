package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"rota/schedule"
	"rota/schedule/sqlite"
)

// diagnosis is one thing that doctor looked at.
type diagnosis struct {
	Check  string `json:"check"`
	State  string `json:"state"` // good, warning, bad
	Detail string `json:"detail"`
	Hint   string `json:"hint,omitempty"`
}

func (a *app) doctorCommand() *cobra.Command {
	c := &cobra.Command{Use: "doctor", Short: "Look for what is wrong with the database, the teams and the settings",
		Long: "Look for what is wrong with the database, the teams and the settings. Exit code 1 when something is broken."}
	format := a.output(c, "table", "json")
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		format, err := format()
		if err != nil {
			return err
		}
		var found []diagnosis
		add := func(check, state, detail, hint string) { found = append(found, diagnosis{check, state, detail, hint}) }
		err = a.withStore(cmd.Context(), func(s *sqlite.Store) error { return a.diagnose(cmd.Context(), s, add) })
		if err != nil && len(found) == 0 {
			return err
		}
		if err != nil {
			add("database", "bad", err.Error(), hintFor(err))
		}
		bad := 0
		for _, d := range found {
			if d.State == "bad" {
				bad++
			}
		}
		if format == "json" {
			if err := a.writeJSON(struct {
				Schema string      `json:"schema"`
				Checks []diagnosis `json:"checks"`
			}{"rota/doctor/v1", found}); err != nil {
				return err
			}
		} else {
			for _, d := range found {
				sign := a.look.good("ok     ")
				switch d.State {
				case "warning":
					sign = a.look.warn("warning")
				case "bad":
					sign = a.look.bad("bad    ")
				}
				a.say("%s  %s: %s", sign, d.Check, d.Detail)
				if d.Hint != "" {
					a.say("         hint: %s", d.Hint)
				}
			}
		}
		if bad > 0 {
			return exit(exitError, nil)
		}
		return nil
	}
	return c
}

func (a *app) diagnose(ctx context.Context, s *sqlite.Store, add func(check, state, detail, hint string)) error {
	info, err := os.Stat(a.path())
	if err != nil {
		return plainFileError(err)
	}
	add("database", "good", fmt.Sprintf("%s, %d kB", a.path(), (info.Size()+1023)/1024), "")
	if mode := info.Mode().Perm(); mode&0o077 != 0 && runtime.GOOS != "windows" {
		add("file mode", "warning", fmt.Sprintf("%s can be read by others (%o)", a.path(), mode), "chmod 600 "+a.path())
	}
	problems, err := s.Check(ctx)
	if err != nil {
		return err
	}
	if len(problems) == 0 {
		add("structure", "good", "sound", "")
	}
	for _, p := range problems {
		if p.Grave {
			add("structure", "bad", p.Sentence, "keep a copy of the file and see rota restore")
		} else {
			add("structure", "warning", p.Sentence, "")
		}
	}
	teams, err := s.ListTeams(ctx)
	if err != nil {
		return err
	}
	if len(teams) == 0 {
		add("teams", "warning", "there is none yet", "rota apply -f team.yaml")
	}
	for _, t := range teams {
		book, _, err := s.LoadBook(ctx, t.ID)
		if err != nil {
			return err
		}
		name := "team " + string(t.ID)
		wrong := book.Normalize().Validate()
		fatal := wrong.Fatal()
		switch {
		case len(fatal) > 0:
			for _, p := range fatal {
				add(name, "bad", p.Error(), p.Hint)
			}
		case len(wrong) > 0:
			for _, p := range wrong {
				add(name, "warning", p.At()+": "+p.What, p.Hint)
			}
		default:
			add(name, "good", plural(t.Agents, "agent")+", nothing wrong with what it states", "")
		}
		var mute []string
		for _, x := range book.Agents {
			if x.Slack == "" {
				mute = append(mute, string(x.ID))
			}
		}
		if len(mute) > 0 {
			add(name, "warning", "no Slack id: "+strings.Join(mute, ", "), "rota agent edit "+mute[0]+" --slack U...")
		}
		a.checkSlack(ctx, book, add)
		waiting, err := s.Messages(ctx, sqlite.MessageQuery{Team: t.ID, States: []schedule.MessageState{schedule.MessageUnknown, schedule.MessageDead}})
		if err != nil {
			return err
		}
		if len(waiting) > 0 {
			add(name, "warning", plural(len(waiting), "message")+" were not delivered, or nobody knows", "rota notify status")
		}
		horizon := a.now.Add(7 * 24 * time.Hour)
		slots, _, err := s.PublishedBetween(ctx, t.ID, a.now, horizon)
		if err != nil {
			return err
		}
		if len(slots) == 0 && len(book.Shifts) > 0 {
			add(name, "warning", "nothing is published for the next seven days", "rota solve, then rota publish")
		}
	}
	return nil
}

func (a *app) backupCommand() *cobra.Command {
	c := &cobra.Command{Use: "backup FILE", Short: "Copy the database, also while others write",
		Args: cobra.ExactArgs(1)}
	a.writes(c)
	c.RunE = func(cmd *cobra.Command, args []string) error {
		return a.withStore(cmd.Context(), func(s *sqlite.Store) error {
			if a.dryRun {
				a.say("Would copy %s to %s.", a.path(), args[0])
				return nil
			}
			if err := s.Backup(cmd.Context(), args[0]); err != nil {
				return err
			}
			a.say("Copied %s to %s.", a.path(), args[0])
			return nil
		})
	}
	return c
}

func (a *app) restoreCommand() *cobra.Command {
	c := &cobra.Command{Use: "restore FILE", Short: "Put a backup in place of the database",
		Long: `Put a backup in place of the database. The backup is checked first; one that is damaged changes nothing. What the database
holds now is copied beside it before, unless there is none.`, Args: cobra.ExactArgs(1)}
	a.writes(c)
	c.RunE = func(cmd *cobra.Command, args []string) error {
		ctx := cmd.Context()
		if _, err := os.Stat(args[0]); err != nil {
			return exit(exitNoDatabase, plainFileError(err))
		}
		if a.dryRun {
			s, err := sqlite.Open(ctx, args[0], sqlite.Options{})
			if err != nil {
				return err
			}
			problems, err := s.Check(ctx)
			if err != nil {
				_ = s.Close()
				return err
			}
			a.say("%s can be read, with %s. Nothing was written.", args[0], plural(len(problems), "problem"))
			return s.Close()
		}
		if _, err := os.Stat(a.path()); os.IsNotExist(err) {
			s, err := sqlite.Create(ctx, a.path(), sqlite.Options{})
			if err != nil {
				return err
			}
			if err := s.Restore(ctx, args[0]); err != nil {
				_ = s.Close()
				_ = os.Remove(a.path())
				return err
			}
			a.say("Restored %s from %s.", a.path(), args[0])
			return s.Close()
		}
		err := a.withStore(ctx, func(s *sqlite.Store) error {
			name := a.path() + ".before-restore-" + a.now.Format("20060102T150405Z")
			copied := name
			err := s.Backup(ctx, copied)
			for n := 2; errors.Is(err, sqlite.ErrExists) && n < 100; n++ {
				copied = fmt.Sprintf("%s-%d", name, n)
				err = s.Backup(ctx, copied)
			}
			if err != nil {
				return err
			}
			if err := s.Restore(ctx, args[0]); err != nil {
				_ = os.Remove(copied)
				return err
			}
			a.say("Restored %s from %s. What it held before is in %s.", a.path(), args[0], copied)
			return nil
		})
		var file *sqlite.FileError
		if errors.Is(err, sqlite.ErrDamaged) && errors.As(err, &file) && file.Path == a.path() {
			return a.restoreOverDamage(ctx, args[0])
		}
		return err
	}
	return c
}

// restoreOverDamage puts a backup in place of a database that cannot be read any more, which is moved aside, and back
// again when the backup turns out to be no better.
func (a *app) restoreOverDamage(ctx context.Context, backup string) error {
	aside := a.path() + ".damaged-" + a.now.Format("20060102T150405Z")
	if _, err := os.Stat(aside); err == nil {
		return hint(fmt.Errorf("%s is damaged, and %s, where it would be kept, exists already", a.path(), aside), "move one of them away")
	}
	move := func(from, to string) error {
		for _, suffix := range []string{"", "-wal", "-shm"} {
			if err := os.Rename(from+suffix, to+suffix); err != nil && !os.IsNotExist(err) {
				return plainFileError(err)
			}
		}
		return nil
	}
	if err := move(a.path(), aside); err != nil {
		return err
	}
	s, err := sqlite.Create(ctx, a.path(), sqlite.Options{})
	if err == nil {
		err = errors.Join(s.Restore(ctx, backup), s.Close())
	}
	if err != nil {
		return errors.Join(err, move(aside, a.path()))
	}
	a.say("Restored %s from %s. The damaged database is now %s.", a.path(), backup, aside)
	return nil
}

func (a *app) versionCommand() *cobra.Command {
	c := &cobra.Command{Use: "version", Short: "Say which rota this is"}
	format := a.output(c, "table", "json")
	c.RunE = func(*cobra.Command, []string) error {
		format, err := format()
		if err != nil {
			return err
		}
		version, revision := release, ""
		if info, ok := debug.ReadBuildInfo(); ok {
			for _, s := range info.Settings {
				if s.Key == "vcs.revision" && len(s.Value) >= 12 {
					revision = s.Value[:12]
				}
			}
		}
		if format == "json" {
			return a.writeJSON(struct {
				Schema   string `json:"schema"`
				Version  string `json:"version"`
				Revision string `json:"revision,omitempty"`
				Go       string `json:"go"`
				Platform string `json:"platform"`
			}{"rota/version/v1", version, revision, runtime.Version(), runtime.GOOS + "/" + runtime.GOARCH})
		}
		if revision != "" {
			version += " (" + revision + ")"
		}
		a.say("rota %s, %s, %s/%s", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
		return nil
	}
	return c
}

// release is the version that CHANGELOG.md describes first.
const release = "0.1.0"
