package teamfile

import (
	"fmt"
	"slices"

	"rota/schedule"
)

// singular is the word for one entry of a section, as package schedule says it.
var singular = map[string]string{"shifts": "shift", "demand": "demand line", "contracts": "contract", "rules": "rule",
	"patterns": "pattern", "rotations": "rotation", "holidays": "holiday", "agents": "agent",
	"availability": "availability entry", "pins": "pin"}

// teamFields are the keys of the team itself. What is as in schedule.NewTeam is left out.
var teamFields = []field[schedule.Team]{
	always("team", text[schedule.TeamID](), func(t *schedule.Team) *schedule.TeamID { return &t.ID }).needed().at("id"),
	stated("name", text[string](), func(t *schedule.Team) *string { return &t.Name }),
	always("timezone", text[string](), func(t *schedule.Team) *string { return &t.Zone }).needed(),
	stated("week_start", weekday, func(t *schedule.Team) *weekdayOf { return &t.WeekStart }),
	stated("weekend", weekend, func(t *schedule.Team) *schedule.WeekSpan { return &t.Weekend }),
	stated("night", clockSpan, func(t *schedule.Team) *schedule.ClockSpan { return &t.Night }),
	stated("short_notice", duration, func(t *schedule.Team) *schedule.Minutes { return &t.ShortNotice }),
	stated("half_life", days, func(t *schedule.Team) *int { return &t.HalfLife }),
	stated("manager", text[schedule.AgentID](), func(t *schedule.Team) *schedule.AgentID { return &t.Manager }),
	stated("reminders", teamReminders, func(t *schedule.Team) *[]schedule.Minutes { return &t.Reminders }),
	stated("quiet", orNone(clockSpan), func(t *schedule.Team) *schedule.Optional[schedule.ClockSpan] { return &t.Quiet }),
	group("messages", "messages", []field[schedule.Team]{
		stated("skip", list(messageKind), func(t *schedule.Team) *[]schedule.MessageKind { return &t.Messages.Skip }),
		stated("digest_at", clock, func(t *schedule.Team) *schedule.Clock { return &t.Messages.DigestAt }),
		stated("gap_within", duration, func(t *schedule.Team) *schedule.Minutes { return &t.Messages.GapWithin }),
		stated("escalate_after", duration, func(t *schedule.Team) *schedule.Minutes { return &t.Messages.EscalateAfter }),
		stated("offer_wave", whole, func(t *schedule.Team) *int { return &t.Messages.OfferWave }),
		stated("offer_every", duration, func(t *schedule.Team) *schedule.Minutes { return &t.Messages.OfferEvery }),
	}),
	group("burden", "burden", []field[schedule.Team]{
		stated("night", percent, func(t *schedule.Team) *int { return &t.Burden.Night }),
		stated("weekend", percent, func(t *schedule.Team) *int { return &t.Burden.Weekend }),
		stated("holiday", percent, func(t *schedule.Team) *int { return &t.Burden.Holiday }),
		stated("short_notice", percent, func(t *schedule.Team) *int { return &t.Burden.ShortNotice }),
	}),
	group("slack", ".", []field[schedule.Team]{
		stated("channel", text[string](), func(t *schedule.Team) *string { return &t.Channel }),
		stated("manager", text[string](), func(t *schedule.Team) *string { return &t.ManagerSlack }).at("manager_slack"),
		stated("groups", list(object("a user group", groupFields)), func(t *schedule.Team) *[]schedule.OnGroup { return &t.Groups }),
	}),
	group("feed", "feed", []field[schedule.Team]{
		stated("names", yesNo, func(t *schedule.Team) *bool { return &t.Feed.Names }),
		stated("leave", yesNo, func(t *schedule.Team) *bool { return &t.Feed.Leave }),
		stated("past", days, func(t *schedule.Team) *int { return &t.Feed.Past }),
		stated("future", days, func(t *schedule.Team) *int { return &t.Feed.Future }),
		stated("cancelled", days, func(t *schedule.Team) *int { return &t.Feed.Cancelled }),
		stated("alarm", optional(duration), func(t *schedule.Team) *schedule.Optional[schedule.Minutes] { return &t.Feed.Alarm }),
	}),
}

// stated is a key of the team that is left out when it is the default.
func stated[V any](name string, c codec[V], of func(*schedule.Team) *V) field[schedule.Team] {
	f := key(name, c, of)
	normal := schedule.NewTeam("", "", "")
	f.write = func(t *schedule.Team) (*node, error) {
		if equal(*of(t), *of(&normal)) {
			return nil, nil
		}
		return c.write(*of(t))
	}
	return f
}

