package schedule

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Validate lists everything that is wrong with a book, section by section, never only the first problem: ids that
// cannot be used or are used twice, references to nothing (with the nearest valid word), values out of range, ranges
// the wrong way round, times that do not exist, statements that contradict each other, and as warnings statements that
// can have no effect or cannot be met. Names and parameters of rules are checked against the catalogue when there is
// one that knows them (see RuleCheck). The result depends on the book alone.
func (b Book) Validate() Problems {
	v := &validator{book: b, zones: map[string]string{}}
	v.team()
	for i, s := range b.Shifts {
		v.shift(i, s)
	}
	for i, l := range b.Demand {
		v.demandLine(i, l)
	}
	v.demandTogether()
	v.weekOfWork()
	for i, c := range b.Contracts {
		v.contract(i, c)
	}
	for i, r := range b.Rules {
		v.rule(i, r)
	}
	for i, p := range b.Patterns {
		v.pattern(i, p)
	}
	for i, r := range b.Rotations {
		v.rotation(i, r)
	}
	for i, h := range b.Holidays {
		v.holiday(i, h)
	}
	for i, a := range b.Agents {
		v.agent(i, a)
	}
	for i, a := range b.Availability {
		v.availability(i, a)
	}
	v.pins()
	return v.found
}

// RuleCheck, when set, checks name and parameters of a rule against the catalogue and returns problems whose Field,
// What, Hint and Warning are filled. It is set once, while packages are initialised.
var RuleCheck func(b Book, r Rule) []Problem

// validator collects problems; section, index and id say where it is.
type validator struct {
	book    Book
	found   Problems
	section string
	index   int
	id      string
	seen    map[string]int    // folded id to index, of the section
	zones   map[string]string // zone to what is wrong with it
	// compared counts the words that unknown ones were compared with.
	compared int
}

// at moves to an entry and checks its id, unless it may be without.
func (v *validator) at(section string, index int, id string, mayLack bool) {
	if v.section != section {
		v.seen = map[string]int{}
	}
	v.section, v.index, v.id = section, index, id
	if id == "" && mayLack {
		return
	}
	if err := CheckID(id); err != nil {
		v.bad("id", "%v", err)
		return
	}
	folded := strings.ToLower(id)
	if first, twice := v.seen[folded]; twice {
		v.bad("id", "id %q is used twice in %s, first by number %d (capital and small letters are the same)", id, section, first+1)
		return
	}
	v.seen[folded] = index
}

func (v *validator) bad(field, format string, args ...any) {
	v.add(Problem{Field: field, What: fmt.Sprintf(format, args...)})
}

func (v *validator) warn(field, format string, args ...any) {
	v.add(Problem{Field: field, What: fmt.Sprintf(format, args...), Warning: true})
}

func (v *validator) add(p Problem) {
	p.Section, p.Index, p.ID = v.section, v.index, v.id
	v.found = append(v.found, p)
}

// oneOf reports a word that is not among the valid ones.
func oneOf[T ~string](v *validator, field, noun string, word T, valid []T) bool {
	if slices.Contains(valid, word) {
		return true
	}
	if v.compared += len(valid); v.compared > maxCompared {
		v.bad(field, "%v", &UnknownError{Noun: noun, Word: string(word)})
		return false
	}
	v.bad(field, "%v", unknown(noun, string(word), valid))
	return false
}

// maxCompared bounds how many words are compared to find the nearest: thousands of unknown words in a large book
// would take long, and after the first of them nobody needs more advice.
const maxCompared = 50_000

func (v *validator) zone(field, name string) bool {
	what, known := v.zones[name]
	if !known {
		_, listed := slices.BinarySearch(zoneNames(), name)
		if !listed {
			v.compared += len(zoneNames())
		}
		if v.compared > maxCompared && !listed {
			what = (&UnknownError{Noun: "time zone", Word: name}).Error()
		} else if _, err := LoadZone(name); err != nil {
			what = err.Error()
		}
		v.zones[name] = what
	}
	if what != "" {
		v.bad(field, "%s", what)
	}
	return what == ""
}

func (v *validator) clock(field string, c Clock, last Clock) {
	if c < Midnight || c > last {
		v.bad(field, "%s is outside 00:00 to %s", c, last)
	}
}

