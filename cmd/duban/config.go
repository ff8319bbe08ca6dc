package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
	"github.com/rs/zerolog"

	"duban/notify/mail"
	"duban/rules"
	"duban/rules/address"
	"duban/rules/planfile"
	"duban/rules/problem"
	"duban/rules/toml"
	"duban/scheduler"
	"duban/scheduler/engine"
	"duban/web"
)

// config is config.toml, with paths made relative to the working folder.
type config struct {
	file     string // empty: the built-in defaults
	plans    []string
	units    []string
	language string
	timezone *time.Location // nil: the first plan's
	ledger   string

	schedule             cron.Schedule
	windowFrom, windowTo int
	weekends             bool
	maxNotices           int
	assignOnStart        bool

	transport    string
	maildir      string
	from         address.Address
	envelopeFrom address.Address // zero: from
	admins       []address.Address
	smtp         mail.Config
	passwordFile string
	maxPerMinute int
	dkim         struct{ domain, selector, keyFile string }
	bounces      struct{ maildir, imap, mailbox, username, passwordFile, caFile string }

	listen, baseURL   string // no listen: no page
	certFile, keyFile string
	proxies           []netip.Prefix
	metricsFrom       []netip.Prefix

	backups      scheduler.Backups
	keepMailDays int

	logLevel  zerolog.Level
	logFormat string
}

// configPlaces are where a configuration is looked for when none is named.
var configPlaces = []string{"config.toml", "/etc/duban/config.toml"}

// findConfig is the file to read; empty: none, the defaults run the shipped plan.
func findConfig(named string) (string, error) {
	if named != "" {
		return named, nil
	}
	for _, p := range configPlaces {
		if _, err := os.Stat(p); err == nil {
			return p, nil
		} else if !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrPermission) {
			// A working folder that may not be entered, as root's for runuser, has none.
			return "", fmt.Errorf("%s: %w", p, err)
		}
	}
	return "", nil
}

// readConfig reads the configuration; what is wrong is in problems.
func readConfig(file string, problems *problem.List) *config {
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
	c := &config{file: file, language: "zh-CN"}
	r := configReader{c, filepath.Dir(file), problems}
	r.top(t)
	r.schedule(r.section(t, "schedule"))
	r.mail(r.section(t, "mail"))
	r.web(r.section(t, "web"))
	r.backup(r.section(t, "backup"))
	r.retention(r.section(t, "retention"))
	r.log(r.section(t, "log"))
	t.Done()
	return c
}

type configReader struct {
	*config
	dir      string
	problems *problem.List
}

// section is a sub-table; one that is not there is empty.
func (r configReader) section(t *toml.Table, key string) *toml.Table {
	if s := t.Table(key); s != nil {
		return s
	}
	return toml.Parse(r.file, nil, r.problems)
}

func (r configReader) path(p string) string {
	if p == "" || filepath.IsAbs(p) {
		return p
	}
	return filepath.Join(r.dir, p)
}

func textOr(t *toml.Table, key, otherwise string) string {
	if s := t.String(key); s != "" || t.Invalid(key) {
		return s
	}
	return otherwise
}

func (r configReader) top(t *toml.Table) {
	for _, v := range t.Strings("plans") {
		r.plans = append(r.plans, r.path(v.Text))
	}
	if !t.Has("plans") {
		r.plans = []string{"rules/plans/zhongshan-2017"}
	} else if len(r.plans) == 0 && t.Empty("plans") {
		t.Errorf("plans", `names no plan: write plans = ["rules/plans/zhongshan-2017"]`)
	}
	for _, v := range t.Strings("units") {
		r.units = append(r.units, r.path(v.Text))
	}
	r.language = textOr(t, "language", rules.Languages[0])
	if !slices.Contains(rules.Languages, r.language) && !t.Invalid("language") {
		t.Errorf("language", `no mails in %q: write "zh-CN" or "en"`, r.language)
	}
	if zone := t.String("timezone"); zone != "" {
		var err error
		if r.timezone, err = time.LoadLocation(zone); err != nil {
			t.Errorf("timezone", `no time zone %q: write a name like "Asia/Shanghai"`, zone)
		}
	}
	l := r.section(t, "ledger")
	r.ledger = r.path(textOr(l, "path", "var/duban.db"))
	l.Done()
}

