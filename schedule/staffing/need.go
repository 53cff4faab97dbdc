package staffing

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"rota/schedule"
)

// Channel is how contacts of a channel are answered.
type Channel struct {
	// Goal is what service is to reach, Within the time in which a reply counts as in time, and Patience the mean time
	// after which who waits gives up; 0 for never.
	Goal     Goal
	Within   time.Duration
	Patience time.Duration
	// Concurrency is how many contacts an agent has at once, 1 unless given. Handling times are those measured then.
	Concurrency int
	// Deferred is the window in which a reply is due, for contacts that nobody waits for; 0 for those that somebody does.
	Deferred time.Duration
}

// DefaultChannel is 80 % within 120 seconds, agents busy at most 85 % of their time, nobody gives up, one at a time.
func DefaultChannel() Channel {
	return Channel{Goal: Goal{Level: 0.8, Occupancy: 0.85}, Within: 2 * time.Minute, Concurrency: 1}
}

// Plan is how a team answers.
type Plan struct {
	// Default is for channels that Channels does not name.
	Default  Channel
	Channels map[string]Channel
	// Shrinkage is the share of planned time that is lost to breaks, training and illness, below 1.
	Shrinkage float64
	// Separate says that nobody answers two languages in one interval, so that the agents of each language are added up. Without
	// it who speaks several answers whatever comes, which takes fewer.
	Separate bool
}

// Channel is how contacts of the channel are answered.
func (p Plan) Channel(name string) Channel {
	c, ok := p.Channels[name]
	if !ok {
		c = p.Default
	}
	c.Concurrency = max(c.Concurrency, 1)
	return c
}

// Need is the agents that one interval of one date needs.
type Need struct {
	Day schedule.Date
	At  schedule.Clock
	// Step is the length of the interval.
	Step time.Duration
	// Parts are the queues: by channel, work that may wait and separate languages by language too.
	Parts []Part
	// AtWork is the agents who are to be answering, and Agents those to be planned so that they are.
	AtWork, Agents int
	// Languages are what is needed of each language, by tag; contacts without a language are in Agents alone.
	Languages []LanguageAgents
	shrinkage float64
}

// LanguageAgents is what an interval needs of a language, in agents to be planned.
type LanguageAgents struct {
	Tag schedule.Language
	// Agents are set aside: nobody is counted for two languages. Over all languages they are at most the agents of the
	// interval.
	Agents int
	// Speakers are those who have to be there so that contacts in the language alone are answered in time when their
	// speakers put them first; who speaks several counts for each. 0 where languages are separate, since those set aside are
	// as many.
	Speakers int
}

// Part is one queue of an interval.
type Part struct {
	Channel  string
	Language schedule.Language
	Contacts float64
	Handling time.Duration
	// Deferred says that nobody waits: then Agents may be a fraction, and there is no service level.
	Deferred bool
	// Agents is how many are to be answering.
	Agents float64
	// Tongues are the languages of a queue that agents of several share, each as if it were a queue of its own.
	Tongues []Part
	queue   Queue
	each    int // servers per agent
}

// Service is the service of a queue that somebody waits in with so many agents.
func (p Part) Service(agents int) Service { return p.queue.With(max(agents, 0) * p.each) }

// Needs is the agents that the contacts of a forecast need, by date and clock, for the dates of the outlook, with the forecast.
// Contacts of all languages of a channel are one queue, and each language needs as many speakers as its contacts alone do; so a
// team of people who speak one language each gets the sum over the languages, and a team of people who speak several
// what the pooled queue takes. Work that may wait is spread evenly over its reply window from the interval in which it came, at the
// occupancy of the channel; work of the days before is on hand on the first day.
func (p Plan) Needs(v Volume, o Outlook) ([]Need, Expected, error) {
	if p.Shrinkage < 0 || p.Shrinkage >= 1 {
		return nil, Expected{}, fmt.Errorf("a shrinkage of %g is not within 0 to below 1", p.Shrinkage)
	}
	longest := time.Duration(0)
	for _, r := range v.Records {
		longest = max(longest, p.Channel(r.Channel).Deferred)
	}
	wide := o
	wide.First = o.First.AddDays(-int(math.Ceil(longest.Hours() / 24)))
	expected, err := v.Forecast(wide)
	if err != nil {
		return nil, Expected{}, err
	}
	grid := newGrid(wide.First, o.Last, v.Step)
	for _, l := range expected.Loads {
		c := p.Channel(l.Channel)
		at := grid.index(l.Day, l.At)
		part := Part{Channel: l.Channel, Language: l.Language, Contacts: l.Contacts, Handling: l.Handling, Deferred: c.Deferred > 0}
		if part.Deferred {
			n := max(int(c.Deferred/v.Step), 1)
			occupancy := cmp.Or(c.Goal.Occupancy, 1)
			part.Agents = l.Contacts * l.Handling.Hours() / v.Step.Hours() / float64(c.Concurrency) / occupancy / float64(n)
			for i := range n {
				if i > 0 {
					part.Contacts = 0
				}
				grid.add(at+i, part)
			}
			continue
		}
		grid.add(at, part)
	}
	expected.Loads = slices.DeleteFunc(expected.Loads, func(l Load) bool { return l.Day.Before(o.First) })
	var needs []Need
	for i, parts := range grid.parts {
		day, at := grid.place(i)
		if len(parts) == 0 || day.Before(o.First) {
			continue
		}
		n, err := p.need(day, at, v.Step, parts)
		if err != nil {
			return nil, Expected{}, err
		}
		needs = append(needs, n)
	}
	return needs, expected, nil
}

