package scheduler_test

import (
	"strings"
	"testing"

	"duban/internal/world"
	"duban/ledger"
)

// An event of a group is one of each member that owes what it starts; those whose
// clocks start are told, and the same day again is nothing new unless it is said to be
// another.
func TestAnEventOfAGroupIsOneOfEachMember(t *testing.T) {
	w := world.New(t, world.Rules(t, world.Ob("e", `["a", "b"]`, world.Asked)), "2017-06-09 09:00")
	w.TickNow()
	w.Tick("2017-07-03 09:00")
	record := func(another bool) (added int, keys []string) {
		t.Helper()
		all, err := w.Desk.AddEvents(t.Context(), &ledger.Event{Name: "asked", Unit: "@all", Day: world.Date(t, "2017-07-03")}, another, "test")
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range all {
			if r.Added {
				added++
			}
			keys = append(keys, r.Event.Unit+"/"+r.Event.Key)
			if len(r.Started) != 1 || r.Started[0].Unit != r.Event.Unit {
				t.Errorf("%s started %v", r.Event.Unit, r.Started)
			}
		}
		return added, keys
	}
	if added, keys := record(false); added != 2 || strings.Join(keys, " ") != "a/2017-07-03 b/2017-07-03" {
		t.Errorf("%d new: %v", added, keys)
	}
	if added, _ := record(false); added != 0 {
		t.Errorf("the same again: %d new", added)
	}
	if added, keys := record(true); added != 2 || strings.Join(keys, " ") != "a/2017-07-03-2 b/2017-07-03-2" {
		t.Errorf("others of the day: %d new: %v", added, keys)
	}
	for unit, why := range map[string]string{"@al": "no group", "@": "no group", "c": "no obligation"} {
		if _, err := w.Desk.AddEvents(t.Context(), &ledger.Event{Name: "asked", Unit: unit, Day: world.Date(t, "2017-07-03")}, false, "test"); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%s: %v", unit, err)
		}
	}
	w.Deliver()
	w.Mail.Empty()
	w.Tick("2017-07-04 09:00")
	for address, want := range map[string]bool{"a@x.example": true, "b@x.example": true, "c@x.example": false} {
		if got := mailsTo(t, w, address); (len(got) > 0) != want {
			t.Errorf("%s was told: %q", address, got)
		}
	}
}

// Who had heard of an event hears when it is withdrawn; who had not does not.
func TestAWithdrawnEventIsToldToWhoHadHeardOfIt(t *testing.T) {
	for _, heard := range []bool{true, false} {
		w := world.New(t, world.Rules(t, world.Ob("e", `["a"]`, world.Asked)), "2017-06-09 09:00")
		w.TickNow()
		w.Tick("2017-07-03 09:00")
		w.Event("asked", "a", "2017-07-03", "k")
		if heard {
			w.Tick("2017-07-04 09:00")
		}
		w.Deliver()
		w.Mail.Empty()
		if _, err := w.Desk.WithdrawEvent(t.Context(), "k", "typed twice", "test"); err != nil {
			t.Fatal(err)
		}
		w.Tick("2017-07-05 09:00")
		got := mailsTo(t, w, "a@x.example")
		if len(got) > 0 != heard || heard && !strings.Contains(got[0], "typed twice") {
			t.Errorf("heard of it: %v; told: %q", heard, got)
		}
	}
}
