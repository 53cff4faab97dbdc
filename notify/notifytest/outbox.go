package notifytest

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"

	"rota/notify"
	"rota/schedule"
)

// ErrLeaseLost is what Settle says about a message that is not the owner's.
var ErrLeaseLost = errors.New("the lease is lost")

// Outbox is an outbox in memory, kept in a file as well when it was opened with one. It is safe for concurrent use by
// goroutines, and by one process at a time.
type Outbox struct {
	mu   sync.Mutex
	rows []*schedule.Message
	keys map[schedule.MessageKey]bool
	file *os.File
	// Fault, when not nil, is asked before each change is kept ("before Settle") and after it ("after Settle"); an error
	// is returned in place of the result, and a panic is a crash at that point.
	Fault func(point string) error
}

var _ notify.Outbox = (*Outbox)(nil)

// NewOutbox is an empty outbox in memory.
func NewOutbox() *Outbox { return &Outbox{keys: map[schedule.MessageKey]bool{}} }

// OpenOutbox reads an outbox from a file, which need not exist. A line that a dying process left unfinished is passed over.
func OpenOutbox(path string) (*Outbox, error) {
	o := NewOutbox()
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		var changed []schedule.Message
		if json.Unmarshal(lines.Bytes(), &changed) != nil {
			continue
		}
		for _, m := range changed {
			for int(m.ID) > len(o.rows) {
				o.rows = append(o.rows, nil)
			}
			o.rows[m.ID-1], o.keys[m.MessageKey] = &m, true
		}
	}
	// Whatever was left unfinished ends here, so that the next line begins a line of its own.
	if _, err := file.WriteString("\n"); err != nil {
		return nil, err
	}
	o.file = file
	return o, lines.Err()
}

// Close closes the file, if there is one.
func (o *Outbox) Close() error {
	if o.file == nil {
		return nil
	}
	return o.file.Close()
}

// All lists a copy of every row by id.
func (o *Outbox) All() []schedule.Message {
	o.mu.Lock()
	defer o.mu.Unlock()
	var list []schedule.Message
	for _, m := range o.kept() {
		list = append(list, *m)
	}
	return list
}

// kept are the rows that were not forgotten.
func (o *Outbox) kept() []*schedule.Message {
	return slices.DeleteFunc(slices.Clone(o.rows), func(m *schedule.Message) bool { return m == nil })
}

// Unlocked is All for use where the outbox is in the middle of a change, as in a crash.
func (o *Outbox) Unlocked() []schedule.Message {
	var list []schedule.Message
	for _, m := range o.kept() {
		list = append(list, *m)
	}
	return list
}

// change runs one transaction: f works on the rows and says which it changed.
func (o *Outbox) change(name string, f func() ([]*schedule.Message, error)) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.Fault != nil {
		if err := o.Fault("before " + name); err != nil {
			return err
		}
	}
	changed, err := f()
	if err != nil {
		return err
	}
	if o.file != nil && len(changed) > 0 {
		line, err := json.Marshal(changed)
		if err != nil {
			return err
		}
		if _, err := o.file.Write(append(line, '\n')); err != nil {
			return err
		}
	}
	if o.Fault != nil {
		return o.Fault("after " + name)
	}
	return nil
}

func whole(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }

// Enqueue is as in notify.Outbox.
func (o *Outbox) Enqueue(_ context.Context, now time.Time, list ...schedule.Message) (n int, err error) {
	err = o.change("Enqueue", func() (changed []*schedule.Message, err error) {
		for _, m := range list {
			if m.Kind == "" || m.Recipient == "" || m.Due.IsZero() {
				return nil, fmt.Errorf("a message needs a kind, a recipient and an instant: %+v", m.MessageKey)
			}
		}
		for _, m := range list {
			if o.keys[m.MessageKey] {
				continue
			}
			o.keys[m.MessageKey] = true
			m.ID, m.State, m.CreatedAt, m.ChangedAt = schedule.MessageID(len(o.rows)+1), schedule.MessagePending, whole(now), whole(now)
			m.Due, m.Expires = whole(m.Due), whole(m.Expires)
			o.rows = append(o.rows, &m)
			changed = append(changed, &m)
		}
		n = len(changed)
		return changed, nil
	})
	return n, err
}

