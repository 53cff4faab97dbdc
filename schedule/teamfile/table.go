package teamfile

import (
	"fmt"
	"reflect"
	"slices"

	"rota/schedule"
)

// field is one key of an entry of type T: how it is read, written and found again.
type field[T any] struct {
	key  string
	what string
	// need says that an entry without the key makes no sense.
	need bool
	// path is the key's path in problems of package schedule when it is not the key itself; "." is the entry's own.
	path string
	read func(r *reader, n *node, at string, v *T)
	// write gives nil for a key to leave out.
	write func(v *T) (*node, error)
	// copy takes the field over from another entry, for tables that state some columns only.
	copy func(to, from *T)
	// words are the keys within the value.
	words []string
}

// key is a field whose value is part of the entry. It is left out when it says nothing.
func key[T, V any](name string, c codec[V], of func(*T) *V) field[T] {
	return field[T]{key: name, what: c.what, words: c.words,
		read: func(r *reader, n *node, at string, v *T) {
			if got, ok := c.read(r, n, at); ok {
				*of(v) = got
			}
		},
		write: func(v *T) (*node, error) {
			if c.isEmpty(*of(v)) {
				return nil, nil
			}
			return c.write(*of(v))
		},
		copy: func(to, from *T) { *of(to) = *of(from) },
	}
}

// always is a key of a mapping within the entry that is always written, because its presence says something.
func always[T, V any](name string, c codec[V], of func(*T) *V) field[T] {
	f := key(name, c, of)
	f.write = func(v *T) (*node, error) { return c.write(*of(v)) }
	return f
}

func (f field[T]) needed() field[T] { f.need = true; return f }

func (f field[T]) at(path string) field[T] { f.path = path; return f }

// group is a mapping whose keys are fields of the entry itself. Its path is path; "." for the entry's own.
func group[T any](name, path string, fields []field[T]) field[T] {
	return field[T]{key: name, what: "a mapping", path: path, words: names(fields),
		read: func(r *reader, n *node, at string, v *T) { readFields(r, n, at, "key of "+name, fields, v, nil) },
		write: func(v *T) (*node, error) {
			n, err := writeFields(fields, v)
			if err != nil || len(n.pairs) == 0 {
				return nil, err
			}
			return n, nil
		},
	}
}

// object is a mapping with a value of its own.
func object[V any](noun string, fields []field[V]) codec[V] {
	return codec[V]{what: "a mapping", words: names(fields),
		read: func(r *reader, n *node, at string) (v V, ok bool) {
			return v, readFields(r, n, at, "key of "+noun, fields, &v, nil)
		},
		write: func(v V) (*node, error) { return writeFields(fields, &v) },
	}
}

// names are the keys of fields.
func names[T any](fields []field[T]) []string {
	out := make([]string, len(fields))
	for i, f := range fields {
		out[i] = f.key
	}
	return out
}

// join is the path of a field within at.
func (f field[T]) join(at string) string {
	switch f.path {
	case ".":
		return at
	case "":
		return at + "." + f.key
	}
	return at + "." + f.path
}

// readFields reads a mapping into v. Unknown keys go to other, when there is one; a key that looks like a known one is
// reported and then read as that one, so that nothing else is said about it.
func readFields[T any](r *reader, n *node, at, noun string, fields []field[T], v *T, other func(pair) bool) bool {
	if n.kind != mapNode {
		if n.kind == nullNode {
			r.bad(n, at, lastWord(at)+" has no value", "give a mapping such as {"+fields[0].key+": ...}")
		} else {
			r.bad(n, at, fmt.Sprintf("%s stands where a mapping is needed", n.describe()), "write {"+fields[0].key+": ...}")
		}
		return false
	}
	if _, known := r.places[at]; !known {
		r.mark(at, n)
	}
	seen := map[string]bool{}
	for _, p := range n.pairs {
		i := slices.IndexFunc(fields, func(f field[T]) bool { return f.key == p.key.text })
		if i < 0 && other != nil && other(p) {
			continue
		}
		if i < 0 {
			near := r.unknownKey(p.key, noun, names(fields))
			if near == "" || n.has(near) {
				continue
			}
			p.key.text = near
			i = slices.IndexFunc(fields, func(f field[T]) bool { return f.key == near })
		}
		f := fields[i]
		seen[f.key] = true
		path := f.join(at)
		if f.path != "." {
			r.mark(path, p.value)
		}
		if f.read != nil {
			f.read(r, p.value, path, v)
		}
	}
	for _, f := range fields {
		switch {
		case !f.need || seen[f.key]:
		case n.partial:
			r.damage(f.join(at))
		default:
			r.bad(n, f.join(at), fmt.Sprintf("%s is missing", f.key), "give "+f.what)
		}
	}
	return true
}

