package schedule

import "slices"

// RuleName is the kebab-case name of a rule in the catalogue, such as min-rest.
type RuleName string

// Force is how strongly a rule binds.
type Force string

const (
	// ByDefault leaves it to the catalogue: hard, or the weight it gives.
	ByDefault Force = ""
	// Hard forbids: a roster that breaks the rule is not legal.
	Hard Force = "hard"
	// Weighted prices each unit of excess with the rule's Weight.
	Weighted Force = "weighted"
	// Off switches the rule off, as a team does with one rule of a pack.
	Off Force = "off"
)

// Rule is one use of a rule of the catalogue by a team: its name, parameters, whom it is about and how much it counts.
type Rule struct {
	ID   RuleID
	Name RuleName
	// Params are the rule's parameters as stated; what is not stated takes the catalogue's default. Nil for none.
	Params Params
	Scope  Scope
	Force  Force
	// Weight is the price per unit of excess when Force is Weighted, at least 0.
	Weight Cost
	// Pack is the pack the rule came with; empty for the team's own.
	Pack string
	Note string
}

// Scope chooses agents: those whom any of the lists names. The zero Scope is everybody.
type Scope struct {
	Contracts []ContractID
	Agents    []AgentID
	Tags      []string
}

// IsAll reports whether the scope is everybody.
func (s Scope) IsAll() bool { return len(s.Contracts) == 0 && len(s.Agents) == 0 && len(s.Tags) == 0 }

// Includes reports whether the agent is in the scope.
func (s Scope) Includes(a Agent) bool {
	return s.IsAll() || slices.Contains(s.Contracts, a.Contract) || slices.Contains(s.Agents, a.ID) ||
		slices.ContainsFunc(s.Tags, a.HasTag)
}
