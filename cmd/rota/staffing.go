package main

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"rota/schedule"
	"rota/schedule/sqlite"
	"rota/schedule/staffing"
)

// staffingFlags are how contacts are answered, for commands that work out agents from them.
type staffingFlags struct {
	volume               string
	level, occupancy     float64
	shrinkage            float64
	within, patience     time.Duration
	concurrency, special []string
	deferred, perChannel []string
}

func (f *staffingFlags) add(c *cobra.Command) {
	flags := c.Flags()
	flags.StringVar(&f.volume, "volume", "", "the table of contacts, CSV: start, channel, language, contacts, handling; - is standard input")
	flags.Float64Var(&f.level, "level", 80, "percent of contacts to be answered in time")
	flags.DurationVar(&f.within, "within", 2*time.Minute, "what counts as in time")
	flags.DurationVar(&f.patience, "patience", 0, "mean time after which who waits gives up (Erlang A); 0 for never (Erlang C)")
	flags.Float64Var(&f.occupancy, "occupancy", 85, "percent of their time that agents are busy at most")
	flags.Float64Var(&f.shrinkage, "shrinkage", 30, "percent of planned time lost to breaks, training and illness")
	flags.StringSliceVar(&f.concurrency, "concurrency", nil, "contacts that an agent has at once, as chat=3; handling times are those measured so")
	flags.StringSliceVar(&f.deferred, "reply", nil, "channels whose contacts may wait, with the time in which a reply is due, as email=4h,social=1h")
	flags.StringSliceVar(&f.perChannel, "within-of", nil, "what counts as in time on one channel, as phone=20s")
	flags.StringSliceVar(&f.special, "special", nil, "dates that are not like others of their weekday, as 2026-12-24=1.5 for half as much again")
	_ = c.MarkFlagFilename("volume", "csv")
}

// plan reads the flags.
func (f *staffingFlags) plan() (staffing.Plan, map[schedule.Date]float64, error) {
	switch {
	case !(f.level > 0 && f.level < 100):
		return staffing.Plan{}, nil, usagef("bad --level %g: use percent above 0 and below 100", f.level)
	case !(f.occupancy > 0 && f.occupancy <= 100):
		return staffing.Plan{}, nil, usagef("bad --occupancy %g: use percent above 0 and at most 100", f.occupancy)
	case !(f.shrinkage >= 0 && f.shrinkage < 100):
		return staffing.Plan{}, nil, usagef("bad --shrinkage %g: use percent from 0 to below 100", f.shrinkage)
	case f.within < 0 || f.patience < 0 || f.within > 24*time.Hour || f.patience > 1000*time.Hour:
		return staffing.Plan{}, nil, usagef("--within and --patience are times from 0 to a day and to a thousand hours")
	}
	usual := staffing.Channel{Goal: staffing.Goal{Level: f.level / 100, Occupancy: f.occupancy / 100}, Within: f.within, Patience: f.patience, Concurrency: 1}
	p := staffing.Plan{Default: usual, Channels: map[string]staffing.Channel{}, Shrinkage: f.shrinkage / 100}
	change := func(flag string, words []string, set func(c *staffing.Channel, text string) bool) error {
		for _, w := range words {
			name, text, ok := strings.Cut(w, "=")
			c, known := p.Channels[name]
			if !known {
				c = usual
			}
			if !ok || name == "" || !set(&c, text) {
				return usagef("bad --%s %q: see --help", flag, w)
			}
			p.Channels[name] = c
		}
		return nil
	}
	span := func(into *time.Duration, text string, most time.Duration) bool {
		d, err := time.ParseDuration(text)
		*into = d
		return err == nil && d > 0 && d <= most
	}
	err := cmp.Or(
		change("concurrency", f.concurrency, func(c *staffing.Channel, text string) bool {
			n, err := strconv.Atoi(text)
			c.Concurrency = n
			return err == nil && n >= 1 && n <= 20
		}),
		change("reply", f.deferred, func(c *staffing.Channel, text string) bool { return span(&c.Deferred, text, 14*24*time.Hour) }),
		change("within-of", f.perChannel, func(c *staffing.Channel, text string) bool { return span(&c.Within, text, 24*time.Hour) }),
	)
	special := map[schedule.Date]float64{}
	for _, w := range f.special {
		day, text, _ := strings.Cut(w, "=")
		d, bad := schedule.ParseDate(day)
		factor, fail := strconv.ParseFloat(text, 64)
		if bad != nil || fail != nil || !(factor >= 0 && factor <= 100) {
			err = cmp.Or(err, usagef("bad --special %q: write it as 2026-12-24=1.5", w))
		}
		special[d] = factor
	}
	return p, special, err
}

