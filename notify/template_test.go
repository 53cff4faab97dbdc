package notify_test

import (
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf8"

	"rota/notify"
	"rota/notify/notifytest"
	"rota/schedule"
)

// Nasty is what people could be called: everything that means something to Slack, to a template or to a terminal.
const nasty = "& < > * _ ` ~ @here <!channel> <@U0EVIL> {{.Now}} \x02*x\x03 \u202Egpj \x1b[31m"

func TestEveryTemplateBearsEveryName(t *testing.T) {
	long := strings.Repeat("Ärger mit 佐藤 & <Co> ", 400)
	for _, name := range []string{nasty, long} {
		s := notifytest.Harbor(at("2026-12-09T08:00:00Z"), 7)
		s.Team.Name = name
		for i := range s.Agents {
			s.Agents[i].Name = name
		}
		for i := range s.Shifts {
			s.Shifts[i].Name, s.Shifts[i].Location = name, name
		}
		for i := range s.Slots {
			s.Slots[i].Demand.Notes = []string{name}
		}
		s.Notes = []schedule.HandoffNote{{ID: 1, Text: name, By: name}, {ID: 2, Slot: "early@2026-12-09", Text: name, By: name}}
		old := notifytest.Roster(s)
		next := notifytest.Reassign(s, "late@2026-12-11")
		r := notifytest.Roster(next)
		r.Reason = name
		next.Offers = []notify.Offer{{ID: "o1", Slot: "late@2026-12-11", Asked: []schedule.AgentID{"pablo"}, Opened: s.Now, Expires: at("2026-12-11T08:00:00Z"), Note: name}}
		up, err := notify.Publish(next, &old, r, nil)
		if err != nil {
			t.Fatal(err)
		}
		absence, ok, err := notify.NewAbsence(next, "pablo", "late@2026-12-09", name, []schedule.AgentID{"maya"})
		if err != nil || !ok {
			t.Fatal(ok, err)
		}
		missed, ok, err := notify.NewMissed(next, []schedule.Message{{ID: 1, MessageKey: schedule.MessageKey{Team: "harbor", Kind: notify.Reminder},
			Agent: "pablo", State: schedule.MessageDead, Problem: name, ChangedAt: next.Now}})
		if err != nil || !ok {
			t.Fatal(ok, err)
		}
		seen := map[schedule.MessageKind]bool{}
		check := func(kind schedule.MessageKind, c notify.Content) {
			seen[kind] = true
			spans := []notify.Span{{Text: c.Title}}
			for _, l := range c.Lines {
				spans = append(spans, l...)
			}
			for _, sp := range spans {
				if strings.ContainsAny(sp.Text, "\x00\x01\x02\x03\x1b\x1f\u202e") || !utf8.ValidString(sp.Text) {
					t.Errorf("%s: a control character in %q", kind, sp.Text)
				}
				if sp.Kind == notify.Mention && !strings.HasPrefix(sp.User, "U0HARBOR") {
					t.Errorf("%s: mentions %q", kind, sp.User)
				}
			}
		}
		for _, p := range up.Enqueue {
			check(p.Kind, p.Content)
		}
		for _, m := range []schedule.Message{absence, missed} {
			v, err := notify.Judge(next, m)
			if err != nil || v.State != schedule.MessageSending {
				t.Fatalf("%s: %+v, %v", m.Kind, v, err)
			}
			check(m.Kind, v.Content)
		}
		for _, k := range notify.Kinds() {
			if !seen[k] {
				t.Errorf("no message of kind %s was written", k)
			}
		}
	}
}

func TestEveryBuiltinTextHasAPreview(t *testing.T) {
	for _, kind := range notify.Kinds() {
		c, err := notify.Preview(nil, kind)
		if err != nil || c.Title == "" || len(c.Lines) == 0 {
			t.Errorf("%s: %+v, %v", kind, c, err)
		}
		if strings.Contains(c.Text(), "<no value>") || strings.Contains(c.Text(), "\n\n\n") {
			t.Errorf("%s reads badly:\n%s", kind, c.Text())
		}
		// The built-in text is where people start from: it must be one that they could load.
		if _, err := notify.ParseTemplates(map[schedule.MessageKind]string{kind: notify.BuiltinTemplate(kind)}); err != nil {
			t.Error(err)
		}
	}
}

func TestATeamsOwnTemplates(t *testing.T) {
	dir := fstest.MapFS{"reminder.tmpl": {Data: []byte("Hey, {{.Slot.Name}} {{.In}}!\nSee you.")}, "README.md": {Data: []byte("x")}}
	own, err := notify.LoadTemplates(dir)
	if err != nil {
		t.Fatal(err)
	}
	c, err := notify.Preview(own, notify.Reminder)
	if err != nil || c.Text() != "Hey, Late in 30 minutes!\nSee you.\n[I cannot make it] [No more reminders today]" {
		t.Errorf("%q, %v", c.Text(), err)
	}
	_, err = notify.ParseTemplates(map[schedule.MessageKind]string{"reminder": "{{.Slat}}", "handoff": "{{", "bogus": "x", "digest": "\n"})
	if err == nil {
		t.Fatal("bad templates are accepted")
	}
	for _, want := range []string{"Slat", "handoff", "bogus", "digest"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in %v", want, err)
		}
	}
}

func TestATemplateThatBreaksOnRealValuesGivesWay(t *testing.T) {
	own, err := notify.ParseTemplates(map[schedule.MessageKind]string{notify.Reminder: "{{(index .With 0).Name}}"})
	if err != nil {
		t.Fatal(err)
	}
	s := notifytest.Harbor(at("2026-12-07T00:00:00Z"), 3)
	s.Templates = own
	if text := of(plan(t, s), notify.Reminder, "late@2026-12-08")[0].Content.Text(); !strings.Contains(text, "Late starts") {
		t.Errorf("%s", text)
	}
}

func TestCutNeverCutsACharacter(t *testing.T) {
	for n := range 12 {
		if got := notify.Cut("佐藤 健二 é", n); !utf8.ValidString(got) || utf8.RuneCountInString(got) > n {
			t.Errorf("%d: %q", n, got)
		}
	}
	if notify.Cut("abc", 3) != "abc" || notify.Cut("abcd", 3) != "ab…" {
		t.Error("cut at the wrong place")
	}
}
