package staffing

import (
	"errors"
	"math"
	"time"
)

// ErlangB is the chance that all n servers are busy when whoever finds none free leaves at once, under a load of so many
// erlangs. It is 1 for n = 0 and a positive load, and 0 without load.
func ErlangB(load float64, n int) float64 {
	if load <= 0 {
		return 0
	}
	b := 1.0
	for k := 1; k <= n; k++ {
		b = load * b / (float64(k) + load*b)
	}
	return b
}

// Queue is contacts that arrive at random and that somebody waits for.
type Queue struct {
	// Rate is the arrivals per hour.
	Rate float64
	// Handling is the time that one contact keeps a server busy.
	Handling time.Duration
	// Patience is the mean time after which who waits gives up; 0 means that nobody ever does.
	Patience time.Duration
	// Within is the time within which a reply counts as in time.
	Within time.Duration
}

// Load is the erlangs: arrivals x handling time.
func (q Queue) Load() float64 { return q.Rate * q.Handling.Hours() }

// Service is how good the service of a queue is with a number of servers. Shares are of all contacts, from 0 to 1.
type Service struct {
	Servers int
	// Waits is the share that finds no server free.
	Waits float64
	// InTime is the share that is served within Queue.Within. Who gives up was not served.
	InTime float64
	// GivesUp is the share that leaves unserved, 0 without patience.
	GivesUp float64
	// Wait is the mean wait of all contacts; meaningless when Overloaded.
	Wait time.Duration
	// Occupancy is the share of their time that servers are busy.
	Occupancy float64
	// Overloaded says that more comes in than can be served and nobody gives up, so that the queue grows for ever.
	Overloaded bool
}

// With is the service with n servers: by Erlang C without patience, by Erlang A with it. Without load it is perfect;
// with load and no server nobody is served.
func (q Queue) With(n int) Service {
	load := q.Load()
	switch {
	case !(load > 0):
		return Service{Servers: n, InTime: 1}
	case n <= 0:
		s := Service{Waits: 1, Occupancy: 1, Overloaded: q.Patience <= 0}
		if q.Patience > 0 {
			s.GivesUp, s.Wait = 1, q.Patience
		}
		return s
	case q.Patience > 0:
		return q.erlangA(n, load)
	}
	return q.erlangC(n, load)
}

func (q Queue) erlangC(n int, load float64) Service {
	free := float64(n) - load
	if free <= 0 {
		return Service{Servers: n, Waits: 1, Occupancy: 1, Overloaded: true}
	}
	b := ErlangB(load, n)
	waits := float64(n) * b / (float64(n) - load*(1-b))
	handling := q.Handling.Seconds()
	return Service{
		Servers: n, Waits: waits,
		InTime:    1 - waits*math.Exp(-free*q.Within.Seconds()/handling),
		Wait:      seconds(waits * handling / free),
		Occupancy: load / float64(n),
	}
}

// erlangA follows Mandelbaum and Zeltyn with x = n mu / theta and y = lambda / theta. F grows like e^y, so its logarithm
// is kept.
func (q Queue) erlangA(n int, load float64) Service {
	mu, theta, lambda := 1/q.Handling.Hours(), 1/q.Patience.Hours(), q.Rate
	x, y := float64(n)*mu/theta, lambda/theta
	rho := load / float64(n)
	logF := logSeries(x, y)
	b, inverse := ErlangB(load, n), math.Exp(-logF)
	waits := b / (inverse + (1-inverse)*b)
	givesUp := waits * min(max(inverse/rho+1-1/rho, 0), 1)
	// The wait that is offered has density v(t) ~ exp(lambda H(t) - n mu t), H(t) = (1 - e^(-theta t))/theta, when there
	// is any; its integral over all t is F/(n mu). Who is offered t is served if patience lasts, with chance e^(-theta t).
	late := func(t float64) float64 {
		return math.Exp(lambda*(1-math.Exp(-theta*t))/theta - (float64(n)*mu+theta)*t - logF + math.Log(float64(n)*mu))
	}
	within := waits * min(integral(late, q.Within.Hours(), 1/(lambda+float64(n)*mu+theta)), 1)
	return Service{
		Servers: n, Waits: waits, GivesUp: givesUp,
		InTime:    min(max(1-waits+within, 0), 1),
		Wait:      seconds(givesUp / theta * 3600),
		Occupancy: min(rho*(1-givesUp), 1),
	}
}

