package schedule

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// ValueKind is what a parameter's value is.
type ValueKind int

const (
	// NoValue is the kind of the zero Value.
	NoValue ValueKind = iota
	// NumberValue is a number of up to three decimals, in the unit of the parameter.
	NumberValue
	// TextValue is a word: a tag, a skill, a shift.
	TextValue
	// ListValue is several words, in an order.
	ListValue
	// FlagValue is yes or no.
	FlagValue
)

var kindNames = map[ValueKind]string{NoValue: "nothing", NumberValue: "a number", TextValue: "a word",
	ListValue: "a list", FlagValue: "true or false"}

// String says what the kind is, with its article.
func (k ValueKind) String() string { return kindNames[k] }

// Value is the value of one parameter. Numbers are exact to a thousandth. The zero Value is "not given".
type Value struct {
	kind  ValueKind
	milli int64 // numbers in thousandths; 1 for a flag that is on
	text  string
	list  []string
}

// Number is a whole number.
func Number(n int) Value { return Value{kind: NumberValue, milli: int64(n) * 1000} }

// Decimal is a number rounded to thousandths; one that is not finite or beyond a billion is the zero Value.
func Decimal(f float64) Value {
	if math.IsNaN(f) || math.Abs(f) > 1e9 {
		return Value{}
	}
	return Value{kind: NumberValue, milli: int64(math.Round(f * 1000))}
}

// Text is a word.
func Text(s string) Value { return Value{kind: TextValue, text: s} }

// List is several words. It keeps its own copy.
func List(words ...string) Value { return Value{kind: ListValue, list: slices.Clone(words)} }

// Flag is yes or no.
func Flag(on bool) Value {
	v := Value{kind: FlagValue}
	if on {
		v.milli = 1
	}
	return v
}

// ParseValue reads a value as typed on a command line: a number such as 11 or 37.5, true or false, a list of words with
// commas between, or else a word.
func ParseValue(s string) Value {
	s = strings.TrimSpace(s)
	if milli, ok := parseMilli(s); ok {
		return Value{kind: NumberValue, milli: milli}
	}
	switch {
	case s == "true" || s == "false":
		return Flag(s == "true")
	case strings.Contains(s, ","):
		var words []string
		for w := range strings.SplitSeq(s, ",") {
			if w = strings.TrimSpace(w); w != "" {
				words = append(words, w)
			}
		}
		return List(words...)
	}
	return Text(s)
}

// parseMilli reads a decimal number of at most nine digits before the point and three after it.
func parseMilli(s string) (int64, bool) {
	digitsOnly, negative := strings.CutPrefix(s, "-")
	whole, part, point := strings.Cut(digitsOnly, ".")
	if point && (part == "" || len(part) > 3) {
		return 0, false
	}
	n, ok := digits(whole)
	if !ok {
		return 0, false
	}
	m := 0
	if point {
		if m, ok = digits((part + "00")[:3]); !ok {
			return 0, false
		}
	}
	milli := int64(n)*1000 + int64(m)
	if negative {
		milli = -milli
	}
	return milli, true
}

// Kind says what the value is.
func (v Value) Kind() ValueKind { return v.kind }

// IsZero reports whether the value is not given.
func (v Value) IsZero() bool { return v.kind == NoValue }

// Int is the number when it is a whole one.
func (v Value) Int() (int, bool) {
	return int(v.milli / 1000), v.kind == NumberValue && v.milli%1000 == 0
}

// Float is the number, 0 for other kinds.
func (v Value) Float() float64 {
	if v.kind != NumberValue {
		return 0
	}
	return float64(v.milli) / 1000
}

// Hours reads the number as hours and gives whole minutes, rounded to the nearest.
func (v Value) Hours() (Minutes, bool) {
	n := v.milli * 60
	return Minutes(math.Round(float64(n) / 1000)), v.kind == NumberValue
}

// Words is the list, or the word as a list of one; nil for other kinds. The result is the caller's.
func (v Value) Words() []string {
	switch v.kind {
	case TextValue:
		return []string{v.text}
	case ListValue:
		return slices.Clone(v.list)
	}
	return nil
}

// Text is the word, empty for other kinds.
func (v Value) Text() string { return v.text }

// On reports whether the value is a flag that says yes.
func (v Value) On() bool { return v.kind == FlagValue && v.milli == 1 }

// Equal reports whether the two are the same kind and value.
func (v Value) Equal(o Value) bool {
	return v.kind == o.kind && v.milli == o.milli && v.text == o.text && slices.Equal(v.list, o.list)
}

