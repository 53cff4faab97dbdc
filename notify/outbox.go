package notify

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"rota/schedule"
)

// Outbox keeps messages until they came to an end. An implementation is safe for concurrent use by any number of
// processes, every method is one transaction, and what it returned is on the disk.
type Outbox interface {
	// Enqueue puts messages in, pending, and says how many were new: one whose key is there already, in whatever state,
	// is left as it is.
	Enqueue(ctx context.Context, now time.Time, list ...schedule.Message) (int, error)
	// Lease takes up to n messages that are due and not stale, the longest due first, for owner until an instant. Leases
	// that ended at now or before are first given up, as by GiveUpLeases.
	Lease(ctx context.Context, owner string, n int, now, until time.Time) ([]schedule.Message, error)
	// Settle records what became of a message that owner has leased, or that is unknown and was looked up. It fails for
	// one that is neither.
	Settle(ctx context.Context, id schedule.MessageID, owner string, to schedule.Settlement, now time.Time) error
	// GiveUpLeases makes unknown what was leased until now or before and not settled, and lists everything unknown.
	GiveUpLeases(ctx context.Context, now time.Time) ([]schedule.Message, error)
	// Expire gives up the waiting messages that are stale, with the problem TooLate, and lists them.
	Expire(ctx context.Context, now time.Time) ([]schedule.Message, error)
	// Withdraw takes back those of the messages that still wait, and says how many they were.
	Withdraw(ctx context.Context, now time.Time, why string, ids ...schedule.MessageID) (int, error)
	// Edited records that a sent message was brought to its last form. Twice is once.
	Edited(ctx context.Context, id schedule.MessageID, now time.Time) error
	// Forget removes messages that came to their end before an instant and that nothing can call for again, since they
	// were stale by then, and says how many.
	Forget(ctx context.Context, before time.Time) (int, error)
	// Rows lists the messages of a team due in [from, to), of every state, by due and then id.
	Rows(ctx context.Context, team schedule.TeamID, from, to time.Time) ([]schedule.Message, error)
}

// Source reads what is true. An implementation is safe for concurrent use.
type Source interface {
	// Teams lists the teams to look after.
	Teams(ctx context.Context) ([]schedule.TeamID, error)
	// Situation reads a team's situation at now, with at least [from, to) known and its From and To set. What it gives is as new as the moment of the
	// call: it decides whether a message may still be sent.
	Situation(ctx context.Context, team schedule.TeamID, now, from, to time.Time) (*Situation, error)
}

// Messenger is the service that carries messages. An implementation is safe for concurrent use, waits for nothing but
// the network, tries nothing twice, and lets no secret into an error.
//
// Its errors say what is known. A *Refusal is a definite no: the message was not taken. Any other error leaves it open.
type Messenger interface {
	// Post sends to a person or channel. The mark goes with the message, unseen, so that Find can tell it later.
	Post(ctx context.Context, to string, m Outgoing) (Receipt, error)
	// Find looks for a message with the mark that was posted at since or later.
	Find(ctx context.Context, to, mark string, since time.Time) (Receipt, bool, error)
	// Update writes a message anew where it stands. Doing so twice is harmless.
	Update(ctx context.Context, at Receipt, m Outgoing) error
	// Group lists the members of a user group, and SetGroup makes them exactly these, of which there is at least one.
	Group(ctx context.Context, group string) ([]string, error)
	SetGroup(ctx context.Context, group string, members []string) error
}

// Outgoing is a message on its way.
type Outgoing struct {
	Content
	Mark string
}

// Receipt says where a message is: its conversation, and its name there.
type Receipt struct {
	Conversation, Stamp string
}

// Refusal is a definite no.
type Refusal struct {
	// Method is what was asked of the service and Code its answer.
	Method, Code string
	// RetryAfter is how long the method is to be left alone; 0 when the service did not say.
	RetryAfter time.Duration
	// Limited says that too much was asked, and not that anything was wrong with it.
	Limited bool
	// Permanent says that asking again is in vain.
	Permanent bool
	// Token says that the service does not accept who we are: nothing will be taken until that is mended.
	Token bool
	// Detail is more for people, such as the scope that is missing; holds no secret.
	Detail string
}

// Error is one line.
func (r *Refusal) Error() string {
	text := fmt.Sprintf("%s: %s", r.Method, r.Code)
	if r.Detail != "" {
		text += " (" + r.Detail + ")"
	}
	return text
}

// Is makes a refused token ErrToken.
func (r *Refusal) Is(target error) bool { return target == ErrToken && r.Token }

// ErrToken is any error because the service does not accept the token.
var ErrToken = errors.New("the token was refused")

// Mark is what a message carries unseen: the same for the same key, and says nothing about it.
func Mark(k schedule.MessageKey) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{string(k.Team), string(k.Kind), string(k.Assignment), fmt.Sprint(k.Version), k.Recipient, k.Step}, "\x00")))
	return hex.EncodeToString(sum[:16])
}

// Clock tells the time and lets it pass.
type Clock interface {
	Now() time.Time
	// Sleep waits, and returns early with the context's error when that ends.
	Sleep(ctx context.Context, d time.Duration) error
}

// WallClock is the machine's clock.
type WallClock struct{}

// Now is the present instant.
func (WallClock) Now() time.Time { return time.Now() }

// Sleep waits on the machine's clock.
func (WallClock) Sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
