// Package master finds prices for rows from columns.
//
// A master problem has groups, each of which takes a convex mix of its columns,
// and rows, each with a convex piecewise linear price on the sum of what the
// columns put into it. Its dual is the usual model of a Lagrangian function: a
// price a row, and for every group the cheapest column under these prices.
//
// Solve does not solve the linear programme itself, whose duals jump about, but
// its proximal form: the model of the Lagrangian minus the squared distance of
// the prices from a center, over twice a step length; a row may have a pace of
// its own by which its step is longer or shorter. The dual of that is
// smooth in the mixes, and coordinate steps (move weight from the worst column
// of a group to the best one) converge fast from where the last call left off.
// Whatever accuracy is reached, the prices are usable: the Lagrangian bound is
// valid for any prices.
//
// The package knows no people, days or rules. Nothing in it is concurrent; the
// same calls give the same floats.
package master

import "math"

// trifle is a share that a mix is better off without.
const trifle = 3e-4

// Row is a convex piecewise linear price: Cost[k] at the point At[k], straight
// between the points, with slopes First before and Last after them. At is
// ascending and not empty.
type Row struct {
	At, Cost    []float64
	First, Last float64
	// Pace is how far the row's price may move, beside that of the others: its
	// squared distance from the center counts 1/Pace. 0 stands for 1.
	Pace float64
}

// slope is the slope between points k-1 and k, with First and Last at the ends.
func (r *Row) slope(k int) float64 {
	switch {
	case k == 0:
		return r.First
	case k == len(r.At):
		return r.Last
	}
	return (r.Cost[k] - r.Cost[k-1]) / (r.At[k] - r.At[k-1])
}

// Value is the row's price at s.
func (r *Row) Value(s float64) float64 {
	k := 0
	for k < len(r.At) && r.At[k] < s {
		k++
	}
	if k == len(r.At) {
		return r.Cost[k-1] + r.Last*(s-r.At[k-1])
	}
	return r.Cost[k] - r.slope(k)*(r.At[k]-s)
}

// conjugate is the least of price - y*v over the points.
func (r *Row) conjugate(y float64) float64 {
	g := math.Inf(1)
	for k, v := range r.At {
		g = min(g, r.Cost[k]-y*v)
	}
	return g
}

// Column is one choice of a group: what it costs by itself, and what it puts
// into which rows.
type Column struct {
	Cost  float64
	Rows  []int32   // ascending, not to be changed
	Put   []float64 // as long as Rows
	Days  []uint8   // what it stands for; the caller's, kept as it is
	Share float64   // its weight in the group's mix, set by Solve
	idle  int
	ones  []int32      // rows it puts one unit into: nearly all
	rest  []difference // the others
	price float64
	hot   bool // may take part in the next moves
}

// Master holds rows and columns. Make one with New.
type Master struct {
	rows   []Row
	slopes [][]float64
	pace   []float64 // by row
	groups [][]Column
	center []float64
	y, s   []float64
	step   float64 // of rows of pace 1
	off    []difference
	slack  []float64 // by group, as last looked at

	// Work counts the entries of columns that Solve and Visit have touched.
	Work int64

	// Dropped, if not nil, is told of each column that Trim forgets.
	Dropped func(group int, c Column)
}

// New makes a master with no columns. Groups without any put nothing into the
// rows; as long as there are some, Outcome tells prices and nothing else.
func New(rows []Row, groups int) *Master {
	m := &Master{
		rows:   rows,
		slopes: make([][]float64, len(rows)),
		pace:   make([]float64, len(rows)),
		groups: make([][]Column, groups),
		y:      make([]float64, len(rows)),
		s:      make([]float64, len(rows)),
		slack:  make([]float64, groups),
	}
	for r := range rows {
		m.pace[r] = 1
		if rows[r].Pace > 0 {
			m.pace[r] = rows[r].Pace
		}
		m.slopes[r] = make([]float64, len(rows[r].At)+1)
		for k := range m.slopes[r] {
			m.slopes[r][k] = rows[r].slope(k)
		}
	}
	return m
}

// Clamp is the price nearest to y that can be of use in row r.
func (m *Master) Clamp(r int, y float64) float64 {
	s := m.slopes[r]
	return max(s[0], min(s[len(s)-1], y))
}

