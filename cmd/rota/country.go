package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"rota/schedule"
)

// countryHolidays is rota holiday country: what a calendar holds, whether anybody uses it or not.
func (a *app) countryHolidays() *cobra.Command {
	c := &cobra.Command{Use: "country [COUNTRY]...", Short: "List the public holidays of countries, or the countries there are",
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			var words []string
			for _, c := range schedule.HolidayCountries() {
				words = append(words, string(c))
			}
			return words, cobra.ShellCompDirectiveNoFileComp
		},
		Example: "  rota holiday country AM --year 2027\n  rota holiday country"}
	c.Args = cobra.ArbitraryArgs
	var year int
	c.Flags().IntVar(&year, "year", a.now.Year(), "the year")
	format := a.output(c, "table", "json", "csv")
	c.RunE = func(_ *cobra.Command, args []string) error {
		format, err := format()
		if err != nil {
			return err
		}
		if year < 1900 || year > 2200 {
			return usagef("bad --year %d: use 1900 to 2200", year)
		}
		type holiday struct {
			Date    schedule.Date    `json:"date"`
			Country schedule.Country `json:"country"`
			Name    string           `json:"name"`
		}
		out := struct {
			Schema    string             `json:"schema"`
			Countries []schedule.Country `json:"countries"`
			Year      int                `json:"year"`
			Holidays  []holiday          `json:"holidays"`
		}{"rota/country-holidays/v1", []schedule.Country{}, year, []holiday{}}
		t := list{header: []string{"Date", "Country", "Name"}, empty: fmt.Sprintf("No holidays in %d.", year)}
		if len(args) == 0 {
			out.Countries = schedule.HolidayCountries()
			t = list{header: []string{"Country"}}
			for _, c := range out.Countries {
				t.add(string(c))
			}
		}
		for _, arg := range args {
			country, err := schedule.ParseCountry(arg)
			if err != nil {
				return usage(err)
			}
			out.Countries = append(out.Countries, country)
		}
		if len(args) > 0 {
			days, err := schedule.PublicHolidays(out.Countries, schedule.Date{Year: year, Month: 1, Day: 1}, schedule.Date{Year: year, Month: 12, Day: 31})
			if err != nil {
				return hint(usage(err), "see rota holiday country")
			}
			for _, d := range days {
				out.Holidays = append(out.Holidays, holiday{d.Date, d.Country, d.Name})
				t.add(d.Date.String(), string(d.Country), d.Name)
			}
		}
		switch format {
		case "json":
			return a.writeJSON(out)
		case "csv":
			return a.writeCSV(t.header, t.rows)
		}
		return a.print(t)
	}
	return c
}
