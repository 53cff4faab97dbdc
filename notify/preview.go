package notify

import (
	"time"

	"rota/schedule"
)

// Preview is how a message of a kind reads, on an example with names and times that are easy to recognize. Templates
// may be nil.
func Preview(templates Templates, kind schedule.MessageKind) (Content, error) {
	t := templates[kind]
	if t == nil {
		t = defaults()[kind]
	}
	c, err := renderWith(t, exampleView(kind))
	c.Buttons = exampleButtons(kind)
	return c, err
}

// exampleButtons are the buttons of messages of a kind. A template does not change them.
func exampleButtons(kind schedule.MessageKind) []Button {
	const team = schedule.TeamID("harbor")
	slot := schedule.SlotID("late@2026-12-19")
	switch kind {
	case Reminder:
		return reminderButtons(team, slot)
	case Handoff:
		return []Button{{Action: TakeOver, Text: "I have it", Value: value(team, slot), Primary: true},
			{Action: LeaveNote, Text: "Leave a note", Value: value(team, "2026-12-19T12:00Z")}}
	case Offered:
		return []Button{offerButton(team, "late@2026-12-19")}
	case Absence:
		return []Button{absenceButton(team, slot, "ani")}
	}
	return nil
}

// exampleView fills every field that a template of the kind may use.
func exampleView(kind schedule.MessageKind) View {
	home, err := schedule.LoadZone("Asia/Yerevan")
	if err != nil {
		home = time.UTC
	}
	away, err := schedule.LoadZone("Europe/Madrid")
	if err != nil {
		away = time.UTC
	}
	start := time.Date(2026, time.December, 19, 12, 0, 0, 0, time.UTC)
	end := start.Add(8 * time.Hour)
	reader := away
	switch kind {
	case Handoff, Digest, Escalation, Gap, Absence, Missed:
		reader = home
	}
	at := func(t time.Time) Moment { return Moment{t, reader} }
	ani := Person{ID: "ani", Name: "Ani Petrosyan", user: "U0EXAMPLE01"}
	pablo := Person{ID: "pablo", Name: "Pablo Ruiz", user: "U0EXAMPLE02"}
	mariam := Person{ID: "mariam", Name: "Mariam Vardanyan", user: "U0EXAMPLE03"}
	slot := SlotView{ID: "late@2026-12-19", Name: "Late", Start: at(start), End: at(end),
		When: period{at(start), at(end)}.String(), Notes: []string{"photo contest closes"}, Place: "https://support.example/desk",
		On: []Person{pablo, mariam}}
	if reader != home {
		slot.TeamWhen = period{Moment{start, home}, Moment{end, home}}.String() + " Asia/Yerevan"
	}
	gap, reason, in := "1 agent missing", "Everybody is welcome.", "in 30 minutes"
	switch kind {
	case Handoff:
		gap = "Late: " + gap
	case Digest:
		gap = "Late " + slot.When + ": " + gap
	case Gap:
		in = "in 2 days"
	case Absence:
		reason = "I have a fever."
	case Changed:
		reason = "Two people are ill."
	}
	return View{
		Kind: kind, Team: "Harbor Support", Zone: reader.String(), At: at(start), From: at(start.Add(-20 * time.Hour)),
		Until: at(start.Add(-3 * time.Hour)), In: in, Names: "Late", Slot: slot, Slots: []SlotView{slot}, Who: ani,
		With: []Person{mariam}, Leaving: []Person{ani}, Coming: []Person{pablo, mariam}, Staying: []Person{},
		OnNow: []Person{pablo, mariam}, Taken: []Person{}, Candidates: []Person{pablo, mariam},
		Covered: []string{"es B2 until Sun 00:00", "chat 2 until Sun 00:00"}, Uncovered: []string{"ru B2 until Sun 08:00"},
		Gaps:     []string{gap},
		Standing: []string{"Refunds above 100 need a second pair of eyes."},
		Notes:    []NoteView{{From: "Ani Petrosyan", Text: "The mail queue is being watched."}},
		Changes: []ChangeView{
			{What: "new", After: "Late, Sat 19 Dec 13:00-21:00", Team: "Sat 19 Dec 16:00-00:00 Asia/Yerevan"},
			{What: "gone", Before: "Early, Fri 18 Dec 05:00-13:00"},
			{What: "moved", Before: "Early, Sun 20 Dec 05:00-13:00", After: "Late, Sun 20 Dec 13:00-21:00"},
		},
		Reason: reason, Total: 2, Items: []string{
			"reminder to Ani Petrosyan, Late, was due Sat 19 Dec 15:30", "handoff to #support, was due Sat 19 Dec 16:00"},
	}
}
