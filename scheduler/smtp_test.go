package scheduler

import (
	"io"
	"net"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"duban/notify"
)

// sink is a real SMTP server in this process that takes every mail, unless its
// hooks say otherwise.
type sink struct {
	addr string

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
	s := &sink{}
	server := smtp.NewServer(s)
	server.Domain, server.AllowInsecureAuth = "sink.example", true
	server.EnableSMTPUTF8 = true
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

// over makes a transport to that address.
func over(t testing.TB, addr string, connections int) *notify.SMTP {
	t.Helper()
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	tr, err := notify.NewSMTP(notify.SMTPConfig{Host: host, Port: n, Security: "none", Connections: connections, Timeout: 2 * time.Second, Helo: "duban.example"}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tr.Close() })
	return tr
}