// Add gives a group a column. The first of a group gets the whole share.
func (m *Master) Add(group int, c Column) {
	c.idle, c.Share = 0, 0
	n := 0
	for _, w := range c.Put {
		if w == 1 {
			n++
		}
	}
	c.ones, c.rest = make([]int32, 0, n), make([]difference, 0, len(c.Put)-n)
	for i, r := range c.Rows {
		if w := c.Put[i]; w == 1 {
			c.ones = append(c.ones, r)
		} else {
			c.rest = append(c.rest, difference{r, w})
		}
	}
	if len(m.groups[group]) == 0 {
		c.Share = 1
	}
	m.groups[group] = append(m.groups[group], c)
}

// Swap gives a group other columns, shares included, and returns those it had.
func (m *Master) Swap(group int, cs []Column) []Column {
	old := m.groups[group]
	m.groups[group] = cs
	return old
}

// Mix sets the shares of a group's columns, which must sum to 1.
func (m *Master) Mix(group int, shares []float64) {
	for k, s := range shares {
		m.groups[group][k].Share = s
	}
}

// Groups is the number of groups.
func (m *Master) Groups() int { return len(m.groups) }

// Conjugates is the rows' part of the Lagrangian at prices y.
func (m *Master) Conjugates(y []float64) float64 {
	g := 0.0
	for r := range m.rows {
		g += m.rows[r].conjugate(y[r])
	}
	return g
}

// Columns is the group's list; shares may be read, nothing changed.
func (m *Master) Columns(group int) []Column { return m.groups[group] }

// Sums is what the mixes put into each row, as the last Solve left it.
func (m *Master) Sums() []float64 { return m.s }

// Trim forgets columns beyond keep of a group that have had no share for at
// least patience calls of Solve, the dearest first under the last prices.
func (m *Master) Trim(keep, patience int) {
	for g, cs := range m.groups {
		if len(cs) <= keep {
			continue
		}
		kept := cs[:0]
		excess := len(cs) - keep
		for i := range cs {
			if excess > 0 && cs[i].Share == 0 && cs[i].idle >= patience {
				excess--
				if m.Dropped != nil {
					m.Dropped(g, cs[i])
				}
				continue
			}
			kept = append(kept, cs[i])
		}
		clear(cs[len(kept):])
		m.groups[g] = kept
	}
}

// Outcome is what one call of Solve knows.
type Outcome struct {
	Prices []float64 // one a row; valid until the next call
	Model  float64   // the model of the Lagrangian at Prices
	Primal float64   // cost of the mixes: no less than the linear programme over the present columns
	Slack  float64   // what the mixes are away from the proximal optimum, at most
}

// tidy rids a mix of columns that hardly have a share in it.
func (m *Master) tidy(cs []Column) {
	left := 0.0
	for j := range cs {
		if c := &cs[j]; c.Share < trifle {
			c.Share = 0
		} else {
			left += c.Share
		}
	}
	for j := range cs {
		cs[j].Share /= left
	}
}

// price is the row's price when the mixes put s into it: the derivative of the
// row's price smoothed by the proximal term.
func (m *Master) price(r int, s float64) float64 {
	at, sl := m.rows[r].At, m.slopes[r]
	step := m.step * m.pace[r]
	z := m.center[r] + step*s
	for k, v := range at {
		if y := z - step*v; y <= sl[k+1] {
			return max(y, sl[k])
		}
	}
	return sl[len(at)]
}

// Solve improves the mixes for prices near center with step length step (in
// price per unit of sum), by at most sweeps over all groups. It stops early
// when what is left to gain is below tolerance times what the model promises
// above floor, the Lagrangian's value at the center.
func (m *Master) Solve(center []float64, step float64, sweeps int, floor, tolerance float64) Outcome {
	m.center, m.step = center, step
	clear(m.s)
	for g := range m.groups {
		m.tidy(m.groups[g])
		for j := range m.groups[g] {
			c := &m.groups[g][j]
			if c.Share > 0 {
				c.idle = 0
				for i, r := range c.Rows {
					m.s[r] += c.Share * c.Put[i]
				}
			} else {
				c.idle++
			}
		}
	}
	for r := range m.rows {
		m.y[r] = m.price(r, m.s[r])
	}
	m.Work += 8 * int64(len(m.rows))
	var out Outcome
	skip := -1.0 // groups with less slack at the last look can wait for the next
	for n := 0; ; n++ {
		for g := range m.groups {
			if n == 0 || m.slack[g] >= skip {
				m.sweep(m.groups[g], n == 0)
			}
		}
		if n+1 >= sweeps || n%4 == 3 {
			// Exact values at the prices as they are now.
			slack, best := 0.0, 0.0
			for g := range m.groups {
				a, b := m.look(m.groups[g])
				m.slack[g] = a
				slack += a
				best += b
			}
			out.Model = best
			for r := range m.rows {
				out.Model += m.rows[r].conjugate(m.y[r])
			}
			out.Slack = slack
			skip = 0.5 * slack / float64(len(m.groups))
			if n+1 >= sweeps || slack <= tolerance*math.Max(out.Model-floor, 0) || slack < 1e-9 {
				break
			}
		}
	}
	for g := range m.groups {
		for j := range m.groups[g] {
			if c := &m.groups[g][j]; c.Share > 0 {
				out.Primal += c.Share * c.Cost
			}
		}
	}
	for r := range m.rows {
		out.Primal += m.rows[r].Value(m.s[r])
	}
	out.Prices = m.y
	return out
}

