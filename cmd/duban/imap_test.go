package main

import (
	"fmt"
	"strings"
	"syscall"
	"testing"

	"duban/internal/imaptest"
	"duban/internal/smtptest"
)

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
	inbox := imaptest.Start(t, "duban", "geheim")
	s := newSite(t, smtpConfig(server, 2)+fmt.Sprintf("[mail.bounces]\nimap = %q\nusername = \"duban\"\npassword_file = \"imap.password\"\nca_file = %q\n", inbox.Address, inbox.CA))
	s.write("imap.password", "geheim\n")
	s.manyUnits(3)
	d := s.serve()
	for range 3 {
		d.logs(`"message":"mail"`, `"state":"sent"`)
	}
	d.end(syscall.SIGTERM)
	for _, m := range server.Mails() {
		if strings.Contains(strings.Join(m.To, " "), "u1@x.example") {
			inbox.Put(comesBack(m.Raw, "u1@x.example"))
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
