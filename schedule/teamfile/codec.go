package teamfile

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"rota/schedule"
)

// codec reads and writes one type of value.
type codec[V any] struct {
	// what says what is needed, with its article, for messages.
	what string
	// read gives the value; ok is false after it has reported why there is none. at is the path of the value.
	read  func(r *reader, n *node, at string) (v V, ok bool)
	write func(v V) (*node, error)
	// empty reports a value that says nothing, so that its key is left out; nil for the zero value.
	empty func(v V) bool
	// words are the keys of a mapping, for the documentation.
	words []string
}

func (c codec[V]) isEmpty(v V) bool {
	if c.empty != nil {
		return c.empty(v)
	}
	return isZero(v)
}

// scalarOf is a codec of values that are one word.
func scalarOf[V any](what string, parse func(string) (V, error), format func(V) (*node, error)) codec[V] {
	return codec[V]{what: what, write: format, read: func(r *reader, n *node, at string) (v V, ok bool) {
		text, ok := r.scalar(n, at, what)
		if !ok {
			return v, false
		}
		v, err := parse(text)
		if err != nil {
			r.badText(n, at, err)
			return v, false
		}
		return v, true
	}}
}

// text is any text; also one that looks like a number.
func text[S ~string]() codec[S] {
	return scalarOf("text", func(s string) (S, error) { return S(s), nil }, func(s S) (*node, error) {
		if !utf8.ValidString(string(s)) {
			return nil, fmt.Errorf("%q is not UTF-8", string(s))
		}
		return word(string(s)), nil
	})
}

func number[N ~int | ~int64](what string) codec[N] {
	return scalarOf(what, func(s string) (N, error) {
		n, err := strconv.ParseInt(s, 10, 32)
		if err != nil {
			return 0, fmt.Errorf("bad number %s: %s is needed", shorten(s), what)
		}
		return N(n), nil
	}, func(n N) (*node, error) {
		if int64(n) != int64(int32(n)) {
			return nil, fmt.Errorf("%d is too large", int64(n))
		}
		return raw(strconv.FormatInt(int64(n), 10)), nil
	})
}

