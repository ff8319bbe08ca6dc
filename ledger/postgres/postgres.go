// Package postgres is the ledger in a PostgreSQL database, which several daemons
// share.
//
// Isolation. Every Update is one SERIALIZABLE transaction: what was written for a
// ledger that has one writer is as right here, whoever acts beside it, since
// PostgreSQL lets transactions through only as if one had come after the other. One
// that cannot be is begun anew, its function called again, so a function keeps
// nothing of a run before. Views are REPEATABLE READ and read only: as of one moment,
// and in nobody's way who does not change the schema.
//
// The chain. Each entry of the journal has the hash of the one before, so writers
// have to queue for its end; they do so as late as they can. A transaction asks for
// the lock of the journal's end (an advisory lock, gone with the transaction) when
// all else is written, looks by another connection where the journal ends now, writes
// its entries and commits. One that writes more entries than a day has takes the lock
// before; one that has had to begin anew several times takes it at its beginning, and
// then nobody can come between. Two that hold the lock at once there cannot be; if
// there were, the number of the entry would keep one of them out.
//
// Turns. What a transaction only says waits for the next question, and its last words go
// with the commit (exchange.go): on one machine most of a commit's time was the two
// processes waiting for each other.
//
// By the thousand. Rows are given to a statement as one list a column (values.go), or by COPY
// where none of them can be there already (Load); what they refer to is looked for once a
// statement, not by a foreign key once a row (migrations/00047_by_the_thousand.sql).
//
// Which rows a transaction changed the server itself tells, by triggers that raise a
// notice to the session (migrations/00016_ledger.sql): what SQLite's update hook is
// there. verify proves the tables by it.
//
// A connection that is lost in the middle of a transaction is nothing: it is begun
// anew. One that is lost at the commit leaves the question whether it happened, which
// the server is asked (pg_xact_status) before anything is repeated.
package postgres

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"net"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"golang.org/x/sys/unix"

	"duban/ledger"
	"duban/ledger/tables"
)

// Options of a ledger.
type Options struct {
	MustExist bool // an error instead of an empty database that is filled
	ReadOnly  bool // nothing is changed, and the schema stays
}

// Ledger is an open ledger. Its methods may be called from many goroutines.
type Ledger struct {
	tables.Questions
	config   *pgxpool.Config
	pool     *pgxpool.Pool
	db       *sql.DB // of the pool
	ends     *sql.DB // two connections, to look at and to note the journal's end
	end      endNote
	columns  sync.Map // ofSchema → []tables.Column
	readOnly bool
	me       string // in what others are told by NOTIFY

	listening chan *pgx.Conn // the one that LISTENs, when nobody uses it; nil in it: not yet

	told    sync.Map // *pgconn.PgConn → tables.Touched of the transaction that runs on it
	changes atomic.Int64
}

var (
	_ ledger.Store = (*Ledger)(nil)
)

// connections are those of one process: delivery, the page, and the evaluation.
const connections = 12

// lostAfter is for how long an answer may be missing before a connection is given up, and
// for how long one that writes may say nothing, so that nothing stays locked. Who copies a
// ledger or moves its schema sorts millions of rows meanwhile: patient.
const (
	lostAfter = 15 * time.Second
	patient   = 0
)

// Open opens the ledger in the database that dsn names, a URL or the keywords of
// libpq, and fills the database if it is empty. The schema of one that is there is
// Migrate's to change: an older one is ErrOlder.
func Open(ctx context.Context, dsn string, opt Options) (*Ledger, error) {
	l, err := connect(ctx, dsn, lostAfter)
	if err != nil {
		return nil, err
	}
	l.readOnly = opt.ReadOnly
	err = l.fits(ctx)
	if errors.Is(err, ledger.ErrMissing) && !opt.MustExist && !opt.ReadOnly {
		if err = l.make(ctx); err == nil {
			err = l.fits(ctx)
		}
	}
	if err != nil {
		_ = l.Close() // the first error is the one to tell
		return nil, l.wrong(err)
	}
	return l, nil
}

