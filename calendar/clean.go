package calendar

import (
	"net/url"
	"strings"
	"unicode/utf8"
)

// The longest texts that feeds carry, in bytes. Longer ones are cut at a rune.
const (
	maxLine = 500
	maxText = 8000
)

// cleanText is the only way for a text of several lines into a calendar. Line ends become LF; other control characters,
// which readers drop, choke on or take for line ends, go; bytes that are no UTF-8 become U+FFFD.
func cleanText(s string) string { return clean(s, '\n', maxText) }

// cleanLine is the only way for a text of one line into a calendar: cleanText with spaces for line ends.
func cleanLine(s string) string {
	return strings.TrimSpace(clean(s, ' ', maxLine))
}

// plain reports whether every byte is printable ASCII or the line end, so that clean would leave the text as it is: the
// common case is spared a copy.
func plain(s string, lineEnd byte) bool {
	for i := range len(s) {
		if (s[i] < 0x20 || s[i] >= 0x7f) && s[i] != lineEnd {
			return false
		}
	}
	return true
}

// clean drops control characters and writes line ends as lineEnd, LF or a space.
func clean(s string, lineEnd rune, longest int) string {
	if plain(s, byte(lineEnd)) && len(s) <= longest {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	after := rune(0)
	for _, r := range s {
		last := after
		after = r
		switch {
		case r == '\n' && last == '\r':
			continue // the CR has become the line end
		case r == '\n' || r == '\r' || r == 0x85 || r == 0x2028 || r == 0x2029:
			r = lineEnd
		case r == '\t':
			r = ' '
		case r < 0x20 || r >= 0x7f && r < 0xa0:
			continue
		}
		if b.Len()+utf8.RuneLen(r) > longest {
			break
		}
		b.WriteRune(r)
	}
	return b.String()
}

// cleanName is cleanLine for the name of a calendar, where some clients take commas and semicolons, escaped or not, for
// the end of it.
func cleanName(s string) string {
	return strings.Join(strings.Fields(cleanLine(strings.NewReplacer(",", " ", ";", " ", `\`, " ").Replace(s))), " ")
}

// cleanLink is the link in a form that cannot break out of its line, empty unless it is an absolute http, https, tel,
// sip or mailto address.
func cleanLink(s string) string {
	s = cleanLine(s)
	u, err := url.Parse(s)
	if err != nil || s == "" {
		return ""
	}
	switch u.Scheme {
	case "http", "https":
		if u.Host == "" {
			return ""
		}
	case "tel", "sip", "sips", "mailto":
	default:
		return ""
	}
	out := u.String()
	if !plain(out, ' ') || strings.ContainsAny(out, " \"") {
		return ""
	}
	return out
}
