package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/textproto"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"

	"duban/cmd/duban/app"
	"duban/cmd/duban/config"
	"duban/ledger"
	"duban/ledger/sqlite"
	"duban/notify/mail"
	"duban/rules/problem"
	"duban/scheduler/engine"
)

// finding is what one check came to.
type finding struct {
	Check  string `json:"check"`
	Result string `json:"result"` // ok, warning or wrong
	What   string `json:"what"`
	Do     string `json:"do,omitempty"` // to put it right
}

// The results of a check.
const (
	resultOK      = "ok"
	resultWarning = "warning"
	resultWrong   = "wrong"
)

func doctorCommand(a *env) *cobra.Command {
	return jsonFlag(a, &cobra.Command{
		Use:   "doctor",
		Short: "Check everything that duban needs, and say how to put right what is wrong",
		Long: `doctor looks at the configuration, the plans, the calendar, the ledger, the disk,
the clock, the mail server (it connects and signs in, and sends nothing), the
channels and the page's address. It changes nothing; the daemon may run. It exits with 1 if
something is wrong.`,
		Args: exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			found := examine(cmd.Context(), a)
			wrong := 0
			for _, f := range found {
				if f.Result == resultWrong {
					wrong++
				}
			}
			if a.asJSON {
				if err := printJSON(a.out, found); err != nil {
					return err
				}
			} else {
				for _, f := range found {
					a.say("%-8s %-9s %s", f.Result, f.Check, strings.ReplaceAll(f.What, "\n", "\n                   "))
					if f.Do != "" {
						a.say("                   → %s", f.Do)
					}
				}
			}
			if wrong > 0 {
				return problem.Errorf("%d thing(s) to put right", wrong)
			}
			return nil
		},
	})
}

// doctor is an examination under way.
type doctor struct {
	env   *env
	site  *app.Site // without rules where they have errors
	found []finding
}

func (d *doctor) add(check, result, what, do string) {
	d.found = append(d.found, finding{check, result, what, do})
}

func examine(ctx context.Context, a *env) []finding {
	d := &doctor{env: a}
	c, err := a.configured()
	if err != nil {
		d.add("config", resultWrong, err.Error(), "mend the configuration; duban init DIR writes one to start from")
		return d.found
	}
	d.add("config", resultOK, orWord(c.File, "none: running the plan in the binary"), "")
	l, err := a.load()
	if err != nil {
		d.add("plans", resultWrong, err.Error(), "mend the files; duban check shows the same")
		d.site = &app.Site{Config: c}
	} else {
		d.site = l
		d.add("plans", resultOK, fmt.Sprintf("%d plan(s), %d units", len(l.Rules.Plans), len(l.Rules.Units)), "")
		d.calendar()
		d.zone()
	}
	d.clock()
	d.ledger(ctx)
	d.disk()
	d.mail(ctx)
	d.inbox(ctx)
	d.channels(ctx)
	d.webhooks(ctx)
	d.page(ctx)
	d.signOn(ctx)
	d.key()
	d.backup()
	return d.found
}

func orWord(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

func (d *doctor) calendar() {
	now := d.env.now()
	for _, p := range d.site.Rules.Plans {
		year := p.Day(now).Year()
		for _, y := range []int{year, year + 1} {
			_, known := p.Calendar.Year(y)
			switch {
			case known:
			case y == year:
				d.add("calendar", resultWrong, fmt.Sprintf("%s: the holidays of %d are not known: due dates in it are provisional", p.ID, y), "duban calendar add FILE")
			default:
				d.add("calendar", resultWarning, fmt.Sprintf("%s: the holidays of %d are not known yet", p.ID, y), "once the State Council has published them: duban calendar add FILE")
			}
		}
		if _, known := p.Calendar.Year(year + 1); known {
			d.add("calendar", resultOK, fmt.Sprintf("%s: %d and %d are known", p.ID, year, year+1), "")
		}
	}
}

func (d *doctor) zone() {
	s := d.site.Settings()
	now := d.env.now()
	d.add("zone", resultOK, fmt.Sprintf("ticks and the window are in %s, where it is %s", s.Timezone, now.In(s.Timezone).Format("2006-01-02 15:04")), "")
}

// oldest is before any clock that is right: duban was not there yet.
var oldest = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func (d *doctor) clock() {
	now, made := time.Now(), app.Built()
	if made.Before(oldest) {
		made = oldest
	}
	if now.Before(made) {
		d.add("clock", resultWrong, "it says "+now.Format(time.RFC3339)+", and this duban was made on "+made.Format(time.DateOnly), "set the clock, and let NTP keep it")
		return
	}
	var t unix.Timex
	state, err := unix.Adjtimex(&t)
	switch {
	case err != nil:
		d.add("clock", resultWarning, "whether the clock is kept right is not to be learned: "+err.Error(), "")
	case state == unix.TIME_ERROR || t.Status&unix.STA_UNSYNC != 0:
		d.add("clock", resultWarning, "it says "+now.Format(time.RFC3339)+", and nothing keeps it right", "turn on NTP: timedatectl set-ntp true")
	default:
		d.add("clock", resultOK, "it is kept right by NTP", "")
	}
}

func (d *doctor) ledger(ctx context.Context) {
	if d.site.Config.Shared() {
		d.shared(ctx)
		return
	}
	path := d.site.Config.Ledger
	if d.daemon(path) {
		return // what lies there is not what counts
	}
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		if err := writable(filepath.Dir(path)); err != nil {
			d.add("ledger", resultWrong, err.Error(), "make the folder, and give it to the user that runs duban")
			return
		}
		d.add("ledger", resultOK, path+" is made at the first start", "")
		return
	}
	book, err := sqlite.Open(ctx, path, sqlite.Options{ReadOnly: true})
	if err != nil {
		d.add("ledger", resultWrong, err.Error(), "")
		return
	}
	defer book.Close()
	d.proof(ctx, book, path, "restore a backup: duban restore FILE")
}

