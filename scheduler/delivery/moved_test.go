package delivery_test

import (
	"context"
	"testing"
	"time"

	"duban/internal/world"
	"duban/ledger"
)

// meddled is a ledger in which somebody drops a notice just after the courier has
// read what is due.
type meddled struct {
	ledger.Store
	drop func()
}

func (m *meddled) DueNotices(ctx context.Context, channel string, now time.Time, most int) ([]*ledger.Notice, error) {
	due, err := m.Store.DueNotices(ctx, channel, now, most)
	if m.drop != nil && len(due) > 1 {
		m.drop()
		m.drop = nil
	}
	return due, err
}

func TestANoticeThatIsDroppedAsItIsClaimedHoldsNoOtherBack(t *testing.T) {
	set := world.RulesFrom(t, world.PlanHead, world.PlanUnits, world.Ob("m", `["a", "b"]`, world.Monthly))
	w := world.New(t, set, "2017-06-09 09:00")
	w.Evaluate()
	waiting := w.Listed(ledger.Pending)
	if len(waiting) < 2 {
		t.Fatalf("%d notices wait", len(waiting))
	}
	dropped := waiting[0]
	m := &meddled{Store: w.Ledger}
	m.drop = func() {
		err := m.Update(t.Context(), func(tx ledger.Tx) error {
			return tx.MoveNotice(dropped, ledger.Dropped, time.Time{}, time.Time{}, ledger.Entry{At: w.Now, Actor: "t"})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	w.With(m, set)
	if d, err := w.Daemon.Courier.Deliver(t.Context()); err != nil || d.Sent != len(waiting)-1 {
		t.Errorf("%+v, %v", d, err)
	}
	if s := w.States(); s[ledger.Dropped] != 1 || s[ledger.Sent] != len(waiting)-1 {
		t.Errorf("they stand %v", s)
	}
}
