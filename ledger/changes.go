package ledger

// Mark is a moment of the ledger, by which to tell whether anything but the
// outbox has changed since.
type Mark struct {
	Seq  int64 // of the journal
	Here int64 // changes of this process
}