func (v *validator) span(field string, s ClockSpan) {
	v.clock(field+".start", s.Start, EndOfDay-1)
	v.clock(field+".end", s.End, EndOfDay)
}

func (v *validator) order(field string, from, to Date) {
	if !from.IsZero() && !to.IsZero() && to.Before(from) {
		v.bad(field, "%s is before the first date, %s", to, from)
	}
}

// atLeast reports a number below the least allowed.
func atLeast[T ~int | ~int64](v *validator, field string, n, least T) {
	if n < least {
		v.bad(field, "%d is less than %d", int64(n), int64(least))
	}
}

// ascending reports a later bound that is below an earlier one, among those stated.
func ascending[T ~int](v *validator, names [3]string, bounds [3]Optional[T], show func(T) string) {
	for i, low := range bounds {
		for j := i + 1; j < len(bounds); j++ {
			if high := bounds[j]; low.Set && high.Set && high.Value < low.Value {
				v.bad(names[j], "%s is below %s, %s", show(high.Value), names[i][strings.LastIndexByte(names[i], '.')+1:], show(low.Value))
				return
			}
		}
	}
}

func (v *validator) word(field, noun, s string) {
	if s == "" || strings.ContainsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) || r == ',' }) {
		v.bad(field, "bad %s %q: it is a word without spaces and commas", noun, s)
	}
}

// line checks text that goes into tables, calendars and messages.
func (v *validator) line(field, s string) {
	if !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl) {
		v.bad(field, "the text holds control characters or is not UTF-8")
	}
}

func (v *validator) countries(field string, list []Country) {
	for i, c := range list {
		at := fmt.Sprintf("%s.%d", field, i)
		if _, err := ParseCountry(string(c)); err != nil {
			v.bad(at, "%v", err)
		} else if !withArmenia()[c] {
			v.add(Problem{Field: at, What: unknown("holiday calendar", string(c), HolidayCountries()).Error(),
				Hint: "or list its dates as the team's own"})
		}
	}
}

func (v *validator) shiftRefs(field string, shifts []ShiftID) {
	for i, s := range shifts {
		oneOf(v, fmt.Sprintf("%s.%d", field, i), "shift", s, v.shiftIDs())
	}
}

func (v *validator) shiftIDs() []ShiftID {
	ids := make([]ShiftID, len(v.book.Shifts))
	for i, s := range v.book.Shifts {
		ids[i] = s.ID
	}
	return ids
}

func (v *validator) agentIDs() []AgentID {
	ids := make([]AgentID, len(v.book.Agents))
	for i, a := range v.book.Agents {
		ids[i] = a.ID
	}
	return ids
}

func (v *validator) contractIDs() []ContractID {
	ids := make([]ContractID, len(v.book.Contracts))
	for i, c := range v.book.Contracts {
		ids[i] = c.ID
	}
	return ids
}

func (v *validator) team() {
	t := v.book.Team
	v.section, v.index, v.id = "team", -1, string(t.ID)
	if err := CheckID(t.ID); err != nil {
		v.bad("id", "%v", err)
	}
	v.line("name", t.Name)
	v.zone("timezone", t.Zone)
	if t.WeekStart < 0 || t.WeekStart > 6 {
		v.bad("week_start", "there is no weekday %d", int(t.WeekStart))
	}
	v.clock("weekend.start", t.Weekend.Start.Clock, EndOfDay)
	v.clock("weekend.end", t.Weekend.End.Clock, EndOfDay)
	v.span("night", t.Night)
	v.countries("holidays", t.Holidays)
	for _, w := range []struct {
		name string
		n    int
	}{{"night", t.Burden.Night}, {"weekend", t.Burden.Weekend}, {"holiday", t.Burden.Holiday}, {"short_notice", t.Burden.ShortNotice}} {
		if w.n < 0 || w.n > 1000 {
			v.bad("burden."+w.name, "%d percent is outside 0 to 1000", w.n)
		}
	}
	atLeast(v, "short_notice", t.ShortNotice, 0)
	atLeast(v, "half_life", t.HalfLife, 0)
	if t.Manager != "" {
		oneOf(v, "manager", "agent", t.Manager, v.agentIDs())
	}
	v.reminders(t.Reminders)
	if t.Quiet.Set {
		v.span("quiet", t.Quiet.Value)
	}
	v.messages(t.Messages)
	atLeast(v, "feed.past", t.Feed.Past, 0)
	atLeast(v, "feed.future", t.Feed.Future, 0)
	atLeast(v, "feed.cancelled", t.Feed.Cancelled, 0)
	atLeast(v, "feed.alarm", t.Feed.Alarm.Value, 0)
	for i, g := range t.Groups {
		field := fmt.Sprintf("groups.%d", i)
		v.word(field+".group", "user group", g.Group)
		v.shiftRefs(field+".shifts", g.Shifts)
		for k, a := range g.Fallback {
			oneOf(v, fmt.Sprintf("%s.fallback.%d", field, k), "agent", a, v.agentIDs())
		}
	}
}

