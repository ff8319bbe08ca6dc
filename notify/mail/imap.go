package mail

import (
	"context"
	"crypto/tls"
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

// Each hands over the unseen mails.
func (in IMAPInbox) Each(ctx context.Context, f func(raw []byte) error) (err error) {
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
	if _, err := c.Select(mailbox, nil).Wait(); err != nil {
		return err
	}
	found, err := c.UIDSearch(&imap.SearchCriteria{NotFlag: []imap.Flag{imap.FlagSeen}}, nil).Wait()
	if err != nil {
		return err
	}
	whole := &imap.FetchItemBodySection{Peek: true}
	for _, uid := range found.AllUIDs() {
		one := imap.UIDSetNum(uid)
		got, err := c.Fetch(one, &imap.FetchOptions{BodySection: []*imap.FetchItemBodySection{whole}}).Collect()
		if err != nil {
			return err
		}
		for _, m := range got {
			if err := f(m.FindBodySection(whole)); err != nil {
				return err
			}
		}
		if err := c.Store(one, &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: []imap.Flag{imap.FlagSeen}}, nil).Close(); err != nil {
			return err
		}
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
