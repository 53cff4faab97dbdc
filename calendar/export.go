package calendar

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"sync"

	"github.com/google/renameio/v2"

	"rota/schedule"
)

// File is one feed of a folder.
type File struct {
	Scope Scope
	// Path is relative to the folder, with slashes.
	Path string
	// Events and Bytes are how many there are.
	Events, Bytes int
	// Changed says that the file was written; otherwise it held these bytes already.
	Changed bool
}

// Export is a folder to be written.
type Export struct {
	// Dir is made if it does not exist; its parent must.
	Dir string
	Day schedule.Date
	// Scopes are the feeds; nil means AgentsAndTeam. See EveryScope.
	Scopes []Scope
	// Key, when not nil, names each file feeds/TOKEN.ics after DerivedToken, so that the folder can be served by any web
	// server that does not list folders: the addresses are then as secret as those of Handler.
	Key []byte
	// Options are the same for all feeds.
	Options FeedOptions
}

// listFile is where rota remembers which files of the folder are a team's feeds, so that those of people who left are
// removed and nothing else ever is. With a key the names are secrets, and the list lies beside the folder, where no web
// server serves it and no copy of the folder takes it along.
func (x Export) listFile(team schedule.TeamID) (string, error) {
	dir, err := filepath.Abs(x.Dir)
	if err != nil {
		return "", err
	}
	if x.Key == nil {
		return filepath.Join(dir, ".rota-calendars-"+string(team)+".json"), nil
	}
	return filepath.Join(filepath.Dir(dir), "."+filepath.Base(dir)+"-calendars-"+string(team)+".json"), nil
}

// AgentsAndTeam is the personal feed of every agent, in their order, and the team's.
func AgentsAndTeam(pub *Published) []Scope {
	var scopes []Scope
	for _, a := range pub.Agents {
		scopes = append(scopes, PersonalScope(pub.Team.ID, a.ID))
	}
	return append(scopes, Scope{Team: pub.Team.ID, Kind: Everybody})
}

// EveryScope is AgentsAndTeam, every shift, every language that somebody speaks well enough, and the open slots.
func EveryScope(pub *Published) []Scope {
	scopes := AgentsAndTeam(pub)
	for _, s := range pub.Shifts {
		scopes = append(scopes, Scope{Team: pub.Team.ID, Kind: OneShift, Subject: string(s.ID)})
	}
	spoken := make(map[schedule.Language]bool)
	for _, a := range pub.Agents {
		for tag, level := range a.Languages {
			if level >= LanguageLevel {
				spoken[tag] = true
			}
		}
	}
	tags := make([]schedule.Language, 0, len(spoken))
	for tag := range spoken {
		tags = append(tags, tag)
	}
	slices.Sort(tags)
	for _, tag := range tags {
		scopes = append(scopes, Scope{Team: pub.Team.ID, Kind: OneLanguage, Subject: string(tag)})
	}
	return append(scopes, Scope{Team: pub.Team.ID, Kind: Open})
}

// FilePath is where a scope's file goes without a key: agents/ani.ics, team.ics, shifts/late.ics, languages/es.ics and
// open.ics.
func (s Scope) FilePath() string {
	switch s.Kind {
	case Personal:
		return "agents/" + s.Subject + ".ics"
	case OneShift:
		return "shifts/" + s.Subject + ".ics"
	case OneLanguage:
		return "languages/" + s.Subject + ".ics"
	}
	return string(s.Kind) + ".ics"
}

