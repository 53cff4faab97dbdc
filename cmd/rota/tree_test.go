package main

import (
	"bytes"
	"context"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/spf13/cobra"
)

// harness is a run without a terminal, with settings of its own.
type harness struct {
	out, err bytes.Buffer
	env      map[string]string
}

func (h *harness) run(ctx context.Context, args ...string) int {
	return h.runTo(ctx, &h.out, args...)
}

func (h *harness) runTo(ctx context.Context, out io.Writer, args ...string) int {
	start := time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)
	return run(ctx, args, system{in: strings.NewReader(""), out: out, err: &h.err, clock: func() time.Time { return start },
		getenv: func(name string) string { return h.env[name] }})
}

func everyCommand(c *cobra.Command, f func(*cobra.Command)) {
	f(c)
	for _, sub := range c.Commands() {
		everyCommand(sub, f)
	}
}

func tree() *cobra.Command {
	sys := system{in: strings.NewReader(""), out: io.Discard, err: io.Discard, getenv: func(string) string { return "" }, clock: time.Now}
	a := &app{system: sys}
	a.look = newLook(sys)
	return a.root()
}

func TestEveryCommandIsWhole(t *testing.T) {
	t.Parallel()
	everyCommand(tree(), func(c *cobra.Command) {
		if c.Name() == "help" {
			return
		}
		switch {
		case c.Short == "":
			t.Errorf("%s has no short text", c.CommandPath())
		case c.Args == nil:
			t.Errorf("%s does not check its arguments", c.CommandPath())
		case c.RunE == nil:
			t.Errorf("%s cannot return an error", c.CommandPath())
		case c.PersistentPreRunE != nil && c.HasParent():
			t.Errorf("%s replaces what the root does first", c.CommandPath())
		}
		if f := c.Flags().Lookup("output"); f != nil && strings.Contains(f.Usage, "json") && c.Flags().Lookup("json") == nil {
			t.Errorf("%s has -o json and no --json", c.CommandPath())
		}
	})
}

func TestAWordThatNobodyKnowsIsAUsageError(t *testing.T) {
	t.Parallel()
	everyCommand(tree(), func(c *cobra.Command) {
		if !c.HasSubCommands() {
			return
		}
		h := &harness{}
		args := append(strings.Fields(c.CommandPath())[1:], "bogus")
		if code := h.run(t.Context(), args...); code != exitUsage {
			t.Errorf("rota %s exits %d, want %d: %s%s", strings.Join(args, " "), code, exitUsage, &h.out, &h.err)
		}
		if h.out.Len() > 0 {
			t.Errorf("rota %s writes to standard output: %s", strings.Join(args, " "), &h.out)
		}
	})
}

func TestWhatWritesHasADryRun(t *testing.T) {
	t.Parallel()
	writers := []string{"init", "apply", "add", "edit", "remove", "import", "solve", "publish", "rollback", "assign", "unassign", "swap",
		"callout", "restore", "backup", "link", "rotate", "revoke"}
	everyCommand(tree(), func(c *cobra.Command) {
		if slices.Contains(writers, c.Name()) && c.Flags().Lookup("dry-run") == nil {
			t.Errorf("%s writes and has no --dry-run", c.CommandPath())
		}
	})
}

// interrupter cancels once something about a roster was written.
type interrupter struct {
	bytes.Buffer
	cancel context.CancelFunc
}

func (w *interrupter) Write(p []byte) (int, error) {
	if bytes.Contains(p, []byte(`"schema":"rota/progress/v1"`)) && !bytes.Contains(p, []byte(`"cost":null`)) {
		w.cancel()
	}
	return w.Buffer.Write(p)
}

func TestAnInterruptKeepsTheBestRosterAndItFits(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	h := &harness{env: map[string]string{"ROTA_DB": filepath.Join(dir, "rota.db"), "ROTA_USER": "mona"}}
	for _, args := range [][]string{{"init"}, {"apply", "-f", filepath.Join("..", "..", "testdata", "teams", "harbor.yaml")}} {
		if code := h.run(t.Context(), args...); code != exitOK {
			t.Fatalf("rota %v exits %d: %s", args, code, &h.err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out := &interrupter{cancel: cancel}
	if code := h.runTo(ctx, out, "solve", "--from", "2026-12-07", "--weeks", "4", "--time-limit", "5m", "--json"); code != exitInterrupted {
		t.Fatalf("exit code %d, want %d: %s%s", code, exitInterrupted, out, &h.err)
	}
	if !strings.Contains(out.String(), `"interrupted":true`) {
		t.Errorf("the result does not say that it was interrupted: %s", out)
	}
	h.out.Reset()
	if code := h.run(t.Context(), "versions", "-o", "csv"); code != exitOK || !strings.Contains(h.out.String(), "1,draft,2026-12-07") {
		t.Errorf("no draft was kept: %d %s%s", code, &h.out, &h.err)
	}
	if code := h.run(t.Context(), "check", "--json"); code != exitOK {
		t.Errorf("what was kept breaks a hard rule: %s", &h.out)
	}
	for _, width := range []string{"60", "80", "200"} {
		h.env["COLUMNS"] = width
		for _, args := range [][]string{{"show"}, {"show", "--week", "2026-12-07"}, {"show", "--week", "2026-12-28"}} {
			h.out.Reset()
			if code := h.run(t.Context(), args...); code != exitOK {
				t.Fatalf("rota %v exits %d with %s columns: %s", args, code, width, &h.err)
			}
			most, _ := strconv.Atoi(width)
			for line := range strings.SplitSeq(h.out.String(), "\n") {
				if columns(line) > most {
					t.Errorf("rota %v has %d columns, not %s: %s", args, columns(line), width, line)
				}
			}
		}
	}
}

// full is a device without room.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, syscall.ENOSPC }

func TestOutputThatIsLostIsAnError(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"version"}, {"version", "--json"}, {"rule", "catalogue"}, {"rule", "describe", "min-rest"}, {"--help"}} {
		h := &harness{}
		if code := h.runTo(t.Context(), full{}, args...); code != exitError || !strings.Contains(h.err.String(), "no space left") {
			t.Errorf("rota %v exits %d and says %q", args, code, &h.err)
		}
	}
}

func TestABugIsExitCode70(t *testing.T) {
	t.Parallel()
	var out, errs bytes.Buffer
	code := run(t.Context(), []string{"version"}, system{in: strings.NewReader(""), out: &out, err: &errs, clock: time.Now,
		getenv: func(name string) string {
			if name == "ROTA_NOW" {
				panic("the clock fell off the wall")
			}
			return ""
		}})
	if code != exitInternal || !strings.Contains(errs.String(), "rota: internal error: the clock fell off the wall") {
		t.Errorf("exit code %d: %s", code, &errs)
	}
}
