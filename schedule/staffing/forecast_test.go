package staffing

import (
	"fmt"
	"math"
	"testing"
	"time"

	"rota/schedule"
)

// weeksOf makes a table of so many weeks from Monday 2026-10-05: chat by day, twice as much on Mondays, in two languages,
// and email at noon. change may rewrite the contacts of a date.
func weeksOf(weeks int, change func(d schedule.Date, contacts float64) float64) Volume {
	v := Volume{Step: time.Hour}
	first := schedule.MustDate("2026-10-05")
	for n := range 7 * weeks {
		d := first.AddDays(n)
		for h := 8; h < 20; h++ {
			c := 20.0
			if d.Weekday() == time.Monday {
				c = 40
			}
			if change != nil {
				c = change(d, c)
			}
			at := time.Date(d.Year, d.Month, d.Day, h, 0, 0, 0, time.UTC)
			v.Records = append(v.Records, Record{at, "chat", "en", c, 6 * time.Minute}, Record{at, "chat", "es", c / 4, 8 * time.Minute})
			if h == 12 {
				v.Records = append(v.Records, Record{at, "email", "", 24, 10 * time.Minute})
			}
		}
	}
	return v
}

func outlook(first string, days int) Outlook {
	d := schedule.MustDate(first)
	return Outlook{Here: time.UTC, First: d, Last: d.AddDays(days - 1)}
}

func sumOf(loads []Load, day schedule.Date, channel string) float64 {
	sum := 0.0
	for _, l := range loads {
		if l.Day == day && l.Channel == channel {
			sum += l.Contacts
		}
	}
	return sum
}

func TestForecastWeek(t *testing.T) {
	// Weeks that differ by a fifth: the mean is expected.
	v := weeksOf(4, func(d schedule.Date, c float64) float64 {
		if d.Sub(schedule.MustDate("2026-10-05"))/7%2 == 0 {
			return c * 1.2
		}
		return c * 0.8
	})
	x, err := v.Forecast(outlook("2026-12-07", 7))
	if err != nil || x.Weeks != 4 || len(x.Odd) > 0 {
		t.Fatal(x.Weeks, x.Odd, err)
	}
	loads := x.Loads
	for n := range 7 {
		d := schedule.MustDate("2026-12-07").AddDays(n)
		want := 12 * 20 * 1.25
		if n == 0 {
			want *= 2
		}
		near(t, d.String(), sumOf(loads, d, "chat"), want, 1e-9)
	}
	for i, l := range loads {
		if i > 0 && (l.Day.Before(loads[i-1].Day) || l.Day == loads[i-1].Day && l.At < loads[i-1].At) {
			t.Fatal("loads are out of order")
		}
	}
}

func TestForecastSpecialDays(t *testing.T) {
	holiday, special := schedule.MustDate("2026-10-14"), schedule.MustDate("2026-10-20")
	v := weeksOf(4, func(d schedule.Date, c float64) float64 {
		switch d {
		case holiday:
			return c / 2
		case special:
			return c * 10
		}
		return c
	})
	o := outlook("2026-12-21", 7)
	o.Holidays = map[schedule.Date]string{holiday: "Autumn day", schedule.MustDate("2026-12-25"): "Christmas"}
	o.Special = map[schedule.Date]float64{special: 10, schedule.MustDate("2026-12-23"): 1.5}
	x, err := v.Forecast(o)
	if err != nil {
		t.Fatal(err)
	}
	loads := x.Loads
	for day, want := range map[string]float64{"2026-12-22": 300, "2026-12-23": 450, "2026-12-24": 300, "2026-12-25": 150} {
		near(t, day, sumOf(loads, schedule.MustDate(day), "chat"), want, 1e-9)
	}
}

