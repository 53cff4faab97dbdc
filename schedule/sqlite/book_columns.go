package sqlite

import "rota/schedule"

// The columns of everything a book holds, table by table.

func teamColumns(t *schedule.Team) []column {
	return []column{
		keyCol("id", &t.ID), col("name", &t.Name), col("zone", &t.Zone),
		col("week_start", &t.WeekStart),
		col("weekend_start", weekTime(&t.Weekend.Start)), col("weekend_end", weekTime(&t.Weekend.End)),
		col("night", clockSpan(&t.Night)),
		col("holidays", list(&t.Holidays)),
		col("burden_night", &t.Burden.Night), col("burden_weekend", &t.Burden.Weekend),
		col("burden_holiday", &t.Burden.Holiday), col("burden_short", &t.Burden.ShortNotice),
		col("short_notice", &t.ShortNotice), col("half_life", &t.HalfLife),
		col("manager", &t.Manager), col("manager_slack", &t.ManagerSlack), col("channel", &t.Channel),
		col("on_groups", mapped(&t.Groups,
			func(g schedule.OnGroup) storedGroup { return storedGroup(g) },
			func(g storedGroup) schedule.OnGroup { return schedule.OnGroup(g) })),
		col("reminders", list(&t.Reminders)), col("quiet", optionalSpan(&t.Quiet)),
		col("messages_skip", list(&t.Messages.Skip)), col("digest_at", text(&t.Messages.DigestAt)), col("gap_within", &t.Messages.GapWithin),
		col("escalate_after", &t.Messages.EscalateAfter), col("offer_wave", &t.Messages.OfferWave), col("offer_every", &t.Messages.OfferEvery),
		col("feed_names", &t.Feed.Names), col("feed_leave", &t.Feed.Leave), col("feed_past", &t.Feed.Past),
		col("feed_future", &t.Feed.Future), col("feed_cancelled", &t.Feed.Cancelled),
		col("feed_alarm", optional(&t.Feed.Alarm)),
	}
}

func shiftColumns(s *schedule.Shift) []column {
	return []column{
		keyCol("id", &s.ID), col("name", &s.Name), col("code", &s.Code),
		col("starts", text(&s.Start)), col("ends", text(&s.End)), col("zone", &s.Zone),
		col("rrule", text(&s.Recurrence)), col("from_date", text(&s.From)), col("until_date", text(&s.Until)),
		col("except_on", list(&s.Except)), col("also_on", list(&s.Also)), col("tags", list(&s.Tags)),
		col("break", &s.Break), col("paid", optional(&s.Paid)), col("burden", &s.Burden), col("color", &s.Color),
		col("location", &s.Location), col("link", &s.Link), col("note", &s.Note),
	}
}

func demandColumns(l *schedule.DemandLine) []column {
	return []column{
		keyCol("id", &l.ID), col("shift", &l.Shift), col("interval", optionalSpan(&l.Interval)),
		col("step", &l.Step), col("zone", &l.Zone), col("days", &l.Days), col("dates", list(&l.Dates)),
		col("from_date", text(&l.From)), col("until_date", text(&l.Until)), col("holiday", optionalFlag(&l.Holiday)),
		col("agents_min", optional(&l.Agents.Min)), col("agents_target", optional(&l.Agents.Target)),
		col("agents_max", optional(&l.Agents.Max)), col("min_weight", optional(&l.Agents.MinWeight)),
		col("target_weight", optional(&l.Agents.TargetWeight)), col("max_weight", optional(&l.Agents.MaxWeight)),
		col("language", &l.Language.Tag), col("language_level", text(&l.Language.Level)),
		col("language_min", optional(&l.Language.Min)), col("language_capacity", optional(&l.Language.Capacity)),
		col("language_weight", optional(&l.Language.Weight)),
		col("skill", &l.Skill.Name), col("skill_level", &l.Skill.Level), col("skill_min", optional(&l.Skill.Min)),
		col("skill_weight", optional(&l.Skill.Weight)), col("note", &l.Note),
	}
}

func contractColumns(c *schedule.Contract) []column {
	return []column{
		keyCol("id", &c.ID), col("name", &c.Name), col("min", optional(&c.Min)), col("target", optional(&c.Target)),
		col("max", optional(&c.Max)), col("extra", &c.Extra), col("shifts", list(&c.Shifts)), col("note", &c.Note),
	}
}

func ruleColumns(r *schedule.Rule) []column {
	return []column{
		keyCol("id", &r.ID), col("name", &r.Name), col("params", list(&r.Params)),
		col("contracts", list(&r.Scope.Contracts)), col("agents", list(&r.Scope.Agents)), col("tags", list(&r.Scope.Tags)),
		col("force", &r.Force), col("weight", &r.Weight), col("pack", &r.Pack), col("note", &r.Note),
	}
}

