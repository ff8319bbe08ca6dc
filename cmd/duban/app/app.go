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
	"crypto/rand"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"duban/cmd/duban/config"
	"duban/ledger"
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
	"duban/scheduler/figures"
	"duban/web"
)

// Site is one installation: what the operator configured and what its plans say.
type Site struct {
	Config *config.Config
	Rules  *rules.Set // what could be read of them

	Problems *problem.List // with them

	// Evaluated tells that another time than now is (tick --at).
	Evaluated bool

	files   func(context.Context) ([]*ledger.RuleFile, error) // of the ledger that is open, where that has them
	version int64                                             // of those that were read first
}

// Load reads the configuration in file, or the defaults where that is empty, and
// the rules it names. change, unless nil, says where else to read them. What is
// wrong is in problems; without a configuration there is no site.
func Load(file string, problems *problem.List, change func(*planfile.Sources)) *Site {
	return load(file, problems, change, nil)
}

// load is Load out of a ledger that is open, where the ledger has the rules' files.
func load(file string, problems *problem.List, change func(*planfile.Sources), files func(context.Context) ([]*ledger.RuleFile, error)) *Site {
	c := config.Read(file, problems)
	if c == nil {
		return nil
	}
	version := int64(0)
	if files == nil {
		files = func(ctx context.Context) (all []*ledger.RuleFile, err error) {
			all, version, err = ruleFiles(ctx, c)
			return all, err
		}
	}
	src := sources(c, files, problems)
	if change != nil {
		change(&src)
	}
	if c.Shared() && len(src.Plans) == 0 && problems.Err() == nil {
		problems.Add(problem.Pos{File: c.File}, "the ledger in %s has no plan yet: duban ledger plans push brings those that the configuration names", c.Database.Name)
	}
	set, more := planfile.Load(src)
	problems.Join(more)
	if len(set.Units) > 0 {
		for _, v := range c.BulletinTo {
			if _, err := set.FindUnit(v.Text); err != nil {
				problems.AddTo(v.Pos, "to", "%w", err)
			}
		}
	}
	checkChannels(c, set, problems)
	return &Site{Config: c, Rules: set, Problems: problems, version: version}
}

// Loader reads the site's rules again while it runs.
func (s *Site) Loader() editor.Loader {
	return func(change func(*planfile.Sources)) (*rules.Set, *problem.List) {
		problems := &problem.List{}
		again := load(s.Config.File, problems, change, s.files)
		if again == nil {
			return nil, problems
		}
		return again.Rules, problems
	}
}

// Editor is where people change the site's rules; see editor.New.
func (s *Site) Editor(l ledger.Store, view func() engine.View, takeOver func(context.Context), log zerolog.Logger) *editor.Editor {
	ed := editor.New(l, view, s.Loader(), takeOver, log)
	if s.Config.Shared() {
		return ed.At(inLedger{}).InLedger()
	}
	return ed.At(home{s.Config.File})
}

// Settings say whom to tell, and when. The first plan gives the time zone where
// none is configured.
func (s *Site) Settings() engine.Settings {
	c := s.Config
	zone := c.Timezone
	if zone == nil {
		zone = time.UTC // without a plan nothing is told
		if len(s.Rules.Plans) > 0 {
			zone = s.Rules.Plans[0].Timezone
		}
	}
	out := engine.Settings{
		Language: c.Language, Timezone: zone, WindowFrom: c.WindowFrom, WindowTo: c.WindowTo, Weekends: c.Weekends,
		MaxNoticesPerTick: c.MaxNotices, AssignOnStart: c.AssignOnStart,
		From: c.From, Admins: c.Admins, KeepMailDays: c.KeepMailDays, OccurrenceYears: c.OccurrenceYears, Files: c.Files, NotBefore: Built(),
	}
	out.Bulletin = engine.Bulletins{At: c.BulletinAt, Spec: c.BulletinSpec, Say: figures.Say}
	for _, v := range c.BulletinTo {
		out.Bulletin.To = append(out.Bulletin.To, v.Text)
	}
	for _, channel := range c.Channels {
		out.Channels = append(out.Channels, channel.Name)
	}
	if links := Links(c); links != nil {
		out.Links = engine.Links{Item: links.Item, Unit: links.Unit, Supervisor: links.Supervisor}
	}
	return out
}

// theLockHolder owns all claims: no two daemons share a ledger in a file, and
// whoever holds its lock goes on with what the last one began.
const theLockHolder = "the one with the lock"

// thisProcess names a daemon among those that share a ledger: no other process, before
// or after, has the name.
func thisProcess() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return fmt.Sprintf("%s-%d-%s", host, os.Getpid(), strings.ToLower(rand.Text()[:8]))
}

// options are the daemon's.
func (s *Site) options() (o scheduler.Options, err error) {
	c := s.Config
	o = scheduler.Options{
		Settings: s.Settings(), Webhooks: webhooks(c), Backups: c.Backups, RuleFiles: s.version,
		Delivery: delivery.Settings{EnvelopeFrom: c.EnvelopeFrom, MaxPerMinute: c.MaxPerMinute, Owner: theLockHolder},
	}
	if c.Shared() {
		o.Delivery.Owner = thisProcess()
		if s.Evaluated {
			o.Machine = time.Now
		}
	}
	if o.Delivery.Beside, err = channels(c, time.Now); err != nil { // robots go by the machine's clock, whatever time is evaluated
		return o, err
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
func (s *Site) Open(ctx context.Context, to Access, clock scheduler.Clock) (*Book, error) {
	kept, err := OpenLedger(ctx, s.Config, to)
	if err != nil {
		return nil, err
	}
	s.files = kept.RuleFiles
	if _, err := engine.MarkDrafts(ctx, kept, s.Rules, s.Problems); err != nil {
		_ = kept.Close() // the first error is the one to tell
		return nil, err
	}
	settings := s.Settings()
	view := func() engine.View { return engine.View{Rules: s.Rules, Settings: settings, Now: clock()} }
	return &Book{kept, view, desk.New(kept, view, zerolog.Nop())}, nil
}

// Work opens the site for a process that evaluates and delivers: the one there is,
// whose ledger is locked, or one of those that share it. The ledger is brought to this
// version's schema. closeAll ends that.
func (s *Site) Work(ctx context.Context, log zerolog.Logger, clock scheduler.Clock) (sch *scheduler.Scheduler, closeAll func(), err error) {
	release, err := hold(s.Config)
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
		sch.Role.Leave()
		if err := sch.Ledger.Close(); err != nil {
			log.Error().Err(err).Msg("closing the ledger")
		}
		release()
	}, nil
}

// work is what Work does once nobody else may.
func (s *Site) work(ctx context.Context, channel notify.Channel, log zerolog.Logger, clock scheduler.Clock) (*scheduler.Scheduler, error) {
	options, err := s.options()
	if err != nil {
		return nil, err
	}
	if err := Migrate(ctx, s.Config); err != nil {
		return nil, err
	}
	kept, err := OpenLedger(ctx, s.Config, ToWork)
	if err != nil {
		return nil, err
	}
	s.files = kept.RuleFiles
	if err := s.agreeOnKey(ctx, kept); err != nil {
		_ = kept.Close() // the first error is the one to tell
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

// Shelf is an editor of rule files in a ledger whose rules need not be right yet.
func (s *Site) Shelf(l ledger.Store, clock scheduler.Clock, log zerolog.Logger) *editor.Editor {
	s.files = l.RuleFiles
	view := func() engine.View { return engine.View{Rules: s.Rules, Now: clock()} }
	return editor.New(l, view, s.Loader(), nil, log).At(inLedger{}).InLedger()
}
