package web

import (
	"cmp"
	"context"
	"maps"
	"net/http"
	"slices"

	"duban/ledger"
	"duban/scheduler/desk"
	"duban/scheduler/engine"
)

// decisions are what waits for somebody's word, an administrator's or a
// supervisor's: requests and reports.
type decisions struct {
	ledger   ledger.Store
	desk     *desk.Desk
	view     func() engine.View
	snapshot *snapshot
}

// pending are the requests and reports that wait, of the occurrences that mine
// picks; files have their addresses after that one.
func (d decisions) pending(r *http.Request, lang, address string, mine func(*ledger.Occurrence) bool) ([]pending, error) {
	var out []pending
	lights, words := newLighter(d.view()), wordsOf(lang)
	asked, err := d.ledger.OpenRequests(r.Context())
	if err != nil {
		return nil, err
	}
	for _, q := range asked {
		o, err := d.ledger.Occurrence(r.Context(), q.Occurrence)
		if err != nil {
			return nil, err
		}
		if mine(o) {
			one := pending{lights.row(o.Brief(), words), q, o, nil, nil}
			if q.Kind == ledger.NotOursRequest {
				one.Units = otherUnits(d.view().Rules, o.Unit)
			}
			out = append(out, one)
		}
	}
	reported, err := d.reported(r.Context())
	if err != nil {
		return nil, err
	}
	for _, o := range reported {
		if o.State == ledger.StateReported && mine(o) { // by now it may be another
			o.ReportedAt, o.ReportedBy = o.ReportedAt.In(d.view().Settings.Timezone), who(d.view().Rules, o.ReportedBy, lang)
			out = append(out, pending{lights.row(o.Brief(), words), nil, o, nil, nil})
		}
	}
	for i := range out {
		if out[i].Files, err = filesOf(r.Context(), d.ledger, out[i].O.ID, address); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// waiting is how many requests and reports wait.
func (d decisions) waiting(ctx context.Context) (int, error) {
	asked, err := d.ledger.OpenRequests(ctx)
	if err != nil {
		return 0, err
	}
	now, err := d.snapshot.look(ctx)
	if err != nil {
		return 0, err
	}
	return len(asked) + now.reported, nil
}

// reported are the occurrences that wait for their supervisors, by due date. Every page
// says how many they are: the picture knows, and the ledger would look through all
// that goes on.
func (d decisions) reported(ctx context.Context) (out []*ledger.Occurrence, err error) {
	now, err := d.snapshot.look(ctx)
	if err != nil {
		return nil, err
	}
	var ids []int64
	for _, u := range now.units {
		for i := range u.rows {
			if u.reported > 0 && u.rows[i].reported {
				ids = append(ids, u.rows[i].id)
			}
		}
	}
	found, err := d.ledger.ByID(ctx, ids)
	out = slices.SortedFunc(maps.Values(found), func(a, b *ledger.Occurrence) int {
		return cmp.Or(cmp.Compare(a.Due, b.Due), cmp.Compare(a.Plan, b.Plan), cmp.Compare(a.Obligation, b.Obligation), cmp.Compare(a.Unit, b.Unit), cmp.Compare(a.Period, b.Period))
	})
	return out, err
}

// make does what the form says to a request (its number), or to occurrences (theirs),
// if they are such as may be decided on here.
func (d decisions) make(r *http.Request, what string, in desk.Act, mine func(*ledger.Occurrence) bool) error {
	if what == "grant" || what == "refuse" {
		return d.answer(r, what == "grant", in, mine)
	}
	verb, known := supervisorVerbs[what]
	if !known && what != "urge" {
		return errNotFound
	}
	keys, err := tickedKeys(r, d.ledger, mine)
	if err != nil {
		return err
	}
	if what == "urge" {
		_, err = d.desk.Urge(r.Context(), keys, in)
		return err
	}
	_, err = d.desk.DoAll(r.Context(), verb, keys, in)
	return err
}

// answer grants or refuses a request.
func (d decisions) answer(r *http.Request, grant bool, in desk.Act, mine func(*ledger.Occurrence) bool) error {
	id := int64(number(r.PostFormValue("id")))
	q, err := d.ledger.Request(r.Context(), id)
	if err != nil {
		return err
	}
	o, err := d.ledger.Occurrence(r.Context(), q.Occurrence)
	if err != nil {
		return err
	}
	if !mine(o) {
		return errNotFound
	}
	_, err = d.desk.Decide(r.Context(), id, grant, in)
	return err
}
