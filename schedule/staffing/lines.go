package staffing

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"rota/schedule"
)

// LinePrefix begins the ids of the demand lines that a forecast makes, so that the next forecast can replace them.
const LinePrefix = "forecast-"

// Attribute is what a forecast states of the agents of an interval.
type Attribute string

// The attributes. Below a target costs less than below a minimum, and so do languages then.
const (
	AsTarget Attribute = "target"
	AsMin    Attribute = "min"
)

// LineOptions steer Lines.
type LineOptions struct {
	// First and Last are the dates of the needs, inclusive; a date among them without a need needs nobody.
	First, Last schedule.Date
	// As is AsTarget unless given.
	As Attribute
	// Level is how well a language has to be spoken, B2 unless given.
	Level schedule.Level
}

// Lines is demand by interval: for every weekday the most frequent need of its dates, the earliest on a tie, and for dates
// that need something else, as holidays may, lines of their own. Weekdays with the same need share lines, and intervals in a
// row with the same number are one. Languages are capacities, agents set aside, so that nobody who speaks two is counted
// twice, and where several share a queue also speakers who have to be there. Ids begin with LinePrefix.
func Lines(needs []Need, o LineOptions) []schedule.DemandLine {
	of := map[schedule.Date][]Need{}
	for _, n := range needs {
		of[n.Day] = append(of[n.Day], n)
	}
	if len(needs) == 0 {
		return nil
	}
	days := schedule.RosterDays(o.First, o.Last)
	step := needs[0].Step
	text := func(d schedule.Date) string { return fmt.Sprint(counts(of[d], step)) }
	// The usual day of each weekday.
	usual := map[time.Weekday]schedule.Date{}
	for i := range 7 {
		weekday := time.Weekday((i + 1) % 7)
		frequency := map[string]int{}
		for _, d := range days {
			if d.Weekday() == weekday {
				frequency[text(d)]++
			}
		}
		for _, d := range days {
			old, known := usual[weekday]
			if d.Weekday() == weekday && (!known || frequency[text(d)] > frequency[text(old)]) {
				usual[weekday] = d
			}
		}
	}
	w := &lineWriter{o: o, step: step, pooled: slices.ContainsFunc(needs, func(n Need) bool {
		return slices.ContainsFunc(n.Languages, func(l LanguageAgents) bool { return l.Speakers > 0 })
	})}
	done := map[string]bool{}
	for i := range 7 {
		d, known := usual[time.Weekday((i+1)%7)]
		if !known || done[text(d)] {
			continue
		}
		done[text(d)] = true
		var same []time.Weekday
		for other, e := range usual {
			if text(e) == text(d) {
				same = append(same, other)
			}
		}
		on := schedule.MakeWeekdays(same...)
		w.day(of[d], strings.ToLower(d.Weekday().String()[:3]), func(l *schedule.DemandLine) { l.Days = on })
	}
	for _, d := range days {
		if u := usual[d.Weekday()]; text(d) != text(u) {
			w.day(covering(of[d], of[u]), d.String(), func(l *schedule.DemandLine) { l.Dates = []schedule.Date{d} })
		}
	}
	return w.lines
}

// covering adds an empty need for intervals that the usual day needs and this one does not, so that they are stated.
func covering(needs, usual []Need) []Need {
	all := slices.Clone(needs)
	for _, u := range usual {
		i := slices.IndexFunc(all, func(n Need) bool { return n.At == u.At })
		if i < 0 {
			all = append(all, Need{At: u.At, Step: u.Step})
			i = len(all) - 1
		}
		for _, l := range u.Languages {
			if !slices.ContainsFunc(all[i].Languages, func(x LanguageAgents) bool { return x.Tag == l.Tag }) {
				all[i].Languages = append(slices.Clone(all[i].Languages), LanguageAgents{Tag: l.Tag})
			}
		}
	}
	slices.SortFunc(all, func(a, b Need) int { return int(a.At - b.At) })
	return all
}

// row is the agents of each interval of a day, of a language those set aside and its speakers; -1 where nothing is stated.
type row struct {
	tag    schedule.Language
	agents [][2]int
}

// counts is the rows of a day: all agents, and each language.
func counts(needs []Need, step time.Duration) []row {
	perDay := 24 * 60 / max(int(step/time.Minute), 1)
	blank := slices.Repeat([][2]int{{-1, 0}}, perDay)
	rows := []row{{agents: slices.Clone(blank)}}
	for _, n := range needs {
		i := int(n.At) * perDay / (24 * 60)
		rows[0].agents[i] = [2]int{n.Agents, 0}
		for _, l := range n.Languages {
			k := slices.IndexFunc(rows, func(r row) bool { return r.tag == l.Tag })
			if k < 0 {
				k = len(rows)
				rows = append(rows, row{l.Tag, slices.Clone(blank)})
			}
			rows[k].agents[i] = [2]int{l.Agents, l.Speakers}
		}
	}
	slices.SortFunc(rows, func(a, b row) int { return strings.Compare(string(a.tag), string(b.tag)) })
	return rows
}

type lineWriter struct {
	o      LineOptions
	step   time.Duration
	pooled bool // languages have speakers
	lines  []schedule.DemandLine
}

// day writes the lines of one kind of day.
func (w *lineWriter) day(needs []Need, name string, on func(*schedule.DemandLine)) {
	for _, r := range counts(needs, w.step) {
		minutes := 24 * 60 / len(r.agents)
		for i := 0; i < len(r.agents); i++ {
			n := r.agents[i]
			if n[0] < 0 {
				continue
			}
			from := i
			for i+1 < len(r.agents) && r.agents[i+1] == n {
				i++
			}
			span := schedule.ClockSpan{Start: schedule.Clock(from * minutes), End: schedule.Clock((i + 1) * minutes)}
			id := fmt.Sprintf("%s%s-%02d%02d", LinePrefix, name, int(span.Start)/60, int(span.Start)%60)
			line := schedule.DemandLine{Interval: schedule.Some(span), Step: schedule.Minutes(w.step / time.Minute)}
			switch {
			case r.tag != "":
				id += "-" + string(r.tag)
				level := w.o.Level
				if level == 0 {
					level = schedule.B2
				}
				line.Language = schedule.LanguageNeed{Tag: r.tag, Level: level, Capacity: schedule.Some(n[0])}
				if w.pooled {
					line.Language.Min = schedule.Some(n[1])
				}
				if w.o.As != AsMin {
					line.Language.Weight = schedule.Some(schedule.DefaultTargetWeight)
				}
			case w.o.As == AsMin:
				line.Agents.Min = schedule.Some(n[0])
			default:
				line.Agents.Target = schedule.Some(n[0])
			}
			line.ID = schedule.DemandID(id)
			on(&line)
			w.lines = append(w.lines, line)
		}
	}
}