// TestForecastClock: days repeat by the wall clock, so nine in the morning stays nine across a change of the hour.
func TestForecastClock(t *testing.T) {
	here := berlin(t)
	v, err := ReadVolume("v.csv", []byte("start,channel,contacts,handling\n2026-10-19 09:00,chat,10,180\n2026-10-26 09:00,chat,20,180\n"), here)
	if err != nil {
		t.Fatal(err)
	}
	o := outlook("2026-12-07", 7)
	o.Here = here
	x, err := v.Forecast(o)
	loads := x.Loads
	if err != nil || len(loads) != 1 || loads[0].At != schedule.MustClock("09:00") || loads[0].Contacts != 15 {
		t.Errorf("%+v, %v", loads, err)
	}
}

// TestForecastTrend: contacts that grow by a twentieth a week are carried on, and the week keeps its shape; a few odd days
// move nothing.
func TestForecastTrend(t *testing.T) {
	first := schedule.MustDate("2026-10-05")
	v := weeksOf(8, func(d schedule.Date, c float64) float64 {
		switch d.String() {
		case "2026-10-14": // an outage
			return 0
		case "2026-11-12": // a rush
			return 12 * c
		}
		return c * math.Pow(1.05, float64(d.Sub(first))/7)
	})
	o := outlook("2026-12-07", 21)
	o.Trend = true
	x, err := v.Forecast(o)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "growth", x.Growth["chat"], 1.05, 1e-9)
	near(t, "growth of email", x.Growth["email"], 1, 1e-9)
	if len(x.Odd) != 2 || x.Odd[0].Day.String() != "2026-10-14" || x.Odd[0].Factor != 0 || x.Odd[1].Day.String() != "2026-11-12" {
		t.Errorf("odd: %+v", x.Odd)
	}
	for n := range 21 {
		d := o.First.AddDays(n)
		want := 12 * 20 * 1.25 * math.Pow(1.05, float64(d.Sub(first))/7)
		if d.Weekday() == time.Monday {
			want *= 2
		}
		near(t, d.String(), sumOf(x.Loads, d, "chat"), want, 1e-6)
		near(t, d.String(), sumOf(x.Loads, d, "email"), 24, 1e-9)
	}
	// No rate lasts: at most twice as much is expected.
	o = outlook("2027-12-06", 7)
	o.Trend = true
	far, err := v.Forecast(o)
	if err != nil {
		t.Fatal(err)
	}
	last := first.AddDays(55)
	near(t, "a year on", sumOf(far.Loads, schedule.MustDate("2027-12-12"), "chat"), 2*300*math.Pow(1.05, float64(last.Sub(first))/7), 1e-6)
	if _, err := weeksOf(2, nil).Forecast(o); err == nil {
		t.Error("a trend of two weeks")
	}
	// Without a trend odd days are left out just the same, unless they are to be kept.
	o = outlook("2026-12-07", 7)
	flat := weeksOf(8, func(d schedule.Date, c float64) float64 {
		if d.String() == "2026-11-12" {
			return 9 * c
		}
		return c
	})
	thursday := schedule.MustDate("2026-12-10")
	x, err = flat.Forecast(o)
	if err != nil || len(x.Odd) != 1 {
		t.Fatal(x.Odd, err)
	}
	near(t, "robust", sumOf(x.Loads, thursday, "chat"), 300, 1e-9)
	near(t, "factor", x.Odd[0].Factor, 9, 1e-9)
	o.KeepOdd = true
	x, err = flat.Forecast(o)
	if err != nil || len(x.Odd) != 0 {
		t.Fatal(x.Odd, err)
	}
	near(t, "plain", sumOf(x.Loads, thursday, "chat"), 600, 1e-9)
}

