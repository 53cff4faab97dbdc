package teamfile

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"rota/schedule"
)

// The generators below make books of every field, with values that a file can say, though not always sense.

func maybe[V any](t *rapid.T, g *rapid.Generator[V]) V {
	var none V
	if rapid.Bool().Draw(t, "given") {
		return g.Draw(t, "value")
	}
	return none
}

func opt[V comparable](t *rapid.T, g *rapid.Generator[V]) schedule.Optional[V] {
	if rapid.Bool().Draw(t, "set") {
		return schedule.Some(g.Draw(t, "value"))
	}
	return schedule.Optional[V]{}
}

// some is a list that is nil when it is empty.
func some[V any](g *rapid.Generator[V]) *rapid.Generator[[]V] {
	return rapid.Custom(func(t *rapid.T) []V {
		if l := rapid.SliceOfN(g, 0, 4).Draw(t, "list"); len(l) > 0 {
			return l
		}
		return nil
	})
}

var (
	anyText = rapid.OneOf(rapid.SampledFrom([]string{"", "Ani Petrosyan", "佐藤 健二", "Seán O'Brien", "no", "null", "~", "12", "1e3", "0x1F",
		"2026-12-07", "a: b", "# no comment", " x ", "a  b", "- x", "line\nbreak", "tab\there", `back\slash "quoted"`, "{a}", "[a]", "&a", "*",
		"x:y", "é", "e\u0301", "\u2028", "\u00a0", "🙂", "\u0085", "\ufeff", "%", "@x", "`", "!", "?", ":", "a,b", "true", "off", "08:00", "+1", "-", "--- x"}),
		rapid.StringN(0, 12, 40))
	anyID   = rapid.StringMatching(`[a-zA-Z0-9][a-zA-Z0-9_.-]{0,8}`)
	anyDate = rapid.Custom(func(t *rapid.T) schedule.Date {
		return schedule.MustDate("2026-01-01").AddDays(rapid.IntRange(-700000, 2900000).Draw(t, "day"))
	})
	anyClock = rapid.Custom(func(t *rapid.T) schedule.Clock { return schedule.Clock(rapid.IntRange(0, 1440).Draw(t, "clock")) })
	anySpan  = rapid.Custom(func(t *rapid.T) schedule.ClockSpan {
		return schedule.ClockSpan{Start: anyClock.Draw(t, "start"), End: anyClock.Draw(t, "end")}
	})
	anyMinutes = rapid.Custom(func(t *rapid.T) schedule.Minutes {
		return schedule.Minutes(rapid.IntRange(-10000, 10000).Draw(t, "minutes"))
	})
	anyInt  = rapid.IntRange(-100000, 100000)
	anyCost = rapid.Custom(func(t *rapid.T) schedule.Cost { return schedule.Cost(anyInt.Draw(t, "cost")) })
	anyTime = rapid.Custom(func(t *rapid.T) time.Time {
		return time.Unix(rapid.Int64Range(-1e10, 1e11).Draw(t, "sec"), rapid.Int64Range(0, 999999999).Draw(t, "ns")).UTC()
	})
	anyRecurrence = rapid.Map(rapid.SampledFrom([]string{"", "FREQ=WEEKLY;BYDAY=SA,SU", "FREQ=WEEKLY;BYDAY=MO", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO",
		"FREQ=MONTHLY;BYDAY=2MO,-1FR", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU", "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=24", "FREQ=DAILY;COUNT=3",
		"FREQ=DAILY;UNTIL=20270101", "FREQ=WEEKLY"}), schedule.MustRecurrence)
	anyLanguage = rapid.Map(rapid.SampledFrom([]string{"en", "no", "pt-BR", "zh-Hant", "hy", "yo"}), func(s string) schedule.Language { return schedule.Language(s) })
	anyLevel    = rapid.Map(rapid.IntRange(1, 7), func(n int) schedule.Level { return schedule.Level(n) })
	anySkill    = rapid.Map(rapid.IntRange(1, 5), func(n int) schedule.SkillLevel { return schedule.SkillLevel(n) })
	anyWeekday  = rapid.Map(rapid.IntRange(0, 6), func(n int) time.Weekday { return time.Weekday(n) })
)

