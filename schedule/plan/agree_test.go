package plan

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"rota/schedule"
	"rota/schedule/scheduletest"
	"rota/solver"
	"rota/solver/model"
)

// judge prices a roster by the model and by the audit, and complains unless both say the same.
func judge(t *testing.T, c *Compiled, auditor *schedule.Auditor, r schedule.Roster) (legal, ok bool) {
	t.Helper()
	start, rest := c.Encode(r)
	cost, feasible := c.Price(start)
	feasible = feasible && len(rest) == 0
	report := auditor.Audit(r)
	if feasible == (report.Hard == 0) && (!feasible || cost == report.Cost) {
		return feasible, true
	}
	t.Errorf("model: legal %v, cost %d (constant %d); audit: %d hard, cost %d", feasible, cost, c.Constant, report.Hard, report.Cost)
	v := model.Check(c.Model, start)
	for _, x := range v.Violations {
		t.Logf("model: %v", x)
	}
	for _, s := range append(v.Personal, v.Rows...) {
		if strings.HasPrefix(s.Name, "coverage") {
			continue
		}
		t.Logf("model: %v", s)
	}
	for _, f := range report.Findings {
		if f.Rule == schedule.CoverageRule && len(report.Findings) > 20 {
			continue
		}
		t.Logf("audit: %s %v hard=%v %v amount %d cost %d: %s", f.Rule, f.ID, f.Hard, f.Days, f.Amount, f.Cost, f.Sentence)
	}
	return feasible, false
}

// TestCases holds the model to every example of the catalogue and every case of testdata/rules.
func TestCases(t *testing.T) {
	cases, err := scheduletest.Examples()
	if err != nil {
		t.Fatal(err)
	}
	const dir = "../../testdata/rules"
	if _, err := os.Stat(dir); err == nil {
		more, err := scheduletest.Load(dir)
		if err != nil {
			t.Fatal(err)
		}
		cases = append(cases, more...)
	}
	for _, k := range cases {
		t.Run(k.Name, func(t *testing.T) {
			c, err := Compile(k.Period, false)
			if err != nil {
				t.Fatal(err)
			}
			start, rest := c.Encode(k.Roster)
			cost, feasible := c.Price(start)
			feasible = feasible && len(rest) == 0
			if feasible == k.Hard() {
				t.Errorf("legal: %v, violations %v, rest %v", feasible, model.Check(c.Model, start).Violations, rest)
			} else if feasible && cost != k.Cost() {
				t.Errorf("cost %d, want %d", cost, k.Cost())
			}
			judge(t, c, schedule.NewAuditor(k.Period), k.Roster)
		})
	}
}

// maker writes random small cases in the language of package scheduletest.
type maker struct {
	*rand.Rand
	strings.Builder
}

func (m *maker) say(format string, args ...any) { fmt.Fprintf(m, format+"\n", args...) }

func (m *maker) pick(words ...string) string { return words[m.IntN(len(words))] }

func (m *maker) chance(percent int) bool { return m.IntN(100) < percent }

// some is one of the words or, now and then, several with commas.
func (m *maker) some(words ...string) string {
	i := m.IntN(len(words))
	if len(words) > 1 && m.chance(60) {
		return words[i] + "," + words[(i+1)%len(words)]
	}
	return words[i]
}

// force is how a random rule binds; hard is rarer, so that many rosters are legal.
func (m *maker) force(hard int) string {
	switch {
	case m.chance(hard):
		return " hard"
	case m.chance(80):
		return fmt.Sprintf(" weight=%d", 1+m.IntN(30))
	}
	return ""
}

func (m *maker) scope() string {
	switch m.IntN(4) {
	case 0:
		return " agents=" + m.some("ani", "bea", "cy")
	case 1:
		return " contracts=" + m.pick("full", "part")
	}
	return ""
}

