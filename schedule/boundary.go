package schedule

import "time"

// Boundary is what slots do at an instant. Work passes at it from those that end to those that start; where none ends or
// none starts, from or to those that go on.
type Boundary[S any] struct {
	// Ending end at the instant, Starting start at it, and Running have started before and end after it.
	Ending, Starting, Running []S
}

// BoundaryAt sorts slots, or whatever has hours, by what they do at an instant, each kind in the order given. Those that
// neither hold the instant nor touch it are left out, and so are empty ones.
func BoundaryAt[S any](slots []S, hours func(S) Interval, at time.Time) Boundary[S] {
	var b Boundary[S]
	for _, s := range slots {
		h := hours(s)
		switch {
		case !h.Start.Before(h.End) || h.Start.After(at) || h.End.Before(at):
		case h.End.Equal(at):
			b.Ending = append(b.Ending, s)
		case h.Start.Equal(at):
			b.Starting = append(b.Starting, s)
		default:
			b.Running = append(b.Running, s)
		}
	}
	return b
}

// From is who hands over at the boundary.
func (b Boundary[S]) From() []S {
	if len(b.Ending) > 0 {
		return b.Ending
	}
	return b.Running
}

// To is who takes over at the boundary.
func (b Boundary[S]) To() []S {
	if len(b.Starting) > 0 {
		return b.Starting
	}
	return b.Running
}
