package mail

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"duban/notify"
)

// report is a delivery report as servers write them.
func report(action, recipient, original, headers string) string {
	return strings.ReplaceAll(`Return-Path: <>
From: MAILER-DAEMON@mx.example
To: duban@zs.example
Subject: Undelivered Mail
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B"

--B
Content-Type: text/plain; charset=gb2312

sorry
--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example
Arrival-Date: Fri, 14 Jul 2017 08:30:00 +0800

Final-Recipient: rfc822; `+recipient+original+`
Action: `+action+`
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1
    no such user

--B
`+headers+`
--B--
`, "\n", "\r\n")
}

const returned = "Content-Type: message/rfc822\n\nFrom: duban@zs.example\nMessage-ID: <x.1@zs.example>\nSubject: s\n\nbody"

func TestDeliveryReportsAreTakenApart(t *testing.T) {
	for _, tc := range []struct{ what, raw, want string }{
		{"a failure", report("failed", "czj@zs.example", "", returned), "x.1@zs.example czj@zs.example 5.1.1 smtp; 550 5.1.1 no such user"},
		{"with the headers only", report("failed", "czj@zs.example", "", "Content-Type: text/rfc822-headers\n\nMessage-ID: <x.1@zs.example>\nSubject: s\n"), "x.1@zs.example czj@zs.example 5.1.1 smtp; 550 5.1.1 no such user"},
		{"forwarded: the address as we wrote it", report("failed", "other@far.example", "\nOriginal-Recipient: rfc822;czj@zs.example", returned), "x.1@zs.example czj@zs.example 5.1.1 smtp; 550 5.1.1 no such user"},
		{"an original one of no use: the final one", report("failed", "czj@zs.example", "\nOriginal-Recipient: rfc822;unknown", returned), "x.1@zs.example czj@zs.example 5.1.1 smtp; 550 5.1.1 no such user"},
		{"beyond ASCII (RFC 6533)", report("failed", "other@far.example", "\nOriginal-Recipient: utf-8; 财政@zs.example", returned), "x.1@zs.example 财政@zs.example 5.1.1 smtp; 550 5.1.1 no such user"},
		{"a delay", report("delayed", "czj@zs.example", "", returned), ""},
		{"delivered", report("delivered", "czj@zs.example", "", returned), ""},
		{"no Message-ID", report("failed", "czj@zs.example", "", "Content-Type: message/rfc822\n\nSubject: s\n\nbody"), ""},
		{"no address", report("failed", "nobody", "", returned), ""},
		{"an auto-reply", "Auto-Submitted: auto-replied\r\nSubject: 自动回复\r\nIn-Reply-To: <x.1@zs.example>\r\n\r\n休假中", ""},
		{"a letter", "From: a@b.example\r\nSubject: hello\r\n\r\nhello", ""},
		{"a read receipt", strings.Replace(report("failed", "czj@zs.example", "", returned), "delivery-status; boundary", "disposition-notification; boundary", 1), ""},
		{"cut off", report("failed", "czj@zs.example", "", returned)[:420], ""},
		{"nothing", "", ""},
		{"no mail at all", "\x00\xff\r\n\r\n", ""},
	} {
		t.Run(tc.what, func(t *testing.T) {
			b, ok := ParseBounce([]byte(tc.raw))
			got := ""
			if ok {
				got = fmt.Sprintf("%s %s %s %s", b.MessageID, b.Failed[0].Address, b.Failed[0].Status, b.Failed[0].Diagnostic)
			}
			if got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func FuzzParseBounce(f *testing.F) {
	f.Add([]byte(report("failed", "czj@zs.example", "", returned)))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if b, ok := ParseBounce(raw); ok && (b.MessageID == "" || len(b.Failed) == 0) {
			t.Errorf("%+v", b)
		}
	})
}

func TestAMaildirInboxHandsOverEachMailOnce(t *testing.T) {
	dir := t.TempDir()
	d, err := OpenMaildir(dir, true)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		if out := d.Send(context.Background(), notify.Message{Name: fmt.Sprint(i), Raw: fmt.Appendf(nil, "mail %d", i)}); out.Err != nil {
			t.Fatal(out.Err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "new", "folder"), 0o700); err != nil { // no mail
		t.Fatal(err)
	}
	in := MaildirInbox{dir}
	if err := in.Probe(t.Context()); err != nil {
		t.Error(err)
	}
	if err := (MaildirInbox{filepath.Join(dir, "nowhere")}).Probe(t.Context()); err == nil {
		t.Error("a Maildir that is not there is fine")
	}
	var got []string
	take := func(raw []byte) error {
		if string(raw) == "mail 1" && len(got) == 1 {
			return errors.New("not now")
		}
		got = append(got, string(raw))
		return nil
	}
	if err := in.Each(t.Context(), take); err == nil {
		t.Error("a mail that was not taken went unnoticed")
	}
	got = append(got, "again")
	if err := in.Each(t.Context(), take); err != nil {
		t.Fatal(err)
	}
	if s := strings.Join(got, ", "); s != "mail 0, mail 2, again, mail 1" {
		t.Errorf("handed over: %s", s)
	}
	if err := in.Each(t.Context(), func([]byte) error { t.Error("handed over twice"); return nil }); err != nil {
		t.Fatal(err)
	}
}