var groupFields = []field[schedule.OnGroup]{
	always("group", text[string](), func(g *schedule.OnGroup) *string { return &g.Group }).needed(),
	key("shifts", list(text[schedule.ShiftID]()), func(g *schedule.OnGroup) *[]schedule.ShiftID { return &g.Shifts }),
	key("language", language, func(g *schedule.OnGroup) *schedule.Language { return &g.Language }),
	key("skill", text[string](), func(g *schedule.OnGroup) *string { return &g.Skill }),
	key("fallback", list(text[schedule.AgentID]()), func(g *schedule.OnGroup) *[]schedule.AgentID { return &g.Fallback }),
}

var shiftFields = []field[schedule.Shift]{
	always("id", text[schedule.ShiftID](), func(s *schedule.Shift) *schedule.ShiftID { return &s.ID }).needed(),
	key("name", text[string](), func(s *schedule.Shift) *string { return &s.Name }),
	key("code", text[string](), func(s *schedule.Shift) *string { return &s.Code }),
	always("start", clock, func(s *schedule.Shift) *schedule.Clock { return &s.Start }).needed(),
	always("end", clock, func(s *schedule.Shift) *schedule.Clock { return &s.End }).needed(),
	key("timezone", text[string](), func(s *schedule.Shift) *string { return &s.Zone }),
	onDays(func(s *schedule.Shift) *schedule.Recurrence { return &s.Recurrence }),
	byRule(func(s *schedule.Shift) *schedule.Recurrence { return &s.Recurrence }),
	key("from", date, func(s *schedule.Shift) *schedule.Date { return &s.From }),
	key("until", date, func(s *schedule.Shift) *schedule.Date { return &s.Until }),
	key("except", dates, func(s *schedule.Shift) *[]schedule.Date { return &s.Except }),
	key("also", dates, func(s *schedule.Shift) *[]schedule.Date { return &s.Also }),
	key("tags", list(text[string]()), func(s *schedule.Shift) *[]string { return &s.Tags }),
	key("break", duration, func(s *schedule.Shift) *schedule.Minutes { return &s.Break }),
	key("paid", optional(duration), func(s *schedule.Shift) *schedule.Optional[schedule.Minutes] { return &s.Paid }),
	key("burden", number[schedule.Points]("a whole number of points"), func(s *schedule.Shift) *schedule.Points { return &s.Burden }),
	key("color", text[string](), func(s *schedule.Shift) *string { return &s.Color }),
	key("location", text[string](), func(s *schedule.Shift) *string { return &s.Location }),
	key("link", text[string](), func(s *schedule.Shift) *string { return &s.Link }),
	key("note", text[string](), func(s *schedule.Shift) *string { return &s.Note }),
}

// onDays and byRule are the two ways to say a recurrence.
func onDays[T any](of func(*T) *schedule.Recurrence) field[T] {
	f := key("days", weekly, of)
	f.write = func(v *T) (*node, error) {
		if _, ok := daysOf(*of(v)); !ok {
			return nil, nil
		}
		return weekly.write(*of(v))
	}
	return f
}

func byRule[T any](of func(*T) *schedule.Recurrence) field[T] {
	f := key("rrule", rrule, of)
	f.write = func(v *T) (*node, error) {
		if _, ok := daysOf(*of(v)); ok || of(v).IsZero() {
			return nil, nil
		}
		return rrule.write(*of(v))
	}
	return f
}

// oneWay reports two keys of which an entry can state one.
func oneWay(r *reader, n *node, at, one, other string) {
	if n.has(one) && n.has(other) {
		r.bad(n.get(other), at+"."+other, fmt.Sprintf("%s and %s exclude each other", one, other), "keep one of them")
	}
}

var agentsNeedFields = []field[schedule.AgentsNeed]{
	key("min", optional(whole), func(a *schedule.AgentsNeed) *schedule.Optional[int] { return &a.Min }),
	key("target", optional(whole), func(a *schedule.AgentsNeed) *schedule.Optional[int] { return &a.Target }),
	key("max", optional(whole), func(a *schedule.AgentsNeed) *schedule.Optional[int] { return &a.Max }),
	key("min_weight", optional(weight), func(a *schedule.AgentsNeed) *schedule.Optional[schedule.Cost] { return &a.MinWeight }),
	key("target_weight", optional(weight), func(a *schedule.AgentsNeed) *schedule.Optional[schedule.Cost] { return &a.TargetWeight }),
	key("max_weight", optional(weight), func(a *schedule.AgentsNeed) *schedule.Optional[schedule.Cost] { return &a.MaxWeight }),
}

var languageNeedFields = []field[schedule.LanguageNeed]{
	key("tag", language, func(l *schedule.LanguageNeed) *schedule.Language { return &l.Tag }).needed(),
	key("level", level, func(l *schedule.LanguageNeed) *schedule.Level { return &l.Level }),
	key("min", optional(whole), func(l *schedule.LanguageNeed) *schedule.Optional[int] { return &l.Min }),
	key("capacity", optional(whole), func(l *schedule.LanguageNeed) *schedule.Optional[int] { return &l.Capacity }),
	key("weight", optional(weight), func(l *schedule.LanguageNeed) *schedule.Optional[schedule.Cost] { return &l.Weight }),
}

