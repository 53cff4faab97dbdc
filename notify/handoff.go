package notify

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"rota/schedule"
)

// staffed reports whether a slot is anybody's affair: somebody is on it, or somebody should be.
func (f *facts) staffed(s schedule.Slot) bool { return len(f.on[s.ID]) > 0 || s.Demand.Min > 0 }

// boundaries lists the instants, ascending, at which a slot begins or ends.
func (f *facts) boundaries() []time.Time {
	var at []time.Time
	for _, s := range f.ordered {
		if f.staffed(s) && s.Start.Before(s.End) {
			at = append(at, s.Start, s.End)
		}
	}
	slices.SortFunc(at, time.Time.Compare)
	return slices.CompactFunc(at, time.Time.Equal)
}

// around is who is on before and after an instant, in the order of their slots, and which slots begin and end.
type around struct {
	leaving, coming, staying, now []schedule.AgentID
	starting, ending, running     []schedule.Slot
}

func (f *facts) around(t time.Time) around {
	var a around
	var before []schedule.AgentID
	push := func(list []schedule.AgentID, slot schedule.SlotID) []schedule.AgentID {
		for _, id := range f.onAgents(slot) {
			if !slices.Contains(list, id) {
				list = append(list, id)
			}
		}
		return list
	}
	var staffed []schedule.Slot
	for _, s := range f.ordered {
		if f.staffed(s) {
			staffed = append(staffed, s)
		}
	}
	b := schedule.BoundaryAt(staffed, schedule.Slot.Interval, t)
	a.starting, a.ending, a.running = b.Starting, b.Ending, append(b.Running, b.Starting...)
	for _, s := range append(b.Ending, b.Running...) {
		before = push(before, s.ID)
	}
	for _, s := range a.running {
		a.now = push(a.now, s.ID)
	}
	for _, id := range before {
		if slices.Contains(a.now, id) {
			a.staying = append(a.staying, id)
		} else {
			a.leaving = append(a.leaving, id)
		}
	}
	for _, id := range a.now {
		if !slices.Contains(before, id) {
			a.coming = append(a.coming, id)
		}
	}
	return a
}

func (p *planner) handoffs() {
	if p.Team.Channel == "" {
		return
	}
	for _, t := range p.boundaries() {
		a := p.around(t)
		if len(a.leaving) == 0 && len(a.coming) == 0 && len(a.starting) == 0 {
			continue
		}
		var buttons []Button
		for _, s := range a.starting {
			if _, done := p.taken[s.ID]; done || len(p.on[s.ID]) == 0 || len(buttons) >= 10 {
				continue
			}
			text := "I have it"
			if len(a.starting) > 1 {
				text += ": " + oneLine(p.slotName(s), 40)
			}
			buttons = append(buttons, Button{Action: TakeOver, Text: text, Value: value(p.Team.ID, s.ID), Primary: true})
		}
		buttons = append(buttons, Button{Action: LeaveNote, Text: "Leave a note", Value: value(p.Team.ID, stepTime(t))})
		p.add(Handoff, p.channel(), intent{
			Message: schedule.Message{MessageKey: schedule.MessageKey{Step: stepTime(t)}, Due: t, Expires: t.Add(handoffLate)}, at: t,
			why: fmt.Sprintf("a boundary at %s: %s, %s", Moment{t, p.loc}, count(len(a.leaving), "agent leaves", "agents leave"),
				count(len(a.coming), "comes", "come")),
			view:    func(time.Time) View { return p.handoffView(t) },
			buttons: buttons,
		})
	}
}

func (f *facts) handoffView(t time.Time) View {
	a := f.around(t)
	v := View{Zone: f.loc.String(), At: Moment{t, f.loc}, Leaving: f.viewPeople(a.leaving), Coming: f.viewPeople(a.coming),
		Staying: f.viewPeople(a.staying), OnNow: f.viewPeople(a.now)}
	var names []string
	for _, s := range a.starting {
		names = append(names, oneLine(f.slotName(s), 40))
		v.Slots = append(v.Slots, f.viewSlot(s, f.loc))
		if by, done := f.taken[s.ID]; done {
			v.Taken = append(v.Taken, f.viewPerson(by.Agent))
		}
	}
	v.Names = strings.Join(names, ", ")
	for _, s := range a.running {
		if short := f.lacking(s.Demand, f.onAgents(s.ID)); short.any() {
			v.Gaps = append(v.Gaps, oneLine(f.slotName(s), nameLength)+": "+strings.Join(short.words, ", "))
		}
	}
	v.Covered, v.Uncovered = f.cover(t)
	ending := map[schedule.SlotID]bool{}
	for _, s := range a.ending {
		ending[s.ID] = true
	}
	for _, n := range f.Notes {
		if !n.DoneAt.IsZero() || n.Slot != "" && !ending[n.Slot] || n.At.After(t.Add(handoffLate)) {
			continue
		}
		text := oneLine(n.Text, noteLength)
		if n.Slot == "" {
			v.Standing = append(v.Standing, text)
			continue
		}
		from := n.By
		if n.Agent != "" {
			from = f.person(n.Agent).name
		}
		v.Notes = append(v.Notes, NoteView{From: oneLine(from, nameLength), Text: text})
	}
	return v
}

