package calendar

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"rota/schedule"
)

// told is a store in miniature: it knows what calendars were told, and publishes rosters the way a store must.
type told struct {
	pub   Published
	byKey map[string]int // slot and agent to the place in pub.Entries
	now   time.Time
	// offered is what was last said about each slot that is open.
	offered map[schedule.SlotID]string
}

type pair struct {
	slot  schedule.SlotID
	agent schedule.AgentID
}

// start is noon of the day from which fixtures begin.
var start = time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)

// harbor is a team around the world with slots of the roster days [first, last], without assignments.
func harbor(t testing.TB, first, last string) *told {
	t.Helper()
	team := schedule.NewTeam("harbor", "Harbor Support", "Asia/Yerevan")
	every := func(id, name, start, end, zone, rule string, tags ...string) schedule.Shift {
		s := schedule.Shift{
			ID: schedule.ShiftID(id), Name: name, Start: schedule.MustClock(start), End: schedule.MustClock(end), Zone: zone,
			Tags: tags,
		}
		if rule != "" {
			s.Recurrence = schedule.MustRecurrence(rule)
		}
		return s
	}
	shifts := []schedule.Shift{
		every("early", "Early", "08:00", "16:00", "", ""),
		every("late", "Late", "16:00", "00:00", "", ""),
		every("night", "Night", "00:00", "08:00", "", "", "night"),
		every("wknd-morning", "Weekend morning", "07:00", "15:00", "America/New_York", "FREQ=WEEKLY;BYDAY=SA,SU", "weekend"),
		every("midnight", "Friday midnight", "23:00", "07:00", "America/New_York", "FREQ=WEEKLY;BYDAY=FR", "night", "weekend"),
	}
	shifts[1].Color, shifts[1].Location, shifts[1].Link = "#1e90fe", "Desk 2, Abovyan St.; floor 3", "https://meet.example/late?a=1&b=2"
	shifts[2].Color = "MidnightBlue"
	agent := func(id, name, zone string, languages ...string) schedule.Agent {
		a := schedule.Agent{ID: schedule.AgentID(id), Name: name, Zone: zone, Languages: map[schedule.Language]schedule.Level{}}
		for _, l := range languages {
			a.Languages[schedule.Language(l)] = schedule.C1
		}
		return a
	}
	h := &told{now: start, byKey: map[string]int{}, offered: map[schedule.SlotID]string{}, pub: Published{
		Team: team, Shifts: shifts,
		Agents: []schedule.Agent{
			agent("ani", "Ani Petrosyan", "", "hy", "en", "ru"),
			agent("hayk", "Հայկ Սարգսյան, մենեջեր", "Asia/Tbilisi", "hy", "en"),
			agent("kenji", "佐藤 健二", "Asia/Tokyo", "ja", "en"),
			agent("sean", "Seán O'Brien", "Europe/Dublin", "en"),
			agent("maya", `Maya "M" Brooks; Jr & Co \ 🌙👩‍💻`, "America/New_York", "en", "es"),
			agent("pablo", "Pablo Ruiz", "Europe/Madrid", "es", "en"),
			agent("lh", "Lord Howe", "Australia/Lord_Howe", "en"),
		},
	}}
	slots, err := schedule.ExpandSlots(team, shifts, schedule.MustDate(first), schedule.MustDate(last))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range slots {
		s.Demand = schedule.Demand{Min: 1, Target: schedule.Some(2), Languages: []schedule.LanguageDemand{{Tag: "en", Level: schedule.C1, Min: 1}}}
		if s.Shift == "late" {
			s.Demand.Notes = []string{"photo contest; closes, really"}
		}
		h.pub.Slots = append(h.pub.Slots, Slot{Slot: s})
	}
	return h
}

// turns gives every slot n agents in turn.
func (h *told) turns(n int) []pair {
	var pairs []pair
	k := 0
	for _, s := range h.pub.Slots {
		for range n {
			pairs = append(pairs, pair{s.ID, h.pub.Agents[k%len(h.pub.Agents)].ID})
			k++
		}
	}
	return pairs
}

// pairs are who is on which slot now.
func (h *told) pairs() []pair {
	var pairs []pair
	for _, e := range h.pub.Entries {
		if !e.Cancelled {
			pairs = append(pairs, pair{e.Slot, e.Agent})
		}
	}
	return pairs
}

