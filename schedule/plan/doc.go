// Package plan is the bridge between the domain and the solver: the only package that knows both.
//
// [Compile] states a schedule.Period in the integers of a solver.Model. Every rule of the catalogue becomes cells,
// personal rules and rows, from the text of its definition and without any code of schedule.Audit, so that the two can
// check each other. [Compiled.Decode] and [Compiled.Encode] turn rosters of the one into rosters of the other; [Solve]
// does all of it and audits what comes out; [Compiled.Why] says what another decision would cost.
// [ChooseCrews] states who is to work in which crew of a rotation over the rows of a compiled period.
//
// The days of a model are the roster days from the first known one to the last of the period; the duties of a day are
// its slots. What is known before the period is history of the model. What is known after it, and work elsewhere, has
// no place there: it narrows cells, moves limits and becomes words at the end. Equal rules give equal
// values, so that the solver can put people of one contract into one class: limits of hours are stated for the period
// alone, less what history holds.
//
// Invariants. For every roster without a hard finding the model's cost plus [Compiled.Constant] is the audit's, and the
// model finds it feasible; every other roster it does not. Nothing here reads a clock or keeps state.
package plan
