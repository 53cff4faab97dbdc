package schedule

import (
	"slices"
	"time"
)

// HourCover is the demand of one hour of a roster, and who is there.
type HourCover struct {
	// Interval is the hour, [Start, End): from a full hour of the team's clock to the next, shorter where clocks change by
	// less. Day and Clock are its start on that clock.
	Interval Interval
	Day      Date
	Clock    Clock
	// Min and Target are the most that are needed at any instant of the hour: of slots, the sum over those that run; of
	// intervals, what they say; the greater of the two. Target is at least Min.
	Min, Target int
	// Planned is the least number of agents at work at any instant of the hour, and Most the greatest.
	Planned, Most int
	// Short is the most agents missing to Min at any instant, and Below those missing to Target.
	Short, Below int
}

// CoverByHour lists the hours of the period's roster days, with who is at work by the roster and by the facts around it.
// Hours without demand and without agents are listed too. The error is a zone that cannot be read.
func CoverByHour(p *Period, r Roster) ([]HourCover, error) {
	here, err := LoadZone(p.Team.Zone)
	if err != nil {
		return nil, err
	}
	work := workOf(p, r)
	start, end := startOf(p.First, here), startOf(p.Last.AddDays(1), here)
	var hours []HourCover
	for at := start; at.Before(end); {
		local := at.In(here)
		next := at.Add(time.Hour - time.Duration(local.Minute())*time.Minute - time.Duration(local.Second())*time.Second)
		if next.After(end) {
			next = end
		}
		h := HourCover{Interval: Interval{Start: at, End: next}, Day: DateOf(at, here), Clock: Clock(local.Hour()*60 + local.Minute())}
		h.fill(p, work)
		hours = append(hours, h)
		at = next
	}
	return hours, nil
}

// fill looks at every stretch of the hour in which nothing changes.
func (h *HourCover) fill(p *Period, work []stint) {
	cuts := []time.Time{h.Interval.Start, h.Interval.End}
	add := func(i Interval) {
		for _, t := range []time.Time{i.Start, i.End} {
			if h.Interval.Contains(t) {
				cuts = append(cuts, t)
			}
		}
	}
	for _, w := range work {
		add(w.Interval)
	}
	for _, s := range p.Slots {
		add(s.Interval())
	}
	for _, i := range p.Intervals {
		add(i.Interval)
	}
	slices.SortFunc(cuts, time.Time.Compare)
	cuts = slices.CompactFunc(cuts, time.Time.Equal)
	for i := range len(cuts) - 1 {
		t := cuts[i]
		least, target := 0, 0
		need := func(d Demand) (int, int) { return d.Min, max(d.Min, d.Target.Or(d.Min)) }
		running := func(s Slot) {
			if s.Interval().Contains(t) {
				lo, hi := need(s.Demand)
				least, target = least+lo, target+hi
			}
		}
		for _, s := range p.Slots {
			running(s)
		}
		for _, s := range p.Around {
			running(s)
		}
		for _, n := range p.Intervals {
			if n.Interval.Contains(t) {
				lo, hi := need(n.Demand)
				least, target = max(least, lo), max(target, hi)
			}
		}
		var on []AgentID
		for _, w := range work {
			if w.Contains(t) && !slices.Contains(on, w.agent) {
				on = append(on, w.agent)
			}
		}
		if n := len(on); i == 0 {
			h.Planned, h.Most = n, n
		}
		h.Min, h.Target = max(h.Min, least), max(h.Target, target)
		h.Planned, h.Most = min(h.Planned, len(on)), max(h.Most, len(on))
		h.Short, h.Below = max(h.Short, least-len(on)), max(h.Below, target-len(on))
	}
}

// stint is an agent's stretch of work.
type stint struct {
	Interval
	agent AgentID
}

// workOf is the work of the roster and of the facts around it, by start. Assignments that make no sense are passed over.
func workOf(p *Period, r Roster) []stint {
	x := p.Index()
	var work []stint
	for _, list := range [][]Assignment{r.Assignments, p.Worked} {
		for _, a := range list {
			if s, dated := x.Slots[a.Slot]; dated {
				work = append(work, stint{s.Interval(), a.Agent})
			}
		}
	}
	slices.SortStableFunc(work, func(a, b stint) int { return a.Start.Compare(b.Start) })
	return work
}