func (o *Outbox) giveUp(now time.Time) (changed []*schedule.Message) {
	for _, m := range o.kept() {
		if m.State == schedule.MessageSending && !m.LeasedUntil.After(now) {
			m.State, m.LeasedUntil, m.ChangedAt, m.Problem = schedule.MessageUnknown, time.Time{}, whole(now), "the sender did not report back"
			changed = append(changed, m)
		}
	}
	return changed
}

func stale(m *schedule.Message, now time.Time) bool {
	return !m.Expires.IsZero() && !m.Expires.After(now)
}

func waits(m *schedule.Message) bool {
	return m.State == schedule.MessagePending || m.State == schedule.MessageRetry
}

// Lease is as in notify.Outbox.
func (o *Outbox) Lease(_ context.Context, owner string, n int, now, until time.Time) (list []schedule.Message, err error) {
	err = o.change("Lease", func() ([]*schedule.Message, error) {
		changed := o.giveUp(now)
		var due []*schedule.Message
		for _, m := range o.kept() {
			if waits(m) && !m.Due.After(now) && !stale(m, now) {
				due = append(due, m)
			}
		}
		slices.SortFunc(due, func(a, b *schedule.Message) int { return cmp.Or(a.Due.Compare(b.Due), cmp.Compare(a.ID, b.ID)) })
		for _, m := range due[:min(n, len(due))] {
			m.State, m.LeasedBy, m.LeasedUntil, m.ChangedAt = schedule.MessageSending, owner, whole(until), whole(now)
			m.Attempts++
			changed, list = append(changed, m), append(list, *m)
		}
		return changed, nil
	})
	if err != nil {
		return nil, err
	}
	return list, nil
}

// GiveUpLeases is as in notify.Outbox.
func (o *Outbox) GiveUpLeases(_ context.Context, now time.Time) (list []schedule.Message, err error) {
	err = o.change("GiveUpLeases", func() ([]*schedule.Message, error) {
		changed := o.giveUp(now)
		for _, m := range o.kept() {
			if m.State == schedule.MessageUnknown {
				list = append(list, *m)
			}
		}
		return changed, nil
	})
	return list, err
}

// Settle is as in notify.Outbox.
func (o *Outbox) Settle(_ context.Context, id schedule.MessageID, owner string, to schedule.Settlement, now time.Time) error {
	return o.change("Settle", func() ([]*schedule.Message, error) {
		if id < 1 || int(id) > len(o.rows) || o.rows[id-1] == nil {
			return nil, fmt.Errorf("there is no message %d", id)
		}
		m := o.rows[id-1]
		switch {
		case m.State == schedule.MessageSending && m.LeasedBy == owner, m.State == schedule.MessageUnknown:
		case m.State == to.State && m.LeasedBy == owner && m.Stamp == to.Stamp:
			return nil, nil
		default:
			return nil, fmt.Errorf("%w: message %d is %s", ErrLeaseLost, id, m.State)
		}
		if (to.State == schedule.MessageRetry || to.State == schedule.MessagePending) && to.NotBefore.After(m.Due) {
			m.Due = whole(to.NotBefore)
		}
		m.State, m.LeasedBy, m.LeasedUntil, m.ChangedAt, m.Problem = to.State, owner, time.Time{}, whole(now), to.Problem
		m.Conversation, m.Stamp = cmp.Or(to.Conversation, m.Conversation), cmp.Or(to.Stamp, m.Stamp)
		return []*schedule.Message{m}, nil
	})
}

// Expire is as in notify.Outbox.
func (o *Outbox) Expire(_ context.Context, now time.Time) (list []schedule.Message, err error) {
	err = o.change("Expire", func() (changed []*schedule.Message, err error) {
		for _, m := range o.kept() {
			if waits(m) && stale(m, now) {
				m.State, m.Problem, m.ChangedAt = schedule.MessageDead, notify.TooLate, whole(now)
				changed, list = append(changed, m), append(list, *m)
			}
		}
		return changed, nil
	})
	return list, err
}

