package notify

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"rota/schedule"
)

// Situation is everything that decides what is said: one value, read at one moment. It is not changed by this package,
// so any number of goroutines may read it.
type Situation struct {
	Now time.Time
	// From and To bound what is known, [From, To): nothing is said, or taken back, about instants beyond. A zero one is
	// open.
	From, To time.Time
	Team     schedule.Team
	Agents   []schedule.Agent
	Shifts   []schedule.Shift
	// Slots are those that published rosters know, with their demand, and Assignments who is on them, with UIDs. Slots
	// that people have been on before Now and are on after it belong to them: a day back, and as far ahead as anything is
	// to be planned.
	Slots       []schedule.Slot
	Assignments []schedule.Assignment
	// Intervals are demand by interval of the same days; may be empty.
	Intervals []schedule.IntervalDemand
	// Version is the newest published roster.
	Version schedule.Version
	// Notes are the handoff notes of these slots and the standing ones; those done are passed over.
	Notes []schedule.HandoffNote
	// Takeovers are those of these slots.
	Takeovers []schedule.Takeover
	// Offers are the open ones, and those that ended since anybody was told of them.
	Offers []Offer
	// Mutes are agents who want no reminders for a while.
	Mutes []Mute
	// Templates replace the built-in texts, by kind. See ParseTemplates for how one is checked.
	Templates Templates
}

// Offer is a slot that agents may take.
type Offer struct {
	// ID names it, unique within a team, without spaces.
	ID   string
	Slot schedule.SlotID
	// Instead is the agent who gives it up; empty for a place that is open.
	Instead schedule.AgentID
	// Asked are the agents who are allowed, able and willing, in the order in which they are asked.
	Asked []schedule.AgentID
	// Opened and Expires bound it: [Opened, Expires).
	Opened, Expires time.Time
	// ClaimedBy and Withdrawn end it early.
	ClaimedBy schedule.AgentID
	Withdrawn bool
	// Note is what the manager adds; may be empty.
	Note string
}

// Open reports whether the offer can be claimed at an instant.
func (o Offer) Open(at time.Time) bool {
	return o.ClaimedBy == "" && !o.Withdrawn && !at.Before(o.Opened) && at.Before(o.Expires)
}

// Mute is an agent's wish for no reminders before an instant.
type Mute struct {
	Agent schedule.AgentID
	Until time.Time
}

// FromPeriod is the situation that a roster makes in its period, the published work around it included. Notes, takeovers,
// offers, mutes and templates are the caller's to add.
func FromPeriod(p *schedule.Period, r schedule.Roster) *Situation {
	var from, to time.Time
	if loc, err := schedule.LoadZone(p.Team.Zone); err == nil {
		from, _ = schedule.DayBounds(p.KnownFrom, loc)
		_, to = schedule.DayBounds(p.KnownTo, loc)
	}
	return &Situation{
		Now: p.Now, From: from, To: to, Team: p.Team, Agents: p.Agents, Shifts: p.Shifts, Version: r.Version,
		Slots:       slices.Concat(p.Around, p.Slots),
		Assignments: slices.Concat(p.Worked, r.Assignments),
		Intervals:   p.Intervals,
	}
}

// person is somebody who can be told something.
type person struct {
	id    schedule.AgentID // empty for a manager who is no agent
	name  string
	slack string
	loc   *time.Location
	quiet schedule.Optional[schedule.ClockSpan]
}

// facts is a situation by id and in order, with zones loaded.
type facts struct {
	*Situation
	settings schedule.MessageSettings
	loc      *time.Location
	people   map[schedule.AgentID]person
	agents   map[schedule.AgentID]schedule.Agent
	shifts   map[schedule.ShiftID]schedule.Shift
	slots    map[schedule.SlotID]schedule.Slot
	ordered  []schedule.Slot // by start, then id
	on       map[schedule.SlotID][]schedule.Assignment
	muted    map[schedule.AgentID]time.Time
	taken    map[schedule.SlotID]schedule.Takeover
}

