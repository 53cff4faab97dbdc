package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"rota/schedule"
	"rota/schedule/sqlite"
)

// TestAuditNamesTheRuleOfEachCorruption builds the roster of Harbor through the command and then spoils it in one place
// after the other, until for every rule that the team states or that always holds a spoiled assignment has made the audit
// name it. Rules that the team cannot break in this period are listed, so that a rule which is never judged is noticed.
func TestAuditNamesTheRuleOfEachCorruption(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	db := filepath.Join(t.TempDir(), "rota.db")
	h := &harness{env: map[string]string{"ROTA_DB": db, "ROTA_USER": "mona"}}
	for _, args := range [][]string{{"init"}, {"apply", "-f", filepath.Join("..", "..", "testdata", "teams", "harbor.yaml")},
		{"solve", "--from", "2026-12-07", "--weeks", "4", "--work-limit", "300000"}, {"check"}} {
		if code := h.run(ctx, args...); code != exitOK {
			t.Fatalf("rota %v exits %d: %s%s", args, code, &h.out, &h.err)
		}
	}
	s, err := sqlite.Open(ctx, db, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	r, err := s.LoadRoster(ctx, "harbor", 1)
	if err != nil {
		t.Fatal(err)
	}
	a := &app{system: system{getenv: func(string) string { return "" }}}
	p, err := a.periodOf(ctx, s, r)
	if err != nil {
		t.Fatal(err)
	}
	report := schedule.Audit(p, r)
	if report.Hard != 0 || report.Cost != r.Cost {
		t.Fatalf("the roster costs %d by the audit and %d as it was saved, %d hard rules broken", report.Cost, r.Cost, report.Hard)
	}
	missing := map[string]bool{}
	for _, rule := range report.Rules {
		missing[name(rule.Rule, rule.ID)] = true
	}
	// What no assignment of this period can break, and why.
	for _, rule := range []string{
		"apart", "together", "group", "pattern", "stability", // not stated: no rotation, nothing published yet
	} {
		delete(missing, rule)
	}
	auditor := schedule.NewAuditor(p)
	before := map[string]bool{}
	for _, f := range report.Findings {
		before[finding(f)] = true
	}
	try := func(list []schedule.Assignment) {
		spoiled := r
		spoiled.Assignments = list
		for _, f := range auditor.Audit(spoiled).Findings {
			if !before[finding(f)] {
				delete(missing, name(f.Rule, f.ID))
			}
		}
	}
	// Give one more to everybody in turn; candidates are judged by what their slot touches, which is quick.
	for _, slot := range p.Slots {
		for _, c := range auditor.Candidates(r, slot.ID) {
			for _, f := range c.Delta.Gained {
				delete(missing, name(f.Rule, f.ID))
			}
		}
	}
	// Take one away, or give one to somebody else, spread over the roster.
	for i := 0; i < len(r.Assignments) && len(missing) > 0; i += 7 {
		try(slices.Delete(slices.Clone(r.Assignments), i, i+1))
		for k := i % 5; k < len(p.Agents) && len(missing) > 0; k += 5 {
			if !r.Has(r.Assignments[i].Slot, p.Agents[k].ID) {
				list := slices.Clone(r.Assignments)
				list[i].Agent = p.Agents[k].ID
				try(list)
			}
		}
	}
	try(append(slices.Clone(r.Assignments), schedule.Assignment{Slot: "early@2030-01-01", Agent: "ani"}))
	// A weekly rest goes when every day of a week has a slot, the pin when its assignment goes.
	var every []schedule.Assignment
	for _, as := range r.Assignments {
		if as.Agent != "davit" {
			every = append(every, as)
		}
	}
	for _, slot := range p.Slots {
		if slot.Shift == "early" {
			every = append(every, schedule.Assignment{Slot: slot.ID, Agent: "davit"})
		}
	}
	try(every)
	try(slices.DeleteFunc(slices.Clone(r.Assignments), func(as schedule.Assignment) bool { return as.Slot == "late@2026-12-19" }))
	for rule := range missing {
		t.Errorf("no corruption made the audit name %s", rule)
	}
}

func name(rule schedule.RuleName, id schedule.RuleID) string {
	if id != "" {
		return string(id)
	}
	return string(rule)
}

// finding is what tells findings apart, their amounts included, so that a worse one counts as new.
func finding(f schedule.Finding) string {
	return fmt.Sprint(f.Rule, f.ID, f.Agents, f.Slots, f.Days, f.Amount)
}
