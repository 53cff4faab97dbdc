package staffing

import (
	"math"
	"testing"
	"time"
)

func near(t *testing.T, what string, got, want, within float64) {
	t.Helper()
	if !(math.Abs(got-want) <= within) {
		t.Errorf("%s: %.7f, want %.7f", what, got, want)
	}
}

// minutes of a Duration.
func inMinutes(d time.Duration) float64 { return d.Minutes() }

// calls is the queue of the published examples: 100 calls in half an hour, three minutes each, 20 seconds.
var calls = Queue{Rate: 200, Handling: 3 * time.Minute, Within: 20 * time.Second}

func TestErlangC(t *testing.T) {
	s := calls.With(14)
	near(t, "Pw", s.Waits, 0.174132, 5e-7)
	near(t, "SL", s.InTime, 0.888350, 5e-7)
	near(t, "wait", inMinutes(s.Wait), 0.13060, 5e-6)
	near(t, "occupancy", s.Occupancy, 10.0/14, 1e-12)
	if s := calls.With(10); !s.Overloaded {
		t.Error("a load of 10 on 10 servers is not overloaded")
	}
}

func TestErlangA(t *testing.T) {
	q := calls
	q.Patience = 5 * time.Minute
	s := q.With(13)
	near(t, "P(wait)", s.Waits, 0.225797, 5e-7)
	near(t, "P(ab)", s.GivesUp, 0.024963, 5e-7)
	near(t, "E[W]", inMinutes(s.Wait), 0.124817, 5e-7)
	near(t, "served in time", s.InTime, 0.8582, 5e-5)
}

// TestErlangAByStates compares with the stationary chances of the birth and death process itself, and the wait with a
// walk through the queue that a new contact finds.
func TestErlangAByStates(t *testing.T) {
	for _, n := range []int{1, 3, 9, 13, 20} {
		q := calls
		q.Patience = 5 * time.Minute
		mu, theta := 1/q.Handling.Hours(), 1/q.Patience.Hours()
		const most = 400
		p := make([]float64, most)
		p[0] = 1
		total := 1.0
		for k := 1; k < most; k++ {
			p[k] = p[k-1] * q.Rate / (float64(min(k, n))*mu + float64(max(k-n, 0))*theta)
			total += p[k]
		}
		waits, length := 0.0, 0.0
		for k, x := range p {
			if k >= n {
				waits += x / total
				length += float64(k-n) * x / total
			}
		}
		s := q.With(n)
		near(t, "waits", s.Waits, waits, 1e-9)
		near(t, "gives up", s.GivesUp, length*theta/q.Rate, 1e-9)
		near(t, "wait by Little", s.Wait.Hours(), length/q.Rate, 1e-9)
		q.Within = 200 * time.Hour
		near(t, "everybody served who does not give up", q.With(n).InTime, 1-s.GivesUp, 1e-6)
	}
}

// TestPatienceWithoutEnd: Erlang A with endless patience is Erlang C.
func TestPatienceWithoutEnd(t *testing.T) {
	q := calls
	q.Patience = 2_000_000 * time.Hour
	a, c := q.With(14), calls.With(14)
	near(t, "waits", a.Waits, c.Waits, 1e-5)
	near(t, "in time", a.InTime, c.InTime, 1e-5)
}

func TestErlangB(t *testing.T) {
	near(t, "B(10, 10)", ErlangB(10, 10), 0.214582, 5e-7)
	if ErlangB(0, 3) != 0 || ErlangB(3, 0) != 1 {
		t.Error("the ends of Erlang B")
	}
}

func TestRequired(t *testing.T) {
	g := Goal{Level: 0.8}
	if n, err := calls.Required(g, 1); n != 14 || err != nil {
		t.Errorf("required %d, %v; want 14", n, err)
	}
	for n := range 14 {
		if g.Meets(calls.With(n)) {
			t.Errorf("%d already meet the goal", n)
		}
	}
	if n, _ := calls.Required(Goal{Level: 0.8, Occupancy: 0.6}, 1); n != 17 {
		t.Errorf("with an occupancy of 60 %%: %d, want 17", n)
	}
	if n, _ := calls.Required(g, 3); n != 15 {
		t.Errorf("in threes: %d, want 15", n)
	}
	if _, err := calls.Required(Goal{Level: 1}, 1); err != ErrTooMany {
		t.Errorf("a level of 1: %v", err)
	}
	if n, err := (Queue{Handling: time.Minute}).Required(g, 1); n != 0 || err != nil {
		t.Errorf("without contacts: %d, %v", n, err)
	}
}

// TestExtremes: nothing is NaN, and more servers never serve worse.
func TestExtremes(t *testing.T) {
	for _, rate := range []float64{0.001, 1, 200, 5000, 100_000} {
		for _, patience := range []time.Duration{0, time.Second, time.Minute, 100 * time.Hour} {
			q := Queue{Rate: rate, Handling: 3 * time.Minute, Patience: patience, Within: 2 * time.Minute}
			last := Service{Waits: 1, GivesUp: 1}
			for _, n := range []int{0, 1, 2, 10, 11, 249, 251, 300, 4999, 5100} {
				s := q.With(n)
				for _, f := range []float64{s.Waits, s.InTime, s.GivesUp, s.Occupancy} {
					if !(f >= 0 && f <= 1) {
						t.Fatalf("rate %v, patience %v, %d servers: %+v", rate, patience, n, s)
					}
				}
				if s.InTime < last.InTime-1e-9 || s.GivesUp > last.GivesUp+1e-9 {
					t.Errorf("rate %v, patience %v, %d servers: %+v after %+v", rate, patience, n, s, last)
				}
				last = s
			}
		}
	}
}

func TestScheduled(t *testing.T) {
	for _, c := range []struct {
		required, shrinkage float64
		want                int
	}{{10, 0.3, 15}, {12, 0.4, 20}, {7, 0.3, 10}, {0, 0.3, 0}, {5, 0, 5}} {
		if got := Scheduled(c.required, c.shrinkage); got != c.want {
			t.Errorf("%v at %v: %d, want %d", c.required, c.shrinkage, got, c.want)
		}
	}
	near(t, "a seat", SeatPeople(40, 0), 4.20, 1e-9)
	near(t, "a seat at 30 %", SeatPeople(40, 0.3), 6.00, 1e-9)
}
