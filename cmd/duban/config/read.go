package config

import (
	"net"
	"net/netip"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"duban/notify/mail"
	"duban/rules"
	"duban/rules/address"
	"duban/rules/problem"
	"duban/rules/toml"

	"github.com/robfig/cron/v3"
	"github.com/rs/zerolog"
)

type reader struct {
	c        *Config
	dir      string
	problems *problem.List
}

// section is a sub-table; one that is not there is empty.
func (r reader) section(t *toml.Table, key string) *toml.Table {
	if s := t.Table(key); s != nil {
		return s
	}
	return toml.Parse(r.c.File, nil, r.problems)
}

func (r reader) path(p string) string {
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

func (r reader) top(t *toml.Table) {
	r.ledger(r.section(t, "ledger"))
	r.plans(t)
	for _, v := range t.Strings("units") {
		r.c.Units = append(r.c.Units, r.path(v.Text))
	}
	r.c.Language = textOr(t, "language", rules.Languages[0])
	if !slices.Contains(rules.Languages, r.c.Language) && !t.Invalid("language") {
		t.Errorf("language", `no mails in %q: write "zh-CN" or "en"`, r.c.Language)
	}
	if zone := t.String("timezone"); zone != "" {
		var err error
		if r.c.Timezone, err = time.LoadLocation(zone); err != nil {
			t.Errorf("timezone", `no time zone %q: write a name like "Asia/Shanghai"`, zone)
		}
	}
}

// sizeOf reads a number of bytes with its unit; 0: it is none.
func sizeOf(s string) int64 {
	for unit, bytes := range map[string]int64{"MB": 1 << 20, "GB": 1 << 30, "TB": 1 << 40} {
		if n, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(s, unit)), 10, 32); strings.HasSuffix(s, unit) && err == nil && n > 0 {
			return n * bytes
		}
	}
	return 0
}

func (r reader) schedule(t *toml.Table) {
	spec := textOr(t, "tick", "*/5 * * * *")
	var err error
	if r.c.Schedule, err = cron.ParseStandard(spec); err != nil || strings.Contains(spec, "TZ=") {
		t.Errorf("tick", `%q is no schedule: write five fields, as in "*/5 * * * *" (the time zone is the key timezone)`, spec)
	}
	window := textOr(t, "window", "08:30-17:30")
	from, to, ok := strings.Cut(window, "-")
	var errFrom, errTo error
	r.c.WindowFrom, errFrom = rules.ParseClock(from)
	r.c.WindowTo, errTo = rules.ParseClock(to)
	if !ok || errFrom != nil || errTo != nil || r.c.WindowFrom >= r.c.WindowTo {
		t.Errorf("window", `%q is no window: write it like "08:30-17:30", or "00:00-24:00" for always`, window)
	}
	r.c.Weekends = t.Bool("weekends", false)
	if r.c.MaxNotices = t.Int("max_notices_per_tick", 500); r.c.MaxNotices < 1 {
		t.Errorf("max_notices_per_tick", "%d lets nothing out: write 1 or more", r.c.MaxNotices)
	}
	r.c.AssignOnStart = t.Bool("assign_on_start", true)
	t.Done()
}

