package sqlite

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"duban/ledger"
	"duban/rules/calendar"
)

// TestOldFailuresAndLetters opens a ledger of a version that told of no failed
// letter, of no failed mail to the administrators, and found failures by a stamp
// that sorts as text.
func TestOldFailuresAndLetters(t *testing.T) {
	path := filepath.Join(t.TempDir(), "l.db")
	older(t, path)
	var statements []string
	add := func(id int, kind, unit, at string) {
		statements = append(statements,
			fmt.Sprintf(`INSERT INTO notice (id, kind, unit, day, message_id, subject, text, state, attempts, created_at, error) VALUES (%d, '%s', '%s', '2017-07-10', 'm%d@x', 's%d', 'text', 'failed', 1, '2017-07-10T00:30:00Z', '550')`, id, kind, unit, id, id),
			fmt.Sprintf(`INSERT INTO recipient (notice, address, copy, state, error) VALUES (%d, 'r%d@x.example', 0, 'failed', '550 no')`, id, id),
			fmt.Sprintf(`INSERT INTO attempt (notice, number, at, outcome, detail) VALUES (%d, 1, '%s', 'failed', '550 no')`, id, at))
	}
	add(101, "reminder", "a", "2017-07-10T01:00:00Z") // told
	add(102, "admin", "a", "2017-07-10T01:00:01Z")    // a letter: never told
	add(103, "admin", "", "2017-07-10T01:00:02Z")     // to the administrators: never told
	add(109, "reminder", "a", "2017-07-10T02:00:00Z")
	add(110, "reminder", "b", "2017-07-10T02:00:00Z") // as text before 109's stamp
	statements = append(statements, `INSERT INTO fact (name, value) VALUES ('failures told', '2017-07-10T02:00:00Z/109')`)
	raw(t, path, statements...)

	l := migrated(t, path)
	kinds := map[int64]string{}
	all, err := l.Notices(ctx, ledger.NoticeQuery{State: ledger.Failed})
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range all {
		kinds[n.ID] = string(n.Kind)
	}
	if kinds[102] != "letter" || kinds[103] != "admin" || kinds[101] != "reminder" {
		t.Errorf("%v", kinds)
	}
	untold, err := l.UntoldFailures(ctx, calendar.DateOf(2017, 7, 11))
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, f := range untold {
		ids = append(ids, fmt.Sprint(f.Notice))
	}
	for _, want := range []string{"102", "103", "110"} {
		if !slices.Contains(ids, want) {
			t.Errorf("the failure of notice %s is told to nobody: %s", want, strings.Join(ids, " "))
		}
	}
	if slices.Contains(ids, "101") {
		t.Error("what was told is told again")
	}
	// The next notice has the next number.
	update(t, l, func(tx *Tx) error {
		n := &ledger.Notice{Kind: ledger.Letter, Unit: "a", Day: calendar.DateOf(2017, 7, 11), MessageID: "new@x", State: ledger.Pending, Created: noon, NextTry: noon, GiveUp: noon}
		if err := tx.AddNotice(n, ledger.Entry{At: noon, Actor: "test"}); err != nil || n.ID != 111 {
			t.Errorf("notice %d, %v", n.ID, err)
		}
		return nil
	})
	shown, err := l.AdminFailures(ctx)
	if err != nil || len(shown) != 1 || shown[0].Notice != 103 {
		t.Errorf("shown: %v, %v", shown, err)
	}
}
