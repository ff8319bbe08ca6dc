package app

import (
	"context"
	"errors"
	"os"

	"github.com/rs/zerolog"
	"golang.org/x/sync/errgroup"

	"duban/cmd/duban/config"
	"duban/ledger"
	"duban/scheduler"
)

// Daemon is what duban serve runs: scheduler, delivery, page, and what tells the
// service manager how they are.
type Daemon struct {
	Site      *Site
	Scheduler *scheduler.Scheduler
	Log       zerolog.Logger
	// First is the address that makes the page's first account; empty: there is one,
	// or no page.
	First string
	// Reload is written to when somebody asks for the rules to be read again.
	Reload chan struct{}

	page     Part // nil: none
	closeAll func()
	parts    *errgroup.Group
	stop     context.CancelFunc
}

// Part is one of the things that a daemon does until its context ends.
type Part func(context.Context) error

// New opens all that a daemon needs; nothing runs yet. The caller starts it, or
// closes it again.
func New(ctx context.Context, site *Site, log zerolog.Logger, clock scheduler.Clock) (*Daemon, error) {
	s, closeAll, err := site.Work(ctx, log, clock)
	if err != nil {
		return nil, err
	}
	d := &Daemon{Site: site, Scheduler: s, Log: log, Reload: make(chan struct{}, 1), closeAll: closeAll}
	if err := d.ready(ctx); err != nil {
		closeAll()
		return nil, err
	}
	return d, nil
}

func (d *Daemon) ready(ctx context.Context) error {
	c := d.Site.Config
	if book, ok := d.Scheduler.Ledger.(ledger.File); ok {
		if err := book.Check(ctx); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(c.CalendarDir(), 0o750); err != nil {
		return err
	}
	d.say()
	var err error
	d.page, d.First, err = newPage(ctx, d.Site, d.Scheduler, d.Log)
	return err
}

// say logs what was opened.
func (d *Daemon) say() {
	c := d.Site.Config
	d.Log.Info().Str("version", Version()).Str("ledger", c.Ledger).Str("transport", c.Transport).
		Int("plans", len(d.Site.Rules.Plans)).Int("units", len(d.Site.Rules.Units)).Msg("started")
	if what := config.OpenToOthers(c.LinkKey()); what != "" && !c.LinkKeyGiven() && c.Listen != "" {
		d.Log.Warn().Msg(what)
	}
	if v := d.Scheduler.View(); !v.MailMayLeave() {
		d.Log.Info().Time("opens", v.Opens()).Msg("the window for mail is closed")
	}
}

// Start lets all parts run until ctx ends or Stop is called; more are run beside
// them. A part that ends with an error ends all of it: half a daemon is worse
// than none, which the service manager starts again.
func (d *Daemon) Start(ctx context.Context, more ...Part) {
	ctx, d.stop = context.WithCancel(ctx)
	d.watch(ctx)
	d.parts, ctx = errgroup.WithContext(ctx)
	manager := &manager{s: d.Scheduler, log: d.Log}
	load := manager.telling(d.Site.Loader())
	all := append([]Part{
		func(ctx context.Context) error { manager.watch(ctx); return nil },
		func(ctx context.Context) error { return d.Scheduler.Run(ctx, d.Site.Config.Schedule, d.Reload, load) },
	}, more...)
	if d.page != nil {
		all = append(all, d.page)
	}
	for _, part := range all {
		d.parts.Go(func() error { return part(ctx) })
	}
}

// watch asks for a reload when a file changes that the rules come from.
func (d *Daemon) watch(ctx context.Context) {
	c := d.Site.Config
	files := append(append([]string{c.CalendarDir()}, c.Plans...), c.Units...)
	if c.File != "" {
		files = append(files, c.File)
	}
	if err := scheduler.Watch(ctx, files, d.Reload); err != nil {
		d.Log.Warn().Err(err).Msg("edits are not noticed by themselves: send SIGHUP")
	}
}

// Stop tells all parts to end; the mails in hand have a few seconds.
func (d *Daemon) Stop() { d.stop() }

// Wait waits until all parts have ended, closes what New opened, and returns the
// error that ended them. Being told to stop is none.
func (d *Daemon) Wait() error {
	defer d.closeAll()
	defer d.stop()
	err := d.parts.Wait()
	if errors.Is(err, context.Canceled) {
		err = nil
	}
	return err
}
