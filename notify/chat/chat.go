// Package chat reaches units through robots of group chats: WeCom (wecom), DingTalk
// (dingtalk) and Lark, in China Feishu (lark), and through whatever else the library
// nicholas-fedor/shoutrrr knows (shoutrrr). What a robot is told is the short form of
// a notice (notify.Short), as plain text: nothing in it mentions anybody.
//
//	chat.go      the channel
//	robots.go    WeCom, DingTalk, Lark: what they take, and what their answers mean
//	shoutrrr.go  the library
//
// The library knows WeCom and Lark too, and they are done here all the same, beside
// DingTalk, which it lacks: durable delivery has to know what became of a message, and
// the library tells that in words only. It takes no context and no clock, leaves the
// service's own code (45009: later; 93000: the key is bad) inside an error's text,
// knows no other host than the public one (a government's own WeCom has one), counts
// WeCom's limit as it pleases, and says nothing about whether a message may have
// arrived. What it does alone it does with a limit of time from here, and its errors
// are judged by what can be known of them.
package chat

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	"duban/notify"
	"duban/notify/post"
)

// Settings are those of a channel.
type Settings struct {
	Service string                       // one of Services, but not Shoutrrr
	Address func() (post.Address, error) // read anew for each message: one that was mended counts at once
	Link    bool                         // the unit's signed link goes along
	Page    string                       // the page's address, shown in its place; empty: no page
	Clock   func() time.Time
}

// Channel is a robot in a group.
type Channel struct {
	settings Settings
	robot    robot
	client   *http.Client
}

// robot is what one service's robots are like.
type robot struct {
	limit   int                        // bytes
	size    func(notify.Short) int     // in the service's measure
	check   func(a post.Address) error // of what stands in the file
	request func(s notify.Short, a post.Address, now time.Time) (post.Request, error)
	judge   func(a answer) error // by the service's own code
}

// answer is what a service says beside the status.
type answer struct {
	code  int
	words string
	now   time.Time
	post.Answer
}

// Services are the names of those that this package knows by themselves.
func Services() []string { return slices.Sorted(maps.Keys(robots)) }

// New makes a channel; it connects to nothing yet.
func New(s Settings) (*Channel, error) {
	r, ok := robots[s.Service]
	if !ok {
		return nil, fmt.Errorf("no service %q", s.Service)
	}
	return &Channel{settings: s, robot: r, client: post.Open()}, nil
}

// Check tells what is wrong with an address for a service, without saying what it is.
func Check(service string, a post.Address) error {
	if service == Shoutrrr {
		return checkShoutrrr(a)
	}
	if err := a.HTTP(); err != nil {
		return err
	}
	r, known := robots[service]
	if !known {
		return fmt.Errorf("no chat service is called %q", service)
	}
	return r.check(a)
}

// Compose makes the short form, as much of it as the service takes.
func (c *Channel) Compose(n *notify.Notice, _ notify.Envelope) ([]byte, error) {
	return n.Short(notify.ShortForm{
		Fits:  func(s notify.Short) bool { return c.robot.size(s) <= c.robot.limit },
		Plain: notify.PlainForChats, Link: c.settings.Link, Page: c.settings.Page,
	}).Kept()
}

// Send posts it. What was said is kept; what signs is made as it leaves, for it is good
// for an hour only.
func (c *Channel) Send(ctx context.Context, m notify.Message) notify.Outcome {
	said, err := notify.ReadShort(m.Raw)
	if err != nil {
		return notify.Outcome{Err: &notify.RefusedError{Err: err}}
	}
	address, err := c.settings.Address()
	if err == nil {
		err = Check(c.settings.Service, address)
	}
	if err != nil {
		return notify.Outcome{Err: &notify.DownError{Err: err, Ours: true}}
	}
	request, err := c.robot.request(said, address, c.settings.Clock())
	if err != nil {
		return notify.Outcome{Err: &notify.RefusedError{Err: err}}
	}
	request.Ready = m.MayEnd
	a, unknown, err := post.Do(ctx, c.client, request)
	if err != nil {
		return notify.Outcome{Err: err, Unknown: unknown}
	}
	return c.outcome(a, address)
}

// outcome is what an answer means.
func (c *Channel) outcome(a post.Answer, to post.Address) notify.Outcome {
	now := c.settings.Clock()
	said, err := read(a, to)
	said.now = now
	switch {
	case err == nil && said.code == 0 && a.ByStatus(to, now) == nil:
		return notify.Outcome{Reply: fmt.Sprintf("%d %s", said.code, said.words)}
	case err == nil && said.code != 0:
		return notify.Outcome{Err: c.robot.judge(said)}
	}
	if byStatus := a.ByStatus(to, now); byStatus != nil {
		return notify.Outcome{Err: byStatus}
	}
	// Somebody between here and the service answers for it, a sign-in page of the house
	// as a rule.
	return notify.Outcome{Err: &notify.DownError{Err: fmt.Errorf("what answers is not the service: %s", a.Words(to))}}
}

// read takes the code and the words out of an answer. The older ones of Lark's robots
// write them in capitals.
func read(a post.Answer, to post.Address) (out answer, err error) {
	var said struct {
		ErrCode *int   `json:"errcode"`
		ErrMsg  string `json:"errmsg"`
		Code    *int   `json:"code"`
		Msg     string `json:"msg"`
		Status  *int   `json:"StatusCode"`
		Words   string `json:"StatusMessage"`
	}
	out.Answer = a
	if err := json.Unmarshal(a.Body, &said); err != nil {
		return out, err
	}
	for _, one := range []struct {
		code  *int
		words string
	}{{said.ErrCode, said.ErrMsg}, {said.Code, said.Msg}, {said.Status, said.Words}} {
		if one.code != nil {
			out.code, out.words = *one.code, clipped(to.Clean(one.words))
			return out, nil
		}
	}
	return out, errors.New("no code")
}

// mostWords is how much of a service's words is repeated.
const mostWords = 200

func clipped(s string) string {
	if r := []rune(s); len(r) > mostWords {
		return string(r[:mostWords]) + "\u2026"
	}
	return s
}

// Parallel is 1: what goes to a group goes in order.
func (*Channel) Parallel() int { return 1 }

// Close does nothing: no connection outlives its message.
func (*Channel) Close() error { return nil }
