package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"rota/notify"
	"rota/schedule"
	"rota/schedule/sqlite"
)

// office is the store as package notify sees it: the outbox, the facts, and what people may have done. It is safe for
// concurrent use.
type office struct {
	*sqlite.Store
	now func() time.Time
	// who is kept in the log for what nobody in particular asked for.
	who string
	// only, when not empty, is the one team to look after.
	only schedule.TeamID
	// templates are where texts of a team's own are; empty for none.
	templates string
	// dryRun lets a claim go as far as its messages, and then keeps everything as it was with errDryRun.
	dryRun bool
}

var (
	_ notify.Outbox = office{}
	_ notify.Office = office{}
)

func (o office) Rows(ctx context.Context, team schedule.TeamID, from, to time.Time) ([]schedule.Message, error) {
	return o.Messages(ctx, sqlite.MessageQuery{Team: team, From: from, To: to})
}

func (o office) Teams(ctx context.Context) ([]schedule.TeamID, error) {
	if o.only != "" {
		return []schedule.TeamID{o.only}, nil
	}
	teams, err := o.ListTeams(ctx)
	var ids []schedule.TeamID
	for _, t := range teams {
		ids = append(ids, t.ID)
	}
	return ids, err
}

// Situation is what the published rosters say, read anew with every call.
func (o office) Situation(ctx context.Context, team schedule.TeamID, now, from, to time.Time) (*notify.Situation, error) {
	book, _, err := o.LoadBook(ctx, team)
	if err != nil {
		return nil, err
	}
	// Reminders speak of slots that begin later than they are due.
	var lead schedule.Minutes
	for _, list := range append([][]schedule.Minutes{book.Team.Reminders}, ladders(book.Agents)...) {
		for _, m := range list {
			lead = max(lead, m)
		}
	}
	to = to.Add(time.Duration(lead) * time.Minute)
	// A day more on both sides: what touches the ends of what is asked for belongs to it.
	b, err := o.LoadBulletin(ctx, team, now, from.AddDate(0, 0, -1), to.AddDate(0, 0, 1))
	if err != nil {
		return nil, err
	}
	s := &notify.Situation{Now: now, From: from, To: to, Team: b.Team, Agents: b.Agents, Shifts: b.Shifts, Slots: b.Slots,
		Assignments: b.Assignments, Intervals: b.Intervals, Version: b.Version}
	addNotices(s, b.Notices)
	for _, x := range s.Offers {
		for _, slot := range b.Slots {
			if slot.ID == x.Slot && x.Open(now) && !slot.Start.Before(s.To) {
				s.To = slot.Start.Add(time.Minute)
			}
		}
	}
	// What is not published yet is unknown, and not empty.
	if len(b.Days) > 0 {
		loc, err := schedule.LoadZone(b.Team.Zone)
		if err != nil {
			return nil, err
		}
		if _, end := schedule.DayBounds(b.Days[len(b.Days)-1], loc); end.Before(s.To) {
			s.To = end
		}
	}
	if s.To.Before(s.From) {
		s.To = s.From
	}
	s.Templates, err = loadTemplates(o.templates, team)
	return s, err
}

func ladders(agents []schedule.Agent) [][]schedule.Minutes {
	var all [][]schedule.Minutes
	for _, x := range agents {
		all = append(all, x.Reminders)
	}
	return all
}

// addNotices adds to a situation what people say beside the roster.
func addNotices(s *notify.Situation, n sqlite.Notices) {
	s.Notes, s.Takeovers = n.Notes, n.Takeovers
	for _, o := range n.Offers {
		s.Offers = append(s.Offers, offerOf(o))
	}
	for _, m := range n.Mutes {
		s.Mutes = append(s.Mutes, notify.Mute(m))
	}
}

// publishedSituation is what a roster makes of the facts when it is published.
func publishedSituation(f sqlite.Facts) *notify.Situation {
	s := notify.FromPeriod(f.Period, f.Roster)
	addNotices(s, f.Notices)
	return s
}