// needs reads the table and works out the agents for dates of a team.
func (a *app) needs(f *staffingFlags, book schedule.Book, first, last schedule.Date) (staffing.Volume, []staffing.Need, error) {
	p, special, err := f.plan()
	if err != nil {
		return staffing.Volume{}, nil, err
	}
	here, err := schedule.LoadZone(book.Team.Zone)
	if err != nil {
		return staffing.Volume{}, nil, err
	}
	data, err := a.readFile(f.volume)
	if err != nil {
		return staffing.Volume{}, nil, err
	}
	v, err := staffing.ReadVolume(f.volume, data, here)
	var problems staffing.Problems
	if errors.As(err, &problems) {
		// Every line is an error of its own, as with every other file.
		return v, nil, fmt.Errorf("%s", strings.ReplaceAll(problems.Error(), "\n", "\nrota: "))
	}
	if err != nil {
		return v, nil, err
	}
	from := schedule.DateOf(v.Records[0].Start, here)
	days, err := book.HolidaysFor(from, last)
	if err != nil {
		return v, nil, err
	}
	needs, err := p.Needs(v, staffing.Outlook{Here: here, First: first, Last: last,
		Holidays: schedule.HolidayDates(days, book.Team.Holidays), Special: special})
	return v, needs, err
}

// forecastDemand is rota demand forecast.
func (a *app) forecastDemand() *cobra.Command {
	c := &cobra.Command{Use: "forecast --volume FILE", Short: "Work out the agents that are needed from the contacts of past weeks",
		Long: `Work out the agents that are needed from the contacts of past weeks. Every hour of the week is expected to bring what it
brought in the mean; holidays are compared with holidays. Contacts that somebody waits for are reckoned by Erlang C, or by
Erlang A with --patience; those of --reply channels are spread over the time in which a reply is due. Agents of different
languages are not shared, so a language is a capacity and nobody is counted twice. --apply states the result as demand by
interval, in place of the last forecast, and slots of any length cover it.`,
		Example: `  rota demand forecast --volume volume.csv --concurrency chat=3 --reply email=4h
  rota demand forecast --volume volume.csv --patience 5m --from 2026-12-07 --weeks 4 --special 2026-12-24=0.5 --apply`}
	var f staffingFlags
	f.add(c)
	var from, as, level string
	var weeks int
	var apply, detail bool
	c.Flags().StringVar(&from, "from", "", "the first day (default: the week after the last roster, or next week)")
	c.Flags().IntVar(&weeks, "weeks", 1, "how many weeks")
	c.Flags().BoolVar(&apply, "apply", false, "state the result as demand of the team")
	c.Flags().StringVar(&as, "as", "target", "what it is stated as: target or min")
	c.Flags().StringVar(&level, "language-level", "B2", "how well languages have to be spoken")
	c.Flags().BoolVar(&detail, "detail", false, "list every interval")
	_ = c.RegisterFlagCompletionFunc("as", fixed("target", "min"))
	_ = c.RegisterFlagCompletionFunc("language-level", fixed(schedule.Levels()...))
	a.writes(c)
	format := a.output(c, "table", "json", "csv")
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		format, err := format()
		if err != nil {
			return err
		}
		cefr, err := schedule.ParseLevel(level)
		switch {
		case err != nil:
			return usage(fmt.Errorf("--language-level: %w", err))
		case f.volume == "":
			return usagef("no table of contacts given: --volume FILE")
		case weeks < 1 || weeks > 53:
			return usagef("bad --weeks %d: use 1 to 53", weeks)
		case as != string(staffing.AsTarget) && as != string(staffing.AsMin):
			return usagef("bad --as %q: use target or min", as)
		}
		return a.withTeam(cmd.Context(), func(s *sqlite.Store, team schedule.TeamID) error {
			first, err := a.solveFrom(cmd.Context(), s, team, from)
			if err != nil {
				return err
			}
			last := first.AddDays(7*weeks - 1)
			book, _, err := s.LoadBook(cmd.Context(), team)
			if err != nil {
				return err
			}
			_, needs, err := a.needs(&f, book, first, last)
			if err != nil {
				return err
			}
			lines := staffing.Lines(needs, staffing.LineOptions{First: first, Last: last, As: staffing.Attribute(as), Level: cefr})
			if !apply {
				return a.printNeeds(team, needs, lines, detail, format)
			}
			if format == "table" {
				if err := a.printNeeds(team, needs, lines, detail, format); err != nil {
					return err
				}
				a.say("")
			}
			return a.changeBook(cmd.Context(), s, team, format, func(b *schedule.Book) error {
				*b = b.Normalize()
				b.Demand = slices.DeleteFunc(slices.Clone(b.Demand), func(l schedule.DemandLine) bool {
					return strings.HasPrefix(string(l.ID), staffing.LinePrefix)
				})
				b.Demand = append(b.Demand, lines...)
				return nil
			})
		})
	}
	return c
}

