// Package notifytest helps tests of notify: a small team with a published roster, an outbox in memory or in a file, and
// a clock that only moves when it is told to.
package notifytest

import (
	"fmt"
	"time"

	"rota/notify"
	"rota/schedule"
)

// Harbor is a team of five in as many zones, with three shifts of eight hours a day from Monday 2026-12-07 for a number
// of days, agents taking turns. now is the situation's instant.
func Harbor(now time.Time, days int) *notify.Situation {
	team := schedule.NewTeam("harbor", "Harbor Support", "Asia/Yerevan")
	team.Manager, team.Channel = "ani", "C0SUPPORT"
	s := &notify.Situation{Now: now, Team: team, Version: 1}
	for i, a := range []struct{ id, name, zone string }{
		{"ani", "Ani Petrosyan", "Asia/Yerevan"}, {"pablo", "Pablo Ruiz", "Europe/Madrid"}, {"maya", "Maya Brooks", "America/New_York"},
		{"kenji", "佐藤 健二", "Asia/Tokyo"}, {"sean", "Seán O'Brien", "Europe/Dublin"},
	} {
		agent := schedule.Agent{ID: schedule.AgentID(a.id), Name: a.name, Zone: a.zone, Slack: fmt.Sprintf("U0HARBOR%02d", i+1),
			Languages: map[schedule.Language]schedule.Level{"en": schedule.C1}, Skills: map[string]schedule.SkillLevel{"chat": 3}}
		if a.id == "pablo" || a.id == "maya" {
			agent.Languages["es"] = schedule.C2
		}
		s.Agents = append(s.Agents, agent)
	}
	s.Shifts = []schedule.Shift{
		{ID: "night", Name: "Night", Start: 0, End: 8 * 60, Tags: []string{"night"}},
		{ID: "early", Name: "Early", Start: 8 * 60, End: 16 * 60},
		{ID: "late", Name: "Late", Start: 16 * 60, End: schedule.EndOfDay},
	}
	first := schedule.MustDate("2026-12-07")
	slots, err := schedule.ExpandSlots(team, s.Shifts, first, first.AddDays(days-1))
	if err != nil {
		panic(err)
	}
	for i := range slots {
		slots[i].Demand = schedule.Demand{Min: 1, Languages: []schedule.LanguageDemand{{Tag: "en", Level: schedule.B2, Min: 1}},
			Skills: []schedule.SkillDemand{{Name: "chat", Level: 2, Min: 1}}}
		if slots[i].Shift == "late" {
			slots[i].Demand.Languages = append(slots[i].Demand.Languages, schedule.LanguageDemand{Tag: "es", Level: schedule.B2, Min: 1})
		}
	}
	s.Slots = slots
	for i, slot := range slots {
		agent := s.Agents[(i+i/3)%len(s.Agents)].ID
		if slot.Shift == "late" {
			agent = []schedule.AgentID{"pablo", "maya"}[i/3%2]
		}
		s.Assignments = append(s.Assignments, Assign(slot.ID, agent))
	}
	loc, err := schedule.LoadZone(team.Zone)
	if err != nil {
		panic(err)
	}
	s.From, _ = schedule.DayBounds(first, loc)
	_, s.To = schedule.DayBounds(first.AddDays(days-1), loc)
	return s
}

// Assign is an agent on a slot with the UID that the pair always has here.
func Assign(slot schedule.SlotID, agent schedule.AgentID) schedule.Assignment {
	return schedule.Assignment{Slot: slot, Agent: agent, Source: schedule.BySolver, UID: schedule.UID(string(slot) + "/" + string(agent))}
}

// Reassign gives a slot to an agent alone, in a copy of the situation with the next version.
func Reassign(s *notify.Situation, slot schedule.SlotID, to ...schedule.AgentID) *notify.Situation {
	next := *s
	next.Version++
	next.Assignments = nil
	for _, a := range s.Assignments {
		if a.Slot != slot {
			next.Assignments = append(next.Assignments, a)
		}
	}
	for _, agent := range to {
		next.Assignments = append(next.Assignments, Assign(slot, agent))
	}
	return &next
}

// Roster is the situation's assignments as a published roster of its days.
func Roster(s *notify.Situation) schedule.Roster {
	r := schedule.Roster{Team: s.Team.ID, Version: s.Version, State: schedule.Published, Slots: s.Slots, Assignments: s.Assignments}
	r.First, r.Last = s.Slots[0].Day, s.Slots[len(s.Slots)-1].Day
	return r
}
