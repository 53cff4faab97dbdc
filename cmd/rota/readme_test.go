package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/spf13/cobra"
)

func readme(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// TestCommandsOfTheReadme runs every line of its console blocks, in their order, in one fresh folder. A time limit becomes
// a small limit of work, so that the test is quick and says the same everywhere.
func TestCommandsOfTheReadme(t *testing.T) {
	t.Parallel()
	limit := regexp.MustCompile(`--time-limit \S+`)
	script := "mkdir testdata/teams\ncp harbor.yaml testdata/teams/harbor.yaml\n"
	n := 0
	for _, block := range regexp.MustCompile("(?ms)^```console\n(.*?)^```").FindAllStringSubmatch(readme(t), -1) {
		for line := range strings.SplitSeq(block[1], "\n") {
			command, ok := strings.CutPrefix(line, "$ ")
			if !ok {
				continue
			}
			script += "exec " + limit.ReplaceAllString(command, "--work-limit 300000") + "\n"
			n++
		}
	}
	if n < 10 {
		t.Fatalf("README.md has %d commands", n)
	}
	file := filepath.Join(t.TempDir(), "readme.txtar")
	if err := os.WriteFile(file, []byte(script), 0o644); err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, scriptParams(t, "", file))
}

func TestTheReadmeKnowsEveryCommandAndExitCode(t *testing.T) {
	t.Parallel()
	text := readme(t)
	everyCommand(tree(), func(c *cobra.Command) {
		if c.HasParent() && !c.Hidden && c.Name() != "help" && c.Parent().Name() != "completion" && !strings.Contains(text, c.Name()) {
			t.Errorf("README.md does not name %s", c.CommandPath())
		}
	})
	codes := []int{exitOK, exitError, exitUsage, exitInfeasible, exitGap, exitFindings, exitDifferences, exitNoDatabase, exitLocked,
		exitSlack, exitInternal, exitInterrupted}
	for _, code := range codes {
		if !strings.Contains(text, fmt.Sprintf("\n| %d |", code)) {
			t.Errorf("README.md does not list exit code %d", code)
		}
	}
	if !slices.IsSorted(codes) {
		t.Error("the exit codes are out of order")
	}
}