var skillNeedFields = []field[schedule.SkillNeed]{
	key("name", text[string](), func(s *schedule.SkillNeed) *string { return &s.Name }).needed(),
	key("level", skillLevel, func(s *schedule.SkillNeed) *schedule.SkillLevel { return &s.Level }),
	key("min", optional(whole), func(s *schedule.SkillNeed) *schedule.Optional[int] { return &s.Min }),
	key("weight", optional(weight), func(s *schedule.SkillNeed) *schedule.Optional[schedule.Cost] { return &s.Weight }),
}

var demandFields = []field[schedule.DemandLine]{
	key("id", text[schedule.DemandID](), func(l *schedule.DemandLine) *schedule.DemandID { return &l.ID }),
	key("shift", text[schedule.ShiftID](), func(l *schedule.DemandLine) *schedule.ShiftID { return &l.Shift }),
	key("interval", optional(clockSpan), func(l *schedule.DemandLine) *schedule.Optional[schedule.ClockSpan] { return &l.Interval }),
	key("step", duration, func(l *schedule.DemandLine) *schedule.Minutes { return &l.Step }),
	key("timezone", text[string](), func(l *schedule.DemandLine) *string { return &l.Zone }),
	key("days", weekdays, func(l *schedule.DemandLine) *schedule.Weekdays { return &l.Days }),
	{key: "date", what: date.what, path: "dates.0",
		read: func(r *reader, n *node, at string, l *schedule.DemandLine) {
			if d, ok := date.read(r, n, at); ok {
				l.Dates = []schedule.Date{d}
			}
		},
		write: func(l *schedule.DemandLine) (*node, error) {
			if len(l.Dates) != 1 {
				return nil, nil
			}
			return date.write(l.Dates[0])
		}},
	manyDates(),
	key("from", date, func(l *schedule.DemandLine) *schedule.Date { return &l.From }),
	key("until", date, func(l *schedule.DemandLine) *schedule.Date { return &l.Until }),
	key("holiday", optional(yesNo), func(l *schedule.DemandLine) *schedule.Optional[bool] { return &l.Holiday }),
	key("agents", object("agents", agentsNeedFields), func(l *schedule.DemandLine) *schedule.AgentsNeed { return &l.Agents }),
	needOf("language", object("language", languageNeedFields), func(l *schedule.DemandLine) *schedule.LanguageNeed { return &l.Language },
		func(n *schedule.LanguageNeed) *schedule.Optional[schedule.Cost] { return &n.Weight }),
	needOf("skill", object("skill", skillNeedFields), func(l *schedule.DemandLine) *schedule.SkillNeed { return &l.Skill },
		func(n *schedule.SkillNeed) *schedule.Optional[schedule.Cost] { return &n.Weight }),
	{key: "weight", what: weight.what, write: func(l *schedule.DemandLine) (*node, error) {
		if w := l.Language.Weight.Else(l.Skill.Weight); soleNeed(l) && w.Set {
			return weight.write(w.Value)
		}
		return nil, nil
	}},
	key("note", text[string](), func(l *schedule.DemandLine) *string { return &l.Note }),
}

func manyDates() field[schedule.DemandLine] {
	f := key("dates", dates, func(l *schedule.DemandLine) *[]schedule.Date { return &l.Dates })
	write := f.write
	f.write = func(l *schedule.DemandLine) (*node, error) {
		if len(l.Dates) == 1 {
			return nil, nil
		}
		return write(l)
	}
	return f
}

// soleNeed reports whether the line is about one language or one skill, so that its weight can stand beside it.
func soleNeed(l *schedule.DemandLine) bool {
	return (l.Language.Tag != "") != (l.Skill.Name != "") &&
		(l.Language == schedule.LanguageNeed{} || l.Skill == schedule.SkillNeed{})
}

// needOf is a need whose weight stands beside it when the line has no other.
func needOf[V comparable](name string, c codec[V], of func(*schedule.DemandLine) *V,
	price func(*V) *schedule.Optional[schedule.Cost]) field[schedule.DemandLine] {
	f := key(name, c, of)
	f.write = func(l *schedule.DemandLine) (*node, error) {
		need := *of(l)
		if isZero(need) {
			return nil, nil
		}
		if soleNeed(l) {
			*price(&need) = schedule.Optional[schedule.Cost]{}
		}
		return c.write(need)
	}
	return f
}

