package delivery_test

import (
	"context"
	"encoding/base64"
	"strings"
	"testing"

	"duban/internal/world"
	"duban/scheduler/desk"
)

func TestNoticesAboutOneOccurrenceFormAThread(t *testing.T) {
	w := world.New(t, world.Rules(t, world.Ob("m", `["a"]`, world.Monthly)), "2017-06-09 09:00")
	w.Days("2017-06-09", "2017-07-21")
	var ids []string
	for i, m := range w.Mail.Mails() {
		raw := string(m.Raw)
		reply := ""
		if _, after, ok := strings.Cut(raw, "In-Reply-To: "); ok {
			reply, _, _ = strings.Cut(after, "\r\n")
		}
		ids = append(ids, messageID(m.Raw))
		// The assignment and the first reminder begin; the others answer the one before.
		want := ""
		if i >= 2 {
			want = ids[i-1]
		}
		thread := "" // the parent's references and the parent (RFC 5322, 3.6.4)
		if i >= 2 {
			thread = "References: " + strings.Join(ids[1:i], " ") + "\r\n"
		}
		if reply != want || !strings.Contains(strings.ReplaceAll(raw, "\r\n ", " "), thread) {
			t.Errorf("mail %d answers %q, want %q", i, reply, want)
		}
	}
	if len(ids) != 4 {
		t.Errorf("%d mails", len(ids))
	}
}

func TestAnExtensionRaisesTheSequenceOfTheCalendarEntry(t *testing.T) {
	w := world.New(t, world.Rules(t, world.Ob("m", `["a"]`, world.Monthly)), "2017-06-09 09:00")
	w.Days("2017-06-09", "2017-07-18")
	if _, err := w.Desk.Do(context.Background(), desk.Extend, "m/a/2017-06", desk.Act{By: "test", Reason: "r", To: world.Date(t, "2017-07-28")}); err != nil {
		t.Fatal(err)
	}
	w.Days("2017-07-19", "2017-07-25")
	last := w.Mail.Mails()[len(w.Mail.Mails())-1].Raw
	_, part, ok := strings.Cut(string(last), "text/calendar")
	if !ok {
		t.Fatal("no calendar file")
	}
	_, encoded, _ := strings.Cut(part, "\r\n\r\n")
	encoded, _, _ = strings.Cut(encoded, "\r\n--")
	file, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(encoded, "\r\n", ""))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"UID:p:m/a/2017-06@duban", "SEQUENCE:1", "DTSTART;VALUE=DATE:20170728"} {
		if !strings.Contains(string(file), want) {
			t.Errorf("no %s in\n%s", want, file)
		}
	}
}