func writeFields[T any](fields []field[T], v *T) (*node, error) {
	out := &node{kind: mapNode}
	for _, f := range fields {
		n, err := f.write(v)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.key, err)
		}
		if n != nil {
			out.add(f.key, n)
		}
	}
	return out, nil
}

// section is a list of entries of a book.
type section struct {
	key   string
	words []string
	read  func(r *reader, n *node, b *schedule.Book)
	// write gives the entries, nil for none.
	write func(b *schedule.Book) ([]*node, error)
	count func(b *schedule.Book) int
	most  int
}

// entries is a section whose entries are mappings. after finishes an entry with what no single key can say.
func entries[T any](name, noun string, most int, fields []field[T], of func(*schedule.Book) *[]T,
	after func(r *reader, n *node, at string, v *T), other func(r *reader, at string, v *T) func(pair) bool) section {
	return section{key: name, words: names(fields), most: most,
		count: func(b *schedule.Book) int { return len(*of(b)) },
		read: func(r *reader, n *node, b *schedule.Book) {
			out := of(b)
			for _, item := range r.entries(n, name, most) {
				if v, ok := readEntry(r, item, name, noun, len(*out), fields, *new(T), after, other); ok {
					*out = append(*out, v)
				} else {
					r.unsure[noun] = true
					// The path belongs to the next entry that can be read.
					delete(r.damaged, entryPath(name, len(*out)))
				}
			}
		},
		write: func(b *schedule.Book) ([]*node, error) {
			var nodes []*node
			for i := range *of(b) {
				n, err := writeFields(fields, &(*of(b))[i])
				if err != nil {
					return nil, fmt.Errorf("%s %d: %w", name, i+1, err)
				}
				nodes = append(nodes, n)
			}
			return nodes, nil
		},
	}
}

// readEntry reads one entry, beginning from v.
func readEntry[T any](r *reader, n *node, name, noun string, index int, fields []field[T], v T,
	after func(r *reader, n *node, at string, v *T), other func(r *reader, at string, v *T) func(pair) bool) (T, bool) {
	at := entryPath(name, index)
	r.mark(at, n)
	var take func(pair) bool
	if other != nil {
		take = other(r, at, &v)
	}
	if !readFields(r, n, at, "key of "+noun, fields, &v, take) {
		return v, false
	}
	if r.damaged[at+".id"] {
		r.unsure[noun] = true
	}
	if after != nil {
		after(r, n, at, &v)
	}
	return v, true
}

// entries gives the items of a section, none when it is no list.
func (r *reader) entries(n *node, name string, most int) []*node {
	switch {
	case n.kind == nullNode:
		return nil
	case n.kind != listNode:
		r.bad(n, name, fmt.Sprintf("%s is %s here, and a list is needed", name, n.describe()), "begin each entry with - on a line of its own")
		r.unsure[singular[name]] = true
		return nil
	case len(n.items) > most:
		over := n.items[most]
		r.report(over.line, over.column, fmt.Sprintf("%s has %d entries, more than the %d that a team file may have", name, len(n.items), most), "")
		return n.items[:most]
	}
	return n.items
}

// equal compares any two values.
func equal(a, b any) bool { return reflect.DeepEqual(a, b) }
