package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"os"
	"sync"
	"time"

	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"
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
	Timeout     time.Duration // of every step
	Helo        string        // empty: the host's name
}

// idleCheck is how long a connection may rest before it is asked whether it is
// still alive.
const idleCheck = 20 * time.Second

// SMTP delivers over connections that are kept open and used again. It gives
// up on no mail: whether and when to try again is the caller's business.
type SMTP struct {
	config Config
	client *gomail.Client
	now    func() time.Time

	mu   sync.Mutex
	idle []*connection
}

type connection struct {
	*smtp.Client
	used time.Time
}

// NewSMTP checks the configuration; it connects to nothing yet. now tells how
// long a connection has rested.
func NewSMTP(c Config, now func() time.Time) (*SMTP, error) {
	opts := []gomail.Option{gomail.WithPort(c.Port), gomail.WithTimeout(c.Timeout), gomail.WithoutNoop()}
	tlsConfig := &tls.Config{ServerName: c.Host, MinVersion: tls.VersionTLS12}
	if c.CAFile != "" {
		pool, err := caPool(c.CAFile)
		if err != nil {
			return nil, err
		}
		tlsConfig.RootCAs = pool
	}
	opts = append(opts, gomail.WithTLSConfig(tlsConfig))
	switch c.Security {
	case "none":
		opts = append(opts, gomail.WithTLSPolicy(gomail.NoTLS))
	case "tls":
		opts = append(opts, gomail.WithSSL(), gomail.WithTLSPolicy(gomail.NoTLS))
	default:
		opts = append(opts, gomail.WithTLSPolicy(gomail.TLSMandatory))
	}
	if c.Helo != "" {
		opts = append(opts, gomail.WithHELO(c.Helo))
	}
	if c.Username != "" {
		opts = append(opts, gomail.WithUsername(c.Username), gomail.WithPassword(c.Password), gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover))
		if c.Security == "none" {
			// Only a server on this machine may see a password in the clear.
			opts = append(opts, gomail.WithSMTPAuth(gomail.SMTPAuthPlainNoEnc))
		}
	}
	client, err := gomail.NewClient(c.Host, opts...)
	if err != nil {
		return nil, fmt.Errorf("smtp %s: %w", c.Host, err)
	}
	return &SMTP{config: c, client: client, now: now}, nil
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
	c, err := s.take(ctx)
	if err != nil {
		return err
	}
	_ = c.UpdateDeadline(s.config.Timeout)
	if err := c.Noop(); err != nil {
		_ = c.Client.Close() // it is of no use
		return err
	}
	return c.Quit()
}

// Close says goodbye on every connection.
func (s *SMTP) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.idle {
		_ = c.UpdateDeadline(time.Second)
		_ = c.Quit() // the server will notice anyway
	}
	s.idle = nil
	return nil
}

// take gives a live connection, used before or new.
func (s *SMTP) take(ctx context.Context) (*connection, error) {
	for {
		s.mu.Lock()
		if len(s.idle) == 0 {
			s.mu.Unlock()
			break
		}
		c := s.idle[len(s.idle)-1]
		s.idle = s.idle[:len(s.idle)-1]
		s.mu.Unlock()
		if s.now().Sub(c.used) < idleCheck || c.UpdateDeadline(s.config.Timeout) == nil && c.Noop() == nil {
			return c, nil
		}
		_ = c.Client.Close() // it is dead; a new one follows
	}
	client, err := s.client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return nil, &DownError{fmt.Errorf("%s: %w", net.JoinHostPort(s.config.Host, fmt.Sprint(s.config.Port)), err)}
	}
	return &connection{Client: client}, nil
}

func (s *SMTP) put(c *connection) {
	c.used = s.now()
	s.mu.Lock()
	s.idle = append(s.idle, c)
	s.mu.Unlock()
}

