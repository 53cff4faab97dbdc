package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"rota/schedule"
	"rota/schedule/plan"
	"rota/schedule/sqlite"
	"rota/solver"
)

func patternSection() section {
	return section{
		noun: "pattern", plural: "own patterns", name: "patterns", short: "Rotations as strings of days",
		args: []string{"id", "days"}, keys: []string{"id"},
		flags: []keyFlag{
			{flag: "step", path: "step", doc: "days between one crew and the next"},
			{flag: "offsets", path: "offsets", doc: "where each crew stands on the first day, in place of --step"},
			{flag: "name", path: "name", doc: "name"},
			{flag: "note", path: "note", doc: "a note"},
		},
	}
}

// patternCommand is rota pattern.
func (a *app) patternCommand() *cobra.Command {
	x := patternSection()
	group := &cobra.Command{Use: "pattern", Short: x.short,
		Long: `Rotations as strings of days: a letter for each day, D for day or early, S for late, N for night, - for a day off. Crew after
crew works the same string, each so many days ahead of the next.`,
		Example: `  rota pattern show metropolitan
  rota pattern show DDSSNN-- --step 2
  rota pattern apply metropolitan --start 2026-12-07 --letter D=early --letter S=late --letter N=night+ --crew ani,bo --crew cy,dan`}
	add := a.addEntry(x)
	add.Long = "Add a pattern of the team's own. A string that begins with '-' comes after --, as in rota pattern add relief -- --DD--NN"
	group.AddCommand(a.listPatterns(), a.showPattern(), add, a.editEntry(x), a.removeEntry(x), a.applyPattern(), a.layPattern())
	return group
}

// rotationCommand is rota rotation.
func (a *app) rotationCommand() *cobra.Command {
	x := section{
		noun: "rotation", plural: "rotations", name: "rotations", short: "The patterns that crews of the team work by", keys: []string{"id"},
		flags: []keyFlag{
			{flag: "start", path: "start", doc: "roster day of the first letter"},
			{flag: "from", path: "from", doc: "first roster day"},
			{flag: "until", path: "until", doc: "last roster day"},
			{flag: "weight", path: "weight", doc: "price of each day on which the roster differs"},
			{flag: "note", path: "note", doc: "a note"},
		},
		columns: []column{{"ID", "id", false}, {"Pattern", "pattern", false}, {"Start", "start", false}, {"Until", "until", false},
			{"Letters", "letters", false}, {"Crews", "crews", false}, {"Weight", "weight", true}},
	}
	group := &cobra.Command{Use: "rotation", Short: x.short, Example: "  rota pattern apply metropolitan --start 2026-12-07 ...   makes one\n  rota rotation edit metropolitan --until 2027-03-31"}
	group.AddCommand(a.listEntries(x), a.showEntry(x), a.editEntry(x), a.removeEntry(x))
	return group
}

// ownPatterns are the team's; none when there is no database, or no team is chosen where one has to be, since built-in
// patterns need neither.
func (a *app) ownPatterns(cmd *cobra.Command) ([]schedule.Pattern, error) {
	var own []schedule.Pattern
	err := a.withStore(cmd.Context(), func(s *sqlite.Store) error {
		teams, err := s.ListTeams(cmd.Context())
		if err != nil || len(teams) != 1 && a.teamFlag == "" && a.getenv("ROTA_TEAM") == "" {
			return err
		}
		team, err := a.teamID(cmd.Context(), s)
		if err != nil {
			return err
		}
		book, _, err := s.LoadBook(cmd.Context(), team)
		own = book.Patterns
		return err
	})
	if errors.Is(err, sqlite.ErrNoDatabase) {
		return nil, nil
	}
	return own, err
}

func (a *app) completePatterns(cmd *cobra.Command, args []string, prefix string) ([]string, cobra.ShellCompDirective) {
	var words []string
	for _, p := range schedule.BuiltInPatterns() {
		words = append(words, string(p.ID)+"\t"+p.Name)
	}
	own, _ := a.fromBook(func(b schedule.Book) []string {
		var ids []string
		for _, p := range b.Patterns {
			ids = append(ids, string(p.ID)+"\t"+p.Name)
		}
		return ids
	})(cmd, args, prefix)
	return append(words, own...), cobra.ShellCompDirectiveNoFileComp
}

