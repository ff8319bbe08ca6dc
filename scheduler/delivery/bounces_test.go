package delivery_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"duban/internal/world"
	"duban/ledger"
	"duban/notify"
)

type inbox struct{ mails []string }

func (in *inbox) Each(_ context.Context, f func([]byte) error) error {
	for _, m := range in.mails {
		if err := f([]byte(m)); err != nil {
			return err
		}
	}
	return nil
}

func bounceOf(n *ledger.Notice, address string) string {
	return strings.ReplaceAll(fmt.Sprintf("Content-Type: multipart/report; report-type=delivery-status; boundary=B\n\n--B\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n\nFinal-Recipient: rfc822; %s\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 unknown\n\n--B\nContent-Type: text/rfc822-headers\n\nMessage-ID: <%s>\n\n--B--\n", address, n.MessageID), "\n", "\r\n")
}

func TestAfterThreeBouncesTheAdministratorsHearOfTheAddress(t *testing.T) {
	w := world.New(t, world.Rules(t, world.Ob("m", `["a"]`, world.Monthly)), "2017-06-09 09:00")
	in := &inbox{}
	w.Sending.Inbox = in
	w.Reopen()
	w.Days("2017-06-09", "2017-07-21") // an assignment and three reminders
	all, err := ledger.AllNotices(context.Background(), w.Ledger, ledger.Sent)
	if err != nil || len(all) != 4 {
		t.Fatal(len(all), err)
	}
	told := func() int {
		n := 0
		w.Now = w.Now.Add(time.Minute)
		w.Deliver()
		for _, m := range w.Mail.Mails() {
			if slices.Contains(m.To, "admin@x.example") {
				n++
			}
		}
		return n
	}
	read := func(mails ...string) {
		t.Helper()
		in.mails = mails
		if err := w.Daemon.Courier.ReadBounces(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	read("Subject: 自动回复\r\nAuto-Submitted: auto-replied\r\n\r\n休假", bounceOf(&ledger.Notice{MessageID: "someone@else"}, "a@x.example"), bounceOf(all[0], "forwarded@far.example")) // to its only recipient
	read(bounceOf(all[0], "A@X.example"), bounceOf(all[0], "a@x.example"), bounceOf(all[1], "a@x.example"))
	if n := told(); n != 0 {
		t.Errorf("told after two bounces, one of which was reported twice")
	}
	read(bounceOf(all[2], "a@x.example"))
	read(bounceOf(all[3], "a@x.example"))
	if n := told(); n != 1 {
		t.Errorf("told %d times, want once", n)
	}
	text, err := notify.ReadText(w.Mail.Mails()[len(w.Mail.Mails())-1].Raw)
	if err != nil || !strings.Contains(text, "甲局") || !strings.Contains(text, "a@x.example") || !strings.Contains(text, "550 unknown") {
		t.Errorf("%v\n%s", err, text)
	}
	n, err := w.Ledger.Notice(context.Background(), all[0].ID)
	if err != nil || n.Recipients[0].State != ledger.Failed || !strings.Contains(n.Recipients[0].Error, "bounced: 5.1.1") {
		t.Errorf("%+v, %v", n.Recipients, err)
	}
	w.Verify()
}

func TestMailLeavesNoFasterThanTheLimit(t *testing.T) {
	// The pace is the library's; that it is asked is ours. Slower never fails.
	w := world.New(t, world.Rules(t, world.Ob("m", `["@all"]`, world.Monthly)), "2017-06-09 09:00")
	w.Sending.MaxPerMinute = 600
	w.Reopen()
	fill(t, w, 11)
	start := time.Now()
	if d, err := w.Daemon.Courier.Deliver(context.Background()); err != nil || d.Sent != 11 {
		t.Fatal(d, err)
	}
	if took := time.Since(start); took < 900*time.Millisecond {
		t.Errorf("11 mails at 600 a minute took %s", took)
	}
}