// String is the value as it would be typed; ParseValue reads it back, lists of one word and words that look like
// numbers excepted.
func (v Value) String() string {
	switch v.kind {
	case NumberValue:
		return strconv.FormatFloat(float64(v.milli)/1000, 'f', -1, 64)
	case FlagValue:
		return strconv.FormatBool(v.milli == 1)
	case ListValue:
		return strings.Join(v.list, ",")
	}
	return v.text
}

// MarshalJSON gives a number, a string, an array of strings, a boolean or null.
func (v Value) MarshalJSON() ([]byte, error) {
	switch v.kind {
	case NumberValue, FlagValue:
		return []byte(v.String()), nil
	case TextValue:
		return json.Marshal(v.text)
	case ListValue:
		return json.Marshal(append([]string{}, v.list...))
	}
	return []byte("null"), nil
}

// UnmarshalJSON reads what MarshalJSON gives.
func (v *Value) UnmarshalJSON(data []byte) error {
	var raw any
	if err := json.Unmarshal(data, &raw); err != nil {
		return err
	}
	value, err := ValueOf(raw)
	*v = value
	return err
}

// ValueOf takes a value as a decoder of JSON or YAML gives it: numbers, strings, booleans, lists of strings and
// numbers, and nil for the zero Value.
func ValueOf(raw any) (Value, error) {
	switch x := raw.(type) {
	case nil:
		return Value{}, nil
	case bool:
		return Flag(x), nil
	case string:
		return Text(x), nil
	case []string:
		return List(x...), nil
	case []any:
		words := make([]string, len(x))
		for i, e := range x {
			switch e.(type) {
			case nil, []any, map[string]any:
				return Value{}, errors.New("a list holds words only")
			}
			words[i] = fmt.Sprint(e)
		}
		return List(words...), nil
	case float64:
		if v := Decimal(x); !v.IsZero() {
			return v, nil
		}
	default:
		if milli, ok := parseMilli(fmt.Sprint(raw)); ok {
			return Value{kind: NumberValue, milli: milli}, nil
		}
	}
	return Value{}, fmt.Errorf("%v cannot be a parameter: use a number, a word, a list of words, true or false", raw)
}

// Params are the parameters of a rule by name. The getters never fail: they give the fallback when a parameter is not
// given or is of another kind, because the catalogue has checked kinds before. A nil Params holds nothing.
type Params map[string]Value

// Names lists the parameters, ascending.
func (p Params) Names() []string { return sortedKeys(p) }

// Has reports whether the parameter is given.
func (p Params) Has(name string) bool { return !p[name].IsZero() }

// Int is a whole number.
func (p Params) Int(name string, fallback int) int {
	if n, ok := p[name].Int(); ok {
		return n
	}
	return fallback
}

// Hours is a parameter given in hours.
func (p Params) Hours(name string, fallback Minutes) Minutes {
	if m, ok := p[name].Hours(); ok {
		return m
	}
	return fallback
}

// Minutes is a parameter given in whole minutes.
func (p Params) Minutes(name string, fallback Minutes) Minutes {
	return Minutes(p.Int(name, int(fallback)))
}

// Text is a word.
func (p Params) Text(name, fallback string) string {
	if v := p[name]; v.Kind() == TextValue {
		return v.Text()
	}
	return fallback
}

// Words is a list, or a single word as a list of one; nil when it is not given.
func (p Params) Words(name string) []string { return p[name].Words() }

// Flag is yes or no.
func (p Params) Flag(name string, fallback bool) bool {
	if v := p[name]; v.Kind() == FlagValue {
		return v.On()
	}
	return fallback
}

// Equal reports whether the two hold the same values.
func (p Params) Equal(o Params) bool {
	if len(p) != len(o) {
		return false
	}
	for name, v := range p {
		if w, ok := o[name]; !ok || !v.Equal(w) {
			return false
		}
	}
	return true
}

// Unit is what the amounts of a finding and the numbers of a parameter count.
type Unit string

// The units of the catalogue.
const (
	UnitNone        Unit = ""
	UnitMinutes     Unit = "minutes"
	UnitHours       Unit = "hours"
	UnitDays        Unit = "days"
	UnitWeeks       Unit = "weeks"
	UnitWeekends    Unit = "weekends"
	UnitSlots       Unit = "slots"
	UnitAgents      Unit = "agents"
	UnitChanges     Unit = "changes"
	UnitPoints      Unit = "points"
	UnitShifts      Unit = "shifts"
	UnitLevel       Unit = "level"
	UnitPercent     Unit = "percent"
	UnitAssignments Unit = "assignments"
)
