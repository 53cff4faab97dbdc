package main

import (
	"os"
	"path/filepath"
	"strings"

	"rota/solver"
	"rota/solver/gen"
	"rota/solver/model"
)

// teamInstance is a generated team-like model. It has no format of its own:
// its definition is the model, so it is judged by the model's checker, which
// shares nothing with the search, and its plans are written in the form of the
// Curtois-Qu format.
type teamInstance struct {
	name string
	m    *solver.Model
}

func newTeam(people, weeks int, seed uint64) *teamInstance {
	m := gen.Team(people, weeks, seed)
	return &teamInstance{name: m.Name, m: m}
}

func (x *teamInstance) Name() string { return x.name }

func (x *teamInstance) Model() (*solver.Model, error) { return x.m, nil }

func (x *teamInstance) Decode(r solver.Roster) plan {
	return decode(r, func(duty int) cell { return cell{Shift: duty - 1} })
}

func (x *teamInstance) roster(p plan) solver.Roster {
	r := make(solver.Roster, len(p))
	for i := range p {
		r[i] = make([]uint8, len(p[i]))
		for d, c := range p[i] {
			r[i][d] = uint8(1 + c.Shift)
		}
	}
	return r
}

// Verify is model.Check in a report's words.
func (x *teamInstance) Verify(p plan) report {
	var r report
	v := model.Check(x.m, x.roster(p))
	for _, list := range [][]model.Share{v.Personal, v.Rows} {
		for _, s := range list {
			name := string(s.Part)
			if s.Part != model.PartRow && s.Name != "" {
				name += " " + s.Name
			}
			r.charge(name, int64(s.Cost))
		}
	}
	for _, q := range v.Violations {
		who := "a row"
		if q.Person >= 0 && q.Person < len(x.m.People) {
			who = x.m.People[q.Person].Name
		}
		r.violate("%s: %s %s on day %d, by %d", who, q.Part, q.Name, q.Day, q.Amount)
	}
	return r
}

// Write stores the plan as DIR/<name>.sol: a line for each person, name and
// duties tab-separated.
func (x *teamInstance) Write(dir string, p plan) ([]string, error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, err
	}
	var b strings.Builder
	for i := range p {
		b.WriteString(x.m.People[i].Name)
		for d, c := range p[i] {
			b.WriteByte('\t')
			if c.Shift == off {
				b.WriteByte('-')
			} else {
				b.WriteString(x.m.Days[d].Duties[1+c.Shift].Name)
			}
		}
		b.WriteByte('\n')
	}
	path := filepath.Join(dir, x.name+".sol")
	return []string{path}, os.WriteFile(path, []byte(b.String()), 0o666)
}

// Read reads what Write wrote.
func (x *teamInstance) Read(path string) (plan, error) {
	data, err := whole(path)
	if err != nil {
		return nil, err
	}
	ps := &problems{file: path}
	lines := textLines(data)
	if len(lines) != len(x.m.People) {
		ps.addf(0, "%d lines, want one for each of %d people", len(lines), len(x.m.People))
	}
	p := newPlan(len(x.m.People), len(x.m.Days))
	for i, l := range lines[:min(len(lines), len(p))] {
		f := strings.Split(l.Text, "\t")
		if f[0] != x.m.People[i].Name || len(f) != 1+len(x.m.Days) {
			ps.addf(l.No, "want %s and %d days", quote(x.m.People[i].Name), len(x.m.Days))
			continue
		}
		for d, name := range f[1:] {
			found := name == "-"
			for k, duty := range x.m.Days[d].Duties[1:] {
				if duty.Name == name {
					p[i][d].Shift, found = k, true
					break
				}
			}
			if !found {
				ps.addf(l.No, "no such duty on day %d: %s", d, quote(name))
			}
		}
	}
	if err := ps.err(); err != nil {
		return nil, err
	}
	return p, nil
}

// stabilityCost is what each cell that a repair changes costs.
const stabilityCost = 10

// absence is the repair problem after a solve: the first person at work on the
// first day of the roster is not there that day, and every cell that differs
// from the roster costs. It returns nil if nobody works that day.
func (x *teamInstance) absence(r solver.Roster) *teamInstance {
	m := *x.m
	m.Name += "-absence"
	day, absent := m.First, -1
	for i := range r {
		if r[i][day] != 0 {
			absent = i
			break
		}
	}
	if absent < 0 {
		return nil
	}
	m.People = make([]solver.Person, len(x.m.People))
	for i := range m.People {
		q := x.m.People[i]
		q.Cost = make([][]solver.Cost, len(m.Days))
		for d := range q.Cost {
			q.Cost[d] = append([]solver.Cost(nil), x.m.People[i].Cost[d]...)
			for k, c := range q.Cost[d] {
				switch {
				case d < m.First || c == solver.Forbidden:
				case i == absent && d == day && k != 0:
					q.Cost[d][k] = solver.Forbidden
				case uint8(k) != r[i][d] && !(i == absent && d == day):
					q.Cost[d][k] = c + stabilityCost
				}
			}
		}
		m.People[i] = q
	}
	return &teamInstance{name: m.Name, m: &m}
}