// Visit moves weight within one group alone, as Solve does, by so many moves,
// and returns the prices that follow. The center is that of the last Solve.
func (m *Master) Visit(group, moves int) []float64 {
	for range moves {
		m.sweep(m.groups[group], true)
	}
	return m.y
}

// look prices a group's columns: how far its mix is from the cheapest, and the
// cheapest. Columns that may take part before the next look are marked hot.
func (m *Master) look(cs []Column) (slack, best float64) {
	best = math.Inf(1)
	mix := 0.0
	for j := range cs {
		c := &cs[j]
		m.tag(c)
		best = min(best, c.price)
		if c.Share > 0 {
			mix += c.Share * c.price
		}
	}
	for j := range cs {
		cs[j].hot = cs[j].Share > 0 || cs[j].price <= (mix+best)/2
	}
	return mix - best, best
}

// tag prices a column.
func (m *Master) tag(c *Column) {
	m.Work += int64(len(c.Rows)) + 4
	y, ones := m.y, c.ones
	// Four sums, so that no addition waits for the one before.
	v0, v1, v2, v3 := c.Cost, 0.0, 0.0, 0.0
	for len(ones) >= 4 {
		v0 += y[ones[0]]
		v1 += y[ones[1]]
		v2 += y[ones[2]]
		v3 += y[ones[3]]
		ones = ones[4:]
	}
	for _, r := range ones {
		v0 += y[r]
	}
	for _, o := range c.rest {
		v1 += y[o.row] * o.put
	}
	c.price = v0 + v1 + (v2 + v3)
}

// sweep moves weight within one group, from the dearest column of the mix to
// the cheapest of all. Unless it is thorough, only hot columns are priced.
func (m *Master) sweep(cs []Column, thorough bool) {
	if len(cs) < 2 {
		return
	}
	if thorough {
		m.look(cs)
	}
	to, from := -1, -1
	for j := range cs {
		c := &cs[j]
		if !c.hot {
			continue
		}
		if !thorough {
			m.tag(c)
		}
		if to < 0 || c.price < cs[to].price {
			to = j
		}
		if c.Share > 0 && (from < 0 || c.price > cs[from].price) {
			from = j
		}
	}
	a, b := &cs[from], &cs[to]
	gain := a.price - b.price
	if gain <= 1e-9 {
		return
	}
	// Curvature along the move: step times the squared distance of the two.
	d := m.apart(a, b)
	move := a.Share
	if d > 0 {
		move = min(move, gain/(m.step*d))
	}
	m.Work += 8 * int64(len(m.off))
	for _, o := range m.off {
		m.s[o.row] += move * o.put
		m.y[o.row] = m.price(int(o.row), m.s[o.row])
	}
	if move == a.Share {
		a.Share = 0
	} else {
		a.Share -= move
	}
	b.Share += move
}

// apart lists in m.off what b puts into rows beyond what a does, and returns
// the sum of its squares.
func (m *Master) apart(a, b *Column) float64 {
	off, d := m.off[:0], 0.0
	ar, br := a.Rows, b.Rows
	ap, bp := a.Put[:len(ar)], b.Put[:len(br)]
	for len(ar) > 0 && len(br) > 0 {
		x, y := ar[0], br[0]
		o := difference{row: x}
		if x <= y {
			o.put -= ap[0]
			ar, ap = ar[1:], ap[1:]
		}
		if y <= x {
			o.row = y
			o.put += bp[0]
			br, bp = br[1:], bp[1:]
		}
		if o.put != 0 {
			off = append(off, o)
			d += o.put * o.put * m.pace[o.row]
		}
	}
	for i, r := range ar {
		off = append(off, difference{r, -ap[i]})
		d += ap[i] * ap[i] * m.pace[r]
	}
	for i, r := range br {
		off = append(off, difference{r, bp[i]})
		d += bp[i] * bp[i] * m.pace[r]
	}
	m.off = off
	return d
}

// difference is by how much one column puts more into a row than another.
type difference struct {
	row int32
	put float64
}
