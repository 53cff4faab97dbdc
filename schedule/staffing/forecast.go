package staffing

import (
	"cmp"
	"fmt"
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

// Forecast is the contacts to expect, by date, clock, channel and language; intervals without any are left out. Every
// interval of a week is the mean of those in the table on usual days; the handling time is that of its contacts. A date
// without any row in the table counts as not recorded, and an interval without a row on a date that has some as empty. There
// is no trend: give fewer weeks when older ones no longer hold.
func (v Volume) Forecast(o Outlook) ([]Load, error) {
	if len(v.Records) == 0 {
		return nil, fmt.Errorf("no contacts to forecast from")
	}
	days := map[schedule.Date]bool{}
	for _, r := range v.Records {
		days[schedule.DateOf(r.Start, o.Here)] = true
	}
	usual := func(d schedule.Date) bool {
		_, special := o.Special[d]
		_, holiday := o.Holidays[d]
		return !special && !holiday
	}
	var weeks [7]int
	for d := range days {
		if usual(d) {
			weeks[d.Weekday()]++
		}
	}
	profile := map[profileKey]mean{}
	for _, r := range v.Records {
		if d := schedule.DateOf(r.Start, o.Here); usual(d) {
			k := profileKey{d.Weekday(), clockOf(r.Start, o.Here, v.Step), queueKey{r.Channel, r.Language}}
			m := profile[k]
			n := float64(weeks[d.Weekday()])
			profile[k] = mean{m.contacts + r.Contacts/n, m.work + r.Contacts*r.Handling.Seconds()/n}
		}
	}
	if len(profile) == 0 {
		return nil, fmt.Errorf("every date of the table is a holiday or special: there is no usual week")
	}
	keys := make([]profileKey, 0, len(profile))
	for k := range profile {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b profileKey) int {
		return cmp.Or(cmp.Compare(a.weekday, b.weekday), cmp.Compare(a.at, b.at), cmp.Compare(a.queue.channel, b.queue.channel),
			cmp.Compare(a.queue.language, b.queue.language))
	})
	holiday := v.holidayFactors(o, days, profile, keys)
	var loads []Load
	for _, d := range schedule.RosterDays(o.First, o.Last) {
		for _, k := range keys {
			if k.weekday != d.Weekday() {
				continue
			}
			factor := 1.0
			if f, special := o.Special[d]; special {
				factor = f
			} else if _, off := o.Holidays[d]; off {
				factor = holiday(k.queue.channel)
			}
			if m := profile[k]; m.contacts*factor > 0 {
				loads = append(loads, Load{Day: d, At: k.at, Channel: k.queue.channel, Language: k.queue.language,
					Contacts: m.contacts * factor, Handling: seconds(m.work / m.contacts)})
			}
		}
	}
	return loads, nil
}

// holidayFactors compares the holidays of the table, channel by channel, with usual days of their weekdays.
func (v Volume) holidayFactors(o Outlook, days map[schedule.Date]bool, profile map[profileKey]mean, keys []profileKey) func(channel string) float64 {
	had, expected := map[string]float64{}, map[string]float64{}
	is := func(d schedule.Date) bool {
		_, special := o.Special[d]
		_, holiday := o.Holidays[d]
		return holiday && !special
	}
	for _, r := range v.Records {
		if is(schedule.DateOf(r.Start, o.Here)) {
			had[r.Channel] += r.Contacts
		}
	}
	dates := make([]schedule.Date, 0, len(days))
	for d := range days {
		dates = append(dates, d)
	}
	slices.SortFunc(dates, schedule.Date.Compare) // sums of fractions depend on their order
	for _, d := range dates {
		for _, k := range keys {
			if is(d) && k.weekday == d.Weekday() {
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