func finishDemand(r *reader, n *node, at string, l *schedule.DemandLine) {
	oneWay(r, n, at, "date", "dates")
	w := n.get("weight")
	if w == nil {
		return
	}
	price, ok := optional(weight).read(r, w, at+".weight")
	if !ok {
		return
	}
	if !n.has("language") && !n.has("skill") {
		r.bad(w, at+".weight", "weight is the price of a language or skill, and the line states none",
			"for agents use min_weight, target_weight or max_weight within agents")
		return
	}
	if n.has("language") {
		l.Language.Weight = l.Language.Weight.Else(price)
	}
	if n.has("skill") {
		l.Skill.Weight = l.Skill.Weight.Else(price)
	}
}

var contractFields = []field[schedule.Contract]{
	always("id", text[schedule.ContractID](), func(c *schedule.Contract) *schedule.ContractID { return &c.ID }).needed(),
	key("name", text[string](), func(c *schedule.Contract) *string { return &c.Name }),
	group("hours_per_week", "hours_per_week", []field[schedule.Contract]{
		key("min", optional(hours), func(c *schedule.Contract) *schedule.Optional[schedule.Minutes] { return &c.Min }),
		key("target", optional(hours), func(c *schedule.Contract) *schedule.Optional[schedule.Minutes] { return &c.Target }),
		key("max", optional(hours), func(c *schedule.Contract) *schedule.Optional[schedule.Minutes] { return &c.Max }),
	}),
	key("extra_hours_per_week", hours, func(c *schedule.Contract) *schedule.Minutes { return &c.Extra }),
	key("shifts", list(text[schedule.ShiftID]()), func(c *schedule.Contract) *[]schedule.ShiftID { return &c.Shifts }),
	key("note", text[string](), func(c *schedule.Contract) *string { return &c.Note }),
}

var ruleFields = []field[schedule.Rule]{
	key("id", text[schedule.RuleID](), func(v *schedule.Rule) *schedule.RuleID { return &v.ID }),
	always("rule", text[schedule.RuleName](), func(v *schedule.Rule) *schedule.RuleName { return &v.Name }).needed(),
	key("contracts", list(text[schedule.ContractID]()), func(v *schedule.Rule) *[]schedule.ContractID { return &v.Scope.Contracts }),
	key("agents", list(text[schedule.AgentID]()), func(v *schedule.Rule) *[]schedule.AgentID { return &v.Scope.Agents }),
	key("tags", list(text[string]()), func(v *schedule.Rule) *[]string { return &v.Scope.Tags }),
	{key: "force", what: force.what,
		read: func(r *reader, n *node, at string, v *schedule.Rule) { v.Force, _ = force.read(r, n, at) },
		write: func(v *schedule.Rule) (*node, error) {
			if v.Force == schedule.ByDefault || v.Force == schedule.Weighted {
				return nil, nil
			}
			return force.write(v.Force)
		}},
	{key: "weight", what: weight.what,
		read: func(r *reader, n *node, at string, v *schedule.Rule) { v.Weight, _ = weight.read(r, n, at) },
		write: func(v *schedule.Rule) (*node, error) {
			if v.Force != schedule.Weighted && v.Weight == 0 {
				return nil, nil
			}
			return weight.write(v.Weight)
		}},
	key("pack", text[string](), func(v *schedule.Rule) *string { return &v.Pack }),
	key("note", text[string](), func(v *schedule.Rule) *string { return &v.Note }),
}

// finishRule makes a stated weight mean that the rule is weighted, unless a force is stated.
func finishRule(r *reader, n *node, at string, v *schedule.Rule) {
	switch {
	case n.has("weight") && !n.has("force"):
		v.Force = schedule.Weighted
	case v.Force == schedule.Weighted && !n.has("weight"):
		r.bad(n.get("force"), at+".force", "a weighted rule needs a weight", "give weight: 10")
	}
}

// ruleParams takes the keys that are not fixed as parameters of the rule. What they may be is known to the catalogue.
func ruleParams(r *reader, at string, v *schedule.Rule) func(pair) bool {
	return func(p pair) bool {
		path := at + "." + p.key.text
		r.mark(path, p.value)
		value, ok := readParam(r, p.value, path)
		if ok {
			if v.Params == nil {
				v.Params = schedule.Params{}
			}
			v.Params[p.key.text] = value
		}
		return true
	}
}

func readParam(r *reader, n *node, at string) (schedule.Value, bool) {
	switch {
	case n.kind == listNode:
		words, _ := list(text[string]()).read(r, n, at)
		return schedule.List(words...), !r.damaged[at]
	case n.kind == scalarNode && !n.plain:
		return schedule.Text(n.text), true
	case n.kind == scalarNode && (n.text == "true" || n.text == "false"):
		return schedule.Flag(n.text == "true"), true
	case n.kind == scalarNode && isNumber(n.text):
		v, err := schedule.ValueOf(numberText(n.text))
		if err != nil {
			r.bad(n, at, fmt.Sprintf("bad number %s: use up to nine digits before the point and three after it", shorten(n.text)), "")
			return v, false
		}
		return v, true
	}
	s, ok := r.scalar(n, at, "a number, a word, a list of words, true or false")
	return schedule.Text(s), ok
}

