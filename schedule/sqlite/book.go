package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"rota/schedule"
)

// Revision counts the changes of a team's book, from 1; 0 is a team that is not in the database.
type Revision = int64

// TeamInfo is a team in a list.
type TeamInfo struct {
	ID       schedule.TeamID
	Name     string
	Zone     string
	Revision Revision
	// Agents is how many people it has.
	Agents int
}

// ListTeams lists the teams by id.
func (s *Store) ListTeams(ctx context.Context) ([]TeamInfo, error) {
	var teams []TeamInfo
	err := s.view(ctx, func(q querier) error {
		return each(ctx, q, func(scan scanner) error {
			var t TeamInfo
			err := scan(&t.ID, &t.Name, &t.Zone, &t.Revision, &t.Agents)
			teams = append(teams, t)
			return err
		}, `SELECT id, name, zone, revision, (SELECT count(*) FROM agents a WHERE a.team = t.id) FROM teams t ORDER BY id`)
	})
	return teams, err
}

// LoadBook reads what a team states, in the order in which it was written, with the revision to save it over. It gives
// a *NotFoundError when there is no such team.
func (s *Store) LoadBook(ctx context.Context, team schedule.TeamID) (schedule.Book, Revision, error) {
	var book schedule.Book
	var revision Revision
	err := s.view(ctx, func(q querier) (err error) {
		book, revision, err = loadBook(ctx, q, team)
		return err
	})
	return book, revision, err
}

// SaveBook writes a book over revision base of its team, 0 for a team that is new, and gives the new revision, or base
// when nothing differs. When the team is at another revision it writes nothing and gives a *ConflictError. Each entry
// that was added, changed, removed or moved leaves a row in the audit log. The book is normalized, its instants cut to
// whole seconds; it is to be valid.
func (s *Store) SaveBook(ctx context.Context, book schedule.Book, base Revision, who string, now time.Time) (Revision, error) {
	var saved Revision
	err := s.update(ctx, func(q querier) error {
		old, current, err := loadBook(ctx, q, book.Team.ID)
		var missing *NotFoundError
		if err != nil && !errors.As(err, &missing) {
			return err
		}
		if current != base {
			return &ConflictError{Team: book.Team.ID, Base: base, Current: current}
		}
		saved, err = writeBook(ctx, q, old, book, current, who, now)
		return err
	})
	return saved, err
}

// UpdateBook loads a team's book, lets change edit it, and saves it, all in one transaction, so that no writer anywhere
// can come between and nothing is lost. It gives a *NotFoundError when there is no such team, and otherwise what
// SaveBook gives. When change gives an error nothing is written and that error is returned. change must be quick and
// must not write to the Store; it may validate, and it may not give the team another id.
func (s *Store) UpdateBook(ctx context.Context, team schedule.TeamID, who string, now time.Time, change func(*schedule.Book) error) (Revision, error) {
	var saved Revision
	err := s.update(ctx, func(q querier) error {
		old, current, err := loadBook(ctx, q, team)
		if err != nil {
			return err
		}
		// Loaded twice rather than copied, so that what change does to lists and maps cannot reach the old book.
		next, _, err := loadBook(ctx, q, team)
		if err != nil {
			return err
		}
		if err := change(&next); err != nil {
			return passed{err}
		}
		if next.Team.ID != team {
			return fmt.Errorf("%w: the id of team %s cannot change", ErrInvalid, team)
		}
		saved, err = writeBook(ctx, q, old, next, current, who, now)
		return err
	})
	return saved, err
}

// section is one list of a book and its table.
type section struct {
	kind string
	load func(ctx context.Context, q querier, book *schedule.Book) error
	save func(ctx context.Context, q querier, old, next *schedule.Book) ([]rowChange, error)
}

// rowChange is a row that was written or removed.
type rowChange struct {
	op  schedule.ChangeOp
	key string
	// entry is what was added or removed, by column.
	entry map[string]any
}

