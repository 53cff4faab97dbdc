package schedule

// ShareHistory fills in the fair part of entries of imported history: what all entries of the same first and last day hold
// together is divided among their agents in proportion to the hours of their contracts, so that nobody is in debt for what
// was shared evenly. The parts add up but for minutes of rounding. Agents whom the book does not know count like others
// without a contract, at 40 hours.
func ShareHistory(b Book, entries []LedgerEntry) []LedgerEntry {
	type span struct{ first, last Date }
	hours := map[AgentID]int{}
	contracts := make(map[ContractID]Contract, len(b.Contracts))
	for _, c := range b.Contracts {
		contracts[c.ID] = c
	}
	for _, a := range b.Agents {
		c := contracts[a.Contract]
		hours[a.ID] = int(c.Target.Or(c.Max.Or(c.Min.Or(Hours(40)))))
	}
	total, owed := map[span]Burden{}, map[span]int{}
	weigh := func(id AgentID) int {
		if h, known := hours[id]; known {
			return max(h, 1)
		}
		return int(Hours(40))
	}
	for _, e := range entries {
		k := span{e.First, e.Last}
		total[k] = total[k].Plus(e.Done)
		owed[k] += weigh(e.Agent)
	}
	out := make([]LedgerEntry, len(entries))
	for i, e := range entries {
		k := span{e.First, e.Last}
		part := func(n int) int { return (2*n*weigh(e.Agent) + owed[k]) / (2 * owed[k]) }
		t := total[k]
		e.Fair = Burden{Night: Minutes(part(int(t.Night))), Weekend: Minutes(part(int(t.Weekend))), Holiday: Minutes(part(int(t.Holiday))),
			ShortNotice: Minutes(part(int(t.ShortNotice))), Extra: Points(part(int(t.Extra)))}
		out[i] = e
	}
	return out
}
