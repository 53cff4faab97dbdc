package sqlite

import (
	"context"
	"crypto/rand"
	"database/sql"
	"database/sql/driver"
	"encoding/base32"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"rota/schedule"
)

// SaveDraft keeps a roster as a draft and gives it back as it is kept: with its version, and a UID for each
// assignment. Version 0 makes a new version, the next number of the team; any other replaces that draft. A version that
// was published gives ErrNotDraft. Every assignment is to be on one of the roster's Slots, whose roster days are within
// First and Last; otherwise the error is ErrInvalid. UIDs that the roster brings are not looked at.
func (s *Store) SaveDraft(ctx context.Context, r schedule.Roster, who string, now time.Time) (schedule.Roster, error) {
	var saved schedule.Roster
	err := s.update(ctx, func(q querier) (err error) {
		saved, err = saveDraft(ctx, q, r, who, now)
		return err
	})
	return saved, err
}

// EditDraft loads a draft, lets change edit it, and saves it under the same version, all in one transaction, so that of
// two people who change a draft at once neither loses anything. Errors of change are returned and nothing is written.
// change must be quick and must not write to the Store.
func (s *Store) EditDraft(ctx context.Context, team schedule.TeamID, version schedule.Version, who string, now time.Time, change func(*schedule.Roster) error) (schedule.Roster, error) {
	var saved schedule.Roster
	err := s.update(ctx, func(q querier) error {
		r, _, err := loadRoster(ctx, q, team, version)
		if err != nil {
			return err
		}
		if r.State != schedule.Draft {
			return notDraft(r)
		}
		if err := change(&r); err != nil {
			return passed{err}
		}
		r.Team, r.Version = team, version
		saved, err = saveDraft(ctx, q, r, who, now)
		return err
	})
	return saved, err
}

// DeleteDraft removes a draft. Its number is given again only if it was the highest. Published versions give
// ErrNotDraft.
func (s *Store) DeleteDraft(ctx context.Context, team schedule.TeamID, version schedule.Version, who string, now time.Time) error {
	return s.update(ctx, func(q querier) error {
		id, r, err := rosterHeader(ctx, q, team, version)
		if err != nil {
			return err
		}
		if r.State != schedule.Draft {
			return notDraft(r)
		}
		if _, err := q.ExecContext(ctx, `DELETE FROM rosters WHERE id = ?`, id); err != nil {
			return err
		}
		return logEntry(ctx, q, rosterLog(r, "removed", who, now), nil)
	})
}

// Rosters lists the versions of a team from the lowest, without slots and assignments.
func (s *Store) Rosters(ctx context.Context, team schedule.TeamID) ([]schedule.Roster, error) {
	var list []schedule.Roster
	err := s.view(ctx, func(q querier) error {
		if err := requireTeam(ctx, q, team); err != nil {
			return err
		}
		return each(ctx, q, func(scan scanner) error {
			var r schedule.Roster
			err := scan(destinations(rosterColumns(&r))...)
			list = append(list, r)
			return err
		}, "SELECT "+names(rosterColumns(&schedule.Roster{}), "")+" FROM rosters WHERE team = ? ORDER BY version", team)
	})
	return list, err
}

// LoadRoster reads one version with everything in it. It gives a *NotFoundError when the team has no such version.
func (s *Store) LoadRoster(ctx context.Context, team schedule.TeamID, version schedule.Version) (schedule.Roster, error) {
	var r schedule.Roster
	err := s.view(ctx, func(q querier) (err error) {
		r, _, err = loadRoster(ctx, q, team, version)
		return err
	})
	return r, err
}

// InForce is what people go by on the roster days [first, last]: the slots and assignments of the latest publication
// for each day, as one roster of the state published. Its version, cost and the like are those of the latest
// publication among them. It is nil when nothing is published for any of the days.
func (s *Store) InForce(ctx context.Context, team schedule.TeamID, first, last schedule.Date) (*schedule.Roster, error) {
	var r *schedule.Roster
	err := s.view(ctx, func(q querier) (err error) {
		r, err = inForce(ctx, q, team, first, last)
		return err
	})
	return r, err
}

