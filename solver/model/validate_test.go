package model_test

import (
	"errors"
	"strings"
	"testing"

	"rota/solver/model"
)

// valid has every kind of rule once.
func valid() *model.Model {
	b := model.Bound{Min: 0, Max: 9, Hinges: []model.Hinge{{At: 1, Below: 1, Above: 1}}}
	over := []model.Days{{From: 0, To: 2}, {From: 3, To: 4}}
	m := one(4, "E", func(p *model.Person) {
		p.Counters = []model.Counter{{Name: "c", Of: hours, From: 0, To: 4, Bound: b}}
		p.Runs = []model.Run{{Name: "r", Of: work, Min: 2, Max: 3, MinCost: 1, MaxCost: never}}
		p.Words = []model.Word{{Name: "w", Letters: []model.MeasureID{night, rest}, Starts: []int{0, 2}, Cost: 1}}
		p.Links = []int{0}
		p.Recoveries = []model.Recovery{{Name: "y", Of: night, Run: 1, Rest: 1440, Cost: 1}}
		p.SpanCounts = []model.SpanCount{{Name: "sc", Of: work, Over: over, Bound: b}}
		p.SpanRuns = []model.SpanRun{{Name: "sr", Of: work, Over: over, Max: 1, MaxCost: 1}}
		p.Spans = []model.Span{{Name: "s", Days: model.Days{From: 0, To: 2}, Parts: []model.MeasureID{work}, Cost: []model.Cost{0, 1}}}
		p.Frees = []model.Free{{Name: "f", From: 0, To: 1440, Min: 60, Busy: []model.Minutes{{From: 0, To: 1}, {From: 5, To: 6}}, Cost: 1}}
	})
	m.Links = []model.Links{{Name: "l", Links: []model.Link{{Day: 0, Duty: 1, NextDay: 1, NextDuty: 1, Cost: 1}}}}
	m.Rows = []model.Row{{Name: "cover", Terms: []model.Term{{Day: 1, Duty: 1, Weight: 1}, {Day: 2, Duty: 1, Weight: -1}}, Bound: b}}
	return m
}

