package plan

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"rota/schedule"
	"rota/schedule/scheduletest"
	"rota/solver"
)

func parse(t testing.TB, text string) scheduletest.Case {
	t.Helper()
	k, err := scheduletest.Parse(text + "\nwant nothing\n")
	if err != nil {
		t.Fatal(err)
	}
	return k
}

const small = `team Asia/Yerevan
period 2026-12-07 2026-12-13
shift early 08:00-16:00
shift late 16:00-00:00
agent ani
agent bea
need early min=1 max=1
need late min=1 max=1
rule min-rest hours=11
rule max-shifts shifts=5 per=week
avail ani avoid 2026-12-07 2026-12-13 shifts=late weight=3
pin ani late@2026-12-09
`

func limits() solver.Options {
	return solver.Options{WorkLimit: 300_000, Seed: 1, Workers: 1}
}

func TestWeightsTooLarge(t *testing.T) {
	text := strings.NewReplacer("2026-12-13", "2027-12-05", "shifts=5 per=week", "shifts=1 per=week weight=1000000").Replace(small)
	_, _, err := Solve(context.Background(), parse(t, text).Period, Options{Solver: limits()})
	var m *ModelError
	if !errors.As(err, &m) || !strings.HasSuffix(err.Error(), "lower that of max-shifts") {
		t.Errorf("%v", err)
	}
}

func TestSolveSmall(t *testing.T) {
	p := parse(t, small).Period
	r, res, err := Solve(context.Background(), p, Options{Solver: limits()})
	if err != nil {
		t.Fatal(err)
	}
	if res.Status != solver.Optimal || r.Status != schedule.Optimal {
		t.Fatalf("status %v, %s", res.Status, r.Status)
	}
	// 14 slots, of which two agents cover five each.
	if want := schedule.Cost(4*1000 + 3); r.Cost != want || !r.Bound.Set || r.Bound.Value != want {
		t.Errorf("cost %d, bound %v, want %d", r.Cost, r.Bound, want)
	}
	for _, a := range r.Assignments {
		pinned := a.Agent == "ani" && a.Slot == "late@2026-12-09"
		if want := map[bool]schedule.Source{true: schedule.ByPin, false: schedule.BySolver}[pinned]; a.Source != want {
			t.Errorf("%s on %s: source %s, want %s", a.Agent, a.Slot, a.Source, want)
		}
	}
	if !r.Has("late@2026-12-09", "ani") {
		t.Error("the pin is not kept")
	}
}

func TestStrict(t *testing.T) {
	p := parse(t, small).Period
	r, res, err := Solve(context.Background(), p, Options{Strict: true, Solver: limits()})
	if err != nil {
		t.Fatal(err)
	}
	if res.Status != solver.Infeasible || r.Status != schedule.Infeasible || len(r.Assignments) > 0 {
		t.Errorf("status %v with %d assignments, want infeasible", res.Status, len(r.Assignments))
	}
}

func TestEncodeRoundTrip(t *testing.T) {
	k := parse(t, small+"work ani early@2026-12-07 late@2026-12-09\nwork bea late@2026-12-07\n")
	c, err := Compile(k.Period, false)
	if err != nil {
		t.Fatal(err)
	}
	start, rest := c.Encode(k.Roster)
	if len(rest) > 0 {
		t.Errorf("rest: %v", rest)
	}
	back := c.Assignments(start)
	if !slices.EqualFunc(back, k.Roster.Assignments, func(a, b schedule.Assignment) bool { return a.Slot == b.Slot && a.Agent == b.Agent }) {
		t.Errorf("%v became %v", k.Roster.Assignments, back)
	}
	k.Roster.Assignments = append(k.Roster.Assignments,
		schedule.Assignment{Slot: "late@2026-12-07", Agent: "ani"}, schedule.Assignment{Slot: "early@2026-12-08", Agent: "nobody"},
		schedule.Assignment{Slot: "early@2026-12-20", Agent: "ani"})
	if _, rest = c.Encode(k.Roster); len(rest) != 3 {
		t.Errorf("rest: %v, want three", rest)
	}
}

func TestWhy(t *testing.T) {
	p := parse(t, small).Period
	c, err := Compile(p, false)
	if err != nil {
		t.Fatal(err)
	}
	r, _, err := c.Solve(context.Background(), Options{Solver: limits()})
	if err != nil {
		t.Fatal(err)
	}
	ask := func(q Question) Answer {
		t.Helper()
		a, err := c.Why(context.Background(), r, q, limits())
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	if a := ask(Question{Agent: "ani", Slot: "late@2026-12-09"}); !a.On || len(a.Barred) == 0 || a.Best.Set {
		t.Errorf("without the pinned assignment: %+v", a)
	}
	if a := ask(Question{Agent: "ani", Slot: "early@2026-12-09"}); a.On || len(a.Barred) == 0 || a.Direct.Set {
		t.Errorf("two slots on the day of the pin: %+v", a)
	}
	var late schedule.Assignment
	for _, s := range r.Assignments {
		if s.Agent == "bea" && s.Slot.Shift() == "late" {
			late = s
		}
	}
	a := ask(Question{Agent: "bea", Slot: late.Slot})
	if !a.On || !a.Best.Set || a.Best.Value < a.Now || a.Direct.Set && a.Direct.Value < a.Best.Value || a.Roster.Has(late.Slot, "bea") {
		t.Errorf("without bea on %s: now %d, direct %v, best %v", late.Slot, a.Now, a.Direct, a.Best)
	}
	if a = ask(Question{Agent: "bea", Slot: late.Slot, Instead: "ani"}); a.Best.Set && !a.Roster.Has(late.Slot, "ani") {
		t.Errorf("ani does not take %s", late.Slot)
	}
	if _, err = c.Why(context.Background(), r, Question{Agent: "zoe", Slot: late.Slot}, limits()); err == nil {
		t.Error("an unknown agent gives no error")
	}
}

func TestDisagreement(t *testing.T) {
	k := parse(t, small+"work ani late@2026-12-07 early@2026-12-08 late@2026-12-09\n")
	c, err := Compile(k.Period, false)
	if err != nil {
		t.Fatal(err)
	}
	var bug *Disagreement
	if err = c.Agree(k.Roster); !errors.As(err, &bug) || len(bug.Broken) == 0 {
		t.Errorf("an illegal roster passes: %v", err)
	}
	k.Roster.Assignments = slices.DeleteFunc(k.Roster.Assignments, func(a schedule.Assignment) bool { return a.Slot == "early@2026-12-08" })
	start, _ := c.Encode(k.Roster)
	cost, legal := c.Price(start)
	if k.Roster.Cost = cost; !legal || c.Agree(k.Roster) != nil {
		t.Errorf("legal %v, cost %d: %v", legal, cost, c.Agree(k.Roster))
	}
	k.Roster.Cost++
	if err = c.Agree(k.Roster); !errors.As(err, &bug) || bug.Model != bug.Audit+1 {
		t.Errorf("a wrong cost passes: %v", err)
	}
}

// TestDeterministic compiles one period twice: the same text, so the same roster for the same seed.
func TestDeterministic(t *testing.T) {
	for seed := range uint64(20) {
		k, err := scheduletest.Parse(random(seed))
		if err != nil {
			t.Fatal(err)
		}
		a, err := Compile(k.Period, false)
		if err != nil {
			t.Fatal(err)
		}
		b, err := Compile(k.Period, false)
		if err != nil {
			t.Fatal(err)
		}
		if x, y := sprint(a), sprint(b); x != y {
			t.Fatalf("seed %d: two models of one period", seed)
		}
	}
}
