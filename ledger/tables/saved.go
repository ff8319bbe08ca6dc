package tables

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"duban/ledger"
)

// unwrittenOccurrences wait for statements that change many of them: an edit of a rule
// changes one of each unit, and a tick notes of many that somebody was told. Those of which
// the same is set wait together, however they come by turns; none waits twice.
type unwrittenOccurrences struct {
	sets []*alikeSet
	in   map[int64]*alikeSet // by number
}

// alikeSet are those of which the same columns are set.
type alikeSet struct {
	what header
	rows rows
	ids  []int64 // in the order of the rows
}

func (u *unwrittenOccurrences) of(what header) *alikeSet {
	for _, s := range u.sets {
		if s.what == what {
			return s
		}
	}
	s := &alikeSet{what: what}
	u.sets = append(u.sets, s)
	return s
}

// What a statement sets of occurrences. SQLite moves a row in every index that has a column
// which is set, to whatever value: what is counted anew, by the hundred thousand, goes
// without those of which there are indexes of what is rare.
const (
	reminders header = `started_on told_through supervisor_told next_reminder`
	course    header = `rule# anchor first_due due named provisional# granted paused_on sequence# evidence note reason reported_by reported_at closed_at ` + reminders
	allButKey header = course + ` state event# cause# late# origin transferred`
)

// onlyCourse tells whether the two differ in nothing but their course.
func onlyCourse(a, b *ledger.Occurrence) bool {
	return a.State == b.State && a.Event == b.Event && a.Cause == b.Cause && a.Late == b.Late && a.Origin == b.Origin && a.Transferred == b.Transferred
}

// saving is the statement that sets columns of the occurrences whose numbers come before
// what is set.
func (tx *Tx) saving(what header, r *rows) (statement string, args []any) {
	query, args := tx.given("id# "+what, r)
	set := what.names()
	for i, name := range set {
		set[i] = name + " = v.column" + strconv.Itoa(i+2)
	}
	return `UPDATE occurrence SET ` + strings.Join(set, ", ") + ` FROM (` + query + `) v WHERE occurrence.id = v.column1`, args
}

// save has an occurrence wait for its columns to be set; if it waits already, that comes
// before.
func (tx *Tx) save(o *ledger.Occurrence, what header, values ...any) error {
	w := &tx.occurrences
	if was := w.in[o.ID]; was != nil {
		if err := tx.writeSet(was); err != nil {
			return err
		}
	}
	s := w.of(what)
	if len(s.ids) == Together {
		if err := tx.writeSet(s); err != nil {
			return err
		}
	}
	if w.in == nil {
		w.in = make(map[int64]*alikeSet, 16)
	}
	s.ids, w.in[o.ID] = append(s.ids, o.ID), s
	s.rows.add(append([]any{o.ID}, values...)...)
	return nil
}

// writeOccurrences writes those that wait.
func (tx *Tx) writeOccurrences() (err error) {
	for _, s := range tx.occurrences.sets {
		err = errors.Join(err, tx.writeSet(s))
	}
	return err
}

// writeSet writes those of one set that wait, wherever they lie.
func (tx *Tx) writeSet(s *alikeSet) error {
	if len(s.ids) == 0 {
		return nil
	}
	ids := slices.Clone(s.ids)
	statement, args := tx.saving(s.what, &s.rows)
	s.ids = s.ids[:0] // what is asked on the way finds none that wait
	for _, id := range ids {
		delete(tx.occurrences.in, id)
	}
	defer s.rows.none()
	err := tx.writeAll(statement, args, ids)
	tx.broken = errors.Join(tx.broken, err) // whatever becomes of the question that had it written: the commit tells of it
	return err
}

// writeAll changes those that go on, and calls back whichever were put aside.
func (tx *Tx) writeAll(statement string, args []any, ids []int64) error {
	n, err := tx.changeWhatWaited("occurrence", statement, args...)
	if err != nil || n == len(ids) {
		return err
	}
	if err := tx.recall(ids); err != nil {
		return err
	}
	_, err = tx.changeWhatWaited("occurrence", statement, args...)
	return err
}
