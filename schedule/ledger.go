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

// Balance is an agent's debt in points on the date asOf: what the agent did beyond the fair share in the kinds given
// (all for none), each entry weighed by its age. Positive is more than fair, so the agent is owed relief. An entry
// weighs half when its last day is team.HalfLife days before asOf, a quarter after twice that, and falls in a straight
// line between, so that the result is the same on every machine. Entries of others are passed over.
func Balance(team Team, entries []LedgerEntry, agent AgentID, asOf Date, kinds ...BurdenKind) Points {
	return pointsOf(balance(team, entries, agent, asOf, kinds), 1)
}

// balance is Balance in hundredths of weighted minutes.
func balance(team Team, entries []LedgerEntry, agent AgentID, asOf Date, kinds []BurdenKind) int {
	sum := 0
	for _, e := range entries {
		if e.Agent != agent || e.Team != "" && e.Team != team.ID {
			continue
		}
		owed := e.Done.Minus(e.Fair).weighted(team.Burden, kinds)
		if h := team.HalfLife; h > 0 {
			age := max(asOf.Sub(e.Last), 0)
			halvings := age / h
			if halvings > 40 {
				continue
			}
			owed = owed * (2*h - age%h) / (2 * h << halvings)
		}
		sum += owed
	}
	return sum
}
