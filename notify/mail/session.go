package mail

import (
	"cmp"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/wneessen/go-mail/smtp"
)

// How long a server may take for each step (RFC 5321, 4.5.3.2).
const (
	limitGreeting = 5 * time.Minute // and for every command before the first mail
	limitMail     = 5 * time.Minute
	limitRcpt     = 5 * time.Minute
	limitData     = 2 * time.Minute
	limitBlock    = 3 * time.Minute
	limitDone     = 10 * time.Minute // for the answer to the final dot
)

// mostReply bounds an answer of the server, in bytes.
const mostReply = 64 << 10

// session is one SMTP connection (RFC 5321), greeted, encrypted and signed in.
type session struct {
	conn net.Conn
	text *textproto.Conn
	ext  map[string]string // what the server offers, by keyword in capitals

	mails int       // that went over it
	used  time.Time // when the last did
}

// bounded reads from a connection no more than one answer may have.
type bounded struct {
	net.Conn
	left int
}

var errLongReply = errors.New("the server's answer does not end")

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errLongReply
	}
	n, err := b.Conn.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}

func (c *session) over(conn net.Conn) {
	b := &bounded{conn, mostReply}
	c.conn, c.text = b, textproto.NewConn(b)
}

// within runs one step; when it takes longer than it may, it fails.
func (c *session) within(limit time.Duration, step func() error) error {
	var late atomic.Bool
	t := time.AfterFunc(limit, func() {
		late.Store(true)
		_ = c.conn.SetDeadline(time.Unix(1, 0)) // long past: whatever waits for the server ends
	})
	c.conn.(*bounded).left = mostReply
	err := step()
	t.Stop()
	if err != nil && late.Load() {
		err = fmt.Errorf("no answer in %s: %w", limit, err)
	}
	return err
}

// say writes a command without waiting for its answer.
func (c *session) say(format string, args ...any) error {
	return c.within(limitBlock, func() error { return c.text.PrintfLine(format, args...) })
}

// hear reads an answer; a code of less than three digits stands for all that
// begin with it.
func (c *session) hear(limit time.Duration, expect int) (code int, text string, err error) {
	err = c.within(limit, func() (err error) {
		code, text, err = c.text.ReadResponse(expect)
		return err
	})
	return code, text, err
}

// ask is a command and its answer.
func (c *session) ask(limit time.Duration, expect int, format string, args ...any) (code int, text string, err error) {
	if err := c.say(format, args...); err != nil {
		return 0, "", err
	}
	return c.hear(limit, expect)
}

// close ends the connection without a word.
func (c *session) close() { _ = c.conn.Close() } // nothing more is wanted of it

// quit says goodbye; what the server says to that is of no interest, and some say
// odd things.
func (c *session) quit() {
	_, _, _ = c.ask(time.Second, 221, "QUIT")
	c.close()
}

// dial connects, greets, encrypts and signs in.
func (s *SMTP) dial(ctx context.Context) (*session, error) {
	conn, err := s.dialTCP(ctx)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	c := &session{}
	c.over(conn)
	err = s.open(c)
	if !stop() && err == nil {
		err = ctx.Err()
	}
	if err != nil {
		c.close()
		return nil, err
	}
	return c, nil
}

// patience is how long a server may take for a command before the first mail.
// Who bounds connecting by a second does not want to wait five minutes for more.
func (s *SMTP) patience() time.Duration { return min(limitGreeting, 10*s.config.Timeout) }

func (s *SMTP) open(c *session) error {
	if s.config.Security == "tls" {
		if err := s.encrypt(c); err != nil {
			return err
		}
	}
	if _, _, err := c.hear(s.patience(), 220); err != nil {
		return fmt.Errorf("greeting: %w", err)
	}
	if err := s.hello(c); err != nil {
		return err
	}
	if s.config.Security == "starttls" {
		if _, offered := c.ext["STARTTLS"]; !offered {
			return errors.New("the server offers no STARTTLS")
		}
		if _, _, err := c.ask(s.patience(), 220, "STARTTLS"); err != nil {
			return fmt.Errorf("STARTTLS: %w", err)
		}
		if err := s.encrypt(c); err != nil {
			return err
		}
		if err := s.hello(c); err != nil { // what it offered before counts no more (RFC 3207, 4.2)
			return err
		}
	}
	if s.config.Username == "" {
		return nil
	}
	return s.signIn(c)
}

func (s *SMTP) encrypt(c *session) error {
	conn := tls.Client(c.conn.(*bounded).Conn, s.tls)
	if err := c.within(s.config.Timeout, conn.Handshake); err != nil {
		return err
	}
	c.over(conn)
	return nil
}

