package tables

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"duban/ledger"
	"duban/rules"
	"duban/rules/calendar"
	"duban/rules/problem"
)

const occurrenceColumns = `o.id, o.plan, o.obligation, o.unit, o.period, o.rule, o.anchor, o.first_due, o.due, o.named, o.provisional,
	o.state, o.granted, o.paused_on, o.sequence, o.evidence, o.note, o.reason, o.reported_by, o.reported_at, o.closed_at,
	o.event, o.cause, o.started_on, o.told_through, o.supervisor_told, o.next_reminder, o.late, o.origin, o.transferred`

func scanOccurrence(o *ledger.Occurrence, scan func(...any) error) error {
	want := func(column string, to *calendar.Date) needed { return needed{day{to}, column, &o.Damage} }
	err := scan(&o.ID, &o.Plan, &o.Obligation, &o.Unit, &o.Period, &o.Rule, want("anchor", &o.Anchor), want("first_due", &o.FirstDue), want("due", &o.Due), day{&o.Named}, &o.Provisional,
		&o.State, day{&o.Granted}, day{&o.PausedOn}, &o.Sequence, &o.Evidence, &o.Note, &o.Reason, &o.ReportedBy, moment{&o.ReportedAt}, moment{&o.ClosedAt},
		number{&o.Event}, number{&o.Cause}, day{&o.Started}, day{&o.ToldThrough}, day{&o.SupervisorTold}, day{&o.NextReminder}, &o.Late, &o.Origin, &o.Transferred)
	o.Damage = strings.TrimPrefix(o.Damage, "; ")
	return err
}

func (q Questions) occurrences(ctx context.Context, tail string, args ...any) ([]*ledger.Occurrence, error) {
	var out []*ledger.Occurrence
	err := q.eachOccurrence(ctx, tail, args, func(o *ledger.Occurrence) error {
		out = append(out, o)
		return nil
	})
	return out, err
}

func (q Questions) eachOccurrence(ctx context.Context, tail string, args []any, f func(*ledger.Occurrence) error) error {
	return q.eachOccurrenceOf(ctx, ever, tail, args, f)
}

func (q Questions) eachOccurrenceOf(ctx context.Context, table, tail string, args []any, f func(*ledger.Occurrence) error) error {
	return q.eachFound(ctx, `SELECT `+occurrenceColumns+` FROM `+table+` o`+tail, args, f)
}

func (q Questions) eachFound(ctx context.Context, ask string, args []any, f func(*ledger.Occurrence) error) error {
	return q.eachOfMany(ctx, ask, args, func(scan func(...any) error) error {
		o := &ledger.Occurrence{}
		if err := scanOccurrence(o, scan); err != nil {
			return err
		}
		return f(o)
	})
}

// ongoing tells whether all that is selected goes on.
func ongoing(q ledger.Query) bool {
	return len(q.States) > 0 && !slices.ContainsFunc(q.States, ledger.State.Ended)
}

// tableOf is where all lies that is selected.
func tableOf(q ledger.Query) string {
	if ongoing(q) {
		return "occurrence"
	}
	return ever
}