func (v *validator) reminders(list []Minutes) {
	for i, r := range list {
		if r < 1 || r > Hours(24*14) {
			v.bad(fmt.Sprintf("reminders.%d", i), "%s is outside 1m to 336h", r)
		}
	}
}

func (v *validator) messages(m MessageSettings) {
	for i, kind := range m.Skip {
		field := fmt.Sprintf("messages.skip.%d", i)
		switch {
		case !oneOf(v, field, "kind of message", kind, MessageKinds()):
		case kind == MissedMessage:
			v.add(Problem{Field: field, What: "messages of kind missed cannot be switched off", Hint: "they say what was not sent, and go to the manager alone"})
		case slices.Contains(m.Skip[:i], kind):
			v.bad(field, "%s is listed twice", kind)
		}
	}
	v.clock("messages.digest_at", m.DigestAt, EndOfDay-1)
	within := func(field string, n, least, most Minutes) {
		if n < least || n > most {
			v.bad("messages."+field, "%s is outside %s to %s", n, least, most)
		}
	}
	within("gap_within", m.GapWithin, Hours(1), Hours(24*14))
	within("escalate_after", m.EscalateAfter, 1, Hours(12))
	within("offer_every", m.OfferEvery, 1, Hours(24*7))
	if m.OfferWave < 1 || m.OfferWave > 1000 {
		v.bad("messages.offer_wave", "%d is outside 1 to 1000", m.OfferWave)
	}
}

func (v *validator) shift(i int, s Shift) {
	v.at("shifts", i, string(s.ID), false)
	v.line("name", s.Name)
	if n := utf8.RuneCountInString(s.Code); n > 3 {
		v.bad("code", "%q is longer than 3 characters", s.Code)
	}
	v.line("code", s.Code)
	v.clock("start", s.Start, EndOfDay-1)
	v.clock("end", s.End, EndOfDay)
	if s.Recurrence.NeedsFrom() && s.From.IsZero() {
		v.add(Problem{Field: "rrule", What: "the rrule counts from a first date", Hint: "give one with from"})
	}
	v.order("until", s.From, s.Until)
	if s.Break < 0 || s.Break >= s.Hours().Length() {
		v.bad("break", "%s is not within the %s of the shift", s.Break, s.Hours().Length())
	}
	if s.Paid.Set && (s.Paid.Value < 0 || s.Paid.Value > Hours(48)) {
		v.bad("paid", "%s is outside 0h to 48h", s.Paid.Value)
	}
	atLeast(v, "burden", s.Burden, 0)
	for k, t := range s.Tags {
		v.word(fmt.Sprintf("tags.%d", k), "tag", t)
	}
	for k, d := range s.Except {
		if slices.Contains(s.Also, d) {
			v.warn(fmt.Sprintf("except.%d", k), "%s is both an exception and an extra date; it is left out", d)
		}
	}
	if s.Zone != "" && !v.zone("timezone", s.Zone) || !s.Start.Valid() {
		return
	}
	if loc, err := s.ZoneIn(v.book.Team); err == nil {
		for k, d := range s.Also {
			if Exists(d, s.Start, loc) == Never {
				v.bad(fmt.Sprintf("also.%d", k), "%s %s does not exist in %s: the clocks skip it", d, s.Start, loc)
			}
		}
	}
}

