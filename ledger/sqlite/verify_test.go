package sqlite

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"
	"pgregory.net/rapid"

	"duban/ledger"
	"duban/ledger/tables"
	"duban/rules/calendar"
)

// lived is a ledger with something in every table, and two entries at its end.
func lived(t testing.TB, path string) *Ledger {
	t.Helper()
	l := open(t, path)
	made := fill(t, l)
	by := ledger.Entry{At: noon, Actor: "test"}
	update(t, l, func(tx *Tx) error {
		for _, name := range []string{"admin", "viewer"} {
			if err := tx.SaveAccount(&ledger.Account{Name: name, Role: ledger.RoleAdmin, Password: "x", Created: noon}, by); err != nil {
				return err
			}
		}
		e := &ledger.Event{Name: "received", Unit: "a", Key: "k", Day: 17357, Title: "T", Recorded: noon}
		if err := tx.AddEvent(e, by); err != nil {
			return err
		}
		return tx.AddPause(made[1].ID, 17357, "why")
	})
	var n *ledger.Notice
	update(t, l, func(tx *Tx) error {
		n = &ledger.Notice{Kind: ledger.Reminder, Unit: "a", Day: 17357, MessageID: "m", Subject: "s", State: ledger.Pending, Created: noon, NextTry: noon, GiveUp: noon,
			Items: []ledger.Item{{Kind: "due", Plan: "p", Obligation: "m", Occurrence: made[1].ID}}, Recipients: []ledger.Recipient{{Address: "a@x.example"}}}
		return tx.AddNotice(n, by)
	})
	update(t, l, func(tx *Tx) error { n.Body = []byte("x"); return tx.Claim([]*ledger.Notice{n}, ledger.Lease{}) })
	update(t, l, func(tx *Tx) error {
		n.State, n.Attempts = ledger.Pending, 1
		return tx.Settle([]ledger.Settled{{Notice: n, Outcome: "retry", Detail: "later"}}, by)
	})
	raw(t, path, `INSERT INTO duty (plan, obligation, unit, rule, followed_from, made_to, told) VALUES ('p','m','a',1,'2017-06-09T00:00:00Z','2017-07-31',1)`)
	update(t, l, func(tx *Tx) error { // as a migration does
		return tx.SchemaMoved(0, Schema(), nil)
	})
	update(t, l, func(tx *Tx) error {
		return tx.Journal(ledger.Entry{At: noon, Actor: "test", Action: "rule edited", Subject: ledger.ParseSubject("rule p/m")})
	})
	return l
}

