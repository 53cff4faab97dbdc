package schedule

import (
	"fmt"
	"slices"
	"time"
)

// Pack is a set of rules from one source, such as a law, that a team can take over or be judged by. It is no legal advice.
type Pack struct {
	ID   string
	Name string
	// Source is where the rules come from.
	Source string
	// Note says what the pack leaves out or reads in its own way.
	Note string
	// Rules carry the pack's id, an id that begins with it, and a note with the passage each comes from.
	Rules []Rule
	// Night is what the source calls night, for the team's burden; open when it says nothing.
	Night Optional[ClockSpan]
}

// NightWorkerTag is the tag of agents for whom a pack's limits of night workers hold.
const NightWorkerTag = "night-worker"

// packs are the sets of limits that are built in.
var packs = []Pack{
	{
		ID: "eu-wtd", Name: "EU Working Time Directive",
		Source: "Directive 2003/88/EC of the European Parliament and of the Council, articles 3, 5, 6, 8 and 16",
		Note: "National law may be stricter. Averages are over 17 weeks, the whole weeks within the four months of article 16; " +
			"member states and agreements may set others. Night workers are agents with the tag " + NightWorkerTag + ".",
		Rules: []Rule{
			{ID: "eu-wtd-daily-rest", Name: MinRestRule, Params: Params{"hours": Number(11)}, Force: Hard,
				Note: "article 3: eleven consecutive hours of rest in every 24"},
			{ID: "eu-wtd-weekly-rest", Name: WeeklyRestRule, Params: Params{"hours": Number(35)}, Force: Hard,
				Note: "article 5: in every seven days 24 hours without interruption, and the eleven hours of article 3; judged by team weeks"},
			{ID: "eu-wtd-week", Name: MaxHoursRule, Params: Params{"hours": Number(17 * 48), "days": Number(17 * 7)}, Force: Hard,
				Note: "articles 6 and 16: 48 hours a week on average over up to four months, overtime and work elsewhere included"},
			{ID: "eu-wtd-week-ahead", Name: MaxHoursRule, Params: Params{"hours": Number(4 * 48), "days": Number(4 * 7)}, Force: Weighted, Weight: 1,
				Note: "a warning of ours and no limit of the directive: four weeks above an average of 48 hours have to be made good"},
			{ID: "eu-wtd-night", Name: MaxHoursRule, Params: Params{"hours": Number(17 * 6 * 8), "days": Number(17 * 7)}, Force: Hard,
				Scope: Scope{Tags: []string{NightWorkerTag}},
				Note:  "articles 8 and 16: night workers eight hours in 24 on average, the weekly day of rest left out, so six times eight a week"},
		},
	},
	{
		ID: "hse", Name: "HSE guidance on shift work",
		Source: "Health and Safety Executive, HSG256 Managing shift work: Health and safety guidance",
		Note:   "Guidance and no law, so every rule has a weight. Nights are slots with the tag night. How often weekends are free is our reading of \"regular\".",
		Rules: []Rule{
			{ID: "hse-nights", Name: MaxConsecutiveRule, Params: Params{"tag": Text("night"), "shifts": Number(3)}, Force: Weighted, Weight: 50,
				Note: "at most two or three nights in a row"},
			{ID: "hse-days", Name: MaxDaysRule, Params: Params{"days": Number(7)}, Force: Weighted, Weight: 50,
				Note: "at most five to seven days in a row"},
			{ID: "hse-length", Name: MaxHoursRule, Params: Params{"hours": Number(12), "per": Text("day")}, Force: Weighted, Weight: 10,
				Note: "at most twelve hours on a shift"},
			{ID: "hse-after-nights", Name: RestAfterNightsRule, Params: Params{"nights": Number(2), "hours": Number(48)}, Force: Weighted, Weight: 10,
				Note: "two nights of full sleep when going from nights to days"},
			{ID: "hse-forward", Name: ForwardRotationRule, Force: Weighted, Weight: 10,
				Note: "shifts rotate forward: morning, afternoon, night"},
			{ID: "hse-weekends", Name: MaxWeekendsRule, Params: Params{"weekends": Number(2), "weeks": Number(3)}, Force: Weighted, Weight: 50,
				Note: "regular free weekends; here one in three"},
		},
	},
	{
		ID: "armenia", Name: "Labour Code of Armenia",
		Source: "Labour Code of the Republic of Armenia, working time and rest",
		Note: "The limits hold over all employers together: declare work elsewhere as outside hours. Hours are paid time; where breaks are unpaid, " +
			"the twelve hours including breaks are fewer of them. Night is 22:00 to 06:00.",
		Night: Some(ClockSpan{Start: 22 * 60, End: 6 * 60}),
		Rules: []Rule{
			{ID: "armenia-week", Name: MaxHoursRule, Params: Params{"hours": Number(40), "per": Text("week")}, Force: Weighted, Weight: 2,
				Note: "40 hours a week are normal; more is overtime"},
			{ID: "armenia-week-overtime", Name: MaxHoursRule, Params: Params{"hours": Number(48), "per": Text("week")}, Force: Hard,
				Note: "48 hours a week at most, overtime included"},
			{ID: "armenia-day", Name: MaxHoursRule, Params: Params{"hours": Number(8), "per": Text("day")}, Force: Weighted, Weight: 2,
				Note: "eight hours a day are normal; more is overtime"},
			{ID: "armenia-day-overtime", Name: MaxHoursRule, Params: Params{"hours": Number(12), "per": Text("day")}, Force: Hard,
				Note: "twelve hours a day at most, overtime and breaks included"},
		},
	},
}

