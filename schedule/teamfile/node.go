package teamfile

// node is a value of a file with its place, free of the notation it came from: YAML, or a cell of a CSV file. The
// writer builds the same nodes.
type node struct {
	kind         nodeKind
	line, column int
	// text is a scalar's; plain says that it stood without quotes, so that 11 is a number and "11" a word.
	text  string
	plain bool
	// cell says that the scalar is a cell of a table, in which lists are written with spaces, commas or semicolons.
	cell  bool
	items []*node
	pairs []pair
	// partial says that some of the pairs were refused already, so that none is said to be missing.
	partial bool
}

type nodeKind int

const (
	nullNode nodeKind = iota
	scalarNode
	listNode
	mapNode
)

type pair struct{ key, value *node }

// get is the value of a key, nil when the map has none or the node is no map.
func (n *node) get(key string) *node {
	for _, p := range n.pairs {
		if p.key.text == key {
			return p.value
		}
	}
	return nil
}

// has reports whether the map states the key.
func (n *node) has(key string) bool { return n.get(key) != nil }

// describe says what a node is, for messages.
func (n *node) describe() string {
	switch n.kind {
	case nullNode:
		return "nothing"
	case listNode:
		return "a list"
	case mapNode:
		return "a mapping of keys to values"
	}
	return shorten(n.text)
}

// raw is a scalar written without quotes: numbers, dates and words that need none.
func raw(text string) *node { return &node{kind: scalarNode, text: text, plain: true} }

// word is a scalar that the writer quotes where YAML needs it.
func word(text string) *node { return &node{kind: scalarNode, text: text, plain: isPlain(text)} }

func (n *node) add(key string, value *node) {
	n.pairs = append(n.pairs, pair{word(key), value})
}
