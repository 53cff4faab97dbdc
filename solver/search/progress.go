package search

import (
	"time"

	"rota/solver/model"
)

// TracePoint is a moment at which cost or bound got better.
type TracePoint struct {
	Elapsed time.Duration
	Work    int64
	Cost    model.Cost // -1: no roster that holds every hard rule yet
	Bound   model.Cost
}

// Progress is what an observer is told.
type Progress struct {
	TracePoint
	Roster model.Roster // nil while there is none; valid during the call only
	Phase  string       // what the search is doing, in a word or two
}