// proof proves the ledger and looks at what stands in it.
func (d *doctor) proof(ctx context.Context, book ledger.Store, path, restore string) {
	v, err := d.verify(ctx, book)
	switch {
	case err != nil:
		d.add("ledger", resultWrong, err.Error(), restore)
	case len(v.Problems) > 0:
		d.add("ledger", resultWrong, strings.Join(v.Problems, "\n"), "find out who changed it; "+restore)
	default:
		d.add("ledger", resultOK, fmt.Sprintf("%s: %d occurrences, %d journal entries, all proved; it ends with %s", path, v.Occurrences, v.Entries, v.Head), "")
	}
	d.failures(ctx, book)
	d.lastTick(ctx, book)
}

// lastTick tells that the ledger was ticked by a clock that was ahead.
func (d *doctor) lastTick(ctx context.Context, book ledger.Store) {
	found, last, err := engine.Doubt(ctx, book)
	switch {
	case err != nil:
		d.add("last tick", resultWarning, err.Error(), "")
	case !found.IsZero():
		d.add("last tick", resultWrong, fmt.Sprintf("it was at %s, which is ahead of the clock; found at %s, and nothing has been made since", last.Format(time.RFC3339), found.Format(time.RFC3339)),
			"if the clock is right now, wait: a tick ten minutes later sets the ledger right; else set the clock")
	}
}

// failures tells of mail to the administrators that failed: no mail can.
func (d *doctor) failures(ctx context.Context, book ledger.Store) {
	if len(d.site.Config.Admins) == 0 {
		d.add("admins", resultWarning, "there are none: nobody is told of mail that fails", `[mail] admins = ["管理员 <admin@example.org>"]`)
		return
	}
	failed, err := book.AdminFailures(ctx)
	switch {
	case err != nil:
		d.add("admins", resultWarning, err.Error(), "")
	case len(failed) > 0:
		f := failed[0]
		d.add("admins", resultWrong, fmt.Sprintf("%d mails to the administrators failed; the last, notice %d to %s: %s", len(failed), f.Notice, f.Address, f.Error),
			"check [mail] admins; duban mail retry ID sends one again, duban mail drop ID forgets it")
	}
}

// verify proves the ledger, its dates too where the rules can be read.
func (d *doctor) verify(ctx context.Context, book ledger.Store) (ledger.Verdict, error) {
	if d.site.Rules == nil {
		return book.Verify(ctx)
	}
	return engine.Verify(ctx, book, engine.View{Rules: d.site.Rules, Settings: d.site.Settings(), Now: d.env.now()}, "", "")
}

// daemon tells of the process that evaluates and delivers, and whether it has
// lost the ledger's file.
func (d *doctor) daemon(path string) (lost bool) {
	switch found, err := sqlite.FindDaemon(path); {
	case err != nil:
		d.add("daemon", resultWarning, "whether it runs is not to be learned: "+err.Error(), "")
	case found.Runs && !found.Holds:
		d.add("daemon", resultWrong, fmt.Sprintf("it runs (process %s), but the ledger that it has open is no longer at %s: the file was deleted, moved or replaced, and nothing is saved or sent", found.Pid, path),
			"stop it, put the ledger back (duban restore "+path+".rescued-…, which it has kept, or a backup), and start it")
		return true
	case found.Runs:
		d.add("daemon", resultOK, "it runs", "")
	default:
		d.add("daemon", resultWarning, "it does not run", "systemctl start duban, or duban serve")
	}
	return false
}

