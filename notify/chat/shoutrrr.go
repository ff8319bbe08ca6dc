package chat

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/nicholas-fedor/shoutrrr"
	"github.com/nicholas-fedor/shoutrrr/pkg/types"
	"github.com/nicholas-fedor/shoutrrr/pkg/util/jsonclient"

	"duban/notify"
	"duban/notify/post"
	"duban/rules/problem"
)

// Shoutrrr is the service that stands for all that the library knows.
const Shoutrrr = "shoutrrr"

// limits are what the services take of a text, in characters, as their documentation
// says; what is not named here takes a thousand, which all of them do.
var limits = map[string]int{
	"discord": 1900, "telegram": 4000, "slack": 3000, "teams": 10000, "matrix": 10000, "mattermost": 10000, "rocketchat": 3000,
	"googlechat": 4000, "zulip": 9000, "ntfy": 1300, "gotify": 10000, "generic": 10000, "pushover": 1000, "bark": 1000,
}

const otherLimit = 1000

// Library is a channel of the library's. It has no client of ours: a request that
// hangs is left behind when its time is over, and ends with its own limit or never.
type Library struct {
	settings Settings
	within   time.Duration
}

// NewLibrary makes a channel of the library's; it connects to nothing yet.
func NewLibrary(s Settings) *Library { return &Library{s, post.Within} }

func scheme(a post.Address) string {
	s, _, _ := strings.Cut(a.URL, ":")
	s, _, _ = strings.Cut(strings.ToLower(s), "+")
	return s
}

// locate finds the service; its errors do not say what stands in the address.
func locate(a post.Address) (types.Service, error) {
	if _, err := url.Parse(a.URL); err != nil {
		return nil, problem.Errorf("its first line is no address: see the documentation of shoutrrr, as in ntfy://ntfy.sh/TOPIC")
	}
	switch scheme(a) {
	case "logger":
		return nil, problem.Errorf("logger:// sends nothing")
	case "smtp":
		return nil, problem.Errorf("mail is [mail]'s: write the unit's address into its mail")
	}
	s, err := shoutrrr.CreateSender()
	if err != nil {
		return nil, errors.New("the library does not start")
	}
	service, err := s.Locate(a.URL)
	if err != nil {
		return nil, problem.Errorf("shoutrrr does not take its first line, of service %q: see https://shoutrrr.nickfedor.com for how it is written", a.Clean(scheme(a)))
	}
	return service, nil
}

func checkShoutrrr(a post.Address) error {
	_, err := locate(a)
	return err
}

// plainForLibrary takes from words what any of its services reads as markdown or as a
// mention, besides what all chats do.
var plainForLibrary = strings.NewReplacer(
	"*", "\uff0a", "_", "\uff3f", "`", "\uff40", "~", "\uff5e", "[", "\uff3b", "]", "\uff3d", "|", "\uff5c", "\\", "\uff3c", "#", "\uff03", "&", "\uff06")

// Compose makes the short form; how much fits is the service's to say.
func (c *Library) Compose(n *notify.Notice, _ notify.Envelope) ([]byte, error) {
	limit := otherLimit
	if a, err := c.settings.Address(); err == nil && limits[scheme(a)] > 0 {
		limit = limits[scheme(a)]
	}
	return n.Short(notify.ShortForm{
		Fits:  func(s notify.Short) bool { return utf8.RuneCountInString(s.Whole()) <= limit },
		Plain: func(s string) string { return plainForLibrary.Replace(notify.PlainForChats(s)) },
		Link:  c.settings.Link, Page: c.settings.Page,
	}).Kept()
}

// Send hands it to the library.
func (c *Library) Send(ctx context.Context, m notify.Message) notify.Outcome {
	said, err := notify.ReadShort(m.Raw)
	if err != nil {
		return notify.Outcome{Err: &notify.RefusedError{Err: err}}
	}
	address, err := c.settings.Address()
	var service types.Service
	if err == nil {
		service, err = locate(address)
	}
	if err != nil {
		return notify.Outcome{Err: &notify.DownError{Err: err, Ours: true}}
	}
	if err := m.MayEnd(); err != nil {
		return notify.Outcome{Err: err}
	}
	ctx, cancel := context.WithTimeout(ctx, c.within)
	defer cancel()
	ended := make(chan error, 1)
	go func() {
		defer func() {
			if p := recover(); p != nil { // of the library, which must not end the daemon; what it says may hold the address
				ended <- errors.New("the library broke down")
			}
		}()
		ended <- service.Send(said.Whole(), &types.Params{})
	}()
	select {
	case err := <-ended:
		if err == nil {
			return notify.Outcome{Reply: "taken by " + service.GetID()}
		}
		return c.outcome(err, address)
	case <-ctx.Done():
		return notify.Outcome{Err: &notify.DownError{Err: fmt.Errorf("no answer within %s", c.within)}, Unknown: true}
	}
}

// outcome judges an error of the library's by its status, where it tells one. Without
// one nothing is known of it: it is the channel's, and the message may have arrived.
func (c *Library) outcome(err error, to post.Address) notify.Outcome {
	var answered jsonclient.Error
	if errors.As(err, &answered) && answered.StatusCode != 0 {
		a := post.Answer{Status: answered.StatusCode, Body: []byte(answered.Body)}
		if by := a.ByStatus(to, c.settings.Clock()); by != nil {
			return notify.Outcome{Err: by}
		}
	}
	var at *url.Error
	if errors.As(err, &at) { // which repeats the address
		err = at.Err
	}
	return notify.Outcome{Err: &notify.DownError{Err: errors.New(clipped(to.Clean(err.Error())))}, Unknown: !dialled(err)}
}

// Parallel is 1.
func (*Library) Parallel() int { return 1 }

// Close does nothing.
func (*Library) Close() error { return nil }

// dialled tells whether an error says that nobody was reached.
func dialled(err error) bool {
	var op *net.OpError
	var unknown *net.DNSError
	return errors.As(err, &unknown) || errors.As(err, &op) && op.Op == "dial"
}
