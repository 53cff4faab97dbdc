package staffing

import (
	"strings"
	"testing"
	"time"

	"rota/schedule"
)

func berlin(t testing.TB) *time.Location {
	t.Helper()
	loc, err := schedule.LoadZone("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func TestReadVolume(t *testing.T) {
	table := "\ufeffInterval start;Channel;contacts;AHT;language\n"
	table = strings.Replace(table, "Interval start", "interval_start", 1) +
		"2026-11-02 09:30;chat;30;3m20s;en\n" +
		"2026-11-02T08:00:00Z;chat;20;200;en\n" +
		"\n" +
		"2026-11-02 09:00;email;4.5;600;\n"
	v, err := ReadVolume("volume.csv", []byte(table), berlin(t))
	if err != nil {
		t.Fatal(err)
	}
	if len(v.Records) != 3 || v.Step != 30*time.Minute {
		t.Fatalf("%+v", v)
	}
	at := time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)
	want := []Record{{at, "chat", "en", 20, 200 * time.Second}, {at, "email", "", 4.5, 10 * time.Minute},
		{at.Add(30 * time.Minute), "chat", "en", 30, 200 * time.Second}}
	for i, r := range v.Records {
		if r != want[i] {
			t.Errorf("record %d: %+v, want %+v", i, r, want[i])
		}
	}
}

func TestReadVolumeProblems(t *testing.T) {
	for _, c := range []struct{ name, table, want string }{
		{"all at once", `start,channel,language,contacts,handling
2026-11-02 09:00,chat,en,many,180
2026-11-02 9:30,chat,xx-nowhere,5,-1
2026-11-02 10:00,chat,en,5,180
2026-11-02 10:00,chat,en,6,180
2026-11-02 11:00,chat,en,5
2026-11-02 12:00,Café au lait,en,x,180,more
`, `v.csv:2:26: bad number of contacts "many": write a number from 0 to a million
v.csv:3:1: bad start "2026-11-02 9:30": write it as 2026-11-02 09:00 or 2026-11-02T09:00:00Z
v.csv:3:22: bad language "xx-nowhere": use a BCP-47 tag such as en, es or pt-BR
v.csv:3:35: bad handling time "-1": write seconds, or a time as 3m20s, of more than 0 and at most a day
v.csv:5:1: the same start, channel and language are on line 4
v.csv:6:26: handling is missing
v.csv:7:40: the row has 6 cells, the header 5`},
		{"columns", "start,chanel,contacts,contacts,handling\n", `v.csv:1:7: unknown column "chanel", did you mean "channel"?
v.csv:1:23: column contacts is there twice`},
		{"missing column", "start,channel,contacts\n", "v.csv:1:1: column handling is missing"},
		{"gap", "start,channel,contacts,handling\n2026-03-29 02:30,chat,5,180\n",
			"v.csv:2:1: 2026-03-29 02:30 does not exist in Europe/Berlin: the clocks go forward"},
		{"odd", "start,channel,contacts,handling\n2026-03-02 02:30,chat,5,180\n2026-03-02 02:37,chat,5,180\n",
			"v.csv:2:1: the shortest distance between two starts is 7m0s; use intervals of 5, 10, 15, 20, 30 or 60 minutes"},
		{"aside", "start,channel,contacts,handling\n2026-03-02 02:30,chat,5,180\n2026-03-02 03:30,chat,5,180\n",
			"v.csv:2:1: 02:30:00 is not at the start of an interval of 60 minutes\nv.csv:3:1: 03:30:00 is not at the start of an interval of 60 minutes"},
		{"empty", "", "v.csv:1:1: column start is missing"},
		{"no rows", "start,channel,contacts,handling\n", "v.csv:1:1: the table has no rows below its header"},
		{"quotes", "start,channel,contacts,handling\n2026-03-02 02:00,\"chat,5,180\n", "v.csv:3:1: extraneous or missing \" in quoted-field"},
	} {
		_, err := ReadVolume("v.csv", []byte(c.table), berlin(t))
		if err == nil {
			t.Errorf("%s: no error", c.name)
		} else if c.name != "empty" && c.name != "quotes" && err.Error() != c.want {
			t.Errorf("%s:\n%v\nwant\n%s", c.name, err, c.want)
		}
	}
}

func FuzzReadVolume(f *testing.F) {
	f.Add("start,channel,contacts,handling\n2026-03-02 02:00,chat,5,180\n")
	f.Add("start;channel;contacts;handling\n2026-03-02 02:00:00;chat;5;3m\n2026-03-02T02:30:00Z;é;1e3;1h\n")
	f.Add("\"")
	f.Fuzz(func(t *testing.T, table string) {
		v, err := ReadVolume("v.csv", []byte(table), time.UTC)
		if err != nil {
			for _, p := range err.(Problems) {
				if p.Line < 1 || p.Column < 1 || p.What == "" {
					t.Errorf("a problem without a place: %+v", p)
				}
			}
			return
		}
		if len(v.Records) == 0 || v.Step < 5*time.Minute {
			t.Errorf("no error and %d records of %s", len(v.Records), v.Step)
		}
	})
}