// writable tells whether a file can be made in the folder, or in the nearest one
// above it that is there.
func writable(dir string) error {
	for {
		if _, err := os.Stat(dir); err == nil || filepath.Dir(dir) == dir {
			break
		}
		dir = filepath.Dir(dir)
	}
	return unixAccess(dir)
}

func unixAccess(dir string) error {
	if err := unix.Access(dir, unix.W_OK|unix.X_OK); err != nil {
		return problem.Errorf("%s may not be written by this user: %w", dir, err)
	}
	return nil
}

// leastSpace is how much a disk should have left, and lessSpace when it is time
// to look.
const (
	leastSpace = 100 << 20
	lessSpace  = 1 << 30
)

func (d *doctor) disk() {
	places := map[string]string{}
	if !d.site.Config.Shared() {
		places["ledger"] = filepath.Dir(d.site.Config.Ledger)
	}
	if d.site.Config.Transport == "maildir" {
		places["maildir"] = d.site.Config.Maildir
	}
	if d.site.Config.Backups.Dir != "" {
		places["backup"] = d.site.Config.Backups.Dir
	}
	for _, name := range []string{"ledger", "maildir", "backup"} {
		dir, ok := places[name]
		if !ok {
			continue
		}
		for dir != "/" && dir != "." {
			if _, err := os.Stat(dir); err == nil {
				break
			}
			dir = filepath.Dir(dir)
		}
		var fs unix.Statfs_t
		if err := unix.Statfs(dir, &fs); err != nil {
			d.add("disk", resultWarning, fmt.Sprintf("%s: %v", dir, err), "")
			continue
		}
		free := int64(fs.Bavail) * fs.Bsize
		what := fmt.Sprintf("%d MB free for the %s (%s)", free>>20, name, dir)
		switch {
		case free < leastSpace:
			d.add("disk", resultWrong, what, "make room: with a full disk nothing is sent")
		case free < lessSpace:
			d.add("disk", resultWarning, what, "make room soon")
		default:
			d.add("disk", resultOK, what, "")
		}
	}
}

