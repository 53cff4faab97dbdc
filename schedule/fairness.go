package schedule

// FairnessReport is who carries how much of a fair-share rule's burden: what they brought with them, what was meant for
// them, and what this roster does to it.
type FairnessReport struct {
	// ID is the rule's; empty for the report of a team without such a rule.
	ID    RuleID
	Kinds []BurdenKind
	// Lines are the agents of the rule's scope in the period's order, those without work too.
	Lines []FairnessLine
	// Before and After are the distances between the largest and the smallest debt; Spread that between the largest and
	// smallest of Points - Target.
	Before, After, Spread Points
}

// FairnessLine is one agent of a FairnessReport. Points are of the rule's kinds.
type FairnessLine struct {
	Agent AgentID
	// Slots is the agent's slots in the roster, and Burden their minutes of all kinds.
	Slots  int
	Burden Burden
	// Before is the debt of the ledger on the period's first day (see Balance): positive is more than fair, so the agent is
	// owed relief. After is the debt on the day after the period's last if this roster is published as it is.
	Before, After Points
	// Points is what this roster gives, Target the frozen fair share with the debt taken off.
	Points, Target Points
	// Owed is the working time that the agent owes in the period, by which shares are measured.
	Owed Minutes
}

// Over is the points above the target, negative below it.
func (l FairnessLine) Over() Points { return l.Points - l.Target }

// ReportFairness reports on every fair-share rule in force, or, for a team without one, as if the catalogue's held. The
// ledger of the period is not to hold the roster itself.
func ReportFairness(p *Period, r Roster) ([]FairnessReport, error) {
	var rules []Rule
	for _, u := range EffectiveRules(p) {
		if u.Name == FairShareRule {
			rules = append(rules, u)
		}
	}
	if len(rules) == 0 {
		rules = []Rule{Rule{Name: FairShareRule}.Resolve()}
	}
	entries, err := LedgerEntries(p, r)
	if err != nil {
		return nil, err
	}
	effect := make(map[AgentID]LedgerEntry, len(entries))
	for _, e := range entries {
		// A roster need not say what it is about; the period does.
		e.Team, e.First, e.Last = p.Team.ID, p.First, p.Last
		effect[e.Agent] = e
	}
	slots := map[AgentID]int{}
	for _, a := range r.Assignments {
		slots[a.Agent]++
	}
	points, err := burdenPoints(p, r)
	if err != nil {
		return nil, err
	}
	var reports []FairnessReport
	for _, u := range rules {
		kinds, err := FairKinds(u)
		if err != nil {
			return nil, err
		}
		targets, err := TargetsOf(p, u)
		if err != nil {
			return nil, err
		}
		f, err := newFairness(p, u.Scope)
		if err != nil {
			return nil, err
		}
		report := FairnessReport{ID: u.ID, Kinds: kinds}
		var before, after, over []Points
		for i, a := range f.agents {
			e := effect[a.ID]
			l := FairnessLine{Agent: a.ID, Slots: slots[a.ID], Burden: e.Done, Target: targets[a.ID], Owed: Minutes(f.owed[i]),
				Before: Balance(p.Team, p.Ledger, a.ID, p.First, kinds...)}
			for _, b := range points[a.ID] {
				l.Points += b.Points(p.Team.Burden, kinds...)
			}
			ledger := append(append([]LedgerEntry(nil), p.Ledger...), e)
			l.After = Balance(p.Team, ledger, a.ID, p.Last.AddDays(1), kinds...)
			report.Lines = append(report.Lines, l)
			before, after, over = append(before, l.Before), append(after, l.After), append(over, l.Over())
		}
		report.Before, report.After, report.Spread = spread(before), spread(after), spread(over)
		reports = append(reports, report)
	}
	return reports, nil
}

// burdenPoints is the burden of every slot of every agent, since points are rounded slot by slot.
func burdenPoints(p *Period, r Roster) (map[AgentID][]Burden, error) {
	x := p.Index()
	of := map[AgentID][]Burden{}
	for _, as := range r.Assignments {
		a, slot := x.Agents[as.Agent], x.Slots[as.Slot]
		loc, err := a.Location(p.Team)
		if err != nil {
			return nil, err
		}
		told := p.Published != nil && p.Published.Has(as.Slot, as.Agent)
		short := !told && AtShortNotice(p.Team, slot, p.Now)
		of[a.ID] = append(of[a.ID], BurdenOf(p.Team, slot, loc, HolidayDates(p.Holidays, a.Calendars(p.Team)), short))
	}
	return of, nil
}

// spread is the distance between the largest and the smallest; 0 for none.
func spread(list []Points) Points {
	if len(list) == 0 {
		return 0
	}
	least, most := list[0], list[0]
	for _, n := range list {
		least, most = min(least, n), max(most, n)
	}
	return most - least
}
