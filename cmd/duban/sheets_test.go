package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// What programs read is there whole or not at all, in a file or on the standard output;
// people see what came before it broke off. A file that is replaced keeps its permissions.
func TestATableThatBreaksOffIsNotThere(t *testing.T) {
	broke := errors.New("the ledger is away")
	file := filepath.Join(t.TempDir(), "register.csv")
	if err := os.WriteFile(file, []byte("of before"), 0o640); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		sheets
		out, kept string
	}{
		{sheets{format: "csv"}, "", "of before"},
		{sheets{format: "xlsx"}, "", "of before"},
		{sheets{format: "csv", output: file}, "", "of before"},
		{sheets{format: "table"}, "some", "of before"},
	} {
		var out bytes.Buffer
		err := c.to(&env{out: &out}, func(w io.Writer) error {
			if _, err := io.WriteString(w, "some"); err != nil {
				return err
			}
			return broke
		})
		kept, read := os.ReadFile(file)
		if !errors.Is(err, broke) || out.String() != c.out || read != nil || string(kept) != c.kept {
			t.Errorf("%s to %q: %v, %q, the file has %q (%v)", c.format, c.output, err, out.String(), kept, read)
		}
	}
	for _, c := range []struct {
		sheets
		out, kept string
	}{
		{sheets{format: "csv"}, "all", "of before"},
		{sheets{format: "csv", output: file}, "", "\ufeffall"},
	} {
		var out bytes.Buffer
		if err := c.to(&env{out: &out}, func(w io.Writer) error { _, err := io.WriteString(w, "all"); return err }); err != nil {
			t.Error(err)
		}
		if kept, err := os.ReadFile(file); err != nil || out.String() != c.out || string(kept) != c.kept {
			t.Errorf("%q, the file has %q (%v)", out.String(), kept, err)
		}
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("its permissions are %v, %v", info.Mode(), err)
	}
}
