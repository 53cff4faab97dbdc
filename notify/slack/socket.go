package slack

import (
	"context"
	"errors"
	"io"
	"log"
	"strings"
	"time"

	api "github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"rota/notify"
)

// Socket brings what people press and type through Socket Mode, over a connection that this side opens: no public
// address is needed. It returns nil when the context ends and a *notify.Refusal when Slack does not accept the app token;
// otherwise it connects again, however often the connection breaks. It needs an app token.
func (h *Handler) Socket(ctx context.Context) error {
	if !h.client.secrets.HasApp() {
		return errors.New("Socket Mode needs an app token: set " + AppVariable)
	}
	pause := time.Second
	for ctx.Err() == nil {
		began := time.Now()
		err := h.connect(ctx)
		if ctx.Err() != nil {
			return nil
		}
		var no *notify.Refusal
		if wrapped := h.client.wrap("apps.connections.open", err); errors.As(wrapped, &no) && no.Token {
			return no
		} else if wrapped != nil {
			h.failed(wrapped)
		}
		if time.Since(began) > time.Minute {
			pause = time.Second
		}
		if (notify.WallClock{}).Sleep(ctx, pause) != nil {
			return nil
		}
		pause = min(2*pause, time.Minute)
	}
	return nil
}

// connect holds one connection until it ends.
func (h *Handler) connect(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	socket := socketmode.New(h.client.service, socketmode.OptionLog(log.New(io.Discard, "", 0)), socketmode.OptionReadLimit(maxBody))
	done := make(chan error, 1)
	go func() { done <- socket.RunContext(ctx) }()
	for {
		select {
		case err := <-done:
			return err
		case e := <-socket.Events:
			h.event(ctx, socket, e)
		}
	}
}

func (h *Handler) event(ctx context.Context, socket *socketmode.Client, e socketmode.Event) {
	var list []request
	switch data := e.Data.(type) {
	case api.InteractionCallback:
		list = pressed(data)
	case *api.ConnectionErrorEvent:
		h.failed(h.client.wrap("apps.connections.open", data.ErrorObj))
	case api.SlashCommand:
		list = []request{{user: data.UserID, id: data.TriggerID, answerTo: data.ResponseURL, text: data.Text}}
	}
	if e.Request == nil || e.Request.EnvelopeID == "" {
		return
	}
	for i := range list {
		// An envelope that comes again has its own id, and so has what is in it.
		if strings.TrimSpace(list[i].id) == "" {
			list[i].id = e.Request.EnvelopeID
		}
	}
	// Taking only begins the work, so the answer is as quick; and whoever has the answer can Wait for the work. Should the
	// answer be lost, the envelope comes again and is known.
	h.take(list)
	if err := socket.AckCtx(ctx, e.Request.EnvelopeID, nil); err != nil {
		h.failed(h.client.secrets.failure("acknowledge", err))
	}
}
