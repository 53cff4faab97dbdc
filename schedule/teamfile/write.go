package teamfile

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"rota/schedule"
)

// width is the column after which an entry goes on in the next line, where it can.
const width = 120

// Write gives the team file of a book: one line per entry where it fits, keys in a fixed order, nothing that is the
// default, no ids that Normalize would give back, no comments. Read gives the normalized book back. The same book gives
// the same bytes. It is an error when the book holds what no team file can say, such as a time beyond 24:00.
func Write(book schedule.Book) ([]byte, error) {
	bare := book.WithoutDerivedIDs()
	var out strings.Builder
	team, err := writeFields(teamFields, &bare.Team)
	if err != nil {
		return nil, err
	}
	for _, p := range team.pairs {
		writeLine(&out, "", 2, p.key.emit()+": ", p.value)
	}
	for _, s := range sections {
		nodes, err := s.write(&bare)
		if err != nil {
			return nil, err
		}
		if len(nodes) == 0 {
			continue
		}
		if s.key == "holidays" && nodes[len(nodes)-1].kind == scalarNode {
			out.WriteByte('\n')
			writeLine(&out, "", 2, "holidays: ", &node{kind: listNode, items: nodes})
			continue
		}
		fmt.Fprintf(&out, "\n%s:\n", s.key)
		for _, n := range nodes {
			writeLine(&out, "  ", 5, "- ", n)
		}
	}
	if out.Len() > MaxSize {
		return nil, fmt.Errorf("the team file would have %d bytes, more than %d", out.Len(), MaxSize)
	}
	return []byte(out.String()), nil
}

// writeLine writes a value after its lead, going on with the indent given where the line grows too long.
func writeLine(out *strings.Builder, margin string, indent int, lead string, n *node) {
	line := margin + lead
	for i, part := range n.parts() {
		if i > 0 && utf8.RuneCountInString(line)+utf8.RuneCountInString(strings.TrimRight(part, " ")) > width {
			out.WriteString(strings.TrimRight(line, " ") + "\n")
			line = strings.Repeat(" ", indent)
		}
		line += part
	}
	out.WriteString(line + "\n")
}

// parts is the text of a value in flow style, cut where a line may break: between its own keys, and within a value only
// when that is long.
func (n *node) parts() []string {
	var parts []string
	open := ""
	put := func(s string) {
		parts = append(parts, open+s)
		open = ""
	}
	var walk func(n *node, depth int, tail string)
	walk = func(n *node, depth int, tail string) {
		if depth > 0 && n.kind != scalarNode {
			if flat := n.flat(); utf8.RuneCountInString(flat) <= width/2 {
				put(flat + tail)
				return
			}
		}
		switch n.kind {
		case listNode, mapNode:
			left, right, size := "[", "]", len(n.items)
			if n.kind == mapNode {
				left, right, size = "{", "}", len(n.pairs)
			}
			open += left
			if size == 0 {
				put(right + tail)
				return
			}
			for i := range size {
				end := ", "
				if i == size-1 {
					end = right + tail
				}
				if n.kind == listNode {
					walk(n.items[i], depth+1, end)
				} else {
					open += n.pairs[i].key.emit() + ": "
					walk(n.pairs[i].value, depth+1, end)
				}
			}
		default:
			put(n.emit() + tail)
		}
	}
	walk(n, 0, "")
	return parts
}

// flat is the text of a value on one line.
func (n *node) flat() string {
	var parts []string
	for _, item := range n.items {
		parts = append(parts, item.flat())
	}
	for _, p := range n.pairs {
		parts = append(parts, p.key.emit()+": "+p.value.flat())
	}
	switch n.kind {
	case listNode:
		return "[" + strings.Join(parts, ", ") + "]"
	case mapNode:
		return "{" + strings.Join(parts, ", ") + "}"
	}
	return n.emit()
}

// emit is a scalar as YAML, in quotes unless it is plain.
func (n *node) emit() string {
	if n.plain {
		return n.text
	}
	var out strings.Builder
	out.WriteByte('"')
	for _, c := range n.text {
		switch {
		case c == '"' || c == '\\':
			out.WriteByte('\\')
			out.WriteRune(c)
		case c == '\n':
			out.WriteString(`\n`)
		case c == '\t':
			out.WriteString(`\t`)
		case c == ' ' || unicode.IsGraphic(c) && !unicode.Is(unicode.Zs, c):
			out.WriteRune(c)
		case c <= 0xff:
			fmt.Fprintf(&out, `\x%02x`, c)
		case c <= 0xffff:
			fmt.Fprintf(&out, `\u%04x`, c)
		default:
			fmt.Fprintf(&out, `\U%08x`, c)
		}
	}
	out.WriteByte('"')
	return out.String()
}

// isPlain reports whether a text can stand without quotes and then means the same to every reader of YAML.
func isPlain(s string) bool {
	if s == "" || strings.HasSuffix(s, " ") || strings.Contains(s, "  ") {
		return false
	}
	for i, c := range s {
		switch {
		case unicode.IsLetter(c):
		case i == 0:
			return false
		case c >= '0' && c <= '9' || unicode.IsMark(c) || strings.ContainsRune(" -_./@+", c):
		default:
			return false
		}
	}
	switch strings.ToLower(s) {
	case "true", "false", "null", "yes", "no", "on", "off", "y", "n", "none":
		return false
	}
	return true
}

// isNumber reports whether a plain scalar is meant as a number.
func isNumber(s string) bool {
	s = strings.TrimPrefix(s, "-")
	return s != "" && s[0] >= '0' && s[0] <= '9' && strings.Trim(s, "0123456789.") == ""
}
