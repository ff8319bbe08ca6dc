package main

import (
	"flag"
	"math/rand/v2"
	"net"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"duban/internal/pgtest"
	"duban/internal/smtptest"
)

// full makes trials as long as docs/performance.md has them.
var full = flag.Bool("full", false, "the long trials, as docs/performance.md has them")

// watched makes the database keep who evaluated and who took the task over, in the
// order in which these came to pass: both happen under one lock.
func watched(t *testing.T, database *pgtest.Server, name string) {
	t.Helper()
	database.Do(t, name, `CREATE SCHEMA trial`, `CREATE TABLE trial.seen (n bigserial PRIMARY KEY, at timestamptz, what text, who text)`,
		`CREATE FUNCTION trial.see() RETURNS trigger LANGUAGE plpgsql AS $$
		BEGIN
			IF TG_TABLE_NAME = 'lease' THEN
				INSERT INTO trial.seen (at, what, who) VALUES (clock_timestamp(), 'taken', current_setting('application_name'));
			ELSE
				INSERT INTO trial.seen (at, what, who) VALUES (clock_timestamp(), 'evaluated', current_setting('application_name'));
			END IF;
			RETURN NULL;
		END $$`,
		`CREATE CONSTRAINT TRIGGER see_taken AFTER INSERT OR UPDATE ON lease DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.task = 'evaluate') EXECUTE FUNCTION trial.see()`,
		`CREATE CONSTRAINT TRIGGER see_evaluated AFTER INSERT OR UPDATE ON fact DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.name = 'tick') EXECUTE FUNCTION trial.see()`,
		`CREATE CONSTRAINT TRIGGER see_told AFTER INSERT ON notice DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.kind IN ('assignment', 'reminder', 'escalation')) EXECUTE FUNCTION trial.see()`)
}

// named gives each machine a name of its own in the database, whose name it tells.
func named(t *testing.T, database *pgtest.Server, all []*machine) (name string) {
	t.Helper()
	address, err := os.ReadFile(all[0].path("database"))
	if err != nil {
		t.Fatal(err)
	}
	name = strings.TrimPrefix(mustParse(t, strings.TrimSpace(string(address))).Path, "/")
	for i, m := range all {
		m.write("database", database.DSN(name)+"&application_name=m"+string(rune('1'+i))+"\n")
	}
	return name
}

// oneAtATime wants whoever evaluated to have taken the task last.
func oneAtATime(t *testing.T, database *pgtest.Server, name string) (evaluations, takeovers int) {
	t.Helper()
	holder := ""
	for _, row := range database.Ask(t, name, `SELECT what, who FROM trial.seen ORDER BY n`) {
		switch what, who := row[0].(string), row[1].(string); {
		case what == "taken" && who != holder:
			holder, takeovers = who, takeovers+1
		case what == "evaluated":
			if evaluations++; who != holder {
				t.Errorf("%s evaluated while the task was for %s", who, holder)
			}
		}
	}
	return evaluations, takeovers
}

// noticesTo are those that arrived at units, and in how many mails. What administrators
// hear is not counted: the proof finds the triggers of the trial, and says so.
func noticesTo(t *testing.T, post *smtptest.Server) (got map[string][][]byte, mails int) {
	t.Helper()
	got = copies(t, post)
	for id, same := range got {
		if strings.Contains(string(same[0]), "\r\nTo: <admin@") {
			delete(got, id)
			continue
		}
		mails += len(same)
	}
	return got, mails
}

// Three daemons, killed again and again, the one that evaluates among them, while the
// database is started again now and then: all arrives, what leaves twice is the same
// and no more than was in the killed one's hands, and never do two evaluate.
func TestKilledDaemonsAndDatabaseLoseNothing(t *testing.T) {
	notices, kills, restarts := 400, 6, 1
	if *full {
		notices, kills, restarts = 5000, 60, 10
	}
	const connections = 4
	database, post, all := cluster(t, 3, notices)
	name := named(t, database, all)
	watched(t, database, name)
	var steps atomic.Int32 // until somebody is killed
	act := func(net.Conn) error { steps.Add(-1); return nil }
	says := func(string) error { steps.Add(-1); return nil }
	post.Set(smtptest.Hooks{Mail: says, Rcpt: says, Data: act, Accepted: act})
	for _, m := range all {
		m.daemon = m.serve()
		go drain(m.daemon)
	}
	eventually(t, "one evaluates", func() bool { return one(all) != nil })
	var slowest time.Duration
	between := kills / restarts
	for k := range kills {
		steps.Store(rand.Int32N(int32(max(1, 4*notices/(kills+2)))))
		for limit := time.Now().Add(4 * time.Second); steps.Load() > 0 && time.Now().Before(limit); {
			time.Sleep(time.Millisecond)
		}
		victim := all[rand.IntN(len(all))]
		if leader := one(all); leader != nil && k%2 == 0 {
			victim = leader
		}
		led := victim.evaluates()
		_ = victim.cmd.Process.Kill() // it may have ended
		_ = victim.cmd.Wait()         // it was killed: that is the error
		rest := without(all, victim)
		if led {
			began := time.Now()
			eventually(t, "another evaluates", func() bool { return one(rest) != nil })
			slowest = max(slowest, time.Since(began))
		}
		victim.daemon = victim.serve()
		go drain(victim.daemon)
		if k%between == between-1 {
			if err := database.Control("restart", "-m", "immediate"); err != nil {
				t.Fatal(err)
			}
		}
	}
	for limit := time.Now().Add(5 * time.Minute); all[0].told() < notices; time.Sleep(100 * time.Millisecond) {
		if time.Now().After(limit) {
			t.Fatalf("after five minutes: %v", all[0].outbox())
		}
	}
	for _, m := range all {
		if err := m.cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Error(err)
		}
		if err := m.cmd.Wait(); err != nil {
			t.Errorf("%v\n%s", err, strings.Join(m.seen[max(0, len(m.seen)-20):], "\n"))
		}
	}
	got, mails := noticesTo(t, post)
	repeated := mails - len(got)
	evaluations, takeovers := oneAtATime(t, database, name)
	t.Logf("%d notices, %d repeated, after %d kills and %d restarts of the database; %d evaluations, the task taken over %d times, at most %s after who had it died",
		len(got), repeated, kills, restarts, evaluations, takeovers, slowest.Round(100*time.Millisecond))
	if len(got) != notices || repeated > connections*(kills+restarts*len(all)) {
		t.Errorf("%d of %d notices arrived; %d repeated", len(got), notices, repeated)
	}
	if takeovers < 2 || slowest > 15*time.Second {
		t.Errorf("taken over %d times, the slowest after %s", takeovers, slowest)
	}
	database.Do(t, name, `DROP SCHEMA trial CASCADE`)
	all[0].run("verify")
}

// drain reads a daemon's log, which nobody waits for.
func drain(d *daemon) {
	for line := range d.lines {
		d.seen = append(d.seen, line)
	}
}
