package plan

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"rota/schedule"
	"rota/solver"
)

func rotationOf(pattern string, crews ...schedule.Crew) schedule.Rotation {
	return schedule.Rotation{ID: "r", Pattern: schedule.PatternID(pattern), Start: schedule.MustDate("2026-12-07"),
		Letters: []schedule.Letter{{Letter: "D", Shift: "day"}}, Crews: crews}
}

func ids(words string) []schedule.AgentID {
	var list []schedule.AgentID
	for w := range strings.FieldsSeq(words) {
		list = append(list, schedule.AgentID(w))
	}
	return list
}

func crewsOf(r schedule.Rotation) string {
	var list []string
	for _, c := range r.Crews {
		agents := slices.Clone(c.Agents)
		slices.Sort(agents)
		list = append(list, fmt.Sprint(agents))
	}
	return strings.Join(list, " ")
}

// laidOut is what the audit says about the rotation laid out alone, and how many of its slots were left out. The rule
// pattern, which only asks whether the roster is the rotation's, is not looked at.
func laidOut(t *testing.T, p *schedule.Period, r schedule.Rotation) (schedule.Cost, int) {
	t.Helper()
	own := *p
	own.Rotations = []schedule.Rotation{r}
	roster, bends, err := schedule.LayOut(&own)
	if err != nil {
		t.Fatal(err)
	}
	own.Rotations = nil
	report := schedule.Audit(&own, roster)
	if report.Hard > 0 {
		t.Fatalf("a hard rule is broken: %v", report.Findings)
	}
	return report.Cost, len(bends)
}

// TestCrewsLanguagesAndLeave: two crews take turns of two days. Each needs somebody who speaks Spanish, though the list
// begins with both who do; Ada is away in the first two days and Bea in the next two, which puts each into the other crew.
func TestCrewsLanguagesAndLeave(t *testing.T) {
	p := parse(t, `team UTC
period 2026-12-07 2026-12-20
shift day 08:00-16:00
agent ada lang=es:C1
agent bea lang=es:C1
agent cal
agent dov
need day min=1 lang=es:B2
pattern turn DD-- step=2
avail ada leave 2026-12-07 2026-12-08
avail bea leave 2026-12-09 2026-12-10
`).Period
	q := CrewQuery{Rotation: rotationOf("turn", schedule.Crew{}, schedule.Crew{}), Agents: ids("ada bea cal dov"), Everybody: true}
	got, err := ChooseCrews(context.Background(), p, q, limits())
	if err != nil || got.Status != solver.Optimal || got.Cost != 0 || got.Bound != 0 || got.LeftOut != 0 {
		t.Fatalf("%+v, %v", got, err)
	}
	crews := got.Rotation.Crews
	if len(crews[0].Agents) != 2 || !slices.Contains(crews[0].Agents, "bea") || !slices.Contains(crews[1].Agents, "ada") {
		t.Errorf("crews %s", crewsOf(got.Rotation))
	}
	slices.Reverse(q.Agents)
	again, err := ChooseCrews(context.Background(), p, q, limits())
	if err != nil || crewsOf(again.Rotation) != crewsOf(got.Rotation) {
		t.Errorf("%s and %s, %v", crewsOf(got.Rotation), crewsOf(again.Rotation), err)
	}
	q.Rotation.Crews = make([]schedule.Crew, 5)
	if _, err := ChooseCrews(context.Background(), p, q, limits()); err == nil {
		t.Error("four agents fill five crews")
	}
}

// TestCrewsOpenPlaces: who is given stays, so many as a crew has places are chosen, and what nobody is there for is told.
func TestCrewsOpenPlaces(t *testing.T) {
	p := parse(t, `team UTC
period 2026-12-07 2026-12-20
shift day 08:00-16:00
agent ada lang=es:C1
agent bea
agent cal lang=es:B2
agent dov
need day min=2 lang=es:B2
pattern turn DD-- step=2
avail dov leave 2026-12-07 2026-12-20
`).Period
	r := rotationOf("turn", schedule.Crew{Agents: ids("ada"), Size: 2}, schedule.Crew{Size: 1})
	if n := OpenPlaces(r); n != 2 {
		t.Errorf("%d open places", n)
	}
	free := FreeAgents(p, r)
	if !slices.Equal(free, ids("bea cal dov")) {
		t.Errorf("free: %v", free)
	}
	got, err := ChooseCrews(context.Background(), p, CrewQuery{Rotation: r, Agents: free}, limits())
	if err != nil || crewsOf(got.Rotation) != "[ada bea] [cal]" || got.Open != 0 {
		t.Errorf("%s, %+v, %v", crewsOf(got.Rotation), got, err)
	}
	if cost, _ := laidOut(t, p, got.Rotation); cost != got.Cost || got.Bound != got.Cost {
		t.Errorf("cost %d, bound %d, by the audit %d", got.Cost, got.Bound, cost)
	}
	r.Crews[1].Size = 4
	if got, err = ChooseCrews(context.Background(), p, CrewQuery{Rotation: r, Agents: free}, limits()); err != nil || got.Open != 2 {
		t.Errorf("%d places stay open, %v", got.Open, err)
	}
}

