package tables

import (
	"cmp"
	"slices"

	"duban/ledger"
)

func (tx *Tx) AddNotice(n *ledger.Notice, e ledger.Entry) error {
	return tx.AddNotices([]*ledger.Notice{n}, e)
}

func (tx *Tx) AddNotices(all []*ledger.Notice, e ledger.Entry) error {
	for part := range slices.Chunk(all, Together) {
		isNew, err := tx.insertNotices(part)
		if err != nil {
			return err
		}
		if err := tx.addItems(isNew); err != nil {
			return err
		}
		if err := tx.addRecipients(isNew...); err != nil {
			return err
		}
		for _, n := range isNew {
			e.Action, e.Subject = "notice made", ledger.NoticeSubject(n.ID)
			after := map[string]any{"kind": n.Kind, "unit": n.Unit, "state": n.State, "items": len(n.Items)}
			if n.Channel != ledger.ByMail {
				after["channel"] = n.Channel
			}
			e.After = jsonText(after)
			if err := tx.Journal(e); err != nil {
				return err
			}
		}
	}
	return nil
}

// insertNotices adds those whose Message-IDs are not there, numbers all, and tells which
// are new.
func (tx *Tx) insertNotices(all []*ledger.Notice) ([]*ledger.Notice, error) {
	values := &tx.values
	values.none()
	for _, n := range all {
		n.Channel = cmp.Or(n.Channel, ledger.ByMail)
		values.add(string(n.Kind), n.Channel, n.Unit, n.Day.String(), n.MessageID, n.Subject, n.Text, n.Letter, string(n.State), timeText(n.Created), timeText(n.NextTry), timeText(n.GiveUp))
	}
	if err := tx.catchUp("notice"); err != nil {
		return nil, err
	}
	made, err := tx.insertMany("notice", `kind channel unit day message_id subject text letter state created_at next_attempt give_up_at`,
		values, ` ON CONFLICT (message_id) DO NOTHING`)
	if err != nil {
		return nil, err
	}
	if len(made) == len(all) {
		slices.Sort(made) // as they were given to the rows
		for i, n := range all {
			n.ID = made[i]
		}
		return all, nil
	}
	var isNew []*ledger.Notice
	for _, n := range all {
		if err := tx.DB.Row(tx.ctx, `SELECT id FROM notice WHERE message_id = ?`, n.MessageID).Scan(&n.ID); err != nil {
			return nil, tx.explain(err)
		}
		if slices.Contains(made, n.ID) {
			isNew = append(isNew, n)
		}
	}
	return isNew, nil
}

// addItems writes what notices carry.
func (tx *Tx) addItems(all []*ledger.Notice) error {
	for _, n := range all {
		for i, it := range n.Items {
			if err := tx.addItem(n, i, it); err != nil {
				return err
			}
		}
	}
	return tx.writeItems()
}

// addItem has an item of a notice wait for others that are written with it.
func (tx *Tx) addItem(n *ledger.Notice, at int, it ledger.Item) error {
	tx.items.add(n.ID, at, it.Kind, it.Plan, it.Obligation, numberOrNull(it.Occurrence), it.New)
	if tx.items.n < Together {
		return nil
	}
	return tx.writeItems()
}

func (tx *Tx) writeItems() error {
	if tx.items.n == 0 {
		return nil
	}
	defer tx.items.none()
	if err := tx.catchUp("notice_item"); err != nil {
		return err
	}
	_, err := tx.insertMany("notice_item", `notice# position# kind plan obligation occurrence# is_new#`, &tx.items, "")
	return err
}

// addRecipients writes those that notices have not had yet.
func (tx *Tx) addRecipients(all ...*ledger.Notice) error {
	values := &rows{}
	write := func() error {
		if values.n == 0 {
			return nil
		}
		defer values.none()
		query, args := tx.inserted("recipient", `notice# address copy# state`, values)
		_, err := tx.exec(query+` ON CONFLICT (notice, address) DO NOTHING`, args...)
		return err
	}
	for _, n := range all {
		for _, rc := range n.Recipients {
			values.add(n.ID, rc.Address, rc.Copy, "pending")
			if values.n == Together {
				if err := write(); err != nil {
					return err
				}
			}
		}
	}
	return write()
}
