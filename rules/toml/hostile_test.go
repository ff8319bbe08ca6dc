package toml

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"duban/rules/problem"
)

// Whatever a file holds it is read in a moment. (A limit far beyond what any
// machine takes for it, not a measurement.)
func TestNoFileHoldsAProcessor(t *testing.T) {
	many := func(f func(i int) string) string {
		var b strings.Builder
		for i := range 200_000 {
			b.WriteString(f(i))
		}
		return b.String()
	}
	for what, text := range map[string]string{
		"many keys":                many(func(i int) string { return fmt.Sprintf("k%d = 1\n", i) }),
		"many dotted keys":         many(func(i int) string { return fmt.Sprintf("a.k%d = 1\n", i) }),
		"many tables by dots":      many(func(i int) string { return fmt.Sprintf("a.k%d.x = 1\n", i) }),
		"one key of many dots":     strings.TrimSuffix(many(func(int) string { return "a." }), ".") + " = 1\n",
		"a header of many dots":    "[" + strings.TrimSuffix(many(func(int) string { return "a." }), ".") + "]\n",
		"many headers":             many(func(i int) string { return fmt.Sprintf("[k%d]\n", i) }),
		"many tables of one name":  many(func(i int) string { return "[[k]]\n" }),
		"one key many times":       many(func(int) string { return "k = 1\n" }),
		"many lines that are none": many(func(int) string { return "?\n" }),
		"a list of lists":          "k = " + strings.Repeat("[", 200_000) + strings.Repeat("]", 200_000),
		"a long line":              "k = \"" + strings.Repeat("长", 1_000_000) + "\"\n",
		"many values on a line":    "k = [" + strings.Repeat("1,", 500_000) + "]\n",
		"many inline tables":       "k = [" + strings.Repeat("{a=1},", 200_000) + "]\n",
	} {
		t.Run(what, func(t *testing.T) {
			done := make(chan int, 1)
			go func() {
				problems := &problem.List{}
				table := Parse("f.toml", []byte(text), problems)
				table.Done()
				done <- len(problems.Errors())
			}()
			select {
			case n := <-done:
				if n > 1000 {
					t.Errorf("%d problems are more than anybody reads", n)
				}
			case <-time.After(30 * time.Second):
				t.Error("it is not done")
			}
		})
	}
}

func TestOneMarkIsOneProblem(t *testing.T) {
	problems := &problem.List{}
	table := Parse("f.toml", []byte("\xef\xbb\xbfid = \"p\"\ntitle = \"T\"\n"), problems)
	if got := table.String("id"); got != "p" || len(problems.Errors()) != 0 {
		t.Errorf("id %q, %v", got, problems.Errors())
	}
	for _, data := range []string{"\xff\xfei\x00d\x00", "\xfe\xff\x00i\x00d"} { // UTF-16
		problems := &problem.List{}
		Parse("f.toml", []byte(data), problems)
		if e := problems.Errors(); len(e) != 1 || !strings.Contains(e[0].Message(), "save it as UTF-8") {
			t.Errorf("%q: %v", data, e)
		}
	}
}

func TestWhatIsNoFileIsNotReadFrom(t *testing.T) {
	dir := t.TempDir()
	fifo, link := filepath.Join(dir, "fifo.toml"), filepath.Join(dir, "link.toml")
	if err := syscall.Mkfifo(fifo, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/dev/zero", link); err != nil {
		t.Fatal(err)
	}
	large := filepath.Join(dir, "large.toml")
	if f, err := os.Create(large); err != nil || f.Truncate(MaxFile+1) != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{fifo: "is no file", link: "is no file", dir: "is a folder", large: "are the most", filepath.Join(dir, "none"): "no such file"} {
		if _, err := ReadFile(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want …%s…", filepath.Base(name), err, want)
		}
	}
	good := filepath.Join(dir, "good.toml")
	if err := os.WriteFile(good, []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	if data, err := ReadFile(good); err != nil || string(data) != "x" {
		t.Errorf("%q %v", data, err)
	}
}
