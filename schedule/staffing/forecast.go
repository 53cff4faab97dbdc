package staffing

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"rota/schedule"
)

// Load is the contacts to expect in one interval of one date.
type Load struct {
	Day schedule.Date
	// At is the interval's start on the clock of the team.
	At       schedule.Clock
	Channel  string
	Language schedule.Language
	Contacts float64
	Handling time.Duration
}

// Outlook says what is to be forecast, and which dates are not like others of their weekday.
type Outlook struct {
	// Here is the zone of the clock by which days repeat: the team's.
	Here *time.Location
	// First and Last are the dates to forecast, inclusive.
	First, Last schedule.Date
	// Holidays are left out of what is a usual week. What they brought in the table, compared with usual days of their
	// weekdays, is expected of those to come; as much as usual when the table holds none.
	Holidays map[schedule.Date]string
	// Special are dates with a factor of their own: 1.5 is half as much again as usual. In the table they are left out of
	// the usual week.
	Special map[schedule.Date]float64
	// Trend carries growth on; without it the weeks of the table are taken to be alike.
	Trend bool
	// KeepOdd averages over odd days too.
	KeepOdd bool
}

// Expected is what the weeks of a table let expect.
type Expected struct {
	// Loads are by date, clock, channel and language; intervals without contacts are left out.
	Loads []Load
	// Weeks is how many dates the most frequent weekday of a usual week is averaged over.
	Weeks int
	// Growth is the factor from one week to the next, by channel; empty without Trend.
	Growth map[string]float64
	// Odd are the days that were left out for being unlike others of their weekday.
	Odd []OddDay
}

// OddDay is a day of the table on which a channel brought much more or much less than others of its weekday.
type OddDay struct {
	Day     schedule.Date
	Channel string
	// Factor is what it brought, compared with the median of its weekday.
	Factor float64
}

// profileKey is an interval of the week.
type profileKey struct {
	weekday time.Weekday
	at      schedule.Clock
	queue   queueKey
}

type queueKey struct {
	channel  string
	language schedule.Language
}

// mean is the sums of an interval of the week; total is in contacts, work in seconds.
type mean struct{ contacts, work float64 }

const (
	// minTrendWeeks is the number of weeks that a trend is seen in.
	minTrendWeeks = 3
	// maxWeekly bounds the growth of a week, and maxGrowth that of all weeks to come: no table shows that a rate lasts.
	maxWeekly, maxGrowth = 1.25, 2.0
)

// Forecast is the contacts to expect. Every interval of a week is the mean of those in the table on usual days; the
// handling time is that of its contacts. A date without any row in the table counts as not recorded, and an interval without
// a row on a date that has some as empty.
//
// Odd days are left out, channel by channel, unless asked for: those whose contacts differ from the median of their weekday by
// more than half of it, by more than 3 x 1.4826 median absolute deviations, and by more than four times the root of the median, which
// is what chance does. Fewer than three days of a weekday have none. So an outage or a rush does not come back every week.
//
// With a trend the growth g of a channel is the median, over every two usual days of one weekday with contacts on both, of
// (later / earlier) ^ (1 / weeks between) (the slope of Theil and Sen on the logarithm, which a few odd days do not move), at most
// a quarter up or a fifth down. Days are compared and averaged at the level of the last day of the table: each divided by g ^ (weeks
// from there). What is expected is that mean times g ^ (weeks from there), at most twice and at least half of it.
func (v Volume) Forecast(o Outlook) (Expected, error) {
	if len(v.Records) == 0 {
		return Expected{}, fmt.Errorf("no contacts to forecast from")
	}
	f := &forecaster{v: v, o: o, days: map[schedule.Date]bool{}, total: map[channelDay]float64{}, odd: map[channelDay]bool{}}
	f.read()
	if !slices.ContainsFunc(f.dates, f.usual) {
		return Expected{}, fmt.Errorf("every date of the table is a holiday or special: there is no usual week")
	}
	if weeks := f.last.Sub(f.dates[0])/7 + 1; o.Trend && weeks < minTrendWeeks {
		return Expected{}, fmt.Errorf("a trend needs %d weeks of contacts, and the table has %d", minTrendWeeks, weeks)
	}
	f.grow()
	f.judge()
	return f.expect(), nil
}

