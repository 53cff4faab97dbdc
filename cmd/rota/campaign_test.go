package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"rota/notify"
	"rota/notify/slack"
	"rota/notify/slack/slacktest"
	"rota/schedule"
	"rota/schedule/sqlite"
)

var (
	campaignSize = flag.Int("campaign", 150, "how many reminders the campaign over the database sends")
	campaignKill = flag.Bool("campaign.kill", false, "send with rota notify run in processes of their own, two at a time, and kill them with signal 9")
	campaignSeed = flag.Uint64("campaign.seed", 1, "the seed of the campaign")
)

// crash is what kill -9 is to a process: nothing of it goes on, nothing is cleaned up.
type crash struct{}

// campaign is a team in a database, a Slack that fails, and senders that die.
type campaign struct {
	t      *testing.T
	rng    *rand.Rand
	store  *sqlite.Store
	server *slacktest.Server
	web    *httptest.Server
	env    []string
	// calm ends the faults, so that everything can come to its end.
	calm                bool
	agents              int
	runs, deaths, swaps int

	mu    sync.Mutex
	at    time.Time
	marks map[string]schedule.Message
	// on is who is on which slot by what is published.
	on    map[schedule.SlotID][]schedule.AgentID
	wrong []string
}

const campaignTick = 30 * time.Second

func (c *campaign) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *campaign) Sleep(_ context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(max(d, 0))
	return nil
}

func (c *campaign) perhapsDie(p float64) {
	if !c.calm && c.rng.Float64() < p {
		panic(crash{})
	}
}

// RoundTrip carries calls within the process; a sender dies before or after one.
func (c *campaign) RoundTrip(r *http.Request) (*http.Response, error) {
	c.perhapsDie(0.01)
	defer c.perhapsDie(0.01)
	return c.server.Transport(func() { _ = c.Sleep(context.Background(), 15*time.Second) }).RoundTrip(r)
}

// mortal is an outbox whose user dies before a change, or after it is on the disk and before anybody hears of it.
type mortal struct {
	office
	die func(float64)
}

func (m mortal) Lease(ctx context.Context, owner string, n int, now, until time.Time) ([]schedule.Message, error) {
	m.die(0.01)
	list, err := m.office.Lease(ctx, owner, n, now, until)
	m.die(0.01)
	return list, err
}

func (m mortal) Settle(ctx context.Context, id schedule.MessageID, owner string, to schedule.Settlement, now time.Time) error {
	m.die(0.01)
	err := m.office.Settle(ctx, id, owner, to, now)
	m.die(0.01)
	return err
}

