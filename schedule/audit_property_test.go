package schedule_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"rota/schedule"
	"rota/schedule/scheduletest"
)

// TestAuditDoesNotDependOnOrder shuffles what has no order: the same findings, cost and cover.
func TestAuditDoesNotDependOnOrder(t *testing.T) {
	p, empty := small(t)
	p.Targets = map[schedule.RuleID]map[schedule.AgentID]schedule.Points{}
	for _, r := range p.Rules {
		if r.Name == schedule.FairShareRule { // frozen, because rounding favours earlier agents
			targets, err := schedule.FairTargets(p, r)
			if err != nil {
				t.Fatal(err)
			}
			p.Targets[r.ID] = targets
		}
	}
	for seed := range uint64(8) {
		r := scatter(p, empty, seed)
		want := schedule.Audit(p, r)
		turned := *p
		for _, list := range []any{&turned.Slots, &turned.Agents, &turned.Around, &turned.Worked, &turned.Availability} {
			v := reflect.ValueOf(list).Elem()
			v.Set(reflect.AppendSlice(reflect.MakeSlice(v.Type(), 0, v.Len()), v))
			swap := reflect.Swapper(v.Interface())
			for i, j := 0, v.Len()-1; i < j; i, j = i+1, j-1 {
				swap(i, j)
			}
		}
		back := r
		back.Assignments = slices.Clone(r.Assignments)
		slices.Reverse(back.Assignments)
		got := schedule.Audit(&turned, back)
		if got.Cost != want.Cost || got.Hard != want.Hard || len(got.Findings) != len(want.Findings) {
			t.Errorf("seed %d: cost %d and %d hard, turned round %d and %d", seed, want.Cost, want.Hard, got.Cost, got.Hard)
		}
	}
}

// TestAuditShiftedByWeeks moves every date by four weeks, where no clock changes: nothing else moves.
func TestAuditShiftedByWeeks(t *testing.T) {
	later := ""
	for _, line := range strings.Split(smallTeam, "\n") {
		words := strings.Fields(line)
		for i, w := range words {
			words[i] = shiftDates(w, 28)
		}
		later += strings.Join(words, " ") + "\n"
	}
	c, err := scheduletest.Parse(later)
	if err != nil {
		t.Fatal(err)
	}
	p, empty := small(t)
	for seed := range uint64(8) {
		a, b := schedule.Audit(p, scatter(p, empty, seed)), schedule.Audit(c.Period, scatter(c.Period, c.Roster, seed))
		if a.Cost != b.Cost || a.Hard != b.Hard {
			t.Errorf("seed %d: cost %d and %d hard, four weeks later %d and %d", seed, a.Cost, a.Hard, b.Cost, b.Hard)
		}
	}
}

// shiftDates moves every date in a word.
func shiftDates(word string, days int) string {
	for i := 0; i+10 <= len(word); i++ {
		if d, err := schedule.ParseDate(word[i : i+10]); err == nil {
			word = word[:i] + d.AddDays(days).String() + word[i+10:]
			i += 9
		}
	}
	return word
}

// TestAuditOfNonsense judges what cannot be judged without panic.
func TestAuditOfNonsense(t *testing.T) {
	p, r := small(t)
	r.Assignments = []schedule.Assignment{{}, {Slot: "late@2026-12-09"}, {Agent: "ani"}, {Slot: "@", Agent: "佐藤"}}
	if got := schedule.Audit(p, r); got.Hard != 4 {
		t.Errorf("%d hard findings, want 4", got.Hard)
	}
	broken := *p
	broken.Team.Zone = "Nowhere/Land"
	broken.Agents = slices.Clone(p.Agents)
	broken.Agents[0].Zone = "No/Where"
	broken.Rules = append(slices.Clone(p.Rules), schedule.Rule{Name: "no-such-rule"}, schedule.Rule{Name: schedule.MaxShiftsRule},
		schedule.Rule{Name: schedule.FairShareRule, Params: schedule.Params{"of": schedule.Text("luck")}})
	broken.Rotations = []schedule.Rotation{{ID: "r", Pattern: "gone", Crews: []schedule.Crew{{Agents: []schedule.AgentID{"ani"}}}}}
	if got := schedule.Audit(&broken, r); got.Hard < 6 {
		t.Errorf("%d hard findings in a broken period", got.Hard)
	}
	schedule.Audit(&schedule.Period{}, schedule.Roster{Assignments: r.Assignments})
	schedule.Audit(&schedule.Period{First: p.First, Last: p.First.AddDays(-1), Agents: p.Agents}, r)
}