// hello says who we are and hears what the server offers; keywords know no case
// (RFC 5321, 2.4). A server that does not know EHLO gets HELO (3.2).
func (s *SMTP) hello(c *session) error {
	name := s.config.Helo
	if name == "" {
		name = cmp.Or(s.fullName(), addressLiteral(c.conn.LocalAddr()))
	}
	_, text, err := c.ask(s.patience(), 250, "EHLO %s", name)
	var refused *textproto.Error
	if errors.As(err, &refused) && (refused.Code == 500 || refused.Code == 502) {
		_, _, err = c.ask(s.patience(), 250, "HELO %s", name)
		text = ""
	}
	if err != nil {
		return fmt.Errorf("EHLO %s: %w", name, err)
	}
	c.ext = map[string]string{}
	_, lines, _ := strings.Cut(text, "\n")
	for line := range strings.Lines(lines) {
		keyword, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		keyword = strings.ToUpper(keyword)
		if old, ok := strings.CutPrefix(keyword, "AUTH="); ok { // as before RFC 2554
			keyword, rest = "AUTH", old+" "+rest
		}
		c.ext[keyword] = strings.TrimSpace(c.ext[keyword] + " " + rest)
	}
	return nil
}

// addressLiteral names a machine that has no name (RFC 5321, 4.1.3).
func addressLiteral(a net.Addr) string {
	host, _, err := net.SplitHostPort(a.String())
	if err != nil {
		return "localhost"
	}
	host, _, _ = strings.Cut(host, "%") // without its zone
	if strings.Contains(host, ":") {
		return "[IPv6:" + host + "]"
	}
	return "[" + host + "]"
}

// fullName is the machine's, if it has one: with a dot in it (RFC 5321, 4.1.1.1).
func fullName() string {
	name, err := os.Hostname()
	if err == nil && !strings.Contains(name, ".") {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		name, err = net.DefaultResolver.LookupCNAME(ctx, name)
	}
	name = strings.TrimSuffix(name, ".")
	if err != nil || !strings.Contains(name, ".") {
		return ""
	}
	return name
}

// mechanisms to sign in by, those first that do not tell the password.
var mechanisms = []struct {
	name string
	with func(s *SMTP) smtp.Auth
}{
	{"SCRAM-SHA-256", func(s *SMTP) smtp.Auth { return smtp.ScramSHA256Auth(s.config.Username, s.config.Password) }},
	{"SCRAM-SHA-1", func(s *SMTP) smtp.Auth { return smtp.ScramSHA1Auth(s.config.Username, s.config.Password) }},
	{"CRAM-MD5", func(s *SMTP) smtp.Auth { return smtp.CRAMMD5Auth(s.config.Username, s.config.Password) }},
	{"PLAIN", func(s *SMTP) smtp.Auth {
		return smtp.PlainAuth("", s.config.Username, s.config.Password, s.config.Host, true)
	}},
	{"LOGIN", func(s *SMTP) smtp.Auth {
		return smtp.LoginAuth(s.config.Username, s.config.Password, s.config.Host, true)
	}},
}

// signIn tries the mechanisms that the server offers, one after the other: some
// offer what they cannot do. One that a connection ended with is tried last on
// the next.
func (s *SMTP) signIn(c *session) error {
	offered := strings.Fields(strings.ToUpper(c.ext["AUTH"]))
	err := fmt.Errorf("the server offers no way to sign in that duban knows: %q", c.ext["AUTH"])
	for _, last := range []bool{false, true} {
		for _, m := range mechanisms {
			if !slices.Contains(offered, m.name) || s.failed(m.name) != last {
				continue
			}
			if err = s.auth(c, m.with(s)); err == nil {
				s.works(m.name)
				return nil
			}
			err = fmt.Errorf("AUTH %s: %w", m.name, err)
			var refused *textproto.Error
			if !errors.As(err, &refused) || refused.Code < 500 {
				s.fails(m.name)
				return err
			}
		}
	}
	return err
}

func (s *SMTP) auth(c *session, a smtp.Auth) error {
	name, first, err := a.Start(&smtp.ServerInfo{Name: s.config.Host, TLS: s.config.Security != "none"})
	if err != nil {
		return err
	}
	line := "AUTH " + name
	if first != nil {
		line += " " + cmp.Or(base64.StdEncoding.EncodeToString(first), "=")
	}
	for {
		code, text, err := c.ask(s.patience(), 0, "%s", line)
		switch {
		case err != nil:
			return err
		case code == 235:
			return nil
		case code != 334:
			return &textproto.Error{Code: code, Msg: text}
		}
		challenge, err := base64.StdEncoding.DecodeString(text)
		var answer []byte
		if err == nil {
			answer, err = a.Next(challenge, true)
		}
		if err != nil {
			return c.abandon(err)
		}
		line = base64.StdEncoding.EncodeToString(answer)
	}
}

// abandon ends an exchange to sign in that cannot go on (RFC 4954, 4).
func (c *session) abandon(why error) error {
	if _, _, err := c.ask(time.Minute, 501, "*"); err != nil {
		return errors.Join(why, io.ErrUnexpectedEOF)
	}
	return &textproto.Error{Code: 501, Msg: why.Error()}
}
