package slack_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"rota/notify"
	"rota/notify/notifytest"
	"rota/notify/slack"
	"rota/notify/slack/slacktest"
	"rota/schedule"
)

var (
	campaignSize = flag.Int("campaign", 400, "how many reminders the campaign sends")
	campaignSeed = flag.Uint64("campaign.seed", 0, "a seed for the campaign; 0 runs two of them")
)

// crash is what kill -9 is to a process: nothing of it goes on, nothing is cleaned up.
type crash struct{}

var errBusy = errors.New("the database is busy")

// campaign is a team, a Slack, a network and machines, all of which fail.
type campaign struct {
	t      *testing.T
	rng    *rand.Rand
	clock  *notifytest.Clock
	source *notifytest.Source
	outbox *notifytest.Outbox
	server *slacktest.Server
	// calm ends the faults, so that everything can come to its end.
	calm bool
	// kill says that real processes were killed: then nothing is said about lateness, which depends on the machine.
	kill   bool
	lives  int
	crowds []*notify.Engine
	marks  map[string]schedule.Message
	wrong  []string
	events int
}

func (c *campaign) RoundTrip(r *http.Request) (*http.Response, error) {
	c.perhapsDie(0.002)
	defer c.perhapsDie(0.002) // the message is taken, and nobody hears of it
	return c.server.Transport(func() { c.clock.Advance(15 * time.Second) }).RoundTrip(r)
}

func (c *campaign) perhapsDie(p float64) {
	if !c.calm && c.rng.Float64() < p {
		panic(crash{})
	}
}

func (c *campaign) engine() *notify.Engine {
	c.lives++
	client := slack.NewClient(slack.MakeSecrets(slacktest.BotToken, "", ""), slack.Options{URL: "http://slack.test/api", Transport: c})
	return &notify.Engine{Outbox: c.outbox, Source: c.source, Messenger: client, Clock: c.clock, Owner: fmt.Sprint("life ", c.lives),
		Random: c.rng.Float64, Observe: func(notify.Event) { c.events++ }}
}

// step lets one engine run once. One that dies is another afterwards.
func (c *campaign) step(i int) {
	defer func() {
		if r := recover(); r != nil {
			if _, died := r.(crash); !died {
				panic(r)
			}
			c.crowds[i] = c.engine()
		}
	}()
	if _, err := c.crowds[i].Run(context.Background()); err != nil && !errors.Is(err, errBusy) {
		c.t.Fatalf("run: %v", err)
	}
}

// fault is how the network and Slack fail: one call in seven does. It also sees every message at the moment it is sent.
func (c *campaign) fault(_ int, method string, form url.Values) slacktest.Fault {
	if method == "chat.postMessage" {
		c.judge(form)
	}
	if c.calm || c.rng.Float64() > 0.15 {
		return slacktest.NoFault
	}
	all := slacktest.Faults()
	return all[c.rng.IntN(len(all))]
}

// judge checks at the moment of sending that a message goes to the right person and is still true.
func (c *campaign) judge(form url.Values) {
	m, known := c.marks[markOf(form.Get("metadata"))]
	if !known {
		for _, row := range c.outbox.Unlocked() {
			c.marks[notify.Mark(row.MessageKey)] = row
		}
		if m, known = c.marks[markOf(form.Get("metadata"))]; !known {
			c.wrong = append(c.wrong, "a message that is in no outbox: "+form.Get("text"))
			return
		}
	}
	if m.Recipient != form.Get("channel") {
		c.wrong = append(c.wrong, fmt.Sprintf("%s of %s sent to %s", m.Step, m.Recipient, form.Get("channel")))
	}
	if m.Kind != notify.Reminder {
		return
	}
	s := c.source.Get()
	if !slices.ContainsFunc(s.Assignments, func(a schedule.Assignment) bool { return a.Slot == m.Slot && a.Agent == m.Agent }) {
		c.wrong = append(c.wrong, fmt.Sprintf("%s reminded of %s, which is no longer theirs", m.Agent, m.Slot))
	}
	if !c.clock.Now().Before(m.Expires) {
		c.wrong = append(c.wrong, fmt.Sprintf("%s of %s sent after %s", m.Step, m.Agent, m.Expires))
	}
}

