package mail

import (
	"bytes"
	"mime"
	"net/mail"
	"strings"
	"testing"
	"time"

	gomail "github.com/wneessen/go-mail"

	"duban/notify"
	"duban/rules"
	"duban/rules/address"
	"duban/rules/calendar"
)

func digest() *notify.Notice {
	due := calendar.DateOf(2017, 7, 14)
	return &notify.Notice{Kind: notify.Reminder, Language: "zh-CN", Unit: "\u5e02\u8d22\u653f\u5c40", Day: due, Items: []notify.Item{{
		ID: "1.3-budget/czj/2017-06", UID: "p:1.3-budget/czj/2017-06@duban", Kind: rules.DueToday, Light: rules.Yellow, Title: "\u516c\u5e03", Period: "2017-06",
		Due: due, Deadline: due.At(17*60+30, time.UTC), Basis: rules.Assumed,
	}}}
}

func composed(t testing.TB, n *notify.Notice) []byte {
	t.Helper()
	raw, err := NewChannel(nil, nil).Compose(n, notify.Envelope{
		MessageID: notify.MessageID("zs.example", "specimen"), Date: time.Date(2017, 7, 14, 0, 30, 0, 0, time.UTC), From: address.Must("\u7763\u529e <duban@zs.example>"),
		ReplyTo: address.Must("zfb@zs.example"), To: []address.Address{address.Must("czj@zs.example")}, CC: []address.Address{address.Must("copy@zs.example")},
		References: []string{"first@zs.example", "earlier@zs.example"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// What others need to file, thread and answer a mail, or not to answer it
// (RFC 5322, 3.6; RFC 3834, 5; [MS-OXCMAIL] 2.1.3.2.20).
func TestAMailSaysWhatItIs(t *testing.T) {
	m, err := mail.ReadMessage(bytes.NewReader(composed(t, digest())))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"Message-Id": "<" + notify.MessageID("zs.example", "specimen") + ">", "In-Reply-To": "<earlier@zs.example>", "References": "<first@zs.example> <earlier@zs.example>",
		"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "DR, RN, NRN, OOF, AutoReply", "Reply-To": "<zfb@zs.example>", "To": "<czj@zs.example>", "Cc": "<copy@zs.example>",
	} {
		if got := m.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject")); err != nil || subject != digest().Subject() {
		t.Errorf("Subject: %q, %v", subject, err)
	}
	if at, err := m.Header.Date(); err != nil || !at.Equal(time.Date(2017, 7, 14, 0, 30, 0, 0, time.UTC)) {
		t.Errorf("Date: %s, %v", at, err)
	}
}

func TestAMailHasItsNoticesWordsAndDates(t *testing.T) {
	n := digest()
	said, err := n.Say()
	if err != nil {
		t.Fatal(err)
	}
	m, err := gomail.EMLToMsgFromReader(bytes.NewReader(composed(t, n)))
	if err != nil {
		t.Fatal(err)
	}
	var parts []string
	for _, p := range m.GetParts() {
		content, err := p.GetContent()
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, string(content))
	}
	crlf := strings.NewReplacer("\n", "\r\n")
	if len(parts) < 2 || parts[0] != crlf.Replace(said.Text) || parts[1] != crlf.Replace(said.HTML) {
		t.Errorf("its parts are %q", parts)
	}
	files := m.GetAttachments()
	if len(files) != 1 || files[0].Name != "duban.ics" {
		t.Fatalf("attached: %v", files)
	}
	var cal bytes.Buffer
	if _, err := files[0].Writer(&cal); err != nil || !strings.Contains(cal.String(), "UID:p:1.3-budget/czj/2017-06@duban\r\n") || !strings.Contains(cal.String(), "METHOD:PUBLISH") {
		t.Errorf("%v\n%s", err, cal.String())
	}
}

func TestTheSameNoticeIsTheSameBytes(t *testing.T) {
	if !bytes.Equal(composed(t, digest()), composed(t, digest())) {
		t.Error("composed twice it differs")
	}
}

func TestNothingInANoticeBecomesAHeader(t *testing.T) {
	n := digest()
	n.Unit = "x\r\nBcc: x@evil.example"
	raw := composed(t, n)
	head, _, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
	if bytes.Contains(bytes.ToLower(head), []byte("\nbcc:")) {
		t.Errorf("a header was injected:\n%s", head)
	}
	if m, err := mail.ReadMessage(bytes.NewReader(raw)); err != nil || m.Header.Get("Bcc") != "" {
		t.Errorf("Bcc %q, %v", m.Header.Get("Bcc"), err)
	}
}
