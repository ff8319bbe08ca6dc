package hook

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"duban/notify"
	"duban/notify/post"
	"duban/rules/calendar"
)

// program is one that is posted to.
type program struct {
	*httptest.Server
	bodies []string
	keys   []string
	answer func(http.ResponseWriter)
}

func newProgram(t *testing.T) *program {
	p := &program{answer: func(w http.ResponseWriter) { w.WriteHeader(http.StatusAccepted) }}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		p.bodies, p.keys = append(p.bodies, string(b)), append(p.keys, r.Header.Get("Idempotency-Key"))
		p.answer(w)
	}))
	t.Cleanup(p.Close)
	return p
}

func channel(url string, allow ...netip.Prefix) *Channel {
	return New(Settings{Address: func() (post.Address, error) { return post.Address{URL: url}, nil }, Allow: allow, Link: true, Page: "https://duban.example", Clock: time.Now})
}

func notice(items int) *notify.Notice {
	n := &notify.Notice{Kind: notify.Reminder, Language: "en", Unit: "Finance", Day: calendar.DateOf(2017, 7, 14), All: "https://duban.example/u/signed"}
	for i := range items {
		n.Items = append(n.Items, notify.Item{Title: fmt.Sprintf("<b>item</b> %d", i), Due: calendar.DateOf(2017, 7, 20)})
	}
	return n
}

func TestAProgramGetsTitleTextAndLink(t *testing.T) {
	p := newProgram(t)
	c := channel(p.URL + "/hooks/x")
	for range 2 {
		raw, err := c.Compose(notice(3000), notify.Envelope{})
		if err != nil {
			t.Fatal(err)
		}
		if out := c.Send(t.Context(), notify.Message{Name: "hook.m@x", Raw: raw}); out.Err != nil || out.Reply != "202 Accepted" {
			t.Fatalf("%+v", out)
		}
	}
	var said map[string]string
	if err := json.Unmarshal([]byte(p.bodies[0]), &said); err != nil || len(said) != 3 || said["link"] != "https://duban.example/u/signed" {
		t.Errorf("%.200s: %v", p.bodies[0], err)
	}
	if n := len(said["title"] + said["text"] + said["link"]); n > limit || n < limit-200 || !strings.Contains(said["text"], "<b>item</b> 0") {
		t.Errorf("%d bytes: %.200s", n, said["text"])
	}
	if p.bodies[0] != p.bodies[1] || p.keys[0] != `"hook.m@x"` || p.keys[1] != p.keys[0] {
		t.Errorf("the second time: %v", p.keys)
	}
}

func TestWhatAProgramAnswers(t *testing.T) {
	p := newProgram(t)
	c := channel(p.URL)
	raw, err := c.Compose(notice(1), notify.Envelope{})
	if err != nil {
		t.Fatal(err)
	}
	for status, is := range map[int]func(error) bool{
		200: func(err error) bool { return err == nil }, 204: func(err error) bool { return err == nil },
		301: notify.IsOurs, 307: notify.IsOurs, 401: notify.IsOurs, 404: notify.IsOurs, 410: notify.IsOurs, 400: notify.IsRefused, 413: notify.IsRefused, 422: notify.IsRefused,
		429: func(err error) bool { return notify.WaitOf(err) == 7*time.Second }, 500: notify.IsDown, 503: func(err error) bool { return notify.WaitOf(err) == 7*time.Second },
	} {
		p.answer = func(w http.ResponseWriter) {
			w.Header().Set("Retry-After", "7")
			w.Header().Set("Location", p.URL+"/elsewhere")
			w.WriteHeader(status)
		}
		asked := len(p.bodies)
		if out := c.Send(t.Context(), notify.Message{Raw: raw}); !is(out.Err) || out.Unknown {
			t.Errorf("%d: %+v", status, out)
		}
		if len(p.bodies) != asked+1 {
			t.Errorf("%d: it was asked %d times", status, len(p.bodies)-asked)
		}
	}
}

func TestANameThatLeadsInsideIsNotDialled(t *testing.T) {
	p := newProgram(t)
	raw, err := channel("").Compose(notice(1), notify.Envelope{})
	if err != nil {
		t.Fatal(err)
	}
	named := strings.Replace(p.URL, "127.0.0.1", "localhost", 1)
	out := channel(named).Send(t.Context(), notify.Message{Raw: raw})
	var refused *post.RefusedAddressError
	if !notify.IsOurs(out.Err) || !errors.As(out.Err, &refused) || len(p.bodies) != 0 || !strings.Contains(out.Err.Error(), "allow") {
		t.Errorf("%+v", out)
	}
	if out := channel(named, netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")).Send(t.Context(), notify.Message{Raw: raw}); out.Err != nil {
		t.Errorf("allowed: %+v", out)
	}
	for _, url := range []string{"", "x", "ftp://127.0.0.1/", "http://"} {
		if out := channel(url).Send(t.Context(), notify.Message{Raw: raw}); !notify.IsOurs(out.Err) {
			t.Errorf("%q: %+v", url, out)
		}
	}
}
