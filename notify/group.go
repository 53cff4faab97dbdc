package notify

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"rota/schedule"
)

// Members is who belongs into a user group.
type Members struct {
	Group string
	// Users are Slack ids, ascending, without repeats. Empty when nobody can be put in; the group is then left as it is.
	Users []string
	// Agents are those who are on, and Fallback says that nobody is and others stand in.
	Agents   []schedule.AgentID
	Fallback bool
	// Unreachable are agents who are on and have no Slack id.
	Unreachable []schedule.AgentID
}

// OnNow lists the members of each of the team's user groups at the situation's instant: everybody on a slot that the
// group follows, the union of them. A group of a language holds those who speak it at B1 or better, one of a skill those
// who have it at any level. Slack refuses an empty group: when nobody is on, the fallback is put in, or else the
// manager.
func OnNow(s *Situation) ([]Members, error) {
	f, err := s.facts()
	if err != nil {
		return nil, err
	}
	var all []Members
	for _, g := range f.Team.Groups {
		m := Members{Group: g.Group}
		put := func(user string) {
			if user != "" && !slices.Contains(m.Users, user) {
				m.Users = append(m.Users, user)
			}
		}
		for _, slot := range f.ordered {
			if !slot.Interval().Contains(f.Now) || len(g.Shifts) > 0 && !slices.Contains(g.Shifts, slot.Shift) {
				continue
			}
			for _, id := range f.onAgents(slot.ID) {
				a := f.agents[id]
				if g.Language != "" && a.Languages[g.Language] < groupLevel || g.Skill != "" && a.Skills[g.Skill] == 0 {
					continue
				}
				if slices.Contains(m.Agents, id) {
					continue
				}
				m.Agents = append(m.Agents, id)
				if a.Slack == "" {
					m.Unreachable = append(m.Unreachable, id)
				}
				put(a.Slack)
			}
		}
		if len(m.Users) == 0 {
			m.Fallback = true
			for _, id := range g.Fallback {
				put(f.person(id).slack)
			}
			if len(m.Users) == 0 {
				put(f.manager().slack)
			}
		}
		slices.Sort(m.Users)
		all = append(all, m)
	}
	return all, nil
}

// groupLevel is from where on somebody asked in a language can answer in it.
const groupLevel = schedule.B1

// groupState is what is known of a group since it was last looked at.
type groupState struct {
	users []string
	at    time.Time
	// off is set when the workspace has no user groups at all: asking again every tick would be noise.
	off     bool
	problem string
}

// groupsChecked is how often a group is read again although nothing changed here: somebody may have edited it by hand.
const groupsChecked = 10 * time.Minute

// ErrNoGroups says that the workspace has no user groups; a free one does not.
var ErrNoGroups = errors.New("this workspace has no user groups: Slack has them in paid plans only")

// tendGroups writes the groups whose members have changed.
func (e *Engine) tendGroups(ctx context.Context, s *Situation, sum *Summary) error {
	all, err := OnNow(s)
	if err != nil {
		return err
	}
	now := e.Clock.Now()
	for _, want := range all {
		for _, id := range want.Unreachable {
			sum.GroupProblems = append(sum.GroupProblems, fmt.Sprintf("%s: %s is on and has no Slack id", want.Group, id))
		}
		if len(want.Users) == 0 {
			sum.GroupProblems = append(sum.GroupProblems, want.Group+": nobody is on and there is no fallback; it is left as it is")
			continue
		}
		known := e.groups[want.Group]
		age := now.Sub(known.at)
		recent := !known.at.IsZero() && age >= 0 && age < groupsChecked
		if recent && (known.off || known.problem != "" && age < time.Minute || known.problem == "" && slices.Equal(known.users, want.Users)) {
			if known.problem != "" {
				sum.GroupProblems = append(sum.GroupProblems, want.Group+": "+known.problem)
			}
			continue
		}
		wrote, err := e.writeGroup(ctx, want)
		if errors.Is(err, ErrToken) {
			return err
		}
		state := groupState{users: want.Users, at: now}
		if err != nil {
			state.problem, state.off = err.Error(), errors.Is(err, ErrNoGroups)
			sum.GroupProblems = append(sum.GroupProblems, want.Group+": "+state.problem)
		}
		if e.groups[want.Group] = state; wrote {
			sum.Groups = append(sum.Groups, want.Group)
		}
	}
	return nil
}

// writeGroup reads a group and writes it when it differs. Writing the whole list again is harmless, so an open outcome
// needs no looking up: the next look sees it.
func (e *Engine) writeGroup(ctx context.Context, want Members) (bool, error) {
	call, cancel := context.WithTimeout(ctx, e.Timeout)
	defer cancel()
	is, err := e.Messenger.Group(call, want.Group)
	if err != nil {
		return false, err
	}
	is = slices.Clone(is)
	slices.Sort(is)
	if slices.Equal(is, want.Users) {
		return false, nil
	}
	return true, e.Messenger.SetGroup(call, want.Group, want.Users)
}
