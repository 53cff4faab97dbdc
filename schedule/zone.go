package schedule

import (
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // a machine without a zone database reads the one in the binary
)

// zoneList holds the names of the IANA zones and links, one a line, ascending, as the zone database of the Go
// distribution has them. The time package can load a name but not list them.
//
//go:embed zones.txt
var zoneList string

var (
	zoneNames = sync.OnceValue(func() []string { return strings.Fields(zoneList) })
	zoneCache sync.Map // name to *time.Location; loading reads and parses a file each time
)

// ZoneNames lists the names that LoadZone takes, ascending. The slice is the caller's own.
func ZoneNames() []string { return slices.Clone(zoneNames()) }

// LoadZone finds an IANA zone such as Asia/Yerevan. Names are exact, also on file systems that ignore case, so that
// what one machine stores every other can load. The empty name and "Local" are refused for the same reason: they mean
// what the machine is set to. The error names the nearest zones. It is safe for concurrent use.
func LoadZone(name string) (*time.Location, error) {
	if loc, ok := zoneCache.Load(name); ok {
		return loc.(*time.Location), nil
	}
	switch {
	case name == "":
		return nil, errors.New("no time zone given: write an IANA name such as Asia/Yerevan")
	case strings.EqualFold(name, "local"):
		return nil, fmt.Errorf("time zone %q depends on the machine: write an IANA name such as Asia/Yerevan", name)
	}
	if _, known := slices.BinarySearch(zoneNames(), name); !known {
		if near := nearZones(name); len(near) > 0 {
			return nil, fmt.Errorf("unknown time zone %q, did you mean %s?", name, strings.Join(near, " or "))
		}
		return nil, fmt.Errorf("unknown time zone %q: write an IANA name such as Asia/Yerevan", name)
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("load time zone %q: %w", name, err)
	}
	kept, _ := zoneCache.LoadOrStore(name, loc)
	return kept.(*time.Location), nil
}

// nearZones lists up to three zones that a person who wrote name may have meant: the same letters, the same city, or
// a small slip in either.
func nearZones(name string) []string {
	plain := func(s string) string {
		return strings.ToLower(strings.NewReplacer(" ", "_", "-", "_", "\\", "/").Replace(strings.TrimSpace(s)))
	}
	city := func(s string) string { return s[strings.LastIndexByte(s, '/')+1:] }
	type near struct {
		name  string
		slips int
	}
	wanted := plain(name)
	if len(wanted) > 64 {
		return nil // no zone is that long, and the comparison is quadratic
	}
	allowed := min(2, len(city(wanted))/3)
	var found []near
	for _, zone := range zoneNames() {
		known := plain(zone)
		slips := editDistance(wanted, known)
		if !strings.Contains(wanted, "/") || city(wanted) == city(known) {
			slips = min(slips, editDistance(city(wanted), city(known)))
		}
		if slips <= allowed {
			found = append(found, near{zone, slips})
		}
	}
	slices.SortStableFunc(found, func(a, b near) int { return a.slips - b.slips })
	var names []string
	for _, f := range found {
		if f.slips == found[0].slips && len(names) < 3 {
			names = append(names, f.name)
		}
	}
	return names
}

// editDistance is the number of bytes to insert, delete, replace or exchange with the neighbour to turn a into b.
func editDistance(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}

// Existence is how often a wall clock shows one time of one date.
type Existence int

const (
	Never Existence = iota // skipped, because the clocks went forward
	Once                   // the usual case
	Twice                  // repeated, because the clocks went back
)

// String is the name of the constant in lower case.
func (e Existence) String() string {
	switch e {
	case Never:
		return "never"
	case Once:
		return "once"
	case Twice:
		return "twice"
	}
	return fmt.Sprintf("Existence(%d)", int(e))
}

// reach is how far, in seconds, the instant of a wall time can be from the same figures read as UTC, with room for
// a skipped date: no zone was ever as much as 16 hours from UTC, and none jumped by more than a day.
const reach = 42 * 3600

// offsetAt is how many seconds loc's wall clock is ahead of UTC at the Unix time sec.
func offsetAt(sec int64, loc *time.Location) int64 {
	_, offset := time.Unix(sec, 0).In(loc).Zone()
	return int64(offset)
}

// moments lists the Unix times, ascending, at which a wall clock in loc shows wall, given as Unix seconds of a
// clock that runs without zones. Every offset in force around the wanted time proposes one candidate, which counts if
// the clock really shows the wanted time then. time.Date is of no use here: it promises neither side of a change.
func moments(wall int64, loc *time.Location) []int64 {
	var at []int64
	for sec := wall - reach; sec <= wall+reach; {
		local := time.Unix(sec, 0).In(loc)
		_, offset := local.Zone()
		if t := wall - int64(offset); !slices.Contains(at, t) && t+offsetAt(t, loc) == wall {
			at = append(at, t)
		}
		_, end := local.ZoneBounds()
		if end.IsZero() {
			break
		}
		// Past the last change that the zone database lists, ZoneBounds ends a leap year one day early, so its end
		// can lie behind us. It only says how far to step.
		sec = max(end.Unix(), sec+3600)
	}
	slices.Sort(at)
	return at
}

