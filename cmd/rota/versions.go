package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"rota/notify"
	"rota/schedule"
	"rota/schedule/sqlite"
)

func joinIDs[T ~string](ids []T) string {
	var words []string
	for _, id := range ids {
		words = append(words, string(id))
	}
	return strings.Join(words, " ")
}

func sortByCost(list []schedule.Finding) {
	slices.SortStableFunc(list, func(a, b schedule.Finding) int { return cmp.Compare(b.Cost, a.Cost) })
}

func (a *app) versionsCommand() *cobra.Command {
	c := &cobra.Command{Use: "versions", Short: "List the versions of rosters"}
	format := a.output(c, "table", "json", "csv")
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		format, err := format()
		if err != nil {
			return err
		}
		return a.withTeam(cmd.Context(), func(s *sqlite.Store, team schedule.TeamID) error {
			rosters, err := s.Rosters(cmd.Context(), team)
			if err != nil {
				return err
			}
			type version struct {
				Version     schedule.Version     `json:"version"`
				State       schedule.RosterState `json:"state"`
				First       schedule.Date        `json:"first"`
				Last        schedule.Date        `json:"last"`
				Cost        schedule.Cost        `json:"cost"`
				Gap         *float64             `json:"gap"`
				Status      schedule.SolveStatus `json:"status,omitempty"`
				BasedOn     schedule.Version     `json:"based_on,omitempty"`
				CreatedBy   string               `json:"created_by"`
				CreatedAt   time.Time            `json:"created_at"`
				PublishedBy string               `json:"published_by,omitempty"`
				PublishedAt *time.Time           `json:"published_at"`
				Note        string               `json:"note,omitempty"`
				Reason      string               `json:"reason,omitempty"`
			}
			all := []version{}
			t := list{header: []string{"Version", "State", "First", "Last", "Cost", "Gap", "Made", "By", "Published", "Note"},
				right: map[int]bool{0: true, 4: true, 5: true}, spare: []int{7, 6}, empty: "No rosters yet. Build one: rota solve --from DATE --weeks 4"}
			for _, r := range rosters {
				h := header(r)
				all = append(all, version{r.Version, r.State, r.First, r.Last, r.Cost, h.Gap, r.Status, r.BasedOn, r.CreatedBy, h.CreatedAt,
					r.PublishedBy, h.PublishedAt, r.Note, r.Reason})
				gap, at, state := "", "", string(r.State)
				if h.Gap != nil {
					gap = percentage(*h.Gap)
				}
				if h.PublishedAt != nil {
					at = h.PublishedAt.Format("2006-01-02 15:04")
				}
				if r.State == schedule.Published {
					state = a.look.good(state)
				}
				note := r.Note
				if r.Reason != "" {
					note = "forced: " + r.Reason
				}
				t.add(fmt.Sprint(r.Version), state, r.First.String(), r.Last.String(), fmt.Sprint(r.Cost), gap,
					r.CreatedAt.UTC().Format("2006-01-02 15:04"), r.CreatedBy, at, note)
			}
			return listing(a, format, "rota/versions/v1", team, "versions", all, t)
		})
	}
	return c
}

type moveJSON struct {
	Kind  schedule.MoveKind `json:"kind"`
	Agent schedule.AgentID  `json:"agent"`
	Name  string            `json:"name"`
	Day   schedule.Date     `json:"day"`
	From  *slotTimeJSON     `json:"from"`
	To    *slotTimeJSON     `json:"to"`
}

type slotTimeJSON struct {
	Slot  schedule.SlotID `json:"slot"`
	Start time.Time       `json:"start"`
	End   time.Time       `json:"end"`
}

func slotTime(s schedule.Slot) *slotTimeJSON {
	if s.ID == "" {
		return nil
	}
	return &slotTimeJSON{s.ID, s.Start.UTC(), s.End.UTC()}
}

