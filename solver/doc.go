// Package solver finds cheap rosters and proves how cheap a roster can be.
//
// Two entry points: build a Model (package model says what its parts mean) and
// Solve it. The rest is how that works.
//
// # The engine
//
// Every rule of a model is either personal or a row over many people. Put a
// price on each row and the people fall apart: one person's best roster is a
// shortest path, which package pricing finds exactly. So for any prices there
// is a lower bound: what the rows cost at least, plus everybody's best roster.
// It is computed in whole numbers and needs no trust in floating point.
//
//   - The dual looks for the prices with the highest bound. Package master
//     keeps the rosters seen as columns and solves a proximal problem over
//     them; everybody is priced at its solution, and so on. This takes tens of
//     rounds where price steps without memory take thousands.
//   - A dive does the same for a few people on some days, or for everybody, the
//     rest held as it is. It decides cells, or whole people, the surest first,
//     and can take decisions back. Its own bound ends it as soon as it cannot
//     beat the roster it started from.
//   - Annealing takes one to three people and a few days out of the roster and
//     puts them back one by one, each exactly, with noise on the prices.
//   - Where neither finds anything, a row or two that cost something are made
//     dearer for a while: what is missing there moves to where it is easier to
//     come by.
//   - Branching splits rows and cells where that can close what is left of the
//     gap.
//
// Chains of dives and annealing, and nodes of the branching tree, are numbered
// tasks with their own random streams and a fixed amount of work. Chains run
// beside nodes and price steps, on hands that these leave free, and see nothing
// of what is found meanwhile; all is merged in the order of their numbers, after
// a fixed amount of work. That is why the number of workers does not change what
// is found.
//
// # Names of the hot loops
//
//	i     a person          k   a class of people, or a place in a short list
//	d     a day             o   a duty
//	c     a cell: (day, duty) as an index into vectors of prices
//	r     a row             e   an entry: what a cell puts into a row
//	u     units in a row    w   what an entry puts there
//	y     a row's price per unit; scaled, in whole numbers, where it is an int
//	h     a hand: one worker's memory
//	s     a state: roster, row sums and cost, changed by take and put
//	v     a value of pricing, scaled, or a dive
package solver