// TestCrewsPins: what is pinned is made in every crew, and breaks no rule of the choice.
func TestCrewsPins(t *testing.T) {
	p := parse(t, `team UTC
period 2026-12-07 2026-12-10
shift day 08:00-16:00
shift late 16:00-00:00
agent ada
agent bea
need day min=1 max=1
pattern turn DD-- step=2
pin ada late@2026-12-07
`).Period
	q := CrewQuery{Rotation: rotationOf("turn", schedule.Crew{}, schedule.Crew{}), Agents: ids("ada bea"), Everybody: true}
	got, err := ChooseCrews(context.Background(), p, q, limits())
	if err != nil || got.Cost != 0 || got.Broken != 0 || crewsOf(got.Rotation) != "[bea] [ada]" {
		t.Errorf("%s, %+v, %v", crewsOf(got.Rotation), got, err)
	}
}

// TestCrewsAnyOffset: with every place of the string to choose from, three people cover each day once, which crews that
// start on the same days could not.
func TestCrewsAnyOffset(t *testing.T) {
	p := parse(t, `team UTC
period 2026-12-07 2026-12-24
shift day 08:00-16:00
agent ada
agent bea
agent cal
need day min=1 max=1
pattern third D-- offsets=0,0,0
`).Period
	got, err := ChooseCrews(context.Background(), p, CrewQuery{Rotation: rotationOf("third"), Agents: ids("ada bea cal"), AnyOffset: true}, limits())
	if err != nil || got.Status != solver.Optimal || got.Cost != 0 || len(got.Rotation.Crews) != 3 {
		t.Fatalf("%+v, %v", got, err)
	}
	if cost, _ := laidOut(t, p, got.Rotation); cost != 0 {
		t.Errorf("the audit says %d", cost)
	}
}

// TestCrewsBruteForce compares the choice with every way to fill two crews, each laid out and audited.
func TestCrewsBruteForce(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	for n := range 40 {
		var b strings.Builder
		b.WriteString("team UTC\nperiod 2026-12-07 2026-12-27\nshift day 08:00-16:00\npattern turn DDD--D-- step=4\n")
		all := ids("ada bea cal dov eva")
		for _, id := range all {
			fmt.Fprintf(&b, "agent %s", id)
			if rng.IntN(2) == 0 {
				b.WriteString(" lang=es:B2")
			}
			b.WriteString("\n")
			if rng.IntN(2) == 0 {
				from := schedule.MustDate("2026-12-07").AddDays(rng.IntN(18))
				fmt.Fprintf(&b, "avail %s %s %s %s\n", id, []string{"leave", "avoid"}[rng.IntN(2)], from, from.AddDays(rng.IntN(4)))
			}
		}
		fmt.Fprintf(&b, "need day min=2 target=3 lang=es:B2\nrule max-shifts shifts=%d per=week weight=7\n", 2+rng.IntN(3))
		p := parse(t, b.String()).Period
		definition, _ := schedule.FindDefinition(schedule.PatternRule)
		r := rotationOf("turn", schedule.Crew{}, schedule.Crew{})
		best := schedule.Cost(-1)
		for set := range 1 << len(all) {
			var x [2][]schedule.AgentID
			for i, id := range all {
				x[set>>i&1] = append(x[set>>i&1], id)
			}
			if d := len(x[0]) - len(x[1]); d < -1 || d > 1 {
				continue
			}
			cost, left := laidOut(t, p, rotationOf("turn", schedule.Crew{Agents: x[0]}, schedule.Crew{Agents: x[1]}))
			if cost += schedule.Cost(left) * definition.Weight; best < 0 || cost < best {
				best = cost
			}
		}
		got, err := ChooseCrews(context.Background(), p, CrewQuery{Rotation: r, Agents: all, Everybody: true}, limits())
		if err != nil || got.Status != solver.Optimal || got.Cost != best || got.Bound != best {
			t.Errorf("%d: %s at %d, bound %d (%v); the best is %d, %v", n, crewsOf(got.Rotation), got.Cost, got.Bound, got.Status, best, err)
		}
	}
}