func as[T ~string](g *rapid.Generator[string]) *rapid.Generator[T] {
	return rapid.Map(g, func(s string) T { return T(s) })
}

func dateSets(t *rapid.T) []schedule.Date {
	set := map[schedule.Date]bool{}
	var l []schedule.Date
	d := anyDate.Draw(t, "first")
	for range rapid.IntRange(0, 3).Draw(t, "n") {
		if !d.IsZero() && !set[d] {
			l, set[d] = append(l, d), true
		}
		d = d.AddDays(rapid.IntRange(1, 500).Draw(t, "step"))
	}
	return l
}

var anyTeam = rapid.Custom(func(t *rapid.T) schedule.Team {
	v := schedule.NewTeam(schedule.TeamID(anyID.Draw(t, "id")), anyText.Draw(t, "name"), anyText.Draw(t, "zone"))
	if rapid.Bool().Draw(t, "plain") {
		return v
	}
	v.WeekStart = anyWeekday.Draw(t, "week")
	v.Weekend = schedule.WeekSpan{Start: schedule.WeekTime{Day: anyWeekday.Draw(t, "a"), Clock: anyClock.Draw(t, "b")},
		End: schedule.WeekTime{Day: anyWeekday.Draw(t, "c"), Clock: anyClock.Draw(t, "d")}}
	v.Night = anySpan.Draw(t, "night")
	v.Holidays = some(as[schedule.Country](anyText)).Draw(t, "holidays")
	v.Burden = schedule.BurdenWeights{Night: anyInt.Draw(t, "n"), Weekend: anyInt.Draw(t, "w"), Holiday: anyInt.Draw(t, "h"), ShortNotice: anyInt.Draw(t, "s")}
	v.ShortNotice, v.HalfLife = anyMinutes.Draw(t, "short"), anyInt.Draw(t, "half")
	v.Manager, v.ManagerSlack, v.Channel = schedule.AgentID(anyText.Draw(t, "m")), anyText.Draw(t, "ms"), anyText.Draw(t, "ch")
	v.Reminders, v.Quiet = some(anyMinutes).Draw(t, "reminders"), opt(t, anySpan)
	v.Messages = schedule.MessageSettings{Skip: some(rapid.SampledFrom(schedule.MessageKinds())).Draw(t, "off"), DigestAt: anyClock.Draw(t, "digest"),
		GapWithin: anyMinutes.Draw(t, "gap"), EscalateAfter: anyMinutes.Draw(t, "escalate"), OfferWave: anyInt.Draw(t, "wave"), OfferEvery: anyMinutes.Draw(t, "every")}
	v.Feed = schedule.FeedSettings{Names: rapid.Bool().Draw(t, "names"), Leave: rapid.Bool().Draw(t, "leave"), Past: anyInt.Draw(t, "past"),
		Future: anyInt.Draw(t, "future"), Cancelled: anyInt.Draw(t, "cancelled"), Alarm: opt(t, anyMinutes)}
	v.Groups = some(rapid.Custom(func(t *rapid.T) schedule.OnGroup {
		return schedule.OnGroup{Group: anyText.Draw(t, "g"), Shifts: some(as[schedule.ShiftID](anyText)).Draw(t, "s"), Language: maybe(t, anyLanguage),
			Skill: anyText.Draw(t, "k"), Fallback: some(as[schedule.AgentID](anyText)).Draw(t, "f")}
	})).Draw(t, "groups")
	return v
})