// logSeries is the logarithm of F = 1 + sum over j >= 1 of y^j / ((x+1)...(x+j)).
func logSeries(x, y float64) float64 {
	const large = 1e200
	sum, term, shift := 1.0, 1.0, 0.0
	for j := 1; ; j++ {
		term *= y / (x + float64(j))
		sum += term
		if term < sum*1e-17 && x+float64(j) > y {
			return math.Log(sum) + shift
		}
		if sum > large {
			sum, term, shift = sum/large, term/large, shift+math.Log(large)
		}
	}
}

// integral of a function over [0, to] that varies by the scale given near 0 and more slowly later: Simpson's rule in
// stretches that double in length.
func integral(f func(float64) float64, to, scale float64) float64 {
	const steps = 1000
	sum := 0.0
	for from, end := 0.0, scale; from < to; from, end = end, 2*end {
		end = min(end, to)
		h := (end - from) / steps
		part := f(from) + f(end)
		for i := 1; i < steps; i++ {
			part += f(from+float64(i)*h) * float64(2+2*(i%2))
		}
		sum += part * h / 3
	}
	return sum
}

func seconds(s float64) time.Duration {
	if s > 1e9 {
		s = 1e9
	}
	return time.Duration(s * float64(time.Second))
}

// Goal is what service is to reach.
type Goal struct {
	// Level is the share of contacts to be served in time, such as 0.8.
	Level float64
	// Occupancy is the most that servers are to be busy, such as 0.85; 0 means no limit.
	Occupancy float64
}

// Meets reports whether the service is good enough.
func (g Goal) Meets(s Service) bool {
	return !s.Overloaded && s.InTime >= g.Level && (g.Occupancy <= 0 || s.Occupancy <= g.Occupancy)
}

// maxServers bounds what is looked for: more than any team, and quick to count to.
const maxServers = 20_000

// ErrTooMany says that no number of agents within reason meets the goal, as with a level of 1 or a wait of nothing.
var ErrTooMany = errors.New("no reasonable number of agents meets the goal")

// Required is the least number of servers that meets the goal, in steps of so many servers at a time (at least 1), as an
// agent with three chats at once is three servers. It is 0 without load.
func (q Queue) Required(g Goal, step int) (int, error) {
	step = max(step, 1)
	load := q.Load()
	if !(load > 0) {
		return 0, nil
	}
	if load > maxServers || g.Level >= 1 {
		return 0, ErrTooMany
	}
	// Service gets better with every server, so the least number is found by halving.
	lo, hi := 0, 1 // in steps; lo does not meet the goal
	for !g.Meets(q.With(hi * step)) {
		lo, hi = hi, hi*2
		if hi*step > 2*maxServers {
			return 0, ErrTooMany
		}
	}
	for hi-lo > 1 {
		if mid := (lo + hi) / 2; g.Meets(q.With(mid * step)) {
			hi = mid
		} else {
			lo = mid
		}
	}
	return hi * step, nil
}

// Scheduled is how many agents are to be planned so that so many are at work, when the share shrinkage of planned time is
// lost to breaks, training and illness: required/(1-shrinkage), rounded up.
func Scheduled(required float64, shrinkage float64) int {
	if required <= 0 {
		return 0
	}
	// A hair less, so that 12/(1-0.4) = 20 does not become 21 by rounding of the machine.
	return int(math.Ceil(required/(1-shrinkage) - 1e-9))
}

// SeatPeople is how many people one seat needs that is never empty, when each is paid so many hours a week and the share
// shrinkage of them is lost: 168/(hours x (1-shrinkage)).
func SeatPeople(hours, shrinkage float64) float64 { return 168 / (hours * (1 - shrinkage)) }
