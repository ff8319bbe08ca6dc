package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// nobody is a user who may write nothing here.
const nobody = 65534

// TestAUserWhoMayNotIsToldSo runs the binary as a user without rights.
func TestAUserWhoMayNotIsToldSo(t *testing.T) {
	s := newSite(t, "")
	s.run("tick", "--at", "2017-06-09T09:00")
	for _, tc := range []struct {
		what string
		mode map[string]os.FileMode
		args []string
		want string
	}{
		{"a folder that cannot be written", map[string]os.FileMode{".": 0o755, "var": 0o555}, []string{"tick"}, "permission denied"},
		{"a ledger that cannot be written", map[string]os.FileMode{"var/duban.db": 0o444}, []string{"event", "add", "request-received", "--unit", "czj", "--date", "2017-07-03"}, "var/duban.db: "},
		{"a configuration that cannot be read", map[string]os.FileMode{"config.toml": 0}, []string{"check"}, "config.toml: "},
		{"a plan that cannot be read", map[string]os.FileMode{"plan/plan.toml": 0}, []string{"preview"}, "plan.toml: may not be read by this user"},
	} {
		t.Run(tc.what, func(t *testing.T) {
			for name, mode := range tc.mode {
				info, err := os.Stat(s.path(name))
				if err != nil {
					t.Fatal(err)
				}
				if err := os.Chmod(s.path(name), mode); err != nil {
					t.Fatal(err)
				}
				defer os.Chmod(s.path(name), info.Mode()) // for the next case
			}
			binary, err := exec.LookPath("duban")
			if err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command(binary, tc.args...)
			cmd.Dir = s.dir
			if os.Getuid() == 0 {
				// Root may do all; the way to the files has to be open to nobody.
				for _, from := range []string{filepath.Dir(s.dir), filepath.Dir(binary)} {
					for dir := from; dir != os.TempDir() && dir != "/"; dir = filepath.Dir(dir) {
						if err := os.Chmod(dir, 0o755); err != nil {
							t.Fatal(err)
						}
					}
				}
				cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
			}
			out, err := cmd.CombinedOutput()
			if code := cmd.ProcessState.ExitCode(); code != 1 || !strings.Contains(string(out), tc.want) {
				t.Errorf("exit code %d, %v:\n%s\nwant …%s…", code, err, out, tc.want)
			}
		})
	}
	s.run("verify")
}