func selected(q ledger.Query) *filter {
	f := &filter{}
	if q.Plan != "" && ofUnits(q) && q.Obligation == "" {
		f.add("o.plan || '' = ?", q.Plan) // by units: the index of names would find all of the plan
	} else {
		f.equal("o.plan", q.Plan)
	}
	f.equal("o.obligation", q.Obligation)
	f.equal("o.unit", q.Unit)
	among(f, "o.unit", q.Units)
	if n := len(q.Of); n > 0 {
		args := make([]any, 0, 2*n)
		for _, of := range q.Of {
			args = append(args, of[0], of[1])
		}
		f.add("(o.plan, o.obligation) IN (VALUES "+strings.TrimSuffix(strings.Repeat("(?, ?), ", n), ", ")+")", args...)
	}
	f.equal("o.period", q.Period)
	among(f, "o.state", q.States)
	if ongoing(q) { // as the index of such has it, and so below
		f.add("o.state IN ('open', 'reported')")
	}
	if slices.Equal(q.States, []ledger.State{ledger.StateReported}) {
		f.add("o.state = 'reported'")
	}
	if q.Obligation != "" && len(q.States) > 0 && !slices.ContainsFunc(q.States, func(s ledger.State) bool { return s == ledger.StateClosed || s == ledger.StateWaived }) {
		f.add("o.state IN ('open', 'reported', 'cancelled')")
	}
	if q.Ended || ofUnits(q) && len(q.States) > 0 && !slices.ContainsFunc(q.States, isOngoing) {
		f.add("o.state IN ('closed', 'waived', 'cancelled')")
	}
	if q.Received {
		f.add("o.origin <> ''")
	}
	if q.HandedOn {
		f.add("o.transferred <> ''")
	}
	if !q.DueFrom.IsZero() {
		f.add("o.due >= ?", q.DueFrom.String())
	}
	if !q.DueTo.IsZero() {
		f.add("o.due <= ?", q.DueTo.String())
	}
	if o := q.After; o != nil {
		f.add("(o.due, o.plan, o.obligation, o.unit, o.period) > (?, ?, ?, ?, ?)", o.Due.String(), o.Plan, o.Obligation, o.Unit, o.Period)
	}
	return f
}

func (q Questions) EachOccurrence(ctx context.Context, query ledger.Query, f func(*ledger.Occurrence) error) error {
	ask, args := List(query)
	return q.eachFound(ctx, ask, args, f)
}

// List asks for those that are selected, in order.
func List(query ledger.Query) (ask string, args []any) {
	w := selected(query)
	order := ` ORDER BY o.due, o.plan, o.obligation, o.unit, o.period`
	if query.Latest {
		order = ` ORDER BY o.due DESC, o.plan DESC, o.obligation DESC, o.unit DESC, o.period DESC`
	}
	table, tail, args := tableOf(query), w.String()+order, w.args
	if inHalves(query) {
		table, args = both(query, order)
		tail = order
	}
	tail, args = limited(tail, args, query.Limit)
	return `SELECT ` + occurrenceColumns + ` FROM ` + table + ` o` + tail, args
}

func isOngoing(s ledger.State) bool { return !s.Ended() }

func ofUnits(q ledger.Query) bool { return q.Unit != "" || len(q.Units) > 0 }

// inHalves tells whether what goes on and what has ended are asked for apart: each has an
// index of units, and one in the order of pages, and the two together have none.
func inHalves(q ledger.Query) bool {
	if q.Ended || ongoing(q) || len(q.States) > 0 && !slices.ContainsFunc(q.States, isOngoing) {
		return false
	}
	if ofUnits(q) {
		return q.Plan == "" || q.Obligation == "" // else it is found by its name
	}
	return q.Limit > 0 && len(q.States) == 0 && !q.Received && !q.HandedOn && q.Obligation == "" && len(q.Of) == 0 && q.Period == ""
}

// halves are what goes on of all that is asked for, and what has ended.
func halves(q ledger.Query) (going, over ledger.Query) {
	going, over = q, q
	if len(q.States) == 0 {
		going.States, over.Ended = []ledger.State{ledger.StateOpen, ledger.StateReported}, true
		return going, over
	}
	going.States = slices.DeleteFunc(slices.Clone(q.States), ledger.State.Ended)
	over.States = slices.DeleteFunc(slices.Clone(q.States), isOngoing)
	return going, over
}

// both is, as a table, the two halves; of a page what it has at most of each.
func both(q ledger.Query, order string) (table string, args []any) {
	if q.Limit == 0 {
		order = "" // all of it is sorted together
	}
	part := func(of ledger.Query) string {
		w := selected(of)
		text, its := limited(w.String()+order, w.args, q.Limit)
		args = append(args, its...)
		return `SELECT * FROM (SELECT ` + occurrenceColumns + ` FROM ` + tableOf(of) + ` o` + text + `)`
	}
	going, over := halves(q)
	return `(` + part(going) + ` going UNION ALL ` + part(over) + ` ended)`, args
}

