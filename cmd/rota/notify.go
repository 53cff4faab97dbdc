package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"rota/notify"
	"rota/schedule"
	"rota/schedule/sqlite"
)

func (a *app) notifyCommand() *cobra.Command {
	group := &cobra.Command{Use: "notify", Short: "Who is told what, when and why"}
	group.AddCommand(a.notifyPlan(), a.notifyRun(), a.notifyStatus(), a.notifyPreview(), a.notifyMute())
	return group
}

type messageJSON struct {
	Kind      schedule.MessageKind `json:"kind"`
	To        string               `json:"to"`
	Recipient string               `json:"recipient"`
	Due       time.Time            `json:"due"`
	Expires   *time.Time           `json:"expires"`
	Why       string               `json:"why"`
	Agent     schedule.AgentID     `json:"agent,omitempty"`
	Slot      schedule.SlotID      `json:"slot,omitempty"`
	Text      string               `json:"text"`
}

func (a *app) notifyPlan() *cobra.Command {
	c := &cobra.Command{Use: "plan", Short: "List who is to be told what, when and why; nothing is sent",
		Long: `List who is to be told what, when and why, by what is published now. Nothing is sent and nothing is written. Times are on
the team's clock.`,
		Example: `  rota notify plan --hours 24
  rota notify plan --at 2026-12-10T11:00:00Z --hours 2 --text`}
	var at, kind, agent string
	var hours float64
	var full bool
	c.Flags().StringVar(&at, "at", "", "another instant than now to look ahead from, as 2026-12-10T11:00:00Z")
	c.Flags().Float64Var(&hours, "hours", 24, "how far to look ahead")
	c.Flags().StringVar(&kind, "kind", "", "only one kind, such as reminder or handoff")
	c.Flags().StringVarP(&agent, "agent", "a", "", "only messages to or about this agent")
	c.Flags().BoolVar(&full, "text", false, "print every message in full")
	_ = c.RegisterFlagCompletionFunc("agent", a.completeAgents)
	_ = c.RegisterFlagCompletionFunc("kind", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		var words []string
		for _, k := range notify.Kinds() {
			words = append(words, string(k))
		}
		return words, cobra.ShellCompDirectiveNoFileComp
	})
	format := a.output(c, "table", "json")
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		format, err := format()
		if err != nil {
			return err
		}
		now := a.now
		if at != "" {
			if now, err = time.Parse(time.RFC3339, at); err != nil {
				return usagef("bad --at %q: write it as 2026-12-10T11:00:00Z", at)
			}
		}
		if !(hours > 0 && hours <= 24*366) {
			return usagef("bad --hours %v: use more than 0 and at most 8784", hours)
		}
		if kind != "" {
			if _, err := notify.ParseKind(kind); err != nil {
				return usage(err)
			}
		}
		until := now.Add(time.Duration(hours * float64(time.Hour)))
		ctx := cmd.Context()
		return a.withTeam(ctx, func(s *sqlite.Store, team schedule.TeamID) error {
			sit, err := office{Store: s, now: func() time.Time { return now }, templates: a.templateDir("")}.Situation(ctx, team, now, now.AddDate(0, 0, -2), until)
			if err != nil {
				return err
			}
			outlook, err := notify.Plan(sit, until)
			if err != nil {
				return err
			}
			var kept []notify.Planned
			for _, m := range outlook.Messages {
				if (kind == "" || string(m.Kind) == kind) && (agent == "" || string(m.Agent) == agent) {
					kept = append(kept, m)
				}
			}
			outlook.Messages = kept
			return a.printPlan(sit, now, until, outlook, full, format)
		})
	}
	return c
}

