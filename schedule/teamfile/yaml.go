package teamfile

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// The limits of a team file. The parser recurses with the depth of its input and is quadratic in the keys of a block
// mapping, so both are counted on the tokens before it runs.
const (
	MaxSize    = 512 << 10 // bytes
	maxTokens  = 200_000
	maxDepth   = 20  // lists and mappings within each other
	maxAliases = 200 // anchors, aliases and tags
	maxKeys    = 500 // of one block mapping
	maxNodes   = 200_000
	maxKey     = 200 // bytes of a key
)

// parseYAML gives the single document of the text as a node; nil when it is empty or broken. All troubles are reported
// through bad.
func parseYAML(data []byte, bad func(line, column int, message, hint string)) (root *node) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if !checkText(data, bad) {
		return nil
	}
	defer func() {
		// The parser is not ours; whatever it trips over is a bad file to the person who wrote it.
		if e := recover(); e != nil {
			bad(1, 1, "the file cannot be understood as YAML", "")
			root = nil
		}
	}()
	tokens := lexer.Tokenize(string(data))
	if !checkTokens(tokens, bad) {
		return nil
	}
	file, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		if !reportTabs(data, bad) {
			line, column, message := 1, 1, "it cannot be understood"
			// Error would draw the lines around the place, which takes long where lines are long.
			if e, ok := err.(interface {
				GetToken() *token.Token
				GetMessage() string
			}); ok {
				message = e.GetMessage()
				if t := e.GetToken(); t != nil && t.Position != nil {
					line, column = t.Position.Line, t.Position.Column
				}
			}
			message, _, _ = strings.Cut(message, "\n")
			bad(line, column, "not YAML: "+clean(message), yamlHint(message))
		}
		return nil
	}
	c := &converter{bad: bad, anchors: map[string]ast.Node{}}
	for _, doc := range file.Docs {
		if d, ok := doc.Body.(*ast.DirectiveNode); ok {
			line, column := place(d)
			bad(line, column, "a team file has no directives", "remove the line that begins with %")
			return nil
		}
		if doc.Body == nil {
			continue
		}
		if root != nil {
			line, column := place(doc.Body)
			if doc.Start != nil {
				line, column = doc.Start.Position.Line, doc.Start.Position.Column
			}
			bad(line, column, "a second document begins here", "a team file is one document; keep each team in a file of its own")
			break
		}
		root = c.convert(doc.Body, 0)
	}
	return root
}

// checkText refuses what is no text a person could have written.
func checkText(data []byte, bad func(line, column int, message, hint string)) bool {
	if len(data) > MaxSize {
		bad(1, 1, fmt.Sprintf("the file has %d bytes, more than the %d that a team file may have", len(data), MaxSize), "")
		return false
	}
	line, column := 1, 1
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			bad(line, column, "the text is not UTF-8", "save the file as UTF-8")
			return false
		case r == '\n':
			line, column = line+1, 0
		case r < ' ' && r != '\t' && r != '\r' || r == 0x7f:
			bad(line, column, fmt.Sprintf("the text holds a control character, %U", r), "remove it")
			return false
		}
		i, column = i+size, column+1
	}
	return true
}

// checkTokens applies the limits.
func checkTokens(tokens token.Tokens, bad func(line, column int, message, hint string)) bool {
	refuse := func(t *token.Token, message, hint string) bool {
		bad(t.Position.Line, t.Position.Column, message, hint)
		return false
	}
	depth, dashes, aliases, lastLine := 0, 0, 0, 0
	keys := map[int]int{} // column of a block mapping to its keys so far
	for i, t := range tokens {
		at := t.Position
		if i >= maxTokens {
			return refuse(t, "the file is too long", fmt.Sprintf("a team file has at most %d words and marks", maxTokens))
		}
		first := at.Line != lastLine
		if first {
			lastLine, dashes = at.Line, 0
			if depth == 0 && t.Type != token.CommentType {
				for c := range keys {
					if c > at.Column {
						delete(keys, c)
					}
				}
			}
		}
		switch t.Type {
		case token.SequenceStartType, token.MappingStartType:
			depth++
		case token.SequenceEndType, token.MappingEndType:
			depth = max(depth-1, 0)
		case token.SequenceEntryType:
			dashes++
			for c := range keys {
				if c > at.Column {
					delete(keys, c)
				}
			}
		case token.AnchorType, token.AliasType, token.TagType, token.DirectiveType:
			aliases++
		case token.MappingKeyType:
			return refuse(t, "a key marked with ? is not used here", "write key: value")
		case token.MappingValueType:
			if i > 0 && len(tokens[i-1].Value) > maxKey {
				return refuse(tokens[i-1], "the key is too long", "no key of a team file is")
			}
			if i > 0 && depth == 0 {
				c := tokens[i-1].Position.Column
				if keys[c]++; keys[c] > maxKeys {
					return refuse(tokens[i-1], "the mapping has too many keys", "")
				}
			}
		}
		if depth > maxDepth || dashes > maxDepth || len(keys) > 4*maxDepth {
			return refuse(t, "lists and mappings are nested too deeply", "")
		}
		if aliases > maxAliases {
			return refuse(t, fmt.Sprintf("the file has more than %d anchors, aliases and tags", maxAliases), "")
		}
	}
	return true
}

// reportTabs names every line that is indented with a tab, the usual reason why a text that looks right is no YAML.
func reportTabs(data []byte, bad func(line, column int, message, hint string)) bool {
	found := false
	for i, line := range strings.Split(string(data), "\n") {
		indent := line[:len(line)-len(strings.TrimLeft(line, " \t"))]
		rest := strings.TrimSpace(line)
		if at := strings.IndexByte(indent, '\t'); at >= 0 && rest != "" && rest[0] != '#' {
			bad(i+1, at+1, "the line is indented with a tab", "use spaces")
			found = true
		}
	}
	return found
}

