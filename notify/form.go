package notify

import (
	"context"
	"fmt"
	"strings"
	"time"

	"rota/schedule"
)

// Form is what somebody is asked before an action can be done: one text.
type Form struct {
	// Title and Submit are at most 24 characters, Label and Hint one sentence each.
	Title, Label, Hint, Submit string
	// Most is how many characters the text may have.
	Most int
}

// Asks reports whether an action needs a text of whoever presses its button: Desk.Ask gives the form and Desk.Fill takes
// what was written.
func (a Action) Asks() bool { return a == LeaveNote }

// Ask gives the form of an action that asks, to a Slack user at an instant, or a *Declined that says why they have
// nothing to fill in.
func (d *Desk) Ask(ctx context.Context, user string, a Action, words []string, at time.Time) (Form, error) {
	f, me, err := d.open(ctx, user, words, at)
	if err != nil {
		return Form{}, err
	}
	if a != LeaveNote {
		return Form{}, unknownButton()
	}
	slot, err := f.noteFor(me, words)
	if err != nil {
		return Form{}, err
	}
	return Form{Title: "Handoff note", Submit: "Keep", Most: noteLength, Label: "What should those who come next know?",
		Hint: fmt.Sprintf("It is in the handoff message of %s, at the end of %s.", Moment{slot.End, me.loc}, oneLine(f.slotName(slot), 60))}, nil
}

// Fill does an action that asks, with the text that was written. As for Act, the answer is for that person alone; one
// that says no repeats the text, so that it is not lost.
func (d *Desk) Fill(ctx context.Context, user string, a Action, words []string, text string, at time.Time) (string, error) {
	f, me, err := d.open(ctx, user, words, at)
	if err != nil {
		return "", err
	}
	if a != LeaveNote {
		return "", unknownButton()
	}
	slot, err := f.noteFor(me, words)
	if err != nil {
		return "", &Declined{err.Error() + " Your note was: " + Cut(tidy(text), noteLength)}
	}
	return d.keepNote(ctx, f, me, slot, text)
}

func unknownButton() error {
	return &Declined{"This button cannot be understood; it may be from another version of rota."}
}

// open reads the facts of the team that a button names, and who presses it.
func (d *Desk) open(ctx context.Context, user string, words []string, at time.Time) (*facts, person, error) {
	if len(words) == 0 || user == "" {
		return nil, person{}, unknownButton()
	}
	s, err := d.Office.Situation(ctx, schedule.TeamID(words[0]), at, at.AddDate(0, 0, -2), at.AddDate(0, 0, 15))
	if err != nil {
		return nil, person{}, err
	}
	f, err := s.facts()
	if err != nil {
		return nil, person{}, err
	}
	me, ok := f.agentOf(user)
	if !ok {
		return nil, person{}, &Declined{"You are not an agent of " + oneLine(f.Team.Name, nameLength) + "."}
	}
	return f, me, nil
}

// noteFor is the slot whose handoff somebody may leave a note for, from the message of a boundary: the one of theirs that
// ended there, for as long as the message is news, or else the one they are on.
func (f *facts) noteFor(me person, words []string) (schedule.Slot, error) {
	var boundary time.Time
	if len(words) > 1 {
		t, err := time.Parse(stepLayout, words[1])
		if err != nil {
			return schedule.Slot{}, unknownButton()
		}
		boundary = t
	}
	over := false
	for _, s := range f.ordered {
		if !f.isOn(s.ID, me.id) || !s.End.Equal(boundary) {
			continue
		}
		if f.Now.Before(boundary.Add(handoffLate)) {
			return s, nil
		}
		over = true
	}
	if s, on := f.onNow(me); on {
		return s, nil
	}
	if over {
		return schedule.Slot{}, &Declined{fmt.Sprintf("The handoff at %s is over. Please tell whoever is on now yourself.", Moment{boundary, me.loc}.Clock())}
	}
	return schedule.Slot{}, &Declined{"You are not on now, so there is no handoff of yours to leave a note for."}
}

// onNow is the slot that somebody is on.
func (f *facts) onNow(me person) (schedule.Slot, bool) {
	for _, s := range f.ordered {
		if s.Interval().Contains(f.Now) && f.isOn(s.ID, me.id) {
			return s, true
		}
	}
	return schedule.Slot{}, false
}

// keepNote keeps a note for the end of a slot, and shows it in the handoff message if that was sent already.
func (d *Desk) keepNote(ctx context.Context, f *facts, me person, slot schedule.Slot, text string) (string, error) {
	text = Cut(strings.TrimSpace(tidy(text)), noteLength)
	if text == "" {
		return "", &Declined{"The note is empty."}
	}
	n := schedule.HandoffNote{Team: f.Team.ID, Slot: slot.ID, Agent: me.id, Text: text, By: me.name, At: f.Now.UTC().Truncate(time.Second)}
	if err := d.Office.Note(ctx, n); err != nil {
		return "", err
	}
	if !f.Now.Before(slot.End) {
		d.refresh(ctx, f, slot.End, func(m schedule.Message) bool { return m.Kind == Handoff && About(m).Equal(slot.End) })
		return fmt.Sprintf("Your note is in the handoff message of %s.", Moment{slot.End, me.loc}.Clock()), nil
	}
	return fmt.Sprintf("Kept for the handoff at %s.", Moment{slot.End, me.loc}.Clock()), nil
}