func offerOf(o sqlite.Offer) notify.Offer {
	return notify.Offer{ID: o.ID, Slot: o.Slot, Instead: o.Instead, Asked: o.Asked, Opened: o.Opened, Expires: o.Expires,
		ClaimedBy: o.ClaimedBy, Withdrawn: !o.WithdrawnAt.IsZero(), Note: o.Note}
}

// loadTemplates reads the texts of a team's own: from the folder of the team's name within dir, or else from dir itself.
func loadTemplates(dir string, team schedule.TeamID) (notify.Templates, error) {
	if dir == "" {
		return nil, nil
	}
	if own := filepath.Join(dir, string(team)); team != "" {
		if info, err := os.Stat(own); err == nil && info.IsDir() {
			dir = own
		}
	}
	if info, err := os.Stat(dir); err != nil {
		return nil, plainFileError(err)
	} else if !info.IsDir() {
		return nil, fmt.Errorf("%s is not a folder: templates are files such as reminder.tmpl in one", dir)
	}
	t, err := notify.LoadTemplates(os.DirFS(dir))
	if errors.Is(err, fs.ErrNotExist) {
		return t, plainFileError(err)
	}
	return t, err
}

func (o office) Takeover(ctx context.Context, t schedule.Takeover) error {
	_, err := o.TakeOver(ctx, t)
	return err
}

func (o office) Mute(ctx context.Context, team schedule.TeamID, m notify.Mute) error {
	return o.SetMute(ctx, team, sqlite.Mute(m), cmp.Or(string(m.Agent), o.who), o.now())
}

// Note keeps a note, unless the same was said of the slot already.
func (o office) Note(ctx context.Context, n schedule.HandoffNote) error {
	_, _, err := o.KeepHandoffNote(ctx, n)
	return err
}

func (o office) Candidates(ctx context.Context, team schedule.TeamID, slot schedule.SlotID, instead schedule.AgentID) ([]schedule.AgentID, error) {
	list, err := o.willing(ctx, team, slot, instead)
	var ids []schedule.AgentID
	for _, c := range list {
		ids = append(ids, c.Agent)
	}
	return ids, err
}

// fairWithin is how far back it counts that somebody took an offer.
const fairWithin = 28 * 24 * time.Hour

// willing lists who is allowed, able and willing to take a slot, in a fair order: those to whom it costs least, by the
// prices of the team's rules with its fair shares and extra hours, and among equals those who took fewer offers lately.
func (o office) willing(ctx context.Context, team schedule.TeamID, slot schedule.SlotID, instead schedule.AgentID) ([]schedule.Candidate, error) {
	r, err := o.SlotRoster(ctx, team, slot)
	if err != nil {
		return nil, err
	}
	p, err := o.LoadPeriod(ctx, sqlite.PeriodQuery{Team: team, First: r.First, Last: r.Last, Now: o.now(), Slots: r.Slots})
	if err != nil {
		return nil, err
	}
	if instead != "" {
		if r, _, err = schedule.Unassign(p, r, instead, slot); err != nil {
			return nil, err
		}
	}
	past, err := o.Offers(ctx, team)
	if err != nil {
		return nil, err
	}
	took := map[schedule.AgentID]int{}
	for _, x := range past {
		if x.ClaimedBy != "" && o.now().Sub(x.ClaimedAt) < fairWithin {
			took[x.ClaimedBy]++
		}
	}
	list := slices.DeleteFunc(schedule.Candidates(p, r, slot), func(c schedule.Candidate) bool {
		// Who would rather not work then is not asked to.
		unwilling := slices.ContainsFunc(c.Delta.Gained, func(f schedule.Finding) bool {
			return f.Rule == schedule.AvailabilityRule && slices.Contains(f.Agents, c.Agent) && slices.Contains(f.Slots, slot)
		})
		return !c.Legal || unwilling || c.Agent == instead
	})
	slices.SortStableFunc(list, func(a, b schedule.Candidate) int {
		return cmp.Or(cmp.Compare(a.Delta.Cost, b.Delta.Cost), cmp.Compare(took[a.Agent], took[b.Agent]))
	})
	return list, nil
}

