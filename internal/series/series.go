// Package series says on how many series a costly property is tried.
package series

import (
	"flag"
	"strconv"
	"testing"
)

// Of is so many for the test, unless the command line says how many (-rapid.checks): a
// third of them where the race detector makes each some ten times as long, and with -short
// a fifth, as rapid has it.
func Of(t *testing.T, n int) {
	t.Helper()
	f := flag.Lookup("rapid.checks")
	if f.Value.String() != f.DefValue {
		return
	}
	if raced {
		n = (n + 2) / 3
	}
	if err := f.Value.Set(strconv.Itoa(n)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Value.Set(f.DefValue) }) // it was that before
}
