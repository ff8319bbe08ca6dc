package desk_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"duban/internal/engines"
	"duban/internal/series"
	"duban/internal/world"
	"duban/ledger"
	"duban/notify"
	"duban/rules"
	"duban/rules/calendar"
	"duban/scheduler/desk"
	"duban/scheduler/engine"
	"duban/scheduler/figures"
)

// everyCadence owes something of each kind.
var everyCadence = world.Ob("m", `["a"]`, "every=\"month\"\nwithin=\"15 working days\"\npolicy=\"standard\"") +
	world.Ob("w", `["a", "b"]`, "every=\"week\"\nwithin=\"-2 days\"\npolicy=\"plain\"") +
	world.Ob("c", `["b"]`, "cron=\"0 0 9,10 12 *\"\npolicy=\"standard\"") +
	world.Ob("y", `["a"]`, "on=2017-12-31\nroll=\"backward\"\npolicy=\"plain\"") +
	world.Ob("e", `["@all"]`, "event=\"asked\"\nwithin=\"10 working days\"\npausable=true\nextendable=\"15 working days\"\npolicy=\"standard\"") +
	world.Ob("d", `["a"]`, "event=\"asked\"\nwithin=\"45 days\"\nroll=\"backward\"\npausable=true\npolicy=\"plain\"") +
	world.Ob("n", `["a"]`, "after=\"e\"\nwithin=\"1 month\"\npolicy=\"standard\"")

// What people write into fields of dates, distances and texts.
var (
	oddDates     = []string{"", "1969-12-31", "1970-01-01", "1970-01-02", "2017-06-09", "2017-08-01", "2017-11-30", "2017-12-01", "2017-12-31", "2018-02-29", "2099-12-31", "2199-12-31", "2200-01-01", "9999-12-31", "12017-01-01", "next week"}
	oddDistances = []string{"", "0 days", "1 day", "5 working days", "-3 days", "20000 days", "20000 working days", "50 years", "51 years", "9999 years", "600 months", "99999999999 days", "a while"}
	oddTexts     = []string{"", "r", "系统检修", strings.Repeat("长", 3000), "a\nb", "\u202e", "\x00", "'; DROP TABLE occurrence; --", "<b>&", "=1+1"}
	oddKeys      = []string{"", "k", "No:7", "a/b", "中府办65号", strings.Repeat("k", 200), "2017-08-01"}
)

// atDoor reads what a person wrote, as flags and forms do: what they refuse never
// gets further.
func atDoor(t *rapid.T, now calendar.Date) (act desk.Act, refused bool) {
	date := func(label string) calendar.Date {
		s := rapid.SampledFrom(append(oddDates, now.String(), (now-1).String(), (now+20).String())).Draw(t, label)
		if s == "" {
			return 0
		}
		d, err := calendar.ParseDate(s)
		refused = refused || err != nil
		return d
	}
	text := func(label string) string { return rapid.SampledFrom(oddTexts).Draw(t, label) }
	act = desk.Act{By: text("by"), Date: date("date"), Note: text("note"), Reason: text("reason"), To: date("to"), Evidence: text("evidence")}
	if s := rapid.SampledFrom(oddDistances).Draw(t, "distance"); s != "" {
		w, err := rules.ParseWithin(s)
		refused = refused || err != nil || w.N <= 0
		act.More = &w
	}
	return act, refused
}

// mustRead fails unless everything that shows the ledger still does.
func mustRead(w *world.World, t *rapid.T) {
	ctx := context.Background()
	all, err := ledger.AllOccurrences(ctx, w.Ledger, ledger.Query{})
	for _, o := range all {
		w.View().Light(o)
		if _, e := w.Ledger.RuleText(ctx, o.Rule); e != nil {
			err = errors.Join(err, e)
		}
		if _, e := w.Ledger.Pauses(ctx, o.ID); e != nil {
			err = errors.Join(err, e)
		}
		if ob := w.View().Obligation(o); ob != nil {
			ob.Timeline(false).Named(o.Named).Reminders(o.Due)
		}
	}
	briefs := 0
	err = errors.Join(err, w.Ledger.Briefs(ctx, func(*ledger.Brief) { briefs++ }))
	_, e1 := ledger.AllNotices(ctx, w.Ledger, "")
	_, e2 := ledger.AllEvents(ctx, w.Ledger, ledger.EventQuery{})
	_, e3 := figures.Of(ctx, w.Ledger, w.View(), 0, 0)
	_, e4 := w.Ledger.Verify(ctx)
	if err = errors.Join(err, e1, e2, e3, e4); err != nil || briefs != len(all) {
		t.Fatalf("%d occurrences, %d on the board: %v", len(all), briefs, err)
	}
	if _, err := w.Daemon.Tick(ctx, w.Now); err != nil {
		t.Fatalf("the next tick: %v", err)
	}
}

