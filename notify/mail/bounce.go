package mail

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	netmail "net/mail"
	"net/textproto"
	"os"
	"path/filepath"
	"strings"

	"github.com/emersion/go-message"
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
			address := h.Get("Final-Recipient")
			if original := h.Get("Original-Recipient"); original != "" {
				address = original // as we wrote it
			}
			if _, after, ok := strings.Cut(address, ";"); ok {
				address = strings.TrimSpace(after)
			}
			if a, err := netmail.ParseAddress(address); err == nil {
				out = append(out, FailedRecipient{a.Address, h.Get("Status"), oneLine(h.Get("Diagnostic-Code"))})
			}
		}
		if err != nil {
			return out
		}
	}
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

// Each hands over the mails in new.
func (d MaildirInbox) Each(ctx context.Context, f func(raw []byte) error) error {
	entries, err := os.ReadDir(filepath.Join(d.Path, "new"))
	if err != nil {
		return fmt.Errorf("[mail.bounces] maildir: %w", err)
	}
	for _, e := range entries {
		if err := ctx.Err(); err != nil {
			return err
		}
		name := filepath.Join(d.Path, "new", e.Name())
		raw, err := os.ReadFile(name)
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
			return fmt.Errorf("[mail.bounces] %s: %w", name, err)
		}
	}
	return nil
}
