package postgres

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"

	"duban/ledger"
	"duban/ledger/sqlite"
	"duban/ledger/tables"
)

// closeFirst closes the first occurrence.
func closeFirst(t testing.TB, l ledger.Store) {
	t.Helper()
	if err := l.Update(ctx, func(tx ledger.Tx) error {
		o, err := tx.Occurrence(ctx, 1)
		if err != nil {
			return err
		}
		before := *o
		o.State, o.ClosedAt = ledger.StateClosed, noon
		return tx.SaveOccurrence(&before, o, entry("closed"))
	}); err != nil {
		t.Fatal(err)
	}
}

// A column that a later version adds is added to the tables of years as well, with what
// is in it otherwise, and the view shows it.
func TestTablesOfYearsFollowTheSchema(t *testing.T) {
	for name, open := range map[string]func(t *testing.T) (l ledger.Store, q tables.Questions, exec func(string) error){
		"postgres": func(t *testing.T) (ledger.Store, tables.Questions, func(string) error) {
			l := open(t)
			return l, l.Questions, func(s string) error { _, err := l.pool.Exec(ctx, s); return err }
		},
		"sqlite": func(t *testing.T) (ledger.Store, tables.Questions, func(string) error) {
			l, err := sqlite.Open(ctx, filepath.Join(t.TempDir(), "l.db"), sqlite.Options{})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { l.Close() })
			db, err := sql.Open("sqlite3", l.Path()+"?_busy_timeout=10000")
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { db.Close() })
			return l, l.Questions, func(s string) error { _, err := db.Exec(s); return err }
		},
	} {
		t.Run(name, func(t *testing.T) {
			l, q, exec := open(t)
			owedIn(t, l, 3)
			closeFirst(t, l)
			putAside(t, l)
			for _, column := range []string{`more TEXT NOT NULL DEFAULT 'it''s'`, `less INTEGER`} {
				if err := exec(`ALTER TABLE occurrence ADD COLUMN ` + column); err != nil {
					t.Fatal(err)
				}
			}
			for range 2 { // once more changes nothing
				if err := tables.YearsFollow(ctx, q, exec, nil); err != nil {
					t.Fatal(err)
				}
			}
			years, err := q.Years(ctx)
			if err != nil || len(years) != 1 {
				t.Fatal(years, err)
			}
			want, err := q.Dialect.Columns(ctx, q.DB, "occurrence")
			if err != nil {
				t.Fatal(err)
			}
			for _, table := range []string{years[0], "occurrence_ever"} {
				got, err := q.Dialect.Columns(ctx, q.DB, table)
				if err != nil || len(got) != len(want) {
					t.Fatalf("%s has %v, %v", table, got, err)
				}
				for i := range got {
					if got[i].Name != want[i].Name || table == years[0] && got[i].Unset != want[i].Unset {
						t.Errorf("%s has %v, and occurrences have %v", table, got[i], want[i])
					}
				}
			}
			v, err := l.Verify(ctx)
			if err != nil || len(v.Problems) > 0 || v.Occurrences != 3 {
				t.Errorf("%+v, %v", v, err)
			}
		})
	}
}

// What was put aside is proved like everything.
func TestWhatIsChangedBehindTheJournalInAYearIsFound(t *testing.T) {
	for what, statement := range map[string]string{
		"occurrence_": `UPDATE YEAR SET evidence = 'x'`,
		"is gone":     `DELETE FROM YEAR`,
		"knows it":    `INSERT INTO occurrence SELECT * FROM YEAR`,
	} {
		l := open(t)
		owedIn(t, l, 3)
		closeFirst(t, l)
		putAside(t, l)
		years, err := l.Years(ctx)
		if err != nil || len(years) != 1 {
			t.Fatal(years, err)
		}
		if _, err := l.pool.Exec(ctx, strings.ReplaceAll(statement, "YEAR", years[0])); err != nil {
			t.Fatal(err)
		}
		v, err := l.Verify(ctx)
		if err != nil || len(v.Problems) == 0 {
			t.Errorf("%s: %v %v", what, v.Problems, err)
		}
	}
}