var (
	whole   = number[int]("a whole number")
	weight  = number[schedule.Cost]("a whole number")
	percent = scalarOf("a percentage such as 100%", func(s string) (int, error) {
		n, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(s, "%")), 10, 32)
		if err != nil {
			return 0, fmt.Errorf("bad percentage %s: write a whole number such as 100%%", shorten(s))
		}
		return int(n), nil
	}, func(n int) (*node, error) { return raw(strconv.Itoa(n) + "%"), nil })

	days = scalarOf("a number of days such as 14d", func(s string) (int, error) {
		n, err := strconv.ParseInt(strings.TrimSuffix(s, "d"), 10, 32)
		if err != nil {
			return 0, fmt.Errorf("bad number of days %s: write it as 14d", shorten(s))
		}
		return int(n), nil
	}, func(n int) (*node, error) { return raw(strconv.Itoa(n) + "d"), nil })

	yesNo = scalarOf("true or false", func(s string) (bool, error) {
		switch strings.ToLower(s) {
		case "true", "yes":
			return true, nil
		case "false", "no":
			return false, nil
		}
		return false, fmt.Errorf("bad value %s: write true or false", shorten(s))
	}, func(b bool) (*node, error) { return raw(strconv.FormatBool(b)), nil })

	date = scalarOf("a date such as 2026-12-07", schedule.ParseDate, func(d schedule.Date) (*node, error) {
		if _, err := schedule.ParseDate(d.String()); err != nil {
			return nil, err
		}
		return raw(d.String()), nil
	})

	clock = scalarOf("a time such as 07:00", schedule.ParseClock, func(c schedule.Clock) (*node, error) {
		if !c.Valid() {
			return nil, fmt.Errorf("%d minutes after midnight is no time", int(c))
		}
		return word(c.String()), nil
	})

	clockSpan = scalarOf("times such as 23:00-07:00", schedule.ParseClockSpan, func(s schedule.ClockSpan) (*node, error) {
		if !s.Start.Valid() || !s.End.Valid() {
			return nil, fmt.Errorf("%s are no times", s)
		}
		return word(s.String()), nil
	})

	rrule = scalarOf("an RRULE such as FREQ=WEEKLY;BYDAY=SA,SU", func(s string) (schedule.Recurrence, error) {
		if s == "" {
			return schedule.Recurrence{}, fmt.Errorf("the rrule is empty: leave the key out for every day")
		}
		return schedule.ParseRecurrence(s)
	}, func(v schedule.Recurrence) (*node, error) {
		return &node{kind: scalarNode, text: v.String()}, nil
	})

	duration = scalarOf("a length such as 8h, 7h30 or 45m", parseDuration, func(m schedule.Minutes) (*node, error) {
		return raw(m.String()), nil
	})

	hours = scalarOf("hours such as 40 or 37.5", parseHours, func(m schedule.Minutes) (*node, error) {
		if m%3 == 0 { // then hours have at most two decimals
			return raw(strconv.FormatFloat(float64(m)/60, 'f', -1, 64)), nil
		}
		return raw(m.String()), nil
	})

	instant = scalarOf("an instant such as 2026-12-07T09:00:00Z", parseInstant, func(t time.Time) (*node, error) {
		s := t.UTC().Format(time.RFC3339Nano)
		if _, err := parseInstant(s); err != nil {
			return nil, err
		}
		return word(s), nil
	})

	exact = scalarOf("two instants such as 2026-12-07T09:00:00Z/2026-12-07T12:00:00Z", parseExact,
		func(i schedule.Interval) (*node, error) {
			s := i.Start.UTC().Format(time.RFC3339Nano) + "/" + i.End.UTC().Format(time.RFC3339Nano)
			if _, err := parseExact(s); err != nil {
				return nil, err
			}
			return word(s), nil
		})

	weekday = scalarOf("a day such as monday", schedule.ParseWeekday, func(d time.Weekday) (*node, error) {
		if d < 0 || d > 6 {
			return nil, fmt.Errorf("there is no weekday %d", int(d))
		}
		return raw(strings.ToLower(d.String())), nil
	})

	weekend = scalarOf(`a weekend such as "saturday 00:00 - monday 00:00"`, parseWeekSpan,
		func(s schedule.WeekSpan) (*node, error) {
			if got, err := parseWeekSpan(s.String()); err != nil || got != s {
				return nil, fmt.Errorf("%s is no weekend", s)
			}
			return word(s.String()), nil
		})

	level = scalarOf("a level such as B2 or native", schedule.ParseLevel, func(l schedule.Level) (*node, error) {
		if l < schedule.A1 || l > schedule.Native {
			return nil, fmt.Errorf("there is no %s", l)
		}
		return raw(l.String()), nil
	})

	skillLevel = scalarOf("a level from 1 to 5", schedule.ParseSkillLevel, func(l schedule.SkillLevel) (*node, error) {
		if !l.Valid() {
			return nil, fmt.Errorf("there is no skill level %d", int(l))
		}
		return raw(strconv.Itoa(int(l))), nil
	})

	language = scalarOf("a language such as en", schedule.ParseLanguage, func(l schedule.Language) (*node, error) {
		if got, err := schedule.ParseLanguage(string(l)); err != nil || got != l {
			return nil, fmt.Errorf("%q is no language in its canonical form", string(l))
		}
		return word(string(l)), nil
	})

	kind        = scalarOf("a kind such as leave", schedule.ParseAvailabilityKind, text[schedule.AvailabilityKind]().write)
	state       = scalarOf("a state such as approved", schedule.ParseRequestState, text[schedule.RequestState]().write)
	messageKind = scalarOf("a kind of message such as digest", schedule.ParseMessageKind, text[schedule.MessageKind]().write)

	force = scalarOf("hard, weighted or off", func(s string) (schedule.Force, error) {
		valid := []string{string(schedule.Hard), string(schedule.Weighted), string(schedule.Off)}
		if !slices.Contains(valid, s) {
			near, _ := schedule.Nearest(s, valid)
			return "", &schedule.UnknownError{Noun: "force", Word: s, Nearest: near, Valid: valid}
		}
		return schedule.Force(s), nil
	}, text[schedule.Force]().write)
)

// maxSpan bounds lengths of time that can be written, so that sums never overflow: a century.
const maxSpan = 60 * 24 * 366 * 100

