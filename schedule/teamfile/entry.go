package teamfile

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"rota/schedule"
)

// Entry is one entry of a section in the words of a team file, for commands that show and change single entries.
type Entry struct{ n *node }

// Entries lists the entries of a section such as agents, in the order of the book and with the ids that Normalize gave.
// The countries of holidays are not entries.
func Entries(section string, book schedule.Book) ([]Entry, error) {
	_, nodes, err := sectionNodes(section, book)
	if err != nil {
		return nil, err
	}
	var list []Entry
	for _, n := range nodes {
		if n.kind == mapNode {
			list = append(list, Entry{n})
		}
	}
	return list, nil
}

func sectionNodes(name string, book schedule.Book) (section, []*node, error) {
	i := slices.IndexFunc(sections, func(s section) bool { return s.key == name })
	if i < 0 {
		return section{}, nil, fmt.Errorf("a team file has no section %q", name)
	}
	nodes, err := sections[i].write(&book)
	return sections[i], nodes, err
}

// TeamEntry is the team itself: its keys that are not the default.
func TeamEntry(team schedule.Team) (Entry, error) {
	n, err := writeFields(teamFields, &team)
	return Entry{n}, err
}

// Keys are the entry's own keys, in their order.
func (e Entry) Keys() []string {
	keys := make([]string, len(e.n.pairs))
	for i, p := range e.n.pairs {
		keys[i] = p.key.text
	}
	return keys
}

// Text is the value of a key, or of a key within it as in agents.min, as it is typed on a command line: lists with
// commas, levels as en:C1, ru:B2, a list of mappings with semicolons. It is empty when the entry does not state the key.
func (e Entry) Text(path string) string {
	n := e.n
	for key := range strings.SplitSeq(path, ".") {
		if n = n.get(key); n == nil {
			return ""
		}
	}
	return n.typed()
}

func (n *node) typed() string {
	var parts []string
	for _, item := range n.items {
		parts = append(parts, item.typed())
	}
	if len(n.items) > 0 && len(n.items[0].pairs) > 0 {
		// A list of mappings, such as crews: name:A agents:ani,bo; name:B agents:cy,dan
		for i, item := range n.items {
			var words []string
			for _, p := range item.pairs {
				words = append(words, p.key.text+":"+strings.ReplaceAll(p.value.typed(), ", ", ","))
			}
			parts[i] = strings.Join(words, " ")
		}
		return strings.Join(parts, "; ")
	}
	for _, p := range n.pairs {
		parts = append(parts, p.key.text+":"+p.value.typed())
	}
	if n.kind == scalarNode {
		return n.text
	}
	return strings.Join(parts, ", ")
}

// With is the entry with one more key at its end, for what is known of it in other words. The entry itself stays.
func (e Entry) With(key, text string) Entry {
	n := *e.n
	n.pairs = append(slices.Clone(n.pairs), pair{word(key), word(text)})
	return Entry{&n}
}

// MarshalJSON gives an object with the keys of the entry in their order; numbers, true and false as such.
func (e Entry) MarshalJSON() ([]byte, error) {
	var out bytes.Buffer
	err := e.n.json(&out)
	return out.Bytes(), err
}

func (n *node) json(out *bytes.Buffer) error {
	put := func(v any) error {
		enc := json.NewEncoder(out)
		enc.SetEscapeHTML(false)
		err := enc.Encode(v)
		out.Truncate(out.Len() - 1) // the line end
		return err
	}
	switch n.kind {
	case nullNode:
		return put(nil)
	case listNode:
		out.WriteByte('[')
		for i, item := range n.items {
			if i > 0 {
				out.WriteByte(',')
			}
			if err := item.json(out); err != nil {
				return err
			}
		}
		out.WriteByte(']')
		return nil
	case mapNode:
		out.WriteByte('{')
		for i, p := range n.pairs {
			if i > 0 {
				out.WriteByte(',')
			}
			if err := put(p.key.text); err != nil {
				return err
			}
			out.WriteByte(':')
			if err := p.value.json(out); err != nil {
				return err
			}
		}
		out.WriteByte('}')
		return nil
	}
	switch {
	case n.plain && (n.text == "true" || n.text == "false"):
		return put(n.text == "true")
	case n.plain && isNumber(n.text) && json.Valid([]byte(n.text)):
		return put(json.Number(n.text))
	}
	return put(n.text)
}

// Value is what a command line says about one key of an entry: the key, or a path such as agents.min, and its text as
// Entry.Text gives it. An empty text takes the key away.
type Value struct{ Key, Text string }

// exclusive are keys that stating another takes away, since an entry can state one of them.
var exclusive = map[string][]string{
	"date": {"dates"}, "dates": {"date"}, "days": {"rrule"}, "rrule": {"days"},
	"availability.date": {"from", "to"}, "pins.slot": {"shift", "date"}, "pins.shift": {"slot"}, "pins.date": {"slot"},
}

