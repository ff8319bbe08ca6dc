package province

import (
	"testing"

	"duban/ledger"
)

// TestAProvinceProvesRight: what a benchmark measures on is a ledger, which verify knows
// (making it, ledger copy has verified it), of the size that was asked for.
func TestAProvinceProvesRight(t *testing.T) {
	for _, engine := range Engines {
		t.Run(engine, func(t *testing.T) {
			p := Open(t, engine, 2000)
			n, err := p.Store.CountOccurrences(t.Context(), ledger.Query{})
			if err != nil || n < 2000 || n > 2400 {
				t.Errorf("%d occurrences, %v", n, err)
			}
			v, err := p.Store.Verify(t.Context())
			if err != nil || len(v.Problems) > 0 || v.Occurrences != n {
				t.Errorf("%+v, %v", v, err)
			}
			if some := p.Some(t, 100); len(some) != 100 {
				t.Error(some)
			}
		})
	}
}
