package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"

	"rota/schedule"
)

// sheet is one roster with everything that a page about it shows.
type sheet struct {
	roster schedule.Roster
	period *schedule.Period
	report schedule.Report
	index  schedule.Index
	// codes are the short forms of the shifts, and order their place.
	codes map[schedule.ShiftID]string
	order []schedule.ShiftID
	// on is who has which slots on which roster day.
	on map[schedule.AgentID]map[schedule.Date][]schedule.Slot
	// leave, weekend and holiday are the days that look different.
	leave   map[schedule.AgentID]map[schedule.Date]bool
	away    map[schedule.AgentID]map[schedule.Date]bool // works elsewhere
	weekend map[schedule.Date]bool
	holiday map[schedule.Date]string
	// cover is the cover of each shift's slots by roster day.
	cover map[schedule.ShiftID]map[schedule.Date][]schedule.SlotCover
	work  map[schedule.AgentID]schedule.AgentWork
	days  []schedule.Date
	// legal says that no hard rule is broken.
	legal bool
}

func newSheet(p *schedule.Period, r schedule.Roster) (*sheet, error) {
	x := &sheet{roster: r, period: p, report: schedule.Audit(p, r), index: p.Index(),
		on: map[schedule.AgentID]map[schedule.Date][]schedule.Slot{}, leave: map[schedule.AgentID]map[schedule.Date]bool{},
		away:    map[schedule.AgentID]map[schedule.Date]bool{},
		weekend: map[schedule.Date]bool{}, cover: map[schedule.ShiftID]map[schedule.Date][]schedule.SlotCover{},
		work: map[schedule.AgentID]schedule.AgentWork{}, days: schedule.RosterDays(r.First, r.Last)}
	x.legal = x.report.Hard == 0
	slots := map[schedule.SlotID]schedule.Slot{}
	used := map[schedule.ShiftID]bool{}
	for _, s := range r.Slots {
		slots[s.ID] = s
		used[s.Shift] = true
	}
	for _, s := range p.Shifts {
		if used[s.ID] {
			x.order = append(x.order, s.ID)
			delete(used, s.ID)
		}
	}
	var gone []schedule.ShiftID // shifts that the team no longer has
	for id := range used {
		gone = append(gone, id)
	}
	slices.Sort(gone)
	x.order = append(x.order, gone...)
	x.codes = shiftCodes(x.order, x.index.Shifts)
	for _, as := range r.Assignments {
		s, ok := slots[as.Slot]
		if !ok {
			continue
		}
		if x.on[as.Agent] == nil {
			x.on[as.Agent] = map[schedule.Date][]schedule.Slot{}
		}
		x.on[as.Agent][s.Day] = append(x.on[as.Agent][s.Day], s)
	}
	for _, b := range p.Busy {
		if b.Work && !b.Day.Before(r.First) && !b.Day.After(r.Last) {
			if x.away[b.Agent] == nil {
				x.away[b.Agent] = map[schedule.Date]bool{}
			}
			x.away[b.Agent][b.Day] = true
		}
	}
	for _, c := range x.report.Slots {
		s, ok := slots[c.Slot]
		if !ok {
			continue
		}
		if x.cover[s.Shift] == nil {
			x.cover[s.Shift] = map[schedule.Date][]schedule.SlotCover{}
		}
		x.cover[s.Shift][s.Day] = append(x.cover[s.Shift][s.Day], c)
	}
	for _, w := range x.report.Agents {
		x.work[w.Agent] = w
	}
	here, err := schedule.LoadZone(p.Team.Zone)
	if err != nil {
		return nil, err
	}
	for _, w := range schedule.Weekends(p.Team, here, r.First, r.Last) {
		for _, d := range x.days {
			start, end := schedule.DayBounds(d, here)
			if w.Interval.Overlaps(schedule.Interval{Start: start, End: end}) {
				x.weekend[d] = true
			}
		}
	}
	x.holiday = schedule.HolidayDates(p.Holidays, p.Team.Holidays)
	for _, agent := range p.Agents {
		var own []schedule.Availability
		for _, e := range p.Availability {
			if e.Agent == agent.ID {
				own = append(own, e)
			}
		}
		if x.leave[agent.ID], err = schedule.LeaveDays(p.Team, agent, own, r.First, r.Last); err != nil {
			return nil, err
		}
	}
	return x, nil
}

