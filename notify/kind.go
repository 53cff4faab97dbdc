package notify

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"rota/schedule"
)

// The kinds of messages.
const (
	// Reminder tells an agent that a slot is coming.
	Reminder schedule.MessageKind = "reminder"
	// Handoff tells the team's channel who leaves and who comes.
	Handoff schedule.MessageKind = "handoff"
	// Escalation tells the manager that nobody took a slot over.
	Escalation schedule.MessageKind = "escalation"
	// Changed tells an agent how a new roster differs for them.
	Changed schedule.MessageKind = "change"
	// Digest tells the channel what the day holds.
	Digest schedule.MessageKind = "digest"
	// Gap warns the manager of a slot that is short.
	Gap schedule.MessageKind = "gap"
	// Offered asks an agent whether they would take an open slot.
	Offered schedule.MessageKind = "offer"
	// Absence tells the manager that an agent cannot make a slot.
	Absence schedule.MessageKind = "absence"
	// Missed tells the manager which messages were not sent in time.
	Missed schedule.MessageKind = "missed"
)

// Kinds lists the kinds, in the order of their constants.
func Kinds() []schedule.MessageKind {
	return []schedule.MessageKind{Reminder, Handoff, Escalation, Changed, Digest, Gap, Offered, Absence, Missed}
}

// ParseKind reads the name of a kind.
func ParseKind(s string) (schedule.MessageKind, error) {
	if k := schedule.MessageKind(s); slices.Contains(Kinds(), k) {
		return k, nil
	}
	var names []string
	for _, k := range Kinds() {
		names = append(names, string(k))
	}
	return "", fmt.Errorf("unknown kind of message %q: use one of %s", s, strings.Join(names, ", "))
}

// Settings are how a team wants to be told. The zero value of a field is its default.
type Settings struct {
	// Off are the kinds that are not sent. Missed cannot be switched off: a silence must not be silent.
	Off []schedule.MessageKind
	// DigestAt is when the daily digest goes out on the team's clock; open for 08:00.
	DigestAt schedule.Optional[schedule.Clock]
	// GapWithin is how long before its start a short slot is reported; 0 for 48 hours.
	GapWithin time.Duration
	// EscalateAfter is how long after its start a slot that nobody took over is reported; 0 for 5 minutes.
	EscalateAfter time.Duration
	// OfferWave is how many agents are asked at once, and OfferEvery how long they have the offer for themselves before
	// the next are asked; 0 for 3 agents and 20 minutes.
	OfferWave  int
	OfferEvery time.Duration
	// Templates replace the built-in texts, by kind. See ParseTemplates for how one is checked.
	Templates Templates
}

func (s Settings) withDefaults() Settings {
	s.DigestAt = schedule.Some(s.DigestAt.Or(8 * 60))
	if s.GapWithin <= 0 {
		s.GapWithin = 48 * time.Hour
	}
	if s.EscalateAfter <= 0 {
		s.EscalateAfter = 5 * time.Minute
	}
	if s.OfferWave <= 0 {
		s.OfferWave = 3
	}
	if s.OfferEvery <= 0 {
		s.OfferEvery = 20 * time.Minute
	}
	return s
}

// How long after it was due a message is still worth sending. A reminder that is not the last of its ladder is so for a
// quarter of its lead, the last one until the slot starts, an offer until it ends.
const (
	handoffLate    = 30 * time.Minute
	escalationLate = time.Hour
	digestLate     = 4 * time.Hour
	missedLate     = 48 * time.Hour
	leastLate      = 15 * time.Minute
)
