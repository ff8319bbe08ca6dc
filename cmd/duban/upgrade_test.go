package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"duban/internal/need"
	"duban/internal/pgtest"
	"duban/internal/smtptest"
)

// nextMigration is what a next version would do to the schema: columns and an
// index that this one knows nothing of.
const nextMigration = `-- +goose Up
ALTER TABLE occurrence ADD COLUMN of_next_version TEXT NOT NULL DEFAULT 'x';
ALTER TABLE notice ADD COLUMN of_next_version BIGINT;
CREATE INDEX notice_of_next_version ON notice (of_next_version);
`

// nextVersion builds this duban with one migration more, as "duban" in a folder of its own.
func nextVersion(t *testing.T) (bin string) {
	t.Helper()
	if _, err := exec.LookPath("go"); err != nil {
		need.Missing(t, "no go to build another version with")
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	migration, overlay, bin := filepath.Join(dir, "next.sql"), filepath.Join(dir, "overlay.json"), filepath.Join(dir, "bin", "duban")
	plan, err := json.Marshal(map[string]any{"Replace": map[string]string{filepath.Join(root, "ledger/postgres/migrations/99999_next.sql"): migration}})
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{migration: nextMigration, overlay: string(plan)} {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	build := exec.Command("go", "build", "-overlay", overlay, "-o", bin, "./cmd/duban")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return bin
}

// passerBy asks for pages all the time, of the first machine that answers, as a balancer
// does.
type passerBy struct {
	t     *testing.T
	links []string // of one page, on each machine
	seen  atomic.Int64
	stop  chan struct{}
	once  sync.Once
	gone  sync.WaitGroup
}

func passBy(t *testing.T, all []*machine, link string) *passerBy {
	v := &passerBy{t: t, stop: make(chan struct{})}
	t.Cleanup(v.end)
	for _, m := range all {
		v.links = append(v.links, strings.Replace(link, all[0].base, m.base, 1))
	}
	v.gone.Go(func() {
		client := &http.Client{Timeout: patience}
		for n := 0; ; n++ {
			select {
			case <-v.stop:
				return
			case <-time.After(20 * time.Millisecond):
				v.look(client, n)
			}
		}
	})
	return v
}

func (v *passerBy) look(client *http.Client, n int) {
	for i := range v.links {
		res, err := client.Get(v.links[(n+i)%len(v.links)])
		if err != nil { // it is being exchanged: the next one
			continue
		}
		body, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil {
			continue
		}
		if v.seen.Add(1); res.StatusCode != http.StatusOK || !strings.Contains(string(body), "单位1") {
			v.t.Errorf("%d: %.300s", res.StatusCode, body)
		}
		return
	}
	v.t.Error("no machine answers")
}

func (v *passerBy) end() {
	v.once.Do(func() { close(v.stop) })
	v.gone.Wait()
}

func schemaOf(t *testing.T, database *pgtest.Server, name string) string {
	t.Helper()
	return fmt.Sprint(database.Ask(t, name, `SELECT MAX(version_id) FROM goose_db_version`))
}

// Three daemons are exchanged for those of a version with one migration more, one after
// another and the one that evaluates last, while mail flows and somebody reads pages:
// nothing is lost, nothing arrives twice but what was in the hands of one that was ended,
// and no page fails.
func TestDaemonsAreUpgradedOneAfterAnotherWhileMailFlows(t *testing.T) {
	notices := 240
	if *full {
		notices = 3000
	}
	next := nextVersion(t)
	database, post, all := cluster(t, 3, notices)
	name := named(t, database, all)
	watched(t, database, name)
	var most atomic.Int64 // so many have left at most, however slow the exchange is
	most.Store(int64(notices) / 2)
	post.Set(smtptest.Hooks{Mail: func(string) error {
		time.Sleep(200 * time.Millisecond)
		for int64(len(post.Mails())) >= most.Load() {
			time.Sleep(20 * time.Millisecond)
		}
		return nil
	}})
	for _, m := range all {
		m.daemon = m.serve()
		go drain(m.daemon)
	}
	eventually(t, "one evaluates", func() bool { return one(all) != nil })
	leader := one(all)
	eventually(t, "all are ready, and mail flows", func() bool {
		return all[0].ready() != "" && all[1].ready() != "" && all[2].ready() != "" && len(post.Mails()) > 10
	})
	reader := passBy(t, all, strings.TrimSpace(all[0].run("link", "u1")))
	before, during := schemaOf(t, database, name), 0
	for _, m := range append(without(all, leader), leader) {
		if m == leader {
			if got := schemaOf(t, database, name); got == before || !leader.evaluates() {
				t.Errorf("the schema was %s and is %s, and the one that evaluates says %q", before, got, leader.ready())
			}
			most.Store(int64(notices) * 3 / 4)
			during = len(post.Mails())
			eventually(t, "the version before and the next send beside each other", func() bool { return len(post.Mails()) > during+12 })
		}
		if err := m.end(syscall.SIGTERM); err != nil {
			t.Errorf("%v: %s", err, strings.Join(m.seen, "\n"))
		}
		m.daemon = m.start(exec.Command(next, "serve"))
		m.logs("started")
		go drain(m.daemon)
		eventually(t, "the next version is ready", func() bool { return m.ready() != "" })
	}
	if n := len(post.Mails()); n >= notices {
		t.Errorf("all %d mails had left before the last was exchanged", n)
	}
	most.Store(int64(10 * notices))
	t.Setenv("PATH", filepath.Dir(next)+string(os.PathListSeparator)+os.Getenv("PATH"))
	eventually(t, "all are sent", func() bool { return all[0].told() == notices })
	eventually(t, "one evaluates again", func() bool { return one(all) != nil })
	got, mails := noticesTo(t, post)
	if len(got) != notices || mails > notices+4*len(all) {
		t.Errorf("%d of %d notices in %d mails", len(got), notices, mails)
	}
	oneAtATime(t, database, name)
	reader.end()
	if looks := reader.seen.Load(); looks < 20 {
		t.Errorf("only %d pages were read", looks)
	}
	for _, m := range all {
		if err := m.end(syscall.SIGTERM); err != nil {
			t.Error(err)
		}
	}
	database.Do(t, name, `DROP SCHEMA trial CASCADE`)
	all[0].run("verify")
}