func (v *validator) contract(i int, c Contract) {
	v.at("contracts", i, string(c.ID), false)
	v.line("name", c.Name)
	names := [3]string{"hours_per_week.min", "hours_per_week.target", "hours_per_week.max"}
	bounds := [3]Optional[Minutes]{c.Min, c.Target, c.Max}
	for k, b := range bounds {
		if b.Value < 0 || b.Value > Hours(168) {
			v.bad(names[k], "%s is outside 0h to 168h", b.Value)
		}
	}
	ascending(v, names, bounds, Minutes.String)
	if c.Extra < 0 || c.Extra > Hours(168) {
		v.bad("extra_hours_per_week", "%s is outside 0h to 168h", c.Extra)
	}
	v.shiftRefs("shifts", c.Shifts)
}

func (v *validator) agent(i int, a Agent) {
	v.at("agents", i, string(a.ID), false)
	if strings.TrimSpace(a.Name) == "" {
		v.bad("name", "the name is empty")
	}
	v.line("name", a.Name)
	if a.Zone != "" {
		v.zone("timezone", a.Zone)
	}
	if a.Contract != "" {
		oneOf(v, "contract", "contract", a.Contract, v.contractIDs())
	} else if len(v.book.Contracts) > 0 {
		v.warn("contract", "no contract: any shift and any hours are allowed")
	}
	if a.Email != "" && (strings.Count(a.Email, "@") != 1 || strings.ContainsFunc(a.Email, unicode.IsSpace)) {
		v.bad("email", "bad address %q", a.Email)
	}
	if k := slices.IndexFunc(v.book.Agents[:i], func(b Agent) bool { return a.Slack != "" && a.Slack == b.Slack }); k >= 0 {
		v.bad("slack", "%s is also the Slack id of %s, number %d", a.Slack, v.book.Agents[k].ID, k+1)
	}
	if k := slices.IndexFunc(v.book.Agents[:i], func(b Agent) bool { return a.Email != "" && strings.EqualFold(a.Email, b.Email) }); k >= 0 {
		v.bad("email", "%s is also the address of %s, number %d", a.Email, v.book.Agents[k].ID, k+1)
	}
	for _, tag := range sortedKeys(a.Languages) {
		v.language("languages."+string(tag), tag)
		if l := a.Languages[tag]; l < A1 || l > Native {
			v.bad("languages."+string(tag), "there is no level %d: use one of %s", int(l), strings.Join(Levels(), ", "))
		}
	}
	for _, name := range sortedKeys(a.Skills) {
		v.word("skills."+name, "skill", name)
		if l := a.Skills[name]; !l.Valid() {
			v.bad("skills."+name, "level %d is outside 1 to %d", int(l), MaxSkill)
		}
	}
	for k, t := range a.Tags {
		v.word(fmt.Sprintf("tags.%d", k), "tag", t)
	}
	v.countries("holidays", a.Holidays)
	v.order("to", a.From, a.To)
	if a.Extra.Value < 0 || a.Extra.Value > Hours(168) {
		v.bad("extra_hours_per_week", "%s is outside 0h to 168h", a.Extra.Value)
	}
	v.reminders(a.Reminders)
	if a.Quiet.Set {
		v.span("quiet", a.Quiet.Value)
	}
}

func (v *validator) language(field string, tag Language) {
	canonical, err := ParseLanguage(string(tag))
	if err != nil {
		v.bad(field, "%v", err)
	} else if canonical != tag {
		v.bad(field, "language %q is written %q", tag, canonical)
	}
}

func (v *validator) rule(i int, r Rule) {
	v.at("rules", i, string(r.ID), true)
	if r.Name == "" {
		v.bad("rule", "the rule has no name")
	} else if RuleCheck != nil {
		for _, p := range RuleCheck(v.book, r) {
			v.add(p)
		}
	}
	if !slices.Contains([]Force{ByDefault, Hard, Weighted, Off}, r.Force) {
		v.bad("force", "%v", unknown("force", string(r.Force), []Force{Hard, Weighted, Off}))
	}
	if r.Weight < 0 || r.Weight > maxWeight {
		v.bad("weight", "%d is outside 0 to %d", r.Weight, maxWeight)
	}
	for k, c := range r.Scope.Contracts {
		oneOf(v, fmt.Sprintf("contracts.%d", k), "contract", c, v.contractIDs())
	}
	for k, a := range r.Scope.Agents {
		oneOf(v, fmt.Sprintf("agents.%d", k), "agent", a, v.agentIDs())
	}
	for k, t := range r.Scope.Tags {
		if !slices.ContainsFunc(v.book.Agents, func(a Agent) bool { return a.HasTag(t) }) {
			v.warn(fmt.Sprintf("tags.%d", k), "no agent has the tag %q", t)
		}
	}
}

