package schedule

import (
	"fmt"
	"slices"
)

// judgeSlot applies every rule about who is on a period slot together.
func (x *Auditor) judgeSlot(s int, on []int) []located {
	slot := &x.period[s]
	found := x.judgeDemand(slot.Demand, []SlotID{slot.ID}, nil, x.said(s), on)
	for _, u := range x.uses {
		switch u.rule.Name {
		case MentorRule:
			found = append(found, x.mentor(u, s, on)...)
		case ApartRule, TogetherRule, GroupRule:
			p := u.rule.Params
			if tag := p.Text("tag", ""); tag != "" && !slot.HasTag(tag) {
				continue
			}
			if shift := p.Text("shift", ""); shift != "" && ShiftID(shift) != slot.Shift {
				continue
			}
			switch u.rule.Name {
			case ApartRule:
				found = append(found, x.apart(u, s, on)...)
			case TogetherRule:
				found = append(found, x.together(u, s, on)...)
			case GroupRule:
				found = append(found, x.group(u, s, on)...)
			}
		}
	}
	return found
}

// judgeInterval applies demand to the agents who serve an interval.
func (x *Auditor) judgeInterval(k int, on []int) []located {
	need := x.p.Intervals[k]
	return x.judgeDemand(need.Demand, nil, []Date{need.Day}, x.sayInterval(k), on)
}

func (x *Auditor) sayInterval(k int) saying {
	at := x.p.Intervals[k].Interval
	return func() string {
		return fmt.Sprintf("%s to %s on %s", at.Start.In(x.here).Format("15:04"), at.End.In(x.here).Format("15:04"), sayDate(x.p.Intervals[k].Day))
	}
}

// serving lists the agents of whom one slot holds the whole interval, ascending.
func (x *Auditor) serving(k int, b *board) []int {
	var list []int
	for i := range x.agents {
		if x.serves(k, i, b.of[i]) {
			list = append(list, i)
		}
	}
	return list
}

func (x *Auditor) serves(k, agent int, own []int) bool {
	at := x.p.Intervals[k].Interval
	covers := func(s int) bool { return x.slots[s].Interval().Covers(at) }
	return slices.ContainsFunc(own, covers) || slices.ContainsFunc(x.agents[agent].facts, covers)
}

// judgeDemand compares a demand with the agents there are.
func (x *Auditor) judgeDemand(d Demand, slots []SlotID, days []Date, where saying, on []int) []located {
	var found []located
	add := func(name RuleName, amount int, price Cost, format string, args ...any) {
		if amount > 0 {
			u := x.implicit[name]
			found = append(found, u.finding(amount, false, Cost(amount)*price, nil, slots, days, "%s", upper(fmt.Sprintf(format, args...))))
		}
	}
	n := len(on)
	there := saying(func() string { return plural(n, "agent", "agents") })
	add(CoverageRule, d.Min-n, d.MinWeight, "%s has %s; at least %d are needed.", where, there, d.Min)
	if d.Target.Set {
		add(CoverageRule, d.Target.Value-n, d.TargetWeight, "%s has %s; %d are wanted.", where, there, d.Target.Value)
	}
	if d.Max.Set {
		add(CoverageRule, n-d.Max.Value, d.MaxWeight, "%s has %s; %d are enough.", where, there, d.Max.Value)
	}
	if d.Closed() {
		return found
	}
	for _, l := range d.Languages {
		have := x.speaking(on, l)
		add(LanguageRule, l.Min-have, l.Weight, "%s has %s with %s at %s or above; %d needed.", where, plural(have, "agent", "agents"), l.Tag, l.Level, l.Min)
	}
	for _, set := range capacitySets(d.Languages) {
		need, price, names := 0, Cost(0), ""
		for k, l := range set {
			need += l.Capacity
			if k == 0 || l.Weight < price {
				price = l.Weight
			}
			if k > 0 {
				names += " and "
			}
			names += string(l.Tag)
		}
		have := 0
		for _, i := range on {
			if slices.ContainsFunc(set, func(l LanguageDemand) bool { return x.agents[i].Languages[l.Tag] >= max(l.Level, A1) }) {
				have++
			}
		}
		add(LanguageRule, need-have, price, "%s has %s for %s; %d are to be set aside.", where, plural(have, "agent", "agents"), names, need)
	}
	for _, s := range d.Skills {
		have := x.mastering(on, s)
		add(SkillRule, s.Min-have, s.Weight, "%s has %s with %s at level %d or above; %d needed.", where, plural(have, "agent", "agents"), s.Name, s.Level, s.Min)
	}
	return found
}

