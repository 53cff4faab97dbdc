package plan

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"rota/schedule"
	"rota/solver"
	"rota/solver/model"
)

// CrewQuery asks who is to work in which crew of a rotation.
type CrewQuery struct {
	// Rotation has the crews. Their members stay; a crew with a Size above their number has so many open places.
	Rotation schedule.Rotation
	// Agents are those who may be put into crews; members and agents unknown to the period are passed over.
	Agents []schedule.AgentID
	// Everybody says that each of Agents gets a crew. Crews without a Size then get the same number of members, as far as
	// that goes; without Everybody they get nobody.
	Everybody bool
	// AnyOffset says that crews may stand at any place of the string, and as many as are useful: the crews of Rotation are
	// then not looked at, and every one of Agents is put where it is best.
	AnyOffset bool
}

// CrewChoice is who works in which crew, with what is proved about it.
type CrewChoice struct {
	// Rotation is that of the query with the members filled in.
	Rotation schedule.Rotation
	// Status is solver.Optimal when no other choice costs less. Cost and Bound are those of the rotations laid out alone,
	// as schedule.LayOut does, without the rule pattern; brokenPrice for every hard rule that the laid out roster
	// breaks, and the weight of the rotation for every slot that somebody cannot have, are in both.
	Status      solver.Status
	Cost, Bound schedule.Cost
	// Broken is the personal hard rules that the laid out rosters of those in crews break, LeftOut the slots of the rotation
	// that members cannot have, and Open the places for which there is nobody.
	Broken, LeftOut, Open int
	// Rules are the hard rules among Broken, by the name that the model gives them.
	Rules map[string]int
}

// Price is Cost without the price of what Broken counts.
func (c CrewChoice) Price() schedule.Cost {
	return c.Cost - brokenPrice*schedule.Cost(c.Broken)
}

// brokenPrice is the price of a hard rule that a choice of crews breaks: a rotation cannot bend, so that the best choice
// may have to break some.
const brokenPrice = 100_000

// ChooseCrews puts agents into crews so that the rotations of the period, laid out alone, cost as little as can be:
// coverage, languages, skills, leave, rests, hours and fair shares are those that Compile states, over the whole period.
//
// Each agent's roster in each crew is known beforehand, so the choice is a model of one day whose duties are the crews: a cell costs
// what the agent's own rules say about that roster, and every row of the compiled period becomes a row over the cells.
// Nothing is left out, so cost and bound are those of laid out rosters. Agents without a crew are taken to have the slots of other
// rotations alone. Limits in o may be reached, which Status tells; with a work limit alone the same input gives the same crews.
// The rotation need not be the period's; one with its id is replaced. The error is a malformed period or query.
func ChooseCrews(ctx context.Context, p *schedule.Period, q CrewQuery, o solver.Options) (CrewChoice, error) {
	ch, err := newChooser(p, q)
	if err != nil {
		return CrewChoice{}, err
	}
	m, constant := ch.model()
	o.Start = nil
	res, err := solver.Solve(ctx, m, o)
	if err != nil {
		return CrewChoice{}, err
	}
	if res.Roster == nil {
		return CrewChoice{Rotation: q.Rotation, Status: res.Status}, fmt.Errorf("rotation %s: no crews were found: %s", q.Rotation.ID,
			cmp.Or(res.Reason, "the search was stopped"))
	}
	out := CrewChoice{Rotation: ch.r, Status: res.Status, Cost: schedule.Cost(res.Cost) + constant,
		Bound: max(schedule.Cost(res.Bound)+constant, 0)}
	out.Rotation.Crews = slices.Clone(ch.r.Crews)
	for k := range out.Rotation.Crews {
		out.Rotation.Crews[k].Agents = slices.Clone(ch.r.Crews[k].Agents)
	}
	out.Rules = map[string]int{}
	for i, who := range ch.chosen {
		k := int(res.Roster[i][0])
		out.Broken += len(ch.columns[i][k].broken)
		for _, v := range ch.columns[i][k].broken {
			out.Rules[cmp.Or(v.Name, string(v.Part))]++
		}
		out.LeftOut += ch.columns[i][k].left
		if k > 0 {
			crew := &out.Rotation.Crews[k-1]
			crew.Agents = append(crew.Agents, ch.c.who[who].ID)
		}
	}
	if q.AnyOffset {
		out.Rotation.Crews = slices.DeleteFunc(out.Rotation.Crews, func(c schedule.Crew) bool { return len(c.Agents) == 0 })
		return out, nil
	}
	for _, crew := range out.Rotation.Crews {
		out.Open += max(crew.Size-len(crew.Agents), 0)
	}
	return out, nil
}