func (q Questions) Occurrences(ctx context.Context, query ledger.Query) ([]*ledger.Occurrence, error) {
	query.Limit = ledger.Most(query.Limit)
	return ledger.AllOccurrences(ctx, q, query)
}

func (q Questions) Occurrence(ctx context.Context, id int64) (*ledger.Occurrence, error) {
	found, err := q.occurrences(ctx, ` WHERE o.id = ?`, id)
	if err == nil && len(found) == 0 {
		err = fmt.Errorf("occurrence %d: %w", id, ledger.ErrNotFound)
	}
	if err != nil {
		return nil, err
	}
	return found[0], nil
}

func (q Questions) ByID(ctx context.Context, ids []int64) (map[int64]*ledger.Occurrence, error) {
	out := make(map[int64]*ledger.Occurrence, len(ids))
	for part := range slices.Chunk(ids, Together) {
		in, args := q.Dialect.Among(part)
		found, err := q.occurrences(ctx, ` WHERE o.id `+in, args...)
		if err != nil {
			return nil, err
		}
		for _, o := range found {
			out[o.ID] = o
		}
	}
	return out, nil
}

func (q Questions) Find(ctx context.Context, name string) (*ledger.Occurrence, error) {
	plan, rest, qualified := strings.Cut(name, ":")
	if !qualified || strings.Contains(plan, "/") {
		plan, rest = "", name
	}
	parts := strings.SplitN(rest, "/", 3)
	if len(parts) != 3 || parts[0] == "" || parts[1] == "" || parts[2] == "" {
		return nil, problem.New(problem.NotFound, "%q is no occurrence id: write OBLIGATION/UNIT/PERIOD, as in 1.3-budget/czj/2017-07", name)
	}
	found, err := q.Occurrences(ctx, ledger.Query{Plan: plan, Obligation: parts[0], Unit: parts[1], Period: parts[2]})
	switch {
	case err != nil:
		return nil, err
	case len(found) == 0:
		return nil, q.notFound(ctx, name, parts)
	case len(found) > 1:
		keys := make([]string, len(found))
		for i, o := range found {
			keys[i] = o.FullKey()
		}
		return nil, problem.Refuse("id", "%q fits several: say which: %s", name, strings.Join(keys, " or "))
	}
	return found[0], nil
}

func (q Questions) notFound(ctx context.Context, name string, parts []string) error {
	near, err := q.Occurrences(ctx, ledger.Query{Obligation: parts[0], Unit: parts[1], Latest: true, Limit: 1})
	if err == nil && len(near) == 1 {
		return problem.New(problem.NotFound, "no occurrence %q in the ledger; the latest of that obligation and unit is %s", name, near[0].Key())
	}
	return problem.New(problem.NotFound, "no occurrence %q in the ledger: duban status lists them", name)
}

func (q Questions) CountOccurrences(ctx context.Context, query ledger.Query) (n int, err error) {
	ask, args := Count(query)
	err = q.DB.Row(ctx, ask, args...).Scan(&n)
	return n, q.explain(err)
}

// Count asks how many are selected.
func Count(query ledger.Query) (ask string, args []any) {
	if inHalves(query) {
		going, over := halves(query)
		some, its := Count(going)
		others, theirs := Count(over)
		return `SELECT (` + some + `) + (` + others + `)`, append(its, theirs...)
	}
	w := selected(query)
	return `SELECT COUNT(*) FROM ` + tableOf(query) + ` o` + w.String(), w.args
}

func (q Questions) Waiting(ctx context.Context, today calendar.Date) ([]*ledger.Occurrence, error) {
	var out []*ledger.Occurrence
	err := q.eachOccurrenceOf(ctx, "occurrence", ` WHERE o.next_reminder <= ? ORDER BY o.next_reminder, o.id`, []any{today.String()}, func(o *ledger.Occurrence) error {
		out = append(out, o)
		return nil
	})
	return out, err
}

