package calendar

import (
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Limits say how often feeds may be asked for. The zero Limits are the defaults; a negative rate means no limit.
type Limits struct {
	// PerLink is the requests a second that one link may make in the long run, and Burst at once; 0 means 2 and 60.
	PerLink float64
	Burst   int
	// Misses is the requests a second with a bad token that one address may make in the long run, and MissBurst at once;
	// 0 means 0.5 and 20.
	Misses    float64
	MissBurst int
}

func (l Limits) withDefaults() Limits {
	if l.PerLink == 0 {
		l.PerLink = 2
	}
	if l.Burst == 0 {
		l.Burst = 60
	}
	if l.Misses == 0 {
		l.Misses = 0.5
	}
	if l.MissBurst == 0 {
		l.MissBurst = 20
	}
	return l
}

// limiter is a token bucket of perSecond and burst; a negative rate never runs dry.
func limiter(perSecond float64, burst int) *rate.Limiter {
	if perSecond < 0 {
		return rate.NewLimiter(rate.Inf, 1)
	}
	return rate.NewLimiter(rate.Limit(perSecond), burst)
}

// maxAddresses bounds what is remembered about addresses with bad tokens.
const maxAddresses = 4096

// misses counts bad tokens by address.
type misses struct {
	limits Limits
	mu     sync.Mutex
	of     map[string]*rate.Limiter
}

// allow reports whether the address may be told once more that its token is bad.
func (m *misses) allow(address string, now time.Time) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	l := m.of[address]
	if l == nil {
		if len(m.of) >= maxAddresses {
			m.forget(now)
		}
		l = limiter(m.limits.Misses, m.limits.MissBurst)
		m.of[address] = l
	}
	return l.AllowN(now, 1)
}

// forget drops the addresses that have been quiet for long enough, all of them when none has.
func (m *misses) forget(now time.Time) {
	for address, l := range m.of {
		if l.TokensAt(now) >= float64(m.limits.MissBurst) {
			delete(m.of, address)
		}
	}
	if len(m.of) >= maxAddresses {
		clear(m.of)
	}
}

// clientAddress is who asks: the peer, or behind a proxy that is ours the last address that it added. Of an IPv6 address
// only the network counts, since one customer has all the rest.
func clientAddress(r *http.Request, behindProxy bool) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	if behindProxy {
		if all := r.Header.Values("X-Forwarded-For"); len(all) > 0 {
			last := all[len(all)-1]
			if i := strings.LastIndexByte(last, ','); i >= 0 {
				last = last[i+1:]
			}
			if ip := net.ParseIP(strings.TrimSpace(last)); ip != nil {
				host = ip.String()
			}
		}
	}
	if ip := net.ParseIP(host); ip != nil && ip.To4() == nil {
		return ip.Mask(net.CIDRMask(64, 128)).String() + "/64"
	}
	return host
}
