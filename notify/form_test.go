package notify_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"rota/notify"
	"rota/notify/notifytest"
	"rota/schedule"
)

func TestNotesByButton(t *testing.T) {
	boundary := at("2026-12-09T12:00:00Z")
	now := boundary.Add(2 * time.Minute)
	s := notifytest.Harbor(now, 10)
	o := &office{Source: notifytest.NewSource(s)}
	edited := 0
	d := &notify.Desk{Office: o, Refresh: func(_ context.Context, _ schedule.TeamID, _, _ time.Time, choose func(schedule.Message) bool) (int, error) {
		for _, m := range plan(t, s) {
			if choose(m.Message) {
				edited++
			}
		}
		return edited, nil
	}}
	slack := map[schedule.AgentID]string{}
	for _, a := range s.Agents {
		slack[a.ID] = a.Slack
	}
	var leaves schedule.AgentID
	for _, a := range s.Assignments {
		if a.Slot == "early@2026-12-09" {
			leaves = a.Agent
		}
	}
	words := strings.Fields("harbor 2026-12-09T12:00Z")
	ask := func(user string, at time.Time) string {
		form, err := d.Ask(context.Background(), user, notify.LeaveNote, words, at)
		var no *notify.Declined
		if errors.As(err, &no) {
			return "no: " + no.Why
		}
		if err != nil || len(form.Title) > 24 || len(form.Submit) > 24 || form.Most < 100 {
			t.Fatalf("%v: %+v", err, form)
		}
		return form.Hint
	}
	fill := func(user, text string, at time.Time) string {
		answer, err := d.Fill(context.Background(), user, notify.LeaveNote, words, text, at)
		var no *notify.Declined
		if errors.As(err, &no) {
			return "no: " + no.Why
		}
		if err != nil {
			t.Fatal(err)
		}
		return answer
	}
	// Who is nowhere near the boundary.
	var away string
	for id, user := range slack {
		if id != leaves && id != "pablo" {
			away = user
		}
	}
	for _, x := range []struct{ got, want string }{
		{ask(slack[leaves], now), "at the end of Early"},
		{ask("U0HARBOR02", now), "at the end of Late"},
		{ask("U0NOBODY", now), "no: You are not an agent"},
		{ask(away, now), "no: You are not on now"},
		{ask(slack[leaves], boundary.Add(31*time.Minute)), "no: The handoff at"},
		{fill(slack[leaves], "The queue\nis & <long>", now), "Your note is in the handoff message of"},
		{fill("U0HARBOR02", "later", now), "Kept for the handoff at 21:00"},
		{fill(slack[leaves], "x", boundary.Add(31*time.Minute)), "no: The handoff at"},
		{fill(slack[leaves], "do not lose me", boundary.Add(31*time.Minute)), "Your note was: do not lose me"},
		{fill("U0NOBODY", "x", now), "no: You are not an agent"},
		{fill(slack[leaves], " \n ", now), "no: The note is empty"},
	} {
		if !strings.Contains(x.got, x.want) {
			t.Errorf("%q, want %q", x.got, x.want)
		}
	}
	if len(o.notes) != 2 || o.notes[0].Slot != "early@2026-12-09" || o.notes[0].Agent != leaves || o.notes[1].Slot != "late@2026-12-09" || edited != 1 {
		t.Errorf("%d edited, notes %+v", edited, o.notes)
	}
	// The message of the boundary has the button, and shows the note that came after it was sent.
	next := *s
	next.Notes = o.notes
	list := slices.DeleteFunc(of(plan(t, &next), notify.Handoff, ""), func(p notify.Planned) bool { return !notify.About(p.Message).Equal(boundary) })
	if len(list) != 1 || !slices.ContainsFunc(list[0].Content.Buttons, func(b notify.Button) bool {
		return b.Action == notify.LeaveNote && b.Value == "harbor 2026-12-09T12:00Z"
	}) || !strings.Contains(list[0].Content.Text(), "The queue is & <long>") || strings.Contains(list[0].Content.Text(), "later") {
		t.Errorf("the handoff: %+v", list)
	}
	if !notify.LeaveNote.Asks() || notify.TakeOver.Asks() {
		t.Error("which actions ask is not known")
	}
	for _, bad := range [][]string{nil, {"harbor", "noon"}} {
		if _, err := d.Ask(context.Background(), slack[leaves], notify.LeaveNote, bad, now); err == nil {
			t.Errorf("%q is a button", bad)
		}
	}
	if _, err := d.Fill(context.Background(), slack[leaves], notify.TakeOver, words, "x", now); err == nil {
		t.Error("a button that asks for nothing took a text")
	}
}
