package schedule_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"rota/schedule"
	"rota/schedule/scheduletest"
)

const smallTeam = `team Asia/Yerevan
period 2026-12-07 2026-12-13 known=2026-11-30..2026-12-20
shift early 08:00-16:00
shift late 16:00-00:00
shift night 00:00-08:00 tags=night
contract ft min=16 target=24 max=32 extra=8
agent ani contract=ft skill=chat:3 lang=en:C1
agent bea contract=ft skill=chat:1
agent cy contract=ft skill=chat:2 lang=en:C1
agent di
need * min=1 target=2 max=2
need * lang=en:C1
interval 06:00-18:00 step=240 min=1
avail bea leave 2026-12-09
avail cy prefer shifts=late weight=4
avail di avoid shifts=night weight=6
rule min-rest
rule max-consecutive-days days=3
rule min-consecutive tag=night shifts=2 weight=9
rule fair-share weight=5
rule mentor skill=chat below=2 beside=3 weight=11
rule forward-rotation
rule together agents=ani,cy
rule stability
published ani early@2026-12-08 early@2026-12-09
work ani early@2026-12-06
want nothing
`

func small(t testing.TB) (*schedule.Period, schedule.Roster) {
	t.Helper()
	c, err := scheduletest.Parse(smallTeam)
	if err != nil {
		t.Fatal(err)
	}
	return c.Period, c.Roster
}

// scatter is a random roster, with mistakes of every kind.
func scatter(p *schedule.Period, r schedule.Roster, seed uint64) schedule.Roster {
	rnd := rand.New(rand.NewPCG(seed, 1))
	for _, s := range p.Slots {
		for _, a := range p.Agents {
			if rnd.IntN(5) == 0 {
				r.Assignments = append(r.Assignments, schedule.Assignment{Slot: s.ID, Agent: a.ID, Source: schedule.ByHand})
			}
		}
	}
	return r
}

// TestCandidatesAgreeWithAudit compares what a candidate is said to change with two whole audits.
func TestCandidatesAgreeWithAudit(t *testing.T) {
	p, empty := small(t)
	for seed := range uint64(4) {
		r := scatter(p, empty, seed)
		before := schedule.Audit(p, r)
		for _, s := range p.Slots {
			list := schedule.Candidates(p, r, s.ID)
			if len(list)+len(r.On(s.ID)) != len(p.Agents) {
				t.Fatalf("%s: %d candidates beside %d agents on it", s.ID, len(list), len(r.On(s.ID)))
			}
			for k, c := range list {
				next, d, err := schedule.Assign(p, r, c.Agent, s.ID, schedule.ByHand)
				if err != nil {
					t.Fatal(err)
				}
				after := schedule.Audit(p, next)
				if d.Cost != after.Cost-before.Cost || c.Delta.Cost != d.Cost || d.Hard != after.Hard-before.Hard || c.Delta.Hard != d.Hard ||
					next.Cost != after.Cost {
					t.Errorf("seed %d, %s on %s: candidate %+d, change %+d, audits %+d", seed, c.Agent, s.ID, c.Delta.Cost, d.Cost, after.Cost-before.Cost)
				}
				if len(d.Gained) != len(c.Delta.Gained) || len(d.Lost) != len(c.Delta.Lost) {
					t.Errorf("seed %d, %s on %s: gained %d and %d, lost %d and %d", seed, c.Agent, s.ID,
						len(d.Gained), len(c.Delta.Gained), len(d.Lost), len(c.Delta.Lost))
				}
				if c.Legal == (len(c.Delta.Breaks()) > 0) || !c.Legal && c.Reason == "" {
					t.Errorf("seed %d, %s on %s: legal %v, reason %q", seed, c.Agent, s.ID, c.Legal, c.Reason)
				}
				if k > 0 && (c.Legal && !list[k-1].Legal || c.Legal && list[k-1].Delta.Cost > c.Delta.Cost) {
					t.Errorf("seed %d, %s: the order of candidates is wrong at %d", seed, s.ID, k)
				}
				back, undo, err := schedule.Unassign(p, next, c.Agent, s.ID)
				if err != nil || undo.Cost != -d.Cost || back.Cost != before.Cost || !sameAssignments(back, r) {
					t.Errorf("seed %d: taking %s off %s again gives %+d for %+d, %v", seed, c.Agent, s.ID, undo.Cost, d.Cost, err)
				}
			}
		}
	}
}

func sameAssignments(a, b schedule.Roster) bool {
	x, y := slices.Clone(a.Assignments), slices.Clone(b.Assignments)
	schedule.SortAssignments(x)
	schedule.SortAssignments(y)
	return slices.Equal(x, y)
}

