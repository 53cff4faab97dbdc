package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"rota/calendar"
	"rota/schedule"
	"rota/schedule/sqlite"
)

// freshness is what is known about the readers of a team's feeds.
type freshness struct {
	book schedule.Book
	// last is the roster published last, 0 for none, and at when.
	last schedule.Version
	at   time.Time
	seen []calendar.Seen
}

func (a *app) readFreshness(ctx context.Context, s *sqlite.Store, team schedule.TeamID) (freshness, error) {
	var f freshness
	var err error
	if f.book, _, err = s.LoadBook(ctx, team); err != nil {
		return f, err
	}
	if f.last, f.at, err = s.LastPublished(ctx, team); err != nil {
		return f, err
	}
	feeds, err := s.Feeds(ctx, team)
	if err != nil {
		return f, err
	}
	var links []calendar.Link
	for _, x := range feeds {
		links = append(links, linkOf(x))
	}
	f.seen = calendar.Subscribers(links, f.last, a.now)
	return f, nil
}

// sentence says how fresh a subscriber is: by the agent's name, or for a feed that several people can have by its address.
func (f freshness) sentence(x calendar.Seen) string {
	s := x.Link.Scope
	if s.Kind != calendar.Personal {
		who := fmt.Sprintf("ddress %d (%s)", x.Link.ID, s)
		if x.State == calendar.Never {
			return "A" + who + " was never fetched"
		}
		_, rest, _ := strings.Cut(x.Sentence(""), " calendar ")
		return "Whoever has a" + who + " " + rest
	}
	name := s.Subject
	for _, a := range f.book.Agents {
		if string(a.ID) == s.Subject {
			name = cmp.Or(a.Name, name)
		}
	}
	return x.Sentence(name)
}

// unread says who has not fetched the roster published last. Of several addresses of an agent one that is up to date is
// enough, and otherwise the one fetched last counts.
func (f freshness) unread() []string {
	if f.last == 0 {
		return nil
	}
	best := map[calendar.Scope]calendar.Seen{}
	for _, x := range f.seen {
		if x.Link.Scope.Kind != calendar.Personal {
			continue
		}
		if b, ok := best[x.Link.Scope]; !ok || b.State != calendar.Current && (x.State == calendar.Current || x.Link.UsedAt.After(b.Link.UsedAt)) {
			best[x.Link.Scope] = x
		}
	}
	lines := []string{}
	for _, x := range f.seen {
		personal := x.Link.Scope.Kind == calendar.Personal
		if x.State == calendar.Current || personal && best[x.Link.Scope].Link.ID != x.Link.ID {
			continue
		}
		lines = append(lines, f.sentence(x))
	}
	return lines
}

// without lists the agents who have no working address of their own feed, by id.
func (f freshness) without() []schedule.AgentID {
	has := map[string]bool{}
	for _, x := range f.seen {
		if x.Link.Scope.Kind == calendar.Personal {
			has[x.Link.Scope.Subject] = true
		}
	}
	none := []schedule.AgentID{}
	for _, x := range f.book.Agents {
		if !has[string(x.ID)] {
			none = append(none, x.ID)
		}
	}
	slices.Sort(none)
	return none
}

// sayUnread says, when a version is published, who has not seen the one before.
func (a *app) sayUnread(previous schedule.Version, lines []string) {
	const most = 12
	if previous == 0 || len(lines) == 0 {
		return
	}
	a.say("Version %d, the last one before, was not seen by %s:", previous, plural(len(lines), "calendar"))
	for i, line := range lines {
		if i == most {
			a.say("  and %d more; see rota calendar status", len(lines)-most)
			break
		}
		a.say("  %s", line)
	}
}

func (a *app) calendarStatus() *cobra.Command {
	c := &cobra.Command{Use: "status", Short: "Say which version each subscriber last fetched",
		Long: `Say which version each subscriber last fetched: those behind first, then those who never came. rota serve writes that down
every half minute; readers of files written by rota calendar export are not known.`}
	var behind bool
	c.Flags().BoolVar(&behind, "behind", false, "only those who have not fetched the version published last")
	format := a.output(c, "table", "json", "csv")
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		format, err := format()
		if err != nil {
			return err
		}
		return a.withTeam(cmd.Context(), func(s *sqlite.Store, team schedule.TeamID) error {
			f, err := a.readFreshness(cmd.Context(), s, team)
			if err != nil {
				return err
			}
			return a.printFreshness(f, behind, format)
		})
	}
	return c
}

func (a *app) printFreshness(f freshness, behind bool, format string) error {
	type subscriber struct {
		ID       int64              `json:"id"`
		Feed     string             `json:"feed"`
		State    calendar.Freshness `json:"state"`
		Version  schedule.Version   `json:"version,omitempty"`
		UsedAt   *time.Time         `json:"used_at"`
		Age      *int64             `json:"age_seconds"`
		Reader   string             `json:"reader,omitempty"`
		Sentence string             `json:"sentence"`
	}
	all := []subscriber{}
	counts := map[calendar.Freshness]int{}
	t := list{header: []string{"ID", "Feed", "State", "Version", "Last fetched (UTC)", "Reader"}, right: map[int]bool{0: true, 3: true},
		empty: "No addresses yet. Make one: rota calendar link personal:AGENT"}
	if behind {
		t.empty = "Everybody has fetched the version published last."
	}
	for _, x := range f.seen {
		counts[x.State]++
		if behind && x.State == calendar.Current {
			continue
		}
		j := subscriber{ID: x.Link.ID, Feed: x.Link.Scope.String(), State: x.State, Version: x.Link.Version, Reader: x.Link.UserAgent,
			Sentence: f.sentence(x)}
		state, version, when := a.look.good(string(x.State)), "", ""
		if x.State != calendar.Current {
			state = a.look.warn(string(x.State))
		}
		if x.State != calendar.Never {
			at, age := x.Link.UsedAt.UTC(), int64(x.Age/time.Second)
			j.UsedAt, j.Age = &at, &age
			version, when = fmt.Sprint(x.Link.Version), at.Format("2006-01-02 15:04")
		}
		all = append(all, j)
		t.add(fmt.Sprint(x.Link.ID), j.Feed, state, version, when, x.Link.UserAgent)
	}
	without := f.without()
	switch format {
	case "json":
		var published *time.Time
		if f.last > 0 {
			at := f.at.UTC()
			published = &at
		}
		return a.writeJSON(struct {
			Schema      string             `json:"schema"`
			Team        schedule.TeamID    `json:"team"`
			Version     schedule.Version   `json:"version"`
			PublishedAt *time.Time         `json:"published_at"`
			Subscribers []subscriber       `json:"subscribers"`
			Without     []schedule.AgentID `json:"without"`
		}{"rota/calendar-status/v1", f.book.Team.ID, f.last, published, all, without})
	case "csv":
		return writeEntries(a, all)
	}
	if err := a.print(t); err != nil {
		return err
	}
	if f.last == 0 {
		a.say("Nothing is published yet.")
	} else {
		a.say("Version %d was published %s UTC: %d current, %d behind, %d never came.", f.last, f.at.UTC().Format("2006-01-02 15:04"),
			counts[calendar.Current], counts[calendar.Behind], counts[calendar.Never])
	}
	if len(without) > 0 {
		a.wrapped("Without an address: ", strings.Join(strings.Fields(joinIDs(without)), ", "))
	}
	return nil
}
