package main

import (
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

func (a *app) offerCommand() *cobra.Command {
	group := &cobra.Command{Use: "offer", Short: "Offer open slots and additional hours to those who may take them"}
	group.AddCommand(a.offerList(), a.offerCreate(), a.offerClaim(), a.offerWithdraw())
	return group
}

type offerJSON struct {
	ID      string             `json:"id"`
	Slot    schedule.SlotID    `json:"slot"`
	Instead schedule.AgentID   `json:"instead,omitempty"`
	State   sqlite.OfferState  `json:"state"`
	Asked   []schedule.AgentID `json:"asked"`
	Opened  time.Time          `json:"opened"`
	Expires time.Time          `json:"expires"`
	Claimed schedule.AgentID   `json:"claimed_by,omitempty"`
	Version schedule.Version   `json:"version,omitempty"`
	By      string             `json:"created_by"`
	Note    string             `json:"note,omitempty"`
}

func (a *app) offerView(o sqlite.Offer) offerJSON {
	return offerJSON{o.ID, o.Slot, o.Instead, o.State(a.now), append([]schedule.AgentID{}, o.Asked...), o.Opened.UTC(), o.Expires.UTC(), o.ClaimedBy,
		o.Version, o.CreatedBy, o.Note}
}

func (a *app) offerList() *cobra.Command {
	c := &cobra.Command{Use: "list", Short: "List offers"}
	var all bool
	c.Flags().BoolVar(&all, "all", false, "list those that ended too")
	format := a.output(c, "table", "json", "csv")
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		format, err := format()
		if err != nil {
			return err
		}
		return a.withTeam(cmd.Context(), func(s *sqlite.Store, team schedule.TeamID) error {
			offers, err := s.Offers(cmd.Context(), team)
			if err != nil {
				return err
			}
			out := []offerJSON{}
			t := list{header: []string{"Offer", "State", "Until (UTC)", "Asked", "Taken by", "Version"}, empty: "Nothing is on offer."}
			for _, o := range offers {
				x := a.offerView(o)
				if !all && x.State != sqlite.OfferOpen && x.State != sqlite.OfferWaiting {
					continue
				}
				out = append(out, x)
				version := ""
				if x.Version > 0 {
					version = fmt.Sprint(x.Version)
				}
				t.add(x.ID, string(x.State), x.Expires.Format("2006-01-02 15:04"), joinIDs(x.Asked), string(x.Claimed), version)
			}
			return listing(a, format, "rota/offers/v1", team, "offers", out, t)
		})
	}
	return c
}

type offerOptions struct {
	slot, instead, note string
	ask                 []string
	gaps, target        bool
	days                int
	lasts               time.Duration
}