func TestWhateverIsThrownAtADoorEverythingCanBeReadAfterwards(t *testing.T) {
	series.Of(t, 100)
	set := world.Rules(t, everyCadence)
	acts := []desk.Verb{desk.Done, desk.Accept, desk.Return, desk.Waive, desk.Reopen, desk.Extend, desk.Pause, desk.Resume}
	columns := []string{"anchor", "first_due", "due", "named", "granted", "paused_on", "told_through", "next_reminder"}
	wrong := []string{"12025-11-20", "9999-12-31", "1969-12-31", "-0001-01-01", "soon", ""}
	count := 0
	rapid.Check(t, func(rt *rapid.T) {
		count++
		dir := t.TempDir()
		w := world.Empty(t, dir)
		w.At("2017-12-01 09:00")
		l := engines.Open(t, dir+"/ledger.db")
		defer l.Close()
		w.With(l, set)
		ctx := context.Background()
		if _, err := w.Daemon.Backfill(ctx, w.Now, engine.Backfill{}); err != nil {
			rt.Fatal(err)
		}
		for range rapid.IntRange(1, 12).Draw(rt, "steps") {
			all, err := ledger.AllOccurrences(ctx, l, ledger.Query{})
			if err != nil {
				rt.Fatal(err)
			}
			o := rapid.SampledFrom(all).Draw(rt, "occurrence")
			act, refused := atDoor(rt, w.View().Today())
			switch what := rapid.SampledFrom([]string{"act", "act", "ask", "event", "damage", "time"}).Draw(rt, "what"); {
			case what == "time":
				w.Now = w.Now.AddDate(0, 0, rapid.IntRange(1, 40).Draw(rt, "days"))
			case what == "damage":
				damage(t, dir+"/ledger.db", fmt.Sprintf("UPDATE occurrence SET %s = ? WHERE id = ?", rapid.SampledFrom(columns).Draw(rt, "column")), rapid.SampledFrom(wrong).Draw(rt, "wrong"), o.ID)
			case refused: // it never came this far
			case what == "ask":
				if r, err := w.Desk.Ask(ctx, rapid.SampledFrom([]ledger.RequestKind{ledger.ExtensionRequest, ledger.NotOursRequest}).Draw(rt, "kind"), o.FullKey(), act); err == nil && rapid.Bool().Draw(rt, "decided") {
					_, _ = w.Desk.Decide(ctx, r.ID, rapid.Bool().Draw(rt, "granted"), act)
				}
			case what == "event":
				_, _, _ = w.Desk.AddEvent(ctx, &ledger.Event{Name: "asked", Unit: rapid.SampledFrom([]string{"a", "b", "nobody"}).Draw(rt, "unit"), Day: act.Date, Key: rapid.SampledFrom(oddKeys).Draw(rt, "key"), Title: act.Note}, act.By)
			default:
				_, _ = w.Desk.Do(ctx, rapid.SampledFrom(acts).Draw(rt, "act"), o.FullKey(), act)
			}
			mustRead(w, rt)
		}
		all, err := ledger.AllOccurrences(ctx, l, ledger.Query{})
		if err != nil {
			rt.Fatal(err)
		}
		for _, o := range all {
			if o.Damage == "" && !(o.Due.InRange() && o.FirstDue.InRange() && o.Anchor.InRange()) {
				rt.Fatalf("%s has dates out of range: %s, %s, %s", o.FullKey(), o.Anchor, o.FirstDue, o.Due)
			}
		}
		var ics strings.Builder
		entries := make([]notify.CalendarEntry, len(all))
		for i, o := range all {
			entries[i] = notify.CalendarEntry{UID: o.FullKey(), Due: o.Due, Summary: o.Key()}
		}
		if err := notify.WriteCalendar(io.Writer(&ics), "duban", w.Settings().From, entries, w.Now); err != nil {
			rt.Fatal(err)
		}
	})
}

// damage writes into the file of a ledger, past everything that checks.
func damage(t testing.TB, file, statement string, args ...any) {
	db := engines.At(t, file)
	_, err := db.Exec(statement, args...)
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
}

func TestADateThatCannotBeReadIsToldOfAndMended(t *testing.T) {
	w := world.New(t, world.Rules(t, world.Ob("m", `["a"]`, world.Monthly)), "2017-07-03 09:00")
	w.TickNow()
	key := "m/a/2017-06"
	for _, s := range []string{
		`UPDATE occurrence SET due = '12025-07-21', granted = '12025-07-21', next_reminder = '12025-07-11' WHERE period = '2017-06'`,
		`UPDATE occurrence SET due = '12025-08-21' WHERE period = '2017-07'`,
	} {
		damage(t, w.Dir+"/ledger.db", s)
	}
	if o := w.Find(key); o.Damage != `due = "12025-07-21"` || w.View().Late(o) {
		t.Errorf("damage %q", o.Damage)
	}
	w.Tick("2017-07-12 09:00")
	if o := w.Find(key); o.Damage != "" || o.Due != world.Date(t, "2017-07-21") || o.Granted != 0 {
		t.Errorf("after a tick: %q, due %s, granted %s", o.Damage, o.Due, o.Granted)
	}
	told := false
	for _, m := range w.Mail.Mails() {
		told = told || strings.Contains(strings.Join(m.To, " "), "admin@")
	}
	if !told {
		t.Error("nobody was told")
	}
	// What has not come up yet is mended by whoever acts on it.
	if _, err := w.Desk.Do(context.Background(), desk.Extend, "m/a/2017-07", desk.Act{By: "boss", Reason: "r", To: world.Date(t, "2017-09-01")}); err != nil {
		t.Fatal(err)
	}
	if o := w.Find("m/a/2017-07"); o.Damage != "" || o.Due != world.Date(t, "2017-09-01") || o.FirstDue != world.Date(t, "2017-08-21") {
		t.Errorf("extended: %q, due %s, first %s", o.Damage, o.Due, o.FirstDue)
	}
	w.Tick("2017-07-13 09:00")
	w.Verify()
}