// maxWeight keeps sums of costs far from the limits of integers.
const maxWeight Cost = 1_000_000

func (v *validator) weight(field string, w Optional[Cost]) {
	if w.Value < 0 || w.Value > maxWeight {
		v.bad(field, "%d is outside 0 to %d", w.Value, maxWeight)
	}
}

func (v *validator) pattern(i int, p Pattern) {
	v.at("patterns", i, string(p.ID), false)
	if _, known := FindPattern(nil, p.ID); known {
		v.bad("id", "%q is a built-in pattern: choose another id", p.ID)
	}
	if p.Days == "" || strings.Trim(p.Days, "-") == "" {
		v.bad("days", "the string has no day of work")
	}
	if strings.ContainsFunc(p.Days, func(r rune) bool { return r > unicode.MaxASCII || r != '-' && !unicode.IsLetter(r) }) {
		v.bad("days", "bad string %q: one letter per day, '-' for a day off", p.Days)
	}
	if len(p.Days) > 366 {
		v.bad("days", "the string is longer than a year")
	}
	if len(p.Offsets) == 0 {
		atLeast(v, "step", p.Step, 1)
	}
	for k, o := range p.Offsets {
		if o < 0 || o >= max(len(p.Days), 1) {
			v.bad(fmt.Sprintf("offsets.%d", k), "offset %d is outside the string's %d days", o, len(p.Days))
		}
	}
}

func (v *validator) rotation(i int, r Rotation) {
	v.at("rotations", i, string(r.ID), true)
	var names []PatternID
	for _, p := range append(slices.Clone(v.book.Patterns), builtIn...) {
		names = append(names, p.ID)
	}
	if oneOf(v, "pattern", "pattern", r.Pattern, names) {
		p, _ := FindPattern(v.book.Patterns, r.Pattern)
		used := map[byte]bool{}
		for k, l := range r.Letters {
			field := fmt.Sprintf("letters.%d", k)
			switch {
			case len(l.Letter) != 1 || !strings.Contains(p.Days, l.Letter) || l.Letter == "-":
				v.bad(field, "letter %q is not in the pattern %s", l.Letter, p.Days)
				continue
			case used[l.Letter[0]]:
				v.bad(field, "letter %q has two shifts", l.Letter)
			}
			used[l.Letter[0]] = true
			oneOf(v, field+".shift", "shift", l.Shift, v.shiftIDs())
		}
		for k := range len(p.Days) {
			if c := p.Days[k]; c != '-' && !used[c] {
				v.bad("letters", "letter %q of the pattern has no shift", string(c))
				used[c] = true
			}
		}
	}
	if r.Start.IsZero() {
		v.bad("start", "the rotation has no first day")
	}
	v.order("until", r.From, r.Until)
	v.weight("weight", r.Weight)
	in := map[AgentID]bool{}
	for k, c := range r.Crews {
		field := fmt.Sprintf("crews.%d", k)
		atLeast(v, field+".offset", c.Offset.Value, 0)
		atLeast(v, field+".size", c.Size, 0)
		for n, a := range c.Agents {
			if at := fmt.Sprintf("%s.agents.%d", field, n); oneOf(v, at, "agent", a, v.agentIDs()) && in[a] {
				v.bad(at, "%s is in two crews", a)
			}
			in[a] = true
		}
	}
}

func (v *validator) holiday(i int, h Holiday) {
	if i == 0 {
		v.seen = nil
	}
	v.section, v.index, v.id = "holidays", i, ""
	if h.Date.IsZero() {
		v.bad("date", "the holiday has no date")
	}
	v.line("name", h.Name)
	if _, err := ParseCountry(string(h.Country)); err != nil && h.Country != "" {
		v.bad("country", "%v", err)
	}
	if slices.ContainsFunc(v.book.Holidays[:i], func(o Holiday) bool { return o.Key() == h.Key() }) {
		v.bad("date", "%s is listed twice", strings.TrimSpace(h.Key()))
	}
}

