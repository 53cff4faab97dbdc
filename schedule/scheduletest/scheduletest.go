// Package scheduletest is a tiny language for cases about rules: a small team, a roster, and the findings that are
// wanted. The same cases are read by the tests of the audit, of the catalogue's examples and of compilers of rosters, so
// that all are held to one meaning. Unknown lines are errors, and so is a case that wants nothing said.
//
// A line is a word and its arguments; # begins a comment. Times without a zone are on the team's clock.
//
//	team ZONE [week_start=sunday] [weekend=FR-16:00/MO-00:00] [night=22:00-06:00] [short_notice=HOURS] [holidays=AM]
//	now DATE TIME
//	period FIRST LAST [known=FIRST..LAST]          a later one takes the place of an earlier one
//	shift ID 08:00-16:00 [zone= tags= rrule= from= until= except= also= break=MINUTES paid=MINUTES burden=POINTS]
//	contract ID [min= target= max= extra=] [shifts=]                     hours per week
//	agent ID [zone= contract= lang=en:C1,es:B2 skill=chat:3 tag= from= to= extra=HOURS holidays=]
//	need SHIFT|* [days= dates= min= target= max= minweight= targetweight= maxweight=]
//	     [lang=es:B2 | skill=chat:2] [count= capacity= weight=]
//	interval 08:00-12:00 [step=MINUTES zone=] and what need takes
//	holiday DATE [country=AM]
//	avail AGENT KIND [FROM [TO]] [hours=18:00-22:00 rrule= shifts= tags= weight= state=]
//	busy AGENT DATE 10:00-14:00 [work] [team=]
//	rule NAME [id=] [hard|off] [weight=] [agents= contracts= tags=] [PARAMETER=VALUE ...]
//	target RULE AGENT POINTS
//	ledger AGENT FIRST LAST [night= weekend= holiday=] [fairnight= fairweekend= fairholiday=]   minutes
//	pin AGENT SLOT [forbid]
//	pattern ID STRING [step= offsets=]
//	rotation PATTERN start=DATE [from= until= weight=] LETTER=SHIFT[+] ... CREW/CREW    crews are agents with commas
//	published AGENT SLOT ...
//	work AGENT SLOT ...                     slots outside the period are history or later rosters
//	want RULE [AGENT,...] AMOUNT UNIT hard|COST
//	want nothing
package scheduletest

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/txtar"

	"rota/schedule"
)

// Case is one period with a roster and the findings it must give, no more and no less.
type Case struct {
	// Name is the file's name and the case's, such as min-rest/first-day.
	Name string
	// Rule is the rule the case is about: the name of its file.
	Rule   schedule.RuleName
	Period *schedule.Period
	Roster schedule.Roster
	Want   []Want
}

// Want is a finding without its places and words.
type Want struct {
	Rule   schedule.RuleName
	Agents string // with commas
	Amount int
	Unit   schedule.Unit
	Hard   bool
	Cost   schedule.Cost
}

// String is the line of the language.
func (w Want) String() string {
	price := fmt.Sprint(w.Cost)
	if w.Hard {
		price = "hard"
	}
	agents := w.Agents
	if agents != "" {
		agents += " "
	}
	return fmt.Sprintf("want %s %s%d %s %s", w.Rule, agents, w.Amount, w.Unit, price)
}

// Cost is the sum of the wanted costs: what the roster costs if nothing hard is wanted.
func (c Case) Cost() schedule.Cost {
	sum := schedule.Cost(0)
	for _, w := range c.Want {
		sum += w.Cost
	}
	return sum
}

// Hard reports whether a hard finding is wanted, so that the roster is illegal.
func (c Case) Hard() bool { return slices.ContainsFunc(c.Want, func(w Want) bool { return w.Hard }) }

// Of is what a finding shows of itself in a case.
func Of(f schedule.Finding) Want {
	var agents []string
	for _, a := range f.Agents {
		agents = append(agents, string(a))
	}
	return Want{Rule: f.Rule, Agents: strings.Join(agents, ","), Amount: f.Amount, Unit: f.Unit, Hard: f.Hard, Cost: f.Cost}
}

// Diff compares what was wanted with what was found, in any order, and gives a line for each difference: + for a
// finding nobody wanted, - for one that is missing. It is empty when they agree.
func (c Case) Diff(found []schedule.Finding) string {
	want := slices.Clone(c.Want)
	var b strings.Builder
	for _, f := range found {
		w := Of(f)
		if i := slices.Index(want, w); i >= 0 {
			want = slices.Delete(want, i, i+1)
			continue
		}
		fmt.Fprintf(&b, "+ %s\t# %s %v %v\n", w, f.Sentence, f.Slots, f.Days)
	}
	for _, w := range want {
		fmt.Fprintf(&b, "- %s\n", w)
	}
	return b.String()
}

