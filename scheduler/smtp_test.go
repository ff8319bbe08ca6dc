package scheduler

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	gomail "github.com/wneessen/go-mail"

	"duban/notify"
)

// sink is a real SMTP server in this process that takes every mail, unless its
// hooks say otherwise.
type sink struct {
	addr string
	ca   string // file with the certificate to trust

	mu          sync.Mutex
	mails       []received
	connections int
	hooks       hooks
}

// hooks make the server misbehave; each may be nil.
type hooks struct {
	mail, rcpt func(address string) error
	data       func(n int) error // n: which mail it is, from 1; before it is read
	accepted   func(n int) error // after it was read
}

type received struct {
	from string
	to   []string
	raw  []byte
}

func newSink(t testing.TB) *sink {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return newSinkWith(t, key)
}

// newSinkWith makes a sink whose certificate has that key.
func newSinkWith(t testing.TB, key crypto.Signer) *sink {
	t.Helper()
	s := &sink{}
	server := smtp.NewServer(s)
	server.Domain, server.AllowInsecureAuth = "sink.example", true
	server.EnableSMTPUTF8 = true
	server.TLSConfig, s.ca = testCertificate(t, key)
	server.ErrorLog = discardLog{}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.addr = l.Addr().String()
	go func() { _ = server.Serve(l) }() // until it is closed
	t.Cleanup(func() { _ = server.Close() })
	return s
}

type discardLog struct{}

func (discardLog) Printf(string, ...any) {}
func (discardLog) Println(...any)        {}

func (s *sink) NewSession(*smtp.Conn) (smtp.Session, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.connections++
	return &session{sink: s}, nil
}

func (s *sink) set(h hooks) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hooks = h
}

func (s *sink) got() []received {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]received(nil), s.mails...)
}

type session struct {
	*sink
	received
}

func (s *session) current() hooks {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.hooks
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.received = received{from: from}
	if h := s.current().mail; h != nil {
		return h(from)
	}
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if h := s.current().rcpt; h != nil {
		if err := h(to); err != nil {
			return err
		}
	}
	s.to = append(s.to, to)
	return nil
}

func (s *session) Data(r io.Reader) error {
	h := s.current()
	if h.data != nil {
		if err := h.data(len(s.got()) + 1); err != nil {
			return err
		}
	}
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.mu.Lock()
	s.mails = append(s.mails, received{s.from, append([]string(nil), s.to...), raw})
	n := len(s.mails)
	s.mu.Unlock()
	if h.accepted != nil {
		return h.accepted(n)
	}
	return nil
}

func (s *session) Reset()        { s.received = received{} }
func (s *session) Logout() error { return nil }

// refuse is a reply of the server.
func refuse(code int, text string) error {
	return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{code / 100, 0, 0}, Message: text}
}

// hostPort are those of the server.
func (s *sink) hostPort() (string, int) {
	a, err := netip.ParseAddrPort(s.addr)
	if err != nil {
		panic(err) // it was the listener's
	}
	return a.Addr().String(), int(a.Port())
}

// over makes a transport to the sink, secured as it is by default.
func over(t testing.TB, s *sink, connections int) *notify.SMTP {
	t.Helper()
	host, port := s.hostPort()
	tr, err := notify.NewSMTP(notify.SMTPConfig{
		Host: host, Port: port, Security: "starttls", CAFile: s.ca, Connections: connections, Timeout: 2 * time.Second, Helo: "duban.example",
	}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tr.Close() })
	return tr
}

// client is the bare library's.
func (s *sink) client() (*gomail.Client, error) {
	host, port := s.hostPort()
	pem, err := os.ReadFile(s.ca)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	return gomail.NewClient(host, gomail.WithPort(port), gomail.WithTLSPolicy(gomail.TLSMandatory), gomail.WithHELO("duban.example"),
		gomail.WithTLSConfig(&tls.Config{ServerName: host, RootCAs: pool, MinVersion: tls.VersionTLS12}))
}

// testCertificate is a certificate for 127.0.0.1 that signs itself.
func testCertificate(t testing.TB, key crypto.Signer) (*tls.Config, string) {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "duban test"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
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
