package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"duban/cmd/duban/app"
	"duban/scheduler"

	"github.com/spf13/cobra"
)

func serveCommand(a *env) *cobra.Command {
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
			err := serve(cmd.Context(), a)
			if cmd.Context().Err() != nil && errors.Is(err, context.Canceled) {
				return nil // told to stop before it began
			}
			return err
		},
	}
}

// garbagePercent is how much garbage may lie about beside what is in use, where GOGC says
// nothing: with Go's own 100 a province's daemon would hold as much again as it uses.
const garbagePercent = 50

func serve(ctx context.Context, a *env) error {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(garbagePercent)
	}
	c, err := a.configured()
	if err != nil {
		return err
	}
	starting := a.logger(c)
	if err := app.AwaitLedger(ctx, c, func(err error) { starting.Warn().Err(err).Msg("waiting for the database") }); err != nil {
		return err
	}
	l, err := a.loadToWork(ctx)
	if err != nil {
		return err
	}
	log := a.logger(l.Config)
	d, err := app.New(ctx, l, log, a.now)
	if err != nil {
		return err
	}
	go onHangup(ctx, d.Reload)
	var beside []scheduler.Part
	if isTerminal(a.out) {
		beside = append(beside, func(ctx context.Context) error { welcome(ctx, a, d); return nil })
	}
	d.Start(ctx, beside...)
	err = d.Wait()
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
