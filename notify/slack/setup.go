package slack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	api "github.com/slack-go/slack"

	"rota/notify"
	"rota/schedule"
)

// Need is a scope and what it is for.
type Need struct {
	Scope, Why string
	// Optional is what the scope is needed for, when not everybody does: groups or emails.
	Optional string
}

// Needs lists the scopes that the app asks for, and no more.
func Needs() []Need {
	return []Need{
		{Scope: "chat:write", Why: "to send messages"},
		{Scope: "commands", Why: "for /rota"},
		{Scope: "im:write", Why: "to open direct messages"},
		{Scope: "im:history", Why: "to see whether a direct message of its own has arrived"},
		{Scope: "channels:read", Why: "to find channels by name"},
		{Scope: "channels:history", Why: "to see whether a message of its own has arrived in a public channel"},
		{Scope: "groups:read", Why: "to find private channels it was invited to"},
		{Scope: "groups:history", Why: "to see whether a message of its own has arrived in a private channel"},
		{Scope: "users:read", Why: "Slack asks for it along with users:read.email", Optional: "emails"},
		{Scope: "users:read.email", Why: "to find people by e-mail, once", Optional: "emails"},
		{Scope: "usergroups:read", Why: "to see who is in a user group", Optional: "groups"},
		{Scope: "usergroups:write", Why: "to keep user groups at who is on", Optional: "groups"},
	}
}

// Manifest is the app as Slack reads it, in JSON: from a file to paste when the app is made. address is where signed HTTP
// requests arrive, such as https://rota.example/slack; empty for Socket Mode.
func Manifest(name, address string) ([]byte, error) {
	var scopes []string
	for _, n := range Needs() {
		scopes = append(scopes, n.Scope)
	}
	command := map[string]any{"command": "/rota", "description": "Who is on, and your shifts", "usage_hint": "now | next | mine | off | note TEXT", "should_escape": false}
	interactivity := map[string]any{"is_enabled": true}
	if address != "" {
		command["url"], interactivity["request_url"] = address, address
	}
	text, err := json.MarshalIndent(map[string]any{
		"display_information": map[string]any{"name": name, "description": "Shifts: reminders, handoffs and who is on"},
		"features": map[string]any{
			"app_home":       map[string]any{"home_tab_enabled": false, "messages_tab_enabled": true, "messages_tab_read_only_enabled": true},
			"bot_user":       map[string]any{"display_name": name, "always_online": true},
			"slash_commands": []any{command},
		},
		"oauth_config": map[string]any{"scopes": map[string]any{"bot": scopes}},
		"settings": map[string]any{"interactivity": interactivity, "org_deploy_enabled": false, "socket_mode_enabled": address == "",
			"token_rotation_enabled": false},
	}, "", "  ")
	return append(text, '\n'), err
}

// Trouble is one thing that keeps messages from arriving.
type Trouble struct {
	// What is it about: token, scope, channel, person, group.
	What, Problem, Hint string
}

// Checked is what Check found.
type Checked struct {
	// Workspace and Bot are who we are there.
	Workspace, Bot string
	// Channel is the id of the team's channel, empty when it is not found.
	Channel string
	// People are the Slack ids found by e-mail, for agents without one.
	People   map[schedule.AgentID]string
	Troubles []Trouble
}

