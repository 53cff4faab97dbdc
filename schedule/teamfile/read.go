package teamfile

import (
	"fmt"
	"slices"
	"time"

	"rota/schedule"
)

type (
	weekdayOf = time.Weekday
	timeOf    = time.Time
)

// Read reads a team file. name is what messages call it. The error is a [Problems] with every problem of the file, in
// the order of their places, or nil. The book is as [schedule.Book.Normalize] gives it and has passed its Validate;
// with an error it is the zero Book. Warnings are dropped; see [Check] for them.
//
// Data that is no team file, however hostile, gives an error within a second. The same data gives the same result.
func Read(name string, data []byte) (schedule.Book, error) {
	book, problems := Check(name, data, schedule.Book{})
	return book, problems.Err()
}

// Check reads a team file that is to be merged into base (see [schedule.Book.Merge]), as when it states a few agents
// whose contracts are known already; the zero Book means that the file has to state everything. It gives the book of
// the file alone, zero when a problem is fatal, and every problem, warnings included. A problem that the merged book
// has in an entry of base is told with the words "in the database".
func Check(name string, data []byte, base schedule.Book) (schedule.Book, Problems) {
	r := newReader(name)
	book, ok := r.book(data)
	if !ok {
		return schedule.Book{}, r.found.ordered()
	}
	if book.Team.ID == base.Team.ID && base.Team.ID != "" {
		next := book.Normalize()
		old := base.Normalize()
		merged := old.Merge(next)
		kept := len(merged.Demand) - len(next.Demand)
		counts := map[string]int{}
		for _, s := range sections {
			counts[s.key] = s.count(&next)
		}
		r.semantic(merged.Validate(), func(section string, i int) int {
			if section == "demand" {
				return i - kept
			}
			if i >= counts[section] {
				return -1
			}
			return i
		})
	} else {
		r.semantic(book.Validate(), func(_ string, i int) int { return i })
	}
	problems := r.found.ordered()
	if problems.Err() != nil {
		return schedule.Book{}, problems
	}
	return book.Normalize(), problems
}

// book reads what the file states, without judging it. ok is false when there is nothing to judge.
func (r *reader) book(data []byte) (b schedule.Book, ok bool) {
	b.Team = schedule.NewTeam("", "", "")
	root := parseYAML(data, r.report)
	switch {
	case root == nil || root.kind == nullNode:
		if len(r.found) == 0 {
			r.report(1, 1, "the file states nothing", "begin with team: and timezone:")
		}
		return b, false
	case root.kind != mapNode:
		r.report(root.line, root.column, fmt.Sprintf("the file is %s, and a team file is a mapping", root.describe()), "begin with team: and timezone:")
		return b, false
	}
	r.mark("team", root)
	var lists []pair
	other := func(p pair) bool {
		word := p.key.text
		i := slices.IndexFunc(sections, func(s section) bool { return s.key == word })
		if i < 0 {
			near := r.unknownKey(p.key, "key", topKeys())
			if near == "" || root.has(near) {
				return true
			}
			if p.key.text = near; slices.Contains(names(teamFields), near) {
				j := slices.IndexFunc(teamFields, func(f field[schedule.Team]) bool { return f.key == near })
				f := teamFields[j]
				path := f.join("team")
				r.mark(path, p.value)
				f.read(r, p.value, path, &b.Team)
				return true
			}
		}
		lists = append(lists, p)
		return true
	}
	readFields(r, root, "team", "key", teamFields, &b.Team, other)
	for _, s := range sections {
		for _, p := range lists {
			if p.key.text == s.key {
				s.read(r, p.value, &b)
			}
		}
	}
	return b, true
}
