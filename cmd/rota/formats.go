package main

import (
	"bytes"
	"fmt"
	"html/template"
	"time"

	"github.com/xuri/excelize/v2"

	"rota/calendar"
	"rota/schedule"
)

type rosterJSON struct {
	Schema      string               `json:"schema"`
	Team        schedule.TeamID      `json:"team"`
	Version     schedule.Version     `json:"version"`
	State       schedule.RosterState `json:"state"`
	First       schedule.Date        `json:"first"`
	Last        schedule.Date        `json:"last"`
	Timezone    string               `json:"timezone"`
	Cost        schedule.Cost        `json:"cost"`
	Bound       *schedule.Cost       `json:"bound"`
	Gap         *float64             `json:"gap"`
	Status      schedule.SolveStatus `json:"status,omitempty"`
	Seed        int64                `json:"seed"`
	Work        int64                `json:"work"`
	BasedOn     schedule.Version     `json:"based_on,omitempty"`
	CreatedBy   string               `json:"created_by"`
	CreatedAt   time.Time            `json:"created_at"`
	PublishedBy string               `json:"published_by,omitempty"`
	PublishedAt *time.Time           `json:"published_at"`
	Hard        int                  `json:"hard"`
	Assignments []assignmentJSON     `json:"assignments"`
	Slots       []slotJSON           `json:"slots"`
	Agents      []workJSON           `json:"agents"`
}

type assignmentJSON struct {
	Slot   schedule.SlotID  `json:"slot"`
	Agent  schedule.AgentID `json:"agent"`
	Name   string           `json:"name"`
	Shift  schedule.ShiftID `json:"shift"`
	Day    schedule.Date    `json:"day"`
	Start  time.Time        `json:"start"`
	End    time.Time        `json:"end"`
	Source schedule.Source  `json:"source"`
	UID    schedule.UID     `json:"uid,omitempty"`
}

type slotJSON struct {
	Slot      schedule.SlotID        `json:"slot"`
	Shift     schedule.ShiftID       `json:"shift"`
	Day       schedule.Date          `json:"day"`
	Start     time.Time              `json:"start"`
	End       time.Time              `json:"end"`
	Planned   int                    `json:"planned"`
	Min       int                    `json:"min"`
	Target    schedule.Optional[int] `json:"target"`
	Max       schedule.Optional[int] `json:"max"`
	Short     int                    `json:"short"`
	Languages []shortageJSON         `json:"languages_missing"`
	Skills    []shortageJSON         `json:"skills_missing"`
}

type shortageJSON struct {
	What    string `json:"what"`
	Level   string `json:"level"`
	Have    int    `json:"have"`
	Missing int    `json:"missing"`
}

type workJSON struct {
	Agent    schedule.AgentID `json:"agent"`
	Name     string           `json:"name"`
	Slots    int              `json:"slots"`
	Minutes  schedule.Minutes `json:"minutes"`
	Nights   int              `json:"nights"`
	Weekends int              `json:"weekends"`
	Burden   schedule.Points  `json:"burden"`
}

func shortages(list []schedule.Shortage) []shortageJSON {
	out := []shortageJSON{}
	for _, s := range list {
		out = append(out, shortageJSON(s))
	}
	return out
}

// header is what is said of a roster as a whole.
func header(r schedule.Roster) rosterJSON {
	out := rosterJSON{Schema: "rota/roster/v1", Team: r.Team, Version: r.Version, State: r.State, First: r.First, Last: r.Last,
		Cost: r.Cost, Status: r.Status, Seed: r.Seed, Work: r.Work, BasedOn: r.BasedOn, CreatedBy: r.CreatedBy,
		CreatedAt: r.CreatedAt.UTC(), PublishedBy: r.PublishedBy, Assignments: []assignmentJSON{}, Slots: []slotJSON{}, Agents: []workJSON{}}
	if r.Bound.Set {
		out.Bound = &r.Bound.Value
	}
	if g := r.Gap(); g.Set {
		out.Gap = &g.Value
	}
	if !r.PublishedAt.IsZero() {
		at := r.PublishedAt.UTC()
		out.PublishedAt = &at
	}
	return out
}

