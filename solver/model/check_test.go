package model_test

import (
	"reflect"
	"strings"
	"testing"

	"rota/solver/model"
)

const never = model.Forbidden

// The duties of the hand-made cases: off, early 06-14, late 14-22, night 22-06.
const letters = "-ELN"

// Their measures.
const (
	work model.MeasureID = iota
	rest
	early
	late
	night
	hours // 0 8 8 8
)

// one is a model of one person, named duties as letters, whose first days are
// history as given.
func one(days int, history string, rule func(*model.Person)) *model.Model {
	m := &model.Model{Name: "one", First: len(history)}
	sets := []string{"ELN", "-", "E", "L", "N", "ELN"}
	for i, set := range sets {
		x := model.Measure{Name: set, Of: make([][]int32, days)}
		for d := range days {
			x.Of[d] = make([]int32, len(letters))
			for j, c := range letters {
				if strings.ContainsRune(set, c) {
					x.Of[d][j] = 1
					if model.MeasureID(i) == hours {
						x.Of[d][j] = 8
					}
				}
			}
		}
		m.Measures = append(m.Measures, x)
	}
	p := model.Person{Name: "ann"}
	for d := range days {
		t := d * 1440
		m.Days = append(m.Days, model.Day{Duties: []model.Duty{
			{Name: "-"}, {Name: "E", Start: t + 360, End: t + 840}, {Name: "L", Start: t + 840, End: t + 1320}, {Name: "N", Start: t + 1320, End: t + 1800},
		}})
		cells := make([]model.Cost, len(letters))
		if d < len(history) {
			for j := range cells {
				if letters[j] != history[d] {
					cells[j] = never
				}
			}
		}
		p.Cost = append(p.Cost, cells)
	}
	m.People = []model.Person{p}
	rule(&m.People[0])
	return m
}

func row(s string) []uint8 {
	out := make([]uint8, len(s))
	for i := range s {
		out[i] = uint8(strings.IndexByte(letters, s[i]))
	}
	return out
}

