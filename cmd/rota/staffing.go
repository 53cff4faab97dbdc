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
	trend, separate      bool
	average              string
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
	flags.BoolVar(&f.trend, "trend", false, "carry the growth from week to week on, at most to twice or half (default: weeks are alike)")
	flags.StringVar(&f.average, "average", "robust", "robust leaves days out that are unlike others of their weekday; mean keeps them")
	flags.BoolVar(&f.separate, "separate-languages", false, "nobody answers two languages in one interval")
	_ = c.MarkFlagFilename("volume", "csv")
	_ = c.RegisterFlagCompletionFunc("average", fixed("robust", "mean"))
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
	case f.average != "robust" && f.average != "mean":
		return staffing.Plan{}, nil, usagef("bad --average %q: use robust or mean", f.average)
	}
	usual := staffing.Channel{Goal: staffing.Goal{Level: f.level / 100, Occupancy: f.occupancy / 100}, Within: f.within, Patience: f.patience, Concurrency: 1}
	p := staffing.Plan{Default: usual, Channels: map[string]staffing.Channel{}, Shrinkage: f.shrinkage / 100, Separate: f.separate}
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
func (a *app) needs(f *staffingFlags, book schedule.Book, first, last schedule.Date) ([]staffing.Need, staffing.Expected, error) {
	none := staffing.Expected{}
	p, special, err := f.plan()
	if err != nil {
		return nil, none, err
	}
	here, err := schedule.LoadZone(book.Team.Zone)
	if err != nil {
		return nil, none, err
	}
	data, err := a.readFile(f.volume)
	if err != nil {
		return nil, none, err
	}
	v, err := staffing.ReadVolume(f.volume, data, here)
	var problems staffing.Problems
	if errors.As(err, &problems) {
		// Every line is an error of its own, as with every other file.
		return nil, none, fmt.Errorf("%s", strings.ReplaceAll(problems.Error(), "\n", "\nrota: "))
	}
	if err != nil {
		return nil, none, err
	}
	a.unusedChannels(f, v)
	from := schedule.DateOf(v.Records[0].Start, here)
	days, err := book.HolidaysFor(from, last)
	if err != nil {
		return nil, none, err
	}
	return p.Needs(v, staffing.Outlook{Here: here, First: first, Last: last, Trend: f.trend, KeepOdd: f.average == "mean",
		Holidays: schedule.HolidayDates(days, book.Team.Holidays), Special: special})
}

// unusedChannels warns of flags about channels that the table does not have: a mistyped name would have no effect.
func (a *app) unusedChannels(f *staffingFlags, v staffing.Volume) {
	var channels []string
	for _, r := range v.Records {
		if !slices.Contains(channels, r.Channel) {
			channels = append(channels, r.Channel)
		}
	}
	for flag, words := range map[string][]string{"concurrency": f.concurrency, "reply": f.deferred, "within-of": f.perChannel} {
		for _, w := range words {
			name, _, _ := strings.Cut(w, "=")
			if !slices.Contains(channels, name) {
				near, _ := schedule.Nearest(name, channels)
				a.note("warning: --%s %s: %v", flag, w, &schedule.UnknownError{Noun: "channel", Word: name, Nearest: near, Valid: channels})
			}
		}
	}
}

// sayExpected tells what a forecast rests on.
func (a *app) sayExpected(x staffing.Expected) {
	text := fmt.Sprintf("A usual week is the mean of up to %s.", plural(x.Weeks, "week"))
	var channels []string
	for channel := range x.Growth {
		channels = append(channels, channel)
	}
	slices.Sort(channels)
	for i, channel := range channels {
		word := ","
		if i == 0 {
			word = " Growth by week:"
		}
		text += fmt.Sprintf("%s %s %+.1f %%", word, channel, 100*(x.Growth[channel]-1))
	}
	if len(channels) > 0 {
		text += "."
	}
	a.note("%s", text)
	for i, o := range x.Odd {
		if i == fewFindings {
			a.note("... and %s more", plural(len(x.Odd)-i, "odd day"))
			break
		}
		a.note("Left out: %s %s brought %.2f times the %s of other %ss.", o.Day, o.Day.Weekday().String()[:3], o.Factor, o.Channel, o.Day.Weekday())
	}
}

