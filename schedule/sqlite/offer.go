package sqlite

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"rota/schedule"
)

// Offer is a slot that agents may take, as it is kept.
type Offer struct {
	Team schedule.TeamID
	// ID names it, unique within the team, without spaces.
	ID   string
	Slot schedule.SlotID
	// Instead is the agent who gives the slot up; empty for a place that is open.
	Instead schedule.AgentID
	// Asked are the agents who may take it, in the order in which they are asked.
	Asked []schedule.AgentID
	// Opened and Expires bound it: [Opened, Expires).
	Opened, Expires time.Time
	Note            string
	CreatedBy       string
	CreatedAt       time.Time
	// ClaimedBy, ClaimedAt and Version say who took it and which roster came of it; empty until then.
	ClaimedBy schedule.AgentID
	ClaimedAt time.Time
	Version   schedule.Version
	// WithdrawnBy and WithdrawnAt are set when it was taken back.
	WithdrawnBy string
	WithdrawnAt time.Time
}

// OfferState is how far an offer has come.
type OfferState string

// The states of an offer.
const (
	OfferWaiting   OfferState = "waiting" // not open yet
	OfferOpen      OfferState = "open"
	OfferClaimed   OfferState = "claimed"
	OfferWithdrawn OfferState = "withdrawn"
	OfferExpired   OfferState = "expired"
)

// State is the offer's at an instant.
func (o Offer) State(at time.Time) OfferState {
	switch {
	case o.ClaimedBy != "":
		return OfferClaimed
	case !o.WithdrawnAt.IsZero():
		return OfferWithdrawn
	case !at.Before(o.Expires):
		return OfferExpired
	case at.Before(o.Opened):
		return OfferWaiting
	}
	return OfferOpen
}

// OfferClosedError says that an offer cannot be taken, or taken back, any more, or not yet.
type OfferClosedError struct {
	Offer Offer
	State OfferState
}

// Error is one short sentence.
func (e *OfferClosedError) Error() string {
	if e.State == OfferClaimed {
		return fmt.Sprintf("offer %s is claimed by %s", e.Offer.ID, e.Offer.ClaimedBy)
	}
	return fmt.Sprintf("offer %s is %s", e.Offer.ID, e.State)
}

func offerColumns(o *Offer) []column {
	return []column{
		keyCol("team", &o.Team), keyCol("id", &o.ID), col("slot", &o.Slot), col("instead", &o.Instead), col("asked", list(&o.Asked)),
		col("opened", instant(&o.Opened)), col("expires", instant(&o.Expires)), col("note", &o.Note),
		col("created_by", &o.CreatedBy), col("created_at", instant(&o.CreatedAt)), col("claimed_by", &o.ClaimedBy),
		col("claimed_at", instant(&o.ClaimedAt)), col("version", &o.Version), col("withdrawn_by", &o.WithdrawnBy),
		col("withdrawn_at", instant(&o.WithdrawnAt)),
	}
}

func selectOffers(ctx context.Context, q querier, where string, args ...any) ([]Offer, error) {
	var offers []Offer
	err := each(ctx, q, func(scan scanner) error {
		var o Offer
		err := scan(destinations(offerColumns(&o))...)
		offers = append(offers, o)
		return err
	}, "SELECT "+names(offerColumns(&Offer{}), "")+" FROM offers WHERE "+where+" ORDER BY opened, id", args...)
	return offers, err
}

// Offers lists the offers of a team, ended ones included, by when they were opened.
func (s *Store) Offers(ctx context.Context, team schedule.TeamID) ([]Offer, error) {
	var offers []Offer
	err := s.view(ctx, func(q querier) (err error) {
		offers, err = selectOffers(ctx, q, "team = ?", team)
		return err
	})
	return offers, err
}