// afterGap is the first instant, as a Unix time, at which a wall clock in loc that never shows wall is past it.
func afterGap(wall int64, loc *time.Location) int64 {
	low := wall - reach
	return low + int64(sort.Search(2*reach, func(i int) bool {
		t := low + int64(i)
		return t+offsetAt(t, loc) > wall
	}))
}

// wallOf is the wall time c on d as moments takes it.
func wallOf(d Date, c Clock) int64 { return d.wall().Unix() + int64(c)*60 }

// StartInstant is when something that starts at c on d by a wall clock in loc starts, in UTC. A time that happens
// twice gives the earlier one. A time that the clocks skip gives the first instant after the gap, and moved tells so.
// The date must not be zero, the clock must be valid and loc not nil.
func StartInstant(d Date, c Clock, loc *time.Location) (t time.Time, moved bool) {
	wall := wallOf(d, c)
	if at := moments(wall, loc); len(at) > 0 {
		return time.Unix(at[0], 0).UTC(), false
	}
	return time.Unix(afterGap(wall, loc), 0).UTC(), true
}

// EndInstant is when something that ends at c on d by a wall clock in loc ends, in UTC. It differs from StartInstant
// in a time that happens twice, where it gives the later one: so a slot that ends when the next one starts leaves no
// hole. Start and end can both move to the end of one gap; what lay wholly inside it has no length.
func EndInstant(d Date, c Clock, loc *time.Location) (t time.Time, moved bool) {
	wall := wallOf(d, c)
	if at := moments(wall, loc); len(at) > 0 {
		return time.Unix(at[len(at)-1], 0).UTC(), false
	}
	return time.Unix(afterGap(wall, loc), 0).UTC(), true
}

// Exists says how often a wall clock in loc shows c on d. Times that people enter and that never exist are refused.
func Exists(d Date, c Clock, loc *time.Location) Existence {
	return Existence(min(len(moments(wallOf(d, c), loc)), int(Twice)))
}

// DateExists reports whether d happened in loc at all. Zones that moved across the date line skipped a date, as Samoa
// (Pacific/Apia) did with 2011-12-30; what would start on such a date does not happen.
func DateExists(d Date, loc *time.Location) bool {
	start, end := DayBounds(d, loc)
	return start.Before(end)
}

// DayBounds is the first instant of d in loc and the first of the next date, both in UTC: 23 to 25 hours apart as a
// rule, and equal for a date that loc skipped. The bounds of successive dates touch.
func DayBounds(d Date, loc *time.Location) (start, end time.Time) {
	start, _ = StartInstant(d, Midnight, loc)
	end, _ = StartInstant(d, EndOfDay, loc)
	return start, end
}

// Interval is the span of instants [Start, End): Start belongs to it, End does not. One whose End is not after its
// Start is empty; the zero Interval is.
type Interval struct {
	Start, End time.Time
}

// IsEmpty reports whether the interval holds no instant.
func (i Interval) IsEmpty() bool { return !i.Start.Before(i.End) }

// Contains reports whether t is in the interval.
func (i Interval) Contains(t time.Time) bool { return !t.Before(i.Start) && t.Before(i.End) }

// Covers reports whether every instant of o is in i. Every interval covers an empty one.
func (i Interval) Covers(o Interval) bool {
	return o.IsEmpty() || !o.Start.Before(i.Start) && !o.End.After(i.End)
}

// Overlaps reports whether the two share an instant. Intervals that only touch do not.
func (i Interval) Overlaps(o Interval) bool { return !i.Intersect(o).IsEmpty() }

// Intersect is what the two share; the zero Interval when that is nothing.
func (i Interval) Intersect(o Interval) Interval {
	if o.Start.After(i.Start) {
		i.Start = o.Start
	}
	if o.End.Before(i.End) {
		i.End = o.End
	}
	if i.IsEmpty() {
		return Interval{}
	}
	return i
}

// Minutes is the elapsed time in whole minutes, rounded down; 0 for an empty interval.
func (i Interval) Minutes() Minutes {
	if i.IsEmpty() {
		return 0
	}
	return Minutes((i.End.Unix() - i.Start.Unix()) / 60)
}

// Union gives the fewest intervals that hold the same instants as those given: ascending, disjoint, neither empty nor
// touching. It leaves its argument as it is.
func Union(intervals []Interval) []Interval {
	sorted := slices.DeleteFunc(slices.Clone(intervals), Interval.IsEmpty)
	slices.SortFunc(sorted, func(a, b Interval) int { return a.Start.Compare(b.Start) })
	var merged []Interval
	for _, i := range sorted {
		if n := len(merged); n > 0 && !i.Start.After(merged[n-1].End) {
			if i.End.After(merged[n-1].End) {
				merged[n-1].End = i.End
			}
			continue
		}
		merged = append(merged, i)
	}
	return merged
}

// Gaps gives the parts of within that no interval of busy holds, ascending and disjoint.
func Gaps(within Interval, busy []Interval) []Interval {
	var free []Interval
	for _, b := range Union(busy) {
		if part := (Interval{within.Start, b.Start}).Intersect(within); !part.IsEmpty() {
			free = append(free, part)
		}
		if b.End.After(within.Start) {
			within.Start = b.End
		}
	}
	if !within.IsEmpty() {
		free = append(free, within)
	}
	return free
}
