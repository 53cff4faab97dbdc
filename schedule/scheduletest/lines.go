package scheduletest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"rota/schedule"
)

// builder gathers what the lines of a case say.
type builder struct {
	book                            schedule.Book
	first, last, knownFrom, knownTo schedule.Date
	now                             time.Time
	busy                            []schedule.Busy
	ledger                          []schedule.LedgerEntry
	targets                         map[schedule.RuleID]map[schedule.AgentID]schedule.Points
	published                       []schedule.Assignment
	work                            map[schedule.AgentID][]schedule.SlotID
	order                           []schedule.AgentID
	want                            []Want
	nothing                         bool
}

// args are the arguments of a line: words, and named values. Each is to be used exactly once.
type args struct {
	words []string
	named map[string]string
	order []string
	err   error
}

func split(words []string) *args {
	a := &args{named: map[string]string{}}
	for _, w := range words {
		if name, value, ok := strings.Cut(w, "="); ok {
			if _, twice := a.named[name]; twice {
				a.fail("%s is given twice", name)
			}
			a.named[name] = value
			a.order = append(a.order, name)
		} else {
			a.words = append(a.words, w)
		}
	}
	return a
}

func (a *args) fail(format string, more ...any) {
	if a.err == nil {
		a.err = fmt.Errorf(format, more...)
	}
}

// word takes the next word.
func (a *args) word() string {
	if len(a.words) == 0 {
		a.fail("a word is missing")
		return ""
	}
	w := a.words[0]
	a.words = a.words[1:]
	return w
}

// flag takes a word if it is there.
func (a *args) flag(name string) bool {
	i := slices.Index(a.words, name)
	if i >= 0 {
		a.words = slices.Delete(a.words, i, i+1)
	}
	return i >= 0
}

// take takes a named value, empty if it is not given.
func (a *args) take(name string) string {
	v := a.named[name]
	delete(a.named, name)
	return v
}

func (a *args) list(name string) []string {
	if v := a.take(name); v != "" {
		return strings.Split(v, ",")
	}
	return nil
}

func (a *args) has(name string) bool {
	_, ok := a.named[name]
	return ok
}

func (a *args) number(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		a.fail("bad number %q", text)
	}
	return n
}

func (a *args) int(name string) int {
	if !a.has(name) {
		return 0
	}
	return a.number(a.take(name))
}

func (a *args) optional(name string) schedule.Optional[int] {
	if !a.has(name) {
		return schedule.Optional[int]{}
	}
	return schedule.Some(a.int(name))
}

func (a *args) cost(name string) schedule.Optional[schedule.Cost] {
	n := a.optional(name)
	return schedule.Optional[schedule.Cost]{Value: schedule.Cost(n.Value), Set: n.Set}
}

// hours takes hours with decimals.
func (a *args) hours(name string) schedule.Optional[schedule.Minutes] {
	if !a.has(name) {
		return schedule.Optional[schedule.Minutes]{}
	}
	m, ok := schedule.ParseValue(a.take(name)).Hours()
	if !ok {
		a.fail("bad hours for %s", name)
	}
	return schedule.Some(m)
}

func (a *args) day(text string) schedule.Date {
	if text == "" {
		return schedule.Date{}
	}
	d, err := schedule.ParseDate(text)
	if err != nil {
		a.fail("%w", err)
	}
	return d
}

func (a *args) date(name string) schedule.Date { return a.day(a.take(name)) }

func (a *args) dates(name string) []schedule.Date {
	var list []schedule.Date
	for _, w := range a.list(name) {
		list = append(list, a.day(w))
	}
	return list
}

func (a *args) span(text string) schedule.ClockSpan {
	if text == "" {
		return schedule.ClockSpan{}
	}
	s, err := schedule.ParseClockSpan(text)
	if err != nil {
		a.fail("%w", err)
	}
	return s
}

func (a *args) recurrence(name string) schedule.Recurrence {
	if !a.has(name) {
		return schedule.Recurrence{}
	}
	r, err := schedule.ParseRecurrence(a.take(name))
	if err != nil {
		a.fail("%w", err)
	}
	return r
}

// done reports the first failure, or arguments that nobody took.
func (a *args) done() error {
	for _, name := range a.order {
		if _, left := a.named[name]; left {
			a.fail("unknown argument %s", name)
		}
	}
	if len(a.words) > 0 {
		a.fail("unknown word %s", a.words[0])
	}
	return a.err
}

