package engine_test

import (
	"testing"

	"duban/internal/world"
)

func TestTheTextsOfOldMailAreRemoved(t *testing.T) {
	w := world.New(t, world.Rules(t, world.Ob("m", `["a"]`, "every=\"month\"\nwithin=\"10 working days\"\npolicy=\"standard\"")), "2017-07-03 09:00")
	w.Settings().KeepMailDays = 30
	w.TickNow()
	kept := func() bool {
		t.Helper()
		n, err := w.Ledger.Notice(t.Context(), 1)
		if err != nil {
			t.Fatal(err)
		}
		return n.Body != nil
	}
	w.Tick("2017-08-01 09:00")
	if !kept() {
		t.Error("a mail of 29 days has lost its text")
	}
	w.Tick("2017-08-03 09:00")
	if kept() {
		t.Error("a mail of 31 days has its text")
	}
	n, err := w.Ledger.Notice(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	if raw, err := w.Daemon.Courier.Bytes(t.Context(), n); err != nil || raw != nil || n.Subject == "" {
		t.Errorf("a text was made up for a mail whose text is gone: %q %v", raw, err)
	}
	w.Verify()
}
