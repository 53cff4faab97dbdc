package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"rota/calendar"
	"rota/schedule"
	"rota/schedule/sqlite"
)

// icsImport is what rota availability import is told about a calendar.
type icsImport struct {
	agent, kind, source, from, to string
	awayOnly, private             bool
	timeout                       time.Duration
}

// defaultAhead is how many days of a calendar are read unless said otherwise.
const defaultAhead = 400

// withCalendars teaches the import of availability to read calendars beside tables.
func (a *app) withCalendars(c *cobra.Command) *cobra.Command {
	var kinds []string
	for _, k := range schedule.AvailabilityKinds() {
		kinds = append(kinds, string(k))
	}
	var o icsImport
	c.Use = "import FILE|URL"
	c.Short = "Read availability from a CSV table or from an agent's calendar; - is standard input"
	c.Long += `

A file that ends in .ics, or an address that begins with https:, http: or webcal:, is the calendar of the agent named with
--agent: the times at which it says busy become entries. Read again it brings those entries up to date: what has moved moves,
and what is gone from the calendar goes, but for what lies before --from. Entries that somebody answered keep the answer.
Addresses are not kept: they may be secret. Events that are free or cancelled are left out, and what cannot be read is told.`
	c.Example = `  rota availability import leave.csv
  rota availability import ani.ics --agent ani
  rota availability import https://calendar.example.com/ani.ics --agent ani --kind leave --away-only`
	f := c.Flags()
	f.StringVarP(&o.agent, "agent", "a", "", "whose calendar it is")
	f.StringVar(&o.kind, "kind", string(schedule.Unavailable), "what its times mean: "+strings.Join(kinds, ", "))
	f.StringVar(&o.source, "source", "", "name of the calendar, by which it is known again (default: the file's name, or the address's host with a mark)")
	f.StringVar(&o.from, "from", "", "first date to read, on the agent's own clock (default: today)")
	f.StringVar(&o.to, "to", "", fmt.Sprintf("last date to read (default: %d days ahead)", defaultAhead))
	f.BoolVar(&o.awayOnly, "away-only", false, "only what is marked as out of office")
	f.BoolVar(&o.private, "private", false, "leave the titles of events out: everybody who plans can read them")
	f.DurationVar(&o.timeout, "timeout", 30*time.Second, "how long an address may take")
	_ = c.RegisterFlagCompletionFunc("agent", a.completeAgents)
	_ = c.RegisterFlagCompletionFunc("kind", fixed(kinds...))
	c.ValidArgsFunction = func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return []string{"csv", "ics"}, cobra.ShellCompDirectiveFilterFileExt
	}
	tables := c.RunE
	c.RunE = func(cmd *cobra.Command, args []string) error {
		address := calendarAddress(args[0])
		if address == "" && !strings.EqualFold(filepath.Ext(args[0]), ".ics") && o.agent == "" {
			return tables(cmd, args)
		}
		if o.agent == "" {
			return hint(usagef("a calendar needs its owner"), "rota availability import "+args[0]+" --agent AGENT")
		}
		if o.timeout <= 0 {
			return usagef("bad --timeout %s: use a length of time above 0", o.timeout)
		}
		kind, err := schedule.ParseAvailabilityKind(o.kind)
		if err != nil {
			return usage(err)
		}
		format, _ := cmd.Flags().GetString("output")
		if asJSON, _ := cmd.Flags().GetBool("json"); asJSON {
			format = "json"
		}
		if !slices.Contains([]string{"table", "json"}, format) {
			return usage(&schedule.UnknownError{Noun: "output format", Word: format, Valid: []string{"table", "json"}})
		}
		var data []byte
		source := o.source
		if address != "" {
			mark := sha256.Sum256([]byte(address))
			u, err := url.Parse(address)
			if err != nil || u.Host == "" {
				return usagef("bad address: write it as https://calendar.example.com/ani.ics")
			}
			source = cmp.Or(source, u.Hostname()+"-"+hex.EncodeToString(mark[:4]))
			if data, err = fetchCalendar(cmd.Context(), address, o.timeout); err != nil {
				return err
			}
		} else {
			source = cmp.Or(source, filepath.Base(args[0]))
			if data, err = a.readFile(args[0]); err != nil {
				return err
			}
		}
		return a.withTeam(cmd.Context(), func(s *sqlite.Store, team schedule.TeamID) error {
			return a.importCalendar(cmd.Context(), s, team, data, kind, source, o, format)
		})
	}
	return c
}

// calendarAddress is a word as an address to fetch; empty for the name of a file.
func calendarAddress(word string) string {
	scheme, rest, ok := strings.Cut(word, "://")
	if !ok {
		return ""
	}
	switch strings.ToLower(scheme) {
	case "webcal", "webcals":
		return "https://" + rest
	}
	return word
}

