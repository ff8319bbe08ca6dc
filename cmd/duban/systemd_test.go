package main

import (
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"duban/internal/need"
	"duban/internal/smtptest"
)

// notifySocket is where a daemon tells a service manager how it is; what it
// says comes in order.
func notifySocket(t *testing.T) (address string, said <-chan string) {
	t.Helper()
	dir, err := os.MkdirTemp("", "duban") // t.TempDir may be too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	address = filepath.Join(dir, "notify")
	c, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: address, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	out := make(chan string, 1000)
	go func() {
		defer close(out)
		b := make([]byte, 64<<10)
		for {
			n, err := c.Read(b)
			if err != nil {
				return
			}
			out <- string(b[:n])
		}
	}()
	t.Cleanup(func() { c.Close() })
	return address, out
}

// hears waits until the daemon says something of that form.
func hears(t *testing.T, said <-chan string, form string) string {
	t.Helper()
	want := regexp.MustCompile(form)
	var all []string
	limit := time.After(patience)
	for {
		select {
		case s := <-said:
			all = append(all, s)
			if want.MatchString(s) {
				return s
			}
		case <-limit:
			t.Fatalf("it did not say %s, but %q", form, all[max(0, len(all)-10):])
		}
	}
}

func TestTheServiceManagerHearsHowItIs(t *testing.T) {
	address, said := notifySocket(t)
	s := newSite(t, "")
	cmd := exec.Command("duban", "serve")
	cmd.Env = append(os.Environ(), "NOTIFY_SOCKET="+address, "WATCHDOG_USEC=600000")
	d := s.start(cmd)
	hears(t, said, `(?s)^READY=1\nSTATUS=\d+ mails waiting.*next tick \d\d:\d\d$`)
	hears(t, said, `(?s)^WATCHDOG=1\nSTATUS=`)
	hears(t, said, `^WATCHDOG=1`) // and again
	d.logs(`"sent":53`)
	hears(t, said, `0 mails waiting`)

	if err := d.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	hears(t, said, `^RELOADING=1\nMONOTONIC_USEC=\d+\n$`)
	hears(t, said, `^READY=1\nSTATUS=rules reloaded`)
	// A broken edit: reloaded all the same, and the status says so.
	s.edit("plan/plan.toml", "review     = false", "review     = maybe")
	hears(t, said, `^RELOADING=1`)
	hears(t, said, `(?s)^READY=1\nSTATUS=the rules have errors`)

	if err := d.end(syscall.SIGTERM); err != nil {
		t.Errorf("after SIGTERM: %v", err)
	}
	hears(t, said, `^STOPPING=1`)
}

func TestAStopFinishesTheMailInHand(t *testing.T) {
	server := smtptest.Start(t)
	inHand, goOn := make(chan struct{}, 100), make(chan struct{})
	server.Set(smtptest.Hooks{Accepted: func(net.Conn) error {
		inHand <- struct{}{}
		<-goOn // the server has the mail, and takes its time to say so
		return nil
	}})
	address, said := notifySocket(t)
	s := newSite(t, smtpConfig(server, 2))
	cmd := exec.Command("duban", "serve")
	cmd.Env = append(os.Environ(), "NOTIFY_SOCKET="+address)
	d := s.start(cmd)
	<-inHand
	<-inHand // both connections have one
	if err := d.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	hears(t, said, `^STOPPING=1`)
	close(goOn)
	if err := d.end(syscall.SIGTERM); err != nil {
		t.Errorf("it ended with %v", err)
	}
	sent := s.outbox()["sent"]
	if sent != len(server.Mails()) || sent < 2 || sent > 10 {
		t.Errorf("%d mails are sent, the server has %d; want the two in hand and hardly more", sent, len(server.Mails()))
	}
	if n := s.outbox()["sending"]; n > 0 {
		t.Errorf("%d mails are left in the middle", n)
	}
	server.Set(smtptest.Hooks{})
	d = s.serve()
	for s.outbox()["sent"] < 53 {
		d.logs(`"state":"sent"`)
	}
	if err := d.end(os.Interrupt); err != nil {
		t.Error(err)
	}
	if n := len(server.Mails()); n != 53 {
		t.Errorf("the server has %d mails: some went twice, or not at all", n)
	}
}

func TestWhatStandsStillIsNotFed(t *testing.T) {
	address, said := notifySocket(t)
	s := newSite(t, "")
	cmd := exec.Command("duban", "serve")
	cmd.Env = append(os.Environ(), "NOTIFY_SOCKET="+address, "WATCHDOG_USEC=600000")
	d := s.start(cmd)
	hears(t, said, `^WATCHDOG=1`)
	// A process that is stopped feeds nobody; one that goes on does.
	if err := d.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	for quiet := time.NewTimer(3 * time.Second); ; {
		select {
		case <-said:
			continue // said before it stopped
		case <-quiet.C:
		}
		break
	}
	if len(said) > 0 {
		t.Errorf("stopped, and still it says %q", <-said)
	}
	if err := d.cmd.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	hears(t, said, `^WATCHDOG=1`)
	if err := d.end(syscall.SIGTERM); err != nil {
		t.Error(err)
	}
}

