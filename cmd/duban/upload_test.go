package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"mime/multipart"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"duban/internal/need"
)

// A disk that fills while a file comes in, on its way or as it is kept: the file is kept
// whole or refused with a word about the disk, nothing else is lost, and with room again
// all goes on. Backups and copies leave no half of one behind.
func TestAFullDiskTakesAFileWholeOrNotAtAll(t *testing.T) {
	s, d, page := onASmallDisk(t, "64m")
	inside := func(args ...string) (string, error) {
		script := []string{"-t", fmt.Sprint(d.cmd.Process.Pid), "-m", "sh", "-c", `cd "$0" && exec duban "$@"`, s.dir}
		out, err := exec.Command("nsenter", append(script, args...)...).CombinedOutput()
		return string(out), err
	}
	must := func(args ...string) string {
		t.Helper()
		out, err := inside(args...)
		if err != nil {
			t.Fatalf("%v: %v %s", args, err, out)
		}
		return strings.TrimSpace(out)
	}
	id := strings.Fields(must("status", "--obligation", "1.3-budget", "--format", "csv"))
	item := regexp.MustCompile(`1\.3-budget/czj/[\w-]+`).FindString(strings.Join(id, " "))
	link := must("link", item)
	page.becomes("/readyz", 200, "ok")

	pdf := append([]byte("%PDF-1.7\n"), bytes.Repeat([]byte("0123456789abcdef"), 8<<16)...) // 8 MB
	sum := sha256.Sum256(pdf)
	report := func(code int) string {
		t.Helper()
		var body bytes.Buffer
		form := multipart.NewWriter(&body)
		_ = form.WriteField("note", "第一批")
		file, err := form.CreateFormFile("files", "月报.pdf")
		if err == nil {
			_, err = file.Write(pdf)
		}
		if err == nil {
			err = form.Close()
		}
		if err != nil {
			t.Fatal(err)
		}
		res, err := page.client.Post(link+"/progress", form.FormDataContentType(), &body)
		return page.answered(res, err, code)
	}
	disk := filepath.Join(fmt.Sprintf("/proc/%d/root", d.cmd.Process.Pid), s.path("var"))
	for i, name := range []string{"on its way", "as it is kept"} {
		free := fill(t, disk, []int64{4 << 20, 11 << 20}[i])
		if said := report(507); !strings.Contains(said, "磁盘") || !strings.Contains(said, "未保存任何内容") {
			t.Errorf("%s: the unit reads\n%s", name, said)
		}
		page.gets("/healthz", 200)
		if out := must("attachment", "list", item, "--json"); out != "[]" {
			t.Errorf("%s: half a file is kept: %s", name, out)
		}
		must("verify")
		free()
		page.becomes("/readyz", 200, "ok")
		page.anEvent(fmt.Sprint("after-", i), 200)
	}
	report(200)
	if out := must("attachment", "list", item, "--json"); strings.Count(out, hex.EncodeToString(sum[:])) != 1 {
		t.Errorf("with room again: %s", out)
	}

	before, _ := filepath.Glob(disk + "/*")
	free := fill(t, disk, 2<<20)
	if out, err := inside("backup", "var/copy.db"); err == nil || !strings.Contains(out, "full") {
		t.Errorf("a backup onto a full disk: %v %s", err, out)
	}
	free()
	if after, _ := filepath.Glob(disk + "/*"); len(after) != len(before) {
		t.Errorf("left behind: %q, was %q", after, before)
	}
	must("backup", "var/copy.db")
	must("verify")
	if err := d.end(syscall.SIGTERM); err != nil {
		t.Error(err)
	}
}

// A copy for which there is no room is none, and is gone on with when there is; the
// ledger stays as it was.
func TestALedgerIsNotCopiedOntoAFullDisk(t *testing.T) {
	if os.Getuid() != 0 {
		need.Missing(t, "only root can mount a small disk")
	}
	s := newSite(t, "")
	s.run("tick")
	if err := os.Mkdir(s.path("small"), 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("unshare", "-m", "sh", "-ec", `mount -t tmpfs -o size=400k none small
! duban ledger copy --to small/copy.db
test ! -e small/copy.db
duban verify
mount -o remount,size=64m small
duban ledger copy --to small/copy.db
test "$(ls -A small)" = copy.db`)
	cmd.Dir = s.dir
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "the disk is full: make room") {
		t.Errorf("%v\n%s", err, out)
	}
}

// fill leaves so much room on a disk; what it returns gives the rest back.
func fill(t *testing.T, disk string, left int64) (free func()) {
	t.Helper()
	var fs syscall.Statfs_t
	if err := syscall.Statfs(disk, &fs); err != nil {
		t.Fatal(err)
	}
	ballast := filepath.Join(disk, "ballast")
	room := int64(fs.Bavail)*fs.Bsize - left
	if room <= 0 {
		t.Fatalf("%d bytes too little to begin with", -room)
	}
	if err := os.WriteFile(ballast, make([]byte, room), 0o600); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := os.Remove(ballast); err != nil {
			t.Fatal(err)
		}
	}
}