// numberText is a number as it was typed, so that no digit is lost in a float.
type numberText string

func writeParam(v schedule.Value) (*node, error) {
	switch v.Kind() {
	case schedule.NoValue:
		return nil, nil
	case schedule.TextValue:
		return text[string]().write(v.Text())
	case schedule.ListValue:
		return list(text[string]()).write(v.Words())
	}
	return raw(v.String()), nil
}

var patternFields = []field[schedule.Pattern]{
	always("id", text[schedule.PatternID](), func(p *schedule.Pattern) *schedule.PatternID { return &p.ID }).needed(),
	key("name", text[string](), func(p *schedule.Pattern) *string { return &p.Name }),
	always("days", text[string](), func(p *schedule.Pattern) *string { return &p.Days }).needed(),
	key("step", whole, func(p *schedule.Pattern) *int { return &p.Step }),
	key("offsets", list(whole), func(p *schedule.Pattern) *[]int { return &p.Offsets }),
	key("note", text[string](), func(p *schedule.Pattern) *string { return &p.Note }),
}

var crewFields = []field[schedule.Crew]{
	key("name", text[string](), func(c *schedule.Crew) *string { return &c.Name }),
	key("offset", optional(whole), func(c *schedule.Crew) *schedule.Optional[int] { return &c.Offset }),
	key("agents", list(text[schedule.AgentID]()), func(c *schedule.Crew) *[]schedule.AgentID { return &c.Agents }),
	key("size", whole, func(c *schedule.Crew) *int { return &c.Size }),
}

var letterFields = []field[schedule.Letter]{
	always("shift", text[schedule.ShiftID](), func(l *schedule.Letter) *schedule.ShiftID { return &l.Shift }).needed(),
	key("next", yesNo, func(l *schedule.Letter) *bool { return &l.Next }),
}

// letters is a mapping of letters to shifts, in its order.
var letters = codec[[]schedule.Letter]{what: "a mapping such as {D: early, N: night}", words: names(letterFields),
	read: func(r *reader, n *node, at string) ([]schedule.Letter, bool) {
		if n.kind != mapNode {
			r.bad(n, at, fmt.Sprintf("letters is %s here, and a mapping such as {D: early, N: night} is needed", n.describe()), "")
			return nil, false
		}
		var out []schedule.Letter
		for _, p := range n.pairs {
			l := schedule.Letter{}
			path := fmt.Sprintf("%s.%d", at, len(out))
			r.mark(path, p.key)
			if p.value.kind == mapNode {
				readFields(r, p.value, path, "key of a letter", letterFields, &l, nil)
			} else {
				r.mark(path+".shift", p.value)
				s, _ := r.scalar(p.value, path+".shift", "a shift")
				l.Shift = schedule.ShiftID(s)
			}
			l.Letter = p.key.text
			out = append(out, l)
		}
		return out, true
	},
	write: func(list []schedule.Letter) (*node, error) {
		out := &node{kind: mapNode}
		for _, l := range list {
			if out.has(l.Letter) {
				return nil, fmt.Errorf("letter %q has two shifts", l.Letter)
			}
			value := word(string(l.Shift))
			if l.Next {
				var err error
				if value, err = writeFields(letterFields, &l); err != nil {
					return nil, err
				}
			}
			out.add(l.Letter, value)
		}
		return out, nil
	},
}

var rotationFields = []field[schedule.Rotation]{
	key("id", text[schedule.RotationID](), func(v *schedule.Rotation) *schedule.RotationID { return &v.ID }),
	always("pattern", text[schedule.PatternID](), func(v *schedule.Rotation) *schedule.PatternID { return &v.Pattern }).needed(),
	key("start", date, func(v *schedule.Rotation) *schedule.Date { return &v.Start }).needed(),
	key("from", date, func(v *schedule.Rotation) *schedule.Date { return &v.From }),
	key("until", date, func(v *schedule.Rotation) *schedule.Date { return &v.Until }),
	key("letters", letters, func(v *schedule.Rotation) *[]schedule.Letter { return &v.Letters }),
	key("crews", list(object("a crew", crewFields)), func(v *schedule.Rotation) *[]schedule.Crew { return &v.Crews }),
	key("weight", optional(weight), func(v *schedule.Rotation) *schedule.Optional[schedule.Cost] { return &v.Weight }),
	key("note", text[string](), func(v *schedule.Rotation) *string { return &v.Note }),
}

