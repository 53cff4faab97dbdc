package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/spf13/cobra"

	"rota/notify"
	"rota/notify/slack"
	"rota/schedule"
	"rota/schedule/sqlite"
)

// present is a clock that goes on from the run's instant, so that ROTA_NOW moves it too.
type present struct{ now func() time.Time }

func (p present) Now() time.Time { return p.now() }

func (p present) Sleep(ctx context.Context, d time.Duration) error {
	return notify.WallClock{}.Sleep(ctx, d)
}

// running is the present of a run that lasts.
func (a *app) running() time.Time { return a.now.Add(a.clock().Sub(a.started)) }

// templateDir is where texts of a team's own are: the flag, or else ROTA_TEMPLATES.
func (a *app) templateDir(flag string) string {
	if flag != "" {
		return flag
	}
	return a.getenv("ROTA_TEMPLATES")
}

// newOffice is the store as the notifier sees it, for the team that is chosen or else for all.
func (a *app) newOffice(ctx context.Context, s *sqlite.Store, templates string, now func() time.Time) (office, error) {
	o := office{Store: s, now: now, who: a.who(), templates: a.templateDir(templates)}
	if a.teamFlag != "" || a.getenv("ROTA_TEAM") != "" {
		team, err := a.teamID(ctx, s)
		if err != nil {
			return o, err
		}
		o.only = team
	}
	_, err := loadTemplates(o.templates, o.only)
	return o, err
}

// newEngine is a notifier with a name unlike that of any other.
func newEngine(o office, messenger notify.Messenger, observe func(notify.Event)) *notify.Engine {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	var id [8]byte
	_, _ = rand.Read(id[:]) // never fails
	return &notify.Engine{Outbox: o, Source: o, Messenger: messenger, Clock: present{o.now}, Observe: observe,
		Owner: fmt.Sprintf("%s %d %x", host, os.Getpid(), id), Random: mathrand.Float64}
}

// refusedToken gives an error of a refused token its exit code and a hint.
func refusedToken(err error) error {
	if errors.Is(err, notify.ErrToken) {
		//lint:ignore ST1005 Slack is a name
		return exit(exitSlack, hint(fmt.Errorf("Slack refused the token: %w", err), "see rota slack connect; nothing that is due is lost"))
	}
	return err
}

type eventJSON struct {
	Schema    string                `json:"schema,omitempty"`
	At        time.Time             `json:"at"`
	ID        schedule.MessageID    `json:"id,omitempty"`
	Team      schedule.TeamID       `json:"team"`
	Kind      schedule.MessageKind  `json:"kind"`
	State     schedule.MessageState `json:"state"`
	Recipient string                `json:"recipient"`
	To        string                `json:"to,omitempty"`
	Slot      schedule.SlotID       `json:"slot,omitempty"`
	Due       time.Time             `json:"due"`
	Why       string                `json:"why,omitempty"`
	Lookup    bool                  `json:"looked_up,omitempty"`
}

func eventOf(e notify.Event) eventJSON {
	if e.To == "" {
		e.To = string(e.Message.Agent) // the names are not at hand where nothing is sent
	}
	return eventJSON{At: e.At.UTC(), ID: e.Message.ID, Team: e.Message.Team, Kind: e.Message.Kind, State: e.State, Recipient: e.Message.Recipient,
		To: e.To, Slot: e.Message.Slot, Due: e.Message.Due.UTC(), Why: e.Why, Lookup: e.Lookup}
}

// line is an event as people read it.
func (e eventJSON) line() string {
	to := e.To
	if to == "" {
		to = e.Recipient
	}
	text := fmt.Sprintf("%-9s  %s to %s", e.State, e.Kind, to)
	if e.Slot != "" {
		text += ", " + string(e.Slot)
	}
	if e.Lookup {
		text += " (looked up)"
	}
	if e.Why != "" {
		text += ": " + e.Why
	}
	return text
}

type runOptions struct {
	watch, once, quiet bool
	secrets, templates string
	every              time.Duration
}