type patternJSON struct {
	ID      schedule.PatternID `json:"id"`
	Name    string             `json:"name"`
	Days    string             `json:"days"`
	Crews   int                `json:"crews"`
	Offsets []int              `json:"offsets"`
	BuiltIn bool               `json:"built_in"`
	Note    string             `json:"note,omitempty"`
}

func patternOut(p schedule.Pattern, own bool) patternJSON {
	out := patternJSON{ID: p.ID, Name: p.Name, Days: p.Days, Crews: p.CrewCount(), Offsets: []int{}, BuiltIn: !own, Note: p.Note}
	for k := range out.Crews {
		out.Offsets = append(out.Offsets, p.Offset(k))
	}
	return out
}

func (a *app) listPatterns() *cobra.Command {
	c := &cobra.Command{Use: "list", Short: "List the patterns there are", Aliases: []string{"ls"}}
	format := a.output(c, "table", "json", "csv")
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		format, err := format()
		if err != nil {
			return err
		}
		own, err := a.ownPatterns(cmd)
		if err != nil {
			return err
		}
		all := []patternJSON{}
		t := list{header: []string{"ID", "String", "Crews", "Offsets", "Name"}, right: map[int]bool{2: true}}
		for i, p := range append(slices.Clone(own), schedule.BuiltInPatterns()...) {
			out := patternOut(p, i < len(own))
			all = append(all, out)
			t.add(string(p.ID), p.Days, fmt.Sprint(out.Crews), strings.Trim(fmt.Sprint(out.Offsets), "[]"), p.Name)
		}
		return listing(a, format, "rota/patterns/v1", "", "patterns", all, t)
	}
	return c
}

