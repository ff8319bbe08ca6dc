package mail

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/textproto"
	"os"
	"path/filepath"
	"strings"

	"github.com/emersion/go-message"
	"golang.org/x/sys/unix"

	"duban/rules/address"
)

// Bounce is what a delivery report says (RFC 3464).
type Bounce struct {
	MessageID string // of the mail that could not be delivered
	Failed    []FailedRecipient
}

// FailedRecipient is one address that a mail did not reach, for good.
type FailedRecipient struct{ Address, Status, Diagnostic string }

// maxReport is the most bytes of a report that are read; what was returned of
// the mail stands at its end.
const maxReport = 4 << 20

// ParseBounce reads a mail. ok is false for all that is no report of a failed
// delivery: delays, auto-replies (RFC 3834), letters from people.
func ParseBounce(raw []byte) (b Bounce, ok bool) {
	m, err := message.Read(io.LimitReader(bytes.NewReader(raw), maxReport))
	if m == nil || err != nil && !message.IsUnknownCharset(err) {
		return b, false
	}
	kind, params, err := m.Header.ContentType()
	if err != nil || kind != "multipart/report" || !strings.EqualFold(params["report-type"], "delivery-status") {
		return b, false
	}
	for parts := m.MultipartReader(); parts != nil; {
		part, err := parts.NextPart()
		if part == nil || err != nil && !message.IsUnknownCharset(err) {
			break
		}
		kind, _, _ := part.Header.ContentType() // none is text
		switch strings.TrimPrefix(kind, "message/") {
		case "delivery-status", "global-delivery-status":
			b.Failed = append(b.Failed, failedRecipients(part.Body)...)
		case "rfc822", "global", "rfc822-headers", "text/rfc822-headers", "global-headers":
			if h, err := textproto.NewReader(bufio.NewReader(part.Body)).ReadMIMEHeader(); h.Get("Message-Id") != "" || err == nil {
				b.MessageID = strings.Trim(h.Get("Message-Id"), "<> \t")
			}
		}
	}
	return b, b.MessageID != "" && len(b.Failed) > 0
}

// failedRecipients reads the groups of fields of a delivery-status part; the
// first is about the mail, the others are about one recipient each.
func failedRecipients(r io.Reader) []FailedRecipient {
	var out []FailedRecipient
	fields := textproto.NewReader(bufio.NewReader(r))
	for {
		h, err := fields.ReadMIMEHeader()
		if strings.EqualFold(h.Get("Action"), "failed") {
			// The original one is as we wrote it; not every server names a usable one.
			for _, field := range []string{"Original-Recipient", "Final-Recipient"} {
				if a, ok := recipientOf(h.Get(field)); ok {
					out = append(out, FailedRecipient{a, h.Get("Status"), oneLine(h.Get("Diagnostic-Code"))})
					break
				}
			}
		}
		if err != nil {
			return out
		}
	}
}

// recipientOf is the address in a field such as "rfc822; a@b.example".
func recipientOf(field string) (string, bool) {
	kind, text, found := strings.Cut(field, ";")
	if !found {
		text = kind
	}
	a, err := address.Parse(strings.TrimSpace(text))
	return a.Bare(), err == nil
}

// oneLine makes a stranger's text harmless: one line of visible characters.
func oneLine(s string) string {
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f }), " ")
	if len(s) > 300 {
		s = strings.ToValidUTF8(s[:300], "")
	}
	return s
}

// Inbox is where delivery reports arrive.
type Inbox interface {
	// Each hands over every mail that is new and marks it as read once f took it.
	Each(ctx context.Context, f func(raw []byte) error) error
}

// MaildirInbox reads a Maildir; what was read moves from new to cur.
type MaildirInbox struct{ Path string }

// Each hands over the mails in new. What is no mail, cannot be read, or was not
// taken holds back no other: it stays, and is told of at the end.
func (d MaildirInbox) Each(ctx context.Context, f func(raw []byte) error) error {
	entries, err := os.ReadDir(filepath.Join(d.Path, "new"))
	if err != nil {
		return fmt.Errorf("[mail.bounces] maildir: %w", err)
	}
	var problems []error
	for _, e := range entries {
		if err := ctx.Err(); err != nil {
			return errors.Join(append(problems, err)...)
		}
		if !e.Type().IsRegular() {
			continue // a folder, a pipe: nothing that a mail server puts there
		}
		name := filepath.Join(d.Path, "new", e.Name())
		raw, err := readBeginning(name)
		if errors.Is(err, os.ErrNotExist) {
			continue // somebody reads it too
		}
		if err == nil {
			err = f(raw)
		}
		if err == nil {
			err = os.Rename(name, filepath.Join(d.Path, "cur", e.Name()+":2,S"))
		}
		if err != nil {
			problems = append(problems, fmt.Errorf("[mail.bounces] %s: %w", name, err))
		}
	}
	return errors.Join(problems...)
}

// Probe looks whether the Maildir can be read, and mails moved in it.
func (d MaildirInbox) Probe(context.Context) error {
	for _, sub := range []string{"new", "cur"} {
		dir := filepath.Join(d.Path, sub)
		if _, err := os.ReadDir(dir); err != nil {
			return fmt.Errorf("[mail.bounces] maildir: %w", err)
		}
		if err := unix.Access(dir, unix.W_OK); err != nil {
			return fmt.Errorf("[mail.bounces] maildir: %s may not be written: %w", dir, err)
		}
	}
	return nil
}

// readBeginning reads as much of a mail as a report needs.
func readBeginning(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxReport))
}