func (a *app) notifyRun() *cobra.Command {
	c := &cobra.Command{Use: "run", Short: "Send what is due, once or until interrupted",
		Long: `Send what is due. Run it from cron or a systemd timer every minute, or with --watch as a daemon, or let rota serve do it:
the guarantees are the same, and any number of them share the work. Before anything is sent, what is not known to have
arrived is looked up, what no longer stands is withdrawn, and what is too late is given up and reported to the manager.

The token is taken from ROTA_SLACK_BOT_TOKEN, or from a file that only you can read, named by --secrets or
ROTA_SLACK_FILE. With an app token, --watch takes buttons and /rota too. Exit code 12 when Slack refuses the token.

--dry-run says exactly what would be sent and needs no token; with -o json as Slack would get it.`,
		Example: `  rota notify run
  rota notify run --dry-run
  rota notify run --watch --secrets slack.env`}
	var o runOptions
	f := c.Flags()
	f.BoolVar(&o.once, "once", false, "send what is due and end; this is what happens without --watch")
	f.BoolVar(&o.watch, "watch", false, "go on until interrupted")
	f.BoolVarP(&o.quiet, "quiet", "q", false, "say only what went wrong")
	f.StringVar(&o.secrets, "secrets", "", "a file of lines NAME=value with the Slack token, readable by you alone (default: $ROTA_SLACK_FILE)")
	f.StringVar(&o.templates, "templates", "", "a folder with texts of your own, such as reminder.tmpl (default: $ROTA_TEMPLATES)")
	f.DurationVar(&o.every, "every", 15*time.Second, "how often --watch looks")
	a.writes(c)
	format := a.output(c, "table", "json")
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		format, err := format()
		if err != nil {
			return err
		}
		switch {
		case o.once && o.watch:
			return usagef("use --once or --watch, not both")
		case o.watch && a.dryRun:
			return usagef("--dry-run looks once: leave --watch out")
		case o.every < time.Second || o.every > time.Hour:
			return usagef("bad --every %s: use 1s to 1h", o.every)
		}
		ctx := cmd.Context()
		return a.withStore(ctx, func(s *sqlite.Store) error {
			at, err := a.newOffice(ctx, s, o.templates, a.running)
			if err != nil {
				return err
			}
			switch {
			case a.dryRun:
				at.now = func() time.Time { return a.now }
				return a.notifyDryRun(ctx, at, format)
			case o.watch:
				return a.notifyWatch(ctx, at, o, format)
			}
			return a.notifyOnce(ctx, at, o, format)
		})
	}
	return c
}

func (a *app) notifyOnce(ctx context.Context, at office, o runOptions, format string) error {
	client, _, err := a.slackClient(o.secrets)
	if err != nil {
		return err
	}
	events := []eventJSON{}
	sum, err := newEngine(at, client, func(e notify.Event) {
		x := eventOf(e)
		if events = append(events, x); format == "table" && (!o.quiet || troubling(x)) {
			a.say("%s", x.line())
		}
	}).Run(ctx)
	if format == "json" {
		type silence struct {
			Who   string               `json:"who"`
			Kind  schedule.MessageKind `json:"kind"`
			Why   string               `json:"why"`
			Count int                  `json:"count"`
		}
		quiet := []silence{}
		for _, q := range sum.Silences {
			quiet = append(quiet, silence{q.Who, q.Kind, q.Why, q.Count})
		}
		if e := a.writeJSON(struct {
			Schema     string      `json:"schema"`
			Now        time.Time   `json:"now"`
			Enqueued   int         `json:"enqueued"`
			Withdrawn  int         `json:"withdrawn"`
			Sent       int         `json:"sent"`
			Retried    int         `json:"retried"`
			Dead       int         `json:"dead"`
			Unknown    int         `json:"unknown"`
			Reconciled int         `json:"reconciled"`
			Edited     int         `json:"edited"`
			Forgotten  int         `json:"forgotten"`
			Groups     []string    `json:"groups"`
			Problems   []string    `json:"group_problems"`
			Events     []eventJSON `json:"events"`
			Silences   []silence   `json:"silences"`
		}{"rota/run/v1", a.now, sum.Enqueued, sum.Withdrawn, sum.Sent, sum.Retried, sum.Dead, sum.Unknown, sum.Reconciled, sum.Edited, sum.Forgotten,
			append([]string{}, sum.Groups...), append([]string{}, sum.GroupProblems...), events, quiet}); e != nil && err == nil {
			err = e
		}
	} else {
		if !o.quiet {
			a.say("%s.", said(sum))
		}
		for _, p := range sum.GroupProblems {
			a.note("warning: user group %s", p)
		}
		for _, q := range sum.Silences {
			if !o.quiet {
				a.note("warning: %s cannot be told: %s (%s)", q.Who, q.Why, plural(q.Count, string(q.Kind)))
			}
		}
	}
	return refusedToken(err)
}

