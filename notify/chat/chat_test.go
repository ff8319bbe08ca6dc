package chat_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"duban/internal/robottest"
	"duban/notify"
	"duban/notify/chat"
	"duban/notify/post"
	"duban/rules"
	"duban/rules/calendar"
)

const secret = "SEC0f1e2d3c4b5a69788796a5b4c3d2e1f0"

// group is a robot and a channel that leads to it; now is the clock of both.
type group struct {
	*robottest.Robot
	channel notify.Channel
	now     time.Time
	file    string
}

func newGroup(t *testing.T, service, secret string) *group {
	g := &group{now: time.Date(2017, 7, 14, 9, 0, 0, 0, time.UTC), file: filepath.Join(t.TempDir(), "robot.url")}
	g.Robot = robottest.New(t, service, secret, func() time.Time { return g.now })
	g.write(t, g.File())
	c, err := chat.New(chat.Settings{
		Service: service, Address: func() (post.Address, error) { return post.Read(g.file) },
		Page: "https://duban.example", Clock: func() time.Time { return g.now },
	})
	if err != nil {
		t.Fatal(err)
	}
	g.channel = c
	return g
}

func (g *group) write(t *testing.T, text string) {
	t.Helper()
	if err := os.WriteFile(g.file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// send composes and sends a notice with so many items.
func (g *group) send(t *testing.T, items int, ready func() error) notify.Outcome {
	t.Helper()
	n := &notify.Notice{Kind: notify.Reminder, Language: "zh-CN", Unit: "\u5e02\u8d22\u653f\u5c40", Day: calendar.DateOf(2017, 7, 14)}
	for i := range items {
		n.Items = append(n.Items, notify.Item{Kind: rules.Overdue, Light: rules.Red, Title: fmt.Sprintf("\u516c\u5e03<at user_id=\"all\">@all %d", i), Due: calendar.DateOf(2017, 7, 1), Days: -9})
	}
	raw, err := g.channel.Compose(n, notify.Envelope{MessageID: "g.m@x"})
	if err != nil {
		t.Fatal(err)
	}
	return g.channel.Send(t.Context(), notify.Message{Name: "g.m@x", Raw: raw, Ready: ready})
}

// each runs a test for each service, signed where it signs.
func each(t *testing.T, f func(*testing.T, *group)) {
	for _, service := range chat.Services() {
		secrets := map[string][]string{"wecom": {""}, "dingtalk": {"", secret}, "lark": {"", secret}}[service]
		if secrets == nil {
			t.Errorf("%s: robottest has no fake of it yet; write one, and name it here", service)
		}
		for _, secret := range secrets {
			name := service
			if secret != "" {
				name += " signed"
			}
			t.Run(name, func(t *testing.T) { f(t, newGroup(t, service, secret)) })
		}
	}
}

func TestARobotTakesANoticeOfAnySizeOnce(t *testing.T) {
	each(t, func(t *testing.T, g *group) {
		for _, items := range []int{1, 20, 2000} {
			if out := g.send(t, items, nil); out.Err != nil || out.Unknown {
				t.Fatalf("%d items: %+v", items, out)
			}
		}
		texts := g.Texts()
		if len(texts) != 3 || g.Asked() != 3 {
			t.Fatalf("%d texts, asked %d times", len(texts), g.Asked())
		}
		for _, text := range texts {
			if strings.ContainsAny(text, "<@") || !strings.Contains(text, "https://duban.example") || !strings.HasPrefix(text, "\u3010") {
				t.Errorf("the group reads %q", text)
			}
		}
		if !strings.Contains(texts[2], "\u5176\u4f59") {
			t.Errorf("of 2000 items it reads nothing of more: %q", texts[2])
		}
	})
}

func TestWhatARobotAnswersIsTheMessagesOrTheChannels(t *testing.T) {
	kinds := map[string]func(error) bool{
		"throttled": func(err error) bool { return notify.WaitOf(err) > 0 && !notify.IsOurs(err) },
		"ours":      notify.IsOurs,
		"refused":   notify.IsRefused,
		"down":      func(err error) bool { return notify.IsDown(err) && !notify.IsOurs(err) && notify.WaitOf(err) == 0 },
	}
	for service, codes := range map[string]map[int]string{
		"wecom":    {45009: "throttled", 45033: "throttled", 93000: "ours", 40001: "ours", 40058: "refused", 45002: "refused", -1: "down", 77777: "down"},
		"dingtalk": {130101: "throttled", 310000: "ours", 300001: "ours", 460101: "refused", 400105: "refused", -1: "down"},
		"lark":     {9499: "throttled", 11232: "throttled", 19021: "ours", 19001: "ours", 19002: "refused", -1: "down"},
	} {
		for code, want := range codes {
			t.Run(fmt.Sprint(service, " ", code), func(t *testing.T) {
				g := newGroup(t, service, "")
				g.Answers(code)
				out := g.send(t, 1, nil)
				if out.Err == nil || !kinds[want](out.Err) || out.Unknown {
					t.Fatalf("%+v is not %s", out, want)
				}
				for other, is := range kinds {
					if other != want && is(out.Err) {
						t.Errorf("it is %s too", other)
					}
				}
				if !strings.Contains(out.Err.Error(), fmt.Sprint(code)) || strings.Contains(out.Err.Error(), g.Token()) {
					t.Errorf("it says %q", out.Err)
				}
				if g.Answers(0); g.send(t, 1, nil).Err != nil {
					t.Error("it is not sent when all is well again")
				}
			})
		}
	}
}

func TestARobotThatIsToldTooMuchIsLeftAloneAsLongAsItSays(t *testing.T) {
	for service, want := range map[string]time.Duration{"wecom": time.Minute, "dingtalk": 10 * time.Minute, "lark": time.Minute} {
		t.Run(service, func(t *testing.T) {
			g := newGroup(t, service, "")
			var out notify.Outcome
			for range 200 {
				if out = g.send(t, 1, nil); out.Err != nil {
					break
				}
			}
			if wait := notify.WaitOf(out.Err); wait != want {
				t.Fatalf("after %d it is left alone for %s, want %s: %v", len(g.Texts()), wait, want, out.Err)
			}
			g.now = g.now.Add(want - time.Second)
			if service == "dingtalk" && g.send(t, 1, nil).Err == nil {
				t.Error("the fake is kinder than the service")
			}
			if g.now = g.now.Add(time.Second); g.send(t, 1, nil).Err != nil {
				t.Error("it takes none afterwards")
			}
		})
	}
}

func TestAConnectionThatBreaksMayHaveSent(t *testing.T) {
	each(t, func(t *testing.T, g *group) {
		g.BreaksOff()
		if out := g.send(t, 1, nil); !out.Unknown || !notify.IsDown(out.Err) {
			t.Errorf("broken off: %+v", out)
		}
		g.Close()
		if out := g.send(t, 1, nil); out.Unknown || !notify.IsDown(out.Err) || notify.IsOurs(out.Err) {
			t.Errorf("nobody there: %+v", out)
		}
	})
}

func TestTheLastWordIsAskedForWhenTheConnectionStands(t *testing.T) {
	each(t, func(t *testing.T, g *group) {
		closed := errors.New("the window has closed")
		if out := g.send(t, 1, func() error { return closed }); !errors.Is(out.Err, closed) || out.Unknown || len(g.Texts()) != 0 {
			t.Errorf("%+v, %d texts", out, len(g.Texts()))
		}
		g.Close()
		asked := false
		g.send(t, 1, func() error { asked = true; return nil })
		if asked {
			t.Error("it was asked for with nobody there")
		}
	})
}

func TestNothingTellsASecret(t *testing.T) {
	each(t, func(t *testing.T, g *group) {
		var said []string
		note := func(out notify.Outcome) {
			said = append(said, fmt.Sprintf("%v %+v %#v %s", out.Err, out, out.Err, out.Reply))
		}
		note(g.send(t, 1, nil))
		for _, code := range []int{45009, 93000, 310000, 19021, -1} {
			g.Answers(code)
			note(g.send(t, 1, nil))
		}
		g.BreaksOff()
		note(g.send(t, 1, nil))
		whole := g.File()
		g.Close()
		note(g.send(t, 1, nil))
		for _, text := range []string{strings.Replace(whole, "http://", "https//", 1), "http://[" + whole, strings.ReplaceAll(whole, "=", ""), "ftp://" + g.Token(), whole + "a\nb\n"} {
			g.write(t, text)
			note(g.send(t, 1, nil))
		}
		a := post.Address{URL: g.Address(), Secret: secret}
		encoded, err := json.Marshal(a)
		said = append(said, fmt.Sprintf("%v %+v %#v %s %v %s", a, a, a, a, &a, encoded))
		if err != nil {
			t.Error(err)
		}
		for _, s := range said {
			if strings.Contains(s, g.Token()) || strings.Contains(s, secret) {
				t.Errorf("told: %s", s)
			}
		}
	})
}

func TestAnAddressThatIsMendedCountsAtOnce(t *testing.T) {
	each(t, func(t *testing.T, g *group) {
		right := g.File()
		g.write(t, "\n")
		if out := g.send(t, 1, nil); !notify.IsOurs(out.Err) {
			t.Errorf("an empty file: %+v", out)
		}
		g.write(t, strings.Replace(right, g.Token(), "another-token-000000", 1))
		if out := g.send(t, 1, nil); !notify.IsOurs(out.Err) {
			t.Errorf("another's: %+v", out)
		}
		g.write(t, right)
		if out := g.send(t, 1, nil); out.Err != nil {
			t.Errorf("mended: %+v", out)
		}
	})
}

func TestWhoAnswersForARobotIsNotTheRobot(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		body   string
		header http.Header
		is     func(error) bool
	}{
		"a sign-in page of the house": {200, "<html>sign in</html>", nil, func(err error) bool { return notify.IsDown(err) && !notify.IsOurs(err) }},
		"a proxy that is overloaded":  {503, "", http.Header{"Retry-After": {"90"}}, func(err error) bool { return notify.WaitOf(err) == 90*time.Second }},
		"a gateway that fails":        {502, "bad gateway", nil, func(err error) bool { return notify.IsDown(err) && !notify.IsOurs(err) }},
		"another place":               {302, "", http.Header{"Location": {"http://127.0.0.1:1/"}}, notify.IsOurs},
		"a code in an error":          {400, `{"code":19001,"msg":"param invalid"}`, nil, notify.IsOurs},
		"an answer without end":       {200, strings.Repeat("x", 1<<20), nil, notify.IsDown},
	} {
		t.Run(name, func(t *testing.T) {
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				for k, v := range c.header {
					w.Header()[k] = v
				}
				w.WriteHeader(c.status)
				fmt.Fprint(w, c.body)
			}))
			defer s.Close()
			g := newGroup(t, "lark", "")
			g.write(t, s.URL+"/open-apis/bot/v2/hook/"+g.Token())
			if out := g.send(t, 1, nil); !c.is(out.Err) || len(out.Err.Error()) > 1000 {
				t.Errorf("%+v", out)
			}
		})
	}
}

