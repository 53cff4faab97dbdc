// Package pricing finds the cheapest days of one person, exactly.
//
// Every personal rule of a model becomes a small automaton that reads one duty
// a day. Compile multiplies the automata of a person into one layered graph:
// a layer a day, a node for everything the rules still need to remember, an arc
// for a set of duties that lead to the same place at the same price. Sums that
// range widely (hours, points) are not nodes but a grid carried by every node;
// an arc shifts the grid by a fixed offset, so that a step of the search is one
// shifted minimum over a vector. Layers are minimised from the last day back.
//
// Best is a shortest path through that graph under any prices on the cells,
// over the whole horizon or over a window of days with the rest of the person's
// days held fixed. Own walks one given roster. People whose rules differ only in
// the limits of counters share a graph.
//
// What would make a grid too large is relaxed, never forgotten: Set.Relaxed
// lists those counters as rows of one person, for the caller to price.
package pricing