func (a *app) offerCreate() *cobra.Command {
	c := &cobra.Command{Use: "create [SLOT]", Short: "Offer a slot, or every slot that the published roster leaves short",
		Long: `Offer a slot of the published roster. Asked are those who could take it without breaking a hard rule, extra hours they
accept included, and who do not rather avoid it: first those to whom it costs least by the team's rules and fair shares. They
are asked a few at a time, and the first who takes it has it: the change is judged and published as a new version.

--gaps offers every place that is missing in the days ahead, with --target also those below the target. What lacks a language
or a skill is offered to those who have it.`,
		Example: `  rota offer create late@2026-12-19
  rota offer create late@2026-12-19 --instead-of pablo --note "Pablo is ill."
  rota offer create --gaps --days 14 --dry-run`,
		Args: cobra.MaximumNArgs(1), ValidArgsFunction: first(a.completeSlots)}
	var o offerOptions
	f := c.Flags()
	f.StringVarP(&o.slot, "slot", "s", "", "the slot, if not given as an argument")
	f.StringVar(&o.instead, "instead-of", "", "an agent who is on the slot and gives it up")
	f.StringVar(&o.note, "note", "", "what is added to the message")
	f.StringSliceVar(&o.ask, "ask", nil, "ask only these agents, those of them who may take it, in this order")
	f.BoolVar(&o.gaps, "gaps", false, "offer every place that the published roster leaves open")
	f.BoolVar(&o.target, "target", false, "with --gaps: also places between minimum and target")
	f.IntVar(&o.days, "days", 14, "with --gaps: how many days to look ahead")
	f.DurationVar(&o.lasts, "for", 0, "how long the offer lasts, such as 24h (default: until shortly before the slot)")
	_ = c.RegisterFlagCompletionFunc("slot", a.completeSlots)
	_ = c.RegisterFlagCompletionFunc("instead-of", a.completeAgents)
	_ = c.RegisterFlagCompletionFunc("ask", a.completeAgents)
	a.writes(c)
	format := a.output(c, "table", "json")
	c.RunE = func(cmd *cobra.Command, args []string) error {
		format, err := format()
		if err != nil {
			return err
		}
		if len(args) == 1 && o.slot == "" {
			o.slot = args[0]
		}
		switch {
		case o.gaps == (o.slot != ""):
			return hint(usagef("name a slot, or give --gaps"), "rota offer create late@2026-12-19")
		case o.gaps && o.instead != "":
			return usagef("--instead-of goes with a slot")
		case o.days < 1 || o.days > 366:
			return usagef("bad --days %d: use 1 to 366", o.days)
		case o.lasts < 0:
			return usagef("bad --for %s", o.lasts)
		}
		if o.slot != "" {
			if err := slotWord(o.slot); err != nil {
				return err
			}
		}
		ctx := cmd.Context()
		return a.withTeam(ctx, func(s *sqlite.Store, team schedule.TeamID) error {
			at := office{Store: s, now: func() time.Time { return a.now }, who: a.who(), only: team, templates: a.templateDir("")}
			offers, skipped, err := a.offersFor(ctx, at, team, o)
			if err != nil {
				return err
			}
			if !a.dryRun {
				for _, x := range offers {
					if _, err := s.AddOffer(ctx, x); err != nil {
						return err
					}
				}
			}
			return a.sayOffers(ctx, at, team, offers, skipped, format)
		})
	}
	return c
}

