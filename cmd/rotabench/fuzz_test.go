package main

import (
	"strings"
	"testing"

	"rota/solver/model"
)

// Every reader takes any bytes without a panic; what it accepts has a model
// or says why not, is judged without a panic, and its solutions survive being
// written and read.

// agreeIfSound leaves out instances too large in numbers for the solver, which
// says so.
func agreeIfSound(t *testing.T, x instance, p plan) {
	t.Helper()
	if m, err := x.Model(); err == nil && model.Validate(m) == nil {
		agreeOn(t, x, m, p)
	}
}

func FuzzReadCurtois(f *testing.F) {
	f.Add([]byte(curtoisText))
	f.Add([]byte(strings.Replace(curtoisText, "SECTION_COVER", "SECTION_COVER\n0,D,1,100,1", 1)))
	f.Add([]byte("SECTION_HORIZON\n7\nSECTION_SHIFTS\nD,480,D\nSECTION_STAFF\nA,,1,0,0,0,0,0\nSECTION_COVER\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := parseCurtois("f", data)
		if err != nil || len(c.Staff)*c.Days*(1+len(c.Shifts)) > 1<<16 {
			return
		}
		p := newPlan(len(c.Staff), c.Days)
		for i := range p {
			p[i][i%c.Days].Shift = i % len(c.Shifts)
		}
		agreeIfSound(t, c, p)
		q, err := c.parseSolution("f.sol", c.format(p))
		if err != nil || !samePlan(p, q) {
			t.Fatalf("%v: read %v, wrote %v", err, q, p)
		}
	})
}

func FuzzReadCurtoisSolution(f *testing.F) {
	c, err := parseCurtois("x", []byte(curtoisText))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(c.format(newPlan(1, c.Days)))
	f.Fuzz(func(t *testing.T, data []byte) {
		if p, err := c.parseSolution("f", data); err == nil {
			c.Verify(p)
		}
	})
}

func FuzzReadINRC2(f *testing.F) {
	f.Add(inrc2Scenario, inrc2History, inrc2WeekText)
	f.Add(inrc2Scenario, strings.Replace(inrc2History, "None 0 0 1", "N 2 3 0", 1), strings.Replace(inrc2WeekText, "(0,0)", "(1,2)", 3))
	f.Fuzz(func(t *testing.T, scenario, history, week string) {
		x, err := inrc2Of(scenario, history, week, week)
		if err != nil || len(x.Nurses)*len(x.Shifts)*len(x.Skills) > 1<<10 {
			return
		}
		p := newPlan(len(x.Nurses), x.days())
		for i := range p {
			if able := x.Nurses[i].Skills; len(able) > 0 {
				p[i][i%x.days()] = cell{i % len(x.Shifts), able[0]}
			}
		}
		agreeIfSound(t, x, p)
		q := newPlan(len(x.Nurses), x.days())
		for w := range x.WeekFiles {
			if err := x.parseSolution("f", x.format(p, w), w, q); err != nil {
				t.Fatal(err)
			}
		}
		if !samePlan(p, q) {
			t.Fatalf("read %v, wrote %v", q, p)
		}
	})
}

func FuzzReadINRC2Solution(f *testing.F) {
	x, err := inrc2Of(inrc2Scenario, inrc2History, inrc2WeekText, inrc2WeekText)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(x.format(newPlan(1, x.days()), 0))
	f.Add([]byte("SOLUTION\n0 tiny\nASSIGNMENTS = 1\nAnn Tue E Head\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		p := newPlan(1, x.days())
		if err := x.parseSolution("f", data, 0, p); err == nil {
			x.Verify(p)
		}
	})
}

func FuzzReadINRC1(f *testing.F) {
	f.Add([]byte(inrc1Text))
	f.Add([]byte(strings.Replace(inrc1Text, "<WeekendDefinition>", `<CompleteWeekends weight="1">true</CompleteWeekends><WeekendDefinition>`, 1)))
	f.Fuzz(func(t *testing.T, data []byte) {
		x, err := parseINRC1("f", data)
		if err != nil || len(x.People)*x.Days*(1+len(x.Shifts)) > 1<<16 {
			return
		}
		p := newPlan(len(x.People), x.Days)
		for i := range p {
			p[i][i%x.Days].Shift = i % len(x.Shifts)
		}
		agreeIfSound(t, x, p)
		out, err := x.format(p)
		if err != nil {
			t.Fatal(err)
		}
		q, err := x.parseSolution("f.xml", out)
		if err != nil || !samePlan(p, q) {
			t.Fatalf("%v: read %v, wrote %v", err, q, p)
		}
	})
}

func FuzzReadINRC1Solution(f *testing.F) {
	x, err := parseINRC1("x", []byte(inrc1Text))
	if err != nil {
		f.Fatal(err)
	}
	p := newPlan(1, x.Days)
	p[0][2].Shift = 1
	good, err := x.format(p)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Fuzz(func(t *testing.T, data []byte) {
		if p, err := x.parseSolution("f", data); err == nil {
			x.Verify(p)
		}
	})
}