// isString reports whether a word is a string of days and not the id of a pattern.
func isString(word string) bool {
	return strings.Trim(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ-") == "" && strings.Trim(word, "-") != ""
}

// parseLetterHours reads D=07:00-19:00; a + at the end means the hours of the next date.
func parseLetterHours(words []string) ([]schedule.LetterHours, error) {
	var hours []schedule.LetterHours
	for _, w := range words {
		letter, span, ok := strings.Cut(w, "=")
		span, next := strings.CutSuffix(span, "+")
		at, err := schedule.ParseClockSpan(span)
		if !ok || len(letter) != 1 || err != nil {
			return nil, usagef("bad --hours %q: write it as N=22:00-06:00, with + for the hours of the next date", w)
		}
		hours = append(hours, schedule.LetterHours{Letter: letter[0], Hours: at, Next: next, Night: letter == "N"})
	}
	return hours, nil
}

func (a *app) showPattern() *cobra.Command {
	c := &cobra.Command{Use: "show PATTERN|STRING", Short: "Show a rotation as a grid, with its properties and its conflicts with each pack",
		Args: cobra.ExactArgs(1), ValidArgsFunction: first(a.completePatterns),
		Long: `Show a rotation as a grid, with its properties and its conflicts with each pack. Weeks begin on Monday. Without --hours the
letters mean eight hours from 06:00, 14:00 and 22:00, or twelve from 07:00 and 19:00 in strings without S that have D and N
on at most half their days.`,
		Example: `  rota pattern show dupont
  rota pattern show D------------- --step 1 --days monday-friday
  rota pattern show DDSSNN-- --step 2 --hours N=00:00-08:00+ --hours D=08:00-16:00 --hours S=16:00-00:00`}
	var step int
	var words []string
	var days string
	c.Flags().IntVar(&step, "step", 0, "days between one crew and the next, for a string or in place of the pattern's own")
	c.Flags().StringArrayVar(&words, "hours", nil, "what a letter means, as N=22:00-06:00")
	c.Flags().StringVar(&days, "days", "", "weekdays on which the shifts exist, as monday-friday (default: all)")
	format := a.output(c, "table", "json")
	c.RunE = func(cmd *cobra.Command, args []string) error {
		format, err := format()
		if err != nil {
			return err
		}
		p, own := schedule.Pattern{ID: "string", Name: args[0], Days: args[0], Step: max(step, 1)}, true
		if !isString(args[0]) {
			if p, own, err = a.findPattern(cmd, args[0]); err != nil {
				return err
			}
			if step > 0 {
				p.Step, p.Offsets = step, nil
			}
		}
		if len(p.Days) > 366 {
			return usagef("the string has %d days; a year is enough", len(p.Days))
		}
		hours, err := parseLetterHours(words)
		if err != nil {
			return err
		}
		on, err := parseDays(days)
		if err != nil {
			return err
		}
		study, err := schedule.StudyPattern(p, hours, on)
		if err != nil {
			return hint(usage(err), "say what each letter means: --hours X=08:00-16:00")
		}
		var warnings []schedule.PatternWarning
		for _, pack := range schedule.Packs() {
			found, err := schedule.JudgePattern(p, hours, pack)
			if err != nil {
				return err
			}
			warnings = append(warnings, found...)
		}
		if format == "json" {
			return a.writeJSON(studyOut(study, own, warnings))
		}
		a.printStudy(study, warnings)
		return nil
	}
	return c
}

// findPattern is the team's own or a built-in pattern.
func (a *app) findPattern(cmd *cobra.Command, id string) (p schedule.Pattern, own bool, err error) {
	mine, err := a.ownPatterns(cmd)
	if err != nil {
		return p, false, err
	}
	p, known := schedule.FindPattern(mine, schedule.PatternID(id))
	if !known {
		var ids []string
		for _, q := range append(mine, schedule.BuiltInPatterns()...) {
			ids = append(ids, string(q.ID))
		}
		near, _ := schedule.Nearest(id, ids)
		return p, false, hint(&schedule.UnknownError{Noun: "pattern", Word: id, Nearest: near, Valid: ids}, "see rota pattern list")
	}
	return p, slices.ContainsFunc(mine, func(q schedule.Pattern) bool { return q.ID == p.ID }), nil
}

// parseDays reads monday-friday or sa,su; empty is every day.
func parseDays(s string) (schedule.Weekdays, error) {
	var set schedule.Weekdays
	for part := range strings.FieldsFuncSeq(s, func(r rune) bool { return r == ',' || r == ' ' }) {
		from, to, isRange := strings.Cut(part, "-")
		first, err := schedule.ParseWeekday(from)
		if err != nil {
			return 0, usage(fmt.Errorf("--days: %w", err))
		}
		last := first
		if isRange {
			if last, err = schedule.ParseWeekday(to); err != nil {
				return 0, usage(fmt.Errorf("--days: %w", err))
			}
		}
		for d := first; ; d = (d + 1) % 7 {
			if set |= schedule.MakeWeekdays(d); d == last {
				break
			}
		}
	}
	return set, nil
}

type studyJSON struct {
	Schema        string             `json:"schema"`
	Pattern       patternJSON        `json:"pattern"`
	Hours         []letterHoursJSON  `json:"hours"`
	Repeats       int                `json:"repeats_after_days"`
	Week          schedule.Minutes   `json:"minutes_per_week"`
	WorstSeven    schedule.Minutes   `json:"minutes_in_worst_7_days"`
	LongestRun    int                `json:"longest_run"`
	LongestNights int                `json:"longest_run_of_nights"`
	LongestOff    int                `json:"longest_off"`
	Weekends      int                `json:"weekends"`
	Crews         []crewShareJSON    `json:"crews"`
	Cover         []letterCoverJSON  `json:"coverage"`
	OneCrew       bool               `json:"one_crew_on_every_shift"`
	Resonance     string             `json:"resonance,omitempty"`
	Warnings      []patternWarningJS `json:"warnings"`
}

type letterHoursJSON struct {
	Letter string `json:"letter"`
	Hours  string `json:"hours"`
	Next   bool   `json:"next_date"`
}

type crewShareJSON struct {
	Offset       int `json:"offset"`
	Days         int `json:"days"`
	Nights       int `json:"nights"`
	FreeWeekends int `json:"free_weekends"`
	OffWeekends  int `json:"off_weekends"`
}

type letterCoverJSON struct {
	Letter string `json:"letter"`
	Least  int    `json:"least"`
	Most   int    `json:"most"`
}

type patternWarningJS struct {
	Pack     string          `json:"pack"`
	Rule     schedule.RuleID `json:"rule"`
	Hard     bool            `json:"hard"`
	Times    int             `json:"times"`
	Sentence string          `json:"sentence"`
}

func studyOut(s schedule.PatternStudy, own bool, warnings []schedule.PatternWarning) studyJSON {
	out := studyJSON{Schema: "rota/pattern/v1", Pattern: patternOut(s.Pattern, own), Repeats: s.Repeats, Week: s.Week, WorstSeven: s.WorstSeven,
		LongestRun: s.LongestRun, LongestNights: s.LongestNights, LongestOff: s.LongestOff, Weekends: s.Weekends,
		OneCrew: s.Complete(), Resonance: s.Resonance, Warnings: []patternWarningJS{}}
	for _, h := range s.Hours {
		out.Hours = append(out.Hours, letterHoursJSON{string(h.Letter), h.Hours.String(), h.Next})
	}
	for _, c := range s.Crews {
		out.Crews = append(out.Crews, crewShareJSON{c.Offset, c.Days, c.Nights, c.FreeWeekends, c.OffWeekends})
	}
	for _, c := range s.Cover {
		out.Cover = append(out.Cover, letterCoverJSON{string(c.Letter), c.Least, c.Most})
	}
	for _, w := range warnings {
		out.Warnings = append(out.Warnings, patternWarningJS{w.Pack, w.Rule.ID, w.Rule.Force == schedule.Hard, w.Times, w.Sentence})
	}
	return out
}

func (a *app) printStudy(s schedule.PatternStudy, warnings []schedule.PatternWarning) {
	p := s.Pattern
	a.say("%s  %s", a.look.strong(p.Name), p.Days)
	var means []string
	for _, h := range s.Hours {
		next := ""
		if h.Next {
			next = " of the next date"
		}
		means = append(means, fmt.Sprintf("%c %s%s", h.Letter, h.Hours, next))
	}
	a.say("%s", a.look.faint(strings.Join(means, ", ")+", - off"))
	a.say("")
	// A row for each week of a crew's cycle, as long as string and week come back together, within reason.
	weeks := min(s.Weekends, 8)
	a.say("%s", strings.TrimRight("Crew  "+strings.Repeat("Mo Tu We Th Fr Sa Su  ", min(weeks, 2)), " "))
	for k := range s.Crews {
		for w := 0; w < weeks; w += 2 {
			label := "    "
			if w == 0 {
				label = pad(fmt.Sprint(k+1), 4)
			}
			line := label + "  "
			for d := 7 * w; d < 7*min(w+2, weeks); d++ {
				line += string(p.At(s.Crews[k].Offset, d)) + "  "
				if d%7 == 6 {
					line += " "
				}
			}
			a.say("%s", strings.TrimRight(line, " "))
		}
	}
	if weeks < s.Weekends {
		a.say("%s", a.look.faint(fmt.Sprintf("and so on; string and week come back together after %d weeks", s.Weekends)))
	}
	a.say("")
	least, most := s.FreeWeekends()
	off := s.Crews[0].OffWeekends
	free := fmt.Sprint(least)
	if least != most {
		free = fmt.Sprintf("%d to %d", least, most)
	}
	t := list{header: []string{"Property", ""}}
	t.add("Crews", fmt.Sprint(len(s.Crews)))
	t.add("Hours per week", hoursText(s.Week))
	t.add("Hours in the worst 7 days", hoursText(s.WorstSeven))
	t.add("Longest run of work", plural(s.LongestRun, "day"))
	t.add("Nights in a row", fmt.Sprint(s.LongestNights))
	t.add("Longest time off", plural(s.LongestOff, "day"))
	t.add("Full weekends off", fmt.Sprintf("%d of %d", off, s.Weekends))
	t.add("Weekends free of every hour", fmt.Sprintf("%s of %d", free, s.Weekends))
	for _, c := range s.Cover {
		n := fmt.Sprint(c.Least)
		if c.Least != c.Most {
			n = fmt.Sprintf("%d to %d", c.Least, c.Most)
		}
		t.add(fmt.Sprintf("Crews on %c each day", c.Letter), n)
	}
	_ = a.print(t)
	if !s.Complete() {
		a.say("%s", a.look.warn("Not exactly one crew on every shift every day."))
	}
	if s.Resonance != "" {
		a.say("")
		a.wrapped("", a.look.bad("Resonance: ")+s.Resonance)
	}
	a.say("")
	if len(warnings) == 0 {
		a.say("It keeps every pack.")
		return
	}
	a.say("Against the packs (the worst crew, in %s):", plural(s.Weekends, "week"))
	for _, w := range warnings {
		style := a.look.warn
		if w.Rule.Force == schedule.Hard {
			style = a.look.bad
		}
		a.wrapped("  ", fmt.Sprintf("%s %dx: %s", style(string(w.Rule.ID)), w.Times, w.Rule.Note))
	}
}

// parseCrew reads ani,bo or early-birds:ani,bo; a number is a crew of so many, whom --choose fills.
func parseCrew(word string) schedule.Crew {
	var crew schedule.Crew
	name, members, named := strings.Cut(word, ":")
	if !named {
		name, members = "", word
	}
	crew.Name = name
	for id := range strings.SplitSeq(members, ",") {
		if id = strings.TrimSpace(id); id != "" {
			crew.Agents = append(crew.Agents, schedule.AgentID(id))
		}
	}
	return crew
}

func (a *app) applyPattern() *cobra.Command {
	c := &cobra.Command{Use: "apply PATTERN --start DATE --letter L=SHIFT --crew AGENTS", Short: "Let crews of the team work by a pattern",
		Args: cobra.ExactArgs(1), ValidArgsFunction: first(a.completePatterns),
		Long: `Let crews of the team work by a pattern from a date. A roster that is solved then stays with the pattern at a price for each
day that differs; rota pattern lay-out makes a roster of the pattern alone.

With --choose in place of --crew the solver puts the people named into crews, so that languages, leave, demand and rules work
out best over the weeks after which the rotation comes back to the same weekdays, and says what it proved. With both, members
given by --crew stay. --size says how many places each crew has; those left open by the people named, or by everybody who is in
no crew, are filled now, and by rota solve when a team file leaves some open. --any-offset leaves it to the solver where in
the string people stand.`,
		Example: `  rota pattern apply metropolitan --start 2026-12-07 --letter D=early --letter S=late --letter N=night+ \
    --crew ani,bo --crew cy,dan --crew eva,fay --crew gus,hal
  rota pattern apply 2-2-3 --start 2026-12-07 --letter D=day --letter N=night --choose ani,bo,cy,dan,eva,fay,gus,hal
  rota pattern apply dupont --start 2026-12-07 --letter D=day --letter N=night --size 3 --crew ani --crew bo`}
	var id, start, from, until, note string
	var letterWords, crewWords, choose []string
	var weight, crews, size int
	var anyOffset bool
	var timeLimit time.Duration
	flags := c.Flags()
	flags.StringVar(&id, "id", "", "name of the rotation (default: the pattern's)")
	flags.StringVar(&start, "start", "", "roster day of the string's first letter for offset 0")
	flags.StringVar(&from, "from", "", "first roster day (default: --start)")
	flags.StringVar(&until, "until", "", "last roster day (default: no end)")
	flags.StringArrayVar(&letterWords, "letter", nil, "the shift of a letter, as D=early; N=night+ for the slot of the next date")
	flags.StringArrayVar(&crewWords, "crew", nil, "the agents of a crew, as ani,bo or blue:ani,bo; once for each crew, in order")
	flags.StringSliceVar(&choose, "choose", nil, "agents for the solver to put into crews")
	flags.IntVar(&crews, "crews", 0, "how many crews there are (default: as many as --crew says, or the pattern is made for)")
	flags.IntVar(&size, "size", 0, "places of each crew; the solver fills those that are open (default: equal crews)")
	flags.BoolVar(&anyOffset, "any-offset", false, "people may stand anywhere in the string, in as many crews as are useful")
	flags.DurationVar(&timeLimit, "time-limit", 20*time.Second, "stop choosing after this time")
	flags.IntVar(&weight, "weight", -1, "price of each day on which the roster differs (default: the catalogue's)")
	flags.StringVar(&note, "note", "", "a note")
	a.writes(c)
	format := a.output(c, "table", "json")
	c.RunE = func(cmd *cobra.Command, args []string) error {
		format, err := format()
		if err != nil {
			return err
		}
		p, _, err := a.findPattern(cmd, args[0])
		if err != nil {
			return err
		}
		r := schedule.Rotation{ID: schedule.RotationID(id), Pattern: p.ID, Note: note}
		if id == "" {
			r.ID = schedule.RotationID(p.ID)
		}
		dates := []struct {
			flag, text string
			into       *schedule.Date
		}{{"--start", start, &r.Start}, {"--from", from, &r.From}, {"--until", until, &r.Until}}
		for _, d := range dates {
			if d.text == "" {
				continue
			}
			if *d.into, err = schedule.ParseDate(d.text); err != nil {
				return usage(fmt.Errorf("%s: %w", d.flag, err))
			}
		}
		switch {
		case r.Start.IsZero():
			return usagef("say on which date the string begins: --start DATE")
		case len(letterWords) == 0:
			return usagef("say which shifts the letters %s mean: --letter %c=SHIFT", p.Letters(), p.Letters()[0])
		case len(crewWords) == 0 && len(choose) == 0 && size == 0:
			return usagef("say who works it: --crew for every crew, or --choose")
		case crews < 0 || crews > 100 || crews > 0 && crews < len(crewWords):
			return usagef("bad --crews %d: use 1 to 100, and no fewer than --crew names", crews)
		case size < 0 || size > 1000:
			return usagef("bad --size %d: use 1 to 1000", size)
		case anyOffset && (len(choose) == 0 || len(crewWords) > 0 || crews > 0 || size > 0):
			return usagef("--any-offset goes with --choose alone")
		case timeLimit <= 0:
			return usagef("bad --time-limit %s", timeLimit)
		}
		if r.From.IsZero() {
			r.From = r.Start
		}
		for _, w := range letterWords {
			letter, shift, ok := strings.Cut(w, "=")
			shift, next := strings.CutSuffix(shift, "+")
			if !ok || shift == "" {
				return usagef("bad --letter %q: write it as D=early", w)
			}
			r.Letters = append(r.Letters, schedule.Letter{Letter: letter, Shift: schedule.ShiftID(shift), Next: next})
		}
		if weight >= 0 {
			r.Weight = schedule.Some(schedule.Cost(weight))
		}
		for _, w := range crewWords {
			r.Crews = append(r.Crews, parseCrew(w))
		}
		if crews == 0 && len(crewWords) == 0 {
			crews = p.CrewCount()
		}
		for len(r.Crews) < crews {
			r.Crews = append(r.Crews, schedule.Crew{})
		}
		for k := range r.Crews {
			r.Crews[k].Size = size
		}
		return a.withTeam(cmd.Context(), func(s *sqlite.Store, team schedule.TeamID) error {
			if len(choose) > 0 || size > 0 {
				q := plan.CrewQuery{Rotation: r, Everybody: size == 0, AnyOffset: anyOffset}
				if r, err = a.chooseCrews(cmd.Context(), s, team, r.From, q, choose, solver.Options{TimeLimit: timeLimit, Seed: 1}); err != nil {
					return err
				}
			}
			var after schedule.Book
			err := a.changeBook(cmd.Context(), s, team, format, func(b *schedule.Book) error {
				*b = b.Normalize()
				i := slices.IndexFunc(b.Rotations, func(o schedule.Rotation) bool { return o.ID == r.ID })
				if b.Rotations = slices.Clone(b.Rotations); i >= 0 {
					b.Rotations[i] = r
				} else {
					b.Rotations = append(b.Rotations, r)
				}
				after = *b
				return nil
			})
			if err != nil {
				return err
			}
			text, err := schedule.ResonanceOf(after, r)
			if err != nil {
				return err
			}
			if text != "" {
				a.note("warning: %s", text)
			}
			return nil
		})
	}
	return c
}

type bendJSON struct {
	Rotation schedule.RotationID `json:"rotation"`
	Agent    schedule.AgentID    `json:"agent"`
	Slot     schedule.SlotID     `json:"slot"`
	Why      string              `json:"why"`
}

func (a *app) layPattern() *cobra.Command {
	c := &cobra.Command{Use: "lay-out --from DATE --weeks N", Short: "Make a draft of the team's rotations alone, without the solver",
		Long: `Make a draft of the team's rotations alone: every agent of a crew gets what the pattern gives the crew. What an agent cannot
have, for leave, contract or work elsewhere, is left out and listed. The draft is judged, not improved: rota check says more.`}
	var from string
	var weeks int
	c.Flags().StringVar(&from, "from", "", "the first day (default: the week after the last roster, or next week)")
	c.Flags().IntVar(&weeks, "weeks", 4, "how many weeks")
	a.writes(c)
	format := a.output(c, "table", "json")
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		format, err := format()
		if err != nil {
			return err
		}
		if weeks < 1 || weeks > 53 {
			return usagef("bad --weeks %d: use 1 to 53", weeks)
		}
		return a.withTeam(cmd.Context(), func(s *sqlite.Store, team schedule.TeamID) error {
			first, err := a.solveFrom(cmd.Context(), s, team, from)
			if err != nil {
				return err
			}
			p, err := a.loadWithCrews(cmd.Context(), s, sqlite.PeriodQuery{Team: team, First: first, Last: first.AddDays(7*weeks - 1), Now: a.now},
				solver.Options{TimeLimit: 20 * time.Second, Seed: 1})
			if err != nil {
				return err
			}
			if len(p.Rotations) == 0 {
				return hint(fmt.Errorf("team %s has no rotation", team), "state one: rota pattern apply")
			}
			r, bends, err := schedule.LayOut(p)
			if err != nil {
				return err
			}
			r.Cost = schedule.Audit(p, r).Cost
			r.CreatedAt = a.now
			if p.Published != nil {
				r.Seen = p.Published.Seen
			}
			if !a.dryRun {
				if r, err = s.SaveDraft(cmd.Context(), r, a.who(), a.now); err != nil {
					return err
				}
			}
			if format == "json" {
				out := struct {
					Schema  string           `json:"schema"`
					Team    schedule.TeamID  `json:"team"`
					Version schedule.Version `json:"version,omitempty"`
					First   schedule.Date    `json:"first"`
					Last    schedule.Date    `json:"last"`
					Cost    schedule.Cost    `json:"cost"`
					Bends   []bendJSON       `json:"left_out"`
				}{"rota/layout/v1", team, r.Version, r.First, r.Last, r.Cost, []bendJSON{}}
				for _, b := range bends {
					out.Bends = append(out.Bends, bendJSON(b))
				}
				return a.writeJSON(out)
			}
			x, err := newSheet(p, r)
			if err != nil {
				return err
			}
			for _, b := range bends {
				a.say("left out: %s %s: %s %s", b.Rotation, b.Slot, x.name(b.Agent), b.Why)
			}
			if r.Version == 0 {
				a.say("Nothing was written. The roster: %s", a.summary(x))
			} else {
				a.say("Saved draft %d: %s", r.Version, a.summary(x))
			}
			return nil
		})
	}
	return c
}
