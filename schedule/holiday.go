package schedule

import (
	"fmt"
	"slices"
)

// Country names a public holiday calendar: an ISO 3166 country such as AM or US, or a part of one such as US-CA.
type Country string

// ParseCountry reads two capital letters, with an optional part of one to three capitals or digits after a hyphen.
func ParseCountry(s string) (Country, error) {
	bad := fmt.Errorf("bad country %q: use an ISO 3166 code such as AM, US or US-CA", s)
	upper := func(c byte) bool { return c >= 'A' && c <= 'Z' }
	if len(s) < 2 || !upper(s[0]) || !upper(s[1]) || len(s) > 6 || len(s) == 3 {
		return "", bad
	}
	for i := 2; i < len(s); i++ {
		if i == 2 && s[i] != '-' || i > 2 && !upper(s[i]) && (s[i] < '0' || s[i] > '9') {
			return "", bad
		}
	}
	return Country(s), nil
}

// Holiday is a date on which work weighs more, in the zone of whoever works it.
type Holiday struct {
	Date Date
	Name string
	// Country is the calendar it belongs to; empty for a team's own date, which counts for everybody.
	Country Country
}

// CountsFor reports whether the holiday is in one of the calendars, or is the team's own.
func (h Holiday) CountsFor(calendars []Country) bool {
	return h.Country == "" || slices.Contains(calendars, h.Country)
}

// HolidayDates is the dates that are holidays for someone with these calendars, with the name of the first holiday
// listed for each.
func HolidayDates(holidays []Holiday, calendars []Country) map[Date]string {
	dates := map[Date]string{}
	for _, h := range holidays {
		if _, seen := dates[h.Date]; !seen && h.CountsFor(calendars) {
			dates[h.Date] = h.Name
		}
	}
	return dates
}

// Key is what tells holidays apart: date, calendar and name.
func (h Holiday) Key() string {
	key := h.Date.String()
	if h.Country != "" {
		key += " " + string(h.Country)
	}
	return key + " " + h.Name
}
