// Package teamfile reads and writes what people state about a team: the team file, a YAML text that holds a whole
// [schedule.Book], and the CSV forms of agents, availability and rosters.
//
// The entry points are [Read] and [Write]. Read reports every problem at once, each with its line and column and, where
// there is one, the nearest valid word; what it returns without an error has passed [schedule.Book.Validate]. Write gives
// a text that reads back to the same book.
//
// Invariants. One table (tables.go) says which keys exist; reader, writer, CSV headers and documentation follow it. No
// input makes a reader panic or work for long: size, depth, aliases and entries are capped. Nothing here opens a file,
// reads a clock or knows where books are stored.
package teamfile
