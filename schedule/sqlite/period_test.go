package sqlite

import (
	"errors"
	"testing"
	"time"

	"rota/schedule"
)

func TestLoadPeriod(t *testing.T) {
	s := newStore(t)
	b := smallBook("a")
	b.Team.Holidays = []schedule.Country{"AM"}
	b.Holidays = []schedule.Holiday{{Date: day("2026-12-25"), Name: "Own"}}
	b.Agents[0].Slack, b.Agents[1].Email = "U1", "davit@example.org"
	b.Rules = []schedule.Rule{{ID: "fair", Name: schedule.FairShareRule}}
	b.Demand = append(b.Demand, schedule.DemandLine{ID: "own", Shift: "late", Holiday: schedule.Some(true), Agents: schedule.AgentsNeed{Min: schedule.Some(3)}})
	b.Availability = []schedule.Availability{{ID: "out", Agent: "lilit", Kind: schedule.Outside, From: day("2026-12-22"), To: day("2026-12-22"),
		Hours: schedule.ClockSpan{Start: schedule.MustClock("10:00"), End: schedule.MustClock("12:00")}}}
	must(s.SaveBook(ctx, b, 0, "mel", noon))(t)
	publishNow(t, s, draftOf("a", day("2026-11-30"), day("2026-12-13"), "ani"), noon)
	// A gap: nothing is known of the 14th, so the period after it has no history but from the 15th on.
	publishNow(t, s, draftOf("a", day("2026-12-15"), day("2026-12-20"), "davit", "gone"), noon)
	publishNow(t, s, draftOf("a", day("2026-12-28"), day("2027-01-03"), "lilit"), noon)

	other := smallBook("b")
	other.Agents[0].ID, other.Agents[0].Slack = "a-petrosyan", "U1"          // ani, by Slack id
	other.Agents[1].Email, other.Agents[1].Slack = "DAVIT@example.org", "U8" // davit, by address
	other.Agents[2].Slack = "U9"                                             // lilit, whose only name in common is her id
	must(s.SaveBook(ctx, other, 0, "mel", noon))(t)
	publishNow(t, s, draftOf("b", day("2026-12-21"), day("2026-12-23"), "a-petrosyan", "davit", "lilit"), noon)

	p := must(s.LoadPeriod(ctx, PeriodQuery{Team: "a", First: day("2026-12-21"), Last: day("2026-12-27"), Now: noon}))(t)
	if p.KnownFrom != day("2026-12-15") || p.KnownTo != day("2027-01-03") {
		t.Errorf("known from %s to %s", p.KnownFrom, p.KnownTo)
	}
	if len(p.Slots) != 14 || len(p.Around) != 12+14 {
		t.Errorf("%d slots and %d around", len(p.Slots), len(p.Around))
	}
	worked := map[schedule.AgentID]int{}
	for _, a := range p.Worked {
		worked[a.Agent]++
	}
	if worked["davit"] != 3 || worked["lilit"] != 7 || worked["gone"] != 0 || len(p.Worked) != 10 {
		t.Errorf("worked %v", worked)
	}
	if p.Published != nil {
		t.Errorf("published is %+v", p.Published)
	}
	for _, slot := range p.Slots {
		want := 1
		if slot.ID == "late@2026-12-25" {
			want = 3
		}
		if slot.Demand.Min != want || len(slot.Demand.Languages) != 1 {
			t.Errorf("%s needs %+v", slot.ID, slot.Demand)
		}
	}
	names := map[string]bool{}
	for _, h := range p.Holidays {
		names[h.Date.String()] = true
	}
	if !names["2026-12-25"] || !names["2026-12-31"] {
		t.Errorf("holidays %v", p.Holidays)
	}
	busy := map[schedule.AgentID]schedule.Busy{}
	for _, b := range p.Busy {
		busy[b.Agent] = b
	}
	if len(p.Busy) != 4 || busy["ani"].Slot != "early@2026-12-21" || busy["ani"].Team != "b" || busy["ani"].Paid != 480 || !busy["ani"].Work ||
		busy["ani"].Day != day("2026-12-21") || busy["davit"].Slot != "early@2026-12-22" {
		t.Errorf("busy %+v", p.Busy)
	}
	if len(p.Targets["fair"]) != 3 {
		t.Errorf("targets %v", p.Targets)
	}
	// As little history as is asked for, and the published roster of the period itself.
	p = must(s.LoadPeriod(ctx, PeriodQuery{Team: "a", First: day("2026-12-07"), Last: day("2026-12-14"), Now: noon, History: 2}))(t)
	if p.KnownFrom != day("2026-12-05") || p.KnownTo != day("2026-12-16") || len(p.Around) != 8 || len(p.Published.Assignments) != 7 {
		t.Errorf("known from %s to %s, %d around, published %d", p.KnownFrom, p.KnownTo, len(p.Around), len(p.Published.Assignments))
	}
	var missing *NotFoundError
	if _, err := s.LoadPeriod(ctx, PeriodQuery{Team: "z", First: day("2026-12-07"), Last: day("2026-12-08")}); !errors.As(err, &missing) {
		t.Errorf("got %v", err)
	}
	if _, err := s.LoadPeriod(ctx, PeriodQuery{Team: "a", First: day("2026-12-07"), Last: day("2026-12-06")}); !errors.Is(err, ErrInvalid) {
		t.Errorf("got %v", err)
	}
}

