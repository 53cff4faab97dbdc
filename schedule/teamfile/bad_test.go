package teamfile

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rota/schedule"
)

var update = flag.Bool("update", false, "write what readers say about bad files into testdata/bad/*.want")

// smallBook is what the tables of the tests are read into.
func smallBook(t testing.TB) schedule.Book {
	book, err := Read("small", []byte(`team: small
timezone: UTC
shifts:
  - {id: early, start: "08:00", end: "16:00"}
  - {id: late, start: "16:00", end: "00:00"}
  - {id: weekly, start: "16:00", end: "00:00", days: friday}
contracts:
  - {id: full-time, hours_per_week: {max: 40}}
agents:
  - {id: ani, name: Ani Petrosyan, timezone: Asia/Yerevan, contract: full-time, languages: {en: C1}, note: stays}
  - {id: davit, name: Davit Sargsyan, contract: full-time}
`))
	if err != nil {
		t.Fatal(err)
	}
	return book
}

// readAny reads a file by what its name says it is.
func readAny(name string, data []byte, book schedule.Book) (any, error) {
	switch {
	case strings.Contains(name, "agents"):
		got, err := ReadAgentsCSV(name, data, book)
		return got, err
	case strings.Contains(name, "availability"):
		got, err := ReadAvailabilityCSV(name, data, book)
		return got, err
	case strings.Contains(name, "roster"):
		got, err := ReadRosterCSV(name, data, book)
		return got, err
	}
	got, err := Read(name, data)
	return got, err
}

// TestBadFiles compares every line that is said about each bad file with what was found right before.
func TestBadFiles(t *testing.T) {
	files, err := filepath.Glob("testdata/bad/*.[yc]*")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d bad files, %v", len(files), err)
	}
	book := smallBook(t)
	for _, file := range files {
		if strings.HasSuffix(file, ".want") {
			continue
		}
		t.Run(filepath.Base(file), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			_, err = readAny(filepath.Base(file), data, book)
			if err == nil {
				t.Fatal("it was read")
			}
			got := err.Error() + "\n"
			if *update {
				if err := os.WriteFile(file+".want", []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file + ".want")
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}