func TestCandidateReasons(t *testing.T) {
	p, r := small(t)
	r, _, err := schedule.Assign(p, r, "di", "early@2026-12-09", schedule.ByHand)
	if err != nil {
		t.Fatal(err)
	}
	list := schedule.Candidates(p, r, "late@2026-12-09")
	byAgent := map[schedule.AgentID]schedule.Candidate{}
	for _, c := range list {
		byAgent[c.Agent] = c
	}
	if c := byAgent["bea"]; c.Legal || c.Delta.Breaks()[0].Rule != schedule.AvailabilityRule {
		t.Errorf("bea is on leave, but the candidate says %+v", c)
	}
	if c := byAgent["di"]; c.Legal || c.Delta.Breaks()[0].Rule != schedule.OnePerDayRule {
		t.Errorf("di works that day, but the candidate says %+v", c)
	}
	if !byAgent["cy"].Legal || !byAgent["ani"].Legal {
		t.Errorf("ani and cy could take it: %+v", list)
	}
	if list[0].Agent != "cy" {
		t.Errorf("cy prefers late and speaks English, but %s comes first", list[0].Agent)
	}
	if schedule.Candidates(p, r, "late@2026-12-14") != nil || schedule.Candidates(p, r, "nonsense") != nil {
		t.Error("there are candidates for slots outside the period")
	}
}

func TestChangesThatMakeNoSense(t *testing.T) {
	p, r := small(t)
	r, _, err := schedule.Assign(p, r, "ani", "late@2026-12-09", schedule.ByHand)
	if err != nil {
		t.Fatal(err)
	}
	for name, try := range map[string]func() error{
		`unknown agent "anni", did you mean "ani"?`: func() error {
			_, _, err := schedule.Assign(p, r, "anni", "late@2026-12-09", schedule.ByHand)
			return err
		},
		`unknown slot "late@2026-12-90", did you mean "late@2026-12-09"?`: func() error {
			_, _, err := schedule.Assign(p, r, "ani", "late@2026-12-90", schedule.ByHand)
			return err
		},
		"slot late@2026-12-14 is outside the period": func() error {
			_, _, err := schedule.Assign(p, r, "ani", "late@2026-12-14", schedule.ByHand)
			return err
		},
		"ani is on late@2026-12-09 already": func() error {
			_, _, err := schedule.Assign(p, r, "ani", "late@2026-12-09", schedule.ByHand)
			return err
		},
		"bea is not on late@2026-12-09": func() error {
			_, _, err := schedule.Unassign(p, r, "bea", "late@2026-12-09")
			return err
		},
		"bea is not on late@2026-12-10": func() error {
			_, _, err := schedule.Swap(p, r, "ani", "late@2026-12-09", "bea", "late@2026-12-10", schedule.BySwap)
			return err
		},
	} {
		if err := try(); err == nil || err.Error() != name {
			t.Errorf("got %v, want %s", err, name)
		}
	}
	// What makes no sense can be taken away.
	r.Assignments = append(r.Assignments, schedule.Assignment{Slot: "noon@2026-12-09", Agent: "zoe"})
	next, d, err := schedule.Unassign(p, r, "zoe", "noon@2026-12-09")
	if err != nil || len(d.Lost) != 1 || d.Lost[0].Rule != schedule.WellFormedRule || len(next.Assignments) != 1 {
		t.Errorf("taking away a stranger: %+v, %v", d, err)
	}
}

func TestSwap(t *testing.T) {
	p, r := small(t)
	for _, as := range []schedule.Assignment{{Slot: "late@2026-12-09", Agent: "ani"}, {Slot: "early@2026-12-11", Agent: "cy"}} {
		var err error
		if r, _, err = schedule.Assign(p, r, as.Agent, as.Slot, schedule.ByHand); err != nil {
			t.Fatal(err)
		}
	}
	r.Bound, r.Status = schedule.Some(schedule.Cost(1)), schedule.Optimal
	next, d, err := schedule.Swap(p, r, "ani", "late@2026-12-09", "cy", "early@2026-12-11", schedule.BySwap)
	if err != nil || !next.Has("late@2026-12-09", "cy") || !next.Has("early@2026-12-11", "ani") || len(next.Assignments) != 2 {
		t.Fatalf("swapped: %v, %v", next.Assignments, err)
	}
	if d.Cost != schedule.Audit(p, next).Cost-schedule.Audit(p, r).Cost || next.Status != schedule.NotSolved || next.Bound != r.Bound {
		t.Errorf("delta %+d, status %q, bound %v", d.Cost, next.Status, next.Bound)
	}
	if !r.Has("late@2026-12-09", "ani") || next.Assignments[0].Source != schedule.BySwap {
		t.Error("the swap changed the roster it was given, or lost its source")
	}
}
