package notify

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"
	"time"

	"rota/schedule"
)

// Engine delivers. Outbox, Source, Messenger, Clock and Owner are required; the zero value of everything else is its
// default. Several engines, in one process or many, may share an outbox. An engine is used by one goroutine at a time,
// but for Refresh.
//
// A message is late by no more than Bound after the service is reachable again, and never past its expiry.
type Engine struct {
	Outbox    Outbox
	Source    Source
	Messenger Messenger
	Clock     Clock
	// Owner names this engine, unlike any other, also unlike the same process when it was started before.
	Owner string
	// Random gives numbers in [0, 1) that spread attempts; nil spreads nothing.
	Random func() float64
	// Observe is told of everything that happens to a message; nil for nobody.
	Observe func(Event)

	// Batch is how many messages are leased at once; 0 for 10.
	Batch int
	// LeaseFor is how long a lease lasts; 0 for 2 minutes. Timeout is how long one call may take; 0 for 15 seconds. No
	// call begins that could outlast its lease.
	LeaseFor, Timeout time.Duration
	// Grace is how long an unknown message rests before it is looked up, so that a call that is still under way has ended
	// by then; 0 for a minute. Resend is how long it rests after it was looked up in vain; 0 for 30 seconds.
	Grace, Resend time.Duration
	// Attempts bounds how often a message is tried; 0 for 12. Backoff is the pause after the first attempt; it doubles, up
	// to 10 minutes; 0 for 5 seconds.
	Attempts int
	Backoff  time.Duration
	// Pause is the least time between two messages to one recipient; 0 for a second.
	Pause time.Duration
	// Ahead is how far messages are put into the outbox ahead of time; 0 for 72 hours. Tick is how often Watch looks; 0
	// for 15 seconds.
	Ahead, Tick time.Duration
	// Keep is how long messages are kept after they came to their end, for rota notify status; 0 for 90 days.
	Keep time.Duration

	once   sync.Once
	limits *limiter
	groups map[string]groupState
	// forgot is when old messages were last removed.
	forgot time.Time
}

// Event is something that happened to a message.
type Event struct {
	At      time.Time
	Message schedule.Message
	// State is what it is now, MessagePending for one that was put in or given back.
	State schedule.MessageState
	// To is who was told, by name, where that is known.
	To, Why string
	// Lookup says that the message was unknown and was looked up.
	Lookup bool
}

// Summary counts what a run did.
type Summary struct {
	Enqueued, Withdrawn, Sent, Retried, Dead, Unknown, Reconciled, GivenBack int
	// Edited were brought to their last form where they stand; Forgotten were removed, long after their end.
	Edited, Forgotten int
	// Groups are the user groups that were written, and GroupProblems why others could not be.
	Groups        []string
	GroupProblems []string
	Silences      []Silence
}

func (e *Engine) init() {
	e.once.Do(func() {
		set := func(d *time.Duration, to time.Duration) {
			if *d <= 0 {
				*d = to
			}
		}
		set(&e.LeaseFor, 2*time.Minute)
		set(&e.Timeout, 15*time.Second)
		set(&e.Grace, time.Minute)
		set(&e.Resend, 30*time.Second)
		set(&e.Backoff, 5*time.Second)
		set(&e.Pause, time.Second)
		set(&e.Ahead, 72*time.Hour)
		set(&e.Tick, 15*time.Second)
		set(&e.Keep, 90*24*time.Hour)
		if e.Batch <= 0 {
			e.Batch = 10
		}
		if e.Attempts <= 0 {
			e.Attempts = 12
		}
		if e.Random == nil {
			e.Random = func() float64 { return 0.5 }
		}
		e.limits = newLimiter(e.Pause)
		e.groups = map[string]groupState{}
	})
}

// Bound is how long after the later of its due instant and the service's return a message is sent at the latest, for runs
// every tick and a backlog of n messages, one engine that died while sending included.
func (e *Engine) Bound(tick time.Duration, backlog int) time.Duration {
	e.init()
	return e.LeaseFor + e.Grace + e.Resend + 2*maxBackoff + time.Duration(backlog)*e.Pause + 4*tick
}