func (r reader) mail(t *toml.Table) {
	r.c.Transport = textOr(t, "transport", "maildir")
	if r.c.Transport != "maildir" && r.c.Transport != "smtp" && !t.Invalid("transport") {
		t.Errorf("transport", `no transport %q: write "maildir" or "smtp"`, r.c.Transport)
	}
	r.c.Maildir = r.path(textOr(t, "maildir", "var/mail"))
	r.c.From = mailAddress(t, "from", textOr(t, "from", "督办提醒 <duban@zs.example>"))
	r.c.EnvelopeFrom = mailAddress(t, "envelope_from", t.String("envelope_from"))
	for _, v := range t.Strings("admins") {
		if a := mailAddress(t, "admins", v.Text); !a.IsZero() {
			r.c.Admins = append(r.c.Admins, a)
		}
	}
	if !t.Has("admins") {
		r.c.Admins = []address.Address{address.Must("admin@zs.example")}
	}
	if r.c.MaxPerMinute = t.Int("max_per_minute", 0); r.c.MaxPerMinute < 0 {
		t.Errorf("max_per_minute", "%d: write how many mails may leave in a minute, or 0 for no limit", r.c.MaxPerMinute)
	}
	r.readDKIM(r.section(t, "dkim"))
	r.readBounces(r.section(t, "bounces"))
	s := r.section(t, "smtp")
	if s.Has("max_per_minute") {
		r.c.MaxPerMinute = s.Int("max_per_minute", 0)
	}
	r.c.SMTP = mail.Config{
		Host: textOr(s, "host", "127.0.0.1"), Port: s.Int("port", 587), Security: textOr(s, "security", "starttls"),
		Username: s.String("username"), CAFile: r.path(s.String("ca_file")), Connections: s.Int("connections", 4),
		Helo: s.String("helo"),
	}
	if r.c.SMTP.Helo != "" && !heloForm.MatchString(r.c.SMTP.Helo) {
		s.Errorf("helo", `%q is no name of a machine: write it like "duban.zs.example", or as an address, "[192.0.2.1]"`, r.c.SMTP.Helo)
	}
	r.c.PasswordFile = r.path(s.String("password_file"))
	if r.c.SMTP.Port < 1 || r.c.SMTP.Port > 65535 {
		s.Errorf("port", "%d is no port: write 587, 465 or 25", r.c.SMTP.Port)
	}
	if !slices.Contains([]string{"starttls", "tls", "none"}, r.c.SMTP.Security) && !s.Invalid("security") {
		s.Errorf("security", `%q is none of "starttls", "tls", "none"`, r.c.SMTP.Security)
	}
	if r.c.SMTP.Connections < 1 || r.c.SMTP.Connections > 64 {
		s.Errorf("connections", "%d: write 1 to 64", r.c.SMTP.Connections)
	}
	timeout := textOr(s, "timeout", "30s")
	var err error
	if r.c.SMTP.Timeout, err = time.ParseDuration(timeout); err != nil || r.c.SMTP.Timeout < time.Second || r.c.SMTP.Timeout > 10*time.Minute {
		s.Errorf("timeout", `%q: write a time from "1s" to "10m"`, timeout)
	}
	s.Done()
	t.Done()
}

// heloForm is what EHLO may say: a name with a dot in it, or an address literal
// (RFC 5321, 4.1.1.1).
var heloForm = regexp.MustCompile(`^([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)+|\[[0-9A-Za-z:.]+\])$`)

func (r reader) readDKIM(t *toml.Table) {
	d := &r.c.DKIM
	d.Domain, d.Selector, d.KeyFile = t.String("domain"), t.String("selector"), r.path(t.String("key_file"))
	if d.Domain != "" || d.Selector != "" || d.KeyFile != "" {
		for _, key := range []string{"domain", "selector", "key_file"} {
			if !t.Has(key) {
				t.Missing(key, `a signature needs domain, selector and key_file`)
			}
		}
	}
	t.Done()
}

