// Package config reads config.toml: what the operator says of one installation.
//
// Read takes a file, or none for the defaults that run the shipped plan, and
// returns a Config whose paths are relative to the working folder; whatever is
// wrong stands in the problems with its place, all of it in one run. Secrets are
// not in the file: their own files, systemd's credentials or the environment give
// them when they are asked for (secrets.go).
package config

import (
	"errors"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"time"

	"github.com/robfig/cron/v3"
	"github.com/rs/zerolog"

	"duban/notify/mail"
	"duban/rules/address"
	"duban/rules/planfile"
	"duban/rules/problem"
	"duban/rules/toml"
	"duban/scheduler"
)

// Config is config.toml, with paths made relative to the working folder.
type Config struct {
	File     string   // empty: the built-in defaults
	Plans    []string // folders, those that patterns stand for among them
	Units    []string
	Language string
	Timezone *time.Location // nil: the first plan's

	Ledger      string    // the file; empty: in a database
	Database    *Database // of which kind; nil: it is a file
	AddressFile string    // with the address of the database
	address     string

	PlanPatterns []string // as plans = ["plans/*"] has them
	PlanHome     string   // the folder in which new plans come to be

	Schedule             cron.Schedule
	WindowFrom, WindowTo int
	Weekends             bool
	MaxNotices           int
	AssignOnStart        bool

	Transport    string
	Maildir      string
	From         address.Address
	EnvelopeFrom address.Address // zero: from
	Admins       []address.Address
	SMTP         mail.Config
	PasswordFile string
	MaxPerMinute int
	DKIM         struct{ Domain, Selector, KeyFile string }
	Bounces      struct{ Maildir, IMAP, Mailbox, Username, PasswordFile, CAFile string }

	Listen, BaseURL   string // no listen: no page
	LinkKeyFile       string
	CertFile, KeyFile string
	Proxies           []netip.Prefix
	MetricsFrom       []netip.Prefix

	OIDC OIDC // single sign-on

	BulletinAt   cron.Schedule // nil: no bulletin is made by itself
	BulletinSpec string
	BulletinTo   []*toml.Value // units; none: all that supervise others

	Backups      scheduler.BackupPlan
	KeepMailDays int

	OccurrenceYears int   // after which what has ended is put aside; 0: never
	Files           int64 // bytes that attached files may take in all

	Channels []*Channel // beside mail, in the order of the file
	Webhooks []*Webhook

	LogLevel  zerolog.Level
	LogFormat string
}

// places are where a configuration is looked for when none is named.
var places = []string{"config.toml", "/etc/duban/config.toml"}

// Find is the file to read; empty: none, the defaults run the shipped plan.
func Find(named string) (string, error) {
	if named != "" {
		return named, nil
	}
	for _, p := range places {
		if _, err := os.Stat(p); err == nil {
			return p, nil
		} else if !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrPermission) {
			// A working folder that may not be entered, as root's for runuser, has none.
			return "", problem.Errorf("%s: %w", p, err)
		}
	}
	return "", nil
}

// Read reads the configuration; what is wrong is in problems.
func Read(file string, problems *problem.List) *Config {
	var data []byte
	if file != "" {
		var err error
		if data, err = toml.ReadFile(file); err != nil {
			hint := "check its permissions"
			if errors.Is(err, fs.ErrNotExist) {
				hint = "there is no such file: duban init DIR writes one"
				err = nil
			}
			if err != nil {
				hint = err.Error() + ": " + hint
			}
			problems.Add(problem.Pos{File: file}, "%s", hint)
			return nil
		}
	}
	t := toml.Parse(file, data, problems)
	c := &Config{File: file, Language: "zh-CN"}
	r := reader{c, filepath.Dir(file), problems}
	r.top(t)
	r.schedule(r.section(t, "schedule"))
	r.mail(r.section(t, "mail"))
	r.web(r.section(t, "web"))
	r.bulletin(r.section(t, "bulletin"))
	r.backup(r.section(t, "backup"))
	r.retention(r.section(t, "retention"))
	r.log(r.section(t, "log"))
	r.channels(r.section(t, "channel"))
	r.webhooks(t)
	t.Done()
	return c
}

// CalendarDir is where duban calendar add keeps the years that were added: on a disk,
// or in the ledger.
func (c *Config) CalendarDir() string {
	if c.Shared() {
		return planfile.HeldCalendar
	}
	return filepath.Join(filepath.Dir(c.Ledger), "calendar")
}

// YearsBefore is where added years lie from when the ledger was a file in its usual
// place.
func (c *Config) YearsBefore() string {
	return filepath.Join(filepath.Dir(c.File), "var", "calendar")
}

// Sources are what the rules are loaded from.
func (c *Config) Sources(problems *problem.List) planfile.Sources {
	src := planfile.Sources{Plans: c.Plans, Units: c.Units}
	if _, err := os.Stat(c.CalendarDir()); err == nil && !c.Shared() {
		src.Years = planfile.ReadYears(c.CalendarDir(), problems)
	}
	return src
}