// Check looks whether all that a team's messages need is there: the token, its scopes, the channel, the people and the user
// groups. It writes nothing. Everything that is wrong is listed; the error is for what ended the check, ErrToken among it.
func (c *Client) Check(ctx context.Context, team schedule.Team, agents []schedule.Agent) (Checked, error) {
	out := Checked{People: map[schedule.AgentID]string{}}
	me, err := c.service.AuthTestContext(ctx)
	if err != nil {
		return out, c.wrap("auth.test", err)
	}
	if me.UserID == "" {
		return out, &Error{Method: "auth.test", Text: "the answer cannot be understood"}
	}
	out.Workspace, out.Bot = me.Team, me.UserID
	if granted := strings.Split(me.Header.Get("X-Oauth-Scopes"), ","); len(granted) > 1 || granted[0] != "" {
		for i := range granted {
			granted[i] = strings.TrimSpace(granted[i])
		}
		for _, n := range Needs() {
			if n.Optional == "groups" && len(team.Groups) == 0 || slices.Contains(granted, n.Scope) {
				continue
			}
			out.Troubles = append(out.Troubles, Trouble{"scope", "the app lacks " + n.Scope + ", " + n.Why, "add it in the app's settings under OAuth & Permissions and install the app again"})
		}
	}
	for _, look := range []func() error{
		func() error { return c.checkChannel(ctx, team, &out) },
		func() error { return c.checkPeople(ctx, team, agents, &out) },
		func() error { return c.checkGroups(ctx, team, &out) },
	} {
		if err := look(); err != nil {
			return out, err
		}
	}
	return out, nil
}

func (c *Client) checkChannel(ctx context.Context, team schedule.Team, out *Checked) error {
	if team.Channel == "" {
		out.Troubles = append(out.Troubles, Trouble{"channel", "the team has no channel, so there are no handoffs and no digest", "set slack.channel in the team file"})
		return nil
	}
	id, err := c.conversation(ctx, team.Channel)
	var found *api.Channel
	if err == nil {
		found, err = c.service.GetConversationInfoContext(ctx, &api.GetConversationInfoInput{ChannelID: id})
		err = c.wrap("conversations.info", err)
	}
	var no *notify.Refusal
	switch {
	case errors.Is(err, notify.ErrToken):
		return err
	case errors.As(err, &no):
		out.Troubles = append(out.Troubles, Trouble{"channel", fmt.Sprintf("%s: %s", team.Channel, no), "invite the app there, or write the channel's id"})
	case err != nil:
		return err
	case found.IsArchived:
		out.Troubles = append(out.Troubles, Trouble{"channel", team.Channel + " is archived", "choose another channel"})
	case !found.IsMember:
		out.Troubles = append(out.Troubles, Trouble{"channel", "the app is not in " + team.Channel, "type /invite @rota there"})
	default:
		out.Channel = id
	}
	return nil
}

func (c *Client) checkPeople(ctx context.Context, team schedule.Team, agents []schedule.Agent, out *Checked) error {
	manager := team.ManagerSlack != ""
	for _, a := range agents {
		manager = manager || a.ID == team.Manager
		if a.Slack != "" {
			continue
		}
		if a.Email == "" {
			out.Troubles = append(out.Troubles, Trouble{"person", string(a.ID) + " has neither a Slack id nor an e-mail address", "add one to the team file"})
			continue
		}
		u, err := c.service.GetUserByEmailContext(ctx, a.Email)
		err = c.wrap("users.lookupByEmail", err)
		var no *notify.Refusal
		switch {
		case errors.Is(err, notify.ErrToken):
			return err
		case errors.As(err, &no):
			out.Troubles = append(out.Troubles, Trouble{"person", fmt.Sprintf("%s is not found by e-mail: %s", a.ID, no), "write their Slack id into the team file"})
		case err != nil:
			return err
		case u != nil && u.ID != "":
			out.People[a.ID] = u.ID
		}
	}
	if !manager {
		out.Troubles = append(out.Troubles, Trouble{"person", "the team has no manager, so nobody is told of gaps and of what was missed", "set the manager in the team file"})
	}
	return nil
}

func (c *Client) checkGroups(ctx context.Context, team schedule.Team, out *Checked) error {
	for _, g := range team.Groups {
		_, err := c.Group(ctx, g.Group)
		var no *notify.Refusal
		switch {
		case errors.Is(err, notify.ErrToken):
			return err
		case errors.Is(err, notify.ErrNoGroups):
			out.Troubles = append(out.Troubles, Trouble{"group", err.Error(), "take the groups out of the team file; everything else works without them"})
			return nil
		case errors.As(err, &no):
			out.Troubles = append(out.Troubles, Trouble{"group", fmt.Sprintf("%s: %s", g.Group, no), ""})
		case err != nil:
			return err
		}
	}
	return nil
}