func (v *validator) availability(i int, a Availability) {
	v.at("availability", i, string(a.ID), true)
	known := oneOf(v, "agent", "agent", a.Agent, v.agentIDs())
	if !oneOf(v, "kind", "kind of availability", a.Kind, AvailabilityKinds()) {
		return
	}
	if a.State != "" {
		oneOf(v, "state", "state of a request", a.State, RequestStates())
	}
	v.order("to", a.From, a.To)
	v.span("hours", a.Hours)
	v.shiftRefs("shifts", a.Shifts)
	v.weight("weight", a.Weight)
	v.line("note", a.Note)
	if a.Weight.Set && a.Kind != Avoid && a.Kind != Prefer {
		v.bad("weight", "%s has no weight: it always holds", a.Kind)
	}
	if a.Recurrence.NeedsFrom() && a.From.IsZero() {
		v.add(Problem{Field: "rrule", What: "the rrule counts from a first date", Hint: "give one with from"})
	}
	narrowed := len(a.Shifts)+len(a.Tags) > 0
	dated := !a.From.IsZero() || !a.To.IsZero() || !a.Recurrence.IsZero()
	switch {
	case narrowed && (a.Kind == Leave || a.Kind == Outside):
		v.bad("shifts", "%s cannot be narrowed to shifts", a.Kind)
	case !a.Exact.IsEmpty() && (dated || !a.Hours.IsWholeDay()):
		v.bad("exact", "exact times and dates exclude each other")
	case a.Kind == Leave && a.Exact.IsEmpty() && (a.From.IsZero() || a.To.IsZero()) && a.Recurrence.IsZero():
		v.bad("from", "leave needs its first and last date")
	case !dated && !narrowed && a.WholeDays() && a.Exact.IsEmpty() && a.Kind != Available:
		v.bad("from", "the entry says neither when nor which shifts")
	}
	if known && a.Exact.IsEmpty() && !a.From.IsZero() && a.From == a.To && !a.Hours.IsWholeDay() {
		agent := v.book.Agents[slices.Index(v.agentIDs(), a.Agent)]
		if loc, err := agent.Location(v.book.Team); err == nil && a.Hours.Start.Valid() && Exists(a.From, a.Hours.Start, loc) == Never {
			v.bad("hours.start", "%s %s does not exist in %s: the clocks skip it", a.From, a.Hours.Start, loc)
		}
	}
	for k := range v.book.Availability[:i] {
		o := &v.book.Availability[k]
		if o.Agent == a.Agent && contradict(o.Kind, a.Kind) && sameTime(*o, a) {
			v.bad("kind", "%s contradicts %s for the same time", a.Kind, o.Kind)
			break
		}
	}
}

// sameTime reports whether two entries speak about exactly the same time and slots.
func sameTime(a, b Availability) bool {
	return a.From == b.From && a.To == b.To && a.Recurrence == b.Recurrence &&
		(a.Hours == b.Hours || a.Hours.IsWholeDay() && b.Hours.IsWholeDay()) && a.Exact == b.Exact &&
		slices.Equal(a.Shifts, b.Shifts) && slices.Equal(a.Tags, b.Tags) && a.InForce() == b.InForce()
}

// contradict reports whether two kinds cannot both be meant for the same time.
func contradict(a, b AvailabilityKind) bool {
	blocks := func(k AvailabilityKind) bool { return k == Leave || k == Unavailable || k == Outside }
	wants := func(k AvailabilityKind) bool { return k == Available || k == Prefer }
	return blocks(a) && wants(b) || wants(a) && blocks(b) || a == Avoid && b == Prefer || a == Prefer && b == Avoid
}

