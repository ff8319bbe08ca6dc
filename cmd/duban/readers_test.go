package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-message/mail"

	"duban/internal/need"
)

// aYearOfMail simulates the plan's first year and gives its mails' files.
func aYearOfMail(t *testing.T) (dir string, files []string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "mail")
	s := newSite(t, "[mail]\nfrom = '\"督办，提醒: 中山\" <duban@财政.中国>'\nadmins = [\"管理员 <admin@zs.example>\"]\n")
	s.run("simulate", "--from", "2017-06-09", "--to", "2018-06-30", "--assume", "late", "--maildir", dir)
	files, err := filepath.Glob(filepath.Join(dir, "new", "*"))
	if err != nil || len(files) < 500 {
		t.Fatalf("%d mails, %v", len(files), err)
	}
	return dir, files
}

// TestOtherLibrariesReadAYearOfMail has every address of a year's mails read by a
// second library, and every calendar file by libical, as Thunderbird, Evolution
// and KOrganizer do.
func TestOtherLibrariesReadAYearOfMail(t *testing.T) {
	_, files := aYearOfMail(t)
	out := t.TempDir()
	var calendars []string
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(raw, []byte("\r")) {
			t.Fatalf("%s: a file of a Maildir has the lines of files", name)
		}
		m, err := mail.CreateReader(bytes.NewReader(bytes.ReplaceAll(raw, []byte("\n"), []byte("\r\n"))))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, field := range []string{"From", "To", "Cc", "Reply-To"} {
			list, err := m.Header.AddressList(field)
			if err != nil || field == "From" && (len(list) != 1 || list[0].Address != "duban@xn--5bvu10g.xn--fiqs8s" || list[0].Name != "督办，提醒: 中山") {
				t.Errorf("%s: %s %v, %v", name, field, list, err)
			}
			for _, a := range list {
				if strings.ContainsFunc(a.Address, func(r rune) bool { return r > '~' }) {
					t.Errorf("%s: %s is not as servers have it", name, a.Address)
				}
			}
		}
		if id, err := m.Header.MessageID(); err != nil || !strings.HasSuffix(id, "@xn--5bvu10g.xn--fiqs8s") {
			t.Errorf("%s: Message-ID %s, %v", name, id, err)
		}
		for {
			part, err := m.NextPart()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			content, err := io.ReadAll(part.Body)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if bytes.Count(content, []byte("\n")) != bytes.Count(content, []byte("\r\n")) {
				t.Errorf("%s: lines of a part end without CR (RFC 2045, 6.8)", name)
			}
			if h, ok := part.Header.(*mail.AttachmentHeader); ok {
				if kind, _, _ := h.ContentType(); kind == "text/calendar" {
					file := filepath.Join(out, fmt.Sprintf("%d.ics", len(calendars)))
					calendars = append(calendars, file)
					if err := os.WriteFile(file, content, 0o600); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
	}
	if len(calendars) < 300 {
		t.Fatalf("%d calendar files in a year", len(calendars))
	}
	check := libical(t)
	if said, err := exec.Command(check, calendars...).CombinedOutput(); err != nil {
		t.Errorf("libical: %v\n%.2000s", err, said)
	}
	// It does find what is wrong: the same without an organizer.
	text, err := os.ReadFile(calendars[0])
	if err != nil {
		t.Fatal(err)
	}
	var kept []string
	for line := range strings.Lines(string(text)) {
		if !strings.HasPrefix(line, "ORGANIZER") {
			kept = append(kept, line)
		}
	}
	bad := filepath.Join(out, "bad.ics")
	if err := os.WriteFile(bad, []byte(strings.Join(kept, "")), 0o600); err != nil {
		t.Fatal(err)
	}
	if exec.Command(check, bad).Run() == nil {
		t.Error("libical takes one without an organizer: the check proves nothing")
	}
}

// libical builds the program that reads calendars.
func libical(t *testing.T) string {
	t.Helper()
	if _, err := os.Stat("/usr/include/libical/ical.h"); err != nil {
		need.Missing(t, "libical is not here; Debian has it in the package libical-dev")
	}
	program := filepath.Join(t.TempDir(), "check")
	if said, err := exec.Command("gcc", "-o", program, "testdata/ical/check.c", "-lical").CombinedOutput(); err != nil {
		t.Fatalf("gcc: %v\n%s", err, said)
	}
	return program
}

func TestMuttShowsMailsAsTheyAre(t *testing.T) {
	for _, program := range []string{"mutt", "script"} {
		if _, err := exec.LookPath(program); err != nil {
			need.Missing(t, program+" is not here; Debian has it in the packages mutt and bsdutils")
		}
	}
	dir, files := aYearOfMail(t)
	for _, name := range files[5:] { // the first few will do
		if err := os.Remove(name); err != nil {
			t.Fatal(err)
		}
	}
	out, rc := filepath.Join(t.TempDir(), "shown"), filepath.Join(t.TempDir(), "muttrc")
	keys := strings.Repeat("<pipe-message>cat>>"+out+"<enter><next-entry>", 5) + "<exit>"
	if err := os.WriteFile(rc, []byte("set pipe_decode=yes wait_key=no resolve=no folder="+dir+"\npush '"+keys+"'\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	// Where something is asked for after all, nobody answers: it is ended.
	ctx, end := context.WithTimeout(t.Context(), time.Minute)
	defer end()
	cmd := exec.CommandContext(ctx, "script", "-qec", "mutt -n -R -F "+rc+" -f "+dir, "/dev/null")
	cmd.WaitDelay = time.Second
	cmd.Env = append(os.Environ(), "HOME="+t.TempDir(), "TERM=xterm", "LC_ALL=C.UTF-8")
	if said, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("mutt: %v\n%s", err, said)
	}
	shown, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(shown, []byte("Message-ID: ")); n != 5 || bytes.Contains(shown, []byte("\r")) || bytes.Contains(shown, []byte("^M")) || !bytes.Contains(shown, []byte("【督办")) {
		t.Errorf("%d mails shown, CR in them: %v\n%.1500s", n, bytes.Contains(shown, []byte("\r")), shown)
	}
}