func (r configReader) schedule(t *toml.Table) {
	spec := textOr(t, "tick", "*/5 * * * *")
	var err error
	if r.config.schedule, err = cron.ParseStandard(spec); err != nil || strings.Contains(spec, "TZ=") {
		t.Errorf("tick", `%q is no schedule: write five fields, as in "*/5 * * * *" (the time zone is the key timezone)`, spec)
	}
	window := textOr(t, "window", "08:30-17:30")
	from, to, ok := strings.Cut(window, "-")
	var errFrom, errTo error
	r.windowFrom, errFrom = rules.ParseClock(from)
	r.windowTo, errTo = rules.ParseClock(to)
	if !ok || errFrom != nil || errTo != nil || r.windowFrom >= r.windowTo {
		t.Errorf("window", `%q is no window: write it like "08:30-17:30", or "00:00-24:00" for always`, window)
	}
	r.weekends = t.Bool("weekends", false)
	if r.maxNotices = t.Int("max_notices_per_tick", 500); r.maxNotices < 1 {
		t.Errorf("max_notices_per_tick", "%d lets nothing out: write 1 or more", r.maxNotices)
	}
	r.assignOnStart = t.Bool("assign_on_start", true)
	t.Done()
}

func (r configReader) mail(t *toml.Table) {
	r.transport = textOr(t, "transport", "maildir")
	if r.transport != "maildir" && r.transport != "smtp" && !t.Invalid("transport") {
		t.Errorf("transport", `no transport %q: write "maildir" or "smtp"`, r.transport)
	}
	r.maildir = r.path(textOr(t, "maildir", "var/mail"))
	r.from = mailAddress(t, "from", textOr(t, "from", "督办提醒 <duban@zs.example>"))
	r.envelopeFrom = mailAddress(t, "envelope_from", t.String("envelope_from"))
	for _, v := range t.Strings("admins") {
		if a := mailAddress(t, "admins", v.Text); !a.IsZero() {
			r.admins = append(r.admins, a)
		}
	}
	if !t.Has("admins") {
		r.admins = []address.Address{address.Must("admin@zs.example")}
	}
	if r.maxPerMinute = t.Int("max_per_minute", 0); r.maxPerMinute < 0 {
		t.Errorf("max_per_minute", "%d: write how many mails may leave in a minute, or 0 for no limit", r.maxPerMinute)
	}
	r.readDKIM(r.section(t, "dkim"))
	r.readBounces(r.section(t, "bounces"))
	s := r.section(t, "smtp")
	if s.Has("max_per_minute") {
		r.maxPerMinute = s.Int("max_per_minute", 0)
	}
	r.smtp = mail.Config{
		Host: textOr(s, "host", "127.0.0.1"), Port: s.Int("port", 587), Security: textOr(s, "security", "starttls"),
		Username: s.String("username"), CAFile: r.path(s.String("ca_file")), Connections: s.Int("connections", 4),
		Helo: s.String("helo"),
	}
	if r.smtp.Helo != "" && !heloForm.MatchString(r.smtp.Helo) {
		s.Errorf("helo", `%q is no name of a machine: write it like "duban.zs.example", or as an address, "[192.0.2.1]"`, r.smtp.Helo)
	}
	r.passwordFile = r.path(s.String("password_file"))
	if r.smtp.Port < 1 || r.smtp.Port > 65535 {
		s.Errorf("port", "%d is no port: write 587, 465 or 25", r.smtp.Port)
	}
	if !slices.Contains([]string{"starttls", "tls", "none"}, r.smtp.Security) && !s.Invalid("security") {
		s.Errorf("security", `%q is none of "starttls", "tls", "none"`, r.smtp.Security)
	}
	if r.smtp.Connections < 1 || r.smtp.Connections > 64 {
		s.Errorf("connections", "%d: write 1 to 64", r.smtp.Connections)
	}
	timeout := textOr(s, "timeout", "30s")
	var err error
	if r.smtp.Timeout, err = time.ParseDuration(timeout); err != nil || r.smtp.Timeout < time.Second || r.smtp.Timeout > 10*time.Minute {
		s.Errorf("timeout", `%q: write a time from "1s" to "10m"`, timeout)
	}
	s.Done()
	t.Done()
}

