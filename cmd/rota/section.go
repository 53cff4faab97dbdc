package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"rota/schedule"
	"rota/schedule/sqlite"
	"rota/schedule/teamfile"
)

// section is one list of a team's book as commands see it. The keys are those of the team file, so that people learn
// one vocabulary; the tables of package teamfile read and write them.
type section struct {
	// noun is the command, plural is for people, name the section of the team file.
	noun, plural, name, short string
	// args are the keys that add takes as arguments, in their order; keys those that name an entry afterwards.
	args, keys []string
	// flags are the keys that add and edit take as flags.
	flags []keyFlag
	// columns are what list shows.
	columns []column
	// spare are the columns that a narrow terminal goes without; see list.
	spare   []int
	filters []filter
	// with removes what hangs on an entry together with it.
	with func(b *schedule.Book, key string)
	// params says that add and edit take name=value arguments as well.
	params bool
	// none is what an empty list says, if not that there are none.
	none string
	// complete gives the words for the arguments of add.
	complete []completion
	example  string
}

// keyFlag is a flag that states a key of an entry.
type keyFlag struct {
	flag, path, doc string
	complete        completion
	// boolean flags may stand without a value.
	boolean bool
}

type column struct {
	title, path string
	right       bool
}

// filter narrows a list by a flag.
type filter struct {
	flag, doc string
	complete  completion
	// known gives the words that the team has for it, where it has its own; what stands before a colon must be one of them.
	known func(b schedule.Book) []string
	// keep judges entry i of the section by the flag's text.
	keep func(b schedule.Book, i int, text string) (bool, error)
}

// one is the word for one entry.
func (x section) one() string {
	if one, ok := strings.CutSuffix(x.plural, "ies"); ok {
		return one + "y"
	}
	return strings.TrimSuffix(x.plural, "s")
}

// knows refuses a text whose word nobody has.
func (f filter) knows(b schedule.Book, text string) error {
	if text == "" || f.known == nil {
		return nil
	}
	word, _, _ := strings.Cut(text, ":")
	valid := f.known(b)
	if slices.ContainsFunc(valid, func(v string) bool { return strings.EqualFold(v, word) }) {
		return nil
	}
	near, _ := schedule.Nearest(word, valid)
	return &schedule.UnknownError{Noun: f.flag, Word: word, Nearest: near, Valid: valid}
}

// key is the word or words that name an entry.
func (x section) key(e teamfile.Entry) string {
	var parts []string
	for _, k := range x.keys {
		parts = append(parts, e.Text(k))
	}
	return strings.Join(parts, " ")
}

// entries are the section's entries with their ids.
func (x section) entries(book schedule.Book) ([]teamfile.Entry, error) {
	list, err := teamfile.Entries(x.name, book)
	if x.name != "pins" || err != nil {
		return list, err
	}
	// A team file says shift and date, and everything else the slot.
	for i, p := range book.Pins {
		list[i] = list[i].With("slot", string(p.Slot))
	}
	return list, nil
}

// find is the place of the entry of that key.
func (x section) find(book schedule.Book, key string) (int, error) {
	list, err := x.entries(book)
	if err != nil {
		return 0, err
	}
	var keys []string
	for i, e := range list {
		if x.key(e) == key {
			return i, nil
		}
		keys = append(keys, x.key(e))
	}
	near, _ := schedule.Nearest(key, keys)
	return 0, hint(&schedule.UnknownError{Noun: x.noun, Word: key, Nearest: near, Valid: keys}, "see rota "+x.noun+" list")
}

