package search

import "rota/solver/model"

// worstCost is a number that no roster's true cost exceeds. A bound above it
// proves that there is no roster at all.
func (p *problem) worstCost() int64 {
	m := p.m
	var sum int64
	price := func(c model.Cost) int64 {
		if c == model.Forbidden {
			return 0
		}
		return int64(c)
	}
	most := func(b model.Bound, lo, hi int64) {
		for _, h := range b.Hinges {
			sum += max(int64(h.Price(lo)), int64(h.Price(hi)))
		}
	}
	for i := range m.Rows {
		r := &p.rows[i]
		most(r.bound, r.base+r.unit*r.lo, r.base+r.unit*r.hi)
	}
	links := make([]int64, len(m.Links))
	for i, t := range m.Links {
		for _, l := range t.Links {
			links[i] = max(links[i], price(l.Cost))
		}
	}
	days := int64(p.days)
	for i := range m.People {
		x := &m.People[i]
		for _, day := range x.Cost {
			var c int64
			for _, v := range day {
				c = max(c, price(v))
			}
			sum += c
		}
		for _, c := range x.Counters {
			lo, hi := c.Base, c.Base
			for d := max(c.From, 0); d < min(c.To, p.days); d++ {
				var most int32
				for _, w := range m.Measures[c.Of].Of[d] {
					most = max(most, w)
				}
				hi += int64(most)
			}
			most(c.Bound, lo, hi)
		}
		for _, r := range x.Runs {
			sum += days * (price(r.MinCost)*int64(r.Min) + price(r.MaxCost))
		}
		for _, w := range x.Words {
			sum += days * price(w.Cost)
		}
		for _, l := range x.Links {
			sum += days * links[l]
		}
		for _, r := range x.Recoveries {
			sum += days * price(r.Cost) * int64(r.Rest/max(r.Step, 1)+1)
		}
		for _, c := range x.SpanCounts {
			most(c.Bound, c.Base, c.Base+int64(len(c.Over)))
		}
		for _, r := range x.SpanRuns {
			sum += int64(len(r.Over)) * (price(r.MinCost)*int64(r.Min) + price(r.MaxCost))
		}
		for _, s := range x.Spans {
			var c int64
			for _, v := range s.Cost {
				c = max(c, price(v))
			}
			sum += c
		}
		for _, f := range x.Frees {
			sum += price(f.Cost)
		}
	}
	return sum
}
