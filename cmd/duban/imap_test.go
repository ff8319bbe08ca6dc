package main

import (
	"crypto/tls"
	"fmt"
	"net"
	"strings"
	"syscall"
	"testing"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"

	"duban/internal/smtptest"
)

// imapInbox is an account at an IMAP server over TLS, and the configuration that
// reads it.
func imapInbox(t *testing.T) (*imapmemserver.User, string) {
	t.Helper()
	user := imapmemserver.NewUser("duban", "geheim")
	if err := user.Create("INBOX", nil); err != nil {
		t.Fatal(err)
	}
	memory := imapmemserver.New()
	memory.AddUser(user)
	server := imapserver.New(&imapserver.Options{NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
		return memory.NewSession(), nil, nil
	}})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	config, ca := smtptest.Certificate(t)
	go func() { _ = server.Serve(tls.NewListener(l, config)) }() // until it is closed
	t.Cleanup(func() { _ = server.Close() })
	return user, fmt.Sprintf("[mail.bounces]\nimap = %q\nusername = \"duban\"\npassword_file = \"imap.password\"\nca_file = %q\n", l.Addr(), ca)
}

// comesBack is the report (RFC 3464) that a server sends about a mail.
func comesBack(raw []byte, address string) string {
	head, _, _ := strings.Cut(string(raw), "\r\n\r\n")
	return strings.ReplaceAll("Return-Path: <>\nFrom: MAILER-DAEMON@mx.example\nTo: duban@zs.example\nSubject: Undelivered Mail\nMIME-Version: 1.0\n"+
		"Content-Type: multipart/report; report-type=delivery-status; boundary=\"B\"\n\n"+
		"--B\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; "+address+
		"\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 no such user\n\n"+
		"--B\nContent-Type: text/rfc822-headers\n\n", "\n", "\r\n") + head + "\r\n\r\n--B--\r\n"
}

// A mail was taken by its server and came back into an IMAP inbox: the daemon
// reads it there, and the notice tells of it.
func TestABounceInAnIMAPInboxIsHeardByTheDaemon(t *testing.T) {
	server := smtptest.Start(t)
	user, inbox := imapInbox(t)
	s := newSite(t, smtpConfig(server, 2)+inbox)
	s.write("imap.password", "geheim\n")
	s.manyUnits(3)
	d := s.serve()
	for range 3 {
		d.logs(`"message":"mail"`, `"state":"sent"`)
	}
	d.end(syscall.SIGTERM)
	for _, m := range server.Mails() {
		if strings.Contains(strings.Join(m.To, " "), "u1@x.example") {
			report := literal{strings.NewReader(comesBack(m.Raw, "u1@x.example"))}
			if _, err := user.Append("INBOX", report, &imap.AppendOptions{}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if out := s.run("doctor"); !strings.Contains(out, "delivery reports opens") {
		t.Errorf("doctor does not look into the inbox:\n%s", out)
	}
	d = s.serve()
	d.logs("mail came back")
	d.end(syscall.SIGTERM)
	if out := s.run("mail", "show", "2"); !strings.Contains(out, "no such user") {
		t.Errorf("its notice does not tell of it:\n%s", out)
	}
}

type literal struct{ *strings.Reader }

func (l literal) Size() int64 { return l.Reader.Size() }
