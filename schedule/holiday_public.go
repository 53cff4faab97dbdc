package schedule

import (
	"fmt"
	"slices"
	"time"

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/ar"
	"github.com/rickar/cal/v2/at"
	"github.com/rickar/cal/v2/au"
	"github.com/rickar/cal/v2/be"
	"github.com/rickar/cal/v2/bg"
	"github.com/rickar/cal/v2/br"
	"github.com/rickar/cal/v2/ca"
	"github.com/rickar/cal/v2/ch"
	"github.com/rickar/cal/v2/cz"
	"github.com/rickar/cal/v2/de"
	"github.com/rickar/cal/v2/dk"
	"github.com/rickar/cal/v2/es"
	"github.com/rickar/cal/v2/fr"
	"github.com/rickar/cal/v2/gb"
	"github.com/rickar/cal/v2/gr"
	"github.com/rickar/cal/v2/hr"
	"github.com/rickar/cal/v2/ie"
	"github.com/rickar/cal/v2/it"
	"github.com/rickar/cal/v2/jp"
	"github.com/rickar/cal/v2/lt"
	"github.com/rickar/cal/v2/lv"
	"github.com/rickar/cal/v2/mw"
	"github.com/rickar/cal/v2/nc"
	"github.com/rickar/cal/v2/nl"
	"github.com/rickar/cal/v2/no"
	"github.com/rickar/cal/v2/nz"
	"github.com/rickar/cal/v2/pl"
	"github.com/rickar/cal/v2/ro"
	"github.com/rickar/cal/v2/ru"
	"github.com/rickar/cal/v2/se"
	"github.com/rickar/cal/v2/si"
	"github.com/rickar/cal/v2/sk"
	"github.com/rickar/cal/v2/ua"
	"github.com/rickar/cal/v2/us"
	"github.com/rickar/cal/v2/za"
)

// libraryHolidays are the calendars that the library carries, by country or part of one.
var libraryHolidays = map[Country][]*cal.Holiday{
	"AR":     ar.Holidays,
	"AT":     at.Holidays,
	"AU-ACT": au.HolidaysACT, "AU-NSW": au.HolidaysNSW, "AU-NT": au.HolidaysNT, "AU-QLD": au.HolidaysQLD,
	"AU-SA": au.HolidaysSA, "AU-TAS": au.HolidaysTAS, "AU-VIC": au.HolidaysVIC, "AU-WA": au.HolidaysWA,
	"BE": be.Holidays,
	"BG": bg.Holidays,
	"BR": br.Holidays,
	"CA": ca.Holidays,
	"CH": ch.Holidays, "CH-ZH": ch.HolidaysZH, "CH-BE": ch.HolidaysBE, "CH-LU": ch.HolidaysLU, "CH-UR": ch.HolidaysUR,
	"CH-SZ": ch.HolidaysSZ, "CH-OW": ch.HolidaysOW, "CH-NW": ch.HolidaysNW, "CH-GL": ch.HolidaysGL,
	"CH-ZG": ch.HolidaysZG, "CH-FR": ch.HolidaysFR, "CH-SO": ch.HolidaysSO, "CH-BS": ch.HolidaysBS,
	"CH-BL": ch.HolidaysBL, "CH-SH": ch.HolidaysSH, "CH-AR": ch.HolidaysAR, "CH-AI": ch.HolidaysAI,
	"CH-SG": ch.HolidaysSG, "CH-GR": ch.HolidaysGR, "CH-AG": ch.HolidaysAG, "CH-TG": ch.HolidaysTG,
	"CH-VD": ch.HolidaysVD, "CH-TI": ch.HolidaysTI, "CH-VS": ch.HolidaysVS, "CH-NE": ch.HolidaysNE,
	"CH-GE": ch.HolidaysGE, "CH-JU": ch.HolidaysJU,
	"CZ": cz.Holidays,
	"DE": de.Holidays, "DE-BW": de.HolidaysBW, "DE-BY": de.HolidaysBY, "DE-BE": de.HolidaysBE, "DE-BB": de.HolidaysBB,
	"DE-HB": de.HolidaysHB, "DE-HH": de.HolidaysHH, "DE-HE": de.HolidaysHE, "DE-MV": de.HolidaysMV,
	"DE-NI": de.HolidaysNI, "DE-NW": de.HolidaysNW, "DE-RP": de.HolidaysRP, "DE-SL": de.HolidaysSL,
	"DE-SN": de.HolidaysSN, "DE-ST": de.HolidaysST, "DE-SH": de.HolidaysSH, "DE-TH": de.HolidaysTH,
	"DK": dk.Holidays,
	"ES": es.Holidays,
	"FR": fr.Holidays,
	"GB": gb.Holidays,
	"GR": gr.Holidays,
	"HR": hr.Holidays,
	"IE": ie.Holidays,
	"IT": it.Holidays,
	"JP": jp.Holidays,
	"LT": lt.Holidays,
	"LV": lv.Holidays,
	"MW": mw.Holidays,
	"NC": nc.Holidays,
	"NL": nl.Holidays,
	"NO": no.Holidays,
	"NZ": nz.Holidays,
	"PL": pl.Holidays,
	"RO": ro.Holidays,
	"RU": ru.Holidays,
	"SE": se.Holidays,
	"SI": si.Holidays,
	"SK": sk.Holidays,
	"UA": ua.Holidays,
	"US": us.Holidays,
	"ZA": za.Holidays,
}

