package mail

import (
	"bytes"
	"errors"
	"fmt"
	"net/textproto"
	"strings"

	"duban/notify"
	"duban/rules/address"
)

// step is one of a mail transaction (RFC 5321, 3.3).
type step string

const (
	stepMail    step = "MAIL FROM"
	stepRcpt    step = "RCPT TO"
	stepData    step = "DATA"
	stepContent step = "sending the content"
	stepDone    step = "after the content"
)

// stepError says at which step something failed.
type stepError struct {
	step step
	err  error
}

func (e *stepError) Error() string { return string(e.step) + ": " + e.err.Error() }

func (e *stepError) Unwrap() error { return e.err }

// reply is what the server said; nil: nothing.
func (e *stepError) reply() *textproto.Error {
	var reply *textproto.Error
	if errors.As(e.err, &reply) {
		return reply
	}
	return nil
}

// errNeedsUTF8 is for addresses that this server cannot take.
var errNeedsUTF8 = errors.New("its part before the @ is not ASCII, and the mail server does not take such addresses (SMTPUTF8, RFC 6531)")

// letter is an envelope as it goes over the wire.
type letter struct {
	from address.Address
	to   []address.Address
}

// letterOf reads the addresses; those that are none are refused, each by itself.
func letterOf(m notify.Message) (l letter, refused map[string]error, err error) {
	if l.from, err = address.Parse(m.From); err != nil {
		return l, nil, fmt.Errorf("the sender %q: %w", m.From, err)
	}
	for _, to := range m.To {
		a, err := address.Parse(to)
		if err != nil {
			if refused == nil {
				refused = map[string]error{}
			}
			refused[to] = &textproto.Error{Code: 553, Msg: err.Error()}
			continue
		}
		l.to = append(l.to, a)
	}
	return l, refused, nil
}

// transact is one mail transaction. Commands go out together where the server
// takes them so (RFC 2920).
func (c *session) transact(l letter, m notify.Message) notify.Outcome {
	out := notify.Outcome{Refused: map[string]error{}}
	utf8 := l.from.NeedsUTF8()
	if _, offered := c.ext["SMTPUTF8"]; !offered {
		if utf8 {
			return notify.Outcome{Err: &stepError{stepMail, &textproto.Error{Code: 553, Msg: "the sender: " + errNeedsUTF8.Error()}}}
		}
		l.to = deleteFunc(l.to, func(a address.Address) bool {
			if a.NeedsUTF8() {
				out.Refused[a.Bare()] = errNeedsUTF8
			}
			return a.NeedsUTF8()
		})
		if len(l.to) == 0 {
			return out
		}
	}
	for _, a := range l.to {
		utf8 = utf8 || a.NeedsUTF8()
	}
	commands := []string{c.mailCommand(l, utf8)}
	for _, a := range l.to {
		commands = append(commands, c.rcptCommand(a))
	}
	commands = append(commands, "DATA")
	_, together := c.ext["PIPELINING"]
	if together {
		if err := c.say("%s", strings.Join(commands, "\r\n")); err != nil {
			return notify.Outcome{Err: &stepError{stepMail, err}}
		}
	}
	next := func() error {
		command := commands[0]
		commands = commands[1:]
		if together {
			return nil
		}
		return c.say("%s", command)
	}
	return c.dialogue(l, m, out, next, together)
}

