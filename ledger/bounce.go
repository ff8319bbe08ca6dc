package ledger

// FailingAddress is one whose mail came back.
type FailingAddress struct {
	Address string
	Unit    string
	Bounces int
	Error   string // of the last bounce
	Told    bool   // the administrators know
}
