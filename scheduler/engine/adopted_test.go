package engine_test

import (
	"testing"

	"duban/internal/world"
	"duban/ledger"
)

// TestWhatAnOlderVersionAdoptedMeanwhileIsLookedAt: it notes nothing of what it adopts, so
// that what was noted before is no longer true.
func TestWhatAnOlderVersionAdoptedMeanwhileIsLookedAt(t *testing.T) {
	of := func(within string) string {
		return world.Ob("m", `["a"]`, "every=\"month\"\nwithin=\""+within+"\"\npolicy=\"standard\"") + world.Ob("n", `["a", "b"]`, world.Monthly)
	}
	long, short := world.Rules(t, of("15 working days")), world.Rules(t, of("10 working days"))
	w := world.New(t, long, "2017-06-12 09:00")
	w.TickNow()
	w.Tick("2017-07-05 09:00")
	w.Stands("m/a/2017-06", ledger.StateOpen, "2017-07-21")
	noted, err := w.Ledger.Fact(t.Context(), "adopted p")
	if err != nil || noted == "" {
		t.Fatalf("it was noted: %q, %v", noted, err)
	}
	w.Set(short)
	w.Tick("2017-07-05 10:00")
	w.Stands("m/a/2017-06", ledger.StateOpen, "2017-07-14")
	if err := w.Ledger.Update(t.Context(), func(tx ledger.Tx) error { return tx.SetFact("adopted p", noted) }); err != nil {
		t.Fatal(err)
	}
	w.Set(long)
	w.Tick("2017-07-05 11:00")
	w.Stands("m/a/2017-06", ledger.StateOpen, "2017-07-21")
	w.Set(short) // by what this version has noted
	w.Tick("2017-07-05 12:00")
	w.Stands("m/a/2017-06", ledger.StateOpen, "2017-07-14")
	w.Stands("n/a/2017-06", ledger.StateOpen, "2017-07-21")
	w.Verify()
}
