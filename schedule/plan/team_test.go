package plan

import (
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"rota/schedule"
	"rota/schedule/teamfile"
	"rota/solver"
)

// teamPeriod is so many weeks of a team file from a date, without history.
func teamPeriod(t testing.TB, name, first string, weeks int) *schedule.Period {
	t.Helper()
	file := filepath.Join("../../testdata/teams", name)
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	book, err := teamfile.Read(file, data)
	if err != nil {
		t.Fatal(err)
	}
	book = book.Normalize()
	from := schedule.MustDate(first)
	p := &schedule.Period{
		Team: book.Team, First: from, Last: from.AddDays(7*weeks - 1), KnownFrom: from, KnownTo: from.AddDays(7*weeks - 1),
		Now:    time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC),
		Agents: book.Agents, Contracts: book.Contracts, Shifts: book.Shifts, Availability: book.Availability,
		Rules: book.Rules, Patterns: book.Patterns, Rotations: book.Rotations, Pins: book.Pins,
	}
	return fill(t, p, book)
}

// fill expands what a period has from the book: slots, demand, holidays, work elsewhere, targets.
func fill(t testing.TB, p *schedule.Period, book schedule.Book) *schedule.Period {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	var err error
	p.Holidays, err = book.HolidaysFor(p.First.AddDays(-7), p.Last.AddDays(7))
	must(err)
	dates := schedule.HolidayDates(p.Holidays, p.Team.Holidays)
	slots, err := schedule.ExpandSlots(p.Team, p.Shifts, p.First, p.Last)
	must(err)
	p.Slots = schedule.ResolveDemand(book.Demand, slots, dates)
	p.Intervals, err = schedule.ResolveIntervals(p.Team, book.Demand, p.First, p.Last, dates)
	must(err)
	for _, a := range p.Agents {
		busy, err := schedule.OutsideWork(p.Team, a, p.Availability, p.KnownFrom, p.KnownTo)
		must(err)
		p.Busy = append(p.Busy, busy...)
	}
	p.Targets = map[schedule.RuleID]map[schedule.AgentID]schedule.Points{}
	for _, r := range p.Rules {
		if r.Name == schedule.FairShareRule {
			p.Targets[r.ID], err = schedule.FairTargets(p, r)
			must(err)
		}
	}
	return p
}

// after is the period that follows one whose roster was published.
func after(t testing.TB, name string, p *schedule.Period, r schedule.Roster, weeks int) *schedule.Period {
	first := p.Last.AddDays(1)
	next := teamPeriod(t, name, first.String(), weeks)
	next.KnownFrom = p.First
	next.Around, next.Worked = p.Slots, r.Assignments
	return next
}

func teams(t testing.TB) []string {
	t.Helper()
	files, err := filepath.Glob("../../testdata/teams/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal("no team files: ", err)
	}
	for i, f := range files {
		files[i] = filepath.Base(f)
	}
	return files
}

// TestTeamsAgree prices random rosters of whole teams by model and audit, with history too.
func TestTeamsAgree(t *testing.T) {
	for _, name := range teams(t) {
		t.Run(name, func(t *testing.T) {
			p := teamPeriod(t, name, "2026-12-07", 4)
			m := &maker{Rand: rand.New(rand.NewPCG(7, 7))}
			for range 2 {
				c, err := Compile(p, false)
				if err != nil {
					t.Fatal(err)
				}
				auditor := schedule.NewAuditor(p)
				var last schedule.Roster
				for density := range 12 {
					last = m.roster(c, density*8)
					if _, same := judge(t, c, auditor, last); !same {
						t.FailNow()
					}
				}
				p = after(t, name, p, last, 4)
			}
		})
	}
}

// TestSolveHarbor solves Harbor for a moment and again from what came out.
func TestSolveHarbor(t *testing.T) {
	p := teamPeriod(t, "harbor.yaml", "2026-12-07", 1)
	o := Options{Solver: solver.Options{WorkLimit: 300_000, TimeLimit: 20 * time.Second, Seed: 1, Workers: 2}}
	r, res, err := Solve(context.Background(), p, o)
	if err != nil {
		t.Fatal(err)
	}
	if res.Roster == nil {
		t.Fatalf("status %v: %s", res.Status, res.Reason)
	}
	report := schedule.Audit(p, r)
	if report.Hard != 0 || report.Cost != r.Cost || r.Cost != schedule.Cost(res.Cost) {
		t.Errorf("audit: %d hard, cost %d; roster %d, result %d", report.Hard, report.Cost, r.Cost, res.Cost)
	}
	if r.Bound.Value > r.Cost {
		t.Errorf("bound %d above cost %d", r.Bound.Value, r.Cost)
	}
	t.Logf("cost %d, bound %d, %v after %v", r.Cost, r.Bound.Value, res.Status, res.Elapsed)
	r.Assignments[0].Source, r.Assignments[0].UID = schedule.ByHand, "kept"
	o.From = &r
	o.Solver.WorkLimit /= 10
	again, res, err := Solve(context.Background(), p, o)
	if err != nil {
		t.Fatal(err)
	}
	if again.Cost > r.Cost {
		t.Errorf("started at %d, ended at %d", r.Cost, res.Cost)
	}
	for _, a := range again.Assignments {
		if a.Slot == r.Assignments[0].Slot && a.Agent == r.Assignments[0].Agent && (a.UID != "kept" || a.Source != schedule.ByHand) {
			t.Errorf("the assignment lost its source and UID: %v", a)
		}
	}
}

// BenchmarkCompile compiles four weeks of each team and prints the size of the model.
func BenchmarkCompile(b *testing.B) {
	for _, name := range teams(b) {
		b.Run(name, func(b *testing.B) {
			p := teamPeriod(b, name, "2026-12-07", 4)
			var c *Compiled
			for b.Loop() {
				var err error
				if c, err = Compile(p, false); err != nil {
					b.Fatal(err)
				}
			}
			b.Log(Size(c.Model))
		})
	}
}
