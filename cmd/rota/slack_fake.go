package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"rota/notify/slack/slacktest"
	"rota/schedule"
	"rota/schedule/sqlite"
)

// handCommands are what people do in the fake Slack.
func (a *app) handCommands() []*cobra.Command {
	return []*cobra.Command{
		a.fakeHand("press", "WHO TEXT", "Press the newest button that says TEXT, as WHO sees it", "  rota slack fake press ani \"I have it\""),
		a.fakeHand("type", "WHO TEXT", "Type /rota TEXT", "  rota slack fake type ani mine"),
		a.fakeHand("fill", "WHO TEXT", "Send the form that is open, with TEXT in it", "  rota slack fake fill ani \"The mail queue is being watched.\""),
	}
}

func (a *app) fakeHand(what, args, short, example string) *cobra.Command {
	c := &cobra.Command{Use: what + " " + args, Short: short, Example: example, Hidden: true, Args: cobra.ExactArgs(2), ValidArgsFunction: first(a.completeAgents),
		Long: short + `. WHO is an agent or a Slack id. Prints what came back: the answer to
that person, or the form that was opened.`}
	var file string
	var wait time.Duration
	c.Flags().StringVar(&file, "secrets", "", "the file that rota slack fake --write wrote (default: $ROTA_SLACK_FILE)")
	c.Flags().DurationVar(&wait, "wait", 5*time.Second, "how long to wait for the answer")
	c.RunE = func(cmd *cobra.Command, args []string) error {
		address := a.getenv(addressVariable)
		if file = a.secretsFile(file); address == "" && file != "" {
			var err error
			if address, err = addressIn(file); err != nil {
				return plainFileError(err)
			}
		}
		if address == "" {
			return hint(fmt.Errorf("it is not known where the fake Slack is"), "start it with rota slack fake --write fake.env, and set ROTA_SLACK_FILE=fake.env")
		}
		user, err := a.slackID(cmd.Context(), args[0])
		if err != nil {
			return err
		}
		return a.reach(cmd.Context(), address, what, url.Values{"user": {user}, "text": {args[1]}, "wait": {wait.String()}})
	}
	return c
}

// slackID is the Slack id of an agent, or the word itself.
func (a *app) slackID(ctx context.Context, word string) (string, error) {
	if strings.HasPrefix(word, "U") && strings.ToUpper(word) == word {
		return word, nil
	}
	id := ""
	err := a.withTeam(ctx, func(s *sqlite.Store, team schedule.TeamID) error {
		who, _, err := a.agentOf(ctx, s, team, word)
		if id = who.Slack; err == nil && id == "" {
			err = hint(fmt.Errorf("%s has no Slack id", word), "rota slack connect looks it up")
		}
		return err
	})
	return id, err
}

// reach does something in the fake Slack.
func (a *app) reach(ctx context.Context, address, what string, form url.Values) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimSuffix(strings.TrimSuffix(address, "/"), "/api")+"/control/"+what,
		strings.NewReader(form.Encode()))
	if err != nil {
		return fmt.Errorf("bad address %q", address)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := (&http.Client{Timeout: time.Minute}).Do(r)
	if err != nil {
		return hint(fmt.Errorf("the fake Slack does not answer at %s", address), "start it with rota slack fake --write fake.env")
	}
	defer func() { _ = response.Body.Close() }()
	var c slacktest.Control
	if err := json.NewDecoder(response.Body).Decode(&c); err != nil {
		return fmt.Errorf("%s is no fake Slack", address)
	}
	switch {
	case c.Problem != "":
		return hint(fmt.Errorf("%s", c.Problem), "rota notify run --watch or rota serve has to be running, and the message to be there")
	case c.Form != nil:
		a.say("A form: %s", c.Form.Title)
		a.say("%s", c.Form.Label)
		a.say("%s", c.Form.Hint)
	case c.Answer != "":
		a.say("%s", c.Answer)
	default:
		a.say("Acknowledged, and nothing was answered.")
	}
	return nil
}