var zones = []string{"Asia/Yerevan", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Havana", "Pacific/Auckland"}

// random is a team of three or four agents, two or three weeks around a change of the clocks or the end of a year.
func random(seed uint64) string {
	m := &maker{Rand: rand.New(rand.NewPCG(seed, 1))}
	zone := m.pick(zones...)
	extra := ""
	if m.chance(30) {
		extra += " week_start=" + m.pick("sunday", "wednesday")
	}
	if m.chance(30) {
		extra += " weekend=" + m.pick("FR-16:00/MO-00:00", "SA-12:00/SU-20:00", "FR-00:00/MO-08:00")
	}
	if m.chance(30) {
		extra += " night=" + m.pick("22:00-06:00", "00:00-05:00")
	}
	m.say("team %s%s holidays=AM", zone, extra)
	start := schedule.MustDate(m.pick("2026-12-07", "2026-12-24", "2026-10-19", "2027-03-08", "2027-03-22", "2026-03-02", "2026-11-01", "2027-04-01"))
	first := start.AddDays(m.IntN(4))
	last := first.AddDays(4 + m.IntN(12))
	from, to := first, last
	if m.chance(75) {
		from = first.AddDays(-1 - m.IntN(14))
	}
	if m.chance(35) {
		to = last.AddDays(1 + m.IntN(8))
	}
	m.say("now %s 09:00", first.AddDays(-m.IntN(6)))
	m.say("period %s %s known=%s..%s", first, last, from, to)
	shifts := []string{"early", "late", "night", "far", "eve"}
	m.say("shift early 08:00-16:00 break=30")
	m.say("shift late 16:00-00:00 tags=late")
	m.say("shift night %s tags=night burden=%d", m.pick("00:00-08:00", "23:00-07:00", "22:30-05:15"), m.IntN(2))
	m.say("shift far 15:00-23:00 zone=%s tags=%s", m.pick(zones...), m.pick("weekend", "night", "late,weekend"))
	m.say("shift eve %s", m.pick("19:00-22:00", "01:30-03:00", "06:00-18:00", "20:00-21:00"))
	m.say("contract full min=%d target=%d max=%d extra=%d", m.IntN(20), 20+m.IntN(10), 32, m.IntN(2)*8)
	m.say("contract part max=%d extra=8 shifts=early,late,eve,%s", 16+m.IntN(20), m.pick("night", "far"))
	agents := []string{"ani", "bea", "cy", "di"}[:3+m.IntN(2)]
	for _, a := range agents {
		text := "agent " + a
		if m.chance(50) {
			text += " zone=" + m.pick(zones...)
		}
		if m.chance(75) {
			text += " contract=" + m.pick("full", "full", "part")
		}
		text += fmt.Sprintf(" lang=en:%s,es:%s skill=chat:%d tag=%s", m.pick("B1", "C1"), m.pick("A2", "B2"), 1+m.IntN(4), m.pick("senior", "junior"))
		if m.chance(10) {
			text += " from=" + first.AddDays(m.IntN(5)).String()
		}
		if m.chance(10) {
			text += " to=" + last.AddDays(-m.IntN(3)).String()
		}
		m.say("%s", text)
	}
	m.say("need * min=%d target=%d max=%d", m.IntN(2), 1, 1+m.IntN(2))
	m.say("need late days=%s lang=es:B2 count=1 weight=%d", m.some("monday", "saturday", "friday"), m.IntN(50))
	m.say("need early skill=chat:%d", 1+m.IntN(4))
	if m.chance(40) {
		m.say("need * lang=es:B1 capacity=1 weight=30")
		m.say("need * lang=en:C1 capacity=%d weight=40", 1+m.IntN(2))
	}
	if m.chance(30) {
		m.say("need eve target=0 min=0")
	}
	if m.chance(40) {
		m.say("interval %s step=%d min=1 target=2", m.pick("06:00-12:00", "18:00-02:00", "08:00-16:00"), 30+30*m.IntN(4))
	}
	m.say("holiday %s", first.AddDays(m.IntN(6)))
	for range m.IntN(4) {
		m.availability(agents, first, last)
	}
	for range m.IntN(3) {
		day := from.AddDays(m.IntN(to.Sub(from) + 1))
		text := fmt.Sprintf("busy %s %s %s", m.pick(agents...), day, m.pick("09:00-12:00", "18:00-23:30", "02:00-06:00"))
		if m.chance(70) {
			text += " work"
			if m.chance(50) {
				text += " team=other"
			}
		}
		m.say("%s", text)
	}
	for range 1 + m.IntN(4) {
		m.say("%s", m.rule())
	}
	if m.chance(20) {
		m.say("pin %s %s@%s%s", m.pick(agents...), m.pick(shifts...), first.AddDays(m.IntN(5)), m.pick("", " forbid", " forbid"))
	}
	if m.chance(25) {
		m.say("pattern mix DSN--D- step=2")
		m.say("rotation mix start=%s from=%s until=%s weight=%d D=early S=%s N=night+ ani/bea", first.AddDays(-2), first.AddDays(m.IntN(3)),
			last.AddDays(-m.IntN(3)), 1+m.IntN(20), m.pick("late", "far"))
	}
	if m.chance(25) {
		m.say("published %s %s@%s", m.pick(agents...), m.pick(shifts...), first.AddDays(m.IntN(5)))
		m.say("published %s %s@%s", m.pick(agents...), m.pick(shifts...), first.AddDays(m.IntN(5)))
	}
	// Facts: mostly steady work, as published rosters have it, now and then anything.
	for _, a := range agents {
		shift := m.pick("early", "late", "night")
		for d := from; !d.After(to); d = d.AddDays(1) {
			if !d.Before(first) && !d.After(last) || !m.chance(55) {
				continue
			}
			if m.chance(15) {
				shift = m.pick(shifts...)
			}
			m.say("work %s %s@%s", a, shift, d)
		}
	}
	m.say("want nothing")
	return m.String()
}

func (m *maker) availability(agents []string, first, last schedule.Date) {
	a := m.pick(agents...)
	on := first.AddDays(m.IntN(last.Sub(first) + 1))
	hours := ""
	if m.chance(50) {
		hours = " hours=" + m.pick("18:00-22:00", "00:00-12:00", "22:00-06:00")
	}
	switch m.IntN(6) {
	case 0:
		m.say("avail %s leave %s %s", a, on, on.AddDays(m.IntN(4)))
	case 1:
		m.say("avail %s unavailable %s %s%s", a, on, on.AddDays(m.IntN(3)), hours)
	case 2:
		m.say("avail %s available rrule=FREQ=WEEKLY;BYDAY=%s", a, m.pick("MO,TU,WE,TH,FR,SA", "FR,SA,SU,MO,TU"))
	case 3:
		m.say("avail %s avoid %s %s%s shifts=%s weight=%d", a, on, on.AddDays(3), hours, m.some("early", "late", "night"), 1+m.IntN(20))
	case 4:
		m.say("avail %s prefer rrule=FREQ=WEEKLY;BYDAY=SA,SU%s", a, hours)
	case 5:
		m.say("avail %s prefer %s %s tags=late weight=7", a, on, on.AddDays(6))
	}
}

func (m *maker) rule() string {
	n := func(base, more int) int { return base + m.IntN(more) }
	window := func() string {
		return m.pick("per=week", "per=period", fmt.Sprintf("days=%d", 2+m.IntN(9)))
	}
	tag := m.pick("night", "late", "weekend")
	switch m.IntN(25) {
	case 0, 1:
		return fmt.Sprintf("rule min-rest hours=%d", n(8, 20)) + m.force(30) + m.scope()
	case 2:
		return fmt.Sprintf("rule weekly-rest hours=%d", n(24, 40)) + m.force(40) + m.scope()
	case 3, 4:
		return fmt.Sprintf("rule rest-after-nights nights=%d hours=%d tag=%s", n(1, 3), n(20, 50), m.pick("night", "late")) + m.force(20) + m.scope()
	case 5:
		return fmt.Sprintf("rule max-hours hours=%d %s", n(8, 40), m.pick(window(), "per=day")) + m.force(20) + m.scope()
	case 6:
		return m.pick("rule max-hours hard", "rule max-hours weight=3", "rule max-hours off", "rule min-hours weight=9", "rule target-hours hard") + m.scope()
	case 7:
		return fmt.Sprintf("rule %s hours=%d %s", m.pick("min-hours", "target-hours"), n(4, 30), m.pick(window(), "per=day")) + m.force(10) + m.scope()
	case 8:
		return fmt.Sprintf("rule max-shifts shifts=%d tag=%s %s", n(1, 3), tag, window()) + m.force(20) + m.scope()
	case 9:
		return fmt.Sprintf("rule min-shifts shifts=%d %s", n(1, 4), window()) + m.force(10) + m.scope()
	case 10, 11:
		return fmt.Sprintf("rule max-consecutive-days days=%d", n(1, 5)) + m.force(20) + m.scope()
	case 12:
		return fmt.Sprintf("rule min-consecutive-days days=%d", n(2, 3)) + m.force(10) + m.scope()
	case 13:
		return fmt.Sprintf("rule max-consecutive-days-off days=%d", n(1, 4)) + m.force(10) + m.scope()
	case 14:
		return fmt.Sprintf("rule min-consecutive-days-off days=%d", n(2, 3)) + m.force(10) + m.scope()
	case 15:
		return fmt.Sprintf("rule max-consecutive shifts=%d tag=%s", n(1, 3), tag) + m.force(20) + m.scope()
	case 16:
		return fmt.Sprintf("rule min-consecutive shifts=%d tag=%s", n(2, 3), tag) + m.force(10) + m.scope()
	case 17:
		return fmt.Sprintf("rule forward-rotation hours=%d", n(20, 60)) + m.force(10) + m.scope()
	case 18:
		return fmt.Sprintf("rule max-weekends weekends=%d weeks=%d", n(0, 3), n(1, 4)) + m.force(20) + m.scope()
	case 19:
		return "rule complete-weekends" + m.force(10) + m.scope()
	case 20:
		return "rule shift-mix" + m.force(10) + m.scope()
	case 21:
		of := m.pick("", " of=night", " of=night,weekend,short-notice", " of=holiday,shift")
		text := fmt.Sprintf("rule fair-share id=fair%d step=%d%s", m.IntN(1000), n(1, 4), of) + m.scope()
		if m.chance(90) {
			text += fmt.Sprintf(" weight=%d", 1+m.IntN(9))
		}
		return text
	case 22:
		return fmt.Sprintf("rule stability hours=%d days=%d", n(0, 90), n(0, 8)) + m.scope()
	case 23:
		return m.pick("rule mentor skill=chat below=2 beside=3", "rule mentor language=es below=B1 beside=B2") + m.force(20) + m.scope()
	}
	return m.pick("rule apart agents=ani,bea,cy weight=9", "rule apart tags=junior tag=late hard", "rule together agents=ani,bea,cy",
		"rule group tags=senior min=1 shift=late", "rule group tags=senior min=1 max=1 tag=night weight=4")
}

// roster fills the period at random. Most choices come from the cells that are allowed.
func (m *maker) roster(c *Compiled, density int) schedule.Roster {
	p := c.Period
	r := schedule.Roster{Team: p.Team.ID, First: p.First, Last: p.Last}
	for a := range c.Model.People {
		like := 0
		for d := c.first; d <= c.last; d++ {
			var open []int
			for i, k := range c.Model.People[a].Cost[d] {
				if i > 0 && k != solver.Forbidden || i > 0 && m.chance(1) {
					open = append(open, i)
				}
			}
			forced := c.Model.People[a].Cost[d][0] == solver.Forbidden && m.chance(95)
			if len(open) == 0 || !forced && !m.chance(density) {
				continue
			}
			i := open[m.IntN(len(open))]
			if like < len(open) && m.chance(70) {
				i = open[like] // the same shift several days in a row
			} else {
				like = m.IntN(4)
			}
			s := c.duties[d][i].slots[0]
			r.Assignments = append(r.Assignments, schedule.Assignment{Slot: c.slots[s].ID, Agent: c.who[a].ID})
		}
	}
	schedule.SortAssignments(r.Assignments)
	return r
}

// TestAgree prices random rosters of random teams by model and audit.
func TestAgree(t *testing.T) {
	teams, rosters := 160, 12
	judged, legal, bad := 0, 0, 0
	paid, broken := map[schedule.RuleName]int{}, map[schedule.RuleName]int{}
	for seed := range uint64(teams) {
		text := random(seed)
		k, err := scheduletest.Parse(text)
		if err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, err, text)
		}
		c, err := Compile(k.Period, false)
		if err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, err, text)
		}
		auditor := schedule.NewAuditor(k.Period)
		m := &maker{Rand: rand.New(rand.NewPCG(seed, 2))}
		for n := range rosters {
			r := m.roster(c, 10+n*6)
			ok, same := judge(t, c, auditor, r)
			judged++
			if ok {
				legal++
			}
			for _, f := range auditor.Audit(r).Findings {
				if f.Hard {
					broken[f.Rule]++
				} else if ok {
					paid[f.Rule]++
				}
			}
			if !same {
				t.Logf("seed %d\n%s\nroster %v", seed, text, r.Assignments)
				if bad++; bad >= 3 {
					t.FailNow()
				}
				break
			}
		}
	}
	t.Logf("%d rosters, %d of them legal", judged, legal)
	for _, d := range schedule.Catalogue() {
		never := paid[d.Name] == 0
		if d.Implicit && d.Force == schedule.Hard && d.Name != schedule.MaxHoursRule {
			never = broken[d.Name] == 0
		}
		if never && d.Name != schedule.WellFormedRule && d.Name != schedule.OnePerDayRule {
			t.Errorf("%s was never at stake", d.Name)
		}
	}
	if legal*5 < judged {
		t.Errorf("only %d of %d rosters are legal: the test looks at too few costs", legal, judged)
	}
}

func sprint(c *Compiled) string { return fmt.Sprintf("%d %v", c.Constant, *c.Model) }