const maxBackoff = 10 * time.Minute

// Run does everything that is due once: it looks up what is unknown, gives up what is stale, brings the outbox in step
// with the facts, tells the manager what was missed, edits what invites to something that is over, sends until nothing is
// due, and once a day removes what ended long ago. The error is ErrToken when the
// service refuses the token, and otherwise one of outbox or source; what the service refuses is no error but an event.
// It may be stopped and begun again at any instant.
func (e *Engine) Run(ctx context.Context) (Summary, error) {
	e.init()
	var sum Summary
	if err := e.reconcile(ctx, &sum); err != nil {
		return sum, err
	}
	oldest := e.Clock.Now().AddDate(0, 0, -8)
	stale, err := e.Outbox.Expire(ctx, e.Clock.Now())
	if err != nil {
		return sum, err
	}
	for _, m := range stale {
		sum.Dead++
		e.tell(m, schedule.MessageDead, "", TooLate)
		if m.Due.Before(oldest) {
			oldest = m.Due
		}
	}
	teams, err := e.Source.Teams(ctx)
	if err != nil {
		return sum, err
	}
	// A team whose facts cannot be read does not keep others from being told.
	var problems []error
	for _, team := range teams {
		err := e.tend(ctx, team, oldest, &sum)
		switch {
		case errors.Is(err, ErrToken) || ctx.Err() != nil:
			return sum, err
		case err != nil:
			problems = append(problems, fmt.Errorf("team %s: %w", team, err))
		}
	}
	problems = append(problems, e.drain(ctx, &sum))
	if now := e.Clock.Now(); ctx.Err() == nil && now.Sub(e.forgot).Abs() >= 24*time.Hour {
		n, err := e.Outbox.Forget(ctx, now.Add(-e.Keep))
		if sum.Forgotten = n; err == nil {
			e.forgot = now
		}
		problems = append(problems, err)
	}
	return sum, errors.Join(problems...)
}

// Watch runs every tick until the context ends, which is no error. Errors of outbox and source are told to failed and
// tried again at the next tick; a refused token ends it.
func (e *Engine) Watch(ctx context.Context, done func(Summary), failed func(error)) error {
	e.init()
	for {
		sum, err := e.Run(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, ErrToken):
			return err
		case err != nil && failed != nil:
			failed(err)
		case err == nil && done != nil:
			done(sum)
		}
		if e.Clock.Sleep(ctx, e.Tick) != nil {
			return nil
		}
	}
}

func (e *Engine) tell(m schedule.Message, state schedule.MessageState, to, why string) {
	if e.Observe != nil {
		e.Observe(Event{At: e.Clock.Now(), Message: m, State: state, To: to, Why: why})
	}
}

// tend brings the outbox in step with a team's facts, and its user groups.
func (e *Engine) tend(ctx context.Context, team schedule.TeamID, oldest time.Time, sum *Summary) error {
	now := e.Clock.Now()
	until := now.Add(e.Ahead)
	s, err := e.Source.Situation(ctx, team, now, now.AddDate(0, 0, -2), until)
	if err != nil {
		return err
	}
	// Whatever the facts call for is about an instant that they know, and due a day after it at the latest.
	end := until.AddDate(0, 0, 30)
	if known := s.To.AddDate(0, 0, 2); !s.To.IsZero() && known.Before(end) && known.After(until) {
		end = known
	}
	rows, err := e.Outbox.Rows(ctx, team, since(s, oldest), end)
	if err != nil {
		return err
	}
	up, err := Sync(s, rows, until)
	if err != nil {
		return err
	}
	sum.Silences = append(sum.Silences, up.Silences...)
	for _, w := range up.Withdraw {
		n, err := e.Outbox.Withdraw(ctx, now, w.Why, w.ID)
		if err != nil {
			return err
		}
		if i := slices.IndexFunc(rows, func(m schedule.Message) bool { return m.ID == w.ID }); n > 0 && i >= 0 {
			sum.Withdrawn++
			e.tell(rows[i], schedule.MessageWithdrawn, "", w.Why)
		}
	}
	list := up.Messages()
	if m, ok, err := NewMissed(s, rows); err != nil {
		return err
	} else if ok {
		list = append(list, m)
	}
	if len(list) > 0 {
		n, err := e.Outbox.Enqueue(ctx, now, list...)
		if err != nil {
			return err
		}
		sum.Enqueued += n
	}
	if err := e.finish(ctx, rows, sum); err != nil {
		return err
	}
	return e.tendGroups(ctx, s, sum)
}

