package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"rota/notify"
	"rota/notify/slack"
	"rota/notify/slack/slacktest"
	"rota/schedule"
	"rota/schedule/sqlite"
)

// addressVariable is where Slack's methods are, for trying things out; unset for Slack itself.
const addressVariable = "ROTA_SLACK_API"

// secretsFile is the file that holds the secrets: the flag, or else ROTA_SLACK_FILE; empty for none.
func (a *app) secretsFile(flag string) string {
	if flag != "" {
		return flag
	}
	return a.getenv("ROTA_SLACK_FILE")
}

// hasSlack reports whether anybody has said where the token is.
func (a *app) hasSlack() bool {
	return a.getenv(slack.BotVariable) != "" || a.getenv("ROTA_SLACK_FILE") != ""
}

// slackClient is a client with the secrets that are set.
func (a *app) slackClient(file string) (*slack.Client, slack.Secrets, error) {
	file = a.secretsFile(file)
	secrets, err := slack.LoadSecrets(a.getenv, file)
	if err != nil {
		return nil, secrets, hint(plainFileError(err), "see rota slack manifest and rota slack connect --help")
	}
	address := a.getenv(addressVariable)
	if address == "" && file != "" {
		if address, err = addressIn(file); err != nil {
			return nil, secrets, plainFileError(err)
		}
	}
	if address != "" {
		u, err := url.Parse(address)
		local := err == nil && u.Scheme == "http" && (u.Hostname() == "localhost" || net.ParseIP(u.Hostname()).IsLoopback())
		if err != nil || u.Host == "" || u.Scheme != "https" && !local {
			return nil, secrets, fmt.Errorf("bad %s: use an https address, or http on this machine alone, since it is handed the token", addressVariable)
		}
	}
	return slack.NewClient(secrets, slack.Options{URL: address}), secrets, nil
}

// addressIn looks for the address in a file of secrets.
func addressIn(file string) (string, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	for line := range strings.SplitSeq(string(text), "\n") {
		name, value, found := strings.Cut(strings.TrimPrefix(strings.TrimSpace(line), "export "), "=")
		if found && strings.TrimSpace(name) == addressVariable {
			return strings.Trim(strings.TrimSpace(value), `"'`), nil
		}
	}
	return "", nil
}

func (a *app) slackCommand() *cobra.Command {
	group := &cobra.Command{Use: "slack", Short: "Set up Slack and check what it needs"}
	group.AddCommand(a.slackManifest(), a.slackConnect(), a.slackFake())
	return group
}

func (a *app) slackManifest() *cobra.Command {
	c := &cobra.Command{Use: "manifest", Short: "Print the Slack app's manifest, to paste when the app is made",
		Long: `Print the Slack app's manifest: make an app at api.slack.com/apps from a manifest and paste it. It asks for no more scopes
than rota uses. Without --address the app uses Socket Mode, which needs no public address but an app token with
connections:write; with it Slack sends signed requests there, to rota serve at /slack.

Then install the app, put its tokens into the environment or into a file that only you can read,

  ROTA_SLACK_BOT_TOKEN       the bot token, from OAuth & Permissions
  ROTA_SLACK_APP_TOKEN       for Socket Mode, from Basic Information
  ROTA_SLACK_SIGNING_SECRET  for signed requests, from Basic Information

and run rota slack connect.`,
		Example: "  rota slack manifest > app.json\n  rota slack manifest --address https://rota.example/slack"}
	var name, address string
	c.Flags().StringVar(&name, "name", "rota", "the app's name")
	c.Flags().StringVar(&address, "address", "", "where Slack is to send requests; empty for Socket Mode")
	c.RunE = func(*cobra.Command, []string) error {
		if strings.TrimSpace(name) == "" || len([]rune(name)) > 35 {
			return usagef("bad --name %q: Slack takes 1 to 35 characters", name)
		}
		if address != "" {
			if u, err := url.Parse(address); err != nil || u.Scheme != "https" || u.Host == "" {
				return usagef("bad --address %q: Slack takes https addresses, such as https://rota.example/slack", address)
			}
		}
		text, err := slack.Manifest(name, address)
		if err != nil {
			return err
		}
		_, err = a.out.Write(text)
		return err
	}
	return c
}