func (v *validator) pins() {
	type placed struct {
		slot Slot
		id   SlotID
	}
	forced := map[AgentID][]placed{}
	seen := map[string]int{}
	for i, p := range v.book.Pins {
		v.section, v.index, v.id = "pins", i, ""
		if first, twice := seen[p.Key()]; twice {
			v.bad("", "%s on %s is pinned twice, first by number %d", p.Agent, p.Slot, first+1)
		}
		seen[p.Key()] = i
		known := oneOf(v, "agent", "agent", p.Agent, v.agentIDs())
		id, date, err := ParseSlotID(string(p.Slot))
		if err != nil {
			v.bad("date", "%v", err)
			continue
		}
		if !oneOf(v, "shift", "shift", id, v.shiftIDs()) {
			continue
		}
		shift := v.book.Shifts[slices.Index(v.shiftIDs(), id)]
		slots, err := ExpandSlots(v.book.Team, []Shift{shift}, date.AddDays(-margin), date.AddDays(margin))
		if err != nil {
			continue // said where the shift or the team is
		}
		at := slices.IndexFunc(slots, func(s Slot) bool { return s.ID == p.Slot })
		if at < 0 {
			v.bad("date", "shift %s does not take place on %s", id, date)
			continue
		}
		if !known || p.Forbid {
			continue
		}
		slot := slots[at]
		agent := v.book.Agents[slices.Index(v.agentIDs(), p.Agent)]
		if !agent.Employed(slot.Day) {
			v.bad("agent", "%s is not employed on %s", p.Agent, slot.Day)
		}
		if k := slices.Index(v.contractIDs(), agent.Contract); k >= 0 && !v.book.Contracts[k].Allows(id) {
			v.bad("shift", "contract %s of %s does not allow shift %s", agent.Contract, p.Agent, id)
		}
		if st, err := StandingOf(v.book.Team, agent, v.book.Availability, slot); err == nil && st.Blocked() {
			v.bad("agent", "%s is not available on %s", p.Agent, p.Slot)
		}
		for _, o := range forced[p.Agent] {
			if o.slot.Day == slot.Day || o.slot.Overlaps(slot) {
				v.bad("agent", "%s is pinned to %s too, on the same day or time", p.Agent, o.id)
				break
			}
		}
		forced[p.Agent] = append(forced[p.Agent], placed{slot, p.Slot})
	}
}

// maxDemandWork bounds how many lines demandTogether applies, so that no book takes long to judge.
const maxDemandWork = 1_000_000

// demandTogether looks for dates on which the lines of one shift, each fine by itself, add up to a contradiction.
func (v *validator) demandTogether() {
	b := v.book
	holidays := HolidayDates(b.Holidays, b.Team.Holidays)
	var dates []Date
	far := Date{Year: 2401, Month: 1, Day: 1} // a week that no line is likely to single out, told as days of the week
	for n := range 7 {
		dates = append(dates, far.AddDays(n))
	}
	for _, l := range b.Demand {
		dates = append(dates, l.Dates...)
		for n := range 7 {
			dates = append(dates, cmp.Or(l.From, l.Until.AddDays(1)).AddDays(n))
		}
	}
	dates = slices.DeleteFunc(dates, Date.IsZero)
	slices.SortFunc(dates[7:], Date.Compare)
	dates = slices.Compact(dates)
	told, work := map[int]bool{}, 0
	for _, s := range b.Shifts {
		var lines []DemandLine
		for _, l := range b.Demand {
			if !l.Interval.Set && l.Agents != (AgentsNeed{}) && (l.Shift == s.ID || l.Shift == AnyShift) {
				lines = append(lines, l)
			}
		}
		for _, d := range dates {
			// The product of shifts, dates and lines is small for every real team. A book beyond it is judged in part only.
			if work += 50 + len(lines); work > maxDemandWork {
				return
			}
			if on, err := s.Dates(d, d); err != nil || len(on) == 0 && d.Year != far.Year {
				continue
			}
			need := ResolveDemand(lines, []Slot{{ID: MakeSlotID(s.ID, d), Shift: s.ID, Date: d}}, holidays)[0].Demand
			top := max(need.Min, need.Target.Or(need.Min))
			if need.Target.Or(need.Min) >= need.Min && need.Max.Or(top) >= top {
				continue
			}
			for i := len(b.Demand) - 1; i >= 0; i-- {
				l := b.Demand[i]
				if l.Interval.Set || l.Agents == (AgentsNeed{}) || l.Shift != s.ID && l.Shift != AnyShift || !l.Selects(d, holidays) {
					continue
				}
				if !told[i] {
					told[i] = true
					v.section, v.index, v.id = "demand", i, string(l.ID)
					when := d.String()
					if d.Year == far.Year {
						when = "a " + d.Weekday().String()
					}
					v.bad("agents", "with the lines before, shift %s on %s needs min %d, target %s, max %s: each must be at least the one before",
						s.ID, when, need.Min, orNone(need.Target.String()), orNone(need.Max.String()))
				}
				break
			}
		}
	}
}