// OpenPlaces is how many places of the rotation's crews have nobody.
func OpenPlaces(r schedule.Rotation) int {
	n := 0
	for _, crew := range r.Crews {
		n += max(crew.Size-len(crew.Agents), 0)
	}
	return n
}

// FreeAgents lists the agents who are in no crew of any rotation, are employed on the first or the last day of the period and
// may work all of the rotation's shifts: those whom an open place is for.
func FreeAgents(p *schedule.Period, r schedule.Rotation) []schedule.AgentID {
	taken := map[schedule.AgentID]bool{}
	for _, other := range append(slices.Clone(p.Rotations), r) {
		for _, crew := range other.Crews {
			for _, id := range crew.Agents {
				taken[id] = true
			}
		}
	}
	contracts := p.Index().Contracts
	var list []schedule.AgentID
	for _, a := range p.Agents {
		barred := slices.ContainsFunc(r.Letters, func(l schedule.Letter) bool { return !contracts[a.Contract].Allows(l.Shift) })
		if !taken[a.ID] && !barred && (a.Employed(p.First) || a.Employed(p.Last)) {
			list = append(list, a.ID)
		}
	}
	return list
}

// chooser is a choice of crews in the making.
type chooser struct {
	q      CrewQuery
	c      *Compiled
	r      schedule.Rotation
	string schedule.Pattern
	price  schedule.Cost // of a slot left out
	chosen []int         // the people to be put somewhere
	member []int         // by person: the crew they are in, from 1; 0 for none
	// columns are by chosen agent and crew, from 1; 0 is none.
	columns [][]column
	terms   [][]term // by person
}

// column is the roster that somebody has in a crew.
type column struct {
	row    []uint8
	cost   schedule.Cost // the price of what is broken and left out included
	broken []model.Violation
	left   int
}

// term is a cell in a row of the compiled model.
type term struct {
	day, duty int
	row       int
	weight    int32
}

func newChooser(p *schedule.Period, q CrewQuery) (*chooser, error) {
	ch := &chooser{q: q, r: q.Rotation}
	var known bool
	if ch.string, known = schedule.FindPattern(p.Patterns, q.Rotation.Pattern); !known || len(ch.string.Days) == 0 {
		return nil, fmt.Errorf("rotation %s: there is no pattern %q", q.Rotation.ID, q.Rotation.Pattern)
	}
	if q.AnyOffset {
		ch.r.Crews = make([]schedule.Crew, len(ch.string.Days))
		for k := range ch.r.Crews {
			ch.r.Crews[k].Offset = schedule.Some(k)
		}
	}
	if n := len(ch.r.Crews); n == 0 || n > model.MaxDuties-1 {
		return nil, fmt.Errorf("rotation %s: crews are chosen for 1 to %d crews, not %d", q.Rotation.ID, model.MaxDuties-1, n)
	}
	definition, _ := schedule.FindDefinition(schedule.PatternRule)
	ch.price = ch.r.Weight.Or(definition.Weight)
	// Without the rotation itself, whose price depends on the choice.
	own := *p
	own.Rotations = slices.DeleteFunc(slices.Clone(p.Rotations), func(o schedule.Rotation) bool { return o.ID == ch.r.ID })
	var err error
	if ch.c, err = Compile(&own, false); err != nil {
		return nil, err
	}
	ch.member = make([]int, len(ch.c.who))
	for k, crew := range ch.r.Crews {
		for p, w := range ch.c.who {
			if slices.Contains(crew.Agents, w.ID) {
				ch.member[p] = k + 1
			}
		}
	}
	for p, w := range ch.c.who {
		if ch.member[p] == 0 && slices.Contains(q.Agents, w.ID) {
			ch.chosen = append(ch.chosen, p)
		}
	}
	if (q.Everybody || q.AnyOffset) && len(ch.chosen) == 0 {
		return nil, fmt.Errorf("rotation %s: there is nobody to put into a crew", ch.r.ID)
	}
	if sized := slices.ContainsFunc(ch.r.Crews, func(c schedule.Crew) bool { return c.Size > 0 }); q.Everybody && !q.AnyOffset {
		there := len(ch.chosen)
		for _, k := range ch.member {
			there += min(k, 1)
		}
		if !sized && there < len(ch.r.Crews) {
			return nil, fmt.Errorf("%d agents are too few for %d crews", there, len(ch.r.Crews))
		}
	}
	return ch, nil
}

