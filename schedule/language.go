package schedule

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"golang.org/x/text/language"
)

// Language is a BCP-47 tag in canonical form, such as en, pt-BR or zh-Hant. Make one with ParseLanguage; two equal
// languages are then equal strings. A need for en is not met by en-GB alone: state what agents speak as the needs do.
type Language string

// ParseLanguage reads a BCP-47 tag whose parts are registered, and gives its canonical form.
func ParseLanguage(s string) (Language, error) {
	tag, err := language.Parse(s)
	if err != nil {
		return "", fmt.Errorf("bad language %q: use a BCP-47 tag such as en, es or pt-BR", s)
	}
	if tag == language.Und {
		return "", fmt.Errorf("bad language %q: it names no language", s)
	}
	return Language(tag.String()), nil
}

// sortedKeys lists the keys of a map, ascending, so that output never depends on the order of a map.
func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K {
	return slices.Sorted(maps.Keys(m))
}
