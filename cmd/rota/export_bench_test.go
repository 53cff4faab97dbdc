package main

import (
	"flag"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"rota/schedule"
	"rota/schedule/sqlite"
)

var crowdSize = flag.Int("agents", 1000, "agents of the export benchmark")

// yearOf fills a database with a team of n agents in four zones who work five days of seven for a year, published.
func yearOf(tb testing.TB, db string, n int) {
	tb.Helper()
	ctx := tb.Context()
	s, err := sqlite.Create(ctx, db, sqlite.Options{})
	if err != nil {
		tb.Fatal(err)
	}
	now := time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)
	book := schedule.Book{Team: schedule.NewTeam("crowd", "Crowd", "Asia/Yerevan")}
	book.Team.Feed.Future = 365
	for i, name := range []string{"Early", "Late", "Night"} {
		begin := schedule.Clock(8 * 60 * ((i + 1) % 3))
		book.Shifts = append(book.Shifts, schedule.Shift{
			ID: schedule.ShiftID([]string{"early", "late", "night"}[i]), Name: name, Start: begin, End: (begin + 8*60) % (24 * 60),
		})
	}
	zones := []string{"Asia/Yerevan", "Europe/Madrid", "America/New_York", "Asia/Tokyo"}
	for i := range n {
		book.Agents = append(book.Agents, schedule.Agent{
			ID: schedule.AgentID(fmt.Sprintf("agent%04d", i)), Name: fmt.Sprintf("Agent %d Example", i), Zone: zones[i%len(zones)],
			Languages: map[schedule.Language]schedule.Level{"en": schedule.C1},
		})
	}
	if _, err := s.SaveBook(ctx, book, 0, "test", now); err != nil {
		tb.Fatal(err)
	}
	r := schedule.Roster{Team: "crowd", First: schedule.MustDate("2026-12-07"), Last: schedule.MustDate("2027-12-06")}
	if r.Slots, err = schedule.ExpandSlots(book.Team, book.Shifts, r.First, r.Last); err != nil {
		tb.Fatal(err)
	}
	for i := range r.Slots {
		slot := &r.Slots[i]
		slot.Demand = schedule.Demand{Min: 1, Languages: []schedule.LanguageDemand{{Tag: "en", Level: schedule.C1, Min: 1}}}
		day, kind := i/3, i%3
		for k, a := range book.Agents {
			if k%3 == (day/7+kind)%3 && (day+k)%7 < 5 {
				r.Assignments = append(r.Assignments, schedule.Assignment{Slot: slot.ID, Agent: a.ID, Source: schedule.BySolver})
			}
		}
	}
	if r, err = s.SaveDraft(ctx, r, "test", now); err != nil {
		tb.Fatal(err)
	}
	if _, err := s.Publish(ctx, sqlite.PublishRequest{Team: r.Team, Version: r.Version, Who: "test", Now: now}); err != nil {
		tb.Fatal(err)
	}
	if err := s.Close(); err != nil {
		tb.Fatal(err)
	}
}

// BenchmarkCalendarExport is the whole of rota calendar export for a year of 1,000 agents, from opening the database to
// the last of the files: a new folder each time.
func BenchmarkCalendarExport(b *testing.B) {
	dir := b.TempDir()
	db := filepath.Join(dir, "rota.db")
	yearOf(b, db, *crowdSize)
	b.ResetTimer()
	for i := 0; b.Loop(); i++ {
		h := &harness{env: map[string]string{"ROTA_DB": db}}
		if code := h.run(b.Context(), "calendar", "export", "--out", filepath.Join(dir, fmt.Sprint(i))); code != exitOK {
			b.Fatalf("exit code %d: %s%s", code, &h.out, &h.err)
		}
	}
}