// connect opens the pool and asks the server for nothing more than that it is there.
func connect(ctx context.Context, dsn string, idle time.Duration) (*Ledger, error) {
	config, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, fmt.Errorf("[ledger] postgres: %w", err) // which says no password
	}
	l := &Ledger{config: config, me: rand.Text(), listening: make(chan *pgx.Conn, 1)}
	l.listening <- nil
	config.MaxConns = max(config.MaxConns, connections)
	c := config.ConnConfig
	for name, value := range map[string]string{
		"application_name":                    "duban",
		"client_min_messages":                 "notice", // by which rows are told
		"timezone":                            "UTC",
		"idle_in_transaction_session_timeout": fmt.Sprint(idle.Milliseconds()),
		"tcp_keepalives_idle":                 "5", "tcp_keepalives_interval": "3", "tcp_keepalives_count": "3",
		"tcp_user_timeout": fmt.Sprint(lostAfter.Milliseconds()),
	} {
		if name != "application_name" || c.RuntimeParams[name] == "" {
			c.RuntimeParams[name] = value
		}
	}
	if c.ConnectTimeout == 0 {
		c.ConnectTimeout = 5 * time.Second
	}
	dialer := &net.Dialer{KeepAlive: 5 * time.Second, Control: givesUp}
	c.DialFunc = dialer.DialContext
	c.OnNotice = l.hear
	config.AfterConnect = func(ctx context.Context, c *pgx.Conn) error {
		// Texts are compressed by what takes a tenth of the time, where the server has it.
		_, err := c.Exec(ctx, `SELECT set_config(name, 'lz4', false) FROM pg_settings WHERE name = 'default_toast_compression' AND 'lz4' = ANY (enumvals)`)
		return err
	}
	if l.pool, err = pgxpool.NewWithConfig(ctx, config); err != nil {
		return nil, l.wrong(err)
	}
	l.db = stdlib.OpenDBFromPool(l.pool)
	ends := c.Copy()
	ends.RuntimeParams["synchronous_commit"] = "off" // a note of the end that is lost is written anew
	l.ends = stdlib.OpenDB(*ends)
	l.ends.SetMaxOpenConns(2)
	l.ends.SetMaxIdleConns(2)
	l.end.begin(l.ends)
	l.Questions = tables.Questions{DB: outside(l.db), Dialect: dialect{}}
	if err := l.pool.Ping(ctx); err != nil {
		_ = l.Close() // the first error is the one to tell
		return nil, l.wrong(err)
	}
	return l, nil
}

// givesUp makes TCP give up what nobody acknowledges.
func givesUp(network, _ string, c syscall.RawConn) (err error) {
	if !strings.HasPrefix(network, "tcp") {
		return nil
	}
	control := c.Control(func(fd uintptr) {
		err = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(lostAfter.Milliseconds()))
	})
	return errors.Join(control, err)
}

// Where names the database, for people, without a secret.
func (l *Ledger) Where() string {
	c := l.config.ConnConfig
	return fmt.Sprintf("postgres://%s/%s", net.JoinHostPort(c.Host, fmt.Sprint(c.Port)), c.Database)
}

func (l *Ledger) wrong(err error) error { return fmt.Errorf("ledger %s: %w", l.Where(), explain(err)) }

// Close gives the connections back.
func (l *Ledger) Close() error {
	l.end.close()
	if l.ends != nil {
		_ = l.ends.Close() // what is asked by it is not kept
	}
	if l.db != nil {
		_ = l.db.Close() // which the pool does
	}
	l.pool.Close()
	select {
	case c := <-l.listening:
		if c != nil {
			ctx, cancel := context.WithTimeout(context.Background(), time.Second)
			defer cancel()
			return c.Close(ctx)
		}
	default: // who listens closes it
	}
	return nil
}

// Present asks nothing: what is not there any more says so when it is written to.
func (l *Ledger) Present() error { return nil }

// hear takes what a trigger says of the rows that a statement changed.
func (l *Ledger) hear(c *pgconn.PgConn, n *pgconn.Notice) {
	said, ours := strings.CutPrefix(n.Message, "duban ")
	if !ours {
		return
	}
	if touched, ok := l.told.Load(c); ok {
		readTold(touched.(tables.Touched), said)
	}
}
