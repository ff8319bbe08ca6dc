package tables

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"duban/ledger"
	"duban/rules/calendar"
)

const noticeColumns = `n.id, n.kind, n.channel, n.unit, n.day, n.message_id, n.subject, n.text, n.letter, n.language, n.state, n.may_have_arrived, n.attempts, n.created_at, n.next_attempt, n.give_up_at, n.sent_at, n.error`

func (q Questions) notices(ctx context.Context, tail string, args ...any) ([]*ledger.Notice, error) {
	var out []*ledger.Notice
	err := q.each(ctx, selectNotices+tail, args, readNotice(func(n *ledger.Notice) error {
		out = append(out, n)
		return nil
	}))
	return out, err
}

const selectNotices = `SELECT ` + noticeColumns + ` FROM notice n`

// readNotice gives f the notice that each row is.
func readNotice(f func(*ledger.Notice) error) Scan {
	return func(scan func(...any) error) error {
		n := &ledger.Notice{}
		err := scan(&n.ID, &n.Kind, &n.Channel, &n.Unit, day{&n.Day}, &n.MessageID, &n.Subject, &n.Text, &n.Letter, &n.Language, &n.State, &n.MayHave, &n.Attempts,
			moment{&n.Created}, moment{&n.NextTry}, moment{&n.GiveUp}, moment{&n.SentAt}, &n.Error)
		if err != nil {
			return err
		}
		return f(n)
	}
}

func (q Questions) EachNotice(ctx context.Context, query ledger.NoticeQuery, f func(*ledger.Notice) error) error {
	w := &filter{}
	w.equal("n.state", string(query.State))
	if query.After > 0 {
		w.add("n.id > ?", query.After)
	}
	if query.Before > 0 {
		w.add("n.id < ?", query.Before)
	}
	order := ` ORDER BY n.id`
	if query.Newest {
		order += ` DESC`
	}
	tail, args := limited(w.String()+order, w.args, query.Limit)
	return q.eachOfMany(ctx, selectNotices+tail, args, readNotice(f))
}

func (q Questions) Notices(ctx context.Context, query ledger.NoticeQuery) ([]*ledger.Notice, error) {
	var out []*ledger.Notice
	query.Limit = ledger.Most(query.Limit)
	err := q.EachNotice(ctx, query, func(n *ledger.Notice) error {
		out = append(out, n)
		return nil
	})
	return out, err
}

func (q Questions) NoticesAbout(ctx context.Context, occurrence int64) ([]*ledger.Notice, error) {
	return q.notices(ctx, ` WHERE n.id IN (SELECT notice FROM notice_item WHERE occurrence = ?) ORDER BY n.id`, occurrence)
}

func (q Questions) CarriedSince(ctx context.Context, n *ledger.Notice) (map[int64]bool, error) {
	out := map[int64]bool{}
	err := q.each(ctx, `SELECT DISTINCT i.occurrence FROM notice m JOIN notice_item i ON i.notice = m.id
		WHERE m.unit = ? AND m.day >= ? AND m.id > ? AND m.kind = ? AND m.channel = ? AND m.state IN (?, ?, ?) AND i.occurrence IS NOT NULL
		AND NOT EXISTS (SELECT 1 FROM recipient r WHERE r.notice = m.id AND r.state = ?)`,
		[]any{n.Unit, dayText(n.Day), n.ID, n.Kind, n.Channel, ledger.Pending, ledger.Sending, ledger.Sent, ledger.Failed}, func(scan func(...any) error) error {
			var id int64
			err := scan(&id)
			out[id] = true
			return err
		})
	return out, err
}

func (q Questions) Notice(ctx context.Context, id int64) (*ledger.Notice, error) {
	found, err := q.notices(ctx, ` WHERE n.id = ?`, id)
	if err == nil && len(found) == 0 {
		err = fmt.Errorf("no notice %d in the outbox: duban mail list shows them (%w)", id, ledger.ErrNotFound)
	}
	if err != nil {
		return nil, err
	}
	return found[0], q.fill(ctx, found)
}