// VersionOn is the version that people go by on a roster day, 0 when none is published for it.
func (s *Store) VersionOn(ctx context.Context, team schedule.TeamID, day schedule.Date) (schedule.Version, error) {
	var v schedule.Version
	err := s.view(ctx, func(q querier) error {
		err := q.QueryRowContext(ctx, `SELECT r.version FROM published_days d JOIN rosters r ON r.id = d.roster
			WHERE d.team = ? AND d.day = ?`, team, text(&day)).Scan(&v)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		return err
	})
	return v, err
}

// PublishedBetween lists the published slots that share an instant with [from, to), by start, and who is on them. It is
// one indexed read.
func (s *Store) PublishedBetween(ctx context.Context, team schedule.TeamID, from, to time.Time) ([]schedule.Slot, []schedule.Assignment, error) {
	var slots []schedule.Slot
	var on []schedule.Assignment
	err := s.view(ctx, func(q querier) (err error) {
		slots, on, err = published(ctx, q, `s.ends > ?2 AND s.starts < ?3`, team, instant(&from), instant(&to))
		return err
	})
	return slots, on, err
}

// published lists slots and assignments in force, chosen by a condition over s, the slot, and d, its day. ?1 is the team.
func published(ctx context.Context, q querier, where string, args ...any) ([]schedule.Slot, []schedule.Assignment, error) {
	slots, err := publishedSlots(ctx, q, where, args...)
	if err != nil {
		return nil, nil, err
	}
	var on []schedule.Assignment
	err = each(ctx, q, func(scan scanner) error {
		var a schedule.Assignment
		err := scan(&a.Slot, &a.Agent, &a.Source, &a.UID)
		on = append(on, a)
		return err
	}, "SELECT a.slot, a.agent, a.source, a.uid"+fromPublished+" CROSS JOIN assignments a ON a.roster = s.roster AND a.slot = s.slot WHERE d.team = ?1 AND "+
		where+" ORDER BY a.slot, a.agent", args...)
	return slots, on, err
}

// fromPublished is the slots in force. CROSS JOIN keeps the order: left to itself SQLite reads all assignments of a roster
// once for each of its days.
const fromPublished = ` FROM published_days d CROSS JOIN roster_slots s ON s.roster = d.roster AND s.day = d.day `

func publishedSlots(ctx context.Context, q querier, where string, args ...any) ([]schedule.Slot, error) {
	var slots []schedule.Slot
	err := each(ctx, q, func(scan scanner) error {
		var slot schedule.Slot
		err := scan(destinations(slotColumns(&slot))...)
		slots = append(slots, slot)
		return err
	}, "SELECT "+names(slotColumns(&schedule.Slot{}), "s.")+fromPublished+" WHERE d.team = ?1 AND "+where+" ORDER BY s.starts, s.position, s.slot", args...)
	return slots, err
}

func inForce(ctx context.Context, q querier, team schedule.TeamID, first, last schedule.Date) (*schedule.Roster, error) {
	var r schedule.Roster
	err := q.QueryRowContext(ctx, "SELECT "+names(rosterColumns(&r), "")+` FROM rosters WHERE team = ?1 AND id IN
		(SELECT roster FROM published_days WHERE team = ?1 AND day BETWEEN ?2 AND ?3) ORDER BY publication DESC LIMIT 1`,
		team, text(&first), text(&last)).Scan(destinations(rosterColumns(&r))...)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	r.First, r.Last = first, last
	r.Slots, r.Assignments, err = published(ctx, q, `d.day BETWEEN ?2 AND ?3`, team, text(&first), text(&last))
	return &r, err
}

