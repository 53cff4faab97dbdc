package main

import (
	"github.com/spf13/cobra"

	"rota/schedule"
	"rota/schedule/sqlite"
)

func (a *app) holidayCommand() *cobra.Command {
	return a.sectionCommand(section{
		noun: "holiday", plural: "own holidays", name: "holidays", short: "The team's own holidays, and the public ones that count",
		args: []string{"date", "name"}, keys: []string{"date"},
		flags: []keyFlag{
			{flag: "name", path: "name", doc: "name"},
			{flag: "country", path: "country", doc: "calendar it belongs to; everybody's if none"},
		},
		columns: []column{{"Date", "date", false}, {"Name", "name", false}, {"Country", "country", false}},
		example: `  rota holiday add 2026-12-31 "New Year's Eve"
  rota holiday public --year 2027`,
	}, a.publicHolidays(), a.countryHolidays())
}

// publicHolidays lists what counts for somebody of the team.
func (a *app) publicHolidays() *cobra.Command {
	c := &cobra.Command{Use: "public", Short: "List the holidays of every calendar that the team and its agents use"}
	var year int
	c.Flags().IntVar(&year, "year", a.now.Year(), "the year")
	format := a.output(c, "table", "json", "csv")
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		format, err := format()
		if err != nil {
			return err
		}
		if year < 1900 || year > 2200 {
			return usagef("bad --year %d: use 1900 to 2200", year)
		}
		return a.withTeam(cmd.Context(), func(s *sqlite.Store, team schedule.TeamID) error {
			book, _, err := s.LoadBook(cmd.Context(), team)
			if err != nil {
				return err
			}
			days, err := book.HolidaysFor(schedule.Date{Year: year, Month: 1, Day: 1}, schedule.Date{Year: year, Month: 12, Day: 31})
			if err != nil {
				return err
			}
			type holiday struct {
				Date    schedule.Date    `json:"date"`
				Country schedule.Country `json:"country,omitempty"`
				Name    string           `json:"name"`
			}
			all := []holiday{}
			t := list{header: []string{"Date", "Country", "Name"}, empty: "No holidays."}
			for _, d := range days {
				all = append(all, holiday{d.Date, d.Country, d.Name})
				t.add(d.Date.String(), string(d.Country), d.Name)
			}
			switch format {
			case "json":
				return a.writeJSON(struct {
					Schema   string          `json:"schema"`
					Team     schedule.TeamID `json:"team"`
					Year     int             `json:"year"`
					Holidays []holiday       `json:"holidays"`
				}{"rota/public-holidays/v1", team, year, all})
			case "csv":
				return writeEntries(a, all)
			}
			return a.print(t)
		})
	}
	return c
}
