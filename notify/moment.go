package notify

import (
	"fmt"
	"time"
)

// Moment is an instant as a reader sees it on a clock.
type Moment struct {
	At  time.Time
	loc *time.Location
}

// Day is the date, such as Sat 19 Dec.
func (m Moment) Day() string { return m.At.In(m.loc).Format("Mon 2 Jan") }

// Clock is the time of day, such as 16:00.
func (m Moment) Clock() string { return m.At.In(m.loc).Format("15:04") }

// Zone is the name of the clock's zone, such as Asia/Yerevan.
func (m Moment) Zone() string { return m.loc.String() }

// String is date and time, such as Sat 19 Dec 16:00.
func (m Moment) String() string { return m.Day() + " " + m.Clock() }

// Local is the moment in the zone of whoever reads it. It is to stand on a line of its own, which is left out where the
// service cannot show that, as in notifications.
func (m Moment) Local() string { return instantMark(m.At, m.Clock()+" "+m.Zone()) }

// period is a stretch of time as a reader sees it.
type period struct{ start, end Moment }

// String is the form Sat 19 Dec 16:00-00:00, with the second date where the stretch is longer than a day.
func (p period) String() string {
	if p.end.At.Sub(p.start.At) > 24*time.Hour {
		return p.start.String() + " - " + p.end.String()
	}
	return p.start.String() + "-" + p.end.Clock()
}

// sameClock reports whether two zones show the same time at an instant.
func sameClock(a, b *time.Location, at time.Time) bool {
	_, x := at.In(a).Zone()
	_, y := at.In(b).Zone()
	return x == y
}

// inWords is a length of time as people say it: in 30 minutes, in 24 hours, in 3 days; now for nothing or less.
func inWords(d time.Duration) string {
	switch {
	case d < 30*time.Second:
		return "now"
	case d < 90*time.Minute:
		return "in " + count(int((d+30*time.Second)/time.Minute), "minute", "minutes")
	case d < 36*time.Hour:
		return "in " + count(int((d+30*time.Minute)/time.Hour), "hour", "hours")
	}
	return fmt.Sprintf("in %d days", int((d+12*time.Hour)/(24*time.Hour)))
}