// forecastDemand is rota demand forecast.
func (a *app) forecastDemand() *cobra.Command {
	c := &cobra.Command{Use: "forecast --volume FILE", Short: "Work out the agents that are needed from the contacts of past weeks",
		Long: `Work out the agents that are needed from the contacts of past weeks. Every hour of the week is expected to bring what it
brought in the mean; days unlike others of their weekday, such as an outage, are left out and told, and holidays are compared
with holidays. With --trend the growth from week to week is carried on: the median, over every two usual days of one weekday,
of (later / earlier) ^ (1 / weeks between).

Contacts that somebody waits for are reckoned by Erlang C, or by Erlang A with --patience; those of --reply channels are spread
over the time in which a reply is due. All languages of a channel are one queue for those who speak them: the agents are those
of the queue, each language has to be spoken by as many as its contacts alone take, and nobody is set aside for two languages.
So people of one language each add up, and bilinguals save some. With --separate-languages nobody answers two languages.

--apply states the result as demand by interval, in place of the last forecast, and slots of any length cover it.`,
		Example: `  rota demand forecast --volume volume.csv --concurrency chat=3 --reply email=4h
  rota demand forecast --volume volume.csv --patience 5m --from 2026-12-07 --weeks 4 --trend --special 2026-12-24=0.5 --apply`}
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
			needs, expected, err := a.needs(&f, book, first, last)
			if err != nil {
				return err
			}
			a.sayExpected(expected)
			lines := staffing.Lines(needs, staffing.LineOptions{First: first, Last: last, As: staffing.Attribute(as), Level: cefr})
			if !apply {
				return a.printNeeds(team, needs, expected, lines, detail, format)
			}
			if format == "table" {
				if err := a.printNeeds(team, needs, expected, lines, detail, format); err != nil {
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
	Speakers  map[string]int `json:"speakers,omitempty"`
	Queues    []queueJSON    `json:"queues"`
}

type queueJSON struct {
	Channel  string            `json:"channel"`
	Language schedule.Language `json:"language,omitempty"`
	Contacts float64           `json:"contacts"`
	Handling float64           `json:"handling_seconds"`
	Agents   float64           `json:"agents"`
	Service  []serviceJSON     `json:"service,omitempty"`
	Tongues  []queueJSON       `json:"languages,omitempty"`
}

func queueOut(p staffing.Part) queueJSON {
	out := queueJSON{Channel: p.Channel, Language: p.Language, Contacts: round6(p.Contacts), Handling: round6(p.Handling.Seconds()),
		Agents: round6(p.Agents), Service: services(p)}
	for _, t := range p.Tongues {
		out.Tongues = append(out.Tongues, queueOut(t))
	}
	return out
}

type oddJSON struct {
	Date    schedule.Date `json:"date"`
	Channel string        `json:"channel"`
	Factor  float64       `json:"factor"`
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

func (a *app) printNeeds(team schedule.TeamID, needs []staffing.Need, expected staffing.Expected, lines []schedule.DemandLine, detail bool, format string) error {
	if format == "json" {
		out := struct {
			Schema string             `json:"schema"`
			Team   schedule.TeamID    `json:"team"`
			Weeks  int                `json:"weeks"`
			Growth map[string]float64 `json:"growth,omitempty"`
			Odd    []oddJSON          `json:"left_out"`
			Lines  int                `json:"demand_lines"`
			Needs  []needJSON         `json:"intervals"`
		}{"rota/forecast/v1", team, expected.Weeks, map[string]float64{}, []oddJSON{}, len(lines), []needJSON{}}
		for channel, g := range expected.Growth {
			out.Growth[channel] = round6(g)
		}
		for _, o := range expected.Odd {
			out.Odd = append(out.Odd, oddJSON{o.Day, o.Channel, round6(o.Factor)})
		}
		for _, n := range needs {
			j := needJSON{Date: n.Day, Start: n.At, Minutes: int(n.Step / time.Minute), AtWork: n.AtWork, Agents: n.Agents, Languages: map[string]int{}}
			for _, l := range n.Languages {
				j.Languages[string(l.Tag)] = l.Agents
				if l.Speakers > 0 {
					if j.Speakers == nil {
						j.Speakers = map[string]int{}
					}
					j.Speakers[string(l.Tag)] = l.Speakers
				}
			}
			for _, p := range n.Parts {
				j.Queues = append(j.Queues, queueOut(p))
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
		row := func(queue string, p staffing.Part) {
			row := []string{n.Day.String(), n.At.String(), queue, strconv.FormatFloat(p.Contacts, 'f', 1, 64), p.Handling.Round(time.Second).String(),
				strconv.FormatFloat(p.Agents, 'f', -1, 64)}
			if p.Deferred {
				row[5] = strconv.FormatFloat(p.Agents, 'f', 2, 64)
				t.add(append(row, "", "", "", "")...)
				return
			}
			s := services(p)
			for _, x := range s {
				text := share(x.InTime)
				if x.Overload {
					text = "overload"
				}
				row = append(row, text)
			}
			t.add(append(row, share(s[1].Occupancy))...)
		}
		for _, p := range n.Parts {
			queue := p.Channel
			if p.Language != "" {
				queue += " " + string(p.Language)
			}
			if len(p.Tongues) > 0 {
				queue += ", all"
			}
			row(queue, p)
			for _, l := range p.Tongues {
				word := "of these: " + string(l.Language)
				if l.Language == "" {
					word = "of these: any"
				}
				row(word, l)
			}
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
