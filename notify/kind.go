package notify

import (
	"time"

	"rota/schedule"
)

// The kinds of messages, by the words of this package.
const (
	Reminder   = schedule.ReminderMessage
	Handoff    = schedule.HandoffMessage
	Escalation = schedule.EscalationMessage
	Changed    = schedule.ChangeMessage
	Digest     = schedule.DigestMessage
	Gap        = schedule.GapMessage
	Offered    = schedule.OfferMessage
	Absence    = schedule.AbsenceMessage
	Missed     = schedule.MissedMessage
)

// Kinds lists the kinds, in the order of their constants.
func Kinds() []schedule.MessageKind { return schedule.MessageKinds() }

// ParseKind reads the name of a kind.
func ParseKind(s string) (schedule.MessageKind, error) { return schedule.ParseMessageKind(s) }

func minutes(m schedule.Minutes) time.Duration { return time.Duration(m) * time.Minute }

// How long after it was due a message is still worth sending. A reminder that is not the last of its ladder is so for a
// quarter of its lead, the last one until the slot starts, an offer until it ends.
const (
	handoffLate    = 30 * time.Minute
	escalationLate = time.Hour
	digestLate     = 4 * time.Hour
	missedLate     = 48 * time.Hour
	leastLate      = 15 * time.Minute
)