// staff works out the agents of a queue that somebody waits in.
func (p Plan) staff(part *Part, n Need) error {
	c := p.Channel(part.Channel)
	part.each = c.Concurrency
	part.queue = Queue{Rate: part.Contacts / n.Step.Hours(), Handling: part.Handling, Patience: c.Patience, Within: c.Within}
	servers, err := part.queue.Required(c.Goal, c.Concurrency)
	if err != nil {
		return fmt.Errorf("%s on %s at %s: %w", part.Channel, n.Day, n.At, err)
	}
	part.Agents = float64(servers / c.Concurrency)
	return nil
}

// need sums up the queues of an interval.
func (p Plan) need(day schedule.Date, at schedule.Clock, step time.Duration, parts []Part) (Need, error) {
	n := Need{Day: day, At: at, Step: step, shrinkage: p.Shrinkage}
	slices.SortFunc(parts, func(a, b Part) int {
		return cmp.Or(cmp.Compare(a.Channel, b.Channel), cmp.Compare(a.Language, b.Language))
	})
	alone, load := map[schedule.Language]float64{}, map[schedule.Language]float64{}
	for i := range parts {
		if part := &parts[i]; !part.Deferred {
			if err := p.staff(part, n); err != nil {
				return n, err
			}
			load[part.Language] += part.queue.Load() / float64(part.each)
		} else {
			load[part.Language] += part.Agents
		}
		alone[parts[i].Language] += parts[i].Agents
	}
	tags := make([]schedule.Language, 0, len(alone))
	for tag := range alone {
		tags = append(tags, tag)
	}
	slices.Sort(tags)
	n.Parts = parts
	if p.Separate {
		for _, tag := range tags {
			agents := Scheduled(alone[tag], p.Shrinkage)
			n.AtWork += Scheduled(alone[tag], 0)
			n.Agents += agents
			if tag != "" {
				n.Languages = append(n.Languages, LanguageAgents{Tag: tag, Agents: agents})
			}
		}
		return n, nil
	}
	var err error
	if n.Parts, err = p.pool(parts, n); err != nil {
		return n, err
	}
	sum := 0.0
	for _, part := range n.Parts {
		sum += part.Agents
	}
	n.AtWork = Scheduled(sum, 0)
	n.Agents = Scheduled(float64(n.AtWork), p.Shrinkage)
	loads := make([]float64, len(tags))
	for i, tag := range tags {
		loads[i] = load[tag]
	}
	for i, agents := range split(n.Agents, loads) {
		if tags[i] != "" {
			speakers := min(Scheduled(alone[tags[i]], p.Shrinkage), n.Agents)
			n.Languages = append(n.Languages, LanguageAgents{Tag: tags[i], Agents: min(agents, speakers), Speakers: speakers})
		}
	}
	return n, nil
}

// pool makes one queue of all languages of a channel that somebody waits in; parts are in the order of their channels.
func (p Plan) pool(parts []Part, n Need) ([]Part, error) {
	var out []Part
	for _, part := range parts {
		last := len(out) - 1
		if part.Deferred || last < 0 || out[last].Deferred || out[last].Channel != part.Channel {
			out = append(out, part)
			continue
		}
		q := &out[last]
		if q.Tongues == nil {
			q.Tongues, q.Language = []Part{*q}, ""
		}
		q.Tongues = append(q.Tongues, part)
		work := q.Contacts*q.Handling.Seconds() + part.Contacts*part.Handling.Seconds()
		q.Contacts += part.Contacts
		q.Handling = seconds(work / q.Contacts)
	}
	for i := range out {
		if out[i].Tongues == nil {
			continue
		}
		if err := p.staff(&out[i], n); err != nil {
			return nil, err
		}
		// Contacts that take very different times can make the mean look better than one of them alone.
		for _, t := range out[i].Tongues {
			out[i].Agents = max(out[i].Agents, t.Agents)
		}
	}
	return out, nil
}

