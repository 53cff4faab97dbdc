package sqlite

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"rota/schedule"
)

// PublishRequest says which version is to be published, and how.
type PublishRequest struct {
	Team    schedule.TeamID
	Version schedule.Version
	Who     string
	Now     time.Time
	// Reason is kept with the roster: why it is published with broken hard rules or over later changes. Empty otherwise.
	Reason string
	// Period says how much is loaded around the roster's days; its team, days, slots and instant are filled in.
	Period PeriodQuery
	// Prepare judges the roster and says what goes with it; an error keeps everything as it was. It runs inside the
	// transaction, so nothing it is shown can change before it is published; it must be quick and must not write to the
	// Store. Nil publishes without a look and without messages.
	Prepare func(Facts) (Publication, error)
}

// Facts is what is true at the moment of publishing.
type Facts struct {
	// Period is that of the roster; its Slots are the roster's own, and its Published is what people go by until now.
	Period *schedule.Period
	// Roster has its version, with the UIDs of its assignments. It is still a draft.
	Roster schedule.Roster
	// Waiting are the team's messages that are not sent, or not known to be, so that stale ones can be withdrawn.
	Waiting []schedule.Message
	// Notices are of the period's slots and of those around it.
	Notices Notices
	// Undone is what was published after the roster's maker looked and what it would take back, by start. It is empty
	// for Rollback, which is meant to take something back.
	Undone []Undone
}

// Publication is what is committed together with a roster.
type Publication struct {
	// Messages are put into the outbox; those that are there already are left alone.
	Messages []schedule.Message
	// Withdraw are messages that are no longer true. Those being sent at this moment are left alone.
	Withdraw []schedule.MessageID
	// Ledger is the burden that the roster brings.
	Ledger []schedule.LedgerEntry
	// Digest, when not nil, sums up what a calendar shows of an assignment beside slot, agent and times: an entry whose
	// digest differs from the last published one counts as changed.
	Digest func(schedule.Assignment, schedule.Slot) string
}

// Publish makes a draft the roster that people go by for its days, in one transaction with its messages, its burden and
// the log. Versions of which no day is left in force become superseded. It gives the roster as published. A version that
// is no draft gives ErrNotDraft; errors of Prepare are returned as they are.
func (s *Store) Publish(ctx context.Context, p PublishRequest) (schedule.Roster, error) {
	var r schedule.Roster
	err := s.update(ctx, func(q querier) (err error) {
		r, err = publish(ctx, q, p, "published")
		return err
	})
	return r, err
}

// Rollback publishes what an earlier version said, as a new version that is based on it, in one transaction: the request's
// Version is the one to go back to. Otherwise it is like Publish. Assignments that come back have the UIDs they had.
func (s *Store) Rollback(ctx context.Context, p PublishRequest) (schedule.Roster, error) {
	var r schedule.Roster
	err := s.update(ctx, func(q querier) error {
		old, _, err := loadRoster(ctx, q, p.Team, p.Version)
		if err != nil {
			return err
		}
		if old.State == schedule.Draft {
			return fmt.Errorf("%w: version %d of team %s was never published", ErrInvalid, p.Version, p.Team)
		}
		again := old
		again.Version, again.BasedOn, again.CreatedBy, again.CreatedAt = 0, old.Version, p.Who, p.Now
		again.Note = fmt.Sprintf("back to version %d", old.Version)
		if again, err = saveDraft(ctx, q, again, p.Who, p.Now); err != nil {
			return err
		}
		p.Version = again.Version
		r, err = publish(ctx, q, p, "rolled back")
		return err
	})
	return r, err
}

