package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"os"
	"strings"
	"sync"
	"time"

	"duban/notify"
)

// Config is [mail.smtp] of the configuration.
type Config struct {
	Host        string
	Port        int
	Security    string // "starttls", "tls" or "none"
	Username    string
	Password    string
	CAFile      string // more certificates to trust, PEM; empty: the system's
	Connections int
	Timeout     time.Duration // of connecting; later steps have the limits of RFC 5321
	Helo        string        // empty: the machine's full name, else an address literal
}

// idleCheck is how long a connection may rest before it is asked whether it is
// still alive.
const idleCheck = 20 * time.Second

// remembered is how long it is remembered after how many mails a server was
// tired of a connection.
const remembered = time.Hour

// SMTP delivers over connections that are kept open and used again. It gives
// up on no mail: whether and when to try again is the caller's business.
type SMTP struct {
	config Config
	tls    *tls.Config
	now    func() time.Time

	dialTCP  func(context.Context) (net.Conn, error)
	fullName func() string

	mu      sync.Mutex
	idle    []*session
	most    int       // mails that the server takes over one connection; 0: not known
	learned time.Time // when that was seen
	bad     map[string]bool
}

// NewSMTP checks the configuration; it connects to nothing yet. now tells how
// long a connection has rested.
func NewSMTP(c Config, now func() time.Time) (*SMTP, error) {
	c.Host = strings.Trim(c.Host, "[]") // an IPv6 address may be written like that
	s := &SMTP{config: c, now: now, bad: map[string]bool{}, fullName: sync.OnceValue(fullName), tls: &tls.Config{ServerName: c.Host, MinVersion: tls.VersionTLS12}}
	dialer := &net.Dialer{Timeout: c.Timeout}
	s.dialTCP = func(ctx context.Context) (net.Conn, error) {
		return dialer.DialContext(ctx, "tcp", net.JoinHostPort(c.Host, fmt.Sprint(c.Port)))
	}
	if c.CAFile != "" {
		pool, err := caPool(c.CAFile)
		if err != nil {
			return nil, err
		}
		s.tls.RootCAs = pool
	}
	return s, nil
}

func caPool(file string) (*x509.CertPool, error) {
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("[mail.smtp] ca_file: %w", err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("[mail.smtp] ca_file: %s holds no certificate in PEM", file)
	}
	return pool, nil
}

// Parallel is the number of connections.
func (s *SMTP) Parallel() int { return s.config.Connections }

// Probe connects, encrypts and signs in as for a mail, and says goodbye: nothing
// is sent.
func (s *SMTP) Probe(ctx context.Context) error {
	c, err := s.connect(ctx)
	if err != nil {
		return err
	}
	defer context.AfterFunc(ctx, c.close)()
	if _, _, err := c.ask(s.patience(), 250, "NOOP"); err != nil {
		c.close()
		return err
	}
	c.quit()
	return nil
}

// Close says goodbye on every connection.
func (s *SMTP) Close() error {
	s.Rest()
	return nil
}

// Rest says goodbye on every connection that nobody uses: others may have them.
func (s *SMTP) Rest() {
	for _, c := range s.drain() {
		c.quit()
	}
}

// drain takes all connections that rest.
func (s *SMTP) drain() []*session {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := s.idle
	s.idle = nil
	return all
}

// kept gives a connection that was used before and lives, or nil.
func (s *SMTP) kept(ctx context.Context) *session {
	for ctx.Err() == nil {
		s.mu.Lock()
		if len(s.idle) == 0 {
			s.mu.Unlock()
			return nil
		}
		c := s.idle[len(s.idle)-1]
		s.idle = s.idle[:len(s.idle)-1]
		s.mu.Unlock()
		if s.now().Sub(c.used) < idleCheck {
			return c
		}
		if _, _, err := c.ask(s.config.Timeout, 250, "NOOP"); err == nil {
			return c
		}
		c.close() // it is dead
	}
	return nil
}

// connect gives a new connection.
func (s *SMTP) connect(ctx context.Context) (*session, error) {
	c, err := s.dial(ctx)
	if err != nil {
		var reply *textproto.Error
		ours := errors.As(err, &reply) && reply.Code >= 500 && reply.Code != 554 // 554: it takes no mail at all (RFC 5321, 3.1)
		return nil, down(fmt.Errorf("%s: %w", net.JoinHostPort(s.config.Host, fmt.Sprint(s.config.Port)), err), ours)
	}
	return c, nil
}

// keep lets a connection rest, or says goodbye where the server would be tired
// of it.
func (s *SMTP) keep(c *session) {
	now := s.now()
	s.mu.Lock()
	if s.most > 0 && now.Sub(s.learned) > remembered {
		s.most = 0
	}
	full := s.most > 0 && c.mails >= s.most
	if !full {
		c.used = now
		s.idle = append(s.idle, c)
	}
	s.mu.Unlock()
	if full {
		c.quit()
	}
}

// tired notes that the server wants no more mail over a connection that has just
// been used: the next ones get fewer.
func (s *SMTP) tired(c *session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now := s.now(); c.mails > 0 && now.Sub(c.used) < idleCheck && (s.most == 0 || c.mails < s.most) {
		s.most, s.learned = c.mails, now
	}
}

// failed tells whether a connection ended over that way to sign in.
func (s *SMTP) failed(mechanism string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.bad[mechanism]
}

func (s *SMTP) fails(mechanism string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bad[mechanism] = true
}