// completeKeys completes the key of an entry.
func (a *app) completeKeys(x section) completion {
	return func(cmd *cobra.Command, args []string, prefix string) ([]string, cobra.ShellCompDirective) {
		if len(args) >= len(x.keys) {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return a.fromBook(func(b schedule.Book) []string {
			list, _ := x.entries(b)
			var words []string
			for _, e := range list {
				word := e.Text(x.keys[len(args)])
				if name := e.Text("name"); name != "" && x.keys[0] != "name" {
					word += "\t" + name
				}
				words = append(words, word)
			}
			slices.Sort(words)
			return slices.Compact(words)
		})(cmd, args, prefix)
	}
}

// command is the group of commands of a section.
func (a *app) sectionCommand(x section, more ...*cobra.Command) *cobra.Command {
	group := &cobra.Command{Use: x.noun, Short: x.short, Example: x.example}
	group.AddCommand(a.listEntries(x), a.showEntry(x), a.addEntry(x), a.editEntry(x), a.removeEntry(x))
	group.AddCommand(more...)
	return group
}

// entriesJSON is a list of entries in the words of the team file.
type entriesJSON struct {
	Schema  string           `json:"schema"`
	Team    schedule.TeamID  `json:"team"`
	Entries []teamfile.Entry `json:"entries"`
}

func (a *app) listEntries(x section) *cobra.Command {
	c := &cobra.Command{Use: "list", Short: "List " + x.plural, Aliases: []string{"ls"}}
	format := a.output(c, "table", "json", "csv")
	texts := make([]string, len(x.filters))
	for i, f := range x.filters {
		c.Flags().StringVar(&texts[i], f.flag, "", f.doc)
		if f.complete == nil && f.known != nil {
			f.complete = a.fromBook(f.known)
		}
		if f.complete != nil {
			_ = c.RegisterFlagCompletionFunc(f.flag, f.complete)
		}
	}
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		format, err := format()
		if err != nil {
			return err
		}
		return a.withTeam(cmd.Context(), func(s *sqlite.Store, team schedule.TeamID) error {
			book, _, err := s.LoadBook(cmd.Context(), team)
			if err != nil {
				return err
			}
			book = book.Normalize()
			all, err := x.entries(book)
			if err != nil {
				return err
			}
			for k, f := range x.filters {
				if err := f.knows(book, texts[k]); err != nil {
					return err
				}
			}
			kept := []teamfile.Entry{}
			for i, e := range all {
				keep := true
				for k, f := range x.filters {
					if texts[k] == "" || !keep {
						continue
					}
					if keep, err = f.keep(book, i, texts[k]); err != nil {
						return usage(fmt.Errorf("--%s: %w", f.flag, err))
					}
				}
				if keep {
					kept = append(kept, e)
				}
			}
			if len(kept) == 0 && len(all) > 0 {
				x.none = "None of " + plural(len(all), x.one()) + " fits."
			}
			return a.printEntries(x, team, kept, format)
		})
	}
	return c
}

func (a *app) printEntries(x section, team schedule.TeamID, entries []teamfile.Entry, format string) error {
	switch format {
	case "json":
		return a.writeJSON(entriesJSON{Schema: "rota/" + x.name + "/v1", Team: team, Entries: entries})
	case "csv":
		var header []string
		for _, e := range entries {
			for _, k := range e.Keys() {
				if !slices.Contains(header, k) {
					header = append(header, k)
				}
			}
		}
		var rows [][]string
		for _, e := range entries {
			row := make([]string, len(header))
			for i, k := range header {
				row[i] = e.Text(k)
			}
			rows = append(rows, row)
		}
		return a.writeCSV(header, rows)
	}
	t := list{right: map[int]bool{}, spare: x.spare, empty: cmp.Or(x.none, "No "+x.plural+".")}
	for i, c := range x.columns {
		t.header = append(t.header, c.title)
		t.right[i] = c.right
	}
	for _, e := range entries {
		var row []string
		for _, c := range x.columns {
			row = append(row, cell(e, c.path))
		}
		t.add(row...)
	}
	return a.print(t)
}

// cell is the text of the first of several keys that the entry states; keys joined with & stand side by side, and what
// follows = is said when it states none. The path
// params is whatever keys of a rule are its parameters, and strength whether it is hard.
func cell(e teamfile.Entry, paths string) string {
	if paths == "params" {
		var parts []string
		for _, k := range e.Keys() {
			if !slices.Contains([]string{"id", "rule", "contracts", "agents", "tags", "force", "weight", "pack", "note"}, k) {
				parts = append(parts, k+"="+strings.ReplaceAll(e.Text(k), ", ", ","))
			}
		}
		return strings.Join(parts, " ")
	}
	if paths == "strength" {
		return strength(e)
	}
	for path := range strings.SplitSeq(paths, "|") {
		if text, fixed := strings.CutPrefix(path, "="); fixed {
			return text
		}
		var parts []string
		for key := range strings.SplitSeq(path, "&") {
			if text := e.Text(key); text != "" {
				parts = append(parts, text)
			}
		}
		if len(parts) > 0 {
			return strings.Join(parts, " ")
		}
	}
	return ""
}

