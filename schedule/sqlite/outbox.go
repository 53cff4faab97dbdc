package sqlite

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"rota/schedule"
)

func messageColumns(m *schedule.Message) []column {
	return []column{
		col("team", &m.Team), col("kind", &m.Kind), col("assignment", &m.Assignment), col("version", &m.Version),
		col("recipient", &m.Recipient), col("step", &m.Step), col("agent", &m.Agent), col("slot", &m.Slot),
		col("due", instant(&m.Due)), col("expires", instant(&m.Expires)), col("body", &m.Body), col("state", &m.State),
		col("attempts", &m.Attempts), col("leased_by", &m.LeasedBy), col("leased_until", instant(&m.LeasedUntil)),
		col("conversation", &m.Conversation), col("stamp", &m.Stamp), col("problem", &m.Problem),
		col("created_at", instant(&m.CreatedAt)), col("changed_at", instant(&m.ChangedAt)),
		col("edited_at", instant(&m.EditedAt)),
	}
}

// MessageQuery chooses messages. Empty fields choose all.
type MessageQuery struct {
	Team       schedule.TeamID
	States     []schedule.MessageState
	Kind       schedule.MessageKind
	Assignment schedule.UID
	Agent      schedule.AgentID
	// From and To choose messages due in [From, To).
	From, To time.Time
	// Limit is how many at most; 0 for all.
	Limit int
}

// Messages lists messages by when they are due, then by id.
func (s *Store) Messages(ctx context.Context, m MessageQuery) ([]schedule.Message, error) {
	var list []schedule.Message
	err := s.view(ctx, func(q querier) (err error) {
		list, err = messages(ctx, q, m)
		return err
	})
	return list, err
}

func messages(ctx context.Context, q querier, m MessageQuery) ([]schedule.Message, error) {
	states, err := json.Marshal(append([]schedule.MessageState{}, m.States...))
	if err != nil {
		return nil, err
	}
	return selectMessages(ctx, q, `(?1 = '' OR team = ?1) AND (?2 = '[]' OR state IN (SELECT value FROM json_each(?2)))
		AND (?3 = '' OR kind = ?3) AND (?4 = '' OR assignment = ?4) AND (?5 = '' OR agent = ?5)
		AND (?6 IS NULL OR due >= ?6) AND (?7 IS NULL OR due < ?7) ORDER BY due, id LIMIT ?8`,
		m.Team, string(states), m.Kind, m.Assignment, m.Agent, instant(&m.From), instant(&m.To), cmp.Or(m.Limit, -1))
}

func selectMessages(ctx context.Context, q querier, where string, args ...any) ([]schedule.Message, error) {
	var list []schedule.Message
	err := each(ctx, q, func(scan scanner) error {
		var m schedule.Message
		err := scan(append([]any{&m.ID}, destinations(messageColumns(&m))...)...)
		list = append(list, m)
		return err
	}, "SELECT id, "+names(messageColumns(&schedule.Message{}), "")+" FROM outbox WHERE "+where, args...)
	return list, err
}

// Enqueue puts messages into the outbox, pending, and says how many were new: one whose key is there already, in
// whatever state, is left as it is. All are put in or none.
func (s *Store) Enqueue(ctx context.Context, now time.Time, list ...schedule.Message) (int, error) {
	added := 0
	err := s.update(ctx, func(q querier) error {
		added = 0
		for _, m := range list {
			fresh, err := enqueue(ctx, q, m, now)
			if err != nil {
				return err
			}
			if fresh {
				added++
			}
		}
		return nil
	})
	return added, err
}

func enqueue(ctx context.Context, q querier, m schedule.Message, now time.Time) (bool, error) {
	if m.Kind == "" || m.Recipient == "" || m.Due.IsZero() {
		return false, fmt.Errorf("%w: a message needs a kind, a recipient and an instant", ErrInvalid)
	}
	m = schedule.Message{MessageKey: m.MessageKey, Agent: m.Agent, Slot: m.Slot, Due: m.Due, Expires: m.Expires, Body: m.Body,
		State: schedule.MessagePending, CreatedAt: now, ChangedAt: now}
	columns := messageColumns(&m)
	result, err := q.ExecContext(ctx, "INSERT INTO outbox ("+names(columns, "")+") VALUES (?"+strings.Repeat(", ?", len(columns)-1)+
		") ON CONFLICT (team, kind, assignment, version, recipient, step) DO NOTHING", destinations(columns)...)
	if err != nil {
		return false, err
	}
	n, err := result.RowsAffected()
	return n == 1, err
}