// offersFor makes the offers that are asked for, and says in words which cannot be made.
func (a *app) offersFor(ctx context.Context, at office, team schedule.TeamID, o offerOptions) (offers []sqlite.Offer, skipped []string, err error) {
	known, err := at.Offers(ctx, team)
	if err != nil {
		return nil, nil, err
	}
	add := func(slot schedule.Slot, instead schedule.AgentID, able func(schedule.AgentID) bool) error {
		list, err := at.Candidates(ctx, team, slot.ID, instead)
		if err != nil {
			return err
		}
		if able != nil {
			list = slices.DeleteFunc(list, func(id schedule.AgentID) bool { return !able(id) })
		}
		if len(o.ask) > 0 {
			var chosen []schedule.AgentID
			for _, word := range o.ask {
				id := schedule.AgentID(word)
				if !slices.Contains(list, id) {
					return hint(fmt.Errorf("%s may not or would rather not take %s", word, slot.ID), "see rota candidates --all --slot "+string(slot.ID))
				}
				chosen = append(chosen, id)
			}
			list = chosen
		}
		if len(list) == 0 {
			skipped = append(skipped, fmt.Sprintf("%s: nobody is allowed, able and willing", slot.ID))
			return nil
		}
		base := strings.Trim(string(slot.ID)+"/"+string(instead), "/")
		id := base
		for n := 2; slices.ContainsFunc(known, func(x sqlite.Offer) bool { return x.ID == id }); n++ {
			id = fmt.Sprintf("%s+%d", base, n)
		}
		x := sqlite.Offer{Team: team, ID: id, Slot: slot.ID, Instead: instead, Asked: list, Opened: a.now, Expires: slot.Start.Add(-15 * time.Minute),
			Note: o.note, CreatedBy: a.who(), CreatedAt: a.now}
		if !x.Opened.Before(x.Expires) {
			x.Expires = slot.Start
		}
		if end := a.now.Add(o.lasts); o.lasts > 0 && end.Before(x.Expires) {
			x.Expires = end
		}
		known, offers = append(known, x), append(offers, x)
		return nil
	}
	open := func(slot schedule.SlotID, instead schedule.AgentID) int {
		n := 0
		for _, x := range known {
			if x.Slot == slot && x.Instead == instead && (x.State(a.now) == sqlite.OfferOpen || x.State(a.now) == sqlite.OfferWaiting) {
				n++
			}
		}
		return n
	}
	if o.slot != "" {
		r, err := at.SlotRoster(ctx, team, schedule.SlotID(o.slot))
		if err != nil {
			return nil, nil, hint(err, "only slots of a published roster can be offered; see rota next")
		}
		slot := r.Slots[slices.IndexFunc(r.Slots, func(x schedule.Slot) bool { return string(x.ID) == o.slot })]
		switch {
		case !a.now.Before(slot.Start):
			return nil, nil, fmt.Errorf("%s has begun already", slot.ID)
		case o.instead != "" && !r.Has(slot.ID, schedule.AgentID(o.instead)):
			return nil, nil, fmt.Errorf("%s is not on %s", o.instead, slot.ID)
		case o.instead != "" && open(slot.ID, schedule.AgentID(o.instead)) > 0:
			return nil, []string{fmt.Sprintf("%s: what %s gives up is on offer already", slot.ID, o.instead)}, nil
		}
		err = add(slot, schedule.AgentID(o.instead), nil)
		return offers, skipped, err
	}
	b, err := at.LoadBulletin(ctx, team, a.now, a.now, a.now.AddDate(0, 0, o.days))
	if err != nil {
		return nil, nil, err
	}
	agents := map[schedule.AgentID]schedule.Agent{}
	for _, x := range b.Agents {
		agents[x.ID] = x
	}
	for _, slot := range b.Slots {
		if !slot.Start.After(a.now) || !slot.Start.Before(a.now.AddDate(0, 0, o.days)) {
			continue
		}
		places, able := openPlaces(slot, b.Assignments, agents, o.target)
		for range max(places-open(slot.ID, ""), 0) {
			if err := add(slot, "", able); err != nil {
				return nil, nil, err
			}
		}
	}
	return offers, skipped, nil
}

// openPlaces is how many agents a slot lacks, and, when it is only a language or skill that is missing, who has it.
func openPlaces(slot schedule.Slot, on []schedule.Assignment, agents map[schedule.AgentID]schedule.Agent, target bool) (int, func(schedule.AgentID) bool) {
	var here []schedule.Agent
	for _, x := range on {
		if x.Slot == slot.ID {
			here = append(here, agents[x.Agent])
		}
	}
	want := slot.Demand.Min
	if target {
		want = max(want, slot.Demand.Target.Or(0))
	}
	if n := want - len(here); n > 0 {
		return n, nil
	}
	count := func(has func(schedule.Agent) bool) int {
		n := 0
		for _, x := range here {
			if has(x) {
				n++
			}
		}
		return n
	}
	places := 0
	var wanted []func(schedule.Agent) bool
	for _, l := range slot.Demand.Languages {
		has := func(x schedule.Agent) bool { return x.Languages[l.Tag] >= l.Level }
		if n := max(l.Min, l.Capacity) - count(has); n > 0 {
			places, wanted = max(places, n), append(wanted, has)
		}
	}
	for _, k := range slot.Demand.Skills {
		has := func(x schedule.Agent) bool { return x.Skills[k.Name] >= k.Level }
		if n := k.Min - count(has); n > 0 {
			places, wanted = max(places, n), append(wanted, has)
		}
	}
	if places == 0 || slot.Demand.Max.Set && len(here) >= slot.Demand.Max.Value {
		return 0, nil
	}
	return places, func(id schedule.AgentID) bool {
		return slices.ContainsFunc(wanted, func(has func(schedule.Agent) bool) bool { return has(agents[id]) })
	}
}

