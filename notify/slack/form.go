package slack

import (
	"context"
	"encoding/json"
	"time"

	api "github.com/slack-go/slack"

	"rota/notify"
)

const (
	// formTime bounds what comes before a form is open: Slack lets one be opened within three seconds of the click.
	formTime = 2500 * time.Millisecond
	// The parts of a form, by which its text is found again.
	textBlock, textAction = "text", "text"
	maxFormTitle          = 24
	maxMetadata           = 3000
)

// context is what a form carries unseen: what it is about, and where the answer goes.
type formContext struct {
	Words   []string `json:"words"`
	Channel string   `json:"channel"`
}

// ask opens the form of a button that asks.
func (h *Handler) ask(ctx context.Context, r request) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, formTime)
	defer cancel()
	form, err := h.desk.Ask(ctx, r.user, r.action, r.words, h.now())
	if err != nil {
		return "", err
	}
	if err := h.client.openForm(ctx, r, form); err != nil {
		h.failed(err)
		return "The form did not open. Type /rota note and your words instead.", nil
	}
	return "", nil
}

// openForm shows a form to whoever pressed a button.
func (c *Client) openForm(ctx context.Context, r request, form notify.Form) error {
	const method = "views.open"
	carried, err := json.Marshal(formContext{r.words, r.channel})
	if err != nil {
		return err
	}
	if len(carried) > maxMetadata || r.trigger == "" {
		return &Error{Method: method, Text: "the button does not say enough to open a form"}
	}
	plain := func(s string, n int) *api.TextBlockObject {
		return api.NewTextBlockObject(api.PlainTextType, notify.Cut(s, n), false, false)
	}
	text := api.NewPlainTextInputBlockElement(nil, textAction).WithMultiline(true).WithMinLength(1).WithMaxLength(min(form.Most, maxText))
	input := api.NewInputBlock(textBlock, plain(form.Label, 2000), plain(form.Hint, 2000), text)
	_, err = c.service.OpenViewContext(ctx, r.trigger, api.ModalViewRequest{Type: api.VTModal, CallbackID: string(r.action), PrivateMetadata: string(carried),
		Title: plain(form.Title, maxFormTitle), Submit: plain(form.Submit, maxFormTitle), Close: plain("Cancel", maxFormTitle),
		Blocks: api.Blocks{BlockSet: []api.Block{input}}})
	return c.wrap(method, err)
}

// filledIn is the request of a form that was sent; none for a form that is not ours.
func filledIn(c api.InteractionCallback) []request {
	var about formContext
	a := notify.Action(c.View.CallbackID)
	if !a.Asks() || c.View.State == nil || json.Unmarshal([]byte(c.View.PrivateMetadata), &about) != nil {
		return nil
	}
	return []request{{user: c.User.ID, id: c.User.ID + " " + c.View.ID + " sent", action: a, words: about.Words, channel: about.Channel,
		text: c.View.State.Values[textBlock][textAction].Value, filled: true}}
}

// whisper tells something to one person in a channel.
func (c *Client) whisper(ctx context.Context, channel, user, text string) error {
	const method = "chat.postEphemeral"
	if text == "" || user == "" {
		return nil
	}
	if channel == "" {
		return &Error{Method: method, Text: "it is not known where to answer"}
	}
	_, err := c.service.PostEphemeralContext(ctx, channel, user, api.MsgOptionText(escaper.Replace(notify.Cut(text, maxText)), false),
		api.MsgOptionDisableLinkUnfurl(), api.MsgOptionDisableMediaUnfurl())
	return c.wrap(method, err)
}
