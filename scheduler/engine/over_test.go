package engine_test

import (
	"strings"
	"testing"

	"duban/internal/world"
	"duban/notify"
)

// Of what is over nobody is told that he owes it: a plan that is met late, or comes
// back from being a draft, is announced by what there is still to do.
func TestWhatIsOverIsNotAnnounced(t *testing.T) {
	over, ahead := "on=2017-06-30\npolicy=\"standard\"", "on=2017-08-31\npolicy=\"standard\""
	w := world.New(t, world.Rules(t, world.Ob("past", `["a", "b"]`, over)+world.Ob("coming", `["a"]`, ahead)), "2017-07-12 09:00")
	w.TickNow()
	w.Deliver()
	var got []string
	for _, m := range w.Mail.Mails() {
		text, err := notify.ReadText(m.Raw)
		if err != nil || strings.Contains(text, "past") || !strings.Contains(text, "coming") {
			t.Errorf("told of what is over: %s, %v", text, err)
		}
		got = append(got, strings.Join(m.To, " "))
	}
	if len(got) != 1 || !strings.HasPrefix(got[0], "a@") {
		t.Errorf("mails to %q, want one, to a", got)
	}
	// What is open of it is not over, however long it has been due.
	w = world.New(t, world.Rules(t, world.Ob("past", `["a"]`, over)), "2017-06-20 09:00")
	w.TickNow()
	w.At("2017-07-12 09:00")
	w.Deliver()
	if n := len(w.Mail.Mails()); n != 1 {
		t.Errorf("%d mails of what is open, want 1", n)
	}
}