// armenian is a public holiday of Armenia on the same date every year from and to a year, 0 for open.
type armenian struct {
	month    time.Month
	day      int
	name     string
	from, to int
}

// armenianHolidays are those of the Law of the Republic of Armenia on Holidays and Memorial Days (24 June 2001, with
// its changes up to 2021; https://www.arlis.am/documentview.aspx?docid=259), which no library of ours carries. From
// 2010 to 2021 work rested from New Year to 7 January throughout. Memorial days on which people work are left out.
var armenianHolidays = []armenian{
	{time.January, 1, "New Year", 0, 0},
	{time.January, 2, "New Year", 0, 0},
	{time.January, 3, "New Year", 2010, 2021},
	{time.January, 4, "New Year", 2010, 2021},
	{time.January, 5, "Christmas holidays", 2010, 2021},
	{time.January, 6, "Christmas and Epiphany", 0, 0},
	{time.January, 7, "Remembrance of the Dead", 2010, 2021},
	{time.January, 28, "Army Day", 2003, 0},
	{time.March, 8, "Women's Day", 0, 0},
	{time.April, 24, "Genocide Remembrance Day", 0, 0},
	{time.May, 1, "Labour Day", 0, 0},
	{time.May, 9, "Victory and Peace Day", 0, 0},
	{time.May, 28, "Republic Day", 0, 0},
	{time.July, 5, "Constitution and State Symbols Day", 0, 0},
	{time.September, 21, "Independence Day", 0, 0},
	{time.December, 31, "New Year's Eve", 0, 0},
}

// HolidayCountries lists the calendars that PublicHolidays knows, ascending.
func HolidayCountries() []Country {
	return sortedKeys(withArmenia())
}

func withArmenia() map[Country]bool {
	known := map[Country]bool{"AM": true}
	for c := range libraryHolidays {
		known[c] = true
	}
	return known
}

// PublicHolidays lists the public holidays of the calendars within [first, last], by date, then calendar in the order
// given, then as the calendar lists them. They are the dates themselves, not weekdays on which offices observe them
// instead: who works around the clock works on the date. A calendar of a part of a country is complete in itself. A
// calendar that nobody knows is an error that names the nearest.
func PublicHolidays(calendars []Country, first, last Date) ([]Holiday, error) {
	var list []Holiday
	if first.IsZero() || last.Before(first) {
		return nil, nil
	}
	if last.Sub(first) > maxSpan {
		return nil, ErrTooManyDates
	}
	for _, c := range calendars {
		known, carried := libraryHolidays[c]
		if !carried && c != "AM" {
			return nil, unknown("holiday calendar", string(c), HolidayCountries())
		}
		seen := map[Date]bool{}
		take := func(d Date, name string) {
			if !d.IsZero() && !d.Before(first) && !d.After(last) && !seen[d] {
				seen[d] = true
				list = append(list, Holiday{Date: d, Name: name, Country: c})
			}
		}
		// A holiday of one year can fall into a neighbour, as an eve of New Year does.
		for year := first.Year - 1; year <= last.Year+1; year++ {
			for _, h := range known {
				if at, _ := h.Calc(year); !at.IsZero() {
					// Midnight where the machine is, or near it where the clocks skip midnight; six hours on is the date.
					y, m, d := at.Add(6 * time.Hour).Date()
					take(Date{Year: y, Month: m, Day: d}, h.Name)
				}
			}
			if c == "AM" {
				for _, h := range armenianHolidays {
					if year >= h.from && (h.to == 0 || year <= h.to) {
						take(Date{Year: year, Month: h.month, Day: h.day}, h.name)
					}
				}
			}
		}
	}
	slices.SortStableFunc(list, func(a, b Holiday) int { return a.Date.Compare(b.Date) })
	return list, nil
}

// HolidaysFor lists every holiday that counts for somebody of the book within [first, last]: the team's own dates, then
// those of all calendars that the team and its agents name, each once.
func (b Book) HolidaysFor(first, last Date) ([]Holiday, error) {
	var list []Holiday
	for _, h := range b.Holidays {
		if !h.Date.Before(first) && !h.Date.After(last) {
			list = append(list, h)
		}
	}
	calendars := slices.Clone(b.Team.Holidays)
	for _, a := range b.Agents {
		calendars = append(calendars, a.Holidays...)
	}
	slices.Sort(calendars)
	public, err := PublicHolidays(slices.Compact(calendars), first, last)
	if err != nil {
		return nil, fmt.Errorf("team %s: %w", b.Team.ID, err)
	}
	return append(list, public...), nil
}
