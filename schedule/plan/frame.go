package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"rota/schedule"
	"rota/solver"
	"rota/solver/model"
)

// span is a stretch of time in Unix seconds, half-open. The compiler counts in it rather than in schedule.Interval, so
// that an error in the one cannot hide in the other.
type span struct{ from, to int64 }

func spanOf(i schedule.Interval) span { return span{i.Start.Unix(), i.End.Unix()} }

// shared is the seconds that both hold, 0 if none.
func (s span) shared(o span) int64 { return max(min(s.to, o.to)-max(s.from, o.from), 0) }

// merge puts spans into order and joins those that touch. It changes its argument.
func merge(spans []span) []span {
	slices.SortFunc(spans, func(a, b span) int { return int(min(max(a.from-b.from, -1), 1)) })
	var out []span
	for _, s := range spans {
		if s.from >= s.to {
			continue
		}
		if n := len(out); n > 0 && s.from <= out[n-1].to {
			out[n-1].to = max(out[n-1].to, s.to)
			continue
		}
		out = append(out, s)
	}
	return out
}

// duty is what a model's duty stands for: nothing on a day off, one slot, or in history and after the period the
// several slots that somebody is known to have worked on one roster day.
type duty struct {
	slots []int // indexes of frame.slots
}

// frame is the days, the duties and the facts, before any rule. Days are numbered from the first known one; the model
// has those up to the end of the period. Later facts have numbers too, but no day of the model: what they mean for the
// period is folded into rules.
type frame struct {
	p     *schedule.Period
	here  *time.Location
	epoch int64 // Unix seconds of minute 0
	days  []schedule.Date
	first int // the first day of the period
	last  int // the last day of the period and of the model
	known int // the number of known days, more than last when later rosters are published
	slots []schedule.Slot
	at    []span // of slots
	slot  map[schedule.SlotID]int
	own   []bool // of slots: the slot belongs to the period
	of    []int  // of slots: the duty that stands for a slot of the period
	day   []int  // of slots
	// duties are by day. In history there is one for each set of slots that somebody worked.
	duties [][]duty
	// worked is who is known to have worked what, by agent and day, in order of start.
	worked []map[int][]int
	fixed  [][]uint8 // what each agent is known to do, by day of the model; 0 within the period
}

// dayIndex is the number of a roster day, -1 for one that is not known.
func (f *frame) dayIndex(d schedule.Date) int {
	n := d.Sub(f.days[0])
	if d.IsZero() || n < 0 || n >= f.known {
		return -1
	}
	return n
}

// minute is an instant on the model's clock, rounded down.
func (f *frame) minute(sec int64) int {
	n := sec - f.epoch
	if n < 0 {
		return int(-((-n + 59) / 60))
	}
	return int(n / 60)
}

// newFrame lays out the days from KnownFrom to KnownTo.
func newFrame(p *schedule.Period) (*frame, error) {
	f := &frame{p: p, slot: map[schedule.SlotID]int{}}
	var err error
	if f.here, err = schedule.LoadZone(p.Team.Zone); err != nil {
		return nil, fmt.Errorf("team %s: %w", p.Team.ID, err)
	}
	if p.First.IsZero() || p.Last.Before(p.First) {
		return nil, fmt.Errorf("the period %s to %s has no days", p.First, p.Last)
	}
	from, to := p.First, p.Last
	if !p.KnownFrom.IsZero() && p.KnownFrom.Before(from) {
		from = p.KnownFrom
	}
	if p.KnownTo.After(to) {
		to = p.KnownTo
	}
	for d := from; !d.After(p.Last); d = d.AddDays(1) {
		f.days = append(f.days, d)
	}
	f.first, f.last, f.known = p.First.Sub(from), p.Last.Sub(from), to.Sub(from)+1
	midnight, _ := schedule.StartInstant(from, schedule.Midnight, f.here)
	f.epoch = midnight.Unix() - midnight.Unix()%60
	f.duties = make([][]duty, len(f.days))
	for d := range f.duties {
		f.duties[d] = []duty{{}}
	}
	add := func(s schedule.Slot, own bool) error {
		d := f.dayIndex(s.Day)
		if within := d >= f.first && d <= f.last; own && !within {
			return fmt.Errorf("slot %s is of roster day %s, outside the period", s.ID, s.Day)
		} else if d < 0 || own != within {
			return nil
		}
		if _, twice := f.slot[s.ID]; twice {
			return fmt.Errorf("slot %s is in the period twice", s.ID)
		}
		if !s.Start.Before(s.End) {
			return fmt.Errorf("slot %s has no length", s.ID)
		}
		i := len(f.slots)
		f.slot[s.ID] = i
		f.slots = append(f.slots, s)
		f.at = append(f.at, span{s.Start.Unix(), s.End.Unix()})
		f.own = append(f.own, own)
		f.day = append(f.day, d)
		f.of = append(f.of, 0)
		if own {
			f.of[i] = len(f.duties[d])
			f.duties[d] = append(f.duties[d], duty{slots: []int{i}})
		}
		return nil
	}
	for _, s := range p.Around {
		if err := add(s, false); err != nil {
			return nil, err
		}
	}
	for _, s := range p.Slots {
		if err := add(s, true); err != nil {
			return nil, err
		}
	}
	f.facts()
	for d, list := range f.duties {
		if len(list) > model.MaxDuties {
			return nil, fmt.Errorf("roster day %s has %d slots, at most %d", f.days[d], len(list)-1, model.MaxDuties-1)
		}
	}
	return f, nil
}

