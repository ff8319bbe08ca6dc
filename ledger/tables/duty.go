package tables

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"duban/ledger"
	"duban/rules"
	"duban/rules/calendar"
)

const dutyColumns = `plan, obligation, unit, rule, followed_from, made_to, wake, told, retired_at IS NOT NULL, COALESCE(retired_at, followed_from)`

func scanDuty(d *ledger.Duty, scan func(...any) error) error {
	err := scan(&d.Plan, &d.Obligation, &d.Unit, &d.Rule, moment{&d.From}, day{&d.MadeTo}, day{&d.Wake}, &d.Told, &d.Retired, moment{&d.Changed})
	d.Plan, d.Obligation, d.Unit = shared(d.Plan), shared(d.Obligation), shared(d.Unit)
	return err
}

func (q Questions) duties(ctx context.Context, tail string, args ...any) ([]*ledger.Duty, error) {
	var out []*ledger.Duty
	err := q.each(ctx, `SELECT `+dutyColumns+` FROM duty`+tail, args, func(scan func(...any) error) error {
		d := &ledger.Duty{}
		out = append(out, d)
		return scanDuty(d, scan)
	})
	return out, err
}

func (q Questions) Standings(ctx context.Context, plan string, obligations ...string) ([]ledger.Standing, error) {
	var out []ledger.Standing
	w := &filter{}
	w.add("plan = ?", plan)
	among(w, "obligation", obligations)
	err := q.each(ctx, `SELECT obligation, COUNT(*), COUNT(retired_at), CASE WHEN MIN(rule) = MAX(rule) THEN MIN(rule) ELSE 0 END
		FROM duty`+w.String()+` GROUP BY obligation ORDER BY obligation`, w.args, func(scan func(...any) error) error {
		var s ledger.Standing
		err := scan(&s.Obligation, &s.Duties, &s.Retired, &s.Rule)
		out = append(out, s)
		return err
	})
	return out, err
}

func (q Questions) Duties(ctx context.Context, plan, obligation string) ([]*ledger.Duty, error) {
	return q.duties(ctx, ` WHERE plan = ? AND obligation = ? ORDER BY unit`, plan, obligation)
}

func (q Questions) Duty(ctx context.Context, plan, obligation, unit string) (*ledger.Duty, error) {
	found, err := q.duties(ctx, ` WHERE plan = ? AND obligation = ? AND unit = ?`, plan, obligation, unit)
	if err == nil && len(found) == 0 {
		err = fmt.Errorf("the duty %s:%s/%s: %w", plan, obligation, unit, ledger.ErrNotFound)
	}
	if err != nil {
		return nil, err
	}
	return found[0], nil
}

func (q Questions) WakingDuties(ctx context.Context, plan string, today calendar.Date) ([]*ledger.Duty, error) {
	// Not by the key, in whose order SQLite would look through all the duties of the plan.
	out, err := q.duties(ctx, ` WHERE wake <= ? AND plan || '' = ?`, today.String(), plan)
	slices.SortFunc(out, func(a, b *ledger.Duty) int {
		return cmp.Or(cmp.Compare(a.Obligation, b.Obligation), cmp.Compare(a.Unit, b.Unit))
	})
	return out, err
}

func (q Questions) UntoldDuties(ctx context.Context) ([]*ledger.Duty, error) {
	var out []*ledger.Duty
	for _, of := range []string{`told = 0 AND retired_at IS NULL`, `told = 1 AND retired_at IS NOT NULL`} { // an index each
		some, err := q.duties(ctx, ` WHERE `+of)
		if err != nil {
			return nil, err
		}
		out = append(out, some...)
	}
	slices.SortFunc(out, func(a, b *ledger.Duty) int {
		return cmp.Or(cmp.Compare(a.Unit, b.Unit), cmp.Compare(a.Plan, b.Plan), cmp.Compare(a.Obligation, b.Obligation))
	})
	return out, nil
}

// unwrittenDuties wait for one statement that writes many of them.
type unwrittenDuties struct {
	saved rows               // as SaveDuty writes them
	made  rows               // as DutyMade does
	of    map[[3]string]bool // which they are: none waits twice
}

