package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// call runs the command and wants an exit code.
func call(t *testing.T, code int, args ...string) (stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	if got := execute(context.Background(), args, &out, &errs); got != code {
		t.Fatalf("rotabench %s: exit %d, want %d\n%s%s", strings.Join(args, " "), got, code, &out, &errs)
	}
	return out.String(), errs.String()
}

// TestSolvesKnownInstances is the whole way: read, solve, verify, write, table,
// and read back by verify.
func TestSolvesKnownInstances(t *testing.T) {
	for _, k := range knownInstances(t) {
		t.Run(k.name, func(t *testing.T) {
			dir := t.TempDir()
			stdout, _ := call(t, 0, append([]string{k.family, "--time-limit", "60s", "--out", dir}, k.args()...)...)
			lines := strings.Split(strings.TrimSpace(stdout), "\n")
			if len(lines) != 2 || strings.Join(strings.Fields(lines[0]), " ") != "instance cost bound gap first best status verified" {
				t.Fatalf("table:\n%s", stdout)
			}
			f := strings.Fields(lines[1])
			want := fmt.Sprint(k.optimum)
			if f[0] != k.name || f[1] != want || f[2] != want || f[3] != "0.00%" || f[6] != "optimal" || f[7] != "yes" {
				t.Errorf("row %v, want the optimum %s proved and verified", f, want)
			}
			solution := filepath.Join(dir, k.name+map[string]string{"curtois": ".sol", "inrc1": ".xml"}[k.family])
			if k.family == "inrc2" {
				solution = dir
			}
			out, _ := call(t, 0, append(append([]string{"verify", k.family}, k.args()...), solution)...)
			if !strings.HasPrefix(out, k.name+" cost "+want+"\n") {
				t.Errorf("verify says\n%s", out)
			}
		})
	}
}

func TestSeedsTableAndResume(t *testing.T) {
	dir := t.TempDir()
	table := filepath.Join(dir, "table.csv")
	file := filepath.Join(benchDir, "curtois-tiny.txt")
	args := []string{"curtois", "--seeds", "1-2", "--time-limit", "50s", "--marks", "40s", "--table", table, "--resume", table, file}
	first, _ := call(t, 0, args...)
	if n := strings.Count(first, "curtois-tiny"); n != 6 {
		t.Errorf("%d rows, want two for each seed and of the median:\n%s", n, first)
	}
	for _, want := range []string{" median ", " 40s ", " 50s "} {
		if !strings.Contains(first, want) {
			t.Errorf("no %q in\n%s", want, first)
		}
	}
	written, err := os.ReadFile(table)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := parseTable(table, written)
	if err != nil || len(rows) != 4 {
		t.Fatalf("%d rows (%v) of\n%s", len(rows), err, written)
	}
	for _, r := range rows {
		if r.Cost != 6 || r.Bound != 6 || r.Status != "optimal" || r.Verified != "yes" || r.Family != "curtois" {
			t.Errorf("row %+v", r)
		}
	}
	// All is there: nothing is solved, the same table is shown, none is added.
	again, _ := call(t, 0, args...)
	if again != first {
		t.Errorf("resumed\n%s\nwas\n%s", again, first)
	}
	if now, err := os.ReadFile(table); err != nil || !bytes.Equal(now, written) {
		t.Errorf("%v: the table has changed:\n%s", err, now)
	}
	// Another seed is not.
	call(t, 0, "curtois", "--seed", "3", "--time-limit", "50s", "--table", table, "--resume", table, file)
	if rows, err = readTable(table); err != nil || len(rows) != 5 {
		t.Errorf("%d rows (%v), want 5", len(rows), err)
	}
}

