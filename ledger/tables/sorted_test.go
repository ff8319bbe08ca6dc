package tables

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// However few records fit into memory, they come back in the order of their keys, and of
// each key the last one.
func TestWhatIsSortedInFilesIsSorted(t *testing.T) {
	was := inMemory
	defer func() { inMemory = was }()
	rapid.Check(t, func(t *rapid.T) {
		inMemory = rapid.IntRange(1, 40).Draw(t, "in memory")
		keys := rapid.SliceOfN(rapid.IntRange(0, 30), 0, 120).Draw(t, "keys")
		want := map[int64]int64{} // by row the last that was said
		var s sorted
		defer s.close()
		for i, k := range keys {
			want[int64(k)] = int64(i)
			if err := s.add(record{rowKey(k%3, int64(k)), int64(i), rowHash{byte(i)}}); err != nil {
				t.Fatal(err)
			}
		}
		for range 2 { // it may be asked again
			var rows [][2]int64
			n := 0
			for r, err := range s.all() {
				if err != nil {
					t.Fatal(err)
				}
				table, row := r.row()
				if r.at != want[row] || r.hash != (rowHash{byte(r.at)}) {
					t.Fatalf("of %d the last is %d, not %v", row, want[row], r)
				}
				rows = append(rows, [2]int64{int64(table), row})
				n++
			}
			if n != len(want) || !slices.IsSortedFunc(rows, func(a, b [2]int64) int { return slices.Compare(a[:], b[:]) }) {
				t.Fatalf("%v of %d", rows, len(want))
			}
		}
	})
}
