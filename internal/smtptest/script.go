package smtptest

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
)

// Script is a server that says what it is told to: one that behaves as real ones
// do, and as go-smtp's never would. It speaks without encryption.
type Script struct {
	Addr string

	// Answer says what comes back for a line of the client's: nil, or "", for the
	// usual. The first line is the empty one, for the greeting; "." is the end of a
	// content. An answer of Hang is none; one of Close ends the connection.
	Answer func(c *Talk, line string) string
	EHLO   []string // what is offered besides the name

	mu    sync.Mutex
	talks []*Talk
	mails []Mail
}

// The answers that are none.
const (
	Hang  = "hang"
	Close = "close"
)

// Talk is one connection.
type Talk struct {
	Number int // of the connection, from 1
	Mails  int // that it took
	Lines  []string
	mail   Mail
	in     bool // a content
}

// StartScript starts one that ends with the test; answer may be nil.
func StartScript(t testing.TB, answer func(c *Talk, line string) string, ehlo ...string) *Script {
	t.Helper()
	s := &Script{Answer: answer, EHLO: ehlo}
	s.Addr = Listen(t, s.Serve)
	return s
}

// Serve speaks on one connection.
func (s *Script) Serve(conn net.Conn) {
	defer conn.Close()
	s.mu.Lock()
	c := &Talk{Number: len(s.talks) + 1}
	s.talks = append(s.talks, c)
	s.mu.Unlock()
	r := bufio.NewReader(conn)
	for line := ""; ; {
		answer := s.answer(c, line)
		switch answer {
		case Hang:
			_, _ = io.Copy(io.Discard, r) // until the client has had enough
			return
		case Close:
			return
		}
		if answer != "-" {
			if _, err := io.WriteString(conn, answer+"\r\n"); err != nil {
				return
			}
		}
		if line == "QUIT" || strings.HasPrefix(answer, "421") {
			return
		}
		text, err := r.ReadString('\n')
		if err != nil {
			return
		}
		if line = strings.TrimRight(text, "\r\n"); c.in && line != "." {
			s.mu.Lock()
			c.mail.Raw = append(c.mail.Raw, strings.TrimPrefix(text, ".")...)
			s.mu.Unlock()
			line = "\x00content"
		}
	}
}

func (s *Script) answer(c *Talk, line string) string {
	s.mu.Lock()
	if line != "\x00content" && line != "" {
		c.Lines = append(c.Lines, line)
	}
	s.mu.Unlock()
	answer := ""
	if line == "\x00content" {
		return "-"
	}
	if s.Answer != nil {
		answer = s.Answer(c, line)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	verb := strings.ToUpper(line)
	if answer == "" {
		answer = s.usual(c, verb)
	}
	ok := strings.HasPrefix(answer, "2")
	switch {
	case strings.HasPrefix(verb, "MAIL FROM:") && ok:
		c.mail = Mail{From: path(line)}
	case strings.HasPrefix(verb, "RCPT TO:") && ok:
		c.mail.To = append(c.mail.To, path(line))
	case verb == "DATA" && strings.HasPrefix(answer, "3"):
		c.in = true
	case verb == "." && c.in:
		c.in = false
		if ok {
			c.Mails++
			s.mails = append(s.mails, c.mail)
		}
		c.mail = Mail{}
	}
	return answer
}

func (s *Script) usual(c *Talk, verb string) string {
	switch {
	case verb == "":
		return "220 script.example ESMTP"
	case strings.HasPrefix(verb, "EHLO"):
		lines := append([]string{"script.example"}, s.EHLO...)
		for i := range lines {
			sep := "-"
			if i == len(lines)-1 {
				sep = " "
			}
			lines[i] = "250" + sep + lines[i]
		}
		return strings.Join(lines, "\r\n")
	case verb == "DATA" && len(c.mail.To) == 0:
		return "554 no valid recipients"
	case verb == "DATA":
		return "354 go on"
	case verb == "QUIT":
		return "221 bye"
	}
	return "250 ok"
}

// path is the address between < and >.
func path(line string) string {
	_, rest, _ := strings.Cut(line, "<")
	address, _, _ := strings.Cut(rest, ">")
	return address
}

// Mails are those that arrived.
func (s *Script) Mails() []Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Mail(nil), s.mails...)
}

// Talks are what clients said, a connection each.
func (s *Script) Talks() [][]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out [][]string
	for _, c := range s.talks {
		out = append(out, append([]string(nil), c.Lines...))
	}
	return out
}

// HostPort are those of the server.
func (s *Script) HostPort() (string, int) {
	host, text, err := net.SplitHostPort(s.Addr)
	var port int
	if err == nil {
		_, err = fmt.Sscan(text, &port)
	}
	if err != nil {
		panic(err) // it was the listener's
	}
	return host, port
}
