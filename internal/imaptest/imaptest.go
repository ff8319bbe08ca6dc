// Package imaptest is an IMAP server over TLS with one account, for tests.
package imaptest

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

// Server ends with its test.
type Server struct {
	Address string // host:port
	CA      string // file of the certificate to trust

	t    testing.TB
	user *imapmemserver.User
}

// Start makes an account with an empty INBOX.
func Start(t testing.TB, name, password string) *Server {
	t.Helper()
	s := &Server{t: t, user: imapmemserver.NewUser(name, password)}
	if err := s.user.Create("INBOX", nil); err != nil {
		t.Fatal(err)
	}
	memory := imapmemserver.New()
	memory.AddUser(s.user)
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
	s.Address, s.CA = l.Addr().String(), ca
	return s
}

// Put puts a mail into the INBOX.
func (s *Server) Put(raw string) {
	s.t.Helper()
	if _, err := s.user.Append("INBOX", literal{strings.NewReader(raw)}, &imap.AppendOptions{}); err != nil {
		s.t.Fatal(err)
	}
}

type literal struct{ *strings.Reader }

func (l literal) Size() int64 { return l.Reader.Size() }
