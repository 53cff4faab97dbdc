package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"rota/calendar"
	"rota/schedule"
	"rota/schedule/sqlite"
)

// feedSource is the store as feeds see it. It is safe for concurrent use.
type feedSource struct {
	store *sqlite.Store
	now   func() time.Time
}

var _ calendar.Source = feedSource{}

func (f feedSource) Revisions(ctx context.Context) (map[schedule.TeamID]string, error) {
	return f.store.FeedRevisions(ctx)
}

func (f feedSource) Team(ctx context.Context, team schedule.TeamID) (schedule.Team, error) {
	book, _, err := f.store.LoadBook(ctx, team)
	return book.Team, err
}

func (f feedSource) Published(ctx context.Context, team schedule.TeamID, within schedule.Interval) (*calendar.Published, error) {
	book, _, err := f.store.LoadBook(ctx, team)
	if err != nil {
		return nil, err
	}
	return readPublished(ctx, f.store, book, within)
}

func (f feedSource) Links(ctx context.Context) ([]calendar.Link, error) {
	feeds, err := f.store.LivingFeeds(ctx, f.now())
	if err != nil {
		return nil, err
	}
	links := make([]calendar.Link, len(feeds))
	for i, x := range feeds {
		links[i] = linkOf(x.Feed)
		links[i].Hash = x.Hash
	}
	return links, nil
}

func (f feedSource) RecordFetches(ctx context.Context, fetches []calendar.Fetch) error {
	uses := make([]sqlite.FeedUse, len(fetches))
	for i, x := range fetches {
		uses[i] = sqlite.FeedUse{ID: sqlite.FeedID(x.Link), At: x.At, By: x.UserAgent, Version: x.Version}
	}
	return f.store.TouchFeeds(ctx, uses)
}

// linkOf is a feed address in the words of package calendar, without its hash.
func linkOf(f sqlite.Feed) calendar.Link {
	return calendar.Link{
		ID: int64(f.ID), Scope: scopeOfFeed(f), Alarm: f.Alarm, CreatedBy: f.CreatedBy, CreatedAt: f.CreatedAt,
		ExpiresAt: f.ExpiresAt, RevokedAt: f.RevokedAt, UsedAt: f.UsedAt, UserAgent: f.UsedBy, Version: f.UsedVersion,
	}
}

func scopeOfFeed(f sqlite.Feed) calendar.Scope {
	return calendar.Scope{Team: f.Team, Kind: calendar.Kind(f.Scope), Subject: f.Subject}
}

// calendarDigest sums up what a calendar says of an assignment beside slot, agent and hours: the words of its shift, the
// languages asked for and the notes. An assignment that is published again with another digest counts as changed.
func calendarDigest(p *schedule.Period) func(schedule.Assignment, schedule.Slot) string {
	shifts := make(map[schedule.ShiftID]*schedule.Shift, len(p.Shifts))
	for i := range p.Shifts {
		shifts[p.Shifts[i].ID] = &p.Shifts[i]
	}
	known := make(map[schedule.SlotID]string, len(p.Slots))
	return func(a schedule.Assignment, slot schedule.Slot) string {
		if d, ok := known[slot.ID]; ok {
			return d
		}
		h := sha256.New()
		word := func(words ...string) {
			for _, w := range words {
				fmt.Fprintf(h, "%d:%s", len(w), w)
			}
			io.WriteString(h, ";")
		}
		if s := shifts[slot.Shift]; s != nil {
			word(s.Name, s.Location, s.Link, s.Color, s.Note, s.Zone)
			word(s.Tags...)
		}
		for _, l := range slot.Demand.Languages {
			word(string(l.Tag), l.Level.String())
		}
		word(slot.Demand.Notes...)
		known[slot.ID] = hex.EncodeToString(h.Sum(nil)[:12])
		return known[slot.ID]
	}
}

// readOffered says of slots, with how many agents are on them, when what is offered of them last changed. Those without
// room need not know.
func readOffered(ctx context.Context, s *sqlite.Store, team schedule.TeamID, slots []schedule.Slot, on map[schedule.SlotID]int, words wording) ([]calendar.Slot, error) {
	all := make([]calendar.Slot, len(slots))
	at := make(map[schedule.SlotID]int)
	var open []schedule.Slot
	for i, slot := range slots {
		all[i].Slot = slot
		if calendar.Offered(slot, on[slot.ID]) != "" {
			at[slot.ID] = i
			open = append(open, slot)
		}
	}
	var of schedule.SlotID
	var before string
	nth := 0
	err := s.SlotHistory(ctx, team, open, func(x sqlite.SlotState) {
		slot := &all[at[x.Slot.ID]]
		said := calendar.Offered(x.Slot, x.On)
		switch {
		case of != x.Slot.ID:
			slot.Changed = x.At
		case said != before || x.Nth != nth+1:
			slot.Changed = x.At
			slot.Sequence++
		}
		of, before, nth = x.Slot.ID, said, x.Nth
	})
	for _, i := range at {
		all[i].Changed = later(all[i].Changed, later(words.team, words.shifts[all[i].Shift]))
	}
	return all, err
}

// wording is when what calendars say was last changed in the book: by shift, by agent, and for all of the team.
type wording struct {
	team   time.Time
	shifts map[schedule.ShiftID]time.Time
	agents map[schedule.AgentID]time.Time
}

// shownFields are the fields that calendars show, by the kind of entry that has them.
var shownFields = map[string][]string{
	"team":   {"name", "zone", "feed.names"},
	"shifts": {"name", "location", "link", "color", "note", "tags", "zone"},
	"agents": {"name", "zone"},
}

// readWording asks the log when the words of calendars changed.
func readWording(ctx context.Context, s *sqlite.Store, team schedule.TeamID) (wording, error) {
	w := wording{shifts: map[schedule.ShiftID]time.Time{}, agents: map[schedule.AgentID]time.Time{}}
	for kind, fields := range shownFields {
		entries, err := s.AuditLog(ctx, sqlite.LogQuery{Team: team, Kind: kind})
		if err != nil {
			return w, err
		}
		for _, e := range entries { // newest first
			shown := slices.ContainsFunc(e.Fields(), func(f schedule.FieldChange) bool {
				return slices.ContainsFunc(fields, func(name string) bool { return f.Name == name || strings.HasPrefix(f.Name, name+".") })
			})
			switch {
			case !shown:
			case kind == "team":
				w.team = later(w.team, e.At)
			case kind == "shifts":
				w.shifts[schedule.ShiftID(e.Key)] = later(w.shifts[schedule.ShiftID(e.Key)], e.At)
			default:
				w.agents[schedule.AgentID(e.Key)] = later(w.agents[schedule.AgentID(e.Key)], e.At)
			}
		}
	}
	return w, nil
}

// of is when the words about an entry last changed; the zero Time when they never did.
func (w wording) of(shift schedule.ShiftID, agent schedule.AgentID) time.Time {
	return later(w.team, later(w.shifts[shift], w.agents[agent]))
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
