package tables

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"duban/ledger"
)

func (q Questions) Tokens(ctx context.Context) ([]*ledger.Token, error) {
	var out []*ledger.Token
	err := q.each(ctx, `SELECT name, role, hash, created_at FROM token WHERE removed_at IS NULL ORDER BY name`, nil, func(scan func(...any) error) error {
		t := &ledger.Token{}
		out = append(out, t)
		return scan(&t.Name, &t.Role, &t.Hash, moment{&t.Created})
	})
	return out, err
}

func (q Questions) Token(ctx context.Context, hash string) (*ledger.Token, error) {
	t := &ledger.Token{}
	err := q.DB.Row(ctx, `SELECT name, role, hash, created_at FROM token WHERE hash = ? AND removed_at IS NULL`, hash).
		Scan(&t.Name, &t.Role, &t.Hash, moment{&t.Created})
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("this token: %w", ledger.ErrNotFound)
	}
	return t, q.explain(err)
}

func (tx *Tx) AddToken(t *ledger.Token, e ledger.Entry) error {
	_, err := tx.exec(`INSERT INTO token (name, role, hash, created_at) VALUES (?, ?, ?, ?)`, t.Name, t.Role, t.Hash, timeText(t.Created))
	if err != nil {
		return err
	}
	e.Action, e.Subject, e.After = "token added", ledger.Subject{Kind: ledger.AboutToken, Ref: t.Name}, jsonText(map[string]ledger.Role{"role": t.Role})
	return tx.Journal(e)
}

func (tx *Tx) RemoveToken(name string, e ledger.Entry) error {
	if _, err := tx.exec(`UPDATE token SET removed_at = ? WHERE name = ? AND removed_at IS NULL`, timeText(e.At), name); err != nil {
		return err
	}
	e.Action, e.Subject = "token removed", ledger.Subject{Kind: ledger.AboutToken, Ref: name}
	return tx.Journal(e)
}
