package gen_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"rota/solver/gen"
	"rota/solver/model"
)

// features names what a model has in it, as kinds of rules and their ways.
func features(m *model.Model, saw map[string]int) {
	has := func(b bool, name string) {
		if b {
			saw[name]++
		}
	}
	bound := func(kind string, b model.Bound) {
		has(b.Min != model.NoMin, kind+" hard min")
		has(b.Max != model.NoMax, kind+" hard max")
		for _, h := range b.Hinges {
			has(h.Below > 0, kind+" below")
			has(h.Above > 0, kind+" above")
			has(h.Step > 1, kind+" step")
			has(h.Cap > 0, kind+" cap")
		}
	}
	price := func(kind string, c model.Cost) {
		has(c == model.Forbidden, kind+" hard")
		has(c != model.Forbidden && c > 0, kind+" priced")
	}
	run := func(kind string, lo, hi int, minCost, maxCost model.Cost, base int, baseOpen, endOpen bool) {
		if lo > 1 {
			price(kind+" min", minCost)
			has(base > 0, kind+" base")
			has(baseOpen, kind+" base open")
			has(endOpen, kind+" end open")
		}
		if hi > 0 {
			price(kind+" max", maxCost)
		}
	}
	has(m.First > 0, "history")
	for _, p := range m.People {
		for d, cells := range p.Cost {
			for _, c := range cells {
				if d >= m.First {
					price("cell", c)
				}
			}
		}
		for _, c := range p.Counters {
			bound("counter", c.Bound)
			has(c.Base > 0, "counter base")
		}
		for _, c := range p.Runs {
			run("run", c.Min, c.Max, c.MinCost, c.MaxCost, c.Base, c.BaseOpen, c.EndOpen)
		}
		for _, c := range p.Words {
			price("word", c.Cost)
			has(c.Starts != nil, "word starts")
		}
		for _, i := range p.Links {
			for _, l := range m.Links[i].Links {
				price("links", l.Cost)
			}
		}
		for _, c := range p.Recoveries {
			price("recovery", c.Cost)
		}
		for _, c := range p.SpanCounts {
			bound("span-count", c.Bound)
			has(c.Base > 0, "span-count base")
		}
		for _, c := range p.SpanRuns {
			run("span-run", c.Min, c.Max, c.MinCost, c.MaxCost, c.Base, c.BaseOpen, c.EndOpen)
		}
		for _, c := range p.Spans {
			has(c.Base > 0, "span base")
			for _, k := range c.Cost {
				price("span", k)
			}
		}
		for _, c := range p.Frees {
			price("free", c.Cost)
			has(len(c.Busy) > 0, "free busy")
		}
	}
	for _, r := range m.Rows {
		bound("row", r.Bound)
		has(r.Base != 0, "row base")
		for _, t := range r.Terms {
			has(t.Weight < 0, "row negative")
		}
	}
}

var ways = strings.Split("history,cell hard,cell priced,"+
	"counter hard min,counter hard max,counter below,counter above,counter step,counter cap,counter base,"+
	"run min hard,run min priced,run max hard,run max priced,run base,run base open,run end open,"+
	"word hard,word priced,word starts,links hard,links priced,recovery hard,recovery priced,"+
	"span-count hard min,span-count hard max,span-count below,span-count above,span-count base,"+
	"span-run min hard,span-run min priced,span-run max hard,span-run max priced,span-run base,span-run base open,span-run end open,"+
	"span hard,span priced,span base,free hard,free priced,free busy", ",")

var rowWays = strings.Split("row hard min,row hard max,row below,row above,row step,row cap,row base,row negative", ",")