// Packs lists the packs that are built in. The result is the caller's.
func Packs() []Pack {
	list := slices.Clone(packs)
	for i := range list {
		list[i] = list[i].clone()
	}
	return list
}

// FindPack is the pack of that id. The error for an unknown word names the nearest.
func FindPack(id string) (Pack, error) {
	var ids []string
	for _, p := range packs {
		if p.ID == id {
			return p.clone(), nil
		}
		ids = append(ids, p.ID)
	}
	return Pack{}, unknown("pack", id, ids)
}

func (p Pack) clone() Pack {
	p.Rules = slices.Clone(p.Rules)
	for i := range p.Rules {
		r := &p.Rules[i]
		params := make(Params, len(r.Params))
		for name, v := range r.Params {
			params[name] = v
		}
		if r.Params, r.Pack = params, p.ID; len(params) == 0 {
			r.Params = nil
		}
	}
	return p
}

// Days is the longest window of days or weeks that a rule of the pack looks at: how much history judging needs.
func (p Pack) Days() int {
	days := 0
	for _, r := range p.Rules {
		r = r.Resolve()
		days = max(days, r.Params.Int("days", 0), 7*r.Params.Int("weeks", 0))
	}
	return days
}

// Override is what a team does differently with one rule of a pack. Zero fields leave what the pack says.
type Override struct {
	Rule RuleID
	// Params replace single parameters.
	Params Params
	// Force replaces the force; Off leaves the rule out. Weighted takes Weight.
	Force  Force
	Weight Optional[Cost]
	// Note says why; it is needed, and kept with the rule.
	Note string
}

// With is the pack with its rules overridden, each at most once. Errors are unknown rules and missing notes; whether values
// make sense is for CheckRule.
func (p Pack) With(overrides ...Override) (Pack, error) {
	p = p.clone()
	var ids []RuleID
	for _, r := range p.Rules {
		ids = append(ids, r.ID)
	}
	seen := map[RuleID]bool{}
	for _, o := range overrides {
		i := slices.Index(ids, o.Rule)
		switch {
		case i < 0:
			return p, unknown("rule of "+p.ID, string(o.Rule), ids)
		case seen[o.Rule]:
			return p, fmt.Errorf("rule %s is overridden twice", o.Rule)
		case o.Note == "":
			return p, fmt.Errorf("rule %s is overridden without a note that says why", o.Rule)
		}
		seen[o.Rule] = true
		r := &p.Rules[i]
		if len(o.Params) > 0 && r.Params == nil {
			r.Params = Params{}
		}
		for name, v := range o.Params {
			r.Params[name] = v
		}
		if o.Force != ByDefault {
			r.Force = o.Force
		} else if o.Weight.Set {
			r.Force = Weighted
		}
		if r.Force != Weighted {
			r.Weight = 0
		} else if o.Weight.Set {
			r.Weight = o.Weight.Value
		}
		r.Note += "; overridden: " + o.Note
	}
	return p, nil
}

// Adopt is the team's rules after taking the pack over: rules of the pack that the team has not got are added at the end.
// Those it has stay as they are, since the team may have changed them, unless reset is true. kept lists the ones that stay
// though the pack says something else.
func (p Pack) Adopt(rules []Rule, reset bool) (adopted []Rule, kept []RuleID) {
	adopted = slices.Clone(rules)
	for _, r := range p.clone().Rules {
		i := slices.IndexFunc(adopted, func(o Rule) bool { return o.ID == r.ID })
		switch {
		case i < 0:
			adopted = append(adopted, r)
		case reset:
			adopted[i] = r
		case !sameRule(adopted[i], r):
			kept = append(kept, r.ID)
		}
	}
	return adopted, kept
}

// sameRule reports whether two uses ask the same of the same people.
func sameRule(a, b Rule) bool {
	a, b = a.Resolve(), b.Resolve()
	return a.Name == b.Name && a.Force == b.Force && a.Weight == b.Weight && a.Params.Equal(b.Params) &&
		slices.Equal(a.Scope.Agents, b.Scope.Agents) && slices.Equal(a.Scope.Contracts, b.Scope.Contracts) && slices.Equal(a.Scope.Tags, b.Scope.Tags)
}

// PackReport is a roster judged by the rules of a pack.
type PackReport struct {
	Pack string
	// Findings are those of the pack's rules, as in Report, and Rules their sums, a line for every rule that is not off.
	Findings []Finding
	Rules    []RuleCost
	Hard     int
	// Window is the longest stretch of days that a rule looks at, and Known how many days are known: with fewer, an average
	// over the window cannot be exceeded yet.
	Window, Known int
}