func parseDuration(s string) (schedule.Minutes, error) {
	bad := fmt.Errorf("bad length of time %s: write 8h, 7h30 or 45m", shorten(s))
	rest, negative := strings.CutPrefix(s, "-")
	h, m, hasHours := strings.Cut(rest, "h")
	if !hasHours {
		h, m = "0", rest
		if !strings.HasSuffix(m, "m") {
			return 0, bad
		}
	}
	m = strings.TrimSuffix(m, "m")
	if m == "" && hasHours {
		m = "0"
	}
	if strings.Trim(h+m, "0123456789") != "" {
		return 0, bad
	}
	nh, errH := strconv.Atoi(h)
	nm, errM := strconv.Atoi(m)
	if errH != nil || errM != nil || nh > maxSpan/60 || nm > maxSpan || hasHours && nm > 59 {
		return 0, bad
	}
	total := schedule.Minutes(60*nh + nm)
	if negative {
		total = -total
	}
	return total, nil
}

func parseHours(s string) (schedule.Minutes, error) {
	v := schedule.ParseValue(s)
	if m, ok := v.Hours(); ok && m <= maxSpan && m >= -maxSpan {
		return m, nil
	}
	if m, err := parseDuration(s); err == nil {
		return m, nil
	}
	return 0, fmt.Errorf("bad hours %s: write a number of hours such as 40 or 37.5", shorten(s))
}

func parseInstant(s string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil || t.UTC().Year() < 1 || t.UTC().Year() > 9999 {
		return time.Time{}, fmt.Errorf("bad instant %s: write it as 2026-12-07T09:00:00Z", shorten(s))
	}
	return t.UTC(), nil
}

func parseExact(s string) (schedule.Interval, error) {
	from, to, _ := strings.Cut(s, "/")
	start, err := parseInstant(from)
	if err != nil {
		return schedule.Interval{}, err
	}
	end, err := parseInstant(to)
	if err != nil {
		return schedule.Interval{}, err
	}
	if !start.Before(end) {
		return schedule.Interval{}, fmt.Errorf("the end, %s, is not after the start", to)
	}
	return schedule.Interval{Start: start, End: end}, nil
}

func parseWeekSpan(s string) (schedule.WeekSpan, error) {
	from, to, found := strings.Cut(s, "-")
	if !found {
		return schedule.WeekSpan{}, fmt.Errorf("bad weekend %s: write saturday 00:00 - monday 00:00", shorten(s))
	}
	var ends [2]schedule.WeekTime
	for i, part := range []string{from, to} {
		day, at, _ := strings.Cut(strings.TrimSpace(part), " ")
		d, err := schedule.ParseWeekday(day)
		if err != nil {
			return schedule.WeekSpan{}, err
		}
		c, err := schedule.ParseClock(strings.TrimSpace(at))
		if err != nil {
			return schedule.WeekSpan{}, err
		}
		ends[i] = schedule.WeekTime{Day: d, Clock: c}
	}
	return schedule.WeekSpan{Start: ends[0], End: ends[1]}, nil
}

// optional is a codec of values that may be left open; the key is left out for those.
func optional[V comparable](c codec[V]) codec[schedule.Optional[V]] {
	return codec[schedule.Optional[V]]{what: c.what, words: c.words,
		read: func(r *reader, n *node, at string) (schedule.Optional[V], bool) {
			v, ok := c.read(r, n, at)
			return schedule.Optional[V]{Value: v, Set: ok}, ok
		},
		write: func(o schedule.Optional[V]) (*node, error) { return c.write(o.Value) },
	}
}

// orNone is an optional that a team has by default, so that the word none says that there is none.
func orNone[V comparable](c codec[V]) codec[schedule.Optional[V]] {
	o := optional(c)
	return codec[schedule.Optional[V]]{what: c.what + ", or none",
		read: func(r *reader, n *node, at string) (schedule.Optional[V], bool) {
			if n.kind == scalarNode && n.text == "none" {
				return schedule.Optional[V]{}, true
			}
			return o.read(r, n, at)
		},
		write: func(v schedule.Optional[V]) (*node, error) {
			if !v.Set {
				return raw("none"), nil
			}
			return o.write(v)
		},
	}
}

// split cuts a cell of a table into the words of a list.
func (n *node) split() []*node {
	var parts []*node
	start := -1
	column := n.column
	from := 0
	flush := func(end int) {
		if start >= 0 {
			parts = append(parts, &node{kind: scalarNode, line: n.line, column: from, text: n.text[start:end], plain: true, cell: true})
			start = -1
		}
	}
	for i, c := range n.text {
		if unicode.IsSpace(c) || c == ',' || c == ';' {
			flush(i)
		} else if start < 0 {
			start, from = i, column
		}
		column++
	}
	flush(len(n.text))
	return parts
}

