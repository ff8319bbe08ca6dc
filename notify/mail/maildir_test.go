package mail

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"duban/notify"
)

func TestAMaildirTakesAMailOnce(t *testing.T) {
	dir := t.TempDir()
	d, err := OpenMaildir(dir, false)
	if err != nil {
		t.Fatal(err)
	}
	send := func() {
		if out := d.Send(context.Background(), notify.Message{Name: "x@y", Raw: []byte("mail"), Again: true}); out.Err != nil {
			t.Fatal(out.Err)
		}
	}
	count := func() (n int) {
		for _, sub := range []string{"new", "cur", "tmp"} {
			entries, err := os.ReadDir(filepath.Join(dir, sub))
			if err != nil {
				t.Fatal(err)
			}
			n += len(entries)
		}
		return n
	}
	send()
	send()
	if n := count(); n != 1 {
		t.Errorf("%d files after sending twice", n)
	}
	files, _ := filepath.Glob(filepath.Join(dir, "new", "*"))
	if err := os.Rename(files[0], filepath.Join(dir, "cur", filepath.Base(files[0])+":2,S")); err != nil { // its reader has seen it
		t.Fatal(err)
	}
	send()
	if n := count(); n != 1 {
		t.Errorf("%d files after its reader saw it", n)
	}
}