// upper begins a sentence; shift ids are ASCII.
func upper(s string) string {
	if s != "" && s[0] >= 'a' && s[0] <= 'z' {
		return string(s[0]-'a'+'A') + s[1:]
	}
	return s
}

func (x *Auditor) speaking(on []int, l LanguageDemand) int {
	n := 0
	for _, i := range on {
		if x.agents[i].Languages[l.Tag] >= max(l.Level, A1) {
			n++
		}
	}
	return n
}

func (x *Auditor) mastering(on []int, s SkillDemand) int {
	n := 0
	for _, i := range on {
		if x.agents[i].Skills[s.Name] >= max(s.Level, 1) {
			n++
		}
	}
	return n
}

// capacitySets lists the sets of languages with a capacity: all of them, or of more than six only those of one, of two,
// and the whole. Smaller sets come first.
func capacitySets(needs []LanguageDemand) [][]LanguageDemand {
	var with []LanguageDemand
	for _, l := range needs {
		if l.Capacity > 0 {
			with = append(with, l)
		}
	}
	var sets [][]LanguageDemand
	n := len(with)
	if n > 6 {
		for i := range with {
			sets = append(sets, with[i:i+1])
		}
		for i := range with {
			for j := i + 1; j < n; j++ {
				sets = append(sets, []LanguageDemand{with[i], with[j]})
			}
		}
		return append(sets, with)
	}
	for mask := 1; mask < 1<<n; mask++ {
		var set []LanguageDemand
		for i := range with {
			if mask&(1<<i) != 0 {
				set = append(set, with[i])
			}
		}
		sets = append(sets, set)
	}
	slices.SortStableFunc(sets, func(a, b []LanguageDemand) int { return len(a) - len(b) })
	return sets
}

// charge makes a finding of a team rule at its force and weight.
func (x *Auditor) charge(u *use, amount int, agents []int, s int, format string, args ...any) []located {
	if amount <= 0 {
		return nil
	}
	ids := make([]AgentID, len(agents))
	for k, i := range agents {
		ids[k] = x.agents[i].ID
	}
	slices.Sort(ids)
	return []located{u.finding(amount, u.rule.Force == Hard, u.def.Price(amount, u.rule.Weight), ids, []SlotID{x.slots[s].ID}, nil,
		"%s", upper(fmt.Sprintf(format, args...)))}
}

// inScope lists those of the agents whom the rule is about.
func (u *use) inScope(on []int) []int {
	var list []int
	for _, i := range on {
		if u.scope[i] {
			list = append(list, i)
		}
	}
	return list
}

func (x *Auditor) names(agents []int) string {
	text := ""
	for k, i := range agents {
		switch {
		case k > 0 && k == len(agents)-1:
			text += " and "
		case k > 0:
			text += ", "
		}
		text += x.agents[i].called()
	}
	return text
}