func (x *sheet) json() rosterJSON {
	out := header(x.roster)
	out.Timezone, out.Hard = x.period.Team.Zone, x.report.Hard
	slots := map[schedule.SlotID]schedule.Slot{}
	for _, s := range x.roster.Slots {
		slots[s.ID] = s
	}
	for _, as := range x.roster.Assignments {
		s := slots[as.Slot]
		out.Assignments = append(out.Assignments, assignmentJSON{as.Slot, as.Agent, x.name(as.Agent), s.Shift, s.Day,
			s.Start.UTC(), s.End.UTC(), as.Source, as.UID})
	}
	for _, c := range x.report.Slots {
		s, ok := slots[c.Slot]
		if !ok {
			continue
		}
		out.Slots = append(out.Slots, slotJSON{c.Slot, s.Shift, s.Day, s.Start.UTC(), s.End.UTC(), c.Planned, c.Min, c.Target, c.Max,
			c.Short(), shortages(c.Languages), shortages(c.Skills)})
	}
	for _, id := range x.people() {
		w := x.work[id]
		out.Agents = append(out.Agents, workJSON{id, x.name(id), w.Slots, w.Paid, w.Nights, w.Weekends, w.Points})
	}
	return out
}

// published is the sheet in the form that calendars are made from, as if it were published now.
func (x *sheet) published(now time.Time) *calendar.Published {
	at := x.roster.PublishedAt
	if at.IsZero() {
		at = x.roster.CreatedAt
	}
	if at.IsZero() {
		at = now
	}
	pub := &calendar.Published{Team: x.period.Team, Version: x.roster.Version, PublishedAt: at, Agents: x.period.Agents, Shifts: x.period.Shifts}
	slots := map[schedule.SlotID]schedule.Slot{}
	for _, s := range x.roster.Slots {
		slots[s.ID] = s
		pub.Slots = append(pub.Slots, calendar.Slot{Slot: s, Changed: at})
	}
	for _, as := range x.roster.Assignments {
		if s, ok := slots[as.Slot]; ok {
			pub.Entries = append(pub.Entries, calendar.Entry{UID: as.UID, Slot: as.Slot, Agent: as.Agent, Shift: s.Shift,
				Start: s.Start, End: s.End, Changed: at, Version: x.roster.Version})
		}
	}
	return pub
}

// ics is the roster as one calendar: of the team, or of one agent.
func (x *sheet) ics(now time.Time, agent schedule.AgentID) ([]byte, error) {
	pub := x.published(now)
	// The whole roster, however far away it is.
	pub.Team.Feed.Past, pub.Team.Feed.Future = 1, x.roster.Last.Sub(x.roster.First)+2
	prepared, err := calendar.Prepare(pub)
	if err != nil {
		return nil, err
	}
	scope := calendar.Scope{Team: x.roster.Team, Kind: calendar.Everybody}
	if agent != "" {
		scope = calendar.PersonalScope(x.roster.Team, agent)
	}
	feed, err := prepared.Feed(scope, x.roster.First, calendar.FeedOptions{})
	if err != nil {
		return nil, err
	}
	return feed.Bytes()
}

// pageTemplate is a page that stands alone: no script, no font and no picture from elsewhere.
var pageTemplate = template.Must(template.New("roster").Parse(`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{{.Title}}</title>
<style>
body{font:15px/1.4 system-ui,sans-serif;margin:1.5rem;color:#222;background:#fff}
.scroll{overflow-x:auto}table{border-collapse:collapse}caption{text-align:left;padding:.3rem 0}
th,td{border:1px solid #bbb;padding:.15rem .4rem;text-align:center}th[scope=row]{text-align:left;white-space:nowrap;font-weight:500}
.off{color:#999}.wk{background:#f2f2f2}.short{background:#b00020;color:#fff;font-weight:700}.low{background:#ffe28a}
@media (prefers-color-scheme:dark){body{color:#eee;background:#181818}.wk{background:#2a2a2a}.low{color:#222}th,td{border-color:#555}}
</style></head><body>
<h1>{{.Team}}</h1><p>{{.Title}}. Times are those of {{.Zone}}.</p>
<div class="scroll" tabindex="0" role="region" aria-label="Roster"><table><caption>Agents by days</caption>
<thead><tr><th scope="col">Agent</th>{{range .Days}}<th scope="col"{{if .Weekend}} class="wk"{{end}}><abbr title="{{.Date}}">{{.Name}}<br>{{.Day}}</abbr></th>{{end}}<th scope="col">Hours</th><th scope="col">Nights</th><th scope="col">Weekends</th><th scope="col">Burden</th></tr></thead>
<tbody>{{range .Rows}}<tr><th scope="row">{{.Name}}</th>{{range .Cells}}<td class="{{.Class}}"{{if .Title}} title="{{.Title}}"{{end}}>{{.Text}}</td>{{end}}<td>{{.Hours}}</td><td>{{.Nights}}</td><td>{{.Weekends}}</td><td>{{.Burden}}</td></tr>
{{end}}</tbody>
<tbody>{{range .Cover}}<tr><th scope="row">{{.Name}}</th>{{range .Cells}}<td class="{{.Class}}"{{if .Title}} title="{{.Title}}"{{end}}>{{.Text}}</td>{{end}}<td colspan="4"></td></tr>
{{end}}</tbody></table></div>
<p>{{range .Legend}}<b>{{.Text}}</b> {{.Title}}&ensp;{{end}}</p>
</body></html>
`))