func TestJSONLines(t *testing.T) {
	stdout, stderr := call(t, 0, "curtois", "--json", "--time-limit", "60s", filepath.Join(benchDir, "curtois-pair.txt"))
	if !strings.Contains(stderr, "curtois-pair") {
		t.Errorf("no table on stderr:\n%s", stderr)
	}
	var last map[string]any
	traces := 0
	sc := bufio.NewScanner(strings.NewReader(stdout))
	for sc.Scan() {
		last = nil
		if err := json.Unmarshal(sc.Bytes(), &last); err != nil {
			t.Fatalf("%v: %s", err, sc.Text())
		}
		if last["schema"] == "rotabench/trace/v1" {
			traces++
		}
	}
	if traces == 0 || last["schema"] != "rotabench/result/v1" || last["cost"] != 50.0 || last["verified"] != "yes" || last["status"] != "optimal" {
		t.Errorf("%d lines of trace, then %v", traces, last)
	}
}

func TestTeamCommand(t *testing.T) {
	dir := t.TempDir()
	stdout, _ := call(t, 0, "team", "--people", "4,5", "--weeks", "1", "--work-limit", "200000", "--time-limit", "0", "--reach", "50%", "--out", dir)
	if strings.Count(stdout, " yes") != 2 || !strings.Contains(stdout, "to 50%") {
		t.Errorf("table\n%s", stdout)
	}
	call(t, 0, "verify", "team", "5", "1", "1", filepath.Join(dir, "team-5-1-1.sol"))
	stdout, _ = call(t, 0, "team", "--people", "4", "--weeks", "1", "--work-limit", "200000", "--absence", "30s")
	if strings.Count(stdout, " yes") != 2 || !strings.Contains(stdout, "team-4-1-1-absence") {
		t.Errorf("table\n%s", stdout)
	}
}