// sections are in the order in which changes are logged, that of Book.Diff.
var sections = []section{
	listSection("shifts", "shifts", func(b *schedule.Book) *[]schedule.Shift { return &b.Shifts },
		func(s schedule.Shift) string { return string(s.ID) }, shiftColumns),
	listSection("demand", "demand", func(b *schedule.Book) *[]schedule.DemandLine { return &b.Demand },
		func(l schedule.DemandLine) string { return string(l.ID) }, demandColumns),
	listSection("contracts", "contracts", func(b *schedule.Book) *[]schedule.Contract { return &b.Contracts },
		func(c schedule.Contract) string { return string(c.ID) }, contractColumns),
	listSection("rules", "rules", func(b *schedule.Book) *[]schedule.Rule { return &b.Rules },
		func(r schedule.Rule) string { return string(r.ID) }, ruleColumns),
	listSection("patterns", "patterns", func(b *schedule.Book) *[]schedule.Pattern { return &b.Patterns },
		func(p schedule.Pattern) string { return string(p.ID) }, patternColumns),
	listSection("rotations", "rotations", func(b *schedule.Book) *[]schedule.Rotation { return &b.Rotations },
		func(r schedule.Rotation) string { return string(r.ID) }, rotationColumns),
	listSection("holidays", "holidays", func(b *schedule.Book) *[]schedule.Holiday { return &b.Holidays },
		schedule.Holiday.Key, holidayColumns),
	agentSection(),
	listSection("availability", "availability", func(b *schedule.Book) *[]schedule.Availability { return &b.Availability },
		func(a schedule.Availability) string { return string(a.ID) }, availabilityColumns),
	listSection("pins", "pins", func(b *schedule.Book) *[]schedule.Pin { return &b.Pins }, schedule.Pin.Key, pinColumns),
}

func listSection[E any](kind, table string, of func(*schedule.Book) *[]E, key func(E) string, columns func(*E) []column) section {
	return section{
		kind: kind,
		load: func(ctx context.Context, q querier, book *schedule.Book) error {
			var e E
			query := "SELECT " + names(columns(&e), "") + " FROM " + table + " WHERE team = ? ORDER BY position"
			entries := of(book)
			return each(ctx, q, func(scan scanner) error {
				var e E
				err := scan(destinations(columns(&e))...)
				*entries = append(*entries, e)
				return err
			}, query, book.Team.ID)
		},
		save: func(ctx context.Context, q querier, old, next *schedule.Book) ([]rowChange, error) {
			before, _, err := rows(*of(old), key, columns)
			if err != nil {
				return nil, err
			}
			after, order, err := rows(*of(next), key, columns)
			if err != nil {
				return nil, err
			}
			var done []rowChange
			for _, k := range slices.Sorted(maps.Keys(before)) {
				if _, stays := after[k]; stays {
					continue
				}
				r := before[k]
				where, args := r.where(next.Team.ID)
				if _, err := q.ExecContext(ctx, "DELETE FROM "+table+" WHERE "+where, args...); err != nil {
					return nil, fmt.Errorf("%s %s: %w", kind, k, err)
				}
				done = append(done, rowChange{op: schedule.Removed, key: k, entry: r.entry()})
			}
			for _, k := range order {
				r, was := after[k], before[k]
				if was.columns != nil && r.position == was.position && slices.Equal(r.values, was.values) {
					continue
				}
				if _, err := q.ExecContext(ctx, r.upsert(table), append([]any{next.Team.ID, r.position}, r.values...)...); err != nil {
					return nil, fmt.Errorf("%s %s: %w", kind, k, err)
				}
				switch {
				case was.columns == nil:
					done = append(done, rowChange{op: schedule.Added, key: k, entry: r.entry()})
				case !slices.Equal(r.values, was.values):
					done = append(done, rowChange{op: schedule.Changed, key: k})
				}
			}
			return done, nil
		},
	}
}

// row is one entry as its table holds it.
type row struct {
	columns  []column
	values   []any
	position int
}

// rows gives the entries by key, and the keys in their order.
func rows[E any](entries []E, key func(E) string, columns func(*E) []column) (map[string]row, []string, error) {
	m := make(map[string]row, len(entries))
	order := make([]string, len(entries))
	for i := range entries {
		k := key(entries[i])
		if _, twice := m[k]; twice {
			return nil, nil, fmt.Errorf("%w: %s is there twice", ErrInvalid, k)
		}
		cols := columns(&entries[i])
		values, err := bind(cols)
		if err != nil {
			return nil, nil, fmt.Errorf("%w: %s: %w", ErrInvalid, k, err)
		}
		m[k], order[i] = row{columns: cols, values: values, position: i}, k
	}
	return m, order, nil
}

func (r row) where(team schedule.TeamID) (string, []any) {
	where, args := "team = ?", []any{team}
	for i, c := range r.columns {
		if c.key {
			where += " AND " + c.name + " = ?"
			args = append(args, r.values[i])
		}
	}
	return where, args
}

