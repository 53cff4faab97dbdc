package teamfile

import (
	"reflect"
	"testing"

	"rota/schedule"
)

func TestAgentsCSV(t *testing.T) {
	book := smallBook(t)
	data := "\ufeffName;ID;Languages;Skills;Reminders;Holidays;Contract\r\n" +
		"Ani P.;ani;\"hy:native, en:C2\";chat:3 email=2;24h 30m;none;\r\n" +
		"佐藤 健二;kenji;ja:native;;;JP;full-time\r\n;;;;;;\r\n"
	got, err := ReadAgentsCSV("agents.csv", []byte(data), book)
	if err != nil {
		t.Fatal(err)
	}
	want := []schedule.Agent{
		{ID: "ani", Name: "Ani P.", Zone: "Asia/Yerevan", Note: "stays",
			Languages: map[schedule.Language]schedule.Level{"hy": schedule.Native, "en": schedule.C2},
			Skills:    map[string]schedule.SkillLevel{"chat": 3, "email": 2},
			Reminders: []schedule.Minutes{schedule.Hours(24), 30}, Holidays: []schedule.Country{}},
		{ID: "kenji", Name: "佐藤 健二", Contract: "full-time", Languages: map[schedule.Language]schedule.Level{"ja": schedule.Native},
			Holidays: []schedule.Country{"JP"}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestAvailabilityCSV(t *testing.T) {
	book := smallBook(t)
	data := "kind,agent,from,to,days,start,end,note\nleave,ani,2026-12-24,2027-01-03,,,,\"skiing, far away\"\n" +
		"unavailable,davit,,,tuesday thursday,18:00,22:00,\n"
	got, err := ReadAvailabilityCSV("a.csv", []byte(data), book)
	if err != nil {
		t.Fatal(err)
	}
	want := []schedule.Availability{
		{ID: "ani.leave.2026-12-24", Agent: "ani", Kind: schedule.Leave, From: schedule.MustDate("2026-12-24"), To: schedule.MustDate("2027-01-03"), Note: "skiing, far away"},
		{Agent: "davit", Kind: schedule.Unavailable, Recurrence: schedule.MustRecurrence("FREQ=WEEKLY;BYDAY=TU,TH"),
			Hours: schedule.ClockSpan{Start: 18 * 60, End: 22 * 60}},
	}
	want = schedule.Book{Availability: want}.Normalize().Availability
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestRosterCSV(t *testing.T) {
	book := smallBook(t)
	want := []schedule.Assignment{{Slot: "early@2026-12-07", Agent: "ani", Source: schedule.ByHand}, {Slot: "weekly@2026-12-11", Agent: "davit", Source: schedule.BySolver}}
	for _, data := range []string{
		string(WriteRosterCSV(want)),
		"agent\tshift\tdate\tsource\nani\tearly\t2026-12-07\t\ndavit\tweekly\t2026-12-11\tsolver\n",
	} {
		got, err := ReadRosterCSV("roster.csv", []byte(data), book)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q gives %v, %v", data, got, err)
		}
	}
}

// TestCheckOverBase reads a file that states a part of a team only.
func TestCheckOverBase(t *testing.T) {
	base := smallBook(t)
	head := "team: small\ntimezone: UTC\n"
	if _, err := Read("f", []byte(head+"agents:\n  - {id: new, name: New, contract: full-time}\n")); err == nil {
		t.Error("without the base the contract is known")
	}
	book, problems := Check("f", []byte(head+"agents:\n  - {id: new, name: New, contract: full-time}\n"), base)
	if len(problems) > 0 || len(book.Agents) != 1 {
		t.Error(problems)
	}
	_, problems = Check("f", []byte(head+"agents:\n  - {id: new, name: New, contract: half-time}\n"), base)
	if len(problems) != 1 || problems[0].Line != 4 || problems[0].Column != 36 {
		t.Error(problems)
	}
}
