package web

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"strings"

	"duban/rules/problem"

	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/rs/zerolog"
)

// alive answers 200 while ticks and delivery turn, else 503 and what does not.
func (s *probes) alive(w http.ResponseWriter, r *http.Request) {
	s.probe(w, s.scheduler.Health.Alive(), "ok")
}

// ready answers 200 while duban does its work, else 503 and what is wrong.
func (s *probes) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), s.patience)
	defer cancel()
	select {
	case s.probing <- struct{}{}: // one at a time: a locked ledger must not gather a crowd
	case <-ctx.Done():
		http.Error(w, "the ledger does not answer", http.StatusServiceUnavailable)
		return
	}
	answer := make(chan error, 1)
	go func() {
		defer func() { <-s.probing }()
		answer <- s.scheduler.Health.Ready(context.WithoutCancel(ctx))
	}()
	select {
	case err := <-answer:
		s.probe(w, err, s.doing())
	case <-ctx.Done():
		http.Error(w, "the ledger does not answer", http.StatusServiceUnavailable)
	}
}

// doing is what a daemon that is ready does: all of it, or its part where others share
// the ledger.
func (s *probes) doing() string {
	role := s.scheduler.Role
	switch {
	case !role.Shared():
		return "ok"
	case role.Evaluates():
		return "ok: evaluates, as " + role.Owner()
	}
	return "ok: delivers; " + role.Evaluator() + " evaluates"
}

func (s *probes) probe(w http.ResponseWriter, err error, well string) {
	w.Header().Set("Cache-Control", "no-store")
	if err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte(well + "\n")) // the client may have gone
}

// metrics answers Prometheus, on the machine itself and where the configuration
// lets it: figures are nobody else's business.
func (s *probes) metrics() http.Handler {
	h := promhttp.HandlerFor(s.registry, promhttp.HandlerOpts{ErrorLog: promLog{s.frame.log}, ErrorHandling: promhttp.ContinueOnError})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.mayWatch(r) {
			s.frame.fail(w, r, &problem.Error{Code: problem.Forbidden, Key: "Metrics are for this machine, and for the addresses in metrics_from."})
			return
		}
		h.ServeHTTP(w, r)
	})
}

func (s *probes) mayWatch(r *http.Request) bool {
	peer, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return false
	}
	if forwarded(r) && !s.peers.trusts(peer) {
		return false // through a proxy that is not known: from anywhere
	}
	client := s.peers.client(r)
	// Who asks this machine itself calls it so; what a proxy hands on bears, as a
	// rule, the name that others know the page by.
	if isLoopback(client) && !isLoopback(hostOf(r)) {
		return false
	}
	return within(client, s.metricsFrom)
}

// forwarded tells whether a proxy says that it has handed the request on.
func forwarded(r *http.Request) bool {
	for _, name := range []string{"X-Forwarded-For", "Forwarded", "Via", "X-Real-Ip", "X-Forwarded-Host", "X-Forwarded-Proto"} {
		if r.Header.Get(name) != "" {
			return true
		}
	}
	return false
}

func hostOf(r *http.Request) string {
	if host, _, err := net.SplitHostPort(r.Host); err == nil {
		return host
	}
	return strings.Trim(r.Host, "[]")
}

func isLoopback(host string) bool {
	a, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && a.Unmap().IsLoopback()
}

type promLog struct{ log zerolog.Logger }

func (l promLog) Println(v ...any) { l.log.Error().Interface("problem", v).Msg("metrics") }
