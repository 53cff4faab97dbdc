package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"rota/schedule"
	"rota/schedule/sqlite"
	"rota/schedule/teamfile"
)

func TestExitCodesAndHints(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err  error
		code int
		says []string
	}{
		{nil, 0, nil},
		{errors.New("the moon is full"), 1, []string{"rota: the moon is full\n"}},
		{usagef("no such flag"), 2, []string{"rota: no such flag\n"}},
		{hint(usagef("no such flag"), "look again"), 2, []string{"rota: no such flag\n", "hint: look again\n"}},
		{exit(exitInfeasible, hint(errors.New("nobody can"), "loosen")), 3, []string{"rota: nobody can\n", "hint: loosen\n"}},
		{exit(exitFindings, nil), 5, nil},
		{fmt.Errorf("opening: %w", &sqlite.FileError{Path: "x.db", Err: sqlite.ErrNoDatabase}), 10, []string{"x.db: no database", "hint: make one with rota init"}},
		{&sqlite.FileError{Path: "x.db", Err: sqlite.ErrLocked}, 11, []string{"locked by another process", "hint: wait"}},
		{&sqlite.FileError{Path: "x.db", Err: sqlite.ErrNewerSchema, Detail: "its schema is 9, this rota knows up to 3"}, 1, []string{"schema is 9", "hint: use the rota that wrote it"}},
		{&sqlite.NotFoundError{Kind: "version", Key: "7"}, 1, []string{"there is no version 7", "hint: see rota versions"}},
		{context.Canceled, 130, []string{"rota: interrupted\n"}},
		{teamfile.Problems{{File: "t.yaml", Line: 3, Column: 5, Message: "unknown key"}, {File: "t.yaml", Line: 9, Column: 1, Message: "bad date"}}, 1,
			[]string{"rota: t.yaml:3:5: unknown key\n", "rota: t.yaml:9:1: bad date\n"}},
		{schedule.Problems{{Section: "agents", ID: "ani", Field: "contract", What: "unknown"}}, 1, []string{"rota: agents[ani].contract"}},
	} {
		var errs bytes.Buffer
		a := &app{system: system{err: &errs}}
		if code := a.fail(c.err); code != c.code {
			t.Errorf("%v exits %d, want %d", c.err, code, c.code)
		}
		for _, s := range c.says {
			if !strings.Contains(errs.String(), s) {
				t.Errorf("%v says %q without %q", c.err, errs.String(), s)
			}
		}
		if c.says == nil && errs.Len() > 0 {
			t.Errorf("%v says %q", c.err, errs.String())
		}
	}
}

func TestWidthsAreThoseOfATerminal(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"佐藤 健二": "佐藤 健二   ", "Seán O'Brien": "Seán O'Brien", "Միլենա": "Միլենա      ", "a very long name": "a very long…", "佐藤佐藤佐藤佐藤": "佐藤佐藤佐… "} {
		if got := pad(text, 12); got != want || columns(got) != 12 {
			t.Errorf("%q becomes %q of %d columns, want %q", text, got, columns(got), want)
		}
	}
	if got := fit([]int{10, 40, 30}, []int{5, 5, 25}, 64); got[0] != 10 || got[2] < 25 || total(got) != 64 {
		t.Errorf("fit gives %v", got)
	}
	if got := fit([]int{10, 40}, []int{10, 40}, 20); total(got) != 52 {
		t.Errorf("fit breaks words: %v", got)
	}
	for n, want := range map[int]string{0: "0 slots", 1: "1 slot", 2: "2 slots"} {
		if got := plural(n, "slot"); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := plural(3, "availability entry"); got != "3 availability entries" {
		t.Errorf("%q", got)
	}
}

func TestShiftCodesAreShortAndDistinct(t *testing.T) {
	t.Parallel()
	order := []schedule.ShiftID{"early", "late", "night", "wknd-morning", "wknd-afternoon", "midnight", "evening", "e", "x1", "eve", "euro", "ea"}
	codes := shiftCodes(order, map[schedule.ShiftID]schedule.Shift{"x1": {ID: "x1", Code: "E"}})
	seen := map[string]bool{}
	for _, id := range order {
		if codes[id] == "" || columns(codes[id]) > 3 || seen[codes[id]] {
			t.Errorf("%s has the code %q", id, codes[id])
		}
		seen[codes[id]] = true
	}
	if codes["x1"] != "E" || codes["wknd-morning"] != "WM" {
		t.Errorf("%v", codes)
	}
}