var anyShift = rapid.Custom(func(t *rapid.T) schedule.Shift {
	return schedule.Shift{ID: schedule.ShiftID(anyID.Draw(t, "id")), Name: anyText.Draw(t, "name"), Code: anyText.Draw(t, "code"),
		Start: anyClock.Draw(t, "start"), End: anyClock.Draw(t, "end"), Zone: anyText.Draw(t, "zone"), Recurrence: anyRecurrence.Draw(t, "r"),
		From: maybe(t, anyDate), Until: maybe(t, anyDate), Except: dateSets(t), Also: dateSets(t), Tags: some(anyText).Draw(t, "tags"),
		Break: maybe(t, anyMinutes), Paid: opt(t, anyMinutes), Burden: schedule.Points(anyInt.Draw(t, "burden")),
		Color: anyText.Draw(t, "color"), Location: anyText.Draw(t, "loc"), Link: anyText.Draw(t, "link"), Note: anyText.Draw(t, "note")}
})

var anyDemand = rapid.Custom(func(t *rapid.T) schedule.DemandLine {
	l := schedule.DemandLine{ID: schedule.DemandID(maybe(t, anyID)), Shift: schedule.ShiftID(rapid.SampledFrom([]string{"", "*", "late"}).Draw(t, "shift")),
		Interval: opt(t, anySpan), Step: maybe(t, anyMinutes), Zone: anyText.Draw(t, "zone"), Days: schedule.Weekdays(rapid.IntRange(0, 127).Draw(t, "days")),
		Dates: dateSets(t), From: maybe(t, anyDate), Until: maybe(t, anyDate), Holiday: opt(t, rapid.Bool()), Note: anyText.Draw(t, "note"),
		Agents: schedule.AgentsNeed{Min: opt(t, anyInt), Target: opt(t, anyInt), Max: opt(t, anyInt), MinWeight: opt(t, anyCost),
			TargetWeight: opt(t, anyCost), MaxWeight: opt(t, anyCost)}}
	if rapid.Bool().Draw(t, "language") {
		l.Language = schedule.LanguageNeed{Tag: anyLanguage.Draw(t, "tag"), Level: maybe(t, anyLevel), Min: opt(t, anyInt), Capacity: opt(t, anyInt), Weight: opt(t, anyCost)}
	}
	if rapid.Bool().Draw(t, "skill") {
		l.Skill = schedule.SkillNeed{Name: anyID.Draw(t, "name"), Level: maybe(t, anySkill), Min: opt(t, anyInt), Weight: opt(t, anyCost)}
	}
	return l
})

var anyContract = rapid.Custom(func(t *rapid.T) schedule.Contract {
	return schedule.Contract{ID: schedule.ContractID(anyID.Draw(t, "id")), Name: anyText.Draw(t, "name"), Min: opt(t, anyMinutes), Target: opt(t, anyMinutes),
		Max: opt(t, anyMinutes), Extra: maybe(t, anyMinutes), Shifts: some(as[schedule.ShiftID](anyText)).Draw(t, "shifts"), Note: anyText.Draw(t, "note")}
})

var anyParam = rapid.Custom(func(t *rapid.T) schedule.Value {
	switch rapid.IntRange(0, 4).Draw(t, "kind") {
	case 0:
		return schedule.Number(anyInt.Draw(t, "n"))
	case 1:
		return schedule.Decimal(float64(anyInt.Draw(t, "milli")) / 1000)
	case 2:
		return schedule.Text(anyText.Draw(t, "text"))
	case 3:
		return schedule.List(some(anyText).Draw(t, "list")...)
	}
	return schedule.Flag(rapid.Bool().Draw(t, "flag"))
})

var anyRule = rapid.Custom(func(t *rapid.T) schedule.Rule {
	v := schedule.Rule{ID: schedule.RuleID(maybe(t, anyID)), Name: schedule.RuleName(anyID.Draw(t, "name")),
		Scope: schedule.Scope{Contracts: some(as[schedule.ContractID](anyText)).Draw(t, "contracts"), Agents: some(as[schedule.AgentID](anyText)).Draw(t, "agents"),
			Tags: some(anyText).Draw(t, "tags")},
		Force: rapid.SampledFrom([]schedule.Force{schedule.ByDefault, schedule.Hard, schedule.Weighted, schedule.Off}).Draw(t, "force"),
		Pack:  anyText.Draw(t, "pack"), Note: anyText.Draw(t, "note")}
	if v.Force != schedule.ByDefault {
		v.Weight = anyCost.Draw(t, "weight")
	}
	if p := rapid.MapOfN(rapid.SampledFrom([]string{"hours", "tag", "of", "x y", "12", "no"}), anyParam, 0, 4).Draw(t, "params"); len(p) > 0 {
		v.Params = p
	}
	return v
})

