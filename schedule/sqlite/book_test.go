package sqlite

import (
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"rota/schedule"
)

// fill sets every field of a value to something that is not zero, different from field to field, and fails for a type
// it has no value for; so a field that is added later cannot be forgotten.
func fill(t *testing.T, v reflect.Value, n *int) {
	t.Helper()
	*n++
	switch p := v.Addr().Interface().(type) {
	case *schedule.Date:
		*p = day("2026-01-01").AddDays(*n)
	case *schedule.Clock:
		*p = schedule.Clock(*n % 1400)
	case *schedule.ClockSpan:
		*p = schedule.ClockSpan{Start: schedule.Clock(*n % 1400), End: schedule.Clock((*n + 60) % 1400)}
	case *time.Weekday:
		*p = time.Weekday(1 + *n%6)
	case *schedule.Weekdays:
		*p = schedule.MakeWeekdays(time.Monday, time.Saturday)
	case *schedule.Recurrence:
		*p = schedule.MustRecurrence(fmt.Sprintf("FREQ=WEEKLY;INTERVAL=%d;BYDAY=SA,SU", 2+*n%20))
	case *time.Time:
		*p = noon.Add(time.Duration(*n) * time.Hour)
	case *schedule.Params:
		*p = schedule.Params{"number": schedule.Decimal(37.125), "word": schedule.Text("11"), "list": schedule.List("a"),
			"flag": schedule.Flag(true), "off": schedule.Flag(false), "less": schedule.Number(-3)}
	case *schedule.Level:
		*p = schedule.Level(1 + *n%6)
	case *schedule.SkillLevel:
		*p = schedule.SkillLevel(1 + *n%5)
	case *schedule.RequestState:
		*p = schedule.Approved
	default:
		switch v.Kind() {
		case reflect.String:
			v.SetString(fmt.Sprintf("t%d ' \" \\ ; — 佐藤 健二", *n))
		case reflect.Int, reflect.Int64:
			v.SetInt(int64(*n))
		case reflect.Bool:
			v.SetBool(true)
		case reflect.Struct:
			for i := range v.NumField() {
				fill(t, v.Field(i), n)
			}
		case reflect.Slice:
			v.Set(reflect.MakeSlice(v.Type(), 2, 2))
			for i := range 2 {
				fill(t, v.Index(i), n)
			}
		case reflect.Map:
			v.Set(reflect.MakeMap(v.Type()))
			for range 2 {
				key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
				fill(t, key, n)
				fill(t, value, n)
				v.SetMapIndex(key, value)
			}
		default:
			t.Fatalf("no value for a %s", v.Type())
		}
	}
}

// fullBook has every field of everything set.
func fullBook(t *testing.T) schedule.Book {
	t.Helper()
	var b schedule.Book
	n := 0
	fill(t, reflect.ValueOf(&b).Elem(), &n)
	for i := range b.Agents {
		b.Agents[i].Contract = b.Contracts[i].ID
		b.Availability[i].Agent = b.Agents[i].ID
		b.Pins[i].Agent = b.Agents[i].ID
	}
	return b.Normalize()
}

func TestBookRoundTrip(t *testing.T) {
	s := newStore(t)
	open := smallBook("open")
	// What is empty but stated is not the same as what is not stated.
	open.Agents[0].Holidays, open.Agents[0].Reminders = []schedule.Country{}, []schedule.Minutes{}
	open.Agents[1].Quiet, open.Agents[1].Contract = schedule.Some(schedule.ClockSpan{}), ""
	open.Contracts[0].Min = schedule.Some(schedule.Minutes(0))
	open.Team.Reminders, open.Team.Quiet = nil, schedule.Optional[schedule.ClockSpan]{}
	open.Demand = append(open.Demand, schedule.DemandLine{ID: "z", Interval: schedule.Some(schedule.ClockSpan{}), Holiday: schedule.Some(false)})
	for name, want := range map[string]schedule.Book{"full": fullBook(t), "open": open, "bare": {Team: schedule.NewTeam("bare", "", "UTC")}} {
		revision := must(s.SaveBook(ctx, want, 0, "mel", noon))(t)
		got, at, err := s.LoadBook(ctx, want.Team.ID)
		noError(t, err)
		if at != 1 || revision != 1 {
			t.Errorf("%s: revision %d, saved as %d", name, at, revision)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v", name, want.Diff(got))
			a, b := reflect.ValueOf(want), reflect.ValueOf(got)
			for i := range a.NumField() {
				if x, y := a.Field(i).Interface(), b.Field(i).Interface(); !reflect.DeepEqual(x, y) {
					t.Errorf("%s: got\n%#v\nwant\n%#v", name, y, x)
				}
			}
		}
		// Saving the same again is no change.
		if again := must(s.SaveBook(ctx, got, at, "mel", noon))(t); again != at {
			t.Errorf("%s: saving the same gives revision %d", name, again)
		}
	}
}

