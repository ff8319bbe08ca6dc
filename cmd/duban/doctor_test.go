package main

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"duban/internal/smtptest"
)

// examined is what the doctor found, by check; several of one are joined.
func (s *site) examined() map[string]finding {
	s.t.Helper()
	cmd := exec.Command("duban", "doctor", "--json")
	cmd.Dir = s.dir
	out, err := cmd.Output()
	var found []finding
	if jErr := json.Unmarshal(out, &found); jErr != nil {
		s.t.Fatalf("%v %v: %s", err, jErr, out)
	}
	wrong := false
	all := map[string]finding{}
	for _, f := range found {
		wrong = wrong || f.Result == resultWrong
		if old, ok := all[f.Check]; ok && old.Result == resultWrong {
			continue
		}
		all[f.Check] = f
	}
	if wrong == (err == nil) {
		s.t.Errorf("something is wrong: %v, but it ended with %v", wrong, err)
	}
	return all
}

func TestTheDoctorSaysWhatIsWrongAndTheWayOut(t *testing.T) {
	server := smtptest.Start(t)
	server.User, server.Password, server.Mechanisms = "duban", "secret", []string{"PLAIN"}
	host, port := server.HostPort()
	smtp := func(more string) string {
		return fmt.Sprintf("[mail]\ntransport = \"smtp\"\n[mail.smtp]\nhost = %q\nport = %d\ntimeout = \"5s\"\n%s\n", host, port, more)
	}
	signIn := fmt.Sprintf("username = \"duban\"\npassword_file = \"password\"\nca_file = %q\n", server.CA)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	silent := smtptest.Listen(t, func(c net.Conn) { c.Close() })
	_, silentPort, err := net.SplitHostPort(silent)
	if err != nil {
		t.Fatal(err)
	}
	for rule, c := range map[string]struct {
		config, password string
		prepare          func(*site)
		check, result    string
		what, do         string
	}{
		"all is well with the mail server":      {config: smtp(signIn), password: "secret", check: "mail", result: resultOK, what: "signed in as duban"},
		"a wrong password":                      {config: smtp(signIn), password: "wrong", check: "mail", result: resultWrong, what: "535", do: "username, and the password"},
		"no password at all":                    {config: smtp("username = \"duban\"\n"), check: "mail", result: resultWrong, what: "no password"},
		"a certificate that nobody vouches for": {config: smtp(""), check: "mail", result: resultWrong, what: "certificate", do: "ca_file"},
		"nothing listens":                       {config: strings.Replace(smtp(""), fmt.Sprint("port = ", port), fmt.Sprint("port = ", freePort(t)), 1), check: "mail", result: resultWrong, what: "refused", do: "port"},
		"a server that hangs up":                {config: strings.Replace(smtp(""), fmt.Sprint("port = ", port), "port = "+silentPort, 1), check: "mail", result: resultWrong},
		"no such host":                          {config: strings.Replace(smtp(""), host, "mail.invalid", 1), check: "mail", result: resultWrong, do: "host"},
		"mail that reaches nobody":              {check: "mail", result: resultWarning, what: "Maildir", do: `transport = "smtp"`},
		"a broken configuration":                {config: "[mail]\ntransport = \"pigeon\"\n", check: "config", result: resultWrong, what: "pigeon"},
		"a broken plan":                         {prepare: func(s *site) { s.edit("plan/plan.toml", "review     = false", "review     = maybe") }, check: "plans", result: resultWrong, what: "plan.toml"},
		"a ledger that was changed by hand": {prepare: func(s *site) {
			s.run("tick")
			if err := execSQL(s.path("var/duban.db"), "UPDATE occurrence SET state = 'closed' WHERE id = 1"); err != nil {
				t.Fatal(err)
			}
		}, check: "ledger", result: resultWrong, what: "behind the journal", do: "restore"},
		"a ledger that is none":        {prepare: func(s *site) { s.writeDeep("var/duban.db", strings.Repeat("no database\n", 99)) }, check: "ledger", result: resultWrong, what: "is not a ledger"},
		"all is well with the ledger":  {prepare: func(s *site) { s.run("tick") }, check: "ledger", result: resultOK, what: "all proved"},
		"a daemon that does not run":   {prepare: func(s *site) { s.run("tick") }, check: "daemon", result: resultWarning, do: "start"},
		"somebody else at the address": {config: fmt.Sprintf("[web]\nlisten = %q\n", taken.Addr()), check: "page", result: resultWrong, what: "is taken", do: "listen"},
		"no page":                      {check: "page", result: resultOK, what: "none"},
		"no backups":                   {check: "backup", result: resultWarning, do: "[backup] dir"},
		"backups":                      {config: "[backup]\ndir = \"copies\"\n", check: "backup", result: resultOK, what: "the newest 14"},
		"the next year":                {check: "calendar", result: resultWarning, what: "2027", do: "calendar add"},
		"the disk":                     {check: "disk", result: resultOK, what: "MB free"},
	} {
		t.Run(rule, func(t *testing.T) {
			s := newSite(t, c.config)
			s.write("password", c.password)
			if c.prepare != nil {
				c.prepare(s)
			}
			f := s.examined()[c.check]
			if f.Result != c.result || !strings.Contains(f.What, c.what) || !strings.Contains(f.Do, c.do) {
				t.Errorf("%s: %+v, want %s …%s… → …%s…", c.check, f, c.result, c.what, c.do)
			}
		})
	}
	if n := len(server.Mails()); n > 0 {
		t.Errorf("the doctor sent %d mails", n)
	}
}

// writeDeep writes a file in a folder that may not be there yet.
func (s *site) writeDeep(name, text string) {
	s.t.Helper()
	if err := os.MkdirAll(filepath.Dir(s.path(name)), 0o755); err != nil {
		s.t.Fatal(err)
	}
	s.write(name, text)
}