// JudgePack audits a roster by the rules of the pack in place of the team's, and leaves everything else out that the audit
// would say. The period is not changed.
func JudgePack(p *Period, r Roster, pack Pack) PackReport {
	own := *p
	own.Rules, own.Rotations, own.Targets = pack.Rules, nil, nil
	full := Audit(&own, r)
	out := PackReport{Pack: pack.ID, Window: pack.Days(), Known: p.Last.Sub(p.First) + 1}
	if !p.KnownFrom.IsZero() && p.KnownFrom.Before(p.First) {
		out.Known += p.First.Sub(p.KnownFrom)
	}
	if p.KnownTo.After(p.Last) {
		out.Known += p.KnownTo.Sub(p.Last)
	}
	ours := map[RuleID]bool{}
	for _, rule := range pack.Rules {
		ours[rule.ID] = true
	}
	for _, f := range full.Findings {
		if ours[f.ID] && f.ID != "" {
			out.Findings = append(out.Findings, f)
			if f.Hard {
				out.Hard++
			}
		}
	}
	for _, c := range full.Rules {
		if ours[c.ID] && c.ID != "" {
			out.Rules = append(out.Rules, c)
		}
	}
	return out
}

// PatternWarning is a rule of a pack that a pattern breaks by itself, with anybody in its crews.
type PatternWarning struct {
	Pack string
	Rule Rule
	// Times is how often a crew breaks it in the days after which string and week come back together, the worst crew's.
	Times int
	// Sentence is the audit's about the first time; its dates are those of the layout and mean nothing else.
	Sentence string
}

// patternStart is a Monday far from anything.
var patternStart = Date{2024, 1, 1}

// JudgePattern lays a pattern out for an agent per crew on a clock without changes of the hour, with enough of it before
// and after, and audits that by the rules of the pack. hours are those of the letters; nil takes UsualHours.
func JudgePattern(p Pattern, hours []LetterHours, pack Pack) ([]PatternWarning, error) {
	study, err := StudyPattern(p, hours, 0)
	if err != nil {
		return nil, err
	}
	team := NewTeam("pattern", "Pattern", "UTC")
	rot := Rotation{ID: "r", Pattern: "studied", Start: patternStart}
	var shifts []Shift
	for _, h := range study.Hours {
		s := Shift{ID: ShiftID(string(h.Letter)), Start: h.Hours.Start, End: h.Hours.End}
		if h.Night {
			s.Tags = []string{"night"}
		}
		shifts = append(shifts, s)
		rot.Letters = append(rot.Letters, Letter{Letter: string(h.Letter), Shift: s.ID, Next: h.Next})
	}
	// Long enough before and after for every window, in whole cycles.
	around := (pack.Days()/study.Repeats + 2) * study.Repeats
	first := patternStart.AddDays(around)
	last := first.AddDays(study.Repeats - 1)
	period := &Period{Team: team, First: patternStart, Last: last.AddDays(around), Shifts: shifts, Now: startOf(patternStart, time.UTC)}
	studied := p
	studied.ID = rot.Pattern
	period.Patterns = []Pattern{studied}
	for k := range study.Crews {
		id := AgentID(fmt.Sprintf("crew-%d", k+1))
		tags := []string{NightWorkerTag}
		period.Agents = append(period.Agents, Agent{ID: id, Name: fmt.Sprintf("Crew %d", k+1), Tags: tags})
		rot.Crews = append(rot.Crews, Crew{Agents: []AgentID{id}})
	}
	period.Rotations = []Rotation{rot}
	if period.Slots, err = ExpandSlots(team, shifts, period.First, period.Last); err != nil {
		return nil, err
	}
	roster, _, err := LayOut(period)
	if err != nil {
		return nil, err
	}
	period.KnownFrom, period.KnownTo = period.First, period.Last
	period.First, period.Last = first, last
	facts := period.narrow()
	for _, a := range roster.Assignments {
		if facts[a.Slot] {
			period.Worked = append(period.Worked, a)
		}
	}
	roster.Assignments = slices.DeleteFunc(roster.Assignments, func(a Assignment) bool { return facts[a.Slot] })
	report := JudgePack(period, roster, pack)
	var warnings []PatternWarning
	for _, rule := range pack.Rules {
		w := PatternWarning{Pack: pack.ID, Rule: rule}
		times := map[AgentID]int{}
		for _, f := range report.Findings {
			if f.ID != rule.ID {
				continue
			}
			if w.Sentence == "" {
				w.Sentence = f.Sentence
			}
			for _, a := range f.Agents {
				times[a]++
				w.Times = max(w.Times, times[a])
			}
		}
		if w.Times > 0 {
			warnings = append(warnings, w)
		}
	}
	return warnings, nil
}

// narrow makes slots outside the period's days facts, and says which.
func (p *Period) narrow() map[SlotID]bool {
	facts := map[SlotID]bool{}
	var own []Slot
	for _, s := range p.Slots {
		if s.Day.Before(p.First) || s.Day.After(p.Last) {
			facts[s.ID] = true
			p.Around = append(p.Around, s)
		} else {
			own = append(own, s)
		}
	}
	p.Slots = own
	return facts
}