// Lease takes up to n messages that are due and not stale, the longest due first, for one sender until an instant:
// they are sending, and nobody else gets them. A sender that has not settled a message by then is taken to have died
// while sending it, and the message becomes unknown. owner names the sender, such as a process on a machine.
func (s *Store) Lease(ctx context.Context, owner string, n int, now, until time.Time) ([]schedule.Message, error) {
	if owner == "" || !until.After(now) {
		return nil, fmt.Errorf("%w: a lease needs an owner and time", ErrInvalid)
	}
	var leased []schedule.Message
	err := s.update(ctx, func(q querier) error {
		if err := giveUpLeases(ctx, q, now); err != nil {
			return err
		}
		list, err := selectMessages(ctx, q, `state IN ('pending', 'retry') AND due <= ?1 AND (expires IS NULL OR expires > ?1)
			ORDER BY due, id LIMIT ?2`, instant(&now), max(n, 0))
		if err != nil {
			return err
		}
		for i := range list {
			m := &list[i]
			m.State, m.LeasedBy, m.LeasedUntil, m.ChangedAt = schedule.MessageSending, owner, whole(until), whole(now)
			m.Attempts++
			if _, err := q.ExecContext(ctx, `UPDATE outbox SET state = ?, leased_by = ?, leased_until = ?, changed_at = ?, attempts = ? WHERE id = ?`,
				m.State, m.LeasedBy, instant(&m.LeasedUntil), instant(&m.ChangedAt), m.Attempts, m.ID); err != nil {
				return err
			}
		}
		leased = list
		return nil
	})
	return leased, err
}

func giveUpLeases(ctx context.Context, q querier, now time.Time) error {
	_, err := q.ExecContext(ctx, `UPDATE outbox SET state = 'unknown', leased_until = NULL, changed_at = ?1,
		problem = 'the sender did not report back' WHERE state = 'sending' AND leased_until <= ?1`, instant(&now))
	return err
}

// GiveUpLeases makes unknown what was leased until now or earlier and not settled, and lists everything unknown, to be
// looked up before anything is sent again. Lease does the first part too.
func (s *Store) GiveUpLeases(ctx context.Context, now time.Time) ([]schedule.Message, error) {
	var list []schedule.Message
	err := s.update(ctx, func(q querier) (err error) {
		if err := giveUpLeases(ctx, q, now); err != nil {
			return err
		}
		list, err = messages(ctx, q, MessageQuery{States: []schedule.MessageState{schedule.MessageUnknown}})
		return err
	})
	return list, err
}

// Settle records what became of a message that owner has leased, or that is unknown and was looked up, by whomever. A
// sender may still settle a message as sent when its lease has run out. Anything else gives ErrLeaseLost and changes
// nothing; settling the same way twice is no error.
func (s *Store) Settle(ctx context.Context, id schedule.MessageID, owner string, to schedule.Settlement, now time.Time) error {
	switch to.State {
	case schedule.MessageSent, schedule.MessageRetry, schedule.MessageDead, schedule.MessageUnknown, schedule.MessageWithdrawn, schedule.MessagePending:
	default:
		return fmt.Errorf("%w: a message cannot become %q", ErrInvalid, to.State)
	}
	return s.update(ctx, func(q querier) error {
		found, err := selectMessages(ctx, q, `id = ?`, id)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return &NotFoundError{Kind: "message", Key: fmt.Sprint(id)}
		}
		m := found[0]
		switch {
		case m.State == schedule.MessageSending && m.LeasedBy == owner, m.State == schedule.MessageUnknown:
		case m.State == to.State && m.State != schedule.MessageSending && m.LeasedBy == owner && m.Stamp == to.Stamp:
			return nil
		default:
			return fmt.Errorf("%w: message %d is %s", ErrLeaseLost, id, m.State)
		}
		due := m.Due
		if to.State == schedule.MessageRetry || to.State == schedule.MessagePending {
			if to.NotBefore.After(due) {
				due = to.NotBefore
			}
		}
		_, err = q.ExecContext(ctx, `UPDATE outbox SET state = ?, leased_until = NULL, leased_by = ?, due = ?, conversation = ?, stamp = ?,
			problem = ?, changed_at = ? WHERE id = ?`, to.State, owner, instant(&due),
			cmp.Or(to.Conversation, m.Conversation), cmp.Or(to.Stamp, m.Stamp), to.Problem, instant(&now), id)
		return err
	})
}