func patternColumns(p *schedule.Pattern) []column {
	return []column{
		keyCol("id", &p.ID), col("name", &p.Name), col("days", &p.Days), col("step", &p.Step),
		col("offsets", list(&p.Offsets)), col("note", &p.Note),
	}
}

func rotationColumns(r *schedule.Rotation) []column {
	return []column{
		keyCol("id", &r.ID), col("pattern", &r.Pattern), col("start_date", text(&r.Start)),
		col("from_date", text(&r.From)), col("until_date", text(&r.Until)),
		col("letters", mapped(&r.Letters,
			func(l schedule.Letter) storedLetter { return storedLetter(l) },
			func(l storedLetter) schedule.Letter { return schedule.Letter(l) })),
		col("crews", mapped(&r.Crews,
			func(c schedule.Crew) storedCrew { return storedCrew(c) },
			func(c storedCrew) schedule.Crew { return schedule.Crew(c) })),
		col("weight", optional(&r.Weight)), col("note", &r.Note),
	}
}

func holidayColumns(h *schedule.Holiday) []column {
	return []column{keyCol("date", text(&h.Date)), keyCol("country", &h.Country), keyCol("name", &h.Name)}
}

func agentColumns(a *schedule.Agent) []column {
	return []column{
		keyCol("id", &a.ID), col("name", &a.Name), col("zone", &a.Zone), col("contract", reference(&a.Contract)),
		col("slack", &a.Slack), col("email", &a.Email), col("tags", list(&a.Tags)), col("holidays", list(&a.Holidays)),
		col("from_date", text(&a.From)), col("to_date", text(&a.To)), col("extra", optional(&a.Extra)),
		col("reminders", list(&a.Reminders)), col("quiet", optionalSpan(&a.Quiet)), col("note", &a.Note),
	}
}

func availabilityColumns(a *schedule.Availability) []column {
	return []column{
		keyCol("id", &a.ID), col("agent", &a.Agent), col("kind", &a.Kind),
		col("from_date", text(&a.From)), col("to_date", text(&a.To)), col("rrule", text(&a.Recurrence)),
		col("hours", clockSpan(&a.Hours)),
		col("exact_start", instant(&a.Exact.Start)), col("exact_end", instant(&a.Exact.End)),
		col("shifts", list(&a.Shifts)), col("tags", list(&a.Tags)), col("weight", optional(&a.Weight)),
		col("note", &a.Note), col("state", &a.State), col("answered_by", &a.By), col("answered_at", instant(&a.At)),
		col("source", &a.Source), col("external", &a.External),
	}
}

func pinColumns(p *schedule.Pin) []column {
	return []column{keyCol("agent", &p.Agent), keyCol("slot", &p.Slot), col("forbid", &p.Forbid), col("note", &p.Note)}
}

// The stored forms convert to and from their domain types, which the compiler checks; the names in files stay when
// those of fields change.

type storedGroup struct {
	Group    string             `json:"group"`
	Shifts   []schedule.ShiftID `json:"shifts"`
	Language schedule.Language  `json:"language"`
	Skill    string             `json:"skill"`
	Fallback []schedule.AgentID `json:"fallback"`
}

type storedLetter struct {
	Letter string           `json:"letter"`
	Shift  schedule.ShiftID `json:"shift"`
	Next   bool             `json:"next"`
}

type storedCrew struct {
	Name   string                 `json:"name"`
	Offset schedule.Optional[int] `json:"offset"`
	Agents []schedule.AgentID     `json:"agents"`
	Size   int                    `json:"size"`
}

type storedDemand struct {
	Min          int                    `json:"min"`
	Target       schedule.Optional[int] `json:"target"`
	Max          schedule.Optional[int] `json:"max"`
	MinWeight    schedule.Cost          `json:"min_weight"`
	TargetWeight schedule.Cost          `json:"target_weight"`
	MaxWeight    schedule.Cost          `json:"max_weight"`
	Languages    []storedLanguage       `json:"languages"`
	Skills       []storedSkill          `json:"skills"`
	Notes        []string               `json:"notes"`
}

type storedLanguage struct {
	Tag      schedule.Language `json:"tag"`
	Level    schedule.Level    `json:"level"`
	Min      int               `json:"min"`
	Capacity int               `json:"capacity"`
	Weight   schedule.Cost     `json:"weight"`
}

type storedSkill struct {
	Name   string              `json:"name"`
	Level  schedule.SkillLevel `json:"level"`
	Min    int                 `json:"min"`
	Weight schedule.Cost       `json:"weight"`
}
