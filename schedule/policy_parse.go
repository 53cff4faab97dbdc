package schedule

import (
	"fmt"
	"strings"
)

// maxPolicy is the longest statement in bytes: a sentence, not a program.
const maxPolicy = 1000

// ParsePolicy reads a statement. The grammar, in words of any case, commas left out:
//
//	policy  = least | most | never
//	least   = ( "someone" | [ "at least" ] NUMBER agents ) { who } "at every instant" { when }
//	most    = ( "nobody" | "at most" NUMBER agents ) { who } "at any instant" { when }
//	never   = "never" NUMBER agents { who } [ "alone" ] { when }
//	agents  = "agent" | "agents"
//	who     = [ "and" | "but" ] ( with | below | "tagged" TAG | "on contract" CONTRACT | "named" AGENT { "or" AGENT } | "not named" ... )
//	with    = "with" ( LANGUAGE LEVEL | SKILL [ 1..5 ] )
//	below   = "below" ( LANGUAGE LEVEL | SKILL 1..5 )
//	when    = "on" DAYS | "at weekends" | "on holidays" | "at night" | "between" TIME "and" TIME | "during" SHIFT
//	          | "during shifts tagged" TAG | "from" DATE "to" DATE
//	DAYS    = "weekdays" | DAY { DAY }
//
// NUMBER is digits or a word up to twelve; LEVEL is A1 to C2 or native. "never" NUMBER means so many or more at once; with
// "alone", so many or more and nobody else. The error is a *PolicyError.
func ParsePolicy(text string) (Policy, error) {
	q := Policy{Text: text}
	if len(text) > maxPolicy {
		return q, &PolicyError{At: 0, What: fmt.Sprintf("the statement is longer than %d characters", maxPolicy)}
	}
	s := &policyScanner{text: text}
	s.scan()
	s.policy(&q)
	if s.err != nil {
		return Policy{Text: text}, s.err
	}
	return q, nil
}

type policyWord struct {
	text string
	at   int
}

type policyScanner struct {
	text  string
	words []policyWord
	next  int
	err   *PolicyError
}

// scan cuts the text into words; commas and a final full stop only separate.
func (s *policyScanner) scan() {
	from := -1
	flush := func(to int) {
		if from >= 0 {
			if word := strings.TrimRight(s.text[from:to], ".;"); word != "" {
				s.words = append(s.words, policyWord{word, from})
			}
			from = -1
		}
	}
	for i := range len(s.text) {
		if c := s.text[i]; c == ' ' || c == ',' || c == '\t' || c == '\n' || c == '\r' {
			flush(i)
		} else if from < 0 {
			from = i
		}
	}
	flush(len(s.text))
}

// fail keeps the first trouble, at the word that is next or at the end.
func (s *policyScanner) fail(format string, args ...any) {
	if s.err == nil {
		s.err = &PolicyError{At: s.place(), What: fmt.Sprintf(format, args...)}
	}
}

func (s *policyScanner) place() int {
	if s.next < len(s.words) {
		return s.words[s.next].at
	}
	return len(s.text)
}

// accept takes the words if they are next.
func (s *policyScanner) accept(words ...string) bool {
	if s.err != nil || s.next+len(words) > len(s.words) {
		return false
	}
	for i, w := range words {
		if !strings.EqualFold(s.words[s.next+i].text, w) {
			return false
		}
	}
	s.next += len(words)
	return true
}

// peek is the next word in lower case, empty at the end.
func (s *policyScanner) peek() string {
	if s.next < len(s.words) {
		return strings.ToLower(s.words[s.next].text)
	}
	return ""
}

// word takes the next word, which names something.
func (s *policyScanner) word(noun string) string {
	if s.next >= len(s.words) {
		s.fail("the statement ends where %s is due", noun)
	}
	if s.err != nil {
		return ""
	}
	s.next++
	return s.words[s.next-1].text
}

var numberWords = []string{"no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"}

func (s *policyScanner) number() int {
	word := s.peek()
	n, ok := digits(word)
	for i, w := range numberWords {
		if w == word {
			n, ok = i, true
		}
	}
	if !ok || n > 10_000 {
		s.fail("%q is no number of agents: write digits, or a word up to twelve", word)
		return 0
	}
	s.next++
	return n
}

func (s *policyScanner) agents() {
	if !s.accept("agents") && !s.accept("agent") {
		s.fail("%q where agents is due", s.peek())
	}
}

func (s *policyScanner) policy(q *Policy) {
	if len(s.words) == 0 {
		s.fail("the statement is empty")
		return
	}
	ends := ""
	switch {
	case s.accept("someone"), s.accept("somebody"):
		q.kind, q.count, ends = policyLeast, 1, "every"
	case s.accept("at", "least"):
		q.kind, q.count, ends = policyLeast, s.number(), "every"
		s.agents()
	case s.accept("nobody"), s.accept("no", "one"):
		q.kind, q.count, ends = policyMost, 0, "any"
	case s.accept("at", "most"):
		q.kind, q.count, ends = policyMost, s.number(), "any"
		s.agents()
	case s.accept("never"):
		at := s.place()
		q.kind, q.count = policyMost, s.number()
		if s.agents(); q.count == 0 && s.err == nil {
			s.err = &PolicyError{At: at, What: "never none is no policy: say someone ... at every instant"}
		}
	default:
		if _, ok := digits(s.peek()); !ok && !isNumberWord(s.peek()) {
			s.fail("a statement begins with someone, nobody, never, at least, at most or a number, not with %q", s.peek())
			return
		}
		q.kind, q.count, ends = policyLeast, s.number(), "every"
		s.agents()
	}
	for s.who(q) {
	}
	switch {
	case ends == "":
		if s.accept("alone") {
			q.kind = policyAlone
		} else {
			q.count--
		}
	case !s.accept("at", ends, "instant") && !s.accept("at", "every", "instant") && !s.accept("at", "any", "instant"):
		s.fail("%q where \"at %s instant\" is due, or a condition on agents: with, below, tagged, on contract, named", s.peek(), ends)
	}
	for s.err == nil && s.next < len(s.words) {
		if !s.whenever(q) {
			s.fail("%q where a time is due: on, at weekends, at night, between, during, from", s.peek())
		}
	}
	if q.kind == policyLeast && q.count == 0 && s.err == nil {
		s.err = &PolicyError{At: s.words[0].at, What: "at least none is no policy"}
	}
}