// ntfy is a service that the library alone knows.
func ntfy(t *testing.T, answer http.HandlerFunc) *chat.Library {
	s := httptest.NewServer(answer)
	t.Cleanup(s.Close)
	address := post.Address{URL: "ntfy://user:" + secret + "@" + strings.TrimPrefix(s.URL, "http://") + "/topic?scheme=http"}
	return chat.NewLibrary(chat.Settings{Address: func() (post.Address, error) { return address, nil }, Clock: time.Now})
}

func TestTheLibraryReachesTheOthers(t *testing.T) {
	var got string
	status := http.StatusOK
	c := ntfy(t, func(w http.ResponseWriter, r *http.Request) {
		b := make([]byte, 10000)
		n, _ := r.Body.Read(b) // to its end or not: it is looked at
		got = string(b[:n])
		w.WriteHeader(status)
		fmt.Fprint(w, map[bool]string{true: `{"id":"x"}`, false: "no"}[status == http.StatusOK])
	})
	n := &notify.Notice{Kind: notify.Admin, Language: "en", Title: "a *title* [x](http://evil.example) @everyone", Text: strings.Repeat("line\n", 1000)}
	raw, err := c.Compose(n, notify.Envelope{})
	if err != nil {
		t.Fatal(err)
	}
	m := notify.Message{Raw: raw}
	if out := c.Send(t.Context(), m); out.Err != nil {
		t.Fatalf("%+v", out)
	}
	if strings.ContainsAny(got, "*[@") || strings.Contains(got, "http:") || !strings.Contains(got, "title") || len([]rune(got)) > 1300 {
		t.Errorf("it got %q", got)
	}
	for code, is := range map[int]func(error) bool{429: func(err error) bool { return notify.WaitOf(err) > 0 }, 403: notify.IsOurs, 500: notify.IsDown} {
		status = code
		if out := c.Send(t.Context(), m); !is(out.Err) || strings.Contains(fmt.Sprintf("%+v %v", out, out.Err), secret) {
			t.Errorf("%d: %+v", code, out)
		}
	}
	closed := errors.New("closed")
	if out := c.Send(t.Context(), notify.Message{Raw: raw, Ready: func() error { return closed }}); !errors.Is(out.Err, closed) {
		t.Errorf("taken back: %+v", out)
	}
}