func rosterColumns(r *schedule.Roster) []column {
	return []column{
		col("team", &r.Team), col("version", &r.Version), col("first_day", text(&r.First)), col("last_day", text(&r.Last)),
		col("state", &r.State), col("cost", &r.Cost), col("bound", optional(&r.Bound)), col("status", &r.Status),
		col("seed", &r.Seed), col("work", &r.Work), col("based_on", &r.BasedOn), col("seen", &r.Seen),
		col("created_by", &r.CreatedBy), col("created_at", instant(&r.CreatedAt)),
		col("published_by", &r.PublishedBy), col("published_at", instant(&r.PublishedAt)),
		col("note", &r.Note), col("reason", &r.Reason),
	}
}

func slotColumns(s *schedule.Slot) []column {
	return []column{
		col("slot", &s.ID), col("shift", &s.Shift), col("date", text(&s.Date)), col("day", text(&s.Day)),
		col("starts", instant(&s.Start)), col("ends", instant(&s.End)), col("moved", &s.Moved), col("paid", &s.Paid),
		col("tags", list(&s.Tags)), col("burden", &s.Burden), col("demand", demand(&s.Demand)),
	}
}

// demand keeps what a slot needs as JSON: it is read and written whole.
func demand(d *schedule.Demand) field {
	one := []schedule.Demand{}
	f := mapped(&one, func(d schedule.Demand) storedDemand {
		s := storedDemand{Min: d.Min, Target: d.Target, Max: d.Max, MinWeight: d.MinWeight, TargetWeight: d.TargetWeight,
			MaxWeight: d.MaxWeight, Notes: d.Notes}
		for _, l := range d.Languages {
			s.Languages = append(s.Languages, storedLanguage(l))
		}
		for _, k := range d.Skills {
			s.Skills = append(s.Skills, storedSkill(k))
		}
		return s
	}, func(s storedDemand) schedule.Demand {
		d := schedule.Demand{Min: s.Min, Target: s.Target, Max: s.Max, MinWeight: s.MinWeight, TargetWeight: s.TargetWeight,
			MaxWeight: s.MaxWeight, Notes: s.Notes}
		for _, l := range s.Languages {
			d.Languages = append(d.Languages, schedule.LanguageDemand(l))
		}
		for _, k := range s.Skills {
			d.Skills = append(d.Skills, schedule.SkillDemand(k))
		}
		return d
	})
	get, set := f.get, f.set
	return field{
		get: func() (driver.Value, error) { one = []schedule.Demand{*d}; return get() },
		set: func(src any) error {
			if err := set(src); err != nil {
				return err
			}
			if len(one) != 1 {
				return wrongForm(src)
			}
			*d = one[0]
			return nil
		},
	}
}

// rosterHeader reads a version without slots and assignments, and its row's number.
func rosterHeader(ctx context.Context, q querier, team schedule.TeamID, version schedule.Version) (int64, schedule.Roster, error) {
	var r schedule.Roster
	var id int64
	columns := rosterColumns(&r)
	err := q.QueryRowContext(ctx, "SELECT id, "+names(columns, "")+" FROM rosters WHERE team = ? AND version = ?", team, version).
		Scan(append([]any{&id}, destinations(columns)...)...)
	if errors.Is(err, sql.ErrNoRows) {
		if err := requireTeam(ctx, q, team); err != nil {
			return 0, r, err
		}
		return 0, r, &NotFoundError{Kind: "version", Key: strconv.Itoa(int(version)) + " of team " + string(team)}
	}
	return id, r, err
}

