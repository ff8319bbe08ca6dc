package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"duban/internal/pgtest"
	"duban/ledger"
	"duban/ledger/tables"
)

// Who only reads, copies or moves a schema may say nothing for long; who writes may not.
func TestForHowLongATransactionMaySayNothing(t *testing.T) {
	dsn := pgtest.Database(t)
	l, err := Open(ctx, dsn, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	long, err := connect(ctx, dsn, patient)
	if err != nil {
		t.Fatal(err)
	}
	defer long.Close()
	asked := func(q tables.Questions) (set string) {
		if err := q.DB.Row(ctx, `SELECT current_setting('idle_in_transaction_session_timeout')`).Scan(&set); err != nil {
			t.Fatal(err)
		}
		return set
	}
	writes := func(l *Ledger) (set string) {
		if err := l.Update(ctx, func(tx ledger.Tx) error { set = asked(tx.(*tables.Tx).Questions); return nil }); err != nil {
			t.Fatal(err)
		}
		return set
	}
	var views, copies string
	if err := errors.Join(
		l.View(ctx, func(r ledger.Reader) error { views = asked(r.(tables.Questions)); return nil }),
		l.Snapshot(ctx, func(q tables.Questions) error { copies = asked(q); return nil }),
	); err != nil {
		t.Fatal(err)
	}
	for what, is := range map[string][2]string{"a look": {views, "10min"}, "what is copied": {copies, "0"}, "a change": {writes(l), "15s"}, "a change of the schema": {writes(long), "0"}} {
		if is[0] != is[1] {
			t.Errorf("%s may say nothing for %s, not %s", what, is[0], is[1])
		}
	}
}

// newer is a ledger as a newer duban has it, beside l: occurrences have a column more,
// which it fills in.
func newer(t *testing.T, l *Ledger, dsn string) *Ledger {
	t.Helper()
	for _, statement := range []string{
		`ALTER TABLE occurrence ADD COLUMN added text COLLATE "C" NOT NULL DEFAULT ''`,
		`INSERT INTO goose_db_version (version_id, is_applied) SELECT MAX(version_id) + 1, true FROM goose_db_version`,
	} {
		if _, err := l.pool.Exec(ctx, statement); err != nil {
			t.Fatal(err)
		}
	}
	n, err := connect(ctx, dsn, lostAfter)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.Close() })
	return n
}

