package web

import (
	"context"
	"crypto/tls"
	"errors"
	stdlog "log"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/rs/zerolog"
)

// stopTime is how long requests in hand may take when the daemon ends.
const stopTime = 5 * time.Second

// serverLog takes what the HTTP server says: what clients do wrong is theirs,
// the rest ours.
type serverLog struct{ log zerolog.Logger }

func (l serverLog) Write(p []byte) (int, error) {
	text := strings.TrimSpace(string(p))
	e := l.log.Error()
	for _, theirs := range []string{"TLS handshake error", "http2: ", "URL query contains semicolon"} {
		if strings.Contains(text, theirs) {
			e = l.log.Debug()
		}
	}
	e.Str("server", CutLinks(text)).Msg("page")
	return len(p), nil
}

// Serve answers on l until ctx ends, and finishes what is in hand. With a
// certificate it speaks TLS.
func (s *Server) Serve(ctx context.Context, l net.Listener, certificate func() (*tls.Certificate, error)) error {
	srv := &http.Server{
		Handler:           s.handler,
		ReadHeaderTimeout: s.limits.Header,
		ReadTimeout:       s.limits.Read,
		WriteTimeout:      s.limits.Write,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          stdlog.New(serverLog{s.frame.log}, "", 0),
	}
	in := newHall(l, s.limits.Connections, s.limits.FromOne, s.peers.trusts)
	srv.ConnState = in.state
	l = in
	if certificate != nil {
		srv.TLSConfig = &tls.Config{
			MinVersion:     tls.VersionTLS12,
			NextProtos:     []string{"h2", "http/1.1"},
			GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return certificate() },
		}
		l = tls.NewListener(l, srv.TLSConfig)
	}
	stopped := make(chan error, 1)
	go func() {
		<-ctx.Done()
		limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
		defer cancel()
		err := srv.Shutdown(limit)
		if err != nil {
			err = srv.Close() // whoever is that slow has to ask again
		}
		stopped <- err
	}()
	if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-stopped
}
