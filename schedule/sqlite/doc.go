// Package sqlite is the store of rota: one SQLite file that holds the books of teams, their rosters in versions, what
// calendars were told, the ledger of burden, the outbox, and a log of who changed what.
//
// The two entry points are [Open] and [Create], which give a [Store]. A Store is safe for concurrent use by goroutines,
// and any number of processes may use one file at once: writers wait for each other for as long as [Options] allow and
// then give [ErrLocked].
//
// Invariants. Every write is one transaction that takes the write lock at its beginning, so what it reads is still true
// when it writes, and it is on the disk when the call returns. Every change of what people state or publish leaves a row
// in the audit log, in the same transaction. A roster that was published is never changed again; triggers in the file
// itself see to it. The UID of a pair of slot and agent is made once and is never given to another pair. Readers see one
// moment of the database throughout a call. All instants are parameters, kept in whole seconds of UTC.
//
// Why own migrations and not a library: the schema's number is SQLite's own user_version, so that number and schema
// cannot disagree; all pending steps run in one transaction under the write lock, with a copy of the file made under the
// same lock; and opening costs two small reads.
//
// What the package must not know: what rules mean, how messages and calendars look, and the time of day.
package sqlite
