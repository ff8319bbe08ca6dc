package web

import (
	"net/http"
	"net/url"
	"strconv"

	"duban/ledger"
)

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
	for i := range p.Entries {
		p.Entries[i].At = p.Entries[i].At.In(s.view().Settings.Timezone)
	}
	if len(p.Entries) == listRows {
		p.Next = "/journal?" + url.Values{
			"subject": {p.Subject}, "actor": {p.Actor}, "before": {strconv.FormatInt(p.Entries[listRows-1].Seq, 10)},
		}.Encode()
	}
	return s.frame.show(w, r, http.StatusOK, "journal", p)
}
