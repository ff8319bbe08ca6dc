package tables

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"duban/ledger"
)

func (q Questions) Accounts(ctx context.Context) ([]*ledger.Account, error) {
	var out []*ledger.Account
	err := q.each(ctx, `SELECT name, role, password, created_at FROM account WHERE removed_at IS NULL ORDER BY name`, nil, func(scan func(...any) error) error {
		a := &ledger.Account{}
		out = append(out, a)
		return scan(&a.Name, &a.Role, &a.Password, moment{&a.Created})
	})
	return out, err
}

func (q Questions) Account(ctx context.Context, name string) (*ledger.Account, error) {
	a := &ledger.Account{}
	err := q.DB.Row(ctx, `SELECT name, role, password, created_at FROM account WHERE name = ? AND removed_at IS NULL`, name).
		Scan(&a.Name, &a.Role, &a.Password, moment{&a.Created})
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("account %q: %w", name, ledger.ErrNotFound)
	}
	return a, q.explain(err)
}

func (tx *Tx) SaveAccount(a *ledger.Account, e ledger.Entry) error {
	_, err := tx.exec(`INSERT INTO account (name, role, password, created_at) VALUES (?, ?, ?, ?)
		ON CONFLICT (name) DO UPDATE SET role = excluded.role, password = excluded.password, removed_at = NULL`, a.Name, a.Role, a.Password, timeText(a.Created))
	if err != nil {
		return err
	}
	e.Subject, e.After = ledger.Subject{Kind: ledger.AboutAccount, Ref: a.Name}, jsonText(map[string]ledger.Role{"role": a.Role})
	return tx.Journal(e)
}

func (tx *Tx) RemoveAccount(name string, e ledger.Entry) error {
	if _, err := tx.exec(`UPDATE account SET removed_at = ? WHERE name = ?`, timeText(e.At), name); err != nil {
		return err
	}
	e.Action, e.Subject = "account removed", ledger.Subject{Kind: ledger.AboutAccount, Ref: name}
	return tx.Journal(e)
}

func (q Questions) Session(ctx context.Context, token string, now time.Time) (data []byte, found bool, err error) {
	err = q.DB.Row(ctx, `SELECT data FROM session WHERE token = ? AND expires_at > ?`, token, timeText(now)).Scan(&data)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, false, nil
	}
	return data, err == nil, q.explain(err)
}

func (tx *Tx) SaveSession(token string, data []byte, expires, now time.Time) error {
	if _, err := tx.exec(`DELETE FROM session WHERE expires_at <= ?`, timeText(now)); err != nil {
		return err
	}
	_, err := tx.exec(`INSERT INTO session (token, data, expires_at) VALUES (?, ?, ?)
		ON CONFLICT (token) DO UPDATE SET data = excluded.data, expires_at = excluded.expires_at`, token, data, timeText(expires))
	return err
}

func (tx *Tx) EndSession(token string) error {
	_, err := tx.exec(`DELETE FROM session WHERE token = ?`, token)
	return err
}