func (a *app) printPlan(sit *notify.Situation, now, until time.Time, x notify.Outlook, full bool, format string) error {
	if format == "json" {
		out := []messageJSON{}
		for _, m := range x.Messages {
			j := messageJSON{Kind: m.Kind, To: m.To, Recipient: m.Recipient, Due: m.Due.UTC(), Why: m.Why, Agent: m.Agent, Slot: m.Slot, Text: m.Content.Text()}
			if !m.Expires.IsZero() {
				at := m.Expires.UTC()
				j.Expires = &at
			}
			out = append(out, j)
		}
		type silence struct {
			Agent schedule.AgentID     `json:"agent,omitempty"`
			Who   string               `json:"who"`
			Kind  schedule.MessageKind `json:"kind"`
			Why   string               `json:"why"`
			Count int                  `json:"count"`
		}
		quiet := []silence{}
		for _, q := range x.Silences {
			quiet = append(quiet, silence{q.Agent, q.Who, q.Kind, q.Why, q.Count})
		}
		return a.writeJSON(struct {
			Schema   string          `json:"schema"`
			Team     schedule.TeamID `json:"team"`
			Now      time.Time       `json:"now"`
			Until    time.Time       `json:"until"`
			Messages []messageJSON   `json:"messages"`
			Silences []silence       `json:"silences"`
		}{"rota/plan/v1", sit.Team.ID, now.UTC(), until.UTC(), out, quiet})
	}
	loc, err := schedule.LoadZone(sit.Team.Zone)
	if err != nil {
		return err
	}
	a.say("%s from %s to %s; nothing is sent.", plural(len(x.Messages), "message"), stamp(now, loc), stamp(until, loc))
	if full {
		for _, m := range x.Messages {
			a.say("")
			a.say("%s  %s to %s", a.look.strong(stamp(m.Due, loc)), m.Kind, m.To)
			a.wrapped("    why: ", m.Why)
			for line := range strings.SplitSeq(m.Content.Text(), "\n") {
				a.wrapped("    ", line)
			}
		}
	} else {
		t := list{header: []string{"When", "Kind", "To", "Slot", "Why"}}
		for _, m := range x.Messages {
			t.add(m.Due.In(loc).Format("Mon 2 Jan 15:04"), string(m.Kind), m.To, string(m.Slot), m.Why)
		}
		if len(t.rows) > 0 {
			if err := a.print(t); err != nil {
				return err
			}
		}
	}
	for _, q := range x.Silences {
		a.note("warning: %s cannot be told: %s (%s)", q.Who, q.Why, plural(q.Count, string(q.Kind)))
	}
	return nil
}

func (a *app) notifyStatus() *cobra.Command {
	c := &cobra.Command{Use: "status", Short: "List the messages of the outbox and how far they have come"}
	var state string
	var limit int
	var words []string
	for _, x := range schedule.MessageStates() {
		words = append(words, string(x))
	}
	c.Flags().StringVar(&state, "state", "", "only those in a state: "+strings.Join(words, ", "))
	c.Flags().IntVarP(&limit, "limit", "n", 40, "how many at most; 0 for all")
	_ = c.RegisterFlagCompletionFunc("state", fixed(words...))
	format := a.output(c, "table", "json", "csv")
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		format, err := format()
		if err != nil {
			return err
		}
		query := sqlite.MessageQuery{}
		if state != "" {
			x, err := schedule.ParseMessageState(state)
			if err != nil {
				return usage(err)
			}
			query.States = []schedule.MessageState{x}
		}
		if limit < 0 {
			return usagef("bad --limit %d", limit)
		}
		return a.withTeam(cmd.Context(), func(s *sqlite.Store, team schedule.TeamID) error {
			query.Team = team
			rows, err := s.Messages(cmd.Context(), query)
			if err != nil {
				return err
			}
			return a.printMessages(team, rows, limit, format)
		})
	}
	return c
}

func (a *app) printMessages(team schedule.TeamID, rows []schedule.Message, limit int, format string) error {
	type message struct {
		ID        schedule.MessageID    `json:"id"`
		Kind      schedule.MessageKind  `json:"kind"`
		Recipient string                `json:"recipient"`
		Agent     schedule.AgentID      `json:"agent,omitempty"`
		Slot      schedule.SlotID       `json:"slot,omitempty"`
		Due       time.Time             `json:"due"`
		State     schedule.MessageState `json:"state"`
		Attempts  int                   `json:"attempts"`
		Problem   string                `json:"problem,omitempty"`
		Why       string                `json:"why,omitempty"`
	}
	counts := map[schedule.MessageState]int{}
	all := []message{}
	t := list{header: []string{"ID", "Due (UTC)", "Kind", "To", "Slot", "State", "Problem", "Why"}, right: map[int]bool{0: true}, empty: "The outbox is empty."}
	for _, m := range rows {
		counts[m.State]++
		if limit > 0 && len(all) == limit {
			continue
		}
		all = append(all, message{m.ID, m.Kind, m.Recipient, m.Agent, m.Slot, m.Due.UTC(), m.State, m.Attempts, m.Problem, notify.WhyOf(m)})
		to := string(m.Agent)
		if to == "" {
			to = m.Recipient
		}
		t.add(fmt.Sprint(m.ID), m.Due.UTC().Format("2006-01-02 15:04"), string(m.Kind), to, string(m.Slot), string(m.State), m.Problem, notify.WhyOf(m))
	}
	switch format {
	case "json":
		return a.writeJSON(struct {
			Schema   string                        `json:"schema"`
			Team     schedule.TeamID               `json:"team"`
			Counts   map[schedule.MessageState]int `json:"counts"`
			Messages []message                     `json:"messages"`
		}{"rota/outbox/v1", team, counts, all})
	case "csv":
		return writeEntries(a, all)
	}
	if err := a.print(t); err != nil {
		return err
	}
	if len(rows) > 0 {
		var parts []string
		for _, s := range schedule.MessageStates() {
			if counts[s] > 0 {
				parts = append(parts, fmt.Sprintf("%d %s", counts[s], s))
			}
		}
		a.say("%s: %s.", plural(len(rows), "message"), strings.Join(parts, ", "))
	}
	return nil
}
