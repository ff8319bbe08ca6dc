package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"duban/internal/pgtest"
	"duban/internal/smtptest"
	"duban/notify"
)

// machine is one of several with a daemon on one database.
type machine struct {
	*site
	*daemon
	base string
}

// cluster are so many machines, whose plan has that many units. Nothing runs yet.
func cluster(t *testing.T, machines, units int) (*pgtest.Server, *smtptest.Server, []*machine) {
	t.Helper()
	database := pgtest.Start(t)
	post, all := clusterOn(t, database, machines, units)
	return database, post, all
}

// clusterOn is cluster on a server that runs.
func clusterOn(t *testing.T, database *pgtest.Server, machines, units int) (*smtptest.Server, []*machine) {
	t.Helper()
	dsn := database.Database(t)
	post := smtptest.Start(t)
	var all []*machine
	for range machines {
		base := fmt.Sprintf("127.0.0.1:%d", freePort(t))
		s := newSite(t, smtpConfig(post, 4)+"[ledger]\npostgres_file = \"database\"\n[web]\nlisten = \""+base+"\"\nlink_key_file = \"the.key\"\n")
		s.write("database", dsn+"\n")
		s.write("the.key", strings.Repeat("one key for all ", 3)+"\n")
		all = append(all, &machine{site: s, base: "http://" + base})
	}
	all[0].manyUnits(units)
	all[0].run("ledger", "plans", "push")
	return post, all
}

// ready asks a machine's probe; empty: it is not.
func (m *machine) ready() string {
	res, err := (&http.Client{Timeout: 5 * time.Second}).Get(m.base + "/readyz")
	if err != nil {
		return ""
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		return ""
	}
	return string(body)
}

func (m *machine) evaluates() bool { return strings.HasPrefix(m.ready(), "ok: evaluates") }

// eventually waits for something.
func eventually(t *testing.T, what string, is func() bool) time.Duration {
	t.Helper()
	began := time.Now()
	for !is() {
		if time.Since(began) > patience {
			t.Fatalf("%s: not after %s", what, patience)
		}
		time.Sleep(50 * time.Millisecond)
	}
	return time.Since(began)
}

func one(machines []*machine) *machine {
	var found *machine
	for _, m := range machines {
		if m.evaluates() {
			if found != nil {
				return nil
			}
			found = m
		}
	}
	return found
}

// each wants every notice to have arrived, copies not more often than that.
func each(t *testing.T, post *smtptest.Server, notices, most int) {
	t.Helper()
	got := copies(t, post)
	if repeated := len(post.Mails()) - len(got); len(got) != notices || repeated > most {
		t.Errorf("%d of %d notices arrived, %d repeated", len(got), notices, repeated)
		for _, m := range post.Mails() {
			if text, err := notify.ReadText(m.Raw); strings.Contains(strings.Join(m.To, ""), "admin") {
				t.Errorf("to the administrators: %s, %v", text, err)
			}
		}
	}
}

func without(all []*machine, m *machine) (out []*machine) {
	for _, x := range all {
		if x != m {
			out = append(out, x)
		}
	}
	return out
}

func TestThreeDaemonsOnOneDatabase(t *testing.T) {
	const units = 60
	database, post, all := cluster(t, 3, units)
	for _, m := range all {
		m.daemon = m.serve()
	}
	eventually(t, "all are ready, and one evaluates", func() bool {
		for _, m := range all {
			if m.ready() == "" {
				return false
			}
		}
		return one(all) != nil
	})
	eventually(t, "all mails have arrived", func() bool { return len(copies(t, post)) == units })
	each(t, post, units, 0)

	// A session and a link of one hold on the others.
	add := exec.Command("duban", "user", "add", "li")
	add.Dir, add.Stdin = all[0].dir, strings.NewReader("a long enough password\n")
	if out, err := add.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar, Timeout: patience}
	res, err := client.PostForm(all[0].base+"/signin", url.Values{"name": {"li"}, "password": {"a long enough password"}})
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	link := strings.TrimSpace(all[0].run("link", "u1"))
	for _, m := range all {
		at, err := url.Parse(m.base)
		if err != nil {
			t.Fatal(err)
		}
		jar.SetCookies(at, jar.Cookies(mustParse(t, all[0].base)))
		if body := get(t, client, m.base+"/rules"); !strings.Contains(body, "li") || strings.Contains(body, "name=\"password\"") {
			t.Errorf("signed in at the first, %s says: %.300s", m.base, body)
		}
		if body := get(t, http.DefaultClient, strings.Replace(link, all[0].base, m.base, 1)); !strings.Contains(body, "单位1") {
			t.Errorf("the unit's page at %s: %.300s", m.base, body)
		}
	}

	// What is pushed by one all take over.
	all[0].edit("plan/obligations/01.toml", "事项", "改过的事项")
	all[0].run("ledger", "plans", "push")
	for _, m := range all {
		eventually(t, "the edit is in force at "+m.base, func() bool { return strings.Contains(get(t, client, m.base+"/rules"), "改过的事项") })
	}

	// The one that evaluates dies.
	leader := one(all)
	if leader == nil {
		t.Fatal("not one evaluates")
	}
	_ = leader.cmd.Process.Kill() // the test ends it
	rest := without(all, leader)
	if took := eventually(t, "taken over", func() bool { return one(rest) != nil }); took > 15*time.Second {
		t.Errorf("taken over after %s", took)
	}

	// The database is started again: nobody ends, and all go on.
	if err := database.Control("restart", "-m", "immediate"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "ready again", func() bool { return rest[0].ready() != "" && rest[1].ready() != "" && one(rest) != nil })
	each(t, post, units, 0)
	for _, m := range rest {
		if err := m.end(syscall.SIGTERM); err != nil {
			t.Error(err)
		}
		for _, line := range m.seen {
			if strings.Contains(line, "the.key") {
				t.Errorf("a secret in the log: %s", line)
			}
		}
	}
	all[0].run("verify")
}