var anyPattern = rapid.Custom(func(t *rapid.T) schedule.Pattern {
	return schedule.Pattern{ID: schedule.PatternID(anyID.Draw(t, "id")), Name: anyText.Draw(t, "name"), Days: anyText.Draw(t, "days"),
		Step: anyInt.Draw(t, "step"), Offsets: some(anyInt).Draw(t, "offsets"), Note: anyText.Draw(t, "note")}
})

var anyRotation = rapid.Custom(func(t *rapid.T) schedule.Rotation {
	v := schedule.Rotation{ID: schedule.RotationID(maybe(t, anyID)), Pattern: schedule.PatternID(anyID.Draw(t, "pattern")), Start: anyDate.Draw(t, "start"),
		From: maybe(t, anyDate), Until: maybe(t, anyDate), Weight: opt(t, anyCost), Note: anyText.Draw(t, "note")}
	for _, l := range rapid.SliceOfNDistinct(anyText, 0, 3, rapid.ID[string]).Draw(t, "letters") {
		v.Letters = append(v.Letters, schedule.Letter{Letter: l, Shift: schedule.ShiftID(anyText.Draw(t, "shift")), Next: rapid.Bool().Draw(t, "next")})
	}
	v.Crews = some(rapid.Custom(func(t *rapid.T) schedule.Crew {
		return schedule.Crew{Name: anyText.Draw(t, "name"), Offset: opt(t, anyInt), Agents: some(as[schedule.AgentID](anyText)).Draw(t, "agents"), Size: anyInt.Draw(t, "size")}
	})).Draw(t, "crews")
	return v
})

var anyAgent = rapid.Custom(func(t *rapid.T) schedule.Agent {
	v := schedule.Agent{ID: schedule.AgentID(anyID.Draw(t, "id")), Name: anyText.Draw(t, "name"), Zone: anyText.Draw(t, "zone"), Contract: schedule.ContractID(anyText.Draw(t, "c")),
		Slack: anyText.Draw(t, "slack"), Email: anyText.Draw(t, "email"), Tags: some(anyText).Draw(t, "tags"), From: maybe(t, anyDate), To: maybe(t, anyDate),
		Extra: opt(t, anyMinutes), Quiet: opt(t, anySpan), Note: anyText.Draw(t, "note")}
	if m := rapid.MapOfN(anyLanguage, anyLevel, 0, 3).Draw(t, "languages"); len(m) > 0 {
		v.Languages = m
	}
	if m := rapid.MapOfN(anyText, anySkill, 0, 3).Draw(t, "skills"); len(m) > 0 {
		v.Skills = m
	}
	if rapid.Bool().Draw(t, "own holidays") {
		v.Holidays = append([]schedule.Country{}, some(as[schedule.Country](anyText)).Draw(t, "holidays")...)
	}
	if rapid.Bool().Draw(t, "own reminders") {
		v.Reminders = append([]schedule.Minutes{}, some(anyMinutes).Draw(t, "reminders")...)
	}
	return v
})