func (x *Auditor) mentor(u *use, s int, on []int) []located {
	p := u.rule.Params
	grade := func(i int) int { return int(x.agents[i].Skills[p.Text("skill", "")]) }
	below, beside := p.Int("below", 0), p.Int("beside", 0)
	if tag := p.Text("language", ""); tag != "" {
		grade = func(i int) int { return int(x.agents[i].Languages[Language(tag)]) }
		low, _ := ParseLevel(p.Text("below", ""))
		high, _ := ParseLevel(p.Text("beside", ""))
		below, beside = int(low), int(high)
	}
	var alone []int
	for _, i := range on {
		if grade(i) >= beside {
			return nil
		}
		if u.scope[i] && grade(i) < below {
			alone = append(alone, i)
		}
	}
	if len(alone) == 0 {
		return nil
	}
	return x.charge(u, 1, alone, s, "%s on %s without anybody experienced.", x.names(alone), x.said(s))
}

func (x *Auditor) apart(u *use, s int, on []int) []located {
	both := u.inScope(on)
	return x.charge(u, len(both)-1, both, s, "%s share %s and are to be apart.", x.names(both), x.said(s))
}

func (x *Auditor) together(u *use, s int, on []int) []located {
	var found []located
	var reach []int
	for i := range x.agents {
		if u.scope[i] && x.agents[i].reach[s] {
			reach = append(reach, i)
		}
	}
	for k, i := range reach {
		for _, j := range reach[k+1:] {
			a, b := slices.Contains(on, i), slices.Contains(on, j)
			if a && !b {
				found = append(found, x.charge(u, 1, []int{i, j}, s, "%s is on %s without %s.", x.agents[i].called(), x.said(s), x.agents[j].called())...)
			} else if b && !a {
				found = append(found, x.charge(u, 1, []int{i, j}, s, "%s is on %s without %s.", x.agents[j].called(), x.said(s), x.agents[i].called())...)
			}
		}
	}
	return found
}

func (x *Auditor) group(u *use, s int, on []int) []located {
	p := u.rule.Params
	mine := u.inScope(on)
	var found []located
	if least := p.Int("min", 0); !x.period[s].Demand.Closed() {
		found = x.charge(u, least-len(mine), nil, s, "%s has %s of the group; at least %d are due.", x.said(s), plural(len(mine), "agent", "agents"), least)
	}
	if p.Has("max") {
		most := p.Int("max", 0)
		found = append(found, x.charge(u, len(mine)-most, mine, s, "%s has %s of the group; at most %d are allowed.", x.said(s), plural(len(mine), "agent", "agents"), most)...)
	}
	return found
}

func (x *Auditor) slotCover(s int, on []int) SlotCover {
	d := x.period[s].Demand
	c := SlotCover{Slot: x.period[s].ID, Planned: len(on), Min: d.Min, Target: d.Target, Max: d.Max}
	for _, i := range on {
		c.Agents = append(c.Agents, x.agents[i].ID)
	}
	slices.Sort(c.Agents)
	c.Languages, c.Skills = x.shortages(d, on)
	return c
}

func (x *Auditor) intervalCover(k int, on []int) IntervalCover {
	need := x.p.Intervals[k]
	c := IntervalCover{Interval: need.Interval, Day: need.Day, Planned: len(on), Min: need.Demand.Min,
		Target: need.Demand.Target, Max: need.Demand.Max}
	c.Languages, c.Skills = x.shortages(need.Demand, on)
	return c
}

// shortages lists the languages and skills that a demand misses.
func (x *Auditor) shortages(d Demand, on []int) (languages, skills []Shortage) {
	if d.Closed() {
		return nil, nil
	}
	for _, l := range d.Languages {
		if have := x.speaking(on, l); have < max(l.Min, l.Capacity) {
			languages = append(languages, Shortage{What: string(l.Tag), Level: l.Level.String(), Have: have, Missing: max(l.Min, l.Capacity) - have})
		}
	}
	for _, s := range d.Skills {
		if have := x.mastering(on, s); have < s.Min {
			skills = append(skills, Shortage{What: s.Name, Level: fmt.Sprint(int(s.Level)), Have: have, Missing: s.Min - have})
		}
	}
	return languages, skills
}