func markOf(metadata string) string {
	_, rest, _ := strings.Cut(metadata, `"mark":"`)
	mark, _, _ := strings.Cut(rest, `"`)
	return mark
}

// leased is an assignment about which a message is on its way, if there is one.
func (c *campaign) leased() schedule.Assignment {
	for _, m := range c.outbox.All() {
		if m.State == schedule.MessageSending && m.Kind == notify.Reminder {
			return notifytest.Assign(m.Slot, m.Agent)
		}
	}
	s := c.source.Get()
	return s.Assignments[c.rng.IntN(len(s.Assignments))]
}

// swap gives an agent's place on a slot ahead to somebody else, and publishes that.
func (c *campaign) swap(a schedule.Assignment) {
	s := c.source.Get()
	now := c.clock.Now()
	to := s.Agents[c.rng.IntN(len(s.Agents))].ID
	i := slices.IndexFunc(s.Slots, func(x schedule.Slot) bool { return x.ID == a.Slot })
	if ahead := s.Slots[i].Start.Sub(now); ahead < 0 || ahead > 40*time.Hour {
		return
	}
	var keep []schedule.AgentID
	for _, x := range s.Assignments {
		if x.Slot == a.Slot && x.Agent != a.Agent && x.Agent != to {
			keep = append(keep, x.Agent)
		}
	}
	old := notifytest.Roster(s)
	next := notifytest.Reassign(s, a.Slot, append(keep, to)...)
	next.Now = now
	waiting := c.outbox.Unlocked()
	cut := *next
	cut.From, cut.To = now.Add(-48*time.Hour), now.Add(72*time.Hour)
	up, err := notify.Publish(&cut, &old, notifytest.Roster(next), waiting)
	if err != nil {
		c.t.Fatal(err)
	}
	c.source.Set(next)
	quiet := c.outbox.Fault
	c.outbox.Fault = nil
	defer func() { c.outbox.Fault = quiet }()
	if _, err := c.outbox.Enqueue(context.Background(), now, up.Messages()...); err != nil {
		c.t.Fatal(err)
	}
	if _, err := c.outbox.Withdraw(context.Background(), now, "a new version", up.Withdrawn()...); err != nil {
		c.t.Fatal(err)
	}
}

// crowd is Harbor with so many agents on each slot that a week holds n reminders.
func crowd(now time.Time, reminders int) *notify.Situation {
	const perSlot = 8
	days := reminders/(3*perSlot*2) + 2
	s := notifytest.Harbor(now, days)
	zones := []string{"Asia/Yerevan", "Europe/Madrid", "America/New_York", "Asia/Tokyo", "Australia/Lord_Howe"}
	for i := range 3*perSlot + 6 {
		s.Agents = append(s.Agents, schedule.Agent{ID: schedule.AgentID(fmt.Sprintf("a%03d", i)), Name: fmt.Sprintf("Agent & <%d> *@here*", i),
			Zone: zones[i%len(zones)], Slack: fmt.Sprintf("U0CROWD%03d", i)})
	}
	people := s.Agents[5:]
	s.Assignments = nil
	for i, slot := range s.Slots {
		for k := range perSlot {
			s.Assignments = append(s.Assignments, notifytest.Assign(slot.ID, people[(i*perSlot+k)%len(people)].ID))
		}
	}
	return s
}

func users(s *notify.Situation) []string {
	var list []string
	for _, a := range s.Agents {
		list = append(list, a.Slack)
	}
	return list
}

// TestCampaign sends reminders through faults of every kind and processes that die at any instant, while slots change
// hands. In the end every message is there exactly once or was given up and reported, none went to the wrong person, none
// was stale, none later than the bound.
func TestCampaign(t *testing.T) {
	seeds := []uint64{1, 2}
	if *campaignSeed != 0 {
		seeds = []uint64{*campaignSeed}
	}
	for _, seed := range seeds {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) { runCampaign(t, seed, *campaignSize/len(seeds)) })
	}
}

