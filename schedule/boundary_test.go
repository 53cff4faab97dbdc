package schedule

import (
	"fmt"
	"testing"
	"time"
)

func TestBoundaryAt(t *testing.T) {
	t.Parallel()
	hour := func(h int) time.Time { return time.Date(2026, 12, 7, h, 0, 0, 0, time.UTC) }
	names := map[string]Interval{"early": {hour(8), hour(16)}, "late": {hour(16), hour(24)}, "long": {hour(8), hour(20)},
		"mid": {hour(12), hour(20)}, "none": {hour(16), hour(16)}, "night": {hour(0), hour(8)}}
	for _, c := range []struct {
		slots []string
		at    int
		want  string
		from  string
		to    string
	}{
		{[]string{"night", "early", "late"}, 8, "[night] [early] []", "[night]", "[early]"},
		{[]string{"night", "early", "mid", "late", "none"}, 16, "[early] [late] [mid]", "[early]", "[late]"},
		{[]string{"long", "mid"}, 12, "[] [mid] [long]", "[long]", "[mid]"},
		{[]string{"early", "long"}, 16, "[early] [] [long]", "[early]", "[long]"},
		{[]string{"long", "early"}, 10, "[] [] [long early]", "[long early]", "[long early]"},
		{[]string{"late", "night"}, 10, "[] [] []", "[]", "[]"},
	} {
		b := BoundaryAt(c.slots, func(s string) Interval { return names[s] }, hour(c.at))
		if got := fmt.Sprint(b.Ending, b.Starting, b.Running); got != c.want || fmt.Sprint(b.From()) != c.from || fmt.Sprint(b.To()) != c.to {
			t.Errorf("%v at %d: %s, from %v to %v, want %s, from %s to %s", c.slots, c.at, got, b.From(), b.To(), c.want, c.from, c.to)
		}
	}
}