type needJSON struct {
	Date      schedule.Date  `json:"date"`
	Start     schedule.Clock `json:"start"`
	Minutes   int            `json:"minutes"`
	AtWork    int            `json:"at_work"`
	Agents    int            `json:"agents"`
	Languages map[string]int `json:"languages"`
	Queues    []queueJSON    `json:"queues"`
}

type queueJSON struct {
	Channel  string            `json:"channel"`
	Language schedule.Language `json:"language,omitempty"`
	Contacts float64           `json:"contacts"`
	Handling float64           `json:"handling_seconds"`
	Agents   float64           `json:"agents"`
	Service  []serviceJSON     `json:"service,omitempty"`
}

type serviceJSON struct {
	Agents    int     `json:"agents"`
	InTime    float64 `json:"in_time"`
	Wait      float64 `json:"mean_wait_seconds"`
	GivesUp   float64 `json:"gives_up"`
	Occupancy float64 `json:"occupancy"`
	Overload  bool    `json:"overloaded"`
}

// services are those of one agent fewer, as many as are needed, and one more.
func services(p staffing.Part) []serviceJSON {
	if p.Deferred {
		return nil
	}
	var list []serviceJSON
	for n := int(p.Agents) - 1; n <= int(p.Agents)+1; n++ {
		s := p.Service(n)
		list = append(list, serviceJSON{max(n, 0), round6(s.InTime), round6(s.Wait.Seconds()), round6(s.GivesUp), round6(s.Occupancy), s.Overloaded})
	}
	return list
}

// round6 keeps six digits after the point, so that output does not show the last bits of a machine.
func round6(f float64) float64 {
	n, _ := strconv.ParseFloat(strconv.FormatFloat(f, 'f', 6, 64), 64)
	return n
}