// laid is the roster of a person in a crew, 0 for none, beside the other rotations of the period.
func (ch *chooser) laid(p, crew int) column {
	c := ch.c
	row := slices.Clone(c.fixed[p])
	left := map[int]bool{}
	cells := c.Model.People[p].Cost
	for d := c.first; d <= c.last; d++ {
		if cells[d][0] == solver.Forbidden { // a pin
			row[d] = uint8(max(slices.IndexFunc(cells[d], func(k solver.Cost) bool { return k != solver.Forbidden }), 0))
		}
	}
	lay := func(r schedule.Rotation, pattern schedule.Pattern, k int, count bool) {
		// A slot can be of another roster day than its date in the shift's zone.
		for d := c.p.First.AddDays(-4); !d.After(c.p.Last.AddDays(4)); d = d.AddDays(1) {
			id, works := r.SlotOn(pattern, k, d)
			s, dated := c.slot[id]
			if !works || !dated || !c.own[s] {
				continue
			}
			day, duty := c.day[s], c.of[s]
			switch {
			case int(row[day]) == duty:
			case row[day] == 0 && cells[day][duty] != solver.Forbidden:
				row[day] = uint8(duty)
			case count:
				left[s] = true
			}
		}
	}
	for _, r := range c.p.Rotations {
		pattern, _ := schedule.FindPattern(c.p.Patterns, r.Pattern)
		for k, x := range r.Crews {
			if slices.Contains(x.Agents, c.who[p].ID) {
				lay(r, pattern, k, false)
			}
		}
	}
	if crew > 0 {
		lay(ch.r, ch.string, crew-1, true)
	}
	cost, broken := model.CheckPerson(c.Model, p, row)
	return column{row: row, broken: broken, left: len(left),
		cost: schedule.Cost(cost) + brokenPrice*schedule.Cost(len(broken)) + ch.price*schedule.Cost(len(left))}
}

// weights is what a roster puts into each row.
func (ch *chooser) weights(p int, x column) map[int]int64 {
	sum := map[int]int64{}
	for _, t := range ch.terms[p] {
		if int(x.row[t.day]) == t.duty {
			sum[t.row] += int64(t.weight)
		}
	}
	return sum
}

