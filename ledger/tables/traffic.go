package tables

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"duban/ledger"
)

func (q Questions) Breaker(ctx context.Context, channel string) (b ledger.Breaker, err error) {
	err = q.DB.Row(ctx, `SELECT trips, until FROM traffic WHERE channel = ?`, channel).Scan(&b.Trips, moment{&b.Until})
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return b, q.explain(err)
}

func (tx *Tx) SetBreaker(channel string, b ledger.Breaker) error {
	_, err := tx.exec(`INSERT INTO traffic (channel, trips, until) VALUES (?, ?, ?)
		ON CONFLICT (channel) DO UPDATE SET trips = excluded.trips, until = excluded.until`, channel, b.Trips, timeText(b.Until))
	return err
}

// farTurn is how far ahead no turn is that was handed out by a clock that was right.
const farTurn = time.Hour

func (tx *Tx) TakeTurn(channel string, now time.Time, every time.Duration) (time.Time, error) {
	_, err := tx.exec(`INSERT INTO traffic (channel, turn) VALUES (?, ?)
		ON CONFLICT (channel) DO UPDATE SET turn = CASE WHEN traffic.turn + ? > excluded.turn AND traffic.turn < excluded.turn + ? THEN traffic.turn + ? ELSE excluded.turn END`,
		channel, now.UnixMilli(), every.Milliseconds(), farTurn.Milliseconds(), every.Milliseconds())
	if err != nil {
		return time.Time{}, err
	}
	var at int64
	err = tx.DB.Row(tx.ctx, `SELECT turn FROM traffic WHERE channel = ?`, channel).Scan(&at)
	return time.UnixMilli(at), tx.explain(err)
}
