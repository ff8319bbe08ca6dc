package app

import (
	"context"
	"crypto/tls"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"duban/cmd/duban/config"
	"duban/rules/problem"
	"duban/scheduler"
	"duban/scheduler/desk"
	"duban/web"
	"duban/web/signon"
)

// listenAgain is how often a taken address is tried again.
const listenAgain = 15 * time.Second

// newPage makes the page ready; serve then serves it until ctx ends, and is nil
// where there is none; first is the address that makes the first account, or
// empty. The mails are what duban is for: they go out also while the page's
// address is taken.
func newPage(ctx context.Context, site *Site, s *scheduler.Scheduler, log zerolog.Logger) (serve func(context.Context) error, first string, err error) {
	c := site.Config
	if c.Listen == "" {
		return nil, "", nil
	}
	takeOver := func(ctx context.Context) { s.TakeOver(ctx, site.Loader()) }
	editor := site.Editor(s.Ledger, s.View, takeOver, log)
	page, err := web.New(web.Options{
		Scheduler: s, Desk: desk.New(s.Ledger, s.View, log), Editor: editor, Links: Links(c), CalendarDir: c.CalendarDir(),
		Secure: strings.HasPrefix(c.BaseURL, "https://"), Proxies: c.Proxies, MetricsFrom: c.MetricsFrom, Version: Version(), Log: log,
		Spool: spool(c), SignOn: SignOn(c, func() time.Time { return s.View().Now }),
	})
	if err != nil {
		return nil, "", err
	}
	var certificate func() (*tls.Certificate, error)
	if c.CertFile != "" {
		certificate = certificateOf(c.CertFile, c.KeyFile)
		if _, err := certificate(); err != nil {
			return nil, "", problem.Errorf("[web] cert_file: %w", err)
		}
	}
	if first, err = web.FirstLink(ctx, s.Ledger, c.BaseURL); err != nil {
		return nil, "", err
	}
	if first != "" {
		log.Warn().Str("open", first).Msg("nobody may use the page yet: this address makes the first account, once")
	}
	return func(ctx context.Context) error {
		listener := listen(ctx, c.Listen, log)
		if listener == nil {
			return nil
		}
		log.Info().Str("listen", listener.Addr().String()).Str("address", c.BaseURL).Msg("page")
		if err := page.Serve(ctx, listener, certificate); err != nil {
			return problem.Errorf("the page: %w", err)
		}
		return nil
	}, first, nil
}

// SignOn is the provider that people sign in at; nil: there is none.
func SignOn(c *config.Config, clock func() time.Time) *signon.Provider {
	if c.OIDC.Issuer == "" {
		return nil
	}
	return signon.New(signon.Options{
		Issuer: c.OIDC.Issuer, ClientID: c.OIDC.ClientID, Secret: c.OIDCSecret, Callback: c.BaseURL + "/signin/oidc/callback",
		GroupsClaim: c.OIDC.GroupsClaim, Admins: c.OIDC.Admins, Clock: clock,
	})
}

// spool is where files lie that arrive, until they are in the ledger: beside it, for
// the system's own place may be in memory.
func spool(c *config.Config) string {
	if dir := filepath.Dir(c.Ledger); c.Ledger != "" && os.MkdirAll(dir, 0o750) == nil {
		return dir
	}
	return os.TempDir()
}

// listen takes the address, waiting while somebody else has it; nil: ctx ended.
func listen(ctx context.Context, address string, log zerolog.Logger) net.Listener {
	if l := inherited(log); l != nil {
		return l
	}
	var config net.ListenConfig
	for told := false; ; told = true {
		l, err := config.Listen(ctx, "tcp", address)
		if err == nil {
			return l
		}
		if !told && ctx.Err() == nil {
			log.Error().Err(err).Msg("the page cannot be served; tried again every 15 s, and mails go out all the same")
		}
		timer := time.NewTimer(listenAgain)
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil
		case <-timer.C:
		}
	}
}

// certificateOf reads a certificate anew when a client comes some time after the
// last reading: a renewed one is taken over.
func certificateOf(certFile, keyFile string) func() (*tls.Certificate, error) {
	var cache struct {
		lock chan struct{}
		cert *tls.Certificate
		read time.Time
	}
	cache.lock = make(chan struct{}, 1)
	return func() (*tls.Certificate, error) {
		cache.lock <- struct{}{}
		defer func() { <-cache.lock }()
		if cache.cert != nil && time.Since(cache.read) < time.Minute {
			return cache.cert, nil
		}
		c, err := tls.LoadX509KeyPair(certFile, keyFile)
		if err != nil {
			if cache.cert != nil {
				return cache.cert, nil // half renewed: the old one until it is whole
			}
			return nil, err
		}
		cache.cert, cache.read = &c, time.Now()
		return &c, nil
	}
}
