package calendar

import (
	"context"
	"time"

	"rota/schedule"
)

// Published is what the published rosters of a team say about a stretch of time, and the words to say it with. It is
// not changed after it was loaded, so any number of goroutines may read it.
type Published struct {
	Team schedule.Team
	// Version is the roster that was published last, 0 when none ever was; PublishedAt is when.
	Version     schedule.Version
	PublishedAt time.Time
	// Agents and Shifts give the names. Entries may speak of agents and shifts that are gone: those appear by their ids.
	Agents []schedule.Agent
	Shifts []schedule.Shift
	// Slots are those of the published rosters, empty ones too, with the demand they were published with.
	Slots []Slot
	// Entries are the assignments that were ever published for the time, those taken away included however long ago.
	// Feeds show the latter for a while only, but what they changed stays changed.
	Entries []Entry
	// Leave is the leave in force, of every agent. Others than its owner never see it.
	Leave []Leave
}

// Slot is a slot as it was published.
type Slot struct {
	schedule.Slot
	// Changed is when what is offered of it last changed (see Offered), and Sequence how often that has happened since it
	// was first published. Only the feed of open slots shows them, so that slots without room can do without. A zero
	// Changed stands for the time of the last publication.
	Changed  time.Time
	Sequence int
}

// Entry is an assignment as calendars know it.
type Entry struct {
	UID   schedule.UID
	Slot  schedule.SlotID
	Agent schedule.AgentID
	Shift schedule.ShiftID
	// Start and End are the hours last published, in UTC, [Start, End).
	Start, End time.Time
	// Sequence begins at 0 and grows by one whenever the hours change and the assignment is taken away or returns.
	Sequence int
	// Changed is when that last happened, or anything else that the entry says changed, and Version the roster that did
	// it.
	Changed time.Time
	Version schedule.Version
	// Cancelled says that it was taken away, at Changed.
	Cancelled bool
}

// Leave is time off as its owner's calendar shows it.
type Leave struct {
	schedule.Availability
	// Changed is when it was entered or last changed; zero for the time it was approved.
	Changed time.Time
	// Sequence grows by one with each change of its dates.
	Sequence int
}

// Source is what feeds are made from. Its methods are safe for concurrent use.
type Source interface {
	// Revisions gives every team a word that differs whenever Published or Links could differ for the team: after a
	// publication, and after a change of names, shifts, feed settings, leave or links. Recording fetches does not count.
	// It is asked for every second or so and should cost one small query.
	Revisions(ctx context.Context) (map[schedule.TeamID]string, error)
	// Published loads what was published for the slots that share an instant with within.
	Published(ctx context.Context, team schedule.TeamID, within schedule.Interval) (*Published, error)
	// Team loads the settings alone, which say how much to ask of Published.
	Team(ctx context.Context, team schedule.TeamID) (schedule.Team, error)
	// Links lists all feed links that are neither revoked nor expired, of every team.
	Links(ctx context.Context) ([]Link, error)
	// RecordFetches notes who fetched what. Fetches of links that are gone are passed over. Of several fetches of one
	// link it gets the last.
	RecordFetches(ctx context.Context, fetches []Fetch) error
}

// margin is how far beyond a feed's window assignments are needed to say who hands over to whom at its ends.
const margin = 3 * 24 * time.Hour

// Window is the time that feeds show on a day: from the team's past days before it to the future days after it, on the
// team's clock, [start, end).
func Window(team schedule.Team, day schedule.Date) (schedule.Interval, error) {
	loc, err := schedule.LoadZone(team.Zone)
	if err != nil {
		return schedule.Interval{}, err
	}
	start, _ := schedule.DayBounds(day.AddDays(-team.Feed.Past), loc)
	_, end := schedule.DayBounds(day.AddDays(team.Feed.Future), loc)
	return schedule.Interval{Start: start, End: end}, nil
}

// Needed is the time for which Published must be loaded to make the feeds of a day: the window and a little around it.
func Needed(team schedule.Team, day schedule.Date) (schedule.Interval, error) {
	w, err := Window(team, day)
	if err != nil {
		return w, err
	}
	return schedule.Interval{Start: w.Start.Add(-margin), End: w.End.Add(margin)}, nil
}

// Today is the day that feeds are made for at an instant: the date on the team's clock.
func Today(team schedule.Team, now time.Time) (schedule.Date, error) {
	loc, err := schedule.LoadZone(team.Zone)
	if err != nil {
		return schedule.Date{}, err
	}
	return schedule.DateOf(now, loc), nil
}
