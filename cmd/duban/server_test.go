package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/smtp"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"duban/internal/need"
	"duban/internal/smtptest"
)

// scripted points a site to a server that says what it is told to.
func scripted(t *testing.T, s *smtptest.Script, more string) *site {
	t.Helper()
	host, port := s.HostPort()
	site := newSite(t, fmt.Sprintf("[mail]\ntransport = \"smtp\"\n[mail.smtp]\nhost = %q\nport = %d\nsecurity = \"none\"\nconnections = 1\ntimeout = \"2s\"\n%s", host, port, more))
	site.manyUnits(13)
	return site
}

// notices are the rows of mail list.
func (s *site) notices() (rows []struct {
	Unit, Kind, State, Error string
	Attempts                 int
}) {
	s.t.Helper()
	if err := json.Unmarshal([]byte(s.run("mail", "list", "--json")), &rows); err != nil {
		s.t.Fatal(err)
	}
	return rows
}

// TestServersAsRealOnesAre drives the real binary against a server that behaves as
// public reports say real ones do: one mode each.
func TestServersAsRealOnesAre(t *testing.T) {
	for name, mode := range map[string]struct {
		answer func(c *smtptest.Talk, line string) string
		offers []string
		more   string
		check  func(t *testing.T, s *smtptest.Script, site *site)
	}{
		"163.com is tired of a connection after three mails": {
			answer: func(c *smtptest.Talk, line string) string {
				if strings.HasPrefix(line, "MAIL") && c.Mails >= 3 {
					return "450 MI:DMC 163 smtp9, please try later"
				}
				return ""
			},
			check: func(t *testing.T, s *smtptest.Script, site *site) {
				if len(s.Mails()) != 13 || site.outbox()["sent"] != 13 {
					t.Errorf("%d of 13 arrived in one tick", len(s.Mails()))
				}
			},
		},
		"the answer to the final dot takes longer than timeout": {
			answer: func(c *smtptest.Talk, line string) string {
				if line == "." && c.Mails == 0 {
					time.Sleep(4 * time.Second) // the server's scanner
				}
				return ""
			},
			check: func(t *testing.T, s *smtptest.Script, site *site) {
				if len(s.Mails()) != 13 || site.outbox()["sent"] != 13 {
					t.Errorf("%d mails arrived for 13 notices", len(s.Mails()))
				}
			},
		},
		"553: mail from must equal the account": {
			answer: func(_ *smtptest.Talk, line string) string {
				if strings.HasPrefix(line, "MAIL") {
					return "553 Mail from must equal authorized user"
				}
				return ""
			},
			check: func(t *testing.T, s *smtptest.Script, site *site) {
				admins := 0
				for _, n := range site.notices() {
					if n.State != "pending" {
						t.Errorf("notice to %q is %s: %s", n.Unit, n.State, n.Error)
					}
					if n.Kind == "admin" {
						admins++
					}
				}
				if tries := len(s.Talks()); admins != 1 || tries > 2 {
					t.Errorf("%d notices to the administrators, %d connections", admins, tries)
				}
			},
		},
		"530 to RCPT": {
			answer: func(_ *smtptest.Talk, line string) string {
				if strings.HasPrefix(line, "RCPT") {
					return "530 5.7.0 Authentication required"
				}
				return ""
			},
			check: func(t *testing.T, s *smtptest.Script, site *site) {
				if o := site.outbox(); o["failed"] != 0 || o["pending"] != 14 {
					t.Errorf("%v", o)
				}
			},
		},
		"504 about our HELO, and one that it likes": {
			answer: func(_ *smtptest.Talk, line string) string {
				if strings.HasPrefix(line, "EHLO") && line != "EHLO duban.zs.example" {
					return "504 5.5.2 Helo command rejected: need fully-qualified hostname"
				}
				return ""
			},
			more: "helo = \"duban.zs.example\"\n",
			check: func(t *testing.T, s *smtptest.Script, site *site) {
				if len(s.Mails()) != 13 {
					t.Errorf("%d of 13 arrived", len(s.Mails()))
				}
			},
		},
		"552 to RCPT is for the time being": {
			answer: func(_ *smtptest.Talk, line string) string {
				if strings.HasPrefix(line, "RCPT TO:<u3@") {
					return "552 5.5.3 too many recipients"
				}
				return ""
			},
			check: func(t *testing.T, s *smtptest.Script, site *site) {
				if o := site.outbox(); o["failed"] != 0 || o["pending"] != 1 || o["sent"] != 12 {
					t.Errorf("%v", o)
				}
			},
		},
		"keywords in small letters, the first way to sign in broken, binary to QUIT": {
			offers: []string{"auth plain login", "dsn"},
			more:   "username = \"duban\"\npassword_file = \"password\"\n",
			answer: func(c *smtptest.Talk, line string) string {
				switch {
				case strings.HasPrefix(line, "AUTH PLAIN"):
					return "535 5.7.8 no"
				case line == "AUTH LOGIN":
					return "334 VXNlcm5hbWU6"
				case line == "ZHViYW4=":
					return "334 UGFzc3dvcmQ6"
				case line == "Z2VoZWlt":
					return "235 2.7.0 welcome"
				case line == "QUIT":
					return "\x80\x01\xff\xfe"
				}
				return ""
			},
			check: func(t *testing.T, s *smtptest.Script, site *site) {
				if len(s.Mails()) != 13 {
					t.Errorf("%d of 13 arrived", len(s.Mails()))
				}
				if said := strings.Join(s.Talks()[0], "\n"); !strings.Contains(said, "ORCPT=rfc822;u0@x.example") {
					t.Errorf("a delivery report is not asked for by the address as we wrote it:\n%.600s", said)
				}
				for _, line := range strings.Split(site.doctor(), "\n") {
					if strings.Contains(line, "mail ") && strings.HasPrefix(line, "wrong") {
						t.Errorf("doctor: %s", line)
					}
				}
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := smtptest.StartScript(t, mode.answer, mode.offers...)
			site := scripted(t, s, mode.more)
			site.write("password", "geheim\n")
			site.run("tick", "--at", "2026-06-09T09:00")
			mode.check(t, s, site)
			site.run("verify")
		})
	}
}

