package sqlite

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"rota/schedule"
)

// DefaultHistory is how many days before a period are loaded at least.
const DefaultHistory = 35

// PeriodQuery says which period to load.
type PeriodQuery struct {
	Team schedule.TeamID
	// First and Last are the first and last roster day, inclusive.
	First, Last schedule.Date
	Now         time.Time
	// History is how many days of published work before First and after Last are loaded; 0 means what the longest window
	// of the team's rules needs, DefaultHistory at least.
	History int
	// Slots, when not nil, are used in place of those that the team's shifts and demand give: to judge a saved version
	// by what it was made for.
	Slots []schedule.Slot
}

// LoadPeriod reads everything known about a period, at one moment, as one value. It gives a *NotFoundError when there
// is no such team, and errors for shifts and demand that cannot be laid out.
//
// An agent's work for other teams is in it as busy time. People are the same when their Slack ids are the same, or else
// their e-mail addresses, or else, when neither team knows both, their ids.
func (s *Store) LoadPeriod(ctx context.Context, p PeriodQuery) (*schedule.Period, error) {
	var period *schedule.Period
	err := s.view(ctx, func(q querier) (err error) {
		period, err = loadPeriod(ctx, q, p)
		return err
	})
	return period, err
}

func loadPeriod(ctx context.Context, q querier, want PeriodQuery) (*schedule.Period, error) {
	if want.First.IsZero() || want.Last.Before(want.First) {
		return nil, fmt.Errorf("%w: a period from %q to %q", ErrInvalid, want.First, want.Last)
	}
	book, _, err := loadBook(ctx, q, want.Team)
	if err != nil {
		return nil, err
	}
	p := &schedule.Period{
		Team: book.Team, First: want.First, Last: want.Last, Now: want.Now.UTC(),
		Agents: book.Agents, Contracts: book.Contracts, Shifts: book.Shifts, Availability: book.Availability,
		Rules: book.Rules, Patterns: book.Patterns, Rotations: book.Rotations, Pins: book.Pins,
	}
	if p.Holidays, err = book.HolidaysFor(p.First.AddDays(-7), p.Last.AddDays(7)); err != nil {
		return nil, passed{err}
	}
	dates := schedule.HolidayDates(p.Holidays, p.Team.Holidays)
	if p.Slots = want.Slots; want.Slots == nil {
		if p.Slots, err = schedule.ExpandSlots(p.Team, p.Shifts, p.First, p.Last); err != nil {
			return nil, passed{err}
		}
		p.Slots = schedule.ResolveDemand(book.Demand, p.Slots, dates)
	}
	if p.Intervals, err = schedule.ResolveIntervals(p.Team, book.Demand, p.First, p.Last, dates); err != nil {
		return nil, passed{err}
	}
	if err := loadAround(ctx, q, p, historyDays(want.History, book.Rules)); err != nil {
		return nil, err
	}
	if err := loadBusy(ctx, q, p); err != nil {
		return nil, err
	}
	if p.Published, err = inForce(ctx, q, want.Team, p.First, p.Last); err != nil {
		return nil, err
	}
	if p.Ledger, err = loadLedger(ctx, q, want.Team, p.First); err != nil {
		return nil, err
	}
	for _, r := range p.Rules {
		if r.Name != schedule.FairShareRule || r.Resolve().Force == schedule.Off {
			continue
		}
		targets, err := schedule.FairTargets(p, r)
		if err != nil {
			return nil, passed{fmt.Errorf("rule %s: %w", r.ID, err)}
		}
		if p.Targets == nil {
			p.Targets = map[schedule.RuleID]map[schedule.AgentID]schedule.Points{}
		}
		p.Targets[r.ID] = targets
	}
	return p, nil
}

// historyDays is how far back rules look: what was asked for, or the longest number of days and weeks that any rule
// names, and a week more because windows can be team weeks.
func historyDays(asked int, rules []schedule.Rule) int {
	if asked > 0 {
		return asked
	}
	days := DefaultHistory
	for _, r := range rules {
		if r = r.Resolve(); r.Force == schedule.Off {
			continue
		}
		for _, name := range r.Params.Names() {
			n, ok := r.Params[name].Int()
			switch {
			case !ok || n < 0 || n > 1000:
			case strings.Contains(name, "month"):
				days = max(days, 31*n+7)
			case strings.Contains(name, "week"):
				days = max(days, 7*n+7)
			case strings.Contains(name, "day"):
				days = max(days, n+7)
			}
		}
	}
	return days
}

