// Package schedule is the domain of rota: the values a roster is made of and the decisions about them, all pure.
//
// A [Date] and a [Clock] are what people write; with a zone they become instants, and from then on only instants count.
// [StartInstant] and [EndInstant] are the only way from one to the other: they are right on the nights when the clocks
// change. A [Recurrence] says on which dates a shift happens. Elapsed time is [Minutes], spans are [Interval], always
// [start, end).
//
// Invariants. Values are checked when they are parsed and then stay valid. Nothing here reads a clock, a file, the
// network or the settings of the machine, except that zones come from its zone database (or, without one, from the
// binary): "now" and every other fact is a parameter. The same arguments give the same answer, in any goroutine; what
// is shared is never changed.
//
// What the package must not know: how rosters are found (package solver), stored, read from files, drawn, put into
// calendars or sent. It imports no other package of rota.
package schedule
