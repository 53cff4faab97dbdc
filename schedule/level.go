package schedule

import (
	"fmt"
	"strconv"
	"strings"
)

// Level is how well someone speaks a language, on the CEFR scale with native above it. Levels are ordered: a need for
// B2 is met by B2, C1, C2 and native. The zero Level is "not at all".
type Level int

// The levels of the scale, ascending.
const (
	A1 Level = iota + 1
	A2
	B1
	B2
	C1
	C2
	Native
)

var levelNames = []string{"", "A1", "A2", "B1", "B2", "C1", "C2", "native"}

// Levels lists the names that ParseLevel accepts, ascending.
func Levels() []string { return append([]string(nil), levelNames[1:]...) }

// ParseLevel reads a level in any case. The error for an unknown word names the nearest level.
func ParseLevel(s string) (Level, error) {
	for i, name := range levelNames {
		if i > 0 && strings.EqualFold(s, name) {
			return Level(i), nil
		}
	}
	return 0, unknown("level", s, levelNames[1:])
}

// String is the name that ParseLevel reads, empty for the zero Level.
func (l Level) String() string {
	if l < 0 || int(l) >= len(levelNames) {
		return fmt.Sprintf("level %d", int(l))
	}
	return levelNames[l]
}

// MarshalText gives the form of String.
func (l Level) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// UnmarshalText reads what MarshalText gives.
func (l *Level) UnmarshalText(text []byte) (err error) {
	if *l = 0; len(text) > 0 {
		*l, err = ParseLevel(string(text))
	}
	return err
}

// SkillLevel is how well someone masters a skill, from 1 (learning) to 5 (teaches it). Zero is "not at all".
type SkillLevel int

// MaxSkill is the highest SkillLevel.
const MaxSkill SkillLevel = 5

// ParseSkillLevel reads a whole number from 1 to 5.
func ParseSkillLevel(s string) (SkillLevel, error) {
	n, err := strconv.Atoi(s)
	if err != nil || !SkillLevel(n).Valid() {
		return 0, fmt.Errorf("bad skill level %q: use a whole number from 1 to %d", s, MaxSkill)
	}
	return SkillLevel(n), nil
}

// Valid reports whether the level is within 1 to 5.
func (l SkillLevel) Valid() bool { return l >= 1 && l <= MaxSkill }