func (a *app) slackConnect() *cobra.Command {
	c := &cobra.Command{Use: "connect", Short: "Check token, scopes, channel, people and user groups, and keep people's Slack ids",
		Long: `Check that all that messages need is there: the token, its scopes, the team's channel, its people and its user groups.
Agents without a Slack id are looked up by e-mail, once, and their ids are kept with the team. Nothing is sent. Exit code 1
when something is missing, 12 when Slack refuses the token.`,
		Example: "  rota slack connect\n  rota slack connect --secrets slack.env --dry-run"}
	var file string
	c.Flags().StringVar(&file, "secrets", "", "a file of lines NAME=value with the tokens, readable by you alone (default: $ROTA_SLACK_FILE)")
	a.writes(c)
	format := a.output(c, "table", "json")
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		format, err := format()
		if err != nil {
			return err
		}
		ctx := cmd.Context()
		return a.withTeam(ctx, func(s *sqlite.Store, team schedule.TeamID) error {
			client, secrets, err := a.slackClient(file)
			if err != nil {
				return err
			}
			book, _, err := s.LoadBook(ctx, team)
			if err != nil {
				return err
			}
			found, err := client.Check(ctx, book.Team, book.Agents)
			if err != nil {
				return refusedToken(err)
			}
			if len(found.People) > 0 && !a.dryRun {
				if _, err := s.UpdateBook(ctx, team, a.who(), a.now, func(b *schedule.Book) error {
					for i := range b.Agents {
						if id := found.People[b.Agents[i].ID]; id != "" && b.Agents[i].Slack == "" {
							b.Agents[i].Slack = id
						}
					}
					return nil
				}); err != nil {
					return err
				}
			}
			if err := a.printChecked(team, secrets, book, found, format); err != nil {
				return err
			}
			if len(found.Troubles) > 0 {
				return exit(exitError, nil)
			}
			return nil
		})
	}
	return c
}

func (a *app) printChecked(team schedule.TeamID, secrets slack.Secrets, book schedule.Book, found slack.Checked, format string) error {
	if format == "json" {
		type trouble struct {
			What    string `json:"what"`
			Problem string `json:"problem"`
			Hint    string `json:"hint,omitempty"`
		}
		troubles := []trouble{}
		for _, t := range found.Troubles {
			troubles = append(troubles, trouble(t))
		}
		return a.writeJSON(struct {
			Schema    string                      `json:"schema"`
			Team      schedule.TeamID             `json:"team"`
			Workspace string                      `json:"workspace"`
			Bot       string                      `json:"bot"`
			Channel   string                      `json:"channel,omitempty"`
			People    map[schedule.AgentID]string `json:"people"`
			Kept      bool                        `json:"kept"`
			Troubles  []trouble                   `json:"troubles"`
		}{"rota/slack/v1", team, found.Workspace, found.Bot, found.Channel, found.People, len(found.People) > 0 && !a.dryRun, troubles})
	}
	a.say("Connected to %s as %s (%s).", found.Workspace, found.Bot, secrets)
	if found.Channel != "" {
		a.say("The channel of %s is %s (%s).", book.Team.Name, book.Team.Channel, found.Channel)
	}
	if len(found.People) > 0 {
		verb := "kept"
		if a.dryRun {
			verb = "found, and not kept"
		}
		a.say("%s %s by e-mail:", plural(len(found.People), "Slack id"), verb)
		for _, x := range book.Agents {
			if id := found.People[x.ID]; id != "" {
				a.say("  %s  %s", x.ID, id)
			}
		}
	}
	for _, t := range found.Troubles {
		a.say("%s %s: %s", a.look.bad("missing"), t.What, t.Problem)
		if t.Hint != "" {
			a.say("         hint: %s", t.Hint)
		}
	}
	if len(found.Troubles) == 0 {
		a.say("Everything that messages need is there.")
	}
	return nil
}