func TestTheLibraryHasALimitOfTime(t *testing.T) {
	hang := make(chan struct{})
	c := ntfy(t, func(http.ResponseWriter, *http.Request) { <-hang })
	defer close(hang)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	raw, err := c.Compose(&notify.Notice{Kind: notify.Admin, Title: "x"}, notify.Envelope{})
	if err != nil {
		t.Fatal(err)
	}
	if out := c.Send(ctx, notify.Message{Raw: raw}); !out.Unknown || !notify.IsDown(out.Err) {
		t.Errorf("%+v", out)
	}
}

func TestAnAddressIsLookedAtWithoutBeingTold(t *testing.T) {
	for _, c := range []struct {
		service, url string
		right        bool
	}{
		{"wecom", "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=" + secret, true},
		{"wecom", "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?kye=" + secret, false},
		{"wecom", secret, false},
		{"dingtalk", "https://oapi.dingtalk.com/robot/send?access_token=" + secret, true},
		{"dingtalk", "https://oapi.dingtalk.com/robot/send", false},
		{"lark", "https://open.feishu.cn/open-apis/bot/v2/hook/" + secret, true},
		{"lark", "https://open.feishu.cn/" + secret, false},
		{"shoutrrr", "ntfy://ntfy.sh/" + secret, true},
		{"shoutrrr", "no-such-service://" + secret, false},
		{"shoutrrr", "logger://", false},
		{"shoutrrr", "smtp://user:" + secret + "@mail.example:587/?from=a@b.c&to=d@e.f", false},
		{"shoutrrr", "://" + secret, false},
	} {
		err := chat.Check(c.service, post.Address{URL: c.url})
		if (err == nil) != c.right {
			t.Errorf("%s: %v", c.service, err)
		}
		if err != nil && strings.Contains(err.Error(), secret) {
			t.Errorf("%s tells it: %v", c.service, err)
		}
	}
}
