package calendar

import (
	"bytes"
	"flag"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"rota/schedule"
)

var update = flag.Bool("update", false, "rewrite the golden files")

const today = "2026-12-07"

func TestGolden(t *testing.T) {
	h := harbor(t, "2026-12-19", "2026-12-20")
	h.pub.Team.Feed.Leave = true
	h.pub.Team.Feed.Alarm = schedule.Some(schedule.Minutes(30))
	h.pub.Leave = []Leave{{
		Availability: schedule.Availability{
			ID: "a1", Agent: "maya", Kind: schedule.Leave, From: schedule.MustDate("2026-12-24"), To: schedule.MustDate("2027-01-03"),
			Note: "home; call, if needed",
		},
		Changed: start,
	}}
	pairs := h.turns(2)
	h.publish(pairs)
	i := slices.IndexFunc(pairs, func(x pair) bool { return x.agent == "maya" })
	h.publish(slices.Delete(slices.Clone(pairs), i, i+1))
	p := h.prepare(t)
	for _, s := range []string{"personal:maya", "team", "open"} {
		got := encoded(t, feed(t, p, h.scope(s), today))
		strictLines(t, got)
		name := filepath.Join("testdata", strings.ReplaceAll(s, ":", "-")+".ics")
		if *update {
			if err := os.WriteFile(name, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s differs (run with -update):\n%s", name, got)
		}
	}
}

// Every assignment is in its owner's feed and in the team's, exactly once, with what the store says.
func TestEventsAreTheEntries(t *testing.T) {
	for _, period := range [][2]string{{"2026-12-07", "2027-01-03"}, {"2026-10-19", "2026-11-08"}, {"2027-03-08", "2027-04-04"}} {
		h := harbor(t, period[0], period[1])
		h.publish(h.turns(3))
		h.publish(h.turns(2))
		h.pub.Team.Feed.Cancelled = 365
		p := h.prepare(t)
		day := period[0]
		team := feed(t, p, h.scope("team"), day)
		if len(team.Events) != len(h.pub.Entries) {
			t.Fatalf("%d events for %d entries", len(team.Events), len(h.pub.Entries))
		}
		seen := 0
		for _, a := range h.pub.Agents {
			own := feed(t, p, PersonalScope("harbor", a.ID), day)
			for _, e := range own.Events {
				i := slices.IndexFunc(h.pub.Entries, func(x Entry) bool { return string(x.UID) == e.UID })
				want := h.pub.Entries[i]
				shared, ok := find(team, want.UID)
				if !ok || want.Agent != a.ID {
					t.Fatalf("%s has an event of %s", a.ID, want.Agent)
				}
				for _, got := range []Event{e, shared} {
					if !got.Start.Equal(want.Start) || !got.End.Equal(want.End) || got.Sequence != want.Sequence ||
						(got.Status == Cancelled) != want.Cancelled || got.Changed.Before(want.Changed) {
						t.Errorf("event %+v of entry %+v", got, want)
					}
				}
				seen++
			}
			if n := count(strictLines(t, encoded(t, own)))["BEGIN:VEVENT"]; n != len(own.Events) {
				t.Errorf("%d of %d events of %s written", n, len(own.Events), a.ID)
			}
		}
		if seen != len(h.pub.Entries) {
			t.Errorf("%d events for %d entries", seen, len(h.pub.Entries))
		}
	}
}

func TestSameBytes(t *testing.T) {
	h := harbor(t, "2026-12-07", "2026-12-20")
	h.publish(h.turns(2))
	want := map[string][]byte{}
	scopes := []string{"personal:kenji", "team", "shift:late", "language:es", "open"}
	for _, s := range scopes {
		want[s] = encoded(t, feed(t, h.prepare(t), h.scope(s), today))
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 5 {
		q := h.pub
		q.Entries, q.Slots, q.Agents = slices.Clone(q.Entries), slices.Clone(q.Slots), slices.Clone(q.Agents)
		random.Shuffle(len(q.Entries), func(i, j int) { q.Entries[i], q.Entries[j] = q.Entries[j], q.Entries[i] })
		random.Shuffle(len(q.Slots), func(i, j int) { q.Slots[i], q.Slots[j] = q.Slots[j], q.Slots[i] })
		random.Shuffle(len(q.Agents), func(i, j int) { q.Agents[i], q.Agents[j] = q.Agents[j], q.Agents[i] })
		p, err := Prepare(&q)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range scopes {
			if !bytes.Equal(encoded(t, feed(t, p, h.scope(s), today)), want[s]) {
				t.Errorf("%s depends on the order of what it is made from", s)
			}
		}
	}
	// A publication that changes nothing changes no byte, though the version is new.
	h.publish(h.turns(2))
	for _, s := range scopes {
		if !bytes.Equal(encoded(t, feed(t, h.prepare(t), h.scope(s), today)), want[s]) {
			t.Errorf("%s changed though the roster did not", s)
		}
	}
}

// Who is on an open slot is not shown, so that it changes with how many there are.
func TestOpenSlotsChangeWithTheirRoom(t *testing.T) {
	h := harbor(t, "2026-12-19", "2026-12-19")
	one := []pair{{"early@2026-12-19", "ani"}}
	want := 0
	for step, x := range []struct {
		pairs   []pair
		changes bool
	}{
		{one, false}, {one, false}, {[]pair{{"early@2026-12-19", "sean"}}, false}, {nil, true}, {nil, false}, {one, true},
	} {
		h.publish(x.pairs)
		if x.changes {
			want++
		}
		f := feed(t, h.prepare(t), h.scope("open"), today)
		i := slices.IndexFunc(f.Events, func(e Event) bool { return strings.Contains(e.Summary, "Early") })
		if i < 0 || f.Events[i].Sequence != want || f.Events[i].Changed.Equal(h.now) != (x.changes || step == 0) {
			t.Errorf("step %d: %+v", step, f.Events)
		}
	}
	// A store that does not know says when the roster was published.
	h.pub.Slots[0].Changed = time.Time{}
	for _, e := range feed(t, h.prepare(t), h.scope("open"), today).Events {
		if !e.Changed.Equal(h.pub.PublishedAt) && e.Start.Equal(h.pub.Slots[0].Start) {
			t.Errorf("%+v", e)
		}
	}
}

// Whatever is published after whatever, UIDs stay with their pair, SEQUENCE and LAST-MODIFIED never fall, any event
// whose bytes differ has a later LAST-MODIFIED, and nothing appears twice.
func TestSequences(t *testing.T) {
	h := harbor(t, "2026-12-07", "2026-12-13")
	random := rand.New(rand.NewPCG(3, 4))
	first := h.turns(2)
	rosters := [][]pair{first}
	type seen struct {
		sequence int
		changed  time.Time
		bytes    string
		pair     pair
	}
	last := map[string]seen{}
	for step := range 40 {
		roster := slices.Clone(rosters[random.IntN(len(rosters))]) // often a rollback
		for range random.IntN(4) {
			switch i, j := random.IntN(len(roster)), random.IntN(len(roster)); random.IntN(3) {
			case 0:
				roster = slices.Delete(roster, i, i+1)
			case 1: // swap agents
				roster[i].agent, roster[j].agent = roster[j].agent, roster[i].agent
			case 2:
				roster[i].agent = h.pub.Agents[random.IntN(len(h.pub.Agents))].ID
			}
		}
		slices.SortFunc(roster, func(a, b pair) int {
			return strings.Compare(string(a.slot)+" "+string(a.agent), string(b.slot)+" "+string(b.agent))
		})
		roster = slices.Compact(roster)
		rosters = append(rosters, roster)
		if random.IntN(5) == 0 { // the hours of a slot change
			s := &h.pub.Slots[random.IntN(len(h.pub.Slots))]
			s.End = s.End.Add(time.Minute)
		}
		h.publish(roster)
		f := feed(t, h.prepare(t), h.scope("team"), today)
		uids := map[string]bool{}
		for _, e := range f.Events {
			if uids[e.UID] {
				t.Fatalf("step %d: %s twice", step, e.UID)
			}
			uids[e.UID] = true
			i := slices.IndexFunc(h.pub.Entries, func(x Entry) bool { return string(x.UID) == e.UID })
			now := seen{e.Sequence, e.Changed, string(encoded(t, Feed{Events: []Event{e}})), pair{h.pub.Entries[i].Slot, h.pub.Entries[i].Agent}}
			before, known := last[e.UID]
			if known {
				if now.pair != before.pair {
					t.Errorf("step %d: %s moved from %v to %v", step, e.UID, before.pair, now.pair)
				}
				if now.sequence < before.sequence || now.changed.Before(before.changed) {
					t.Errorf("step %d: %s went back from %+v to %+v", step, e.UID, before, now)
				}
				if (now.bytes != before.bytes) && !now.changed.After(before.changed) {
					t.Errorf("step %d: %s changed without saying so:\n%s\n%s", step, e.UID, before.bytes, now.bytes)
				}
			}
			last[e.UID] = now
		}
		if len(uids) != len(h.pub.Entries) {
			t.Errorf("step %d: %d events for %d entries", step, len(uids), len(h.pub.Entries))
		}
	}
}

func TestWindow(t *testing.T) {
	h := harbor(t, "2026-12-01", "2026-12-31")
	h.pub.Team.Feed.Past, h.pub.Team.Feed.Future, h.pub.Team.Feed.Cancelled = 2, 3, 4
	h.publish(h.turns(1))
	days := func(day string) map[string]bool {
		got := map[string]bool{}
		for _, e := range feed(t, h.prepare(t), h.scope("shift:early"), day).Events {
			got[e.Start.Format("01-02")] = true
		}
		return got
	}
	want := map[string]bool{"12-08": true, "12-09": true, "12-10": true, "12-11": true, "12-12": true, "12-13": true}
	if got := days("2026-12-10"); !maps.Equal(got, want) {
		t.Errorf("got %v", got)
	}
	// What was taken away on 30 November shows through 3 December, and never with 0 days.
	h.publish(nil)
	if got := days("2026-12-03"); len(got) != 6-0 {
		t.Errorf("on the fourth day: %v", got)
	}
	if got := days("2026-12-04"); len(got) != 0 {
		t.Errorf("on the fifth day: %v", got)
	}
	h.pub.Team.Feed.Cancelled = 0
	if got := days("2026-11-30"); len(got) != 0 {
		t.Errorf("with 0 days: %v", got)
	}
}

func TestHandovers(t *testing.T) {
	h := harbor(t, "2026-12-19", "2026-12-20")
	h.publish([]pair{
		{"early@2026-12-19", "ani"}, {"early@2026-12-19", "pablo"}, {"late@2026-12-19", "sean"},
		{"wknd-morning@2026-12-19", "maya"}, {"night@2026-12-20", "kenji"},
	})
	text := func(agent, slot string) string {
		f := feed(t, h.prepare(t), h.scope("personal:"+agent), today)
		for _, e := range f.Events {
			if i := slices.IndexFunc(h.pub.Entries, func(x Entry) bool { return string(x.UID) == e.UID }); string(h.pub.Entries[i].Slot) == slot {
				return e.Description
			}
		}
		t.Fatalf("%s has no %s", agent, slot)
		return ""
	}
	has := func(text, want string) {
		t.Helper()
		if !strings.Contains("\n"+text+"\n", "\n"+want+"\n") {
			t.Errorf("no line %q in\n%s", want, text)
		}
	}
	ani := text("ani", "early@2026-12-19")
	has(ani, "With Pablo Ruiz")
	has(ani, "Hands over to Seán O'Brien (Late), "+`Maya "M" Brooks; Jr & Co \ 🌙👩‍💻 (Weekend morning)`)
	sean := text("sean", "late@2026-12-19")
	has(sean, "Sat 19 Dec 2026, 12:00-20:00 (Europe/Dublin)")
	has(sean, "Sat 19 Dec 2026, 16:00-00:00 (Asia/Yerevan)")
	has(sean, "Takes over from Ani Petrosyan, Pablo Ruiz (Early)")
	has(sean, "Hands over to 佐藤 健二 (Night)")
	has(sean, "Languages: en C1")
	has(sean, "Note: photo contest; closes, really")
	has(sean, "Roster version 1")
	has(text("kenji", "night@2026-12-20"), "Takes over from Seán O'Brien (Late), "+`Maya "M" Brooks; Jr & Co \ 🌙👩‍💻 (Weekend morning)`)

	// After 14 March New York's clocks are an hour ahead of the winter's: the weekend morning ends within Late.
	h = harbor(t, "2027-03-20", "2027-03-20")
	h.publish([]pair{{"late@2027-03-20", "sean"}, {"wknd-morning@2027-03-20", "maya"}})
	has(text("maya", "wknd-morning@2027-03-20"), "Hands over to Seán O'Brien (Late)")
	if s := text("sean", "late@2027-03-20"); strings.Contains(s, "Hands over") {
		t.Errorf("nobody is there to hand over to:\n%s", s)
	}

	h = harbor(t, "2026-12-19", "2026-12-20")
	h.pub.Team.Feed.Names = false
	h.publish(h.turns(2))
	for _, s := range []string{"personal:ani", "team", "shift:late", "language:en", "open"} {
		data := string(encoded(t, feed(t, h.prepare(t), h.scope(s), today)))
		for _, a := range h.pub.Agents {
			if s == "personal:ani" && a.ID == "ani" {
				continue
			}
			if strings.Contains(data, a.Name) || strings.Contains(data, strings.Fields(a.Name)[0]) {
				t.Errorf("%s names %s", s, a.Name)
			}
		}
	}
	if f := feed(t, h.prepare(t), h.scope("team"), today); len(f.Events) != len(h.pub.Slots) {
		t.Errorf("%d events for %d slots", len(f.Events), len(h.pub.Slots))
	}
}

func TestOpen(t *testing.T) {
	h := harbor(t, "2026-12-19", "2026-12-19")
	h.publish([]pair{
		{"early@2026-12-19", "ani"}, {"early@2026-12-19", "pablo"}, {"late@2026-12-19", "sean"}, {"night@2026-12-19", "kenji"},
		{"night@2026-12-19", "maya"}, {"wknd-morning@2026-12-19", "lh"}, {"wknd-morning@2026-12-19", "maya"},
	})
	f := feed(t, h.prepare(t), h.scope("open"), today)
	var got []string
	for _, e := range f.Events {
		got = append(got, e.Summary)
		if e.Status != Tentative || e.Busy {
			t.Errorf("%+v", e)
		}
	}
	want := []string{"Open: Friday midnight, 2 more (Harbor Support)", "Open: Late, 1 more (Harbor Support)"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	if f := feed(t, h.prepare(t), h.scope("open"), "2026-12-20"); len(f.Events) != 0 {
		t.Errorf("%d slots of yesterday are offered", len(f.Events))
	}
}

func TestLeave(t *testing.T) {
	h := harbor(t, "2026-12-19", "2026-12-19")
	h.pub.Leave = []Leave{
		{Availability: schedule.Availability{ID: "x", Agent: "ani", Kind: schedule.Leave, From: schedule.MustDate("2026-12-24"), To: schedule.MustDate("2027-01-03")}, Changed: start, Sequence: 2},
		{Availability: schedule.Availability{ID: "y", Agent: "ani", Kind: schedule.Leave, From: schedule.MustDate("2026-12-21"), To: schedule.MustDate("2026-12-21"),
			Hours: schedule.ClockSpan{Start: schedule.MustClock("09:00"), End: schedule.MustClock("12:00")}}, Changed: start},
		{Availability: schedule.Availability{ID: "z", Agent: "ani", Kind: schedule.Leave, From: schedule.MustDate("2026-12-22"), To: schedule.MustDate("2026-12-22"), State: schedule.Asked}},
		{Availability: schedule.Availability{ID: "u", Agent: "ani", Kind: schedule.Unavailable, From: schedule.MustDate("2026-12-22"), To: schedule.MustDate("2026-12-22")}},
	}
	if f := feed(t, h.prepare(t), h.scope("personal:ani"), today); len(f.Events) != 0 {
		t.Errorf("leave shows though the team does not want it: %+v", f.Events)
	}
	h.pub.Team.Feed.Leave = true
	f := feed(t, h.prepare(t), h.scope("personal:ani"), today)
	if len(f.Events) != 2 {
		t.Fatalf("got %+v", f.Events)
	}
	if e := f.Events[0]; !e.Start.Equal(time.Date(2026, 12, 21, 5, 0, 0, 0, time.UTC)) || e.End.Sub(e.Start) != 3*time.Hour {
		t.Errorf("got %+v", e)
	}
	e := f.Events[1]
	if e.First.String() != "2026-12-24" || e.Last.String() != "2027-01-03" || e.Sequence != 2 || !e.Busy || !e.Away {
		t.Errorf("got %+v", e)
	}
	if data := string(encoded(t, f)); !strings.Contains(data, "DTSTART;VALUE=DATE:20261224\r\nDTEND;VALUE=DATE:20270104\r\n") {
		t.Errorf("in\n%s", data)
	}
	// The event is the same on every day that shows it.
	for _, day := range []string{"2026-12-24", "2026-12-31", "2027-01-10"} {
		later := feed(t, h.prepare(t), h.scope("personal:ani"), day)
		if got, ok := find(later, schedule.UID(e.UID)); !ok || got.First != e.First || got.Last != e.Last {
			t.Errorf("on %s: %+v", day, got)
		}
	}
	for _, s := range []string{"personal:kenji", "team", "open"} {
		if data := string(encoded(t, feed(t, h.prepare(t), h.scope(s), today))); strings.Contains(data, "Leave") {
			t.Errorf("%s shows another's leave", s)
		}
	}
}

func TestAlarm(t *testing.T) {
	h := harbor(t, "2026-12-19", "2026-12-19")
	h.publish(h.turns(1))
	h.publish(h.turns(1)[:4])
	p := h.prepare(t)
	alarms := func(opt FeedOptions) int {
		n := 0
		for _, a := range h.pub.Agents {
			f, err := p.Feed(PersonalScope("harbor", a.ID), schedule.MustDate(today), opt)
			if err != nil {
				t.Fatal(err)
			}
			n += count(strictLines(t, encoded(t, f)))["BEGIN:VALARM"]
		}
		return n
	}
	if n := alarms(FeedOptions{}); n != 0 {
		t.Errorf("%d alarms that nobody asked for", n)
	}
	if n := alarms(FeedOptions{Alarm: schedule.Some(schedule.Minutes(15))}); n != 4 {
		t.Errorf("%d alarms for 4 slots", n)
	}
	p.pub.Team.Feed.Alarm = schedule.Some(schedule.Minutes(60))
	if n := alarms(FeedOptions{}); n != 4 {
		t.Errorf("%d alarms for 4 slots", n)
	}
	if n := alarms(FeedOptions{Alarm: schedule.Some(schedule.Minutes(-1))}); n != 0 {
		t.Errorf("%d alarms that were declined", n)
	}
}

func TestColors(t *testing.T) {
	for in, want := range map[string]string{"#1e90fe": "dodgerblue", "MidnightBlue": "midnightblue", "#000": "", "x\r\ny": "", "": "", "#fe0000": "red"} {
		if got := colorName(in); got != want {
			t.Errorf("%q gives %q", in, got)
		}
	}
}

func TestScopes(t *testing.T) {
	for _, s := range []string{"personal:ani", "team", "shift:late", "language:pt-BR", "open"} {
		scope, err := ParseScope("harbor", s)
		if err != nil || scope.String() != s {
			t.Errorf("%q: %v %v", s, scope, err)
		}
	}
	for _, s := range []string{"", "personal", "personal:", "team:x", "shift:../x", "language:xx-what", "language:EN", "everything", "open:a"} {
		if _, err := ParseScope("harbor", s); err == nil {
			t.Errorf("%q is no scope", s)
		}
	}
}