// loadAround fills in what is published before and after the period, as far as it is known without a gap.
func loadAround(ctx context.Context, q querier, p *schedule.Period, reach int) error {
	p.KnownFrom, p.KnownTo = p.First, p.Last
	from, to := p.First.AddDays(-reach), p.Last.AddDays(reach)
	days := map[schedule.Date]bool{}
	err := each(ctx, q, func(scan scanner) error {
		var day schedule.Date
		err := scan(text(&day))
		days[day] = true
		return err
	}, `SELECT day FROM published_days WHERE team = ? AND day BETWEEN ? AND ?`, p.Team.ID, text(&from), text(&to))
	if err != nil {
		return err
	}
	for days[p.KnownFrom.AddDays(-1)] {
		p.KnownFrom = p.KnownFrom.AddDays(-1)
	}
	for days[p.KnownTo.AddDays(1)] {
		p.KnownTo = p.KnownTo.AddDays(1)
	}
	slots, on, err := published(ctx, q, `(d.day BETWEEN ?2 AND ?3 AND d.day < ?4 OR d.day BETWEEN ?2 AND ?3 AND d.day > ?5)`,
		p.Team.ID, text(&p.KnownFrom), text(&p.KnownTo), text(&p.First), text(&p.Last))
	if err != nil {
		return err
	}
	own := make(map[schedule.SlotID]bool, len(p.Slots))
	for _, s := range p.Slots {
		own[s.ID] = true
	}
	around := map[schedule.SlotID]bool{}
	for _, s := range slots {
		// A slot whose roster day has moved into the period since it was published is planned anew.
		if !own[s.ID] {
			p.Around = append(p.Around, s)
			around[s.ID] = true
		}
	}
	agents := p.Index().Agents
	for _, a := range on {
		// Nobody's rules are about people who have left.
		if _, here := agents[a.Agent]; here && around[a.Slot] {
			p.Worked = append(p.Worked, a)
		}
	}
	return nil
}

// contact is how an agent is known beyond the team.
type contact struct{ slack, email string }

// same reports whether two agents of the same or of different ids are one person.
func (c contact) same(o contact, sameID bool) bool {
	switch {
	case c.slack != "" && o.slack != "":
		return c.slack == o.slack
	case c.email != "" && o.email != "":
		return strings.EqualFold(c.email, o.email)
	}
	return sameID
}

// loadBusy fills in declared work elsewhere and what other teams have published.
func loadBusy(ctx context.Context, q querier, p *schedule.Period) error {
	for _, a := range p.Agents {
		outside, err := schedule.OutsideWork(p.Team, a, p.Availability, p.KnownFrom, p.KnownTo)
		if err != nil {
			return passed{err}
		}
		p.Busy = append(p.Busy, outside...)
	}
	here, err := schedule.LoadZone(p.Team.Zone)
	if err != nil {
		return passed{err}
	}
	type member struct {
		team  schedule.TeamID
		agent schedule.AgentID
	}
	known := map[member]contact{}
	names := map[schedule.TeamID]string{}
	err = each(ctx, q, func(scan scanner) error {
		var m member
		var c contact
		var name string
		err := scan(&m.team, &m.agent, &c.slack, &c.email, &name)
		known[m], names[m.team] = c, name
		return err
	}, `SELECT a.team, a.id, a.slack, a.email, t.name FROM agents a JOIN teams t ON t.id = a.team WHERE a.team <> ?`, p.Team.ID)
	if err != nil {
		return err
	}
	people := map[member][]schedule.AgentID{}
	for m, c := range known {
		for _, a := range p.Agents {
			if c.same(contact{a.Slack, a.Email}, a.ID == m.agent) {
				people[m] = append(people[m], a.ID)
			}
		}
	}
	if len(people) == 0 {
		return nil
	}
	// A day more on both sides, for teams whose days are others; what is outside is dropped below.
	from, to := p.KnownFrom.AddDays(-3), p.KnownTo.AddDays(3)
	teams := map[schedule.TeamID]bool{}
	for m := range people {
		teams[m.team] = true
	}
	for _, team := range slices.Sorted(maps.Keys(teams)) {
		slots, on, err := published(ctx, q, `d.day BETWEEN ?2 AND ?3`, team, text(&from), text(&to))
		if err != nil {
			return err
		}
		at := make(map[schedule.SlotID]schedule.Slot, len(slots))
		for _, s := range slots {
			at[s.ID] = s
		}
		for _, a := range on {
			s := at[a.Slot]
			day := schedule.DateOf(s.Start, here)
			if day.Before(p.KnownFrom.AddDays(-1)) || day.After(p.KnownTo.AddDays(1)) {
				continue
			}
			for _, agent := range people[member{team, a.Agent}] {
				p.Busy = append(p.Busy, schedule.Busy{Agent: agent, Interval: s.Interval(), Work: true, Day: day, Paid: s.Paid,
					Team: team, Slot: s.ID, Why: "works for " + names[team]})
			}
		}
	}
	return nil
}