// shiftCodes gives every shift a short form of its own: the one it states, or else the first letters of the words of its
// id, or else as much of the id as it takes.
func shiftCodes(order []schedule.ShiftID, shifts map[schedule.ShiftID]schedule.Shift) map[schedule.ShiftID]string {
	codes := map[schedule.ShiftID]string{}
	taken := map[string]bool{}
	give := func(id schedule.ShiftID, code string) bool {
		if code == "" || taken[code] || columns(code) > 3 {
			return false
		}
		codes[id], taken[code] = code, true
		return true
	}
	for _, id := range order {
		give(id, shifts[id].Code)
	}
	for _, id := range order {
		if codes[id] != "" {
			continue
		}
		words := strings.FieldsFunc(strings.ToUpper(string(id)), func(r rune) bool { return r == '-' || r == '_' || r == '.' })
		initials := ""
		for _, w := range words {
			initials += w[:1]
		}
		done := give(id, initials[:min(len(initials), 3)])
		for n := 2; !done && n <= 3 && len(words) > 0 && n <= len(words[0]); n++ {
			done = give(id, words[0][:n])
		}
		for n := 1; !done; n++ {
			done = give(id, fmt.Sprint(initials[:min(len(initials), 1)], n))
		}
	}
	return codes
}

// name is an agent's name, or the id of somebody the team no longer has.
func (x *sheet) name(id schedule.AgentID) string {
	if n := x.index.Agents[id].Name; n != "" {
		return n
	}
	return string(id)
}

func (x *sheet) shiftName(id schedule.ShiftID) string {
	if n := x.index.Shifts[id].Name; n != "" {
		return n
	}
	return string(id)
}

// people are the period's agents and, after them, those on the roster whom the team no longer has.
func (x *sheet) people() []schedule.AgentID {
	var ids []schedule.AgentID
	for _, a := range x.period.Agents {
		ids = append(ids, a.ID)
	}
	var gone []schedule.AgentID
	for id := range x.on {
		if _, known := x.index.Agents[id]; !known {
			gone = append(gone, id)
		}
	}
	slices.Sort(gone)
	return append(ids, gone...)
}

// mark says in one sign what is wrong with the cover of a slot: ! below the minimum, - below the target, + above the
// maximum, * a language or skill missing.
func mark(c schedule.SlotCover) string {
	signs := ""
	switch {
	case c.Planned < c.Min:
		signs = "!"
	case c.Target.Set && c.Planned < c.Target.Value:
		signs = "-"
	case c.Max.Set && c.Planned > c.Max.Value:
		signs = "+"
	}
	if len(c.Languages)+len(c.Skills) > 0 {
		signs += "*"
	}
	return signs
}

// colourOf is the colour of a shift.
func (x *sheet) colourOf(id schedule.ShiftID) text.Colors {
	i := max(slices.Index(x.order, id), 0)
	return shiftColours[i%len(shiftColours)]
}

// printGrid prints agents by days in pages of whole weeks that fit the width.
func (a *app) printGrid(x *sheet) {
	const nameWidth, gap = 18, 1
	cellWidth := 3
	for _, c := range x.codes {
		cellWidth = max(cellWidth, columns(c)+gap)
	}
	const totals = 26 // hours, nights, weekends, burden
	one := nameWidth + len(x.days)*cellWidth + totals
	pages := [][]schedule.Date{x.days}
	single := one <= a.look.width
	if !single {
		pages = nil
		perPage := max((a.look.width-nameWidth-7)/cellWidth/7, 1)
		start := x.days[0].WeekStart(x.period.Team.WeekStart)
		for from := start; !from.After(x.roster.Last); from = from.AddDays(7 * perPage) {
			var page []schedule.Date
			for _, d := range x.days {
				if !d.Before(from) && d.Before(from.AddDays(7*perPage)) {
					page = append(page, d)
				}
			}
			if len(page) > 0 { // of one week, or of days that the roster leaves out, the others are empty
				pages = append(pages, page)
			}
		}
	}
	for i, page := range pages {
		if i > 0 {
			a.say("")
		}
		a.printPage(x, page, nameWidth, cellWidth, single)
	}
	if !single {
		a.say("")
		a.printTotals(x)
	}
	a.say("")
	a.printLegend(x)
}

