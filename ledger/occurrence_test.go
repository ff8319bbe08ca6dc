package ledger

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"duban/rules/calendar"
)

// The library says what JSON the journal keeps, of the texts as they stand in the ledger;
// older entries were written by it.
func TestASnapshotIsTheLibrarysJSON(t *testing.T) {
	type snapshot struct {
		State       State         `json:"state"`
		Anchor      calendar.Date `json:"anchor"`
		FirstDue    calendar.Date `json:"first_due"`
		Due         calendar.Date `json:"due"`
		Named       string        `json:"named,omitempty"`
		Provisional bool          `json:"provisional,omitempty"`
		Extended    bool          `json:"extended,omitempty"`
		PausedOn    string        `json:"paused_on,omitempty"`
		Evidence    string        `json:"evidence,omitempty"`
		Note        string        `json:"note,omitempty"`
		ReportedBy  string        `json:"reported_by,omitempty"`
		ReportedAt  *time.Time    `json:"reported_at,omitempty"`
		ClosedAt    *time.Time    `json:"closed_at,omitempty"`
		Rule        int64         `json:"rule"`
	}
	rapid.Check(t, func(t *rapid.T) {
		date := func(what string) calendar.Date { return calendar.Date(rapid.IntRange(0, 40000).Draw(t, what)) }
		at := func(what string) (time.Time, *time.Time) {
			n := rapid.Int64Range(0, 1<<32).Draw(t, what)
			if n < 1<<20 {
				return time.Time{}, nil
			}
			at := time.Unix(n, 0).UTC()
			return at, &at
		}
		text := rapid.OneOf(rapid.Just(""), rapid.String(), rapid.SampledFrom([]string{`"<&>\`, "\u2028", "\xff", "a\x00"}))
		o := Occurrence{
			State: rapid.SampledFrom(States).Draw(t, "state"), Anchor: date("anchor"), FirstDue: date("first"), Due: date("due"), Named: date("named"), Granted: date("granted"), PausedOn: date("paused"),
			Provisional: rapid.Bool().Draw(t, "provisional"), Evidence: text.Draw(t, "evidence"), Note: text.Draw(t, "note"), ReportedBy: text.Draw(t, "by"), Rule: rapid.Int64().Draw(t, "rule"),
		}
		stands := func(s string) string {
			return strings.Map(func(c rune) rune {
				if c == 0 {
					return utf8.RuneError
				}
				return c
			}, s)
		}
		var reported, closed *time.Time
		o.ReportedAt, reported = at("reported")
		o.ClosedAt, closed = at("closed")
		want, err := json.Marshal(snapshot{o.State, o.Anchor, o.FirstDue, o.Due, o.Named.String(), o.Provisional, o.Extended(), o.PausedOn.String(), stands(o.Evidence), stands(o.Note), stands(o.ReportedBy), reported, closed, o.Rule})
		if err != nil {
			t.Fatal(err)
		}
		if got := o.Snapshot(); got != string(want) {
			t.Errorf("%s, the library says %s", got, want)
		}
	})
}
