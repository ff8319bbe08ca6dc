package engine_test

import (
	"testing"

	"duban/internal/world"
	"duban/ledger"
	"duban/scheduler/engine"
)

// What goes on and on is told once a day, whatever its words are meanwhile.
func TestWhatGoesOnIsToldOnceADay(t *testing.T) {
	w := world.New(t, world.Rules(t, world.Ob("m", `["a"]`, world.Monthly)), "2017-06-09 09:00")
	told := func(text string) (n int) {
		t.Helper()
		if err := w.Ledger.Update(t.Context(), func(tx ledger.Tx) error {
			return engine.TellOnceADay(tx, w.View(), "full", "The disk is full", text)
		}); err != nil {
			t.Fatal(err)
		}
		for _, made := range w.Listed("") {
			if made.Kind == ledger.Admin {
				n++
			}
		}
		return n
	}
	for _, tc := range []struct {
		at, text string
		want     int
	}{{"2017-06-09 09:00", "1 MB", 1}, {"2017-06-09 15:00", "0 MB", 1}, {"2017-06-10 00:01", "0 MB", 2}, {"2017-06-10 09:00", "none", 2}} {
		w.At(tc.at)
		if n := told(tc.text); n != tc.want {
			t.Errorf("by %s told %d times, want %d", tc.at, n, tc.want)
		}
	}
}