func (u *unwrittenDuties) wait() bool { return u.saved.n+u.made.n > 0 }

const dutySaved header = `plan obligation unit rule# followed_from made_to wake told# retired_at`

func (tx *Tx) SaveDuty(d *ledger.Duty, now time.Time) error {
	var retired any
	if d.Retired {
		retired, d.Wake = timeText(now), 0
	}
	if err := tx.makeRoom(d); err != nil {
		return err
	}
	tx.duties.saved.add(d.Plan, d.Obligation, d.Unit, d.Rule, timeText(d.From), d.MadeTo.String(), dayText(d.Wake), d.Told, retired)
	return nil
}

func (tx *Tx) DutyMade(d *ledger.Duty) error {
	if err := tx.makeRoom(d); err != nil {
		return err
	}
	tx.duties.made.add(d.MadeTo.String(), dayText(d.Wake), d.Plan, d.Obligation, d.Unit)
	return nil
}

// makeRoom has those that wait written before another waits, where there are enough or it
// waits already.
func (tx *Tx) makeRoom(d *ledger.Duty) error {
	u, key := &tx.duties, [3]string{ledger.Clean(d.Plan), ledger.Clean(d.Obligation), ledger.Clean(d.Unit)}
	if u.saved.n == Together || u.made.n == Together || u.of[key] {
		if err := tx.writeDuties(); err != nil {
			return err
		}
	}
	if u.of == nil {
		u.of = map[[3]string]bool{}
	}
	u.of[key] = true
	return nil
}

// writeDuties writes those that wait.
func (tx *Tx) writeDuties() error {
	saved, made := &tx.duties.saved, &tx.duties.made
	defer clear(tx.duties.of)
	defer saved.none()
	defer made.none()
	if saved.n > 0 {
		onConflict := `
			ON CONFLICT (plan, obligation, unit) DO UPDATE SET rule = excluded.rule, followed_from = excluded.followed_from, made_to = excluded.made_to, wake = excluded.wake, told = excluded.told, retired_at = excluded.retired_at`
		none, err := tx.cannotBeThere("duty", saved.n, func(i int) (of part, unit, period string) {
			key := saved.row(i)
			return part{ledger.Clean(key[0].(string)), ledger.Clean(key[1].(string))}, ledger.Clean(key[2].(string)), ""
		})
		if none {
			onConflict = ""
		}
		if err == nil {
			_, err = tx.insertMany("duty", dutySaved, saved, onConflict)
		}
		if err != nil {
			return err
		}
	}
	if made.n > 0 {
		query, args := tx.given(`made_to wake plan obligation unit`, made)
		_, err := tx.write(`INSERT INTO duty (made_to, wake, plan, obligation, unit, rule, followed_from, told)
			SELECT v.column1, v.column2, d.plan, d.obligation, d.unit, d.rule, d.followed_from, d.told
			FROM (`+query+`) v JOIN duty d ON d.plan = v.column3 AND d.obligation = v.column4 AND d.unit = v.column5 WHERE TRUE
			ON CONFLICT (plan, obligation, unit) DO UPDATE SET made_to = excluded.made_to, wake = excluded.wake`, args...)
		if err != nil {
			return err
		}
	}
	return nil
}

func (tx *Tx) DutyTold(d *ledger.Duty) error {
	_, err := tx.exec(`UPDATE duty SET told = CASE WHEN retired_at IS NULL THEN 1 ELSE 0 END WHERE plan = ? AND obligation = ? AND unit = ?`, d.Plan, d.Obligation, d.Unit)
	return err
}

func (q Questions) HasHeard(ctx context.Context, d *ledger.Duty) (heard bool, err error) {
	err = q.DB.Row(ctx, `SELECT EXISTS (SELECT 1 FROM notice n JOIN notice_item i ON i.notice = n.id
		WHERE n.unit = ? AND n.kind <> 'escalation' AND (n.attempts > 0 OR n.state IN ('sending', 'sent', 'failed')) AND i.plan = ? AND i.obligation = ?)`,
		d.Unit, d.Plan, d.Obligation).Scan(&heard)
	return heard, q.explain(err)
}

