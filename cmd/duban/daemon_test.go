package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// daemon is the real binary, running.
type daemon struct {
	t     testing.TB
	cmd   *exec.Cmd
	lines chan string // of its log
	seen  []string
}

// patience bounds what a test waits for; nothing takes that long.
const patience = 60 * time.Second

// site is a folder with a configuration and a plan of its own.
type site struct {
	t   testing.TB
	dir string
}

// newSite copies the shipped plan beside a configuration that mails at any time.
func newSite(t testing.TB, config string) *site {
	t.Helper()
	s := &site{t, t.TempDir()}
	if err := os.CopyFS(filepath.Join(s.dir, "plan"), os.DirFS("../../rules/plans/zhongshan-2017")); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(config, "[web]") {
		config += "[web]\nlisten = \"\"\n"
	}
	s.write("config.toml", "plans = [\"plan\"]\n[schedule]\nwindow = \"00:00-24:00\"\nweekends = true\n"+config)
	return s
}

// zhongshan is the time where the plans of these tests are. The machine's own zone has
// another day there for hours of each.
func zhongshan() time.Time { return time.Now().In(time.FixedZone("UTC+8", 8*60*60)) }

func (s *site) path(name string) string { return filepath.Join(s.dir, name) }

func (s *site) write(name, text string) {
	s.t.Helper()
	if err := os.WriteFile(s.path(name), []byte(text), 0o644); err != nil {
		s.t.Fatal(err)
	}
}

// edit replaces text in a file the way editors do: a new file takes its place.
func (s *site) edit(name, old, new string) {
	s.t.Helper()
	data, err := os.ReadFile(s.path(name))
	if err != nil {
		s.t.Fatal(err)
	}
	if !bytes.Contains(data, []byte(old)) {
		s.t.Fatalf("%s has no %q", name, old)
	}
	s.write(name+"~", strings.Replace(string(data), old, new, 1))
	if err := os.Rename(s.path(name+"~"), s.path(name)); err != nil {
		s.t.Fatal(err)
	}
}

// run runs a command to its end.
func (s *site) run(args ...string) string {
	s.t.Helper()
	cmd := exec.Command("duban", args...)
	cmd.Dir = s.dir
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		s.t.Fatalf("duban %v: %v\n%s%s", args, err, out.String(), errs.String())
	}
	return out.String()
}

// mails are the files that were delivered.
func (s *site) mails() []string {
	s.t.Helper()
	entries, err := os.ReadDir(s.path("var/mail/new"))
	if err != nil && !os.IsNotExist(err) {
		s.t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// outbox counts the notices by state.
func (s *site) outbox() map[string]int {
	s.t.Helper()
	var rows []struct{ State string }
	if err := json.Unmarshal([]byte(s.run("mail", "list", "--json")), &rows); err != nil {
		s.t.Fatal(err)
	}
	out := map[string]int{}
	for _, r := range rows {
		out[r.State]++
	}
	return out
}

// told is how many notices to units are sent: administrators may hear of something at any time.
func (s *site) told() (n int) {
	s.t.Helper()
	var rows []struct{ Unit, State string }
	if err := json.Unmarshal([]byte(s.run("mail", "list", "--json")), &rows); err != nil {
		s.t.Fatal(err)
	}
	for _, r := range rows {
		if r.Unit != "" && r.State == "sent" {
			n++
		}
	}
	return n
}

func (s *site) serve() *daemon { return s.start(exec.Command("duban", "serve")) }

func (s *site) start(cmd *exec.Cmd) *daemon {
	s.t.Helper()
	d := &daemon{t: s.t, cmd: cmd, lines: make(chan string, 10000)}
	d.cmd.Dir = s.dir
	log, err := d.cmd.StderrPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := d.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = d.cmd.Process.Kill() }) // ended already, as a rule
	go d.read(log)
	return d
}

func (d *daemon) read(log io.Reader) {
	defer close(d.lines)
	sc := bufio.NewScanner(log)
	sc.Buffer(nil, 1<<20)
	for sc.Scan() {
		d.lines <- sc.Text()
	}
}

// logs waits for a line that holds all these texts.
func (d *daemon) logs(texts ...string) string {
	d.t.Helper()
	limit := time.After(patience)
	for {
		select {
		case line, ok := <-d.lines:
			if !ok {
				d.t.Fatalf("it ended without logging %q:\n%s", texts, strings.Join(d.seen, "\n"))
			}
			d.seen = append(d.seen, line)
			all := true
			for _, s := range texts {
				all = all && strings.Contains(line, s)
			}
			if all {
				return line
			}
		case <-limit:
			d.t.Fatalf("it did not log %q:\n%s", texts, strings.Join(d.seen, "\n"))
		}
	}
}