// facts makes a duty of every set of slots that somebody is known to have worked on a day before the period.
func (f *frame) facts() {
	place := map[schedule.AgentID]int{}
	for i, a := range f.p.Agents {
		place[a.ID] = i
	}
	f.worked = make([]map[int][]int, len(f.p.Agents))
	for _, w := range f.p.Worked {
		who, known := place[w.Agent]
		s, dated := f.slot[w.Slot]
		if !known || !dated || f.own[s] {
			continue
		}
		if f.worked[who] == nil {
			f.worked[who] = map[int][]int{}
		}
		if list := f.worked[who][f.day[s]]; !slices.Contains(list, s) {
			f.worked[who][f.day[s]] = append(list, s)
		}
	}
	f.fixed = make([][]uint8, len(f.p.Agents))
	known := map[string]int{}
	for who := range f.fixed {
		f.fixed[who] = make([]uint8, len(f.days))
		for d, set := range f.worked[who] {
			slices.SortFunc(set, func(a, b int) int { return cmp.Or(cmp.Compare(f.at[a].from, f.at[b].from), a-b) })
			f.worked[who][d] = set
		}
		for d := range f.first {
			set := f.worked[who][d]
			if len(set) == 0 {
				continue
			}
			key := fmt.Sprint(d, set)
			n, seen := known[key]
			if !seen {
				n = len(f.duties[d])
				known[key] = n
				f.duties[d] = append(f.duties[d], duty{slots: set})
			}
			f.fixed[who][d] = uint8(min(n, model.MaxDuties))
		}
	}
}

// modelDays are the days of the model. A duty of several slots has the times of the last one, which is what comes before
// the next; the others are busy time where that matters.
func (f *frame) modelDays() []solver.Day {
	days := make([]solver.Day, len(f.days))
	for d, list := range f.duties {
		days[d].Duties = make([]solver.Duty, len(list))
		days[d].Duties[0].Name = "off"
		for i, x := range list[1:] {
			at := f.at[x.slots[len(x.slots)-1]]
			var names []string
			for _, s := range x.slots {
				names = append(names, string(f.slots[s].Shift))
			}
			days[d].Duties[i+1] = solver.Duty{Name: strings.Join(names, "+"), Start: f.minute(at.from), End: f.minute(at.to)}
		}
	}
	return days
}

// factsOf lists the slots that an agent is known to work from day from to day to, not included, by start.
func (f *frame) factsOf(p, from, to int) []int {
	var list []int
	for d, set := range f.worked[p] {
		if d >= from && d < to {
			list = append(list, set...)
		}
	}
	slices.SortFunc(list, func(a, b int) int { return cmp.Or(cmp.Compare(f.at[a].from, f.at[b].from), a-b) })
	return list
}

// hasTag reports whether one of the duty's slots carries the tag.
func (f *frame) hasTag(x duty, tag string) bool {
	return slices.ContainsFunc(x.slots, func(s int) bool { return slices.Contains(f.slots[s].Tags, tag) })
}