func (q Questions) AnyWaiting(ctx context.Context, today calendar.Date) (bool, error) {
	var id int64
	// In order: else PostgreSQL, which hopes for many, looks through all for the first.
	err := q.DB.Row(ctx, `SELECT id FROM occurrence WHERE next_reminder <= ? ORDER BY next_reminder LIMIT 1`, today.String()).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, q.explain(err)
}

func (q Questions) StartedBy(ctx context.Context, event int64) ([]*ledger.Occurrence, error) {
	return q.occurrences(ctx, ` WHERE o.event = ? ORDER BY o.id`, event)
}

func (q Questions) CausedBy(ctx context.Context, cause int64) ([]*ledger.Occurrence, error) {
	return q.occurrences(ctx, ` WHERE o.cause = ? ORDER BY o.id`, cause)
}

func (tx *Tx) AddOccurrence(o *ledger.Occurrence, e ledger.Entry) (bool, error) {
	added, err := tx.AddOccurrences([]*ledger.Occurrence{o}, e)
	return err == nil && added[0], err
}

func (tx *Tx) AddOccurrences(all []*ledger.Occurrence, e ledger.Entry) ([]bool, error) {
	added := make([]bool, 0, len(all))
	for part := range slices.Chunk(all, Together) {
		isNew, err := tx.insertOccurrences(part)
		if err != nil {
			return nil, err
		}
		added = append(added, isNew...)
		for i, o := range part {
			if !isNew[i] {
				continue
			}
			e.Action, e.Subject, e.After = "made", o.Subject(), o.Snapshot()
			if err := tx.Journal(e); err != nil {
				return nil, err
			}
		}
	}
	return added, nil
}

const madeColumns header = `plan obligation unit period rule# anchor first_due due named provisional# state
	event# cause# started_on told_through supervisor_told next_reminder origin`

// insertOccurrences adds those whose keys are not taken, numbers them, and tells
// which they are; the others become what is there.
func (tx *Tx) insertOccurrences(all []*ledger.Occurrence) ([]bool, error) {
	aside, err := tx.asideUnderTheKeysOf(all)
	if err != nil {
		return nil, err
	}
	isNew, rest, at := make([]bool, len(all)), make([]*ledger.Occurrence, 0, len(all)), make([]int, 0, len(all))
	for i, o := range all {
		if found := aside[occurrenceKey(o)]; found != nil {
			*o = *found
			continue
		}
		rest, at = append(rest, o), append(at, i)
	}
	if len(rest) == 0 {
		return isNew, nil
	}
	added, err := tx.insertYoung(rest)
	for i, is := range added {
		isNew[at[i]] = is
	}
	return isNew, err
}

// insertYoung is insertOccurrences of those of which none was put aside.
func (tx *Tx) insertYoung(all []*ledger.Occurrence) ([]bool, error) {
	values := &tx.values
	values.none()
	for _, o := range all {
		values.add(o.Plan, o.Obligation, o.Unit, o.Period, o.Rule, o.Anchor.String(), o.FirstDue.String(), o.Due.String(), dayText(o.Named), o.Provisional, o.State,
			numberOrNull(o.Event), numberOrNull(o.Cause), dayText(o.Started), dayText(o.ToldThrough), dayText(o.SupervisorTold), dayText(o.NextReminder), o.Origin)
	}
	none, err := tx.cannotBeThere("occurrence", len(all), func(i int) (of part, unit, period string) {
		key := occurrenceKey(all[i])
		return part{key[0], key[1]}, key[2], key[3]
	})
	if err != nil {
		return nil, err
	}
	onConflict := ` ON CONFLICT (plan, obligation, unit, period) DO NOTHING`
	if none {
		onConflict = ""
	}
	made, err := tx.insertMany("occurrence", madeColumns, values, onConflict)
	if err != nil {
		return nil, err
	}
	isNew := make([]bool, len(all))
	if len(made) == len(all) {
		for i, o := range all {
			isNew[i], o.ID = true, made[i]
		}
		return isNew, nil
	}
	there := make(map[[4]string]*ledger.Occurrence, len(all))
	if err := tx.underKeys("occurrence", all, there); err != nil {
		return nil, err
	}
	for i, o := range all {
		if found := there[occurrenceKey(o)]; len(made) > 0 && found.ID == made[0] { // who comes twice is new once
			isNew[i], o.ID = true, made[0]
			made = made[1:]
		} else {
			*o = *found
		}
	}
	return isNew, nil
}