// sayOffers prints offers that were made, or would be, with what each who is asked would read.
func (a *app) sayOffers(ctx context.Context, at office, team schedule.TeamID, offers []sqlite.Offer, skipped []string, format string) error {
	now := a.now
	s, err := at.Situation(ctx, team, now, now.AddDate(0, 0, -2), now.AddDate(0, 0, 1))
	if err != nil {
		return err
	}
	var ids []string
	for _, x := range offers {
		ids = append(ids, x.ID)
		if a.dryRun {
			s.Offers = append(s.Offers, offerOf(x))
		}
	}
	var messages []notify.Planned
	if a.dryRun && len(offers) > 0 {
		// Slots further away than what a situation holds are read for the look ahead.
		last := slices.MaxFunc(offers, func(x, y sqlite.Offer) int { return x.Expires.Compare(y.Expires) }).Expires
		far, err := at.Situation(ctx, team, now, now.AddDate(0, 0, -2), last.AddDate(0, 0, 1))
		if err != nil {
			return err
		}
		far.Offers = s.Offers
		outlook, err := notify.Plan(far, last.AddDate(0, 0, 1))
		if err != nil {
			return err
		}
		for _, m := range outlook.Messages {
			if m.Kind == notify.Offered && slices.Contains(ids, m.Step) {
				messages = append(messages, m)
			}
		}
	}
	if format == "json" {
		out := struct {
			Schema   string          `json:"schema"`
			Team     schedule.TeamID `json:"team"`
			DryRun   bool            `json:"dry_run"`
			Offers   []offerJSON     `json:"offers"`
			Messages []messageJSON   `json:"messages"`
			Skipped  []string        `json:"skipped"`
		}{"rota/offers/v1", team, a.dryRun, []offerJSON{}, []messageJSON{}, append([]string{}, skipped...)}
		for _, x := range offers {
			out.Offers = append(out.Offers, a.offerView(x))
		}
		for _, m := range messages {
			out.Messages = append(out.Messages, plannedJSON(m))
		}
		return a.writeJSON(out)
	}
	for _, x := range offers {
		verb := "is on offer"
		if a.dryRun {
			verb = "would be on offer"
		}
		a.say("%s %s until %s UTC to: %s", a.look.strong(x.ID), verb, x.Expires.UTC().Format("2006-01-02 15:04"), joinIDs(x.Asked))
	}
	for _, m := range messages {
		a.say("")
		a.say("%s UTC  offer to %s", m.Due.UTC().Format("2006-01-02 15:04"), m.To)
		for line := range strings.SplitSeq(m.Content.Text(), "\n") {
			a.wrapped("    ", line)
		}
	}
	for _, line := range skipped {
		a.note("not offered: %s", line)
	}
	switch {
	case len(offers) == 0:
		a.say("Nothing is to be offered.")
	case a.dryRun:
		a.say("Nothing was written.")
	default:
		a.say("%s; rota notify run asks them.", plural(len(offers), "offer"))
	}
	return nil
}

func (a *app) completeOffers(cmd *cobra.Command, args []string, prefix string) ([]string, cobra.ShellCompDirective) {
	return a.fromStore(func(ctx context.Context, s *sqlite.Store) ([]string, error) {
		team, err := a.teamID(ctx, s)
		if err != nil {
			return nil, err
		}
		offers, err := s.Offers(ctx, team)
		var words []string
		for _, o := range offers {
			if o.State(a.now) == sqlite.OfferOpen {
				words = append(words, o.ID)
			}
		}
		return words, err
	})(cmd, args, prefix)
}