func TestThePageIsServedOnTheSocketThatSystemdHolds(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	f, err := l.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	s := newSite(t, "[web]\nlisten = \"127.0.0.1:1\"\n") // which it could not take
	cmd := exec.Command("sh", "-c", "LISTEN_PID=$$ LISTEN_FDS=1 exec duban serve")
	cmd.ExtraFiles = []*os.File{f}
	d := s.start(cmd)
	d.logs(`"message":"page"`, l.Addr().String())
	res, err := (&http.Client{Timeout: patience}).Get("http://" + l.Addr().String() + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != 200 && res.StatusCode != 503 {
		t.Errorf("healthz: %d", res.StatusCode)
	}
	if err := d.end(syscall.SIGTERM); err != nil {
		t.Error(err)
	}
}

func TestADamagedLedgerIsNotServed(t *testing.T) {
	s := newSite(t, "")
	s.run("tick")
	data, err := os.ReadFile(s.path("var/duban.db"))
	if err != nil {
		t.Fatal(err)
	}
	for i := len(data) / 2; i < len(data)-4096; i++ {
		data[i] ^= 0x55
	}
	s.write("var/duban.db", string(data))
	cmd := exec.Command("duban", "serve")
	cmd.Dir = s.dir
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "damaged") || !strings.Contains(string(out), "restore") {
		t.Errorf("%v: %s", err, out)
	}
}

// olderLedger puts a ledger of a duban before the page in the site's place.
func (s *site) olderLedger() string {
	s.t.Helper()
	dump, err := os.ReadFile("../../ledger/sqlite/testdata/schema-2.sql")
	if err == nil {
		err = os.MkdirAll(s.path("var"), 0o755)
	}
	if err == nil {
		err = execSQL(s.path("var/duban.db"), string(dump))
	}
	if err != nil {
		s.t.Fatal(err)
	}
	return s.path("var/duban.db")
}

func TestAnInterruptedSchemaChangeIsGoneOnWith(t *testing.T) {
	s := newSite(t, "")
	ledger := s.olderLedger()
	for i := range 20 { // killed a little later each time
		cmd := exec.Command("duban", "ledger", "migrate")
		cmd.Dir = s.dir
		cmd.Stdout = io.Discard
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(i) * 4 * time.Millisecond)
		_ = cmd.Process.Kill() // it may have ended
		_ = cmd.Wait()         // it was killed: that is the error
	}
	if out := s.run("ledger", "migrate"); !strings.Contains(out, "schema") {
		t.Errorf("ledger migrate: %s", out)
	}
	s.run("verify")
	if rows := s.dues("status"); len(rows) == 0 {
		t.Error("nothing is left")
	}
	s.run("user", "list")
	kept, err := filepath.Glob(ledger + ".before-schema-*")
	if err != nil || len(kept) != 1 {
		t.Fatalf("copies %v, %v", kept, err)
	}
	// What it was before can be put back, and is brought up to date again.
	if out := s.run("restore", kept[0]); !strings.Contains(out, "all proved") {
		t.Errorf("restore: %s", out)
	}
	s.run("verify")
}

func TestAScheduledBackupIsMadeWhileItServes(t *testing.T) {
	s := newSite(t, "[backup]\ndir = \"copies\"\nkeep = 2\n")
	d := s.serve()
	line := d.logs(`"message":"backup"`)
	if err := d.end(os.Interrupt); err != nil {
		t.Error(err)
	}
	file := regexp.MustCompile(`copies/duban-\d{8}T\d{6}Z\.db`).FindString(line)
	if file == "" {
		t.Fatalf("the log names no file: %s", line)
	}
	if out := s.run("restore", file); !strings.Contains(out, "all proved") || !strings.Contains(out, "is kept as") {
		t.Errorf("restore: %s", out)
	}
	// Beside a daemon nothing is restored.
	d = s.serve()
	d.logs("started")
	cmd := exec.Command("duban", "restore", file)
	cmd.Dir = s.dir
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "stop that one first") {
		t.Errorf("beside a daemon: %v %s", err, out)
	}
	if err := d.end(os.Interrupt); err != nil {
		t.Error(err)
	}
}

func TestTheJournalGetsFields(t *testing.T) {
	if os.Getuid() != 0 {
		need.Missing(t, "only root can put a socket of its own in the place of the journal's")
	}
	address, got := notifySocket(t)
	if err := os.Rename(address, filepath.Join(filepath.Dir(address), "socket")); err != nil {
		t.Fatal(err)
	}
	s := newSite(t, "[log]\nformat = \"journal\"\n")
	// In a mount namespace of its own the folder of the journal is ours.
	cmd := exec.Command("unshare", "--mount", "sh", "-c",
		`mount -t tmpfs none /run && mkdir -p /run/systemd/journal && mount --bind "$0" /run/systemd/journal && exec duban tick`, filepath.Dir(address))
	cmd.Dir = s.dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	entry := hears(t, got, `(?m)^MESSAGE=mail$`)
	for _, field := range []string{`(?m)^PRIORITY=6$`, `(?m)^NOTICE=\d+$`, `(?m)^UNIT=[a-z]+$`, `(?m)^STATE=sent$`} {
		if !regexp.MustCompile(field).MatchString(entry) {
			t.Errorf("the entry has no %s:\n%s", field, entry)
		}
	}
}
