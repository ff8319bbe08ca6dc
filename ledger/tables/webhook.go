package tables

import (
	"context"
	"database/sql"
	"errors"

	"duban/ledger"
)

func (q Questions) Webhook(ctx context.Context, name string) (w ledger.Webhook, known bool, err error) {
	w.Name = name
	err = q.DB.Row(ctx, `SELECT seq, since, tries, next_try, paused, reason FROM webhook WHERE name = ?`, name).
		Scan(&w.Seq, moment{&w.Since}, &w.Tries, moment{&w.NextTry}, moment{&w.Paused}, &w.Reason)
	if errors.Is(err, sql.ErrNoRows) {
		return w, false, nil
	}
	return w, err == nil, q.explain(err)
}

func (q Questions) WebhookTries(ctx context.Context, name string, most int) ([]ledger.WebhookTry, error) {
	var out []ledger.WebhookTry
	err := q.each(ctx, `SELECT number, at, entry, what, about, outcome, detail FROM webhook_try WHERE webhook = ? ORDER BY number DESC LIMIT ?`, []any{name, most}, func(scan func(...any) error) error {
		var t ledger.WebhookTry
		err := scan(&t.Number, moment{&t.At}, &t.Entry, &t.What, &t.About, &t.Outcome, &t.Detail)
		out = append(out, t)
		return err
	})
	return out, err
}

func (q Questions) FirstNotice(ctx context.Context, occurrence int64, kind string) (id int64, err error) {
	err = q.DB.Row(ctx, `SELECT MIN(i.notice) FROM notice_item i JOIN notice n ON n.id = i.notice
		WHERE i.occurrence = ? AND i.kind = ? AND n.state <> 'dropped'`, occurrence, kind).Scan(number{&id})
	return id, q.explain(err)
}

func (q Questions) MadeBefore(ctx context.Context, plan string, e ledger.Entry) (n int, err error) {
	err = q.DB.Row(ctx, `SELECT COUNT(*) FROM journal WHERE kind = ? AND ref >= ? AND ref < ? AND action = 'made' AND at = ? AND seq < ?`,
		ledger.AboutOccurrence, plan+":", plan+";", timeText(e.At), e.Seq).Scan(&n)
	return n, q.explain(err)
}

func (tx *Tx) SaveWebhook(w ledger.Webhook) error {
	_, err := tx.exec(`INSERT INTO webhook (name, seq, since, tries, next_try, paused, reason) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (name) DO UPDATE SET seq = excluded.seq, since = excluded.since, tries = excluded.tries, next_try = excluded.next_try, paused = excluded.paused, reason = excluded.reason`,
		w.Name, w.Seq, timeText(w.Since), w.Tries, timeText(w.NextTry), timeText(w.Paused), w.Reason)
	return err
}

func (tx *Tx) AddWebhookTry(name string, t ledger.WebhookTry) error {
	last, err := tx.WebhookTries(tx.ctx, name, 1)
	if err != nil {
		return err
	}
	t.Number = 1
	if len(last) > 0 {
		t.Number = last[0].Number + 1
	}
	if _, err := tx.exec(`INSERT INTO webhook_try (webhook, number, at, entry, what, about, outcome, detail) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		name, t.Number, timeText(t.At), t.Entry, t.What, t.About, t.Outcome, t.Detail); err != nil {
		return err
	}
	_, err = tx.exec(`DELETE FROM webhook_try WHERE webhook = ? AND number <= ?`, name, t.Number-ledger.MostTries)
	return err
}
