package main

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"rota/solver/model"
)

const benchDir = "../../testdata/bench"

// known is an instance of our own with the optimum that brute force found.
type known struct {
	family, name string
	optimum      int64
	x            instance
}

// args are what names the instance on the command line.
func (k known) args() []string {
	switch k.family {
	case "curtois":
		return []string{filepath.Join(benchDir, k.name+".txt")}
	case "inrc1":
		return []string{filepath.Join(benchDir, k.name+".xml")}
	}
	return []string{filepath.Join(benchDir, "inrc2"), k.name}
}

func knownInstances(t *testing.T) []known {
	t.Helper()
	f, err := os.Open(filepath.Join(benchDir, "optima.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []known
	for _, l := range lines[1:] {
		k := known{family: l[0], name: l[1]}
		if k.optimum, err = strconv.ParseInt(l[2], 10, 64); err != nil {
			t.Fatal(err)
		}
		switch a := k.args(); k.family {
		case "curtois":
			k.x, err = orNil(readCurtois(a[0]))
		case "inrc1":
			k.x, err = orNil(readINRC1(a[0]))
		case "inrc2":
			k.x, err = orNil(readINRC2(a[0], a[1]))
		}
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, k)
	}
	if len(out) == 0 {
		t.Fatal("no known instances")
	}
	return out
}

// TestKnownOptima tries all rosters of our own instances.
func TestKnownOptima(t *testing.T) {
	for _, k := range knownInstances(t) {
		t.Run(k.name, func(t *testing.T) {
			m, err := k.x.Model()
			if err != nil {
				t.Fatal(err)
			}
			if err := model.Validate(m); err != nil {
				t.Fatal(err)
			}
			r, cost, ok := model.Brute(m)
			if !ok {
				t.Fatal("no feasible roster")
			}
			rep := k.x.Verify(k.x.Decode(r))
			if len(rep.Violations) > 0 || rep.Cost != k.optimum || int64(cost) != k.optimum {
				t.Errorf("brute force finds %d, the verifier %d %q of it, the table says %d\n%v", cost, rep.Cost, rep.Violations, k.optimum, rep.Parts)
			}
			roundTrip(t, k.x, k.x.Decode(r))
		})
	}
}
