package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// The test binary is the command too, so that scripts drive the real one.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"rota": func() { os.Exit(realMain()) }})
}

// scriptParams is how every script runs: with a fixed present and user, without the settings of whoever runs the tests.
func scriptParams(t *testing.T, dir string, files ...string) testscript.Params {
	t.Helper()
	return testscript.Params{
		Dir: dir, Files: files, RequireExplicitExec: true, RequireUniqueNames: true,
		Setup: func(e *testscript.Env) error {
			for _, name := range []string{"desk.yaml", "harbor.yaml"} {
				from := filepath.Join("..", "..", "testdata", "script", name)
				if name == "harbor.yaml" {
					from = filepath.Join("..", "..", "testdata", "teams", name)
				}
				data, err := os.ReadFile(from)
				if err != nil {
					return err
				}
				if err := os.WriteFile(filepath.Join(e.WorkDir, name), data, 0o644); err != nil {
					return err
				}
			}
			e.Setenv("ROTA_NOW", "2026-11-30T09:00:00Z")
			e.Setenv("ROTA_USER", "mona")
			for _, name := range []string{"ROTA_DB", "ROTA_TEAM", "ROTA_URL", "NO_COLOR", "COLUMNS", "TZ"} {
				e.Setenv(name, "")
			}
			// Under the race detector every process would sleep for a second before it ends.
			e.Setenv("GORACE", "atexit_sleep_ms=0")
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			// exits CODE COMMAND... runs a command and demands its exit code.
			"exits": func(ts *testscript.TestScript, neg bool, args []string) {
				if neg || len(args) < 2 {
					ts.Fatalf("usage: exits CODE COMMAND...")
				}
				want, err := strconv.Atoi(args[0])
				ts.Check(err)
				code := 0
				var failed *exec.ExitError
				if err := ts.Exec(args[1], args[2:]...); errors.As(err, &failed) {
					code = failed.ExitCode()
				} else if err != nil {
					ts.Fatalf("%v", err)
				}
				if code != want {
					ts.Fatalf("exit code %d, want %d\n%s%s", code, want, ts.ReadFile("stdout"), ts.ReadFile("stderr"))
				}
			},
			// tear FILE cuts a file in two and keeps the first half.
			"tear": func(ts *testscript.TestScript, neg bool, args []string) {
				info, err := os.Stat(ts.MkAbs(args[0]))
				ts.Check(err)
				ts.Check(os.Truncate(ts.MkAbs(args[0]), info.Size()/2))
			},
			// desk makes a database with a small team; with solved or published a roster too.
			"desk": func(ts *testscript.TestScript, neg bool, args []string) {
				stage := append(args, "applied")[0]
				data, err := deskDatabases[stage]()
				ts.Check(err)
				ts.Check(os.WriteFile(ts.MkAbs("rota.db"), data, 0o600))
			},
		},
	}
}

// deskDatabases are databases with the small team at a stage of its roster, each made once for all scripts, by the same
// commands that a script would use.
var deskDatabases = map[string]func() ([]byte, error){
	"applied":   sync.OnceValues(func() ([]byte, error) { return deskDatabase() }),
	"solved":    sync.OnceValues(func() ([]byte, error) { return deskDatabase(solveDesk) }),
	"published": sync.OnceValues(func() ([]byte, error) { return deskDatabase(solveDesk, []string{"publish"}) }),
}

var solveDesk = []string{"solve", "--from", "2026-12-07", "--weeks", "1", "--work-limit", "200000"}

func deskDatabase(more ...[]string) ([]byte, error) {
	dir, err := os.MkdirTemp("", "rota-desk")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	name := filepath.Join(dir, "rota.db")
	h := &harness{env: map[string]string{"ROTA_DB": name, "ROTA_USER": "mona", "ROTA_NOW": "2026-11-30T09:00:00Z"}}
	for _, args := range append([][]string{{"init"}, {"apply", "-f", filepath.Join("..", "..", "testdata", "script", "desk.yaml")}}, more...) {
		if code := h.run(context.Background(), args...); code != exitOK {
			return nil, fmt.Errorf("rota %v exits %d: %s", args, code, &h.err)
		}
	}
	return os.ReadFile(name)
}

func TestScripts(t *testing.T) {
	t.Parallel()
	p := scriptParams(t, filepath.Join("..", "..", "testdata", "script"))
	addServing(p.Cmds)
	testscript.Run(t, p)
}
