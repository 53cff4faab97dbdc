package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"rota/calendar"
	"rota/schedule"
	"rota/schedule/sqlite"
)

func (a *app) calendarCommand() *cobra.Command {
	group := &cobra.Command{Use: "calendar", Short: "Calendar files, and secret addresses of calendar feeds"}
	group.AddCommand(a.calendarExport(), a.calendarLink(), a.calendarRotate(), a.calendarRevoke(), a.calendarList(),
		a.calendarStatus())
	return group
}

// publishedFor loads what calendars of a day are made from.
func (a *app) publishedFor(ctx context.Context, s *sqlite.Store, team schedule.TeamID, day schedule.Date) (*calendar.Published, schedule.Date, error) {
	book, _, err := s.LoadBook(ctx, team)
	if err != nil {
		return nil, day, err
	}
	if day.IsZero() {
		if day, err = calendar.Today(book.Team, a.now); err != nil {
			return nil, day, err
		}
	}
	within, err := calendar.Needed(book.Team, day)
	if err != nil {
		return nil, day, err
	}
	pub, err := readPublished(ctx, s, book, within)
	return pub, day, err
}

// readPublished brings what the store knows into the form that calendars are made from.
func readPublished(ctx context.Context, s *sqlite.Store, book schedule.Book, within schedule.Interval) (*calendar.Published, error) {
	pub := &calendar.Published{Team: book.Team, Agents: book.Agents, Shifts: book.Shifts}
	rosters, err := s.Rosters(ctx, book.Team.ID)
	if err != nil {
		return nil, err
	}
	for _, r := range rosters {
		if r.State != schedule.Draft && !r.PublishedAt.Before(pub.PublishedAt) {
			pub.Version, pub.PublishedAt = r.Version, r.PublishedAt
		}
	}
	slots, err := s.PublishedSlots(ctx, book.Team.ID, within.Start, within.End)
	if err != nil {
		return nil, err
	}
	events, err := s.CalendarEvents(ctx, sqlite.CalendarQuery{Team: book.Team.ID, From: within.Start, To: within.End, CancelledSince: time.Unix(1, 0)})
	if err != nil {
		return nil, err
	}
	words, err := readWording(ctx, s, book.Team.ID)
	if err != nil {
		return nil, err
	}
	pub.Entries = make([]calendar.Entry, 0, len(events))
	on := make(map[schedule.SlotID]int, len(slots))
	for _, e := range events {
		// What was taken away stays as it was when it was, so that it goes in time.
		if !e.Cancelled {
			on[e.Slot]++
			e.ChangedAt = later(e.ChangedAt, words.of(e.Shift, e.Agent))
		}
		pub.Entries = append(pub.Entries, calendar.Entry{UID: e.UID, Slot: e.Slot, Agent: e.Agent, Shift: e.Shift, Start: e.Start, End: e.End,
			Sequence: e.Sequence, Changed: e.ChangedAt, Version: e.Version, Cancelled: e.Cancelled})
	}
	if pub.Slots, err = readOffered(ctx, s, book.Team.ID, slots, on, words); err != nil {
		return nil, err
	}
	for _, v := range book.Availability {
		if v.Kind == schedule.Leave && v.InForce() {
			pub.Leave = append(pub.Leave, calendar.Leave{Availability: v})
		}
	}
	return pub, nil
}

