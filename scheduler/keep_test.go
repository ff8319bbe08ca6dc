package scheduler

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"duban/ledger"
	"duban/rules/calendar"
	"duban/rules/problem"
)

// A power cut at any step of a change leaves the file and the journal of one
// mind, at the latest when duban starts again.
func TestTheJournalTellsOfAChangeOnceTheFileHasItsName(t *testing.T) {
	w := newWorld(t, rulesOf(t, ob("m", `["a"]`, "every=\"month\"\nwithin=\"10 working days\"\npolicy=\"standard\"")), "2017-07-03 09:00")
	w.tickNow()
	file := filepath.Join(w.dir, "f.toml")
	told := func() (n int) {
		t.Helper()
		err := w.Ledger.Entries(t.Context(), ledger.ParseSubject("rule p/m"), func(ledger.Entry) error { n++; return nil })
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	e := ledger.Entry{Action: "rule edited", Subject: ledger.ParseSubject("rule p/m"), Actor: "t"}
	if err := w.editor.keep(t.Context(), file, []byte("one"), e); err != nil || told() != 1 {
		t.Fatalf("%v, told %d times", err, told())
	}
	for what, c := range map[string]struct {
		lies string // in the file when duban starts again
		more int
	}{"before the file had its name": {"one", 0}, "after it had": {"two", 1}} {
		if err := os.WriteFile(file, []byte(c.lies), 0o644); err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(intent{file, sumOf([]byte("two")), ledger.Entry{At: w.now, Action: "rule edited", Subject: ledger.ParseSubject("rule p/m"), Actor: "t"}})
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Ledger.Update(t.Context(), func(tx ledger.Tx) error { return tx.SetFact(factIntent, string(text)) }); err != nil {
			t.Fatal(err)
		}
		before := told()
		for range 2 { // the second time there is nothing to do
			if err := Finish(t.Context(), w.Ledger); err != nil {
				t.Fatal(err)
			}
		}
		if told() != before+c.more {
			t.Errorf("interrupted %s: told %d times more, want %d", what, told()-before, c.more)
		}
	}
	// A file that cannot have its name is not told of.
	before := told()
	if err := w.editor.keep(t.Context(), filepath.Join(file, "f.toml"), []byte("x"), e); err == nil || told() != before {
		t.Errorf("%v, told %d times more", err, told()-before)
	}
	w.verify()
}

// Whatever stands in a year is written so that it is read back, or not written.
func TestAYearIsReadBackBeforeItIsKept(t *testing.T) {
	w := newWorld(t, rulesOf(t, ob("m", `["a"]`, "every=\"month\"\nwithin=\"10 working days\"\npolicy=\"standard\"")), "2017-07-03 09:00")
	dir := filepath.Join(w.dir, "calendar")
	odd := rapid.OneOf(rapid.SampledFrom([]string{"\a", "\v", "\x7f", "\x00", "\u00a0", "\u202e", "\U0001F600", "\"", `\`, `\x41`, "\r", "\n", "\t", "'", "'''", "元旦", "\ufeff", "\xff"}), rapid.String())
	rapid.Check(t, func(r *rapid.T) {
		y := calendar.Year{Year: 2027, Source: []string{odd.Draw(r, "source"), odd.Draw(r, "source")}}
		for i := range rapid.IntRange(1, 4).Draw(r, "days") {
			y.Days = append(y.Days, calendar.Day{Date: calendar.DateOf(2027, 1, 1) + calendar.Date(i), Name: odd.Draw(r, "name") + "x", Off: rapid.Bool().Draw(r, "off")})
		}
		file := filepath.Join(dir, "2027.toml")
		_ = os.Remove(file) // of the draw before
		if err := w.editor.SaveYear(t.Context(), dir, y, "t"); err != nil {
			if _, statErr := os.Stat(file); statErr == nil || !strings.Contains(err.Error(), "nothing was saved") {
				r.Fatalf("%v, and the file: %v", err, statErr)
			}
			return
		}
		data, err := os.ReadFile(file)
		if err != nil {
			r.Fatal(err)
		}
		problems := &problem.List{}
		if back, ok := calendar.Read(file, data, problems); !ok || len(back.Days) != len(y.Days) || back.Source[0] != y.Source[0] {
			r.Fatalf("%v: %s", problems.Err(), data)
		}
	})
	n := 0
	err := w.Ledger.Entries(t.Context(), ledger.ParseSubject("calendar 2027.toml"), func(e ledger.Entry) error { n++; return nil })
	if err != nil || n == 0 {
		t.Errorf("the journal tells of %d years (%v)", n, err)
	}
}