// A daemon goes on while another brings the schema up to date: what it writes then is told
// of with the columns that there are, and those of an open transaction of before do no harm.
func TestWhatIsToldFollowsTheSchema(t *testing.T) {
	dsn := pgtest.Database(t)
	l, err := Open(ctx, dsn, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	all := owed(t, l, 3)
	note := func(tx ledger.Tx, o *ledger.Occurrence) error {
		after := *o
		after.Note = "seen"
		return tx.SaveOccurrence(o, &after, entry("noted"))
	}
	tries := 0
	if err := l.Update(ctx, func(tx ledger.Tx) error {
		if tries++; tries == 1 {
			if _, err := tx.LastEntry(ctx); err != nil { // it sees the schema of before
				return err
			}
			beside, err := newer(t, l, dsn).begin(ctx, false)
			if err != nil {
				return err
			}
			defer beside.engine.release()
			if _, err := beside.engine.Exec(`UPDATE occurrence SET added = 'x' WHERE period <> 'k2'`); err != nil {
				return err
			}
			if err := errors.Join(beside.Seal(), beside.commit()); err != nil {
				return err
			}
		}
		return note(tx, all[0])
	}); err != nil {
		t.Fatal(err)
	}
	for i, o := range all[1:] {
		if err := l.Update(ctx, func(tx ledger.Tx) error {
			if i == 0 { // it has the end's lock before it looks at what it has changed
				if err := tx.Fence("evaluate", ""); err != nil {
					return err
				}
			}
			return note(tx, o)
		}); err != nil {
			t.Fatal(err)
		}
	}
	proved(t, l)
}

// What is queued fails where it is sent, and nothing stays; who passes over an error commits
// nothing, whether the server has heard of the transaction before or not.
func TestWhatFailsIsToldOf(t *testing.T) {
	l := open(t)
	const wrong = `UPDATE fact SET nothing = 1`
	gone, cancel := context.WithCancel(ctx)
	cancel()
	for name, does := range map[string]func(*tables.Tx, *engine) error{
		"run, and passed over":     func(_ *tables.Tx, e *engine) error { _, _ = e.Exec(wrong); return nil },
		"queued, the last":         func(_ *tables.Tx, e *engine) error { return e.Queue(wrong) },
		"queued, before another":   func(tx *tables.Tx, e *engine) error { return errors.Join(e.Queue(wrong), tx.SetFact("a", "b")) },
		"asked, and passed over":   func(tx *tables.Tx, e *engine) error { _ = e.Queue(wrong); _, _ = tx.Fact(ctx, "a"); return nil },
		"asked by one who is gone": func(tx *tables.Tx, e *engine) error { _, _ = tx.Fact(gone, "a"); return nil },
		"a list by one who is gone": func(tx *tables.Tx, e *engine) error {
			_ = e.EachOfMany(gone, `SELECT 1`, nil, func(func(...any) error) error { return nil })
			return nil
		},
		"the connection": func(_ *tables.Tx, e *engine) error { return e.server.Close(ctx) },
	} {
		for _, before := range []bool{true, false} {
			for _, after := range []string{"said", "queued", "taken back"} {
				tx, err := l.begin(ctx, false)
				if err != nil {
					t.Fatal(err)
				}
				if before {
					err = tx.SetFact("kept", name)
				}
				err = errors.Join(err, does(tx.Tx, tx.engine))
				if after == "queued" {
					err = errors.Join(err, tx.engine.Queue(`INSERT INTO fact (name, value) VALUES (?, ?)`, "kept", name))
				} else {
					_ = tx.SetFact("kept", name) // as one that notices nothing
				}
				if err == nil && after != "taken back" {
					if err = tx.Seal(); err == nil {
						err = tx.commit()
					}
					if err == nil {
						t.Errorf("%s, %v, %s: it came to pass", name, before, after)
					}
				}
				tx.engine.release()
				if got, err := l.Fact(ctx, "kept"); err != nil || got != "" {
					t.Errorf("%s, %v, %s: %q, %v", name, before, after, got, err)
				}
			}
		}
	}
}

// waits is done when something waits for a lock in the database.
func waits(t *testing.T, l *Ledger) {
	t.Helper()
	for range 1000 {
		var waiting bool
		if err := l.pool.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))`).Scan(&waiting); err != nil {
			t.Fatal(err)
		}
		if waiting {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("nothing waits")
}

// Who is told the columns of what it has written does not wait for who waits for it.
func TestColumnsAreAskedForByWhoHasTheTable(t *testing.T) {
	l := open(t)
	owed(t, l, 3)
	l.columns.Clear()
	tx, err := l.begin(ctx, false)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.engine.release()
	if _, err := tx.engine.Exec(`UPDATE occurrence SET note = 'x'`); err != nil {
		t.Fatal(err)
	}
	moved := make(chan error)
	go func() {
		_, err := l.pool.Exec(ctx, `BEGIN; SET LOCAL lock_timeout = '10s'; ALTER TABLE occurrence ADD COLUMN added text; COMMIT`)
		moved <- err
	}()
	waits(t, l)
	if err := errors.Join(tx.Seal(), tx.commit(), <-moved); err != nil {
		t.Error(err)
	}
}

// What takes back what migrations did.
var (
	of46 = []string{
		`DROP INDEX notice_in_order`, `DROP INDEX notice_state`,
		`CREATE INDEX notice_due ON notice (state, channel, next_attempt)`, `CREATE INDEX occurrence_unit ON occurrence (unit, next_reminder)`,
	}
	indexesOf47  = []string{`DROP INDEX occurrence_unit_ongoing`, `DROP INDEX occurrence_unit_ended`}
	triggersOf47 = []string{
		`DROP FUNCTION duty_refers CASCADE`, `DROP FUNCTION occurrence_refers CASCADE`, `DROP FUNCTION notice_item_refers CASCADE`,
		`DROP FUNCTION rule_of_duty_stays CASCADE`, `DROP FUNCTION rule_of_occurrence_stays CASCADE`, `DROP FUNCTION notice_of_notice_item_stays CASCADE`, `DROP FUNCTION refers`, `DROP FUNCTION stays`,
	}
	constraintsOf47 = []string{
		`ALTER TABLE duty ADD FOREIGN KEY (rule) REFERENCES rule DEFERRABLE`, `ALTER TABLE occurrence ADD FOREIGN KEY (rule) REFERENCES rule DEFERRABLE`,
		`ALTER TABLE notice_item ADD FOREIGN KEY (notice) REFERENCES notice DEFERRABLE`,
	}
)

// The schema moves beside a daemon that has read what it is about to ask for or to write,
// whatever that is.
func TestTheSchemaMovesBesideWhoIsAtWork(t *testing.T) {
	type step = func(*transaction) error
	asks := func(query string) step {
		return func(tx *transaction) error {
			var n int64
			return tx.engine.Row(ctx, query).Scan(&n)
		}
	}
	claims := func(tx *transaction) error { _, err := tx.Claimed([]int64{1}, "a"); return err }
	settles := func(tx *transaction) error {
		_, err := tx.engine.Exec(`UPDATE notice SET state = 'sent' WHERE id = 1`)
		return err
	}
	rule, duty, owed, item, notice := asks(`SELECT COUNT(*) FROM rule`), asks(`SELECT COUNT(*) FROM duty`), asks(`SELECT COUNT(*) FROM occurrence`), asks(`SELECT COUNT(*) FROM notice_item`), asks(`SELECT COUNT(*) FROM notice`)
	as45 := slices.Concat(of46, indexesOf47, triggersOf47, constraintsOf47)
	as46 := slices.Concat([]string{`CREATE INDEX occurrence_of_unit ON occurrence (unit, due)`}, indexesOf47, triggersOf47, constraintsOf47)
	in47 := slices.Concat(triggersOf47, constraintsOf47) // it was interrupted when it had its indexes
	for name, is := range map[string]struct {
		from        int
		taken       []string
		first, then step
	}{
		"claims and settles":                {45, as45, claims, settles},
		"a rule, a duty":                    {46, as46, rule, duty},
		"a duty, a rule":                    {46, as46, duty, rule},
		"a rule, an occurrence":             {46, as46, rule, owed},
		"an occurrence, a rule":             {46, as46, owed, rule},
		"a notice, an item":                 {46, as46, notice, item},
		"an item, a notice":                 {46, as46, item, notice},
		"an occurrence, a rule, further on": {46, in47, owed, rule},
		"a rule, an occurrence, further on": {46, in47, rule, owed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dsn := pgtest.Database(t)
			l, err := Open(ctx, dsn, Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			for _, statement := range slices.Concat(is.taken, []string{fmt.Sprint(`DELETE FROM goose_db_version WHERE version_id > `, is.from), fmt.Sprintf(`UPDATE fact SET value = '%d' WHERE name = 'schema recorded'`, is.from)}) {
				if _, err := l.pool.Exec(ctx, statement); err != nil {
					t.Fatal(statement, err)
				}
			}
			tx, err := l.begin(ctx, false)
			if err != nil {
				t.Fatal(err)
			}
			defer tx.engine.release()
			if err := is.first(tx); err != nil {
				t.Fatal(err)
			}
			moved := make(chan error)
			go func() { moved <- Migrate(ctx, dsn) }()
			waits(t, l)
			time.Sleep(1200 * time.Millisecond) // who has waited for a second by then does not look again whether he is waited for
			if err := is.then(tx); err != nil {
				t.Error(err)
			}
			if err := errors.Join(tx.Seal(), tx.commit(), <-moved); err != nil {
				t.Error(err)
			}
			if n, err := l.Schema(ctx); err != nil || n != Schema() {
				t.Error(n, err)
			}
			var told string // of what stood as it was to
			if err := l.pool.QueryRow(ctx, `SELECT reason FROM journal ORDER BY seq DESC LIMIT 1`).Scan(&told); err != nil || !strings.Contains(told, fmt.Sprint(Schema())) || strings.Contains(told, "wrong before") {
				t.Error(told, err)
			}
			var left int
			err = l.pool.QueryRow(ctx, `SELECT (SELECT count(*) FROM pg_class WHERE relname IN ('notice_due', 'occurrence_unit', 'occurrence_of_unit'))
				+ (SELECT count(*) FROM pg_constraint WHERE conname IN ('duty_rule_fkey', 'occurrence_rule_fkey', 'notice_item_notice_fkey'))`).Scan(&left)
			if err != nil || left != 0 {
				t.Error(left, "of what was before are there", err)
			}
		})
	}
}

// A change of the schema that was interrupted finds nothing wrong in what it had made.
func TestAnInterruptedMoveFindsItsOwnTriggers(t *testing.T) {
	dsn := pgtest.Database(t)
	l, err := Open(ctx, dsn, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for _, statement := range []string{`DROP TRIGGER notice_of_notice_item_keeps_number ON notice`, `DELETE FROM goose_db_version WHERE version_id = 47`, `UPDATE fact SET value = '46' WHERE name = 'schema recorded'`} {
		if _, err := l.pool.Exec(ctx, statement); err != nil {
			t.Fatal(err)
		}
	}
	if err := Migrate(ctx, dsn); err != nil {
		t.Fatal(err)
	}
	var told string
	if err := l.pool.QueryRow(ctx, `SELECT reason FROM journal ORDER BY seq DESC LIMIT 1`).Scan(&told); err != nil || !strings.Contains(told, "47") || strings.Contains(told, "wrong before") {
		t.Error(told, err)
	}
	proved(t, l)
}

// Who proves the ledger beside a newer duban leaves alone what that has added.
func TestWhatANewerDubanAddsIsNotWrong(t *testing.T) {
	dsn := pgtest.Database(t)
	l, err := Open(ctx, dsn, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if _, err := l.pool.Exec(ctx, `CREATE TRIGGER added BEFORE TRUNCATE ON plan EXECUTE FUNCTION journal_refuses()`); err != nil {
		t.Fatal(err)
	}
	if v, err := l.Verify(ctx); err != nil || len(v.Problems) != 1 || !strings.Contains(v.Problems[0], "added") {
		t.Errorf("by itself: %q, %v", v.Problems, err)
	}
	newer(t, l, dsn)
	proved(t, l)
}

// What is made by the thousand refers to what is there, and that stays; a row that is not
// is told of by its name.
func TestWhatIsReferredToIsThere(t *testing.T) {
	l := open(t)
	owed(t, l, 1)
	if err := l.Update(ctx, func(tx ledger.Tx) error {
		return tx.AddNotices([]*ledger.Notice{{Kind: ledger.Reminder, Unit: "a", Day: 1, MessageID: "m", State: ledger.Pending, Created: time.Unix(0, 0), Items: []ledger.Item{{Kind: "upcoming", Occurrence: 1}}}}, ledger.Entry{At: time.Unix(0, 0), Action: "x"})
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := l.pool.Exec(ctx, `INSERT INTO duty (plan, obligation, unit, rule, followed_from, made_to, told) SELECT 'p', 'o', 'a', id, '', '', 0 FROM rule;
		INSERT INTO rule (plan, obligation, fingerprint, ref, title, title_en, basis, source, seen_at) SELECT plan, obligation, 'other', ref, title, title_en, basis, source, seen_at FROM rule`); err != nil {
		t.Fatal(err)
	}
	for statement, want := range map[string]string{
		`INSERT INTO duty (plan, obligation, unit, rule, followed_from, made_to, told) VALUES ('p', 'o', 'u', 77, '', '', 0)`:                                              "duty refers to the rule 77",
		`INSERT INTO occurrence (plan, obligation, unit, period, rule, anchor, first_due, due, provisional, state) VALUES ('p', 'o', 'u', 'x', 77, '', '', '', 0, 'open')`: "occurrence refers to the rule 77",
		`INSERT INTO occurrence (plan, obligation, unit, period, rule, anchor, first_due, due, provisional, state) SELECT plan, obligation, unit, period, 77, anchor, first_due, due, provisional, state FROM occurrence
			ON CONFLICT (plan, obligation, unit, period) DO UPDATE SET rule = excluded.rule`: "occurrence refers to the rule 77",
		`UPDATE occurrence SET rule = 77`: "occurrence refers to the rule 77",
		`UPDATE duty SET rule = 77`:       "duty refers to the rule 77",
		`INSERT INTO notice_item (notice, position, kind, plan, obligation) VALUES (1, 8, '', '', ''), (77, 9, '', '', '')`: "notice_item refers to the notice 77",
		`UPDATE notice_item SET notice = 77`:                            "notice_item refers to the notice 77",
		`DELETE FROM notice`:                                            "notice_item refer to the notice 1",
		`UPDATE notice SET id = id + 1`:                                 "notice_item refer to the notice 1",
		`DELETE FROM rule`:                                              "refer to the rule 1",
		`UPDATE rule SET id = id + 9`:                                   "refer to the rule 1",
		`UPDATE duty SET rule = 2; DELETE FROM rule WHERE id = 1`:       "occurrence refer to the rule 1",
		`UPDATE occurrence SET rule = 2; DELETE FROM rule WHERE id = 1`: "duty refer to the rule 1",
	} {
		_, err := l.pool.Exec(ctx, statement)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", statement, err)
		}
	}
	for _, statement := range []string{
		`UPDATE occurrence SET note = 'x'; UPDATE notice SET subject = 'x'; UPDATE rule SET title = 'x'`,
		`DELETE FROM notice_item; DELETE FROM notice`,
		`UPDATE occurrence SET rule = 2; UPDATE duty SET rule = 2; DELETE FROM rule WHERE id = 1`,
	} {
		if _, err := l.pool.Exec(ctx, statement); err != nil {
			t.Error(statement, err)
		}
	}
}

// What is asked for is what database/sql would give, whether something waits to be sent or
// not, and one list is read within another.
func TestAnswersAreThoseOfDatabaseSQL(t *testing.T) {
	l := open(t)
	query := `SELECT n::bigint AS a, n::int AS b, n::smallint AS c, SUM(n) OVER () AS d, n > 1 AS e, 'text ' || n AS f, NULL::text AS g, '\x0102'::bytea AS h, (n % 2)::bigint AS i FROM generate_series(1, 4100) n WHERE n >= ? ORDER BY n`
	type row struct {
		Big        int64
		Int, Small int
		Sum        int64
		More       bool
		Text       string
		Null       any
		Bytes      []byte
		Truth      bool
	}
	into := func(r *row) []any {
		return []any{&r.Big, &r.Int, &r.Small, &r.Sum, &r.More, &r.Text, &r.Null, &r.Bytes, &r.Truth}
	}
	var want []row
	if err := l.DB.Each(ctx, query, []any{2}, func(read func(...any) error) error {
		var r row
		err := read(into(&r)...)
		want = append(want, r)
		return err
	}); err != nil || len(want) != 4099 {
		t.Fatal(len(want), err)
	}
	tx, err := l.begin(ctx, false)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.engine.release()
	for name, each := range map[string]func(context.Context, string, []any, tables.Scan) error{
		"each": tx.engine.Each, "of many": tx.engine.EachOfMany, "stream": tx.engine.Stream,
	} {
		for _, waits := range []bool{true, false} {
			if waits {
				if err := tx.engine.Queue(`UPDATE fact SET value = ? WHERE name = ?`, "x", "y"); err != nil {
					t.Fatal(err)
				}
			}
			n := 0
			if err := each(ctx, query, []any{2}, func(read func(...any) error) error {
				var r row
				if err := read(into(&r)...); err != nil {
					return err
				}
				if !reflect.DeepEqual(r, want[n]) {
					return fmt.Errorf("%+v is not %+v", r, want[n])
				}
				if n++; n%1000 == 1 && name == "of many" {
					within := 0
					err := tx.engine.EachOfMany(ctx, query, []any{4100 - n%7}, func(func(...any) error) error { within++; return nil })
					if err != nil || within != 1+n%7 {
						return fmt.Errorf("%d within, %v", within, err)
					}
				}
				return nil
			}); err != nil || n != len(want) {
				t.Errorf("%s (%v): %d, %v", name, waits, n, err)
			}
		}
	}
	if err := tx.engine.Row(ctx, query, 9000).Scan(); !errors.Is(err, sql.ErrNoRows) {
		t.Error("no row:", err)
	}
	if err := tx.engine.Row(ctx, `SELECT 1`).Scan(new(int), new(int)); err == nil {
		t.Error("one column is read into two")
	}
	if err := tx.engine.Row(ctx, `SELECT 'x'`).Scan(new(int)); err == nil {
		t.Error("a text is read into a number")
	}
	enough := errors.New("enough")
	if err := tx.engine.EachOfMany(ctx, query, []any{2}, func(func(...any) error) error { return enough }); !errors.Is(err, enough) {
		t.Error(err)
	}
	if err := tx.engine.EachOfMany(ctx, query, []any{4000}, func(func(...any) error) error { return nil }); err != nil {
		t.Error("after a list that was not read to its end:", err)
	}
}

// Who asks and changes nothing is not told that the server is away.
func TestAnEmptyTransactionSaysNothing(t *testing.T) {
	l := open(t)
	tx, err := l.begin(ctx, false)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.engine.release()
	if err := errors.Join(tx.engine.server.Close(ctx), tx.Seal(), tx.commit()); err != nil {
		t.Error(err)
	}
}

// The end that is noted is the last, in whatever order it is told of, and it is noted when
// the ledger is closed.
func TestTheEndIsNotedWhenTheLedgerIsClosed(t *testing.T) {
	dsn := pgtest.Database(t)
	l, err := Open(ctx, dsn, Options{})
	if err != nil {
		t.Fatal(err)
	}
	owed(t, l, 3)
	last, err := l.LastOf(ctx)
	if err != nil {
		t.Fatal(err)
	}
	n := endNote{wake: make(chan struct{}, 1)}
	for _, head := range []string{"9:a", "11:b", "10:c"} {
		n.note(head)
	}
	if n.head != "11:b" {
		t.Errorf("%s is to be noted", n.head)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	l.end.note("999:too late")
	if l, err = Open(ctx, dsn, Options{}); err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if noted, err := l.Fact(ctx, tables.FactEnd); err != nil || noted != last.Head() {
		t.Errorf("%q is noted, not %q (%v)", noted, last.Head(), err)
	}
}

// What gives its rows back tells of them only if it came to pass: of several that are queued
// one may fail, and what comes after that never ran.
func TestWhatFailedGivesNothing(t *testing.T) {
	l := open(t)
	o := owed(t, l, 1)[0]
	tx, err := l.begin(ctx, false)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.engine.release()
	ran := ""
	for _, one := range [][2]string{{"a", "3"}, {"b", "1 / (sequence - sequence)"}, {"c", "4"}} {
		err := tx.engine.QueueGiving(`UPDATE occurrence SET sequence = `+one[1]+` WHERE id = ? RETURNING id`, []any{o.ID}, func(read func(...any) error) error {
			var id int64
			return read(&id)
		}, func() { ran += one[0] })
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := tx.engine.Flush(); err == nil || ran != "a" {
		t.Errorf("%q came to pass: %v", ran, err)
	}
	if err := tx.engine.Load("occurrence", []string{"id"}, []any{int64(7)}); err == nil {
		t.Error("rows are put in after it")
	}
	if err := tx.commit(); err == nil {
		t.Error("it is committed")
	}
}