func (d *doctor) mail(ctx context.Context) {
	if d.site.Config.Transport == "maildir" {
		if err := writable(d.site.Config.Maildir); err != nil {
			d.add("mail", resultWrong, err.Error(), "give the Maildir to the user that runs duban")
			return
		}
		d.add("mail", resultWarning, "mails go into the Maildir "+d.site.Config.Maildir+" and reach nobody by themselves", `to send them: [mail] transport = "smtp"`)
		return
	}
	smtp := d.site.Config.SMTP
	var err error
	if smtp.Password, err = d.site.Config.Password(); err != nil {
		d.add("mail", resultWrong, err.Error(), "")
		return
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	server, err := mail.NewSMTP(smtp, d.env.now)
	if err == nil {
		err = server.Probe(ctx)
	}
	if err != nil {
		d.add("mail", resultWrong, fmt.Sprintf("%s:%d: %v", smtp.Host, smtp.Port, err), smtpHint(err, smtp))
		return
	}
	what := fmt.Sprintf("%s:%d answers", smtp.Host, smtp.Port)
	if smtp.Security == "none" {
		d.add("mail", resultWarning, what+", without encryption", `unless it is on this machine: security = "starttls"`)
	} else {
		d.add("mail", resultOK, what+", by "+smtp.Security+orSigned(smtp.Username), "")
	}
}

// inbox looks whether delivery reports can be read.
func (d *doctor) inbox(ctx context.Context) {
	inbox, err := app.Inbox(d.site.Config)
	if err == nil && inbox == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if p, ok := inbox.(interface{ Probe(context.Context) error }); err == nil && ok {
		err = p.Probe(ctx)
	}
	if err != nil {
		d.add("bounces", resultWrong, err.Error(), "check [mail.bounces], and the password; without it nobody hears of mail that comes back")
		return
	}
	d.add("bounces", resultOK, "the inbox of delivery reports opens", "")
}

func orSigned(user string) string {
	if user == "" {
		return ", without signing in"
	}
	return ", signed in as " + user
}

func smtpHint(err error, c mail.Config) string {
	var unknown *net.DNSError
	var cert *tls.CertificateVerificationError
	var name x509.HostnameError
	var reply *textproto.Error
	switch text := err.Error(); {
	case errors.As(err, &unknown):
		return "check [mail.smtp] host, and the machine's name servers"
	case errors.As(err, &name):
		return fmt.Sprintf("the certificate is for another name than [mail.smtp] host = %q: write the name that it is for", c.Host)
	case errors.As(err, &reply) && strings.Contains(text, "EHLO"):
		return "the server dislikes our name: set [mail.smtp] helo to this machine's full name"
	case errors.As(err, &cert) || strings.Contains(text, "x509") || strings.Contains(text, "certificate"):
		return "the server's certificate is not trusted: name its authority in [mail.smtp] ca_file"
	case strings.Contains(text, "STARTTLS") || strings.Contains(text, "first record does not look like"):
		return `check [mail.smtp] security: "starttls" is port 587 as a rule, "tls" port 465`
	case strings.Contains(text, "535") || strings.Contains(strings.ToLower(text), "auth"):
		return "check [mail.smtp] username, and the password"
	case strings.Contains(text, "refused") || strings.Contains(text, "timeout") || strings.Contains(text, "deadline"):
		return fmt.Sprintf("nothing answers on port %d: check the port and the firewall", c.Port)
	}
	return "ask who runs the mail server"
}

func (d *doctor) page(ctx context.Context) {
	if d.site.Config.Listen == "" {
		d.add("page", resultOK, "none ([web] listen)", "")
		return
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	// What answers there is asked for its health; its certificate is not ours to judge.
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	get := func(path string) (code int, said string, err error) {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, d.site.Config.BaseURL+path, nil)
		if err != nil {
			return 0, "", err
		}
		res, err := client.Do(r)
		if err != nil {
			return 0, "", err
		}
		defer res.Body.Close()
		body, err := io.ReadAll(io.LimitReader(res.Body, 1000))
		return res.StatusCode, strings.TrimSpace(string(body)), err
	}
	code, _, err := get("/healthz")
	switch {
	case err == nil && code == http.StatusOK:
		if code, said, err := get("/readyz"); err == nil && code == http.StatusServiceUnavailable {
			d.add("page", resultWrong, d.site.Config.BaseURL+" answers, but the daemon does not do its work: "+said, "put that right; its log has more")
			return
		}
		d.add("page", resultOK, d.site.Config.BaseURL+" answers", "")
	case err == nil && code == http.StatusServiceUnavailable:
		d.add("page", resultWrong, d.site.Config.BaseURL+" says that the daemon stands still", "look into its log; systemctl restart duban")
	case err == nil:
		d.add("page", resultWrong, fmt.Sprintf("%s answers with %d: something else is there", d.site.Config.BaseURL, code), "check [web] base_url, and the proxy in front")
	default:
		if l, lErr := new(net.ListenConfig).Listen(ctx, "tcp", d.site.Config.Listen); lErr == nil {
			_ = l.Close() // it was only tried
			d.add("page", resultWarning, d.site.Config.BaseURL+" does not answer; "+d.site.Config.Listen+" is free", "start the daemon")
			return
		}
		d.add("page", resultWrong, fmt.Sprintf("%s does not answer (%v), and %s is taken", d.site.Config.BaseURL, err, d.site.Config.Listen), "check [web] listen and base_url; ss -ltnp shows who listens")
	}
}

func (d *doctor) key() {
	if d.site.Config.Listen == "" || d.site.Config.LinkKeyGiven() {
		return // there are no links, or systemd looks after the key
	}
	if what := config.OpenToOthers(d.site.Config.LinkKey()); what != "" {
		d.add("key", resultWrong, what, "chmod 600 "+d.site.Config.LinkKey()+"; if somebody may have read it: duban link --rotate")
	}
}

func (d *doctor) backup() {
	if d.site.Config.Shared() {
		return // which is the database's
	}
	if d.site.Config.Backups.Dir == "" {
		d.add("backup", resultWarning, "no backups are made", `[backup] dir = "…" has one made every night`)
		return
	}
	if err := writable(d.site.Config.Backups.Dir); err != nil {
		d.add("backup", resultWrong, err.Error(), "give the folder to the user that runs duban")
		return
	}
	d.add("backup", resultOK, fmt.Sprintf("to %s, the newest %d are kept", d.site.Config.Backups.Dir, d.site.Config.Backups.Keep), "")
}