// ability is a language or skill at a level that some demand asks for.
type ability struct {
	name string
	has  func(schedule.Agent) bool
}

// wanted lists what the demand of the known slots asks for, each language and skill at the lowest level asked for.
func (f *facts) wanted() []ability {
	languages, skills := map[schedule.Language]schedule.Level{}, map[string]schedule.SkillLevel{}
	look := func(d schedule.Demand) {
		for _, l := range d.Languages {
			if at, known := languages[l.Tag]; !known || l.Level < at {
				languages[l.Tag] = l.Level
			}
		}
		for _, k := range d.Skills {
			if at, known := skills[k.Name]; !known || k.Level < at {
				skills[k.Name] = k.Level
			}
		}
	}
	for _, s := range f.ordered {
		look(s.Demand)
	}
	for _, i := range f.Intervals {
		look(i.Demand)
	}
	var list []ability
	for tag, level := range languages {
		list = append(list, ability{string(tag) + " " + level.String(), func(a schedule.Agent) bool { return a.Languages[tag] >= level }})
	}
	for name, level := range skills {
		list = append(list, ability{fmt.Sprintf("%s %d", oneLine(name, nameLength), level), func(a schedule.Agent) bool { return a.Skills[name] >= level }})
	}
	slices.SortFunc(list, func(a, b ability) int { return strings.Compare(a.name, b.name) })
	return list
}

// cover says which wanted abilities are on at an instant and until when, and which are missing and until when.
func (f *facts) cover(t time.Time) (covered, uncovered []string) {
	later := f.boundaries()
	for _, want := range f.wanted() {
		on := f.present(want, t)
		said := "as far as is published"
		for _, b := range later {
			if b.After(t) && f.knows(b) && f.present(want, b) != on {
				m := Moment{b, f.loc}
				if said = "until " + m.Clock(); b.Sub(t) > 20*time.Hour {
					said = "until " + m.String()
				}
				break
			}
		}
		if on {
			covered = append(covered, want.name+" "+said)
		} else {
			uncovered = append(uncovered, want.name+" "+said)
		}
	}
	return covered, uncovered
}

func (f *facts) present(want ability, t time.Time) bool {
	for _, s := range f.ordered {
		if s.Start.After(t) {
			return false
		}
		if !s.Interval().Contains(t) {
			continue
		}
		for _, a := range f.on[s.ID] {
			if want.has(f.agents[a.Agent]) {
				return true
			}
		}
	}
	return false
}

// escalations tell the manager of slots that nobody took over. They make sense only where people are asked to: in the
// handoff messages of a channel.
func (p *planner) escalations() {
	if p.Team.Channel == "" || slices.Contains(p.settings.Skip, Handoff) {
		return
	}
	to := p.manager()
	for _, slot := range p.ordered {
		if _, done := p.taken[slot.ID]; done || len(p.on[slot.ID]) == 0 || p.passes(slot.ID) {
			continue
		}
		due := slot.Start.Add(minutes(p.settings.EscalateAfter))
		p.add(Escalation, to, intent{
			Message: schedule.Message{MessageKey: schedule.MessageKey{Step: string(slot.ID) + " " + stepTime(slot.Start)}, Slot: slot.ID,
				Due: due, Expires: due.Add(escalationLate)}, at: slot.Start,
			why: fmt.Sprintf("if nobody takes over %s by %s", p.slotName(slot), Moment{due, to.loc}),
			view: func(time.Time) View {
				v := View{Zone: to.loc.String(), At: Moment{slot.Start, to.loc}, Slot: p.viewSlot(slot, to.loc), Coming: p.viewPeople(p.onAgents(slot.ID))}
				v.Leaving = p.viewPeople(p.around(slot.Start).leaving)
				return v
			},
		})
	}
}