// troubling reports whether an event is worth a word to somebody who wants few.
func troubling(e eventJSON) bool {
	return e.State == schedule.MessageDead || e.State == schedule.MessageUnknown || e.State == schedule.MessageRetry
}

// said is a summary in one line.
func said(s notify.Summary) string {
	var parts []string
	for _, x := range []struct {
		n    int
		word string
	}{{s.Sent, "sent"}, {s.Enqueued, "put into the outbox"}, {s.Withdrawn, "withdrawn"}, {s.Retried, "to be tried again"}, {s.Dead, "given up"},
		{s.Unknown, "not known to have arrived"}, {s.Reconciled, "looked up"}, {s.GivenBack, "given back"}, {s.Edited, "edited"}, {s.Forgotten, "old ones removed"}} {
		if x.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", x.n, x.word))
		}
	}
	for _, g := range s.Groups {
		parts = append(parts, g+" written")
	}
	if len(parts) == 0 {
		return "Nothing was due"
	}
	return "Messages: " + strings.Join(parts, ", ")
}

func (a *app) notifyWatch(ctx context.Context, at office, o runOptions, format string) error {
	client, secrets, err := a.slackClient(o.secrets)
	if err != nil {
		return err
	}
	var mu sync.Mutex // events and failures come from several goroutines
	engine := newEngine(at, client, func(e notify.Event) {
		mu.Lock()
		defer mu.Unlock()
		switch x := eventOf(e); {
		case format == "json":
			x.Schema = "rota/event/v1"
			_ = a.writeJSONLine(x)
		case !o.quiet || troubling(x):
			a.say("%s  %s", x.At.Format("2006-01-02 15:04:05"), x.line())
		}
	})
	engine.Tick = o.every
	warned := map[string]bool{}
	warn := func(text string) {
		mu.Lock()
		defer mu.Unlock()
		if !warned[text] {
			a.note("warning: %s", text)
			warned[text] = true
		}
	}
	failed := func(err error) {
		mu.Lock()
		defer mu.Unlock()
		if ctx.Err() == nil { // what breaks off because the run ends is no failure
			a.note("rota: %v", err)
		}
	}
	if !o.quiet {
		a.note("Sending what is due every %s; interrupt to end.", o.every)
	}
	return refusedToken(a.notifier(ctx, at, engine, client, secrets, func(sum notify.Summary) {
		for _, text := range lacking(sum) {
			warn(text)
		}
	}, failed, nil))
}

// lacking says who cannot be told and which user groups cannot be kept, in words that stay the same while it lasts.
func lacking(sum notify.Summary) []string {
	var list []string
	for _, p := range sum.GroupProblems {
		list = append(list, "user group "+p)
	}
	for _, q := range sum.Silences {
		list = append(list, fmt.Sprintf("%s cannot be told of any %s: %s", q.Who, q.Kind, q.Why))
	}
	return list
}

