package teamfile

import (
	"errors"
	"fmt"
	"unicode/utf8"

	"rota/schedule"
)

// maxPolicies bounds the statements of one file.
const maxPolicies = 500

// ReadPolicies reads a file of policies (see docs/policies.md): a mapping with the key policies, a list of statements. Each
// is the text alone, or a mapping with say, id and note. When period is not nil, words that name nothing in it are problems
// too. The error is a [Problems] with everything that is wrong, or nil.
func ReadPolicies(name string, data []byte, period *schedule.Period) ([]schedule.Policy, error) {
	r := newReader(name)
	var policies []schedule.Policy
	root := parseYAML(data, r.report)
	list := &node{}
	switch {
	case root == nil || root.kind == nullNode:
		if len(r.found) == 0 {
			r.report(1, 1, "the file states nothing", "begin with policies: and a list of statements")
		}
	case root.kind != mapNode:
		r.report(root.line, root.column, fmt.Sprintf("the file is %s, and a file of policies is a mapping", root.describe()), "begin with policies:")
	default:
		for _, p := range root.pairs {
			if p.key.text != "policies" {
				r.unknownKey(p.key, "key", []string{"policies"})
			}
		}
		if list = root.get("policies"); list == nil {
			list = &node{}
			if len(r.found) == 0 {
				r.report(root.line, root.column, "policies is missing", "")
			}
		} else if list.kind != listNode || len(list.items) == 0 {
			r.report(list.line, list.column, fmt.Sprintf("policies is %s, not a list of statements", list.describe()), "")
		}
	}
	if len(list.items) > maxPolicies {
		extra := list.items[maxPolicies]
		r.report(extra.line, extra.column, fmt.Sprintf("more than %d statements", maxPolicies), "")
		list.items = list.items[:maxPolicies]
	}
	first := map[string]int{}
	for i, item := range list.items {
		q, at, ok := r.policy(item, entryPath("policies", i))
		if !ok {
			continue
		}
		if line, twice := first[q.ID]; twice && q.ID != "" {
			r.report(item.line, item.column, fmt.Sprintf("policy %q is there twice, first on line %d", q.ID, line), "")
		}
		first[q.ID] = item.line
		if period != nil {
			for _, e := range q.Check(period) {
				r.inText(at, e)
			}
		}
		policies = append(policies, q)
	}
	if err := r.found.ordered().Err(); err != nil {
		return nil, err
	}
	return policies, nil
}

// inText reports trouble at a place of a one-line scalar, and at its start when it may have been folded or escaped.
func (r *reader) inText(n *node, e *schedule.PolicyError) {
	column := n.column
	if at := min(e.At, len(n.text)); n.plain {
		column += utf8.RuneCountInString(n.text[:at])
	}
	r.report(n.line, column, e.What, "")
}

// policy reads one statement; at is the node of its text.
func (r *reader) policy(n *node, path string) (q schedule.Policy, at *node, ok bool) {
	id, note := "", ""
	at = n
	if n.kind == mapNode {
		at = nil
		for _, p := range n.pairs {
			var text string
			switch p.key.text {
			case "say":
				at = p.value
				continue
			case "id", "note":
				if text, ok = r.scalar(p.value, path+"."+p.key.text, "a word"); !ok {
					return q, nil, false
				}
			default:
				r.unknownKey(p.key, "key", []string{"say", "id", "note"})
				return q, nil, false
			}
			if p.key.text == "note" {
				note = text
			} else if id = text; schedule.CheckID(schedule.RuleID(id)) != nil {
				r.report(p.value.line, p.value.column, schedule.CheckID(schedule.RuleID(id)).Error(), "")
				return q, nil, false
			}
		}
		if at == nil {
			r.report(n.line, n.column, "the policy has no say", "write say: and the statement")
			return q, nil, false
		}
	}
	text, ok := r.scalar(at, path+".say", "a statement")
	if !ok {
		return q, nil, false
	}
	q, err := schedule.ParsePolicy(text)
	var e *schedule.PolicyError
	if errors.As(err, &e) {
		r.inText(at, e)
		return q, nil, false
	}
	q.ID, q.Note = id, note
	return q, at, true
}