func TestVerifyCommand(t *testing.T) {
	file := filepath.Join(benchDir, "curtois-pair.txt")
	solution := filepath.Join(t.TempDir(), "s.sol")
	if err := os.WriteFile(solution, []byte("north\tD\tD\tD\tD\tD\tD\tD\tD\nsouth\t-\t-\t-\t-\t-\t-\t-\t-\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	stdout, _ := call(t, 5, "verify", "curtois", file, solution)
	if !strings.Contains(stdout, "broken: north: works 8 days in a row") || !strings.Contains(stdout, "under") {
		t.Errorf("verify says\n%s", stdout)
	}
	stdout, _ = call(t, 5, "verify", "--json", "curtois", file, solution)
	var v verdict
	if err := json.Unmarshal([]byte(stdout), &v); err != nil || v.Cost == 0 || len(v.Violations) == 0 || v.Parts["under"] == 0 {
		t.Errorf("%v: %s", err, stdout)
	}
}

func TestCommandMistakes(t *testing.T) {
	tiny := filepath.Join(benchDir, "curtois-tiny.txt")
	for _, test := range []struct {
		code int
		args string
		want string
	}{
		{2, "bogus", "unknown command"},
		{2, "curtois", "at least 1 arg"},
		{2, "curtois --bogus " + tiny, "unknown flag"},
		{2, "curtois --time-limit x " + tiny, "time-limit"},
		{2, "curtois --time-limit 0 " + tiny, "may never end"},
		{2, "curtois --seeds 3-1 " + tiny, "no list of seeds"},
		{2, "curtois --gap 200% " + tiny, "no share"},
		{2, "curtois --workers 0 " + tiny, "worker"},
		{2, "curtois --marks 2m " + tiny, "not within"},
		{2, "inrc2 dir", "at least 2 arg"},
		{2, "team extra", "unknown command"},
		{2, "team --people 0", "a team of 0 people"},
		{2, "verify nsp a b", "no such family"},
		{2, "verify curtois a", "at least 3 arg"},
		{2, "verify inrc2 a b", "takes 4 arguments"},
		{1, "curtois no-such-file.txt", "no-such-file.txt"},
		{1, "curtois optima.csv " + tiny, "optima.csv:1: "},
		{1, "inrc2 " + benchDir + " tiny_0", "is no instance name"},
		{1, "inrc1 " + tiny, "curtois-tiny.txt"},
		{1, "verify curtois " + tiny + " " + filepath.Join(benchDir, "optima.csv"), "optima.csv:1: "},
	} {
		args := strings.Fields(test.args)
		for i := range args {
			if args[i] == "optima.csv" {
				args[i] = filepath.Join(benchDir, "optima.csv")
			}
		}
		stdout, stderr := call(t, test.code, args...)
		if !strings.Contains(stderr, test.want) || !strings.HasPrefix(stderr, "rotabench: ") || stdout != "" {
			t.Errorf("rotabench %s: stderr %q, want %q; stdout %q", test.args, stderr, test.want, stdout)
		}
	}
	if stdout, _ := call(t, 0); !strings.Contains(stdout, "verify") {
		t.Errorf("no help without arguments: %s", stdout)
	}
}

func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	var out, errs bytes.Buffer
	table := filepath.Join(t.TempDir(), "table.csv")
	if code := execute(ctx, []string{"curtois", "--table", table, filepath.Join(benchDir, "curtois-tiny.txt")}, &out, &errs); code != 130 {
		t.Errorf("exit %d\n%s%s", code, &out, &errs)
	}
	if _, err := os.Stat(table); err == nil {
		t.Error("an interrupted run went into the table")
	}
}

func TestTableProblems(t *testing.T) {
	r := row{Family: "f", Instance: "x", Seed: 1, Limit: time.Minute, Workers: 2, Cost: -1, Bound: 3, First: -1, Best: -1, Reach: -1, Elapsed: time.Second, Status: "unknown", Verified: "-"}
	path := filepath.Join(t.TempDir(), "t.csv")
	for range 2 {
		if err := appendTable(path, []row{r}); err != nil {
			t.Fatal(err)
		}
	}
	rows, err := readTable(path)
	if err != nil || len(rows) != 2 || rows[0] != r || rows[1] != r {
		t.Errorf("%v: %+v, want %+v twice", err, rows, r)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []struct {
		old, new string
		line     int
		want     string
	}{
		{"60.000", "soon", 2, "limit_s"},
		{",3,", ",three,", 2, "bound"},
		{"f,x,", "x,", 2, "wrong number of fields"},
	} {
		_, err := parseTable("t.csv", []byte(strings.Replace(string(data), bad.old, bad.new, 1)))
		lines, text := problemLines(t, err)
		if lines[0] != bad.line || !strings.Contains(text, bad.want) {
			t.Errorf("%s\nwant line %d with %q", text, bad.line, bad.want)
		}
	}
}

func TestMedian(t *testing.T) {
	at := func(cost, bound int64) row { return row{Cost: cost, Bound: bound, Status: "feasible", Verified: "yes"} }
	for _, test := range []struct {
		rows        []row
		cost, bound int64
		status      string
	}{
		{[]row{at(9, 1), at(5, 3), at(7, 2)}, 7, 3, "feasible"},
		{[]row{at(-1, 1), at(5, 3), at(7, 2)}, 7, 3, "feasible"},
		{[]row{at(-1, 1), at(-1, 3), at(7, 2)}, -1, 3, "feasible"},
		{[]row{at(7, 7), at(7, 3)}, 7, 7, "optimal"},
	} {
		m := median(test.rows)
		if m.Cost != test.cost || m.Bound != test.bound || m.Status != test.status {
			t.Errorf("median of %v is %+v", test.rows, m)
		}
	}
}

func FuzzReadTable(f *testing.F) {
	f.Add([]byte(strings.Join(csvHeader, ",") + "\nf,x,1,60.000,0,2,5,5,0.0,0.1,0.2,,0.3,10,optimal,yes,20\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		rows, err := parseTable("f", data)
		if err != nil {
			return
		}
		for _, r := range rows {
			if len(r.csv()) != len(csvHeader) {
				t.Fatal("a row of another width")
			}
		}
	})
}
