package notify

import (
	"strings"

	"rota/schedule"
)

// Action is something a reader can do with a button.
type Action string

// The actions, with the words of their values.
const (
	// TakeOver says that the incoming agent has the slot: team, slot.
	TakeOver Action = "take-over"
	// CannotMakeIt says that the agent cannot make the slot: team, slot.
	CannotMakeIt Action = "cannot-make-it"
	// TakeOffer takes a slot on offer: team, offer.
	TakeOffer Action = "take-offer"
	// OfferSlot is the manager's: offer the slot to those who could take it: team, slot, the agent who cannot make it.
	OfferSlot Action = "offer-slot"
	// LeaveNote asks for a note for the handoff, and keeps it: team, the boundary of the message it stands in.
	LeaveNote Action = "leave-note"
	// MuteToday ends the reminders of an agent for the rest of the day on their clock: team.
	MuteToday Action = "mute-today"
)

// value joins the words of a button's value. None of them has a space.
func value[T ~string](team schedule.TeamID, what ...T) string {
	words := []string{string(team)}
	for _, w := range what {
		words = append(words, string(w))
	}
	return strings.Join(words, " ")
}

func reminderButtons(team schedule.TeamID, slot schedule.SlotID) []Button {
	return []Button{
		{Action: CannotMakeIt, Text: "I cannot make it", Value: value(team, slot), Danger: true},
		{Action: MuteToday, Text: "No more reminders today", Value: string(team)},
	}
}

func offerButton(team schedule.TeamID, offer string) Button {
	return Button{Action: TakeOffer, Text: "I take it", Value: value(team, offer), Primary: true}
}

func absenceButton(team schedule.TeamID, slot schedule.SlotID, absent schedule.AgentID) Button {
	return Button{Action: OfferSlot, Text: "Offer it to them", Value: value(team, string(slot), string(absent)), Primary: true}
}
