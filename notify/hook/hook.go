// Package hook reaches units through a program of somebody's own: it posts {title,
// text, link} as JSON to an address, and any 2xx takes it. The same notice has the same
// Idempotency-Key each time, by which a program drops what it has already.
//
// Where it posts is guarded (notify/post): never into a network inside that neither
// the address itself nor the configuration names.
package hook

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"strconv"
	"time"

	"duban/notify"
	"duban/notify/post"
)

// Service is its name in the configuration.
const Service = "webhook"

// limit is how many bytes of text are posted: no program is sent a book.
const limit = 20_000

// Settings are those of a channel.
type Settings struct {
	Address func() (post.Address, error) // read anew for each message
	Allow   []netip.Prefix               // inner networks that may be dialled
	Link    bool                         // the unit's signed link goes along
	Page    string                       // the page's address, shown in its place; empty: no page
	Clock   func() time.Time
}

// Channel is such a program.
type Channel struct{ settings Settings }

// New makes a channel; it connects to nothing yet.
func New(s Settings) *Channel { return &Channel{s} }

// Compose makes the short form.
func (c *Channel) Compose(n *notify.Notice, _ notify.Envelope) ([]byte, error) {
	return n.Short(notify.ShortForm{
		Fits: func(s notify.Short) bool { return len(s.Title)+len(s.Text)+len(s.Link) <= limit },
		Link: c.settings.Link, Page: c.settings.Page,
	}).Kept()
}

// Send posts it as it was kept.
func (c *Channel) Send(ctx context.Context, m notify.Message) notify.Outcome {
	to, err := c.settings.Address()
	if err == nil {
		err = to.HTTP()
	}
	if err != nil {
		return notify.Outcome{Err: &notify.DownError{Err: err, Ours: true}}
	}
	a, unknown, err := post.Do(ctx, post.Guarded(to, c.settings.Allow), post.Request{
		Address: to, Body: m.Raw, Ready: m.MayEnd,
		Header: http.Header{"Content-Type": {"application/json; charset=utf-8"}, "Idempotency-Key": {strconv.Quote(m.Name)}},
	})
	if err == nil {
		err = a.ByStatus(to, c.settings.Clock())
	}
	if err != nil {
		return notify.Outcome{Err: err, Unknown: unknown}
	}
	return notify.Outcome{Reply: fmt.Sprintf("%d %s", a.Status, http.StatusText(a.Status))}
}

// Parallel is 1: what it is told comes in order.
func (*Channel) Parallel() int { return 1 }

// Close does nothing: no connection outlives its message.
func (*Channel) Close() error { return nil }