func TestVerifyFindsWhateverWasChanged(t *testing.T) {
	for what, c := range map[string]struct {
		statements []string
		want       string
	}{
		"nothing":                      {nil, ""},
		"nobody is reminded any more":  {[]string{`UPDATE occurrence SET next_reminder = NULL`}, "p:m/a/2017-07: was changed behind the journal's back: when people are told"},
		"a notice deleted":             {[]string{`DELETE FROM attempt`, `DELETE FROM mail`, `DELETE FROM notice_item`, `DELETE FROM recipient`, `DELETE FROM notice`}, "notice 1: the journal knows it, but it is gone"},
		"a notice marked sent":         {[]string{`UPDATE notice SET state = 'sent'`}, "notice 1 (a/reminder): was changed"},
		"a recipient changed":          {[]string{`UPDATE recipient SET address = 'evil@x.example'`}, "recipient 1 (evil@x.example): was changed"},
		"a recipient added":            {[]string{`INSERT INTO recipient (notice, address, copy, state) VALUES (1, 'b@x.example', 1, 'pending')`}, "recipient 2 (b@x.example): the journal does not know it"},
		"an item taken out":            {[]string{`DELETE FROM notice_item`}, "notice_item 1: the journal knows it"},
		"an attempt that was good":     {[]string{`UPDATE attempt SET outcome = 'sent'`}, "attempt 1: was changed"},
		"an account slipped in":        {[]string{`INSERT INTO account (name, role, password, created_at) VALUES ('mallory', 'admin', 'x', '2017-07-14T04:00:00Z')`}, "account 3 (mallory): the journal does not know it"},
		"a password changed":           {[]string{`UPDATE account SET password = 'y' WHERE name = 'admin'`}, "account 1 (admin): was changed"},
		"an account taken back":        {[]string{`UPDATE account SET removed_at = NULL, role = 'viewer' WHERE name = 'viewer'`}, "account 2 (viewer): was changed"},
		"an event moved":               {[]string{`UPDATE event SET day = '2017-08-01'`}, "event 1 (received/a/k): was changed"},
		"a pause lengthened":           {[]string{`UPDATE pause SET to_day = '2017-09-01'`}, "pause 1"},
		"a duty told":                  {[]string{`UPDATE duty SET told = 0`}, "duty 1 (p/m/a): was changed"},
		"a rule's text":                {[]string{`UPDATE rule SET title = 'U'`}, "rule 1 (p/m): was changed"},
		"the journal's tail cut":       {[]string{`DROP TRIGGER journal_stays`, `DELETE FROM journal WHERE seq = (SELECT MAX(seq) FROM journal)`, `CREATE TRIGGER journal_stays BEFORE DELETE ON journal BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END`}, "and ended with"},
		"the journal gone":             {[]string{`DROP TRIGGER journal_stays`, `DELETE FROM journal`}, "the journal does not know it"},
		"an entry about another":       {[]string{`DROP TRIGGER journal_keeps`, `UPDATE journal SET ref = 'p:m/a/2017-08' WHERE kind = 'occurrence' AND action = 'closed'`}, "was changed after it was written (closed p:m/a/2017-08)"},
		"what an entry says of rows":   {[]string{`DROP TRIGGER journal_keeps`, `UPDATE journal SET rows = ''`}, "was changed after it was written"},
		"a trigger dropped":            {[]string{`DROP TRIGGER journal_keeps`}, "the trigger journal_keeps is gone"},
		"a trigger added":              {[]string{`CREATE TRIGGER x AFTER INSERT ON notice BEGIN UPDATE notice SET state = 'sent'; END`}, "a trigger x is there"},
		"a count changed":              {[]string{`UPDATE ended SET n = n + 1`}, "the count of what"},
		"a count forgotten":            {[]string{`DELETE FROM ended`}, "is 0, and 1 stand there"},
		"the counting stopped":         {[]string{`DROP TRIGGER ended_moved`}, "the trigger ended_moved is gone, which counts"},
		"the counts dropped":           {[]string{`DROP TABLE ended`}, "the table ended is gone"},
		"a table dropped":              {[]string{`DROP TABLE pause`}, "the table pause is gone"},
		"what is not covered, changed": {[]string{`INSERT INTO fact VALUES ('x', 'y')`, `DELETE FROM mail`, `DELETE FROM session`}, ""},
	} {
		t.Run(what, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "l.db")
			l := lived(t, path)
			raw(t, path, c.statements...)
			v, err := l.Verify(ctx)
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(v.Problems, "\n"); (c.want == "") != (got == "") || !strings.Contains(got, c.want) {
				t.Errorf("got %q, want …%s…", got, c.want)
			}
		})
	}
}

// Who keeps the end of the journal finds out when all of the file is another's.
func TestAnEndThatWasNotedProvesTheFile(t *testing.T) {
	dir := t.TempDir()
	l := lived(t, filepath.Join(dir, "l.db"))
	at := func(expect string) string {
		t.Helper()
		v, err := l.Verify(ctx, ledger.Checks{Expect: expect})
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(v.Problems, "\n")
	}
	v := verified(t, l)
	seq, hash, _ := strings.Cut(v.Head, ":")
	if at(v.Head) != "" {
		t.Errorf("its own end: %s", at(v.Head))
	}
	update(t, l, func(tx *Tx) error { return tx.Journal(ledger.Entry{At: noon, Action: "later"}) })
	if at(v.Head) != "" {
		t.Errorf("an earlier end: %s", at(v.Head))
	}
	if got := at(seq + ":" + strings.Repeat("0", len(hash))); !strings.Contains(got, "was written anew") {
		t.Errorf("another hash: %q", got)
	}
	if got := at("999:" + hash); !strings.Contains(got, "its end was cut off") {
		t.Errorf("an end that is not reached: %q", got)
	}
	for _, bad := range []string{"x", "1", ":", "0:" + hash, "-1:" + hash, "1:"} {
		if _, err := l.Verify(ctx, ledger.Checks{Expect: bad}); err == nil || !strings.Contains(err.Error(), "SEQ:HASH") || ledger.CheckHead(bad) == nil {
			t.Errorf("%q: %v", bad, err)
		}
	}
	// From a proved end on only what came after is looked at.
	raw(t, l.path, `UPDATE event SET title = 'U'`)
	if v, err := l.Verify(ctx, ledger.Checks{Since: verifiedHead(t, l)}); err != nil || len(v.Problems) > 0 || v.Entries != 1 {
		t.Errorf("since the end: %+v %v", v, err)
	}
	head := verifiedHead(t, l)
	update(t, l, func(tx *Tx) error {
		return tx.WithdrawEvent(&ledger.Event{ID: 1, Name: "received", Unit: "a", Key: "k", Withdrawn: noon}, ledger.Entry{At: noon})
	})
	raw(t, l.path, `UPDATE event SET withdrawn_at = NULL`)
	if v, err := l.Verify(ctx, ledger.Checks{Since: head}); err != nil || len(v.Problems) != 1 || !strings.Contains(v.Problems[0], "event 1") {
		t.Errorf("what was changed since: %+v %v", v, err)
	}
}

