package slacktest

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"
)

// checkBlocks says what Slack would refuse in a layout; empty when nothing.
func checkBlocks(text string) string {
	var list []map[string]any
	if json.Unmarshal([]byte(text), &list) != nil {
		return "no list of blocks"
	}
	if len(list) > 50 {
		return fmt.Sprintf("%d blocks, no more than 50 allowed", len(list))
	}
	ids := map[string]bool{}
	for i, b := range list {
		if id, _ := b["block_id"].(string); id != "" {
			if ids[id] || len(id) > 255 {
				return fmt.Sprintf("block %d: block_id %q twice or too long", i, id)
			}
			ids[id] = true
		}
		if why := checkBlock(b); why != "" {
			return fmt.Sprintf("block %d: %s", i, why)
		}
	}
	return ""
}

func checkBlock(b map[string]any) string {
	switch kind, _ := b["type"].(string); kind {
	case "header":
		return checkText(b["text"], 150, true)
	case "section":
		return checkText(b["text"], 3000, false)
	case "divider":
		return ""
	case "rich_text":
		list, _ := b["elements"].([]any)
		if len(list) == 0 {
			return "no elements"
		}
		for _, e := range list {
			section, _ := e.(map[string]any)
			if section["type"] != "rich_text_section" {
				return fmt.Sprintf("element of type %v", section["type"])
			}
			if why := checkRich(section); why != "" {
				return why
			}
		}
		return ""
	case "actions":
		list, _ := b["elements"].([]any)
		if len(list) == 0 || len(list) > 25 {
			return fmt.Sprintf("%d elements, 1 to 25 allowed", len(list))
		}
		ids := map[string]bool{}
		for _, e := range list {
			button, _ := e.(map[string]any)
			id, _ := button["action_id"].(string)
			value, _ := button["value"].(string)
			switch {
			case button["type"] != "button":
				return fmt.Sprintf("element of type %v", button["type"])
			case id == "" || len(id) > 255 || ids[id]:
				return fmt.Sprintf("action_id %q missing, too long or twice", id)
			case utf8.RuneCountInString(value) > 2000:
				return "the value is longer than 2000 characters"
			}
			ids[id] = true
			if why := checkText(button["text"], 75, true); why != "" {
				return why
			}
			if c, ok := button["confirm"].(map[string]any); ok {
				for name, limit := range map[string]int{"title": 100, "text": 300, "confirm": 30, "deny": 30} {
					if why := checkText(c[name], limit, name != "text"); why != "" {
						return "confirm " + name + ": " + why
					}
				}
			}
		}
		return ""
	default:
		return fmt.Sprintf("type %q is not known here", kind)
	}
}

func checkText(v any, limit int, plain bool) string {
	o, ok := v.(map[string]any)
	if !ok {
		return "no text object"
	}
	text, _ := o["text"].(string)
	kind, _ := o["type"].(string)
	n := utf8.RuneCountInString(text)
	switch {
	case kind != "plain_text" && (plain || kind != "mrkdwn"):
		return fmt.Sprintf("text of type %q", kind)
	case n < 1 || n > limit:
		return fmt.Sprintf("a text of %d characters, 1 to %d allowed", n, limit)
	case kind == "mrkdwn" && checkMarkup(text) != "":
		return checkMarkup(text)
	}
	return ""
}

func checkRich(section map[string]any) string {
	list, _ := section["elements"].([]any)
	if len(list) == 0 {
		return "an empty section"
	}
	total := 0
	for _, e := range list {
		o, _ := e.(map[string]any)
		switch o["type"] {
		case "text":
			text, _ := o["text"].(string)
			if text == "" {
				return "an empty text"
			}
			total += utf8.RuneCountInString(text)
		case "user":
			if id, _ := o["user_id"].(string); id == "" {
				return "a mention of nobody"
			}
		case "date":
			if _, ok := o["timestamp"].(float64); !ok || o["format"] == "" {
				return "a date without an instant or a format"
			}
		default:
			return fmt.Sprintf("element of type %v", o["type"])
		}
	}
	if total > 3000 {
		return fmt.Sprintf("a text of %d characters, no more than 3000 allowed", total)
	}
	return ""
}

// checkMarkup finds what people could have smuggled into a text: a mention of everybody, or a bracket that opens
// something that is not a mention of a person.
func checkMarkup(text string) string {
	for rest := text; ; {
		i := strings.IndexByte(rest, '<')
		if i < 0 {
			return ""
		}
		rest = rest[i+1:]
		inner, _, closed := strings.Cut(rest, ">")
		if !closed || !strings.HasPrefix(inner, "@") {
			return fmt.Sprintf("unescaped %q", "<"+inner)
		}
	}
}