func (a *app) offerClaim() *cobra.Command {
	c := &cobra.Command{Use: "claim OFFER --agent AGENT", Short: "Take an offer for an agent, as the button does",
		Long: `Take an offer for an agent who was asked, as the button in the message does. The change is judged and published as a new
version with its messages; an offer is taken once.`,
		Example: "  rota offer claim late@2026-12-19 --agent ani",
		Args:    cobra.ExactArgs(1), ValidArgsFunction: first(a.completeOffers)}
	var agent string
	c.Flags().StringVarP(&agent, "agent", "a", "", "who takes it")
	_ = c.RegisterFlagCompletionFunc("agent", a.completeAgents)
	a.writes(c)
	format := a.output(c, "table", "json")
	c.RunE = func(cmd *cobra.Command, args []string) error {
		format, err := format()
		if err != nil {
			return err
		}
		if agent == "" {
			return hint(usagef("who takes it?"), "rota offer claim "+args[0]+" --agent ani")
		}
		ctx := cmd.Context()
		return a.withTeam(ctx, func(s *sqlite.Store, team schedule.TeamID) error {
			who, _, err := a.agentOf(ctx, s, team, agent)
			if err != nil {
				return err
			}
			at := office{Store: s, now: func() time.Time { return a.now }, who: a.who(), dryRun: a.dryRun}
			done, update, err := at.claim(ctx, team, args[0], who.ID, a.who(), a.now)
			var no *notify.Declined
			if errors.As(err, &no) {
				return hint(fmt.Errorf("%s cannot take %s: %s", agent, args[0], strings.TrimSuffix(no.Why, ".")), "see rota offer list --all")
			}
			if err != nil && !errors.Is(err, errDryRun) {
				return err
			}
			if !a.dryRun {
				a.refreshOffer(ctx, s, done)
			}
			if format == "json" {
				out := struct {
					Schema   string          `json:"schema"`
					Team     schedule.TeamID `json:"team"`
					DryRun   bool            `json:"dry_run"`
					Offer    offerJSON       `json:"offer"`
					Messages []messageJSON   `json:"messages"`
				}{"rota/claim/v1", team, a.dryRun, a.offerView(done), []messageJSON{}}
				for _, m := range update.Enqueue {
					out.Messages = append(out.Messages, plannedJSON(m))
				}
				return a.writeJSON(out)
			}
			if a.dryRun {
				a.say("%s would have %s, in version %d. Nothing was written.", who.Name, done.Slot, done.Version)
				a.sayChangeMessages(update.Enqueue)
				return nil
			}
			a.say("%s has %s, in version %d.", who.Name, done.Slot, done.Version)
			return nil
		})
	}
	return c
}

// refreshOffer tells those who were asked, in the message they have, that an offer is over.
func (a *app) refreshOffer(ctx context.Context, s *sqlite.Store, o sqlite.Offer) {
	a.refreshSent(ctx, s, o.Team, o.Opened.AddDate(0, 0, -1), o.Expires.AddDate(0, 0, 1), func(m schedule.Message) bool {
		return m.Kind == notify.Offered && (m.Step == o.ID || strings.HasPrefix(m.Step, o.ID+" #"))
	})
}

func (a *app) offerWithdraw() *cobra.Command {
	c := &cobra.Command{Use: "withdraw OFFER", Short: "Take an offer back", Args: cobra.ExactArgs(1), ValidArgsFunction: first(a.completeOffers),
		Long: "Take an offer back. Messages that wait are withdrawn with the next run, and who was asked already cannot take it any more."}
	a.writes(c)
	c.RunE = func(cmd *cobra.Command, args []string) error {
		ctx := cmd.Context()
		return a.withTeam(ctx, func(s *sqlite.Store, team schedule.TeamID) error {
			if a.dryRun {
				offers, err := s.Offers(ctx, team)
				if err != nil {
					return err
				}
				i := slices.IndexFunc(offers, func(o sqlite.Offer) bool { return o.ID == args[0] })
				if i < 0 {
					return hint(&sqlite.NotFoundError{Kind: "offer", Key: args[0]}, "see rota offer list --all")
				}
				a.say("Offer %s is %s and would be withdrawn. Nothing was written.", args[0], offers[i].State(a.now))
				return nil
			}
			if err := s.WithdrawOffer(ctx, team, args[0], a.who(), a.now); err != nil {
				return hint(err, "see rota offer list --all")
			}
			offers, err := s.Offers(ctx, team)
			if err != nil {
				return err
			}
			for _, o := range offers {
				if o.ID == args[0] {
					a.refreshOffer(ctx, s, o)
				}
			}
			a.say("Offer %s is withdrawn.", args[0])
			return nil
		})
	}
	return c
}
