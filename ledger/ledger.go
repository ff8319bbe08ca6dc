// Package ledger keeps what was owed, told and done: occurrences, events, the
// outbox and the journal.
//
// What it promises: a change and its journal entry are one transaction; nothing
// is deleted; a transaction that returned without an error is on disk. The
// ledger stores; it decides nothing and sends nothing.
//
// The types are here; the engine that keeps them is in ledger/sqlite.
package ledger
