package web

import (
	"net/http"
	"slices"
	"strings"

	"duban/rules"
)

// People search a list by what they see in it: a unit's name, an item's title or its
// place in the document, an id.

// searched is the filter with what a search comes to; not ok: nothing is called so.
// What units are called goes before what items are.
func (f filter) searched(set *rules.Set) (found filter, ok bool) {
	text := strings.ToLower(strings.TrimSpace(f.Search))
	if text == "" {
		return f, true
	}
	holds := func(texts ...string) bool {
		return slices.ContainsFunc(texts, func(s string) bool { return strings.Contains(strings.ToLower(s), text) })
	}
	units, items := map[string]bool{}, map[[2]string]bool{}
	for _, u := range set.Units {
		if holds(append([]string{u.ID, u.Name, u.NameEn}, u.Alias...)...) {
			units[u.ID] = true
		}
	}
	if len(units) > 0 {
		f.units = units
		return f, true
	}
	for _, p := range set.Plans {
		for _, o := range p.Obligations {
			if holds(o.ID, o.Ref, o.Title, o.TitleEn) {
				items[[2]string{p.ID, o.ID}] = true
			}
		}
	}
	f.items = items
	return f, len(items) > 0
}

// named leads to the one occurrence that a search names whole, if there is one.
func (s *standing) named(w http.ResponseWriter, r *http.Request, search string) bool {
	if strings.Count(search, "/") != 2 {
		return false
	}
	o, err := s.ledger.Find(r.Context(), strings.TrimSpace(search))
	if err != nil {
		return false // there is none, and the list says so
	}
	http.Redirect(w, r, occurrencePath(o.Plan, o.Obligation, o.Unit, o.Period), http.StatusSeeOther)
	return true
}
