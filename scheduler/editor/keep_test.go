package editor

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"pgregory.net/rapid"

	"duban/internal/engines"
	"duban/ledger"
	"duban/rules/calendar"
	"duban/rules/problem"
	"duban/scheduler/engine"
)

// begun is an editor over an empty ledger, and a folder.
func begun(t *testing.T, now time.Time) (*Editor, ledger.Store, string) {
	t.Helper()
	dir := t.TempDir()
	l := engines.Open(t, filepath.Join(dir, "ledger.db"))
	return New(l, func() engine.View { return engine.View{Now: now} }, nil, nil, zerolog.Nop()), l, dir
}

// A power cut at any step of a change leaves the file and the journal of one
// mind, at the latest when duban starts again.
func TestTheJournalTellsOfAChangeOnceTheFileHasItsName(t *testing.T) {
	now := time.Date(2017, 7, 3, 9, 0, 0, 0, time.UTC)
	ed, l, dir := begun(t, now)
	file := filepath.Join(dir, "f.toml")
	told := func() (n int) {
		t.Helper()
		err := l.Entries(t.Context(), ledger.ParseSubject("rule p/m"), func(ledger.Entry) error { n++; return nil })
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	e := ledger.Entry{Action: "rule edited", Subject: ledger.ParseSubject("rule p/m"), Actor: "t"}
	if err := ed.keep(t.Context(), file, []byte("one"), []ledger.Entry{e}); err != nil || told() != 1 {
		t.Fatalf("%v, told %d times", err, told())
	}
	for what, c := range map[string]struct {
		lies string // in the file when duban starts again
		more int
	}{"before the file had its name": {"one", 0}, "after it had": {"two", 1}} {
		if err := os.WriteFile(file, []byte(c.lies), 0o644); err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(intent{File: file, Sum: sumOf([]byte("two")), Entry: ledger.Entry{At: now, Action: "rule edited", Subject: ledger.ParseSubject("rule p/m"), Actor: "t"}})
		if err != nil {
			t.Fatal(err)
		}
		if err := l.Update(t.Context(), func(tx ledger.Tx) error { return tx.SetFact(factIntent, string(text)) }); err != nil {
			t.Fatal(err)
		}
		before := told()
		for range 2 { // the second time there is nothing to do
			if err := Finish(t.Context(), l); err != nil {
				t.Fatal(err)
			}
		}
		if told() != before+c.more {
			t.Errorf("interrupted %s: told %d times more, want %d", what, told()-before, c.more)
		}
	}
	// What is to come is in the ledger before the file has its name.
	if err := intend(t.Context(), ed, intent{File: file, Sum: sumOf([]byte("three")), Entry: e}); err != nil {
		t.Fatal(err)
	}
	if text, err := l.Fact(t.Context(), factIntent); err != nil || !strings.Contains(text, sumOf([]byte("three"))) {
		t.Errorf("what is to come is noted as %q, %v", text, err)
	}
	if err := Finish(t.Context(), l); err != nil {
		t.Fatal(err)
	}
	// A file that cannot have its name is not told of.
	before := told()
	if err := ed.keep(t.Context(), filepath.Join(file, "f.toml"), []byte("x"), []ledger.Entry{e}); err == nil || told() != before {
		t.Errorf("%v, told %d times more", err, told()-before)
	}
	if v, err := l.Verify(t.Context()); err != nil || len(v.Problems) > 0 {
		t.Error(v.Problems, err)
	}
}

// Whatever stands in a year is written so that it is read back, or not written.
func TestAYearIsReadBackBeforeItIsKept(t *testing.T) {
	now := time.Date(2017, 7, 3, 9, 0, 0, 0, time.UTC)
	ed, l, dir := begun(t, now)
	dir = filepath.Join(dir, "calendar")
	odd := rapid.OneOf(rapid.SampledFrom([]string{"\a", "\v", "\x7f", "\x00", "\u00a0", "\u202e", "\U0001F600", "\"", `\`, `\x41`, "\r", "\n", "\t", "'", "'''", "元旦", "\ufeff", "\xff"}), rapid.String())
	rapid.Check(t, func(r *rapid.T) {
		y := calendar.Year{Year: 2027, Source: []string{odd.Draw(r, "source"), odd.Draw(r, "source")}}
		for i := range rapid.IntRange(1, 4).Draw(r, "days") {
			y.Days = append(y.Days, calendar.Day{Date: calendar.DateOf(2027, 1, 1) + calendar.Date(i), Name: odd.Draw(r, "name") + "x", Off: rapid.Bool().Draw(r, "off")})
		}
		file := filepath.Join(dir, "2027.toml")
		_ = os.Remove(file) // of the draw before
		if err := ed.SaveYear(t.Context(), dir, y, "t"); err != nil {
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
	err := l.Entries(t.Context(), ledger.ParseSubject("calendar 2027.toml"), func(e ledger.Entry) error { n++; return nil })
	if err != nil || n == 0 {
		t.Errorf("the journal tells of %d years (%v)", n, err)
	}
}
