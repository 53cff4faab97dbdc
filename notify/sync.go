package notify

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"rota/schedule"
)

// Update is what has to happen to an outbox.
type Update struct {
	Enqueue  []Planned
	Withdraw []Withdrawal
	Silences []Silence
}

// Withdrawal is a message to take back, and why.
type Withdrawal struct {
	ID  schedule.MessageID
	Why string
}

// Messages are the rows to put in.
func (u Update) Messages() []schedule.Message {
	var list []schedule.Message
	for _, p := range u.Enqueue {
		list = append(list, p.Message)
	}
	return list
}

// Withdrawn are the ids to take back.
func (u Update) Withdrawn() []schedule.MessageID {
	var ids []schedule.MessageID
	for _, w := range u.Withdraw {
		ids = append(ids, w.ID)
	}
	return ids
}

// Sync compares what the situation calls for until an instant with the rows of the team, of whatever state, and says what
// to put in and what to take back. Rows about instants that the situation does not know are left alone, and so are the
// kinds that a publication or a person causes. Applied, it gives an empty update.
//
// A row that was withdrawn does not stand in the way of a message that is called for again: the new one has a number at
// the end of its step. That keeps keys unique between processes that think of the same thing at once.
func Sync(s *Situation, rows []schedule.Message, until time.Time) (Update, error) {
	f, err := s.facts()
	if err != nil {
		return Update{}, err
	}
	return f.sync(rows, until)
}

func (f *facts) sync(rows []schedule.Message, until time.Time) (Update, error) {
	intents, silences := f.intents()
	wanted := make(map[string]intent, len(intents))
	for _, in := range intents {
		wanted[identity(in.Message)] = in
	}
	known := map[string][]schedule.Message{}
	for _, m := range rows {
		if m.Team == f.Team.ID {
			known[identity(m)] = append(known[identity(m)], m)
		}
	}
	up := Update{Silences: silences}
	for _, m := range rows {
		if m.Team != f.Team.ID || !isWaiting(m.State) || !isTimed(m.Kind) {
			continue
		}
		b, err := readBody(m)
		if err != nil {
			up.Withdraw = append(up.Withdraw, Withdrawal{m.ID, err.Error()})
			continue
		}
		in, called := wanted[identity(m)]
		switch {
		case !f.knows(b.At):
		case !called:
			up.Withdraw = append(up.Withdraw, Withdrawal{m.ID, f.whyNot(m)})
		case !in.Due.Equal(b.Due) || !in.Expires.Equal(m.Expires):
			up.Withdraw = append(up.Withdraw, Withdrawal{m.ID, "due at another time"})
		}
	}
	gone := map[schedule.MessageID]bool{}
	for _, w := range up.Withdraw {
		gone[w.ID] = true
	}
	seen := map[string]bool{}
	var missing []intent
	for _, in := range intents {
		id := identity(in.Message)
		if seen[id] {
			continue
		}
		seen[id] = true
		again := 1
		stands := false
		for _, m := range known[id] {
			if m.State == schedule.MessageWithdrawn || gone[m.ID] {
				again = max(again, generation(m.Step)+1)
			} else {
				stands = true
			}
		}
		if stands {
			continue
		}
		if again > 1 {
			in.Step = fmt.Sprintf("%s #%d", in.Step, again)
		}
		missing = append(missing, in)
	}
	out, err := f.outlook(missing, nil, until)
	if err != nil {
		return Update{}, err
	}
	up.Enqueue = out.Messages
	return up, nil
}

// isWaiting reports whether a message in the state can still be taken back.
func isWaiting(s schedule.MessageState) bool {
	return s == schedule.MessagePending || s == schedule.MessageRetry
}

// isTimed reports whether messages of a kind follow from the situation alone.
func isTimed(k schedule.MessageKind) bool {
	switch k {
	case Reminder, Handoff, Escalation, Digest, Gap, Offered:
		return true
	}
	return false
}

// identity is what is the same of a message however often it is called for.
func identity(m schedule.Message) string {
	step, _ := cutGeneration(m.Step)
	if isTimed(m.Kind) {
		m.Version = 0
	}
	return strings.Join([]string{string(m.Team), string(m.Kind), string(m.Assignment), strconv.Itoa(int(m.Version)), m.Recipient, step}, "\x00")
}

func generation(step string) int {
	_, n := cutGeneration(step)
	return n
}

func cutGeneration(step string) (string, int) {
	i := strings.LastIndex(step, " #")
	if i < 0 {
		return step, 1
	}
	n, err := strconv.Atoi(step[i+2:])
	if err != nil || n < 2 {
		return step, 1
	}
	return step[:i], n
}

// whyNot says in words why the facts no longer call for a message.
func (f *facts) whyNot(m schedule.Message) string {
	slot, known := f.slots[m.Slot]
	switch {
	case slices.Contains(f.settings.Skip, m.Kind):
		return "messages of this kind are switched off"
	case m.Kind == Reminder && m.Slot != "":
		if !known || !slices.Contains(f.onAgents(m.Slot), m.Agent) {
			return fmt.Sprintf("%s is no longer on %s", f.person(m.Agent).name, m.Slot)
		}
		if p := f.person(m.Agent); p.slack != m.Recipient {
			return p.name + " is reached in another way"
		}
		if !strings.Contains(m.Step, stepTime(slot.Start)) {
			return fmt.Sprintf("%s starts at another time", m.Slot)
		}
		if b, err := readBody(m); err == nil && b.Due.Before(f.muted[m.Agent]) {
			return f.person(m.Agent).name + " wants no reminders until " + Moment{f.muted[m.Agent], f.person(m.Agent).loc}.String()
		}
		return "the reminder is no longer part of the ladder"
	case m.Kind == Escalation:
		if t, done := f.taken[m.Slot]; done {
			return fmt.Sprintf("%s took it over", f.person(t.Agent).name)
		}
	case m.Kind == Gap:
		return "the gap is filled, or is another one now"
	case m.Kind == Offered:
		for _, o := range f.Offers {
			if base, _ := cutGeneration(m.Step); o.ID == base {
				return cmp.Or(f.endOf(o), "the offer is made at another time or to others")
			}
		}
		return "the offer is gone"
	}
	return "the roster no longer calls for it"
}

// endOf says why an offer is over; empty while it is open.
func (f *facts) endOf(o Offer) string {
	switch {
	case o.ClaimedBy != "":
		return oneLine(f.person(o.ClaimedBy).name, nameLength) + " has taken it."
	case o.Withdrawn:
		return "The offer was withdrawn."
	case !f.Now.Before(o.Expires):
		return "The offer has ended."
	}
	return ""
}
