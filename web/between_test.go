package web

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"

	"duban/ledger"
	"duban/scheduler/desk"
)

// A unit's link takes a report back, tells of progress and proposes a transfer; its
// supervisor's urges, extends, transfers and waives what its units owe, one thing or
// several; no other link does.
func TestEveryActIsThereForItsLinkAlone(t *testing.T) {
	w := newWorld(t)
	o, other := w.find("1.1-budget/a/2026-05"), w.find("1.1-budget/b/2026-05")
	b := w.browser()
	item, boss, unit := w.Links.Item(o, w.now()), w.Links.Supervisor("boss", w.now()), w.Links.Unit("a", w.now())
	notBoss := w.Links.Supervisor("a", w.now())
	mark := w.ledgerMark()
	id, theirs := fmt.Sprint(o.ID), fmt.Sprint(other.ID)
	for _, what := range []string{"urge", "extend", "transfer", "waive", "accept", "return"} {
		code, _ := b.post(notBoss+"/"+what, "id", id, "reason", "r", "to", "2026-07-01", "unit", "b")
		if code != 404 {
			t.Errorf("%s by a link that supervises nobody: %d", what, code)
		}
		for _, link := range []string{item, unit} {
			if code, _ := b.post(link+"/"+what, "id", id, "reason", "r", "unit", "b"); what != "extend" && code != 404 {
				t.Errorf("%s by a unit's link: %d", what, code)
			}
		}
	}
	if code, _ := b.post(unit+"/done", "id", theirs, "evidence", "https://x.example/"); code != 404 {
		t.Errorf("another unit's item is reported: %d", code)
	}
	code, body := b.post(unit + "/done")
	wants(t, code, body, 422, "Tick what it is about")
	if w.ledgerMark() != mark {
		t.Error("what is refused changed something")
	}

	code, body = b.post(item+"/progress", "note", "已整理数据")
	wants(t, code, body, 303, "done=progress")
	code, body = b.post(unit+"/done", "id", id, "evidence", "https://x.example/")
	wants(t, code, body, 303)
	code, body = b.get(item)
	wants(t, code, body, 200, "Take the report back", "until 2026-", "已整理数据")
	code, body = b.post(item+"/retract", "reason", "数据有误")
	wants(t, code, body, 303)
	code, body = b.post(boss+"/urge", "id", id, "id", theirs, "reason", "请于本周内公布")
	wants(t, code, body, 303, "done=urge")
	code, body = b.get(boss)
	wants(t, code, body, 200, "请于本周内公布")
	code, body = b.post(boss+"/extend", "id", id, "id", theirs, "reason", "r", "to", "2026-06-19")
	wants(t, code, body, 303)
	if w.find(o.Key()).Due != day(t, "2026-06-19") || w.find(other.Key()).Due != day(t, "2026-06-19") {
		t.Error("not both are extended")
	}
	code, body = b.post(boss+"/transfer", "id", id, "reason", "r", "unit", "b")
	wants(t, code, body, 422, "has that period already")
	code, body = b.post(boss+"/transfer", "id", id, "reason", "职责已调整", "unit", "boss")
	wants(t, code, body, 303)
	code, body = b.get(item)
	wants(t, code, body, 200, "This was transferred to 市政府办公室")
	code, body = b.post(item+"/done", "evidence", "https://x.example/")
	wants(t, code, body, 422)
	code, body = b.post(boss+"/waive", "id", theirs, "reason", "r")
	wants(t, code, body, 303)
	w.at("2026-06-25 09:00")
	late := w.Links.Item(w.find("1.1-budget/boss/2026-05"), w.now())
	code, body = b.get(late)
	wants(t, code, body, 200, "an extension can no longer be asked for", "Report progress")
	if v, err := w.ledger.Verify(t.Context()); err != nil || len(v.Problems) > 0 {
		t.Errorf("verify: %v %v", v.Problems, err)
	}
}