// AddOffer opens an offer. One of the same id stays as it is, in whatever state; fresh is false then.
func (s *Store) AddOffer(ctx context.Context, o Offer) (fresh bool, err error) {
	if o.ID == "" || strings.ContainsAny(o.ID, " \t\n") || !o.Opened.Before(o.Expires) || o.CreatedAt.IsZero() {
		return false, fmt.Errorf("%w: an offer needs an id without spaces, and to end after it is opened", ErrInvalid)
	}
	err = s.update(ctx, func(q querier) error {
		if err := requireTeam(ctx, q, o.Team); err != nil {
			return err
		}
		o.ClaimedBy, o.ClaimedAt, o.Version, o.WithdrawnBy, o.WithdrawnAt = "", time.Time{}, 0, "", time.Time{}
		if o.Asked == nil {
			o.Asked = []schedule.AgentID{}
		}
		columns := offerColumns(&o)
		result, err := q.ExecContext(ctx, "INSERT INTO offers ("+names(columns, "")+") VALUES (?"+strings.Repeat(", ?", len(columns)-1)+
			") ON CONFLICT (team, id) DO NOTHING", destinations(columns)...)
		if err != nil {
			return err
		}
		n, err := result.RowsAffected()
		if fresh = n == 1; err != nil || !fresh {
			return err
		}
		return logEntry(ctx, q, LogEntry{At: o.CreatedAt, Who: o.CreatedBy, Team: o.Team, Op: "added", Kind: "offer", Key: o.ID},
			map[string]any{"slot": o.Slot, "instead": o.Instead, "asked": o.Asked, "expires": whole(o.Expires)})
	})
	return fresh, err
}

func oneOffer(ctx context.Context, q querier, team schedule.TeamID, id string) (Offer, error) {
	offers, err := selectOffers(ctx, q, "team = ? AND id = ?", team, id)
	if err != nil {
		return Offer{}, err
	}
	if len(offers) == 0 {
		return Offer{}, &NotFoundError{Kind: "offer", Key: id}
	}
	return offers[0], nil
}

// WithdrawOffer takes an offer back. Doing so twice changes nothing; one that was claimed gives an *OfferClosedError.
func (s *Store) WithdrawOffer(ctx context.Context, team schedule.TeamID, id, who string, now time.Time) error {
	return s.update(ctx, func(q querier) error {
		o, err := oneOffer(ctx, q, team, id)
		switch {
		case err != nil:
			return err
		case o.ClaimedBy != "":
			return &OfferClosedError{o, OfferClaimed}
		case !o.WithdrawnAt.IsZero():
			return nil
		}
		if _, err := q.ExecContext(ctx, `UPDATE offers SET withdrawn_by = ?, withdrawn_at = ? WHERE team = ? AND id = ?`,
			who, instant(&now), team, id); err != nil {
			return err
		}
		return logEntry(ctx, q, LogEntry{At: now, Who: who, Team: team, Op: "withdrawn", Kind: "offer", Key: id}, nil)
	})
}

// ClaimRequest says who takes an offer.
type ClaimRequest struct {
	Team  schedule.TeamID
	Offer string
	Agent schedule.AgentID
	// Who is kept in the log and as the publisher.
	Who string
	Now time.Time
	// Change gives the slot to the agent: current is what people go by on the days of the roster that the slot is in, and
	// what it gives is published in its place. An error keeps everything as it was and is returned.
	Change func(p *schedule.Period, current schedule.Roster, o Offer) (schedule.Roster, error)
	// Prepare is as in PublishRequest; the offer is closed in the Facts that it is shown.
	Prepare func(Facts) (Publication, error)
}

// ClaimOffer gives the slot of an open offer to an agent, once: the changed roster is published as a new version with
// its messages, and the offer closed, in one transaction. Claimed again by the same agent it changes nothing and gives
// the offer as it is. An offer that is not open, or not for the agent, gives an *OfferClosedError or ErrNotAsked.
func (s *Store) ClaimOffer(ctx context.Context, c ClaimRequest) (Offer, error) {
	var o Offer
	err := s.update(ctx, func(q querier) (err error) {
		if o, err = oneOffer(ctx, q, c.Team, c.Offer); err != nil || o.ClaimedBy == c.Agent && c.Agent != "" {
			return err
		}
		if state := o.State(c.Now); state != OfferOpen {
			return &OfferClosedError{o, state}
		}
		if !slices.Contains(o.Asked, c.Agent) {
			return fmt.Errorf("%w: %s for %s", ErrNotAsked, o.ID, c.Agent)
		}
		current, err := slotRoster(ctx, q, c.Team, o.Slot)
		if err != nil {
			return err
		}
		period, err := loadPeriod(ctx, q, PeriodQuery{Team: c.Team, First: current.First, Last: current.Last, Now: c.Now, Slots: current.Slots})
		if err != nil {
			return err
		}
		next, err := c.Change(period, *current, o)
		if err != nil {
			return passed{err}
		}
		next.Team, next.Version, next.BasedOn, next.CreatedBy, next.CreatedAt = c.Team, 0, current.Version, c.Who, c.Now
		next.First, next.Last, next.Note = current.First, current.Last, fmt.Sprintf("%s takes offer %s", c.Agent, o.ID)
		if next, err = saveDraft(ctx, q, next, c.Who, c.Now); err != nil {
			return err
		}
		o.ClaimedBy, o.ClaimedAt, o.Version = c.Agent, whole(c.Now), next.Version
		if _, err := q.ExecContext(ctx, `UPDATE offers SET claimed_by = ?, claimed_at = ?, version = ? WHERE team = ? AND id = ?`,
			o.ClaimedBy, instant(&o.ClaimedAt), o.Version, o.Team, o.ID); err != nil {
			return err
		}
		if err := logEntry(ctx, q, LogEntry{At: c.Now, Who: c.Who, Team: c.Team, Op: "claimed", Kind: "offer", Key: o.ID},
			map[string]any{"slot": o.Slot, "agent": c.Agent, "version": o.Version}); err != nil {
			return err
		}
		// A roster that was published in spite of broken hard rules keeps its reason.
		_, err = publish(ctx, q, PublishRequest{Team: c.Team, Version: next.Version, Who: c.Who, Now: c.Now, Reason: current.Reason, Prepare: c.Prepare}, "published")
		return err
	})
	return o, err
}

