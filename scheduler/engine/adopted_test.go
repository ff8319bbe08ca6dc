package engine_test

import (
	"cmp"
	"slices"
	"testing"

	"duban/internal/world"
	"duban/ledger"
	"duban/rules"
	"duban/scheduler/desk"
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

// What was noted only spares looking: where it cannot be read, all is looked at.
func TestWhatWasNotedAndCannotBeReadIsNotNeeded(t *testing.T) {
	of := func(within string) *rules.Set {
		return world.Rules(t, world.Ob("m", `["a"]`, "every=\"month\"\nwithin=\""+within+"\"\npolicy=\"standard\""))
	}
	w := world.New(t, of("15 working days"), "2017-06-12 09:00")
	w.TickNow()
	w.Tick("2017-07-05 09:00")
	if err := w.Ledger.Update(t.Context(), func(tx ledger.Tx) error { return tx.SetFact("adopted p", "[]") }); err != nil {
		t.Fatal(err)
	}
	w.Set(of("10 working days"))
	w.Stands("m/a/2017-06", ledger.StateOpen, "2017-07-14")
	w.Set(of("15 working days"))
	w.Stands("m/a/2017-06", ledger.StateOpen, "2017-07-21")
}

// What was transferred is judged by the rules that were followed on its due day, as what
// nobody transferred: not by those of before that this very edit ends.
func TestWhatWasTransferredIsJudgedByWhatWasFollowedThen(t *testing.T) {
	of := func(units, lines string) string {
		return world.Ob("m", units, "every=\"month\"\npolicy=\"standard\"\n"+lines)
	}
	other := world.Ob("n", `["a"]`, world.Monthly)
	early, late := "within=\"15 working days\"", "within=\"15 working days\"\nstarts=2017-08-01"
	w := world.New(t, world.Rules(t, other+of(`["a", "b"]`, early)), "2017-06-12 09:00")
	w.TickNow()
	w.Tick("2017-07-05 09:00")
	if _, err := w.Desk.Do(t.Context(), desk.Transfer, "m/a/2017-06", desk.Act{Unit: "c", Reason: "r", By: "li"}); err != nil {
		t.Fatal(err)
	}
	w.At("2017-07-06 09:00")
	w.Set(world.Rules(t, other))
	w.Stands("m/c/2017-06", ledger.StateCancelled, "2017-07-21")
	w.At("2017-08-02 09:00")
	w.Set(world.Rules(t, other+of(`["a", "b"]`, late)))
	w.At("2017-10-10 09:00")
	w.Set(world.Rules(t, other+of(`["a", "b"]`, "within=\"40 working days\""))) // June was due in August
	for _, key := range []string{"m/b/2017-06", "m/c/2017-06"} {
		if o := w.Find(key); o.State != ledger.StateCancelled {
			t.Errorf("%s is %s, due %s: no rule that was followed on that day held it", key, o.State, o.Due)
		}
	}
	w.Verify()
}

// What a plan brings is written by its keys, however its document has it: each row beside
// the last, which the indexes of a province need.
func TestAPlanIsMetByItsKeys(t *testing.T) {
	once := "on=2017-08-31\npolicy=\"standard\""
	w := world.New(t, world.Rules(t, world.Ob("z", `["c", "a", "b"]`, once)+world.Ob("b", `["b", "a"]`, once)+world.Ob("m", `["c", "b"]`, once)), "2017-07-12 09:00")
	w.TickNow()
	made, err := ledger.AllOccurrences(t.Context(), w.Ledger, ledger.Query{}) // by due date and key
	if err != nil || len(made) != 7 || !slices.IsSortedFunc(made, func(o, p *ledger.Occurrence) int { return cmp.Compare(o.ID, p.ID) }) {
		for _, o := range made {
			t.Log(o.ID, o.FullKey())
		}
		t.Errorf("%d made, not in the order of their keys, or %v", len(made), err)
	}
}
