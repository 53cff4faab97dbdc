package schedule

import "fmt"

// Clock is a time on a wall clock in whole minutes after midnight, from 0 (00:00) to 1440 (24:00). 24:00 is the
// end of a date, the same wall time as 00:00 of the next date. Every value in the range is valid, so the zero Clock is
// midnight and not "no time".
type Clock int

const (
	// Midnight is 00:00, the start of a date.
	Midnight Clock = 0
	// EndOfDay is 24:00, the end of a date; not a start.
	EndOfDay Clock = 24 * 60
)

// Minutes is a length of real, elapsed time in whole minutes. What a wall clock shows over a change of the hour is
// no measure of it.
type Minutes int

// ParseClock reads the form 07:00, two digits each, from 00:00 to 24:00.
func ParseClock(s string) (Clock, error) {
	if len(s) == 5 && s[2] == ':' {
		hour, okHour := digits(s[:2])
		minute, okMinute := digits(s[3:])
		if c := Clock(hour*60 + minute); okHour && okMinute && minute < 60 && c.Valid() {
			return c, nil
		}
	}
	return 0, fmt.Errorf("bad time %q: write hour:minute from 00:00 to 24:00, such as 07:00", s)
}

// MustClock is ParseClock for constants and tests; it panics on a bad time.
func MustClock(s string) Clock {
	c, err := ParseClock(s)
	if err != nil {
		panic(err)
	}
	return c
}

// Valid reports whether c is within 00:00 to 24:00.
func (c Clock) Valid() bool { return c >= Midnight && c <= EndOfDay }

// String is the form that ParseClock reads.
func (c Clock) String() string { return fmt.Sprintf("%02d:%02d", int(c)/60, int(c)%60) }

// MarshalText gives the form of String, and an error for a value outside 00:00 to 24:00.
func (c Clock) MarshalText() ([]byte, error) {
	if !c.Valid() {
		return nil, fmt.Errorf("bad time: %d minutes after midnight is outside 00:00 to 24:00", int(c))
	}
	return []byte(c.String()), nil
}

// UnmarshalText reads what MarshalText gives.
func (c *Clock) UnmarshalText(text []byte) error {
	parsed, err := ParseClock(string(text))
	if err != nil {
		return err
	}
	*c = parsed
	return nil
}