func (o office) Offer(ctx context.Context, team schedule.TeamID, x notify.Offer, by string) error {
	_, err := o.AddOffer(ctx, sqlite.Offer{Team: team, ID: x.ID, Slot: x.Slot, Instead: x.Instead, Asked: x.Asked, Opened: x.Opened,
		Expires: x.Expires, Note: x.Note, CreatedBy: by, CreatedAt: o.now()})
	return err
}

func (o office) Claim(ctx context.Context, team schedule.TeamID, offer string, agent schedule.AgentID, at time.Time) error {
	_, _, err := o.claim(ctx, team, offer, agent, string(agent), at)
	return err
}

// claim gives the slot of an offer to an agent and publishes what comes of it. What speaks against it is a
// *notify.Declined.
func (o office) claim(ctx context.Context, team schedule.TeamID, offer string, agent schedule.AgentID, who string, at time.Time) (sqlite.Offer, notify.Update, error) {
	var update notify.Update
	done, err := o.ClaimOffer(ctx, sqlite.ClaimRequest{Team: team, Offer: offer, Agent: agent, Who: who, Now: at,
		Change: func(p *schedule.Period, r schedule.Roster, x sqlite.Offer) (schedule.Roster, error) {
			i := slices.IndexFunc(r.Slots, func(s schedule.Slot) bool { return s.ID == x.Slot })
			if i < 0 || !at.Before(r.Slots[i].Start) {
				return r, &notify.Declined{Why: "That slot is not ahead any more."}
			}
			before := schedule.Audit(p, r)
			next, err := r, error(nil)
			if x.Instead != "" {
				if next, _, err = schedule.Unassign(p, next, x.Instead, x.Slot); err != nil {
					return r, &notify.Declined{Why: fmt.Sprintf("%s is not on it any more.", nameOf(p, x.Instead))}
				}
			}
			next, delta, err := schedule.Assign(p, next, agent, x.Slot, schedule.ByOffer)
			if err != nil {
				return r, &notify.Declined{Why: "You cannot take it: " + err.Error() + "."}
			}
			if broken := delta.Breaks(); len(broken) > 0 {
				return r, &notify.Declined{Why: "You cannot take it now: " + broken[0].Sentence + "."}
			}
			// The whole is judged as well as the change: two evaluations must agree that nothing new is broken.
			if after := schedule.Audit(p, next); after.Hard > before.Hard {
				return r, &notify.Declined{Why: "You cannot take it now: a rule of the team would be broken."}
			}
			return next, nil
		},
		Prepare: func(f sqlite.Facts) (with sqlite.Publication, err error) {
			if update, err = notify.Publish(publishedSituation(f), f.Period.Published, f.Roster, f.Waiting); err != nil {
				return with, err
			}
			with.Messages, with.Withdraw, with.Digest = update.Messages(), update.Withdrawn(), calendarDigest(f.Period)
			if with.Ledger, err = schedule.LedgerEntries(f.Period, f.Roster); err == nil && o.dryRun {
				err = errDryRun
			}
			return with, err
		}})
	var closed *sqlite.OfferClosedError
	var missing *sqlite.NotFoundError
	switch {
	case errors.As(err, &closed):
		why := "The offer is not open yet."
		switch closed.State {
		case sqlite.OfferClaimed:
			why = string(closed.Offer.ClaimedBy) + " was first."
			if book, _, err := o.LoadBook(ctx, team); err == nil {
				for _, a := range book.Agents {
					if a.ID == closed.Offer.ClaimedBy {
						why = cmp.Or(a.Name, string(a.ID)) + " was first."
					}
				}
			}
		case sqlite.OfferWithdrawn:
			why = "The offer was withdrawn."
		case sqlite.OfferExpired:
			why = "The offer has ended."
		}
		err = &notify.Declined{Why: why}
	case errors.Is(err, sqlite.ErrNotAsked):
		err = &notify.Declined{Why: "This offer is not for you."}
	case errors.As(err, &missing) && missing.Kind == "offer":
		err = &notify.Declined{Why: "That offer is gone."}
	case errors.As(err, &missing) && missing.Kind == "published slot":
		err = &notify.Declined{Why: "That slot is not in the roster any more."}
	}
	return done, update, err
}

func nameOf(p *schedule.Period, id schedule.AgentID) string {
	return cmp.Or(p.Index().Agents[id].Name, string(id))
}
