package sqlite

import (
	"cmp"
	"context"
	"encoding/json"
	"time"

	"rota/schedule"
)

// LogEntry is one row of the audit log: who did what, when.
type LogEntry struct {
	ID   int64
	At   time.Time
	Who  string
	Team schedule.TeamID
	// Op is added, changed, removed or reordered for what a team states, and a verb such as published for the rest.
	Op string
	// Kind is the section of a team file, such as agents, or roster, ledger, feed, note; Key the entry within it.
	Kind, Key string
	// Detail is JSON: for what was changed a list of fields with their old and new text, otherwise what was added,
	// removed or done; may be null.
	Detail string
}

// Fields are the changed fields of an entry that was changed; nil for other entries.
func (e LogEntry) Fields() []schedule.FieldChange {
	var stored []storedFieldChange
	if e.Op != string(schedule.Changed) || json.Unmarshal([]byte(e.Detail), &stored) != nil {
		return nil
	}
	var fields []schedule.FieldChange
	for _, f := range stored {
		fields = append(fields, schedule.FieldChange(f))
	}
	return fields
}

type storedFieldChange struct {
	Name string `json:"name"`
	Old  string `json:"old"`
	New  string `json:"new"`
}

// LogQuery chooses rows of the audit log. Empty fields choose all.
type LogQuery struct {
	Team      schedule.TeamID
	Kind, Key string
	// Since and Until are [Since, Until).
	Since, Until time.Time
	// Before chooses rows older than that id, for the next page.
	Before int64
	// Limit is how many rows at most; 0 for all.
	Limit int
}

// AuditLog lists rows of the log, newest first.
func (s *Store) AuditLog(ctx context.Context, l LogQuery) ([]LogEntry, error) {
	var entries []LogEntry
	err := s.view(ctx, func(q querier) error {
		return each(ctx, q, func(scan scanner) error {
			var e LogEntry
			err := scan(&e.ID, instant(&e.At), &e.Who, &e.Team, &e.Op, &e.Kind, &e.Key, &e.Detail)
			entries = append(entries, e)
			return err
		}, `SELECT id, at, who, team, op, kind, key, detail FROM audit_log
			WHERE (?1 = '' OR team = ?1) AND (?2 = '' OR kind = ?2) AND (?3 = '' OR key = ?3)
			AND (?4 IS NULL OR at >= ?4) AND (?5 IS NULL OR at < ?5) AND (?6 = 0 OR id < ?6)
			ORDER BY id DESC LIMIT ?7`,
			l.Team, l.Kind, l.Key, instant(&l.Since), instant(&l.Until), l.Before, cmp.Or(l.Limit, -1))
	})
	return entries, err
}

// logEntry adds a row to the audit log.
func logEntry(ctx context.Context, q querier, e LogEntry, detail any) error {
	if fields, ok := detail.([]schedule.FieldChange); ok {
		stored := make([]storedFieldChange, len(fields))
		for i, f := range fields {
			stored[i] = storedFieldChange(f)
		}
		detail = stored
	}
	text, err := asJSON(detail)
	if err != nil {
		return err
	}
	_, err = q.ExecContext(ctx, `INSERT INTO audit_log (at, who, team, op, kind, key, detail) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		e.At.Unix(), e.Who, e.Team, e.Op, e.Kind, e.Key, text)
	return err
}
