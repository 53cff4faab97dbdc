package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"rota/schedule"
	"rota/schedule/plan"
	"rota/schedule/sqlite"
	"rota/solver"
)

// chooseCrews has the solver fill the crews of a rotation over the weeks from a date after which string and week come back together,
// four at least and sixteen at most, and says who is where. Without names it is everybody who is in no crew.
func (a *app) chooseCrews(ctx context.Context, s *sqlite.Store, team schedule.TeamID, from schedule.Date, q plan.CrewQuery, names []string, o solver.Options) (schedule.Rotation, error) {
	r := q.Rotation
	book, _, err := s.LoadBook(ctx, team)
	if err != nil {
		return r, err
	}
	pattern, known := schedule.FindPattern(book.Patterns, r.Pattern)
	if !known {
		return r, fmt.Errorf("rotation %s: unknown pattern %q", r.ID, r.Pattern)
	}
	study, err := schedule.StudyPattern(pattern, unitHours(pattern), 0)
	if err != nil {
		return r, err
	}
	weeks := min(max(study.Weekends, 4), 16)
	p, err := s.LoadPeriod(ctx, sqlite.PeriodQuery{Team: team, First: from, Last: from.AddDays(7*weeks - 1), Now: a.now})
	if err != nil {
		return r, err
	}
	people := p.Index().Agents
	var all []string
	for _, agent := range p.Agents {
		all = append(all, string(agent.ID))
	}
	check := slices.Clone(names)
	for _, crew := range r.Crews {
		for _, id := range crew.Agents {
			check = append(check, string(id))
		}
	}
	for _, id := range check {
		if _, ok := people[schedule.AgentID(id)]; !ok {
			near, _ := schedule.Nearest(id, all)
			return r, hint(&schedule.UnknownError{Noun: "agent", Word: id, Nearest: near, Valid: all}, "see rota agent list")
		}
	}
	for _, l := range r.Letters {
		if !slices.ContainsFunc(p.Shifts, func(x schedule.Shift) bool { return x.ID == l.Shift }) {
			var shifts []string
			for _, x := range p.Shifts {
				shifts = append(shifts, string(x.ID))
			}
			near, _ := schedule.Nearest(string(l.Shift), shifts)
			return r, hint(&schedule.UnknownError{Noun: "shift", Word: string(l.Shift), Nearest: near, Valid: shifts}, "see rota shift list")
		}
	}
	if o.TimeLimit > 0 {
		a.note("Choosing crews over %s to %s, for at most %s.", p.First, p.Last, o.TimeLimit)
	}
	if q.Agents = plan.FreeAgents(p, r); len(names) > 0 {
		q.Agents = nil
		for _, id := range names {
			q.Agents = append(q.Agents, schedule.AgentID(id))
		}
	}
	choice, err := plan.ChooseCrews(ctx, p, q, o)
	if err != nil {
		return r, err
	}
	a.sayCrews(p, choice)
	return choice.Rotation, nil
}

// sayCrews tells who is in which crew, and what is proved about it.
func (a *app) sayCrews(p *schedule.Period, choice plan.CrewChoice) {
	r := choice.Rotation
	pattern, _ := schedule.FindPattern(p.Patterns, r.Pattern)
	for k, crew := range r.Crews {
		name := fmt.Sprint(k + 1)
		if crew.Name != "" {
			name = crew.Name
		}
		a.note("Crew %s, offset %d: %s", name, crew.Offset.Or(pattern.Offset(k)), cmp.Or(joinIDs(crew.Agents), "nobody"))
	}
	how := "no choice is better"
	if choice.Status != solver.Optimal {
		how = fmt.Sprintf("proved to be within %d of the best", choice.Cost-choice.Bound)
	}
	a.note("Laid out alone from %s to %s these crews cost %d; %s.", p.First, p.Last, choice.Price(), how)
	if choice.LeftOut > 0 {
		a.note("warning: %s of the rotation cannot be worked by those whom it gives them", plural(choice.LeftOut, "slot"))
	}
	if choice.Broken > 0 {
		var which []string
		for rule, n := range choice.Rules {
			which = append(which, fmt.Sprintf("%s %d times", rule, n))
		}
		slices.Sort(which)
		a.note("warning: the rotation alone breaks hard rules (%s); rota solve bends it", strings.Join(which, ", "))
	}
	if choice.Open > 0 {
		a.note("warning: %s of crews stay open: there is nobody for them", plural(choice.Open, "place"))
	}
}

// loadWithCrews loads a period. Where its rotations have crews with open places, the solver fills them first, and those whom it
// chose are kept in the team's book, so that every later roster has the same crews.
func (a *app) loadWithCrews(ctx context.Context, s *sqlite.Store, query sqlite.PeriodQuery, o solver.Options) (*schedule.Period, error) {
	p, err := s.LoadPeriod(ctx, query)
	if err != nil {
		return nil, err
	}
	o = solver.Options{Seed: o.Seed, Workers: o.Workers, WorkLimit: o.WorkLimit, TimeLimit: o.TimeLimit}
	if o.TimeLimit > 20*time.Second || o.TimeLimit == 0 && o.WorkLimit == 0 {
		o.TimeLimit = 20 * time.Second
	}
	changed := false
	for _, r := range slices.Clone(p.Rotations) {
		if plan.OpenPlaces(r) == 0 || len(plan.FreeAgents(p, r)) == 0 {
			continue
		}
		a.note("Rotation %s has %s.", r.ID, plural(plan.OpenPlaces(r), "open place"))
		chosen, err := a.chooseCrews(ctx, s, query.Team, query.First, plan.CrewQuery{Rotation: r}, nil, o)
		if err != nil {
			return nil, err
		}
		i := slices.IndexFunc(p.Rotations, func(x schedule.Rotation) bool { return x.ID == r.ID })
		p.Rotations[i] = chosen
		if a.dryRun {
			continue
		}
		_, err = s.UpdateBook(ctx, query.Team, a.who(), a.now, func(b *schedule.Book) error {
			*b = b.Normalize()
			b.Rotations = slices.Clone(b.Rotations)
			for i, x := range b.Rotations {
				if x.ID == r.ID && plan.OpenPlaces(x) == plan.OpenPlaces(r) {
					b.Rotations[i].Crews = chosen.Crews
				}
			}
			return b.Validate().Err()
		})
		if err != nil {
			return nil, err
		}
		changed = true
		a.note("The team keeps these crews: see rota rotation show %s.", r.ID)
	}
	if !changed {
		return p, nil
	}
	return s.LoadPeriod(ctx, query)
}

// unitHours gives every letter some hours, for when only the string's days matter.
func unitHours(p schedule.Pattern) []schedule.LetterHours {
	var hours []schedule.LetterHours
	for _, letter := range p.Letters() {
		hours = append(hours, schedule.LetterHours{Letter: letter})
	}
	return hours
}