func ids[T ~string](words []string) []T {
	var list []T
	for _, w := range words {
		list = append(list, T(w))
	}
	return list
}

// line reads one line.
func (b *builder) line(verb string, words []string) error {
	if verb == "want" {
		return b.wanted(words)
	}
	a := split(words)
	switch verb {
	case "team":
		b.team(a)
	case "now":
		d, c := a.day(a.word()), a.span(a.word()+"-24:00")
		b.now, _ = schedule.StartInstant(d, c.Start, b.here(a))
	case "period":
		b.first, b.last = a.day(a.word()), a.day(a.word())
		b.knownFrom, b.knownTo = schedule.Date{}, schedule.Date{}
		if known := a.take("known"); known != "" {
			from, to, _ := strings.Cut(known, "..")
			b.knownFrom, b.knownTo = a.day(from), a.day(to)
		}
	case "shift":
		s := schedule.Shift{ID: schedule.ShiftID(a.word())}
		at := a.span(a.word())
		s.Start, s.End, s.Zone, s.Recurrence = at.Start, at.End, a.take("zone"), a.recurrence("rrule")
		s.From, s.Until, s.Except, s.Also = a.date("from"), a.date("until"), a.dates("except"), a.dates("also")
		s.Tags, s.Break, s.Burden = a.list("tags"), schedule.Minutes(a.int("break")), schedule.Points(a.int("burden"))
		if paid := a.optional("paid"); paid.Set {
			s.Paid = schedule.Some(schedule.Minutes(paid.Value))
		}
		b.book.Shifts = append(b.book.Shifts, s)
	case "contract":
		b.book.Contracts = append(b.book.Contracts, schedule.Contract{ID: schedule.ContractID(a.word()), Min: a.hours("min"),
			Target: a.hours("target"), Max: a.hours("max"), Extra: a.hours("extra").Value, Shifts: ids[schedule.ShiftID](a.list("shifts"))})
	case "agent":
		b.agent(a)
	case "need", "interval":
		b.need(verb, a)
	case "holiday":
		b.book.Holidays = append(b.book.Holidays, schedule.Holiday{Date: a.day(a.word()), Name: "holiday", Country: schedule.Country(a.take("country"))})
	case "avail":
		b.avail(a)
	case "busy":
		b.occupied(a)
	case "rule":
		b.rule(a)
	case "target":
		rule, agent := schedule.RuleID(a.word()), schedule.AgentID(a.word())
		if b.targets == nil {
			b.targets = map[schedule.RuleID]map[schedule.AgentID]schedule.Points{}
		}
		if b.targets[rule] == nil {
			b.targets[rule] = map[schedule.AgentID]schedule.Points{}
		}
		b.targets[rule][agent] = schedule.Points(a.number(a.word()))
	case "ledger":
		minutes := func(name string) schedule.Minutes { return schedule.Minutes(a.int(name)) }
		b.ledger = append(b.ledger, schedule.LedgerEntry{Team: b.book.Team.ID, Agent: schedule.AgentID(a.word()), First: a.day(a.word()), Last: a.day(a.word()),
			Done: schedule.Burden{Night: minutes("night"), Weekend: minutes("weekend"), Holiday: minutes("holiday")},
			Fair: schedule.Burden{Night: minutes("fairnight"), Weekend: minutes("fairweekend"), Holiday: minutes("fairholiday")}})
	case "pin":
		b.book.Pins = append(b.book.Pins, schedule.Pin{Forbid: a.flag("forbid"), Agent: schedule.AgentID(a.word()), Slot: schedule.SlotID(a.word())})
	case "pattern":
		p := schedule.Pattern{ID: schedule.PatternID(a.word()), Days: a.word(), Step: a.int("step")}
		for _, o := range a.list("offsets") {
			p.Offsets = append(p.Offsets, a.number(o))
		}
		b.book.Patterns = append(b.book.Patterns, p)
	case "rotation":
		b.rotation(a)
	case "published":
		agent := schedule.AgentID(a.word())
		if b.published == nil {
			b.published = []schedule.Assignment{}
		}
		for len(a.words) > 0 {
			b.published = append(b.published, schedule.Assignment{Agent: agent, Slot: schedule.SlotID(a.word()), Source: schedule.BySolver})
		}
	case "work":
		agent := schedule.AgentID(a.word())
		if _, seen := b.work[agent]; !seen {
			b.order = append(b.order, agent)
		}
		for len(a.words) > 0 {
			b.work[agent] = append(b.work[agent], schedule.SlotID(a.word()))
		}
	default:
		return fmt.Errorf("unknown line %q", verb)
	}
	return a.done()
}