// A verdict is written as the cost, or the days of the breaches: "cost 3", "breach 2 5".
func TestRules(t *testing.T) {
	type P = model.Person
	bound := func(lo, hi int64, hinges ...model.Hinge) model.Bound {
		return model.Bound{Min: lo, Max: hi, Hinges: hinges}
	}
	for _, group := range []struct {
		name    string
		history string
		rule    func(*P)
		cases   map[string]any // days after history: model.Cost or []int days of breaches
	}{
		{"cell", "", func(p *P) { p.Cost[1][1] = 4; p.Cost[2][3] = never }, map[string]any{
			"-E-": 4, "E--": 0, "-EN": []int{2}, "--E": 0,
		}},
		{"history cell", "E", func(*P) {}, map[string]any{"--": 0}},
		{"counter hard", "E", func(p *P) {
			p.Counters = []model.Counter{{Of: work, From: 0, To: 3, Base: 1, Bound: bound(2, 3)}}
		}, map[string]any{"---": 0, "E-E": 0, "EEE": []int{2}, "-EE": 0}},
		{"counter last day", "", func(p *P) {
			p.Counters = []model.Counter{{Of: hours, From: 1, To: 3, Bound: bound(8, model.NoMax)}}
		}, map[string]any{"E--": []int{2}, "--E": 0, "-N-": 0}},
		{"counter priced", "", func(p *P) {
			p.Counters = []model.Counter{{Of: hours, From: 0, To: 3, Bound: bound(model.NoMin, model.NoMax,
				model.Hinge{At: 12, Below: 3, Above: 5, Step: 8}, model.Hinge{At: 9, Above: 1, Cap: 6})}}
		}, map[string]any{"---": 6, "E--": 3, "EE-": 11, "EEE": 16}},
		{"run max", "EE", func(p *P) {
			p.Runs = []model.Run{{Of: work, Max: 2, MaxCost: 7, Base: 1}}
		}, map[string]any{"---": 0, "E--": 7, "EE-": 14, "-EE": 0, "EEE": 21}},
		{"run max history not judged", "EEE", func(p *P) { p.Runs = []model.Run{{Of: work, Max: 2, MaxCost: never}} }, map[string]any{
			"-EE": 0, "E--": []int{3}, "---": 0,
		}},
		{"run max last day", "", func(p *P) { p.Runs = []model.Run{{Of: night, Max: 2, MaxCost: never, EndOpen: true}} }, map[string]any{
			"-NNN": []int{3}, "N-NN": 0, "NNEN": 0, "NNNN": []int{2, 3},
		}},
		{"run min", "", func(p *P) { p.Runs = []model.Run{{Of: work, Min: 3, MinCost: 10}} }, map[string]any{
			"-E---": 20, "-EL--": 10, "-ELN-": 0, "E----": 20, "---EE": 10, "----E": 20, "--EEE": 0, "E-E-E": 60, "-----": 0,
		}},
		{"run min end open", "", func(p *P) { p.Runs = []model.Run{{Of: work, Min: 3, MinCost: 10, EndOpen: true}} }, map[string]any{
			"---EE": 0, "--E--": 20, "----E": 0, "E---E": 20,
		}},
		{"run min base", "", func(p *P) { p.Runs = []model.Run{{Of: work, Min: 3, MinCost: never, Base: 1}} }, map[string]any{
			"-EEE": []int{0}, "E-EEE": []int{1}, "EE-": 0, "EEE": 0,
		}},
		{"run min base open", "", func(p *P) { p.Runs = []model.Run{{Of: work, Min: 3, MinCost: 1, Base: 1, BaseOpen: true}} }, map[string]any{
			"-EEE": 0, "E-EEE": 0, "--E-": 2, "E-E-": 2, "E": 0,
		}},
		{"run min over history", "-E", func(p *P) { p.Runs = []model.Run{{Of: work, Min: 3, MinCost: 1}} }, map[string]any{
			"-EEE": 2, "E---": 1, "EE--": 0,
		}},
		{"run min ended in history", "E-", func(p *P) { p.Runs = []model.Run{{Of: work, Min: 3, MinCost: never, Base: 1}} }, map[string]any{
			"---": 0, "EEE": 0,
		}},
		{"run of days off", "", func(p *P) { p.Runs = []model.Run{{Of: rest, Min: 2, MinCost: 5, BaseOpen: true, EndOpen: true}} }, map[string]any{
			"E-E": 5, "-EE": 0, "EE-": 0, "E--E": 0,
		}},
		{"word", "", func(p *P) { p.Words = []model.Word{{Letters: []model.MeasureID{night, rest, early}, Cost: 4}} }, map[string]any{
			"N-E": 4, "N-L": 0, "N-": 0, "N-EN-E": 8, "-N-E": 4, "NE-": 0,
		}},
		{"word overlaps", "", func(p *P) { p.Words = []model.Word{{Letters: []model.MeasureID{early, early}, Cost: 1}} }, map[string]any{
			"EEEE": 3, "E-EE": 1,
		}},
		{"word in history", "N-", func(p *P) { p.Words = []model.Word{{Letters: []model.MeasureID{night, rest}, Cost: never}} }, map[string]any{
			"N-": []int{3}, "-N": 0,
		}},
		{"word across history", "N", func(p *P) { p.Words = []model.Word{{Letters: []model.MeasureID{night, early}, Cost: never}} }, map[string]any{
			"E-": []int{1}, "-E": 0, "NE": []int{2},
		}},
		{"word starts", "", func(p *P) {
			p.Words = []model.Word{{Letters: []model.MeasureID{early}, Starts: []int{1, 3}, Cost: 1}, {Letters: []model.MeasureID{early}, Starts: []int{}, Cost: 100}}
		}, map[string]any{"EEEE": 2, "E-E-": 0, "---E": 1}},
		{"span count", "E-", func(p *P) {
			p.SpanCounts = []model.SpanCount{{Of: work, Over: []model.Days{{From: 0, To: 2}, {From: 3, To: 5}, {From: 5, To: 6}}, Base: 1, Bound: bound(model.NoMin, 3, model.Hinge{At: 2, Above: 9})}}
		}, map[string]any{"E---": 0, "-EE-": 9, "---E": 9, "-E-E": []int{5}}},
		{"span run max", "E", func(p *P) {
			p.SpanRuns = []model.SpanRun{{Of: work, Over: []model.Days{{From: 0, To: 1}, {From: 2, To: 4}, {From: 4, To: 5}}, Max: 2, MaxCost: 6, Base: 1}}
		}, map[string]any{"----": 0, "-E--": 6, "-EEE": 12, "---E": 0, "E---": 0}},
		{"span run min", "E", func(p *P) {
			p.SpanRuns = []model.SpanRun{{Of: work, Over: []model.Days{{From: 0, To: 1}, {From: 2, To: 4}, {From: 4, To: 5}}, Min: 2, MinCost: 6}}
		}, map[string]any{"----": 6, "-E--": 0, "---E": 12, "--EE": 0}},
		{"span run end open", "", func(p *P) {
			p.SpanRuns = []model.SpanRun{{Of: work, Over: []model.Days{{From: 0, To: 2}, {From: 2, To: 4}}, Min: 2, MinCost: never, EndOpen: true, BaseOpen: true, Base: 1}}
		}, map[string]any{"----": 0, "E---": 0, "---E": 0}},
		{"span", "E", func(p *P) {
			p.Spans = []model.Span{{Days: model.Days{From: 0, To: 3}, Parts: []model.MeasureID{early, late, night}, Base: 0b100, Cost: []model.Cost{9, 9, 9, 9, 1, 2, 3, never}}}
		}, map[string]any{"---": 2, "EN-": 2, "EL-": []int{2}, "--L": 2}},
		{"free", "", func(p *P) {
			p.Frees = []model.Free{{From: 0, To: 3 * 1440, Min: 1800, Busy: []model.Minutes{{From: 1440 - 60, To: 1440}}, Cost: 8}}
		}, map[string]any{"---": 0, "-E-": 0, "-L-": 8, "E-L": 0, "EE-": 0, "E-E": 0, "-EE": 8, "-NE": 8, "EEE": 8}},
		{"free hard", "N", func(p *P) {
			p.Frees = []model.Free{{From: 1440, To: 2 * 1440, Min: 1080, Cost: never}}
		}, map[string]any{"--": 0, "-E": 0, "E-": []int{-1}, "N-": []int{-1}}},
		{"free within", "", func(p *P) {
			p.Frees = []model.Free{{From: 0, To: 1440, Min: 601, Busy: []model.Minutes{{From: 500, To: 600}}, Cost: never}}
		}, map[string]any{"E--": []int{-1}, "E-E": []int{-1}, "--E": 0, "L-E": []int{-1}}},
		{"recovery begun step", "", func(p *P) {
			p.Recoveries = []model.Recovery{{Of: night, Run: 1, Rest: 1441, Step: 60, Cost: 1}}
		}, map[string]any{"N-E": 1, "N-L": 0, "NE-": 25}},
		{"recovery", "N", func(p *P) {
			p.Recoveries = []model.Recovery{{Of: night, Run: 2, Rest: 2880, Step: 60, Cost: 1}}
		}, map[string]any{
			"NE--": 48, "N-E-": 24, "N--E": 0, "N--N": 0, "-E--": 0, "-N-E": 0, "NNE-": 48, "----": 0, "N-N-": 8, "N---": 0, "N-L-": 16,
		}},
		{"recovery in history", "NNE", func(p *P) {
			p.Recoveries = []model.Recovery{{Of: night, Run: 2, Rest: 2880, Cost: never}}
		}, map[string]any{"--": 0, "E-": 0, "NN": 0}},
		{"recovery hard", "", func(p *P) {
			p.Recoveries = []model.Recovery{{Of: night, Run: 1, Rest: 2880, Cost: never}}
		}, map[string]any{"N-E-": []int{2}, "N--E": 0, "NNNN": 0, "-N-N": []int{3}, "--N-": 0}},
	} {
		for days, want := range group.cases {
			m := one(len(group.history)+len(days), group.history, func(*P) {})
			if skip := tryRule(m, group.rule); skip {
				t.Errorf("%s, %q: too few days for the rule", group.name, days)
				continue
			}
			if err := model.Validate(m); err != nil {
				t.Errorf("%s: %v", group.name, err)
				continue
			}
			cost, broken := model.CheckPerson(m, 0, row(group.history+days))
			var at []int
			for _, v := range broken {
				at = append(at, v.Day)
				if v.Amount <= 0 {
					t.Errorf("%s, %q: breach without amount: %+v", group.name, days, v)
				}
			}
			switch want := want.(type) {
			case int:
				if cost != model.Cost(want) || broken != nil {
					t.Errorf("%s, %q: cost %d, breaches on %v, want cost %d", group.name, days, cost, at, want)
				}
			case []int:
				if !reflect.DeepEqual(at, want) {
					t.Errorf("%s, %q: breaches on %v, want %v", group.name, days, at, want)
				}
			}
		}
	}
}

