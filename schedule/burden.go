package schedule

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
// shift's own. No kinds means all. It is meant for a slot at a time; the sum over slots is the sum of rounded points.
func (b Burden) Points(w BurdenWeights, kinds ...BurdenKind) Points {
	if len(kinds) == 0 {
		kinds = BurdenKinds()
	}
	weighted, extra := 0, Points(0) // hundredths of minutes
	for _, k := range kinds {
		switch k {
		case NightBurden:
			weighted += int(b.Night) * w.Night
		case WeekendBurden:
			weighted += int(b.Weekend) * w.Weekend
		case HolidayBurden:
			weighted += int(b.Holiday) * w.Holiday
		case ShortBurden:
			weighted += int(b.ShortNotice) * w.ShortNotice
		case ExtraBurden:
			extra = b.Extra
		}
	}
	return Points(floorDiv(weighted+minutesPerPoint*50, minutesPerPoint*100)) + extra
}

// floorDiv rounds towards minus infinity, so that negative burdens round like positive ones.
func floorDiv(a, b int) int {
	q := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		q--
	}
	return q
}