func TestADaemonThatIsStoppedLongerThanItsLeaseSendsNothingTwice(t *testing.T) {
	t.Parallel() // it waits, mostly
	const units = 150
	_, post, all := cluster(t, 2, units)
	post.Set(smtptest.Hooks{Mail: func(string) error { time.Sleep(200 * time.Millisecond); return nil }})
	all[0].daemon = all[0].serve()
	eventually(t, "the first evaluates", func() bool { return all[0].evaluates() })
	all[1].daemon = all[1].serve()
	eventually(t, "mails arrive", func() bool { return len(post.Mails()) > 10 })
	if err := all[0].cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	if took := eventually(t, "taken over", func() bool { return all[1].evaluates() }); took > 15*time.Second {
		t.Errorf("taken over after %s", took)
	}
	eventually(t, "the other sends what it held", func() bool { return len(copies(t, post)) >= units-1 && all[1].outbox()["sending"] == 0 })
	if err := all[0].cmd.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	eventually(t, "all have arrived", func() bool { return all[1].told() == units })
	eventually(t, "the one that was stopped follows", func() bool { return strings.HasPrefix(all[0].ready(), "ok: delivers") })
	each(t, post, units, 4) // what it had said all of and not heard the answer to
	for _, m := range all {
		if err := m.end(os.Interrupt); err != nil {
			t.Error(err)
		}
	}
	all[0].run("verify")
}

func TestADaemonWithAnotherKeyDoesNotStart(t *testing.T) {
	_, _, all := cluster(t, 2, 3)
	all[0].run("tick")
	all[1].write("the.key", strings.Repeat("another key here ", 3)+"\n")
	cmd := exec.Command("duban", "serve")
	cmd.Dir = all[1].dir
	out, err := cmd.CombinedOutput()
	if err == nil || !bytes.Contains(out, []byte("the.key is not the key")) || bytes.Contains(out, []byte("another key here")) {
		t.Errorf("%v %s", err, out)
	}
	all[1].run("link", "--rotate") // by which its key is that of all
	all[1].run("tick")
}

func TestRulesAreMadeWhereTheLedgerHasThem(t *testing.T) {
	_, _, all := cluster(t, 2, 3)
	a, b := all[0], all[1]
	a.write("t.csv", "工作任务,责任单位,完成时限\n公开预算,单位1,每月15日前\n")
	if said := a.run("import", "t.csv", "--plan", "neu", "--issued", "2026-01-05"); !strings.Contains(said, "plans/neu") {
		t.Errorf("import says %s", said)
	}
	a.write("2027.json", `{"year": 2027, "papers": ["https://www.gov.cn/x"], "days": [{"name": "元旦", "date": "2027-01-01", "isOffDay": true}]}`)
	a.run("calendar", "add", "2027.json")
	if said := b.run("check"); !strings.Contains(said, "neu") || !strings.Contains(said, "2027") {
		t.Errorf("another machine's check says %s", said)
	}
	b.run("ledger", "plans", "pull", "out")
	for _, name := range []string{"plans/p/plan.toml", "plans/neu/plan.toml", "calendar/2027.toml", "versions.json"} {
		if !exists(b.path("out/" + name)) {
			t.Errorf("pull has written no %s", name)
		}
	}
	b.edit("out/plans/neu/obligations/01.toml", "公开预算", "公开决算")
	if said := b.run("ledger", "plans", "push", "out"); !strings.Contains(said, "plans/neu/obligations/01.toml") || strings.Contains(said, "plan.toml") {
		t.Errorf("push says %s", said)
	}
	a.run("publish", "neu", "--yes")
	if said := b.run("rules", "--json"); !strings.Contains(said, "公开决算") {
		t.Errorf("the published rules: %.500s", said)
	}
}

func mustParse(t *testing.T, address string) *url.URL {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func get(t *testing.T, client *http.Client, address string) string {
	t.Helper()
	res, err := client.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}