func (a *app) printPage(x *sheet, page []schedule.Date, nameWidth, cellWidth int, single bool) {
	l := a.look
	dayStyle := func(d schedule.Date, s string) string {
		if x.weekend[d] || x.holiday[d] != "" {
			return l.warn(s)
		}
		return l.strong(s)
	}
	year, week := page[0].ISOWeek()
	weeks := fmt.Sprintf("%d-W%02d", year, week)
	if _, last := page[len(page)-1].ISOWeek(); last != week {
		weeks += fmt.Sprintf(" to W%02d", last)
	}
	var top, bottom strings.Builder
	top.WriteString(l.faint(pad(weeks, nameWidth)))
	bottom.WriteString(l.strong(pad(page[0].Month.String(), nameWidth)))
	for _, d := range page {
		top.WriteString(dayStyle(d, pad(d.Weekday().String()[:2], cellWidth)))
		sign := ""
		if x.holiday[d] != "" && cellWidth > 3 {
			sign = "h"
		}
		bottom.WriteString(dayStyle(d, pad(fmt.Sprintf("%02d%s", d.Day, sign), cellWidth)))
	}
	head := "   hours"
	if single {
		head += " nights wkends burden"
	}
	bottom.WriteString(l.strong(head[1:]))
	a.say("%s", strings.TrimRight(top.String(), " "))
	a.say("%s", strings.TrimRight(bottom.String(), " "))
	for _, id := range x.people() {
		var row strings.Builder
		row.WriteString(pad(cut(x.name(id), nameWidth-1), nameWidth))
		var paid schedule.Minutes
		for _, d := range page {
			slots := x.on[id][d]
			switch {
			case len(slots) > 0:
				code := x.codes[slots[0].Shift]
				for _, s := range slots {
					paid += s.Paid
				}
				if len(slots) > 1 {
					code = cut(code, cellWidth-1) + "+"
				}
				row.WriteString(l.paint(pad(code, cellWidth), x.colourOf(slots[0].Shift)...))
			case x.leave[id][d]:
				row.WriteString(l.faint(pad("lv", cellWidth)))
			case x.away[id][d]:
				row.WriteString(l.faint(pad("el", cellWidth)))
			default:
				row.WriteString(l.faint(pad("·", cellWidth)))
			}
		}
		if single {
			w := x.work[id]
			fmt.Fprintf(&row, " %6s %6d %6d %6d", hoursText(w.Paid), w.Nights, w.Weekends, w.Points)
		} else {
			fmt.Fprintf(&row, " %6s", hoursText(paid))
		}
		a.say("%s", strings.TrimRight(row.String(), " "))
	}
	for _, id := range x.order {
		var row strings.Builder
		row.WriteString(l.faint(pad(x.coverLabel(id, nameWidth-1), nameWidth)))
		seen := false
		for _, d := range page {
			covers := x.cover[id][d]
			if len(covers) == 0 {
				row.WriteString(pad("", cellWidth))
				continue
			}
			seen = true
			n, signs := 0, ""
			for _, c := range covers {
				n += c.Planned
				signs += mark(c)
			}
			cell := pad(fmt.Sprint(n)+cut(signs, cellWidth-len(fmt.Sprint(n))), cellWidth)
			switch {
			case strings.Contains(signs, "!"):
				cell = l.bad(cell)
			case signs != "":
				cell = l.warn(cell)
			default:
				cell = l.good(cell)
			}
			row.WriteString(cell)
		}
		if seen {
			a.say("%s", strings.TrimRight(row.String(), " "))
		}
	}
}

