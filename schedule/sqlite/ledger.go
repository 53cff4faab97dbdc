package sqlite

import (
	"context"
	"time"

	"rota/schedule"
)

func ledgerColumns(e *schedule.LedgerEntry) []column {
	return []column{
		col("team", &e.Team), col("agent", &e.Agent), col("first_day", text(&e.First)), col("last_day", text(&e.Last)),
		col("version", &e.Version),
		col("night", &e.Done.Night), col("weekend", &e.Done.Weekend), col("holiday", &e.Done.Holiday),
		col("short_notice", &e.Done.ShortNotice), col("extra", &e.Done.Extra),
		col("fair_night", &e.Fair.Night), col("fair_weekend", &e.Fair.Weekend), col("fair_holiday", &e.Fair.Holiday),
		col("fair_short_notice", &e.Fair.ShortNotice), col("fair_extra", &e.Fair.Extra),
		col("at", instant(&e.At)), col("note", &e.Note),
	}
}

// Ledger lists a team's ledger for what lies before a roster day; the zero Date lists everything. Entries of published
// versions count for the part of their days that is before it and still goes by them, in proportion; entries of
// imported history when their last day is before it. Ordered by last day, then agent.
func (s *Store) Ledger(ctx context.Context, team schedule.TeamID, before schedule.Date) ([]schedule.LedgerEntry, error) {
	var entries []schedule.LedgerEntry
	err := s.view(ctx, func(q querier) (err error) {
		entries, err = loadLedger(ctx, q, team, before)
		return err
	})
	return entries, err
}

// ImportLedger adds history from elsewhere. The entries' team and version are set: imported history has version 0.
func (s *Store) ImportLedger(ctx context.Context, team schedule.TeamID, entries []schedule.LedgerEntry, who string, now time.Time) error {
	return s.update(ctx, func(q querier) error {
		if err := requireTeam(ctx, q, team); err != nil {
			return err
		}
		if err := insertLedger(ctx, q, team, 0, entries, now); err != nil {
			return err
		}
		return logEntry(ctx, q, LogEntry{At: now, Who: who, Team: team, Op: "added", Kind: "ledger"}, map[string]int{"entries": len(entries)})
	})
}

func insertLedger(ctx context.Context, q querier, team schedule.TeamID, version schedule.Version, entries []schedule.LedgerEntry, now time.Time) error {
	for _, e := range entries {
		e.Team, e.Version, e.At = team, version, now
		if _, err := q.ExecContext(ctx, "INSERT INTO ledger ("+names(ledgerColumns(&e), "")+
			") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", destinations(ledgerColumns(&e))...); err != nil {
			return err
		}
	}
	return nil
}

func loadLedger(ctx context.Context, q querier, team schedule.TeamID, before schedule.Date) ([]schedule.LedgerEntry, error) {
	var entries []schedule.LedgerEntry
	err := each(ctx, q, func(scan scanner) error {
		var e schedule.LedgerEntry
		var standing int
		if err := scan(append(destinations(ledgerColumns(&e)), &standing)...); err != nil {
			return err
		}
		if e.Version > 0 {
			days := e.Last.Sub(e.First) + 1
			if standing == 0 {
				return nil
			}
			e.Done, e.Fair = portion(e.Done, standing, days), portion(e.Fair, standing, days)
		} else if !before.IsZero() && !e.Last.Before(before) {
			return nil
		}
		entries = append(entries, e)
		return nil
	}, "SELECT "+names(ledgerColumns(&schedule.LedgerEntry{}), "l.")+`, (SELECT count(*) FROM rosters r JOIN published_days d ON d.roster = r.id
		WHERE r.team = l.team AND r.version = l.version AND (?2 = '' OR d.day < ?2))
		FROM ledger l WHERE l.team = ?1 ORDER BY l.last_day, l.agent, l.id`, team, text(&before))
	return entries, err
}

// portion is the part of a burden that n of its days bring, rounded to whole minutes.
func portion(b schedule.Burden, n, days int) schedule.Burden {
	part := func(x int) int { return (2*x*n + days) / (2 * days) }
	return schedule.Burden{
		Night: schedule.Minutes(part(int(b.Night))), Weekend: schedule.Minutes(part(int(b.Weekend))),
		Holiday: schedule.Minutes(part(int(b.Holiday))), ShortNotice: schedule.Minutes(part(int(b.ShortNotice))),
		Extra: schedule.Points(part(int(b.Extra))),
	}
}
