package web

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"
)

func logTo(w io.Writer) zerolog.Logger { return zerolog.New(w) }

// Connections that do nothing keep nobody out, and the probes answer always.
func TestConnectionsThatDoNothingKeepNobodyOut(t *testing.T) {
	w := newWorld(t, func(o *Options) { o.Limits = Limits{Connections: 20} })
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { ended <- w.Serve(ctx, l, nil) }()
	answers := func(path string, want ...int) {
		t.Helper()
		res, err := (&http.Client{Timeout: time.Minute, Transport: &http.Transport{DisableKeepAlives: true}}).Get("http://" + l.Addr().String() + path)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		for _, code := range want {
			if res.StatusCode == code {
				return
			}
		}
		t.Errorf("%s: %d", path, res.StatusCode)
	}
	// Connections without a word, and such as have asked once and stay.
	for i := range 100 {
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if i%2 == 0 {
			fmt.Fprintf(c, "GET /static/icon.svg HTTP/1.1\r\nHost: x\r\n\r\n")
			if _, err := http.ReadResponse(bufio.NewReader(c), nil); err != nil {
				t.Fatalf("connection %d: %v", i, err)
			}
		}
	}
	answers("/signin", 200)
	answers("/healthz", 200, 503)
	// Connections that have all begun to ask: from this machine one still gets in.
	for range 20 {
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		fmt.Fprintf(c, "GET /signin HTTP/1.1\r\nX: ")
	}
	answers("/healthz", 200, 503)
	answers("/readyz", 200, 503)
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// remote is a connection from an address.
type remote struct {
	net.Conn
	from   string
	closed bool
}

func (r *remote) RemoteAddr() net.Addr { a, _ := net.ResolveTCPAddr("tcp", r.from); return a }
func (r *remote) Close() error         { r.closed = true; return nil }

func TestOneAddressTakesItsShareOfConnectionsAndNoMore(t *testing.T) {
	h := newHall(nil, 10, 3, func(a string) bool { return a == "10.0.0.1" })
	var all []*remote
	come := func(from string) *guest {
		r := &remote{from: from}
		all = append(all, r)
		return h.admit(r)
	}
	open := func(prefix string) (n int) {
		for _, r := range all {
			if strings.HasPrefix(r.from, prefix) && !r.closed {
				n++
			}
		}
		return n
	}
	for range 5 {
		h.state(come("8.8.8.8:1"), http.StateActive) // all of them ask
	}
	if n := open("8.8.8.8"); n != 3 {
		t.Errorf("one address has %d connections", n)
	}
	for i := range 5 {
		come(fmt.Sprintf("[2001:db8::%d]:1", i)) // one subscriber
	}
	if n := open("[2001:db8"); n != 3 {
		t.Errorf("one network has %d connections", n)
	}
	for range 4 { // a proxy brings others along
		h.state(come("10.0.0.1:1"), http.StateActive)
	}
	if n := open("10.0.0.1"); n != 4 {
		t.Errorf("the proxy has %d connections", n)
	}
	h.state(come("9.9.9.1:1"), http.StateActive) // the eleventh: somebody idle goes
	if n := open("[2001:db8"); n != 2 {
		t.Errorf("nobody idle made room: %d", n)
	}
	h.state(come("9.9.9.2:1"), http.StateActive)
	h.state(come("9.9.9.3:1"), http.StateActive)
	if g := come("9.9.9.4:1"); g != nil {
		t.Error("all ask, and one more was let in")
	}
	for i := range forThisMachine + 5 {
		g := come("127.0.0.1:1")
		if (g != nil) != (i < forThisMachine) {
			t.Errorf("from this machine, the %dth: %v", i, g != nil)
		}
		if g != nil {
			h.state(g, http.StateActive)
		}
	}
	for c := range h.guests {
		_ = h.guests[c].Close()
	}
	if len(h.guests) != 0 {
		t.Errorf("%d are still counted", len(h.guests))
	}
}
