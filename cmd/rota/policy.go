package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"rota/schedule"
	"rota/schedule/sqlite"
	"rota/schedule/teamfile"
)

// testCommand is rota test.
func (a *app) testCommand() *cobra.Command {
	c := &cobra.Command{Use: "test FILE", Short: "Check statements about who is at work, at every instant of a roster", Args: cobra.ExactArgs(1),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return []string{"yaml", "yml"}, cobra.ShellCompDirectiveFilterFileExt
		},
		Long: `Check statements about who is at work, at every instant of a roster. They stand in a file (see docs/policies.md):

  policies:
    - never two agents below chat 2 alone
    - someone with en C1 at every instant

Exit code 5 when one does not hold, with the places.`,
		Example: "  rota test policies.yaml\n  rota test policies.yaml --version published"}
	var version string
	var all bool
	a.versionFlag(c, &version, "the version to test")
	c.Flags().BoolVar(&all, "all", false, "list every place, not the first few of each policy")
	format := a.output(c, "table", "json", "csv")
	c.RunE = func(cmd *cobra.Command, args []string) error {
		format, err := format()
		if err != nil {
			return err
		}
		data, err := a.readFile(args[0])
		if err != nil {
			return err
		}
		return a.withTeam(cmd.Context(), func(s *sqlite.Store, team schedule.TeamID) error {
			r, err := loadVersion(cmd.Context(), s, team, version, latestWord)
			if err != nil {
				return err
			}
			p, err := a.periodOf(cmd.Context(), s, r)
			if err != nil {
				return err
			}
			policies, err := teamfile.ReadPolicies(args[0], data, p)
			if err != nil {
				return err
			}
			breaches, err := schedule.CheckPolicies(p, r, policies)
			if err != nil {
				return err
			}
			if err := a.printPolicies(r, policies, breaches, all, format); err != nil {
				return err
			}
			if len(breaches) > 0 {
				return exit(exitFindings, nil)
			}
			return nil
		})
	}
	return c
}

type policyJSON struct {
	ID       string       `json:"id,omitempty"`
	Say      string       `json:"say"`
	Note     string       `json:"note,omitempty"`
	Holds    bool         `json:"holds"`
	Breaches []breachJSON `json:"breaches"`
}

type breachJSON struct {
	Start    time.Time          `json:"start"`
	End      time.Time          `json:"end"`
	Agents   []schedule.AgentID `json:"agents"`
	Others   []schedule.AgentID `json:"others"`
	Sentence string             `json:"sentence"`
}

func (a *app) printPolicies(r schedule.Roster, policies []schedule.Policy, breaches []schedule.Breach, all bool, format string) error {
	of := make([][]schedule.Breach, len(policies))
	for _, b := range breaches {
		of[b.Policy] = append(of[b.Policy], b)
	}
	switch format {
	case "json":
		out := struct {
			Schema   string           `json:"schema"`
			Team     schedule.TeamID  `json:"team"`
			Version  schedule.Version `json:"version"`
			Holds    bool             `json:"holds"`
			Policies []policyJSON     `json:"policies"`
		}{"rota/policies/v1", r.Team, r.Version, len(breaches) == 0, []policyJSON{}}
		for i, q := range policies {
			j := policyJSON{ID: q.ID, Say: q.Text, Note: q.Note, Holds: len(of[i]) == 0, Breaches: []breachJSON{}}
			for _, b := range of[i] {
				j.Breaches = append(j.Breaches, breachJSON{b.Interval.Start, b.Interval.End, append([]schedule.AgentID{}, b.Agents...),
					append([]schedule.AgentID{}, b.Others...), b.Sentence})
			}
			out.Policies = append(out.Policies, j)
		}
		return a.writeJSON(out)
	case "csv":
		var rows [][]string
		for _, b := range breaches {
			q := policies[b.Policy]
			rows = append(rows, []string{q.ID, q.Text, b.Interval.Start.Format(time.RFC3339), b.Interval.End.Format(time.RFC3339),
				joinIDs(b.Agents), joinIDs(b.Others), b.Sentence})
		}
		return a.writeCSV([]string{"id", "policy", "start", "end", "agents", "others", "sentence"}, rows)
	}
	a.say("%s", a.look.strong(title(r)))
	broken := 0
	for i, q := range policies {
		if len(of[i]) == 0 {
			a.say("%s  %s", a.look.good("holds "), q.Text)
			continue
		}
		broken++
		a.say("%s  %s", a.look.bad("broken"), q.Text)
		for k, b := range of[i] {
			if k >= fewFindings && !all {
				a.say("          and %d more (all with --all)", len(of[i])-k)
				break
			}
			a.wrapped("          ", b.Sentence)
		}
	}
	a.say("")
	a.say("%s", fmt.Sprintf("%d of %d policies hold.", len(policies)-broken, len(policies)))
	return nil
}