func isNumberWord(word string) bool {
	for _, w := range numberWords {
		if w == word {
			return true
		}
	}
	return false
}

// who reads one condition on agents.
func (s *policyScanner) who(q *Policy) bool {
	before := s.next
	if !s.accept("and") {
		s.accept("but")
	}
	t := policyTest{}
	switch {
	case s.accept("with"), s.accept("below"):
		t.below = strings.EqualFold(s.words[s.next-1].text, "below")
		s.mastery(&t)
	case s.accept("tagged"):
		t.what, t.at = byTag, s.place()
		t.names = []string{s.word("a tag")}
	case s.accept("not", "tagged"):
		t.what, t.negate, t.at = byTag, true, s.place()
		t.names = []string{s.word("a tag")}
	case s.accept("on", "contract"):
		t.what, t.at = byContract, s.place()
		t.names = []string{s.word("a contract")}
	case s.accept("named"), s.accept("not", "named"):
		t.what, t.at = byName, s.place()
		t.negate = s.next > 1 && strings.EqualFold(s.words[s.next-2].text, "not")
		t.names = []string{s.word("an agent")}
		for s.accept("or") {
			t.names = append(t.names, s.word("an agent"))
		}
	default:
		s.next = before
		return false
	}
	q.who = append(q.who, t)
	return s.err == nil
}

// mastery reads a language with a level or a skill with a number.
func (s *policyScanner) mastery(t *policyTest) {
	t.at = s.place()
	word := s.word("a language or a skill")
	t.names = []string{word}
	next := s.peek()
	if level, err := ParseLevel(next); err == nil {
		t.what, t.level = byLanguage, int(level)
		language, err := ParseLanguage(word)
		if err != nil {
			s.err = &PolicyError{At: t.at, What: err.Error()}
		}
		t.names = []string{string(language)}
		s.next++
		return
	}
	t.what, t.level = bySkill, 1
	n, ok := digits(next)
	switch {
	case ok && SkillLevel(n).Valid():
		t.level = n
		s.next++
	case ok:
		s.fail("a skill has levels from 1 to %d, not %s", MaxSkill, next)
	case t.below:
		s.fail("%q where a level is due: a skill's from 1 to %d, or a language's from A1 to native", next, MaxSkill)
	}
}

// whenever reads one condition on instants.
func (s *policyScanner) whenever(q *Policy) bool {
	w := policyWhen{at: s.place()}
	switch {
	case s.accept("and"):
		return s.whenever(q)
	case s.accept("at", "weekends"), s.accept("on", "weekends"):
		w.what = atWeekends
	case s.accept("on", "holidays"):
		w.what = onHolidays
	case s.accept("at", "night"):
		w.what = atNight
	case s.accept("on", "weekdays"):
		w.what, w.days = onDays, MakeWeekdays(1, 2, 3, 4, 5)
	case s.accept("on"):
		w.what = onDays
		for {
			day, err := ParseWeekday(strings.TrimSuffix(s.peek(), "s"))
			if err != nil {
				break
			}
			w.days |= MakeWeekdays(day)
			s.next++
			if s.peek() == "and" && s.next+1 < len(s.words) {
				if _, err := ParseWeekday(strings.TrimSuffix(strings.ToLower(s.words[s.next+1].text), "s")); err == nil {
					s.next++
				}
			}
		}
		if w.days == 0 {
			s.fail("%q where days of the week are due, or weekdays, weekends, holidays", s.peek())
		}
	case s.accept("between"):
		w.what = inHours
		w.hours.Start = s.clock()
		if !s.accept("and") {
			s.fail("%q where \"and\" is due", s.peek())
		}
		w.hours.End = s.clock()
	case s.accept("during", "shifts", "tagged"):
		w.what, w.at = duringTag, s.place()
		w.name = s.word("a tag")
	case s.accept("during"):
		w.what, w.at = duringShift, s.place()
		w.name = s.word("a shift")
	case s.accept("from"):
		w.what, w.from = onDates, s.date()
		if !s.accept("to") {
			s.fail("%q where \"to\" is due", s.peek())
		}
		if w.to = s.date(); w.to.Before(w.from) {
			s.fail("the last date, %s, is before the first, %s", w.to, w.from)
		}
	default:
		return false
	}
	q.when = append(q.when, w)
	return true
}

func (s *policyScanner) clock() Clock {
	at := s.place()
	c, err := ParseClock(s.word("a time"))
	if err != nil && s.err == nil {
		s.err = &PolicyError{At: at, What: err.Error()}
	}
	return c
}

func (s *policyScanner) date() Date {
	at := s.place()
	d, err := ParseDate(s.word("a date"))
	if err != nil && s.err == nil {
		s.err = &PolicyError{At: at, What: err.Error()}
	}
	return d
}
