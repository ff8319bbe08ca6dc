package web

import (
	"net/http"
	"net/url"
	"strconv"

	"duban/ledger"
	"duban/rules"
	"duban/scheduler/views"
)

// who is what people call somebody who acted: units have names, accounts are called
// as they are.
func who(set *rules.Set, actor, lang string) string {
	if u := set.Unit(actor); u != nil {
		return u.DisplayName(lang)
	}
	return actor
}

// journalPage is the history, the newest first.
type journalPage struct {
	Subject, Actor string
	Entries        []ledger.Entry
	Next           string
}

func (s *office) journal(w http.ResponseWriter, r *http.Request) (err error) {
	q := r.URL.Query()
	p := journalPage{Subject: q.Get("subject"), Actor: q.Get("actor")}
	p.Entries, err = s.ledger.LatestEntries(r.Context(), ledger.EntryQuery{
		Subject: p.Subject, Actor: p.Actor, Before: int64(number(q.Get("before"))), Limit: listRows,
	})
	if err != nil {
		return err
	}
	v, lang, may := s.view(), s.frame.lang(w, r), user(r).Role == ledger.RoleAdmin
	for i := range p.Entries {
		e := &p.Entries[i]
		if !may {
			e.Before, e.After = views.WithoutPeople(e.Before), views.WithoutPeople(e.After)
		}
		e.At, e.Actor = e.At.In(v.Settings.Timezone), who(v.Rules, e.Actor, lang)
	}
	if len(p.Entries) == listRows {
		p.Next = "/journal?" + url.Values{
			"subject": {p.Subject}, "actor": {p.Actor}, "before": {strconv.FormatInt(p.Entries[listRows-1].Seq, 10)},
		}.Encode()
	}
	return s.frame.show(w, r, http.StatusOK, "journal", p)
}
