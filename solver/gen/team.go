package gen

import (
	"fmt"
	"math"
	"slices"

	"rota/solver/model"
)

// teamHistory is the history of a Team in days: as long as its longest rule
// looks back, weekends in any four weeks.
const teamHistory = 21

// Costs of a Team, per unit.
const (
	costBelowMin    = 1000
	costBelowTarget = 100
	costAboveMax    = 20
	costPresence    = 500
	costMinHours    = 4 // per 15 minutes, as the next two
	costTargetHours = 1
	costExtraHours  = 2
	costShareStep   = 5
)

// teamShift is a shift of a Team: minutes from the start of its roster day.
type teamShift struct {
	name          string
	start, end    int
	night, tag    bool // tags: night, weekend
	saturday      bool // on Saturdays; neither: every day
	sunday        bool
	full          bool    // full-timers work it
	part          bool    // part-timers do
	weekday, end7 float64 // demand relative to others, Monday to Friday and on the weekend
}

var teamShifts = []teamShift{
	{name: "early", start: 8 * 60, end: 16 * 60, full: true, weekday: 1, end7: 0.7},
	{name: "late", start: 16 * 60, end: 24 * 60, full: true, part: true, weekday: 1, end7: 0.7},
	{name: "night", start: 0, end: 8 * 60, night: true, full: true, weekday: 0.6, end7: 0.6},
	{name: "mid", start: 11 * 60, end: 19 * 60, full: true, part: true, weekday: 0.6, end7: 0.3},
	{name: "wknd-morning", start: 16 * 60, end: 24 * 60, tag: true, saturday: true, sunday: true, part: true, end7: 0.6},
	{name: "midnight", start: 8 * 60, end: 16 * 60, night: true, tag: true, saturday: true, part: true, end7: 0.6},
}

func (x teamShift) on(day int) bool {
	switch day % 7 {
	case 5:
		return x.saturday || !x.sunday
	case 6:
		return x.sunday || !x.saturday
	}
	return !x.saturday && !x.sunday
}

// contract is what a person of a Team owes: minutes in a week.
type contract struct {
	name                    string
	min, target, max, extra int
	allows                  func(teamShift) bool
	full                    bool
}

var (
	fullTime = contract{name: "full-time", min: 32 * 60, target: 40 * 60, max: 40 * 60, extra: 8 * 60, full: true, allows: func(x teamShift) bool { return x.full }}
	partTime = contract{name: "part-time", min: 8 * 60, target: 16 * 60, max: 16 * 60, extra: 8 * 60, allows: func(x teamShift) bool { return x.part }}
	weekend  = contract{name: "weekend", target: 8 * 60, max: 16 * 60, extra: 16 * 60, allows: func(x teamShift) bool { return x.tag }}
)

// member is a person of a Team while it is made.
type member struct {
	contract
	leave     []bool // by day
	languages []bool // by language of the team
	chat      int    // skill levels, 0 none
	play      bool
	social    bool
}

// Team is a support team that never closes, of the given number of people and
// weeks: four to six shifts, three to six languages, skills, mentors, leave on
// 8 % of days, requests on 15 %, full-time, part-time and weekend contracts, and
// the personal rules such teams have. Demand is near 95 % of the contract
// hours left by leave, in every kind of shift. Day 0 is a Monday; three weeks
// of history come first, the roster proper begins on a Monday. Everybody's
// personal rules can be kept (being off always can). It has no hard row: all
// that is short has a price. People and weeks must be positive.
func Team(people, weeks int, seed uint64) *model.Model {
	t := &team{source: newSource(seed, 5), weeks: weeks}
	m := t.m
	m.Name = fmt.Sprintf("team-%d-%d-%d", people, weeks, seed)
	m.First = teamHistory
	t.shifts = teamShifts[:t.between(4, 6)]
	t.days = teamHistory + 7*weeks
	t.calendar()
	t.successions()
	t.staff(people)
	for p := range people {
		t.cells(p)
	}
	t.demand()
	t.shares()
	for p := range people {
		t.rules(p)
	}
	t.presence()
	return m
}

