package main

import (
	"bytes"
	"context"
	"fmt"
	"net/mail"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"duban/internal/smtptest"
)

// TestHostilePlansGiveErrorsOrHarmlessMails runs plans that want to inject
// something through the whole of duban, and looks at the bytes that arrive.
func TestHostilePlansGiveErrorsOrHarmlessMails(t *testing.T) {
	const plan = "id = \"p\"\ntitle = \"P\"\nstarts = 2017-06-09\n[policy.standard]\nremind = [\"on the day\"]\n"
	unit := func(name, address string) string {
		return fmt.Sprintf("[[unit]]\nid = \"u\"\nname = \"%s\"\nmail = [\"%s\"]\n", name, address)
	}
	obligation := func(title, note string) string {
		return fmt.Sprintf("[[obligation]]\nid = \"m\"\ntitle = \"%s\"\nnote = \"%s\"\nunits = [\"u\"]\nevery = \"year\"\npolicy = \"standard\"\n", title, note)
	}
	var many strings.Builder
	for i := range 10000 {
		fmt.Fprintf(&many, "\", \"x%d@x.example", i)
	}
	for _, tc := range []struct {
		what, units, obligations string
		refused                  string // what check says; empty: mails go out and are harmless
	}{
		{"a line break in a title", unit("U", "u@x.example"), obligation(`T\r\nBcc: evil@x.example`, ""), "U+000D"},
		{"a line break in a unit's name", unit(`U\nBcc: evil@x.example`, "u@x.example"), obligation("T", ""), "U+000A"},
		{"a line break in an address", unit("U", `u@x.example>\r\nRCPT TO:<evil@x.example`), obligation("T", ""), "is not a mail address"},
		{"NUL in a title", unit("U", "u@x.example"), obligation(`T\u0000`, ""), "U+0000"},
		{"a title that reads backwards", unit("U", "u@x.example"), obligation(`T\u202egnp.exe`, ""), "U+202E"},
		{"a title of a megabyte", unit("U", "u@x.example"), obligation(strings.Repeat("长", 350000), ""), "200 are the most"},
		{"a bidirectional mark in a note", unit("U", "u@x.example"), obligation("T", `\u2066x`), "U+2066"},
		{"a script in a title", unit("U", "u@x.example"), obligation(`\"><script>alert(1)</script>`, ""), ""},
		{"markup in a name", unit(`<img src=x onerror=alert(1)>`, "u@x.example"), obligation("T", ""), ""},
		{"a note that ends the mail", unit("U", "u@x.example"), obligation("T", `a\n.\nMAIL FROM:<evil@x.example>\n--duban-0--`), ""},
		{"a name that wants to be a header", unit("=?utf-8?Q?=0D=0ABcc:_evil@x.example?=", "u@x.example"), obligation("T", ""), ""},
		{"ten thousand recipients", unit("U", "u@x.example"+many.String()), obligation("T", ""), "are the most"},
	} {
		t.Run(tc.what, func(t *testing.T) {
			server := smtptest.Start(t)
			s := newSite(t, smtpConfig(server, 1))
			s.write("plan/plan.toml", plan)
			s.write("plan/units.toml", tc.units)
			if err := os.RemoveAll(s.path("plan/obligations")); err != nil {
				t.Fatal(err)
			}
			if err := os.Mkdir(s.path("plan/obligations"), 0o755); err != nil {
				t.Fatal(err)
			}
			s.write("plan/obligations/01.toml", tc.obligations)
			if tc.refused != "" {
				cmd := exec.Command("duban", "check")
				cmd.Dir = s.dir
				if out, err := cmd.CombinedOutput(); err == nil || !strings.Contains(string(out), tc.refused) || len(out) > 20000 {
					t.Errorf("want …%s…, got %.500s", tc.refused, out)
				}
				return
			}
			s.run("tick")
			mails := server.Mails()
			if len(mails) != 1 {
				t.Fatalf("%d mails", len(mails))
			}
			harmless(t, mails[0])
		})
	}
}

func harmless(t *testing.T, got smtptest.Mail) {
	t.Helper()
	if got.From != "duban@zs.example" || len(got.To) != 1 || got.To[0] != "u@x.example" {
		t.Errorf("envelope %q → %q", got.From, got.To)
	}
	m, err := mail.ReadMessage(bytes.NewReader(got.Raw))
	if err != nil {
		t.Fatal(err)
	}
	known := "Auto-Submitted Content-Type Date From Message-Id Mime-Version Reply-To Subject To X-Auto-Response-Suppress"
	for name := range m.Header {
		if !strings.Contains(known, name) {
			t.Errorf("a header %s: %q", name, m.Header[name])
		}
	}
	for i, b := range got.Raw {
		if b == 0 || b > 0x7e || b < ' ' && b != '\r' && b != '\n' && b != '\t' || b == '\n' && (i == 0 || got.Raw[i-1] != '\r') {
			t.Fatalf("byte %#x at %d", b, i)
		}
	}
	for line := range strings.Lines(string(got.Raw)) {
		if len(line) > 1000 || strings.TrimSpace(line) == "." {
			t.Errorf("a line of %d bytes: %.40q", len(line), line)
		}
	}
	if bytes.Contains(got.Raw, []byte("<script")) {
		t.Error("a script in the clear")
	}
}

// What is no file is never waited for, and what others can read is told of.
func TestPipesDevicesAndOpenKeysAreNoticed(t *testing.T) {
	s := newSite(t, "[web]\nlisten = \"127.0.0.1:1\"\n")
	for _, name := range []string{"plan/obligations/99-pipe.toml", "var/calendar/2030.toml"} {
		if err := os.MkdirAll(filepath.Dir(s.path(name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := syscall.Mkfifo(s.path(name), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("/dev/zero", s.path("plan/obligations/98-zero.toml")); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, "duban", "check")
	cmd.Dir = s.dir
	out, err := cmd.CombinedOutput()
	if err == nil || strings.Count(string(out), "is no file, but a pipe, socket or device") != 3 {
		t.Errorf("check: %v %s", err, out)
	}
	for _, name := range []string{"plan/obligations/99-pipe.toml", "var/calendar/2030.toml", "plan/obligations/98-zero.toml"} {
		if err := os.Remove(s.path(name)); err != nil {
			t.Fatal(err)
		}
	}
	s.run("tick")
	s.run("link", "czj") // makes the key
	if f, ok := s.examined()["key"]; ok {
		t.Errorf("a key of its own: %+v", f)
	}
	if err := os.Chmod(s.path("var/link.key"), 0o644); err != nil {
		t.Fatal(err)
	}
	if f := s.examined()["key"]; f.Result != resultWrong || !strings.Contains(f.Do, "chmod 600") {
		t.Errorf("a key that others can read: %+v", f)
	}
	d := s.serve()
	d.logs("may be read by others", `"level":"warn"`)
	if err := d.end(os.Interrupt); err != nil {
		t.Error(err)
	}
}

// calendar add and the page keep a year in the same way, journal included.
func TestAYearThatIsAddedIsInTheJournal(t *testing.T) {
	s := newSite(t, "")
	s.write("2027.toml", "year = 2027\nsource = [\"a\\u0007b\"]\n[[holiday]]\nname = \"元\\u007f旦\"\noff = [2027-01-01]\nwork = []\n")
	s.run("calendar", "add", "2027.toml")
	if out := s.run("journal"); !strings.Contains(out, "calendar year saved") || !strings.Contains(out, "calendar 2027.toml") {
		t.Errorf("the journal: %s", out)
	}
	s.run("calendar", "2027")
	s.run("verify")
}
