package ledger

import (
	"fmt"
	"strconv"
	"strings"
)

// Checks are what Verify is asked for beyond the chain and the rows.
type Checks struct {
	// Expect is SEQ:HASH of an entry that was the last once; empty: none is known.
	Expect string
	// Since is such an entry whose proof is believed: only what came after it is
	// proved. Empty: everything is.
	Since string
	// Derived tells what is wrong with what an occurrence's dates follow from;
	// nil: that is not asked.
	Derived func(q Reader, o *Occurrence) (problem string, err error)
}

// Verdict is what Verify found.
type Verdict struct {
	Entries     int
	Occurrences int
	Rows        int    // whose content is proved
	Head        string // SEQ:HASH of the last entry; empty: there is none
	Problems    []string
	NotProved   []string // what an older version kept no hashes of, and the like
}

// entry is SEQ:HASH as people write it.
func ParseHead(s string) (seq int64, hash string, err error) {
	n, hash, ok := strings.Cut(s, ":")
	if seq, err = strconv.ParseInt(n, 10, 64); err != nil || !ok || seq < 1 || hash == "" {
		return 0, "", fmt.Errorf("%q is no end of a journal: write SEQ:HASH, as verify prints it", s)
	}
	return seq, hash, nil
}

// CheckHead tells whether a text is SEQ:HASH.
func CheckHead(s string) error {
	_, _, err := ParseHead(s)
	return err
}
