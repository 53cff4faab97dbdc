package schedule

import (
	"encoding/json"
	"testing"
)

func TestNearest(t *testing.T) {
	for _, c := range []struct {
		word  string
		valid []string
		want  string
	}{
		{"full-tme", []string{"part-time", "full-time"}, "full-time"},
		{"lat", []string{"early", "late", "night"}, "late"},
		{"aproved", []string{"asked", "approved", "refused"}, "approved"},
		{"Ani", []string{"davit", "ani"}, "ani"},
		{"xyzzy", []string{"early", "late"}, ""},
		{"", []string{"a"}, ""},
		{"ab", []string{"ba"}, "ba"},
		{"b", nil, ""},
	} {
		if got, ok := Nearest(c.word, c.valid); ok != (c.want != "") || ok && got != c.want {
			t.Errorf("%q among %q: got %q %v, want %q", c.word, c.valid, got, ok, c.want)
		}
	}
}

func TestLevels(t *testing.T) {
	for _, name := range Levels() {
		l, err := ParseLevel(name)
		if err != nil || l.String() != name {
			t.Errorf("%s: %v %v", name, l, err)
		}
	}
	if l, err := ParseLevel("NATIVE"); err != nil || l <= C2 {
		t.Errorf("native is above C2: %v %v", l, err)
	}
	if _, err := ParseLevel("C3"); err == nil {
		t.Error("C3 was accepted")
	}
	if _, err := ParseLevel("natve"); err == nil || err.Error() != `unknown level "natve", did you mean "native"?` {
		t.Errorf("got %v", err)
	}
	if l, err := ParseLanguage("PT-br"); err != nil || l != "pt-BR" {
		t.Errorf("got %q %v", l, err)
	}
	for _, bad := range []string{"", "english", "und", "xx-yy-zz"} {
		if l, err := ParseLanguage(bad); err == nil {
			t.Errorf("%q was accepted as %q", bad, l)
		}
	}
}

func TestValues(t *testing.T) {
	for text, kind := range map[string]ValueKind{"11": NumberValue, "37.5": NumberValue, "-2": NumberValue, "night": TextValue,
		"a,b": ListValue, "true": FlagValue, "1.2345": TextValue, "1e9": TextValue, "12h": TextValue} {
		v := ParseValue(text)
		if v.Kind() != kind || v.String() != text {
			t.Errorf("%q: %s %q", text, v.Kind(), v)
		}
		data, err := json.Marshal(v)
		var back Value
		if err != nil || json.Unmarshal(data, &back) != nil || !back.Equal(v) {
			t.Errorf("%q: %s is read back as %q", text, data, back)
		}
	}
	p := Params{"hours": Decimal(37.5), "days": Number(5), "tag": Text("night"), "of": List("a", "b"), "on": Flag(true)}
	if p.Hours("hours", 0) != 2250 || p.Int("days", 0) != 5 || p.Int("hours", 7) != 7 || p.Text("tag", "") != "night" ||
		len(p.Words("of")) != 2 || !p.Flag("on", false) || p.Int("none", 3) != 3 || p.Minutes("days", 0) != 5 {
		t.Error("getters")
	}
	data, err := json.Marshal(p)
	var back Params
	if err != nil || json.Unmarshal(data, &back) != nil || !back.Equal(p) {
		t.Errorf("%s is read back as %v", data, back)
	}
	if v, err := ValueOf(uint64(11)); err != nil || !v.Equal(Number(11)) {
		t.Errorf("got %v %v", v, err)
	}
	if _, err := ValueOf([]any{[]any{1}}); err == nil {
		t.Error("a list of lists was accepted")
	}
	var o Optional[int]
	if data, _ := json.Marshal(Some(3)); string(data) != "3" || json.Unmarshal([]byte("5"), &o) != nil || o != Some(5) {
		t.Error("optional")
	}
}

func TestRoster(t *testing.T) {
	r := Roster{Assignments: []Assignment{{Slot: "b@2026-12-07", Agent: "x"}, {Slot: "a@2026-12-07", Agent: "y"}, {Slot: "a@2026-12-07", Agent: "x"}}}
	SortAssignments(r.Assignments)
	if r.Assignments[0].Agent != "x" || len(r.Of("x")) != 2 || len(r.On("a@2026-12-07")) != 2 || !r.Has("b@2026-12-07", "x") || r.Has("b@2026-12-07", "y") {
		t.Errorf("%+v", r.Assignments)
	}
	r.Cost, r.Bound = 1000, Some(Cost(990))
	if r.Gap() != Some(0.01) || (Roster{}).Gap().Set {
		t.Errorf("gap %v", r.Gap())
	}
}
