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

	"github.com/pressly/goose/v3"

	"duban/internal/need"
	"duban/internal/pgtest"
	"duban/internal/smtptest"
)

// neededMigration is the last migration that today's code cannot do without: one that
// adds a table or a column that it asks for. The version before is this build without the
// migrations after that one. Where it fails for what only the last migration makes, write
// that migration's number here (the test says so): there is no version before then to be
// built out of this code, and the trial goes from this version to the next alone, until a
// migration comes that code can do without. Such an upgrade is tried once, by hand, with a
// build of the last release.
const neededMigration = 41

// nextMigration is what a next version would do to the schema: columns and an
// index that this one knows nothing of.
const nextMigration = `-- +goose Up
ALTER TABLE occurrence ADD COLUMN of_next_version TEXT NOT NULL DEFAULT 'x';
ALTER TABLE notice ADD COLUMN of_next_version BIGINT;
CREATE INDEX notice_of_next_version ON notice (of_next_version);
`

// version is a duban of another schema.
type version struct {
	name string
	bin  string // its folder
}

// command is one of that version's.
func (v version) command(args ...string) *exec.Cmd {
	return exec.Command(filepath.Join(v.bin, "duban"), args...)
}

// versions are those to be exchanged for one another: the one before, which lacks the
// last migrations, this one, and in the long trial a next one with one migration more.
func versions(t *testing.T) (all []version) {
	t.Helper()
	this, err := exec.LookPath("duban")
	if err != nil {
		t.Fatal(err)
	}
	lacks := map[string]string{} // the overlay's word for: not there
	for _, pattern := range []string{"../../ledger/postgres/migrations/*.sql", "../../ledger/sqlite/migrations/*.sql"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("no migrations: %v", err)
		}
		for _, file := range files {
			n, err := goose.NumericComponent(file)
			if err != nil {
				t.Fatal(err)
			}
			if n > neededMigration {
				lacks[file] = ""
			}
		}
	}
	next := filepath.Join(t.TempDir(), "next.sql")
	if err := os.WriteFile(next, []byte(nextMigration), 0o644); err != nil {
		t.Fatal(err)
	}
	if len(lacks) > 0 {
		t.Cleanup(func() {
			if t.Failed() {
				t.Logf("The version before is this build without the migrations after %d. If something above was not there for it (a table, a column), today's code "+
					"needs them: write the last one's number at neededMigration, which says the rest.", neededMigration)
			}
		})
		all = append(all, version{"the one before", build(t, lacks)})
	} else {
		t.Logf("today's code needs migration %d: the upgrade to it is not tried", neededMigration)
	}
	all = append(all, version{"this one", filepath.Dir(this)})
	if len(all) == 1 || *full {
		all = append(all, version{"the next", build(t, map[string]string{"../../ledger/postgres/migrations/99999_next.sql": next})})
	}
	return all
}