func TestContacts(t *testing.T) {
	for _, c := range []struct {
		a, b   contact
		sameID bool
		want   bool
	}{
		{contact{"U1", ""}, contact{"U1", ""}, false, true},
		{contact{"U1", "x@y"}, contact{"U2", "x@y"}, true, false},
		{contact{"U1", "x@y"}, contact{"", "X@Y"}, false, true},
		{contact{"", "x@y"}, contact{"", "z@y"}, true, false},
		{contact{"U1", ""}, contact{"", "x@y"}, true, true},
		{contact{}, contact{}, true, true},
		{contact{}, contact{}, false, false},
	} {
		if c.a.same(c.b, c.sameID) != c.want || c.b.same(c.a, c.sameID) != c.want {
			t.Errorf("%+v", c)
		}
	}
}

func TestHistoryDays(t *testing.T) {
	rule := func(name schedule.RuleName, param string, n int) schedule.Rule {
		return schedule.Rule{Name: name, Params: schedule.Params{param: schedule.Number(n)}}
	}
	for _, c := range []struct {
		asked int
		rules []schedule.Rule
		want  int
	}{
		{0, nil, DefaultHistory},
		{9, []schedule.Rule{rule("max-weekends", "weeks", 8)}, 9},
		{0, []schedule.Rule{rule("max-weekends", "weeks", 8), rule("max-consecutive-days", "days", 5)}, 63},
		{0, []schedule.Rule{rule("max-hours", "days", 119)}, 126},
		{0, []schedule.Rule{{Name: "max-hours", Force: schedule.Off, Params: schedule.Params{"days": schedule.Number(300)}}}, DefaultHistory},
	} {
		if got := historyDays(c.asked, c.rules); got != c.want {
			t.Errorf("%v: %d, want %d", c.rules, got, c.want)
		}
	}
}

func TestLedger(t *testing.T) {
	s := newStore(t)
	withTeam(t, s, "a")
	publishWith := func(first, last string, night schedule.Minutes) {
		t.Helper()
		r := must(s.SaveDraft(ctx, draftOf("a", day(first), day(last), "ani"), "mel", noon))(t)
		must(s.Publish(ctx, PublishRequest{Team: "a", Version: r.Version, Who: "mel", Now: noon, Prepare: func(f Facts) (Publication, error) {
			return Publication{Ledger: []schedule.LedgerEntry{{Agent: "ani", First: r.First, Last: r.Last,
				Done: schedule.Burden{Night: night, Extra: 4}, Fair: schedule.Burden{Night: night / 2}}}}, nil
		}}))(t)
	}
	noError(t, s.ImportLedger(ctx, "a", []schedule.LedgerEntry{{Agent: "davit", First: day("2026-11-01"), Last: day("2026-11-30"),
		Done: schedule.Burden{Weekend: 600}, Note: "from the old tool"}}, "mel", noon))
	publishWith("2026-12-07", "2026-12-20", 1400)
	read := func(before string) map[schedule.Version]schedule.LedgerEntry {
		t.Helper()
		m := map[schedule.Version]schedule.LedgerEntry{}
		var d schedule.Date
		if before != "" {
			d = day(before)
		}
		for _, e := range must(s.Ledger(ctx, "a", d))(t) {
			m[e.Version] = e
		}
		return m
	}
	if l := read(""); len(l) != 2 || l[0].Done.Weekend != 600 || l[0].Note != "from the old tool" || !l[1].At.Equal(noon) || l[1].Done.Night != 1400 {
		t.Errorf("ledger %+v", l)
	}
	// A later version takes the second week over: the first counts for the week that is left of it.
	publishWith("2026-12-14", "2026-12-20", 100)
	if l := read(""); l[1].Done.Night != 700 || l[1].Fair.Night != 350 || l[1].Done.Extra != 2 || l[2].Done.Night != 100 {
		t.Errorf("ledger %+v", l)
	}
	// What a period does itself is no debt of it.
	if l := read("2026-12-14"); len(l) != 2 || l[1].Done.Night != 700 {
		t.Errorf("ledger %+v", l)
	}
	if l := read("2026-11-30"); len(l) != 0 {
		t.Errorf("ledger %+v", l)
	}
	if l := read("2026-12-01"); len(l) != 1 {
		t.Errorf("ledger %+v", l)
	}
	for _, q := range []string{`UPDATE ledger SET night = 0`, `DELETE FROM ledger`} {
		if err := s.translate(execAll(s, q)); !errors.Is(err, ErrImmutable) {
			t.Errorf("%s: %v", q, err)
		}
	}
}

// Opening and one question must be nothing beside the start of a process.
func TestColdStartIsQuick(t *testing.T) {
	s := newStore(t)
	withTeam(t, s, "a")
	publishNow(t, s, draft("a", "ani", "davit"), noon)
	best := time.Hour
	for range 5 {
		start := time.Now()
		o := must(Open(ctx, s.Path(), Options{}))(t)
		at := time.Date(2026, 12, 13, 5, 0, 0, 0, time.UTC)
		if _, on, err := o.PublishedBetween(ctx, "a", at, at.Add(time.Second)); err != nil || len(on) != 1 {
			t.Fatal(on, err)
		}
		noError(t, o.Close())
		best = min(best, time.Since(start))
	}
	t.Logf("%s", best)
	if best > 200*time.Millisecond {
		t.Errorf("opening and asking takes %s", best)
	}
}