// model is the choice as a model of one day whose duties are the crews, and what every choice costs besides.
func (ch *chooser) model() (*solver.Model, schedule.Cost) {
	c := ch.c
	ch.terms = make([][]term, len(c.who))
	for r, row := range c.Model.Rows {
		for _, t := range row.Terms {
			ch.terms[t.Person] = append(ch.terms[t.Person], term{int(t.Day), int(t.Duty), r, t.Weight})
		}
	}
	constant := c.Constant
	base := make([]int64, len(c.Model.Rows))
	for r, row := range c.Model.Rows {
		base[r] = row.Base
	}
	for p := range c.who {
		if slices.Contains(ch.chosen, p) {
			continue
		}
		x := ch.laid(p, ch.member[p])
		constant += x.cost
		for r, n := range ch.weights(p, x) {
			base[r] += n
		}
	}
	m := &solver.Model{Name: "crews of " + string(ch.r.ID), Days: []solver.Day{{Duties: []solver.Duty{{Name: "none"}}}}}
	for k := range ch.r.Crews {
		m.Days[0].Duties = append(m.Days[0].Duties, solver.Duty{Name: fmt.Sprintf("crew %d", k+1)})
	}
	into := make([][]solver.Term, len(c.Model.Rows))
	for i, p := range ch.chosen {
		x := solver.Person{Name: string(c.who[p].ID), Cost: [][]solver.Cost{make([]solver.Cost, len(ch.r.Crews)+1)}}
		columns := make([]column, len(ch.r.Crews)+1)
		for k := range columns {
			columns[k] = ch.laid(p, k)
			x.Cost[0][k] = solver.Cost(columns[k].cost)
			for r, n := range ch.weights(p, columns[k]) {
				if n != 0 {
					into[r] = append(into[r], solver.Term{Person: int32(i), Duty: int32(k), Weight: int32(n)})
				}
			}
		}
		if ch.q.Everybody || ch.q.AnyOffset || len(ch.chosen) <= OpenPlaces(ch.r) {
			x.Cost[0][0] = solver.Forbidden
		}
		ch.columns = append(ch.columns, columns)
		m.People = append(m.People, x)
	}
	// Weeks of a rotation come back: rows over the same cells are one row.
	same := map[string]int{}
	for r, row := range c.Model.Rows {
		b := model.Loose()
		b.Hinges = slices.Clone(row.Bound.Hinges)
		if row.Bound.Min != model.NoMin {
			b.Hinges = append(b.Hinges, solver.Hinge{At: row.Bound.Min, Below: brokenPrice})
		}
		if row.Bound.Max != model.NoMax {
			b.Hinges = append(b.Hinges, solver.Hinge{At: row.Bound.Max, Above: brokenPrice})
		}
		if len(into[r]) == 0 {
			constant += schedule.Cost(b.Price(base[r]))
			continue
		}
		slices.SortFunc(into[r], func(a, b solver.Term) int {
			return cmp.Or(cmp.Compare(a.Person, b.Person), cmp.Compare(a.Duty, b.Duty))
		})
		key := fmt.Sprint(base[r], into[r])
		if old, is := same[key]; is {
			m.Rows[old].Bound.Hinges = addHinges(m.Rows[old].Bound.Hinges, b.Hinges)
			continue
		}
		same[key] = len(m.Rows)
		m.Rows = append(m.Rows, solver.Row{Name: row.Name, Terms: into[r], Base: base[r], Bound: b})
	}
	ch.sizes(m)
	return m, constant
}

// addHinges adds hinges to others, prices of the same distance together.
func addHinges(to, more []solver.Hinge) []solver.Hinge {
	for _, h := range more {
		i := slices.IndexFunc(to, func(o solver.Hinge) bool { return o.At == h.At && o.Step == h.Step && o.Cap == h.Cap })
		if i < 0 {
			to = append(to, h)
			continue
		}
		to[i].Below += h.Below
		to[i].Above += h.Above
	}
	return to
}

// sizes adds a row for each crew: how many are to be put into it. Places stay open only when there are too few people, who then
// all get one.
func (ch *chooser) sizes(m *solver.Model) {
	if ch.q.AnyOffset {
		return
	}
	n := len(ch.chosen)
	there := make([]int, len(ch.r.Crews)+1)
	for _, k := range ch.member {
		there[k]++
	}
	shared, unsized := n-OpenPlaces(ch.r), 0 // people for crews without a size, members included
	for k, crew := range ch.r.Crews {
		if crew.Size == 0 {
			shared += there[k+1]
			unsized++
		}
	}
	lo, hi := make([]int, len(ch.r.Crews)), make([]int, len(ch.r.Crews))
	least, room := 0, 0
	for k, crew := range ch.r.Crews {
		switch {
		case crew.Size > 0:
			lo[k], hi[k] = max(crew.Size-there[k+1], 0), max(crew.Size-there[k+1], 0)
		case ch.q.Everybody && shared > 0:
			lo[k], hi[k] = max(shared/unsized-there[k+1], 0), max((shared+unsized-1)/unsized-there[k+1], 0)
		}
		least += lo[k]
		room += hi[k]
	}
	for k := range ch.r.Crews {
		b := model.Loose()
		b.Min, b.Max = int64(lo[k]), int64(hi[k])
		if least > n {
			b.Min = model.NoMin
		}
		if ch.q.Everybody && room < n {
			b.Max = model.NoMax // members given unevenly: everybody goes somewhere all the same
		}
		var terms []solver.Term
		for i := range ch.chosen {
			terms = append(terms, solver.Term{Person: int32(i), Duty: int32(k + 1), Weight: 1})
		}
		if len(terms) > 0 {
			m.Rows = append(m.Rows, solver.Row{Name: fmt.Sprintf("size of crew %d", k+1), Terms: terms, Bound: b})
		}
	}
}
