package web

import (
	"crypto/tls"
	"net"
	"net/http"
	"sync"
)

// hall is a listener that lets so many in at once, and so many from one address.
// Who waits without asking anything makes room for whoever comes: nobody is kept
// out by connections that do nothing. This machine, where the probes are, gets in
// beyond that.
type hall struct {
	net.Listener
	most, each int
	many       func(address string) bool // who brings others along: a proxy

	mu     sync.Mutex
	guests map[net.Conn]*guest
	order  int64
}

// guest is a connection.
type guest struct {
	net.Conn
	in      *hall
	network string
	idle    bool  // nothing is asked on it now
	since   int64 // in the order of events
}

// forThisMachine is how many more from this machine are let in.
const forThisMachine = 32

func newHall(l net.Listener, most, each int, many func(string) bool) *hall {
	return &hall{Listener: l, most: most, each: each, many: many, guests: map[net.Conn]*guest{}}
}

// Accept waits for somebody who may come in.
func (h *hall) Accept() (net.Conn, error) {
	for {
		conn, err := h.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if g := h.admit(conn); g != nil {
			return g, nil
		}
		_ = conn.Close() // there is no room
	}
}

func (h *hall) admit(conn net.Conn) *guest {
	host, _, err := net.SplitHostPort(conn.RemoteAddr().String())
	if err != nil {
		host = conn.RemoteAddr().String()
	}
	g := &guest{Conn: conn, in: h, network: network(host), idle: true}
	here := isLoopback(host)
	h.mu.Lock()
	defer h.mu.Unlock()
	if !here && !h.many(host) && h.count(g.network) >= h.each {
		h.sendAway(func(o *guest) bool { return o.network == g.network }, false)
	}
	if len(h.guests) >= h.most && !h.sendAway(func(*guest) bool { return true }, true) && !(here && len(h.guests) < h.most+forThisMachine) {
		return nil
	}
	h.order++
	g.since = h.order
	h.guests[conn] = g
	return g
}

func (h *hall) count(network string) (n int) {
	for _, g := range h.guests {
		if g.network == network {
			n++
		}
	}
	return n
}

// sendAway closes the one of these that has waited longest, of the idle ones
// first; it tells whether there was one.
func (h *hall) sendAway(of func(*guest) bool, idleOnly bool) bool {
	var who *guest
	for _, g := range h.guests {
		if !of(g) || idleOnly && !g.idle {
			continue
		}
		if who == nil || g.idle && !who.idle || g.idle == who.idle && g.since < who.since {
			who = g
		}
	}
	if who == nil {
		return false
	}
	delete(h.guests, who.Conn)
	_ = who.Conn.Close() // it is to go, whatever it says
	return true
}

// Close lets the next one in.
func (g *guest) Close() error {
	g.in.mu.Lock()
	delete(g.in.guests, g.Conn)
	g.in.mu.Unlock()
	return g.Conn.Close()
}

// state hears from the server what becomes of a connection.
func (h *hall) state(conn net.Conn, to http.ConnState) {
	if t, ok := conn.(*tls.Conn); ok {
		conn = t.NetConn()
	}
	g, ok := conn.(*guest)
	if !ok {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.order++
	g.idle, g.since = to == http.StateIdle || to == http.StateNew, h.order
}
