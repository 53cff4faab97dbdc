// Package notify decides who must be told what, when and why, and delivers it.
//
// The two halves meet in the outbox. The pure half reads a [Situation] (a published roster, the team, now) and decides:
// [Plan] lists the messages that are due, [Publish] those that go into the outbox together with a roster, [Sync] what
// must be added to or taken out of the outbox because the facts have changed since, and [Judge] whether one message may
// still be sent and how it reads at this moment. The other half, [Engine], moves rows of an [Outbox] through a
// [Messenger]; package slack is the Messenger that people use.
//
// Invariants. A message is one message by its key, whatever process plans it and however often. Its text is written at
// the moment of sending from what is true then, so nothing stale is said; one that no longer stands is withdrawn, one
// that is too late is given up and the manager is told what was missed. A definite refusal is tried again or given up. A
// message of which nobody knows whether it was taken is looked up in the conversation before anything is sent again. One
// that was sent and invites to something that is over is edited, once, so that its buttons are gone.
// Decisions are deterministic: the same situation gives the same list, in the same order.
//
// What the package must not know: SQL, Slack's formats, the time of day. Now is in the situation or comes from a Clock.
package notify
