package calendar

import (
	"math/rand/v2"
	"strings"
	"testing"

	ics "github.com/arran4/golang-ical"
)

// folded is a line as we write it and as the library does.
func folded(t *testing.T, name, value string) (ours, theirs string) {
	t.Helper()
	var x encoder
	x.fold(name, value)
	if x.err != nil {
		t.Fatal(x.err)
	}
	var b strings.Builder
	p := ics.BaseProperty{IANAToken: name, Value: value}
	if err := p.SerializeTo(&b, folding); err != nil {
		t.Fatal(err)
	}
	return string(x.b), b.String()
}

func TestLinesAreThoseOfTheLibrary(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	letters := []string{"a", "b", " ", " ", ",", ";", `\`, "\n", "<", ">", "word", "longerword", ":", `"`, "é", "日本", "🙂", "Ա"}
	for n := range 20_000 {
		var b strings.Builder
		kinds := len(letters)
		if n%4 > 0 {
			kinds -= 4 // plain ASCII
		}
		for range random.IntN(200) {
			b.WriteString(letters[random.IntN(kinds)])
		}
		for _, name := range []string{"SUMMARY", "DESCRIPTION"} {
			if ours, theirs := folded(t, name, b.String()); ours != theirs {
				t.Fatalf("%q is written\n%q\nand not\n%q", b.String(), ours, theirs)
			}
		}
	}
}

// FuzzFold compares with the library and counts octets.
func FuzzFold(f *testing.F) {
	f.Add("With Ani Petrosyan, Tom; and \\ others\nNote: bring <it> along, please, and do not forget the key to the office")
	f.Add(strings.Repeat("x", 300))
	f.Add(strings.Repeat("日本 ", 40))
	f.Fuzz(func(t *testing.T, s string) {
		ours, theirs := folded(t, "DESCRIPTION", cleanText(s))
		if ours != theirs {
			t.Fatalf("%q is written\n%q\nand not\n%q", s, ours, theirs)
		}
		for line := range strings.SplitSeq(ours, lineEnd) {
			if len(line) > 75 || strings.ContainsAny(line, "\r\n") {
				t.Errorf("%q is one line", line)
			}
		}
	})
}