// Every single field, changed alone, is written, raises the revision and is logged.
func TestEveryFieldChanges(t *testing.T) {
	s := newStore(t)
	base := fullBook(t)
	revision := must(s.SaveBook(ctx, base, 0, "mel", noon))(t)
	keys := map[string]bool{"ID": true, "Agent": true, "Contract": true, "Date": true, "Country": true, "Slot": true, "State": true}
	changed := 0
	try := func(name string, next schedule.Book) {
		t.Helper()
		saved := must(s.SaveBook(ctx, next, revision, "mel", noon))(t)
		if saved != revision+1 {
			t.Fatalf("%s: revision %d after %d", name, saved, revision)
		}
		got, _, err := s.LoadBook(ctx, base.Team.ID)
		noError(t, err)
		if want := next.Normalize(); !reflect.DeepEqual(got, want) {
			t.Fatalf("%s: got\n%+v\nwant\n%+v", name, got, want)
		}
		if log := must(s.AuditLog(ctx, LogQuery{Limit: 1}))(t); log[0].Op == string(schedule.Added) {
			t.Fatalf("%s: nothing was logged", name)
		}
		revision, changed = saved, changed+1
	}
	book := reflect.TypeOf(base)
	n := 5000
	for i := range book.NumField() {
		of := book.Field(i).Type
		if of.Kind() == reflect.Slice {
			of = of.Elem()
		}
		for j := range of.NumField() {
			if keys[of.Field(j).Name] || of == reflect.TypeFor[schedule.Holiday]() {
				continue
			}
			next, _, err := s.LoadBook(ctx, base.Team.ID)
			noError(t, err)
			v := reflect.ValueOf(&next).Elem().Field(i)
			if v.Kind() == reflect.Slice {
				v = v.Index(1)
			}
			fill(t, v.Field(j), &n)
			if reflect.DeepEqual(v.Field(j).Interface(), reflect.ValueOf(&base).Elem().Field(i).Interface()) {
				t.Fatalf("%s did not change", of.Field(j).Name)
			}
			if of == reflect.TypeFor[schedule.Rule]() && of.Field(j).Name == "Params" {
				next.Rules[1].Params["number"] = schedule.Text("37.125") // reads the same to people
			}
			if of.Field(j).Name == "Holiday" {
				next.Demand[1].Holiday.Value = false
			}
			if of.Field(j).Name == "Days" && of == reflect.TypeFor[schedule.DemandLine]() {
				next.Demand[1].Days = schedule.MakeWeekdays(time.Friday)
			}
			if of.Field(j).Type.Kind() == reflect.Bool {
				v.Field(j).SetBool(false)
			}
			try(of.Name()+"."+of.Field(j).Name, next)
		}
	}
	if changed < 100 {
		t.Errorf("only %d fields were tried", changed)
	}
}

