package main

import (
	"encoding/json"
	"strings"
	"testing"

	"rota/schedule"
)

// TestAnOlderDraftDoesNotUndoAClaim makes a draft, lets somebody take an offer, and then publishes the draft.
func TestAnOlderDraftDoesNotUndoAClaim(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	was := d.roster()
	early := was.On("early@2026-12-11")[0]
	d.must("unassign", string(early), "early@2026-12-11", "--yes")
	// The first late slot of one agent that somebody else could take.
	var slot, loses, takes string
	var offers struct{ Offers []offerJSON }
	for _, x := range was.Slots {
		if on := was.On(x.ID); x.Shift == "late" && len(on) == 1 && len(offers.Offers) == 0 {
			slot, loses = string(x.ID), string(on[0])
			d.must("offer", "create", slot, "--instead-of", loses)
			if err := json.Unmarshal([]byte(d.must("offer", "list", "--json")), &offers); err != nil {
				t.Fatal(err)
			}
		}
	}
	if len(offers.Offers) != 1 {
		t.Fatal(offers)
	}
	takes = string(offers.Offers[0].Asked[0])
	d.must("offer", "claim", offers.Offers[0].ID, "--agent", takes)
	for _, args := range [][]string{{"publish", "--version", "2"}, {"publish", "--version", "2", "--dry-run"}} {
		d.out.Reset()
		d.err.Reset()
		if code := d.run(t.Context(), args...); code != exitError {
			t.Fatalf("rota %v exits %d: %s%s", args, code, &d.out, &d.err)
		}
		for _, want := range []string{"version 2 is older than what people go by, would undo 1 later change and is not published",
			slot + ": " + takes + " in place of " + loses + ", in version 3 (" + takes + " takes offer", "hint: take them into the draft with rota publish --version 2 --merge"} {
			if !strings.Contains(d.err.String(), want) {
				t.Errorf("rota %v does not say %q: %s", args, want, &d.err)
			}
		}
	}
	if !d.roster().Has(schedule.SlotID(slot), schedule.AgentID(takes)) {
		t.Fatal("the claim is gone")
	}
	// The change is taken into the draft, which is then published with what it brings of its own.
	if code := d.run(t.Context(), "publish", "--version", "2", "--merge", "--dry-run"); code != exitError || !strings.Contains(d.err.String(), "to be taken into version 2") {
		t.Errorf("the dry run exits %d: %s", code, &d.err)
	}
	d.must("publish", "--version", "2", "--merge")
	if now := d.roster(); now.Version != 2 || !now.Has(schedule.SlotID(slot), schedule.AgentID(takes)) || now.Has(schedule.SlotID(slot), schedule.AgentID(loses)) ||
		now.Has("early@2026-12-11", early) {
		t.Errorf("people go by %+v", now)
	}
	// With a reason it can be undone, and it says so.
	d.must("unassign", string(d.roster().On("early@2026-12-08")[0]), "early@2026-12-08", "--version", "2", "--yes")
	d.must("rollback", "1")
	out := d.must("publish", "--force", "--reason", "the other plan after all", "--json")
	var told publishJSON
	if err := json.Unmarshal([]byte(out), &told); err != nil || len(told.Undone) != 2 || told.Reason == "" {
		t.Errorf("%v: %s", err, out)
	}
}