// fault is how the network and Slack fail: one call in seven does. It sees every message at the moment it is sent.
func (c *campaign) fault(_ int, method string, form url.Values) slacktest.Fault {
	if method == "chat.postMessage" {
		c.judge(form)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	often := 0.15
	if *campaignKill {
		often = 0.05
	}
	if c.calm || c.rng.Float64() > often {
		return slacktest.NoFault
	}
	all := slacktest.Faults()
	if *campaignKill {
		// Real processes wait in real time: an answer that never comes would take a quarter of a minute each.
		all = slices.DeleteFunc(all, func(f slacktest.Fault) bool { return f >= slacktest.SlowBefore })
	}
	return all[c.rng.IntN(len(all))]
}

// judge checks at the moment of sending that a message goes to the right person and is still true.
func (c *campaign) judge(form url.Values) {
	_, rest, _ := strings.Cut(form.Get("metadata"), `"mark":"`)
	mark, _, _ := strings.Cut(rest, `"`)
	c.mu.Lock()
	m, known := c.marks[mark]
	c.mu.Unlock()
	if !known {
		rows, err := c.store.Messages(context.Background(), sqlite.MessageQuery{Team: "crowd"})
		c.mu.Lock()
		for _, row := range rows {
			c.marks[notify.Mark(row.MessageKey)] = row
		}
		m, known = c.marks[mark]
		c.mu.Unlock()
		if err != nil || !known {
			c.complain("a message that is in no outbox: %s (%v)", form.Get("text"), err)
			return
		}
	}
	c.mu.Lock()
	on, now := c.on[m.Slot], c.at
	c.mu.Unlock()
	switch {
	case m.Recipient != form.Get("channel") && m.Kind != notify.Handoff:
		c.complain("%s of %s sent to %s", m.Step, m.Recipient, form.Get("channel"))
	case m.Kind == notify.Reminder && !slices.Contains(on, m.Agent):
		c.complain("%s reminded of %s, which is no longer theirs", m.Agent, m.Slot)
	case m.Kind == notify.Reminder && !now.Before(m.Expires):
		c.complain("%s of %s sent after %s", m.Step, m.Agent, m.Expires)
	}
}

func (c *campaign) complain(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wrong = append(c.wrong, fmt.Sprintf(format, args...))
}

// crowdBook is a team with so many agents on each of three shifts a day that the days hold the reminders.
func crowdBook(perSlot int) schedule.Book {
	b := schedule.Book{Team: schedule.NewTeam("crowd", "Crowd & Co", "Asia/Yerevan")}
	b.Team.Manager, b.Team.Channel = "a000", "C0SUPPORT"
	b.Team.Messages.Skip = []schedule.MessageKind{notify.Gap, notify.Digest}
	b.Shifts = []schedule.Shift{{ID: "night", Name: "Night", Start: 0, End: 8 * 60}, {ID: "early", Name: "Early", Start: 8 * 60, End: 16 * 60},
		{ID: "late", Name: "Late", Start: 16 * 60, End: schedule.EndOfDay}}
	zones := []string{"Asia/Yerevan", "Europe/Madrid", "America/New_York", "Asia/Tokyo", "Australia/Lord_Howe"}
	for i := range 4 * perSlot {
		b.Agents = append(b.Agents, schedule.Agent{ID: schedule.AgentID(fmt.Sprintf("a%03d", i)), Name: fmt.Sprintf("Agent & <%d> *@here*", i),
			Zone: zones[i%len(zones)], Slack: fmt.Sprintf("U0CROWD%03d", i)})
	}
	return b
}

// publish makes a roster the one people go by, with its messages.
func (c *campaign) publish(r schedule.Roster) {
	ctx := c.t.Context()
	r.Team, r.Version = "crowd", 0
	if now := must(c.store.InForce(ctx, "crowd", r.First, r.Last))(c.t); now != nil {
		r.Seen = now.Seen
	}
	r = must(c.store.SaveDraft(ctx, r, "test", c.Now()))(c.t)
	must(c.store.Publish(ctx, sqlite.PublishRequest{Team: "crowd", Version: r.Version, Who: "test", Now: c.Now(), Prepare: func(f sqlite.Facts) (with sqlite.Publication, err error) {
		up, err := notify.Publish(publishedSituation(f), f.Period.Published, f.Roster, f.Waiting)
		if len(f.Undone) > 0 {
			err = fmt.Errorf("undoes %+v", f.Undone)
		}
		with.Messages, with.Withdraw = up.Messages(), up.Withdrawn()
		return with, err
	}}))(c.t)
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range r.Slots {
		c.on[s.ID] = r.On(s.ID)
	}
}

// swap gives somebody's place on a slot ahead to somebody else: most often one about whom a message is on its way.
func (c *campaign) swap() {
	slot, gives := schedule.SlotID(""), schedule.AgentID("")
	for _, m := range must(c.store.Messages(c.t.Context(), sqlite.MessageQuery{Team: "crowd", States: []schedule.MessageState{schedule.MessageSending, schedule.MessageUnknown}}))(c.t) {
		if m.Kind == notify.Reminder && c.rng.IntN(3) == 0 {
			slot, gives = m.Slot, m.Agent
		}
	}
	now := c.Now()
	slots, on, err := c.store.PublishedBetween(c.t.Context(), "crowd", now, now.Add(36*time.Hour))
	if err != nil {
		c.t.Fatal(err)
	}
	if slot == "" && len(on) > 0 {
		one := on[c.rng.IntN(len(on))]
		slot, gives = one.Slot, one.Agent
	}
	i := slices.IndexFunc(slots, func(s schedule.Slot) bool { return s.ID == slot && s.Start.After(now) })
	if i < 0 {
		return
	}
	r := must(c.store.SlotRoster(c.t.Context(), "crowd", slot))(c.t)
	takes := schedule.AgentID(fmt.Sprintf("a%03d", c.rng.IntN(c.agents)))
	if r.Has(slot, takes) || !r.Has(slot, gives) {
		return
	}
	for k := range r.Assignments {
		if a := &r.Assignments[k]; a.Slot == slot && a.Agent == gives {
			a.Agent, a.Source = takes, schedule.BySwap
		}
	}
	c.publish(r)
	c.swaps++
}

// step lets a sender run once; it may die on the way.
func (c *campaign) step() {
	c.runs++
	if *campaignKill {
		c.processes()
		return
	}
	defer func() {
		if r := recover(); r != nil {
			if _, died := r.(crash); !died {
				panic(r)
			}
			c.deaths++
		}
	}()
	client := slack.NewClient(slack.MakeSecrets(slacktest.BotToken, "", ""), slack.Options{URL: "http://slack.test/api", Transport: c})
	o := mortal{office{Store: c.store, now: c.Now}, c.perhapsDie}
	e := &notify.Engine{Outbox: o, Source: o, Messenger: client, Clock: c, Owner: fmt.Sprint("life ", c.runs), Random: c.rng.Float64}
	if _, err := e.Run(context.Background()); err != nil {
		c.t.Fatalf("run: %v", err)
	}
}

// processes lets two processes send at once, and kills one or both.
func (c *campaign) processes() {
	began := time.Now()
	var both []*exec.Cmd
	for i := range 2 {
		p := exec.Command("rota", "notify", "run", "--quiet", "--team", "crowd")
		p.Env = append(slices.Clone(c.env), "ROTA_NOW="+c.Now().UTC().Format(time.RFC3339))
		var said strings.Builder
		p.Stderr = &said
		if err := p.Start(); err != nil {
			c.t.Fatal(err)
		}
		both = append(both, p)
		c.mu.Lock()
		kill := !c.calm && c.rng.IntN(3-i) == 0
		after := time.Duration(30+c.rng.IntN(1200)) * time.Millisecond
		c.mu.Unlock()
		if kill {
			time.AfterFunc(after, func() { _ = p.Process.Kill() })
		}
	}
	for _, p := range both {
		err := p.Wait()
		var ended *exec.ExitError
		switch {
		case err == nil:
		case errors.As(err, &ended) && ended.ExitCode() == -1:
			c.deaths++
		default:
			c.t.Errorf("rota notify run: %v: %s", err, p.Stderr)
		}
	}
	_ = c.Sleep(context.Background(), time.Since(began).Truncate(time.Second)) // their clocks went on too
}

// idle is how long nothing happens: until the next message is due, or a tick when something is under way.
func (c *campaign) idle() time.Duration {
	ctx, now := c.t.Context(), c.Now()
	if len(must(c.store.Messages(ctx, sqlite.MessageQuery{Team: "crowd", Limit: 1, States: []schedule.MessageState{schedule.MessageSending, schedule.MessageUnknown}}))(c.t)) > 0 {
		return campaignTick
	}
	next := must(c.store.Messages(ctx, sqlite.MessageQuery{Team: "crowd", Limit: 1, States: []schedule.MessageState{schedule.MessagePending, schedule.MessageRetry}}))(c.t)
	if len(next) == 0 {
		return time.Hour
	}
	return min(max(next[0].Due.Sub(now), campaignTick), 6*time.Hour)
}

// TestCampaignOverTheDatabase sends reminders from the real outbox, through faults of every kind, by senders that die at
// any instant, while slots change hands. In the end every message is there exactly once, or was given up and reported;
// none went to the wrong person, none was stale, none later than the bound. With -campaign.kill the senders are processes
// of the real command that are killed.
func TestCampaignOverTheDatabase(t *testing.T) {
	t.Parallel()
	began := time.Now()
	c := &campaign{t: t, rng: rand.New(rand.NewPCG(*campaignSeed, 23)), marks: map[string]schedule.Message{}, on: map[schedule.SlotID][]schedule.AgentID{},
		at: must(time.Parse(time.RFC3339, "2026-12-05T21:00:00Z"))(t)}
	path := filepath.Join(t.TempDir(), "rota.db")
	c.store = must(sqlite.Create(t.Context(), path, sqlite.Options{}))(t)
	defer c.store.Close()
	perSlot := min(max(*campaignSize/10, 10), 120)
	days := *campaignSize/(6*perSlot) + 1
	book := crowdBook(perSlot)
	if _, err := c.store.SaveBook(t.Context(), book, 0, "test", c.at); err != nil {
		t.Fatal(err)
	}
	c.agents = len(book.Agents)
	var users []string
	for _, a := range book.Agents {
		users = append(users, a.Slack)
	}
	c.server = slacktest.New(users...)
	c.server.Now, c.server.Fault, c.server.Unlimited = c.Now, c.fault, true
	c.web = httptest.NewServer(c.server)
	defer c.web.Close()
	c.env = append(os.Environ(), "ROTA_DB="+path, addressVariable+"="+c.web.URL+"/api/", slack.BotVariable+"="+slacktest.BotToken, "ROTA_SLACK_FILE=", "ROTA_TEAM=", "ROTA_TEMPLATES=")
	first := schedule.MustDate("2026-12-07")
	who := 0
	var end time.Time
	for from := 0; from < days; from += 7 {
		r := schedule.Roster{First: first.AddDays(from), Last: first.AddDays(min(from+7, days) - 1)}
		r.Slots = must(schedule.ExpandSlots(book.Team, book.Shifts, r.First, r.Last))(t)
		for _, s := range r.Slots {
			for range perSlot {
				r.Assignments = append(r.Assignments, schedule.Assignment{Slot: s.ID, Agent: book.Agents[who%len(book.Agents)].ID, Source: schedule.BySolver})
				who++
			}
			end = s.End
		}
		c.publish(r)
	}
	for end = end.Add(2 * time.Hour); c.Now().Before(end); {
		c.step()
		if c.rng.IntN(8) == 0 {
			c.swap()
		}
		_ = c.Sleep(context.Background(), c.idle())
		if t.Failed() {
			return
		}
		if *campaignKill && c.runs%100 == 0 {
			fmt.Fprintf(os.Stderr, "campaign: %s, %d runs, %d deaths, %d swaps, %d messages, %s\n", c.Now().Format(time.RFC3339), c.runs, c.deaths, c.swaps, len(c.server.Messages()), time.Since(began).Round(time.Second))
		}
	}
	c.mu.Lock()
	c.calm = true
	c.mu.Unlock()
	for range 12 {
		c.step()
		_ = c.Sleep(context.Background(), time.Minute)
	}
	c.verify(began)
}

func (c *campaign) verify(began time.Time) {
	t := c.t
	for _, w := range c.wrong[:min(len(c.wrong), 10)] {
		t.Error(w)
	}
	stored := map[string][]slacktest.Message{}
	for _, m := range c.server.Messages() {
		mark, _ := m.Payload["mark"].(string)
		stored[mark] = append(stored[mark], m)
	}
	reported := map[schedule.MessageID]bool{}
	states := map[schedule.MessageState]int{}
	var dead []schedule.Message
	var worst time.Duration
	reminders := 0
	bound := (&notify.Engine{}).Bound(campaignTick, 40)
	rows := must(c.store.Messages(t.Context(), sqlite.MessageQuery{Team: "crowd"}))(t)
	for _, row := range rows {
		states[row.State]++
		got, want := stored[notify.Mark(row.MessageKey)], 0
		switch row.State {
		case schedule.MessageSent:
			want = 1
		case schedule.MessageDead:
			dead = append(dead, row)
		case schedule.MessageSending, schedule.MessageUnknown:
			t.Errorf("%s of %s stays %s: %s", row.Step, row.Agent, row.State, row.Problem)
		}
		if len(got) != want {
			t.Errorf("%s %q of %s is %s (%s) and there %d times", row.Kind, row.Step, row.Recipient, row.State, row.Problem, len(got))
			continue
		}
		for _, id := range notify.Reported(row) {
			reported[id] = true
		}
		if want == 1 {
			if row.Kind == notify.Reminder {
				reminders++
			}
			planned := notify.DueOf(row)
			if planned.Before(row.CreatedAt) {
				planned = row.CreatedAt
			}
			worst = max(worst, got[0].At.Sub(planned))
		}
		delete(stored, notify.Mark(row.MessageKey))
	}
	for mark := range stored {
		t.Errorf("a message of no row: %s", mark)
	}
	for _, m := range dead {
		if !reported[m.ID] && m.Kind != notify.Missed {
			t.Errorf("%s %q of %s was given up (%s) and nobody was told", m.Kind, m.Step, m.Recipient, m.Problem)
		}
	}
	if worst > bound {
		t.Errorf("a message was %s late, the bound is %s", worst, bound)
	}
	if len(dead) > len(rows)/20 {
		t.Errorf("%d of %d messages were given up", len(dead), len(rows))
	}
	t.Logf("%d reminders, %v, %d runs, %d of them died, %d swaps, at most %s late (bound %s), %d calls, %s", reminders, states, c.runs, c.deaths, c.swaps,
		worst, bound, c.server.Calls(""), time.Since(began).Round(time.Millisecond))
}