type channelDay struct {
	channel string
	day     schedule.Date
}

// forecaster is a forecast in the making.
type forecaster struct {
	v        Volume
	o        Outlook
	days     map[schedule.Date]bool // recorded
	dates    []schedule.Date        // the same in order
	last     schedule.Date
	channels []string
	total    map[channelDay]float64
	growth   map[string]float64
	odd      map[channelDay]bool
	list     []OddDay
}

func (f *forecaster) read() {
	for _, r := range f.v.Records {
		d := schedule.DateOf(r.Start, f.o.Here)
		f.days[d] = true
		f.total[channelDay{r.Channel, d}] += r.Contacts
		if !slices.Contains(f.channels, r.Channel) {
			f.channels = append(f.channels, r.Channel)
		}
	}
	for d := range f.days {
		f.dates = append(f.dates, d)
	}
	slices.SortFunc(f.dates, schedule.Date.Compare) // sums of fractions depend on their order
	slices.Sort(f.channels)
	f.last = f.dates[len(f.dates)-1]
}

func (f *forecaster) usual(d schedule.Date) bool {
	_, special := f.o.Special[d]
	_, holiday := f.o.Holidays[d]
	return !special && !holiday
}

// level is the growth from the last day of the table to a date, 1 without a trend.
func (f *forecaster) level(channel string, d schedule.Date) float64 {
	g := f.growth[channel]
	if g == 0 || g == 1 {
		return 1
	}
	factor := math.Pow(g, float64(d.Sub(f.last))/7)
	if d.After(f.last) {
		factor = min(max(factor, 1/maxGrowth), maxGrowth)
	}
	return factor
}

// grow finds the growth of every channel.
func (f *forecaster) grow() {
	f.growth = map[string]float64{}
	if !f.o.Trend {
		return
	}
	for _, channel := range f.channels {
		var rates []float64
		for i, d := range f.dates {
			have := f.total[channelDay{channel, d}]
			if !f.usual(d) || have <= 0 {
				continue
			}
			for _, e := range f.dates[:i] {
				before := f.total[channelDay{channel, e}]
				if e.Weekday() == d.Weekday() && f.usual(e) && before > 0 {
					rates = append(rates, math.Pow(have/before, 7/float64(d.Sub(e))))
				}
			}
		}
		f.growth[channel] = 1
		if len(rates) > 0 {
			f.growth[channel] = min(max(median(rates), 1/maxWeekly), maxWeekly)
		}
	}
}

// judge finds the odd days.
func (f *forecaster) judge() {
	if f.o.KeepOdd {
		return
	}
	for _, channel := range f.channels {
		for weekday := range time.Weekday(7) {
			var dates []schedule.Date
			var values, apart []float64
			for _, d := range f.dates {
				if d.Weekday() == weekday && f.usual(d) {
					dates = append(dates, d)
					values = append(values, f.total[channelDay{channel, d}]/f.level(channel, d))
				}
			}
			if len(dates) < 3 {
				continue
			}
			middle := median(values)
			if middle <= 0 {
				continue
			}
			for _, x := range values {
				apart = append(apart, math.Abs(x-middle))
			}
			most := max(middle/2, 3*1.4826*median(apart), 4*math.Sqrt(middle))
			for i, d := range dates {
				if math.Abs(values[i]-middle) > most {
					f.odd[channelDay{channel, d}] = true
					f.list = append(f.list, OddDay{d, channel, values[i] / middle})
				}
			}
		}
	}
	slices.SortFunc(f.list, func(a, b OddDay) int { return cmp.Or(a.Day.Compare(b.Day), cmp.Compare(a.Channel, b.Channel)) })
}

