package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"duban/ledger"
	"duban/scheduler"
)

func (a *app) serveCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "serve",
		Short: "Run the daemon",
		Long: `serve evaluates the plans as [schedule] says and delivers what follows, until it
is told to stop (Ctrl-C, SIGTERM), and serves the page at [web] listen. Edited plans, units and calendars are taken
over by themselves, and on SIGHUP; a broken edit changes nothing. Under systemd it
says when it is ready, reloads and stops, and feeds the watchdog while ticks and
delivery turn.`,
		Args: exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			err := a.serve(cmd.Context())
			if cmd.Context().Err() != nil && errors.Is(err, context.Canceled) {
				return nil // told to stop before it began
			}
			return err
		},
	}
}

func (a *app) serve(ctx context.Context) error {
	l, err := a.load()
	if err != nil {
		return err
	}
	log := a.logger(l.config)
	s, closeAll, err := a.worker(ctx, l, log)
	if err != nil {
		return err
	}
	defer closeAll()
	if book, ok := s.Ledger.(ledger.File); ok {
		if err := book.Check(ctx); err != nil {
			return err
		}
	}
	reload := make(chan struct{}, 1)
	go onHangup(ctx, reload)
	if err := os.MkdirAll(l.calendarDir(), 0o750); err != nil {
		return err
	}
	watched := append(append([]string{l.calendarDir()}, l.plans...), l.units...)
	if l.file != "" {
		watched = append(watched, l.file)
	}
	if err := scheduler.Watch(ctx, watched, reload); err != nil {
		log.Warn().Err(err).Msg("edits are not noticed by themselves: send SIGHUP")
	}
	log.Info().Str("version", version()).Str("ledger", l.ledger).Str("transport", l.transport).
		Int("plans", len(l.rules.Plans)).Int("units", len(l.rules.Units)).Msg("started")
	if what := openToOthers(l.linkKey()); what != "" && !l.linkKeyGiven() && l.listen != "" {
		log.Warn().Msg(what)
	}
	if v := s.View(); !v.MailMayLeave() {
		log.Info().Time("opens", v.Opens()).Msg("the window for mail is closed")
	}
	manager := &manager{s: s, log: log}
	page, first, err := a.newPage(ctx, l, s, log)
	if err != nil {
		return err
	}
	// A part that ends with an error ends all of it: half a daemon is worse than
	// none, which the service manager starts again.
	parts, ctx := errgroup.WithContext(ctx)
	if page != nil {
		parts.Go(func() error { return page(ctx) })
	}
	parts.Go(func() error { manager.watch(ctx); return nil })
	if isTerminal(a.out) {
		parts.Go(func() error { a.welcome(ctx, l, s, first); return nil })
	}
	parts.Go(func() error { return s.Run(ctx, l.config.schedule, reload, manager.telling(a.reload)) })
	err = parts.Wait()
	log.Info().Msg("stopped")
	return err
}

// onHangup asks for a reload on SIGHUP.
func onHangup(ctx context.Context, reload chan<- struct{}) {
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	defer signal.Stop(hangup)
	for {
		select {
		case <-ctx.Done():
			return
		case <-hangup:
			select {
			case reload <- struct{}{}:
			default: // one is on its way
			}
		}
	}
}