// Withdraw takes messages back that wait, and says how many were; those sent, given up or being sent stay as they are.
func (s *Store) Withdraw(ctx context.Context, now time.Time, why string, ids ...schedule.MessageID) (int, error) {
	n := 0
	err := s.update(ctx, func(q querier) error {
		n = 0
		for _, id := range ids {
			done, err := withdraw(ctx, q, id, why, now)
			if err != nil {
				return err
			}
			n += done
		}
		return nil
	})
	return n, err
}

func withdraw(ctx context.Context, q querier, id schedule.MessageID, why string, now time.Time) (int, error) {
	result, err := q.ExecContext(ctx, `UPDATE outbox SET state = 'withdrawn', problem = ?, changed_at = ?
		WHERE id = ? AND state IN ('pending', 'retry')`, why, instant(&now), id)
	if err != nil {
		return 0, err
	}
	n, err := result.RowsAffected()
	return int(n), err
}

// Expire gives up the waiting messages that are stale, and lists them, so that somebody can be told what was missed.
func (s *Store) Expire(ctx context.Context, now time.Time) ([]schedule.Message, error) {
	var stale []schedule.Message
	err := s.update(ctx, func(q querier) (err error) {
		if stale, err = selectMessages(ctx, q, `state IN ('pending', 'retry') AND expires <= ? ORDER BY due, id`, instant(&now)); err != nil {
			return err
		}
		for i := range stale {
			m := &stale[i]
			m.State, m.Problem, m.ChangedAt = schedule.MessageDead, "too late", whole(now)
			if _, err := q.ExecContext(ctx, `UPDATE outbox SET state = ?, problem = ?, changed_at = ? WHERE id = ?`,
				m.State, m.Problem, instant(&m.ChangedAt), m.ID); err != nil {
				return err
			}
		}
		return nil
	})
	return stale, err
}

// Edited records that a sent message was brought to its last form. Doing so twice keeps the first instant.
func (s *Store) Edited(ctx context.Context, id schedule.MessageID, now time.Time) error {
	return s.update(ctx, func(q querier) error {
		_, err := q.ExecContext(ctx, `UPDATE outbox SET edited_at = ? WHERE id = ? AND state = 'sent' AND edited_at IS NULL`, instant(&now), id)
		return err
	})
}

// Forget removes messages that came to their end, sent, dead or withdrawn, before an instant, and that would be stale by
// then, so that nothing calls for them again. It says how many. It writes only when there is something to remove.
func (s *Store) Forget(ctx context.Context, before time.Time) (int, error) {
	const old = ` FROM outbox WHERE state IN ('sent', 'dead', 'withdrawn') AND changed_at < ?1 AND due < ?1 AND (expires IS NULL OR expires < ?1)`
	any := false
	if err := s.view(ctx, func(q querier) error {
		return q.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1"+old+")", instant(&before)).Scan(&any)
	}); err != nil || !any {
		return 0, err
	}
	n := int64(0)
	err := s.update(ctx, func(q querier) error {
		result, err := q.ExecContext(ctx, "DELETE"+old, instant(&before))
		if err != nil {
			return err
		}
		n, err = result.RowsAffected()
		return err
	})
	return int(n), err
}
