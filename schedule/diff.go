package schedule

import (
	"encoding"
	"fmt"
	"reflect"
	"slices"
	"sort"
	"strings"
	"time"
)

// ChangeOp is what happened to an entry of a book.
type ChangeOp string

// The operations, as words for people.
const (
	Added   ChangeOp = "added"
	Changed ChangeOp = "changed"
	Removed ChangeOp = "removed"
	// Reordered says that entries both books have come in another order; its Key is empty.
	Reordered ChangeOp = "reordered"
)

// Change is one difference between two books.
type Change struct {
	Op ChangeOp
	// Kind is the section of a team file, such as agents, and Key the id of the entry within it.
	Kind, Key string
	// Fields are what differs, for Changed, in the order of the type's fields.
	Fields []FieldChange
}

// FieldChange is one field of an entry that differs. Old and New are texts for people, empty where nothing is stated.
type FieldChange struct {
	Name     string
	Old, New string
}

// String is one line such as: changed agents ani: contract full-time -> part-time.
func (c Change) String() string {
	text := string(c.Op) + " " + c.Kind
	if c.Key != "" {
		text += " " + c.Key
	}
	for i, f := range c.Fields {
		sep := ", "
		if i == 0 {
			sep = ": "
		}
		text += fmt.Sprintf("%s%s %s -> %s", sep, f.Name, orNone(f.Old), orNone(f.New))
	}
	return text
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

// Diff lists what turns the book into next: section by section in the order of a team file, within each what was
// added and changed in the order of next, then what was removed in the order of the book, then whether those in both
// change their order, for sections whose order is kept. Both books are to be normalized. Equal books give nothing.
func (b Book) Diff(next Book) []Change {
	var changes []Change
	if b.Team.ID == "" {
		changes = append(changes, Change{Op: Added, Kind: "team", Key: string(next.Team.ID)})
	} else if fields := diffFields(b.Team, next.Team); len(fields) > 0 {
		changes = append(changes, Change{Op: Changed, Kind: "team", Key: string(next.Team.ID), Fields: fields})
	}
	changes = diffList(changes, "shifts", b.Shifts, next.Shifts, true, func(s Shift) string { return string(s.ID) })
	changes = diffList(changes, "demand", b.Demand, next.Demand, true, func(l DemandLine) string { return string(l.ID) })
	changes = diffList(changes, "contracts", b.Contracts, next.Contracts, true, func(c Contract) string { return string(c.ID) })
	changes = diffList(changes, "rules", b.Rules, next.Rules, true, func(r Rule) string { return string(r.ID) })
	changes = diffList(changes, "patterns", b.Patterns, next.Patterns, true, func(p Pattern) string { return string(p.ID) })
	changes = diffList(changes, "rotations", b.Rotations, next.Rotations, true, func(r Rotation) string { return string(r.ID) })
	changes = diffList(changes, "holidays", b.Holidays, next.Holidays, false, Holiday.Key)
	changes = diffList(changes, "agents", b.Agents, next.Agents, true, func(a Agent) string { return string(a.ID) })
	changes = diffList(changes, "availability", b.Availability, next.Availability, true, func(a Availability) string { return string(a.ID) })
	return diffList(changes, "pins", b.Pins, next.Pins, false, Pin.Key)
}

func diffList[E any](changes []Change, kind string, old, next []E, ordered bool, key func(E) string) []Change {
	before := make(map[string]E, len(old))
	var common []string
	for _, e := range old {
		before[key(e)] = e
	}
	after := make(map[string]bool, len(next))
	for _, e := range next {
		k := key(e)
		after[k] = true
		was, had := before[k]
		if !had {
			changes = append(changes, Change{Op: Added, Kind: kind, Key: k})
			continue
		}
		common = append(common, k)
		if fields := diffFields(was, e); len(fields) > 0 {
			changes = append(changes, Change{Op: Changed, Kind: kind, Key: k, Fields: fields})
		}
	}
	var stayed []string
	for _, e := range old {
		if k := key(e); after[k] {
			stayed = append(stayed, k)
		} else {
			changes = append(changes, Change{Op: Removed, Kind: kind, Key: k})
		}
	}
	if ordered && !slices.Equal(common, stayed) {
		changes = append(changes, Change{Op: Reordered, Kind: kind})
	}
	return changes
}

// diffFields compares two values of one struct type.
func diffFields(old, next any) []FieldChange {
	var names []string
	before, after := map[string]string{}, map[string]string{}
	flatten("", reflect.ValueOf(old), before, &names)
	flatten("", reflect.ValueOf(next), after, &names)
	var fields []FieldChange
	seen := map[string]bool{}
	for _, name := range names {
		if seen[name] {
			continue
		}
		seen[name] = true
		if before[name] != after[name] {
			fields = append(fields, FieldChange{Name: name, Old: before[name], New: after[name]})
		}
	}
	return fields
}

// FieldName is the name under which a field of an entry is written in a team file and in every message: the Go name in
// lower case with underscores, unless people know it by another word.
func FieldName(goName string) string {
	if word, ok := fieldWords[goName]; ok {
		return word
	}
	var out strings.Builder
	for i, r := range goName {
		if r >= 'A' && r <= 'Z' {
			if i > 0 {
				out.WriteByte('_')
			}
			r += 'a' - 'A'
		}
		out.WriteRune(r)
	}
	return out.String()
}

var fieldWords = map[string]string{"ID": "id", "Zone": "timezone", "Recurrence": "rrule", "UID": "uid"}

// flatten writes the text of every field of a struct, the fields of nested structs under their path.
func flatten(path string, v reflect.Value, into map[string]string, names *[]string) {
	t := v.Type()
	for i := range t.NumField() {
		if !t.Field(i).IsExported() {
			continue
		}
		name := FieldName(t.Field(i).Name)
		if path != "" {
			name = path + "." + name
		}
		f := v.Field(i)
		if f.Kind() == reflect.Struct && !plain(f) {
			flatten(name, f, into, names)
			continue
		}
		*names = append(*names, name)
		into[name] = textOf(f)
	}
}

// plain reports whether a value has a text of its own, so that its fields are no concern of anybody.
func plain(v reflect.Value) bool {
	switch v.Interface().(type) {
	case fmt.Stringer, encoding.TextMarshaler:
		return true
	}
	return false
}

// textOf is a value as text for people: zero values of structs and numbers of no meaning are empty.
func textOf(v reflect.Value) string {
	switch x := v.Interface().(type) {
	case Recurrence:
		if x.IsZero() {
			return ""
		}
		return x.String()
	case time.Time:
		if x.IsZero() {
			return ""
		}
		return x.UTC().Format(time.RFC3339)
	case interface {
		IsZero() bool
		String() string
	}:
		if x.IsZero() {
			return ""
		}
		return x.String()
	case fmt.Stringer:
		return x.String()
	}
	switch v.Kind() {
	case reflect.Slice:
		parts := make([]string, v.Len())
		for i := range parts {
			parts[i] = textOf(v.Index(i))
		}
		if v.IsNil() {
			return ""
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case reflect.Map:
		parts := make([]string, 0, v.Len())
		for _, k := range v.MapKeys() {
			parts = append(parts, fmt.Sprintf("%v: %s", k, textOf(v.MapIndex(k))))
		}
		sort.Strings(parts)
		if len(parts) == 0 {
			return ""
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case reflect.Struct:
		into, names := map[string]string{}, []string{}
		flatten("", v, into, &names)
		var parts []string
		for _, n := range names {
			if into[n] != "" {
				parts = append(parts, n+" "+into[n])
			}
		}
		return "{" + strings.Join(parts, ", ") + "}"
	}
	return fmt.Sprint(v.Interface())
}