// tryRule reports whether the rule needs more days than the model has.
func tryRule(m *model.Model, rule func(*model.Person)) (tooShort bool) {
	defer func() { tooShort = recover() != nil }()
	rule(&m.People[0])
	return false
}

func TestLinks(t *testing.T) {
	m := one(5, "L", func(p *model.Person) { p.Links = []int{1, 0} })
	m.Links = []model.Links{
		{Name: "a", Links: []model.Link{{Day: 0, Duty: 2, NextDay: 1, NextDuty: 1, Cost: never}, {Day: 0, Duty: 2, NextDay: 2, NextDuty: 1, Cost: 5}, {Day: 3, Duty: 3, NextDay: 4, NextDuty: 2, Cost: 7}}},
		{Name: "b", Links: []model.Link{{Day: 0, Duty: 2, NextDay: 2, NextDuty: 1, Cost: 1}}},
	}
	if err := model.Validate(m); err != nil {
		t.Fatal(err)
	}
	for days, want := range map[string]model.Cost{"L----": 0, "LE---": -1, "L-E--": 6, "LLE--": 0, "L--E-": 0, "L-ENL": 13, "---NL": -2} {
		cost, broken := model.CheckPerson(m, 0, row(days))
		switch {
		case want == -1 && (len(broken) != 1 || broken[0].Part != model.PartLinks || broken[0].Day != 1 || broken[0].Name != "a"):
			t.Errorf("%s: breaches %+v", days, broken)
		case want == -2 && (len(broken) != 1 || broken[0].Part != model.PartCell || broken[0].Day != 0):
			t.Errorf("%s: breaches %+v", days, broken) // history is what it is
		case want >= 0 && (cost != want || broken != nil):
			t.Errorf("%s: cost %d, breaches %+v, want %d", days, cost, broken, want)
		}
	}
}