// median is the middle of some numbers, at least one, or the mean of the two in the middle.
func median(values []float64) float64 {
	s := slices.Clone(values)
	slices.Sort(s)
	n := len(s)
	return (s[(n-1)/2] + s[n/2]) / 2
}

func (f *forecaster) expect() Expected {
	out := Expected{Odd: f.list}
	if f.o.Trend {
		out.Growth = f.growth
	}
	type channelWeekday struct {
		channel string
		weekday time.Weekday
	}
	weeks := map[channelWeekday]int{}
	for _, d := range f.dates {
		for _, channel := range f.channels {
			if f.usual(d) && !f.odd[channelDay{channel, d}] {
				k := channelWeekday{channel, d.Weekday()}
				weeks[k]++
				out.Weeks = max(out.Weeks, weeks[k])
			}
		}
	}
	profile := map[profileKey]mean{}
	for _, r := range f.v.Records {
		d := schedule.DateOf(r.Start, f.o.Here)
		if !f.usual(d) || f.odd[channelDay{r.Channel, d}] {
			continue
		}
		k := profileKey{d.Weekday(), clockOf(r.Start, f.o.Here, f.v.Step), queueKey{r.Channel, r.Language}}
		m := profile[k]
		n := r.Contacts / f.level(r.Channel, d) / float64(weeks[channelWeekday{r.Channel, d.Weekday()}])
		profile[k] = mean{m.contacts + n, m.work + n*r.Handling.Seconds()}
	}
	keys := make([]profileKey, 0, len(profile))
	for k := range profile {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b profileKey) int {
		return cmp.Or(cmp.Compare(a.weekday, b.weekday), cmp.Compare(a.at, b.at), cmp.Compare(a.queue.channel, b.queue.channel),
			cmp.Compare(a.queue.language, b.queue.language))
	})
	holiday := f.holidayFactors(profile, keys)
	for _, d := range schedule.RosterDays(f.o.First, f.o.Last) {
		for _, k := range keys {
			if k.weekday != d.Weekday() {
				continue
			}
			factor := f.level(k.queue.channel, d)
			if special, is := f.o.Special[d]; is {
				factor *= special
			} else if _, off := f.o.Holidays[d]; off {
				factor *= holiday(k.queue.channel)
			}
			if m := profile[k]; m.contacts*factor > 0 {
				out.Loads = append(out.Loads, Load{Day: d, At: k.at, Channel: k.queue.channel, Language: k.queue.language,
					Contacts: m.contacts * factor, Handling: seconds(m.work / m.contacts)})
			}
		}
	}
	return out
}

// holidayFactors compares the holidays of the table, channel by channel, with usual days of their weekdays.
func (f *forecaster) holidayFactors(profile map[profileKey]mean, keys []profileKey) func(channel string) float64 {
	had, expected := map[string]float64{}, map[string]float64{}
	for _, d := range f.dates {
		_, special := f.o.Special[d]
		if _, is := f.o.Holidays[d]; !is || special {
			continue
		}
		for _, channel := range f.channels {
			had[channel] += f.total[channelDay{channel, d}] / f.level(channel, d)
		}
		for _, k := range keys {
			if k.weekday == d.Weekday() {
				expected[k.queue.channel] += profile[k].contacts
			}
		}
	}
	return func(channel string) float64 {
		if expected[channel] == 0 {
			return 1
		}
		return had[channel] / expected[channel]
	}
}

// clockOf is the wall clock of an instant, down to the start of its interval.
func clockOf(t time.Time, here *time.Location, step time.Duration) schedule.Clock {
	local := t.In(here)
	n := local.Hour()*60 + local.Minute()
	return schedule.Clock(n - n%max(int(step/time.Minute), 1))
}