// list is several values. A single one may stand without brackets. Empty lists are nil.
func list[V any](c codec[V]) codec[[]V] {
	return codec[[]V]{what: "a list of values, each " + c.what, words: c.words,
		empty: func(v []V) bool { return len(v) == 0 },
		read: func(r *reader, n *node, at string) ([]V, bool) {
			items := []*node{n}
			switch {
			case n.kind == listNode:
				items = n.items
			case n.cell:
				items = n.split()
			case n.kind == nullNode:
				r.scalar(n, at, "a list")
				return nil, false
			}
			var out []V
			whole := true
			for _, item := range items {
				path := at + "." + strconv.Itoa(len(out))
				r.mark(path, item)
				v, ok := c.read(r, item, path)
				if ok {
					out = append(out, v)
				}
				whole = whole && ok
			}
			if !whole {
				r.damage(at)
			}
			return out, true
		},
		write: func(values []V) (*node, error) {
			out := &node{kind: listNode}
			for _, v := range values {
				n, err := c.write(v)
				if err != nil {
					return nil, err
				}
				out.items = append(out.items, n)
			}
			return out, nil
		},
	}
}

// listOrNone is a list that differs from none given when it is empty: [] or the word none.
func listOrNone[V any](c codec[V]) codec[[]V] {
	l := list(c)
	read := l.read
	l.empty = func(v []V) bool { return v == nil }
	l.read = func(r *reader, n *node, at string) ([]V, bool) {
		if n.kind == scalarNode && n.text == "none" {
			return []V{}, true
		}
		v, ok := read(r, n, at)
		if ok && v == nil {
			v = []V{}
		}
		return v, ok
	}
	return l
}

// teamReminders is a list that a team has by default; none of them is nil.
var teamReminders = func() codec[[]schedule.Minutes] {
	l := listOrNone(duration)
	read := l.read
	l.read = func(r *reader, n *node, at string) ([]schedule.Minutes, bool) {
		v, ok := read(r, n, at)
		if len(v) == 0 {
			v = nil
		}
		return v, ok
	}
	return l
}()

// dates is a set of dates, ascending.
var dates = func() codec[[]schedule.Date] {
	l := list(date)
	return codec[[]schedule.Date]{what: l.what, write: l.write, empty: l.empty, read: func(r *reader, n *node, at string) ([]schedule.Date, bool) {
		inner := newReader(r.file)
		found, ok := l.read(inner, n, "x")
		r.found = append(r.found, inner.found...)
		if len(inner.damaged) > 0 {
			r.damage(at)
		}
		order := make([]int, len(found))
		for i := range order {
			order[i] = i
		}
		slices.SortStableFunc(order, func(a, b int) int { return found[a].Compare(found[b]) })
		var out []schedule.Date
		for _, i := range order {
			s := inner.places["x."+strconv.Itoa(i)]
			if len(out) > 0 && out[len(out)-1] == found[i] {
				r.report(s.line, s.column, found[i].String()+" is listed twice", "")
				continue
			}
			r.places[at+"."+strconv.Itoa(len(out))] = s
			out = append(out, found[i])
		}
		return out, ok
	}}
}()

// dictionary is a mapping of words to levels. It is written with the highest level first.
func dictionary[K ~string, V ~int](key codec[K], value codec[V]) codec[map[K]V] {
	return codec[map[K]V]{what: "a mapping such as {en: C1}",
		empty: func(m map[K]V) bool { return len(m) == 0 },
		read: func(r *reader, n *node, at string) (map[K]V, bool) {
			pairs := n.pairs
			if n.cell {
				for _, part := range n.split() {
					i := strings.IndexAny(part.text, ":=")
					if i < 0 {
						r.bad(part, at, fmt.Sprintf("%s has no level", shorten(part.text)), "write it as en:C1 or chat:3")
						return nil, false
					}
					k, v := *part, *part
					k.text, v.text = part.text[:i], part.text[i+1:]
					v.column += utf8.RuneCountInString(part.text[:i+1])
					pairs = append(pairs, pair{&k, &v})
				}
			} else if n.kind != mapNode {
				r.bad(n, at, fmt.Sprintf("%s is %s here, and %s is needed", lastWord(at), n.describe(), "a mapping such as {en: C1} or {chat: 3}"), "")
				return nil, false
			}
			var out map[K]V
			for _, p := range pairs {
				k, ok := key.read(r, p.key, at)
				if !ok {
					continue
				}
				path := at + "." + string(k)
				if _, twice := out[k]; twice {
					r.bad(p.key, path, fmt.Sprintf("%q is stated twice", string(k)), "")
					continue
				}
				r.mark(path, p.value)
				v, ok := value.read(r, p.value, path)
				if ok {
					if out == nil {
						out = map[K]V{}
					}
					out[k] = v
				}
			}
			return out, true
		},
		write: func(m map[K]V) (*node, error) {
			keys := make([]K, 0, len(m))
			for k := range m {
				keys = append(keys, k)
			}
			slices.SortFunc(keys, func(a, b K) int {
				if m[a] != m[b] {
					return int(m[b]) - int(m[a])
				}
				return strings.Compare(string(a), string(b))
			})
			out := &node{kind: mapNode}
			for _, k := range keys {
				if _, err := key.write(k); err != nil {
					return nil, err
				}
				v, err := value.write(m[k])
				if err != nil {
					return nil, err
				}
				out.add(string(k), v)
			}
			return out, nil
		},
	}
}

