package ledger_test

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"duban/ledger"
	"duban/rules/calendar"
)

// shelf is a ledger's list of occurrences, in order; of damaged ones it keeps the text of
// their due date, as tables do.
type shelf struct {
	ledger.OccurrenceReader
	all  []*ledger.Occurrence
	text map[*ledger.Occurrence]string
}

func (s *shelf) order(a, b *ledger.Occurrence) int {
	text := func(o *ledger.Occurrence) string {
		if t, ok := s.text[o]; ok {
			return t
		}
		return o.Due.String()
	}
	return cmp.Or(cmp.Compare(text(a), text(b)), cmp.Compare(a.Period, b.Period))
}

func (s *shelf) EachOccurrence(_ context.Context, q ledger.Query, f func(*ledger.Occurrence) error) error {
	n := 0
	for _, o := range s.all {
		if q.After != nil {
			after := *q.After // of which no more is known than what was read
			if s.order(o, &after) <= 0 {
				continue
			}
		}
		if n++; q.Limit > 0 && n > q.Limit {
			return nil
		}
		if err := f(o); err != nil {
			return err
		}
	}
	return nil
}

func (s *shelf) Occurrences(ctx context.Context, q ledger.Query) ([]*ledger.Occurrence, error) {
	return ledger.AllOccurrences(ctx, s, q)
}

// A list that is read in turns is the list, also where damaged rows stand at the end of a page.
func TestAListInTurnsIsTheList(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := &shelf{text: map[*ledger.Occurrence]string{}}
		n := rapid.SampledFrom([]int{0, 3, ledger.InTurn - 1, ledger.InTurn, ledger.InTurn + 1, 2*ledger.InTurn + 7}).Draw(t, "rows")
		first := rapid.IntRange(0, n).Draw(t, "the first that is damaged")
		damaged := rapid.SampledFrom([]int{0, 1, 40, ledger.InTurn + 2}).Draw(t, "damaged")
		for i := range n {
			o := &ledger.Occurrence{Due: calendar.Date(15000 + i/3), Period: fmt.Sprintf("%08d", i)}
			s.all = append(s.all, o)
			if i >= first && i < first+damaged {
				s.text[o] = o.Due.String() + "?"
				o.Due = 0
			}
		}
		slices.SortFunc(s.all, s.order)
		i := 0
		err := ledger.OccurrencesInTurn(t.Context(), s, ledger.Query{}, func(o *ledger.Occurrence) error {
			if i >= n || o != s.all[i] {
				t.Fatalf("%d of %d is another", i, n)
			}
			i++
			return nil
		})
		if err != nil || i != n {
			t.Fatalf("%d of %d, %v", i, n, err)
		}
	})
}
