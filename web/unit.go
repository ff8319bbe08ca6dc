package web

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"duban/ledger"
	"duban/notify"
	"duban/rules"
	"duban/rules/calendar"
	"duban/rules/problem"
	"duban/scheduler/desk"
	"duban/scheduler/engine"
)

// unitView is all that a unit owes.
type unitView struct {
	Name string
	Open []linkedRow
	Past []linkedRow // what has ended
	Feed string

	Address string // of this page
	Form    actForm
	Chosen  map[string]bool // what was ticked
	Done    string
}

type linkedRow struct {
	itemRow
	ID   int64
	Link string
}

// pastShown is how many ended items a unit's page lists, the latest due first.
const pastShown = 30

// unit is the one that a link of that purpose is for.
func (s *visits) unit(r *http.Request, purpose string) (*rules.Unit, error) {
	if err := s.links.check(r, purpose, r.PathValue("unit"), s.view().Now); err != nil {
		return nil, err
	}
	u := s.view().Rules.Unit(r.PathValue("unit"))
	if u == nil {
		return nil, problem.New(problem.Gone, "This unit is no longer in any plan.")
	}
	return u, nil
}

// isUnit tells whether the link is good, before anything is read.
func (s *visits) isUnit(r *http.Request) error {
	_, err := s.unit(r, forUnit)
	return err
}

// unitAct reports several items at once: all of them, or none.
func (s *visits) unitAct(w http.ResponseWriter, r *http.Request) error {
	u, err := s.unit(r, forUnit)
	if err != nil {
		return err
	}
	if r.PathValue("what") != "done" {
		return errNotFound
	}
	in, err := readAct(r, u.ID)
	in.Date = 0
	if err == nil {
		in.Files, err = cameWith(r)
	}
	var keys []string
	if err == nil {
		keys, err = tickedKeys(r, s.ledger, func(o *ledger.Occurrence) bool { return o.Unit == u.ID })
	}
	if err == nil {
		_, err = s.desk.DoAll(r.Context(), desk.Done, keys, in)
	}
	if field := asField(err); field != nil {
		return s.showUnit(w, r, http.StatusUnprocessableEntity, actForm{"done", formValues(r), field}, "")
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, unitAddress(r, "u", u.ID)+"?done=done", http.StatusSeeOther)
	return nil
}

// unitAddress is that of a unit's or a supervisor's page by which a request came.
func unitAddress(r *http.Request, kind, unit string) string {
	return "/" + kind + "/" + url.PathEscape(unit) + "/" + r.PathValue("expires") + "/" + r.PathValue("mac")
}

// tickedKeys are the full keys of what was ticked, each of which has to be mine.
func tickedKeys(r *http.Request, from ledger.Reader, mine func(*ledger.Occurrence) bool) (keys []string, err error) {
	for _, id := range r.PostForm["id"] {
		o, err := from.Occurrence(r.Context(), int64(number(id)))
		if errors.Is(err, ledger.ErrNotFound) || err == nil && !mine(o) {
			return nil, errNotFound
		}
		if err != nil {
			return nil, err
		}
		keys = append(keys, o.FullKey())
	}
	if len(keys) == 0 {
		return nil, problem.Refuse("id", "Tick what it is about.")
	}
	return keys, nil
}

// ticked are the numbers that a form came with.
func ticked(r *http.Request) map[string]bool {
	out := map[string]bool{}
	for _, id := range r.PostForm["id"] {
		out[id] = true
	}
	return out
}

func (s *visits) unitPage(w http.ResponseWriter, r *http.Request) error {
	return s.showUnit(w, r, http.StatusOK, actForm{}, r.URL.Query().Get("done"))
}

