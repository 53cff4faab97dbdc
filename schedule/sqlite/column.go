package sqlite

import (
	"database/sql/driver"
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"time"

	"rota/schedule"
)

// column is one column of a table and the field it holds. The value serves both ways: as an argument it gives what is
// in the field, as a destination it fills it. So there is one list per table, and reading cannot drift from writing.
type column struct {
	name  string
	value any
	key   bool // part of what identifies a row within its team
}

func col(name string, value any) column    { return column{name: name, value: value} }
func keyCol(name string, value any) column { return column{name: name, value: value, key: true} }

// bind gives the values of columns as the driver takes them, comparable with ==.
func bind(columns []column) ([]any, error) {
	values := make([]any, len(columns))
	for i, c := range columns {
		v, err := driver.DefaultParameterConverter.ConvertValue(c.value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c.name, err)
		}
		if flag, ok := v.(bool); ok {
			v = int64(0)
			if flag {
				v = int64(1)
			}
		}
		values[i] = v
	}
	return values, nil
}

// destinations gives the values of columns for Scan.
func destinations(columns []column) []any {
	values := make([]any, len(columns))
	for i, c := range columns {
		values[i] = c.value
	}
	return values
}

// field is a column whose stored form is not that of its Go value.
type field struct {
	get func() (driver.Value, error)
	set func(any) error
}

func (f field) Value() (driver.Value, error) { return f.get() }
func (f field) Scan(src any) error           { return f.set(src) }

func wrongForm(src any) error { return fmt.Errorf("%w: %T in the wrong place", ErrDamaged, src) }

// asText takes what a TEXT column gives.
func asText(src any) (string, error) {
	switch x := src.(type) {
	case string:
		return x, nil
	case []byte:
		return string(x), nil
	}
	return "", wrongForm(src)
}

// text keeps a value in its own textual form: dates, clocks, levels, recurrences.
func text[P interface {
	encoding.TextMarshaler
	encoding.TextUnmarshaler
}](p P) field {
	return parsed(func() string {
		b, err := p.MarshalText()
		if err != nil {
			return err.Error() // a value out of range; the text is no valid form and is refused when it is read
		}
		return string(b)
	}, func(s string) error { return p.UnmarshalText([]byte(s)) })
}

func parsed(format func() string, parse func(string) error) field {
	return field{
		get: func() (driver.Value, error) { return format(), nil },
		set: func(src any) error {
			s, err := asText(src)
			if err != nil {
				return err
			}
			return parse(s)
		},
	}
}

func clockSpan(p *schedule.ClockSpan) field {
	return parsed(p.String, func(s string) (err error) {
		*p, err = schedule.ParseClockSpan(s)
		return err
	})
}

func optionalSpan(p *schedule.Optional[schedule.ClockSpan]) field {
	return field{
		get: func() (driver.Value, error) {
			if !p.Set {
				return nil, nil
			}
			return p.Value.String(), nil
		},
		set: func(src any) error {
			if *p = (schedule.Optional[schedule.ClockSpan]{}); src == nil {
				return nil
			}
			p.Set = true
			return clockSpan(&p.Value).set(src)
		},
	}
}

func weekTime(p *schedule.WeekTime) field {
	return parsed(p.String, func(s string) error {
		var day, clock string
		_, err := fmt.Sscanf(s, "%s %s", &day, &clock)
		if err == nil {
			p.Day, err = schedule.ParseWeekday(day)
		}
		if err == nil {
			p.Clock, err = schedule.ParseClock(clock)
		}
		return err
	})
}

// optional keeps an open value as NULL.
func optional[T ~int | ~int64](p *schedule.Optional[T]) field {
	return field{
		get: func() (driver.Value, error) {
			if !p.Set {
				return nil, nil
			}
			return int64(p.Value), nil
		},
		set: func(src any) error {
			n, ok := src.(int64)
			if src != nil && !ok {
				return wrongForm(src)
			}
			*p = schedule.Optional[T]{Value: T(n), Set: ok}
			return nil
		},
	}
}

func optionalFlag(p *schedule.Optional[bool]) field {
	return field{
		get: func() (driver.Value, error) {
			if !p.Set {
				return nil, nil
			}
			if p.Value {
				return int64(1), nil
			}
			return int64(0), nil
		},
		set: func(src any) error {
			n, ok := src.(int64)
			if src != nil && !ok {
				return wrongForm(src)
			}
			*p = schedule.Optional[bool]{Value: n == 1, Set: ok}
			return nil
		},
	}
}

// reference keeps an empty id as NULL, so that it refers to nothing.
func reference[T ~string](p *T) field {
	return field{
		get: func() (driver.Value, error) {
			if *p == "" {
				return nil, nil
			}
			return string(*p), nil
		},
		set: func(src any) error {
			if *p = ""; src == nil {
				return nil
			}
			s, err := asText(src)
			*p = T(s)
			return err
		},
	}
}

// instant keeps seconds since 1970, and the zero Time as NULL.
func instant(p *time.Time) second { return second{p} }

// second is a type of its own, since it is read most often.
type second struct{ at *time.Time }

func (f second) Value() (driver.Value, error) {
	if f.at.IsZero() {
		return nil, nil
	}
	return f.at.Unix(), nil
}

func (f second) Scan(src any) error {
	if *f.at = (time.Time{}); src == nil {
		return nil
	}
	n, ok := src.(int64)
	if !ok {
		return wrongForm(src)
	}
	*f.at = time.Unix(n, 0).UTC()
	return nil
}

// list keeps a list or map as JSON, and nil as NULL, because nil and empty can mean different things.
func list[T any](p *T) field {
	return field{
		get: func() (driver.Value, error) {
			if v := reflect.ValueOf(p).Elem(); v.IsNil() {
				return nil, nil
			}
			b, err := json.Marshal(p)
			return string(b), err
		},
		set: func(src any) error {
			var fresh T
			if *p = fresh; src == nil {
				return nil
			}
			s, err := asText(src)
			if err != nil {
				return err
			}
			return json.Unmarshal([]byte(s), p)
		},
	}
}

// mapped is list for elements that are stored in a form of their own, so that a new name in the domain does not change
// what is in files.
func mapped[T, S any](p *[]T, to func(T) S, from func(S) T) field {
	return field{
		get: func() (driver.Value, error) {
			if *p == nil {
				return nil, nil
			}
			stored := make([]S, len(*p))
			for i, e := range *p {
				stored[i] = to(e)
			}
			return list(&stored).get()
		},
		set: func(src any) error {
			var stored []S
			if err := list(&stored).set(src); err != nil {
				return err
			}
			if *p = nil; stored == nil {
				return nil
			}
			*p = make([]T, len(stored))
			for i, e := range stored {
				(*p)[i] = from(e)
			}
			return nil
		},
	}
}
