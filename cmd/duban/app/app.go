// Package app puts duban together: the configuration with the rules that it
// names (Site), the ledger, to act on (Open) or to evaluate and
// deliver from (Work), and the daemon
// as a whole (Daemon: Start, Stop).
//
// Commands take the part that they need; tests start, break and stop a daemon in
// their own process. Nothing here decides anything: it opens, passes on and
// closes again.
package app

import (
	"context"
	"time"

	"github.com/rs/zerolog"

	"duban/cmd/duban/config"
	"duban/ledger"
	"duban/ledger/sqlite"
	"duban/notify"
	"duban/notify/mail"
	"duban/rules"
	"duban/rules/planfile"
	"duban/rules/problem"
	"duban/scheduler"
	"duban/scheduler/delivery"
	"duban/scheduler/desk"
	"duban/scheduler/editor"
	"duban/scheduler/engine"
	"duban/web"
)

// Site is one installation: what the operator configured and what its plans say.
type Site struct {
	Config *config.Config
	Rules  *rules.Set // what could be read of them

	Problems *problem.List // with them
}

// Load reads the configuration in file, or the defaults where that is empty, and
// the rules it names. change, unless nil, says where else to read them. What is
// wrong is in problems; without a configuration there is no site.
func Load(file string, problems *problem.List, change func(*planfile.Sources)) *Site {
	c := config.Read(file, problems)
	if c == nil {
		return nil
	}
	src := c.Sources(problems)
	if change != nil {
		change(&src)
	}
	set, more := planfile.Load(src)
	problems.Join(more)
	return &Site{c, set, problems}
}

// Loader reads the site's rules again while it runs.
func (s *Site) Loader() editor.Loader {
	return func(change func(*planfile.Sources)) (*rules.Set, *problem.List) {
		problems := &problem.List{}
		again := Load(s.Config.File, problems, change)
		if again == nil {
			return nil, problems
		}
		return again.Rules, problems
	}
}

// Editor is where people change the site's rules; see editor.New.
func (s *Site) Editor(l ledger.Store, view func() engine.View, takeOver func(context.Context), log zerolog.Logger) *editor.Editor {
	return editor.New(l, view, s.Loader(), takeOver, log).At(home{s.Config.File})
}

// Settings say whom to tell, and when. The first plan gives the time zone where
// none is configured.
func (s *Site) Settings() engine.Settings {
	c := s.Config
	zone := c.Timezone
	if zone == nil {
		zone = s.Rules.Plans[0].Timezone
	}
	out := engine.Settings{
		Language: c.Language, Timezone: zone, WindowFrom: c.WindowFrom, WindowTo: c.WindowTo, Weekends: c.Weekends,
		MaxNoticesPerTick: c.MaxNotices, AssignOnStart: c.AssignOnStart,
		From: c.From, Admins: c.Admins, KeepMailDays: c.KeepMailDays, Files: c.Files, NotBefore: Built(),
	}
	if links := Links(c); links != nil {
		out.Links = engine.Links{Item: links.Item, Unit: links.Unit, Supervisor: links.Supervisor}
	}
	return out
}

// theLockHolder owns all claims: no two daemons share a ledger in a file, and
// whoever holds its lock goes on with what the last one began.
const theLockHolder = "the one with the lock"

// options are the daemon's.
func (s *Site) options() (o scheduler.Options, err error) {
	c := s.Config
	o = scheduler.Options{
		Settings: s.Settings(), Backups: c.Backups,
		Delivery: delivery.Settings{EnvelopeFrom: c.EnvelopeFrom, MaxPerMinute: c.MaxPerMinute, Owner: theLockHolder},
	}
	o.Delivery.Inbox, err = Inbox(c)
	return o, err
}

// Links makes the signed addresses of the page, or nil where there is none.
func Links(c *config.Config) *web.Links {
	if c.Listen == "" {
		return nil
	}
	return &web.Links{Base: c.BaseURL, Key: web.FileKey(c.LinkKey())}
}

// Inbox is where delivery reports arrive, or nil.
func Inbox(c *config.Config) (mail.Inbox, error) {
	switch b := c.Bounces; {
	case b.Maildir != "":
		return mail.MaildirInbox{Path: b.Maildir}, nil
	case b.IMAP != "":
		password, err := c.InboxPassword()
		return mail.IMAPInbox{Address: b.IMAP, Username: b.Username, Password: password, Mailbox: b.Mailbox, CAFile: b.CAFile}, err
	}
	return nil, nil
}