func publish(ctx context.Context, q querier, p PublishRequest, op string) (schedule.Roster, error) {
	r, id, err := loadRoster(ctx, q, p.Team, p.Version)
	if err != nil {
		return r, err
	}
	if r.State != schedule.Draft {
		return r, notDraft(r)
	}
	before, err := inForce(ctx, q, p.Team, r.First, r.Last)
	if err != nil {
		return r, err
	}
	var with Publication
	if p.Prepare != nil {
		pq := p.Period
		pq.Team, pq.First, pq.Last, pq.Now, pq.Slots = p.Team, r.First, r.Last, p.Now, r.Slots
		period, err := loadPeriod(ctx, q, pq)
		if err != nil {
			return r, err
		}
		waiting, err := messages(ctx, q, MessageQuery{Team: p.Team, States: []schedule.MessageState{
			schedule.MessagePending, schedule.MessageRetry, schedule.MessageSending, schedule.MessageUnknown}})
		if err != nil {
			return r, err
		}
		said, err := notices(ctx, q, p.Team, p.Now, period.Around, period.Slots)
		if err != nil {
			return r, err
		}
		facts := Facts{Period: period, Roster: r, Waiting: waiting, Notices: said}
		if op == "published" {
			if facts.Undone, err = undone(ctx, q, r); err != nil {
				return r, err
			}
		}
		if with, err = p.Prepare(facts); err != nil {
			return r, passed{err}
		}
	}
	r.State, r.PublishedBy, r.PublishedAt, r.Reason = schedule.Published, p.Who, whole(p.Now), p.Reason
	if _, err := q.ExecContext(ctx, `UPDATE rosters SET state = ?, published_by = ?, published_at = ?, reason = ?,
		(publication, seen) = (SELECT coalesce(max(publication), 0) + 1, coalesce(max(publication), 0) + 1 FROM rosters WHERE team = ?) WHERE id = ?`,
		r.State, r.PublishedBy, instant(&r.PublishedAt), r.Reason, r.Team, id); err != nil {
		return r, err
	}
	if err := q.QueryRowContext(ctx, `SELECT seen FROM rosters WHERE id = ?`, id).Scan(&r.Seen); err != nil {
		return r, err
	}
	for _, day := range schedule.RosterDays(r.First, r.Last) {
		if _, err := q.ExecContext(ctx, `INSERT INTO published_days (team, day, roster) VALUES (?, ?, ?)
			ON CONFLICT (team, day) DO UPDATE SET roster = excluded.roster`, r.Team, text(&day), id); err != nil {
			return r, err
		}
	}
	if _, err := q.ExecContext(ctx, `UPDATE rosters SET state = 'superseded' WHERE team = ? AND state = 'published'
		AND id NOT IN (SELECT roster FROM published_days)`, r.Team); err != nil {
		return r, err
	}
	if err := tellCalendars(ctx, q, r, with.Digest, p.Now); err != nil {
		return r, err
	}
	if err := insertLedger(ctx, q, r.Team, r.Version, with.Ledger, p.Now); err != nil {
		return r, err
	}
	for _, m := range with.Withdraw {
		if _, err := withdraw(ctx, q, m, fmt.Sprintf("version %d was published", r.Version), p.Now); err != nil {
			return r, err
		}
	}
	for _, m := range with.Messages {
		if _, err := enqueue(ctx, q, m, p.Now); err != nil {
			return r, err
		}
	}
	var was []schedule.Assignment
	if before != nil {
		was = before.Assignments
	}
	detail := difference(was, r.Assignments)
	detail["reason"], detail["messages"] = r.Reason, len(with.Messages)
	return r, logEntry(ctx, q, rosterLog(r, op, p.Who, p.Now), detail)
}

// CalendarEvent is what calendars are to show of one assignment that is, or was, published.
type CalendarEvent struct {
	UID   schedule.UID
	Team  schedule.TeamID
	Slot  schedule.SlotID
	Agent schedule.AgentID
	Shift schedule.ShiftID
	// Day is the roster day, [Start, End) the instants.
	Day        schedule.Date
	Start, End time.Time
	// Version is the roster of the last change, Sequence the number of changes since it was first published, and
	// ChangedAt the instant of the last.
	Version   schedule.Version
	Sequence  int
	ChangedAt time.Time
	// Cancelled says that the assignment was published once and is no more.
	Cancelled bool

	digest string
}

func eventColumns(e *CalendarEvent) []column {
	return []column{
		keyCol("uid", &e.UID), col("team", &e.Team), col("slot", &e.Slot), col("agent", &e.Agent), col("shift", &e.Shift),
		col("day", text(&e.Day)), col("starts", instant(&e.Start)), col("ends", instant(&e.End)),
		col("version", &e.Version), col("digest", &e.digest), col("sequence", &e.Sequence),
		col("changed_at", instant(&e.ChangedAt)), col("cancelled", &e.Cancelled),
	}
}

// CalendarQuery chooses events. Team is required; empty fields choose all.
type CalendarQuery struct {
	Team  schedule.TeamID
	Agent schedule.AgentID
	Shift schedule.ShiftID
	// From and To choose events that share an instant with [From, To).
	From, To time.Time
	// CancelledSince leaves out what was cancelled before; the zero Time leaves out everything cancelled.
	CancelledSince time.Time
}

// CalendarEvents lists what calendars are to show, in no order.
func (s *Store) CalendarEvents(ctx context.Context, c CalendarQuery) ([]CalendarEvent, error) {
	where, args := "{+}team = ?", []any{c.Team}
	and := func(condition string, arg any) {
		where += " AND " + condition
		args = append(args, arg)
	}
	if !c.From.IsZero() {
		and("{+}ends > ?", instant(&c.From))
	}
	if !c.To.IsZero() {
		and("{+}starts < ?", instant(&c.To))
	}
	inTime, timeArgs := where, slices.Clone(args)
	if c.Agent != "" {
		and("agent = ?", c.Agent)
	}
	if c.Shift != "" {
		and("shift = ?", c.Shift)
	}
	if c.CancelledSince.IsZero() {
		where += " AND NOT cancelled"
	} else {
		and("(NOT cancelled OR changed_at >= ?)", instant(&c.CancelledSince))
	}
	var events []CalendarEvent
	err := s.view(ctx, func(q querier) error {
		var some, all int
		err := q.QueryRowContext(ctx, "SELECT (SELECT count(*) FROM calendar_events WHERE "+strings.ReplaceAll(inTime, "{+}", "")+
			"), (SELECT count(*) FROM calendar_events)", timeArgs...).Scan(&some, &all)
		if err != nil {
			return err
		}
		// To find a row through the index takes as long as to pass by five. A window with much of what there is, such as a
		// year of a thousand agents, is read from one end to the other: a plus keeps SQLite, which does not count before it
		// plans, from the index.
		plus := ""
		if some > all/5 {
			plus = "+"
		}
		events, err = calendarEvents(ctx, q, some, strings.ReplaceAll(where, "{+}", plus), args...)
		return err
	})
	return events, err
}

