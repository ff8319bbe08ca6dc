// Package pgtest gives tests a PostgreSQL server of their own, on this machine, in a
// folder of its own, gone when the test's process is.
//
// It needs the server's programs (Debian's package postgresql). Without them tests
// are left out (package need).
package pgtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"duban/internal/need"
)

// Server is one that runs, or may be started again.
type Server struct {
	Port int
	dir  string
	bin  string
	as   *syscall.Credential // who runs it; nil: who runs the tests

	stays bool // its folder, when it ends

	keeper *exec.Cmd // the shell that ends it with us
	words  io.Closer
}

// Start starts one that ends with the test. Settings are lines of postgresql.conf.
func Start(t testing.TB, settings ...string) *Server {
	t.Helper()
	s, err := start(settings...)
	if errors.Is(err, errNone) {
		need.Missing(t, "PostgreSQL is not installed (apt install postgresql)")
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.end)
	return s
}

// Kept starts one in a folder that stays when the test ends, with what is in it.
func Kept(t testing.TB, dir string, settings ...string) *Server {
	t.Helper()
	s := &Server{dir: dir, stays: true}
	err := s.begin(settings...)
	if errors.Is(err, errNone) {
		need.Missing(t, "PostgreSQL is not installed (apt install postgresql)")
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.end)
	return s
}

var shared = sync.OnceValues(func() (*Server, error) {
	return start("fsync = off", "full_page_writes = off", "synchronous_commit = off")
})

// Database is a new, empty database of a server that all tests of the process share.
// Its disk is not waited for.
func Database(t testing.TB) (dsn string) {
	t.Helper()
	s, err := shared()
	if errors.Is(err, errNone) {
		need.Missing(t, "PostgreSQL is not installed (apt install postgresql)")
	}
	if err != nil {
		t.Fatal(err)
	}
	return s.Database(t)
}

var databases atomic.Int64

// templates are databases that were prepared once, by name.
var templates sync.Map // string → func() error

// Like is Database with what prepare has put into one, once in this process.
func Like(t testing.TB, name string, prepare func(dsn string) error) (dsn string) {
	t.Helper()
	s, err := shared()
	if err != nil {
		return Database(t) // which says so
	}
	template := "like_" + name
	once, _ := templates.LoadOrStore(name, sync.OnceValue(func() error {
		s.Do(t, "postgres", "CREATE DATABASE "+template)
		return prepare(s.DSN(template))
	}))
	if err := once.(func() error)(); err != nil {
		t.Fatal(err)
	}
	return s.database(t, " TEMPLATE "+template)
}

// Database makes a new, empty one, which goes with the test.
func (s *Server) Database(t testing.TB) (dsn string) {
	t.Helper()
	return s.database(t, "")
}

func (s *Server) database(t testing.TB, like string) (dsn string) {
	t.Helper()
	name := fmt.Sprintf("duban_%d", databases.Add(1))
	s.Do(t, "postgres", "CREATE DATABASE "+name+like)
	t.Cleanup(func() {
		ctx := context.Background()
		if c, err := pgx.Connect(ctx, s.DSN("postgres")); err == nil { // it may have been stopped
			_, _ = c.Exec(ctx, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)")
			_ = c.Close(ctx)
		}
	})
	return s.DSN(name)
}

// DSN names a database of the server.
func (s *Server) DSN(database string) string {
	return fmt.Sprintf("postgres://duban@127.0.0.1:%d/%s?sslmode=disable", s.Port, database)
}

// Do runs statements in a database, as somebody beside duban.
func (s *Server) Do(t testing.TB, database string, statements ...string) {
	t.Helper()
	ctx := context.Background()
	c, err := pgx.Connect(ctx, s.DSN(database))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(ctx)
	for _, q := range statements {
		if _, err := c.Exec(ctx, q); err != nil {
			t.Fatalf("%s: %v", q, err)
		}
	}
}

var errNone = errors.New("there is no PostgreSQL here")

// programs is the folder of the server's.
func programs() (string, error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb") // the pattern is right
	if path, err := exec.LookPath("initdb"); err == nil {
		found = append(found, path)
	}
	if len(found) == 0 {
		return "", errNone
	}
	slices.Sort(found)
	return filepath.Dir(found[len(found)-1]), nil
}

func start(settings ...string) (s *Server, err error) {
	s = &Server{}
	if _, err := programs(); err != nil {
		return nil, err
	}
	if s.dir, err = os.MkdirTemp("", "duban-postgres-"); err != nil {
		return nil, err
	}
	return s, s.begin(settings...)
}