func (q Questions) Followed(ctx context.Context, plan, obligation string) (map[string][]ledger.Followed, error) {
	out := map[string][]ledger.Followed{}
	err := q.each(ctx, `SELECT f.unit, f.from_at, f.to_at, r.extent, f.made_to FROM followed f JOIN rule r ON r.id = f.rule
		WHERE f.plan = ? AND f.obligation = ? ORDER BY f.unit, f.to_at DESC`, []any{plan, obligation}, func(scan func(...any) error) error {
		var unit string
		var f ledger.Followed
		err := scan(&unit, moment{&f.From}, moment{&f.To}, &f.Extent, day{&f.MadeTo})
		out[unit] = append(out[unit], f)
		return err
	})
	return out, err
}

func (tx *Tx) EndFollowed(d *ledger.Duty, now time.Time) error {
	_, err := tx.exec(`INSERT INTO followed (plan, obligation, unit, from_at, to_at, rule, made_to) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT DO NOTHING`, // the same second: it was followed at no moment
		d.Plan, d.Obligation, d.Unit, timeText(d.From), timeText(now), d.Rule, dayText(d.MadeTo))
	return err
}

func (tx *Tx) Rule(o *rules.Obligation, now time.Time) (int64, error) {
	fingerprint := o.Fingerprint()
	_, err := tx.exec(`INSERT INTO rule (plan, obligation, fingerprint, extent, ref, title, title_en, basis, source, seen_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (plan, obligation, fingerprint) DO UPDATE SET extent = excluded.extent WHERE rule.extent = ''`,
		o.Plan.ID, o.ID, fingerprint, o.Extent(), o.Ref, o.Title, o.TitleEn, o.Basis, o.Source, timeText(now))
	if err != nil {
		return 0, err
	}
	var id int64
	err = tx.DB.Row(tx.ctx, `SELECT id FROM rule WHERE plan = ? AND obligation = ? AND fingerprint = ?`, o.Plan.ID, o.ID, fingerprint).Scan(&id)
	return id, tx.explain(err)
}

func (q Questions) Extent(ctx context.Context, rule int64) (string, error) {
	var s string
	err := q.DB.Row(ctx, `SELECT extent FROM rule WHERE id = ?`, rule).Scan(&s)
	return s, q.explain(err)
}

func (q Questions) RuleText(ctx context.Context, id int64) (ledger.RuleText, error) {
	var r ledger.RuleText
	err := q.DB.Row(ctx, `SELECT ref, title, title_en, basis, source FROM rule WHERE id = ?`, id).Scan(&r.Ref, &r.Title, &r.TitleEn, &r.Basis, &r.Source)
	return r, q.explain(err)
}

func (q Questions) PlanSignature(ctx context.Context, plan string) (signature string, met bool, err error) {
	var retired sql.NullString
	err = q.DB.Row(ctx, `SELECT signature, retired_at FROM plan WHERE id = ?`, plan).Scan(&signature, &retired)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return "", false, nil
	case err != nil:
		return "", false, q.explain(err)
	case retired.Valid:
		return "", true, nil
	}
	return signature, true, nil
}

func (q Questions) Plans(ctx context.Context) ([]string, error) {
	var out []string
	err := q.each(ctx, `SELECT id FROM plan WHERE retired_at IS NULL ORDER BY id`, nil, func(scan func(...any) error) error {
		var id string
		err := scan(&id)
		out = append(out, id)
		return err
	})
	return out, err
}

func (tx *Tx) SavePlan(plan, signature string, now time.Time) error {
	var retired any
	if signature == "" {
		retired = timeText(now)
	}
	_, err := tx.exec(`INSERT INTO plan (id, signature, first_seen, retired_at) VALUES (?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET signature = excluded.signature, retired_at = excluded.retired_at`, plan, signature, timeText(now), retired)
	return err
}