// big is a team of many agents over some weeks with most rules, and a roster without gaps.
func big(t testing.TB, agents, weeks int) (*schedule.Period, schedule.Roster) {
	t.Helper()
	var b strings.Builder
	first := schedule.MustDate("2026-12-07")
	last := first.AddDays(7*weeks - 1)
	fmt.Fprintf(&b, "team Asia/Yerevan\nperiod %s %s known=%s..%s\nnow 2026-12-01 00:00\n", first, last, first.AddDays(-28), last)
	b.WriteString(`shift early 08:00-16:00
shift late 16:00-00:00
shift night 00:00-08:00 tags=night
shift wknd 07:00-15:00 zone=America/New_York rrule=FREQ=WEEKLY;BYDAY=SA,SU tags=weekend
contract ft min=32 target=40 max=40 extra=8
need * min=2 target=3 max=40
need * lang=en:C1
need * skill=chat:2
rule min-rest
rule weekly-rest
rule max-consecutive-days days=5
rule max-consecutive tag=night shifts=3
rule min-consecutive tag=night shifts=2 weight=30
rule rest-after-nights
rule min-consecutive-days-off days=2 weight=20
rule forward-rotation
rule max-weekends weekends=2 weeks=4 weight=50
rule complete-weekends
rule fair-share id=fair
rule mentor skill=chat below=2 beside=3 weight=80
rule max-hours hours=48 days=7 weight=1
`)
	zones := []string{"Asia/Yerevan", "Europe/Madrid", "America/New_York", "Asia/Tokyo"}
	for i := range agents {
		fmt.Fprintf(&b, "agent a%d contract=ft zone=%s lang=en:C1 skill=chat:%d\ntarget fair a%d 10\n", i, zones[i%4], i%4+1, i)
		switch i % 4 {
		case 0:
			fmt.Fprintf(&b, "avail a%d leave %s\n", i, first.AddDays(i))
		case 1:
			fmt.Fprintf(&b, "avail a%d prefer rrule=FREQ=WEEKLY;BYDAY=SA,SU weight=8\n", i)
		}
		fmt.Fprintf(&b, "work a%d", i)
		for d := -28; d < 7*weeks; d++ {
			if day := (d + 28 + i) % 7; day < 5 {
				fmt.Fprintf(&b, " %s@%s", []string{"early", "late", "night"}[(d+28+i*3)/7%3], first.AddDays(d))
			}
		}
		b.WriteString("\n")
	}
	b.WriteString("want nothing\n")
	c, err := scheduletest.Parse(b.String())
	if err != nil {
		t.Fatal(err)
	}
	return c.Period, c.Roster
}

func BenchmarkAudit(b *testing.B) {
	for _, size := range []struct{ agents, weeks int }{{20, 4}, {100, 8}} {
		p, r := big(b, size.agents, size.weeks)
		b.Run(fmt.Sprintf("%dx%d", size.agents, size.weeks), func(b *testing.B) {
			for b.Loop() {
				schedule.Audit(p, r)
			}
		})
		b.Run(fmt.Sprintf("%dx%d/candidates", size.agents, size.weeks), func(b *testing.B) {
			for b.Loop() {
				schedule.Candidates(p, r, p.Slots[40].ID)
			}
		})
	}
}