// Withdraw is as in notify.Outbox.
func (o *Outbox) Withdraw(_ context.Context, now time.Time, why string, ids ...schedule.MessageID) (n int, err error) {
	err = o.change("Withdraw", func() (changed []*schedule.Message, err error) {
		for _, id := range ids {
			if m := o.rows[id-1]; m != nil && waits(m) {
				m.State, m.Problem, m.ChangedAt = schedule.MessageWithdrawn, why, whole(now)
				changed = append(changed, m)
			}
		}
		n = len(changed)
		return changed, nil
	})
	return n, err
}

// Edited is as in notify.Outbox.
func (o *Outbox) Edited(_ context.Context, id schedule.MessageID, now time.Time) error {
	return o.change("Edited", func() ([]*schedule.Message, error) {
		m := o.rows[id-1]
		if m == nil || m.State != schedule.MessageSent || !m.EditedAt.IsZero() {
			return nil, nil
		}
		m.EditedAt = whole(now)
		return []*schedule.Message{m}, nil
	})
}

// Forget is as in notify.Outbox. A file keeps what was forgotten.
func (o *Outbox) Forget(_ context.Context, before time.Time) (n int, err error) {
	err = o.change("Forget", func() ([]*schedule.Message, error) {
		for i, m := range o.rows {
			if m == nil || waits(m) || m.State == schedule.MessageSending || m.State == schedule.MessageUnknown {
				continue
			}
			if m.ChangedAt.Before(before) && m.Due.Before(before) && (m.Expires.IsZero() || m.Expires.Before(before)) {
				delete(o.keys, m.MessageKey)
				o.rows[i] = nil
				n++
			}
		}
		return nil, nil
	})
	return n, err
}

// Rows is as in notify.Outbox.
func (o *Outbox) Rows(_ context.Context, team schedule.TeamID, from, to time.Time) ([]schedule.Message, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	var list []schedule.Message
	for _, m := range o.kept() {
		if m.Team == team && !m.Due.Before(from) && m.Due.Before(to) {
			list = append(list, *m)
		}
	}
	slices.SortFunc(list, func(a, b schedule.Message) int { return cmp.Or(a.Due.Compare(b.Due), cmp.Compare(a.ID, b.ID)) })
	return list, nil
}

// Clock is a clock that stands still but for Advance and Sleep. It is safe for concurrent use.
type Clock struct {
	mu sync.Mutex
	at time.Time
}

var _ notify.Clock = (*Clock)(nil)

// NewClock is a clock that shows an instant.
func NewClock(at time.Time) *Clock { return &Clock{at: at} }

// Now is what the clock shows.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

// Advance moves the clock, back for a negative duration.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// Sleep lets the duration pass at once.
func (c *Clock) Sleep(ctx context.Context, d time.Duration) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c.Advance(max(d, 0))
	return nil
}

// Source gives one situation, that of its team, at whatever instant it is asked for. It is safe for concurrent use.
type Source struct {
	mu sync.Mutex
	s  *notify.Situation
	// Err, when not nil, is asked before each reading.
	Err func() error
}

var _ notify.Source = (*Source)(nil)

// NewSource gives a situation.
func NewSource(s *notify.Situation) *Source { return &Source{s: s} }

// Set changes the situation from now on.
func (x *Source) Set(s *notify.Situation) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.s = s
}

// Get is the present situation.
func (x *Source) Get() *notify.Situation {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.s
}

// Teams lists the one team.
func (x *Source) Teams(context.Context) ([]schedule.TeamID, error) {
	return []schedule.TeamID{x.Get().Team.ID}, nil
}

// Situation is what was set, at now, cut to the slots that touch [from, to).
func (x *Source) Situation(_ context.Context, team schedule.TeamID, now, from, to time.Time) (*notify.Situation, error) {
	if x.Err != nil {
		if err := x.Err(); err != nil {
			return nil, err
		}
	}
	s := *x.Get()
	if team != s.Team.ID {
		return nil, fmt.Errorf("there is no team %s", team)
	}
	s.Now = now
	if s.From.Before(from) {
		s.From = from
	}
	if s.To.After(to) {
		s.To = to
	}
	all := s.Slots
	s.Slots = nil
	for _, slot := range all {
		// A slot more on either side, so that the boundaries at the ends are seen whole.
		if slot.End.After(s.From.Add(-24*time.Hour)) && slot.Start.Before(s.To.Add(24*time.Hour)) {
			s.Slots = append(s.Slots, slot)
		}
	}
	return &s, nil
}
