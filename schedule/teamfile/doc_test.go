package teamfile

import (
	"os"
	"strings"
	"testing"
)

// TestDocumentation holds docs/team-file.md to the reader: every key is explained in the table of its section, nothing
// else is, and every example is a file that can be read.
func TestDocumentation(t *testing.T) {
	data, err := os.ReadFile("../../docs/team-file.md")
	if err != nil {
		t.Fatal(err)
	}
	told := map[string]bool{}
	section, example, inExample := "", "", false
	examples := 0
	for i, line := range strings.Split(string(data), "\n") {
		switch {
		case line == "```yaml":
			inExample, example = true, ""
		case line == "```" && inExample:
			inExample = false
			examples++
			if !strings.HasPrefix(example, "team:") {
				example = context(example)
			}
			if _, err := Read("docs/team-file.md", []byte(example)); err != nil {
				t.Errorf("the example that ends on line %d: %v\n%s", i+1, err, example)
			}
		case inExample:
			example += line + "\n"
		case strings.HasPrefix(line, "## "):
			section = strings.Trim(strings.TrimPrefix(line, "## "), "`")
		case strings.HasPrefix(line, "| `"):
			key, _, _ := strings.Cut(strings.TrimPrefix(line, "| `"), "`")
			if section != "The team" {
				key = section + "." + key
			}
			told[key] = true
		}
	}
	if examples < 10 {
		t.Errorf("there are %d examples", examples)
	}
	for _, key := range Keys() {
		if !told[key] && !isSection(key) {
			t.Errorf("%s is not explained", key)
		}
		delete(told, key)
	}
	for key := range told {
		if section, _, _ := strings.Cut(key, "."); isSection(section) || !strings.Contains(key, ".") {
			t.Errorf("%s is explained, but is no key", key)
		}
	}
}

func isSection(key string) bool {
	for _, s := range sections {
		if s.key == key {
			return true
		}
	}
	return false
}

// context makes a file of an example that shows one section: what the section refers to is stated after it.
func context(example string) string {
	file := "team: harbor\ntimezone: Asia/Yerevan\n" + example
	for _, part := range []struct{ key, text string }{
		{"shifts", `  - {id: early, start: "08:00", end: "16:00"}
  - {id: late, start: "16:00", end: "00:00"}
  - {id: night, start: "00:00", end: "08:00", tags: [night]}
`},
		{"contracts", "  - {id: full-time, hours_per_week: {target: 40, max: 40}}\n  - {id: half-time, hours_per_week: {max: 20}}\n"},
		{"agents", `  - {id: ani, name: Ani, contract: full-time, languages: {en: C1, es: C1, ru: C1}, skills: {chat: 3}, tags: [senior]}
  - {id: davit, name: Davit, contract: full-time, languages: {en: C1, es: C1, ru: C1}, skills: {chat: 3}}
  - {id: lilit, name: Lilit, contract: half-time, languages: {en: C1}, skills: {chat: 1}}
  - {id: narek, name: Narek, contract: full-time, languages: {en: C1}, skills: {chat: 2}}
`},
	} {
		if !strings.Contains("\n"+example, "\n"+part.key+":") {
			file += part.key + ":\n" + part.text
		}
	}
	return file
}
