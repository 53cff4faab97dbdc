package schedule

// Finding is one broken rule or missing cover.
type Finding struct {
	Rule RuleName
	// ID is the team's use of the rule that was broken; empty for what holds without being stated, such as one slot per
	// roster day, and for demand.
	ID RuleID
	// Hard says that the roster is not legal; then Cost is 0.
	Hard bool
	// Agents, Slots and Days are whom and what it is about, ascending; may be empty.
	Agents []AgentID
	Slots  []SlotID
	Days   []Date
	// Amount is the excess in Unit, at least 1, and Cost its price.
	Amount int
	Unit   Unit
	Cost   Cost
	// Sentence says what is wrong in words a manager understands.
	Sentence string
}