// Load reads every *.txtar of a directory. Each file is about the rule of its name; its section "base" holds lines
// common to the others, and every other section is a case. A directory without cases is an error.
func Load(dir string) ([]Case, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.txtar"))
	if err != nil {
		return nil, err
	}
	var cases []Case
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		name := strings.TrimSuffix(filepath.Base(file), ".txtar")
		base := ""
		for _, section := range txtar.Parse(data).Files {
			if section.Name == "base" {
				base = string(section.Data)
				continue
			}
			c, err := Parse(base + "\n" + string(section.Data))
			if err != nil {
				return nil, fmt.Errorf("%s, section %s: %w", file, section.Name, err)
			}
			c.Name, c.Rule = name+"/"+section.Name, schedule.RuleName(name)
			cases = append(cases, c)
		}
	}
	if len(cases) == 0 {
		return nil, fmt.Errorf("no cases in %s", dir)
	}
	return cases, nil
}

// Examples are the cases of the catalogue's examples: hit and near miss of each rule.
func Examples() ([]Case, error) {
	var cases []Case
	for _, d := range schedule.Catalogue() {
		for _, e := range []struct{ name, text string }{{"hit", d.Example.Hit}, {"miss", d.Example.Miss}} {
			c, err := Parse(d.Example.Common + e.text)
			if err != nil {
				return nil, fmt.Errorf("example of %s, %s: %w", d.Name, e.name, err)
			}
			c.Name, c.Rule = "example "+string(d.Name)+"/"+e.name, d.Name
			cases = append(cases, c)
		}
	}
	return cases, nil
}

// Parse reads one case.
func Parse(text string) (Case, error) {
	b := &builder{work: map[schedule.AgentID][]schedule.SlotID{}}
	b.book.Team = schedule.NewTeam("t", "T", "UTC")
	for n, line := range strings.Split(text, "\n") {
		line, _, _ = strings.Cut(line, "#")
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		if err := b.line(words[0], words[1:]); err != nil {
			return Case{}, fmt.Errorf("line %d, %q: %w", n+1, strings.TrimSpace(line), err)
		}
	}
	if len(b.want) == 0 && !b.nothing {
		return Case{}, fmt.Errorf("the case wants neither a finding nor nothing")
	}
	if len(b.want) > 0 && b.nothing {
		return Case{}, fmt.Errorf("the case wants findings and nothing")
	}
	return b.build()
}

// build turns what was read into a period.
func (b *builder) build() (Case, error) {
	team := b.book.Team
	p := &schedule.Period{
		Team: team, First: b.first, Last: b.last,
		KnownFrom: cmp.Or(b.knownFrom, b.first), KnownTo: cmp.Or(b.knownTo, b.last), Now: b.now,
		Agents: b.book.Agents, Contracts: b.book.Contracts, Shifts: b.book.Shifts, Availability: b.book.Availability,
		Rules: b.book.Rules, Patterns: b.book.Patterns, Rotations: b.book.Rotations, Holidays: b.book.Holidays,
		Pins: b.book.Pins, Busy: b.busy, Ledger: b.ledger, Targets: b.targets,
	}
	if p.First.IsZero() || len(p.Agents) == 0 {
		return Case{}, fmt.Errorf("the case has no period or no agents")
	}
	holidays := schedule.HolidayDates(p.Holidays, team.Holidays)
	slots, err := schedule.ExpandSlots(team, p.Shifts, p.First, p.Last)
	if err != nil {
		return Case{}, err
	}
	p.Slots = schedule.ResolveDemand(b.book.Demand, slots, holidays)
	if p.Intervals, err = schedule.ResolveIntervals(team, b.book.Demand, p.First, p.Last, holidays); err != nil {
		return Case{}, err
	}
	for _, r := range [][2]schedule.Date{{p.KnownFrom, p.First.AddDays(-1)}, {p.Last.AddDays(1), p.KnownTo}} {
		if !r[1].Before(r[0]) {
			around, err := schedule.ExpandSlots(team, p.Shifts, r[0], r[1])
			if err != nil {
				return Case{}, err
			}
			p.Around = append(p.Around, around...)
		}
	}
	for _, a := range p.Agents {
		outside, err := schedule.OutsideWork(team, a, p.Availability, p.KnownFrom, p.KnownTo)
		if err != nil {
			return Case{}, err
		}
		p.Busy = append(p.Busy, outside...)
	}
	c := Case{Period: p, Want: b.want, Roster: schedule.Roster{Team: team.ID, First: p.First, Last: p.Last, State: schedule.Draft, Slots: p.Slots}}
	around := map[schedule.SlotID]bool{}
	for _, s := range p.Around {
		around[s.ID] = true
	}
	for _, agent := range b.order {
		for _, s := range b.work[agent] {
			as := schedule.Assignment{Slot: s, Agent: agent, Source: schedule.ByHand}
			if around[s] {
				p.Worked = append(p.Worked, as)
			} else {
				c.Roster.Assignments = append(c.Roster.Assignments, as)
			}
		}
	}
	schedule.SortAssignments(c.Roster.Assignments)
	schedule.SortAssignments(p.Worked)
	if b.published != nil {
		schedule.SortAssignments(b.published)
		p.Published = &schedule.Roster{Team: team.ID, First: p.First, Last: p.Last, Version: 1, State: schedule.Published, Assignments: b.published}
	}
	return c, nil
}
