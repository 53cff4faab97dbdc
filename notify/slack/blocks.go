package slack

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	api "github.com/slack-go/slack"

	"rota/notify"
)

// Slack's limits, in characters unless said otherwise, with room below those of texts: what counts there is UTF-16 in some
// clients and characters in others.
const (
	maxBlocks     = 50
	maxHeader     = 150
	maxText       = 3000
	maxButtonText = 75
	maxButtons    = 25
	blockText     = 2800
	wholeText     = 11000
	fallbackText  = 2800
)

// blocks lays a message out: a header, text, buttons.
func blocks(c notify.Content) []api.Block {
	title := notify.Cut(strings.Join(strings.Fields(c.Title), " "), maxHeader-2)
	out := []api.Block{api.NewHeaderBlock(api.NewTextBlockObject(api.PlainTextType, title, false, false))}
	var section []api.RichTextSectionElement
	size, total := 0, 0
	flush := func() {
		if len(section) > 0 {
			out = append(out, api.NewRichTextBlock("", api.NewRichTextSection(section...)))
		}
		section, size = nil, 0
	}
	add := func(e api.RichTextSectionElement, n int) {
		section, size, total = append(section, e), size+n, total+n
	}
	for i, l := range c.Lines {
		n := utf8.RuneCountInString(l.Text()) + 1
		if n > blockText {
			l, n = cutLine(l, blockText-1), blockText
		}
		if total+n > wholeText || len(out) > maxBlocks-8 {
			if size+40 > blockText {
				flush()
			}
			add(api.NewRichTextSectionTextElement(fmt.Sprintf("\n… and %d lines more", len(c.Lines)-i), nil), 24)
			break
		}
		if size+n > blockText {
			flush()
		}
		if size > 0 {
			add(api.NewRichTextSectionTextElement("\n", nil), 1)
		}
		if len(l) == 0 {
			add(api.NewRichTextSectionTextElement(" ", nil), 1)
		}
		for _, s := range l {
			add(element(s), utf8.RuneCountInString(s.Text)+1)
		}
	}
	flush()
	if buttons := actions(c.Buttons); buttons != nil {
		out = append(out, buttons)
	}
	return out
}

func cutLine(l notify.Line, n int) notify.Line {
	var cut notify.Line
	for _, s := range l {
		have := utf8.RuneCountInString(s.Text) + 1
		if have >= n {
			s.Text = notify.Cut(s.Text, n-1)
			if s.Kind == notify.Mention || s.Kind == notify.Instant {
				s = notify.Span{Text: "…"}
			}
			return append(cut, s)
		}
		cut, n = append(cut, s), n-have
	}
	return cut
}

func element(s notify.Span) api.RichTextSectionElement {
	text := s.Text
	if text == "" {
		text = " "
	}
	switch s.Kind {
	case notify.Bold:
		return api.NewRichTextSectionTextElement(text, &api.RichTextSectionTextStyle{Bold: true})
	case notify.Mention:
		return api.NewRichTextSectionUserElement(s.User, nil)
	case notify.Instant:
		return api.NewRichTextSectionDateElement(s.At.Unix(), "{date_short_pretty} {time}", nil, &text)
	}
	return api.NewRichTextSectionTextElement(text, nil)
}

func actions(list []notify.Button) api.Block {
	var elements []api.BlockElement
	for i, b := range list {
		if i == maxButtons {
			break
		}
		text := api.NewTextBlockObject(api.PlainTextType, notify.Cut(b.Text, maxButtonText), false, false)
		button := api.NewButtonBlockElement(fmt.Sprintf("%s/%d", b.Action, i), b.Value, text)
		switch {
		case b.Danger:
			button.Style = api.StyleDanger
			button.Confirm = api.NewConfirmationBlockObject(api.NewTextBlockObject(api.PlainTextType, "Are you sure?", false, false),
				api.NewTextBlockObject(api.PlainTextType, notify.Cut(b.Text+"? This is passed on at once.", 300), false, false),
				api.NewTextBlockObject(api.PlainTextType, "Yes", false, false), api.NewTextBlockObject(api.PlainTextType, "No", false, false))
		case b.Primary:
			button.Style = api.StylePrimary
		}
		elements = append(elements, button)
	}
	if len(elements) == 0 {
		return nil
	}
	return api.NewActionBlock("", elements...)
}

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// fallback is the message as one text, for notifications and for clients without blocks. Everything but our own mentions is
// escaped: what people wrote can at worst look bold there, and mentions nobody.
func fallback(c notify.Content) string {
	var b strings.Builder
	left := fallbackText
	put := func(s, coded string) bool {
		n := utf8.RuneCountInString(s)
		if n > left {
			if coded == "" {
				b.WriteString(escaper.Replace(notify.Cut(s, left)))
			}
			left = 0
			return false
		}
		left -= n
		if coded == "" {
			coded = escaper.Replace(s)
		}
		b.WriteString(coded)
		return true
	}
	if !put(strings.Join(strings.Fields(c.Title), " "), "") {
		return b.String()
	}
	for _, l := range c.Lines {
		if l.HasInstant() {
			continue
		}
		if !put("\n", "") {
			return b.String()
		}
		for _, s := range l {
			coded := ""
			if s.Kind == notify.Mention {
				coded = "<@" + s.User + ">"
			}
			if !put(s.Text, coded) {
				return b.String()
			}
		}
	}
	return b.String()
}

// Payload is a message exactly as Slack would get it: the text for notifications, and the blocks as JSON.
func Payload(c notify.Content) (text string, layout []byte, err error) {
	layout, err = json.MarshalIndent(blocks(c), "", "  ")
	return fallback(c), layout, err
}