func (a *app) calendarExport() *cobra.Command {
	c := &cobra.Command{Use: "export", Short: "Write .ics files: one per agent and one for the team",
		Long: `Write .ics files of what is published: one per agent and one for the team, or with --feed one of them. Files whose content
has not changed are left alone, and files of agents who left are removed.

With --key the folder is one that any web server or object store can offer in place of rota serve: every feed has a secret
name, feeds/TOKEN.ics, that comes from the key, and nobody who lacks the key can guess another's. The key is made when the
file does not exist, and -o csv lists whose address is which. Write the folder again after each publication and once a day.`,
		Example: `  rota calendar export --out calendars
  rota calendar export --out /srv/www/rota --key rota.key --url https://rota.example.com -o csv
  rota calendar export --feed personal:ani > ani.ics`}
	var out, feed, day, keyFile, base string
	var every bool
	c.Flags().StringVarP(&out, "out", "d", "calendars", "the folder")
	c.Flags().StringVar(&feed, "feed", "", "one feed, to standard output: personal:AGENT, team, shift:SHIFT, language:TAG or open")
	c.Flags().StringVar(&day, "day", "", "the day that the feeds' window is counted from (default: today)")
	c.Flags().BoolVar(&every, "all", false, "shifts, languages and open slots too")
	c.Flags().StringVar(&keyFile, "key", "", "a folder to be served, all feeds under secret names that come from the key in this file")
	c.Flags().StringVar(&base, "url", "", "with --key: where the folder can be reached (default: $ROTA_URL)")
	_ = c.MarkFlagDirname("out")
	_ = c.RegisterFlagCompletionFunc("feed", a.completeFeeds)
	a.writes(c)
	format := a.output(c, "table", "json", "csv")
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		format, err := format()
		if err != nil {
			return err
		}
		var from schedule.Date
		if day != "" {
			if from, err = schedule.ParseDate(day); err != nil {
				return usage(fmt.Errorf("--day: %w", err))
			}
		}
		ctx := cmd.Context()
		return a.withTeam(ctx, func(s *sqlite.Store, team schedule.TeamID) error {
			pub, from, err := a.publishedFor(ctx, s, team, from)
			if err != nil {
				return err
			}
			if pub.Version == 0 {
				return hint(fmt.Errorf("nothing is published yet"), "rota publish")
			}
			prepared, err := calendar.Prepare(pub)
			if err != nil {
				return err
			}
			if feed != "" {
				scope, err := a.scopeOf(pub, feed)
				if err != nil {
					return err
				}
				f, err := prepared.Feed(scope, from, calendar.FeedOptions{})
				if err != nil {
					return err
				}
				return calendar.Encode(a.out, f)
			}
			export := calendar.Export{Dir: out, Day: from}
			if keyFile != "" {
				if base = cmp.Or(base, a.getenv("ROTA_URL")); base != "" {
					if _, _, err := calendar.Addresses(base, ""); err != nil {
						return usage(err)
					}
				}
				if export.Key, err = a.treeKey(keyFile); err != nil {
					return err
				}
			}
			if every || keyFile != "" {
				export.Scopes = calendar.EveryScope(pub)
			}
			if a.dryRun {
				scopes := export.Scopes
				if scopes == nil {
					scopes = calendar.AgentsAndTeam(pub)
				}
				a.say("Would write %s to %s.", plural(len(scopes), "file"), out)
				return nil
			}
			if err := os.MkdirAll(filepath.Dir(filepath.Clean(out)), 0o755); err != nil {
				return plainFileError(err)
			}
			files, err := export.Write(prepared)
			if err != nil {
				return plainFileError(err)
			}
			return a.sayFiles(export, base, pub, files, format)
		})
	}
	return c
}

func (a *app) sayFiles(x calendar.Export, base string, pub *calendar.Published, files []calendar.File, format string) error {
	type file struct {
		Feed    string `json:"feed"`
		Path    string `json:"path"`
		Events  int    `json:"events"`
		Changed bool   `json:"changed"`
		HTTPS   string `json:"https,omitempty"`
		Webcal  string `json:"webcal,omitempty"`
	}
	all := []file{}
	rows := [][]string{}
	events, changed := 0, 0
	for _, f := range files {
		j := file{Feed: f.Scope.String(), Path: filepath.Join(x.Dir, filepath.FromSlash(f.Path)), Events: f.Events, Changed: f.Changed}
		if x.Key != nil && base != "" {
			var err error
			if j.HTTPS, j.Webcal, err = calendar.Addresses(base, calendar.DerivedToken(x.Key, f.Scope)); err != nil {
				return usage(err)
			}
		}
		all = append(all, j)
		rows = append(rows, []string{j.Feed, j.Path, strconv.Itoa(j.Events), strconv.FormatBool(j.Changed), j.HTTPS, j.Webcal})
		if f.Scope.Kind == calendar.Everybody {
			events = f.Events
		}
		if f.Changed {
			changed++
		}
	}
	switch format {
	case "json":
		return a.writeJSON(struct {
			Schema  string           `json:"schema"`
			Team    schedule.TeamID  `json:"team"`
			Version schedule.Version `json:"version"`
			Files   []file           `json:"files"`
		}{"rota/calendar-files/v1", pub.Team.ID, pub.Version, all})
	case "csv":
		return a.writeCSV([]string{"feed", "path", "events", "changed", "https", "webcal"}, rows)
	}
	a.say("%s in %s, %d changed; %s in the team's.", plural(len(files), "calendar"), x.Dir, changed, plural(events, "event"))
	return nil
}