// Write makes the folder hold the feeds. Each file appears whole or not at all, with the bytes that Handler serves; one
// that holds them already is left alone, with its time of change, so that copying tools see what is new. Files that an
// earlier Write made and this one does not are removed last. Folders are 0700 and files 0600, or 0755 and 0644 with a
// key. The answer is in the order of the scopes and does not depend on the machine. After an error some files are new
// and others old, and Write can be called again.
func (x Export) Write(p *Prepared) ([]File, error) {
	scopes := x.Scopes
	if scopes == nil {
		scopes = AgentsAndTeam(p.pub)
	}
	dirMode, fileMode := fs.FileMode(0o700), fs.FileMode(0o600)
	if x.Key != nil {
		dirMode, fileMode = 0o755, 0o644
	}
	files := make([]File, len(scopes))
	taken := make(map[string]Scope, len(scopes))
	dirs := []string{"."}
	for i, s := range scopes {
		files[i] = File{Scope: s, Path: s.FilePath()}
		if x.Key != nil {
			files[i].Path = "feeds/" + DerivedToken(x.Key, s).Reveal() + ".ics"
		}
		if other, ok := taken[files[i].Path]; ok {
			return nil, fmt.Errorf("feeds %s and %s would be one file", other, s)
		}
		taken[files[i].Path] = s
		if dir := path.Dir(files[i].Path); !slices.Contains(dirs, dir) {
			dirs = append(dirs, dir)
		}
	}
	for _, dir := range dirs {
		if err := os.Mkdir(filepath.Join(x.Dir, filepath.FromSlash(dir)), dirMode); err != nil && !errors.Is(err, fs.ErrExist) {
			return nil, err
		}
	}
	listFile, err := x.listFile(p.pub.Team.ID)
	if err != nil {
		return nil, err
	}
	old, err := readList(listFile)
	if err != nil {
		return nil, err
	}
	// The list is widened first and narrowed last: a crash in between leaves no file that rota does not know as its own.
	both := slices.Clone(old)
	for _, f := range files {
		both = append(both, f.Path)
	}
	if err := writeList(listFile, both); err != nil {
		return nil, err
	}
	if err := writeAll(files, func(f *File) error { return x.write(p, f, fileMode) }); err != nil {
		return nil, err
	}
	for _, name := range old {
		if _, ok := taken[name]; ok {
			continue
		}
		if err := os.Remove(filepath.Join(x.Dir, filepath.FromSlash(name))); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	var now []string
	for _, f := range files {
		now = append(now, f.Path)
	}
	return files, writeList(listFile, now)
}

// writeAll calls write for every file, several at a time since most of the time is the disk's. It gives the first error
// in the order of the files.
func writeAll(files []File, write func(*File) error) error {
	var wait sync.WaitGroup
	errs := make([]error, len(files))
	next := make(chan int)
	for range 4 * runtime.GOMAXPROCS(0) {
		wait.Go(func() {
			for i := range next {
				errs[i] = write(&files[i])
			}
		})
	}
	// From the last: the team's feed is by far the largest, and should not be what everything else waits for.
	for i := len(files) - 1; i >= 0; i-- {
		next <- i
	}
	close(next)
	wait.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func (x Export) write(p *Prepared, f *File, mode fs.FileMode) error {
	feed, each, err := p.feed(f.Scope, x.Day, x.Options)
	if err != nil {
		return err
	}
	r := &replacement{name: filepath.Join(x.Dir, filepath.FromSlash(f.Path)), mode: mode}
	if f.Events, err = encode(r, feed, each); err == nil {
		f.Bytes, f.Changed, err = r.done()
	}
	return errors.Join(err, r.cleanup())
}

// replacement takes the bytes that a file is to have and puts them into its place in one step at the end. As long as they
// are those that the file has, it only compares: a file that has them all is left alone. It needs no more memory for a
// large file than for a small one.
type replacement struct {
	name string
	mode fs.FileMode

	begun bool
	size  int // what was taken so far
	old   *os.File
	same  []byte // a piece of old
	fresh *renameio.PendingFile
}

// Write takes some more.
func (r *replacement) Write(p []byte) (int, error) {
	if !r.begun {
		r.begun = true
		if info, err := os.Lstat(r.name); err == nil && info.Mode().IsRegular() {
			r.old, _ = os.Open(r.name) // one that cannot be read is written anew
		}
	}
	if r.fresh == nil && r.old != nil {
		r.same = slices.Grow(r.same[:0], len(p))[:len(p)]
		if _, err := io.ReadFull(r.old, r.same); err == nil && bytes.Equal(r.same, p) {
			r.size += len(p)
			return len(p), nil
		}
	}
	if err := r.differ(); err != nil {
		return 0, err
	}
	n, err := r.fresh.Write(p)
	r.size += n
	return n, err
}

// differ begins the new file with what was the same.
func (r *replacement) differ() error {
	if r.fresh != nil {
		return nil
	}
	var err error
	r.fresh, err = renameio.NewPendingFile(r.name, renameio.WithPermissions(r.mode), renameio.WithExistingPermissions(),
		renameio.IgnoreUmask(), renameio.WithTempDir(filepath.Dir(r.name)))
	if err != nil || r.size == 0 {
		return err
	}
	_, err = io.Copy(r.fresh, io.NewSectionReader(r.old, 0, int64(r.size)))
	return err
}

// done ends the file, and says how many bytes it has and whether it was written.
func (r *replacement) done() (size int, changed bool, err error) {
	if r.fresh == nil && r.old != nil {
		if n, err := r.old.Read(make([]byte, 1)); n == 0 && err == io.EOF {
			return r.size, false, nil
		}
	}
	if err := r.differ(); err != nil {
		return r.size, true, err
	}
	return r.size, true, r.fresh.CloseAtomicallyReplace()
}

// cleanup lets go of everything; a file that was not ended is gone.
func (r *replacement) cleanup() error {
	var errs [2]error
	if r.old != nil {
		errs[0] = r.old.Close()
	}
	if r.fresh != nil {
		errs[1] = r.fresh.Cleanup()
	}
	return errors.Join(errs[:]...)
}

// replace puts data in the place of the file in one step, unless the file holds it already.
func replace(name string, data []byte, mode fs.FileMode) (err error) {
	r := &replacement{name: name, mode: mode}
	if _, err = r.Write(data); err == nil {
		_, _, err = r.done()
	}
	return errors.Join(err, r.cleanup())
}

// folderList is the form of the list.
type folderList struct {
	Schema string   `json:"schema"`
	Files  []string `json:"files"`
}

const listSchema = "rota/calendars/v1"

// readList is the files that rota wrote. Names that could lead out of the folder are refused, since what is on the list
// may be removed.
func readList(name string) ([]string, error) {
	data, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var l folderList
	if err := json.Unmarshal(data, &l); err != nil || l.Schema != listSchema {
		return nil, fmt.Errorf("%s is not a list of rota's calendars: move it away to write here", name)
	}
	for _, f := range l.Files {
		if !filepath.IsLocal(filepath.FromSlash(f)) || path.Ext(f) != ".ics" {
			return nil, fmt.Errorf("%s names %q, which is not a calendar of this folder", name, f)
		}
	}
	return l.Files, nil
}

func writeList(name string, files []string) error {
	slices.Sort(files)
	files = slices.Compact(files)
	data, err := json.MarshalIndent(folderList{Schema: listSchema, Files: files}, "", "  ")
	if err != nil {
		return err
	}
	return replace(name, append(data, '\n'), 0o600)
}