// here is the team's zone.
func (b *builder) here(a *args) *time.Location {
	loc, err := schedule.LoadZone(b.book.Team.Zone)
	if err != nil {
		a.fail("%w", err)
		return time.UTC
	}
	return loc
}

func (b *builder) team(a *args) {
	t := &b.book.Team
	t.Zone = a.word()
	if day := a.take("week_start"); day != "" {
		d, err := schedule.ParseWeekday(day)
		if err != nil {
			a.fail("%w", err)
		}
		t.WeekStart = d
	}
	if text := a.take("weekend"); text != "" {
		from, to, _ := strings.Cut(text, "/")
		for _, e := range []struct {
			text string
			at   *schedule.WeekTime
		}{{from, &t.Weekend.Start}, {to, &t.Weekend.End}} {
			day, clock, _ := strings.Cut(e.text, "-")
			d, err := schedule.ParseWeekday(day)
			if err != nil {
				a.fail("%w", err)
			}
			c, err := schedule.ParseClock(clock)
			if err != nil {
				a.fail("%w", err)
			}
			*e.at = schedule.WeekTime{Day: d, Clock: c}
		}
	}
	if a.has("night") {
		t.Night = a.span(a.take("night"))
	}
	if a.has("short_notice") {
		t.ShortNotice = a.hours("short_notice").Value
	}
	t.Holidays = ids[schedule.Country](a.list("holidays"))
}

func (b *builder) agent(a *args) {
	g := schedule.Agent{ID: schedule.AgentID(a.word()), Zone: a.take("zone"), Contract: schedule.ContractID(a.take("contract")),
		Tags: a.list("tag"), From: a.date("from"), To: a.date("to"), Extra: a.hours("extra"),
		Languages: map[schedule.Language]schedule.Level{}, Skills: map[string]schedule.SkillLevel{}}
	for _, w := range a.list("lang") {
		tag, level, _ := strings.Cut(w, ":")
		l, err := schedule.ParseLevel(level)
		if err != nil {
			a.fail("%w", err)
		}
		g.Languages[schedule.Language(tag)] = l
	}
	for _, w := range a.list("skill") {
		name, level, _ := strings.Cut(w, ":")
		l, err := schedule.ParseSkillLevel(level)
		if err != nil {
			a.fail("%w", err)
		}
		g.Skills[name] = l
	}
	if a.has("holidays") {
		g.Holidays = append([]schedule.Country{}, ids[schedule.Country](a.list("holidays"))...)
	}
	b.book.Agents = append(b.book.Agents, g)
}

func (b *builder) need(verb string, a *args) {
	l := schedule.DemandLine{}
	if verb == "need" {
		l.Shift = schedule.ShiftID(a.word())
	} else {
		l.Interval, l.Step, l.Zone = schedule.Some(a.span(a.word())), schedule.Minutes(a.int("step")), a.take("zone")
	}
	for _, w := range a.list("days") {
		d, err := schedule.ParseWeekday(w)
		if err != nil {
			a.fail("%w", err)
		}
		l.Days |= schedule.MakeWeekdays(d)
	}
	l.Dates = a.dates("dates")
	l.Agents = schedule.AgentsNeed{Min: a.optional("min"), Target: a.optional("target"), Max: a.optional("max"),
		MinWeight: a.cost("minweight"), TargetWeight: a.cost("targetweight"), MaxWeight: a.cost("maxweight")}
	count, weight := a.optional("count"), a.cost("weight")
	if lang := a.take("lang"); lang != "" {
		tag, text, _ := strings.Cut(lang, ":")
		level, err := schedule.ParseLevel(text)
		if err != nil {
			a.fail("%w", err)
		}
		l.Language = schedule.LanguageNeed{Tag: schedule.Language(tag), Level: level, Min: count, Capacity: a.optional("capacity"), Weight: weight}
	}
	if skill := a.take("skill"); skill != "" {
		name, text, _ := strings.Cut(skill, ":")
		level, err := schedule.ParseSkillLevel(text)
		if err != nil {
			a.fail("%w", err)
		}
		l.Skill = schedule.SkillNeed{Name: name, Level: level, Min: count, Weight: weight}
	}
	b.book.Demand = append(b.book.Demand, l)
}