// scopeOf reads the name of a feed and says when it is of nobody.
func (a *app) scopeOf(pub *calendar.Published, word string) (calendar.Scope, error) {
	scope, err := calendar.ParseScope(pub.Team.ID, word)
	if err != nil {
		return scope, usage(err)
	}
	switch scope.Kind {
	case calendar.Personal:
		var ids []string
		for _, x := range pub.Agents {
			ids = append(ids, string(x.ID))
		}
		if !slices.Contains(ids, scope.Subject) {
			near, _ := schedule.Nearest(scope.Subject, ids)
			return scope, &schedule.UnknownError{Noun: "agent", Word: scope.Subject, Nearest: near, Valid: ids}
		}
	case calendar.OneShift:
		var ids []string
		for _, x := range pub.Shifts {
			ids = append(ids, string(x.ID))
		}
		if !slices.Contains(ids, scope.Subject) {
			near, _ := schedule.Nearest(scope.Subject, ids)
			return scope, &schedule.UnknownError{Noun: "shift", Word: scope.Subject, Nearest: near, Valid: ids}
		}
	}
	return scope, nil
}

func (a *app) completeFeeds(cmd *cobra.Command, args []string, prefix string) ([]string, cobra.ShellCompDirective) {
	return a.fromBook(func(b schedule.Book) []string {
		var words []string
		for _, s := range calendar.EveryScope(&calendar.Published{Team: b.Team, Agents: b.Agents, Shifts: b.Shifts}) {
			words = append(words, s.String())
		}
		return words
	})(cmd, args, prefix)
}

type addressJSON struct {
	Schema string          `json:"schema"`
	Team   schedule.TeamID `json:"team"`
	ID     sqlite.FeedID   `json:"id"`
	Feed   string          `json:"feed"`
	Path   string          `json:"path"`
	HTTPS  string          `json:"https,omitempty"`
	Webcal string          `json:"webcal,omitempty"`
}

// address is how a new address is shown.
type address struct {
	base string
	qr   bool
}

// addressFlags adds --url and --qr to a command.
func (a *app) addressFlags(c *cobra.Command) *address {
	at := &address{}
	c.Flags().StringVar(&at.base, "url", "", "where rota can be reached (default: $ROTA_URL)")
	c.Flags().BoolVar(&at.qr, "qr", a.look.outTerminal, "draw the webcal address as a code for a phone's camera")
	c.Flags().Lookup("qr").DefValue = "on a terminal"
	return at
}

// whole gives the https and webcal forms of a token's address, empty ones when nobody said where rota can be reached. It is
// asked before the token is kept: an address that could not be shown would be lost.
func (a *app) whole(at address, token calendar.Token) (https, webcal string, err error) {
	base := cmp.Or(at.base, a.getenv("ROTA_URL"))
	if base == "" {
		return "", "", nil
	}
	if https, webcal, err = calendar.Addresses(base, token); err != nil {
		return "", "", usage(err)
	}
	return https, webcal, nil
}

// sayAddress shows a new address. It is the only time that the secret is seen.
func (a *app) sayAddress(team schedule.TeamID, id sqlite.FeedID, feed string, token calendar.Token, at address, format string) error {
	out := addressJSON{Schema: "rota/feed/v1", Team: team, ID: id, Feed: feed, Path: token.FeedPath()}
	var err error
	if out.HTTPS, out.Webcal, err = a.whole(at, token); err != nil {
		return err
	}
	if format == "json" {
		return a.writeJSON(out)
	}
	a.say("Feed %d of %s:", id, feed)
	if out.HTTPS == "" {
		a.say("  %s", out.Path)
		a.note("hint: say where rota can be reached with --url or ROTA_URL to see the whole address")
	} else {
		a.say("  %s", out.HTTPS)
		a.say("  %s", out.Webcal)
		if at.qr {
			a.sayQR(out.Webcal)
		}
	}
	a.note("Whoever has the address can read the feed. It is shown only now; rota keeps no copy of it.")
	return nil
}

