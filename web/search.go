package web

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"duban/ledger"
	"duban/rules"
)

// People search a list by what they see in it: a unit's name, an item's title or its
// place in the document, an id.

// searched are the filters that a search comes to, each narrower than f; none:
// nothing is called so. What units are called goes before what items are.
func (f filter) searched(set *rules.Set) []filter {
	text := strings.ToLower(strings.TrimSpace(f.Search))
	if text == "" {
		return []filter{f}
	}
	holds := func(texts ...string) bool {
		return slices.ContainsFunc(texts, func(s string) bool { return strings.Contains(strings.ToLower(s), text) })
	}
	var out []filter
	for _, u := range set.Units {
		if (f.Unit == "" || f.Unit == u.ID) && holds(append([]string{u.ID, u.Name, u.NameEn}, u.Alias...)...) {
			one := f
			one.Unit = u.ID
			out = append(out, one)
		}
	}
	if len(out) > 0 {
		return out
	}
	for _, p := range set.Plans {
		for _, o := range p.Obligations {
			if (f.Plan == "" || f.Plan == p.ID) && (f.Obligation == "" || f.Obligation == o.ID) && holds(o.ID, o.Ref, o.Title, o.TitleEn) {
				one := f
				one.Plan, one.Obligation = p.ID, o.ID
				out = append(out, one)
			}
		}
	}
	return out
}

// anyHas tells whether one of the filters has an occurrence.
func anyHas(all []filter, b *ledger.Brief, set *rules.Set) bool {
	return slices.ContainsFunc(all, func(f filter) bool { return f.has(b, set) })
}

// listAllEnded is listEnded of several filters that share nothing, one after the
// other.
func (s *standing) listAllEnded(ctx context.Context, now *picture, all []filter, p listPage, skip, most int, set *rules.Set) (rows []*ledger.Brief, total int, err error) {
	for _, f := range all {
		found, n, err := s.listEnded(ctx, now, f, p, max(0, skip-total), max(0, most-len(rows)), set)
		if err != nil {
			return nil, 0, err
		}
		rows, total = append(rows, found...), total+n
	}
	return rows, total, nil
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
