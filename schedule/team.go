package schedule

import "time"

// Team is people planned together. Its zone is where roster days, weeks and weekends are counted. NewTeam gives the
// defaults; the zero values of the fields are not the defaults.
type Team struct {
	ID   TeamID
	Name string
	// Zone is an IANA name, never empty in a valid team.
	Zone string
	// WeekStart is the first day of the weeks in which hours, rests and counts are judged.
	WeekStart time.Weekday
	// Weekend is what the weekend rules look at on the team's clock, and burden on each agent's own.
	Weekend WeekSpan
	// Night is the hours that burden an agent, on the agent's own clock. Rules about nights look at tags instead.
	Night ClockSpan
	// Holidays are the public holiday calendars of agents that state none of their own.
	Holidays []Country
	Burden   BurdenWeights
	// ShortNotice is how long before its start an assignment must be published not to count as short notice.
	ShortNotice Minutes
	// HalfLife is the number of days after which a burden in the ledger weighs half; 0 means it never fades.
	HalfLife int
	// Manager is who answers for the team; may be empty. ManagerSlack is their Slack id, for a manager who is no agent.
	Manager      AgentID
	ManagerSlack string
	// Channel is the Slack channel of handoffs and digests, an id or a name with #; empty for none.
	Channel string
	// Groups are the Slack user groups that follow who is on now; empty for none.
	Groups []OnGroup
	// Reminders is how long before a slot its agent is told, for agents that choose none of their own; longest first.
	Reminders []Minutes
	// Quiet is the hours on an agent's own clock in which reminders wait or come early; open for none.
	Quiet    Optional[ClockSpan]
	Messages MessageSettings
	Feed     FeedSettings
}

// MessageSettings are what the team is told in Slack, and when.
type MessageSettings struct {
	// Skip are the kinds that are not sent; empty for none. MissedMessage cannot be among them: what was not said must be
	// known.
	Skip []MessageKind
	// DigestAt is when the daily digest goes out, on the team's clock.
	DigestAt Clock
	// GapWithin is how long before its start a short slot is reported to the manager, at the earliest.
	GapWithin Minutes
	// EscalateAfter is how long after its start a slot that nobody took over is reported.
	EscalateAfter Minutes
	// OfferWave is how many agents are asked at once whether they take an offer, and OfferEvery how long they have it for
	// themselves before the next are asked.
	OfferWave  int
	OfferEvery Minutes
}

// DefaultMessageSettings are those of NewTeam: everything is said, the digest at 08:00, gaps 48 hours ahead, escalation
// after 5 minutes, offers to 3 agents every 20 minutes.
func DefaultMessageSettings() MessageSettings {
	return MessageSettings{DigestAt: 8 * 60, GapWithin: Hours(48), EscalateAfter: 5, OfferWave: 3, OfferEvery: 20}
}

// OnGroup is a Slack user group that holds whoever is on a slot now.
type OnGroup struct {
	// Group is the Slack id or the handle with @.
	Group string
	// Shifts, Language and Skill narrow who belongs; empty for everybody on any shift.
	Shifts   []ShiftID
	Language Language
	Skill    string
	// Fallback is who is put in when nobody is on, since Slack refuses an empty group; empty for the manager.
	Fallback []AgentID
}

// FeedSettings are what calendar feeds of the team show.
type FeedSettings struct {
	// Names shows colleagues by name in personal and team feeds; otherwise they are counted only.
	Names bool
	// Leave shows approved leave in its owner's personal feed.
	Leave bool
	// Past and Future are the days before and after today that a feed carries.
	Past, Future int
	// Cancelled is the days for which a slot taken away stays in the feed, marked as cancelled.
	Cancelled int
	// Alarm is how long before a slot a calendar rings; open for no alarm.
	Alarm Optional[Minutes]
}

// NewTeam is a team with every default: weeks from Monday, the weekend from Saturday 00:00 to Monday 00:00, nights
// 23:00-06:00, notice of 72 hours, burden that halves in 91 days, reminders 24 hours and 30 minutes ahead, quiet hours
// 22:00-07:00, every kind of message, feeds from 14 days back to 180 ahead that name colleagues and keep cancelled slots for 14 days.
func NewTeam(id TeamID, name, zone string) Team {
	return Team{
		ID: id, Name: name, Zone: zone,
		WeekStart: time.Monday,
		Weekend: WeekSpan{
			Start: WeekTime{Day: time.Saturday, Clock: Midnight},
			End:   WeekTime{Day: time.Monday, Clock: Midnight},
		},
		Night:       ClockSpan{Start: 23 * 60, End: 6 * 60},
		Burden:      DefaultBurdenWeights(),
		ShortNotice: Hours(72),
		HalfLife:    91,
		Reminders:   []Minutes{Hours(24), 30},
		Quiet:       Some(ClockSpan{Start: 22 * 60, End: 7 * 60}),
		Messages:    DefaultMessageSettings(),
		Feed:        FeedSettings{Names: true, Past: 14, Future: 180, Cancelled: 14},
	}
}