func verifiedHead(t testing.TB, l *Ledger) string {
	t.Helper()
	v, err := l.Verify(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return v.Head
}

// Transactions that follow closely on each other each tell of their own rows.
func TestManyThatWriteAtOnceAreAllProved(t *testing.T) {
	l := lived(t, filepath.Join(t.TempDir(), "l.db"))
	var writers errgroup.Group
	for i := range 8 {
		writers.Go(func() error {
			for j := range 40 {
				err := l.update(ctx, func(tx *Tx) error {
					_, err := tx.engine.Exec(`UPDATE occurrence SET next_reminder = ? WHERE id = ?`, calendar.Date(17000+j).String(), 1+i%3)
					return err
				})
				if err != nil {
					return err
				}
				if err := l.Rehearse(ctx, func(tx ledger.Tx) error { return tx.RemoveAccount("viewer", ledger.Entry{At: noon}) }); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := writers.Wait(); err != nil {
		t.Fatal(err)
	}
	verified(t, l)
}

// A ledger whose subjects were texts is proved before its schema moves and after.
func TestSubjectsThatWereTextsArePartedAndStayProved(t *testing.T) {
	path := filepath.Join(t.TempDir(), "l.db")
	ofSchema(t, path, 10)
	l := migrated(t, path)
	v := verified(t, l)
	if last := v.NotProved[len(v.NotProved)-1]; v.Entries != 14 || strings.Contains(last, "wrong before") {
		t.Errorf("%d entries, %q", v.Entries, last)
	}
	for subject, want := range map[string]int{
		"p:m/a/2017-06": 2, "request p:m/a/2017-07": 1, "event received/a/k": 1, "notice 1": 1, "account viewer": 1, "rule p/m": 1, "ledger": 4,
	} {
		n := 0
		err := l.Entries(ctx, ledger.ParseSubject(subject), func(e ledger.Entry) error {
			if e.Subject.String() != subject {
				t.Errorf("%s is called %s", subject, e.Subject)
			}
			n++
			return nil
		})
		if err != nil || n != want {
			t.Errorf("%s: %d entries, %v", subject, n, err)
		}
	}
	for begins, want := range map[string]int{"": 12, "p": 4, "p:m/a/2017-07": 1, "request p:m": 1, "no": 1, "notice 2": 0, "accou": 2} {
		found, err := l.LatestEntries(ctx, ledger.EntryQuery{Subject: begins, Limit: 100})
		if err != nil || len(found) != want {
			t.Errorf("beginning with %q: %d entries, %v", begins, len(found), err)
		}
	}
}

// What an older version kept no hashes of is named, not called wrong; from then
// on it is covered, and a later change of the schema launders nothing.
func TestWhatAnOlderVersionLeftIsNotProvedAndNotWrong(t *testing.T) {
	path := filepath.Join(t.TempDir(), "l.db")
	older(t, path)
	l := migrated(t, path)
	v := verified(t, l)
	if len(v.NotProved) != 1 || !strings.Contains(v.NotProved[0], "taken as it was found") {
		t.Errorf("%q", v.NotProved)
	}
	last, err := l.LatestEntries(ctx, ledger.EntryQuery{Limit: 1})
	if err != nil || !strings.Contains(last[0].After, `"occurrence":{"rows":3,"digest":"`) {
		t.Errorf("%+v %v", last, err)
	}
	raw(t, path, `UPDATE rule SET title = 'U' WHERE id = 1`)
	update(t, l, func(tx *Tx) error { return tx.SetFact(tables.FactRecorded, "interrupted") })
	l.Close()
	if _, err := Open(ctx, path, Options{}); !errors.Is(err, ledger.ErrOlder) {
		t.Errorf("a change that was interrupted: %v", err)
	}
	l = migrated(t, path)
	v = verified(t, l)
	if len(v.NotProved) != 2 || !strings.Contains(v.NotProved[1], "this was wrong before") || !strings.Contains(v.NotProved[1], "rule 1") {
		t.Errorf("%q", v.NotProved)
	}
	raw(t, path, `UPDATE rule SET title = 'V' WHERE id = 1`)
	if v, err := l.Verify(ctx); err != nil || len(v.Problems) != 1 {
		t.Errorf("%+v %v", v, err)
	}
}

// A column and a table that a later version adds are covered by themselves.
func TestWhatIsAddedLaterIsCovered(t *testing.T) {
	path := filepath.Join(t.TempDir(), "l.db")
	l := lived(t, path)
	raw(t, path, `ALTER TABLE event ADD COLUMN place TEXT NOT NULL DEFAULT ''`, `ALTER TABLE event ADD COLUMN weight INTEGER NOT NULL DEFAULT 7`, `ALTER TABLE event ADD COLUMN maybe TEXT`, `CREATE TABLE later (x TEXT)`)
	verified(t, l)
	update(t, l, func(tx *Tx) error {
		_, err := tx.engine.Exec(`INSERT INTO later VALUES ('a'), ('b'), ('c')`)
		return err
	})
	update(t, l, func(tx *Tx) error {
		_, err := tx.engine.Exec(`DELETE FROM later WHERE x = 'b'`)
		return err
	})
	verified(t, l)
	for _, statement := range []string{`UPDATE event SET place = 'x'`, `UPDATE event SET place = '', weight = 8`, `UPDATE event SET weight = 7, maybe = ''`, `UPDATE event SET maybe = NULL`, `UPDATE later SET x = 'c' WHERE x = 'a'`} {
		raw(t, path, statement)
		v, err := l.Verify(ctx)
		if want := statement != `UPDATE event SET maybe = NULL`; err != nil || want != (len(v.Problems) > 0) {
			t.Errorf("%s: %q %v", statement, v.Problems, err)
		}
	}
}

// Whatever the transactions of a ledger do, it proves right; whatever cell is
// changed behind its back, it proves wrong.
func TestAnyChangeIsProvedAndAnyTamperingIsFound(t *testing.T) {
	all := []string{"rule", "occurrence", "event", "pause", "notice", "recipient", "notice_item", "attempt", "account", "duty"}
	dir := t.TempDir()
	first := filepath.Join(dir, "first.db")
	if err := lived(t, first).Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "l.db")
	rapid.Check(t, func(r *rapid.T) {
		removeSQLite(path)
		if err := copyFile(first, path); err != nil {
			r.Fatal(err)
		}
		l, err := Open(ctx, path, Options{Throwaway: true})
		if err != nil {
			r.Fatal(err)
		}
		defer l.Close()
		for i := range rapid.IntRange(0, 6).Draw(r, "transactions") {
			update(t, l, func(tx *Tx) error {
				for range rapid.IntRange(1, 3).Draw(r, "changes") {
					switch rapid.IntRange(0, 3).Draw(r, "kind") {
					case 0:
						if err := tx.SaveAccount(&ledger.Account{Name: string(rune('a' + i)), Role: ledger.RoleViewer, Password: "p", Created: noon}, ledger.Entry{At: noon}); err != nil {
							return err
						}
					case 1:
						if _, err := tx.engine.Exec(`UPDATE occurrence SET next_reminder = ? WHERE id = 2`, calendar.Date(17000+i).String()); err != nil {
							return err
						}
					case 2:
						if err := tx.AddPause(1, calendar.Date(18000+i*10+rapid.IntRange(0, 9).Draw(r, "day")), "r"); err != nil && !strings.Contains(err.Error(), "UNIQUE") {
							return err
						}
					case 3:
						if err := tx.Journal(ledger.Entry{At: noon, Action: "x"}); err != nil {
							return err
						}
					}
				}
				return nil
			})
		}
		if v, err := l.Verify(ctx); err != nil || len(v.Problems) > 0 {
			r.Fatalf("untouched: %q %v", v.Problems, err)
		}
		table := rapid.SampledFrom(all).Draw(r, "table")
		columns, err := dialect{}.Columns(ctx, l.DB, table)
		if err != nil {
			r.Fatal(err)
		}
		keys := []string{"id", "notice", "occurrence", "rule", "event", "cause"} // references, which SQLite itself keeps
		columns = slices.DeleteFunc(columns, func(c tables.Column) bool {
			return slices.Contains(keys, c.Name) || table == "notice" && (c.Name == "state" || c.Name == "kind") || c.Name == "role" || table == "occurrence" && c.Name == "state"
		})
		c := rapid.SampledFrom(columns).Draw(r, "column")
		raw(t, path, `UPDATE "`+table+`" SET "`+c.Name+`" = '4999-12-31' WHERE rowid = (SELECT MAX(rowid) FROM "`+table+`")`)
		if v, err := l.Verify(ctx); err == nil && len(v.Problems) == 0 {
			r.Errorf("%s.%s was changed, and nothing is said", table, c.Name)
		}
	})
}