func runCampaign(t *testing.T, seed uint64, size int) {
	start := at("2026-12-06T21:00:00Z")
	s := crowd(start, size)
	s.Team.Messages.Skip = []schedule.MessageKind{notify.Gap} // nobody here speaks anything
	c := &campaign{t: t, rng: rand.New(rand.NewPCG(seed, 17)), clock: notifytest.NewClock(start), source: notifytest.NewSource(s),
		outbox: notifytest.NewOutbox(), server: slacktest.New(users(s)...), marks: map[string]schedule.Message{}}
	c.server.Now, c.server.Fault = c.clock.Now, c.fault
	c.outbox.Fault = func(string) error { c.perhapsDie(0.001); return nil }
	c.source.Err = func() error {
		switch {
		case c.calm:
		case c.rng.IntN(200) == 0:
			return errBusy
		case c.rng.IntN(50) == 0:
			c.swap(c.leased()) // somebody publishes while an engine is at work
		}
		return nil
	}
	c.crowds = []*notify.Engine{c.engine(), c.engine()}
	const tick = 20 * time.Second
	end := s.To.Add(2 * time.Hour)
	for i := 0; c.clock.Now().Before(end); i++ {
		c.step(i % 2)
		if c.rng.IntN(20) == 0 {
			s := c.source.Get()
			c.swap(s.Assignments[c.rng.IntN(len(s.Assignments))])
		}
		if c.rng.IntN(500) == 0 && c.clock.Now().Before(end.Add(-6*time.Hour)) {
			c.clock.Advance(-time.Duration(c.rng.IntN(300)) * time.Second) // somebody corrects the clock
		}
		c.clock.Advance(c.idle(tick))
	}
	c.calm = true
	for range 40 {
		c.step(0)
		c.clock.Advance(time.Minute)
	}
	c.verify(tick)
}

// idle is how long nothing happens: until the next message is due, or a tick when something is under way.
func (c *campaign) idle(tick time.Duration) time.Duration {
	now := c.clock.Now()
	next := now.Add(30 * time.Minute)
	for _, m := range c.outbox.All() {
		switch m.State {
		case schedule.MessageSending, schedule.MessageUnknown:
			return tick
		case schedule.MessagePending, schedule.MessageRetry:
			if m.Due.Before(next) {
				next = m.Due
			}
		}
	}
	return max(next.Sub(now), tick)
}

func (c *campaign) verify(tick time.Duration) {
	t := c.t
	for i, w := range c.wrong {
		if i < 10 {
			t.Error(w)
		}
	}
	if n := c.server.Impatient(); n > 0 {
		t.Logf("%d calls of another process before a Retry-After was over", n)
	}
	stored := map[string][]slacktest.Message{}
	for _, m := range c.server.Messages() {
		mark, _ := m.Payload["mark"].(string)
		stored[mark] = append(stored[mark], m)
	}
	reported := map[schedule.MessageID]bool{}
	states := map[schedule.MessageState]int{}
	reminders := 0
	var worst time.Duration
	bound := c.crowds[0].Bound(tick, 40)
	var dead []schedule.Message
	for _, row := range c.outbox.All() {
		states[row.State]++
		got := stored[notify.Mark(row.MessageKey)]
		want := 0
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
		if row.Kind == notify.Missed {
			for _, id := range notify.Reported(row) {
				reported[id] = true
			}
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
	}
	for _, m := range dead {
		if !reported[m.ID] && m.Kind != notify.Missed {
			t.Errorf("%s %q of %s was given up (%s) and nobody was told", m.Kind, m.Step, m.Recipient, m.Problem)
		}
	}
	if worst > bound && !c.kill {
		t.Errorf("a message was %s late, the bound is %s", worst, bound)
	}
	if len(dead) > len(c.outbox.All())/20 && !c.kill {
		t.Errorf("%d of %d messages were given up", len(dead), len(c.outbox.All()))
	}
	t.Logf("%d reminders, %v, %d lives, at most %s late (bound %s), %d calls", reminders, states, c.lives, worst, bound, c.server.Calls(""))
}
