package tables

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"duban/ledger"
)

// Engine runs the statements of one transaction.
type Engine interface {
	Querier

	// Exec runs a statement. Whatever rows it changes, other than of tables that the
	// journal does not cover, the engine has told Tx.Touched of before it returns.
	Exec(query string, args ...any) (sql.Result, error)

	// Queue is Exec of a statement whose outcome nobody asks for: it may wait for the next
	// that is asked or run, or for Flush. The engine tells of its rows when it has run, and
	// keeps no value of the list that it is given: that is used again.
	Queue(query string, args ...any) error
	Flush() error

	// QueueGiving is Queue of a statement that gives rows back: when it is over and its rows
	// were told of, each has been given to scan, and then is called.
	QueueGiving(query string, args []any, scan Scan, then func()) error

	// Load puts rows into a table, of which none can be there: the values of these columns,
	// one row after the other. It tells of them as Exec does.
	Load(table string, columns []string, values []any) error

	// Last is the journal's last entry, its time, number and hash alone, zero where
	// there is none. From now on nobody else writes an entry, until the transaction
	// ends.
	Last() (ledger.Entry, error)

	// HolderOf is whose a task is; nobody takes it over from him until the transaction
	// ends.
	HolderOf(task string) (string, error)

	// NoteEnd notes where the journal ends now, in the fact FactEnd.
	NoteEnd(head string) error

	// Filling is told before many rows are put into a table, Asked before a statement
	// asks or writes otherwise; of the end of all that with an empty statement.
	Filling(table string) error
	Asked(query string) error
}

// Tx is a write transaction. Its engine begins and ends it: Seal comes before the
// commit.
type Tx struct {
	Questions
	Touched Touched // the rows that it has changed
	Changed bool    // more than the outbox

	ctx     context.Context
	engine  Engine
	last    *ledger.Entry  // of the journal, once read
	began   int64          // the number of the last that others have written
	entries []ledger.Entry // not written yet
	keep    int            // so many entries at most
	duties  unwrittenDuties
	values  rows     // of the statement under way
	queued  []string // tables whose rows are changed by what is queued
	unread  bool     // some of what is queued does not give its rows back
	items   rows     // of notices, not written yet
	columns map[string][]Column

	occurrences unwrittenOccurrences
	untouched   map[string]*untouched // by table

	yearTables *[]string // nil: not asked for

	broken error // what a question could not tell
}

var _ ledger.Tx = (*Tx)(nil)

// NewTx is a transaction that an engine has begun. Up to keep entries of the journal
// wait for its end, so that its engine lets others write theirs until then.
func NewTx(ctx context.Context, engine Engine, dialect Dialect, keep int) *Tx {
	tx := &Tx{ctx: ctx, engine: engine, Touched: Touched{}, keep: max(keep, 2*Together)}
	tx.Questions = Questions{behind{tx}, dialect}
	return tx
}

func (tx *Tx) Context() context.Context { return tx.ctx }

// Seal writes what waits, and tells the journal which rows the transaction has
// changed.
func (tx *Tx) Seal() error {
	if tx.broken != nil {
		return tx.broken
	}
	if err := tx.writeDuties(); err != nil {
		return err
	}
	if err := tx.writeOccurrences(); err != nil {
		return err
	}
	if err := tx.engine.Asked(""); err != nil {
		return err
	}
	if len(tx.entries) > 0 && len(tx.queued) > 0 && !tx.unread && tx.Touched.known() {
		if err := tx.readLast(); err != nil { // with what is queued: nothing is to be read between
			return err
		}
	}
	if err := tx.flush(""); err != nil {
		return err
	}
	return tx.sealJournal()
}

// Some of what a transaction writes waits in memory, so that one statement
// writes many rows: entries of the journal, duties, and what became of occurrences.
// Whatever asks for those tables, or writes to them otherwise, has what waits written
// first.

// behind is a transaction as its questions see it: what waits is written.
type behind struct{ tx *Tx }

func (b behind) Row(ctx context.Context, query string, args ...any) Row {
	b.tx.broken = errors.Join(b.tx.broken, b.tx.catchUp(query)) // the commit tells of it
	return b.tx.engine.Row(ctx, query, args...)
}

