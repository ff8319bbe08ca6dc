package postgres

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"duban/ledger"
	"duban/ledger/tables"
)

func (l *Ledger) View(ctx context.Context, f func(ledger.Reader) error) error {
	return l.view(ctx, aLook, func(q tables.Questions) error { return f(q) })
}

// How long who only reads may say nothing: nobody waits for it but a change of the schema,
// and what is thrown away meanwhile stays in the tables.
const (
	aLook  = `SET LOCAL idle_in_transaction_session_timeout = '10min'`
	forAll = `SET LOCAL idle_in_transaction_session_timeout = 0` // who copies or proves the whole
)

func (l *Ledger) view(ctx context.Context, patience string, f func(tables.Questions) error) error {
	x, err := l.exchange(ctx, `begin isolation level repeatable read read only`, patience)
	if err != nil {
		return l.wrong(err)
	}
	defer x.end(context.WithoutCancel(ctx))
	return f(tables.Questions{DB: x, Dialect: dialect{}})
}

// Patience of an Update: it is begun anew while others are in its way, and for as
// long as a restart of the server takes while that is away.
const (
	forOthers = 30 * time.Second
	forServer = 3 * time.Second
	politely  = 4 // times; then it keeps others from coming between
)

func (l *Ledger) Update(ctx context.Context, f func(ledger.Tx) error) error {
	if l.readOnly {
		return l.wrong(errors.New("is open to be read only"))
	}
	others, noMore := context.WithTimeout(ctx, forOthers)
	defer noMore()
	server, noLonger := context.WithTimeout(ctx, forServer)
	defer noLonger()
	for tried := 0; ; tried++ {
		alone := tried >= politely
		err := l.try(ctx, f, alone)
		switch {
		case err == nil:
			return nil
		case alone && isDuplicate(err): // nobody came between: it is one
			return explain(err)
		case !again(err) || others.Err() != nil || isAway(err) && server.Err() != nil:
			return explain(err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(rand.N(min(time.Millisecond<<min(tried, 8), 250*time.Millisecond))):
		}
	}
}

func isAway(err error) bool { return errors.Is(explain(err), ledger.ErrAway) }

func (l *Ledger) try(ctx context.Context, f func(ledger.Tx) error, alone bool) error {
	tx, err := l.begin(ctx, alone)
	if err != nil {
		return err
	}
	defer tx.engine.release()
	if err := f(tx.Tx); err != nil {
		return tx.why(err)
	}
	if err := tx.Seal(); err != nil {
		return tx.why(err)
	}
	return tx.commit() // which tells of what was wrong before, or that nobody knows
}

func (l *Ledger) Rehearse(ctx context.Context, f func(ledger.Tx) error) error {
	if l.readOnly {
		return l.wrong(errors.New("is open to be read only"))
	}
	for tried := 0; ; tried++ {
		tx, err := l.begin(ctx, false)
		if err == nil {
			err = tx.why(f(tx.Tx))
			tx.engine.release()
		}
		if err == nil || ctx.Err() != nil || !again(err) || tried > politely {
			return explain(err)
		}
	}
}

// theEnd is the lock of the journal's end. Advisory locks are those of one database.
const theEnd = 6277_0016

// entriesBefore is how many entries wait for the end of a transaction: more than
// people and ticks write in a day, so that only what meets a whole plan is longer in
// the others' way.
const entriesBefore = 20_000

// transaction is one try of an Update.
type transaction struct {
	*tables.Tx
	engine *engine
}

// engine runs a transaction's statements.
type engine struct {
	*exchange
	ctx    context.Context
	ledger *Ledger
	server *pgconn.PgConn
	alone  bool   // the lock of the end was taken before the transaction began
	last   bool   // the lock of the end is taken
	number string // the server's, of the transaction, once it has the lock
	head   string // where the journal ends by it
	schema int64  // that it sees, once the server has heard of it
}

func (l *Ledger) begin(ctx context.Context, alone bool) (*transaction, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	ctx = context.WithoutCancel(ctx) // a transaction is not interrupted; a server that is gone is given up by TCP
	x, err := l.exchange(ctx, `begin isolation level serializable`)
	if err != nil {
		return nil, err
	}
	e := &engine{exchange: x, ctx: ctx, ledger: l, server: x.conn.Conn().PgConn(), alone: alone}
	x.say(schemaNow).QueryRow(func(row pgx.Row) error { return row.Scan(&e.schema) })
	x.opening++
	if alone {
		_, err := x.conn.Exec(ctx, `SELECT pg_advisory_lock($1)`, theEnd)
		if err == nil { // at once: who has the lock and says nothing is let go only within a transaction
			err = x.send(ctx)
		}
		if err != nil {
			e.release()
			return nil, err
		}
	}
	tx := &transaction{Tx: tables.NewTx(ctx, e, dialect{e}, entriesBefore), engine: e}
	l.told.Store(e.server, tx.Touched)
	return tx, nil
}

// release takes back what was not committed and gives the connection back.
func (e *engine) release() {
	e.ledger.told.Delete(e.server)
	e.takeBack(e.ctx)
	if e.alone {
		if _, err := e.conn.Exec(e.ctx, `SELECT pg_advisory_unlock($1)`, theEnd); err != nil {
			_ = e.server.Close(e.ctx) // the lock goes with the connection
		}
	}
	e.exchange.end(e.ctx)
}

// why is the server's word rather than what was made of it.
func (tx *transaction) why(err error) error {
	if failed := tx.engine.failed; err != nil && failed != nil && again(failed) {
		return failed
	}
	return err
}

func (tx *transaction) commit() error {
	e := tx.engine
	err := e.exchange.commit(e.ctx)
	if err != nil && lost(err) || isAway(err) {
		err = e.didItCommit(err)
	}
	if err != nil {
		return err
	}
	if tx.Changed {
		e.ledger.changes.Add(1)
	}
	if e.head != "" {
		e.ledger.end.note(e.head)
	}
	return nil
}

// didItCommit asks the server of a transaction whose end was not heard.
func (e *engine) didItCommit(heard error) error {
	if e.number == "" {
		return heard // it wrote nothing that is told of: once more does no harm
	}
	patience, noMore := context.WithTimeout(e.ctx, forOthers)
	defer noMore()
	for ; patience.Err() == nil; time.Sleep(50 * time.Millisecond) {
		var status sql.NullString
		err := e.ledger.db.QueryRowContext(patience, `SELECT pg_xact_status($1::xid8)`, e.number).Scan(&status)
		switch {
		case err != nil:
			continue // still away
		case status.String == "committed":
			return nil
		case status.String == "aborted":
			return heard
		} // in progress: the server has not noticed yet that we are gone
	}
	return fmt.Errorf("nobody knows whether the last change came to pass: look, and repeat it if it did not (%w)", heard)
}

func (e *engine) Exec(query string, args ...any) (sql.Result, error) {
	tag, err := e.do(e.ctx, numbered(query), plain(args)...)
	return driver.RowsAffected(tag.RowsAffected()), err
}

func (e *engine) Queue(query string, args ...any) error {
	e.say(numbered(query), plain(args)...)
	return nil
}

func (e *engine) QueueGiving(query string, args []any, scan tables.Scan, then func()) error {
	e.say(numbered(query), plain(args)...).Query(func(rows pgx.Rows) error {
		if err := eachOf(rows, scan); err != nil {
			return err
		}
		err := rows.Err() // after what a trigger says of them
		if err == nil {
			then()
		}
		return err
	})
	return nil
}

func (e *engine) Flush() error { return e.send(e.ctx) }

// Load goes by COPY, which neither makes a list of the rows before nor looks for each
// whether it is there.
func (e *engine) Load(table string, columns []string, values []any) error {
	if err := e.send(e.ctx); err != nil {
		return err
	}
	rows := slices.Collect(slices.Chunk(plain(values), len(columns)))
	_, err := e.conn.CopyFrom(e.ctx, pgx.Identifier{table}, columns, pgx.CopyFromRows(rows))
	return e.note(err)
}

// atTheEnd waits for the lock of the journal's end. From then on nothing may stay
// away for long that could pause a process: the server ends the session of one that
// does.
func (e *engine) atTheEnd() error {
	if e.last {
		return nil
	}
	var none string
	err := e.Row(e.ctx, `SELECT set_config('idle_in_transaction_session_timeout', '5000', true), pg_advisory_xact_lock(?)::text, pg_notify(?, ?)::text, pg_current_xact_id()::text`,
		theEnd, channel, e.ledger.me).Scan(&none, &none, &none, &e.number)
	e.last = err == nil
	return err
}

// Last looks by another connection: this one sees the journal as of its beginning.
func (e *engine) Last() (ledger.Entry, error) {
	if err := e.atTheEnd(); err != nil {
		return ledger.Entry{}, err
	}
	last, err := e.ledger.fresh().LastOf(e.ctx)
	return last, e.note(err)
}

// HolderOf looks likewise; who takes a task over needs the lock too (lease_taken in
// the migrations).
func (e *engine) HolderOf(task string) (string, error) {
	if err := e.atTheEnd(); err != nil {
		return "", err
	}
	held, err := e.ledger.fresh().LeaseOf(e.ctx, task)
	return held.Owner, e.note(err)
}

// NoteEnd notes the end when the transaction has come to pass: within it, every two
// that write at once would have written the same row.
func (e *engine) NoteEnd(head string) error {
	e.head = head
	return nil
}

// Filling and Asked have nothing to do: an index that is kept costs less here than
// the lock that it takes to make one.
func (*engine) Filling(string) error { return nil }
func (*engine) Asked(string) error   { return nil }

// fresh are questions about what is there right now.
func (l *Ledger) fresh() tables.Questions {
	return tables.Questions{DB: outside(l.ends), Dialect: dialect{}}
}
