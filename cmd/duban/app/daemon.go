package app

import (
	"context"
	"errors"
	"os"

	"github.com/rs/zerolog"

	"duban/cmd/duban/config"
	"duban/ledger"
	"duban/rules/problem"
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

	page     scheduler.Part // nil: none
	closeAll func()
	ended    chan error
	stop     context.CancelFunc
}

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
	if !c.Shared() {
		if err := os.MkdirAll(c.CalendarDir(), 0o750); err != nil {
			return err
		}
	}
	d.say()
	var err error
	d.page, d.First, err = newPage(ctx, d.Site, d.Scheduler, d.Log)
	return err
}

// say logs what was opened.
func (d *Daemon) say() {
	c := d.Site.Config
	d.Log.Info().Str("version", Version()).Str("ledger", Where(c)).Str("transport", c.Transport).
		Int("plans", len(d.Site.Rules.Plans)).Int("units", len(d.Site.Rules.Units)).Msg("started")
	if what := config.OpenToOthers(c.LinkKey()); what != "" && !c.LinkKeyGiven() && c.Listen != "" {
		d.Log.Warn().Msg(what)
	}
	if v := d.Scheduler.View(); !v.MailMayLeave() {
		d.Log.Info().Time("opens", v.Opens()).Msg("the window for mail is closed")
	}
}

// Start lets all parts run until ctx ends or Stop is called; more are run beside
// them. A part that ends with an error ends all of it.
func (d *Daemon) Start(ctx context.Context, more ...scheduler.Part) {
	ctx, d.stop = context.WithCancel(ctx)
	manager := &manager{s: d.Scheduler, log: d.Log}
	parts := append(more, manager.watch)
	if watch := d.watch(); watch != nil {
		parts = append(parts, watch)
	}
	if d.page != nil {
		parts = append(parts, d.page)
	}
	d.ended = make(chan error, 1)
	go func() {
		d.ended <- d.Scheduler.Run(ctx, d.Site.Config.Schedule, d.Reload, manager.telling(d.Site.Loader()), parts...)
	}()
}

// watch asks for a reload when a file changes that the rules come from; nil: that
// cannot be noticed.
func (d *Daemon) watch() scheduler.Part {
	w, err := scheduler.NewWatch(func() []string {
		if c := config.Read(d.Site.Config.File, &problem.List{}); c != nil {
			return c.Watched()
		}
		return d.Site.Config.Watched() // what is wrong with it is told by whoever loads it
	})
	if err != nil {
		d.Log.Warn().Err(err).Msg("edits are not noticed by themselves: send SIGHUP")
		return nil
	}
	return func(ctx context.Context) error { return w.Run(ctx, d.Reload) }
}

// Stop tells all parts to end; the mails in hand have a few seconds.
func (d *Daemon) Stop() { d.stop() }

// Wait waits until all parts have ended, closes what New opened, and returns the
// error that ended them. Being told to stop is none.
func (d *Daemon) Wait() error {
	defer d.closeAll()
	defer d.stop()
	err := <-d.ended
	if errors.Is(err, context.Canceled) {
		err = nil
	}
	return err
}
