package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"rota/schedule"
	"rota/schedule/sqlite"
)

func (a *app) logCommand() *cobra.Command {
	c := &cobra.Command{Use: "log", Short: "Say who changed what, and when"}
	var kind, key string
	var limit int
	c.Flags().StringVar(&kind, "kind", "", "only changes of one kind, such as agents, rules, roster, feed")
	c.Flags().StringVar(&key, "key", "", "only changes of one entry")
	c.Flags().IntVarP(&limit, "limit", "n", 40, "how many at most, newest first; 0 for all")
	_ = c.RegisterFlagCompletionFunc("kind", fixed("team", "shifts", "demand", "contracts", "rules", "patterns", "rotations", "holidays",
		"agents", "availability", "pins", "roster", "feed", "offer", "note", "message", "ledger"))
	format := a.output(c, "table", "json", "csv")
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		format, err := format()
		if err != nil {
			return err
		}
		if limit < 0 {
			return usagef("bad --limit %d", limit)
		}
		return a.withStore(cmd.Context(), func(s *sqlite.Store) error {
			var team schedule.TeamID
			if a.teamFlag != "" {
				if team, err = a.teamID(cmd.Context(), s); err != nil {
					return err
				}
			}
			ask := limit
			if limit > 0 {
				ask++ // one more, to know whether there are more
			}
			entries, err := s.AuditLog(cmd.Context(), sqlite.LogQuery{Team: team, Kind: kind, Key: key, Limit: ask})
			if err != nil {
				return err
			}
			type entry struct {
				ID     int64           `json:"id"`
				At     time.Time       `json:"at"`
				Who    string          `json:"who"`
				Team   schedule.TeamID `json:"team"`
				Op     string          `json:"op"`
				Kind   string          `json:"kind"`
				Key    string          `json:"key"`
				Detail json.RawMessage `json:"detail"`
			}
			if limit > 0 && len(entries) > limit {
				entries = entries[:limit]
				if format == "table" {
					a.note("These are the last %s; there are more: see --limit.", plural(limit, "change"))
				}
			}
			all := []entry{}
			t := list{header: []string{"When (UTC)", "Who", "Team", "What"}, empty: "Nothing was changed yet."}
			if kind != "" || key != "" {
				t.empty = "Nothing of that was changed."
			}
			for _, e := range entries {
				detail := json.RawMessage(e.Detail)
				if len(detail) == 0 {
					detail = json.RawMessage("null")
				}
				all = append(all, entry{e.ID, e.At.UTC(), e.Who, e.Team, e.Op, e.Kind, e.Key, detail})
				what := strings.TrimSpace(fmt.Sprintf("%s %s %s", e.Op, e.Kind, e.Key))
				for i, f := range e.Fields() {
					sep := ", "
					if i == 0 {
						sep = ": "
					}
					what += fmt.Sprintf("%s%s %s -> %s", sep, f.Name, orNone(f.Old), orNone(f.New))
				}
				t.add(e.At.UTC().Format("2006-01-02 15:04:05"), e.Who, string(e.Team), what)
			}
			return listing(a, format, "rota/log/v1", "", "entries", all, t)
		})
	}
	return c
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}