// coverLabel is code and name of a shift, or its id where the name is too long.
func (x *sheet) coverLabel(id schedule.ShiftID, width int) string {
	label := fmt.Sprintf("%-2s %s", x.codes[id], x.shiftName(id))
	if columns(label) > width {
		label = fmt.Sprintf("%-2s %s", x.codes[id], id)
	}
	return cut(label, width)
}

func (a *app) printTotals(x *sheet) {
	t := list{header: []string{"Agent", "Hours", "Slots", "Nights", "Weekends", "Burden"},
		right: map[int]bool{1: true, 2: true, 3: true, 4: true, 5: true}}
	for _, id := range x.people() {
		w := x.work[id]
		t.add(x.name(id), hoursText(w.Paid), fmt.Sprint(w.Slots), fmt.Sprint(w.Nights), fmt.Sprint(w.Weekends), fmt.Sprint(w.Points))
	}
	_ = a.print(t)
}

// printLegend says what the codes and signs mean.
func (a *app) printLegend(x *sheet) {
	line := ""
	for _, id := range x.order {
		part := a.look.paint(x.codes[id], x.colourOf(id)...) + " " + x.shiftName(id)
		if line != "" && text.StringWidthWithoutEscSequences(line+", "+part) > a.look.width {
			a.say("%s", line)
			line = ""
		}
		if line != "" {
			line += ", "
		}
		line += part
	}
	a.say("%s", line)
	var signs []string
	all := ""
	for _, c := range x.report.Slots {
		all += mark(c)
	}
	for _, s := range []struct{ sign, meaning string }{{"!", "below the minimum"}, {"-", "below the target"},
		{"+", "above the maximum"}, {"*", "language or skill missing"}} {
		if strings.Contains(all, s.sign) {
			signs = append(signs, s.sign+" "+s.meaning)
		}
	}
	for _, days := range x.leave {
		if len(days) > 0 {
			signs = append(signs, "lv leave")
			break
		}
	}
	if len(x.away) > 0 {
		signs = append(signs, "el works elsewhere")
	}
	for _, d := range x.days {
		if name := x.holiday[d]; name != "" {
			signs = append(signs, fmt.Sprintf("holiday %d %s: %s", d.Day, d.Month.String()[:3], name))
		}
	}
	if len(signs) > 0 {
		a.wrapped("", a.look.faint(strings.Join(signs, ", ")))
	}
}

// hoursText is hours with at most one decimal.
func hoursText(m schedule.Minutes) string {
	if m%60 == 0 {
		return fmt.Sprint(int(m / 60))
	}
	return fmt.Sprintf("%.1f", float64(m)/60)
}

// summary is the line about a roster as a whole.
func (a *app) summary(x *sheet) string {
	r := x.roster
	short, below := 0, 0
	for _, c := range x.report.Slots {
		short += c.Short()
		if c.Short() == 0 && c.Target.Set && c.Planned < c.Target.Value {
			below++
		}
	}
	var parts []string
	parts = append(parts, plural(len(r.Assignments), "assignment"), fmt.Sprintf("cost %d", x.report.Cost))
	if g := r.Gap(); g.Set && r.Status != schedule.NotSolved && r.Cost == x.report.Cost {
		parts = append(parts, fmt.Sprintf("proved gap %s", percentage(g.Value)))
	}
	if x.legal {
		parts = append(parts, a.look.good("no hard rule broken"))
	} else {
		parts = append(parts, a.look.bad(plural(x.report.Hard, "hard rule")+" broken"))
	}
	switch {
	case short > 0:
		parts = append(parts, a.look.bad(plural(short, "agent")+" below the minimum"))
	case below > 0:
		parts = append(parts, a.look.warn(plural(below, "slot")+" below target"))
	}
	return strings.Join(parts, ", ") + "."
}