func (a *app) calendarLink() *cobra.Command {
	c := &cobra.Command{Use: "link FEED", Short: "Make a secret address of a feed: personal:AGENT, team, shift:SHIFT, language:TAG or open",
		Args: cobra.ExactArgs(1), ValidArgsFunction: first(a.completeFeeds), Example: "  rota calendar link personal:ani --url https://rota.example.com"}
	at := a.addressFlags(c)
	var alarm time.Duration
	c.Flags().DurationVar(&alarm, "alarm", 0, "for a personal feed: ring so long before each slot, as 30m; -1s for never (default: as the team has set)")
	a.writes(c)
	format := a.output(c, "table", "json")
	c.RunE = func(cmd *cobra.Command, args []string) error {
		format, err := format()
		if err != nil {
			return err
		}
		var ring schedule.Optional[schedule.Minutes]
		if cmd.Flags().Changed("alarm") {
			ring = schedule.Some(schedule.Minutes(-1))
			if alarm >= 0 {
				ring = schedule.Some(schedule.Minutes(alarm / time.Minute))
			}
		}
		ctx := cmd.Context()
		return a.withTeam(ctx, func(s *sqlite.Store, team schedule.TeamID) error {
			book, _, err := s.LoadBook(ctx, team)
			if err != nil {
				return err
			}
			scope, err := a.scopeOf(&calendar.Published{Team: book.Team, Agents: book.Agents, Shifts: book.Shifts}, args[0])
			if err != nil {
				return err
			}
			if ring.Set && scope.Kind != calendar.Personal {
				return usagef("--alarm is for personal feeds, not for %s", scope)
			}
			if a.dryRun {
				a.say("Would make an address of %s.", scope)
				return nil
			}
			token, err := calendar.NewToken(rand.Reader)
			if err != nil {
				return err
			}
			if _, _, err := a.whole(*at, token); err != nil {
				return err
			}
			id, err := s.AddFeed(ctx, sqlite.Feed{Team: team, Scope: string(scope.Kind), Subject: scope.Subject, Alarm: ring, CreatedBy: a.who(), CreatedAt: a.now}, token.Hash())
			if err != nil {
				return err
			}
			return a.sayAddress(team, id, scope.String(), token, *at, format)
		})
	}
	return c
}

// feedID reads the number of a feed.
func feedID(word string) (sqlite.FeedID, error) {
	n, err := strconv.ParseInt(word, 10, 64)
	if err != nil || n < 1 {
		return 0, hint(usagef("bad feed %q: give its number", word), "see rota calendar list")
	}
	return sqlite.FeedID(n), nil
}

func (a *app) completeFeedIDs(cmd *cobra.Command, args []string, prefix string) ([]string, cobra.ShellCompDirective) {
	return a.fromStore(func(ctx context.Context, s *sqlite.Store) ([]string, error) {
		team, err := a.teamID(ctx, s)
		if err != nil {
			return nil, err
		}
		feeds, err := s.Feeds(ctx, team)
		var words []string
		for _, f := range feeds {
			if f.Alive(a.now) {
				words = append(words, fmt.Sprintf("%d\t%s %s", f.ID, f.Scope, f.Subject))
			}
		}
		return words, err
	})(cmd, args, prefix)
}