func (a *app) diffCommand() *cobra.Command {
	c := &cobra.Command{Use: "diff [FROM [TO]]", Short: "Say who gains, loses and moves which slot between two versions",
		Long: `Say who gains, loses and moves which slot. Without versions: from what people go by to the latest version. With one: from
it to the latest. Times are on each agent's own clock.`, Args: cobra.MaximumNArgs(2), ValidArgsFunction: a.completeVersions,
		Example: `  rota diff
  rota diff 2 3 --exit-code`}
	var exitCode bool
	c.Flags().BoolVar(&exitCode, "exit-code", false, "exit with 6 when there are differences")
	format := a.output(c, "table", "json", "csv")
	c.RunE = func(cmd *cobra.Command, args []string) error {
		format, err := format()
		if err != nil {
			return err
		}
		ctx := cmd.Context()
		return a.withTeam(ctx, func(s *sqlite.Store, team schedule.TeamID) error {
			fromWord, toWord := "", latestWord
			if len(args) > 0 {
				fromWord = args[0]
			}
			if len(args) > 1 {
				toWord = args[1]
			}
			to, err := loadVersion(ctx, s, team, toWord, latestWord)
			if err != nil {
				return err
			}
			var from schedule.Roster
			if fromWord == "" {
				inForce, err := s.InForce(ctx, team, to.First, to.Last)
				if err != nil {
					return err
				}
				if inForce != nil {
					from = *inForce
				}
			} else if from, err = loadVersion(ctx, s, team, fromWord, ""); err != nil {
				return err
			}
			moves := schedule.DiffRosters(from.Within(to.First, to.Last), to)
			p, err := a.periodOf(ctx, s, to)
			if err != nil {
				return err
			}
			if err := a.printMoves(p, from.Version, to.Version, moves, format); err != nil {
				return err
			}
			if exitCode && len(moves) > 0 {
				return exit(exitDifferences, nil)
			}
			return nil
		})
	}
	return c
}

func (a *app) printMoves(p *schedule.Period, from, to schedule.Version, moves []schedule.Move, format string) error {
	names := map[schedule.AgentID]string{}
	clocks := map[schedule.AgentID]*time.Location{}
	for _, x := range p.Agents {
		loc, err := x.Location(p.Team)
		if err != nil {
			return err
		}
		names[x.ID], clocks[x.ID] = x.Name, loc
	}
	home, err := schedule.LoadZone(p.Team.Zone)
	if err != nil {
		return err
	}
	out := []moveJSON{}
	t := list{header: []string{"Agent", "", "Was", "Is"}}
	people, counts := map[schedule.AgentID]bool{}, map[schedule.MoveKind]int{}
	for _, m := range moves {
		name, loc := cmp.Or(names[m.Agent], string(m.Agent)), clocks[m.Agent]
		if loc == nil {
			loc = home
		}
		people[m.Agent] = true
		counts[m.Kind]++
		out = append(out, moveJSON{m.Kind, m.Agent, name, m.Day, slotTime(m.From), slotTime(m.To)})
		when := func(s schedule.Slot) string {
			if s.ID == "" {
				return ""
			}
			return fmt.Sprintf("%s, %s %s", s.Shift, s.Start.In(loc).Format("Mon 2 Jan"), clockRange(s.Start, s.End, loc))
		}
		kind := string(m.Kind)
		switch m.Kind {
		case schedule.Gains:
			kind = a.look.good(kind)
		case schedule.Loses:
			kind = a.look.bad(kind)
		default:
			kind = a.look.warn(kind)
		}
		t.add(name, kind, when(m.From), when(m.To))
	}
	switch format {
	case "json":
		return a.writeJSON(struct {
			Schema string           `json:"schema"`
			Team   schedule.TeamID  `json:"team"`
			From   schedule.Version `json:"from"`
			To     schedule.Version `json:"to"`
			Moves  []moveJSON       `json:"moves"`
		}{"rota/diff/v1", p.Team.ID, from, to, out})
	case "csv":
		var rows [][]string
		for _, m := range moves {
			rows = append(rows, []string{string(m.Agent), string(m.Kind), m.Day.String(), string(m.From.ID), string(m.To.ID)})
		}
		return a.writeCSV([]string{"agent", "kind", "day", "from", "to"}, rows)
	}
	was := fmt.Sprintf("version %d", from)
	if from == 0 {
		was = "nothing published"
	}
	if len(moves) == 0 {
		a.say("No differences between %s and version %d.", was, to)
		return nil
	}
	a.say("From %s to version %d: %s gained, %d lost, %d moved, by %s.", was, to, plural(counts[schedule.Gains], "slot"),
		counts[schedule.Loses], counts[schedule.Moves], plural(len(people), "agent"))
	return a.print(t)
}

