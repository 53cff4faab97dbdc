package calendar

import (
	"maps"
	"strings"
	"testing"

	"rota/schedule"
)

// crafted builds a team in which every text that people can type is the one given.
func crafted(t testing.TB, name, note, link string) Feed {
	h := harbor(t, "2026-12-19", "2026-12-19")
	h.pub.Team.Name = name
	h.pub.Team.Feed.Leave = true
	for i := range h.pub.Agents {
		h.pub.Agents[i].Name = name
	}
	for i := range h.pub.Shifts {
		s := &h.pub.Shifts[i]
		s.Name, s.Location, s.Link, s.Color, s.Note = name, name, link, note, note
		s.Tags = []string{name, note}
	}
	for i := range h.pub.Slots {
		h.pub.Slots[i].Demand.Notes = []string{note}
		h.pub.Slots[i].Demand.Languages = []schedule.LanguageDemand{{Tag: schedule.Language(name)}}
	}
	h.pub.Leave = []Leave{{Availability: schedule.Availability{
		ID: "l", Agent: "ani", Kind: schedule.Leave, From: schedule.MustDate("2026-12-24"), To: schedule.MustDate("2026-12-25"), Note: note,
	}}}
	h.publish(h.turns(7))
	f, err := h.prepare(t).Feed(h.scope("personal:ani"), schedule.MustDate(today), FeedOptions{Alarm: schedule.Some(schedule.Minutes(5))})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// FuzzTexts: whatever people type, the properties are those of an innocent text, one by one, but for the few that a
// text which says nothing leaves out.
func FuzzTexts(f *testing.F) {
	for _, s := range []string{
		"plain", "", "a\r\nATTENDEE:mailto:x@y", "\nEND:VEVENT\nBEGIN:VEVENT", "x\rSUMMARY:forged", "\x00\x01\x7f\u0085\u2028\u2029",
		`& , ; ' " \ \n \\`, "🌙👩‍💻", "Հայկ Սարգսյան", "佐藤 健二", strings.Repeat("佐", 400), strings.Repeat("a b ", 300), "\xff\xfe",
		"https://ok.example/a;b,c?d=e\"f", "https://ok.example/\r\nX:y", "javascript:alert(1)", " \t ", "\u202eabc", strings.Repeat("<>", 200),
	} {
		f.Add(s, s, s)
	}
	names := []string{
		"BEGIN", "END", "VERSION", "PRODID", "CALSCALE", "NAME", "X-WR-CALNAME", "DESCRIPTION", "X-WR-CALDESC", "REFRESH-INTERVAL",
		"X-PUBLISHED-TTL", "UID", "DTSTAMP", "DTSTART", "DTEND", "SEQUENCE", "LAST-MODIFIED", "STATUS", "SUMMARY", "LOCATION", "URL",
		"CATEGORIES", "COLOR", "TRANSP", "X-MICROSOFT-CDO-BUSYSTATUS", "ACTION", "TRIGGER", "BEGIN:VCALENDAR", "BEGIN:VEVENT", "BEGIN:VALARM",
	}
	optional := []string{"DESCRIPTION", "LOCATION", "URL", "CATEGORIES", "COLOR"}
	want := count(strictLines(f, encoded(f, crafted(f, "plain", "red", "https://a.example/"))))
	f.Fuzz(func(t *testing.T, name, note, link string) {
		data := encoded(t, crafted(t, name, note, link))
		props := strictLines(t, data)
		got := count(props)
		expect := maps.Clone(want)
		for _, n := range optional {
			if got[n] > expect[n] {
				t.Fatalf("%d of %s, not %d:\n%s", got[n], n, expect[n], data)
			}
			expect[n] = got[n]
			if got[n] == 0 {
				delete(expect, n)
			}
		}
		if !maps.Equal(got, expect) {
			t.Fatalf("properties %v, not %v:\n%s", got, expect, data)
		}
		for n := range got {
			known := false
			for _, k := range names {
				known = known || k == n
			}
			if !known {
				t.Fatalf("a property %s", n)
			}
		}
		// What the readers get back is what was typed, cleaned.
		summary := unescape(props, "SUMMARY")
		if line := cleanLine(name); !strings.Contains(summary, line) && len(line) < 100 {
			t.Fatalf("summary %q without %q", summary, line)
		}
	})
}

func unescape(props []prop, name string) string {
	for _, p := range props {
		if p.name == name {
			return strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\;`, ";", `\,`, ",").Replace(p.value)
		}
	}
	return ""
}

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"a\r\nb\rc\nd": "a\nb\nc\nd", "a\tb": "a b", "\x07bell\x7f": "bell", "a\u2028b\u0085c": "a\nb\nc", "\xff": "\ufffd", "né": "né",
	} {
		if got := cleanText(in); got != want {
			t.Errorf("%q gives %q, not %q", in, got, want)
		}
	}
	if got := cleanLine(" a\r\nb "); got != "a b" {
		t.Errorf("got %q", got)
	}
	if got := cleanText(strings.Repeat("佐", maxText)); len(got) > maxText || strings.Trim(got, "佐") != "" {
		t.Errorf("cut to %d bytes, ending in %q", len(got), got[len(got)-6:])
	}
	for in, want := range map[string]string{
		"https://a.example/x?y=1&z=a,b;c": "https://a.example/x?y=1&z=a,b;c", "javascript:alert(1)": "", "http://": "", "https://a\r\nX:1": "",
		"tel:+37410000000": "tel:+37410000000", "a.example": "", "https://հայ.am/ա": "https://%D5%B0%D5%A1%D5%B5.am/%D5%A1",
	} {
		if got := cleanLink(in); got != want {
			t.Errorf("link %q gives %q, not %q", in, got, want)
		}
	}
	if got := cleanName("a, b; c"); strings.ContainsAny(got, ",;") {
		t.Errorf("got %q", got)
	}
}
