package slack_test

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"rota/notify"
	"rota/notify/notifytest"
	"rota/notify/slack"
	"rota/notify/slack/slacktest"
	"rota/schedule"
)

var killFor = flag.Duration("campaign.kill", 0, "how long processes that send are killed and started again, such as 30s; needs real time")

// speed is how many seconds pass in the campaign with real processes in one of ours.
const speed = 200

// fastClock shows the time of a campaign that began at an instant of ours.
type fastClock struct{ began time.Time }

func (c fastClock) Now() time.Time { return killStart.Add(time.Since(c.began) * speed) }

func (c fastClock) Sleep(ctx context.Context, d time.Duration) error {
	return notify.WallClock{}.Sleep(ctx, d/speed)
}

var killStart = at("2026-12-09T11:20:00Z")

func killCrowd() *notify.Situation {
	s := crowd(killStart, 300)
	s.Team.Messages.Skip = []schedule.MessageKind{notify.Gap, notify.Digest}
	for i := range 120 {
		a := schedule.Agent{ID: schedule.AgentID(fmt.Sprintf("k%03d", i)), Name: fmt.Sprint("K ", i), Zone: "UTC", Slack: fmt.Sprintf("U0KILL%03d", i),
			Reminders: []schedule.Minutes{schedule.Minutes(20 + i%20), 10}}
		s.Agents = append(s.Agents, a)
		s.Assignments = append(s.Assignments, notifytest.Assign("late@2026-12-09", a.ID), notifytest.Assign("late@2026-12-10", a.ID))
	}
	return s
}

func killEngine(outbox *notifytest.Outbox, address string, clock notify.Clock) *notify.Engine {
	return &notify.Engine{Outbox: outbox, Source: notifytest.NewSource(killCrowd()), Clock: clock, Owner: fmt.Sprint("process ", os.Getpid(), time.Now().UnixNano()),
		Messenger: slack.NewClient(allSecrets, slack.Options{URL: address + "/api", Timeout: 300 * time.Millisecond}),
		// A call may take 300 ms of ours, which is a minute there.
		Timeout: time.Minute, LeaseFor: 3 * time.Minute, Grace: 90 * time.Second, Resend: 40 * time.Second, Tick: 10 * time.Second, Random: rand.Float64}
}

// TestKill kills processes that send, without warning, and starts others on the same file.
func TestKill(t *testing.T) {
	if began := os.Getenv("ROTA_TEST_KILL"); began != "" {
		nano, err := strconv.ParseInt(began, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		outbox, err := notifytest.OpenOutbox(os.Getenv("ROTA_TEST_OUTBOX"))
		if err != nil {
			t.Fatal(err)
		}
		e := killEngine(outbox, os.Getenv("ROTA_TEST_SLACK"), fastClock{time.Unix(0, nano)})
		t.Fatal(e.Watch(context.Background(), nil, func(err error) { t.Log(err) }))
	}
	if *killFor == 0 {
		t.Skip("set -campaign.kill=30s")
	}
	clock := fastClock{time.Now()}
	s := killCrowd()
	fake := slacktest.New(users(s)...)
	fake.Now = clock.Now
	calm := false
	fake.Fault = func(_ int, method string, _ url.Values) slacktest.Fault {
		all := []slacktest.Fault{slacktest.RateLimited, slacktest.ServerErrorStored, slacktest.ResetBefore, slacktest.ResetStored, slacktest.FatalStored, slacktest.HTMLStored, slacktest.SlowStored}
		if calm || rand.IntN(20) > 0 {
			return slacktest.NoFault
		}
		return all[rand.IntN(len(all))]
	}
	server := httptest.NewServer(fake)
	defer server.Close()
	path := filepath.Join(t.TempDir(), "outbox")
	kills := 0
	for end := time.Now().Add(*killFor); time.Now().Before(end); kills++ {
		child := exec.Command(os.Args[0], "-test.run=^TestKill$")
		child.Env = append(os.Environ(), fmt.Sprint("ROTA_TEST_KILL=", clock.began.UnixNano()), "ROTA_TEST_OUTBOX="+path, "ROTA_TEST_SLACK="+server.URL)
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(50*time.Millisecond + rand.N(600*time.Millisecond))
		if err := child.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = child.Wait() // it was killed, and says so
	}
	calm = true
	server.CloseClientConnections()
	outbox, err := notifytest.OpenOutbox(path)
	if err != nil {
		t.Fatal(err)
	}
	defer outbox.Close()
	rest := notifytest.NewClock(clock.Now())
	fake.Now = rest.Now
	e := killEngine(outbox, server.URL, rest)
	for range 20 {
		if _, err := e.Run(context.Background()); err != nil {
			t.Fatal(err)
		}
		rest.Advance(time.Minute)
	}
	c := &campaign{t: t, outbox: outbox, server: fake, crowds: []*notify.Engine{e}, lives: kills, kill: true}
	c.verify(10 * time.Second)
}