func (a *app) showEntry(x section) *cobra.Command {
	c := &cobra.Command{Use: "show " + x.keyUsage(), Short: "Show one " + x.one(), Args: cobra.ExactArgs(len(x.keys)),
		ValidArgsFunction: a.completeKeys(x)}
	format := a.output(c, "table", "json")
	c.RunE = func(cmd *cobra.Command, args []string) error {
		format, err := format()
		if err != nil {
			return err
		}
		return a.withTeam(cmd.Context(), func(s *sqlite.Store, team schedule.TeamID) error {
			book, _, err := s.LoadBook(cmd.Context(), team)
			if err != nil {
				return err
			}
			book = book.Normalize()
			i, err := x.find(book, strings.Join(args, " "))
			if err != nil {
				return err
			}
			all, err := x.entries(book)
			if err != nil {
				return err
			}
			if format == "json" {
				return a.writeJSON(entriesJSON{Schema: "rota/" + x.name + "/v1", Team: team, Entries: all[i : i+1]})
			}
			a.printEntry(all[i])
			return nil
		})
	}
	return c
}

// printEntry prints an entry with a line for each key.
func (a *app) printEntry(e teamfile.Entry) {
	width := 0
	for _, k := range e.Keys() {
		width = max(width, len(k))
	}
	for _, k := range e.Keys() {
		a.say("%s  %s", a.look.faint(pad(k, width)), e.Text(k))
	}
}

func (x section) keyUsage() string {
	var words []string
	for _, k := range x.keys {
		words = append(words, strings.ToUpper(k))
	}
	return strings.Join(words, " ")
}

func (x section) argUsage() string {
	var words []string
	for _, k := range x.args {
		words = append(words, strings.ToUpper(k))
	}
	if x.params {
		words = append(words, "[NAME=VALUE]...")
	}
	return strings.Join(words, " ")
}

// entryFlags adds the section's flags to a command and gives what was stated, with the flags' names.
func (a *app) entryFlags(c *cobra.Command, x section) func() ([]teamfile.Value, []string) {
	texts := make([]string, len(x.flags))
	for i, f := range x.flags {
		c.Flags().StringVar(&texts[i], f.flag, "", f.doc)
		if f.boolean {
			c.Flags().Lookup(f.flag).NoOptDefVal = "true"
		}
		if f.complete != nil {
			_ = c.RegisterFlagCompletionFunc(f.flag, f.complete)
		}
	}
	return func() (values []teamfile.Value, names []string) {
		for i, f := range x.flags {
			if c.Flags().Changed(f.flag) {
				values = append(values, teamfile.Value{Key: f.path, Text: texts[i]})
				names = append(names, "--"+f.flag)
			}
		}
		return values, names
	}
}

// params splits name=value arguments.
func params(args []string) (values []teamfile.Value, names []string, err error) {
	for _, arg := range args {
		name, text, ok := strings.Cut(arg, "=")
		if !ok || name == "" {
			return nil, nil, usagef("bad parameter %q: write it as name=value", arg)
		}
		values = append(values, teamfile.Value{Key: name, Text: text})
		names = append(names, name)
	}
	return values, names, nil
}

// flagProblems says what is wrong with values in terms of the flags that stated them.
func flagProblems(err error, names []string) error {
	problems, ok := err.(teamfile.Problems)
	if !ok {
		return err
	}
	var lines []string
	for _, p := range problems.Fatal() {
		line := p.Message
		if key, missing := strings.CutSuffix(line, " is missing"); missing && p.Line == 0 {
			line = "--" + strings.ReplaceAll(key, "_", "-") + " is missing"
		}
		if p.Line > 0 && p.Line <= len(names) {
			line = names[p.Line-1] + ": " + line
		}
		if p.Hint != "" {
			line += " (" + p.Hint + ")"
		}
		lines = append(lines, line)
	}
	return fmt.Errorf("%s", strings.Join(lines, "\nrota: "))
}