func (a *app) calendarRotate() *cobra.Command {
	c := &cobra.Command{Use: "rotate ID", Short: "Give a feed a new address; the old one works on for a while",
		Args: cobra.ExactArgs(1), ValidArgsFunction: first(a.completeFeedIDs)}
	at := a.addressFlags(c)
	var overlap time.Duration
	c.Flags().DurationVar(&overlap, "overlap", 7*24*time.Hour, "how long the old address works on")
	a.writes(c)
	format := a.output(c, "table", "json")
	c.RunE = func(cmd *cobra.Command, args []string) error {
		format, err := format()
		if err != nil {
			return err
		}
		id, err := feedID(args[0])
		if err != nil {
			return err
		}
		ctx := cmd.Context()
		return a.withTeam(ctx, func(s *sqlite.Store, team schedule.TeamID) error {
			if a.dryRun {
				a.say("Would give feed %d a new address.", id)
				return nil
			}
			token, err := calendar.NewToken(rand.Reader)
			if err != nil {
				return err
			}
			if _, _, err := a.whole(*at, token); err != nil {
				return err
			}
			fresh, err := s.RotateFeed(ctx, team, id, token.Hash(), a.now.Add(max(overlap, 0)), a.who(), a.now)
			if err != nil {
				return err
			}
			return a.sayAddress(team, fresh, fmt.Sprintf("what feed %d shows", id), token, *at, format)
		})
	}
	return c
}

func (a *app) calendarRevoke() *cobra.Command {
	c := &cobra.Command{Use: "revoke ID", Short: "Stop an address at once", Args: cobra.ExactArgs(1), ValidArgsFunction: first(a.completeFeedIDs)}
	a.writes(c)
	c.RunE = func(cmd *cobra.Command, args []string) error {
		id, err := feedID(args[0])
		if err != nil {
			return err
		}
		return a.withTeam(cmd.Context(), func(s *sqlite.Store, team schedule.TeamID) error {
			if a.dryRun {
				a.say("Would stop feed %d.", id)
				return nil
			}
			if err := s.RevokeFeed(cmd.Context(), team, id, a.who(), a.now); err != nil {
				return err
			}
			a.say("Feed %d is stopped.", id)
			return nil
		})
	}
	return c
}

func (a *app) calendarList() *cobra.Command {
	c := &cobra.Command{Use: "list", Short: "List the addresses of feeds and when they were last read"}
	format := a.output(c, "table", "json", "csv")
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		format, err := format()
		if err != nil {
			return err
		}
		return a.withTeam(cmd.Context(), func(s *sqlite.Store, team schedule.TeamID) error {
			feeds, err := s.Feeds(cmd.Context(), team)
			if err != nil {
				return err
			}
			type feed struct {
				ID        sqlite.FeedID    `json:"id"`
				Feed      string           `json:"feed"`
				State     string           `json:"state"`
				CreatedBy string           `json:"created_by"`
				CreatedAt time.Time        `json:"created_at"`
				UsedAt    *time.Time       `json:"used_at"`
				UsedBy    string           `json:"used_by,omitempty"`
				Version   schedule.Version `json:"version,omitempty"`
			}
			all := []feed{}
			t := list{header: []string{"ID", "Feed", "State", "Made", "By", "Last read", "Version", "Reader"}, right: map[int]bool{0: true, 6: true},
				empty: "No addresses yet. Make one: rota calendar link personal:AGENT"}
			for _, f := range feeds {
				state := "works"
				switch {
				case !f.RevokedAt.IsZero():
					state = "revoked"
				case !f.Alive(a.now):
					state = "expired"
				case !f.ExpiresAt.IsZero():
					state = "until " + f.ExpiresAt.UTC().Format("2006-01-02 15:04")
				}
				x := feed{ID: f.ID, Feed: calendar.Scope{Team: team, Kind: calendar.Kind(f.Scope), Subject: f.Subject}.String(), State: state,
					CreatedBy: f.CreatedBy, CreatedAt: f.CreatedAt.UTC(), UsedBy: f.UsedBy, Version: f.UsedVersion}
				used, version := "never", ""
				if !f.UsedAt.IsZero() {
					at := f.UsedAt.UTC()
					x.UsedAt, used, version = &at, at.Format("2006-01-02 15:04"), fmt.Sprint(f.UsedVersion)
				}
				all = append(all, x)
				t.add(fmt.Sprint(f.ID), x.Feed, state, f.CreatedAt.UTC().Format("2006-01-02 15:04"), f.CreatedBy, used, version, f.UsedBy)
			}
			return listing(a, format, "rota/feeds/v1", team, "feeds", all, t)
		})
	}
	return c
}
