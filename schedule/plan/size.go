package plan

import (
	"fmt"

	"rota/solver"
)

// Size says in one line how large a model is: for logs and for people who wonder why solving takes long.
func Size(m *solver.Model) string {
	duties, cells, rules, links, terms, hinges := 0, 0, 0, 0, 0, 0
	for _, d := range m.Days {
		duties += len(d.Duties) - 1
	}
	kinds := map[string]int{}
	for _, x := range m.People {
		for d := m.First; d < len(x.Cost); d++ {
			for i, k := range x.Cost[d] {
				if i > 0 && k != solver.Forbidden {
					cells++
				}
			}
		}
		for kind, n := range map[string]int{"counters": len(x.Counters), "runs": len(x.Runs), "words": len(x.Words),
			"recoveries": len(x.Recoveries), "span counts": len(x.SpanCounts), "spans": len(x.Spans), "frees": len(x.Frees)} {
			kinds[kind] += n
			rules += n
		}
	}
	for _, t := range m.Links {
		links += len(t.Links)
	}
	for _, r := range m.Rows {
		terms += len(r.Terms)
		hinges += len(r.Bound.Hinges)
	}
	return fmt.Sprintf("%d people, %d days (%d of history), %d duties, %d open cells; %d personal rules %v; %d successions in %d tables; "+
		"%d rows with %d terms and %d hinges; %d measures",
		len(m.People), len(m.Days), m.First, duties, cells, rules, kinds, links, len(m.Links), len(m.Rows), terms, hinges, len(m.Measures))
}