func (a *app) addEntry(x section) *cobra.Command {
	c := &cobra.Command{Use: "add " + x.argUsage(), Short: "Add one " + x.one()}
	c.Args = cobra.ExactArgs(len(x.args))
	if x.params {
		c.Args = cobra.MinimumNArgs(len(x.args))
	}
	c.ValidArgsFunction = func(cmd *cobra.Command, args []string, prefix string) ([]string, cobra.ShellCompDirective) {
		if len(args) < len(x.complete) && x.complete[len(args)] != nil {
			return x.complete[len(args)](cmd, args, prefix)
		}
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	stated := a.entryFlags(c, x)
	a.writes(c)
	format := a.output(c, "table", "json")
	c.RunE = func(cmd *cobra.Command, args []string) error {
		format, err := format()
		if err != nil {
			return err
		}
		var values []teamfile.Value
		var names []string
		for i, k := range x.args {
			values, names = append(values, teamfile.Value{Key: k, Text: args[i]}), append(names, k)
		}
		more, moreNames, err := params(args[len(x.args):])
		if err != nil {
			return err
		}
		flags, flagNames := stated()
		values, names = slices.Concat(values, more, flags), slices.Concat(names, moreNames, flagNames)
		return a.withTeam(cmd.Context(), func(s *sqlite.Store, team schedule.TeamID) error {
			return x.inFlags(a.changeBook(cmd.Context(), s, team, format, func(b *schedule.Book) error {
				next, err := teamfile.Edit(x.name, -1, b.Normalize(), values...)
				if err != nil {
					return flagProblems(err, names)
				}
				*b = next
				return nil
			}))
		})
	}
	return c
}

func (a *app) editEntry(x section) *cobra.Command {
	use := "edit " + x.keyUsage()
	if x.params {
		use += " [NAME=VALUE]..."
	}
	c := &cobra.Command{Use: use, Short: "Change one " + x.one(), Long: "Change one " + x.one() +
		". Only what is given changes; an empty value, as in --note \"\", takes a key away.", ValidArgsFunction: a.completeKeys(x)}
	c.Args = cobra.ExactArgs(len(x.keys))
	if x.params {
		c.Args = cobra.MinimumNArgs(len(x.keys))
	}
	stated := a.entryFlags(c, x)
	a.writes(c)
	format := a.output(c, "table", "json")
	c.RunE = func(cmd *cobra.Command, args []string) error {
		format, err := format()
		if err != nil {
			return err
		}
		values, names, err := params(args[len(x.keys):])
		if err != nil {
			return err
		}
		flags, flagNames := stated()
		values, names = slices.Concat(values, flags), slices.Concat(names, flagNames)
		if len(values) == 0 {
			return hint(usagef("nothing to change: give at least one flag"), "see "+cmd.CommandPath()+" --help")
		}
		return a.withTeam(cmd.Context(), func(s *sqlite.Store, team schedule.TeamID) error {
			return x.inFlags(a.changeBook(cmd.Context(), s, team, format, func(b *schedule.Book) error {
				book := b.Normalize()
				i, err := x.find(book, strings.Join(args[:len(x.keys)], " "))
				if err != nil {
					return err
				}
				next, err := teamfile.Edit(x.name, i, book, values...)
				if err != nil {
					return flagProblems(err, names)
				}
				*b = next
				return nil
			}))
		})
	}
	return c
}

func (a *app) removeEntry(x section) *cobra.Command {
	c := &cobra.Command{Use: "remove " + x.keyUsage(), Short: "Remove one " + x.one(), Aliases: []string{"rm"},
		Args: cobra.ExactArgs(len(x.keys)), ValidArgsFunction: a.completeKeys(x)}
	a.writes(c)
	format := a.output(c, "table", "json")
	c.RunE = func(cmd *cobra.Command, args []string) error {
		format, err := format()
		if err != nil {
			return err
		}
		return a.withTeam(cmd.Context(), func(s *sqlite.Store, team schedule.TeamID) error {
			key := strings.Join(args, " ")
			return x.stillUsed(key, a.changeBook(cmd.Context(), s, team, format, func(b *schedule.Book) error {
				book := b.Normalize()
				i, err := x.find(book, key)
				if err != nil {
					return err
				}
				drop(&book, x.name, i)
				if x.with != nil {
					x.with(&book, key)
				}
				*b = book
				return nil
			}))
		})
	}
	return c
}

// inFlags says what is wrong with the entry of an add or edit in terms of the flag for it.
func (x section) inFlags(err error) error {
	var problems schedule.Problems
	if !errors.As(err, &problems) {
		return err
	}
	var lines []string
	for _, p := range problems {
		at := p.At()
		if p.Section == x.name {
			if at = p.Field; slices.Contains(x.args, at) {
				at = strings.ToUpper(at)
			}
			for _, f := range x.flags {
				if p.Field == f.path || strings.HasPrefix(p.Field, f.path+".") {
					at = "--" + f.flag
				}
			}
		}
		if at != "" {
			at += ": "
		}
		if p.Hint != "" {
			p.What += "; " + p.Hint
		}
		lines = append(lines, at+p.What)
	}
	return errors.New(strings.Join(lines, "\nrota: "))
}

// stillUsed says what has to go or change before an entry can be removed.
func (x section) stillUsed(key string, err error) error {
	var problems schedule.Problems
	if !errors.As(err, &problems) {
		return err
	}
	var users []string
	for _, p := range problems {
		if p.Section == x.name {
			return err
		}
		name := strings.TrimSpace(p.Section + " " + p.ID)
		if !slices.Contains(users, name) {
			users = append(users, name)
		}
	}
	return hint(fmt.Errorf("%s %s is still used by %s", x.one(), key, strings.Join(users, ", ")), "change or remove these first; nothing was written")
}

// drop takes entry i out of a section.
func drop(b *schedule.Book, name string, i int) {
	switch name {
	case "shifts":
		b.Shifts = slices.Delete(slices.Clone(b.Shifts), i, i+1)
	case "demand":
		b.Demand = slices.Delete(slices.Clone(b.Demand), i, i+1)
	case "contracts":
		b.Contracts = slices.Delete(slices.Clone(b.Contracts), i, i+1)
	case "rules":
		b.Rules = slices.Delete(slices.Clone(b.Rules), i, i+1)
	case "patterns":
		b.Patterns = slices.Delete(slices.Clone(b.Patterns), i, i+1)
	case "rotations":
		b.Rotations = slices.Delete(slices.Clone(b.Rotations), i, i+1)
	case "holidays":
		b.Holidays = slices.Delete(slices.Clone(b.Holidays), i, i+1)
	case "agents":
		b.Agents = slices.Delete(slices.Clone(b.Agents), i, i+1)
	case "availability":
		b.Availability = slices.Delete(slices.Clone(b.Availability), i, i+1)
	case "pins":
		b.Pins = slices.Delete(slices.Clone(b.Pins), i, i+1)
	}
}

// importEntries is the command that reads a CSV table into a section. read gives what is merged into the book.
func (a *app) importEntries(x section, long string, read func(name string, data []byte, base schedule.Book) (schedule.Book, error)) *cobra.Command {
	c := &cobra.Command{Use: "import FILE", Short: "Read " + x.plural + " from a CSV table; - is standard input", Long: long,
		Args: cobra.ExactArgs(1), ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return []string{"csv"}, cobra.ShellCompDirectiveFilterFileExt
		}}
	a.writes(c)
	format := a.output(c, "table", "json")
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
			return a.changeBook(cmd.Context(), s, team, format, func(b *schedule.Book) error {
				part, err := read(args[0], data, *b)
				if err != nil {
					return err
				}
				*b = addInPlace(b.Normalize(), part.Normalize())
				return nil
			})
		})
	}
	return c
}

// addInPlace puts the agents and availability of part into the book: those that exist keep their place, others come last.
func addInPlace(b, part schedule.Book) schedule.Book {
	b.Agents = merged(b.Agents, part.Agents, func(x schedule.Agent) schedule.AgentID { return x.ID })
	b.Availability = merged(b.Availability, part.Availability, func(x schedule.Availability) schedule.AvailabilityID { return x.ID })
	return b
}

func merged[T any, K comparable](old, next []T, key func(T) K) []T {
	out := slices.Clone(old)
	for _, v := range next {
		if i := slices.IndexFunc(out, func(o T) bool { return key(o) == key(v) }); i >= 0 {
			out[i] = v
		} else {
			out = append(out, v)
		}
	}
	return out
}

// maxInput bounds what is read from a file, so that a wrong name cannot fill the memory.
const maxInput = 16 << 20

// readFile reads a file, or standard input for the name -.
func (a *app) readFile(name string) ([]byte, error) {
	in := a.in
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, plainFileError(err)
		}
		defer func() { _ = f.Close() }()
		in = f
	}
	return readAtMost(in, name, maxInput)
}

// background is a context that outlives an interrupt, for keeping what is done.
func background(ctx context.Context) context.Context { return context.WithoutCancel(ctx) }
