package schedule

// Pin forces or forbids one assignment. It is hard.
type Pin struct {
	Agent AgentID
	Slot  SlotID
	// Forbid keeps the agent off the slot; otherwise the agent must be on it.
	Forbid bool
	Note   string
}

// Key is the pair that a pin is about; a roster knows one pin per pair.
func (p Pin) Key() string { return string(p.Agent) + " " + string(p.Slot) }
