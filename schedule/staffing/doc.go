// Package staffing works out how many agents a stretch of time needs from the contacts it brings, and how good the
// service is with the agents there are.
//
// ReadVolume reads a table of contacts, Forecast turns several weeks of it into the contacts to expect on given dates,
// and Plan.Needs turns these into agents: by Erlang A or C for contacts that somebody waits for, by the hours of work for
// those that are answered within a reply window. Lines gives demand by interval, which slots of any length cover.
//
// The names are those of queueing: A is the load in erlangs (arrivals x handling time), n the servers, B the chance of
// blocking. Formulas: Erlang's B and C; for impatient contacts Mandelbaum and Zeltyn, "Service Engineering in Action: The
// Palm/Erlang-A Queue". Everything is pure: no clock, no randomness, the same result on every run. The package knows
// nothing of rosters, solvers and storage.
package staffing
