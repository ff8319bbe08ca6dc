package desk_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"pgregory.net/rapid"

	"duban/internal/world"
	"duban/ledger"
	"duban/scheduler/desk"
)

// received is a file that arrived.
func received(t *testing.T, name, content string) *desk.Upload {
	t.Helper()
	u, err := desk.Receive(t.TempDir(), name, strings.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(u.Close)
	return u
}

const pdf = "%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n"

func withFiles(files ...*desk.Upload) desk.Act {
	return desk.Act{By: "甲局", Note: "附件见后", Reason: "r", Files: files}
}

func TestFilesComeWithWhatUnitsSay(t *testing.T) {
	w := world.New(t, world.Rules(t, world.Ob("m", `["a"]`, world.Monthly)), "2017-07-12 09:00")
	w.TickNow()
	ctx := context.Background()
	long := pdf + strings.Repeat("0123456789abcdef", 40_000) // three pieces
	act(w, desk.Progress, "m/a/2017-06", withFiles(received(t, "照片.jpg", "\xff\xd8\xff\xe0\x00\x10JFIF")), "")
	r, err := w.Desk.Ask(ctx, ledger.NotOursRequest, "m/a/2017-06", withFiles(received(t, "依据.txt", "职责已调整")))
	if err != nil {
		t.Fatal(err)
	}
	act(w, desk.Done, "m/a/2017-06", withFiles(received(t, `C:\月报\7月.pdf`, long)), "")
	o := w.Find("m/a/2017-06")
	files, err := w.Ledger.Attachments(ctx, o.ID)
	if err != nil || len(files) != 3 {
		t.Fatalf("%v, %v, request %d", files, err, r.ID)
	}
	for i, want := range []string{"progress 照片.jpg image/jpeg 10", "not-ours 依据.txt text/plain; charset=utf-8 15", fmt.Sprintf("done 7月.pdf application/pdf %d", len(long))} {
		f := files[i]
		if got := fmt.Sprint(f.With, " ", f.Name, " ", f.Type, " ", f.Size); got != want || f.By != "甲局" {
			t.Errorf("%s by %s, want %s", got, f.By, want)
		}
	}
	var got bytes.Buffer
	if err := ledger.CopyAttachment(ctx, w.Ledger, files[2], &got); err != nil || got.String() != long {
		t.Errorf("%d bytes came back, %v", got.Len(), err)
	}
	var archive bytes.Buffer
	if n, err := desk.Archive(ctx, w.Ledger, "p", "2017-06", &archive); err != nil || n != 3 {
		t.Fatalf("%d in the archive, %v", n, err)
	}
	z, err := zip.NewReader(bytes.NewReader(archive.Bytes()), int64(archive.Len()))
	if err != nil {
		t.Fatal(err)
	}
	if name := z.File[2].Name; name != fmt.Sprintf("m/a/2017-06/%d-7月.pdf", files[2].ID) {
		t.Errorf("in the archive it is %s", name)
	}
	w.Verify()

	// What is transferred takes its files along; what is removed leaves its name.
	act(w, desk.Retract, "m/a/2017-06", desk.Act{Reason: "r"}, "")
	moved := act(w, desk.Transfer, "m/a/2017-06", to("b"), "")
	if files, err = w.Ledger.Attachments(ctx, moved.ID); err != nil || len(files) != 3 {
		t.Errorf("%d files moved, %v", len(files), err)
	}
	if _, err := w.Desk.RemoveFile(ctx, files[2].ID, desk.Act{By: "test"}); err == nil {
		t.Error("removed for no reason")
	}
	gone, err := w.Desk.RemoveFile(ctx, files[2].ID, desk.Act{By: "test", Reason: "含身份证号"})
	if err != nil || gone.Name != "7月.pdf" {
		t.Fatal(gone, err)
	}
	if _, err := w.Desk.RemoveFile(ctx, files[2].ID, desk.Act{By: "test", Reason: "r"}); err == nil {
		t.Error("removed twice")
	}
	got.Reset()
	if err := ledger.CopyAttachment(ctx, w.Ledger, gone, &got); err != nil || got.Len() != 0 {
		t.Errorf("%d bytes are left, %v", got.Len(), err)
	}
	w.Verify()
	w.Behind(`UPDATE attachment_piece SET number = number + 9 WHERE attachment = 1`)
	if v, err := w.Ledger.Verify(ctx); err != nil || len(v.Problems) == 0 {
		t.Errorf("a file that was changed behind the journal's back: %v, %v", v.Problems, err)
	}
}

func TestFilesAreBounded(t *testing.T) {
	w := world.New(t, world.Rules(t, world.Ob("m", `["a"]`, world.Monthly)), "2017-07-12 09:00")
	w.TickNow()
	for name, content := range map[string]io.Reader{
		"too large":      io.LimitReader(endless{}, 10<<30),
		"a byte too big": io.LimitReader(endless{}, desk.LargestFile+1),
		"empty":          strings.NewReader(""),
		"breaks off":     io.MultiReader(strings.NewReader(pdf), iotest.ErrReader(io.ErrUnexpectedEOF)),
	} {
		if u, err := desk.Receive(t.TempDir(), "x.pdf", content); err == nil && name != "breaks off" {
			t.Errorf("%s: taken, %d bytes", name, u.Size)
		}
	}
	largest, err := desk.Receive(t.TempDir(), "x.bin", io.LimitReader(endless{}, desk.LargestFile))
	if err != nil {
		t.Fatal(err)
	}
	largest.Close()
	if _, err := desk.Receive("/dev/null/nowhere", "x", strings.NewReader("x")); err == nil {
		t.Error("taken where there is no room")
	}

	eleven := []*desk.Upload{}
	for range desk.MostFiles + 1 {
		eleven = append(eleven, received(t, "a.txt", "x"))
	}
	act(w, desk.Done, "m/a/2017-06", withFiles(eleven...), "may have 10 files")
	w.Stands("m/a/2017-06", ledger.StateOpen, "2017-07-21") // refused whole
	act(w, desk.Progress, "m/a/2017-06", withFiles(eleven[:9]...), "")
	act(w, desk.Progress, "m/a/2017-06", withFiles(eleven[9:]...), "may have 10 files")
	act(w, desk.Progress, "m/a/2017-06", withFiles(eleven[9]), "")
	w.Settings().Files = 11
	act(w, desk.Progress, "m/a/2017-07", withFiles(received(t, "b.txt", "xy")), "no room for more files")
	act(w, desk.Progress, "m/a/2017-07", withFiles(received(t, "b.txt", "x")), "")
	w.Verify()
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

// A ledger whose disk is full keeps nothing of a file, nor of what it came with.
func TestAFileThatCannotBeKeptIsNotThereInPart(t *testing.T) {
	w := world.New(t, world.Rules(t, world.Ob("m", `["a"]`, world.Monthly)), "2017-07-12 09:00")
	w.TickNow()
	full := errors.New("disk full")
	err := w.Ledger.Update(context.Background(), func(tx ledger.Tx) error {
		o, err := tx.Find(tx.Context(), "m/a/2017-06")
		if err != nil {
			return err
		}
		content := io.MultiReader(io.LimitReader(endless{}, 3*ledger.PieceSize), iotest.ErrReader(full))
		return tx.AddAttachment(&ledger.Attachment{Name: "x", Size: 9 << 20, At: w.Now}, o, content, w.View().Entry("test"))
	})
	if !errors.Is(err, full) {
		t.Errorf("kept: %v", err)
	}
	if n, err := w.Ledger.AttachedBytes(context.Background()); err != nil || n != 0 {
		t.Errorf("%d bytes are there, %v", n, err)
	}
	w.Verify()
}

func TestNamesOfFilesAreHarmless(t *testing.T) {
	for name, want := range map[string]string{
		"7月报表.xlsx":                        "7月报表.xlsx",
		"../../etc/passwd":                 "passwd",
		`C:\Users\x\报告.pdf`:                "报告.pdf",
		"exe\u202efdp.exe":                 "exefdp.exe",
		"\u2066a\u2069\u200b.pdf":          "a.pdf",
		"a\r\nSet-Cookie: x=1.pdf":         "aSet-Cookie_ x=1.pdf",
		"":                                 "file",
		"...":                              "file",
		".htaccess":                        "htaccess",
		". A\u00a0.":                       "A",
		"a<b>\"c|d?e*.pdf":                 "a_b__c_d_e_.pdf",
		"\xff\xfe.pdf":                     "_.pdf",
		strings.Repeat("长", 2000) + ".pdf": strings.Repeat("长", 38) + ".pdf",
	} {
		if got := desk.HarmlessName(name); got != want {
			t.Errorf("%.60q: %q, want %q", name, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.String().Draw(t, "name") + rapid.SampledFrom([]string{"", ".pdf", "/", "\\", "\u202e", strings.Repeat("x", 4096)}).Draw(t, "end")
		got := desk.HarmlessName(name)
		if got == "" || len(got) > 120 || !utf8.ValidString(got) || strings.ContainsAny(got, "/\\\r\n\"\u202e") || got == "." || got == ".." {
			t.Fatalf("%q: %q", name, got)
		}
		if again := desk.HarmlessName(got); again != got {
			t.Fatalf("%q, and again %q", got, again)
		}
	})
}

func TestWhatIsNamedOtherwiseIsSeen(t *testing.T) {
	for name, tc := range map[string]struct {
		content string
		other   bool
	}{
		"a.pdf":    {pdf, false},
		"b.pdf":    {"<!DOCTYPE html><script>alert(1)</script>", true},
		"c.pdf":    {`<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"></svg>`, true},
		"d.jpg":    {"MZ\x90\x00\x03\x00\x00\x00", true},
		"e.txt":    {"文字", false},
		"f.csv":    {"a,b\n1,2\n", false},
		"g.nosuch": {pdf, false},
	} {
		u := received(t, name, tc.content)
		if got := desk.NamedOtherwise(&ledger.Attachment{Name: u.Name, Type: u.Type}); got != tc.other {
			t.Errorf("%s (%s): %t", name, u.Type, got)
		}
	}
}