// TestPooled: one queue of two languages takes fewer agents than two queues, each language has the speakers its own contacts
// need, and those set aside for languages are never more than the agents there are.
func TestPooled(t *testing.T) {
	p := plan()
	p.Shrinkage = 0
	pooled, _, err := p.Needs(weeksOf(3, nil), outlook("2026-12-07", 7))
	if err != nil {
		t.Fatal(err)
	}
	p.Separate = true
	separate, _, err := p.Needs(weeksOf(3, nil), outlook("2026-12-07", 7))
	if err != nil || len(separate) != len(pooled) {
		t.Fatal(len(separate), len(pooled), err)
	}
	fewer := 0
	for i, n := range pooled {
		s := separate[i]
		if n.Agents > s.Agents {
			t.Errorf("%s %s: %d pooled, %d apart", n.Day, n.At, n.Agents, s.Agents)
		}
		fewer += s.Agents - n.Agents
		aside := 0
		for k, l := range n.Languages {
			aside += l.Agents
			if l.Speakers != s.Languages[k].Agents || l.Tag != s.Languages[k].Tag {
				t.Errorf("%s %s: %+v pooled, %+v apart", n.Day, n.At, l, s.Languages[k])
			}
		}
		if aside > n.Agents {
			t.Errorf("%s %s: %d set aside of %d", n.Day, n.At, aside, n.Agents)
		}
	}
	if fewer == 0 {
		t.Error("pooling takes as many agents as two queues")
	}
	// One queue with all contacts, by hand: 50 an hour on a Monday, 40 of six minutes and 10 of eight.
	q := Queue{Rate: 50, Handling: 384 * time.Second, Within: 2 * time.Minute}
	servers, err := q.Required(p.Channel("chat").Goal, 2)
	if err != nil || pooled[0].Parts[0].Agents != float64(servers/2) {
		t.Errorf("%v agents, by hand %d, %v", pooled[0].Parts[0].Agents, servers/2, err)
	}
	if got := split(7, []float64{0, 3, 1, 0}); got[0]+got[1]+got[2]+got[3] != 7 || got[1] != 5 || got[2] != 2 {
		t.Errorf("split: %v", got)
	}
}

func plan() Plan {
	return Plan{Default: DefaultChannel(), Shrinkage: 0.3,
		Channels: map[string]Channel{"chat": {Goal: Goal{Level: 0.8, Occupancy: 0.85}, Within: 2 * time.Minute, Concurrency: 2},
			"email": {Goal: Goal{Occupancy: 0.8}, Deferred: 4 * time.Hour}}}
}

func TestNeeds(t *testing.T) {
	p := plan()
	needs, _, err := p.Needs(weeksOf(3, nil), outlook("2026-12-07", 7))
	if err != nil {
		t.Fatal(err)
	}
	email := 0.0
	for _, n := range needs {
		sum := 0
		for _, l := range n.Languages {
			sum += l.Agents
		}
		if sum > n.Agents || n.AtWork > n.Agents {
			t.Errorf("%s %s: %d agents, %d at work, %d by language", n.Day, n.At, n.Agents, n.AtWork, sum)
		}
		for _, part := range n.Parts {
			if part.Deferred {
				email += part.Agents
				if n.At < schedule.MustClock("12:00") || n.At >= schedule.MustClock("16:00") {
					t.Errorf("email is worked on at %s", n.At)
				}
				continue
			}
			agents := int(part.Agents)
			c := p.Channel(part.Channel)
			if !c.Goal.Meets(part.Service(agents)) || c.Goal.Meets(part.Service(agents-1)) {
				t.Errorf("%s %s %s: %d agents are not the least that do", n.Day, n.At, part.Channel, agents)
			}
			if s := part.Service(agents); s.Servers != 2*agents {
				t.Errorf("%d servers for %d agents with two chats each", s.Servers, agents)
			}
		}
	}
	// 24 emails of ten minutes a day at an occupancy of 80 % are five hours of an agent.
	near(t, "hours of email", email, 7*5, 1e-9)
}

