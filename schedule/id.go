package schedule

import (
	"fmt"
	"strings"
)

// The ids are distinct types, so that an agent cannot be passed where a shift is meant. All but SlotID and UID are
// chosen by people, typed on command lines and written into files: see CheckID for what they may look like. The empty
// id always means "none".
type (
	// TeamID names a team, unique within a database.
	TeamID string
	// AgentID names a person, unique within a team.
	AgentID string
	// ShiftID names a shift template, unique within a team.
	ShiftID string
	// ContractID names a contract, unique within a team.
	ContractID string
	// DemandID names a demand line, unique within a team. See Book.Normalize for the ids of lines that have none.
	DemandID string
	// RuleID names one use of a rule, unique within a team; the same rule can be used twice with other parameters.
	RuleID string
	// AvailabilityID names an availability entry, unique within a team.
	AvailabilityID string
	// PatternID names a rotation string, unique within a team, built-in ones included.
	PatternID string
	// RotationID names the use of a pattern by crews, unique within a team.
	RotationID string
	// UID is the opaque permanent name of an assignment, as calendars know it. It is given by the store when the pair
	// of slot and agent is first saved, and comes back when the same pair comes back. It says nothing about either.
	UID string
)

// AnyShift is what a demand line names when it means every shift.
const AnyShift ShiftID = "*"

// maxID is the longest id in bytes, short enough for a column of a table.
const maxID = 64

// CheckID says whether an id can be used: 1 to 64 ASCII letters, digits, '-', '_' and '.', beginning with a letter or
// a digit. So an id never needs quoting in a shell, a URL or a team file, and '@' and '*' stay free for slots and
// selectors.
func CheckID[T ~string](id T) error {
	s := string(id)
	if s == "" {
		return fmt.Errorf("the id is empty")
	}
	if len(s) > maxID {
		return fmt.Errorf("id %q is longer than %d characters", s, maxID)
	}
	for i := range len(s) {
		c := s[i]
		alnum := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		if !alnum && (i == 0 || !strings.ContainsRune("-_.", rune(c))) {
			return fmt.Errorf("bad id %q: use letters, digits, '-', '_' and '.', beginning with a letter or digit", s)
		}
	}
	return nil
}

// SlotID names one dated occurrence of a shift: the shift's id, '@', and the occurrence's date in the shift's own
// zone, as in late@2026-12-19. It stays the same when the shift's hours change.
type SlotID string

// MakeSlotID is the id of the occurrence of a shift on a date of the shift's zone.
func MakeSlotID(shift ShiftID, date Date) SlotID { return SlotID(string(shift) + "@" + date.String()) }

// ParseSlotID reads the form late@2026-12-19.
func ParseSlotID(s string) (ShiftID, Date, error) {
	shift, day, found := strings.Cut(s, "@")
	if !found {
		return "", Date{}, fmt.Errorf("bad slot %q: write shift@date, such as late@2026-12-19", s)
	}
	if err := CheckID(ShiftID(shift)); err != nil {
		return "", Date{}, fmt.Errorf("bad slot %q: %w", s, err)
	}
	date, err := ParseDate(day)
	if err != nil {
		return "", Date{}, fmt.Errorf("bad slot %q: %w", s, err)
	}
	return ShiftID(shift), date, nil
}

// Shift is the part before '@', empty for text that is no slot id.
func (id SlotID) Shift() ShiftID {
	shift, _, err := ParseSlotID(string(id))
	if err != nil {
		return ""
	}
	return shift
}

// Date is the part after '@', the zero Date for text that is no slot id.
func (id SlotID) Date() Date {
	_, date, err := ParseSlotID(string(id))
	if err != nil {
		return Date{}
	}
	return date
}
