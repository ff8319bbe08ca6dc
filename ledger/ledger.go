// Package ledger keeps what was owed, told and done: occurrences, events, the
// outbox and the journal.
//
// What it promises: a change and its journal entry are one transaction; nothing
// is deleted; a transaction that returned without an error is on disk. The
// ledger stores; it decides nothing and sends nothing.
//
// A Store answers questions (Reader) and changes in transactions (Tx); both are
// made of one small interface a kind of thing, which stands in that thing's file:
//
//	occurrence, duty, plan   what is owed, by which rules
//	ended                    how much has ended
//	event, request           what starts clocks, and what units ask
//	attachment               files that come with what they say
//	outbox, address, failure notices, and what did not reach people
//	held                     what is kept back until a person lets it go
//	journal, subject         who changed what; each entry proves the one before
//	fact, lease, traffic     what daemons remember, whose a task is, and how channels are
//	webhook                  how far programs have been told what happens
//	rulefile                 the rules' files, where they lie on no disk
//	account, session         who may use the page
//	token, answer            which programs are let in, and what they were answered
//
// What lists may hold is in page; what Verify proves in verify; what only a ledger
// in a file can do in file, and one that several daemons share in shared.
// ledger/tables is all this in plain SQL, ledger/sqlite an engine beneath it;
// ledgertest is what any engine must pass.
package ledger

import "context"

// Store is a ledger that is open. Its methods may be called from many
// goroutines. What is asked of the Store itself is answered one question at a
// time; View answers several as of one moment.
type Store interface {
	Reader

	// View runs f, all of whose questions are answered as of one moment.
	View(ctx context.Context, f func(Reader) error) error

	// Update runs f in one write transaction: all that it does happens, or nothing.
	// Once begun it is not interrupted: transactions are short. An engine that others
	// share may run f again where they were in its way, so f keeps nothing of a run
	// before.
	Update(ctx context.Context, f func(Tx) error) error

	// Rehearse runs f as Update does and then takes everything back.
	Rehearse(ctx context.Context, f func(Tx) error) error

	// Present is an error where what is written now would be lost or not be found.
	Present() error

	Watcher
	Verifier

	Close() error
}

// Reader is what may be asked of a ledger.
type Reader interface {
	OccurrenceReader
	EndedReader
	ReminderReader
	DutyReader
	PlanReader
	EventReader
	RequestReader
	AttachmentReader
	WithheldReader
	NoticeReader
	OutboxReader
	FailureReader
	JournalReader
	FactReader
	LeaseReader
	TrafficReader
	WebhookReader
	RuleFileReader
	AccountReader
	TokenReader
	AnswerReader
	SessionReader
}

// Tx is a write transaction: what it is asked, it answers with what it has
// written itself.
type Tx interface {
	Reader

	OccurrenceWriter
	DutyWriter
	PlanWriter
	EventWriter
	RequestWriter
	AttachmentWriter
	WithheldWriter
	OutboxWriter
	FailureWriter
	AddressWriter
	JournalWriter
	FactWriter
	LeaseWriter
	TrafficWriter
	WebhookWriter
	RuleFileWriter
	AccountWriter
	TokenWriter
	AnswerWriter
	SessionWriter

	// Context is the one the transaction was begun with.
	Context() context.Context
}

// AsOfOneMoment lets f ask about what it is being told: of a Store as of one moment. Asked one
// by one, questions have a connection each, and where all of them wait for a second
// nobody gets one.
func AsOfOneMoment(ctx context.Context, r Reader, f func(Reader) error) error {
	if s, ok := r.(Store); ok {
		return s.View(ctx, f)
	}
	return f(r)
}

// Mark is a moment of the ledger, by which to tell whether anything but the
// outbox has changed since.
type Mark struct {
	Seq  int64 // of the journal
	Here int64 // changes of this process
}

// Watcher tells whether a ledger has changed.
type Watcher interface {
	// Mark is that of now.
	Mark(ctx context.Context) (Mark, error)

	// ChangedHere tells whether this process has changed anything but the outbox
	// since. It costs nothing.
	ChangedHere(m Mark) bool

	// Changed tells whether anybody has.
	Changed(ctx context.Context, m Mark) (bool, error)
}

// Verifier proves a ledger.
type Verifier interface {
	// Verify proves that nothing was changed behind the journal's back: every entry
	// follows from the one before, every row that the journal covers stands as the
	// journal says, and nothing else stands there. It cannot prove that the whole
	// ledger is not another one: for that Checks.Expect is.
	Verify(ctx context.Context, checks ...Checks) (Verdict, error)
}