// weekdays is a set of days, as names and ranges of names.
var weekdays = codec[schedule.Weekdays]{what: "days such as [saturday, sunday] or monday-friday",
	read: func(r *reader, n *node, at string) (schedule.Weekdays, bool) {
		l, ok := list(text[string]()).read(r, n, at)
		if !ok || r.damaged[at] {
			return 0, false
		}
		items := n.items
		if n.cell {
			items = n.split()
		} else if n.kind == scalarNode {
			items = []*node{n}
		}
		var set schedule.Weekdays
		for i, name := range l {
			from, to, span := strings.Cut(name, "-")
			first, err := schedule.ParseWeekday(from)
			last := first
			if err == nil && span {
				last, err = schedule.ParseWeekday(to)
			}
			if err != nil {
				r.bad(items[i], at, err.Error(), "")
				continue
			}
			for d := first; ; d = (d + 1) % 7 {
				set |= schedule.MakeWeekdays(d)
				if d == last {
					break
				}
			}
		}
		if len(l) == 0 {
			r.bad(n, at, "the list of days is empty", "leave the key out for every day")
		}
		return set, !r.damaged[at]
	},
	write: func(w schedule.Weekdays) (*node, error) {
		if w >= 1<<7 {
			return nil, fmt.Errorf("there is no set of weekdays %d", w)
		}
		out := &node{kind: listNode}
		days := w.List()
		for i := 0; i < len(days); {
			j := i
			for j+1 < len(days) && days[j+1] == (days[j]+1)%7 {
				j++
			}
			if j-i >= 2 {
				out.items = append(out.items, raw(strings.ToLower(days[i].String()+"-"+days[j].String())))
			} else {
				for k := i; k <= j; k++ {
					out.items = append(out.items, raw(strings.ToLower(days[k].String())))
				}
			}
			i = j + 1
		}
		return out, nil
	},
}

// weekly is a recurrence on days of every week, the form people write; others are an rrule.
var weekly = codec[schedule.Recurrence]{what: weekdays.what,
	read: func(r *reader, n *node, at string) (schedule.Recurrence, bool) {
		set, ok := weekdays.read(r, n, at)
		if !ok {
			return schedule.Recurrence{}, false
		}
		return recurOn(set), true
	},
	write: func(v schedule.Recurrence) (*node, error) {
		set, _ := daysOf(v)
		return weekdays.write(set)
	},
}

func recurOn(set schedule.Weekdays) schedule.Recurrence {
	var names []string
	for _, d := range set.List() {
		names = append(names, strings.ToUpper(d.String()[:2]))
	}
	return schedule.MustRecurrence("FREQ=WEEKLY;BYDAY=" + strings.Join(names, ","))
}

// daysOf is the days of a recurrence that is nothing but days of every week.
func daysOf(v schedule.Recurrence) (schedule.Weekdays, bool) {
	list, ok := strings.CutPrefix(v.String(), "FREQ=WEEKLY;BYDAY=")
	if !ok {
		return 0, false
	}
	var set schedule.Weekdays
	for d := range strings.SplitSeq(list, ",") {
		day, err := schedule.ParseWeekday(d)
		if err != nil {
			return 0, false
		}
		set |= schedule.MakeWeekdays(day)
	}
	return set, recurOn(set) == v
}

// isZero reports whether a value is one that says nothing. Empty lists that are not nil do.
func isZero(v any) bool {
	if z, ok := v.(interface{ IsZero() bool }); ok {
		return z.IsZero()
	}
	return reflect.ValueOf(v).IsZero()
}