func (r row) upsert(table string) string {
	var keys, sets []string
	for _, c := range r.columns {
		if c.key {
			keys = append(keys, c.name)
		} else {
			sets = append(sets, c.name+" = excluded."+c.name)
		}
	}
	return "INSERT INTO " + table + " (team, position, " + names(r.columns, "") + ") VALUES (?, ?" +
		strings.Repeat(", ?", len(r.columns)) + ") ON CONFLICT (team, " + strings.Join(keys, ", ") +
		") DO UPDATE SET " + strings.Join(append(sets, "position = excluded.position"), ", ")
}

// entry is the row for the audit log, so that what was removed can be looked up.
func (r row) entry() map[string]any {
	m := map[string]any{}
	for i, c := range r.columns {
		if v := r.values[i]; v != nil && v != "" {
			m[c.name] = v
		}
	}
	return m
}

func names(columns []column, prefix string) string {
	list := make([]string, len(columns))
	for i, c := range columns {
		list[i] = prefix + c.name
	}
	return strings.Join(list, ", ")
}

// agentSection is that of agents, with their languages and skills.
func agentSection() section {
	s := listSection("agents", "agents", func(b *schedule.Book) *[]schedule.Agent { return &b.Agents },
		func(a schedule.Agent) string { return string(a.ID) }, agentColumns)
	load, save := s.load, s.save
	s.load = func(ctx context.Context, q querier, book *schedule.Book) error {
		if err := load(ctx, q, book); err != nil {
			return err
		}
		place := make(map[schedule.AgentID]*schedule.Agent, len(book.Agents))
		for i := range book.Agents {
			place[book.Agents[i].ID] = &book.Agents[i]
		}
		err := each(ctx, q, func(scan scanner) error {
			var id schedule.AgentID
			var language schedule.Language
			var level schedule.Level
			if err := scan(&id, &language, text(&level)); err != nil {
				return err
			}
			a := place[id]
			if a.Languages == nil {
				a.Languages = map[schedule.Language]schedule.Level{}
			}
			a.Languages[language] = level
			return nil
		}, `SELECT agent, language, level FROM agent_languages WHERE team = ?`, book.Team.ID)
		if err != nil {
			return err
		}
		return each(ctx, q, func(scan scanner) error {
			var id schedule.AgentID
			var skill string
			var level schedule.SkillLevel
			if err := scan(&id, &skill, &level); err != nil {
				return err
			}
			a := place[id]
			if a.Skills == nil {
				a.Skills = map[string]schedule.SkillLevel{}
			}
			a.Skills[skill] = level
			return nil
		}, `SELECT agent, skill, level FROM agent_skills WHERE team = ?`, book.Team.ID)
	}
	s.save = func(ctx context.Context, q querier, old, next *schedule.Book) ([]rowChange, error) {
		done, err := save(ctx, q, old, next)
		if err != nil {
			return nil, err
		}
		before := make(map[schedule.AgentID]schedule.Agent, len(old.Agents))
		for _, a := range old.Agents {
			before[a.ID] = a
		}
		for _, a := range next.Agents {
			was, had := before[a.ID]
			if maps.Equal(a.Languages, was.Languages) && maps.Equal(a.Skills, was.Skills) {
				continue
			}
			if err := writeAbilities(ctx, q, next.Team.ID, a); err != nil {
				return nil, err
			}
			if had && !slices.ContainsFunc(done, func(c rowChange) bool { return c.key == string(a.ID) }) {
				done = append(done, rowChange{op: schedule.Changed, key: string(a.ID)})
			}
		}
		// The log of somebody who was added or removed holds what they can do as well.
		after := make(map[schedule.AgentID]schedule.Agent, len(next.Agents))
		for _, a := range next.Agents {
			after[a.ID] = a
		}
		for _, c := range done {
			a := after[schedule.AgentID(c.key)]
			if c.op == schedule.Removed {
				a = before[schedule.AgentID(c.key)]
			}
			if c.entry != nil {
				c.entry["languages"], c.entry["skills"] = a.Languages, a.Skills
			}
		}
		return done, nil
	}
	return s
}