func (s *Situation) facts() (*facts, error) {
	f := &facts{Situation: s, settings: s.Team.Messages,
		people: map[schedule.AgentID]person{}, agents: map[schedule.AgentID]schedule.Agent{},
		shifts: map[schedule.ShiftID]schedule.Shift{}, slots: map[schedule.SlotID]schedule.Slot{},
		on: map[schedule.SlotID][]schedule.Assignment{}, muted: map[schedule.AgentID]time.Time{},
		taken: map[schedule.SlotID]schedule.Takeover{}}
	var err error
	if f.loc, err = schedule.LoadZone(s.Team.Zone); err != nil {
		return nil, fmt.Errorf("team %s: %w", s.Team.ID, err)
	}
	for _, a := range s.Agents {
		loc, err := a.Location(s.Team)
		if err != nil {
			return nil, fmt.Errorf("agent %s: %w", a.ID, err)
		}
		f.agents[a.ID] = a
		f.people[a.ID] = person{id: a.ID, name: cmp.Or(a.Name, string(a.ID)), slack: a.Slack, loc: loc, quiet: a.Quiet.Else(s.Team.Quiet)}
	}
	for _, sh := range s.Shifts {
		f.shifts[sh.ID] = sh
	}
	for _, sl := range s.Slots {
		if _, twice := f.slots[sl.ID]; !twice {
			f.ordered = append(f.ordered, sl)
		}
		f.slots[sl.ID] = sl
	}
	slices.SortFunc(f.ordered, func(a, b schedule.Slot) int { return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.ID, b.ID)) })
	for _, a := range s.Assignments {
		if _, known := f.slots[a.Slot]; known {
			f.on[a.Slot] = append(f.on[a.Slot], a)
		}
	}
	for id := range f.on {
		schedule.SortAssignments(f.on[id])
	}
	for _, m := range s.Mutes {
		if m.Until.After(f.muted[m.Agent]) {
			f.muted[m.Agent] = m.Until
		}
	}
	for _, t := range s.Takeovers {
		if was, had := f.taken[t.Slot]; !had || t.At.Before(was.At) {
			f.taken[t.Slot] = t
		}
	}
	return f, nil
}

// person is an agent as somebody to be told, also one who has left the team.
func (f *facts) person(id schedule.AgentID) person {
	if p, ok := f.people[id]; ok {
		return p
	}
	return person{id: id, name: string(id), loc: f.loc}
}

// manager is who answers for the team; its slack is empty when nobody can be reached.
func (f *facts) manager() person {
	p := person{name: "the manager", loc: f.loc, quiet: f.Team.Quiet}
	if known, ok := f.people[f.Team.Manager]; ok {
		p = known
	}
	p.slack = cmp.Or(f.Team.ManagerSlack, p.slack)
	return p
}

func (f *facts) slotName(s schedule.Slot) string {
	return cmp.Or(f.shifts[s.Shift].Name, string(s.Shift), string(s.ID))
}

func (f *facts) onAgents(slot schedule.SlotID) []schedule.AgentID {
	var list []schedule.AgentID
	for _, a := range f.on[slot] {
		list = append(list, a.Agent)
	}
	return list
}

// shortage is what a need lacks, in words; empty when it is met.
type shortage struct {
	agents int
	words  []string
}

func (s shortage) any() bool { return len(s.words) > 0 }

// lacking compares people with a demand's minimum and its languages and skills. Targets are wishes and not gaps.
func (f *facts) lacking(d schedule.Demand, on []schedule.AgentID) shortage {
	var s shortage
	if n := d.Min - len(on); n > 0 {
		s.agents = n
		s.words = append(s.words, count(n, "agent", "agents")+" missing")
	}
	for _, l := range d.Languages {
		have := 0
		for _, id := range on {
			if f.agents[id].Languages[l.Tag] >= l.Level {
				have++
			}
		}
		if n := max(l.Min, l.Capacity) - have; n > 0 {
			s.words = append(s.words, fmt.Sprintf("%s %s missing", l.Tag, l.Level))
		}
	}
	for _, k := range d.Skills {
		have := 0
		for _, id := range on {
			if f.agents[id].Skills[k.Name] >= k.Level {
				have++
			}
		}
		if k.Min > have {
			s.words = append(s.words, fmt.Sprintf("%s %d missing", k.Name, k.Level))
		}
	}
	return s
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
