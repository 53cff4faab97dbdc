package sqlite

import (
	"cmp"
	"context"
	"slices"

	"rota/schedule"
)

// Undone is a change that was published after the maker of a draft looked, and that the draft would take back without
// knowing of it.
type Undone struct {
	Slot schedule.Slot
	// Gained are agents who were put on the slot and are not on it in the draft; Lost are those who were taken off it and
	// are on it again.
	Gained, Lost []schedule.AgentID
	// Version is the roster that changed the slot last, and Note what it says of itself.
	Version schedule.Version
	Note    string
}

// Undone lists what publishing a version would take back, by start of the slot; nothing for one that is no draft. Publish
// looks again.
func (s *Store) Undone(ctx context.Context, team schedule.TeamID, version schedule.Version) ([]Undone, error) {
	var list []Undone
	err := s.view(ctx, func(q querier) error {
		r, _, err := loadRoster(ctx, q, team, version)
		if err != nil || r.State != schedule.Draft {
			return err
		}
		list, err = undone(ctx, q, r)
		return err
	})
	return list, err
}

type pair struct {
	slot  schedule.SlotID
	agent schedule.AgentID
}

// undone lists what publishing a draft would take back, by start of the slot: assignments that differ between what the
// draft's maker knew and what people go by now, where the draft has what they were before.
func undone(ctx context.Context, q querier, draft schedule.Roster) ([]Undone, error) {
	type publication struct {
		id, number  int64
		version     schedule.Version
		first, last schedule.Date
		note        string
	}
	var all []publication
	if err := each(ctx, q, func(scan scanner) error {
		var p publication
		err := scan(&p.id, &p.number, &p.version, text(&p.first), text(&p.last), &p.note)
		all = append(all, p)
		return err
	}, `SELECT id, publication, version, first_day, last_day, note FROM rosters WHERE team = ? AND publication IS NOT NULL
		AND last_day >= ? AND first_day <= ? ORDER BY publication`, draft.Team, text(&draft.First), text(&draft.Last)); err != nil {
		return nil, err
	}
	if len(all) == 0 || all[len(all)-1].number <= draft.Seen {
		return nil, nil
	}
	// Day by day what counted when the maker looked, and every publication since that touches the day.
	known := map[schedule.Date]int64{}
	since := map[schedule.Date][]publication{}
	rosters := map[int64]bool{}
	for _, p := range all {
		for _, day := range schedule.RosterDays(p.first, p.last) {
			switch {
			case day.Before(draft.First) || day.After(draft.Last):
			case p.number <= draft.Seen:
				known[day] = p.id
			default:
				since[day] = append(since[day], p)
			}
		}
	}
	for day, list := range since {
		rosters[known[day]] = true
		for _, p := range list {
			rosters[p.id] = true
		}
	}
	on := map[int64]map[pair]bool{}
	slots := map[schedule.SlotID]schedule.Slot{}
	byDay := map[int64]map[schedule.Date][]schedule.SlotID{}
	for id := range rosters {
		if id == 0 {
			continue
		}
		on[id], byDay[id] = map[pair]bool{}, map[schedule.Date][]schedule.SlotID{}
		list, err := assignmentsOf(ctx, q, id)
		if err != nil {
			return nil, err
		}
		for _, a := range list {
			on[id][pair{a.Slot, a.Agent}] = true
		}
		if err := each(ctx, q, func(scan scanner) error {
			var s schedule.Slot
			err := scan(destinations(slotColumns(&s))...)
			slots[s.ID] = s
			byDay[id][s.Day] = append(byDay[id][s.Day], s.ID)
			return err
		}, "SELECT "+names(slotColumns(&schedule.Slot{}), "")+" FROM roster_slots WHERE roster = ?", id); err != nil {
			return nil, err
		}
	}
	// of is who is on the slots of one day in one roster.
	of := func(id int64, day schedule.Date) map[pair]bool {
		found := map[pair]bool{}
		here := map[schedule.SlotID]bool{}
		for _, s := range byDay[id][day] {
			here[s] = true
		}
		for x := range on[id] {
			if here[x.slot] {
				found[x] = true
			}
		}
		return found
	}
	in := map[pair]bool{}
	for _, a := range draft.Assignments {
		in[pair{a.Slot, a.Agent}] = true
	}
	lost := map[schedule.SlotID]*Undone{}
	for day, list := range since {
		base := of(known[day], day)
		last := list[len(list)-1]
		now := of(last.id, day)
		changed := map[pair]publication{}
		was := base
		for _, p := range list {
			is := of(p.id, day)
			for x := range is {
				if !was[x] {
					changed[x] = p
				}
			}
			for x := range was {
				if !is[x] {
					changed[x] = p
				}
			}
			was = is
		}
		for x, by := range changed {
			if now[x] == base[x] || in[x] == now[x] {
				continue
			}
			u := lost[x.slot]
			if u == nil {
				u = &Undone{Slot: slots[x.slot]}
				lost[x.slot] = u
			}
			if now[x] {
				u.Gained = append(u.Gained, x.agent)
			} else {
				u.Lost = append(u.Lost, x.agent)
			}
			if by.version > u.Version {
				u.Version, u.Note = by.version, by.note
			}
		}
	}
	var found []Undone
	for _, u := range lost {
		slices.Sort(u.Gained)
		slices.Sort(u.Lost)
		found = append(found, *u)
	}
	slices.SortFunc(found, func(a, b Undone) int {
		return cmp.Or(a.Slot.Start.Compare(b.Slot.Start), cmp.Compare(a.Slot.ID, b.Slot.ID))
	})
	return found, nil
}
