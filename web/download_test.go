package web

import (
	"bytes"
	"database/sql"
	"encoding/csv"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"duban/internal/engines"
	"duban/ledger"
	"duban/ledger/sqlite"
	"duban/rules/sheet"
)

// long is a file of many megabytes, which no buffer between the two ends takes.
func long(t *testing.T, d downloads, rows int) *download {
	t.Helper()
	file, err := d.begin()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	err = file.csv(false, func(to sheet.Sink) error {
		err := to.Table("t", []sheet.Head{{Text: "a"}, {Text: "b"}})
		for i := 0; err == nil && i < rows; i++ {
			err = to.Row([]any{i, strings.Repeat("x", 1000)})
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// Who stops reading a file is let go of; its time is that of a part, not of the whole.
func TestWhoStopsReadingAFileIsLetGo(t *testing.T) {
	d := downloads{t.TempDir(), 200 * time.Millisecond}
	sent := make(chan error, 1)
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		sent <- long(t, d, 64<<10).send(w, "long.csv")
	}))
	srv.Config.WriteTimeout = time.Hour
	srv.Start()
	defer srv.Close()
	c, err := net.Dial("tcp", srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-sent:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(time.Minute):
		t.Fatal("the server waits for a reader who has stopped")
	}
	if left, err := os.ReadDir(d.dir); err != nil || len(left) > 0 {
		t.Errorf("%v of it is left, %v", left, err)
	}
}

// Who reads on gets all, though the whole takes longer than a part may, and than an answer
// may elsewhere.
func TestWhoReadsAFileSlowlyGetsAllOfIt(t *testing.T) {
	const rows = 24 << 10
	d := downloads{t.TempDir(), 10 * time.Second}
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if err := long(t, d, rows).send(w, "long.csv"); err != nil {
			t.Error(err)
		}
	}))
	srv.Config.WriteTimeout = 300 * time.Millisecond
	srv.Start()
	defer srv.Close()
	res, err := srv.Client().Get(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	time.Sleep(600 * time.Millisecond) // sockets know no other clock
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatalf("after %d bytes: %v", len(body), err)
	}
	found, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(body, []byte("\ufeff")))).ReadAll()
	if err != nil || len(found) != rows+1 || found[rows][0] != "24575" {
		t.Errorf("%d rows, %v", len(found), err)
	}
}

// stuck is a reader who takes nothing until somebody has looked.
type stuck struct {
	*httptest.ResponseRecorder
	look func()
}

func (s *stuck) Write(p []byte) (int, error) {
	if s.look != nil {
		s.look()
		s.look = nil
	}
	return s.ResponseRecorder.Write(p)
}

// While somebody reads the register slowly, no question to the ledger is open: what was
// written meanwhile is copied back.
func TestAReaderOfTheRegisterHoldsUpNoCheckpoint(t *testing.T) {
	engines.InFiles(t) // it is about the log of one
	w, b := aBoard(t)
	db, err := sql.Open("sqlite3", w.s.Ledger.(*sqlite.Ledger).Path())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, name := range []string{"/register/duban.csv", "/register/duban.xlsx"} {
		looked := false
		out := &stuck{httptest.NewRecorder(), func() {
			looked = true
			w.addUser("u"+name[len(name)-3:], ledger.RoleViewer)
			var busy, log, copied int
			if err := db.QueryRow(`PRAGMA wal_checkpoint(PASSIVE)`).Scan(&busy, &log, &copied); err != nil || busy != 0 || log != copied || log <= 0 {
				t.Errorf("%s: of %d pages in the log %d can be copied, busy %d, %v", name, log, copied, busy, err)
			}
		}}
		r := b.request(http.MethodGet, name)
		for _, c := range b.Jar.Cookies(r.URL) {
			r.AddCookie(c)
		}
		w.Handler().ServeHTTP(out, r)
		if !looked || out.Code != http.StatusOK || out.Body.Len() < 1000 {
			t.Errorf("%s: %d, %d bytes, looked %v", name, out.Code, out.Body.Len(), looked)
		}
	}
}