func (b *builder) avail(a *args) {
	e := schedule.Availability{Agent: schedule.AgentID(a.word()), Hours: a.span(a.take("hours")), Recurrence: a.recurrence("rrule"),
		Shifts: ids[schedule.ShiftID](a.list("shifts")), Tags: a.list("tags"), Weight: a.cost("weight"), State: schedule.RequestState(a.take("state"))}
	kind, err := schedule.ParseAvailabilityKind(a.word())
	if err != nil {
		a.fail("%w", err)
	}
	e.Kind = kind
	e.ID = schedule.AvailabilityID(fmt.Sprintf("a%d", len(b.book.Availability)+1))
	if len(a.words) > 0 {
		e.From = a.day(a.word())
		e.To = e.From
	}
	if len(a.words) > 0 {
		e.To = a.day(a.word())
	}
	b.book.Availability = append(b.book.Availability, e)
}

func (b *builder) occupied(a *args) {
	work := a.flag("work")
	busy := schedule.Busy{Agent: schedule.AgentID(a.word()), Work: work, Team: schedule.TeamID(a.take("team"))}
	day := a.day(a.word())
	busy.Interval, _ = a.span(a.word()).On(day, b.here(a))
	if work {
		busy.Day, busy.Paid = day, busy.Interval.Minutes()
	}
	b.busy = append(b.busy, busy)
}

func (b *builder) rule(a *args) {
	r := schedule.Rule{Name: schedule.RuleName(a.word()), ID: schedule.RuleID(a.take("id"))}
	if r.ID == "" {
		r.ID = schedule.RuleID(fmt.Sprintf("%s-%d", r.Name, len(b.book.Rules)+1))
	}
	switch weight := a.cost("weight"); {
	case a.flag("hard"):
		r.Force = schedule.Hard
	case a.flag("off"):
		r.Force = schedule.Off
	case weight.Set:
		r.Force, r.Weight = schedule.Weighted, weight.Value
	}
	r.Scope = schedule.Scope{Contracts: ids[schedule.ContractID](a.list("contracts")), Agents: ids[schedule.AgentID](a.list("agents")), Tags: a.list("tags")}
	r.Params = schedule.Params{}
	for _, name := range a.order {
		if a.has(name) {
			r.Params[name] = schedule.ParseValue(a.take(name))
		}
	}
	for _, p := range schedule.CheckRule(schedule.Book{}, r) {
		if !p.Warning && p.Field != "agents" && p.Field != "shift" {
			a.fail("%s: %s", p.Field, p.What)
		}
	}
	b.book.Rules = append(b.book.Rules, r)
}

func (b *builder) rotation(a *args) {
	r := schedule.Rotation{ID: schedule.RotationID(fmt.Sprintf("r%d", len(b.book.Rotations)+1)), Pattern: schedule.PatternID(a.word()),
		Start: a.date("start"), From: a.date("from"), Until: a.date("until"), Weight: a.cost("weight")}
	for _, letter := range a.order {
		if len(letter) == 1 && a.has(letter) {
			shift, next := strings.CutSuffix(a.take(letter), "+")
			r.Letters = append(r.Letters, schedule.Letter{Letter: letter, Shift: schedule.ShiftID(shift), Next: next})
		}
	}
	for k, crew := range strings.Split(a.word(), "/") {
		r.Crews = append(r.Crews, schedule.Crew{Name: fmt.Sprintf("crew %d", k+1), Agents: ids[schedule.AgentID](strings.Split(crew, ","))})
	}
	b.book.Rotations = append(b.book.Rotations, r)
}

// wanted reads a line of the result.
func (b *builder) wanted(words []string) error {
	if len(words) == 1 && words[0] == "nothing" {
		b.nothing = true
		return nil
	}
	if len(words) == 4 {
		words = slices.Insert(slices.Clone(words), 1, "")
	}
	if len(words) != 5 {
		return fmt.Errorf("write: want RULE [AGENTS] AMOUNT UNIT hard|COST")
	}
	w := Want{Rule: schedule.RuleName(words[0]), Agents: words[1], Unit: schedule.Unit(words[3]), Hard: words[4] == "hard"}
	def, known := schedule.FindDefinition(w.Rule)
	if !known || def.Unit != w.Unit {
		return fmt.Errorf("no rule %q counts %s", w.Rule, w.Unit)
	}
	var err error
	if w.Amount, err = strconv.Atoi(words[2]); err != nil {
		return err
	}
	if !w.Hard {
		n, err := strconv.Atoi(words[4])
		if err != nil {
			return err
		}
		w.Cost = schedule.Cost(n)
	}
	b.want = append(b.want, w)
	return nil
}