// Send delivers one mail. Every step has its deadline; a cancelled ctx closes
// the connection. A kept connection that turns out to be dead before anything
// was said about this mail gives way to a new one.
func (s *SMTP) Send(ctx context.Context, m Message) Outcome {
	c, err := s.take(ctx)
	if err != nil {
		return Outcome{Err: err}
	}
	out := s.sendOver(ctx, c, m)
	var reply *textproto.Error
	if errors.Is(out.Err, errGreeting) && !errors.As(out.Err, &reply) && !c.used.IsZero() && ctx.Err() == nil {
		s.drop()
		if c, err = s.take(ctx); err != nil {
			return Outcome{Err: err}
		}
		out = s.sendOver(ctx, c, m)
	}
	if serverTrouble(out.Err) || errors.Is(out.Err, errGreeting) && !errors.As(out.Err, &reply) {
		out.Err = &DownError{out.Err} // nothing was said about this mail
	}
	return out
}

func (s *SMTP) sendOver(ctx context.Context, c *connection, m Message) Outcome {
	stop := context.AfterFunc(ctx, func() { _ = c.Client.Close() })
	out := s.transact(c, m)
	if !stop() {
		return out // closed under us
	}
	var reply *textproto.Error
	switch {
	case out.Err == nil && len(out.Refused) < len(m.To):
		s.put(c)
	case (out.Err == nil || errors.As(out.Err, &reply) && reply.Code != 421) && s.step(c, c.Reset) == nil:
		s.put(c) // the server only disliked this mail
	default:
		_ = c.Client.Close() // what it was saying is unknown
	}
	return out
}

// drop closes the connections that rest: one of them was dead.
func (s *SMTP) drop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.idle {
		_ = c.Client.Close() // nothing was under way on it
	}
	s.idle = nil
}

// errGreeting marks a failure before the server heard anything about the mail.
var errGreeting = errors.New("MAIL FROM")

// serverTrouble tells replies about us or the server from those about a mail:
// it shuts down (421), or wants another authentication (RFC 4954, section 6).
func serverTrouble(err error) bool {
	var reply *textproto.Error
	return errors.As(err, &reply) && (reply.Code == 421 || reply.Code == 454 || reply.Code == 530 || reply.Code == 534 || reply.Code == 535 || reply.Code == 538)
}

// step runs one exchange under its deadline.
func (s *SMTP) step(c *connection, f func() error) error {
	if err := c.UpdateDeadline(s.config.Timeout); err != nil {
		return err
	}
	return f()
}

// transact is one mail transaction (RFC 5321, 3.3).
func (s *SMTP) transact(c *connection, m Message) Outcome {
	if err := s.step(c, func() error { return c.Mail("<" + m.From + ">") }); err != nil {
		return Outcome{Err: fmt.Errorf("%w: %w", errGreeting, err)}
	}
	out := Outcome{Refused: map[string]error{}}
	for _, to := range m.To {
		err := s.step(c, func() error { return c.Rcpt("<" + to + ">") })
		var reply *textproto.Error
		switch {
		case err == nil:
		case errors.As(err, &reply) && reply.Code != 421:
			out.Refused[to] = fmt.Errorf("RCPT TO: %w", err)
		default:
			return Outcome{Err: fmt.Errorf("RCPT TO: %w", err)}
		}
	}
	if len(out.Refused) == len(m.To) {
		return out
	}
	var body io.WriteCloser
	if err := s.step(c, func() (err error) { body, err = c.Data(); return err }); err != nil {
		return Outcome{Err: fmt.Errorf("DATA: %w", err)}
	}
	if err := s.step(c, func() error { _, err := body.Write(m.Raw); return err }); err != nil {
		return Outcome{Err: fmt.Errorf("sending the content: %w", err)}
	}
	if err := m.ready(); err != nil {
		return Outcome{Err: err} // without the final dot nothing was sent
	}
	err := s.step(c, body.Close)
	var reply *textproto.Error
	if err != nil {
		// Without an answer to the final dot nobody knows whether it was accepted.
		return Outcome{Err: fmt.Errorf("after the content: %w", err), Unknown: !errors.As(err, &reply)}
	}
	if d, ok := body.(*smtp.DataCloser); ok {
		out.Reply = d.ServerResponse()
	}
	return out
}

// Permanent tells whether a server's refusal is for good (5yz, RFC 5321, 4.2.1).
func Permanent(err error) bool {
	var reply *textproto.Error
	return errors.As(err, &reply) && reply.Code >= 500 && reply.Code < 600
}
