package main

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"rota/notify"
	"rota/notify/slack"
	"rota/schedule"
	"rota/schedule/sqlite"
)

func kindWords() []string {
	var words []string
	for _, k := range notify.Kinds() {
		words = append(words, string(k))
	}
	return words
}

func (a *app) notifyPreview() *cobra.Command {
	c := &cobra.Command{Use: "preview [KIND]", Short: "Show how messages of a kind read, by your texts or the built-in ones",
		Long: `Show how messages of a kind read, on an example; without a kind all of them. Texts of your own are files such as
reminder.tmpl in a folder, or in a folder of the team's name within it: the first line is the title. --source prints the
text that is used, to begin from. All files are checked, so this finds a misspelt field before a message does.

Kinds: ` + strings.Join(kindWords(), ", ") + `.`,
		Example: `  rota notify preview reminder
  rota notify preview handoff --source > texts/handoff.tmpl
  rota notify preview --templates texts`,
		Args: cobra.MaximumNArgs(1), ValidArgsFunction: first(fixed(kindWords()...))}
	var dir string
	var source bool
	c.Flags().StringVar(&dir, "templates", "", "a folder with texts of your own (default: $ROTA_TEMPLATES)")
	c.Flags().BoolVar(&source, "source", false, "print the built-in text itself")
	format := a.output(c, "table", "json")
	c.RunE = func(_ *cobra.Command, args []string) error {
		format, err := format()
		if err != nil {
			return err
		}
		kinds := notify.Kinds()
		if len(args) == 1 {
			kind, err := notify.ParseKind(args[0])
			if err != nil {
				return usage(err)
			}
			kinds = []schedule.MessageKind{kind}
		}
		templates, err := loadTemplates(a.templateDir(dir), schedule.TeamID(a.teamFlag))
		if err != nil {
			return err
		}
		type preview struct {
			Kind    schedule.MessageKind `json:"kind"`
			Own     bool                 `json:"own"`
			Text    string               `json:"text"`
			Message string               `json:"message"`
			Blocks  json.RawMessage      `json:"blocks"`
		}
		out := []preview{}
		for i, kind := range kinds {
			if source {
				a.say("%s", strings.TrimRight(notify.BuiltinTemplate(kind), "\n"))
				continue
			}
			content, err := notify.Preview(templates, kind)
			if err != nil {
				return err
			}
			x := preview{Kind: kind, Own: templates[kind] != nil, Text: content.Text()}
			if x.Message, x.Blocks, err = slack.Payload(content); err != nil {
				return err
			}
			if out = append(out, x); format == "json" {
				continue
			}
			if i > 0 {
				a.say("")
			}
			if len(kinds) > 1 {
				a.say("%s", a.look.strong(string(kind)))
			}
			for line := range strings.SplitSeq(x.Text, "\n") {
				a.wrapped("  ", line)
			}
		}
		if format == "json" && !source {
			return a.writeJSON(struct {
				Schema   string    `json:"schema"`
				Previews []preview `json:"previews"`
			}{"rota/preview/v1", out})
		}
		return nil
	}
	return c
}

func (a *app) notifyMute() *cobra.Command {
	c := &cobra.Command{Use: "mute AGENT", Short: "Send an agent no reminders for a while",
		Long: `Send an agent no reminders for a while: for the rest of the day on the agent's own clock, or until --until. Everything
else, such as changes of their shifts, still reaches them. --off ends it.`,
		Example: "  rota notify mute ani\n  rota notify mute ani --until 2026-12-24T08:00:00Z\n  rota notify mute ani --off",
		Args:    cobra.ExactArgs(1), ValidArgsFunction: first(a.completeAgents)}
	var until string
	var off bool
	c.Flags().StringVar(&until, "until", "", "until when, as 2026-12-24T08:00:00Z")
	c.Flags().BoolVar(&off, "off", false, "send reminders again")
	a.writes(c)
	c.RunE = func(cmd *cobra.Command, args []string) error {
		end := time.Time{}
		if until != "" {
			var err error
			if end, err = time.Parse(time.RFC3339, until); err != nil || off {
				return usagef("bad --until %q: write it as 2026-12-24T08:00:00Z, and without --off", until)
			}
		}
		return a.withTeam(cmd.Context(), func(s *sqlite.Store, team schedule.TeamID) error {
			who, loc, err := a.agentOf(cmd.Context(), s, team, args[0])
			if err != nil {
				return err
			}
			switch {
			case off:
				end = a.now
			case end.IsZero():
				_, end = schedule.DayBounds(schedule.DateOf(a.now, loc), loc)
			}
			verb := "No reminders to %s until %s."
			if off {
				verb = "Reminders to %s again, from %s."
			}
			if a.dryRun {
				a.say(verb+" Nothing was written.", who.Name, stamp(end, loc))
				return nil
			}
			if err := s.SetMute(cmd.Context(), team, sqlite.Mute{Agent: who.ID, Until: end}, a.who(), a.now); err != nil {
				return err
			}
			a.say(verb, who.Name, stamp(end, loc))
			return nil
		})
	}
	return c
}
