package web

import (
	"cmp"
	"context"
	"net/http"
	"slices"

	"duban/ledger"
	"duban/rules"
	"duban/scheduler/desk"
)

// supervisorView is the desk of a supervisor (督办台): what its units ask and owe.
type supervisorView struct {
	Name    string
	Address string
	Decide  []pending
	Units   []supervisedUnit // late ones first
	Late    int              // occurrences
	More    int              // open ones, due later, that are not listed
	Tracked int              // open ones that nobody is reminded of, which stand in the list of one unit alone
	Others  []*rules.Unit    // to which something may be transferred
	Form    actForm
	Chosen  map[string]bool
	Done    string
	Only    string        // the unit that alone is listed; empty: all
	Mine    []*rules.Unit // that it supervises
}

// supervisedUnit is what one unit owes.
type supervisedUnit struct {
	ID, Name, Contact, Phone string
	Away                     []rules.Absence // today
	Rows                     []supervisedRow
	Late                     int
}

type supervisedRow struct {
	itemRow
	ID   int64
	Last *ledger.Entry // what was last said of it: progress or an urging; nil: nothing
}

// pending is what waits for a supervisor's word: a request, or a report.
type pending struct {
	itemRow
	Request *ledger.Request // nil: a report
	O       *ledger.Occurrence
	Files   []fileView
	Units   []*rules.Unit // to which it may be transferred
}

func (s *visits) supervisorPage(w http.ResponseWriter, r *http.Request) error {
	return s.showSupervisor(w, r, http.StatusOK, actForm{}, r.URL.Query().Get("done"))
}

func (s *visits) showSupervisor(w http.ResponseWriter, r *http.Request, code int, form actForm, done string) error {
	u, err := s.unit(r, forSupervisor)
	if err != nil {
		return err
	}
	lang := s.unitLang(w, r, u.ID)
	v := supervisorView{
		Name: u.DisplayName(lang), Form: form, Done: done, Chosen: ticked(r), Address: unitAddress(r, "s", u.ID), Others: s.view().Rules.Units,
		Only: r.URL.Query().Get("unit"),
	}
	for _, one := range s.view().Rules.Units {
		if one.Supervisor == u.ID {
			v.Mine = append(v.Mine, one)
		}
	}
	mine := s.supervisedBy(u)
	if err := s.supervised(r.Context(), &v, mine, lang); err != nil {
		return err
	}
	if v.Decide, err = s.decisions.pending(r, lang, v.Address, mine); err != nil {
		return err
	}
	return s.frame.showIn(w, r, lang, code, "supervisor", "layout", v)
}

// supervised gathers what the units owe: late ones first, the longest late of them at
// the top.
func (s *visits) supervised(ctx context.Context, v *supervisorView, mine func(*ledger.Occurrence) bool, lang string) error {
	now, err := s.snapshot.look(ctx)
	if err != nil {
		return err
	}
	lights, words := newLighter(s.view()), wordsOf(lang)
	var open, tracked []*ledger.Brief
	for b := range now.ongoing() {
		o := b.Occurrence()
		if !mine(&o) || v.Only != "" && v.Only != b.Unit {
			continue
		}
		kept := b // one for each that is kept, and none for the others
		if lights.tracked(&kept) {
			tracked = append(tracked, &kept)
		} else {
			open = append(open, &kept)
		}
	}
	earliest := func(a, b *ledger.Brief) int { return cmp.Or(cmp.Compare(a.Due, b.Due), cmp.Compare(a.ID, b.ID)) }
	slices.SortFunc(open, earliest)
	if v.Tracked = len(tracked); v.Only != "" { // below what presses
		slices.SortFunc(tracked, earliest)
		open, v.Tracked = append(open, tracked...), 0
	}
	v.More = max(0, len(open)-listRows)
	at := map[string]int{}
	for i, b := range open {
		row := supervisedRow{lights.row(b, words), b.ID, nil}
		late := row.Late && !lights.tracked(b) // what is only tracked lights no lamp
		if late {
			v.Late++
		}
		if i >= listRows {
			continue
		}
		if row.Last, err = s.lastSaid(ctx, b, lang); err != nil {
			return err
		}
		n, known := at[b.Unit]
		if !known {
			n = len(v.Units)
			at[b.Unit] = n
			one := supervisedUnit{ID: b.Unit, Name: row.UnitName}
			if u := s.view().Rules.Unit(b.Unit); u != nil {
				one.Contact, one.Phone, one.Away = u.Contact, u.Phone, u.AwayOn(s.view().Today())
			}
			v.Units = append(v.Units, one)
		}
		if late {
			v.Units[n].Late++
		}
		v.Units[n].Rows = append(v.Units[n].Rows, row)
	}
	return nil
}

// lastSaid is what was last said of an occurrence.
func (s *visits) lastSaid(ctx context.Context, b *ledger.Brief, lang string) (last *ledger.Entry, err error) {
	subject := ledger.Subject{Kind: ledger.AboutOccurrence, Ref: b.FullKey()}
	err = s.ledger.Entries(ctx, subject, func(e ledger.Entry) error {
		if e.Action == "progress" || e.Action == "urged" {
			e.At, e.Actor = e.At.In(s.view().Settings.Timezone), who(s.view().Rules, e.Actor, lang)
			last = &e
		}
		return nil
	})
	return last, err
}

// supervisedBy tells which occurrences a unit decides on.
func (s *visits) supervisedBy(u *rules.Unit) func(*ledger.Occurrence) bool {
	return func(o *ledger.Occurrence) bool {
		owner := s.view().Rules.Unit(o.Unit)
		return owner != nil && owner.Supervisor == u.ID
	}
}

// supervisorAct is what a supervisor does, under its own name: it grants or refuses a
// request; it accepts, returns, urges, extends, transfers or waives one thing or
// several.
func (s *visits) supervisorAct(w http.ResponseWriter, r *http.Request) error {
	u, err := s.unit(r, forSupervisor)
	if err != nil {
		return err
	}
	in, err := readAct(r, u.ID)
	in.Date = 0
	what := r.PathValue("what")
	if err == nil {
		err = s.decisions.make(r, what, in, s.supervisedBy(u))
	}
	if field := asField(err); field != nil {
		return s.showSupervisor(w, r, http.StatusUnprocessableEntity, actForm{what, formValues(r), field}, "")
	}
	if err != nil {
		return err
	}
	if what == "extend" {
		what = "extended"
	}
	http.Redirect(w, r, unitAddress(r, "s", u.ID)+"?done="+what, http.StatusSeeOther)
	return nil
}

// supervisorVerbs are those that a supervisor does to what it has ticked; urging is
// told apart.
var supervisorVerbs = map[string]desk.Verb{
	"accept": desk.Accept, "return": desk.Return, "extend": desk.Extend, "transfer": desk.Transfer, "waive": desk.Waive,
}