func TestValidate(t *testing.T) {
	if err := model.Validate(valid()); err != nil {
		t.Fatal(err)
	}
	who := func(m *model.Model) *model.Person { return &m.People[0] }
	for want, spoil := range map[string]func(m *model.Model){
		"Days: a model needs":                                func(m *model.Model) { *m = model.Model{} },
		"First: 4 is not one of 4 days":                      func(m *model.Model) { m.First = 4 },
		"First: -1":                                          func(m *model.Model) { m.First = -1 },
		"Days[1]: 0 duties":                                  func(m *model.Model) { m.Days[1].Duties = nil },
		"Days[2].Duties[0]: duty 0 is the day off":           func(m *model.Model) { m.Days[2].Duties[0].End = 1 },
		"Days[2].Duties[1]: \"E\" ends":                      func(m *model.Model) { m.Days[2].Duties[1].End = 0 },
		"Days[2].Duties[1]: \"E\" has no times":              func(m *model.Model) { m.Days[2].Duties[1].Start, m.Days[2].Duties[1].End = 0, 0 },
		"Days[3].Duties[3]: \"N\" lies beyond":               func(m *model.Model) { m.Days[3].Duties[3].End = 1 << 41 },
		"Measures[0].Of (ELN): 3 days":                       func(m *model.Model) { m.Measures[0].Of = m.Measures[0].Of[1:] },
		"Measures[1].Of[2] (-): 1 duties, the day has 4":     func(m *model.Model) { m.Measures[1].Of[2] = []int32{1} },
		"Links[0].Links[0].Day (l): -1":                      func(m *model.Model) { m.Links[0].Links[0].Day = -1 },
		"Links[0].Links[0].Duty (l): 0 is no work":           func(m *model.Model) { m.Links[0].Links[0].Duty = 0 },
		"Links[0].Links[0].NextDuty (l): 4 is no work":       func(m *model.Model) { m.Links[0].Links[0].NextDuty = 4 },
		"Links[0].Links[0] (l): day 0 does not follow":       func(m *model.Model) { m.Links[0].Links[0].NextDay = 0 },
		"Links[0].Links[1] (l): the same succession":         func(m *model.Model) { m.Links[0].Links = append(m.Links[0].Links, m.Links[0].Links[0]) },
		"Links[0].Links[0].Cost (l): cost -2":                func(m *model.Model) { m.Links[0].Links[0].Cost = -2 },
		"People[0].Cost (ann): 3 days":                       func(m *model.Model) { who(m).Cost = who(m).Cost[1:] },
		"People[0].Cost[1] (ann): 2 duties":                  func(m *model.Model) { who(m).Cost[1] = who(m).Cost[1][:2] },
		"People[0].Cost[1][2] (ann): cost -1":                func(m *model.Model) { who(m).Cost[1][2] = -1 },
		"People[0].Cost[0] (ann): a day of history":          func(m *model.Model) { who(m).Cost[0][0] = 0 },
		"exactly one allowed duty, not 0":                    func(m *model.Model) { who(m).Cost[0][1] = never },
		"People[0].Cost[0][1] (ann): history costs nothing":  func(m *model.Model) { who(m).Cost[0][1] = 3 },
		"People[0].Counters[0].Of (ann c): 6 is not one":     func(m *model.Model) { who(m).Counters[0].Of = 6 },
		"what is summed must not be negative":                func(m *model.Model) { m.Measures[hours].Of[1][1] = -1 },
		"People[0].Counters[0] (ann c): [0, 5)":              func(m *model.Model) { who(m).Counters[0].To = 5 },
		"People[0].Counters[0] (ann c): days [4, 4)":         func(m *model.Model) { who(m).Counters[0].From = 4 },
		"People[0].Counters[0] (ann c): days [0, 1) are all": func(m *model.Model) { who(m).Counters[0].To = 1 },
		"People[0].Counters[0].Base (ann c): -1":             func(m *model.Model) { who(m).Counters[0].Base = -1 },
		"People[0].Counters[0].Bound (ann c): min 10":        func(m *model.Model) { who(m).Counters[0].Bound.Min = 10 },
		".Counters[0].Bound.Hinges[0].Below (ann c): cost":   func(m *model.Model) { who(m).Counters[0].Bound.Hinges = []model.Hinge{{Below: -1}} },
		".Hinges[0].Above (ann c): a hinge cannot forbid":    func(m *model.Model) { who(m).Counters[0].Bound.Hinges = []model.Hinge{{Above: never}} },
		".Hinges[0].Step (ann c): -1":                        func(m *model.Model) { who(m).Counters[0].Bound.Hinges = []model.Hinge{{Step: -1}} },
		".Hinges[0].Cap (ann c): -1":                         func(m *model.Model) { who(m).Counters[0].Bound.Hinges = []model.Hinge{{Cap: -1}} },
		".Hinges[0].At (ann c): ":                            func(m *model.Model) { who(m).Counters[0].Bound.Hinges = []model.Hinge{{At: 1 << 54}} },
		"People[0].Runs[0].Min (ann r): -1":                  func(m *model.Model) { who(m).Runs[0].Min = -1 },
		"People[0].Runs[0].MaxCost (ann r): cost":            func(m *model.Model) { who(m).Runs[0].MaxCost = -1 },
		"People[0].Runs[0].Base (ann r): -3":                 func(m *model.Model) { who(m).Runs[0].Base = -3 },
		"People[0].Words[0].Letters (ann w): a word":         func(m *model.Model) { who(m).Words[0].Letters = nil },
		"People[0].Words[0].Letters[1] (ann w): -1":          func(m *model.Model) { who(m).Words[0].Letters[1] = -1 },
		"People[0].Words[0].Starts[1] (ann w): 4":            func(m *model.Model) { who(m).Words[0].Starts[1] = 4 },
		"Starts[1] (ann w): day 0 does not follow":           func(m *model.Model) { who(m).Words[0].Starts[1] = 0 },
		"People[0].Links[0] (ann): 1 is not one of 1":        func(m *model.Model) { who(m).Links[0] = 1 },
		"People[0].Links[1] (ann): table 0 stands":           func(m *model.Model) { who(m).Links = []int{0, 0} },
		"People[0].Recoveries[0].Of (ann y): measure \"-\"":  func(m *model.Model) { who(m).Recoveries[0].Of = rest },
		"People[0].Recoveries[0].Run (ann y): 0 days":        func(m *model.Model) { who(m).Recoveries[0].Run = 0 },
		"People[0].Recoveries[0].Rest (ann y): -1":           func(m *model.Model) { who(m).Recoveries[0].Rest = -1 },
		"People[0].Recoveries[0].Step (ann y): -1":           func(m *model.Model) { who(m).Recoveries[0].Step = -1 },
		"People[0].SpanCounts[0].Over (ann sc): no spans":    func(m *model.Model) { who(m).SpanCounts[0].Over = nil },
		"People[0].SpanCounts[0].Over[1] (ann sc): [1, 3)":   func(m *model.Model) { who(m).SpanCounts[0].Over = []model.Days{{From: 0, To: 2}, {From: 1, To: 3}} },
		"(ann sc): all spans are history":                    func(m *model.Model) { who(m).SpanCounts[0].Over = []model.Days{{From: 0, To: 1}} },
		"People[0].SpanRuns[0].Over[0] (ann sr): days [2":    func(m *model.Model) { who(m).SpanRuns[0].Over = []model.Days{{From: 2, To: 2}} },
		"People[0].SpanRuns[0].Max (ann sr): -1":             func(m *model.Model) { who(m).SpanRuns[0].Max = -1 },
		"People[0].Spans[0].Days (ann s): [-1, 2)":           func(m *model.Model) { who(m).Spans[0].Days.From = -1 },
		"People[0].Spans[0].Parts (ann s): 13 parts":         func(m *model.Model) { who(m).Spans[0].Parts = make([]model.MeasureID, 13) },
		"People[0].Spans[0].Cost (ann s): 1 entries":         func(m *model.Model) { who(m).Spans[0].Cost = make([]model.Cost, 1) },
		"People[0].Spans[0].Base (ann s): 10 has bits":       func(m *model.Model) { who(m).Spans[0].Base = 2 },
		"People[0].Spans[0].Cost[1] (ann s): cost -1":        func(m *model.Model) { who(m).Spans[0].Cost[1] = -1 },
		"People[0].Frees[0] (ann f): minutes [1440, 1440)":   func(m *model.Model) { who(m).Frees[0].From = 1440 },
		"People[0].Frees[0].Min (ann f): 0 minutes":          func(m *model.Model) { who(m).Frees[0].Min = 0 },
		"People[0].Frees[0].Busy[1] (ann f): [5, 5)":         func(m *model.Model) { who(m).Frees[0].Busy[1].To = 5 },
		"People[0].Frees[0].Busy[0] (ann f): [6, 6)":         func(m *model.Model) { who(m).Frees[0].Busy[0] = model.Minutes{From: 6, To: 6} },
		"Rows[0].Terms[0].Person (cover): 1 is not":          func(m *model.Model) { m.Rows[0].Terms[0].Person = 1 },
		"Rows[0].Terms[0].Day (cover): day 0 is history":     func(m *model.Model) { m.Rows[0].Terms[0].Day = 0 },
		"Rows[0].Terms[0].Day (cover): 4 is not":             func(m *model.Model) { m.Rows[0].Terms[0].Day = 4 },
		"Rows[0].Terms[0].Duty (cover): 4 is not":            func(m *model.Model) { m.Rows[0].Terms[0].Duty = 4 },
		"Rows[0].Terms[0].Weight (cover)":                    func(m *model.Model) { m.Rows[0].Terms[0].Weight = 0 },
		"Rows[0].Terms[1] (cover): the same cell as":         func(m *model.Model) { m.Rows[0].Terms[1] = m.Rows[0].Terms[0] },
		"Rows[0].Base (cover): ":                             func(m *model.Model) { m.Rows[0].Base = 1 << 60 },
		"Rows[0] (cover): a roster may cost":                 func(m *model.Model) { m.Rows[0].Bound.Hinges[0].Below = 1 << 52 },
		"People[0].Counters[0] (c): a roster may cost":       func(m *model.Model) { who(m).Counters[0].Bound.Hinges[0].Above = 1 << 50 },
		"at more than 2^60":                                  func(m *model.Model) { who(m).Counters[0].Bound.Hinges[0].Above = never - 1 },
		"People[0].Recoveries[0] (y): a roster may cost":     func(m *model.Model) { who(m).Recoveries[0].Cost = 1 << 42 },
	} {
		m := valid()
		spoil(m)
		err := model.Validate(m)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
			continue
		}
		if p := (model.Problem{}); !errors.As(err, &p) || p.What == "" {
			t.Errorf("want a Problem in %v", err)
		}
	}
}