// EditTeam changes keys of the team itself, such as quiet or messages.digest_at; an empty text brings the default back.
// Otherwise it is like Edit.
func EditTeam(book schedule.Book, values ...Value) (schedule.Book, error) {
	entry, err := writeFields(teamFields, &book.Team)
	if err != nil {
		return book, err
	}
	for i, v := range values {
		set("team", entry, v, i+1)
	}
	r := newReader("")
	next := book
	next.Team = schedule.NewTeam("", "", "")
	next.Team.Holidays = book.Team.Holidays // stated in a section of its own
	readFields(r, entry, "team", "key", teamFields, &next.Team, nil)
	return next, r.found.Err()
}

// Edit changes entry index of a section, counted as in Entries, or adds one at the end when index is -1. It gives a new
// book, not yet judged by Validate; the one given is left as it is. The error is a [Problems], in which a Line is the
// place of the value in values, from 1, and 0 for the entry as a whole; or another error for an unknown section.
func Edit(section string, index int, book schedule.Book, values ...Value) (schedule.Book, error) {
	s, nodes, err := sectionNodes(section, book)
	if err != nil {
		return book, err
	}
	before := 0
	for before < len(nodes) && nodes[before].kind == scalarNode {
		before++
	}
	at := len(nodes)
	if index >= 0 {
		at = before + index
	}
	if at > len(nodes) || index >= 0 && at == len(nodes) {
		return book, fmt.Errorf("%s has no entry %d", section, index+1)
	}
	entry := &node{kind: mapNode}
	if at < len(nodes) {
		entry = nodes[at]
	} else {
		nodes = append(nodes, entry)
	}
	for i, v := range values {
		set(section, entry, v, i+1)
	}
	r := newReader("")
	next := book
	blank(&next, section)
	s.read(r, &node{kind: listNode, items: nodes}, &next)
	return next, r.found.Err()
}

// blank empties a section, so that reading fills it anew.
func blank(b *schedule.Book, section string) {
	switch section {
	case "shifts":
		b.Shifts = nil
	case "demand":
		b.Demand = nil
	case "contracts":
		b.Contracts = nil
	case "rules":
		b.Rules = nil
	case "patterns":
		b.Patterns = nil
	case "rotations":
		b.Rotations = nil
	case "holidays":
		b.Team.Holidays, b.Holidays = nil, nil
	case "agents":
		b.Agents = nil
	case "availability":
		b.Availability = nil
	case "pins":
		b.Pins = nil
	}
}

func set(section string, entry *node, v Value, line int) {
	for _, key := range slices.Concat(exclusive[v.Key], exclusive[section+"."+v.Key]) {
		entry.remove(key)
	}
	if d := entry.get("date"); section == "availability" && (v.Key == "from" || v.Key == "to") && d != nil {
		entry.remove("date")
		entry.add("from", d)
		entry.add("to", d)
	}
	if section == "rules" && v.Key == "force" && v.Text != string(schedule.Weighted) {
		entry.remove("weight")
	}
	n := entry
	path := strings.Split(v.Key, ".")
	for _, key := range path[:len(path)-1] {
		inner := n.get(key)
		if inner == nil {
			if v.Text == "" {
				return
			}
			inner = &node{kind: mapNode, line: line}
			n.add(key, inner)
		}
		n = inner
	}
	key := path[len(path)-1]
	if v.Text == "" {
		n.remove(key)
		// A mapping that states nothing more goes too.
		if len(path) == 2 && len(n.pairs) == 0 {
			entry.remove(path[0])
		}
		return
	}
	value := &node{kind: scalarNode, line: line, text: v.Text, plain: true, cell: true}
	if section == "rules" && strings.Contains(v.Text, ",") && !slices.Contains(names(ruleFields), key) {
		value = &node{kind: listNode, line: line, items: value.split()}
	}
	for i := range n.pairs {
		if n.pairs[i].key.text == key {
			n.pairs[i].value = value
			return
		}
	}
	n.pairs = append(n.pairs, pair{&node{kind: scalarNode, line: line, text: key, plain: true}, value})
}

func (n *node) remove(key string) {
	n.pairs = slices.DeleteFunc(n.pairs, func(p pair) bool { return p.key.text == key })
}

// TeamOf is the team that a file is about, also when the file has problems; empty when it does not say.
func TeamOf(data []byte) schedule.TeamID {
	root := parseYAML(data, func(int, int, string, string) {})
	if root == nil {
		return ""
	}
	if n := root.get("team"); n != nil && n.kind == scalarNode {
		return schedule.TeamID(n.text)
	}
	return ""
}