func (b behind) Each(ctx context.Context, query string, args []any, scan Scan) error {
	if err := b.tx.catchUp(query); err != nil {
		return err
	}
	return b.tx.engine.Each(ctx, query, args, scan)
}

func (b behind) EachOfMany(ctx context.Context, query string, args []any, scan Scan) error {
	if err := b.tx.catchUp(query); err != nil {
		return err
	}
	return b.tx.engine.EachOfMany(ctx, query, args, scan)
}

func (b behind) Stream(ctx context.Context, query string, args []any, scan Scan) error {
	if err := b.tx.catchUp(query); err != nil {
		return err
	}
	return b.tx.engine.Stream(ctx, query, args, scan)
}

// catchUp writes what waits for tables that a statement names.
func (tx *Tx) catchUp(query string) error {
	if tx.duties.wait() && strings.Contains(query, "duty") {
		if err := tx.writeDuties(); err != nil {
			return err
		}
	}
	if len(tx.occurrences.in) > 0 && (strings.Contains(query, "occurrence") || strings.Contains(query, "ended")) { // which counts them
		if err := tx.writeOccurrences(); err != nil {
			return err
		}
	}
	if err := tx.engine.Asked(query); err != nil {
		return err
	}
	if len(tx.entries) > 0 && strings.Contains(query, "journal") {
		return tx.writeEntries("")
	}
	return nil
}

func (tx *Tx) exec(query string, args ...any) (sql.Result, error) {
	if err := tx.catchUp(query); err != nil {
		return nil, err
	}
	return tx.write(query, args...)
}

// write is exec of what waited.
func (tx *Tx) write(query string, args ...any) (sql.Result, error) {
	r, err := tx.engine.Exec(query, Cleaned(args)...)
	return r, tx.explain(err)
}

// queue is exec of what changes rows of that table, where nobody asks what it comes to.
func (tx *Tx) queue(table, query string, args ...any) error {
	if err := tx.catchUp(query); err != nil {
		return err
	}
	return tx.queueWhatWaited(table, query, args...)
}

func (tx *Tx) queueWhatWaited(table, query string, args ...any) error {
	tx.willChange(table)
	tx.unread = tx.unread || Covers(table)
	return tx.explain(tx.engine.Queue(query, Cleaned(args)...))
}

// willChange notes that what is queued changes rows of a table.
func (tx *Tx) willChange(table string) {
	if !slices.Contains(tx.queued, table) {
		tx.queued = append(tx.queued, table)
	}
}

// queueChange is queue of a statement that changes rows of a table and gives them back: as
// it left them they are not read again for their hashes.
func (tx *Tx) queueChange(table, statement string, args ...any) error {
	if err := tx.catchUp(statement); err != nil {
		return err
	}
	return tx.queueGiving(table, statement, args, func(int) {})
}

// change is queueChange of what has to have come to pass; it tells of how many rows.
func (tx *Tx) change(table, statement string, args ...any) (int, error) {
	if err := tx.catchUp(statement); err != nil {
		return 0, err
	}
	return tx.changeWhatWaited(table, statement, args...)
}

func (tx *Tx) changeWhatWaited(table, statement string, args ...any) (n int, err error) {
	if err := tx.queueGiving(table, statement, args, func(rows int) { n = rows }); err != nil {
		return 0, err
	}
	err = tx.flush(table)
	return n, err
}

// queueGiving queues a statement and notes the hashes of the rows that it gives back, of
// which it tells then how many they are.
func (tx *Tx) queueGiving(table, statement string, args []any, then func(rows int)) error {
	columns, err := tx.columnsOf(table)
	if err != nil {
		return err
	}
	query := statement + ` RETURNING ` + tx.Dialect.Number(table)
	for _, c := range columns {
		query += `, "` + c.Name + `"`
	}
	var rows []int64
	var hashes []rowHash
	h := hashing(columns)
	tx.willChange(table)
	return tx.explain(tx.engine.QueueGiving(query, Cleaned(args), func(read func(...any) error) error {
		row, hash, err := h.of(read)
		rows, hashes = append(rows, row), append(hashes, hash)
		return err
	}, func() {
		for i, row := range rows {
			tx.Touched.gave(table, row, hashes[i])
		}
		then(len(rows))
	}))
}