// doctor is what it says, whatever its exit code.
func (s *site) doctor() string {
	cmd := exec.Command("duban", "doctor")
	cmd.Dir = s.dir
	out, _ := cmd.Output() // something else may be wrong
	return string(out)
}

func TestAddressesBeyondASCII(t *testing.T) {
	s := smtptest.StartScript(t, nil)
	site := scripted(t, s, "")
	site.edit("plan/units.toml", "u0@x.example", "局@x.example")
	site.edit("plan/units.toml", "u1@x.example", "u1@财政.中国")
	site.run("tick", "--at", "2026-06-09T09:00")
	for _, n := range site.notices() {
		if n.Unit == "u0" && (n.State != "failed" || !strings.Contains(n.Error, "SMTPUTF8")) || n.Unit == "u1" && n.State != "sent" {
			t.Errorf("%s: %s %s", n.Unit, n.State, n.Error)
		}
	}
	said := ""
	for _, talk := range s.Talks() {
		said += strings.Join(talk, "\n")
	}
	if !strings.Contains(said, "RCPT TO:<u1@xn--5bvu10g.xn--fiqs8s>") {
		t.Error("the domain did not go in A-labels (RFC 5890)")
	}
}

// postfix starts a Postfix of its own, which listens on a free port of loopback
// and throws away what it takes.
func postfix(t *testing.T, settings ...string) (port string) {
	t.Helper()
	if _, err := os.Stat("/usr/sbin/postfix"); err != nil || os.Getuid() != 0 {
		need.Missing(t, "Postfix is not here, or may not be started: it needs root")
	}
	dir, err := os.MkdirTemp("/var/tmp", "duban-postfix-") // its users must reach it
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) }) // what is left is of no interest
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ = net.SplitHostPort(l.Addr().String())
	l.Close()
	conf, queue, data := filepath.Join(dir, "conf"), filepath.Join(dir, "queue"), filepath.Join(dir, "data")
	for _, d := range []string{conf, queue, data} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if said, err := exec.Command("chown", "postfix", data).CombinedOutput(); err != nil {
		t.Fatalf("%v %s", err, said)
	}
	mainCF := append([]string{
		"compatibility_level = 3.6", "queue_directory = " + queue, "data_directory = " + data, "mail_owner = postfix", "setgid_group = postdrop",
		"inet_interfaces = 127.0.0.1", "inet_protocols = ipv4", "myhostname = postfix.example", "mynetworks = 127.0.0.0/8", "default_transport = discard", "local_transport = discard",
		"relay_domains = x.example", "transport_maps =", "alias_maps =", "local_recipient_maps =", "maillog_file = " + filepath.Join(dir, "log"), "maillog_file_prefixes = " + dir,
	}, settings...)
	master := []string{
		port + " inet n - n - - smtpd", "pickup unix n - n 60 1 pickup", "cleanup unix n - n - 0 cleanup", "qmgr unix n - n 300 1 qmgr", "rewrite unix - - n - - trivial-rewrite",
		"bounce unix - - n - 0 bounce", "defer unix - - n - 0 bounce", "trace unix - - n - 0 bounce", "verify unix - - n - 1 verify", "flush unix n - n 1000? 0 flush",
		"proxymap unix - - n - - proxymap", "error unix - - n - - error", "retry unix - - n - - error", "discard unix - - n - - discard", "anvil unix - - n - 1 anvil",
		"scache unix - - n - 1 scache", "postlog unix-dgram n - n - 1 postlogd", "tlsmgr unix - - n 1000? 1 tlsmgr",
	}
	for name, lines := range map[string][]string{"main.cf": mainCF, "master.cf": master} {
		if err := os.WriteFile(filepath.Join(conf, name), []byte(strings.Join(lines, "\n")+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	run := func(what string) error {
		said, err := exec.Command("/usr/sbin/postfix", "-c", conf, what).CombinedOutput()
		if err != nil {
			err = errors.Join(err, errors.New(string(said)))
		}
		return err
	}
	if err := run("start"); err != nil {
		log, _ := os.ReadFile(filepath.Join(dir, "log"))
		t.Fatalf("postfix: %v\n%s", err, log)
	}
	t.Cleanup(func() { _ = run("abort") })
	for range 100 { // until it listens
		c, err := smtp.Dial("127.0.0.1:" + port)
		if err == nil {
			_ = c.Quit()
			return port
		}
		if errors.Is(err, io.EOF) {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	log, _ := os.ReadFile(filepath.Join(dir, "log"))
	t.Fatalf("postfix does not answer\n%s", log)
	return ""
}

// TestPostfixWithItsLimits sends through a Postfix that is as strict as its
// smtpd_* settings make it.
func TestPostfixWithItsLimits(t *testing.T) {
	for name, c := range map[string]struct {
		settings   []string
		more       string
		sent, left int
	}{
		"as it comes":                      {nil, "", 13, 0},
		"a few mails a connection":         {[]string{"smtpd_junk_command_limit = 1", "smtpd_hard_error_limit = 1", "smtpd_per_request_deadline = yes", "smtpd_timeout = 10s"}, "", 13, 0},
		"a full name in HELO":              {[]string{"smtpd_helo_required = yes", "smtpd_helo_restrictions = reject_non_fqdn_helo_hostname,reject_invalid_helo_hostname"}, "helo = \"duban.zs.example\"\n", 13, 0},
		"one recipient of a few":           {[]string{"smtpd_recipient_limit = 1", "smtpd_delay_reject = no"}, "", 13, 0},
		"senders that it does not believe": {[]string{"smtpd_sender_restrictions = reject"}, "", 0, 13},
		"few mails a minute":               {[]string{"smtpd_client_message_rate_limit = 5", "smtpd_client_event_limit_exceptions =", "anvil_rate_time_unit = 600s"}, "", 5, 8},
	} {
		t.Run(name, func(t *testing.T) {
			port := postfix(t, c.settings...)
			s := newSite(t, "[mail]\ntransport = \"smtp\"\n[mail.smtp]\nhost = \"127.0.0.1\"\nport = "+port+"\nsecurity = \"none\"\nconnections = 1\n"+c.more)
			s.manyUnits(13)
			s.run("tick", "--at", "2026-06-09T09:00")
			sent, left, failed := 0, 0, 0
			for _, n := range s.notices() {
				switch {
				case n.Kind == "admin":
				case n.State == "sent":
					sent++
				case n.State == "pending":
					left++
				default:
					failed++
					t.Errorf("%s: %s", n.Unit, n.Error)
				}
			}
			if sent != c.sent || left != c.left {
				t.Errorf("%d sent, %d wait, %d failed; want %d and %d", sent, left, failed, c.sent, c.left)
			}
		})
	}
}