// Mail is the channel that mailboxes are reached by. It connects to nothing yet.
func Mail(c *config.Config, clock scheduler.Clock) (*mail.Channel, error) {
	signer, err := Signer(c)
	if err != nil {
		return nil, err
	}
	transport, err := Transport(c, clock)
	if err != nil {
		return nil, err
	}
	return mail.NewChannel(transport, signer), nil
}

// Signer is what mails are signed with, or nil.
func Signer(c *config.Config) (*mail.Signer, error) {
	if c.DKIM.KeyFile == "" {
		return nil, nil
	}
	return mail.NewSigner(c.DKIM.Domain, c.DKIM.Selector, c.DKIM.KeyFile)
}

// Transport is what puts mails into mailboxes.
func Transport(c *config.Config, clock scheduler.Clock) (mail.Transport, error) {
	if c.Transport == "maildir" {
		return mail.OpenMaildir(c.Maildir, false)
	}
	smtp := c.SMTP
	var err error
	if smtp.Password, err = c.Password(); err != nil {
		return nil, err
	}
	return mail.NewSMTP(smtp, clock)
}

// Book is the site's ledger, open, with what acts on it.
type Book struct {
	ledger.Store
	View func() engine.View
	Desk *desk.Desk
}

// Open opens the site's ledger for somebody who looks or acts beside the daemon.
// The caller closes it.
func (s *Site) Open(ctx context.Context, opt sqlite.Options, clock scheduler.Clock) (*Book, error) {
	kept, err := sqlite.Open(ctx, s.Config.Ledger, opt)
	if err != nil {
		return nil, err
	}
	if _, err := engine.MarkDrafts(ctx, kept, s.Rules, s.Problems); err != nil {
		_ = kept.Close() // the first error is the one to tell
		return nil, err
	}
	settings := s.Settings()
	view := func() engine.View { return engine.View{Rules: s.Rules, Settings: settings, Now: clock()} }
	return &Book{kept, view, desk.New(kept, view, zerolog.Nop())}, nil
}

// Work opens the site for the one process that evaluates and delivers: its ledger
// is locked, and brought to this version's schema. closeAll ends that.
func (s *Site) Work(ctx context.Context, log zerolog.Logger, clock scheduler.Clock) (sch *scheduler.Scheduler, closeAll func(), err error) {
	release, err := sqlite.Lock(s.Config.Ledger)
	if err != nil {
		return nil, nil, err
	}
	channel, err := Mail(s.Config, time.Now) // connections rest by the machine's clock, whatever time is evaluated
	if err == nil {
		if sch, err = s.work(ctx, channel, log, clock); err != nil {
			_ = channel.Close() // the first error is the one to tell
		}
	}
	if err != nil {
		release()
		return nil, nil, err
	}
	return sch, func() {
		_ = channel.Close() // all that was sent has been answered
		if err := sch.Ledger.Close(); err != nil {
			log.Error().Err(err).Msg("closing the ledger")
		}
		release()
	}, nil
}

// work is what Work does once the ledger is locked.
func (s *Site) work(ctx context.Context, channel notify.Channel, log zerolog.Logger, clock scheduler.Clock) (*scheduler.Scheduler, error) {
	if links := Links(s.Config); links != nil {
		if _, err := links.Key(); err != nil {
			return nil, problem.Errorf("the key of the units' links: %w", err)
		}
	}
	options, err := s.options()
	if err != nil {
		return nil, err
	}
	if err := sqlite.Migrate(ctx, s.Config.Ledger); err != nil {
		return nil, err
	}
	kept, err := sqlite.Open(ctx, s.Config.Ledger, sqlite.Options{Sole: true})
	if err != nil {
		return nil, err
	}
	if _, err := engine.MarkDrafts(ctx, kept, s.Rules, s.Problems); err != nil {
		_ = kept.Close() // the first error is the one to tell
		return nil, err
	}
	if err := s.Problems.Err(); err != nil { // inside a plan that is no draft of this ledger
		_ = kept.Close()
		return nil, err
	}
	return scheduler.New(options, s.Rules, kept, channel, log, clock), nil
}
