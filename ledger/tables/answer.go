package tables

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"duban/ledger"
)

func (q Questions) Answer(ctx context.Context, token, key string, since time.Time) (*ledger.Answer, error) {
	a := &ledger.Answer{Token: token, Key: key}
	err := q.DB.Row(ctx, `SELECT asked, status, body, given_at FROM answer WHERE token = ? AND key = ? AND given_at >= ?`, token, key, timeText(since)).
		Scan(&a.Asked, &a.Status, &a.Body, moment{&a.At})
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("an answer under %q: %w", key, ledger.ErrNotFound)
	}
	return a, q.explain(err)
}

func (tx *Tx) KeepAnswer(a *ledger.Answer, before time.Time, most int) error {
	if _, err := tx.exec(`DELETE FROM answer WHERE given_at < ?`, timeText(before)); err != nil {
		return err
	}
	res, err := tx.exec(`INSERT INTO answer (token, key, asked, status, body, given_at) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (token, key) DO NOTHING`,
		a.Token, a.Key, a.Asked, a.Status, a.Body, timeText(a.At))
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, ledger.ErrMoved)
	}
	_, err = tx.exec(`DELETE FROM answer WHERE token = ? AND id <= (SELECT id FROM answer WHERE token = ? ORDER BY id DESC LIMIT 1 OFFSET ?)`, a.Token, a.Token, most)
	return err
}
