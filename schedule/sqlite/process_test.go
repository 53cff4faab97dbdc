package sqlite

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"rota/schedule"
)

// The test binary runs itself as another process that does one of these.
var roles = map[string]func(path string) error{
	"write":   writeRole,
	"publish": publishRole,
	"create":  createRole,
}

const roleVariable = "ROTA_TEST_ROLE"

func TestMain(m *testing.M) {
	if role := os.Getenv(roleVariable); role != "" {
		if err := roles[role](os.Args[1]); err != nil {
			fmt.Println("failed:", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// process is another process in a role.
func process(t testing.TB, ctx context.Context, role, path string) *exec.Cmd {
	t.Helper()
	c := exec.CommandContext(ctx, os.Args[0], path)
	c.Env = append(os.Environ(), roleVariable+"="+role)
	return c
}

const writers, edits = 20, 5

// writeRole has many goroutines add to one book, each in a transaction of its own.
func writeRole(path string) error {
	s, err := Open(ctx, path, Options{})
	if err != nil {
		return err
	}
	var wait sync.WaitGroup
	failures := make(chan error, writers*edits)
	for w := range writers {
		wait.Go(func() {
			for n := range edits {
				_, err := s.UpdateBook(ctx, "a", fmt.Sprint("writer-", os.Getpid()), noon, func(b *schedule.Book) error {
					b.Availability = append(b.Availability, schedule.Availability{
						ID: schedule.AvailabilityID(fmt.Sprintf("e%d-%d-%d", os.Getpid(), w, n)), Agent: "ani", Kind: schedule.Unavailable})
					return nil
				})
				if err != nil {
					failures <- err
				}
				if _, _, err := s.LoadBook(ctx, "a"); err != nil {
					failures <- err
				}
			}
		})
	}
	wait.Wait()
	close(failures)
	for f := range failures {
		err = errors.Join(err, f)
	}
	return errors.Join(err, s.Close())
}

func TestTwoProcessesWrite(t *testing.T) {
	s := newStore(t)
	withTeam(t, s, "a")
	var wait sync.WaitGroup
	for range 2 {
		c := process(t, ctx, "write", s.Path())
		wait.Go(func() {
			if out, err := c.CombinedOutput(); err != nil {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
	wait.Wait()
	b, revision, err := s.LoadBook(ctx, "a")
	noError(t, err)
	const want = 2 * writers * edits
	if len(b.Availability) != want || revision != want+1 {
		t.Errorf("%d entries and revision %d after %d writes", len(b.Availability), revision, want)
	}
	if log := must(s.AuditLog(ctx, LogQuery{Team: "a", Kind: "availability"}))(t); len(log) != want {
		t.Errorf("%d of %d writes are logged", len(log), want)
	}
}

func createRole(path string) error {
	s, err := Create(ctx, path, Options{})
	if errors.Is(err, ErrExists) {
		s, err = Open(ctx, path, Options{})
	}
	if err != nil {
		return err
	}
	_, err = s.SaveBook(ctx, smallBook(schedule.TeamID(fmt.Sprint("p", os.Getpid()))), 0, "mel", noon)
	return errors.Join(err, s.Close())
}

func TestManyProcessesCreate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rota.db")
	var wait sync.WaitGroup
	for range 6 {
		c := process(t, ctx, "create", path)
		wait.Go(func() {
			if out, err := c.CombinedOutput(); err != nil {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
	wait.Wait()
	s := must(Open(ctx, path, Options{}))(t)
	defer s.Close()
	if teams := must(s.ListTeams(ctx))(t); len(teams) != 6 {
		t.Errorf("%d teams", len(teams))
	}
}

// publishRole publishes one version after another and says so after each, until it is killed.
func publishRole(path string) error {
	s, err := Open(ctx, path, Options{})
	if err != nil {
		return err
	}
	for n := 0; ; n++ {
		at := noon.Add(time.Duration(n) * time.Minute)
		r, err := s.SaveDraft(ctx, draft("a", []schedule.AgentID{"ani", "davit", "lilit"}[n%3], "ani"), "mel", at)
		if err != nil {
			return err
		}
		_, err = s.Publish(ctx, PublishRequest{Team: "a", Version: r.Version, Who: "mel", Now: at, Prepare: func(f Facts) (Publication, error) {
			var p Publication
			for _, a := range f.Roster.Assignments {
				p.Messages = append(p.Messages, schedule.Message{Due: at, MessageKey: schedule.MessageKey{
					Team: "a", Kind: "change", Assignment: a.UID, Version: r.Version, Recipient: string(a.Agent)}})
			}
			p.Ledger = []schedule.LedgerEntry{{Agent: "ani", First: r.First, Last: r.Last}}
			return p, nil
		}})
		if err != nil {
			return err
		}
		fmt.Println(r.Version)
	}
}

func TestKilledWhileWriting(t *testing.T) {
	s := newStore(t)
	withTeam(t, s, "a")
	for round := range 6 {
		limit, cancel := context.WithTimeout(ctx, time.Minute)
		c := process(t, limit, "publish", s.Path())
		out := must(c.StdoutPipe())(t)
		noError(t, c.Start())
		lines, last := bufio.NewScanner(out), ""
		for n := 0; n < 2+round && lines.Scan(); n++ {
			last = lines.Text()
		}
		// Somewhere in the middle of what follows, at another place each round.
		time.Sleep(time.Duration(round*1700) * time.Microsecond)
		noError(t, c.Process.Kill())
		for lines.Scan() {
			last = lines.Text()
		}
		_ = c.Wait()
		cancel()
		if strings.HasPrefix(last, "failed") {
			t.Fatal(last)
		}
		if problems := must(s.Check(ctx))(t); len(problems) > 0 {
			t.Fatalf("round %d: %v", round, problems)
		}
		rosters := must(s.Rosters(ctx, "a"))(t)
		published := 0
		for _, r := range rosters {
			if r.State == schedule.Draft {
				continue // saved, but killed before it was published
			}
			published++
			full := must(s.LoadRoster(ctx, "a", r.Version))(t)
			sent := 0
			for _, m := range must(s.Messages(ctx, MessageQuery{Team: "a"}))(t) {
				if m.Version == r.Version {
					sent++
				}
			}
			if len(full.Assignments) != 14 || sent != 14 {
				t.Fatalf("version %d has %d assignments and %d messages", r.Version, len(full.Assignments), sent)
			}
			if last == fmt.Sprint(r.Version) {
				last = ""
			}
		}
		if last != "" {
			t.Fatalf("version %s was published and is lost", last)
		}
		if l := must(s.Ledger(ctx, "a", schedule.Date{}))(t); len(l) != 1 || published < 2 {
			t.Fatalf("%d entries in force after %d publications", len(l), published)
		}
	}
}