// yamlHint turns what the parser says into what a person can do.
func yamlHint(message string) string {
	switch {
	case strings.Contains(message, "mapping value is not allowed"):
		return "put text with a colon into quotes, or check the indentation"
	case strings.Contains(message, "value is not allowed in this context"):
		return "check the indentation of this line and the ones around it"
	case strings.Contains(message, "']' not found") || strings.Contains(message, "end token ']'"):
		return "close the bracket"
	case strings.Contains(message, "'}' not found") || strings.Contains(message, "end token '}'"):
		return "close the brace, and put commas between the keys"
	case strings.Contains(message, "must be specified"):
		return "close the bracket or brace before this, and put commas between values"
	case strings.Contains(message, "quoted text"):
		return "close the quotes"
	case strings.Contains(message, "reserved character") || strings.Contains(message, "cannot start any token"):
		return "put the text into quotes"
	case strings.Contains(message, "escape character"):
		return `write \\ for a backslash, or use single quotes`
	}
	return ""
}

// converter turns the parser's tree into nodes, follows aliases and reports what team files do not use.
type converter struct {
	bad     func(line, column int, message, hint string)
	anchors map[string]ast.Node
	made    int
	full    bool
}

func place(n ast.Node) (line, column int) {
	t := n.GetToken()
	if m, ok := n.(*ast.MappingNode); ok && m.Start != nil && !m.IsFlowStyle && len(m.Values) > 0 {
		t = m.Values[0].Key.GetToken()
	}
	if t == nil || t.Position == nil {
		return 1, 1
	}
	return t.Position.Line, t.Position.Column
}

// convert gives nil for what could not be converted and was reported.
func (c *converter) convert(n ast.Node, depth int) *node {
	if n == nil {
		return &node{kind: nullNode, line: 1, column: 1}
	}
	line, column := place(n)
	if c.made++; c.made > maxNodes || depth > 3*maxDepth {
		if !c.full {
			c.full = true
			c.bad(line, column, "aliases make the file too large or too deep", "write it out")
		}
		return nil
	}
	out := &node{line: line, column: column}
	switch n := n.(type) {
	case *ast.NullNode:
		return out
	case *ast.StringNode:
		out.kind, out.text = scalarNode, n.Value
		out.plain = n.Token.Type != token.SingleQuoteType && n.Token.Type != token.DoubleQuoteType
	case *ast.LiteralNode:
		out.kind = scalarNode
		if n.Value != nil {
			out.text = n.Value.Value
		}
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		out.kind, out.text, out.plain = scalarNode, n.GetToken().Value, true
	case *ast.SequenceNode:
		out.kind = listNode
		for _, v := range n.Values {
			if item := c.convert(v, depth+1); item != nil {
				out.items = append(out.items, item)
			}
		}
	case *ast.MappingNode:
		out.kind = mapNode
		c.pairs(out, n.Values, depth)
	case *ast.MappingValueNode:
		out.kind = mapNode
		c.pairs(out, []*ast.MappingValueNode{n}, depth)
		if len(out.pairs) > 0 {
			out.line, out.column = out.pairs[0].key.line, out.pairs[0].key.column
		}
	case *ast.AnchorNode:
		value := c.convert(n.Value, depth+1)
		c.anchors[n.Name.GetToken().Value] = n.Value // only now, so that it cannot hold itself
		return value
	case *ast.AliasNode:
		name := n.Value.GetToken().Value
		target, known := c.anchors[name]
		if !known {
			c.bad(line, column, fmt.Sprintf("alias %s has no anchor before it", shorten("*"+name)), "")
			return nil
		}
		return c.convert(target, depth+1)
	case *ast.TagNode:
		c.bad(line, column, "YAML tags are not used here", "remove "+shorten(n.Start.Value))
		return nil
	default:
		c.bad(line, column, "this part of YAML is not used here", "")
		return nil
	}
	return out
}

func (c *converter) pairs(out *node, values []*ast.MappingValueNode, depth int) {
	first := map[string]int{}
	defer func() { out.partial = len(out.pairs) < len(values) }()
	for _, v := range values {
		if _, merge := v.Key.(*ast.MergeKeyNode); merge {
			line, column := place(v.Key)
			c.bad(line, column, "the merge key << is not used here", "write the keys out, or use an alias as a value")
			continue
		}
		key := c.convert(v.Key, depth+1)
		if key == nil {
			continue
		}
		if key.kind != scalarNode {
			// A plain null or a list as a key; its token is what the person typed.
			key = &node{kind: scalarNode, line: key.line, column: key.column, text: v.Key.GetToken().Value}
		}
		if line, twice := first[key.text]; twice {
			c.bad(key.line, key.column, fmt.Sprintf("key %s stands twice, first on line %d", shorten(key.text), line), "")
			continue
		}
		first[key.text] = key.line
		value := c.convert(v.Value, depth+1)
		if value == nil {
			continue
		}
		if value.kind == nullNode {
			value.line, value.column = key.line, key.column
		}
		out.pairs = append(out.pairs, pair{key, value})
	}
}

// shorten quotes what a person typed, cut to a length that fits a line.
func shorten(s string) string {
	const most = 60
	if n := 0; len(s) > most {
		for i := range s {
			if n = i; i > most {
				break
			}
		}
		return fmt.Sprintf("%q...", s[:n])
	}
	return fmt.Sprintf("%q", s)
}

// clean makes a text of others fit for one line.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
}