// begin makes what is not there yet and starts it.
func (s *Server) begin(settings ...string) (err error) {
	if s.bin, err = programs(); err != nil {
		return err
	}
	if os.Getuid() == 0 { // which PostgreSQL refuses to be run by
		nobody, err := user.Lookup("postgres")
		if err != nil {
			nobody, err = user.Lookup("nobody")
		}
		if err != nil {
			return err
		}
		uid, _ := strconv.Atoi(nobody.Uid) // which they are on this system
		gid, _ := strconv.Atoi(nobody.Gid)
		s.as = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		if err := os.Chown(s.dir, uid, gid); err != nil {
			return err
		}
	}
	if _, err := os.Stat(s.data()); err == nil {
		if s.Port, err = freePort(); err != nil {
			return err
		}
		return s.up()
	}
	if out, err := s.command("initdb", "--pgdata", s.data(), "--username", "duban", "--auth", "trust", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync").CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out)
	}
	if s.Port, err = freePort(); err != nil {
		return err
	}
	conf, err := os.OpenFile(filepath.Join(s.data(), "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	fmt.Fprintf(conf, "\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = ''\nmax_connections = 200\nshared_buffers = '128MB'\nlog_min_messages = warning\n%s\n", strings.Join(settings, "\n"))
	if err := conf.Close(); err != nil {
		return err
	}
	return s.up()
}

// LetIn lets in whoever comes from a network, which the setting listen_addresses has to
// reach.
func (s *Server) LetIn(network string) error {
	hba, err := os.OpenFile(filepath.Join(s.data(), "pg_hba.conf"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(hba, "\nhost all all %s trust\n", network)
	if err := errors.Join(err, hba.Close()); err != nil {
		return err
	}
	return s.Control("reload")
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

func (s *Server) command(name string, args ...string) *exec.Cmd {
	c := exec.Command(filepath.Join(s.bin, name), args...)
	c.Dir = s.dir
	c.SysProcAttr = &syscall.SysProcAttr{Credential: s.as, Setpgid: true}
	return c
}

// up starts the server under a shell that ends it when we, at the other end of its
// standard input, are gone.
func (s *Server) up() error {
	c := s.command("postgres")
	c.Args = []string{"sh", "-c", `"$0" -D "$1" -p "$4" >>"$2/log" 2>&1 & p=$!; cat >/dev/null; kill -INT $p; wait $p; [ -z "$3" ] || rm -rf "$2"`, filepath.Join(s.bin, "postgres"), s.data(), s.dir, map[bool]string{false: "gone"}[s.stays], strconv.Itoa(s.Port)}
	c.Path = "/bin/sh"
	in, err := c.StdinPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		return err
	}
	s.keeper, s.words = c, in
	for range 300 {
		if s.Answers() {
			return nil
		}
		time.Sleep(20 * time.Millisecond)
	}
	log, _ := os.ReadFile(filepath.Join(s.dir, "log")) // what there is of it
	return fmt.Errorf("PostgreSQL does not start: %s", log)
}

// Answers tells whether the server lets somebody in.
func (s *Server) Answers() bool {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	c, err := pgx.Connect(ctx, s.DSN("postgres"))
	if err != nil {
		return false
	}
	return c.Close(ctx) == nil
}

// end ends it, with its folder.
func (s *Server) end() {
	_ = s.words.Close() // which the shell waits for
	_ = s.keeper.Wait()
}

// Control runs pg_ctl: "stop", "-m", "immediate", or "restart".
func (s *Server) Control(args ...string) error {
	out, err := s.command("pg_ctl", append([]string{"--pgdata", s.data(), "-w", "-o", "-p " + strconv.Itoa(s.Port), "-l", filepath.Join(s.dir, "log")}, args...)...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("pg_ctl %s: %w\n%s", args, err, out)
	}
	return nil
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// Ask gives the rows of a query in a database.
func (s *Server) Ask(t testing.TB, database, query string) (rows [][]any) {
	t.Helper()
	ctx := context.Background()
	c, err := pgx.Connect(ctx, s.DSN(database))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(ctx)
	found, err := c.Query(ctx, query)
	if err != nil {
		t.Fatal(err)
	}
	for found.Next() {
		row, err := found.Values()
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, row)
	}
	if err := found.Err(); err != nil {
		t.Fatal(err)
	}
	return rows
}
