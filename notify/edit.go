package notify

import (
	"context"
	"errors"
	"time"

	"rota/schedule"
)

const methodUpdate = "update"

// mostEdits bounds how many messages one run edits for a team: reminders are not to wait for kindness.
const mostEdits = 20

// finished lists messages that were sent and invite to something that is over, with how they are to read for good.
func (e *Engine) finished(ctx context.Context, rows []schedule.Message) ([]Planned, error) {
	type about struct {
		team schedule.TeamID
		at   time.Time
	}
	facts := map[about]*Situation{}
	now := e.Clock.Now()
	var list []Planned
	for _, m := range rows {
		if m.Kind != Offered || m.State != schedule.MessageSent || m.Stamp == "" || !m.EditedAt.IsZero() {
			continue
		}
		key := about{m.Team, About(m)}
		s := facts[key]
		if s == nil {
			var err error
			if s, err = e.Source.Situation(ctx, m.Team, now, key.at.AddDate(0, 0, -2), key.at.AddDate(0, 0, 2)); err != nil {
				return list, err
			}
			facts[key] = s
		}
		c, over, err := Over(s, m)
		if err != nil || !over {
			continue // what cannot be written stays as it was said
		}
		list = append(list, Planned{Message: m, To: string(m.Agent), Why: "what it asks for is over", Content: c})
	}
	return list, nil
}

// Finished lists the messages that the next run would edit for good, since what they invite to is over.
func (e *Engine) Finished(ctx context.Context, team schedule.TeamID) ([]Planned, error) {
	e.init()
	now := e.Clock.Now()
	s, err := e.Source.Situation(ctx, team, now, now.AddDate(0, 0, -2), now.Add(e.Ahead))
	if err != nil {
		return nil, err
	}
	rows, err := e.Outbox.Rows(ctx, team, since(s, now.AddDate(0, 0, -8)), now)
	if err != nil {
		return nil, err
	}
	return e.finished(ctx, rows)
}

// since is how far back messages are looked at: to an instant, or to when the oldest offer was opened that people may
// still have before them.
func since(s *Situation, oldest time.Time) time.Time {
	for _, o := range s.Offers {
		if o.Opened.Before(oldest) {
			oldest = o.Opened
		}
	}
	return oldest
}

// finish edits what invites to something that is over, once each. What the service refuses for good is not tried again,
// and what it did not answer is tried with the next run: writing the same twice is harmless.
func (e *Engine) finish(ctx context.Context, rows []schedule.Message, sum *Summary) error {
	list, err := e.finished(ctx, rows)
	if err != nil {
		return err
	}
	for i, p := range list {
		if i >= mostEdits || ctx.Err() != nil || e.limits.wait(methodUpdate, p.Recipient, e.Clock.Now()) > 0 {
			return ctx.Err()
		}
		err := e.edit(ctx, p.Message, p.Content)
		var no *Refusal
		switch {
		case errors.Is(err, ErrToken):
			return err
		case err == nil:
			sum.Edited++
		case errors.As(err, &no) && no.Limited:
			e.limits.block(methodUpdate, e.Clock.Now().Add(max(no.RetryAfter, e.Pause)))
			return nil
		case errors.As(err, &no) && no.Permanent:
		default:
			continue
		}
		if err := e.Outbox.Edited(ctx, p.ID, e.Clock.Now()); err != nil {
			return err
		}
	}
	return nil
}

// edit writes a sent message anew where it stands.
func (e *Engine) edit(ctx context.Context, m schedule.Message, c Content) error {
	call, cancel := context.WithTimeout(ctx, e.Timeout)
	defer cancel()
	return e.Messenger.Update(call, Receipt{Conversation: m.Conversation, Stamp: m.Stamp}, Outgoing{Content: c, Mark: Mark(m.MessageKey)})
}

// Refresh brings messages that were sent up to date where they stand: those of a team, due in [from, to), that choose
// picks. A handoff then shows who took over, an offer that it is taken. It is kind and not necessary, so what the service
// refuses is left as it is. It is safe for concurrent use.
func (e *Engine) Refresh(ctx context.Context, team schedule.TeamID, from, to time.Time, choose func(schedule.Message) bool) (int, error) {
	e.init()
	rows, err := e.Outbox.Rows(ctx, team, from, to)
	if err != nil {
		return 0, err
	}
	now := e.Clock.Now()
	n := 0
	for _, m := range rows {
		if m.State != schedule.MessageSent || m.Stamp == "" || !choose(m) {
			continue
		}
		about := About(m)
		s, err := e.Source.Situation(ctx, team, now, about.AddDate(0, 0, -2), about.AddDate(0, 0, 2))
		if err != nil {
			return n, err
		}
		c, ok, err := Recompose(s, m)
		if err != nil || !ok {
			continue
		}
		if err := e.edit(ctx, m, c); errors.Is(err, ErrToken) {
			return n, err
		} else if err != nil {
			continue
		}
		n++
		if _, over, err := Over(s, m); over && err == nil {
			if err := e.Outbox.Edited(ctx, m.ID, now); err != nil {
				return n, err
			}
		}
	}
	return n, nil
}
