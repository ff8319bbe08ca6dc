package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"duban/internal/need"
)

// reader is a browser without a screen.
type reader struct {
	t      testing.TB
	client *http.Client
	base   string
}

// admitted is one that has made the first account.
func admitted(t testing.TB, base, first string) *reader {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	r := &reader{t, &http.Client{Timeout: patience, Jar: jar}, base}
	r.posts(first, url.Values{"name": {"admin"}, "password": {"correct horse battery"}}, http.StatusOK)
	return r
}

func (r *reader) answered(res *http.Response, err error, code int) string {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != code {
		r.t.Errorf("%s %s: %d, want %d (%v)\n%s", res.Request.Method, res.Request.URL, res.StatusCode, code, err, body)
	}
	return string(body)
}

func (r *reader) gets(path string, code int) string {
	r.t.Helper()
	res, err := r.client.Get(r.base + path)
	return r.answered(res, err, code)
}

func (r *reader) posts(address string, form url.Values, code int) string {
	r.t.Helper()
	res, err := r.client.PostForm(address, form)
	return r.answered(res, err, code)
}

// becomes waits until a probe answers with that code and those words.
func (r *reader) becomes(path string, code int, words string) {
	r.t.Helper()
	for limit := time.Now().Add(patience); ; time.Sleep(100 * time.Millisecond) { // another process's time
		res, err := r.client.Get(r.base + path)
		if err != nil {
			r.t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err == nil && res.StatusCode == code && strings.Contains(string(body), words) {
			return
		}
		if time.Now().After(limit) {
			r.t.Fatalf("%s is %d %s, want %d …%s…", path, res.StatusCode, body, code, words)
		}
	}
}

// anEvent is something to save on the page.
func (r *reader) anEvent(title string, code int) string {
	r.t.Helper()
	return r.posts(r.base+"/events", url.Values{"name": {"request-received"}, "unit": {"czj"}, "title": {title}, "key": {title}, "date": {zhongshan().Format(time.DateOnly)}}, code)
}

func TestALedgerThatIsGoneIsSaidAndWhatItHeldIsKept(t *testing.T) {
	for what, harm := range map[string]func(s *site) error{
		"deleted": func(s *site) error {
			return os.Remove(s.path("var/duban.db"))
		},
		"deleted with its log": func(s *site) error {
			for _, ending := range []string{"", "-wal", "-shm"} {
				if err := os.Remove(s.path("var/duban.db" + ending)); err != nil {
					return err
				}
			}
			return nil
		},
		"replaced": func(s *site) error {
			s.run("backup", "copy.db")
			return os.Rename(s.path("copy.db"), s.path("var/duban.db"))
		},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel() // a daemon looks every 15 s
			s, d, base, first := pageSite(t)
			d.logs(`"sent":53`)
			page := admitted(t, base, first)
			page.becomes("/readyz", 200, "ok")
			page.anEvent("before", 200)
			if err := harm(s); err != nil {
				t.Fatal(err)
			}
			// The page says that nothing was saved, the probe why; what can be read still can.
			if body := page.anEvent("after", http.StatusServiceUnavailable); !strings.Contains(body, "未保存任何内容") {
				t.Errorf("the page does not say that nothing was saved: %s", body)
			}
			page.becomes("/readyz", 503, "the ledger is gone from its place")
			page.gets("/healthz", 200) // a new start would begin anew
			if body := page.gets("/events", 200); !strings.Contains(body, "before") || strings.Contains(body, "after") {
				t.Errorf("the page shows what was not saved, or not what was: %s", body)
			}
			line := d.logs("the ledger is gone; what it held is kept")
			kept := regexp.MustCompile(`[^"]*\.rescued-\w+`).FindString(line)
			found := s.examined()
			if f := found["daemon"]; f.Result != resultWrong || !strings.Contains(f.Do, "restore") {
				t.Errorf("doctor: %+v", f)
			}
			if f := found["page"]; f.Result != resultWrong || !strings.Contains(f.What, "gone from its place") {
				t.Errorf("doctor: %+v", f)
			}
			if err := d.end(syscall.SIGTERM); err != nil {
				t.Error(err)
			}
			// A new start does not tell everybody everything anew.
			if what != "replaced" {
				cmd := exec.Command("duban", "serve")
				cmd.Dir = s.dir
				if out, err := cmd.CombinedOutput(); err == nil || !strings.Contains(string(out), "duban restore") {
					t.Errorf("a new start: %v %s", err, out)
				}
			}
			s.run("restore", kept)
			if out := s.run("event", "list"); !strings.Contains(out, "before") || strings.Contains(out, "after") {
				t.Errorf("restored: %s", out)
			}
			s.run("verify")
			if n := len(s.mails()); n != 53 {
				t.Errorf("%d mails", n)
			}
		})
	}
}

