package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"duban/internal/need"
	"duban/internal/pgtest"
	"duban/internal/smtptest"
)

// cable is the only way to a database for those that go by Address: through a network of
// its own that may be cut, so that nothing comes through and nobody is told.
type cable struct {
	Address string // in place of the database's
	link    string
	t       *testing.T
}

// lay lays one, through a namespace of the kernel's.
func lay(t *testing.T, database *pgtest.Server) *cable {
	t.Helper()
	if _, err := exec.LookPath("ip"); err != nil || os.Getuid() != 0 {
		need.Missing(t, "a network is cut by root alone, with iproute2")
	}
	id := os.Getpid() % 10000
	space, here, there := fmt.Sprintf("duban-%d", id), fmt.Sprintf("dbn%dh", id), fmt.Sprintf("dbn%dn", id)
	network := fmt.Sprintf("10.213.%d", id%250)
	ip := func(args ...string) error {
		out, err := exec.Command("ip", args...).CombinedOutput()
		if err != nil {
			return fmt.Errorf("ip %s: %w: %s", strings.Join(args, " "), err, out)
		}
		return nil
	}
	if err := ip("netns", "add", space); err != nil {
		need.Missing(t, "no namespace of the network can be made here: "+err.Error())
	}
	t.Cleanup(func() {
		if err := ip("netns", "del", space); err != nil { // its end of the link, and so the other, goes with it
			t.Error(err)
		}
	})
	for _, args := range [][]string{
		{"link", "add", here, "type", "veth", "peer", "name", there, "netns", space},
		{"addr", "add", network + ".1/30", "dev", here},
		{"link", "set", here, "up"},
		{"-n", space, "addr", "add", network + ".2/30", "dev", there},
		{"-n", space, "link", "set", there, "up"},
	} {
		if err := ip(args...); err != nil {
			t.Fatal(err)
		}
	}
	if err := database.LetIn(network + ".0/30"); err != nil {
		t.Fatal(err)
	}
	relay(t, "/run/netns/"+space, network+".2:5432", fmt.Sprintf("%s.1:%d", network, database.Port))
	return &cable{network + ".2:5432", here, t}
}

// relay passes on, in a namespace, what comes in at one address to another.
func relay(t *testing.T, space, from, to string) {
	t.Helper()
	in, err := within(space, func() (net.Listener, error) { return net.Listen("tcp4", from) })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close() })
	go func() {
		for {
			a, err := in.Accept()
			if err != nil {
				return // the test has ended
			}
			go func() {
				defer a.Close()
				b, err := within(space, func() (net.Conn, error) { return net.DialTimeout("tcp4", to, 30*time.Second) })
				if err != nil {
					return
				}
				defer b.Close()
				go func() {
					_, _ = io.Copy(b, a) // either end may go
					_ = b.Close()
				}()
				_, _ = io.Copy(a, b)
			}()
		}
	}()
}

// within runs f, which makes a socket, in a namespace.
func within[T any](space string, f func() (T, error)) (out T, err error) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // and the thread ends with the goroutine
		var at *os.File
		if at, err = os.Open(space); err != nil {
			return
		}
		defer at.Close()
		if err = unix.Setns(int(at.Fd()), unix.CLONE_NEWNET); err == nil {
			out, err = f()
		}
	}()
	<-done
	return out, err
}

// cut lets nothing through, and heal does again.
func (c *cable) cut()  { c.set("down") }
func (c *cable) heal() { c.set("up") }

func (c *cable) set(how string) {
	c.t.Helper()
	if out, err := exec.Command("ip", "link", "set", c.link, how).CombinedOutput(); err != nil {
		c.t.Fatalf("%v: %s", err, out)
	}
}

// A daemon that is cut off from the database, and not from the mail server, loses its
// tasks to the other; when it is connected again it follows. All arrives, no more copies
// leave than it had in its hands, and never do two evaluate.
func TestADaemonThatIsCutOffFromTheDatabaseLosesItsTasks(t *testing.T) {
	t.Parallel() // it waits, mostly
	const units, connections = 120, 4
	database := pgtest.Start(t, "listen_addresses = '*'")
	wire := lay(t, database)
	post, all := clusterOn(t, database, 2, units)
	name := named(t, database, all)
	watched(t, database, name)
	direct := fmt.Sprintf("127.0.0.1:%d", database.Port)
	all[0].write("database", strings.Replace(database.DSN(name), direct, wire.Address, 1)+"&application_name=m1\n")
	post.Set(smtptest.Hooks{Mail: func(string) error { time.Sleep(200 * time.Millisecond); return nil }})
	all[0].daemon = all[0].serve()
	go drain(all[0].daemon)
	eventually(t, "the first evaluates", func() bool { return all[0].evaluates() })
	all[1].daemon = all[1].serve()
	go drain(all[1].daemon)
	eventually(t, "mails arrive", func() bool { return len(post.Mails()) > 10 })
	wire.cut()
	took := eventually(t, "taken over", func() bool { return all[1].evaluates() })
	eventually(t, "who is cut off says so", func() bool { return all[0].ready() == "" })
	eventually(t, "the other sends what it held", func() bool { return all[1].told() == units })
	wire.heal()
	healed := eventually(t, "the one that was cut off follows", func() bool { return strings.HasPrefix(all[0].ready(), "ok: delivers") })
	t.Logf("taken over after %s, followed %s after it was connected again", took.Round(100*time.Millisecond), healed.Round(100*time.Millisecond))
	got, mails := noticesTo(t, post)
	if repeated := mails - len(got); len(got) != units || repeated > connections {
		t.Errorf("%d of %d notices arrived; %d repeated", len(got), units, repeated)
	}
	for _, m := range all {
		if err := m.cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Error(err)
		}
		if err := m.cmd.Wait(); err != nil {
			t.Errorf("%v\n%s", err, strings.Join(m.seen[max(0, len(m.seen)-20):], "\n"))
		}
	}
	if _, takeovers := oneAtATime(t, database, name); takeovers < 2 {
		t.Errorf("taken over %d times", takeovers)
	}
	database.Do(t, name, `DROP SCHEMA trial CASCADE`)
	all[1].run("verify")
}