// fileForm is one with files in it, made as it is read.
func fileForm(fields map[string]string, files map[string]io.Reader) (io.Reader, string) {
	r, w := io.Pipe()
	m := multipart.NewWriter(w)
	go func() {
		for name, value := range fields {
			_ = m.WriteField(name, value)
		}
		for name, content := range files {
			part, err := m.CreateFormFile("files", name)
			if err != nil {
				break
			}
			if _, err := io.Copy(part, content); err != nil {
				break // the other side has had enough
			}
		}
		w.CloseWithError(m.Close())
	}()
	return r, m.FormDataContentType()
}

// sendFiles posts such a form; 0: it was cut off.
func (b *browser) sendFiles(address string, fields map[string]string, files map[string]io.Reader, length int64) (int, string) {
	b.w.t.Helper()
	body, kind := fileForm(fields, files)
	r, err := http.NewRequest(http.MethodPost, address, body)
	if err != nil {
		b.w.t.Fatal(err)
	}
	r.Header.Set("Content-Type", kind)
	r.ContentLength = length
	res, err := b.Do(r)
	if err != nil {
		return 0, err.Error()
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return 0, err.Error()
	}
	return res.StatusCode, string(text) + res.Header.Get("Location")
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

func TestFilesAreTakenWholeOrRefused(t *testing.T) {
	w := newWorld(t)
	o := w.find("1.1-budget/a/2026-05")
	item := w.Links.Item(o, w.now())
	b := w.browser()
	note := map[string]string{"note": "附件见后"}
	mark := w.ledgerMark()
	bad := item[:len(item)-4] + "AAAA"
	for name, c := range map[string]struct {
		address string
		files   map[string]io.Reader
		length  int64
		codes   []int
	}{
		"10 GB, as it says":       {item + "/progress", map[string]io.Reader{"a.bin": io.LimitReader(zeros{}, 10<<30)}, 10 << 30, []int{0, 413}},
		"10 GB, in chunks":        {item + "/progress", map[string]io.Reader{"a.bin": io.LimitReader(zeros{}, 10<<30)}, -1, []int{0, 413}},
		"one byte too many":       {item + "/progress", map[string]io.Reader{"a.bin": io.LimitReader(zeros{}, desk.LargestFile+1)}, -1, []int{422}},
		"empty":                   {item + "/progress", map[string]io.Reader{"a.bin": strings.NewReader("")}, -1, []int{422}},
		"a link that is not good": {bad + "/progress", map[string]io.Reader{"a.bin": strings.NewReader("x")}, -1, []int{403}},
	} {
		before := memory()
		code, text := b.sendFiles(c.address, note, c.files, c.length)
		ok := false
		for _, want := range c.codes {
			ok = ok || code == want
		}
		if !ok {
			t.Errorf("%s: %d %.200s", name, code, plain(text))
		}
		if grown := memory() - before; grown > 64<<20 {
			t.Errorf("%s takes %d MB", name, grown>>20)
		}
	}
	if w.ledgerMark() != mark {
		t.Error("what is refused changed something")
	}

	// Names with paths, marks that turn text around and 4 KB; HTML and SVG named .pdf.
	hostile := map[string]io.Reader{
		"../../../etc/passwd": strings.NewReader("x"), "\u202efdp.exe": strings.NewReader("MZ"), strings.Repeat("长", 1400) + ".pdf": strings.NewReader("%PDF-1.7"),
		"page.pdf": strings.NewReader("<!DOCTYPE html><script>alert(1)</script>"), "picture.pdf": strings.NewReader(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`),
	}
	code, text := b.sendFiles(item+"/progress", note, hostile, -1)
	wants(t, code, text, 303)
	code, text = b.get(item)
	wants(t, code, text, 200, "passwd", "not what its name says")
	files, err := w.ledger.Attachments(t.Context(), o.ID)
	if err != nil || len(files) != len(hostile) {
		t.Fatalf("%d files, %v", len(files), err)
	}
	stranger := w.Links.Item(w.find("1.1-budget/b/2026-05"), w.now())
	for _, f := range files {
		if strings.ContainsAny(f.Name, "/\u202e") || len(f.Name) > 120 {
			t.Errorf("named %q", f.Name)
		}
		res, err := b.Get(fmt.Sprintf("%s/file/%d", item, f.ID))
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(res.Body)
		res.Body.Close()
		h := res.Header
		if err != nil || int64(len(got)) != f.Size || h.Get("Content-Type") != "application/octet-stream" || h.Get("X-Content-Type-Options") != "nosniff" || !strings.HasPrefix(h.Get("Content-Disposition"), "attachment") {
			t.Errorf("%s comes as %v, %d bytes, %v", f.Name, h, len(got), err)
		}
		if code, _ := b.get(fmt.Sprintf("%s/file/%d", stranger, f.ID)); code != 404 {
			t.Errorf("another unit's link: %d", code)
		}
		if code, _ := b.get(fmt.Sprintf("/file/%d", f.ID)); code == 200 {
			t.Error("a stranger has it")
		}
		if code, _ := b.get(fmt.Sprintf("%s/file/%d", w.Links.Supervisor("boss", w.now()), f.ID)); code != 200 {
			t.Errorf("its supervisor: %d", code)
		}
	}
	admin := w.signedInAs("root", ledger.RoleAdmin)
	code, text = admin.get("/files/p/2026-05.zip")
	if code != 200 || !strings.HasPrefix(text, "PK") {
		t.Errorf("the archive: %d", code)
	}
	if code, _ := b.get("/files/p/2026-05.zip"); code == 200 {
		t.Error("a stranger has the archive")
	}
}

// Many that send files at once take no more memory than a few.
func TestManyFilesAtOnceAreTaken(t *testing.T) {
	w := newWorld(t)
	item := w.Links.Item(w.find("1.1-budget/a/2026-05"), w.now())
	before := memory()
	var all sync.WaitGroup
	taken := make(chan int, 100)
	for range 100 {
		all.Go(func() {
			b := w.browser()
			code, _ := b.sendFiles(item+"/progress", map[string]string{"note": "x"}, map[string]io.Reader{"a.bin": bytes.NewReader(make([]byte, 1<<20))}, -1)
			taken <- code
		})
	}
	all.Wait()
	close(taken)
	kept := 0
	for code := range taken {
		switch code {
		case 303:
			kept++
		case 422, 429, 503, 0: // the item is full, or others were first
		default:
			t.Errorf("answered %d", code)
		}
	}
	if kept != desk.MostFiles {
		t.Errorf("%d were kept, want %d", kept, desk.MostFiles)
	}
	runtime.GC()
	if grown := memory() - before; grown > 150<<20 {
		t.Errorf("it took %d MB", grown>>20)
	}
}

// Who has lost a link gets another, at the unit's own addresses and at most once a day;
// a stranger learns nothing.
func TestALostLinkIsSentAnew(t *testing.T) {
	w := newWorld(t)
	expired := w.Links.Unit("a", w.now().AddDate(0, 0, -linkDays-1))
	b := w.browser()
	code, body := b.get(expired)
	wants(t, code, body, 410, `href="/link"`)
	code, body = b.get("/link")
	wants(t, code, body, 200, "Send a new link")
	before := len(w.mail.mails)
	answers := map[string]bool{}
	for _, unit := range []string{"甲局", "nobody", "a", "a@x.example", ""} {
		code, body := b.post("/link", "unit", unit)
		answers[fmt.Sprint(code, body)] = true
	}
	if len(answers) != 1 {
		t.Errorf("the answers differ: %v", answers)
	}
	w.tick()
	if sent := w.mail.mails[before:]; len(sent) != 1 || sent[0].To[0] != "a@x.example" {
		t.Errorf("%d mails were sent", len(sent))
	} else if text := string(decoded(t, sent[0].Raw)); !strings.Contains(text, w.http.URL+"/u/a/") {
		t.Errorf("the mail:\n%s", text)
	}
	w.tick()
	if len(w.mail.mails) != before+1 {
		t.Error("and again")
	}
	for range 20 {
		if code, _ = b.post("/link", "unit", "nobody"); code == 429 {
			return
		}
	}
	t.Error("who asks on and on is not stopped")
}
