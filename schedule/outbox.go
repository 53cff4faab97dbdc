package schedule

import "time"

// MessageID numbers the messages of a database; 0 is a message that is not in the outbox yet.
type MessageID int64

// MessageKind is what a message is about, such as reminder or change.
type MessageKind string

// The kinds of messages.
const (
	// ReminderMessage tells an agent that a slot is coming.
	ReminderMessage MessageKind = "reminder"
	// HandoffMessage tells the team's channel who leaves and who comes.
	HandoffMessage MessageKind = "handoff"
	// EscalationMessage tells the manager that nobody took a slot over.
	EscalationMessage MessageKind = "escalation"
	// ChangeMessage tells an agent how a new roster differs for them.
	ChangeMessage MessageKind = "change"
	// DigestMessage tells the channel what the day holds.
	DigestMessage MessageKind = "digest"
	// GapMessage warns the manager of a slot that is short.
	GapMessage MessageKind = "gap"
	// OfferMessage asks an agent whether they would take an open slot.
	OfferMessage MessageKind = "offer"
	// AbsenceMessage tells the manager that an agent cannot make a slot.
	AbsenceMessage MessageKind = "absence"
	// MissedMessage tells the manager which messages were not sent in time.
	MissedMessage MessageKind = "missed"
)

// MessageKinds lists the kinds, in the order of their constants.
func MessageKinds() []MessageKind {
	return []MessageKind{ReminderMessage, HandoffMessage, EscalationMessage, ChangeMessage, DigestMessage, GapMessage, OfferMessage,
		AbsenceMessage, MissedMessage}
}

// ParseMessageKind reads the name of a kind.
func ParseMessageKind(s string) (MessageKind, error) {
	return parseWord("kind of message", s, MessageKinds())
}

// MessageState is how far a message has come.
type MessageState string

const (
	// MessagePending waits for its time.
	MessagePending MessageState = "pending"
	// MessageSending is held by one process until its lease ends. Nobody else touches it.
	MessageSending MessageState = "sending"
	// MessageSent was accepted by Slack.
	MessageSent MessageState = "sent"
	// MessageRetry was definitely refused and waits for another attempt.
	MessageRetry MessageState = "retry"
	// MessageDead was given up: refused for good, or too late.
	MessageDead MessageState = "dead"
	// MessageUnknown is one of which nobody knows whether Slack took it: the answer did not come, or the process died
	// while sending. It is never sent again before someone has looked.
	MessageUnknown MessageState = "unknown"
	// MessageWithdrawn was taken back before it was sent, because what it says is no longer true.
	MessageWithdrawn MessageState = "withdrawn"
)

// MessageStates lists the states, in the order of their constants.
func MessageStates() []MessageState {
	return []MessageState{MessagePending, MessageSending, MessageSent, MessageRetry, MessageDead, MessageUnknown, MessageWithdrawn}
}

// ParseMessageState reads the name of a state.
func ParseMessageState(s string) (MessageState, error) {
	return parseWord("state of a message", s, MessageStates())
}

// MessageKey is what makes a message one message: a second one with the same key is never kept. Parts that say nothing
// about a message are empty.
type MessageKey struct {
	Team TeamID
	Kind MessageKind
	// Assignment is the one it is about. A message about several, or about none, has its own word in Step.
	Assignment UID
	// Version is the roster that gave rise to it; 0 where the same message is meant whatever version brings it.
	Version Version
	// Recipient is the Slack id of a person, or a channel or group.
	Recipient string
	// Step tells messages of one kind apart: 24h and 30m of a ladder of reminders, the instant of a handoff.
	Step string
}

// Message is one row of the outbox. Instants are UTC in whole seconds.
type Message struct {
	ID MessageID
	MessageKey
	// Agent and Slot say whom and what it is about, for reports; may be empty.
	Agent AgentID
	Slot  SlotID
	// Due is when it may be sent at the earliest, and Expires when it would be stale: at that instant and later it is
	// not sent. The zero Expires is never.
	Due, Expires time.Time
	// Body is what the notifier needs to write the message, in a form of its own.
	Body string

	// The rest is kept by the store.

	State MessageState
	// Attempts counts how often it was leased.
	Attempts int
	// LeasedBy and LeasedUntil are set while it is being sent.
	LeasedBy    string
	LeasedUntil time.Time
	// Conversation and Stamp are where Slack put it and under which name (its channel and ts); empty until sent.
	Conversation, Stamp string
	// Problem is why it was refused, given up, withdrawn or is unknown; never holds a secret.
	Problem              string
	CreatedAt, ChangedAt time.Time
	// EditedAt is when a sent message was brought to its last form where it stands, such as an offer that is over; zero
	// while that has not happened.
	EditedAt time.Time
}

// Settlement is what became of a message that was leased.
type Settlement struct {
	// State is MessageSent, MessageRetry, MessageDead, MessageUnknown, MessageWithdrawn, or MessagePending to give it
	// back untried.
	State MessageState
	// Conversation and Stamp are for MessageSent.
	Conversation, Stamp string
	// NotBefore is for MessageRetry and MessagePending: the next attempt comes at that instant or later.
	NotBefore time.Time
	// Problem says why, for everything but MessageSent.
	Problem string
}

// HandoffNote is something outgoing agents want incoming ones to know.
type HandoffNote struct {
	ID   int64
	Team TeamID
	// Slot is the one whose agents hand over; empty for a standing note, which every handoff carries until it is done.
	Slot SlotID
	// Agent is who wrote it; may be empty for a note by somebody who is no agent.
	Agent AgentID
	Text  string
	By    string
	At    time.Time
	// DoneBy and DoneAt are empty and zero while the note stands.
	DoneBy string
	DoneAt time.Time
}

// Takeover is an agent's word that a slot was taken over.
type Takeover struct {
	Team  TeamID
	Slot  SlotID
	Agent AgentID
	At    time.Time
}
