package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// terminal is a pseudo-terminal: what a program sees, and what shows on it.
func terminal(t *testing.T) (tty, screen *os.File) {
	t.Helper()
	screen, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { screen.Close() })
	n, err := unix.IoctlGetInt(int(screen.Fd()), unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(int(screen.Fd()), unix.TIOCSPTLCK, 0)
	}
	if err == nil {
		tty, err = os.OpenFile(fmt.Sprint("/dev/pts/", n), os.O_RDWR|unix.O_NOCTTY, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	return tty, screen
}

// The first minute, as whoever tries duban in the evening or on a Sunday has it:
// the configuration at the top of the repository, on a terminal.
func TestTheFirstMinute(t *testing.T) {
	s := newSite(t, "")
	trial, err := os.ReadFile("../../config.toml")
	if err != nil {
		t.Fatal(err)
	}
	port := freePort(t)
	s.write("config.toml", strings.NewReplacer("rules/plans/zhongshan-2017", "plan", "127.0.0.1:8417", fmt.Sprint("127.0.0.1:", port)).Replace(string(trial)))
	tty, screen := terminal(t)
	cmd := exec.Command("duban", "serve")
	cmd.Dir, cmd.Stdin, cmd.Stdout, cmd.Stderr = s.dir, tty, tty, tty
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() }) // ended already, as a rule
	tty.Close()
	lines := make(chan string, 1000)
	go func() {
		defer close(lines)
		for sc := bufio.NewScanner(screen); sc.Scan(); {
			lines <- sc.Text()
		}
	}()
	var seen []string
	for line := range lines {
		seen = append(seen, line)
		if strings.Contains(line, "Ctrl-C ends it") {
			break
		}
	}
	last := strings.Join(seen[max(0, len(seen)-4):], "\n")
	for _, want := range []string{
		"53 mails lie in var/mail. To read one: duban mail show 53, or mutt -f var/mail",
		fmt.Sprintf("The page: http://127.0.0.1:%d/first/", port), "It looks again at ", "; the next reminders are of 20",
	} {
		if !strings.Contains(last, want) {
			t.Errorf("it does not say %q:\n%s", want, strings.Join(seen, "\n"))
		}
	}
	if n := len(s.mails()); n != 53 {
		t.Errorf("%d mails", n)
	}
	if out := s.run("mail", "show", "53"); !strings.Contains(out, "\u672c\u5355\u4f4d\u5168\u90e8\u4e8b\u9879") {
		t.Errorf("the command it names shows no mail: %s", out)
	}
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	for range lines { // until it ends
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("after Ctrl-C: %v", err)
	}
}

// What people are to go on with keeps office hours.
func TestOnlyTheTrialIsAlwaysOpen(t *testing.T) {
	for file, open := range map[string]bool{"../../config.toml": true, "../../packaging/config.toml": false, "example/config.toml": false} {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		text := strings.Join(strings.Fields(string(data)), " ")
		always := strings.Contains(text, `window = "00:00-24:00"`) && strings.Contains(text, "weekends = true")
		office := strings.Contains(text, `window = "08:30-17:30"`) && strings.Contains(text, "weekends = false")
		if always != open || office == open {
			t.Errorf("%s: always open %v, office hours %v", filepath.Base(filepath.Dir(file)), always, office)
		}
	}
}
