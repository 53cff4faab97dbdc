package teamfile

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"rota/schedule"
)

// TestTeams reads the teams that are shipped, without a warning, and writes them back.
func TestTeams(t *testing.T) {
	files, _ := filepath.Glob("../../testdata/teams/*.yaml")
	if len(files) < 3 {
		t.Fatalf("%d teams", len(files))
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			book, problems := Check(filepath.Base(file), data, schedule.Book{})
			if len(problems) > 0 {
				t.Fatal(problems)
			}
			written, err := Write(book)
			if err != nil {
				t.Fatal(err)
			}
			again, err := Read("written", written)
			if err != nil {
				t.Fatalf("%v\n%s", err, written)
			}
			if !reflect.DeepEqual(again, book) {
				t.Errorf("%v\n%s", book.Diff(again), written)
			}
		})
	}
}
