package notify

import (
	"sync"
	"time"
)

// limiter keeps one process within what a service allows: a pause between calls of one method to one target, and silence
// towards a method that asked for it.
type limiter struct {
	mu      sync.Mutex
	pause   time.Duration
	next    map[string]time.Time // by method and target
	blocked map[string]time.Time // by method
}

func newLimiter(pause time.Duration) *limiter {
	return &limiter{pause: pause, next: map[string]time.Time{}, blocked: map[string]time.Time{}}
}

// wait is how long a call has to wait at now; 0 takes the place at once.
func (l *limiter) wait(method, target string, now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	at := l.blocked[method]
	if t := l.next[method+" "+target]; t.After(at) {
		at = t
	}
	// A clock that jumped back must not silence anybody for longer than anything here ever lasts.
	if d := at.Sub(now); d > 0 && d < maxBlock {
		return d
	}
	if len(l.next) > 4096 {
		clear(l.next)
	}
	l.next[method+" "+target] = now.Add(l.pause)
	return 0
}

// block leaves a method alone until an instant.
func (l *limiter) block(method string, until time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if until.After(l.blocked[method]) {
		l.blocked[method] = until
	}
}

// maxBlock is the longest silence that is honoured; a service that asks for more is asked again after it.
const maxBlock = time.Hour