func (s *SMTP) works(mechanism string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.bad, mechanism)
}

// Send delivers one mail. Every step has its limit; a cancelled ctx closes the
// connection. Where a connection that was kept is of no use any more, because it
// died, the server closes it (421), or wants no more mail over it (4yz to MAIL:
// RFC 5321, 3.8 and 4.2.3), the mail goes once more at once, over a new one: only
// that one's answer is about the server.
func (s *SMTP) Send(ctx context.Context, m notify.Message) notify.Outcome {
	l, refused, err := letterOf(m)
	if err != nil {
		return told(notify.Outcome{Err: err}, nil)
	}
	if c := s.kept(ctx); c != nil {
		out := s.sendOver(ctx, c, l, m)
		if !spent(out) || ctx.Err() != nil {
			return told(out, refused)
		}
		s.tired(c)
	}
	c, err := s.connect(ctx)
	if err != nil {
		return told(notify.Outcome{Err: err}, nil)
	}
	return told(s.sendOver(ctx, c, l, m), refused)
}

// told is an outcome as the caller wants it: with the recipients that no server was
// asked for, and with what is for good said to be so.
func told(out notify.Outcome, refused map[string]error) notify.Outcome {
	if out.Err != nil {
		out.Err = forGood(out.Err)
		return out
	}
	all := make(map[string]error, len(out.Refused)+len(refused))
	for _, some := range []map[string]error{out.Refused, refused} {
		for to, err := range some {
			all[to] = forGood(err)
		}
	}
	out.Refused = all
	return out
}

// spent tells whether an outcome is about the connection, and nobody can have the
// mail.
func spent(out notify.Outcome) bool {
	if out.Err == nil || out.Unknown {
		return false
	}
	var at *stepError
	if !errors.As(out.Err, &at) {
		return false // the caller took it back
	}
	reply := at.reply()
	return reply == nil || reply.Code == 421 || at.step == stepMail && reply.Code < 500
}

func (s *SMTP) sendOver(ctx context.Context, c *session, l letter, m notify.Message) notify.Outcome {
	stop := context.AfterFunc(ctx, c.close)
	out := c.transact(l, m)
	if !stop() {
		return judged(out) // closed under us
	}
	switch {
	case out.Err == nil && len(out.Refused) < len(m.To):
		c.mails++
		s.keep(c)
	case !c.usable(out.Err):
		c.close() // what it was saying is unknown
	default:
		if _, _, err := c.ask(s.config.Timeout, 250, "RSET"); err != nil {
			c.close()
			break
		}
		s.keep(c) // the server only disliked this mail
	}
	return judged(out)
}

// usable tells whether a connection can go on after a mail that failed.
func (c *session) usable(err error) bool {
	if err == nil {
		return true
	}
	var at *stepError
	if !errors.As(err, &at) {
		return false
	}
	reply := at.reply()
	return reply != nil && reply.Code != 421 && at.step != stepMail
}

// judged says whether an outcome is about the mail, or about the server or us.
func judged(out notify.Outcome) notify.Outcome {
	var at *stepError
	if !errors.As(out.Err, &at) {
		return out
	}
	reply := at.reply()
	switch {
	case reply == nil && at.step == stepMail, reply != nil && reply.Code == 421 && at.step != stepDone:
		out.Err = down(out.Err, false) // nothing was said about this mail
	case reply != nil && at.step == stepMail:
		// MAIL names only us: whom it was for was not said yet. But a mail that is
		// too large is one mail's trouble (RFC 1870, 6.1).
		if reply.Code != 552 {
			out.Err = down(out.Err, reply.Code >= 500)
		}
	case reply != nil && aboutUs(reply):
		out.Err = down(out.Err, true)
	}
	return out
}

// aboutUs tells replies about who we are from those about a mail: the server wants
// a (better) authentication (RFC 4954, 6) or another HELO (504), or dislikes the
// sender (X.1.7 and X.1.8 of RFC 3463, 3.2). Postfix says so only to RCPT
// (smtpd_delay_reject), in words that have not changed in twenty years.
func aboutUs(reply *textproto.Error) bool {
	switch reply.Code {
	case 454, 504, 530, 534, 535, 538:
		return true
	}
	for _, mark := range []string{"5.1.7 ", "5.1.8 "} {
		if strings.HasPrefix(reply.Msg, mark) {
			return true
		}
	}
	for _, words := range []string{": Sender address rejected", ": Helo command rejected", ": Client host rejected"} {
		if strings.Contains(reply.Msg, words) {
			return true
		}
	}
	return false
}

// down is trouble of the server's, or of ours with it.
func down(err error, ours bool) error {
	return &notify.DownError{Err: fmt.Errorf("mail server: %w", err), Ours: ours}
}

// forGood marks an error after which trying again is of no use.
func forGood(err error) error {
	if permanent(err) && !notify.IsDown(err) {
		return &notify.RefusedError{Err: err}
	}
	return err
}

// permanent tells whether a server's refusal is for good (5yz, RFC 5321, 4.2.1).
func permanent(err error) bool {
	var at *stepError
	if errors.As(err, &at) && at.step == stepRcpt {
		if reply := at.reply(); reply != nil && reply.Code == 552 {
			return false // too many recipients: to be taken as 452 (RFC 5321, 4.5.3.1.10)
		}
	}
	if errors.Is(err, errNeedsUTF8) {
		return true
	}
	var reply *textproto.Error
	return errors.As(err, &reply) && reply.Code >= 500 && reply.Code < 600
}