func (r reader) readBounces(t *toml.Table) {
	b := &r.c.Bounces
	b.Maildir, b.IMAP, b.Mailbox = r.path(t.String("maildir")), t.String("imap"), t.String("mailbox")
	b.Username, b.PasswordFile, b.CAFile = t.String("username"), r.path(t.String("password_file")), r.path(t.String("ca_file"))
	if b.Maildir != "" && b.IMAP != "" {
		t.Errorf("imap", "a second inbox beside maildir: name one")
	}
	if _, _, err := net.SplitHostPort(b.IMAP); err != nil && b.IMAP != "" {
		t.Errorf("imap", `%q is no address: write it like "imap.zs.example:993"`, b.IMAP)
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

func (r reader) web(t *toml.Table) {
	r.c.Listen = textOr(t, "listen", "127.0.0.1:8417")
	if t.Has("listen") && t.String("listen") == "" {
		r.c.Listen = "" // no page
	}
	if _, _, err := net.SplitHostPort(r.c.Listen); err != nil && r.c.Listen != "" {
		t.Errorf("listen", `%q is no address: write it like "127.0.0.1:8417", or "" for no page`, r.c.Listen)
	}
	r.c.LinkKeyFile = r.path(t.String("link_key_file"))
	r.c.CertFile, r.c.KeyFile = r.path(t.String("cert_file")), r.path(t.String("key_file"))
	if (r.c.CertFile == "") != (r.c.KeyFile == "") {
		t.Errorf("cert_file", "TLS wants both cert_file and key_file")
	}
	scheme := "http://"
	if r.c.CertFile != "" {
		scheme = "https://"
	}
	r.c.BaseURL = strings.TrimRight(textOr(t, "base_url", scheme+r.c.Listen), "/")
	if u, err := url.Parse(r.c.BaseURL); r.c.Listen != "" && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.Path != "" || u.RawQuery != "") {
		t.Errorf("base_url", `%q is no address of a page: write it like "https://duban.zs.example"`, r.c.BaseURL)
	}
	r.c.Proxies = networks(t, "trusted_proxies")
	r.c.MetricsFrom = networks(t, "metrics_from")
	// Through a proxy everybody comes from this machine: then who may is to be said.
	if direct := r.c.CertFile != "" || len(r.c.Proxies) == 0 && isLoopbackURL(r.c.BaseURL); direct && !t.Has("metrics_from") {
		r.c.MetricsFrom = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	}
	r.oidc(t.Table("oidc"))
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

func (r reader) backup(t *toml.Table) {
	b := &r.c.Backups
	b.Dir = r.path(t.String("dir"))
	if d := r.c.Database; b.Dir != "" && d != nil {
		t.Errorf("dir", "a ledger in %s is backed up with its own tools (%s): take this away", d.Name, d.Tools)
	}
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

func (r reader) bulletin(t *toml.Table) {
	if r.c.BulletinSpec = t.String("at"); r.c.BulletinSpec != "" {
		var err error
		if r.c.BulletinAt, err = cron.ParseStandard(r.c.BulletinSpec); err != nil || strings.Contains(r.c.BulletinSpec, "TZ=") {
			t.Errorf("at", `%q is no schedule: write five fields, as in "0 9 5 * *" for nine o'clock on the 5th of each month`, r.c.BulletinSpec)
			r.c.BulletinAt = nil
		}
	}
	r.c.BulletinTo = t.Strings("to")
	t.Done()
}

func (r reader) retention(t *toml.Table) {
	if r.c.KeepMailDays = t.Int("mail_days", 0); r.c.KeepMailDays < 0 || r.c.KeepMailDays > 0 && r.c.KeepMailDays < 30 {
		t.Errorf("mail_days", "%d is too few: write 30 or more, or 0 to keep all", r.c.KeepMailDays)
	}
	if r.c.OccurrenceYears = t.Int("occurrence_years", 0); r.c.OccurrenceYears < 0 || r.c.OccurrenceYears > 100 {
		t.Errorf("occurrence_years", "%d is no number of years: write 1 to 100, or 0 to put nothing aside", r.c.OccurrenceYears)
	}
	t.Done()
}

func (r reader) log(t *toml.Table) {
	level := textOr(t, "level", "info")
	var err error
	if r.c.LogLevel, err = zerolog.ParseLevel(level); err != nil || !slices.Contains([]string{"debug", "info", "warn", "error"}, level) {
		t.Errorf("level", `%q is none of "debug", "info", "warn", "error"`, level)
	}
	r.c.LogFormat = textOr(t, "format", "auto")
	if !slices.Contains([]string{"auto", "console", "json", "journal"}, r.c.LogFormat) && !t.Invalid("format") {
		t.Errorf("format", `%q is none of "auto", "console", "json", "journal"`, r.c.LogFormat)
	}
	t.Done()
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