func (a *app) publishCommand() *cobra.Command {
	c := &cobra.Command{Use: "publish", Short: "Make a draft the roster that people go by",
		Long: `Make a draft the roster that people go by. It is judged once more inside the transaction that publishes it; a roster with
broken hard rules is refused, unless --force with a reason that is kept. So is a draft that does not know of something
published since it was made, such as an offer that was taken, and would undo it: --merge takes that into the draft first.
Messages to those whose shifts changed, reminders and handoffs are put into the outbox in the same transaction; nothing is
sent here.`,
		Example: `  rota publish
  rota publish --version 3 --force --reason "two people ill, agreed with the team"`}
	var version, reason string
	var force, merge bool
	a.versionFlag(c, &version, "the draft to publish")
	c.Flags().BoolVar(&merge, "merge", false, "first take into the draft what was published since it was made")
	c.Flags().BoolVar(&force, "force", false, "publish even though hard rules are broken or later changes are undone")
	c.Flags().StringVar(&reason, "reason", "", "why it is published all the same")
	a.writes(c)
	format := a.output(c, "table", "json")
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		format, err := format()
		if err != nil {
			return err
		}
		if force && strings.TrimSpace(reason) == "" {
			return hint(usagef("--force needs a reason, which is kept with the roster"), `rota publish --force --reason "..."`)
		}
		return a.withTeam(cmd.Context(), func(s *sqlite.Store, team schedule.TeamID) error {
			list, err := s.Rosters(cmd.Context(), team)
			if err != nil {
				return err
			}
			v, err := chooseVersion(list, cmp.Or(version, draftWord))
			if err != nil {
				return err
			}
			if merge {
				if err := a.merge(cmd.Context(), s, team, v); err != nil {
					return err
				}
			}
			return a.publish(cmd.Context(), s, team, v, force, reason, format, false)
		})
	}
	return c
}

func (a *app) rollbackCommand() *cobra.Command {
	c := &cobra.Command{Use: "rollback VERSION", Short: "Publish again what an earlier version said",
		Long: `Publish again what an earlier version said, as a new version. Assignments that come back keep their place in people's
calendars, and those whose shifts change are told, as with publish.`,
		Args: cobra.ExactArgs(1), ValidArgsFunction: first(a.completeVersions)}
	var reason string
	var force bool
	c.Flags().BoolVar(&force, "force", false, "publish even though hard rules are broken")
	c.Flags().StringVar(&reason, "reason", "", "why it is published with broken hard rules")
	a.writes(c)
	format := a.output(c, "table", "json")
	c.RunE = func(cmd *cobra.Command, args []string) error {
		format, err := format()
		if err != nil {
			return err
		}
		if force && strings.TrimSpace(reason) == "" {
			return hint(usagef("--force needs a reason, which is kept with the roster"), `rota rollback VERSION --force --reason "..."`)
		}
		return a.withTeam(cmd.Context(), func(s *sqlite.Store, team schedule.TeamID) error {
			list, err := s.Rosters(cmd.Context(), team)
			if err != nil {
				return err
			}
			v, err := chooseVersion(list, args[0])
			if err != nil {
				return err
			}
			for _, r := range list {
				if r.Version == v && r.State == schedule.Draft {
					return hint(fmt.Errorf("version %d was never published", v), fmt.Sprintf("publish it: rota publish --version %d", v))
				}
			}
			if same, err := saysSame(cmd.Context(), s, team, v); err != nil {
				return err
			} else if same && format != "json" {
				a.say("People go by what version %d says already.", v)
				return nil
			}
			return a.publish(cmd.Context(), s, team, v, force, reason, format, true)
		})
	}
	return c
}

// saysSame reports whether people go by what a version says already.
func saysSame(ctx context.Context, s *sqlite.Store, team schedule.TeamID, v schedule.Version) (bool, error) {
	r, err := s.LoadRoster(ctx, team, v)
	if err != nil {
		return false, err
	}
	now, err := s.InForce(ctx, team, r.First, r.Last)
	return now != nil && len(schedule.DiffRosters(*now, r)) == 0, err
}

// brokenError refuses a roster with broken hard rules.
type brokenError struct {
	version  schedule.Version
	findings []schedule.Finding
	again    bool // it was published before, when less was known
}

func (e *brokenError) Error() string {
	again := ""
	if e.again {
		again = " again"
	}
	lines := []string{fmt.Sprintf("version %d breaks %s and is not published%s", e.version, plural(len(e.findings), "hard rule"), again)}
	for _, f := range e.findings {
		lines = append(lines, "  "+f.Sentence)
	}
	return strings.Join(lines, "\n")
}

// staleError refuses a draft that would undo what was published after it was made.
type staleError struct {
	version schedule.Version
	undone  []sqlite.Undone
}