func TestValidateReportsAll(t *testing.T) {
	m := valid()
	m.People[0].Counters[0].From = -1
	m.People[0].Runs[0].Min = -1
	m.Rows[0].Terms[0].Weight = 0
	var all model.Problems
	if err := model.Validate(m); !errors.As(err, &all) || len(all) != 3 {
		t.Errorf("want three problems, got %v", err)
	}
}

func TestOverflowIsSharp(t *testing.T) {
	m := one(2, "", func(p *model.Person) { p.Cost[0][1] = model.MaxPerson - 1 })
	if err := model.Validate(m); err != nil {
		t.Error(err)
	}
	m.People[0].Cost[1][1] = 1
	if err := model.Validate(m); err == nil || !strings.Contains(err.Error(), "People[0].Cost (ann)") {
		t.Errorf("one too many for a person: %v", err)
	}
	m.People[0].Cost[0][1] = 0
	row := model.Row{Name: "cover", Terms: []model.Term{{Person: 0, Day: 0, Duty: 1, Weight: 1}}, Bound: model.Loose()}
	row.Bound.Hinges = []model.Hinge{{At: 1, Below: model.MaxTotal - 2}}
	m.Rows = append(m.Rows, row)
	if err := model.Validate(m); err != nil {
		t.Error(err)
	}
	m.Rows[0].Bound.Hinges[0].Below++
	if err := model.Validate(m); err == nil || !strings.Contains(err.Error(), "Rows[0] (cover)") {
		t.Errorf("one too many in all: %v", err)
	}
}