type pageCell struct{ Text, Class, Title string }

type pageRow struct {
	Name                     string
	Cells                    []pageCell
	Hours                    string
	Nights, Weekends, Burden int
}

type pageDay struct {
	Date, Name string
	Day        int
	Weekend    bool
}

// page is the sheet as rows of cells, which HTML and spreadsheets share.
type page struct {
	Title, Team, Zone string
	Days              []pageDay
	Rows, Cover       []pageRow
	Legend            []pageCell
}

func (x *sheet) page() page {
	out := page{Title: title(x.roster), Team: x.period.Team.Name, Zone: x.period.Team.Zone}
	if out.Team == "" {
		out.Team = string(x.period.Team.ID)
	}
	for _, d := range x.days {
		out.Days = append(out.Days, pageDay{d.String(), d.Weekday().String()[:2], d.Day, x.weekend[d]})
	}
	for _, id := range x.people() {
		w := x.work[id]
		row := pageRow{Name: x.name(id), Hours: hoursText(w.Paid), Nights: w.Nights, Weekends: w.Weekends, Burden: int(w.Points)}
		for _, d := range x.days {
			c := pageCell{Text: "·", Class: "off"}
			if x.leave[id][d] {
				c = pageCell{Text: "lv", Class: "off", Title: "leave"}
			} else if x.away[id][d] {
				c = pageCell{Text: "el", Class: "off", Title: "works elsewhere"}
			}
			for i, s := range x.on[id][d] {
				if i == 0 {
					c = pageCell{}
				} else {
					c.Text += "+"
				}
				c.Text += x.codes[s.Shift]
				c.Title = string(s.ID)
			}
			if x.weekend[d] {
				c.Class += " wk"
			}
			row.Cells = append(row.Cells, c)
		}
		out.Rows = append(out.Rows, row)
	}
	for _, id := range x.order {
		row := pageRow{Name: x.codes[id] + " " + x.shiftName(id)}
		for _, d := range x.days {
			var c pageCell
			for _, cover := range x.cover[id][d] {
				sign := mark(cover)
				c.Text += fmt.Sprint(cover.Planned) + sign
				c.Title = fmt.Sprintf("%s: %d planned, at least %d", cover.Slot, cover.Planned, cover.Min)
				switch {
				case cover.Short() > 0:
					c.Class = "short"
				case sign != "" && c.Class == "":
					c.Class = "low"
				}
			}
			row.Cells = append(row.Cells, c)
		}
		out.Cover = append(out.Cover, row)
		out.Legend = append(out.Legend, pageCell{Text: x.codes[id], Title: x.shiftName(id)})
	}
	return out
}

func (x *sheet) html(time.Time) ([]byte, error) {
	var out bytes.Buffer
	err := pageTemplate.Execute(&out, x.page())
	return out.Bytes(), err
}

func (x *sheet) xlsx() (_ []byte, err error) {
	p := x.page()
	f := excelize.NewFile()
	defer func() {
		if e := f.Close(); err == nil {
			err = e
		}
	}()
	const name = "Roster"
	if err := f.SetSheetName("Sheet1", name); err != nil {
		return nil, err
	}
	line := 0
	put := func(cells []any) error {
		line++
		return f.SetSheetRow(name, fmt.Sprintf("A%d", line), &cells)
	}
	head := []any{"Agent"}
	for _, d := range p.Days {
		head = append(head, d.Name+" "+d.Date)
	}
	if err := put(append(head, "Hours", "Nights", "Weekends", "Burden")); err != nil {
		return nil, err
	}
	for i, rows := range [][]pageRow{p.Rows, p.Cover} {
		for _, r := range rows {
			cells := []any{r.Name}
			for _, c := range r.Cells {
				cells = append(cells, c.Text)
			}
			if i == 0 {
				cells = append(cells, r.Hours, r.Nights, r.Weekends, r.Burden)
			}
			if err := put(cells); err != nil {
				return nil, err
			}
		}
		line++
	}
	if err := f.SetPanes(name, &excelize.Panes{Freeze: true, XSplit: 1, YSplit: 1, TopLeftCell: "B2", ActivePane: "bottomRight"}); err != nil {
		return nil, err
	}
	if err := f.SetColWidth(name, "A", "A", 24); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = f.Write(&out)
	return out.Bytes(), err
}