func (e *staleError) Error() string {
	lines := []string{fmt.Sprintf("version %d is older than what people go by, would undo %s and is not published", e.version, plural(len(e.undone), "later change"))}
	for _, u := range e.undone {
		lines = append(lines, "  "+undoneWords(u))
	}
	return strings.Join(lines, "\n")
}

// undoneWords says what of a later change a draft would take back.
func undoneWords(u sqlite.Undone) string {
	what := ""
	switch {
	case len(u.Gained) > 0 && len(u.Lost) > 0:
		what = fmt.Sprintf("%s in place of %s", joinIDs(u.Gained), joinIDs(u.Lost))
	case len(u.Gained) > 0:
		what = joinIDs(u.Gained) + " came"
	default:
		what = joinIDs(u.Lost) + " left"
	}
	text := fmt.Sprintf("%s: %s, in version %d", u.Slot.ID, what, u.Version)
	if u.Note != "" {
		text += " (" + u.Note + ")"
	}
	return text
}

// keeping is how to take the later changes into the draft.
func keeping(v schedule.Version) string {
	return fmt.Sprintf("take them into the draft with rota publish --version %d --merge, or solve again, or publish with --force --reason \"...\"", v)
}

// merge takes into a draft what was published since it was made and it would undo. What comes of it is judged when it is
// published.
func (a *app) merge(ctx context.Context, s *sqlite.Store, team schedule.TeamID, v schedule.Version) error {
	list, err := s.Undone(ctx, team, v)
	if err != nil || len(list) == 0 {
		return err
	}
	for _, u := range list {
		verb := "taken"
		if a.dryRun {
			verb = "to be taken"
		}
		a.note("%s into version %d: %s", verb, v, undoneWords(u))
	}
	if a.dryRun {
		return hint(fmt.Errorf("version %d has to be changed first, and a dry run changes nothing", v), fmt.Sprintf("rota publish --version %d --merge", v))
	}
	draft, err := s.LoadRoster(ctx, team, v)
	if err != nil {
		return err
	}
	p, err := a.periodOf(ctx, s, draft)
	if err != nil {
		return err
	}
	_, err = s.EditDraft(ctx, team, v, a.who(), a.now, func(r *schedule.Roster) error {
		for _, u := range list {
			for _, id := range u.Lost {
				if *r, _, err = schedule.Unassign(p, *r, id, u.Slot.ID); err != nil {
					return err
				}
			}
			for _, id := range u.Gained {
				if *r, _, err = schedule.Assign(p, *r, id, u.Slot.ID, schedule.ByHand); err != nil {
					return hint(err, "make the draft as it should be with rota assign and rota unassign")
				}
			}
		}
		return nil
	})
	return err
}

type undoneJSON struct {
	Slot    schedule.SlotID    `json:"slot"`
	Gained  []schedule.AgentID `json:"gained"`
	Lost    []schedule.AgentID `json:"lost"`
	Version schedule.Version   `json:"version"`
	Note    string             `json:"note,omitempty"`
}

type publishJSON struct {
	Schema    string           `json:"schema"`
	Team      schedule.TeamID  `json:"team"`
	Version   schedule.Version `json:"version"`
	DryRun    bool             `json:"dry_run"`
	Cost      schedule.Cost    `json:"cost"`
	Hard      int              `json:"hard"`
	Reason    string           `json:"reason,omitempty"`
	Messages  int              `json:"messages"`
	Withdrawn int              `json:"withdrawn"`
	Moves     []moveJSON       `json:"moves"`
	// Undone are later changes that are undone, with --force.
	Undone []undoneJSON `json:"undone"`
	Silent []string     `json:"silent"`
	// Unread says whose calendars have not fetched the version published last before.
	Unread []string `json:"unread"`
}

