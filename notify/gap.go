package notify

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"rota/schedule"
)

// serving lists who is on a slot that covers all of an interval.
func (f *facts) serving(at schedule.Interval) []schedule.AgentID {
	var list []schedule.AgentID
	for _, s := range f.ordered {
		if s.Start.After(at.Start) {
			break
		}
		if !s.Interval().Covers(at) {
			continue
		}
		for _, id := range f.onAgents(s.ID) {
			if !slices.Contains(list, id) {
				list = append(list, id)
			}
		}
	}
	return list
}

// gaps warn the manager of slots and intervals that lack somebody. What lacks is part of the key: a gap that grows is
// told again, one that is filled in time never.
func (p *planner) gaps() {
	to := p.manager()
	warn := func(what string, at schedule.Interval, slot schedule.SlotID, short shortage, view func(v *View)) {
		due := at.Start.Add(-minutes(p.settings.GapWithin))
		due, moved := outside(due, at.Start.Add(-time.Hour), to.quiet, to.loc)
		why := fmt.Sprintf("%s at %s: %s", what, Moment{at.Start, to.loc}, strings.Join(short.words, ", "))
		if moved != "" {
			why += "; " + moved
		}
		p.add(Gap, to, intent{
			Message: schedule.Message{MessageKey: schedule.MessageKey{Step: fmt.Sprintf("%s %s: %s", what, stepTime(at.Start), strings.Join(short.words, ", "))},
				Slot: slot, Due: due, Expires: at.Start}, at: at.Start,
			why: why,
			view: func(now time.Time) View {
				v := View{Zone: to.loc.String(), At: Moment{at.Start, to.loc}, In: inWords(at.Start.Sub(now)), Gaps: short.words}
				view(&v)
				return v
			},
		})
	}
	for _, slot := range p.ordered {
		if short := p.lacking(slot.Demand, p.onAgents(slot.ID)); short.any() {
			warn(string(slot.ID), slot.Interval(), slot.ID, short, func(v *View) {
				v.Slot, v.With = p.viewSlot(slot, to.loc), p.viewPeople(p.onAgents(slot.ID))
			})
		}
	}
	for i := 0; i < len(p.Intervals); i++ {
		at := p.Intervals[i].Interval
		on := p.serving(at)
		short := p.lacking(p.Intervals[i].Demand, on)
		if !short.any() {
			continue
		}
		// Pieces that touch and lack the same are one gap to people.
		for i+1 < len(p.Intervals) && p.Intervals[i+1].Interval.Start.Equal(at.End) {
			next := p.Intervals[i+1]
			nextOn := p.serving(next.Interval)
			if !slices.Equal(nextOn, on) || !slices.Equal(p.lacking(next.Demand, nextOn).words, short.words) {
				break
			}
			at.End = next.Interval.End
			i++
		}
		warn("interval", at, "", short, func(v *View) {
			v.Slot.When, v.Slot.TeamWhen = p.times(at.Start, at.End, to.loc)
			v.With = p.viewPeople(on)
		})
	}
}

// digests tell the channel each morning who is on in the 24 hours from then.
func (p *planner) digests() {
	if p.Team.Channel == "" || len(p.ordered) == 0 {
		return
	}
	days := map[schedule.Date]bool{}
	for _, s := range p.ordered {
		if day := s.Day; p.staffed(s) && !days[day] {
			days[day] = true
			due, _ := schedule.StartInstant(day, p.settings.DigestAt, p.loc)
			p.add(Digest, p.channel(), intent{
				Message: schedule.Message{MessageKey: schedule.MessageKey{Step: day.String()}, Due: due, Expires: due.Add(digestLate)}, at: due,
				why:  "every day at " + p.settings.DigestAt.String(),
				view: func(time.Time) View { return p.digestView(due) },
			})
		}
	}
}

func (f *facts) digestView(from time.Time) View {
	v := View{Zone: f.loc.String(), At: Moment{from, f.loc}}
	day := schedule.Interval{Start: from, End: from.Add(24 * time.Hour)}
	for _, s := range f.ordered {
		if !s.Overlaps(schedule.Slot{Start: day.Start, End: day.End}) || !f.staffed(s) {
			continue
		}
		sv := f.viewSlot(s, f.loc)
		sv.On = f.viewPeople(f.onAgents(s.ID))
		v.Slots = append(v.Slots, sv)
		if short := f.lacking(s.Demand, f.onAgents(s.ID)); short.any() {
			v.Gaps = append(v.Gaps, sv.Name+" "+sv.When+": "+strings.Join(short.words, ", "))
		}
	}
	for _, n := range f.Notes {
		if n.Slot == "" && n.DoneAt.IsZero() {
			v.Standing = append(v.Standing, oneLine(n.Text, noteLength))
		}
	}
	return v
}

// offers ask agents in waves, each in the order of the offer.
func (p *planner) offers() {
	for _, o := range p.Offers {
		slot, known := p.slots[o.Slot]
		if !known || o.ClaimedBy != "" || o.Withdrawn {
			continue
		}
		end := o.Expires
		if slot.Start.Before(end) {
			end = slot.Start
		}
		for i, id := range o.Asked {
			to := p.person(id)
			due := o.Opened.Add(time.Duration(i/max(p.settings.OfferWave, 1)) * minutes(p.settings.OfferEvery))
			why := fmt.Sprintf("%s is open, and %s is number %d of %d to be asked", p.slotName(slot), to.name, i+1, len(o.Asked))
			if later, moved := outside(due, end.Add(-leastLate), to.quiet, to.loc); later.After(due) {
				due, why = later, why+"; "+moved
			}
			if !due.Before(end) {
				continue
			}
			p.add(Offered, to, intent{
				Message: schedule.Message{MessageKey: schedule.MessageKey{Step: o.ID}, Agent: id, Slot: o.Slot, Due: due, Expires: end}, at: slot.Start,
				why:     why,
				view:    func(time.Time) View { return p.offerView(o, slot, to, "") },
				buttons: []Button{offerButton(p.Team.ID, o.ID)},
			})
		}
	}
}

func (f *facts) offerView(o Offer, slot schedule.Slot, to person, ended string) View {
	return View{Zone: to.loc.String(), At: Moment{slot.Start, to.loc}, Until: Moment{o.Expires, to.loc}, Slot: f.viewSlot(slot, to.loc),
		With: f.viewPeople(without(f.onAgents(slot.ID), o.Instead)), Reason: oneLine(o.Note, noteLength), Ended: ended}
}