// publish makes pairs the next version, an hour after the last.
func (h *told) publish(pairs []pair) {
	h.pub.Version++
	h.now = h.now.Add(time.Hour)
	h.pub.PublishedAt = h.now
	slots := map[schedule.SlotID]Slot{}
	for _, s := range h.pub.Slots {
		slots[s.ID] = s
	}
	keep := map[string]bool{}
	for _, x := range pairs {
		key := string(x.slot) + " " + string(x.agent)
		keep[key] = true
		s := slots[x.slot]
		i, known := h.byKey[key]
		if !known {
			h.byKey[key] = len(h.pub.Entries)
			h.pub.Entries = append(h.pub.Entries, Entry{
				UID: schedule.UID(fmt.Sprintf("0e%010x@rota", 7919*len(h.pub.Entries))), Slot: x.slot, Agent: x.agent, Shift: s.Shift,
				Start: s.Start, End: s.End, Changed: h.now, Version: h.pub.Version,
			})
			continue
		}
		e := &h.pub.Entries[i]
		if e.Cancelled || !e.Start.Equal(s.Start) || !e.End.Equal(s.End) {
			e.Sequence++
			e.Cancelled, e.Start, e.End, e.Changed, e.Version = false, s.Start, s.End, h.now, h.pub.Version
		}
	}
	for key, i := range h.byKey {
		if e := &h.pub.Entries[i]; !keep[key] && !e.Cancelled {
			e.Sequence++
			e.Cancelled, e.Changed, e.Version = true, h.now, h.pub.Version
		}
	}
	on := map[schedule.SlotID]int{}
	for _, x := range pairs {
		on[x.slot]++
	}
	for i := range h.pub.Slots {
		s := &h.pub.Slots[i]
		said := Offered(s.Slot, on[s.ID])
		if before, known := h.offered[s.ID]; !known {
			s.Changed = h.now
		} else if before != said {
			s.Changed = h.now
			s.Sequence++
		}
		h.offered[s.ID] = said
	}
}

// prepare indexes a copy of what is told so far.
func (h *told) prepare(t testing.TB) *Prepared {
	t.Helper()
	pub := h.pub
	pub.Entries = slices.Clone(pub.Entries)
	p, err := Prepare(&pub)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (h *told) scope(s string) Scope {
	scope, err := ParseScope(h.pub.Team.ID, s)
	if err != nil {
		panic(err)
	}
	return scope
}

func feed(t testing.TB, p *Prepared, s Scope, day string) Feed {
	t.Helper()
	f, err := p.Feed(s, schedule.MustDate(day), FeedOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func encoded(t testing.TB, f Feed) []byte {
	t.Helper()
	b, err := f.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// prop is one unfolded line.
type prop struct{ name, params, value string }

// strictLines reads a calendar with no mercy: CRLF everywhere, no other control characters, at most 75 octets a line,
// no rune cut by folding, components properly nested.
func strictLines(t testing.TB, data []byte) []prop {
	t.Helper()
	if !bytes.HasSuffix(data, []byte("\r\n")) {
		t.Fatal("the last line has no end")
	}
	var props []prop
	var open []string
	for _, line := range strings.Split(strings.TrimSuffix(string(data), "\r\n"), "\r\n") {
		if len(line) > 75 {
			t.Fatalf("%d octets in line %q", len(line), line)
		}
		if !utf8.ValidString(line) {
			t.Fatalf("a rune is cut in %q", line)
		}
		for _, r := range line {
			if r < 0x20 || r >= 0x7f && r < 0xa0 || r == 0x2028 || r == 0x2029 {
				t.Fatalf("control character %U in %q", r, line)
			}
		}
		if more, folded := strings.CutPrefix(line, " "); folded {
			if len(props) == 0 {
				t.Fatal("the first line is folded")
			}
			props[len(props)-1].value += more
			continue
		}
		head, value, ok := strings.Cut(line, ":")
		if !ok {
			// The fold may fall before the colon only for absurdly long names, which we never write.
			t.Fatalf("no colon in %q", line)
		}
		name, params, _ := strings.Cut(head, ";")
		props = append(props, prop{name, params, value})
	}
	for _, p := range props {
		switch p.name {
		case "BEGIN":
			open = append(open, p.value)
		case "END":
			if len(open) == 0 || open[len(open)-1] != p.value {
				t.Fatalf("END:%s does not match %v", p.value, open)
			}
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 {
		t.Fatalf("%v not ended", open)
	}
	return props
}

func count(props []prop) map[string]int {
	n := map[string]int{}
	for _, p := range props {
		n[p.name]++
		if p.name == "BEGIN" {
			n["BEGIN:"+p.value]++
		}
	}
	return n
}

func find(f Feed, uid schedule.UID) (Event, bool) {
	i := slices.IndexFunc(f.Events, func(e Event) bool { return e.UID == string(uid) })
	if i < 0 {
		return Event{}, false
	}
	return f.Events[i], true
}