// heloForm is what EHLO may say: a name with a dot in it, or an address literal
// (RFC 5321, 4.1.1.1).
var heloForm = regexp.MustCompile(`^([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)+|\[[0-9A-Za-z:.]+\])$`)

func (r configReader) readDKIM(t *toml.Table) {
	d := &r.config.dkim
	d.domain, d.selector, d.keyFile = t.String("domain"), t.String("selector"), r.path(t.String("key_file"))
	if d.domain != "" || d.selector != "" || d.keyFile != "" {
		for _, key := range []string{"domain", "selector", "key_file"} {
			if !t.Has(key) {
				t.Missing(key, `a signature needs domain, selector and key_file`)
			}
		}
	}
	t.Done()
}

func (r configReader) readBounces(t *toml.Table) {
	b := &r.config.bounces
	b.maildir, b.imap, b.mailbox = r.path(t.String("maildir")), t.String("imap"), t.String("mailbox")
	b.username, b.passwordFile, b.caFile = t.String("username"), r.path(t.String("password_file")), r.path(t.String("ca_file"))
	if b.maildir != "" && b.imap != "" {
		t.Errorf("imap", "a second inbox beside maildir: name one")
	}
	if _, _, err := net.SplitHostPort(b.imap); err != nil && b.imap != "" {
		t.Errorf("imap", `%q is no address: write it like "imap.zs.example:993"`, b.imap)
	}
	t.Done()
}

// mailAddress reads an address with or without a name; none where s is empty,
// or of the wrong kind, which is told already.
func mailAddress(t *toml.Table, key, s string) address.Address {
	if s == "" {
		return address.Address{}
	}
	a, err := address.Parse(s)
	if err != nil {
		t.Errorf(key, `%q is no mail address: %v: write it like "督办提醒 <duban@zs.example>"`, s, err)
	}
	return a
}

func (r configReader) web(t *toml.Table) {
	r.listen = textOr(t, "listen", "127.0.0.1:8417")
	if t.Has("listen") && t.String("listen") == "" {
		r.listen = "" // no page
	}
	if _, _, err := net.SplitHostPort(r.listen); err != nil && r.listen != "" {
		t.Errorf("listen", `%q is no address: write it like "127.0.0.1:8417", or "" for no page`, r.listen)
	}
	r.certFile, r.keyFile = r.path(t.String("cert_file")), r.path(t.String("key_file"))
	if (r.certFile == "") != (r.keyFile == "") {
		t.Errorf("cert_file", "TLS wants both cert_file and key_file")
	}
	scheme := "http://"
	if r.certFile != "" {
		scheme = "https://"
	}
	r.baseURL = strings.TrimRight(textOr(t, "base_url", scheme+r.listen), "/")
	if u, err := url.Parse(r.baseURL); r.listen != "" && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.Path != "" || u.RawQuery != "") {
		t.Errorf("base_url", `%q is no address of a page: write it like "https://duban.zs.example"`, r.baseURL)
	}
	r.proxies = networks(t, "trusted_proxies")
	r.metricsFrom = networks(t, "metrics_from")
	// Through a proxy everybody comes from this machine: then who may is to be said.
	if direct := r.certFile != "" || len(r.proxies) == 0 && isLoopbackURL(r.baseURL); direct && !t.Has("metrics_from") {
		r.metricsFrom = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	}
	t.Done()
}