// publish publishes or rolls back, and says what that means for whom.
func (a *app) publish(ctx context.Context, s *sqlite.Store, team schedule.TeamID, v schedule.Version, force bool, reason, format string, back bool) error {
	out := publishJSON{Schema: "rota/publish/v1", Team: team, Version: v, DryRun: a.dryRun, Moves: []moveJSON{}, Undone: []undoneJSON{}, Silent: []string{}}
	var moves []schedule.Move
	var period *schedule.Period
	var previous schedule.Version
	var told []notify.Planned
	var undone []sqlite.Undone
	readers, err := a.readFreshness(ctx, s, team)
	if err != nil {
		return err
	}
	if out.Unread = readers.unread(); out.Unread == nil {
		out.Unread = []string{}
	}
	request := sqlite.PublishRequest{Team: team, Version: v, Who: a.who(), Now: a.now}
	if force {
		request.Reason = reason
	}
	request.Prepare = func(f sqlite.Facts) (sqlite.Publication, error) {
		period = f.Period
		report := schedule.Audit(f.Period, f.Roster)
		out.Cost, out.Hard, out.Version = report.Cost, report.Hard, f.Roster.Version
		if report.Hard > 0 && !force {
			broken := &brokenError{version: f.Roster.Version}
			for _, x := range report.Findings {
				if x.Hard {
					broken.findings = append(broken.findings, x)
				}
			}
			advice := `mend it with rota swap or rota assign, or publish with --force --reason "..."`
			if back {
				broken.version, broken.again = v, true
				advice = fmt.Sprintf(`rota rollback %d --force --reason "..."`, v)
			}
			return sqlite.Publication{}, exit(exitFindings, hint(broken, advice))
		}
		if len(f.Undone) > 0 && !force {
			return sqlite.Publication{}, exit(exitError, hint(&staleError{f.Roster.Version, f.Undone}, keeping(f.Roster.Version)))
		}
		undone = f.Undone
		if report.Hard > 0 || len(f.Undone) > 0 {
			out.Reason = reason
		}
		before := schedule.Roster{}
		if f.Period.Published != nil {
			before, previous = *f.Period.Published, f.Period.Published.Version
		}
		moves = schedule.DiffRosters(before, f.Roster)
		update, err := notify.Publish(publishedSituation(f), f.Period.Published, f.Roster, f.Waiting)
		if err != nil {
			return sqlite.Publication{}, err
		}
		ledger, err := schedule.LedgerEntries(f.Period, f.Roster)
		if err != nil {
			return sqlite.Publication{}, err
		}
		out.Messages, out.Withdrawn, told = len(update.Enqueue), len(update.Withdraw), update.Enqueue
		silent := map[string]bool{}
		for _, x := range update.Silences {
			if !silent[x.Who] {
				out.Silent = append(out.Silent, x.Who+": "+x.Why)
			}
			silent[x.Who] = true
		}
		if a.dryRun {
			return sqlite.Publication{}, errDryRun
		}
		return sqlite.Publication{Messages: update.Messages(), Withdraw: update.Withdrawn(), Ledger: ledger, Digest: calendarDigest(f.Period)}, nil
	}
	if back {
		_, err = s.Rollback(ctx, request)
	} else {
		_, err = s.Publish(ctx, request)
	}
	if err != nil && !errors.Is(err, errDryRun) {
		if errors.Is(err, sqlite.ErrNotDraft) {
			return hint(fmt.Errorf("version %d is not a draft", v), "see rota versions; rota rollback publishes an earlier version again")
		}
		return err
	}
	for _, u := range undone {
		out.Undone = append(out.Undone, undoneJSON{u.Slot.ID, append([]schedule.AgentID{}, u.Gained...), append([]schedule.AgentID{}, u.Lost...), u.Version, u.Note})
	}
	if format == "json" {
		for _, m := range moves {
			out.Moves = append(out.Moves, moveJSON{m.Kind, m.Agent, string(m.Agent), m.Day, slotTime(m.From), slotTime(m.To)})
		}
		return a.writeJSON(out)
	}
	people := map[schedule.AgentID]bool{}
	for _, m := range moves {
		people[m.Agent] = true
	}
	verb := "Published"
	if a.dryRun {
		verb = "Would publish"
	}
	was := "nothing was published for these days before"
	if previous > 0 {
		was = fmt.Sprintf("the shifts of %s change against version %d", plural(len(people), "agent"), previous)
	}
	a.say("%s version %d, %s to %s: %s.", verb, out.Version, period.First, period.Last, was)
	if a.dryRun {
		a.sayChangeMessages(told)
		a.say("%s would be put into the outbox. Nothing was written.", plural(out.Messages, "message"))
	} else {
		a.say("%s in the outbox, %d withdrawn; see rota notify plan.", plural(out.Messages, "message"), out.Withdrawn)
	}
	for _, u := range undone {
		a.note("warning: undoes %s", undoneWords(u))
	}
	if out.Hard > 0 {
		a.note("warning: %s broken", plural(out.Hard, "hard rule"))
	}
	if out.Reason != "" {
		a.note("The reason kept is: %s", reason)
	}
	for _, line := range out.Silent {
		a.note("warning: cannot be told: %s", line)
	}
	a.sayUnread(readers.last, out.Unread)
	return nil
}