// TestDeferredFromTheDayBefore: a reply window over midnight reaches into the first day.
func TestDeferredFromTheDayBefore(t *testing.T) {
	v := Volume{Step: time.Hour, Records: []Record{}}
	for n := range 7 {
		v.Records = append(v.Records, Record{time.Date(2026, 10, 5+n, 22, 0, 0, 0, time.UTC), "email", "", 12, 10 * time.Minute})
	}
	needs, _, err := plan().Needs(v, outlook("2026-12-07", 1))
	if err != nil || len(needs) != 4 || needs[0].At != 0 {
		t.Fatalf("%+v, %v", needs, err)
	}
	near(t, "share", needs[0].Parts[0].Agents, 12*10.0/60/0.8/4, 1e-9)
}

func TestExpect(t *testing.T) {
	needs, _, err := plan().Needs(weeksOf(3, nil), outlook("2026-12-07", 1))
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range needs {
		if o := n.Expect(n.Agents); o.InTime.Value < 0.8 || o.Behind > 0 {
			t.Errorf("%s: as many as are needed give %+v", n.At, o)
		}
		last := -1.0
		for agents := range n.Agents + 5 {
			o := n.Expect(agents)
			if o.InTime.Value < last-1e-9 {
				t.Errorf("%s: %d agents give %v after %v", n.At, agents, o.InTime.Value, last)
			}
			last = o.InTime.Value
		}
		if o := n.Expect(0); o.InTime.Value != 0 || o.Answering != 0 {
			t.Errorf("%s: nobody gives %+v", n.At, o)
		}
	}
}

// TestLines: the demand that the lines resolve to is the need, on usual and on special dates.
func TestLines(t *testing.T) {
	o := outlook("2026-12-07", 21)
	o.Special = map[schedule.Date]float64{schedule.MustDate("2026-12-15"): 2, schedule.MustDate("2026-12-24"): 0}
	needs, _, err := plan().Needs(weeksOf(3, nil), o)
	if err != nil {
		t.Fatal(err)
	}
	lines := Lines(needs, LineOptions{First: o.First, Last: o.Last})
	team := schedule.NewTeam("t", "T", "UTC")
	team.Zone = "UTC"
	ids := map[schedule.DemandID]bool{}
	for _, l := range lines {
		if ids[l.ID] || schedule.CheckID(l.ID) != nil {
			t.Errorf("bad or repeated id %s", l.ID)
		}
		ids[l.ID] = true
	}
	got, err := schedule.ResolveIntervals(team, lines, o.First, o.Last, nil)
	if err != nil {
		t.Fatal(err)
	}
	say := func(day schedule.Date, at schedule.Clock, agents int, languages string) string {
		return fmt.Sprintln(day, at, agents, languages)
	}
	want := map[string]bool{}
	for _, n := range needs {
		languages := ""
		for _, l := range n.Languages {
			languages += fmt.Sprint(l.Tag, l.Agents, l.Speakers, " ")
		}
		want[say(n.Day, n.At, n.Agents, languages)] = true
	}
	for _, i := range got {
		languages := ""
		for _, l := range i.Demand.Languages {
			languages += fmt.Sprint(l.Tag, l.Capacity, l.Min, " ")
		}
		if i.Demand.Target.Value == 0 {
			continue
		}
		s := say(i.Day, clockOf(i.Interval.Start, time.UTC, time.Hour), i.Demand.Target.Value, languages)
		if i.Interval.Minutes() != 60 || !want[s] {
			t.Errorf("not a need: %s for %d minutes", s, i.Interval.Minutes())
		}
		delete(want, s)
	}
	if len(want) > 0 {
		t.Errorf("lost: %v", want)
	}
	if n := len(lines); n > 60 {
		t.Errorf("%d lines for so simple a week", n)
	}
	if _, _, err := (Plan{Shrinkage: 1}).Needs(weeksOf(1, nil), o); err == nil {
		t.Error("a shrinkage of 1 is accepted")
	}
	if math.IsNaN(needs[0].Parts[0].Agents) {
		t.Error("not a number")
	}
}