func (q Questions) DueNotices(ctx context.Context, channel string, now time.Time, limit int) ([]*ledger.Notice, error) {
	found, err := q.notices(ctx, ` WHERE n.state = 'pending' AND n.channel = ? AND n.next_attempt <= ? ORDER BY n.next_attempt, n.id LIMIT ?`, channel, timeText(now), limit)
	if err != nil {
		return nil, err
	}
	return found, q.fill(ctx, found)
}

func (q Questions) Unsent(ctx context.Context, kind ledger.NoticeKind, units ...string) ([]*ledger.Notice, error) {
	var out []*ledger.Notice
	for part := range slices.Chunk(units, Together) {
		w := &filter{}
		w.add("n.state = 'pending'")
		among(w, "n.unit", part)
		w.add("n.kind = ? AND n.may_have_arrived = 0", kind)
		found, err := q.notices(ctx, w.String(), w.args...)
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	slices.SortFunc(out, func(n, m *ledger.Notice) int { return cmp.Compare(n.ID, m.ID) })
	for part := range slices.Chunk(out, Together) {
		if err := q.fill(ctx, part); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (tx *Tx) Unclaim(n *ledger.Notice, nextTry time.Time) error {
	_, err := tx.exec(`UPDATE notice SET state = 'pending', attempts = attempts - 1, next_attempt = ?, owner = '', lease_until = NULL WHERE id = ? AND state = 'sending'`, timeText(nextTry), n.ID)
	return err
}

// numbersOf are those of notices.
func numbersOf(notices []*ledger.Notice) []int64 {
	ids := make([]int64, len(notices))
	for i, n := range notices {
		ids[i] = n.ID
	}
	return ids
}

// fill reads the bodies, items and recipients of these notices.
func (q Questions) fill(ctx context.Context, notices []*ledger.Notice) error {
	if len(notices) == 0 {
		return nil
	}
	byID := make(map[int64]*ledger.Notice, len(notices))
	for _, n := range notices {
		byID[n.ID] = n
	}
	in, ids := q.Dialect.Among(numbersOf(notices))
	err := q.each(ctx, `SELECT notice, raw FROM mail WHERE notice `+in, ids, func(scan func(...any) error) error {
		var id int64
		var body []byte
		err := scan(&id, &body)
		byID[id].Body = body
		return err
	})
	if err != nil {
		return err
	}
	err = q.each(ctx, `SELECT notice, kind, plan, obligation, occurrence, is_new FROM notice_item WHERE notice `+in+` ORDER BY notice, position`, ids, func(scan func(...any) error) error {
		var id int64
		var it ledger.Item
		err := scan(&id, &it.Kind, &it.Plan, &it.Obligation, number{&it.Occurrence}, &it.New)
		byID[id].Items = append(byID[id].Items, it)
		return err
	})
	if err != nil {
		return err
	}
	return q.each(ctx, `SELECT notice, address, copy, state, error FROM recipient WHERE notice `+in+` ORDER BY notice, copy, rowid`, ids, func(scan func(...any) error) error {
		var id int64
		var r ledger.Recipient
		err := scan(&id, &r.Address, &r.Copy, &r.State, &r.Error)
		byID[id].Recipients = append(byID[id].Recipients, r)
		return err
	})
}

func (q Questions) HaveNotice(ctx context.Context, units []string, d calendar.Date, now time.Time, kinds ...ledger.NoticeKind) (map[string]bool, error) {
	out := map[string]bool{}
	for part := range slices.Chunk(units, Together) {
		w := &filter{}
		among(w, "unit", part)
		w.add("day = ? AND created_at <= ? AND state <> 'dropped'", d.String(), timeText(now))
		among(w, "kind", kinds)
		err := q.each(ctx, `SELECT DISTINCT unit FROM notice`+w.String(), w.args, func(scan func(...any) error) error {
			var unit string
			err := scan(&unit)
			out[unit] = true
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// mostReferences bounds a thread that a mail names.
const mostReferences = 20

func (q Questions) PreviousMessages(ctx context.Context, occurrence int64, unit string, before int64) ([]string, error) {
	var out []string
	open := true
	err := q.each(ctx, `SELECT n.message_id, (SELECT COUNT(*) FROM notice_item x WHERE x.notice = n.id) = 1 FROM notice n JOIN notice_item i ON i.notice = n.id
		WHERE i.occurrence = ? AND n.unit = ? AND n.id < ? AND n.channel = 'mail' AND n.state = 'sent' ORDER BY n.id DESC LIMIT ?`, []any{occurrence, unit, before, mostReferences}, func(scan func(...any) error) error {
		var id string
		var alone bool
		if err := scan(&id, &alone); err != nil || !open {
			return err
		}
		out = append(out, id)
		open = alone // one about several referred to none
		return nil
	})
	slices.Reverse(out)
	return out, err
}

func (q Questions) NextTry(ctx context.Context, channel string) (time.Time, error) {
	var t time.Time
	err := q.DB.Row(ctx, `SELECT MIN(next_attempt) FROM notice WHERE state = 'pending' AND channel = ?`, channel).Scan(moment{&t})
	return t, q.explain(err)
}

func (q Questions) WaitingChannels(ctx context.Context) ([]string, error) {
	var out []string
	err := q.each(ctx, `SELECT DISTINCT channel FROM notice WHERE state = 'pending' ORDER BY channel`, nil, func(scan func(...any) error) error {
		var name string
		err := scan(&name)
		out = append(out, name)
		return err
	})
	return out, err
}

func (q Questions) ItemKeys(ctx context.Context, notices []*ledger.Notice) (map[int64][]string, error) {
	return q.textsOf(ctx, notices, `SELECT i.notice, o.obligation || '/' || o.unit || '/' || o.period FROM notice_item i JOIN `+ever+` o ON o.id = i.occurrence
		WHERE i.notice %s ORDER BY i.notice, i.position`)
}

func (q Questions) Addresses(ctx context.Context, notices []*ledger.Notice) (map[int64][]string, error) {
	return q.textsOf(ctx, notices, `SELECT notice, address FROM recipient WHERE notice %s ORDER BY notice, copy, rowid`)
}

// textsOf gathers by notice what a query finds; %s is where their numbers stand.
func (q Questions) textsOf(ctx context.Context, notices []*ledger.Notice, query string) (map[int64][]string, error) {
	out := make(map[int64][]string, len(notices))
	for part := range slices.Chunk(notices, Together) {
		in, ids := q.Dialect.Among(numbersOf(part))
		err := q.each(ctx, fmt.Sprintf(query, in), ids, func(scan func(...any) error) error {
			var id int64
			var text string
			err := scan(&id, &text)
			out[id] = append(out[id], text)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (tx *Tx) Join(n *ledger.Notice, items []ledger.Item, e ledger.Entry) error {
	r, err := tx.exec(`UPDATE notice SET subject = ?, letter = ? WHERE id = ? AND state = 'pending' AND attempts = 0 AND may_have_arrived = 0`, n.Subject, n.Letter, n.ID)
	if err != nil {
		return err
	}
	if moved, err := r.RowsAffected(); err != nil || moved != 1 {
		return errors.Join(err, fmt.Errorf("notice %d: %w", n.ID, ledger.ErrMoved))
	}
	for i, it := range items {
		if err := tx.addItem(n, len(n.Items)+i, it); err != nil {
			return err
		}
	}
	if err := tx.writeItems(); err != nil {
		return err
	}
	n.Items = append(n.Items, items...)
	e.Action, e.Subject, e.After = "notice joined", ledger.NoticeSubject(n.ID), jsonText(map[string]any{"items": len(n.Items)})
	return tx.Journal(e)
}

// readdress writes whom a notice goes to now; whoever got it already stays.
func (tx *Tx) readdress(n *ledger.Notice) error {
	if _, err := tx.exec(`DELETE FROM recipient WHERE notice = ? AND state <> 'sent'`, n.ID); err != nil {
		return err
	}
	return tx.addRecipients(n)
}

func (tx *Tx) Claim(notices []*ledger.Notice, l ledger.Lease) error {
	in, ids := tx.Dialect.Among(numbersOf(notices))
	n, err := tx.change("notice", `UPDATE notice SET state = 'sending', attempts = attempts + 1, owner = ?, lease_until = ? WHERE state || '' = 'pending' AND id `+in,
		append([]any{l.Owner, timeText(l.Until)}, ids...)...)
	if err != nil {
		return err
	}
	if n != len(notices) {
		return fmt.Errorf("%d of %d notices to claim: %w", len(notices)-n, len(notices), ledger.ErrMoved)
	}
	var bodies rows
	size := 0
	for i, n := range notices {
		if n.Readdress {
			if err := tx.readdress(n); err != nil {
				return err
			}
		}
		if n.Resubject {
			if err := tx.queue("notice", `UPDATE notice SET subject = ? WHERE id = ?`, n.Subject, n.ID); err != nil {
				return err
			}
		}
		n.State, n.Attempts = ledger.Sending, n.Attempts+1
		bodies.add(n.ID, n.Body)
		if size += len(n.Body); bodies.n < bodiesTogether && size < muchText && i+1 < len(notices) {
			continue
		}
		query, args := tx.inserted("mail", `notice# raw*`, &bodies)
		if err := tx.queue("mail", query+` ON CONFLICT (notice) DO UPDATE SET raw = excluded.raw`, args...); err != nil {
			return err
		}
		bodies.none()
		size = 0
	}
	return nil
}

// bodiesTogether is how many mails one statement writes.
const bodiesTogether = 16

func (tx *Tx) Settle(all []ledger.Settled, e ledger.Entry) error {
	var well []int64
	var attempts rows
	var entries []ledger.Entry
	for _, s := range all {
		attempts.add(s.ID, s.Attempts, timeText(e.At), s.Outcome, s.Detail)
		if s.Outcome == "sent" {
			well = append(well, s.ID)
		} else if err := tx.settleOne(s, e.At); err != nil {
			return err
		}
		if s.State == ledger.Pending {
			continue // the attempts tell of it; the journal waits for an outcome
		}
		e.Action, e.Subject, e.Reason = "notice "+string(s.State), ledger.NoticeSubject(s.ID), s.Error
		entries = append(entries, e)
	}
	if len(well) > 0 {
		in, ids := tx.Dialect.Among(well)
		if err := tx.queueChange("notice", `UPDATE notice SET state = 'sent', next_attempt = NULL, sent_at = ?, error = '', owner = '', lease_until = NULL WHERE id `+in, append([]any{timeText(e.At)}, ids...)...); err != nil {
			return err
		}
		if err := tx.queueChange("recipient", `UPDATE recipient SET state = 'sent', error = '' WHERE state = 'pending' AND notice `+in, ids...); err != nil {
			return err
		}
	}
	query, args := tx.inserted("attempt", `notice# number# at outcome detail`, &attempts)
	if err := tx.queueChange("attempt", query+` ON CONFLICT (notice, number) DO UPDATE SET at = excluded.at, outcome = excluded.outcome, detail = excluded.detail`, args...); err != nil {
		return err
	}
	return tx.Journal(entries...)
}

func (tx *Tx) settleOne(s ledger.Settled, at time.Time) error {
	_, err := tx.exec(`UPDATE notice SET state = ?, language = ?, may_have_arrived = ?, next_attempt = ?, sent_at = ?, error = ?, owner = '', lease_until = NULL WHERE id = ?`,
		s.State, s.Language, s.MayHave, timeText(s.NextTry), timeText(s.SentAt), s.Error, s.ID)
	if err != nil {
		return err
	}
	for _, r := range s.Refused {
		if err := tx.addFailure(s.ID, r.Address, r.Error, at); err != nil {
			return err
		}
	}
	if s.State == ledger.Failed {
		if err := tx.untell(s.ID); err != nil {
			return err
		}
	}
	for _, r := range s.Recipients {
		if _, err := tx.exec(`UPDATE recipient SET state = ?, error = ? WHERE notice = ? AND address = ?`, r.State, r.Error, s.ID, r.Address); err != nil {
			return err
		}
	}
	return nil
}

func (tx *Tx) MoveNotice(n *ledger.Notice, to ledger.MailState, nextTry, giveUp time.Time, e ledger.Entry) error {
	before := n.State
	_, err := tx.exec(`UPDATE notice SET state = ?, next_attempt = ?, give_up_at = ?, error = ?, owner = '', lease_until = NULL WHERE id = ?`, to, timeText(nextTry), timeText(giveUp), e.Reason, n.ID)
	if err != nil {
		return err
	}
	if to == ledger.Pending {
		if _, err := tx.exec(`UPDATE recipient SET state = 'pending', error = '' WHERE notice = ? AND state = 'failed'`, n.ID); err != nil {
			return err
		}
		if _, err := tx.exec(`UPDATE notice SET language = '', may_have_arrived = 0 WHERE id = ?`, n.ID); err != nil {
			return err
		}
		if _, err := tx.exec(`UPDATE failure SET told_at = ? WHERE notice = ? AND told_at IS NULL`, timeText(e.At), n.ID); err != nil {
			return err
		}
	}
	n.State = to
	e.Action, e.Subject, e.Before = "notice "+string(to), ledger.NoticeSubject(n.ID), jsonText(map[string]any{"state": before})
	return tx.Journal(e)
}

func (tx *Tx) ResumeSending(owner string, now time.Time) (int, error) {
	r, err := tx.exec(`UPDATE notice SET state = 'pending', may_have_arrived = 1, next_attempt = ?, owner = '', lease_until = NULL
		WHERE state = 'sending' AND (owner IN (?, '') OR lease_until <= ? OR lease_until > ?)`,
		timeText(now), owner, timeText(now), timeText(now.Add(ledger.LongestLease)))
	if err != nil {
		return 0, err
	}
	n, err := r.RowsAffected()
	return int(n), err
}

func (q Questions) Attempts(ctx context.Context, notice int64) ([]ledger.Attempt, error) {
	var out []ledger.Attempt
	err := q.each(ctx, `SELECT number, at, outcome, detail FROM attempt WHERE notice = ? ORDER BY number`, []any{notice}, func(scan func(...any) error) error {
		var a ledger.Attempt
		err := scan(&a.Number, moment{&a.At}, &a.Outcome, &a.Detail)
		out = append(out, a)
		return err
	})
	return out, err
}

func (tx *Tx) DropBodies(before time.Time, most int, e ledger.Entry) (int, error) {
	r, err := tx.exec(`DELETE FROM mail WHERE notice IN (SELECT n.id FROM notice n JOIN mail m ON m.notice = n.id
		WHERE n.state IN ('sent', 'dropped', 'failed') AND COALESCE(n.sent_at, n.created_at) < ? LIMIT ?)`, timeText(before), most)
	if err != nil {
		return 0, err
	}
	n, err := r.RowsAffected()
	if err != nil || n == 0 {
		return 0, err
	}
	e.Action, e.Subject, e.After = "mail texts removed", ledger.Subject{Kind: ledger.AboutOutbox}, jsonText(map[string]any{"mails": n, "before": before.UTC().Format(time.RFC3339)})
	return int(n), tx.Journal(e)
}
