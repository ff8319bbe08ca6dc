package tables

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"duban/ledger"
)

const attachmentColumns = `a.id, a.occurrence, a.name, a.type, a.size, a.sha256, a.came_with, a.sent_by, a.sent_at, a.removed_at, a.removed_by, a.reason`

func (q Questions) attachments(ctx context.Context, tail string, args ...any) ([]*ledger.Attachment, error) {
	var out []*ledger.Attachment
	err := q.each(ctx, `SELECT `+attachmentColumns+` FROM attachment a`+tail, args, func(scan func(...any) error) error {
		a := &ledger.Attachment{}
		out = append(out, a)
		return scan(&a.ID, &a.Occurrence, &a.Name, &a.Type, &a.Size, &a.SHA256, &a.With, &a.By, moment{&a.At}, moment{&a.Removed}, &a.RemovedBy, &a.Reason)
	})
	return out, err
}

func (q Questions) Attachments(ctx context.Context, occurrence int64) ([]*ledger.Attachment, error) {
	return q.attachments(ctx, ` WHERE a.occurrence = ? ORDER BY a.id`, occurrence)
}

func (q Questions) Attachment(ctx context.Context, id int64) (*ledger.Attachment, error) {
	found, err := q.attachments(ctx, ` WHERE a.id = ?`, id)
	if err == nil && len(found) == 0 {
		err = fmt.Errorf("file %d: %w", id, ledger.ErrNotFound)
	}
	if err != nil {
		return nil, err
	}
	return found[0], nil
}

func (q Questions) AttachmentsUnder(ctx context.Context, plan, period string, f func(*ledger.Occurrence, *ledger.Attachment) error) error {
	w := &filter{}
	w.equal("o.plan", plan)
	w.equal("o.period", period)
	w.add("a.removed_at IS NULL")
	found, err := q.attachments(ctx, ` JOIN `+ever+` o ON o.id = a.occurrence`+w.String()+` ORDER BY o.obligation, o.unit, o.period, a.id`, w.args...)
	if err != nil {
		return err
	}
	for _, a := range found {
		o, err := q.Occurrence(ctx, a.Occurrence)
		if err != nil {
			return err
		}
		if err := f(o, a); err != nil {
			return err
		}
	}
	return nil
}

func (q Questions) AttachedBytes(ctx context.Context) (n int64, err error) {
	err = q.DB.Row(ctx, `SELECT COALESCE(SUM(size), 0) FROM attachment WHERE removed_at IS NULL`).Scan(&n)
	return n, q.explain(err)
}

func (q Questions) Piece(ctx context.Context, attachment int64, n int) ([]byte, error) {
	var piece []byte
	err := q.DB.Row(ctx, `SELECT bytes FROM attachment_piece WHERE attachment = ? AND number = ?`, attachment, n).Scan(&piece)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return piece, q.explain(err)
}

func (tx *Tx) AddAttachment(a *ledger.Attachment, o *ledger.Occurrence, content io.Reader, e ledger.Entry) (err error) {
	a.Occurrence = o.ID
	a.ID, err = tx.insert("attachment", `INSERT INTO attachment (occurrence, name, type, size, sha256, came_with, sent_by, sent_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		a.Occurrence, a.Name, a.Type, a.Size, a.SHA256, a.With, a.By, timeText(a.At))
	if err != nil {
		return err
	}
	hash, size := sha256.New(), int64(0)
	buf := make([]byte, ledger.PieceSize)
	for number := 0; ; number++ {
		n, err := io.ReadFull(content, buf)
		if n > 0 {
			hash.Write(buf[:n])
			size += int64(n)
			if _, err := tx.exec(`INSERT INTO attachment_piece (attachment, number, bytes) VALUES (?, ?, ?)`, a.ID, number, buf[:n]); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			break
		}
		if err != nil {
			return err
		}
	}
	if size != a.Size || hex.EncodeToString(hash.Sum(nil)) != a.SHA256 {
		return fmt.Errorf("the file %s changed while it was taken over", a.Name)
	}
	e.Action = "file attached"
	return tx.noteAttachment(a, o, e)
}

func (tx *Tx) noteAttachment(a *ledger.Attachment, o *ledger.Occurrence, e ledger.Entry) error {
	e.Subject = ledger.Subject{Kind: ledger.AboutAttachment, Ref: o.FullKey()}
	e.After = jsonText(map[string]any{"id": a.ID, "name": a.Name, "size": a.Size, "sha256": a.SHA256})
	return tx.Journal(e)
}

func (tx *Tx) RemoveAttachment(a *ledger.Attachment, o *ledger.Occurrence, e ledger.Entry) error {
	_, err := tx.exec(`UPDATE attachment SET removed_at = ?, removed_by = ?, reason = ? WHERE id = ?`, timeText(a.Removed), a.RemovedBy, a.Reason, a.ID)
	if err != nil {
		return err
	}
	if _, err := tx.exec(`DELETE FROM attachment_piece WHERE attachment = ?`, a.ID); err != nil {
		return err
	}
	e.Action, e.Reason = "file removed", a.Reason
	return tx.noteAttachment(a, o, e)
}

func (tx *Tx) MoveAttachments(from, to int64) error {
	_, err := tx.exec(`UPDATE attachment SET occurrence = ? WHERE occurrence = ?`, to, from)
	return err
}