// calendarEvents gives the chosen events, about so many, in no order.
func calendarEvents(ctx context.Context, q querier, about int, where string, args ...any) ([]CalendarEvent, error) {
	events := make([]CalendarEvent, 0, about)
	var e, last CalendarEvent
	row := destinations(eventColumns(&e))
	err := each(ctx, q, func(scan scanner) error {
		err := scan(row...)
		// Neighbours often speak of one slot: one copy of its words is enough for them.
		same(&e.Team, last.Team)
		same(&e.Slot, last.Slot)
		same(&e.Shift, last.Shift)
		same(&e.digest, last.digest)
		events, last = append(events, e), e
		return err
	}, "SELECT "+names(eventColumns(&CalendarEvent{}), "")+" FROM calendar_events WHERE "+where, args...)
	return events, err
}

// same lets go of a string that equals one that is kept anyway.
func same[T ~string](s *T, kept T) {
	if *s == kept {
		*s = kept
	}
}

// tellCalendars brings the events of a roster's days to what it says. An event whose content stays is left untouched.
func tellCalendars(ctx context.Context, q querier, r schedule.Roster, digest func(schedule.Assignment, schedule.Slot) string, now time.Time) error {
	// Events elsewhere can bear the UID of an assignment too, when its slot has moved to another roster day.
	known, err := calendarEvents(ctx, q, len(r.Assignments), `uid IN (SELECT uid FROM calendar_events WHERE team = ?1 AND day BETWEEN ?2 AND ?3
		UNION SELECT a.uid FROM assignments a JOIN rosters r ON r.id = a.roster WHERE r.team = ?1 AND r.version = ?4)`,
		r.Team, text(&r.First), text(&r.Last), r.Version)
	if err != nil {
		return err
	}
	old := make(map[schedule.UID]CalendarEvent, len(known))
	for _, e := range known {
		old[e.UID] = e
	}
	slots := make(map[schedule.SlotID]schedule.Slot, len(r.Slots))
	for _, s := range r.Slots {
		slots[s.ID] = s
	}
	put := func(e CalendarEvent) error {
		_, err := q.ExecContext(ctx, `INSERT OR REPLACE INTO calendar_events (`+names(eventColumns(&e), "")+`)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, destinations(eventColumns(&e))...)
		return err
	}
	stays := make(map[schedule.UID]bool, len(r.Assignments))
	for _, a := range r.Assignments {
		stays[a.UID] = true
		slot := slots[a.Slot]
		e := CalendarEvent{UID: a.UID, Team: r.Team, Slot: a.Slot, Agent: a.Agent, Shift: slot.Shift, Day: slot.Day,
			Start: slot.Start, End: slot.End}
		if digest != nil {
			e.digest = digest(a, slot)
		}
		was, had := old[a.UID]
		if had {
			same := was
			same.Version, same.Sequence, same.ChangedAt = 0, 0, time.Time{}
			if same == e {
				continue
			}
			e.Sequence = was.Sequence + 1
		}
		e.Version, e.ChangedAt = r.Version, whole(now)
		if err := put(e); err != nil {
			return err
		}
	}
	for _, e := range known {
		if stays[e.UID] || e.Cancelled {
			continue
		}
		e.Cancelled, e.Sequence, e.Version, e.ChangedAt = true, e.Sequence+1, r.Version, whole(now)
		if err := put(e); err != nil {
			return err
		}
	}
	return nil
}

// Stamp tells whether anything that a team's feeds and pages show may have changed: equal stamps mean it did not.
type Stamp struct {
	Revision    Revision
	Publication int64
}

// Stamp is the present stamp of a team. It is one small read.
func (s *Store) Stamp(ctx context.Context, team schedule.TeamID) (Stamp, error) {
	var st Stamp
	err := s.view(ctx, func(q querier) error {
		if err := requireTeam(ctx, q, team); err != nil {
			return err
		}
		return q.QueryRowContext(ctx, `SELECT revision, (SELECT coalesce(max(publication), 0) FROM rosters WHERE team = ?1)
			FROM teams WHERE id = ?1`, team).Scan(&st.Revision, &st.Publication)
	})
	return st, err
}