// occurrenceKey is that of an occurrence as it stands in the ledger.
func occurrenceKey(o *ledger.Occurrence) [4]string {
	return [4]string{ledger.Clean(o.Plan), ledger.Clean(o.Obligation), ledger.Clean(o.Unit), ledger.Clean(o.Period)}
}

// underKeys adds to there what stands in a table under the keys of these.
func (tx *Tx) underKeys(table string, all []*ledger.Occurrence, there map[[4]string]*ledger.Occurrence) error {
	keys := rows{}
	for _, o := range all {
		key := occurrenceKey(o)
		keys.add(key[0], key[1], key[2], key[3])
	}
	query, args := tx.given(`plan obligation unit period`, &keys)
	return tx.eachOccurrenceOf(tx.ctx, table, ` WHERE (o.plan, o.obligation, o.unit, o.period) IN (`+query+`)`, args, func(o *ledger.Occurrence) error {
		there[occurrenceKey(o)] = o
		return nil
	})
}

func (tx *Tx) SaveOccurrence(before, o *ledger.Occurrence, e ledger.Entry) error {
	if before.Due != o.Due {
		o.Sequence = before.Sequence + 1
	}
	set := []any{
		o.Rule, o.Anchor.String(), o.FirstDue.String(), o.Due.String(), dayText(o.Named), o.Provisional, dayText(o.Granted), dayText(o.PausedOn), o.Sequence,
		o.Evidence, o.Note, o.Reason, o.ReportedBy, timeText(o.ReportedAt), timeText(o.ClosedAt),
		dayText(o.Started), dayText(o.ToldThrough), dayText(o.SupervisorTold), dayText(o.NextReminder),
	}
	what := course
	if !onlyCourse(before, o) {
		what, set = allButKey, append(set, o.State, numberOrNull(o.Event), numberOrNull(o.Cause), o.Late, o.Origin, o.Transferred)
	}
	if err := tx.save(o, what, set...); err != nil {
		return err
	}
	e.Subject, e.Before, e.After = o.Subject(), before.Snapshot(), o.Snapshot()
	if e.Before == e.After && e.Reason == "" {
		return nil
	}
	return tx.Journal(e)
}

func (tx *Tx) SaveReminder(o *ledger.Occurrence) error {
	return tx.save(o, reminders, dayText(o.Started), dayText(o.ToldThrough), dayText(o.SupervisorTold), dayText(o.NextReminder))
}

func (q Questions) Pauses(ctx context.Context, occurrence int64) ([]rules.Pause, error) {
	var out []rules.Pause
	err := q.each(ctx, `SELECT from_day, to_day FROM pause WHERE occurrence = ? ORDER BY from_day`, []any{occurrence}, func(scan func(...any) error) error {
		var p rules.Pause
		err := scan(day{&p.From}, day{&p.To})
		out = append(out, p)
		return err
	})
	return out, err
}

func (tx *Tx) AddPause(occurrence int64, from calendar.Date, reason string) error {
	_, err := tx.exec(`INSERT INTO pause (occurrence, from_day, reason) VALUES (?, ?, ?)`, occurrence, from.String(), reason)
	return err
}

func (tx *Tx) EndPause(occurrence int64, to calendar.Date) error {
	_, err := tx.exec(`UPDATE pause SET to_day = ? WHERE occurrence = ? AND to_day IS NULL`, to.String(), occurrence)
	return err
}

func (tx *Tx) ClosedLate(ids []int64) error {
	for part := range slices.Chunk(ids, Together) {
		if err := tx.recall(part); err != nil {
			return err
		}
		in, args := tx.Dialect.Among(part)
		if _, err := tx.exec(`UPDATE occurrence SET late = 1 WHERE state = 'closed' AND id `+in, args...); err != nil {
			return err
		}
	}
	return nil
}
