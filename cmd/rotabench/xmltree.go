package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

// element is one element of an XML document, with the line it starts on, so
// that a reader can say where something is wrong.
type element struct {
	Name string
	Attr map[string]string
	Text string // trimmed character data, that of children left out
	Line int
	Kids []*element
}

const (
	maxDepth    = 16
	maxElements = 1 << 20
)

// parseXML reads a document with one root element of the given name. It adds
// a problem and returns nil when there is none.
func parseXML(ps *problems, data []byte, root string) *element {
	dec := xml.NewDecoder(bytes.NewReader(data))
	var stack []*element
	var texts []*strings.Builder
	var top *element
	count := 0
	for {
		line, _ := dec.InputPos()
		tok, err := dec.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			line, _ = dec.InputPos()
			var syn *xml.SyntaxError
			if errors.As(err, &syn) {
				ps.addf(line, "%s", syn.Msg)
			} else {
				ps.addf(line, "%s", strings.TrimPrefix(err.Error(), "xml: "))
			}
			return nil
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			if count++; count > maxElements {
				ps.addf(line, "more than %d elements", maxElements)
				return nil
			}
			if len(stack) >= maxDepth {
				ps.addf(line, "elements nested deeper than %d", maxDepth)
				return nil
			}
			line, _ = dec.InputPos()
			e := &element{Name: tok.Name.Local, Line: line}
			for _, a := range tok.Attr {
				if e.Attr == nil {
					e.Attr = make(map[string]string, len(tok.Attr))
				}
				e.Attr[a.Name.Local] = a.Value
			}
			switch {
			case len(stack) > 0:
				up := stack[len(stack)-1]
				up.Kids = append(up.Kids, e)
			case top != nil:
				ps.addf(line, "a second root element: %s", quote(e.Name))
				return nil
			default:
				top = e
			}
			stack = append(stack, e)
			texts = append(texts, &strings.Builder{})
		case xml.EndElement:
			n := len(stack) - 1
			stack[n].Text = strings.TrimSpace(texts[n].String())
			stack, texts = stack[:n], texts[:n]
		case xml.CharData:
			if n := len(texts); n > 0 {
				texts[n-1].Write(tok)
			}
		}
	}
	switch {
	case top == nil:
		ps.addf(0, "no XML element")
	case top.Name != root:
		ps.addf(top.Line, "root element %s, want %s", quote(top.Name), root)
		return nil
	}
	return top
}

// kid is the only child of a name. It adds a problem and returns an empty
// element on the parent's line when there is none, or more than one.
func (e *element) kid(ps *problems, name string) *element {
	k, n := e.maybe(name)
	if n != 1 {
		ps.addf(e.Line, "%s has %d elements %s, want one", e.Name, n, name)
	}
	if k == nil {
		return &element{Name: name, Line: e.Line}
	}
	return k
}

// maybe is the first child of a name, nil if there is none, and how many there are.
func (e *element) maybe(name string) (first *element, n int) {
	for _, k := range e.Kids {
		if k.Name == name {
			if n++; first == nil {
				first = k
			}
		}
	}
	return first, n
}

// each calls f for every child and adds a problem for those of other names.
func (e *element) each(ps *problems, name string, f func(*element)) {
	for _, k := range e.Kids {
		if k.Name == name {
			f(k)
		} else {
			ps.addf(k.Line, "%s in %s, want %s", quote(k.Name), e.Name, name)
		}
	}
}
