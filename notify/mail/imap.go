package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// IMAPInbox reads a mailbox over TLS; what was read is marked as seen.
type IMAPInbox struct {
	Address            string // host:port
	Username, Password string
	Mailbox            string // empty: INBOX
	CAFile             string // more certificates to trust, PEM
}

// Each hands over the unseen mails. One that cannot be fetched, or was not taken,
// holds back no other: it stays unseen, and is told of at the end.
func (in IMAPInbox) Each(ctx context.Context, f func(raw []byte) error) error {
	return in.within(ctx, func(c *imapclient.Client) error {
		found, err := c.UIDSearch(&imap.SearchCriteria{NotFlag: []imap.Flag{imap.FlagSeen}}, nil).Wait()
		if err != nil {
			return err
		}
		var problems []error
		for _, uid := range found.AllUIDs() {
			err := take(c, uid, f)
			var refused *imap.Error
			if err != nil && !errors.As(err, &refused) && !errors.Is(err, errNotTaken) {
				return errors.Join(append(problems, err)...) // the connection is gone
			}
			if err != nil {
				problems = append(problems, fmt.Errorf("mail %d: %w", uid, err))
			}
		}
		return errors.Join(problems...)
	})
}

// errNotTaken marks what went wrong with a mail after it was fetched.
var errNotTaken = errors.New("not taken")

// take fetches the beginning of one mail, hands it over, and marks it as seen.
func take(c *imapclient.Client, uid imap.UID, f func(raw []byte) error) error {
	one := imap.UIDSetNum(uid)
	beginning := &imap.FetchItemBodySection{Peek: true, Partial: &imap.SectionPartial{Size: maxReport}}
	got, err := c.Fetch(one, &imap.FetchOptions{BodySection: []*imap.FetchItemBodySection{beginning}}).Collect()
	if err != nil {
		return err
	}
	for _, m := range got {
		if err := f(m.FindBodySection(beginning)); err != nil {
			return fmt.Errorf("%w: %w", errNotTaken, err)
		}
	}
	return c.Store(one, &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: []imap.Flag{imap.FlagSeen}}, nil).Close()
}

// Probe looks whether the mailbox can be opened.
func (in IMAPInbox) Probe(ctx context.Context) error {
	return in.within(ctx, func(*imapclient.Client) error { return nil })
}

// within runs f with the mailbox open.
func (in IMAPInbox) within(ctx context.Context, f func(*imapclient.Client) error) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("[mail.bounces] imap %s: %w", in.Address, err)
		}
	}()
	c, err := in.dial(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	defer context.AfterFunc(ctx, func() { _ = c.Close() })()
	mailbox := in.Mailbox
	if mailbox == "" {
		mailbox = "INBOX"
	}
	if err := c.Login(in.Username, in.Password).Wait(); err != nil {
		return err
	}
	// Who is not told what program this is opens no mailbox (163.com and 126.com;
	// RFC 2971).
	if c.Caps().Has(imap.CapID) {
		if _, err := c.ID(&imap.IDData{Name: "duban", Vendor: "duban"}).Wait(); err != nil {
			return err
		}
	}
	if _, err := c.Select(mailbox, nil).Wait(); err != nil {
		return err
	}
	if err := f(c); err != nil {
		return err
	}
	return c.Logout().Wait()
}

func (in IMAPInbox) dial(ctx context.Context) (*imapclient.Client, error) {
	host, _, err := net.SplitHostPort(in.Address)
	if err != nil {
		return nil, err
	}
	config := &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12}
	if in.CAFile != "" {
		if config.RootCAs, err = caPool(in.CAFile); err != nil {
			return nil, err
		}
	}
	conn, err := (&tls.Dialer{Config: config}).DialContext(ctx, "tcp", in.Address)
	if err != nil {
		return nil, err
	}
	if deadline, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(deadline); err != nil {
			return nil, err
		}
	}
	return imapclient.New(conn, nil), nil
}
