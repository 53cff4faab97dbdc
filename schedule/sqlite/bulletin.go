package sqlite

import (
	"context"
	"slices"
	"time"

	"rota/schedule"
)

// Bulletin is everything that decides what people are told about a stretch of time, read at one moment.
type Bulletin struct {
	Team   schedule.Team
	Agents []schedule.Agent
	Shifts []schedule.Shift
	// Days are the published roster days, ascending.
	Days []schedule.Date
	// Slots are the published ones that share an instant with the stretch, Assignments who is on them, and Intervals the
	// demand by interval of the published days.
	Slots       []schedule.Slot
	Assignments []schedule.Assignment
	Intervals   []schedule.IntervalDemand
	// Version is the roster that was published last, 0 for none.
	Version schedule.Version
	Notices
}

// Notices is what people say about slots beside the roster itself.
type Notices struct {
	// Notes are the handoff notes of the slots, and the standing ones that are not done.
	Notes     []schedule.HandoffNote
	Takeovers []schedule.Takeover
	// Offers are those of the slots, ended ones included, and Mutes the wishes that still stand.
	Offers []Offer
	Mutes  []Mute
}

// LoadBulletin reads what is published for [from, to), with what people say about it at now. The stretch is made longer
// where an offer that is open asks for a later slot, so that no offer is without its slot.
func (s *Store) LoadBulletin(ctx context.Context, team schedule.TeamID, now, from, to time.Time) (Bulletin, error) {
	var b Bulletin
	err := s.view(ctx, func(q querier) error {
		book, _, err := loadBook(ctx, q, team)
		if err != nil {
			return err
		}
		b = Bulletin{Team: book.Team, Agents: book.Agents, Shifts: book.Shifts}
		zone, err := schedule.LoadZone(b.Team.Zone)
		if err != nil {
			return passed{err}
		}
		open, err := selectOffers(ctx, q, "team = ? AND expires > ? AND withdrawn_at IS NULL", team, instant(&now))
		if err != nil {
			return err
		}
		for _, o := range open {
			// The roster day of a slot is at most a day from the date in its name, and it ends within two days.
			if _, end := schedule.DayBounds(o.Slot.Date().AddDays(3), zone); end.After(to) {
				to = end
			}
		}
		if b.Slots, b.Assignments, err = published(ctx, q, `s.ends > ?2 AND s.starts < ?3`, team, instant(&from), instant(&to)); err != nil {
			return err
		}
		first, last := schedule.DateOf(from, zone).AddDays(-1), schedule.DateOf(to, zone).AddDays(1)
		known := map[schedule.Date]bool{}
		if err := each(ctx, q, func(scan scanner) error {
			var day schedule.Date
			err := scan(text(&day))
			b.Days, known[day] = append(b.Days, day), true
			return err
		}, `SELECT day FROM published_days WHERE team = ? AND day BETWEEN ? AND ? ORDER BY day`, team, text(&first), text(&last)); err != nil {
			return err
		}
		holidays, err := book.HolidaysFor(first, last)
		if err != nil {
			return passed{err}
		}
		if b.Intervals, err = schedule.ResolveIntervals(b.Team, book.Demand, first, last, schedule.HolidayDates(holidays, b.Team.Holidays)); err != nil {
			return passed{err}
		}
		b.Intervals = slices.DeleteFunc(b.Intervals, func(i schedule.IntervalDemand) bool { return !known[i.Day] })
		if err := each(ctx, q, func(scan scanner) error { return scan(&b.Version) },
			`SELECT version FROM rosters WHERE team = ? AND publication > 0 ORDER BY publication DESC LIMIT 1`, team); err != nil {
			return err
		}
		b.Notices, err = notices(ctx, q, team, now, b.Slots)
		return err
	})
	return b, err
}

// notices reads what people say about slots.
func notices(ctx context.Context, q querier, team schedule.TeamID, now time.Time, slots ...[]schedule.Slot) (Notices, error) {
	ids := []schedule.SlotID{}
	for _, some := range slots {
		for _, s := range some {
			ids = append(ids, s.ID)
		}
	}
	var n Notices
	var err error
	if n.Notes, err = handoffNotes(ctx, q, team, ids); err != nil {
		return n, err
	}
	if n.Takeovers, err = takeovers(ctx, q, team, ids); err != nil {
		return n, err
	}
	if n.Offers, err = selectOffers(ctx, q, "team = ? AND slot IN (SELECT value FROM json_each(?))", team, list(&ids)); err != nil {
		return n, err
	}
	n.Mutes, err = mutes(ctx, q, team, now)
	return n, err
}
