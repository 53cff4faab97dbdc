package schedule

import "time"

// LedgerEntry is the burden of one agent in one stretch of published work, beside the fair share of it. Entries are
// never changed; what they weigh fades with time.
type LedgerEntry struct {
	Team  TeamID
	Agent AgentID
	// First and Last are the roster days it is about, inclusive.
	First, Last Date
	// Version is the roster it comes from, 0 for imported history.
	Version Version
	// Done is what the agent did and Fair the agent's share of what the team did.
	Done, Fair Burden
	At         time.Time
	Note       string
}
