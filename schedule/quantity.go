package schedule

import (
	"encoding/json"
	"fmt"
)

// Cost is a price in the integer units in which weights are given. Costs of a roster are sums of products of weights
// and excess; never negative.
type Cost int64

// Version numbers the rosters of a team from 1 in the order in which they were saved; 0 is a roster not saved yet.
type Version int

// Points counts burden in units of four weighted hours (see BurdenWeights).
type Points int

// String is the elapsed time as people write it, such as 8h, 7h30 or 45m.
func (m Minutes) String() string {
	sign := ""
	if m < 0 {
		sign, m = "-", -m
	}
	switch h, r := m/60, m%60; {
	case h == 0 && r != 0:
		return fmt.Sprintf("%s%dm", sign, r)
	case r == 0:
		return fmt.Sprintf("%s%dh", sign, h)
	default:
		return fmt.Sprintf("%s%dh%02d", sign, h, r)
	}
}

// Hours is whole hours as Minutes.
func Hours(h int) Minutes { return Minutes(60 * h) }

// Optional is a value that may be left open. The zero Optional is open. It is comparable with ==, unlike a pointer,
// and cannot be shared by mistake. Its JSON form is the value or null.
type Optional[T comparable] struct {
	Value T
	Set   bool
}

// Some is an Optional that holds v.
func Some[T comparable](v T) Optional[T] { return Optional[T]{Value: v, Set: true} }

// Or is the value, or fallback when it is open.
func (o Optional[T]) Or(fallback T) T {
	if o.Set {
		return o.Value
	}
	return fallback
}

// Else is o, or other when o is open.
func (o Optional[T]) Else(other Optional[T]) Optional[T] {
	if o.Set {
		return o
	}
	return other
}

// IsZero reports whether the value is open; encoders that omit zero values ask it.
func (o Optional[T]) IsZero() bool { return !o.Set }

// String is the value's text, empty when it is open.
func (o Optional[T]) String() string {
	if !o.Set {
		return ""
	}
	return fmt.Sprint(o.Value)
}

// MarshalJSON gives the value or null.
func (o Optional[T]) MarshalJSON() ([]byte, error) {
	if !o.Set {
		return []byte("null"), nil
	}
	return json.Marshal(o.Value)
}

// UnmarshalJSON reads what MarshalJSON gives.
func (o *Optional[T]) UnmarshalJSON(data []byte) error {
	*o = Optional[T]{}
	if string(data) == "null" {
		return nil
	}
	if err := json.Unmarshal(data, &o.Value); err != nil {
		return err
	}
	o.Set = true
	return nil
}
