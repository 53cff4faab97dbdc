package teamfile

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"rota/schedule"
)

// checkError fails unless the error is nil or problems that all have a place.
func checkError(t *testing.T, err error) {
	if err == nil {
		return
	}
	var ps Problems
	if !errors.As(err, &ps) || len(ps) == 0 {
		t.Fatalf("the error is %T: %v", err, err)
	}
	for _, p := range ps {
		if p.File == "" || p.Line < 1 || p.Column < 1 || p.Message == "" || strings.ContainsAny(p.Error(), "\n\r\x00") {
			t.Fatalf("a problem without place or on several lines: %+v", p)
		}
	}
}

func addFiles(f *testing.F, patterns ...string) {
	n := 0
	for _, pattern := range patterns {
		files, _ := filepath.Glob(pattern)
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data)
			n++
		}
	}
	if n == 0 {
		f.Fatal("no seeds")
	}
}

func FuzzRead(f *testing.F) {
	addFiles(f, "testdata/bad/*.yaml", "../../testdata/teams/*.yaml")
	f.Fuzz(func(t *testing.T, data []byte) {
		book, err := Read("fuzz", data)
		checkError(t, err)
		if err != nil {
			if !reflect.DeepEqual(book, schedule.Book{}) {
				t.Fatal("something was given beside the error")
			}
			return
		}
		written, err := Write(book)
		if err != nil {
			t.Fatal(err)
		}
		again, err := Read("written", written)
		if err != nil || len(book.Diff(again)) > 0 {
			t.Fatalf("%v %v\n%s", err, book.Diff(again), written)
		}
	})
}

func FuzzAgentsCSV(f *testing.F) {
	addFiles(f, "testdata/bad/agents.csv")
	f.Add([]byte("id,name,languages\nx,X,en:C1\n"))
	book := smallBook(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		_, err := ReadAgentsCSV("fuzz", data, book)
		checkError(t, err)
	})
}

func FuzzAvailabilityCSV(f *testing.F) {
	addFiles(f, "testdata/bad/availability.csv")
	f.Add([]byte("agent\tkind\tdays\nani\tavoid\tmonday tuesday\n"))
	book := smallBook(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		_, err := ReadAvailabilityCSV("fuzz", data, book)
		checkError(t, err)
	})
}

func FuzzRosterCSV(f *testing.F) {
	addFiles(f, "testdata/bad/roster.csv")
	f.Add([]byte("slot;agent\nearly@2026-12-07;ani\n"))
	book := smallBook(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := ReadRosterCSV("fuzz", data, book)
		checkError(t, err)
		if err == nil && len(got) > 0 {
			again, err := ReadRosterCSV("written", WriteRosterCSV(got), book)
			if err != nil || !reflect.DeepEqual(got, again) {
				t.Fatalf("%v\n%v\n%v", err, got, again)
			}
		}
	})
}
