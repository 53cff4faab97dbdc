package schedule

import "time"

// Burden is unsocial work in elapsed minutes, on the agent's own clock. A minute can be of several kinds.
type Burden struct {
	Night, Weekend, Holiday, ShortNotice Minutes
	// Extra is points that shifts add by themselves.
	Extra Points
}

// Plus is the sum of the two.
func (b Burden) Plus(o Burden) Burden {
	b.Night += o.Night
	b.Weekend += o.Weekend
	b.Holiday += o.Holiday
	b.ShortNotice += o.ShortNotice
	b.Extra += o.Extra
	return b
}

// Minus is the difference of the two; the result may be negative.
func (b Burden) Minus(o Burden) Burden {
	return b.Plus(Burden{-o.Night, -o.Weekend, -o.Holiday, -o.ShortNotice, -o.Extra})
}

// BurdenKind is one kind of unsocial work.
type BurdenKind string

// The kinds of burden. ExtraBurden is the points of the shift itself.
const (
	NightBurden   BurdenKind = "night"
	WeekendBurden BurdenKind = "weekend"
	HolidayBurden BurdenKind = "holiday"
	ShortBurden   BurdenKind = "short-notice"
	ExtraBurden   BurdenKind = "shift"
)

// BurdenKinds lists the kinds, in the order of their constants.
func BurdenKinds() []BurdenKind {
	return []BurdenKind{NightBurden, WeekendBurden, HolidayBurden, ShortBurden, ExtraBurden}
}

// ParseBurdenKind reads the name of a kind.
func ParseBurdenKind(s string) (BurdenKind, error) {
	return parseWord("kind of burden", s, BurdenKinds())
}

// BurdenWeights say how much a minute of each kind weighs, in percent: 100 counts a minute once, 0 not at all. The
// kinds add up, so with the defaults an hour of a holiday night on a Sunday weighs four hours.
type BurdenWeights struct {
	Night, Weekend, Holiday, ShortNotice int
}

// DefaultBurdenWeights are 100, 100, 200 and 50 percent.
func DefaultBurdenWeights() BurdenWeights {
	return BurdenWeights{Night: 100, Weekend: 100, Holiday: 200, ShortNotice: 50}
}

// minutesPerPoint is the weighted minutes of one burden point: four hours, so that a weekend day or a night of eight
// hours is two points and the numbers of a solver stay small.
const minutesPerPoint = 240

// Points is the burden of one slot in points: weighted minutes of the kinds over 240, rounded half up, plus the
// shift's own. No kinds means all. It is meant for a slot at a time: the points of a roster are the sum over its slots
// of rounded points.
func (b Burden) Points(w BurdenWeights, kinds ...BurdenKind) Points {
	return pointsOf(b.weighted(w, kinds), 1)
}

// fullPoint is one point in hundredths of weighted minutes.
const fullPoint = minutesPerPoint * 100

// weighted is the burden of the kinds, all for none, in hundredths of weighted minutes.
func (b Burden) weighted(w BurdenWeights, kinds []BurdenKind) int {
	if len(kinds) == 0 {
		kinds = BurdenKinds()
	}
	sum := 0
	for _, k := range kinds {
		switch k {
		case NightBurden:
			sum += int(b.Night) * w.Night
		case WeekendBurden:
			sum += int(b.Weekend) * w.Weekend
		case HolidayBurden:
			sum += int(b.Holiday) * w.Holiday
		case ShortBurden:
			sum += int(b.ShortNotice) * w.ShortNotice
		case ExtraBurden:
			sum += int(b.Extra) * fullPoint
		}
	}
	return sum
}

// pointsOf rounds hundredths of weighted minutes, given as a fraction, half up to points.
func pointsOf(weighted, over int) Points {
	return Points(floorDiv(2*weighted+fullPoint*over, 2*fullPoint*over))
}

// BurdenOf is the burden of a slot for somebody whose zone is loc and whose holidays are given (see HolidayDates):
// the minutes of the slot within the team's night hours, weekend and the holidays, all on the clock of loc. short says
// that the assignment comes at short notice, which burdens all of the slot (see AtShortNotice).
func BurdenOf(team Team, s Slot, loc *time.Location, holidays map[Date]string, short bool) Burden {
	b := Burden{Extra: s.Burden}
	at := s.Interval()
	first, last := DateOf(s.Start, loc), DateOf(s.End, loc)
	var nights, off []Interval
	for d := first.AddDays(-1); !d.IsZero() && !d.After(last); d = d.AddDays(1) {
		night, _ := team.Night.On(d, loc)
		nights = append(nights, night)
		if _, ok := holidays[d]; ok {
			start, end := DayBounds(d, loc)
			off = append(off, Interval{Start: start, End: end})
		}
	}
	b.Night, b.Holiday = shared(at, nights), shared(at, off)
	for _, w := range Weekends(team, loc, first, last) {
		b.Weekend += at.Intersect(w.Interval).Minutes()
	}
	if short {
		b.ShortNotice = at.Minutes()
	}
	return b
}

// shared is the whole minutes of at within any of the intervals.
func shared(at Interval, intervals []Interval) Minutes {
	total := Minutes(0)
	for _, i := range Union(intervals) {
		total += at.Intersect(i).Minutes()
	}
	return total
}

// AtShortNotice reports whether an assignment told now comes later than the team's notice allows. A slot that has
// begun always does.
func AtShortNotice(team Team, s Slot, now time.Time) bool {
	return s.Start.Sub(now) < time.Duration(team.ShortNotice)*time.Minute
}

// floorDiv rounds towards minus infinity, so that negative burdens round like positive ones.
func floorDiv(a, b int) int {
	q := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		q--
	}
	return q
}