func TestLinksInHistory(t *testing.T) {
	m := one(3, "LE", func(p *model.Person) { p.Links = []int{0} })
	m.Links = []model.Links{{Links: []model.Link{{Day: 0, Duty: 2, NextDay: 1, NextDuty: 1, Cost: never}, {Day: 1, Duty: 1, NextDay: 2, NextDuty: 3, Cost: 2}}}}
	for days, want := range map[string]model.Cost{"LE-": 0, "LEN": 2} {
		if cost, broken := model.CheckPerson(m, 0, row(days)); cost != want || broken != nil {
			t.Errorf("%s: cost %d, breaches %+v, want %d", days, cost, broken, want)
		}
	}
}

func TestRows(t *testing.T) {
	m := one(3, "E", func(p *model.Person) { p.Cost[1][1] = 2 })
	m.People = append(m.People, m.People[0])
	m.Rows = []model.Row{
		{Name: "cover", Terms: []model.Term{{Person: 0, Day: 1, Duty: 1, Weight: 1}, {Person: 1, Day: 1, Duty: 1, Weight: 1}}, Bound: model.Bound{Min: 1, Max: model.NoMax, Hinges: []model.Hinge{{At: 2, Below: 100}}}},
		{Name: "mixed", Base: 1, Terms: []model.Term{{Person: 0, Day: 1, Duty: 1, Weight: -3}, {Person: 0, Day: 2, Duty: 0, Weight: 2}}, Bound: model.Bound{Min: model.NoMin, Max: 2, Hinges: []model.Hinge{{At: 0, Below: 4, Cap: 1}}}},
	}
	if err := model.Validate(m); err != nil {
		t.Fatal(err)
	}
	check := func(a, b string) model.Verdict { return model.Check(m, model.Roster{row(a), row(b)}) }
	v := check("EE-", "EE-")
	want := model.Verdict{Cost: 4, Personal: []model.Share{{Part: model.PartCell, Cost: 4}}}
	if !v.Feasible() || !reflect.DeepEqual(v, want) {
		t.Errorf("all there: %+v", v)
	}
	v = check("EEL", "E--")
	want = model.Verdict{Cost: 106, Personal: []model.Share{{Part: model.PartCell, Cost: 2}}, Rows: []model.Share{{Part: model.PartRow, Name: "cover", Cost: 100}, {Part: model.PartRow, Name: "mixed", Cost: 4}}}
	if !reflect.DeepEqual(v, want) {
		t.Errorf("one missing: %+v, want %+v", v, want)
	}
	if c, broken := model.CheckRows(m, model.Roster{row("EEL"), row("E--")}); c != 104 || broken != nil {
		t.Errorf("rows alone: %d %v", c, broken)
	}
	v = check("E--", "E--")
	wantBroken := []model.Violation{
		{Part: model.PartRow, Name: "cover", Index: 0, Person: -1, Day: 1, Amount: 1},
		{Part: model.PartRow, Name: "mixed", Index: 1, Person: -1, Day: -1, Amount: 1},
	}
	if v.Feasible() || !reflect.DeepEqual(v.Violations, wantBroken) {
		t.Errorf("nobody: %+v", v)
	}
}

func TestCheckShape(t *testing.T) {
	m := one(2, "", func(*model.Person) {})
	for _, r := range []model.Roster{nil, {}, {{0}}, {{0, 4}}, {{0, 0}, {0, 0}}} {
		if v := model.Check(m, r); v.Feasible() || v.Violations[0].Part != model.PartShape {
			t.Errorf("%v: %+v", r, v)
		}
	}
	if v := model.Check(m, model.NewRoster(m)); !v.Feasible() || v.Cost != 0 {
		t.Errorf("everybody off: %+v", v)
	}
}
