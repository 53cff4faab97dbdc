package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// arrows is who may import whom among rota's own packages. A package that is not on the left is not allowed at all, and
// one without an arrow imports none of the others. Tests may import what their package may, and what the lines that begin
// with "test" add.
const arrows = `
schedule
schedule/scheduletest  < schedule
schedule/staffing      < schedule
schedule/sqlite        < schedule
schedule/teamfile      < schedule
schedule/plan          < schedule solver solver/model

solver/model
solver/master
solver/gen             < solver/model
solver/pricing         < solver/model
solver/search          < solver/master solver/model solver/pricing
solver                 < solver/model solver/pricing solver/search

calendar               < schedule
notify                 < schedule
notify/notifytest      < notify schedule
notify/slack           < notify schedule
notify/slack/slacktest

cmd/rota               < calendar notify notify/slack notify/slack/slacktest schedule schedule/plan schedule/sqlite schedule/staffing schedule/teamfile solver
cmd/rotabench          < solver solver/gen solver/model

test schedule          < schedule/scheduletest
test schedule/plan     < schedule/scheduletest schedule/teamfile
test schedule/teamfile < schedule/scheduletest
test solver            < solver/gen
test solver/model      < solver/gen
test solver/pricing    < solver/gen
test solver/search     < solver/gen
test notify            < notify/notifytest
test notify/slack      < notify/notifytest notify/slack/slacktest schedule
`

// outside is which packages alone may import something from outside that must not leak.
const outside = `
database/sql               < schedule/sqlite
github.com/mattn/go-sqlite3 < schedule/sqlite
github.com/teambition/rrule-go < schedule
github.com/goccy/go-yaml   < schedule/teamfile
github.com/arran4/golang-ical < calendar
github.com/slack-go/slack  < notify/slack notify/slack/slacktest
github.com/spf13/cobra     < cmd/rota cmd/rotabench
net/http                   < calendar cmd/rota notify/slack notify/slack/slacktest
`

type arrow struct {
	test bool
	from string
	to   []string
}

func readArrows(t *testing.T, text string) []arrow {
	t.Helper()
	var list []arrow
	for line := range strings.SplitSeq(text, "\n") {
		left, right, _ := strings.Cut(strings.TrimSpace(line), "<")
		name, test := strings.CutPrefix(strings.TrimSpace(left), "test ")
		name = strings.TrimSpace(name)
		if name == "" {
			continue
		}
		if strings.Contains(name, " ") {
			t.Fatalf("bad line %q", line)
		}
		list = append(list, arrow{test, name, strings.Fields(right)})
	}
	return list
}

// imported is the packages of the module with what they import, tests apart.
func imported(t *testing.T) (code, tests map[string][]string) {
	t.Helper()
	code, tests = map[string][]string{}, map[string][]string{}
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		base := d.Name()
		if d.IsDir() {
			if name != root && (strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") || base == "testdata" || base == "bin") {
				return filepath.SkipDir
			}
			return nil
		}
		if filepath.Ext(base) != ".go" {
			return nil
		}
		rel, err := filepath.Rel(root, filepath.Dir(name))
		if err != nil {
			return err
		}
		pkg := filepath.ToSlash(rel)
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		into := code
		if strings.HasSuffix(base, "_test.go") {
			into = tests
		}
		if into[pkg] == nil {
			into[pkg] = []string{}
		}
		for _, spec := range f.Imports {
			into[pkg] = append(into[pkg], strings.Trim(spec.Path.Value, `"`))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return code, tests
}

func TestImportsPointOneWay(t *testing.T) {
	t.Parallel()
	code, tests := imported(t)
	may, testMay := map[string][]string{}, map[string][]string{}
	for _, a := range readArrows(t, arrows) {
		if a.test {
			testMay[a.from] = a.to
		} else {
			may[a.from] = a.to
		}
		for _, to := range append([]string{a.from}, a.to...) {
			if _, exists := code[to]; !exists && len(tests[to]) == 0 {
				// Packages that are still to come may be named; what is misspelled could never be imported.
				if path.Dir(to) == "." {
					t.Errorf("the arrows name %s, which does not exist", to)
				}
			}
		}
	}
	check := func(pkg string, imports, allowed []string, what string) {
		for _, name := range imports {
			own, ours := strings.CutPrefix(name, "rota/")
			if ours && own != pkg && !slices.Contains(allowed, own) {
				t.Errorf("%s%s imports %s: there is no arrow for it", pkg, what, own)
			}
		}
	}
	for pkg, imports := range code {
		allowed, known := may[pkg]
		if !known {
			t.Errorf("package %s is not in the arrows", pkg)
			continue
		}
		check(pkg, imports, allowed, "")
	}
	for pkg, imports := range tests {
		check(pkg, imports, slices.Concat(may[pkg], testMay[pkg]), " (test)")
	}
	// The arrows themselves make no circle.
	var visit func(pkg string, trail []string)
	visit = func(pkg string, trail []string) {
		if slices.Contains(trail, pkg) {
			t.Fatalf("the arrows make a circle: %s", strings.Join(append(trail, pkg), " < "))
		}
		for _, to := range may[pkg] {
			visit(to, append(slices.Clone(trail), pkg))
		}
	}
	for pkg := range may {
		visit(pkg, nil)
	}
}

func TestWhatMustNotLeak(t *testing.T) {
	t.Parallel()
	code, _ := imported(t)
	for _, a := range readArrows(t, outside) {
		for pkg, imports := range code {
			if slices.Contains(a.to, pkg) {
				continue
			}
			for _, name := range imports {
				if name == a.from || strings.HasPrefix(name, a.from+"/") {
					t.Errorf("%s imports %s: only %s may", pkg, name, strings.Join(a.to, ", "))
				}
			}
		}
	}
}
