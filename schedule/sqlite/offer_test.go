package sqlite

import (
	"errors"
	"testing"
	"time"

	"rota/schedule"
)

func offerOf(id string, asked ...schedule.AgentID) Offer {
	return Offer{Team: "a", ID: id, Slot: "early@2026-12-07", Asked: asked, Opened: noon, Expires: noon.Add(time.Hour), CreatedBy: "mel", CreatedAt: noon}
}

// takes gives the slot of an offer to an agent, whatever rules say.
func takes(agent schedule.AgentID) ClaimRequest {
	return ClaimRequest{Team: "a", Offer: "o", Agent: agent, Who: string(agent), Now: noon.Add(time.Minute),
		Change: func(_ *schedule.Period, r schedule.Roster, o Offer) (schedule.Roster, error) {
			r.Assignments = append([]schedule.Assignment{}, r.Assignments...)
			for i := range r.Assignments {
				if r.Assignments[i].Slot == o.Slot {
					r.Assignments[i] = schedule.Assignment{Slot: o.Slot, Agent: agent, Source: schedule.ByOffer}
				}
			}
			return r, nil
		}}
}

func TestAnOfferIsClaimedOnce(t *testing.T) {
	s := newStore(t)
	withTeam(t, s, "a")
	was := publishNow(t, s, draft("a", "ani"), noon)
	if fresh := must(s.AddOffer(ctx, offerOf("o", "bo", "cy")))(t); !fresh {
		t.Fatal("the offer is not new")
	}
	if fresh := must(s.AddOffer(ctx, offerOf("o", "di")))(t); fresh {
		t.Error("an offer of the same id took its place")
	}
	if _, err := s.ClaimOffer(ctx, takes("di")); !errors.Is(err, ErrNotAsked) {
		t.Errorf("somebody who was not asked: %v", err)
	}
	stop := errors.New("stop")
	refused := takes("bo")
	refused.Prepare = func(f Facts) (Publication, error) {
		if len(f.Notices.Offers) != 1 || f.Notices.Offers[0].ClaimedBy != "bo" {
			t.Errorf("while it is claimed: %+v", f.Notices.Offers)
		}
		return Publication{}, stop
	}
	if _, err := s.ClaimOffer(ctx, refused); !errors.Is(err, stop) {
		t.Errorf("got %v", err)
	}
	if list := must(s.Rosters(ctx, "a"))(t); len(list) != 1 || must(s.Offers(ctx, "a"))(t)[0].ClaimedBy != "" {
		t.Error("a claim that was refused left something behind")
	}
	o := must(s.ClaimOffer(ctx, takes("bo")))(t)
	if o.ClaimedBy != "bo" || o.Version != was.Version+1 || o.State(noon) != OfferClaimed {
		t.Errorf("the offer is %+v", o)
	}
	if now := must(s.InForce(ctx, "a", day("2026-12-07"), day("2026-12-07")))(t); now.Version != o.Version || len(now.On("early@2026-12-07")) != 1 || !now.Has("early@2026-12-07", "bo") {
		t.Errorf("people go by %+v", now)
	}
	if again := must(s.ClaimOffer(ctx, takes("bo")))(t); again.Version != o.Version {
		t.Errorf("claimed again it is %+v", again)
	}
	var closed *OfferClosedError
	if _, err := s.ClaimOffer(ctx, takes("cy")); !errors.As(err, &closed) || closed.State != OfferClaimed {
		t.Errorf("a second agent: %v", err)
	}
	if err := s.WithdrawOffer(ctx, "a", "o", "mel", noon); !errors.As(err, &closed) {
		t.Errorf("withdrawn after it was claimed: %v", err)
	}
	if n := len(must(s.Rosters(ctx, "a"))(t)); n != 2 {
		t.Errorf("there are %d versions", n)
	}
}

func TestOffersEnd(t *testing.T) {
	s := newStore(t)
	withTeam(t, s, "a")
	publishNow(t, s, draft("a", "ani"), noon)
	must(s.AddOffer(ctx, offerOf("o", "bo")))(t)
	var closed *OfferClosedError
	for at, want := range map[time.Duration]OfferState{-time.Second: OfferWaiting, time.Hour: OfferExpired} {
		c := takes("bo")
		c.Now = noon.Add(at)
		if _, err := s.ClaimOffer(ctx, c); !errors.As(err, &closed) || closed.State != want {
			t.Errorf("after %s: %v", at, err)
		}
	}
	noError(t, s.WithdrawOffer(ctx, "a", "o", "mel", noon))
	noError(t, s.WithdrawOffer(ctx, "a", "o", "mel", noon))
	if _, err := s.ClaimOffer(ctx, takes("bo")); !errors.As(err, &closed) || closed.State != OfferWithdrawn {
		t.Errorf("withdrawn: %v", err)
	}
	var missing *NotFoundError
	if err := s.WithdrawOffer(ctx, "a", "p", "mel", noon); !errors.As(err, &missing) {
		t.Errorf("got %v", err)
	}
	for _, bad := range []Offer{{Team: "a", ID: "o p", Opened: noon, Expires: noon.Add(1e9), CreatedAt: noon}, {Team: "a", ID: "p", Opened: noon, Expires: noon, CreatedAt: noon}} {
		if _, err := s.AddOffer(ctx, bad); !errors.Is(err, ErrInvalid) {
			t.Errorf("%+v: %v", bad, err)
		}
	}
}

func TestABulletinKnowsWhatIsPublished(t *testing.T) {
	s := newStore(t)
	withTeam(t, s, "a")
	r := publishNow(t, s, draft("a", "ani"), noon)
	start := r.Slots[0].Start
	must(s.AddHandoffNote(ctx, schedule.HandoffNote{Team: "a", Slot: "early@2026-12-07", Text: "look", By: "ani", At: noon}))(t)
	noError(t, s.SetMute(ctx, "a", Mute{"ani", noon.Add(time.Hour)}, "ani", noon))
	noError(t, s.SetMute(ctx, "a", Mute{"ani", noon.Add(time.Hour)}, "ani", noon))
	b := must(s.LoadBulletin(ctx, "a", noon, start, start.Add(time.Hour)))(t)
	if b.Version != r.Version || len(b.Days) == 0 || len(b.Slots) == 0 || len(b.Assignments) == 0 || len(b.Notes) != 1 || len(b.Mutes) != 1 {
		t.Errorf("it is %+v", b)
	}
	if again := must(s.LoadBulletin(ctx, "a", noon.Add(2*time.Hour), start.AddDate(0, 0, 60), start.AddDate(0, 0, 61)))(t); len(again.Slots)+len(again.Mutes) > 0 {
		t.Errorf("beyond what is published: %+v", again)
	}
	// An open offer brings its slot with it.
	o := offerOf("o", "bo")
	must(s.AddOffer(ctx, o))(t)
	if b = must(s.LoadBulletin(ctx, "a", noon, start.AddDate(0, 0, -9), start.AddDate(0, 0, -8)))(t); len(b.Slots) == 0 || len(b.Offers) != 1 {
		t.Errorf("with an offer: %+v", b)
	}
}