// checkSlack tells doctor what keeps messages of a team from arriving; nothing where Slack is not set up.
func (a *app) checkSlack(ctx context.Context, book schedule.Book, add func(check, state, detail, hint string)) {
	if !a.hasSlack() {
		return
	}
	name := "slack of " + string(book.Team.ID)
	client, _, err := a.slackClient("")
	if err != nil {
		add(name, "bad", err.Error(), hintFor(err))
		return
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	found, err := client.Check(ctx, book.Team, book.Agents)
	switch {
	case errors.Is(err, notify.ErrToken):
		add(name, "bad", "Slack refuses the token: "+err.Error(), "see rota slack connect --help")
	case err != nil:
		add(name, "warning", "Slack could not be asked: "+err.Error(), "try again")
	case len(found.Troubles) == 0:
		add(name, "good", "token, scopes, channel and people are there, in "+found.Workspace, "")
	}
	for _, t := range found.Troubles {
		state := "bad"
		if t.What == "person" || t.What == "group" {
			state = "warning" // everybody else is told, and everything else works
		}
		add(name, state, t.What+": "+t.Problem, t.Hint)
	}
}

// slackFake is a Slack of our own, to try everything out without a workspace.
func (a *app) slackFake() *cobra.Command {
	c := &cobra.Command{Use: "fake", Short: "Be a Slack of our own on this machine, and print what it is sent", Hidden: true,
		Long: `Be a Slack of our own on this machine, as strict as the real one, and print every message that arrives. It knows the
people, channels and user groups of the database's teams. --write writes a file for ROTA_SLACK_FILE or --secrets, with which
the other commands find it. press, type and fill do what people do there; what they do goes to rota notify run --watch or
rota serve through Socket Mode, or with --requests as signed requests to an address.`,
		Example: "  rota slack fake --write fake.env &\n  ROTA_SLACK_FILE=fake.env rota notify run --watch &\n  ROTA_SLACK_FILE=fake.env rota slack fake press ani \"I have it\"", Args: cobra.NoArgs}
	c.AddCommand(a.handCommands()...)
	var listen, file, requests string
	var free, unlimited bool
	c.Flags().StringVar(&listen, "listen", "127.0.0.1:0", "address and port; port 0 chooses a free one")
	c.Flags().StringVar(&file, "write", "", "write the address and the secrets of the fake to this file")
	c.Flags().StringVar(&requests, "requests", "", "send what people do as signed requests there, such as http://127.0.0.1:8470/slack")
	c.Flags().BoolVar(&free, "free", false, "be a free workspace, which has no user groups")
	c.Flags().BoolVar(&unlimited, "unlimited", false, "take more than one message a second in a conversation")
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		ctx := cmd.Context()
		return a.withStore(ctx, func(s *sqlite.Store) error {
			server := slacktest.New()
			server.Now, server.Paid, server.Unlimited, server.Requests = a.running, !free, unlimited, requests
			if err := peopleFake(ctx, s, server); err != nil {
				return err
			}
			var how net.ListenConfig
			listener, err := how.Listen(ctx, "tcp", listen)
			if err != nil {
				return hint(fmt.Errorf("cannot listen on %s: %w", listen, err), "write it as 127.0.0.1:8471")
			}
			if tcp, ok := listener.Addr().(*net.TCPAddr); !ok || !tcp.IP.IsLoopback() {
				_ = listener.Close()
				return usagef("the fake Slack listens on this machine alone: use 127.0.0.1")
			}
			address := "http://" + listener.Addr().String() + "/api/"
			if file != "" {
				text := fmt.Sprintf("# A Slack of our own, not the real one.\n%s=%s\n%s=%s\n%s=%s\n%s=%s\n", addressVariable, address, slack.BotVariable,
					slacktest.BotToken, slack.AppVariable, slacktest.AppToken, slack.SigningVariable, slacktest.SigningSecret)
				// Written aside and renamed, so that whoever waits for the file finds it whole.
				err := os.WriteFile(file+".part", []byte(text), 0o600)
				if err == nil {
					err = os.Rename(file+".part", file)
				}
				if err != nil {
					_ = listener.Close()
					return plainFileError(err)
				}
			}
			a.say("A Slack of our own on %s", address)
			return a.serveFake(ctx, server, listener)
		})
	}
	return c
}

