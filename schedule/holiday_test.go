package schedule

import (
	"slices"
	"testing"

	"github.com/rickar/cal/v2"
)

func TestPublicHolidays(t *testing.T) {
	list := func(first, last string, c ...Country) []string {
		got, err := PublicHolidays(c, MustDate(first), MustDate(last))
		if err != nil {
			t.Fatal(err)
		}
		var dates []string
		for _, h := range got {
			dates = append(dates, string(h.Country)+" "+h.Date.String()[5:])
		}
		return dates
	}
	if got, want := list("2026-12-20", "2027-01-10", "AM", "US"), []string{"US 12-25", "AM 12-31", "AM 01-01", "US 01-01", "AM 01-02", "AM 01-06"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := list("2027-01-01", "2027-12-31", "AM"); len(got) != 12 {
		t.Errorf("a year of Armenia: %q", got)
	}
	if got, want := list("2027-03-20", "2027-04-01", "DE-BY"), []string{"DE-BY 03-26", "DE-BY 03-28", "DE-BY 03-29"}; !slices.Equal(got, want) && !slices.Equal(got, []string{want[0], want[2]}) {
		t.Errorf("Easter of 2027: %q", got)
	}
	if _, err := PublicHolidays([]Country{"USA"}, MustDate("2027-01-01"), MustDate("2027-01-02")); err == nil {
		t.Error("an unknown calendar was accepted")
	}
	// The result does not depend on where the machine is, also where midnight is skipped.
	want := list("2026-01-01", "2027-12-31", HolidayCountries()...)
	old := cal.DefaultLoc
	defer func() { cal.DefaultLoc = old }()
	for _, zone := range []string{"America/Havana", "Pacific/Kiritimati", "America/Santiago"} {
		loc, err := LoadZone(zone)
		if err != nil {
			t.Fatal(err)
		}
		cal.DefaultLoc = loc
		if got := list("2026-01-01", "2027-12-31", HolidayCountries()...); !slices.Equal(got, want) {
			t.Errorf("in %s the holidays differ", zone)
		}
	}
	b := goodBook()
	b.Agents[1].Holidays = []Country{"JP"}
	all, err := b.HolidaysFor(MustDate("2026-12-20"), MustDate("2027-01-03"))
	if err != nil || len(all) != 5 || all[0].Name != "Founding day" {
		t.Errorf("%v %v", all, err)
	}
}