func (s *visits) showUnit(w http.ResponseWriter, r *http.Request, code int, form actForm, done string) error {
	u, err := s.unit(r, forUnit)
	if err != nil {
		return err
	}
	lang := s.unitLang(w, r, u.ID)
	until := number(r.PathValue("expires")) // checked with the link
	v := unitView{Name: u.DisplayName(lang), Feed: s.links.Feed(u.ID, until), Address: unitAddress(r, "u", u.ID), Form: form, Chosen: ticked(r), Done: done}
	lights, words := newLighter(s.view()), wordsOf(lang)
	now, err := s.snapshot.look(r.Context())
	if err != nil {
		return err
	}
	past, err := s.ledger.Occurrences(r.Context(), ledger.Query{Unit: u.ID, States: []ledger.State{ledger.StateClosed, ledger.StateWaived}, Latest: true, Limit: pastShown})
	if err != nil {
		return err
	}
	var open []*ledger.Brief
	for b := range now.of(u.ID) {
		open = append(open, &b)
	}
	slices.SortFunc(open, func(a, b *ledger.Brief) int {
		return cmp.Or(cmp.Compare(a.Due, b.Due), cmp.Compare(a.Obligation, b.Obligation), cmp.Compare(a.ID, b.ID))
	})
	linked := func(b *ledger.Brief) linkedRow {
		o := b.Occurrence()
		return linkedRow{lights.row(b, words), b.ID, s.links.itemUntil(&o, until)}
	}
	for _, b := range open {
		v.Open = append(v.Open, linked(b))
	}
	for _, o := range past {
		v.Past = append(v.Past, linked(o.Brief()))
	}
	return s.frame.showIn(w, r, lang, code, "unit", "layout", v)
}

// feedEnds is how many days before its last a feed says that it ends.
const feedEnds = 14

// feed is a unit's due dates as a calendar to subscribe to (RFC 5545).
func (s *visits) feed(w http.ResponseWriter, r *http.Request) error {
	unit := r.PathValue("unit")
	view := s.view()
	now := view.Now
	if err := s.links.check(r, forFeed, unit, now); err != nil {
		return err
	}
	u := view.Rules.Unit(unit)
	if u == nil {
		return errNotFound
	}
	lang := view.Language(u)
	found, err := ledger.AllOccurrences(r.Context(), s.ledger, ledger.Query{Unit: unit, DueFrom: calendar.DayOf(now) - 366})
	if err != nil {
		return err
	}
	words, lights := wordsOf(lang), newLighter(view)
	var entries []notify.CalendarEntry
	for _, o := range found {
		if o.State == ledger.StateCancelled {
			continue
		}
		row := lights.row(o.Brief(), words)
		entries = append(entries, notify.CalendarEntry{
			UID: engine.UID(o.Plan, o.Key()), Sequence: o.Sequence, Due: o.Due, Summary: row.Title + " · " + o.Period,
			Description: words.t("Light") + ": " + words.light(row.Light) + "\n" + o.Key(), Provisional: o.Provisional,
		})
	}
	if end := number(r.PathValue("expires")); end > 0 && end <= calendar.DayOf(now).Epoch()+feedEnds {
		entries = append(entries, notify.CalendarEntry{
			UID: "feed:" + unit + "@duban", Due: calendar.First + calendar.Date(end), Summary: words.t("This calendar ends here: subscribe again"),
			Description: words.t("Open the link in the latest mail; the address there goes on."),
		})
	}
	name := u.DisplayName(lang)
	mark := feedMark(name, entries)
	w.Header().Set("Cache-Control", "private, no-cache") // it may be kept, and is asked for again
	w.Header().Set("ETag", mark)
	for _, known := range strings.Split(r.Header.Get("If-None-Match"), ",") {
		if strings.TrimSpace(known) == mark {
			w.WriteHeader(http.StatusNotModified)
			return nil
		}
	}
	w.Header().Set("Content-Type", "text/calendar; charset=utf-8")
	return notify.WriteFeed(w, name, view.Settings.From, entries, now)
}

// feedMark changes with what a calendar says. It is a weak one: the moment at which that
// was so, which each entry has to say, is none of it.
func feedMark(name string, entries []notify.CalendarEntry) string {
	h := sha256.New()
	fmt.Fprintf(h, "%q", name)
	for _, e := range entries {
		fmt.Fprintf(h, "%q %d %d %q %q %q %t\n", e.UID, e.Sequence, e.Due, e.Summary, e.Description, e.Link, e.Provisional)
	}
	return `W/"` + hex.EncodeToString(h.Sum(nil)[:12]) + `"`
}