var holidayFields = []field[schedule.Holiday]{
	key("date", date, func(h *schedule.Holiday) *schedule.Date { return &h.Date }).needed(),
	key("name", text[string](), func(h *schedule.Holiday) *string { return &h.Name }),
	key("country", text[schedule.Country](), func(h *schedule.Holiday) *schedule.Country { return &h.Country }),
}

var agentFields = []field[schedule.Agent]{
	always("id", text[schedule.AgentID](), func(a *schedule.Agent) *schedule.AgentID { return &a.ID }).needed(),
	always("name", text[string](), func(a *schedule.Agent) *string { return &a.Name }).needed(),
	key("timezone", text[string](), func(a *schedule.Agent) *string { return &a.Zone }),
	key("contract", text[schedule.ContractID](), func(a *schedule.Agent) *schedule.ContractID { return &a.Contract }),
	key("slack", text[string](), func(a *schedule.Agent) *string { return &a.Slack }),
	key("email", text[string](), func(a *schedule.Agent) *string { return &a.Email }),
	key("languages", dictionary(language, level), func(a *schedule.Agent) *map[schedule.Language]schedule.Level { return &a.Languages }),
	key("skills", dictionary(text[string](), skillLevel), func(a *schedule.Agent) *map[string]schedule.SkillLevel { return &a.Skills }),
	key("tags", list(text[string]()), func(a *schedule.Agent) *[]string { return &a.Tags }),
	key("holidays", listOrNone(text[schedule.Country]()), func(a *schedule.Agent) *[]schedule.Country { return &a.Holidays }),
	key("from", date, func(a *schedule.Agent) *schedule.Date { return &a.From }),
	key("to", date, func(a *schedule.Agent) *schedule.Date { return &a.To }),
	key("extra_hours_per_week", optional(hours), func(a *schedule.Agent) *schedule.Optional[schedule.Minutes] { return &a.Extra }),
	key("reminders", listOrNone(duration), func(a *schedule.Agent) *[]schedule.Minutes { return &a.Reminders }),
	key("quiet", optional(clockSpan), func(a *schedule.Agent) *schedule.Optional[schedule.ClockSpan] { return &a.Quiet }),
	key("note", text[string](), func(a *schedule.Agent) *string { return &a.Note }),
}

var availabilityFields = []field[schedule.Availability]{
	key("id", text[schedule.AvailabilityID](), func(a *schedule.Availability) *schedule.AvailabilityID { return &a.ID }),
	always("agent", text[schedule.AgentID](), func(a *schedule.Availability) *schedule.AgentID { return &a.Agent }).needed(),
	always("kind", kind, func(a *schedule.Availability) *schedule.AvailabilityKind { return &a.Kind }).needed(),
	{key: "date", what: date.what, path: "from",
		read: func(r *reader, n *node, at string, a *schedule.Availability) {
			if d, ok := date.read(r, n, at); ok {
				a.From, a.To = d, d
			}
		},
		write: func(a *schedule.Availability) (*node, error) {
			if a.From.IsZero() || a.From != a.To {
				return nil, nil
			}
			return date.write(a.From)
		}},
	bound("from", func(a *schedule.Availability) *schedule.Date { return &a.From }),
	bound("to", func(a *schedule.Availability) *schedule.Date { return &a.To }),
	onDays(func(a *schedule.Availability) *schedule.Recurrence { return &a.Recurrence }),
	byRule(func(a *schedule.Availability) *schedule.Recurrence { return &a.Recurrence }),
	hour("start", func(a *schedule.Availability) *schedule.Clock { return &a.Hours.Start }),
	hour("end", func(a *schedule.Availability) *schedule.Clock { return &a.Hours.End }),
	key("exact", exact, func(a *schedule.Availability) *schedule.Interval { return &a.Exact }),
	key("shifts", list(text[schedule.ShiftID]()), func(a *schedule.Availability) *[]schedule.ShiftID { return &a.Shifts }),
	key("tags", list(text[string]()), func(a *schedule.Availability) *[]string { return &a.Tags }),
	key("weight", optional(weight), func(a *schedule.Availability) *schedule.Optional[schedule.Cost] { return &a.Weight }),
	key("state", state, func(a *schedule.Availability) *schedule.RequestState { return &a.State }),
	key("by", text[string](), func(a *schedule.Availability) *string { return &a.By }),
	key("at", instant, func(a *schedule.Availability) *timeOf { return &a.At }),
	key("source", text[string](), func(a *schedule.Availability) *string { return &a.Source }),
	key("external", text[string](), func(a *schedule.Availability) *string { return &a.External }),
	key("note", text[string](), func(a *schedule.Availability) *string { return &a.Note }),
}

func bound(name string, of func(*schedule.Availability) *schedule.Date) field[schedule.Availability] {
	f := key(name, date, of)
	write := f.write
	f.write = func(a *schedule.Availability) (*node, error) {
		if a.From == a.To {
			return nil, nil // said by date
		}
		return write(a)
	}
	return f
}

