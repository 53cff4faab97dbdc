package main

import (
	"fmt"
	"sort"

	"rota/solver"
)

// instance is one problem of a public family: what the file says, judged by
// the family's own definition. Verify shares no code with Model and with what
// the solver knows, so that each can catch the other's mistakes.
type instance interface {
	// Name is the instance's name in tables and file names.
	Name() string
	// Model states the instance for the solver.
	Model() (*solver.Model, error)
	// Decode turns a roster of Model into the family's own terms.
	Decode(solver.Roster) plan
	// Verify judges a plan straight from the family's definition.
	Verify(plan) report
	// Write stores a plan in the family's own form below a directory, which
	// it makes if need be, and returns the paths written.
	Write(dir string, p plan) ([]string, error)
	// Read is the inverse of Write, given the path Write would have used or
	// one a user names.
	Read(path string) (plan, error)
}

// cell is what one person does on one day. Shift is an index into the
// instance's shifts or off; Skill is an index into its skills and means
// something in INRC-II only.
type cell struct{ Shift, Skill int }

const off = -1

// plan is a cell for each person and day: plan[person][day].
type plan [][]cell

func newPlan(people, days int) plan {
	p := make(plan, people)
	for i := range p {
		p[i] = make([]cell, days)
		for d := range p[i] {
			p[i][d] = cell{Shift: off}
		}
	}
	return p
}

// part is a share of a cost, by the name of the rule it comes from.
type part struct {
	Name string
	Cost int64
}

// report is what a verifier found: hard violations in words, and the cost with
// its parts, which add up to it. A plan with violations has a cost as well.
type report struct {
	Cost       int64
	Parts      []part
	Violations []string
}

// charge adds to a part, which keeps the place of its first charge; a charge
// of nothing makes the part appear.
func (r *report) charge(name string, cost int64) {
	r.Cost += cost
	for i := range r.Parts {
		if r.Parts[i].Name == name {
			r.Parts[i].Cost += cost
			return
		}
	}
	r.Parts = append(r.Parts, part{Name: name, Cost: cost})
}

func (r *report) violate(format string, args ...any) {
	r.Violations = append(r.Violations, fmt.Sprintf(format, args...))
}

// shaped reports whether a plan has the right size and only cells that exist;
// verifiers refuse to judge any other.
func (r *report) shaped(p plan, people, days, shifts, skills int) bool {
	if len(p) != people {
		r.violate("the plan has %d people, the instance %d", len(p), people)
		return false
	}
	for i, row := range p {
		if len(row) != days {
			r.violate("person %d has %d days, the instance %d", i, len(row), days)
			return false
		}
		for d, c := range row {
			if c.Shift < off || c.Shift >= shifts || c.Shift != off && (c.Skill < 0 || c.Skill >= skills) {
				r.violate("person %d has no such shift or skill on day %d", i, d)
				return false
			}
		}
	}
	return true
}

// sortedKeys is for messages whose order must not depend on a map's.
func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