// flush runs what is queued, if it changes rows of that table; empty: of any.
func (tx *Tx) flush(table string) error {
	if len(tx.queued) == 0 || table != "" && !slices.Contains(tx.queued, table) {
		return nil
	}
	tx.queued, tx.unread = tx.queued[:0], false
	return tx.explain(tx.engine.Flush())
}

// insert adds one row to a table and tells its number; 0: ON CONFLICT kept it out.
func (tx *Tx) insert(table, query string, args ...any) (int64, error) {
	if err := tx.catchUp(query); err != nil {
		return 0, err
	}
	if err := tx.flush(table); err != nil { // what comes is to be told from what that touches
		return 0, err
	}
	before := tx.Touched.state(table)
	if _, err := tx.write(query, args...); err != nil {
		return 0, err
	}
	made := tx.Touched.since(table, before)
	if len(made) == 0 {
		return 0, nil
	}
	return made[0], nil
}

// insertMany is INSERT with many rows of a table, whose hashes are noted as they are
// written: they are not read again. It tells the numbers of those that were added,
// in their order; none where one of them was there and has changed. Where nothing is said
// about conflicts none of them can be there.
func (tx *Tx) insertMany(table string, of header, values *rows, onConflict string) ([]int64, error) {
	if values.n == Together {
		if err := tx.engine.Filling(table); err != nil {
			return nil, err
		}
	}
	if err := tx.flush(table); err != nil {
		return nil, err
	}
	before := tx.Touched.state(table)
	values.args = Cleaned(values.args)
	if err := tx.putIn(table, of, values, onConflict); err != nil {
		return nil, err
	}
	made := slices.Clone(tx.Touched.since(table, before))
	if len(made) != values.n {
		return made, nil
	}
	columns, err := tx.columnsOf(table)
	if err != nil {
		return nil, err
	}
	names := of.names()
	at := make([]int, len(columns)) // of each column among the names
	id := -1
	for i, c := range columns {
		at[i] = slices.Index(names, c.Name)
		if c.Name == "id" {
			id = i
		}
	}
	row, buf := make([]any, len(columns)), []byte(nil)
	tx.Touched.knows(table, made, func(i int) (h rowHash) {
		given := values.args[i*len(names) : (i+1)*len(names)]
		for j, c := range columns {
			row[j] = c.Unset
			if at[j] >= 0 {
				row[j] = Stored(given[at[j]])
			}
		}
		if id >= 0 {
			row[id] = made[i]
		}
		h, buf = hashOf(buf, columns, row)
		return h
	})
	return made, nil
}

// putIn is the statement, or what is shorter where many cannot be there.
func (tx *Tx) putIn(table string, of header, values *rows, onConflict string) error {
	if onConflict == "" && values.n == Together {
		return tx.explain(tx.engine.Load(table, of.names(), values.args))
	}
	query, args := tx.inserted(table, of, values)
	_, err := tx.write(query+onConflict, args...)
	return err
}

// Stored is a value as it stands in the ledger.
func Stored(v any) any {
	switch v := v.(type) {
	case bool:
		if v {
			return int64(1)
		}
		return int64(0)
	case int:
		return int64(v)
	case ledger.State:
		return string(v)
	}
	return v
}

// Cleaned are values as they stand in a ledger.
func Cleaned(args []any) []any {
	for i, a := range args {
		s, ok := a.(string)
		if !ok || utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 {
			continue
		}
		out := slices.Clone(args)
		for ; i < len(out); i++ {
			if s, ok := out[i].(string); ok {
				out[i] = ledger.Clean(s)
			}
		}
		return out
	}
	return args
}

// columnsOf are those of a table.
func (tx *Tx) columnsOf(table string) ([]Column, error) {
	if known, ok := tx.columns[table]; ok {
		return known, nil
	}
	columns, err := tx.Dialect.Columns(tx.ctx, tx.engine, table)
	if err == nil {
		if tx.columns == nil {
			tx.columns = map[string][]Column{}
		}
		tx.columns[table] = columns
	}
	return columns, err
}