func (a *app) printNeeds(team schedule.TeamID, needs []staffing.Need, lines []schedule.DemandLine, detail bool, format string) error {
	if format == "json" {
		out := struct {
			Schema string          `json:"schema"`
			Team   schedule.TeamID `json:"team"`
			Lines  int             `json:"demand_lines"`
			Needs  []needJSON      `json:"intervals"`
		}{"rota/forecast/v1", team, len(lines), []needJSON{}}
		for _, n := range needs {
			j := needJSON{Date: n.Day, Start: n.At, Minutes: int(n.Step / time.Minute), AtWork: n.AtWork, Agents: n.Agents, Languages: map[string]int{}}
			for _, l := range n.Languages {
				j.Languages[string(l.Tag)] = l.Agents
			}
			for _, p := range n.Parts {
				j.Queues = append(j.Queues, queueJSON{p.Channel, p.Language, round6(p.Contacts), round6(p.Handling.Seconds()), round6(p.Agents), services(p)})
			}
			out.Needs = append(out.Needs, j)
		}
		return a.writeJSON(out)
	}
	if len(needs) == 0 {
		a.say("The table brings no contacts on these days.")
		return nil
	}
	t := needTable(needs)
	if format == "csv" {
		return a.writeCSV(t.header, t.rows)
	}
	a.printNeedGrid(needs)
	a.say("")
	if detail {
		return a.print(t)
	}
	peak := slices.MaxFunc(needs, func(x, y staffing.Need) int {
		return cmp.Or(cmp.Compare(x.Agents, y.Agents), -x.Day.Compare(y.Day), -cmp.Compare(x.At, y.At))
	})
	a.say("The peak is %s at %s: %d at work, so %d planned.", peak.Day, peak.At, peak.AtWork, peak.Agents)
	return a.print(needTable([]staffing.Need{peak}))
}

// needTable has a line for each queue of each interval.
func needTable(needs []staffing.Need) list {
	t := list{header: []string{"Date", "Start", "Queue", "Contacts", "Handling", "Agents", "In time: one fewer", "as many", "one more", "Occupancy"},
		right: map[int]bool{3: true, 4: true, 5: true, 6: true, 7: true, 8: true, 9: true}}
	share := func(f float64) string { return strconv.FormatFloat(100*f, 'f', 1, 64) + " %" }
	for _, n := range needs {
		for _, p := range n.Parts {
			queue := p.Channel
			if p.Language != "" {
				queue += " " + string(p.Language)
			}
			row := []string{n.Day.String(), n.At.String(), queue, strconv.FormatFloat(p.Contacts, 'f', 1, 64), p.Handling.Round(time.Second).String(),
				strconv.FormatFloat(p.Agents, 'f', -1, 64)}
			if p.Deferred {
				row[5] = strconv.FormatFloat(p.Agents, 'f', 2, 64)
				row = append(row, "", "", "", "")
			} else {
				s := services(p)
				for _, x := range s {
					text := share(x.InTime)
					if x.Overload {
						text = "overload"
					}
					row = append(row, text)
				}
				row = append(row, share(s[1].Occupancy))
			}
			t.add(row...)
		}
	}
	return t
}

// printNeedGrid shows the planned agents of the first week by hour and weekday: the most of any interval of the hour.
func (a *app) printNeedGrid(needs []staffing.Need) {
	first := needs[0].Day
	days := schedule.RosterDays(first, first.AddDays(6))
	most := map[schedule.Date]map[int]int{}
	hours := map[int]bool{}
	for _, n := range needs {
		if n.Day.After(days[len(days)-1]) {
			break
		}
		if most[n.Day] == nil {
			most[n.Day] = map[int]int{}
		}
		h := int(n.At) / 60
		hours[h] = true
		most[n.Day][h] = max(most[n.Day][h], n.Agents)
	}
	head := "Agents to plan "
	for _, d := range days {
		head += fmt.Sprintf(" %s %02d", d.Weekday().String()[:2], d.Day)
	}
	a.say("%s", a.look.strong(head))
	for h := range 24 {
		if !hours[h] {
			continue
		}
		line := fmt.Sprintf("%02d:00          ", h)
		for _, d := range days {
			cell := "    ·"
			if n := most[d][h]; n > 0 {
				cell = fmt.Sprintf("%5d", n)
			}
			line += cell + " "
		}
		a.say("%s", strings.TrimRight(line, " "))
	}
}
