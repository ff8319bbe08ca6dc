package web

import (
	"context"
	"net/http"
	"strings"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// alive answers 200 while ticks and delivery turn, else 503 and what does not.
func (s *Server) alive(w http.ResponseWriter, r *http.Request) {
	s.probe(w, s.s.Alive(s.s.Clock()))
}

// ready answers 200 while duban does its work, else 503 and what is wrong.
func (s *Server) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), s.Limits.Ready)
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
		answer <- s.s.Ready(context.WithoutCancel(ctx))
	}()
	select {
	case err := <-answer:
		s.probe(w, err)
	case <-ctx.Done():
		http.Error(w, "the ledger does not answer", http.StatusServiceUnavailable)
	}
}

func (s *Server) probe(w http.ResponseWriter, err error) {
	w.Header().Set("Cache-Control", "no-store")
	if err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte("ok\n")) // the client has gone
}

// metrics answers Prometheus, on the machine itself and where the configuration
// lets it: figures are nobody else's business.
func (s *Server) metrics() http.Handler {
	h := promhttp.HandlerFor(s.registry, promhttp.HandlerOpts{ErrorLog: promLog{s}, ErrorHandling: promhttp.ContinueOnError})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.mayWatch(r) {
			s.fail(w, r, http.StatusForbidden, "Metrics are for this machine, and for the addresses in metrics_from.")
			return
		}
		h.ServeHTTP(w, r)
	})
}

func (s *Server) mayWatch(r *http.Request) bool {
	client := s.client(r)
	if r.Header.Get("X-Forwarded-For") != "" && strings.HasPrefix(r.RemoteAddr, client+":") {
		return false // through a proxy that is not known: from anywhere
	}
	return within(client, s.MetricsFrom)
}

type promLog struct{ s *Server }

func (l promLog) Println(v ...any) { l.s.Log.Error().Interface("problem", v).Msg("metrics") }