func writeAbilities(ctx context.Context, q querier, team schedule.TeamID, a schedule.Agent) error {
	for _, table := range []string{"agent_languages", "agent_skills"} {
		if _, err := q.ExecContext(ctx, "DELETE FROM "+table+" WHERE team = ? AND agent = ?", team, a.ID); err != nil {
			return err
		}
	}
	for language, level := range a.Languages {
		if _, err := q.ExecContext(ctx, `INSERT INTO agent_languages (team, agent, language, level) VALUES (?, ?, ?, ?)`,
			team, a.ID, language, text(&level)); err != nil {
			return err
		}
	}
	for skill, level := range a.Skills {
		if _, err := q.ExecContext(ctx, `INSERT INTO agent_skills (team, agent, skill, level) VALUES (?, ?, ?, ?)`,
			team, a.ID, skill, level); err != nil {
			return err
		}
	}
	return nil
}

func loadBook(ctx context.Context, q querier, team schedule.TeamID) (schedule.Book, Revision, error) {
	var book schedule.Book
	var revision Revision
	columns := teamColumns(&book.Team)
	err := q.QueryRowContext(ctx, "SELECT revision, "+names(columns, "")+" FROM teams WHERE id = ?", team).
		Scan(append([]any{&revision}, destinations(columns)...)...)
	if errors.Is(err, sql.ErrNoRows) {
		return schedule.Book{}, 0, &NotFoundError{Kind: "team", Key: string(team)}
	}
	if err != nil {
		return schedule.Book{}, 0, err
	}
	for _, s := range sections {
		if err := s.load(ctx, q, &book); err != nil {
			return schedule.Book{}, 0, fmt.Errorf("%s: %w", s.kind, err)
		}
	}
	return book, revision, nil
}

// writeBook brings the tables from old to next.
func writeBook(ctx context.Context, q querier, old, next schedule.Book, current Revision, who string, now time.Time) (Revision, error) {
	next = next.Normalize()
	for i := range next.Availability {
		a := &next.Availability[i]
		a.At, a.Exact.Start, a.Exact.End = whole(a.At), whole(a.Exact.Start), whole(a.Exact.End)
	}
	columns := teamColumns(&next.Team)
	values, err := bind(columns)
	if err != nil {
		return 0, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	changes := old.Diff(next)
	if current == 0 {
		_, err = q.ExecContext(ctx, "INSERT INTO teams (revision, "+names(columns, "")+") VALUES (0"+strings.Repeat(", ?", len(columns))+")", values...)
	} else if before, failed := bind(teamColumns(&old.Team)); failed != nil || !slices.Equal(before, values) {
		var sets []string
		for _, c := range columns {
			sets = append(sets, c.name+" = ?")
		}
		_, err = q.ExecContext(ctx, "UPDATE teams SET "+strings.Join(sets, ", ")+" WHERE id = ?", append(values, next.Team.ID)...)
		if !slices.ContainsFunc(changes, func(c schedule.Change) bool { return c.Kind == "team" }) {
			changes = append([]schedule.Change{{Op: schedule.Changed, Kind: "team", Key: string(next.Team.ID)}}, changes...)
		}
	}
	if err != nil {
		return 0, err
	}
	entries := map[string]map[string]any{}
	for _, s := range sections {
		done, err := s.save(ctx, q, &old, &next)
		if err != nil {
			return 0, err
		}
		for _, d := range done {
			entries[s.kind+" "+d.key] = d.entry
			// What the comparison for people does not show, such as a number that became a word, is logged all the same.
			if !slices.ContainsFunc(changes, func(c schedule.Change) bool { return c.Kind == s.kind && c.Key == d.key }) {
				changes = append(changes, schedule.Change{Op: d.op, Kind: s.kind, Key: d.key})
			}
		}
	}
	if len(changes) == 0 {
		return current, nil
	}
	for _, c := range changes {
		var detail any = c.Fields
		if c.Op == schedule.Added || c.Op == schedule.Removed {
			detail = entries[c.Kind+" "+c.Key]
		}
		if err := logEntry(ctx, q, LogEntry{At: now, Who: who, Team: next.Team.ID, Op: string(c.Op), Kind: c.Kind, Key: c.Key}, detail); err != nil {
			return 0, err
		}
	}
	_, err = q.ExecContext(ctx, `UPDATE teams SET revision = ? WHERE id = ?`, current+1, next.Team.ID)
	return current + 1, err
}

// whole cuts an instant to the second, in UTC, as it is stored.
func whole(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return time.Unix(t.Unix(), 0).UTC()
}

type scanner func(...any) error

// each calls f for every row of a query.
func each(ctx context.Context, q querier, f func(scan scanner) error, query string, args ...any) (err error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if err := f(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// asJSON is for the log, where values are plain.
func asJSON(v any) (string, error) {
	if v == nil {
		return "null", nil
	}
	b, err := json.Marshal(v)
	return string(b), err
}