// drain sends until nothing is due.
func (e *Engine) drain(ctx context.Context, sum *Summary) error {
	for ctx.Err() == nil {
		now := e.Clock.Now()
		batch, err := e.Outbox.Lease(ctx, e.Owner, e.Batch, now, now.Add(e.LeaseFor))
		if err != nil || len(batch) == 0 {
			return err
		}
		for i, m := range batch {
			left := batch[i:]
			err := ctx.Err()
			if err == nil {
				left = batch[i+1:]
				err = e.deliver(ctx, m, sum)
			}
			if err != nil {
				// What was leased and not begun is given back at once, and not left to be looked up.
				for _, m := range left {
					e.giveBack(context.WithoutCancel(ctx), m, e.Clock.Now(), "the run was stopped", sum)
				}
				return err
			}
		}
	}
	return ctx.Err()
}

// deliver brings one leased message to its next state.
func (e *Engine) deliver(ctx context.Context, m schedule.Message, sum *Summary) error {
	now := e.Clock.Now()
	if d := e.limits.wait(methodPost, m.Recipient, now); d > 0 {
		if d > e.Timeout || now.Add(d+e.Timeout).After(m.LeasedUntil) {
			e.giveBack(ctx, m, now.Add(d), "others are being told", sum)
			return nil
		}
		if err := e.Clock.Sleep(ctx, d); err != nil {
			e.giveBack(context.WithoutCancel(ctx), m, e.Clock.Now(), "the run was stopped", sum)
			return err
		}
		now = e.Clock.Now()
		e.limits.wait(methodPost, m.Recipient, now)
	}
	about := About(m)
	from, to := now, now
	if about.Before(from) {
		from = about
	}
	if about.After(to) {
		to = about
	}
	s, err := e.Source.Situation(ctx, m.Team, now, from.AddDate(0, 0, -2), to.AddDate(0, 0, 2))
	if err != nil {
		e.giveBack(context.WithoutCancel(ctx), m, now.Add(e.Tick), "the facts could not be read", sum)
		return err
	}
	v, err := Judge(s, m)
	if err != nil {
		e.settle(ctx, m, schedule.Settlement{State: schedule.MessageDead, Problem: err.Error()}, v.To, sum)
		return nil
	}
	if v.State == schedule.MessageSending && m.Kind == Escalation {
		if v, err = e.afterHandoff(ctx, s, m, v); err != nil {
			e.giveBack(context.WithoutCancel(ctx), m, now.Add(e.Tick), "the outbox could not be read", sum)
			return err
		}
	}
	switch v.State {
	case schedule.MessagePending:
		e.giveBack(ctx, m, v.NotBefore, v.Why, sum)
		return nil
	case schedule.MessageSending:
	default:
		e.settle(ctx, m, schedule.Settlement{State: v.State, Problem: v.Why}, v.To, sum)
		return nil
	}
	// The clock is read again: reading the facts may have taken long, or the machine may have slept.
	now = e.Clock.Now()
	if now.Add(e.Timeout).After(m.LeasedUntil) {
		e.giveBack(ctx, m, now, "the lease is nearly over", sum)
		return nil
	}
	if !m.Expires.IsZero() && !now.Before(m.Expires) {
		e.settle(ctx, m, schedule.Settlement{State: schedule.MessageDead, Problem: TooLate}, v.To, sum)
		return nil
	}
	// A call that has begun is brought to its end even when the run is stopped: an answer is worth more than a second.
	call, cancel := context.WithTimeout(context.WithoutCancel(ctx), e.Timeout)
	at, err := e.Messenger.Post(call, m.Recipient, Outgoing{Content: v.Content, Mark: Mark(m.MessageKey)})
	cancel()
	return e.outcome(context.WithoutCancel(ctx), m, at, err, v.To, sum)
}