// networks reads addresses, each alone or with the length of a prefix.
func networks(t *toml.Table, key string) []netip.Prefix {
	var out []netip.Prefix
	for _, v := range t.Strings(key) {
		p, err := netip.ParsePrefix(v.Text)
		if a, aErr := netip.ParseAddr(v.Text); aErr == nil {
			p, err = netip.PrefixFrom(a, a.BitLen()), nil
		}
		if err != nil {
			t.ErrorAt(v, key, `%q is no address: write it like "127.0.0.1" or "10.0.0.0/8"`, v.Text)
			continue
		}
		out = append(out, p)
	}
	return out
}

func (r configReader) backup(t *toml.Table) {
	b := &r.config.backups
	b.Dir = r.path(t.String("dir"))
	spec := textOr(t, "at", "0 3 * * *")
	var err error
	if b.At, err = cron.ParseStandard(spec); err != nil || strings.Contains(spec, "TZ=") {
		t.Errorf("at", `%q is no schedule: write five fields, as in "0 3 * * *" for every night at three`, spec)
	}
	if b.Keep = t.Int("keep", 14); b.Keep < 1 {
		t.Errorf("keep", "%d keeps nothing: write 1 or more", b.Keep)
	}
	t.Done()
}

func (r configReader) retention(t *toml.Table) {
	if r.keepMailDays = t.Int("mail_days", 0); r.keepMailDays < 0 || r.keepMailDays > 0 && r.keepMailDays < 30 {
		t.Errorf("mail_days", "%d is too few: write 30 or more, or 0 to keep all", r.keepMailDays)
	}
	t.Done()
}

func (r configReader) log(t *toml.Table) {
	level := textOr(t, "level", "info")
	var err error
	if r.logLevel, err = zerolog.ParseLevel(level); err != nil || !slices.Contains([]string{"debug", "info", "warn", "error"}, level) {
		t.Errorf("level", `%q is none of "debug", "info", "warn", "error"`, level)
	}
	r.logFormat = textOr(t, "format", "auto")
	if !slices.Contains([]string{"auto", "console", "json", "journal"}, r.logFormat) && !t.Invalid("format") {
		t.Errorf("format", `%q is none of "auto", "console", "json", "journal"`, r.logFormat)
	}
	t.Done()
}

// calendarDir is where duban calendar add keeps the years that were added.
func (c *config) calendarDir() string { return filepath.Join(filepath.Dir(c.ledger), "calendar") }

// sources are what the rules are loaded from.
func (c *config) sources(problems *problem.List) planfile.Sources {
	src := planfile.Sources{Plans: c.plans, Units: c.units}
	if _, err := os.Stat(c.calendarDir()); err == nil {
		src.Years = planfile.ReadYears(c.calendarDir(), problems)
	}
	return src
}

// options are the daemon's.
func (c *config) options(set *rules.Set) (o scheduler.Options, err error) {
	o = scheduler.Options{
		Settings: c.settings(set), Backups: c.backups,
		Owner:   "the one with the lock", // no two daemons share a ledger in a file: whoever holds the lock goes on with what the last one began
		Sending: scheduler.Sending{EnvelopeFrom: c.envelopeFrom, MaxPerMinute: c.maxPerMinute},
	}
	if o.Sending.Signer, err = c.signer(); err != nil {
		return o, err
	}
	o.Sending.Inbox, err = c.inbox()
	return o, err
}

// settings say whom to tell, and when; set gives the time zone where none is
// configured.
func (c *config) settings(set *rules.Set) engine.Settings {
	zone := c.timezone
	if zone == nil {
		zone = set.Plans[0].Timezone
	}
	s := engine.Settings{
		Language: c.language, Timezone: zone, WindowFrom: c.windowFrom, WindowTo: c.windowTo, Weekends: c.weekends,
		MaxNoticesPerTick: c.maxNotices, AssignOnStart: c.assignOnStart,
		From: c.from, Admins: c.admins, KeepMailDays: c.keepMailDays, NotBefore: built(),
	}
	if links := c.links(); links != nil {
		s.Links = engine.Links{Item: links.Item, Unit: links.Unit, Supervisor: links.Supervisor}
	}
	return s
}