func requireTeam(ctx context.Context, q querier, team schedule.TeamID) error {
	var known bool
	err := q.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM teams WHERE id = ?)`, team).Scan(&known)
	if err == nil && !known {
		return &NotFoundError{Kind: "team", Key: string(team)}
	}
	return err
}

func loadRoster(ctx context.Context, q querier, team schedule.TeamID, version schedule.Version) (schedule.Roster, int64, error) {
	id, r, err := rosterHeader(ctx, q, team, version)
	if err != nil {
		return r, 0, err
	}
	err = each(ctx, q, func(scan scanner) error {
		var slot schedule.Slot
		err := scan(destinations(slotColumns(&slot))...)
		r.Slots = append(r.Slots, slot)
		return err
	}, "SELECT "+names(slotColumns(&schedule.Slot{}), "")+" FROM roster_slots WHERE roster = ? ORDER BY position", id)
	if err != nil {
		return r, 0, err
	}
	r.Assignments, err = assignmentsOf(ctx, q, id)
	return r, id, err
}

func assignmentsOf(ctx context.Context, q querier, id int64) ([]schedule.Assignment, error) {
	var list []schedule.Assignment
	err := each(ctx, q, func(scan scanner) error {
		var a schedule.Assignment
		err := scan(&a.Slot, &a.Agent, &a.Source, &a.UID)
		list = append(list, a)
		return err
	}, `SELECT slot, agent, source, uid FROM assignments WHERE roster = ? ORDER BY slot, agent`, id)
	return list, err
}

func notDraft(r schedule.Roster) error {
	return fmt.Errorf("%w: version %d of team %s is %s", ErrNotDraft, r.Version, r.Team, r.State)
}

func rosterLog(r schedule.Roster, op, who string, now time.Time) LogEntry {
	return LogEntry{At: now, Who: who, Team: r.Team, Op: op, Kind: "roster", Key: strconv.Itoa(int(r.Version))}
}

// checkRoster says what of a roster could not be stored, in words.
func checkRoster(r schedule.Roster) error {
	if r.First.IsZero() || r.Last.Before(r.First) {
		return fmt.Errorf("%w: a roster from %q to %q", ErrInvalid, r.First, r.Last)
	}
	known := make(map[schedule.SlotID]bool, len(r.Slots))
	for _, s := range r.Slots {
		switch {
		case known[s.ID]:
			return fmt.Errorf("%w: slot %s is there twice", ErrInvalid, s.ID)
		case s.Day.Before(r.First) || s.Day.After(r.Last):
			return fmt.Errorf("%w: slot %s of %s is outside the roster's days", ErrInvalid, s.ID, s.Day)
		}
		known[s.ID] = true
	}
	type pair struct {
		slot  schedule.SlotID
		agent schedule.AgentID
	}
	seen := make(map[pair]bool, len(r.Assignments))
	for _, a := range r.Assignments {
		switch {
		case !known[a.Slot]:
			return fmt.Errorf("%w: %s is on %s, which is no slot of the roster", ErrInvalid, a.Agent, a.Slot)
		case a.Agent == "":
			return fmt.Errorf("%w: an assignment on %s names no agent", ErrInvalid, a.Slot)
		case seen[pair{a.Slot, a.Agent}]:
			return fmt.Errorf("%w: %s is on %s twice", ErrInvalid, a.Agent, a.Slot)
		}
		seen[pair{a.Slot, a.Agent}] = true
	}
	return nil
}

// saveDraft writes a roster of version 0 as a new draft, or over the draft of its version.
func saveDraft(ctx context.Context, q querier, r schedule.Roster, who string, now time.Time) (schedule.Roster, error) {
	if err := checkRoster(r); err != nil {
		return r, err
	}
	var before []schedule.Assignment
	op := "changed"
	if r.Version == 0 {
		op = "added"
		if err := requireTeam(ctx, q, r.Team); err != nil {
			return r, err
		}
		if err := q.QueryRowContext(ctx, `SELECT coalesce(max(version), 0) + 1 FROM rosters WHERE team = ?`, r.Team).Scan(&r.Version); err != nil {
			return r, err
		}
		if r.CreatedAt.IsZero() {
			r.CreatedAt = now
		}
		if r.CreatedBy == "" {
			r.CreatedBy = who
		}
	} else {
		id, old, err := rosterHeader(ctx, q, r.Team, r.Version)
		if err != nil {
			return r, err
		}
		if old.State != schedule.Draft {
			return r, notDraft(old)
		}
		if before, err = assignmentsOf(ctx, q, id); err != nil {
			return r, err
		}
		r.CreatedBy, r.CreatedAt = old.CreatedBy, old.CreatedAt
		if _, err := q.ExecContext(ctx, `DELETE FROM rosters WHERE id = ?`, id); err != nil {
			return r, err
		}
	}
	r.State, r.PublishedBy, r.PublishedAt, r.Reason = schedule.Draft, "", time.Time{}, ""
	r.CreatedAt = whole(r.CreatedAt)
	if err := insertRoster(ctx, q, &r, now); err != nil {
		return r, err
	}
	return r, logEntry(ctx, q, rosterLog(r, op, who, now), difference(before, r.Assignments))
}

// difference is what a log says about a change of assignments.
func difference(before, after []schedule.Assignment) map[string]any {
	pairs := func(of, without []schedule.Assignment) []string {
		in := make(map[schedule.Assignment]bool, len(without))
		for _, a := range without {
			in[schedule.Assignment{Slot: a.Slot, Agent: a.Agent}] = true
		}
		list := []string{}
		for _, a := range of {
			if !in[schedule.Assignment{Slot: a.Slot, Agent: a.Agent}] {
				list = append(list, string(a.Slot)+" "+string(a.Agent))
			}
		}
		return list
	}
	return map[string]any{"assigned": pairs(after, before), "unassigned": pairs(before, after)}
}

// insertRoster writes a draft's rows and fills in the UIDs.
func insertRoster(ctx context.Context, q querier, r *schedule.Roster, now time.Time) error {
	columns := rosterColumns(r)
	result, err := q.ExecContext(ctx, "INSERT INTO rosters ("+names(columns, "")+") VALUES (?"+strings.Repeat(", ?", len(columns)-1)+")",
		destinations(columns)...)
	if err != nil {
		return err
	}
	id, err := result.LastInsertId()
	if err != nil {
		return err
	}
	for i := range r.Slots {
		slot := &r.Slots[i]
		slot.Start, slot.End = whole(slot.Start), whole(slot.End)
		columns := slotColumns(slot)
		if _, err := q.ExecContext(ctx, "INSERT INTO roster_slots (roster, position, "+names(columns, "")+") VALUES (?, ?"+strings.Repeat(", ?", len(columns))+")",
			append([]any{id, i}, destinations(columns)...)...); err != nil {
			return err
		}
	}
	// The caller's list is left alone.
	r.Assignments = append([]schedule.Assignment(nil), r.Assignments...)
	schedule.SortAssignments(r.Assignments)
	for i := range r.Assignments {
		a := &r.Assignments[i]
		if a.UID, err = uidOf(ctx, q, r.Team, a.Slot, a.Agent, now); err != nil {
			return err
		}
		if _, err := q.ExecContext(ctx, `INSERT INTO assignments (roster, slot, agent, source, uid) VALUES (?, ?, ?, ?, ?)`,
			id, a.Slot, a.Agent, a.Source, a.UID); err != nil {
			return err
		}
	}
	return nil
}

// uidOf is the permanent name of a pair, made on its first use: 128 random bits, so that it tells nothing.
func uidOf(ctx context.Context, q querier, team schedule.TeamID, slot schedule.SlotID, agent schedule.AgentID, now time.Time) (uid schedule.UID, err error) {
	err = q.QueryRowContext(ctx, `SELECT uid FROM assignment_uids WHERE team = ? AND slot = ? AND agent = ?`, team, slot, agent).Scan(&uid)
	if !errors.Is(err, sql.ErrNoRows) {
		return uid, err
	}
	var bits [16]byte
	_, _ = rand.Read(bits[:]) // never fails; it ends the program instead
	uid = schedule.UID(strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(bits[:])))
	_, err = q.ExecContext(ctx, `INSERT INTO assignment_uids (uid, team, slot, agent, created_at) VALUES (?, ?, ?, ?, ?)`,
		uid, team, slot, agent, now.Unix())
	return uid, err
}
