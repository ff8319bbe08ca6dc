package tables

import (
	"context"
	"fmt"
	"time"

	"duban/ledger"
)

func (q Questions) ruleFiles(ctx context.Context, tail string, args ...any) ([]*ledger.RuleFile, error) {
	var out []*ledger.RuleFile
	err := q.each(ctx, `SELECT path, text, version, changed, by_whom FROM rule_file WHERE gone = 0`+tail, args, func(scan func(...any) error) error {
		f, text := &ledger.RuleFile{}, ""
		err := scan(&f.Path, &text, &f.Version, moment{&f.Changed}, &f.By)
		f.Text = []byte(text)
		out = append(out, f)
		return err
	})
	return out, err
}

func (q Questions) RuleFiles(ctx context.Context) ([]*ledger.RuleFile, error) {
	return q.ruleFiles(ctx, ` ORDER BY path`)
}

func (q Questions) RuleFile(ctx context.Context, path string) (*ledger.RuleFile, error) {
	found, err := q.ruleFiles(ctx, ` AND path = ?`, path)
	if err == nil && len(found) == 0 {
		err = fmt.Errorf("no file %s in the ledger: %w", path, ledger.ErrNotFound)
	}
	if err != nil {
		return nil, err
	}
	return found[0], nil
}

func (q Questions) RuleFilesVersion(ctx context.Context) (v int64, err error) {
	err = q.DB.Row(ctx, `SELECT COALESCE(MAX(version), 0) FROM rule_file`).Scan(&v)
	return v, q.explain(err)
}

func (tx *Tx) SaveRuleFile(f *ledger.RuleFile) error {
	next, err := tx.RuleFilesVersion(tx.ctx)
	if err != nil {
		return err
	}
	next++
	query, args := `UPDATE rule_file SET text = ?, version = ?, changed = ?, by_whom = ? WHERE path = ? AND version = ? AND gone = 0`,
		[]any{string(f.Text), next, timeText(f.Changed), f.By, f.Path, f.Version}
	if f.Version == 0 {
		query = `INSERT INTO rule_file (path, text, version, changed, by_whom) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (path) DO UPDATE SET text = excluded.text, version = excluded.version, changed = excluded.changed, by_whom = excluded.by_whom, gone = 0 WHERE rule_file.gone = 1`
		args = []any{f.Path, string(f.Text), next, timeText(f.Changed), f.By}
	}
	if err := tx.one(f.Path, query, args...); err != nil {
		return err
	}
	f.Version = next
	return nil
}

func (tx *Tx) RemoveRuleFile(path string, version int64, by string, now time.Time) error {
	next, err := tx.RuleFilesVersion(tx.ctx)
	if err != nil {
		return err
	}
	return tx.one(path, `UPDATE rule_file SET text = '', version = ?, changed = ?, by_whom = ?, gone = 1 WHERE path = ? AND version = ? AND gone = 0`,
		next+1, timeText(now), by, path, version)
}

// one writes the row of a file, or tells that it is another by now.
func (tx *Tx) one(path, query string, args ...any) error {
	r, err := tx.exec(query, args...)
	if err != nil {
		return err
	}
	if n, err := r.RowsAffected(); err != nil || n == 1 {
		return err
	}
	return fmt.Errorf("%s: %w", path, ledger.ErrMoved)
}
