package main

import (
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"rota/schedule"
	"rota/schedule/teamfile"
)

func (a *app) agentCommand() *cobra.Command {
	x := section{
		noun: "agent", plural: "agents", name: "agents", short: "The people of the team",
		args: []string{"id"}, keys: []string{"id"},
		flags: []keyFlag{
			{flag: "name", path: "name", doc: "full name"},
			{flag: "timezone", path: "timezone", doc: "IANA zone such as Europe/Lisbon; the team's if none", complete: fixedZones},
			{flag: "contract", path: "contract", doc: "contract", complete: a.completeContracts},
			{flag: "slack", path: "slack", doc: "Slack member id"},
			{flag: "email", path: "email", doc: "e-mail address"},
			{flag: "languages", path: "languages", doc: "languages and levels, as en:C1,es:B2"},
			{flag: "skills", path: "skills", doc: "skills and levels 1 to 5, as chat:3,email:2"},
			{flag: "tags", path: "tags", doc: "words by which rules choose agents"},
			{flag: "holidays", path: "holidays", doc: "public holiday calendars, as AM,GE; none for none; the team's if not given"},
			{flag: "from", path: "from", doc: "first day of employment"},
			{flag: "to", path: "to", doc: "last day of employment"},
			{flag: "extra-hours", path: "extra_hours_per_week", doc: "extra hours a week the agent accepts, if not the contract's"},
			{flag: "reminders", path: "reminders", doc: "how long before a slot to be told, as 24h,30m; none for never"},
			{flag: "quiet", path: "quiet", doc: "hours in which no message comes, as 22:00-07:00"},
			{flag: "note", path: "note", doc: "a note"},
		},
		columns: []column{{"ID", "id", false}, {"Name", "name", false}, {"Contract", "contract", false},
			{"Time zone", "timezone", false}, {"Languages", "languages", false}, {"Skills", "skills", false}},
		filters: []filter{
			{flag: "language", doc: "those who speak a language, at a level or above: es or es:B2", known: languagesOf, keep: keepLanguage},
			{flag: "skill", doc: "those who have a skill, at a level or above: chat or chat:3", known: skillsOf, keep: keepSkill},
			{flag: "contract", doc: "those of a contract", known: contractsOf,
				keep: func(b schedule.Book, i int, text string) (bool, error) {
					return string(b.Agents[i].Contract) == text, nil
				}},
			{flag: "tag", doc: "those with a tag", known: agentTagsOf, keep: func(b schedule.Book, i int, text string) (bool, error) {
				return b.Agents[i].HasTag(text), nil
			}},
		},
		with: func(b *schedule.Book, key string) {
			b.Availability = without(b.Availability, func(v schedule.Availability) bool { return string(v.Agent) == key })
			b.Pins = without(b.Pins, func(p schedule.Pin) bool { return string(p.Agent) == key })
		},
		example: `  rota agent list --language es:B2 --skill chat:2
  rota agent add eva --name "Eva Nowak" --contract full-time --timezone Europe/Warsaw --languages pl:native,en:C1
  rota agent edit ani --contract part-time
  rota agent import people.csv`,
	}
	return a.sectionCommand(x, a.importEntries(x, `Read agents from a CSV table. The first row names the columns: id, name, timezone, contract, slack, email, languages
(en:C1 es:B2), skills (chat:3), tags and the other keys of an agent in a team file. Agents who exist already change in the
columns that are given; nobody is removed. Every problem is told with line and column, and then nothing is written.`,
		func(name string, data []byte, base schedule.Book) (schedule.Book, error) {
			agents, err := teamfile.ReadAgentsCSV(name, data, base)
			return schedule.Book{Team: base.Team, Agents: agents}, err
		}))
}

// without is a list less what drop says.
func without[T any](list []T, drop func(T) bool) []T {
	var kept []T
	for _, v := range list {
		if !drop(v) {
			kept = append(kept, v)
		}
	}
	return kept
}

func keepLanguage(b schedule.Book, i int, text string) (bool, error) {
	tag, word, leveled := strings.Cut(text, ":")
	language, err := schedule.ParseLanguage(tag)
	if err != nil {
		return false, err
	}
	level := schedule.A1
	if leveled {
		if level, err = schedule.ParseLevel(word); err != nil {
			return false, err
		}
	}
	return b.Agents[i].Languages[language] >= level, nil
}

func keepSkill(b schedule.Book, i int, text string) (bool, error) {
	name, word, leveled := strings.Cut(text, ":")
	level := schedule.SkillLevel(1)
	if leveled {
		var err error
		if level, err = schedule.ParseSkillLevel(word); err != nil {
			return false, err
		}
	}
	return b.Agents[i].Skills[name] >= level, nil
}

// words are the distinct words that of gives for the entries of a list, in order of the alphabet.
func words[T any](list []T, of func(T) []string) []string {
	var all []string
	for _, v := range list {
		all = append(all, of(v)...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func agentsOf(b schedule.Book) []string {
	return words(b.Agents, func(x schedule.Agent) []string { return []string{string(x.ID)} })
}

func contractsOf(b schedule.Book) []string {
	return words(b.Contracts, func(x schedule.Contract) []string { return []string{string(x.ID)} })
}

func shiftsOf(b schedule.Book) []string {
	return words(b.Shifts, func(x schedule.Shift) []string { return []string{string(x.ID)} })
}

func languagesOf(b schedule.Book) []string {
	return words(b.Agents, func(x schedule.Agent) (tags []string) {
		for tag := range x.Languages {
			tags = append(tags, string(tag))
		}
		return tags
	})
}

func skillsOf(b schedule.Book) []string {
	return words(b.Agents, func(x schedule.Agent) []string { return slices.Collect(maps.Keys(x.Skills)) })
}

func agentTagsOf(b schedule.Book) []string {
	return words(b.Agents, func(x schedule.Agent) []string { return x.Tags })
}

func shiftTagsOf(b schedule.Book) []string {
	return words(b.Shifts, func(x schedule.Shift) []string { return x.Tags })
}

func fixedZones(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return schedule.ZoneNames(), cobra.ShellCompDirectiveNoFileComp
}

func (a *app) completeContracts(cmd *cobra.Command, args []string, prefix string) ([]string, cobra.ShellCompDirective) {
	return a.fromBook(func(b schedule.Book) []string {
		var ids []string
		for _, c := range b.Contracts {
			ids = append(ids, string(c.ID))
		}
		return ids
	})(cmd, args, prefix)
}
