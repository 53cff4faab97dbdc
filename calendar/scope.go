package calendar

import (
	"fmt"
	"slices"
	"strings"

	"rota/schedule"
)

// Kind is what a feed is about.
type Kind string

const (
	// Personal is one agent's own slots, and their leave if the team shows it.
	Personal Kind = "personal"
	// Everybody is every slot of the team.
	Everybody Kind = "team"
	// OneShift is every slot of one shift.
	OneShift Kind = "shift"
	// OneLanguage is the slots of the agents who speak a language at LanguageLevel or above.
	OneLanguage Kind = "language"
	// Open is the slots with fewer agents than their target, for those who want more hours.
	Open Kind = "open"
)

// LanguageLevel is the level from which a language feed counts an agent, the same that demand means when it states none.
const LanguageLevel = schedule.B2

// Kinds lists the kinds, in the order of their constants.
func Kinds() []Kind { return []Kind{Personal, Everybody, OneShift, OneLanguage, Open} }

// Scope is what of a team a feed shows. It is comparable with ==.
type Scope struct {
	Team schedule.TeamID
	Kind Kind
	// Subject is the agent, shift or language; empty for Everybody and Open.
	Subject string
}

// PersonalScope is the scope of an agent's own feed.
func PersonalScope(team schedule.TeamID, agent schedule.AgentID) Scope {
	return Scope{Team: team, Kind: Personal, Subject: string(agent)}
}

// ParseScope reads what String gives: personal:ani, team, shift:late, language:es or open.
func ParseScope(team schedule.TeamID, s string) (Scope, error) {
	kind, subject, _ := strings.Cut(s, ":")
	scope := Scope{Team: team, Kind: Kind(kind), Subject: subject}
	return scope, scope.Check()
}

// Check says whether the scope has a known kind, and a subject where the kind needs one.
func (s Scope) Check() error {
	switch {
	case !slices.Contains(Kinds(), s.Kind):
		return fmt.Errorf("bad feed %q: use personal:AGENT, team, shift:SHIFT, language:TAG or open", s.String())
	case s.Kind == Everybody || s.Kind == Open:
		if s.Subject != "" {
			return fmt.Errorf("bad feed %q: %s takes nothing after the colon", s.String(), s.Kind)
		}
	case s.Kind == OneLanguage:
		tag, err := schedule.ParseLanguage(s.Subject)
		if err != nil {
			return err
		}
		if string(tag) != s.Subject {
			return fmt.Errorf("bad feed %q: write the language as %s", s.String(), tag)
		}
	case s.Kind == Personal || s.Kind == OneShift:
		if err := schedule.CheckID(schedule.AgentID(s.Subject)); err != nil {
			return fmt.Errorf("bad feed %q: %w", s.String(), err)
		}
	}
	return nil
}

// String is the kind and, after a colon, the subject.
func (s Scope) String() string {
	if s.Subject == "" {
		return string(s.Kind)
	}
	return string(s.Kind) + ":" + s.Subject
}