const (
	methodPost = "post"
	methodFind = "find"
)

// outcome records what an attempt came to. The error is ErrToken or nil.
func (e *Engine) outcome(ctx context.Context, m schedule.Message, at Receipt, err error, to string, sum *Summary) error {
	now := e.Clock.Now()
	var no *Refusal
	var s schedule.Settlement
	switch {
	case err == nil:
		s = schedule.Settlement{State: schedule.MessageSent, Conversation: at.Conversation, Stamp: at.Stamp}
	case !errors.As(err, &no):
		s = schedule.Settlement{State: schedule.MessageUnknown, Problem: err.Error()}
	case no.Token:
		e.giveBack(ctx, m, now, no.Error(), sum)
		return no
	case no.Limited:
		d := no.RetryAfter
		if d <= 0 {
			d = e.backoff(m.Attempts)
		}
		e.limits.block(methodPost, now.Add(d))
		d += time.Duration(e.Random() * float64(e.Pause))
		s = schedule.Settlement{State: schedule.MessageRetry, NotBefore: now.Add(d), Problem: no.Error()}
	case no.Permanent:
		s = schedule.Settlement{State: schedule.MessageDead, Problem: no.Error()}
	case m.Attempts >= e.Attempts:
		s = schedule.Settlement{State: schedule.MessageDead, Problem: fmt.Sprintf("given up after %d attempts: %s", m.Attempts, no)}
	default:
		s = schedule.Settlement{State: schedule.MessageRetry, NotBefore: now.Add(e.backoff(m.Attempts)), Problem: no.Error()}
	}
	e.settle(ctx, m, s, to, sum)
	return nil
}

// wholeSecond rounds up to the grain of the outbox: never earlier than was asked for.
func wholeSecond(t time.Time) time.Time {
	if whole := t.Truncate(time.Second); !whole.Equal(t) {
		return whole.Add(time.Second)
	}
	return t
}

// backoff is the pause after so many attempts: doubling, between half and the whole of it.
func (e *Engine) backoff(attempts int) time.Duration {
	d := min(float64(e.Backoff)*math.Pow(2, float64(max(attempts-1, 0))), float64(maxBackoff))
	return time.Duration(d * (0.5 + 0.5*e.Random()))
}

func (e *Engine) giveBack(ctx context.Context, m schedule.Message, notBefore time.Time, why string, sum *Summary) {
	e.settle(ctx, m, schedule.Settlement{State: schedule.MessagePending, NotBefore: notBefore, Problem: why}, "", sum)
}

// settle records a settlement. An outbox that cannot be written just now is tried a few times; if it stays so, or the
// lease was lost, the message is one to be looked up, which its lease sees to when it ends.
func (e *Engine) settle(ctx context.Context, m schedule.Message, to schedule.Settlement, name string, sum *Summary) {
	if !to.NotBefore.IsZero() {
		to.NotBefore = wholeSecond(to.NotBefore)
	}
	var err error
	for try := range 3 {
		if try > 0 && e.Clock.Sleep(ctx, time.Duration(try)*time.Second) != nil {
			break
		}
		if err = e.Outbox.Settle(ctx, m.ID, e.Owner, to, e.Clock.Now()); err == nil {
			break
		}
	}
	if err != nil {
		sum.Unknown++
		e.tell(m, schedule.MessageUnknown, name, fmt.Sprintf("it became %s, and that could not be recorded: %v", to.State, err))
		return
	}
	switch to.State {
	case schedule.MessageSent:
		sum.Sent++
	case schedule.MessageRetry:
		sum.Retried++
	case schedule.MessageDead:
		sum.Dead++
	case schedule.MessageUnknown:
		sum.Unknown++
	case schedule.MessageWithdrawn:
		sum.Withdrawn++
	case schedule.MessagePending:
		sum.GivenBack++
	}
	e.tell(m, to.State, name, to.Problem)
}

