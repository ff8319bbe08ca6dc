package webhook_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"duban/internal/world"
	"duban/ledger"
	"duban/scheduler/desk"
	"duban/scheduler/webhook"
)

// What a person says while a post is under way holds, whatever becomes of the post.
func TestAPersonWhoMovesAWebhookMeanwhileIsHeard(t *testing.T) {
	program := newProgram(t)
	w, p := month(t, program.hook(all...))
	round(t, p)
	do(t, w, desk.Done, "m/a/2017-06", desk.Act{Note: "done"})
	before := len(program.got())
	for _, status := range []int{http.StatusNoContent, http.StatusInternalServerError, http.StatusGone} {
		moved := false
		program.says(func(int) int {
			if !moved {
				moved = true
				if err := webhook.Retry(t.Context(), w.Ledger, "oa", 1); err != nil {
					t.Error(err)
				}
				return status
			}
			return http.StatusNoContent
		})
		do(t, w, desk.Reopen, "m/a/2017-06", desk.Act{Reason: "r"})
		do(t, w, desk.Done, "m/a/2017-06", desk.Act{Note: "again"})
		round(t, p)
		if program.posts < before+1 {
			t.Errorf("after %d, with entry 1 asked for again, %d posts came", status, program.posts)
		}
		if s, _, err := w.Ledger.Webhook(t.Context(), "oa"); err != nil || !s.Paused.IsZero() || s.Tries != 0 {
			t.Errorf("after %d it stands at %+v, %v", status, s, err)
		}
	}
}

// An entry that tells more than the other side takes at a time is told all the same.
func TestAnEntryWithMuchToTellComesThrough(t *testing.T) {
	program := newProgram(t)
	hook := program.hook(webhook.Overdue)
	w := world.New(t, world.Rules(t, world.Ob("m", `["a"]`, world.Monthly)+world.Ob("n", `["a"]`, world.Monthly)+world.Ob("o", `["a"]`, world.Monthly)), "2017-06-09 09:00")
	p := poster(w, w.Ledger, hook)
	round(t, p)
	w.TickNow()
	w.Tick("2017-07-12 09:00")
	w.Tick("2017-07-25 09:00") // one notice, three first overdue reminders
	program.says(func(post int) int {
		if post%2 == 0 {
			return http.StatusTooManyRequests
		}
		return http.StatusNoContent
	})
	for range 6 {
		round(t, p)
		w.Now = w.Now.Add(time.Hour)
	}
	if got := program.got(); len(got) != 3 || program.posts != 5 {
		t.Errorf("in %d posts %q", program.posts, got)
	}
}

// What was held is told of when it is let go.
func TestWhatIsHeldIsOverdueForNobodyYet(t *testing.T) {
	program := newProgram(t)
	w, p := month(t, program.hook(webhook.Overdue))
	w.Tick("2017-07-12 09:00")
	w.At("2017-09-25 09:00") // far more than 60 days later
	w.TickNow()
	round(t, p)
	held := 0
	for _, n := range w.Listed(ledger.Held) {
		held += len(n.Items)
	}
	if got := program.got(); held == 0 || len(got) != 0 {
		t.Fatalf("%d items are held, and told is %q", held, got)
	}
	if _, err := w.Desk.ReleaseHeld(t.Context(), nil, "li"); err != nil {
		t.Fatal(err)
	}
	round(t, p)
	if got := program.got(); len(got) == 0 || slices.ContainsFunc(got, func(s string) bool { return !strings.HasPrefix(s, "overdue ") }) {
		t.Errorf("told when it was released: %q", got)
	}
}