// onASmallDisk is a site whose ledger lies on a disk of its own, its daemon, which has sent
// what there was, and its page.
func onASmallDisk(t *testing.T, size string) (s *site, d *daemon, page *reader) {
	t.Helper()
	if os.Getuid() != 0 {
		need.Missing(t, "only root can mount a small disk")
	}
	port := freePort(t)
	s = newSite(t, fmt.Sprintf("[web]\nlisten = \"127.0.0.1:%d\"\n[mail]\nmaildir = \"mail\"\n", port))
	if err := os.Mkdir(s.path("var"), 0o755); err != nil {
		t.Fatal(err)
	}
	d = s.start(exec.Command("unshare", "-m", "sh", "-c", "mount -t tmpfs -o size="+size+" none var && exec duban serve"))
	first := regexp.MustCompile(`http://[^"]*/first/\w+`).FindString(d.logs("makes the first account"))
	d.logs(`"sent":53`)
	return s, d, admitted(t, fmt.Sprintf("http://127.0.0.1:%d", port), first)
}

func TestAFullDiskIsSaidAndGoneOnFrom(t *testing.T) {
	s, d, page := onASmallDisk(t, "48m")
	page.becomes("/readyz", 200, "ok")
	page.anEvent("before", 200)

	ballast := filepath.Join(fmt.Sprintf("/proc/%d/root", d.cmd.Process.Pid), s.path("var"), "ballast")
	f, err := os.Create(ballast)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for b := make([]byte, 64<<10); err == nil; { // until it is full
		_, err = f.Write(b)
	}
	// The log is gone on with where it began as long as there is room in it.
	said := ""
	for i := 0; said == "" && i < 200; i++ {
		form := url.Values{"name": {"request-received"}, "unit": {"czj"}, "title": {strings.Repeat("x", 190)}, "key": {fmt.Sprint("k", i)}, "date": {"2026-11-20"}}
		res, err := page.client.PostForm(page.base+"/events", form)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(res.Body)
		res.Body.Close()
		if res.StatusCode != http.StatusOK {
			said = fmt.Sprint(res.StatusCode, " ", string(body))
		}
	}
	if !strings.HasPrefix(said, "507 ") || !strings.Contains(said, "未保存任何内容") {
		t.Errorf("a full disk: %s", said)
	}
	page.becomes("/readyz", 503, "the disk is full")
	page.gets("/healthz", 200)
	cmd := exec.Command("nsenter", "-t", fmt.Sprint(d.cmd.Process.Pid), "-m", "sh", "-c", `cd "$0" && exec duban doctor`, s.dir)
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "make room") || !strings.Contains(string(out), "does not do its work: the ledger cannot be written: ledger var/duban.db: the disk is full") {
		t.Errorf("doctor: %v %s", err, out)
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	f.Close()
	page.becomes("/readyz", 200, "ok")
	page.anEvent("later", 200)
	if err := d.end(syscall.SIGTERM); err != nil {
		t.Error(err)
	}
}

// Whatever part of serve ends with an error, all of it ends, with that error.
func TestADaemonThatCannotGoOnEnds(t *testing.T) {
	port := freePort(t)
	s := newSite(t, fmt.Sprintf("[web]\nlisten = \"127.0.0.1:%d\"\n", port))
	s.run("tick")
	// One notice was being sent when duban ended last, and that cannot be written down.
	for _, statement := range []string{
		"UPDATE notice SET state = 'sending' WHERE id = 1",
		"CREATE TRIGGER no_room BEFORE UPDATE ON notice BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END",
	} {
		if err := execSQL(s.path("var/duban.db"), statement); err != nil {
			t.Fatal(err)
		}
	}
	d := s.serve()
	last := ""
	for line := range d.lines { // it ends by itself
		last = line
	}
	err := d.cmd.Wait()
	if code := d.cmd.ProcessState.ExitCode(); code != 1 || !strings.Contains(last, "what was being sent when duban ended last: ") || !strings.Contains(last, "disk is full") {
		t.Errorf("it ended with %v, and said %s", err, last)
	}
}

// Commands that only look change nothing, and those that write leave an older
// schema alone.
func TestAnOlderLedgerIsMovedOnlyByThoseWhoMay(t *testing.T) {
	s := newSite(t, "")
	s.olderLedger()
	before, err := os.ReadFile(s.path("var/duban.db"))
	if err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"status"}, {"doctor"}, {"journal"}, {"verify"}, {"mail", "list"}, {"mail", "show", "1"}, {"event", "list"}, {"report"}, {"user", "list"}, {"backup", "copy.db"}, {"__complete", "done", ""},
		{"done", "1.3-budget/czj/2026-11"}, {"event", "add", "request-received", "--unit", "czj", "--date", "2026-11-01"}, {"mail", "release"}, {"user", "remove", "x"},
	} {
		cmd := exec.Command("duban", args...)
		cmd.Dir = s.dir
		out, err := cmd.CombinedOutput()
		if args[0] != "__complete" && (err == nil || !strings.Contains(string(out), "duban ledger migrate")) {
			t.Errorf("%v: %v %s", args, err, out)
		}
		after, rErr := os.ReadFile(s.path("var/duban.db"))
		if rErr != nil || string(after) != string(before) || exists(s.path("var/duban.db-wal")) {
			t.Fatalf("%v changed the ledger: %v", args, rErr)
		}
	}
}