// split divides agents in proportion to loads, by largest remainders, earlier ones first.
func split(agents int, loads []float64) []int {
	total := 0.0
	for _, l := range loads {
		total += l
	}
	shares, order := make([]int, len(loads)), make([]int, len(loads))
	if total <= 0 {
		return shares
	}
	rest := agents
	left := make([]float64, len(loads))
	for i, l := range loads {
		exact := float64(agents) * l / total
		shares[i], order[i] = int(exact), i
		left[i] = exact - float64(shares[i])
		rest -= shares[i]
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(left[j], left[i]) })
	for k := range max(rest, 0) {
		shares[order[k%len(order)]]++
	}
	return shares
}

// Outcome is what a number of planned agents makes of an interval.
type Outcome struct {
	// Answering is the agents at work after shrinkage.
	Answering int
	// InTime is the share of contacts that somebody waits for that is served in time; open when there are none.
	InTime schedule.Optional[float64]
	// Behind is the agents missing for work that may wait, so that it piles up.
	Behind float64
}

// Expect is the outcome with so many agents planned, shrinkage taken off. Who is there first answers contacts that
// somebody waits for, each queue in proportion to its need, and then work that may wait; agents to spare help the queues.
// Languages are not looked at.
func (n Need) Expect(planned int) Outcome {
	o := Outcome{Answering: int(math.Floor(float64(planned)*(1-n.shrinkage) + 1e-9))}
	var waiting []Part
	needed, deferred := 0, 0.0
	for _, p := range n.Parts {
		if p.Deferred {
			deferred += p.Agents
		} else {
			waiting, needed = append(waiting, p), needed+int(p.Agents)
		}
	}
	live := min(o.Answering, needed)
	if spare := o.Answering - needed - int(math.Ceil(deferred-1e-9)); spare > 0 {
		live += spare
	}
	o.Behind = max(deferred-float64(max(o.Answering-live, 0)), 0)
	if len(waiting) == 0 {
		return o
	}
	contacts, inTime := 0.0, 0.0
	for i, agents := range divide(live, waiting, needed) {
		s := waiting[i].Service(agents)
		contacts += waiting[i].Contacts
		if !s.Overloaded {
			inTime += waiting[i].Contacts * s.InTime
		}
	}
	o.InTime = schedule.Some(inTime / contacts)
	return o
}

// divide shares agents among queues in proportion to their need, by largest remainders, earlier queues first.
func divide(agents int, parts []Part, needed int) []int {
	shares := make([]int, len(parts))
	order := make([]int, len(parts))
	rest := agents
	for i, p := range parts {
		order[i] = i
		shares[i] = agents * int(p.Agents) / max(needed, 1)
		rest -= shares[i]
	}
	slices.SortStableFunc(order, func(i, j int) int {
		return cmp.Compare(agents*int(parts[j].Agents)%max(needed, 1), agents*int(parts[i].Agents)%max(needed, 1))
	})
	for k := range max(rest, 0) {
		shares[order[k%len(order)]]++
	}
	return shares
}

// grid is the intervals of some dates in a row.
type grid struct {
	first  schedule.Date
	perDay int
	step   int // minutes
	parts  [][]Part
}

func newGrid(first, last schedule.Date, step time.Duration) *grid {
	minutes := max(int(step/time.Minute), 1)
	perDay := 24 * 60 / minutes
	return &grid{first, perDay, minutes, make([][]Part, max(last.Sub(first)+1, 0)*perDay)}
}

func (g *grid) index(day schedule.Date, at schedule.Clock) int {
	return day.Sub(g.first)*g.perDay + int(at)/g.step
}

func (g *grid) place(i int) (schedule.Date, schedule.Clock) {
	return g.first.AddDays(i / g.perDay), schedule.Clock(i % g.perDay * g.step)
}

// add puts a part into an interval; deferred work of one queue that comes from several intervals is one part.
func (g *grid) add(i int, p Part) {
	if i >= len(g.parts) {
		return
	}
	for k := range g.parts[i] {
		if old := &g.parts[i][k]; p.Deferred && old.Deferred && old.Channel == p.Channel && old.Language == p.Language {
			old.Agents += p.Agents
			if old.Contacts += p.Contacts; p.Contacts > 0 {
				old.Handling = p.Handling
			}
			return
		}
	}
	g.parts[i] = append(g.parts[i], p)
}
