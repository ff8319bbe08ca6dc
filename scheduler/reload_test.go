package scheduler_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"duban/internal/world"
	"duban/ledger"
	"duban/rules"
	"duban/rules/planfile"
	"duban/rules/problem"
)

// What is saved is in force at once, and adopted, also when whoever saved it has gone.
func TestWhatIsSavedIsTakenOverAtOnce(t *testing.T) {
	w := world.New(t, world.Rules(t, world.Ob("m", `["a"]`, world.Monthly)), "2017-07-12 09:00")
	w.TickNow()
	saved := world.Rules(t, world.Ob("m", `["a", "b"]`, world.Monthly))
	gone, leave := context.WithCancel(t.Context())
	leave()
	w.Daemon.TakeOver(gone, func(func(*planfile.Sources)) (*rules.Set, *problem.List) { return saved, &problem.List{} })
	if w.Daemon.Rules() != saved {
		t.Error("other rules are in force")
	}
	w.Stands("m/b/2017-06", ledger.StateOpen, "2017-07-21")
}

// A ledger that has the rules' files and is away says nothing of the rules.
func TestALedgerThatIsAwayIsNoFaultOfTheRules(t *testing.T) {
	w := world.New(t, world.Rules(t, world.Ob("m", `["@all"]`, monthlyAll)), "2017-07-12 09:00")
	rulesThen, told := w.Daemon.Rules(), func() int { return len(w.Listed("")) }
	for _, c := range []struct {
		wrong error
		told  int // in all
	}{{fmt.Errorf("ledger x: %w", ledger.ErrAway), 0}, {errors.New("nonsense"), 1}, {errors.New("nonsense"), 1}, {errors.New("other nonsense"), 2}} {
		w.Now = w.Now.AddDate(0, 0, 1) // what is told on one day is one notice
		w.Daemon.Reload(t.Context(), func(func(*planfile.Sources)) (*rules.Set, *problem.List) {
			problems := &problem.List{}
			problems.Add(problem.Pos{File: "config.toml"}, "%v", c.wrong)
			return &rules.Set{}, problems
		})
		if n := told(); n != c.told || w.Daemon.Rules() != rulesThen {
			t.Errorf("%v: %d notices", c.wrong, n)
		}
	}
}
