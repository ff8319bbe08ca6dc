package mail

import (
	"crypto/tls"
	"net"
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"

	"duban/internal/smtptest"
)

func TestAnIMAPInboxHandsOverEachMailOnce(t *testing.T) {
	config, ca := smtptest.Certificate(t)
	user := imapmemserver.NewUser("duban", "密码")
	if err := user.Create("INBOX", nil); err != nil {
		t.Fatal(err)
	}
	for _, raw := range []string{"Subject: one\r\n\r\n1", report("failed", "czj@zs.example", "", returned)} {
		if _, err := user.Append("INBOX", literal{strings.NewReader(raw)}, &imap.AppendOptions{}); err != nil {
			t.Fatal(err)
		}
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
	go func() { _ = server.Serve(tls.NewListener(l, config)) }() // until it is closed
	t.Cleanup(func() { _ = server.Close() })
	in := IMAPInbox{Address: l.Addr().String(), Username: "duban", Password: "密码", CAFile: ca}
	bounces, mails := 0, 0
	read := func() {
		t.Helper()
		if err := in.Each(t.Context(), func(raw []byte) error {
			mails++
			if _, ok := ParseBounce(raw); ok {
				bounces++
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	read()
	read()
	if mails != 2 || bounces != 1 {
		t.Errorf("%d mails, %d bounces", mails, bounces)
	}
	in.Password = "wrong"
	if err := in.Each(t.Context(), nil); err == nil || strings.Contains(err.Error(), "wrong") {
		t.Errorf("a wrong password: %v", err)
	}
	in.CAFile = ""
	if err := in.Each(t.Context(), nil); err == nil {
		t.Error("an unknown certificate was trusted")
	}
}

type literal struct{ *strings.Reader }

func (l literal) Size() int64 { return l.Reader.Size() }
