package schedule

// Pattern is a rotation as a day string: one letter per day, '-' for a day off, as in DDSSNN--.
type Pattern struct {
	ID   PatternID
	Name string
	// Days is the string; its length is the cycle in days.
	Days string
	// Step is the distance in days between crews: crew k starts at offset k x Step. Offsets, when not empty, are used
	// instead, one per crew.
	Step    int
	Offsets []int
	Note    string
}

// Offset is where crew k (from 0) stands in the string on the rotation's first day.
func (p Pattern) Offset(k int) int {
	if k < len(p.Offsets) {
		return p.Offsets[k]
	}
	return k * p.Step
}

// At is the letter of the crew at the offset, n days after the rotation's first day; n may be negative. '-' for an
// empty string.
func (p Pattern) At(offset, n int) byte {
	if len(p.Days) == 0 {
		return '-'
	}
	i := (offset + n) % len(p.Days)
	if i < 0 {
		i += len(p.Days)
	}
	return p.Days[i]
}

// Rotation is the use of a pattern by crews of a team.
type Rotation struct {
	ID      RotationID
	Pattern PatternID
	// Start is the roster day of the first letter for offset 0. The rotation runs from From to Until, inclusive; the
	// zero Date is open.
	Start, From, Until Date
	// Letters say which shift a letter stands for.
	Letters []Letter
	Crews   []Crew
	// Weight is the price of each roster day on which the roster differs from the rotation; open for the catalogue's.
	Weight Optional[Cost]
	Note   string
}

// Letter is the shift that a letter of a pattern stands for.
type Letter struct {
	Letter string // one byte
	Shift  ShiftID
	// Next says that the slot is that of the next date, as for a night shift from 00:00 that the pattern counts to the
	// day before.
	Next bool
}

// Crew is agents who work the same days of a rotation.
type Crew struct {
	Name string
	// Offset is where the crew stands in the string on the first day; open for the pattern's own offset of its place.
	Offset Optional[int]
	// Agents are given; Size is how many the solver is to choose when there are fewer.
	Agents []AgentID
	Size   int
}

// SlotOn is the slot of crew k on a roster day n days after Start; ok is false on days off, outside From and Until and
// for letters without a shift. The date of the slot is taken to be the roster day, plus one for letters that say so.
func (r Rotation) SlotOn(p Pattern, k int, day Date) (id SlotID, ok bool) {
	if k < 0 || k >= len(r.Crews) || day.Before(r.From) || !r.Until.IsZero() && day.After(r.Until) {
		return "", false
	}
	letter := p.At(r.Crews[k].Offset.Or(p.Offset(k)), day.Sub(r.Start))
	for _, l := range r.Letters {
		if len(l.Letter) == 1 && l.Letter[0] == letter {
			if l.Next {
				day = day.AddDays(1)
			}
			return MakeSlotID(l.Shift, day), true
		}
	}
	return "", false
}