func TestBookEdits(t *testing.T) {
	s := newStore(t)
	withTeam(t, s, "a")
	withTeam(t, s, "b")
	edit := func(change func(*schedule.Book)) {
		t.Helper()
		must(s.UpdateBook(ctx, "a", "mel", noon, func(b *schedule.Book) error { change(b); return nil }))(t)
	}
	edit(func(b *schedule.Book) {
		b.Agents = append([]schedule.Agent{{ID: "new", Name: "New", Contract: "part", Skills: map[string]schedule.SkillLevel{"chat": 2}}}, b.Agents[1:]...)
		b.Contracts = append(b.Contracts, schedule.Contract{ID: "part"})
		b.Shifts[0], b.Shifts[1] = b.Shifts[1], b.Shifts[0]
		b.Agents[1].Languages = map[schedule.Language]schedule.Level{"hy": schedule.Native}
		b.Holidays = []schedule.Holiday{{Date: day("2026-12-24"), Name: "Eve"}}
	})
	got, revision, err := s.LoadBook(ctx, "a")
	noError(t, err)
	if revision != 2 || got.Agents[0].ID != "new" || got.Agents[0].Skills["chat"] != 2 || len(got.Agents) != 3 ||
		got.Shifts[0].ID != "late" || got.Agents[1].Languages["hy"] != schedule.Native || len(got.Agents[1].Languages) != 1 {
		t.Errorf("got %+v", got)
	}
	want := map[string]bool{"added agents new": true, "removed agents ani": true, "changed agents davit": true,
		"added contracts part": true, "reordered shifts ": true, "added holidays 2026-12-24 Eve": true}
	for _, e := range must(s.AuditLog(ctx, LogQuery{Team: "a", Limit: len(want)}))(t) {
		if k := e.Op + " " + e.Kind + " " + e.Key; !want[k] || e.Who != "mel" || !e.At.Equal(noon) {
			t.Errorf("logged %s by %s at %s: %s", k, e.Who, e.At, e.Detail)
		} else {
			delete(want, k)
		}
		if e.Key == "davit" && (len(e.Fields()) != 1 || e.Fields()[0].Name != "languages") {
			t.Errorf("the change of davit is logged as %s", e.Detail)
		}
		if e.Op == "removed" && e.Detail == "null" {
			t.Error("what was removed is not in the log")
		}
	}
	if len(want) > 0 {
		t.Errorf("not logged: %v", want)
	}
	if other, revision, _ := s.LoadBook(ctx, "b"); revision != 1 || len(other.Agents) != 3 || other.Agents[0].ID != "ani" {
		t.Errorf("the other team has become %+v", other)
	}

	// A book that refers to what does not exist is refused whole.
	_, err = s.UpdateBook(ctx, "a", "mel", noon, func(b *schedule.Book) error {
		b.Contracts = b.Contracts[:1]
		b.Team.Name = "changed"
		return nil
	})
	if !errors.Is(err, ErrInvalid) {
		t.Errorf("got %v", err)
	}
	noDriverWords(t, err)
	if after, revision, _ := s.LoadBook(ctx, "a"); revision != 2 || !reflect.DeepEqual(after, got) {
		t.Error("a refused book has left traces")
	}
}

func TestBookConflict(t *testing.T) {
	s := newStore(t)
	b := withTeam(t, s, "a")
	b.Team.Name = "first"
	must(s.SaveBook(ctx, b, 1, "mel", noon))(t)
	b.Team.Name = "second"
	_, err := s.SaveBook(ctx, b, 1, "ani", noon)
	var conflict *ConflictError
	if !errors.As(err, &conflict) || conflict.Base != 1 || conflict.Current != 2 {
		t.Errorf("got %v", err)
	}
	if _, err := s.SaveBook(ctx, b, 0, "ani", noon); !errors.As(err, &conflict) {
		t.Errorf("as if it were new: %v", err)
	}
	var missing *NotFoundError
	if _, _, err := s.LoadBook(ctx, "z"); !errors.As(err, &missing) || missing.Key != "z" {
		t.Errorf("got %v", err)
	}
	if _, err := s.UpdateBook(ctx, "z", "mel", noon, nil); !errors.As(err, &missing) {
		t.Errorf("got %v", err)
	}
	if _, err := s.UpdateBook(ctx, "a", "mel", noon, func(b *schedule.Book) error { b.Team.ID = "c"; return nil }); !errors.Is(err, ErrInvalid) {
		t.Errorf("another id: %v", err)
	}
}

func TestAuditLogStays(t *testing.T) {
	s := newStore(t)
	withTeam(t, s, "a")
	for _, q := range []string{`UPDATE audit_log SET who = 'nobody'`, `DELETE FROM audit_log`} {
		if err := s.translate(execAll(s, q)); !errors.Is(err, ErrImmutable) {
			t.Errorf("%s: %v", q, err)
		}
	}
	all := must(s.AuditLog(ctx, LogQuery{}))(t)
	page := must(s.AuditLog(ctx, LogQuery{Before: all[1].ID, Limit: 2}))(t)
	if len(page) != 2 || page[0].ID != all[2].ID {
		t.Errorf("the next page is %+v", page)
	}
	if none := must(s.AuditLog(ctx, LogQuery{Since: noon.Add(time.Second)}))(t); len(none) > 0 {
		t.Errorf("got %+v", none)
	}
	if agents := must(s.AuditLog(ctx, LogQuery{Team: "a", Kind: "agents", Key: "ani", Until: noon.Add(1)}))(t); len(agents) > 1 {
		t.Errorf("got %+v", agents)
	}
}