func TestTinyHasEveryWay(t *testing.T) {
	saw := map[string]int{}
	infeasible, costs := 0, map[model.Part]int{}
	const n = 300
	for seed := range uint64(n) {
		m := gen.Tiny(seed)
		if err := model.Validate(m); err != nil {
			t.Fatalf("%s: %v", m.Name, err)
		}
		features(m, saw)
		r, _, ok := model.Brute(m)
		if !ok {
			infeasible++
			continue
		}
		v := model.Check(m, r)
		for _, s := range append(v.Personal, v.Rows...) {
			costs[s.Part]++
		}
	}
	for _, way := range append(ways, rowWays...) {
		if saw[way] < 5 {
			t.Errorf("%q in %d of %d models", way, saw[way], n)
		}
	}
	if infeasible < n/100 || infeasible > n/3 {
		t.Errorf("%d of %d infeasible", infeasible, n)
	}
	if len(costs) != 11 {
		t.Errorf("optimal rosters pay for %v only", costs)
	}
}

func TestPersonHasEveryWay(t *testing.T) {
	saw := map[string]int{}
	infeasible := 0
	const n = 300
	for seed := range uint64(n) {
		m := gen.Person(seed)
		if err := model.Validate(m); err != nil {
			t.Fatalf("%s: %v", m.Name, err)
		}
		features(m, saw)
		if seed < 100 {
			if _, _, ok := model.Brute(m); !ok {
				infeasible++
			}
		}
	}
	for _, way := range ways {
		if saw[way] < 5 {
			t.Errorf("%q in %d of %d models", way, saw[way], n)
		}
	}
	if infeasible > 30 {
		t.Errorf("%d of 100 infeasible", infeasible)
	}
}

