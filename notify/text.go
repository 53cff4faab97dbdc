package notify

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Content is a message as people read it, free of any service's notation.
type Content struct {
	Title   string
	Lines   []Line
	Buttons []Button
}

// Line is one line of text; an empty one separates.
type Line []Span

// SpanKind is what a span of text is.
type SpanKind int

const (
	Plain SpanKind = iota
	Bold
	// Mention calls a person: User is their Slack id, Text their name.
	Mention
	// Instant is a moment shown in the reader's own zone: At, with Text where that cannot be done. Plain text, which has no
	// reader, leaves out the line it is on.
	Instant
)

// Span is a stretch of text of one kind. Text is plain: whatever it holds has no meaning to any service.
type Span struct {
	Kind SpanKind
	Text string
	User string
	At   time.Time
}

// Button is something the reader can do. Action names it and Value says to what, in words without spaces separated by one.
type Button struct {
	Action Action
	Text   string
	Value  string
	// Primary marks the expected one, Danger one that is not to be pressed by chance.
	Primary, Danger bool
}

// Text is the content as plain text: title, lines, and the buttons in brackets.
func (c Content) Text() string {
	var b strings.Builder
	b.WriteString(c.Title)
	for _, l := range c.Lines {
		if !l.HasInstant() {
			b.WriteString("\n" + l.Text())
		}
	}
	if len(c.Buttons) > 0 {
		b.WriteString("\n")
	}
	for i, x := range c.Buttons {
		if i > 0 {
			b.WriteString(" ")
		}
		b.WriteString("[" + x.Text + "]")
	}
	return b.String()
}

// HasInstant reports whether the line holds a moment on the reader's own clock.
func (l Line) HasInstant() bool {
	return slices.ContainsFunc(l, func(s Span) bool { return s.Kind == Instant })
}

// Text is the line as plain text, mentions as @name.
func (l Line) Text() string {
	var b strings.Builder
	for _, s := range l {
		if s.Kind == Mention {
			b.WriteByte('@')
		}
		b.WriteString(s.Text)
	}
	return b.String()
}

// Marks frame the spans of a rendered template. They are control characters, which tidy takes out of everything people
// wrote: so no name and no note can forge one.
const (
	markOpen  = "\x02"
	markPart  = "\x1f"
	markClose = "\x03"
)

func mark(kind string, parts ...string) string {
	return markOpen + kind + strings.Join(parts, markPart) + markClose
}

func mentionMark(user, name string) string {
	if user == "" {
		return name
	}
	return mark("@", user, name)
}

func boldMark(s string) string { return mark("*", s) }

func instantMark(t time.Time, fallback string) string {
	return mark("t", strconv.FormatInt(t.Unix(), 10), fallback)
}

// parseContent reads a rendered template: the first line is the title, the rest the text.
func parseContent(s string) Content {
	title, body, _ := strings.Cut(strings.Trim(s, "\n"), "\n")
	c := Content{Title: strings.TrimSpace(parseLine(title).Text())}
	blank := true
	for _, l := range strings.Split(body, "\n") {
		l = strings.TrimRight(l, " ")
		if l == "" && blank {
			continue
		}
		blank = l == ""
		c.Lines = append(c.Lines, parseLine(l))
	}
	for len(c.Lines) > 0 && len(c.Lines[len(c.Lines)-1]) == 0 {
		c.Lines = c.Lines[:len(c.Lines)-1]
	}
	return c
}

func parseLine(s string) Line {
	var line Line
	plain := func(t string) {
		if t = tidy(t); t != "" {
			line = append(line, Span{Text: t})
		}
	}
	for {
		before, rest, found := strings.Cut(s, markOpen)
		plain(before)
		if !found {
			return line
		}
		inner, after, closed := strings.Cut(rest, markClose)
		if !closed || inner == "" {
			plain(rest)
			return line
		}
		parts := strings.Split(inner[1:], markPart)
		switch kind := inner[0]; {
		case kind == '*':
			line = append(line, Span{Kind: Bold, Text: tidy(parts[0])})
		case kind == '@' && len(parts) == 2:
			line = append(line, Span{Kind: Mention, User: tidy(parts[0]), Text: tidy(parts[1])})
		case kind == 't' && len(parts) == 2:
			sec, _ := strconv.ParseInt(parts[0], 10, 64)
			line = append(line, Span{Kind: Instant, At: time.Unix(sec, 0).UTC(), Text: tidy(parts[1])})
		default:
			plain(strings.Join(parts, " "))
		}
		s = after
	}
}

// tidy makes text that people wrote harmless: valid UTF-8, no control characters but line feeds, none of the invisible
// ones that turn the direction of the text after them.
func tidy(s string) string {
	s = strings.ToValidUTF8(strings.NewReplacer("\r\n", "\n", "\t", " ").Replace(s), "\uFFFD")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r < 0x20, r == 0x7f, r >= 0x80 && r < 0xa0, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069:
			return -1
		}
		return r
	}, s)
}

// oneLine is tidy text without line feeds, cut to n characters.
func oneLine(s string, n int) string {
	return Cut(strings.Join(strings.Fields(strings.ReplaceAll(tidy(s), "\n", " ")), " "), n)
}

// Cut shortens text to at most n characters, the last of them an ellipsis where something was left out. It never cuts
// within a character.
func Cut(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	if n < 1 {
		return ""
	}
	i, runes := 0, 0
	for i = range s {
		if runes == n-1 {
			break
		}
		runes++
	}
	return s[:i] + "…"
}