type team struct {
	*source
	weeks, days int
	shifts      []teamShift
	offers      [][]int // [day][duty]: index of its shift, -1 for the day off
	staffed     []member
	languages   int
	want        [][]int   // [weekday][shift]: the target of the slot, 0 where there is none
	points      []float64 // fair points of each person, over all days
}

// Measures of a Team.
const (
	teamWork model.MeasureID = iota
	teamOff
	teamMinutes
	teamNight
	teamWeekend  // overlaps Saturday or Sunday
	teamSaturday // overlaps Saturday
	teamSunday
	teamPoints // what fair shares count: tags
)

func (t *team) calendar() {
	m := t.m
	t.offers = make([][]int, t.days)
	for d := range t.days {
		day := model.Day{Duties: []model.Duty{{Name: "off"}}}
		t.offers[d] = []int{-1}
		for k, x := range t.shifts {
			if x.on(d) {
				day.Duties = append(day.Duties, model.Duty{Name: x.name, Start: d*minutesPerDay + x.start, End: d*minutesPerDay + x.end})
				t.offers[d] = append(t.offers[d], k)
			}
		}
		m.Days = append(m.Days, day)
	}
	// add makes a measure whose day off has the amount off.
	add := func(name string, off int32, of func(d int, x teamShift) int) {
		measure := model.Measure{Name: name, Of: make([][]int32, t.days)}
		for d, shifts := range t.offers {
			measure.Of[d] = make([]int32, len(shifts))
			measure.Of[d][0] = off
			for i, k := range shifts[1:] {
				measure.Of[d][i+1] = int32(of(d, t.shifts[k]))
			}
		}
		m.Measures = append(m.Measures, measure)
	}
	// on is whether the shift overlaps the given weekday.
	on := func(d int, x teamShift, weekday int) int {
		return btoi(d%7 == weekday || d%7 == (weekday+6)%7 && x.end > minutesPerDay)
	}
	add("work", 0, func(int, teamShift) int { return 1 })
	add("off", 1, func(int, teamShift) int { return 0 })
	add("minutes", 0, func(_ int, x teamShift) int { return x.end - x.start })
	add("night", 0, func(_ int, x teamShift) int { return btoi(x.night) })
	add("on weekend", 0, func(d int, x teamShift) int { return max(on(d, x, 5), on(d, x, 6)) })
	add("on saturday", 0, func(d int, x teamShift) int { return on(d, x, 5) })
	add("on sunday", 0, func(d int, x teamShift) int { return on(d, x, 6) })
	add("points", 0, func(d int, x teamShift) int { return btoi(x.night) + btoi(x.tag) })
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// successions makes the tables of min-rest and forward-rotation from times.
func (t *team) successions() {
	rest, forward := model.Links{Name: "min-rest"}, model.Links{Name: "forward-rotation"}
	for d := range t.days {
		for e := d + 1; e < min(d+4, t.days); e++ {
			for i, x := range t.m.Days[d].Duties {
				for j, y := range t.m.Days[e].Duties {
					if i == 0 || j == 0 {
						continue
					}
					link := model.Link{Day: d, Duty: i, NextDay: e, NextDuty: j}
					gap := y.Start - x.End
					if gap < 11*60 {
						link.Cost = model.Forbidden
						rest.Links = append(rest.Links, link)
						continue
					}
					turn := (y.Start - x.Start) % minutesPerDay
					if gap < 48*60 && turn > 12*60 && turn < 23*60 {
						link.Cost = 10
						forward.Links = append(forward.Links, link)
					}
				}
			}
		}
	}
	t.m.Links = []model.Links{rest, forward}
}

// rotation is a three weeks' roster that keeps every hard rule wherever it
// starts: what history is made of.
var rotation = []string{
	"early", "early", "early", "early", "early", "", "", "late", "late", "late", "late", "late", "", "",
	"night", "night", "night", "", "", "", "",
}

func (t *team) staff(people int) {
	t.languages = t.between(3, 6)
	for p := range people {
		x := member{contract: fullTime, leave: make([]bool, t.days), languages: make([]bool, t.languages)}
		switch n := p * 37 % 100; { // spread, so that any size has the mix
		case n >= 90 && len(t.shifts) > 4:
			x.contract = weekend
		case n >= 70:
			x.contract = partTime
		}
		x.languages[0] = t.chance(85)
		for i := 1; i < t.languages; i++ {
			x.languages[i] = (p+i*i)%t.languages == i || t.chance(15)
		}
		x.chat = 3
		if n := t.IntN(100); n < 12 {
			x.chat = 1
		} else if n < 45 {
			x.chat = 2
		}
		x.play, x.social = t.chance(40), t.chance(40)
		t.staffed = append(t.staffed, x)
	}
	// Leave: blocks on people in turn until 8 % of all days are gone.
	left := (people*7*t.weeks*8 + 50) / 100
	for tries := 0; left > 0 && tries < 100*people; tries++ {
		x := &t.staffed[t.IntN(people)]
		length := min(t.between(1, 10), left)
		from := teamHistory + t.IntN(7*t.weeks)
		if to := min(from+length, t.days); !slices.Contains(x.leave[max(from-7, 0):min(to+7, t.days)], true) {
			for d := from; d < to; d++ {
				x.leave[d] = true
				left--
			}
		}
	}
}

// cells says what person p may do and what each cell costs: contract, leave,
// requests; in history what was done.
func (t *team) cells(p int) {
	x := &t.staffed[p]
	who := model.Person{Name: fmt.Sprintf("agent-%03d", p+1), Links: []int{0, 1}}
	offset := t.IntN(len(rotation))
	for d, shifts := range t.offers {
		cost := make([]model.Cost, len(shifts))
		if d < teamHistory {
			t.past(x, d, rotation[(d+offset)%len(rotation)], cost)
			who.Cost = append(who.Cost, cost)
			continue
		}
		for i, k := range shifts {
			if i > 0 && (x.leave[d] || !x.allows(t.shifts[k])) {
				cost[i] = model.Forbidden
			}
		}
		if !x.leave[d] && t.chance(15) {
			t.request(cost)
		}
		who.Cost = append(who.Cost, cost)
	}
	t.m.People = append(t.m.People, who)
}

// past allows the named duty alone, or the day off if there is no such duty on
// the day or the contract does not allow it.
func (t *team) past(x *member, d int, name string, cost []model.Cost) {
	done := 0
	for i, k := range t.offers[d] {
		if i > 0 && t.shifts[k].name == name && x.allows(t.shifts[k]) && (x.full || d%7 >= 3) {
			done = i
		}
	}
	for i := range cost {
		if i != done {
			cost[i] = model.Forbidden
		}
	}
}

// request prices what goes against one wish: a day off, not this shift, or this
// shift rather than any other.
func (t *team) request(cost []model.Cost) {
	var can []int
	for i := 1; i < len(cost); i++ {
		if cost[i] != model.Forbidden {
			can = append(can, i)
		}
	}
	if len(can) == 0 {
		return
	}
	wish, shift := t.IntN(3), can[t.IntN(len(can))]
	for i := range cost {
		switch {
		case cost[i] == model.Forbidden:
		case wish == 0 && i != 0, wish == 1 && i == shift:
			cost[i] = 10
		case wish == 2 && i != shift:
			cost[i] = 5
		}
	}
}

// due is the part of n minutes of week w that leave does not take, in whole
// quarters of an hour.
func (x *member) due(n, w int) int {
	here := 0
	for d := teamHistory + 7*w; d < teamHistory+7*w+7; d++ {
		here += btoi(!x.leave[d])
	}
	return n * here / 7 / 15 * 15
}

// demand spreads 95 % of the slots that people owe over the slots that they can
// work, as each shift's weight says, and rounds so that the total is kept.
func (t *team) demand() {
	owed := make([][]float64, 7)
	t.want = make([][]int, 7)
	for d := range 7 {
		owed[d], t.want[d] = make([]float64, len(t.shifts)), make([]int, len(t.shifts))
	}
	weight := func(d, k int) float64 {
		if !t.shifts[k].on(d) {
			return 0
		}
		if d >= 5 {
			return t.shifts[k].end7
		}
		return t.shifts[k].weekday
	}
	for i := range t.staffed {
		x := &t.staffed[i]
		minutes, total := 0, 0.0
		for w := range t.weeks {
			minutes += x.due(x.target, w)
		}
		each := func(f func(d, k int, w float64)) {
			for d := range 7 {
				for k, s := range t.shifts {
					if w := weight(d, k); w > 0 && x.allows(s) {
						f(d, k, w)
					}
				}
			}
		}
		each(func(_, _ int, w float64) { total += w })
		slots := 0.95 * float64(minutes) / float64(t.weeks) / (8 * 60)
		each(func(d, k int, w float64) { owed[d][k] += slots * w / total })
	}
	// The shifts that nobody else covers round first, each week's rest carried on.
	carry := 0.0
	for k := range t.shifts {
		for d := range 7 {
			exact := owed[d][k] + carry
			t.want[d][k] = int(math.Round(exact))
			if k < 3 {
				t.want[d][k] = max(t.want[d][k], 1) // never closed
			}
			if weight(d, k) == 0 {
				t.want[d][k] = 0
			}
			carry = exact - float64(t.want[d][k])
		}
	}
}

// shares fixes everybody's target of points: what the demand has, shared by
// the hours of those who can work it.
func (t *team) shares() {
	t.points = make([]float64, len(t.staffed))
	for d := teamHistory; d < t.days; d++ {
		for i, k := range t.offers[d] {
			if i == 0 {
				continue
			}
			n := float64(t.m.Measures[teamPoints].Of[d][i]) * float64(t.want[d%7][k])
			total := 0.0
			able := func(f func(p int, hours float64)) {
				for p := range t.staffed {
					if x := &t.staffed[p]; x.allows(t.shifts[k]) && !x.leave[d] {
						f(p, float64(x.target))
					}
				}
			}
			able(func(_ int, hours float64) { total += hours })
			able(func(p int, hours float64) { t.points[p] += n * hours / total })
		}
	}
}

// rules gives person p the personal rules.
func (t *team) rules(p int) {
	x, who := &t.staffed[p], &t.m.People[p]
	who.Runs = []model.Run{
		{Name: "max-consecutive-days", Of: teamWork, Max: 5, MaxCost: model.Forbidden},
		{Name: "max-consecutive", Of: teamNight, Max: 3, MaxCost: model.Forbidden},
	}
	who.Recoveries = []model.Recovery{{Name: "rest-after-nights", Of: teamNight, Run: 2, Rest: 48 * 60, Cost: model.Forbidden}}
	if x.full {
		who.Runs = append(who.Runs,
			model.Run{Name: "min-consecutive", Of: teamNight, Min: 2, MinCost: 30, BaseOpen: true, EndOpen: true},
			model.Run{Name: "min-consecutive-days-off", Of: teamOff, Min: 2, MinCost: 20, BaseOpen: true, EndOpen: true})
	}
	var weekends []model.Days
	for w := range teamHistory/7 + t.weeks {
		weekends = append(weekends, model.Days{From: 7*w + 5, To: 7*w + 7})
	}
	for w := range t.weeks {
		from := teamHistory + 7*w
		who.Frees = append(who.Frees, model.Free{
			Name: "weekly-rest", From: from * minutesPerDay, To: (from + 7) * minutesPerDay, Min: 35 * 60, Cost: model.Forbidden,
		})
		hours := model.Bound{Min: model.NoMin, Max: int64(x.max + x.extra), Hinges: []model.Hinge{
			{At: int64(x.due(x.target, w)), Below: costTargetHours, Step: 15},
			{At: int64(x.max), Above: costExtraHours, Step: 15},
		}}
		if least := x.due(x.min, w); least > 0 {
			hours.Hinges = append(hours.Hinges, model.Hinge{At: int64(least), Below: costMinHours, Step: 15})
		}
		who.Counters = append(who.Counters, model.Counter{Name: "hours", Of: teamMinutes, From: from, To: from + 7, Bound: hours})
		if !x.full {
			continue
		}
		who.SpanCounts = append(who.SpanCounts, model.SpanCount{
			Name: "max-weekends", Of: teamWeekend, Over: weekends[w : w+4 : w+4],
			Bound: model.Bound{Min: model.NoMin, Max: model.NoMax, Hinges: []model.Hinge{{At: 2, Above: 50}}},
		})
		who.Spans = append(who.Spans, model.Span{
			Name: "complete-weekends", Days: weekends[w+3], Parts: []model.MeasureID{teamSaturday, teamSunday}, Cost: []model.Cost{0, 15, 15, 0},
		})
	}
	share := model.Counter{Name: "fair-share", Of: teamPoints, From: teamHistory, To: t.days, Bound: model.Loose()}
	target := int64(math.Round(t.points[p]))
	for k := range int64(4) { // 1, 2, 3, 4 times the cost per step away
		share.Bound.Hinges = append(share.Bound.Hinges, model.Hinge{At: target + k, Above: costShareStep})
		if target-k > 0 {
			share.Bound.Hinges = append(share.Bound.Hinges, model.Hinge{At: target - k, Below: costShareStep})
		}
	}
	who.Counters = append(who.Counters, share)
}

// presence makes the rows of every slot: agents, languages, skills, mentors.
func (t *team) presence() {
	m := t.m
	spoken := []string{"en", "es", "ru", "fr", "de", "pt"}
	// asks[k][l] is the price of language l missing on shift k, 0 if not asked.
	asks := make([][]model.Cost, len(t.shifts))
	for k := range asks {
		asks[k] = make([]model.Cost, t.languages)
		asks[k][0] = costPresence
	}
	for l := 1; l < t.languages; l++ {
		asks[t.IntN(2)][l] = []model.Cost{costPresence, 200, 100}[t.IntN(3)]
		if t.chance(40) {
			asks[t.IntN(len(asks))][l] = 100
		}
	}
	for d := teamHistory; d < t.days; d++ {
		for i, k := range t.offers[d] {
			if i == 0 || t.want[d%7][k] == 0 {
				continue
			}
			name := t.shifts[k].name
			// row bounds how many of those who can work the slot it has, each
			// counted by weight, 0: not at all.
			row := func(what string, b model.Bound, weight func(x *member) int) {
				r := model.Row{Name: what + " " + name, Bound: b}
				for p := range t.staffed {
					if m.People[p].Cost[d][i] == model.Forbidden {
						continue
					}
					if w := weight(&t.staffed[p]); w != 0 {
						r.Terms = append(r.Terms, model.Term{Person: int32(p), Day: int32(d), Duty: int32(i), Weight: int32(w)})
					}
				}
				m.Rows = append(m.Rows, r)
			}
			one := func(price model.Cost) model.Bound {
				return model.Bound{Min: model.NoMin, Max: model.NoMax, Hinges: []model.Hinge{{At: 1, Below: price}}}
			}
			want := int64(t.want[d%7][k])
			agents := model.Loose()
			agents.Hinges = []model.Hinge{
				{At: max(want-1, 1), Below: costBelowMin}, {At: want, Below: costBelowTarget}, {At: want + 1, Above: costAboveMax},
			}
			row("agents", agents, func(*member) int { return 1 })
			for l, price := range asks[k] {
				if price > 0 {
					row("language "+spoken[l], one(price), func(x *member) int { return btoi(x.languages[l]) })
				}
			}
			row("skill chat", one(costPresence), func(x *member) int { return btoi(x.chat >= 2) })
			switch name {
			case "early":
				row("skill google-play", one(60), func(x *member) int { return btoi(x.play) })
			case "late":
				row("skill social", one(60), func(x *member) int { return btoi(x.social) })
			}
			t.mentors(row)
		}
	}
}

// mentors prices a slot where somebody new works and nobody seasoned: each of
// the new counts -1, one seasoned outweighs them all.
func (t *team) mentors(row func(string, model.Bound, func(*member) int)) {
	fresh := 0
	for i := range t.staffed {
		fresh += btoi(t.staffed[i].chat == 1)
	}
	if fresh == 0 {
		return
	}
	b := model.Bound{Min: model.NoMin, Max: model.NoMax, Hinges: []model.Hinge{{At: 0, Below: 80, Cap: 1}}}
	row("mentor", b, func(x *member) int {
		switch x.chat {
		case 1:
			return -1
		case 3:
			return fresh
		}
		return 0
	})
}