func TestSameSeedSameModel(t *testing.T) {
	text := func(m *model.Model) string {
		b, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	known := func(seed uint64) *model.Model { m, _, _ := gen.Known(5, 20, seed); return m }
	team := func(seed uint64) *model.Model { return gen.Team(9, 2, seed) }
	for name, f := range map[string]func(uint64) *model.Model{"tiny": gen.Tiny, "person": gen.Person, "known": known, "team": team} {
		if once, again := text(f(7)), text(f(7)); once != again {
			t.Errorf("%s: one seed, two models", name)
		}
		if text(f(7)) == text(f(8)) {
			t.Errorf("%s: two seeds, one model", name)
		}
	}
}

func TestKnown(t *testing.T) {
	for seed := range uint64(60) {
		people, days := 1+int(seed%12), 1+int(seed*seed%40)
		m, r, want := gen.Known(people, days, seed)
		if err := model.Validate(m); err != nil {
			t.Fatalf("%s: %v", m.Name, err)
		}
		if v := model.Check(m, r); !v.Feasible() || v.Cost != want {
			t.Errorf("%s: want %d, got %+v", m.Name, want, v)
		}
	}
	saw := map[string]int{}
	for seed := range uint64(40) {
		m, _, want := gen.Known(2, 4+int(seed%2), seed)
		features(m, saw)
		if _, got, ok := model.Brute(m); !ok || got != want {
			t.Errorf("%s: known %d, brute %d %v", m.Name, want, got, ok)
		}
	}
	for _, way := range []string{"counter below", "run min hard", "word priced", "links hard", "recovery hard", "span-count below", "span-run max priced", "span priced", "free priced", "row negative"} {
		if saw[way] == 0 {
			t.Errorf("no %q", way)
		}
	}
}

func TestChangesKeepTheAnswer(t *testing.T) {
	for seed := range uint64(60) {
		m := gen.Tiny(seed)
		r, cost, ok := model.Brute(m)
		permuted, restore := gen.Permute(m, seed)
		if err := model.Validate(permuted); err != nil {
			t.Fatalf("%s permuted: %v", m.Name, err)
		}
		pr, pc, pok := model.Brute(permuted)
		if pok != ok || pc != cost {
			t.Errorf("%s: %d %v, permuted %d %v", m.Name, cost, ok, pc, pok)
		} else if ok {
			if v := model.Check(m, restore(pr)); !v.Feasible() || v.Cost != cost {
				t.Errorf("%s: restored %+v, want %d", m.Name, v, cost)
			}
		}
		for w := range 3 {
			shifted := gen.ShiftWeeks(m, w)
			if err := model.Validate(shifted); err != nil {
				t.Fatalf("%s, %d weeks later: %v", m.Name, w, err)
			}
			if _, sc, sok := model.Brute(shifted); sok != ok || sc != cost {
				t.Errorf("%s: %d %v, %d weeks later %d %v", m.Name, cost, ok, w, sc, sok)
			}
			if !ok {
				continue
			}
			if v := model.Check(shifted, later(r, w)); !v.Feasible() || v.Cost != cost {
				t.Errorf("%s, %d weeks later: %+v, want %d", m.Name, w, v, cost)
			}
		}
	}
}

// later puts w weeks off before a roster.
func later(r model.Roster, w int) model.Roster {
	out := make(model.Roster, len(r))
	for p := range r {
		out[p] = append(make([]uint8, 7*w), r[p]...)
	}
	return out
}

func TestShiftKeepsEveryCost(t *testing.T) {
	// Rosters that are not optimal reach more of the rules.
	for seed := range uint64(300) {
		m := gen.Person(seed)
		r := model.NewRoster(m)
		for k := range 5 {
			for d := m.First; d < len(m.Days); d++ {
				r[0][d] = uint8((int(seed) + k*d + d/2) % len(m.Days[d].Duties))
			}
			a, b := model.Check(m, r), model.Check(gen.ShiftWeeks(m, 1), later(r, 1))
			if a.Cost != b.Cost || len(a.Violations) != len(b.Violations) {
				t.Errorf("%s %v: %+v, a week later %+v", m.Name, r, a, b)
			}
		}
	}
}

func TestTeam(t *testing.T) {
	shifts, languages := map[int]bool{}, map[int]bool{}
	for _, size := range []struct{ people, weeks int }{{1, 1}, {8, 2}, {20, 4}, {60, 4}, {100, 1}} {
		for seed := range uint64(6) {
			m := gen.Team(size.people, size.weeks, seed)
			if err := model.Validate(m); err != nil {
				t.Fatalf("%s: %v", m.Name, err)
			}
			v := model.Check(m, model.NewRoster(m))
			if !v.Feasible() {
				t.Errorf("%s: everybody off is against %+v", m.Name, v.Violations[0])
			}
			names, spoken := map[string]bool{}, map[string]bool{}
			for _, day := range m.Days {
				for _, x := range day.Duties[1:] {
					names[x.Name] = true
				}
			}
			var owed, asked float64
			for _, r := range m.Rows {
				kind, rest, _ := strings.Cut(r.Name, " ")
				switch kind {
				case "agents":
					asked += 8 * 60 * float64(r.Bound.Hinges[1].At)
				case "language":
					spoken[strings.Fields(rest)[0]] = true
				}
			}
			leave, requests, days := 0, 0, 0
			for _, p := range m.People {
				for _, c := range p.Counters {
					if c.Name == "hours" {
						owed += float64(c.Bound.Hinges[0].At)
					}
				}
				for _, cells := range p.Cost[m.First:] {
					days++
					allowed, priced := 0, 0
					for _, c := range cells {
						if c != model.Forbidden {
							allowed++
							priced += int(min(c, 1))
						}
					}
					requests += min(priced, 1)
					if allowed == 1 {
						leave++
					}
				}
			}
			shifts[len(names)], languages[len(spoken)] = true, true
			if size.people < 20 {
				continue
			}
			if share := asked / owed; math.Abs(share-0.95) > 0.03 {
				t.Errorf("%s: demand is %.3f of the hours", m.Name, share)
			}
			if r := float64(requests) / float64(days); r < 0.08 || r > 0.17 {
				t.Errorf("%s: requests on %.3f of the days", m.Name, r)
			}
			if l := float64(leave) / float64(days); l < 0.07 {
				t.Errorf("%s: leave on %.3f of the days", m.Name, l)
			}
		}
	}
	for n := 4; n <= 6; n++ {
		if !shifts[n] {
			t.Errorf("no team with %d shifts", n)
		}
	}
	if len(languages) < 2 {
		t.Errorf("teams speak %v languages", languages)
	}
}
