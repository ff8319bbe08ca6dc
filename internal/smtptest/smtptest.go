// Package smtptest is a real SMTP server for tests: it takes every mail, unless
// it is told to misbehave.
package smtptest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// Server takes every mail, unless its hooks say otherwise.
type Server struct {
	Addr string // host:port
	CA   string // file with the certificate to trust, PEM

	// User and Password, if set, are wanted of everybody, by one of Mechanisms.
	User, Password string
	Mechanisms     []string

	mu          sync.Mutex
	mails       []Mail
	connections int
	hooks       Hooks
}

// Hooks make the server misbehave; each may be nil. conn is the client's: a hook
// may close it.
type Hooks struct {
	Mail, Rcpt func(address string) error
	Data       func(conn net.Conn) error // before the content is read
	Accepted   func(conn net.Conn) error // after it was read and kept
}

// Mail is one that arrived.
type Mail struct {
	From string
	To   []string
	Raw  []byte
}

// Start starts a server that ends with the test.
func Start(t testing.TB) *Server {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return StartWith(t, key)
}

// StartWith starts a server whose certificate has that key.
func StartWith(t testing.TB, key crypto.Signer) *Server {
	t.Helper()
	s := &Server{}
	server := smtp.NewServer(s)
	server.Domain, server.EnableSMTPUTF8, server.ErrorLog = "sink.example", true, silence{}
	server.TLSConfig, s.CA = certificate(t, key)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.Addr = l.Addr().String()
	go func() { _ = server.Serve(l) }() // until it is closed
	t.Cleanup(func() { _ = server.Close() })
	return s
}

type silence struct{}

func (silence) Printf(string, ...any) {}
func (silence) Println(...any)        {}

// HostPort are those of the server.
func (s *Server) HostPort() (string, int) {
	a, err := netip.ParseAddrPort(s.Addr)
	if err != nil {
		panic(err) // it was the listener's
	}
	return a.Addr().String(), int(a.Port())
}

// Set makes the server behave so from now on.
func (s *Server) Set(h Hooks) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hooks = h
}

func (s *Server) current() Hooks {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.hooks
}

// Mails are those that arrived.
func (s *Server) Mails() []Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Mail(nil), s.mails...)
}

// Connections is how many were opened.
func (s *Server) Connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.connections
}

// NewSession is one client.
func (s *Server) NewSession(c *smtp.Conn) (smtp.Session, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.connections++
	return &session{Server: s, conn: c.Conn()}, nil
}

type session struct {
	*Server
	conn net.Conn
	mail Mail
	in   bool // authenticated
}

// AuthMechanisms are the ways to authenticate.
func (s *session) AuthMechanisms() []string { return s.Mechanisms }

// Auth authenticates.
func (s *session) Auth(mechanism string) (sasl.Server, error) {
	check := func(user, password string) error {
		if user != s.User || password != s.Password {
			return Refuse(535, "authentication failed")
		}
		s.in = true
		return nil
	}
	switch mechanism {
	case "PLAIN":
		return sasl.NewPlainServer(func(_, user, password string) error { return check(user, password) }), nil
	case "LOGIN":
		return &login{check: check}, nil
	}
	return nil, smtp.ErrAuthUnknownMechanism
}

// login is the server's side of AUTH LOGIN, which was never more than a draft.
type login struct {
	check func(user, password string) error
	user  string
	asked int
}

func (l *login) Next(response []byte) (challenge []byte, done bool, err error) {
	l.asked++
	switch l.asked {
	case 1:
		return []byte("Username:"), false, nil
	case 2:
		l.user = string(response)
		return []byte("Password:"), false, nil
	}
	return nil, true, l.check(l.user, string(response))
}

// Mail is MAIL FROM.
func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if s.User != "" && !s.in {
		return Refuse(530, "authentication required")
	}
	s.mail = Mail{From: from}
	if h := s.current().Mail; h != nil {
		return h(from)
	}
	return nil
}

// Rcpt is RCPT TO.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if h := s.current().Rcpt; h != nil {
		if err := h(to); err != nil {
			return err
		}
	}
	s.mail.To = append(s.mail.To, to)
	return nil
}

// Data is DATA.
func (s *session) Data(r io.Reader) error {
	h := s.current()
	if h.Data != nil {
		if err := h.Data(s.conn); err != nil {
			return err
		}
	}
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.mail.Raw = raw
	s.mu.Lock()
	s.mails = append(s.mails, s.mail)
	s.mu.Unlock()
	if h.Accepted != nil {
		return h.Accepted(s.conn)
	}
	return nil
}

// Reset is RSET.
func (s *session) Reset() { s.mail = Mail{} }

// Logout is the end.
func (s *session) Logout() error { return nil }

// Refuse is a reply of the server.
func Refuse(code int, text string) error {
	return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{code / 100, 0, 0}, Message: text}
}

// Drop is a hook that closes the connection without a word.
func Drop(conn net.Conn) error {
	return errors.Join(errors.New("dropped"), conn.Close())
}

// Listen serves every connection with f, which speaks for itself; both end with
// the test.
func Listen(t testing.TB, f func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { _ = c.Close() })
			go f(c)
		}
	}()
	return l.Addr().String()
}

// Certificate is one for 127.0.0.1 and the file with which to trust it.
func Certificate(t testing.TB) (*tls.Config, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return certificate(t, key)
}

// certificate is one for 127.0.0.1 that signs itself.
func certificate(t testing.TB, key crypto.Signer) (*tls.Config, string) {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "duban test"}, NotBefore: time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o644); err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}, file
}
