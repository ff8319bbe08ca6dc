package ledger

import "time"

// FailingAddress is one whose mail came back.
type FailingAddress struct {
	Address string
	Unit    string
	Bounces int
	Error   string // of the last bounce
	Told    bool   // the administrators know
}

// AddressWriter keeps which addresses fail.
type AddressWriter interface {
	// Bounced writes that a notice came back from one of its addresses. The same
	// report twice counts once.
	Bounced(n *Notice, address, reason string, e Entry) (FailingAddress, error)

	// ToldOfAddress says that the administrators know of a failing address.
	ToldOfAddress(address string) error

	// AddressWorks forgets the bounces of an address: a person has put it right.
	AddressWorks(address string, now time.Time) error
}