// hour is one end of the hours. Both are written when either says something.
func hour(name string, of func(*schedule.Availability) *schedule.Clock) field[schedule.Availability] {
	f := key(name, clock, of)
	f.path = "hours." + name
	f.write = func(a *schedule.Availability) (*node, error) {
		if a.Hours == (schedule.ClockSpan{}) {
			return nil, nil
		}
		return clock.write(*of(a))
	}
	return f
}

func finishAvailability(r *reader, n *node, at string, a *schedule.Availability) {
	oneWay(r, n, at, "days", "rrule")
	oneWay(r, n, at, "date", "from")
	oneWay(r, n, at, "date", "to")
	if n.has("start") && !n.has("end") && !r.damaged[at+".hours.start"] {
		a.Hours.End = schedule.EndOfDay
	}
	if first := n.get("start"); first != nil {
		r.mark(at+".hours", first)
	}
}

// pinFields say agent and slot; the slot is written as shift and date.
var pinFields = []field[schedule.Pin]{
	always("agent", text[schedule.AgentID](), func(p *schedule.Pin) *schedule.AgentID { return &p.Agent }).needed(),
	{key: "shift", what: "a shift", write: func(p *schedule.Pin) (*node, error) {
		if p.Slot.Shift() == "" {
			return nil, nil
		}
		return text[schedule.ShiftID]().write(p.Slot.Shift())
	}},
	{key: "date", what: date.what, write: func(p *schedule.Pin) (*node, error) {
		if p.Slot.Shift() == "" {
			return nil, nil
		}
		return date.write(p.Slot.Date())
	}},
	{key: "slot", what: "a slot such as late@2026-12-19", write: func(p *schedule.Pin) (*node, error) {
		if p.Slot.Shift() == "" {
			return nil, fmt.Errorf("%q is no slot", string(p.Slot))
		}
		return nil, nil
	}},
	key("forbid", yesNo, func(p *schedule.Pin) *bool { return &p.Forbid }),
	key("note", text[string](), func(p *schedule.Pin) *string { return &p.Note }),
}

func finishPin(r *reader, n *node, at string, p *schedule.Pin) {
	p.Slot, _ = r.slot(n, at)
}

// slot reads a slot that is stated as a slot or as shift and date.
func (r *reader) slot(n *node, at string) (schedule.SlotID, bool) {
	slot, shift, day := n.get("slot"), n.get("shift"), n.get("date")
	switch {
	case slot != nil && (shift != nil || day != nil):
		r.bad(slot, at+".date", "slot stands beside shift and date", "keep one of the two ways")
		r.damage(at + ".shift")
	case slot != nil:
		r.mark(at+".shift", slot)
		r.mark(at+".date", slot)
		if s, ok := r.scalar(slot, at+".date", "a slot such as late@2026-12-19"); ok {
			id, d, err := schedule.ParseSlotID(s)
			if err == nil {
				return schedule.MakeSlotID(id, d), true
			}
			r.badText(slot, at+".date", err)
		}
		r.damage(at + ".shift")
	case shift == nil || day == nil:
		missing := "shift"
		if shift != nil {
			missing = "date"
		}
		r.bad(n, at+"."+missing, missing+" is missing", "give shift and date, or slot: late@2026-12-19")
		r.damage(at + ".date")
	default:
		s, okShift := r.scalar(shift, at+".shift", "a shift")
		d, okDate := date.read(r, day, at+".date")
		if okShift && okDate {
			if err := schedule.CheckID(schedule.ShiftID(s)); err != nil {
				r.badText(shift, at+".shift", err)
				r.damage(at + ".date")
				return "", false
			}
			return schedule.MakeSlotID(schedule.ShiftID(s), d), true
		}
		r.damage(at + ".date")
		r.damage(at + ".shift")
	}
	return "", false
}

// sections are the lists of a team file, in the order in which it is written.
var sections = []section{
	entries("shifts", "shift", 200, shiftFields, func(b *schedule.Book) *[]schedule.Shift { return &b.Shifts },
		func(r *reader, n *node, at string, _ *schedule.Shift) { oneWay(r, n, at, "days", "rrule") }, nil),
	entries("demand", "demand line", 2000, demandFields, func(b *schedule.Book) *[]schedule.DemandLine { return &b.Demand }, finishDemand, nil),
	entries("contracts", "contract", 200, contractFields, func(b *schedule.Book) *[]schedule.Contract { return &b.Contracts }, nil, nil),
	ruleSection(),
	entries("patterns", "pattern", 200, patternFields, func(b *schedule.Book) *[]schedule.Pattern { return &b.Patterns }, nil, nil),
	entries("rotations", "rotation", 200, rotationFields, func(b *schedule.Book) *[]schedule.Rotation { return &b.Rotations }, nil, nil),
	holidaySection(),
	entries("agents", "agent", 1000, agentFields, func(b *schedule.Book) *[]schedule.Agent { return &b.Agents }, nil, nil),
	entries("availability", "availability entry", 5000, availabilityFields,
		func(b *schedule.Book) *[]schedule.Availability { return &b.Availability }, finishAvailability, nil),
	entries("pins", "pin", 2000, pinFields, func(b *schedule.Book) *[]schedule.Pin { return &b.Pins }, finishPin, nil),
}

