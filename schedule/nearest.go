package schedule

import (
	"fmt"
	"strings"
)

// Nearest is the candidate that looks most like the word, for "did you mean": the one at the least edit distance
// (bytes inserted, deleted, replaced or swapped with the neighbour, in any case), if that is at most a third of the longer
// word, rounded up. Among equals it is the first candidate. ok is false when none is near.
func Nearest(word string, candidates []string) (best string, ok bool) {
	if len(word) > 2*maxID {
		return "", false // nothing is that long, and the comparison is quadratic
	}
	w := strings.ToLower(word)
	least := -1
	for _, c := range candidates {
		l := strings.ToLower(c)
		if d := editDistance(w, l); d <= (max(len(w), len(l))+2)/3 && (least < 0 || d < least) {
			best, least = c, d
		}
	}
	return best, least >= 0 && word != ""
}

// UnknownError is a word that names nothing. Nearest is the valid word it most looks like, empty when none is near.
type UnknownError struct {
	Noun    string // what the word should have named, such as contract
	Word    string
	Nearest string
	Valid   []string // every valid word, in their order; for short lists
}

// Error is a sentence such as: unknown contract "full-tme", did you mean "full-time"?
func (e *UnknownError) Error() string {
	text := fmt.Sprintf("unknown %s %q", e.Noun, e.Word)
	switch {
	case e.Nearest != "":
		text += fmt.Sprintf(", did you mean %q?", e.Nearest)
	case len(e.Valid) > 0 && len(e.Valid) <= 12:
		text += "; use one of " + strings.Join(e.Valid, ", ")
	}
	return text
}

func unknown[T ~string](noun, word string, valid []T) *UnknownError {
	words := make([]string, len(valid))
	for i, v := range valid {
		words[i] = string(v)
	}
	near, _ := Nearest(word, words)
	return &UnknownError{Noun: noun, Word: word, Nearest: near, Valid: words}
}

// parseWord finds a word of a closed list.
func parseWord[T ~string](noun, word string, valid []T) (T, error) {
	for _, v := range valid {
		if word == string(v) {
			return v, nil
		}
	}
	return "", unknown(noun, word, valid)
}