var anyAvailability = rapid.Custom(func(t *rapid.T) schedule.Availability {
	v := schedule.Availability{ID: schedule.AvailabilityID(maybe(t, anyID)), Agent: schedule.AgentID(anyID.Draw(t, "agent")),
		Kind: rapid.SampledFrom(schedule.AvailabilityKinds()).Draw(t, "kind"), From: maybe(t, anyDate), To: maybe(t, anyDate), Recurrence: anyRecurrence.Draw(t, "r"),
		Hours: maybe(t, anySpan), Shifts: some(as[schedule.ShiftID](anyText)).Draw(t, "shifts"), Tags: some(anyText).Draw(t, "tags"), Weight: opt(t, anyCost),
		State: rapid.SampledFrom(append(schedule.RequestStates(), "")).Draw(t, "state"), By: anyText.Draw(t, "by"), At: maybe(t, anyTime),
		Source: anyText.Draw(t, "source"), External: anyText.Draw(t, "external"), Note: anyText.Draw(t, "note")}
	if rapid.Bool().Draw(t, "single") {
		v.To = v.From
	}
	if rapid.Bool().Draw(t, "exact") {
		v.Exact.Start = anyTime.Draw(t, "start")
		v.Exact.End = v.Exact.Start.Add(time.Duration(rapid.Int64Range(1, 1e15).Draw(t, "length")))
	}
	return v
})

var anyBook = rapid.Custom(func(t *rapid.T) schedule.Book {
	return schedule.Book{Team: anyTeam.Draw(t, "team"), Shifts: some(anyShift).Draw(t, "shifts"), Demand: some(anyDemand).Draw(t, "demand"),
		Contracts: some(anyContract).Draw(t, "contracts"), Rules: some(anyRule).Draw(t, "rules"), Patterns: some(anyPattern).Draw(t, "patterns"),
		Rotations: some(anyRotation).Draw(t, "rotations"), Agents: some(anyAgent).Draw(t, "agents"), Availability: some(anyAvailability).Draw(t, "availability"),
		Holidays: some(rapid.Custom(func(t *rapid.T) schedule.Holiday {
			return schedule.Holiday{Date: anyDate.Draw(t, "date"), Name: anyText.Draw(t, "name"), Country: schedule.Country(anyText.Draw(t, "country"))}
		})).Draw(t, "holidays"),
		Pins: some(rapid.Custom(func(t *rapid.T) schedule.Pin {
			return schedule.Pin{Agent: schedule.AgentID(anyID.Draw(t, "agent")), Slot: schedule.MakeSlotID(schedule.ShiftID(anyID.Draw(t, "shift")), anyDate.Draw(t, "date")),
				Forbid: rapid.Bool().Draw(t, "forbid"), Note: anyText.Draw(t, "note")}
		})).Draw(t, "pins")}
})

func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		book := anyBook.Draw(t, "book").Normalize()
		data, err := Write(book)
		if err != nil {
			t.Fatal(err)
		}
		for i, line := range strings.Split(string(data), "\n") {
			if strings.TrimRight(line, " ") != line {
				t.Fatalf("line %d ends in a space", i+1)
			}
		}
		r := newReader("book")
		got, ok := r.book(data)
		if !ok || len(r.found) > 0 {
			t.Fatalf("%v\n%s", r.found, data)
		}
		if got = got.Normalize(); !reflect.DeepEqual(got, book) {
			t.Fatalf("%v\n%s", book.Diff(got), data)
		}
		again, err := Write(got)
		if err != nil || string(again) != string(data) {
			t.Fatalf("a second time it is written otherwise:\n%s\n%s", data, again)
		}
	})
}

// TestGeneratorCoversEveryField keeps the property test honest: a field that is added to a type and to no generator
// would round-trip as zero.
func TestGeneratorCoversEveryField(t *testing.T) {
	seen := map[string]bool{}
	var note func(v reflect.Value)
	note = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.Struct:
			for i := range v.NumField() {
				if f := v.Type().Field(i); f.IsExported() {
					name := v.Type().String() + "." + f.Name
					seen[name] = seen[name] || !v.Field(i).IsZero()
					note(v.Field(i))
				}
			}
		case reflect.Slice:
			for i := range v.Len() {
				note(v.Index(i))
			}
		}
	}
	for seed := range 40 {
		note(reflect.ValueOf(anyBook.Example(seed)))
	}
	for name, drawn := range seen {
		if !drawn {
			t.Errorf("%s is never drawn", name)
		}
	}
}