// ruleSection writes parameters between the name of a rule and whom it is about.
func ruleSection() section {
	s := entries("rules", "rule", 1000, ruleFields, func(b *schedule.Book) *[]schedule.Rule { return &b.Rules }, finishRule, ruleParams)
	s.write = writeRules
	return s
}

func writeRules(b *schedule.Book) ([]*node, error) {
	var nodes []*node
	for i := range b.Rules {
		rule := &b.Rules[i]
		n, err := writeFields(ruleFields, rule)
		if err != nil {
			return nil, fmt.Errorf("rules %d: %w", i+1, err)
		}
		var params []pair
		for _, name := range rule.Params.Names() {
			if slices.Contains(names(ruleFields), name) {
				return nil, fmt.Errorf("rules %d: a parameter cannot be called %s", i+1, name)
			}
			v, err := writeParam(rule.Params[name])
			if err != nil {
				return nil, fmt.Errorf("rules %d: %s: %w", i+1, name, err)
			}
			if v != nil {
				params = append(params, pair{word(name), v})
			}
		}
		after := 1 + slices.IndexFunc(n.pairs, func(p pair) bool { return p.key.text == "rule" })
		n.pairs = slices.Insert(n.pairs, after, params...)
		nodes = append(nodes, n)
	}
	return nodes, nil
}

// holidaySection is a list of the team's calendars, as words, and of its own dates, as mappings.
func holidaySection() section {
	s := entries("holidays", "holiday", 2000, holidayFields, func(b *schedule.Book) *[]schedule.Holiday { return &b.Holidays }, nil, nil)
	one, write := s.read, s.write
	s.read = func(r *reader, n *node, b *schedule.Book) {
		if n.kind == scalarNode {
			n = &node{kind: listNode, line: n.line, column: n.column, items: []*node{n}}
		}
		own := &node{kind: listNode, line: n.line, column: n.column}
		for _, item := range r.entries(n, "holidays", s.most) {
			if item.kind != scalarNode {
				own.items = append(own.items, item)
				continue
			}
			r.mark(fmt.Sprintf("team.holidays.%d", len(b.Team.Holidays)), item)
			b.Team.Holidays = append(b.Team.Holidays, schedule.Country(item.text))
		}
		one(r, own, b)
	}
	s.write = func(b *schedule.Book) ([]*node, error) {
		countries, err := list(text[schedule.Country]()).write(b.Team.Holidays)
		if err != nil {
			return nil, err
		}
		own, err := write(b)
		return append(countries.items, own...), err
	}
	return s
}

// topKeys are the keys of the file itself.
func topKeys() []string {
	keys := names(teamFields)
	for _, s := range sections {
		keys = append(keys, s.key)
	}
	return keys
}

// TeamKeys lists the keys of the team itself that hold a value, as paths such as messages.digest_at, without the one that
// names the team and without lists of mappings.
func TeamKeys() []string {
	var keys []string
	for _, f := range teamFields {
		switch {
		case f.key == "team":
		case len(f.words) == 0:
			keys = append(keys, f.key)
		default:
			for _, w := range f.words {
				if f.key+"."+w != "slack.groups" {
					keys = append(keys, f.key+"."+w)
				}
			}
		}
	}
	return keys
}

// Keys lists every key of a team file as a path, such as agents.languages, in the order in which they are written. It
// is what the documentation has to explain.
func Keys() []string {
	var keys []string
	for _, f := range teamFields {
		keys = append(keys, f.key)
		for _, w := range f.words {
			keys = append(keys, f.key+"."+w)
		}
	}
	for _, w := range names(groupFields) {
		keys = append(keys, "slack.groups."+w)
	}
	inner := map[string][]string{}
	collect(inner, "demand", demandFields)
	collect(inner, "contracts", contractFields)
	collect(inner, "rotations", rotationFields)
	for _, s := range sections {
		keys = append(keys, s.key)
		for _, w := range s.words {
			keys = append(keys, s.key+"."+w)
			for _, x := range inner[s.key+"."+w] {
				keys = append(keys, s.key+"."+w+"."+x)
			}
		}
	}
	return keys
}

func collect[T any](into map[string][]string, section string, fields []field[T]) {
	for _, f := range fields {
		into[section+"."+f.key] = f.words
	}
}