// SlotRoster is what people go by on the days of the published roster that a slot is in. It gives a *NotFoundError when
// the slot is not published.
func (s *Store) SlotRoster(ctx context.Context, team schedule.TeamID, slot schedule.SlotID) (schedule.Roster, error) {
	var r *schedule.Roster
	err := s.view(ctx, func(q querier) (err error) {
		r, err = slotRoster(ctx, q, team, slot)
		return err
	})
	if err != nil {
		return schedule.Roster{}, err
	}
	return *r, nil
}

func slotRoster(ctx context.Context, q querier, team schedule.TeamID, slot schedule.SlotID) (*schedule.Roster, error) {
	var first, last schedule.Date
	found := false
	err := each(ctx, q, func(scan scanner) error {
		found = true
		return scan(text(&first), text(&last))
	}, `SELECT r.first_day, r.last_day FROM published_days d JOIN roster_slots s ON s.roster = d.roster AND s.day = d.day
		JOIN rosters r ON r.id = d.roster WHERE d.team = ? AND s.slot = ? ORDER BY r.publication DESC LIMIT 1`, team, slot)
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, &NotFoundError{Kind: "published slot", Key: string(slot)}
	}
	r, err := inForce(ctx, q, team, first, last)
	if err != nil {
		return nil, err
	}
	r.First, r.Last = first, last
	return r, nil
}

// Mute is an agent's wish for no reminders before an instant.
type Mute struct {
	Agent schedule.AgentID
	Until time.Time
}

// SetMute keeps an agent's wish for no reminders until an instant, in place of an earlier one; an instant that is not after
// now ends it.
func (s *Store) SetMute(ctx context.Context, team schedule.TeamID, m Mute, who string, now time.Time) error {
	return s.update(ctx, func(q querier) error {
		if err := requireTeam(ctx, q, team); err != nil {
			return err
		}
		var was []Mute
		was, err := mutes(ctx, q, team, now)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(was, func(x Mute) bool { return x.Agent == m.Agent })
		if i >= 0 && was[i].Until.Equal(whole(m.Until)) || i < 0 && !m.Until.After(now) {
			return nil
		}
		if _, err := q.ExecContext(ctx, `INSERT INTO mutes (team, agent, until) VALUES (?, ?, ?)
			ON CONFLICT (team, agent) DO UPDATE SET until = excluded.until`, team, m.Agent, instant(&m.Until)); err != nil {
			return err
		}
		return logEntry(ctx, q, LogEntry{At: now, Who: who, Team: team, Op: "muted", Kind: "agents", Key: string(m.Agent)},
			map[string]any{"until": whole(m.Until)})
	})
}

// Mutes lists the wishes that still stand at an instant, by agent.
func (s *Store) Mutes(ctx context.Context, team schedule.TeamID, now time.Time) ([]Mute, error) {
	var found []Mute
	err := s.view(ctx, func(q querier) (err error) {
		found, err = mutes(ctx, q, team, now)
		return err
	})
	return found, err
}

func mutes(ctx context.Context, q querier, team schedule.TeamID, now time.Time) ([]Mute, error) {
	var found []Mute
	err := each(ctx, q, func(scan scanner) error {
		var m Mute
		err := scan(&m.Agent, instant(&m.Until))
		found = append(found, m)
		return err
	}, `SELECT agent, until FROM mutes WHERE team = ? AND until > ? ORDER BY agent`, team, instant(&now))
	return found, err
}