// end sends a signal and waits for the end.
func (d *daemon) end(sig os.Signal) error {
	d.t.Helper()
	if err := d.cmd.Process.Signal(sig); err != nil {
		d.t.Fatal(err)
	}
	for range d.lines { // until its log ends
	}
	return d.cmd.Wait()
}

func TestServeAssignsDeliversAndEndsCleanly(t *testing.T) {
	s := newSite(t, "")
	d := s.serve()
	d.logs(`"sent":53`)
	if err := d.end(os.Interrupt); err != nil {
		t.Errorf("after Ctrl-C: %v", err)
	}
	if n := len(s.mails()); n != 53 {
		t.Errorf("%d mails, want one assignment a unit", n)
	}
	if out := s.run("status", "--light", "red"); !strings.Contains(out, "nothing to show") {
		t.Errorf("a backlog was made:\n%s", out)
	}
	s.run("verify")
	// A second start says nothing again.
	d = s.serve()
	d.logs("started")
	if err := d.end(syscall.SIGTERM); err != nil {
		t.Errorf("after SIGTERM: %v", err)
	}
	if n := len(s.mails()); n != 53 {
		t.Errorf("%d mails after a second start", n)
	}
}

func TestKilledAtAnyMomentNothingIsLostOrRepeated(t *testing.T) {
	s := newSite(t, "")
	for range 15 {
		d := s.serve()
		after := rand.IntN(160)
		for i := 0; i <= after; i++ { // so many log lines, and then the end
			if _, ok := <-d.lines; !ok || len(s.mails()) == 53 {
				break
			}
		}
		_ = d.end(os.Kill) // it was killed: that is the error
		if len(s.mails()) == 53 {
			break
		}
	}
	d := s.serve()
	d.logs("started")
	for s.outbox()["sent"] < 53 {
		d.logs("mail")
	}
	if err := d.end(os.Interrupt); err != nil {
		t.Error(err)
	}
	if n := len(s.mails()); n != 53 {
		t.Errorf("%d mails, want 53", n)
	}
	if o := s.outbox(); o["sent"] != 53 || len(o) != 1 {
		t.Errorf("outbox %v", o)
	}
	s.run("verify")
}

func TestTwoDaemonsOnOneLedger(t *testing.T) {
	s := newSite(t, "")
	d := s.serve()
	d.logs("started")
	for _, args := range [][]string{{"serve"}, {"tick"}} {
		cmd := exec.Command("duban", args...)
		cmd.Dir = s.dir
		out, err := cmd.CombinedOutput()
		if err == nil || !strings.Contains(string(out), "another duban (process "+fmt.Sprint(d.cmd.Process.Pid)+")") {
			t.Errorf("%v beside a daemon: %v, %s", args, err, out)
		}
	}
	if err := d.end(os.Interrupt); err != nil {
		t.Error(err)
	}
}

func TestEditsAreTakenOverAndBrokenOnesAreNot(t *testing.T) {
	s := newSite(t, "")
	d := s.serve()
	d.logs(`"sent":53`)
	const file = "plan/obligations/01-expectations.toml"
	s.edit(file, `within   = "15 working days"`, `within   = "25 working days"`)
	d.logs("due date recounted", "1.3-budget/czj")
	// A broken edit: every error is logged, the administrators are told once, the rules stay.
	s.edit(file, `within   = "25 working days"`, `within   = "25 fortnights"`)
	d.logs("25 fortnights", `"line":`)
	d.logs("the old ones stay in force")
	for s.outbox()["sent"] < 54 {
		d.logs(`"state":"sent"`)
	}
	if err := d.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	d.logs("the old ones stay in force")
	s.edit(file, `within   = "25 fortnights"`, `within   = "15 working days"`)
	d.logs("due date recounted", "1.3-budget/czj")
	if err := d.end(os.Interrupt); err != nil {
		t.Error(err)
	}
	if o := s.outbox(); o["sent"] != 54 {
		t.Errorf("outbox %v: want the assignments and one notice to the administrators", o)
	}
	s.run("verify")
}

func TestAYearThatIsAddedIsTakenOverWhileTheDaemonRuns(t *testing.T) {
	s := newSite(t, "")
	d := s.serve()
	d.logs(`"sent":53`)
	s.write("2027.json", `{"year": 2027, "days": [{"name": "元旦", "date": "2027-01-01", "isOffDay": true}]}`)
	s.run("calendar", "add", "2027.json")
	d.logs("rules reloaded")
	if err := d.end(os.Interrupt); err != nil {
		t.Error(err)
	}
	s.run("verify")
}