// dialogue hears an answer after each command that next sends, or has sent.
func (c *session) dialogue(l letter, m notify.Message, out notify.Outcome, next func() error, together bool) notify.Outcome {
	failed := func(at step, err error) notify.Outcome { return notify.Outcome{Err: &stepError{at, err}} }
	err := next()
	if err == nil {
		_, _, err = c.hear(limitMail, 250)
	}
	if err != nil {
		if isReply(err) && together {
			if lost := c.skip(len(l.to) + 1); lost != nil {
				return failed(stepMail, err) // closed after its answer: that one counts
			}
		}
		return failed(stepMail, err)
	}
	for _, a := range l.to {
		if err = next(); err == nil {
			_, _, err = c.hear(limitRcpt, 25)
		}
		var reply *textproto.Error
		switch {
		case err == nil:
		case errors.As(err, &reply) && reply.Code != 421 && !aboutUs(reply):
			out.Refused[a.Bare()] = &stepError{stepRcpt, err}
		default:
			return failed(stepRcpt, err)
		}
	}
	none := true
	for _, a := range l.to {
		none = none && out.Refused[a.Bare()] != nil
	}
	if none && !together {
		return out
	}
	if err = next(); err == nil {
		_, _, err = c.hear(limitData, 354)
	}
	switch {
	case none && err == nil:
		// It takes a content for nobody: an empty one is what it gets (RFC 2920, 3.1).
		_, _, err = c.ask(limitDone, 0, ".")
		if err != nil {
			return failed(stepDone, err)
		}
		return out
	case none && isReply(err):
		return out
	case err != nil:
		return failed(stepData, err)
	}
	if err := c.content(m.Raw); err != nil {
		return failed(stepContent, err)
	}
	if err := m.MayEnd(); err != nil {
		return notify.Outcome{Err: err} // without the final dot nothing was sent
	}
	// From here on it may arrive.
	if err := c.say("."); err != nil {
		return notify.Outcome{Err: &stepError{stepDone, err}, Unknown: true}
	}
	_, text, err := c.hear(limitDone, 250)
	if err != nil {
		// Without an answer to the final dot nobody knows whether it was accepted.
		return notify.Outcome{Err: &stepError{stepDone, err}, Unknown: !isReply(err)}
	}
	out.Reply = text
	return out
}

// skip hears answers that say nothing new.
func (c *session) skip(n int) error {
	for range n {
		if _, _, err := c.hear(limitData, 0); err != nil {
			return err
		}
	}
	return nil
}

func isReply(err error) bool {
	var reply *textproto.Error
	return errors.As(err, &reply)
}

// mailCommand asks for SMTPUTF8 only where an address needs it (RFC 6531, 3.4).
func (c *session) mailCommand(l letter, utf8 bool) string {
	line := "MAIL FROM:<" + l.from.Wire() + ">"
	if utf8 {
		line += " SMTPUTF8"
		if _, offered := c.ext["8BITMIME"]; offered {
			line += " BODY=8BITMIME"
		}
	}
	return line
}

// rcptCommand asks that a delivery report names the address as we wrote it, also
// when it was forwarded (ORCPT, RFC 3461, 4.2).
func (c *session) rcptCommand(a address.Address) string {
	line := "RCPT TO:<" + a.Wire() + ">"
	if _, offered := c.ext["DSN"]; offered && !a.NeedsUTF8() {
		line += " ORCPT=rfc822;" + xtext(a.Wire())
	}
	return line
}

// xtext writes what a parameter may not hold as it is (RFC 3461, 4).
func xtext(s string) string {
	var b strings.Builder
	for i := range len(s) {
		if c := s[i]; c < '!' || c > '~' || c == '+' || c == '=' {
			fmt.Fprintf(&b, "+%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// block is how much of a content goes out at a time.
const block = 64 << 10

// content sends a mail up to its final dot: lines end with CRLF, and a dot that
// begins one is doubled (RFC 5321, 4.5.2).
func (c *session) content(raw []byte) error {
	w := c.text.W
	if !bytes.HasSuffix(raw, []byte("\r\n")) {
		raw = append(bytes.Clone(raw), "\r\n"...)
	}
	for len(raw) > 0 {
		part := raw[:min(len(raw), block)]
		if len(part) < len(raw) {
			part = part[:bytes.LastIndexByte(part, '\n')+1]
		}
		if len(part) == 0 {
			return errors.New("a line that does not end")
		}
		raw = raw[len(part):]
		if part[0] == '.' || bytes.Contains(part, []byte("\n.")) {
			part = bytes.ReplaceAll(append([]byte("\n"), part...), []byte("\n."), []byte("\n.."))[1:]
		}
		err := c.within(limitBlock, func() error {
			if _, err := w.Write(part); err != nil {
				return err
			}
			return w.Flush()
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func deleteFunc[T any](list []T, del func(T) bool) []T {
	var out []T
	for _, v := range list {
		if !del(v) {
			out = append(out, v)
		}
	}
	return out
}
