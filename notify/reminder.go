package notify

import (
	"fmt"
	"slices"
	"time"

	"rota/schedule"
)

// rung is one reminder of a ladder.
type rung struct {
	lead         schedule.Minutes
	due, expires time.Time
	moved        string
}

// ladder gives the reminders of a slot: the leads, longest first, moved out of quiet hours. A reminder that comes within
// a quarter of an hour of the next one is left out; the last one never is. In quiet hours that begin before the slot
// and last until it starts, the last one comes before they begin.
func ladder(leads []schedule.Minutes, start time.Time, quiet schedule.Optional[schedule.ClockSpan], loc *time.Location) []rung {
	sorted := slices.Clone(leads)
	slices.SortFunc(sorted, func(a, b schedule.Minutes) int { return int(b - a) })
	var rungs []rung
	for _, lead := range slices.Compact(sorted) {
		if lead < 0 {
			continue
		}
		r := rung{lead: lead}
		at := start.Add(-time.Duration(lead) * time.Minute)
		r.due, r.moved = outside(at, start.Add(-leastLate), quiet, loc)
		rungs = append(rungs, r)
	}
	// Quiet hours can move one reminder past another, or upon it.
	for i := len(rungs) - 2; i >= 0; i-- {
		if rungs[i+1].due.Sub(rungs[i].due) < leastLate {
			rungs = slices.Delete(rungs, i, i+1)
		}
	}
	for i := range rungs {
		r := &rungs[i]
		if i == len(rungs)-1 {
			r.expires = start
			if !r.expires.After(r.due) {
				r.expires = r.due.Add(leastLate) // a lead of nothing: said as the slot starts
			}
			continue
		}
		late := max(time.Duration(r.lead)*time.Minute/4, leastLate)
		if r.expires = r.due.Add(late); r.expires.After(rungs[i+1].due) {
			r.expires = rungs[i+1].due
		}
	}
	return rungs
}

// reminderStep names a reminder of the ladder and the start it is about: a slot that moves is reminded of anew.
func reminderStep(lead schedule.Minutes, start time.Time) string {
	return lead.String() + " " + stepTime(start)
}

func (p *planner) reminders() {
	for _, slot := range p.ordered {
		if p.passes(slot.ID) {
			continue
		}
		for _, a := range p.on[slot.ID] {
			to := p.person(a.Agent)
			leads := p.Team.Reminders
			if own := p.agents[a.Agent].Reminders; own != nil {
				leads = own
			}
			for _, r := range ladder(leads, slot.Start, to.quiet, to.loc) {
				if r.due.Before(p.muted[a.Agent]) {
					continue
				}
				p.add(Reminder, to, intent{
					Message: schedule.Message{MessageKey: schedule.MessageKey{Assignment: a.UID, Step: reminderStep(r.lead, slot.Start)},
						Agent: a.Agent, Slot: slot.ID, Due: r.due, Expires: r.expires}, at: slot.Start,
					whyLater: func() string {
						why := fmt.Sprintf("%s has %s, %s, and is reminded %s before", to.name, p.slotName(slot), Moment{slot.Start, to.loc}, r.lead)
						if r.moved != "" {
							why += "; " + r.moved
						}
						return why
					},
					view:    func(at time.Time) View { return p.reminderView(slot, to, at) },
					buttons: reminderButtons(p.Team.ID, slot.ID),
				})
			}
		}
	}
}

func (f *facts) reminderView(slot schedule.Slot, to person, at time.Time) View {
	v := View{Zone: to.loc.String(), At: Moment{slot.Start, to.loc}, In: inWords(slot.Start.Sub(at)), Slot: f.viewSlot(slot, to.loc),
		With: f.viewPeople(without(f.onAgents(slot.ID), to.id))}
	for _, s := range f.ordered {
		if s.End.Equal(slot.Start) {
			v.Leaving = append(v.Leaving, f.viewPeople(without(f.onAgents(s.ID), to.id))...)
		}
	}
	v.Gaps = f.lacking(slot.Demand, f.onAgents(slot.ID)).words
	return v
}
