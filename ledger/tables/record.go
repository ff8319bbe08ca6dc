package tables

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"slices"
	"strings"

	"duban/ledger"
)

// schemaMoved is the action of the entry that a change of the schema leaves.
const schemaMoved = "schema moved"

// FactRecorded is the schema whose rows the journal tells of: one that was
// interrupted between the change and that is taken up again.
const FactRecorded = "schema recorded"

// TellsOfRows tells whether the journal tells of rows yet.
func (q Questions) TellsOfRows(ctx context.Context) (bool, error) {
	columns, err := q.Dialect.Columns(ctx, q.DB, "journal")
	return slices.ContainsFunc(columns, func(c Column) bool { return c.Name == "rows" }), err
}

// SchemaMoved tells the journal, after the schema became another, of every row that
// does not stand as it says, with a digest of each table. What was wrong before stays
// named there: a change of the schema proves nothing right.
func (tx *Tx) SchemaMoved(from, to int64, problems []string) error {
	p := NewProof(Questions{tx.engine, tx.Dialect}, false)
	defer p.close()
	if err := p.eachEntry(tx.ctx, 0, p.gather); err != nil {
		return err
	}
	said, end, err := p.said()
	if err != nil {
		return err
	}
	defer end()
	tables, err := p.covered(tx.ctx)
	if err != nil {
		return err
	}
	type digested struct {
		Rows   int    `json:"rows"`
		Digest string `json:"digest"`
	}
	digests := map[string]digested{}
	inOrder := slices.Clone(p.told) // as what is said of them comes
	for _, table := range tables {
		if !slices.Contains(inOrder, table) {
			inOrder = append(inOrder, table)
		}
	}
	for i, table := range inOrder {
		if !slices.Contains(tables, table) {
			if _, _, err := said.each(i, math.MaxInt64, func(int64, rowHash) error { return nil }); err != nil {
				return err
			}
			continue
		}
		sum, n := sha256.New(), 0
		wentAway := func(row int64, h rowHash) error {
			if h != gone {
				tx.Touched.Add(table, row, false)
			}
			return nil
		}
		err := p.eachRow(tx.ctx, table, nil, func(row int64, h rowHash, _ []any) error {
			n++
			fmt.Fprintf(sum, "%d %x\n", row, h)
			was, known, err := said.each(i, row, wentAway)
			if !known || was != h {
				tx.Touched.Add(table, row, false)
			}
			return err
		})
		if err != nil {
			return err
		}
		if _, _, err := said.each(i, math.MaxInt64, wentAway); err != nil {
			return err
		}
		digests[table] = digested{n, hex.EncodeToString(sum.Sum(nil))}
	}
	if err := tx.readLast(); err != nil {
		return err
	}
	reason := fmt.Sprintf("the schema became %d; what schema %d kept no hashes of is taken as it was found", to, from)
	if len(problems) > 0 {
		reason = fmt.Sprintf("the schema became %d; this was wrong before, and is now taken as it was found: %s", to, strings.Join(problems, "; "))
	}
	if err := tx.SetFact(FactRecorded, fmt.Sprint(to)); err != nil {
		return err
	}
	return tx.Journal(ledger.Entry{At: tx.last.At, Actor: "duban", Action: schemaMoved, Subject: ledger.Subject{Kind: ledger.AboutLedger}, Reason: reason, After: jsonText(digests)})
}
