package web

import (
	"net/http"

	"duban/ledger"
	"duban/scheduler/desk"
	"duban/scheduler/engine"
)

// decisions are what waits for somebody's word, an administrator's or a
// supervisor's: requests and reports.
type decisions struct {
	ledger ledger.Store
	desk   *desk.Desk
	view   func() engine.View
}

// pending are the requests and reports that wait, of the occurrences that mine
// picks.
func (d decisions) pending(r *http.Request, lang string, mine func(*ledger.Occurrence) bool) ([]pending, error) {
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
			out = append(out, pending{lights.row(o.Brief(), words), q, o})
		}
	}
	reported, err := ledger.AllOccurrences(r.Context(), d.ledger, ledger.Query{States: []ledger.State{ledger.StateReported}})
	if err != nil {
		return nil, err
	}
	for _, o := range reported {
		if mine(o) {
			o.ReportedAt, o.ReportedBy = o.ReportedAt.In(d.view().Settings.Timezone), who(d.view().Rules, o.ReportedBy, lang)
			out = append(out, pending{lights.row(o.Brief(), words), nil, o})
		}
	}
	return out, nil
}

// make does what the form says to a request (its number) or a report (an
// occurrence's), if it is one that may be decided on here.
func (d decisions) make(r *http.Request, what string, in desk.Act, mine func(*ledger.Occurrence) bool) error {
	id := int64(number(r.PostFormValue("id")))
	occurrence := id
	if what == "grant" || what == "refuse" {
		q, err := d.ledger.Request(r.Context(), id)
		if err != nil {
			return err
		}
		occurrence = q.Occurrence
	}
	o, err := d.ledger.Occurrence(r.Context(), occurrence)
	if err != nil {
		return err
	}
	if !mine(o) {
		return errNotFound
	}
	switch what {
	case "grant", "refuse":
		_, err = d.desk.Decide(r.Context(), id, what == "grant", in)
	case "accept":
		_, err = d.desk.Do(r.Context(), desk.Accept, o.FullKey(), in)
	case "return":
		_, err = d.desk.Do(r.Context(), desk.Return, o.FullKey(), in)
	case "extend":
		_, err = d.desk.Do(r.Context(), desk.Extend, o.FullKey(), in)
	default:
		err = errNotFound
	}
	return err
}