// peopleFake tells the fake who and what the teams of a database speak of.
func peopleFake(ctx context.Context, s *sqlite.Store, server *slacktest.Server) error {
	teams, err := s.ListTeams(ctx)
	if err != nil {
		return err
	}
	n := 0
	for _, t := range teams {
		book, _, err := s.LoadBook(ctx, t.ID)
		if err != nil {
			return err
		}
		for _, x := range book.Agents {
			if n++; x.Slack != "" || x.Email != "" {
				id := x.Slack
				if id == "" {
					id = fmt.Sprintf("U0FAKE%03d", n)
				}
				server.AddUser(id, x.Email)
			}
		}
		if book.Team.ManagerSlack != "" {
			server.AddUser(book.Team.ManagerSlack, "")
		}
		if name := book.Team.Channel; name != "" {
			id := name
			if strings.HasPrefix(name, "#") {
				id = fmt.Sprintf("C0FAKE%03d", n)
			}
			server.AddChannel(slacktest.Channel{ID: id, Name: strings.TrimPrefix(name, "#"), Member: true})
		}
		for i, g := range book.Team.Groups {
			id := g.Group
			if strings.HasPrefix(id, "@") {
				id = fmt.Sprintf("S0FAKE%03d%d", n, i)
			}
			server.AddGroup(slacktest.Group{ID: id, Handle: strings.TrimPrefix(g.Group, "@")})
		}
	}
	return nil
}

// serveFake answers until ctx ends, and prints messages and user groups as they change.
func (a *app) serveFake(ctx context.Context, server *slacktest.Server, listener net.Listener) error {
	web := &http.Server{Handler: server, ReadHeaderTimeout: 10 * time.Second}
	done := make(chan error, 1)
	go func() { done <- web.Serve(listener) }()
	seen, edits, replies, forms := 0, map[string]int{}, 0, 0
	groups := map[string]string{}
	look := func() {
		list := server.Messages()
		for i, m := range list {
			key := m.Channel + " " + m.Stamp
			switch {
			case i >= seen:
				a.say("--- to %s (%s)", m.To, m.Channel)
				a.say("%s", m.Text)
			case m.Edits != edits[key]:
				a.say("--- changed in %s", m.Channel)
				a.say("%s", m.Text)
			}
			edits[key] = m.Edits
		}
		seen = len(list)
		for _, g := range server.Groups() {
			if who := strings.Join(g.Users, ", "); who != groups[g.ID] {
				a.say("--- @%s is %s", g.Handle, who)
				groups[g.ID] = who
			}
		}
		said := server.Replies()
		for _, r := range said[replies:] {
			a.say("--- answer, to one person alone")
			a.say("%s", slacktest.Answer(r))
		}
		replies = len(said)
		open := server.Views()
		for _, v := range open[forms:] {
			a.say("--- a form for %s: %s", v.User, v.Title)
			a.say("%s %s", v.Label, v.Hint)
		}
		forms = len(open)
	}
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case err := <-done:
			return err
		case <-ctx.Done():
			err := web.Close()
			<-done
			look()
			a.say("%s arrived.", plural(seen, "message"))
			return err
		case <-tick.C:
			look()
		}
	}
}