// afterHandoff keeps an escalation back until people had their time: it counts from when the handoff message was sent.
func (e *Engine) afterHandoff(ctx context.Context, s *Situation, m schedule.Message, v Verdict) (Verdict, error) {
	start := About(m)
	rows, err := e.Outbox.Rows(ctx, m.Team, start.AddDate(0, 0, -1), start.AddDate(0, 0, 1))
	if err != nil {
		return v, err
	}
	wait := minutes(s.Team.Messages.EscalateAfter)
	for _, h := range rows {
		if step, _ := cutGeneration(h.Step); h.Kind != Handoff || step != stepTime(start) || h.State == schedule.MessageWithdrawn {
			continue
		}
		asked := h.ChangedAt
		if h.State == schedule.MessageDead {
			// Nobody was asked in the channel, so nobody could answer: that nobody did says nothing.
			return Verdict{State: schedule.MessageWithdrawn, Why: "the handoff message was not sent"}, nil
		}
		if h.State != schedule.MessageSent {
			asked = s.Now
		}
		if at := asked.Add(wait); at.After(s.Now) && at.Sub(start) > wait+time.Minute {
			return Verdict{State: schedule.MessagePending, NotBefore: at, Why: "the handoff message was late"}, nil
		}
	}
	return v, nil
}

// reconcile looks up every message of which nobody knows whether it was taken. One that is found was sent. One that is
// not found is tried again. One that cannot be looked up stays as it is, and is given up, and reported, when its time is
// over: it is never sent twice knowingly.
func (e *Engine) reconcile(ctx context.Context, sum *Summary) error {
	unknown, err := e.Outbox.GiveUpLeases(ctx, e.Clock.Now())
	if err != nil {
		return err
	}
	for _, m := range unknown {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		now := e.Clock.Now()
		if now.Sub(m.ChangedAt) < e.Grace && !now.Before(m.ChangedAt) {
			continue
		}
		if e.limits.wait(methodFind, "", now) > 0 {
			if e.Clock.Sleep(ctx, e.Pause) != nil {
				return ctx.Err()
			}
			if now = e.Clock.Now(); e.limits.wait(methodFind, "", now) > 0 {
				continue
			}
		}
		since := m.CreatedAt
		if b, err := readBody(m); err == nil && b.Due.After(since) {
			since = b.Due
		}
		call, cancel := context.WithTimeout(ctx, e.Timeout)
		at, found, err := e.Messenger.Find(call, m.Recipient, Mark(m.MessageKey), since.Add(-clockSlack))
		cancel()
		late := !m.Expires.IsZero() && !e.Clock.Now().Before(m.Expires)
		var to schedule.Settlement
		var no *Refusal
		switch {
		case err == nil && found:
			to = schedule.Settlement{State: schedule.MessageSent, Conversation: at.Conversation, Stamp: at.Stamp}
		case errors.Is(err, ErrToken):
			return err
		case late && err == nil:
			to = schedule.Settlement{State: schedule.MessageDead, Problem: TooLate}
		case late && now.Sub(m.Expires) >= patience:
			to = schedule.Settlement{State: schedule.MessageDead, Problem: "it is not known whether it arrived: " + err.Error()}
		case errors.As(err, &no):
			if no.Limited {
				e.limits.block(methodFind, now.Add(max(no.RetryAfter, e.Pause)))
			}
			continue
		case err != nil:
			continue
		case e.Clock.Now().Sub(now) > min(e.Timeout, e.Resend/2):
			// An answer this old may be from before another engine looked, and sent.
			continue
		default:
			to = schedule.Settlement{State: schedule.MessageRetry, NotBefore: wholeSecond(e.Clock.Now().Add(e.Resend)), Problem: "looked up and not found"}
		}
		if err := e.Outbox.Settle(ctx, m.ID, e.Owner, to, e.Clock.Now()); err != nil {
			// Another engine was first; or the outbox is out of reach, and the next call says so.
			continue
		}
		sum.Reconciled++
		if e.Observe != nil {
			e.Observe(Event{At: e.Clock.Now(), Message: m, State: to.State, Why: to.Problem, Lookup: true})
		}
	}
	return nil
}

// patience is how long after its expiry a message is still looked up: what became of it is worth knowing.
const patience = time.Hour

// clockSlack is how far this machine's clock and the service's may be apart.
const clockSlack = 15 * time.Minute