// build builds this duban with other files in place of some, in a folder of its own.
func build(t *testing.T, other map[string]string) (bin string) {
	t.Helper()
	if _, err := exec.LookPath("go"); err != nil {
		need.Missing(t, "no go to build another version with")
	}
	replace := map[string]string{}
	for file, by := range other {
		abs, err := filepath.Abs(file)
		if err != nil {
			t.Fatal(err)
		}
		replace[abs] = by
	}
	plan, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	overlay, bin := filepath.Join(dir, "overlay.json"), filepath.Join(dir, "bin")
	if err := os.WriteFile(overlay, plan, 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", "build", "-overlay", overlay, "-o", filepath.Join(bin, "duban"), ".")
	if out, err := cmd.CombinedOutput(); err != nil {
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

// upgrade is a trial of daemons that are exchanged while mail flows.
type upgrade struct {
	t        *testing.T
	all      []*machine
	post     *smtptest.Server
	database *pgtest.Server
	name     string       // of the database
	most     atomic.Int64 // so many mails leave at most, however slow the exchange is
}

// to exchanges all daemons for those of a version, one after another and the one that
// evaluates last, while mails leave: so many in all at most.
func (u *upgrade) to(v version, most int) {
	t := u.t
	eventually(t, "one evaluates before the change to "+v.name, func() bool { return one(u.all) != nil })
	leader, before := one(u.all), schemaOf(t, u.database, u.name)
	if leader == nil {
		t.Fatal("not one evaluates")
	}
	for _, m := range append(without(u.all, leader), leader) {
		if m == leader {
			if got := schemaOf(t, u.database, u.name); got == before || !leader.evaluates() {
				t.Errorf("the schema was %s and is %s, and the one that evaluates says %q", before, got, leader.ready())
			}
			sent := len(u.post.Mails())
			u.most.Store(int64(most))
			eventually(t, "the version before and "+v.name+" send beside each other", func() bool { return len(u.post.Mails()) > sent+12 })
		}
		if err := m.end(syscall.SIGTERM); err != nil {
			t.Errorf("%v: %s", err, strings.Join(m.seen, "\n"))
		}
		m.daemon = m.start(v.command("serve"))
		m.logs("started")
		go drain(m.daemon)
		eventually(t, v.name+" is ready", func() bool { return m.ready() != "" })
	}
}

// Three daemons are exchanged for those of the next version, one after another and the
// one that evaluates last, while mail flows and somebody reads pages: from this build with
// the last migration taken out to this one, and in the long trial on to one with a migration
// more. Nothing is lost, nothing arrives twice but what was in the hands of one that was ended, and no page
// fails.
func TestDaemonsAreUpgradedOneAfterAnotherWhileMailFlows(t *testing.T) {
	notices := 240
	if *full {
		notices = 3000
	}
	builds := versions(t)
	path := os.Getenv("PATH")
	use := func(v version) { t.Setenv("PATH", v.bin+string(os.PathListSeparator)+path) }
	use(builds[0])
	database, post, all := cluster(t, 3, notices)
	u := &upgrade{t: t, all: all, post: post, database: database, name: named(t, database, all)}
	watched(t, database, u.name)
	u.most.Store(int64(notices / (len(builds) + 1)))
	post.Set(smtptest.Hooks{Mail: func(string) error {
		time.Sleep(200 * time.Millisecond)
		for int64(len(post.Mails())) >= u.most.Load() {
			time.Sleep(20 * time.Millisecond)
		}
		return nil
	}})
	for _, m := range all {
		m.daemon = m.serve()
		go drain(m.daemon)
	}
	eventually(t, "all are ready, and mail flows", func() bool {
		return all[0].ready() != "" && all[1].ready() != "" && all[2].ready() != "" && len(post.Mails()) > 10
	})
	reader := passBy(t, all, strings.TrimSpace(all[0].run("link", "u1")))
	for i, v := range builds[1:] {
		u.to(v, notices*(i+2)/(len(builds)+1))
		use(v)
	}
	if n := len(post.Mails()); n >= notices {
		t.Errorf("all %d mails had left before the last was exchanged", n)
	}
	u.most.Store(int64(10 * notices))
	eventually(t, "all are sent", func() bool { return all[0].told() == notices })
	eventually(t, "one evaluates again", func() bool { return one(all) != nil })
	got, mails := noticesTo(t, post)
	if len(got) != notices || mails > notices+4*len(all)*(len(builds)-1) {
		t.Errorf("%d of %d notices in %d mails", len(got), notices, mails)
	}
	oneAtATime(t, database, u.name)
	reader.end()
	if looks := reader.seen.Load(); looks < 20 {
		t.Errorf("only %d pages were read", looks)
	}
	for _, m := range all {
		if err := m.end(syscall.SIGTERM); err != nil {
			t.Error(err)
		}
	}
	database.Do(t, u.name, `DROP SCHEMA trial CASCADE`)
	all[0].run("verify")
}