// notifier sends until ctx ends, and takes buttons and commands through Socket Mode where there is an app token. take,
// when not nil, is given the handler of buttons and commands.
func (a *app) notifier(ctx context.Context, at office, engine *notify.Engine, client *slack.Client, secrets slack.Secrets,
	done func(notify.Summary), failed func(error), take func(*slack.Handler)) error {
	// Refresh runs beside the engine, which is used by one goroutine: what was sent before is brought up to date by another.
	desk := &notify.Desk{Office: at, Refresh: newEngine(at, client, nil).Refresh}
	handler := slack.NewHandler(client, desk, at.now, failed)
	if take != nil {
		take(handler)
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var work sync.WaitGroup
	var refused error
	if secrets.HasApp() {
		work.Go(func() {
			if refused = handler.Socket(ctx); refused != nil {
				stop()
			}
		})
	}
	err := engine.Watch(ctx, done, failed)
	stop()
	work.Wait()
	handler.Wait()
	return errors.Join(err, refused)
}

// notifyDryRun says what a run would send.
func (a *app) notifyDryRun(ctx context.Context, at office, format string) error {
	type planned struct {
		messageJSON
		Team    schedule.TeamID `json:"team"`
		Sent    bool            `json:"would_be_sent"`
		Edited  bool            `json:"would_be_edited"`
		Message string          `json:"message,omitempty"`
		Blocks  json.RawMessage `json:"blocks,omitempty"`
	}
	type group struct {
		Team     schedule.TeamID `json:"team"`
		Group    string          `json:"group"`
		Users    []string        `json:"users"`
		Fallback bool            `json:"fallback"`
	}
	teams, err := at.Teams(ctx)
	if err != nil {
		return err
	}
	out, groups := []planned{}, []group{}
	for _, team := range teams {
		now := a.now
		s, err := at.Situation(ctx, team, now, now.AddDate(0, 0, -2), now.Add(72*time.Hour))
		if err != nil {
			return err
		}
		rows, err := at.Rows(ctx, team, now.AddDate(0, 0, -8), now.AddDate(0, 0, 33))
		if err != nil {
			return err
		}
		due, err := notify.Due(s, rows)
		if err != nil {
			return err
		}
		edits, err := newEngine(at, nil, nil).Finished(ctx, team)
		if err != nil {
			return err
		}
		for i, m := range append(due, edits...) {
			x := planned{messageJSON: plannedJSON(m), Team: team, Sent: i < len(due) && m.Content.Title != "", Edited: i >= len(due)}
			if x.Sent || x.Edited {
				if x.Message, x.Blocks, err = slack.Payload(m.Content); err != nil {
					return err
				}
			}
			out = append(out, x)
		}
		members, err := notify.OnNow(s)
		if err != nil {
			return err
		}
		for _, m := range members {
			groups = append(groups, group{team, m.Group, append([]string{}, m.Users...), m.Fallback})
		}
	}
	if format == "json" {
		return a.writeJSON(struct {
			Schema   string    `json:"schema"`
			Now      time.Time `json:"now"`
			Messages []planned `json:"messages"`
			Groups   []group   `json:"groups"`
		}{"rota/dry-run/v1", a.now, out, groups})
	}
	sent, edited := 0, 0
	for _, m := range out {
		if !m.Sent && !m.Edited {
			a.say("%s to %s: %s", m.Kind, m.To, m.Why)
			continue
		}
		again := ""
		if m.Edited {
			edited++
			again = ", which was sent, would now read"
		} else {
			sent++
		}
		a.say("%s to %s (%s)%s", a.look.strong(string(m.Kind)), m.To, m.Recipient, again)
		a.wrapped("    why: ", m.Why)
		for line := range strings.SplitSeq(m.Text, "\n") {
			a.wrapped("    ", line)
		}
		a.say("")
	}
	for _, g := range groups {
		who := strings.Join(g.Users, ", ")
		if g.Fallback {
			who += " (nobody is on)"
		}
		a.say("%s would be: %s", g.Group, who)
	}
	if edited > 0 {
		a.say("%s would be edited.", plural(edited, "message"))
	}
	a.say("%s would be sent; nothing was.", plural(sent, "message"))
	return nil
}

// sayChangeMessages prints what each whose shifts change would read.
func (a *app) sayChangeMessages(list []notify.Planned) {
	for _, m := range list {
		if m.Kind != notify.Changed {
			continue
		}
		a.say("")
		a.say("%s UTC  %s to %s", m.Due.UTC().Format("2006-01-02 15:04"), m.Kind, m.To)
		for line := range strings.SplitSeq(m.Content.Text(), "\n") {
			a.wrapped("    ", line)
		}
	}
	a.say("")
}

// plannedJSON is a message that is to be sent.
func plannedJSON(m notify.Planned) messageJSON {
	j := messageJSON{Kind: m.Kind, To: m.To, Recipient: m.Recipient, Due: m.Due.UTC(), Why: m.Why, Agent: m.Agent, Slot: m.Slot, Text: m.Content.Text()}
	if !m.Expires.IsZero() {
		at := m.Expires.UTC()
		j.Expires = &at
	}
	return j
}

// refreshSent brings messages that were sent about a slot up to date where they stand, where Slack is set up. It is a
// kindness after something was committed: what cannot be done stays as it was said.
func (a *app) refreshSent(ctx context.Context, s *sqlite.Store, team schedule.TeamID, from, to time.Time, choose func(schedule.Message) bool) {
	if !a.hasSlack() {
		return
	}
	client, _, err := a.slackClient("")
	if err != nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	at := office{Store: s, now: a.running, who: a.who(), templates: a.templateDir("")}
	_, _ = newEngine(at, client, nil).Refresh(ctx, team, from, to, choose)
}

// notifyService is the notifier as a part of rota serve; ok is false where no Slack token is set. A token that is refused
// is logged and tried again: it must not take the feeds with it.
func (a *app) notifyService(ctx context.Context, x serving) (part service, ok bool, err error) {
	if !a.hasSlack() {
		x.log.Info("no Slack token is set, so nobody is told anything")
		return service{}, false, nil
	}
	client, secrets, err := a.slackClient("")
	if err != nil {
		return service{}, false, err
	}
	at, err := a.newOffice(ctx, x.store, "", x.now)
	if err != nil {
		return service{}, false, err
	}
	told := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "rota_messages_total", Help: "Messages by kind and by what became of them."}, []string{"kind", "state"})
	last := prometheus.NewGauge(prometheus.GaugeOpts{Name: "rota_notify_last_run_timestamp_seconds", Help: "When the notifier last went through without an error."})
	x.metrics.MustRegister(told, last)
	engine := newEngine(at, client, func(e notify.Event) {
		told.WithLabelValues(string(e.Message.Kind), string(e.State)).Inc()
		j := eventOf(e)
		x.log.Info("message", "state", j.State, "kind", j.Kind, "team", j.Team, "recipient", j.Recipient, "slot", j.Slot, "why", j.Why)
	})
	failed := func(err error) {
		if !errors.Is(err, context.Canceled) { // what breaks off because the server ends is no failure
			x.log.Error("notifier", "error", err)
		}
	}
	warned := map[string]bool{}
	done := func(sum notify.Summary) {
		last.Set(float64(x.now().Unix()))
		for _, text := range lacking(sum) {
			if !warned[text] {
				x.log.Warn("notifier", "problem", text)
			}
			warned[text] = true
		}
	}
	var mu sync.Mutex
	var buttons *slack.Handler
	return service{
		name: "notifier",
		run: func(ctx context.Context) error {
			for ctx.Err() == nil {
				err := a.notifier(ctx, at, engine, client, secrets, done, failed, func(h *slack.Handler) {
					mu.Lock()
					defer mu.Unlock()
					buttons = h
				})
				if err != nil {
					failed(err)
				}
				if (notify.WallClock{}).Sleep(ctx, time.Minute) != nil {
					return nil
				}
			}
			return nil
		},
		routes: func(mux *http.ServeMux) {
			if !secrets.HasSigning() {
				return
			}
			mux.HandleFunc("/slack", func(w http.ResponseWriter, r *http.Request) {
				mu.Lock()
				h := buttons
				mu.Unlock()
				if h == nil {
					http.Error(w, "not ready yet", http.StatusServiceUnavailable)
					return
				}
				h.ServeHTTP(w, r)
			})
		},
	}, true, nil
}