// fetchCalendar reads a calendar over HTTP. No error names the address, which may be secret, but only its host.
func fetchCalendar(ctx context.Context, address string, timeout time.Duration) ([]byte, error) {
	web := func(u *url.URL) error {
		if u.Scheme != "https" && u.Scheme != "http" {
			return fmt.Errorf("calendars are fetched over https and http, not over %s", u.Scheme)
		}
		return nil
	}
	u, err := url.Parse(address)
	if err != nil {
		return nil, usagef("bad address: write it as https://calendar.example.com/ani.ics")
	}
	if err := web(u); err != nil {
		return nil, usage(err)
	}
	client := &http.Client{
		Timeout: timeout,
		CheckRedirect: func(r *http.Request, via []*http.Request) error {
			if len(via) >= 5 {
				return errors.New("the address leads in circles")
			}
			return web(r.URL)
		},
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, usagef("bad address: write it as https://calendar.example.com/ani.ics")
	}
	r.Header.Set("Accept", "text/calendar, */*;q=0.1")
	r.Header.Set("User-Agent", "rota")
	res, err := client.Do(r)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		var inner *url.Error
		if errors.As(err, &inner) {
			err = inner.Err
			if inner.Timeout() {
				err = fmt.Errorf("no answer within %s", timeout)
			}
		}
		return nil, fmt.Errorf("cannot read the calendar from %s: %w", u.Host, err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("cannot read the calendar from %s: it answers %d %s", u.Host, res.StatusCode, http.StatusText(res.StatusCode))
	}
	// One byte more than the reader takes, so that it is the one to refuse.
	data, err := io.ReadAll(io.LimitReader(res.Body, calendar.MaxCalendarBytes+1))
	if err != nil {
		// A timeout within the answer says more than what the transport makes of it.
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		var slow interface{ Timeout() bool }
		if errors.As(err, &slow) && slow.Timeout() {
			return nil, fmt.Errorf("the calendar from %s is not complete after %s", u.Host, timeout)
		}
		return nil, fmt.Errorf("the calendar from %s breaks off: %w", u.Host, err)
	}
	return data, nil
}

// importCalendar brings the entries that come from a calendar to what it says now.
func (a *app) importCalendar(ctx context.Context, s *sqlite.Store, team schedule.TeamID, data []byte, kind schedule.AvailabilityKind, source string, o icsImport, format string) error {
	book, _, err := s.LoadBook(ctx, team)
	if err != nil {
		return err
	}
	var ids []string
	var agent schedule.Agent
	for _, x := range book.Agents {
		ids = append(ids, string(x.ID))
		if string(x.ID) == o.agent {
			agent = x
		}
	}
	if agent.ID == "" {
		near, _ := schedule.Nearest(o.agent, ids)
		return hint(&schedule.UnknownError{Noun: "agent", Word: o.agent, Nearest: near, Valid: ids}, "see rota agent list")
	}
	zone, err := agent.Location(book.Team)
	if err != nil {
		return err
	}
	first := schedule.DateOf(a.now, zone)
	if o.from != "" {
		if first, err = schedule.ParseDate(o.from); err != nil {
			return usage(fmt.Errorf("--from: %w", err))
		}
	}
	last := first.AddDays(defaultAhead)
	if o.to != "" {
		if last, err = schedule.ParseDate(o.to); err != nil {
			return usage(fmt.Errorf("--to: %w", err))
		}
	}
	if last.Before(first) {
		return usagef("--to %s is before --from %s", last, first)
	}
	var within schedule.Interval
	within.Start, _ = schedule.DayBounds(first, zone)
	_, within.End = schedule.DayBounds(last, zone)
	busy, problems, err := calendar.ReadBusy(bytes.NewReader(data), calendar.BusyOptions{Zone: zone, Within: within, AwayOnly: o.awayOnly})
	if err != nil {
		return fmt.Errorf("%s: %w", source, err)
	}
	for _, p := range problems {
		a.note("warning: %s: %s", source, p.Error())
	}
	for i := range busy {
		if o.private {
			busy[i].Summary = ""
		}
	}
	return a.changeBook(ctx, s, team, format, func(b *schedule.Book) error {
		b.Availability = fromCalendar(b.Availability, busy, agent.ID, kind, source, within, zone)
		return nil
	})
}

// fromCalendar is availability with the entries of one calendar brought to what it says: those that are there already
// keep their place and what people answered, those gone from it go unless they ended before, new ones come last.
func fromCalendar(old []schedule.Availability, busy []calendar.BusyTime, agent schedule.AgentID, kind schedule.AvailabilityKind, source string, within schedule.Interval, zone *time.Location) []schedule.Availability {
	fresh := map[schedule.AvailabilityID]schedule.Availability{}
	var order []schedule.AvailabilityID
	for _, t := range busy {
		v := t.Availability(agent, kind, source)
		v.ID = importedID(v)
		if _, twice := fresh[v.ID]; !twice {
			order = append(order, v.ID)
		}
		fresh[v.ID] = v
	}
	var kept []schedule.Availability
	for _, v := range old {
		if v.Agent != agent || v.Source != source {
			kept = append(kept, v)
			continue
		}
		next, stays := fresh[v.ID]
		switch {
		case stays:
			next.State, next.By, next.At = v.State, v.By, v.At
			if next.Kind == v.Kind {
				next.Weight, next.Shifts, next.Tags = v.Weight, v.Shifts, v.Tags
			}
			kept = append(kept, next)
			delete(fresh, v.ID)
		case !importedReach(v, zone).Overlaps(within):
			kept = append(kept, v)
		}
	}
	for _, id := range order {
		if v, ok := fresh[id]; ok {
			kept = append(kept, v)
		}
	}
	return kept
}

// importedReach is the time of an imported entry.
func importedReach(v schedule.Availability, zone *time.Location) schedule.Interval {
	if !v.Exact.IsEmpty() {
		return v.Exact
	}
	var at schedule.Interval
	at.Start, _ = schedule.DayBounds(v.From, zone)
	_, at.End = schedule.DayBounds(v.To, zone)
	return at
}

// importedID is the name of an imported entry: the same for the same event of the same calendar of the same agent.
func importedID(v schedule.Availability) schedule.AvailabilityID {
	h := sha256.New()
	for _, s := range []string{string(v.Agent), v.Source, v.External} {
		fmt.Fprintf(h, "%d:%s", len(s), s)
	}
	return schedule.AvailabilityID("ics-" + strings.ToLower(base32.HexEncoding.WithPadding(base32.NoPadding).EncodeToString(h.Sum(nil)[:10])))
}
