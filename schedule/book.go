package schedule

// Book is what a team states: everything a team file can hold and the store keeps between periods. Orders matter and
// are kept: of demand lines because the last match wins, of shifts, agents and the rest because people chose them.
type Book struct {
	Team      Team
	Shifts    []Shift
	Demand    []DemandLine
	Contracts []Contract
	Rules     []Rule
	// Patterns are the team's own; built-in ones are known without being stated.
	Patterns  []Pattern
	Rotations []Rotation
	// Holidays are the team's own dates.
	Holidays     []Holiday
	Agents       []Agent
	Availability []Availability
	Pins         []Pin
}
