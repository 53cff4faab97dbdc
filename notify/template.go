package notify

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"sync"
	"text/template"

	"rota/schedule"
)

//go:embed templates
var builtin embed.FS

// Templates are texts of a team's own, by kind. Nil is none. It is not changed once made, and safe for concurrent use.
type Templates map[schedule.MessageKind]*template.Template

// View is what a template sees. Every text in it that people wrote is tidied, and times are on the reader's clock: for a
// person their own, for a channel the team's. Fields that say nothing about a kind are empty.
type View struct {
	Kind schedule.MessageKind
	// Team is the team's name and Zone the name of the reader's zone.
	Team, Zone string
	// At is the moment the message is about, In how far it is away, Until the end of an offer or of a silence and From
	// the beginning of the silence.
	At, From, Until Moment
	In              string
	// Names are the slots that begin, joined; Slot is the one slot of a message, Slots are those of a digest.
	Names string
	Slot  SlotView
	Slots []SlotView
	// Who is the agent a message to somebody else is about.
	Who Person
	// With are the colleagues on the slot. Leaving, Coming, Staying and OnNow are those around a boundary, Taken those
	// who took over, Candidates those who could.
	With, Leaving, Coming, Staying, OnNow, Taken, Candidates []Person
	// Covered and Uncovered are languages and skills with until when; Gaps are open demand, in words.
	Covered, Uncovered, Gaps []string
	// Standing are the notes without a slot, Notes those of the slots that end.
	Standing []string
	Notes    []NoteView
	// Changes are at most 40, First says that nothing was published before, and More how many lines are left out.
	Changes []ChangeView
	First   bool
	More    int
	// Reason is what a person adds, Ended why an offer is over.
	Reason, Ended string
	// Total and Items are the messages that were missed.
	Total int
	Items []string
}

// Person is somebody named in a message.
type Person struct {
	ID   schedule.AgentID
	Name string
	user string
}

// Mention calls the person where the service can do that, otherwise it is the name.
func (p Person) Mention() string { return mentionMark(p.user, p.Name) }

// SlotView is a slot in a message. When and TeamWhen are its times on the reader's and on the team's clock; TeamWhen is
// empty where both show the same.
type SlotView struct {
	ID             schedule.SlotID
	Name           string
	Start, End     Moment
	When, TeamWhen string
	// Notes are those of the demand, Place is where the work is done or the link to it.
	Notes []string
	Place string
	// On is who works it, where a message lists slots.
	On []Person
}

// NoteView is a note left by somebody.
type NoteView struct{ From, Text string }

// ChangeView is one line of a change: What is new, gone or moved. Team is the new times on the team's clock, empty where
// both clocks agree.
type ChangeView struct{ What, Before, After, Team string }

var functions = template.FuncMap{
	"people":   func(list []Person) string { return join(list, func(p Person) string { return p.Name }) },
	"mentions": func(list []Person) string { return join(list, Person.Mention) },
	"bold":     boldMark,
	"count":    count,
}

func join(list []Person, text func(Person) string) string {
	var parts []string
	for _, p := range list {
		parts = append(parts, text(p))
	}
	return strings.Join(parts, ", ")
}

var defaults = sync.OnceValue(func() Templates {
	set := Templates{}
	for _, kind := range Kinds() {
		text, err := fs.ReadFile(builtin, "templates/"+string(kind)+".tmpl")
		if err != nil {
			panic(err) // every kind has its file in the binary; a test sees to it
		}
		set[kind] = template.Must(template.New(string(kind)).Funcs(functions).Parse(string(text)))
	}
	return set
})

// BuiltinTemplate is the text that is used for a kind unless a team has its own; empty for an unknown kind.
func BuiltinTemplate(kind schedule.MessageKind) string {
	text, err := fs.ReadFile(builtin, "templates/"+string(kind)+".tmpl")
	if err != nil {
		return ""
	}
	return string(text)
}

// ParseTemplates reads the texts of a team, in the language of text/template: the first line is the title. Each is tried
// on an example, so that a misspelt field is found now and not at night. All problems are reported at once, joined.
func ParseTemplates(texts map[schedule.MessageKind]string) (Templates, error) {
	set := Templates{}
	var problems []error
	for _, kind := range Kinds() {
		text, has := texts[kind]
		if !has {
			continue
		}
		t, err := template.New(string(kind)).Funcs(functions).Option("missingkey=error").Parse(text)
		if err == nil {
			_, err = renderWith(t, exampleView(kind))
		}
		if err != nil {
			problems = append(problems, err)
			continue
		}
		set[kind] = t
	}
	for kind := range texts {
		if _, err := ParseKind(string(kind)); err != nil {
			problems = append(problems, err)
		}
	}
	return set, errors.Join(problems...)
}

// LoadTemplates reads the files <kind>.tmpl of a folder; other files are passed over. See ParseTemplates.
func LoadTemplates(dir fs.FS) (Templates, error) {
	texts := map[schedule.MessageKind]string{}
	names, err := fs.Glob(dir, "*.tmpl")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		text, err := fs.ReadFile(dir, name)
		if err != nil {
			return nil, err
		}
		texts[schedule.MessageKind(strings.TrimSuffix(name, ".tmpl"))] = string(text)
	}
	return ParseTemplates(texts)
}

// render writes a view as content. A template of the team's own that breaks on real values gives way to the built-in one:
// an oddly worded reminder is better than none.
func (t Templates) render(v View) (Content, error) {
	if own := t[v.Kind]; own != nil {
		if c, err := renderWith(own, v); err == nil {
			return c, nil
		}
	}
	return renderWith(defaults()[v.Kind], v)
}

func renderWith(t *template.Template, v View) (Content, error) {
	if t == nil {
		return Content{}, fmt.Errorf("there is no template for messages of kind %q", v.Kind)
	}
	var b bytes.Buffer
	if err := t.Execute(&b, v); err != nil {
		return Content{}, err
	}
	c := parseContent(b.String())
	if c.Title == "" {
		return c, fmt.Errorf("template: %s: the first line, which is the title, is empty", v.Kind)
	}
	return c, nil
}
