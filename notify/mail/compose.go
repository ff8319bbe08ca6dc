package mail

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	gomail "github.com/wneessen/go-mail"

	"duban/notify"
	"duban/rules/address"
)

// compose makes the mail's bytes: text and HTML that say the same, and the due
// dates as a calendar file. It is auto-generated, so that nothing answers it
// (RFC 3834); what Exchange is asked to suppress ([MS-OXCMAIL] 2.1.3.2.20) leaves
// out the delivery report that a failure needs.
func compose(n *notify.Notice, e notify.Envelope) ([]byte, error) {
	said, err := n.Say()
	if err != nil {
		return nil, err
	}
	m := gomail.NewMsg(gomail.WithNoDefaultUserAgent(), gomail.WithEncoding(gomail.EncodingB64))
	if err := m.From(e.From.Header()); err != nil {
		return nil, fmt.Errorf("from: %w", err)
	}
	if err := m.To(headers(e.To)...); err != nil {
		return nil, fmt.Errorf("to: %w", err)
	}
	if len(e.CC) > 0 {
		if err := m.Cc(headers(e.CC)...); err != nil {
			return nil, fmt.Errorf("cc: %w", err)
		}
	}
	if !e.ReplyTo.IsZero() {
		if err := m.ReplyTo(e.ReplyTo.Header()); err != nil {
			return nil, fmt.Errorf("reply-to: %w", err)
		}
	}
	m.Subject(said.Subject)
	m.SetDateWithValue(e.Date)
	m.SetMessageIDWithValue(e.MessageID)
	m.SetGenHeader("Auto-Submitted", "auto-generated")
	m.SetGenHeader("X-Auto-Response-Suppress", "DR, RN, NRN, OOF, AutoReply")
	if len(e.References) > 0 {
		m.SetGenHeader("In-Reply-To", "<"+e.References[len(e.References)-1]+">")
		m.SetGenHeader("References", "<"+strings.Join(e.References, "> <")+">")
	}
	// Lines of text end with CRLF, also inside base64 (RFC 2045, 6.8).
	m.SetBodyString(gomail.TypeTextPlain, crlf(said.Text))
	m.AddAlternativeString(gomail.TypeTextHTML, crlf(said.HTML))
	if entries := n.Entries(); len(entries) > 0 {
		var b bytes.Buffer
		if err := notify.WriteCalendar(&b, "", e.From, entries, e.Date); err != nil {
			return nil, err
		}
		if err := m.AttachReader("duban.ics", &b, gomail.WithFileContentType("text/calendar; charset=utf-8; method=PUBLISH")); err != nil {
			return nil, err
		}
	}
	if n.Bulletin != nil {
		book, err := n.Bulletin.Workbook()
		if err != nil {
			return nil, err
		}
		if err := m.AttachReader(n.Bulletin.File+".xlsx", bytes.NewReader(book), gomail.WithFileContentType(notify.WorkbookType)); err != nil {
			return nil, err
		}
	}
	var b bytes.Buffer
	b.Grow(2 * (len(said.Text) + len(said.HTML)))
	if _, err := m.WriteTo(&b); err != nil {
		return nil, err
	}
	return fixBoundaries(b.Bytes(), e.MessageID), nil
}

func crlf(text string) string { return strings.ReplaceAll(text, "\n", "\r\n") }

func headers(addresses []address.Address) []string {
	out := make([]string, len(addresses))
	for i, a := range addresses {
		out[i] = a.Header()
	}
	return out
}

// fixBoundaries replaces the library's random boundaries by ones made of the
// Message-ID: the same notice is the same bytes.
func fixBoundaries(raw []byte, id string) []byte {
	h := sha256.Sum256([]byte(id))
	mark := []byte(";\r\n boundary=")
	for i, at := 0, 0; ; i++ {
		found := bytes.Index(raw[at:], mark)
		if found < 0 {
			return raw
		}
		at += found + len(mark)
		random := bytes.Clone(raw[at : at+bytes.IndexByte(raw[at:], '\r')])
		fixed := fmt.Appendf(nil, "duban-%d-%s", i, hex.EncodeToString(h[:]))
		fixed = fixed[:min(len(fixed), len(random))] // in place
		raw = replaceAll(raw, random, fixed)
	}
}

// replaceAll works in place where both are as long as each other.
func replaceAll(raw, old, new []byte) []byte {
	if len(old) != len(new) {
		return bytes.ReplaceAll(raw, old, new)
	}
	for at := 0; ; {
		found := bytes.Index(raw[at:], old)
		if found < 0 {
			return raw
		}
		at += found + copy(raw[at+found:], new)
	}
}
