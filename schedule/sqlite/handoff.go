package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"rota/schedule"
)

func noteColumns(n *schedule.HandoffNote) []column {
	return []column{
		col("team", &n.Team), col("slot", &n.Slot), col("agent", &n.Agent), col("text", &n.Text), col("by", &n.By),
		col("at", instant(&n.At)), col("done_by", &n.DoneBy), col("done_at", instant(&n.DoneAt)),
	}
}

// AddHandoffNote keeps a note and gives its id. A note without a slot stands until it is done.
func (s *Store) AddHandoffNote(ctx context.Context, n schedule.HandoffNote) (int64, error) {
	var id int64
	err := s.update(ctx, func(q querier) (err error) {
		id, err = addNote(ctx, q, n)
		return err
	})
	return id, err
}

// KeepHandoffNote is AddHandoffNote for what may be said twice, as by a button: where the same agent said the same of the
// same slot and it is not done, nothing changes, and fresh is false.
func (s *Store) KeepHandoffNote(ctx context.Context, n schedule.HandoffNote) (id int64, fresh bool, err error) {
	err = s.update(ctx, func(q querier) error {
		err := q.QueryRowContext(ctx, `SELECT id FROM handoff_notes WHERE team = ? AND slot = ? AND agent = ? AND text = ? AND done_at IS NULL`,
			n.Team, n.Slot, n.Agent, n.Text).Scan(&id)
		if fresh = errors.Is(err, sql.ErrNoRows); !fresh {
			return err
		}
		id, err = addNote(ctx, q, n)
		return err
	})
	return id, fresh, err
}

func addNote(ctx context.Context, q querier, n schedule.HandoffNote) (int64, error) {
	if n.Text == "" || n.At.IsZero() {
		return 0, fmt.Errorf("%w: a note needs a text and an instant", ErrInvalid)
	}
	if err := requireTeam(ctx, q, n.Team); err != nil {
		return 0, err
	}
	n.DoneBy, n.DoneAt = "", time.Time{}
	result, err := q.ExecContext(ctx, "INSERT INTO handoff_notes ("+names(noteColumns(&n), "")+") VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
		destinations(noteColumns(&n))...)
	if err != nil {
		return 0, err
	}
	id, err := result.LastInsertId()
	if err != nil {
		return 0, err
	}
	return id, logEntry(ctx, q, LogEntry{At: n.At, Who: n.By, Team: n.Team, Op: "added", Kind: "note", Key: fmt.Sprint(id)},
		map[string]string{"slot": string(n.Slot), "text": n.Text})
}

// FinishHandoffNote marks a note as done, so that it is passed on no longer. Doing so twice changes nothing.
func (s *Store) FinishHandoffNote(ctx context.Context, team schedule.TeamID, id int64, who string, now time.Time) error {
	return s.update(ctx, func(q querier) error {
		var open bool
		result, err := q.ExecContext(ctx, `UPDATE handoff_notes SET done_by = ?, done_at = ? WHERE team = ? AND id = ? AND done_at IS NULL`,
			who, instant(&now), team, id)
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil {
			return err
		} else if n == 1 {
			return logEntry(ctx, q, LogEntry{At: now, Who: who, Team: team, Op: "done", Kind: "note", Key: fmt.Sprint(id)}, nil)
		}
		if err := q.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM handoff_notes WHERE team = ? AND id = ?)`, team, id).Scan(&open); err != nil {
			return err
		}
		if !open {
			return &NotFoundError{Kind: "note", Key: fmt.Sprint(id)}
		}
		return nil
	})
}

// HandoffNotes lists the notes of the slots given, done or not, and the team's standing notes that are not done, by id.
func (s *Store) HandoffNotes(ctx context.Context, team schedule.TeamID, slots ...schedule.SlotID) ([]schedule.HandoffNote, error) {
	var notes []schedule.HandoffNote
	err := s.view(ctx, func(q querier) (err error) {
		notes, err = handoffNotes(ctx, q, team, append([]schedule.SlotID{}, slots...))
		return err
	})
	return notes, err
}

func handoffNotes(ctx context.Context, q querier, team schedule.TeamID, slots []schedule.SlotID) ([]schedule.HandoffNote, error) {
	var notes []schedule.HandoffNote
	err := each(ctx, q, func(scan scanner) error {
		var n schedule.HandoffNote
		err := scan(append([]any{&n.ID}, destinations(noteColumns(&n))...)...)
		notes = append(notes, n)
		return err
	}, "SELECT id, "+names(noteColumns(&schedule.HandoffNote{}), "")+` FROM handoff_notes WHERE team = ?1
		AND (slot = '' AND done_at IS NULL OR slot IN (SELECT value FROM json_each(?2))) ORDER BY id`, team, list(&slots))
	return notes, err
}

// TakeOver records that an agent has taken over a slot. The first word counts: fresh is false when it was given before.
func (s *Store) TakeOver(ctx context.Context, t schedule.Takeover) (fresh bool, err error) {
	err = s.update(ctx, func(q querier) error {
		result, err := q.ExecContext(ctx, `INSERT INTO takeovers (team, slot, agent, at) VALUES (?, ?, ?, ?)
			ON CONFLICT (team, slot, agent) DO NOTHING`, t.Team, t.Slot, t.Agent, instant(&t.At))
		if err != nil {
			return err
		}
		n, err := result.RowsAffected()
		fresh = n == 1
		return err
	})
	return fresh, err
}

// Takeovers lists who has taken over the slots given, by slot and agent.
func (s *Store) Takeovers(ctx context.Context, team schedule.TeamID, slots ...schedule.SlotID) ([]schedule.Takeover, error) {
	var taken []schedule.Takeover
	err := s.view(ctx, func(q querier) (err error) {
		taken, err = takeovers(ctx, q, team, append([]schedule.SlotID{}, slots...))
		return err
	})
	return taken, err
}

func takeovers(ctx context.Context, q querier, team schedule.TeamID, slots []schedule.SlotID) ([]schedule.Takeover, error) {
	var taken []schedule.Takeover
	err := each(ctx, q, func(scan scanner) error {
		t := schedule.Takeover{Team: team}
		err := scan(&t.Slot, &t.Agent, instant(&t.At))
		taken = append(taken, t)
		return err
	}, `SELECT slot, agent, at FROM takeovers WHERE team = ? AND slot IN (SELECT value FROM json_each(?)) ORDER BY slot, agent`,
		team, list(&slots))
	return taken, err
}
