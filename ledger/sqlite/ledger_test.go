package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"duban/ledger"
	"duban/ledger/tables"
	"duban/rules/calendar"
)

var ctx = context.Background()

var noon = time.Date(2017, 7, 14, 4, 0, 0, 0, time.UTC)

func open(t testing.TB, path string) *Ledger {
	t.Helper()
	l, err := Open(ctx, path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// migrated opens a ledger as the daemon does, which may move the schema.
func migrated(t testing.TB, path string) *Ledger {
	t.Helper()
	if err := Migrate(ctx, path); err != nil {
		t.Fatal(err)
	}
	return open(t, path)
}

func update(t testing.TB, l *Ledger, f func(*Tx) error) {
	t.Helper()
	if err := l.update(ctx, f); err != nil {
		t.Fatal(err)
	}
}

// raw changes the file behind the ledger's back.
func raw(t testing.TB, path string, statements ...string) {
	t.Helper()
	db, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, s := range statements {
		if _, err := db.Exec(s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

// fill makes a rule, three occurrences and a closing.
func fill(t testing.TB, l *Ledger) []*ledger.Occurrence {
	t.Helper()
	var out []*ledger.Occurrence
	update(t, l, func(tx *Tx) error {
		if _, err := tx.engine.Exec(`INSERT INTO rule (id, plan, obligation, fingerprint, ref, title, title_en, basis, source, seen_at) VALUES (1, 'p', 'm', 'f', '1.1', 'T', '', 'text', '', '')`); err != nil {
			return err
		}
		for _, period := range []string{"2017-06", "2017-07", "2017-08"} {
			due := calendar.DateOf(2017, 7, 21)
			o := &ledger.Occurrence{Plan: "p", Obligation: "m", Unit: "a", Period: period, Rule: 1, Anchor: due - 30, FirstDue: due, Due: due, State: ledger.StateOpen, NextReminder: due - 7}
			if added, err := tx.AddOccurrence(o, ledger.Entry{At: noon, Actor: "test"}); err != nil || !added {
				t.Fatal(added, err)
			}
			out = append(out, o)
		}
		before := *out[0]
		out[0].State, out[0].ClosedAt = ledger.StateClosed, noon
		return tx.SaveOccurrence(&before, out[0], ledger.Entry{At: noon, Actor: "test", Action: "closed"})
	})
	return out
}

func TestWhatWasWrittenIsReadBack(t *testing.T) {
	l := open(t, filepath.Join(t.TempDir(), "l.db"))
	made := fill(t, l)
	for _, want := range made {
		got, err := l.Find(ctx, want.Key())
		if err != nil || *got != *want {
			t.Errorf("got %+v, %v; want %+v", got, err, want)
		}
	}
	update(t, l, func(tx *Tx) error {
		o := &ledger.Occurrence{Plan: "p", Obligation: "m", Unit: "a", Period: "2017-06", Rule: 1, State: ledger.StateOpen}
		added, err := tx.AddOccurrence(o, ledger.Entry{At: noon})
		if added || o.State != ledger.StateClosed {
			t.Errorf("a key that was taken: added %v, state %s", added, o.State)
		}
		return err
	})
	for _, name := range []string{"m/a", "m/a/", "m/a/2018-01", "x/y/z"} {
		if _, err := l.Find(ctx, name); err == nil {
			t.Errorf("%s was found", name)
		}
	}
	if waiting, err := l.Waiting(ctx, calendar.DateOf(2017, 7, 14)); err != nil || len(waiting) != 3 {
		t.Errorf("%d wait, %v", len(waiting), err) // closing clears reminders one level up
	}
}

func TestATransactionThatFailsChangesNothing(t *testing.T) {
	l := open(t, filepath.Join(t.TempDir(), "l.db"))
	fill(t, l)
	boom := errors.New("boom")
	err := l.update(ctx, func(tx *Tx) error {
		if err := tx.SetFact("x", "y"); err != nil {
			return err
		}
		if err := tx.Journal(ledger.Entry{At: noon, Action: "x"}); err != nil {
			return err
		}
		return boom
	})
	if !errors.Is(err, boom) {
		t.Errorf("got %v", err)
	}
	if v, _ := l.Fact(ctx, "x"); v != "" {
		t.Error("the fact stayed")
	}
	if v, err := l.Verify(ctx); err != nil || len(v.Problems) > 0 || v.Entries != 4 {
		t.Errorf("%+v, %v", v, err)
	}
}

func TestVerifyFindsWhatWasChangedBehindTheJournal(t *testing.T) {
	for _, tc := range []struct {
		tampering  string
		statements []string
		want       string
	}{
		{"nothing", nil, ""},
		{"a journal entry changed", []string{`DROP TRIGGER journal_keeps`, `UPDATE journal SET actor = 'somebody' WHERE seq = 2`}, "journal 2: was changed"},
		{"a journal entry deleted", []string{`DROP TRIGGER journal_stays`, `DELETE FROM journal WHERE seq = 2`}, "entries 2 to 2 are gone"},
		{"the last entry deleted", []string{`DROP TRIGGER journal_stays`, `DELETE FROM journal WHERE seq = 4`}, "p:m/a/2017-06: was changed behind"},
		{"an occurrence changed", []string{`UPDATE occurrence SET due = '2017-08-01' WHERE period = '2017-07'`}, "p:m/a/2017-07: was changed behind"},
		{"an occurrence closed", []string{`UPDATE occurrence SET state = 'closed' WHERE period = '2017-08'`}, "p:m/a/2017-08: was changed behind"},
		{"an occurrence deleted", []string{`DELETE FROM occurrence WHERE period = '2017-08'`}, "p:m/a/2017-08: the journal knows it"},
		{"an occurrence slipped in", []string{`INSERT INTO occurrence (plan, obligation, unit, period, rule, anchor, first_due, due, provisional, state) VALUES ('p','m','b','2017-06',1,'2017-06-30','2017-07-21','2017-07-21',0,'closed')`}, "p:m/b/2017-06: the journal does not know it"},
	} {
		t.Run(tc.tampering, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "l.db")
			l := open(t, path)
			fill(t, l)
			raw(t, path, tc.statements...)
			v, err := l.Verify(ctx)
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(v.Problems, "\n"); (tc.want == "") != (got == "") || !strings.Contains(got, tc.want) {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func TestTheJournalIsAppendOnly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "l.db")
	l := open(t, path)
	fill(t, l)
	for _, s := range []string{`UPDATE journal SET actor = 'x'`, `DELETE FROM journal`} {
		if _, err := l.write.Exec(s); err == nil || !strings.Contains(err.Error(), "append-only") {
			t.Errorf("%s: %v", s, err)
		}
	}
}

func TestBadFilesAreRefusedWithAWayOut(t *testing.T) {
	newer := func(t *testing.T, path string) {
		open(t, path).Close()
		raw(t, path, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (999, 1)`)
	}
	for _, tc := range []struct {
		what    string
		prepare func(*testing.T, string)
		opt     Options
		want    string
	}{
		{"no ledger", func(*testing.T, string) {}, Options{MustExist: true}, "duban serve or duban tick makes it"},
		{"a text file", func(t *testing.T, p string) { write(t, p, strings.Repeat("not a database\n", 100)) }, Options{}, "is not a ledger"},
		{"a newer schema", newer, Options{}, "newer duban"},
		{"a folder", func(t *testing.T, p string) {
			if err := os.Mkdir(p, 0o755); err != nil {
				t.Fatal(err)
			}
		}, Options{}, "is a folder"},
		{"below a file", func(t *testing.T, p string) {}, Options{}, "not a directory"},
	} {
		t.Run(tc.what, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "l.db")
			tc.prepare(t, path)
			if tc.what == "below a file" {
				write(t, path, "x")
				path = filepath.Join(path, "l.db")
			}
			l, err := Open(ctx, path, tc.opt)
			if err == nil {
				l.Close()
			}
			if err == nil || !strings.Contains(err.Error(), tc.want) || !strings.Contains(err.Error(), path) {
				t.Errorf("got %v, want …%s…", err, tc.want)
			}
		})
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestABackupIsWholeWhileOthersWrite(t *testing.T) {
	dir := t.TempDir()
	l := open(t, filepath.Join(dir, "l.db"))
	fill(t, l)
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			default:
				if err := l.update(ctx, func(tx *Tx) error {
					return tx.Journal(ledger.Entry{At: noon, Action: "x", Subject: ledger.ParseSubject("plan p")})
				}); err != nil {
					t.Error(err)
					return
				}
			}
		}
	}()
	copied := filepath.Join(dir, "copy 1%.db")
	write(t, copied, "an older copy")
	if err := l.Backup(ctx, copied); err != nil {
		t.Fatal(err)
	}
	close(stop)
	<-stopped
	c := open(t, copied)
	if v, err := c.Verify(ctx); err != nil || len(v.Problems) > 0 || v.Occurrences != 3 {
		t.Errorf("the copy: %+v, %v", v, err)
	}
	if _, err := os.Stat(copied + ".part"); err == nil {
		t.Error("the unfinished copy was left")
	}
	if err := l.Backup(ctx, l.Path()); err == nil {
		t.Error("a backup over the ledger itself was made")
	}
	if err := l.Backup(ctx, filepath.Join(dir, "no", "such", "folder.db")); err == nil {
		t.Error("a backup into nowhere was made")
	}
}

func TestOneProcessEvaluatesAndDelivers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "l.db")
	release, err := Lock(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Lock(path); err == nil || !strings.Contains(err.Error(), "another duban") {
		t.Errorf("a second one: %v", err)
	}
	release()
	again, err := Lock(path)
	if err != nil {
		t.Fatal(err)
	}
	again()
}

func TestANoticeIsMadeOnce(t *testing.T) {
	l := open(t, filepath.Join(t.TempDir(), "l.db"))
	os := fill(t, l)
	notice := func() *ledger.Notice {
		return &ledger.Notice{Kind: ledger.Reminder, Unit: "a", Day: calendar.DateOf(2017, 7, 14), MessageID: "x@y", Subject: "S", State: ledger.Pending, Created: noon, NextTry: noon, GiveUp: noon.Add(time.Hour),
			Items: []ledger.Item{{Kind: "upcoming", Plan: "p", Obligation: "m", Occurrence: os[1].ID, New: true}}, Recipients: []ledger.Recipient{{Address: "a@x"}, {Address: "c@x", Copy: true}, {Address: "a@x"}}}
	}
	first, second := notice(), notice()
	update(t, l, func(tx *Tx) error { return tx.AddNotice(first, ledger.Entry{At: noon}) })
	update(t, l, func(tx *Tx) error { return tx.AddNotice(second, ledger.Entry{At: noon}) })
	if first.ID != second.ID {
		t.Errorf("two notices: %d, %d", first.ID, second.ID)
	}
	due, err := l.DueNotices(ctx, ledger.ByMail, noon, 10)
	if err != nil || len(due) != 1 || len(due[0].Items) != 1 || len(due[0].Recipients) != 2 || !due[0].Items[0].New {
		t.Fatalf("due %+v, %v", due, err)
	}
	if none, err := l.DueNotices(ctx, ledger.ByMail, noon.Add(-time.Second), 10); err != nil || len(none) != 0 {
		t.Errorf("before its time: %v, %v", none, err)
	}
	n := due[0]
	n.Body = []byte("bytes")
	update(t, l, func(tx *Tx) error { return tx.Claim([]*ledger.Notice{n}, ledger.Lease{}) })
	update(t, l, func(tx *Tx) error { // a crash, and the next start
		c, err := tx.ResumeSending("", noon)
		if c != 1 {
			t.Errorf("%d resumed", c)
		}
		return err
	})
	again, err := l.Notice(ctx, n.ID)
	if err != nil || !again.MayHave || string(again.Body) != "bytes" || again.State != ledger.Pending || again.Attempts != 1 {
		t.Errorf("after the crash: %+v, %v", again, err)
	}
}

func TestManyThatOpenANewLedgerAtOnceAllGetIt(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "l.db")
	errs := make(chan error)
	for range 8 {
		go func() {
			l, err := Open(ctx, path, Options{})
			if err == nil {
				err = l.Close()
			}
			errs <- err
		}()
	}
	for range 8 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
}

// TestWhatEveryTickAsksIsAnsweredByAnIndex keeps a tick's cost from growing with
// what is stored.
func TestWhatEveryTickAsksIsAnsweredByAnIndex(t *testing.T) {
	l := open(t, filepath.Join(t.TempDir(), "l.db"))
	for _, query := range []string{
		`SELECT * FROM occurrence o WHERE o.next_reminder <= '2017-07-14' ORDER BY o.next_reminder, o.id`,
		`SELECT id FROM occurrence WHERE next_reminder <= '2017-07-14' ORDER BY next_reminder LIMIT 1`,
		`SELECT * FROM duty WHERE told = 0 AND retired_at IS NULL ORDER BY unit, plan, obligation`,
		`SELECT * FROM duty WHERE wake <= '2017-07-14' AND plan = 'p' ORDER BY obligation, unit`,
		`SELECT * FROM attempt a WHERE a.outcome IN ('failed', 'partly sent') AND a.at >= '2017-07-14' AND a.at || '/' || a.notice > '2017-07-14/1'`,
		`SELECT * FROM notice n WHERE n.state = 'pending' AND n.channel = 'mail' AND n.next_attempt <= '2017-07-14' ORDER BY n.next_attempt, n.id LIMIT 64`,
		`SELECT * FROM notice n WHERE n.state = 'pending' AND n.unit = 'a' AND n.kind = 'reminder' AND n.may_have_arrived = 0 ORDER BY n.id`,
		`SELECT COUNT(*) FROM notice WHERE unit = 'a' AND day = '2017-07-14' AND state <> 'dropped'`,
		`SELECT MIN(next_reminder) FROM occurrence WHERE unit = 'a' AND state = 'open' AND next_reminder IS NOT NULL`,
		`SELECT id FROM occurrence WHERE state IN ('open', 'reported')`,
		`SELECT * FROM occurrence o WHERE o.state IN ('open') AND o.state IN ('open', 'reported') AND (o.due, o.plan, o.obligation, o.unit, o.period) > ('2017-07-14', 'p', 'm', 'a', '2017-06') ORDER BY o.due, o.plan, o.obligation, o.unit, o.period LIMIT 200`,
		`SELECT * FROM occurrence_ever o WHERE o.state IN ('closed', 'waived', 'cancelled') AND (o.due, o.plan, o.obligation, o.unit, o.period) > ('2017-07-14', 'p', 'm', 'a', '2017-06') ORDER BY o.due, o.plan, o.obligation, o.unit, o.period LIMIT 200`,
		`SELECT * FROM occurrence o WHERE o.state IN ('closed', 'waived', 'cancelled') ORDER BY o.due, o.plan, o.obligation, o.unit, o.period LIMIT 200`,
		`SELECT plan, unit, due, state, late, n FROM ended WHERE due >= '2017-07-01' AND due <= '2017-07-31'`,
		`SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1`,
	} {
		plan := planOf(t, l, query)
		scans := strings.Contains(plan, "SCAN") && !strings.Contains(plan, "SCAN journal")
		sorts := strings.Contains(plan, "TEMP") && strings.Contains(query, "o.due, ")
		inOrder := strings.Contains(plan, "USING INDEX occurrence_ended") || strings.Contains(plan, "USING INDEX occurrence_ongoing") || strings.Contains(plan, "USING INDEX occurrence_unit_ongoing")
		if sorts || scans && !inOrder && !strings.Contains(plan, "USING INDEX duty_untold") {
			t.Errorf("%s\n  %s", query, plan)
		}
	}
}

// What is asked of units looks through nothing else, whatever else is asked.
func TestWhatIsAskedOfUnitsIsAnsweredByAnIndex(t *testing.T) {
	l := open(t, filepath.Join(t.TempDir(), "l.db"))
	open, reported, closed, waived, cancelled := ledger.StateOpen, ledger.StateReported, ledger.StateClosed, ledger.StateWaived, ledger.StateCancelled
	states := map[string]ledger.Query{"any": {}, "ended": {Ended: true}, "received": {Received: true}, "handed on": {HandedOn: true}}
	for _, s := range [][]ledger.State{{open}, {reported}, {open, reported}, {closed}, {closed, waived}, {cancelled, open, reported}, {open, closed}, ledger.States, ledger.EndedStates} {
		states[fmt.Sprint(s)] = ledger.Query{States: s}
	}
	all := []ledger.Query{}
	for _, q := range states {
		for _, of := range []ledger.Query{{Unit: "a"}, {Units: []string{"a", "b"}}, {Unit: "a", Obligation: "m"}, {Unit: "a", Obligation: "m", Period: "2017-07"}, {Unit: "a", Plan: "p"}, {Units: []string{"a", "b"}, Plan: "p"}, {Unit: "a", Plan: "p", Obligation: "m"}} {
			q.Unit, q.Units, q.Plan, q.Obligation, q.Period = of.Unit, of.Units, of.Plan, of.Obligation, of.Period
			for _, q.Latest = range []bool{false, true} {
				for _, q.Limit = range []int{0, 200} {
					for _, q.DueFrom = range []calendar.Date{0, calendar.DateOf(2017, 7, 1)} {
						all = append(all, q)
					}
				}
			}
		}
	}
	for _, q := range all {
		list, its := tables.List(q)
		count, theirs := tables.Count(q)
		for ask, args := range map[string][]any{list: its, count: theirs} {
			for step := range strings.SplitSeq(planOf(t, l, ask, args...), "; ") {
				few := strings.Contains(step, "INDEX occurrence_received") || strings.Contains(step, "INDEX occurrence_handed_on") || strings.Contains(step, "INDEX occurrence_reported")
				found := strings.Contains(ask, "FROM (SELECT") && slices.Contains([]string{"SCAN o", "SCAN going", "SCAN ended"}, step) || step == "SCAN CONSTANT ROW"
				if strings.HasPrefix(step, "SCAN") && !few && !found || strings.Contains(step, "(plan=?)") {
					t.Errorf("%+v\n%s\n  %s", q, ask, step)
				}
			}
		}
	}
}

// planOf is how SQLite answers.
func planOf(t *testing.T, l *Ledger, query string, args ...any) string {
	t.Helper()
	var plan strings.Builder
	found, err := l.read.QueryContext(ctx, `EXPLAIN QUERY PLAN `+query, args...)
	if err != nil {
		t.Fatal(err)
	}
	for found.Next() {
		var id, parent, unused int
		var detail string
		if err := found.Scan(&id, &parent, &unused, &detail); err != nil {
			t.Fatal(err)
		}
		plan.WriteString(detail + "; ")
	}
	if err := found.Close(); err != nil {
		t.Fatal(err)
	}
	return plan.String()
}

// What has ended of items is counted in the order of an index that has all of it, of a
// year's table too: nothing is sorted, and no row is read.
func TestItemsAreCountedInAnIndex(t *testing.T) {
	l := open(t, filepath.Join(t.TempDir(), "l.db"))
	july := ledger.Query{Ended: true, DueFrom: calendar.DateOf(2017, 7, 1), DueTo: calendar.DateOf(2017, 7, 31)}
	kind, plan, state := july, july, july
	for i := range 1000 {
		kind.Units = append(kind.Units, fmt.Sprint("u", i))
	}
	plan.Plan, state.States = "p", []ledger.State{ledger.StateClosed, ledger.StateWaived}
	for _, q := range []ledger.Query{{Ended: true}, july, kind, plan, state} {
		ask, args := tables.ItemCounts("occurrence", q)
		if plan := planOf(t, l, ask, args...); !strings.Contains(plan, "COVERING INDEX occurrence_ended") || strings.Contains(plan, "TEMP") {
			t.Errorf("%.200s\n  %s", ask, plan)
		}
	}
}

// A reminder that was told moves no more than its row, and the entry by which it is found
// again; what a unit owes is listed by the day on which it is due.
func TestAReminderThatWasToldMovesInOneIndex(t *testing.T) {
	l := open(t, filepath.Join(t.TempDir(), "l.db"))
	names, made, err := indexesOf(ctx, l.DB, "occurrence")
	if err != nil || len(names) < 5 {
		t.Fatal(names, err)
	}
	for i, index := range made {
		for _, column := range []string{"started_on", "told_through", "supervisor_told", "next_reminder"} {
			if strings.Contains(index, column) && names[i] != "occurrence_next" {
				t.Errorf("%s has %s", names[i], column)
			}
		}
	}
	for index, q := range map[string]ledger.Query{
		"occurrence_unit_ongoing": {Unit: "a", States: []ledger.State{ledger.StateOpen}, Limit: 10},
		"occurrence_unit_ended":   {Unit: "a", States: []ledger.State{ledger.StateClosed, ledger.StateWaived}, Latest: true, Limit: 10},
	} {
		ask, args := tables.List(q)
		if plan := planOf(t, l, ask, args...); !strings.Contains(plan, "INDEX "+index) || strings.Contains(plan, "TEMP B-TREE FOR ORDER BY") {
			t.Error(plan)
		}
	}
}

// How much waits for a supervisor's word is asked for every letter to one: of its units'
// items only those that are reported are looked at.
func TestWhatIsReportedIsCountedInAnIndex(t *testing.T) {
	l := open(t, filepath.Join(t.TempDir(), "l.db"))
	for _, units := range [][]string{nil, {"a"}, {"a", "b"}} {
		ask, args := tables.Count(ledger.Query{Units: units, States: []ledger.State{ledger.StateReported}})
		if plan := planOf(t, l, ask, args...); !strings.Contains(plan, "INDEX occurrence_reported") {
			t.Errorf("%s\n  %s", ask, plan)
		}
	}
}