// password is the SMTP password: from its file, from systemd (LoadCredential=,
// systemd.exec(5)), or from the environment.
func (c *config) password() (string, error) {
	if c.smtp.Username == "" {
		return "", nil
	}
	return secret("[mail.smtp]", c.passwordFile, "smtp-password", "DUBAN_SMTP_PASSWORD")
}

// linkKey is what signs the links of units: the systemd credential link-key, or
// a file beside the ledger that is made when it is first needed.
func (c *config) linkKey() string {
	if file := givenLinkKey(); file != "" {
		return file
	}
	return filepath.Join(filepath.Dir(c.ledger), "link.key")
}

// givenLinkKey is the one that systemd hands over; empty: none.
func givenLinkKey() string {
	dir := os.Getenv("CREDENTIALS_DIRECTORY")
	if dir == "" {
		return ""
	}
	file := filepath.Join(dir, "link-key")
	if _, err := os.Stat(file); err != nil {
		return ""
	}
	return file
}

func (c *config) linkKeyGiven() bool { return givenLinkKey() != "" }

// links makes the signed addresses of the page, or nil where there is none.
func (c *config) links() *web.Links {
	if c.listen == "" {
		return nil
	}
	return &web.Links{Base: c.baseURL, Key: web.FileKey(c.linkKey())}
}

func secret(section, file, credential, variable string) (string, error) {
	if file == "" {
		if dir := os.Getenv("CREDENTIALS_DIRECTORY"); dir != "" {
			if _, err := os.Stat(filepath.Join(dir, credential)); err == nil {
				file = filepath.Join(dir, credential)
			}
		}
	}
	if file == "" {
		if p := os.Getenv(variable); p != "" {
			return p, nil
		}
		return "", fmt.Errorf("%s username is set, but no password: name a password_file, or set the credential %s or %s", section, credential, variable)
	}
	b, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("%s password_file: %w", section, err)
	}
	return strings.TrimRight(string(b), "\r\n"), nil
}

// signer is what mails are signed with, or nil.
func (c *config) signer() (*mail.Signer, error) {
	if c.dkim.keyFile == "" {
		return nil, nil
	}
	return mail.NewSigner(c.dkim.domain, c.dkim.selector, c.dkim.keyFile)
}

// inbox is where delivery reports arrive, or nil.
func (c *config) inbox() (mail.Inbox, error) {
	switch b := c.bounces; {
	case b.maildir != "":
		return mail.MaildirInbox{Path: b.maildir}, nil
	case b.imap != "":
		password, err := secret("[mail.bounces]", b.passwordFile, "imap-password", "DUBAN_IMAP_PASSWORD")
		return mail.IMAPInbox{Address: b.imap, Username: b.username, Password: password, Mailbox: b.mailbox, CAFile: b.caFile}, err
	}
	return nil, nil
}

// openTransport is where mail goes.
func (c *config) openTransport(now func() time.Time) (mail.Transport, error) {
	if c.transport == "maildir" {
		return mail.OpenMaildir(c.maildir, false)
	}
	smtp := c.smtp
	var err error
	if smtp.Password, err = c.password(); err != nil {
		return nil, err
	}
	return mail.NewSMTP(smtp, now)
}

// isLoopbackURL tells whether an address reaches this machine alone.
func isLoopbackURL(base string) bool {
	u, err := url.Parse(base)
	if err != nil {
		return false
	}
	a, err := netip.ParseAddr(u.Hostname())
	return u.Hostname() == "localhost" || err == nil && a.IsLoopback()
}
